import fs from "node:fs";
import path from "node:path";
import { Project, type RunResult } from "../support/project";
import { dayIn, otherDay } from "../support/clock";
import { dated, fleet, unhealthy, type Row } from "../support/fleet";
import { declare, declaredProgram, nobodyThere } from "../support/declared";
import { diagnosticsOf, shownBy } from "../support/shown";
import { diagonal, ifThorough, thorough } from "../support/thorough";
import { startVendors, type Vendors } from "../simulators/vendors";

/** What `core` holds as well: in a thorough run. */
const whole = thorough(test.skip, test);

const clean = "--expect-no-changes";

/** The statuses that each class can have, besides `verified`. Only Jamf Pro has versions that are too old. */
const states: Record<string, string[]> = {
    "jumpcloud.ServiceAccount": [
        "expired",
        "expiring",
        "insufficient",
        "rejected",
        "tenantChanged",
        "unreachable",
        "unverified",
    ],
    "jamf.ApiClient": [
        "expired",
        "expiring",
        "insufficient",
        "rejected",
        "tenantChanged",
        "unreachable",
        "unsupported",
        "unverified",
    ],
    "atlassian.ServiceAccountOAuth": [
        "expired",
        "expiring",
        "insufficient",
        "rejected",
        "tenantChanged",
        "unreachable",
        "unverified",
    ],
    "atlassian.ServiceAccountToken": [
        "expired",
        "expiring",
        "insufficient",
        "rejected",
        "tenantChanged",
        "unreachable",
        "unverified",
    ],
    "atlassian.JiraConnector": [
        "expired",
        "expiring",
        "insufficient",
        "rejected",
        "tenantChanged",
        "unreachable",
        "unverified",
    ],
    "atlassian.JiraUserToken": [
        "expired",
        "expiring",
        "insufficient",
        "rejected",
        "tenantChanged",
        "unreachable",
        "unverified",
    ],
};

/** The rows that a run does not show as it should, each with what it shows. */
function amiss(
    rows: readonly Row[],
    shown: Map<string, string[]>,
    expected: (row: Row) => readonly (string | RegExp)[] | undefined,
): string[] {
    return rows.flatMap((row) => {
        const lines = shown.get(row.name);
        const wanted = expected(row);
        if (wanted === undefined || lines === undefined) {
            return wanted === undefined && lines === undefined
                ? []
                : [`${row.name}: ${lines === undefined ? "not shown" : `shown\n${lines.join("\n")}`}`];
        }
        const lacking = wanted.filter(
            (line) => !lines.some((have) => (typeof line === "string" ? have === line : line.test(have))),
        );
        return lacking.length === 0 ? [] : [`${row.name}: lacks ${lacking.join(" and ")}\n${lines.join("\n")}`];
    });
}

/** How a row's drift is shown, property by property. */
function drift(row: Row): readonly (string | RegExp)[] | undefined {
    if (row.status === "unreachable" || row.status === "unverified") {
        return undefined;
    }
    return [...row.shows, ...(row.status === "verified" ? [] : [`~ status: "verified" => "${row.status}"`])];
}

