// Turns the record and the findings into the next record and the obstacles to it. Nothing here contacts a vendor.
import type { Check, EngineInputs, Problem, Recorded, Status, Values, VerifyMode } from "../define/contracts";
import { commonArgs } from "../define/common";
import type { Code } from "../messages";
import type { ConnectionType } from "./connection-type";
import { differences } from "./differences";
import {
    applyExpiry,
    recordedEnd,
    secretExpiry,
    reportedEnd,
    withoutExpiry,
    type SecretExpiry,
    type ReportedEnd,
} from "./expiry";
import { isFingerprint } from "./fingerprint";
import type { Comparison, Difference } from "./handler";
import { describe, isAbout, isHealthy, isUnhealthy } from "./problems";
import {
    comparableState,
    decodeInputs,
    decodeState,
    differingNames,
    isSameIdentifier,
    pick,
    type FoundOutputs,
    type Identity,
    type PriorState,
} from "./state";
import { withBareReferences } from "./secrets";
import { definedOnly, objectIn, without } from "./values";
import { isTransportWarning, transportWarnings, type TenantResult } from "./verify";

/** The inputs of a plan. */
export interface PlanRequest {
    readonly type: ConnectionType;
    /** The arguments as they are to be recorded. */
    readonly args: Values;
    /** The outputs that follow from them alone. */
    readonly derived: Values;
    readonly prior: PriorState | undefined;
    /** The arguments that are not as they were recorded. */
    readonly changed: readonly string[];
    /** True where one of them proves the identity. */
    readonly isNewCredential: boolean;
    /** The findings; empty where the vendor was not contacted. */
    readonly tenants: readonly TenantResult[];
    /** Milliseconds since 1970. */
    readonly now: number;
}

/** The values to show and to record, and the obstacles. */
export interface Plan {
    readonly outputs: FoundOutputs;
    readonly problems: readonly Problem[];
    readonly status: Status;
    readonly identity: Identity;
    /** The day on which the status was first seen, where it is an unhealthy one. */
    readonly since: string | undefined;
    /** The argument whose secret was accepted. */
    readonly secretInUse: string | undefined;
}

/** A plan without the day since which its status is known. */
interface UndatedPlan extends Omit<Plan, "since"> {}

/** Turns the findings into outputs, compared with the record. */
export function plan(request: PlanRequest): Plan {
    const { args, prior, now } = request;
    const planned = request.tenants.length === 0 ? withoutVerification(request) : withVerification(request);
    return { ...planned, since: sinceOf(planned.outputs, args, prior, now) };
}

/** The day since which a connection is known not to be healthy. */
function sinceOf(
    outputs: Values,
    { expiresAt }: Values,
    prior: PriorState | undefined,
    now: number,
): string | undefined {
    const { status } = outputs;
    if (!isUnhealthy(status)) {
        return undefined;
    }
    if (status === "expired") {
        const end = recordedEnd(outputs) ?? expiresAt;
        return typeof end === "string" ? end.slice(0, 10) : undefined;
    }
    return prior !== undefined && prior.status === status ? prior.since : new Date(now).toISOString().slice(0, 10);
}

// ---- the vendor was contacted ---------------------------------------------------------------------------------------------------

function withVerification({ type, args, prior, changed, isNewCredential, tenants, now }: PlanRequest): UndatedPlan {
    const recorded = prior === undefined || isNewCredential ? undefined : recordedEnd(prior.outputs);
    const tenant = tenantToday(type, args, tenants, now, prior?.identity.tenant, recorded) as TenantToday;
    const { status, problems, checks, warnings, outputs, account, grantedScopes, missingScopes, secretInUse } = tenant;
    const { secretExpiresAt, secretExpirySource } = tenant;
    const expiry = definedOnly({ secretExpiresAt, secretExpirySource });
    const observed = definedOnly({
        tenant: type.tenantOf(outputs),
        account: accountId(type, account?.id, args, prior),
    });
    const found = { ...outputs, account, grantedScopes, missingScopes, checks, warnings, status };
    const fresh = { ...definedOnly(found), ...expiry };
    if (prior === undefined) {
        return { outputs: fresh, problems, status, identity: observed, secretInUse };
    }
    if (status === "unreachable") {
        // An unreachable vendor does not change the recorded outputs.
        return {
            outputs: { ...withoutEnd(prior.outputs), ...(changed.length === 0 ? {} : outputs), ...expiry },
            problems,
            status,
            identity: prior.identity,
            secretInUse,
        };
    }
    // An account that was named by an argument may have got an id of its own since then.
    const was = isCalledBy(type, prior.identity.account, prior.args)
        ? { ...prior.identity, account: undefined }
        : prior.identity;
    const isHidden = prior.sealed.length > 0;
    const change = tenantChange(type, was, observed, { args, changed, isNewCredential, isHidden });
    if (change !== undefined) {
        const failed: Check = { result: "failed", message: change.message, code: change.code };
        const shown = { ...fresh, checks: { ...checks, tenant: failed }, status: "tenantChanged" };
        return { outputs: shown, problems: [change], status: "tenantChanged", identity: prior.identity, secretInUse };
    }
    // A vendor that refused something earlier may return less: the rest stays as it was.
    const shown = problems.length === 0 ? fresh : { ...withoutEnd(prior.outputs), ...fresh };
    return { outputs: shown, problems, status, identity: { ...prior.identity, ...observed }, secretInUse };
}

