// Removes from vendors' answers the parts that must not be shown: secrets, because vendors may echo a request, and
// control characters, which a terminal would obey. Whole answers are searched in linear time; shown texts are short,
// and decoded in layers, in all encodings.
import type { Answer } from "../define/contracts";
import { decodings, percent, shortestPiece, type Charset } from "./decoders";
import { parseJson } from "./json";
import { deepestValue, textsWithin } from "./values";

/** The text in place of a secret. */
export const mark = "[secret]";

/** Shorter secrets are left: they would hit ordinary words. */
const shortest = shortestPiece;

/** The number of characters of a longer secret's beginning, or of its end, that count as the secret. */
const excerptLength = 24;

/** The most encodings on top of each other. */
const deepest = 8;

/** Longer texts are cut before they are shown. */
const longestText = 4096;

/** So much of a longer text is decoded: where it is cut, there may be the middle of a secret. */
const longestDecoded = 2 * longestText;

/** The most characters that one redactor decodes: a host must not keep a process busy for others. */
const mostDecoded = 1_500_000;

const isAscii = (text: string): boolean => /^\p{ASCII}*$/u.test(text);

/** A text in comparable form: without case, marks over letters, ways of composition and invisible characters. */
function fold(text: string): string {
    const capitals = text.toUpperCase();
    const plain = isAscii(capitals) ? capitals : capitals.normalize("NFKD").toUpperCase().normalize("NFKD");
    return plain.replace(/[\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]+/gu, "");
}

/** A pattern that matches a literal text, in capitals or small letters. */
export const literally = (text: string): RegExp => new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");

/** The pieces of a secret that count as the secret, by where they begin. */
const piecesOf = (secret: string): ReadonlyMap<number, string> =>
    secret.length <= excerptLength
        ? new Map([[0, secret]])
        : new Map([
              [0, secret.slice(0, excerptLength)],
              [secret.length - excerptLength, secret.slice(-excerptLength)],
          ]);

/** Bytes in Base64 at each offset within longer ones, without the characters that depend on the bytes beside them. */
const base64Of = (bytes: Buffer): string[] =>
    [0, 1, 2].map((shift) => {
        const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
        return whole.toString("base64").slice(Math.ceil((shift * 8) / 6), Math.floor((whole.length * 8) / 6));
    });

/** A secret, and how it is found. */
class Known {
    private readonly pieces: readonly { readonly at: number; readonly length: number; readonly pattern: RegExp }[];
    /** The parts of the secret in a folded text. */
    readonly folded: readonly string[];
    /** The secret's Base64 and hexadecimal digits in a text in capitals. */
    readonly digits: readonly string[];

    constructor(private readonly secret: string) {
        const pieces = [...piecesOf(secret)];
        this.pieces = pieces.map(([at, piece]) => ({ at, length: piece.length, pattern: literally(piece) }));
        this.folded = pieces.map(([, piece]) => fold(piece)).filter((piece) => piece.length >= shortest);
        const bytes = pieces.map(([, piece]) => Buffer.from(piece));
        this.digits = bytes
            .flatMap((piece) => [...base64Of(piece), piece.toString("hex")])
            .map((text) => text.toUpperCase());
    }

    /** A text with something in the place of the secret, and of all that is there of it where it was cut. */
    replacedIn(text: string, by: string): string {
        return this.pieces.reduce((rest, { at, length, pattern }) => {
            let shown = "";
            let from = 0;
            for (const { index, 0: found } of rest.matchAll(pattern)) {
                if (index < from) {
                    continue;
                }
                let [start, first] = [index, at];
                while (start > from && this.isAt(first - 1, rest[start - 1])) {
                    [start, first] = [start - 1, first - 1];
                }
                let [end, next] = [index + found.length, at + length];
                while (this.isAt(next, rest[end])) {
                    [end, next] = [end + 1, next + 1];
                }
                shown += rest.slice(from, start) + by;
                from = end;
            }
            return shown + rest.slice(from);
        }, text);
    }

