/** Loaded first by a process under test: prints how long it would have waited, in milliseconds, and does not wait. */
import promises from "node:timers/promises";

const real = promises.setTimeout;

promises.setTimeout = (async (milliseconds?: number, ...rest: unknown[]) => {
    process.stdout.write(`pause ${milliseconds}\n`);
    return (real as (...args: unknown[]) => Promise<unknown>)(0, ...rest);
}) as typeof promises.setTimeout;
