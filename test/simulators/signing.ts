// Keys, certificates and signed JWTs, as vendors validate them: by Node alone, not by the library that signs them.
import "reflect-metadata";
import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, verify, webcrypto } from "node:crypto";
import { cryptoProvider, X509CertificateGenerator } from "@peculiar/x509";

const day = 24 * 60 * 60 * 1000;

/** A new RSA key, in PEM form. */
export function newKey(): string {
    return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
        type: "pkcs8",
        format: "pem",
    }) as string;
}

let common: string | undefined;
/** An RSA key that all simulated vendors of this process share, because a new one costs a good part of a second. */
export const commonKey = (): string => (common ??= newKey());

/** A certificate that its own key signs, in PEM form. */
export async function selfSigned(privateKey: string, name: string, days = 90): Promise<string> {
    cryptoProvider.set(webcrypto as never);
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const der = (key: ReturnType<typeof createPublicKey>, type: "spki" | "pkcs8"): Buffer =>
        key.export({ type: type as "spki", format: "der" });
    const secret = createPrivateKey(privateKey);
    const keys = {
        privateKey: await webcrypto.subtle.importKey("pkcs8", der(secret, "pkcs8"), algorithm, true, ["sign"]),
        publicKey: await webcrypto.subtle.importKey("spki", der(createPublicKey(secret), "spki"), algorithm, true, [
            "verify",
        ]),
    };
    const start = Math.floor(Date.now() / 1000) * 1000;
    const made = await X509CertificateGenerator.createSelfSigned({
        serialNumber: "01",
        name: `CN=${name}`,
        notBefore: new Date(start - day),
        notAfter: new Date(start + days * day),
        keys: keys as never,
        signingAlgorithm: algorithm,
    });
    return made.toString("pem");
}

/** A JWT in its parts. */
export interface Jwt {
    readonly header: Readonly<Record<string, unknown>>;
    readonly claims: Readonly<Record<string, unknown>>;
    /** True where the public key belongs to the one that has signed it. */
    readonly isSignedBy: (publicKey: string) => boolean;
}

const forms: Readonly<Record<string, object>> = {
    RS256: {},
    PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    ES256: { dsaEncoding: "ieee-p1363" },
};

/** Reads a JWT; undefined where it is not one. */
export function readJwt(text: string | undefined): Jwt | undefined {
    const [head = "", payload = "", signature = "", ...rest] = (text ?? "").split(".");
    try {
        const part = (encoded: string) =>
            JSON.parse(Buffer.from(encoded, "base64url").toString()) as Record<string, unknown>;
        const [header, claims] = [part(head), part(payload)];
        const form = forms[String(header["alg"])];
        return form === undefined || rest.length > 0
            ? undefined
            : {
                  header,
                  claims,
                  isSignedBy: (publicKey) =>
                      verify(
                          "sha256",
                          Buffer.from(`${head}.${payload}`),
                          { key: createPublicKey(publicKey), ...form },
                          Buffer.from(signature, "base64url"),
                      ),
              };
    } catch {
        return undefined;
    }
}
