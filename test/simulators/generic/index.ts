// An API that no class of its own exists for, and the authorization server that gives out its access tokens: what the generic connections are for.
import {
    AccessTokens,
    alphanumeric,
    formDecode,
    json,
    randomHex,
    randomText,
    RequestLog,
    sameSecret,
    text,
    tokenParameters,
    VendorClock,
    VendorListener,
    type Answer,
    type VendorRequest,
} from "../server";

/** What a credential opens. */
export interface Workspace {
    readonly id: number;
    readonly name: string;
}

type Way = "token" | "bearer" | "basic" | "headerKey" | "queryKey";

/** A credential of the API: a secret of one kind, whose it is, and what it opens. */
export class GenericCredential {
    /** The secrets that are accepted. */
    readonly secrets: string[];
    /** Every secret that there ever was. */
    readonly issued: string[];
    private isAccepted = true;
    /** What the API answers in the place of 200. */
    status: number | undefined;

    constructor(
        readonly way: Way,
        readonly user: string,
        public workspace: Workspace,
        secret: string,
    ) {
        this.secrets = [secret];
        this.issued = [secret];
    }

    /** The newest secret. */
    get secret(): string {
        return this.secrets.at(-1) ?? "";
    }

    /** Makes a further secret. The former ones are accepted until they are revoked. */
    addSecret(): string {
        const secret = randomText(40, alphanumeric);
        this.secrets.push(secret);
        this.issued.push(secret);
        return secret;
    }

    /** Refuses one secret. */
    revokeSecret(secret: string): void {
        this.secrets.splice(0, Infinity, ...this.secrets.filter((other) => other !== secret));
    }

    /** Refuses all secrets. */
    revoke(): void {
        this.isAccepted = false;
    }

    /** Accepts them again. */
    restore(): void {
        this.isAccepted = true;
    }

    accepts(secret: string): boolean {
        return this.isAccepted && this.secrets.some((known) => sameSecret(known, secret));
    }
}

/** An OAuth 2.0 client. */
export class GenericClient extends GenericCredential {
    scopes: string[] = ["devices:read", "users:read"];

    constructor(
        readonly clientId: string,
        readonly authentication: "basic" | "body",
        /** The API that the client has to name; undefined where it need not. */
        readonly audience: string | undefined,
        workspace: Workspace,
    ) {
        super("token", clientId, workspace, `${randomText(20, alphanumeric)}+/=&%${randomText(20, alphanumeric)}`);
    }
}

/** The arguments of the credentials, without their probes. */
export interface GenericCredentials {
    readonly oauthBasic: { tokenUrl: string; clientId: string; clientSecret: string };
    readonly oauthBody: {
        tokenUrl: string;
        clientId: string;
        clientSecret: string;
        authentication: "body";
        audience: string;
    };
    readonly headerKey: { header: string; prefix: string; key: string };
    readonly queryKey: { query: string; key: string };
    readonly basic: { username: string; password: string };
    readonly bearer: { token: string };
}

const apiOrigin = "https://api.example.com";
const authorizationOrigin = "https://auth.example.com";
const lifetimeSeconds = 3600;

/** The API and its authorization server. */
export class GenericApi {
    readonly requests = new RequestLog();
    readonly clock = new VendorClock();
    readonly acme: Workspace = { id: 4711, name: "Acme" };
    readonly globex: Workspace = { id: 4712, name: "Globex" };
    readonly oauthBasic = new GenericClient("inventory-reader", "basic", undefined, this.acme);
    readonly oauthBody = new GenericClient("inventory-writer", "body", apiOrigin, this.acme);
    readonly headerKey = new GenericCredential(
        "headerKey",
        "alerts@acme.example",
        this.acme,
        randomText(40, alphanumeric),
    );
    readonly queryKey = new GenericCredential("queryKey", "maps@acme.example", this.acme, randomText(40, alphanumeric));
    readonly basic = new GenericCredential(
        "basic",
        "bot@acme.example",
        this.acme,
        `${randomText(20, alphanumeric)}:ü%${randomText(20, alphanumeric)}`,
    );
    readonly bearer = new GenericCredential("bearer", "chat@acme.example", this.acme, randomText(40, alphanumeric));
    readonly api: VendorListener;
    readonly authorization: VendorListener;
    private readonly tokens = new AccessTokens<GenericClient>(this.clock);

    constructor() {
        const shared = { log: this.requests, clock: this.clock };
        this.api = new VendorListener({ ...shared, origin: apiOrigin, handler: (request) => this.serveApi(request) });
        this.authorization = new VendorListener({
            ...shared,
            origin: authorizationOrigin,
            handler: (request) => this.serveToken(request),
        });
    }

    /** The value of CONNECTIONS_ENDPOINTS, as an object. */
    get endpoints(): Record<string, string> {
        return { ...this.api.endpoints, ...this.authorization.endpoints };
    }

    /** The credentials, each in the form of its class's arguments. */
    get credentials(): GenericCredentials {
        const tokenUrl = `${authorizationOrigin}/oauth2/token`;
        const { oauthBasic, oauthBody, headerKey, queryKey, basic, bearer } = this;
        return {
            oauthBasic: { tokenUrl, clientId: oauthBasic.clientId, clientSecret: oauthBasic.secret },
            oauthBody: {
                tokenUrl,
                clientId: oauthBody.clientId,
                clientSecret: oauthBody.secret,
                authentication: "body",
                audience: apiOrigin,
            },
            headerKey: { header: "X-Api-Key", prefix: "Token", key: headerKey.secret },
            queryKey: { query: "api_key", key: queryKey.secret },
            basic: { username: basic.user, password: basic.secret },
            bearer: { token: bearer.secret },
        };
    }

