import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import {
    BasicConstraintsExtension,
    cryptoProvider,
    SubjectAlternativeNameExtension,
    X509CertificateGenerator,
} from "@peculiar/x509";
import type { TlsIdentity } from "../simulators/vendors";

type KeyPair = webcrypto.CryptoKeyPair;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 60 * 60 * 1000;

/** When a certificate holds, in days from today. */
export interface Validity {
    readonly from?: number;
    readonly to?: number;
}

function serial(): string {
    return Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex");
}

/** A private authority that signs certificates for loopback. */
export class Authority {
    private constructor(
        private readonly keys: KeyPair,
        private readonly name: string,
        /** Its own certificate, in PEM form. */
        readonly certificate: string,
    ) {}

    static async create(name = "Acme Test CA"): Promise<Authority> {
        cryptoProvider.set(webcrypto as never);
        const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
        const made = await X509CertificateGenerator.createSelfSigned({
            serialNumber: serial(),
            name: `CN=${name}`,
            notBefore: new Date(Date.now() - day),
            notAfter: new Date(Date.now() + 30 * day),
            keys: keys as never,
            signingAlgorithm: algorithm,
            extensions: [new BasicConstraintsExtension(true, undefined, true)],
        });
        return new Authority(keys, name, made.toString("pem"));
    }

    /** A certificate for these host names and addresses, and its key. */
    async issue(hosts: readonly string[], { from = -1, to = 30 }: Validity = {}): Promise<TlsIdentity> {
        const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
        const made = await X509CertificateGenerator.create({
            serialNumber: serial(),
            subject: `CN=${hosts[0] ?? "nobody"}`,
            issuer: `CN=${this.name}`,
            notBefore: new Date(Date.now() + from * day),
            notAfter: new Date(Date.now() + to * day),
            publicKey: keys.publicKey as never,
            signingKey: this.keys.privateKey as never,
            signingAlgorithm: algorithm,
            extensions: [
                new SubjectAlternativeNameExtension(
                    hosts.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? "ip" : "dns", value })),
                ),
            ],
        });
        const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
        const cert = made.toString("pem");
        if (!new X509Certificate(cert).checkIssued(new X509Certificate(this.certificate))) {
            throw new Error("The certificate does not come from its authority");
        }
        return {
            cert,
            key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`,
        };
    }
}
