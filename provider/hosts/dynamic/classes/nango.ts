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
 * A connection of a Nango environment: the values of Nango's form, kept in step with the credential. A new secret is
 * proved at the vendor, then sent to Nango, and read back. The next preview shows changes made at Nango. Deleted with
 * the resource.
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
/** A connection's own outputs. */
export interface Connection {
    /** The values that this resource wrote, as Nango has them now. A preview shows a difference. */
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
    /** The unique key of the integration that it belongs to. */
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
 * An integration of a Nango environment, which connections belong to. An existing one needs `adopt: true`, and is never
 * deleted. One that this resource has made is deleted with it, unless it has connections, because Nango would delete
 * them too.
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
/** An integration's own outputs. */
export interface Integration {
    /** The values that this resource wrote, as Nango has them now. A preview shows a difference. */
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
