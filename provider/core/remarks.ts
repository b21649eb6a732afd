// The remarks of a run about a connection, for every host.
import type { Check, Problem, Values, VerifyMode } from "../define/contracts";
import { unhealthyWarning } from "./plan";
import { describe, isUnhealthy } from "./problems";
import { objectIn, textsIn } from "./values";

/** The remarks about failed checks. A preview refuses only a new or changed connection; an up records only a healthy one. */
export function failedChecks({ status, checks }: Values, mode: VerifyMode, isPreview: boolean): readonly string[] {
    const all = Object.values(objectIn(checks) as Readonly<Record<string, Check | null>>);
    const failed = all.filter((check) => check?.result === "failed");
    const messages = [...new Set(failed.map((check) => String(check?.message)))];
    return isPreview && mode === "always" && isUnhealthy(status) && messages.length > 0
        ? [`pulumi up will fail unless it is corrected first: ${messages.join(" ")}`]
        : messages;
}

/**
 * The remark about an unhealthy connection where the vendor is not contacted in every run.
 * @param since The day since which the record has it.
 * @param expiresAt The declared end of the secret, where it may be shown.
 * @param unlock The vendor's way to unlock an account that it locks after several refusals.
 */
export function unhealthyRemarks(
    { status, secretExpiresAt, secretExpirySource }: Values,
    mode: VerifyMode,
    since: string | undefined,
    expiresAt: unknown,
    unlock: string | undefined,
): readonly string[] {
    if (mode === "always" || !isUnhealthy(status)) {
        return [];
    }
    const isReported = secretExpirySource === "vendor";
    // Under `changes`, the vendor is not contacted about a connection whose declared date has passed; the provider
    // checks every other unhealthy one.
    const heldBack = mode === "changes" && status === "rejected" ? unlock : undefined;
    const isChecked = mode === "changes" && (status !== "expired" || isReported) && heldBack === undefined;
    // Before it is recorded, only the calendar knows the day.
    const day = isReported ? String(secretExpiresAt).slice(0, 10) : expiresAt;
    const ended = status === "expired" && typeof day === "string" ? day : undefined;
    return [unhealthyWarning(String(status), since ?? ended, isChecked, heldBack)];
}

/** The remarks about a vendor that could not be contacted. */
export const unreachedRemarks = (problems: readonly Problem[]): readonly string[] =>
    problems.map((problem) => `Not verified: ${describe(problem)}`);

/** The verification that remarks are about. */
export interface Remarkable {
    /** The state or the inputs that follow from it. */
    readonly values: Values;
    readonly mode: VerifyMode;
    readonly since: string | undefined;
    /** The declared end of the secret, where it may be shown. */
    readonly expiresAt: unknown;
    /** The vendor's way to unlock an account that it locks after several refusals. */
    readonly unlock: string | undefined;
    /** The problems because of which the vendor could not be contacted. */
    readonly unreached: readonly Problem[];
    /** Undefined: the host does not know. A write that follows then says what it makes of an unhealthy connection. */
    readonly isPreview: boolean | undefined;
}

/** All remarks about a connection, each once. */
export function remarksAbout({
    values,
    mode,
    since,
    expiresAt,
    unlock,
    unreached,
    isPreview,
}: Remarkable): readonly string[] {
    const isLeft = isPreview === undefined && mode === "always" && isUnhealthy(values["status"]);
    return [
        ...new Set([
            ...textsIn(values["warnings"]),
            ...(isLeft ? [] : failedChecks(values, mode, isPreview === true)),
            ...unhealthyRemarks(values, mode, since, expiresAt, unlock),
            ...unreachedRemarks(unreached),
        ]),
    ];
}
