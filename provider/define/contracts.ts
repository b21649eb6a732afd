// Interfaces alone: what a declaration, the core that carries it out and the hosts that call the core agree on.

import type { Field } from "./fields";

// ---- what a connection can be ---------------------------------------------------------------------------------------------------

/**
 * What a connection can be. Desired is `verified`; `unreachable` and `unverified` say nothing about the credential.
 *
 * - `verified`: the vendor accepted the credential and everything that the program requires is there.
 * - `expiring`: verified, and its secret ends in no more than `warnBeforeDays`, by `expiresAt` or as the vendor reports it.
 * - `expired`: its secret has ended, as the vendor reported it, or by `expiresAt` where the vendor reports nothing.
 * - `rejected`: the vendor refused the credential.
 * - `insufficient`: a scope, a privilege, an organisation, a site or the access to a product is missing.
 * - `unsupported`: the vendor's product is older than the connection needs.
 * - `tenantChanged`: the same credential opens another account, organisation or site than the one on record.
 * - `unreachable`: the vendor could not be asked.
 * - `unverified`: the vendor was not asked (`verify: "never"`).
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

/** What came of a check. `unknown`: the vendor was asked and its answer does not tell. `skipped`: it was not asked. */
export type CheckResult = "passed" | "failed" | "skipped" | "unknown";

/** A check with what came of it. */
export interface Check {
    /** What came of it. */
    readonly result: CheckResult;
    /** One sentence. */
    readonly message: string;
}

