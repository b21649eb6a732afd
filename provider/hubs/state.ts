// Converts a resource at a hub to and from the engine's record: its arguments, its connection, the found facts, and a
// little bookkeeping.
import { contactArgument } from "../define/common";
import type { Recorded, Values } from "../define/contracts";
import type { ConnectionTypes } from "../core/connection-types";
import { isReference, recordedDigests, withBareReferences, type Digests } from "../core/secrets";
import { bookkeepingName, pick, sealedBookkeepingName } from "../core/state";
import { UNKNOWN } from "../core/unknown";
import { isObject, objectIn, presentOnly, withoutUndefined } from "../core/values";
import type { RemoteRecord } from "./contracts";
import { connectionArgument, type RemoteType } from "./type";

/** The parts of a state besides arguments and outputs. Engines do not show names that start with two underscores. */
export interface RemoteBookkeeping {
    readonly owner: string;
    readonly isSealed?: boolean | undefined;
    /** The tenant of the connection: the meant one of several sites. */
    readonly tenant?: string | undefined;
    /** The names in the program's `replaceOnChanges`: in inputs alone. */
    readonly replaceOn?: readonly string[] | undefined;
    /** Among inputs, where they show a drift: the wanted facts. */
    readonly wanted?: Values | undefined;
    /**
     * In the state alone: keyed digests of the values behind own references, and of the sent part of the connection's
     * credential.
     */
    readonly digests?: Digests | undefined;
    /** In the state alone, as `memo` is. */
    readonly nonce?: string | undefined;
    readonly memo?: Values | undefined;
    /** In the state alone: fingerprints of sent values, where a refresh has recorded another value in their place. */
    readonly sent?: readonly string[] | undefined;
    /** True where an older release has left in clear a value that is to be sealed. */
    readonly isOpen?: boolean | undefined;
}

/** A connection as a program gives it to a resource, and as that resource's inputs hold it. */
export interface ConnectionInput {
    /** The name of its class in programs: `jamf.ApiClient`. */
    readonly type: string;
    /** References as the program gave them. */
    readonly arguments: Values;
    /** The arguments that are kept as secrets. */
    readonly hidden: readonly string[];
}

/** The arguments of a resource, declared or kept. */
export interface OwnArguments {
    /** Without the connection; references as the program gave them. */
    readonly given: Values;
    readonly connection: ConnectionInput | undefined;
}

interface Kept extends OwnArguments {
    readonly found: unknown;
    readonly bookkeeping: RemoteBookkeeping | undefined;
    /** As the engine has it. */
    readonly values: Values;
}

/** The engine's values from the program: the inputs of a check. */
export interface CheckedInputs extends Kept {
    readonly from: "inputs";
}

/** The record of an `up` or a refresh. */
export interface RecordedState extends Kept {
    readonly from: "state";
    readonly digests: Digests;
}

// ---- decode ---------------------------------------------------------------------------------------------------------------------

/** Reads checked inputs. */
export const decodeInputs = (type: RemoteType, types: ConnectionTypes, values: Values): CheckedInputs => ({
    ...decoded(type, types, values),
    from: "inputs",
});

/** Reads a state. */
export function decodeState(type: RemoteType, types: ConnectionTypes, values: Recorded): RecordedState {
    const kept = decoded(type, types, values);
    return { ...kept, digests: kept.bookkeeping?.digests ?? {}, from: "state" };
}

function decoded(type: RemoteType, types: ConnectionTypes, values: Values): Kept {
    return {
        given: withBareReferences(type, pick(values, type.argumentNames)),
        connection: connectionIn(types, values),
        found: foundIn(type, values["found"]),
        bookkeeping: bookkeepingIn(type, values),
        values,
    };
}

/** Reads the found facts; the engine's text for unknown stays one. */
function foundIn({ definition }: RemoteType, found: unknown): unknown {
    const { foundAsToday } = definition;
    return foundAsToday === undefined || typeof found !== "object" || found === null
        ? found
        : foundAsToday(found as Values);
}

/**
 * The connection in the values of a program or a state, which others may have edited; undefined where it is not a
 * connection.
 */
export function connectionIn(types: ConnectionTypes, values: Values): ConnectionInput | undefined {
    const { type, arguments: args } = objectIn(values[connectionArgument]);
    if (typeof type !== "string" || !isObject(args)) {
        return undefined;
    }
    const known = types.named(type);
    // The contact of the connection is of no concern to the hub.
    const { [contactArgument]: _, ...present } = presentOnly(args);
    return {
        type,
        arguments: known === undefined ? present : withBareReferences(known, present),
        hidden: known?.sensitiveNames ?? [],
    };
}

/** The arguments of a connection that are not secrets. */
export const openArguments = ({ arguments: args, hidden }: ConnectionInput): Values =>
    Object.fromEntries(Object.entries(args).filter(([name, value]) => !hidden.includes(name) || isReference(value)));

/** The record of a resource, as its module reads it. */
export function recordOf(type: RemoteType, { values, found, bookkeeping }: RecordedState): RemoteRecord {
    const { memo, owner, nonce } = bookkeeping ?? {};
    return {
        found: objectIn(found),
        outputs: Object.fromEntries(type.outputNames.map((name) => [name, values[name]])),
        memo: objectIn(memo),
        mark: { ...(owner === undefined ? {} : { owner }), ...(nonce === undefined ? {} : { nonce }) },
    };
}

