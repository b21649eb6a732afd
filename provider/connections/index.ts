import type { Connection } from "../connection";
import { find, typeNames } from "./find";

export { find };

/** Every type of connection. */
export const connections: readonly Connection[] = typeNames.map((name) => {
    const [vendor = "", type = ""] = name.split(".");
    return find(vendor, type);
});
