import { performance } from "node:perf_hooks";
import { Fault } from "../problems";
import type { Answer, Token } from "../../define/contracts";

/** An access token with the facts of its answer. */
export interface AccessToken extends Token {
    readonly value: string;
    /** The signed JWTs of its request, which open the same as the token. */
    readonly assertions: readonly string[];
    /** The headers of the answer that gave it. */
    readonly headers: Answer["headers"];
    /** True where cookies came with it. They are not kept here: each connection has its own. */
    readonly hasCookies: boolean;
    /** The time of its answer, on the clock of `performance.now()`. */
    readonly grantedAt: number;
    /** On the clock of `performance.now()`: clocks on the wall may be an hour off. */
    readonly endsAt: number;
}

/**
 * The result of a request with newly requested tokens: `refused` in every way, or accepted only with the cookies of the
 * token answer.
 */
export type Verdict = "refused" | "withCookies";

/** The way to get a token, or to wait for it. */
export interface TokenSource {
    /** The key of a token: its client, its endpoint, and the way to it. */
    readonly key: string;
    readonly request: () => Promise<AccessToken>;
    /** Waits for a token that another caller has requested, no longer than this caller has time. */
    readonly wait: (token: Promise<AccessToken>) => Promise<AccessToken>;
}

/** The access tokens of one run: one for each credential, however many connections share it or need it at once. */
export class TokenCache {
    private readonly cached = new Map<string, Promise<AccessToken>>();
    private readonly verdicts = new WeakMap<AccessToken, Map<string, Verdict>>();

    /** The token on hand, or a new one; with `stale`, another one than that. */
    async get(source: TokenSource, stale?: AccessToken): Promise<AccessToken> {
        const { key, request, wait } = source;
        const cached = this.cached.get(key);
        if (cached !== undefined) {
            const token = await wait(cached).catch((error: unknown) => {
                // The other caller may have had less time. This caller's own deadline ends the wait in the next round.
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
        // A refusal holds for the run. Another failure is not kept: who comes next tries again.
        requested.catch(
            (error: unknown) => isRefused(error) || (this.cached.get(key) === requested && this.cached.delete(key)),
        );
        return requested;
    }

    /** The known result of a request with a token: another token would give the same. */
    verdictOn(token: AccessToken, request: string): Verdict | undefined {
        return this.verdicts.get(token)?.get(request);
    }

    /** Remembers the result of a request. */
    setVerdict(token: AccessToken, request: string, verdict: Verdict): void {
        this.verdicts.set(token, (this.verdicts.get(token) ?? new Map<string, Verdict>()).set(request, verdict));
    }

    /** Takes over from another process of the same run that a client is refused. */
    adoptRefusal(key: string, refusal: Fault): void {
        const refused = Promise.reject(refusal);
        refused.catch(() => undefined);
        this.cached.set(key, refused);
    }
}

const isRefused = (error: unknown): boolean => error instanceof Fault && error.problem.kind === "credentialRefused";
