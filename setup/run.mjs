// `node setup/run.mjs FILE ARGS`: a compiled file, on the Node that set-up has provided.
import shared from "./environment.cjs";
import { handOver } from "./child.mjs";

handOver(shared.programNode(), process.argv.slice(2));
