import * as http from "node:http";
import * as https from "node:https";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createHmac, randomBytes, timingSafeEqual, createHash, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { random } from "../support/seed";

const { between } = random();

/** What a vendor answers. A body that is not text or bytes is never given here: see {@link json}. */
export interface Answer {
    status: number;
    headers?: Record<string, string | string[]>;
    body?: string | Buffer;
}

/** A JSON answer as most vendors write it: compact. */
export function json(status: number, value: unknown, headers: Record<string, string | string[]> = {}): Answer {
    return {
        status,
        headers: { "content-type": "application/json;charset=UTF-8", ...headers },
        body: JSON.stringify(value),
    };
}

/** A plain text answer. */
export function text(status: number, body: string, headers: Record<string, string | string[]> = {}): Answer {
    return { status, headers: { "content-type": "text/plain;charset=UTF-8", ...headers }, body };
}

/** An HTML page, as vendors' front ends answer what they do not route. */
export function html(status: number, title: string): Answer {
    const page = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
    return { status, headers: { "content-type": "text/html;charset=UTF-8" }, body: page };
}

/** A list in arbitrary order, for what a vendor promises no order of. */
export function shuffled<T>(items: Iterable<T>): T[] {
    const list = [...items];
    for (let i = list.length - 1; i > 0; i--) {
        const j = between(0, i + 1);
        [list[i], list[j]] = [list[j]!, list[i]!];
    }
    return list;
}

/** The vendors' common clock: tokens are issued and expire by it, and the `Date` header shows it. */
export class VendorClock {
    private offsetMs = 0;

    /** Milliseconds since the epoch, as the vendors see it. */
    now(): number {
        return Date.now() + this.offsetMs;
    }

    /** Moves the vendors' clock, forwards or (negative) backwards. */
    advance(seconds: number): void {
        this.offsetMs += seconds * 1000;
    }

    /** Puts the vendors' clock right again. */
    reset(): void {
        this.offsetMs = 0;
    }
}

/** One request that a listener received. `status` stays 0 while it is unanswered, and for good when it never is. */
export interface LoggedRequest {
    /** The vendor origin that was meant, such as `https://auth.atlassian.com`. */
    readonly origin: string;
    readonly method: string;
    /** Path and query, as sent. */
    readonly path: string;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: string;
    readonly status: number;
    /** When it arrived, by the real clock. */
    readonly time: number;
    /** How many requests the same origin was serving at that moment, this one included. */
    readonly simultaneous: number;
    /** Milliseconds until it was answered or broke off; 0 before. */
    readonly durationMs: number;
    /** The vendor's own answer, patches included; undefined where a fault took its place. */
    readonly answer: Answer | undefined;
}

/** What to look for in the {@link RequestLog}; all that is given must match. */
export interface RequestFilter {
    origin?: string | RegExp;
    method?: string;
    path?: string | RegExp;
    status?: number;
}

function fits(pattern: string | RegExp | undefined, value: string): boolean {
    if (pattern === undefined) {
        return true;
    }
    return typeof pattern === "string"
        ? pattern === value
        : new RegExp(pattern.source, pattern.flags.replace("g", "")).test(value);
}

/** All requests to all vendors, in order of arrival. */
export class RequestLog implements Iterable<LoggedRequest> {
    private entries: LoggedRequest[] = [];
    private readonly peaks = new Map<string, number>();

    get length(): number {
        return this.entries.length;
    }

    [Symbol.iterator](): Iterator<LoggedRequest> {
        return this.entries[Symbol.iterator]();
    }

    /** The requests that match, oldest first. A string for `path` is compared with the path without its query. */
    matching(filter: RequestFilter = {}): LoggedRequest[] {
        return this.entries.filter(
            (entry) =>
                fits(filter.origin, entry.origin) &&
                (filter.method === undefined || filter.method === entry.method) &&
                (typeof filter.path === "string"
                    ? entry.path.split("?", 1)[0] === filter.path
                    : fits(filter.path, entry.path)) &&
                (filter.status === undefined || filter.status === entry.status),
        );
    }

    /** How many requests match. */
    count(filter: RequestFilter = {}): number {
        return this.matching(filter).length;
    }

    /** The most requests that an origin had open at once since the log was cleared. */
    maxConcurrent(origin: string): number {
        return this.peaks.get(origin) ?? 0;
    }

