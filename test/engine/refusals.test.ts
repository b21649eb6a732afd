import { sections } from "../../provider/messages";
import { failed, Lab, succeeded, type Declared } from "../support/programs";
import { LeakScanner } from "../support/leaks";
import type { ExportedState } from "../support/project";

const uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const wrong = "planted-Wrong/Secret+81";
const gateway = "Directory > Service accounts";

interface Refused {
    readonly declared: Declared;
    /** The property that the message starts with, and the message. */
    readonly told: readonly [property: string, words: RegExp];
}

async function refusals(lab: Lab): Promise<Record<string, Refused>> {
    const { vendors } = lab;
    const { credentials: c, fixture: f } = vendors;
    const old = await vendors.jamf.addServer("https://old.acme.example", "10.48.2-t1");
    old.apiClientsSince = "10.0.0";
    const { clientId, clientSecret } = old.addClient("Old", [old.addRole("Old", ["Read Computers"])]);
    const ancient = await vendors.jamf.addServer("https://ancient.acme.example", "10.48.2-t1");
    const disabled = f.jamf.server.addClient("Disabled", []);
    disabled.disable();
    const withoutScope = vendors.jumpcloud.us.addServiceAccount("without-scope", f.jumpcloud.organization);
    withoutScope.removeScope();
    vendors.atlassianUsGov.serviceAccountSchemes = ["bearer"];
    const usersToken = f.atlassian.organization.createApiToken(f.atlassian.user, "personal").token;
    lab.project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(vendors.endpoints);

    const jamf = { url: c.jamf.url, clientId: c.jamf.clientId, clientSecret: c.jamf.clientSecret };
    const jumpcloud = { clientId: c.jumpcloud.clientId, clientSecret: c.jumpcloud.clientSecret };
    const oauth = { clientId: c.atlassianOAuth.clientId, clientSecret: c.atlassianOAuth.clientSecret };
    const { email, apiToken } = c.atlassianToken;
    const organization = f.atlassian.organization;
    const reader = organization.createApiToken(f.atlassian.connectorAccount, "reader", [
        "read:jira-user",
        "read:jira-work",
    ]);
    const stranger = organization.addServiceAccount("stranger");
    stranger.addSite(f.atlassian.acme, []);
    const strangersToken = organization.createApiToken(stranger, "stranger", [
        "read:jira-user",
        "read:jira-work",
        "write:jira-work",
    ]);
    const strangersOAuth = organization.createOAuthCredential(stranger, ["read:jira-user", "read:confluence-user"]);
    const nowhere = organization.createOAuthCredential(organization.addServiceAccount("nowhere"), ["read:jira-user"]);
    const other = c.jumpcloudMultiTenant.organizationId.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
    const [retail, logistics] = f.jumpcloud.managedOrganizations;

    const refused = (type: string, args: object, property: string, words: RegExp): Refused => ({
        declared: { type, args },
        told: [property, words],
    });
    return {
        "jumpcloud-secret": refused(
            "jumpcloud.ServiceAccount",
            { ...jumpcloud, clientSecret: wrong },
            "clientSecret",
            /^JumpCloud refused the client id or secret \(invalid_client\)\. Activate a new client secret under Settings > Service Accounts\. Check the region: none is named, so us was assumed \(console\.jumpcloud\.com\)\.$/,
        ),
        "jumpcloud-scope": refused(
            "jumpcloud.ServiceAccount",
            { clientId: withoutScope.clientId, clientSecret: withoutScope.clientSecrets[0] },
            "clientId",
            /^JumpCloud denied this client the scope api \(invalid_scope\)\. Check what it may do under Settings > Service Accounts\.$/,
        ),
        "jumpcloud-region": refused(
            "jumpcloud.ServiceAccount",
            { ...jumpcloud, region: "eu" },
            "clientSecret",
            /invalid_client.*Check the region\.$/,
        ),
        "jamf-secret": refused(
            "jamf.ApiClient",
            { ...jamf, clientSecret: wrong },
            "clientSecret",
            /^Jamf refused the client id or secret \(invalid_client\)\. Generate a new secret under Settings > System > API Roles and Clients\.$/,
        ),
        "jamf-disabled": refused(
            "jamf.ApiClient",
            { url: jamf.url, clientId: disabled.clientId, clientSecret: disabled.clientSecret },
            "clientSecret",
            /^Jamf gave out an empty access token, .* Enable the client under Settings > System > API Roles and Clients > API Clients\.$/,
        ),
        "oauth-secret": refused(
            "atlassian.ServiceAccountOAuth",
            { ...c.atlassianOAuth, clientSecret: wrong },
            "clientSecret",
            /^Atlassian refused the client id or secret \(invalid_client\)\. Create a new credential under Directory > Service accounts/,
        ),
        "token-secret": refused(
            "atlassian.ServiceAccountToken",
            { ...c.atlassianToken, apiToken: wrong },
            "apiToken",
            /^Atlassian refused the credential at api\.atlassian\.com\/.* \(HTTP 401\)\. Create a new API token under .*\. Check that email is its account's\.$/,
        ),
        "token-email": refused(
            "atlassian.ServiceAccountToken",
            { ...c.atlassianToken, email: "no@acme.example" },
            "email",
            /^Atlassian refused the token together with this address \(HTTP 401\): it is \S+@serviceaccount\.atlassian\.com's\. Put that address into email\.$/,
        ),
        "token-scheme": refused(
            "atlassian.ServiceAccountToken",
            c.atlassianTokenUsGov,
            "apiToken",
            /^the token is valid, but not the way this hub sends it: Atlassian refused it as Basic and took it as Bearer\. Use ServiceAccountOAuth for this hub; JiraConnector is for a hub that sends Bearer\.$/,
        ),
        "token-kind": refused(
            "atlassian.ServiceAccountToken",
            { ...c.atlassianToken, apiToken: usersToken },
            "apiToken",
            /\(HTTP 401\)\. It begins with ATATT, as the API token of a user does: use JiraUserToken\.$/,
        ),
        "connector-secret": refused(
            "atlassian.JiraConnector",
            { ...c.jiraConnector, apiToken: wrong },
            "apiToken",
            /\(HTTP 401\)\. Create a new API token under/,
        ),
        "user-secret": refused(
            "atlassian.JiraUserToken",
            { ...c.jiraUserToken, apiToken: wrong },
            "apiToken",
            /^Jira refused .*Create a new API token without scopes under id\.atlassian\.com/,
        ),
        "user-service-account": refused(
            "atlassian.JiraUserToken",
            { siteUrl: c.jiraUserToken.siteUrl, username: email, apiToken },
            "apiToken",
            /A service account's token works only behind the gateway: use JiraConnector\.$/,
        ),
        "data-center-secret": refused(
            "atlassian.JiraUserToken",
            { ...c.jiraDataCenter, apiToken: wrong },
            "apiToken",
            /Create a new token under Profile > Personal Access Tokens\.$/,
        ),

        "host-unknown": refused(
            "jamf.ApiClient",
            { ...jamf, url: `https://${"a".repeat(64)}.example.com` },
            "url",
            /was not found \(DNS: ENOTFOUND\)\. Check its spelling/,
        ),
        "host-silent": refused(
            "jamf.ApiClient",
            { ...jamf, url: "https://127.0.0.1:1" },
            "url",
            /^no connection to 127\.0\.0\.1:1 \(ECONNREFUSED\)\. Check the address/,
        ),

        "version-old": refused(
            "jamf.ApiClient",
            { url: old.origin, clientId, clientSecret },
            "url",
            /^Jamf Pro there is 10\.48\.2-t1, and 10\.49\.0 or later is needed\. Upgrade the server\.$/,
        ),
        "version-ancient": refused(
            "jamf.ApiClient",
            { ...jamf, url: ancient.origin },
            "url",
            /^there is no token endpoint of Jamf at ancient\.acme\.example .*10\.49\.0 or later/,
        ),
        "version-minimum": refused(
            "jamf.ApiClient",
            { ...jamf, minimumVersion: "11.31.0" },
            "url",
            /11\.30\.0-t\d+, and 11\.31\.0 or later is needed\. Upgrade the server, or lower minimumVersion\.$/,
        ),

        privilege: refused(
            "jamf.ApiClient",
            { ...jamf, requiredPrivileges: ["Read Computer", "Delete Computers", "Read User"] },
            "requiredPrivileges",
            /^the API client lacks "Delete Computers", "Read Computer" \(Jamf Pro calls it "Read Computers"\)\. Add what is missing under/,
        ),
        "scope-oauth": refused(
            "atlassian.ServiceAccountOAuth",
            { ...c.atlassianOAuth, requiredScopes: ["read:jira-wrok", "read:jira-user", "manage:jira-webhook"] },
            "requiredScopes",
            /^the credential lacks manage:jira-webhook, read:jira-wrok \(it has read:jira-work\)\. Create a new one with them/,
        ),
        "scope-token": refused(
            "atlassian.ServiceAccountToken",
            {
                cloudId: c.jiraConnector.cloudId,
                email: f.atlassian.connectorAccount.email,
                apiToken: reader.token,
                requiredScopes: ["write:jira-work"],
            },
            "requiredScopes",
            /^the credential lacks write:jira-work/,
        ),
        "scope-connector": refused(
            "atlassian.JiraConnector",
            { ...c.jiraConnector, apiToken: reader.token },
            "requiredScopes",
            /^the credential lacks write:jira-work/,
        ),

        "site-oauth": refused(
            "atlassian.ServiceAccountOAuth",
            { ...oauth, subdomain: "acm" },
            "subdomain",
            /^the credential reaches no site acm\. Did you mean acme\? It reaches acme, acme-sandbox; give its service account access to the site, or name another\.$/,
        ),
        "site-oauth-part": refused(
            "atlassian.ServiceAccountOAuth",
            { ...oauth, subdomain: "sandbox" },
            "subdomain",
            /^the credential reaches no site sandbox\./,
        ),
        "site-oauth-id": refused(
            "atlassian.ServiceAccountOAuth",
            { ...oauth, cloudId: uuid },
            "cloudId",
            new RegExp(`^the credential reaches no site ${uuid}\\.`),
        ),
        "site-oauth-none": refused(
            "atlassian.ServiceAccountOAuth",
            { clientId: nowhere.clientId, clientSecret: nowhere.clientSecret },
            "",
            /^the credential reaches no site\. Give its service account access/,
        ),
        "site-token": refused(
            "atlassian.ServiceAccountToken",
            { subdomain: "acm", email, apiToken },
            "subdomain",
            /^https:\/\/acm\.atlassian\.net answered with a page of HTML where its Cloud ID would be \(HTTP 404\)\./,
        ),
        "site-token-elsewhere": refused(
            "atlassian.ServiceAccountToken",
            { subdomain: f.atlassian.otherSite.url, email, apiToken },
            "subdomain",
            /^there is no Jira on this site for the credential \(HTTP 404\)\./,
        ),
        "site-token-id": refused(
            "atlassian.ServiceAccountToken",
            { cloudId: uuid, email, apiToken },
            "cloudId",
            /^there is no Jira behind this Cloud ID/,
        ),
        "site-connector": refused(
            "atlassian.JiraConnector",
            { ...c.jiraConnector, cloudId: f.atlassian.otherSite.cloudId },
            "cloudId",
            /^there is no Jira behind this Cloud ID/,
        ),
        "site-connector-url": refused(
            "atlassian.JiraConnector",
            { apiToken: c.jiraConnector.apiToken, hostUrl: `https://api.atlassian.com/ex/jira/${uuid}` },
            "hostUrl",
            /^there is no Jira behind/,
        ),
        "site-user": refused(
            "atlassian.JiraUserToken",
            { ...c.jiraUserToken, siteUrl: undefined, subdomain: "acm" },
            "subdomain",
            /^acm\.atlassian\.net\/\S+ answered with a page of HTML \(HTTP 404\)\. Check that it is the address of Jira\./,
        ),

        organization: refused(
            "jumpcloud.ServiceAccount",
            { ...c.jumpcloudMultiTenant, organizationId: other },
            "organizationId",
            new RegExp(
                `^the account does not reach the organisation ${other}\\..*${retail.id}.*did you mean ${logistics.id}\\? Copy the id from Settings > Organization Profile\\.$`,
            ),
        ),
        "organization-foreign": refused(
            "jumpcloud.ServiceAccount",
            { ...jumpcloud, organizationId: f.jumpcloud.otherOrganization.id },
            "organizationId",
            new RegExp(`It reaches Acme \\(${f.jumpcloud.organization.id}\\)\\.`),
        ),

        "access-token": refused(
            "atlassian.ServiceAccountToken",
            { cloudId: c.jiraConnector.cloudId, email: stranger.email, apiToken: strangersToken.token },
            "products",
            /^the service account may not use Jira \(HTTP 403\)\. Give it the app role User/,
        ),
        "access-connector": refused(
            "atlassian.JiraConnector",
            { ...c.jiraConnector, apiToken: strangersToken.token },
            "apiToken",
            /^the service account may not use Jira \(HTTP 403\)/,
        ),
        "access-oauth": refused(
            "atlassian.ServiceAccountOAuth",
            { clientId: strangersOAuth.clientId, clientSecret: strangersOAuth.clientSecret, products: ["confluence"] },
            "products",
            /^the service account may not use Confluence \(HTTP 403\)/,
        ),
        "product-oauth": refused(
            "atlassian.ServiceAccountOAuth",
            { ...c.atlassianOAuthOneSite, products: ["confluence"] },
            "products",
            /^the credential has no scope for confluence\./,
        ),
    };
}

