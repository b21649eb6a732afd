import type { Answer, Route, VendorContext, VendorListener, VendorRequest } from "../server";
import {
    AccessTokens,
    alphanumeric,
    createListener,
    html,
    randomHex,
    randomText,
    randomUUID,
    route,
    sameSecret,
    shuffled,
    signJwt,
    tokenParameters,
} from "../server";

function crud(...names: string[]): string[] {
    return names.flatMap((name) => ["Create", "Read", "Update", "Delete"].map((verb) => `${verb} ${name}`));
}

/** Privileges that exist in Jamf Pro, in its own spelling: a part of the real list of some five hundred. */
export const jamfPrivileges: readonly string[] = [
    ...crud(
        "API Integrations",
        "API Roles",
        "Buildings",
        "Categories",
        "Computers",
        "Departments",
        "iOS Configuration Profiles",
    ),
    ...crud("macOS Configuration Profiles", "Mobile Devices", "Policies", "Scripts", "Sites", "Smart Computer Groups"),
    ...crud("Static Computer Groups", "User"),
    "Read JSS URL",
    "Update JSS URL",
    "Read SSO Settings",
    "Update SSO Settings",
    "Send Computer Remote Command to Download and Install OS X Update",
    "Send Computer Remote Command to Install Package",
    "Send Computer Remote Desktop Command",
    "Send Computer Remote Lock Command",
    "Send Computer Remote Wipe Command",
    "Send Mobile Device Remote Command to Download and Install iOS Update",
    "Send Mobile Device Remote Lock Command",
    "Send Mobile Device Remote Wipe Command",
    "View MDM command information in Jamf Pro API",
].sort();

/** An API role: a named set of privileges. */
export class JamfApiRole {
    private readonly granted: Set<string>;

    constructor(
        readonly id: number,
        readonly displayName: string,
        privileges: Iterable<string>,
    ) {
        this.granted = new Set(privileges);
    }

    get privileges(): readonly string[] {
        return [...this.granted].sort();
    }

    /** Adds a privilege; tokens that exist have it at once. */
    addPrivilege(name: string): void {
        this.granted.add(name);
    }

    /** Takes a privilege away; tokens that exist lose it at once. */
    removePrivilege(name: string): void {
        this.granted.delete(name);
    }
}

/** An API client (in the API: an integration) of one Jamf Pro server. */
export class JamfApiClient {
    readonly clientId = randomUUID();
    accessTokenLifetimeSeconds = 1800;
    enabled = true;
    private secret: string;
    private secretAccepted = true;
    private readonly formerSecrets: string[] = [];
    private assigned: JamfApiRole[];
    private rolesOfSecret: readonly JamfApiRole[];

    constructor(
        readonly server: JamfServer,
        readonly id: number,
        public displayName: string,
        roles: readonly JamfApiRole[],
        clientSecret?: string,
    ) {
        this.assigned = [...roles];
        this.rolesOfSecret = [...roles];
        this.secret = clientSecret ?? newSecret();
    }

    get clientSecret(): string {
        return this.secret;
    }

    /** Every secret the client ever had. */
    get allClientSecrets(): readonly string[] {
        return [this.secret, ...this.formerSecrets];
    }

    /** The roles assigned to the client. */
    get roles(): readonly JamfApiRole[] {
        return this.assigned;
    }

    /** The roles that tokens show: those assigned when the secret was generated. */
    get rolesInTokens(): readonly JamfApiRole[] {
        return this.rolesOfSecret;
    }

    /** The privileges the client has, by the roles that its tokens show. */
    get privileges(): readonly string[] {
        return [...new Set(this.rolesOfSecret.flatMap((role) => role.privileges))].sort();
    }

    /** Generates a new client secret: the old one is refused at once. Roles assigned since then show in tokens. */
    generateClientSecret(secret = newSecret()): string {
        this.formerSecrets.push(this.secret);
        this.secret = secret;
        this.secretAccepted = true;
        this.rolesOfSecret = [...this.assigned];
        return this.secret;
    }

    /** Refuses the secret, as if somebody had generated another one. Tokens issued before live on. */
    revokeClientSecret(): void {
        this.secretAccepted = false;
    }

