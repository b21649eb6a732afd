// The findings of the program's side on their way to the provider's side, for connections and for resources at hubs.
import type { Problem, Values, VerifyMode } from "../define/contracts";
import type { VerificationResult } from "./session";

/** The parts that every report has. */
export interface ProgramReport {
    /** The resource's name in messages. */
    readonly label?: string | undefined;
    /** True where it was made for a preview, where values may stay unknown. */
    readonly preview?: boolean | undefined;
    /** The names in the resource's `replaceOnChanges`. */
    readonly replaceOn?: readonly string[] | undefined;
}

/** A verification by the program's side, with facts that only a program knows. */
export interface ConnectionReport extends ProgramReport, VerificationResult {
    /** The mode of the connection's verification. */
    readonly mode: VerifyMode;
    /** The names in the resource's `ignoreChanges`. */
    readonly ignored?: readonly string[] | undefined;
    /** The names in the resource's `additionalSecretOutputs`. */
    readonly secretOutputs?: readonly string[] | undefined;
    /** True where the resource's `deleteBeforeReplace` is set. */
    readonly deletesFirst?: boolean | undefined;
    /** Arguments that the program made secret, and that are no secrets by themselves. */
    readonly sealed?: readonly string[] | undefined;
    /** The problems of the program's other connections, because the engine stops at the first refusal. */
    readonly others?: readonly string[] | undefined;
}

/** The owner of an object elsewhere. */
export interface Mark {
    /** The resource, as a URN: stack, project, type and name. */
    readonly owner: string;
    /** Made anew by each create, so that a replacement and the replaced resource differ. */
    readonly nonce: string;
}

/** The parts of an object elsewhere that leave the process that has read it. */
export interface Seen {
    readonly facts: Values;
    readonly outputs: Values;
    readonly mark: Partial<Mark>;
    readonly memo?: Values | undefined;
}

/** The program side's findings about an object elsewhere. */
export interface RemoteReport extends ProgramReport {
    readonly label: string;
    /** The resource's URN. */
    readonly owner: string;
    /** True where the program made a plain argument secret. */
    readonly isSealed?: boolean | undefined;
    /**
     * The outputs of the connection; undefined where its verification found none, or the resource has no connection.
     */
    readonly outputs?: Values | undefined;
    /** The problems of a connection that was given by its arguments. */
    readonly problems: readonly Problem[];
    /**
     * A verification that was made because this run is to write, although the connection's mode does not require one.
     */
    readonly verification?: VerificationResult | undefined;
    /** The reason why nothing could be read, or the refused value. */
    readonly problem?: Problem | undefined;
    /** True where the other end was contacted, and answered. */
    readonly isChecked: boolean;
    /** The object that is there; undefined where it does not exist. */
    readonly seen?: Seen | undefined;
    /** Remarks for every run. */
    readonly warnings: readonly string[];
}
