import type { Reach } from "./addresses";

/**
 * What a connection can be. Desired is `verified`; `unreachable` and `unverified` say nothing about the credential.
 *
 * - `verified`: the vendor accepted the credential and everything that the program requires is there.
 * - `expiring`: verified, and its `expiresAt` is no more than `warnBeforeDays` away.
 * - `expired`: its `expiresAt` has passed.
 * - `rejected`: the vendor refused the credential.
 * - `insufficient`: a scope, a privilege, an organisation, a site or the access to a product is missing.
 * - `unsupported`: the vendor's product is older than the connection needs.
 * - `tenantChanged`: the same credential opens another account, organisation or site than the one on record.
 * - `unreachable`: the vendor could not be asked.
 * - `unverified`: the vendor was not asked about these arguments (`verify: "never"`).
 */
export type Status =
    | "verified"
    | "expiring"
    | "expired"
    | "rejected"
    | "insufficient"
    | "unsupported"
    | "tenantChanged"
    | "unreachable"
    | "unverified";

interface Kind {
    /** The status that a connection with such a problem has. */
    readonly status: Status;
    /** Whether it stops a connection that is new or changed: always, only where a property names the address, or never. */
    readonly stops: "always" | "named" | "never";
}

/** Every kind of problem, for all vendors and all entry points. The order is that of precedence. */
export const kinds = {
    invalidArgument: { status: "unverified", stops: "always" },
    secretMissing: { status: "unreachable", stops: "always" },
    credentialRefused: { status: "rejected", stops: "always" },
    expired: { status: "expired", stops: "always" },
    tenantChanged: { status: "tenantChanged", stops: "always" },
    tooOld: { status: "unsupported", stops: "always" },
    organizationMissing: { status: "insufficient", stops: "always" },
    siteMissing: { status: "insufficient", stops: "always" },
    accessMissing: { status: "insufficient", stops: "always" },
    scopeMissing: { status: "insufficient", stops: "always" },
    addressRefused: { status: "unreachable", stops: "always" },
    proxyRefused: { status: "unreachable", stops: "named" },
    hostNotFound: { status: "unreachable", stops: "named" },
    tlsFailed: { status: "unreachable", stops: "named" },
    connectFailed: { status: "unreachable", stops: "named" },
    redirected: { status: "unreachable", stops: "named" },
    badAnswer: { status: "unreachable", stops: "named" },
    connectionLost: { status: "unreachable", stops: "never" },
    serverFault: { status: "unreachable", stops: "never" },
    rateLimited: { status: "unreachable", stops: "never" },
    timedOut: { status: "unreachable", stops: "never" },
    internal: { status: "unreachable", stops: "always" },
} as const satisfies Record<string, Kind>;

/** A name from {@link kinds}. */
export type ProblemKind = keyof typeof kinds;

/** What stands between a connection and `verified`: data, never an exception, never with a secret's value. */
export interface Problem {
    readonly kind: ProblemKind;
    /** The argument at fault; empty where it is none. */
    readonly property: string;
    /** What was refused, why, and the next step. */
    readonly message: string;
}

/** Carries a {@link Problem} up to the verification that collects it. */
export class Fault extends Error {
    constructor(readonly problem: Problem) {
        super(problem.message);
        this.name = "Fault";
    }
}

/** Makes a {@link Fault}: `throw fault("tooOld", "url", "…")`. */
export function fault(kind: ProblemKind, property: string, message: string): Fault {
    return new Fault({ kind, property, message });
}

/** Whether a problem stops a connection that is new or whose arguments changed. */
export function stops({ kind, property }: Problem): boolean {
    const { stops: rule } = kinds[kind];
    return rule === "always" || (rule === "named" && property !== "");
}

/** The status that a list of problems amounts to: what the vendor refused outweighs what it could not be asked. */
export function statusOf(problems: readonly Problem[]): Status {
    const order = Object.keys(kinds) as ProblemKind[];
    const first = [...problems].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0];
    return first === undefined ? "verified" : kinds[first.kind].status;
}

/** `clientSecret: Jamf refused …`, the form in which every problem reaches a user. */
export function describe({ property, message }: Problem): string {
    return property === "" ? message : `${property}: ${message}`;
}

/**
 * What `create`, `update` and `read` throw: the engine prints the message, and in some calls the stack as well, so there is none.
 * It has no property `id`, which the engine would take for a half-made resource.
 */
export class ConnectionError extends Error {
    constructor(
        readonly problems: readonly Problem[],
        after = "",
    ) {
        super([...problems.map(describe), after].filter((line) => line !== "").join("\n"));
        this.name = "ConnectionError";
        this.stack = "";
    }
}

interface Reached {
    /** Host name (and port) as users know it. */
    readonly host: string;
    /** The argument that names the host; empty where the vendor's own host is meant. */
    readonly property: string;
    /** Whether the socket went to a proxy, and its host. */
    readonly proxy: string | undefined;
    /** What the deadline was, in seconds. */
    readonly seconds: number;
}

