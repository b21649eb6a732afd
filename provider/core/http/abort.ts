/**
 * The result of a promise, or the signal's reason where that is first. A request that waits for its connection ignores
 * its signal.
 * @param late Receives a result that comes too late.
 */
export async function raceAbort<T>(
    signal: AbortSignal,
    work: Promise<T>,
    late: (value: T) => void = () => undefined,
): Promise<T> {
    let quit = (): void => undefined;
    const aborted = new Promise<never>((_, leave) => {
        quit = () => {
            work.then(late, () => undefined);
            leave(signal.reason as Error);
        };
        signal.addEventListener("abort", quit, { once: true });
        if (signal.aborted) {
            quit();
        }
    });
    try {
        return await Promise.race([work, aborted]);
    } finally {
        signal.removeEventListener("abort", quit);
    }
}
