// Messages about JumpCloud.
import { section } from "./section";

export const jumpcloud = section({
    title: "JumpCloud",
    errors: {
        "jumpcloud-organization-missing": ["organizationId: the account does not reach the organisation …. It reaches …; did you mean …? Copy the id from Settings > Organization Profile.", "Status `insufficient`. Service accounts may not be able to use organisations of a Multi-Tenant Portal at all: see below"],
        "jumpcloud-organization-needed": ["organizationId: JumpCloud needs to know which organisation is meant (no organization selected). Name it with organizationId, the id under Settings > Organization Profile.", "The account manages several. With `organizationId` the check `organization` is `unknown`: `JumpCloud lists no organisations before one is selected.`"],
    },
    others: {
        "jumpcloud-check-credential": ["credential", "`The credential is accepted.`"],
        "jumpcloud-check-organization": ["organization", "`The account reads its organisation.`"],
        "jumpcloud-check-organization-access": ["organizationAccess", "`The account works in the organisation.`"],
        "jumpcloud-secret-refused": ["clientSecret: JumpCloud refused the client id or secret (invalid_client). Activate a new client secret under Settings > Service Accounts. Check the region: none is named, so us was assumed (console.jumpcloud.com).", "The ID or the secret is wrong or has ended, or the account is in another region: JumpCloud's answer is the same. The part after the colon is there if the program names no region", "credential-refused"],
        "jumpcloud-both-refused": ["clientSecret: JumpCloud refused the client id or secret, with clientSecret and with standbyClientSecret (invalid_client). Activate a new client secret under Settings > Service Accounts. Check the region.", "The same, for both secrets", "credential-refused"],
        "jumpcloud-standby-used": ["JumpCloud refused clientSecret and accepted standbyClientSecret. Activate a new secret under Settings > Service Accounts and put it into clientSecret.", "A warning; the connection is `verified` by the other secret"],
        "jumpcloud-account-disabled": ["clientSecret: JumpCloud gave out an empty access token, as it does for a client that is disabled. Enable the client under Settings > Service Accounts.", "Enable it there", "client-disabled"],
        "jumpcloud-no-scope": ["clientId: JumpCloud denied this client the scope api (invalid_scope). Check what it may do under Settings > Service Accounts.", "Status `insufficient`: the client may not use the API. `denied this client a token` (HTTP 403) comes with the same advice", "scope-denied"],
        "jumpcloud-organization-contradiction": ["JumpCloud lists the organisation … among the account's and refuses to list its directories (HTTP …), so the account's access to it is not proved. Check its role under Settings > Service Accounts.", "A warning: the check `organizationAccess` is `unknown`"],
        "jumpcloud-organizations-closed": ["JumpCloud gave out an access token and does not accept it where organisations are read (HTTP 401): the credential is good, its organisation is not known.", "A warning, and the check is `unknown`. Run again later"],
        "jumpcloud-organizations-unread": ["The account's role may not read organisations (HTTP 403): the credential is good, its organisation is not known.", "The check is `unknown`; `organizationId` and `organizationName` stay undefined. Give the role the right to read organisations, or leave it so"],
        "jumpcloud-directories-unread": ["The account's role may not read directories (HTTP 403), so its access to the organisation is not proved.", "The check is `unknown`, the connection `verified`"],
        "jumpcloud-organizations-unknown": ["JumpCloud does not report the id of each organisation that the account reaches, so which ones they are is not known.", "A warning: the answer lacks ids"],
        "jumpcloud-several-organizations": ["The account manages several organisations: name one with organizationId. They are ….", "A warning of a Multi-Tenant Portal's account"],
        "jumpcloud-client-id-form": ["clientId: must not hold a colon, which separates it from the secret. JumpCloud shows it once, under Settings > Service Accounts.", "Copy the ID alone. `is missing.` and `must not be empty.` come with the same advice", "invalid-argument"],
        "jumpcloud-organization-form": ["organizationId: must be 24 hexadecimal digits, as under Settings > Organization Profile.", "The ID, not the organisation's name", "invalid-argument"],
        "jumpcloud-region-form": ["region: must be us, eu or in, as in the address of your console.", "In small letters or capitals", "invalid-argument"],
    },
});
