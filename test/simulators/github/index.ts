import { createPublicKey, generateKeyPairSync, verify, type KeyObject } from "node:crypto";
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import { alphanumeric, createListener, json, randomHex, randomText, route } from "../server";

/** A person's account. */
export interface GitHubUser {
    readonly id: number;
    login: string;
}

/** A personal access token. */
export class GitHubToken {
    value: string;
    /** Every value that it ever had. */
    readonly values: string[] = [];
    isRevoked = false;
    /** The organisation whose sign-on it lacks the authorization for. */
    lacksSignOn: string | undefined;
    /** Whether GitHub shows the present moment in place of its end, as was seen with fine-grained tokens. */
    isEndFalse = false;
    private readonly granted: Set<string>;

    constructor(
        public user: GitHubUser,
        readonly kind: "classic" | "fineGrained",
        scopes: readonly string[],
        /** Milliseconds since the epoch; null: it never ends. */
        public expiresAt: number | null,
    ) {
        this.granted = new Set(scopes);
        this.value = this.renew();
    }

    get scopes(): readonly string[] {
        return [...this.granted];
    }

    addScope(scope: string): void {
        this.granted.add(scope);
    }

    removeScope(scope: string): void {
        this.granted.delete(scope);
    }

    /** Gives it another value: the old one is unknown from now on. */
    renew(): string {
        this.isRevoked = false;
        const secret = (length: number): string => randomText(length, alphanumeric);
        this.value = this.kind === "classic" ? `ghp_${secret(36)}` : `github_pat_${secret(22)}_${secret(59)}`;
        this.values.push(this.value);
        return this.value;
    }
}

/** An app: its private keys are made by it, and it keeps the public ones. */
export class GitHubApp {
    readonly clientId = `Iv23li${randomHex(14)}`;
    readonly privateKeys: string[] = [];
    private keys: KeyObject[] = [];

    constructor(
        readonly id: number,
        readonly slug: string,
    ) {}

    /** Makes a key, and returns its private part. Earlier ones stay good. */
    addKey(): string {
        const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        const pem = privateKey.export({ type: "pkcs1", format: "pem" }) as string;
        this.privateKeys.push(pem);
        this.keys.push(publicKey);
        return pem;
    }

    /** Knows a key that another server's app has. */
    shareKey(pem: string): void {
        this.keys.push(createPublicKey(pem));
    }

    revokeKeys(): void {
        this.keys = [];
    }

    signed(content: string, signature: string): boolean {
        const bytes = Buffer.from(signature, "base64url");
        return this.keys.some((key) => verify("sha256", Buffer.from(content), key, bytes));
    }
}

/** An installation of an app in an account. */
export interface GitHubInstallation {
    readonly id: number;
    readonly app: GitHubApp;
    account: { id: number; login: string };
    permissions: Record<string, string>;
    isSuspended: boolean;
}

interface Lock {
    refusals: number;
    until: number;
}

const docs = "https://docs.github.com/rest";

/** github.com, or an Enterprise Server, by GitHub's documents. */
export class GitHub {
    readonly listener: VendorListener;
    readonly tokens: GitHubToken[] = [];
    readonly apps: GitHubApp[] = [];
    readonly installations: GitHubInstallation[] = [];
    /** Installation tokens that it gave out. */
    readonly issued: string[] = [];
    /** After how many refusals it refuses every attempt for a while. GitHub does not tell the number. */
    refusalsBeforeLock = 1000;
    /** Calls that are left until the limit. */
    remaining = 5000;
    private readonly lock: Lock = { refusals: 0, until: 0 };
    private serial: number;

    constructor(
        private readonly context: VendorContext,
        readonly origin: string,
        /** What goes before the paths: nothing at GitHub's own hosts. */
        private readonly prefix = "",
        firstId = 1,
    ) {
        this.serial = firstId;
        this.listener = createListener(context, origin, (request) => this.serve(request));
    }

    addUser(login: string): GitHubUser {
        return { id: this.serial++, login };
    }

    addToken(
        user: GitHubUser,
        kind: GitHubToken["kind"],
        scopes: readonly string[] = [],
        expiresAt: number | null = this.context.clock.now() + 90 * 24 * 60 * 60 * 1000,
    ): GitHubToken {
        const token = new GitHubToken(user, kind, scopes, expiresAt);
        this.tokens.push(token);
        return token;
    }

    addApp(slug: string): GitHubApp {
        const app = new GitHubApp(this.serial++, slug);
        this.apps.push(app);
        return app;
    }

    install(app: GitHubApp, login: string, permissions: Record<string, string>): GitHubInstallation {
        const account = { id: this.serial++, login };
        const installation = { id: this.serial++, app, account, permissions, isSuspended: false };
        this.installations.push(installation);
        return installation;
    }

    get secrets(): string[] {
        return [
            ...this.tokens.flatMap(({ values }) => values),
            ...this.apps.flatMap(({ privateKeys }) => privateKeys),
            ...this.issued,
        ];
    }

    /** Refuses every attempt for a while, as after several wrong ones. */
    lockNow(): void {
        this.lock.until = this.context.clock.now() + 60 * 60 * 1000;
    }

    /** Forgets that it has refused somebody. */
    unlock(): void {
        Object.assign(this.lock, { refusals: 0, until: 0 });
    }