    /** Forgets all requests and peaks. */
    clear(): void {
        this.entries = [];
        this.peaks.clear();
    }

    /** For listeners: records a request. */
    add(entry: LoggedRequest): void {
        this.entries.push(entry);
        this.peaks.set(entry.origin, Math.max(this.peaks.get(entry.origin) ?? 0, entry.simultaneous));
    }
}

/** A request as a vendor's handler sees it. */
export class VendorRequest {
    readonly path: string;
    readonly query: URLSearchParams;

    constructor(
        readonly origin: string,
        readonly method: string,
        readonly target: string,
        readonly headers: http.IncomingHttpHeaders,
        readonly rawHeaders: readonly string[],
        readonly body: string,
    ) {
        const mark = target.indexOf("?");
        this.path = mark < 0 ? target : target.slice(0, mark);
        this.query = new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
    }

    /** One header's value; several of the same name are joined. */
    header(name: string): string | undefined {
        const value = this.headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(", ") : value;
    }

    /** The media type without its parameters, in lower case. */
    get mediaType(): string {
        return (this.header("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
    }

    /** The `Authorization` header in parts, or undefined when there is none. Sent twice it counts as malformed. */
    get authorization(): { scheme: "basic" | "bearer" | "other" | "malformed"; value: string } | undefined {
        const sent = this.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "authorization").length;
        if (sent === 0) {
            return undefined;
        }
        const match = /^(\S+) +(\S+)$/.exec(this.header("authorization") ?? "");
        if (sent > 1 || !match) {
            return { scheme: "malformed", value: "" };
        }
        const scheme = match[1]!.toLowerCase();
        return { scheme: scheme === "basic" || scheme === "bearer" ? scheme : "other", value: match[2]! };
    }

    /** The bearer token, if that is how the request authenticates. */
    get bearer(): string | undefined {
        const authorization = this.authorization;
        return authorization?.scheme === "bearer" ? authorization.value : undefined;
    }

    /** Name and password of Basic authentication, as they stand in the header (not form-decoded). */
    get basic(): { username: string; password: string } | undefined {
        const authorization = this.authorization;
        if (authorization?.scheme !== "basic" || !/^[A-Za-z0-9+/]+={0,2}$/.test(authorization.value)) {
            return undefined;
        }
        const decoded = Buffer.from(authorization.value, "base64").toString("utf8");
        const colon = decoded.indexOf(":");
        return colon < 0 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
    }
}

/** Decodes `application/x-www-form-urlencoded` text, or undefined when it is malformed. */
export function formDecode(encoded: string): string | undefined {
    try {
        return decodeURIComponent(encoded.replace(/\+/g, " "));
    } catch {
        return undefined;
    }
}

/**
 * The parameters of a token request, or what is wrong with it in the words of RFC 6749.
 * @param queried Names that its address may have, as a vendor's own clients send them.
 */
export function tokenParameters(
    request: VendorRequest,
    queried: readonly string[] = [],
): { parameters: Map<string, string> } | { problem: string } {
    if (request.mediaType !== "application/x-www-form-urlencoded") {
        return { problem: "The request body must be application/x-www-form-urlencoded" };
    }
    if (
        queried.length === 0
            ? request.target.includes("?")
            : [...request.query.keys()].some((name) => !queried.includes(name))
    ) {
        return { problem: "Parameters must be sent in the request body, not in the query" };
    }
    const parameters = new Map<string, string>();
    for (const pair of request.body.split("&").filter((part) => part !== "")) {
        const equals = pair.indexOf("=");
        const name = formDecode(equals < 0 ? pair : pair.slice(0, equals));
        const value = formDecode(equals < 0 ? "" : pair.slice(equals + 1));
        if (name === undefined || value === undefined) {
            return { problem: "The request body is malformed" };
        }
        if (parameters.has(name)) {
            return { problem: `The parameter "${name}" is included more than once` };
        }
        parameters.set(name, value);
    }
    return { parameters };
}

/** Compares secrets in constant time. */
export function sameSecret(a: string, b: string): boolean {
    const digest = (value: string) => createHash("sha256").update(value).digest();
    return timingSafeEqual(digest(a), digest(b));
}

const signingKey = randomBytes(32);

/** A token in the form of a JWT (HS256, by a key that nobody has). */
export function signJwt(claims: Record<string, unknown>): string {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
    return `${content}.${createHmac("sha256", signingKey).update(content).digest("base64url")}`;
}

/** The access tokens that one vendor host, region or server has issued; no other accepts them. */
export class AccessTokens<Grant> {
    private readonly live = new Map<string, { grant: Grant; expiresAt: number }>();
    /** Every token ever issued here, for tests that look for leaks. */
    readonly issued: string[] = [];

