// A verification as a list of calls, each of which decides one check: for vendors that need no loop.
import type { Account, Code, FoundScopes, RequestOptions, SecretEnds, Token, VendorProblem } from "./contracts";
import type { Field, PublicValues, SecretKeys, ValueOf, VerifiedOutputs } from "./fields";

/** The findings of one step. */
export interface Facts<O, SecretName extends string = string> {
    /** The outputs in its answer. */
    readonly outputs?: Partial<VerifiedOutputs<O>> | undefined;
    /** The account that the credential acts as. */
    readonly account?: Account | undefined;
    /** The scopes of the credential. */
    readonly scopes?: FoundScopes | undefined;
    /** The end of the secret. Steps may each report that of another secret. */
    readonly secretEnds?: SecretEnds<SecretName> | undefined;
    /** Remarks about a connection that works. The same facts must give the same sentences. */
    readonly warnings?: readonly string[] | undefined;
}

declare const isReported: unique symbol;

/** The result of a step: only the members of {@link StepReport} make one. */
export interface StepResult {
    /** For the compiler alone. */
    readonly [isReported]: true;
}

/** The rule for a version that a vendor reports. */
export interface VersionRule<Argument extends string> {
    /** The argument with the oldest version to accept. */
    readonly least: Argument;
    /** The argument that names the server. */
    readonly server: Argument;
    /** A code of this package. Definitions outside of it leave it out. */
    readonly code?: Code | undefined;
}

/**
 * The calls by which a step reports the meaning of its answer. They are calls, because the compiler checks only
 * arguments for unknown properties.
 */
export interface StepReport<A, O> {
    /** Reports the facts in the answer. */
    readonly found: (facts: Facts<O, SecretKeys<A>>) => StepResult;
    /** Fails the check. `facts`: the facts that the answer has nevertheless. */
    readonly problem: (problem: VendorProblem<keyof A & string>, facts?: Facts<O, SecretKeys<A>>) => StepResult;
    /** Leaves the check unknown, with a warning: the vendor's answer does not decide. */
    readonly unknown: (sentence: string, facts?: Facts<O, SecretKeys<A>>) => StepResult;
    /**
     * Reports facts where a version is no older than an argument says; otherwise the check fails, with the same facts.
     */
    readonly atLeast: (
        version: string,
        by: VersionRule<keyof A & string>,
        facts?: Facts<O, SecretKeys<A>>,
    ) => StepResult;
    /** Gives a header of the answer, its lines joined by commas; undefined where it has none. Cookies are left out. */
    readonly header: (name: string) => string | undefined;
    /** Makes a further call that decides nothing: undefined where it fails. */
    readonly aside: <F extends Field<unknown, unknown>>(url: string, answer: F) => Promise<ValueOf<F> | undefined>;
}

/** The difference of a step's call from a plain GET. */
export type StepOptions<A> =
    RequestOptions<keyof A & string> | ((args: PublicValues<A>) => RequestOptions<keyof A & string>);

/** One call that decides one check. */
export interface Step {
    /** The sentence that a passed check proves. */
    readonly proves: string;
    /** The address of the call. */
    readonly url: (args: never) => string;
    /** The shape of its answer. */
    readonly answer: Field<unknown, unknown>;
    /** The meaning of the answer. */
    readonly meaning: (answer: never, args: never, report: never) => StepResult;
    /** The difference of the call from a plain GET. */
    readonly options?: RequestOptions<never> | ((args: never) => RequestOptions<never>) | undefined;
}

/**
 * Makes a step.
 * @param proves The sentence that a passed check proves: `Acme knows the key.`
 * @param meaning Reports the meaning of a good answer; it is not called otherwise.
 */
export type Call<A, O> = <F extends Field<unknown, unknown>>(
    proves: string,
    url: (args: PublicValues<A>) => string,
    answer: F,
    meaning: (answer: ValueOf<F>, args: PublicValues<A>, report: StepReport<A, O>) => StepResult,
    options?: StepOptions<A>,
) => Step;

/** Reports the facts in an access token, besides that the credential is good. */
export type TokenStep<A, O> = (token: Token, args: PublicValues<A>, report: StepReport<A, O>) => StepResult;
