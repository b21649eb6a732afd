import type { Vendors } from "../vendors";
import { usingHubs } from "../../support/hubs";
import { callHub, type HubAnswer } from "../client";
import { type Hubs, leastScopes, type NangoConnectionRow, type NangoKey, writes } from "../hubs";

let vendors: Vendors;
let hubs: Hubs;
let full: NangoKey;
let scoped: NangoKey;

const started = usingHubs();

beforeAll(() => {
    ({ vendors, hubs } = started);
});
beforeEach(() => {
    const { administration, limiter, rows } = hubs.nango;
    [...rows.integrations].forEach((row) => rows.removeIntegration(row));
    limiter.limit = 200;
    limiter.reset();
    hubs.nango.script.mode = "run";
    administration.refreshes = "for keys that read credentials";
    full = administration.addKey(["environment:*"]);
    scoped = administration.addKey();
    administration.addIntegration("jamf", "jamf");
    administration.addIntegration("oauth", "atlassian-service-account-oauth2");
    administration.addIntegration("token", "atlassian-service-account-api-token");
    administration.addIntegration("jumpcloud", "jumpcloud");
});

const send = (
    key: NangoKey | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
): Promise<HubAnswer> =>
    callHub(hubs.nango.listener.endpoint, method, path, key && `Bearer ${key.value}`, body, headers);
const read = (key: NangoKey, id: string, integration = "jamf", more = "") =>
    send(key, "GET", `/connections/${encodeURIComponent(id)}?provider_config_key=${integration}${more}`);
const clientCredentials = {
    type: "OAUTH2_CC",
    client_id: "cid",
    client_secret: "csec",
    token: "tok",
    expires_at: "2999-01-01T00:00:00Z",
};
const body = (more: Record<string, unknown> = {}) => ({
    provider_config_key: "jamf",
    connection_id: "mdm",
    credentials: clientCredentials,
    ...more,
});
const write = (more: Record<string, unknown> = {}, key = full) => send(key, "POST", "/connections", body(more));
const codeOf = ({ status, body: { error } }: HubAnswer): unknown => [status, error?.code];
const pathsOf = ({ body: { error } }: HubAnswer): unknown =>
    (error.errors as { path: string[] }[]).map(({ path }) => path.join("."));
const row = (id: string, integration = "jamf"): NangoConnectionRow =>
    hubs.nango.administration.connection(integration, id)!;

