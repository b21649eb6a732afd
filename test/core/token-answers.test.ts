import path from "node:path";
import { invalidToken, JamfCluster, type ClusterBehaviour } from "../simulators/jamf/cluster";
import type { Fault } from "../simulators/server";
import { startGenericApi, type GenericApi } from "../simulators/generic";
import { startVendors } from "../simulators/vendors";
import { Core, type CoreReply, type Verified as Reply } from "../support/core";
import { typeNamed, verifierOf } from "../support/types";
import { Session } from "../../provider/core/session";

let api: GenericApi;

beforeAll(async () => {
    api = await startGenericApi();
});
beforeEach(() => {
    api.authorization.clearFaults();
    api.requests.clear();
});
afterAll(() => api.close());

interface Seen {
    readonly status: string | undefined;
    readonly kinds: readonly string[];
    readonly told: string;
    readonly lifetime: unknown;
    readonly scopes: readonly string[] | undefined;
}

/** What the generic client comes to. */
async function seen(args: object = {}): Promise<Seen> {
    const { tenants, messages } = await verifierOf(api.endpoints)("oauth2.ClientCredentials", {
        ...api.credentials.oauthBasic,
        ...args,
    });
    const [tenant] = tenants;
    return {
        status: tenant?.status,
        kinds: (tenant?.problems ?? []).map(({ kind }) => kind),
        told: messages.map((message) => message.replace(/ \[[a-z-]+\]$/, "")).join("\n"),
        lifetime: tenant?.outputs["tokenLifetimeSeconds"],
        scopes: tenant?.grantedScopes,
    };
}

/** What it comes to where its token endpoint answers so. */
async function comesTo(status: number, body: unknown, headers: Record<string, string> = {}): Promise<Seen> {
    const answer = { kind: "status", status, body, headers: { "content-type": "application/json", ...headers } };
    api.authorization.fault({ ...answer, path: "/oauth2/token" } as Fault);
    return seen();
}

const newSecret = /make a new clientSecret/i;
const checkAll = "Check client id, secret and address.";
const refusedWith = (code: string): unknown =>
    `clientSecret: the authorization server refused the token request (${code}). ${checkAll}`;
const notTaken = (code: string): unknown =>
    expect.stringMatching(
        new RegExp(
            `^clientSecret: the authorization server refused the client id or secret \\(${code}\\)\\. .*make a new clientSecret`,
            "i",
        ),
    );