    constructor(private readonly clock: VendorClock) {}

    /** Records a token. */
    issue(token: string, grant: Grant, lifetimeSeconds: number): void {
        this.live.set(token, { grant, expiresAt: this.clock.now() + lifetimeSeconds * 1000 });
        this.issued.push(token);
    }

    /** What the token grants; undefined when it was not issued here, has expired or was revoked. */
    find(token: string | undefined): Grant | undefined {
        const found = token === undefined ? undefined : this.live.get(token);
        return found && found.expiresAt > this.clock.now() ? found.grant : undefined;
    }

    /** Whether the token was issued here, whatever has become of it. */
    knows(token: string | undefined): boolean {
        return token !== undefined && this.issued.includes(token);
    }

    /** Makes tokens invalid at once: all of them, or those whose grant matches. */
    revoke(which: (grant: Grant) => boolean = () => true): void {
        for (const [token, { grant }] of this.live) {
            if (which(grant)) {
                this.live.delete(token);
            }
        }
    }
}

/** Which requests a fault meets, and how often. All that is given must match; the query belongs to the path. */
export interface FaultMatch {
    method?: string | RegExp;
    path?: string | RegExp;
    /** Only requests for which this holds. */
    when?: (request: VendorRequest) => boolean;
    /** Spares the first n requests that match. */
    after?: number;
    /** Is over after n requests. */
    times?: number;
}

/** What goes wrong. */
export type FaultKind =
    /** Another answer than the vendor's own. A body that is not text or bytes is sent as JSON. */
    | { kind: "status"; status: number; headers?: Record<string, string | string[]>; body?: unknown }
    /** Answers late. */
    | { kind: "latency"; ms: number; jitterMs?: number }
    /** Takes the request and never answers. */
    | { kind: "hang" }
    /** Ends the connection with a TCP RST; `afterBytes` of the answer go first. */
    | { kind: "reset"; afterBytes?: number }
    /** Closes the connection in good order before any answer. */
    | { kind: "close" }
    /** Promises the whole body, sends half of it (or `bytes`), and closes. */
    | { kind: "truncate"; bytes?: number }
    /** Sends the answer's JSON cut in half, with a length that is right for what is sent. */
    | { kind: "truncatedJson" }
    /** Sends the body in small pieces with pauses: what Toxiproxy calls bandwidth and slicer. */
    | { kind: "drip"; bytes?: number; everyMs?: number }
    /** Sends the whole answer but ends it late. */
    | { kind: "slowClose"; ms: number }
    /** The right body under another content type; without one, none at all. */
    | { kind: "contentType"; contentType?: string }
    /** The right body in another form, under a Content-Encoding. */
    | { kind: "encoded"; encoding: string; pack: (body: Buffer) => Buffer }
    /** An HTML page, as a captive portal or a maintenance page. */
    | { kind: "html"; status?: number }
    /** Text that is no JSON, under a JSON content type. */
    | { kind: "invalidJson" }
    /** JSON nested this deep. */
    | { kind: "deepJson"; depth?: number }
    /** A body of this size, streamed without a length; JSON all through. */
    | { kind: "hugeBody"; bytes?: number }
    /** A small gzip body that unpacks to this size. */
    | { kind: "gzipBomb"; bytes?: number }
    /** The vendor's answer under this many more headers. */
    | { kind: "manyHeaders"; count?: number }
    /** A redirect. */
    | { kind: "redirect"; location: string; status?: number }
    /** The request's own secrets come back. */
    | { kind: "echo"; in: "body" | "headers" | "error_description" | "message" | "redirect"; status?: number }
    /** Edits the JSON of the vendor's own answer, in place or by what it returns. */
    | { kind: "patch"; patch: (value: any, request: VendorRequest) => unknown; status?: number }
    /** The vendor's own answer with a field null or left out. See {@link withoutField} for how the field is named. */
    | { kind: "omit"; field: string; as?: "null" | "missing" }
    /** Anything else: the whole exchange is this function's. */
    | { kind: "handler"; handler: (request: VendorRequest, response: http.ServerResponse) => void | Promise<void> };

/** A fault and the requests it meets. */
export type Fault = FaultMatch & FaultKind;

/** A fault that was put into a listener. */
export class InjectedFault {
    /** How many requests it has met. */
    hits = 0;
    private seen = 0;

