import type { Answer, Route, VendorContext, VendorListener, VendorRequest } from "../server";
import {
    AccessTokens,
    alphanumeric,
    createListener,
    formDecode,
    json,
    randomHex,
    randomText,
    route,
    sameSecret,
    shuffled,
    signJwt,
    tokenParameters,
    randomUUID,
} from "../server";

/** JumpCloud's regions. An organisation lives in one and cannot be reached from another. */
export type JumpCloudRegionCode = "us" | "eu" | "in";

/** A directory integration as `/api/v2/directories` lists it. */
export interface JumpCloudDirectory {
    id: string;
    name: string;
    type: "active_directory" | "ldap_server" | "office_365" | "g_suite" | "workday";
}

/** An organisation in JumpCloud. */
export class JumpCloudOrganization {
    readonly id = randomHex(24);
    /** None here, which JumpCloud answers as null. */
    readonly logoUrl: string | null = null;
    readonly created = "2023-09-29T12:09:34.825Z";
    readonly directories: JumpCloudDirectory[];
    readonly users: { _id: string; username: string; email: string }[];
    readonly userGroups: { id: string; name: string; type: "user_group" }[];

    /** @param displayName Null for an organisation that nobody has given a name. */
    constructor(public displayName: string | null) {
        const domain = `${(displayName ?? "unnamed").toLowerCase().replace(/[^a-z0-9]+/g, "-")}.example`;
        this.directories = [
            { id: randomHex(24), name: "JumpCloud LDAP", type: "ldap_server" },
            { id: randomHex(24), name: "Google Workspace", type: "g_suite" },
            { id: randomHex(24), name: "Microsoft 365", type: "office_365" },
        ];
        this.users = ["mia", "noor", "sam"].map((username) => ({
            _id: randomHex(24),
            username,
            email: `${username}@${domain}`,
        }));
        this.userGroups = ["All Users", "Engineering"].map((name) => ({
            id: randomHex(24),
            name,
            type: "user_group" as const,
        }));
    }

    /** Changes the organisation's name, or takes it away. */
    rename(displayName: string | null): void {
        this.displayName = displayName;
    }
}

/** Roles that a service account can have, cut to what decides a call here. */
export type JumpCloudRole =
    "Administrator with Billing" | "Administrator" | "Help Desk" | "Directory Reader" | "No Access";

const rolesThatRead: Record<"organizations" | "directories" | "users", readonly JumpCloudRole[]> = {
    organizations: ["Administrator with Billing", "Administrator"],
    directories: ["Administrator with Billing", "Administrator", "Directory Reader"],
    users: ["Administrator with Billing", "Administrator", "Help Desk", "Directory Reader"],
};

/** A service account with OAuth 2.0 client credentials. */
export class JumpCloudServiceAccount {
    readonly id = randomHex(24);
    readonly clientId = randomUUID();
    /** Seconds that an access token lives. The answer says one less, as JumpCloud's do. */
    accessTokenLifetimeSeconds = 3600;
    enabled = true;
    role: JumpCloudRole = "Administrator";
    /** Whether it may have the scope `api`, which every token request asks for. */
    hasScope = true;
    private live: string[] = [];
    private readonly revoked: string[] = [];
    private readonly managed = new Set<JumpCloudOrganization>();

    constructor(
        readonly region: JumpCloudRegion,
        readonly name: string,
        private home: JumpCloudOrganization,
        secret: string,
        readonly multiTenant: boolean,
    ) {
        this.live.push(secret);
        if (multiTenant) {
            this.managed.add(home);
        }
    }

    /** The client secrets that are accepted: one or two. */
    get clientSecrets(): readonly string[] {
        return this.live;
    }

    /** Every secret the account ever had. */
    get allClientSecrets(): readonly string[] {
        return [...this.live, ...this.revoked];
    }

    /** The organisations it can reach: its own, or those a multi-tenant administrator has included. */
    get organizations(): readonly JumpCloudOrganization[] {
        return this.multiTenant ? [...this.managed] : [this.home];
    }

