// Stacks with resources at hubs, as an earlier build recorded them: the hubs hold what it made there.
import { leastScopes } from "../simulators/hubs";
import { connectorScopes } from "../simulators/vendors";
import { keepState, keptState, type Placeholders } from "../support/fixtures";
import { HubLab } from "../support/hub-lab";
import { succeeded } from "../support/programs";
import { shownBy } from "../support/shown";

/** Credentials and keys that are the same in every run, because the state has digests of them. */
const fixed = {
    clientId: "5b0c4f5e-6f0e-4a39-9a3b-1c1f1f3f7a10",
    clientSecret: "A-secret-that-stands-for-one-of-a-vault",
    apiToken: `ATSTT3xFfGF0${"k7Qd".repeat(32)}=0A1B2C3D`,
    nango: "0f0d3a52-1a51-4d9a-8a55-6a1f2f6c9e01",
    ox: `ox_${"3fA9".repeat(12)}`,
    stackone: `v1.eu1.${"b2Xy".repeat(12)}`,
};

/** Starts vendors and hubs with the fixed credentials, and the program that the kept states come from. */
async function start(): Promise<HubLab> {
    const lab = await HubLab.start({
        name: "upgrade-hubs",
        env: {
            JAMF_SECRET: fixed.clientSecret,
            NANGO_KEY: fixed.nango,
            OX_KEY: fixed.ox,
            STACKONE_KEY: fixed.stackone,
        },
    });
    const { fixture } = lab.vendors;
    const { nango, ox, stackone } = lab.hubs;
    fixture.jamf.client.generateClientSecret(fixed.clientSecret);
    Object.assign(fixture.jamf.client, { clientId: fixed.clientId });
    const { organization, connectorAccount } = fixture.atlassian;
    Object.assign(organization.createApiToken(connectorAccount, "OX", connectorScopes), { token: fixed.apiToken });
    Object.assign(nango.administration.addKey([...leastScopes, "environment:connections:list"]), {
        value: fixed.nango,
    });
    Object.assign(ox.administration.addKey(), { value: fixed.ox });
    Object.assign(stackone.administration.addKey(), { value: fixed.stackone });
    const env = (name: string): object => ({ secretFrom: "env", name });
    lab.declare({
        mdm: {
            type: "jamf.ApiClient",
            args: { ...lab.vendors.credentials.jamf, clientId: fixed.clientId, clientSecret: env("JAMF_SECRET") },
        },
        issues: { type: "atlassian.JiraConnector", args: { subdomain: "acme", apiToken: fixed.apiToken } },
        integration: {
            type: "nango.Integration",
            args: { environmentKey: env("NANGO_KEY"), uniqueKey: "made", provider: "jamf" },
        },
        connection: {
            type: "nango.Connection",
            args: {
                environmentKey: env("NANGO_KEY"),
                integration: { made: "integration", output: "uniqueKey" },
                connectionId: "acme",
                connection: { made: "mdm" },
            },
        },
        connector: { type: "ox.Connector", args: { apiKey: env("OX_KEY"), connection: { made: "issues" } } },
        account: {
            type: "stackone.Account",
            args: { apiKey: env("STACKONE_KEY"), originOwnerId: "acme", connection: { made: "mdm" } },
        },
    });
    return lab;
}

/** Where a state has what the hubs or a run chose. */
const places = [
    "integration.__record.nonce",
    "integration.createdAt",
    "connection.__record.nonce",
    "connection.createdAt",
    "connector.__record.nonce",
    "connector.connectorId",
    "connector.credentialsId",
    "account.__record.nonce",
    "account.linkExpiresAt",
];

/** What this run's state has at these places. */
async function chosen(lab: HubLab): Promise<Placeholders> {
    return Promise.all(
        places.map(async (place): Promise<[string, string]> => {
            const [name = "", ...steps] = place.split(".");
            const value = steps.reduce<unknown>(
                (outer, step) => (outer as Record<string, unknown> | undefined)?.[step],
                (await lab.resource(name)).outputs,
            );
            if (typeof value !== "string") {
                throw new Error(`The state has no text at ${place}.`);
            }
            return [place, value];
        }),
    );
}

const keep = process.env["KEEP_HUB_STATE"];

if (keep !== undefined) {
    test("the state of the present build is kept", async () => {
        const lab = await start();
        succeeded(await lab.up());
        const { stdout } = await lab.project.run(["stack", "export", "--show-secrets"]);
        keepState(keep, lab.vendors, stdout, await chosen(lab));
        await lab.dispose();
    });
}

describe.each(["state-2026-11-30.json"])("A stack with hubs and %s", (file) => {
    let lab: HubLab;
    let own: Placeholders;

    const imported = async (): Promise<void> => {
        const ends = String(Date.parse(new Map(own).get("account.linkExpiresAt") ?? ""));
        const kept = keptState(file, lab.vendors, own).replace(/(?<="linkEndsAtMs": )\d+/g, ends);
        const state = JSON.parse(kept) as { deployment: Record<string, unknown> };
        // The kept secrets are plain: this stack encrypts them.
        state.deployment["secrets_providers"] = (await lab.project.exportState()).deployment["secrets_providers"];
        lab.project.write("kept.json", JSON.stringify(state));
        succeeded(await lab.run("stack", "import", "--file", "kept.json"));
    };
    const written = (): readonly string[] =>
        [...lab.hubs.requests]
            .filter(({ method, body }) => method !== "GET" && !/"query":"query/.test(body))
            .map(({ method, path }) => `${method} ${path}`);

    beforeAll(async () => {
        lab = await start();
        succeeded(await lab.up());
        own = await chosen(lab);
        await imported();
    });

    afterAll(async () => {
        await lab.dispose();
    });

    // An account at StackOne that awaits its person is a change until it is linked.
    const unchanged = ["account"];
    const shown = (output: string): readonly string[] =>
        (["update", "replace", "create"] as const).flatMap((verb) => [...shownBy(output, verb).keys()]);

    test("previews and refreshes as unchanged, and keeps to a plan", async () => {
        expect(shown(succeeded(await lab.preview("--diff", "--save-plan", "plan.json")))).toEqual(unchanged);
        expect(shown(succeeded(await lab.refresh("--preview-only", "--diff")))).toEqual(unchanged);
        succeeded(await lab.up("--plan", "plan.json"));
        expect(written()).toEqual([]);
        await imported();
    });

    test("shows drift at a hub, and updates in place", async () => {
        lab.hubs.nango.administration.deleteConnection("made", "acme");
        expect([...shown(succeeded(await lab.preview("--diff")))].sort()).toEqual([...unchanged, "connection"]);
        succeeded(await lab.up());
        expect(shown(succeeded(await lab.preview("--diff")))).toEqual(unchanged);
        expect(shown(succeeded(await lab.refresh("--preview-only", "--diff")))).toEqual(unchanged);
    });

    test("rotates a secret that it had recorded by its digest", async () => {
        await imported();
        const { client } = lab.vendors.fixture.jamf;
        lab.project.env["JAMF_SECRET"] = client.generateClientSecret();
        expect([...shown(succeeded(await lab.preview("--diff")))].sort()).toEqual([...unchanged, "connection", "mdm"]);
        succeeded(await lab.up());
        expect(shown(succeeded(await lab.preview("--diff")))).toEqual(unchanged);
    });

    test("is destroyed, and the hubs with it", async () => {
        await imported();
        succeeded(await lab.destroy());
        expect(lab.hubs.ox.administration.credentials()).toEqual([]);
    });
});
