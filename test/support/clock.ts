/** How to run Node processes on another day: {@link otherDay} goes into the environment of a run. */
const variable = "CONNECTIONS_TEST_DAYS";

/** The environment in which every Node process believes that it is some days later. */
export function otherDay(days: number): Record<string, string> {
    return { NODE_OPTIONS: `--require=${__filename}`, [variable]: String(days) };
}

/** The day (UTC) that many days from today. */
export function dayIn(days: number): string {
    return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Puts the clock on the wall of this process that many days ahead, and returns what puts it right again. */
export function moveClock(days: number): () => void {
    const Real = Date;
    const now = (): number => Real.now() + days * 86_400_000;
    globalThis.Date = new Proxy(Real, {
        construct: (target, args: unknown[], newTarget) =>
            Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
        get: (target, name, receiver) => (name === "now" ? now : (Reflect.get(target, name, receiver) as unknown)),
    });
    return () => {
        globalThis.Date = Real;
    };
}

// Where this file is preloaded, the whole process lives on another day.
const days = Number(process.env[variable] ?? 0);
if (days !== 0) {
    moveClock(days);
}
