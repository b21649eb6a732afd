// The end of a secret: as the vendor reports it, as the program declares it, and by today's calendar.
import type { Check, Problem, SecretExpirySource, Status, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import { dayLength, endOf, isDay, isWholeDay } from "./days";
import { isRefusal, statusOf } from "./problems";

/** True where the day that the arguments declare as the secret's last has passed. */
export function isExpired({ expiresAt }: Values, now: number): boolean {
    return typeof expiresAt === "string" && endOf(expiresAt) < now;
}

// ---- what the vendor reports ----------------------------------------------------------------------------------------------------

/** The vendor's end of a secret: a moment in UTC, or `never`. */
export type ReportedEnd = string;

const never = "never";

/** The least distance of a believable moment, because GitHub sometimes returns the present one. */
const nearest = 15 * 60 * 1000;

/** True for a moment that has passed. */
export const isOver = (reported: ReportedEnd | undefined, now: number): boolean =>
    reported !== undefined && reported !== never && Date.parse(reported) < now;

/** The vendor's end of the secret in the recorded outputs. */
export function recordedEnd({ secretExpiresAt, secretExpirySource }: Values): ReportedEnd | undefined {
    if (secretExpirySource === never) {
        return never;
    }
    const isReported = secretExpirySource === "vendor" && typeof secretExpiresAt === "string" && isDay(secretExpiresAt);
    return isReported ? secretExpiresAt : undefined;
}

/** The part of a verification that decides the end of the secret. */
export interface FoundEnd {
    readonly status: Status;
    readonly problems: readonly Problem[];
    /** The vendor's latest end. */
    readonly secretEnd?: ReportedEnd | undefined;
    /** True where it could not be read. */
    readonly isUnread?: boolean | undefined;
}

/**
 * The vendor's end that counts after a verification.
 * @param recorded The recorded end of the same secret: it counts where the vendor could not report it now.
 */
export function reportedEnd(
    { status, problems, secretEnd, isUnread = false }: FoundEnd,
    recorded: ReportedEnd | undefined,
    now: number,
): ReportedEnd | undefined {
    const isRefused = problems.some(isRefusal);
    if (secretEnd === undefined) {
        const isAccepted = !isRefused && status !== "unreachable";
        const isUnreported = problems.length === 0 && !isUnread;
        return isUnreported || (isAccepted && isOver(recorded, now)) ? undefined : recorded;
    }
    const isBelievable =
        secretEnd === never || Date.parse(secretEnd) >= now + nearest || (isRefused && isOver(secretEnd, now));
    return isBelievable ? secretEnd : undefined;
}

// ---- outputs --------------------------------------------------------------------------------------------------------------------

/** The end of the secret in outputs. */
export interface SecretExpiry {
    readonly secretExpiresAt?: string | undefined;
    readonly secretExpirySource?: SecretExpirySource | undefined;
}

/** The outputs about the end of the secret. The vendor's end takes precedence over the declared one. */
export function secretExpiry({ expiresAt }: Values, reported: ReportedEnd | undefined): SecretExpiry {
    if (reported !== undefined) {
        return reported === never
            ? { secretExpirySource: never }
            : { secretExpiresAt: reported, secretExpirySource: "vendor" };
    }
    // A value that the engine has encrypted is not a day.
    return typeof expiresAt === "string" && isDay(expiresAt)
        ? { secretExpiresAt: new Date(endOf(expiresAt)).toISOString(), secretExpirySource: "declared" }
        : {};
}

/** A state with the outputs about the end of the secret, which older releases did not record. */
export const withSecretExpiry = (state: Values): Values =>
    state["secretExpirySource"] === undefined ? { ...state, ...secretExpiry(state, undefined) } : state;

/** The earlier one of a secret's reported and declared ends; undefined where neither is known. */
export function soonestEnd({ expiresAt, secretExpiresAt }: Values): string | undefined {
    const ends = [expiresAt, secretExpiresAt].filter((one) => typeof one === "string" && isDay(one)) as string[];
    return ends.sort((one, other) => endOf(one) - endOf(other))[0];
}

// ---- status ---------------------------------------------------------------------------------------------------------------------

/** The part of a connection's result that the calendar can change. */
export interface VerificationReport {
    readonly status: Status;
    readonly problems: readonly Problem[];
    readonly checks: Readonly<Record<string, Check>>;
    readonly warnings: readonly string[];
}

/**
 * Adds the effect of the calendar to the vendor's result, or to the record.
 * @param reported The vendor's end that counts.
 */
export function applyExpiry(
    type: ConnectionType,
    given: Values,
    report: VerificationReport,
    now: number,
    reported?: ReportedEnd,
): VerificationReport {
    const { expiresAt, warnBeforeDays = 7 } = given as {
        readonly expiresAt?: string;
        readonly warnBeforeDays?: number;
    };
    if (expiresAt === undefined && reported === undefined) {
        return report;
    }
    const isHint = type.definition.secretEndsAreHints === true;
    const proof = isHint && isOver(reported, now) ? undefined : reported;
    const expired = proof === undefined ? isExpired(given, now) : isOver(proof, now);
    if (expired) {
        const problem = expiredProblem(type, expiresAt, proof);
        // An expiry explains a refusal, and applies even where the vendor could not be contacted.
        const problems = [problem, ...report.problems.filter((one) => !isRefusal(one))];
        const status = report.status === "unreachable" ? "expired" : statusOf(problems);
        const { message } = problem;
        return { ...report, status, problems, checks: { ...report.checks, expiry: { result: "failed", message } } };
    }
    const differing = contradiction(type, expiresAt, reported);
    const warnings = [...report.warnings, ...(differing === undefined ? [] : [differing])];
    const moment = reported === never ? undefined : reported;
    const end = soonestEnd({ expiresAt, secretExpiresAt: moment });
    const isProved = report.status === "verified";
    const isSoon = end !== undefined && endOf(end) - now <= warnBeforeDays * dayLength;
    if ((isProved || report.status === "unverified") && isSoon) {
        const warning =
            end === expiresAt ? expiryWarning(type, end, reported) : reportedEndWarning(type, end, expiresAt);
        return { ...report, status: isProved ? "expiring" : report.status, warnings: [...warnings, warning] };
    }
    return { ...report, warnings };
}

/** The record without the calendar's additions. */
export function withoutExpiry(
    { expiresAt }: Values,
    { status, checks: all, warnings }: Omit<VerificationReport, "problems">,
    reported?: ReportedEnd,
): VerificationReport {
    const { expiry: _, ...checks } = all;
    const results = Object.values(checks).map(({ result }) => result);
    // An expired secret may have a record of its day alone.
    const isProved =
        results.includes("passed") && results.every((result) => result === "passed" || result === "skipped");
    const before: Partial<Record<Status, Status>> = {
        expiring: "verified",
        expired: isProved ? "verified" : "unverified",
    };
    // The one that names the day, however a release puts it.
    const ends = [expiresAt, reported === never ? undefined : reported].filter((one) => typeof one === "string");
    return {
        status: before[status] ?? status,
        problems: [],
        checks,
        warnings: warnings.filter((warning) => !ends.some((end) => warning.includes(end))),
    };
}

// ---- sentences ------------------------------------------------------------------------------------------------------------------

const secretOf = ({ secretNames }: ConnectionType): string => secretNames[0] ?? "secret";

const ownDay = (expiresAt: string | undefined): string =>
    expiresAt === undefined ? "" : ", and declare it with its own expiresAt";

function expiredProblem(
    type: ConnectionType,
    expiresAt: string | undefined,
    reported: ReportedEnd | undefined,
): Problem {
    const { title } = type.definition;
    const secret = secretOf(type);
    if (reported !== undefined) {
        const message = `the ${secret} expired on ${reported}, as ${title} reported. Make a new one in ${title}${ownDay(expiresAt)}.`;
        return { kind: "expired", code: "expired-reported", argument: secret, message };
    }
    const remedy = `Make a new one in ${title}, and declare it with its own expiresAt.`;
    const message = `the ${secret} expired on ${String(expiresAt)}. ${remedy}`;
    return { kind: "expired", code: "expired", argument: "expiresAt", message };
}

/** The sentence about ends that differ by more than a day, the vendor's and the declared one. */
function contradiction(
    type: ConnectionType,
    expiresAt: string | undefined,
    reported: ReportedEnd | undefined,
): string | undefined {
    if (expiresAt === undefined || reported === undefined) {
        return undefined;
    }
    const { title } = type.definition;
    const remedy = "Correct expiresAt, or leave it out.";
    if (reported === never) {
        return `${title} reports that the ${secretOf(type)} never expires, and expiresAt says ${expiresAt}. ${remedy}`;
    }
    const isSame = Math.abs(Date.parse(reported) - endOf(expiresAt)) <= dayLength;
    return isSame
        ? undefined
        : `${title} reports that the ${secretOf(type)} expires on ${reported}, and expiresAt says ${expiresAt}. ${remedy}`;
}

function reportedEndWarning(type: ConnectionType, reported: ReportedEnd, expiresAt: string | undefined): string {
    const { title } = type.definition;
    return `The ${secretOf(type)} expires on ${reported}, as ${title} reports. Make a new one in ${title} before${ownDay(expiresAt)}.`;
}

function expiryWarning(type: ConnectionType, expiresAt: string, reported: ReportedEnd | undefined): string {
    // A day lasts until its end here, and at some vendors the secret does not.
    const end =
        reported === undefined && isWholeDay(expiresAt)
            ? ` A day counts until its end in UTC: if the vendor ends the secret at the day's start, write ${expiresAt}T00:00:00Z.`
            : "";
    return `The ${secretOf(type)} expires on ${expiresAt}. Make a new one in ${type.definition.title} before, and declare it with its own expiresAt.${end}`;
}
