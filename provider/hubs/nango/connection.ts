// A connection of a Nango environment.
import { createHash } from "node:crypto";
import {
    flag,
    invalid,
    list,
    map,
    optional,
    text,
    type Complaint,
    type Field,
    type Problem,
    type Values,
} from "../../define";
import { momentOf } from "../../core/days";
import { Fault, fault } from "../../core/problems";
import { presentOnly, without } from "../../core/values";
import type { RemoteClient } from "../client";
import type { Mark } from "../../core/program-report";
import type { Found, RemoteDefinition, RemoteRequest, RemoteWrite, Written } from "../contracts";
import {
    deleteConnection,
    isUnclear,
    mayList,
    noIntegration,
    readConnection,
    readIntegration,
    scopes,
    writeConnection,
    type ConnectionBody,
    type Lookup,
    type Row,
} from "./api";
import { isDeclaredHere, onceInSession } from "./once";
import { providerNames, providerOf, refuses } from "./providers";

import { authorization, integrationKey, serverArgs, serverOf, serverRules, serverWarnings } from "./server";

/** The tags that say whose a connection is. */
const ownerTag = "pulumi-urn";
const nonceTag = "pulumi-nonce";

/** The most tags of a connection at Nango. */
const mostTags = 10;
const ownTags = mostTags - [ownerTag, nonceTag].length;
const longestTag = 255;

/** JSON by name. */
const jsonObject = (must: string): Field<Readonly<Record<string, unknown>>> => ({
    type: "any",
    options: {
        must,
        parse: (value: unknown) =>
            typeof value === "object" && value !== null && !Array.isArray(value) ? value : invalid(must),
    },
});

const mustBeObject = 'must be an object, such as { plan: "enterprise" }.';

export const connectionArgs = {
    /**
     * Your own Nango server, such as `https://nango.example.com` or `https://nango.example.com:3003`.
     * @default Nango's cloud, `https://api.nango.dev`
     */
    serverUrl: serverArgs.serverUrl,
    /**
     * Allows plain http to the server, at an address of a private network; a loopback address needs no permission.
     * Everyone between can then read the key and the credential, so every run warns.
     * @default false
     */
    allowHttp: serverArgs.allowHttp,
    /**
     * An API key of the environment, a UUID, from Nango's Environment Settings. docs/nango.md lists the scopes that it
     * needs; a warning reports more of them. A reference (`secretFrom`) is recommended: refresh and destroy then use
     * today's key.
     */
    environmentKey: serverArgs.environmentKey,
    /** The unique key of the connection's integration, Nango's `provider_config_key`. {@link Integration} makes one. */
    integration: integrationKey,
    /**
     * The connection's name at Nango, in its API and its syncs. Letters, digits and ``,.;:=+~[]|@${}"'\/_ -``, up to
     * 255.
     */
    connectionId: text({
        pattern: /^(?!\.{1,2}$)[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]{1,255}$/,
        must: "must be letters, digits and ,.;:=+~[]|@${}\"'\\/_ -, up to 255: Nango cannot read others again.",
    }),
    /**
     * Metadata of the connection, JSON by name. Values of others under other names are kept.
     * @default none
     */
    metadata: optional(jsonObject(mustBeObject)),
    /**
     * Tags of the connection, texts by name; Nango keeps names in small letters. Tags of others under other names are
     * kept. A name starts with a letter and has letters, digits and `_-./`, up to 64; a text has 1 to 255 characters.
     * Nango accepts 10 tags on a connection, and two of them name its resource: up to 8, less those of others.
     * @default none
     */
    tags: optional(map({ must: 'must be texts by name, such as { team: "it" }.' })),
    /**
     * True where an existing connection that this resource has not made is taken over, and deleted with this resource.
     * @default false
     */
    adopt: optional(flag()),
};

const lowerCase = (tags: unknown): Values =>
    Object.fromEntries(Object.entries((tags ?? {}) as Values).map(([name, value]) => [name.toLowerCase(), value]));

