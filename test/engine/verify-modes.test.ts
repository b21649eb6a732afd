import { Project, type StateResource } from "../support/project";
import { dayIn, otherDay } from "../support/clock";
import { declare, declaredProgram, nobodyThere, type Declared } from "../support/declared";
import { diagnosticsOf, shownBy } from "../support/shown";
import { thorough } from "../support/thorough";
import { startVendors, type Vendors } from "../simulators/vendors";

/** What `core` holds as well: in a thorough run. */
const whole = thorough(test.skip, test);

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
    const outputsOf = async (name: string): Promise<Record<string, unknown>> =>
        (await project.resource(name)).outputs ?? {};
    const edit = (name: string, args: object): void => {
        declared = declared.map((one) => (one.name === name ? { ...one, args: { ...one.args, ...args } } : one));
        declare(project, declared);
    };

    beforeAll(async () => {
        vendors = await startVendors();
        const { jumpcloud, jamf, atlassianOAuthOneSite, jiraConnector } = vendors.credentials;
        project = await Project.create({
            name: "modes",
            program: declaredProgram,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
        declared = [
            {
                name: "directory",
                type: "jumpcloud.ServiceAccount",
                args: { clientId: jumpcloud.clientId, clientSecret: jumpcloud.clientSecret },
            },
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
            expect([name, verifiedAt ?? null, account ?? null, grantedScopes ?? null, warnings]).toEqual([
                name,
                null,
                null,
                null,
                [expect.stringMatching(/unverified/)],
            ]);
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
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await statuses()).toEqual(names.map(() => "verified"));
    });

    test("another contact is an update for which no vendor is contacted where arguments are unchanged", async () => {
        const before = await outputsOf("mdm");
        const [count, contact] = [asked(), "it-ops@acme.example"];
        edit("mdm", { contact });
        const changes = { env: { CONNECTIONS_VERIFY: "changes" } };
        const shown = await project.run(["preview", "--diff"], changes);
        const differences = shownBy(shown.output, "update").get("mdm") ?? [];
        expect(differences.filter((line) => /^[+~-] /.test(line))).toEqual([`+ contact: "${contact}"`]);
        expect(await project.run(["up", "--yes", "--skip-preview"], changes)).toMatchObject({ code: 0 });
        expect(asked()).toBe(count);
        expect(await outputsOf("mdm")).toEqual({ ...before, clientSecret: expect.anything() as unknown, contact });
    });

    test("an offline run of a verified stack shows no drift, needs no vendor and writes nothing", async () => {
        const before = await Promise.all(names.map((name) => project.resource(name)));
        const count = asked();
        expect(await offline("up", "--yes", "--skip-preview", clean)).toMatchObject({ code: 0 });
        expect(await offline("refresh", "--yes", "--skip-preview", clean)).toMatchObject({ code: 0 });
        expect(asked()).toBe(count);
        const recorded = ({ id, inputs, outputs }: StateResource): unknown =>
            JSON.parse(JSON.stringify({ id, inputs, outputs }).replace(/"ciphertext":"[^"]*"/g, '"ciphertext":""'));
        expect((await Promise.all(names.map((name) => project.resource(name)))).map(recorded)).toEqual(
            before.map(recorded),
        );
    });

    test("a credential that changes offline leaves the connection unverified, with the facts of last time; of others everything stays as it was recorded", async () => {
        const before = await outputsOf("mdm");
        const directory = await outputsOf("directory");
        const issues = await outputsOf("issues");
        edit("mdm", { clientSecret: vendors.fixture.jamf.client.generateClientSecret() });
        edit("directory", { clientSecret: vendors.fixture.jumpcloud.account.clientSecrets[1] });
        edit("issues", { timeoutSeconds: 20 });
        const count = asked();
        expect(await offline("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
        expect(asked()).toBe(count);
        expect(await outputsOf("mdm")).toMatchObject({
            status: "unverified",
            version: before["version"],
            tokenUrl: before["tokenUrl"],
            verifiedAt: before["verifiedAt"],
        });
        expect(await outputsOf("directory")).toMatchObject({
            status: "unverified",
            organizationId: directory["organizationId"],
        });
        expect((await outputsOf("mdm"))["grantedScopes"] ?? null).toBeNull();
        expect(await outputsOf("issues")).toEqual({
            ...issues,
            timeoutSeconds: 20,
            apiToken: expect.anything() as unknown,
        });
    });

    test("nothing that happens meanwhile is taken for what it was: another organisation is found once somebody asks", async () => {
        const { account, organization, otherOrganization } = vendors.fixture.jumpcloud;
        account.moveToOrganization(otherOrganization);
        const { output } = await project.preview("--diff");
        expect(shownBy(output, "update").get("directory")).toContain('~ status: "unverified" => "tenantChanged"');
        account.moveToOrganization(organization);
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await statuses()).toEqual(names.map(() => "verified"));
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
    });

    test("connections:verify says it for a stack: changes asks for what changed, and in a refresh", async () => {
        await project.setConfig("connections:verify", "changes");
        vendors.fixture.atlassian.connectorToken.revoke();
        const count = asked();
        await project.settled();
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
        expect(shownBy((await project.preview("--diff")).output, "update").get("issues")).toContain(
            '~ status: "rejected" => "verified"',
        );
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await statuses()).toEqual(names.map(() => "verified"));
    });

    // `core/status-table` has all that can be on record, in every mode.
    whole("under changes, what was recorded as unverified is asked about", async () => {
        edit("sites", { allowedScopes: ["*"] });
        expect(await offline("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
        expect(await outputsOf("sites")).toMatchObject({ status: "unverified" });
        expect(shownBy((await project.preview("--diff")).output, "update").get("sites")).toContain(
            '~ status: "unverified" => "verified"',
        );
        expect(await project.up()).toMatchObject({ code: 0 });
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
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await outputsOf("issues")).toMatchObject({ status: "verified", verify: "never" });
        expect(await outputsOf("mdm")).toMatchObject({ status: "verified" });
        const count = asked();
        connectorToken.revoke();
        vendors.fixture.jamf.client.revokeClientSecret();
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        expect([...vendors.requests].slice(count).filter(({ origin }) => origin.includes("jamf"))).toEqual([]);
        expect(await project.refresh("--preview-only", clean)).not.toMatchObject({ code: 0 });
        vendors.fixture.jamf.client.restoreClientSecret();
        connectorToken.restore();
        edit("issues", { verify: undefined });
        edit("mdm", { verify: undefined });
    });

    // `core/status-table` has all that can be on record, in every mode.
    whole(
        "what is known as refused stops no up that need not ask: it is a change once, warns in every run, and heals",
        async () => {
            const day = dayIn(0);
            const { connectorToken } = vendors.fixture.atlassian;
            await project.setConfig("connections:verify", "always");
            expect(await project.up()).toMatchObject({ code: 0 });
            connectorToken.revoke();
            expect(await project.refresh()).toMatchObject({ code: 0 });
            const count = asked();
            const shown = await offline("preview", "--diff", clean);
            expect(shown.code).not.toBe(0);
            expect([...shownBy(shown.output, "update").keys()]).toEqual(["issues"]);
            const up = await offline("up", "--yes", "--skip-preview");
            expect(up).toMatchObject({ code: 0 });
            const preview = await offline("preview", clean);
            expect(preview).toMatchObject({ code: 0 });
            // Since when is known once it is recorded: what a preview is to record holds no day.
            expect(shown.output).toContain("rejected; the vendor was not checked in this run.");
            for (const { output } of [up, preview]) {
                expect(
                    diagnosticsOf(output)
                        .get("issues")
                        ?.match(
                            new RegExp(
                                `^warning: rejected since ${day}; the vendor was not checked in this run\\.`,
                                "gm",
                            ),
                        ),
                ).toHaveLength(1);
            }
            const refresh = await offline("refresh", "--yes", "--skip-preview", clean);
            expect(refresh.code).toBe(0);
            expect(refresh.output).toMatch(
                new RegExp(`^\\s*warning: \\S+: rejected since ${day}; the vendor was not checked in this run\\.`, "m"),
            );
            expect(asked()).toBe(count);
            expect(await outputsOf("issues")).toMatchObject({ status: "rejected" });

            // Under always it is a change in every run, and up refuses it.
            const always = await project.preview("--diff", clean);
            expect(always.code).not.toBe(0);
            expect([...shownBy(always.output, "update").keys()]).toEqual(["issues"]);
            expect(await project.up()).not.toMatchObject({ code: 0 });

            // Under changes it is asked about, and stops nothing.
            await project.setConfig("connections:verify", "changes");
            const before = asked();
            const changes = await project.up(clean);
            expect(changes).toMatchObject({ code: 0 });
            expect(asked()).toBeGreaterThan(before);
            expect(diagnosticsOf(changes.output).get("issues")).toMatch(
                new RegExp(`warning: rejected since ${day}\\.$`, "m"),
            );
            const unreachable = await project.run(["preview", clean], { env: nobodyThere(vendors) });
            expect(unreachable.code).toBe(0);
            expect(unreachable.output).toMatch(
                /warning: atlassian\.JiraConnector issues: not verified: .*api\.atlassian\.com/,
            );
            connectorToken.restore();
            expect(shownBy((await project.preview("--diff")).output, "update").get("issues")).toContain(
                '~ status: "rejected" => "verified"',
            );
            expect(await project.up()).toMatchObject({ code: 0 });
            const healed = await offline("preview", clean);
            expect([healed.code, healed.output.includes("rejected since")]).toEqual([0, false]);
        },
    );

    // `core/status-table` has all modes.
    whole.each(["changes", "never"])(
        "under %s the calendar counts: expiring and expired are a change once, warn in every run, and stop no up",
        async (mode) => {
            const expiresAt = dayIn(20);
            const on = (day: number, ...args: string[]) =>
                project.run(args, { env: { ...otherDay(day), CONNECTIONS_VERIFY: mode } });
            edit("mdm", { expiresAt });
            await project.setConfig("connections:verify", "always");
            expect(await project.up()).toMatchObject({ code: 0 });
            const count = asked();
            const near = await on(14, "preview", "--diff", clean);
            expect(near.code).not.toBe(0);
            expect(shownBy(near.output, "update").get("mdm")).toContain('~ status: "verified" => "expiring"');
            expect(near.output).toContain(`warning: The clientSecret expires on ${expiresAt}.`);
            const past = await on(21, "preview", "--diff", clean);
            expect(past.code).not.toBe(0);
            expect([...shownBy(past.output, "update").keys()]).toEqual(["mdm"]);
            expect(shownBy(past.output, "update").get("mdm")).toContain('~ status: "verified" => "expired"');
            const up = await on(21, "up", "--yes", "--skip-preview");
            expect(up).toMatchObject({ code: 0 });
            expect(await outputsOf("mdm")).toMatchObject({ status: "expired" });
            const after = await on(22, "preview", clean);
            expect(after).toMatchObject({ code: 0 });
            expect(past.output).toContain(
                `warning: expired since ${expiresAt}; the vendor was not checked in this run.`,
            );
            for (const { output } of [up, after]) {
                expect(diagnosticsOf(output).get("mdm")).toContain(
                    `warning: expired since ${expiresAt}; the vendor was not checked in this run.`,
                );
            }
            expect(asked()).toBe(count);
            edit("mdm", { expiresAt: undefined });
        },
    );

    test("with --target the program asks about all its connections, and under changes only those are asked about that are targeted", async () => {
        const { urn } = await project.resource("mdm");
        const vendorsOf = async (args: readonly string[], env: Record<string, string>): Promise<string[]> => {
            const count = asked();
            expect(await project.run(args, { env })).toMatchObject({ code: 0 });
            const origins = [...vendors.requests].slice(count).map(({ origin }) => origin);
            return ["jamf", "jumpcloud"].filter((vendor) => origins.some((origin) => origin.includes(vendor)));
        };
        expect(await vendorsOf(["preview", "--target", urn], { CONNECTIONS_VERIFY: "always" })).toEqual([
            "jamf",
            "jumpcloud",
        ]);
        edit("mdm", { timeoutSeconds: 27 });
        edit("directory", { timeoutSeconds: 27 });
        expect(
            await vendorsOf(["up", "--yes", "--skip-preview", "--target", urn], { CONNECTIONS_VERIFY: "changes" }),
        ).toEqual(["jamf"]);
        expect((await outputsOf("mdm"))["timeoutSeconds"]).toBe(27);
        expect((await outputsOf("directory"))["timeoutSeconds"]).not.toBe(27);
        expect(
            await vendorsOf(["refresh", "--preview-only", "--target", urn], { CONNECTIONS_VERIFY: "always" }),
        ).toEqual(["jamf"]);
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