/** True where an account's id is an argument of the program, because the vendor does not return an id. */
function isCalledBy(type: ConnectionType, id: string | undefined, args: Values): boolean {
    return id !== undefined && type.accountArguments.some((name) => args[name] === id);
}

/** The account's id. One that is called by an argument now says nothing against an id that the same client had before. */
function accountId(
    type: ConnectionType,
    id: string | undefined,
    args: Values,
    prior: PriorState | undefined,
): string | undefined {
    const before = prior?.identity.account;
    if (prior === undefined || before === undefined || isCalledBy(type, before, prior.args)) {
        return id;
    }
    return isCalledBy(type, id, args) && isCalledBy(type, id, prior.args) ? before : id;
}

/** Outputs without those about the end of the secret, which each plan computes again. */
const withoutEnd = (outputs: Values): Values => without(outputs, ["secretExpiresAt", "secretExpirySource"]);

/** The findings about a tenant with today's calendar. */
export interface TenantToday extends TenantResult, SecretExpiry {}

/**
 * The meant tenant with today's calendar: the one on record while the credential reaches it.
 * @param recordedEnd The vendor's earlier end of the same secret.
 */
export function tenantToday(
    type: ConnectionType,
    args: Values,
    tenants: readonly TenantResult[],
    now: number,
    recorded?: string,
    recordedEnd?: ReportedEnd,
): TenantToday | undefined {
    const tenant = tenants.find(({ outputs }) => isSameIdentifier(recorded, type.tenantOf(outputs))) ?? tenants[0];
    if (tenant === undefined) {
        return undefined;
    }
    const reported = reportedEnd(tenant, recordedEnd, now);
    return { ...tenant, ...applyExpiry(type, args, tenant, now, reported), ...secretExpiry(args, reported) };
}

interface DeclaredChange {
    readonly args: Values;
    readonly changed: readonly string[];
    readonly isNewCredential: boolean;
    /** True where the recorded value may be a secret of the program's. */
    readonly isHidden: boolean;
}

/**
 * The problem of a credential that opens something other than the record has, without a declared change: another tenant
 * with arguments that name the same one, or another account of the tenant with the same credential.
 */
function tenantChange(
    { tenantArguments }: ConnectionType,
    was: Identity,
    is: Identity,
    { args, changed, isNewCredential, isHidden }: DeclaredChange,
): Problem | undefined {
    const shown = (recorded: string | undefined): string =>
        isHidden || isFingerprint(recorded ?? "") ? "[secret]" : String(recorded);
    const opens = (code: Code, what: string, remedy: string): Problem => {
        const next = `If that is intended, ${remedy}replace the resource (pulumi up --replace URN).`;
        return { kind: "tenantChanged", code, message: `the credential ${what}, which is on record. ${next}` };
    };
    if (differ(was.tenant, is.tenant)) {
        const isDeclared = tenantArguments.some((name) => changed.includes(name) && args[name] !== undefined);
        const remedy = tenantArguments.length === 0 ? "" : `declare it with ${tenantArguments.join(" or ")}, or `;
        return isDeclared
            ? undefined
            : opens("tenant-changed", `opens ${String(is.tenant)} and not ${shown(was.tenant)}`, remedy);
    }
    return differ(was.account, is.account) && !isNewCredential
        ? opens("account-changed", `acts as the account ${String(is.account)} and not as ${shown(was.account)}`, "")
        : undefined;
}

const differ = (was: string | undefined, is: string | undefined): boolean =>
    was !== undefined && is !== undefined && !isSameIdentifier(was, is);

// ---- the vendor was not contacted -----------------------------------------------------------------------------------------------

function withoutVerification(request: PlanRequest): UndatedPlan {
    const { type, args, derived, prior, changed, isNewCredential, now } = request;
    if (prior !== undefined && changed.every(isCommon)) {
        return standing(request, prior);
    }
    // A new secret does not change the meant tenant: users of its endpoints and facts need no change.
    const isSameTenant =
        prior !== undefined && changed.every((name) => type.secretNames.includes(name) || isCommon(name));
    const last = isSameTenant ? pick(prior.outputs, type.outputNames) : {};
    const warnings = [
        "The vendor was not checked: the connection is recorded as unverified.",
        ...transportWarnings(args),
    ];
    const reported = isSameTenant && !isNewCredential ? recordedEnd(prior.outputs) : undefined;
    const { problems, ...report } = applyExpiry(
        type,
        args,
        { status: "unverified", problems: [], checks: {}, warnings },
        now,
        reported,
    );
    // The tenant in the last facts proves nothing: only the program's arguments and a record made by `up` count.
    const { tenant, account } = prior?.identity ?? {};
    const isTenantKept = !changed.some((name) => type.tenantArguments.includes(name));
    const identity = definedOnly({
        tenant: type.tenantOf(derived) ?? (isTenantKept ? tenant : undefined),
        account: prior === undefined || isNewCredential ? undefined : account,
    });
    return {
        outputs: { ...last, ...derived, ...report, ...secretExpiry(args, reported) },
        problems,
        status: report.status,
        identity,
        secretInUse: undefined,
    };
}

