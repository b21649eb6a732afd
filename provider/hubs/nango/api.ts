// Nango's API: its calls, and the meaning of its answers. Measured against its server 0.71.4; docs/nango.md lists the
// unconfirmed parts.
import type { Problem } from "../../define/contracts";
import { Fault, fault } from "../../core/problems";
import { isObject, objectIn } from "../../core/values";
import type { RemoteAnswer, RemoteClient } from "../client";
import { listed, providerNames } from "./providers";

/** A connection as Nango keeps it, as far as it is used. Credentials are there for keys that may read them. */
export interface Row {
    readonly id: number;
    readonly provider: string;
    readonly tags: Readonly<Record<string, unknown>>;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly connection_config: Readonly<Record<string, unknown>>;
    readonly credentials: Readonly<Record<string, unknown>>;
    readonly errors: readonly { readonly type?: unknown }[];
    readonly webhook_url_override?: string | null;
    readonly created_at?: string;
}

/** An integration as Nango keeps it, as far as it is used. */
export interface IntegrationRow {
    readonly unique_key: string;
    readonly provider: string;
    readonly display_name?: string | null;
    readonly created_at?: string;
}

/** The result of a lookup: a row, nothing, or not even the integration for it. */
export type Lookup = { readonly row: Row } | { readonly missing: "connection" | "integration" };

/** Nango confirmed a write in an unknown form, so its success is not certain. */
class UnclearAnswer extends Fault {}

/** True for a failed call that Nango may have carried out. */
export const isUnclear = (error: unknown): error is Fault =>
    error instanceof UnclearAnswer ||
    (error instanceof Fault && ["serverFault", "connectionLost", "timedOut"].includes(error.problem.kind));

/**
 * The code of an error. None of the error's texts is shown, because one of them holds the whole row of a connection.
 */
function codeOf({ body }: RemoteAnswer): string | undefined {
    const { code } = objectIn(objectIn(body)["error"]);
    return typeof code === "string" && /^[a-z_]{1,60}$/.test(code) ? code : undefined;
}

/** The purpose of a call, in sentences, and the scope that it needs. */
interface Purpose {
    readonly to: string;
    readonly scope: string;
}

const purposes = {
    readConnection: { to: "read connections", scope: "environment:connections:read" },
    listConnections: { to: "list connections", scope: "environment:connections:list" },
    writeConnection: { to: "write connections", scope: "environment:connections:create" },
    deleteConnection: { to: "delete connections", scope: "environment:connections:delete" },
    readIntegration: { to: "read integrations", scope: "environment:integrations:read" },
    createIntegration: { to: "create integrations", scope: "environment:integrations:create" },
    updateIntegration: { to: "change integrations", scope: "environment:integrations:update" },
    deleteIntegration: { to: "delete integrations", scope: "environment:integrations:delete" },
} as const satisfies Readonly<Record<string, Purpose>>;

/** The scopes that a key may have. */
export const scopes: readonly string[] = Object.values(purposes).map(({ scope }) => scope);

/** The meaning of an answer that a call does not expect. */
function refusal(hub: RemoteClient, answer: RemoteAnswer, { to, scope }: Purpose, sent?: unknown): Fault {
    const { status } = answer;
    const code = codeOf(answer);
    const reported = `(HTTP ${status}${code === undefined ? "" : ` ${code}`})`;
    const page = hub.page(answer);
    if (page !== undefined) {
        return status < 300 ? new UnclearAnswer(page) : new Fault(page);
    }
    if (status === 401) {
        const what =
            code === "invalid_secret_key_format"
                ? "is not in the form of a Nango key, a UUID"
                : "is not known to Nango";
        return fault(
            "credentialRefused",
            "nango-key",
            "environmentKey",
            `${what} ${reported}. Copy the API key of the environment again, from Nango's Environment Settings.`,
        );
    }
    if (status === 403) {
        return fault(
            "scopeMissing",
            "nango-scope",
            "environmentKey",
            `may not ${to} ${reported}. Give the key the scope ${scope}.`,
        );
    }
    const fields = status === 400 ? refusedFields(answer, sent) : [];
    if (fields.length > 0) {
        return fault(
            "badAnswer",
            "nango-argument-refused",
            undefined,
            `Nango refused ${fields.join(", ")} ${reported}. Correct the argument.`,
        );
    }
    const { host } = new URL(hub.server.url);
    const message = `${host} answered a call to ${to} in a way that Nango is not known to answer ${reported}. Check that it is the address of Nango's API.`;
    const problem = { kind: "badAnswer", code: "nango-answer", argument: hub.server.argument, message } as const;
    return status < 300 ? new UnclearAnswer(problem) : new Fault(problem);
}

