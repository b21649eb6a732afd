import * as http from "node:http";
import * as https from "node:https";

/** What somebody whom a hub asked has answered. */
export interface OutboundAnswer {
    status: number;
    body: string;
    /** The body as JSON, or undefined where it is none. */
    json: unknown;
}

/** A request that a hub makes of its own accord. */
export interface OutboundRequest {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
}

/** Nothing could be asked: there is no such host, or it broke off. */
export class Unreachable extends Error {}

const deadlineMs = 10_000;

function parsed(body: string): unknown {
    try {
        return JSON.parse(body) as unknown;
    } catch {
        return undefined;
    }
}

/** What a simulated hub can reach from its side: the simulated vendors, by the origins that they stand for, and nothing else. */
export class Outbound {
    constructor(private readonly endpoints: () => Readonly<Record<string, string>>) {}

    /** Asks a vendor; redirects are answers like any other. Rejects with {@link Unreachable}. */
    async send(url: string, { method = "GET", headers = {}, body }: OutboundRequest = {}): Promise<OutboundAnswer> {
        const target = URL.canParse(url) ? new URL(url) : undefined;
        const endpoint = target && this.endpoints()[target.origin];
        if (!target || !endpoint) {
            throw new Unreachable(`getaddrinfo ENOTFOUND ${target?.hostname ?? url}`);
        }
        const at = new URL(endpoint);
        const { request } = at.protocol === "https:" ? https : http;
        return new Promise((resolve, reject) => {
            const sent = request(
                at,
                {
                    method,
                    path: `${target.pathname}${target.search}`,
                    headers: {
                        ...headers,
                        host: target.host,
                        ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
                    },
                    timeout: deadlineMs,
                    agent: false,
                    // Simulated vendors show certificates that tests made, and stand on loopback.
                    rejectUnauthorized: false,
                },
                (response) => {
                    const chunks: Buffer[] = [];
                    response.on("data", (chunk: Buffer) => chunks.push(chunk));
                    response.on("error", (error) => reject(new Unreachable(error.message)));
                    response.on("end", () => {
                        const text = Buffer.concat(chunks).toString("utf8");
                        resolve({ status: response.statusCode ?? 0, body: text, json: parsed(text) });
                    });
                },
            );
            sent.on("timeout", () => sent.destroy(new Error("timeout")));
            sent.on("error", (error) => reject(new Unreachable(error.message)));
            sent.end(body);
        });
    }
}