describe("Every class in every state", () => {
    let vendors: Vendors;
    let all: readonly Row[];
    let rows: readonly Row[];
    let project: Project;
    const whole = ["jamf.ApiClient", "atlassian.ServiceAccountOAuth"];

    const upset = async (some: readonly Row[]): Promise<void> => {
        await Promise.all(some.map((row) => row.upset()));
        // A site that has moved has a further address.
        project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(vendors.endpoints);
    };
    const mend = async (some: readonly Row[]): Promise<void> => void (await Promise.all(some.map((row) => row.mend())));
    const statuses = async (): Promise<Record<string, unknown>> => {
        const { resources = [] } = (await project.exportState()).deployment;
        return Object.fromEntries(
            resources
                .filter(({ custom }) => custom === true)
                .map(({ urn, outputs }) => [urn.split("::").at(-1), outputs?.["status"]]),
        );
    };
    const recorded = (status: (row: Row) => string): Record<string, string> =>
        Object.fromEntries(rows.map((row) => [row.name, status(row)]));
    const refreshAlways = (on: boolean): void =>
        project.write(
            "Pulumi.yaml",
            `name: fleet\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n${on ? "options:\n  refresh: always\n" : ""}`,
        );

    beforeAll(async () => {
        vendors = await startVendors();
        all = await fleet(vendors);
        // All rows of two types, and one in three of the others.
        const rest = all.filter(({ type }) => !whole.includes(type));
        rows = all.filter((row) => whole.includes(row.type) || diagonal(rest, 0, 3).includes(row));
        project = await Project.create({
            name: "fleet",
            program: declaredProgram,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
        declare(project, rows);
        const { code, output } = await project.up();
        expect({ code, output }).toMatchObject({ code: 0 });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("the rows reach every state that a class can have, but those of the calendar", () => {
        const reached = Object.fromEntries(
            Object.keys(states).map((type) => [
                type,
                [...new Set(all.filter((row) => row.type === type).map(({ status }) => status))],
            ]),
        );
        for (const [type, wanted] of Object.entries(states)) {
            expect([type, ...(reached[type] ?? [])].sort()).toEqual(
                expect.arrayContaining(wanted.filter((status) => !status.startsWith("expir"))),
            );
        }
    });

    test("what was recorded is clean, in a preview and in a refresh", async () => {
        expect(await statuses()).toEqual(
            recorded(({ status }) => (status === "unverified" ? "unverified" : "verified")),
        );
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        expect(await project.refresh("--preview-only", clean)).toMatchObject({ code: 0 });
    });

    describe("when things have happened at the vendors", () => {
        let preview: RunResult;

        beforeAll(async () => {
            await upset(rows);
            preview = await project.preview("--diff", clean);
        });

        test("a plain preview shows each change by its property, and --expect-no-changes exits non-zero", () => {
            expect(amiss(rows, shownBy(preview.output, "update"), drift)).toEqual([]);
            expect(shownBy(preview.output, "replace").size + shownBy(preview.output, "create").size).toBe(0);
            expect(preview.code).not.toBe(0);
            expect(preview.output).toMatch(/no changes were expected .*but changes were proposed/);
        });

        test("each resource says in its own warnings what is the matter, and once", async () => {
            // With --diff, the engine lists no diagnostics by resource.
            const said = diagnosticsOf((await project.preview(clean)).output);
            const silent = rows.filter(
                ({ name, status }) => status !== "verified" && !/warning: ./.test(said.get(name) ?? ""),
            );
            expect(silent.map(({ name }) => name)).toEqual([]);
            const unasked = rows.filter(
                ({ name, status }) => status === "unreachable" && !/Not verified: .*/.test(said.get(name) ?? ""),
            );
            expect(unasked.map(({ name }) => name)).toEqual([]);
            const repeated = [...said].filter(
                ([, text]) => new Set(text.trim().split("\n")).size !== text.trim().split("\n").length,
            );
            expect(repeated).toEqual([]);
        });

        test("a refresh shows the same, and exits non-zero", async () => {
            const { code, output } = await project.refresh("--preview-only", "--diff", clean);
            expect(amiss(rows, shownBy(output, "update"), drift)).toEqual([]);
            expect(code).not.toBe(0);
            const unreachable = rows.filter(({ status }) => status === "unreachable");
            expect(output.match(/^warning: .*The connection stays as it was\.$/gm) ?? []).toHaveLength(
                unreachable.length,
            );
        });

        test("options.refresh shows the same", async () => {
            refreshAlways(true);
            const { code, output } = await project.preview("--diff", clean);
            refreshAlways(false);
            expect(amiss(rows, shownBy(output, "refresh"), drift)).toEqual([]);
            // What the refresh has seen is drift still where up would refuse it.
            expect([...shownBy(output, "update").keys()].sort()).toEqual(
                rows
                    .filter(({ status }) => unhealthy.has(status))
                    .map(({ name }) => name)
                    .sort(),
            );
            expect(code).not.toBe(0);
        });

        test("up records the facts, refuses the rest by name, and leaves the state of what it refuses", async () => {
            const { code, output } = await project.up("--continue-on-error");
            expect(code).not.toBe(0);
            const said = diagnosticsOf(output);
            for (const { name, status } of rows) {
                expect([name, /error: /.test(said.get(name) ?? "")]).toEqual([name, unhealthy.has(status)]);
            }
            expect(await statuses()).toEqual(
                recorded(({ status }) => (status === "unverified" ? "unverified" : "verified")),
            );
        });

        test("put right, the next preview is clean", async () => {
            await mend(rows.filter(({ status }) => unhealthy.has(status)));
            const { code, output } = await project.preview("--diff", clean);
            expect(amiss(rows, shownBy(output, "update"), () => undefined)).toEqual([]);
            expect(code).toBe(0);
        });
    });

    describe("when a refresh has accepted what happened", () => {
        beforeAll(async () => {
            await upset(rows.filter(({ status }) => unhealthy.has(status)));
            expect(await project.refresh()).toMatchObject({ code: 0 });
        });

        test("the outputs say so", async () => {
            const ordinary = ["unverified", ...unhealthy];
            expect(await statuses()).toEqual(
                recorded(({ status }) => (ordinary.includes(status) ? status : "verified")),
            );
        });

        test("every preview and every up goes on to say so", async () => {
            const { code, output } = await project.preview("--diff", clean);
            const shown = shownBy(output, "update");
            expect([...shown.keys()].sort()).toEqual(
                rows
                    .filter(({ status }) => unhealthy.has(status))
                    .map(({ name }) => name)
                    .sort(),
            );
            expect(code).not.toBe(0);
            expect(await project.up("--continue-on-error")).toMatchObject({
                code: expect.not.stringMatching(/^0$/) as number,
            });
            expect(await statuses()).toEqual(
                recorded(({ status }) => (status === "unreachable" ? "verified" : status)),
            );
        });

        test("nobody being there does not make it good, nor a change that --expect-no-changes passes", async () => {
            const { code, output } = await project.run(["preview", "--diff", clean], { env: nobodyThere(vendors) });
            expect(code).not.toBe(0);
            expect([...shownBy(output, "update").keys()].sort()).toEqual(
                rows
                    .filter(({ status }) => unhealthy.has(status))
                    .map(({ name }) => name)
                    .sort(),
            );
        });

        test("put right, it shows as good again, up records it, and the next preview is clean", async () => {
            await mend(rows.filter(({ status }) => status !== "verified"));
            const { output } = await project.preview("--diff");
            const back = (row: Row): readonly string[] | undefined =>
                unhealthy.has(row.status) ? [`~ status: "${row.status}" => "verified"`] : undefined;
            expect(amiss(rows, shownBy(output, "update"), back)).toEqual([]);
            expect(await project.up()).toMatchObject({ code: 0 });
            expect(await statuses()).toEqual(recorded(({ status }) => (status === "unverified" ? status : "verified")));
            await project.settled();
        });
    });

    test("under options.refresh, up fails what is wrong and the outputs say what it is", async () => {
        await upset(rows.filter(({ status }) => unhealthy.has(status)));
        refreshAlways(true);
        const { code } = await project.up("--continue-on-error");
        refreshAlways(false);
        expect(code).not.toBe(0);
        expect(await statuses()).toEqual(recorded(({ status }) => (status === "unreachable" ? "verified" : status)));
    });

    test("nothing of it stands in the way of destroy", async () => {
        expect(await project.run(["destroy", "--yes", "--skip-preview"], { env: nobodyThere(vendors) })).toMatchObject({
            code: 0,
        });
    });
});

describe("The calendar", () => {
    let vendors: Vendors;
    let project: Project;
    const expiresAt = dayIn(20);
    const names = ["connector", "datacenter", "jamf", "jumpcloud", "oauth", "personal", "token"];
    const on = (day: number, args: readonly string[]): Promise<RunResult> => project.run(args, { env: otherDay(day) });
    const changes = ({ output }: RunResult): Record<string, string[]> =>
        Object.fromEntries(
            [...shownBy(output, "update")].map(([name, lines]) => [
                name,
                lines.filter((line) => line.startsWith("~ status") || line.startsWith("+ [0]")),
            ]),
        );

    /** How the statuses change in what a run reads first under `refresh: always`. */
    const refreshed = async (day: number): Promise<Record<string, string[]>> => {
        const { output } = await on(day, ["preview", "--refresh", "--diff"]);
        const changed = [...shownBy(output, "refresh")].map(
            ([name, lines]) => [name, lines.filter((line) => line.startsWith("~ status"))] as const,
        );
        return Object.fromEntries(changed.filter(([, lines]) => lines.length > 0));
    };

    beforeAll(async () => {
        vendors = await startVendors();
        project = await Project.create({
            name: "calendar",
            program: declaredProgram,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
        declare(project, dated(vendors, expiresAt));
        expect(await project.up()).toMatchObject({ code: 0 });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("a secret far from its end is verified, and days that pass are no change", async () => {
        expect(await project.outputs()).toEqual(Object.fromEntries(names.map((name) => [name, "verified"])));
        expect(await on(12, ["preview", clean])).toMatchObject({ code: 0 });
    });

    test("seven days before its end it is expiring: the preview says so, with the day and what to do", async () => {
        const preview = await on(14, ["preview", "--diff", clean]);
        expect(preview.code).not.toBe(0);
        const shown = changes(preview);
        expect(Object.keys(shown).sort()).toEqual(names);
        for (const lines of Object.values(shown)) {
            expect(lines).toEqual([
                '~ status: "verified" => "expiring"',
                expect.stringMatching(
                    new RegExp(
                        `^\\+ \\[0\\]: "The (clientSecret|apiToken) expires on ${expiresAt}\\. Make a new one in .* before`,
                    ),
                ),
            ]);
        }
        const refresh = await on(14, ["refresh", "--preview-only", "--diff", clean]);
        expect(refresh.code).not.toBe(0);
        // The engine cuts long texts in a preview, and not in a refresh.
        const beginnings = (lines: typeof shown): typeof shown =>
            Object.fromEntries(
                Object.entries(lines).map(([name, all]) => [name, all.map((line) => line.slice(0, 100))]),
            );
        expect(beginnings(changes(refresh))).toEqual(beginnings(shown));
        await ifThorough(async () =>
            expect(await refreshed(14)).toEqual(
                Object.fromEntries(names.map((name) => [name, ['~ status: "verified" => "expiring"']])),
            ),
        );
    });

    test("up records it, later days are no change, and each run warns on the resource", async () => {
        expect(await on(14, ["up", "--yes", "--skip-preview"])).toMatchObject({ code: 0 });
        expect(await project.outputs()).toEqual(Object.fromEntries(names.map((name) => [name, "expiring"])));
        for (const day of thorough([19], [15, 18, 19])) {
            const { code, output } = await on(day, ["preview", clean]);
            expect([day, code]).toEqual([day, 0]);
            const said = diagnosticsOf(output);
            expect(names.filter((name) => !said.get(name)?.includes(`expires on ${expiresAt}`))).toEqual([]);
        }
    });

    test("after its last day it is expired, whatever the vendor says", async () => {
        const preview = await on(21, ["preview", "--diff", clean]);
        expect(preview.code).not.toBe(0);
        const shown = shownBy(preview.output, "update");
        expect([...shown.keys()].sort()).toEqual(names);
        for (const lines of shown.values()) {
            expect(lines).toContain('~ status: "expiring" => "expired"');
        }
        await ifThorough(async () =>
            expect(await refreshed(21)).toEqual(
                Object.fromEntries(names.map((name) => [name, ['~ status: "expiring" => "expired"']])),
            ),
        );
        expect(preview.output).toMatch(
            new RegExp(
                `expired on ${expiresAt}\\. Make a new one in Jamf Pro, and declare it with its own expiresAt\\.`,
            ),
        );
        const { code, output } = await on(21, ["up", "--yes", "--skip-preview", "--continue-on-error"]);
        expect(code).not.toBe(0);
        const said = diagnosticsOf(output);
        expect(names.filter((name) => !said.get(name)?.includes("error: expiresAt: "))).toEqual([]);
        expect(await on(21, ["refresh", "--yes", "--skip-preview"])).toMatchObject({ code: 0 });
        expect((await project.resource("jamf")).outputs).toMatchObject({ status: "expired" });
    });

    test("a new day puts it right, and the next preview is clean", async () => {
        declare(project, dated(vendors, dayIn(200)));
        expect(await on(21, ["up", "--yes", "--skip-preview"])).toMatchObject({ code: 0 });
        expect(await project.outputs()).toEqual(Object.fromEntries(names.map((name) => [name, "verified"])));
        expect(await on(22, ["preview", clean])).toMatchObject({ code: 0 });
    });

    // `core/expiry` has the days of each vendor.
    whole("a day beyond what Atlassian allows is refused, and one that has passed", async () => {
        declare(project, dated(vendors, dayIn(400)));
        const far = await project.preview();
        expect(far.code).not.toBe(0);
        const refused = far.output
            .split("\n")
            .filter((line) =>
                line.includes(
                    "expiresAt: is too far in the future: each API token of Atlassian is valid for at most 365 days",
                ),
            );
        expect(
            ["connector", "token", "oauth", "jamf", "jumpcloud"].filter((name) =>
                refused.some((line) => new RegExp(`[ '(]${name}[:')]`).test(line)),
            ),
        ).toEqual(["connector", "token"]);
        declare(project, dated(vendors, dayIn(-3)));
        const past = await project.preview();
        expect(past.code).not.toBe(0);
        expect(past.output).toContain(`expiresAt: the clientSecret expired on ${dayIn(-3)}`);
    });

    // `core/expiry` has the day of the first warning.
    whole("warnBeforeDays moves the first warning", async () => {
        declare(
            project,
            dated(vendors, dayIn(20)).map(({ args, ...rest }) => ({ ...rest, args: { ...args, warnBeforeDays: 30 } })),
        );
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await project.outputs()).toEqual(Object.fromEntries(names.map((name) => [name, "expiring"])));
    });
});

describe("Facts", () => {
    const several = ["acme-labs", "acme-shop", "acme-docs"];
    let vendors: Vendors;
    let project: Project;

    const program = `
const pulumi = require("@pulumi/pulumi");
const { jamf, atlassian, jumpcloud } = require("pulumi-connections");
const args = JSON.parse(process.env.ARGS);
class Note extends pulumi.dynamic.Resource {
    constructor(name, text) {
        super({ create: async (inputs) => ({ id: "note", outs: inputs }), update: async (id, olds, news) => ({ outs: news }) }, name, { text });
    }
}
const mdm = new jamf.ApiClient("mdm", args.jamf);
const deaf = new jamf.ApiClient("deaf", args.jamf, { ignoreChanges: ["version"] });
const issues = new atlassian.ServiceAccountOAuth("issues", args.oauth);
const directory = new jumpcloud.ServiceAccount("directory", args.jumpcloud);
new Note("version", mdm.version);
new Note("deafVersion", deaf.version);
new Note("site", pulumi.interpolate\`\${issues.siteName} at \${issues.siteUrl}\`);
new Note("organisation", directory.organizationName);
new Note("endpoint", mdm.apiUrl);
exports.verifiedAt = mdm.verifiedAt;
exports.endpointsVerifiedAt = issues.verifiedAt;
`;

    beforeAll(async () => {
        vendors = await startVendors();
        const { jamf, atlassianOAuth, jumpcloud } = vendors.credentials;
        const { organization, oauthAccount } = vendors.fixture.atlassian;
        for (const subdomain of several) {
            oauthAccount.addSite(await organization.addSite(subdomain, "Acme"));
        }
        const args = {
            jamf,
            oauth: {
                clientId: atlassianOAuth.clientId,
                clientSecret: atlassianOAuth.clientSecret,
                cloudId: vendors.fixture.atlassian.acme.cloudId,
            },
            jumpcloud,
        };
        project = await Project.create({
            name: "facts",
            program,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), ARGS: JSON.stringify(args) },
        });
        expect(await project.up()).toMatchObject({ code: 0 });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("what uses a fact follows it in the same preview and the same up; what uses an endpoint does not move", async () => {
        const before = await project.outputs();
        const { jamf, atlassian, jumpcloud } = vendors.fixture;
        jamf.server.upgrade("11.31.0-t1790000000000");
        atlassian.acme.rename("Acme Corp");
        atlassian.acme.changeUrl("acme-corp");
        jumpcloud.organization.rename("Acme Corporation");
        project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(vendors.endpoints);
        const { output } = await project.preview("--diff");
        const shown = shownBy(output, "update");
        expect([...shown.keys()].sort()).toEqual(["directory", "issues", "mdm", "organisation", "site", "version"]);
        expect(shown.get("version")).toContain('~ text: "11.30.0-t1784040300000" => "11.31.0-t1790000000000"');
        expect(shown.get("site")).toContain(
            '~ text: "Acme at https://acme.atlassian.net" => "Acme Corp at https://acme-corp.atlassian.net"',
        );
        expect(shown.get("organisation")).toContain('~ text: "Acme" => "Acme Corporation"');
        expect(await project.up()).toMatchObject({ code: 0 });
        expect((await project.resource("version")).outputs).toMatchObject({ text: "11.31.0-t1790000000000" });
        expect((await project.resource("deaf")).outputs).toMatchObject({
            version: "11.30.0-t1784040300000",
            status: "verified",
        });
        await project.settled();
        const after = await project.outputs();
        expect(after["verifiedAt"]).not.toBe(before["verifiedAt"]);
    });

    test("ignoreChanges holds in a refresh, in further previews, and hides nothing else", async () => {
        expect(await project.refresh("--preview-only", clean)).toMatchObject({ code: 0 });
        expect(await project.refresh()).toMatchObject({ code: 0 });
        expect((await project.resource("deaf")).outputs).toMatchObject({ version: "11.30.0-t1784040300000" });
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        vendors.fixture.jamf.client.revokeClientSecret();
        const { code, output } = await project.preview("--diff", clean);
        vendors.fixture.jamf.client.restoreClientSecret();
        expect(code).not.toBe(0);
        expect(shownBy(output, "update").get("deaf")).toContain('~ status: "verified" => "rejected"');
        await project.settled();
    });

    test("previews in a row are clean, whatever the order in which the vendors answer", async () => {
        expect((await project.resource("issues")).outputs?.["sites"]).toHaveLength(2 + several.length);
        for (let n = 0; n < thorough(1, 10); n++) {
            const { code, output } = await project.preview("--diff", clean);
            expect([n, code, [...shownBy(output, "update")]]).toEqual([n, 0, []]);
        }
    });

    // `core/status-table` has the time that each run records.
    whole("verifiedAt moves only with what up records", async () => {
        const before = await project.outputs();
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await project.refresh()).toMatchObject({ code: 0 });
        expect(await project.outputs()).toEqual(before);
    });

    test("the state holds no observation, and no path of this machine", () => {
        const state = project.files().filter((file) => /[/\\]stacks[/\\].*\.json$/.test(file));
        expect(state.length).toBeGreaterThan(0);
        for (const file of state) {
            const text = fs.readFileSync(file, "utf8").replace(/"__provider": ".*(?<!\\)"/g, "");
            expect(text).not.toContain('"observation"');
            expect(text).not.toContain(path.dirname(project.dir));
        }
    });
});
