import {
    choice,
    clientCredentials,
    defineConnection,
    integer,
    listOf,
    object,
    optional,
    secret,
    text,
} from "../../define";

/** A cloud of CrowdStrike's. An API client belongs to one. */
export type FalconCloud = "us-1" | "us-2" | "us-3" | "eu-1" | "us-gov-1" | "us-gov-2";

const hosts: Readonly<Record<FalconCloud, string>> = {
    "us-1": "https://api.crowdstrike.com",
    "us-2": "https://api.us-2.crowdstrike.com",
    "us-3": "https://api.us-3.crowdstrike.com",
    "eu-1": "https://api.eu-1.crowdstrike.com",
    "us-gov-1": "https://api.laggar.gcw.crowdstrike.com",
    "us-gov-2": "https://api.us-gov-2.crowdstrike.mil",
};
const isCloud = (name: unknown): name is FalconCloud => typeof name === "string" && Object.hasOwn(hosts, name);

const page = "Support and resources > API clients and keys";

/** The words of a wrong client, and of an address that is not allowed. Both have HTTP 403 and no code. */
const wrongClient = "access denied, invalid client_id or client_secret";
const notAllowed = "access denied, authorization failed";
const unknownCustomer = "The API client may not read its customer ID: it lacks the scope Sensor Download: Read.";

const idsAnswer = object({ resources: optional(listOf(optional(text()))) });

/** An API client of CrowdStrike Falcon (OAuth 2.0 client credentials). */
export const apiClient = defineConnection({
    type: "crowdstrike:ApiClient",
    title: "CrowdStrike",
    args: {
        /** Client ID of the API client, 32 hexadecimal digits, from Support and resources > API clients and keys. */
        clientId: text({
            label: "Client ID",
            namesAccount: true,
            pattern: /^[0-9a-f]{32}$/i,
            must: "must be 32 hexadecimal digits, as API clients and keys shows them.",
            parse: (value) => value.toLowerCase(),
        }),
        /** Client secret, shown once when the API client is created or its secret is reset on the same page. */
        clientSecret: secret({ label: "Client Secret" }),
        /**
         * The client's cloud, as the base URL on the same page shows it: `us-1` (api.crowdstrike.com), `us-2`, `us-3`, `eu-1`, `us-gov-1` or `us-gov-2`. A
         * government cloud must be named.
         * @default the commercial cloud that CrowdStrike names
         */
        cloud: optional(choice(["us-1", "us-2", "us-3", "eu-1", "us-gov-1", "us-gov-2"], { namesTenant: true })),
        /**
         * Customer ID (CID) of a child in Falcon Flight Control, without its checksum, for a client of the parent.
         * @default the client's own
         */
        memberCid: optional(
            text({
                namesTenant: true,
                pattern: /^[0-9a-f]{32}$/i,
                must: "must be 32 hexadecimal digits: a CID without its checksum.",
                parse: (value) => value.toLowerCase(),
            }),
        ),
    },
    outputs: ({ early }) => ({
        /** The cloud of the client, as CrowdStrike names it. */
        cloud: early(choice(["us-1", "us-2", "us-3", "eu-1", "us-gov-1", "us-gov-2"]), ({ cloud }) => cloud),
        /** Base of the API in that cloud. */
        apiUrl: early(text({ label: "Base URL" }), ({ cloud }) => cloud && hosts[cloud]),
        /** Where access tokens come from. */
        tokenUrl: early(text(), ({ cloud }) => cloud && `${hosts[cloud]}/oauth2/token`),
        /** Customer ID (CID) with its checksum. Not set without the scope Sensor Download: Read. */
        customerId: optional(text()),
        /** Lifetime of an access token in seconds. */
        tokenLifetimeSeconds: optional(integer()),
    }),
    checks: {
        credential: "The credential is accepted.",
        cloud: "The client belongs to the cloud.",
        customer: "CrowdStrike names the customer.",
    },
    tenant: "customerId",
    hub: "Nango",
    hubFields: { "Base URL": (_, { apiUrl }) => apiUrl && new URL(apiUrl).host },
    console: {
        secret: page,
        called: "client secret",
        verb: "Reset",
        scopes: page,
        url: ({ cloud }) => isCloud(cloud) && hosts[cloud].replace("//api.", "//falcon."),
    },
    // A new access token has the same scopes.
    isScopeRefusal: ({ status }) => status === 403,
    credential: ({ clientId, clientSecret, cloud = "us-1", memberCid }) =>
        clientCredentials({
            tokenUrls: [`${hosts[cloud]}/oauth2/token`],
            clientId,
            clientSecrets: [clientSecret],
            authentication: "body",
            hint: "Check cloud too: a cloud does not know the clients of another one.",
            parameters: memberCid === undefined ? undefined : { member_cid: memberCid },
            codes: {
                [wrongClient]: "client",
                [notAllowed]: {
                    meaning: "refused",
                    next: "The IP allowlist of the Falcon console may not have the address of this machine, or the client is not for this memberCid.",
                },
            },
        }),
    verify: async (vendor, { clientId, cloud: declared }) => {
        const token = await vendor.authenticate("credential");
        if (token === undefined) {
            return vendor.incomplete({});
        }
        const named = vendor.header("credential", "X-Cs-Region");
        const cloud = isCloud(named) ? named : (declared ?? "us-1");
        if (declared !== undefined && cloud !== declared) {
            const message = `CrowdStrike says that the API client belongs to the cloud ${cloud}. Set cloud to it.`;
            vendor.fail("cloud", {
                kind: "organizationMissing",
                code: "crowdstrike-other-cloud",
                argument: "cloud",
                message,
            });
            return vendor.incomplete({});
        }
        vendor.record("cloud", "passed", "The client belongs to the cloud.");
        const apiUrl = hosts[cloud];
        const ids = await vendor.request("customer", `${apiUrl}/sensors/queries/installers/ccid/v1`, idsAnswer, {
            classify: ({ status }) => (status === 403 ? { unknown: unknownCustomer } : undefined),
        });
        const tokenUrl = `${apiUrl}/oauth2/token`;
        const customerId = ids?.resources?.[0];
        if (ids !== undefined && customerId === undefined) {
            vendor.unknown("customer", "CrowdStrike accepts the API client and does not name its customer.");
        }
        return vendor.found({
            outputs: { cloud, apiUrl, tokenUrl, customerId, tokenLifetimeSeconds: token.lifetimeSeconds },
            account: { id: clientId, name: clientId },
        });
    },
});
