// `node setup/run.mjs FILE ARGS`: a compiled file, on the Node that set-up has provided.
import environment from "./environment.cjs";
import { handOver } from "./child.mjs";

process.exitCode = await handOver(environment.programNode(), process.argv.slice(2));
