import { randomBytes } from "node:crypto";
import type { Answer, Route, VendorContext, VendorListener, VendorRequest } from "../server";
import {
    AccessTokens,
    alphanumeric,
    createListener,
    html,
    json,
    randomHex,
    randomText,
    randomUUID,
    route,
    sameSecret,
    shuffled,
    signJwt,
    text,
    tokenParameters,
} from "../server";

/** The products (apps) that a site can have. */
export type AtlassianProduct = "jira" | "confluence";

/** The vendor origins of one Atlassian cloud. */
export interface AtlassianEnvironment {
    authOrigin: string;
    apiOrigin: string;
    siteDomain: string;
    /** Nango reads the sites from the auth host in Government Cloud, from the API host elsewhere. */
    sitesAtAuthHost: boolean;
}

/** The commercial cloud. */
export const commercialCloud: AtlassianEnvironment = {
    authOrigin: "https://auth.atlassian.com",
    apiOrigin: "https://api.atlassian.com",
    siteDomain: "atlassian.net",
    sitesAtAuthHost: false,
};

/** Atlassian Government Cloud. */
export const governmentCloud: AtlassianEnvironment = {
    authOrigin: "https://auth.atlassian-us-gov-mod.com",
    apiOrigin: "https://api.atlassian-us-gov-mod.com",
    siteDomain: "atlassian-us-gov-mod.net",
    sitesAtAuthHost: true,
};

interface Project {
    id: string;
    key: string;
    name: string;
}

interface Space {
    id: string;
    key: string;
    name: string;
    createdAt: string;
}

/** A site: one `*.atlassian.net` address, one cloud id. */
export class AtlassianSite {
    readonly cloudId = randomUUID();
    readonly listener: VendorListener;
    readonly products: Set<AtlassianProduct>;
    readonly projects: Project[] = [
        { id: "10000", key: "ACME", name: "Acme Platform" },
        { id: "10001", key: "OPS", name: "Operations" },
    ];
    readonly spaces: Space[] = [
        { id: "65537", key: "ENG", name: "Engineering", createdAt: "2025-01-13T09:12:00.000Z" },
        { id: "65538", key: "HR", name: "People", createdAt: "2025-02-03T10:00:00.000Z" },
    ];
    /** Issues that somebody created through the API. */
    readonly issues: { id: string; key: string; fields: Record<string, unknown> }[] = [];
    private removed = false;

    constructor(
        readonly cloud: AtlassianCloud,
        readonly organization: AtlassianOrganization,
        private currentSubdomain: string,
        /** The name as accessible-resources shows it. */
        public name: string,
        products: Iterable<AtlassianProduct>,
        context: VendorContext,
    ) {
        this.products = new Set(products);
        this.listener = createListener(context, this.url, (request) => cloud.siteHost(this, request));
    }

    get subdomain(): string {
        return this.currentSubdomain;
    }

    /** `https://acme.atlassian.net`. */
    get url(): string {
        return `https://${this.currentSubdomain}.${this.cloud.environment.siteDomain}`;
    }

    get exists(): boolean {
        return !this.removed;
    }

    /** Changes the site's name; its address stays. */
    rename(name: string): void {
        this.name = name;
    }

    /** Changes the site's address; the former one redirects. Read the endpoints again after it. */
    changeUrl(subdomain: string): void {
        this.currentSubdomain = subdomain;
        this.listener.addOrigin(this.url);
    }

    /** Deletes the site: neither its address nor its cloud id is known after it. */
    delete(): void {
        this.removed = true;
    }

    /** Brings a deleted site back. */
    restore(): void {
        this.removed = false;
    }

    /** Adds a product to the site. */
    addProduct(product: AtlassianProduct): void {
        this.products.add(product);
    }

    /** Takes a product off the site. */
    removeProduct(product: AtlassianProduct): void {
        this.products.delete(product);
    }
}

/** A person or a service account. */
export class AtlassianAccount {
    readonly accountId: string;
    readonly email: string;
    timeZone = "Europe/Berlin";
    /** Jira permissions that the account has in some project. */
    readonly jiraPermissions = new Set(["BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS"]);
    private readonly access = new Map<AtlassianSite, Set<AtlassianProduct>>();
    private state: "active" | "inactive" | "deactivated" = "active";

    constructor(
        readonly organization: AtlassianOrganization,
        readonly accountType: "app" | "atlassian",
        public displayName: string,
        email: string,
    ) {
        this.email = email;
        this.accountId = accountType === "app" ? `712020:${randomUUID()}` : randomHex(24);
    }

    /** Whether `/myself` says that it is active. */
    get active(): boolean {
        return this.state === "active";
    }

    /** Whether its credentials are accepted. */
    get usable(): boolean {
        return this.state !== "deactivated";
    }

    /** The sites it can reach. */
    get sites(): AtlassianSite[] {
        return [...this.access.keys()].filter((site) => site.exists);
    }

    /** Lets the account onto a site, with access to the given products (all of the site's without). */
    addSite(site: AtlassianSite, products: Iterable<AtlassianProduct> = site.products): void {
        this.access.set(site, new Set(products));
    }

    /** Takes the account off a site. */
    removeSite(site: AtlassianSite): void {
        this.access.delete(site);
    }

    /** Gives the role User in a product. */
    grantProductAccess(site: AtlassianSite, product: AtlassianProduct): void {
        this.access.set(site, new Set([...(this.access.get(site) ?? []), product]));
    }

    /** Takes the role in a product away; the site can still be reached. */
    removeProductAccess(site: AtlassianSite, product: AtlassianProduct): void {
        this.access.get(site)?.delete(product);
    }

    /** Whether it may use a product of a site. */
    hasProductAccess(site: AtlassianSite, product: AtlassianProduct): boolean {
        return site.exists && site.products.has(product) && (this.access.get(site)?.has(product) ?? false);
    }

    /** Deactivates the account: none of its credentials is accepted any more. */
    deactivate(): void {
        this.state = "deactivated";
    }

    /** Makes `/myself` say `active: false` while credentials are still accepted. */
    reportInactive(): void {
        this.state = "inactive";
    }

