import { bearer, defineConnection, list, optional, secret, text } from "../../define";
import { isAuthenticationMismatch, isScopeRefusal, jiraAccount, remarkOn } from "./accounts";
import {
    adminUrlField,
    cloudIdField,
    environmentField,
    hostUrlField,
    otherEnvironment,
    siteInEnvironment,
    subdomainField,
} from "./fields";
import { accountsPage, findCloudId, gatewayUrl, hosts, placeOfCloudId, tokensConsole, type Environment } from "./hosts";
import { proveScopes, scopeRules } from "./scopes";
import { siteUrlOf, tenantInfo } from "./sites";

const scopes = ["read:jira-user", "read:jira-work", "write:jira-work"];

interface HostNames {
    readonly cloudId?: string | undefined;
    readonly adminUrl?: string | undefined;
    readonly hostUrl?: string | undefined;
    readonly environment: Environment;
}

const cloudIdOf = ({ cloudId, adminUrl, hostUrl }: HostNames): string | undefined =>
    cloudId ?? adminUrl ?? findCloudId(hostUrl ?? "");

function hostUrlOf(args: HostNames): string | undefined {
    const cloudId = cloudIdOf(args);
    return cloudId === undefined ? undefined : gatewayUrl(cloudId, "jira", args.environment);
}

/** OX Security's Jira connector through a service account (bearer token). */
export const jiraConnector = defineConnection({
    type: "atlassian:JiraConnector",
    title: "Atlassian",
    args: {
        /** The site's Cloud ID, a UUID, which follows `/s/` in its address in admin.atlassian.com. One of `cloudId`, `subdomain`, `adminUrl` and `hostUrl` is needed. */
        cloudId: cloudIdField,
        /**
         * The part before `.atlassian.net` in the site's address, `acme`, or the whole address,
         * `https://acme.atlassian.net`.
         */
        subdomain: subdomainField,
        /** The site's address in the administration: `https://admin.atlassian.com/s/<Cloud ID>/…`. */
        adminUrl: adminUrlField,
        /** The Jira Host URL of the connector's form: `https://api.atlassian.com/ex/jira/<Cloud ID>`. */
        hostUrl: hostUrlField,
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
        requiredScopes: optional(list({ must: "must be a list of scopes, such as read:jira-work." })),
        /**
         * Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud.
         * @default commercial
         */
        environment: environmentField,
    },
    outputs: ({ early }) => ({
        /** The Jira Host URL of the connector's form: the site behind Atlassian's gateway. */
        hostUrl: early(text({ label: "Jira Host URL" }), hostUrlOf),
        /** The site's Cloud ID, a UUID. */
        cloudId: early(text(), cloudIdOf),
        /** The site's address in a browser: `https://acme.atlassian.net`. Not set where Jira does not return it. */
        siteUrl: optional(text()),
    }),
    checks: { site: "The site exists.", jira: "Jira knows the account.", scopes: "No required scope is missing." },
    hub: "OX",
    console: tokensConsole,
    tenant: "cloudId",
    oneOf: {
        of: ["cloudId", "subdomain", "adminUrl", "hostUrl"],
        names: "the site",
        needed: true,
        where: placeOfCloudId,
    },
    rules: ({ hostUrl, environment }, declared) => [
        ...siteInEnvironment(declared),
        ...(hostUrl === undefined || hostUrl.startsWith(`${hosts(environment).api}/`)
            ? []
            : [otherEnvironment(environment, new URL(hostUrl).host)]),
    ],
    scopes: { ...scopeRules, default: scopes },
    isScopeRefusal,
    isCredentialRefusal: isAuthenticationMismatch,
    credential: ({ apiToken }) => bearer(apiToken, { remark: remarkOn(apiToken, "ATSTT") }),
    verify: async (vendor, args) => {
        const { environment, subdomain, requiredScopes = scopes, serviceAccountName } = args;
        const site = subdomain === undefined ? undefined : await tenantInfo(vendor, subdomain, environment);
        const cloudId = site?.cloudId ?? cloudIdOf(args);
        if (cloudId === undefined) {
            return vendor.incomplete({});
        }
        const place = {
            cloudId,
            environment,
            named:
                (["subdomain", "adminUrl", "hostUrl"] as const).find((name) => args[name] !== undefined) ?? "cloudId",
        } as const;
        const hostUrl = gatewayUrl(cloudId, "jira", environment);
        const [account, siteUrl] = await Promise.all([
            jiraAccount(vendor, hostUrl, { argument: "apiToken", named: place.named }),
            site?.siteUrl ?? siteUrlOf(vendor, hostUrl),
        ]);
        if (
            serviceAccountName !== undefined &&
            account !== undefined &&
            account.name.toLowerCase() !== serviceAccountName.toLowerCase()
        ) {
            vendor.warn(
                `The token belongs to the service account ${account.name}, but serviceAccountName is ${serviceAccountName}. Correct it, or use a token of that account.`,
            );
        }
        const isSound = (["site", "jira"] as const).every((check) => vendor.problemOf(check) === undefined);
        return vendor.found({
            outputs: { cloudId, hostUrl, siteUrl },
            account,
            scopes: isSound
                ? await proveScopes(vendor, requiredScopes, place, {
                      "read:jira-user": vendor.resultOf("jira") === "passed",
                  })
                : undefined,
        });
    },
});
