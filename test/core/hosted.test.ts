// A host without a program's side: what handlers do and say for it, driven by the host of a few lines.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { UNKNOWN } from "../../provider/core/unknown";
import { cases } from "../support/classes";
import { moveClock } from "../support/clock";
import { FileHost, type Step } from "../support/file-host";
import type { Driver, Kept, Ran, Said, Values } from "../support/life";
import { holdRefreshes, holdUps, refreshes, rowsFor, rowsOf, tables } from "../support/status-table";
import { stageOf, subjectsOf } from "../support/subjects";
import { typeNamed } from "../support/types";
import { startVendors, type Vendors } from "../simulators/vendors";

const resource = { name: "mdm", owner: "urn:pulumi:test::shop::connections:jamf:ApiClient::mdm" };
const named = cases.map((one) => [`${one.type} (${one.credential})`, one] as const);

describe("A host without a program's side", () => {
    let vendors: Vendors;
    let folder: string;
    let file: string;

    beforeAll(async () => {
        vendors = await startVendors();
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "hosted-"));
        file = path.join(folder, "state.json");
    });

    beforeEach(() => {
        fs.rmSync(file, { force: true });
        vendors.requests.clear();
    });

    afterAll(async () => {
        fs.rmSync(folder, { recursive: true });
        await vendors.close();
    });

    const host = (type = "jamf.ApiClient", isLater = true, endpoints = vendors.endpoints): FileHost =>
        new FileHost(typeNamed(type).definition, file, { endpoints, verify: undefined }, { resource, isLater });
    const args = (): Values => vendors.credentials.jamf;
    const refused = (): Values => ({ ...args(), clientSecret: "a-secret-that-jamf-refuses" });

    test.each(named)(
        "%s: its check leaves a new connection to its creation, whose preview knows all",
        async (_, one) => {
            const declared: Values = vendors.credentials[one.credential];
            const first = host(one.type);
            const { shown } = await first.preview(declared);
            expect([shown["status"], vendors.requests.length]).toEqual([UNKNOWN, 0]);
            const previewed = await first.previewWrites(declared);
            expect(previewed).toMatchObject({
                outcome: "create",
                shown: { status: "verified", verifiedAt: UNKNOWN, ...typeNamed(one.type).derive(declared) },
            });
            expect(first.kept).toBeUndefined();
            expect((await host(one.type).up(declared)).outcome).toBe("create");
            expect(host(one.type).kept?.outputs).toMatchObject({ status: "verified" });
        },
    );

    test("the preview of a creation refuses what the vendor refuses, and leaves open what could not be checked", async () => {
        expect(await host().previewWrites(refused())).toMatchObject({
            outcome: "refused",
            why: expect.stringMatching(/^clientSecret: Jamf refused/),
        });
        const { jumpcloud } = vendors.credentials;
        const nowhere = Object.fromEntries(
            Object.keys(vendors.endpoints).map((origin) => [origin, "http://127.0.0.1:1"]),
        );
        const cut = host("jumpcloud.ServiceAccount", true, nowhere);
        expect((await cut.previewWrites(jumpcloud)).shown).toMatchObject({
            status: UNKNOWN,
            organizationName: UNKNOWN,
            verifiedAt: UNKNOWN,
        });
        expect(cut.warnings).toContainEqual(expect.stringMatching(/^Not verified: /));
    });

    test("the preview of a creation with an argument that is not known contacts no vendor", async () => {
        const { outcome, shown } = await host().previewWrites({ ...args(), clientSecret: UNKNOWN });
        expect([outcome, shown["status"], shown["clientSecret"], vendors.requests.length]).toEqual([
            "create",
            UNKNOWN,
            UNKNOWN,
            0,
        ]);
    });

    test("drift is shown by path, and the preview of its update records nothing", async () => {
        await host().up(args());
        const before = fs.readFileSync(file, "utf8");
        const { server } = vendors.fixture.jamf;
        const { version } = server;
        server.upgrade("11.31.0-t1786459500000");
        try {
            const { outcome, differences, shown } = await host().previewWrites(args());
            expect([outcome, differences, shown["verifiedAt"]]).toEqual([
                "update",
                [{ path: "version", kind: "update" }],
                UNKNOWN,
            ]);
            expect(String(shown["version"])).toContain("11.31.0");
        } finally {
            server.upgrade(version);
        }
        expect(fs.readFileSync(file, "utf8")).toBe(before);
    });

    test("a refused secret of an unchanged connection is an update in a preview, with its reason, and fails the up", async () => {
        await host().up(args());
        const { client } = vendors.fixture.jamf;
        client.revokeClientSecret();
        try {
            const preview = host();
            const { outcome, differences } = await preview.previewWrites(args());
            expect([outcome, differences]).toEqual([
                "update",
                expect.arrayContaining([
                    { path: "status", kind: "update" },
                    { path: "checks.credential.result", kind: "update" },
                ]),
            ]);
            expect(preview.warnings).toContainEqual(
                expect.stringMatching(/^pulumi up will fail unless it is corrected first: Jamf refused/),
            );
            const up = host();
            expect((await up.up(args())).outcome).toBe("failed");
            expect([preview, up].map(({ session }) => session.summary.line(Date.now()))).toEqual([
                "connections: 1 rejected (mdm)",
                "connections: 1 rejected (mdm)",
            ]);
            expect(host().kept?.outputs["status"]).toBe("verified");
        } finally {
            client.restoreClientSecret();
        }
    });

    test("an observed record is checked once, without a wait, and its inputs are those of the check", async () => {
        await host().up(args());
        vendors.requests.clear();
        const one = host();
        const inputs = await one.observe();
        const { outcome, shown } = await one.preview(args());
        const calls = vendors.requests.length;
        vendors.requests.clear();
        await host().preview(args());
        expect([outcome, inputs, calls]).toEqual(["clean", shown, vendors.requests.length]);
    });

    test("the line at the end counts what a run has found", async () => {
        const one = host();
        await one.up({ ...args(), expiresAt: "2999-01-01" });
        expect(one.session.summary.line(Date.now())).toBe("connections: 1 verified");
        const silent = new FileHost(
            typeNamed("jamf.ApiClient").definition,
            file,
            { endpoints: vendors.endpoints, verify: "never" },
            { resource, isLater: true },
        );
        await silent.preview({ ...args(), expiresAt: "2999-01-01" });
        expect(silent.session.summary.line(Date.now())).toBe(
            "connections: 1 verified on record; no vendor was contacted (verify: never)",
        );
        const wrong = host();
        await wrong.preview({ ...args(), clientId: "no-uuid" });
        expect(wrong.session.summary.line(Date.now())).toBe("connections: 1 with invalid arguments (mdm)");
    });

    /** Each run has a host that has just started; a write that its preview refuses counts as refused. */
    function driver(day: number): Driver {
        const run = async (
            kept: Kept | undefined,
            { config, environment }: Said = {},
            work: (make: () => FileHost) => Promise<Step>,
        ): Promise<Ran> => {
            fs.rmSync(file, { force: true });
            if (kept !== undefined) {
                fs.writeFileSync(file, JSON.stringify(kept));
            }
            const restore = moveClock(day);
            try {
                const settings = { endpoints: vendors.endpoints, verify: environment ?? config };
                const { definition } = typeNamed("jamf.ApiClient");
                const make = (): FileHost => new FileHost(definition, file, settings, { resource, isLater: true });
                const step = await work(make);
                return { ...step, kept: ["refused", "failed"].includes(step.outcome) ? kept : make().kept };
            } finally {
                restore();
            }
        };
        return {
            preview: (kept, declared, said) => run(kept, said, (make) => make().previewWrites(declared as Values)),
            up: (kept, declared, said) =>
                run(kept, said, async (make) => {
                    const step = await make().up(declared as Values);
                    return step.outcome === "failed" &&
                        (await make().previewWrites(declared as Values)).outcome === "refused"
                        ? { ...step, outcome: "refused" }
                        : step;
                }),
            refresh: (kept, said) => run(kept, said, (make) => make().refresh()),
        };
    }

    test.each(["always", "changes", "never"] as const)(
        "previews, ups and refreshes are as the table has them: %s",
        async (mode) => {
            const make = (await subjectsOf(vendors))["jamf.ApiClient"]!;
            const stage = { ...stageOf(vendors, make), on: driver };
            const rows = rowsFor(tables[mode], stage.subject);
            const ups = await holdUps(stage, rows, mode, "connections:verify");
            expect(ups.seen).toEqual(ups.expected);
            const refreshed = await holdRefreshes(stage, rowsOf(refreshes[mode]), mode, "connections:verify");
            expect(refreshed.seen).toEqual(refreshed.expected);
        },
    );
});
