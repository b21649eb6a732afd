import {
    apiKey,
    clientCredentials,
    defineConnection,
    isKeyOf,
    keyOf,
    object,
    optional,
    secret,
    text,
    unknownAt,
    withDefault,
    type SecretValue,
} from "../../define";

const hosts = {
    "us-01": "https://api.snyk.io",
    "us-02": "https://api.us.snyk.io",
    "eu-01": "https://api.eu.snyk.io",
    "au-01": "https://api.au.snyk.io",
} as const;

/** A region of Snyk's, as in SNYK-US-01. No other knows its accounts. */
export type SnykRegion = keyof typeof hosts;

const page = "Settings > Service accounts";
// The version of the REST API whose answers are read.
const version = "version=2024-10-15";

const selfAnswer = object({
    data: object({
        id: text(),
        type: optional(text()),
        attributes: optional(object({ name: optional(text()), default_org_context: optional(text()) })),
    }),
});
const attributes = object({ auth_type: optional(text()), access_token_expires_at: optional(text()) });
const accountAnswer = object({ data: optional(object({ attributes: optional(attributes) })) });

const unknownEnd = "The service account may not read itself, so the end of its token is not known.";
const regionHint = "Check region too: a region does not know the accounts of another one.";

/** A service account of Snyk's, by its token or by OAuth 2.0 client credentials. */
export const serviceAccount = defineConnection({
    type: "snyk:ServiceAccount",
    title: "Snyk",
    args: {
        /**
         * The account's access token or API key, shown once by Settings > Service accounts > Create a service account, of
         * a group or an organisation. Not together with `clientSecret`.
         * @default none
         */
        token: optional(secret()),
        /**
         * Client ID of an account with OAuth 2.0 client credentials, from the same page.
         * @default none
         */
        clientId: optional(text({ namesAccount: true })),
        /**
         * Client secret that goes with it, shown once.
         * @default none
         */
        clientSecret: optional(secret()),
        /**
         * The region: `us-01` (SNYK-US-01, app.snyk.io), `us-02` (app.us.snyk.io), `eu-01` or `au-01`.
         * @default us-01
         */
        region: withDefault(keyOf(hosts, { namesTenant: true }), "us-01"),
    },
    outputs: ({ derived }) => ({
        /** Base of the REST API in the region. */
        apiUrl: derived(text(), ({ region }) => `${hosts[region]}/rest`),
        /** The organisation in which the account works by default. Not set where Snyk names none. */
        defaultOrganizationId: optional(text()),
    }),
    checks: {
        credential: "The credential is accepted.",
        account: "Snyk knows the account.",
        serviceAccount: "Snyk shows the service account.",
    },
    tenant: "apiUrl",
    console: {
        secret: page,
        called: "service account",
        url: ({ region = "us-01" }) => isKeyOf(hosts, region) && hosts[region].replace("//api.", "//app."),
    },
    oneOf: { of: ["token", "clientSecret"], names: "the credential", needed: true },
    together: [["clientId", "clientSecret"]],
    credential: ({ token, clientId, clientSecret, region }) =>
        clientId !== undefined && clientSecret !== undefined
            ? clientCredentials({
                  tokenUrls: [`${hosts[region]}/oauth2/token`],
                  clientId,
                  clientSecrets: [clientSecret],
                  authentication: "body",
                  hint: regionHint,
              })
            : // One of the two is there: see oneOf.
              apiKey(token as SecretValue, { header: "authorization", prefix: "token" }, { hint: regionHint }),
    verify: async (vendor, { region, clientId }) => {
        if (clientId !== undefined && (await vendor.authenticate("credential")) === undefined) {
            return vendor.incomplete({});
        }
        const rest = `${hosts[region]}/rest`;
        const self = await vendor.request("account", `${rest}/self?${version}`, selfAnswer);
        if (self === undefined) {
            return vendor.incomplete({});
        }
        vendor.record("credential", "passed", "The credential is accepted.");
        const { id, type, attributes: { name = id, default_org_context: organizationId } = {} } = self.data;
        if (type === "user") {
            vendor.warn("The token belongs to a person. Use one of a service account, which does not leave.");
        }
        const isShown = type === "service_account" && organizationId !== undefined && clientId === undefined;
        const url = `${rest}/orgs/${organizationId ?? ""}/service_accounts/${id}?${version}`;
        const shown = isShown
            ? await vendor.request("serviceAccount", url, accountAnswer, unknownAt(unknownEnd, 403, 404))
            : undefined;
        const { auth_type: kind, access_token_expires_at: end } = shown?.data?.attributes ?? {};
        return vendor.found({
            outputs: { defaultOrganizationId: organizationId },
            account: { id, name },
            secretEnds: { at: kind === "api_key" ? "never" : end },
        });
    },
});
