// Messages about Datadog.
import { section } from "./section";

export const datadog = section({
    title: "Datadog",
    intro: "Also: [the credential](#the-credential), [scopes](#scopes).",
    others: {
        "datadog-check-account": ["account", "`Datadog knows the token.`, `Datadog knows the keys' user.`"],
        "datadog-check-token": ["token", "`Datadog lists the token.`"],
        "datadog-check-keys": ["keys", "`Datadog accepts both keys.`"],
        "datadog-check-scopes": ["scopes", "`No required scope is missing.`"],
        "datadog-refused": ["token: Datadog refused the credential at … (HTTP 403). Create a new access token under Organization Settings > Service Accounts > (account) > Access Tokens. Check site too: a site answers so to the keys of another one.", "A token that Datadog does not know. A missing permission is answered in other words", "credential-refused"],
        "datadog-keys-refused": ["apiKey: Datadog refused the credential together with applicationKey at … (HTTP 401). Create a new key under Organization Settings > API Keys, or > Application Keys. Check site too: a site answers so to the keys of another one.", "Either of the two may be wrong", "credential-refused"],
        "datadog-organization-unknown": ["Datadog accepts the credential and does not name its organisation.", "A warning: another organisation behind the same secret would not be noticed"],
        "datadog-token-unlisted": ["Datadog does not list this service account's access tokens here, so its scopes and its end are not known.", "The check `token` is unknown: the token may not list them"],
        "datadog-scopes-form": ["requiredScopes: must be a list of scopes, such as monitors_read.", "For `allowedScopes`: `must be a list of scopes, such as monitors_read, or *.`", "invalid-argument"],
    },
});
