// Interfaces alone, between a declaration, the core that carries it out and the hosts that call the core.

import type { Code } from "../messages";
import type { Field } from "./fields";
import type { Probing } from "./probe";

export type { Code };

// ---- the states of a connection -------------------------------------------------------------------------------------------------

/**
 * The status of a connection. The desired one is `verified`; `unreachable` and `unverified` say nothing about the
 * credential.
 *
 * - `verified`: the vendor accepted the credential and everything that the program requires is there.
 * - `expiring`: verified, and its secret ends in no more than `warnBeforeDays`, by `expiresAt` or as the vendor reports
 * it.
 * - `expired`: its secret has ended, as the vendor reported it, or by `expiresAt` where the vendor reports nothing.
 * - `rejected`: the vendor refused the credential.
 * - `insufficient`: a scope, a privilege, an organisation, a site or the access to a product is missing.
 * - `unsupported`: the vendor's product is older than the connection needs.
 * - `tenantChanged`: the same credential opens another account, organisation or site than the one on record.
 * - `unreachable`: the vendor could not be contacted.
 * - `unverified`: the vendor was not contacted (`verify: "never"`).
 */
export type Status =
    | "verified"
    | "expiring"
    | "expired"
    | "rejected"
    | "insufficient"
    | "unsupported"
    | "tenantChanged"
    | "unreachable"
    | "unverified";

/** When a connection is verified: in every run, when its arguments changed, or never. */
export type VerifyMode = "always" | "changes" | "never";

/**
 * The result of a check. `unknown`: the vendor was contacted and its answer does not decide. `skipped`: the vendor was
 * not contacted.
 */
export type CheckResult = "passed" | "failed" | "skipped" | "unknown";

/** A check with its result. */
export interface Check {
    /** The result of the check. */
    readonly result: CheckResult;
    /** One sentence. */
    readonly message: string;
    /** The code of the problem that decided it. States of earlier releases have none. */
    readonly code?: Code | undefined;
}

/** The account that a credential acts as. */
export interface Account {
    /** The vendor's own identifier. */
    readonly id: string;
    /** The name that the vendor's console shows. */
    readonly name: string;
    /** Its address, where the vendor returns it. */
    readonly email?: string | undefined;
}

/** The end of a secret, as the vendor reports it. */
export interface SecretEnd<SecretName extends string = string> {
    /**
     * A moment in ISO 8601 with its zone, or a `Date`; a day, such as `2027-06-30`, which ends at its start in UTC; or
     * `never`. Undefined or null: not known. A moment less than 15 minutes away counts as not known; so does one that
     * is past while the vendor accepts the secret.
     */
    readonly at: string | Date | null | undefined;
    /** The argument with the secret. Default: the secret that the vendor accepted. */
    readonly of?: SecretName | undefined;
    /**
     * That each use of the secret moves its end, which then is neither shown nor warned of.
     * @default false
     */
    readonly sliding?: boolean | undefined;
}

/** The ends of one secret, or of each of several. */
export type SecretEnds<SecretName extends string = string> = SecretEnd<SecretName> | readonly SecretEnd<SecretName>[];

/** The known scopes (or privileges, or rights) of a credential. */
export interface FoundScopes {
    /** Those that the credential has; undefined where the vendor does not list them. */
    readonly granted: readonly string[] | undefined;
    /** True where these are all. Default true. */
    readonly isComplete?: boolean | undefined;
    /** Required ones that no call proves or disproves. */
    readonly unproved?: readonly string[] | undefined;
    /** Gets the names of all scopes, to suggest the right spelling: called only where a required one is missing. */
    readonly known?: (() => Promise<readonly string[]>) | undefined;
}

/** The source of `secretExpiresAt`. */
export type SecretExpirySource = "vendor" | "declared" | "never";

/** The places in the vendor's console: sentences about the credential are written from them. */
export interface Console {
    /** The page where a secret is made: `Settings > API Keys`. */
    readonly secret: string;
    /** The console's word for a secret. Default `secret`. */
    readonly called?: string | undefined;
    /** The console's verb for making one: `Generate`. Default `Create`. */
    readonly verb?: string | undefined;
    /** The page of the client or account. Default: that of secrets. */
    readonly client?: string | undefined;
    /** The page where scopes (or roles) are given. Default: that of the client. */
    readonly scopes?: string | undefined;
    /** True where the vendor fixes the scopes when the credential is created. Default false. */
    readonly fixesScopes?: boolean | undefined;
    /**
     * Its https address, from arguments and outputs: the page of `status` has a link to it. No link is made of a value
     * that the program made secret.
     */
    readonly url?: ((values: Values) => unknown) | undefined;
}

// ---- problems -------------------------------------------------------------------------------------------------------------------

