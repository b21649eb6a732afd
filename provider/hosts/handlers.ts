// Every type of resource of this package by its name, for all hosts.
import type { AnyDefinition, Handler } from "../define";
import { connectionHandler } from "../core/lifecycle";
import type { Session } from "../core/session";
import { hubs } from "../hubs";
import { hubHandler } from "../hubs/life";
import { definitions } from "../vendors";

/** The declaration of a type of connection, by vendor and class (`jamf:ApiClient`); undefined where this package has none. */
export function connectionDefinition(type: string): AnyDefinition | undefined {
    return Object.hasOwn(definitions, type) ? definitions[type as keyof typeof definitions]() : undefined;
}

/** The handler of a type of resource, by vendor or hub and class; undefined where this package has none. */
export function handlerOf(type: string): Handler<Session> | undefined {
    if (Object.hasOwn(hubs, type)) {
        return hubHandler(hubs[type as keyof typeof hubs](), connectionDefinition);
    }
    const definition = connectionDefinition(type);
    return definition && connectionHandler(definition);
}
