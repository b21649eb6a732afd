// JWTs signed by a definition's key, validated as a vendor does it: by Node alone, not by the library that signs them.
import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { parseJson } from "../core/json";

/** True for a private key. */
export const isPrivateKey = (secret: string): boolean => /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(secret);

/** Another key of the same kind, in PEM form. */
export function anotherKey(pem: string): string {
    const { asymmetricKeyType, asymmetricKeyDetails: { modulusLength = 2048 } = {} } = createPrivateKey(pem);
    const { privateKey } =
        asymmetricKeyType === "ec"
            ? generateKeyPairSync("ec", { namedCurve: "prime256v1" })
            : generateKeyPairSync("rsa", { modulusLength });
    return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

/** The JWTs in a text that a private key has signed and that have not ended. */
export function signedIn(text: string, pem: string): readonly string[] {
    return (text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []).filter((jwt) => isSigned(jwt, pem));
}

const forms = {
    RS256: {},
    PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    ES256: { dsaEncoding: "ieee-p1363" },
} as const;

function isSigned(jwt: string, pem: string): boolean {
    const [head = "", payload = "", signature = ""] = jwt.split(".");
    const { alg } = decoded(head) as { readonly alg?: keyof typeof forms };
    const { exp = 0 } = decoded(payload) as { readonly exp?: number };
    const form = alg && forms[alg];
    const key = { key: createPublicKey(createPrivateKey(pem)), ...form };
    const isValid = verify("sha256", Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, "base64url"));
    return form !== undefined && isValid && exp * 1000 > Date.now();
}

const decoded = (part: string): object => Object(parseJson(Buffer.from(part, "base64url").toString())) as object;
