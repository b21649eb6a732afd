// The pauses that hosts require.
import type { Answer } from "../../define/contracts";

const longest = 365 * 24 * 60 * 60 * 1000;

// Retry-After takes precedence over all others (RFC 9110; the drafts of RateLimit say so too). Atlassian adds a prefix
// to experimental headers.
const waitHeaders = [
    "retry-after",
    "ratelimit",
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-rate-limit-reset",
    "x-ratelimit-retryafter",
    "x-ratelimit-requests-reset",
    "beta-retry-after",
    "beta-ratelimit",
    "x-beta-ratelimit-reset",
] as const;

/** True for a refusal for a rate limit: with 429 or, as at GitHub, with 403 and headers that say so. */
export function isRateLimit({ status, headers }: Answer): boolean {
    const header = (name: string): string => [headers[name] ?? ""].flat().join(",").trim();
    return (
        status === 429 ||
        (status === 403 &&
            (header("retry-after") !== "" ||
                ["x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining"].some((name) =>
                    /^0+$/.test(header(name)),
                )))
    );
}

/** The pause that a vendor requires, in milliseconds; dates count from the vendor's own clock. */
export function requestedPause({ headers }: Answer): number | undefined {
    const clock = Date.parse(String(headers["date"])) || Date.now();
    const read = (name: (typeof waitHeaders)[number]): number | undefined => {
        const text = [headers[name] ?? ""].flat().join(",").trim();
        if (name.endsWith("ratelimit")) {
            return quotaPause(text);
        }
        if (/^\d+(\.\d+)?$/.test(text)) {
            // A moment in milliseconds, a moment in seconds, or a length in seconds.
            const value = Number(text);
            // The one name that counts a length in milliseconds.
            if (name === "x-ratelimit-requests-reset" && value < 1e9) {
                return value;
            }
            return value > 1e11 ? value - clock : value > 1e9 ? value * 1000 - clock : value * 1000;
        }
        // Date.parse makes a date of almost any text.
        return /^([a-z]{3,9},? |\d{4}-\d{2}-\d{2}T)/i.test(text) && !Number.isNaN(Date.parse(text))
            ? Date.parse(text) - clock
            : undefined;
    };
    const pause = waitHeaders.map(read).find((found) => found !== undefined);
    return pause === undefined ? undefined : Math.min(longest, Math.max(0, pause));
}

/** The number of calls that a host still accepts, and the time until it accepts more. */
export interface CallsLeft {
    readonly count: number;
    /** The time until it accepts more, in milliseconds. */
    readonly pause: number;
}

/** The counts in `X-RateLimit-Remaining` and `X-RateLimit-Reset`; undefined where a host does not count. */
export function callsLeft({ headers }: Answer): CallsLeft | undefined {
    const number = (name: string): number => Number([headers[name] ?? ""].flat()[0] || Number.NaN);
    const [count, reset] = [number("x-ratelimit-remaining"), number("x-ratelimit-reset")];
    if (!(count >= 0) || !(reset >= 0)) {
        return undefined;
    }
    const clock = Date.parse(String(headers["date"])) || Date.now();
    // Both the moment and the host's clock are in whole seconds.
    const pause = (reset > 1e9 ? reset * 1000 - clock : reset * 1000) + 1000;
    return { count, pause: Math.min(longest, Math.max(0, pause)) };
}

/**
 * The pause in the header RateLimit of the IETF's drafts, in milliseconds: `"burst";r=0;t=4, "hour";r=9;t=1800`, or up
 * to draft 7 `limit=10, remaining=0, reset=4`. Read by its parts alone, because no draft is final and vendors follow
 * several.
 */
function quotaPause(text: string): number | undefined {
    const bare = text.replace(/"(\\.|[^"\\])*"/g, "name");
    const number = (policy: string, name: string): number | undefined => {
        const found = new RegExp(`(?:^|[;,\\s])${name}\\s*=\\s*(\\d+(?:\\.\\d+)?)`, "i").exec(policy)?.[1];
        return found === undefined ? undefined : Number(found);
    };
    const early = number(bare, "reset");
    if (early !== undefined) {
        return early * 1000;
    }
    const policies = bare.split(",").map((policy) => ({ left: number(policy, "r"), seconds: number(policy, "t") }));
    const timed = policies.filter(({ seconds }) => seconds !== undefined);
    const usedUp = timed.filter(({ left }) => left === 0);
    const seconds = (usedUp.length > 0 ? usedUp : timed).map((policy) => policy.seconds ?? 0);
    return seconds.length === 0 ? undefined : Math.max(...seconds) * 1000;
}
