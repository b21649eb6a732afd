/** JSON values. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** Whom a connection belongs to. */
export interface NangoEndUser {
    id: string;
    display_name: string | null;
    email: string | null;
    tags: Record<string, string> | null;
    organization: null;
}

/** Credentials as Nango keeps them, with a type and, for a token, `expires_at` and `raw`. */
export type NangoCredentials = JsonObject & { type: string };

/** An integration as Nango keeps it; times are milliseconds since the epoch. */
export interface NangoIntegrationRow {
    readonly id: number;
    uniqueKey: string;
    readonly provider: string;
    displayName: string | null;
    forwardWebhooks: boolean;
    readonly createdAt: number;
    updatedAt: number;
}

/** A connection as Nango keeps it; times are milliseconds since the epoch. */
export interface NangoConnectionRow {
    readonly id: number;
    readonly connectionId: string;
    readonly integration: NangoIntegrationRow;
    credentials: NangoCredentials;
    connectionConfig: JsonObject;
    metadata: JsonObject;
    tags: Record<string, string>;
    webhookUrlOverride: string | null;
    endUser: NangoEndUser | null;
    errors: { type: string; log_id: string }[];
    readonly createdAt: number;
    updatedAt: number;
    lastFetchedAt: number;
    credentialsExpireAt: number;
    lastRefreshSuccess: number | null;
    lastRefreshFailure: number | null;
    refreshAttempts: number | null;
    refreshExhausted: boolean;
}

/** What a write puts into a connection, whether it is new or not. */
export type NangoConnectionContent = Pick<
    NangoConnectionRow,
    "credentials" | "connectionConfig" | "metadata" | "tags" | "webhookUrlOverride"
>;

/** As PostgreSQL's jsonb gives an object back: names by their length, then by their letters, at every depth. */
export function jsonb<T>(value: T): T {
    if (Array.isArray(value)) {
        return value.map(jsonb) as T;
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const bytes = (name: string) => Buffer.from(name);
    const byLength = ([a]: [string, unknown], [b]: [string, unknown]) =>
        bytes(a).length - bytes(b).length || Buffer.compare(bytes(a), bytes(b));
    return Object.fromEntries(
        Object.entries(value)
            .sort(byLength)
            .map(([name, inner]) => [name, jsonb(inner)]),
    ) as T;
}

function remove<T>(from: T[], item: T): void {
    const at = from.indexOf(item);
    if (at >= 0) {
        from.splice(at, 1);
    }
}

/** What stands in Nango's database. A row that is gone is not there any more. */
export class NangoRows {
    readonly integrations: NangoIntegrationRow[] = [];
    readonly connections: NangoConnectionRow[] = [];
    private lastIntegration = 0;
    private lastConnection = 0;

    integration(uniqueKey: string): NangoIntegrationRow | undefined {
        return this.integrations.find((row) => row.uniqueKey === uniqueKey);
    }

    connection(uniqueKey: string, connectionId: string): NangoConnectionRow | undefined {
        return this.connections.find(
            (row) => row.integration.uniqueKey === uniqueKey && row.connectionId === connectionId,
        );
    }

    /** Connections under an integration. */
    under(integration: NangoIntegrationRow): NangoConnectionRow[] {
        return this.connections.filter((row) => row.integration === integration);
    }

    addIntegration(row: Omit<NangoIntegrationRow, "id">): NangoIntegrationRow {
        const added = { id: ++this.lastIntegration, ...row };
        this.integrations.push(added);
        return added;
    }

    addConnection(row: Omit<NangoConnectionRow, "id">): NangoConnectionRow {
        const added = { id: this.nextConnectionId(), ...row };
        this.connections.push(added);
        return added;
    }

    /** A number of PostgreSQL's sequence: one that an insert has taken in vain is not given again. */
    nextConnectionId(): number {
        return ++this.lastConnection;
    }

    removeConnection(row: NangoConnectionRow): void {
        remove(this.connections, row);
    }

    /** Deletes an integration, and every connection under it. */
    removeIntegration(row: NangoIntegrationRow): void {
        this.under(row).forEach((connection) => this.removeConnection(connection));
        remove(this.integrations, row);
    }
}
