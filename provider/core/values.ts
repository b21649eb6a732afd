// What of some values there is.
import type { Values } from "../define/contracts";

/** The values without those that are undefined. */
export function definedOnly<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

/** The values without those that are undefined or null, as engines have it for what is not there. */
export function presentOnly(values: Values): Values {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}

/** Whether a value is an object by names, and no list. */
export const isObject = (value: unknown): value is Values =>
    typeof value === "object" && value !== null && !Array.isArray(value);
