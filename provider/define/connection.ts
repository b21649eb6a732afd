// A type of connection: one declaration, from which follow the types, the validation of arguments, the secrets, drift,
// states, the classes and the reference.
import { reservedNames, type ReservedName } from "./common";
import type { Account, Answer, Code, Console, FoundScopes, SecretEnds, Token, Values, Verification } from "./contracts";
import { coded } from "./coded";
import type { Credential } from "./credentials";
import type {
    ArgumentValues,
    Complaint,
    DeclaredValues,
    Fields,
    FromArguments,
    OutputValues,
    PublicValues,
    SecretKeys,
    VerifiedOutputs,
} from "./fields";
import type { Call, Step, StepResult, TokenStep } from "./steps";

declare const isOutcome: unique symbol;

/** The result of `verify`: only `found`, `incomplete` and `eachTenant` make one. */
export interface Outcome {
    /** For the compiler alone. */
    readonly [isOutcome]: true;
}

/** The result for one tenant: one site, one organisation, one server. */
export interface Finding<O, SecretName extends string = string> {
    /** The outputs from the vendor, each of them: undefined where the vendor did not return it. */
    readonly outputs: VerifiedOutputs<O>;
    /** The account that the credential acts as; undefined where the vendor does not return it. */
    readonly account?: Account | undefined;
    /**
     * The scopes of the credential, as the vendor lists them or calls have proved them. Undefined: nothing is known of
     * them.
     */
    readonly scopes?: FoundScopes | undefined;
    /** The end of the secret, where the vendor reports it: of one secret, or of each. */
    readonly secretEnds?: SecretEnds<SecretName> | undefined;
}

/**
 * The tools of `verify`, and the calls that report its result. They are calls, because the compiler checks only
 * arguments for unknown properties.
 */
export interface VerificationOf<
    O,
    CheckName extends string,
    Argument extends string,
    SecretName extends string,
> extends Verification<CheckName, Argument, SecretName> {
    /** Reports a finding. */
    readonly found: (finding: Finding<O, SecretName>) => Outcome;
    /** Reports the known outputs after a check has failed for good. */
    readonly incomplete: (
        outputs: Partial<VerifiedOutputs<O>>,
        facts?: Pick<Finding<O, SecretName>, "secretEnds">,
    ) => Outcome;
    /**
     * Checks each tenant that may be meant, with its own checks and warnings. The tenant on record is used, else the
     * first.
     */
    readonly eachTenant: <T>(
        tenants: readonly T[],
        look: (vendor: VerificationOf<O, CheckName, Argument, SecretName>, tenant: T) => Promise<Outcome>,
    ) => Promise<Outcome>;
}

/** Arguments of which at most one is given. */
export interface OneOf<Argument extends string> {
    /** The arguments. */
    readonly of: readonly Argument[];
    /** The object that they name, in sentences: `the site`. */
    readonly names: string;
    /** True where one of them is needed. */
    readonly needed?: boolean | undefined;
    /** The place where users find it, as a sentence. */
    readonly where?: string | undefined;
}

/** The rules for a program's scopes: compared, recorded and reported in one place for all connections. */
export interface ScopeRules<CheckName extends string, Argument extends string> {
    /** The check of the required ones. */
    readonly check: CheckName;
    /** The argument that lists the required ones. */
    readonly required: Argument;
    /** The argument that lists additional ones for the credential. */
    readonly allowed?: Argument | undefined;
    /** The scopes that are required where the program names none. */
    readonly default?: readonly string[] | undefined;
    /** The vendor's word for one: `scope`, `privilege`. */
    readonly word: string;
    /** The holder of scopes in sentences: `the credential`, `the API client`. Default `the credential`. */
    readonly holder?: string | undefined;
}

/** The fields of a hub's form whose values are not those of one argument or output, by their names there; undefined where one is to be left empty. */
export type HubFields<A, O> = Readonly<
    Record<string, (args: Partial<DeclaredValues<A>>, outputs: Partial<OutputValues<O>>) => string | null | undefined>
>;

