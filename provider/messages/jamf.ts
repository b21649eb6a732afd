// Messages about Jamf Pro.
import { section } from "./section";

export const jamf = section({
    title: "Jamf Pro",
    errors: {
        "jamf-too-old": ["url: Jamf Pro there is …, and … or later is needed. Upgrade the server, or lower minimumVersion.", "Status `unsupported`. Without `minimumVersion` it is 10.49.0, the lowest possible"],
    },
    others: {
        "jamf-check-credential": ["credential", "`The credential is accepted.`"],
        "jamf-check-version": ["version", "`Jamf Pro is new enough.`"],
        "jamf-check-account": ["account", "`Jamf Pro knows the account.`"],
        "jamf-check-privileges": ["privileges", "`No required privilege is missing.`"],
        "jamf-secret-refused": ["clientSecret: Jamf refused the client id or secret (invalid_client). Generate a new secret under Settings > System > API Roles and Clients.", "The client ID or the secret is wrong, the secret was replaced, or the client is deleted. The code in brackets is Jamf's. If the ID is right, generate a new secret, set it, `pulumi up`", "credential-refused"],
        "jamf-client-disabled": ["clientSecret: Jamf gave out an empty access token, as it does for a client that is disabled. Enable the client under Settings > System > API Roles and Clients > API Clients.", "Switch Enabled on. That a disabled client is answered so is not confirmed by Jamf", "client-disabled"],
        "jamf-no-token": ["clientSecret: Jamf refused the token request (HTTP 403). Check the address, and that Jamf Pro there is 10.49.0 or later: an older one has no API clients. Check client id and secret. Check what it may do under Settings > System > API Roles and Clients.", "Jamf's code is in brackets, if it gives one. The client has no role, a login page answered in the API's place, or the server is too old", "token-request-refused"],
        "jamf-no-scope": ["clientId: Jamf denied this client every scope (invalid_scope). Check what it may do under Settings > System > API Roles and Clients.", "Give the client an API role", "scope-denied"],
        "jamf-no-token-endpoint": ["url: there is no token endpoint of Jamf at … (HTTP 404). Check the address, and that Jamf Pro there is 10.49.0 or later: an older one has no API clients.", "The address is another server's, has a path missing, or the server is too old", "token-endpoint-missing"],
        "jamf-privilege-missing": ['requiredPrivileges: the API client lacks "Read Users" (Jamf Pro calls it "Read User"). Add what is missing under Settings > System > API Roles and Clients, or correct the name.', "Status `insufficient`. The suggestion in brackets appears if the client has `Read API Roles`, or has a privilege with a similar name (then it says `it has`)", "scope-missing"],
        "jamf-privilege-unknown": ['Jamf Pro does not report which privileges the API client has, so it is not known whether it has "…". See which it has under Settings > System > API Roles and Clients.', "A warning: `/api/v1/auth` listed no privileges. The credential is good, and status stays `verified`"],
        "jamf-privileges-beyond": ["The API client has privileges beyond those required: …. Remove them under Settings > System > API Roles and Clients, or name them in allowedPrivileges.", "A warning. Least privilege is yours to decide"],
        "jamf-account-unknown": ["Jamf Pro accepts the access token and does not report which account it belongs to.", "A warning: another client behind the same secret would not be noticed"],
        "jamf-url-form": ["url: must start with https://. Write it like https://acme.jamfcloud.com or https://jamf.example.com:8443.", "Copy the address from the browser, up to the port. `is missing.`, `is not a URL.` and `must not hold a user or a password.` come with the same advice", "invalid-argument"],
        "jamf-url-gateway": ["url: is the Jamf Platform gateway, which has credentials of its own. Name the Jamf Pro server, like https://acme.jamfcloud.com.", "`*.api.jamfcloud.com` accepts other credentials than API clients", "invalid-argument"],
        "jamf-client-id-form": ["clientId: must be a UUID. It is under Settings > System > API Roles and Clients > API Clients.", "Copy the client ID, not the display name", "invalid-argument"],
        "jamf-secret-form": ["clientSecret: is missing. Jamf Pro shows it once, under Settings > System > API Roles and Clients.", "Also for a secret that is empty, or that has white space or a line break copied with it", "invalid-argument"],
        "jamf-required-form": ["requiredPrivileges: must be a list of privileges, such as Read Computers.", "Texts, none of them empty", "invalid-argument"],
        "jamf-allowed-form": ["allowedPrivileges: must be a list of privileges, such as Read Computers, or *.", 'The same, or `["*"]`', "invalid-argument"],
        "jamf-version-form": ["minimumVersion: must be a version, such as 11.5.0.", "Two or three numbers", "invalid-argument"],
        "jamf-version-floor": ["minimumVersion: must be 10.49.0 or later: an older Jamf Pro has no API clients.", "Leave it out", "invalid-argument"],
    },
});
