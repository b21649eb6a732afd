// A verified connection at Nango, on the real engine: made, rotated, watched, brought back, deleted, and safe whatever the hub does.
import fs from "node:fs";
import path from "node:path";
import { leastScopes, type NangoKey } from "../simulators/hubs";
import type { AtlassianOAuthCredential } from "../simulators/vendors";
import { HubLab, type DeclaredResource } from "../support/hub-lab";
import { LeakScanner } from "../support/leaks";
import { failed, succeeded } from "../support/programs";
import { ifThorough, thorough } from "../support/thorough";

/** What `core` holds as well: in a thorough run. */
const whole = thorough(test.skip, test);

const clean = "--expect-no-changes";
const oauthProvider = "atlassian-service-account-oauth2";

/** Requests to Nango that change something. */
const writesOf = ({ hubs }: HubLab): string[] =>
    hubs.nango.administration
        .requests()
        .filter(({ method }) => method !== "GET")
        .map(({ method, path: target, status }) => `${method} ${target.split("?")[0] ?? ""} ${status}`);

describe("nango.Connection from a connection's object", () => {
    let lab: HubLab;
    let key: NangoKey;
    let credential: AtlassianOAuthCredential;

    const admin = () => lab.hubs.nango.administration;
    const row = () => admin().connection("atlassian", "acme");
    const secretFile = () => path.join(lab.project.dir, "secret");
    const hub = (changes: object = {}, opts?: object): DeclaredResource => ({
        type: "nango.Connection",
        args: {
            environmentKey: { config: "key" },
            integration: { made: "integration", output: "uniqueKey" },
            connectionId: "acme",
            connection: { made: "issues" },
            tags: { Team: "it" },
            metadata: { plan: { seats: 3 } },
            ...changes,
        },
        ...(opts && { opts }),
    });

    const declare = (changes: object = {}, opts?: object, integration: { args?: object; opts?: object } = {}): void =>
        lab.declare({
            issues: {
                type: "atlassian.ServiceAccountOAuth",
                args: {
                    clientId: credential.clientId,
                    clientSecret: { secretFrom: "file", name: "secret" },
                    subdomain: "acme",
                    allowedScopes: ["*"],
                },
            },
            integration: {
                type: "nango.Integration",
                args: {
                    environmentKey: { config: "key" },
                    uniqueKey: "atlassian",
                    provider: oauthProvider,
                    ...integration.args,
                },
                ...(integration.opts && { opts: integration.opts }),
            },
            hub: hub(changes, opts),
        });

    /** Makes another credential of the account, for Atlassian gives no second secret to one, and gives it to the program. */
    const rotate = (): void => {
        const { organization, oauthAccount } = lab.vendors.fixture.atlassian;
        const scopes = credential.scopes;
        credential.revoke();
        credential = organization.createOAuthCredential(oauthAccount, scopes);
        fs.writeFileSync(secretFile(), credential.clientSecret);
        declare();
    };

    beforeAll(async () => {
        lab = await HubLab.start({ name: "nango" });
        // The integration's delete looks whether something stands under it.
        key = admin().addKey([...leastScopes, "environment:connections:list"]);
        credential = lab.vendors.fixture.atlassian.oauth;
        await lab.project.setSecret("key", key.value);
        fs.writeFileSync(secretFile(), credential.clientSecret);
        declare();
    });

    afterAll(() => lab.dispose());

    test("a preview writes nothing, and up makes the integration and the connection, verified and with a token that Nango can renew", async () => {
        expect(succeeded(await lab.preview())).toContain("+ 4 to create");
        expect(writesOf(lab)).toEqual([]);
        expect(succeeded(await lab.up())).not.toMatch(/environmentKey/);
        expect(writesOf(lab)).toEqual(["POST /integrations 200", "POST /connections 201"]);
        const { cloudId } = lab.vendors.fixture.atlassian.acme;
        expect(row()).toMatchObject({
            credentials: { type: "OAUTH2_CC", client_id: credential.clientId, client_secret: credential.clientSecret },
            connectionConfig: { cloudId, subdomain: "acme" },
            metadata: { plan: { seats: 3 } },
            tags: { team: "it", "pulumi-urn": expect.stringContaining("nango:Connection::hub") as string },
        });
        const { token, expires_at: expiresAt } = (row()?.credentials ?? {}) as Record<string, unknown>;
        expect(lab.vendors.secrets).toContain(token);
        expect(Date.parse(String(expiresAt))).toBeGreaterThan(Date.now() + 60_000);
        // One token for the proof and the hub together in each of the two processes, and no further one for the resource.
        expect(lab.vendors.requests.count({ path: "/oauth/token", method: "POST" })).toBeLessThanOrEqual(2);
        const { outputs } = await lab.resource("hub");
        expect(outputs).toMatchObject({
            provider: oauthProvider,
            errors: [],
            createdAt: expect.stringMatching(/Z$/) as string,
        });
    });

    test("unchanged, it is clean in up and refresh, and asks without changing anything", async () => {
        succeeded(await lab.refresh("--preview-only", clean));
        succeeded(await lab.up(clean));
        expect(writesOf(lab)).toEqual([]);
    });

    test("a new credential reaches the hub in one up, in place, after the vendor has taken it", async () => {
        const before = row()?.id;
        rotate();
        const output = succeeded(await lab.up());
        expect(output.indexOf("ServiceAccountOAuth issues updated")).toBeLessThan(
            output.indexOf("nango:Connection hub updated"),
        );
        expect(row()).toMatchObject({ id: before, credentials: { client_secret: credential.clientSecret } });
    });

    describe("Drift at the hub", () => {
        const repaired = async (): Promise<void> => {
            expect(succeeded(await lab.up())).toMatch(/nango:Connection hub updated/);
            await lab.settled();
        };

        test("another site is shown property by property in preview and refresh, and put right; what Nango's script worked out goes", async () => {
            const { sandbox, acme } = lab.vendors.fixture.atlassian;
            admin().configure("atlassian", "acme", {
                cloudId: sandbox.cloudId,
                baseUrl: sandbox.url,
                accountId: "another",
                custom: "of others",
            });
            lab.hubs.nango.script.mode = "off";
            expect(succeeded(await lab.preview("--diff"))).toContain(
                `~ cloudId  : "${acme.cloudId}" => "${sandbox.cloudId}"`,
            );
            expect((await lab.refresh("--preview-only", clean)).code).not.toBe(0);
            await repaired();
            expect(row()?.connectionConfig).toEqual({ cloudId: acme.cloudId, subdomain: "acme", custom: "of others" });
            lab.hubs.nango.script.mode = "run";
        });

        // `core/nango` has errors, tags and metadata of ours and of others.
        whole("errors are shown and go; tags and metadata of ours come back, and those of others stay", async () => {
            admin().addError("atlassian", "acme");
            const tags = row()?.tags ?? {};
            admin().change("atlassian", "acme", {
                tags: { ...tags, team: "sales", other: "kept" },
                metadata: { cursor: 7 },
                webhookUrlOverride: "https://hooks.acme.example/",
            });
            const shown = succeeded(await lab.preview("--diff"));
            expect(shown).toMatch(/~ team: "it" => "sales"/);
            expect(shown).toMatch(/errors[^]*"auth"/);
            await repaired();
            expect(row()?.errors).toEqual([]);
            expect(row()).toMatchObject({
                tags: { ...tags, other: "kept" },
                metadata: { cursor: 7, plan: { seats: 3 } },
                webhookUrlOverride: "https://hooks.acme.example/",
            });
        });

        // `core/nango` removes what has lost its mark, and `core/hub-plan` knows whose it is.
        whole("a mark that others have wiped is put back, for it is the same row", async () => {
            const { other: _, ...tags } = row()?.tags ?? {};
            const { id } = row() ?? {};
            admin().change("atlassian", "acme", { tags: {} });
            await repaired();
            expect(row()).toMatchObject({ id, tags });
        });

        test("gone: an update brings it back, and no replacement; in a refresh too", async () => {
            admin().deleteConnection("atlassian", "acme");
            const shown = succeeded(await lab.preview("--diff"));
            expect(shown).toMatch(/~ state +: "present" => "missing"/);
            expect(shown).not.toMatch(/replace|delete/);
            succeeded(await lab.refresh());
            await repaired();
            expect(admin().connections()).toHaveLength(1);
        });

        test("another secret is seen by a key that may read credentials, and never shown; such a key is warned of", async () => {
            key.scopes = [...key.scopes, "environment:connections:read_credentials"];
            const typed = "typed-in-by-somebody-else";
            admin().replaceSecret("atlassian", "acme", typed);
            const shown = succeeded(await lab.preview("--diff"));
            expect(shown).toMatch(/\+ credential +: "another one than was sent"/);
            expect(shown).toContain("environmentKey may read credentials, which nango.Connection does not need");
            await repaired();
            expect(row()?.credentials["client_secret"]).toBe(credential.clientSecret);
            expect(lab.printed.join("")).not.toContain(typed);
            key.scopes = key.scopes.filter((scope) => !/read_credentials/.test(scope));
        });
    });

    describe("A hub that does not do what it should", () => {
        const recorded = async () =>
            JSON.stringify([
                (await lab.resource("hub")).inputs?.["__record"],
                (await lab.resource("hub")).outputs?.["found"],
            ]);
        const converges = async (): Promise<void> => {
            admin().clearFaults();
            succeeded(await lab.up());
            expect(row()?.credentials["client_secret"]).toBe(credential.clientSecret);
            expect(admin().connections()).toHaveLength(1);
            await lab.settled();
        };

        test("unreachable: a warning in preview and refresh and no drift; up fails where it has to write, keeps the state, and the next one converges", async () => {
            const { listener } = admin();
            await listener.down();
            expect(succeeded(await lab.preview(clean))).toMatch(/The hub was not contacted: [^]*It stays as it was/);
            expect(succeeded(await lab.refresh("--preview-only", clean))).toMatch(
                /warning: nango.Connection: [^]*It stays as it was/,
            );
            const before = await recorded();
            rotate();
            expect(failed(await lab.up())).toMatch(/api\.nango\.dev[^]*The stack keeps what is on record/);
            expect(await recorded()).toBe(before);
            await listener.up();
            await converges();
        });

        const troubles: [string, string, () => void][] = [
            ["an answer lost after the write", "in this run", () => void admin().cutAfter({ method: "POST" })],
            ["500 again and again", "in the next run", () => void admin().failNext({ method: "POST", times: 20 })],
        ];

        // `core/hub-faults` has every fault of every call.
        whole.each(troubles)("%s: converges %s without a person and without a second row", async (_, when, trouble) => {
            rotate();
            trouble();
            const result = await lab.up();
            expect({ when, code: result.code === 0, output: result.output }).toEqual({
                when,
                code: when === "in this run",
                output: expect.anything() as string,
            });
            if (when === "in this run") {
                expect(row()?.credentials["client_secret"]).toBe(credential.clientSecret);
            } else {
                expect(failed(result)).toMatch(
                    /The stack keeps what is on record|What is there is not known|The hub was not contacted|environmentKey/,
                );
            }
            await converges();
        });

        test("a secret that the vendor refuses does not reach the hub", async () => {
            const good = credential.clientSecret;
            fs.writeFileSync(secretFile(), "ATOA-a-secret-that-nobody-gave-out");
            const up = await lab.up();
            const stopped = writesOf(lab);
            const goesOn = await lab.up("--continue-on-error");
            fs.writeFileSync(secretFile(), good);
            expect(failed(up)).toMatch(/clientSecret: Atlassian refused/);
            expect(goesOn.code).not.toBe(0);
            expect(goesOn.output).toMatch(/clientSecret: Atlassian refused/);
            expect([stopped, writesOf(lab)]).toEqual([[], []]);
            await lab.settled();
        });
    });

    // `core/hub-connections` has it for `never` and `changes`, and `core/hub-plan` for a drift.
    whole(
        "under changes a credential that is refused leaves what has drifted at the hub as it is, and up goes on",
        async () => {
            lab.project.env["CONNECTIONS_VERIFY"] = "changes";
            try {
                succeeded(await lab.up());
                credential.revoke();
                admin().change("atlassian", "acme", { metadata: { plan: { seats: 9 } } });
                const before = await lab.resource("hub");
                lab.hubs.requests.clear();
                const said = succeeded(await lab.up());
                expect(said).toMatch(
                    /what Nango was given is not verified: [^]*Nothing was sent to Nango\. It stays as it was\./,
                );
                expect(said.match(/^ *connections: .*$/gm)?.at(-1)).toMatch(/connections: 1 rejected \(/);
                expect([writesOf(lab), row()?.metadata]).toEqual([[], { plan: { seats: 9 } }]);
                expect((await lab.resource("hub")).outputs?.["found"]).toEqual(before.outputs?.["found"]);
                expect(succeeded(await lab.preview("--diff"))).toMatch(/hub[^]*seats[^]*9/);
            } finally {
                delete lab.project.env["CONNECTIONS_VERIFY"];
            }
            rotate();
            succeeded(await lab.up());
            expect(row()?.metadata).toEqual({ plan: { seats: 3 } });
        },
    );

    test("up --replace leaves one connection that works, under the same id", async () => {
        const before = row()?.tags["pulumi-nonce"];
        const { urn } = await lab.resource("hub");
        expect(succeeded(await lab.up("--replace", urn))).toMatch(/replaced/);
        expect(admin().connections()).toHaveLength(1);
        expect(row()?.tags["pulumi-nonce"]).not.toBe(before);
        await lab.settled();
    });

    test("replaceOnChanges replaces what it names: the old one goes first, for the new one has its id", async () => {
        const before = row()?.tags["pulumi-nonce"];
        declare({ metadata: { plan: { seats: 4 } } }, { replaceOnChanges: ["tags"] });
        expect(succeeded(await lab.up())).toMatch(/hub updated/);
        declare({ metadata: { plan: { seats: 5 } } }, { replaceOnChanges: ["metadata.plan"] });
        expect(succeeded(await lab.up())).toMatch(/hub replaced/);
        expect(writesOf(lab)).toEqual(["DELETE /connections/acme 200", "POST /connections 201"]);
        expect(row()?.tags["pulumi-nonce"]).not.toBe(before);
        await lab.settled();
        // What nothing at the hub marks: `core/hub-plan` has it as well.
        await ifThorough(async () => {
            declare({}, undefined, { args: { displayName: "Atlassian" }, opts: { replaceOnChanges: ["displayName"] } });
            const changed = succeeded(await lab.up());
            expect(changed).toMatch(/integration updated/);
            expect(changed).toMatch(/nango\.Integration integration: replaceOnChanges is left out: Nango has no place/);
            expect(admin().connections()).toHaveLength(1);
            await lab.settled();
        });
        declare();
        await ifThorough(() => lab.up());
    });

    test("another connectionId is a replacement: the new one is made before the old one goes", async () => {
        declare({ connectionId: "acme-2" });
        expect(succeeded(await lab.up())).toMatch(/hub replaced/);
        expect(
            admin()
                .connections()
                .map(({ connectionId }) => connectionId),
        ).toEqual(["acme-2"]);
        expect(writesOf(lab)).toEqual(["POST /connections 201", "DELETE /connections/acme 200"]);
        declare();
        succeeded(await lab.up());
    });

    test("destroy fails while the hub is down, with what to do, and deletes what is there when it is back; what others have put there stays", async () => {
        await admin().listener.down();
        expect(failed(await lab.destroy())).toMatch(/retainOnDelete/);
        await admin().listener.up();
        admin().deleteConnection("atlassian", "acme");
        admin().addConnection("atlassian", "of-others");
        const output = failed(await lab.destroy());
        expect(output).toMatch(/integration atlassian still has connections \(of-others\)/);
        admin().deleteConnection("atlassian", "of-others");
        succeeded(await lab.destroy());
        expect(lab.hubs.nango.rows.integrations).toEqual([]);
    });

    test("no key, secret or token stands anywhere: not in the state, in messages or in files", async () => {
        const secrets = [...lab.vendors.secrets, ...lab.hubs.secrets].filter((secret) => secret.length >= 8);
        const allowed = [secretFile(), path.join(lab.project.dir, "index.js")];
        const scanner = new LeakScanner(secrets);
        const files = lab.project.files().filter((file) => !allowed.includes(file));
        expect([
            ...scanner.inFiles(files),
            ...lab.printed.flatMap((text, at) => scanner.inText(`output ${at + 1}`, text)),
        ]).toEqual([]);
    });
});

describe("nango.Connection from arguments", () => {
    let lab: HubLab;
    let key: NangoKey;
    const admin = () => lab.hubs.nango.administration;

    beforeAll(async () => {
        lab = await HubLab.start({ name: "nango-plain" });
        key = admin().addKey();
        admin().addIntegration("jamf", "jamf");
        admin().addIntegration("token", "atlassian-service-account-api-token");
        await lab.project.setSecret("key", key.value);
    });

    afterAll(() => lab.dispose());

    const jamf = (changes: object = {}, args: object = {}): DeclaredResource => ({
        type: "nango.Connection",
        args: {
            environmentKey: { config: "key" },
            integration: "jamf",
            connectionId: "mdm",
            connection: {
                type: "jamf.ApiClient",
                arguments: {
                    ...lab.vendors.credentials.jamf,
                    clientSecret: lab.vendors.fixture.jamf.client.clientSecret,
                    allowedPrivileges: ["*"],
                    ...args,
                },
            },
            ...changes,
        },
    });

    // `core/nango` has all of these.
    whole("what Nango cannot take is refused in the preview, with the reason", async () => {
        const { jumpcloud, jamfSelfHosted } = lab.vendors.credentials;
        const refused: [string, object, RegExp][] = [
            [
                "jamf.ApiClient",
                jamfSelfHosted,
                /https:\/\/jamf\.example\.com:8443[^]*a self-hosted one cannot be handed over/,
            ],
            ["jumpcloud.ServiceAccount", jumpcloud, /JumpCloud service account[^]*cannot be handed over/],
        ];
        for (const [type, args, message] of refused) {
            lab.declare({ hub: jamf({ connection: { type, arguments: args } }) });
            const output = failed(await lab.preview());
            expect(output).toMatch(message);
            expect(output).toMatch(/has a problem: connection: /);
        }
    });

    // `core/nango` has all of these.
    whole("arguments are judged in the preview, each with its name", async () => {
        const wrong: [object, RegExp][] = [
            [{ connectionId: "bad/id?x" }, /connectionId: must be letters/],
            [{ conectionId: "x" }, /conectionId: nango\.Connection has no such argument. Did you mean connectionId/],
            [
                { integration: "token" },
                /integration: is an integration of Nango's provider atlassian-service-account-api-token, and jamf\.ApiClient needs one of jamf/,
            ],
        ];
        for (const [changes, message] of wrong) {
            lab.declare({ hub: jamf(changes) });
            expect(failed(await lab.preview())).toMatch(message);
        }
    });

    test("a connection that is there and is not ours is refused in the preview, and taken over on request, with what others have put there", async () => {
        admin().addConnection("jamf", "mdm", {
            tags: { customer: "42" },
            metadata: { sync: true },
            credentials: { type: "OAUTH2_CC", client_secret: "old-secret-of-others" },
        });
        lab.declare({ hub: jamf() });
        expect(failed(await lab.preview())).toMatch(
            /connectionId: Nango has a connection mdm under jamf already[^]*adopt: true/,
        );
        expect(writesOf(lab)).toEqual([]);
        lab.declare({ hub: jamf({ adopt: true }) });
        succeeded(await lab.up());
        expect(admin().connection("jamf", "mdm")).toMatchObject({
            tags: { customer: "42", "pulumi-nonce": expect.any(String) as string },
            metadata: { sync: true },
            connectionConfig: { instance: "acme" },
            credentials: { client_secret: lab.vendors.credentials.jamf.clientSecret },
        });
        await lab.settled();
    });

    // `core/hub-plan` and `core/remote` have what another one has taken.
    whole("one that somebody else has made ours by its mark is not overwritten, and not deleted", async () => {
        const { tags = {} } = admin().connection("jamf", "mdm") ?? {};
        admin().change("jamf", "mdm", {
            tags: { ...tags, "pulumi-urn": "urn:pulumi:prod::other::x::y", "pulumi-nonce": "0".repeat(32) },
        });
        lab.declare({ hub: jamf() });
        expect(succeeded(await lab.preview("--diff"))).toMatch(/\+ owner +: "another one"/);
        expect(failed(await lab.up())).toMatch(/already, which this resource has not made/);
        succeeded(await lab.destroy());
        expect(admin().connection("jamf", "mdm")).toBeDefined();
        admin().deleteConnection("jamf", "mdm");
    });

    // `core/nango-kill` and `engine/hub-kill` kill runs.
    whole("one that a killed run has left is gone on with", async () => {
        lab.declare({ hub: jamf() });
        succeeded(await lab.up());
        const state = await lab.project.exportState();
        const { id, tags = {} } = admin().connection("jamf", "mdm") ?? {};
        // As a run leaves it that is killed between the hub's answer and the record.
        expect(state.deployment.resources?.some(({ urn }) => urn.endsWith("::hub"))).toBe(true);
        succeeded(await lab.run("state", "delete", "--yes", (await lab.resource("hub")).urn));
        succeeded(await lab.up());
        expect(admin().connections()).toHaveLength(1);
        expect(admin().connection("jamf", "mdm")).toMatchObject({ id, tags: { "pulumi-urn": tags["pulumi-urn"] } });
        expect(admin().connection("jamf", "mdm")?.tags["pulumi-nonce"]).not.toBe(tags["pulumi-nonce"]);
        succeeded(await lab.destroy());
        expect(admin().connections()).toEqual([]);
    });

    // A reference to a file is rotated above, and by `engine/update-plans`.
    whole("a rotated secret behind a reference reaches the hub in one up, and state holds it in no form", async () => {
        const file = path.join(lab.project.dir, "secret");
        const { client } = lab.vendors.fixture.jamf;
        fs.writeFileSync(file, client.clientSecret);
        lab.declare({ hub: jamf({}, { clientSecret: { secretFrom: "file", name: "secret" } }) });
        succeeded(await lab.up());
        client.generateClientSecret();
        fs.writeFileSync(file, client.clientSecret);
        expect(succeeded(await lab.preview())).toMatch(/hub update/);
        succeeded(await lab.up());
        expect(admin().connection("jamf", "mdm")?.credentials["client_secret"]).toBe(client.clientSecret);
        succeeded(await lab.preview(clean));
        const exported = await lab.project.run(["stack", "export", "--show-secrets"]);
        expect(exported.stdout).not.toContain(client.clientSecret);
        fs.rmSync(file);
        succeeded(await lab.destroy());
    });

    // `core/nango` makes it, and has the key that lacks a scope.
    whole("an API token stands there as Basic, with its Cloud ID; a key that lacks a scope is told which", async () => {
        const token = (): DeclaredResource =>
            jamf({
                integration: "token",
                connectionId: "bot",
                connection: {
                    type: "atlassian.ServiceAccountToken",
                    arguments: lab.vendors.credentials.atlassianToken,
                },
            });
        lab.declare({ hub: token() });
        key.scopes = key.scopes.filter((scope) => scope !== "environment:connections:create");
        expect(failed(await lab.up())).toMatch(
            /environmentKey: may not write connections \(HTTP 403 forbidden\)\. Give the key the scope environment:connections:create/,
        );
        key.scopes = [...key.scopes, "environment:connections:create"];
        succeeded(await lab.up());
        const { email, apiToken, cloudId } = lab.vendors.credentials.atlassianToken;
        expect(admin().connection("token", "bot")).toMatchObject({
            credentials: { type: "BASIC", username: email, password: apiToken },
            connectionConfig: { cloudId },
        });
        key.revoke();
        expect(succeeded(await lab.preview())).toMatch(
            /environmentKey: is not known to Nango \(HTTP 401 unknown_account\)/,
        );
        key.restore();
        succeeded(await lab.destroy());
    });

    test("an integration that is there is refused, taken over on request, and then never deleted", async () => {
        const integration = (changes: object = {}): DeclaredResource => ({
            type: "nango.Integration",
            args: { environmentKey: { config: "key" }, uniqueKey: "jamf", provider: "jamf", ...changes },
        });
        lab.declare({ integration: integration() });
        expect(failed(await lab.preview())).toMatch(/uniqueKey: Nango has an integration jamf already[^]*adopt: true/);
        lab.declare({ integration: integration({ provider: "jamf-basic" }) });
        expect(failed(await lab.preview())).toMatch(
            /provider: is jamf-basic, and Nango has the integration jamf with the provider jamf/,
        );
        lab.declare({ integration: integration({ adopt: true, displayName: "Jamf Pro" }) });
        succeeded(await lab.up());
        expect(lab.hubs.nango.rows.integration("jamf")?.displayName).toBe("Jamf Pro");
        await lab.settled();
        succeeded(await lab.destroy());
        expect(lab.hubs.nango.rows.integration("jamf")).toBeDefined();
    });

    test("a server of one's own is reached over plain http only where that is allowed, with a warning in every run", async () => {
        const own = lab.hubs.selfHostedNango;
        own.administration.addIntegration("jamf", "jamf");
        await lab.project.setSecret("own", own.administration.addKey().value);
        const at = { serverUrl: own.listener.endpoint, environmentKey: { config: "own" } };
        // This machine needs no permission, and `core/nango` has the addresses that need one.
        lab.declare({ hub: jamf(at) });
        expect(succeeded(await lab.preview())).not.toMatch(/plain http/);
        lab.declare({ hub: jamf({ ...at, allowHttp: true }) });
        expect(succeeded(await lab.up())).toMatch(/over plain http \(allowHttp\)/);
        expect(own.administration.connection("jamf", "mdm")).toBeDefined();
        expect(admin().connections()).toEqual([]);
        expect(succeeded(await lab.refresh("--preview-only", clean))).toMatch(/over plain http \(allowHttp\)/);
        succeeded(await lab.destroy());
        expect(own.administration.connections()).toEqual([]);
        // Its name is led to its address by endpoints, and TLS is what counts there.
        lab.declare({ hub: jamf({ ...at, serverUrl: own.origin }) });
        succeeded(await lab.up());
    });

    test("no key, secret or token stands anywhere", async () => {
        const scanner = new LeakScanner(
            [...lab.vendors.secrets, ...lab.hubs.secrets].filter((secret) => secret.length >= 8),
        );
        const files = lab.project.files();
        expect([
            ...scanner.inFiles(files),
            ...lab.printed.flatMap((text, at) => scanner.inText(`output ${at + 1}`, text)),
        ]).toEqual([]);
    });
});
