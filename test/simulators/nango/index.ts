import {
    type Answer,
    createListener,
    html,
    type VendorContext,
    type VendorListener,
    type VendorRequest,
} from "../vendors";
import type { Outbound } from "../outbound";
import { NangoAdministration } from "./administration";
import { NangoError, nangoJson, refusal, unexpected } from "./answers";
import {
    deleteConnection,
    listConnections,
    readConnection,
    updateConnection,
    writeConnection,
    writeMetadata,
} from "./connections";
import { CreateMeeting, type NangoCall, type NangoEnvironment } from "./environment";
import {
    createIntegration,
    deleteIntegration,
    listIntegrations,
    readIntegration,
    updateIntegration,
} from "./integrations";
import { type KeyProblem, NangoKeys, type NangoScope } from "./keys";
import { RateLimiter } from "./limiter";
import { type Json, NangoRows } from "./rows";
import { AtlassianScript } from "./script";
import { createSession } from "./sessions";

export { NangoAdministration } from "./administration";
export { leastScopes, NangoKey, nangoScopes, type NangoGrant, type NangoScope } from "./keys";
export type { NangoConnectionRow, NangoCredentials, NangoIntegrationRow } from "./rows";

const keyProblems: Readonly<Record<KeyProblem, string>> = {
    missing_auth_header: "Authentication failed. The request is missing the Authorization header.",
    invalid_secret_key_format: "Authentication failed. The provided secret key is not a UUID v4.",
    unknown_account: "Authentication failed. The provided authorization header does not match any account.",
};

function notLetIn(problem: KeyProblem): Answer {
    return nangoJson(401, { error: { message: keyProblems[problem], code: problem, payload: {} } });
}

function tooMany(request: VendorRequest, headers: Record<string, string>, retryAfterSeconds: number): Answer {
    const answer = refusal(429, "too_many_request", { method: request.method, path: request.path });
    return { ...answer, headers: { ...answer.headers, ...headers, "retry-after": String(retryAfterSeconds) } };
}

interface NangoRoute {
    readonly method: string;
    readonly path: RegExp;
    /** Any of these lets in. */
    readonly scopes: readonly NangoScope[];
    readonly handle: (environment: NangoEnvironment, call: NangoCall) => Answer | Promise<Answer>;
}

const on = (method: string, path: RegExp, scopes: readonly NangoScope[], handle: NangoRoute["handle"]): NangoRoute => ({
    method,
    path,
    scopes,
    handle,
});

// In this order: a connection of the name "metadata" can be read but not changed.
const routes: readonly NangoRoute[] = [
    on(
        "GET",
        /^\/integrations\/?$/,
        ["environment:integrations:list", "environment:integrations:list_credentials"],
        listIntegrations,
    ),
    on("POST", /^\/integrations\/?$/, ["environment:integrations:create"], createIntegration),
    on("PATCH", /^\/integrations\/(?<uniqueKey>[^/]+)\/?$/, ["environment:integrations:update"], updateIntegration),
    on(
        "GET",
        /^\/integrations\/(?<uniqueKey>[^/]+)\/?$/,
        ["environment:integrations:read", "environment:integrations:read_credentials"],
        readIntegration,
    ),
    on("DELETE", /^\/integrations\/(?<uniqueKey>[^/]+)\/?$/, ["environment:integrations:delete"], deleteIntegration),
    on("POST", /^\/connections\/?$/, ["environment:connections:create"], writeConnection),
    on(
        "GET",
        /^\/connections\/?$/,
        ["environment:connections:list", "environment:connections:list_credentials"],
        listConnections,
    ),
    on("POST", /^\/connections\/metadata\/?$/, ["environment:connections:update"], (environment, call) =>
        writeMetadata(environment, call, "replace"),
    ),
    on("PATCH", /^\/connections\/metadata\/?$/, ["environment:connections:update"], (environment, call) =>
        writeMetadata(environment, call, "merge"),
    ),
    on(
        "GET",
        /^\/connections\/(?<connectionId>[^/]+)\/?$/,
        ["environment:connections:read", "environment:connections:read_credentials"],
        readConnection,
    ),
    on("PATCH", /^\/connections\/(?<connectionId>[^/]+)\/?$/, ["environment:connections:update"], updateConnection),
    on("DELETE", /^\/connections\/(?<connectionId>[^/]+)\/?$/, ["environment:connections:delete"], deleteConnection),
    on("POST", /^\/connect\/sessions\/?$/, ["environment:connect_sessions:write"], createSession),
];

/** Names and values as Express gives them: one that comes twice is a list, and `tags[a]` is in `tags`. */
function queryOf({ query }: VendorRequest): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const name of new Set(query.keys())) {
        const values = query.getAll(name);
        const value = values.length > 1 ? values : values[0];
        const inner = /^(\w+)\[([^\]]+)\]$/.exec(name);
        if (inner) {
            found[inner[1]!] = { ...(found[inner[1]!] as object | undefined), [inner[2]!]: value };
        } else {
            found[name] = value;
        }
    }
    return found;
}

