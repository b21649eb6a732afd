// A type of connection: one declaration, from which the types, the judgement of arguments, what is secret, drift, states, the classes and the
// reference follow.
import { commonArgs, commonOutputNames, type ReservedName } from "./common";
import type { Account, Answer, Values, Verification } from "./contracts";
import type { Credential } from "./credentials";
import type {
    ArgumentValues,
    DeclaredValues,
    DerivedOutputs,
    Fields,
    OutputValues,
    PublicValues,
    SecretKeys,
    VerifiedOutputs,
} from "./fields";

declare const isOutcome: unique symbol;

/** What `verify` returns: only `found`, `incomplete` and `eachTenant` give one. */
export interface Outcome {
    /** For the compiler alone. */
    readonly [isOutcome]: true;
}

/** What was found out about one tenant: one site, one organisation, one server. */
export interface Finding<O> {
    /** The outputs that the vendor told, each of them: undefined where it did not. */
    readonly outputs: VerifiedOutputs<O>;
    /** Who the credential acts as; undefined where the vendor does not tell. */
    readonly account?: Account | undefined;
    /** What the credential may do, where the vendor tells it or calls have proved it. Undefined: nothing is known of it. */
    readonly scopes?: FoundScopes | undefined;
}

/** What is known of a credential's scopes (or privileges, or rights). */
export interface FoundScopes {
    /** Those that the credential has; undefined where the vendor does not tell. */
    readonly granted: readonly string[] | undefined;
    /** Whether these are all. Default true. */
    readonly isComplete?: boolean | undefined;
    /** Required ones of which no call tells. */
    readonly unproved?: readonly string[] | undefined;
    /** All that there are, to suggest the right spelling: asked for only where a required one is missing. */
    readonly known?: (() => Promise<readonly string[]>) | undefined;
}

/**
 * What `verify` is given: besides asking, it says what was found. By calls and not by a returned object, since the compiler looks for superfluous
 * properties in arguments alone, and its complaint then stands at the output.
 */
export interface VerificationOf<
    O,
    CheckName extends string,
    Argument extends string,
    SecretName extends string,
> extends Verification<CheckName, Argument, SecretName> {
    /** What was found. */
    readonly found: (finding: Finding<O>) => Outcome;
    /** Where a check has failed for good: what is known nevertheless. */
    readonly incomplete: (outputs: Partial<VerifiedOutputs<O>>) => Outcome;
    /** Looks into each tenant that may be meant, with checks and warnings of its own. The one on record is taken, else the first. */
    readonly eachTenant: <T>(
        tenants: readonly T[],
        look: (vendor: VerificationOf<O, CheckName, Argument, SecretName>, tenant: T) => Promise<Outcome>,
    ) => Promise<Outcome>;
}

/** Arguments of which at most one is given. */
export interface OneOf<Argument extends string> {
    /** The arguments. */
    readonly of: readonly Argument[];
    /** What they name, in sentences: `the site`. */
    readonly names: string;
    /** Whether one of them is needed. */
    readonly needed?: boolean | undefined;
    /** Where users find it, as a sentence. */
    readonly where?: string | undefined;
}

/** What is wrong with an argument. */
export interface Complaint<Argument extends string> {
    /** The one that is at fault. */
    readonly argument: Argument;
    /** A sentence without its subject, such as `must be 10.49.0 or later.` */
    readonly message: string;
}

/** What a program requires of scopes: compared, recorded and reported in one place for all connections. */
export interface ScopeRules<CheckName extends string, Argument extends string> {
    /** The check that says whether a required one is missing. */
    readonly check: CheckName;
    /** The argument that lists the required ones. */
    readonly required: Argument;
    /** The argument that lists further ones which the credential is meant to have. */
    readonly allowed?: Argument | undefined;
    /** What is required where the program says nothing. */
    readonly default?: readonly string[] | undefined;
    /** The vendor's word for one: `scope`, `privilege`. */
    readonly word: string;
    /** What has them, in sentences: `the credential`, `the API client`. Default `the credential`. */
    readonly holder?: string | undefined;
    /** Where people see which there are, as a sentence, for a vendor that may not tell. */
    readonly look?: string | undefined;
    /** How a missing one is added, as a sentence. */
    readonly add: string;
    /** How one too many is taken away, as the beginning of a sentence. */
    readonly remove?: string | undefined;
    /** What introduces the right name where the vendor tells all that exist: `Jamf calls it`. Default `it is called`. */
    readonly callsIt?: string | undefined;
    /** How many edits a name may be away from one that is offered as its right spelling. Default: two fifths of its length. */
    readonly likeness?: number | undefined;
}

/** The form of the hub that a connection is made for, which a person fills in where no resource does. */
export interface HubForm<A, O> {
    /** The hub's name. */
    readonly hub: string;
    /** Each field by the name that the form gives it, with its value; undefined where it is to be left empty. */
    readonly fields: Readonly<
        Record<
            string,
            (args: Partial<DeclaredValues<A>>, outputs: Partial<OutputValues<O>>) => string | null | undefined
        >
    >;
}

/** A type of connection. */
export interface Definition<
    Type extends `${string}:${string}`,
    A extends Fields,
    O extends Fields,
    CheckName extends string,
