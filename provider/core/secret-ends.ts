// The ends of secrets as vendors write them, read into one form.
import type { SecretEnd } from "../define/contracts";
import { isDay } from "./days";

/** The end of several secrets together. */
export interface EarliestEnd {
    /** A moment in UTC, or `never`; undefined where the vendor reports none. */
    readonly secretEnd: string | undefined;
    /** The secrets with a reported end that cannot be read. */
    readonly unreadable: readonly string[];
}

/**
 * Finds the end of secrets that are used together: the earliest, and `never` where each has that.
 * @param names The secrets; an end without a name belongs to the first.
 */
export function earliestEnd(ends: readonly SecretEnd[], names: readonly string[]): EarliestEnd {
    const [first = ""] = names;
    const reported = ends.flatMap(({ of = first, at, sliding }) =>
        sliding === true || at === undefined || at === null || at === "" || !names.includes(of)
            ? []
            : [{ of, at: readEnd(at) }],
    );
    const [moment] = reported.flatMap(({ at }) => (at === undefined || at === "never" ? [] : [at])).sort();
    const isEndless = names.every((name) => reported.some(({ of, at }) => of === name && at === "never"));
    return {
        secretEnd: moment ?? (isEndless ? "never" : undefined),
        unreadable: [...new Set(reported.flatMap(({ of, at }) => (at === undefined ? [of] : [])))],
    };
}

const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(?:(Z|UTC)|([+-]\d{2}):?(\d{2})))?$/i;

/** Reads an end: a day ends at its start, in UTC. Without a zone a moment is not known. */
function readEnd(at: string | Date): string | undefined {
    if (typeof at === "object") {
        return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
    }
    if (at === "never") {
        return at;
    }
    const [, day = "", time = "00:00", , hours, minutes] = form.exec(at.trim()) ?? [];
    const moment = `${day}T${time}${hours === undefined ? "Z" : `${hours}:${minutes ?? "00"}`}`;
    return isDay(moment) ? new Date(moment).toISOString() : undefined;
}
