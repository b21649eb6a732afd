import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import { alphanumeric, createListener, json, randomText, route, text } from "../server";

/** A user: a person, or the bot of a group's or project's token. */
export class GitLabUser {
    isBlocked = false;
    /** Whether the user's tokens need the proof of a key. */
    needsDpop = false;

    constructor(
        readonly id: number,
        public username: string,
        readonly name: string,
        readonly email: string,
    ) {}
}

/** The scopes that GitLab knows: a part of its list. */
export const gitLabScopes: readonly string[] = [
    "api",
    "read_api",
    "read_user",
    "read_repository",
    "write_repository",
    "read_registry",
    "write_registry",
    "create_runner",
    "manage_runner",
    "ai_features",
    "k8s_proxy",
    "self_rotate",
];

/** A token of a user. */
export class GitLabToken {
    value: string;
    /** Every value that it ever had. */
    readonly values: string[] = [];
    isRevoked = false;
    /** Whether its description has its end. GitLab always tells it. */
    isEndTold = true;
    readonly createdAt: string;
    private readonly granted: Set<string>;

    constructor(
        readonly server: GitLab,
        readonly id: number,
        readonly name: string,
        public user: GitLabUser,
        scopes: readonly string[],
        /** The day at whose start it ends; null: it never does. */
        public expiresAt: string | null,
        now: number,
    ) {
        this.granted = new Set(scopes);
        this.createdAt = new Date(now).toISOString();
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
        this.value = `glpat-${randomText(20, `${alphanumeric}-_`)}`;
        this.values.push(this.value);
        return this.value;
    }

    revoke(): void {
        this.isRevoked = true;
    }

    restore(): void {
        this.isRevoked = false;
    }
}

const unauthorized = (): Answer => json(401, { message: "401 Unauthorized" });

/** A refusal as rack-oauth2 writes it. */
const bearerError = (status: 401 | 403, error: string, description: string, more: object = {}): Answer =>
    json(
        status,
        { error, error_description: description, ...more },
        status === 401
            ? { "www-authenticate": `Bearer realm="The API", error="${error}", error_description="${description}"` }
            : {},
    );

/** One GitLab server, by its documents and its source (lib/api/api_guard.rb and lib/api/personal_access_tokens). */
export class GitLab {
    readonly listener: VendorListener;
    readonly tokens: GitLabToken[] = [];
    readonly users: GitLabUser[] = [];

    constructor(
        private readonly context: VendorContext,
        readonly origin: string,
        /** The first number that it gives to a user or a token. */
        private readonly firstId = 1,
    ) {
        this.listener = createListener(context, origin, (request) => this.serve(request));
    }

    addUser(username: string, name = username): GitLabUser {
        const user = new GitLabUser(this.firstId + this.users.length, username, name, `${username}@acme.example`);
        this.users.push(user);
        return user;
    }

    /** Makes a token. @param expiresAt The day at whose start it ends; null: never. */
    addToken(
        user: GitLabUser,
        name: string,
        scopes: readonly string[],
        expiresAt: string | null = this.dayIn(200),
    ): GitLabToken {
        const id = this.firstId + this.tokens.length;
        const token = new GitLabToken(this, id, name, user, scopes, expiresAt, this.context.clock.now());
        this.tokens.push(token);
        return token;
    }

    get secrets(): string[] {
        return this.tokens.flatMap(({ values }) => values);
    }

    private dayIn(days: number): string {
        return new Date(this.context.clock.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
    }

    private serve(request: VendorRequest): Answer {
        if (!request.path.startsWith("/api/v4/")) {
            return { status: 302, headers: { location: `${this.origin}/users/sign_in` }, body: "" };
        }
        const guarded = (path: string, scopes: readonly string[], handle: (token: GitLabToken) => Answer) => ({
            method: "GET",
            path: `/api/v4${path}`,
            handle: () => this.guard(request, scopes, handle),
        });
        const readsUser = ["read_user", "api", "read_api"];
        return route(
            request,
            [
                // Each token may read itself, whatever its scopes.
                guarded("/personal_access_tokens/self", [], (token) => json(200, this.shown(token))),
                guarded("/user", readsUser, ({ user }) => json(200, userOf(user))),
                guarded("/users", readsUser, () => json(200, this.users.map(userOf))),
            ],
            undefined,
            () => json(404, { error: "404 Not Found" }),
        );
    }

    private guard(request: VendorRequest, scopes: readonly string[], handle: (token: GitLabToken) => Answer): Answer {
        const sent = request.header("private-token") ?? request.bearer;
        const token = this.tokens.find(({ value }) => value === sent);
        if (token === undefined) {
            return unauthorized();
        }
        if (token.expiresAt !== null && Date.parse(token.expiresAt) <= this.context.clock.now()) {
            return bearerError(
                401,
                "invalid_token",
                "Token is expired. You can either do re-authorization or token refresh.",
            );
        }
        if (token.isRevoked) {
            return bearerError(401, "invalid_token", "Token was revoked. You have to re-authorize from the user.");
        }
        if (scopes.length > 0 && !scopes.some((scope) => token.scopes.includes(scope))) {
            const description = "The request requires higher privileges than provided by the access token.";
            return bearerError(403, "insufficient_scope", description, { scope: scopes.join(" ") });
        }
        if (token.user.isBlocked) {
            return json(403, { message: "403 Forbidden - Your account has been blocked." });
        }
        if (token.user.needsDpop) {
            return bearerError(401, "dpop_error", "DPoP validation error: DPoP header is missing");
        }
        return handle(token);
    }

    private shown({ id, name, isRevoked, createdAt, scopes, user, ...token }: GitLabToken): object {
        return {
            id,
            name,
            revoked: isRevoked,
            created_at: createdAt,
            description: null,
            scopes,
            user_id: user.id,
            last_used_at: null,
            active: !isRevoked,
            ...(token.isEndTold && { expires_at: token.expiresAt }),
            last_used_ips: [],
        };
    }
}

const userOf = ({ id, username, name, email }: GitLabUser): object => ({
    id,
    username,
    name,
    state: "active",
    locked: false,
    email,
    web_url: `https://gitlab.com/${username}`,
});

/** The answer of GitLab's own rate limiter. */
export const gitLabLimited = (seconds: number): Answer =>
    text(429, "Retry later\n", {
        "retry-after": String(seconds),
        "ratelimit-limit": "2000",
        "ratelimit-observed": "2001",
        "ratelimit-remaining": "0",
    });
