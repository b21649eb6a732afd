// A limit on the callers that do something at once.

/** Lets a number of callers in at once; the others wait in line until their signal ends. */
export class Semaphore {
    private free: number;
    private readonly line: (() => void)[] = [];

    constructor(places: number) {
        this.free = places;
    }

    async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
        signal.throwIfAborted();
        if (this.free > 0) {
            this.free--;
        } else {
            await new Promise<void>((enter, leave) => {
                const quit = (): void => {
                    this.line.splice(this.line.indexOf(enter_), 1);
                    leave(signal.reason as Error);
                };
                const enter_ = (): void => {
                    signal.removeEventListener("abort", quit);
                    enter();
                };
                signal.addEventListener("abort", quit, { once: true });
                this.line.push(enter_);
            });
        }
        try {
            return await work();
        } finally {
            const next = this.line.shift();
            if (next === undefined) {
                this.free++;
            } else {
                next();
            }
        }
    }
}