    /** How many calls showed a credential that is none. */
    attempts = 0;
    /** How many of them there may be before everything is refused, as GitHub does. */
    locksAfter: number | undefined;

    /** Every credential, by name. */
    get all(): Readonly<Record<keyof GenericCredentials, GenericCredential>> {
        const { oauthBasic, oauthBody, headerKey, queryKey, basic, bearer } = this;
        return { oauthBasic, oauthBody, headerKey, queryKey, basic, bearer };
    }

    /** Every secret and access token that there ever was. */
    get secrets(): string[] {
        return [...Object.values(this.all).flatMap(({ issued }) => issued), ...this.tokens.issued];
    }

    /** Ends the access tokens that were given out. */
    endTokens(): void {
        this.tokens.revoke();
    }

    async start(): Promise<this> {
        await Promise.all([this.api.start(), this.authorization.start()]);
        return this;
    }

    async close(): Promise<void> {
        await Promise.all([this.api.close(), this.authorization.close()]);
    }

    // ---- the authorization server -----------------------------------------------------------------------------------------------

    private serveToken(request: VendorRequest): Answer {
        if (request.path !== "/oauth2/token") {
            return text(404, "Not Found");
        }
        if (request.method !== "POST") {
            return text(405, "Method Not Allowed", { allow: "POST" });
        }
        const refuse = (status: number, error: string): Answer =>
            json(status, { error }, { "cache-control": "no-store" });
        const read = tokenParameters(request);
        if ("problem" in read) {
            return refuse(400, "invalid_request");
        }
        const { parameters } = read;
        const basic = request.basic;
        const id = basic === undefined ? parameters.get("client_id") : formDecode(basic.username);
        const secret = basic === undefined ? parameters.get("client_secret") : formDecode(basic.password);
        const client = [this.oauthBasic, this.oauthBody].find(({ clientId }) => clientId === id);
        // RFC 6749, section 2.3: no more than one method in a request, and the one that the client is registered with.
        const isItsWay =
            client?.authentication === (basic === undefined ? "body" : "basic") &&
            (basic === undefined || !parameters.has("client_id"));
        if (client === undefined || secret === undefined || !isItsWay || !client.accepts(secret)) {
            return refuse(401, "invalid_client");
        }
        if (parameters.get("grant_type") !== "client_credentials") {
            return refuse(400, "unsupported_grant_type");
        }
        if (client.audience !== parameters.get("audience")) {
            return refuse(400, "invalid_request");
        }
        const wanted = parameters.get("scope")?.split(" ");
        if (wanted?.some((scope) => !client.scopes.includes(scope)) === true) {
            return refuse(400, "invalid_scope");
        }
        const token = randomHex(48);
        this.tokens.issue(token, client, lifetimeSeconds);
        const scope = (wanted ?? client.scopes).join(" ");
        return json(
            200,
            { access_token: token, token_type: "Bearer", expires_in: lifetimeSeconds, scope },
            { "cache-control": "no-store" },
        );
    }

    // ---- the API ----------------------------------------------------------------------------------------------------------------

    private serveApi(request: VendorRequest): Answer {
        if (request.path !== "/v1/me" && request.path !== "/v1/ping") {
            return json(404, { message: "no such resource" });
        }
        if (request.method !== "GET" && request.method !== "HEAD") {
            return json(405, { message: "method not allowed" }, { allow: "GET, HEAD" });
        }
        if (this.locksAfter !== undefined && this.attempts >= this.locksAfter) {
            return json(403, { message: "Maximum number of login attempts exceeded. Please try again later." });
        }
        const credential = this.credentialOf(request);
        if (credential === undefined) {
            this.attempts++;
            return json(401, { message: "who are you?" }, { "www-authenticate": 'Bearer realm="api.example.com"' });
        }
        if (request.path === "/v1/ping") {
            if (request.header("x-api-version") !== "2026-01-01") {
                return json(400, { message: "x-api-version is missing" });
            }
            return { status: credential.status ?? 204, headers: {}, body: "" };
        }
        const { user, workspace } = credential;
        return json(credential.status ?? 200, { user: { email: user }, "workspace/of": [workspace], note: null });
    }

    /** The credential that a request shows in the one place that is its own. */
    private credentialOf(request: VendorRequest): GenericCredential | undefined {
        const { bearer, basic, headerKey, queryKey } = this;
        const shown = request.header("x-api-key");
        const inQuery = new URL(request.target, apiOrigin).searchParams.get("api_key");
        if (shown !== undefined) {
            const [, key = ""] = /^Token (.*)$/.exec(shown) ?? [];
            return headerKey.accepts(key) ? headerKey : undefined;
        }
        if (inQuery !== null) {
            return queryKey.accepts(inQuery) ? queryKey : undefined;
        }
        if (request.basic !== undefined) {
            const { username, password } = request.basic;
            return username === basic.user && basic.accepts(password) ? basic : undefined;
        }
        if (request.bearer === undefined) {
            return undefined;
        }
        return bearer.accepts(request.bearer) ? bearer : this.tokens.find(request.bearer);
    }
}

/** Starts the API and its authorization server. */
export const startGenericApi = (): Promise<GenericApi> => new GenericApi().start();
