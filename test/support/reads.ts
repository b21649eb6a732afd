/** Loaded first by each process of a run: notes every file that is opened by `node:fs/promises`, with the process that opened it. */
import fs from "node:fs";
import promises from "node:fs/promises";

const log = process.env["READS_LOG"];
const real = promises.open;

if (log !== undefined) {
    promises.open = ((file: string, ...rest: never[]) => {
        fs.appendFileSync(log, `${process.pid} ${file}\n`);
        return real(file, ...rest);
    }) as typeof promises.open;
}