describe("A token endpoint that says no", () => {
    test.each([
        // In the standard's words.
        [401, { error: "invalid_client" }, notTaken("invalid_client")],
        [200, { error: "invalid_client" }, notTaken("invalid_client")],
        [400, { error: "unauthorized_client" }, refusedWith("unauthorized_client")],
        [403, { error: "access_denied", error_description: "Unauthorized" }, refusedWith("access_denied")],
        [400, { error: "invalid_grant" }, refusedWith("invalid_grant")],
        // In words of its own that name client or secret.
        [
            400,
            { error: "invalid_client_id", error_description: "client identifier invalid" },
            notTaken("invalid_client_id"),
        ],
        [401, { errorCode: "invalid_client" }, notTaken("invalid_client")],
        [401, { ErrorCode: "invalid_client", Error: "ClientId is Invalid" }, notTaken("invalid_client")],
        [401, { errors: [{ code: "BAD_CREDENTIALS", message: "no" }] }, notTaken("BAD_CREDENTIALS")],
        [400, { error: { code: "wrong.client-secret" } }, notTaken("wrong.client-secret")],
        // In others.
        [400, { error: "app_disabled" }, refusedWith("app_disabled")],
        [401, { message: "Bad credentials" }, refusedWith("HTTP 401")],
        [401, { errcode: 40013, errmsg: "invalid appid" }, refusedWith("40013")],
        [200, { errcode: 40013, errmsg: "invalid appid" }, refusedWith("40013")],
        [200, { ok: false, error: "invalid_auth" }, refusedWith("invalid_auth")],
        [200, { success: false, message: "no such application" }, refusedWith("HTTP 200")],
        [203, { error: "bad_verification_code" }, refusedWith("bad_verification_code")],
        [403, { message: "this client may not have a token" }, refusedWith("HTTP 403")],
        [403, { status: 403, error: "Forbidden", path: "/oauth2/token" }, refusedWith("HTTP 403")],
        [400, { error: "a sentence, which may hold anything" }, refusedWith("HTTP 400")],
        [400, { error: "x".repeat(41) }, refusedWith("HTTP 400")],
    ])("refuses the client: HTTP %d with %j", async (status, body, message) => {
        const { status: comes, kinds, told } = await comesTo(status, body);
        expect({ comes, kinds, told }).toEqual({ comes: "rejected", kinds: ["credentialRefused"], told: message });
    });

    test("is not shown where its code is the secret", async () => {
        const { told } = await comesTo(400, { error: api.oauthBasic.secret });
        expect(told).toBe(refusedWith("HTTP 400"));
    });

    test("of a scope or of a way says nothing of the secret", async () => {
        expect(await comesTo(400, { error: "invalid_scope" })).toMatchObject({
            status: "insufficient",
            told: expect.not.stringMatching(newSecret),
        });
        for (const code of ["unsupported_grant_type", "invalid_request", "invalid_target", "invalid_dpop_proof"]) {
            for (const status of [200, 400, 401]) {
                api.authorization.clearFaults();
                const { status: comes, told } = await comesTo(status, { error: code });
                expect({ code, comes, told }).toEqual({
                    code,
                    comes: "unreachable",
                    told: expect.stringMatching(new RegExp(`^tokenUrl: auth\\.example\\.com .*\\(${code}\\)`)),
                });
            }
        }
    });

    test.each([
        ["server_error", "serverFault"],
        ["temporarily_unavailable", "serverFault"],
        ["SERVICE_UNAVAILABLE", "serverFault"],
        ["invalidClientTimeout", "serverFault"],
        ["under-maintenance", "serverFault"],
        ["upstream.timeout", "serverFault"],
        ["rate_limit_exceeded", "rateLimited"],
        ["RateExceeded", "rateLimited"],
        ["apiLimitReached", "rateLimited"],
        ["slow_down", "rateLimited"],
        ["ThrottlingException", "rateLimited"],
    ])("for a while says nothing against it: %s", async (code, kind) => {
        for (const status of [200, 400, 401, 403]) {
            api.authorization.clearFaults();
            const { status: comes, kinds, told } = await comesTo(status, { error: code, message: "later" });
            expect({ comes, kinds, told }).toEqual({
                comes: "unreachable",
                kinds: [kind],
                told: expect.stringMatching(new RegExp(`^auth\\.example\\.com .*\\(${code}\\)\\. Run again later`)),
            });
        }
    });

    test("is not taken for busy by a word within a word", async () => {
        expect((await comesTo(400, { error: "integrate_first" })).status).toBe("rejected");
    });

    const page = "<!doctype html><title>Sign in</title>";
    test.each([
        [400, {}],
        [401, {}],
        [403, []],
        [401, ""],
        [403, page],
        [401, page],
        [400, { message: "" }],
        [401, { error: null, data: [] }],
        [401, "null"],
        [200, {}],
        [200, { message: "Bad credentials" }],
        [200, { error: null }],
        [204, ""],
        [404, { message: "no such route" }],
        [405, { message: "method not allowed" }],
        [415, { message: "unsupported media type" }],
        [422, { message: "unprocessable" }],
        [409, { message: "conflict" }],
        [403, { message: "Missing Authentication Token" }],
        [403, { message: "Forbidden" }],
        [403, { Message: "Access Denied" }],
        [403, { message: "Request blocked by the firewall", support_id: "1234567890" }],
    ])("with nothing says nothing: HTTP %d with %j", async (status, body) => {
        const { status: comes, kinds, told } = await comesTo(status, body);
        expect({ comes, kinds, told }).toEqual({
            comes: "unreachable",
            kinds: ["badAnswer"],
            told: expect.stringMatching(/^tokenUrl: .*Check (that it is )?the address/),
        });
    });

    test.each([
        ["x-amzn-errortype", "ForbiddenException"],
        ["cf-mitigated", "challenge"],
    ])("by what is before the server says nothing: %s", async (name, value) => {
        expect((await comesTo(403, { message: "no", detail: "go away" }, { [name]: value })).status).toBe(
            "unreachable",
        );
    });
});

