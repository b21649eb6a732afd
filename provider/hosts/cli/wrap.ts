import getStringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";

export { getStringWidth };

/** A text in lines that fit beside an indent; one line where lines may have any length. A word that is longer than a line is cut. */
export function wrap(text: string, columns: number | undefined, indent: number): string[] {
    return columns === undefined ? [text] : wrapAnsi(text, Math.max(columns - indent, 8), { hard: true }).split("\n");
}