/**
 * `tags.a (invalid_type)`: the fields that Nango names in `invalid_body`, as far as they are names in the sent body.
 */
function refusedFields({ body }: RemoteAnswer, sent: unknown): string[] {
    const known = namesIn(sent);
    const { errors } = objectIn(objectIn(body)["error"]);
    return (Array.isArray(errors) ? (errors as unknown[]) : []).flatMap((one) => {
        const { path, code } = objectIn(one);
        const parts = Array.isArray(path) ? (path as unknown[]).map(String) : [];
        // Nango uses its own names of arguments where it validates them after the body's shape.
        const names = parts.filter((part) => known.has(part) || part === "uniqueKey").join(".");
        const reason = typeof code === "string" && /^[a-z_]{1,60}$/.test(code) ? ` (${code})` : "";
        return names === "" ? [] : [`${names}${reason}`];
    });
}

/** All names in the sent body. */
function namesIn(value: unknown): Set<string> {
    return new Set(isObject(value) ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]) : []);
}

function rowIn(body: unknown): Row | undefined {
    const row = objectIn(body);
    const { id, provider, errors } = row;
    if (typeof id !== "number" || typeof provider !== "string") {
        return undefined;
    }
    return {
        ...(row as unknown as Row),
        tags: objectIn(row["tags"]),
        metadata: objectIn(row["metadata"]),
        connection_config: objectIn(row["connection_config"]),
        credentials: objectIn(row["credentials"]),
        errors: Array.isArray(errors) ? errors.map(objectIn) : [],
    };
}

const pathOf = (integration: string, connectionId: string): string =>
    `/connections/${encodeURIComponent(connectionId)}?provider_config_key=${encodeURIComponent(integration)}`;

/** Reads a connection. Nango may fetch a new token where its own ends soon: in its release 0.71.4 for any key, since then for one that may read credentials. */
export async function readConnection(hub: RemoteClient, integration: string, connectionId: string): Promise<Lookup> {
    const answer = await hub.send({ method: "GET", path: pathOf(integration, connectionId) });
    const code = codeOf(answer);
    const row = answer.status === 200 ? rowIn(answer.body) : undefined;
    if (row !== undefined) {
        return { row };
    }
    if (answer.status === 404 && code === "not_found") {
        return { missing: "connection" };
    }
    if (answer.status === 400 && code === "unknown_provider_config") {
        return { missing: "integration" };
    }
    if (code === "invalid_credentials") {
        // Nango tried to fetch a token, and the vendor refused Nango's secret; the error's payload holds the
        // connection.
        const { payload } = objectIn(objectIn(answer.body)["error"]);
        const kept = rowIn(objectIn(payload)["connection"]);
        if (kept !== undefined) {
            return { row: { ...kept, errors: kept.errors.length > 0 ? kept.errors : [{ type: "auth" }] } };
        }
    }
    throw refusal(hub, answer, purposes.readConnection);
}

/** True where the key may list connections; undefined where Nango does not say. */
export async function mayList(hub: RemoteClient, connectionId: string): Promise<boolean | undefined> {
    const path = `/connections?connectionId=${encodeURIComponent(connectionId)}`;
    const answer = await hub.send({ method: "GET", path });
    const isRefused = answer.status === 403 && codeOf(answer) !== undefined;
    return answer.isPage ? undefined : answer.status === 200 ? true : isRefused ? false : undefined;
}

/** The identifiers of the connections under an integration. */
export async function connectionsUnder(hub: RemoteClient, integration: string): Promise<string[]> {
    const answer = await hub.send({
        method: "GET",
        path: `/connections?integrationId=${encodeURIComponent(integration)}`,
    });
    const { connections } = objectIn(answer.body);
    if (answer.status !== 200 || !Array.isArray(connections)) {
        throw refusal(hub, answer, purposes.listConnections);
    }
    // A server may ignore the filter, but each row names its place.
    return (connections as unknown[])
        .map(objectIn)
        .filter(({ provider_config_key: key }) => key === integration)
        .map(({ connection_id: id }) => String(id));
}

/** The body of a connection's write: all of it, because Nango wipes a value that is not sent again. */
export interface ConnectionBody {
    readonly provider_config_key: string;
    readonly connection_id: string;
    readonly credentials: Readonly<Record<string, unknown>>;
    readonly connection_config: Readonly<Record<string, unknown>>;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly tags: Readonly<Record<string, unknown>>;
    readonly webhook_url_override?: string | undefined;
}

