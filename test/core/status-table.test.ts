import { dayIn, otherDay } from "../support/clock";
import { Core } from "../support/core";
import { Life, type Driver, type Kept } from "../support/life";
import {
    holdRefreshes,
    holdUps,
    lifetime,
    refreshes,
    rowsOf,
    situation,
    tables,
    ways,
    type MakeSubject,
    type Stage,
} from "../support/status-table";
import { stageOf, subjectsOf } from "../support/subjects";
import { diagonal } from "../support/thorough";
import { startVendors, type Vendors } from "../simulators/vendors";

const cases = (["always", "changes", "never"] as const).flatMap((mode) => ways.map((way) => [mode, way] as const));

/** All rows of a mode, each said in another way; in a thorough run in each of them. */
const shareOf = (rows: readonly string[][], way: (typeof ways)[number]): readonly string[][] =>
    diagonal(rows, ways.indexOf(way), ways.length);

describe("What is on record, what has changed, and when the vendor is asked", () => {
    const type = "atlassian.ServiceAccountOAuth";
    let vendors: Vendors;
    /** The day on which everything is recorded, one in the last week of a secret's life, and one after its end. */
    let cores: ReadonlyMap<number, Core>;
    let stage: Stage;

    const on = (day: number): Driver => new Life(cores.get(day) as Core, type, () => vendors.endpoints);

    beforeAll(async () => {
        vendors = await startVendors();
        cores = new Map([0, lifetime - 3, lifetime + 1].map((day) => [day, Core.start(otherDay(day))]));
        const subject = (await subjectsOf(vendors))[type] as MakeSubject;
        stage = { ...stageOf(vendors, subject), on };
    });

    afterAll(async () => {
        await Promise.all([...cores.values()].map((core) => core.close()));
        await vendors.close();
    });

    test.each(cases)("%s, said by %s: previews and ups", async (mode, way) => {
        const { expected, seen } = await holdUps(stage, shareOf(rowsOf(tables[mode]), way), mode, way);
        expect(seen).toEqual(expected);
    });

    test.each(cases)("%s, said by %s: refreshes", async (mode, way) => {
        const { expected, seen } = await holdRefreshes(stage, shareOf(rowsOf(refreshes[mode]), way), mode, way);
        expect(seen).toEqual(expected);
    });

    test.each(["changes", "never"] as const)(
        "under %s, what is recorded keeps the checks and what they found, and the calendar adds its own",
        async (mode) => {
            const { kept, args, day } = await situation(stage, "verified, expired since");
            const { kept: after } = await on(day).up(kept, args, { config: mode });
            const { checks, warnings, grantedScopes, account, sites } = kept?.outputs ?? {};
            const expiry = {
                result: "failed",
                message: `the clientSecret expired on ${dayIn(lifetime)}. Make a new one in Atlassian, and declare it with its own expiresAt.`,
            };
            expect(after?.outputs).toMatchObject({
                status: "expired",
                checks: { ...(checks as object), expiry },
                warnings,
                grantedScopes,
                account,
                sites,
            });
            const near = await situation(stage, "verified, near its end since");
            const { kept: warned } = await on(near.day).up(near.kept, near.args, { config: mode });
            expect(warned?.outputs).toMatchObject({
                status: "expiring",
                checks: near.kept?.outputs["checks"],
                warnings: [expect.stringContaining(`expires on ${dayIn(lifetime)}`)],
            });
        },
    );

    test("the day on which it was first seen stays on record until it is something else", async () => {
        const [first, later] = [dayIn(0), dayIn(lifetime - 3)];
        const since = (kept: Kept | undefined): unknown => (kept?.outputs["__record"] as { since?: string }).since;
        const { kept, args, subject } = await situation(stage, "rejected");
        expect(since(kept)).toBe(first);
        const up = await on(lifetime - 3).up(kept, args, { environment: "never" });
        expect([up.outcome, since(up.kept)]).toEqual(["update", first]);
        const refreshed = await on(lifetime - 3).refresh(up.kept as Kept);
        expect(since(refreshed.kept)).toBe(first);
        subject.restore();
        subject.lose();
        const other = await on(lifetime - 3).refresh(refreshed.kept as Kept);
        expect([other.kept?.outputs["status"], since(other.kept)]).toEqual(["insufficient", later]);
        subject.regain();
        expect(since((await on(lifetime - 3).refresh(other.kept as Kept)).kept)).toBeUndefined();
        // States of before say no day, and none is made up.
        const old = {
            ...up.kept,
            outputs: { ...up.kept?.outputs, __record: {} },
            inputs: { ...up.kept?.inputs, __record: {} },
        } as Kept;
        await on(lifetime - 3).refresh(up.kept as Kept, { environment: "never" });
        const { kept: still } = await on(lifetime - 3).refresh(old, { environment: "never" });
        expect([still?.outputs["status"], since(still)]).toEqual(["rejected", undefined]);
        expect(cores.get(lifetime - 3)?.output).toContain(
            `rejected since ${first}; the vendor was not checked in this run.`,
        );
        expect(cores.get(lifetime - 3)?.output).toContain("rejected; the vendor was not checked in this run.");
        const expired = await situation(stage, "verified, expired since");
        expect(since((await on(lifetime + 1).up(expired.kept, expired.args, { environment: "never" })).kept)).toBe(
            dayIn(lifetime),
        );
    });
});
