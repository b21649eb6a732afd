/** The Pulumi engine's text for a value that is not known yet; all hosts use it. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True where a value, at any depth, is not known yet. */
export function hasUnknown(value: unknown): boolean {
    return value === UNKNOWN || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));
}
