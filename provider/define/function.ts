// A call to a vendor that is not a connection: declared like one, and answered without a state.
import type { Console, Values, Verification } from "./contracts";
import type { Credential } from "./credentials";
import type { Args, ArgumentValues, Complaint, Fields, OutputValues, PublicValues, SecretKeys } from "./fields";

/** A question to a vendor. */
export interface FunctionDefinition<
    Type extends `${string}:${string}`,
    A extends Fields,
    O extends Fields,
    CheckName extends string,
> {
    /** Vendor and function: `atlassian:getTenantInfo`. */
    readonly type: Type;
    /** The product's name in sentences. */
    readonly title: string;
    /** The places in the vendor's console. */
    readonly console?: Console | undefined;
    /** The arguments, each with a comment that hover and the reference show. */
    readonly args: A;
    /** The members of the result, each with a comment. */
    readonly outputs: O;
    /** Each check, with the sentence that a passed one proves. */
    readonly checks: Readonly<Record<CheckName, string>>;
    /** The credential for the vendor; left out where the answer is public. */
    readonly credential?: ((args: ArgumentValues<NoInfer<A>>) => Credential) | undefined;
    /** Other rules between arguments. */
    readonly rules?:
        | ((args: PublicValues<NoInfer<A>>, declared: Values) => readonly Complaint<keyof NoInfer<A> & string>[])
        | undefined;
    /** Calls the vendor. Undefined: the vendor could not be contacted, and `vendor` has the reason. */
    readonly call: (
        vendor: Verification<NoInfer<CheckName>, keyof NoInfer<A> & string, SecretKeys<NoInfer<A>>>,
        args: PublicValues<NoInfer<A>>,
    ) => Promise<OutputValues<NoInfer<O>> | undefined>;
}

/** The arguments of a function, as programs give them. */
export type FunctionArgs<D> = D extends { readonly args: infer A } ? Args<A> : never;

/** The result of a function. */
export type FunctionResult<D> = D extends { readonly outputs: infer O } ? OutputValues<O> : never;

/** Any declaration of a function, for the core that carries it out. */
export interface AnyFunctionDefinition {
    /** See {@link FunctionDefinition}. */
    readonly type: `${string}:${string}`;
    /** See {@link FunctionDefinition}. */
    readonly title: string;
    /** See {@link FunctionDefinition}. */
    readonly args: Fields;
    /** See {@link FunctionDefinition}. */
    readonly outputs: Fields;
    /** See {@link FunctionDefinition}. */
    readonly console?: Console | undefined;
    /** See {@link FunctionDefinition}. */
    readonly checks: Readonly<Record<string, string>>;
    /** See {@link FunctionDefinition}. */
    readonly credential?: ((args: never) => Credential) | undefined;
    /** See {@link FunctionDefinition}. */
    readonly rules?: ((args: never, declared: Values) => readonly Complaint<string>[]) | undefined;
    /** See {@link FunctionDefinition}. */
    call(vendor: never, args: never): Promise<unknown>;
}

/** Declares a function. */
export const defineFunction = <
    const Type extends `${string}:${string}`,
    const A extends Fields,
    const O extends Fields,
    const CheckName extends string,
>(
    definition: FunctionDefinition<Type, A, O, CheckName>,
): FunctionDefinition<Type, A, O, CheckName> => definition;
