import { createServer, type IncomingMessage, type Server } from "node:http";
import { constants, createSecureServer } from "node:http2";
import {
    connect,
    createServer as createSocketServer,
    type AddressInfo,
    type Server as SocketServer,
    type Socket,
} from "node:net";
import path from "node:path";
import { proxyFor } from "../../provider/core/http/proxy";
import { Authority } from "../support/certificates";
import { cases } from "../support/classes";
import { Core, type CoreReply, type Verified } from "../support/core";
import { verifierOf } from "../support/types";
import {
    startConnectProxy,
    startVendors,
    type ConnectProxy,
    type Fault,
    type LoggedRequest,
    type Vendors,
} from "../simulators/vendors";

const statusOf = (reply: CoreReply<Verified>): string | undefined => reply.value?.result?.tenants[0]?.status;
const kindsOf = (reply: CoreReply<Verified>): string[] =>
    (reply.value?.result?.tenants[0]?.problems ?? []).map(({ kind }) => kind);
const told = (reply: CoreReply<Verified>): string => (reply.value?.messages ?? [reply.error?.message ?? ""]).join("\n");
const support = (name: string): string => path.join(__dirname, "../support", name);
const tokenPath = /oauth2?\/token$/;
const isPlan = { token: tokenPath, api: /jamf-pro-version$/ } as const;

/** Cores that a test started besides the common one. */
const started: Core[] = [];
const start = (...args: Parameters<typeof Core.start>): Core => {
    const core = Core.start(...args);
    started.push(core);
    return core;
};

let core: Core;
let vendors: Vendors;

beforeAll(async () => {
    core = start();
    vendors = await startVendors();
});

beforeEach(() => {
    vendors.clearFaults();
    vendors.requests.clear();
    vendors.clock.reset();
});

afterAll(async () => {
    expect(started.flatMap(({ astray }) => astray)).toEqual([]);
    await Promise.all([vendors.close(), ...started.map((one) => one.close())]);
});

const jamfListener = (): ReturnType<Vendors["listener"]> => vendors.listener("https://acme.jamfcloud.com");
const jamf = (args: object = {}, run?: string): Promise<CoreReply<Verified>> =>
    core.verify("jamf.ApiClient", { ...vendors.credentials.jamf, ...args }, vendors.endpoints, run);
const asked = (filter: Parameters<Vendors["requests"]["matching"]>[0] = {}): LoggedRequest[] =>
    vendors.requests.matching(filter);
const gap = (requests: readonly LoggedRequest[]): number => (requests[1]?.time ?? 0) - (requests[0]?.time ?? 0);

