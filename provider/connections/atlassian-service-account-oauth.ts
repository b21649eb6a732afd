import type { Probe } from "../checks";
import { defineConnection, type Finding } from "../connection";
import { clientCredentials } from "../credential";
import type { Problem } from "../errors";
import { names, secret, text } from "../schema";
import type { Secret } from "../secrets";
import {
    accountIn,
    beyond,
    gatewayUrl,
    hosts,
    judgeScopes,
    nameSiteOnce,
    namedSite,
    reachableSites,
    shape,
    subdomainOf,
    type AtlassianArgs,
    type Product,
    type ReachableSite,
    type Site,
} from "./atlassian";

/** Arguments of `atlassian.ServiceAccountOAuth`. */
export interface ServiceAccountOAuthArgs extends AtlassianArgs {
    /** Client ID of the credential, from Atlassian Administration > Directory > Service accounts > (account) > Create credentials > OAuth 2.0. */
    clientId: string;
    /** Client secret, shown once on the same page. */
    clientSecret: Secret;
    /** The site, by what stands before `.atlassian.net`: `acme`. It must match as a whole. Default: the only site, or the one on record. */
    subdomain?: string | undefined;
    /** The site, by its Cloud ID, which follows `/s/` in its address in admin.atlassian.com. */
    cloudId?: string | undefined;
    /** The products to prove. Default: those that the credential's scopes name. */
    products?: Product[] | undefined;
    /** Scopes that the credential must have, such as `read:jira-work`. Default: none. */
    requiredScopes?: string[] | undefined;
    /** Scopes besides the required ones that it is meant to have, so that no warning names them; `*` for any. */
    allowedScopes?: string[] | undefined;
}

/** Outputs of `atlassian.ServiceAccountOAuth`. */
export interface ServiceAccountOAuthOutputs {
    cloudId: string;
    /** The address that people open: `https://acme.atlassian.net`. */
    siteUrl: string;
    siteName: string;
    /** Base of Jira's REST API behind the gateway; undefined where Jira is not among the products. */
    jiraUrl: string | undefined;
    /** Base of Confluence's REST API behind the gateway; undefined where Confluence is not among the products. */
    confluenceUrl: string | undefined;
    /** Where access tokens come from. */
    tokenUrl: string;
    /** Every site that the credential reaches, by name. */
    sites: Site[];
}

const where = "Atlassian shows it once, under Directory > Service accounts > Create credentials.";

/** An Atlassian service account with an OAuth 2.0 credential (client credentials), as Nango asks for it. */
export const serviceAccountOAuth = defineConnection<ServiceAccountOAuthArgs, ServiceAccountOAuthOutputs>({
    vendor: "atlassian",
    type: "ServiceAccountOAuth",
    title: "Atlassian",
    args: {
        clientId: () => text(where),
        clientSecret: () => secret(where),
        subdomain: shape.subdomain,
        cloudId: shape.cloudId,
        products: shape.products,
        environment: shape.environment,
        requiredScopes: () => names("scopes, such as read:jira-work").optional(),
        allowedScopes: () => names("scopes, such as read:jira-work, or *").optional(),
    },
    rules: (args) => nameSiteOnce(args, ["cloudId", "subdomain"], false),
    secrets: ["clientSecret"],
    credentialArgs: ["clientId", "clientSecret"],
    tenantArgs: ["cloudId", "subdomain"],
    outputs: ["cloudId", "siteUrl", "siteName", "jiraUrl", "confluenceUrl", "tokenUrl", "sites"],
    checks: ["credential", "sites", "jira", "confluence", "scopes"],
    endpoints: ({ environment, cloudId, products = [] }) => ({
        tokenUrl: `${hosts(environment).auth}/oauth/token`,
        ...(cloudId === undefined ? {} : { cloudId, ...gateways(cloudId, products, environment) }),
    }),
    tenant: ({ cloudId }) => cloudId,
    credential: ({ clientId, clientSecret, environment }) =>
        clientCredentials({
            title: "Atlassian",
            tokenUrls: [`${hosts(environment).auth}/oauth/token`],
            property: "",
            clientId,
            secrets: [["clientSecret", clientSecret]],
            authentication: "body",
            hint: "Create a new credential under Directory > Service accounts: a lost secret cannot be shown again.",
        }),
    async verify(probe, args) {
        const token = await probe.authenticate("credential", "The credential is accepted.");
        const sites = await reachableSites(probe, args.environment);
        const named = nameOf(args);
        const found = sites.length === 0 ? noSite(named?.property ?? "") : named === undefined ? sites : namedSite(sites, named);
        if ("kind" in found) {
            probe.fail("sites", found);
            return { facts: { sites: sites.map(plainSite) } };
        }
        const candidates = [found].flat();
        const several = candidates.length > 1 ? [severalSites(sites)] : [];
        return Promise.all(candidates.map((site) => inspect(probe.fork(), args, site, sites, token?.scopes ?? [], several)));
    },
});

