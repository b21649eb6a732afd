// The page on hubs, followed by a reader on the packed package: its program runs, and what the page shows is what the engine prints.
import { leastScopes, startHubs, type Hubs } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { LeakScanner } from "../support/leaks";
import { blocksOf, follow, page } from "../support/pages";
import { Project } from "../support/project";
import { succeeded } from "../support/programs";

const blocks = blocksOf(page("docs/hubs.md"));
const [program] = blocks.filter(({ language }) => language === "ts");
const shown = blocks.filter(({ language }) => language === "console");

let vendors: Vendors;
let hubs: Hubs;
let project: Project;

beforeAll(async () => {
    vendors = await startVendors();
    hubs = await startHubs({ vendors });
    const { nango, ox, stackone } = hubs;
    const { atlassianOAuth, jamf, jiraConnector } = vendors.credentials;
    project = await Project.create({
        name: "hubs",
        language: "typescript",
        program: program?.text ?? "",
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

afterAll(async () => {
    await project?.dispose();
    await hubs.close();
    await vendors.close();
});

test("The program of the page runs in the steps that the page shows, and prints what it shows", async () => {
    expect(shown).toHaveLength(3);
    const { nango, ox, stackone } = hubs;
    const { jamf, jiraConnector } = vendors.credentials;
    const { acme, sandbox } = vendors.fixture.atlassian;
    const printed: string[] = [];

    printed.push(...(await follow(project, shown.slice(0, 1))));
    expect(nango.administration.connection("atlassian", "acme")?.connectionConfig).toMatchObject({
        cloudId: acme.cloudId,
        subdomain: "acme",
    });
    expect(ox.administration.credentials()).toMatchObject([{ input: { token: jiraConnector.apiToken } }]);
    const [session] = stackone.administration.sessions;
    expect(printed.join("\n")).toContain(session?.link);

    // The person opens the link, and fills in the form.
    await stackone.administration.complete(session!, {
        instance_url: jamf.url,
        api_client_id: jamf.clientId,
        api_client_secret: jamf.clientSecret,
    });
    // The types have been checked: the further runs need not do it again.
    project.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
    printed.push(...(await follow(project, shown.slice(1, 2))));
    expect(stackone.administration.accounts).toMatchObject([{ status: "active", originOwnerId: "acme" }]);

    // Somebody chooses another site at Nango.
    nango.script.mode = "off";
    nango.administration.configure("atlassian", "acme", { cloudId: sandbox.cloudId });
    printed.push(...(await follow(project, shown.slice(2))));
    expect(nango.administration.connection("atlassian", "acme")?.connectionConfig["cloudId"]).toBe(acme.cloudId);

    succeeded(await project.preview("--expect-no-changes"));
    succeeded(await project.destroy("--skip-preview"));
    expect([nango.rows.integrations, nango.administration.connections(), ox.administration.credentials()]).toEqual([
        [],
        [],
        [],
    ]);
    expect(stackone.administration.accounts).toEqual([]);
    // A link is shown to who asks for it.
    const secrets = [...vendors.secrets, ...hubs.secrets].filter(
        (secret) => secret.length >= 8 && secret !== session?.token,
    );
    expect(await new LeakScanner(secrets).inProject(project, printed)).toEqual([]);
});