describe("A request", () => {
    const transient: [string, Fault][] = [
        ...[408, 425, 429, 500, 502, 503, 504, 520, 599].map((status): [string, Fault] => [
            `HTTP ${status}`,
            { kind: "status", status },
        ]),
        ["a reset", { kind: "reset" }],
        ["a closed connection", { kind: "close" }],
        ["a body cut short", { kind: "truncate" }],
    ];

    let hasty: Core;
    beforeAll(() => {
        hasty = start({}, support("pauses.js"));
    });

    test.each(transient)("is sent four times at most, after %s, a token request as well", async (_, fault) => {
        const verify = (): Promise<CoreReply<Verified>> =>
            hasty.verify("jamf.ApiClient", vendors.credentials.jamf, vendors.endpoints);
        for (const [which, at] of Object.entries(isPlan)) {
            vendors.clearFaults();
            vendors.requests.clear();
            jamfListener().fault({ ...fault, path: at });
            const failed = await verify();
            expect({ which, status: statusOf(failed), tries: asked({ path: at }).length }).toEqual({
                which,
                status: "unreachable",
                tries: 4,
            });
            vendors.clearFaults();
            vendors.requests.clear();
            jamfListener().fault({ ...fault, path: at, times: 3 });
            const passed = await verify();
            expect({ which, status: statusOf(passed), tries: asked({ path: at }).length }).toEqual({
                which,
                status: "verified",
                tries: 4,
            });
        }
    });

    test("is sent four times at most to a host that is down", async () => {
        // Node speaks to whoever listens: counted are the connections to a port that nobody accepts on.
        const port = await new Promise<number>((found) => {
            const server = createSocketServer().listen(0, "127.0.0.1", () => {
                const { port: free } = server.address() as AddressInfo;
                server.close(() => found(free));
            });
        });
        await expect(new Promise((_, refused) => connect(port, "127.0.0.1").on("error", refused))).rejects.toThrow(
            /ECONNREFUSED/,
        );
        const counting = start({}, support("pauses.js"));
        const reply = await counting.verify("jamf.ApiClient", vendors.credentials.jamf, {
            "https://acme.jamfcloud.com": `http://127.0.0.1:${port}`,
        });
        expect(kindsOf(reply)).toEqual(["connectFailed"]);
        expect(counting.output.match(/^pause /gm)).toHaveLength(3);
    });

    test.each([400, 401, 403, 404])("that a vendor refuses with HTTP %d is sent once", async (status) => {
        const listener = vendors.listener("https://acme.atlassian.net");
        listener.fault({ kind: "status", status, body: { message: "no" } });
        await core.verify("atlassian.JiraUserToken", vendors.credentials.jiraUserToken, vendors.endpoints);
        expect(asked({ origin: "https://acme.atlassian.net" })).toHaveLength(1);
    });

    test.each(cases.map(({ type, credential }) => [type, credential] as const))(
        "with a refused credential is sent once: %s (%s)",
        async (type, credential) => {
            const given = vendors.credentials[credential];
            const secret = "clientSecret" in given ? "clientSecret" : "apiToken";
            const { standbyClientSecret: _, ...args } = {
                standbyClientSecret: "",
                ...given,
                [secret]: "wrong-secret-0123456789",
            };
            const replies = await Promise.all(
                [1, 2, 3, 4, 5].map((at) =>
                    core.verify(type, { ...args, warnBeforeDays: at }, vendors.endpoints, `refused ${credential}`),
                ),
            );
            for (const reply of replies) {
                expect({ kinds: kindsOf(reply)[0], told: told(reply) }).toEqual({
                    kinds: "credentialRefused",
                    told: expect.stringContaining(secret) as string,
                });
            }
            const requests = asked().filter(
                ({ headers, path: at }) => headers.authorization !== undefined || tokenPath.test(at),
            );
            // A token that is refused as Basic is shown as Bearer once.
            const sent = requests.map(
                ({ path: at, headers }) => `${String(headers.authorization).split(" ")[0]} ${at}`,
            );
            expect(sent).toHaveLength(type === "atlassian.ServiceAccountToken" ? 2 : 1);
        },
    );

    const utc = (now: number, seconds: number): string => new Date(now + seconds * 1000).toUTCString();
    const dated = (seconds: number): string => utc(vendors.clock.now(), seconds);
    const pauses: [string, (now: number) => Record<string, string | string[]>][] = [
        ["Retry-After in seconds", () => ({ "retry-after": "1" })],
        ["Retry-After as a date on the vendor's clock", (now) => ({ "retry-after": utc(now, 3) })],
        ["X-RateLimit-Reset in ISO 8601", (now) => ({ "x-ratelimit-reset": new Date(now + 3000).toISOString() })],
        [
            "X-RateLimit-Reset in seconds since 1970",
            (now) => ({ "x-ratelimit-reset": String(Math.ceil(now / 1000) + 2) }),
        ],
        ["X-RateLimit-Reset in seconds from then", () => ({ "x-ratelimit-reset": "1" })],
        ["X-RateLimit-Reset in milliseconds since 1970", (now) => ({ "x-ratelimit-reset": String(now + 3000) })],
        [
            "X-RateLimit-RetryAfter of CrowdStrike, in seconds since 1970",
            (now) => ({ "x-ratelimit-retryafter": String(Math.ceil(now / 1000) + 2) }),
        ],
        ["X-RateLimit-Requests-Reset in milliseconds", () => ({ "x-ratelimit-requests-reset": "1000" })],
        [
            "RateLimit-Reset in seconds from then",
            () => ({ "ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "1" }),
        ],
        ["RateLimit with a named policy", () => ({ ratelimit: '"burst";r=0;t=1' })],
        ["RateLimit with spaces, and a name that holds what separates", () => ({ ratelimit: '"a;t=9,b" ; r=0; t=1' })],
        ["RateLimit without what remains", () => ({ ratelimit: "default;t=1" })],
        [
            "RateLimit of several policies, of which one is used up",
            () => ({ ratelimit: '"hour";r=70;t=1800, "second";r=0;t=1' }),
        ],
        ["RateLimit in several lines", () => ({ ratelimit: ['"second";r=0;t=1', '"hour";r=70;t=1800'] })],
        ["RateLimit as earlier drafts have it", () => ({ ratelimit: "limit=10, remaining=0, reset=1" })],
        [
            "Beta-RateLimit of Atlassian",
            () => ({
                "beta-ratelimit": '"tenant-app-quota";r=0;t=1',
                "x-beta-ratelimit-reason": "jira-quota-tenant-based",
            }),
        ],
        [
            "X-Beta-RateLimit-Reset of Atlassian",
            (now) => ({ "x-beta-ratelimit-reset": new Date(now + 3000).toISOString() }),
        ],
        ["Retry-After, which goes before RateLimit", () => ({ "retry-after": "1", ratelimit: '"hour";r=0;t=1800' })],
    ];

    /** How often and how long apart a row's two requests came, each row with vendors of its own: together they wait as long as one. */
    const waited = new Map<string, Promise<{ status: string | undefined; count: number; gap: number }[]>>();
    const waits = async (headers: (now: number) => Record<string, string | string[]>) => {
        const own = await startVendors();
        own.clock.advance(3600);
        try {
            const found = [];
            for (const at of Object.values(isPlan)) {
                own.requests.clear();
                const asking = headers(own.clock.now());
                own.listener("https://acme.jamfcloud.com").fault({
                    kind: "status",
                    status: 429,
                    headers: asking,
                    path: at,
                    times: 1,
                });
                const reply = await core.verify("jamf.ApiClient", own.credentials.jamf, own.endpoints);
                const sent = own.requests.matching({ path: at });
                found.push({ status: statusOf(reply), count: sent.length, gap: gap(sent) });
            }
            return found;
        } finally {
            await own.close();
        }
    };

    beforeAll(() => pauses.forEach(([name, headers]) => waited.set(name, waits(headers))));
    afterAll(() => Promise.allSettled(waited.values()));

    test.each(pauses)("waits as long as the vendor asks: %s, with clocks an hour apart", async (name) => {
        expect(await waited.get(name)).toEqual([
            { status: "verified", count: 2, gap: expect.any(Number) as number },
            { status: "verified", count: 2, gap: expect.any(Number) as number },
        ]);
        ((await waited.get(name)) ?? []).forEach((found) => expect(found.gap).toBeGreaterThanOrEqual(950));
    });

    test.each([
        ["Retry-After", (): Record<string, string> => ({ "retry-after": "1" }), 950],
        [
            "nothing left, and when there is more",
            () => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(vendors.clock.now() + 1500) }),
            950,
        ],
        ["nothing left", () => ({ "x-ratelimit-remaining": "0" }), 0],
        ["nothing left, as the drafts have it", () => ({ "ratelimit-remaining": "0" }), 0],
    ])("is sent again after a 403 for a rate limit, as after a 429: %s", async (_, headers, least) => {
        for (const at of Object.values(isPlan)) {
            vendors.requests.clear();
            const body = { message: "You have exceeded a secondary rate limit." };
            jamfListener().fault({ kind: "status", status: 403, headers: headers(), body, path: at, times: 1 });
            expect(statusOf(await jamf())).toBe("verified");
            expect(asked({ path: at })).toHaveLength(2);
            expect(gap(asked({ path: at }))).toBeGreaterThanOrEqual(least);
        }
    });

    test("with a 403 that leaves calls is denied, and not for a rate limit", async () => {
        const headers = { "x-ratelimit-remaining": "59" };
        jamfListener().fault({ kind: "status", status: 403, headers, body: { message: "no" }, path: isPlan.api });
        expect(kindsOf(await jamf())).toEqual(["accessMissing"]);
    });

    test("goes by HTTP/1.1 where a server has HTTP/2 as well, and resets all its streams", async () => {
        const identity = await (await Authority.create()).issue(["127.0.0.1"]);
        const versions: string[] = [];
        const server = createSecureServer({ ...identity, allowHTTP1: true }, (request, response) => {
            versions.push(request.httpVersion);
            const body = tokenPath.test(request.url)
                ? { access_token: "token-of-this-test", expires_in: 60, token_type: "Bearer", scope: "" }
                : request.url.endsWith("version")
                  ? { version: "11.0.0" }
                  : { account: { id: "1" } };
            response.setHeader("content-type", "application/json");
            response.end(JSON.stringify(body));
        });
        server.on("stream", (stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM));
        await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
        const proxy = await startConnectProxy();
        try {
            const { requiredPrivileges: _, ...args } = vendors.credentials.jamf;
            for (const way of [{}, { proxyUrl: proxy.url }]) {
                const given = { ...args, ...way, tls: { insecureSkipVerify: true } };
                const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
                const reply = await core.verify("jamf.ApiClient", given, { "https://acme.jamfcloud.com": endpoint });
                expect({ told: told(reply), status: statusOf(reply) }).toEqual({ told: "", status: "verified" });
            }
            expect(new Set(versions)).toEqual(new Set(["1.1"]));
        } finally {
            server.close();
            await proxy.close();
        }
    });

    test.each([
        ["seconds", (): Record<string, string> => ({ "retry-after": "7200" })],
        ["a date", () => ({ "retry-after": dated(7200) })],
        ["X-RateLimit-Reset", () => ({ "x-ratelimit-reset": new Date(vendors.clock.now() + 7_200_000).toISOString() })],
        ["RateLimit", () => ({ ratelimit: '"hour";r=0;t=7200' })],
    ])("is not sent again before a time past the deadline, which is told: %s", async (_, headers) => {
        vendors.clock.advance(-3600);
        jamfListener().fault({ kind: "status", status: 429, headers: headers() });
        const before = Date.now();
        const reply = await jamf();
        expect(kindsOf(reply)).toEqual(["rateLimited"]);
        expect(asked()).toHaveLength(1);
        const until = Date.parse(/says to wait until (\S+Z),/.exec(told(reply))?.[1] ?? "");
        // By the clock of who reads it, to the second that headers have.
        expect(Math.abs(until - before - 7_200_000)).toBeLessThan(5000);
        expect(told(reply)).toMatch(
            /acme\.jamfcloud\.com says to wait .* (7199|7200|7201) s from now, longer than timeoutSeconds allows .*Run again then\. \[[a-z-]+\]$/,
        );
    });

    test("is sent again after a random part of a growing pause", async () => {
        const counting = start({}, support("pauses.js"));
        jamfListener().fault({ kind: "status", status: 503 });
        const runs = 300;
        await Promise.all(
            Array.from({ length: runs }, (_, at) =>
                counting.verify(
                    "jamf.ApiClient",
                    {
                        ...vendors.credentials.jamf,
                        clientId: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
                    },
                    vendors.endpoints,
                ),
            ),
        );
        const all = [...counting.output.matchAll(/^pause (\S+)/gm)].map(([, text]) => Number(text));
        expect(all).toHaveLength(runs * 3);
        // The longest pauses tell the three rounds apart no more than their sums do: judged is the mixture.
        expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...all)).toBeLessThanOrEqual(1000);
        const share = (from: number, to: number): number =>
            all.filter((pause) => pause >= from && pause < to).length / all.length;
        // Evenly up to 250, 500 and 1000 milliseconds, a third of them each: 7/12, 3/12 and 2/12.
        expect(share(0, 250)).toBeCloseTo(7 / 12, 0.9);
        expect(share(250, 500)).toBeGreaterThan(0.15);
        expect(share(250, 500)).toBeLessThan(0.35);
        expect(share(500, 1000)).toBeGreaterThan(0.08);
        expect(share(500, 1000)).toBeLessThan(0.26);
        expect(new Set(all).size).toBeGreaterThan(runs * 2);
    });
});

