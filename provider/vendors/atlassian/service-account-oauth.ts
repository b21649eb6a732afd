import {
    clientCredentials,
    defineConnection,
    derived,
    list,
    listOf,
    object,
    optional,
    output,
    secret,
    text,
    type VerificationOf,
} from "../../define";
import { accountIn, isAuthenticationMismatch, isScopeRefusal, remarkOn } from "./accounts";
import { cloudIdField, environmentField, productsField, siteInEnvironment, subdomainField } from "./fields";
import { accountsPage, gatewayUrls, hosts, subdomainOf, type Product } from "./hosts";
import { proveScopes, scopeRules } from "./scopes";
import { allOf, reachableSites, siteNotReached, type NamedSite } from "./sites";

const where = `Atlassian shows it once, under ${accountsPage} > Create credentials.`;

/** An Atlassian service account with an OAuth 2.0 credential (client credentials), as Nango asks for it. */
export const serviceAccountOAuth = defineConnection({
    type: "atlassian:ServiceAccountOAuth",
    title: "Atlassian",
    args: {
        /** Client ID of the credential, from Atlassian Administration > Directory > Service accounts > (account) > Create credentials > OAuth 2.0. */
        clientId: text({ where, namesAccount: true }),
        /** Client secret, shown once on the same page. */
        clientSecret: secret({ where }),
        /**
         * The site, by what stands before `.atlassian.net`, `acme`, or by its address as a whole, `https://acme.atlassian.net`. Nothing is guessed from
         * a part of a name.
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
    outputs: {
        /** The site's Cloud ID, a UUID. */
        cloudId: output(text()),
        /** The address that people open: `https://acme.atlassian.net`. */
        siteUrl: output(text()),
        /** The site's name. */
        siteName: output(text()),
        /** Base of Jira's REST API behind the gateway; undefined where Jira is not among the products. */
        jiraUrl: optional(output(text())),
        /** Base of Confluence's REST API behind the gateway; undefined where Confluence is not among the products. */
        confluenceUrl: optional(output(text())),
        /** Where access tokens come from. */
        tokenUrl: derived(text()),
        /** Every site that the credential reaches, by name. */
        sites: output(listOf(object({ cloudId: text(), name: text(), url: text() }))),
    },
    checks: {
        credential: "The credential is accepted.",
        sites: "The sites are known.",
        jira: "Jira knows the account.",
        confluence: "Confluence knows the account.",
        scopes: "No required scope is missing.",
    },
    hubForm: {
        hub: "Nango",
        fields: {
            Subdomain: (_, { siteUrl }) => siteUrl && subdomainOf({ url: siteUrl }),
            "Client ID": ({ clientId }) => clientId,
            "Client Secret": ({ clientSecret }) => clientSecret,
        },
    },
    tenant: "cloudId",
    oneOf: { of: ["cloudId", "subdomain"], names: "the site" },
    rules: (_, declared) => siteInEnvironment(declared),
    scopes: { ...scopeRules, allowed: "allowedScopes", remove: "Create one without them" },
    isScopeRefusal,
    isCredentialRefusal: isAuthenticationMismatch,
    derive: ({ environment, cloudId, products = [] }) => ({
        tokenUrl: hosts(environment).token,
        cloudId,
        ...(cloudId !== undefined && gatewayUrls(cloudId, products, environment)),
    }),
    credential: ({ environment, clientId, clientSecret }) =>
        clientCredentials({
            tokenUrls: [hosts(environment).token],
            clientId,
            clientSecrets: [clientSecret],
            authentication: "body",
            renew: `Create a new credential under ${accountsPage}: a lost secret cannot be shown again.`,
            enable: `Look at the service account and its credential under ${accountsPage}.`,
            grant: `Check its scopes under ${accountsPage}, or create another one: Atlassian fixes scopes at creation.`,
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
                    : ({ kind: "siteMissing", argument: named?.argument, message: noSite } as const);
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
        vendor.fail(product, { kind: "scopeMissing", argument: "products", message });
    }
}
