import { apiToken } from "../../../vendors/kandji/api-token";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

export type { KandjiPermission, KandjiRegion } from "../../../vendors/kandji/api-token";

/** Arguments of {@link ApiToken}. */
export interface ApiTokenArgs extends Inputs<typeof apiToken>, CommonInputs {}

/**
 * An API token of Kandji (Iru Endpoint Management), which may call just the paths that are ticked for it.
 *
 * In Kandji: Settings > Access > API Token > Add API Token. Kandji reports no end and no account: see its page.
 *
 * @example
 * ```ts
 * const macs = new kandji.ApiToken("macs", {
 *     subdomain: "acme",
 *     token: config.requireSecret("kandjiToken"),
 *     requiredPermissions: ["/devices"],
 * });
 * ```
 */
export class ApiToken extends connectionClass<ApiTokenArgs>(apiToken) {}
export interface ApiToken extends Outputs<typeof apiToken> {}
