import { serviceAccount } from "../../../vendors/snyk/service-account";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

export type { SnykRegion } from "../../../vendors/snyk/service-account";

/** Arguments of {@link ServiceAccount}. */
export interface ServiceAccountArgs extends Inputs<typeof serviceAccount>, CommonInputs {}

/**
 * A service account of Snyk's, by its token or API key, or by OAuth 2.0 client credentials.
 *
 * In Snyk: Settings > Service accounts of a group or an organisation > Create a service account.
 *
 * @example
 * ```ts
 * const scanner = new snyk.ServiceAccount("scanner", { token: config.requireSecret("snykToken"), region: "eu-01" });
 * ```
 */
export class ServiceAccount extends connectionClass<ServiceAccountArgs>(serviceAccount) {}
export interface ServiceAccount extends Outputs<typeof serviceAccount> {}
