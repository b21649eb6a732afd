import { serviceAccount } from "../../../vendors/jumpcloud/service-account";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

export type { Region, SecretName } from "../../../vendors/jumpcloud/service-account";

/** Arguments of {@link ServiceAccount}. */
export interface ServiceAccountArgs extends Inputs<typeof serviceAccount>, CommonInputs {}

/**
 * A JumpCloud service account with a client secret (OAuth 2.0 client credentials), for StackOne's form "JumpCloud,
 * OAuth 2.0 (Service Account)".
 *
 * In JumpCloud's console: Settings > Service Accounts > + New, key type Client Secret, then Configure and Activate.
 * Only an administrator with billing can do this.
 *
 * @example
 * ```ts
 * const directory = new jumpcloud.ServiceAccount("directory", {
 *     clientId: config.require("jumpcloudClientId"),
 *     clientSecret: config.requireSecret("jumpcloudClientSecret"),
 *     region: "eu",
 * });
 * ```
 */
export class ServiceAccount extends connectionClass<ServiceAccountArgs>(serviceAccount) {}
export interface ServiceAccount extends Outputs<typeof serviceAccount> {}
