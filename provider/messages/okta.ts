// Messages about Okta.
import { section } from "./section";

export const okta = section({
    title: "Okta",
    intro: "Also: [the credential](#the-credential), [scopes](#scopes).",
    errors: {
        "okta-no-organization": ["orgUrl: There is no Okta organisation at … (HTTP 404). Copy its address from the account menu of the Admin Console.", "No secret was sent. A domain of your own may not lead to Okta"],
    },
    others: {
        "okta-check-organization": ["organization", "`An Okta organisation answers at the address.`"],
        "okta-check-account": ["account", "`Okta knows the token.`"],
        "okta-check-credential": ["credential", "`The credential is accepted.`"],
        "okta-check-scopes": ["scopes", "`No required scope is missing.`"],
        "okta-token-refused": ["apiToken: Okta refused the credential at … (HTTP 401). Create a new API token under Security > API > Tokens.", "The token was revoked, was not used for 30 days, or its user is deactivated", "credential-refused"],
        "okta-proof": ["orgUrl: … gives this client a token only with the proof of a key (invalid_dpop_proof), which no hub sends. Switch off Require Demonstrating Proof of Possession (DPoP) header in token requests, under Applications > Applications > (application) > General > General Settings.", "New service apps have it on", "proof-of-possession"],
        "okta-key-refused": ["privateKey: Okta refused the client id or private key (invalid_client). Add a new key under Applications > Applications > (application) > General.", "The key, `keyId` or the client ID is wrong, or the app is not active", "credential-refused"],
        "okta-scope-denied": ["clientId: Okta denied this client the scope … (invalid_scope). Check what it may do under Applications > Applications > (application) > Okta API Scopes.", "One of the requested scopes is not granted: Okta does not say which", "scope-denied"],
        "okta-url-form": ["orgUrl: must name the organisation, like https://acme.okta.com.", "", "invalid-argument"],
        "okta-scopes-form": ["requiredScopes: must be a list of scopes, such as okta.users.read.", "`must name at least one scope, such as okta.users.read.`: Okta gives no token without one", "invalid-argument"],
    },
});