/** What a failing preview says about each connection, by its name. */
function messages(output: string): Record<string, string[]> {
    const diagnostics = output.slice(output.indexOf("Diagnostics:"));
    const found: Record<string, string[]> = {};
    for (const [, other, resource, text] of diagnostics.matchAll(
        /^ +(?:also wrong: \S+ ([\w-]+): |error: .* resource '([\w-]+)' has a problem: )(.*)$/gm,
    )) {
        (found[other ?? resource ?? ""] ??= []).push(text ?? "");
    }
    return found;
}

describe("what the vendors refuse, before anything exists", () => {
    let lab: Lab;
    let expected: Record<string, Refused>;
    let told: Record<string, string[]>;
    let output: string;
    beforeAll(async () => {
        lab = await Lab.start({ name: "refusals" });
        expected = await refusals(lab);
        const good = { type: "jamf.ApiClient", args: lab.vendors.credentials.jamf };
        lab.declare({
            connections: {
                ...Object.fromEntries(Object.entries(expected).map(([name, { declared }]) => [name, declared])),
                good,
            },
        });
        output = failed(await lab.preview());
        told = messages(output);
    });
    afterAll(async () => {
        await lab.dispose();
    });

    test("one preview tells of every connection that is refused, and of no other, each in one message", () => {
        expect(Object.keys(told).sort()).toEqual(Object.keys(expected).sort());
        expect(Object.entries(told).filter(([, list]) => list.length !== 1)).toEqual([]);
    });

    test("each message names its property, what was refused and the next step", () => {
        for (const [
            name,
            {
                told: [property, words],
            },
        ] of Object.entries(expected)) {
            const [, message = "", code] = /^(.*) \[([a-z-]+)\]$/.exec(told[name]?.[0] ?? "") ?? [];
            expect({ name, code: sections.some(({ errors }) => Object.hasOwn(errors, code ?? "")) }).toEqual({
                name,
                code: true,
            });
            const start = property === "" ? "" : `${property}: `;
            expect({ name, property: message.slice(0, start.length) }).toEqual({ name, property: start });
            expect({ name, message: message.slice(start.length) }).toEqual({
                name,
                message: expect.stringMatching(words) as string,
            });
            expect({ name, end: message.slice(-1) }).toEqual({ name, end: "." });
        }
        expect(output).toContain(gateway);
    });

    test("no message holds a credential or a token", () => {
        expect(new LeakScanner([...lab.vendors.secrets, wrong]).inText("output", output)).toEqual([]);
    });

    test("nothing is recorded by the up that fails in the same way", async () => {
        const name = "jamf-secret";
        lab.declare({ connections: { [name]: expected[name]?.declared as Declared } });
        const said = failed(await lab.up());
        const [, diagnostics = ""] = said.split("\nDiagnostics:");
        expect(diagnostics.match(/error: clientSecret: Jamf refused .*\s+Nothing was recorded\./g)).toHaveLength(1);
        expect(await lab.recorded()).toEqual({});
    });
});

