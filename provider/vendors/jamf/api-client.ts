import {
    baseUrl,
    clientCredentials,
    defineConnection,
    integer,
    invalid,
    list,
    listOf,
    mapOf,
    object,
    optional,
    secret,
    text,
    uuid,
    version,
    withDefault,
} from "../../define";
import type { FoundScopes, ValueOf } from "../../define";

const page = "Settings > System > API Roles and Clients";
const floor = "10.49.0";

const privileges = optional(listOf(optional(text())));
const authAnswer = object({
    account: optional(
        object({
            id: optional(text()),
            username: optional(text()),
            realName: optional(text()),
            email: optional(text()),
            privilegesBySite: optional(mapOf(privileges)),
        }),
    ),
    accountGroups: optional(listOf(optional(object({ privileges })))),
});

/** The server in the address of one of its pages or calls, which are all below its base. */
function baseOfPage(url: string): string {
    const { hostname, origin } = new URL(url);
    return hostname.endsWith(".jamfcloud.com")
        ? origin
        : url.replace(/\/(?:(?:JSSResource|u?api|view|legacy)(?:\/.*)?|[^/]+\.html)$/i, "");
}

/** A Jamf Pro API client (OAuth 2.0 client credentials), as StackOne's hub needs it. */
export const apiClient = defineConnection({
    type: "jamf:ApiClient",
    title: "Jamf Pro",
    privateHosts: true,
    // Jamf's own advice: no more than five connections at once.
    callsAtOnce: 5,
    args: {
        /** The Jamf Pro server: `https://acme.jamfcloud.com`, or `https://jamf.example.com:8443` where you host it yourselves. The path of a page or of an API is dropped. */
        url: baseUrl({
            label: "Jamf Pro URL",
            like: "https://acme.jamfcloud.com or https://jamf.example.com:8443",
            namesTenant: true,
            vendorHosts: [".jamfcloud.com"],
            parse: (value) =>
                /\.(api\.jamfcloud|apigw\.jamf)\.com$/.test(new URL(value).hostname)
                    ? invalid(
                          "is the Jamf Platform gateway, which has credentials of its own. Name the Jamf Pro server, like https://acme.jamfcloud.com.",
                      )
                    : baseOfPage(value),
        }),
        /** Client ID of the API client, a UUID, from Settings > System > API Roles and Clients > API Clients. */
        clientId: uuid({ label: "Client ID", namesAccount: true }),
        /** Client secret of the API client, shown once by Generate Client Secret on the same page. */
        clientSecret: secret({ label: "Client Secret" }),
        /**
         * Privileges that the API client must have, in Jamf's own words, such as `Read Computers`.
         * @default none
         */
        requiredPrivileges: optional(list({ must: "must be a list of privileges, such as Read Computers." })),
        /**
         * Privileges besides the required ones that the API client is meant to have, so that no warning names them; `*` for any.
         * @default none
         */
        allowedPrivileges: optional(list({ must: "must be a list of privileges, such as Read Computers, or *." })),
        /**
         * The oldest Jamf Pro to accept, such as `11.5.0`. The least that has API clients is 10.49.0.
         * @default 10.49.0
         */
        minimumVersion: withDefault(version({ floor, why: "an older Jamf Pro has no API clients" }), floor),
    },
    outputs: ({ derived }) => ({
        /** The server, without a trailing slash. */
        url: derived(text(), ({ url }) => url),
        /** Base of the Jamf Pro API. */
        apiUrl: derived(text(), ({ url }) => `${url}/api`),
        /** Base of the Classic API. */
        classicApiUrl: derived(text(), ({ url }) => `${url}/JSSResource`),
        /** The token endpoint that answered. */
        tokenUrl: text(),
        /** Version of Jamf Pro. */
        version: text(),
        /** Lifetime of an access token in seconds, as set for the API client. */
        tokenLifetimeSeconds: optional(integer()),
    }),
    tenant: "url",
    hub: "StackOne",
    console: { secret: page, verb: "Generate", client: `${page} > API Clients`, scopes: page, url: ({ url }) => url },
    scopes: {
        check: "privileges",
        required: "requiredPrivileges",
        allowed: "allowedPrivileges",
        word: "privilege",
        holder: "the API client",
    },
    credential: ({ url, clientId, clientSecret }) =>
        clientCredentials({
            issuer: "Jamf",
            tokenUrls: [`${url}/api/v1/oauth/token`, `${url}/api/oauth/token`],
            clientId,
            clientSecrets: [clientSecret],
            authentication: "body",
            absent: `Check the address, and that Jamf Pro there is ${floor} or later: an older one has no API clients.`,
        }),
    // A node that lags behind the one that issued the token.
    isTokenUnknown: ({ text }) => /"code"\s*:\s*"INVALID_TOKEN"/.test(text),
    token: ({ url, lifetimeSeconds }, _, report) =>
        report.found({ outputs: { tokenUrl: url, tokenLifetimeSeconds: wholeLifetime(lifetimeSeconds) } }),
    steps: (call) => ({
        version: call(
            "Jamf Pro is new enough.",
            ({ url }) => `${url}/api/v1/jamf-pro-version`,
            object({ version: text({ pattern: /^\d+\.\d+/ }) }),
            ({ version }, _, report) =>
                report.atLeast(
                    version,
                    { least: "minimumVersion", server: "url", code: "jamf-too-old" },
                    { outputs: { version } },
                ),
        ),
        account: call(
            "Jamf Pro knows the account.",
            ({ url }) => `${url}/api/v1/auth`,
            authAnswer,
            (auth, { url, clientId }, report) => {
                const known = `${url}/api/v1/api-role-privileges`;
                const scopes = {
                    ...privilegesOf(auth),
                    known: async () => (await report.aside(known, object({ privileges: list() })))?.privileges ?? [],
                };
                const { account } = auth;
                if (account === undefined) {
                    const unknown =
                        "Jamf Pro accepts the access token and does not report which account it belongs to.";
                    return report.unknown(unknown, { scopes });
                }
                const { id = clientId, username, realName, email } = account;
                const name = username ?? realName ?? clientId;
                return report.found({ account: { id, name, email: email || undefined }, scopes });
            },
        ),
    }),
});

// Jamf reports a lifetime one second short: 599 for 600.
const wholeLifetime = (seconds: number | undefined): number | undefined =>
    seconds !== undefined && seconds % 10 === 9 ? seconds + 1 : seconds;

/** The privileges that Jamf Pro lists for the client. A missing list differs from an empty one. */
function privilegesOf({ account, accountGroups = [] }: ValueOf<typeof authAnswer>): FoundScopes {
    const bySite = Object.values(account?.privilegesBySite ?? {});
    const lists = [...bySite, ...accountGroups.map((group) => group?.privileges)];
    const granted = [...new Set(lists.flatMap((reported) => reported ?? []))].filter((name) => name !== undefined);
    const isNothing = granted.length === 0 && bySite.every((reported) => reported === undefined);
    return isNothing
        ? { granted: undefined }
        : { granted, isComplete: lists.every((reported) => reported?.includes(undefined) === false) };
}
