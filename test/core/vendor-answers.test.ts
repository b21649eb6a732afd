// What Okta, CrowdStrike, Datadog, Snyk, Cloudflare, Slack and Kandji answer, and what a connection comes to.
import { newKey } from "../simulators/signing";
import { startVendors, type VendorCredentials, type Vendors } from "../simulators/vendors";
import { verifierOf } from "../support/types";

let vendors: Vendors;
const undo: (() => void)[] = [];

beforeAll(async () => {
    vendors = await startVendors();
});
afterEach(() =>
    undo
        .splice(0)
        .reverse()
        .forEach((one) => one()),
);
afterAll(() => vendors?.close());

/** Changes something until the test ends. */
function change<T extends object>(of: T, to: Partial<T>): void {
    const before = Object.fromEntries(Object.keys(to).map((name) => [name, of[name as keyof T]]));
    Object.assign(of, to);
    undo.push(() => Object.assign(of, before));
}

interface Seen {
    readonly status: string | undefined;
    readonly messages: readonly string[];
}
type Credential = keyof VendorCredentials;
const tenantOf = async (type: string, credential: Credential, args: object = {}) => {
    const given = { ...vendors.credentials[credential], ...args };
    const { tenants, messages } = await verifierOf(vendors.endpoints)(type, given);
    return { ...tenants[0], messages: messages.map((message) => message.replace(/ \[[a-z-]+\]$/, "")) };
};
const seen = async (type: string, credential: Credential, args: object = {}): Promise<Seen> => {
    const { status, messages } = await tenantOf(type, credential, args);
    return { status, messages };
};
const calls = (): string[] => [...vendors.requests].map(({ path }) => path.split("?")[0] ?? "");

describe("Okta", () => {
    const token = (args?: object): Promise<Seen> => seen("okta.ApiToken", "oktaApiToken", args);
    const app = (args?: object): Promise<Seen> => seen("okta.ServiceApp", "oktaServiceApp", args);

    test("has its organisation checked before a secret is sent", async () => {
        const nowhere = { kind: "status", status: 404, path: "/.well-known/okta-organization" } as const;
        const fault = vendors.listener("https://acme.okta.com").fault(nowhere);
        undo.push(() => fault.remove());
        vendors.requests.clear();
        const message =
            "orgUrl: There is no Okta organisation at acme.okta.com (HTTP 404). Copy its address from the account menu of the Admin Console.";
        for (const one of [token, app]) {
            expect(await one()).toEqual({ status: "unreachable", messages: [message] });
        }
        expect(new Set(calls())).toEqual(new Set(["/.well-known/okta-organization"]));
        expect([...vendors.requests][0]?.headers).not.toHaveProperty("authorization");
    });

    test("is reached by the address of its Admin Console, and not without an organisation", async () => {
        expect(await token({ orgUrl: "https://acme-admin.okta.com/admin/dashboard" })).toEqual({
            status: "verified",
            messages: [],
        });
        const { messages } = await token({ orgUrl: "https://okta.com" });
        expect(messages.join()).toContain("must name the organisation, like https://acme.okta.com.");
    });

    test("refuses a token, and one outside of its zone lacks access", async () => {
        const { token: issued } = vendors.fixture.okta;
        change(issued, { isRevoked: true });
        expect(await token()).toEqual({
            status: "rejected",
            messages: [
                "apiToken: Okta refused the credential at acme.okta.com/api/v1/users/me (HTTP 401). Create a new API token under Security > API > Tokens.",
            ],
        });
        change(issued, { isRevoked: false, isInZone: false });
        expect((await token()).status).toBe("insufficient");
    });

    test("gives a service app its organisation, its scopes and the company's name", async () => {
        const { outputs, account, grantedScopes } = await tenantOf("okta.ServiceApp", "oktaServiceApp");
        const { org, app: made } = vendors.fixture.okta;
        expect({ outputs, account, grantedScopes }).toMatchObject({
            outputs: { organizationId: org.id, organizationName: "Acme", tokenLifetimeSeconds: 3600 },
            account: { id: made.clientId },
            grantedScopes: ["okta.orgs.read", "okta.users.read"],
        });
    });

    test("says where to switch DPoP off, which scope is not granted, and that a key is unknown", async () => {
        const { app: made } = vendors.fixture.okta;
        change(made, { needsProof: true });
        expect(await app()).toEqual({
            status: "unreachable",
            messages: [
                "orgUrl: acme.okta.com gives this client a token only with the proof of a key (invalid_dpop_proof), which no hub sends. Switch off Require Demonstrating Proof of Possession (DPoP) header in token requests, under Applications > Applications > (application) > General > General Settings.",
            ],
        });
        change(made, { needsProof: false });
        const scopes = await app({ requiredScopes: ["okta.groups.manage"] });
        expect(scopes).toEqual({
            status: "insufficient",
            messages: [
                "clientId: Okta denied this client the scope okta.groups.manage (invalid_scope). Check what it may do under Applications > Applications > (application) > Okta API Scopes.",
            ],
        });
        expect(await app({ privateKey: newKey() })).toEqual({
            status: "rejected",
            messages: [
                "privateKey: Okta refused the client id or private key (invalid_client). Add a new key under Applications > Applications > (application) > General.",
            ],
        });
        expect((await app({ requiredScopes: [] })).messages.join()).toContain("must name at least one scope");
    });
});