    private isAt(place: number, sign: string | undefined): boolean {
        const own = this.secret[place];
        return own !== undefined && own.toUpperCase() === sign?.toUpperCase();
    }
}

/** Returns true for a text that holds a secret. */
type Search = (text: string) => boolean;

/** The steps for the texts of a value. */
interface Cleaning {
    readonly search: Search;
    /** Cleans a text that may hold a secret. */
    readonly clean: (text: string) => string;
    /** Returns the part of a text that is searched; default: all. */
    readonly shorten?: (text: string) => string;
    /** Returns the part of it that is shown; default: all. */
    readonly cut?: (text: string) => string;
}

/** Removes secrets and control characters from texts. */
export class Redactor {
    private readonly secrets = new Map<string, Known>();
    private charsets: readonly Charset[] = ["utf8"];
    private left = mostDecoded;
    private readonly isEncoded: Search = (text) => this.holds(text);
    private readonly isWritten: Search = (text) => this.holdsPlainly(text);
    private readonly isDisguised: Search = (text) => this.holds(this.replaced(text, "\ufffd"));

    constructor(secrets: Iterable<string>) {
        this.add(secrets);
    }

    /** The number of characters decoded so far. */
    get work(): number {
        return mostDecoded - this.left;
    }

    /** Adds secrets: access tokens come later than the credential. */
    add(secrets: Iterable<string>): void {
        for (const secret of secrets) {
            if (secret.length >= shortest && !this.secrets.has(secret)) {
                this.secrets.set(secret, new Known(secret));
                // Vendors of before UTF-8 are still there.
                this.charsets = isAscii(secret) ? this.charsets : ["utf8", "latin1"];
            }
        }
    }

    /**
     * An answer without the secrets that linear time finds: little of a whole answer is shown, and that goes through
     * {@link leaving}.
     */
    answer({ status, headers, text }: Answer): Answer {
        const clean = (one: string): string => this.clean(one, this.isWritten);
        const cleaning = { search: this.isWritten, clean };
        const body = parseJson(text);
        return {
            status,
            headers: mapped(headers, cleaning),
            text: body === undefined ? clean(text) : JSON.stringify(mapped(body, cleaning)),
        };
    }

    /**
     * A value made of such answers and of our words, which may be those of a secret: without encoded secrets, its texts
     * cut.
     */
    leaving<T>(value: T): T {
        const clean = (text: string): string => withoutControls(this.byWords(decodable(text), this.isDisguised));
        return mapped(value, { search: this.isDisguised, clean, shorten: decodable, cut });
    }

    /** A text without secrets and control characters, cut. */
    text(text: string): string {
        return cut(this.clean(decodable(text), this.isEncoded));
    }

    /** A value without secrets and control characters, at any depth, in its keys too. */
    value<T>(value: T): T {
        const clean = (text: string): string => this.clean(text, this.isEncoded);
        return mapped(value, { search: this.isEncoded, clean });
    }

    /** True for a text that holds a secret, in any encodings. An overlong search counts as a find. */
    holds(text: string): boolean {
        if (this.left < 0) {
            return true;
        }
        const seen = new Set([text]);
        let layer = [text];
        for (let depth = 0; depth <= deepest && layer.length > 0; depth++) {
            const next: string[] = [];
            for (const one of layer) {
                this.left -= one.length;
                const folded = fold(one);
                if (
                    this.left < 0 ||
                    this.known.some((secret) => secret.folded.some((piece) => folded.includes(piece)))
                ) {
                    return true;
                }
                const fresh =
                    depth === deepest ? [] : decodings(one, this.charsets).filter((other) => !seen.has(other));
                fresh.forEach((other) => seen.add(other));
                next.push(...fresh);
            }
            layer = next;
        }
        return false;
    }

