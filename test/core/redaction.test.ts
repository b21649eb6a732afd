import { createHash } from "node:crypto";
import fc from "fast-check";
import { ConnectionError, describe as describeProblem } from "../../provider/core/problems";
import { mark, Redactor } from "../../provider/core/redact";
import { LeakScanner } from "../support/leaks";

const secret = "pl4nted-secret";
const token = "ATSTT3xFfGF0Zk4bH1mS9qLw7Vd2Xy8Rt5Np3Cj6Gf0Ke1Ua4Bi7Mo=5F3A9C21abcdefghijklmnopqrstuvwxyz0123456789";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const perCharacter = (text: string, write: (code: number) => string): string =>
    Array.from(text, (one) => write(one.codePointAt(0) ?? 0)).join("");
const hexByte = (byte: number): string => byte.toString(16).padStart(2, "0").toUpperCase();
const bytes = (text: string, write: (byte: number) => string): string => [...Buffer.from(text)].map(write).join("");
const layers = (text: string, count: number): string => (count === 0 ? text : layers(base64(text), count - 1));

/** Ways in which a vendor, or what is before it, may write down what it was sent. */
const encodings: readonly (readonly [name: string, encode: (text: string) => string])[] = [
    ["as it is", (text) => text],
    ["in capitals", (text) => text.toUpperCase()],
    ["percent encoding", encodeURIComponent],
    ["a form", (text) => new URLSearchParams({ text }).toString()],
    ["Base64", base64],
    ["Base64 for URLs", (text) => Buffer.from(text).toString("base64url")],
    ["Base64 behind other text", (text) => base64(`user@acme.example:${text}`)],
    ["hexadecimal", hex],
    ["JSON", (text) => JSON.stringify(text)],
    [
        "JSON's escapes",
        (text) =>
            perCharacter(text, (code) =>
                code > 0xffff ? String.fromCodePoint(code) : `\\u${code.toString(16).padStart(4, "0")}`,
            ),
    ],
    ["decimal entities", (text) => perCharacter(text, (code) => `&#${code};`)],
    ["hexadecimal entities", (text) => perCharacter(text, (code) => `&#x${code.toString(16)};`)],
    ["quoted-printable", (text) => bytes(text, (byte) => `=${hexByte(byte)}`).replace(/.{60}/g, "$&=\r\n")],
    ["octal escapes", (text) => bytes(text, (byte) => `\\${byte.toString(8).padStart(3, "0")}`)],
    ["escapes of bytes", (text) => bytes(text, (byte) => `\\x${hexByte(byte)}`)],
    ["a list of bytes", (text) => JSON.stringify([...Buffer.from(text)])],
    ["a list of hexadecimal bytes", (text) => bytes(text, (byte) => `0x${hexByte(byte)}, `)],
];

/** A text of a hub's, as it is shown. */
const shown = (text: string, given = secret): string => new Redactor([given]).text(text);

/** A text of a vendor's answer, as it is shown. */
const answered = (text: unknown, given = secret): unknown => {
    const redactor = new Redactor([given]);
    const { text: body } = redactor.answer({ status: 200, headers: {}, text: JSON.stringify({ text }) });
    return redactor.leaving((JSON.parse(body) as { text: unknown }).text);
};

