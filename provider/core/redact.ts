// Takes out of what a vendor answers what must not be shown: secrets, for vendors may echo what they were sent, and control characters, which a terminal
// would obey. A secret is found by decoding the text, in whatever encodings, and not by a list of its disguises.
import type { Answer } from "../define/contracts";
import { parseJson } from "./json";

/** What stands in the place of a secret. */
export const mark = "[secret]";

/** Shorter secrets are left: they would hit ordinary words. */
const shortest = 6;

/** How many encodings may lie over each other. */
const deepest = 4;

/** No vendor nests its answers deeper, and a stack has an end. */
const deepestValue = 100;

/** What a text may say once it is decoded. */
type Decoder = (text: string) => readonly string[];

const namedEntities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const character = (digits: string, radix: number): string => {
    const point = Number.parseInt(digits, radix);
    return point <= 0x10ffff ? String.fromCodePoint(point) : "";
};

/** Bytes as texts, for vendors of before UTF-8 are still there; and what no text of that charset holds. */
const charsets = [
    ["utf8", /\ufffd+/],
    ["latin1", /\p{Cc}+/u],
] as const;

/** Escapes of bytes, such as `%41` and `\x41`, within a text. */
const bytesEscapedBy =
    (escape: RegExp): Decoder =>
    (text) =>
        charsets.map(([charset]) =>
            text.replace(escape, (run) => Buffer.from(run.replace(/%|\\x/gi, ""), "hex").toString(charset)),
        );

