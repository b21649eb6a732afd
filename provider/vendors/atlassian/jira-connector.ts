import { bearer, defineConnection, optional, secret, text } from "../../define";
import { accountAt, refusals, remarkOn } from "./accounts";
import * as fields from "./fields";
import { accountsPage, cloudIdOf, gatewayOf, gatewayUrl, hosts, placeOfCloudId, tokensConsole } from "./hosts";
import { organizationReader, organizationRules, serviceAccountTokens, tokenEnd, tokensListed } from "./organization";
import { proveScopes, scopeRules } from "./scopes";
import { namedSite, siteUrlOf } from "./sites";

const scopes = ["read:jira-user", "read:jira-work", "write:jira-work"];
const names = ["cloudId", "subdomain", "adminUrl", "hostUrl"] as const;

/** OX Security's Jira connector through a service account (bearer token). */
export const jiraConnector = defineConnection({
    type: "atlassian:JiraConnector",
    title: "Atlassian",
    args: {
        /** The site's Cloud ID, a UUID, which follows `/s/` in its address in admin.atlassian.com. One of `cloudId`, `subdomain`, `adminUrl` and `hostUrl` is needed. */
        cloudId: fields.cloudId,
        /**
         * The part before `.atlassian.net` in the site's address, `acme`, or the whole address,
         * `https://acme.atlassian.net`.
         */
        subdomain: fields.subdomain,
        /** The site's address in the administration: `https://admin.atlassian.com/s/<Cloud ID>/…`. */
        adminUrl: fields.adminUrl,
        /** The Jira Host URL of the connector's form: `https://api.atlassian.com/ex/jira/<Cloud ID>`. */
        hostUrl: fields.hostUrl,
        /** API token of the service account, from Directory > Service accounts > (account) > Create credentials > API token. It lives 1 to 365 days. */
        apiToken: secret({ label: "API Token", longestLifetimeDays: 365 }),
        /**
         * The service account's name, 6 to 30 characters, from Directory > Service accounts. A warning appears
         * if the token belongs to another account.
         * @default none
         */
        serviceAccountName: optional(
            text({ length: [6, 30], must: `must have 6 to 30 characters, as under ${accountsPage}.` }),
        ),
        /**
         * Scopes that the token must have. Default: the connector's own, `read:jira-user`, `read:jira-work` and
         * `write:jira-work`.
         */
        requiredScopes: fields.requiredScopes,
        /**
         * Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud.
         * @default commercial
         */
        environment: fields.environment,
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
        /** The Jira Host URL of the connector's form: the site behind Atlassian's gateway. */
        hostUrl: early(text({ label: "Jira Host URL" }), (args) => gatewayOf("jira", { ...args, products: ["jira"] })),
        /** The site's Cloud ID, a UUID. */
        cloudId: early(text(), cloudIdOf),
        /** The site's address in a browser: `https://acme.atlassian.net`. Not set where Jira does not return it. */
        siteUrl: optional(text()),
    }),
    checks: {
        site: "The site exists.",
        jira: "Jira knows the account.",
        scopes: "No required scope is missing.",
        tokens: tokensListed,
    },
    occasionalChecks: ["tokens"],
    hub: "OX",
    console: tokensConsole,
    tenant: "cloudId",
    oneOf: { of: names, names: "the site", needed: true, where: placeOfCloudId },
    rules: ({ hostUrl, environment }, declared) => [
        ...fields.siteInEnvironment(declared),
        ...organizationRules(declared),
        ...(hostUrl === undefined || hostUrl.startsWith(`${hosts(environment).api}/`)
            ? []
            : [fields.otherEnvironment(environment, new URL(hostUrl).host)]),
    ],
    scopes: { ...scopeRules, default: scopes },
    ...refusals,
    secretEndsAreHints: true,
    reader: organizationReader,
    credential: ({ apiToken }) => bearer(apiToken, { remark: remarkOn(apiToken, "ATSTT") }),
    verify: async (vendor, args) => {
        const { requiredScopes = scopes, serviceAccountName: wanted } = args;
        const site = await namedSite(vendor, args, names);
        if (site === undefined) {
            return vendor.incomplete({});
        }
        const base = gatewayUrl(site.cloudId, "jira", site.environment);
        const [account, siteUrl] = await Promise.all([
            accountAt(vendor, "jira", { base, argument: "apiToken", named: site.named }),
            site.siteUrl ?? siteUrlOf(vendor, "site", site),
        ]);
        if (wanted !== undefined && account !== undefined && account.name.toLowerCase() !== wanted.toLowerCase()) {
            vendor.warn(
                `The token belongs to the service account ${account.name}, but serviceAccountName is ${wanted}. Correct it, or use a token of that account.`,
            );
        }
        const proved = { "read:jira-user": vendor.resultOf("jira") === "passed" };
        const [found, secretEnds] = await Promise.all([
            proveScopes(vendor, requiredScopes, site, { after: ["site", "jira"], proved }),
            tokenEnd(vendor, serviceAccountTokens, args, account),
        ]);
        return vendor.found({ outputs: { cloudId: site.cloudId, siteUrl }, account, scopes: found, secretEnds });
    },
});
