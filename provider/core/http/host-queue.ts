// The order of the calls to a host.
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Semaphore } from "../semaphore";
import type { CallsLeft } from "./retry-after";

const firstPause = 250;
const longestDoubling = 7;
/** The shortest time for a call, in milliseconds: with less time it is not sent. */
const shortestCall = 50;
const freeRetries = 10;
const retriesPerCall = 0.1;

/** A random part of a pause that doubles each time, in milliseconds (full jitter). */
export function backoff(times: number): number {
    return Math.random() * firstPause * 2 ** Math.min(times - 1, longestDoubling);
}

/** Until when a host is left alone. */
export interface Pause {
    /** On the clock of `performance.now()`. */
    readonly until: number;
    /** True where the host named the time itself. */
    readonly isNamed: boolean;
    /** The HTTP status that it refused with. */
    readonly status: number;
}

/** The turn of a call does not come before its deadline. */
export class TurnMissed extends Error {
    /** @param pause The pause that it would have had to wait for. */
    constructor(readonly pause?: Pause) {
        super("the turn of a call does not come before its deadline");
        this.name = "TurnMissed";
    }
}

/** The calls of one session to one host: when it says that they are too many, all of them pause, and retries are few however many calls fail. */
export class HostQueue {
    private calls = 0;
    private retries = 0;
    private refusals = 0;
    private paused = 0;
    private underWay = 0;
    private pause: Pause | undefined;

    constructor(private readonly places: Semaphore) {}

    /** The remaining pause, in milliseconds. */
    get rest(): number {
        return Math.max(0, (this.pause?.until ?? 0) - performance.now());
    }

    /** The HTTP status of the last refusal. */
    get limitStatus(): number {
        return this.pause?.status ?? 429;
    }

    /** True where there was a pause after a moment on the clock of `performance.now()`. */
    hasPausedSince(moment: number): boolean {
        return this.pause !== undefined && this.pause.until > moment;
    }

    /** Counts a call that is not a retry, which allows more retries. */
    enter(): void {
        this.calls++;
    }

    /** True where this host may get one more retry; if so, the retry is counted. */
    mayRetry(): boolean {
        const left = this.retries + 1 <= freeRetries + this.calls * retriesPerCall;
        this.retries += left ? 1 : 0;
        return left;
    }

    /**
     * Makes a call when its turn has come and no pause is on.
     * @param end The caller's deadline, on the clock of `performance.now()`.
     * @throws TurnMissed where it would come too late to be answered; the signal's reason where the deadline comes
     * first.
     */
    async run<T>(signal: AbortSignal, end: number, work: () => Promise<T>): Promise<T> {
        let over: Pause | undefined;
        const isOn = (pause = this.pause): pause is Pause =>
            pause !== undefined && pause !== over && pause.until > performance.now();
        for (;;) {
            for (let { pause } = this; isOn(pause); { pause } = this) {
                if (pause.until >= end) {
                    throw new TurnMissed(pause);
                }
                await sleep(pause.until - performance.now(), undefined, { signal });
                over = pause;
            }
            const done = await this.places.run(signal, async () => {
                // Those that time out leave their places to others that are about to.
                if (end - performance.now() < shortestCall) {
                    throw new TurnMissed();
                }
                if (isOn()) {
                    return undefined;
                }
                this.underWay++;
                try {
                    return { value: await work() };
                } finally {
                    this.underWay--;
                }
            });
            if (done !== undefined) {
                return done.value;
            }
        }
    }

    /** Pauses before a host refuses: where it accepts no more calls than are under way. */
    pace(left: CallsLeft | undefined): void {
        if (left === undefined || left.count >= this.underWay) {
            return;
        }
        const until = performance.now() + left.pause + backoff(1);
        if (until > (this.pause?.until ?? 0)) {
            this.pause = { until, isNamed: true, status: 429 };
        }
    }

    /**
     * Pauses after a refusal for a rate limit.
     * @param sent The time of the refused call, on the clock of `performance.now()`.
     * @param requested The pause that the host requires, in milliseconds.
     * @param status The HTTP status of the refusal.
     */
    refused(sent: number, requested: number | undefined, status: number): void {
        const now = performance.now();
        // Calls that were under way together are refused together: that is one refusal.
        if (this.refusals === 0 || sent >= this.paused) {
            this.refusals++;
            this.paused = now;
        }
        // Jitter is added to the host's own pause as well, because many clients get the same moment.
        const until =
            now + (requested !== undefined && requested > 0 ? requested + backoff(1) : backoff(this.refusals));
        if (until > (this.pause?.until ?? 0)) {
            this.pause = { until, isNamed: requested !== undefined && requested > 0, status };
        }
    }
}

/** The queues of one session, by host. */
export class HostQueues {
    private readonly queues = new Map<string, HostQueue>();

    /** The queue to an origin that accepts a number of calls at once. */
    to(origin: string, callsAtOnce: number): HostQueue {
        const queue = this.queues.get(origin) ?? new HostQueue(new Semaphore(callsAtOnce));
        this.queues.set(origin, queue);
        return queue;
    }
}
