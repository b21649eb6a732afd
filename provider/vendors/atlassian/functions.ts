import { clientCredentials, defineFunction, secret, text } from "../../define";
import { environmentField, siteInEnvironment, subdomainField } from "./fields";
import { accountsConsole, hosts, type Site } from "./hosts";
import { reachableSites, tenantInfo } from "./sites";

/** Facts about a site that need no credential. */
export interface TenantInfo {
    /** The site's Cloud ID, a UUID. */
    readonly cloudId: string;
    /** `https://acme.atlassian.net` */
    readonly siteUrl: string;
}

/** The Cloud ID of a site, which the site returns without a credential. */
export const getTenantInfo = defineFunction({
    type: "atlassian:getTenantInfo",
    title: "Atlassian",
    args: {
        /**
         * The part before `.atlassian.net` in the site's address, `acme`, or the whole address,
         * `https://acme.atlassian.net`.
         */
        subdomain: { ...subdomainField, presence: "required" as const },
        /**
         * Where Atlassian runs the site.
         * @default commercial
         */
        environment: environmentField,
    },
    checks: { site: "The site exists." },
    rules: (_, declared) => siteInEnvironment(declared),
    call: async (vendor, { subdomain, environment }): Promise<TenantInfo | undefined> =>
        tenantInfo(vendor, subdomain, environment),
});

/** The sites that a service account's OAuth 2.0 credential reaches. */
export const getSites = defineFunction({
    type: "atlassian:getSites",
    title: "Atlassian",
    args: {
        /** Client ID of a service account's OAuth 2.0 credential. */
        clientId: text({ namesAccount: true }),
        /** Its client secret. */
        clientSecret: secret(),
        /**
         * Where Atlassian runs the sites.
         * @default commercial
         */
        environment: environmentField,
    },
    console: accountsConsole,
    checks: { sites: "The sites are known." },
    credential: ({ environment, clientId, clientSecret }) =>
        clientCredentials({
            tokenUrls: [hosts(environment).token],
            clientId,
            clientSecrets: [clientSecret],
            authentication: "body",
        }),
    call: async (vendor, { environment }): Promise<Site[] | undefined> =>
        (await reachableSites(vendor, environment))?.sites.map(({ cloudId, name, url }) => ({ cloudId, name, url })),
});