describe("A token that can be used is used", () => {
    const patched = (patch: Record<string, unknown>): Promise<Seen> => {
        api.authorization.fault({
            kind: "patch",
            method: "POST",
            path: "/oauth2/token",
            patch: (value) => Object.assign(value as object, patch),
        });
        return seen();
    };

    test.each(["BearerToken", "bearer", "BEARER", "Bearer Token", "", null])("of the type %j", async (type) => {
        expect((await patched({ token_type: type })).status).toBe("verified");
    });

    test.each([
        ["mac", "a token with an invalid token_type (HTTP 200). Check that"],
        [
            "DPoP",
            "an access token that is bound to a key (DPoP), which no hub sends a proof of. Switch off DPoP (proof of possession)",
        ],
    ])("but not of the type %s", async (type, says) => {
        expect(await patched({ token_type: type })).toMatchObject({
            status: "unreachable",
            told: expect.stringContaining(`tokenUrl: auth.example.com returned ${says}`),
        });
    });

    test("with its scopes as a list", async () => {
        const { status, scopes } = await patched({ scope: ["users:read", "devices:read", ""] });
        expect({ status, scopes }).toEqual({ status: "verified", scopes: ["devices:read", "users:read"] });
    });

    test.each([0, -1, -3600, "0", "-1", "", null])("with a lifetime that is none: %j", async (lifetime) => {
        const found = await patched({ expires_in: lifetime });
        expect({ status: found.status, lifetime: found.lifetime }).toEqual({ status: "verified", lifetime: undefined });
    });

    test.each([200, 201, 202, 203])("that came with HTTP %d", async (status) => {
        const token = { access_token: "token-of-another-kind", expires_in: 60 };
        expect((await comesTo(status, token)).status).toBe("verified");
    });
});

describe("Two connections of one client", () => {
    test.each(["one after the other", "at once"])("with two scopes have two tokens: %s", async (how) => {
        const verify = verifierOf(api.endpoints);
        const scopes = ["devices:read", "users:read", "devices:read users:read"];
        const one = async (scope: string): Promise<unknown> => {
            const { tenants } = await verify("oauth2.ClientCredentials", { ...api.credentials.oauthBasic, scope });
            return tenants[0]?.grantedScopes;
        };
        const granted: unknown[] = [];
        if (how === "at once") {
            granted.push(...(await Promise.all(scopes.map(one))));
        } else {
            for (const scope of scopes) {
                granted.push(await one(scope));
            }
        }
        expect(granted).toEqual([["devices:read"], ["users:read"], ["devices:read", "users:read"]]);
        expect([...api.requests].filter(({ path: at }) => at === "/oauth2/token")).toHaveLength(3);
    });
});