describe("CrowdStrike", () => {
    const client = (args?: object): Promise<Seen> => seen("crowdstrike.ApiClient", "crowdstrike", args);

    test("names the client's cloud, where the program names none", async () => {
        const { status, outputs } = await tenantOf("crowdstrike.ApiClient", "crowdstrikeEu");
        expect({ status, outputs }).toMatchObject({
            status: "verified",
            outputs: { cloud: "eu-1", apiUrl: "https://api.eu-1.crowdstrike.com", tokenLifetimeSeconds: 1799 },
        });
        expect(await seen("crowdstrike.ApiClient", "crowdstrikeEu", { cloud: "us-1" })).toEqual({
            status: "insufficient",
            messages: ["cloud: CrowdStrike says that the API client belongs to the cloud eu-1. Set cloud to it."],
        });
    });

    test("refuses a wrong secret and another cloud by HTTP 403, and an address that is not allowed", async () => {
        const wrong =
            "clientSecret: CrowdStrike refused the client id or secret (access denied, invalid client_id or client_secret). Reset a new client secret under Support and resources > API clients and keys. Check cloud too: a cloud does not know the clients of another one.";
        expect(await client({ clientSecret: "wrong".repeat(8) })).toEqual({ status: "rejected", messages: [wrong] });
        expect(await client({ cloud: "us-2" })).toEqual({ status: "rejected", messages: [wrong] });
        change(vendors.fixture.crowdstrike.client, { isAllowed: false });
        expect(await client()).toEqual({
            status: "rejected",
            messages: [
                "clientSecret: CrowdStrike refused the token request (access denied, authorization failed). The IP allowlist of the Falcon console may not have the address of this machine, or the client is not for this memberCid.",
            ],
        });
    });

    test("does not name the customer without a scope, which is nothing against the client, and costs one call", async () => {
        const { scopes } = vendors.fixture.crowdstrike.client;
        scopes.delete("sensor-installers:read");
        undo.push(() => scopes.add("sensor-installers:read"));
        vendors.requests.clear();
        const { status, outputs, checks, warnings } = await tenantOf("crowdstrike.ApiClient", "crowdstrike");
        expect({ status, customerId: outputs?.["customerId"], warnings }).toEqual({
            status: "verified",
            customerId: undefined,
            warnings: [],
        });
        expect(checks?.["customer"]?.result).toBe("unknown");
        expect(calls()).toEqual(["/oauth2/token", "/sensors/queries/installers/ccid/v1"]);
    });

    test("works for a child of Flight Control", async () => {
        const member = "0123456789abcdef0123456789abcdef";
        vendors.fixture.crowdstrike.client.members.add(member);
        const { outputs } = await tenantOf("crowdstrike.ApiClient", "crowdstrike", { memberCid: member.toUpperCase() });
        expect(outputs?.["customerId"]).toBe(`${member.toUpperCase()}-01`);
    });
});

