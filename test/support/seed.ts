import { randomInt } from "node:crypto";

/** Random numbers that the run's seed leads to. */
export interface Random {
    /** A number from 0 to 1. */
    readonly next: () => number;
    /** A whole number, at least the first and less than the second. */
    readonly between: (from: number, to: number) => number;
}

/** The seed of the run, which it prints at its start: `SEED=… npm test` repeats it. */
export function seedOfRun(): number {
    process.env["SEED"] ??= String(randomInt(2 ** 31));
    return Number(process.env["SEED"]);
}

/** Begins a row of random numbers (mulberry32). */
export function random(): Random {
    let state = seedOfRun();
    const next = (): number => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    return { next, between: (from, to) => from + Math.floor(next() * (to - from)) };
}