/** The kinds of problems that a declaration itself can name. */
export type VendorProblemKind =
    | "credentialRefused"
    | "tooOld"
    | "organizationMissing"
    | "siteMissing"
    | "accessMissing"
    | "scopeMissing"
    | "badAnswer";

/** Every kind of problem, for all vendors and all entry points. */
export type ProblemKind =
    | VendorProblemKind
    | "invalidArgument"
    | "nodeTooOld"
    | "secretMissing"
    | "tokenRefused"
    | "expired"
    | "tenantChanged"
    | "addressRefused"
    | "proxyRefused"
    | "hostNotFound"
    | "tlsFailed"
    | "connectFailed"
    | "redirected"
    | "connectionLost"
    | "serverFault"
    | "rateLimited"
    | "timedOut"
    | "internal";

/** An obstacle between a connection and `verified`: data, never an exception, never with a secret's value. */
export interface Problem<Argument extends string = string, Kind extends ProblemKind = ProblemKind> {
    /** The kind of problem, from which the status follows. */
    readonly kind: Kind;
    /** The code of its message, which a person can look up. */
    readonly code: Code;
    /** The argument at fault; left out where no argument is. */
    readonly argument?: Argument | undefined;
    /** The refused value, the reason, and the next step. */
    readonly message: string;
}

/** A problem as a declaration names it. Without a code of the package's own, it has that of its kind. */
export interface VendorProblem<Argument extends string = string> extends Omit<
    Problem<Argument, VendorProblemKind>,
    "code"
> {
    /** A code of this package. Definitions outside of it leave it out. */
    readonly code?: Code | undefined;
}

// ---- calls to a vendor ----------------------------------------------------------------------------------------------------------

/** The shape of an answer, by any library that speaks Standard Schema (https://standardschema.dev), such as zod. */
export interface StandardSchema<Value> {
    /** The interface under this name; see the specification. */
    readonly "~standard": {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => SchemaResult<Value> | Promise<SchemaResult<Value>>;
        readonly types?: { readonly input: unknown; readonly output: Value } | undefined;
    };
}

/** The result of a schema for a value. */
export type SchemaResult<Value> =
    | { readonly value: Value; readonly issues?: undefined }
    | {
          readonly issues: readonly {
              readonly message: string;
              readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
          }[];
      };

/**
 * The shape of an answer, with as little of it as is used. A field, such as
 * `object({ id: text(), name: optional(text()) })`, which reads null as missing; or a schema of another library, as a
 * function where it is to be made only when it is needed.
 */
export type ResponseSchema<Value> = Field<Value, unknown> | StandardSchema<Value> | (() => StandardSchema<Value>);

/** A vendor's answer. */
export interface Answer {
    /** The HTTP status, from 200 to 499: any other is a fault, and never passed on. No redirect is followed. */
    readonly status: number;
    /** The headers, by their names in small letters. */
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    /** The body without secrets. */
    readonly text: string;
}

/** An answer that proves nothing for or against the credential: the check becomes `unknown`. */
export interface Unknown {
    /** The reason, as a sentence. */
    readonly unknown: string;
    /**
     * True where the reason is worth a warning.
     * @default false
     */
    readonly warns?: boolean | undefined;
}

/** An answer that refuses the credential, at whichever status. */
export interface Refused {
    /** The part of it that refuses, as words that can follow `(HTTP 200, `. */
    readonly refused: string;
}

/** The difference of a call from a plain GET with the credential. */
export interface RequestOptions<Argument extends string = string> {
    /**
     * The HTTP method.
     * @default GET
     */
    readonly method?: "GET" | "HEAD" | "POST" | undefined;
    /** Further headers. They must not hold a secret. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Sent as JSON. */
    readonly body?: unknown;
    /** Without the credential, for a vendor's public facts. */
    readonly anonymous?: boolean | undefined;
    /**
     * With the declaration's `reader` in place of its credential. Without a reader, nothing is sent; a failure is a
     * warning, and nothing against the credential.
     */
    readonly reader?: boolean | undefined;
    /** The argument that names the host. Default: the URL argument that the call's address begins with. */
    readonly argument?: Argument | undefined;
    /**
     * The meaning of an unusual answer. No page of HTML and no redirect passes. Undefined: `statuses`, then the ordinary
     * rules apply.
     */
    readonly classify?: ((answer: Answer, body: unknown) => AnswerMeaning<Argument> | undefined) | undefined;
    /** The meaning of an answer by its HTTP status. A page of HTML has none, except with HTTP 401. */
    readonly statuses?: Readonly<Record<number, AnswerMeaning<Argument>>> | undefined;
}

/**
 * The meaning of an unusual answer: a problem, a refusal of the credential, an unknown result, or `"passed"` where
 * another shape proves the same.
 */
export type AnswerMeaning<Argument extends string = string> = VendorProblem<Argument> | Refused | Unknown | "passed";

