// Every Pulumi language: YAML programs on the real engine, by the plugin alone. The rows are those of the dynamic resources.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { leastScopes, startHubs, type Hubs, type NangoKey } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { shared } from "../support/environment";
import { languageHost } from "../support/language-hosts";
import { failed, succeeded } from "../support/programs";
import { blocksOf } from "../support/pages";
import { Project } from "../support/project";
import { until } from "../support/until";

const host = languageHost("yaml");
const plugin = path.join(shared.build, "plugin");
const clean = "--expect-no-changes";

type Resources = Readonly<
    Record<string, { readonly type: string; readonly properties: object; readonly options?: object }>
>;

/** A project's file: YAML reads JSON. */
const projectFile = (resources: Resources, more: object = {}): string =>
    JSON.stringify({
        name: "shop",
        runtime: "yaml",
        plugins: { providers: [{ name: "connections", path: plugin }] },
        resources,
        ...more,
    });

/** A project with a YAML program; its runs find the language's host and the simulated servers. */
async function yamlProject(endpoints: object, variables: Readonly<Record<string, string>> = {}): Promise<Project> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "yaml-"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), projectFile({}));
    try {
        return await Project.create({
            name: "shop",
            program: folder,
            env: {
                PATH: [host, shared.searchPath()].join(path.delimiter),
                CONNECTIONS_ENDPOINTS: JSON.stringify(endpoints),
                ...variables,
            },
        });
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

const secret = (value: string): object => ({ "fn::secret": value });

const described = host === undefined ? describe.skip : describe;

described.each([
    ["where the engine's command is known", {}],
    ["where it is not", { CONNECTIONS_HIDE_COMMAND: "1" }],
])("A YAML program, %s", (_, variables) => {
    let vendors: Vendors;
    let project: Project;

    const declare = (changes: object = {}, more: Resources = {}): void => {
        const { jamf, atlassianOAuthOneSite: oauth, jiraConnector } = vendors.credentials;
        const { clientSecret, ...mdm } = jamf;
        project.write(
            "Pulumi.yaml",
            projectFile(
                {
                    mdm: {
                        type: "connections:jamf:ApiClient",
                        properties: { ...mdm, clientSecret: secret(clientSecret), ...changes },
                    },
                    issues: {
                        type: "connections:atlassian:ServiceAccountOAuth",
                        properties: { clientId: oauth.clientId, clientSecret: secret(oauth.clientSecret) },
                    },
                    ox: {
                        type: "connections:atlassian:JiraConnector",
                        properties: { cloudId: "${issues.cloudId}", apiToken: secret(jiraConnector.apiToken) },
                    },
                    ...more,
                },
                {
                    variables: {
                        tenant: {
                            "fn::invoke": {
                                function: "connections:atlassian:getTenantInfo",
                                arguments: { subdomain: "acme" },
                            },
                        },
                    },
                    outputs: { api: "${mdm.apiUrl}", host: "${ox.hostUrl}", tenant: "${tenant.cloudId}" },
                },
            ),
        );
    };
    const statusOf = async (name: string): Promise<unknown> => (await project.resource(name)).outputs?.["status"];

    beforeAll(async () => {
        vendors = await startVendors();
        project = await yamlProject(vendors.endpoints, variables);
        declare();
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("the first preview knows all outputs, one connection's output in another, and a function's", async () => {
        const output = succeeded(await project.preview());
        const { cloudId } = vendors.fixture.atlassian.acme;
        expect(output).toContain("+ 4 to create");
        expect(output).toContain(`api   : "https://acme.jamfcloud.com/api"`);
        expect(output).toContain(`host  : "https://api.atlassian.com/ex/jira/${cloudId}"`);
        expect(output).toContain(`tenant: "${cloudId}"`);
        expect(output).toContain("connections: 3 verified");
    });

    test("up records what is verified, and then nothing changes", async () => {
        expect(succeeded(await project.up())).toContain("connections: 3 verified");
        expect(await statusOf("mdm")).toBe("verified");
        succeeded(await project.preview(clean));
        succeeded(await project.refresh("--preview-only", clean));
    });

    test("new facts are drift, by property, in a plain preview; up records them", async () => {
        const { server } = vendors.fixture.jamf;
        server.upgrade("11.31.0-t1786459500000");
        const output = succeeded(await project.preview("--diff"));
        expect(output).toMatch(/~ version *: "11\.30\.0\S*" => "11\.31\.0\S*"/);
        expect(output).toContain("~ 1 to update");
        failed(await project.preview(clean));
        expect((await project.resource("mdm")).outputs?.["version"]).toContain("11.30.0");
        failed(await project.refresh("--preview-only", clean));
        succeeded(await project.up());
        expect((await project.resource("mdm")).outputs?.["version"]).toContain("11.31.0");
        succeeded(await project.preview(clean));
    });

    test("a refused secret is shown, fails an up that keeps the record, is recorded by a refresh, and heals", async () => {
        const { client } = vendors.fixture.jamf;
        client.revokeClientSecret();
        const output = succeeded(await project.preview("--diff"));
        expect(output).toMatch(/~ status *: "verified" => "rejected"/);
        expect(output).toMatch(/pulumi up will fail unless it is corrected first: Jamf refused/);
        expect(output).toMatch(/connections: 2 verified, 1 rejected \(mdm\)/);
        failed(await project.preview(clean));
        const refused = failed(await project.up());
        expect(refused).toMatch(/clientSecret: Jamf refused the client id or secret/);
        expect(refused).not.toMatch(/exited prematurely|always a bug/);
        expect(await statusOf("mdm")).toBe("verified");
        succeeded(await project.refresh());
        expect(await statusOf("mdm")).toBe("rejected");
        failed(await project.preview(clean));
        client.restoreClientSecret();
        succeeded(await project.up());
        expect(await statusOf("mdm")).toBe("verified");
        succeeded(await project.preview(clean));
    });

    test("a rotated secret is an update, and a wrong one is refused before anything is recorded", async () => {
        declare({ clientSecret: secret("a-secret-that-jamf-refuses") });
        expect(failed(await project.preview())).toMatch(/clientSecret: Jamf refused the client id or secret/);
        const { client } = vendors.fixture.jamf;
        const rotated = client.generateClientSecret();
        vendors.credentials.jamf.clientSecret = rotated;
        declare();
        expect(succeeded(await project.preview("--diff"))).toMatch(/~ clientSecret: \[secret\] => \[secret\]/);
        succeeded(await project.up());
        succeeded(await project.preview(clean));
    });

    test("another tenant is a replacement, whose first argument at fault is told under its resource", async () => {
        const { url, clientId, clientSecret } = vendors.credentials.jamfSelfHosted;
        declare({ url, clientId, clientSecret: secret(clientSecret) });
        expect(succeeded(await project.preview())).toMatch(/\+- *connections:jamf:ApiClient mdm replace/);
        succeeded(await project.up());
        expect((await project.resource("mdm")).outputs?.["url"]).toBe(url);
        declare();
        succeeded(await project.up());
    });

    test("connections:verify counts in the run that sets it, and a wrong value is refused", async () => {
        const { client } = vendors.fixture.jamf;
        await project.setConfig("connections:verify", "never");
        client.revokeClientSecret();
        vendors.requests.clear();
        const output = succeeded(await project.preview(clean));
        expect(output).toContain("no vendor was contacted (verify: never)");
        // Reads before an update have the configuration that the last up recorded: they start what is then not needed.
        const isReadFirst = Object.keys(variables).length === 0;
        expect(vendors.requests.count({ path: "/api/v1/oauth/token" })).toBe(isReadFirst ? 1 : 0);
        await project.setConfig("connections:verify", "changes");
        succeeded(await project.preview(clean));
        await project.setConfig("connections:verify", "sometimes");
        expect(failed(await project.preview())).toMatch(/connections:verify/);
        await project.setConfig("connections:verify", "always");
        client.restoreClientSecret();
        succeeded(await project.preview(clean));
    });

    test("a secret by reference is not recorded, and its new content is a change", async () => {
        const file = path.join(project.dir, "secret");
        fs.writeFileSync(file, vendors.credentials.jamf.clientSecret);
        declare({ clientSecret: { secretFrom: "file", name: file } });
        succeeded(await project.up());
        expect((await project.resource("mdm")).inputs?.["clientSecret"]).toEqual({ secretFrom: "file", name: file });
        succeeded(await project.preview(clean));
        const rotated = vendors.fixture.jamf.client.generateClientSecret();
        vendors.credentials.jamf.clientSecret = rotated;
        fs.writeFileSync(file, rotated);
        expect(succeeded(await project.preview("--diff"))).toContain("~ 1 to update");
        succeeded(await project.up());
        succeeded(await project.preview(clean));
    });

    test("where the engine's command is hidden in one run, that run shows and records the same", async () => {
        const { server } = vendors.fixture.jamf;
        const { version } = server;
        const env = { CONNECTIONS_HIDE_COMMAND: "1" };
        succeeded(await project.run(["preview", clean], { env }));
        server.upgrade("11.32.0-t1786459500000");
        expect(succeeded(await project.run(["preview", "--diff"], { env }))).toMatch(/~ version/);
        failed(await project.run(["preview", clean], { env }));
        failed(await project.run(["refresh", "--preview-only", clean], { env }));
        succeeded(await project.run(["up", "--yes", "--skip-preview"], { env }));
        expect((await project.resource("mdm")).outputs?.["version"]).toContain("11.32.0");
        succeeded(await project.preview(clean));
        succeeded(await project.run(["preview", clean], { env }));
        server.upgrade(version);
        succeeded(await project.refresh());
        succeeded(await project.preview(clean));
    });

    test("no secret is in clear in the state, and what the program makes secret is sealed in all that follows from it", async () => {
        const { url, clientSecret } = vendors.credentials.jamf;
        declare({ url: secret(url) });
        succeeded(await project.up());
        const state = JSON.stringify(await project.exportState());
        const { inputs, outputs } = await project.resource("mdm");
        for (const one of vendors.secrets) {
            expect(state.includes(one)).toBe(false);
        }
        expect(state.includes(clientSecret)).toBe(false);
        expect(JSON.stringify([inputs, outputs])).not.toContain("acme.jamfcloud.com");
        succeeded(await project.preview(clean));
        declare();
        succeeded(await project.up());
    });

    test("three that are refused are told in one preview, an unknown argument by name", async () => {
        const wrong = (name: string): Resources => ({
            [name]: {
                type: "connections:jamf:ApiClient",
                properties: { ...vendors.credentials.jamf, clientSecret: secret(`wrong-${name}`) },
            },
        });
        declare({}, { ...wrong("one"), ...wrong("two"), ...wrong("three") });
        const output = failed(await project.preview());
        for (const name of ["one", "two", "three"]) {
            expect(output).toMatch(new RegExp(`connections:jamf:ApiClient \\(${name}\\):[^]*?Jamf refused`));
        }
        declare({ clientIdd: "x" });
        expect(failed(await project.preview())).toMatch(/clientIdd/);
        declare();
    });

    test("import is refused in words for every language", async () => {
        const { output } = await project.run(["import", "connections:jamf:ApiClient", "other", "jamf/x", "--yes"]);
        expect(output).toMatch(/a connection is declared, not imported or looked up: declare the jamf\.ApiClient/);
    });

    test("destroy contacts no vendor, and a vendor that cannot be reached does not stop it", async () => {
        vendors.requests.clear();
        succeeded(await project.destroy());
        expect(vendors.requests.length).toBe(0);
        expect((await project.exportState()).deployment.resources ?? []).toHaveLength(0);
    });
});

described("A connection that a YAML program hands to a hub", () => {
    let vendors: Vendors;
    let hubs: Hubs;
    let project: Project;
    let key: NangoKey;

    const declare = (): void => {
        const { clientId, clientSecret } = vendors.fixture.atlassian.oauth;
        const given = { clientId, clientSecret: secret(clientSecret), subdomain: "acme", allowedScopes: ["*"] };
        const connection = { type: "atlassian.ServiceAccountOAuth", arguments: given };
        const environmentKey = secret(key.value);
        project.write(
            "Pulumi.yaml",
            projectFile({
                integration: {
                    type: "connections:nango:Integration",
                    properties: {
                        environmentKey,
                        uniqueKey: "atlassian",
                        provider: "atlassian-service-account-oauth2",
                    },
                },
                hub: {
                    type: "connections:nango:Connection",
                    properties: {
                        environmentKey,
                        integration: "${integration.uniqueKey}",
                        connectionId: "acme",
                        connection,
                    },
                },
            }),
        );
    };
    const admin = () => hubs.nango.administration;
    const row = () => admin().connection("atlassian", "acme");

    beforeAll(async () => {
        vendors = await startVendors();
        hubs = await startHubs({ vendors });
        key = admin().addKey([...leastScopes, "environment:connections:list"]);
        project = await yamlProject({ ...vendors.endpoints, ...hubs.endpoints });
        declare();
    });

    afterAll(async () => {
        await project.dispose();
        await Promise.all([vendors.close(), hubs.close()]);
    });

    test("a preview writes nothing, up makes it, and then nothing changes", async () => {
        expect(succeeded(await project.preview())).toContain("+ 3 to create");
        expect(row()).toBeUndefined();
        succeeded(await project.up());
        const { clientSecret } = vendors.fixture.atlassian.oauth;
        expect(row()).toMatchObject({ credentials: { client_secret: clientSecret } });
        succeeded(await project.preview(clean));
        succeeded(await project.refresh("--preview-only", clean));
        const state = JSON.stringify(await project.exportState());
        expect([clientSecret, key.value].filter((one) => state.includes(one))).toEqual([]);
    });

    test("drift at the hub is shown by property in a plain preview, and mended", async () => {
        const { sandbox, acme } = vendors.fixture.atlassian;
        admin().configure("atlassian", "acme", { cloudId: sandbox.cloudId, subdomain: "acme" });
        expect(succeeded(await project.preview("--diff"))).toContain(sandbox.cloudId);
        failed(await project.preview(clean));
        succeeded(await project.up());
        expect(row()?.connectionConfig).toMatchObject({ cloudId: acme.cloudId });
        succeeded(await project.preview(clean));
    });

    test("a new credential reaches the hub in one up", async () => {
        const { oauth, oauthAccount, organization } = vendors.fixture.atlassian;
        const { scopes } = oauth;
        oauth.revoke();
        vendors.fixture.atlassian.oauth = organization.createOAuthCredential(oauthAccount, scopes);
        declare();
        expect(succeeded(await project.preview())).toContain("~ 1 to update");
        succeeded(await project.up());
        const { clientSecret } = vendors.fixture.atlassian.oauth;
        expect(row()).toMatchObject({ credentials: { client_secret: clientSecret } });
        succeeded(await project.preview(clean));
    });

    test("destroy deletes it at the hub", async () => {
        succeeded(await project.destroy());
        expect(row()).toBeUndefined();
    });
});

described("A stack of a TypeScript program's connections", () => {
    test("moves to YAML by an alias, in place, and leaves nothing of the dynamic resource", async () => {
        const vendors = await startVendors();
        const { clientSecret, ...given } = vendors.credentials.jamf;
        const args = `{ ...${JSON.stringify(given)}, clientSecret: pulumi.secret(${JSON.stringify(clientSecret)}) }`;
        const program = `
            const pulumi = require("@pulumi/pulumi");
            const { jamf } = require("pulumi-connections");
            new jamf.ApiClient("mdm", ${args});`;
        const PATH = [host, shared.searchPath()].join(path.delimiter);
        const env = { PATH, CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) };
        const project = await Project.create({ name: "shop", program, env });
        try {
            succeeded(await project.up());
            const before = await project.resource("mdm");
            const properties = { ...given, clientSecret: secret(clientSecret) };
            const options = { aliases: [before.urn] };
            const mdm = { type: "connections:jamf:ApiClient", properties, options };
            project.write("Pulumi.yaml", projectFile({ mdm }));
            expect(succeeded(await project.preview("--diff"))).toMatch(/~ 1 to update/);
            succeeded(await project.up());
            const after = await project.resource("mdm");
            expect([after.id, after.type]).toEqual([before.id, "connections:jamf:ApiClient"]);
            expect(JSON.stringify(after)).not.toMatch(/__provider|programResult/);
            succeeded(await project.preview(clean));
        } finally {
            await project.dispose();
            await vendors.close();
        }
    });
});

described("A wait for a vendor", () => {
    test("ends by customTimeouts, and nothing is recorded", async () => {
        const vendors = await startVendors();
        const project = await yamlProject(vendors.endpoints);
        try {
            const { clientSecret, ...given } = vendors.credentials.jamf;
            const properties = { ...given, clientSecret: secret(clientSecret), timeoutSeconds: 250 };
            const options = { customTimeouts: { create: "2s" } };
            const mdm = { type: "connections:jamf:ApiClient", properties, options };
            project.write("Pulumi.yaml", projectFile({ mdm }));
            vendors.listeners.forEach((listener) => listener.fault({ kind: "hang" }));
            expect(failed(await project.up())).toMatch(/clientSecret|url|no answer|ended|cancelled/);
            const { resources = [] } = (await project.exportState()).deployment;
            expect(resources.filter(({ type }) => type === "connections:jamf:ApiClient")).toEqual([]);
        } finally {
            await project.dispose();
            await vendors.close();
        }
    });
});

described("The page on languages", () => {
    const page = fs.readFileSync(path.join(shared.root, "docs/languages.md"), "utf8");
    const [program, alias] = blocksOf(page).filter(({ language }) => language === "yaml");

    test("has a program that runs as it says, and the alias of a TypeScript stack", async () => {
        const vendors = await startVendors();
        const { clientId, clientSecret } = vendors.credentials.jamf;
        const project = await yamlProject(vendors.endpoints, { JAMF_CLIENT_SECRET: clientSecret });
        try {
            const text = program?.text ?? "";
            project.write(
                "Pulumi.yaml",
                text
                    .replace("node_modules/pulumi-connections/build/plugin", plugin)
                    .replace(/(?<=clientId: ).*/, clientId),
            );
            expect(succeeded(await project.preview())).toContain('api: "https://acme.jamfcloud.com/api"');
            expect(parse(alias?.text ?? "")).toEqual({
                options: { aliases: ["urn:pulumi:prod::shop::pulumi-nodejs:dynamic/connections/jamf:ApiClient::mdm"] },
            });
        } finally {
            await project.dispose();
            await vendors.close();
        }
    });
});

described("An interrupt", () => {
    test("ends a wait for a vendor, and leaves no record", async () => {
        const vendors = await startVendors();
        const project = await yamlProject(vendors.endpoints);
        try {
            const { clientSecret, ...given } = vendors.credentials.jamf;
            const properties = { ...given, clientSecret: secret(clientSecret), timeoutSeconds: 250 };
            project.write("Pulumi.yaml", projectFile({ mdm: { type: "connections:jamf:ApiClient", properties } }));
            let isContacted = false;
            vendors.listeners.forEach((listener) => listener.fault({ kind: "hang", when: () => (isContacted = true) }));
            const running = project.start(["up", "--yes", "--skip-preview"]);
            let output = "";
            running.stdout.on("data", (text: Buffer) => (output += text.toString()));
            running.stderr.on("data", (text: Buffer) => (output += text.toString()));
            await until("a vendor is contacted", () => isContacted);
            running.kill("SIGINT");
            await new Promise((resolve) => running.once("close", resolve));
            expect(output).not.toMatch(/exited prematurely|always a bug/);
            const { resources = [] } = (await project.exportState()).deployment;
            expect(resources.filter(({ type }) => type === "connections:jamf:ApiClient")).toEqual([]);
        } finally {
            await project.dispose();
            await vendors.close();
        }
    });
});
