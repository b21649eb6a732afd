// Turns a program's declaration of a resource at a hub into the inputs of its module.
import type { Problem, Values } from "../define/contracts";
import type { ConnectionType } from "../core/connection-type";
import type { ConnectionTypes } from "../core/connection-types";
import { HttpClient } from "../core/http/client";
import { ConnectionError, fault } from "../core/problems";
import { secretsInAddresses } from "../core/secret-addresses";
import { withBareReferences, type ResolvedSecrets } from "../core/secrets";
import type { ResolvedArguments, Session } from "../core/session";
import { hasUnknown } from "../core/unknown";
import { presentOnly } from "../core/values";
import { validate } from "../core/verified";
import { RemoteClient } from "./client";
import type { TakenConnection } from "./contracts";
import { RemoteExchange } from "./exchange";
import { connectionIn, type OwnArguments, type RecordedState } from "./state";
import { aboutConnection, connectionArgument, inConnection, type RemoteType } from "./type";
import { RemoteWords, type ClearRecord } from "./words";

/** A connection whose arguments are valid. */
export interface ValidConnection {
    readonly type: ConnectionType;
    readonly args: ResolvedArguments;
}

/** The arguments that a program declares, validated. */
export interface Prepared extends OwnArguments {
    readonly problems: readonly Problem[];
    /** True where a value is not known yet. */
    readonly isOpen: boolean;
    /** Its own arguments with their defaults, without secrets. */
    readonly values: Values;
    readonly secrets: ResolvedSecrets;
    /** The valid connection; undefined where none is given, or it has a fault or is not known yet. */
    readonly taken?: ValidConnection | undefined;
    /** The facts that are known in clear, where the secrets of its connection are not known here. */
    readonly record?: ClearRecord | undefined;
}

/**
 * Validates a program's declaration. No server is contacted; files and variables of secrets are read.
 * @param types The connections that can be handed to it; undefined where its connection is not known here.
 */
export async function prepare(
    type: RemoteType,
    types: ConnectionTypes | undefined,
    session: Session,
    declared: Values,
    signal?: AbortSignal,
): Promise<Prepared> {
    const own = withBareReferences(
        type,
        presentOnly(Object.fromEntries(Object.entries(declared).filter(([name]) => isOwn(type, name)))),
    );
    const { args, problems, waiting } = type.arguments.validate(own);
    const { given, values } = args ?? { given: own, values: own };
    const handed =
        type.takesConnection && types !== undefined
            ? await connectionOf(type, types, session, declared, values)
            : undefined;
    const timeout = AbortSignal.timeout(type.secondsOf(values) * 1000);
    const secrets = await session.readSecrets(type, args?.given ?? {}, signal ?? timeout);
    const all = { ...prefixed(handed?.taken?.args.secrets.values ?? {}), ...secrets.values };
    const misplaced = secretsInAddresses(type, args?.given ?? {}, all);
    return {
        problems: [...problems, ...(handed?.problems ?? []), ...secrets.problems, ...misplaced],
        isOpen: waiting.length > 0 || handed?.isOpen === true,
        given,
        values,
        secrets,
        connection: handed?.connection,
        taken: handed?.taken,
    };
}

/**
 * Prepares a request from the record alone: without the connection, whose secrets are not kept there.
 * @throws ConnectionError where its own arguments cannot be used.
 */
export async function prepareRecorded(
    type: RemoteType,
    session: Session,
    { given, values: kept, found, bookkeeping }: RecordedState,
    signal?: AbortSignal,
): Promise<Prepared> {
    const prepared = await prepare(type, undefined, session, given, signal);
    if (prepared.problems.length > 0) {
        throw new ConnectionError(prepared.problems);
    }
    const { words = [] } = type.definition;
    const outputs = type.outputNames.filter((name) => !type.secretOutputs.includes(name)).map((name) => kept[name]);
    const values = [prepared.values, kept[connectionArgument], found, outputs];
    const record = { values, sent: bookkeeping?.sent ?? [], words };
    return type.takesConnection ? { ...prepared, record } : prepared;
}

/** The connection's secrets under the names that messages give them. */
const prefixed = (secrets: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(secrets).map(([name, value]) => [inConnection(name), value]));

const isOwn = (type: RemoteType, name: string): boolean =>
    type.argumentNames.includes(name) ||
    (name !== connectionArgument && !name.startsWith("__") && !type.computedNames.includes(name));

type Handed = Pick<Prepared, "problems" | "isOpen" | "connection" | "taken">;

async function connectionOf(
    remote: RemoteType,
    types: ConnectionTypes,
    session: Session,
    declared: Values,
    values: Values,
): Promise<Handed> {
    const given = declared[connectionArgument];
    const connection = connectionIn(types, declared);
    const refuse = (message: string): Handed => ({
        problems: [{ kind: "invalidArgument", code: "hub-connection-invalid", argument: connectionArgument, message }],
        isOpen: false,
        connection,
    });
    if (connection === undefined) {
        const forms = 'a connection, or { type, arguments } such as { type: "jamf.ApiClient", arguments: { … } }.';
        return refuse(given === undefined || given === null ? `is missing: it must be ${forms}` : `must be ${forms}`);
    }
    const { type: label, arguments: args } = connection;
    if (hasUnknown(label)) {
        return { problems: [], isOpen: true, connection };
    }
    const known = Object.fromEntries(Object.entries(args).filter(([, value]) => !hasUnknown(value)));
    const reason = remote.definition.refuses?.({ type: label.replace(".", ":"), label, values: known }, values);
    if (reason !== undefined) {
        return refuse(reason);
    }
    const type = types.named(label);
    if (type === undefined) {
        return refuse(`names the class ${label}, which this package does not have. Correct type.`);
    }
    const { args: valid, problems } = await validate(type, args, session);
    return valid === undefined
        ? { problems: problems.map(aboutConnection), isOpen: problems.length === 0, connection }
        : {
              problems: [],
              isOpen: false,
              connection: { ...connection, arguments: valid.given },
              taken: { type, args: valid },
          };
}

/** A connection as a module reads it. */
export function withOutputs({ type, args }: ValidConnection, outputs: Values): TakenConnection {
    return {
        type: type.definition.type,
        label: type.label,
        values: args.values,
        outputs,
        secret: (argument) => args.secrets.values[argument],
    };
}

/** The exchange of this resource with the other end. */
export function exchangeOf(
    type: RemoteType,
    session: Session,
    { values, given, secrets, taken, record }: Prepared,
    signal?: AbortSignal,
): RemoteExchange {
    const { definition } = type;
    const secret = (argument: string): string => {
        const value = secrets.values[argument];
        if (value === undefined) {
            throw fault("secretMissing", "hub-no-secret", argument, "is missing.");
        }
        return value;
    };
    const { tls, proxyUrl } = given as { tls?: object; proxyUrl?: string };
    const words = new RemoteWords(
        [...Object.values(secrets.values), ...Object.values(taken?.args.secrets.values ?? {})],
        record,
    );
    const server = definition.server(values);
    const transport = {
        ...tls,
        proxyUrl,
        policy: server.argument === undefined ? "public" : "private",
        callsAtOnce: definition.callsAtOnce ?? 16,
        endpoints: session.settings.endpoints,
        allowHttp: server.allowHttp,
        isPaced: true,
    } as const;
    const redact = (text: string): string => words.outside(text);
    const http = new HttpClient(session.http, transport, { seconds: type.secondsOf(values), signal, redact });
    const client = new RemoteClient(session, server, http, definition.authorization(secret), words);
    return new RemoteExchange(type, client, words);
}
