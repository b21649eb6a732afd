// `preview --save-plan`, then `up --plan`: checked inputs hold nothing random, timed, or different in preview and up.
import fs from "node:fs";
import path from "node:path";
import { connectorScopes } from "../simulators/vendors";
import { leastScopes } from "../simulators/hubs";
import { HubLab } from "../support/hub-lab";
import { succeeded } from "../support/programs";

const clean = "--expect-no-changes";

let lab: HubLab;
const jamf = () => lab.vendors.fixture.jamf.client;
const stackOne = () => lab.hubs.stackone.administration;
const nango = () => lab.hubs.nango.administration;
const ox = () => lab.hubs.ox.administration;

/** What `up` makes of a saved plan, and what its preview has shown. */
async function planned(): Promise<string> {
    const shown = succeeded(await lab.preview("--diff", "--save-plan", "plan.json"));
    succeeded(await lab.up("--plan", "plan.json"));
    return shown;
}

/** The secrets of the connections as they are today, behind their references. */
function secrets(): void {
    const { organization, connectorAccount, oauthAccount, oauth } = lab.vendors.fixture.atlassian;
    lab.project.env["JAMF_SECRET"] = jamf().generateClientSecret();
    lab.project.env["JIRA_TOKEN"] = organization.createApiToken(connectorAccount, "OX", connectorScopes).token;
    const credential = organization.createOAuthCredential(oauthAccount, oauth.scopes);
    fs.writeFileSync(path.join(lab.project.dir, "secret"), credential.clientSecret);
    declare(credential.clientId);
}

function declare(clientId: string, clientSecret: unknown = { secretFrom: "env", name: "JUMPCLOUD_SECRET" }): void {
    const { jamf: mdm, jumpcloud } = lab.vendors.credentials;
    lab.declare({
        directory: { type: "jumpcloud.ServiceAccount", args: { clientId: jumpcloud.clientId, clientSecret } },
        mdm: {
            type: "jamf.ApiClient",
            args: { url: mdm.url, clientId: mdm.clientId, clientSecret: { secretFrom: "env", name: "JAMF_SECRET" } },
        },
        jira: {
            type: "atlassian.JiraConnector",
            args: { subdomain: "acme", apiToken: { secretFrom: "env", name: "JIRA_TOKEN" } },
        },
        site: {
            type: "atlassian.ServiceAccountOAuth",
            args: { clientId, clientSecret: { secretFrom: "file", name: "secret" }, subdomain: "acme" },
        },
        account: {
            type: "stackone.Account",
            args: {
                apiKey: { secretFrom: "env", name: "STACKONE_KEY" },
                originOwnerId: "acme",
                connection: { made: "mdm" },
            },
        },
        connector: {
            type: "ox.Connector",
            args: { apiKey: { secretFrom: "env", name: "OX_KEY" }, connection: { made: "jira" } },
        },
        integration: {
            type: "nango.Integration",
            args: {
                environmentKey: { config: "key" },
                uniqueKey: "atlassian",
                provider: "atlassian-service-account-oauth2",
            },
        },
        connection: {
            type: "nango.Connection",
            args: {
                environmentKey: { config: "key" },
                integration: { made: "integration", output: "uniqueKey" },
                connectionId: "acme",
                connection: { made: "site" },
                metadata: { plan: "basic" },
            },
        },
    });
}

beforeAll(async () => {
    lab = await HubLab.start({ name: "plans" });
    lab.project.env["STACKONE_KEY"] = stackOne().addKey().value;
    lab.project.env["OX_KEY"] = ox().addKey().value;
    lab.project.env["JUMPCLOUD_SECRET"] = lab.vendors.credentials.jumpcloud.clientSecret;
    await lab.project.setSecret("key", nango().addKey([...leastScopes, "environment:connections:list"]).value);
    secrets();
});

afterAll(() => lab.dispose());

test("new references and new resources at every hub", async () => {
    await planned();
    const { inputs, outputs } = await lab.resource("mdm");
    expect([inputs?.["clientSecret"], outputs?.["clientSecret"]]).toEqual(
        Array(2).fill({ secretFrom: "env", name: "JAMF_SECRET" }),
    );
    expect(JSON.stringify(await lab.project.exportState())).not.toMatch(/[0-9a-f]{32}:[0-9a-f]{64}/);
    await stackOne().complete(stackOne().sessions[0]!, {
        instance_url: lab.vendors.credentials.jamf.url,
        api_client_id: jamf().clientId,
        api_client_secret: jamf().clientSecret,
    });
    await planned();
    await lab.settled();
});

test("rotated secrets: the preview says which, and the hubs get them", async () => {
    secrets();
    const shown = await planned();
    expect(shown).toContain(
        "jamf.ApiClient mdm: clientSecret: the environment variable JAMF_SECRET holds another secret than is on record.",
    );
    expect(stackOne().accounts[0]?.values["api_client_secret"]).toBe(jamf().clientSecret);
});

test("drift at each hub, by property, once and once more", async () => {
    for (const again of [false, true]) {
        nango().change("atlassian", "acme", { metadata: { plan: "CHANGED" } });
        stackOne().setStatus(stackOne().accounts[0]!.id, "error", []);
        const [row] = ox().credentials();
        row!.input = { ...row!.input, brokerEnabled: true, brokerHost: "elsewhere.example" };
        const shown = await planned();
        expect(shown).toMatch(again ? /\+ again/ : /"basic" => "CHANGED"/);
        expect(shown).toMatch(/elsewhere\.example/);
        expect(ox().credentials()).toMatchObject([
            { input: expect.not.objectContaining({ brokerHost: "elsewhere.example" }) as object },
        ]);
    }
    await lab.settled();
    succeeded(await lab.refresh("--preview-only", clean));
});

test("a value that becomes a reference", async () => {
    const { clientSecret } = lab.vendors.credentials.jumpcloud;
    const [resources] = [JSON.parse(lab.project.env["TEST_RESOURCES"] ?? "{}") as Record<string, { args: object }>];
    const { directory, ...others } = resources;
    const asValue = { ...others, directory: { ...directory, args: { ...directory?.args, clientSecret } } };
    const asReference = lab.project.env["TEST_RESOURCES"] ?? "";
    lab.project.env["TEST_RESOURCES"] = JSON.stringify(asValue);
    await planned();
    lab.project.env["TEST_RESOURCES"] = asReference;
    await planned();
    succeeded(await lab.preview(clean));
});
