import {
    clientCredentials,
    defineConnection,
    list,
    listOf,
    object,
    optional,
    secret,
    text,
    type VerificationOf,
} from "../../define";
import { accountIn, isAuthenticationMismatch, isScopeRefusal, remarkOn } from "./accounts";
import { cloudIdField, environmentField, productsField, siteInEnvironment, subdomainField } from "./fields";
import {
    accountsConsole,
    accountsPage,
    gatewayUrls,
    hosts,
    siteFields,
    subdomainOf,
    type Environment,
    type Product,
} from "./hosts";
import { proveScopes, scopeRules } from "./scopes";
import { allOf, reachableSites, siteNotReached, type NamedSite } from "./sites";

function gatewaysOf({
    cloudId,
    products = [],
    environment,
}: {
    readonly cloudId?: string | undefined;
    readonly products?: readonly Product[] | undefined;
    readonly environment: Environment;
}): Partial<ReturnType<typeof gatewayUrls>> {
    return cloudId === undefined ? {} : gatewayUrls(cloudId, products, environment);
}

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
        subdomain: subdomainField,
        /**
         * The site, by its Cloud ID, a UUID, which follows `/s/` in its address in admin.atlassian.com.
         * @default the only site, or the one on record
         */
        cloudId: cloudIdField,
        /**
         * The products to prove.
         * @default those that the credential's scopes name
         */
        products: productsField,
        /**
         * Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud.
         * @default commercial
         */
        environment: environmentField,
        /**
         * Scopes that the credential must have, such as `read:jira-work`.
         * @default none
         */
        requiredScopes: optional(list({ must: "must be a list of scopes, such as read:jira-work." })),
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
        jiraUrl: early(optional(text()), (args) => gatewaysOf(args).jiraUrl),
        /** Base of Confluence's REST API behind the gateway. Not set where Confluence is not among the products. */
        confluenceUrl: early(optional(text()), (args) => gatewaysOf(args).confluenceUrl),
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
    rules: (_, declared) => siteInEnvironment(declared),
    scopes: { ...scopeRules, allowed: "allowedScopes" },
    isScopeRefusal,
    isCredentialRefusal: isAuthenticationMismatch,
    credential: ({ environment, clientId, clientSecret }) =>
        clientCredentials({
            tokenUrls: [hosts(environment).token],
            clientId,
            clientSecrets: [clientSecret],
            authentication: "body",
            remark: remarkOn(clientSecret, "ATOA"),
        }),
    verify: async (vendor, args) => {
        const { environment } = args;
        const token = await vendor.authenticate("credential");
        const listed = await reachableSites(vendor, environment);
        if (listed === undefined) {
            return vendor.incomplete({});
        }
        const { sites: reached } = listed;
        const sites = reached.map(({ cloudId, name, url }) => ({ cloudId, name, url }));
        const named = nameOf(args);
        const meant = reached.filter(
            (site) =>
                named === undefined ||
                named.value === (named.argument === "subdomain" ? subdomainOf(site) : site.cloudId),
        );
        if (meant.length === 0) {
            const noSite = `the credential reaches no site. Give its service account access to one under ${accountsPage}.`;
            const problem =
                reached.length > 0 && named !== undefined
                    ? siteNotReached(vendor, listed, named)
                    : ({
                          kind: "siteMissing",
                          code: "atlassian-no-site",
                          argument: named?.argument,
                          message: noSite,
                      } as const);
            vendor.fail("sites", problem);
            return vendor.incomplete({ sites });
        }
        if (meant.length > 1) {
            vendor.warn(
                `The credential reaches several sites and the program names none: name one with subdomain or cloudId. They are ${meant.map(subdomainOf).join(", ")}.`,
            );
        }
        return vendor.eachTenant(meant, async (vendor, site) => {
            const told = allOf(site.scopes, token?.scopes);
            const scoped = (["confluence", "jira"] as const).filter((product) =>
                told?.some((scope) => scope.includes(product)),
            );
            const products = args.products ?? (scoped.length > 0 ? scoped : (["jira"] as const));
            const place = { cloudId: site.cloudId, environment, named: named?.argument };
            const account = await accountIn(vendor, products, place);
            proveProducts(vendor, args.products ?? [], told ?? []);
            const isTold = told !== undefined && (token?.scopes !== undefined || site.hasAllScopes);
            const proved = Object.fromEntries((told ?? []).map((scope) => [scope, true]));
            const isSound = products.every((product) => vendor.problemOf(product) === undefined);
            return vendor.found({
                outputs: {
                    cloudId: site.cloudId,
                    siteUrl: site.url,
                    siteName: site.name,
                    sites,
                    ...gatewayUrls(site.cloudId, products, environment),
                },
                account,
                scopes: isTold
                    ? { granted: told }
                    : isSound
                      ? await proveScopes(vendor, args.requiredScopes ?? [], place, proved)
                      : undefined,
            });
        });
    },
});

function nameOf({
    cloudId,
    subdomain,
}: {
    readonly cloudId?: string | undefined;
    readonly subdomain?: string | undefined;
}): NamedSite<"cloudId" | "subdomain"> | undefined {
    return cloudId !== undefined
        ? { argument: "cloudId", value: cloudId }
        : subdomain !== undefined
          ? { argument: "subdomain", value: subdomain }
          : undefined;
}

/** A product that the program names needs a scope: without one, nothing that the credential is for can be done there. */
function proveProducts(
    vendor: Pick<VerificationOf<object, Product, "products", string>, "fail">,
    products: readonly Product[],
    granted: readonly string[],
): void {
    const scopesOf = { jira: /jira|servicedesk/, confluence: /confluence/ };
    const without =
        granted.length === 0
            ? []
            : products.filter((product) => !granted.some((scope) => scopesOf[product].test(scope)));
    for (const product of without) {
        const message = `the credential has no scope for ${product}. Create one that has: Atlassian fixes scopes at creation. Or leave ${product} out.`;
        vendor.fail(product, {
            kind: "scopeMissing",
            code: "atlassian-no-product-scope",
            argument: "products",
            message,
        });
    }
}
