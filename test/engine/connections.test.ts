import type { RunResult } from "../support/project";
import { Lab, succeeded, type Declared } from "../support/programs";
import { connectorScopes, confluenceScopes, type Vendors } from "../simulators/vendors";

interface Expected {
    readonly declared: Declared;
    /** The outputs, besides those that every verified connection has alike. */
    readonly outputs: Record<string, unknown>;
    /** Names of arguments that are outputs in another form, or inputs of the same name, as they are recorded. */
    readonly recorded?: Record<string, unknown>;
}

const gateway = (product: string, cloudId: string, host = "api.atlassian.com"): string =>
    `https://${host}/ex/${product}/${cloudId}`;
const sorted = (names: readonly string[]): string[] => [...names].sort();

/** Every class in every form that its arguments have, with the outputs of the contract. */
function expectations({ credentials: c, fixture: f, jumpcloud: { us: region } }: Vendors): Record<string, Expected> {
    const unnamed = region.addServiceAccount("unnamed", region.addOrganization(null));
    const { acme, sandbox } = f.atlassian;
    const person = (account: { accountId: string; displayName: string; email: string }): object => ({
        id: account.accountId,
        name: account.displayName,
        email: account.email,
    });
    const jumpcloud = (
        clientId: string,
        label: string,
        organization: { id: string; displayName: string | null },
        named: boolean,
    ): Record<string, unknown> => ({
        tokenUrl: `https://admin-oauth.id.${label}jumpcloud.com/oauth2/token`,
        apiUrl: `https://console.${label}jumpcloud.com/api`,
        apiV2Url: `https://console.${label}jumpcloud.com/api/v2`,
        organizationId: organization.id,
        organizationName: organization.displayName ?? undefined,
        requestHeaders: named ? { "x-org-id": organization.id } : {},
        secretInUse: "clientSecret",
        account: { id: clientId, name: clientId },
        grantedScopes: ["api"],
        missingScopes: [],
    });
    const pair = ({ clientId, clientSecret }: { clientId: string; clientSecret: string }): object => ({
        clientId,
        clientSecret,
    });
    const { jumpcloud: us, jumpcloudEu: eu, jumpcloudIn: india, jumpcloudMultiTenant: managed } = c;
    const readOnly = [
        "Read API Roles",
        "Read Computers",
        "Read Mobile Devices",
        "Read Smart Computer Groups",
        "Read User",
    ];
    const jamf = (
        url: string,
        version: string,
        tokenPath: string,
        tokenLifetimeSeconds: number,
        grantedScopes: string[],
    ): Record<string, unknown> => ({
        url,
        apiUrl: `${url}/api`,
        classicApiUrl: `${url}/JSSResource`,
        tokenUrl: `${url}${tokenPath}`,
        version,
        tokenLifetimeSeconds,
        account: { id: "1", name: "StackOne" },
        grantedScopes,
        missingScopes: [],
    });
    const both = sorted([...connectorScopes, ...confluenceScopes]);
    const siteEntry = ({ cloudId, name, url }: { cloudId: string; name: string; url: string }): object => ({
        cloudId,
        name,
        url,
    });
    const oauth = {
        cloudId: acme.cloudId,
        siteUrl: "https://acme.atlassian.net",
        siteName: "Acme",
        jiraUrl: gateway("jira", acme.cloudId),
        tokenUrl: "https://auth.atlassian.com/oauth/token",
        missingScopes: [],
    };
    const token = {
        cloudId: acme.cloudId,
        siteUrl: "https://acme.atlassian.net",
        account: person(f.atlassian.tokenAccount),
        grantedScopes: [],
        missingScopes: [],
    };
    const { email, apiToken } = c.atlassianToken;
    const connector = {
        hostUrl: gateway("jira", acme.cloudId),
        cloudId: acme.cloudId,
        siteUrl: "https://acme.atlassian.net",
        account: person(f.atlassian.connectorAccount),
        grantedScopes: sorted(connectorScopes),
        missingScopes: [],
    };
    const ox = { apiToken: c.jiraConnector.apiToken };
    const { username, apiToken: userToken } = c.jiraUserToken;
    const cloudUser = { hostUrl: "https://acme.atlassian.net", deployment: "cloud", account: person(f.atlassian.user) };
    const gov = f.usGov.site;
    const govHost = "api.atlassian-us-gov-mod.com";
    return {
        "jumpcloud-default": {
            declared: { type: "jumpcloud.ServiceAccount", args: pair(us) },
            outputs: jumpcloud(us.clientId, "", f.jumpcloud.organization, false),
        },
        "jumpcloud-unnamed": {
            declared: {
                type: "jumpcloud.ServiceAccount",
                args: { clientId: unnamed.clientId, clientSecret: unnamed.clientSecrets[0] },
            },
            outputs: jumpcloud(
                unnamed.clientId,
                "",
                unnamed.organizations[0] as { id: string; displayName: null },
                false,
            ),
        },
        "jumpcloud-us": {
            declared: {
                type: "jumpcloud.ServiceAccount",
                args: { ...pair(us), region: "US", organizationId: us.organizationId.toUpperCase() },
            },
            outputs: jumpcloud(us.clientId, "", f.jumpcloud.organization, true),
            recorded: { region: "us" },
        },
        "jumpcloud-eu": {
            declared: { type: "jumpcloud.ServiceAccount", args: { ...pair(eu), region: "EU" } },
            outputs: jumpcloud(eu.clientId, "eu.", f.jumpcloud.euOrganization, false),
            recorded: { region: "eu" },
        },
        "jumpcloud-in": {
            declared: { type: "jumpcloud.ServiceAccount", args: { ...pair(india), region: "in" } },
            outputs: jumpcloud(india.clientId, "in.", f.jumpcloud.inOrganization, false),
            recorded: { region: "in" },
        },
        "jumpcloud-managed": {
            declared: { type: "jumpcloud.ServiceAccount", args: { ...managed, requiredScopes: undefined } },
            outputs: jumpcloud(managed.clientId, "", f.jumpcloud.managedOrganizations[1], true),
            recorded: { region: "us" },
        },
        "jamf-cloud": {
            declared: {
                type: "jamf.ApiClient",
                args: { ...c.jamf, url: "https://Acme.jamfcloud.com/", requiredPrivileges: readOnly },
            },
            outputs: jamf("https://acme.jamfcloud.com", f.jamf.server.version, "/api/v1/oauth/token", 600, readOnly),
            recorded: { requiredPrivileges: readOnly },
        },
        "jamf-self-hosted": {
            declared: {
                type: "jamf.ApiClient",
                args: {
                    ...c.jamfSelfHosted,
                    clientId: c.jamfSelfHosted.clientId.toUpperCase(),
                    minimumVersion: "10.50.0",
                },
            },
            outputs: jamf("https://jamf.example.com:8443", f.jamf.selfHostedServer.version, "/api/oauth/token", 60, [
                "Read Computers",
                "Read User",
            ]),
            recorded: {
                clientId: c.jamfSelfHosted.clientId,
                minimumVersion: "10.50.0",
                requiredPrivileges: ["Read Computers", "Read User"],
            },
        },
        "oauth-subdomain": {
            declared: {
                type: "atlassian.ServiceAccountOAuth",
                args: { ...c.atlassianOAuth, subdomain: "Acme", requiredScopes: both },
            },
            outputs: {
                ...oauth,
                confluenceUrl: gateway("confluence", acme.cloudId),
                sites: [siteEntry(acme), siteEntry(sandbox)],
                account: person(f.atlassian.oauthAccount),
                grantedScopes: both,
            },
            recorded: { subdomain: "acme", requiredScopes: both },
        },
        "oauth-cloud-id": {
            declared: {
                type: "atlassian.ServiceAccountOAuth",
                args: { ...pair(c.atlassianOAuth), cloudId: sandbox.cloudId.toUpperCase(), products: ["confluence"] },
            },
            outputs: {
                ...oauth,
                cloudId: sandbox.cloudId,
                siteUrl: "https://acme-sandbox.atlassian.net",
                siteName: "Acme Sandbox",
                jiraUrl: undefined,
                confluenceUrl: gateway("confluence", sandbox.cloudId),
                sites: [siteEntry(acme), siteEntry(sandbox)],
                account: person(f.atlassian.oauthAccount),
                grantedScopes: both,
            },
            recorded: { products: ["confluence"] },
        },
        "oauth-one-site": {
            declared: { type: "atlassian.ServiceAccountOAuth", args: c.atlassianOAuthOneSite },
            outputs: {
                ...oauth,
                sites: [siteEntry(acme)],
                account: person(f.atlassian.oneSiteAccount),
                grantedScopes: sorted(connectorScopes),
            },
        },
        "oauth-government": {
            declared: { type: "atlassian.ServiceAccountOAuth", args: c.atlassianOAuthUsGov },
            outputs: {
                cloudId: gov.cloudId,
                siteUrl: "https://acme-gov.atlassian-us-gov-mod.net",
                siteName: "Acme Federal",
                jiraUrl: gateway("jira", gov.cloudId, govHost),
                confluenceUrl: gateway("confluence", gov.cloudId, govHost),
                tokenUrl: "https://auth.atlassian-us-gov-mod.com/oauth/token",
                sites: [siteEntry(gov)],
                account: person(f.usGov.oauth.account),
                grantedScopes: both,
                missingScopes: [],
            },
            recorded: { subdomain: "acme-gov", environment: "usGov" },
        },
        "token-cloud-id": {
            declared: { type: "atlassian.ServiceAccountToken", args: c.atlassianToken },
            outputs: { ...token, jiraUrl: gateway("jira", acme.cloudId) },
            recorded: { email },
        },
        "token-subdomain": {
            declared: {
                type: "atlassian.ServiceAccountToken",
                args: {
                    subdomain: "acme",
                    email,
                    apiToken,
                    products: ["jira", "confluence"],
                    requiredScopes: ["write:jira-work", "read:jira-user"],
                },
            },
            outputs: {
                ...token,
                jiraUrl: gateway("jira", acme.cloudId),
                confluenceUrl: gateway("confluence", acme.cloudId),
                grantedScopes: ["read:jira-user", "write:jira-work"],
            },
            recorded: {
                email,
                subdomain: "acme",
                products: ["confluence", "jira"],
                requiredScopes: ["read:jira-user", "write:jira-work"],
            },
        },
        "token-admin-url": {
            declared: {
                type: "atlassian.ServiceAccountToken",
                args: { adminUrl: `https://admin.atlassian.com/s/${acme.cloudId}/access-requests`, email, apiToken },
            },
            outputs: { ...token, jiraUrl: gateway("jira", acme.cloudId) },
            recorded: { email, adminUrl: acme.cloudId },
        },
        "token-government": {
            declared: { type: "atlassian.ServiceAccountToken", args: c.atlassianTokenUsGov },
            outputs: {
                cloudId: gov.cloudId,
                siteUrl: "https://acme-gov.atlassian-us-gov-mod.net",
                jiraUrl: gateway("jira", gov.cloudId, govHost),
                account: person(f.usGov.token.account),
                grantedScopes: [],
                missingScopes: [],
            },
            recorded: { email: c.atlassianTokenUsGov.email, environment: "usGov" },
        },
        "connector-cloud-id": {
            declared: {
                type: "atlassian.JiraConnector",
                args: { ...c.jiraConnector, serviceAccountName: "ox-security" },
            },
            outputs: connector,
            recorded: { serviceAccountName: "ox-security" },
        },
        "connector-subdomain": {
            declared: { type: "atlassian.JiraConnector", args: { ...ox, subdomain: "acme" } },
            outputs: connector,
            recorded: { subdomain: "acme" },
        },
        "connector-site-address": {
            declared: {
                type: "atlassian.JiraConnector",
                args: { ...ox, subdomain: "https://acme.atlassian.net/jira" },
            },
            outputs: connector,
            recorded: { subdomain: "acme" },
        },
        "connector-admin-url": {
            declared: {
                type: "atlassian.JiraConnector",
                args: { ...ox, adminUrl: `https://admin.atlassian.com/s/${acme.cloudId}` },
            },
            outputs: connector,
            recorded: { adminUrl: acme.cloudId },
        },
        "connector-host-url": {
            declared: {
                type: "atlassian.JiraConnector",
                args: { ...ox, hostUrl: `${gateway("jira", acme.cloudId)}/` },
            },
            outputs: connector,
        },
        "user-site-url": {
            declared: {
                type: "atlassian.JiraUserToken",
                args: { ...c.jiraUserToken, siteUrl: "https://acme.atlassian.net/" },
            },
            outputs: cloudUser,
            recorded: { siteUrl: "https://acme.atlassian.net", username },
        },
        "user-subdomain": {
            declared: { type: "atlassian.JiraUserToken", args: { subdomain: "ACME", username, apiToken: userToken } },
            outputs: cloudUser,
            recorded: { subdomain: "acme", username },
        },
        "user-data-center": {
            declared: { type: "atlassian.JiraUserToken", args: c.jiraDataCenter },
            outputs: {
                hostUrl: "https://jira.acme.example",
                deployment: "dataCenter",
                account: { id: "JIRAUSER10100", name: "OX Bot", email: "ox-bot@acme.example" },
            },
            recorded: { siteUrl: "https://jira.acme.example" },
        },
    };
}

