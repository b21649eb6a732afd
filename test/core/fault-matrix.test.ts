import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import path from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { Authority } from "../support/certificates";
import { cases, type Case } from "../support/classes";
import { Core, type CoreReply, type Verified } from "../support/core";
import {
    startConnectProxy,
    startVendors,
    type Fault,
    type ProxyFault,
    type TlsIdentity,
    type Vendors,
} from "../simulators/vendors";

type Endpoints = Record<string, string>;
type State = Record<string, unknown>;
type Checked = { inputs: State; failures: { property: string; reason: string }[] };

/** What has been put wrong. */
interface Wrong {
    /** Arguments besides the connection's own. */
    readonly args?: object;
    readonly endpoints?: Endpoints;
    readonly end?: () => unknown;
}

interface Row {
    readonly name: string;
    /** `verified`: it does no harm. `stays`: nobody could be asked, and the record stands. Else the status that it is drift to. */
    readonly comesTo: "verified" | "stays" | "rejected";
    /** What the message says of it. */
    readonly says?: RegExp;
    readonly timeoutSeconds?: number;
    /** Serves TLS. */
    readonly tls?: boolean;
    readonly only?: (one: Case) => boolean;
    readonly arrange: (vendors: Vendors) => Promise<Wrong | void> | Wrong | void;
}

const everywhere =
    (...faults: Fault[]) =>
    (vendors: Vendors): void =>
        vendors.listeners.forEach((listener) => faults.forEach((fault) => listener.fault(fault)));

const tokenPath = /oauth2?\/token$/;
const atToken = (patch: (value: Record<string, unknown>) => void): Pick<Row, "arrange" | "only"> => ({
    arrange: everywhere({ kind: "patch", method: "POST", path: tokenPath, patch }),
    only: ({ oauth }) => oauth,
});

/** Ends the exchange in raw bytes. */
const raw = (text: string): ReturnType<typeof everywhere> =>
    everywhere({ kind: "handler", handler: (_, response) => void response.socket?.end(text) });

let authority: Authority;
let good: TlsIdentity;

const newTls =
    (make: () => Promise<TlsIdentity>) =>
    async (vendors: Vendors): Promise<void> => {
        const identity = await make();
        await Promise.all(vendors.listeners.map((listener) => listener.up(identity)));
    };

async function silentServer(): Promise<Server> {
    const server = createServer();
    const sockets = new Set<Socket>();
    server.on("connection", (socket) => {
        sockets.add(socket.on("error", () => socket.destroy()));
    });
    const close = server.close.bind(server);
    server.close = (callback) => {
        sockets.forEach((socket) => socket.destroy());
        return close(callback);
    };
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return server;
}

const proxied =
    (fault: ProxyFault | undefined, options: Parameters<typeof startConnectProxy>[0] = {}) =>
    async (): Promise<Wrong> => {
        const proxy = await startConnectProxy(options);
        proxy.fault = fault;
        return { args: { proxyUrl: proxy.url }, end: () => proxy.close() };
    };

const toEndpoint =
    (endpoint: string) =>
    (vendors: Vendors): Wrong => ({
        endpoints: Object.fromEntries(Object.keys(vendors.endpoints).map((origin) => [origin, endpoint])),
    });

const compressed = (encoding: string, bytes: Buffer): ReturnType<typeof everywhere> =>
    everywhere({
        kind: "status",
        status: 200,
        headers: { "content-type": "application/json", "content-encoding": encoding },
        body: bytes,
    });

const spaces = Buffer.alloc(64 << 20, " ");

