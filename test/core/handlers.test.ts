import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { UNKNOWN } from "../../provider/core/unknown";
import { provider } from "../../provider/hosts/dynamic/provider";
import { commonOutputNames } from "../../provider/define/common";
import { allCases, type Case } from "../support/classes";
import { moveClock } from "../support/clock";
import { FileHost, type Step } from "../support/file-host";
import type { Driver, Kept, Ran, Said, Values } from "../support/life";
import {
    holdRefreshes,
    holdUps,
    refreshes,
    rowsFor,
    rowsThatHold,
    tables,
    type MakeSubject,
    type Stage,
} from "../support/status-table";
import { stageOf, subjectsOf } from "../support/subjects";
import { diagonal } from "../support/thorough";
import { typeNamed } from "../support/types";
import { startVendors, type Vendors } from "../simulators/vendors";

/** By which the engine knows a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";

const modes = ["always", "changes", "never"] as const;
const types = [...new Set(allCases.map(({ type }) => type))];
const named = allCases.map((one) => [`${one.type} (${one.credential})`, one] as const);

describe("A host of a few lines, which knows handlers alone", () => {
    let vendors: Vendors;
    let subjects: Readonly<Record<string, MakeSubject>>;
    let folder: string;
    let file: string;

    beforeAll(async () => {
        vendors = await startVendors();
        subjects = await subjectsOf(vendors);
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "file-host-"));
        file = path.join(folder, "state.json");
    });

    beforeEach(() => fs.rmSync(file, { force: true }));

    afterAll(async () => {
        fs.rmSync(folder, { recursive: true });
        await vendors.close();
    });

    const hostOf = (type: string, { config, environment }: Said = {}, signal?: AbortSignal): FileHost =>
        new FileHost(
            typeNamed(type).definition,
            file,
            { endpoints: vendors.endpoints, verify: environment ?? config },
            signal === undefined ? {} : { signal },
        );

    /** Each run has a host that has just started, and all that it knows of earlier ones is in the file. */
    function driver(type: string, day: number): Driver {
        const run = async (
            kept: Kept | undefined,
            said: Said | undefined,
            work: (host: FileHost) => Promise<Step>,
        ): Promise<Ran> => {
            fs.rmSync(file, { force: true });
            if (kept !== undefined) {
                fs.writeFileSync(file, JSON.stringify(kept));
            }
            const restore = moveClock(day);
            try {
                const host = hostOf(type, said);
                const step = await work(host);
                return { ...step, kept: ["refused", "failed"].includes(step.outcome) ? kept : host.kept };
            } finally {
                restore();
            }
        };
        return {
            preview: (kept, args, said) => run(kept, said, (host) => host.preview(args as Values)),
            up: (kept, args, said) => run(kept, said, (host) => host.up(args as Values)),
            refresh: (kept, said) => run(kept, said, (host) => host.refresh()),
        };
    }

    const stage = (type: string): Stage => ({
        ...stageOf(vendors, subjects[type] as MakeSubject),
        on: (day) => driver(type, day),
    });

    describe.each(types)("%s", (type) => {
        const turn = types.indexOf(type);
        /** All rows for two types, and another one in four for each of the rest. */
        const shareOf = (rows: readonly string[][]): readonly string[][] => diagonal(rows, turn, turn < 2 ? 1 : 4);

        test.each(modes)("%s: previews and ups as the table of cases has them", async (mode) => {
            const of = stage(type);
            const rows = shareOf(rowsFor(tables[mode], of.subject));
            const { expected, seen } = await holdUps(of, rows, mode, "connections:verify");
            expect(seen).toEqual(expected);
        });

        test.each(modes)("%s: refreshes as the table of cases has them", async (mode) => {
            const { expected, seen } = await holdRefreshes(
                stage(type),
                shareOf(rowsThatHold(refreshes[mode], subjects[type] as MakeSubject)),
                mode,
                "connections:verify",
            );
            expect(seen).toEqual(expected);
        });
    });

    describe.each(named)("%s", (_, { type, credential }: Case) => {
        const args = (): Values => vendors.credentials[credential];
        const values = (): Values => typeNamed(type).arguments.validate(args()).args?.values ?? {};

        test("is created, is clean, refreshes, and is forgotten without a call", async () => {
            const created = hostOf(type);
            expect(await created.up(args())).toMatchObject({ outcome: "create" });
            expect(created.kept?.outputs).toMatchObject({ status: "verified", ...typeNamed(type).derive(values()) });
            expect(await hostOf(type).preview(args())).toMatchObject({ outcome: "clean" });
            expect(await hostOf(type).refresh()).toMatchObject({ outcome: "clean" });
            const before = vendors.requests.length;
            const last = hostOf(type);
            await last.destroy();
            expect([last.kept, vendors.requests.length]).toEqual([undefined, before]);
        });

        test("what is not known yet leaves its outputs open, and nobody is asked", async () => {
            const before = vendors.requests.length;
            const [secret = ""] = typeNamed(type).secretNames;
            const { outcome, shown } = await hostOf(type).preview({ ...args(), [secret]: UNKNOWN });
            expect([outcome, shown["status"], vendors.requests.length]).toEqual(["create", UNKNOWN, before]);
        });

        test("a signal that has been given ends the verification: nothing is recorded, and nothing is sent", async () => {
            const before = vendors.requests.length;
            const stopped = hostOf(type, {}, AbortSignal.abort());
            expect((await stopped.up(args())).outcome).toMatch(/^(refused|failed)$/);
            expect([stopped.kept, vendors.requests.length]).toEqual([undefined, before]);
        });

        test("a preview leaves open what it could not ask, and an up records nothing of it", async () => {
            const nowhere = Object.fromEntries(
                Object.keys(vendors.endpoints).map((origin) => [origin, "http://127.0.0.1:1"]),
            );
            const host = new FileHost(typeNamed(type).definition, file, { endpoints: nowhere, verify: undefined });
            const isNamed = ["url", "siteUrl", "orgUrl"].some((name) => name in args()) || type === "kandji.ApiToken";
            expect(await host.preview(args())).toMatchObject(
                isNamed ? { outcome: "refused" } : { outcome: "create", shown: { status: UNKNOWN } },
            );
            expect(await host.up(args())).toMatchObject({
                outcome: "refused",
                why: expect.stringContaining("ECONNREFUSED") as unknown,
            });
            expect(host.kept).toBeUndefined();
        });
    });

    test("each output that all connections have is computed by some connection", async () => {
        const computed = new Set<string>();
        for (const [, { type, credential }] of named) {
            const host = hostOf(type);
            fs.rmSync(file, { force: true });
            await host.up({ ...vendors.credentials[credential], expiresAt: "2999-01-01" });
            Object.entries(host.kept?.outputs ?? {})
                .filter(([, value]) => value !== null)
                .forEach(([name]) => computed.add(name));
        }
        expect(commonOutputNames.filter((name) => !computed.has(name))).toEqual([]);
    });

    test("what the program made secret is encrypted in all that a refresh gives to the engine", async () => {
        const before = hostOf("jamf.ApiClient");
        await before.up(vendors.credentials.jamf);
        const { id, outputs } = before.kept as Kept;
        const props = { ...outputs, __record: { ...(outputs["__record"] as object), sealed: ["url"] } };
        const told = jest.spyOn(console, "warn").mockImplementation(() => undefined);
        process.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(vendors.endpoints);
        try {
            const read = await provider("jamf", "ApiClient").read?.(id, props);
            const given = [read?.props, (read as { readonly inputs?: Values } | undefined)?.inputs] as Values[];
            const host = new URL(vendors.credentials.jamf.url).host;
            for (const values of given) {
                const open = Object.entries(values).filter(([name]) => name !== "url" && name !== "__record");
                const clear = open.filter(([, value]) => JSON.stringify(value ?? null).includes(host));
                expect(clear.map(([, value]) => Object.keys(value as object)[0])).toEqual(clear.map(() => secretMark));
                expect(clear.length).toBeGreaterThan(0);
            }
        } finally {
            delete process.env["CONNECTIONS_ENDPOINTS"];
            told.mockRestore();
        }
    });

    test("what is to be said goes to the host's own log", async () => {
        const host = hostOf("jamf.ApiClient");
        await host.up(vendors.credentials.jamf);
        await host.destroy();
        expect(host.warnings).toEqual([expect.stringMatching(/^connections:endpoints is set: /)]);
    });
});
