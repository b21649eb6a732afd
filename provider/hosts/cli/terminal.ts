// Output in the form that the terminal, the pipe or the environment needs.
import { styleText } from "node:util";
import type { Tone } from "../../core/statuses";

/** Where a command writes. */
export interface Terminal {
    /** Writes lines to stdout: the result. */
    readonly print: (text: string) => void;
    /** Writes lines to stderr: everything else. */
    readonly printError: (text: string) => void;
    /** Columns of stdout; undefined in a pipe, where lines have any length. */
    readonly columns: number | undefined;
    /** True where stderr is a terminal, so that its last line can be written again. */
    readonly canRewrite: boolean;
    /** Writes to stderr without a line's end. */
    readonly rewrite: (text: string) => void;
    /** Text in a colour of its tone, for stdout. */
    readonly paint: (tone: Tone | "strong" | "faint", text: string) => string;
}

const formats = {
    good: "green",
    soon: "yellow",
    bad: "red",
    open: "cyan",
    strong: "bold",
    faint: "dim",
} as const;

/** The terminal of this process. Colours follow NO_COLOR, FORCE_COLOR and whether stdout is a terminal. */
export function processTerminal(): Terminal {
    const { stdout, stderr } = process;
    const width = Number(process.env["COLUMNS"]);
    return {
        print: (text) => void stdout.write(`${text}\n`),
        printError: (text) => void stderr.write(`${text.split("\n").map(oneLine).join("\n")}\n`),
        columns: stdout.isTTY ? stdout.columns || 80 : Number.isInteger(width) && width > 0 ? width : undefined,
        canRewrite: stderr.isTTY && process.env["TERM"] !== "dumb",
        rewrite: (text) => void stderr.write(text),
        paint: (tone, text) => styleText(formats[tone], text, { stream: stdout }),
    };
}

/** JSON with escapes for control characters and invisible characters: JSON's own escapes leave some of them. */
export const jsonText = (value: unknown): string =>
    JSON.stringify(value, undefined, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
        sign
            .split("")
            .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
            .join(""),
    );

/**
 * A text from elsewhere on one line, without control characters and invisible ones. Characters that change the
 * direction of writing, and marks that pile up over other lines, are removed too. Joiners stay, because scripts and
 * emoji need them.
 */
export const oneLine = (text: string): string =>
    text
        .replace(/(?:(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+/gu, " ")
        .replace(/(\p{M}{4})\p{M}+/gu, "$1")
        .trim();

/** The same for a name, cut to a length, because its author may have made it very long. */
export function shortName(name: string, most = 80): string {
    const signs = Array.from(new Intl.Segmenter("en").segment(oneLine(name)), ({ segment }) => segment);
    return signs.length > most ? `${signs.slice(0, most - 1).join("")}…` : signs.join("");
}
