import { performance } from "node:perf_hooks";
import { Fault } from "../problems";
import type { Token } from "../../define/contracts";

/** An access token and what came with it. */
export interface AccessToken extends Token {
    readonly value: string;
    /** `name=value` of the cookies that keep a client on one node of a cluster. */
    readonly cookies: string;
    /** On the clock of `performance.now()`: clocks on the wall may be an hour off. */
    readonly endsAt: number;
}

/** How a token is got, or waited for. */
export interface TokenSource {
    /** What makes one token differ from another: who asks, where, and on which way. */
    readonly key: string;
    readonly request: () => Promise<AccessToken>;
    /** Waits for a token that somebody else has asked for, no longer than the caller has time. */
    readonly wait: (token: Promise<AccessToken>) => Promise<AccessToken>;
}

/** The access tokens of one run: one for each credential, however many connections share it, and however many ask at once. */
export class TokenCache {
    private readonly cached = new Map<string, Promise<AccessToken>>();
    private readonly refusals = new WeakMap<AccessToken, Set<string>>();

    /** The token on hand, or a new one; with `stale`, another one than that. */
    async get(source: TokenSource, stale?: AccessToken): Promise<AccessToken> {
        const { key, request, wait } = source;
        const cached = this.cached.get(key);
        if (cached !== undefined) {
            const token = await wait(cached).catch((error: unknown) => {
                // Whoever asked may have had less time than the caller, whose own end `wait` tells in the next round.
                if (error instanceof Fault && error.problem.kind === "timedOut" && this.cached.get(key) !== cached) {
                    return undefined;
                }
                throw error;
            });
            if (token !== undefined && token !== stale && performance.now() < token.endsAt) {
                return token;
            }
            if (this.cached.get(key) !== cached) {
                return this.get(source, stale);
            }
        }
        const requested = request();
        this.cached.set(key, requested);
        // A failure is not kept: in a long-lived process the next run asks again.
        requested.catch(() => this.cached.get(key) === requested && this.cached.delete(key));
        return requested;
    }

    /** Whether a vendor has refused a request although the token had been got anew for it: another token would not mend that. */
    isFinal(token: AccessToken, request: string): boolean {
        return this.refusals.get(token)?.has(request) === true;
    }

    /** Remembers that a request was refused to a token that had been got anew for it. */
    setFinal(token: AccessToken, request: string): void {
        this.refusals.set(token, (this.refusals.get(token) ?? new Set()).add(request));
    }
}
