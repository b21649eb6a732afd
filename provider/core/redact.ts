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

const namedEntities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

type Decoder = (text: string) => string;

const percent: Decoder = (text) =>
    text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
const form: Decoder = (text) => text.replaceAll("+", " ");
const html: Decoder = (text) =>
    text.replace(
        /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/gi,
        (entity, hex?: string, decimal?: string, name?: string) => {
            const point = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
            return name !== undefined
                ? (namedEntities[name.toLowerCase()] ?? entity)
                : point <= 0x10ffff
                  ? String.fromCodePoint(point)
                  : entity;
        },
    );
const json: Decoder = (text) =>
    text
        .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        .replace(/\\(["\\/])/g, "$1");
const hexadecimal: Decoder = (text) =>
    text.replace(/(?:[0-9a-f]{2}){6,}/gi, (run) => ` ${Buffer.from(run, "hex").toString("utf8")} `);

/** Base64 within a longer run begins at any of four places. */
const base64 =
    (offset: number): Decoder =>
    (text) =>
        text.replace(/[A-Za-z0-9+/_-]{8,}/g, (run) => ` ${Buffer.from(run.slice(offset), "base64").toString("utf8")} `);

const decoders: readonly Decoder[] = [
    percent,
    form,
    html,
    json,
    hexadecimal,
    base64(0),
    base64(1),
    base64(2),
    base64(3),
];

/** A text as it is compared: letters that differ by case, or by the way in which they are composed, are the same. */
const fold = (text: string): string => text.normalize("NFKC").toUpperCase().normalize("NFKC");

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
            if (secret.length >= shortest) {
                this.secrets.set(fold(secret), literally(secret));
            }
        }
    }

    /** A text without secrets and control characters. */
    text(text: string): string {
        return this.withoutSecrets(text).replace(/\p{Cc}+/gu, " ");
    }

    /** A value without them, at any depth, in its keys too. */
    value<T>(value: T): T {
        return this.walk(value) as T;
    }

    /** An answer without them. */
    answer({ status, headers, text }: Answer): Answer {
        const body = parseJson(text);
        const clean = body === undefined ? this.text(text) : JSON.stringify(this.walk(body));
        return { status, headers: this.value(headers), text: clean };
    }

    private walk(value: unknown, depth = 0): unknown {
        if (typeof value === "string") {
            return this.text(value);
        }
        if (typeof value !== "object" || value === null) {
            return value;
        }
        if (depth > deepestValue) {
            return null;
        }
        return Array.isArray(value)
            ? value.map((item) => this.walk(item, depth + 1))
            : Object.fromEntries(
                  Object.entries(value).map(([key, inner]) => [this.text(key), this.walk(inner, depth + 1)]),
              );
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
            const next = depth === deepest ? [] : layer.flatMap((one) => decoders.map((decode) => decode(one)));
            layer = [...new Set(next)].filter((one) => one.length >= shortest && !seen.has(one));
            layer.forEach((one) => seen.add(one));
        }
        return false;
    }
}
