import { createHash } from "node:crypto";
import { lookup as resolve } from "node:dns";
import { readFileSync } from "node:fs";
import { isIP, type LookupFunction } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import { getProxyForUrl } from "proxy-from-env";
import type * as Undici from "undici";
import { allowed, isLoopback, type Reach } from "./addresses";
import { addressRefused, codeOf, fault, networkProblem, transientCodes } from "./errors";
import { backoff, TurnMissed, type Queue, type Queues } from "./queue";
import type { Endpoints } from "./settings";

/** How hosts are reached: what a program's `tls` and `proxyUrl` say, and where the connection's hosts may lie. */
export interface Transport {
    readonly caCertificates?: string | undefined;
    readonly insecureSkipVerify?: boolean | undefined;
    readonly proxyUrl?: string | undefined;
    readonly reach: Reach;
    /** How many calls may be under way to one host at once. */
    readonly concurrency: number;
    readonly endpoints: Endpoints;
}

/** One call to a vendor. */
export interface HttpRequest {
    readonly method: "GET" | "POST";
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    /** The argument that names the host; empty for the vendor's own. */
    readonly property: string;
}

/** What came back: never a redirect, a 407, a 408, a 425, a 429 or a 5xx, which {@link Http.send} turns into faults. */
export interface HttpAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly text: string;
}

const tries = 4;
const bodyLimit = 1024 * 1024;
const longestConnect = 10_000;
const longestPause = 365 * 24 * 60 * 60 * 1000;

const isRetried = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

// The path is that of the installed package: build/provider/http.js.
const { version } = require("../../package.json") as { version: string };

const dispatchers = new Map<string, Undici.Dispatcher>();

/** The authorities that Node trusts by default, which `ca` would otherwise replace. */
function defaultAuthorities(): string[] {
    const { getCACertificates } = tls as unknown as { getCACertificates?: (type: "default") => string[] };
    if (getCACertificates !== undefined) {
        return getCACertificates("default");
    }
    const extra = process.env["NODE_EXTRA_CA_CERTS"];
    return [...tls.rootCertificates, ...(extra === undefined || extra === "" ? [] : [readFileSync(extra, "utf8")])];
}

const refusedAddress = (reach: Reach): Error => Object.assign(new Error("address refused"), { code: `${addressRefused}${reach}` });

/**
 * What a promise comes to, or the signal's reason where that is first: a request that still waits for its connection does not hear its signal.
 * @param late Takes what comes too late.
 */
async function before<T>(signal: AbortSignal, work: Promise<T>, late: (value: T) => void = () => undefined): Promise<T> {
    let quit = (): void => undefined;
    const aborted = new Promise<never>((_, leave) => {
        quit = () => {
            work.then(late, () => undefined);
            leave(signal.reason as Error);
        };
        signal.addEventListener("abort", quit, { once: true });
        if (signal.aborted) {
            quit();
        }
    });
    try {
        return await Promise.race([work, aborted]);
    } finally {
        signal.removeEventListener("abort", quit);
    }
}

/** Resolves names as Node does and takes out addresses that credentials must not be sent to, so that no later answer of a name server gets through. */
function guardedLookup(reach: Reach): LookupFunction {
    return (hostname, options, callback) => {
        resolve(hostname, { ...options, all: true }, (error, found) => {
            const addresses = (found as typeof found | undefined)?.filter(({ address }) => allowed(address, reach)) ?? [];
            const [first] = addresses;
            if (error !== null) {
                callback(error, "", 0);
            } else if (first === undefined) {
                callback(refusedAddress(reach), "", 0);
            } else if (options.all === true) {
                callback(null, addresses);
            } else {
                callback(null, first.address, first.family);
            }
        });
    };
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

/** @param patience How long a connection may take to come about, in milliseconds: what a verification has given up does not linger. */
function dispatcherOf(transport: Transport, reach: Reach, proxy: URL | undefined, patience: number): Undici.Dispatcher {
    const key = JSON.stringify([transport.caCertificates, transport.insecureSkipVerify, proxy?.href, reach, patience]);
    const kept = dispatchers.get(key);
    if (kept !== undefined) {
        return kept;
    }
    // Loaded at the first call, for a process that only compares needs none of it.
    const { Agent, Pool, ProxyAgent } = require("undici") as typeof Undici;
    const secure = {
        timeout: patience,
        ...(transport.caCertificates === undefined ? {} : { ca: [...defaultAuthorities(), transport.caCertificates] }),
        ...(transport.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
    };
    let made: Undici.Dispatcher;
    if (proxy === undefined) {
        made = new Agent({ connect: { ...secure, lookup: guardedLookup(reach) } as Undici.buildConnector.BuildOptions });
    } else {
        const { username, password, origin } = proxy;
        const user = `${decoded(username)}:${decoded(password)}`;
        made = new ProxyAgent({
            uri: origin,
            requestTls: secure,
            proxyTls: { ...secure, lookup: guardedLookup("any") } as Undici.buildConnector.BuildOptions,
            clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: patience }),
            ...(username === "" ? {} : { token: `Basic ${Buffer.from(user).toString("base64")}` }),
        });
    }
    dispatchers.set(key, made);
    return made;
}

