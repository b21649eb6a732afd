import type { z } from "zod";

/** The export `z` of `zod`. */
export type Zod = typeof z;

/** zod, loaded at its first use, because a provider process with results from the program does not need it. */
export function zod(): Zod {
    return (require("zod") as { z: Zod }).z;
}

/** A value made at its first use, and then kept: a schema is compiled when it first reads something. */
export function madeOnce<T>(make: (z: Zod) => T): () => T {
    let made: { readonly value: T } | undefined;
    return () => (made ??= { value: make(zod()) }).value;
}

/** The same for each key: the value follows from the key alone. */
export function madeOnceFor<Key extends object, T>(make: (key: Key) => T): (key: Key) => T {
    const made = new WeakMap<Key, { readonly value: T }>();
    return (key) => {
        const known = made.get(key) ?? { value: make(key) };
        made.set(key, known);
        return known.value;
    };
}