function nameOf({ cloudId, subdomain }: ServiceAccountOAuthArgs): { property: string; value: string } | undefined {
    return cloudId !== undefined
        ? { property: "cloudId", value: cloudId }
        : subdomain !== undefined
          ? { property: "subdomain", value: subdomain }
          : undefined;
}

/** A product that the program names needs a scope: without one, nothing that the credential is for can be done there. */
function proveProducts(probe: Probe, products: readonly Product[], granted: readonly string[]): void {
    const scopesOf = { jira: /jira|servicedesk/, confluence: /confluence/ };
    const without = granted.length === 0 ? [] : products.filter((product) => !granted.some((scope) => scopesOf[product].test(scope)));
    for (const product of without) {
        const message = `the credential has no scope for ${product}. Create one that has: Atlassian fixes scopes at creation. Or leave ${product} out.`;
        probe.fail(product, { kind: "scopeMissing", property: "products", message });
    }
}

function noSite(property: string): Problem {
    const message = "the credential reaches no site. Give its service account access to one under Directory > Service accounts.";
    return { kind: "siteMissing", property, message };
}

const plainSite = ({ cloudId, name, url }: ReachableSite): Site => ({ cloudId, name, url });

function severalSites(sites: readonly Site[]): string {
    return `The credential reaches several sites and the program names none: name one with subdomain or cloudId. They are ${sites.map(subdomainOf).join(", ")}.`;
}

function gateways(cloudId: string, products: readonly Product[], environment: AtlassianArgs["environment"]): Partial<ServiceAccountOAuthOutputs> {
    return {
        ...(products.includes("jira") ? { jiraUrl: gatewayUrl(cloudId, "jira", environment) } : {}),
        ...(products.includes("confluence") ? { confluenceUrl: gatewayUrl(cloudId, "confluence", environment) } : {}),
    };
}

async function inspect(
    probe: Probe,
    args: ServiceAccountOAuthArgs,
    site: ReachableSite,
    sites: readonly ReachableSite[],
    tokenScopes: readonly string[],
    warnings: readonly string[],
): Promise<Finding<ServiceAccountOAuthOutputs>> {
    const { environment, requiredScopes, allowedScopes } = args;
    const granted = [...new Set([...site.scopes, ...tokenScopes])].sort();
    const ofScopes = (["confluence", "jira"] as const).filter((product) => granted.some((scope) => scope.includes(product)));
    const products = args.products ?? (ofScopes.length > 0 ? ofScopes : (["jira"] as const));
    const account = await accountIn(probe, products, { cloudId: site.cloudId, environment, named: args.subdomain === undefined ? "cloudId" : "subdomain" });
    proveProducts(probe, args.products ?? [], granted);
    const missing = (requiredScopes ?? []).filter((scope) => !granted.includes(scope));
    judgeScopes(probe, requiredScopes ?? [], { missing, granted });
    return {
        facts: {
            cloudId: site.cloudId,
            siteUrl: site.url,
            siteName: site.name,
            ...gateways(site.cloudId, products, environment),
            sites: sites.map(plainSite),
        },
        account,
        grantedScopes: granted,
        missingScopes: missing,
        warnings: [...warnings, ...beyond(granted, requiredScopes, allowedScopes)],
        probe,
    };
}