    /** Accepts the secret again. */
    restoreClientSecret(): void {
        this.secretAccepted = true;
    }

    /** For the token endpoint. */
    accepts(secret: string): boolean {
        return this.secretAccepted && sameSecret(secret, this.secret);
    }

    /** Disables the client: a token request gets an empty token, tokens issued before live on. */
    disable(): void {
        this.enabled = false;
    }

    /** Enables the client again. */
    enable(): void {
        this.enabled = true;
    }

    /** Renames the client, which is what `account.username` shows. */
    rename(displayName: string): void {
        this.displayName = displayName;
    }

    /** Assigns a role; tokens show it once a new secret has been generated. */
    assignRole(role: JamfApiRole): void {
        this.assigned.push(role);
    }

    /** Takes a role away; tokens lose it once a new secret has been generated. */
    unassignRole(role: JamfApiRole): void {
        this.assigned = this.assigned.filter((other) => other !== role);
    }

    /** Adds a privilege to the client's first role. */
    addPrivilege(name: string): void {
        this.rolesOfSecret[0]?.addPrivilege(name);
    }

    /** Takes a privilege out of every role of the client. */
    removePrivilege(name: string): void {
        this.rolesOfSecret.forEach((role) => role.removePrivilege(name));
    }

    /** Makes every access token of the client invalid at once. */
    revokeAccessTokens(): void {
        this.server.tokens.revoke((grant) => grant.client === this);
    }
}

function newSecret(): string {
    return randomText(64, `${alphanumeric}-_`);
}

interface JamfGrant {
    client: JamfApiClient;
    roles: readonly JamfApiRole[];
}

function versionNumbers(version: string): number[] {
    return (/^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []).slice(1).map((part) => Number(part ?? 0));
}

function atLeast(version: string, floor: string): boolean {
    const a = versionNumbers(version);
    const b = versionNumbers(floor);
    for (let i = 0; i < 3; i++) {
        if ((a[i] ?? 0) !== (b[i] ?? 0)) {
            return (a[i] ?? 0) > (b[i] ?? 0);
        }
    }
    return true;
}

/** JSON as Jamf Pro (Jackson) prints it. */
function pretty(value: unknown, indent = ""): string {
    if (Array.isArray(value)) {
        return value.length === 0 ? "[ ]" : `[ ${value.map((item) => pretty(item, indent)).join(", ")} ]`;
    }
    if (value !== null && typeof value === "object") {
        const inner = `${indent}  `;
        const fields = Object.entries(value).map(
            ([name, field]) => `${inner}${JSON.stringify(name)} : ${pretty(field, inner)}`,
        );
        return fields.length === 0 ? "{ }" : `{\n${fields.join(",\n")}\n${indent}}`;
    }
    return JSON.stringify(value);
}

function jamfJson(status: number, value: unknown, headers: Record<string, string | string[]> = {}): Answer {
    return { status, headers: { "content-type": "application/json", ...headers }, body: pretty(value) };
}

function apiError(status: number, errors: readonly object[] = []): Answer {
    return jamfJson(status, { httpStatus: status, errors });
}

const tokenErrors = "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2";

/** One Jamf Pro server, in Jamf Cloud or self-hosted. */
export class JamfServer {
    readonly listener: VendorListener;
    readonly tokens: AccessTokens<JamfGrant>;
    readonly roles: JamfApiRole[] = [];
    readonly clients: JamfApiClient[] = [];
    readonly sites: { id: string; name: string }[] = [];
    /** Every privilege that this server knows. */
    privileges: string[] = [...jamfPrivileges];
    /** The first version with API clients; before it there is no token endpoint. */
    apiClientsSince = "10.49.0";
    /** The first version with `/api/v1/oauth/token`; before it only `/api/oauth/token` answers. */
    v1TokenEndpointSince = "11.17.0";
    /** The status of an answer to a path of the API that the server does not have. One that asks for a login first says 401 or 403. */
    absentPathStatus: 401 | 403 | 404 | 405 = 404;
    /** Whether such an answer is in Jamf Pro's own words, in those of the framework below it, or a page. */
    absentPathBody: "jamf" | "spring" | "page" = "jamf";
    /** How `/api/v1/auth` tells a client's privileges: by site, by account group, or not at all, in one of the ways in which JSON says nothing. */
    privilegesTold: "bySite" | "byGroup" | "emptyObject" | "nullLists" | "null" | "missing" = "bySite";
    private fullVersion: string;

