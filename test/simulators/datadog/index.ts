// Datadog's sites: keys in two headers, access tokens of service accounts, and whose they are.
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import { alphanumeric, createListener, json, randomHex, randomText, randomUUID, sameSecret } from "../server";

/** An organisation at a site. */
export class DatadogOrg {
    readonly id: string = randomUUID();

    constructor(
        readonly site: string,
        readonly name: string,
    ) {}
}

/** A user of an organisation, or a service account. */
export interface DatadogUser {
    readonly id: string;
    readonly org: DatadogOrg;
    readonly handle: string;
    /** False where it may not read itself. */
    mayReadItself: boolean;
}

/** An access token of a service account. */
export class DatadogToken {
    value = newToken();
    /** Every value that it ever had. */
    readonly issued = [this.value];
    isRevoked = false;
    readonly scopes = new Set<string>();
    /** In ISO 8601; null for one that never ends. */
    expiresAt: string | null = null;
    /** False where lists do not say when it ends. */
    isEndTold = true;
    /** True where the token may list its account's tokens. */
    mayList = true;

    constructor(
        public user: DatadogUser,
        readonly name: string,
    ) {}

    renew(value = newToken()): string {
        this.issued.push(value);
        this.isRevoked = false;
        this.value = value;
        return value;
    }

    /** The part that lists show. */
    get publicPortion(): string {
        return this.value.slice(0, this.value.lastIndexOf("_"));
    }
}

const newToken = (): string => `ddsat_${randomText(22, alphanumeric)}_${randomText(32, alphanumeric)}`;

/** An application key, which acts as its owner. */
export interface DatadogKeys {
    apiKey: string;
    applicationKey: string;
    user: DatadogUser;
    isRevoked: boolean;
}

/** All sites. */
export class Datadog {
    readonly listeners: VendorListener[];
    readonly orgs: DatadogOrg[] = [];
    readonly tokens: DatadogToken[] = [];
    readonly keys: DatadogKeys[] = [];
    private readonly issued: string[] = [];

    constructor(
        private readonly context: VendorContext,
        readonly sites: readonly string[],
    ) {
        this.listeners = sites.map((site) =>
            createListener(context, `https://api.${site}`, (request) => this.serve(site, request)),
        );
    }

    addUser(org: DatadogOrg, handle: string): DatadogUser {
        return { id: randomUUID(), org, handle, mayReadItself: true };
    }

    addOrg(site: string, name: string): DatadogOrg {
        const org = new DatadogOrg(site, name);
        this.orgs.push(org);
        return org;
    }

    addToken(user: DatadogUser, name: string, scopes: readonly string[]): DatadogToken {
        const token = new DatadogToken(user, name);
        scopes.forEach((scope) => token.scopes.add(scope));
        this.tokens.push(token);
        return token;
    }

    addKeys(user: DatadogUser): DatadogKeys {
        const pair = { apiKey: this.newKey(32), applicationKey: this.newKey(40), user, isRevoked: false };
        this.keys.push(pair);
        return pair;
    }

    /** A key that no answer tells again. */
    newKey(digits: number): string {
        const key = randomHex(digits);
        this.issued.push(key);
        return key;
    }

    /** Every secret there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return [...this.issued, ...this.tokens.flatMap(({ issued }) => issued)];
    }

    private isAlive({ isRevoked, expiresAt }: DatadogToken): boolean {
        return !isRevoked && (expiresAt === null || Date.parse(expiresAt) > this.context.clock.now());
    }

    private serve(site: string, request: VendorRequest): Answer {
        const { method, path, bearer } = request;
        const rates = {
            "x-ratelimit-limit": "600",
            "x-ratelimit-period": "60",
            "x-ratelimit-remaining": "599",
            "x-ratelimit-reset": "37",
        };
        const forbidden = json(403, { errors: ["Forbidden"] }, rates);
        const denied = json(403, { errors: ["Forbidden", "Failed permission authorization checks"] }, rates);
        const [apiKey, applicationKey] = [request.header("dd-api-key"), request.header("dd-application-key")];
        const token =
            bearer === undefined
                ? undefined
                : this.tokens.find(
                      (one) => sameSecret(one.value, bearer) && this.isAlive(one) && one.user.org.site === site,
                  );
        const keys = this.keys.find(
            (one) =>
                !one.isRevoked &&
                one.user.org.site === site &&
                sameSecret(one.apiKey, apiKey ?? "") &&
                sameSecret(one.applicationKey, applicationKey ?? ""),
        );
        if (method !== "GET") {
            return json(405, { errors: ["Method Not Allowed"] });
        }
        if (path === "/api/v2/validate_keys") {
            return keys === undefined
                ? json(401, { errors: ["Unauthorized"] }, rates)
                : json(200, { status: "ok" }, rates);
        }
        const user = token?.user ?? keys?.user;
        if (user === undefined) {
            return forbidden;
        }
        if (path === "/api/v2/current_user") {
            return user.mayReadItself ? json(200, userAnswer(user), rates) : denied;
        }
        const [, account] = /^\/api\/v2\/service_accounts\/([0-9a-f-]+)\/access_tokens$/.exec(path) ?? [];
        if (account !== undefined) {
            return token?.mayList === true && account === user.id
                ? json(200, { data: this.tokens.filter((one) => one.user === user).map(shown) }, rates)
                : denied;
        }
        return json(404, { errors: ["Not found"] }, rates);
    }
}

const userAnswer = ({ id, handle, org }: DatadogUser): object => ({
    data: {
        type: "users",
        id,
        attributes: {
            name: handle,
            handle,
            email: `${handle}@acme.example`,
            service_account: true,
            disabled: false,
            status: "Active",
        },
        relationships: { org: { data: { type: "orgs", id: org.id } }, roles: { data: [] } },
    },
    included: [{ type: "orgs", id: org.id, attributes: { name: org.name, public_id: org.id } }],
});

const shown = (token: DatadogToken): object => ({
    type: "service_access_tokens",
    id: randomUUID(),
    attributes: {
        name: token.name,
        public_portion: token.publicPortion,
        scopes: [...token.scopes],
        created_at: "2026-06-01T12:00:00.000Z",
        ...(token.isEndTold && { expires_at: token.expiresAt }),
        last_used_at: null,
    },
});

/** What the seeded company has at Datadog. */
export interface DatadogFixture {
    readonly token: DatadogToken;
    readonly keys: DatadogKeys;
}

/** The seeded credentials, in the form of the classes' arguments. */
export interface DatadogCredentials {
    /** `datadog.ServiceAccessToken`. */
    readonly datadogToken: { token: string; site: "datadoghq.eu"; requiredScopes: string[] };
    /** `datadog.Keys`. */
    readonly datadogKeys: { apiKey: string; applicationKey: string };
}

/** Makes the company's organisation, a service account, its token and keys. */
export function seedDatadog(datadog: Datadog): { fixture: DatadogFixture; credentials: DatadogCredentials } {
    const [eu, us] = [datadog.addOrg("datadoghq.eu", "Acme"), datadog.addOrg("datadoghq.com", "Acme")];
    const token = datadog.addToken(datadog.addUser(eu, "pulumi"), "pulumi", ["monitors_read", "dashboards_read"]);
    const keys = datadog.addKeys(datadog.addUser(us, "integration"));
    return {
        fixture: { token, keys },
        credentials: {
            datadogToken: {
                token: token.value,
                site: "datadoghq.eu",
                requiredScopes: ["monitors_read", "dashboards_read"],
            },
            datadogKeys: { apiKey: keys.apiKey, applicationKey: keys.applicationKey },
        },
    };
}