/** In states of older releases, `credential` is the digest of the sent credential. */
type OpenBookkeeping = Partial<RemoteBookkeeping> & { readonly credential?: string };

function bookkeepingIn(type: RemoteType, values: Values): RemoteBookkeeping | undefined {
    const open = values[bookkeepingName] as OpenBookkeeping | undefined;
    if (typeof open?.owner !== "string") {
        return undefined;
    }
    const { credential, ...rest } = open;
    const hidden = objectIn(values[sealedBookkeepingName]) as Partial<RemoteBookkeeping>;
    const digests = {
        ...(credential === undefined ? {} : { [connectionArgument]: credential }),
        ...recordedDigests(type, values, hidden.digests),
    };
    const isOpen = open.isSealed === true && (open.tenant !== undefined || open.memo !== undefined);
    return { ...rest, ...hidden, owner: open.owner, digests, ...(isOpen ? { isOpen } : {}) };
}

// ---- encode ---------------------------------------------------------------------------------------------------------------------

declare const sealing: unique symbol;

/** Values that may leave for an engine, with the names of those that it has to encrypt. */
export interface Sealed {
    readonly [sealing]: true;
    readonly values: Values;
    readonly names: readonly string[];
}

/** The only way in which values leave: with the names of those that are secrets, or hold a secret of the program's. */
export function seal(type: RemoteType, kept: Values): Sealed {
    const values = withoutUndefined(kept);
    const isSealed = bookkeepingIn(type, values)?.isSealed === true;
    const names = [...(isSealed ? type.computedNames : type.secretOutputs), sealedBookkeepingName];
    const present = names.filter((name) => values[name] !== undefined && values[name] !== null);
    return { values, names: present } as unknown as Sealed;
}

/** Writes a program's declaration where nothing is known of the rest yet. */
export const encodeDeclared = (type: RemoteType, declared: OwnArguments, isOpen: boolean): Sealed =>
    seal(type, {
        ...declaredValues(declared),
        ...(isOpen ? Object.fromEntries(type.computedNames.map((name) => [name, UNKNOWN])) : {}),
    });

const declaredValues = ({ given, connection }: OwnArguments): Values => ({
    ...given,
    ...(connection && { [connectionArgument]: { type: connection.type, arguments: connection.arguments } }),
});

/** Writes checked inputs. */
export function encodeInputs(
    type: RemoteType,
    {
        found,
        bookkeeping,
        ...declared
    }: OwnArguments & { readonly found: unknown; readonly bookkeeping: RemoteBookkeeping },
): Sealed {
    const { nonce: _nonce, memo: _memo, digests: _digests, sent: _sent, ...rest } = bookkeeping;
    return seal(type, { ...declaredValues(declared), found, ...encodeBookkeeping(rest) });
}

/** The next record. */
export interface NextRecord {
    readonly given: Values;
    /** The connection's place, and outputs that stay as they were. */
    readonly kept: Kept;
    readonly facts: Values;
    readonly outputs: Values;
    readonly bookkeeping: RemoteBookkeeping;
}

/** Writes a state: of a connection everything but its secrets, which are in the inputs alone. */
export function encodeState(type: RemoteType, { given, kept, facts, outputs, bookkeeping }: NextRecord): Sealed {
    const { connection, values } = kept;
    const valueOf = (name: string): unknown => outputs[name] ?? values[name] ?? null;
    const { wanted: _wanted, replaceOn: _replaceOn, ...rest } = bookkeeping;
    return seal(type, {
        ...declaredValues({ given, connection: connection && { ...connection, arguments: openArguments(connection) } }),
        ...Object.fromEntries(type.outputNames.map((name) => [name, valueOf(name)])),
        found: facts,
        ...encodeBookkeeping(rest),
    });
}

/** Writes the state of a write to come, as far as a preview knows it. */
export function encodePreview(type: RemoteType, before: RecordedState | undefined, inputs: CheckedInputs): Sealed {
    const { given, connection, found, bookkeeping } = inputs;
    const isOpen = bookkeeping === undefined;
    const outputs = type.outputNames.map((name) => [name, before?.values[name] ?? UNKNOWN] as const);
    return seal(type, {
        ...declaredValues({ given, connection: connection && { ...connection, arguments: openArguments(connection) } }),
        ...Object.fromEntries(outputs),
        found: isOpen ? UNKNOWN : (bookkeeping.wanted ?? found),
        ...(isOpen ? {} : encodeBookkeeping(bookkeeping)),
    });
}

/** Writes bookkeeping: encrypted where it holds a secret, digests, or a value that the program made secret. */
function encodeBookkeeping({ isOpen: _isOpen, ...bookkeeping }: RemoteBookkeeping): Values {
    const { tenant, memo, wanted, sent, digests = {}, ...open } = bookkeeping;
    const isSealed = bookkeeping.isSealed === true;
    const hidden = {
        wanted,
        memo,
        sent,
        ...(Object.keys(digests).length === 0 ? {} : { digests }),
        ...(isSealed ? { tenant } : {}),
    };
    const isEmpty = Object.values(hidden).every((value) => value === undefined);
    return {
        [bookkeepingName]: isSealed ? open : { ...open, tenant },
        ...(isEmpty ? {} : { [sealedBookkeepingName]: hidden }),
    };
}
