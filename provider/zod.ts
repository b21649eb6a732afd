import type { z } from "zod";

/** What `zod` exports as `z`. */
export type Zod = typeof z;

/** zod, loaded at its first use: a provider process that is handed what the program has judged and seen needs none of it. */
export function zod(): Zod {
    return (require("zod") as { z: Zod }).z;
}

/** A schema that is made when it is first asked for. */
export function later<S extends z.ZodType>(make: (z: Zod) => S): () => S {
    let made: S | undefined;
    return () => (made ??= make(zod()));
}
