import { defineConnection } from "../connection";
import { basic } from "../credential";
import { names, secret } from "../schema";
import type { Secret } from "../secrets";
import {
    accountIn,
    gatewayUrl,
    nameSiteOnce,
    proveScopes,
    shape,
    siteUrlOf,
    tenantInfo,
    type AtlassianArgs,
    type Product,
} from "./atlassian";

/** Arguments of `atlassian.ServiceAccountToken`. */
export interface ServiceAccountTokenArgs extends AtlassianArgs {
    /** The site's Cloud ID, which follows `/s/` in its address in admin.atlassian.com. One of `cloudId`, `subdomain` and `adminUrl` is needed. */
    cloudId?: string | undefined;
    /** What stands before `.atlassian.net` in the site's address: `acme`. */
    subdomain?: string | undefined;
    /** The site's address in the administration: `https://admin.atlassian.com/s/<Cloud ID>/access-requests`. */
    adminUrl?: string | undefined;
    /** The service account's address, from Directory > Service accounts > (account), such as `bot@serviceaccount.atlassian.com`. */
    email: string;
    /** API token of the service account, shown once by Create credentials > API token. It lives 1 to 365 days. */
    apiToken: Secret;
    /** The products to prove. Default `["jira"]`. */
    products?: Product[] | undefined;
    /** Scopes that the token must have, such as `read:jira-work`. Default: none. An API token does not tell its scopes: each is proved by a call. */
    requiredScopes?: string[] | undefined;
}

/** Outputs of `atlassian.ServiceAccountToken`. */
export interface ServiceAccountTokenOutputs {
    cloudId: string;
    /** The address that people open: `https://acme.atlassian.net`. */
    siteUrl: string | undefined;
    /** Base of Jira's REST API behind the gateway; undefined where Jira is not among the products. */
    jiraUrl: string | undefined;
    /** Base of Confluence's REST API behind the gateway; undefined where Confluence is not among the products. */
    confluenceUrl: string | undefined;
}

const page = "Directory > Service accounts";
const emailForm = `must be an e-mail address. It stands under ${page}, such as bot@serviceaccount.atlassian.com.`;

const gateways = (cloudId: string, { products = ["jira"], environment }: ServiceAccountTokenArgs): Partial<ServiceAccountTokenOutputs> => ({
    ...(products.includes("jira") ? { jiraUrl: gatewayUrl(cloudId, "jira", environment) } : {}),
    ...(products.includes("confluence") ? { confluenceUrl: gatewayUrl(cloudId, "confluence", environment) } : {}),
});

/** An Atlassian service account with an API token (HTTP Basic), as Nango asks for it. */
export const serviceAccountToken = defineConnection<ServiceAccountTokenArgs, ServiceAccountTokenOutputs>({
    vendor: "atlassian",
    type: "ServiceAccountToken",
    title: "Atlassian",
    longestLifetimeDays: 365,
    args: {
        cloudId: shape.cloudId,
        subdomain: shape.subdomain,
        adminUrl: shape.adminUrl,
        email: (z) => z.string({ error: emailForm }).trim().pipe(z.email(emailForm)),
        apiToken: () => secret(`Atlassian shows it once, under ${page} > Create credentials > API token.`),
        products: shape.products,
        environment: shape.environment,
        requiredScopes: () => names("scopes, such as read:jira-work").optional(),
    },
    rules: (args) => nameSiteOnce(args, ["cloudId", "subdomain", "adminUrl"], true),
    secrets: ["apiToken"],
    credentialArgs: ["email", "apiToken"],
    tenantArgs: ["cloudId", "subdomain", "adminUrl"],
    outputs: ["cloudId", "siteUrl", "jiraUrl", "confluenceUrl"],
    checks: ["site", "jira", "confluence", "scopes"],
    endpoints(args) {
        const cloudId = args.cloudId ?? args.adminUrl;
        return cloudId === undefined ? {} : { cloudId, ...gateways(cloudId, args) };
    },
    tenant: ({ cloudId }) => cloudId,
    credential: ({ email, apiToken }) => basic("apiToken", email, apiToken, `Create a new API token under ${page}, and check that email is its account's.`),
    async verify(probe, args) {
        const { environment, products = ["jira"], requiredScopes = [] } = args;
        const site = args.subdomain === undefined ? undefined : await tenantInfo(probe, args.subdomain, environment);
        const cloudId = site?.cloudId ?? args.cloudId ?? args.adminUrl ?? "";
        const named = args.subdomain !== undefined ? "subdomain" : args.adminUrl !== undefined ? "adminUrl" : "cloudId";
        const jiraUrl = gatewayUrl(cloudId, "jira", environment);
        const [account, siteUrl] = await Promise.all([
            accountIn(probe, products, { cloudId, environment, named }),
            site?.siteUrl ?? (products.includes("jira") ? probe.attempt(siteUrlOf(probe, jiraUrl)) : undefined),
        ]);
        const scopes = probe.problems.length > 0 ? undefined : await proveScopes(probe, requiredScopes, new Map(), { cloudId, environment, named });
        return {
            facts: { cloudId, ...(siteUrl === undefined ? {} : { siteUrl }), ...gateways(cloudId, args) },
            account,
            grantedScopes: scopes?.granted,
            missingScopes: scopes?.missing,
            warnings: [
                ...(scopes?.warnings ?? []),
                ...(account?.email === undefined || account.email.toLowerCase() === args.email.toLowerCase()
                    ? []
                    : [`The token belongs to ${account.email}, and email says ${args.email}. Correct email.`]),
            ],
        };
    },
});
