import type { CommonArgs, Given } from "./args";
import { hasNewCredential, tenantChange, type Identity } from "./drift";
import type { Check } from "./checks";
import type { Account, Connection } from "./connection";
import type { Problem, Status } from "./errors";
import { applyExpiry, withoutExpiry } from "./expiry";
import { isOfArgs, warningsOf, type Observation, type Seen } from "./observation";
import { commonShape } from "./schema";
import type { VerifyMode } from "./settings";

/** The outputs that every connection has. */
export interface CommonOutputs {
    /** What the connection is; see {@link Status}. */
    status: Status;
    /** Who the credential acts as. */
    account: Account | undefined;
    /** Scopes (Jamf: privileges) that the credential has, as far as the vendor tells or a check proves. */
    grantedScopes: string[] | undefined;
    /** Scopes (Jamf: privileges) that the program requires and the credential has not. */
    missingScopes: string[] | undefined;
    /** Each check by name, with its result and one sentence. */
    checks: Record<string, Check>;
    /** The declared expiry of the secret. */
    expiresAt: string | undefined;
    /** What is worth telling although the connection works. */
    warnings: string[];
    /** When the connection was last recorded as verified, in ISO 8601. It moves only when the resource is created or updated. */
    verifiedAt: string | undefined;
}

/** The names of the outputs that a verification computes. */
export function computedNames(connection: Connection): string[] {
    return ["status", "account", "grantedScopes", "missingScopes", "checks", "warnings", ...connection.outputs];
}

/** What of a connection is on record: the arguments that were declared, what was computed, and what the credential opened. */
export interface Recorded {
    readonly args: Given;
    readonly computed: Given;
    readonly identity: Identity;
    /** Since when it is not healthy. */
    readonly since: string | undefined;
    /** Whether an `up` has recorded that it is not. */
    readonly accepted: boolean;
}

/** What is to be shown and recorded, and what stands in the way. */
export interface Settled {
    readonly computed: Record<string, unknown>;
    readonly problems: readonly Problem[];
    readonly status: Status;
    readonly identity: Identity;
}

/**
 * Turns an observation into outputs, in the light of what is on record: the site kept from last time, the tenant that must not change unseen,
 * and the facts that stand while nobody could be asked.
 */
export function settle(connection: Connection, args: CommonArgs & Given, { seen }: Observation, recorded: Recorded | undefined, changed: readonly string[]): Settled {
    if (seen.length === 0) {
        return unasked(connection, args, recorded, changed);
    }
    const now = choose(connection, seen, recorded);
    const observed = identity(connection, now);
    const result = { problems: now.problems, status: now.status, identity: { ...recorded?.identity, ...observed } };
    const fresh = defined({ ...now.facts, ...own(now), status: now.status });
    if (recorded === undefined) {
        return { ...result, computed: fresh };
    }
    if (now.status === "unreachable") {
        return { ...result, identity: recorded.identity, computed: { ...recorded.computed, ...(changed.length === 0 ? {} : now.facts) } };
    }
    const change = tenantChange(connection, recorded, observed, args, changed);
    if (change !== undefined) {
        const checks = { ...now.checks, tenant: { result: "failed", message: change.message } };
        return { computed: { ...fresh, checks, status: "tenantChanged" }, problems: [change], status: "tenantChanged", identity: recorded.identity };
    }
    // What the vendor did not tell this time, since it refused something before, stands as it was.
    return { ...result, computed: now.problems.length === 0 ? fresh : { ...recorded.computed, ...fresh } };
}

function identity(connection: Connection, { facts, account }: Seen): Identity {
    return defined({ tenant: connection.tenant(facts), account: account?.id });
}

/** The tenant that is meant: the one on record while it can still be reached. */
function choose(connection: Connection, seen: readonly Seen[], recorded: Recorded | undefined): Seen {
    return (seen.find(({ facts }) => connection.tenant(facts) === recorded?.identity.tenant) ?? seen[0]) as Seen;
}

function own({ account, grantedScopes, missingScopes, checks, warnings }: Seen): Record<string, unknown> {
    return { account, grantedScopes, missingScopes, checks, warnings };
}

function unasked(connection: Connection, args: CommonArgs & Given, recorded: Recorded | undefined, changed: readonly string[]): Settled {
    if (recorded !== undefined && changed.every(isCommon)) {
        return standing(connection, args, recorded);
    }
    // Which tenant is meant has not changed with its secret: what uses its endpoints and its facts need not move.
    const moved = recorded === undefined || changed.some((name) => !connection.secrets.includes(name) && !isCommon(name));
    const last = moved ? {} : pick(recorded.computed, connection.outputs);
    const endpoints = connection.endpoints(args) as Record<string, unknown>;
    const warnings = ["The vendor was not asked: the connection is recorded as unverified.", ...warningsOf(args)];
    const { problems, ...judged } = applyExpiry(connection, args, { status: "unverified", problems: [], checks: {}, warnings });
    // What the last facts say of the tenant is no proof: only what the program names, or what up has recorded.
    const identity = { ...kept(connection, args, recorded, changed), ...defined({ tenant: connection.tenant(endpoints) }) };
    return { computed: defined({ ...last, ...endpoints, ...judged }), problems, status: judged.status, identity };
}

/** What is on record, as the calendar has it by now. */
function standing(connection: Connection, args: CommonArgs & Given, recorded: Recorded): Settled {
    const { status, checks = {}, warnings = [] } = recorded.computed as Partial<CommonOutputs>;
    const last = withoutExpiry(connection, recorded.args, { status: status as Status, checks, warnings });
    const bare = { ...last, warnings: [...last.warnings.filter((one) => !isOfArgs(one)), ...warningsOf(args)] };
    // Whose it is outweighs how old it is.
    const { problems, ...now } = bare.status === "tenantChanged" ? bare : applyExpiry(connection, args, bare);
    return { computed: { ...recorded.computed, ...now }, problems, status: now.status, identity: recorded.identity };
}

const isCommon = (name: string): boolean => name in commonShape;

/**
 * The problems that keep what the program has changed from being recorded. Where vendors are not asked in every run, what stood on record before and
 * what the calendar says are no faults of the change, but where the change is about just that.
 */
export function obstacles(problems: readonly Problem[], status: Status, recorded: Recorded | undefined, changed: readonly string[], mode: VerifyMode): readonly Problem[] {
    if (mode === "always" || recorded === undefined) {
        return changed.length > 0 ? problems : [];
    }
    const isKnown = status === recorded.computed["status"];
    return problems.filter(
        ({ kind, property }) => !changed.every(isCommon) || changed.includes(property.split(".")[0] ?? "") || (changed.length > 0 && !isKnown && kind !== "expired"),
    );
}

/** What the credential opened stays on record while nobody asks, so that a change is seen once somebody does. */
function kept(connection: Connection, args: Given, recorded: Recorded | undefined, changed: readonly string[]): Identity {
    const { tenant, account } = recorded?.identity ?? {};
    const sameTenant = !changed.some((name) => connection.tenantArgs.includes(name));
    const sameCredential = recorded !== undefined && !hasNewCredential(connection, recorded.args, args, changed);
    return defined({ tenant: sameTenant ? tenant : undefined, account: sameCredential ? account : undefined });
}

/** What of these names has a value. */
export function pick(state: Given, names: readonly string[]): Given {
    return Object.fromEntries(names.map((name) => [name, state[name]]).filter(([, value]) => value !== undefined && value !== null)) as Given;
}

function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
