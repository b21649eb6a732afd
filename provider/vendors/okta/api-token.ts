import { apiKey, defineConnection, object, optional, secret, text } from "../../define";
import { adminConsoleOf, isOrganization, organizationAt, orgUrlField, pages } from "./org";

const userAnswer = object({
    id: text(),
    profile: optional(object({ login: optional(text()), email: optional(text()) })),
});

/** An API token of Okta (SSWS), which acts as the administrator who made it. */
export const apiToken = defineConnection({
    type: "okta:ApiToken",
    title: "Okta",
    args: {
        /** The organisation's address, `https://acme.okta.com`, or a domain of your own. The address of the Admin Console is accepted. */
        orgUrl: orgUrlField,
        /**
         * API token, shown once by Security > API > Tokens > Create token. Okta ends it 30 days after its last use: a
         * check is a use, so a connection that is checked each month does not end.
         */
        apiToken: secret({ label: "API Token" }),
    },
    outputs: ({ derived }) => ({
        /** The organisation's address, without a path. */
        orgUrl: derived(text(), ({ orgUrl }) => orgUrl),
        /** Base of the Okta API. */
        apiUrl: derived(text(), ({ orgUrl }) => `${orgUrl}/api/v1`),
        /** The organisation's ID. */
        organizationId: text(),
    }),
    checks: { organization: isOrganization, account: "Okta knows the token." },
    tenant: "orgUrl",
    hub: "Nango",
    hubFields: { "Okta Domain": ({ orgUrl }) => orgUrl && new URL(orgUrl).host },
    console: { secret: pages.tokens, called: "API token", url: adminConsoleOf },
    credential: ({ apiToken }) => apiKey(apiToken, { header: "authorization", prefix: "SSWS" }),
    verify: async (vendor, { orgUrl }) => {
        const organizationId = await organizationAt(vendor, orgUrl);
        if (organizationId === undefined) {
            return vendor.incomplete({});
        }
        const user = await vendor.request("account", `${orgUrl}/api/v1/users/me`, userAnswer);
        const { login, email } = user?.profile ?? {};
        return vendor.found({
            outputs: { organizationId },
            account: user && { id: user.id, name: login ?? user.id, email },
        });
    },
});
