// `npm run pulumi -- ARGS`: the engine that set-up provided, in the folder the command was given in.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { handOver } from "./child.mjs";
import shared from "./environment.cjs";
import { hasEngine } from "./engine.mjs";
import { told } from "./tasks.mjs";

if (!hasEngine()) {
    const setup = path.join(path.dirname(fileURLToPath(import.meta.url)), "setup.mjs");
    const { status } = spawnSync(process.execPath, [setup], { stdio: ["ignore", 2, 2] });
    if (status !== 0) {
        process.exit(status ?? 1);
    }
}

try {
    handOver(path.join(shared.engineBin, "pulumi"), process.argv.slice(2), {
        cwd: process.env.INIT_CWD ?? process.cwd(),
        env: shared.environment(),
    });
} catch (error) {
    console.error(told(error));
    process.exitCode = 1;
}
