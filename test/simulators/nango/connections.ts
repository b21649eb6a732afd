import { type Answer, randomUUID } from "../vendors";
import { nangoJson, refusal, refuse, unexpected } from "./answers";
import { judge, shapes, tagsOfEndUser } from "./bodies";
import type { NangoCall, NangoEnvironment } from "./environment";
import { providerNamed } from "./providers";
import { refreshed } from "./refresh";
import {
    jsonb,
    type JsonObject,
    type NangoConnectionContent,
    type NangoConnectionRow,
    type NangoCredentials,
    type NangoEndUser,
} from "./rows";

type Zone = "Z" | "+00:00";

const dayMs = 86_400_000;

/** A time as Nango writes it: with `Z` in what a write answers, with `+00:00` in what a read answers. */
function time(ms: number, zone: Zone): string {
    return new Date(ms).toISOString().replace("Z", zone);
}

/** A connection as an answer shows it; without credentials for whom may not see them. */
function shown(row: NangoConnectionRow, zone: Zone, credentials?: NangoCredentials): JsonObject {
    return {
        id: row.id,
        connection_id: row.connectionId,
        provider_config_key: row.integration.uniqueKey,
        provider: row.integration.provider,
        errors: row.errors.map((error) => ({ ...error })),
        end_user: row.endUser && { ...row.endUser },
        tags: { ...row.tags },
        metadata: row.metadata,
        connection_config: row.connectionConfig,
        webhook_url_override: row.webhookUrlOverride,
        created_at: time(row.createdAt, zone),
        updated_at: time(row.updatedAt, zone),
        last_fetched_at: time(row.lastFetchedAt, zone),
        credentials: credentials ?? {},
    };
}

function endUserOf(sent: {
    id: string;
    email?: string | undefined;
    display_name?: string | undefined;
    tags?: Record<string, string> | undefined;
}): NangoEndUser {
    return {
        id: sent.id,
        display_name: sent.display_name ?? null,
        email: sent.email ?? null,
        tags: sent.tags ?? null,
        organization: null,
    };
}

/** PostgreSQL takes no NUL in a text, and no text beyond its column. */
function breaksTheDatabase(connectionId: string, content: Omit<NangoConnectionContent, "credentials">): boolean {
    return connectionId.length > 255 || connectionId.includes("\0") || JSON.stringify(content).includes("\\u0000");
}

function expiryOf(credentials: NangoCredentials, now: number): number {
    const { expires_at: expiresAt } = credentials;
    return typeof expiresAt === "string" ? Date.parse(expiresAt) : now + dayMs;
}