const rows: readonly Row[] = [
    { name: "latency below the deadline", comesTo: "verified", arrange: everywhere({ kind: "latency", ms: 200 }) },
    {
        name: "latency past the deadline",
        comesTo: "stays",
        says: /within 1 s/,
        timeoutSeconds: 1,
        arrange: everywhere({ kind: "latency", ms: 3000 }),
    },
    {
        name: "down",
        comesTo: "stays",
        says: /ECONNREFUSED/,
        arrange: (vendors) => toEndpoint("http://127.0.0.1:1")(vendors),
    },
    { name: "bandwidth, enough", comesTo: "verified", arrange: everywhere({ kind: "drip", bytes: 64, everyMs: 1 }) },
    {
        name: "bandwidth, too little",
        comesTo: "stays",
        says: /within 1 s/,
        timeoutSeconds: 1,
        arrange: everywhere({ kind: "drip", bytes: 1, everyMs: 100 }),
    },
    {
        name: "slicer",
        comesTo: "verified",
        timeoutSeconds: 120,
        arrange: everywhere({ kind: "drip", bytes: 1, everyMs: 0 }),
    },
    { name: "slow close", comesTo: "verified", arrange: everywhere({ kind: "slowClose", ms: 200 }) },
    {
        name: "slow close past the deadline",
        comesTo: "stays",
        says: /within 1 s/,
        timeoutSeconds: 1,
        arrange: everywhere({ kind: "slowClose", ms: 3000 }),
    },
    { name: "timeout", comesTo: "stays", says: /within 1 s/, timeoutSeconds: 1, arrange: everywhere({ kind: "hang" }) },
    {
        name: "reset",
        comesTo: "stays",
        says: /closed the connection.*ECONNRESET|UND_ERR_SOCKET/,
        arrange: everywhere({ kind: "reset" }),
    },
    {
        name: "reset within the body",
        comesTo: "stays",
        says: /closed the connection/,
        arrange: everywhere({ kind: "reset", afterBytes: 8 }),
    },
    {
        name: "close without an answer",
        comesTo: "stays",
        says: /closed the connection/,
        arrange: everywhere({ kind: "close" }),
    },
    {
        name: "limit_data (body cut short)",
        comesTo: "stays",
        says: /closed the connection/,
        arrange: everywhere({ kind: "truncate" }),
    },
    { name: "truncated JSON", comesTo: "stays", arrange: everywhere({ kind: "truncatedJson" }) },
    { name: "invalid JSON", comesTo: "stays", arrange: everywhere({ kind: "invalidJson" }) },
    { name: "empty body", comesTo: "stays", arrange: everywhere({ kind: "status", status: 200, body: "" }) },
    { name: "HTTP 204", comesTo: "stays", arrange: everywhere({ kind: "status", status: 204 }) },
    { name: "empty JSON object", comesTo: "stays", arrange: everywhere({ kind: "status", status: 200, body: {} }) },
    {
        name: "JSON null",
        comesTo: "stays",
        arrange: everywhere({
            kind: "status",
            status: 200,
            headers: { "content-type": "application/json" },
            body: "null",
        }),
    },
    {
        name: "JSON array",
        comesTo: "stays",
        arrange: everywhere({ kind: "status", status: 200, body: [1, "two", null] }),
    },
    { name: "deep JSON", comesTo: "stays", arrange: everywhere({ kind: "deepJson" }) },
    { name: "HTML, HTTP 200", comesTo: "stays", arrange: everywhere({ kind: "html" }) },
    { name: "HTML, HTTP 403", comesTo: "stays", arrange: everywhere({ kind: "html", status: 403 }) },
    {
        name: "HTML, HTTP 404",
        comesTo: "stays",
        only: ({ oauth }) => oauth,
        arrange: everywhere({ kind: "html", status: 404 }),
    },
    { name: "HTML, HTTP 502", comesTo: "stays", says: /HTTP 502/, arrange: everywhere({ kind: "html", status: 502 }) },
    {
        name: "wrong content type",
        comesTo: "verified",
        arrange: everywhere({ kind: "contentType", contentType: "text/html" }),
    },
    { name: "no content type", comesTo: "verified", arrange: everywhere({ kind: "contentType" }) },
    {
        name: "gzip bomb (64 MiB)",
        comesTo: "stays",
        says: /more than 1 MiB/,
        arrange: everywhere({ kind: "gzipBomb" }),
    },
    {
        name: "deflate bomb",
        comesTo: "stays",
        says: /more than 1 MiB/,
        arrange: compressed("deflate", deflateSync(spaces)),
    },
    {
        name: "brotli bomb",
        comesTo: "stays",
        says: /more than 1 MiB/,
        arrange: compressed("br", brotliCompressSync(spaces.subarray(0, 8 << 20))),
    },
    {
        name: "an encoding within an encoding bomb",
        comesTo: "stays",
        says: /more than 1 MiB/,
        arrange: compressed("gzip, br", brotliCompressSync(gzipSync(spaces.subarray(0, 8 << 20)))),
    },
    {
        name: "an unknown encoding",
        comesTo: "stays",
        says: /encoding that was not requested/,
        arrange: compressed("aes128gcm", spaces.subarray(0, 20)),
    },
    {
        name: "not what its encoding says",
        comesTo: "stays",
        says: /no gzip, as its Content-Encoding says/,
        arrange: compressed("gzip", Buffer.from("{}")),
    },
    ...(
        [
            ["gzip", gzipSync],
            ["X-GZip", gzipSync],
            ["br", brotliCompressSync],
            ["deflate", deflateSync],
            ["deflate", deflateRawSync],
            ["deflate, gzip", (bytes: Buffer) => gzipSync(deflateSync(bytes))],
            ["", (bytes: Buffer) => bytes],
            ["Identity", (bytes: Buffer) => bytes],
            ["utf-8", (bytes: Buffer) => bytes],
            ["", (bytes: Buffer) => Buffer.concat([Buffer.from("\uFEFF"), bytes])],
            ["gzip", (bytes: Buffer) => gzipSync(Buffer.concat([Buffer.from("\uFEFF"), bytes]))],
            ["", (bytes: Buffer) => Buffer.from(`\uFEFF${bytes.toString()}`, "utf16le")],
        ] as [string, (bytes: Buffer) => Buffer][]
    ).map(([encoding, pack], at): Row => ({
        name: `encoding ${at + 1}: ${encoding}`,
        comesTo: "verified",
        arrange: everywhere({ kind: "encoded", encoding, pack }),
    })),
    {
        name: "body past 1 MiB (64 MiB)",
        comesTo: "stays",
        says: /more than 1 MiB/,
        arrange: everywhere({ kind: "hugeBody" }),
    },
    {
        name: "10,000 headers",
        comesTo: "stays",
        says: /proper HTTP/,
        arrange: everywhere({ kind: "manyHeaders", count: 10_000 }),
    },
    { name: "100 headers more", comesTo: "verified", arrange: everywhere({ kind: "manyHeaders", count: 100 }) },
    { name: "no HTTP at all", comesTo: "stays", says: /proper HTTP/, arrange: raw("SSH-2.0-OpenSSH_9.6\r\n") },
    {
        name: "malformed header",
        comesTo: "stays",
        says: /proper HTTP/,
        arrange: raw("HTTP/1.1 200 OK\r\nco\0ntent: x\r\n\r\n"),
    },
    {
        name: "two lengths",
        comesTo: "stays",
        says: /proper HTTP/,
        arrange: raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}"),
    },
    {
        name: "malformed chunk",
        comesTo: "stays",
        says: /proper HTTP/,
        arrange: raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    },
    {
        name: "HTTP 000",
        comesTo: "stays",
        arrange: raw("HTTP/1.1 000 Nothing\r\ncontent-length: 2\r\n\r\n{}"),
    },
    {
        name: "switching protocols",
        comesTo: "stays",
        arrange: raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    },
    { name: "HTTP 408", comesTo: "stays", says: /HTTP 408/, arrange: everywhere({ kind: "status", status: 408 }) },
    { name: "HTTP 425", comesTo: "stays", says: /HTTP 425/, arrange: everywhere({ kind: "status", status: 425 }) },
    {
        name: "HTTP 429",
        comesTo: "stays",
        says: /reached its rate limit \(HTTP 429, 4 tries\)/,
        arrange: everywhere({ kind: "status", status: 429 }),
    },
    {
        name: "HTTP 429, wait a day",
        comesTo: "stays",
        says: /says to wait until .*Run again then/,
        arrange: everywhere({ kind: "status", status: 429, headers: { "retry-after": "86400" } }),
    },
    {
        name: "HTTP 429, wait for ever",
        comesTo: "stays",
        says: /HTTP 429/,
        arrange: everywhere({ kind: "status", status: 429, headers: { "retry-after": "9".repeat(30) } }),
    },
    {
        name: "HTTP 429, absurd headers",
        comesTo: "stays",
        says: /HTTP 429/,
        arrange: everywhere({
            kind: "status",
            status: 429,
            headers: { "retry-after": "-5", "x-ratelimit-reset": "soon", date: "never" },
        }),
    },
    {
        name: "HTTP 403 for a rate limit",
        comesTo: "stays",
        says: /reached its rate limit \(HTTP 403, 4 tries\)/,
        arrange: everywhere({ kind: "status", status: 403, headers: { "x-ratelimit-remaining": "0" }, body: {} }),
    },
    {
        name: "HTTP 403, wait a day",
        comesTo: "stays",
        says: /says to wait until .*\(HTTP 403\)\. Run again then/,
        arrange: everywhere({ kind: "status", status: 403, headers: { "retry-after": "86400" } }),
    },
    { name: "HTTP 500", comesTo: "stays", says: /HTTP 500/, arrange: everywhere({ kind: "status", status: 500 }) },
    {
        name: "HTTP 503",
        comesTo: "stays",
        says: /server error \(HTTP 503, 4 tries\)/,
        arrange: everywhere({ kind: "status", status: 503 }),
    },
    { name: "HTTP 599", comesTo: "stays", says: /HTTP 599/, arrange: everywhere({ kind: "status", status: 599 }) },
    ...[301, 302, 303, 307, 308].map((status): Row => ({
        name: `redirect, HTTP ${status}`,
        comesTo: "stays",
        says: /redirects to elsewhere\.example/,
        arrange: everywhere({ kind: "redirect", status, location: "https://elsewhere.example/login?x=1" }),
    })),
    {
        name: "redirect to nothing",
        comesTo: "stays",
        says: /redirects to an invalid address/,
        arrange: everywhere({ kind: "status", status: 302, headers: { location: "http://[" } }),
    },
    {
        name: "DNS: no such name",
        comesTo: "stays",
        says: /DNS: ENOTFOUND/,
        arrange: toEndpoint("https://nowhere.example"),
    },
    {
        name: "DNS: no name server",
        comesTo: "stays",
        says: /DNS: EAI_AGAIN/,
        arrange: toEndpoint("https://silent.example"),
    },
    {
        name: "DNS: cloud metadata",
        comesTo: "stays",
        says: /metadata/,
        arrange: toEndpoint("https://metadata.example"),
    },
    {
        name: "TLS: another name",
        comesTo: "stays",
        says: /another host name .*Use a host name that the certificate covers/,
        tls: true,
        arrange: newTls(() => authority.issue(["elsewhere.example"])),
    },
    {
        name: "TLS: expired",
        comesTo: "stays",
        says: /has expired .*Renew the certificate on the server/,
        tls: true,
        arrange: newTls(() => authority.issue(["127.0.0.1"], { from: -20, to: -1 })),
    },
    {
        name: "TLS: not valid yet",
        comesTo: "stays",
        says: /not valid yet .*Check the clocks/,
        tls: true,
        arrange: newTls(() => authority.issue(["127.0.0.1"], { from: 5 })),
    },
    {
        name: "TLS: unknown authority",
        comesTo: "stays",
        says: /unknown authority .*to tls\.caCertificates/,
        tls: true,
        arrange: newTls(async () => (await Authority.create("Mallory")).issue(["127.0.0.1"])),
    },
    {
        name: "TLS: plain HTTP there",
        comesTo: "stays",
        says: /no trusted TLS connection .*Check that the server speaks TLS/,
        arrange: (vendors) => ({ endpoints: secured(vendors.endpoints) }),
    },
    {
        name: "TLS: silent server",
        comesTo: "stays",
        says: /within 1 s/,
        timeoutSeconds: 1,
        arrange: async (vendors) => {
            const server = await silentServer();
            return {
                ...toEndpoint(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)(vendors),
                end: () => server.close(),
            };
        },
    },
    { name: "proxy: fine", comesTo: "verified", tls: true, arrange: proxied(undefined) },
    {
        name: "proxy: HTTP 407",
        comesTo: "stays",
        says: /proxyUrl: .*HTTP 407.*password/,
        tls: true,
        arrange: proxied(undefined, { username: "u", password: "p" }),
    },
    {
        name: "proxy: HTTP 403",
        comesTo: "stays",
        says: /proxyUrl: .*HTTP 403/,
        tls: true,
        arrange: proxied({ kind: "status", status: 403 }),
    },
    {
        name: "proxy: HTTP 502",
        comesTo: "stays",
        says: /proxyUrl: .*HTTP 502/,
        tls: true,
        arrange: proxied({ kind: "status", status: 502 }),
    },
    {
        name: "proxy: timeout",
        comesTo: "stays",
        says: /within 1 s/,
        timeoutSeconds: 1,
        tls: true,
        arrange: proxied({ kind: "hang" }),
    },
    {
        name: "proxy: reset",
        comesTo: "stays",
        says: /the proxy .* closed the connection/,
        tls: true,
        arrange: proxied({ kind: "reset" }),
    },
    { name: "proxy: no HTTP", comesTo: "stays", says: /proxy/, tls: true, arrange: proxied({ kind: "garbage" }) },
    {
        name: "proxy: tunnel breaks",
        comesTo: "stays",
        says: /closed the connection/,
        tls: true,
        arrange: proxied({ kind: "breakTunnel" }),
    },
    {
        name: "proxy: down",
        comesTo: "stays",
        says: /proxyUrl: no connection to the proxy/,
        tls: true,
        arrange: () => ({ args: { proxyUrl: "http://127.0.0.1:9" } }),
    },
    {
        name: "proxy: no such name",
        comesTo: "stays",
        says: /proxyUrl: the proxy nowhere\.example:3128 was not found/,
        tls: true,
        arrange: () => ({ args: { proxyUrl: "http://nowhere.example:3128" } }),
    },
    { name: "vendors' clock an hour ahead", comesTo: "verified", arrange: (vendors) => vendors.clock.advance(3600) },
    { name: "vendors' clock an hour behind", comesTo: "verified", arrange: (vendors) => vendors.clock.advance(-3600) },
    {
        name: "access_token empty",
        comesTo: "rejected",
        says: /empty access token/,
        ...atToken((value) => void (value["access_token"] = "")),
    },
    {
        name: "access_token missing",
        comesTo: "stays",
        says: /without an access token/,
        ...atToken((value) => void delete value["access_token"]),
    },
    {
        name: "access_token a number",
        comesTo: "stays",
        says: /without an access token/,
        ...atToken((value) => void (value["access_token"] = 12345)),
    },
    {
        name: "access_token with a line break",
        comesTo: "stays",
        says: /not allowed in an HTTP header/,
        ...atToken((value) => void (value["access_token"] = "a\r\nx-evil: 1")),
    },
    { name: "token_type unknown", comesTo: "stays", ...atToken((value) => void (value["token_type"] = "mac")) },
    { name: "token_type missing", comesTo: "verified", ...atToken((value) => void delete value["token_type"]) },
    { name: "expires_in absent", comesTo: "verified", ...atToken((value) => void delete value["expires_in"]) },
    { name: "expires_in null", comesTo: "verified", ...atToken((value) => void (value["expires_in"] = null)) },
    { name: "expires_in 1", comesTo: "verified", ...atToken((value) => void (value["expires_in"] = 1)) },
    {
        name: "expires_in a string",
        comesTo: "verified",
        ...atToken((value) => void (value["expires_in"] = String(value["expires_in"]))),
    },
    { name: "expires_in negative", comesTo: "verified", ...atToken((value) => void (value["expires_in"] = -3600)) },
    {
        name: "expires_in a word",
        comesTo: "stays",
        says: /expires_in/,
        ...atToken((value) => void (value["expires_in"] = "soon")),
    },
];

