// What the calendar says of a secret.
import type { Check, Problem, Status, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import { dayLength, endOf, isWholeDay } from "./days";
import { isRefusal, statusOf } from "./problems";

/** Whether the day has passed that the arguments declare as the secret's last. */
export function isExpired({ expiresAt }: Values, now: number): boolean {
    return typeof expiresAt === "string" && endOf(expiresAt) < now;
}

/** What the calendar can change of what is known about a connection. */
export interface VerificationReport {
    readonly status: Status;
    readonly problems: readonly Problem[];
    readonly checks: Readonly<Record<string, Check>>;
    readonly warnings: readonly string[];
}

/** Adds what the calendar says to what the vendor said, or to what is on record. */
export function applyExpiry(
    type: ConnectionType,
    given: Values,
    report: VerificationReport,
    now: number,
): VerificationReport {
    const { expiresAt, warnBeforeDays = 7 } = given as {
        readonly expiresAt?: string;
        readonly warnBeforeDays?: number;
    };
    if (expiresAt === undefined) {
        return report;
    }
    if (isExpired(given, now)) {
        const remedy = `Make a new one in ${type.definition.title}, and declare it with its own expiresAt.`;
        const message = `the ${secretOf(type)} expired on ${expiresAt}. ${remedy}`;
        const expired: Problem = { kind: "expired", argument: "expiresAt", message };
        // An expiry explains a refusal, and stands even where the vendor could not be asked.
        const problems = [expired, ...report.problems.filter((problem) => !isRefusal(problem))];
        const status = report.status === "unreachable" ? "expired" : statusOf(problems);
        return { ...report, status, problems, checks: { ...report.checks, expiry: { result: "failed", message } } };
    }
    const isProved = report.status === "verified";
    if ((isProved || report.status === "unverified") && endOf(expiresAt) - now <= warnBeforeDays * dayLength) {
        const warnings = [...report.warnings, expiryWarning(type, expiresAt)];
        return { ...report, status: isProved ? "expiring" : report.status, warnings };
    }
    return report;
}

/** What is on record without what the calendar has added to it. */
export function withoutExpiry(
    { expiresAt }: Values,
    { status, checks: all, warnings }: Omit<VerificationReport, "problems">,
): VerificationReport {
    const { expiry: _, ...checks } = all;
    const results = Object.values(checks).map(({ result }) => result);
    // Of an expired secret nobody may have known more than its day.
    const isProved =
        results.includes("passed") && results.every((result) => result === "passed" || result === "skipped");
    const before: Partial<Record<Status, Status>> = {
        expiring: "verified",
        expired: isProved ? "verified" : "unverified",
    };
    // The one that names the day, however a release puts it.
    const isAboutExpiry = (warning: string): boolean => typeof expiresAt === "string" && warning.includes(expiresAt);
    return {
        status: before[status] ?? status,
        problems: [],
        checks,
        warnings: warnings.filter((warning) => !isAboutExpiry(warning)),
    };
}

const secretOf = ({ secretNames }: ConnectionType): string => secretNames[0] ?? "secret";

function expiryWarning(type: ConnectionType, expiresAt: string): string {
    // A day lasts until its end here, and at some vendors the secret does not.
    const end = isWholeDay(expiresAt)
        ? ` A day counts until its end in UTC: if the vendor ends the secret at the day's start, write ${expiresAt}T00:00:00Z.`
        : "";
    return `The ${secretOf(type)} expires on ${expiresAt}. Make a new one in ${type.definition.title} before, and declare it with its own expiresAt.${end}`;
}
