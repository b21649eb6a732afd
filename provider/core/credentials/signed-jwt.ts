// JWTs that a vendor's client signs with its private key.
import { createPrivateKey, randomUUID, X509Certificate, type KeyObject } from "node:crypto";
import type { Signature } from "../../define/credentials";
import type { SecretValue } from "../../define/fields";
import { fault } from "../problems";

/** The used part of `jose`, whose types CommonJS cannot resolve. */
interface Jose {
    readonly SignJWT: new (claims: object) => {
        setProtectedHeader(header: object): { sign(key: KeyObject): Promise<string> };
    };
}

const jose = require("./jose.cjs") as () => Promise<Jose>;

/** The most seconds that the vendor's clock may be behind this machine's. */
const skewSeconds = 30;

/** The lifetime of a JWT, in seconds. */
export const lifetimeOf = ({ lifetimeSeconds = 300 }: Signature): number => lifetimeSeconds;

/** The end of the key's certificate, where it has one. */
export const keyEnds = ({ certificate }: Signature): Date | undefined =>
    certificate === undefined ? undefined : new Date(new X509Certificate(certificate).validTo);

/** The name of the key's certificate in the header of a JWT. */
const thumbprintOf = (pem: string): string =>
    Buffer.from(new X509Certificate(pem).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");

/**
 * Signs a JWT.
 * @param claims The ordinary ones, such as its audience.
 * @throws Fault where the secret holds no key that can sign so.
 */
export async function signedJwt(key: SecretValue, signature: Signature, claims: object = {}): Promise<string> {
    const { algorithm, keyId, certificate, header, claims: own } = signature;
    const names = {
        ...(keyId !== undefined && { kid: keyId }),
        ...(certificate !== undefined && { "x5t#S256": thumbprintOf(certificate) }),
    };
    const privateKey = keyOf(key, algorithm);
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now - skewSeconds, nbf: now - skewSeconds, exp: now + lifetimeOf(signature) };
    const { SignJWT } = await jose();
    return new SignJWT({ ...claims, ...times, jti: randomUUID(), ...own })
        .setProtectedHeader({ alg: algorithm, typ: "JWT", ...names, ...header })
        .sign(privateKey);
}

/**
 * The texts of a private key that must not be shown: each of its lines, because a text may show only a part of the key.
 */
export function secretsOfKey(key: SecretValue): readonly string[] {
    const value = key.reveal();
    return [value, ...(linesOf(value)?.lines ?? [])];
}

const needs = {
    RS256: "an RSA key of at least 2048 bits",
    PS256: "an RSA key of at least 2048 bits",
    ES256: "a key on the curve P-256",
} as const;

function keyOf(key: SecretValue, algorithm: Signature["algorithm"]): KeyObject {
    const value = key.reveal();
    if (/ENCRYPTED/.test(value)) {
        const what = "is a private key that is encrypted with a passphrase, which cannot be given here.";
        throw fault(
            "secretMissing",
            "key-encrypted",
            key.argument,
            `${what} Write it without one: openssl pkey -in FILE.`,
        );
    }
    const pem = linesOf(value);
    const parsed = pem && readKey(`${pem.begin}\n${pem.lines.join("\n")}\n${pem.end}\n`);
    if (parsed === undefined) {
        const what = "is no private key in PEM form (-----BEGIN PRIVATE KEY-----).";
        throw fault(
            "secretMissing",
            "key-form",
            key.argument,
            `${what} Give the whole file, its first and its last line too.`,
        );
    }
    const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0, namedCurve } = {} } = parsed;
    const fits =
        algorithm === "ES256" ? type === "ec" && namedCurve === "prime256v1" : type === "rsa" && modulusLength >= 2048;
    if (!fits) {
        const what = `is a private key that cannot sign by ${algorithm}, which needs ${needs[algorithm]}.`;
        throw fault(
            "secretMissing",
            "key-unfit",
            key.argument,
            `${what} Make such a key, and give its public part to the vendor.`,
        );
    }
    return parsed;
}

function readKey(pem: string): KeyObject | undefined {
    try {
        return createPrivateKey(pem);
    } catch {
        return undefined;
    }
}

interface Pem {
    readonly begin: string;
    readonly lines: readonly string[];
    readonly end: string;
}

/** A private key in PEM form, also where its line breaks have become blanks, or `\n` as variables hold them. */
function linesOf(value: string): Pem | undefined {
    const [, begin, body, end] =
        /(-----BEGIN (?:RSA |EC )?PRIVATE KEY-----)(.+)(-----END (?:RSA |EC )?PRIVATE KEY-----)/s.exec(value) ?? [];
    const lines = body?.replace(/\\[nr]|\s/g, "").match(/.{1,64}/g);
    return begin === undefined || end === undefined || !lines ? undefined : { begin, lines, end };
}