describe("Datadog", () => {
    const far = "2099-06-30T00:00:00.000Z";

    test.each([
        ["an end", far, far],
        ["none", null, "never"],
    ])("lists the token in use with its scopes and %s", async (_, expiresAt, secretEnd) => {
        const { token } = vendors.fixture.datadog;
        change(token, { expiresAt });
        vendors.datadog.addToken(token.user, "another", ["logs_read"]);
        const found = await tenantOf("datadog.ServiceAccessToken", "datadogToken");
        expect(found).toMatchObject({
            status: "verified",
            outputs: { organizationId: token.user.org.id, tokenName: "pulumi" },
            grantedScopes: ["dashboards_read", "monitors_read"],
            secretEnd,
        });
    });

    test("leaves scopes and end unknown where the token may not list", async () => {
        change(vendors.fixture.datadog.token, { mayList: false });
        expect(await tenantOf("datadog.ServiceAccessToken", "datadogToken")).toMatchObject({
            status: "verified",
            secretEnd: undefined,
            checks: { token: { result: "unknown" }, scopes: { result: "unknown" } },
        });
    });

    test("refuses a wrong token, one of another site, and each wrong key", async () => {
        const says = (argument: string, more: string): object => ({
            status: "rejected",
            messages: [
                expect.stringMatching(
                    new RegExp(`^${argument}: Datadog refused the credential${more}.* Check site too`),
                ),
            ],
        });
        const token = (args: object): Promise<Seen> => seen("datadog.ServiceAccessToken", "datadogToken", args);
        expect(await token({ token: "ddsat_wrong_0123456789" })).toEqual(says("token", ""));
        expect(await token({ site: "us3.datadoghq.com" })).toEqual(says("token", ""));
        for (const wrong of [{ apiKey: "0".repeat(32) }, { applicationKey: "0".repeat(40) }]) {
            const refused = await seen("datadog.Keys", "datadogKeys", wrong);
            expect(refused).toEqual(says("apiKey", " together with applicationKey"));
        }
        change(vendors.fixture.datadog.keys.user, { mayReadItself: false });
        expect((await seen("datadog.Keys", "datadogKeys")).status).toBe("insufficient");
    });
});

describe("Snyk", () => {
    const region = "Check region too: a region does not know the accounts of another one.";
    const far = "2099-06-30T00:00:00.000Z";

    test.each([
        ["an API key, which never ends", { kind: "api_key" }, "never"],
        ["an access token, with its end", { kind: "access_token", expiresAt: far }, far],
        ["an account that may not read itself", { mayReadItself: false }, undefined],
    ] as const)("knows %s", async (_, of, secretEnd) => {
        const { account } = vendors.fixture.snyk;
        change(account, of as object);
        expect(await tenantOf("snyk.ServiceAccount", "snyk")).toMatchObject({
            status: "verified",
            outputs: { defaultOrganizationId: account.organizationId },
            account: { id: account.id, name: "pulumi" },
            warnings: [],
            secretEnd,
        });
    });

    test("refuses a wrong token, another region, and a wrong client", async () => {
        const token = `token: Snyk refused the credential at api.eu.snyk.io/rest/self (HTTP 401). Create a new service account under Settings > Service accounts. ${region}`;
        const wrong = await seen("snyk.ServiceAccount", "snyk", { token: "00000000-0000-4000-8000-000000000000" });
        expect(wrong).toEqual({ status: "rejected", messages: [token] });
        const elsewhere = await seen("snyk.ServiceAccount", "snyk", { region: "us-01" });
        expect(elsewhere).toEqual({ status: "rejected", messages: [token.replace("api.eu.", "api.")] });
        const client = await seen("snyk.ServiceAccount", "snykOAuth", { clientSecret: "wrong-secret-0123456789" });
        expect(client).toEqual({
            status: "rejected",
            messages: [
                `clientSecret: Snyk refused the client id or secret (invalid_client). Create a new service account under Settings > Service accounts. ${region}`,
            ],
        });
        const halves = await seen("snyk.ServiceAccount", "snykOAuth", { clientId: undefined });
        expect(halves.messages).toEqual(["clientId: and clientSecret belong together. Give both, or neither."]);
    });
});

