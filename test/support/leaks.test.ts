import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { LeakScanner } from "./leaks";

const secret = 'k7+/=Qz%&:<w>"\\J~ ünb9Xe4Rt0Yp2';
const long = "ATSTT3xFfGF0Zk4bH1mS9qLw7Vd2Xy8Rt5Np3Cj6Gf0Ke1Ua4Bi7Mo=5F3A9C21";
const encoded = (value: string): string => new URLSearchParams({ value }).toString().slice("value=".length);

describe("the search for leaked secrets", () => {
    const scanner = new LeakScanner([secret, long]);

    test.each<[string, string]>([
        ["as it is", secret],
        ["in a URL", `https://example.com/?s=${encodeURIComponent(secret)}&x=1`],
        ["in a URL, with lower-case digits", encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
        ["in a form", `grant_type=client_credentials&${new URLSearchParams({ client_secret: secret }).toString()}`],
        ["in JSON", JSON.stringify({ clientSecret: secret })],
        ["in JSON within JSON", JSON.stringify({ text: JSON.stringify({ clientSecret: secret }) })],
        [
            "in JSON as Go writes it",
            JSON.stringify(secret).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
        ],
        [
            "in JSON within JSON as Go writes it",
            JSON.stringify(
                JSON.stringify(secret).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
            ),
        ],
        [
            "in HTML",
            `<p>${secret.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;")}</p>`,
        ],
        ["in Base64, at the beginning", Buffer.from(`${secret} and more`).toString("base64")],
        ["in Base64, one byte later", Buffer.from(`x${secret} and more`).toString("base64")],
        ["in Base64, two bytes later", Buffer.from(`xy${secret}, and more`).toString("base64")],
        ["in Base64 for URLs", Buffer.from(`a${secret}`).toString("base64url")],
        ["in a Basic header", `Basic ${Buffer.from(`user:${secret}`).toString("base64")}`],
        ["in a Basic header, form-encoded", `Basic ${Buffer.from(`user:${encoded(secret)}`).toString("base64")}`],
        ["in hexadecimal", Buffer.from(secret).toString("hex")],
        ["in hexadecimal, in capitals", Buffer.from(secret).toString("hex").toUpperCase()],
        ["cut short by the engine", `[secret: ${long.slice(0, 40)}...`],
        ["without its beginning", long.slice(20)],
        ["in Base64, cut short", Buffer.from(`user:${long}`).toString("base64").slice(0, 60)],
    ])("finds one %s", (_, text) => {
        expect(scanner.inText("output", `before ${text} after`)).not.toEqual([]);
    });

    test("finds the end of a secret in Base64 whatever comes before and after it", () => {
        for (let before = 0; before < 6; before++) {
            for (let after = 0; after < 6; after++) {
                const text = Buffer.from("x".repeat(before) + secret + "y".repeat(after)).toString("base64");
                expect(scanner.inText("output", text)).not.toEqual([]);
            }
        }
    });

    test("finds one in a file, in a packed file and in the name of a file", () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "leaks-"));
        try {
            const files = { plain: `x${long}x`, packed: gzipSync(`x${long}x`), [long]: "", clean: "nothing here" };
            Object.entries(files).forEach(([name, content]) => fs.writeFileSync(path.join(folder, name), content));
            const found = scanner.inFiles(Object.keys(files).map((name) => path.join(folder, name)));
            const places = new Set(found.map(({ where }) => (where.startsWith(folder) ? path.basename(where) : where)));
            expect([...places].sort()).toEqual(["packed", "plain", "the name of a file"]);
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
    });

    test("finds nothing where nothing is, and tells a leak without printing it", () => {
        expect(scanner.inText("output", "Resources:\n    + 8 to create\n")).toEqual([]);
        const [leak] = scanner.inText("output", secret);
        expect(leak).toMatchObject({ where: "output", encoding: "raw" });
        expect(new LeakScanner([secret]).inText("report", JSON.stringify(leak))).toEqual([]);
    });

    test("refuses secrets so short that every word would hold them", () => {
        expect(() => new LeakScanner(["abc"])).toThrow(/3 characters/);
    });
});
