// Turns errors of network libraries into problems.
import type { Problem } from "../../define/contracts";
import type { AddressPolicy } from "./address-policy";

interface Reached {
    /** Host name (and port) as users know it. */
    readonly host: string;
    /** The argument that names the host; undefined where the vendor's own host is meant. */
    readonly argument: string | undefined;
    /** The host of the proxy that the socket went to; undefined without a proxy. */
    readonly proxy: string | undefined;
    /** True where the proxy was sent a user. */
    readonly hasProxyUser: boolean;
    /** The deadline, in seconds. */
    readonly seconds: number;
}

const unknownAuthority = [
    "its certificate is signed by an unknown authority",
    "Add that authority's certificate to tls.caCertificates.",
] as const;

/** The advice where a host that no argument names does not answer as it should. */
export const portalAdvice = "Check whether a proxy or a login page of this network answers in its place.";

/** The faults of a server's certificate, with advice, by Node's code. */
const certificate: Readonly<Record<string, readonly [reason: string, step: string]>> = {
    CERT_HAS_EXPIRED: ["its certificate has expired", "Renew the certificate on the server."],
    CERT_NOT_YET_VALID: ["its certificate is not valid yet", "Check the clocks of this machine and of the server."],
    CERT_REVOKED: ["its certificate is revoked", "Replace the certificate on the server."],
    DEPTH_ZERO_SELF_SIGNED_CERT: [
        "its certificate is self-signed",
        "Add the certificate to tls.caCertificates, or install one of a known authority.",
    ],
    ERR_TLS_CERT_ALTNAME_INVALID: [
        "its certificate is for another host name",
        "Use a host name that the certificate covers, or replace the certificate on the server.",
    ],
    SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
    UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
};
const handshake = ["the TLS handshake failed", "Check that the server speaks TLS on this port."] as const;

/** The beginning of the code for an address that credentials are not sent to; the policy that refuses it follows. */
export const addressRefused = "ADDRESS_REFUSED:";
const refusedAddresses: Readonly<Record<AddressPolicy, string>> = {
    public: "a private, link-local, cloud metadata, multicast or reserved address",
    private: "a link-local, cloud metadata, multicast or reserved address",
    any: "a link-local, cloud metadata, multicast or reserved address",
    loopback: "an address of another machine, which plain http is not used for",
    inside: "an address outside of private networks, which plain http is not used for",
};

/** The beginning of the code for a proxy that wants another user; the schemes that it offers follow. */
export const proxyAuthentication = "PROXY_AUTHENTICATION:";

/** Codes of faults that pass: the request may be sent again. */
export const transientCodes: ReadonlySet<string> = new Set([
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EPIPE",
    "ETIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    // From a proxy that does not open its tunnel: for vendors' answers, the verification's own deadline counts.
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_SOCKET",
]);

/** The code of a network fault, wherever the libraries put it. */
export function codeOf(error: unknown): string {
    // By its form: an error of another realm (a worker's, a test runner's) is not an instance of this one's Error.
    let at = error as
        | ({ name?: unknown; message?: unknown; code?: unknown; cause?: unknown; errors?: unknown } & object)
        | null
        | undefined;
    for (let depth = 0; typeof at === "object" && at !== null && depth < 5; at = at.cause as typeof at, depth++) {
        // undici calls this one an AbortError as well.
        if (/Proxy (response|Authentication Required) \(/.test(String(at.message))) {
            return "PROXY";
        }
        if (at.name === "TimeoutError" || at.name === "AbortError") {
            return at.name;
        }
        if (at.name === "HTTPParserError") {
            return "HTTP_PARSER";
        }
        const [inner] = Array.isArray(at.errors) ? (at.errors as ({ code?: unknown } | undefined)[]) : [];
        const code = at.code ?? inner?.code;
        if (typeof code === "string" && code !== "UND_ERR_ABORTED") {
            return code;
        }
    }
    return "";
}

/** The advice for a proxy that wants another user. */
function userAdvice({ hasProxyUser }: Reached, schemes: string): string {
    const offer = schemes === "" ? "" : ` It offers ${schemes}.`;
    if (schemes !== "" && !/\bbasic\b/i.test(schemes)) {
        return `It does not accept a user and password as Basic sends them.${offer} Allow Basic in the proxy, or set another proxyUrl.`;
    }
    return hasProxyUser
        ? `It refuses the user and the password that it was sent.${offer} Correct them in proxyUrl.`
        : `It needs a user and a password: put them into proxyUrl.${offer}`;
}

/** Turns an error of a network library into a problem; only the code of its text is kept. */
export function networkProblem(error: unknown, reached: Reached): Problem {
    const { host, argument, proxy, seconds } = reached;
    const code = codeOf(error);
    const at = proxy === undefined ? host : `the proxy ${proxy}`;
    const named = proxy === undefined ? argument : "proxyUrl";
    if (code === "TimeoutError" || code === "AbortError") {
        return {
            kind: "timedOut",
            code: "timed-out",
            message: `${host} gave no answer within ${seconds} s (timeoutSeconds). Run again, or raise timeoutSeconds.`,
        };
    }
    if (code.startsWith(addressRefused)) {
        const address = refusedAddresses[code.slice(addressRefused.length) as AddressPolicy];
        return {
            kind: "addressRefused",
            code: "address-refused",
            argument: named,
            message: `${at} is or resolves to ${address}: no credential is sent there. Check the host name and its DNS entry.`,
        };
    }
    if (code === "PROXY" || code.startsWith(proxyAuthentication)) {
        const status = code === "PROXY" ? (/\((\d{3})\)/.exec((error as Error).message)?.[1] ?? "") : "407";
        const step =
            status === "407"
                ? userAdvice(reached, code.slice(proxyAuthentication.length))
                : "Allow this host in the proxy, or set another proxyUrl.";
        const message = `the proxy ${proxy ?? ""} refused to connect to ${host} (HTTP ${status}). ${step}`;
        return { kind: "proxyRefused", code: "proxy-refused", argument: "proxyUrl", message };
    }
    if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
        return {
            kind: code === "ENOTFOUND" ? "hostNotFound" : "connectFailed",
            code: "host-not-found",
            argument: code === "ENOTFOUND" ? named : undefined,
            message: `${at} was not found (DNS: ${code}). Check its spelling and the DNS servers of this machine.`,
        };
    }
    if (code in certificate || /^(ERR_TLS|ERR_SSL|CERT_)/.test(code)) {
        const [reason, step] = certificate[code] ?? handshake;
        return {
            kind: "tlsFailed",
            code: "tls-failed",
            argument: named,
            message: `no trusted TLS connection to ${at}: ${reason} (${code}). ${step}`,
        };
    }
    if (/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code)) {
        return {
            kind: "connectionLost",
            code: "connection-lost",
            message: `${at} closed the connection before it answered (${code}). Run again.`,
        };
    }
    if (/^(HPE_|HTTP_PARSER|ERR_ASSERTION|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)/.test(code)) {
        const whose = proxy === undefined ? "the vendor's host" : "an HTTP proxy, and that it reaches the vendor";
        return {
            kind: "badAnswer",
            code: "http-invalid",
            argument: named,
            message: `${at} did not answer in proper HTTP (${code}). Check that it is ${whose}.`,
        };
    }
    if (transientCodes.has(code)) {
        return {
            kind: "connectFailed",
            code: "connect-failed",
            argument: named,
            message: `no connection to ${at} (${code}). Check the address, and that this machine can reach it.`,
        };
    }
    return {
        kind: "internal",
        code: "internal",
        message: `the request to ${host} failed (${code || "no code"}). Report it as a bug of pulumi-connections.`,
    };
}
