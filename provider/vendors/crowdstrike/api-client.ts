import {
    clientCredentials,
    defineConnection,
    hexadecimal,
    integer,
    isKeyOf,
    keyOf,
    listOf,
    object,
    optional,
    secret,
    text,
    unknownAt,
} from "../../define";
import { hosts } from "./clouds";

export type { FalconCloud } from "./clouds";

const page = "Support and resources > API clients and keys";

const unknownCustomer = "The API client may not read its customer ID: it lacks the scope Sensor Download: Read.";

const withoutChecksum = "must be 32 hexadecimal digits: a CID without its checksum.";

const idsAnswer = object({ resources: optional(listOf(optional(text()))) });

/** An API client of CrowdStrike Falcon (OAuth 2.0 client credentials). */
export const apiClient = defineConnection({
    type: "crowdstrike:ApiClient",
    title: "CrowdStrike",
    args: {
        /** Client ID of the API client, 32 hexadecimal digits, from Support and resources > API clients and keys. */
        clientId: hexadecimal(32, {
            label: "Client ID",
            namesAccount: true,
            must: "must be 32 hexadecimal digits, as API clients and keys shows them.",
        }),
        /** Client secret, shown once when the API client is created or its secret is reset on the same page. */
        clientSecret: secret({ label: "Client Secret" }),
        /**
         * The client's cloud, as the base URL on the same page shows it: `us-1` (api.crowdstrike.com), `us-2`, `us-3`, `eu-1`, `us-gov-1` or `us-gov-2`. A
         * government cloud must be named.
         * @default the commercial cloud that CrowdStrike names
         */
        cloud: optional(keyOf(hosts, { namesTenant: true })),
        /**
         * Customer ID (CID) of a child in Falcon Flight Control, without its checksum, for a client of the parent.
         * @default the client's own
         */
        memberCid: optional(hexadecimal(32, { namesTenant: true, must: withoutChecksum })),
    },
    outputs: ({ early }) => ({
        /** The cloud of the client, as CrowdStrike names it. */
        cloud: early(keyOf(hosts), ({ cloud }) => cloud),
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
        url: ({ cloud }) => isKeyOf(hosts, cloud) && hosts[cloud].replace("//api.", "//falcon."),
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
                // Both have HTTP 403, and no code but their words.
                "access denied, invalid client_id or client_secret": "client",
                "access denied, authorization failed": {
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
        const cloud = isKeyOf(hosts, named) ? named : (declared ?? "us-1");
        if (declared !== undefined && cloud !== declared) {
            const message = `CrowdStrike says that the API client belongs to the cloud ${cloud}. Set cloud to it.`;
            const code = "crowdstrike-other-cloud";
            vendor.fail("cloud", { kind: "organizationMissing", code, argument: "cloud", message });
            return vendor.incomplete({});
        }
        vendor.record("cloud", "passed", "The client belongs to the cloud.");
        const url = `${hosts[cloud]}/sensors/queries/installers/ccid/v1`;
        const ids = await vendor.request("customer", url, idsAnswer, unknownAt(unknownCustomer, 403));
        const customerId = ids?.resources?.[0];
        if (ids !== undefined && customerId === undefined) {
            vendor.unknown("customer", "CrowdStrike accepts the API client and does not name its customer.");
        }
        return vendor.found({
            outputs: { cloud, customerId, tokenLifetimeSeconds: token.lifetimeSeconds },
            account: { id: clientId, name: clientId },
        });
    },
});