describe("Cloudflare", () => {
    const far = "2099-06-30T00:00:00.000Z";
    const page = "My Profile > API Tokens, or Manage Account > Account API Tokens";
    const token = (args?: object): Promise<Seen> => seen("cloudflare.ApiToken", "cloudflare", args);
    const user = (args?: object): Promise<Seen> => seen("cloudflare.ApiToken", "cloudflareUser", args);

    test.each([
        ["with an end", far, far],
        ["without one", undefined, "never"],
    ])("knows an account's own token %s, by the account's path", async (_, expiresOn, secretEnd) => {
        const { account, accountToken } = vendors.fixture.cloudflare;
        change(accountToken, { expiresOn });
        vendors.requests.clear();
        expect(
            await tenantOf("cloudflare.ApiToken", "cloudflare", { accountId: account.id.toUpperCase() }),
        ).toMatchObject({
            status: "verified",
            outputs: { accountId: account.id, accountName: "Acme", tokenId: accountToken.id },
            account: { id: accountToken.id },
            warnings: [],
            secretEnd,
        });
        const of = `/client/v4/accounts/${account.id}`;
        expect(calls()).toEqual([`${of}/tokens/verify`, of]);
    });

    test("knows a user's token, and its account where it is the only one", async () => {
        const { account, userToken } = vendors.fixture.cloudflare;
        expect(await tenantOf("cloudflare.ApiToken", "cloudflareUser")).toMatchObject({
            outputs: { accountId: account.id, accountName: "Acme" },
            checks: { account: { result: "passed" } },
        });
        change(userToken, { accounts: [account, vendors.cloudflare.addAccount("Globex")] });
        const { status, outputs } = await tenantOf("cloudflare.ApiToken", "cloudflareUser");
        expect([status, outputs?.["accountId"]]).toEqual(["verified", undefined]);
        change(userToken, { mayReadAccounts: false });
        const denied = await tenantOf("cloudflare.ApiToken", "cloudflareUser");
        expect([denied.status, denied.checks?.["account"]?.result, denied.warnings]).toEqual([
            "verified",
            "unknown",
            [],
        ]);
    });

    test("refuses a token of the other kind, of another account, and one that is not known", async () => {
        const { cloudflare, cloudflareUser } = vendors.credentials;
        const { messages, status } = await token({ accountId: undefined });
        expect([status, messages.join()]).toEqual([
            "rejected",
            "token: Cloudflare refused the credential at api.cloudflare.com/client/v4/user/tokens/verify (HTTP 401, code 1000). It begins with cfat_, as an account's own token does. Give accountId.",
        ]);
        const elsewhere = await token({ accountId: "0".repeat(32) });
        expect(elsewhere.messages.join()).toContain("Check accountId too");
        const older = await user({ accountId: cloudflare.accountId });
        expect(older.messages.join()).toContain("another account's token and a user's are refused so.");
        const wrong = await user({ token: `${cloudflareUser.token.slice(0, 39)}!` });
        expect([wrong.status, wrong.messages.join()]).toEqual([
            "rejected",
            `token: Cloudflare refused the credential at api.cloudflare.com/client/v4/user/tokens/verify (HTTP 400, code 6003). Create a new API token under ${page}. An account's own token needs accountId.`,
        ]);
    });

    test("says that a token is disabled, has ended, or is not good yet", async () => {
        const { accountToken } = vendors.fixture.cloudflare;
        change(accountToken, { status: "disabled" });
        expect(await token()).toEqual({
            status: "rejected",
            messages: [
                `token: Cloudflare says that the token is disabled. Enable it under ${page}, or create another one.`,
            ],
        });
        change(accountToken, { status: "expired", expiresOn: "2024-01-01T00:00:00Z" });
        const { status, secretEnd, messages } = await tenantOf("cloudflare.ApiToken", "cloudflare");
        expect([status, secretEnd]).toEqual(["rejected", "2024-01-01T00:00:00.000Z"]);
        expect(messages.join()).toContain("(HTTP 200, the token is expired)");
        change(accountToken, { expiresOn: undefined });
        expect((await token()).status).toBe("rejected");
        change(accountToken, { status: "active", notBefore: far });
        expect(await token()).toEqual({
            status: "insufficient",
            messages: [
                `token: Cloudflare accepts the token from ${far} on. Wait until then, or create another one under ${page}.`,
            ],
        });
        change(accountToken, { notBefore: "2024-01-01T00:00:00Z" });
        expect((await token()).status).toBe("verified");
    });

    test.each([true, false])(
        "asks for no new token where a filter lacks the address (at the verifying call: %s)",
        async (isFilteredAtVerify) => {
            change(vendors.fixture.cloudflare.accountToken, { isAllowedHere: false, isFilteredAtVerify });
            const { status, messages } = await token();
            expect([status, messages]).toEqual([
                "insufficient",
                [
                    "token: Cloudflare knows the token and does not accept it from this machine's address (HTTP 403, code 9109). Add the address to the token's Client IP Address Filtering, or run where it is allowed.",
                ],
            ]);
        },
    );

    test.each([
        [200, { success: false, errors: [{ code: 1000, message: "Invalid API Token" }] }, "rejected"],
        [403, { success: false, errors: [{ code: 9109, message: "Invalid access token" }] }, "rejected"],
        [200, { success: false, errors: [{ code: 971, message: "Please wait" }], result: null }, "unreachable"],
        [200, { success: false, errors: [] }, "unreachable"],
        [200, { success: true, result: { id: "0".repeat(32) } }, "unreachable"],
        [200, { success: true, result: { id: "0".repeat(32), status: "paused" } }, "unreachable"],
        [200, { result: null }, "unreachable"],
        [403, { success: false, errors: [{ code: 10000, message: "Authentication error" }] }, "insufficient"],
    ])("never takes HTTP %i %j for a good token: it is %3$s", async (status, body, expected) => {
        const fault = vendors.listener("https://api.cloudflare.com").fault({
            kind: "handler",
            path: /verify$/,
            handler: (_, response) => {
                response.writeHead(status, { "content-type": "application/json" });
                response.end(JSON.stringify(body));
            },
        });
        undo.push(() => fault.remove());
        expect((await token()).status).toBe(expected);
    });
});

