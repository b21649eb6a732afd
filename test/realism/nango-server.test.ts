// nango.Connection and nango.Integration on the real engine against a real Nango server, which somebody runs: see CONTRIBUTING.md. The vendors are simulated.
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { HubLab, type DeclaredResource } from "../support/hub-lab";
import { LeakScanner } from "../support/leaks";
import { nangoServerAddress, NangoServer, noNangoServer } from "../support/nango-server";
import { failed, succeeded } from "../support/programs";
import { random } from "../support/seed";

const clean = "--expect-no-changes";
const address = nangoServerAddress();
const suite = address === undefined ? describe.skip : describe;
const condition = address === undefined ? ` ${noNangoServer}` : "";
if (address === undefined) {
    // The names of tests are not printed where a whole file is skipped.
    process.stdout.write(`\nrealism/nango-server ${noNangoServer}\n`);
}
const { between } = random();
const kills = Number(process.env["KILLS"] ?? 20);
const many = 150;

// Others may use the same environment.
const run = randomBytes(4).toString("hex");

/** A lab whose program hands connections to the server. */
async function start(name: string): Promise<{ lab: HubLab; server: NangoServer; at: Record<string, unknown> }> {
    const { url, key, fullKey } = address ?? { url: "", key: "", fullKey: "" };
    const lab = await HubLab.start({ name });
    // Longer than Nango's quarter of an hour before the end of a token, in which it fetches a new one: of a vendor that is not there for it.
    lab.vendors.fixture.jamf.client.accessTokenLifetimeSeconds = 3600;
    await lab.project.setSecret("key", key);
    await lab.project.setSecret("fullKey", fullKey);
    const at = {
        serverUrl: url,
        environmentKey: { config: "key" },
        ...(url.startsWith("http:") ? { allowHttp: true } : {}),
    };
    return { lab, server: new NangoServer({ url, key, fullKey }), at };
}

