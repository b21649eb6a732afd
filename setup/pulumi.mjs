// `npm run pulumi -- ARGS`: the engine that set-up provided, in the folder the command was given in.
import { spawn, spawnSync } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import shared from "./environment.cjs";
import { hasEngine } from "./engine.mjs";

if (!hasEngine()) {
    const setup = path.join(path.dirname(fileURLToPath(import.meta.url)), "setup.mjs");
    const { status } = spawnSync(process.execPath, [setup], { stdio: ["ignore", 2, 2] });
    if (status !== 0) {
        process.exit(status ?? 1);
    }
}

const child = spawn(path.join(shared.engineBin, "pulumi"), process.argv.slice(2), {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    env: shared.environment(),
    stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(signal);
    // A terminal's interrupt reaches the engine by itself; it decides when it has cleaned up.
    process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
}
child.on("error", (error) => {
    console.error(`pulumi cannot be run: ${error.message}`);
    process.exitCode = 1;
});
child.on("close", (code, signal) => {
    process.exitCode = code ?? 128 + (os.constants.signals[signal] ?? 0);
});
