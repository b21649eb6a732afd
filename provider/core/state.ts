// Converts a connection to and from the engine's record: its arguments and outputs side by side, and a little
// bookkeeping.
import { isDeepStrictEqual } from "node:util";
import type { Check, EngineInputs, From, Recorded, Status, Values } from "../define/contracts";
import { withoutSentences, withSentences } from "./check-sentences";
import type { ConnectionType } from "./connection-type";
import { withSecretExpiry } from "./expiry";
import { isFingerprint, matches } from "./fingerprint";
import { recordedDigests, withBareReferences, type Digests } from "./secrets";
import { objectIn, presentOnly, textsIn, withoutUndefined } from "./values";

/** The tenant and the account of a credential, as recorded. */
export interface Identity {
    readonly tenant?: string | undefined;
    /** The account's identifier. */
    readonly account?: string | undefined;
}

/** The parts of a state besides arguments and outputs. The engine does not show names that start so. */
interface Bookkeeping {
    /** Names of arguments that are outputs as well, where the program gave them. */
    readonly declared?: readonly string[];
    /** Names of outputs that the program's `ignoreChanges` names: a refresh holds them as they were. */
    readonly ignored?: readonly string[];
    /** The recorded identity, where it differs from the one in arguments and outputs. */
    readonly identity?: Identity;
    /**
     * The day (UTC) since which an unhealthy connection has its status: in the state alone. Older states have no day.
     */
    readonly since?: string;
    /**
     * True where an `up` has recorded that it is not healthy: then it is not a change any more where the vendor is not
     * contacted in every run.
     */
    readonly accepted?: boolean;
    /** Names of arguments that the program made secret, and that are no secrets by themselves. */
    readonly sealed?: readonly string[];
    /** Names of outputs that the program's `additionalSecretOutputs` names. */
    readonly secretOutputs?: readonly string[];
    /** The names in the program's `replaceOnChanges`: in inputs alone, to compare with the record. */
    readonly replaceOn?: readonly string[];
    /** The module that declares the type, where it is not this package's own. */
    readonly declaredIn?: string;
}

/** The name under which a state's bookkeeping is kept. */
export const bookkeepingName = "__record";

/** The name under which the secret part of the bookkeeping is kept. */
export const sealedBookkeepingName = "__sealed";

/** The part of the bookkeeping that is kept as a secret. */
interface SealedBookkeeping {
    /** Keyed digests of the values behind references: in the state alone, never among inputs. */
    readonly digests?: Digests;
    /** The identity, where it may hold a value that the program made secret. */
    readonly identity?: Identity;
}

/** The record of a connection. */
export interface PriorState {
    /** The arguments, as they were recorded. */
    readonly args: Values;
    /** Digests of the values behind references; none among inputs, except those of older releases. */
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
    /** The names in the program's `replaceOnChanges`; empty in a state. */
    readonly replaceOn: readonly string[];
    readonly verifiedAt: string | undefined;
}

/** Outputs of a verification, with sentences that may hold a secret of the program's. */
export type FoundOutputs = From<"vendor">;

/** Outputs without the program's secrets in their sentences: no others are recorded or shown. */
export type SealedOutputs = From<"seal">;

/** The next record of a connection. */
export interface NextState {
    readonly args: Values;
    /** Digests of the values behind references; left out among inputs. */
    readonly digests?: Digests | undefined;
    readonly outputs: SealedOutputs;
    readonly identity: Identity;
    readonly since?: string | undefined;
    readonly accepted?: boolean | undefined;
    readonly sealed?: readonly string[] | undefined;
    readonly ignored?: readonly string[] | undefined;
    readonly secretOutputs?: readonly string[] | undefined;
    readonly replaceOn?: readonly string[] | undefined;
    /** Outputs that stay as they were. */
    readonly held?: Values | undefined;
    readonly declaredIn?: string | undefined;
    /** True where sentences that follow from the declaration are left out. */
    readonly isBrief?: boolean | undefined;
}

/** The values of these names, where they have one. */
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

/** Reads an engine's record; undefined where it has nothing of a connection. */
export const decodeState = (type: ConnectionType, state: Recorded | undefined): PriorState | undefined =>
    decode(type, state);

/** Reads a check's inputs from the engine: the same, without the parts that only the state holds. */
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
        outputs: presentOnly({
            ...pick(state, type.computedNames),
            checks: withSentences(type, state["checks"]),
        }),
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

/** The secret part of the bookkeeping; empty where it stays encrypted. */
function sealedBookkeepingOf({ [sealedBookkeepingName]: hidden }: Values): SealedBookkeeping {
    return typeof hidden === "object" && hidden !== null ? hidden : {};
}

/** Writes the values for an engine. The engine keeps them twice, so empty and repeated ones are left out. */
export const encodeState = (type: ConnectionType, next: NextState): Recorded => encode(type, next);

/** Writes a check's inputs for the engine: the same, without the parts that only the state holds. */
export const encodeInputs = (type: ConnectionType, next: NextState): EngineInputs => encode(type, next);

function encode(type: ConnectionType, next: NextState): Values {
    const { args, digests = {}, outputs, identity, since, accepted = false } = next;
    const { sealed = [], ignored = [], secretOutputs = [], replaceOn = [], held = {}, declaredIn, isBrief } = next;
    const overlapping = type.outputNames.filter((name) => type.argumentNames.includes(name));
    const declared = overlapping.filter((name) => args[name] !== undefined);
    // An output without a value is written as empty, because previews read a missing one as not known yet.
    const empty = Object.fromEntries(type.computedNames.map((name) => [name, null]));
    const whole = withoutUndefined({ ...empty, ...outputs, ...args, ...held });
    const shown = isBrief === true ? { ...whole, checks: withoutSentences(type, whole["checks"]) } : whole;
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

/** True where a recorded identifier, which may be a fingerprint, is the found one. */
export function isSameIdentifier(recorded: string | undefined, found: string | undefined): boolean {
    return (
        recorded === found ||
        (recorded !== undefined && found !== undefined && isFingerprint(recorded) && matches(found, recorded))
    );
}

/** The identity in a state's arguments and outputs. */
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
 * The parts of a state that count as a change: the program's part of the bookkeeping, the results of checks and the
 * number of warnings. Their sentences may differ in another release, and their facts are elsewhere too.
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