suite(`Three connections at a Nango server${condition}`, () => {
    const integrations = { oauth: `oauth-${run}`, token: `token-${run}`, jamf: `jamf-${run}` };
    const providers = {
        oauth: "atlassian-service-account-oauth2",
        token: "atlassian-service-account-api-token",
        jamf: "jamf",
    };
    const kinds = Object.keys(integrations) as (keyof typeof integrations)[];
    const id = "acme";
    let lab: HubLab;
    let server: NangoServer;
    let at: Record<string, unknown>;

    const row = (kind: keyof typeof integrations) => server.connection(integrations[kind], id);
    const secretFile = (kind: string) => path.join(lab.project.dir, `secret-${kind}`);
    const fromFile = (kind: string): object => ({ secretFrom: "file", name: `secret-${kind}` });

    const declare = (changes: Partial<Record<keyof typeof integrations, object>> = {}): void => {
        const { atlassianOAuth, atlassianToken, jamf } = lab.vendors.credentials;
        const connections: Record<keyof typeof integrations, DeclaredResource> = {
            oauth: {
                type: "atlassian.ServiceAccountOAuth",
                args: {
                    clientId: lab.vendors.fixture.atlassian.oauth.clientId,
                    clientSecret: fromFile("oauth"),
                    subdomain: atlassianOAuth.subdomain,
                    allowedScopes: ["*"],
                },
            },
            token: {
                type: "atlassian.ServiceAccountToken",
                args: { ...atlassianToken, apiToken: fromFile("token") },
            },
            jamf: {
                type: "jamf.ApiClient",
                args: { ...jamf, clientSecret: fromFile("jamf"), allowedPrivileges: ["*"] },
            },
        };
        lab.declare(
            Object.fromEntries(
                kinds.flatMap((kind): [string, DeclaredResource][] => [
                    [`${kind}-connection`, connections[kind]],
                    [
                        `${kind}-integration`,
                        {
                            type: "nango.Integration",
                            args: { ...at, uniqueKey: integrations[kind], provider: providers[kind] },
                        },
                    ],
                    [
                        `${kind}-hub`,
                        {
                            type: "nango.Connection",
                            args: {
                                ...at,
                                integration: { made: `${kind}-integration`, output: "uniqueKey" },
                                connectionId: id,
                                connection: { made: `${kind}-connection` },
                                tags: { Team: "it" },
                                metadata: { plan: { seats: 3 } },
                                ...changes[kind],
                            },
                        },
                    ],
                ]),
            ),
        );
    };

    const repaired = async (which: RegExp): Promise<void> => {
        expect(succeeded(await lab.up())).toMatch(which);
        succeeded(await lab.preview(clean));
        succeeded(await lab.refresh("--preview-only", clean));
    };

    beforeAll(async () => {
        ({ lab, server, at } = await start("nango-server"));
        const { atlassian, jamf } = lab.vendors.fixture;
        fs.writeFileSync(secretFile("oauth"), atlassian.oauth.clientSecret);
        fs.writeFileSync(secretFile("token"), atlassian.token.token);
        fs.writeFileSync(secretFile("jamf"), jamf.client.clientSecret);
        declare();
    });

    afterAll(async () => {
        for (const kind of kinds) {
            await server.removeIntegration(integrations[kind]);
        }
        await lab.dispose();
    });

    test("a preview writes nothing; up makes the integrations and the connections, and they stand there as they were sent", async () => {
        expect(succeeded(await lab.preview())).toContain("+ 10 to create");
        for (const kind of kinds) {
            expect(await server.integration(integrations[kind])).toBeUndefined();
        }
        expect(succeeded(await lab.up())).not.toMatch(/environmentKey may/);
        const { acme, oauth, token, tokenAccount } = lab.vendors.fixture.atlassian;
        const { client } = lab.vendors.fixture.jamf;
        expect(await row("oauth")).toMatchObject({
            provider: providers.oauth,
            errors: [],
            connection_config: { cloudId: acme.cloudId, subdomain: "acme" },
            credentials: {
                type: "OAUTH2_CC",
                client_id: oauth.clientId,
                client_secret: oauth.clientSecret,
                token: expect.any(String) as string,
                expires_at: expect.any(String) as string,
            },
            metadata: { plan: { seats: 3 } },
            tags: { team: "it", "pulumi-urn": expect.stringContaining("nango:Connection::oauth-hub") as string },
        });
        expect(await row("token")).toMatchObject({
            provider: providers.token,
            connection_config: { cloudId: acme.cloudId },
            credentials: { type: "BASIC", username: tokenAccount.email, password: token.token },
        });
        expect(await row("jamf")).toMatchObject({
            provider: providers.jamf,
            connection_config: { instance: "acme" },
            credentials: { type: "OAUTH2_CC", client_id: client.clientId, client_secret: client.clientSecret },
        });
    });

    test("unchanged, preview, refresh and up are clean", async () => {
        succeeded(await lab.preview(clean));
        succeeded(await lab.refresh("--preview-only", clean));
        succeeded(await lab.up(clean));
    });

    test("a new secret reaches the server in one up, in the same row", async () => {
        const before = await Promise.all(kinds.map(row));
        const { organization, oauthAccount, tokenAccount, oauth, token } = lab.vendors.fixture.atlassian;
        const { client } = lab.vendors.fixture.jamf;
        client.generateClientSecret();
        fs.writeFileSync(secretFile("jamf"), client.clientSecret);
        const apiToken = organization.createApiToken(tokenAccount, "another", token.scopes).token;
        fs.writeFileSync(secretFile("token"), apiToken);
        // Atlassian gives no second secret to a credential: this one has another client ID too.
        const credential = organization.createOAuthCredential(oauthAccount, oauth.scopes);
        fs.writeFileSync(secretFile("oauth"), credential.clientSecret);
        Object.assign(lab.vendors.fixture.atlassian, { oauth: credential });
        declare();
        expect(succeeded(await lab.preview())).toContain("~ 6 to update");
        succeeded(await lab.up());
        const after = await Promise.all(kinds.map(row));
        expect(after.map((one) => one?.id)).toEqual(before.map((one) => one?.id));
        expect(after.map((one) => one?.credentials["client_secret"] ?? one?.credentials["password"])).toEqual([
            credential.clientSecret,
            apiToken,
            client.clientSecret,
        ]);
        succeeded(await lab.preview(clean));
    });

    test("what others change is drift and is put right, and what they add stays: config, tags, metadata, a webhook", async () => {
        const { sandbox, acme } = lab.vendors.fixture.atlassian;
        const now = await row("oauth");
        // Nango's own time of a token is no part of what it takes.
        const { raw: _, ...credentials } = now?.credentials ?? {};
        await server.write(integrations.oauth, id, {
            credentials,
            connection_config: { cloudId: sandbox.cloudId, subdomain: "acme", baseUrl: sandbox.url, custom: "theirs" },
            metadata: { plan: { seats: 9 }, cursor: 7 },
            tags: { ...now?.tags, team: "sales", other: "kept" },
            webhook_url_override: "https://hooks.acme.example/",
        });
        const shown = succeeded(await lab.preview("--diff"));
        expect(shown).toContain(`~ cloudId  : "${acme.cloudId}" => "${sandbox.cloudId}"`);
        expect(shown).toMatch(/~ seats: 3 => 9/);
        expect(shown).toMatch(/~ team: "it" => "sales"/);
        expect((await lab.refresh("--preview-only", clean)).code).not.toBe(0);
        await repaired(/nango:Connection oauth-hub updated/);
        expect(await row("oauth")).toMatchObject({
            connection_config: { cloudId: acme.cloudId, subdomain: "acme", custom: "theirs" },
            metadata: { plan: { seats: 3 }, cursor: 7 },
            tags: { ...now?.tags, other: "kept" },
            webhook_url_override: "https://hooks.acme.example/",
        });
        expect((await row("oauth"))?.connection_config).not.toHaveProperty("baseUrl", sandbox.url);
        await server.mergeMetadata(integrations.token, id, { cursor: 7 });
        succeeded(await lab.preview(clean));
    });

    test("an end user that others have named, and marks that they have wiped, come through an update", async () => {
        const before = await row("token");
        await server.change(integrations.token, id, {
            end_user: { id: "user-42", email: "user@acme.example" },
            tags: { theirs: "kept" },
        });
        await repaired(/nango:Connection token-hub updated/);
        const after = await row("token");
        expect(after).toMatchObject({
            id: before?.id,
            end_user: { id: "user-42" },
            tags: { ...before?.tags, theirs: "kept", end_user_id: "user-42" },
        });
    });

    test("gone: an update brings it back, and no replacement", async () => {
        await server.deleteConnection(integrations.jamf, id);
        const shown = succeeded(await lab.preview("--diff"));
        expect(shown).toMatch(/~ state +: "present" => "missing"/);
        expect(shown).not.toMatch(/replace|delete/);
        await repaired(/nango:Connection jamf-hub updated/);
        expect(await server.connectionsUnder(integrations.jamf)).toEqual([id]);
    });

    test("an integration that others delete takes its connection along, and both come back; a name that they give it is drift", async () => {
        await server.removeIntegration(integrations.jamf);
        expect(succeeded(await lab.preview())).toContain("~ 2 to update");
        await repaired(/nango:Connection jamf-hub updated/);
        expect(await row("jamf")).toMatchObject({ connection_config: { instance: "acme" } });
        await server.rename(integrations.jamf, "Theirs");
        succeeded(await lab.preview(clean));
        const resources = JSON.parse(lab.project.env["TEST_RESOURCES"] ?? "{}") as Record<string, DeclaredResource>;
        const { type = "", args = {} } = resources["jamf-integration"] ?? {};
        lab.declare({ ...resources, "jamf-integration": { type, args: { ...args, displayName: "Ours" } } });
        succeeded(await lab.up());
        expect(await server.integration(integrations.jamf)).toMatchObject({ display_name: "Ours" });
        await server.rename(integrations.jamf, "Theirs");
        expect(succeeded(await lab.preview("--diff"))).toMatch(/displayName *: "Ours" => "Theirs"/);
        succeeded(await lab.up());
        expect(await server.integration(integrations.jamf)).toMatchObject({ display_name: "Ours" });
        declare();
        succeeded(await lab.up());
        succeeded(await lab.preview(clean));
    });

    test("a key that may read credentials is warned of, and sees another secret without showing it", async () => {
        const typed = "typed-in-by-somebody-else";
        const now = await row("token");
        await server.write(integrations.token, id, {
            credentials: { ...now?.credentials, password: typed },
            connection_config: now?.connection_config,
            metadata: now?.metadata,
            tags: now?.tags,
        });
        succeeded(await lab.preview(clean));
        declare({ token: { environmentKey: { config: "fullKey" } } });
        const shown = succeeded(await lab.preview("--diff"));
        expect(shown).toMatch(/environmentKey may read credentials, which nango.Connection does not need/);
        expect(shown).toMatch(/\+ credential +: "another one than was sent"/);
        succeeded(await lab.up());
        expect((await row("token"))?.credentials["password"]).toBe(fs.readFileSync(secretFile("token"), "utf8"));
        declare();
        succeeded(await lab.up());
        succeeded(await lab.preview(clean));
        expect(lab.printed.join("")).not.toContain(typed);
    });

    test("up --replace leaves one connection that works, under the same id", async () => {
        const before = await row("jamf");
        expect(succeeded(await lab.up("--replace", (await lab.resource("jamf-hub")).urn))).toMatch(/replaced/);
        expect(await server.connectionsUnder(integrations.jamf)).toEqual([id]);
        expect((await row("jamf"))?.tags["pulumi-nonce"]).not.toBe(before?.tags["pulumi-nonce"]);
        succeeded(await lab.preview(clean));
    });

    test("as many tags as Nango takes are refused before it refuses them, or taken", async () => {
        const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`tag-${i}`, "x"]));
        declare({ jamf: { tags: tags(9) } });
        expect(failed(await lab.preview())).toMatch(/tags: /);
        declare({ jamf: { tags: tags(8) } });
        succeeded(await lab.up());
        expect(Object.keys((await row("jamf"))?.tags ?? {})).toHaveLength(10);
        declare();
        succeeded(await lab.up());
        succeeded(await lab.preview(clean));
    });

    test("what is there already is refused, and taken over on request with what others have put there", async () => {
        const { jamf } = lab.vendors.credentials;
        const { client } = lab.vendors.fixture.jamf;
        await server.write(integrations.jamf, "theirs", {
            credentials: { type: "OAUTH2_CC", token: "old", client_id: "old", client_secret: "old-secret-of-others" },
            connection_config: { instance: "another" },
            tags: { customer: "42" },
            metadata: { sync: true },
        });
        const before = JSON.parse(lab.project.env["TEST_RESOURCES"] ?? "{}") as Record<string, DeclaredResource>;
        const theirs = (adopt: boolean): DeclaredResource => ({
            type: "nango.Connection",
            args: {
                ...at,
                integration: integrations.jamf,
                connectionId: "theirs",
                connection: {
                    type: "jamf.ApiClient",
                    arguments: { ...jamf, clientSecret: client.clientSecret, allowedPrivileges: ["*"] },
                },
                adopt,
            },
        });
        const integration = (adopt: boolean): DeclaredResource => ({
            type: "nango.Integration",
            args: { ...at, uniqueKey: integrations.jamf, provider: "jamf", adopt },
        });
        lab.declare({ ...before, theirs: theirs(false) });
        expect(failed(await lab.preview())).toMatch(
            /connectionId: Nango has a connection theirs under [^]*adopt: true/,
        );
        lab.declare({ ...before, integration: integration(false) });
        expect(failed(await lab.preview())).toMatch(/uniqueKey: Nango has an integration jamf-[^]*adopt: true/);
        lab.declare({ ...before, theirs: theirs(true), integration: integration(true) });
        succeeded(await lab.up());
        expect(await server.connection(integrations.jamf, "theirs")).toMatchObject({
            connection_config: { instance: "acme" },
            tags: { customer: "42", "pulumi-nonce": expect.any(String) as string },
            metadata: { sync: true },
            credentials: { client_secret: client.clientSecret },
        });
        succeeded(await lab.preview(clean));
        declare();
        succeeded(await lab.up());
        expect(await server.connectionsUnder(integrations.jamf)).toEqual([id]);
        expect(await server.integration(integrations.jamf)).toBeDefined();
    });

    test("destroy leaves an integration under which others have something, and is done when it is gone, also with what is gone already", async () => {
        await server.write(integrations.token, "of-others", {
            credentials: { type: "BASIC", username: "a", password: "b" },
        });
        await server.deleteConnection(integrations.oauth, id);
        expect(failed(await lab.destroy())).toMatch(/still has connections \(of-others\)/);
        await server.deleteConnection(integrations.token, "of-others");
        succeeded(await lab.destroy());
        for (const kind of kinds) {
            expect(await server.integration(integrations[kind])).toBeUndefined();
        }
    });

    test("no key, secret or token stands anywhere: not in the state, in messages or in files", async () => {
        const { key = "", fullKey = "" } = address ?? {};
        const secrets = [key, fullKey, ...lab.vendors.secrets].filter((secret) => secret.length >= 8);
        const scanner = new LeakScanner(secrets);
        const allowed = kinds.map(secretFile);
        expect([
            ...scanner.inFiles(lab.project.files().filter((file) => !allowed.includes(file))),
            ...lab.printed.flatMap((text, place) => scanner.inText(`output ${place + 1}`, text)),
        ]).toEqual([]);
    });
});

