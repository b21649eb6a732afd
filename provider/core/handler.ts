// The calls of hosts: the engine's dynamic provider, a plugin or a command line drives every kind of resource by them.
import type { DeclaredInputs, EngineInputs, Log, Problem, Recorded } from "../define/contracts";
import type { ConnectionReport, RemoteReport } from "./program-report";
import type { Session } from "./session";

/** A resource as a host without a program's side knows it. */
export interface HostedResource {
    /** Its name in the program. */
    readonly name: string;
    /** Its URN, or another text that no other resource has: an object at a hub is marked with it. */
    readonly owner: string;
}

/** The tools that a host passes to a handler besides the values. A host leaves out the ones that it does not have. */
export interface HandlerContext {
    /** The state that the resources of one run share. */
    readonly session: Session;
    /** Where remarks go. */
    readonly log: Log;
    /** True where nothing is to be changed. Undefined: the host does not know. */
    readonly preview?: boolean | undefined;
    /** Ends the work under way. */
    readonly signal?: AbortSignal | undefined;
    /** The resource, of which the handler then says all that a run says. Undefined where the program's side does. */
    readonly resource?: HostedResource | undefined;
}

/** A handler's result, and the names in it that a host must encrypt. */
export interface Computed {
    /** Names of values that hold a secret of the program's. */
    readonly sealed: readonly string[];
}

/** A program's declaration. */
export interface CheckDeclaration {
    readonly recorded: Recorded | undefined;
    readonly declared: DeclaredInputs;
    /** The findings of the program's side; `unknown` while they are. Undefined for a host without a program's side. */
    readonly report?: ConnectionReport | RemoteReport | "unknown" | undefined;
    /**
     * The moment of a verification: `later` leaves a new connection to `create`, which verifies in a preview too.
     * @default now
     */
    readonly verification?: "now" | "later" | undefined;
    /** The plain arguments that the program made secret, where no report names them. */
    readonly madeSecret?: readonly string[] | undefined;
}

/** A declaration after its check. */
export interface Checked extends Computed {
    readonly inputs: EngineInputs;
    /** Names of inputs that no program declares: findings, which an engine shows. */
    readonly facts: readonly string[];
    readonly problems: readonly Problem[];
}

/** A value that differs. */
export interface Difference {
    /** The place of the value, as engines write it: `tls.caCertificates`, `sites[0].url`. */
    readonly path: string;
    readonly kind: "add" | "delete" | "update";
}

/** The differences between the record and checked inputs. */
export interface Comparison {
    readonly changes: boolean;
    readonly replaces: readonly string[];
    /** True where the replaced resource is deleted before the new one is made. Default false. */
    readonly deletesFirst?: boolean | undefined;
    /** The values behind `changes`, as far as they may be shown. */
    readonly differences: readonly Difference[];
}

/** A kind of resource, as a host drives it. All values are plain; one that is not known yet is the text `UNKNOWN`. */
export interface Handler {
    /** Validates a program's declaration against the record. */
    readonly check: (request: CheckDeclaration, context: HandlerContext) => Promise<Checked>;
    /** Compares the record with checked inputs. */
    readonly diff: (
        request: { readonly recorded: Recorded; readonly inputs: EngineInputs },
        context: HandlerContext,
    ) => Promise<Comparison>;
    /** Verifies a new resource, and returns its record. In a preview, nothing is made, and the identifier is not known. */
    readonly create: (
        request: { readonly inputs: EngineInputs },
        context: HandlerContext,
    ) => Promise<Computed & { readonly id: string; readonly state: Recorded }>;
    /** Verifies a changed resource, and returns its record. In a preview, nothing is changed. */
    readonly update: (
        request: { readonly recorded: Recorded; readonly inputs: EngineInputs },
        context: HandlerContext,
    ) => Promise<Computed & { readonly state: Recorded }>;
    /** The current state. An undefined state: it is gone. Undefined inputs: those on record apply. */
    readonly read: (
        request: { readonly id: string; readonly recorded: Recorded },
        context: HandlerContext,
    ) => Promise<Computed & { readonly state: Recorded | undefined; readonly inputs: EngineInputs | undefined }>;
    /**
     * Returns the inputs that the record has, and what starts its verification: `start` does not wait, and a `check` that
     * follows in this run uses what comes of it.
     */
    readonly observe?: (
        request: { readonly recorded: Recorded },
        context: HandlerContext,
    ) => Promise<Computed & { readonly inputs: EngineInputs; readonly start: () => void }>;
    /** Forgets the resource, and deletes the object that it has made elsewhere. */
    readonly delete: (
        request: { readonly id: string; readonly recorded: Recorded },
        context: HandlerContext,
    ) => Promise<void>;
}