    constructor(
        readonly fault: Fault,
        private readonly take: (fault: InjectedFault) => void,
    ) {}

    /** Takes the fault out. */
    remove(): void {
        this.take(this);
    }

    /** For the listener: does it meet this request? Counts. */
    meets(request: VendorRequest): boolean {
        const { method, path, when, after = 0, times = Infinity } = this.fault;
        const pathFits =
            typeof path === "string" ? path === request.path || path === request.target : fits(path, request.target);
        if (!fits(method, request.method) || !pathFits || (when && !when(request))) {
            return false;
        }
        if (this.seen++ < after || this.hits >= times) {
            return false;
        }
        this.hits++;
        return true;
    }
}

/** Certificate and key to serve TLS with, as PEM. */
export interface TlsIdentity {
    cert: string | Buffer;
    key: string | Buffer;
}

/** How a listener is set up. */
export interface ListenerOptions {
    origin: string;
    handler: (request: VendorRequest) => Answer | Promise<Answer>;
    log: RequestLog;
    clock: VendorClock;
    /** Serves TLS; plain HTTP without. */
    tls?: TlsIdentity;
    /** Host name to show in {@link VendorListener.endpoint}; the socket listens on 127.0.0.1 in any case. */
    endpointHost?: string;
    /** Port to listen on; any free one without. */
    port?: number;
}

const requestBodyLimit = 1 << 20;

/** One vendor origin on loopback. */
export class VendorListener {
    /** The vendor origin that this stands for. */
    readonly origin: string;
    private origins: string[];
    private readonly options: ListenerOptions;
    private tls: TlsIdentity | undefined;
    private server: http.Server | undefined;
    private boundPort: number | undefined;
    private faults: InjectedFault[] = [];
    private readonly open = new Map<string, number>();
    private readonly sockets = new Set<Socket>();

    /** Lets go of the port of a listener that is down. */
    private release: (() => void) | undefined;

    constructor(options: ListenerOptions) {
        this.options = options;
        this.origin = options.origin;
        this.origins = [options.origin];
        this.tls = options.tls;
    }

    /** The port, once started. It stays the same through {@link down} and {@link up}. */
    get port(): number {
        if (this.boundPort === undefined) {
            throw new Error(`The listener for ${this.origin} has not been started`);
        }
        return this.boundPort;
    }

    /** Where it listens: `http://127.0.0.1:<port>`, or https with TLS. */
    get endpoint(): string {
        return `${this.tls ? "https" : "http"}://${this.options.endpointHost ?? "127.0.0.1"}:${this.port}`;
    }

    /** {@link endpoint} for each vendor origin that is served here. */
    get endpoints(): Record<string, string> {
        return Object.fromEntries(this.origins.map((origin) => [origin, this.endpoint]));
    }

    /** Answers for one more vendor origin on the same port; requests that name no vendor host are for the one added last. */
    addOrigin(origin: string): void {
        this.origins = [...this.origins.filter((other) => other !== origin), origin];
    }

