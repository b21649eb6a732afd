// Jira and Confluence Data Center as a service account sees them: a token endpoint for client credentials, and the REST API that is open to it.
import {
    AccessTokens,
    alphanumeric,
    html,
    json,
    randomHex,
    randomText,
    RequestLog,
    sameSecret,
    tokenParameters,
    VendorClock,
    VendorListener,
    type Answer,
    type VendorRequest,
} from "../server";

type Scope = "READ" | "WRITE";

/** A service account: it belongs to no person, and is no principal of the product's own. */
export class ServiceAccount {
    readonly clientId = randomHex(32);
    readonly secrets: string[] = [`${randomText(30, alphanumeric)}+/=${randomText(30, alphanumeric)}`];
    readonly issued: string[] = [...this.secrets];
    scopes: Scope[] = ["READ", "WRITE"];
    private isActive = true;

    /** The newest secret. */
    get secret(): string {
        return this.secrets.at(-1) ?? "";
    }

    /** Replaces the secret: the former one is refused from here on. */
    renew(): string {
        const secret = randomText(64, alphanumeric);
        this.secrets.splice(0, Infinity, secret);
        this.issued.push(secret);
        return secret;
    }

    deactivate(): void {
        this.isActive = false;
    }

    activate(): void {
        this.isActive = true;
    }

    accepts(secret: string): boolean {
        return this.isActive && this.secrets.some((known) => sameSecret(known, secret));
    }
}

interface Grant {
    readonly account: ServiceAccount;
    readonly scopes: readonly Scope[];
}

/** One server. */
export class DataCenterServer {
    readonly account = new ServiceAccount();
    readonly listener: VendorListener;
    readonly tokens: AccessTokens<Grant>;
    version = "11.3.1";
    serverTitle = "Acme Jira";
    /** Whether this version has service accounts. */
    hasServiceAccounts = true;
    /** Whether the calls of the REST API are open to service accounts. */
    isOpen = true;
    /** What is given in the place of the scope that was asked for. */
    narrowedTo: Scope | undefined;

    constructor(
        readonly product: "jira" | "confluence",
        readonly url: string,
        log: RequestLog,
        clock: VendorClock,
    ) {
        this.tokens = new AccessTokens<Grant>(clock);
        this.listener = new VendorListener({
            log,
            clock,
            origin: new URL(url).origin,
            handler: (request) => this.serve(request),
        });
    }

    /** Upgrades the server. */
    upgradedTo(version: string): void {
        this.version = version;
    }

    private serve(request: VendorRequest): Answer {
        const context = new URL(this.url).pathname.replace(/\/$/, "");
        const at = request.path.startsWith(`${context}/`) ? request.path.slice(context.length) : undefined;
        if (at === "/rest/oauth2/latest/token") {
            return request.method === "POST" ? this.giveToken(request) : html(405, "Method Not Allowed");
        }
        const api = this.product === "jira" ? /^\/rest\/api\/(2|latest)(\/.*)$/ : /^\/rest\/api(\/.*)$/;
        const call = at === undefined ? undefined : api.exec(at)?.at(-1);
        return call === undefined ? html(404, "Oops, you've found a dead link.") : this.serveApi(request, call);
    }

    private giveToken(request: VendorRequest): Answer {
        const refuse = (status: number, error: string): Answer =>
            json(status, { error, error_description: `${error} (simulated)` });
        const read = tokenParameters(request);
        if ("problem" in read) {
            return refuse(400, "invalid_request");
        }
        const { parameters } = read;
        if (parameters.get("grant_type") !== "client_credentials" || !this.hasServiceAccounts) {
            return refuse(400, "unsupported_grant_type");
        }
        // The documents show id and secret in the form, and no other way.
        const isItsAccount = parameters.get("client_id") === this.account.clientId;
        if (
            request.authorization !== undefined ||
            !isItsAccount ||
            !this.account.accepts(parameters.get("client_secret") ?? "")
        ) {
            return refuse(401, "invalid_client");
        }
        const wanted = (parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "") as Scope[];
        if (wanted.length === 0 || wanted.some((scope) => !this.account.scopes.includes(scope))) {
            return refuse(400, "invalid_scope");
        }
        const scopes = this.narrowedTo === undefined ? wanted : [this.narrowedTo];
        const token = randomHex(64);
        this.tokens.issue(token, { account: this.account, scopes }, 3600);
        return json(200, { access_token: token, token_type: "Bearer", expires_in: 3600, scope: scopes.join(" ") });
    }

