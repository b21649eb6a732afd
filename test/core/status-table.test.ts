import type { VerifyMode } from "../../provider/define";
import { dayIn, otherDay } from "../support/clock";
import { Core } from "../support/core";
import { Life, type Kept, type Ran, type Said } from "../support/life";
import { connectorScopes, startVendors, type AtlassianAccount, type AtlassianOAuthCredential, type AtlassianSite, type Vendors } from "../simulators/vendors";

/**
 * What is on record, and how it stands at the vendor and in the calendar since: `verified, refused since` is verified on record, and refused by now.
 * Then what the program has changed; whether somebody is asked; what a preview shows; what an up comes to where that is something else; and the status
 * on record after it.
 */
const tables: Record<VerifyMode, string> = {
    always: `
        nothing                       | nothing          | asked  | create  |         | verified
        nothing, refused              | nothing          | asked  | refused |         | -
        nothing, expired              | nothing          | asked  | refused |         | -
        verified                      | nothing          | asked  | clean   |         | verified
        verified                      | credential       | asked  | update  |         | verified
        verified                      | wrong credential | asked  | refused |         | verified
        verified                      | another argument | asked  | update  |         | verified
        verified                      | tenant           | asked  | replace |         | verified
        verified, refused since       | nothing          | asked  | update  | failed  | verified
        verified, refused since       | another argument | asked  | refused |         | verified
        verified, unreachable since   | nothing          | asked  | clean   |         | verified
        verified, unreachable since   | another argument | asked  | update  | failed  | verified
        verified, near its end since  | nothing          | asked  | update  |         | expiring
        verified, expired since       | nothing          | asked  | update  | failed  | verified
        verified, expired since       | credential       | asked  | refused |         | verified
        verified, expired since       | another argument | asked  | refused |         | verified
        verified, expired since       | tenant           | asked  | refused |         | verified
        expiring                      | nothing          | asked  | clean   |         | expiring
        expiring                      | credential       | asked  | update  |         | expiring
        expiring                      | another argument | asked  | update  |         | expiring
        expiring                      | new day          | asked  | update  |         | verified
        expiring                      | tenant           | asked  | replace |         | expiring
        expired                       | nothing          | asked  | update  | failed  | expired
        expired                       | credential       | asked  | refused |         | expired
        expired                       | another argument | asked  | refused |         | expired
        expired                       | new day          | asked  | update  |         | verified
        expired                       | tenant           | asked  | refused |         | expired
        rejected                      | nothing          | asked  | update  | failed  | rejected
        rejected                      | credential       | asked  | update  |         | verified
        rejected                      | wrong credential | asked  | refused |         | rejected
        rejected                      | another argument | asked  | refused |         | rejected
        rejected                      | tenant           | asked  | refused |         | rejected
        rejected, healed since        | nothing          | asked  | update  |         | verified
        rejected, unreachable since   | nothing          | asked  | update  | failed  | rejected
        insufficient                  | nothing          | asked  | update  | failed  | insufficient
        insufficient                  | credential       | asked  | refused |         | insufficient
        insufficient                  | another argument | asked  | refused |         | insufficient
        insufficient                  | tenant           | asked  | refused |         | insufficient
        insufficient, healed since    | nothing          | asked  | update  |         | verified
        tenantChanged                 | nothing          | asked  | update  | failed  | tenantChanged
        tenantChanged                 | credential       | asked  | refused |         | tenantChanged
        tenantChanged                 | another argument | asked  | refused |         | tenantChanged
        tenantChanged                 | tenant           | asked  | replace |         | verified
        tenantChanged, healed since   | nothing          | asked  | update  |         | verified
        unverified                    | nothing          | asked  | update  |         | verified
        unverified                    | credential       | asked  | update  |         | verified
        unverified                    | another argument | asked  | update  |         | verified
        unverified                    | tenant           | asked  | replace |         | verified
        unverified, refused since     | nothing          | asked  | update  | failed  | unverified`,
    changes: `
        nothing                       | nothing          | asked  | create  |         | verified
        nothing, refused              | nothing          | asked  | refused |         | -
        nothing, expired              | nothing          | nobody | refused |         | -
        verified                      | nothing          | nobody | clean   |         | verified
        verified                      | credential       | asked  | update  |         | verified
        verified                      | wrong credential | asked  | refused |         | verified
        verified                      | another argument | asked  | update  |         | verified
        verified                      | tenant           | asked  | replace |         | verified
        verified, refused since       | nothing          | nobody | clean   |         | verified
        verified, refused since       | another argument | asked  | refused |         | verified
        verified, unreachable since   | nothing          | nobody | clean   |         | verified
        verified, unreachable since   | another argument | asked  | update  | failed  | verified
        verified, near its end since  | nothing          | nobody | update  |         | expiring
        verified, expired since       | nothing          | nobody | update  |         | expired
        verified, expired since       | credential       | nobody | refused |         | verified
        verified, expired since       | another argument | nobody | update  |         | expired
        verified, expired since       | tenant           | nobody | refused |         | verified
        expiring                      | nothing          | nobody | clean   |         | expiring
        expiring                      | credential       | asked  | update  |         | expiring
        expiring                      | another argument | asked  | update  |         | expiring
        expiring                      | new day          | asked  | update  |         | verified
        expiring                      | tenant           | asked  | replace |         | expiring
        expired                       | nothing          | nobody | update  |         | expired
        expired                       | credential       | nobody | refused |         | expired
        expired                       | another argument | nobody | update  |         | expired
        expired                       | new day          | asked  | update  |         | verified
        expired                       | tenant           | nobody | refused |         | expired
        rejected                      | nothing          | asked  | update  |         | rejected
        rejected                      | credential       | asked  | update  |         | verified
        rejected                      | wrong credential | asked  | refused |         | rejected
        rejected                      | another argument | asked  | update  |         | rejected
        rejected                      | tenant           | asked  | refused |         | rejected
        rejected, healed since        | nothing          | asked  | update  |         | verified
        rejected, unreachable since   | nothing          | asked  | update  |         | rejected
        insufficient                  | nothing          | asked  | update  |         | insufficient
        insufficient                  | credential       | asked  | refused |         | insufficient
        insufficient                  | another argument | asked  | update  |         | insufficient
        insufficient                  | tenant           | asked  | refused |         | insufficient
        insufficient, healed since    | nothing          | asked  | update  |         | verified
        tenantChanged                 | nothing          | asked  | update  |         | tenantChanged
        tenantChanged                 | credential       | asked  | refused |         | tenantChanged
        tenantChanged                 | another argument | asked  | update  |         | tenantChanged
        tenantChanged                 | tenant           | asked  | replace |         | verified
        tenantChanged, healed since   | nothing          | asked  | update  |         | verified
        unverified                    | nothing          | asked  | update  |         | verified
        unverified                    | credential       | asked  | update  |         | verified
        unverified                    | another argument | asked  | update  |         | verified
        unverified                    | tenant           | asked  | replace |         | verified
        unverified, refused since     | nothing          | asked  | update  |         | rejected`,
    never: `
        nothing                       | nothing          | nobody | create  |         | unverified
        nothing, refused              | nothing          | nobody | create  |         | unverified
        nothing, expired              | nothing          | nobody | refused |         | -
        verified                      | nothing          | nobody | clean   |         | verified
        verified                      | credential       | nobody | update  |         | unverified
        verified                      | wrong credential | nobody | update  |         | unverified
        verified                      | another argument | nobody | update  |         | verified
        verified                      | tenant           | nobody | replace |         | unverified
        verified, refused since       | nothing          | nobody | clean   |         | verified
        verified, refused since       | another argument | nobody | update  |         | verified
        verified, unreachable since   | nothing          | nobody | clean   |         | verified
        verified, unreachable since   | another argument | nobody | update  |         | verified
        verified, near its end since  | nothing          | nobody | update  |         | expiring
        verified, expired since       | nothing          | nobody | update  |         | expired
        verified, expired since       | credential       | nobody | refused |         | verified
        verified, expired since       | another argument | nobody | update  |         | expired
        verified, expired since       | tenant           | nobody | refused |         | verified
        expiring                      | nothing          | nobody | clean   |         | expiring
        expiring                      | credential       | nobody | update  |         | unverified
        expiring                      | another argument | nobody | update  |         | expiring
        expiring                      | new day          | nobody | update  |         | verified
        expiring                      | tenant           | nobody | replace |         | unverified
        expired                       | nothing          | nobody | update  |         | expired
        expired                       | credential       | nobody | refused |         | expired
        expired                       | another argument | nobody | update  |         | expired
        expired                       | new day          | nobody | update  |         | verified
        expired                       | tenant           | nobody | refused |         | expired
        rejected                      | nothing          | nobody | update  |         | rejected
        rejected                      | credential       | nobody | update  |         | unverified
        rejected                      | wrong credential | nobody | update  |         | unverified
        rejected                      | another argument | nobody | update  |         | rejected
        rejected                      | tenant           | nobody | replace |         | unverified
        rejected, healed since        | nothing          | nobody | update  |         | rejected
        rejected, unreachable since   | nothing          | nobody | update  |         | rejected
        insufficient                  | nothing          | nobody | update  |         | insufficient
        insufficient                  | credential       | nobody | update  |         | unverified
        insufficient                  | another argument | nobody | update  |         | insufficient
        insufficient                  | tenant           | nobody | replace |         | unverified
        insufficient, healed since    | nothing          | nobody | update  |         | insufficient
        tenantChanged                 | nothing          | nobody | update  |         | tenantChanged
        tenantChanged                 | credential       | nobody | update  |         | unverified
        tenantChanged                 | another argument | nobody | update  |         | tenantChanged
        tenantChanged                 | tenant           | nobody | replace |         | unverified
        tenantChanged, healed since   | nothing          | nobody | update  |         | tenantChanged
        unverified                    | nothing          | nobody | clean   |         | unverified
        unverified                    | credential       | nobody | update  |         | unverified
        unverified                    | another argument | nobody | update  |         | unverified
        unverified                    | tenant           | nobody | replace |         | unverified
        unverified, refused since     | nothing          | nobody | clean   |         | unverified`,
};