const secured = (endpoints: Endpoints): Endpoints =>
    Object.fromEntries(Object.entries(endpoints).map(([from, to]) => [from, to.replace(/^http:/, "https:")]));

/** Facts that a fault of the token endpoint may rightly change. */
const without = (state: State): State => {
    const { tokenLifetimeSeconds: _, verifiedAt: __, ...rest } = state;
    return rest;
};

interface Cell {
    readonly row: Row;
    readonly one: Case;
    readonly verified: CoreReply<Verified>;
    readonly again: CoreReply<Checked>;
    readonly anew: CoreReply<unknown>;
    readonly state: State;
    readonly read: CoreReply<{ props: State; inputs: State }>;
    readonly differs: boolean;
    readonly seconds: number;
}

describe("A fault", () => {
    let core: Core;
    const cells: Cell[] = [];

    async function probe(
        row: Row,
        one: Case,
        vendors: Vendors,
        before: { outs: State; id: string },
        wrong: Wrong,
        args: object,
    ): Promise<Cell> {
        const { type: connection } = one;
        const endpoints = wrong.endpoints ?? vendors.endpoints;
        const run = `${row.name} ${one.credential}`;
        const seconds = row.timeoutSeconds ?? 20;
        const given = { ...vendors.credentials[one.credential], ...args, ...wrong.args, timeoutSeconds: seconds };
        // What is on record was made with these very arguments.
        const state = { ...before.outs, ...wrong.args, timeoutSeconds: seconds };
        const verified = await core.verify(connection, given, endpoints);
        const programResult = JSON.stringify({ ...verified.value?.result, mode: "always" });
        const again = await core.ask<Checked>({
            connection,
            call: "check",
            args: [state, { ...given, programResult }],
            endpoints,
            run,
        });
        const diff = await core.ask<{ changes: boolean }>({
            connection,
            call: "diff",
            args: [before.id, state, again.value?.inputs ?? {}],
            endpoints,
            run,
        });
        const read = await core.ask<{ props: State; inputs: State }>({
            connection,
            call: "read",
            args: [before.id, state],
            endpoints,
            run,
        });
        const fresh = await core.ask<Checked>({
            connection,
            call: "check",
            args: [{}, { ...given, programResult }],
            endpoints,
            run: `${run} anew`,
        });
        const refused = (fresh.value?.failures ?? []).length > 0;
        const anew = refused
            ? fresh
            : await core.ask({
                  connection,
                  call: "create",
                  args: [fresh.value?.inputs],
                  endpoints,
                  run: `${run} anew`,
              });
        return { row, one, verified, again, anew, state, read, differs: diff.value?.changes !== false, seconds };
    }

    async function fill(row: Row): Promise<Cell[]> {
        const vendors = await startVendors(row.tls === true ? { tls: good } : {});
        const args = row.tls === true ? { tls: { caCertificates: authority.certificate } } : {};
        const chosen = cases.filter((one) => row.only?.(one) !== false);
        let wrong: Wrong | void = undefined;
        try {
            const before = await Promise.all(
                chosen.map(async ({ type: connection, credential }) => {
                    const given = { ...vendors.credentials[credential], ...args };
                    const common = {
                        connection,
                        endpoints: vendors.endpoints,
                        run: `${row.name} ${credential} before`,
                    };
                    const checked = await core.ask<Checked>({ ...common, call: "check", args: [{}, given] });
                    const created = await core.ask<{ id: string; outs: State }>({
                        ...common,
                        call: "create",
                        args: [checked.value?.inputs],
                    });
                    if (created.value === undefined) {
                        throw new Error(`${connection} is not verified to begin with: ${created.error?.message}`);
                    }
                    return created.value;
                }),
            );
            wrong = await row.arrange(vendors);
            const given: Wrong = wrong ?? {};
            return await Promise.all(
                chosen.map((one, at) =>
                    probe(row, one, vendors, before[at] as { outs: State; id: string }, given, args),
                ),
            );
        } finally {
            await vendors.close();
            await (wrong as Wrong | undefined)?.end?.();
        }
    }

    beforeAll(async () => {
        authority = await Authority.create();
        good = await authority.issue(["127.0.0.1"]);
        const names = {
            "nowhere.example": "ENOTFOUND",
            "silent.example": "EAI_AGAIN",
            "metadata.example": "169.254.169.254",
        };
        core = Core.start(
            { CONNECTIONS_TEST_NAMES: JSON.stringify(names) },
            path.join(__dirname, "../support", "name-server.js"),
        );
        const waiting = [...rows];
        const worker = async (): Promise<void> => {
            for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
                cells.push(...(await fill(row)));
            }
        };
        await Promise.all(Array.from({ length: 8 }, worker));
    });

    afterAll(async () => {
        await core.close();
        process.stdout.write(table(cells));
    });

    const cellsOf = (row: Row): Cell[] => cells.filter((cell) => cell.row === row);

    test.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
        const found = cellsOf(row);
        expect(found.length).toBeGreaterThan(0);
        for (const { one, verified, again, anew, state, read, differs, seconds } of found) {
            const seen = verified.value?.result?.tenants[0];
            const told = (verified.value?.messages ?? []).join("\n");
            const at = { class: `${one.type} (${one.credential})`, told };
            expect({ ...at, error: verified.error ?? again.error ?? read.error }).toEqual({ ...at, error: undefined });
            expect({ ...at, inTime: verified.milliseconds < seconds * 1000 + 3000 }).toEqual({ ...at, inTime: true });
            expect({ ...at, internal: seen?.problems.filter(({ kind }) => kind === "internal") }).toEqual({
                ...at,
                internal: [],
            });
            if (row.comesTo === "verified") {
                expect({ ...at, status: seen?.status, failures: again.value?.failures }).toEqual({
                    ...at,
                    status: "verified",
                    failures: [],
                });
                expect({ ...at, created: anew.error }).toEqual({ ...at, created: undefined });
                expect(without(read.value?.props ?? {})).toEqual(without(state));
                continue;
            }
            expect({ ...at, status: seen?.status }).toEqual({
                ...at,
                status: row.comesTo === "stays" ? "unreachable" : row.comesTo,
            });
            // What happened, with a host or an argument, and what to do.
            expect(told).toMatch(
                /^(\w+: )?.*[\w-]+(\.[\w-]+)+.*[.)] [A-Z].*\. \[[a-z-]+\]$|^\w+: .*\. [A-Z].*\. \[[a-z-]+\]$/m,
            );
            expect(told).toMatch(row.says ?? /./);
            // A problem of the vendor's own keeps a new connection from being recorded.
            const refusal =
                anew.error?.message ?? (anew.value as Checked).failures.map(({ reason }) => reason).join("\n");
            expect({ ...at, recorded: refusal === "" }).toEqual({ ...at, recorded: false });
            expect(anew.error?.stack ?? "").toBe("");
            if (row.comesTo === "stays") {
                expect({ ...at, failures: again.value?.failures, differs }).toEqual({
                    ...at,
                    failures: [],
                    differs: false,
                });
                expect(read.value?.props).toEqual(state);
            } else {
                expect({ ...at, differs }).toEqual({ ...at, differs: true });
            }
        }
    });

    test("leaves nothing unhandled", () => {
        expect(core.astray).toEqual([]);
    });

    test("of a body that is too large takes no memory", async () => {
        const vendors = await startVendors();
        const fresh = Core.start();
        try {
            const { type, credential } = cases[1] as Case;
            const before = await fresh.verify(type, vendors.credentials[credential], vendors.endpoints);
            everywhere({ kind: "hugeBody", bytes: 512 << 20 })(vendors);
            const after = await fresh.verify(
                type,
                { ...vendors.credentials[credential], timeoutSeconds: 20 },
                vendors.endpoints,
            );
            expect(after.value?.messages.join()).toMatch(/more than 1 MiB/);
            expect(after.peakMegabytes - before.peakMegabytes).toBeLessThan(64);
        } finally {
            await fresh.close();
            await vendors.close();
        }
    });
});

function table(cells: readonly Cell[]): string {
    const titles = cases.map(({ credential }) => credential);
    const lines = rows.map((row) => {
        const marks = cases.map((one) => {
            const cell = cells.find((candidate) => candidate.row === row && candidate.one === one);
            const seen = cell?.verified.value?.result?.tenants[0];
            const mark =
                seen === undefined
                    ? "-"
                    : seen.status === "unreachable"
                      ? (seen.problems[0]?.kind ?? "?")
                      : seen.status;
            return mark.padEnd(15);
        });
        return `${row.name.padEnd(34)} ${row.comesTo.padEnd(9)} ${marks.join(" ")}`;
    });
    const count = (mark: Row["comesTo"]): number => cells.filter(({ row }) => row.comesTo === mark).length;
    const sum = `${rows.length} faults, ${cells.length} cells: ${count("verified")} verified, ${count("stays")} unreachable and kept, ${count("rejected")} rejected`;
    return `\n${"".padEnd(44)} ${titles.map((title) => title.padEnd(15)).join(" ")}\n${lines.join("\n")}\n${sum}\n`;
}
