import { basic, defineConnection, email, list, optional, secret, text } from "../../define";
import { accountIn, explainRefusal, isAuthenticationMismatch, isScopeRefusal, remarkOn } from "./accounts";
import {
    adminUrlField,
    cloudIdField,
    environmentField,
    productsField,
    siteInEnvironment,
    subdomainField,
} from "./fields";
import { gatewayUrl, gatewayUrls, placeOfCloudId, tokensConsole, type Environment, type Product } from "./hosts";
import { proveScopes, scopeRules } from "./scopes";
import { siteUrlOf, tenantInfo } from "./sites";

interface GatewayNames {
    readonly cloudId?: string | undefined;
    readonly adminUrl?: string | undefined;
    readonly products?: readonly Product[] | undefined;
    readonly environment: Environment;
}

const cloudIdOf = ({ cloudId, adminUrl }: GatewayNames): string | undefined => cloudId ?? adminUrl;

function gatewaysOf(args: GatewayNames): Partial<ReturnType<typeof gatewayUrls>> {
    const cloudId = cloudIdOf(args);
    return cloudId === undefined ? {} : gatewayUrls(cloudId, args.products ?? ["jira"], args.environment);
}

/** An Atlassian service account with an API token (HTTP Basic), as Nango needs it. */
export const serviceAccountToken = defineConnection({
    type: "atlassian:ServiceAccountToken",
    title: "Atlassian",
    args: {
        /** The site's Cloud ID, a UUID, which follows `/s/` in its address in admin.atlassian.com. One of `cloudId`, `subdomain` and `adminUrl` is needed. */
        cloudId: cloudIdField,
        /**
         * The part before `.atlassian.net` in the site's address, `acme`, or the whole address,
         * `https://acme.atlassian.net`.
         */
        subdomain: subdomainField,
        /** The site's address in the administration: `https://admin.atlassian.com/s/<Cloud ID>/access-requests`. */
        adminUrl: adminUrlField,
        /** The service account's address, from Directory > Service accounts > (account), such as `bot@serviceaccount.atlassian.com`. */
        email: email({
            label: "Service Account Email",
            namesAccount: true,
            must: "must be an e-mail address, such as bot@serviceaccount.atlassian.com.",
        }),
        /** API token of the service account, shown once by Create credentials > API token. It lives 1 to 365 days. */
        apiToken: secret({ label: "API Token", longestLifetimeDays: 365 }),
        /** The products to prove. Default: `jira`. */
        products: productsField,
        /**
         * Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud.
         * @default commercial
         */
        environment: environmentField,
        /**
         * Scopes that the token must have, such as `read:jira-work`. Atlassian does not list an API token's scopes: a
         * call proves each.
         * @default none
         */
        requiredScopes: optional(list({ must: "must be a list of scopes, such as read:jira-work." })),
    },
    outputs: ({ early }) => ({
        /** The site's Cloud ID, a UUID. */
        cloudId: early(text({ label: "Cloud ID" }), cloudIdOf),
        /** The site's address in a browser: `https://acme.atlassian.net`. Not set where Jira does not return it. */
        siteUrl: optional(text()),
        /** Base of Jira's REST API behind the gateway. Not set where Jira is not among the products. */
        jiraUrl: early(optional(text()), (args) => gatewaysOf(args).jiraUrl),
        /** Base of Confluence's REST API behind the gateway. Not set where Confluence is not among the products. */
        confluenceUrl: early(optional(text()), (args) => gatewaysOf(args).confluenceUrl),
    }),
    checks: {
        site: "The site exists.",
        jira: "Jira knows the account.",
        confluence: "Confluence knows the account.",
        scopes: "No required scope is missing.",
        scheme: "The token is sent in the way in which it is taken.",
    },
    occasionalChecks: ["scheme"],
    hub: "Nango",
    console: tokensConsole,
    tenant: "cloudId",
    oneOf: { of: ["cloudId", "subdomain", "adminUrl"], names: "the site", needed: true, where: placeOfCloudId },
    rules: (_, declared) => siteInEnvironment(declared),
    scopes: scopeRules,
    isScopeRefusal,
    isCredentialRefusal: isAuthenticationMismatch,
    credential: ({ email, apiToken }) =>
        basic(email, apiToken, {
            hint: "Check that email is its account's.",
            remark: remarkOn(apiToken, "ATSTT"),
            alternative: "bearer",
        }),
    verify: async (vendor, args) => {
        const { environment, products = ["jira"], requiredScopes = [], subdomain, adminUrl } = args;
        const site = subdomain === undefined ? undefined : await tenantInfo(vendor, subdomain, environment);
        const cloudId = site?.cloudId ?? cloudIdOf(args);
        if (cloudId === undefined) {
            return vendor.incomplete({});
        }
        const place = {
            cloudId,
            environment,
            named: subdomain !== undefined ? "subdomain" : adminUrl !== undefined ? "adminUrl" : "cloudId",
        } as const;
        const jiraUrl = gatewayUrl(cloudId, "jira", environment);
        const [account, siteUrl] = await Promise.all([
            accountIn(vendor, products, place),
            site?.siteUrl ?? (products.includes("jira") ? siteUrlOf(vendor, jiraUrl) : undefined),
        ]);
        await explainRefusal(vendor, products, place, args.email);
        if (account?.email !== undefined && account.email.toLowerCase() !== args.email.toLowerCase()) {
            vendor.warn(`The token belongs to ${account.email}, but email is ${args.email}. Correct email.`);
        }
        const isSound = (["site", "jira", "confluence"] as const).every(
            (check) => vendor.problemOf(check) === undefined,
        );
        return vendor.found({
            outputs: { cloudId, siteUrl, ...gatewayUrls(cloudId, products, environment) },
            account,
            scopes: isSound ? await proveScopes(vendor, requiredScopes, place) : undefined,
        });
    },
});