/** A Nango server with one environment: the cloud's, or one that somebody runs. */
export class Nango {
    readonly rows = new NangoRows();
    readonly keys = new NangoKeys();
    readonly limiter: RateLimiter;
    readonly listener: VendorListener;
    readonly script: AtlassianScript;
    /** What a test can do to it. */
    readonly administration: NangoAdministration;
    private readonly environment: NangoEnvironment;
    private writesUnderWay = 0;

    constructor(context: VendorContext, origin: string, outbound: Outbound) {
        this.listener = createListener(context, origin, (request) => this.serve(request));
        this.limiter = new RateLimiter(context.clock);
        this.script = new AtlassianScript(this.rows, outbound);
        this.environment = {
            rows: this.rows,
            keys: this.keys,
            clock: context.clock,
            outbound,
            publicUrl: () => this.listener.endpoint,
            tokens: [],
            refreshes: () => this.administration.refreshes,
            afterWrite: (row) => this.script.start(row),
            meeting: new CreateMeeting(),
        };
        const refusals = {
            serverError: (_: VendorRequest, status: number) => unexpected(status),
            unauthorized: () => notLetIn("unknown_account"),
            tooManyRequests: (request: VendorRequest, seconds: number) =>
                tooMany(request, { ...this.limiter.headers(), "x-ratelimit-remaining": "0" }, seconds),
        };
        this.administration = new NangoAdministration(this, this.environment, context.log, refusals);
    }

    /** `https://api.nango.dev`, or what somebody's own server is called. */
    get origin(): string {
        return this.listener.origin;
    }

    /** Every key, session and token that it gave out or got for itself, and every secret that it has, for tests that look for leaks. */
    get secrets(): string[] {
        const held = this.rows.connections.flatMap(({ credentials }) => [
            credentials["client_secret"],
            credentials["password"],
            credentials["token"],
        ]);
        return [
            ...this.keys.values,
            ...this.environment.tokens,
            ...held.filter((secret): secret is string => typeof secret === "string"),
        ];
    }

    private async serve(request: VendorRequest): Promise<Answer> {
        const isApi = /^\/(integrations|connections|connect)(\/|$)/.test(request.path);
        let body: unknown = {};
        if (request.body !== "" && request.mediaType === "application/json") {
            try {
                body = parsed(request.body);
            } catch (error) {
                return refusal(400, "invalid_json", { message: (error as Error).message });
            }
        }
        if (
            /^\/(integrations|connections)(\/|$)/.test(request.path) &&
            !/^(application\/json.*)?$/.test(request.header("content-type") ?? "")
        ) {
            return refusal(415, "invalid_content_type", { message: "Content-Type header must be application/json" });
        }
        const route = isApi
            ? routes.find(({ method, path }) => method === request.method && path.test(request.path))
            : undefined;
        if (!route) {
            // What is no call belongs to the web application: it answers every GET with its page.
            return request.method === "GET"
                ? html(200, "Nango")
                : html(404, `Cannot ${request.method} ${request.path}`);
        }
        const key = this.keys.find(request.header("authorization"));
        if (typeof key === "string") {
            return notLetIn(key);
        }
        const { admitted, headers, retryAfterSeconds } = this.limiter.admit();
        if (!admitted) {
            return tooMany(request, headers, retryAfterSeconds);
        }
        const answer = await this.answer(route, request, { key, body });
        return { ...answer, headers: { ...headers, ...answer.headers } };
    }

    private async answer(
        route: NangoRoute,
        request: VendorRequest,
        { key, body }: Pick<NangoCall, "key" | "body">,
    ): Promise<Answer> {
        if (!route.scopes.some((scope) => key.may(scope))) {
            const which = route.scopes.length > 1 ? "Required one of" : "Required";
            return refusal(403, "forbidden", { message: `Insufficient scope. ${which}: ${route.scopes.join(" or ")}` });
        }
        const isWrite = request.method !== "GET";
        const collides = isWrite && this.writesUnderWay > 0 && this.administration.parallelWritesFail;
        this.writesUnderWay += isWrite ? 1 : 0;
        try {
            if (isWrite && this.administration.parallelWritesFail) {
                await new Promise((resolve) => setTimeout(resolve, this.administration.parallelWriteMs));
            }
            if (collides) {
                return unexpected();
            }
            const params = Object.entries(route.path.exec(request.path)?.groups ?? {}).map(([name, part]) => [
                name,
                decodeURIComponent(part),
            ]);
            return await route.handle(this.environment, {
                request,
                key,
                body,
                params: Object.fromEntries(params),
                query: queryOf(request),
            });
        } catch (error) {
            if (error instanceof NangoError) {
                return error.answer;
            }
            if (error instanceof URIError) {
                return unexpected();
            }
            throw error;
        } finally {
            this.writesUnderWay -= isWrite ? 1 : 0;
        }
    }
}

/** JSON, of which Express takes objects and lists only. */
function parsed(body: string): Json {
    const value = JSON.parse(body) as Json;
    if (typeof value !== "object" || value === null) {
        throw new SyntaxError(
            `Unexpected token '${body.trim()[0] ?? ""}', ${JSON.stringify(body.trim().slice(0, 20))} is not valid JSON`,
        );
    }
    return value;
}