    constructor(
        private readonly context: VendorContext,
        readonly origin: string,
        version: string,
    ) {
        this.fullVersion = version;
        this.tokens = new AccessTokens(context.clock);
        this.listener = createListener(context, origin, (request) => this.serve(request));
    }

    /** The version as `/api/v1/jamf-pro-version` says it. */
    get version(): string {
        return this.fullVersion;
    }

    /** Whether Jamf hosts it. */
    get cloud(): boolean {
        return new URL(this.origin).hostname.endsWith(".jamfcloud.com");
    }

    /** Upgrades (or rolls back) the server. A version without a build gets one, as real ones have. */
    upgrade(version: string): void {
        this.fullVersion = /-t\d+$/.test(version) ? version : `${version}-t${this.context.clock.now()}`;
    }

    /** Adds an API role. */
    addRole(displayName: string, privileges: Iterable<string>): JamfApiRole {
        const role = new JamfApiRole(this.roles.length + 1, displayName, privileges);
        this.roles.push(role);
        return role;
    }

    /** Adds an API client with the given roles and a secret. */
    addClient(
        displayName: string,
        roles: readonly JamfApiRole[],
        options: { lifetimeSeconds?: number; clientSecret?: string } = {},
    ): JamfApiClient {
        const client = new JamfApiClient(this, this.clients.length + 1, displayName, roles, options.clientSecret);
        client.accessTokenLifetimeSeconds = options.lifetimeSeconds ?? client.accessTokenLifetimeSeconds;
        this.clients.push(client);
        return client;
    }

    /** Deletes an API client. Tokens issued before live on, as in Jamf Pro. */
    deleteClient(client: JamfApiClient): void {
        const at = this.clients.indexOf(client);
        if (at >= 0) {
            this.clients.splice(at, 1);
        }
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return [...this.clients.flatMap((client) => client.allClientSecrets), ...this.tokens.issued];
    }

    private serve(request: VendorRequest): Answer {
        const open: Route<undefined>[] = [
            { method: "GET", path: "/api/v1/health-check", handle: () => ({ status: 204 }) },
            {
                method: "GET",
                path: "/healthCheck.html",
                handle: () => ({ status: 200, headers: { "content-type": "text/html" }, body: "[]" }),
            },
            { method: "GET", path: "/api/v1/cloud-information", handle: () => this.cloudInformation() },
            { method: "GET", path: "/api/startup-status", handle: () => this.startupStatus() },
        ];
        if (atLeast(this.fullVersion, this.apiClientsSince)) {
            open.push({ method: "POST", path: "/api/oauth/token", handle: () => this.token(request) });
            if (atLeast(this.fullVersion, this.v1TokenEndpointSince)) {
                open.push({ method: "POST", path: "/api/v1/oauth/token", handle: () => this.token(request) });
            }
        }
        const guarded = (
            method: string,
            path: string,
            handle: (grant: JamfGrant) => Answer,
            privilege?: string,
        ): Route<JamfGrant> => ({
            method,
            path,
            handle: (_, grant) =>
                privilege === undefined || this.has(grant, privilege)
                    ? handle(grant)
                    : apiError(403, [{ code: "INVALID_PRIVILEGE", description: "Forbidden", id: "0", field: null }]),
        });
        const closed: Route<JamfGrant>[] = [
            guarded("GET", "/api/v1/jamf-pro-version", () => jamfJson(200, { version: this.fullVersion })),
            guarded("GET", "/api/v1/auth", (grant) => this.authorization(grant)),
            guarded("POST", "/api/v1/auth/invalidate-token", () => this.invalidate(request)),
            guarded(
                "GET",
                "/api/v1/api-role-privileges",
                () => jamfJson(200, { privileges: this.privileges }),
                "Read API Roles",
            ),
            guarded(
                "GET",
                "/api/v1/api-role-privileges/search",
                () => this.searchPrivileges(request),
                "Read API Roles",
            ),
            guarded("GET", "/api/v1/api-roles", () => this.listRoles(), "Read API Roles"),
            guarded("GET", "/api/v1/api-integrations", () => this.listIntegrations(), "Read API Integrations"),
            guarded("GET", "/api/v1/jamf-pro-server-url", () => jamfJson(200, { url: this.origin }), "Read JSS URL"),
            guarded("GET", "/api/v1/sites", () => jamfJson(200, this.sites), "Read Sites"),
        ];
        // No user accounts for the older authentication exist here.
        open.push({ method: "POST", path: "/api/v1/auth/token", handle: () => apiError(401) });
        const notFound = () =>
            request.path.startsWith("/api/") ? this.absentPath(request) : html(404, "HTTP Status 404 – Not Found");
        return route(request, open, undefined, () => {
            const grant = this.tokens.find(request.bearer);
            const known = closed.some(({ path }) => path === request.path);
            return known && !grant ? apiError(401) : route(request, closed, grant as JamfGrant, notFound);
        });
    }

