import { apiToken } from "../../../vendors/okta/api-token";
import { serviceApp } from "../../../vendors/okta/service-app";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link ApiToken}. */
export interface ApiTokenArgs extends Inputs<typeof apiToken>, CommonInputs {}

/**
 * An API token of Okta (SSWS), which acts as the administrator who made it. Nango imports one. For new integrations Okta recommends a {@link ServiceApp}.
 *
 * In the Okta Admin Console: Security > API > Tokens > Create token.
 *
 * @example
 * ```ts
 * const directory = new okta.ApiToken("directory", {
 *     orgUrl: "https://acme.okta.com",
 *     apiToken: config.requireSecret("oktaApiToken"),
 * });
 * ```
 */
export class ApiToken extends connectionClass<ApiTokenArgs>(apiToken) {}
export interface ApiToken extends Outputs<typeof apiToken> {}

/** Arguments of {@link ServiceApp}. */
export interface ServiceAppArgs extends Inputs<typeof serviceApp>, CommonInputs {}

/**
 * A service app of Okta (OAuth 2.0 client credentials), which proves itself by a signed JWT and has just the scopes that an administrator has granted.
 *
 * In the Okta Admin Console: Applications > Create App Integration > API Services; a public key, Okta API Scopes, and an administrator role.
 *
 * @example
 * ```ts
 * const directory = new okta.ServiceApp("directory", {
 *     orgUrl: "https://acme.okta.com",
 *     clientId: config.require("oktaClientId"),
 *     privateKey: secretFrom.file("/run/secrets/okta.pem"),
 *     requiredScopes: ["okta.users.read"],
 * });
 * ```
 */
export class ServiceApp extends connectionClass<ServiceAppArgs>(serviceApp) {}
export interface ServiceApp extends Outputs<typeof serviceApp> {}
