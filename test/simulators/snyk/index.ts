// Snyk's regions: service accounts by a token or by OAuth 2.0, and the part of the REST API that shows them.
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import {
    AccessTokens,
    alphanumeric,
    createListener,
    json,
    randomText,
    randomUUID,
    sameSecret,
    tokenParameters,
} from "../server";

/** The regions that are simulated, by their hosts. */
export const snykRegions = {
    "us-01": "https://api.snyk.io",
    "us-02": "https://api.us.snyk.io",
    "eu-01": "https://api.eu.snyk.io",
} as const;

type Region = keyof typeof snykRegions;

/** A service account. */
export class SnykServiceAccount {
    id: string = randomUUID();
    readonly clientId: string = randomUUID();
    secret: string = randomUUID();
    /** Every secret that it ever had. */
    readonly issued = [this.secret];
    isRevoked = false;
    /** True where its role may see the account itself. */
    mayReadItself = true;
    /** True where its role may read anything at all. */
    mayRead = true;

    constructor(
        readonly region: Region,
        public organizationId: string | undefined,
        readonly name: string,
        readonly kind: "api_key" | "access_token" | "oauth_client_secret",
        /** In ISO 8601, for an access token. */
        public expiresAt?: string,
    ) {}

    renew(secret: string = randomUUID()): string {
        this.issued.push(secret);
        this.isRevoked = false;
        this.secret = secret;
        return secret;
    }
}

/** All regions. */
export class Snyk {
    readonly listeners: VendorListener[];
    readonly tokens: AccessTokens<SnykServiceAccount>;
    readonly accounts: SnykServiceAccount[] = [];

    constructor(context: VendorContext) {
        this.tokens = new AccessTokens(context.clock);
        this.listeners = Object.entries(snykRegions).map(([region, host]) =>
            createListener(context, host, (request) => this.serve(region as Region, request)),
        );
    }

    add(...of: ConstructorParameters<typeof SnykServiceAccount>): SnykServiceAccount {
        const account = new SnykServiceAccount(...of);
        this.accounts.push(account);
        return account;
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return [...this.accounts.flatMap(({ issued }) => issued), ...this.tokens.issued];
    }

    private serve(region: Region, request: VendorRequest): Answer {
        const { method, path, query } = request;
        const answer = (status: number, body: object): Answer =>
            json(
                status,
                { jsonapi: { version: "1.0" }, ...body },
                { "content-type": "application/vnd.api+json", "snyk-request-id": randomUUID() },
            );
        const refuse = (status: number, title: string, code = `SNYK-00${status}`): Answer =>
            answer(status, { errors: [{ id: randomUUID(), status: String(status), code, title, detail: title }] });
        if (path === "/oauth2/token") {
            return method === "POST" ? this.token(region, request) : refuse(405, "Method Not Allowed");
        }
        const account = this.accountOf(region, request);
        if (account === undefined) {
            return refuse(401, "Unauthorized", "SNYK-0005");
        }
        if (!/^\d{4}-\d{2}-\d{2}(~\w+)?$/.test(query.get("version") ?? "")) {
            return refuse(400, "Missing or invalid version");
        }
        if (!account.mayRead) {
            return refuse(403, "Forbidden");
        }
        if (method === "GET" && path === "/rest/self") {
            const { id, name, organizationId } = account;
            return answer(200, {
                data: {
                    id,
                    type: "service_account",
                    attributes: { name, ...(organizationId !== undefined && { default_org_context: organizationId }) },
                },
                links: { self: `/rest/self?version=${query.get("version")}` },
            });
        }
        const [, org, id] = /^\/rest\/orgs\/([^/]+)\/service_accounts\/([^/]+)$/.exec(path) ?? [];
        const shown = this.accounts.find((one) => one.id === id && one.organizationId === org && one.region === region);
        if (method !== "GET" || shown === undefined) {
            return refuse(404, "Not Found");
        }
        return account.mayReadItself
            ? answer(200, {
                  data: {
                      id: shown.id,
                      type: "service_account",
                      attributes: {
                          name: shown.name,
                          auth_type: shown.kind,
                          role_id: randomUUID(),
                          ...(shown.kind === "access_token" && { access_token_expires_at: shown.expiresAt }),
                      },
                  },
              })
            : refuse(403, "Forbidden");
    }

    private accountOf(region: Region, request: VendorRequest): SnykServiceAccount | undefined {
        const [, scheme = "", value = ""] = /^(\S+) (\S+)$/.exec(request.header("authorization") ?? "") ?? [];
        if (scheme.toLowerCase() === "bearer") {
            return this.tokens.find(value);
        }
        return this.accounts.find(
            (one) =>
                scheme.toLowerCase() === "token" &&
                one.region === region &&
                one.kind !== "oauth_client_secret" &&
                !one.isRevoked &&
                sameSecret(one.secret, value),
        );
    }

    private token(region: Region, request: VendorRequest): Answer {
        const sent = tokenParameters(request);
        const refuse = (status: number, error: string): Answer => json(status, { error, error_description: error });
        if ("problem" in sent) {
            return refuse(400, "invalid_request");
        }
        const { parameters } = sent;
        if (parameters.get("grant_type") !== "client_credentials") {
            return refuse(400, "unsupported_grant_type");
        }
        const account = this.accounts.find(
            (one) =>
                one.kind === "oauth_client_secret" &&
                one.region === region &&
                one.clientId === parameters.get("client_id"),
        );
        if (
            account === undefined ||
            account.isRevoked ||
            !sameSecret(account.secret, parameters.get("client_secret") ?? "")
        ) {
            return refuse(401, "invalid_client");
        }
        const token = randomText(64, alphanumeric);
        this.tokens.issue(token, account, 3600);
        return json(200, { access_token: token, expires_in: 3599, scope: "", token_type: "bearer" });
    }
}

/** What the seeded company has at Snyk. */
export interface SnykFixture {
    readonly account: SnykServiceAccount;
}

/** The seeded credentials, in the form of `snyk.ServiceAccount`'s arguments. */
export interface SnykCredentials {
    readonly snyk: { token: string; region: "eu-01" };
    readonly snykOAuth: { clientId: string; clientSecret: string };
}

/** Makes the company's service accounts. */
export function seedSnyk(snyk: Snyk): { fixture: SnykFixture; credentials: SnykCredentials } {
    const account = snyk.add("eu-01", randomUUID(), "pulumi", "api_key");
    const client = snyk.add("us-01", randomUUID(), "pulumi-oauth", "oauth_client_secret");
    return {
        fixture: { account },
        credentials: {
            snyk: { token: account.secret, region: "eu-01" },
            snykOAuth: { clientId: client.clientId, clientSecret: client.secret },
        },
    };
}