/** What a refresh comes to where the vendor is asked: what is on record, whether somebody is asked, whether it shows a change, and the status after it. */
const askingRefreshes = `
    verified                      | asked  | clean  | verified
    verified, refused since       | asked  | update | rejected
    verified, near its end since  | asked  | update | expiring
    verified, expired since       | asked  | update | expired
    expiring                      | asked  | clean  | expiring
    expired                       | asked  | clean  | expired
    rejected                      | asked  | clean  | rejected
    rejected, healed since        | asked  | update | verified
    insufficient                  | asked  | clean  | insufficient
    insufficient, healed since    | asked  | update | verified
    tenantChanged                 | asked  | clean  | tenantChanged
    tenantChanged, healed since   | asked  | update | verified
    unverified                    | asked  | update | verified
    unverified, refused since     | asked  | update | rejected`;

/** What a refresh comes to: what is on record, whether somebody is asked, whether it shows a change, and the status on record after it. */
const refreshes: Record<VerifyMode, string> = {
    always: askingRefreshes,
    changes: askingRefreshes,
    never: `
        verified                      | nobody | clean  | verified
        verified, refused since       | nobody | clean  | verified
        verified, near its end since  | nobody | update | expiring
        verified, expired since       | nobody | update | expired
        expiring                      | nobody | clean  | expiring
        expired                       | nobody | clean  | expired
        rejected                      | nobody | clean  | rejected
        rejected, healed since        | nobody | clean  | rejected
        insufficient                  | nobody | clean  | insufficient
        insufficient, healed since    | nobody | clean  | insufficient
        tenantChanged                 | nobody | clean  | tenantChanged
        tenantChanged, healed since   | nobody | clean  | tenantChanged
        unverified                    | nobody | clean  | unverified
        unverified, refused since     | nobody | clean  | unverified`,
};