> {
    /** Vendor and class: `jamf:ApiClient`. */
    readonly type: Type;
    /** The product's name in sentences: `Jamf Pro`. */
    readonly title: string;
    /** Whether its hosts may lie in a private network, as products do that customers host themselves. Default false. */
    readonly privateHosts?: boolean | undefined;
    /** How many calls may be under way to one of its hosts at once. Default 16. */
    readonly callsAtOnce?: number | undefined;
    /** The arguments, each with a comment that hover and the reference show. */
    readonly args: A;
    /** The outputs of its own: `output(…)` of what the vendor tells, `derived(…)` of what follows from the arguments alone. */
    readonly outputs: O;
    /** Each check, in order, with the sentence that a passed one proves. */
    readonly checks: Readonly<Record<CheckName, string>>;
    /** Checks that are shown only where there was a reason to make them. */
    readonly occasionalChecks?: readonly NoInfer<CheckName>[] | undefined;
    /** The output or argument that identifies the tenant. */
    readonly tenant: NoInfer<(keyof A | keyof O) & string>;
    /** The form of the hub that it is made for. */
    readonly hubForm?: HubForm<NoInfer<A>, NoInfer<O>> | undefined;
    /** Arguments that name the same thing in several ways. */
    readonly oneOf?: OneOf<NoInfer<keyof A & string>> | undefined;
    /**
     * Other rules between arguments: what is wrong. Held back while an argument that they read is not known yet. `declared` has the arguments as the
     * program wrote them, for what their normal form does not tell any more.
     */
    readonly rules?:
        | ((args: PublicValues<NoInfer<A>>, declared: Values) => readonly Complaint<keyof NoInfer<A> & string>[])
        | undefined;
    /** The same for what is new or changed: a connection on record that breaks one of these goes on, with a warning in every run. */
    readonly rulesForNew?:
        ((args: PublicValues<NoInfer<A>>) => readonly Complaint<keyof NoInfer<A> & string>[]) | undefined;
    /** What a program may require of scopes, for vendors that have them. */
    readonly scopes?: ScopeRules<NoInfer<CheckName>, NoInfer<keyof A & string>> | undefined;
    /** The outputs that follow from the arguments alone. Held back while an argument is not known yet. */
    readonly derive: (args: PublicValues<NoInfer<A>>) => DerivedOutputs<O>;
    /** How the credential is shown to the vendor. */
    readonly credential: (args: ArgumentValues<NoInfer<A>>) => Credential;
    /** Whether an answer to a call with the credential refuses it, besides those with HTTP 401: at any status, a redirect's or 200 among them. */
    readonly isCredentialRefusal?: ((answer: Answer) => boolean) | undefined;
    /** Whether an answer says that a scope is missing: a new access token would not help. */
    readonly isScopeRefusal?: ((answer: Answer) => boolean) | undefined;
    /** Whether an answer says that a node of the vendor's does not know an access token, which is nothing against the credential. */
    readonly isTokenUnknown?: ((answer: Answer) => boolean) | undefined;
    /** Asks the vendor. */
    readonly verify: (
        vendor: VerificationOf<NoInfer<O>, NoInfer<CheckName>, keyof NoInfer<A> & string, SecretKeys<NoInfer<A>>>,
        args: PublicValues<NoInfer<A>>,
    ) => Promise<Outcome>;
}

/** Any declaration, for the core that carries it out: it judges the arguments by `args`, and hands over what came out. */
export interface AnyDefinition extends Omit<
    Definition<`${string}:${string}`, Fields, Fields, string>,
    "rules" | "rulesForNew" | "derive" | "credential" | "verify" | "hubForm"
> {
    /** See {@link Definition}. */
    readonly hubForm?:
        | {
              readonly hub: string;
              readonly fields: Readonly<Record<string, (args: never, outputs: never) => string | null | undefined>>;
          }
        | undefined;
    /** See {@link Definition}. */
    readonly rules?: ((args: never, declared: Values) => readonly Complaint<string>[]) | undefined;
    /** See {@link Definition}. */
    readonly rulesForNew?: ((args: never) => readonly Complaint<string>[]) | undefined;
    /** See {@link Definition}. */
    derive(args: never): object;
    /** See {@link Definition}. */
    credential(args: never): Credential;
    /** See {@link Definition}. */
    verify(vendor: never, args: never): Promise<Outcome>;
}

type NotReserved = { readonly [K in ReservedName]?: never };

const reserved: ReadonlySet<string> = new Set<string>([
    ...Object.keys(commonArgs),
    ...commonOutputNames,
    "verifiedAt",
    "expiresAt",
    "id",
    "urn",
    "hubFields",
]);

/**
 * Declares a type of connection.
 * @throws Error where the declaration contradicts itself in a way that the compiler cannot see.
 */
export function defineConnection<
    const Type extends `${string}:${string}`,
    const A extends Fields,
    const O extends Fields,
    const CheckName extends string,
>(
    definition: Definition<Type, A, O, CheckName> & { readonly args: NotReserved; readonly outputs: NotReserved },
): Definition<Type, A, O, CheckName> {
    const refuse = (what: string): never => {
        throw new Error(`defineConnection ${definition.type}: ${what}`);
    };
    if (!/^[a-z][A-Za-z0-9]*:[A-Z][A-Za-z0-9]*$/.test(definition.type)) {
        refuse("type must be a vendor and a class, such as acme:ApiKey.");
    }
    for (const name of [...Object.keys(definition.args), ...Object.keys(definition.outputs)]) {
        if (reserved.has(name) || name.startsWith("__")) {
            refuse(`${name} is a name that every connection uses already.`);
        }
    }
    if (Object.values(definition.args).some((field) => field.source !== undefined)) {
        refuse("output() and derived() are for outputs, not for arguments.");
    }
    if (Object.values(definition.outputs).some((field) => field.source === undefined || field.type === "secret")) {
        refuse("each output is output(…) or derived(…) of a field that is no secret.");
    }
    if (!Object.values(definition.args).some(({ type }) => type === "secret")) {
        refuse("a connection has a credential: at least one argument is a secret().");
    }
    return definition;
}

/** The types of connection by name, each loaded when it is needed. A name that is not its declaration's does not compile. */
export const registry = <const R extends { readonly [K in keyof R]: () => { readonly type: K } }>(types: R): R => types;