describe("A vendor that locks whoever tries too often", () => {
    const classes = [
        ["http.Bearer", "bearer", "token"],
        ["http.Basic", "basic", "password"],
        ["http.ApiKey", "headerKey", "key"],
    ] as const;

    test.each(classes)(
        "is sent a refused credential once a run, however many connections there are: %s",
        async (type, name, secret) => {
            Object.assign(api, { attempts: 0, locksAfter: 5 });
            const probe = { url: "https://api.example.com/v1/me", headers: { "X-Api-Version": "2026-01-01" } };
            const given = { ...api.credentials[name], probe };
            const run = async (args: object): Promise<(string | undefined)[]> => {
                const verify = verifierOf(api.endpoints);
                const one = (at: number): ReturnType<typeof verify> => verify(type, { ...args, warnBeforeDays: at });
                const found = await Promise.all(Array.from({ length: 10 }, (_, at) => one(at)));
                found.push(await one(99));
                return found.map(({ tenants }) => tenants[0]?.status);
            };
            for (let at = 1; at <= 4; at++) {
                expect(new Set(await run({ ...given, [secret]: "a-wrong-secret-0123456789" }))).toEqual(
                    new Set(["rejected"]),
                );
                expect(api.attempts).toBe(at);
            }
            expect(new Set(await run(given))).toEqual(new Set(["verified"]));
            api.locksAfter = undefined;
        },
    );

    test("is sent a refused client once a run", async () => {
        const verify = verifierOf(api.endpoints);
        const given = { ...api.credentials.oauthBasic, clientSecret: "a-wrong-secret-0123456789" };
        const found = await Promise.all(
            Array.from({ length: 10 }, (_, at) => verify("oauth2.ClientCredentials", { ...given, warnBeforeDays: at })),
        );
        found.push(await verify("oauth2.ClientCredentials", given));
        expect(new Set(found.map(({ tenants }) => tenants[0]?.status))).toEqual(new Set(["rejected"]));
        expect([...api.requests].filter(({ path: at }) => at === "/oauth2/token")).toHaveLength(1);
    });

    test("is not sent what another process of the run has seen refused", async () => {
        Object.assign(api, { attempts: 0 });
        const probe = { url: "https://api.example.com/v1/me", headers: { "X-Api-Version": "2026-01-01" } };
        const made = (name: "bearer" | "oauthBasic"): [string, Record<string, unknown>] =>
            name === "bearer"
                ? ["http.Bearer", { token: "a-wrong-secret-0123456789", probe }]
                : [
                      "oauth2.ClientCredentials",
                      { ...api.credentials.oauthBasic, clientSecret: "a-wrong-secret-0123456789" },
                  ];
        for (const name of ["bearer", "oauthBasic"] as const) {
            const [label, given] = made(name);
            const type = typeNamed(label);
            const [program, provider] = [0, 1].map(
                () => new Session({ endpoints: api.endpoints, verify: undefined }),
            ) as [Session, Session];
            const resolved = async (session: Session, args: object): ReturnType<Session["resolve"]> => {
                const { args: judged } = type.arguments.validate({ ...given, ...args });
                return session.resolve(type, judged as NonNullable<typeof judged>);
            };
            const result = await program.verify(type, await resolved(program, {}));
            const before = api.requests.length;
            provider.adopt(type, await resolved(provider, {}), result);
            const again = await provider.verify(type, await resolved(provider, { warnBeforeDays: 1 }));
            expect([again.tenants[0]?.status, again.tenants[0]?.problems]).toEqual([
                "rejected",
                result.tenants[0]?.problems,
            ]);
            expect(api.requests).toHaveLength(before);
        }
    });
});