    /** Generates a second client secret (two at most, which is what makes rotation without a gap possible). */
    addClientSecret(secret = randomText(64, alphanumeric)): string {
        if (this.live.length >= 2) {
            throw new Error("A JumpCloud service account has two client secrets at most");
        }
        this.live.push(secret);
        return secret;
    }

    /** Deletes a client secret, by default the first; what expires does the same. Tokens issued before live on. */
    revokeClientSecret(secret = this.live[0]): void {
        if (secret !== undefined && this.live.includes(secret)) {
            this.live = this.live.filter((other) => other !== secret);
            this.revoked.push(secret);
        }
    }

    /** Accepts a deleted secret again, by default the one deleted last. */
    restoreClientSecret(secret = this.revoked[this.revoked.length - 1]): void {
        const at = secret === undefined ? -1 : this.revoked.indexOf(secret);
        if (secret !== undefined && at >= 0) {
            this.revoked.splice(at, 1);
            this.live.unshift(secret);
        }
    }

    /** Disables the account: no token any more, and those issued are refused. */
    disable(): void {
        this.enabled = false;
    }

    /** Enables the account again. */
    enable(): void {
        this.enabled = true;
    }

    /** Gives it another role. `Help Desk` and below cannot read organisations (403). */
    setRole(role: JumpCloudRole): void {
        this.role = role;
    }

    /** The same credential opens another organisation from here on. */
    moveToOrganization(organization: JumpCloudOrganization): void {
        this.managed.delete(this.home);
        this.home = organization;
        if (this.multiTenant) {
            this.managed.add(organization);
        }
    }

    /** Multi-tenant: includes one more organisation. */
    includeOrganization(organization: JumpCloudOrganization): void {
        if (!this.multiTenant) {
            throw new Error("Only a multi-tenant account manages several organisations");
        }
        this.managed.add(organization);
    }

    /** Multi-tenant: takes an organisation out. */
    excludeOrganization(organization: JumpCloudOrganization): void {
        this.managed.delete(organization);
    }

    /** Takes the scope `api` away: a token request is refused with `invalid_scope`, tokens issued before live on. */
    removeScope(): void {
        this.hasScope = false;
    }

    /** Gives it back. */
    restoreScope(): void {
        this.hasScope = true;
    }

    /** Makes every access token of the account invalid at once. */
    revokeAccessTokens(): void {
        this.region.tokens.revoke((account) => account === this);
    }
}

const authenticationFailed =
    "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).";

const organizationId = /^[0-9a-f]{24}$/i;

function unauthorized(message = "Unauthorized"): Answer {
    return json(401, { message });
}

function page<T>(
    request: VendorRequest,
    items: readonly T[],
    nameOf: (item: T) => string,
): { items: T[]; total: number } | Answer {
    const count = (name: string, otherwise: number, most: number) => {
        const value = request.query.get(name);
        return value === null || value === ""
            ? otherwise
            : /^\d{1,9}$/.test(value)
              ? Math.min(Number(value), most)
              : undefined;
    };
    const limit = count("limit", 10, 100);
    const skip = count("skip", 0, Number.MAX_SAFE_INTEGER);
    if (limit === undefined || skip === undefined) {
        return json(400, { message: "Bad Request: limit and skip must be numbers" });
    }
    const search = (request.query.get("search") ?? "").toLowerCase();
    const found = items.filter((item) => nameOf(item).toLowerCase().includes(search));
    const sort = request.query.get("sort") ?? "";
    if (sort !== "") {
        found.sort((a, b) => nameOf(a).localeCompare(nameOf(b)) * (sort.startsWith("-") ? -1 : 1));
    }
    const shown = found.slice(skip, skip + limit);
    // Without a sort nothing is promised about the order, but a page keeps its members.
    return { items: sort === "" ? shuffled(shown) : shown, total: found.length };
}

