import { entraApplication } from "../../../vendors/microsoft/entra-application";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

export type { EntraCloud } from "../../../vendors/microsoft/entra-application";

/** Arguments of {@link EntraApplication}. */
export interface EntraApplicationArgs extends Inputs<typeof entraApplication>, CommonInputs {}

/**
 * An application of Microsoft Entra ID (OAuth 2.0 client credentials), for Microsoft Graph and every API that accepts its access tokens. Nango imports one
 * with a client secret.
 *
 * In the Microsoft Entra admin center: Entra ID > App registrations > New registration; API permissions, application permissions and admin consent;
 * Certificates & secrets.
 *
 * @example
 * ```ts
 * const directory = new microsoft.EntraApplication("directory", {
 *     tenant: "acme.onmicrosoft.com",
 *     clientId: config.require("entraClientId"),
 *     clientSecret: config.requireSecret("entraClientSecret"),
 *     requiredPermissions: ["User.Read.All"],
 * });
 * ```
 */
export class EntraApplication extends connectionClass<EntraApplicationArgs>(entraApplication) {}
export interface EntraApplication extends Outputs<typeof entraApplication> {}
