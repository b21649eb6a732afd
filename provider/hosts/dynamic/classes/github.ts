import { appInstallation } from "../../../vendors/github/app-installation";
import { personalAccessToken } from "../../../vendors/github/personal-access-token";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link PersonalAccessToken}. */
export interface PersonalAccessTokenArgs extends Inputs<typeof personalAccessToken>, CommonInputs {}

/**
 * A GitHub personal access token, classic or fine-grained, at github.com, a subdomain of ghe.com or an Enterprise
 * Server. GitHub reports when it ends; it lists the scopes of a classic token alone.
 *
 * In GitHub: Settings > Developer settings > Personal access tokens > Generate.
 *
 * @example
 * ```ts
 * const code = new github.PersonalAccessToken("code", {
 *     token: config.requireSecret("githubToken"),
 *     requiredScopes: ["repo"],
 * });
 * ```
 */
export class PersonalAccessToken extends connectionClass<PersonalAccessTokenArgs>(personalAccessToken) {}
export interface PersonalAccessToken extends Outputs<typeof personalAccessToken> {}

/** Arguments of {@link AppInstallation}. */
export interface AppInstallationArgs extends Inputs<typeof appInstallation>, CommonInputs {}

/**
 * An installation of a GitHub App in an account, by the app's private key. Its verification gets an installation token
 * and drops it: the token ends by itself within an hour.
 *
 * In GitHub: Settings > Developer settings > GitHub Apps > (app) > Private keys > Generate a private key.
 *
 * @example
 * ```ts
 * const app = new github.AppInstallation("app", {
 *     appId: config.require("githubAppId"),
 *     installationId: config.require("githubInstallationId"),
 *     privateKey: config.requireSecret("githubPrivateKey"),
 *     requiredPermissions: ["contents:read"],
 * });
 * ```
 */
export class AppInstallation extends connectionClass<AppInstallationArgs>(appInstallation) {}
export interface AppInstallation extends Outputs<typeof appInstallation> {}
