import {
    baseUrl,
    choice,
    clientCredentials,
    defineConnection,
    integer,
    invalid,
    isPage,
    listOf,
    object,
    optional,
    secret,
    text,
    withDefault,
} from "../../define";
import type { RequestOptions } from "../../define";
import { isCloudSite } from "./accounts";
import { baseOfPage, isAtlassianHost, siteDomains } from "./hosts";

/** A product that runs on your own servers. */
export type DataCenterProduct = "jira" | "confluence";

/** The access of a service account's token. `WRITE` includes `READ`. */
export type DataCenterScope = "READ" | "WRITE";

const products = {
    jira: { name: "Jira", api: "/rest/api/2", proof: "/rest/api/2/serverInfo" },
    confluence: { name: "Confluence", api: "/rest/api", proof: "/rest/api/space?limit=1" },
} as const;

const page = "the product's administration > Service accounts";

const tokenUrlOf = (url: string): string => `${url}/rest/oauth2/latest/token`;

const serverInfoAnswer = object({ version: optional(text()), serverTitle: optional(text()) });
const spacesAnswer = object({ results: listOf(optional(object({ key: optional(text()) }))) });

/** A service account of a Jira or Confluence Data Center (OAuth 2.0 client credentials). */
export const dataCenterServiceAccount = defineConnection({
    type: "atlassian:DataCenterServiceAccount",
    title: "the Data Center server",
    privateHosts: true,
    args: {
        /**
         * The server's base URL as people open it in a browser, with its context path where it has one: `https://jira.example.com`,
         * `https://intranet.example.com/confluence`.
         */
        url: baseUrl({
            like: "https://jira.example.com or https://intranet.example.com/confluence",
            namesTenant: true,
            parse: (value) =>
                siteDomains.some((domain) => new URL(value).hostname.endsWith(`.${domain}`))
                    ? invalid(
                          "is a site in Atlassian's cloud. Its service accounts are for atlassian.ServiceAccountOAuth.",
                      )
                    : isAtlassianHost(new URL(value).hostname)
                      ? invalid("is a host of Atlassian's own. Name your own server, like https://jira.example.com.")
                      : baseOfPage(value),
        }),
        /** The product on the server: `jira` or `confluence`. Each server has service accounts of its own. */
        product: choice(["jira", "confluence"]),
        /** Client ID of the service account, shown in the product's administration, under service accounts. */
        clientId: text({ namesAccount: true }),
        /** Client secret of the service account, shown when it is created or renewed, in the same place. Where it was given an end, copy that day into `expiresAt`. */
        clientSecret: secret(),
        /**
         * The scope to request for the access token: `READ`, or `WRITE`, which includes it. The service account must
         * have this scope.
         * @default READ
         */
        scope: withDefault(choice(["READ", "WRITE"]), "READ"),
    },
    outputs: ({ derived }) => ({
        /** The server, without a trailing slash: `https://jira.example.com`. */
        url: derived(text(), ({ url }) => url),
        /** Base of the REST API that service accounts may use: `https://jira.example.com/rest/api/2`, or `…/rest/api` of Confluence. */
        apiUrl: derived(text(), ({ url, product }) => `${url}${products[product].api}`),
        /** The token endpoint: `https://jira.example.com/rest/oauth2/latest/token`. */
        tokenUrl: derived(text(), ({ url }) => tokenUrlOf(url)),
        /** Version of Jira, such as `11.3.0`. Not set for Confluence, and where Jira does not return it. */
        version: optional(text()),
        /**
         * The name that Jira shows at its top, such as `Acme Jira`. Not set for Confluence, and where Jira does not
         * return it.
         */
        serverTitle: optional(text()),
        /** Lifetime of an access token in seconds, as the server returns it: usually 3600. */
        tokenLifetimeSeconds: optional(integer()),
    }),
    checks: {
        credential: "The credential is accepted.",
        scope: "The access token has the requested scope.",
        api: "The product's REST API accepts the access token.",
    },
    tenant: "url",
    console: { secret: page, url: ({ url }) => url },
    credential: ({ url, product, clientId, clientSecret, scope }) => {
        const { name } = products[product];
        return clientCredentials({
            issuer: name,
            tokenUrls: [tokenUrlOf(url)],
            clientId,
            clientSecrets: [clientSecret],
            authentication: "body",
            scope,
            absent: `Check the address, and that ${name} there is new enough to have service accounts with OAuth 2.0.`,
        });
    },
    verify: async (vendor, { url, product, clientId, scope }) => {
        const token = await vendor.authenticate("credential");
        // Where the answer names no scope, the core assumes the requested one (RFC 6749).
        if (token?.scopes?.some((reported) => reported === scope || reported === "WRITE") === false) {
            const message = `${products[product].name} gave a token for ${token.scopes.join(" ")} and not for ${scope}. Give the service account the scope ${scope} under ${page}, or request another one with scope.`;
            vendor.fail("scope", { kind: "scopeMissing", code: "atlassian-server-scope", argument: "scope", message });
        } else if (token !== undefined) {
            vendor.record("scope", "passed", "The access token has the requested scope.");
        }
        const proof = url + products[product].proof;
        const options = optionsOf(url, product);
        const server = product === "jira" ? await vendor.request("api", proof, serverInfoAnswer, options) : undefined;
        if (server !== undefined && server.version === undefined && server.serverTitle === undefined) {
            const message = `${new URL(url).host} answered with unexpected JSON. Check that it is the address of Jira.`;
            vendor.fail("api", { kind: "badAnswer", code: "atlassian-other-shape", argument: "url", message });
        }
        if (product === "confluence") {
            await vendor.request("api", proof, spacesAnswer, options);
        }
        return vendor.found({
            outputs: {
                version: server?.version,
                serverTitle: server?.serverTitle,
                tokenLifetimeSeconds: token?.lifetimeSeconds,
            },
            // No call returns the service account's identity.
            account: token && { id: clientId, name: clientId },
            scopes: token && { granted: token.scopes },
        });
    },
});

/** The options of the call that proves the API. */
function optionsOf(url: string, product: DataCenterProduct): RequestOptions<"product" | "url"> {
    const { name, proof } = products[product];
    const step = "Check product, and that url is the base URL with its context path.";
    const absent = {
        kind: "siteMissing",
        code: "atlassian-server-no-api",
        argument: "product",
        message: `there is no REST API of ${name} at ${url} (HTTP 404). ${step}`,
    } as const;
    // Which calls are open to a service account is not documented for each, so a closed one is nothing against it.
    const closed = {
        unknown: `${name} gave the service account a token, and does not let it call ${proof.split("?")[0] ?? ""}, so whether its REST API accepts the token is not known.`,
        warns: true,
    };
    return {
        argument: "url",
        statuses: { 401: closed, 403: closed, 404: absent },
        classify: (answer, body) => {
            const { status } = answer;
            if (isCloudSite(answer)) {
                const message = `this is a site in Atlassian's cloud behind a domain of its own (HTTP ${status}). Its service accounts are for atlassian.ServiceAccountOAuth.`;
                return { kind: "siteMissing", code: "atlassian-server-cloud", argument: "url", message };
            }
            // A proxy's page is a page too, so it proves nothing of the product.
            const message = `${url} answered with a page of HTML where the REST API of ${name} would be (HTTP 404). ${step}`;
            return status === 404 && isPage(answer, body)
                ? { kind: "badAnswer", code: "atlassian-server-page", argument: "product", message }
                : undefined;
        },
    };
}