describe("an up that fails", () => {
    /** Everything on record, secrets in clear: each export encrypts them anew. */
    const state = async (): Promise<unknown> =>
        (JSON.parse(succeeded(await lab.project.run(["stack", "export", "--show-secrets"]))) as ExportedState)
            .deployment.resources;
    let lab: Lab;
    beforeAll(async () => {
        lab = await Lab.start({ name: "failed-up" });
    });
    afterAll(async () => {
        await lab.dispose();
    });

    test("leaves the state as it was, and the next run right", async () => {
        const { jamf, jiraConnector } = lab.vendors.credentials;
        const mdm = { type: "jamf.ApiClient", args: jamf };
        lab.declare({ connections: { mdm } });
        succeeded(await lab.up());
        const before = await state();

        lab.declare({ connections: { mdm: { ...mdm, args: { ...jamf, clientSecret: wrong } } } });
        expect(failed(await lab.preview())).toMatch(/clientSecret: Jamf refused/);
        expect(failed(await lab.up())).toMatch(/clientSecret: Jamf refused/);
        expect(await state()).toEqual(before);

        lab.declare({
            connections: { mdm, ox: { type: "atlassian.JiraConnector", args: { ...jiraConnector, apiToken: wrong } } },
        });
        expect(failed(await lab.up())).toMatch(/apiToken: Atlassian refused/);
        expect(await state()).toEqual(before);

        lab.declare({ connections: { mdm } });
        succeeded(await lab.preview("--expect-no-changes"));

        const secret = lab.vendors.fixture.jamf.client.generateClientSecret();
        lab.declare({ connections: { mdm: { ...mdm, args: { ...jamf, clientSecret: secret } } } });
        succeeded(await lab.up());
        await lab.settled();
        expect((await lab.recorded())["mdm"]?.outputs["status"]).toBe("verified");
    });
});

