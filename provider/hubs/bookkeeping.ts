// What the inputs and the state of a hub's resource hold besides arguments and outputs. Engines do not show names that start with two underscores.
import type { Values } from "../define/contracts";
import { recordedDigests, type Digests } from "../core/secrets";
import { bookkeepingName, sealedBookkeepingName } from "../core/state";
import { objectIn } from "../core/values";
import { connectionArgument, type HubType } from "./type";

/** What is kept of a resource besides arguments and outputs. */
export interface Bookkeeping {
    readonly owner: string;
    readonly isSealed?: boolean | undefined;
    /** What the connection opens: which of several sites is meant. */
    readonly tenant?: string | undefined;
    /** What the program's `replaceOnChanges` names: in inputs alone. */
    readonly replaceOn?: readonly string[] | undefined;
    /** Among inputs, where they show a drift: what should be at the hub. */
    readonly wanted?: Values | undefined;
    /** In the state alone: keyed digests of what own references lead to, and of what of the connection's credential goes to the hub. */
    readonly digests?: Digests | undefined;
    /** In the state alone, as `memo` is. */
    readonly nonce?: string | undefined;
    readonly memo?: Values | undefined;
    /** In the state alone: fingerprints of what the hub was sent, where a refresh has recorded another value in its place. */
    readonly sent?: readonly string[] | undefined;
    /** Whether an older release has left in clear what is to be sealed. */
    readonly isOpen?: boolean | undefined;
}

interface Open {
    readonly owner?: unknown;
    readonly isSealed?: boolean;
    readonly tenant?: string;
    readonly replaceOn?: readonly string[];
    readonly nonce?: string;
    readonly memo?: Values;
    /** The digest of the credential, in states of older releases. */
    readonly credential?: string;
}

type Sealed = Pick<Bookkeeping, "tenant" | "wanted" | "digests" | "memo" | "sent">;

/** Reads it; undefined where nothing of a hub's resource is there. */
export function bookkeepingOf(type: HubType, values: Values | undefined): Bookkeeping | undefined {
    const open = values?.[bookkeepingName] as Open | undefined;
    if (values === undefined || typeof open?.owner !== "string") {
        return undefined;
    }
    const { credential, ...rest } = open;
    const sealed = objectIn(values[sealedBookkeepingName]) as Sealed;
    const digests = {
        ...(credential === undefined ? {} : { [connectionArgument]: credential }),
        ...recordedDigests(type, values, sealed.digests),
    };
    const isOpen = open.isSealed === true && (open.tenant !== undefined || open.memo !== undefined);
    return { ...rest, ...sealed, owner: open.owner, digests, ...(isOpen ? { isOpen } : {}) };
}

/** Writes it: encrypted what holds a secret, digests, or what the program made secret. */
export function encodeBookkeeping({ isOpen: _, ...bookkeeping }: Bookkeeping): Values {
    const { tenant, memo, wanted, sent, digests = {}, ...open } = bookkeeping;
    const isSealed = bookkeeping.isSealed === true;
    const sealed = {
        wanted,
        memo,
        sent,
        ...(Object.keys(digests).length === 0 ? {} : { digests }),
        ...(isSealed ? { tenant } : {}),
    };
    const isEmpty = Object.values(sealed).every((value) => value === undefined);
    return {
        [bookkeepingName]: isSealed ? open : { ...open, tenant },
        ...(isEmpty ? {} : { [sealedBookkeepingName]: sealed }),
    };
}
