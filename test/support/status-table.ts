// The table of cases that every host is held against: what is on record, what has changed, and when the vendor is asked.
import type { VerifyMode } from "../../provider/define";
import type { Driver, Kept, Ran, Said, Values } from "./life";

/**
 * What is on record, and how it stands at the vendor and in the calendar since: `verified, refused since` is verified on record, and refused by now.
 * Then what the program has changed; whether somebody is asked; what a preview shows; what an up comes to where that is something else; and the status
 * on record after it.
 */
export const tables: Record<VerifyMode, string> = {
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
export const refreshes: Record<VerifyMode, string> = {
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

/** The cells of a table. */
export const rowsOf = (table: string): string[][] =>
    table
        .trim()
        .split("\n")
        .map((line) => line.split("|").map((cell) => cell.trim()));

/** The rows without those of a credential that leads elsewhere, for a vendor that does not say where it leads. */
export const rowsThatHold = (table: string, make: MakeSubject): string[][] =>
    rowsOf(table).filter(
        ([record = ""]) => !record.startsWith("tenantChanged") || make({ moves: true }).movesTo !== undefined,
    );

/**
 * The rows as they hold for a class: another account is no other tenant, and so a new credential may have it; and a
 * refused secret is not sent again where that may lock its account.
 */
export const rowsFor = (table: string, make: MakeSubject): string[][] =>
    rowsThatHold(table, make).map((row) => {
        const [record = "", change = "", asked, preview] = row;
        if (table === tables.changes && /^rejected/.test(record) && make({ moves: false }).locks === true) {
            const isHeld = ["nothing", "another argument"].includes(change);
            return isHeld ? [record, change, "nobody", "update", "", "rejected"] : row;
        }
        if (record === "tenantChanged" && change === "credential" && asked === "asked") {
            return make({ moves: true }).movesTo === "account"
                ? [record, change, asked, "update", "", "verified"]
                : row;
        }
        // Where the vendor alone names the tenant, nobody knows without it that another one is meant.
        const isUnknown = preview === "replace" && (asked === "nobody" || record === "unverified");
        return isUnknown && make({ moves: false }).isTenantTold === true ? row.with(3, "update") : row;
    });

/** Where it is said when vendors are asked. */
export const ways = ["an argument", "CONNECTIONS_VERIFY", "connections:verify"] as const;

/** After how many days a secret expires that is recorded with an expiry. */
export const lifetime = 20;

const nearTheEnd = lifetime - 3;
const afterTheEnd = lifetime + 1;
const unhealthy = ["expired", "rejected", "insufficient", "unsupported", "tenantChanged"];

/** A credential of its own at a simulated vendor, with two tenants that it reaches. */
export interface Subject {
    /** What a program declares: the first tenant by name, but where the credential is about to lead elsewhere. */
    readonly args: Values;
    /** Arguments that name the other tenant. */
    readonly away: Values;
    /** Where {@link move} leads: to another tenant, or to another account of the same one, as where the program always names the tenant. Undefined: the vendor names neither. */
    readonly movesTo?: "tenant" | "account";
    /** True where the vendor alone names the tenant: no argument does. Default false. */
    readonly isTenantTold?: boolean;
    /** Whether the vendor locks an account after several refusals. Default false. */
    readonly locks?: boolean;
    /** Arguments with a secret that the vendor has never given out. */
    readonly wrong: Values;
    /** Arguments with a new secret, which the vendor takes whatever became of the old one. */
    renewed(): Values;
    revoke(): void;
    restore(): void;
    /** Takes something away that the program requires. */
    lose(): void;
    regain(): void;
    /** Leads the same credential elsewhere. */
    move?(): void;
    moveBack?(): void;
}

/** Makes a {@link Subject}. */
export type MakeSubject = (options: { readonly moves: boolean }) => Subject;

/** What stands behind the runs of a table. */
export interface Stage {
    /** Drives one host, on a day so many from today. */
    readonly on: (day: number) => Driver;
    readonly subject: MakeSubject;
    /** How many calls the vendors have got so far. */
    readonly calls: () => number;
    /** Lets no call arrive where it should. */
    readonly cut: () => void;
    /** Undoes {@link cut}. */
    readonly mend: () => void;
    /** The day (UTC) that many days from today. */
    readonly dayIn: (days: number) => string;
}

/** What the first cell of a row says. */
export interface Situation {
    readonly subject: Subject;
    readonly args: Values;
    readonly kept: Kept | undefined;
    /** The day of the runs, from today. */
    readonly day: number;
}

/** Makes what the first cell of a row says, with a credential of its own. */
export async function situation({ on, subject: make, cut, mend, dayIn }: Stage, name: string): Promise<Situation> {
    const [record = "", since = ""] = name.split(/, /);
    mend();
    const subject = make({ moves: record === "tenantChanged" });
    const isDated = /expir|near/.test(name);
    const args = { ...subject.args, ...(isDated ? { expiresAt: dayIn(lifetime) } : {}) };
    const day = /near|^expiring/.test(name) ? nearTheEnd : isDated ? afterTheEnd : 0;
    if (record === "nothing") {
        since === "refused" && subject.revoke();
        return { subject, args, kept: undefined, day };
    }
    const { kept: first, why } = await on(0).up(
        undefined,
        args,
        record === "unverified" ? { environment: "never" } : {},
    );
    let kept = first;
    if (kept === undefined) {
        throw new Error(why);
    }
    if (record === "expiring" || record === "expired") {
        kept = (await on(day).refresh(kept)).kept ?? kept;
    } else if (unhealthy.includes(record)) {
        record === "rejected" ? subject.revoke() : record === "insufficient" ? subject.lose() : subject.move?.();
        kept = (await on(0).refresh(kept)).kept ?? kept;
    }
    expect([name, kept.outputs["status"]]).toEqual([name, record]);
    if (since === "healed since") {
        record === "rejected" ? subject.restore() : record === "insufficient" ? subject.regain() : subject.moveBack?.();
    } else if (since === "refused since") {
        subject.revoke();
    } else if (since === "unreachable since") {
        cut();
    }
    return { subject, args, kept, day };
}

/** What the program says after the change that the second cell of a row names. */
export function edited({ subject, args }: Situation, change: string, dayIn: (days: number) => string): Values {
    return {
        ...args,
        ...(change === "credential" ? subject.renewed() : {}),
        ...(change === "wrong credential" ? subject.wrong : {}),
        ...(change === "another argument" ? { timeoutSeconds: 31 } : {}),
        ...(change === "new day" ? { expiresAt: dayIn(lifetime + 100) } : {}),
        ...(change === "tenant" ? subject.away : {}),
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

export const line = (...cells: unknown[]): string => cells.join(" | ");

export async function counted({ calls }: Stage, run: () => Promise<Ran>): Promise<[asked: string, ran: Ran]> {
    const before = calls();
    const ran = await run();
    return [calls() > before ? "asked" : "nobody", ran];
}

/** What a table says, and what is seen. */
export interface Held {
    readonly expected: readonly string[];
    readonly seen: readonly string[];
}

/** Runs previews and ups as the rows have them. */
export async function holdUps(
    stage: Stage,
    rows: readonly string[][],
    mode: VerifyMode,
    way: (typeof ways)[number],
): Promise<Held> {
    const [expected, seen]: [string[], string[]] = [[], []];
    for (const row of rows) {
        const [record = "", change = "", , preview = "", failed = "", status = ""] = row;
        const { said, of } = say(mode, way, await situation(stage, record));
        const args = edited(of, change, stage.dayIn);
        const host = stage.on(of.day);
        const [asked, previewed] = await counted(stage, () => host.preview(of.kept, args, said));
        const up = await host.up(of.kept, args, said);
        const { outputs, inputs } = up.kept ?? {};
        const outcome = [
            asked,
            previewed.outcome,
            up.outcome === previewed.outcome ? "" : up.outcome,
            outputs?.["status"] ?? "-",
        ];
        if (failed === "failed" || preview === "refused") {
            expected.push(line(...row, "says why", "keeps the record"));
            seen.push(
                line(
                    record,
                    change,
                    ...outcome,
                    up.why === "" ? "says nothing" : "says why",
                    up.kept === of.kept ? "keeps the record" : "changes the record",
                ),
            );
            continue;
        }
        // What an up has recorded is no change from then on, in previews, ups and refreshes; but under changes a refresh asks where previews did not.
        const again = [
            await host.preview(up.kept, args, said),
            await host.up(up.kept, args, said),
            await host.refresh(up.kept as Kept, said),
        ];
        const found = mode === "changes" && record === "verified, refused since";
        const [was, is] = [of.kept?.outputs["verifiedAt"], outputs?.["verifiedAt"]];
        const proved = row[2] === "asked" && preview !== "clean" && (status === "verified" || status === "expiring");
        expected.push(
            line(
                ...row,
                status,
                "clean",
                "clean",
                found ? "update" : "clean",
                proved
                    ? "verified now"
                    : was === undefined || preview === "replace"
                      ? "verified never"
                      : "verified then",
            ),
        );
        seen.push(
            line(
                record,
                change,
                ...outcome,
                inputs?.["status"],
                ...again.map((one) => one.outcome),
                is === undefined ? "verified never" : is === was ? "verified then" : "verified now",
            ),
        );
    }
    return { expected, seen };
}

/** Runs refreshes as the rows have them. */
export async function holdRefreshes(
    stage: Stage,
    rows: readonly string[][],
    mode: VerifyMode,
    way: (typeof ways)[number],
): Promise<Held> {
    const [expected, seen]: [string[], string[]] = [[], []];
    for (const row of rows) {
        const { said, of } = say(mode, way, await situation(stage, row[0] ?? ""));
        const host = stage.on(of.day);
        const [asked, { outcome, kept }] = await counted(stage, () => host.refresh(of.kept as Kept, said));
        const again = await host.refresh(kept as Kept, said);
        const { verifiedAt, status } = kept?.outputs ?? {};
        expected.push(line(...row, "clean", "verified then"));
        seen.push(
            line(
                row[0],
                asked,
                outcome,
                status,
                again.outcome,
                verifiedAt === of.kept?.outputs["verifiedAt"] ? "verified then" : "verified now",
            ),
        );
    }
    return { expected, seen };
}
