import type * as pulumi from "@pulumi/pulumi";
import { nangoConnection } from "../../../hubs/nango/connection";
import { nangoIntegration } from "../../../hubs/nango/integration";
import { hubClass } from "../hub-resource";
import type { HubInputs } from "../types";
import type {
    ServiceAccountOAuth,
    ServiceAccountOAuthArgs,
    ServiceAccountToken,
    ServiceAccountTokenArgs,
} from "./atlassian";
import type { ApiClient, ApiClientArgs } from "./jamf";

/** A connection that Nango can take: one that the program has as a resource, or its class and arguments. */
export type ConnectionInput =
    | ServiceAccountOAuth
    | ServiceAccountToken
    | ApiClient
    | { readonly type: "atlassian.ServiceAccountOAuth"; readonly arguments: ServiceAccountOAuthArgs }
    | { readonly type: "atlassian.ServiceAccountToken"; readonly arguments: ServiceAccountTokenArgs }
    | { readonly type: "jamf.ApiClient"; readonly arguments: ApiClientArgs };

/** Arguments of {@link Connection}. */
export interface ConnectionArgs extends HubInputs<typeof nangoConnection> {
    /**
     * The connection to hand over: `atlassian.ServiceAccountOAuth`, `atlassian.ServiceAccountToken` or `jamf.ApiClient` (in Jamf Cloud), as the resource
     * that the program has, or as `{ type, arguments }`. It is verified in the very run that sends it.
     */
    readonly connection: ConnectionInput;
}

/**
 * A connection of a Nango environment: what a person would type into Nango's form, kept in step with the credential. A new secret is proved at the vendor,
 * then given to Nango, and read back. What changes at Nango shows in the next preview. Deleted with the resource.
 *
 * @example
 * ```ts
 * const hub = new nango.Connection("issues", {
 *     environmentKey: secretFrom.env("NANGO_KEY"),
 *     integration: "atlassian",
 *     connectionId: "acme-issues",
 *     connection: issues,    // an atlassian.ServiceAccountOAuth
 * });
 * ```
 */
export class Connection extends hubClass<ConnectionArgs>(nangoConnection) {}
/** What a connection of Nango has. */
export interface Connection {
    /** What Nango holds of what this resource has put there. A preview shows it where it differs. */
    readonly found: pulumi.Output<Record<string, unknown>>;
    /** Nango's name of the provider. */
    readonly provider: pulumi.Output<string>;
    /** The kinds of errors that Nango has with the connection, such as `auth`: a vendor refused the credential there. */
    readonly errors: pulumi.Output<string[]>;
    /** When Nango made the connection, in ISO 8601. */
    readonly createdAt: pulumi.Output<string>;
    /** The server, as the program names it; undefined for Nango's own cloud. */
    readonly serverUrl: pulumi.Output<string | undefined>;
    /** The environment's secret key, as a secret, or the reference to it. */
    readonly environmentKey: pulumi.Output<unknown>;
    /** The integration that it stands under, by its unique key. */
    readonly integration: pulumi.Output<string>;
    /** Its id in the environment. */
    readonly connectionId: pulumi.Output<string>;
    /** Further data that it carries. */
    readonly metadata: pulumi.Output<Record<string, unknown> | undefined>;
    /** The tags that it carries at Nango. */
    readonly tags: pulumi.Output<Record<string, string> | undefined>;
}

/** Arguments of {@link Integration}. */
export interface IntegrationArgs extends HubInputs<typeof nangoIntegration> {}

/**
 * An integration of a Nango environment, which connections stand under. One that is there already needs `adopt: true`, and is never deleted. One that this
 * resource has made is deleted with it, unless a connection stands under it: Nango would delete that too.
 *
 * @example
 * ```ts
 * const integration = new nango.Integration("atlassian", {
 *     environmentKey: secretFrom.env("NANGO_KEY"),
 *     uniqueKey: "atlassian",
 *     provider: "atlassian-service-account-oauth2",
 * });
 * ```
 */
export class Integration extends hubClass<IntegrationArgs>(nangoIntegration) {}
/** What an integration of Nango has. */
export interface Integration {
    /** What Nango holds of what this resource has put there. A preview shows it where it differs. */
    readonly found: pulumi.Output<Record<string, unknown>>;
    /** When Nango made the integration, in ISO 8601. */
    readonly createdAt: pulumi.Output<string>;
    /** The server, as the program names it; undefined for Nango's own cloud. */
    readonly serverUrl: pulumi.Output<string | undefined>;
    /** The environment's secret key, as a secret, or the reference to it. */
    readonly environmentKey: pulumi.Output<unknown>;
    /** Its key, by which connections name it. */
    readonly uniqueKey: pulumi.Output<string>;
    /** The provider that it is for, in Nango's words. */
    readonly provider: pulumi.Output<string>;
    /** The name that Nango's pages show. */
    readonly displayName: pulumi.Output<string | undefined>;
}
