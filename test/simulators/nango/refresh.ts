import { randomBytes } from "node:crypto";
import { alphanumeric, randomText } from "../vendors";
import type { NangoEnvironment } from "./environment";
import { providerNamed } from "./providers";
import type { JsonObject, NangoConnectionRow } from "./rows";

/** Why credentials could not be given. */
export interface RefreshProblem {
    status: 400 | 424;
    message: string;
}

const marginMs = 15 * 60_000;
const coolDownMs = 30_000;
const lifetimeWithoutExpiryMs = 55 * 60_000;
const daysUntilExhausted = 4;

const underWay = new WeakMap<NangoConnectionRow, Promise<RefreshProblem | undefined>>();

/** The name of a log of Nango's: what an error of a connection points to. */
export function logId(now: number): string {
    return `${now}_${randomText(8, alphanumeric)}`;
}

function iso(ms: number | null): string | null {
    return ms === null ? null : new Date(ms).toISOString();
}

/** The row as Nango's database has it, without its credentials but with what they were encrypted with: it stands in an error's message. */
function rowAsLogged(row: NangoConnectionRow): JsonObject {
    return {
        id: row.id,
        created_at: iso(row.createdAt),
        updated_at: iso(row.updatedAt),
        provider_config_key: row.integration.uniqueKey,
        connection_id: row.connectionId,
        connection_config: row.connectionConfig,
        metadata: row.metadata,
        credentials_iv: randomBytes(12).toString("base64"),
        credentials_tag: randomBytes(16).toString("base64"),
        environment_id: 2,
        deleted: false,
        deleted_at: null,
        last_fetched_at: iso(row.lastFetchedAt),
        config_id: row.integration.id,
        end_user_id: row.endUser ? 1 : null,
        credentials_expires_at: iso(row.credentialsExpireAt),
        last_refresh_success: iso(row.lastRefreshSuccess),
        last_refresh_failure: iso(row.lastRefreshFailure),
        refresh_attempts: row.refreshAttempts,
        refresh_exhausted: row.refreshExhausted,
        last_execution_at: null,
        tags: { ...row.tags },
        webhook_url_override: row.webhookUrlOverride,
    };
}

/** A new token at the vendor's token endpoint, with what the row has of credentials; undefined where it is refused or nobody answers. */
async function newToken(
    { outbound, clock }: NangoEnvironment,
    row: NangoConnectionRow,
): Promise<JsonObject | undefined> {
    const url = providerNamed(row.integration.provider)?.tokenUrl?.(row.connectionConfig);
    const { client_id: id, client_secret: secret } = row.credentials;
    const { oauth_scopes: scopes } = row.connectionConfig;
    const body = new URLSearchParams({
        client_id: String(id),
        client_secret: String(secret),
        grant_type: "client_credentials",
        ...(typeof scopes === "string" && { scope: scopes.split(",").join(" ") }),
    }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    try {
        const { status, json } = await outbound.send(url ?? "", { method: "POST", headers, body });
        const answer = json as JsonObject | undefined;
        if (status >= 300 || !answer?.["access_token"]) {
            return undefined;
        }
        const lifetime = Number(answer["expires_in"]);
        const expiresAt =
            clock.now() + (Number.isFinite(lifetime) && lifetime > 0 ? lifetime * 1000 : lifetimeWithoutExpiryMs);
        return { token: answer["access_token"], expires_at: new Date(expiresAt).toISOString(), raw: answer };
    } catch {
        return undefined;
    }
}

async function refresh(environment: NangoEnvironment, row: NangoConnectionRow): Promise<RefreshProblem | undefined> {
    const logged = rowAsLogged(row);
    const snapshot = { ...row };
    const token = await newToken(environment, row);
    const now = environment.clock.now();
    if (token) {
        environment.tokens.push(String(token["token"]));
        // All of the row is written as it was read before: what has been written in between is lost.
        Object.assign(row, snapshot, {
            credentials: { ...snapshot.credentials, ...token },
            credentialsExpireAt: Date.parse(String(token["expires_at"])),
            errors: [],
            updatedAt: now,
            lastFetchedAt: now,
            lastRefreshSuccess: now,
            lastRefreshFailure: null,
            refreshAttempts: null,
            refreshExhausted: false,
        });
        return undefined;
    }
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const sameDay = row.lastRefreshFailure === null || day(row.lastRefreshFailure) === day(now);
    const attempts = (row.refreshAttempts ?? 1) + (sameDay ? 0 : 1);
    Object.assign(row, {
        errors: [{ type: "auth", log_id: logId(now) }],
        updatedAt: now,
        lastRefreshFailure: now,
        lastRefreshSuccess: null,
        refreshAttempts: attempts,
        refreshExhausted: attempts >= daysUntilExhausted,
    });
    return {
        status: 400,
        message: `Failed to fetch client credentials token: ${JSON.stringify({ connection: logged })}`,
    };
}

/**
 * What a read with credentials does to a row: it is marked as read, and where its token has expired, or expires within a quarter of an
 * hour, a new one is fetched. Without `expires_at` none is ever fetched, unless that is forced.
 */
export async function refreshed(
    environment: NangoEnvironment,
    row: NangoConnectionRow,
    force: boolean,
): Promise<RefreshProblem | undefined> {
    const now = environment.clock.now();
    row.lastFetchedAt = now;
    if (!force) {
        if (row.refreshExhausted) {
            return { status: 424, message: "The refresh limit has been reached for this connection." };
        }
        if (row.lastRefreshFailure !== null && now - row.lastRefreshFailure < coolDownMs) {
            return { status: 424, message: "A recent refresh attempt failed. Backing off before retrying." };
        }
    }
    const { type, expires_at: expiresAt } = row.credentials;
    const isDue = typeof expiresAt === "string" && Date.parse(expiresAt) - now <= marginMs;
    if (type !== "OAUTH2_CC" || (!force && !isDue)) {
        return undefined;
    }
    const going = underWay.get(row) ?? refresh(environment, row).finally(() => underWay.delete(row));
    underWay.set(row, going);
    return going;
}
