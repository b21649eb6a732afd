// A verification as a list of calls, each of which decides one check: for vendors that need no loop.
import type { FoundScopes } from "./connection";
import type { Account, RequestOptions, SecretEnds, Token, VendorProblem } from "./contracts";
import type { Field, PublicValues, SecretKeys, ValueOf, VerifiedOutputs } from "./fields";

/** What one step has found. */
export interface Facts<O, SecretName extends string = string> {
    /** The outputs that it tells. */
    readonly outputs?: Partial<VerifiedOutputs<O>> | undefined;
    /** Who the credential acts as. */
    readonly account?: Account | undefined;
    /** What the credential may do. */
    readonly scopes?: FoundScopes | undefined;
    /** The end of the secret. Steps may each report that of another secret. */
    readonly secretEnds?: SecretEnds<SecretName> | undefined;
    /** Sentences that are worth telling, though all is right. The same facts must give the same sentences. */
    readonly warnings?: readonly string[] | undefined;
}

declare const isTold: unique symbol;

/** What a step returns: only the members of {@link Tell} make one. */
export interface Told {
    /** For the compiler alone. */
    readonly [isTold]: true;
}

/**
 * How a step says what its answer means. By calls and not by a returned object, because the compiler looks for superfluous properties in arguments
 * alone.
 */
export interface Tell<A, O> {
    /** Says what the answer tells. */
    readonly found: (facts: Facts<O, SecretKeys<A>>) => Told;
    /** Fails the check. `facts`: what the answer tells nevertheless. */
    readonly problem: (problem: VendorProblem<keyof A & string>, facts?: Facts<O, SecretKeys<A>>) => Told;
    /** Leaves the check unknown, with a warning: the vendor's answer does not tell. */
    readonly unknown: (sentence: string, facts?: Facts<O, SecretKeys<A>>) => Told;
    /** Gives a header of the answer, its lines joined by commas; undefined where it has none. Cookies are not told. */
    readonly header: (name: string) => string | undefined;
    /** Makes a further call that decides nothing: undefined where it fails. */
    readonly aside: <F extends Field<unknown, unknown>>(url: string, answer: F) => Promise<ValueOf<F> | undefined>;
}

/** How a step's call differs from a plain GET. */
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
    /** What the answer means. */
    readonly tells: (answer: never, args: never, tell: never) => Told;
    /** How the call differs from a plain GET. */
    readonly options?: RequestOptions<never> | ((args: never) => RequestOptions<never>) | undefined;
}

/**
 * Makes a step.
 * @param proves The sentence that a passed check proves: `Acme knows the key.`
 * @param tells What a good answer means; it is not called otherwise.
 */
export type Call<A, O> = <F extends Field<unknown, unknown>>(
    proves: string,
    url: (args: PublicValues<A>) => string,
    answer: F,
    tells: (answer: ValueOf<F>, args: PublicValues<A>, tell: Tell<A, O>) => Told,
    options?: StepOptions<A>,
) => Step;

/** What an access token tells, besides that the credential is good. */
export type TokenStep<A, O> = (token: Token, args: PublicValues<A>, tell: Tell<A, O>) => Told;
