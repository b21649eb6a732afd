import { nangoConnection } from "../../../hubs/nango/connection";
import { nangoIntegration } from "../../../hubs/nango/integration";
import { hubClass } from "../hub-resource";
import type { HubInputs, HubOutputs } from "../types";
import type {
    ServiceAccountOAuth,
    ServiceAccountOAuthArgs,
    ServiceAccountToken,
    ServiceAccountTokenArgs,
} from "./atlassian";
import type { ApiToken as CloudflareToken, ApiTokenArgs as CloudflareTokenArgs } from "./cloudflare";
import type { ApiClient as FalconClient, ApiClientArgs as FalconClientArgs } from "./crowdstrike";
import type { PersonalAccessToken, PersonalAccessTokenArgs } from "./github";
import type { AccessToken, AccessTokenArgs } from "./gitlab";
import type { ApiClient, ApiClientArgs } from "./jamf";
import type { ApiToken as KandjiToken, ApiTokenArgs as KandjiTokenArgs } from "./kandji";
import type { EntraApplication, EntraApplicationArgs } from "./microsoft";
import type { ApiToken, ApiTokenArgs } from "./okta";

/** A connection that Nango can take: one that the program has as a resource, or its class and arguments. */
export type ConnectionInput =
    | ServiceAccountOAuth
    | ServiceAccountToken
    | ApiClient
    | EntraApplication
    | ApiToken
    | FalconClient
    | AccessToken
    | PersonalAccessToken
    | CloudflareToken
    | KandjiToken
    | { readonly type: "atlassian.ServiceAccountOAuth"; readonly arguments: ServiceAccountOAuthArgs }
    | { readonly type: "atlassian.ServiceAccountToken"; readonly arguments: ServiceAccountTokenArgs }
    | { readonly type: "jamf.ApiClient"; readonly arguments: ApiClientArgs }
    | { readonly type: "microsoft.EntraApplication"; readonly arguments: EntraApplicationArgs }
    | { readonly type: "okta.ApiToken"; readonly arguments: ApiTokenArgs }
    | { readonly type: "crowdstrike.ApiClient"; readonly arguments: FalconClientArgs }
    | { readonly type: "gitlab.AccessToken"; readonly arguments: AccessTokenArgs }
    | { readonly type: "github.PersonalAccessToken"; readonly arguments: PersonalAccessTokenArgs }
    | { readonly type: "cloudflare.ApiToken"; readonly arguments: CloudflareTokenArgs }
    | { readonly type: "kandji.ApiToken"; readonly arguments: KandjiTokenArgs };

/** Arguments of {@link Connection}. */
export interface ConnectionArgs extends HubInputs<typeof nangoConnection> {
    /**
     * The connection to hand over: `atlassian.ServiceAccountOAuth`, `atlassian.ServiceAccountToken`, `jamf.ApiClient` (in Jamf Cloud),
     * `microsoft.EntraApplication` (with a client secret), `okta.ApiToken`, `crowdstrike.ApiClient`, `gitlab.AccessToken`, `github.PersonalAccessToken` (at
     * github.com), `cloudflare.ApiToken` or `kandji.ApiToken`, as the resource that the program has, or as `{ type, arguments }`. It is verified in the
     * very run that sends it.
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
export interface Connection extends HubOutputs<typeof nangoConnection> {}

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
export interface Integration extends HubOutputs<typeof nangoIntegration> {}
