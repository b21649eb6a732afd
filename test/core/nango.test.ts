// A connection at Nango below the engine: what is refused, and every way in which the hub can fail, with what the next run makes of it.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { leastScopes, startHubs, type Hubs, type NangoKey } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { runHub, type HubState } from "../support/hub-host";

let vendors: Vendors;
let hubs: Hubs;
let folder: string;
let file: string;
let key: NangoKey;
let warnings: string[];

const admin = () => hubs.nango.administration;
const client = () => vendors.fixture.jamf.client;
const row = () => admin().connection("jamf", "mdm");

const declared = (changes: object = {}, args: object = {}): Record<string, unknown> => {
    const { url, clientId } = vendors.credentials.jamf;
    return {
        environmentKey: key.value,
        integration: "jamf",
        connectionId: "mdm",
        connection: {
            type: "jamf.ApiClient",
            arguments: { url, clientId, clientSecret: client().clientSecret, ...args },
        },
        ...changes,
    };
};

async function run(verb: "up" | "destroy", changes: object = {}, preview = false): Promise<string> {
    warnings = [];
    const told = {
        verb,
        kind: "nango:Connection",
        file,
        owner: "urn:pulumi:test::core::nango:Connection::hub",
        preview,
    } as const;
    try {
        await runHub(
            { ...told, declared: declared(changes), endpoints: { ...vendors.endpoints, ...hubs.endpoints } },
            (message) => void warnings.push(message),
        );
        return "";
    } catch (error) {
        return (error as Error).message;
    }
}

const tagsOf = (count: number, name = "tag"): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, place) => [`${name}-${place}`, "x"]));

const up = (changes?: object): Promise<string> => run("up", changes);
const preview = (changes?: object): Promise<string> => run("up", changes, true);
const writes = () =>
    admin()
        .requests()
        .filter(({ method }) => method !== "GET");

beforeAll(async () => {
    vendors = await startVendors();
    hubs = await startHubs({ vendors });
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "nango-core-"));
    key = admin().addKey();
    admin().addIntegration("jamf", "jamf");
    admin().addIntegration("token", "atlassian-service-account-api-token");
});

beforeEach(() => {
    file = path.join(folder, `${expect.getState().currentTestName?.length ?? 0}-${Date.now()}.json`);
    hubs.nango.limiter.reset();
    hubs.requests.clear();
});

afterEach(async () => {
    hubs.clearFaults();
    hubs.nango.limiter.reset();
    await run("destroy");
    admin()
        .connections()
        .forEach(({ integration, connectionId }) => admin().deleteConnection(integration.uniqueKey, connectionId));
});

afterAll(async () => {
    fs.rmSync(folder, { recursive: true, force: true });
    await Promise.all([hubs.close(), vendors.close()]);
});

describe("A connection of another vendor", () => {
    test.each([
        ["microsoft.EntraApplication", "entra", "microsoft-oauth2-cc"],
        ["okta.ApiToken", "oktaApiToken", "okta-api-key"],
        ["crowdstrike.ApiClient", "crowdstrikeEu", "crowdstrike"],
        ["cloudflare.ApiToken", "cloudflare", "cloudflare"],
        ["kandji.ApiToken", "kandjiEu", "kandji"],
    ] as const)("%s is made, is clean, and Nango gets a new token with it", async (type, credential, provider) => {
        admin().addIntegration(provider, provider);
        const connection = { type, arguments: vendors.credentials[credential] };
        const changes = { integration: provider, connectionId: credential, connection };
        expect(await up(changes)).toBe("");
        expect(writes().map(({ method, path: place }) => `${method} ${place}`)).toEqual(["POST /connections"]);
        const made = () => admin().connection(provider, credential);
        expect(made()?.errors).toEqual([]);
        hubs.requests.clear();
        expect(await up(changes)).toBe("");
        expect(writes()).toEqual([]);
        const credentials = JSON.stringify(made()?.credentials);
        expect(await admin().refresh(provider, credential)).toBe(true);
        const isKept = made()?.credentials.type === "API_KEY";
        expect(JSON.stringify(made()?.credentials) === credentials).toBe(isKept);
    });
});

