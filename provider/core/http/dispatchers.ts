// Connections to hosts, and to proxies before them.
import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import * as tls from "node:tls";
import type * as Undici from "undici";
import { isAllowed, type AddressPolicy } from "./address-policy";
import { addressRefused, proxyAuthentication } from "./network-problems";
import { undici } from "./undici";

/** The parts that distinguish one way to a host from another. */
export interface Route {
    readonly caCertificates?: string | undefined;
    readonly insecureSkipVerify?: boolean | undefined;
    readonly proxy: URL | undefined;
    readonly policy: AddressPolicy;
    /** The longest time to connect, in milliseconds, so that nothing is left of a verification that has ended. */
    readonly connectTimeoutMs: number;
}

/** The error for an address that credentials must not be sent to. */
export const refusedAddress = (policy: AddressPolicy): Error =>
    Object.assign(new Error("address refused"), { code: `${addressRefused}${policy}` });

/** True for a host that is a forbidden address, written out: it needs no DNS server. */
export function isRefusedAddress(hostname: string, policy: AddressPolicy): boolean {
    const literal = hostname.replace(/^\[|\]$/g, "");
    return isIP(literal) !== 0 && !isAllowed(literal, policy);
}

/**
 * Resolves names as Node does, without the addresses that credentials must not be sent to. So a later DNS answer cannot
 * add one.
 */
function guardedLookup(policy: AddressPolicy): LookupFunction {
    return (hostname, options, callback) => {
        lookup(hostname, { ...options, all: true }, (error, found) => {
            const addresses =
                (found as typeof found | undefined)?.filter(({ address }) => isAllowed(address, policy)) ?? [];
            const [first] = addresses;
            if (error !== null) {
                callback(error, "", 0);
            } else if (first === undefined) {
                callback(refusedAddress(policy), "", 0);
            } else if (options.all === true) {
                callback(null, addresses);
            } else {
                callback(null, first.address, first.family);
            }
        });
    };
}

/** A part of a URL, decoded: a per cent sign that escapes nothing is itself. */
function decoded(text: string): string {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
        try {
            return decodeURIComponent(run);
        } catch {
            return run;
        }
    });
}

/** The schemes that a proxy offers, without their parameters. */
function schemesIn(header: string | string[] | undefined): string {
    const bare = [header ?? []]
        .flat()
        .join(",")
        .replace(/"[^"]*"/g, "");
    const found = [...bare.matchAll(/(?:^|,)\s*([a-z][a-z0-9-]{0,20})(?=\s+[^\s=]|\s*(?:,|$))/gi)];
    return [...new Set(found.map(([, name = ""]) => name))].slice(0, 5).join(", ");
}

type Connect = (options: Undici.Dispatcher.ConnectOptions) => Promise<Undici.Dispatcher.ConnectData>;

/** Has a proxy's refusal say which schemes it offers: the library drops its headers. */
function reportingSchemes(pool: Undici.Pool): Undici.Pool {
    const connect: Connect = pool.connect.bind(pool);
    const reporting: Connect = async (options) => {
        const answer = await connect(options);
        if (answer.statusCode === 407) {
            answer.socket.on("error", () => undefined).destroy();
            const code = `${proxyAuthentication}${schemesIn(answer.headers["proxy-authenticate"])}`;
            throw Object.assign(new Error("proxy authentication"), { code });
        }
        return answer;
    };
    return Object.assign(pool, { connect: reporting });
}

/** The connections of one session. */
export class Dispatchers {
    private readonly dispatchers = new Map<string, Undici.Dispatcher>();

    /** The connections that go one way. */
    to(route: Route): Undici.Dispatcher {
        const key = JSON.stringify({ ...route, proxy: route.proxy?.href });
        const kept = this.dispatchers.get(key) ?? makeDispatcher(route);
        this.dispatchers.set(key, kept);
        return kept;
    }
}

function makeDispatcher({
    caCertificates,
    insecureSkipVerify,
    proxy,
    policy,
    connectTimeoutMs,
}: Route): Undici.Dispatcher {
    const { Agent, Pool, ProxyAgent } = undici();
    const secure = {
        // A few small calls gain nothing by HTTP/2, and its faults are its own.
        allowH2: false,
        timeout: connectTimeoutMs,
        // `ca` alone would replace the authorities that Node trusts by default.
        ...(caCertificates === undefined ? {} : { ca: [...tls.getCACertificates("default"), caCertificates] }),
        ...(insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
    };
    if (proxy === undefined) {
        return new Agent({
            allowH2: false,
            connect: { ...secure, lookup: guardedLookup(policy) } as Undici.buildConnector.BuildOptions,
        });
    }
    const { username, password, origin } = proxy;
    const user = `${decoded(username)}:${decoded(password)}`;
    return new ProxyAgent({
        allowH2: false,
        uri: origin,
        requestTls: secure,
        proxyTls: { ...secure, lookup: guardedLookup("any") } as Undici.buildConnector.BuildOptions,
        clientFactory: (at, options) =>
            reportingSchemes(new Pool(at, { ...options, headersTimeout: connectTimeoutMs })),
        ...(username === "" ? {} : { token: `Basic ${Buffer.from(user).toString("base64")}` }),
    });
}