    private absentPath({ path }: VendorRequest): Answer {
        const status = this.absentPathStatus;
        if (this.absentPathBody === "jamf") {
            return apiError(status);
        }
        const error = { 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed" }[status];
        return this.absentPathBody === "page"
            ? html(status, `HTTP Status ${status} – ${error}`)
            : jamfJson(status, { timestamp: new Date(this.context.clock.now()).toISOString(), status, error, path });
    }

    private has(grant: JamfGrant, privilege: string): boolean {
        return grant.roles.some((role) => role.privileges.includes(privilege));
    }

    private token(request: VendorRequest): Answer {
        const refuse = (status: number, error: string, parameter?: string) =>
            jamfJson(
                status,
                parameter
                    ? { error, error_description: `OAuth 2.0 Parameter: ${parameter}`, error_uri: tokenErrors }
                    : { error },
            );
        const sent = tokenParameters(request);
        if ("problem" in sent) {
            return jamfJson(400, { error: "invalid_request", error_description: sent.problem, error_uri: tokenErrors });
        }
        const { parameters } = sent;
        const inBody = parameters.has("client_id") || parameters.has("client_secret");
        if (request.authorization && inBody) {
            return jamfJson(400, {
                error: "invalid_request",
                error_description: "More than one client authentication was sent",
                error_uri: tokenErrors,
            });
        }
        const client = this.clients.find((candidate) => candidate.clientId === parameters.get("client_id"));
        if (!client?.accepts(parameters.get("client_secret") ?? "")) {
            return refuse(401, "invalid_client");
        }
        const grantType = parameters.get("grant_type");
        if (grantType !== "client_credentials") {
            return refuse(400, grantType === undefined ? "invalid_request" : "unsupported_grant_type", "grant_type");
        }
        let roles = client.rolesInTokens;
        const scope = parameters.get("scope");
        if (scope !== undefined && scope !== "") {
            const wanted = scope.split(" ");
            if (!wanted.every((name) => roles.some((role) => name === `api-role:${role.id}`))) {
                return refuse(400, "invalid_scope", "scope");
            }
            roles = roles.filter((role) => wanted.includes(`api-role:${role.id}`));
        }
        const lifetime = client.accessTokenLifetimeSeconds;
        const issuedAt = Math.floor(this.context.clock.now() / 1000);
        const scopes = roles.map((role) => `api-role:${role.id}`);
        let token = "";
        if (client.enabled) {
            token = signJwt({
                sub: client.clientId,
                aud: client.clientId,
                nbf: issuedAt,
                "subject-type": "REGISTERED_CLIENT_ID",
                "authentication-type": "CLIENT_CREDENTIALS",
                scope: scopes,
                iss: this.origin,
                exp: issuedAt + lifetime,
                iat: issuedAt,
                "token-uuid": randomUUID(),
            });
            this.tokens.issue(token, { client, roles }, lifetime);
        }
        const answer = {
            access_token: token,
            scope: scopes.join(" "),
            token_type: "Bearer",
            expires_in: Math.max(lifetime - 1, 1),
        };
        const sticky = this.cloud ? { "set-cookie": [`jpro-ingress=${randomHex(32)}; Path=/; Secure; HttpOnly`] } : {};
        return jamfJson(200, answer, { pragma: "no-cache", ...sticky });
    }

    private authorization({ client, roles }: JamfGrant): Answer {
        // The order of privileges is nobody's promise.
        const privileges = shuffled(new Set(roles.flatMap((role) => role.privileges)));
        const bySite = {
            bySite: { "-1": privileges },
            byGroup: {},
            emptyObject: {},
            nullLists: { "-1": null },
            null: null,
            missing: undefined,
        };
        const group = {
            accessLevel: "FullAccess",
            privilegeSet: "CUSTOM",
            siteId: -1,
            privileges,
            memberUserIds: [client.id],
        };
        return jamfJson(200, {
            account: {
                id: String(client.id),
                username: client.displayName,
                realName: client.displayName,
                email: "",
                preferences: {
                    language: "en",
                    dateFormat: "MM/dd/yyyy",
                    region: "Europe",
                    timezone: "Etc/GMT",
                    disableRelativeDates: false,
                },
                multiSiteAdmin: false,
                accessLevel: "FullAccess",
                privilegeSet: "CUSTOM",
                ...(this.privilegesTold === "missing" ? {} : { privilegesBySite: bySite[this.privilegesTold] }),
                groupIds: this.privilegesTold === "byGroup" ? ["1"] : [],
                currentSiteId: "-1",
            },
            accountGroups: this.privilegesTold === "byGroup" ? [group] : [],
            sites: [],
            authenticationType: "CLIENT_CREDENTIALS",
        });
    }

    private invalidate(request: VendorRequest): Answer {
        const grant = this.tokens.find(request.bearer);
        this.tokens.revoke((other) => other === grant);
        return { status: 204 };
    }

    private searchPrivileges(request: VendorRequest): Answer {
        const name = request.query.get("name")?.toLowerCase() ?? "";
        const limit = Number(request.query.get("limit") ?? 15);
        return jamfJson(200, {
            privileges: this.privileges.filter((known) => known.toLowerCase().includes(name)).slice(0, limit),
        });
    }

    private listRoles(): Answer {
        const results = this.roles.map(({ id, displayName, privileges }) => ({
            id: String(id),
            displayName,
            privileges,
        }));
        return jamfJson(200, { totalCount: results.length, results });
    }

    private listIntegrations(): Answer {
        const results = this.clients.map((client) => ({
            id: client.id,
            authorizationScopes: client.roles.map((role) => role.displayName),
            displayName: client.displayName,
            enabled: client.enabled,
            accessTokenLifetimeSeconds: client.accessTokenLifetimeSeconds,
            appType: "CLIENT_CREDENTIALS",
            clientId: client.clientId,
        }));
        return jamfJson(200, { totalCount: results.length, results });
    }

    private cloudInformation(): Answer {
        const no = { rampInstance: false, govCloudInstance: false, managedServiceProviderInstance: false };
        return jamfJson(200, { cloudInstance: this.cloud, ...no });
    }

    private startupStatus(): Answer {
        return jamfJson(200, {
            step: "SERVER_INIT_COMPLETE",
            stepCode: "SERVER_INIT_COMPLETE",
            stepParam: null,
            percentage: 100,
            warning: null,
            warningParam: null,
            error: null,
            setupAssistantNecessary: false,
        });
    }
}

/** All Jamf Pro servers. */
export class Jamf {
    readonly servers: JamfServer[] = [];

    constructor(private readonly context: VendorContext) {}

    /** Adds a server and starts its listener. */
    async addServer(origin: string, version: string): Promise<JamfServer> {
        const server = new JamfServer(this.context, origin, version);
        this.servers.push(server);
        await server.listener.start();
        return server;
    }

    /** The server at an origin. */
    server(origin: string): JamfServer {
        const found = this.servers.find((candidate) => candidate.origin === origin);
        if (!found) {
            throw new Error(`No Jamf Pro server at ${origin}`);
        }
        return found;
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return this.servers.flatMap((server) => server.secrets);
    }
}
