import { distance } from "fastest-levenshtein";

/**
 * The known name that a mistyped one probably means.
 * @param within The most edits between the two; by default two fifths of the name's length.
 */
export function nearest(
    name: string,
    known: readonly string[],
    within = Math.max(2, Math.floor(name.length * 0.4)),
): string | undefined {
    const [best] = known
        .filter((candidate) => candidate !== name)
        .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
        .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1));
    return best !== undefined && best.edits <= within ? best.candidate : undefined;
}