/** Creates a connection, or overwrites the one that is there: its number and its date stay, its errors go. */
export async function writeConnection(hub: RemoteClient, body: ConnectionBody): Promise<void> {
    const answer = await hub.send({ method: "POST", path: "/connections", body, once: true });
    if ((answer.status === 201 || answer.status === 200) && rowIn(answer.body) !== undefined) {
        return;
    }
    if (answer.status === 404 && codeOf(answer) === "not_found") {
        throw new Fault(noIntegration(body.provider_config_key));
    }
    throw refusal(hub, answer, purposes.writeConnection, body);
}

/** The problem that the connection's integration does not exist. */
export function noIntegration(integration: string): Problem {
    const message = `Nango has no integration ${integration}. Make it with nango.Integration, or correct the name.`;
    return { kind: "invalidArgument", code: "nango-no-integration", argument: "integration", message };
}

/** True where Nango says that it has deleted something, because a server between may answer 200 as well. */
const isDone = ({ status, body }: RemoteAnswer): boolean => status === 200 && objectIn(body)["success"] === true;

/** Deletes a connection; one that is gone is no fault. */
export async function deleteConnection(hub: RemoteClient, integration: string, connectionId: string): Promise<void> {
    const answer = await hub.send({ method: "DELETE", path: pathOf(integration, connectionId) });
    const isGone =
        answer.status === 400 && ["unknown_connection", "unknown_provider_config"].includes(codeOf(answer) ?? "");
    if (!isDone(answer) && !isGone && !(answer.status === 404 && codeOf(answer) === "not_found")) {
        throw refusal(hub, answer, purposes.deleteConnection);
    }
}

const integrationPath = (key: string): string => `/integrations/${encodeURIComponent(key)}`;

function integrationIn({ body }: RemoteAnswer): IntegrationRow | undefined {
    const data = objectIn(objectIn(body)["data"]);
    return typeof data["unique_key"] === "string" && typeof data["provider"] === "string"
        ? (data as unknown as IntegrationRow)
        : undefined;
}

/** Reads an integration; undefined where it does not exist. */
export async function readIntegration(hub: RemoteClient, key: string): Promise<IntegrationRow | undefined> {
    const answer = await hub.send({ method: "GET", path: integrationPath(key) });
    const row = answer.status === 200 ? integrationIn(answer) : undefined;
    if (row === undefined && !(answer.status === 404 && codeOf(answer) === "not_found")) {
        throw refusal(hub, answer, purposes.readIntegration);
    }
    return row;
}

/** Makes an integration. False: there is one of that key already. */
export async function createIntegration(
    hub: RemoteClient,
    { uniqueKey, provider, displayName }: { uniqueKey: string; provider: string; displayName: string | undefined },
): Promise<boolean> {
    const body = {
        unique_key: uniqueKey,
        provider,
        ...(displayName === undefined ? {} : { display_name: displayName }),
    };
    const answer = await hub.send({ method: "POST", path: "/integrations", body, once: true });
    if ((answer.status === 200 || answer.status === 201) && integrationIn(answer) !== undefined) {
        return true;
    }
    const fields = answer.status === 400 ? refusedFields(answer, body) : [];
    if (fields.some((field) => field.startsWith("uniqueKey"))) {
        return false;
    }
    if (fields.some((field) => field.startsWith("provider"))) {
        const message = `Nango has no provider ${provider}. Use one of ${listed(providerNames)}.`;
        throw fault("invalidArgument", "nango-no-provider", "provider", message);
    }
    throw refusal(hub, answer, purposes.createIntegration, body);
}

/** Gives an integration another name. */
export async function renameIntegration(hub: RemoteClient, key: string, displayName: string): Promise<void> {
    const body = { display_name: displayName };
    const answer = await hub.send({ method: "PATCH", path: integrationPath(key), body });
    if (answer.status !== 200 || integrationIn(answer) === undefined) {
        throw refusal(hub, answer, purposes.updateIntegration);
    }
}

/** Deletes an integration with all its connections; one that is gone is no fault. */
export async function deleteIntegration(hub: RemoteClient, key: string): Promise<void> {
    const answer = await hub.send({ method: "DELETE", path: integrationPath(key) });
    if (!isDone(answer) && !(answer.status === 404 && codeOf(answer) === "not_found")) {
        throw refusal(hub, answer, purposes.deleteIntegration);
    }
}
