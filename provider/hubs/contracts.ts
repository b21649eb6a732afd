// The contract of a kind of thing that is made elsewhere: what its module says, and what it is given. `lifecycle.ts` carries it out, for all in the same way.
import type { Complaint } from "../define/connection";
import type { Problem, Values } from "../define/contracts";
import type { Fields } from "../define/fields";
import type { Mark, Seen } from "../core/program-report";
import type { RemoteClient, RemoteServer } from "./client";

/** A connection on its way to where it is used. */
export interface TakenConnection {
    /** Vendor and class: `jamf:ApiClient`. */
    readonly type: string;
    /** How programs name it: `jamf.ApiClient`. */
    readonly label: string;
    /** Its arguments with their defaults, without secrets. */
    readonly values: Values;
    /** What its verification found: `cloudId`, `siteUrl`, `apiUrl`. */
    readonly outputs: Values;
    /** The value of a secret argument at this moment; undefined where there is none, or it cannot be read. */
    readonly secret: (argument: string) => string | undefined;
}

/** An access token that was got for it. */
export interface ConnectionToken {
    readonly value: string;
    /** When it ends, in ISO 8601, a little early; undefined where the vendor does not tell. */
    readonly expiresAt: string | undefined;
}

/** What is on record of a resource. */
export interface RemoteRecord {
    /** What was there when it was recorded. */
    readonly found: Values;
    readonly outputs: Values;
    /** What the module wants to remember; see {@link Found.memo}. */
    readonly memo: Values;
    readonly mark: Partial<Mark>;
}

/** What a module works with. */
export interface RemoteRequest {
    /** The resource's arguments with their defaults, without secrets and without the connection. */
    readonly args: Values;
    /** The resource, as its mark names it. */
    readonly owner: string;
    /** Undefined where the definition takes none, and where the program is not there (refresh, destroy). */
    readonly connection?: TakenConnection | undefined;
    /** Whether it is the program's side that asks: what is worth telling is told there. */
    readonly isProgram?: boolean | undefined;
    /** Whether it is a refresh that asks: what costs more than a look is asked there. */
    readonly isRefresh?: boolean | undefined;
    /** Undefined on the program's side, and for what is to be created. */
    readonly recorded?: RemoteRecord | undefined;
}

/** What is to be written. */
export interface RemoteWrite extends RemoteRequest {
    readonly mark: Mark;
    /** What is there now, which is ours or is to be taken over; undefined where there is nothing. */
    readonly found: Found | undefined;
    /** What should be there: what `wanted` gave. */
    readonly wanted: Values;
    /** The value of a secret argument of the resource itself. */
    readonly secret: (argument: string) => string | undefined;
    /** An access token of the connection's vendor; undefined for a credential that needs none. */
    readonly token: () => Promise<ConnectionToken | undefined>;
}

/** What is there: facts alone. Only `facts`, `outputs` and `memo` are shown or recorded, and of `credential` whether it is the one that was sent. */
export interface Found {
    /** In the form of what `wanted` gives: what is compared, and shown property by property. */
    readonly facts: Values;
    readonly outputs: Values;
    /** The mark on it, as far as there is one. */
    readonly mark: Partial<Mark>;
    /** What the module wants to have in `recorded.memo` later: its own identifier there, for example. */
    readonly memo?: Values | undefined;
    /** The credential that is held there, where the key may see it, in the form of what `credential` gives. Never leaves the process. */
    readonly credential?: Values | undefined;
    /** What of it could not be asked, although the rest was told. */
    readonly problem?: Problem | undefined;
    /** What else `write` and `remove` need of it. Never leaves the process. */
    readonly rest?: unknown;
}

/** What came of a write. */
export interface Written {
    /** Outputs that only the write tells; the others are read back. */
    readonly outputs?: Values | undefined;
    readonly memo?: Values | undefined;
    /** Whether it is not done yet, and somebody else has to go on: what there is now is no surprise. */
    readonly isPending?: boolean | undefined;
    /** What is not as it should be although something was made: the resource is recorded as half-made, and the next run goes on with it. */
    readonly problem?: Problem | undefined;
}

