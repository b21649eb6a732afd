// Arguments that several connections to Atlassian have, and the rules between them.
import {
    choice,
    choices,
    invalid,
    optional,
    text,
    withDefault,
    type Complaint,
    type Invalid,
    type Values,
} from "../../define";
import { findCloudId, gatewayUrl, hosts, partsOfSite, placeOfCloudId } from "./hosts";

/** Extracts the Cloud ID from a text of one form. */
const cloudIdIn =
    (form: RegExp, must: string) =>
    (value: string): string | Invalid =>
        (form.test(value) ? findCloudId(value) : undefined) ?? invalid(must);

const mustBeCloudId = `must be a Cloud ID, a UUID. ${placeOfCloudId}`;
const mustBeAdminUrl = "must be the site's address in the administration, https://admin.atlassian.com/s/<Cloud ID>/….";
const mustBeHostUrl = "must be the gateway's URL of the site, https://api.atlassian.com/ex/jira/<Cloud ID>.";
const mustBeSubdomain =
    "must be what stands before .atlassian.net in the site's address, such as acme, or that address as a whole.";

/** The argument `cloudId`. */
export const cloudIdField = optional(
    text({ namesTenant: true, must: mustBeCloudId, parse: cloudIdIn(/^[^/]+$/, mustBeCloudId) }),
);

/** The argument `adminUrl`. Recorded is the Cloud ID in it. */
export const adminUrlField = optional(
    text({
        namesTenant: true,
        must: mustBeAdminUrl,
        parse: (value) =>
            /^[0-9a-f-]{36}$/.test(value) ? value : cloudIdIn(/^https:\/\/admin\./i, mustBeAdminUrl)(value),
    }),
);

/** The argument `hostUrl`, recorded in its normal form. */
export const hostUrlField = optional(
    text({
        namesTenant: true,
        vendorHosts: [hosts("commercial").api, hosts("usGov").api],
        must: mustBeHostUrl,
        parse: (value) => {
            const cloudId = cloudIdIn(/^https:\/\/api\.[^/]+\/ex\/jira\//i, mustBeHostUrl)(value);
            return typeof cloudId === "string"
                ? gatewayUrl(
                      cloudId,
                      "jira",
                      value.toLowerCase().startsWith(hosts("usGov").api) ? "usGov" : "commercial",
                  )
                : cloudId;
        },
    }),
);

/** The argument `subdomain`. The part before the domain is recorded. */
export const subdomainField = optional(
    text({
        namesTenant: true,
        must: mustBeSubdomain,
        parse: (value) => {
            const subdomain = (partsOfSite(value)?.subdomain ?? value).toLowerCase();
            return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(subdomain) ? subdomain : invalid(mustBeSubdomain);
        },
    }),
);

/** The argument `products`. */
export const productsField = optional(
    choices(["jira", "confluence"], { must: "must be a list of jira and confluence." }),
);

/** The argument `environment`. */
export const environmentField = withDefault(
    choice(["commercial", "usGov"], { must: "must be commercial or usGov." }),
    "commercial",
);

/** Complains where a site's whole address is one of another environment than the one that is meant. */
export function siteInEnvironment({ subdomain, environment }: Values): Complaint<"environment">[] {
    const site = partsOfSite(subdomain);
    const { siteDomain } = hosts(environment === "usGov" ? "usGov" : "commercial");
    return site === undefined || site.domain === siteDomain
        ? []
        : [otherEnvironment(environment, `${site.subdomain}.${site.domain}`)];
}

/** The complaint that a host is not one of the environment that is meant. */
export function otherEnvironment(environment: unknown, host: string): Complaint<"environment"> {
    return {
        argument: "environment",
        message: `must be ${environment === "usGov" ? "commercial or left out" : "usGov"} for a site at ${host}.`,
    };
}
