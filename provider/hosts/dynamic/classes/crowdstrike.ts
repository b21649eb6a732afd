import { apiClient } from "../../../vendors/crowdstrike/api-client";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

export type { FalconCloud } from "../../../vendors/crowdstrike/api-client";

/** Arguments of {@link ApiClient}. */
export interface ApiClientArgs extends Inputs<typeof apiClient>, CommonInputs {}

/**
 * An API client of CrowdStrike Falcon (OAuth 2.0 client credentials). Nango imports one.
 *
 * In the Falcon console: Support and resources > API clients and keys > Create API client.
 *
 * @example
 * ```ts
 * const falcon = new crowdstrike.ApiClient("falcon", {
 *     clientId: config.require("falconClientId"),
 *     clientSecret: config.requireSecret("falconClientSecret"),
 *     cloud: "eu-1",
 * });
 * ```
 */
export class ApiClient extends connectionClass<ApiClientArgs>(apiClient) {}
export interface ApiClient extends Outputs<typeof apiClient> {}