/** A kind of thing that is made elsewhere. */
export interface RemoteDefinition {
    /** Namespace and class: `nango:Connection`. */
    readonly type: `${string}:${string}`;
    /** The name of the other end in sentences: `Nango`. */
    readonly title: string;
    /** Its own arguments; `tls`, `proxyUrl` and `timeoutSeconds` are added, and `connection` where it takes one. */
    readonly args: Fields;
    /** Whether there is no place for a mark: then what is on record is this resource's. Default false. */
    readonly isUnmarked?: boolean | undefined;
    /** The names of its outputs, besides `found`. */
    readonly outputs: readonly string[];
    /** Those of them that are secrets. */
    readonly secretOutputs?: readonly string[] | undefined;
    /** The output with the link that a person has to open before the resource works; undefined where no person is awaited. */
    readonly awaitedLink?: ((outputs: Values) => string | undefined) | undefined;
    /** Arguments whose change needs a write although they are never shown again. */
    readonly writesOn?: readonly string[] | undefined;
    /** Arguments that name the object there: another value makes another object. */
    readonly replaces: readonly string[];
    /** Rewrites what an older release recorded as found in the way of this one. */
    readonly foundAsToday?: ((found: Values) => Values) | undefined;
    /** Words of the other end's own that are never secrets, such as its names of a status: shown and recorded also where the credential is not known. */
    readonly words?: readonly string[] | undefined;
    /** How many calls may be under way at once. Default 16. */
    readonly callsAtOnce?: number | undefined;
    /** Rules between arguments: what is wrong. */
    readonly rules?: ((args: Values) => readonly Complaint<string>[]) | undefined;
    /** Why a connection cannot be handed over, as a sentence; undefined where it can. Left out where the resource takes no connection. */
    readonly refuses?:
        | ((connection: Pick<TakenConnection, "type" | "label" | "values">, args: Values) => string | undefined)
        | undefined;
    readonly server: (args: Values) => RemoteServer;
    /** The headers that show the key; `secret` gives the value of a secret argument. */
    readonly authorization: (secret: (argument: string) => string) => Readonly<Record<string, string>>;
    /** The identifier that Pulumi keeps. It is never a secret. */
    readonly id: (args: Values, written: Written) => string;
    /** The part of a connection's credential that is sent: of this, and no more, a fingerprint is recorded. Undefined where a secret is missing. */
    readonly credential?: ((connection: TakenConnection) => Values | undefined) | undefined;
    /** What should be there; undefined while that is not known. */
    readonly wanted: (request: RemoteRequest) => Values | undefined;
    /** Looks, and changes nothing; `warn` of the client says what is worth telling in every run. Undefined: there is nothing. */
    readonly look: (client: RemoteClient, request: RemoteRequest) => Promise<Found | undefined>;
    /** Whether what is there is this resource's, where no mark says so; without marks, whether it is what is on record. */
    readonly isOurs?: ((found: Seen, request: RemoteRequest) => boolean) | undefined;
    /** Why something that is there and is not ours is refused, with the next step. */
    readonly foreign: (request: RemoteRequest, found: Seen | undefined) => Problem;
    /** Makes it, or makes what is there as it should be. Afterwards it is looked at again. */
    readonly write: (client: RemoteClient, request: RemoteWrite) => Promise<Written>;
    /** Takes it away; that it is gone already is no fault. */
    readonly remove: (client: RemoteClient, request: RemoteRequest, found: Found) => Promise<void>;
    /** Why what is there stays when the resource is destroyed, as a sentence; undefined where it is to go. */
    readonly stays?: ((request: RemoteRequest, found: Found) => string | undefined) | undefined;
    /** What every run says of the arguments. */
    readonly warnings?: ((args: Values) => readonly string[]) | undefined;
}
