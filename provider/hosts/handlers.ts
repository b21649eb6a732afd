// Every type of resource of this package by its name, for all hosts.
import type { AnyDefinition, Handler } from "../define";
import { ConnectionType } from "../core/connection-type";
import { connectionHandler } from "../core/lifecycle";
import type { Session } from "../core/session";
import { madeOnceFor } from "../core/zod";
import { hubs } from "../hubs";
import { hubHandler } from "../hubs/life";
import { definitions } from "../vendors";

function definitionOf(type: string): AnyDefinition | undefined {
    return Object.hasOwn(definitions, type) ? definitions[type as keyof typeof definitions]() : undefined;
}

const typeOf = madeOnceFor((definition: AnyDefinition) => new ConnectionType(definition));

/** A type of connection, by vendor and class (`jamf:ApiClient`) or as programs name it (`jamf.ApiClient`); undefined where this package has none. */
export function connectionTypeOf(name: string): ConnectionType | undefined {
    const definition = definitionOf(name.replace(".", ":"));
    return definition && typeOf(definition);
}

/** The handler of a type of resource, by vendor or hub and class; undefined where this package has none. */
export function handlerOf(type: string): Handler<Session> | undefined {
    if (Object.hasOwn(hubs, type)) {
        return hubHandler(hubs[type as keyof typeof hubs](), connectionTypeOf);
    }
    const definition = definitionOf(type);
    return definition && connectionHandler(definition);
}