describe("who is let in", () => {
    it("says what is wrong with a key", async () => {
        expect(codeOf(await send(undefined, "GET", "/connections"))).toEqual([401, "missing_auth_header"]);
        const { endpoint } = hubs.nango.listener;
        expect(codeOf(await callHub(endpoint, "GET", "/connections", "Bearer secret"))).toEqual([
            401,
            "invalid_secret_key_format",
        ]);
        // Of another version than 4.
        expect(
            codeOf(await callHub(endpoint, "GET", "/connections", "Bearer 7c1e4c1c-5c0e-1f3b-9d8f-2a11aa22bb33")),
        ).toEqual([401, "invalid_secret_key_format"]);
        expect(
            codeOf(await callHub(endpoint, "GET", "/connections", "Bearer 7c1e4c1c-5c0e-4f3b-9d8f-2a11aa22bb33")),
        ).toEqual([401, "unknown_account"]);
        full.revoke();
        const refused = await send(full, "GET", "/connections");
        expect(codeOf(refused)).toEqual([401, "unknown_account"]);
        expect(refused.headers).not.toHaveProperty("x-ratelimit-limit");
        full.restore();
        expect((await send(full, "GET", "/connections")).status).toBe(200);
    });

    it("names the scope that is missing, before it looks at the body", async () => {
        const reader = hubs.nango.administration.addKey(["environment:connections:read"]);
        const refused = async (method: string, path: string, sent?: unknown) => {
            const { status, body: answer } = await send(reader, method, path, sent);
            return [status, answer.error.code, answer.error.message];
        };
        const missing = (scope: string) => [403, "forbidden", `Insufficient scope. Required: environment:${scope}`];
        expect(await refused("POST", "/integrations", { provider: "no-such" })).toEqual(missing("integrations:create"));
        expect(await refused("PATCH", "/integrations/jamf", {})).toEqual(missing("integrations:update"));
        expect(await refused("DELETE", "/integrations/jamf")).toEqual(missing("integrations:delete"));
        expect(await refused("POST", "/connections", { nonsense: 1 })).toEqual(missing("connections:create"));
        expect(await refused("PATCH", "/connections/mdm", { nonsense: 1 })).toEqual(missing("connections:update"));
        expect(await refused("PATCH", "/connections/metadata", {})).toEqual(missing("connections:update"));
        expect(await refused("DELETE", "/connections/mdm")).toEqual(missing("connections:delete"));
        expect(await refused("POST", "/connect/sessions", {})).toEqual(missing("connect_sessions:write"));
        expect(
            codeOf(
                await send(
                    hubs.nango.administration.addKey(["environment:connections:*"]),
                    "GET",
                    "/integrations/jamf",
                ),
            ),
        ).toEqual([403, "forbidden"]);
        expect(
            (await send(hubs.nango.administration.addKey(["environment:connections:*"]), "GET", "/connections")).status,
        ).toBe(200);
        const either = (kind: string, verb: string) => [
            403,
            "forbidden",
            `Insufficient scope. Required one of: environment:${kind}:${verb} or environment:${kind}:${verb}_credentials`,
        ];
        expect(await refused("GET", "/connections")).toEqual(either("connections", "list"));
        expect(await refused("GET", "/integrations/jamf")).toEqual(either("integrations", "read"));
    });

    it("takes a key with the least scopes through all that managing needs", async () => {
        expect(leastScopes).not.toContain("environment:connections:read_credentials");
        expect((await send(scoped, "POST", "/integrations", { unique_key: "x", provider: "jamf" })).status).toBe(200);
        expect((await write({}, scoped)).body.credentials).toMatchObject({ client_secret: "csec" });
        expect((await read(scoped, "mdm")).body.credentials).toEqual({});
        expect(codeOf(await read(scoped, "mdm", "jamf", "&force_refresh=true"))).toEqual([403, "forbidden"]);
        expect((await send(scoped, "PATCH", "/connections/mdm?provider_config_key=jamf", { tags: {} })).status).toBe(
            200,
        );
        expect((await send(scoped, "DELETE", "/connections/mdm?provider_config_key=jamf")).status).toBe(200);
        expect((await send(scoped, "DELETE", "/integrations/x")).status).toBe(200);
    });

    it("lets 200 calls a minute through, whatever becomes of them, and counts none that is not let in", async () => {
        const first = await send(full, "GET", "/integrations/jamf");
        expect(first.headers).toMatchObject({ "x-ratelimit-limit": "200", "x-ratelimit-remaining": "199" });
        expect((await send(undefined, "GET", "/integrations/jamf")).status).toBe(401);
        expect((await send(scoped, "GET", "/connections")).headers).toMatchObject({ "x-ratelimit-remaining": "198" });
        hubs.nango.limiter.exhaust();
        const { status, headers, body: answer } = await send(full, "GET", "/integrations/jamf?x=1");
        expect([status, answer]).toEqual([
            429,
            { error: { code: "too_many_request", method: "GET", path: "/integrations/jamf" } },
        ]);
        expect(headers).toMatchObject({ "x-ratelimit-remaining": "0", "retry-after": expect.stringMatching(/^\d+$/) });
        expect(Number(headers["retry-after"])).toBeLessThan(60);
        hubs.clock.advance(61);
        expect((await send(full, "GET", "/integrations/jamf")).headers).toMatchObject({
            "x-ratelimit-remaining": "199",
        });
        hubs.clock.reset();
    });

    it("has one environment for the cloud and another for somebody's own server", async () => {
        await write();
        const own = hubs.selfHostedNango;
        const key = own.administration.addKey(["environment:*"]);
        expect(codeOf(await callHub(own.listener.endpoint, "GET", "/connections", `Bearer ${full.value}`))).toEqual([
            401,
            "unknown_account",
        ]);
        expect((await callHub(own.listener.endpoint, "GET", "/connections", `Bearer ${key.value}`)).body).toEqual({
            connections: [],
        });
        expect(Object.keys(hubs.endpoints)).toEqual(
            expect.arrayContaining([
                "https://api.nango.dev",
                "https://nango.acme.example",
                "https://api.cloud.ox.security",
                "https://api.stackone.com",
            ]),
        );
    });
});

