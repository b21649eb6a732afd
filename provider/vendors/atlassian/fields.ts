// Arguments that several connections to Atlassian have, by their names, and the rules between them.
import { choice, choices, invalid, list, optional, secret, text, uuid, withDefault } from "../../define";
import type { Complaint, Field, Optional, TextOptions, Values } from "../../define";
import { findCloudId, gatewayUrl, hosts, partsOfSite, placeOfCloudId } from "./hosts";

/** An argument that may name the site. `parse` gives undefined for a text of another form. */
const siteField = (
    must: string,
    parse: (value: string) => string | undefined,
    options?: TextOptions,
): Optional<Field<string>> =>
    optional(text({ ...options, namesTenant: true, must, parse: (value) => parse(value) ?? invalid(must) }));

/** The argument `cloudId`. */
export const cloudId = siteField(`must be a Cloud ID, a UUID. ${placeOfCloudId}`, (value) =>
    value.includes("/") ? undefined : findCloudId(value),
);

/** The argument `adminUrl`. Recorded is the Cloud ID in it. */
export const adminUrl = siteField(
    "must be the site's address in the administration, https://admin.atlassian.com/s/<Cloud ID>/….",
    (value) => (/^(?:https:\/\/admin\.|[0-9a-f-]{36}$)/i.test(value) ? findCloudId(value) : undefined),
);

/** The argument `hostUrl`, recorded in its normal form. */
export const hostUrl = siteField(
    "must be the gateway's URL of the site, https://api.atlassian.com/ex/jira/<Cloud ID>.",
    (value) => {
        const cloudId = /^https:\/\/api\.[^/]+\/ex\/jira\//i.test(value) ? findCloudId(value) : undefined;
        const environment = value.toLowerCase().startsWith(hosts("usGov").api) ? "usGov" : "commercial";
        return cloudId && gatewayUrl(cloudId, "jira", environment);
    },
    { vendorHosts: [hosts("commercial").api, hosts("usGov").api] },
);

/** The argument `subdomain`. The part before the domain is recorded. */
export const subdomain = siteField(
    "must be what is before .atlassian.net in the site's address, such as acme, or that address as a whole.",
    (value) => {
        const name = (partsOfSite(value)?.subdomain ?? value).toLowerCase();
        return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name) ? name : undefined;
    },
);

/** The argument `products`. */
export const products = optional(choices(["jira", "confluence"], { must: "must be a list of jira and confluence." }));

/** The argument `requiredScopes`. */
export const requiredScopes = optional(list({ must: "must be a list of scopes, such as read:jira-work." }));

/** The argument `environment`. */
export const environment = withDefault(
    choice(["commercial", "usGov"], { must: "must be commercial or usGov." }),
    "commercial",
);

/** The argument `organizationId`. */
export const organizationId = optional(
    uuid({ must: "must be an organization ID, a UUID: what follows /o/ in an address of admin.atlassian.com." }),
);

/** The argument `organizationApiKey`. */
export const organizationApiKey = optional(
    secret({ onlyReads: true, where: "Atlassian shows it once, under Settings > API keys in admin.atlassian.com." }),
);

/** The argument `tokenLabel`. */
export const tokenLabel = optional(text());

/** Complains where a site's whole address is one of another environment than the one that is meant. */
export function siteInEnvironment(declared: Values): Complaint<"environment">[] {
    const site = partsOfSite(declared["subdomain"]);
    const { siteDomain } = hosts(declared["environment"] === "usGov" ? "usGov" : "commercial");
    return site === undefined || site.domain === siteDomain
        ? []
        : [otherEnvironment(declared["environment"], `${site.subdomain}.${site.domain}`)];
}

/** The complaint that a host is not one of the environment that is meant. */
export function otherEnvironment(environment: unknown, host: string): Complaint<"environment"> {
    const right = environment === "usGov" ? "commercial or left out" : "usGov";
    return { argument: "environment", message: `must be ${right} for a site at ${host}.` };
}