function header(answer: HttpAnswer, name: string): string | undefined {
    const value = answer.headers[name];
    return Array.isArray(value) ? value[0] : value;
}

// Retry-After goes before all others (RFC 9110; the drafts of RateLimit say so too). Atlassian prefixes what it still tries out.
const waitHeaders = ["retry-after", "ratelimit", "ratelimit-reset", "x-ratelimit-reset", "beta-retry-after", "beta-ratelimit", "x-beta-ratelimit-reset"] as const;

/** How long a vendor asks to wait, in milliseconds; dates count from the vendor's own clock. */
function pauseAsked({ headers }: HttpAnswer): number | undefined {
    const clock = Date.parse(String(headers["date"])) || Date.now();
    const read = (name: (typeof waitHeaders)[number]): number | undefined => {
        const text = [headers[name] ?? ""].flat().join(",").trim();
        if (name.endsWith("ratelimit")) {
            return quotaPause(text);
        }
        if (/^\d+(\.\d+)?$/.test(text)) {
            // A moment in milliseconds, a moment in seconds, or a length in seconds.
            const value = Number(text);
            return value > 1e11 ? value - clock : value > 1e9 ? value * 1000 - clock : value * 1000;
        }
        // Date.parse makes a date of almost any text.
        return /^([a-z]{3,9},? |\d{4}-\d{2}-\d{2}T)/i.test(text) && !Number.isNaN(Date.parse(text)) ? Date.parse(text) - clock : undefined;
    };
    const asked = waitHeaders.map(read).find((pause) => pause !== undefined);
    return asked === undefined ? undefined : Math.min(longestPause, Math.max(0, asked));
}

/**
 * What the header RateLimit of the IETF's drafts says, in milliseconds: `"burst";r=0;t=4, "hour";r=9;t=1800`, or up to draft 7 `limit=10, remaining=0, reset=4`.
 * Read by its parts alone, since no draft is settled and vendors' texts are of several.
 */
function quotaPause(text: string): number | undefined {
    const bare = text.replace(/"(\\.|[^"\\])*"/g, "name");
    const number = (policy: string, name: string): number | undefined => {
        const found = new RegExp(`(?:^|[;,\\s])${name}\\s*=\\s*(\\d+(?:\\.\\d+)?)`, "i").exec(policy)?.[1];
        return found === undefined ? undefined : Number(found);
    };
    const early = number(bare, "reset");
    if (early !== undefined) {
        return early * 1000;
    }
    const policies = bare.split(",").map((policy) => ({ left: number(policy, "r"), seconds: number(policy, "t") }));
    const timed = policies.filter(({ seconds }) => seconds !== undefined);
    const usedUp = timed.filter(({ left }) => left === 0);
    const seconds = (usedUp.length > 0 ? usedUp : timed).map((policy) => policy.seconds ?? 0);
    return seconds.length === 0 ? undefined : Math.max(...seconds) * 1000;
}

const round = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));

const tried = (times: number): string => (times < 2 ? "" : `, ${times} tries`);

/** The proxy that the environment names for a host, as curl reads it: one without a scheme is an HTTP proxy. */
function environmentProxy(target: URL): string | undefined {
    const found = getProxyForUrl(target.href);
    const isBare = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].some((name) => `https://${process.env[name] ?? ""}` === found);
    return found === "" ? undefined : isBare ? found.replace("https:", "http:") : found;
}

/** Whether a host is an address, written out, that must not be connected to: no name server is asked about it. */
function isRefused(hostname: string, reach: Reach): boolean {
    const literal = hostname.replace(/^\[|\]$/g, "");
    return isIP(literal) !== 0 && !allowed(literal, reach);
}

/** The calls of one verification: they share a deadline. */
export class Http {
    private readonly signal: AbortSignal;
    private readonly end: number;

    /** @param queues Those of the run that the verification belongs to. */
    constructor(
        private readonly transport: Transport,
        private readonly seconds: number,
        private readonly queues: Queues,
    ) {
        this.signal = AbortSignal.timeout(seconds * 1000);
        this.end = performance.now() + seconds * 1000;
    }

