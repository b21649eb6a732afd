import { clientCredentials, defineFunction, listOf, object, secret, text, type FunctionResult } from "../../define";
import * as fields from "./fields";
import { accountsConsole, hosts, siteFields } from "./hosts";
import { reachableSites, tenantInfo } from "./sites";

/** The Cloud ID of a site, which the site returns without a credential. */
export const getTenantInfo = defineFunction({
    type: "atlassian:getTenantInfo",
    title: "Atlassian",
    args: {
        /**
         * The part before `.atlassian.net` in the site's address, `acme`, or the whole address,
         * `https://acme.atlassian.net`.
         */
        subdomain: { ...fields.subdomain, presence: "required" as const },
        /**
         * Where Atlassian runs the site.
         * @default commercial
         */
        environment: fields.environment,
    },
    outputs: {
        /** The site's Cloud ID, a UUID. */
        cloudId: text(),
        /** The address that people open: `https://acme.atlassian.net`. */
        siteUrl: text(),
    },
    checks: { site: "The site exists." },
    rules: (_, declared) => fields.siteInEnvironment(declared),
    call: async (vendor, { subdomain, environment }) => tenantInfo(vendor, subdomain, environment),
});

/** Facts about a site that need no credential. */
export interface TenantInfo extends FunctionResult<typeof getTenantInfo> {}

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
        environment: fields.environment,
    },
    outputs: {
        /** The sites, by name. */
        sites: listOf(object(siteFields)),
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
    call: async (vendor, { environment }) => {
        const reached = await reachableSites(vendor, environment);
        return reached && { sites: reached.sites.map(({ cloudId, name, url }) => ({ cloudId, name, url })) };
    },
});
