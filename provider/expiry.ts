import type { CommonArgs } from "./args";
import type { Connection } from "./connection";
import { statusOf, type Problem, type Status } from "./errors";
import type { Seen } from "./observation";
import { endOf } from "./schema";

const dayLength = 24 * 60 * 60 * 1000;

/** What the calendar can change of what is known about a connection. */
type Judged = Pick<Seen, "status" | "problems" | "checks" | "warnings">;

/** Whether the day has passed that the arguments declare as the secret's last. */
export function isExpired({ expiresAt }: CommonArgs): boolean {
    return expiresAt !== undefined && endOf(expiresAt) < Date.now();
}

/** Adds what the calendar says to what the vendor said, or to what is on record. */
export function applyExpiry<T extends Judged>(connection: Connection, args: CommonArgs, judged: T): T {
    const { expiresAt, warnBeforeDays = 7 } = args;
    if (expiresAt === undefined) {
        return judged;
    }
    if (isExpired(args)) {
        const problem: Problem = {
            kind: "expired",
            property: "expiresAt",
            message: `the ${secretOf(connection)} expired on ${expiresAt}. Make a new one in ${connection.title}, and declare it with its own expiresAt.`,
        };
        const refused = judged.problems.filter(({ kind }) => kind !== "credentialRefused");
        const checks: Seen["checks"] = { ...judged.checks, expiry: { result: "failed", message: problem.message } };
        const problems = [problem, ...refused];
        return { ...judged, checks, status: judged.status === "unreachable" ? "expired" : statusOf(problems), problems };
    }
    const proved = judged.status === "verified";
    if ((proved || judged.status === "unverified") && endOf(expiresAt) - Date.now() <= warnBeforeDays * dayLength) {
        return { ...judged, status: proved ? "expiring" : judged.status, warnings: [...judged.warnings, warningOf(connection, expiresAt)] };
    }
    return judged;
}

/** What is on record without what the calendar has added to it. */
export function withoutExpiry(connection: Connection, { expiresAt }: CommonArgs, { status, checks: all, warnings }: Omit<Judged, "problems">): Judged {
    const { expiry: _, ...checks } = all;
    const results = Object.values(checks).map(({ result }) => result);
    // Of an expired secret nobody may have known more than its day.
    const isProved = results.includes("passed") && results.every((result) => result === "passed" || result === "skipped");
    const before: Partial<Record<Status, Status>> = { expiring: "verified", expired: isProved ? "verified" : "unverified" };
    const warning = expiresAt === undefined ? undefined : warningOf(connection, expiresAt);
    return { status: before[status] ?? status, problems: [], checks, warnings: warnings.filter((one) => one !== warning) };
}

const secretOf = ({ secrets }: Connection): string => secrets[0] ?? "secret";

function warningOf(connection: Connection, expiresAt: string): string {
    return `The ${secretOf(connection)} expires on ${expiresAt}. Make a new one in ${connection.title} before, and declare it with its own expiresAt.`;
}