    /** Starts listening. */
    async start(): Promise<this> {
        if (this.server) {
            return this;
        }
        const serve = (request: http.IncomingMessage, response: http.ServerResponse) =>
            void this.serve(request, response);
        const limits = { keepAliveTimeout: 30_000, requestTimeout: 0, headersTimeout: 0 };
        const server = this.tls
            ? https.createServer({ ...limits, ...this.tls }, serve)
            : http.createServer(limits, serve);
        server.on("connection", (socket: Socket) => {
            this.sockets.add(socket);
            socket.once("close", () => this.sockets.delete(socket));
        });
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(this.boundPort ?? this.options.port ?? 0, "127.0.0.1", () => {
                server.off("error", reject);
                resolve();
            });
        });
        this.release?.();
        this.release = undefined;
        this.boundPort = (server.address() as AddressInfo).port;
        this.server = server;
        return this;
    }

    /** Refuses connections from here on, and breaks those that are open. The port stays taken. */
    async down(): Promise<void> {
        if (this.server !== undefined) {
            const keep = await portKeeper();
            await this.stop();
            this.release = await keep(this.port);
        }
    }

    private async stop(): Promise<void> {
        const server = this.server;
        this.server = undefined;
        if (server) {
            await new Promise<void>((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
                this.sockets.forEach((socket) => socket.destroy());
            });
        }
    }

    /** Listens again, on the same port; with another TLS identity (or none, by null) when one is given. */
    async up(tls?: TlsIdentity | null): Promise<void> {
        if (tls && this.tls && this.server instanceof https.Server) {
            // Without letting go of the port, which somebody else could take.
            this.server.setSecureContext(tls);
            this.sockets.forEach((socket) => socket.destroy());
            this.tls = tls;
        } else if (tls !== undefined) {
            await this.down();
            this.tls = tls ?? undefined;
        }
        await this.start();
    }

    /** Ends it. */
    async close(): Promise<void> {
        await this.stop();
        this.release?.();
        this.release = undefined;
    }

    /** Puts a fault in. Of several that meet a request, the first that answers decides; latency and patches add up. */
    fault(fault: Fault): InjectedFault {
        const injected = new InjectedFault(fault, (gone) => {
            this.faults = this.faults.filter((other) => other !== gone);
        });
        this.faults.push(injected);
        return injected;
    }

    /** Takes all faults out. */
    clearFaults(): void {
        this.faults = [];
    }

    private originOf(host: string | undefined): string | undefined {
        const name = (host ?? "").toLowerCase();
        if ([`127.0.0.1:${this.port}`, `localhost:${this.port}`].includes(name)) {
            return this.origins[this.origins.length - 1];
        }
        return this.origins.find((origin) => {
            const url = new URL(origin);
            return (
                name === url.host ||
                name === `${url.hostname}:${url.port || 443}` ||
                name === `${url.hostname}:${this.port}`
            );
        });
    }

    private async serve(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
        const origin = this.originOf(incoming.headers.host);
        const logged = origin ?? this.origin;
        const time = Date.now();
        const simultaneous = (this.open.get(logged) ?? 0) + 1;
        this.open.set(logged, simultaneous);
        const entry: { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] } = {
            origin: logged,
            method: incoming.method ?? "",
            path: incoming.url ?? "",
            headers: incoming.headers,
            body: "",
            // Read from the answer itself: whoever has received it finds it here.
            get status() {
                return response.headersSent ? response.statusCode : 0;
            },
            time,
            simultaneous,
            durationMs: 0,
            answer: undefined,
        };
        this.options.log.add(entry);
        response.once("close", () => {
            this.open.set(logged, this.open.get(logged)! - 1);
            entry.durationMs = Date.now() - time;
        });
        response.on("error", () => response.destroy());
        try {
            const body = await readBody(incoming);
            entry.body = body ?? "";
            const request = new VendorRequest(
                logged,
                entry.method,
                entry.path,
                incoming.headers,
                incoming.rawHeaders,
                entry.body,
            );
            if (body === undefined) {
                await send(response, text(413, "Payload Too Large"), this.options.clock);
            } else if (origin === undefined) {
                await send(
                    response,
                    text(400, `Bad Request: no such host here: ${incoming.headers.host ?? "none"}`),
                    this.options.clock,
                );
            } else if (!entry.path.startsWith("/")) {
                await send(response, text(400, "Bad Request: origin-form expected"), this.options.clock);
            } else {
                await this.answer(request, response, entry);
            }
        } catch (error) {
            if (!response.headersSent && !response.destroyed) {
                // A fault of the simulator itself must be seen, not taken for a vendor's.
                console.error(`simulated ${logged}: ${error instanceof Error ? error.stack : String(error)}`);
                await send(response, text(500, "The simulated vendor failed"), this.options.clock);
            } else {
                response.destroy();
            }
        }
    }

    private async answer(
        request: VendorRequest,
        response: http.ServerResponse,
        entry: { answer: Answer | undefined },
    ): Promise<void> {
        const met = this.faults.filter((fault) => fault.meets(request)).map((injected) => injected.fault);
        const edits = met.filter((fault) => fault.kind === "patch" || fault.kind === "omit");
        for (const fault of met) {
            if (fault.kind === "latency") {
                await pause(fault.ms + (fault.jitterMs ? between(0, fault.jitterMs + 1) : 0));
            }
        }
        if (response.destroyed) {
            return;
        }
        const normal = async (): Promise<Answer> => {
            let answer = await this.options.handler(request);
            for (const fault of edits) {
                answer =
                    fault.kind === "patch"
                        ? patched(answer, fault, request)
                        : { ...answer, body: withoutField(String(answer.body ?? ""), fault.field, fault.as) };
            }
            entry.answer = answer;
            return answer;
        };
        const fault = met.find(
            (candidate) => candidate.kind !== "latency" && candidate.kind !== "patch" && candidate.kind !== "omit",
        );
        await (fault
            ? misbehave(fault, request, response, normal, this.options.clock)
            : send(response, await normal(), this.options.clock));
    }
}

