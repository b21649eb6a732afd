import { Project, type StateResource } from "./project";
import { declare, declaredProgram, nobodyThere, type Declared } from "./support/declared";
import { diagnosticsOf, shownBy } from "./support/shown";
import { startVendors, type Vendors } from "./vendors";

const clean = "--expect-no-changes";
const never = { CONNECTIONS_VERIFY: "never" };

describe("When the vendor is asked", () => {
    let vendors: Vendors;
    let project: Project;
    let declared: Declared[];
    const names = ["directory", "issues", "mdm", "sites"];

    const asked = (): number => vendors.requests.length;
    const offline = (...args: string[]) => project.run(args, { env: { ...nobodyThere(vendors), ...never } });
    const statuses = async (): Promise<unknown[]> => Object.values(await project.outputs());
    const outputsOf = async (name: string): Promise<Record<string, unknown>> => (await project.resource(name)).outputs ?? {};
    const edit = (name: string, args: object): void => {
        declared = declared.map((one) => (one.name === name ? { ...one, args: { ...one.args, ...args } } : one));
        declare(project, declared);
    };

    beforeAll(async () => {
        vendors = await startVendors();
        const { jumpcloud, jamf, atlassianOAuthOneSite, jiraConnector } = vendors.credentials;
        project = await Project.create({ name: "modes", program: declaredProgram, env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) } });
        declared = [
            { name: "directory", type: "jumpcloud.ServiceAccount", args: { clientId: jumpcloud.clientId, clientSecret: jumpcloud.clientSecret } },
            { name: "mdm", type: "jamf.ApiClient", args: jamf },
            { name: "sites", type: "atlassian.ServiceAccountOAuth", args: atlassianOAuthOneSite },
            { name: "issues", type: "atlassian.JiraConnector", args: jiraConnector },
        ];
        declare(project, declared);
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("CONNECTIONS_VERIFY=never asks nobody, and what it records says so and has no time of verification", async () => {
        expect(await offline("up", "--yes")).toMatchObject({ code: 0 });
        expect(asked()).toBe(0);
        expect(await statuses()).toEqual(names.map(() => "unverified"));
        for (const name of names) {
            const { verifiedAt, warnings, account, grantedScopes } = await outputsOf(name);
            expect([name, verifiedAt ?? null, account ?? null, grantedScopes ?? null, warnings]).toEqual([name, null, null, null, [expect.stringMatching(/unverified/)]]);
        }
        const { code, output } = await offline("preview", clean);
        expect(code).toBe(0);
        expect([...diagnosticsOf(output).keys()]).toEqual(expect.arrayContaining(names));
        expect(await offline("refresh", "--preview-only", clean)).toMatchObject({ code: 0 });
        expect(asked()).toBe(0);
    });

    test("the next run that asks shows what it finds as a change, and up records it", async () => {
        const { code, output } = await project.preview("--diff", clean);
        expect(code).not.toBe(0);
        const shown = shownBy(output, "update");
        expect([...shown.keys()].sort()).toEqual(names);
        [...shown.values()].forEach((lines) => expect(lines).toContain('~ status: "unverified" => "verified"'));
        expect(await project.upOnly()).toMatchObject({ code: 0 });
        expect(await statuses()).toEqual(names.map(() => "verified"));
    });

    test("an offline run of a verified stack shows no drift, needs no vendor and writes nothing", async () => {
        const before = await Promise.all(names.map((name) => project.resource(name)));
        const count = asked();
        expect(await offline("preview", clean)).toMatchObject({ code: 0 });
        expect(await offline("up", "--yes", "--skip-preview", clean)).toMatchObject({ code: 0 });
        expect(await offline("refresh", "--yes", clean)).toMatchObject({ code: 0 });
        expect(asked()).toBe(count);
        const recorded = ({ id, inputs, outputs }: StateResource): unknown =>
            JSON.parse(JSON.stringify({ id, inputs, outputs }).replace(/"ciphertext":"[^"]*"/g, '"ciphertext":""'));
        expect((await Promise.all(names.map((name) => project.resource(name)))).map(recorded)).toEqual(before.map(recorded));
    });

    test("an argument that changes offline leaves the connection unverified, with the facts of last time", async () => {
        const before = await outputsOf("mdm");
        const directory = await outputsOf("directory");
        edit("mdm", { timeoutSeconds: 20 });
        edit("directory", { timeoutSeconds: 20 });
        const count = asked();
        expect(await offline("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
        expect(asked()).toBe(count);
        expect(await outputsOf("mdm")).toMatchObject({ status: "unverified", version: before["version"], tokenUrl: before["tokenUrl"], verifiedAt: before["verifiedAt"] });
        expect(await outputsOf("directory")).toMatchObject({ status: "unverified", organizationId: directory["organizationId"] });
        expect((await outputsOf("mdm"))["grantedScopes"] ?? null).toBeNull();
        expect(await outputsOf("issues")).toMatchObject({ status: "verified" });
    });

    test("nothing that happens meanwhile is taken for what it was: another organisation is found once somebody asks", async () => {
        const { account, organization, otherOrganization } = vendors.fixture.jumpcloud;
        account.moveToOrganization(otherOrganization);
        const { output } = await project.preview("--diff");
        expect(shownBy(output, "update").get("directory")).toContain('~ status: "unverified" => "tenantChanged"');
        account.moveToOrganization(organization);
        expect(await project.upOnly()).toMatchObject({ code: 0 });
        expect(await statuses()).toEqual(names.map(() => "verified"));
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
    });

    test("connections:verify says it for a stack: changes asks for what changed, and in a refresh", async () => {
        await project.setConfig("connections:verify", "changes");
        vendors.fixture.atlassian.connectorToken.revoke();
        const count = asked();
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        expect(asked()).toBe(count);
        edit("mdm", { timeoutSeconds: 25 });
        const { output } = await project.preview("--diff");
        expect([...shownBy(output, "update").keys()]).toEqual(["mdm"]);
        expect(shownBy(output, "update").get("mdm")).toContain('status: "verified"');
        expect(asked()).toBeGreaterThan(count);
        const refresh = await project.refresh("--preview-only", "--diff", clean);
        expect(refresh.code).not.toBe(0);
        expect(shownBy(refresh.output, "update").get("issues")).toContain('~ status: "verified" => "rejected"');
        expect(await project.refresh()).toMatchObject({ code: 0 });
        // What is known as bad is asked about again, until it is good.
        vendors.fixture.atlassian.connectorToken.restore();
        expect(shownBy((await project.preview("--diff")).output, "update").get("issues")).toContain('~ status: "rejected" => "verified"');
        expect(await project.upOnly()).toMatchObject({ code: 0 });
        expect(await statuses()).toEqual(names.map(() => "verified"));
    });

    test("under changes, what was recorded as unverified is asked about", async () => {
        edit("sites", { timeoutSeconds: 20 });
        expect(await offline("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
        expect(await outputsOf("sites")).toMatchObject({ status: "unverified" });
        expect(shownBy((await project.preview("--diff")).output, "update").get("sites")).toContain('~ status: "unverified" => "verified"');
        expect(await project.upOnly()).toMatchObject({ code: 0 });
    });

    test("the environment wins for one run, never over what a resource says but for never, and a resource may say it for itself", async () => {
        await project.setConfig("connections:verify", "never");
        const { connectorToken } = vendors.fixture.atlassian;
        connectorToken.revoke();
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        const once = await project.run(["preview", "--diff", clean], { env: { CONNECTIONS_VERIFY: "always" } });
        expect(once.code).not.toBe(0);
        expect([...shownBy(once.output, "update").keys()]).toEqual(["issues"]);
        connectorToken.restore();
        await project.setConfig("connections:verify", "always");
        edit("issues", { verify: "never" });
        edit("mdm", { verify: "changes" });
        expect(await project.upOnly()).toMatchObject({ code: 0 });
        expect(await outputsOf("issues")).toMatchObject({ status: "unverified" });
        expect(await outputsOf("mdm")).toMatchObject({ status: "verified" });
        const count = asked();
        connectorToken.revoke();
        vendors.fixture.jamf.client.revokeClientSecret();
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        expect([...vendors.requests].slice(count).filter(({ origin }) => origin.includes("jamf"))).toEqual([]);
        expect(await project.refresh("--preview-only", clean)).not.toMatchObject({ code: 0 });
    });

    test("a word that is none of the three is refused, and where it stands is named", async () => {
        const { code, output } = await project.run(["preview"], { env: { CONNECTIONS_VERIFY: "sometimes" } });
        expect(code).not.toBe(0);
        expect(output).toContain("the environment variable CONNECTIONS_VERIFY is not always, changes or never");
        edit("issues", { verify: "sometimes" });
        const wrong = await project.preview();
        expect(wrong.code).not.toBe(0);
        expect(wrong.output).toContain("verify: must be always, changes or never");
    });
});
