import { apiToken } from "../../../vendors/cloudflare/api-token";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link ApiToken}. */
export interface ApiTokenArgs extends Inputs<typeof apiToken>, CommonInputs {}

/**
 * A Cloudflare API token of a user, or an account's own, whose end Cloudflare reports.
 *
 * In Cloudflare's dashboard: My Profile > API Tokens > Create Token, or Manage Account > Account API Tokens > Create Token.
 *
 * @example
 * ```ts
 * const dns = new cloudflare.ApiToken("dns", {
 *     token: config.requireSecret("cloudflareToken"),
 *     accountId: "023e105f4ecef8ad9ca31a8372d0c353",
 * });
 * ```
 */
export class ApiToken extends connectionClass<ApiTokenArgs>(apiToken) {}
export interface ApiToken extends Outputs<typeof apiToken> {}
