import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Fault, fault } from "./errors";

/**
 * A secret by reference: resolved at each call, never stored. In the stack's state stands where it comes from and a keyed
 * fingerprint, so that a rotated secret is seen as a change. Made by {@link secretFrom}.
 */
export interface SecretReference {
    /** `env` for an environment variable, `file` for a file. */
    readonly secretFrom: "env" | "file";
    /** The variable's name or the file's path. */
    readonly name: string;
}

/** A secret as programs give it: its value, or a reference to it. */
export type Secret = string | SecretReference;

/** Names where a secret is to be read at each call, for an argument that takes a secret. */
export const secretFrom = {
    /**
     * The value of an environment variable, in the process that runs Pulumi.
     * @param name The variable's name, such as `JAMF_CLIENT_SECRET`.
     */
    env: (name: string): SecretReference => ({ secretFrom: "env", name }),
    /**
     * The content of a file, such as a mounted Kubernetes or Docker secret; white space at its end does not count.
     * @param path The file's path, absolute or from the program's folder.
     */
    file: (path: string): SecretReference => ({ secretFrom: "file", name: path }),
};

/** Whether an argument is a {@link SecretReference}. */
export function isReference(value: unknown): value is SecretReference {
    return typeof value === "object" && value !== null && "secretFrom" in value;
}

/** What a secret holds that was probably copied with it, or undefined. */
export function flawOf(value: string): string | undefined {
    if (value !== value.trim()) {
        return "starts or ends with white space, which was probably copied with it.";
    }
    return /\p{Cc}/u.test(value) ? "holds a control character, such as a line break, which was probably copied with it." : undefined;
}

/**
 * The secret's value at this moment.
 * @throws Fault of kind `secretMissing` that names the variable or the file.
 */
export function resolveSecret(property: string, secret: Secret): string {
    if (!isReference(secret)) {
        return secret;
    }
    const { secretFrom: source, name } = secret;
    if (source === "env") {
        // Not what every object has: a variable may be named like it.
        const value = Object.hasOwn(process.env, name) ? process.env[name] : undefined;
        if (value === undefined || value === "") {
            throw fault("secretMissing", property, `the environment variable ${name} is ${value === undefined ? "not set" : "empty"}. Set it to the secret.`);
        }
        return whole(property, `the environment variable ${name}`, value);
    }
    let text: string;
    try {
        text = readFileSync(name, "utf8").trimEnd();
    } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "unknown fault";
        throw fault("secretMissing", property, `the file ${name} cannot be read (${code}). Put the secret there, or name another file.`);
    }
    if (text === "") {
        throw fault("secretMissing", property, `the file ${name} is empty. Put the secret there, or name another file.`);
    }
    return whole(property, `the file ${name}`, text);
}

function whole(property: string, where: string, value: string): string {
    const flaw = flawOf(value);
    if (flaw !== undefined) {
        throw fault("secretMissing", property, `${where} ${flaw} Put the secret there, and nothing else.`);
    }
    return value;
}

/**
 * A keyed digest of a value. With the fingerprint of an earlier time, its key is taken again, so that equal values have equal fingerprints.
 */
export function fingerprint(value: string, earlier?: unknown): string {
    const key = typeof earlier === "string" && /^[0-9a-f]{32}:/.test(earlier) ? earlier.slice(0, 32) : randomBytes(16).toString("hex");
    return `${key}:${createHmac("sha256", Buffer.from(key, "hex")).update(value).digest("hex")}`;
}

/** Whether a fingerprint is that of a value. */
export function matches(value: string, earlier: string): boolean {
    const [given, expected] = [Buffer.from(earlier), Buffer.from(fingerprint(value, earlier))];
    return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Whether a secret is the one on record, by its content at this moment, wherever it comes from. One that cannot be read is where it is the same reference. */
export function isSameSecret(recorded: unknown, secret: unknown): boolean {
    let value: unknown;
    try {
        value = resolveSecret("", secret as Secret);
    } catch (error) {
        if (error instanceof Fault) {
            return isDeepStrictEqual(recorded, secret);
        }
        throw error;
    }
    if (typeof value !== "string" || !isReference(recorded)) {
        return recorded === value;
    }
    const { fingerprint: earlier } = recorded as { fingerprint?: string };
    return earlier !== undefined && matches(value, earlier);
}

const mark = "[secret]";

/** Every text in which a secret could come back: as it is, as URLs, forms, JSON and HTML have it, and each of these in Base64 at each alignment and in hexadecimal. */
function disguises(secret: string): string[] {
    const json = JSON.stringify(secret).slice(1, -1);
    const texts = [
        secret,
        encodeURIComponent(secret),
        new URLSearchParams({ s: secret }).toString().slice(2),
        json,
        JSON.stringify(json).slice(1, -1),
        json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
        secret.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;"),
    ];
    return [...new Set(texts)].flatMap((text) => [text, ...encodings(Buffer.from(text))]).filter((text) => text.length >= 6);
}

function encodings(bytes: Buffer): string[] {
    const base64 = [0, 1, 2].map((shift) => {
        const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
        const lead = [0, 2, 3][shift] ?? 0;
        const over = (bytes.length + shift) % 3;
        return text.slice(lead, text.length - (over === 0 ? 0 : 4 - over));
    });
    return [...base64, ...base64.map((text) => text.replace(/\+/g, "-").replace(/\//g, "_")), bytes.toString("hex")];
}

/**
 * Takes out of what came from a vendor what must not be shown: secrets, for vendors may echo what they were sent, and control characters, which
 * a terminal would obey.
 * @param secrets Credentials and tokens; those of fewer than six characters are left, since they would hit ordinary words.
 */
export function scrubber(secrets: Iterable<string>): <T>(value: T) => T {
    // Whatever the case of their letters: host names and escapes have no case of their own.
    const needles = [...new Set([...secrets].filter((secret) => secret.length >= 6).flatMap(disguises).map((needle) => needle.toLowerCase()))];
    needles.sort((a, b) => b.length - a.length);
    const without = (value: string, needle: string): string =>
        value.replace(new RegExp(needle.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "gi"), mark);
    const text = (value: string): string => {
        const small = value.toLowerCase();
        return needles.filter((needle) => small.includes(needle)).reduce(without, value).replace(/\p{Cc}+/gu, " ");
    };
    const walk = (value: unknown): unknown => {
        if (typeof value === "string") {
            return text(value);
        }
        if (Array.isArray(value)) {
            return value.map(walk);
        }
        if (typeof value === "object" && value !== null) {
            return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), walk(inner)]));
        }
        return value;
    };
    return <T>(value: T) => walk(value) as T;
}
