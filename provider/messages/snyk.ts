// Messages about Snyk.
import { section } from "./section";

export const snyk = section({
    title: "Snyk",
    intro: "Also: [the credential](#the-credential).",
    others: {
        "snyk-check-credential": ["credential", "`The credential is accepted.`"],
        "snyk-check-account": ["account", "`Snyk knows the account.`"],
        "snyk-check-service-account": ["serviceAccount", "`Snyk shows the service account.`"],
        "snyk-refused": ["token: Snyk refused the credential at … (HTTP 401). Create a new service account under Settings > Service accounts. Check region too: a region does not know the accounts of another one.", "For OAuth 2.0: `clientSecret: Snyk refused the client id or secret (invalid_client). …`", "credential-refused"],
        "snyk-person": ["The token belongs to a person. Use one of a service account, which does not leave.", "A warning"],
        "snyk-expiry": ["The service account may not read itself, so the end of its token is not known.", "The check `serviceAccount` is unknown. Copy the end into `expiresAt`"],
        "snyk-pair": ["clientId: and clientSecret belong together. Give both, or neither.", "", "invalid-argument"],
    },
});
