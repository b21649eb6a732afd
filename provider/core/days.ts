// Days and moments as programs write them.

const dayForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** The length of a day in milliseconds. */
export const dayLength = 24 * 60 * 60 * 1000;

/** True for an `expiresAt` that is a day, not a moment. */
export const isWholeDay = (expiresAt: string): boolean => expiresAt.length === 10;

/** Milliseconds since 1970 of an `expiresAt`: a day lasts until its end, in UTC. */
export function endOf(expiresAt: string): number {
    return Date.parse(isWholeDay(expiresAt) ? `${expiresAt}T23:59:59.999Z` : expiresAt);
}

/** True for a day or a moment in ISO 8601. */
export function isDay(value: string): boolean {
    // Date reads the 30th of February as the 2nd of March.
    const date = new Date(value.slice(0, 10));
    const isReal =
        !Number.isNaN(date.getTime()) &&
        date.getUTCFullYear() < 9999 &&
        date.toISOString().startsWith(value.slice(0, 10));
    return dayForm.test(value) && isReal && !Number.isNaN(endOf(value));
}

/** A moment in ISO 8601, from another server or a state; undefined where it is not a moment. */
export function momentOf(value: unknown): string | undefined {
    const date = typeof value === "string" || typeof value === "number" ? new Date(value) : undefined;
    return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