describe("what it takes", () => {
    it("refuses bodies by the field that is not in order", async () => {
        const { token: _, ...withoutToken } = clientCredentials;
        expect(pathsOf(await write({ credentials: withoutToken }))).toEqual(["credentials.token"]);
        expect(pathsOf(await write({ credentials: { ...clientCredentials, extra: 1 } }))).toEqual(["credentials"]);
        expect(pathsOf(await write({ credentials: { type: "TWO_STEP" } }))).toEqual(["credentials.type"]);
        expect(pathsOf(await write({ credentials: { ...clientCredentials, token: "x".repeat(4097) } }))).toEqual([
            "credentials.token",
        ]);
        expect(pathsOf(await write({ credentials: { ...clientCredentials, expires_at: "soon" } }))).toEqual([
            "credentials.expires_at",
        ]);
        expect(pathsOf(await write({ tags: { a: 1 } }))).toEqual(["tags.a"]);
        expect(pathsOf(await write({ tags: { a: "" } }))).toEqual(["tags.a"]);
        expect(pathsOf(await write({ tags: { "1a": "x" } }))).toEqual(["tags.1a"]);
        expect(pathsOf(await write({ tags: { a: "x", A: "y" } }))).toEqual(["tags"]);
        expect(
            pathsOf(await write({ tags: Object.fromEntries(Array.from({ length: 11 }, (__, i) => [`t${i}`, "x"])) })),
        ).toEqual(["tags"]);
        expect(pathsOf(await write({ webhook_url_override: "https://api.nango.dev/x" }))).toEqual([
            "webhook_url_override",
        ]);
        const unknown = await write({ nonsense: 1 });
        expect([unknown.status, unknown.body.error]).toEqual([
            400,
            {
                code: "invalid_body",
                errors: [{ code: "unrecognized_keys", message: 'Unrecognized key: "nonsense"', path: [] }],
            },
        ]);
        expect(codeOf(await send(full, "POST", "/connections?x=1", body()))).toEqual([400, "invalid_query_params"]);
        expect(codeOf(await send(full, "POST", "/connections", "{bad"))).toEqual([400, "invalid_json"]);
        expect(codeOf(await send(undefined, "POST", "/connections", "{bad"))).toEqual([400, "invalid_json"]);
        expect(
            codeOf(
                await send(full, "POST", "/connections", "a=1", {
                    "content-type": "application/x-www-form-urlencoded",
                }),
            ),
        ).toEqual([415, "invalid_content_type"]);
        expect(hubs.nango.administration.connections()).toEqual([]);
    });

    it("tells apart what is not there", async () => {
        await write();
        expect(codeOf(await write({ provider_config_key: "nope" }))).toEqual([404, "not_found"]);
        expect(codeOf(await read(full, "nope"))).toEqual([404, "not_found"]);
        expect(codeOf(await read(full, "mdm", "nope"))).toEqual([400, "unknown_provider_config"]);
        expect(codeOf(await send(full, "GET", "/connections/mdm"))).toEqual([400, "invalid_query_params"]);
        expect(codeOf(await send(full, "GET", "/integrations/nope"))).toEqual([404, "not_found"]);
        expect(codeOf(await send(full, "DELETE", "/connections/nope?provider_config_key=jamf"))).toEqual([
            400,
            "unknown_connection",
        ]);
        expect(codeOf(await send(full, "DELETE", "/connections/mdm?provider_config_key=nope"))).toEqual([
            400,
            "unknown_connection",
        ]);
        expect(
            codeOf(
                await send(full, "POST", "/connections/metadata", {
                    connection_id: "nope",
                    provider_config_key: "jamf",
                    metadata: {},
                }),
            ),
        ).toEqual([404, "unknown_connection"]);
        const { status, body: page } = await send(full, "GET", "/api/connections/mdm");
        expect([status, page]).toEqual([200, expect.stringContaining("<html>")]);
    });

    it("refuses credentials of another type than the provider's", async () => {
        const { status, body: answer } = await write({ provider_config_key: "token" });
        expect([status, answer.error]).toEqual([
            400,
            { code: "invalid_body", message: "Provider BASIC does not support OAUTH2_CC auth" },
        ]);
        expect(
            codeOf(
                await write({ provider_config_key: "jumpcloud", credentials: { type: "API_KEY", apiKey: "jca_x" } }),
            ),
        ).toEqual([400, "connection_test_failed"]);
    });

    it("validates nothing else: another site, an instance elsewhere, an identifier that cannot be read", async () => {
        const basic = { type: "BASIC", username: "bot@serviceaccount.atlassian.com", password: "ATSTT3xFf" };
        expect(
            (
                await write({
                    provider_config_key: "token",
                    credentials: basic,
                    connection_config: { cloudId: "not-a-uuid" },
                })
            ).status,
        ).toBe(201);
        expect((await write({ connection_config: { instance: "evil.example/" } })).status).toBe(201);
        expect((await write({ connection_id: "bad/id?x" })).status).toBe(201);
        expect(codeOf(await read(full, "bad/id?x"))).toEqual([400, "invalid_uri_params"]);
        expect(
            codeOf(
                await send(full, "DELETE", `/connections/${encodeURIComponent("bad/id?x")}?provider_config_key=jamf`),
            ),
        ).toEqual([400, "invalid_uri_params"]);
        expect((await write({ connection_id: "a b+c@d.e" })).status).toBe(201);
        expect((await read(full, "a b+c@d.e")).status).toBe(200);
        expect(codeOf(await write({ connection_id: "x".repeat(300) }))).toEqual([500, "generic_error_support"]);
        expect(codeOf(await write({ metadata: { a: "\0" } }))).toEqual([500, "generic_error_support"]);
        expect((await write({ connection_id: undefined })).body.connection_id).toMatch(/^[0-9a-f-]{36}$/);
    });

    it("makes, renames and deletes integrations, and connections go along", async () => {
        expect(pathsOf(await send(full, "POST", "/integrations", { unique_key: "jamf", provider: "jamf" }))).toEqual([
            "uniqueKey",
        ]);
        expect(pathsOf(await send(full, "POST", "/integrations", { unique_key: "y", provider: "no-such" }))).toEqual([
            "provider",
        ]);
        await write();
        const renamed = await send(full, "PATCH", "/integrations/jamf", { unique_key: "jamf-2" });
        expect([renamed.status, renamed.body.error.message]).toEqual([
            400,
            "Can't rename an integration with active connections",
        ]);
        expect((await send(full, "PATCH", "/integrations/jamf", { display_name: "Jamf Pro" })).body.data).toMatchObject(
            { display_name: "Jamf Pro", unique_key: "jamf" },
        );
        expect((await send(full, "DELETE", "/integrations/jamf")).body).toEqual({ success: true });
        expect(codeOf(await read(full, "mdm"))).toEqual([400, "unknown_provider_config"]);
        expect((await send(full, "GET", "/connections?connectionId=mdm")).body).toEqual({ connections: [] });
        expect(codeOf(await send(full, "DELETE", "/integrations/jamf"))).toEqual([404, "not_found"]);
        await send(full, "POST", "/integrations", { unique_key: "jamf", provider: "jamf" });
        expect(codeOf(await read(full, "mdm"))).toEqual([404, "not_found"]);
    });

    it("makes connect sessions of half an hour for integrations that are there", async () => {
        const { status, body: answer } = await send(full, "POST", "/connect/sessions", {
            tags: { end_user_id: "u1" },
            allowed_integrations: ["jamf"],
        });
        expect([status, answer.data.connect_link]).toEqual([201, expect.stringContaining(answer.data.token)]);
        expect(Date.parse(answer.data.expires_at) - hubs.clock.now()).toBeGreaterThan(29 * 60_000);
        expect(hubs.secrets).toContain(answer.data.token);
        expect(
            pathsOf(await send(full, "POST", "/connect/sessions", { tags: {}, allowed_integrations: ["nope"] })),
        ).toEqual(["allowed_integrations.0"]);
        expect(pathsOf(await send(full, "POST", "/connect/sessions", {}))).toEqual(["end_user"]);
    });
});