const unknownAuthority = ["its certificate is signed by an unknown authority", "Add that authority's certificate to tls.caCertificates."] as const;

/** What is wrong with a server's certificate, and what to do about it, by Node's code. */
const certificate: Readonly<Record<string, readonly [reason: string, step: string]>> = {
    CERT_HAS_EXPIRED: ["its certificate has expired", "Renew the certificate on the server."],
    CERT_NOT_YET_VALID: ["its certificate is not valid yet", "Check the clocks of this machine and of the server."],
    CERT_REVOKED: ["its certificate is revoked", "Replace the certificate on the server."],
    DEPTH_ZERO_SELF_SIGNED_CERT: ["its certificate is self-signed", "Add the certificate to tls.caCertificates, or install one of a known authority."],
    ERR_TLS_CERT_ALTNAME_INVALID: ["its certificate is for another host name", "Use a host name that the certificate covers, or replace the certificate on the server."],
    SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
    UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
};
const handshake = ["the TLS handshake failed", "Check that the server speaks TLS on this port."] as const;

/** How the code begins of an address that credentials are not sent to; what follows is the reach that does not take it. */
export const addressRefused = "ADDRESS_REFUSED:";
const refusedAddresses: Readonly<Record<Reach, string>> = {
    public: "a private, link-local, cloud metadata, multicast or reserved address",
    private: "a link-local, cloud metadata, multicast or reserved address",
    any: "a link-local, cloud metadata, multicast or reserved address",
    loopback: "an address of another machine, which plain http is not used for",
};

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
    // Of a proxy that does not open its tunnel: for vendors' answers, the verification's own deadline counts.
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_SOCKET",
]);

/** The code of a network fault, wherever the libraries put it. */
export function codeOf(error: unknown): string {
    // By its form: an error of another realm (a worker's, a test runner's) is no instance of this one's Error.
    let at = error as ({ name?: unknown; message?: unknown; code?: unknown; cause?: unknown; errors?: unknown } & object) | null | undefined;
    for (let depth = 0; typeof at === "object" && at !== null && depth < 5; at = at.cause as typeof at, depth++) {
        // undici calls this one an AbortError as well.
        if (/Proxy response/.test(String(at.message))) {
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

/** Turns whatever a network library threw into a problem; of its text nothing is kept but its code. */
export function networkProblem(error: unknown, { host, property, proxy, seconds }: Reached): Problem {
    const code = codeOf(error);
    const at = proxy === undefined ? host : `the proxy ${proxy}`;
    const named = proxy === undefined ? property : "proxyUrl";
    if (code === "TimeoutError" || code === "AbortError") {
        return {
            kind: "timedOut",
            property: "",
            message: `${host} gave no answer within ${seconds} s (timeoutSeconds). Run again, or raise timeoutSeconds.`,
        };
    }
    if (code.startsWith(addressRefused)) {
        const address = refusedAddresses[code.slice(addressRefused.length) as Reach];
        return {
            kind: "addressRefused",
            property: named,
            message: `${at} is or resolves to ${address}: no credential is sent there. Check the host name and its DNS entry.`,
        };
    }
    if (code === "PROXY") {
        const status = /\((\d{3})\)/.exec((error as Error).message)?.[1] ?? "";
        return {
            kind: "proxyRefused",
            property: "proxyUrl",
            message:
                `the proxy ${proxy ?? ""} refused to connect to ${host} (HTTP ${status}). ` +
                (status === "407" ? "It asks for a user and a password: put them into proxyUrl." : "Allow this host in the proxy, or set another proxyUrl."),
        };
    }
    if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
        return {
            kind: code === "ENOTFOUND" ? "hostNotFound" : "connectFailed",
            property: code === "ENOTFOUND" ? named : "",
            message: `${at} was not found (DNS: ${code}). Check its spelling and the DNS servers of this machine.`,
        };
    }
    if (code in certificate || /^(ERR_TLS|ERR_SSL|CERT_)/.test(code)) {
        const [reason, step] = certificate[code] ?? handshake;
        return {
            kind: "tlsFailed",
            property: named,
            message: `no trusted TLS connection to ${at}: ${reason} (${code}). ${step}`,
        };
    }
    if (/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code)) {
        return { kind: "connectionLost", property: "", message: `${at} closed the connection before it answered (${code}). Run again.` };
    }
    if (/^(HPE_|HTTP_PARSER|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)/.test(code)) {
        const whose = proxy === undefined ? "the vendor's host" : "an HTTP proxy, and that it reaches the vendor";
        return { kind: "badAnswer", property: named, message: `${at} did not answer in proper HTTP (${code}). Check that it is ${whose}.` };
    }
    if (transientCodes.has(code)) {
        return { kind: "connectFailed", property: named, message: `no connection to ${at} (${code}). Check the address, and that this machine can reach it.` };
    }
    return { kind: "internal", property: "", message: `the request to ${host} failed (${code || "no code"}). Report it as a bug of pulumi-connections.` };
}
