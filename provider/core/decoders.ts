// Decoders for the ways in which programs write a text, or its bytes, into another text.

/** The ways to read bytes as texts. */
export type Charset = "utf8" | "latin1";

/** Shorter pieces hold no secret. */
export const shortestPiece = 6;

type Decoder = (text: string, charsets: readonly Charset[]) => readonly string[];

/** Characters that no text of a charset holds. */
const noText: Readonly<Record<Charset, RegExp>> = { utf8: /\ufffd+/, latin1: /\p{Cc}+/u };

const character = (digits: string, radix: number): string => {
    const point = Number.parseInt(digits, radix);
    return point <= 0x10ffff ? String.fromCodePoint(point) : "";
};

/** Half a pair of surrogates has its other half beside it. */
const unit = (digits: string): string => String.fromCharCode(Number.parseInt(digits, 16));

/** Bytes that are escaped within a text, such as `%41`, read in their place. */
const bytesEscapedBy =
    (run: RegExp, bytesOf: (run: string) => Buffer): Decoder =>
    (text, charsets) =>
        charsets.map((charset) => text.replace(run, (bytes) => bytesOf(bytes).toString(charset)));

const hexadecimalIn = (run: string): Buffer => Buffer.from(run.replace(/[^0-9a-f]/gi, ""), "hex");

/** Percent encoding, of which a decoder is linear. */
export const percent = bytesEscapedBy(/(?:%[0-9a-f]{2})+/gi, hexadecimalIn);
const hexEscapes = bytesEscapedBy(/(?:\\x[0-9a-f]{2})+/gi, hexadecimalIn);
const octalEscapes = bytesEscapedBy(/(?:\\0?[0-3]?[0-7]{1,2})+/g, (run) =>
    Buffer.from(run.match(/[0-7]+/g)?.map((digits) => Number.parseInt(digits, 8) & 0xff) ?? []),
);
/** Mail's quoted-printable, where lines end with an equals sign; a line's end may have become a space. */
const quotedPrintable: Decoder = (text, charsets) =>
    bytesEscapedBy(/(?:=[0-9a-f]{2})+/gi, hexadecimalIn)(text.replace(/=\s+/g, ""), charsets);

const form: Decoder = (text) => [text.replaceAll("+", " ")];
const percentUnits: Decoder = (text) => [text.replace(/%u([0-9a-f]{4})/gi, (_, digits: string) => unit(digits))];

