import {
    loadConfluenceJs,
    loadJiraJs,
    loadOpenIdClient,
    type ConfluenceJs,
    type JiraJs,
    type OpenIdClient,
    type OpenIdConfiguration,
} from "../support/clients";
import { startVendors, type Vendors } from "../simulators/vendors";

let vendors: Vendors;

beforeAll(async () => {
    vendors = await startVendors();
});
afterAll(() => vendors.close());

const at = (url: string): string => {
    const { origin, pathname } = new URL(url);
    const endpoint = vendors.endpoints[origin];
    if (endpoint === undefined) {
        throw new Error(`Nothing stands for ${origin}`);
    }
    return endpoint + (pathname === "/" ? "" : pathname);
};
const gateway = (product: "jira" | "confluence"): string =>
    at(`https://api.atlassian.com/ex/${product}/${vendors.fixture.atlassian.acme.cloudId}`);

describe("jira.js, which judges answers by Atlassian's shapes", () => {
    let jira: JiraJs;
    const client = (host: string, auth: object) => jira.createCloudClient({ host, auth, onSchemaMismatch: "throw" });
    const basic = (email: string, apiToken: string) => ({ type: "basic", email, apiToken });
    const bearer = (token: string) => ({ type: "bearer", token });

    beforeAll(async () => {
        jira = await loadJiraJs();
    });

    it("works with a service account's API token behind the gateway, by Basic", async () => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const acme = client(gateway("jira"), basic(email, apiToken));
        const user = await acme.myself.getCurrentUser({ expand: "groups,applicationRoles" });
        expect(user).toMatchObject({ accountType: "app", emailAddress: email, active: true });
        expect(await acme.serverInfo.getServerInfo()).toMatchObject({
            baseUrl: "https://acme.atlassian.net",
            deploymentType: "Cloud",
        });
        const { permissions } = await acme.permissions.getMyPermissions({
            permissions: "BROWSE_PROJECTS,DELETE_ISSUES",
        });
        expect(permissions).toMatchObject({
            BROWSE_PROJECTS: { havePermission: true },
            DELETE_ISSUES: { havePermission: false },
        });
        const page = await acme.projects.searchProjects({ maxResults: 1 });
        expect(page).toMatchObject({ total: 2, values: [{ key: "ACME" }] });
        expect(
            await acme.issues.createIssue({
                fields: { project: { key: "ACME" }, summary: "Held", issuetype: { name: "Task" } },
            }),
        ).toMatchObject({
            key: "ACME-1",
        });
    });

    it("works with a service account's API token behind the gateway, by Bearer", async () => {
        const acme = client(gateway("jira"), bearer(vendors.credentials.jiraConnector.apiToken));
        const { accountId } = await acme.myself.getCurrentUser();
        expect(accountId).toBe(vendors.fixture.atlassian.connectorAccount.accountId);
    });

    it("works with a personal token on the site itself", async () => {
        const { siteUrl, username, apiToken } = vendors.credentials.jiraUserToken;
        expect(await client(at(siteUrl), basic(username, apiToken)).myself.getCurrentUser()).toMatchObject({
            accountType: "atlassian",
            emailAddress: username,
        });
    });

    it("does refuse an answer of another shape", async () => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const fault = vendors.atlassian.api.fault({
            kind: "patch",
            path: /myself/,
            patch: (user) => ({ ...user, active: "yes" }),
        });
        await expect(client(gateway("jira"), basic(email, apiToken)).myself.getCurrentUser()).rejects.toMatchObject({
            name: "SchemaMismatchError",
        });
        fault.remove();
    });

    it("meets the refusals that it knows by name", async () => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const wrong = client(gateway("jira"), basic(email, `${apiToken}x`));
        await expect(wrong.myself.getCurrentUser()).rejects.toMatchObject({ name: "AuthError", status: 401 });
        const { token } = vendors.fixture.atlassian;
        token.removeScope("read:jira-work");
        const lacking = client(gateway("jira"), basic(email, apiToken));
        await expect(lacking.projects.searchProjects({})).rejects.toMatchObject({ name: "ScopeError", status: 401 });
        token.addScope("read:jira-work");
        const onSite = client(at("https://acme.atlassian.net"), bearer(apiToken));
        await expect(onSite.myself.getCurrentUser()).rejects.toMatchObject({ name: "ForbiddenError", status: 403 });
        const elsewhere = client(
            at("https://api.atlassian.com/ex/jira/11111111-2222-4333-8444-555555555555"),
            basic(email, apiToken),
        );
        await expect(elsewhere.myself.getCurrentUser()).rejects.toMatchObject({ name: "NotFoundError", status: 404 });
    });
});