suite(`A connection whose up is killed, at a Nango server${condition}`, () => {
    test(`is right after the next up, ${kills} times, and there is one row`, async () => {
        const integration = `kills-${run}`;
        const { lab, server, at } = await start("nango-server-kills");
        try {
            await server.addIntegration(integration, "jamf");
            const { client } = lab.vendors.fixture.jamf;
            const declare = (): void =>
                lab.declare({
                    hub: {
                        type: "nango.Connection",
                        args: {
                            ...at,
                            integration,
                            connectionId: "mdm",
                            connection: {
                                type: "jamf.ApiClient",
                                arguments: {
                                    ...lab.vendors.credentials.jamf,
                                    clientSecret: client.clientSecret,
                                    allowedPrivileges: ["*"],
                                },
                            },
                        },
                    },
                });
            declare();
            const started = Date.now();
            succeeded(await lab.up());
            let usual = Date.now() - started;
            const met: Record<string, number> = {};
            for (let round = 0; round < kills;) {
                // In turn: a rotation, and a create of what a destroy has taken away.
                const isCreate = round % 2 === 1;
                if (isCreate) {
                    succeeded(await lab.destroy());
                }
                client.generateClientSecret();
                declare();
                const isWritten = async (): Promise<boolean> =>
                    (await server.connection(integration, "mdm"))?.credentials["client_secret"] === client.clientSecret;
                const engine = lab.project.start(["up", "--yes", "--skip-preview"]);
                let running = true;
                const ended = new Promise<boolean>((resolve) =>
                    engine.on("exit", (code) => {
                        running = false;
                        resolve(code === 0);
                    }),
                );
                if (round % 4 < 2) {
                    await Promise.race([ended, pause(between(Math.round(usual * 0.4), Math.round(usual)))]);
                } else {
                    // Between the server's answer and the record.
                    await Promise.race([ended, pause(usual * 0.4)]);
                    while (running && !(await isWritten())) {
                        await pause(20);
                    }
                }
                lab.project.kill();
                if (!(await ended)) {
                    const rows = await server.connectionsUnder(integration);
                    const what = `${isCreate ? "create" : "rotation"}: ${rows.length} at the hub, ${(await isWritten()) ? "written" : "not written"}`;
                    met[what] = (met[what] ?? 0) + 1;
                    round++;
                }
                // A killed engine may leave its lock behind.
                await lab.run("cancel", "--yes");
                const again = Date.now();
                succeeded(await lab.up());
                usual = (usual + Date.now() - again) / 2;
                expect(await server.connectionsUnder(integration)).toEqual(["mdm"]);
                const { credentials, tags } = (await server.connection(integration, "mdm")) ?? {};
                expect(credentials?.["client_secret"]).toBe(client.clientSecret);
                const { __record: record } = (await lab.resource("hub")).outputs as { __record: { nonce: string } };
                expect(record.nonce).toBe(tags?.["pulumi-nonce"]);
            }
            process.stdout.write(`\nkilled: ${JSON.stringify(met)}\n`);
            succeeded(await lab.preview(clean));
            succeeded(await lab.destroy());
            expect(await server.connectionsUnder(integration)).toEqual([]);
        } finally {
            await server.removeIntegration(integration);
            await lab.dispose();
        }
    }, 900_000);
});

suite(`Many connections at a Nango server${condition}`, () => {
    test(`${many} of them in one up, within what Nango takes in a minute`, async () => {
        const integration = `many-${run}`;
        const { lab, server, at } = await start("nango-server-many");
        try {
            await server.addIntegration(integration, "atlassian-service-account-api-token");
            const names = Array.from({ length: many }, (_, place) => `bot-${place}`);
            lab.declare({
                bot: { type: "atlassian.ServiceAccountToken", args: lab.vendors.credentials.atlassianToken },
                ...Object.fromEntries(
                    names.map((name): [string, DeclaredResource] => [
                        name,
                        {
                            type: "nango.Connection",
                            args: { ...at, integration, connectionId: name, connection: { made: "bot" } },
                        },
                    ]),
                ),
            });
            const up = await lab.project.run(
                ["up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress"],
                { timeoutMs: 540_000 },
            );
            expect(succeeded(up)).toContain(`+ ${many + 2} created`);
            expect(await server.connectionsUnder(integration)).toEqual([...names].sort());
        } finally {
            await server.removeIntegration(integration);
            await lab.dispose();
        }
    }, 700_000);
});
