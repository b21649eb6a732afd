import { httpApiKey } from "../../../vendors/http/api-key";
import { httpBasic } from "../../../vendors/http/basic";
import { httpBearer } from "../../../vendors/http/bearer";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link ApiKey}. */
export interface ApiKeyArgs extends Inputs<typeof httpApiKey>, CommonInputs {}

/**
 * An API key in a header or in the query, for every API that accepts one and has no class of its own.
 *
 * @example
 * ```ts
 * const alerts = new http.ApiKey("alerts", {
 *     header: "x-api-key",
 *     key: config.requireSecret("alertsKey"),
 *     probe: { url: "https://api.example.com/v1/me", identity: "/workspace/id" },
 * });
 * ```
 */
export class ApiKey extends connectionClass<ApiKeyArgs>(httpApiKey) {}
export interface ApiKey extends Outputs<typeof httpApiKey> {}

/** Arguments of {@link Basic}. */
export interface BasicArgs extends Inputs<typeof httpBasic>, CommonInputs {}

/**
 * A user and a password (HTTP Basic, RFC 7617) for every API that accepts them and has no class of its own.
 *
 * @example
 * ```ts
 * const tickets = new http.Basic("tickets", {
 *     username: "bot@example.com",
 *     password: config.requireSecret("ticketsToken"),
 *     probe: { url: "https://tickets.example.com/api/v2/users/me.json", account: "/user/email" },
 * });
 * ```
 */
export class Basic extends connectionClass<BasicArgs>(httpBasic) {}
export interface Basic extends Outputs<typeof httpBasic> {}

/** Arguments of {@link Bearer}. */
export interface BearerArgs extends Inputs<typeof httpBearer>, CommonInputs {}

/**
 * A bearer token (RFC 6750) for every API that accepts one and has no class of its own.
 *
 * @example
 * ```ts
 * const chat = new http.Bearer("chat", {
 *     token: config.requireSecret("chatToken"),
 *     probe: { url: "https://chat.example.com/api/me", account: "/user", identity: "/team" },
 * });
 * ```
 */
export class Bearer extends connectionClass<BearerArgs>(httpBearer) {}
export interface Bearer extends Outputs<typeof httpBearer> {}
