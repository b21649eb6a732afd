// The pages on hubs, followed by a reader on the packed package: their programs run, and what the pages show is what the engine prints.
import { leastScopes, startHubs, type Hubs } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { LeakScanner } from "../support/leaks";
import { blocksOf, follow, page, type Block } from "../support/pages";
import { Project } from "../support/project";
import { succeeded } from "../support/programs";

const followed = (name: string): Block[] =>
    blocksOf(page(name)).filter(({ language }) => language === "ts" || language === "console");

let vendors: Vendors;
let hubs: Hubs;
let project: Project;
const printed: string[] = [];

beforeAll(async () => {
    vendors = await startVendors();
    hubs = await startHubs({ vendors });
    const { nango, ox, stackone } = hubs;
    const { atlassianOAuth, jamf, jiraConnector } = vendors.credentials;
    project = await Project.create({
        name: "hubs",
        language: "typescript",
        program: "",
        config: { atlassianClientId: atlassianOAuth.clientId, jamfClientId: jamf.clientId },
        env: {
            CONNECTIONS_ENDPOINTS: JSON.stringify({ ...vendors.endpoints, ...hubs.endpoints }),
            ATLASSIAN_SECRET: atlassianOAuth.clientSecret,
            JIRA_TOKEN: jiraConnector.apiToken,
            JAMF_CLIENT_SECRET: jamf.clientSecret,
            NANGO_KEY: nango.administration.addKey([...leastScopes, "environment:connections:list"]).value,
            OX_API_KEY: ox.administration.addKey().value,
            STACKONE_API_KEY: stackone.administration.addKey().value,
        },
    });
});

afterEach(async () => {
    succeeded(await project.destroy());
});

afterAll(async () => {
    await project?.dispose();
    await hubs.close();
    await vendors.close();
});

/** Follows some blocks of a page; the types of its program are checked in the first run alone. */
async function read(blocks: readonly Block[]): Promise<void> {
    printed.push(...(await follow(project, blocks)));
    project.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
}

beforeEach(() => {
    delete project.env["PULUMI_NODEJS_TRANSPILE_ONLY"];
});

test("docs/nango.md: its program makes a connection, and corrects what a person changed at Nango", async () => {
    const blocks = followed("docs/nango.md");
    expect(blocks).toHaveLength(3);
    const { acme, sandbox } = vendors.fixture.atlassian;
    const { nango } = hubs;
    await read(blocks.slice(0, 2));
    expect(nango.administration.connection("atlassian", "acme")?.connectionConfig).toMatchObject({
        cloudId: acme.cloudId,
        subdomain: "acme",
    });

    nango.script.mode = "off";
    nango.administration.configure("atlassian", "acme", { cloudId: sandbox.cloudId });
    await read(blocks.slice(2));
    expect(nango.administration.connection("atlassian", "acme")?.connectionConfig["cloudId"]).toBe(acme.cloudId);
    succeeded(await project.preview("--expect-no-changes"));
});

test("docs/ox.md: its program gives OX credentials that OX accepts", async () => {
    const blocks = followed("docs/ox.md");
    expect(blocks).toHaveLength(2);
    await read(blocks);
    const { jiraConnector } = vendors.credentials;
    expect(hubs.ox.administration.credentials()).toMatchObject([{ input: { token: jiraConnector.apiToken } }]);
    await project.settled();
});

test("docs/stackone.md: its program makes a link, and finds the account that a person has linked", async () => {
    const blocks = followed("docs/stackone.md");
    expect(blocks).toHaveLength(3);
    const { stackone } = hubs;
    const { jamf } = vendors.credentials;
    await read(blocks.slice(0, 2));
    const [session] = stackone.administration.sessions;
    expect(printed.join("\n")).toContain(session?.link);

    await stackone.administration.complete(session!, {
        instance_url: jamf.url,
        api_client_id: jamf.clientId,
        api_client_secret: jamf.clientSecret,
    });
    await read(blocks.slice(2));
    expect(stackone.administration.accounts).toMatchObject([{ status: "active", originOwnerId: "acme" }]);
    await project.settled();
});

test("Nothing is left at the hubs, and no secret in the project", async () => {
    const { nango, ox, stackone } = hubs;
    expect([nango.rows.integrations, nango.administration.connections(), ox.administration.credentials()]).toEqual([
        [],
        [],
        [],
    ]);
    expect(stackone.administration.accounts).toEqual([]);
    // The page has its reader show the link.
    const [session] = stackone.administration.sessions;
    const secrets = [...vendors.secrets, ...hubs.secrets].filter(
        (secret) => secret.length >= 8 && secret !== session?.token,
    );
    expect(await new LeakScanner(secrets).inProject(project, printed)).toEqual([]);
});