    /** Puts the account right again. */
    activate(): void {
        this.state = "active";
    }

    /** Changes the display name. */
    rename(displayName: string): void {
        this.displayName = displayName;
    }
}

/** What all credentials have in common: the account they stand for, their scopes, and whether they are accepted. */
abstract class AtlassianCredential {
    private readonly granted: Set<string>;
    private accepted = true;

    constructor(
        public account: AtlassianAccount,
        scopes: Iterable<string>,
    ) {
        this.granted = new Set(scopes);
    }

    get scopes(): ReadonlySet<string> {
        return this.granted;
    }

    /** Whether it is accepted, its account included. */
    get live(): boolean {
        return this.accepted && this.account.usable;
    }

    /** Revokes the credential. */
    revoke(): void {
        this.accepted = false;
    }

    /** Accepts it again. */
    restore(): void {
        this.accepted = true;
    }

    /** Adds a scope. At Atlassian that takes a new credential; here the same one gets it, tokens that exist included. */
    addScope(scope: string): void {
        this.granted.add(scope);
    }

    /** Takes a scope away, from tokens that exist too. */
    removeScope(scope: string): void {
        this.granted.delete(scope);
    }

    /** The same credential stands for another account from here on. */
    moveToAccount(account: AtlassianAccount): void {
        this.account = account;
    }
}

/** An OAuth 2.0 credential of a service account. */
export class AtlassianOAuthCredential extends AtlassianCredential {
    readonly clientId = randomText(32, alphanumeric);
    readonly clientSecret = `ATOA${randomText(64, `${alphanumeric}-_`)}`;
    accessTokenLifetimeSeconds = 3600;
}

/** Which kind of API token it is: by it the hosts and authentication schemes that accept it differ. */
export type AtlassianApiTokenKind = "serviceAccount" | "personal" | "personalScoped";

/** An API token. */
export class AtlassianApiToken extends AtlassianCredential {
    readonly id = randomHex(24);
    readonly token: string;
    /** When it expires, by the vendors' clock, in milliseconds since the epoch. */
    expiresAt = Infinity;

    constructor(
        account: AtlassianAccount,
        scopes: Iterable<string>,
        readonly kind: AtlassianApiTokenKind,
        readonly label: string,
        readonly createdAt: number,
    ) {
        super(account, scopes);
        const prefix = kind === "serviceAccount" ? "ATSTT3xFfGF0" : "ATATT3xFfGF0";
        this.token = `${prefix}${randomBytes(96).toString("base64url")}=${randomHex(8).toUpperCase()}`;
    }
}

/** Scopes of an API key of an organisation. */
export type AtlassianAdminScope = "read:tokens:admin" | "read:service-accounts-tokens:admin" | "read:keys:admin";

/** An API key of an organisation, which administrators make. */
export class AtlassianApiKey {
    readonly key = `ATCTT3xFfGN0${randomBytes(96).toString("base64url")}=${randomHex(8).toUpperCase()}`;
    readonly scopes: Set<AtlassianAdminScope>;
    /** Whether it is accepted. */
    live = true;

    constructor(
        readonly organization: AtlassianOrganization,
        scopes: Iterable<AtlassianAdminScope>,
    ) {
        this.scopes = new Set(scopes);
    }

    /** Revokes the key. */
    revoke(): void {
        this.live = false;
    }
}

/** An organisation: sites, accounts and their credentials. */
export class AtlassianOrganization {
    readonly id = randomUUID();
    readonly sites: AtlassianSite[] = [];
    readonly accounts: AtlassianAccount[] = [];
    readonly oauthCredentials: AtlassianOAuthCredential[] = [];
    readonly apiTokens: AtlassianApiToken[] = [];
    readonly apiKeys: AtlassianApiKey[] = [];

    constructor(
        readonly cloud: AtlassianCloud,
        readonly name: string,
        private readonly context: VendorContext,
    ) {}

    /** Adds a site and starts its listener. */
    async addSite(
        subdomain: string,
        name: string,
        products: Iterable<AtlassianProduct> = ["jira", "confluence"],
    ): Promise<AtlassianSite> {
        const site = new AtlassianSite(this.cloud, this, subdomain, name, products, this.context);
        this.sites.push(site);
        await site.listener.start();
        return site;
    }

    /** Adds a service account; its e-mail is the generated one. */
    addServiceAccount(name: string): AtlassianAccount {
        const email = `${name.toLowerCase()}-${randomText(10, "abcdefghijklmnopqrstuvwxyz0123456789")}@serviceaccount.atlassian.com`;
        const account = new AtlassianAccount(this, "app", name, email);
        this.accounts.push(account);
        return account;
    }

    /** Adds a person. */
    addUser(displayName: string, email: string): AtlassianAccount {
        const account = new AtlassianAccount(this, "atlassian", displayName, email);
        this.accounts.push(account);
        return account;
    }

    /** Creates an OAuth 2.0 credential for a service account. */
    createOAuthCredential(account: AtlassianAccount, scopes: Iterable<string>): AtlassianOAuthCredential {
        const credential = new AtlassianOAuthCredential(account, scopes);
        this.oauthCredentials.push(credential);
        return credential;
    }

    /** Creates an API token: of a service account (always scoped), or personal with or without scopes. */
    createApiToken(account: AtlassianAccount, label: string, scopes?: Iterable<string>): AtlassianApiToken {
        const kind = account.accountType === "app" ? "serviceAccount" : scopes ? "personalScoped" : "personal";
        const token = new AtlassianApiToken(account, scopes ?? [], kind, label, this.context.clock.now());
        this.apiTokens.push(token);
        return token;
    }

    /** Creates an API key of the organisation. */
    createApiKey(...scopes: AtlassianAdminScope[]): AtlassianApiKey {
        const key = new AtlassianApiKey(this, scopes);
        this.apiKeys.push(key);
        return key;
    }
}

interface JiraCall {
    /** Prefix of `self` links: the site, or the gateway with the cloud id. */
    base: string;
    /** `2`, `3` or `latest`. */
    api: string;
    site: AtlassianSite;
    /** Undefined when anonymous. */
    account: AtlassianAccount | undefined;
    /** Undefined where scopes do not count: a classic personal token on its site. */
    scopes: ReadonlySet<string> | undefined;
    /** The answer to an account without access to the product; the scope is judged before. */
    forbidden?: Answer | undefined;
}

