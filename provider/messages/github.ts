// Messages about GitHub.
import { section } from "./section";

export const github = section({
    title: "GitHub",
    intro: "Also: [the credential](#the-credential), [scopes](#scopes).",
    errors: {
        "github-locked": ["GitHub refuses every call of this user for a while (HTTP 403), because several came with a wrong token. That says nothing about this one: correct the wrong one, wait, and run again.", "Status `unreachable`. GitHub does not say for how long. Under `verify: changes` a refused token is not sent again"],
        "github-sign-on": ["The token is not authorized for an organisation's single sign-on (HTTP 403). Authorize it with Configure SSO under Settings > Developer settings > Personal access tokens.", "Status `insufficient`. For classic tokens"],
        "github-suspended": ["installationId: is suspended in its account. Unsuspend it there under Settings > GitHub Apps > Configure.", "Status `insufficient`"],
        "github-no-installation": ["installationId: names no installation of this app (HTTP 404). Copy the number from its address, under Settings > GitHub Apps > Configure, and check appId.", "Status `insufficient`. It was uninstalled, or is another app's"],
        "github-clock": ["GitHub refuses the times in the signed JWT (HTTP 401). Check this machine's clock.", "Status `unreachable`: nothing against the private key"],
    },
    others: {
        "github-check-account": ["account", "`GitHub knows the token's user.`"],
        "github-check-installation": ["installation", "`GitHub knows the installation.`"],
        "github-check-token": ["token", "`GitHub gives an installation token.`"],
        "github-owner-unknown": ["GitHub does not report in whose account the installation is.", "A warning: another account would not be noticed"],
        "github-refused": ["token: GitHub refused the credential at … (HTTP 401). Generate a new token under Settings > Developer settings > Personal access tokens.", "The token is mistyped, deleted or expired", "credential-refused"],
        "github-app-token": ["token: GitHub refused the credential at … (HTTP 401). It begins with ghs_, as an app's token does, which ends within an hour. Declare the app as github.AppInstallation.", "", "credential-refused"],
        "github-key-refused": ["privateKey: GitHub refused the credential at … (HTTP 401). Generate a new private key under Settings > Developer settings > GitHub Apps > (app) > Private keys.", "The key is deleted, or another app's: check `appId` too", "credential-refused"],
        "github-held-back": ["rejected since …; the refused secret was not sent again. After several wrong tokens GitHub refuses every call of the user for a while, also those with a good token: wait until it is over. Then set another secret, or run pulumi refresh.", "A warning under `verify: changes`"],
        "github-app-form": ["appId: must be the app's client ID or its number.", "", "invalid-argument"],
        "github-installation-form": ["installationId: must be a number, such as 38631545.", "", "invalid-argument"],
        "github-scopes-form": ["requiredScopes: must be a list of scopes, such as repo.", "For `allowedScopes`: `must be a list of scopes, such as repo, or *.`", "invalid-argument"],
        "github-permissions-form": ["requiredPermissions: must be a list of permissions, such as contents:read.", "For `allowedPermissions`: `must be a list of permissions, such as contents:read, or *.`", "invalid-argument"],
    },
});