    /** What makes this way of reaching a host differ from others: a token got on one way is not used on another. */
    get identity(): string {
        const { caCertificates, insecureSkipVerify, proxyUrl, endpoints } = this.transport;
        return createHash("sha256").update(JSON.stringify([caCertificates, insecureSkipVerify, proxyUrl, endpoints])).digest("hex");
    }

    /**
     * Sends a request and reads its answer, at most four times: connect faults, 408, 425, 429 and 5xx pass.
     * @throws Fault whose message names the host and the next step.
     */
    async send(request: HttpRequest): Promise<HttpAnswer> {
        const { property } = request;
        const vendor = new URL(request.url);
        const { target, reach } = this.target(vendor, property);
        const proxy = this.proxy(target);
        const dispatcher = dispatcherOf(this.transport, reach, proxy, Math.min(longestConnect, this.seconds * 1000));
        const queue = this.queues.to(target.origin, this.transport.concurrency);
        queue.enter();
        const start = performance.now();
        for (let attempt = 1; ; attempt++) {
            let answer: HttpAnswer | undefined;
            let error: unknown;
            let sent: number | undefined;
            let asked: number | undefined;
            try {
                answer = await queue.run(this.signal, this.end, async () => {
                    sent = performance.now();
                    const got = await this.once(dispatcher, target, vendor.host, request);
                    asked = isRetried(got.status) ? pauseAsked(got) : undefined;
                    if (got.status === 429) {
                        queue.refused(sent, asked);
                    }
                    return got;
                });
            } catch (thrown) {
                error = thrown;
            }
            if (answer !== undefined && !isRetried(answer.status)) {
                return this.accepted(answer, vendor, property);
            }
            const now = performance.now();
            // What took most of the time is what came in between.
            if (sent === undefined || (this.signal.aborted && queue.hasPausedSince(start) && sent - start > now - sent)) {
                throw this.unsent(error, vendor, queue, start, attempt - 1);
            }
            // Jitter on what is asked for as well: many are told the same moment.
            const pause = answer?.status === 429 ? queue.rest : (asked ?? 0) + backoff(attempt);
            const final = attempt === tries || (error !== undefined && !transientCodes.has(codeOf(error))) || pause >= this.end - now;
            if (final || !queue.mayRetry()) {
                throw answer === undefined ? this.failed(error, vendor, property, proxy) : this.refused(answer, vendor, asked, attempt);
            }
            // Where the whole queue pauses, so does this call.
            if (answer?.status !== 429) {
                await sleep(pause, undefined, { signal: this.signal }).catch((thrown: unknown) => {
                    throw this.failed(thrown, vendor, property, proxy);
                });
            }
        }
    }

    /**
     * What somebody else has asked for, as long as this deadline lets it take.
     * @param url Where it was asked for.
     * @throws Fault that names the host.
     */
    async within<T>(work: Promise<T>, url: string): Promise<T> {
        const since = performance.now();
        try {
            return await before(this.signal, work);
        } catch (error) {
            if (!this.signal.aborted || error !== this.signal.reason) {
                throw error;
            }
            const vendor = new URL(url);
            const queue = this.queues.to(this.target(vendor, "").target.origin, this.transport.concurrency);
            throw queue.hasPausedSince(since) ? this.unsent(error, vendor, queue, since, 0) : this.failed(error, vendor, "", undefined);
        }
    }

    /** What came of a call that was still waiting for its turn. */
    private unsent(error: unknown, vendor: URL, queue: Queue, since: number, times: number): Error {
        if (error instanceof TurnMissed && error.pause?.asked === true) {
            return this.mustWait(vendor, 429, error.pause.until - performance.now(), true, times);
        }
        const late = `this connection's request could not be sent within ${this.seconds} s (timeoutSeconds)`;
        if (queue.hasPausedSince(since)) {
            return fault("rateLimited", "", `${vendor.host} has reached its rate limit (HTTP 429${tried(times)}), and ${late}. Run again later, or increase timeoutSeconds.`);
        }
        return fault("timedOut", "", `${vendor.host} is sent ${this.transport.concurrency} requests at once, and ${late}. Increase timeoutSeconds.`);
    }

    private failed(error: unknown, vendor: URL, property: string, proxy: URL | undefined): Error {
        if (error instanceof Error && error.name === "Fault") {
            return error;
        }
        const { kind, property: named, message } = networkProblem(error, { host: vendor.host, property, proxy: proxy?.host, seconds: this.seconds });
        return fault(kind, named, message);
    }

