import { apiClient } from "../../../vendors/jamf/api-client";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link ApiClient}. */
export interface ApiClientArgs extends Inputs<typeof apiClient>, CommonInputs {}

/**
 * A Jamf Pro API client (OAuth 2.0 client credentials), for StackOne's form "Jamf Pro, OAuth 2.0 (API Client
 * Credentials)". It needs Jamf Pro 10.49.0 or later.
 *
 * In Jamf Pro: Settings > System > API Roles and Clients, a role with the privileges, a client with that role, then Generate Client Secret.
 *
 * @example
 * ```ts
 * const mdm = new jamf.ApiClient("mdm", {
 *     url: "https://acme.jamfcloud.com",
 *     clientId: config.require("jamfClientId"),
 *     clientSecret: config.requireSecret("jamfClientSecret"),
 *     requiredPrivileges: ["Read Computers", "Read User"],
 * });
 * ```
 */
export class ApiClient extends connectionClass<ApiClientArgs>(apiClient) {}
export interface ApiClient extends Outputs<typeof apiClient> {}
