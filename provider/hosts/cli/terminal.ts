// What is written where, as the terminal, the pipe or the environment wants it.
import { styleText } from "node:util";
import type { Tone } from "./status-words";

/** Where a command writes. */
export interface Terminal {
    /** Writes lines to stdout: the result. */
    readonly print: (text: string) => void;
    /** Writes lines to stderr: everything else. */
    readonly tell: (text: string) => void;
    /** Columns of stdout; undefined in a pipe, where lines have any length. */
    readonly columns: number | undefined;
    /** Whether stderr is a terminal, whose last line can be written again. */
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
        tell: (text) => void stderr.write(`${text}\n`),
        columns: stdout.isTTY ? stdout.columns || 80 : Number.isInteger(width) && width > 0 ? width : undefined,
        canRewrite: stderr.isTTY && process.env["TERM"] !== "dumb",
        rewrite: (text) => void stderr.write(text),
        paint: (tone, text) => styleText(formats[tone], text, { stream: stdout }),
    };
}

/** A text from elsewhere on one line, without what a terminal would obey or what turns the direction of writing. */
export const oneLine = (text: string): string =>
    text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
