// Messages about Slack.
import { section } from "./section";

export const slack = section({
    title: "Slack",
    intro: "Also: [the credential](#the-credential), [scopes](#scopes). Slack refuses with HTTP 200 and `ok: false`.",
    errors: {
        "slack-denied": ["token: Slack knows the token and denies it (…). Check what the app and its workspace allow, under api.slack.com/apps > (app) > OAuth & Permissions.", "Status `insufficient`: such as `accesslimited`, `missing_scope`, `org_login_required`, `two_factor_setup_required`. A new token of the same app would not help"],
        "slack-failed": ["slack.com/api/auth.test says … (HTTP 200), which says nothing against the token. Run again later.", "Status `unreachable`: such as `ratelimited`, `internal_error`, or `does not report ok`"],
        "slack-other-team": ["teamId: The token opens … and not …. Correct teamId, or give a token of ….", "Status `insufficient`"],
    },
    others: {
        "slack-check-token": ["token", "`Slack accepts the token.`"],
        "slack-check-team": ["team", "`The token opens the workspace.`"],
        "slack-check-scopes": ["scopes", "`No required scope is missing.`"],
        "slack-refused": ["token: Slack refused the credential at slack.com/api/auth.test (HTTP 200, …). Get a new bot token under api.slack.com/apps > (app) > OAuth & Permissions. Slack refuses a good token too, from an address that the app's Allowed IP Address Ranges do not have.", "`invalid_auth`: mistyped, or such an address. `token_revoked`, `account_inactive`: the app was removed, or its workspace deleted. `token_expired`: of an app with token rotation", "credential-refused"],
        "slack-app-level": ["… It begins with xapp-, as an app-level token does. Give the Bot User OAuth Token.", "", "credential-refused"],
        "slack-rotates": ["The app rotates its tokens: this one ends within 12 hours, and only its refresh token makes another. Use an app without token rotation.", "A warning: Slack reports seconds, and their end is not recorded"],
        "slack-person": ["The token belongs to a person. Use the Bot User OAuth Token, which does not leave.", "A warning, for a token that begins with `xoxp-`"],
        "slack-team-unknown": ["Slack accepts the token and does not report which workspace it opens.", "A warning: another workspace behind the same token would not be noticed"],
        "slack-account-unknown": ["Slack accepts the token and does not report which account it belongs to.", "A warning: another bot behind the same token would not be noticed"],
        "slack-team-form": ["teamId: must be the ID of a workspace (T…) or an organisation (E…), as in the address of Slack in a browser.", "", "invalid-argument"],
        "slack-scopes-form": ["requiredScopes: must be a list of scopes, such as chat:write.", "For `allowedScopes`: `must be a list of scopes, such as chat:write, or *.`", "invalid-argument"],
    },
});