/** Who a credential acts as. */
export interface Account {
    /** The vendor's own identifier. */
    readonly id: string;
    /** The name that the vendor's console shows. */
    readonly name: string;
    /** Its address, where the vendor tells it. */
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

/** The source of `secretExpiresAt`. */
export type SecretExpirySource = "vendor" | "declared" | "never";

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

/** What stands between a connection and `verified`: data, never an exception, never with a secret's value. */
export interface Problem<Argument extends string = string, Kind extends ProblemKind = ProblemKind> {
    /** What is wrong, in one word: the status follows from it. */
    readonly kind: Kind;
    /** The argument at fault; left out where it is none. */
    readonly argument?: Argument | undefined;
    /** What was refused, why, and the next step. */
    readonly message: string;
}

/** A problem as a declaration names it. */
export type VendorProblem<Argument extends string = string> = Problem<Argument, VendorProblemKind>;

// ---- asking a vendor ------------------------------------------------------------------------------------------------------------

/** The shape of an answer, by any library that speaks Standard Schema (https://standardschema.dev), such as zod. */
export interface StandardSchema<Value> {
    /** What the library offers under this name; see the specification. */
    readonly "~standard": {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => SchemaResult<Value> | Promise<SchemaResult<Value>>;
        readonly types?: { readonly input: unknown; readonly output: Value } | undefined;
    };
}

/** What a schema makes of a value. */
export type SchemaResult<Value> =
    | { readonly value: Value; readonly issues?: undefined }
    | {
          readonly issues: readonly {
              readonly message: string;
              readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
          }[];
      };

/**
 * The shape of an answer: as little of it as is used. A field, such as `object({ id: text(), name: optional(text()) })`, which takes null for nothing; or
 * a schema of another library, as a function where it is to be made only when it is needed.
 */
export type ResponseSchema<Value> = Field<Value, unknown> | StandardSchema<Value> | (() => StandardSchema<Value>);

/** What a vendor answered. */
export interface Answer {
    /** The HTTP status, from 200 to 499: what is beyond is a fault, and never handed over. No redirect is followed. */
    readonly status: number;
    /** The headers, by their names in small letters. */
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    /** The body, with secrets taken out. */
    readonly text: string;
}

/** An answer that tells nothing for or against the credential: the check becomes `unknown`. */
export interface Unknown {
    /** Why, as a sentence. */
    readonly unknown: string;
}

/** An answer that refuses the credential, at whichever status. */
export interface Refused {
    /** What in it says so, as words that can follow `(HTTP 200, `. */
    readonly refused: string;
}

/** How a call differs from a plain GET with the credential. */
export interface RequestOptions<Argument extends string = string> {
    /**
     * The HTTP method.
     * @default GET
     */
    readonly method?: "GET" | "HEAD" | "POST" | undefined;
    /** Further headers. They are no place for a secret. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Sent as JSON. */
    readonly body?: unknown;
    /** Without the credential, for what a vendor tells anybody. */
    readonly anonymous?: boolean | undefined;
    /**
     * With the declaration's `reader` in place of its credential. Where there is none, nothing is sent; what fails is a warning, and nothing against the
     * credential.
     */
    readonly reader?: boolean | undefined;
    /** The argument that names the host. Default: the URL argument that the call's address begins with. */
    readonly argument?: Argument | undefined;
    /**
     * What an answer means where it is not the ordinary: a problem, or that it refuses the credential, or that it tells nothing, or `"passed"` where it
     * proves what was asked in another shape, which no page of HTML and no redirect does. Undefined: the ordinary.
     */
    readonly classify?:
        | ((answer: Answer, body: unknown) => VendorProblem<Argument> | Refused | Unknown | "passed" | undefined)
        | undefined;
}

/** An access token, without its value. */
export interface Token<SecretName extends string = string> {
    /** The endpoint that gave it. */
    readonly url: string;
    /** As the vendor told it, in seconds. */
    readonly lifetimeSeconds: number | undefined;
    /** Scopes that the token has, as far as its endpoint told; undefined where it did not. */
    readonly scopes: readonly string[] | undefined;
    /** The argument whose secret was accepted. */
    readonly secretInUse: SecretName;
    /** What the answer of its endpoint told besides, such as `instance_url`: never a token, and without secrets. */
    readonly members: Readonly<Record<string, unknown>>;
    /** The claims of an access token that is a JWT, unproved and without secrets; empty for another one. */
    readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * What a vendor is asked with. Nothing throws: what fails is recorded, and gives undefined; after a refused credential nothing more is sent with it.
 * A check that is asked several times is as its worst answer.
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
    /** Asks, and records the check; undefined in its place for an aside, which decides nothing. */
    readonly request: <Value>(
        check: CheckName | undefined,
        url: string,
        schema: ResponseSchema<Value>,
        options?: RequestOptions<Argument>,
    ) => Promise<Value | undefined>;
    /** Records that a check failed. */
    readonly fail: (check: CheckName, problem: VendorProblem<Argument>) => void;
    /** Records a check that needs no call of its own. */
    readonly record: (check: CheckName, result: "passed" | "skipped" | "unknown", message: string) => void;
    /** Records what the vendor was asked and did not tell: that is unknown, worth a warning, and nothing against the credential. */
    readonly untold: (check: CheckName, message: string) => void;
    /** What a check has come to so far; `skipped` before it was asked. */
    readonly resultOf: (check: CheckName) => Check["result"];
    /** A header of the last answer that a check got, its lines joined by commas; undefined where it has none. Cookies are not told. */
    readonly header: (check: CheckName, name: string) => string | undefined;
    /** The problem that a check failed with. */
    readonly problemOf: (check: CheckName) => Problem | undefined;
    /** Puts a problem in the place of every refusal of the credential, after another request has told why it was refused. */
    readonly explain: (check: CheckName, problem: VendorProblem<Argument>) => void;
    /** Asks with the same secret in the other way in which it may be meant; undefined where the credential declares none. */
    readonly alternative: Verification<CheckName, Argument, SecretName> | undefined;
    /** The known name that a mistyped one was probably meant to be. */
    readonly suggest: (name: string, known: readonly string[], mostEdits?: number) => string | undefined;
    /** Says what is right but worth telling. The same facts must give the same text. */
    readonly warn: (message: string) => void;
}

// ---- what a host calls ----------------------------------------------------------------------------------------------------------

/** Values by name, as a host has them. */
export type Values = Readonly<Record<string, unknown>>;

/** The name of the member by which the compiler tells values apart. No value has it. */
declare const origin: unique symbol;

/** Values that are not accepted in place of those with another origin. */
export type From<Origin extends string> = Values & { readonly [origin]?: Origin };

/** What a program declares. */
export type DeclaredInputs = From<"program">;

/** What a check has made of it, which the engine keeps as inputs. */
export type EngineInputs = From<"check">;

/** What is on record. */
export type Recorded = From<"state">;

/** Where a handler's warnings and other remarks go. */
export interface Log {
    /** Says something that stands in the way of nothing, as one sentence. */
    readonly warn: (message: string) => void;
    /** Says what a reader should know and need not act on. */
    readonly tell?: ((message: string) => void) | undefined;
}

/** What a host hands a handler besides the values. What a host does not have, it leaves out. */
export interface HandlerContext<Session> {
    /** What the resources of one run share. */
    readonly session: Session;
    /** Where remarks go. */
    readonly log: Log;
    /** Whether nothing is to be changed. Undefined: the host does not know. */
    readonly preview?: boolean | undefined;
    /** Ends what is under way. */
    readonly signal?: AbortSignal | undefined;
}

/** What a handler has computed, and what of it a host must encrypt. */
export interface Computed {
    /** Names of values that hold what the program made secret. */
    readonly sealed: readonly string[];
}

/** A resource as a host without a program's side knows it. */
export interface HostedResource {
    /** The name that messages give it, such as `nango.Connection acme`. */
    readonly label: string;
    /** Its URN, or another text that no other resource has: what is made elsewhere is marked with it. */
    readonly owner: string;
    /** True where the program made a plain argument secret. Default false. */
    readonly isSealed?: boolean | undefined;
    /** The paths in the resource's `replaceOnChanges`. */
    readonly replaceOn?: readonly string[] | undefined;
}

/**
 * A kind of resource, as a host drives it: the dynamic provider of the engine, a plugin, a command line. All values are plain; one that is not known
 * yet is the text `UNKNOWN`.
 */
export interface Handler<Session> {
    /** Judges what a program declares, in the light of what is on record. */
    readonly check: (
        request: {
            readonly recorded: Recorded | undefined;
            readonly declared: DeclaredInputs;
            /** Needed by what is made elsewhere, where no program's side has looked there. */
            readonly resource?: HostedResource | undefined;
        },
        context: HandlerContext<Session>,
    ) => Promise<Computed & { readonly inputs: EngineInputs; readonly problems: readonly Problem[] }>;
    /** Compares what is on record with checked inputs. */
    readonly diff: (
        request: { readonly recorded: Recorded; readonly inputs: EngineInputs },
        context: HandlerContext<Session>,
    ) => Promise<{
        readonly changes: boolean;
        readonly replaces: readonly string[];
        /** Whether what is replaced is deleted before the new one is made. Default false. */
        readonly deletesFirst?: boolean | undefined;
    }>;
    /** Verifies what is new, and gives what is to be recorded. */
    readonly create: (
        request: { readonly inputs: EngineInputs },
        context: HandlerContext<Session>,
    ) => Promise<Computed & { readonly id: string; readonly state: Recorded }>;
    /** Verifies what has changed, and gives what is to be recorded. */
    readonly update: (
        request: { readonly recorded: Recorded; readonly inputs: EngineInputs },
        context: HandlerContext<Session>,
    ) => Promise<Computed & { readonly state: Recorded }>;
    /** What is there now. An undefined state: it is gone. Undefined inputs: those on record stand. */
    readonly read: (
        request: { readonly id: string; readonly recorded: Recorded },
        context: HandlerContext<Session>,
    ) => Promise<Computed & { readonly state: Recorded | undefined; readonly inputs: EngineInputs | undefined }>;
    /** Forgets the resource, and takes away what it has made elsewhere. */
    readonly delete: (
        request: { readonly id: string; readonly recorded: Recorded },
        context: HandlerContext<Session>,
    ) => Promise<void>;
}