function fieldsOf<T extends object>(request: VendorRequest, item: T, always: string): Partial<T> {
    const wanted = (request.query.get("fields") ?? "").split(/[\s,]+/).filter((field) => field !== "");
    return wanted.length === 0
        ? item
        : (Object.fromEntries(
              Object.entries(item).filter(([name]) => name === always || wanted.includes(name)),
          ) as Partial<T>);
}

/** One region of JumpCloud: its token host and its console host. */
export class JumpCloudRegion {
    readonly tokens: AccessTokens<JumpCloudServiceAccount>;
    /** `https://admin-oauth.id.jumpcloud.com` and its like. */
    readonly oauth: VendorListener;
    /** `https://console.jumpcloud.com` and its like: API v1 and v2. */
    readonly console: VendorListener;
    readonly organizations: JumpCloudOrganization[] = [];
    readonly serviceAccounts: JumpCloudServiceAccount[] = [];
    /** Whether id and secret are form-decoded before they are compared, as RFC 6749 has it. */
    decodesBasic = true;

    constructor(
        private readonly context: VendorContext,
        readonly code: JumpCloudRegionCode,
    ) {
        this.tokens = new AccessTokens(context.clock);
        const label = code === "us" ? "" : `${code}.`;
        this.oauth = createListener(context, `https://admin-oauth.id.${label}jumpcloud.com`, (request) =>
            this.oauthHost(request),
        );
        this.console = createListener(context, `https://console.${label}jumpcloud.com`, (request) =>
            this.consoleHost(request),
        );
    }

    /** Adds an organisation to the region. */
    addOrganization(displayName: string | null): JumpCloudOrganization {
        const organization = new JumpCloudOrganization(displayName);
        this.organizations.push(organization);
        return organization;
    }

    /** Adds a service account with one client secret; `multiTenant` for one that has to select an organisation. */
    addServiceAccount(
        name: string,
        organization: JumpCloudOrganization,
        options: { clientSecret?: string; multiTenant?: boolean } = {},
    ): JumpCloudServiceAccount {
        const secret = options.clientSecret ?? randomText(64, alphanumeric);
        const account = new JumpCloudServiceAccount(this, name, organization, secret, options.multiTenant ?? false);
        this.serviceAccounts.push(account);
        return account;
    }

    /** Deletes a service account with its secrets and tokens. */
    deleteServiceAccount(account: JumpCloudServiceAccount): void {
        const at = this.serviceAccounts.indexOf(account);
        if (at >= 0) {
            this.serviceAccounts.splice(at, 1);
            account.revokeAccessTokens();
        }
    }

    private oauthHost(request: VendorRequest): Answer {
        const routes: Route<this>[] = [
            { method: "POST", path: "/oauth2/token", handle: () => this.token(request) },
            {
                method: "GET",
                path: "/.well-known/openid-configuration",
                handle: () =>
                    json(200, {
                        issuer: `${this.oauth.origin}/`,
                        token_endpoint: `${this.oauth.origin}/oauth2/token`,
                        grant_types_supported: ["client_credentials"],
                        token_endpoint_auth_methods_supported: ["client_secret_basic"],
                        response_types_supported: [],
                        subject_types_supported: ["public"],
                    }),
            },
        ];
        return route(request, routes, this, () => json(404, { error: "The requested resource could not be found" }));
    }