test("An API token of Atlassian is made as Basic, with the Cloud ID that was verified", async () => {
    const { email, apiToken, cloudId } = vendors.credentials.atlassianToken;
    const connection = { type: "atlassian.ServiceAccountToken", arguments: vendors.credentials.atlassianToken };
    expect(await up({ integration: "token", connectionId: "bot", connection })).toBe("");
    expect(admin().connection("token", "bot")).toMatchObject({
        credentials: { type: "BASIC", username: email, password: apiToken },
        connectionConfig: { cloudId },
    });
});

describe("Arguments that are refused in the preview", () => {
    test.each([
        [{ connectionId: "bad/id?x" }, /^connectionId: must be letters/],
        [{ connectionId: ".." }, /^connectionId: must be letters/],
        [{ connectionId: "x".repeat(256) }, /^connectionId: must be letters/],
        [{ integration: "a/b" }, /^integration: must be an integration's unique key/],
        [{ tags: { Team: "a", team: "b" } }, /^tags: names team twice/],
        [{ tags: { "Pulumi-Nonce": "x" } }, /^tags: names pulumi-nonce/],
        [{ tags: { a: 1 } }, /^tags/],
        [{ tags: { "1st": "x" } }, /^tags: names "1st": a name at Nango starts with a letter/],
        [{ tags: { ["x".repeat(65)]: "x" } }, /^tags: names "x+": a name at Nango .* up to 64/],
        [{ tags: { team: "x".repeat(256) } }, /^tags: has a text of 256 characters at team: Nango accepts up to 255/],
        [
            { tags: tagsOf(9) },
            /^tags: has 9 tags: Nango accepts 10 on a connection, and two of them say which resource it belongs to\. Give up to 8/,
        ],
        [{ metadata: "text" }, /^metadata: must be an object/],
        [{ serverUrl: "http://nango.example.com" }, /^serverUrl: must start with https/],
        [{ serverUrl: "https://user:password@nango.example.com" }, /^serverUrl: must be the address of a Nango server/],
        [{ serverUrl: "http://10.0.0.1:3003" }, /^serverUrl: must start with https/],
        [{ serverUrl: "http://8.8.8.8:3003", allowHttp: true }, /^serverUrl: .*plain http is not used for/],
        [{ conectionId: "x" }, /conectionId: nango\.Connection has no such argument\. Did you mean connectionId/],
        [
            { integration: "token" },
            /^integration: is an integration of Nango's provider atlassian-service-account-api-token, and jamf\.ApiClient needs one of jamf/,
        ],
        [{ connection: undefined }, /^connection: is missing: it must be a connection/],
        [
            { connection: { type: "jamf.ApiClient", arguments: { url: "https://acme.jamfcloud.com" } } },
            /^connection\.clientId: is missing/,
        ],
        [
            { connection: { type: "acme.ApiKey", arguments: {} } },
            /^connection: is of the class acme\.ApiKey, which cannot be handed to Nango/,
        ],
    ])("%j", async (changes, message) => {
        expect(await preview(changes)).toMatch(message);
        expect(writes()).toEqual([]);
    });

    test.each([
        "jumpcloud",
        "jamfSelfHosted",
        "jiraConnector",
        "jiraUserToken",
        "atlassianOAuthUsGov",
        "atlassianTokenUsGov",
        "entraCertificate",
        "oktaServiceApp",
        "datadogKeys",
        "slack",
    ] as const)("the connection %s, with the reason", async (name) => {
        const types = {
            jumpcloud: "jumpcloud.ServiceAccount",
            jamfSelfHosted: "jamf.ApiClient",
            jiraConnector: "atlassian.JiraConnector",
            jiraUserToken: "atlassian.JiraUserToken",
            atlassianOAuthUsGov: "atlassian.ServiceAccountOAuth",
            atlassianTokenUsGov: "atlassian.ServiceAccountToken",
            entraCertificate: "microsoft.EntraApplication",
            oktaServiceApp: "okta.ServiceApp",
            datadogKeys: "datadog.Keys",
            slack: "slack.BotToken",
        };
        expect(await preview({ connection: { type: types[name], arguments: vendors.credentials[name] } })).toMatch(
            /^connection: (is (the|a|of)|has an?) .*(cannot be handed|Declare the account as|not handed over)/,
        );
        expect(hubs.requests.length).toBe(0);
    });

    test("a GitLab server below a path", async () => {
        const { token } = vendors.credentials.gitlab;
        const connection = { type: "gitlab.AccessToken", arguments: { url: "https://example.com/gitlab", token } };
        expect(await preview({ connection })).toMatch(
            /^connection: is at https:\/\/example\.com\/gitlab: .* cannot be handed over\. \[hub-connection-invalid\]$/,
        );
        expect(hubs.requests.length).toBe(0);
    });

    test.each([
        ["environmentKey", () => key.value],
        ["connection.clientSecret", () => client().clientSecret],
    ])("a server's address that holds the secret of %s", async (holder, secret) => {
        const message = await preview({ serverUrl: `https://nango.example.com/${encodeURIComponent(secret())}` });
        expect(message).toContain(`serverUrl: holds the secret of ${holder}.`);
        expect(message).not.toContain(secret());
        expect(hubs.requests.length).toBe(0);
    });

    test("a credential that the vendor refuses, with its argument", async () => {
        const { url, clientId } = vendors.credentials.jamf;
        const connection = {
            type: "jamf.ApiClient",
            arguments: { url, clientId, clientSecret: "a-secret-that-jamf-refuses" },
        };
        expect(await preview({ connection })).toMatch(
            /^connection\.clientSecret: Jamf refused the client id or secret/,
        );
        expect(await up({ connection })).toMatch(/^connection\.clientSecret: Jamf refused the client id or secret/);
        expect(writes()).toEqual([]);
    });
});

describe("An API key", () => {
    const connection = (): object => ({ type: "gitlab.AccessToken", arguments: vendors.credentials.gitlab });

    test("is handed to the provider of its class, and proved there by Nango's own call", async () => {
        admin().addIntegration("code", "gitlab-pat");
        const changes = { integration: "code", connectionId: "gitlab", connection: connection() };
        expect(await up(changes)).toBe("");
        expect(admin().connection("code", "gitlab")).toMatchObject({
            credentials: { type: "API_KEY", apiKey: vendors.credentials.gitlab.token },
            connectionConfig: { hostname: "gitlab.com" },
        });
        expect(vendors.requests.count({ origin: "https://gitlab.com", path: "/api/v4/users" })).toBe(1);
        expect(await run("destroy", changes)).toBe("");
        expect(admin().connection("code", "gitlab")).toBeUndefined();
    });

    test("that Nango's own call does not prove is refused there", async () => {
        const { token } = vendors.fixture.gitlab;
        token.removeScope("read_api");
        token.addScope("read_repository");
        const { requiredScopes: _, ...args } = vendors.credentials.gitlab;
        try {
            const changes = {
                integration: "code",
                connectionId: "gitlab",
                connection: { type: "gitlab.AccessToken", arguments: args },
            };
            expect(await up(changes)).toMatch(/credentials were found to be invalid|connection_test_failed/);
        } finally {
            token.removeScope("read_repository");
            token.addScope("read_api");
        }
    });
});

describe("A hub that fails while a secret is rotated", () => {
    /** What is recorded, and whether a run with these troubles ends well; the next one does in any case. */
    async function suffer(trouble: () => unknown): Promise<string> {
        expect(await up()).toBe("");
        const id = row()?.id;
        const kept = fs.readFileSync(file, "utf8");
        client().generateClientSecret();
        trouble();
        const why = await up();
        if (why !== "") {
            expect(fs.readFileSync(file, "utf8")).toBe(kept);
        } else {
            expect(row()?.credentials["client_secret"]).toBe(client().clientSecret);
        }
        hubs.clearFaults();
        hubs.nango.limiter.reset();
        expect(await up()).toBe("");
        expect(admin().connections()).toHaveLength(1);
        expect(row()).toMatchObject({ id, credentials: { client_secret: client().clientSecret } });
        return why;
    }

    test.each([
        ["500 once", () => admin().failNext({ method: "POST" })],
        ["503 once", () => admin().failNext({ method: "POST", status: 503 })],
        ["429 twice", () => admin().throttleNext({ method: "POST", times: 2 })],
        ["a connection cut before the write", () => admin().cutBefore({ method: "POST" })],
        ["an answer lost after the write", () => admin().cutAfter({ method: "POST" })],
        ["half an answer to the write", () => admin().cutInAnswer({ method: "POST" })],
        ["one look that fails", () => admin().failNext({ method: "GET" })],
        ["one cut look", () => admin().cutAfter({ method: "GET" })],
    ])("%s is got over in the same run", async (_, trouble) => {
        expect(await suffer(trouble)).toBe("");
    });

    test.each([
        ["500 again and again", () => admin().failNext({ method: "POST", times: 50 }), /server error \(HTTP 500/],
        [
            "a key that is refused",
            () => admin().refuseNext({ times: 50 }),
            /^environmentKey: is not known to Nango \(HTTP 401 unknown_account\)/,
        ],
        [
            "a key without the scope",
            () =>
                admin().answerNext(
                    {
                        status: 403,
                        body: JSON.stringify({ error: { code: "forbidden", message: "Insufficient scope." } }),
                        headers: { "content-type": "application/json" },
                    },
                    { method: "POST", times: 50 },
                ),
            /may not write connections \(HTTP 403 forbidden\)\. Give the key the scope environment:connections:create/,
        ],
        [
            "429 for longer than there is time",
            () => admin().throttleNext({ method: "POST", times: 50, retryAfterSeconds: 3600 }),
            /says to wait until/,
        ],
        [
            "a page of something else",
            () =>
                admin().answerNext(
                    { status: 404, body: "<html></html>", headers: { "content-type": "text/html" } },
                    { times: 50 },
                ),
            /answered with a page of HTML \(HTTP 404\)\. Check whether a proxy/,
        ],
        [
            "a look that fails after the write",
            () => admin().cutAfter({ method: "GET", times: 50 }),
            /The stack keeps what is on record/,
        ],
    ])("%s fails, keeps the record, and the next run converges", async (_, trouble, message) => {
        expect(await suffer(trouble)).toMatch(message);
    });

    test("an error that holds the whole row, credentials and all, is told by its code alone", async () => {
        const former = client().clientSecret;
        const why = await suffer(() => {
            const now = client().clientSecret;
            const errors = [{ code: "custom", path: ["metadata", now, former], message: now }];
            const body = JSON.stringify({
                error: { code: "invalid_body", message: `{"credentials":"${former} ${now}"}`, errors },
            });
            admin().answerNext(
                { status: 400, body, headers: { "content-type": "application/json" } },
                { method: "POST", times: 50 },
            );
        });
        expect(why).toMatch(/Nango refused metadata \(custom\) \(HTTP 400 invalid_body\)/);
        expect(why).not.toContain(former);
        expect(why).not.toContain(client().clientSecret);
    });
});

describe("A create that fails", () => {
    test("after the write leaves a connection that the next run goes on with", async () => {
        admin().cutAfter({ method: "POST", times: 2 });
        expect(await up()).toMatch(/Nothing was recorded/);
        expect(fs.existsSync(file)).toBe(false);
        const id = row()?.id;
        expect(id).toBeDefined();
        hubs.clearFaults();
        expect(await up()).toBe("");
        expect(row()?.id).toBe(id);
        expect(admin().connections()).toHaveLength(1);
    });

    test("since somebody else was faster does not overwrite", async () => {
        admin().listener.fault({
            kind: "handler",
            method: "POST",
            times: 1,
            // It comes between the write that failed and the look after it.
            handler: (_, response) => {
                admin().addConnection("jamf", "mdm", {
                    tags: { customer: "42" },
                    credentials: { type: "OAUTH2_CC", client_secret: "secret-of-others" },
                });
                response.writeHead(500, { "content-type": "application/json" });
                response.end("{}");
            },
        });
        const why = await up();
        expect(why).toMatch(/already, which this resource has not made/);
        expect(row()?.credentials["client_secret"]).toBe("secret-of-others");
    });
});

test("a connection that another run overwrites before it is read back is not recorded as this resource's", async () => {
    admin().listener.fault({
        kind: "patch",
        method: "POST",
        times: 1,
        patch: (body: unknown) => {
            admin().change("jamf", "mdm", { tags: { ...row()?.tags, "pulumi-nonce": "f".repeat(32) } });
            return body;
        },
    });
    expect(await up()).toMatch(
        /^connectionId: was overwritten in this moment by another run\. Nango has a connection mdm under jamf already.*\nNothing was recorded\.$/,
    );
});

describe("Six resources that write one connection at once", () => {
    test("leave one row, and each run ends well or says why", async () => {
        const told = {
            verb: "up",
            kind: "nango:Connection",
            owner: "urn:pulumi:test::core::nango:Connection::hub",
            declared: declared(),
            endpoints: { ...vendors.endpoints, ...hubs.endpoints },
        } as const;
        admin().gatherCreates(6);
        const results = await Promise.allSettled(
            Array.from({ length: 6 }, (_, at) => runHub({ ...told, file: `${file}.${at}` }, () => undefined)),
        );
        const reasons = results.flatMap((result) =>
            result.status === "rejected" ? [(result.reason as Error).message] : [],
        );
        expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
        const known = /^connectionId: was overwritten in this moment by another run\.|\(HTTP 500\)/;
        expect(reasons.filter((reason) => !known.test(reason))).toEqual([]);
        expect(admin().connections()).toHaveLength(1);
    });
});

test("a delete leaves what another create has marked, and takes what lost its mark", async () => {
    expect(await up()).toBe("");
    const tags = row()?.tags ?? {};
    admin().change("jamf", "mdm", { tags: { ...tags, "pulumi-nonce": "f".repeat(32) } });
    expect(await run("destroy")).toBe("");
    expect(row()).toBeDefined();
    admin().deleteConnection("jamf", "mdm");
    expect(await up()).toBe("");
    admin().change("jamf", "mdm", { tags: {} });
    expect(await run("destroy")).toBe("");
    expect(row()).toBeUndefined();
});

test("a nonce that a killed replacement has left is put right by the next run, so that destroy deletes", async () => {
    expect(await up()).toBe("");
    admin().change("jamf", "mdm", { tags: { ...row()?.tags, "pulumi-nonce": "f".repeat(32) } });
    expect(await up()).toBe("");
    const { outputs } = JSON.parse(fs.readFileSync(file, "utf8")) as HubState;
    expect(row()?.tags["pulumi-nonce"]).toBe((outputs["__record"] as { nonce: string }).nonce);
    expect(await run("destroy")).toBe("");
    expect(row()).toBeUndefined();
});

describe("An integration of ours", () => {
    const integration = (verb: "up" | "destroy", changes: object = {}, told: string[] = []) =>
        runHub(
            {
                verb,
                kind: "nango:Integration",
                file,
                owner: "urn:pulumi:test::core::nango:Integration::integration",
                declared: { environmentKey: lister().value, uniqueKey: "ours", provider: "jamf", ...changes },
                endpoints: { ...vendors.endpoints, ...hubs.endpoints },
            },
            (message) => void told.push(message),
        );
    const lister = (): NangoKey => admin().addKey([...leastScopes, "environment:connections:list"]);
    const remade = (): void => {
        admin().deleteIntegration("ours");
        admin().addIntegration("ours", "jamf");
    };

    test("is refused in the preview with a key that could not list what stands under it when it is destroyed", async () => {
        const environmentKey = admin().addKey().value;
        await expect(integration("up", { environmentKey })).rejects.toThrow(
            /^environmentKey: may not list connections, .* Give the key the scope environment:connections:list\. \[nango-list-scope\]$/,
        );
        expect(writes()).toEqual([]);
        await integration("up");
        const told: string[] = [];
        await integration("up", { environmentKey }, told);
        expect(told.join()).toMatch(/environmentKey: may not list connections/);
        await integration("up");
        await integration("destroy");
    });

    test("is still ours after an update that changes nothing at Nango, and goes with its resource", async () => {
        await integration("up", { displayName: "Ours" });
        await integration("up");
        expect(writes()).toHaveLength(1);
        await integration("destroy");
        expect(hubs.nango.rows.integration("ours")).toBeUndefined();
    });

    test("that others have removed and made again under its key is theirs: no run changes or deletes it", async () => {
        await integration("up");
        remade();
        await expect(integration("up", { displayName: "Ours" })).rejects.toThrow(
            /already\. To use it, set adopt: true/,
        );
        const told: string[] = [];
        await integration("destroy", {}, told);
        expect(told.join()).toMatch(/what is at Nango is not this resource's any more, and stays there/);
        expect(hubs.nango.rows.integration("ours")).toMatchObject({ uniqueKey: "ours" });
        // One that is taken over on request is not deleted either.
        await integration("up", { adopt: true });
        remade();
        await integration("up", { adopt: true, displayName: "Theirs" });
        await integration("destroy");
        expect(hubs.nango.rows.integration("ours")).toMatchObject({ displayName: "Theirs" });
        admin().deleteIntegration("ours");
    });
});

test("as many tags as Nango takes are written, and what others have put there leaves less room", async () => {
    expect(await up({ tags: tagsOf(8) })).toBe("");
    expect(Object.keys(row()?.tags ?? {})).toHaveLength(10);
    // What goes makes room for what comes.
    expect(await up({ tags: tagsOf(8, "another") })).toBe("");
    expect(await up({ tags: tagsOf(6) })).toBe("");
    admin().change("jamf", "mdm", { tags: { ...row()?.tags, ...tagsOf(2, "others") } });
    const full =
        /^tags: Nango accepts 10 tags on a connection, and it would have 11: 7 of this resource, 2 that say which resource it belongs to/;
    expect(await up({ tags: tagsOf(7) })).toMatch(full);
    expect(await up({ tags: tagsOf(6, "another") })).toBe("");
    expect(Object.keys(row()?.tags ?? {})).toEqual(expect.arrayContaining(["others-0", "others-1", "another-5"]));
});

test("a connection that is to be taken over has too many tags of others: the preview says so", async () => {
    admin().addConnection("jamf", "mdm", { tags: tagsOf(9) });
    expect(await preview({ adopt: true })).toMatch(
        /^tags: Nango accepts 10 tags on a connection, and it would have 11: 0/,
    );
    admin().change("jamf", "mdm", { tags: tagsOf(8) });
    expect(await preview({ adopt: true })).toBe("");
    expect(await up({ adopt: true })).toBe("");
    expect(Object.keys(row()?.tags ?? {})).toHaveLength(10);
});

describe("A Nango of the release 0.71.4, which fetches tokens for any key that reads", () => {
    beforeEach(() => {
        admin().refreshes = "for any key";
    });

    afterEach(() => {
        admin().refreshes = "for keys that read credentials";
    });

    test("is read as any other, although a token that ends within a quarter of an hour is renewed by each look", async () => {
        expect(await up()).toBe("");
        const token = row()?.credentials["token"];
        expect(await preview()).toBe("");
        expect(row()?.credentials["token"]).not.toBe(token);
        hubs.requests.clear();
        expect(await up()).toBe("");
        expect(writes()).toEqual([]);
        expect(warnings.filter((warning) => !/endpoints/.test(warning))).toEqual([]);
    });

    test("a secret that the vendor refuses it is seen as errors without a right to read it, and put right", async () => {
        expect(await up()).toBe("");
        admin().change("jamf", "mdm", {
            credentials: {
                ...(row()?.credentials ?? { type: "OAUTH2_CC" }),
                client_secret: "typed-in-by-others",
                expires_at: "2020-01-01T00:00:00Z",
            },
        });
        expect(await preview()).toBe("");
        expect(row()?.errors).toMatchObject([{ type: "auth" }]);
        hubs.requests.clear();
        expect(await up()).toBe("");
        expect(writes()).toHaveLength(1);
        expect(row()).toMatchObject({ errors: [], credentials: { client_secret: client().clientSecret } });
    });
});

test("an environment key that is changed needs no write at the hub", async () => {
    expect(await up()).toBe("");
    hubs.requests.clear();
    expect(await up({ environmentKey: admin().addKey().value })).toBe("");
    expect(writes()).toEqual([]);
});

test("what the program does not want any more goes, and what others have put there stays", async () => {
    expect(await up({ tags: { a: "1", b: "2" }, metadata: { x: 1, y: 2 } })).toBe("");
    admin().change("jamf", "mdm", { tags: { ...row()?.tags, others: "3" }, metadata: { ...row()?.metadata, z: 3 } });
    expect(await up({ tags: { b: "2" }, metadata: { y: 2 } })).toBe("");
    expect(row()?.metadata).toEqual({ y: 2, z: 3 });
    const { "pulumi-urn": _, "pulumi-nonce": __, ...rest } = row()?.tags ?? {};
    expect(rest).toEqual({ b: "2", others: "3" });
});

describe("Data of others that is not in order is no bug", () => {
    const odd: readonly unknown[] = [null, "text", 7, [null], [], true, { type: null, arguments: null }];
    const edit = (change: (outputs: Record<string, unknown>) => void): void => {
        const state = JSON.parse(fs.readFileSync(file, "utf8")) as HubState;
        [state.inputs, state.outputs].forEach((values) => change(values));
        fs.writeFileSync(file, JSON.stringify(state));
    };
    const places: readonly (readonly [string, (value: unknown) => (outputs: Record<string, unknown>) => void])[] = [
        ...["connection", "found", "tags", "errors", "createdAt"].map(
            (name) =>
                [name, (value: unknown) => (outputs: Record<string, unknown>) => void (outputs[name] = value)] as const,
        ),
        ...["memo", "credential", "nonce", "tenant"].map(
            (name) =>
                [
                    `__record.${name}`,
                    (value: unknown) => (outputs: Record<string, unknown>) =>
                        void Object.assign(outputs["__record"] as object, { [name]: value }),
                ] as const,
        ),
    ];

    test.each(places)("in a state: %s", async (_, change) => {
        for (const value of odd) {
            expect(await up()).toBe("");
            edit(change(value));
            expect([value, await up()]).toEqual([value, expect.not.stringMatching(/Report it|TypeError/)]);
            edit(change(value));
            expect([value, await run("destroy")]).toEqual([value, expect.not.stringMatching(/Report it|TypeError/)]);
            fs.rmSync(file, { force: true });
            if (row() !== undefined) {
                admin().deleteConnection("jamf", "mdm");
            }
        }
    });

    test.each(["connection", "__record.memo"])(
        "a destroy with %s null removes what is the resource's",
        async (name) => {
            expect(await up()).toBe("");
            edit(places.find(([place]) => place === name)?.[1](null) ?? (() => undefined));
            expect(await run("destroy")).toBe("");
            expect(row()).toBeUndefined();
        },
    );

    test.each([null, "auth", 7, [null], [null, { type: null }], [[]]])(
        "in Nango's answer: errors %j, and a date that is none",
        async (errors) => {
            expect(await up()).toBe("");
            admin().listener.fault({
                kind: "patch",
                patch: (value) => void Object.assign(value as object, { errors, created_at: "the day before" }),
            });
            expect(await up()).not.toMatch(/Report it|TypeError/);
            expect(await preview()).not.toMatch(/Report it|TypeError/);
        },
    );
});

test("a token that ends while Nango makes the write wait is got anew, in the time that a token takes", async () => {
    const lifetime = client().accessTokenLifetimeSeconds;
    client().accessTokenLifetimeSeconds = 2;
    admin().listener.fault({ kind: "latency", ms: 2500, method: "GET" });
    try {
        const { connection } = declared({}, { timeoutSeconds: 2 });
        expect(await up({ connection })).toBe("");
    } finally {
        client().accessTokenLifetimeSeconds = lifetime;
    }
    expect(Date.parse(String(row()?.credentials["expires_at"]))).toBeGreaterThan(Date.now() - 10_000);
});