    private serveApi(request: VendorRequest, call: string): Answer {
        const shown = request.authorization;
        const grant = this.tokens.find(request.bearer);
        if (shown !== undefined && grant === undefined) {
            return json(
                401,
                { message: "Client must be authenticated to access this resource.", "status-code": 401 },
                { "x-seraph-loginreason": "AUTHENTICATED_FAILED" },
            );
        }
        if (grant !== undefined && !this.isOpen) {
            return json(403, { message: "not open to service accounts", "status-code": 403 });
        }
        if (this.product === "jira") {
            return call === "/serverInfo"
                ? this.serverInfo()
                : json(404, { message: "null for uri", "status-code": 404 });
        }
        const space = {
            id: 98305,
            key: "ACME",
            name: "Acme",
            type: "global",
            _links: { self: `${this.url}/rest/api/space/ACME` },
        };
        // Whoever is nobody sees the spaces that are open to all: here, none.
        return call === "/space"
            ? json(200, {
                  results: grant === undefined ? [] : [space],
                  start: 0,
                  limit: Number(request.query.get("limit") ?? 25),
                  size: grant === undefined ? 0 : 1,
              })
            : json(404, { statusCode: 404, message: "no such resource" });
    }

    private serverInfo(): Answer {
        return json(200, {
            baseUrl: this.url,
            version: this.version,
            versionNumbers: this.version.split(".").map(Number),
            deploymentType: "Server",
            buildNumber: 11_030_001,
            serverTitle: this.serverTitle,
        });
    }
}

/** The arguments of the seeded service accounts. */
export interface DataCenterCredentials {
    readonly jiraServiceAccount: { url: string; product: "jira"; clientId: string; clientSecret: string };
    readonly confluenceServiceAccount: { url: string; product: "confluence"; clientId: string; clientSecret: string };
}

/** A Jira and a Confluence, each with a service account. */
export class DataCenter {
    readonly requests = new RequestLog();
    readonly clock = new VendorClock();
    readonly jira = new DataCenterServer("jira", "https://issues.acme.example", this.requests, this.clock);
    readonly confluence = new DataCenterServer(
        "confluence",
        "https://intranet.acme.example/confluence",
        this.requests,
        this.clock,
    );

    get endpoints(): Record<string, string> {
        return { ...this.jira.listener.endpoints, ...this.confluence.listener.endpoints };
    }

    get credentials(): DataCenterCredentials {
        const of = <P extends "jira" | "confluence">(
            server: DataCenterServer,
            product: P,
        ): { url: string; product: P; clientId: string; clientSecret: string } => ({
            url: server.url,
            product,
            clientId: server.account.clientId,
            clientSecret: server.account.secret,
        });
        return {
            jiraServiceAccount: of(this.jira, "jira"),
            confluenceServiceAccount: of(this.confluence, "confluence"),
        };
    }

    /** Every secret and access token that there ever was. */
    get secrets(): string[] {
        return [this.jira, this.confluence].flatMap(({ account, tokens }) => [...account.issued, ...tokens.issued]);
    }

    async start(): Promise<this> {
        await Promise.all([this.jira.listener.start(), this.confluence.listener.start()]);
        return this;
    }

    async close(): Promise<void> {
        await Promise.all([this.jira.listener.close(), this.confluence.listener.close()]);
    }
}

/** Starts both servers. */
export const startDataCenter = (): Promise<DataCenter> => new DataCenter().start();