    private token(request: VendorRequest): Answer {
        const refuse = (status: number, error: string, error_description: string) =>
            json(status, { error, error_description });
        const sent = tokenParameters(request);
        if ("problem" in sent) {
            return refuse(400, "invalid_request", sent.problem);
        }
        const { parameters } = sent;
        const inBody = parameters.has("client_id") || parameters.has("client_secret");
        if (inBody && request.authorization) {
            return refuse(400, "invalid_request", "More than one client authentication method was used");
        }
        if (inBody) {
            return refuse(
                401,
                "invalid_client",
                `${authenticationFailed} The client supports "client_secret_basic" only.`,
            );
        }
        const basic = request.basic;
        if (!basic) {
            return refuse(401, "invalid_client", authenticationFailed);
        }
        const clientId = this.decodesBasic ? formDecode(basic.username) : basic.username;
        const secret = this.decodesBasic ? formDecode(basic.password) : basic.password;
        if (clientId === undefined || secret === undefined) {
            const part = clientId === undefined ? "id" : "secret";
            const form = "application/x-www-form-urlencoded";
            return refuse(
                400,
                "invalid_request",
                `The client ${part} in the HTTP authorization header could not be decoded from "${form}".`,
            );
        }
        const account = this.serviceAccounts.find((candidate) => candidate.clientId === clientId);
        if (!account?.enabled || !account.clientSecrets.some((live) => sameSecret(live, secret))) {
            return refuse(401, "invalid_client", authenticationFailed);
        }
        const grant = parameters.get("grant_type");
        if (grant !== "client_credentials") {
            return grant === undefined
                ? refuse(400, "invalid_request", 'Request parameter "grant_type" is missing')
                : refuse(
                      400,
                      "unsupported_grant_type",
                      "The authorization grant type is not supported by the authorization server.",
                  );
        }
        if (parameters.get("scope") !== "api" || !account.hasScope) {
            return refuse(
                400,
                "invalid_scope",
                'The requested scope is invalid, unknown, or malformed. This client may request "api".',
            );
        }
        const issuedAt = Math.floor(this.context.clock.now() / 1000);
        const lifetime = account.accessTokenLifetimeSeconds;
        const token = signJwt({
            iss: `${this.oauth.origin}/`,
            sub: account.clientId,
            client_id: account.clientId,
            aud: [],
            scp: ["api"],
            iat: issuedAt,
            nbf: issuedAt,
            exp: issuedAt + lifetime,
            jti: randomUUID(),
        });
        this.tokens.issue(token, account, lifetime);
        return json(
            200,
            { access_token: token, expires_in: Math.max(lifetime - 1, 1), scope: "api", token_type: "bearer" },
            { pragma: "no-cache" },
        );
    }

    private consoleHost(request: VendorRequest): Answer {
        const known: Route<JumpCloudServiceAccount>[] = [
            {
                method: "GET",
                path: /^\/api\/organizations\/?$/,
                handle: (_, account) => this.listOrganizations(request, account),
            },
            {
                method: "GET",
                path: /^\/api\/organizations\/([^/]+)$/,
                handle: (_, account, id) => this.getOrganization(request, account, id),
            },
            { method: "GET", path: "/api/systemusers", handle: (_, account) => this.listUsers(request, account) },
            {
                method: "GET",
                path: "/api/v2/directories",
                handle: (_, account) => this.listDirectories(request, account),
            },
            {
                method: "GET",
                path: "/api/v2/usergroups",
                handle: (_, account) => this.listUserGroups(request, account),
            },
        ];
        if (!request.path.startsWith("/api/")) {
            return json(404, { message: "Not Found" });
        }
        if (request.header("x-api-key") !== undefined) {
            return json(401, { error: "Unauthorized", message: "Unauthorized: api key user not found" });
        }
        const account = this.tokens.find(request.bearer);
        if (!account?.enabled || !this.serviceAccounts.includes(account)) {
            return unauthorized();
        }
        return route(request, known, account, () => json(404, { message: "Not Found" }));
    }

    private listOrganizations(request: VendorRequest, account: JumpCloudServiceAccount): Answer {
        if (request.header("x-org-id") !== undefined || !rolesThatRead.organizations.includes(account.role)) {
            return json(403, { message: "Forbidden" });
        }
        const found = page(request, account.organizations, (organization) => organization.displayName ?? "");
        if ("status" in found) {
            return found;
        }
        // As recorded; the document knows neither `id` nor `created`.
        const results = found.items.map(({ id, displayName, logoUrl, created }) =>
            fieldsOf(request, { _id: id, id, displayName, logoUrl, created }, "_id"),
        );
        return json(200, { totalCount: found.total, results });
    }

