// Atlassian's hosts, and the Cloud ID in their addresses.
import { coded, text, type Console, type OutputValues } from "../../define";

/** An Atlassian product that a service account can use. */
export type Product = "jira" | "confluence";

/** Where Atlassian runs a site: its commercial cloud, or the one for the government of the United States. */
export type Environment = "commercial" | "usGov";

/** The fields of a site. */
export const siteFields = {
    /** The site's Cloud ID, a UUID. */
    cloudId: text(),
    /** The site's name. */
    name: text(),
    /** The address that people open: `https://acme.atlassian.net`. */
    url: text(),
};

/** A site that a credential reaches. */
export interface Site extends OutputValues<typeof siteFields> {}

/** A site behind the gateway. */
export interface GatewaySite<Argument extends string> {
    readonly cloudId: string;
    readonly environment: Environment;
    /** The argument that names the site; undefined where none does. */
    readonly named: Argument | undefined;
}

/** Atlassian's hosts. `lists`: the one that lists the sites which a credential reaches. */
const hostsOf = (
    name: string,
    lists: "api" | "auth",
): Readonly<Record<"token" | "api" | "siteDomain" | "sites", string>> => ({
    token: `https://auth.${name}.com/oauth/token`,
    api: `https://api.${name}.com`,
    siteDomain: `${name}.net`,
    sites: `https://${lists}.${name}.com/oauth/token/accessible-resources`,
});

const environments = { commercial: hostsOf("atlassian", "api"), usGov: hostsOf("atlassian-us-gov-mod", "auth") };

/** The hosts of an environment. */
export const hosts = (environment: Environment = "commercial"): (typeof environments)[Environment] =>
    environments[environment];

/** Where users find a site's Cloud ID. */
export const placeOfCloudId =
    "In admin.atlassian.com it follows /s/ in a site's address; the organization id is another one.";

/** Where users find their service accounts. */
export const accountsPage = "Directory > Service accounts";

/** Where the credentials of a service account are. */
export const accountsConsole = {
    secret: `${accountsPage} > Create credentials`,
    called: "credential",
    client: accountsPage,
    fixesScopes: true,
    url: ({ environment }) => (environment === "usGov" ? undefined : "https://admin.atlassian.com"),
} as const satisfies Console;

/** Where the API tokens of a service account are. */
export const tokensConsole = {
    ...accountsConsole,
    secret: `${accountsPage} > Create credentials > API token`,
    called: "API token",
} as const satisfies Console;

/** The arguments that may name a site. */
export type SiteNames = Readonly<Partial<Record<"cloudId" | "subdomain" | "adminUrl" | "hostUrl", string | undefined>>>;

/** The arguments that decide the address of a product's REST API. */
interface GatewayNames extends SiteNames {
    readonly products?: readonly Product[] | undefined;
    readonly environment: Environment;
}

const cloudId = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const forms = [
    new RegExp(`^(${cloudId})$`),
    new RegExp(`^https://admin\\.atlassian(?:-us-gov-mod)?\\.com/(?:o/[^/?#]+/)?s/(${cloudId})(?:[/?#].*)?$`),
    new RegExp(`^https://api\\.atlassian(?:-us-gov-mod)?\\.com/ex/(?:jira|confluence)/(${cloudId})(?:[/?#].*)?$`),
];

/** The Cloud ID in a text, or undefined where none is in it: see {@link parseCloudId}. */
export function findCloudId(text: string): string | undefined {
    const lower = text.trim().toLowerCase();
    return forms.map((form) => form.exec(lower)?.[1]).find((id) => id !== undefined);
}

/**
 * The Cloud ID in a text: the id itself, an address of the administration (`https://admin.atlassian.com/s/<id>/…`) or a gateway URL
 * (`https://api.atlassian.com/ex/jira/<id>`).
 * @throws Error where none is in it.
 */
export function parseCloudId(text: string): string {
    const found = findCloudId(String(text));
    if (found === undefined) {
        throw new Error(
            coded(`There is no Cloud ID in this text. ${placeOfCloudId}`, "atlassian-function-no-cloud-id"),
        );
    }
    return found;
}

/**
 * Base URL of a product's REST API behind Atlassian's gateway, the only one that accepts the credentials of service
 * accounts.
 * @param cloudId The site's Cloud ID, or an address that holds it (see {@link parseCloudId}).
 * @param product `jira` or `confluence`.
 * @param environment Default `commercial`.
 * @returns Such as `https://api.atlassian.com/ex/jira/<cloudId>`.
 * @throws Error where there is no Cloud ID in the text, or the product is another.
 */
export function gatewayUrl(cloudId: string, product: Product, environment: Environment = "commercial"): string {
    if (product !== "jira" && product !== "confluence") {
        throw new Error(coded('product must be "jira" or "confluence".', "atlassian-function-product"));
    }
    return `${hosts(environment).api}/ex/${product}/${parseCloudId(cloudId)}`;
}

/** The Cloud ID in a program's arguments; undefined where it has to be looked up. */
export const cloudIdOf = ({ cloudId, adminUrl, hostUrl = "" }: SiteNames): string | undefined =>
    cloudId ?? adminUrl ?? findCloudId(hostUrl);

/** Base of a product's REST API at the site that arguments name; undefined where it is not known or not used. */
export function gatewayOf(product: Product, args: GatewayNames): string | undefined {
    const cloudId = cloudIdOf(args);
    return cloudId !== undefined && args.products?.includes(product) === true
        ? gatewayUrl(cloudId, product, args.environment)
        : undefined;
}

/** The domains of sites. */
export const siteDomains: readonly string[] = Object.values(environments).map(({ siteDomain }) => siteDomain);

/** True for a host that all of Atlassian's customers share, such as its gateway or its administration. */
export const isAtlassianHost = (hostname: string): boolean =>
    /(?:^|\.)atlassian(?:-us-gov-mod)?\.com$/.test(hostname) || hostname === "bitbucket.org";

// Parts of the addresses of pages and calls that Jira and Confluence have below their base URL.
const pages =
    /\/(?:(?:secure|pages)\/(?:.*\/)?[^/]+\.(?:jspa?|action)|[^/]+\.(?:jspa?|action)|rest\/.*|browse\/[A-Z][^/]*|projects\/[A-Z][A-Z0-9_]+(?:\/.*)?|display\/[A-Z~].*|plugins\/servlet\/.*)$/;

/** The base URL of a Data Center in the address of one of its pages or calls; any other address as it is. */
export const baseOfPage = (url: string): string => url.replace(pages, "");

const domains = siteDomains.map((domain) => domain.replaceAll(".", "\\."));
const siteAddress = new RegExp(
    `^(?:https?://)?([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\\.(${domains.join("|")})(?:[/?#].*)?$`,
    "i",
);

/** The parts of a site's address in a browser; undefined for any other text. */
export function partsOfSite(text: unknown): { readonly subdomain: string; readonly domain: string } | undefined {
    const [, subdomain, domain] = siteAddress.exec(typeof text === "string" ? text.trim() : "") ?? [];
    return subdomain === undefined || domain === undefined ? undefined : { subdomain, domain: domain.toLowerCase() };
}

/** The part before the domain in a site's address. */
export const subdomainOf = ({ url }: Pick<Site, "url">): string =>
    URL.canParse(url) ? (new URL(url).hostname.split(".")[0] ?? "") : "";