/** The facts in the answer to a probe. */
export interface Probed {
    /** The tenant's identifier. */
    readonly identity: string | undefined;
    /** The account. */
    readonly account: Account | undefined;
}

/** An access token, without its value. */
export interface Token<SecretName extends string = string> {
    /** The endpoint that gave it. */
    readonly url: string;
    /** The vendor's value, in seconds. */
    readonly lifetimeSeconds: number | undefined;
    /** Scopes of the token, as far as its endpoint returned them; undefined where it did not. */
    readonly scopes: readonly string[] | undefined;
    /** The argument whose secret was accepted. */
    readonly secretInUse: SecretName;
    /** The other members of its endpoint's answer, such as `instance_url`: never a token, and without secrets. */
    readonly members: Readonly<Record<string, unknown>>;
    /** The claims of an access token that is a JWT, unproved and without secrets; empty for another one. */
    readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * The tools for calls to a vendor. They never throw: a failure is recorded, and gives undefined; after a refused
 * credential nothing more is sent with it. A check with several calls has the worst result of them.
 *
 * Members are properties, so that the compiler compares the checks that a helper needs with those that are declared.
 */
export interface Verification<
    CheckName extends string,
    Argument extends string = never,
    SecretName extends string = string,
> {
    /** Gets the access token, as a check of its own. Other credentials pass it without a call. */
    readonly authenticate: (check: CheckName) => Promise<Token<SecretName> | undefined>;
    /** Makes a call, and records the check; undefined in its place for an aside, which decides nothing. */
    readonly request: <Value>(
        check: CheckName | undefined,
        url: string,
        schema: ResponseSchema<Value>,
        options?: RequestOptions<Argument>,
    ) => Promise<Value | undefined>;
    /** Makes the call that a program names as its probe. Undefined: the program names none, or it proves nothing. */
    readonly probe: (check: CheckName, args: Probing) => Promise<Probed | undefined>;
    /** Records that a check failed. */
    readonly fail: (check: CheckName, problem: VendorProblem<Argument>) => void;
    /** Records a check that needs no call of its own. */
    readonly record: (check: CheckName, result: "passed" | "skipped" | "unknown", message: string) => void;
    /**
     * Records a fact that the vendor did not return: it is unknown, worth a warning, and nothing against the
     * credential.
     */
    readonly unknown: (check: CheckName, message: string) => void;
    /** The result of a check so far; `skipped` before its first call. */
    readonly resultOf: (check: CheckName) => Check["result"];
    /**
     * A header of the last answer that a check got, its lines joined by commas; undefined where it has none. Cookies
     * are left out.
     */
    readonly header: (check: CheckName, name: string) => string | undefined;
    /**
     * True where the accepted secret begins with a text, because a vendor's list of secrets may show the beginning of
     * each.
     */
    readonly secretStartsWith: (text: string) => boolean;
    /**
     * Finds the accepted secret in a vendor's list of secrets, which shows the beginning of each: undefined where no
     * entry begins like it, or several do.
     */
    readonly entryOfSecret: <Entry>(
        entries: readonly (Entry | undefined)[] | undefined,
        beginning: (entry: Entry) => string | undefined,
    ) => Entry | undefined;
    /** The problem that a check failed with. */
    readonly problemOf: (check: CheckName) => Problem | undefined;
    /** Replaces every refusal of the credential by a problem, after another request has found the reason. */
    readonly explain: (check: CheckName, problem: VendorProblem<Argument>) => void;
    /**
     * Makes calls with the same secret in the other way in which it may be meant; undefined where the credential
     * declares none.
     */
    readonly alternative: Verification<CheckName, Argument, SecretName> | undefined;
    /** The known name that a mistyped one was probably meant to be. */
    readonly suggest: (name: string, known: readonly string[], mostEdits?: number) => string | undefined;
    /** Adds a remark that does not stop the connection. The same facts must give the same text. */
    readonly warn: (message: string) => void;
}

// ---- the calls of hosts ---------------------------------------------------------------------------------------------------------

/** Values by name, as a host has them. */
export type Values = Readonly<Record<string, unknown>>;

/** The name of the member by which the compiler distinguishes values. No value has it. */
declare const origin: unique symbol;

/** Values that are not accepted in place of those with another origin. */
export type From<Origin extends string> = Values & { readonly [origin]?: Origin };

/** A program's declaration. */
export type DeclaredInputs = From<"program">;

/** The inputs after a check, which the engine keeps. */
export type EngineInputs = From<"check">;

/** The recorded state. */
export type Recorded = From<"state">;

/** Where a handler's warnings and other remarks go. */
export interface Log {
    /** Logs a remark that stops nothing, as one sentence. */
    readonly warn: (message: string) => void;
    /** Reports a fact that needs no action. */
    readonly info?: ((message: string) => void) | undefined;
}
