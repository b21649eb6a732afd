import { isDeepStrictEqual } from "node:util";
import type { Given } from "./args";
import type { Check } from "./checks";
import type { Connection } from "./connection";
import type { Problem, Status } from "./errors";
import { isSameSecret } from "./secrets";
import type { VerifyMode } from "./settings";

/** What the engine is told about two states of a connection. */
export interface Difference {
    readonly changes: boolean;
    readonly replaces: string[];
}

/** What a credential opens, as `up` recorded it. */
export interface Identity {
    readonly tenant?: string;
    /** The account's identifier. */
    readonly account?: string;
}

/** What a connection's state holds besides arguments and outputs. The engine does not show names that start so. */
export interface Bookkeeping {
    /** Names of arguments that are outputs as well, where the program gave them. */
    readonly declared?: readonly string[];
    /** Names of outputs that the program's `ignoreChanges` names: a refresh holds them as they were. */
    readonly ignored?: readonly string[];
    /** What the credential opened when `up` recorded it, where that is not what arguments and outputs say. */
    readonly identity?: Identity;
    /** The day (UTC) since which a connection that is not healthy is known to be what it is. States of before say no day. */
    readonly since?: string;
    /** Whether an `up` has recorded that it is not healthy: no change any more where vendors are not asked in every run. */
    readonly accepted?: boolean;
}

/** The name under which {@link Bookkeeping} is kept. */
export const recordName = "__record";

const healthy: ReadonlySet<Status> = new Set(["verified", "expiring", "unverified"]);
const unhealthy: ReadonlySet<Status> = new Set(["expired", "rejected", "insufficient", "unsupported", "tenantChanged"]);

/** Whether a connection with this status may be recorded by `up`, and is no change by itself. */
export function isHealthy(status: unknown): boolean {
    return healthy.has(status as Status);
}

/** Whether a connection with this status is known not to work as it should. */
export function isUnhealthy(status: unknown): boolean {
    return unhealthy.has(status as Status);
}

/** `rejected since 2026-11-20; nobody was asked.`: what every run says of a connection that is not healthy, where vendors are not asked in each. */
export function unhealthyWarning(status: string, since: string | undefined, asked: boolean): string {
    const known = `${status}${since === undefined ? "" : ` since ${since}`}`;
    return asked ? `${known}.` : `${known}; nobody was asked. To verify it, set verify, connections:verify or CONNECTIONS_VERIFY to always.`;
}

/** The names whose values differ. */
export function differing(before: Given, after: Given): string[] {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => !isDeepStrictEqual(before[name] ?? null, after[name] ?? null));
}

/**
 * Compares what is on record with what is wanted or was observed: `changes` by name, a replacement where the program leads to another tenant.
 * @param mode Where vendors are asked in every run, a connection that is not healthy is a change in each; elsewhere until an `up` has recorded it.
 */
export function difference(connection: Connection, before: Given, after: Given, mode: VerifyMode): Difference {
    const differ = differing(comparable(before), comparable(after));
    const [was, is] = [identityOf(connection, before).tenant, identityOf(connection, after).tenant];
    const moves = was !== undefined && is !== undefined && was !== is;
    // A refresh may have written down the new tenant already: then no argument differs, and it is another tenant all the same.
    const named = connection.tenantArgs.filter((name) => differ.includes(name));
    const replaces = named.length > 0 ? named : connection.tenantArgs.filter((name) => after[name] !== undefined);
    const { accepted = false } = (before[recordName] ?? {}) as Partial<Bookkeeping>;
    const isNews = !isHealthy(before["status"]) && (mode === "always" || !accepted);
    return { changes: differ.length > 0 || isNews, replaces: moves ? replaces : [] };
}

/**
 * What counts as a change: of the bookkeeping what the program says, of a check its result, of the warnings how many there are, since what they say
 * stands in facts too. Another release may put each of them another way.
 */
function comparable({ verifiedAt: _, __provider: __, ...state }: Given): Given {
    const { declared = [], ignored = [] } = (state[recordName] ?? {}) as Partial<Bookkeeping>;
    const results = Object.entries((state["checks"] ?? {}) as Record<string, unknown>).map(([name, check]) => [name, (check as Partial<Check> | null)?.result]);
    return { ...state, [recordName]: [declared, ignored], checks: results.sort(), warnings: ((state["warnings"] ?? []) as unknown[]).length };
}

/** The identity that `up` recorded; none where nothing is on record, as while arguments are not known yet. */
export function identityOf(connection: Connection, state: Given): Identity {
    const record = state[recordName] as Bookkeeping | undefined;
    return record === undefined ? {} : (record.identity ?? shownIdentity(connection, state));
}

/** What a state's arguments and outputs say that the credential opens. */
export function shownIdentity(connection: Connection, state: Given): Identity {
    const tenant = connection.tenant(state);
    const { id } = (state["account"] ?? {}) as { id?: string };
    return { ...(typeof tenant === "string" ? { tenant } : {}), ...(typeof id === "string" ? { account: id } : {}) };
}

/** Whether what proves who one is has changed: a secret by its content, wherever it comes from, and not where one is only left out. */
export function hasNewCredential(connection: Connection, before: Given, after: Given, changed: readonly string[]): boolean {
    const known = connection.secrets.map((name) => before[name]);
    const isNew = (name: string): boolean => after[name] !== undefined && !known.some((one) => isSameSecret(one, after[name]));
    return changed.some((name) => connection.credentialArgs.includes(name) && (!connection.secrets.includes(name) || isNew(name)));
}

/**
 * The problem that the credential opens something else than what is on record, which the program did not ask for: another tenant with arguments that
 * name the same one, or another account of the tenant with the same credential.
 */
export function tenantChange(
    connection: Connection,
    recorded: { readonly args: Given; readonly identity: Identity },
    observed: Identity,
    args: Given,
    changed: readonly string[],
): Problem | undefined {
    const [was, is] = [recorded.identity.tenant, observed.tenant];
    const moves = was !== undefined && is !== undefined && was !== is;
    const declared = connection.tenantArgs.some((name) => changed.includes(name) && args[name] !== undefined);
    const opens = (what: string, remedy: string): Problem => ({
        kind: "tenantChanged",
        property: "",
        message: `the credential ${what}, which is on record. If that is intended, ${remedy}replace the resource (pulumi up --replace URN).`,
    });
    if (moves && !declared) {
        const remedy = connection.tenantArgs.length === 0 ? "" : `declare it with ${connection.tenantArgs.join(" or ")}, or `;
        return opens(`opens ${is} and not ${was}`, remedy);
    }
    const [before, after] = [recorded.identity.account, observed.account];
    if (!moves && before !== undefined && after !== undefined && before !== after && !hasNewCredential(connection, recorded.args, args, changed)) {
        return opens(`acts as the account ${after} and not as ${before}`, "");
    }
    return undefined;
}
