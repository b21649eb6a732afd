// From what a program declares of a resource at a hub to what its module is asked with.
import type { Problem, Values } from "../define/contracts";
import type { ConnectionType } from "../core/connection-type";
import { fault } from "../core/problems";
import { PROGRAM_RESULT_INPUT } from "../core/program-result";
import { secretsInAddresses } from "../core/secret-addresses";
import { withBareReferences, type ResolvedSecrets } from "../core/secrets";
import type { ResolvedArguments, Session } from "../core/session";
import { hasUnknown } from "../core/unknown";
import { presentOnly } from "../core/values";
import { validate } from "../core/verified";
import { HubClient } from "./client";
import type { HubConnection } from "./contracts";
import { HubExchange } from "./exchange";
import { aboutConnection, connectionArgument, inConnection, type HubType } from "./type";
import { HubWords, type ClearRecord } from "./words";

/** The declaration of a type of connection, by vendor and class (`jamf:ApiClient`); undefined where there is none. */
export type FindConnection = (name: string) => ConnectionType | undefined;

/** A connection as a program gives it to a hub's resource, and as that resource's inputs hold it. */
export interface GivenConnection {
    /** How programs name its class: `jamf.ApiClient`. */
    readonly type: string;
    readonly arguments: Values;
}

/** A connection whose arguments were judged. */
export interface JudgedConnection {
    readonly type: ConnectionType;
    readonly args: ResolvedArguments;
}

/** What a program declares, judged. */
export interface Prepared {
    readonly problems: readonly Problem[];
    /** Whether something is not known yet. */
    readonly isOpen: boolean;
    /** The resource's own arguments as the state records them. */
    readonly given: Values;
    /** The same with their defaults, without secrets. */
    readonly values: Values;
    readonly secrets: ResolvedSecrets;
    readonly connection?: JudgedConnection | undefined;
    /** What is known in clear, where it has a connection of which the secrets are not known here. */
    readonly record?: ClearRecord | undefined;
}

/** Judges what a program declares. Nothing is asked, but the files and variables that secrets come from. */
export async function prepare(
    type: HubType,
    find: FindConnection,
    session: Session,
    declared: Values,
    signal?: AbortSignal,
): Promise<Prepared> {
    const own = withBareReferences(
        type,
        presentOnly(Object.fromEntries(Object.entries(declared).filter(([name]) => isOwn(type, name)))),
    );
    const judgement = type.arguments.judge(own);
    const given = judgement.args?.given ?? own;
    const values = judgement.args?.values ?? own;
    const handed = type.takesConnection ? await connectionOf(type, find, session, declared, values) : undefined;
    const timeout = AbortSignal.timeout(type.secondsOf(values) * 1000);
    const secrets = await session.readSecrets(type, judgement.args?.given ?? {}, signal ?? timeout);
    const handedSecrets = handed?.connection?.args.secrets.values ?? {};
    const misplaced = secretsInAddresses(type, judgement.args?.given ?? {}, {
        ...prefixed(handedSecrets),
        ...secrets.values,
    });
    return {
        problems: [...judgement.problems, ...(handed?.problems ?? []), ...secrets.problems, ...misplaced],
        isOpen: judgement.waiting.length > 0 || handed?.isOpen === true,
        given,
        values,
        secrets,
        connection: handed?.connection,
    };
}

/** The connection's secrets under the names that messages give them. */
const prefixed = (secrets: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(secrets).map(([name, value]) => [inConnection(name), value]));

const isOwn = (type: HubType, name: string): boolean =>
    type.argumentNames.includes(name) ||
    (name !== connectionArgument &&
        !name.startsWith("__") &&
        name !== PROGRAM_RESULT_INPUT &&
        !type.computedNames.includes(name));

interface Handed {
    readonly problems: readonly Problem[];
    readonly isOpen: boolean;
    readonly connection?: JudgedConnection | undefined;
}

async function connectionOf(
    hub: HubType,
    find: FindConnection,
    session: Session,
    { [connectionArgument]: given }: Values,
    values: Values,
): Promise<Handed> {
    const refuse = (message: string): Handed => ({
        problems: [{ kind: "invalidArgument", argument: connectionArgument, message }],
        isOpen: false,
    });
    if (!isConnection(given)) {
        const forms = 'a connection, or { type, arguments } such as { type: "jamf.ApiClient", arguments: { … } }.';
        return refuse(given === undefined || given === null ? `is missing: it takes ${forms}` : `must be ${forms}`);
    }
    if (hasUnknown(given.type)) {
        return { problems: [], isOpen: true };
    }
    const name = given.type.replace(".", ":");
    const present = presentOnly(given.arguments);
    const known = Object.fromEntries(Object.entries(present).filter(([, value]) => !hasUnknown(value)));
    const reason = hub.definition.refuses?.({ type: name, label: given.type, values: known }, values);
    if (reason !== undefined) {
        return refuse(reason);
    }
    const type = find(given.type);
    if (type === undefined) {
        return refuse(`names the class ${given.type}, which this package does not have. Correct type.`);
    }
    const { args, problems } = await validate(type, withBareReferences(type, present), session);
    return args === undefined
        ? { problems: problems.map(aboutConnection), isOpen: problems.length === 0 }
        : { problems: [], isOpen: false, connection: { type, args } };
}

function isConnection(value: unknown): value is GivenConnection {
    const { type, arguments: args } = (value ?? {}) as Partial<GivenConnection>;
    return typeof type === "string" && typeof args === "object" && args !== null;
}

/** A connection as a hub's module reads it. */
export function handedOver({ type, args }: JudgedConnection, outputs: Values): HubConnection {
    return {
        type: type.definition.type,
        label: type.label,
        values: args.values,
        outputs,
        secret: (argument) => args.secrets.values[argument],
    };
}

/** What asks the hub for this resource. */
export function exchangeOf(
    type: HubType,
    session: Session,
    { values, given, secrets, connection, record }: Prepared,
    signal?: AbortSignal,
): HubExchange {
    const { definition } = type;
    const secret = (argument: string): string => {
        const value = secrets.values[argument];
        if (value === undefined) {
            throw fault("secretMissing", argument, "is missing.");
        }
        return value;
    };
    const { tls, proxyUrl } = given as { tls?: object; proxyUrl?: string };
    const words = new HubWords(
        [...Object.values(secrets.values), ...Object.values(connection?.args.secrets.values ?? {})],
        record,
    );
    const client = new HubClient({
        session,
        server: definition.server(values),
        headers: definition.authorization(secret),
        words,
        seconds: type.secondsOf(values),
        callsAtOnce: definition.callsAtOnce ?? 16,
        tls,
        proxyUrl,
        signal,
    });
    return new HubExchange(definition, client, words);
}