describe("An access token", () => {
    test.each([401, 403, 404])(
        "that turns bad in mid-run (HTTP %d) is got once more before anything is called drift",
        async (status) => {
            for (const [name, at] of [
                ["jamf", isPlan.api],
                ["atlassianOAuth", /accessible-resources$/],
                ["jumpcloud", /api\/organizations/],
            ] as const) {
                vendors.clearFaults();
                vendors.requests.clear();
                vendors.listeners.forEach((listener) =>
                    listener.fault({ kind: "status", status, body: { message: "expired" }, path: at, times: 1 }),
                );
                const { type } = cases.find(({ credential }) => credential === name) ?? { type: "" };
                const reply = await core.verify(type, vendors.credentials[name], vendors.endpoints);
                expect({ name, status: statusOf(reply), tokens: asked({ path: tokenPath }).length }).toEqual({
                    name,
                    status: "verified",
                    tokens: 2,
                });
            }
        },
    );

    test("that stays bad is a refused token, after three new ones", async () => {
        jamfListener().fault({ kind: "status", status: 401, body: {}, path: /jamf-pro-version|auth$/ });
        const reply = await jamf();
        expect(kindsOf(reply)).toEqual(["tokenRefused"]);
        expect(asked({ path: tokenPath })).toHaveLength(4);
    });

    test("is one for 200 connections with the same credential, and 5 calls at once go to a Jamf server", async () => {
        jamfListener().fault({ kind: "latency", ms: 10 });
        const replies = await Promise.all(
            Array.from({ length: 200 }, (_, at) => jamf({ warnBeforeDays: at }, "fleet")),
        );
        expect(replies.map(statusOf)).toEqual(replies.map(() => "verified"));
        expect(asked({ path: tokenPath })).toHaveLength(1);
        expect(asked({ path: isPlan.api })).toHaveLength(200);
        expect(vendors.requests.maxConcurrent("https://acme.jamfcloud.com")).toBe(5);
    });

    test("is one for 200 connections to Atlassian, and 16 calls at once go to one of its hosts", async () => {
        vendors.listeners.forEach((listener) => listener.fault({ kind: "latency", ms: 10 }));
        const args = vendors.credentials.atlassianOAuth;
        const replies = await Promise.all(
            Array.from({ length: 200 }, (_, at) =>
                core.verify(
                    "atlassian.ServiceAccountOAuth",
                    { ...args, warnBeforeDays: at },
                    vendors.endpoints,
                    "atlassian",
                ),
            ),
        );
        expect(replies.map(statusOf)).toEqual(replies.map(() => "verified"));
        expect(asked({ path: tokenPath })).toHaveLength(1);
        expect(vendors.requests.maxConcurrent("https://api.atlassian.com")).toBe(16);
    });

    test("is got once more, not 200 times, when 200 connections find it bad", async () => {
        const first = await jamf({ warnBeforeDays: 300 }, "revoked");
        expect(statusOf(first)).toBe("verified");
        vendors.fixture.jamf.client.revokeAccessTokens();
        vendors.requests.clear();
        const replies = await Promise.all(
            Array.from({ length: 200 }, (_, at) => jamf({ warnBeforeDays: at }, "revoked")),
        );
        expect(replies.map(statusOf)).toEqual(replies.map(() => "verified"));
        expect(asked({ path: tokenPath })).toHaveLength(1);
    });

    test("of one tenant never goes to another with the same client id and secret", async () => {
        const seen: [string, string | undefined][] = [];
        const serve = (name: string): Promise<Server> => {
            const server = createServer((request: IncomingMessage, response) => {
                seen.push([name, request.headers.authorization]);
                const path = request.url ?? "";
                const body = tokenPath.test(path)
                    ? { access_token: `token-of-${name}`, expires_in: 60, token_type: "Bearer", scope: "" }
                    : path.endsWith("version")
                      ? { version: "11.0.0" }
                      : { account: { id: name } };
                response.setHeader("content-type", "application/json").end(JSON.stringify(body));
            });
            return new Promise((up) => server.listen(0, "127.0.0.1", () => up(server)));
        };
        const servers = await Promise.all(["one", "two"].map(serve));
        const [one, two] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`) as [
            string,
            string,
        ];
        const args = { clientId: "11111111-2222-4333-8444-555555555555", clientSecret: "the-same-secret-for-both" };
        const replies = await Promise.all(
            Array.from({ length: 40 }, (_, at) =>
                core.verify(
                    "jamf.ApiClient",
                    { ...args, url: at % 2 === 0 ? one : two, warnBeforeDays: at },
                    {},
                    "tenants",
                ),
            ),
        );
        servers.forEach((server) => server.close().closeAllConnections());
        expect(replies.map(statusOf)).toEqual(replies.map(() => "verified"));
        const used = seen.filter(([, authorization]) => authorization !== undefined);
        expect(used.length).toBe(80);
        expect(used.filter(([name, authorization]) => authorization !== `Bearer token-of-${name}`)).toEqual([]);
    });

    test("is not shared where the way to the vendor differs", async () => {
        const proxy = await startConnectProxy();
        try {
            const authority = await Authority.create();
            const ways = [
                {},
                { proxyUrl: proxy.url },
                { tls: { insecureSkipVerify: true } },
                { tls: { caCertificates: authority.certificate } },
            ];
            const replies = await Promise.all(
                [...ways, ...ways].map((way, at) => jamf({ ...way, warnBeforeDays: at }, "ways")),
            );
            expect(replies.map(statusOf)).toEqual(replies.map(() => "verified"));
            expect(asked({ path: tokenPath })).toHaveLength(ways.length);
        } finally {
            await proxy.close();
        }
    });

    test("that another connection waits for too briefly is there for those with more time", async () => {
        jamfListener().fault({ kind: "latency", ms: 2500, path: tokenPath });
        const [brief, patient] = await Promise.all([
            jamf({ timeoutSeconds: 1 }, "brief first"),
            jamf({ timeoutSeconds: 25 }, "brief first"),
        ]);
        expect([statusOf(brief), statusOf(patient)]).toEqual(["unreachable", "verified"]);
        expect(brief.milliseconds).toBeLessThan(2400);
        const [long, short] = await Promise.all([
            jamf({ timeoutSeconds: 25 }, "patient first"),
            jamf({ timeoutSeconds: 1 }, "patient first"),
        ]);
        expect([statusOf(long), statusOf(short)]).toEqual(["verified", "unreachable"]);
        expect(short.milliseconds).toBeLessThan(2400);
        expect(told(short)).toMatch(/within 1 s/);
    });
});

describe("A host that takes no more requests", () => {
    const count = 200;
    const clientId = (at: number): string => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
    /** So many connections that none shares a token with another. */
    const fleet = (run: string, more: object = {}): Promise<CoreReply<Verified>[]> =>
        Promise.all(Array.from({ length: count }, (_, at) => jamf({ clientId: clientId(at), ...more }, run)));
    /** Requests by the wave that they came in: those that less than a second lies between, as a busy machine spreads them. */
    const waves = (): number[] => {
        const times = asked().map(({ time }) => time);
        return times.reduce<number[]>((sizes, time, at) => {
            const parted = at === 0 || time - (times[at - 1] ?? 0) >= 1000;
            return parted ? [...sizes, 1] : [...sizes.slice(0, -1), (sizes.at(-1) ?? 0) + 1];
        }, []);
    };

    const refusing: [string, Record<string, string>][] = [
        ["without a word when to come back", {}],
        ["for a second, again and again", { "retry-after": "1" }],
        ["for an hour", { ratelimit: '"hour";r=0;t=3600' }],
    ];

    test.each(refusing)(
        `is asked at most 240 times for ${count} connections, all of which say so: it refuses %s`,
        async (name, headers) => {
            jamfListener().fault({ kind: "status", status: 429, headers });
            const replies = await fleet(name, { timeoutSeconds: 4 });
            expect(asked().length).toBeLessThanOrEqual(240);
            expect(replies.map(kindsOf)).toEqual(replies.map(() => ["rateLimited"]));
            expect(replies.map(statusOf)).toEqual(replies.map(() => "unreachable"));
            expect(
                replies
                    .map(told)
                    .filter(
                        (text) =>
                            !/^acme\.jamfcloud\.com .*\(HTTP 429(, \d tries)?\).*\. Run again (then|later)(, or increase timeoutSeconds)?\. \[[a-z-]+\]$/.test(
                                text,
                            ),
                    ),
            ).toEqual([]);
            expect(replies.map(told).filter((text) => /gave no answer/.test(text))).toEqual([]);
        },
    );

    test("is left alone by all for as long as it asks, and then asked by as many at once as ever", async () => {
        jamfListener().fault({ kind: "status", status: 429, headers: { "retry-after": "2" } });
        await fleet("waves", { timeoutSeconds: 6 });
        expect(waves().length).toBeGreaterThan(1);
        expect(Math.max(...waves())).toBeLessThanOrEqual(5);
    });

    test("for longer than the deadline is asked by nobody else", async () => {
        jamfListener().fault({ kind: "status", status: 429, headers: { "retry-after": "3600" } });
        const replies = await fleet("an hour");
        expect(asked().length).toBeLessThanOrEqual(5);
        expect(new Set(replies.map(statusOf))).toEqual(new Set(["unreachable"]));
        const late = await jamf({ clientId: clientId(count) }, "an hour");
        expect({ kinds: kindsOf(late), told: told(late) }).toEqual({
            kinds: ["rateLimited"],
            told: expect.stringMatching(/says to wait until \S+Z, \d+ s from now/) as string,
        });
        expect(asked().length).toBeLessThanOrEqual(5);
        // Another run asks for itself: people who run again want to know.
        await jamf({}, "another");
        expect(asked().length).toBeLessThanOrEqual(6);
    });

    test("for a while verifies all as soon as it does again", async () => {
        jamfListener().fault({
            kind: "status",
            status: 429,
            headers: { "retry-after": "1" },
            path: isPlan.api,
            times: 5,
        });
        const replies = await Promise.all(
            Array.from({ length: count }, (_, at) => jamf({ warnBeforeDays: at }, "a while")),
        );
        expect(replies.map(statusOf)).toEqual(replies.map(() => "verified"));
        const [first, ...rest] = asked({ path: isPlan.api });
        expect(rest.filter(({ status, time }) => status !== 429 && time - (first?.time ?? 0) < 950)).toEqual([]);
    });

    test.each([503, 500])("for another reason is not asked again and again either: HTTP %d", async (status) => {
        jamfListener().fault({ kind: "status", status });
        const replies = await fleet(`HTTP ${status}`);
        expect(asked().length).toBeLessThanOrEqual(240);
        expect(replies.map(kindsOf)).toEqual(replies.map(() => ["serverFault"]));
    });

    test("does not hold up another host", async () => {
        const hosts = ["https://acme.jamfcloud.com", "https://api.atlassian.com"] as const;
        vendors.listener(hosts[0]).fault({ kind: "status", status: 429, headers: { "retry-after": "3600" } });
        await jamf({}, "two hosts");
        const reply = await core.verify(
            "atlassian.JiraConnector",
            vendors.credentials.jiraConnector,
            vendors.endpoints,
            "two hosts",
        );
        expect(statusOf(reply)).toBe("verified");
    });

    test("that is only slow says so of those whose turn does not come", async () => {
        jamfListener().fault({ kind: "latency", ms: 700 });
        const replies = await Promise.all(
            Array.from({ length: 40 }, (_, at) => jamf({ clientId: clientId(at), timeoutSeconds: 2 }, "slow")),
        );
        const unasked = replies.map(told).filter((text) => /5 requests at once/.test(text));
        expect(unasked.length).toBeGreaterThan(0);
        // Nobody is asked for an answer that could not come in time.
        expect(asked().length).toBe(replies.length - unasked.length);
        expect(unasked[0]).toMatch(
            /^acme\.jamfcloud\.com is sent 5 requests at once, and this connection's request could not be sent within 2 s \(timeoutSeconds\)\. Increase timeoutSeconds\. \[[a-z-]+\]$/,
        );
    });
});

describe("Ten hosts that do what none should, in one program with six that are well", () => {
    const ok = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    const forever = (socket: Socket, text: string, ms: number): void => {
        const timer = setInterval(() => socket.write(text), ms);
        socket.on("close", () => clearInterval(timer));
    };
    const hostile: Readonly<Record<string, (socket: Socket) => void>> = {
        "says nothing": () => undefined,
        "closes at once": (socket) => socket.end(),
        "resets at once": (socket) => socket.resetAndDestroy(),
        "speaks another protocol": (socket) => socket.end("220 mail.example ESMTP\r\n"),
        "sends headers without end": (socket) => {
            socket.write("HTTP/1.1 200 OK\r\n");
            forever(socket, "x-more: more\r\n", 50);
        },
        "sends a body without end": (socket) => {
            socket.write(`${ok}transfer-encoding: chunked\r\n\r\n`);
            forever(socket, `10000\r\n${" ".repeat(0x10000)}\r\n`, 5);
        },
        "sends a body drop by drop": (socket) => {
            socket.write(`${ok}content-length: 100000\r\n\r\n`);
            forever(socket, " ", 100);
        },
        "sends half of a body": (socket) => socket.end(`${ok}content-length: 100\r\n\r\n{`),
        "sends what is no JSON": (socket) => socket.end(`${ok}content-length: 3\r\n\r\n{{{`),
        "wants to be left alone for an hour": (socket) =>
            socket.end("HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n"),
    };
    const servers: SocketServer[] = [];
    const sockets = new Set<Socket>();
    const led: Record<string, string> = {};

    beforeAll(async () => {
        for (const [at, answer] of Object.values(hostile).entries()) {
            const server = createSocketServer((socket) => {
                sockets.add(socket.on("error", () => undefined).on("close", () => sockets.delete(socket)));
                socket.once("data", () => answer(socket));
            });
            await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
            servers.push(server);
            led[`https://hostile${at}.example`] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        }
    });
    afterAll(() => {
        sockets.forEach((socket) => socket.destroy());
        servers.forEach((server) => server.close());
    });

    test("leave the six verified, and none of the ten says anything of its credential", async () => {
        const endpoints = { ...vendors.endpoints, ...led };
        const probed = Object.keys(led).map((origin) =>
            core.verify(
                "http.Bearer",
                { token: "a-token-of-some-length", probe: { url: `${origin}/me`, account: "/id" }, timeoutSeconds: 5 },
                endpoints,
                "hostile",
            ),
        );
        const healthy = cases
            .slice(0, 6)
            .map(({ type, credential }) => core.verify(type, vendors.credentials[credential], endpoints, "hostile"));
        expect((await Promise.all(healthy)).map(statusOf)).toEqual(Array.from({ length: 6 }, () => "verified"));
        const names = Object.keys(hostile);
        expect((await Promise.all(probed)).map((reply, at) => [names[at], statusOf(reply)])).toEqual(
            names.map((name) => [name, "unreachable"]),
        );
    });
});

describe("A redirect", () => {
    test.each([301, 302, 303, 307, 308])(
        "with HTTP %d is not followed, and the host that it offers is named",
        async (status) => {
            const hits: string[] = [];
            const trap = createServer((request, response) => {
                hits.push(request.url ?? "");
                response.end("{}");
            });
            await new Promise<void>((up) => trap.listen(0, "127.0.0.1", up));
            const host = `127.0.0.1:${(trap.address() as AddressInfo).port}`;
            for (const { type, credential } of cases) {
                for (const at of [tokenPath, /./]) {
                    vendors.clearFaults();
                    vendors.listeners.forEach((listener) =>
                        listener.fault({ kind: "redirect", status, location: `http://${host}/stolen`, path: at }),
                    );
                    const reply = await core.verify(type, vendors.credentials[credential], vendors.endpoints);
                    if (asked({ status }).length > 0) {
                        expect({ type, kinds: kindsOf(reply)[0], told: told(reply) }).toEqual({
                            type,
                            kinds: "redirected",
                            told: expect.stringContaining(`redirects to ${host}`) as string,
                        });
                    }
                    vendors.requests.clear();
                }
            }
            trap.close().closeAllConnections();
            expect(hits).toEqual([]);
        },
    );

    test("within the same host is not followed", async () => {
        jamfListener().fault({ kind: "redirect", location: "/api/v2/oauth/token", path: tokenPath });
        const reply = await jamf();
        expect(kindsOf(reply)).toEqual(["redirected"]);
        expect(asked()).toHaveLength(1);
    });
});

describe("An address", () => {
    const forms = [
        ...[
            "169.254.169.254",
            "2852039166",
            "0xA9FEA9FE",
            "0251.0376.0251.0376",
            "169.16689662",
            "0xa9.254.0251.254",
            "169.254.169.254.",
        ],
        ...[
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "100.100.100.200",
            "0.0.0.0",
            "[::]",
            "１６９.254.169.254",
        ],
        ...[
            "[64:ff9b:1:a9fe:a9:fe00::]",
            "[2001:0:a9fe:a9fe::1]",
            "[::ffff:0:169.254.169.254]",
            "[fec0::1]",
            "[ff02::1]",
            "224.0.0.1",
            "240.0.0.1",
            "198.18.0.1",
        ],
    ];

    test.each(forms)("is refused however it is written: %s", async (host) => {
        for (const [type, args] of [
            ["jamf.ApiClient", { ...vendors.credentials.jamf, url: `https://${host}` }],
            [
                "atlassian.JiraUserToken",
                { siteUrl: `https://${host}/jira`, apiToken: "some-personal-token-0123456789" },
            ],
        ] as const) {
            const reply = await core.verify(type, args, {});
            expect({ type, kinds: kindsOf(reply), told: told(reply) }).toEqual({
                type,
                kinds: ["addressRefused"],
                told: expect.stringMatching(/^(url|siteUrl): /) as string,
            });
        }
    });

    test("is refused as it is resolved at connect time, whatever its name gave before", async () => {
        const names = {
            "auth.atlassian.com": "10.1.2.3",
            "api.atlassian.com": "::ffff:169.254.169.254",
            "console.jumpcloud.com": "64:ff9b::a9fe:a9fe",
            "admin-oauth.id.jumpcloud.com": "127.0.0.1",
            "acme.atlassian.net": "169.254.169.254",
            // Nobody listens there on port 443, so that it is asked for again.
            "rebinding.example": ["127.0.0.1", "169.254.169.254"],
            localhost: "10.1.2.3",
        };
        const resolving = start({ CONNECTIONS_TEST_NAMES: JSON.stringify(names) }, support("name-server.js"));
        for (const { type, credential } of cases.filter(
            ({ credential }) => credential !== "jamf" && credential !== "jiraDataCenter",
        )) {
            const reply = await resolving.verify(type, vendors.credentials[credential], {});
            expect({ type, kinds: kindsOf(reply)[0] }).toEqual({ type, kinds: "addressRefused" });
        }
        const rebound = await resolving.verify(
            "jamf.ApiClient",
            { ...vendors.credentials.jamf, url: "https://rebinding.example:9" },
            {},
        );
        expect({ kinds: kindsOf(rebound), told: told(rebound) }).toEqual({
            kinds: ["addressRefused"],
            told: expect.stringMatching(/^url: rebinding\.example/) as string,
        });
        const plain = await resolving.verify(
            "jamf.ApiClient",
            { ...vendors.credentials.jamf, url: "http://localhost:9" },
            {},
        );
        expect(kindsOf(plain)).toEqual(["addressRefused"]);
        expect(asked()).toEqual([]);
    });

    test("of a kind that no vendor answers from is refused as it is resolved, and what only gateways have is refused for vendors' hosts", async () => {
        const never = [
            "64:ff9b:1::808:808",
            "2001:0:808:808::1",
            "2002:808:808::1",
            "::ffff:0:8.8.8.8",
            "fec0::1",
            "ff0e::1",
            "224.0.0.1",
            "240.0.0.1",
            "192.0.2.1",
        ];
        const own = [...never, "198.18.0.1", "10.0.0.1", "fd12::1", "64:ff9b::a00:1"];
        const names = { "admin-oauth.id.jumpcloud.com": own, "inside.example": never };
        const resolving = start({ CONNECTIONS_TEST_NAMES: JSON.stringify(names) }, support("name-server.js"));
        for (const address of own) {
            const reply = await resolving.verify("jumpcloud.ServiceAccount", vendors.credentials.jumpcloud, {});
            expect({ address, kinds: kindsOf(reply) }).toEqual({ address, kinds: ["addressRefused"] });
        }
        for (const address of never) {
            const reply = await resolving.verify(
                "jamf.ApiClient",
                { ...vendors.credentials.jamf, url: "https://inside.example" },
                {},
            );
            expect({ address, kinds: kindsOf(reply) }).toEqual({ address, kinds: ["addressRefused"] });
        }
    });

    test.each([
        ["http://jamf.example.com", /https/],
        ["http://169.254.169.254", /https/],
        ["https://user:hunter2-hunter2@jamf.example.com", /must not hold a user or a password/],
        ["https://user@jamf.example.com", /must not hold a user or a password/],
        ["ftp://jamf.example.com", /https/],
        ["file:///etc/passwd", /https/],
        ["https://", /not a URL/],
    ])("that is no https one without a user is refused, and its password not shown: %s", async (url, why) => {
        for (const [type, args] of [
            ["jamf.ApiClient", { ...vendors.credentials.jamf, url }],
            ["atlassian.JiraUserToken", { siteUrl: url, apiToken: "some-personal-token-0123456789" }],
        ] as const) {
            const reply = await core.verify(type, args, {});
            expect(told(reply)).toMatch(why);
            expect(told(reply)).not.toContain("hunter2");
            expect(told(reply)).toMatch(/^(url|siteUrl): /);
        }
    });

    test.each([
        "http://gateway.example.com",
        "https://u:p@gateway.example.com",
        "https://gateway.example.com/?q",
        "https://169.254.169.254",
    ])("that is no place for credentials is refused as an endpoint, too: %s", async (endpoint) => {
        const endpoints = { "https://acme.jamfcloud.com": endpoint };
        const given = { connection: "jamf.ApiClient", endpoints, run: endpoint };
        const checked = await core.ask<{ failures: { reason: string }[] }>({
            ...given,
            call: "check",
            args: [{}, vendors.credentials.jamf],
        });
        const reasons = checked.value?.failures.map(({ reason }) => reason).join() ?? "";
        expect(reasons).toMatch(/plain http|not a JSON object|metadata/);
        expect(reasons).not.toContain("u:p");
    });
});

describe("A proxy and a private authority", () => {
    let authority: Authority;
    let secure: Vendors;
    let proxy: ConnectProxy;
    const args = (more: object = {}): object => ({
        ...secure.credentials.jamf,
        tls: { caCertificates: authority.certificate },
        ...more,
    });

    beforeAll(async () => {
        authority = await Authority.create();
        secure = await startVendors({
            tls: await authority.issue(["localhost", "127.0.0.1"]),
            endpointHost: "localhost",
        });
        proxy = await startConnectProxy({ username: "broker", password: "p@ss:w%rd-of-the-proxy" });
    });

    beforeEach(() => {
        proxy.requests.length = 0;
        secure.requests.clear();
    });

    afterAll(() => Promise.all([secure.close(), proxy.close()]));

    const verify = (by: Core, given: object): Promise<CoreReply<Verified>> =>
        by.verify("jamf.ApiClient", given, secure.endpoints);

    test("an authority of one's own is trusted where it is named, and nowhere else", async () => {
        expect(statusOf(await verify(core, args()))).toBe("verified");
        expect(kindsOf(await verify(core, args({ tls: {} })))).toEqual(["tlsFailed"]);
        const other = await Authority.create("Another CA");
        expect(kindsOf(await verify(core, args({ tls: { caCertificates: other.certificate } })))).toEqual([
            "tlsFailed",
        ]);
        expect(
            statusOf(
                await verify(core, args({ tls: { caCertificates: `${other.certificate}\n${authority.certificate}` } })),
            ),
        ).toBe("verified");
    });

    test("insecureSkipVerify accepts any certificate, and warns every time", async () => {
        for (const at of [1, 2]) {
            const reply = await verify(core, args({ tls: { insecureSkipVerify: true } }));
            expect({ at, status: statusOf(reply) }).toEqual({ at, status: "verified" });
            expect(reply.value?.result?.tenants[0]?.warnings.join()).toMatch(
                /insecureSkipVerify accepts any certificate/,
            );
        }
    });

    test("proxyUrl is the way to the vendor, with its user and password", async () => {
        expect(statusOf(await verify(core, args({ proxyUrl: proxy.urlWithCredentials })))).toBe("verified");
        expect(proxy.requests.map(({ method, status }) => [method, status])).toEqual(
            proxy.requests.map(() => ["CONNECT", 200]),
        );
        expect(proxy.requests.length).toBeGreaterThan(0);
        // What goes through the tunnel is the vendor's alone.
        expect(proxy.requests.map(({ headers }) => headers.authorization)).toEqual(proxy.requests.map(() => undefined));
    });

    test("a proxy that refuses its user is told apart from the vendor", async () => {
        const reply = await verify(core, args({ proxyUrl: proxy.url }));
        expect({ kinds: kindsOf(reply), told: told(reply) }).toEqual({
            kinds: ["proxyRefused"],
            told: expect.stringMatching(/^proxyUrl: .*407.*put them into proxyUrl/) as string,
        });
        expect(secure.requests.length).toBe(0);
    });

    test.each<[string, string | undefined, RegExp]>([
        [
            "no scheme",
            undefined,
            / It refuses the user and the password that it was sent\. Correct them in proxyUrl\. \[[a-z-]+\]$/,
        ],
        [
            "Basic and others",
            'Negotiate, NTLM, Basic realm="a, Digest"',
            /was sent\. It offers Negotiate, NTLM, Basic\. Correct them/,
        ],
        [
            "others alone",
            "NTLM TlRMTVNTUAAC, Negotiate",
            /It does not accept a user and password .* It offers NTLM, Negotiate\. Allow Basic/,
        ],
    ])("a proxy that refuses the user that it was sent says so, and what it offers: %s", async (_, offered, says) => {
        const refusing = await startConnectProxy();
        const headers = offered === undefined ? {} : { "proxy-authenticate": offered };
        refusing.fault = { kind: "status", status: 407, headers };
        const proxyUrl = refusing.url.replace("//", "//broker:wrong-password@");
        const { messages } = await verifierOf(secure.endpoints)("jamf.ApiClient", args({ proxyUrl }));
        await refusing.close();
        expect(messages).toEqual([expect.stringMatching(says)]);
        expect(messages.join()).not.toContain("wrong-password");
    });

    test("a per cent sign that escapes nothing stands for itself in a proxy's password", async () => {
        const odd = await startConnectProxy({ username: "b%", password: "50%@100%" });
        const proxyUrl = odd.url.replace("//", "//b%:50%%40100%25@");
        const { messages } = await verifierOf(secure.endpoints)("jamf.ApiClient", args({ proxyUrl }));
        await odd.close();
        expect(messages).toEqual([]);
    });

    describe("by the environment", () => {
        const before = { ...process.env };
        const through = (target: string, environment: Record<string, string>): string | undefined => {
            const others = Object.entries(before).filter(([name]) => !/^(https?|all|no)_proxy$/i.test(name));
            process.env = { ...Object.fromEntries(others), ...environment };
            try {
                return proxyFor(new URL(target), undefined)?.origin;
            } finally {
                process.env = { ...before };
            }
        };
        const all = { HTTPS_PROXY: "http://127.0.0.1:3128" };

        test.each([
            ["ALL_PROXY", { ALL_PROXY: "socks5://127.0.0.1:1080" }],
            ["all_proxy", { all_proxy: "socks5://127.0.0.1:1080", ALL_PROXY: "http://127.0.0.1:3128" }],
            ["HTTPS_PROXY", { HTTPS_PROXY: "socks5h://127.0.0.1:1080" }],
        ])("a variable that names no HTTP proxy is blamed by its own name: %s", (name, environment) => {
            expect(() => through("https://acme.jamfcloud.com/", environment as Record<string, string>)).toThrow(
                `${name} of the environment is not the URL of an HTTP proxy.`,
            );
        });

        test.each([
            ["https://10.1.2.3/", "10.0.0.0/8", true],
            ["https://10.1.2.3:8443/", "example.com, 10.1.2.0/24", true],
            ["https://10.1.2.3/", "example.com 10.1.2.3/32", true],
            ["https://11.1.2.3/", "10.0.0.0/8", false],
            ["https://10.1.2.3/", "10.0.0.0/33", false],
            ["https://10.1.2.3/", "0.0.0.0/0", true],
            ["https://10.1.2.3/", "fd00::/8", false],
            ["https://[fd00::1]/", "fd00::/8", true],
            ["https://[fd00::1]/", "[fd00::1]", true],
            ["https://[fe80::1]/", "fd00::/8", false],
            ["https://10.example.com/", "10.0.0.0/8", false],
        ])("%s with NO_PROXY=%s", (target, NO_PROXY, isExcepted) => {
            expect(through(target, { ...all, NO_PROXY })).toBe(isExcepted ? undefined : all.HTTPS_PROXY);
        });
    });

    test("HTTPS_PROXY is one as well, with and without its scheme; NO_PROXY excepts hosts from it", async () => {
        for (const name of ["HTTPS_PROXY", "https_proxy"]) {
            for (const url of [
                proxy.urlWithCredentials,
                proxy.urlWithCredentials.replace("http://", ""),
                `${proxy.urlWithCredentials}/`,
            ]) {
                proxy.requests.length = 0;
                const behind = start({ [name]: url });
                expect(statusOf(await verify(behind, args()))).toBe("verified");
                expect(proxy.requests.length).toBeGreaterThan(0);
            }
        }
        proxy.requests.length = 0;
        for (const except of [
            "localhost",
            "*",
            `localhost:${new URL(secure.endpoints["https://acme.jamfcloud.com"] ?? "").port}`,
        ]) {
            const beside = start({ HTTPS_PROXY: proxy.urlWithCredentials, NO_PROXY: except });
            expect(statusOf(await verify(beside, args()))).toBe("verified");
        }
        expect(proxy.requests).toEqual([]);
        const other = start({ HTTPS_PROXY: proxy.urlWithCredentials, NO_PROXY: "other.example" });
        expect(statusOf(await verify(other, args()))).toBe("verified");
        expect(proxy.requests.length).toBeGreaterThan(0);
    });

    test("proxyUrl goes before HTTPS_PROXY", async () => {
        const behind = start({ HTTPS_PROXY: "http://127.0.0.1:9" });
        expect(statusOf(await verify(behind, args({ proxyUrl: proxy.urlWithCredentials })))).toBe("verified");
    });

    test.each(["socks5://127.0.0.1:1080", "http://", "no proxy at all", "//:", "http://169.254.169.254:80"])(
        "HTTPS_PROXY that names no HTTP proxy is told: %s",
        async (url) => {
            const behind = start({ HTTPS_PROXY: url });
            const reply = await verify(behind, args());
            expect({ status: statusOf(reply), told: told(reply) }).toEqual({
                status: "unreachable",
                told: expect.stringMatching(/^proxyUrl: /) as string,
            });
        },
    );

    test("a certificate for another name is refused behind a proxy, too", async () => {
        const wrong = await startVendors({ tls: await authority.issue(["elsewhere.example"]) });
        const reply = await core.verify(
            "jamf.ApiClient",
            { ...args(), ...wrong.credentials.jamf, proxyUrl: proxy.urlWithCredentials },
            wrong.endpoints,
        );
        expect(kindsOf(reply)).toEqual(["tlsFailed"]);
        expect(wrong.requests.length).toBe(0);
        await wrong.close();
    });
});
