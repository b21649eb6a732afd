import type { VendorClock } from "../vendors";

/** What the limiter says of one call. */
export interface Admission {
    readonly admitted: boolean;
    readonly headers: Record<string, string>;
    /** Seconds until the window ends; for `Retry-After`. */
    readonly retryAfterSeconds: number;
}

/** Calls in a window of a minute, which starts with the first call in it. */
export class RateLimiter {
    limit = 200;
    windowSeconds = 60;
    private used = 0;
    private endsAt = 0;

    constructor(private readonly clock: VendorClock) {}

    /** Counts a call. */
    admit(): Admission {
        const now = this.clock.now();
        // A clock that was put back would keep the window open.
        if (now >= this.endsAt || this.endsAt > now + this.windowSeconds * 1000) {
            this.used = 0;
            this.endsAt = now + this.windowSeconds * 1000;
        }
        this.used += 1;
        const admitted = this.used <= this.limit;
        return { admitted, headers: this.headers(), retryAfterSeconds: this.retryAfterSeconds };
    }

    /** The headers as they are after the last call. */
    headers(): Record<string, string> {
        return {
            "x-ratelimit-limit": String(this.limit),
            "x-ratelimit-remaining": String(Math.max(this.limit - this.used, 0)),
            "x-ratelimit-reset": String(Math.floor(this.endsAt / 1000)),
        };
    }

    /** Whole seconds, rounded down: a client that waits no longer can come too early. */
    private get retryAfterSeconds(): number {
        return Math.max(Math.floor((this.endsAt - this.clock.now()) / 1000), 0);
    }

    /** Uses up what is left of the window. */
    exhaust(): void {
        this.admit();
        this.used = Math.max(this.used, this.limit);
    }

    /** Starts a new window with the next call. */
    reset(): void {
        this.endsAt = 0;
    }
}