function patched(answer: Answer, { patch, status }: FaultKind & { kind: "patch" }, request: VendorRequest): Answer {
    const before = JSON.parse(String(answer.body ?? "null")) as unknown;
    const after = patch(before, request);
    return { ...answer, status: status ?? answer.status, body: JSON.stringify(after === undefined ? before : after) };
}

/**
 * A JSON text with a field null, or without it; a text that is no JSON as it is.
 * @param field As a JSON Pointer (RFC 6901), `/results/0/displayName`, in which an asterisk stands for every item of a list. An item of a list is made null and
 * never left out: the rest would be another list.
 */
export function withoutField(body: string, field: string, as: "null" | "missing" = "null"): string {
    const names = field
        .split("/")
        .slice(1)
        .map((name) => name.replace(/~1/g, "/").replace(/~0/g, "~"));
    const edit = (value: unknown, [name, ...rest]: readonly string[]): unknown => {
        if (name === undefined) {
            return null;
        }
        if (Array.isArray(value)) {
            return value.map((item, at) =>
                name === "*" || name === String(at) ? edit(item, rest) : (item as unknown),
            );
        }
        if (typeof value !== "object" || value === null) {
            return value;
        }
        const fields = Object.entries(value).map(
            ([key, inner]) => [key, key === name ? edit(inner, rest) : (inner as unknown)] as const,
        );
        return Object.fromEntries(fields.filter(([key]) => !(key === name && rest.length === 0 && as === "missing")));
    };
    try {
        return JSON.stringify(edit(JSON.parse(body), names));
    } catch (error) {
        if (error instanceof SyntaxError) {
            return body;
        }
        throw error;
    }
}

function readBody(incoming: http.IncomingMessage): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size <= requestBodyLimit) {
                chunks.push(chunk);
            }
        });
        incoming.once("end", () =>
            resolve(size > requestBodyLimit ? undefined : Buffer.concat(chunks).toString("utf8")),
        );
        incoming.once("error", reject);
    });
}

function pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function writeHead(response: http.ServerResponse, answer: Answer, clock: VendorClock, length?: number): void {
    response.sendDate = false;
    response.statusCode = answer.status;
    response.setHeader("date", new Date(clock.now()).toUTCString());
    response.setHeader("cache-control", "no-store");
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
        response.setHeader(name, value);
    }
    if (length !== undefined && answer.status !== 204) {
        response.setHeader("content-length", length);
    }
}

async function send(response: http.ServerResponse, answer: Answer, clock: VendorClock): Promise<void> {
    const body = Buffer.from(answer.body ?? "");
    writeHead(response, answer, clock, body.length);
    await end(response, body);
}

function end(response: http.ServerResponse, body?: Buffer): Promise<void> {
    return new Promise((resolve) => {
        response.once("close", resolve);
        response.end(body, () => resolve());
    });
}

function write(response: http.ServerResponse, chunk: Buffer | string): Promise<boolean> {
    return new Promise((resolve) => {
        if (response.destroyed) {
            return resolve(false);
        }
        const closed = () => resolve(false);
        response.once("close", closed);
        response.write(chunk, () => {
            response.off("close", closed);
            resolve(!response.destroyed);
        });
    });
}

/** Everything in a request that is a secret or holds one, raw and decoded. */
function secretsOf(request: VendorRequest): string {
    const { username = "", password = "" } = request.basic ?? {};
    return [
        request.header("authorization") ?? "",
        username,
        password,
        formDecode(password) ?? "",
        request.body,
        formDecode(request.body) ?? "",
    ]
        .filter((part) => part !== "")
        .join(" | ");
}