    private proxy(target: URL): URL | undefined {
        const { proxyUrl } = this.transport;
        const given = proxyUrl ?? (target.protocol === "https:" ? environmentProxy(target) : undefined);
        if (given === undefined) {
            return undefined;
        }
        if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
            const where = proxyUrl === undefined ? "HTTPS_PROXY of the environment" : "this";
            throw fault("proxyRefused", "proxyUrl", `${where} is not the URL of an HTTP proxy. Write it like http://proxy.example.com:3128.`);
        }
        const proxy = new URL(given);
        if (isRefused(proxy.hostname, "any")) {
            throw this.failed(refusedAddress("any"), proxy, "proxyUrl", undefined);
        }
        return proxy;
    }

    private target(vendor: URL, property: string): { target: URL; reach: Reach } {
        const prefix = this.transport.endpoints[vendor.origin];
        const target = prefix === undefined ? vendor : new URL(prefix.replace(/\/+$/, "") + vendor.pathname + vendor.search);
        if (target.protocol !== "https:" && !(target.protocol === "http:" && isLoopback(target.hostname))) {
            throw fault("addressRefused", property, `${vendor.host} would be reached over plain http, where anybody can read the credential. Use https.`);
        }
        const reach = target.protocol === "http:" ? "loopback" : prefix === undefined ? this.transport.reach : "any";
        if (isRefused(target.hostname, reach)) {
            throw this.failed(refusedAddress(reach), vendor, property, undefined);
        }
        return { target, reach };
    }

    private async once(dispatcher: Undici.Dispatcher, target: URL, host: string, { method, headers, body, property }: HttpRequest): Promise<HttpAnswer> {
        const { request } = require("undici") as typeof Undici;
        const answering = request(target, {
            dispatcher,
            method,
            headers: { ...headers, accept: "application/json", "accept-encoding": "identity", "user-agent": `pulumi-connections/${version}` },
            body: body ?? null,
            signal: this.signal,
            headersTimeout: 0,
            bodyTimeout: 0,
        });
        const answer = await before(this.signal, answering, (late) => late.body.on("error", () => undefined).destroy());
        const chunks: Buffer[] = [];
        let size = 0;
        const encoding = answer.headers["content-encoding"];
        const unreadable = encoding !== undefined && encoding !== "identity";
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
            size += chunk.length;
            if (size > bodyLimit || unreadable) {
                answer.body.destroy();
                const what = unreadable ? "with a body in an encoding that was not asked for" : "with a body of more than 1 MiB";
                throw fault("badAnswer", property, `${host} answered ${what}. Check that it is the vendor's host.`);
            }
            chunks.push(chunk);
        }
        return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString("utf8") };
    }

    private accepted(answer: HttpAnswer, vendor: URL, property: string): HttpAnswer {
        const { status } = answer;
        if (status >= 300 && status < 400) {
            const location = header(answer, "location");
            const offered = location === undefined ? "without an address" : URL.canParse(location, vendor.href) ? `to ${new URL(location, vendor).host}` : "to an invalid address";
            const step = property === "" ? "Check whether a proxy or a login page of this network answers in its place." : "Set the address of the server that answers itself.";
            throw fault("redirected", property, `${vendor.host} redirects ${offered} (HTTP ${status}), and no credential is sent to a redirect's target. ${step}`);
        }
        if (status === 407) {
            throw fault("proxyRefused", "proxyUrl", "the proxy asks for a user and a password (HTTP 407). Put them into proxyUrl.");
        }
        return answer;
    }

    private refused({ status }: HttpAnswer, vendor: URL, asked: number | undefined, attempt: number): Error {
        if (asked !== undefined && asked > 0) {
            return this.mustWait(vendor, status, asked, asked >= this.end - performance.now(), attempt);
        }
        return status === 429
            ? fault("rateLimited", "", `${vendor.host} has reached its rate limit (HTTP 429${tried(attempt)}). Run again later.`)
            : fault("serverFault", "", `${vendor.host} answered with a server error (HTTP ${status}${tried(attempt)}). Run again later; see the vendor's status page.`);
    }

    /** @param wait How long, in milliseconds. */
    private mustWait({ host }: URL, status: number, wait: number, isLong: boolean, times: number): Error {
        const until = new Date(Date.now() + wait).toISOString().replace(/\.\d+Z$/, "Z");
        const late = isLong ? ", longer than timeoutSeconds allows" : "";
        return fault("rateLimited", "", `${host} asks to wait until ${until}, ${round(wait)} s from now${late} (HTTP ${status}${tried(times)}). Run again then.`);
    }
}
