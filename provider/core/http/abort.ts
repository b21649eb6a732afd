/**
 * What a promise comes to, or the signal's reason where that is first: a request that still waits for its connection does not hear its signal.
 * @param late Takes what comes too late.
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