async function misbehave(
    fault: FaultKind,
    request: VendorRequest,
    response: http.ServerResponse,
    normal: () => Promise<Answer>,
    clock: VendorClock,
): Promise<void> {
    const socket = response.socket;
    switch (fault.kind) {
        case "latency":
        case "patch":
        case "omit":
            return send(response, await normal(), clock);
        case "status": {
            const raw = fault.body === undefined || typeof fault.body === "string" || Buffer.isBuffer(fault.body);
            const headers = { "content-type": raw ? "text/plain" : "application/json", ...fault.headers };
            const body = raw ? ((fault.body as string | Buffer | undefined) ?? "") : JSON.stringify(fault.body);
            return send(response, { status: fault.status, headers, body }, clock);
        }
        case "hang":
            return;
        case "reset": {
            if (fault.afterBytes !== undefined) {
                const answer = await normal();
                const body = Buffer.from(answer.body ?? "");
                writeHead(response, answer, clock, body.length);
                await write(response, body.subarray(0, fault.afterBytes));
            }
            socket?.resetAndDestroy();
            return;
        }
        case "close":
            socket?.end();
            return;
        case "truncate": {
            const answer = await normal();
            const body = Buffer.from(answer.body ?? "");
            writeHead(response, answer, clock, body.length);
            await write(response, body.subarray(0, Math.min(fault.bytes ?? body.length >> 1, body.length - 1)));
            socket?.end();
            return;
        }
        case "truncatedJson": {
            const answer = await normal();
            const body = String(answer.body ?? "");
            return send(response, { ...answer, body: body.slice(0, body.length >> 1) }, clock);
        }
        case "drip": {
            const answer = await normal();
            const body = Buffer.from(answer.body ?? "");
            const step = fault.bytes ?? 1;
            writeHead(response, answer, clock, body.length);
            for (let at = 0; at < body.length; at += step) {
                if (!(await write(response, body.subarray(at, at + step)))) {
                    return;
                }
                await pause(fault.everyMs ?? 100);
            }
            return end(response);
        }
        case "slowClose": {
            const answer = await normal();
            writeHead(response, answer, clock);
            await write(response, Buffer.from(answer.body ?? " "));
            await pause(fault.ms);
            return end(response);
        }
        case "contentType": {
            const answer = await normal();
            const { "content-type": _, ...headers } = answer.headers ?? {};
            return send(
                response,
                { ...answer, headers: fault.contentType ? { ...headers, "content-type": fault.contentType } : headers },
                clock,
            );
        }
        case "encoded": {
            const answer = await normal();
            const body = fault.pack(Buffer.from(answer.body ?? ""));
            const headers = { ...answer.headers, "content-encoding": fault.encoding };
            return send(response, { ...answer, headers, body }, clock);
        }
        case "html":
            return send(response, html(fault.status ?? 200, "Sign in to the guest network"), clock);
        case "invalidJson":
            return send(response, { ...json(200, null), body: '{"access_token": oops, ]' }, clock);
        case "deepJson": {
            const depth = fault.depth ?? 100_000;
            return send(response, { ...json(200, null), body: `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}` }, clock);
        }
        case "hugeBody": {
            const size = fault.bytes ?? 64 << 20;
            const chunk = Buffer.alloc(64 << 10, " ");
            writeHead(response, json(200, null), clock);
            let going = await write(response, '{"access_token":"');
            for (let sent = 0; going && sent < size; sent += chunk.length) {
                going = await write(response, chunk);
            }
            return going ? end(response, Buffer.from('"}')) : undefined;
        }
        case "gzipBomb": {
            const headers = { "content-type": "application/json", "content-encoding": "gzip" };
            return send(
                response,
                { status: 200, headers, body: gzipSync(Buffer.alloc(fault.bytes ?? 64 << 20, " ")) },
                clock,
            );
        }
        case "manyHeaders": {
            const answer = await normal();
            const body = Buffer.from(answer.body ?? "");
            const count = fault.count ?? 10_000;
            const more = Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-filler-${i}`, "x".repeat(8)]));
            writeHead(response, { ...answer, headers: { ...answer.headers, ...more } }, clock, body.length);
            return end(response, body);
        }
        case "redirect":
            return send(response, { status: fault.status ?? 307, headers: { location: fault.location } }, clock);
        case "echo": {
            const echoed = secretsOf(request);
            if (fault.in === "headers") {
                const value = encodeURIComponent(echoed);
                return send(
                    response,
                    {
                        status: fault.status ?? 400,
                        headers: { "x-echo": value, "www-authenticate": `Basic realm="${value}"` },
                    },
                    clock,
                );
            }
            if (fault.in === "redirect") {
                const location = `https://elsewhere.example/?echo=${encodeURIComponent(echoed)}`;
                return send(response, { status: fault.status ?? 302, headers: { location } }, clock);
            }
            const named =
                fault.in === "message"
                    ? { message: echoed, errorMessages: [echoed] }
                    : { error: "invalid_client", error_description: echoed };
            return send(
                response,
                fault.in === "body" ? text(fault.status ?? 400, echoed) : json(fault.status ?? 400, named),
                clock,
            );
        }
        case "handler":
            return fault.handler(request, response);
    }
}

