// The contract of a kind of resource at a hub: the members of its module, and their inputs. `lifecycle.ts` carries it
// out, in the same way for all.
import type { Problem, Values } from "../define/contracts";
import type { Complaint, Fields } from "../define/fields";
import type { Mark, Seen } from "../core/program-report";
import type { RemoteClient, RemoteServer } from "./client";

/** A connection on its way to where it is used. */
export interface TakenConnection {
    /** Vendor and class: `jamf:ApiClient`. */
    readonly type: string;
    /** The name in programs: `jamf.ApiClient`. */
    readonly label: string;
    /** Its arguments with their defaults, without secrets. */
    readonly values: Values;
    /** The outputs of its verification: `cloudId`, `siteUrl`, `apiUrl`. */
    readonly outputs: Values;
    /** The value of a secret argument at this moment; undefined where it is not given, or cannot be read. */
    readonly secret: (argument: string) => string | undefined;
}

/** An access token that was got for it. */
export interface ConnectionToken {
    readonly value: string;
    /** The time when it ends, in ISO 8601, a little early; undefined where the vendor does not return it. */
    readonly expiresAt: string | undefined;
}

/** The record of a resource. */
export interface RemoteRecord {
    /** The facts at the hub when it was recorded. */
    readonly found: Values;
    readonly outputs: Values;
    /** The module's own record; see {@link Found.memo}. */
    readonly memo: Values;
    readonly mark: Partial<Mark>;
}

/** The inputs of a module. */
export interface RemoteRequest {
    /** The resource's arguments with their defaults, without secrets and without the connection. */
    readonly args: Values;
    /** The resource, as its mark names it. */
    readonly owner: string;
    /** Undefined where the definition has no connection, and where the program is not there (refresh, destroy). */
    readonly connection?: TakenConnection | undefined;
    /** True on the program's side, where remarks are reported. */
    readonly isProgram?: boolean | undefined;
    /** True in a refresh, where more expensive calls are made. */
    readonly isRefresh?: boolean | undefined;
    /** Undefined on the program's side, and for a new resource. */
    readonly recorded?: RemoteRecord | undefined;
}

/** The inputs of a write. */
export interface RemoteWrite extends RemoteRequest {
    readonly mark: Mark;
    /** The facts there now, ours or to be taken over; undefined where nothing is there. */
    readonly found: Found | undefined;
    /** The wanted facts, as `wanted` returned them. */
    readonly wanted: Values;
    /** The value of a secret argument of the resource itself. */
    readonly secret: (argument: string) => string | undefined;
    /** An access token of the connection's vendor; undefined for a credential that needs none. */
    readonly token: () => Promise<ConnectionToken | undefined>;
}

/**
 * The facts at the hub. Only `facts`, `outputs` and `memo` are shown or recorded, and of `credential` only that it is
 * the sent one.
 */
export interface Found {
    /** In the form of `wanted`: these facts are compared, and shown property by property. */
    readonly facts: Values;
    readonly outputs: Values;
    /** The mark on it, as far as there is one. */
    readonly mark: Partial<Mark>;
    /** The module's record for the next run, as `recorded.memo`: its own identifier there, for example. */
    readonly memo?: Values | undefined;
    /**
     * The credential at the hub, where the key may read it, in the form of `credential`. It never leaves the process.
     */
    readonly credential?: Values | undefined;
    /** The problem of a part that could not be read, although the rest was. */
    readonly problem?: Problem | undefined;
    /** Other values for `write` and `remove`. They never leave the process. */
    readonly rest?: unknown;
}

/** The result of a write. */
export interface Written {
    /** Outputs that only the write returns; the others are read back. */
    readonly outputs?: Values | undefined;
    readonly memo?: Values | undefined;
    /** True where it is not done yet, and another person or server has to go on: the present facts are as expected. */
    readonly isPending?: boolean | undefined;
    /** The problem of a half-made resource: it is recorded as such, and the next run completes it. */
    readonly problem?: Problem | undefined;
}

/** A kind of resource at a hub. */
export interface RemoteDefinition {
    /** Namespace and class: `nango:Connection`. */
    readonly type: `${string}:${string}`;
    /** The name of the other end in sentences: `Nango`. */
    readonly title: string;
    /** Its own arguments; `tls`, `proxyUrl` and `timeoutSeconds` are added, and `connection` where it has one. */
    readonly args: Fields;
    /** True where the hub has no place for a mark: then the recorded object is this resource's. Default false. */
    readonly isUnmarked?: boolean | undefined;
    /** Its outputs, besides `found`, each with a comment; `sensitive` ones are secrets. */
    readonly outputs: Fields;
    /** The output with the link that a person has to open before the resource works; undefined where no person is awaited. */
    readonly awaitedLink?: ((outputs: Values) => string | undefined) | undefined;
    /** Arguments whose change needs a write although they are never shown again. */
    readonly writesOn?: readonly string[] | undefined;
    /** Arguments that name the object there: another value makes another object. */
    readonly replaces: readonly string[];
    /** Rewrites an older release's found facts in the form of this one. */
    readonly foundAsToday?: ((found: Values) => Values) | undefined;
    /** Words of the other end's own that are never secrets, such as its names of a status: shown and recorded also where the credential is not known. */
    readonly words?: readonly string[] | undefined;
    /** The most calls under way at once. Default 16. */
    readonly callsAtOnce?: number | undefined;
    /** Rules between arguments: returns the complaints. */
    readonly rules?: ((args: Values) => readonly Complaint<string>[]) | undefined;
    /**
     * The reason why a connection cannot be handed over, as a sentence; undefined where it can. Left out where the
     * resource has no connection.
     */
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
    /** The wanted facts; undefined while they are not known. */
    readonly wanted: (request: RemoteRequest) => Values | undefined;
    /** Reads, and changes nothing; `warn` of the client adds remarks for every run. Undefined: nothing is there. */
    readonly look: (client: RemoteClient, request: RemoteRequest) => Promise<Found | undefined>;
    /** True for an object of this resource that has no mark; without marks, for the recorded object. */
    readonly isOurs?: ((found: Seen, request: RemoteRequest) => boolean) | undefined;
    /** The reason why an object that is not ours is refused, with the next step. */
    readonly foreign: (request: RemoteRequest, found: Seen | undefined) => Problem;
    /** Makes the object, or changes the present one as wanted. Afterwards it is read again. */
    readonly write: (client: RemoteClient, request: RemoteWrite) => Promise<Written>;
    /** Deletes it; an object that is gone already is no fault. */
    readonly remove: (client: RemoteClient, request: RemoteRequest, found: Found) => Promise<void>;
    /** The reason why the object stays when the resource is destroyed, as a sentence; undefined where it is to go. */
    readonly stays?: ((request: RemoteRequest, found: Found) => string | undefined) | undefined;
    /** The warnings about the arguments in every run. */
    readonly warnings?: ((args: Values) => readonly string[]) | undefined;
}
