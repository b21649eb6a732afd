// What is on record and what was found, turned into what is to be recorded and what stands in the way. Nothing here asks anybody.
import type { Check, EngineInputs, Problem, Recorded, Status, Values, VerifyMode } from "../define/contracts";
import { commonArgs } from "../define/common";
import type { ConnectionType } from "./connection-type";
import {
    applyExpiry,
    recordedEnd,
    secretExpiry,
    toldEnd,
    withoutExpiry,
    type SecretExpiry,
    type ToldEnd,
} from "./expiry";
import { isFingerprint } from "./fingerprint";
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
import { definedOnly, without } from "./values";
import { isTransportWarning, transportWarnings, type TenantResult } from "./verify";

/** What a plan is made from. */
export interface PlanRequest {
    readonly type: ConnectionType;
    /** The arguments as they are to be recorded. */
    readonly args: Values;
    /** The outputs that follow from them alone. */
    readonly derived: Values;
    readonly prior: PriorState | undefined;
    /** The arguments that are not as they were recorded. */
    readonly changed: readonly string[];
    /** Whether one of them proves who one is. */
    readonly isNewCredential: boolean;
    /** What was found; empty where the vendor was not asked. */
    readonly tenants: readonly TenantResult[];
    /** Milliseconds since 1970. */
    readonly now: number;
}

/** What is to be shown and recorded, and what stands in the way. */
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

/** Turns what was found into outputs, in the light of what is on record. */
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

// ---- the vendor was asked -------------------------------------------------------------------------------------------------------

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
        // What stands on record is no worse for it.
        return {
            outputs: { ...withoutEnd(prior.outputs), ...(changed.length === 0 ? {} : outputs), ...expiry },
            problems,
            status,
            identity: prior.identity,
            secretInUse,
        };
    }
    // Whoever was called by an argument may have an id of its own since then.
    const was = isCalledBy(type, prior.identity.account, prior.args)
        ? { ...prior.identity, account: undefined }
        : prior.identity;
    const isHidden = prior.sealed.length > 0;
    const change = tenantChange(type, was, observed, { args, changed, isNewCredential, isHidden });
    if (change !== undefined) {
        const failed: Check = { result: "failed", message: change.message };
        const shown = { ...fresh, checks: { ...checks, tenant: failed }, status: "tenantChanged" };
        return { outputs: shown, problems: [change], status: "tenantChanged", identity: prior.identity, secretInUse };
    }
    // What the vendor did not tell this time, since it refused something before, stands as it was.
    const shown = problems.length === 0 ? fresh : { ...withoutEnd(prior.outputs), ...fresh };
    return { outputs: shown, problems, status, identity: { ...prior.identity, ...observed }, secretInUse };
}

/** Whether an account is called by what the program gave, as one whose id the vendor does not tell. */
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

/** Outputs without those about the end of the secret, which each plan tells anew. */
const withoutEnd = (outputs: Values): Values => without(outputs, ["secretExpiresAt", "secretExpirySource"]);

/** What was found out about a tenant, as the calendar has it. */
export interface TenantToday extends TenantResult, SecretExpiry {}

/**
 * The tenant that is meant, as the calendar has it: the one on record while it can still be reached.
 * @param recordedEnd The end of the same secret that the vendor told before.
 */
export function tenantToday(
    type: ConnectionType,
    args: Values,
    tenants: readonly TenantResult[],
    now: number,
    recorded?: string,
    recordedEnd?: ToldEnd,
): TenantToday | undefined {
    const tenant = tenants.find(({ outputs }) => isSameIdentifier(recorded, type.tenantOf(outputs))) ?? tenants[0];
    if (tenant === undefined) {
        return undefined;
    }
    const told = toldEnd(tenant, recordedEnd, now);
    return { ...tenant, ...applyExpiry(type, args, tenant, now, told), ...secretExpiry(args, told) };
}

interface DeclaredChange {
    readonly args: Values;
    readonly changed: readonly string[];
    readonly isNewCredential: boolean;
    /** Whether what is on record may be a secret of the program's. */
    readonly isHidden: boolean;
}

/**
 * The problem that the credential opens something else than what is on record, which the program did not ask for: another tenant with arguments that
 * name the same one, or another account of the tenant with the same credential.
 */
function tenantChange(
    { tenantArguments }: ConnectionType,
    was: Identity,
    is: Identity,
    { args, changed, isNewCredential, isHidden }: DeclaredChange,
): Problem | undefined {
    const shown = (recorded: string | undefined): string =>
        isHidden || isFingerprint(recorded ?? "") ? "[secret]" : String(recorded);
    const opens = (what: string, remedy: string): Problem => {
        const next = `If that is intended, ${remedy}replace the resource (pulumi up --replace URN).`;
        return { kind: "tenantChanged", message: `the credential ${what}, which is on record. ${next}` };
    };
    if (differ(was.tenant, is.tenant)) {
        const isDeclared = tenantArguments.some((name) => changed.includes(name) && args[name] !== undefined);
        const remedy = tenantArguments.length === 0 ? "" : `declare it with ${tenantArguments.join(" or ")}, or `;
        return isDeclared ? undefined : opens(`opens ${String(is.tenant)} and not ${shown(was.tenant)}`, remedy);
    }
    return differ(was.account, is.account) && !isNewCredential
        ? opens(`acts as the account ${String(is.account)} and not as ${shown(was.account)}`, "")
        : undefined;
}

