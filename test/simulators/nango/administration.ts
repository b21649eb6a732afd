import type { RequestLog } from "../vendors";
import { HubAdministration, type HubRefusals } from "../administration";
import type { NangoEnvironment, NangoRefreshes } from "./environment";
import type { Nango } from "./index";
import { leastScopes, type NangoGrant, type NangoKey } from "./keys";
import { logId, refreshed } from "./refresh";
import { jsonb, type JsonObject, type NangoConnectionRow, type NangoIntegrationRow } from "./rows";

/** What of a connection can be changed from outside. */
export type NangoChange = Partial<
    Pick<
        NangoConnectionRow,
        "credentials" | "connectionConfig" | "metadata" | "tags" | "webhookUrlOverride" | "endUser"
    >
>;

/** What a test can do to a Nango server: as somebody at its dashboard, another program, or an accident. */
export class NangoAdministration extends HubAdministration {
    /** Whether a write that comes while another is under way fails with 500. */
    parallelWritesFail = false;
    /** Whose reads of a connection fetch a new token where one is due. */
    refreshes: NangoRefreshes = "for keys that read credentials";
    /** How long a write is under way at least while {@link parallelWritesFail} holds. */
    parallelWriteMs = 20;

    constructor(
        private readonly nango: Nango,
        private readonly environment: NangoEnvironment,
        log: RequestLog,
        refusals: HubRefusals,
    ) {
        super(nango.listener, log, refusals);
    }

    /** Makes an API key; with what managing connections needs, and no more, unless scopes are given. */
    addKey(scopes: readonly NangoGrant[] = leastScopes): NangoKey {
        return this.nango.keys.add(scopes);
    }

    /** Makes an integration. */
    addIntegration(uniqueKey: string, provider: string): NangoIntegrationRow {
        const now = this.environment.clock.now();
        return this.nango.rows.addIntegration({
            uniqueKey,
            provider,
            displayName: null,
            forwardWebhooks: true,
            createdAt: now,
            updatedAt: now,
        });
    }

    /** Makes a connection as another program would, whatever its content; no script runs after it. */
    addConnection(
        uniqueKey: string,
        connectionId: string,
        { credentials = { type: "NONE" }, ...change }: NangoChange = {},
    ): NangoConnectionRow {
        const integration = this.nango.rows.integration(uniqueKey);
        if (!integration) {
            throw new Error(`There is no integration ${uniqueKey}`);
        }
        const now = this.environment.clock.now();
        const row = this.nango.rows.addConnection({
            connectionId,
            integration,
            credentials,
            connectionConfig: {},
            metadata: {},
            tags: {},
            webhookUrlOverride: null,
            endUser: null,
            errors: [],
            createdAt: now,
            updatedAt: now,
            lastFetchedAt: now,
            credentialsExpireAt: now,
            lastRefreshSuccess: now,
            lastRefreshFailure: null,
            refreshAttempts: null,
            refreshExhausted: false,
        });
        Object.assign(row, jsonb(change));
        return row;
    }

    /** The connections, all or those under one integration, oldest first: the rows themselves, credentials in clear. */
    connections(uniqueKey?: string): readonly NangoConnectionRow[] {
        return this.nango.rows.connections.filter(
            (row) => uniqueKey === undefined || row.integration.uniqueKey === uniqueKey,
        );
    }

    /** One connection; undefined where there is none. */
    connection(uniqueKey: string, connectionId: string): NangoConnectionRow | undefined {
        return this.nango.rows.connection(uniqueKey, connectionId);
    }

    /** Changes a connection behind everybody's back; what is given replaces what was there. */
    change(uniqueKey: string, connectionId: string, change: NangoChange): void {
        Object.assign(this.existing(uniqueKey, connectionId), jsonb(change), {
            updatedAt: this.environment.clock.now(),
        });
    }

    /** Gives the connection another client secret, as somebody would who typed it into the form. */
    replaceSecret(uniqueKey: string, connectionId: string, secret: string): void {
        const { credentials } = this.existing(uniqueKey, connectionId);
        const field = credentials.type === "BASIC" ? "password" : "client_secret";
        this.change(uniqueKey, connectionId, { credentials: { ...credentials, [field]: secret } });
    }

    /** Puts keys into `connection_config`, such as the Cloud ID of another site. */
    configure(uniqueKey: string, connectionId: string, config: JsonObject): void {
        const { connectionConfig } = this.existing(uniqueKey, connectionId);
        this.change(uniqueKey, connectionId, { connectionConfig: { ...connectionConfig, ...config } });
    }

    /** Adds an error, as after a refresh that failed. */
    addError(uniqueKey: string, connectionId: string, type = "auth"): void {
        this.existing(uniqueKey, connectionId).errors.push({ type, log_id: logId(this.environment.clock.now()) });
    }

    /** Gets a new token for a connection at the vendor, as Nango does before its token ends; true where the vendor gives one. */
    async refresh(uniqueKey: string, connectionId: string): Promise<boolean> {
        return (await refreshed(this.environment, this.existing(uniqueKey, connectionId), true)) === undefined;
    }

    /** Deletes a connection. */
    deleteConnection(uniqueKey: string, connectionId: string): void {
        this.nango.rows.removeConnection(this.existing(uniqueKey, connectionId));
    }

    /** Deletes an integration, connections and all. */
    deleteIntegration(uniqueKey: string): void {
        const integration = this.nango.rows.integration(uniqueKey);
        if (integration) {
            this.nango.rows.removeIntegration(integration);
        }
    }

    /** Makes the next creates, this many, wait for one another and then race: the first and the last get 201, those between 500. */
    gatherCreates(count: number): void {
        this.environment.meeting.gather(count);
    }

    private existing(uniqueKey: string, connectionId: string): NangoConnectionRow {
        const row = this.connection(uniqueKey, connectionId);
        if (!row) {
            throw new Error(`There is no connection ${connectionId} under ${uniqueKey}`);
        }
        return row;
    }
}
