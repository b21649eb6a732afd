import { Project, type StateResource } from "../support/project";
import { declare, declaredProgram, nobodyThere, type Declared } from "../support/declared";
import { keepState, keptState } from "../support/fixtures";
import { shownBy } from "../support/shown";
import { startVendors, type Vendors } from "../simulators/vendors";

const clean = "--expect-no-changes";
const reference = "A-secret-that-stands-for-one-of-a-vault";

/** What the program of the kept states declares: a connection of every class, one of them with its secret by reference. */
async function program(vendors: Vendors): Promise<Declared[]> {
    const {
        jumpcloud,
        jamf,
        jamfSelfHosted,
        atlassianOAuth,
        atlassianToken,
        jiraConnector,
        jiraUserToken,
        jiraDataCenter,
    } = vendors.credentials;
    vendors.fixture.jamf.selfHostedClient.generateClientSecret(reference);
    return [
        { name: "directory", type: "jumpcloud.ServiceAccount", args: jumpcloud },
        { name: "mdm", type: "jamf.ApiClient", args: { ...jamf, minimumVersion: "11.0.0" } },
        {
            name: "referenced",
            type: "jamf.ApiClient",
            args: { ...jamfSelfHosted, clientSecret: { secretFrom: "env", name: "JAMF_SECRET" } },
        },
        {
            name: "sites",
            type: "atlassian.ServiceAccountOAuth",
            args: { ...atlassianOAuth, requiredScopes: ["read:jira-work"], allowedScopes: ["*"] },
        },
        {
            name: "token",
            type: "atlassian.ServiceAccountToken",
            args: { ...atlassianToken, products: ["jira", "confluence"] },
        },
        { name: "issues", type: "atlassian.JiraConnector", args: jiraConnector },
        { name: "personal", type: "atlassian.JiraUserToken", args: jiraUserToken },
        { name: "datacenter", type: "atlassian.JiraUserToken", args: jiraDataCenter },
    ];
}

const start = async (vendors: Vendors): Promise<Project> => {
    const project = await Project.create({
        name: "upgrade",
        program: declaredProgram,
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), JAMF_SECRET: reference },
    });
    declare(project, await program(vendors));
    return project;
};

// KEEP_STATE=state-<version>.json keeps the state that the present build writes.
const keep = process.env["KEEP_STATE"];

if (keep !== undefined) {
    test("the state of the present build is kept", async () => {
        const vendors = await startVendors();
        const project = await start(vendors);
        expect(await project.up()).toMatchObject({ code: 0 });
        keepState(keep, vendors, (await project.run(["stack", "export", "--show-secrets"])).stdout);
        await project.dispose();
        await vendors.close();
    });
}

