// The facts of the vendors in a unit test.
import type { Secret } from "../../define";

/** A site of Atlassian's, as a unit test says it. */
export interface SiteFacts {
    /** The part before `.atlassian.net`: `acme`. */
    readonly subdomain: string;
    /** Its Cloud ID, a UUID. Default: one that follows from the subdomain, the same in every run. */
    readonly cloudId?: string | undefined;
    /** Its name. Default: the subdomain. */
    readonly name?: string | undefined;
}

/** The account of a credential in a unit test. */
export interface AccountFacts {
    /** Default: `unit-test`. */
    readonly id?: string | undefined;
    /** Default: the program's name for it, else `Unit Test`. */
    readonly name?: string | undefined;
    /** Default: the address that the program gives, else none. */
    readonly email?: string | undefined;
}

/** The facts of Atlassian in a unit test. */
export interface AtlassianFacts {
    /** The sites that there are, and that the credential reaches. Default: the one that the program names, else `https://example.atlassian.net`. */
    readonly sites?: readonly SiteFacts[] | undefined;
    /** The scopes that the credential has, such as `read:jira-work`. Default: those that the program requires, and those of its products. */
    readonly scopes?: readonly string[] | undefined;
    /** The products that the account may use. Default: both. */
    readonly products?: readonly ("jira" | "confluence")[] | undefined;
    readonly account?: AccountFacts | undefined;
}

/** The facts of Jamf Pro in a unit test. */
export interface JamfFacts {
    /** The server's version: `11.30.0`. Default: one that is new enough. */
    readonly version?: string | undefined;
    /** The privileges that the API client has. Default: those that the program requires. */
    readonly privileges?: readonly string[] | undefined;
    readonly account?: AccountFacts | undefined;
}

/** The facts of JumpCloud in a unit test. */
export interface JumpCloudFacts {
    /** The organisations that the account reaches. Default: the one that the program names, else one. */
    readonly organizations?: readonly { readonly id: string; readonly name?: string | undefined }[] | undefined;
    /**
     * True where the account's role may read organisations.
     * @default true
     */
    readonly mayReadOrganizations?: boolean | undefined;
}

/** The facts of Microsoft Entra ID in a unit test. */
export interface MicrosoftFacts {
    /** The application permissions in access tokens. Default: those that the program requires. */
    readonly permissions?: readonly string[] | undefined;
    readonly account?: AccountFacts | undefined;
}

/** A call that a connection makes, as a unit test sees it. */
export interface TestRequest {
    readonly method: string;
    /** The whole address: `https://api.example.com/v1/me`. */
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | undefined;
}

/** An answer from a unit test. */
export interface TestAnswer {
    /** The HTTP status. @default 200 */
    readonly status?: number | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** A text without any change, anything else as JSON. Default: an empty object. */
    readonly body?: unknown;
}

/** The facts of the vendors in a unit test. All others are as the program needs them. */
export interface VendorFacts {
    readonly atlassian?: AtlassianFacts | undefined;
    readonly jamf?: JamfFacts | undefined;
    readonly jumpcloud?: JumpCloudFacts | undefined;
    readonly microsoft?: MicrosoftFacts | undefined;
    /** Secrets that the vendors refuse, by value or by reference: as ones that were mistyped, revoked or rotated away. Default: none. */
    readonly refusedSecrets?: readonly Secret[] | undefined;
    /** Hosts that cannot be reached, such as `acme.jamfcloud.com`. Default: none. */
    readonly unreachableHosts?: readonly string[] | undefined;
    /**
     * Answers calls before all other facts: for your own definitions, and for cases that these facts cannot express.
     * Undefined: the other facts decide.
     */
    readonly answers?: ((request: TestRequest) => TestAnswer | undefined) | undefined;
}

/** A connection that a unit test makes, where the facts differ from one to the other. */
export interface TestedConnection {
    /** The resource's name; empty for a function. */
    readonly name: string;
    /** The class or function: `jamf.ApiClient`, `atlassian.getSites`. */
    readonly type: string;
}
