import { Project } from "../support/project";
import { declare, declaredProgram, type Declared } from "../support/declared";
import { diagnosticsOf, shownBy } from "../support/shown";
import {
    connectorScopes,
    confluenceScopes,
    startVendors,
    type AtlassianAccount,
    type JamfServer,
    type JumpCloudServiceAccount,
    type Vendors,
} from "../simulators/vendors";

const clean = "--expect-no-changes";

describe("What a credential opens", () => {
    let vendors: Vendors;
    let project: Project;
    let declared: Record<string, Declared>;
    let otherServer: JamfServer;
    let both: AtlassianAccount;
    let spare: AtlassianAccount;
    let managing: JumpCloudServiceAccount;
    let single: JumpCloudServiceAccount;

    const names = (): string[] => Object.keys(declared).sort();
    const edit = (name: string, args: object): void => {
        const one = declared[name] as Declared;
        const given = Object.entries({ ...one.args, ...args }).filter(([, value]) => value !== undefined);
        declared = { ...declared, [name]: { ...one, args: Object.fromEntries(given) } };
        declare(project, Object.values(declared));
    };
    const tenants = async (): Promise<Record<string, unknown>> => {
        const { resources = [] } = (await project.exportState()).deployment;
        return Object.fromEntries(
            resources
                .filter(({ custom, type }) => custom === true && !type.startsWith("pulumi:providers:"))
                .map(({ urn, outputs }) => [
                    urn.split("::").at(-1),
                    outputs?.["organizationId"] ?? outputs?.["cloudId"] ?? outputs?.["hostUrl"] ?? outputs?.["url"],
                ]),
        );
    };
    const urnOf = async (name: string): Promise<string> => (await project.resource(name)).urn;

    beforeAll(async () => {
        vendors = await startVendors();
        const { jumpcloud, jamf, atlassian } = vendors.fixture;
        const { acme, sandbox, organization } = atlassian;
        const scopes = [...connectorScopes, ...confluenceScopes];
        managing = jumpcloud.multiTenantAccount;
        single = vendors.jumpcloud.us.addServiceAccount("single", jumpcloud.organization);
        both = organization.addServiceAccount("both");
        spare = atlassian.spareAccount;
        const person = organization.addUser("Noor", "noor@acme.example");
        [acme, sandbox].forEach((site) => [both, person].forEach((account) => account.addSite(site)));
        otherServer = await vendors.jamf.addServer("https://acme-emea.jamfcloud.com", "11.30.0-t1784040300000");
        const oauth = organization.createOAuthCredential(both, scopes);
        const tokens = [
            organization.createApiToken(both, "one", scopes),
            organization.createApiToken(both, "two", scopes),
            organization.createApiToken(both, "three", scopes),
        ];
        const personal = organization.createApiToken(person, "personal");
        project = await Project.create({
            name: "identity",
            program: declaredProgram,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
        const account = { type: "jumpcloud.ServiceAccount" };
        const all: Declared[] = [
            { name: "single", ...account, args: { clientId: single.clientId, clientSecret: single.clientSecrets[0] } },
            {
                name: "managed",
                ...account,
                args: {
                    clientId: managing.clientId,
                    clientSecret: managing.clientSecrets[0],
                    organizationId: jumpcloud.managedOrganizations[0].id,
                },
            },
            {
                name: "region",
                ...account,
                args: {
                    clientId: jumpcloud.euAccount.clientId,
                    clientSecret: jumpcloud.euAccount.clientSecrets[0],
                    region: "eu",
                },
            },
            {
                name: "mdm",
                type: "jamf.ApiClient",
                args: {
                    url: jamf.server.origin,
                    clientId: jamf.client.clientId,
                    clientSecret: jamf.client.clientSecret,
                },
            },
            {
                name: "oauth",
                type: "atlassian.ServiceAccountOAuth",
                args: { clientId: oauth.clientId, clientSecret: oauth.clientSecret, subdomain: "acme" },
            },
            {
                name: "token",
                type: "atlassian.ServiceAccountToken",
                args: { email: both.email, apiToken: tokens[0]?.token, cloudId: acme.cloudId },
            },
            {
                name: "admin",
                type: "atlassian.ServiceAccountToken",
                args: {
                    email: both.email,
                    apiToken: tokens[1]?.token,
                    adminUrl: `https://admin.atlassian.com/s/${acme.cloudId}/users`,
                },
            },
            {
                name: "connector",
                type: "atlassian.JiraConnector",
                args: { apiToken: tokens[2]?.token, hostUrl: `https://api.atlassian.com/ex/jira/${acme.cloudId}` },
            },
            {
                name: "personal",
                type: "atlassian.JiraUserToken",
                args: { username: person.email, apiToken: personal.token, siteUrl: acme.url },
            },
        ];
        declared = Object.fromEntries(all.map((one) => [one.name, one]));
        declare(project, all);
        expect(await project.up()).toMatchObject({ code: 0 });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("another spelling of the same is no change", async () => {
        const { acme } = vendors.fixture.atlassian;
        edit("mdm", { url: `${vendors.fixture.jamf.server.origin.toUpperCase().replace("HTTPS", "https")}:443/` });
        edit("region", { region: "EU" });
        edit("oauth", { subdomain: "ACME" });
        edit("token", { cloudId: acme.cloudId.toUpperCase() });
        edit("admin", {
            adminUrl: `https://admin.atlassian.com/o/${vendors.fixture.atlassian.organization.id}/s/${acme.cloudId}/access-requests`,
        });
        edit("connector", { hostUrl: `https://api.atlassian.com/ex/jira/${acme.cloudId}/` });
        edit("personal", { siteUrl: `${acme.url}/` });
        const { code, output } = await project.preview("--diff", clean);
        expect([...shownBy(output, "update"), ...shownBy(output, "replace")]).toEqual([]);
        expect(code).toBe(0);
    });

    test("an argument that leads to the same tenant by another way is an update in place", async () => {
        const { acme } = vendors.fixture.atlassian;
        edit("single", { organizationId: vendors.fixture.jumpcloud.organization.id });
        edit("oauth", { subdomain: undefined, cloudId: acme.cloudId });
        edit("token", { cloudId: undefined, subdomain: "acme" });
        edit("admin", { adminUrl: undefined, cloudId: acme.cloudId });
        edit("connector", { hostUrl: undefined, adminUrl: `https://admin.atlassian.com/s/${acme.cloudId}/users` });
        edit("personal", { siteUrl: undefined, subdomain: "acme" });
        const before = await tenants();
        const { output } = await project.preview("--diff");
        expect([...shownBy(output, "replace").keys()]).toEqual([]);
        expect([...shownBy(output, "update").keys()].sort()).toEqual([
            "admin",
            "connector",
            "oauth",
            "personal",
            "single",
            "token",
        ]);
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await tenants()).toEqual(before);
    });

    test("one that leads to another tenant replaces", async () => {
        const { jumpcloud, atlassian } = vendors.fixture;
        const { sandbox } = atlassian;
        const client = otherServer.addClient("StackOne", [otherServer.addRole("StackOne", ["Read Computers"])]);
        edit("managed", { organizationId: jumpcloud.managedOrganizations[1].id });
        edit("region", {
            region: "in",
            clientId: jumpcloud.inAccount.clientId,
            clientSecret: jumpcloud.inAccount.clientSecrets[0],
        });
        edit("mdm", { url: otherServer.origin, clientId: client.clientId, clientSecret: client.clientSecret });
        edit("oauth", { cloudId: sandbox.cloudId });
        edit("token", { subdomain: "acme-sandbox" });
        edit("admin", { cloudId: undefined, adminUrl: `https://admin.atlassian.com/s/${sandbox.cloudId}/users` });
        edit("connector", { adminUrl: undefined, cloudId: sandbox.cloudId });
        edit("personal", { subdomain: "acme-sandbox" });
        const before = await tenants();
        const { output } = await project.preview("--diff");
        expect([...shownBy(output, "replace").keys()].sort()).toEqual(names().filter((name) => name !== "single"));
        expect([...shownBy(output, "update").keys()]).toEqual([]);
        expect(await project.up()).toMatchObject({ code: 0 });
        const after = await tenants();
        expect(names().filter((name) => after[name] !== before[name])).toEqual(
            names().filter((name) => name !== "single"),
        );
        expect((await project.resource("mdm")).id).toBe(`jamf/${otherServer.origin}`);
    });

    describe("when the same credential opens something else", () => {
        const moved = ["connector", "oauth", "single"];

        const launder = async (): Promise<void> => {
            const { output } = await project.preview("--diff");
            expect([...shownBy(output, "update").keys()].sort()).toEqual(moved);
            [...shownBy(output, "update").values()].forEach((lines) =>
                expect(lines).toContainEqual(expect.stringMatching(/status: .*"tenantChanged"$/)),
            );
        };

        beforeAll(async () => {
            const { organization, acme, sandbox } = vendors.fixture.atlassian;
            edit("single", { organizationId: undefined });
            edit("oauth", { cloudId: undefined });
            expect(await project.up()).toMatchObject({ code: 0 });
            await project.settled();
            single.moveToOrganization(vendors.fixture.jumpcloud.otherOrganization);
            organization.oauthCredentials.find(({ account }) => account === both)?.moveToAccount(spare);
            organization.apiTokens.find(({ label }) => label === "three")?.moveToAccount(spare);
            spare.removeSite(sandbox);
            spare.addSite(acme);
            spare.addSite(sandbox);
        });

        test("up refuses with the way out, each time", async () => {
            const { code, output } = await project.up("--continue-on-error");
            expect(code).not.toBe(0);
            const said = diagnosticsOf(output);
            expect(said.get("single")).toMatch(
                /error: the credential opens [0-9a-f]{24} and not [0-9a-f]{24}, which is on record\. If that is intended, declare it with organizationId.*, or replace the resource \(pulumi up --replace URN\)\./,
            );
            expect(said.get("connector")).toMatch(
                /error: the credential acts as the account 712020:\S+ and not as 712020:\S+, which is on record\. If that is intended, replace the resource \(pulumi up --replace URN\)\./,
            );
            expect(said.get("oauth")).toMatch(/pulumi up --replace URN/);
            await launder();
        });

        test("a refresh that accepts it does not make it the new normal, nor do a run that asks nobody and another edit", async () => {
            expect(await project.refresh()).toMatchObject({ code: 0 });
            expect((await project.resource("single")).outputs).toMatchObject({
                status: "tenantChanged",
                organizationId: vendors.fixture.jumpcloud.otherOrganization.id,
            });
            await launder();
            expect(
                await project.run(["up", "--yes", "--skip-preview"], { env: { CONNECTIONS_VERIFY: "never" } }),
            ).toMatchObject({ code: expect.any(Number) as number });
            edit("single", { timeoutSeconds: 20 });
            const { code, output } = await project.preview();
            expect(code).not.toBe(0);
            expect(output).toMatch(/the credential opens [0-9a-f]{24} and not/);
            edit("single", { timeoutSeconds: undefined });
            edit("connector", { timeoutSeconds: 31 });
            const other = await project.preview();
            expect(other.code).not.toBe(0);
            expect(other.output).toMatch(
                /the credential acts as the account 712020:\S+ and not as 712020:\S+, which is on record/,
            );
            expect((await project.resource("connector")).outputs).toMatchObject({ status: "tenantChanged" });
            edit("connector", { timeoutSeconds: undefined });
            await launder();
        });

        test("declaring the new tenant replaces, and so does pulumi up --replace", async () => {
            edit("single", { organizationId: vendors.fixture.jumpcloud.otherOrganization.id });
            const { output } = await project.preview("--diff");
            expect([...shownBy(output, "replace").keys()]).toEqual(["single"]);
            const urns = [await urnOf("oauth"), await urnOf("connector")];
            expect(await project.up(...urns.flatMap((urn) => ["--replace", urn]))).toMatchObject({ code: 0 });
            expect((await project.resource("connector")).outputs).toMatchObject({
                status: "verified",
                account: { id: spare.accountId },
            });
            expect((await project.resource("oauth")).outputs).toMatchObject({
                status: "verified",
                account: { id: spare.accountId },
            });
            expect((await project.resource("single")).outputs).toMatchObject({
                status: "verified",
                organizationName: "Globex",
            });
            await project.settled();
        });
    });
});

describe("What is required and what is granted", () => {
    let vendors: Vendors;
    let project: Project;

    beforeAll(async () => {
        vendors = await startVendors();
        project = await Project.create({
            name: "granted",
            program: declaredProgram,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("what is missing is named, with the name that exists", async () => {
        const { jamf, atlassianOAuth, atlassianToken, jiraConnector } = vendors.credentials;
        vendors.fixture.atlassian.connectorToken.removeScope("write:jira-work");
        const wrong: Declared[] = [
            {
                name: "mdm",
                type: "jamf.ApiClient",
                args: { ...jamf, requiredPrivileges: ["Read Users", "Read Computers", "Update Computers"] },
            },
            {
                name: "sites",
                type: "atlassian.ServiceAccountOAuth",
                args: { ...atlassianOAuth, requiredScopes: ["read:jira-works", "write:jira-work"] },
            },
            {
                name: "token",
                type: "atlassian.ServiceAccountToken",
                args: { ...atlassianToken, requiredScopes: ["read:jira-work", "read:jira-works"] },
            },
            { name: "issues", type: "atlassian.JiraConnector", args: jiraConnector },
        ];
        declare(project, wrong);
        const { code, output } = await project.preview();
        expect(code).not.toBe(0);
        expect(output).toMatch(
            /requiredPrivileges: the API client lacks "Read Users" \(Jamf Pro calls it "Read User"\), "Update Computers"\./,
        );
        expect(output).toMatch(/requiredScopes: the credential lacks read:jira-works \(it has read:jira-work\)/);
        expect(output).toMatch(/requiredScopes: the credential lacks write:jira-work/);
        vendors.fixture.atlassian.connectorToken.addScope("write:jira-work");
    });

    test("what is granted beyond is a warning, until it is said to be meant; an API token does not report what is beyond", async () => {
        const { jamf, atlassianOAuth, atlassianToken, jiraConnector } = vendors.credentials;
        const all = (meant: boolean): Declared[] => [
            {
                name: "mdm",
                type: "jamf.ApiClient",
                args: {
                    ...jamf,
                    ...(meant
                        ? { allowedPrivileges: ["Read API Roles", "Read Mobile Devices", "Read Smart Computer Groups"] }
                        : {}),
                },
            },
            {
                name: "sites",
                type: "atlassian.ServiceAccountOAuth",
                args: {
                    ...atlassianOAuth,
                    requiredScopes: ["read:jira-work"],
                    ...(meant ? { allowedScopes: ["*"] } : {}),
                },
            },
            {
                name: "token",
                type: "atlassian.ServiceAccountToken",
                args: { ...atlassianToken, requiredScopes: ["read:jira-work"] },
            },
            {
                name: "issues",
                type: "atlassian.JiraConnector",
                args: { ...jiraConnector, requiredScopes: ["read:jira-user"] },
            },
        ];
        declare(project, all(false));
        const { code, output } = await project.up();
        expect(code).toBe(0);
        const said = diagnosticsOf(output);
        expect(said.get("mdm")).toMatch(
            /privileges beyond those required: Read API Roles, Read Mobile Devices, Read Smart Computer Groups\. Remove them .* or name them in allowedPrivileges\./,
        );
        expect(said.get("sites")).toMatch(
            /scopes beyond those required: .*write:jira-work.* or name them in allowedScopes\./,
        );
        expect([said.get("token"), said.get("issues")]).toEqual([undefined, undefined]);
        expect((await project.resource("token")).outputs).toMatchObject({
            grantedScopes: ["read:jira-work"],
            missingScopes: [],
        });
        expect((await project.resource("issues")).outputs).toMatchObject({
            grantedScopes: ["read:jira-user"],
            missingScopes: [],
        });
        declare(project, all(true));
        const meant = await project.up();
        expect(meant.code).toBe(0);
        expect(
            [...diagnosticsOf(meant.output).keys()].filter((name) =>
                ["mdm", "sites", "token", "issues"].includes(name),
            ),
        ).toEqual([]);
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
    });
});