    /**
     * True for a text that holds a secret as it is, percent-encoded, or in Base64 or hexadecimal digits, all in linear
     * time.
     */
    private holdsPlainly(text: string): boolean {
        return [text, ...(text.includes("%") ? percent(text, this.charsets) : [])].some((one) => {
            const folded = fold(one);
            const digits = folded.replaceAll("-", "+").replaceAll("_", "/");
            return this.known.some(
                (secret) =>
                    secret.folded.some((piece) => folded.includes(piece)) ||
                    secret.digits.some((piece) => digits.includes(piece)),
            );
        });
    }

    private get known(): readonly Known[] {
        return [...this.secrets.values()];
    }

    private clean(text: string, search: Search): string {
        const kept = this.without(text, search);
        const shown = withoutControls(kept);
        // Without a control character between them, the parts may be a secret.
        return shown === kept ? shown : this.without(shown, search);
    }

    private without(text: string, search: Search): string {
        return search(text) ? this.byWords(this.replaced(text, mark), search) : text;
    }

    private replaced(text: string, by: string): string {
        return this.known.reduce((rest, secret) => secret.replacedIn(rest, by), text);
    }

    /** Removes encoded secrets word by word or, where that does not help, the whole text. */
    private byWords(text: string, search: Search): string {
        if (!search(text)) {
            return text;
        }
        const words = text.replace(/[^\s"'<>(){},;]+/g, (word) => (search(word) ? mark : word));
        return search(words) ? mark : words;
    }
}

const same = (text: string): string => text;

const withoutControls = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

/** A text for a diagnostic: without control characters, and those that change the direction of writing. */
export const diagnostic = (text: string): string =>
    text.replace(/(?:(?!\n)\p{Cc})+/gu, " ").replace(/[\p{Bidi_Control}\u2028\u2029]+/gu, "");

const decodable = (text: string): string => text.slice(0, longestDecoded);

/** The beginning of a text, without the word that is cut. */
function cut(text: string): string {
    if (text.length <= longestText) {
        return text;
    }
    const kept = text.slice(0, longestText);
    const end = kept.search(/\s\S*$/);
    return `${end < 0 ? mark : kept.slice(0, end)}…`;
}

/** A value with its texts cleaned: many of them together are soon known to hold no secret, as hardly any does. */
function mapped<T>(value: T, { search, clean, shorten = same, cut: short = same }: Cleaning): T {
    const suspects = new Set<string>();
    for (const texts of chunksOf(textsWithin(value))) {
        const joined = texts.map(shorten).join("\n");
        if (search(joined) || (/\p{Cc}/u.test(texts.join("")) && search(withoutControls(joined)))) {
            texts.forEach((text) => suspects.add(text));
        }
    }
    const map = (text: string): string => short(suspects.has(text) ? clean(text) : withoutControls(text));
    return mapTexts(value, map, (items) => suspects.size > 0 && isListed(items, search)) as T;
}

/** Texts in groups that are worth one search. */
function chunksOf(texts: readonly string[]): string[][] {
    const chunks: string[][] = [];
    let room = 0;
    for (const text of texts) {
        if (room <= 0) {
            chunks.push([]);
            room = longestText;
        }
        chunks.at(-1)?.push(text);
        room -= text.length;
    }
    return chunks;
}

/** True for a list of numbers or characters that spells a secret. */
function isListed(items: readonly unknown[], search: Search): boolean {
    const isShort = (item: unknown): boolean =>
        typeof item === "number" || (typeof item === "string" && item.length < shortest);
    return items.length > 1 && items.every(isShort) && (search(items.join(",")) || search(items.join("")));
}

/**
 * A value with other texts; a number becomes text where its text is another one.
 * @param isSecret True where the items of a list are a secret together.
 */
function mapTexts(
    value: unknown,
    map: (text: string) => string,
    isSecret: (items: readonly unknown[]) => boolean,
    depth = 0,
): unknown {
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
    const inner = (item: unknown): unknown => mapTexts(item, map, isSecret, depth + 1);
    if (Array.isArray(value)) {
        return isSecret(value) ? [mark] : value.map(inner);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [map(key), inner(item)]));
}
