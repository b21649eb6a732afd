// Every type of resource of this package by its name, for all hosts.
import type { Handler } from "../define";
import { ConnectionTypes } from "../core/connection-types";
import { connectionHandler } from "../core/lifecycle";
import type { Session } from "../core/session";
import { hubs } from "../hubs";
import { remoteHandler } from "../hubs/lifecycle";
import { definitions } from "../vendors";

/** The types of connections of this package. */
export const connectionTypes = new ConnectionTypes(definitions);

/** The handler of a type of resource, by vendor or hub and class; undefined where this package has none. */
export function handlerOf(type: string): Handler<Session> | undefined {
    if (Object.hasOwn(hubs, type)) {
        return remoteHandler(hubs[type as keyof typeof hubs](), connectionTypes);
    }
    const connection = connectionTypes.named(type);
    return connection && connectionHandler(connection.definition);
}
