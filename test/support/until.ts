/** Waits until something holds, or fails with what was waited for. */
export async function until(what: string, holds: () => boolean, timeoutMs = 60_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!holds()) {
        if (Date.now() > end) {
            throw new Error(`Waited ${timeoutMs} ms for ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
