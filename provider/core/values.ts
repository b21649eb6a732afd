// Functions on values by name.
import type { Values } from "../define/contracts";

/** The values without those that are undefined. */
export function definedOnly<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

/** The values without undefined and null, as engines treat missing ones. */
export function presentOnly(values: Values): Values {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}

/** The values without those of some names. */
export const without = (values: Values, names: readonly string[]): Values =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));

/** True for an object by names, not a list. */
export const isObject = (value: unknown): value is Values =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/** The object in a value; an empty one for anything else, such as a value that others have written into a state. */
export function objectIn(value: unknown): Values {
    return isObject(value) ? value : {};
}

/** The texts of a list; none for anything else. */
export function textsIn(value: unknown): readonly string[] {
    return Array.isArray(value) ? (value as unknown[]).filter((one) => typeof one === "string") : [];
}

/** The values as JSON has them: engines have no undefined. */
export const withoutUndefined = (values: Values): Values => JSON.parse(JSON.stringify(values)) as Values;

/** The most levels of a value. Deeper ones are neither shown nor recorded. */
export const deepestValue = 100;

/** All texts of a value, its names and its numbers among them. */
export function textsWithin(value: unknown, depth = 0, found: string[] = []): string[] {
    if (typeof value === "string" || typeof value === "number") {
        found.push(String(value));
    } else if (typeof value === "object" && value !== null && depth <= deepestValue) {
        for (const [key, inner] of Object.entries(value)) {
            if (!Array.isArray(value)) {
                found.push(key);
            }
            textsWithin(inner, depth + 1, found);
        }
    }
    return found;
}
