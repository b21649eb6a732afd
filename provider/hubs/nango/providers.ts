// The connections that Nango accepts, and their form.
import type { Values } from "../../define";
import type { TakenConnection } from "../contracts";

/** A type of connection at Nango. */
interface Provider {
    /** Its name in Nango's catalogue. */
    readonly name: string;
    /** The reason why one of that type cannot be handed over after all. */
    readonly refuses?: (values: Values) => string | undefined;
    /** The part of the credential for Nango; undefined where a secret is missing. */
    readonly credential: (connection: TakenConnection) => Values | undefined;
    /** The connection's `connection_config`; undefined while it is not known. */
    readonly config: (connection: TakenConnection) => Values | undefined;
}

const clientCredentials = ({ values, secret }: TakenConnection): Values | undefined => {
    const clientSecret = secret("clientSecret");
    return clientSecret === undefined
        ? undefined
        : { type: "OAUTH2_CC", client_id: values["clientId"], client_secret: clientSecret };
};

/** A key or a token, of which Nango wants the value alone. */
const apiKey =
    (argument: string) =>
    ({ secret }: TakenConnection): Values | undefined => {
        const value = secret(argument);
        return value === undefined ? undefined : { type: "API_KEY", apiKey: value };
    };

/** The part before the domain in the address of a site. */
const subdomainOf = (siteUrl: unknown): string | undefined =>
    typeof siteUrl === "string" && URL.canParse(siteUrl) ? new URL(siteUrl).hostname.split(".")[0] : undefined;

const commercialOnly = ({ environment }: Values): string | undefined =>
    environment === "usGov"
        ? "is of Atlassian Government Cloud: that Nango's provider calls its hosts is not confirmed, so it is not handed over."
        : undefined;

/** The name of a Jamf Cloud instance: `acme` for `https://acme.jamfcloud.com`. */
const jamfInstance = (url: unknown): string | undefined =>
    typeof url === "string" ? /^https:\/\/([a-z0-9-]+)\.jamfcloud\.com$/i.exec(url)?.[1]?.toLowerCase() : undefined;

