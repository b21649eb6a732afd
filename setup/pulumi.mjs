// `npm run pulumi -- ARGS`: the engine that set-up provided, in the folder the command was given in.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { handOver } from "./child.mjs";
import { hasEngine } from "./engine.mjs";
import environment from "./environment.cjs";
import { told } from "./tasks.mjs";

try {
    const setup = path.join(environment.root, "setup", "setup.mjs");
    const { status } = hasEngine() ? { status: 0 } : spawnSync(process.execPath, [setup], { stdio: ["ignore", 2, 2] });
    const options = { cwd: process.env.INIT_CWD ?? process.cwd(), env: environment.environment() };
    process.exitCode =
        status || (await handOver(path.join(environment.engineBin, "pulumi"), process.argv.slice(2), options));
} catch (error) {
    console.error(told(error));
    process.exitCode = 1;
}