function errorCollection(status: number, errorMessages: string[], errors: Record<string, string> = {}): Answer {
    return json(status, { errorMessages, errors });
}

function scopeMissing(): Answer {
    const headers = { "x-failure-category": "FAILURE_CLIENT_SCOPE_CHECK" };
    return json(401, { code: 401, message: "Unauthorized; scope does not match" }, headers);
}

/** The refusal of a call, for want of a scope or of access to the product. */
function refusal(
    call: Omit<JiraCall, "api">,
    classic: string | undefined,
    granular: readonly string[] | undefined,
): Answer | undefined {
    return allowed(call.scopes, classic, granular) ? call.forbidden : scopeMissing();
}

/** Either the classic scope or all of the granular ones. */
function allowed(
    scopes: ReadonlySet<string> | undefined,
    classic: string | undefined,
    granular: readonly string[] | undefined,
): boolean {
    return (
        scopes === undefined ||
        (classic !== undefined && scopes.has(classic)) ||
        (granular !== undefined && granular.every((scope) => scopes.has(scope)))
    );
}

/** Scopes by the form `verb:entity:product` are granular, all others classic. */
function isGranular(scope: string): boolean {
    return scope.split(":").length === 3 && scope !== "readonly:content.attachment:confluence";
}

/** Which product a scope belongs to. */
function productOf(scope: string): AtlassianProduct | undefined {
    if (/confluence/.test(scope)) {
        return "confluence";
    }
    return /jira/.test(scope) ? "jira" : undefined;
}

function avatars(name: string): Record<string, string> {
    const initials = encodeURIComponent(name.slice(0, 2).toUpperCase());
    const url = (size: number) =>
        `https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/initials/${initials}-5.png?size=${size}&s=${size}`;
    return { "48x48": url(48), "24x24": url(24), "16x16": url(16), "32x32": url(32) };
}

/** A time as Jira writes it. */
function jiraTime(ms: number): string {
    return new Date(ms).toISOString().replace("Z", "+0000");
}