    private serve(request: VendorRequest): Answer {
        const { prefix } = this;
        if (!request.path.startsWith(`${prefix}/`)) {
            return json(404, { message: "Not Found", documentation_url: docs, status: "404" });
        }
        if ((request.header("user-agent") ?? "") === "") {
            return json(403, { message: "Request forbidden by administrative rules." });
        }
        if (this.remaining <= 0) {
            return this.refusal(403, "API rate limit exceeded for user ID 1.", {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": String(Math.floor(this.context.clock.now() / 1000) + 1800),
            });
        }
        const installation = /^\/app\/installations\/(\d+)$/;
        const accessTokens = /^\/app\/installations\/(\d+)\/access_tokens$/;
        return route(
            request,
            [
                { method: "GET", path: "/user", handle: () => this.user(request) },
                {
                    method: "GET",
                    path: installation,
                    handle: (_request, _context, id) =>
                        this.asApp(request, id ?? "", (found) => json(200, installationOf(found), this.counted())),
                },
                {
                    method: "POST",
                    path: accessTokens,
                    handle: (_request, _context, id) =>
                        this.asApp(request, id ?? "", (found) => this.accessToken(found)),
                },
            ],
            undefined,
            () => this.refusal(404, "Not Found"),
            request.path.slice(prefix.length),
        );
    }

    private counted(): Record<string, string> {
        return {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": String(this.remaining),
            "x-github-media-type": "github.v3; format=json",
        };
    }

    private refusal(status: number, message: string, headers: Record<string, string> = {}): Answer {
        return json(status, { message, documentation_url: docs, status: String(status) }, headers);
    }

    /** A refused credential: several in a short time lock the user. */
    private unauthorized(message: string): Answer {
        const { lock, context } = this;
        lock.refusals++;
        if (lock.refusals >= this.refusalsBeforeLock) {
            lock.until = context.clock.now() + 60 * 60 * 1000;
        }
        return this.refusal(401, message);
    }

    private user(request: VendorRequest): Answer {
        if (this.lock.until > this.context.clock.now()) {
            return this.refusal(403, "Maximum number of login attempts exceeded. Please try again later.");
        }
        const now = this.context.clock.now();
        const token = this.tokens.find(({ value }) => value === request.bearer);
        const isLive = token !== undefined && !token.isRevoked && (token.expiresAt ?? Infinity) > now;
        if (token === undefined || !isLive) {
            return this.unauthorized(
                request.authorization === undefined ? "Requires authentication" : "Bad credentials",
            );
        }
        if (token.lacksSignOn !== undefined) {
            const page = `https://github.com/orgs/${token.lacksSignOn}/sso?authorization_request=A${randomHex(20)}`;
            return this.refusal(
                403,
                "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
                {
                    "x-github-sso": `required; url=${page}`,
                },
            );
        }
        const { id, login } = token.user;
        const ends = token.isEndFalse ? now : token.expiresAt;
        return json(
            200,
            { login, id, node_id: `U_${id}`, type: "User", site_admin: false, name: null, email: null },
            {
                ...this.counted(),
                ...(ends !== null && { "github-authentication-token-expiration": momentOf(ends) }),
                ...(token.kind === "classic"
                    ? { "x-oauth-scopes": token.scopes.join(", "), "x-accepted-oauth-scopes": "" }
                    : { "x-accepted-github-permissions": "allows_permissionless_access=true" }),
            },
        );
    }

    /** Serves a call that an app signs with its key. */
    private asApp(request: VendorRequest, id: string, handle: (installation: GitHubInstallation) => Answer): Answer {
        const [head = "", payload = "", signature = ""] = (request.bearer ?? "").split(".");
        const [{ alg }, { iss, iat, exp }] = [head, payload].map(decoded) as [
            { alg?: string },
            { iss?: string | number; iat?: number; exp?: number },
        ];
        const app = this.apps.find((one) => [one.clientId, String(one.id)].includes(String(iss)));
        if (alg !== "RS256" || app?.signed(`${head}.${payload}`, signature) !== true) {
            return this.refusal(401, "A JSON web token could not be decoded");
        }
        const now = this.context.clock.now() / 1000;
        if (exp === undefined || exp > now + 10 * 60) {
            return this.refusal(401, "'Expiration time' claim ('exp') is too far in the future");
        }
        if (exp <= now) {
            return this.refusal(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
            );
        }
        if (iat === undefined || iat > now) {
            return this.refusal(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            );
        }
        const installation = this.installations.find((one) => String(one.id) === id && one.app === app);
        return installation === undefined ? this.refusal(404, "Not Found") : handle(installation);
    }

    private accessToken({ isSuspended, permissions }: GitHubInstallation): Answer {
        if (isSuspended) {
            return this.refusal(403, "This installation has been suspended");
        }
        const token = `ghs_${randomText(36, alphanumeric)}`;
        this.issued.push(token);
        const ends = new Date(this.context.clock.now() + 60 * 60 * 1000).toISOString().replace(/\.\d+Z$/, "Z");
        return json(201, { token, expires_at: ends, permissions, repository_selection: "all" }, this.counted());
    }
}

const decoded = (part: string): object => {
    try {
        return Object(JSON.parse(Buffer.from(part, "base64url").toString())) as object;
    } catch {
        return {};
    }
};

/** A moment as the header writes it: `2027-01-31 10:00:00 UTC`. */
const momentOf = (time: number): string =>
    new Date(time)
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, " UTC");

const installationOf = ({ id, app, account, permissions, isSuspended }: GitHubInstallation): object => ({
    id,
    client_id: app.clientId,
    account: { ...account, type: "Organization" },
    repository_selection: "all",
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: "Organization",
    permissions,
    events: [],
    suspended_at: isSuspended ? "2026-11-30T10:00:00Z" : null,
});