/** POST /connections: a new row, or another content for the one that is there. Nothing of the old content stays unless it is sent again. */
export async function writeConnection(environment: NangoEnvironment, call: NangoCall): Promise<Answer> {
    judge("query", shapes.nothing, call.query);
    const body = judge("body", shapes.writeConnection, call.body);
    const { rows, clock, meeting, outbound } = environment;
    const integration =
        rows.integration(body.provider_config_key) ?? refuse(404, "not_found", "Integration does not exist");
    const provider = providerNamed(integration.provider) ?? refuse(404, "not_found", "Provider does not exist");
    const { type } = body.credentials;
    if (provider.authMode !== type) {
        refuse(400, "invalid_body", `Provider ${provider.authMode} does not support ${type} auth`);
    }
    if (
        body.credentials.type === "API_KEY" &&
        provider.test &&
        !(await provider.test(body.credentials, outbound, body.connection_config))
    ) {
        const message = "The given credentials were found to be invalid. Please check the credentials and try again.";
        refuse(400, "connection_test_failed", message);
    }
    const sent = JSON.parse(JSON.stringify(body.credentials)) as NangoCredentials;
    const content: NangoConnectionContent = {
        credentials: type === "OAUTH2_CC" ? { ...sent, raw: sent } : sent,
        connectionConfig: jsonb((body.connection_config ?? {}) as JsonObject),
        metadata: jsonb((body.metadata ?? {}) as JsonObject),
        tags: jsonb({ ...tagsOfEndUser(body.end_user), ...body.tags }),
        webhookUrlOverride: body.webhook_url_override ?? null,
    };
    const connectionId = body.connection_id ?? randomUUID();

    const turn = meeting.turn();
    await turn.look;
    let row = rows.connection(integration.uniqueKey, connectionId);
    const isNew = row === undefined;
    await turn.write();
    try {
        const { credentials: _, ...visible } = content;
        if (breaksTheDatabase(connectionId, visible)) {
            return unexpected();
        }
        const now = clock.now();
        const fresh = {
            ...content,
            credentialsExpireAt: expiryOf(content.credentials, now),
            lastRefreshSuccess: now,
            lastRefreshFailure: null,
            refreshAttempts: null,
            refreshExhausted: false,
        };
        const inBetween = rows.connection(integration.uniqueKey, connectionId);
        if (isNew && inBetween && type === "OAUTH2_CC") {
            // Somebody else has inserted it since: the database's rule that there is one breaks.
            rows.nextConnectionId();
            return unexpected();
        }
        row = inBetween;
        if (row) {
            Object.assign(row, fresh, { errors: [], ...(type === "OAUTH2_CC" ? {} : { updatedAt: now }) });
        } else {
            row = rows.addConnection({
                ...fresh,
                connectionId,
                integration,
                endUser: null,
                errors: [],
                createdAt: now,
                updatedAt: now,
                lastFetchedAt: now,
            });
        }
    } finally {
        turn.done();
    }
    if (body.end_user) {
        row.endUser = endUserOf(body.end_user);
    }
    // Whose it is is told only where it was sent, although it stays.
    const told = { ...row, endUser: body.end_user ? row.endUser : null };
    const answer = nangoJson(201, shown(told, "Z", row.credentials));
    environment.afterWrite(row);
    return answer;
}

function rowOf({ rows }: NangoEnvironment, integrationKey: string, connectionId: string): NangoConnectionRow {
    const integration =
        rows.integration(integrationKey) ?? refuse(400, "unknown_provider_config", "Provider does not exists");
    return (
        rows.connection(integration.uniqueKey, connectionId) ?? refuse(404, "not_found", "Failed to find connection")
    );
}

/** GET /connections/{id}: with credentials for a key that may see them, and fresh ones for it alone, or for every key, by {@link NangoEnvironment.refreshes}. */
export async function readConnection(environment: NangoEnvironment, call: NangoCall): Promise<Answer> {
    const query = judge("query", shapes.readQuery, call.query);
    const { connectionId } = judge("params", shapes.connectionParams, call.params);
    const seesCredentials = call.key.may("environment:connections:read_credentials");
    const refreshes = seesCredentials || environment.refreshes() === "for any key";
    if (!refreshes && (query.refresh_token || query.force_refresh || query.refresh_github_app_jwt_token)) {
        const message = "Credential and refresh options require the environment:connections:read_credentials scope";
        return refusal(403, "forbidden", { message });
    }
    const row = rowOf(environment, query.provider_config_key, connectionId);
    if (!refreshes) {
        return nangoJson(200, shown(row, "+00:00"));
    }
    const before = { ...row };
    const problem = await refreshed(environment, row, query.force_refresh);
    if (problem) {
        const connection = shown({ ...before, errors: row.errors }, "+00:00");
        return refusal(problem.status, "invalid_credentials", { message: problem.message, payload: { connection } });
    }
    return nangoJson(200, shown(row, "+00:00", seesCredentials ? row.credentials : undefined));
}

