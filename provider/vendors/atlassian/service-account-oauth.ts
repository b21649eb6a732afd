import { clientCredentials, defineConnection, list, listOf, object, optional, secret, text } from "../../define";
import type { Verification } from "../../define";
import { accountIn, refusals, remarkOn } from "./accounts";
import * as fields from "./fields";
import { accountsConsole, accountsPage, gatewayOf, hosts, siteFields, subdomainOf, type Product } from "./hosts";
import { proveScopes, scopeRules } from "./scopes";
import { reachableSites, siteNotReached } from "./sites";

/** An Atlassian service account with an OAuth 2.0 credential (client credentials), as Nango needs it. */
export const serviceAccountOAuth = defineConnection({
    type: "atlassian:ServiceAccountOAuth",
    title: "Atlassian",
    args: {
        /** Client ID of the credential, from Atlassian Administration > Directory > Service accounts > (account) > Create credentials > OAuth 2.0. */
        clientId: text({ label: "Client ID", namesAccount: true }),
        /** Client secret, shown once on the same page. */
        clientSecret: secret({ label: "Client Secret" }),
        /**
         * The site, by the part before `.atlassian.net`, `acme`, or by its whole address, `https://acme.atlassian.net`.
         * Parts of a name are not completed.
         * @default the only site, or the one on record
         */
        subdomain: fields.subdomain,
        /**
         * The site, by its Cloud ID, a UUID, which follows `/s/` in its address in admin.atlassian.com.
         * @default the only site, or the one on record
         */
        cloudId: fields.cloudId,
        /**
         * The products to prove.
         * @default those that the credential's scopes name
         */
        products: fields.products,
        /**
         * Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud.
         * @default commercial
         */
        environment: fields.environment,
        /**
         * Scopes that the credential must have, such as `read:jira-work`.
         * @default none
         */
        requiredScopes: fields.requiredScopes,
        /**
         * Scopes besides the required ones that it is meant to have, so that no warning names them; `*` for any.
         * @default none
         */
        allowedScopes: optional(list({ must: "must be a list of scopes, such as read:jira-work, or *." })),
    },
    outputs: ({ derived, early }) => ({
        /** The site's Cloud ID, a UUID. */
        cloudId: early(text(), ({ cloudId }) => cloudId),
        /** The address that people open: `https://acme.atlassian.net`. */
        siteUrl: text(),
        /** The site's name. */
        siteName: text(),
        /** Base of Jira's REST API behind the gateway. Not set where Jira is not among the products. */
        jiraUrl: early(optional(text()), (args) => gatewayOf("jira", args)),
        /** Base of Confluence's REST API behind the gateway. Not set where Confluence is not among the products. */
        confluenceUrl: early(optional(text()), (args) => gatewayOf("confluence", args)),
        /** Where access tokens come from. */
        tokenUrl: derived(text(), ({ environment }) => hosts(environment).token),
        /** Every site that the credential reaches, by name. */
        sites: listOf(object(siteFields)),
    }),
    checks: {
        credential: "The credential is accepted.",
        sites: "The sites are known.",
        jira: "Jira knows the account.",
        confluence: "Confluence knows the account.",
        scopes: "No required scope is missing.",
    },
    hub: "Nango",
    hubFields: { Subdomain: (_, { siteUrl }) => siteUrl && subdomainOf({ url: siteUrl }) },
    console: accountsConsole,
    tenant: "cloudId",
    oneOf: { of: ["cloudId", "subdomain"], names: "the site" },
    rules: (_, declared) => fields.siteInEnvironment(declared),
    scopes: { ...scopeRules, allowed: "allowedScopes" },
    ...refusals,
    credential: ({ environment, clientId, clientSecret }) =>
        clientCredentials({
            tokenUrls: [hosts(environment).token],
            clientId,
            clientSecrets: [clientSecret],
            authentication: "body",
            remark: remarkOn(clientSecret, "ATOA"),
        }),
    verify: async (vendor, args) => {
        const { environment, requiredScopes = [] } = args;
        const token = await vendor.authenticate("credential");
        const reached = await reachableSites(vendor, environment);
        if (reached === undefined) {
            return vendor.incomplete({});
        }
        const sites = reached.sites.map(({ cloudId, name, url }) => ({ cloudId, name, url }));
        const named = (["cloudId", "subdomain"] as const).find((name) => args[name] !== undefined);
        const meant = reached.sites.filter((site) => named === undefined || site[named] === args[named]);
        if (meant.length === 0) {
            const noSite = `the credential reaches no site. Give its service account access to one under ${accountsPage}.`;
            vendor.fail(
                "sites",
                sites.length > 0 && named !== undefined
                    ? siteNotReached(vendor, reached, named, args[named] ?? "")
                    : { kind: "siteMissing", code: "atlassian-no-site", argument: named, message: noSite },
            );
            return vendor.incomplete({ sites });
        }
        if (meant.length > 1) {
            const names = meant.map(({ subdomain }) => subdomain).join(", ");
            vendor.warn(
                `The credential reaches several sites and the program names none: name one with subdomain or cloudId. They are ${names}.`,
            );
        }
        return vendor.eachTenant(meant, async (vendor, { cloudId, url, name, scopes, hasAllScopes }) => {
            const granted = [...new Set([...scopes, ...(token?.scopes ?? [])])].sort();
            const scoped = (["confluence", "jira"] as const).filter((product) =>
                granted.some((scope) => scope.includes(product)),
            );
            const products = args.products ?? (scoped.length > 0 ? scoped : (["jira"] as const));
            const place = { cloudId, environment, named, products };
            const account = await accountIn(vendor, products, place);
            proveProducts(vendor, args.products ?? [], granted);
            const proved = Object.fromEntries(granted.map((scope) => [scope, true]));
            return vendor.found({
                outputs: {
                    cloudId,
                    siteUrl: url,
                    siteName: name,
                    sites,
                    jiraUrl: gatewayOf("jira", place),
                    confluenceUrl: gatewayOf("confluence", place),
                },
                account,
                scopes:
                    token?.scopes !== undefined || hasAllScopes
                        ? { granted }
                        : await proveScopes(vendor, requiredScopes, place, { after: products, proved }),
            });
        });
    },
});

/** A product that the program names needs a scope: without one, nothing that the credential is for can be done there. */
function proveProducts(
    vendor: Pick<Verification<Product, "products">, "fail">,
    products: readonly Product[],
    granted: readonly string[],
): void {
    const scopesOf = { jira: /jira|servicedesk/, confluence: /confluence/ };
    for (const product of granted.length === 0 ? [] : products) {
        if (!granted.some((scope) => scopesOf[product].test(scope))) {
            const message = `the credential has no scope for ${product}. Create one that has: Atlassian fixes scopes at creation. Or leave ${product} out.`;
            const code = "atlassian-no-product-scope";
            vendor.fail(product, { kind: "scopeMissing", code, argument: "products", message });
        }
    }
}
