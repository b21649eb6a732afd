// The suite's vendor: a real HTTP server on this machine, with its user's answers or those of a simulator.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { memberOf } from "../core/credentials/token-answer";
import { parseJson } from "../core/json";
import { isPrivateKey, signedIn } from "./signed";

/** An answer of a vendor's. */
export interface VendorAnswer {
    /** The HTTP status. @default 200 */
    readonly status?: number | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Sent as JSON; a text is sent as it is. */
    readonly body?: unknown;
    /**
     * True where the vendor gives this answer without a credential.
     * @default false
     */
    readonly anonymous?: boolean | undefined;
}

/** A request as the vendor gets it. */
export interface VendorRequest {
    readonly method: string;
    /** The address that was meant, at the vendor's own host. */
    readonly url: URL;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: string;
}

/**
 * A vendor's answers to a valid credential, by method and address: `GET https://api.acme.example/v1/me`. An address
 * with a query is for that query; one without is for all others. A call without a valid secret, or an access token from
 * one of these answers, is refused.
 */
export type VendorAnswers = Readonly<Record<string, VendorAnswer | ((request: VendorRequest) => VendorAnswer)>>;

/** An answer as it goes out. */
export interface Served {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly text: string;
}

/** The options of a {@link LoopbackVendor}. */
export interface LoopbackOptions {
    readonly answers: VendorAnswers | undefined;
    /** From the vendor's origins to those of a simulator. */
    readonly simulator: Readonly<Record<string, string>> | undefined;
    /** The answer to who shows no credential. */
    readonly refused: VendorAnswer;
    /** The secrets that the vendor accepts. */
    readonly secrets: readonly string[];
    /** The access token in the answer of a token endpoint, by names with dots between them. @default access_token */
    readonly tokenMember?: string | undefined;
}

/** The vendor's origins, each on a port of this machine. */
export class LoopbackVendor {
    /** The number of requests so far. */
    requests = 0;
    /** The calls that have no answer. */
    readonly unanswered = new Set<string>();
    /** The answers in JSON, by method and address without query. */
    readonly answers = new Map<string, unknown>();
    /** The headers of these answers. */
    readonly headers = new Map<string, Readonly<Record<string, string>>>();
    /** The reason why a request could not be answered: a fault of an answer's function, or of the simulator. */
    failure: unknown;
    /** The issued access tokens. */
    readonly tokens = new Set<string>();
    /** Puts another answer in the place of one; undefined ends the connection without any. */
    change: (answer: Served, place: string) => Served | undefined = (answer) => answer;
    private readonly servers = new Map<string, http.Server>();

    private constructor(private readonly options: LoopbackOptions) {}

    static async start(options: LoopbackOptions): Promise<LoopbackVendor> {
        const vendor = new LoopbackVendor(options);
        const { answers = {}, simulator = {} } = options;
        const places = [
            ...Object.keys(answers).map(addressOf),
            ...Object.keys(simulator).map((origin) => new URL(origin)),
        ];
        await Promise.all([...new Set(places.map(({ origin }) => origin))].map((origin) => vendor.listen(origin)));
        return vendor;
    }

    /** From the vendor's origins to these servers. */
    get endpoints(): Readonly<Record<string, string>> {
        const origins = [...this.servers].map(([origin, server]) => {
            const { port } = server.address() as AddressInfo;
            return [origin, `http://127.0.0.1:${port}`] as const;
        });
        return Object.fromEntries(origins);
    }

    async close(): Promise<void> {
        const closed = [...this.servers.values()].map(async (server) => {
            const end = new Promise((resolve) => server.close(resolve));
            server.closeAllConnections();
            await end;
        });
        await Promise.all(closed);
    }

