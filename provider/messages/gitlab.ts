// Messages about GitLab.
import { section } from "./section";

export const gitlab = section({
    title: "GitLab",
    intro: "Also: [the credential](#the-credential), [scopes](#scopes).",
    errors: {
        "gitlab-user-denied": ["token: GitLab knows the token and denies its user the API (HTTP 403). Look whether the user is blocked, has terms to accept, or may come from certain addresses alone.", "Status `insufficient`: a new token of the same user would not help"],
        "gitlab-dpop": ["token: GitLab accepts this user's tokens only with the proof of a key (DPoP), which no hub sends. Use the token of a group, a project or a service account, or switch off DPoP for the user.", "Status `insufficient`. The user, or an administrator, demands the proof"],
    },
    others: {
        "gitlab-check-token": ["token", "`GitLab accepts the token.`"],
        "gitlab-check-account": ["account", "`GitLab knows the token's user.` Skipped without one of the scopes `api`, `read_api` and `read_user`. Where their list is not complete, `The token may not read its user.`"],
        "gitlab-refused": ["token: GitLab refused the credential at … (HTTP 401). Create a new token under Access > Personal access tokens of your profile, or Settings > Access tokens of the group or project.", "GitLab does not know the token: it is mistyped, deleted or of another server", "credential-refused"],
        "gitlab-ended": ["token: GitLab refused the credential at … (HTTP 401, the token is …). …", "`revoked` or `expired`, as GitLab says. A token is dead from the start of its day on, in UTC", "credential-refused"],
        "gitlab-account-unknown": ["GitLab accepts the token and does not report which account it belongs to.", "A warning: another user behind the same token would not be noticed"],
        "gitlab-url-form": ["url: must start with https://. Write it like https://gitlab.example.com.", "Copy the address from the browser, up to the port or the path of GitLab itself", "invalid-argument"],
        "gitlab-scopes-form": ["requiredScopes: must be a list of scopes, such as read_api.", "For `allowedScopes`: `must be a list of scopes, such as read_api, or *.`", "invalid-argument"],
    },
});
