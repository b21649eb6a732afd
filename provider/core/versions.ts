// Versions of products, which are not always semantic ones.
import { coerce, lt } from "semver";

/** True where the first version is older than the second. Only the first three numbers count. */
export function isOlder(version: string, than: string): boolean {
    return lt(coerce(version) ?? version, coerce(than) ?? than);
}