const form: Decoder = (text) => [text.replaceAll("+", " ")];
const html: Decoder = (text) => [
    text
        .replace(/&#x0*([0-9a-f]{1,6});?/gi, (_, digits: string) => character(digits, 16))
        .replace(/&#0*([0-9]{1,7});?/g, (_, digits: string) => character(digits, 10))
        .replace(/&([a-z]{2,4});?/gi, (entity, name: string) => namedEntities[name.toLowerCase()] ?? entity),
];
const json: Decoder = (text) => [
    text.replace(
        /\\(?:u\{0*([0-9a-f]{1,6})\}|u([0-9a-f]{4})|([nrt])|(["\\/]))/gi,
        (_, ...groups: (string | undefined)[]) => {
            const [long, short, space, itself] = groups;
            // Half a pair of surrogates has its other half beside it.
            const unit = short === undefined ? undefined : String.fromCharCode(Number.parseInt(short, 16));
            return unit ?? itself ?? (space === undefined ? character(long ?? "", 16) : "\n");
        },
    ),
];

/** What decoded bytes hold of texts: what else there is, is no text, and not worth to be decoded again. */
const textsOf = (runs: readonly Buffer[]): readonly string[] =>
    charsets.map(([charset, noText]) =>
        runs
            .flatMap((bytes) => bytes.toString(charset).split(noText))
            .filter((piece) => piece.length >= shortest)
            .join("\n"),
    );

const hexadecimal: Decoder = (text) => {
    const runs = text.match(/(?:[0-9a-f][:\s-]?){12,}/gi) ?? [];
    const digits = runs.map((run) => run.replace(/[:\s-]/g, ""));
    // A digit of something else may stand before it.
    return [0, 1].flatMap((offset) => textsOf(digits.map((run) => Buffer.from(run.slice(offset), "hex"))));
};

/** Base64, in lines as well. Within a longer run it begins at any of four places. */
const base64: Decoder = (text) => {
    const runs = text.replace(/\r?\n/g, "").match(/[A-Za-z0-9+/_-]{8,}/g) ?? [];
    return [0, 1, 2, 3].flatMap((offset) => textsOf(runs.map((run) => Buffer.from(run.slice(offset), "base64"))));
};

const decoders: readonly Decoder[] = [
    bytesEscapedBy(/(?:%[0-9a-f]{2})+/gi),
    bytesEscapedBy(/(?:\\x[0-9a-f]{2})+/gi),
    form,
    html,
    json,
    hexadecimal,
    base64,
];

/**
 * A text as it is compared: letters that differ by case, or by the way in which they are composed, are the same, and what cannot be seen is not there.
 */
const fold = (text: string): string =>
    text
        .replace(/[\p{Cc}\p{Cf}]+/gu, "")
        .normalize("NFKC")
        .toUpperCase()
        .normalize("NFKC");

/** The pattern of a text that stands for itself, in capitals or small letters. */
export const literally = (text: string): RegExp => new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");

/** Takes secrets and control characters out of texts. */
export class Redactor {
    private readonly secrets = new Map<string, RegExp>();

    constructor(secrets: Iterable<string>) {
        this.add(secrets);
    }

    /** Adds secrets: access tokens come later than the credential. */
    add(secrets: Iterable<string>): void {
        for (const secret of secrets) {
            if (secret.length >= shortest && !this.secrets.has(fold(secret))) {
                this.secrets.set(fold(secret), literally(secret));
            }
        }
    }

    /** A text without secrets and control characters. */
    text(text: string): string {
        const shown = withoutControls(this.withoutSecrets(text));
        // What a control character kept apart may be a secret without it.
        return shown === text ? shown : this.withoutSecrets(shown);
    }

    /** A value without them, at any depth, in its keys too. */
    value<T>(value: T): T {
        // Of all texts together it is soon told that there is no secret in them, as there hardly ever is.
        const isClean = !this.holdsSecret(textsWithin(value).join("\n"));
        const clean = isClean ? withoutControls : (text: string): string => this.text(text);
        return mapTexts(value, clean) as T;
    }

    /** An answer without them. */
    answer({ status, headers, text }: Answer): Answer {
        const body = parseJson(text);
        const clean = body === undefined ? this.text(text) : JSON.stringify(this.value(body));
        return { status, headers: this.value(headers), text: clean };
    }

    private withoutSecrets(text: string): string {
        if (!this.holdsSecret(text)) {
            return text;
        }
        const plain = [...this.secrets.values()].reduce((rest, pattern) => rest.replace(pattern, mark), text);
        // What is encoded goes word by word, and where that does not help, as a whole.
        const words = this.holdsSecret(plain)
            ? plain.replace(/[^\s"'<>(){},;]+/g, (word) => (this.holdsSecret(word) ? mark : word))
            : plain;
        return this.holdsSecret(words) ? mark : words;
    }

    /** Whether a text holds a secret, in whatever encodings. */
    private holdsSecret(text: string): boolean {
        const seen = new Set([text]);
        let layer = [text];
        for (let depth = 0; depth <= deepest && layer.length > 0; depth++) {
            const folded = layer.map(fold);
            if ([...this.secrets.keys()].some((secret) => folded.some((one) => one.includes(secret)))) {
                return true;
            }
            const next = depth === deepest ? [] : layer.flatMap((one) => decoders.flatMap((decode) => decode(one)));
            layer = [...new Set(next)].filter((one) => one.length >= shortest && !seen.has(one));
            layer.forEach((one) => seen.add(one));
        }
        return false;
    }
}

const withoutControls = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

/** All texts of a value, its keys and its numbers among them. */
function textsWithin(value: unknown, depth = 0): string[] {
    if (typeof value === "string" || typeof value === "number") {
        return [String(value)];
    }
    return typeof value === "object" && value !== null && depth <= deepestValue
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsWithin(inner, depth + 1)])
        : [];
}

/** A value with other texts; a number whose text is another one becomes that text. */
function mapTexts(value: unknown, map: (text: string) => string, depth = 0): unknown {
    if (typeof value === "string") {
        return map(value);
    }
    if (typeof value === "number") {
        const text = map(String(value));
        return text === String(value) ? value : text;
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (depth > deepestValue) {
        return null;
    }
    return Array.isArray(value)
        ? value.map((item) => mapTexts(item, map, depth + 1))
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [map(key), mapTexts(inner, map, depth + 1)]));
}