/** The parts that all declarations of a type of connection have. */
interface Common<Type extends `${string}:${string}`, A extends Fields, O extends Fields, CheckName extends string> {
    /** Vendor and class: `jamf:ApiClient`. */
    readonly type: Type;
    /** The product's name in sentences: `Jamf Pro`. */
    readonly title: string;
    /**
     * True where its hosts may be in a private network, as for products that customers host themselves. Default false.
     */
    readonly privateHosts?: boolean | undefined;
    /** The most calls under way to one of its hosts at once. Default 16. */
    readonly callsAtOnce?: number | undefined;
    /** The arguments, each with a comment that hover and the reference show. */
    readonly args: A;
    /** The output or argument that identifies the tenant. */
    readonly tenant: NoInfer<(keyof A | keyof O) & string>;
    /** The places in the vendor's console. */
    readonly console?: Console | undefined;
    /** The hub that it is made for: arguments and outputs with a `label` are the fields of its form. */
    readonly hub?: string | undefined;
    /** Fields of that form that need a formula. */
    readonly hubFields?: HubFields<NoInfer<A>, NoInfer<O>> | undefined;
    /** Arguments that name the same thing in several ways. */
    readonly oneOf?: OneOf<NoInfer<keyof A & string>> | undefined;
    /** Arguments that belong together: both of a pair are given, or neither. */
    readonly together?: readonly (readonly [NoInfer<keyof A & string>, NoInfer<keyof A & string>])[] | undefined;
    /**
     * Other rules between arguments: returns the complaints. Held back while an argument that they read is not known
     * yet. `declared` has the arguments as the program wrote them, because their normal form may lack a detail.
     */
    readonly rules?:
        | ((args: PublicValues<NoInfer<A>>, declared: Values) => readonly Complaint<keyof NoInfer<A> & string>[])
        | undefined;
    /**
     * The same for new or changed arguments: a connection on record that breaks one of these goes on, with a warning in
     * every run.
     */
    readonly rulesForNew?:
        ((args: PublicValues<NoInfer<A>>) => readonly Complaint<keyof NoInfer<A> & string>[]) | undefined;
    /** The rules for scopes, where the vendor has them. */
    readonly scopes?: ScopeRules<NoInfer<CheckName>, NoInfer<keyof A & string>> | undefined;
    /** The credential, from the arguments. */
    readonly credential: (args: ArgumentValues<NoInfer<A>>) => Credential;
    /** A second credential that only reads, for calls that say `reader: true`; undefined where the program gives none. */
    readonly reader?: ((args: ArgumentValues<NoInfer<A>>) => Credential | undefined) | undefined;
    /**
     * True where a secret's end is found by a name that people give, and not by the secret itself: it warns, and never
     * makes a secret `expired`. Default false.
     */
    readonly secretEndsAreHints?: boolean | undefined;
    /**
     * True for an answer that refuses the credential, besides those with HTTP 401: at any status, also a redirect's or
     * 200.
     */
    readonly isCredentialRefusal?: ((answer: Answer) => boolean) | undefined;
    /** True for an answer that reports a missing scope: a new access token would not help. */
    readonly isScopeRefusal?: ((answer: Answer) => boolean) | undefined;
    /**
     * True for an answer from a node of the vendor's that does not know an access token yet. It is nothing against the
     * credential.
     */
    readonly isTokenUnknown?: ((answer: Answer) => boolean) | undefined;
    /**
     * The way to unlock an account that the vendor locks after several refusals, as sentences. Under `verify: "changes"`
     * a recorded refusal of the same secret is then not sent again.
     */
    readonly locksAfterRefusals?: string | undefined;
    /**
     * The check that the request for an access token decides, with the facts in the token: for credentials that get
     * one.
     */
    readonly token?: TokenStep<NoInfer<A>, NoInfer<O>> | undefined;
    /** The calls that verify the connection, each by the check that it decides. */
    readonly steps?: ((call: Call<NoInfer<A>, NoInfer<O>>) => Readonly<Record<string, Step>>) | undefined;
    /** Each check, in order, with the sentence that a passed one proves: for `verify`. */
    readonly checks?: Readonly<Record<CheckName, string>> | undefined;
    /** Checks that are shown only where there was a reason to make them. */
    readonly occasionalChecks?: readonly NoInfer<CheckName>[] | undefined;
    /** Verifies the connection in place of `steps`, where one call leads to another. */
    readonly verify?:
        | ((
              vendor: VerificationOf<NoInfer<O>, NoInfer<CheckName>, keyof NoInfer<A> & string, SecretKeys<NoInfer<A>>>,
              args: PublicValues<NoInfer<A>>,
          ) => Promise<Outcome>)
        | undefined;
}

/** A type of connection as it is declared: arguments, then outputs, then the functions that read them. */
export interface Declaration<
    Type extends `${string}:${string}`,
    A extends Fields,
    O extends Fields,
    CheckName extends string,
