import { defineConnection } from "../connection";
import { bearer } from "../credential";
import { names, secret } from "../schema";
import type { Secret } from "../secrets";
import { gatewayUrl, hosts, jiraAccount, nameSiteOnce, parseCloudId, proveScopes, shape, siteUrlOf, tenantInfo, type AtlassianArgs } from "./atlassian";

/** Arguments of `atlassian.JiraConnector`. */
export interface JiraConnectorArgs extends AtlassianArgs {
    /** The site's Cloud ID, which follows `/s/` in its address in admin.atlassian.com. One of `cloudId`, `subdomain`, `adminUrl` and `hostUrl` is needed. */
    cloudId?: string | undefined;
    /** What stands before `.atlassian.net` in the site's address: `acme`. */
    subdomain?: string | undefined;
    /** The site's address in the administration: `https://admin.atlassian.com/s/<Cloud ID>/…`. */
    adminUrl?: string | undefined;
    /** The Jira Host URL of the connector's form: `https://api.atlassian.com/ex/jira/<Cloud ID>`. */
    hostUrl?: string | undefined;
    /** API token of the service account, from Directory > Service accounts > (account) > Create credentials > API token. It lives 1 to 365 days. */
    apiToken: Secret;
    /** The service account's name, 6 to 30 characters, as under Directory > Service accounts: a warning tells when the token is another account's. */
    serviceAccountName?: string | undefined;
    /** Scopes that the token must have. Default `read:jira-user`, `read:jira-work` and `write:jira-work`, which the connector asks for. */
    requiredScopes?: string[] | undefined;
}

/** Outputs of `atlassian.JiraConnector`. */
export interface JiraConnectorOutputs {
    /** What the connector's form calls Jira Host URL: the site behind Atlassian's gateway. */
    hostUrl: string;
    cloudId: string;
    /** The address that people open: `https://acme.atlassian.net`. */
    siteUrl: string | undefined;
}

const page = "Directory > Service accounts";
const nameLength = `must have 6 to 30 characters, as under ${page}.`;

function inEnvironment({ hostUrl, environment }: JiraConnectorArgs): { property: string; message: string }[] {
    if (hostUrl === undefined || hostUrl.startsWith(`${hosts(environment).api}/`)) {
        return [];
    }
    const message = `must be ${environment === "usGov" ? "commercial or left out" : "usGov"} for a site at ${new URL(hostUrl).host}.`;
    return [{ property: "environment", message }];
}

/** OX Security's Jira connector through a service account (bearer token). */
export const jiraConnector = defineConnection<JiraConnectorArgs, JiraConnectorOutputs>({
    vendor: "atlassian",
    type: "JiraConnector",
    title: "Atlassian",
    longestLifetimeDays: 365,
    args: {
        cloudId: shape.cloudId,
        subdomain: shape.subdomain,
        adminUrl: shape.adminUrl,
        hostUrl: shape.hostUrl,
        apiToken: () => secret(`Atlassian shows it once, under ${page} > Create credentials > API token.`),
        serviceAccountName: (z) => z.string({ error: nameLength }).trim().min(6, nameLength).max(30, nameLength).optional(),
        requiredScopes: () => names("scopes, such as read:jira-work").optional(),
        environment: shape.environment,
    },
    rules: (args) => [...nameSiteOnce(args, ["cloudId", "subdomain", "adminUrl", "hostUrl"], true), ...inEnvironment(args)],
    secrets: ["apiToken"],
    credentialArgs: ["apiToken"],
    tenantArgs: ["cloudId", "subdomain", "adminUrl", "hostUrl"],
    outputs: ["hostUrl", "cloudId", "siteUrl"],
    checks: ["site", "jira", "scopes"],
    endpoints({ cloudId, adminUrl, hostUrl, environment }) {
        const id = cloudId ?? adminUrl ?? hostUrl;
        return id === undefined ? {} : { cloudId: parseCloudId(id), hostUrl: gatewayUrl(id, "jira", environment) };
    },
    tenant: ({ cloudId }) => cloudId,
    credential: ({ apiToken }) => bearer("apiToken", apiToken, `Create a new API token under ${page}.`),
    async verify(probe, args) {
        const { environment, requiredScopes = ["read:jira-user", "read:jira-work", "write:jira-work"] } = args;
        const site = args.subdomain === undefined ? undefined : await tenantInfo(probe, args.subdomain, environment);
        const cloudId = site?.cloudId ?? parseCloudId(args.cloudId ?? args.adminUrl ?? args.hostUrl ?? "");
        const named = (["subdomain", "adminUrl", "hostUrl"] as const).find((name) => args[name] !== undefined) ?? "cloudId";
        const hostUrl = gatewayUrl(cloudId, "jira", environment);
        const [account, siteUrl] = await Promise.all([
            probe.attempt(jiraAccount(probe, hostUrl, { property: "apiToken", named })),
            site?.siteUrl ?? probe.attempt(siteUrlOf(probe, hostUrl)),
        ]);
        const tells = probe.problemOf("jira")?.kind !== "scopeMissing";
        if (!tells) {
            probe.forgive("jira", "The token has no scope to tell whose it is.");
        }
        const scopes =
            probe.problems.length > 0 ? undefined : await proveScopes(probe, requiredScopes, new Map([["read:jira-user", tells]]), { cloudId, environment, named });
        return {
            facts: { cloudId, hostUrl, ...(siteUrl === undefined ? {} : { siteUrl }) },
            account,
            grantedScopes: scopes?.granted,
            missingScopes: scopes?.missing,
            warnings: [
                ...(scopes?.warnings ?? []),
                ...(args.serviceAccountName === undefined || account === undefined || account.name.toLowerCase() === args.serviceAccountName.toLowerCase()
                    ? []
                    : [`The token belongs to the service account ${account.name}, and serviceAccountName says ${args.serviceAccountName}.`]),
            ],
        };
    },
});