describe("confluence.js, which judges answers by Atlassian's shapes", () => {
    let confluence: ConfluenceJs;
    const config = () => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        return { host: gateway("confluence"), auth: { type: "basic", email, apiToken }, onSchemaMismatch: "throw" };
    };

    beforeAll(async () => {
        confluence = await loadConfluenceJs();
    });

    it("reads the account by API v1 and, with the granular scope, the spaces by API v2", async () => {
        const user = await confluence.createV1Client(config()).users.getCurrentUser();
        expect(user).toMatchObject({ type: "known", accountId: vendors.fixture.atlassian.tokenAccount.accountId });
        const v2 = confluence.createV2Client(config());
        await expect(v2.space.getSpaces({ limit: 1 })).rejects.toMatchObject({ name: "ScopeError", status: 401 });
        vendors.fixture.atlassian.token.addScope("read:space:confluence");
        expect(await v2.space.getSpaces({ limit: 1 })).toMatchObject({ results: [{ key: "ENG" }] });
        vendors.fixture.atlassian.token.removeScope("read:space:confluence");
    });

    it("is refused with a wrong token and without access to Confluence", async () => {
        const { auth, ...rest } = config();
        const wrong = confluence.createV1Client({ ...rest, auth: { ...auth, apiToken: "ATSTTwrong" } });
        await expect(wrong.users.getCurrentUser()).rejects.toMatchObject({ name: "AuthError", status: 401 });
        const { tokenAccount, acme } = vendors.fixture.atlassian;
        tokenAccount.removeProductAccess(acme, "confluence");
        await expect(confluence.createV1Client(config()).users.getCurrentUser()).rejects.toMatchObject({
            name: "ForbiddenError",
            status: 403,
        });
        tokenAccount.grantProductAccess(acme, "confluence");
    });
});

