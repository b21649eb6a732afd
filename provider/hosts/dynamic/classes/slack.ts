import { botToken } from "../../../vendors/slack/bot-token";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link BotToken}. */
export interface BotTokenArgs extends Inputs<typeof botToken>, CommonInputs {}

/**
 * A bot token of a Slack app without token rotation, in a workspace or in a whole Enterprise organisation.
 *
 * In Slack: api.slack.com/apps > (app) > OAuth & Permissions > Bot User OAuth Token.
 *
 * @example
 * ```ts
 * const chat = new slack.BotToken("chat", {
 *     token: config.requireSecret("slackToken"),
 *     requiredScopes: ["chat:write"],
 * });
 * ```
 */
export class BotToken extends connectionClass<BotTokenArgs>(botToken) {}
export interface BotToken extends Outputs<typeof botToken> {}