describe.each(["state-0.1.0.json", "state-2026-11.json"])("A stack with %s", (file) => {
    let vendors: Vendors;
    let project: Project;

    const imported = async (): Promise<void> => {
        const state = JSON.parse(keptState(file, vendors)) as { deployment: Record<string, unknown> };
        // The kept secrets are plain: this stack encrypts them.
        state.deployment["secrets_providers"] = (await project.exportState()).deployment["secrets_providers"];
        project.write("kept.json", JSON.stringify(state));
        expect(await project.run(["stack", "import", "--file", "kept.json"])).toMatchObject({ code: 0 });
    };

    beforeAll(async () => {
        vendors = await startVendors();
        project = await start(vendors);
        await imported();
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("previews as unchanged: what it holds is what is found", async () => {
        const { code, output } = await project.preview("--diff", clean);
        expect([...shownBy(output, "update"), ...shownBy(output, "replace"), ...shownBy(output, "create")]).toEqual([]);
        expect(code).toBe(0);
        expect(output).not.toMatch(/warning: (?!CONNECTIONS_ENDPOINTS|The API client has privileges)/);
    });

    test("keeps to a plan: its older inputs lose what previews cannot tell again, and no resource changes", async () => {
        expect(await project.preview("--save-plan", "plan.json", clean)).toMatchObject({ code: 0 });
        expect(await project.run(["up", "--yes", "--skip-preview", "--plan", "plan.json", clean])).toMatchObject({
            code: 0,
        });
        expect((await project.resource("referenced")).inputs?.["clientSecret"]).toEqual({
            secretFrom: "env",
            name: "JAMF_SECRET",
        });
        await imported();
    });

    test("refreshes: what it holds is verified as it stands", async () => {
        const { code, output } = await project.refresh("--preview-only", "--diff");
        expect(code).toBe(0);
        expect(
            [...shownBy(output, "update")].filter(([, lines]) => lines.some((line) => /^~ status/.test(line))),
        ).toEqual([]);
        expect(output).not.toMatch(/warning: (?!CONNECTIONS_ENDPOINTS)/);
        vendors.fixture.atlassian.connectorToken.revoke();
        const drift = await project.refresh("--preview-only", "--diff", clean);
        vendors.fixture.atlassian.connectorToken.restore();
        expect(drift.code).not.toBe(0);
        expect(shownBy(drift.output, "update").get("issues")).toContain('~ status: "verified" => "rejected"');
    });

    test("updates in place: nothing is replaced, and then it is clean", async () => {
        const { code, output } = await project.up("--diff");
        expect(code).toBe(0);
        expect([...shownBy(output, "replace").keys(), ...shownBy(output, "create").keys()]).toEqual([]);
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        expect(await project.refresh(clean)).toMatchObject({ code: 0 });
    });

    test("is destroyed, with no vendor and no program's secret there", async () => {
        await imported();
        const { code } = await project.run(["destroy", "--yes", "--skip-preview"], {
            env: { ...nobodyThere(vendors), JAMF_SECRET: "" },
        });
        expect(code).toBe(0);
        expect(
            ((await project.exportState()).deployment.resources ?? []).filter(({ custom }) => custom === true),
        ).toEqual([]);
    });

    test("names its provider as programs of today do", async () => {
        expect(await project.up()).toMatchObject({ code: 0 });
        const kept = (JSON.parse(keptState(file, vendors)) as { deployment: { resources: StateResource[] } }).deployment
            .resources;
        for (const { urn, inputs } of kept.filter((resource) => resource.inputs?.["__provider"] !== undefined)) {
            const today = (await project.resource(urn.split("::").at(-1) ?? "")).inputs?.["__provider"];
            expect([urn, inputs?.["__provider"]]).toEqual([urn, today]);
        }
    });
});

const moves = `
const pulumi = require("@pulumi/pulumi");
const { jamf } = require("pulumi-connections");
const args = JSON.parse(process.env.ARGS);
const way = process.env.WAY;
class Team extends pulumi.ComponentResource {
    constructor(name) { super("test:index:Team", name); }
}
if (way === "plain") new jamf.ApiClient("mdm", args);
if (way === "renamed") new jamf.ApiClient("devices", args);
if (way === "alias") new jamf.ApiClient("fleet", args, { aliases: [{ name: "devices" }] });
if (way === "parent") new jamf.ApiClient("fleet", args, { parent: new Team("team"), aliases: [{ parent: pulumi.rootStackResource }] });
if (way === "import") new jamf.ApiClient("mdm", args, { import: "jamf/https://acme.jamfcloud.com" });
if (way === "id") new jamf.ApiClient("mdm", args, { id: "jamf/https://acme.jamfcloud.com" });
if (way === "get") jamf.ApiClient.get("mdm", "jamf/https://acme.jamfcloud.com");
`;

describe("Edits of the state", () => {
    let vendors: Vendors;
    let project: Project;
    const sentence =
        "a connection is declared, not imported or looked up: declare the jamf.ApiClient without import or id, and pulumi up adopts it.";

    beforeAll(async () => {
        vendors = await startVendors();
        project = await Project.create({
            name: "edits",
            program: moves,
            env: {
                CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
                ARGS: JSON.stringify(vendors.credentials.jamf),
            },
        });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test.each(["import", "id", "get"])("%s is refused in one sentence that says what to do instead", async (way) => {
        const { code, output } = await project.run(["preview"], { env: { WAY: way } });
        expect(code).not.toBe(0);
        expect(output).toContain(sentence);
        expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    });

    test("pulumi import is refused, and nothing is recorded", async () => {
        const type = "pulumi-nodejs:dynamic/connections/jamf:ApiClient";
        const { code } = await project.run(["import", type, "mdm", "jamf/https://acme.jamfcloud.com", "--yes"], {
            env: { WAY: "none" },
        });
        expect(code).not.toBe(0);
        expect(
            ((await project.exportState()).deployment.resources ?? []).filter((resource) => resource.type === type),
        ).toEqual([]);
    });

    test("a renamed resource, one with an alias and one that has moved below another go on as they were", async () => {
        expect(await project.run(["up", "--yes", "--skip-preview"], { env: { WAY: "plain" } })).toMatchObject({
            code: 0,
        });
        const { verifiedAt } = (await project.resource("mdm")).outputs ?? {};
        const { urn } = await project.resource("mdm");
        expect(await project.run(["state", "rename", urn, "devices", "--yes"])).toMatchObject({ code: 0 });
        expect(await project.run(["preview", clean], { env: { WAY: "renamed" } })).toMatchObject({ code: 0 });
        for (const way of ["alias", "parent"]) {
            const up = await project.run(["up", "--yes", "--skip-preview", "--diff"], { env: { WAY: way } });
            expect(up).toMatchObject({ code: 0 });
            expect([...shownBy(up.output, "update").keys(), ...shownBy(up.output, "replace").keys()]).toEqual([]);
            const { outputs } = await project.resource("fleet");
            expect(outputs).toMatchObject({ status: "verified", verifiedAt });
        }
        expect((await project.resource("fleet")).urn).toContain("test:index:Team$");
    });
});