/** The complaints about tags that Nango does not accept. */
function tagRules({ tags }: Values): Complaint<string>[] {
    const names = Object.keys((tags ?? {}) as Values).map((name) => name.toLowerCase());
    const twice = names.find((name, at) => names.indexOf(name) < at);
    const reserved = names.find((name) => name === ownerTag || name === nonceTag);
    const misnamed = names.find((name) => !/^[a-z][a-z0-9_\-./]{0,63}$/.test(name));
    const long = Object.entries((tags ?? {}) as Values).find(
        ([, value]) => typeof value === "string" && value.length > longestTag,
    );
    const wrong = [
        misnamed !== undefined &&
            `names ${JSON.stringify(misnamed)}: a name at Nango starts with a letter and has letters, digits and _-./ alone, up to 64.`,
        long !== undefined &&
            `has a text of ${String(long[1]).length} characters at ${long[0]}: Nango accepts up to ${longestTag}.`,
        names.length > ownTags &&
            `has ${names.length} tags: Nango accepts ${mostTags} on a connection, and two of them say which resource it belongs to. Give up to ${ownTags}.`,
        twice !== undefined && `names ${twice} twice: Nango keeps names in small letters.`,
        reserved !== undefined &&
            `names ${reserved}, by which this package knows which resource the connection belongs to. Use another name.`,
    ];
    return wrong.filter((message) => message !== false).map((message) => ({ argument: "tags", message }));
}

/** An owner as a tag holds it. */
const ownerText = (owner: string): string =>
    owner.length <= longestTag ? owner : `${owner.slice(0, 190)}#${createHash("sha256").update(owner).digest("hex")}`;

const idsOf = ({ integration, connectionId }: Values): readonly [string, string] => [
    String(integration),
    String(connectionId),
];

/** The names of `connection_config` that are ours. */
function configNames({ connection, recorded }: RemoteRequest): readonly string[] {
    const config = connection && providerOf(connection.type)?.config(connection);
    return config === undefined ? ((recorded?.memo["config"] ?? []) as readonly string[]) : Object.keys(config);
}

const pickOf = (from: Values, names: readonly string[]): Values =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? null]));

function markOf({ tags }: Row, { owner, recorded }: RemoteRequest): Partial<Mark> {
    const { [ownerTag]: reported, [nonceTag]: nonce } = tags;
    const known = [owner, recorded?.mark.owner ?? owner].find((one) => ownerText(one) === reported);
    return {
        ...(typeof reported === "string" ? { owner: known ?? reported } : {}),
        ...(typeof nonce === "string" ? { nonce } : {}),
    };
}

/** The credential in a row, in the form of a sent one; undefined where the key may not read it. */
function credentialOf({ credentials }: Row): Values | undefined {
    const { type, client_id, client_secret, username, password, apiKey } = credentials;
    switch (type) {
        case "OAUTH2_CC":
            return { type, client_id, client_secret };
        case "BASIC":
            return { type, username, password };
        case "API_KEY":
            return { type, apiKey };
        default:
            return undefined;
    }
}

function foundOf(row: Row, request: RemoteRequest): Found {
    const { args } = request;
    const errors = row.errors.map(({ type }) =>
        typeof type === "string" && /^[a-z_]{1,60}$/.test(type) ? type : "unknown",
    );
    return {
        facts: {
            provider: row.provider,
            connectionConfig: pickOf(row.connection_config, configNames(request)),
            metadata: pickOf(row.metadata, Object.keys(args["metadata"] ?? {})),
            tags: pickOf(row.tags, Object.keys(lowerCase(args["tags"]))),
            errors,
        },
        outputs: { provider: row.provider, errors, createdAt: momentOf(row.created_at) },
        mark: markOf(row, request),
        memo: { row: row.id, config: configNames(request) },
        credential: credentialOf(row),
        rest: row,
    };
}