const rowsOf = (table: string): string[][] => table.trim().split("\n").map((line) => line.split("|").map((cell) => cell.trim()));

/** Where it is said when vendors are asked. */
const ways = ["an argument", "CONNECTIONS_VERIFY", "connections:verify"] as const;

const cases = (["always", "changes", "never"] as const).flatMap((mode) => ways.map((way) => [mode, way] as const));
const unhealthy = ["expired", "rejected", "insufficient", "unsupported", "tenantChanged"];
const lifetime = 20;

interface Situation {
    readonly credential: AtlassianOAuthCredential;
    readonly args: Record<string, unknown>;
    readonly kept: Kept | undefined;
    /** On the day of the runs. */
    readonly core: Core;
}

describe("What is on record, what has changed, and when the vendor is asked", () => {
    let vendors: Vendors;
    /** The day on which everything is recorded, one in the last week of a secret's life, and one after its end. */
    let today: Core;
    let nearTheEnd: Core;
    let afterTheEnd: Core;
    let home: AtlassianSite;
    let away: AtlassianSite;
    let serial = 0;

    const type = "atlassian.ServiceAccountOAuth";
    const on = (core: Core): Life => new Life(core, type, () => vendors.endpoints);

    beforeAll(async () => {
        vendors = await startVendors();
        const { organization } = vendors.fixture.atlassian;
        [home, away] = [await organization.addSite("home", "Home"), await organization.addSite("away", "Away")];
        today = Core.start();
        nearTheEnd = Core.start(otherDay(lifetime - 3));
        afterTheEnd = Core.start(otherDay(lifetime + 1));
    });

    afterAll(async () => {
        await Promise.all([today, nearTheEnd, afterTheEnd].map((core) => core.close()));
        await vendors.close();
    });

    /** Makes what the first cell of a row says, with a credential of its own. */
    async function situation(name: string): Promise<Situation> {
        const [record = "", since = ""] = name.split(/, /);
        const { organization } = vendors.fixture.atlassian;
        const account: AtlassianAccount = organization.addServiceAccount(`table-${++serial}`);
        account.addSite(home);
        account.addSite(away);
        const credential = organization.createOAuthCredential(account, connectorScopes);
        vendors.clearFaults();
        const moves = record === "tenantChanged";
        if (moves) {
            account.removeSite(away);
        }
        const dated = /expir|near/.test(name);
        const args = {
            ...{ clientId: credential.clientId, clientSecret: credential.clientSecret, requiredScopes: ["read:jira-work"], allowedScopes: ["*"] },
            // A program that names no site is led to another one by its credential.
            ...(moves ? {} : { cloudId: home.cloudId }),
            ...(dated ? { expiresAt: dayIn(lifetime) } : {}),
        };
        const core = /near|^expiring/.test(name) ? nearTheEnd : dated ? afterTheEnd : today;
        if (record === "nothing") {
            since === "refused" && credential.revoke();
            return { credential, args, kept: undefined, core };
        }
        const { kept: first, why } = await on(today).up(undefined, args, record === "unverified" ? { environment: "never" } : {});
        let kept = first;
        if (kept === undefined) {
            throw new Error(why);
        }
        if (record === "expiring" || record === "expired") {
            kept = (await on(core).refresh(kept)).kept ?? kept;
        } else if (unhealthy.includes(record)) {
            upset(record, credential);
            kept = (await on(today).refresh(kept)).kept ?? kept;
        }
        expect([name, kept.outputs["status"]]).toEqual([name, record]);
        if (since === "healed since") {
            heal(record, credential);
        } else if (since === "refused since") {
            credential.revoke();
        } else if (since === "unreachable since") {
            vendors.listeners.forEach((listener) => listener.fault({ kind: "redirect", status: 302, location: "https://elsewhere.example/" }));
        }
        return { credential, args, kept, core };
    }

    function upset(record: string, credential: AtlassianOAuthCredential): void {
        if (record === "rejected") {
            credential.revoke();
        } else if (record === "insufficient") {
            credential.removeScope("read:jira-work");
        } else {
            credential.account.removeSite(home);
            credential.account.addSite(away);
        }
    }

    function heal(record: string, credential: AtlassianOAuthCredential): void {
        credential.restore();
        credential.addScope("read:jira-work");
        if (record === "tenantChanged") {
            credential.account.removeSite(away);
            credential.account.addSite(home);
        }
    }

    /** What the program says after the change that the second cell of a row names. */
    function edited({ credential, args }: Situation, change: string): Record<string, unknown> {
        if (change === "credential") {
            // The vendor takes the new secret, whatever became of the old one.
            credential.restore();
            return { ...args, clientSecret: Object.assign(credential, { clientSecret: `ATOA${`-new-${serial}`.repeat(12)}` }).clientSecret };
        }
        return {
            ...args,
            ...(change === "wrong credential" ? { clientSecret: `ATOA${"-wrong".repeat(10)}` } : {}),
            ...(change === "another argument" ? { timeoutSeconds: 31 } : {}),
            ...(change === "new day" ? { expiresAt: dayIn(lifetime + 100) } : {}),
            ...(change === "tenant" ? { cloudId: away.cloudId } : {}),
        };
    }

    /** The mode as one of the ways says it: as an argument it stands on record as well, as no change. */
    function say(mode: VerifyMode, way: (typeof ways)[number], of: Situation): { said: Said; of: Situation } {
        if (way !== "an argument") {
            return { said: way === "CONNECTIONS_VERIFY" ? { environment: mode } : { config: mode }, of };
        }
        const { kept, args } = of;
        const verify = { verify: mode };
        const both = kept && { ...kept, inputs: { ...kept.inputs, ...verify }, outputs: { ...kept.outputs, ...verify } };
        return { said: {}, of: { ...of, kept: both, args: { ...args, ...verify } } };
    }

    const counted = async (run: () => Promise<Ran>): Promise<[asked: string, ran: Ran]> => {
        const before = vendors.requests.length;
        const ran = await run();
        return [vendors.requests.length > before ? "asked" : "nobody", ran];
    };

    const line = (...cells: unknown[]): string => cells.join(" | ");

    test.each(cases)("%s, said by %s: previews and ups", async (mode, way) => {
        const [expected, seen]: [string[], string[]] = [[], []];
        for (const row of rowsOf(tables[mode])) {
            const [record = "", change = "", , preview = "", failed = "", status = ""] = row;
            const { said, of } = say(mode, way, await situation(record));
            const args = edited(of, change);
            const life = on(of.core);
            const [asked, previewed] = await counted(() => life.preview(of.kept, args, said));
            const up = await life.up(of.kept, args, said);
            const { outputs, inputs } = up.kept ?? {};
            const outcome = [asked, previewed.outcome, up.outcome === previewed.outcome ? "" : up.outcome, outputs?.["status"] ?? "-"];
            if (failed === "failed" || preview === "refused") {
                expected.push(line(...row, "says why", "keeps the record"));
                seen.push(line(record, change, ...outcome, up.why === "" ? "says nothing" : "says why", up.kept === of.kept ? "keeps the record" : "changes the record"));
                continue;
            }
            // What an up has recorded is no change from then on, in previews, ups and refreshes; but under changes a refresh asks where previews did not.
            const again = [await life.preview(up.kept, args, said), await life.up(up.kept, args, said), await life.refresh(up.kept as Kept, said)];
            const found = mode === "changes" && record === "verified, refused since";
            const [was, is] = [of.kept?.outputs["verifiedAt"], outputs?.["verifiedAt"]];
            const proved = row[2] === "asked" && preview !== "clean" && (status === "verified" || status === "expiring");
            expected.push(line(...row, status, "clean", "clean", found ? "update" : "clean", proved ? "verified now" : was === undefined || preview === "replace" ? "verified never" : "verified then"));
            seen.push(
                line(record, change, ...outcome, inputs?.["status"], ...again.map((one) => one.outcome), is === undefined ? "verified never" : is === was ? "verified then" : "verified now"),
            );
        }
        expect(seen).toEqual(expected);
    });

    test.each(cases)("%s, said by %s: refreshes", async (mode, way) => {
        const [expected, seen]: [string[], string[]] = [[], []];
        for (const row of rowsOf(refreshes[mode])) {
            const { said, of } = say(mode, way, await situation(row[0] ?? ""));
            const [asked, { outcome, kept }] = await counted(() => on(of.core).refresh(of.kept as Kept, said));
            const again = await on(of.core).refresh(kept as Kept, said);
            const { verifiedAt, status } = kept?.outputs ?? {};
            expected.push(line(...row, "clean", "verified then"));
            seen.push(line(row[0], asked, outcome, status, again.outcome, verifiedAt === of.kept?.outputs["verifiedAt"] ? "verified then" : "verified now"));
        }
        expect(seen).toEqual(expected);
    });

    test.each(["changes", "never"] as const)("under %s, what is recorded keeps the checks and what they found, and the calendar adds its own", async (mode) => {
        const { kept, args, core } = await situation("verified, expired since");
        const { kept: after } = await on(core).up(kept, args, { config: mode });
        const { checks, warnings, grantedScopes, account, sites } = kept?.outputs ?? {};
        const expiry = { result: "failed", message: `the clientSecret expired on ${dayIn(lifetime)}. Make a new one in Atlassian, and declare it with its own expiresAt.` };
        expect(after?.outputs).toMatchObject({ status: "expired", checks: { ...(checks as object), expiry }, warnings, grantedScopes, account, sites });
        const near = await situation("verified, near its end since");
        const { kept: warned } = await on(near.core).up(near.kept, near.args, { config: mode });
        expect(warned?.outputs).toMatchObject({ status: "expiring", checks: near.kept?.outputs["checks"], warnings: [expect.stringContaining(`expires on ${dayIn(lifetime)}`)] });
    });

    test("the day on which it was first seen stays on record until it is something else", async () => {
        const [first, later] = [dayIn(0), dayIn(lifetime - 3)];
        const since = (kept: Kept | undefined): unknown => (kept?.outputs["__record"] as { since?: string }).since;
        const { kept, args, credential } = await situation("rejected");
        expect(since(kept)).toBe(first);
        const up = await on(nearTheEnd).up(kept, args, { environment: "never" });
        expect([up.outcome, since(up.kept)]).toEqual(["update", first]);
        const refreshed = await on(nearTheEnd).refresh(up.kept as Kept);
        expect(since(refreshed.kept)).toBe(first);
        credential.restore();
        credential.removeScope("read:jira-work");
        const other = await on(nearTheEnd).refresh(refreshed.kept as Kept);
        expect([other.kept?.outputs["status"], since(other.kept)]).toEqual(["insufficient", later]);
        credential.addScope("read:jira-work");
        expect(since((await on(nearTheEnd).refresh(other.kept as Kept)).kept)).toBeUndefined();
        // States of before say no day, and none is made up.
        const old = { ...up.kept, outputs: { ...up.kept?.outputs, __record: {} }, inputs: { ...up.kept?.inputs, __record: {} } } as Kept;
        await on(nearTheEnd).refresh(up.kept as Kept, { environment: "never" });
        const { kept: still } = await on(nearTheEnd).refresh(old, { environment: "never" });
        expect([still?.outputs["status"], since(still)]).toEqual(["rejected", undefined]);
        expect(nearTheEnd.output).toContain(`rejected since ${first}; nobody was asked.`);
        expect(nearTheEnd.output).toContain("rejected; nobody was asked.");
        const expired = await situation("verified, expired since");
        expect(since((await on(afterTheEnd).up(expired.kept, expired.args, { environment: "never" })).kept)).toBe(dayIn(lifetime));
    });
});