describe("what a write does", () => {
    it("wipes what is not sent again, and keeps which row it is", async () => {
        const first = (
            await write({
                connection_config: { instance: "acme" },
                metadata: { a: 1 },
                tags: { Stack: "Dev" },
                webhook_url_override: "https://hooks.example",
            })
        ).body;
        expect(first).toMatchObject({
            tags: { stack: "Dev" },
            metadata: { a: 1 },
            errors: [],
            credentials: { client_secret: "csec", raw: { token: "tok" } },
        });
        hubs.nango.administration.addError("jamf", "mdm");
        hubs.clock.advance(5);
        const second = (await write({ credentials: { ...clientCredentials, client_secret: "csec2" } })).body;
        expect(second).toMatchObject({
            id: first.id,
            created_at: first.created_at,
            tags: {},
            metadata: {},
            connection_config: {},
            webhook_url_override: null,
            errors: [],
        });
        expect(second.credentials.client_secret).toBe("csec2");
        expect((await read(scoped, "mdm")).body).toMatchObject({ id: first.id, errors: [], credentials: {} });
        hubs.clock.reset();
    });

    it("writes times with Z and reads them with an offset", async () => {
        const written = (await write()).body;
        const seen = (await read(full, "mdm")).body;
        expect([written.created_at, seen.created_at]).toEqual([
            expect.stringMatching(/Z$/),
            written.created_at.replace("Z", "+00:00"),
        ]);
        expect((await send(full, "GET", "/connections?connectionId=mdm")).body.connections).toMatchObject([
            { created: seen.created_at },
        ]);
    });

    it("gives names back in its database's order, whatever the order they came in", async () => {
        const { body: answer } = await write({
            connection_config: { subdomain: "acme", cloudId: "c" },
            metadata: { managedBy: "pulumi", b: { zz: 1, a: 2 } },
        });
        expect(JSON.stringify([answer.connection_config, answer.metadata])).toBe(
            '[{"cloudId":"c","subdomain":"acme"},{"b":{"a":2,"zz":1},"managedBy":"pulumi"}]',
        );
    });

    it("changes tags, webhook and end user alone by PATCH", async () => {
        await write({ tags: { a: "x" } });
        const patch = (sent: unknown) => send(full, "PATCH", "/connections/mdm?provider_config_key=jamf", sent);
        expect((await patch({ tags: { UPPER: "X" } })).body).toEqual({ success: true });
        expect(row("mdm").tags).toEqual({ upper: "X" });
        await patch({ webhook_url_override: "https://hooks.example" });
        expect(row("mdm").webhookUrlOverride).toBe("https://hooks.example");
        await patch({ webhook_url_override: "" });
        expect(row("mdm")).toMatchObject({ webhookUrlOverride: null, tags: { upper: "X" } });
        await patch({ end_user: { id: "u1", display_name: "Mia" } });
        expect((await read(full, "mdm")).body).toMatchObject({
            end_user: { id: "u1", display_name: "Mia" },
            tags: { end_user_id: "u1", end_user_display_name: "Mia" },
        });
        // An overwrite does not report whose it is, and leaves it.
        expect((await write()).body.end_user).toBeNull();
        expect((await read(full, "mdm")).body).toMatchObject({ end_user: { id: "u1" }, tags: {} });
        expect(codeOf(await patch({ tags: { end_user_email: "no address" } }))).toEqual([400, "invalid_body"]);
        expect(codeOf(await patch({ connection_config: {} }))).toEqual([400, "invalid_body"]);
        expect(codeOf(await patch({ credentials: clientCredentials }))).toEqual([400, "invalid_body"]);
    });

    it("gives six creates of one connection two 201 and four 500, and one row", async () => {
        hubs.nango.administration.gatherCreates(6);
        const answers = await Promise.all(
            Array.from({ length: 6 }, (_, i) =>
                write({ credentials: { ...clientCredentials, client_secret: `s${i}` } }),
            ),
        );
        const good = answers.filter(({ status }) => status === 201);
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 500, 500, 500, 500]);
        expect(new Set(good.map(({ body: { id } }) => id as number)).size).toBe(1);
        expect(codeOf(answers.find(({ status }) => status === 500)!)).toEqual([500, "generic_error_support"]);
        expect(hubs.nango.administration.connections("jamf")).toHaveLength(1);
        expect(good.map(({ body: { credentials } }) => credentials.client_secret as string)).toContain(
            row("mdm").credentials["client_secret"],
        );
        // Over a row that is there, and for credentials that are no token, nothing collides.
        hubs.nango.administration.gatherCreates(3);
        expect((await Promise.all([write(), write(), write()])).map(({ status }) => status)).toEqual([201, 201, 201]);
        hubs.nango.administration.gatherCreates(3);
        const basic = { provider_config_key: "token", credentials: { type: "BASIC", username: "u", password: "p" } };
        expect((await Promise.all([write(basic), write(basic), write(basic)])).map(({ status }) => status)).toEqual([
            201, 201, 201,
        ]);
        expect(hubs.nango.administration.connections("token")).toHaveLength(1);
    });
});