    private getOrganization(request: VendorRequest, account: JumpCloudServiceAccount, id: string): Answer {
        if (request.header("x-org-id") !== undefined || !rolesThatRead.organizations.includes(account.role)) {
            return json(403, { message: "Forbidden" });
        }
        const organization = account.organizations.find((candidate) => candidate.id === id.toLowerCase());
        if (!organization) {
            return json(404, { message: "Not Found" });
        }
        const { displayName, logoUrl, created } = organization;
        return json(200, fieldsOf(request, { _id: organization.id, displayName, logoUrl, created }, "_id"));
    }

    /** The organisation that a request selects, or the refusal. */
    private selected(request: VendorRequest, account: JumpCloudServiceAccount): JumpCloudOrganization | Answer {
        const wanted = request.header("x-org-id");
        if (wanted === undefined) {
            return account.multiTenant
                ? unauthorized("Unauthorized: no organization selected")
                : account.organizations[0]!;
        }
        if (!organizationId.test(wanted)) {
            return json(400, { message: "Bad Request: malformed x-org-id" });
        }
        const organization = this.organizations.find((candidate) => candidate.id === wanted.toLowerCase());
        if (!organization) {
            return json(404, { message: "Not Found: organization not found" });
        }
        return account.organizations.includes(organization)
            ? organization
            : unauthorized("Unauthorized: organization is not accessible");
    }

    private listDirectories(request: VendorRequest, account: JumpCloudServiceAccount): Answer {
        return this.list(request, account, rolesThatRead.directories, ({ directories }) => directories);
    }

    private listUserGroups(request: VendorRequest, account: JumpCloudServiceAccount): Answer {
        return this.list(request, account, rolesThatRead.users, ({ userGroups }) => userGroups);
    }

    private list(
        request: VendorRequest,
        account: JumpCloudServiceAccount,
        roles: readonly JumpCloudRole[],
        itemsOf: (organization: JumpCloudOrganization) => readonly { readonly name: string }[],
    ): Answer {
        const organization = this.selected(request, account);
        if ("status" in organization) {
            return organization;
        }
        if (!roles.includes(account.role)) {
            return json(403, { message: "Forbidden" });
        }
        const found = page(request, itemsOf(organization), (item) => item.name);
        return "status" in found
            ? found
            : json(
                  200,
                  found.items.map((item) => fieldsOf(request, item, "id")),
                  { "x-total-count": String(found.total) },
              );
    }

    private listUsers(request: VendorRequest, account: JumpCloudServiceAccount): Answer {
        const organization = this.selected(request, account);
        if ("status" in organization) {
            return organization;
        }
        if (!rolesThatRead.users.includes(account.role)) {
            return json(403, { message: "Forbidden" });
        }
        const found = page(request, organization.users, (user) => user.username);
        if ("status" in found) {
            return found;
        }
        const results = found.items.map((user) => ({
            ...fieldsOf(
                request,
                { ...user, activated: true, state: "ACTIVATED", suspended: false, organization: organization.id },
                "_id",
            ),
        }));
        return json(200, { results, totalCount: found.total });
    }
}

/** JumpCloud as a whole. */
export class JumpCloud {
    readonly us: JumpCloudRegion;
    readonly eu: JumpCloudRegion;
    readonly in: JumpCloudRegion;

    constructor(context: VendorContext) {
        this.us = new JumpCloudRegion(context, "us");
        this.eu = new JumpCloudRegion(context, "eu");
        this.in = new JumpCloudRegion(context, "in");
    }

    get regions(): readonly JumpCloudRegion[] {
        return [this.us, this.eu, this.in];
    }

    /** The service accounts of all regions. */
    get serviceAccounts(): readonly JumpCloudServiceAccount[] {
        return this.regions.flatMap((region) => region.serviceAccounts);
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return this.regions.flatMap((region) => [
            ...region.serviceAccounts.flatMap((account) => account.allClientSecrets),
            ...region.tokens.issued,
        ]);
    }
}
