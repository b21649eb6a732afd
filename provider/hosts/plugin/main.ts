// The executable: the engine starts it with its own address, and reads the port from its first line.
import { operation } from "./operation";
import { serve } from "./server";

// The terminal's interrupt reaches this process too; the engine says by Cancel when to end.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => process.exit(0));
void serve(
    process.argv.slice(2).find((word) => !word.startsWith("-")),
    operation(),
).then(({ port }) => process.stdout.write(`${port}\n`));
