import { serviceAccount, type ServiceAccountArgs as Fields } from "./connections/jumpcloud-service-account";
import { connectionResource, type Inputs } from "./resource";

export type { ServiceAccountOutputs } from "./connections/jumpcloud-service-account";

/**
 * A JumpCloud service account with a client secret (OAuth 2.0 client credentials): what StackOne's hub asks for under
 * "JumpCloud, OAuth 2.0 (Service Account)".
 *
 * In JumpCloud's console: Settings > Service Accounts > + New, key type Client Secret, then Configure and Activate. It takes an administrator
 * with billing.
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
export class ServiceAccount extends connectionResource(serviceAccount) {}
/** Arguments of {@link ServiceAccount}. */
export type ServiceAccountArgs = Inputs<Fields>;
