import fs from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Project } from "./project";

/** A secret that was found where none may be. */
export interface Leak {
    /** The file, or the name of the text. */
    readonly where: string;
    /** How it was written, such as `base64 of form`. */
    readonly encoding: string;
    /** Which one it was: its place, its beginning and its length, so that a failing test does not print it. */
    readonly secret: string;
}

interface Needle {
    readonly text: string;
    readonly encoding: string;
    readonly secret: string;
}

// What an engine cuts short is a leak all the same.
const excerptLength = 24;
const shortest = 8;

/** How programs write a text into others: the encodings that keep it readable to whoever looks for it. */
function texts(secret: string): Record<string, string> {
    const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
    const asGo = (text: string): string => text.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
    const json = quoted(secret);
    return {
        raw: secret,
        url: encodeURIComponent(secret),
        "url, lower case": encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
        form: new URLSearchParams({ value: secret }).toString().slice("value=".length),
        json,
        "json in json": quoted(json),
        "json as Go writes it": asGo(json),
        "json in json as Go writes it": quoted(asGo(json)),
        html: secret.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;"),
    };
}

/** How bytes are written: Base64 as it comes out wherever the text lies within a longer one (a Basic header has a user before it), and hexadecimal. */
function bytesOf(text: string): Record<string, string> {
    const bytes = Buffer.from(text);
    const aligned = [0, 1, 2].map((shift) => {
        const whole = Buffer.concat([Buffer.alloc(shift), bytes])
            .toString("base64")
            .replace(/=+$/, "");
        const first = Math.ceil((shift * 8) / 6);
        // The last character also depends on what follows, where the bytes do not end with it.
        return whole.slice(first, (shift + bytes.length) % 3 === 0 ? undefined : -1);
    });
    return {
        ...Object.fromEntries(aligned.map((base64, shift) => [`base64 at ${shift}`, base64])),
        ...Object.fromEntries(
            aligned.map((base64, shift) => [`base64url at ${shift}`, base64.replace(/\+/g, "-").replace(/\//g, "_")]),
        ),
        hex: bytes.toString("hex"),
        HEX: bytes.toString("hex").toUpperCase(),
    };
}

/** Looks for secrets in texts and files, raw and encoded. */
export class LeakScanner {
    private readonly needles: Needle[];

    /** @param secrets Credentials and tokens, of eight characters or more. */
    constructor(secrets: Iterable<string>) {
        const found = new Map<string, Needle>();
        for (const [at, secret] of [...new Set(secrets)].entries()) {
            if (secret.length < shortest) {
                throw new Error(`A secret of ${secret.length} characters would be found in ordinary words`);
            }
            const name = `no. ${at + 1}, ${secret.slice(0, 4)}… (${secret.length} characters)`;
            const parts: Record<string, string> = { "": secret };
            if (secret.length > excerptLength * 2) {
                parts["the beginning, "] = secret.slice(0, excerptLength);
                parts["the end, "] = secret.slice(-excerptLength);
            }
            for (const [part, value] of Object.entries(parts)) {
                for (const [form, text] of Object.entries(texts(value))) {
                    for (const [encoding, needle] of Object.entries({ "": text, ...bytesOf(text) })) {
                        const told =
                            part + (encoding === "" ? form : form === "raw" ? encoding : `${encoding} of ${form}`);
                        found.set(needle, found.get(needle) ?? { text: needle, encoding: told, secret: name });
                    }
                }
            }
        }
        this.needles = [...found.values()];
    }

    /** The secrets in a text. */
    inText(where: string, text: string | Buffer): Leak[] {
        const content = typeof text === "string" ? text : text.toString("utf8");
        return this.needles
            .filter((needle) => content.includes(needle.text))
            .map(({ encoding, secret }) => ({ where, encoding, secret }));
    }

    /** The secrets in files, and in their names. Packed files are unpacked. */
    inFiles(files: Iterable<string>): Leak[] {
        return [...files].flatMap((file) => {
            const content = fs.readFileSync(file);
            const packed = content[0] === 0x1f && content[1] === 0x8b;
            return [
                ...this.inText("the name of a file", file),
                ...this.inText(file, packed ? gunzipSync(content) : content),
            ];
        });
    }

    /** The secrets in everything that runs have left behind in a project, in its exported state, and in what they printed. */
    async inProject(project: Project, printed: readonly string[]): Promise<Leak[]> {
        return [
            ...this.inText("the exported state", JSON.stringify(await project.exportState())),
            ...printed.flatMap((output, at) => this.inText(`output ${at + 1}`, output)),
            ...this.inFiles(project.files()),
        ];
    }
}
