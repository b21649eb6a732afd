import { setTimeout as pause } from "node:timers/promises";

/** A Nango server that somebody runs, and two API keys of one of its environments. */
export interface NangoServerAddress {
    readonly url: string;
    /** With the scopes that docs/nango.md asks for, and no more. */
    readonly key: string;
    /** With all scopes. */
    readonly fullKey: string;
}

/** A connection as Nango shows it to a key that may see all of it. */
export interface ShownConnection {
    readonly id: number;
    readonly connection_id: string;
    readonly provider_config_key: string;
    readonly provider: string;
    readonly errors: readonly { readonly type: string }[];
    readonly tags: Readonly<Record<string, string>>;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly connection_config: Readonly<Record<string, unknown>>;
    readonly credentials: Readonly<Record<string, unknown>>;
    readonly end_user: { readonly id: string } | null;
    readonly webhook_url_override: string | null;
}

const names = { url: "NANGO_SERVER_URL", key: "NANGO_ENVIRONMENT_KEY", fullKey: "NANGO_FULL_KEY" } as const;

/** The server that the environment names; undefined where it names none. */
export function nangoServerAddress(): NangoServerAddress | undefined {
    const { [names.url]: url, [names.key]: key, [names.fullKey]: fullKey } = process.env;
    return url && key && fullKey ? { url: url.replace(/\/+$/, ""), key, fullKey } : undefined;
}

/** What to add to the name of a test that needs a server which is not there. */
export const noNangoServer = `(not run: ${Object.values(names).join(", ")} name no Nango server; CONTRIBUTING.md says what they are)`;

/** What others do at a Nango server, with a key that has all scopes. */
export class NangoServer {
    constructor(private readonly address: NangoServerAddress) {}

    /** Every answer that is no refusal for haste. */
    async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
        for (;;) {
            const answer = await fetch(`${this.address.url}${path}`, {
                method,
                headers: {
                    authorization: `Bearer ${this.address.fullKey}`,
                    ...(body === undefined ? {} : { "content-type": "application/json" }),
                },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            });
            const text = await answer.text();
            if (answer.status !== 429) {
                return { status: answer.status, body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text };
            }
            await pause(1000 * (Number(answer.headers.get("retry-after") ?? "1") + 1));
        }
    }

    private async expect(status: number, method: string, path: string, body?: unknown): Promise<unknown> {
        const answer = await this.call(method, path, body);
        if (answer.status !== status) {
            throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        }
        return answer.body;
    }

    /** A connection; undefined where there is none. */
    async connection(integration: string, id: string): Promise<ShownConnection | undefined> {
        const { status, body } = await this.call("GET", pathOf(integration, id));
        if (status === 404 || status === 400) {
            return undefined;
        }
        if (status !== 200) {
            throw new Error(`${status} ${JSON.stringify(body)}`);
        }
        return body as ShownConnection;
    }

    /** The identifiers of all connections under an integration, one for each row. */
    async connectionsUnder(integration: string): Promise<string[]> {
        const path = `/connections?integrationId=${encodeURIComponent(integration)}`;
        const { connections } = (await this.expect(200, "GET", path)) as { connections: ShownConnection[] };
        return connections.map(({ connection_id: id }) => id).sort();
    }

    /** Overwrites a connection, or makes one: what is not given is gone. */
    async write(integration: string, id: string, content: object): Promise<void> {
        await this.expect(201, "POST", "/connections", {
            provider_config_key: integration,
            connection_id: id,
            ...content,
        });
    }

    /** Replaces all tags, and more that a change of a connection takes. */
    async change(integration: string, id: string, changes: object): Promise<void> {
        await this.expect(200, "PATCH", pathOf(integration, id), changes);
    }

    async mergeMetadata(integration: string, id: string, metadata: object): Promise<void> {
        const body = { connection_id: id, provider_config_key: integration, metadata };
        await this.expect(200, "PATCH", "/connections/metadata", body);
    }

    async deleteConnection(integration: string, id: string): Promise<void> {
        await this.expect(200, "DELETE", pathOf(integration, id));
    }

    async addIntegration(key: string, provider: string): Promise<void> {
        await this.expect(200, "POST", "/integrations", { unique_key: key, provider });
    }

    /** An integration; undefined where there is none. */
    async integration(key: string): Promise<{ provider: string; display_name: string } | undefined> {
        const { status, body } = await this.call("GET", `/integrations/${encodeURIComponent(key)}`);
        return status === 200 ? (body as { data: { provider: string; display_name: string } }).data : undefined;
    }

    /** Gives an integration another name. */
    async rename(key: string, name: string): Promise<void> {
        await this.expect(200, "PATCH", `/integrations/${encodeURIComponent(key)}`, { display_name: name });
    }

    /** Takes an integration away, with all that stands under it; one that is gone is fine. */
    async removeIntegration(key: string): Promise<void> {
        await this.call("DELETE", `/integrations/${encodeURIComponent(key)}`);
    }
}

const pathOf = (integration: string, id: string): string =>
    `/connections/${encodeURIComponent(id)}?provider_config_key=${encodeURIComponent(integration)}`;