/**
 * Gives a function that keeps a port from all others without listening on it, by a connection from it, until what it gives is called. The server that the
 * connection goes to is made before any port is let go of, because it could be given that one.
 */
async function portKeeper(): Promise<(port: number) => Promise<() => void>> {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const accepted = new Promise<Socket>((resolve) => other.once("connection", resolve));
    return async (port) => {
        const own = connect({
            ...{ host: "127.0.0.1", port: (other.address() as AddressInfo).port },
            ...{ localAddress: "127.0.0.1", localPort: port },
        });
        await new Promise<void>((resolve, reject) => own.once("connect", resolve).once("error", reject));
        const peer = await accepted;
        return () => {
            // A reset leaves no port waiting.
            [own, peer].forEach((socket) => socket.on("error", () => undefined));
            peer.resetAndDestroy();
            own.destroy();
            other.close();
        };
    };
}

/** Random text of the given length over an alphabet. */
export function randomText(length: number, alphabet: string): string {
    return Array.from({ length }, () => alphabet[between(0, alphabet.length)]).join("");
}

/** Letters and digits. */
export const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Random lower-case hexadecimal digits. */
export function randomHex(digits: number): string {
    return randomText(digits, "0123456789abcdef");
}

export { randomUUID };

/** What the listeners of one set of vendors have in common. */
export interface VendorContext {
    readonly log: RequestLog;
    readonly clock: VendorClock;
    readonly tls: TlsIdentity | undefined;
    readonly endpointHost: string | undefined;
    /** The next port to use when ports are wanted in a row. */
    nextPort: number | undefined;
    readonly listeners: VendorListener[];
}

/** A listener in its set of vendors; {@link VendorListener.start} has still to be called. */
export function createListener(
    context: VendorContext,
    origin: string,
    handler: ListenerOptions["handler"],
): VendorListener {
    const listener = new VendorListener({
        origin,
        handler,
        log: context.log,
        clock: context.clock,
        ...(context.tls && { tls: context.tls }),
        ...(context.endpointHost && { endpointHost: context.endpointHost }),
        ...(context.nextPort !== undefined && { port: context.nextPort++ }),
    });
    context.listeners.push(listener);
    return listener;
}

/** Finds the route for a request: 404 by `notFound` for an unknown path, 405 with `Allow` for a known one with another method. */
export function route<Context>(
    request: VendorRequest,
    routes: readonly Route<Context>[],
    context: Context,
    notFound: () => Answer,
    path = request.path,
): Answer {
    const there = routes.flatMap((candidate) => {
        const match =
            candidate.path instanceof RegExp ? candidate.path.exec(path) : candidate.path === path ? [path] : null;
        return match ? [{ candidate, match }] : [];
    });
    const chosen = there.find(({ candidate }) => candidate.method === request.method);
    if (chosen) {
        return chosen.candidate.handle(request, context, ...chosen.match.slice(1).map((part) => part ?? ""));
    }
    if (there.length > 0) {
        return text(405, "Method Not Allowed", { allow: there.map(({ candidate }) => candidate.method).join(", ") });
    }
    return notFound();
}

/** One method and path of a vendor's API. Groups of a path expression become arguments. */
export interface Route<Context> {
    method: string;
    path: string | RegExp;
    handle: (request: VendorRequest, context: Context, ...groups: string[]) => Answer;
}
