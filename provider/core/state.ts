// To and from what an engine keeps of a connection: its arguments and outputs side by side, and a little bookkeeping.
import { isDeepStrictEqual } from "node:util";
import type { Check, EngineInputs, From, Recorded, Status, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import { withSecretExpiry } from "./expiry";
import { isFingerprint, matches } from "./fingerprint";
import { recordedDigests, withBareReferences, type Digests } from "./secrets";
import { objectIn, presentOnly, textsIn, withoutUndefined } from "./values";

/** What a credential opens, as it was recorded. */
export interface Identity {
    readonly tenant?: string | undefined;
    /** The account's identifier. */
    readonly account?: string | undefined;
}

/** What a state holds besides arguments and outputs. The engine does not show names that start so. */
interface Bookkeeping {
    /** Names of arguments that are outputs as well, where the program gave them. */
    readonly declared?: readonly string[];
    /** Names of outputs that the program's `ignoreChanges` names: a refresh holds them as they were. */
    readonly ignored?: readonly string[];
    /** What the credential opened when it was recorded, where that is not what arguments and outputs say. */
    readonly identity?: Identity;
    /** The day (UTC) since which a connection that is not healthy is known to be what it is: in the state alone. Older states say no day. */
    readonly since?: string;
    /** Whether an `up` has recorded that it is not healthy: no change any more where the vendor is not asked in every run. */
    readonly accepted?: boolean;
    /** Names of arguments that the program made secret, and that are no secrets by themselves. */
    readonly sealed?: readonly string[];
    /** Names of outputs that the program's `additionalSecretOutputs` names. */
    readonly secretOutputs?: readonly string[];
    /** What the program's `replaceOnChanges` names: in inputs alone, for the comparison with what is on record. */
    readonly replaceOn?: readonly string[];
    /** The module that declares the type, where it is not this package's own. */
    readonly declaredIn?: string;
}

/** The name under which a state's bookkeeping is kept. */
export const bookkeepingName = "__record";

/** The name under which is kept, as a secret, what of the bookkeeping nobody should read. */
export const sealedBookkeepingName = "__sealed";

/** What of the bookkeeping is kept as a secret. */
interface SealedBookkeeping {
    /** Keyed digests of what references lead to: in the state alone, never among inputs. */
    readonly digests?: Digests;
    /** What the credential opened, where it may hold what the program made secret. */
    readonly identity?: Identity;
}

/** What is on record of a connection. */
export interface PriorState {
    /** The arguments, as they were recorded. */
    readonly args: Values;
    /** Digests of what references lead to; none among inputs, but those of older releases. */
    readonly digests?: Digests | undefined;
    /** The outputs that a verification computed. */
    readonly outputs: Values;
    readonly status: Status;
    readonly identity: Identity;
    readonly since: string | undefined;
    readonly accepted: boolean;
    /** Arguments that the program made secret. */
    readonly sealed: readonly string[];
    /** Outputs that the program's `ignoreChanges` holds as they were. */
    readonly ignored: readonly string[];
    /** Outputs that the program's `additionalSecretOutputs` makes secret. */
    readonly secretOutputs: readonly string[];
    /** What the program's `replaceOnChanges` names; nothing in a state. */
    readonly replaceOn: readonly string[];
    readonly verifiedAt: string | undefined;
}

/** Outputs that were found, whose sentences may hold what the program made secret. */
export type FoundOutputs = From<"vendor">;

/** Outputs without what the program made secret in their sentences: no others are recorded or shown. */
export type SealedOutputs = From<"seal">;

/** What is to be recorded of a connection. */
export interface NextState {
    readonly args: Values;
    /** Digests of what references lead to; left out among inputs. */
    readonly digests?: Digests | undefined;
    readonly outputs: SealedOutputs;
    readonly identity: Identity;
    readonly since?: string | undefined;
    readonly accepted?: boolean | undefined;
    readonly sealed?: readonly string[] | undefined;
    readonly ignored?: readonly string[] | undefined;
    readonly secretOutputs?: readonly string[] | undefined;
    readonly replaceOn?: readonly string[] | undefined;
    /** Outputs that stand as they were. */
    readonly held?: Values | undefined;
    readonly declaredIn?: string | undefined;
}

/** What of these names has a value. */
export function pick(values: Values, names: readonly string[]): Values {
    return presentOnly(Object.fromEntries(names.map((name) => [name, values[name]])));
}

/** The bookkeeping of a state, which others may have edited. */
function bookkeepingIn(
    state: Values,
): Required<Pick<Bookkeeping, "declared" | "ignored" | "sealed" | "secretOutputs" | "replaceOn" | "accepted">> &
    Bookkeeping {
    const { identity, since, accepted, declaredIn, ...lists } = objectIn(state[bookkeepingName]);
    const { tenant, account } = objectIn(identity);
    const isText = (value: unknown): value is string => typeof value === "string";
    return {
        declared: textsIn(lists["declared"]),
        ignored: textsIn(lists["ignored"]),
        sealed: textsIn(lists["sealed"]),
        secretOutputs: textsIn(lists["secretOutputs"]),
        replaceOn: textsIn(lists["replaceOn"]),
        accepted: accepted === true,
        ...(typeof identity === "object" && identity !== null
            ? { identity: { ...(isText(tenant) ? { tenant } : {}), ...(isText(account) ? { account } : {}) } }
            : {}),
        ...(isText(since) ? { since } : {}),
        ...(isText(declaredIn) ? { declaredIn } : {}),
    };
}

/** Reads what an engine has on record; undefined where nothing of a connection is in it. */
export const decodeState = (type: ConnectionType, state: Recorded | undefined): PriorState | undefined =>
    decode(type, state);

/** Reads what a check has made for the engine: the same, without what only the state holds. */
export const decodeInputs = (type: ConnectionType, inputs: EngineInputs): PriorState | undefined =>
    decode(type, inputs);

function decode(type: ConnectionType, state: Values | undefined): PriorState | undefined {
    const bookkeeping = state?.[bookkeepingName];
    if (state === undefined || bookkeeping === undefined || bookkeeping === null) {
        return undefined;
    }
    const { declared, ignored, identity, since, accepted, sealed, secretOutputs, replaceOn } = bookkeepingIn(state);
    const isDeclared = (name: string): boolean => !type.outputNames.includes(name) || declared.includes(name);
    const args = pick(state, type.argumentNames.filter(isDeclared));
    const hidden = sealedBookkeepingOf(state);
    return {
        args: withBareReferences(type, args),
        digests: recordedDigests(type, args, hidden.digests),
        outputs: pick(state, type.computedNames),
        status: state["status"] as Status,
        identity: hidden.identity ?? identity ?? shownIdentity(type, state),
        since,
        accepted,
        sealed,
        ignored,
        secretOutputs,
        replaceOn,
        verifiedAt: typeof state["verifiedAt"] === "string" ? state["verifiedAt"] : undefined,
    };
}

/** What of the bookkeeping is kept as a secret; empty where it stays encrypted. */
function sealedBookkeepingOf({ [sealedBookkeepingName]: hidden }: Values): SealedBookkeeping {
    return typeof hidden === "object" && hidden !== null ? hidden : {};
}

/** Writes what an engine is to keep. It keeps everything twice, so what is empty or stands there already is left out. */
export const encodeState = (type: ConnectionType, next: NextState): Recorded => encode(type, next);

/** Writes what an engine is to keep of a check: the same, without what only the state holds. */
export const encodeInputs = (type: ConnectionType, next: NextState): EngineInputs => encode(type, next);

function encode(type: ConnectionType, next: NextState): Values {
    const { args, digests = {}, outputs, identity, since, accepted = false } = next;
    const { sealed = [], ignored = [], secretOutputs = [], replaceOn = [], held = {}, declaredIn } = next;
    const overlapping = type.outputNames.filter((name) => type.argumentNames.includes(name));
    const declared = overlapping.filter((name) => args[name] !== undefined);
    // An output without a value is written down as such: previews take one that is not there for one not known yet.
    const empty = Object.fromEntries(type.computedNames.map((name) => [name, null]));
    const shown = withoutUndefined({ ...empty, ...outputs, ...args, ...held });
    const isShown = isDeepStrictEqual(identity, shownIdentity(type, shown));
    const bookkeeping: Bookkeeping = {
        ...(declared.length > 0 ? { declared } : {}),
        ...(ignored.length > 0 ? { ignored } : {}),
        ...(isShown || sealed.length > 0 ? {} : { identity }),
        ...(since === undefined ? {} : { since }),
        ...(accepted ? { accepted } : {}),
        ...(sealed.length > 0 ? { sealed } : {}),
        ...(secretOutputs.length > 0 ? { secretOutputs } : {}),
        ...(replaceOn.length > 0 ? { replaceOn } : {}),
        ...(declaredIn === undefined ? {} : { declaredIn }),
    };
    const hidden: SealedBookkeeping = {
        ...(Object.keys(digests).length > 0 ? { digests } : {}),
        ...(isShown || sealed.length === 0 ? {} : { identity }),
    };
    const isEmpty = Object.keys(hidden).length === 0;
    return { ...shown, [bookkeepingName]: bookkeeping, ...(isEmpty ? {} : { [sealedBookkeepingName]: hidden }) };
}

/** Whether a recorded identifier, which may be a fingerprint, is one that was found. */
export function isSameIdentifier(recorded: string | undefined, found: string | undefined): boolean {
    return (
        recorded === found ||
        (recorded !== undefined && found !== undefined && isFingerprint(recorded) && matches(found, recorded))
    );
}

/** What a state's arguments and outputs say that the credential opens. */
function shownIdentity(type: ConnectionType, state: Values): Identity {
    const tenant = type.tenantOf(state);
    const { id } = objectIn(state["account"]);
    return { ...(tenant === undefined ? {} : { tenant }), ...(typeof id === "string" ? { account: id } : {}) };
}

/** The names whose values differ. */
export function differingNames(before: Values, after: Values): string[] {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => !isDeepStrictEqual(before[name] ?? null, after[name] ?? null));
}

/**
 * What counts as a change: of the bookkeeping what the program says of arguments, of a check its result, of the warnings how many there are, since what they say
 * stands in facts too. Another release may put each of them another way.
 */
export function comparableState(recorded: Values): Values {
    const { verifiedAt: _, __provider: __, [sealedBookkeepingName]: ___, ...state } = withSecretExpiry(recorded);
    const { declared, sealed, secretOutputs, declaredIn } = bookkeepingIn(state);
    const checks = Object.entries(objectIn(state["checks"]) as Record<string, Partial<Check> | null>);
    return {
        ...state,
        [bookkeepingName]: [declared, sealed, secretOutputs, declaredIn],
        checks: checks.map(([name, check]) => [name, check?.result]).sort(),
        warnings: textsIn(state["warnings"]).length,
    };
}