    private async listen(origin: string): Promise<void> {
        const server = http.createServer((request, response) => {
            this.serve(request, origin).then(
                (answer) => {
                    if (answer === undefined) {
                        request.socket.destroy();
                    } else {
                        response.writeHead(answer.status, answer.headers).end(answer.text);
                    }
                },
                (error: unknown) => {
                    this.failure ??= error;
                    request.socket.destroy();
                },
            );
        });
        this.servers.set(origin, server);
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject).listen(0, "127.0.0.1", resolve);
        });
    }

    private async serve(incoming: http.IncomingMessage, origin: string): Promise<Served | undefined> {
        this.requests++;
        const request = await read(incoming, origin);
        const place = `${request.method} ${request.url.origin}${request.url.pathname}`;
        const answer = await this.answer(request);
        const body = parseJson(answer.text);
        if (body !== undefined && answer.status < 300) {
            this.answers.set(place, body);
            this.headers.set(place, answer.headers);
            const token = accessTokenOf(body, this.options.tokenMember);
            if (token !== undefined && token !== "") {
                this.tokens.add(token);
            }
        }
        return this.change(answer, place);
    }

    private async answer(request: VendorRequest): Promise<Served> {
        const { answers, simulator = {}, refused } = this.options;
        if (answers === undefined) {
            return forward(request, simulator);
        }
        const { method, url } = request;
        const given = answers[`${method} ${url.href}`] ?? answers[`${method} ${url.origin}${url.pathname}`];
        const answer = typeof given === "function" ? given(request) : given;
        if (answer?.anonymous !== true && !this.isAuthorized(request)) {
            return served(refused);
        }
        if (answer === undefined) {
            this.unanswered.add(`${method} ${url.href}`);
        }
        return served(answer ?? { status: 404, body: {} });
    }

    /** True for a request with a valid secret, in any place, or with an access token from an answer. */
    private isAuthorized({ url, headers, body }: VendorRequest): boolean {
        const basic = Buffer.from((headers["authorization"] ?? "").replace(/^basic /i, ""), "base64").toString();
        const shown = [...Object.values(headers), url.href, body, basic].flatMap((text = "") => [text, decoded(text)]);
        const keys = this.options.secrets.filter(isPrivateKey);
        keys.forEach((key) => shown.forEach((text) => signedIn(text, key).forEach((jwt) => this.tokens.add(jwt))));
        return [...this.options.secrets, ...this.tokens].some((secret) => shown.some((text) => text.includes(secret)));
    }
}

/** The address in a key of {@link VendorAnswers}. */
export function addressOf(place: string): URL {
    const [, address = ""] = /^[A-Z]+ (https?:.+)$/.exec(place) ?? [];
    if (!URL.canParse(address)) {
        throw new Error(
            `answers: ${place} is not a method and an address. Write it like GET https://api.acme.example/v1/me.`,
        );
    }
    return new URL(address);
}

async function read(incoming: http.IncomingMessage, origin: string): Promise<VendorRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
        chunks.push(chunk as Buffer);
    }
    const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(", ") : value,
        ]),
    );
    const url = new URL(incoming.url ?? "/", origin);
    return { method: incoming.method ?? "GET", url, headers, body: Buffer.concat(chunks).toString() };
}

function served({ status = 200, headers, body }: VendorAnswer): Served {
    const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
    const type = typeof body === "string" ? "text/plain" : "application/json";
    return { status, headers: { "content-type": type, ...headers }, text };
}

/** The simulator's answer. */
async function forward(
    { method, url, headers, body }: VendorRequest,
    simulator: Readonly<Record<string, string>>,
): Promise<Served> {
    const [, base = ""] = Object.entries(simulator).find(([origin]) => new URL(origin).origin === url.origin) ?? [];
    return new Promise((resolve, reject) => {
        const target = new URL(`${base.replace(/\/$/, "")}${url.pathname}${url.search}`);
        const { host: _, ...others } = headers;
        const sent = http.request(target, { method, headers: { ...others, connection: "close" } }, (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => chunks.push(chunk));
            answer.on("error", reject);
            answer.on("end", () => {
                const kept = Object.entries(answer.headers).filter(([name]) => !hopByHop.has(name));
                resolve({
                    status: answer.statusCode ?? 0,
                    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
                    text: Buffer.concat(chunks).toString(),
                });
            });
        });
        sent.on("error", reject).end(body);
    });
}

const hopByHop: ReadonlySet<string> = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

/** The access token in the answer of a token endpoint. */
export function accessTokenOf(body: unknown, member = "access_token"): string | undefined {
    const token = memberOf(body, member);
    return typeof token === "string" ? token : undefined;
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text.replace(/\+/g, " "));
    } catch {
        return text;
    }
}