describe("A secret in an answer is taken out", () => {
    test.each(encodings)("from %s", (_, encode) => {
        expect(shown(`before ${encode(secret)} after`)).toContain(mark);
        expect(answered(`before ${encode(secret)} after`)).toContain(mark);
        expect(new LeakScanner([secret]).inText("text", shown(`before ${encode(secret)} after`))).toEqual([]);
    });

    // Each of these was let through by a decoder that knew only the strictest form.
    test.each<readonly [name: string, given: string, text: string]>([
        ["Base64 in lines of 76, as in mails", token, base64(`user@acme.example:${token}`).replace(/.{76}/g, "$&\r\n")],
        ["Base64 in lines of 60", token, base64(`user@acme.example:${token}`).replace(/.{60}/g, "$&\n")],
        ["Base64 of UTF-16", secret, Buffer.from(secret, "utf16le").toString("base64")],
        ["Base64 of Latin-1", "pässwörtchen", Buffer.from("bot:pässwörtchen", "latin1").toString("base64")],
        ["percent encoding of Latin-1", "pässwörtchen", "p%E4ssw%F6rtchen"],
        ["hexadecimal behind another digit", token, `a${hex(token)}`],
        ["hexadecimal with colons", secret, hex(secret).replace(/../g, "$&:")],
        ["escapes of bytes", secret, hex(secret).replace(/../g, "\\x$&")],
        ["escapes in braces", secret, perCharacter(secret, (code) => `\\u{${code.toString(16)}}`)],
        ["entities without their end", secret, perCharacter(secret, (code) => `&#${code}`)],
        ["entities of eight digits", secret, perCharacter(secret, (code) => `&#${String(code).padStart(8, "0")};`)],
        ["a control character within", secret, "pl4n\u0000ted-secret"],
        ["a control character in the place of a space", "pl4 nted-secret", "pl4\u0007nted-secret"],
        ["what cannot be seen within", secret, "pl4n\u200bted-secret"],
        ...["\u00ad", "\u034f", "\u061c", "\u115f", "\u17b4", "\u180b", "\u2066", "\u3164", "\ufe0f", "\u{e0041}"].map(
            (sign) =>
                [
                    `U+${(sign.codePointAt(0) ?? 0).toString(16)} within`,
                    secret,
                    `pl4n${sign}ted${sign}-secret`,
                ] as const,
        ),
        ["a stroke over each letter", secret, perCharacter(secret, (code) => `${String.fromCodePoint(code)}\u0336`)],
        ["letters of another width", secret, perCharacter(secret, (code) => String.fromCodePoint(code + 0xfee0))],
        ["quoted-printable within words", secret, "pl4nted=2Dsec=\r\nret"],
        ["quoted-printable of Latin-1", "pässwörtchen", "p=E4ssw=F6rtchen"],
        ["percent units", secret, perCharacter(secret, (code) => `%u${code.toString(16).padStart(4, "0")}`)],
        ["percent units within words", secret, "pl4nted%u002Dsecret"],
        ["octal escapes of two digits", "pl4nted 7secret", "pl4nted\\407secret"],
        ["octal escapes with a zero before", secret, bytes(secret, (byte) => `\\0${byte.toString(8)}`)],
        ["named entities", "pl4nted-(secret)+#1!", "pl4nted-&lpar;secret&rpar;&plus;&num;1&excl;"],
        ["named entities of letters", "pässwörtchen", "p&auml;ssw&ouml;rtchen"],
        ["backslashes before signs", secret, "pl4nted\\-secret"],
        ["backslashes before letters, as shells take them", secret, "\\pl4n\\ted\\-s\\ecret"],
        ["escapes of style sheets", secret, "pl4nted\\2d secret"],
        ["escapes of eight digits", secret, "pl4nted\\U0000002dsecret"],
        ["a list of bytes with words around it", secret, `bytes: ${[...Buffer.from(secret)].join(" ")} 7, 900 end`],
        ["a list of octal bytes", secret, bytes(secret, (byte) => `${byte.toString(8).padStart(3, "0")} `)],
        ["a list of binary bytes", secret, bytes(secret, (byte) => `${byte.toString(2).padStart(8, "0")} `)],
        ["a list of hexadecimal bytes with commas", secret, bytes(secret, (byte) => `${hexByte(byte)},`)],
        ["Base64 with blanks", secret, base64(secret).replace(/.{4}/g, "$& ")],
        ["Base64 with tabs and lines, behind words", secret, `it is ${base64(secret).replace(/.{5}/g, "$&\t\n")}`],
        ["Base64 in five layers", secret, layers(secret, 5)],
        ["Base64 in eight layers", secret, layers(secret, 8)],
        ["its beginning alone", token, `${token.slice(0, 24)}…`],
        ["its beginning and some more", token, `${token.slice(0, 41)}…`],
        ["its end alone", token, `…${token.slice(-24)}`],
        ["Base64 of its beginning", token, base64(token.slice(0, 30))],
        ["a place behind 4096 characters", secret, `${"word ".repeat(818)}${secret} after`],
        ["a place at which the text is cut", secret, `${"word ".repeat(818)}${base64(`${secret}${"x".repeat(50)}`)}`],
    ])("from %s", (_, given, text) => {
        const holdsNone = (one: unknown): void => {
            expect(new LeakScanner([given, given.slice(0, 24), given.slice(-24)]).inText("text", String(one))).toEqual(
                [],
            );
            // What is left of a secret that was cut is short.
            expect(String(one)).not.toContain(given.slice(30, 41) || given);
        };
        const [first, second] = [shown(text, given), answered(text, given)];
        [first, second].forEach(holdsNone);
        if (text.length < 4000) {
            expect(first).toContain(mark);
            expect(second).toContain(mark);
        }
    });

    test.each([
        ["numbers", [...Buffer.from(secret)]],
        ["characters", Array.from(secret)],
        ["a buffer", Buffer.from(secret).toJSON()],
    ])("from %s in a list of JSON", (_, list) => {
        expect(JSON.stringify(answered(list))).toContain(mark);
        expect(JSON.stringify(answered([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toBe("[1,2,3,4,5,6,7,8,9]");
    });

    test("but not from our own words, and what is no secret stays as it is", () => {
        const redactor = new Redactor(["atlassian", "verified", secret]);
        const words = [
            "https://api.atlassian.com/ex/jira/1+2",
            "verified 100 %25 &amp; more",
            "a\\b",
            "=20 = 1,2,3,4,5,6,7",
        ];
        expect(redactor.leaving({ words, n: [1, null, true] })).toEqual({ words, n: [1, null, true] });
        expect(redactor.leaving(`verified: ${base64(secret)}`)).toBe(`verified: ${mark}`);
    });

    test("with a text cut between words, and one without words left out", () => {
        const long = "word ".repeat(2000);
        expect(answered(long)).toMatch(/^(?:word )+word…$/);
        expect(String(answered(long)).length).toBeLessThanOrEqual(4096);
        expect(answered("x".repeat(5000))).toBe(`${mark}…`);
    });

    test("from diagnostics, what turns the direction of writing", () => {
        const message = "a\u202eb\u2066c\u200fd\u061ce\u2028f\u001b[2Jg\nh";
        expect(describeProblem({ kind: "badAnswer", code: "bad-answer", argument: "url", message })).toBe(
            "url: abcdef [2Jg\nh [bad-answer]",
        );
        expect(new ConnectionError([{ kind: "badAnswer", code: "bad-answer", message }]).message).toBe(
            "abcdef [2Jg\nh [bad-answer]",
        );
    });

    test("from a number of a JSON answer, and from its keys", () => {
        const { text } = new Redactor(["20240917", secret]).answer({
            status: 200,
            headers: {},
            text: `{"id":20240917,"other":7,"${secret}":1,"a":["20240917"]}`,
        });
        expect(JSON.parse(text)).toEqual({ id: mark, other: 7, [mark]: 1, a: [mark] });
    });

    test("from encodings that lie over each other, and what holds none stays as it is", () => {
        const printable = fc.string({
            unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
            minLength: 12,
            maxLength: 40,
        });
        // Capitals over Base64 are no encoding: nobody could read it again.
        const readable = encodings.filter(([name]) => name !== "in capitals");
        const order = fc.array(fc.integer({ min: 0, max: readable.length - 1 }), { minLength: 1, maxLength: 3 });
        fc.assert(
            fc.property(printable, order, (given, which) => {
                const text = which.reduce((at, index) => readable[index]?.[1](at) ?? at, given);
                const body = answered({ ok: true, list: [{ text }], site: "Acme Platform" }, given) as {
                    ok: unknown;
                    list: { text: string }[];
                    site: unknown;
                };
                expect([body.ok, body.site]).toEqual([true, "Acme Platform"]);
                expect(body.list[0]?.text).toContain(mark);
            }),
            { numRuns: 500 },
        );
    });
});

/** Random bytes that are the same in each run. */
const noise = (length: number): Buffer => createHash("shake256", { outputLength: length }).update("redaction").digest();

describe("What a host answers keeps nobody else waiting", () => {
    const kinds: readonly [string, unknown][] = [
        ["Base64", noise(780_000).toString("base64")],
        [
            "Base64 in short texts",
            noise(700_000)
                .toString("base64")
                .match(/.{1,4000}/g),
        ],
        [
            "hexadecimal digits",
            noise(500_000)
                .toString("hex")
                .match(/.{1,32}/g),
        ],
        ["encodings of every kind in one another", nest("pl4nted-other", 7)],
        ["lists of numbers", [...noise(250_000)]],
        ["signs that many decoders know", "+&amp;%41\\u0041\\101=41\\-".repeat(35_000)],
    ];

    test.each(kinds)("a body of %s is not decoded when it comes", (_, body) => {
        const redactor = new Redactor([secret, token]);
        redactor.answer({ status: 200, headers: {}, text: JSON.stringify({ body }) });
        expect(redactor.work).toBe(0);
    });

    test.each(kinds)(
        "texts of %s that leave are decoded up to a limit, and what was not decoded is not shown",
        (_, body) => {
            const redactor = new Redactor([secret, token]);
            const hidden = [body, base64(base64(secret))];
            const text = JSON.stringify(redactor.leaving(hidden));
            expect(redactor.work).toBeLessThan(1_600_000);
            expect(text).not.toContain(base64(base64(secret)));
        },
    );

    test("a body in which the secret stands everywhere is cleaned, in each linear form", () => {
        const forms = [
            secret,
            base64(`u:${secret}`),
            hex(secret),
            encodeURIComponent(`${secret}+`),
            bytes(secret, (byte) => `%${hexByte(byte)}`),
        ];
        for (const form of forms) {
            const redactor = new Redactor([secret]);
            const text = JSON.stringify(Array.from({ length: 500 }, (__, at) => `${at} ${form} ${at}`));
            const clean = redactor.answer({ status: 200, headers: { "x-echo": form }, text });
            expect(new LeakScanner([secret]).inText("answer", JSON.stringify(clean))).toEqual([]);
            expect([clean.text.split(mark).length, redactor.work]).toEqual([501, 0]);
        }
    });
});

/** A text in encodings that lie over each other, beside signs that others know. */
function nest(text: string, depth: number): string {
    const inner = depth === 0 ? text : nest(text, depth - 1);
    const encode = [base64, encodeURIComponent, hex, (one: string) => JSON.stringify(one)][depth % 4] ?? base64;
    return `${encode(inner)} +&amp;%41\\u0041\\x41=41`;
}