/** HTML's names of ASCII's characters, and of Latin-1's from U+00A0 on. */
const signNames = (
    "quot:22 num:23 dollar:24 percnt:25 amp:26 apos:27 lpar:28 rpar:29 ast:2a midast:2a plus:2b comma:2c period:2e sol:2f colon:3a semi:3b " +
    "lt:3c equals:3d gt:3e quest:3f commat:40 lsqb:5b lbrack:5b bsol:5c rsqb:5d rbrack:5d hat:5e lowbar:5f underbar:5f grave:60 " +
    "diacriticalgrave:60 lcub:7b lbrace:7b verbar:7c vert:7c verticalline:7c rcub:7d rbrace:7d excl:21 tab:9 newline:a hyphen:2d dash:2d"
).split(" ");
const latin1Names = (
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm " +
    "raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH " +
    "Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig"
).split(" ");
// Letters are compared without their case, so the capitals count as the small ones.
const namedEntities: ReadonlyMap<string, string> = new Map([
    ...signNames.map((entry): [string, string] => {
        const [name = "", digits = ""] = entry.split(":");
        return [name, unit(digits)];
    }),
    ...latin1Names.map((name, at): [string, string] => [name.toLowerCase(), String.fromCharCode(0xa0 + at)]),
]);
const html: Decoder = (text) => [
    text
        .replace(/&#x0*([0-9a-f]{1,6});?/gi, (_, digits: string) => character(digits, 16))
        .replace(/&#0*([0-9]{1,7});?/g, (_, digits: string) => character(digits, 10))
        .replace(
            /&([a-z]{2,16}[0-9]{0,2});/gi,
            (entity, name: string) => namedEntities.get(name.toLowerCase()) ?? entity,
        )
        .replace(/&(amp|lt|gt|quot)/gi, (entity, name: string) => namedEntities.get(name.toLowerCase()) ?? entity),
];

/** The escapes of JSON and of programming languages. */
const escapes: Decoder = (text) => [
    text.replace(
        /\\(?:[uxUX]\{0*([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrtbfv])|([^\p{L}\p{N}]))/gu,
        (_, ...groups: (string | undefined)[]) => {
            const [braced, short, long, space, itself] = groups;
            const point = braced ?? long;
            return short !== undefined
                ? unit(short)
                : (itself ?? (space === undefined ? character(point ?? "", 16) : "\n"));
        },
    ),
];
/** A shell's backslash, after which any character is itself. */
const shell: Decoder = (text) => [text.replace(/\\(.)/gsu, "$1")];
const css: Decoder = (text) => [text.replace(/\\([0-9a-f]{1,6})\s?/gi, (_, digits: string) => character(digits, 16))];

/** The texts in decoded bytes: all other bytes are not worth another decoding. */
const textsOf = (runs: readonly Buffer[], charsets: readonly Charset[]): readonly string[] =>
    charsets.map((charset) =>
        runs
            .flatMap((bytes) => bytes.toString(charset).split(noText[charset]))
            .filter((piece) => piece.length >= shortestPiece)
            .join("\n"),
    );

const hexadecimal: Decoder = (text, charsets) => {
    const runs = text.match(/(?:[0-9a-f][:\s-]?){12,}/gi) ?? [];
    const digits = runs.map((run) => run.replace(/[:\s-]/g, ""));
    // A digit of another text may come before it.
    return [0, 1].flatMap((offset) =>
        textsOf(
            digits.map((run) => Buffer.from(run.slice(offset), "hex")),
            charsets,
        ),
    );
};

/** Lists of bytes, `[112, 108]`, `0x70, 0x6c` or `160 154`, by each base in which all of them are bytes. */
const byteList: Decoder = (text, charsets) => {
    const runs = text.match(/(?:(?:0[xo])?[0-9a-f]{1,8}[^0-9a-z]{1,4}){5,}(?:0[xo])?[0-9a-f]{1,8}/gi) ?? [];
    const numbers = runs.map((run) => run.replace(/0[xo]/gi, "").split(/[^0-9a-f]+/i));
    return ([10, 16, 8, 2] as const).flatMap((base) => {
        const isOfBase = { 10: /^\d{1,3}$/, 16: /^[\da-f]{1,2}$/i, 8: /^[0-7]{1,3}$/, 2: /^[01]{7,8}$/ }[base];
        // Before and after the list there may be other numbers, which end it.
        const lists = numbers.map((run) =>
            run.map((digits) => (isOfBase.test(digits) ? Number.parseInt(digits, base) : 256)),
        );
        const bytes = lists.flatMap((list) => splitAt(list, (value) => value > 255).map((part) => Buffer.from(part)));
        return textsOf(bytes, charsets);
    });
};

function splitAt(list: readonly number[], ends: (value: number) => boolean): number[][] {
    const parts: number[][] = [[]];
    for (const value of list) {
        if (ends(value)) {
            parts.push([]);
        } else {
            parts.at(-1)?.push(value);
        }
    }
    return parts.filter((part) => part.length >= shortestPiece);
}

/** Base64, with white space in it as well. Within a longer run it begins at any of four places. */
const base64: Decoder = (text, charsets) => {
    const runs = text.replace(/\s+/g, "").match(/[A-Za-z0-9+/_-]{8,}/g) ?? [];
    return [0, 1, 2, 3].flatMap((offset) =>
        textsOf(
            runs.map((run) => Buffer.from(run.slice(offset), "base64")),
            charsets,
        ),
    );
};

const decoders: readonly Decoder[] = [
    percent,
    percentUnits,
    hexEscapes,
    octalEscapes,
    quotedPrintable,
    form,
    html,
    escapes,
    shell,
    css,
    hexadecimal,
    byteList,
    base64,
];

/** The decoded forms of a text, one for each decoder. */
export function decodings(text: string, charsets: readonly Charset[]): readonly string[] {
    const decoded = decoders.flatMap((decode) => decode(text, charsets));
    return [...new Set(decoded)].filter((one) => one.length >= shortestPiece);
}
