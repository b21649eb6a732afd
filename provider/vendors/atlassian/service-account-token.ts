import { basic, defineConnection, email, optional, secret, text } from "../../define";
import { accountIn, explainRefusal, refusals, remarkOn, warnOfOther } from "./accounts";
import * as fields from "./fields";
import { cloudIdOf, gatewayOf, placeOfCloudId, tokensConsole, type Product } from "./hosts";
import { organizationReader, organizationRules, serviceAccountTokens, tokenEnd, tokensListed } from "./organization";
import { proveScopes, scopeRules } from "./scopes";
import { namedSite, siteUrlOf } from "./sites";

const names = ["cloudId", "subdomain", "adminUrl"] as const;
const onJira: readonly Product[] = ["jira"];

/** An Atlassian service account with an API token (HTTP Basic), as Nango needs it. */
export const serviceAccountToken = defineConnection({
    type: "atlassian:ServiceAccountToken",
    title: "Atlassian",
    args: {
        /** The site's Cloud ID, a UUID, which follows `/s/` in its address in admin.atlassian.com. One of `cloudId`, `subdomain` and `adminUrl` is needed. */
        cloudId: fields.cloudId,
        /**
         * The part before `.atlassian.net` in the site's address, `acme`, or the whole address,
         * `https://acme.atlassian.net`.
         */
        subdomain: fields.subdomain,
        /** The site's address in the administration: `https://admin.atlassian.com/s/<Cloud ID>/access-requests`. */
        adminUrl: fields.adminUrl,
        /** The service account's address, from Directory > Service accounts > (account), such as `bot@serviceaccount.atlassian.com`. */
        email: email({
            label: "Service Account Email",
            namesAccount: true,
            must: "must be an e-mail address, such as bot@serviceaccount.atlassian.com.",
        }),
        /** API token of the service account, shown once by Create credentials > API token. It lives 1 to 365 days. */
        apiToken: secret({ label: "API Token", longestLifetimeDays: 365 }),
        /** The products to prove. Default: `jira`. */
        products: fields.products,
        /**
         * Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud.
         * @default commercial
         */
        environment: fields.environment,
        /**
         * Scopes that the token must have, such as `read:jira-work`. Atlassian does not list an API token's scopes: a
         * call proves each.
         * @default none
         */
        requiredScopes: fields.requiredScopes,
        /**
         * The organization's ID, a UUID, which follows `/o/` in an address of admin.atlassian.com. Together with `organizationApiKey`
         * it lets Atlassian report when `apiToken` ends. For a service account this has not been
         * confirmed.
         * @default none
         */
        organizationId: fields.organizationId,
        /**
         * API key of the organization with the one scope `read:service-accounts-tokens:admin`, from Settings > API keys in
         * admin.atlassian.com. It reads the list of API tokens, and nothing else is sent with it.
         * @default none
         */
        organizationApiKey: fields.organizationApiKey,
        /**
         * The name of `apiToken` in that list. It has to be the account's only live token of this name; without
         * `tokenLabel`, its only live token.
         * @default none
         */
        tokenLabel: fields.tokenLabel,
    },
    outputs: ({ early }) => ({
        /** The site's Cloud ID, a UUID. */
        cloudId: early(text({ label: "Cloud ID" }), cloudIdOf),
        /** The site's address in a browser: `https://acme.atlassian.net`. Not set where Jira does not return it. */
        siteUrl: optional(text()),
        /** Base of Jira's REST API behind the gateway. Not set where Jira is not among the products. */
        jiraUrl: early(optional(text()), (args) => gatewayOf("jira", { products: onJira, ...args })),
        /** Base of Confluence's REST API behind the gateway. Not set where Confluence is not among the products. */
        confluenceUrl: early(optional(text()), (args) => gatewayOf("confluence", args)),
    }),
    checks: {
        site: "The site exists.",
        jira: "Jira knows the account.",
        confluence: "Confluence knows the account.",
        scopes: "No required scope is missing.",
        scheme: "The token is sent in the way in which it is taken.",
        tokens: tokensListed,
    },
    occasionalChecks: ["scheme", "tokens"],
    hub: "Nango",
    console: tokensConsole,
    tenant: "cloudId",
    oneOf: { of: names, names: "the site", needed: true, where: placeOfCloudId },
    rules: (_, declared) => [...fields.siteInEnvironment(declared), ...organizationRules(declared)],
    scopes: scopeRules,
    ...refusals,
    secretEndsAreHints: true,
    reader: organizationReader,
    credential: ({ email, apiToken }) =>
        basic(email, apiToken, {
            hint: "Check that email is its account's.",
            remark: remarkOn(apiToken, "ATSTT"),
            alternative: "bearer",
        }),
    verify: async (vendor, args) => {
        const { products = onJira, requiredScopes = [], email } = args;
        const site = await namedSite(vendor, args, names);
        if (site === undefined) {
            return vendor.incomplete({});
        }
        const [account, siteUrl] = await Promise.all([
            accountIn(vendor, products, site),
            site.siteUrl ?? (products.includes("jira") ? siteUrlOf(vendor, "site", site) : undefined),
        ]);
        await explainRefusal(vendor, products, site, email);
        warnOfOther(vendor, account, "email", email);
        const [found, secretEnds] = await Promise.all([
            proveScopes(vendor, requiredScopes, site, { after: ["site", "jira", "confluence"] }),
            tokenEnd(vendor, serviceAccountTokens, args, account),
        ]);
        return vendor.found({ outputs: { cloudId: site.cloudId, siteUrl }, account, scopes: found, secretEnds });
    },
});