describe("a secret inside an argument that names an address", () => {
    const planted = "planted-secret-in-a-host";
    let lab: Lab;
    beforeAll(async () => {
        lab = await Lab.start({ name: "secret-addresses", env: { PLANTED: planted } });
    });
    afterAll(async () => {
        await lab.dispose();
    });

    const byValue = planted;
    const byReference = { secretFrom: "env", name: "PLANTED" };
    const ways = (["always", "changes", "never"] as const).flatMap((verify) => [
        [verify, "value", byValue] as const,
        [verify, "reference", byReference] as const,
    ]);

    test.each(ways)(
        "is refused under %s, by %s, in previews and updates, and shown nowhere",
        async (verify, _, clientSecret) => {
            const { clientId } = lab.vendors.credentials.jamf;
            lab.declare({
                connections: {
                    mdm: {
                        type: "jamf.ApiClient",
                        args: { url: `https://${planted}.example.com`, clientId, clientSecret, verify },
                    },
                },
            });
            for (const run of [await lab.preview(), await lab.up()]) {
                expect(failed(run)).toMatch(
                    /url: holds the secret of clientSecret\. An address is recorded and shown in clear/,
                );
                expect(messages(run.output)["mdm"]).toHaveLength(1);
            }
            expect(await lab.recorded()).toEqual({});
            expect([...lab.vendors.requests]).toEqual([]);
        },
    );
});