const differ = (was: string | undefined, is: string | undefined): boolean =>
    was !== undefined && is !== undefined && !isSameIdentifier(was, is);

// ---- the vendor was not asked ---------------------------------------------------------------------------------------------------

function withoutVerification(request: PlanRequest): UndatedPlan {
    const { type, args, derived, prior, changed, isNewCredential, now } = request;
    if (prior !== undefined && changed.every(isCommon)) {
        return standing(request, prior);
    }
    // Which tenant is meant has not changed with its secret: what uses its endpoints and its facts need not move.
    const isSameTenant =
        prior !== undefined && changed.every((name) => type.secretNames.includes(name) || isCommon(name));
    const last = isSameTenant ? pick(prior.outputs, type.outputNames) : {};
    const warnings = [
        "The vendor was not asked: the connection is recorded as unverified.",
        ...transportWarnings(args),
    ];
    const told = isSameTenant && !isNewCredential ? recordedEnd(prior.outputs) : undefined;
    const { problems, ...report } = applyExpiry(
        type,
        args,
        { status: "unverified", problems: [], checks: {}, warnings },
        now,
        told,
    );
    // What the last facts say of the tenant is no proof: only what the program names, or what an up has recorded.
    const { tenant, account } = prior?.identity ?? {};
    const isTenantKept = !changed.some((name) => type.tenantArguments.includes(name));
    const identity = definedOnly({
        tenant: type.tenantOf(derived) ?? (isTenantKept ? tenant : undefined),
        account: prior === undefined || isNewCredential ? undefined : account,
    });
    return {
        outputs: { ...last, ...derived, ...report, ...secretExpiry(args, told) },
        problems,
        status: report.status,
        identity,
        secretInUse: undefined,
    };
}

const isCommon = (name: string): boolean => name in commonArgs;

/** What is on record, as the calendar has it by now. */
function standing({ type, args, now }: PlanRequest, prior: PriorState): UndatedPlan {
    const { checks = {}, warnings = [] } = prior.outputs as { checks?: Record<string, Check>; warnings?: string[] };
    const told = recordedEnd(prior.outputs);
    const last = withoutExpiry(prior.args, { status: prior.status, checks, warnings }, told);
    const bare = {
        ...last,
        warnings: [...last.warnings.filter((one) => !isTransportWarning(one)), ...transportWarnings(args)],
    };
    // Whose it is outweighs how old it is.
    const { problems, ...report } = bare.status === "tenantChanged" ? bare : applyExpiry(type, args, bare, now, told);
    return {
        outputs: { ...withoutEnd(prior.outputs), ...report, ...secretExpiry(args, told) },
        problems,
        status: report.status,
        identity: prior.identity,
        secretInUse: undefined,
    };
}

/**
 * The problems that keep what the program has changed from being recorded. Where the vendor is not asked in every run, what stood on record before and
 * what the calendar says are no faults of the change, but where the change is about just that.
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

/** What a host is told about two states of a connection. */
export interface Difference {
    readonly changes: boolean;
    readonly replaces: readonly string[];
}

/**
 * Compares what is on record with what is wanted or was found: `changes` by name, a replacement where the program leads to another tenant. Where the vendor
 * is asked in every run, a connection that is not healthy is a change in each; elsewhere until an `up` has recorded it.
 */
export function compareStates(
    type: ConnectionType,
    before: Recorded,
    after: EngineInputs,
    mode: VerifyMode,
): Difference {
    const comparable = (state: Values): Values => comparableState(withBareReferences(type, state));
    const names = differingNames(comparable(before), comparable(after));
    const [prior, next] = [decodeState(type, before), decodeInputs(type, after)];
    const [was, is] = [prior?.identity.tenant, next?.identity.tenant];
    const asked = names.filter((name) => next?.replaceOn.some((one) => one === name || one === "*"));
    // A refresh may have written down the new tenant already: then no argument differs, and it is another tenant all the same.
    const named = type.tenantArguments.filter((name) => names.includes(name));
    const replaces = named.length > 0 ? named : type.tenantArguments.filter((name) => after[name] !== undefined);
    const isNews = !isHealthy(before["status"]) && (mode === "always" || prior?.accepted !== true);
    return { changes: names.length > 0 || isNews, replaces: differ(was, is) ? replaces : asked };
}

/** `rejected since 2026-11-20; nobody was asked.`: what every run says of a connection that is not healthy, where the vendor is not asked in each. */
export function unhealthyWarning(status: string, since: string | undefined, isAsked: boolean): string {
    const known = `${status}${since === undefined ? "" : ` since ${since}`}`;
    // Since when is known once it is recorded.
    const unasked = since === undefined ? "the vendor was not checked in this run" : "nobody was asked";
    return isAsked
        ? `${known}.`
        : `${known}; ${unasked}. To verify it, set verify, connections:verify or CONNECTIONS_VERIFY to always.`;
}

/** The text of a problem that stands while nothing is changed for it. */
export const notVerified = (problems: readonly Problem[]): string =>
    `${problems.map(describe).join(" ")} The connection stays as it was.`;
