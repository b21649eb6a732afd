import { keys } from "../../../vendors/datadog/keys";
import { serviceAccessToken } from "../../../vendors/datadog/service-access-token";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

export type { DatadogSite } from "../../../vendors/datadog/sites";

/** Arguments of {@link ServiceAccessToken}. */
export interface ServiceAccessTokenArgs extends Inputs<typeof serviceAccessToken>, CommonInputs {}

/**
 * An access token of a Datadog service account, with scopes and an end of its own.
 *
 * In Datadog: Organization Settings > Service Accounts > (account) > Access Tokens.
 *
 * @example
 * ```ts
 * const monitoring = new datadog.ServiceAccessToken("monitoring", {
 *     token: config.requireSecret("datadogToken"),
 *     site: "datadoghq.eu",
 *     requiredScopes: ["monitors_read"],
 * });
 * ```
 */
export class ServiceAccessToken extends connectionClass<ServiceAccessTokenArgs>(serviceAccessToken) {}
export interface ServiceAccessToken extends Outputs<typeof serviceAccessToken> {}

/** Arguments of {@link Keys}. */
export interface KeysArgs extends Inputs<typeof keys>, CommonInputs {}

/**
 * An API key and an application key of Datadog's, which are sent together.
 *
 * In Datadog: Organization Settings > API Keys, and > Application Keys.
 *
 * @example
 * ```ts
 * const monitoring = new datadog.Keys("monitoring", {
 *     apiKey: config.requireSecret("datadogApiKey"),
 *     applicationKey: config.requireSecret("datadogApplicationKey"),
 * });
 * ```
 */
export class Keys extends connectionClass<KeysArgs>(keys) {}
export interface Keys extends Outputs<typeof keys> {}
