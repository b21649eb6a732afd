// Every Pulumi language: YAML programs on the real engine, by the plugin alone. The rows are those of the dynamic resources.
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { leastScopes, startHubs, type Hubs, type NangoKey } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { shared } from "../support/environment";
import { failed, succeeded } from "../support/programs";
import { blocksOf } from "../support/pages";
import { Project } from "../support/project";
import { until } from "../support/until";
import { pluginFolder, projectFile, secret, yamlHost, yamlProject, type Resources } from "../support/yaml";

const clean = "--expect-no-changes";

const described = yamlHost === undefined ? describe.skip : describe;

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
        expect(vendors.requests.count({ path: "/api/v1/oauth/token" })).toBe(0);
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

described("Providers that a YAML program declares", () => {
    let all: readonly [Vendors, Vendors];
    let project: Project;
    const names = ["one", "two"] as const;

    /** Declares two providers with a connection each; every one leads to vendors of its own. */
    const declare = (settings: Partial<Record<(typeof names)[number], object>> = {}): void => {
        const resources = names.flatMap((name, at) => {
            const { endpoints, credentials } = all[at]!;
            const { clientSecret, ...given } = credentials.jamf;
            const properties = { ...given, clientSecret: secret(clientSecret) };
            return Object.entries({
                [name]: { type: "pulumi:providers:connections", properties: { endpoints, ...settings[name] } },
                [`${name}-mdm`]: {
                    type: "connections:jamf:ApiClient",
                    properties,
                    options: { provider: `\${${name}}` },
                },
            });
        });
        project.write("Pulumi.yaml", projectFile(Object.fromEntries(resources)));
    };
    const calls = (): number[] => all.map(({ requests }) => requests.length);
    const clear = (): void => all.forEach(({ requests }) => requests.clear());

    beforeAll(async () => {
        all = [await startVendors(), await startVendors()];
        project = await yamlProject({}, { CONNECTIONS_ENDPOINTS: "" });
        declare();
    });

    afterAll(async () => {
        await project.dispose();
        await Promise.all(all.map((vendors) => vendors.close()));
    });

    test("lead each to its own endpoints, side by side, and say so in a line each", async () => {
        const output = succeeded(await project.preview());
        names.forEach((name) => expect(output).toContain(`connections (${name}): 1 verified`));
        expect(output).toMatch(/endpoints of the provider one is set: credentials go to other hosts/);
        succeeded(await project.up());
        expect(succeeded(await project.preview(clean))).not.toMatch(/exited prematurely|always a bug/);
    });

    test("count in the run that changes them", async () => {
        all[0].fixture.jamf.client.revokeClientSecret();
        declare({ one: { verify: "never" } });
        clear();
        const output = succeeded(await project.preview());
        expect([calls()[0], output]).toEqual([0, expect.stringMatching(/no vendor was contacted \(verify: never\)/)]);
        expect(calls()[1]).toBeGreaterThan(0);
        succeeded(await project.up());
        declare();
        expect(succeeded(await project.preview("--diff"))).toMatch(/"verified" => "rejected"/);
        all[0].fixture.jamf.client.restoreClientSecret();
        succeeded(await project.up());
    });

    test("strict fails a run that cannot check, for its own connections alone", async () => {
        await all[1].down();
        declare({ one: { strict: true } });
        succeeded(await project.preview());
        declare({ two: { strict: true } });
        expect(failed(await project.preview())).toMatch(/two-mdm[^]*strict/);
        await all[1].up();
        declare();
    });

    test("the environment takes precedence", async () => {
        clear();
        const env = { CONNECTIONS_VERIFY: "never" };
        declare({ one: { verify: "always" } });
        const output = succeeded(await project.run(["preview"], { env }));
        expect([calls(), output]).toEqual([[0, 0], expect.stringContaining("no vendor was contacted")]);
    });

    test("are refused where they are wrong, by the provider's name", async () => {
        await project.setConfig("mode", "sometimes");
        const file = JSON.parse(fs.readFileSync(path.join(project.dir, "Pulumi.yaml"), "utf8")) as {
            resources: Resources;
        };
        const withMode = (properties: object): void => {
            const one = { type: "pulumi:providers:connections", properties };
            const configuration = { mode: { type: "String" } };
            project.write("Pulumi.yaml", projectFile({ ...file.resources, one }, { configuration }));
        };
        withMode({ verify: "${mode}" });
        expect(failed(await project.preview())).toContain(
            "verify of the provider one is not always, changes or never. Correct it, or remove it.",
        );
        withMode({ endpoints: { "https://acme.jamfcloud.com": "https://gateway.example.com" } });
        expect(failed(await project.preview())).toMatch(
            /endpoints of the provider one leads https:\/\/acme\.jamfcloud\.com to https:\/\/gateway\.example\.com, .*remove them from the program\./,
        );
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
        const line = new RegExp(`~ cloudId *: "${sandbox.cloudId}" => "${acme.cloudId}"`);
        expect(succeeded(await project.preview("--diff"))).toMatch(line);
        expect(succeeded(await project.preview("--diff", "--refresh"))).toMatch(line);
        failed(await project.preview(clean));
        succeeded(await project.up());
        expect(row()?.connectionConfig).toMatchObject({ cloudId: acme.cloudId });
        succeeded(await project.preview(clean));
    });

    test("a deletion at the hub is shown as missing => present, also where a refresh comes first, and mended", async () => {
        admin().deleteConnection("atlassian", "acme");
        const line = /~ state *: "missing" => "present"/;
        expect(succeeded(await project.preview("--diff"))).toMatch(line);
        expect(succeeded(await project.preview("--diff", "--refresh"))).toMatch(line);
        succeeded(await project.refresh());
        expect(succeeded(await project.preview("--diff"))).toMatch(line);
        succeeded(await project.up());
        expect(row()).toMatchObject({ credentials: { client_secret: vendors.fixture.atlassian.oauth.clientSecret } });
        succeeded(await project.preview(clean));
    });

    test.each([
        ["the plugin is killed before the hub has written", "hang", "plugin/start.cjs"],
        ["the engine is killed with all after the hub has written", "slowClose", undefined],
    ] as const)("a run in which %s converges in the next one", async (_, kind, victim) => {
        admin().deleteConnection("atlassian", "acme");
        const write = { method: "POST", path: "/connections" } as const;
        hubs.nango.listener.fault({ ...write, ...(kind === "hang" ? { kind } : { kind, ms: 60_000 }) });
        hubs.requests.clear();
        const running = project.start(["up", "--yes", "--skip-preview"]);
        const ended = new Promise((resolve) => running.once("exit", resolve));
        await until("the hub is written to", () =>
            kind === "hang" ? hubs.requests.count(write) > 0 : row() !== undefined,
        );
        const killed = victim === undefined ? [] : project.processes(victim);
        killed.forEach((pid) => process.kill(pid, "SIGKILL"));
        victim === undefined && project.kill();
        await ended;
        project.kill();
        hubs.clearFaults();
        victim === undefined && succeeded(await project.run(["cancel", "--yes"]));
        expect([killed.length > 0, row() === undefined]).toEqual(kind === "hang" ? [true, true] : [false, false]);
        succeeded(await project.up());
        expect(admin().connections()).toHaveLength(1);
        expect(row()).toMatchObject({ credentials: { client_secret: vendors.fixture.atlassian.oauth.clientSecret } });
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
    test("moves to YAML by an alias, in place, leaves nothing of the dynamic resource, and moves back", async () => {
        const vendors = await startVendors();
        const { clientSecret, ...given } = vendors.credentials.jamf;
        const args = `{ ...${JSON.stringify(given)}, clientSecret: pulumi.secret(${JSON.stringify(clientSecret)}) }`;
        const program = (aliases: readonly string[]): string => `
            const pulumi = require("@pulumi/pulumi");
            const { jamf } = require("pulumi-connections");
            new jamf.ApiClient("mdm", ${args}, ${JSON.stringify({ aliases })});`;
        const PATH = [yamlHost, shared.searchPath()].join(path.delimiter);
        const env = { PATH, CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) };
        const project = await Project.create({ name: "shop", program: program([]), env });
        const typescript = fs.readFileSync(path.join(project.dir, "Pulumi.yaml"), "utf8");
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
            // The engine compares the two providers, so the plugin stays until this update.
            const plugins = `plugins:\n  providers:\n    - { name: connections, path: ${pluginFolder} }\n`;
            project.write("Pulumi.yaml", `${typescript.trimEnd()}\n${plugins}`);
            project.write("index.js", program([after.urn]));
            expect(succeeded(await project.preview("--diff"))).toMatch(/~ 1 to update/);
            succeeded(await project.up());
            const back = await project.resource("mdm");
            expect([back.id, back.type]).toEqual([before.id, before.type]);
            const { verifiedAt: _, clientSecret: encrypted, ...recorded } = back.outputs ?? {};
            expect(before.outputs).toMatchObject(recorded);
            expect(encrypted).toHaveProperty("ciphertext");
            succeeded(await project.preview(clean));
            succeeded(await project.refresh("--preview-only", clean));
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
    const [program, ...others] = blocksOf(page).filter(({ language }) => language === "yaml");
    const alias = others.find(({ text }) => text.includes("aliases"));

    test("has a program that runs as it says, and the alias of a TypeScript stack", async () => {
        const vendors = await startVendors();
        const { clientId, clientSecret } = vendors.credentials.jamf;
        const project = await yamlProject(vendors.endpoints, { JAMF_CLIENT_SECRET: clientSecret });
        try {
            const text = program?.text ?? "";
            project.write(
                "Pulumi.yaml",
                text
                    .replace("node_modules/pulumi-connections/build/plugin", pluginFolder)
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