describe("An access token that was just given out and is refused", () => {
    let core: Core;
    let cluster: JamfCluster;

    beforeEach(() => {
        core = Core.start({}, path.join(__dirname, "../support/pauses.js"));
    });
    afterEach(async () => {
        expect(core.astray).toEqual([]);
        await Promise.all([core.close(), cluster.close()]);
    });

    const start = async (behaviour: ClusterBehaviour): Promise<void> => {
        cluster = await JamfCluster.start(behaviour);
    };
    const jamf = (args: object = {}): Promise<CoreReply<Reply>> => {
        const client = { clientId: "11111111-2222-4333-8444-555555555555", clientSecret: "secret-of-this-client" };
        return core.verify("jamf.ApiClient", { ...client, url: cluster.url, ...args }, {}, "run");
    };
    const tenantOf = ({ value }: CoreReply<Reply>): NonNullable<Reply["result"]>["tenants"][number] | undefined =>
        value?.result?.tenants[0];
    const pauses = (): number[] => [...core.output.matchAll(/^pause (\d+)$/gm)].map(([, text]) => Number(text));

    test.each([1, 2, 3])("by a node that lags by %d tokens, is got anew", async (lag) => {
        await start({ lag });
        const tenant = tenantOf(await jamf());
        expect([tenant?.status, tenant?.problems, tenant?.warnings]).toEqual(["verified", [], []]);
        expect(cluster.given).toBe(lag + 1);
        expect([...new Set(pauses())]).toEqual([1000, 2000, 4000].slice(0, lag));
    });

    test("for good, is nothing against the secret", async () => {
        await start({ lag: "all" });
        const reply = await jamf();
        expect(tenantOf(reply)).toMatchObject({ status: "rejected", problems: [{ kind: "tokenRefused" }] });
        expect(tenantOf(reply)?.problems[0]?.argument).toBeUndefined();
        expect(tenantOf(reply)?.checks["credential"]?.result).toBe("passed");
        expect(reply.value?.messages.join("\n")).toMatch(
            /^Jamf Pro gave out an access token and refused it at 127\.0\.0\.1/,
        );
        expect(reply.value?.messages.join("\n")).not.toMatch(/secret|renew|generate/i);
        expect(cluster.given).toBe(4);
        // What is known of these tokens holds for other connections of the run.
        const more = await Promise.all(Array.from({ length: 20 }, (_, at) => jamf({ warnBeforeDays: at })));
        expect(more.map((one) => tenantOf(one)?.status)).toEqual(more.map(() => "rejected"));
        expect(cluster.given).toBe(4);
    });

    test("by a node that says that it does not know it, is unreachable", async () => {
        await start({ lag: "all", refusal: invalidToken });
        const reply = await jamf();
        expect(tenantOf(reply)).toMatchObject({ status: "unreachable", problems: [{ kind: "serverFault" }] });
        expect(reply.value?.messages.join("\n")).toMatch(
            /^127\.0\.0\.1:\d+ has a node of Jamf Pro that does not know the access token .*Run again later\. \[token-unknown\]$/,
        );
    });

    test("but taken with the cookies that came with it, is verified with a warning", async () => {
        const ended = "Expires=Wed, 21 Oct 2015 07:28:00 GMT";
        const sticky = "AWSALB=node-one-0123456789abcdef";
        await start({
            sticksBy: sticky,
            cookies: [
                `${sticky}; Expires=Wed, 21 Oct 2037 07:28:00 GMT; Path=/`,
                "deleted=x; Max-Age=0",
                `ended=x; ${ended}`,
                "twice=first",
                "twice=; Max-Age=0",
                "elsewhere=x; Path=/webdav",
                `long=${"x".repeat(4096)}`,
            ],
        });
        const reply = await jamf();
        const tenant = tenantOf(reply);
        expect([tenant?.status, tenant?.problems]).toEqual(["verified", []]);
        expect(tenant?.warnings).toEqual([expect.stringMatching(/^Jamf Pro accepts its access tokens only .*cookies/)]);
        expect(cluster.given).toBe(4);
        const cookies = cluster.shown.map(({ headers }) => headers.cookie);
        expect(cookies.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
        expect(new Set(cookies)).toEqual(new Set([undefined, sticky]));
        // They are secrets wherever they come back.
        expect(JSON.stringify(reply)).not.toContain("node-one");
        // Another connection of the run gets cookies of its own, and does not wait.
        const waited = pauses().length;
        expect(tenantOf(await jamf({ warnBeforeDays: 1 }))).toMatchObject({ status: "verified", problems: [] });
        expect(pauses()).toHaveLength(waited);
        expect(cluster.given).toBe(5);
    });

    test("gets no cookies of another origin", async () => {
        await start({ cookies: ["AWSALB=node-one-0123456789abcdef"] });
        const other = await JamfCluster.start({ lag: "all" });
        const args = { clientId: "reader", clientSecret: "secret-of-this-client", authentication: "body" };
        const reply = await core.verify(
            "oauth2.ClientCredentials",
            { ...args, tokenUrl: `${cluster.url}/oauth/token`, probe: { url: `${other.url}/v1/me` } },
            {},
        );
        await other.close();
        expect(tenantOf(reply)?.problems).toMatchObject([{ kind: "tokenRefused" }]);
        expect(other.shown.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined, undefined, undefined]);
    });

    test("is not tried again past the deadline", async () => {
        await start({ lag: "all" });
        const reply = await jamf({ timeoutSeconds: 3 });
        expect(tenantOf(reply)?.status).toBe("rejected");
        expect(Math.max(...pauses())).toBeLessThan(3000);
    });

    test("where JumpCloud's organisations are read, leaves the connection verified, with a warning", async () => {
        await start({});
        const vendors = await startVendors();
        vendors.listeners.forEach((listener) =>
            listener.fault({
                kind: "status",
                status: 401,
                body: { message: "Unauthorized" },
                path: /api\/organizations/,
            }),
        );
        const { organizationId: _, ...args } = vendors.credentials.jumpcloud;
        const reply = await core.verify("jumpcloud.ServiceAccount", args, vendors.endpoints);
        await vendors.close();
        expect(tenantOf(reply)).toMatchObject({
            status: "verified",
            checks: { organization: { result: "unknown" } },
            warnings: [expect.stringMatching(/^JumpCloud gave out an access token and does not accept it where/)],
        });
    });
});
