import fs from "node:fs";
import path from "node:path";
import { atInterrupt, awaitingEntry, summaryLine, type SummaryEntry } from "../../provider/core/run-summary";
import { dayIn } from "../support/clock";
import { nobodyThere } from "../support/declared";
import { layOutByPnpm } from "../support/layouts";
import { failed, Lab, succeeded, type Declarations } from "../support/programs";
import type { RunResult } from "../support/project";
import { ifThorough, thorough } from "../support/thorough";

/** The line of each phase of a run: what is below a heading `Diagnostics:`, where each thing is said once more in the end. */
const linesOf = ({ output }: RunResult): string[] =>
    output
        .split("\nDiagnostics:")
        .slice(1)
        .flatMap((part) => part.match(/^ +connections: .*$/gm) ?? [])
        .map((line) => line.trim());

describe("The line at the end of a run", () => {
    const now = Date.parse("2026-11-24T12:00:00Z");
    const entry = (name: string, status: SummaryEntry["status"], more: Partial<SummaryEntry> = {}): SummaryEntry => ({
        name,
        status,
        isChecked: true,
        mode: "always",
        ...more,
    });
    const some = (count: number, status: SummaryEntry["status"], more: Partial<SummaryEntry> = {}): SummaryEntry[] =>
        Array.from({ length: count }, (_, at) => entry(`${status}${at + 1}`, status, more));
    const onRecord = { isChecked: false, mode: "changes" } as const;

    test.each<[string, readonly SummaryEntry[]]>([
        [
            "connections: 5 verified, 1 expires in 5 days (mdm)",
            [entry("mdm", "expiring", { expiresAt: "2026-11-29" }), ...some(5, "verified")],
        ],
        ["connections: 1 expires in 1 day (a)", [entry("a", "expiring", { expiresAt: "2026-11-26T06:00:00Z" })]],
        ["connections: 1 expires today (a)", [entry("a", "expiring", { expiresAt: "2026-11-24" })]],
        ["connections: 1 expires soon (a)", [entry("a", "expiring")]],
        [
            "connections: 2 expire in 3 days (a, b)",
            ["b", "a"].map((name) => entry(name, "expiring", { expiresAt: "2026-11-27" })),
        ],
        [
            "connections: 2 expire soon (a in 5 days, b in 3 days)",
            [entry("b", "expiring", { expiresAt: "2026-11-27" }), entry("a", "expiring", { expiresAt: "2026-11-29" })],
        ],
        [
            "connections: 500 verified, 1 expired (e), 7 rejected (rejected1, rejected2, rejected3, rejected4, rejected5 and 2 more), 1 tenantChanged (t), 1 unreachable (u), 1 not known yet (k)",
            [
                entry("k", "unknown"),
                entry("u", "unreachable"),
                ...some(7, "rejected"),
                entry("e", "expired"),
                entry("t", "tenantChanged"),
                ...some(500, "verified"),
            ],
        ],
        [
            "connections: 1 verified, 1 with invalid arguments (i), 1 not recorded (n)",
            [entry("n", "notRecorded"), entry("i", "invalid", { isChecked: false }), entry("v", "verified")],
        ],
        [
            "connections: 6 verified on record; no vendor was contacted again (verify: changes)",
            some(6, "verified", onRecord),
        ],
        [
            "connections: 1 verified on record, 1 rejected on record (x), 1 unverified (y); no vendor was contacted (verify: never)",
            (["verified", "rejected", "unverified"] as const).map((status, at) =>
                entry("wxy"[at] ?? "", status, { isChecked: false, mode: "never" }),
            ),
        ],
        [
            "connections: 1 verified, 2 verified on record",
            [...some(2, "verified", onRecord), entry("new", "verified", { mode: "changes" })],
        ],
        [
            "connections: 1 verified, 1 awaits a person (open hub.connectLink, then run pulumi up)",
            [awaitingEntry("hub", "connectLink"), entry("v", "verified")],
        ],
        [
            "connections: 1 verified on record, 2 await a person (open a.connectLink, b.connectLink, then run pulumi up); no vendor was contacted (verify: never)",
            [
                ...["b", "a"].map((name) => awaitingEntry(name, "connectLink")),
                entry("v", "verified", { isChecked: false, mode: "never" }),
            ],
        ],
    ])("%s", (line, entries) => {
        expect(summaryLine(entries, now)).toBe(line);
    });
});