/** True for an argument of every connection. */
export const isCommon = (name: string): boolean => name in commonArgs;

/** The record with today's calendar. */
function standing({ type, args, now }: PlanRequest, prior: PriorState): UndatedPlan {
    const { checks = {}, warnings = [] } = prior.outputs as { checks?: Record<string, Check>; warnings?: string[] };
    const reported = recordedEnd(prior.outputs);
    const last = withoutExpiry(prior.args, { status: prior.status, checks, warnings }, reported);
    const bare = {
        ...last,
        warnings: [...last.warnings.filter((one) => !isTransportWarning(one)), ...transportWarnings(args)],
    };
    // `tenantChanged` takes precedence over `expired`.
    const { problems, ...report } =
        bare.status === "tenantChanged" ? bare : applyExpiry(type, args, bare, now, reported);
    return {
        outputs: { ...withoutEnd(prior.outputs), ...report, ...secretExpiry(args, reported) },
        problems,
        status: report.status,
        identity: prior.identity,
        secretInUse: undefined,
    };
}

/**
 * The problems that keep a program's change from being recorded. Without a contact to the vendor in every run, recorded
 * problems and the calendar's count only where the change is about them.
 */
export function obstacles(
    problems: readonly Problem[],
    status: Status,
    prior: PriorState | undefined,
    changed: readonly string[],
    mode: VerifyMode,
): readonly Problem[] {
    if (mode === "always" || prior === undefined) {
        return changed.length > 0 ? problems : [];
    }
    const isNews = ({ kind }: Problem): boolean => changed.length > 0 && status !== prior.status && kind !== "expired";
    return problems.filter((problem) => !changed.every(isCommon) || isAbout(problem, changed) || isNews(problem));
}

// ---- comparison -----------------------------------------------------------------------------------------------------------------

/**
 * Compares the record with the wanted or found state: `changes` by name, a replacement where the program names another
 * tenant. Where the vendor is contacted in every run, an unhealthy connection is a change in each; elsewhere until an
 * `up` has recorded it.
 */
export function compareStates(
    type: ConnectionType,
    before: Recorded,
    after: EngineInputs,
    mode: VerifyMode,
): Comparison {
    const [recorded, wanted] = [before, after].map((state): Values => withBareReferences(type, state)) as [
        Values,
        Values,
    ];
    const names = differingNames(comparableState(recorded), comparableState(wanted));
    const [prior, next] = [decodeState(type, before), decodeInputs(type, after)];
    const [was, is] = [prior?.identity.tenant, next?.identity.tenant];
    const requested = names.filter((name) => next?.replaceOn.some((one) => one === name || one === "*"));
    // A refresh may have written down the new tenant already: then no argument differs, and it is another tenant all the same.
    const named = type.tenantArguments.filter((name) => names.includes(name));
    const replaces = named.length > 0 ? named : type.tenantArguments.filter((name) => after[name] !== undefined);
    const isNews = !isHealthy(before["status"]) && (mode === "always" || prior?.accepted !== true);
    return {
        changes: names.length > 0 || isNews,
        replaces: differ(was, is) ? replaces : requested,
        differences: names.flatMap((name) => shownDifferences(name, recorded[name], wanted[name])),
    };
}

/** The differences of one property that engines show: of checks the results, because their sentences may change. */
function shownDifferences(name: string, before: unknown, after: unknown): readonly Difference[] {
    if (name.startsWith("__")) {
        return [];
    }
    const results = (checks: unknown): Values =>
        Object.fromEntries(
            Object.entries(objectIn(checks)).map(([check, found]) => [check, { result: objectIn(found)["result"] }]),
        );
    return name === "checks" ? differences(results(before), results(after), name) : differences(before, after, name);
}

/**
 * The sentence about an unhealthy connection in runs that do not contact the vendor, with the day since when.
 * @param unlock The vendor's way to unlock an account, where a refused secret is not sent again.
 */
export function unhealthyWarning(
    status: string,
    since: string | undefined,
    isChecked: boolean,
    unlock?: string,
): string {
    const known = `${status}${since === undefined ? "" : ` since ${since}`}`;
    if (!isChecked && unlock !== undefined) {
        return `${known}; the refused secret was not sent again. ${unlock} Then set another secret, or run pulumi refresh.`;
    }
    return isChecked
        ? `${known}.`
        : `${known}; the vendor was not checked in this run. To verify it, set verify, connections:verify or CONNECTIONS_VERIFY to always.`;
}

/** The text of a problem that does not change the record. */
export const notVerified = (problems: readonly Problem[]): string =>
    `${problems.map(describe).join(" ")} The connection stays as it was.`;
