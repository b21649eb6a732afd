// CrowdStrike Falcon's clouds: API clients, their access tokens, and the customer's ID.
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import {
    AccessTokens,
    alphanumeric,
    createListener,
    html,
    json,
    randomHex,
    randomText,
    randomUUID,
    sameSecret,
    signJwt,
    tokenParameters,
} from "../server";

/** The clouds that are simulated, by their hosts. */
export const falconClouds = {
    "us-1": "https://api.crowdstrike.com",
    "us-2": "https://api.us-2.crowdstrike.com",
    "eu-1": "https://api.eu-1.crowdstrike.com",
    "us-gov-1": "https://api.laggar.gcw.crowdstrike.com",
} as const;

type Cloud = keyof typeof falconClouds;

/** An API client. */
export class FalconClient {
    clientId = randomHex(32);
    secret = randomText(40, alphanumeric);
    /** Every secret that it ever had. */
    readonly issued = [this.secret];
    isRevoked = false;
    /** The cloud that answers name, in place of its own. */
    shownCloud: Cloud | undefined;
    /** True where the IP allowlist has the caller's address. */
    isAllowed = true;
    readonly scopes = new Set<string>(["sensor-installers:read"]);
    /** The children in Flight Control that it may work for, by their customer IDs. */
    readonly members = new Set<string>();

    constructor(
        public cloud: Cloud,
        /** Customer ID without its checksum. */
        public customerId: string,
    ) {}

    /** Resets the secret. */
    reset(secret = randomText(40, alphanumeric)): string {
        this.issued.push(secret);
        this.isRevoked = false;
        this.secret = secret;
        return secret;
    }
}

interface Grant {
    readonly client: FalconClient;
    readonly customerId: string;
}

/** All clouds. */
export class CrowdStrike {
    readonly listeners: Readonly<Record<string, VendorListener>>;
    readonly tokens: AccessTokens<Grant>;
    readonly clients: FalconClient[] = [];

    constructor(private readonly context: VendorContext) {
        this.tokens = new AccessTokens(context.clock);
        this.listeners = Object.fromEntries(
            Object.entries(falconClouds).map(([cloud, host]) => [
                cloud,
                createListener(context, host, (request) => this.serve(cloud as Cloud, request)),
            ]),
        );
    }

    addClient(cloud: Cloud, customerId = randomHex(32)): FalconClient {
        const client = new FalconClient(cloud, customerId);
        this.clients.push(client);
        return client;
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return [...this.clients.flatMap(({ issued }) => issued), ...this.tokens.issued];
    }

    private serve(cloud: Cloud, request: VendorRequest): Answer {
        const { method, path } = request;
        if (path === "/oauth2/token") {
            return method === "POST" ? this.token(cloud, request) : this.refused(cloud, 405, "Method Not Allowed");
        }
        const grant = this.tokens.find(request.bearer);
        if (grant === undefined) {
            return this.refused(cloud, 401, "access denied, invalid bearer token");
        }
        if (method === "GET" && path === "/sensors/queries/installers/ccid/v1") {
            const { client, customerId } = grant;
            return client.scopes.has("sensor-installers:read")
                ? json(
                      200,
                      {
                          meta: { query_time: 1e-7, trace_id: randomUUID() },
                          resources: [`${customerId.toUpperCase()}-${checksumOf(customerId)}`],
                          errors: [],
                      },
                      this.headers(client.cloud),
                  )
                : this.refused(cloud, 403, "access denied, authorization failed");
        }
        return html(404, "404 page not found");
    }

    private headers(cloud: Cloud): Record<string, string> {
        const traceId = randomUUID();
        return {
            "x-cs-region": cloud,
            "x-cs-traceid": traceId,
            "x-ratelimit-limit": "300",
            "x-ratelimit-remaining": "299",
        };
    }

    private refused(cloud: Cloud, status: number, message: string): Answer {
        const meta = { query_time: 1e-7, powered_by: "crowdstrike-api-gateway", trace_id: randomUUID() };
        return json(status, { meta, errors: [{ code: status, message }] }, this.headers(cloud));
    }

    private token(cloud: Cloud, request: VendorRequest): Answer {
        const sent = tokenParameters(request);
        if ("problem" in sent) {
            return this.refused(cloud, 400, sent.problem);
        }
        const { parameters } = sent;
        const [id, secret] = [parameters.get("client_id") ?? "", parameters.get("client_secret") ?? ""];
        if (id === "" || secret === "") {
            return this.refused(cloud, 400, `Failed to generate access token for clientID=${id}.`);
        }
        const known = this.clients.filter(({ clientId }) => clientId === id);
        const isCommercial = (one: Cloud): boolean => !one.startsWith("us-gov");
        const client =
            known.find((one) => one.cloud === cloud) ??
            (cloud === "us-1" ? known.find((one) => isCommercial(one.cloud)) : undefined);
        if (client === undefined || client.isRevoked || !sameSecret(client.secret, secret)) {
            return this.refused(cloud, 403, "access denied, invalid client_id or client_secret");
        }
        const member = parameters.get("member_cid");
        if (!client.isAllowed || (member !== undefined && !client.members.has(member))) {
            return this.refused(cloud, 403, "access denied, authorization failed");
        }
        const token = signJwt({
            aud: [],
            exp: Math.floor(this.context.clock.now() / 1000) + 1799,
            sub: id,
            jti: randomUUID(),
        });
        this.tokens.issue(token, { client, customerId: member ?? client.customerId }, 1799);
        const body = { access_token: token, expires_in: 1799, token_type: "bearer" };
        return json(201, body, this.headers(client.shownCloud ?? client.cloud));
    }
}

const checksumOf = (customerId: string): string => customerId.slice(0, 2).toUpperCase();

/** What the seeded company has at CrowdStrike. */
export interface CrowdStrikeFixture {
    readonly client: FalconClient;
}

/** The seeded credentials, in the form of `crowdstrike.ApiClient`'s arguments. */
export interface CrowdStrikeCredentials {
    readonly crowdstrike: { clientId: string; clientSecret: string; cloud: "us-1" };
    /** In another cloud, which the program does not name. */
    readonly crowdstrikeEu: { clientId: string; clientSecret: string };
}

/** Makes the company's API clients. */
export function seedCrowdStrike(falcon: CrowdStrike): {
    fixture: CrowdStrikeFixture;
    credentials: CrowdStrikeCredentials;
} {
    const [client, eu] = [falcon.addClient("us-1"), falcon.addClient("eu-1")];
    const pair = ({ clientId, secret }: FalconClient) => ({ clientId, clientSecret: secret });
    return {
        fixture: { client },
        credentials: { crowdstrike: { ...pair(client), cloud: "us-1" }, crowdstrikeEu: pair(eu) },
    };
}
