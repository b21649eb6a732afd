// `pulumi-connections explain`: the meaning of a message, offline.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { nearest } from "../../core/nearest";
import { messages, type KnownMessage } from "../../messages";
import { usageError } from "./exit-code";
import { jsonText, type Terminal } from "./terminal";
import { wrap } from "./wrap";

/** A text that shares fewer characters with a message is another one. */
const shortestLikeness = 12;

/** The command's options. */
export interface ExplainOptions {
    readonly json?: boolean | undefined;
}

/** The output of `--json`. */
interface Explanation {
    /** Null for a warning, which has no code. */
    readonly code: string | null;
    readonly message: string;
    readonly meaning: string;
    /** The message on the page that comes with the package. */
    readonly page: string;
}

/** Prints the meaning of a code, or of a whole message. */
export function explain(words: readonly string[], { json = false }: ExplainOptions, terminal: Terminal): void {
    const { anchor, code, says, means } = messageFor(words.join(" "));
    const { href } = pathToFileURL(path.resolve(__dirname, "../../../../docs/messages.md"));
    const explanation: Explanation = {
        code: code ?? null,
        message: says,
        meaning: plain(means),
        page: `${href}#${anchor}`,
    };
    terminal.print(json ? jsonText(explanation) : shown(explanation, terminal));
}

function shown({ code, message, meaning, page }: Explanation, { paint, columns }: Terminal): string {
    return [
        ...(code === null ? [] : [paint("strong", code), ""]),
        ...wrap(message, columns, 0),
        ...(meaning === "" ? [] : ["", ...wrap(meaning, columns, 0)]),
        "",
        paint("faint", `Page: ${page}`),
    ].join("\n");
}

/** Markdown as plain sentences: links by their words. */
const plain = (markdown: string): string =>
    markdown
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/`([^`]*)`/g, '"$1"')
        .replace(/([^.])$/, "$1.");

/**
 * The message that a person means.
 * @throws CommandError of exit code 3.
 */
export function messageFor(text: string): KnownMessage {
    const given = text.trim();
    const [, ended] = /\[([a-z][a-z0-9-]*)\]\W*$/.exec(given) ?? [];
    const name = ended === undefined || given === `[${ended}]` ? given.replace(/^\[|\]$/g, "") : undefined;
    const found = messages.find(({ anchor }) => anchor === name) ?? likest(given, ended);
    if (found === undefined) {
        // The text is not repeated: it may hold what does not belong into a log.
        const near = nearest(
            ended ?? given,
            messages.map(({ anchor }) => anchor),
        );
        const hint =
            near === undefined
                ? "Give the code in brackets at the end of a message, or all of it."
                : `Did you mean ${near}?`;
        throw usageError("cli-no-code", `there is no such code or message. ${hint}`);
    }
    return found;
}

/** The message with the most words in common with a text that has its form; else the one of the code at its end. */
function likest(text: string, code: string | undefined): KnownMessage | undefined {
    const among = messages.filter((message) => code === undefined || message.code === code);
    const [best] = among
        .map((message) => ({ message, length: Math.max(...formsOf(message).map((form) => lengthOf(form, text))) }))
        .sort((one, other) => other.length - one.length);
    return best !== undefined && best.length > 0 ? best.message : messages.find(({ anchor }) => anchor === code);
}

/** The texts of a message: what it says, and other forms that its meaning quotes. */
const formsOf = ({ says, means }: KnownMessage): readonly string[] => [
    says,
    ...Array.from(means.matchAll(/`([^`]{12,})`/g), ([, form = ""]) => form),
];

/** The number of characters that a text shares with a form; 0 where it has another form. */
function lengthOf(form: string, text: string): number {
    const pieces = form.split(/…|\b(?:VENDOR|HUB|CLASS|FILE|NAME|DATE|STACK|URN)\b/).map((piece) => piece.trim());
    let at = 0;
    for (const piece of pieces) {
        const found = text.indexOf(piece, at);
        if (found < 0) {
            return 0;
        }
        at = found + piece.length;
    }
    const { length } = pieces.join("");
    return length < shortestLikeness ? 0 : length;
}