describe("openid-client, which knows the OAuth standards and no vendor", () => {
    let oauth: OpenIdClient;
    type Method = "ClientSecretBasic" | "ClientSecretPost";
    const configure = (tokenUrl: string, clientId: string, secret: string, method: Method): OpenIdConfiguration => {
        const server = { issuer: new URL(tokenUrl).origin, token_endpoint: at(tokenUrl) };
        const configuration = new oauth.Configuration(server, clientId, {}, oauth[method](secret));
        oauth.allowInsecureRequests(configuration);
        return configuration;
    };
    const read = async (configuration: OpenIdConfiguration, token: string, url: string): Promise<unknown> =>
        (await oauth.fetchProtectedResource(configuration, token, new URL(at(url)), "GET")).json();
    const jumpcloudTokens = "https://admin-oauth.id.jumpcloud.com/oauth2/token";
    const atlassianTokens = "https://auth.atlassian.com/oauth/token";

    beforeAll(async () => {
        oauth = await loadOpenIdClient();
    });

    it.each(["jumpcloud", "jumpcloudReserved"] as const)(
        "gets a token from JumpCloud by Basic, with both secrets of %s",
        async (name) => {
            const { clientId, clientSecret, standbyClientSecret, organizationId } = vendors.credentials[name];
            for (const secret of [clientSecret, standbyClientSecret]) {
                const configuration = configure(jumpcloudTokens, clientId, secret, "ClientSecretBasic");
                const token = await oauth.clientCredentialsGrant(configuration, { scope: "api" });
                expect(token).toMatchObject({ token_type: "bearer", scope: "api", expires_in: 3599 });
                const answer = await read(
                    configuration,
                    token.access_token,
                    "https://console.jumpcloud.com/api/organizations",
                );
                expect(answer).toMatchObject({
                    totalCount: 1,
                    results: [{ _id: organizationId, displayName: expect.stringMatching(/^Acme/) as string }],
                });
            }
        },
    );

    it("is refused by JumpCloud by body, with a wrong secret, without its scope, and in another region", async () => {
        const { clientId, clientSecret } = vendors.credentials.jumpcloud;
        const grant = (
            secret: string,
            method: Method,
            parameters: Record<string, string> = { scope: "api" },
            url = jumpcloudTokens,
        ) => oauth.clientCredentialsGrant(configure(url, clientId, secret, method), parameters);
        const refused = { error: "invalid_client", status: 401 };
        await expect(grant(clientSecret, "ClientSecretPost")).rejects.toMatchObject(refused);
        await expect(grant(`${clientSecret}x`, "ClientSecretBasic")).rejects.toMatchObject(refused);
        await expect(grant(clientSecret, "ClientSecretBasic", {})).rejects.toMatchObject({
            error: "invalid_scope",
            status: 400,
        });
        const eu = "https://admin-oauth.id.eu.jumpcloud.com/oauth2/token";
        await expect(grant(clientSecret, "ClientSecretBasic", { scope: "api" }, eu)).rejects.toMatchObject(refused);
    });

    it("gets a token from Jamf Pro by body, at the address of each version", async () => {
        const { url, clientId, clientSecret } = vendors.credentials.jamf;
        const configuration = configure(`${url}/api/v1/oauth/token`, clientId, clientSecret, "ClientSecretPost");
        const token = await oauth.clientCredentialsGrant(configuration);
        expect(token).toMatchObject({ token_type: "bearer", scope: "api-role:1", expires_in: 599 });
        expect(await read(configuration, token.access_token, `${url}/api/v1/jamf-pro-version`)).toEqual({
            version: vendors.fixture.jamf.server.version,
        });
        const hosted = vendors.credentials.jamfSelfHosted;
        const older = configure(
            `${hosted.url}/api/oauth/token`,
            hosted.clientId,
            hosted.clientSecret,
            "ClientSecretPost",
        );
        const { access_token: olderToken } = await oauth.clientCredentialsGrant(older);
        expect(await read(older, olderToken, `${hosted.url}/api/v1/auth`)).toMatchObject({
            authenticationType: "CLIENT_CREDENTIALS",
        });
    });

    it("is refused by Jamf Pro by Basic, with a wrong secret, and with another role's scope", async () => {
        const { url, clientId, clientSecret } = vendors.credentials.jamf;
        const grant = (secret: string, method: Method, parameters?: Record<string, string>) =>
            oauth.clientCredentialsGrant(configure(`${url}/api/v1/oauth/token`, clientId, secret, method), parameters);
        await expect(grant(clientSecret, "ClientSecretBasic")).rejects.toMatchObject({ error: "invalid_client" });
        await expect(grant(`${clientSecret}x`, "ClientSecretPost")).rejects.toMatchObject({
            error: "invalid_client",
            status: 401,
        });
        await expect(grant(clientSecret, "ClientSecretPost", { scope: "api-role:99" })).rejects.toMatchObject({
            error: "invalid_scope",
            status: 400,
        });
    });

    it("gets a token from Atlassian by body that jira.js works with", async () => {
        const { clientId, clientSecret } = vendors.credentials.atlassianOAuth;
        const configuration = configure(atlassianTokens, clientId, clientSecret, "ClientSecretPost");
        const token = await oauth.clientCredentialsGrant(configuration);
        expect(token).toMatchObject({ token_type: "bearer", expires_in: 3600 });
        const sites = await read(
            configuration,
            token.access_token,
            "https://api.atlassian.com/oauth/token/accessible-resources",
        );
        const { acme, oauthAccount } = vendors.fixture.atlassian;
        expect(sites).toContainEqual(expect.objectContaining({ id: acme.cloudId, url: acme.url }));
        const { createCloudClient } = await loadJiraJs();
        const jira = createCloudClient({
            host: gateway("jira"),
            auth: { type: "bearer", token: token.access_token },
            onSchemaMismatch: "throw",
        });
        expect(await jira.myself.getCurrentUser()).toMatchObject({ accountId: oauthAccount.accountId });
    });

    it("is refused by Atlassian with a scope, by Basic, and with a wrong secret", async () => {
        const { clientId, clientSecret } = vendors.credentials.atlassianOAuth;
        const grant = (secret: string, method: Method, parameters?: Record<string, string>) =>
            oauth.clientCredentialsGrant(configure(atlassianTokens, clientId, secret, method), parameters);
        await expect(grant(clientSecret, "ClientSecretPost", { scope: "read:jira-work" })).rejects.toMatchObject({
            error: "invalid_scope",
            status: 400,
        });
        await expect(grant(clientSecret, "ClientSecretBasic")).rejects.toMatchObject({ error: "invalid_client" });
        await expect(grant(`${clientSecret}x`, "ClientSecretPost")).rejects.toMatchObject({
            error: "invalid_client",
            status: 400,
        });
    });
});