/** PATCH /connections/{id}: tags, webhook and end user; nothing else can be changed. */
export function updateConnection(environment: NangoEnvironment, call: NangoCall): Answer {
    const { provider_config_key: key } = judge("query", shapes.connectionQuery, call.query);
    const body = judge("body", shapes.updateConnection, call.body);
    const { connectionId } = judge("params", shapes.connectionParams, call.params);
    const row = rowOf(environment, key, connectionId);
    if (body.end_user) {
        row.endUser = endUserOf(body.end_user);
    }
    if (body.end_user || body.tags) {
        const merged = { ...tagsOfEndUser(body.end_user), ...body.tags };
        if (Object.keys(merged).length > 10) {
            refuse(400, "invalid_body", "Tags cannot contain more than 10 keys");
        }
        row.tags = jsonb(merged);
    }
    if (body.webhook_url_override !== undefined) {
        row.webhookUrlOverride = body.webhook_url_override || null;
    }
    return nangoJson(200, { success: true });
}

/** DELETE /connections/{id}; what is not there, or not any more, or under no integration, is a 400. */
export function deleteConnection({ rows }: NangoEnvironment, call: NangoCall): Answer {
    const { connectionId } = judge("params", shapes.connectionParams, call.params);
    const { provider_config_key: key } = judge("query", shapes.connectionQuery, call.query);
    const row = rows.connection(key, connectionId) ?? refuse(400, "unknown_connection");
    rows.removeConnection(row);
    return nangoJson(200, { success: true });
}

/** GET /connections: newest first, without credentials. */
export function listConnections({ rows }: NangoEnvironment, call: NangoCall): Answer {
    const query = judge("query", shapes.listQuery, call.query);
    const keys = query.integrationId?.split(",").map((key) => key.trim());
    const { limit = 10_000, page = 0 } = query;
    const search = query.search?.toLowerCase();
    const found = rows.connections
        .filter(
            (row) =>
                (query.connectionId === undefined || row.connectionId === query.connectionId) &&
                (keys === undefined || keys.includes(row.integration.uniqueKey)) &&
                (search === undefined ||
                    [row.connectionId, row.endUser?.display_name, row.endUser?.email].some((text) =>
                        text?.toLowerCase().includes(search),
                    )) &&
                (query.endUserId === undefined || row.endUser?.id === query.endUserId) &&
                query.endUserOrganizationId === undefined &&
                Object.entries(query.tags ?? {}).every(([name, value]) => row.tags[name] === value),
        )
        .sort((a, b) => b.createdAt - a.createdAt || b.id - a.id)
        .slice(page * limit, (page + 1) * limit);
    return nangoJson(200, {
        connections: found.map((row) => {
            const { id, connection_id, provider_config_key, provider, errors, end_user, tags, metadata } = shown(
                row,
                "+00:00",
            );
            return {
                id,
                connection_id,
                provider_config_key,
                provider,
                errors,
                end_user,
                tags,
                metadata,
                created: time(row.createdAt, "+00:00"),
            };
        }),
    });
}

/** POST /connections/metadata replaces, PATCH merges, both for one connection or several; the answer is what was sent. */
export function writeMetadata({ rows }: NangoEnvironment, call: NangoCall, how: "replace" | "merge"): Answer {
    judge("query", shapes.nothing, call.query);
    const body = judge("body", shapes.metadata, call.body);
    const ids = [body.connection_id].flat();
    const found = ids.map((id) => {
        const missing = `Connection with connection id ${id} and provider config key ${body.provider_config_key} not found. Please make sure the connection exists in the Nango dashboard`;
        const nothingDone =
            ids.length > 1 ? ". No actions were taken on any of the connections as a result of this failure." : "";
        return (
            rows.connection(body.provider_config_key, id) ??
            refuse(404, "unknown_connection", `${missing}${nothingDone}`)
        );
    });
    if (JSON.stringify(body.metadata).includes("\\u0000")) {
        return unexpected();
    }
    for (const row of found) {
        row.metadata = jsonb({ ...(how === "merge" ? row.metadata : {}), ...(body.metadata as JsonObject) });
    }
    return nangoJson(how === "replace" ? 201 : 200, call.body);
}
