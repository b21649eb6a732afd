import { oauth2ClientCredentials } from "../../../vendors/oauth2/client-credentials";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link ClientCredentials}. */
export interface ClientCredentialsArgs extends Inputs<typeof oauth2ClientCredentials>, CommonInputs {}

/**
 * OAuth 2.0 client credentials (RFC 6749, section 4.4) for every API that accepts them and has no class of its own. The
 * token endpoint proves the credential, and `probe` proves that the token is good for something.
 *
 * @example
 * ```ts
 * const inventory = new oauth2.ClientCredentials("inventory", {
 *     tokenUrl: "https://auth.example.com/oauth2/token",
 *     clientId: config.require("inventoryClientId"),
 *     clientSecret: config.requireSecret("inventoryClientSecret"),
 *     requiredScopes: ["devices:read"],
 *     probe: { url: "https://api.example.com/v1/me", account: "/client/name", identity: "/tenant/id" },
 * });
 * ```
 */
export class ClientCredentials extends connectionClass<ClientCredentialsArgs>(oauth2ClientCredentials) {}
export interface ClientCredentials extends Outputs<typeof oauth2ClientCredentials> {}