const providers: Readonly<Record<string, Provider>> = {
    "atlassian:ServiceAccountOAuth": {
        name: "atlassian-service-account-oauth2",
        refuses: commercialOnly,
        credential: clientCredentials,
        // Without both, Nango's own script uses the first site that it finds.
        config: ({ outputs: { cloudId, siteUrl } }) => {
            const subdomain = subdomainOf(siteUrl);
            return typeof cloudId === "string" && subdomain !== undefined ? { cloudId, subdomain } : undefined;
        },
    },
    "atlassian:ServiceAccountToken": {
        name: "atlassian-service-account-api-token",
        refuses: commercialOnly,
        credential: ({ values, secret }) => {
            const password = secret("apiToken");
            return password === undefined ? undefined : { type: "BASIC", username: values["email"], password };
        },
        config: ({ outputs: { cloudId } }) => (typeof cloudId === "string" ? { cloudId } : undefined),
    },
    "microsoft:EntraApplication": {
        name: "microsoft-oauth2-cc",
        refuses: ({ cloud, certificate }) =>
            cloud !== undefined && cloud !== "global"
                ? "is of a national cloud of Microsoft's: Nango's provider microsoft-oauth2-cc contacts the global one alone, so it cannot be handed over."
                : certificate !== undefined
                  ? "has a certificate: Nango imports no private key, so it cannot be handed over. Give it a client secret."
                  : undefined,
        credential: clientCredentials,
        // Nango gets new tokens with the scopes that it finds there.
        config: ({ outputs: { tenantId, scope } }) =>
            typeof tenantId === "string" ? { tenantId, oauth_scopes: scope } : undefined,
    },
    "okta:ApiToken": {
        name: "okta-api-key",
        credential: apiKey("apiToken"),
        config: ({ values: { orgUrl } }) =>
            typeof orgUrl === "string" && URL.canParse(orgUrl) ? { hostname: new URL(orgUrl).host } : undefined,
    },
    "crowdstrike:ApiClient": {
        name: "crowdstrike",
        refuses: ({ memberCid }) =>
            memberCid === undefined
                ? undefined
                : "names a memberCid: Nango's provider crowdstrike sends none, so it cannot be handed over. Make an API client of the child itself.",
        credential: clientCredentials,
        config: ({ outputs: { apiUrl } }) =>
            typeof apiUrl === "string" ? { baseUrl: new URL(apiUrl).host } : undefined,
    },
    "github:PersonalAccessToken": {
        name: "github-pat",
        refuses: ({ url }) =>
            typeof url !== "string" || url === "https://github.com"
                ? undefined
                : `is at ${url}: Nango's provider github-pat contacts github.com alone, so it cannot be handed over.`,
        credential: apiKey("token"),
        config: () => ({}),
    },
    "gitlab:AccessToken": {
        name: "gitlab-pat",
        refuses: ({ url }) =>
            typeof url !== "string" || new URL(url).pathname === "/"
                ? undefined
                : `is at ${url}: Nango's provider gitlab-pat accepts the name of a host alone, so a GitLab below a path cannot be handed over.`,
        credential: apiKey("token"),
        config: ({ values: { url } }) => (typeof url === "string" ? { hostname: new URL(url).host } : undefined),
    },
    "cloudflare:ApiToken": {
        name: "cloudflare",
        credential: apiKey("token"),
        config: () => ({}),
    },
    "kandji:ApiToken": {
        name: "kandji",
        credential: apiKey("token"),
        // Nango adds .kandji.io to it, and its guide shows acme.api.
        config: ({ outputs: { apiUrl } }) =>
            typeof apiUrl === "string" ? { subdomain: new URL(apiUrl).host.replace(/\.kandji\.io$/, "") } : undefined,
    },
    "jamf:ApiClient": {
        name: "jamf",
        refuses: ({ url }) =>
            typeof url !== "string" || jamfInstance(url) !== undefined
                ? undefined
                : `is the Jamf Pro server ${url}: Nango's provider jamf accepts servers at https://NAME.jamfcloud.com alone, so a self-hosted one cannot be handed over.`,
        credential: clientCredentials,
        config: ({ values: { url } }) => {
            const instance = jamfInstance(url);
            return instance === undefined ? undefined : { instance };
        },
    },
};

const reasons: Readonly<Record<string, string>> = {
    "github:AppInstallation":
        "is an installation of a GitHub App: Nango imports no private key, so it cannot be handed over. Use a personal access token.",
    "jumpcloud:ServiceAccount":
        "is a JumpCloud service account: Nango's provider jumpcloud accepts an administrator's API key of the US region alone, so it cannot be handed over.",
    "okta:ServiceApp":
        "is a service app of Okta: Nango imports no private key, so it cannot be handed over. Use an API token.",
    "slack:BotToken":
        "is a bot token of Slack: Nango's provider slack accepts a person's authorization (OAuth 2.0) alone, so it cannot be handed over.",
    "datadog:Keys":
        "has an application key, which Nango's provider datadog keeps in connection_config and shows to everyone who reads a connection, so it is not handed over.",
    "atlassian:JiraConnector":
        "is a Jira connector of OX: Nango's provider sends an API token together with its account's e-mail address. Declare the account as atlassian.ServiceAccountToken.",
};

/** Nango's form of a type of connection. */
export const providerOf = (type: string): Provider | undefined =>
    Object.hasOwn(providers, type) ? providers[type] : undefined;

/** Nango's names of the providers that connections can be handed to. */
export const providerNames: readonly string[] = Object.values(providers).map(({ name }) => name);

/** Names in a sentence: `a, b and c`. */
export const listed = (names: readonly string[]): string =>
    `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;

/** The reason why a connection cannot be handed to Nango, as a sentence; undefined where it can. */
export function refuses({
    type,
    label,
    values,
}: Pick<TakenConnection, "type" | "label" | "values">): string | undefined {
    const provider = providerOf(type);
    if (provider !== undefined) {
        return provider.refuses?.(values);
    }
    const known = listed(Object.keys(providers).map((name) => name.replace(":", ".")));
    return reasons[type] ?? `is of the class ${label}, which cannot be handed to Nango. It accepts ${known}.`;
}
