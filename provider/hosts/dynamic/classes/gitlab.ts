import { accessToken } from "../../../vendors/gitlab/access-token";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, Outputs } from "../types";

/** Arguments of {@link AccessToken}. */
export interface AccessTokenArgs extends Inputs<typeof accessToken>, CommonInputs {}

/**
 * A GitLab access token of a person, a group, a project or a service account, at gitlab.com or on a server of your own
 * (GitLab 15.5 or later). GitLab reports when it ends.
 *
 * In GitLab: (avatar) > Edit profile > Access > Personal access tokens, or Settings > Access tokens of the group or project.
 *
 * @example
 * ```ts
 * const code = new gitlab.AccessToken("code", {
 *     token: config.requireSecret("gitlabToken"),
 *     requiredScopes: ["read_api"],
 * });
 * ```
 */
export class AccessToken extends connectionClass<AccessTokenArgs>(accessToken) {}
export interface AccessToken extends Outputs<typeof accessToken> {}