function wholeNumber(request: VendorRequest, name: string, otherwise: number): number | undefined {
    const value = request.query.get(name);
    return value === null ? otherwise : /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

const jiraPermissions: Record<string, { id: string; name: string; type: "GLOBAL" | "PROJECT"; description: string }> = {
    ADMINISTER: {
        id: "0",
        name: "Administer Jira",
        type: "GLOBAL",
        description: "Create and administer projects and settings.",
    },
    BROWSE_PROJECTS: {
        id: "10",
        name: "Browse Projects",
        type: "PROJECT",
        description: "Ability to browse projects and the issues in them.",
    },
    CREATE_ISSUES: { id: "11", name: "Create Issues", type: "PROJECT", description: "Ability to create issues." },
    EDIT_ISSUES: { id: "12", name: "Edit Issues", type: "PROJECT", description: "Ability to edit issues." },
    ADD_COMMENTS: { id: "15", name: "Add Comments", type: "PROJECT", description: "Ability to comment on issues." },
    DELETE_ISSUES: { id: "16", name: "Delete Issues", type: "PROJECT", description: "Ability to delete issues." },
};

const granularScopes = {
    myself: ["read:application-role:jira", "read:group:jira", "read:user:jira", "read:avatar:jira"],
    projectSearch: [
        "read:issue-type:jira",
        "read:project:jira",
        "read:project.property:jira",
        "read:user:jira",
        "read:application-role:jira",
        "read:avatar:jira",
        "read:group:jira",
        "read:issue-type-hierarchy:jira",
        "read:project-category:jira",
        "read:project-version:jira",
        "read:project.component:jira",
    ],
    createIssue: [
        "write:issue:jira",
        "write:comment:jira",
        "write:comment.property:jira",
        "write:attachment:jira",
        "read:issue:jira",
    ],
};

/** One Atlassian cloud: the token host, the API gateway and the sites. */
export class AtlassianCloud {
    /** `https://auth.atlassian.com`. */
    readonly auth: VendorListener;
    /** `https://api.atlassian.com`. */
    readonly api: VendorListener;
    /** Addresses under the site domain that belong to no site. */
    readonly absentSites: VendorListener;
    readonly tokens: AccessTokens<AtlassianOAuthCredential>;
    readonly organizations: AtlassianOrganization[] = [];
    /** How the gateway refuses an access token that was good once: 401, or 403 or 404 as has been seen too. */
    staleAccessTokenStatus: 401 | 403 | 404 = 401;
    /** How the gateway takes an API token of a service account; documents and guides contradict each other. */
    serviceAccountSchemes: readonly ("basic" | "bearer")[] = ["basic", "bearer"];
    /** The `x-failure-category` of the gateway's 401 to a credential, or to none; undefined for a plain 401. */
    failureCategory: string | undefined = "FAILURE_CLIENT_AUTH_MISMATCH";
    /** The most tokens that an organisation's list shows at once. */
    tokensOnAPage = 100;

    constructor(
        private readonly context: VendorContext,
        readonly environment: AtlassianEnvironment,
    ) {
        this.tokens = new AccessTokens(context.clock);
        this.auth = createListener(context, environment.authOrigin, (request) => this.authHost(request));
        this.api = createListener(context, environment.apiOrigin, (request) => this.gateway(request));
        const absent = `https://no-such-site.${environment.siteDomain}`;
        this.absentSites = createListener(context, absent, () =>
            html(404, "Your Atlassian Cloud site is currently unavailable."),
        );
    }

    /** Adds an organisation. */
    addOrganization(name: string): AtlassianOrganization {
        const organization = new AtlassianOrganization(this, name, this.context);
        this.organizations.push(organization);
        return organization;
    }

    /** Gives an address that belongs to no site an endpoint, so that asking for it stays on loopback. */
    addAbsentSite(subdomain: string): void {
        this.absentSites.addOrigin(`https://${subdomain}.${this.environment.siteDomain}`);
    }

    /** All sites, deleted ones included. */
    get sites(): readonly AtlassianSite[] {
        return this.organizations.flatMap((organization) => organization.sites);
    }

    /** Makes every access token that was issued invalid at once. */
    revokeAccessTokens(): void {
        this.tokens.revoke();
    }

    /** The site at a subdomain. */
    site(subdomain: string): AtlassianSite {
        const found = this.sites.find((candidate) => candidate.subdomain === subdomain);
        if (!found) {
            throw new Error(`No site ${subdomain}.${this.environment.siteDomain}`);
        }
        return found;
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        const held = this.organizations.flatMap(({ oauthCredentials, apiTokens, apiKeys }) => [
            ...apiKeys.map(({ key }) => key),
            ...oauthCredentials.map((credential) => credential.clientSecret),
            ...apiTokens.map((token) => token.token),
        ]);
        return [...held, ...this.tokens.issued];
    }

    private authHost(request: VendorRequest): Answer {
        const routes: Route<undefined>[] = [
            { method: "POST", path: "/oauth/token", handle: () => this.token(request) },
        ];
        if (this.environment.sitesAtAuthHost) {
            routes.push({
                method: "GET",
                path: "/oauth/token/accessible-resources",
                handle: () => this.accessibleResources(request),
            });
        }
        return route(request, routes, undefined, () =>
            json(404, { error: "not_found", error_description: "Not Found" }),
        );
    }

    private token(request: VendorRequest): Answer {
        const refuse = (error: string, error_description: string) => json(400, { error, error_description });
        const sent = tokenParameters(request);
        if ("problem" in sent) {
            return refuse("invalid_request", sent.problem);
        }
        const { parameters } = sent;
        const inBody = parameters.has("client_id") || parameters.has("client_secret");
        if (request.authorization && inBody) {
            return refuse("invalid_request", "More than one client authentication was sent");
        }
        if (!parameters.has("grant_type")) {
            return refuse("invalid_request", "Missing required parameter: grant_type");
        }
        if (parameters.get("grant_type") !== "client_credentials") {
            return refuse("unsupported_grant_type", "The grant type is not supported");
        }
        const credential = this.organizations
            .flatMap((organization) => organization.oauthCredentials)
            .find((candidate) => candidate.clientId === parameters.get("client_id"));
        if (!credential?.live || !sameSecret(parameters.get("client_secret") ?? "", credential.clientSecret)) {
            return refuse("invalid_client", "The client credentials are invalid");
        }
        if (parameters.has("scope")) {
            return refuse("invalid_scope", "The scopes of a service account credential cannot be requested");
        }
        const issuedAt = Math.floor(this.context.clock.now() / 1000);
        const lifetime = credential.accessTokenLifetimeSeconds;
        const scope = shuffled(credential.scopes).join(" ");
        const token = signJwt({
            jti: randomUUID(),
            sub: credential.account.accountId,
            iss: this.environment.authOrigin,
            aud: credential.clientId,
            client_id: credential.clientId,
            iat: issuedAt,
            nbf: issuedAt,
            exp: issuedAt + lifetime,
            scope,
        });
        this.tokens.issue(token, credential, lifetime);
        return json(200, { access_token: token, scope, expires_in: lifetime, token_type: "Bearer" });
    }

    private accessibleResources(request: VendorRequest): Answer {
        const credential = this.tokens.find(request.bearer);
        if (!credential?.live) {
            const headers = {
                ...(this.failureCategory !== undefined && { "x-failure-category": this.failureCategory }),
            };
            return json(401, { code: 401, message: "Unauthorized" }, headers);
        }
        const entries = credential.account.sites.flatMap((site) =>
            [...site.products].map((product) => ({
                id: site.cloudId,
                url: site.url,
                name: site.name,
                scopes: shuffled([...credential.scopes].filter((scope) => productOf(scope) === product)),
                avatarUrl: "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/flag.png",
            })),
        );
        // Atlassian promises no order, neither of the sites nor of their scopes.
        return json(200, shuffled(entries.filter((entry) => entry.scopes.length > 0)));
    }

    /** The credential of a request at the gateway: an access token, or an API token by Basic or Bearer. */
    private gatewayCredential(request: VendorRequest): AtlassianOAuthCredential | AtlassianApiToken | undefined {
        const oauth = this.tokens.find(request.bearer);
        if (oauth) {
            return oauth.live ? oauth : undefined;
        }
        const basic = request.basic;
        const sent = request.bearer ?? basic?.password;
        const token = sent === undefined ? undefined : this.liveApiToken(sent);
        if (
            !token ||
            token.kind === "personal" ||
            (basic && basic.username.toLowerCase() !== token.account.email.toLowerCase())
        ) {
            return undefined;
        }
        if (token.kind === "personalScoped") {
            return basic && token;
        }
        return this.serviceAccountSchemes.includes(basic ? "basic" : "bearer") ? token : undefined;
    }

    private liveApiToken(sent: string): AtlassianApiToken | undefined {
        return this.organizations
            .flatMap((organization) => organization.apiTokens)
            .find(
                (candidate) =>
                    sameSecret(candidate.token, sent) &&
                    candidate.live &&
                    candidate.expiresAt > this.context.clock.now(),
            );
    }

    private gateway(request: VendorRequest): Answer {
        const routes: Route<undefined>[] = [
            {
                method: "GET",
                path: "/oauth/token/accessible-resources",
                handle: () => this.accessibleResources(request),
            },
        ];
        const administration = /^\/admin\/api-access\/v1\/orgs\/([^/]+)(\/.*)$/.exec(request.path);
        if (administration) {
            return this.administration(request, administration[1]!, administration[2]!);
        }
        const gateway = /^\/ex\/(jira|confluence)\/([^/]+)(\/.*)?$/.exec(request.path);
        if (!gateway) {
            return route(request, routes, undefined, () => json(404, { code: 404, message: "Not Found" }));
        }
        const credential = this.gatewayCredential(request);
        if (!credential) {
            const status = this.tokens.knows(request.bearer) ? this.staleAccessTokenStatus : 401;
            const headers = {
                ...(status === 401 &&
                    this.failureCategory !== undefined && { "x-failure-category": this.failureCategory }),
            };
            return json(
                status,
                { code: status, message: { 401: "Unauthorized", 403: "Forbidden", 404: "Not Found" }[status] },
                headers,
            );
        }
        const product = gateway[1] as AtlassianProduct;
        const cloudId = gateway[2]!;
        const site = this.sites.find((candidate) => candidate.exists && candidate.cloudId === cloudId.toLowerCase());
        if (!site || site.organization !== credential.account.organization || !site.products.has(product)) {
            return json(404, {
                timestamp: new Date(this.context.clock.now()).toISOString(),
                status: 404,
                error: "Not Found",
                message: "No message available",
                path: request.path,
            });
        }
        const base = `${this.environment.apiOrigin}/ex/${product}/${site.cloudId}`;
        const rest = gateway[3] ?? "/";
        const forbidden =
            product === "jira"
                ? json(403, { code: 403, message: "Forbidden" })
                : json(403, { statusCode: 403, message: "Current user not permitted to use Confluence" });
        const call = {
            base,
            site,
            account: credential.account,
            scopes: credential.scopes,
            forbidden: credential.account.hasProductAccess(site, product) ? undefined : forbidden,
        };
        return product === "jira" ? this.jira(request, rest, call) : this.confluence(request, rest, call);
    }

    /** The API of an organisation's administration, which accepts the organisation's own API keys alone. */
    private administration(request: VendorRequest, organizationId: string, path: string): Answer {
        const refuse = (status: number, message: string): Answer => json(status, { code: status, message });
        const { bearer } = request;
        const key = this.organizations
            .flatMap(({ apiKeys }) => apiKeys)
            .find((one) => one.live && bearer !== undefined && sameSecret(one.key, bearer));
        if (!key) {
            return refuse(401, "Unauthorized");
        }
        const { organization } = key;
        const service = /^\/service-accounts\/([^/]+)\/api-tokens$/.exec(path);
        if (!service && path !== "/api-tokens") {
            return refuse(404, "Not Found");
        }
        const scope = service ? "read:service-accounts-tokens:admin" : "read:tokens:admin";
        if (organization.id !== organizationId || !key.scopes.has(scope)) {
            return refuse(403, "Forbidden");
        }
        const known = service ? ["tokenLabel", "cursor"] : ["pageSize", "cursor", "status", "q"];
        // A wrong parameter has been seen to be answered so.
        if ([...request.query.keys()].some((name) => !known.includes(name))) {
            return refuse(500, "Internal Server Error");
        }
        const account = organization.accounts.find(
            ({ accountId }) => accountId === decodeURIComponent(service?.[1] ?? ""),
        );
        if (service && account?.accountType !== "app") {
            return refuse(404, "Not Found");
        }
        const label = request.query.get("tokenLabel");
        const all = organization.apiTokens.filter(
            (token) =>
                (service ? token.account === account : token.account.accountType === "atlassian") &&
                (label === null || token.label.includes(label)),
        );
        const size = Math.min(wholeNumber(request, "pageSize", this.tokensOnAPage) ?? 0, this.tokensOnAPage);
        const [, from = "0"] =
            /^c:(\d+)$/.exec(Buffer.from(request.query.get("cursor") ?? "", "base64url").toString()) ?? [];
        const cursor = (at: number): string => Buffer.from(`c:${at}`).toString("base64url");
        const start = Number(from);
        if (size < 1 || (request.query.has("cursor") && start === 0)) {
            return refuse(400, "Bad Request");
        }
        const limits = {
            "x-ratelimit-limit": "500",
            "x-ratelimit-remaining": "499",
            "x-ratelimit-reset": this.isoTime(60_000),
        };
        return json(
            200,
            {
                data: all.slice(start, start + size).map((token) => this.listedToken(token)),
                links: {
                    self: cursor(start),
                    ...(start + size < all.length ? { next: cursor(start + size) } : {}),
                    ...(start > 0 ? { prev: cursor(Math.max(0, start - size)) } : {}),
                },
            },
            limits,
        );
    }

    private listedToken({ id, label, createdAt, expiresAt, account, live, scopes }: AtlassianApiToken): object {
        return {
            id,
            label,
            // The documents know no other status.
            status: live ? "ALLOWED" : "BLOCKED",
            createdAt: new Date(createdAt).toISOString(),
            ...(expiresAt === Infinity ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
            user: {
                id: account.accountId,
                orgId: account.organization.id,
                name: account.displayName,
                email: account.email,
            },
            scopes: [...scopes],
        };
    }

    private isoTime(later: number): string {
        return new Date(this.context.clock.now() + later).toISOString();
    }

    /** For sites: what a `*.atlassian.net` host answers. */
    siteHost(site: AtlassianSite, request: VendorRequest): Answer {
        if (!site.exists) {
            return html(404, "Your Atlassian Cloud site is currently unavailable.");
        }
        if (request.origin !== site.url) {
            return { status: 302, headers: { location: `${site.url}${request.target}` } };
        }
        if (request.path === "/_edge/tenant_info") {
            const routes: Route<undefined>[] = [
                { method: "GET", path: request.path, handle: () => json(200, { cloudId: site.cloudId }) },
            ];
            return route(request, routes, undefined, () => html(404, "Not Found"));
        }
        const authorization = request.authorization;
        if (authorization?.scheme === "bearer") {
            return {
                status: 403,
                headers: { "content-type": "application/json;charset=UTF-8" },
                body: '{"error": "Failed to parse Connect Session Auth Token"}',
            };
        }
        let account: AtlassianAccount | undefined;
        if (authorization) {
            const basic = request.basic;
            const token = basic && this.liveApiToken(basic.password);
            if (token?.kind !== "personal" || basic?.username.toLowerCase() !== token.account.email.toLowerCase()) {
                return clientMustBeAuthenticated(site.url, true);
            }
            account = token.account;
        }
        const product = request.path.startsWith("/wiki/") ? "confluence" : "jira";
        if (account && !account.hasProductAccess(site, product)) {
            return json(403, { message: `You do not have access to ${product === "jira" ? "Jira" : "Confluence"}.` });
        }
        const call = { base: site.url, site, account, scopes: undefined };
        return product === "jira"
            ? this.jira(request, request.path, call)
            : this.confluence(request, request.path, call);
    }

    private jira(request: VendorRequest, path: string, given: Omit<JiraCall, "api">): Answer {
        const match = /^\/rest\/api\/(2|3|latest)(\/.*)$/.exec(path);
        const notFound = () => errorCollection(404, ["HTTP 404 Not Found"]);
        if (!match) {
            return given.scopes
                ? json(404, { code: 404, message: "Not Found" })
                : html(404, "Oops, you've found a dead link.");
        }
        const call: JiraCall = { ...given, api: match[1]! };
        const routes: Route<JiraCall>[] = [
            { method: "GET", path: "/myself", handle: () => this.myself(request, call) },
            { method: "GET", path: "/serverInfo", handle: () => this.serverInfo(call) },
            { method: "GET", path: "/project/search", handle: () => this.projectSearch(request, call) },
            { method: "GET", path: "/project", handle: () => this.listProjects(call) },
            { method: "POST", path: "/issue", handle: () => this.createIssue(request, call) },
            { method: "GET", path: "/mypermissions", handle: () => this.myPermissions(request, call) },
        ];
        return route(request, routes, call, notFound, match[2]);
    }

    private myself(request: VendorRequest, call: JiraCall): Answer {
        const { base, api, site, account } = call;
        const refused = refusal(call, "read:jira-user", granularScopes.myself);
        if (refused) {
            return refused;
        }
        if (!account) {
            return clientMustBeAuthenticated(site.url, false);
        }
        const expand = (request.query.get("expand") ?? "").split(",");
        const roles = [
            {
                key: "jira-software",
                name: "Jira",
                groups: [`jira-users-${site.subdomain}`],
                defaultGroups: [],
                defined: true,
            },
        ];
        const groups = [
            {
                name: `jira-users-${site.subdomain}`,
                groupId: site.cloudId,
                self: `${base}/rest/api/${api}/group?groupId=${site.cloudId}`,
            },
        ];
        return json(200, {
            self: `${base}/rest/api/${api}/user?accountId=${account.accountId}`,
            accountId: account.accountId,
            accountType: account.accountType,
            emailAddress: account.email,
            avatarUrls: avatars(account.displayName),
            displayName: account.displayName,
            active: account.active,
            timeZone: account.timeZone,
            locale: "en_US",
            groups: { size: groups.length, items: expand.includes("groups") ? groups : [] },
            applicationRoles: { size: roles.length, items: expand.includes("applicationRoles") ? roles : [] },
            expand: "groups,applicationRoles",
        });
    }

    private serverInfo({ site }: JiraCall): Answer {
        return json(200, {
            baseUrl: site.url,
            version: "1001.0.0-SNAPSHOT",
            versionNumbers: [1001, 0, 0],
            deploymentType: "Cloud",
            buildNumber: 100286,
            buildDate: jiraTime(Date.UTC(2026, 6, 14, 8, 30)),
            serverTime: jiraTime(this.context.clock.now()),
            scmInfo: "1f51473f5c7b75c1a69a0090f4832cdc5053702a",
            serverTitle: "Jira",
        });
    }

    private projectSearch(request: VendorRequest, call: JiraCall): Answer {
        const { base, api, site, account } = call;
        const refused = refusal(call, "read:jira-work", granularScopes.projectSearch);
        if (refused) {
            return refused;
        }
        const startAt = wholeNumber(request, "startAt", 0);
        const maxResults = wholeNumber(request, "maxResults", 50);
        if (startAt === undefined || maxResults === undefined) {
            return errorCollection(400, ["startAt and maxResults must be numbers"]);
        }
        const size = Math.min(Math.max(maxResults, 1), 100);
        const query = (request.query.get("query") ?? "").toLowerCase();
        const keys = request.query.getAll("keys");
        const visible = account?.jiraPermissions.has("BROWSE_PROJECTS") ? site.projects : [];
        const found = visible.filter(
            ({ key, name }) =>
                `${key} ${name}`.toLowerCase().includes(query) && (keys.length === 0 || keys.includes(key)),
        );
        const self = (from: number) => `${base}/rest/api/${api}/project/search?maxResults=${size}&startAt=${from}`;
        const isLast = startAt + size >= found.length;
        return json(200, {
            self: self(startAt),
            ...(isLast ? {} : { nextPage: self(startAt + size) }),
            maxResults: size,
            startAt,
            total: found.length,
            isLast,
            values: found.slice(startAt, startAt + size).map((project) => projectIn(call, project)),
        });
    }

    /** All projects at once, deprecated and still the first read of many clients. */
    private listProjects(call: JiraCall): Answer {
        const refused = refusal(call, "read:jira-work", granularScopes.projectSearch);
        if (refused) {
            return refused;
        }
        const visible = call.account?.jiraPermissions.has("BROWSE_PROJECTS") ? call.site.projects : [];
        return json(
            200,
            visible.map((project) => projectIn(call, project)),
        );
    }

    private createIssue(request: VendorRequest, call: JiraCall): Answer {
        const { base, api, site, account } = call;
        const refused = refusal(call, "write:jira-work", granularScopes.createIssue);
        if (refused) {
            return refused;
        }
        if (request.mediaType !== "application/json") {
            return errorCollection(415, ["The content type must be application/json"]);
        }
        let sent: unknown;
        try {
            sent = JSON.parse(request.body);
        } catch {
            sent = undefined;
        }
        if (typeof sent !== "object" || sent === null || Array.isArray(sent)) {
            return errorCollection(400, [
                "Invalid request payload. Refer to the REST API documentation and try again.",
            ]);
        }
        const fields = ((sent as { fields?: unknown }).fields ?? {}) as Record<
            string,
            { key?: string; id?: string; name?: string } | undefined
        >;
        const project = site.projects.find(
            ({ id, key }) => fields["project"]?.id === id || fields["project"]?.key === key,
        );
        const errors = {
            ...(project && account?.jiraPermissions.has("CREATE_ISSUES")
                ? {}
                : { project: "Specify a valid project ID or key" }),
            ...(fields["issuetype"]?.id || fields["issuetype"]?.name
                ? {}
                : { issuetype: "Specify a valid issue type" }),
            ...(fields["summary"] ? {} : { summary: "You must specify a summary of the issue." }),
        };
        if (!project || Object.keys(errors).length > 0) {
            return errorCollection(400, [], errors);
        }
        const id = String(20_000 + site.issues.length);
        const key = `${project.key}-${site.issues.length + 1}`;
        site.issues.push({ id, key, fields });
        return json(201, { id, key, self: `${base}/rest/api/${api}/issue/${id}` });
    }

    private myPermissions(request: VendorRequest, call: JiraCall): Answer {
        const { account, scopes } = call;
        const classic = [...(scopes ?? [])].find((scope) => productOf(scope) === "jira" && !isGranular(scope));
        const refused = refusal(call, classic, ["read:permission:jira"]);
        if (refused) {
            return refused;
        }
        const wanted = (request.query.get("permissions") ?? "").split(",").filter((key) => key !== "");
        const unknown = wanted.filter((key) => !(key in jiraPermissions));
        if (wanted.length === 0) {
            return errorCollection(400, ["The 'permissions' query parameter is required."]);
        }
        if (unknown.length > 0) {
            return errorCollection(400, [`Unrecognized permission: ${unknown.join(", ")}`]);
        }
        const permissions = wanted.map((key) => [
            key,
            { ...jiraPermissions[key], key, havePermission: account?.jiraPermissions.has(key) ?? false },
        ]);
        return json(200, { permissions: Object.fromEntries(permissions) });
    }

    private confluence(request: VendorRequest, path: string, call: Omit<JiraCall, "api">): Answer {
        const routes: Route<undefined>[] = [
            { method: "GET", path: "/wiki/rest/api/user/current", handle: () => this.confluenceUser(call) },
            { method: "GET", path: "/wiki/rest/api/space", handle: () => this.confluenceSpacesV1(request, call) },
            { method: "GET", path: "/wiki/api/v2/spaces", handle: () => this.confluenceSpaces(request, call) },
        ];
        return route(request, routes, undefined, () => json(404, { statusCode: 404, message: "null for uri" }), path);
    }

    private confluenceUser(call: Omit<JiraCall, "api">): Answer {
        const { site, account } = call;
        const refused = refusal(call, "read:confluence-user", ["read:content-details:confluence"]);
        if (refused) {
            return refused;
        }
        if (!account) {
            return json(403, { statusCode: 403, message: "Request is not allowed for anonymous users" });
        }
        const wiki = `${site.url}/wiki`;
        return json(200, {
            type: "known",
            accountId: account.accountId,
            accountType: account.accountType,
            email: account.email,
            publicName: account.displayName,
            profilePicture: { path: "/wiki/aa-avatar/default", width: 48, height: 48, isDefault: false },
            displayName: account.displayName,
            isExternalCollaborator: false,
            _expandable: { operations: "", personalSpace: "" },
            _links: { self: `${wiki}/rest/api/user?accountId=${account.accountId}`, base: wiki, context: "/wiki" },
        });
    }

    private confluenceSpacesV1(request: VendorRequest, call: Omit<JiraCall, "api">): Answer {
        const { site, account } = call;
        const refused = refusal(call, "read:confluence-space.summary", ["read:space:confluence"]);
        if (refused) {
            return refused;
        }
        const limit = wholeNumber(request, "limit", 25);
        const start = wholeNumber(request, "start", 0);
        if (limit === undefined || start === undefined || limit < 1) {
            return json(400, { statusCode: 400, message: "start and limit must be numbers" });
        }
        const all = account ? site.spaces : [];
        const shown = all.slice(start, start + limit);
        const next = start + limit < all.length ? `/rest/api/space?limit=${limit}&start=${start + limit}` : undefined;
        const base = `${site.url}/wiki`;
        return json(200, {
            results: shown.map(({ id, key, name }) => ({
                id: Number(id),
                key,
                name,
                type: "global",
                status: "current",
                _expandable: {
                    settings: `/rest/api/space/${key}/settings`,
                    metadata: "",
                    description: "",
                    homepage: `/rest/api/content/${id}01`,
                },
                _links: { webui: `/spaces/${key}`, self: `${base}/rest/api/space/${key}` },
            })),
            start,
            limit,
            size: shown.length,
            _links: { base, context: "/wiki", self: `${base}/rest/api/space`, ...(next && { next }) },
        });
    }

    private confluenceSpaces(request: VendorRequest, call: Omit<JiraCall, "api">): Answer {
        const { site, account } = call;
        const refused = refusal(call, undefined, ["read:space:confluence"]);
        if (refused) {
            return refused;
        }
        const limit = wholeNumber(request, "limit", 25);
        const start = wholeNumber(request, "cursor", 0);
        if (limit === undefined || start === undefined || limit < 1 || limit > 250) {
            const error = {
                status: 400,
                code: "INVALID_REQUEST_PARAMETER",
                title: "Provided value for 'limit' is not the correct type.",
                detail: null,
            };
            return json(400, { errors: [error] });
        }
        const wiki = `${site.url}/wiki`;
        const spaces = account ? site.spaces : [];
        const next =
            start + limit < spaces.length ? `/wiki/api/v2/spaces?limit=${limit}&cursor=${start + limit}` : undefined;
        return json(
            200,
            {
                results: spaces.slice(start, start + limit).map((space) => ({
                    ...space,
                    type: "global",
                    status: "current",
                    authorId: site.organization.accounts[0]?.accountId ?? "",
                    homepageId: `${space.id}01`,
                    description: null,
                    icon: null,
                    _links: { webui: `/spaces/${space.key}` },
                })),
                _links: { base: wiki, ...(next && { next }) },
            },
            next ? { link: `<${next}>; rel="next"` } : {},
        );
    }
}

function projectIn({ base, api }: JiraCall, { id, key, name }: Project): object {
    return {
        expand: "description,lead,issueTypes,url,projectKeys,permissions,insight",
        self: `${base}/rest/api/${api}/project/${id}`,
        id,
        key,
        name,
        avatarUrls: avatars(key),
        projectTypeKey: "software",
        simplified: false,
        style: "classic",
        isPrivate: false,
        properties: {},
    };
}

function clientMustBeAuthenticated(realm: string, failed: boolean): Answer {
    return text(401, "Client must be authenticated to access this resource.", {
        "www-authenticate": `OAuth realm="${encodeURIComponent(realm)}"`,
        "x-seraph-loginreason": failed ? "AUTHENTICATED_FAILED" : "ANONYMOUS",
    });
}

/** A user of a Jira Data Center server. */
export class JiraDataCenterUser {
    readonly key: string;
    active = true;

    constructor(
        readonly name: string,
        public displayName: string,
        readonly emailAddress: string,
        number: number,
    ) {
        this.key = `JIRAUSER${10_100 + number}`;
    }

    /** Deactivates the user: the personal access tokens are refused. */
    deactivate(): void {
        this.active = false;
    }

    /** Activates the user again. */
    activate(): void {
        this.active = true;
    }
}

/** A personal access token of a Jira Data Center user. */
export class JiraPersonalAccessToken {
    readonly token = randomBytes(33).toString("base64");
    private accepted = true;

    constructor(public user: JiraDataCenterUser) {}

    get live(): boolean {
        return this.accepted && this.user.active;
    }

    /** Revokes the token. */
    revoke(): void {
        this.accepted = false;
    }

    /** Accepts it again. */
    restore(): void {
        this.accepted = true;
    }

    /** The same token stands for another user from here on. */
    moveToUser(user: JiraDataCenterUser): void {
        this.user = user;
    }
}

/** A Jira Data Center server. */
export class JiraDataCenter {
    readonly listener: VendorListener;
    readonly users: JiraDataCenterUser[] = [];
    readonly personalAccessTokens: JiraPersonalAccessToken[] = [];
    readonly projects: Project[] = [{ id: "10000", key: "ACME", name: "Acme Platform" }];
    serverTitle = "Acme Jira";

    constructor(
        private readonly context: VendorContext,
        readonly origin: string,
        public version: string,
    ) {
        this.listener = createListener(context, origin, (request) => this.serve(request));
    }

    /** Upgrades the server. */
    upgrade(version: string): void {
        this.version = version;
    }

    /** Adds a user. */
    addUser(name: string, displayName: string, emailAddress: string): JiraDataCenterUser {
        const user = new JiraDataCenterUser(name, displayName, emailAddress, this.users.length);
        this.users.push(user);
        return user;
    }

    /** Creates a personal access token. */
    createPersonalAccessToken(user: JiraDataCenterUser): JiraPersonalAccessToken {
        const token = new JiraPersonalAccessToken(user);
        this.personalAccessTokens.push(token);
        return token;
    }

    /** Every token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return this.personalAccessTokens.map((token) => token.token);
    }

    private serve(request: VendorRequest): Answer {
        const match = /^\/rest\/api\/(2|latest)(\/.*)$/.exec(request.path);
        if (!match) {
            return html(404, "Oops, you've found a dead link.");
        }
        const bearer = request.bearer;
        const user =
            bearer === undefined
                ? undefined
                : this.personalAccessTokens.find(({ token, live }) => live && sameSecret(token, bearer))?.user;
        const unauthorized = () =>
            json(
                401,
                { message: "Client must be authenticated to access this resource.", "status-code": 401 },
                {
                    "www-authenticate": `OAuth realm="${encodeURIComponent(this.origin)}"`,
                    "x-seraph-loginreason": request.authorization ? "AUTHENTICATED_FAILED" : "ANONYMOUS",
                },
            );
        // A personal access token is accepted as Bearer only, and nobody has a password here.
        if (request.authorization && !user) {
            return unauthorized();
        }
        const routes: Route<undefined>[] = [
            { method: "GET", path: "/myself", handle: () => (user ? this.myself(user) : unauthorized()) },
            { method: "GET", path: "/serverInfo", handle: () => this.serverInfo() },
            {
                method: "GET",
                path: "/project",
                handle: () => json(200, user ? this.projects.map((project) => this.project(project)) : []),
            },
        ];
        return route(
            request,
            routes,
            undefined,
            () => json(404, { message: "null for uri", "status-code": 404 }),
            match[2],
        );
    }

    private project({ id, key, name }: Project): object {
        const avatar = (size: string) => `${this.origin}/secure/projectavatar?size=${size}&avatarId=10324`;
        return {
            expand: "description,lead,url,projectKeys",
            self: `${this.origin}/rest/api/2/project/${id}`,
            id,
            key,
            name,
            avatarUrls: {
                "48x48": avatar("large"),
                "24x24": avatar("small"),
                "16x16": avatar("xsmall"),
                "32x32": avatar("medium"),
            },
            projectTypeKey: "software",
            archived: false,
        };
    }

    private myself(user: JiraDataCenterUser): Answer {
        const avatar = (size: string) => `${this.origin}/secure/useravatar?size=${size}&avatarId=10122`;
        return json(200, {
            self: `${this.origin}/rest/api/2/user?username=${user.name}`,
            key: user.key,
            name: user.name,
            emailAddress: user.emailAddress,
            avatarUrls: {
                "48x48": avatar("large"),
                "24x24": avatar("small"),
                "16x16": avatar("xsmall"),
                "32x32": avatar("medium"),
            },
            displayName: user.displayName,
            active: user.active,
            deleted: false,
            timeZone: "Europe/Berlin",
            locale: "en_US",
            groups: { size: 1, items: [] },
            applicationRoles: { size: 1, items: [] },
            expand: "groups,applicationRoles",
        });
    }

    private serverInfo(): Answer {
        return json(200, {
            baseUrl: this.origin,
            version: this.version,
            versionNumbers: this.version.split(".").map(Number),
            deploymentType: "Server",
            buildNumber: 9_120_015,
            buildDate: jiraTime(Date.UTC(2024, 10, 4)),
            databaseBuildNumber: 9_120_015,
            serverTime: jiraTime(this.context.clock.now()),
            scmInfo: "b51473f5c7b75c1a69a0090f4832cdc505370b2a",
            serverTitle: this.serverTitle,
        });
    }
}