describe("Slack", () => {
    const token = (args?: object): Promise<Seen> => seen("slack.BotToken", "slack", args);
    const page = "api.slack.com/apps > (app) > OAuth & Permissions";

    test("names the workspace, the bot and all scopes", async () => {
        const { token: issued, workspace } = vendors.fixture.slack;
        expect(await tenantOf("slack.BotToken", "slack")).toMatchObject({
            status: "verified",
            outputs: {
                ...{ teamId: workspace.id, teamName: "Acme", teamUrl: "https://acme.slack.com/" },
                ...{ botId: issued.botId, appId: issued.appId },
            },
            account: { id: issued.userId, name: "pulumi" },
            grantedScopes: ["chat:write", "users:read"],
            warnings: [],
            secretEnd: undefined,
        });
    });

    test("has scopes compared both ways, and leaves them unknown where they are not listed", async () => {
        const missing = await token({ requiredScopes: ["channels:read", "chat:write"] });
        expect([missing.status, missing.messages.join()]).toEqual([
            "insufficient",
            `requiredScopes: the credential lacks channels:read. Add what is missing under ${page}, or correct the name.`,
        ]);
        const { warnings } = await tenantOf("slack.BotToken", "slack", { requiredScopes: ["chat:write"] });
        expect(warnings?.join()).toContain("has scopes beyond those required: users:read.");
        change(vendors.fixture.slack.token, { areScopesTold: false });
        const untold = await tenantOf("slack.BotToken", "slack");
        expect([untold.status, untold.checks?.["scopes"]?.result]).toEqual(["verified", "unknown"]);
    });

    test("of an organisation is its workspace, or all of it, and not another one", async () => {
        const { enterpriseToken } = vendors.fixture.slack;
        const { enterpriseId, id } = enterpriseToken.workspace;
        expect(await tenantOf("slack.BotToken", "slackEnterprise")).toMatchObject({
            status: "verified",
            outputs: { teamId: id, enterpriseId },
        });
        change(enterpriseToken, { isOrganizationWide: true });
        const all = await tenantOf("slack.BotToken", "slackEnterprise", { teamId: undefined });
        expect(all.outputs).toMatchObject({ teamId: enterpriseId, enterpriseId });
        expect(await seen("slack.BotToken", "slackEnterprise")).toEqual({
            status: "insufficient",
            messages: [
                `teamId: The token opens ${String(enterpriseId)} and not ${id}. Correct teamId, or give a token of ${id}.`,
            ],
        });
    });

    test.each([
        ["invalid_auth", "rejected"],
        ["token_revoked", "rejected"],
        ["token_expired", "rejected"],
        ["account_inactive", "rejected"],
        ["not_allowed_token_type", "rejected"],
        ["missing_scope", "insufficient"],
        ["accesslimited", "insufficient"],
        ["org_login_required", "insufficient"],
        ["ratelimited", "unreachable"],
        ["internal_error", "unreachable"],
        ["a new word of Slack's", "unreachable"],
    ])("refuses with HTTP 200 and %s, which is %s", async (error, expected) => {
        change(vendors.fixture.slack.token, { error });
        const { status, messages } = await token();
        expect(status).toBe(expected);
        const says = {
            rejected: new RegExp(`\\(HTTP 200, ${error}\\)\\. Get a new bot token under .*Allowed IP Address Ranges`),
            insufficient: new RegExp(`^token: Slack knows the token and denies it \\(${error}\\)\\.`),
            unreachable: /which says nothing against the token\. Run again later\.$/,
        };
        expect(messages.join()).toMatch(says[expected as keyof typeof says]);
        expect(/new bot token/.test(messages.join())).toBe(expected === "rejected");
    });

    test("warns of a token that rotates, whose seconds are no moment, and of a person's", async () => {
        change(vendors.fixture.slack.token, { expiresIn: 43_000 });
        const { status, warnings, secretEnd } = await tenantOf("slack.BotToken", "slack");
        expect({ status, warnings, secretEnd }).toEqual({
            status: "verified",
            warnings: [expect.stringMatching(/^The app rotates its tokens: this one ends within 12 hours/)],
            secretEnd: undefined,
        });
        const { workspace } = vendors.fixture.slack;
        const person = vendors.slack.add(workspace, "mia", ["users:read"], "xoxp");
        const args = { token: person.value, requiredScopes: ["users:read"] };
        expect((await tenantOf("slack.BotToken", "slack", args)).warnings).toEqual([
            "The token belongs to a person. Use the Bot User OAuth Token, which does not leave.",
        ]);
        const { messages } = await token({ token: "xapp-1-A0123456789-0123456789-0123456789abcdef" });
        expect(messages.join()).toContain("It begins with xapp-, as an app-level token does.");
    });
});

