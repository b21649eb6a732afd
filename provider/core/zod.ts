import type { z } from "zod";

/** What `zod` exports as `z`. */
export type Zod = typeof z;

/** zod, loaded at its first use: a provider process that is handed what the program has judged and verified needs none of it. */
export function zod(): Zod {
    return (require("zod") as { z: Zod }).z;
}

/** What is made at its first use, and then kept: a schema is compiled when it first reads something. */
export function madeOnce<T>(make: (z: Zod) => T): () => T {
    let made: { readonly value: T } | undefined;
    return () => (made ??= { value: make(zod()) }).value;
}

/** The same for each key: what is made follows from the key alone. */
export function madeOnceFor<Key extends object, T>(make: (key: Key) => T): (key: Key) => T {
    const made = new WeakMap<Key, { readonly value: T }>();
    return (key) => {
        const known = made.get(key) ?? { value: make(key) };
        made.set(key, known);
        return known.value;
    };
}
