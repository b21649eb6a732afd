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
export interface Connection {
    /** What Nango holds of what this resource has put there. A preview shows it where it differs. */
    readonly found: pulumi.Output<Record<string, unknown>>;
    /** Nango's name of the provider. */
    readonly provider: pulumi.Output<string>;
    /** The kinds of errors that Nango has with the connection, such as `auth`: a vendor refused the credential there. */
    readonly errors: pulumi.Output<string[]>;
    /** When Nango made the connection, in ISO 8601. */
    readonly createdAt: pulumi.Output<string>;
    readonly serverUrl: pulumi.Output<string | undefined>;
    readonly environmentKey: pulumi.Output<unknown>;
    readonly integration: pulumi.Output<string>;
    readonly connectionId: pulumi.Output<string>;
    readonly metadata: pulumi.Output<Record<string, unknown> | undefined>;
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
export interface Integration {
    /** What Nango holds of what this resource has put there. A preview shows it where it differs. */
    readonly found: pulumi.Output<Record<string, unknown>>;
    /** When Nango made the integration, in ISO 8601. */
    readonly createdAt: pulumi.Output<string>;
    readonly serverUrl: pulumi.Output<string | undefined>;
    readonly environmentKey: pulumi.Output<unknown>;
    readonly uniqueKey: pulumi.Output<string>;
    readonly provider: pulumi.Output<string>;
    readonly displayName: pulumi.Output<string | undefined>;
}