async function look(hub: RemoteClient, request: RemoteRequest): Promise<Found | undefined> {
    const { args, connection, isProgram } = request;
    const [integration, connectionId] = idsOf(args);
    const found = await readConnection(hub, integration, connectionId);
    const provider = connection && providerOf(connection.type)?.name;
    const known =
        "row" in found
            ? found.row.provider
            : found.missing === "integration"
              ? undefined
              : provider && (await integrationProvider(hub, integration));
    if (provider !== undefined && known !== undefined && known !== provider) {
        const message = `is an integration of Nango's provider ${hub.quote(known)}, and ${connection?.label ?? ""} needs one of ${provider}. Name another integration.`;
        throw fault("invalidArgument", "nango-other-provider", "integration", message);
    }
    if (isProgram === true) {
        await warnOfRights(hub, connectionId, found);
    }
    if ("row" in found) {
        if (isProgram === true && markOf(found.row, request).owner !== request.owner && args["adopt"] === true) {
            // None of them is ours that could go.
            tagsOf(found.row.tags, request, { owner: request.owner, nonce: "" });
        }
        return foundOf(found.row, request);
    }
    if (found.missing === "integration" && !isDeclaredHere(hub)) {
        hub.warn(`Not there yet: ${noIntegration(integration).message} A connection needs it.`);
    }
    return undefined;
}

/** The provider of an integration, read once a session; undefined where the key may not read it. */
const integrationProvider = (hub: RemoteClient, integration: string): Promise<string | undefined> =>
    onceInSession(hub, `provider of ${integration}`, async () => {
        try {
            return (await readIntegration(hub, integration))?.provider;
        } catch (error) {
            if (error instanceof Fault && error.problem.kind === "scopeMissing") {
                return undefined;
            }
            throw error;
        }
    });

const tooMuch = (what: string, scope: string): string =>
    `environmentKey may ${what}, which nango.Connection does not need. Use a key without the scope ${scope}.`;

/** That a key may do more than is needed, as far as that is proved by calls that change nothing. */
async function warnOfRights(hub: RemoteClient, connectionId: string, found: Lookup): Promise<void> {
    if ("row" in found && Object.keys(found.row.credentials).length > 0) {
        hub.warn(tooMuch("read credentials", "environment:connections:read_credentials"));
    }
    const lists = await onceInSession(hub, "list", () => mayList(hub, connectionId));
    // nango.Integration lists its connections before it is deleted.
    if (lists === true && !isDeclaredHere(hub)) {
        hub.warn(tooMuch("list connections", "environment:connections:list"));
    }
}

function foreign({ args }: RemoteRequest): Problem {
    const [integration, connectionId] = idsOf(args);
    const message = `Nango has a connection ${connectionId} under ${integration} already, which this resource has not made. To take it over, set adopt: true; if not, choose another connectionId.`;
    return { kind: "invalidArgument", code: "nango-not-ours", argument: "connectionId", message };
}

/** All tags of a connection: those of others, ours, and the mark. */
function tagsOf(others: Values, { args }: RemoteRequest, mark: Mark): Values {
    const own = lowerCase(args["tags"]);
    const all = { ...others, ...own, [ownerTag]: ownerText(mark.owner), [nonceTag]: mark.nonce };
    const count = Object.keys(all).length;
    if (count > mostTags) {
        const message = `Nango accepts ${mostTags} tags on a connection, and it would have ${count}: ${Object.keys(own).length} of this resource, 2 that say which resource it belongs to, and others that are there. Give fewer, or remove some at Nango.`;
        throw fault("invalidArgument", "nango-tag-room", "tags", message);
    }
    return all;
}

