import type { z } from "zod";

/** What `zod` exports as `z`. */
export type Zod = typeof z;

/** zod, loaded at its first use: a provider process that is handed what the program has judged and verified needs none of it. */
export function zod(): Zod {
    return (require("zod") as { z: Zod }).z;
}