> extends Common<Type, A, O, CheckName> {
    /**
     * Its own outputs: fields that the vendor returns, and `derived(…)` or `early(…)` ones that have a formula.
     */
    readonly outputs: (from: FromArguments<NoInfer<A>>) => O;
}

/** A type of connection once declared. */
export interface Definition<
    Type extends `${string}:${string}`,
    A extends Fields,
    O extends Fields,
    CheckName extends string,
> extends Common<Type, A, O, CheckName> {
    /** Its own outputs. */
    readonly outputs: O;
}

/**
 * Any type of connection, for the core that carries it out: it validates the arguments by `args`, and passes on the
 * result.
 */
export interface AnyDefinition extends Omit<
    Definition<`${string}:${string}`, Fields, Fields, string>,
    "rules" | "rulesForNew" | "credential" | "reader" | "verify" | "hubFields" | "steps" | "token"
> {
    /** See {@link Declaration}. */
    readonly hubFields?:
        Readonly<Record<string, (args: never, outputs: never) => string | null | undefined>> | undefined;
    /** See {@link Declaration}. */
    readonly rules?: ((args: never, declared: Values) => readonly Complaint<string>[]) | undefined;
    /** See {@link Definition}. */
    readonly rulesForNew?: ((args: never) => readonly Complaint<string>[]) | undefined;
    /** See {@link Declaration}. */
    readonly token?: ((token: Token, args: never, report: never) => StepResult) | undefined;
    /** See {@link Declaration}. */
    readonly steps?: ((call: never) => Readonly<Record<string, Step>>) | undefined;
    /** See {@link Declaration}. */
    credential(args: never): Credential;
    /** See {@link Declaration}. */
    readonly reader?: ((args: never) => Credential | undefined) | undefined;
    /** See {@link Declaration}. */
    readonly verify?: ((vendor: never, args: never) => Promise<Outcome>) | undefined;
}

type NotReserved = { readonly [K in ReservedName]?: never };

const reserved: ReadonlySet<string> = new Set(reservedNames);

const fromArguments: FromArguments<Fields> = {
    derived: (field, formula) => Object.assign({}, field, { source: "derived", formula }) as never,
    early: (field, formula) => Object.assign({}, field, { formula }),
};

/**
 * Declares a type of connection.
 * @throws Error where the declaration contradicts itself in a way that the compiler cannot see.
 */
export function defineConnection<
    const Type extends `${string}:${string}`,
    const A extends Fields,
    const O extends Fields & NotReserved,
    const CheckName extends string,
>(declaration: Declaration<Type, A, O, CheckName> & { readonly args: NotReserved }): Definition<Type, A, O, CheckName> {
    const { type, args, steps, verify, checks } = declaration;
    const refuse = (code: Code, what: string): never => {
        throw new Error(coded(`defineConnection ${type}: ${what}`, code));
    };
    const made: Fields = declaration.outputs(fromArguments as never);
    const outputs = Object.fromEntries(
        Object.entries(made).map(([name, field]) => [name, { ...field, source: field.source ?? "verified" }]),
    );
    if (!/^[a-z][A-Za-z0-9]*:[A-Z][A-Za-z0-9]*$/.test(type)) {
        refuse("definition-type", "type must be a vendor and a class, such as acme:ApiKey.");
    }
    for (const name of [...Object.keys(args), ...Object.keys(outputs)]) {
        if (reserved.has(name) || name.startsWith("__")) {
            refuse("definition-reserved", `${name} is a name that every connection uses already.`);
        }
    }
    if (Object.values(args).some((field) => field.source !== undefined)) {
        refuse("definition-argument", "derived() and early() are for outputs, not for arguments.");
    }
    if (Object.values(outputs).some((field) => field.type === "secret")) {
        refuse("definition-output", "an output is no secret().");
    }
    if (!Object.values(args).some((field) => field.type === "secret")) {
        refuse("definition-secret", "a connection has a credential: at least one argument is a secret().");
    }
    if ((steps === undefined) === (verify === undefined) || (verify === undefined) !== (checks === undefined)) {
        refuse("definition-verified", "a connection is verified by steps, or by checks and verify.");
    }
    return { ...declaration, outputs } as never;
}

/** The types of connection by name, each loaded when it is needed. A name that is not its declaration's does not compile. */
export const registry = <const R extends { readonly [K in keyof R]: () => { readonly type: K } }>(types: R): R => types;
