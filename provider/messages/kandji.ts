// Messages about Kandji.
import { section } from "./section";

export const kandji = section({
    title: "Kandji",
    intro: "Also: [the credential](#the-credential), [scopes](#scopes).",
    others: {
        "kandji-check-token": ["token", "`Kandji accepts the token.`"],
        "kandji-check-permissions": ["permissions", "`No required permission is missing.`"],
        "kandji-refused": ["token: Kandji refused the credential at … (HTTP 401). Add a new API token under Settings > Access > API Token. Check its permissions and region too: whether Kandji answers otherwise to these is not confirmed.", "The token is mistyped or revoked, or the administrator who made it was removed", "credential-refused"],
        "kandji-lacking": ["requiredPermissions: the token lacks /devices. Add what is missing under Settings > Access > API Token > (token) > Permissions, or correct the name.", "Kandji denied the call (HTTP 403). Without `requiredPermissions`, `/settings/licensing` is tried", "scope-missing"],
        "kandji-subdomain-form": ["subdomain: must be the first part of the API URL, such as acme.", "", "invalid-argument"],
        "kandji-region": ["region: is not that of the address in subdomain. Correct one of them.", "", "invalid-argument"],
        "kandji-permissions-form": ["requiredPermissions: must name /audit/events, /blueprints, /devices, /settings/licensing or /users.", "Kandji has no call that every token may make", "invalid-argument"],
    },
});