/** The body of a write: ours, and the values of others beside it. */
function bodyOf(row: Row | undefined, request: RemoteWrite, credentials: Values): ConnectionBody {
    const { args, wanted, mark, recorded } = request;
    const [integration, connectionId] = idsOf(args);
    const config = wanted["connectionConfig"] as Values;
    const kept = { ...row?.connection_config };
    if (kept["cloudId"] !== config["cloudId"]) {
        // Nango's script has worked these out of the other site.
        delete kept["baseUrl"];
        delete kept["accountId"];
    }
    // Names that this resource has written before and does not want any more.
    const dropped = (name: string): readonly string[] => Object.keys(recorded?.found[name] ?? {});
    const webhook = row?.webhook_url_override;
    return {
        provider_config_key: integration,
        connection_id: connectionId,
        credentials,
        connection_config: { ...without(kept, dropped("connectionConfig")), ...config },
        metadata: { ...without(row?.metadata ?? {}, dropped("metadata")), ...((args["metadata"] ?? {}) as Values) },
        tags: tagsOf(without(row?.tags ?? {}, dropped("tags")), request, mark),
        ...(typeof webhook === "string" ? { webhook_url_override: webhook } : {}),
    };
}

async function write(hub: RemoteClient, request: RemoteWrite): Promise<Written> {
    const { connection, found, mark, token, args } = request;
    const sent = connection && providerOf(connection.type)?.credential(connection);
    if (sent === undefined) {
        throw fault("secretMissing", "hub-no-secret", "connection", "its secret is missing.");
    }
    const got = sent["type"] === "OAUTH2_CC" ? await token() : undefined;
    // Without a moment at which its token ends, Nango would never fetch another one.
    const expiresAt = got?.expiresAt ?? new Date(Date.now() + 60_000).toISOString();
    const credentials = got === undefined ? sent : { ...sent, token: got.value, expires_at: expiresAt };
    const put = async (row: Row | undefined): Promise<void> => writeConnection(hub, bodyOf(row, request, credentials));
    try {
        await put(found?.rest as Row | undefined);
    } catch (error) {
        if (!isUnclear(error)) {
            throw error;
        }
        // The write may have succeeded, or another program may have written meanwhile: read, then try once more.
        const now = await look(hub, request);
        const isOthers =
            now !== undefined &&
            now.mark.nonce !== mark.nonce &&
            now.mark.owner !== mark.owner &&
            now.memo?.["row"] !== found?.memo?.["row"];
        if (isOthers && args["adopt"] !== true) {
            throw new Fault(foreign(request));
        }
        await put(now?.rest as Row | undefined);
    }
    return {};
}

/** A connection of a Nango environment, made from a connection that was verified. */
export const nangoConnection = {
    type: "nango:Connection",
    title: "Nango",
    args: connectionArgs,
    outputs: {
        /** Nango's name of the provider. */
        provider: text(),
        /** The kinds of errors that Nango has with the connection, such as `auth`: a vendor refused the credential there. */
        errors: list(),
        /** When Nango made the connection, in ISO 8601. */
        createdAt: text(),
    },
    words: ["auth", "sync", "unknown", ...providerNames, ...scopes],
    replaces: ["serverUrl", "integration", "connectionId"],
    // Unwanted values must still be removed.
    writesOn: ["metadata", "tags"],
    rules: (args) => [...serverRules(args), ...tagRules(args)],
    warnings: serverWarnings,
    refuses,
    server: serverOf,
    authorization,
    id: (args) => idsOf(args).join("/"),
    credential: (connection) => providerOf(connection.type)?.credential(connection),
    wanted: ({ args, connection }) => {
        const provider = connection && providerOf(connection.type);
        const connectionConfig = connection && provider?.config(connection);
        return connectionConfig === undefined
            ? undefined
            : {
                  provider: provider?.name,
                  connectionConfig,
                  metadata: presentOnly((args["metadata"] ?? {}) as Values),
                  tags: lowerCase(args["tags"]),
                  errors: [],
              };
    },
    look,
    isOurs: ({ mark, memo }, { recorded }) =>
        mark.owner === undefined && recorded !== undefined && recorded.memo["row"] === memo?.["row"],
    foreign,
    write,
    remove: (hub, { args }) => deleteConnection(hub, ...idsOf(args)),
} satisfies RemoteDefinition;