describe("Kandji", () => {
    const token = (args?: object): Promise<Seen> => seen("kandji.ApiToken", "kandji", args);
    const hint = "Check its permissions and region too: whether Kandji answers otherwise to these is not confirmed.";

    test("is proved by what is required, or by the licensing", async () => {
        vendors.requests.clear();
        const { status, outputs, account, secretEnd } = await tenantOf("kandji.ApiToken", "kandji");
        expect({ status, outputs, account, secretEnd }).toEqual({
            status: "verified",
            outputs: { apiUrl: "https://acme.api.kandji.io" },
            account: undefined,
            secretEnd: undefined,
        });
        expect(calls()).toEqual(["/api/v1/settings/licensing"]);
        vendors.requests.clear();
        const europe = await tenantOf("kandji.ApiToken", "kandjiEu");
        expect([europe.status, europe.outputs?.["apiUrl"], europe.grantedScopes, calls()]).toEqual([
            ...["verified", "https://acme.api.eu.kandji.io", ["/devices"]],
            ["/api/v1/devices"],
        ]);
    });

    test.each([
        "acme",
        "ACME.api",
        "acme.kandji.io",
        "acme.api.kandji.io/",
        "https://acme.api.kandji.io/api/v1/devices",
    ])("accepts the address in any form in which people copy it: %s", async (subdomain) =>
        expect((await token({ subdomain })).status).toBe("verified"),
    );

    test("has the address and the region agree, and at least one permission", async () => {
        const europe = { subdomain: "https://acme.api.eu.kandji.io" };
        expect((await token(europe)).messages).toEqual([
            "region: is not that of the address in subdomain. Correct one of them.",
        ]);
        expect((await seen("kandji.ApiToken", "kandjiEu", europe)).status).toBe("verified");
        expect((await token({ requiredPermissions: [] })).messages.join()).toContain("must name /audit/events");
        expect((await token({ subdomain: "https://acme.example.com" })).messages.join()).toContain(
            "must be the first part of the API URL, such as acme.",
        );
    });

    test("lacks a permission, and refuses a wrong token, naming the other causes", async () => {
        expect(await token({ requiredPermissions: ["/devices", "/users"] })).toEqual({
            status: "insufficient",
            messages: [
                "requiredPermissions: the token lacks /users. Add what is missing under Settings > Access > API Token > (token) > Permissions, or correct the name.",
            ],
        });
        const refused = {
            status: "rejected",
            messages: [
                `token: Kandji refused the credential at acme.api.kandji.io/api/v1/settings/licensing (HTTP 401). Add a new API token under Settings > Access > API Token. ${hint}`,
            ],
        };
        expect(await token({ token: "00000000-0000-4000-8000-000000000000" })).toEqual(refused);
        const { token: issued } = vendors.fixture.kandji;
        issued.permissions.delete("/settings/licensing");
        undo.push(() => issued.permissions.add("/settings/licensing"));
        expect((await token()).status).toBe("insufficient");
        change(issued, { deniesAsUnauthorized: true });
        expect(await token()).toEqual(refused);
    });
});
