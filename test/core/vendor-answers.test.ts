// What Okta, CrowdStrike, Datadog and Snyk answer, and what a connection comes to.
import { newKey } from "../simulators/signing";
import { startVendors, type VendorCredentials, type Vendors } from "../simulators/vendors";
import { verifierOf } from "../support/types";

let vendors: Vendors;
const undo: (() => void)[] = [];

beforeAll(async () => {
    vendors = await startVendors();
});
afterEach(() => undo.splice(0).forEach((one) => one()));
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
