// Changes to a vendor's answer in JSON.

/** The way to a value within JSON. */
export type Path = readonly (string | number)[];

/** The paths to all values, also to those that hold others. The first item of a list is used for all its items. */
export function pathsOf(value: unknown): Path[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    const inner: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
        ? value.slice(0, 1).map((item: unknown) => [0, item] as const)
        : Object.entries(value);
    return inner.flatMap(([name, item]) => [[name], ...pathsOf(item).map((path) => [name, ...path])]);
}

/** The value with another one in one place; undefined removes it. */
export function withValue(value: unknown, path: Path, other: (before: unknown) => unknown): unknown {
    const [name, ...rest] = path;
    if (name === undefined) {
        return other(value);
    }
    if (Array.isArray(value)) {
        return value.map((item: unknown, at) => (at === name ? withValue(item, rest, other) : item));
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(
              Object.entries(value)
                  .map(([key, item]) => [key, key === name ? withValue(item, rest, other) : (item as unknown)] as const)
                  .filter(([, item]) => item !== undefined),
          )
        : value;
}

/** The value with each text in it changed. */
export function withTexts(value: unknown, change: (text: string) => string): unknown {
    if (typeof value === "string") {
        return change(value);
    }
    if (Array.isArray(value)) {
        return value.map((item: unknown) => withTexts(item, change));
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTexts(item, change)]))
        : value;
}

/** All texts in a value. */
export function textsOf(value: unknown): string[] {
    const found: string[] = [];
    withTexts(value, (text) => {
        found.push(text);
        return text;
    });
    return found;
}

/** Another text of the same form: each letter and digit of its second half is replaced by another one. */
export function another(text: string): string {
    const next = (character: string, from: string): string => from[(from.indexOf(character) + 1) % from.length] ?? "";
    const half = Math.floor(text.length / 2);
    const changed = text
        .slice(half)
        .replace(/[0-9]/g, (digit) => next(digit, "0123456789"))
        .replace(/[a-f]/g, (letter) => next(letter, "abcdef"))
        .replace(/[g-z]/g, (letter) => next(letter, "ghijklmnopqrstuvwxyz"))
        .replace(/[A-F]/g, (letter) => next(letter, "ABCDEF"))
        .replace(/[G-Z]/g, (letter) => next(letter, "GHIJKLMNOPQRSTUVWXYZ"));
    return `${text.slice(0, half)}${changed}`;
}