describe("a token that Nango fetches itself", () => {
    const jamf = () => {
        const { clientId, clientSecret } = vendors.credentials.jamf;
        return { type: "OAUTH2_CC", client_id: clientId, client_secret: clientSecret, token: "stale" };
    };
    const tokenCalls = () =>
        vendors.requests.count({ origin: "https://acme.jamfcloud.com", path: "/api/v1/oauth/token" });
    const config = { connection_config: { instance: "acme" } };

    beforeEach(() => vendors.requests.clear());

    it("is fetched by a read that may see credentials, once it has expired or does so within a quarter of an hour", async () => {
        const soon = new Date(hubs.clock.now() + 14 * 60_000).toISOString();
        await write({ credentials: { ...jamf(), expires_at: soon }, ...config });
        expect((await read(scoped, "mdm")).body).toMatchObject({ errors: [], credentials: {} });
        expect(tokenCalls()).toBe(0);
        const { body: answer } = await read(full, "mdm");
        expect(tokenCalls()).toBe(1);
        expect(answer.credentials).toMatchObject({
            client_secret: jamf().client_secret,
            token: expect.stringMatching(/^ey/),
            raw: { token_type: "Bearer" },
        });
        expect(vendors.secrets).toContain(answer.credentials.token);
        expect(hubs.secrets).toContain(answer.credentials.token);
    });

    it("is fetched by any key's read in the release 0.71.4, and shown to those that may see it", async () => {
        hubs.nango.administration.refreshes = "for any key";
        await write({ credentials: { ...jamf(), expires_at: "2020-01-01T00:00:00Z" }, ...config });
        expect((await read(scoped, "mdm")).body).toMatchObject({ errors: [], credentials: {} });
        expect(tokenCalls()).toBe(1);
        expect((await read(full, "mdm")).body.credentials.token).toMatch(/^ey/);
        await write({ credentials: { ...jamf(), client_secret: "no", expires_at: "2020-01-01T00:00:00Z" }, ...config });
        const refused = await read(scoped, "mdm");
        expect(codeOf(refused)).toEqual([400, "invalid_credentials"]);
        expect(refused.body.error.payload.connection).toMatchObject({ credentials: {}, errors: [{ type: "auth" }] });
        expect(codeOf(await read(scoped, "mdm"))).toEqual([424, "invalid_credentials"]);
    });

    it("is never fetched without expires_at, unless that is forced", async () => {
        await write({ credentials: jamf(), ...config });
        expect((await read(full, "mdm")).body.credentials.token).toBe("stale");
        expect(tokenCalls()).toBe(0);
        expect((await read(full, "mdm", "jamf", "&force_refresh=true")).body.credentials.token).toMatch(/^ey/);
        expect(tokenCalls()).toBe(1);
    });

    it("is fetched once for reads at the same time", async () => {
        const { clientId, clientSecret } = vendors.credentials.atlassianOAuth;
        const credentials = {
            ...clientCredentials,
            client_id: clientId,
            client_secret: clientSecret,
            expires_at: "2020-01-01T00:00:00Z",
        };
        hubs.nango.script.mode = "off";
        await write({ provider_config_key: "oauth", connection_id: "jira", credentials });
        const slow = vendors.atlassian.auth.fault({ kind: "latency", ms: 150 });
        const reads = await Promise.all(Array.from({ length: 3 }, () => read(full, "jira", "oauth")));
        slow.remove();
        expect(new Set(reads.map(({ body: answer }) => answer.credentials.token as string)).size).toBe(1);
        expect(vendors.requests.count({ origin: "https://auth.atlassian.com", path: "/oauth/token" })).toBe(1);
    });

    it("refused: 400 with the whole row in its message, then 424 for half a minute; an overwrite ends it", async () => {
        await write({
            credentials: { ...jamf(), client_secret: "wrong", expires_at: "2020-01-01T00:00:00Z" },
            ...config,
            metadata: { planted: "in the row" },
        });
        const { status, body: answer } = await read(full, "mdm");
        expect([status, answer.error.code]).toEqual([400, "invalid_credentials"]);
        const { connection } = JSON.parse(answer.error.message.replace(/^[^{]*/, "")) as { connection: object };
        expect(connection).toMatchObject({
            connection_id: "mdm",
            metadata: { planted: "in the row" },
            credentials_iv: expect.any(String),
            refresh_exhausted: false,
        });
        expect(answer.error.payload.connection).toMatchObject({
            errors: [{ type: "auth", log_id: expect.any(String) }],
            credentials: {},
        });
        expect(JSON.stringify(answer)).not.toContain("wrong");
        expect(codeOf(await read(full, "mdm"))).toEqual([424, "invalid_credentials"]);
        expect(tokenCalls()).toBe(1);
        expect((await read(scoped, "mdm")).body.errors).toHaveLength(1);
        hubs.clock.advance(31);
        expect(codeOf(await read(full, "mdm"))).toEqual([400, "invalid_credentials"]);
        expect(tokenCalls()).toBe(2);
        expect(
            (await write({ credentials: { ...jamf(), expires_at: "2020-01-01T00:00:00Z" }, ...config })).body.errors,
        ).toEqual([]);
        expect((await read(full, "mdm")).body).toMatchObject({
            errors: [],
            credentials: { token: expect.stringMatching(/^ey/) },
        });
        hubs.clock.reset();
    });

    it("leaves nobody but the simulated vendors to be asked", async () => {
        await write({
            credentials: { ...jamf(), expires_at: "2020-01-01T00:00:00Z" },
            connection_config: { instance: "evil.example/" },
        });
        expect(codeOf(await read(full, "mdm"))).toEqual([400, "invalid_credentials"]);
        expect(tokenCalls()).toBe(0);
    });
});

describe("Atlassian's script", () => {
    const oauth = async (name: "atlassianOAuth" | "atlassianOAuthOneSite" = "atlassianOAuth") => {
        const { clientId, clientSecret } = vendors.credentials[name];
        const form = new URLSearchParams({
            grant_type: "client_credentials",
            client_id: clientId,
            client_secret: clientSecret,
        });
        const answer = await fetch(`${vendors.atlassian.auth.endpoint}/oauth/token`, { method: "POST", body: form });
        const { access_token: token } = (await answer.json()) as { access_token: string };
        return {
            type: "OAUTH2_CC",
            client_id: clientId,
            client_secret: clientSecret,
            token,
            expires_at: "2999-01-01T00:00:00Z",
        };
    };
    const written = async (connectionConfig: Record<string, unknown>, credentials?: unknown) => {
        await write({
            provider_config_key: "oauth",
            connection_id: "jira",
            credentials: credentials ?? (await oauth()),
            connection_config: connectionConfig,
        });
        await hubs.nango.script.settled();
        return row("jira", "oauth").connectionConfig;
    };

    it("writes the site of the subdomain after the answer, in the background", async () => {
        hubs.nango.script.mode = "hold";
        const { acme } = vendors.fixture.atlassian;
        // By its name it would be the other site.
        acme.rename("Headquarters");
        const { body: answer } = await write({
            provider_config_key: "oauth",
            connection_id: "jira",
            credentials: await oauth(),
            connection_config: { subdomain: "ACME", mine: 1 },
        });
        expect(answer.connection_config).toEqual({ subdomain: "ACME", mine: 1 });
        expect((await read(scoped, "jira", "oauth")).body.connection_config).toEqual({ subdomain: "ACME", mine: 1 });
        await hubs.nango.script.release();
        acme.rename("Acme");
        const { accountId } = vendors.fixture.atlassian.oauthAccount;
        expect((await read(scoped, "jira", "oauth")).body.connection_config).toEqual({
            subdomain: "ACME",
            mine: 1,
            cloudId: acme.cloudId,
            baseUrl: acme.url,
            accountId,
        });
    });

    it("takes the first site, or one whose name is like the subdomain, over a Cloud ID that was sent", async () => {
        const { acme, sandbox } = vendors.fixture.atlassian;
        const none = "00000000-0000-4000-8000-000000000000";
        expect([acme.cloudId, sandbox.cloudId]).toContain((await written({ cloudId: none }))["cloudId"]);
        expect((await written({ cloudId: acme.cloudId, subdomain: "sandbox" }))["cloudId"]).toBe(sandbox.cloudId);
        expect([acme.cloudId, sandbox.cloudId]).toContain(
            (await written({ cloudId: none, subdomain: "no-such" }))["cloudId"],
        );
    });

    it("swallows what goes wrong, and writes nothing into what is gone", async () => {
        expect(await written({ subdomain: "acme" }, { ...clientCredentials, token: "refused" })).toEqual({
            subdomain: "acme",
        });
        expect((await read(scoped, "jira", "oauth")).body.errors).toEqual([]);
        hubs.nango.script.mode = "hold";
        await write({
            provider_config_key: "oauth",
            connection_id: "gone",
            credentials: await oauth(),
            connection_config: {},
        });
        await send(full, "DELETE", "/connections/gone?provider_config_key=oauth");
        await hubs.nango.script.release();
        expect(hubs.nango.administration.connection("oauth", "gone")).toBeUndefined();
    });

    it("finds no site with an API token, which the list of sites does not take", async () => {
        const { email, apiToken, cloudId } = vendors.credentials.atlassianToken;
        await write({
            provider_config_key: "token",
            connection_id: "conf",
            credentials: { type: "BASIC", username: email, password: apiToken },
            connection_config: { cloudId },
        });
        await hubs.nango.script.settled();
        expect(row("conf", "token").connectionConfig).toEqual({ cloudId });
    });
});

describe("what a test can do to it", () => {
    it("breaks calls before and after they were carried out", async () => {
        const { administration } = hubs.nango;
        administration.cutBefore({ method: writes });
        await expect(write()).rejects.toThrow();
        expect(administration.connections()).toHaveLength(0);
        administration.cutAfter({ method: writes });
        await expect(write()).rejects.toThrow();
        expect(administration.connections()).toHaveLength(1);
        administration.cutInAnswer({ method: writes });
        await expect(write({ connection_id: "other" })).rejects.toThrow();
        expect(administration.connections()).toHaveLength(2);
        expect((await write()).status).toBe(201);
    });

    it("refuses in Nango's own form", async () => {
        const { administration } = hubs.nango;
        administration.failNext({ method: "POST" });
        expect((await read(full, "mdm")).status).toBe(404);
        expect(codeOf(await write())).toEqual([500, "generic_error_support"]);
        administration.refuseNext({ times: 2 });
        expect([codeOf(await write()), codeOf(await write())]).toEqual([
            [401, "unknown_account"],
            [401, "unknown_account"],
        ]);
        administration.throttleNext({ retryAfterSeconds: 7 });
        const { status, headers } = await write();
        expect([status, headers["retry-after"], headers["x-ratelimit-remaining"]]).toEqual([429, "7", "0"]);
        expect(administration.connections()).toHaveLength(0);
        expect((await write()).status).toBe(201);
        administration.parallelWritesFail = true;
        administration.parallelWriteMs = 1_500;
        const answers = await Promise.all(["a", "b", "c"].map((id) => write({ connection_id: id })));
        administration.parallelWritesFail = false;
        expect(answers.map(({ status: one }) => one).sort()).toEqual([201, 500, 500]);
    });

    it("answers late, and holds what comes in the meantime", async () => {
        const slow = hubs.nango.administration.slow(120, { method: "POST" });
        const order: string[] = [];
        await Promise.all([
            write().then(() => order.push("late")),
            send(full, "GET", "/integrations/jamf").then(() => order.push("at once")),
        ]);
        slow.remove();
        expect(order).toEqual(["at once", "late"]);
    });

    it("changes rows behind everybody's back", async () => {
        const { administration } = hubs.nango;
        await write({ connection_config: { instance: "acme" } });
        administration.configure("jamf", "mdm", { instance: "globex" });
        administration.replaceSecret("jamf", "mdm", "another");
        administration.change("jamf", "mdm", { tags: { stack: "prod" }, metadata: { a: 2 } });
        administration.addError("jamf", "mdm");
        expect((await read(full, "mdm")).body).toMatchObject({
            connection_config: { instance: "globex" },
            credentials: { client_secret: "another" },
            tags: { stack: "prod" },
            metadata: { a: 2 },
            errors: [{ type: "auth" }],
        });
        administration.addConnection("jamf", "theirs", { tags: { owner: "somebody" } });
        expect((await read(scoped, "theirs")).body).toMatchObject({ tags: { owner: "somebody" } });
        administration.deleteConnection("jamf", "mdm");
        expect((await read(full, "mdm")).status).toBe(404);
    });

    it("keeps every request as it came, so that planted secrets can be looked for", async () => {
        const { administration } = hubs.nango;
        const secret = 'pl"anted/+= secret';
        await write({ credentials: { ...clientCredentials, client_secret: secret } });
        await read(scoped, "mdm");
        expect(administration.requests()).toHaveLength(2);
        expect(administration.requestsWith(secret).map(({ method, path }) => `${method} ${path}`)).toEqual([
            "POST /connections",
        ]);
        expect(administration.requestsWith(scoped.value).map(({ method }) => method)).toEqual(["GET"]);
        expect(hubs.secrets).toEqual(expect.arrayContaining([secret, full.value, scoped.value]));
    });
});
