import { readSettings } from "../../provider/core/settings";
import { otherDay } from "../support/clock";
import { Core } from "../support/core";
import { Life, type Driver, type Kept, type Said } from "../support/life";
import {
    counted,
    edited,
    lifetime,
    line,
    refreshes,
    rowsOf,
    situation,
    tables,
    type MakeSubject,
    type Stage,
} from "../support/status-table";
import { stageOf, subjectsOf } from "../support/subjects";
import { startVendors, type Vendors } from "../simulators/vendors";

/** What is another row under strict than where the vendor is asked in every run. */
const refusedRows = `
        verified, unreachable since   | nothing          | asked  | refused |         | verified
        verified, unreachable since   | another argument | asked  | refused |         | verified
        rejected, unreachable since   | nothing          | asked  | refused |         | rejected
        nothing, unreachable since    | nothing          | asked  | refused |         | -`;

const strict = { CONNECTIONS_STRICT: "1" };

describe("Under strict", () => {
    const type = "atlassian.ServiceAccountOAuth";
    let vendors: Vendors;
    let cores: ReadonlyMap<number, Core>;
    let stage: Stage;

    const on = (day: number): Driver => new Life(cores.get(day) as Core, type, () => vendors.endpoints);

    beforeAll(async () => {
        vendors = await startVendors();
        cores = new Map([0, lifetime - 3, lifetime + 1].map((day) => [day, Core.start(otherDay(day))]));
        stage = { ...stageOf(vendors, (await subjectsOf(vendors))[type] as MakeSubject), on };
    });

    afterAll(async () => {
        await Promise.all([...cores.values()].map((core) => core.close()));
        await vendors.close();
    });

    /** Whatever a stack says of when vendors are asked, a strict run asks. */
    const ways: readonly (readonly [string, Said])[] = [
        ["nothing else is said", { variables: strict }],
        ["connections:verify is never", { variables: strict, config: "never" }],
        ["CONNECTIONS_VERIFY is changes", { variables: strict, environment: "changes" }],
    ];

    test.each(ways)("previews and ups ask, and fail for what cannot be asked: where %s", async (_, said) => {
        const special = rowsOf(refusedRows);
        const others = rowsOf(tables.always).filter(
            ([record, change]) => !special.some((row) => row[0] === record && row[1] === change),
        );
        const [expected, seen]: [string[], string[]] = [[], []];
        for (const row of [...others, ...special]) {
            const [record = "", change = "", , preview] = row;
            const of = await situation(stage, record);
            record === "nothing, unreachable since" && stage.cut();
            const args = edited(of, change, stage.dayIn);
            const host = on(of.day);
            const [asked, previewed] = await counted(stage, () => host.preview(of.kept, args, said));
            const up = await host.up(of.kept, args, said);
            const status = up.kept?.outputs["status"] ?? "-";
            const isTold =
                preview !== "refused" ||
                !/unreachable/.test(record) ||
                /A strict run .* fails for what could not be verified\. \[[a-z-]+\]$/m.test(up.why);
            expected.push(line(...row, "says why"));
            seen.push(
                line(
                    record,
                    change,
                    asked,
                    previewed.outcome,
                    up.outcome === previewed.outcome ? "" : up.outcome,
                    status,
                    isTold ? "says why" : up.why,
                ),
            );
        }
        expect(seen).toEqual(expected);
    });

    test.each(ways)("refreshes ask, and fail for what cannot be asked: where %s", async (_, said) => {
        const [expected, seen]: [string[], string[]] = [[], []];
        for (const row of rowsOf(refreshes.always)) {
            const of = await situation(stage, row[0] ?? "");
            const [asked, { outcome, kept }] = await counted(stage, () => on(of.day).refresh(of.kept as Kept, said));
            expected.push(line(...row));
            seen.push(line(row[0], asked, outcome, kept?.outputs["status"]));
        }
        expect(seen).toEqual(expected);
        const cut = await situation(stage, "verified, unreachable since");
        const { outcome, why, kept } = await on(cut.day).refresh(cut.kept as Kept, said);
        expect([outcome, kept]).toEqual(["failed", cut.kept]);
        expect(why).toMatch(
            /A strict run \(connections:strict or CONNECTIONS_STRICT\) fails for what could not be verified\. \[[a-z-]+\]\nThe connection stays as it was\.$/,
        );
    });

    test('the argument verify: "never" is an error that names it, in a preview, an up and a refresh of what is on record', async () => {
        const words =
            "verify: never contradicts strict (connections:strict or CONNECTIONS_STRICT), which fails a run for what is not checked. Remove one of them. [strict-never]";
        const said = { variables: strict };
        const { args } = await situation(stage, "nothing");
        const never = { ...args, verify: "never" };
        const { kept } = await on(0).up(undefined, never);
        expect(kept?.outputs["status"]).toBe("unverified");
        const before = stage.calls();
        expect(await on(0).preview(kept, never, said)).toMatchObject({ outcome: "refused", why: words });
        expect(await on(0).up(undefined, never, said)).toMatchObject({ outcome: "refused", why: words });
        expect(await on(0).refresh(kept as Kept, said)).toMatchObject({ outcome: "failed", why: words });
        expect(stage.calls()).toBe(before);
        // `changes` is no contradiction: it says how often, and strict says always.
        expect(await on(0).up(undefined, { ...args, verify: "changes" }, said)).toMatchObject({ outcome: "create" });
    });

    test("the environment wins over the stack's configuration, and what is neither true nor false is an error", () => {
        const before = process.env["CONNECTIONS_STRICT"];
        const read = (environment: string, configuration?: string): boolean | undefined => {
            process.env["CONNECTIONS_STRICT"] = environment;
            return readSettings((key) => (key === "strict" ? configuration : undefined)).strict;
        };
        try {
            expect([
                read("", undefined),
                read("", "true"),
                read("", "false"),
                read("1", "false"),
                read("0", "true"),
                read("true"),
            ]).toEqual([false, true, false, true, false, true]);
            expect(() => read("yes")).toThrow(
                "the environment variable CONNECTIONS_STRICT is not true or false (1 or 0). Correct it, or remove it.",
            );
            expect(() => read("", "often")).toThrow(
                "the configuration connections:strict is not true or false (1 or 0). Correct it, or remove it.",
            );
        } finally {
            before === undefined
                ? delete process.env["CONNECTIONS_STRICT"]
                : (process.env["CONNECTIONS_STRICT"] = before);
        }
    });
});
