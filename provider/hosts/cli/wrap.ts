import getStringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";

export { getStringWidth };

/** The parts of a name, between which it may be broken: after a space and after punctuation that separates them. */
const partsOf = (text: string): readonly string[] => text.match(/.+?(?:[\s./@:_-]+|$)/gsu) ?? [];

/** The width of the longest part of a name. */
export const longestPart = (text: string): number =>
    Math.max(0, ...partsOf(text).map((part) => getStringWidth(part.trimEnd())));

/** A name in lines of a width, broken between its parts; a part that is longer is cut. */
export function wrapParts(text: string, width: number): string[] {
    const lines: string[] = [];
    for (const part of partsOf(text)) {
        const last = lines.at(-1);
        if (last !== undefined && getStringWidth((last + part).trimEnd()) <= width) {
            lines[lines.length - 1] = last + part;
        } else {
            lines.push(...wrapAnsi(part, width, { hard: true, trim: false }).split("\n"));
        }
    }
    return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
}

/** A text in lines that fit beside an indent; one line where lines may have any length. A word that is longer than a line is cut. */
export function wrap(text: string, columns: number | undefined, indent: number): string[] {
    return columns === undefined ? [text] : wrapAnsi(text, Math.max(columns - indent, 8), { hard: true }).split("\n");
}
