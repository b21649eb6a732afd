import fc from "fast-check";
import { mark, Redactor } from "../../provider/core/redact";
import { LeakScanner } from "../support/leaks";

const secret = "pl4nted-secret";
const token = "ATSTT3xFfGF0Zk4bH1mS9qLw7Vd2Xy8Rt5Np3Cj6Gf0Ke1Ua4Bi7Mo=5F3A9C21abcdefghijklmnopqrstuvwxyz0123456789";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const perCharacter = (text: string, write: (code: number) => string): string =>
    Array.from(text, (one) => write(one.codePointAt(0) ?? 0)).join("");

/** Ways in which a vendor, or what stands before it, may write down what it was sent. */
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
];

const shown = (text: string, given = secret): string => new Redactor([given]).text(text);

describe("A secret in an answer is taken out", () => {
    test.each(encodings)("from %s", (_, encode) => {
        expect(shown(`before ${encode(secret)} after`)).toContain(mark);
        expect(new LeakScanner([secret]).inText("text", shown(`before ${encode(secret)} after`))).toEqual([]);
    });

    // Each of these was let through by a decoder that knew only the strictest form.
    test.each([
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
    ])("from %s", (_, given, text) => {
        expect(shown(text, given)).toContain(mark);
        expect(new LeakScanner([given]).inText("text", shown(text, given))).toEqual([]);
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
        const layers = fc.array(fc.integer({ min: 0, max: readable.length - 1 }), { minLength: 1, maxLength: 3 });
        fc.assert(
            fc.property(printable, layers, (given, which) => {
                const text = which.reduce((at, index) => readable[index]?.[1](at) ?? at, given);
                const clean = new Redactor([given]).answer({
                    status: 200,
                    headers: {},
                    text: JSON.stringify({ ok: true, list: [{ text }], site: "Acme Platform" }),
                });
                const body = JSON.parse(clean.text) as { ok: unknown; list: { text: string }[]; site: unknown };
                expect([body.ok, body.site]).toEqual([true, "Acme Platform"]);
                expect(body.list[0]?.text).toContain(mark);
            }),
            { numRuns: 2000 },
        );
    });
});
