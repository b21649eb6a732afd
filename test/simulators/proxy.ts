import * as http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { sameSecret } from "./server";

/** How a proxy is set up. */
export interface ProxyOptions {
    /** Asks for Basic authentication with this name and password; 407 without them. */
    username?: string;
    password?: string;
    /** Where to connect instead: `host:port` as the client asks for it to `host:port`. */
    routes?: Record<string, string>;
}

/** One request that a proxy received. */
export interface ProxyRequest {
    /** `CONNECT`, or the method of a request that it forwards. */
    readonly method: string;
    /** `host:port`, or the absolute URL of a request that it forwards. */
    readonly target: string;
    readonly headers: http.IncomingHttpHeaders;
    /** What it answered: 200 for a tunnel, 407, 502, or 0 when a fault left it unanswered. */
    status: number;
}

/** What a proxy does wrong. */
export type ProxyFault =
    /** Refuses the tunnel. */
    | { kind: "status"; status: number; headers?: Record<string, string>; body?: string }
    /** Never answers. */
    | { kind: "hang" }
    /** Ends the connection with a TCP RST. */
    | { kind: "reset" }
    /** Answers what is no HTTP. */
    | { kind: "garbage" }
    /** Opens the tunnel, and breaks it after the first bytes from the client. */
    | { kind: "breakTunnel" };

/** A real HTTP proxy on loopback: CONNECT tunnels, and plain requests in absolute form. */
export class ConnectProxy {
    readonly requests: ProxyRequest[] = [];
    /** What goes wrong from here on; undefined for nothing. */
    fault: ProxyFault | undefined;
    private readonly server: http.Server;
    private readonly sockets = new Set<Socket>();

    constructor(private readonly options: ProxyOptions) {
        this.server = http.createServer((request, response) => this.forward(request, response));
        this.server.on("connect", (request: http.IncomingMessage, client: Socket, head: Buffer) =>
            this.tunnel(request, client, head),
        );
        this.server.on("connection", (socket: Socket) => this.track(socket));
    }

    /** Starts listening on a free port. */
    async start(): Promise<this> {
        await new Promise<void>((resolve, reject) => {
            this.server.once("error", reject);
            this.server.listen(0, "127.0.0.1", resolve);
        });
        return this;
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    /** `http://127.0.0.1:<port>`, without the credentials. */
    get url(): string {
        return `http://127.0.0.1:${this.port}`;
    }

    /** The URL with name and password in it, where it asks for them. */
    get urlWithCredentials(): string {
        const { username, password } = this.options;
        const user =
            username === undefined ? "" : `${encodeURIComponent(username)}:${encodeURIComponent(password ?? "")}@`;
        return `http://${user}127.0.0.1:${this.port}`;
    }

    /** Ends it, open tunnels included. */
    async close(): Promise<void> {
        await new Promise<void>((resolve) => {
            this.server.close(() => resolve());
            this.server.closeAllConnections();
            this.sockets.forEach((socket) => socket.destroy());
        });
    }

    private track(socket: Socket): void {
        this.sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.once("close", () => this.sockets.delete(socket));
    }

    private authorized(request: http.IncomingMessage): boolean {
        const { username, password } = this.options;
        if (username === undefined) {
            return true;
        }
        const wanted = `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
        return sameSecret(request.headers["proxy-authorization"] ?? "", wanted);
    }

    private record(request: http.IncomingMessage): ProxyRequest {
        const entry = { method: request.method ?? "", target: request.url ?? "", headers: request.headers, status: 0 };
        this.requests.push(entry);
        return entry;
    }

    private address(target: string): { host: string; port: number } | undefined {
        const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(this.options.routes?.[target.toLowerCase()] ?? target);
        return match ? { host: match[1]!, port: Number(match[2]) } : undefined;
    }

    private tunnel(request: http.IncomingMessage, client: Socket, head: Buffer): void {
        const entry = this.record(request);
        const refuse = (status: number, headers: Record<string, string> = {}, body = "") => {
            entry.status = status;
            const lines = Object.entries({
                ...headers,
                "content-length": String(Buffer.byteLength(body)),
                connection: "close",
            });
            const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
            client.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? "Error"}\r\n${head}\r\n${body}`);
        };
        if (!this.authorized(request)) {
            return refuse(407, { "proxy-authenticate": 'Basic realm="proxy"' }, "Proxy Authentication Required");
        }
        const fault = this.fault;
        switch (fault?.kind) {
            case "status":
                return refuse(fault.status, fault.headers, fault.body);
            case "hang":
                return;
            case "reset":
                client.resetAndDestroy();
                return;
            case "garbage":
                client.end("SSH-2.0-OpenSSH_9.6\r\n");
                return;
            case "breakTunnel":
            case undefined:
                break;
        }
        const address = this.address(entry.target);
        if (!address) {
            return refuse(400);
        }
        const upstream = connect(address);
        this.track(upstream);
        upstream.once("error", () => {
            if (entry.status === 0) {
                refuse(502);
            } else {
                client.destroy();
            }
        });
        upstream.once("connect", () => {
            entry.status = 200;
            client.write("HTTP/1.1 200 Connection established\r\n\r\n");
            if (fault?.kind === "breakTunnel") {
                client.once("data", () => client.resetAndDestroy());
                return;
            }
            upstream.write(head);
            client.pipe(upstream);
            upstream.pipe(client);
        });
        client.once("close", () => upstream.destroy());
        upstream.once("close", () => entry.status === 200 && client.destroy());
    }

    private forward(request: http.IncomingMessage, response: http.ServerResponse): void {
        const entry = this.record(request);
        const answer = (status: number, headers: http.OutgoingHttpHeaders = {}) => {
            entry.status = status;
            response.writeHead(status, headers).end();
        };
        if (!this.authorized(request)) {
            return answer(407, { "proxy-authenticate": 'Basic realm="proxy"' });
        }
        if (this.fault?.kind === "status") {
            return answer(this.fault.status, this.fault.headers);
        }
        if (this.fault) {
            if (this.fault.kind !== "hang") {
                request.socket.destroy();
            }
            return;
        }
        const url = URL.canParse(entry.target) ? new URL(entry.target) : undefined;
        const address = url?.protocol === "http:" ? this.address(`${url.hostname}:${url.port || 80}`) : undefined;
        if (!url || !address) {
            return answer(400);
        }
        const { "proxy-authorization": _, "proxy-connection": __, ...headers } = request.headers;
        const upstream = http.request(
            { ...address, method: entry.method, path: `${url.pathname}${url.search}`, headers },
            (received) => {
                entry.status = received.statusCode ?? 502;
                response.writeHead(entry.status, received.headers);
                received.pipe(response);
            },
        );
        upstream.once("error", () => (response.headersSent ? response.destroy() : answer(502)));
        request.pipe(upstream);
    }
}

/** Starts a proxy. */
export async function startConnectProxy(options: ProxyOptions = {}): Promise<ConnectProxy> {
    return new ConnectProxy(options).start();
}