describe("What the engine has not answered for when it ends a run", () => {
    const entry = (name: string, status: SummaryEntry["status"], isOpen = true): SummaryEntry => ({
        name,
        status,
        isChecked: true,
        mode: "always",
        isOpen,
    });

    test.each<[string, readonly SummaryEntry[], readonly string[]]>([
        [
            "is not called verified where nothing tells why",
            [entry("a", "verified"), entry("b", "verified", false)],
            ["notRecorded", "verified"],
        ],
        [
            "is as it was found where another one tells why",
            [entry("a", "verified"), entry("b", "rejected")],
            ["verified", "rejected"],
        ],
        [
            "stays what it is where nothing was found",
            [entry("a", "unknown"), entry("b", "expiring")],
            ["unknown", "notRecorded"],
        ],
        [
            "is not explained by what waits for a person",
            [entry("a", "verified"), awaitingEntry("hub", "connectLink")],
            ["notRecorded", "awaitingPerson"],
        ],
    ])("%s", (_, entries, statuses) => {
        expect(atInterrupt(entries).map(({ status }) => status)).toEqual(statuses);
    });
});

describe("One line for the stack, on the engine", () => {
    let lab: Lab;
    const near = dayIn(5);
    const declared = (mdm: object = {}, directory: object = {}): Declarations => {
        const { jamf, jumpcloud, jiraConnector } = lab.vendors.credentials;
        return {
            connections: {
                mdm: { type: "jamf.ApiClient", args: { ...jamf, expiresAt: near, ...mdm } },
                directory: {
                    type: "jumpcloud.ServiceAccount",
                    args: { clientId: jumpcloud.clientId, clientSecret: jumpcloud.clientSecret, ...directory },
                },
                issues: { type: "atlassian.JiraConnector", args: jiraConnector },
            },
        };
    };
    const run = (args: readonly string[], env: Record<string, string> = {}): Promise<RunResult> =>
        lab.project.run(args, { env });

    beforeAll(async () => {
        lab = await Lab.start({ name: "summary" });
        lab.declare(declared());
    });
    afterAll(async () => {
        await lab.dispose();
    });

    test("a preview says it once, and so do both halves of an up", async () => {
        const line = "connections: 2 verified, 1 expires in 5 days (mdm)";
        const preview = await lab.preview();
        succeeded(preview);
        expect(linesOf(preview)).toEqual([line]);
        const up = await lab.upWithPreview();
        succeeded(up);
        expect(linesOf(up)).toEqual([line, line]);
        const unchanged = await lab.preview("--expect-no-changes");
        succeeded(unchanged);
        expect(linesOf(unchanged)).toEqual([line]);
    });

    test("a run in which no vendor was contacted says so, and one that checked a change does not", async () => {
        const never = await run(["preview"], { CONNECTIONS_VERIFY: "never" });
        expect(linesOf(never)).toEqual([
            "connections: 2 verified on record, 1 expires in 5 days (mdm); no vendor was contacted (verify: never)",
        ]);
        const changes = await run(["preview"], { CONNECTIONS_VERIFY: "changes" });
        expect(linesOf(changes)).toEqual([
            "connections: 2 verified on record, 1 expires in 5 days (mdm); no vendor was contacted again (verify: changes)",
        ]);
        lab.declare(declared({}, { timeoutSeconds: 29 }));
        const one = await run(["up", "--yes", "--skip-preview"], { CONNECTIONS_VERIFY: "changes" });
        const line = "connections: 1 verified, 1 verified on record, 1 expires in 5 days (mdm)";
        expect(linesOf(one)).toEqual([line]);
        lab.declare(declared());
    });

    test("a preview and an up that fail say what each connection is", async () => {
        lab.declare(declared({ clientSecret: "planted-wrong-secret" }));
        const preview = await lab.preview();
        failed(preview);
        expect(linesOf(preview)).toEqual(["connections: 2 verified, 1 rejected (mdm)"]);
        const up = await lab.project.up();
        failed(up);
        expect(linesOf(up)).toEqual(["connections: 2 verified, 1 rejected (mdm)"]);
        lab.declare(declared({ url: "not an address" }));
        const wrong = await lab.preview();
        failed(wrong);
        expect(linesOf(wrong)).toEqual(["connections: 2 verified, 1 with invalid arguments (mdm)"]);
        expect([preview, up, wrong].map(({ output }) => output).join()).not.toContain("planted");
        lab.declare(declared());
    });

    test("an up that goes on after errors records what is not refused, new or changed, and a preview refuses all the same", async () => {
        const planted = { clientSecret: "planted-wrong-secret" };
        const { jamf } = lab.vendors.credentials;
        const { connections } = declared(planted, { timeoutSeconds: 28 });
        const more = {
            dead: { type: "jamf.ApiClient", args: { ...jamf, ...planted } },
            gone: { type: "jamf.ApiClient", args: { ...jamf, url: "https://gone.invalid" } },
            live: { type: "jamf.ApiClient", args: jamf },
        };
        lab.declare({ connections: { ...connections, ...more } });
        expect(failed(await lab.preview())).toMatch(/has a problem: clientSecret: Jamf refused/);
        const up = await lab.project.up("--continue-on-error");
        // The SDK tells of what needs a resource that has failed as of an unhandled exception.
        expect(up.code).not.toBe(0);
        expect(up.output).toMatch(/clientSecret: Jamf refused.*\s+The stack keeps what is on record\./);
        expect(linesOf(up)).toEqual(["connections: 3 verified, 2 rejected (dead, mdm), 1 unreachable (gone)"]);
        const recorded = await lab.recorded();
        expect(Object.keys(recorded).sort()).toEqual(["directory", "issues", "live", "mdm"]);
        expect(recorded["directory"]?.outputs["timeoutSeconds"]).toBe(28);
        expect(recorded["mdm"]?.outputs["status"]).toBe("expiring");
        // What would be deleted first is refused before anything is.
        const { mdm } = declared(planted).connections;
        lab.declare({
            connections: { ...declared().connections, mdm: { ...mdm!, opts: { deleteBeforeReplace: true } } },
        });
        expect(failed(await lab.project.up("--continue-on-error"))).toMatch(/has a problem: clientSecret: /);
        expect((await lab.recorded())["mdm"]?.outputs["status"]).toBe("expiring");
        expect(up.output).not.toContain("planted");
        lab.declare(declared());
        succeeded(await lab.up());
    });

    test("what cannot be asked is unreachable, and under strict that fails a preview, an up and a refresh; expiring fails none", async () => {
        const nowhere = nobodyThere(lab.vendors);
        const preview = await run(["preview", "--expect-no-changes"], nowhere);
        succeeded(preview);
        expect(linesOf(preview)).toEqual(["connections: 3 unreachable (directory, issues, mdm)"]);
        const strict = { ...nowhere, CONNECTIONS_STRICT: "1" };
        // `core/strict` has previews as well, and all ways to say it.
        for (const args of [...thorough([], [["preview"]]), ["up", "--yes", "--skip-preview"]]) {
            const strictly = await run(args, strict);
            expect(failed(strictly)).toMatch(
                /has a problem: .*A strict run \(connections:strict or CONNECTIONS_STRICT\) fails for what could not be verified\./,
            );
            // The engine ends a run at its first failure: of the others it may not be known yet what they are.
            expect(linesOf(strictly)).toEqual([
                expect.stringMatching(
                    /^connections: (?:3 unreachable \(directory, issues, mdm\)|2 unreachable \(\w+, \w+\), 1 not known yet \(\w+\)|1 unreachable \(\w+\), 2 not known yet \(\w+, \w+\))$/,
                ),
            ]);
        }
        const refresh = await run(["refresh", "--preview-only", "--expect-no-changes"], strict);
        expect(failed(refresh)).toMatch(/fails for what could not be verified\./);
        // The configuration says it too, to a preview; `expiring` is no reason to fail.
        await lab.project.setConfig("connections:strict", "true");
        expect(failed(await run(["preview"], nowhere))).toContain("A strict run");
        succeeded(await lab.preview("--expect-no-changes"));
        await ifThorough(async () => {
            succeeded(await run(["refresh", "--preview-only", "--expect-no-changes"], { CONNECTIONS_STRICT: "1" }));
            lab.declare(declared({ verify: "never" }));
            const never = await lab.preview();
            expect(failed(never)).toMatch(/resource 'mdm' has a problem: verify: never contradicts strict/);
            expect(linesOf(never)).toEqual(["connections: 2 verified, 1 with invalid arguments (mdm)"]);
            lab.declare(declared());
        });
        await lab.project.setConfig("connections:strict", "false");
    });

    test("drift is told by its name, and an up that refuses to record it as well", async () => {
        lab.vendors.fixture.atlassian.connectorToken.revoke();
        const preview = await lab.preview();
        succeeded(preview);
        expect(linesOf(preview)).toEqual(["connections: 1 verified, 1 expires in 5 days (mdm), 1 rejected (issues)"]);
        const up = await lab.project.up();
        failed(up);
        expect(linesOf(up)).toEqual(["connections: 1 verified, 1 expires in 5 days (mdm), 1 rejected (issues)"]);
        lab.vendors.fixture.atlassian.connectorToken.restore();
    });

    test("a preview of what up will refuse says so, and an up of another connection alone calls none of it verified", async () => {
        lab.vendors.fixture.atlassian.connectorToken.revoke();
        const preview = await lab.preview();
        expect(succeeded(preview)).toMatch(/warning: pulumi up will fail unless it is corrected first: .*refused/);
        const changed = declared({ timeoutSeconds: 29 });
        lab.declare(changed);
        const { urn } = await lab.project.resource("mdm");
        const up = await lab.project.up("--target", urn);
        expect(succeeded(up)).not.toMatch(/will fail unless/);
        expect(linesOf(up)).toEqual(["connections: 1 verified, 1 expires in 5 days (mdm), 1 rejected (issues)"]);
        // Nothing of it is recorded where the vendor is not asked in every run, and nothing fails.
        const changes = await run(["preview"], { CONNECTIONS_VERIFY: "changes" });
        expect(succeeded(changes)).not.toMatch(/will fail unless/);
        lab.vendors.fixture.atlassian.connectorToken.restore();
        lab.declare(declared());
        succeeded(await lab.up());
    });

    test("what a transformation makes the provider refuse is not verified, and what it mends is not rejected", async () => {
        const planted = { clientSecret: "planted-wrong-secret" };
        lab.declare({ ...declared(), transform: { mdm: planted } });
        for (const ran of [await lab.preview(), await lab.project.up()]) {
            expect(failed(ran)).toMatch(/clientSecret: Jamf refused/);
            // The engine stops at the refusal, and how far the others have come by then is chance.
            expect(linesOf(ran)).toEqual([expect.stringMatching(/^connections: (.*, )?\d not recorded \(.*mdm.*\)$/)]);
        }
        const { clientSecret } = lab.vendors.credentials.jamf;
        lab.declare({ ...declared(planted), transform: { mdm: { clientSecret } } });
        const preview = await lab.preview("--expect-no-changes");
        succeeded(preview);
        expect(linesOf(preview)).toEqual(["connections: 2 verified, 1 expires in 5 days (mdm)"]);
        lab.declare(declared());
    });

    test("a run that ends because a connection opens another account calls none of them verified", async () => {
        const { connectorToken, connectorAccount, spareAccount } = lab.vendors.fixture.atlassian;
        connectorToken.moveToAccount(spareAccount);
        const preview = await lab.preview();
        expect(succeeded(preview)).toMatch(/will fail unless it is corrected first: .*acts as the account/);
        expect(linesOf(preview)).toEqual([
            "connections: 1 verified, 1 expires in 5 days (mdm), 1 tenantChanged (issues)",
        ]);
        const up = await lab.project.up();
        failed(up);
        connectorToken.moveToAccount(connectorAccount);
        // Of the others it depends on when the engine stops whether it has answered.
        expect(linesOf(up)).toEqual([expect.stringMatching(/^connections: (?:.*, )?\d not recorded \(.*issues.*\)$/)]);
    });

    test("two copies of the package in one program say it once, for all of their connections", async () => {
        const addToProgram = layOutByPnpm(lab.project.dir, {
            name: "platform",
            source: `const { jumpcloud } = require("pulumi-connections"); exports.directory = (args) => new jumpcloud.ServiceAccount("directory-of-platform", args);`,
        });
        addToProgram();
        // The program's own copy, beside the one that its library has.
        const own = path.join(lab.project.dir, "node_modules", "pulumi-connections");
        const place = fs.realpathSync(own);
        fs.rmSync(own);
        fs.cpSync(place, own, { recursive: true });
        fs.cpSync(path.dirname(place), path.join(own, "node_modules"), {
            recursive: true,
            filter: (from) => !from.startsWith(place),
            verbatimSymlinks: true,
        });
        fs.appendFileSync(
            path.join(lab.project.dir, "index.js"),
            `require("platform").directory(JSON.parse(process.env.PLATFORM));\n`,
        );
        const { clientId, clientSecret } = lab.vendors.credentials.jumpcloud;
        const preview = await run(["preview"], { PLATFORM: JSON.stringify({ clientId, clientSecret }) });
        succeeded(preview);
        expect(
            fs.realpathSync(
                path.join(lab.project.dir, "node_modules/.pnpm/platform@1.0.0/node_modules/pulumi-connections"),
            ),
        ).not.toBe(fs.realpathSync(own));
        expect(linesOf(preview)).toEqual(["connections: 3 verified, 1 expires in 5 days (mdm)"]);
    });
});