const credentials = 10;
const defined = (values: Record<string, unknown>): Record<string, unknown> =>
    JSON.parse(JSON.stringify(values)) as Record<string, unknown>;

describe("six classes of connections, in every form of their arguments", () => {
    let lab: Lab;
    let expected: Record<string, Expected>;
    let firstPreview: RunResult;
    let firstCalls: number;

    const names = (): string[] => Object.keys(expected);
    const times = async (): Promise<Record<string, unknown>> =>
        Object.fromEntries(
            Object.entries(await lab.recorded()).map(([name, { outputs }]) => [name, outputs["verifiedAt"]]),
        );
    /** How many access tokens the vendors gave out since the log was cleared. */
    const tokenCalls = (): number =>
        lab.vendors.requests.count({ method: "POST", path: /oauth2?\/token$/, status: 200 });

    beforeAll(async () => {
        lab = await Lab.start({ name: "all-classes" });
        expected = expectations(lab.vendors);
        lab.declare({
            connections: Object.fromEntries(Object.entries(expected).map(([name, { declared }]) => [name, declared])),
        });
        firstPreview = await lab.preview("--diff");
        firstCalls = lab.vendors.requests.length;
    });

    afterAll(async () => {
        await lab.dispose();
    });

    test("the first preview knows every output before anything exists", () => {
        succeeded(firstPreview);
        const known = lab.known();
        for (const [name, { outputs }] of Object.entries(expected)) {
            const without = Object.fromEntries(
                Object.entries(outputs).map(([output, value]) => [output, value ?? "undefined"]),
            );
            expect({ name, ...known[name] }).toMatchObject({
                name,
                status: "verified",
                warnings: [],
                expiresAt: "undefined",
                ...without,
            });
            expect(known[name]).not.toHaveProperty("verifiedAt");
        }
    });

    test("the first preview shows the endpoints, to other resources and to the stack's outputs too", () => {
        for (const [name, { outputs }] of Object.entries(expected)) {
            const url = (outputs["apiUrl"] ??
                outputs["jiraUrl"] ??
                outputs["confluenceUrl"] ??
                outputs["hostUrl"]) as string;
            expect(firstPreview.output).toMatch(new RegExp(`::user-of-${name}\\]\\s+input: \\{\\s+url: "${url}"`));
            expect(firstPreview.output).toMatch(new RegExp(`${name}\\s*: "verified ${url}"`));
        }
        expect(firstPreview.output).not.toMatch(/output<|\[unknown\]/);
    });

    test("the first preview asks each vendor for one token per credential, and for nothing twice", () => {
        const notThere = lab.vendors.requests.count({ path: "/api/v1/oauth/token", status: 404 });
        expect({ tokens: tokenCalls(), notThere, calls: firstCalls }).toEqual({
            tokens: credentials,
            notThere: 1,
            calls: lab.vendors.requests.length,
        });
        expect(lab.vendors.requests.matching().filter(({ status }) => status >= 400 && status !== 404)).toEqual(
            lab.vendors.requests.matching({ method: "POST", path: /\/rest\/api\/3\/issue$/, status: 400 }),
        );
    });

    test("up records what was verified, and outputs hold exactly what the contract has", async () => {
        const begun = Date.now();
        const up = await lab.upWithPreview();
        succeeded(up);
        const recorded = await lab.recorded();
        expect(Object.keys(recorded).sort()).toEqual(names().sort());
        for (const [name, { declared, outputs, recorded: others = {} }] of Object.entries(expected)) {
            const { type, outputs: state } = recorded[name] ?? {};
            const { checks, verifiedAt, __provider, __record, clientId, clientSecret, apiToken, ...rest } =
                state as Record<string, unknown>;
            const args = declared.args as Record<string, string>;
            expect({ name, type }).toEqual({
                name,
                type: `pulumi-nodejs:dynamic/connections/${declared.type.replace(".", ":")}`,
            });
            const given = clientId === undefined ? {} : { clientId };
            const id = args["clientId"] === undefined ? {} : { clientId: args["clientId"] };
            const values = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
            expect({ name, ...values, ...given }).toEqual({
                name,
                status: "verified",
                warnings: [],
                ...defined(outputs),
                ...id,
                ...others,
            });
            expect(
                Object.values(checks as Record<string, { result: string }>).filter(
                    ({ result }) => result !== "passed" && result !== "skipped",
                ),
            ).toEqual([]);
            expect(Date.parse(verifiedAt as string)).toBeGreaterThanOrEqual(begun);
            expect({ name, secret: args["clientSecret"] === undefined ? apiToken : clientSecret }).toMatchObject({
                secret: { ciphertext: expect.any(String) as string },
            });
            expect(__provider).toEqual(expect.stringMatching(/^exports\.handler/));
            expect(__record).toBeDefined();
        }
    });

    test("a second preview is clean, verifies again and asks only once", async () => {
        const preview = await lab.preview("--expect-no-changes");
        succeeded(preview);
        expect(lab.vendors.requests.length).toBe(firstCalls);
    });

    test("a refresh finds nothing, and does not move verifiedAt", async () => {
        const before = await times();
        succeeded(await lab.refresh("--expect-no-changes"));
        expect(tokenCalls()).toBe(credentials);
        expect(await times()).toEqual(before);
    });

    test("an up without changes records nothing anew", async () => {
        const before = await times();
        succeeded(await lab.up("--expect-no-changes"));
        expect(await times()).toEqual(before);
    });

    test("destroy calls nobody", async () => {
        const urn = "urn:pulumi:test::all-classes::pulumi-nodejs:dynamic/connections/jamf:ApiClient::jamf-cloud";
        const destroy = await lab.destroy("--target", urn, "--target-dependents");
        succeeded(destroy);
        expect(lab.vendors.requests.length).toBe(0);
        expect(Object.keys(await lab.recorded())).not.toContain("jamf-cloud");
    });

    test("destroy works while every vendor is down", async () => {
        await lab.vendors.down();
        const destroy = await lab.destroy();
        succeeded(destroy);
        expect(await lab.recorded()).toEqual({});
    });
});
