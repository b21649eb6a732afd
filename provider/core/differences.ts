// The differences between two values, by the paths that engines show.
import { isDeepStrictEqual } from "node:util";
import type { Difference } from "./handler";
import { isObject } from "./values";

/** A path with one more name, as engines write it. */
const inside = (path: string, name: string): string => {
    const isPlain = /^[A-Za-z_]\w*$/.test(name);
    return path === "" ? name : isPlain ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
};

/** The places where two values differ. A missing value, an undefined one and null are the same. */
export function differences(before: unknown, after: unknown, path = ""): readonly Difference[] {
    const [was, is] = [before ?? null, after ?? null];
    if (isDeepStrictEqual(was, is)) {
        return [];
    }
    if (isObject(was) && isObject(is)) {
        const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
        return names.flatMap((name) => differences(was[name], is[name], inside(path, name)));
    }
    if (Array.isArray(was) && Array.isArray(is)) {
        const longest = was.length > is.length ? was : is;
        return longest.flatMap((_, at) => differences(was[at], is[at], `${path}[${at}]`));
    }
    return [{ path, kind: was === null ? "add" : is === null ? "delete" : "update" }];
}

/** The differences, and those of arguments whose contents alone differ. */
export function withContents(shown: readonly Difference[], names: readonly string[]): readonly Difference[] {
    const others = names.filter((name) => shown.every(({ path }) => path !== name));
    return [...shown, ...others.map((path) => ({ path, kind: "update" as const }))];
}

/** The name that a path begins with. */
export const rootOf = (path: string): string => /^[^.[]*/.exec(path)?.[0] ?? path;
