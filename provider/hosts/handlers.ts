// Every type of resource and every function of this package by its name, for all hosts.
import { commonOutputs, type Fields, type Values } from "../define";
import { ConnectionTypes } from "../core/connection-types";
import { callFunction } from "../core/functions";
import type { Handler } from "../core/handler";
import { connectionHandler, type RecordForm } from "../core/lifecycle";
import type { Session } from "../core/session";
import { objectIn } from "../core/values";
import { hubs } from "../hubs";
import { remoteHandler } from "../hubs/lifecycle";
import { connectionArgument, hubOutputs, RemoteType } from "../hubs/type";
import { definitions, functions } from "../vendors";

/** The types of connections of this package. */
export const connectionTypes = new ConnectionTypes(definitions);

/** The types of resources by name: connections (`jamf:ApiClient`), then those at hubs. */
export const types = (): readonly string[] => [...Object.keys(definitions), ...Object.keys(hubs)];

/** The functions by name: `atlassian:getSites`. */
export const functionNames = (): readonly string[] => Object.keys(functions);

const hubNamed = (type: string): RemoteType | undefined =>
    Object.hasOwn(hubs, type) ? new RemoteType(hubs[type as keyof typeof hubs]()) : undefined;

/** The handler of a type of resource, by vendor or hub and class; undefined where this package has none. */
export function handlerOf(type: string, form?: RecordForm): Handler | undefined {
    if (Object.hasOwn(hubs, type)) {
        return remoteHandler(hubs[type as keyof typeof hubs](), connectionTypes);
    }
    const connection = connectionTypes.named(type);
    return connection && connectionHandler(connection.definition, form);
}

/** The places of a resource's values that are always kept as secrets: those of a connection at a hub among them. */
export function secretPaths(type: string, values: Values): readonly string[] {
    const hub = hubNamed(type);
    if (hub === undefined) {
        return connectionTypes.named(type)?.sensitiveNames ?? [];
    }
    const { type: handed } = objectIn(values[connectionArgument]);
    const names = typeof handed === "string" ? (connectionTypes.named(handed)?.sensitiveNames ?? []) : [];
    return [...hub.sensitiveNames, ...names.map((name) => `${connectionArgument}.arguments.${name}`)];
}

/**
 * Calls a vendor.
 * @throws ConnectionError where the arguments are wrong, or the vendor refuses, or cannot be contacted.
 */
export type FunctionHandler = (declared: Values, session: Session) => Promise<Values>;

/** The handler of a function, by vendor and name; undefined where this package has none. */
export function functionOf(type: string): FunctionHandler | undefined {
    const definition = Object.hasOwn(functions, type) ? functions[type as keyof typeof functions]() : undefined;
    return definition && ((declared, session) => callFunction(definition, declared, session));
}

/** A resource or a function as its declaration has it: for a schema, a page, a host that reads values by their kind. */
export interface Described {
    /** The name of the vendor or hub in sentences. */
    readonly title: string;
    /** All arguments but the connection; its own come first. */
    readonly args: Fields;
    /** All outputs; its own come first. */
    readonly outputs: Fields;
    /** The arguments that name the object: another value makes another object. */
    readonly replaces: readonly string[];
    /** The types of connections that it accepts as `connection`; undefined for a resource without one. */
    readonly connections: readonly string[] | undefined;
}

/** The description of a type of resource; undefined where this package has none. */
export function resourceNamed(type: string): Described | undefined {
    const hub = hubNamed(type);
    if (hub !== undefined) {
        const { title, replaces, refuses, outputs } = hub.definition;
        const accepts = (one: string): boolean =>
            refuses?.({ type: one, label: one.replace(":", "."), values: {} }, {}) === undefined;
        return {
            title,
            args: hub.args,
            outputs: { ...outputs, ...hubOutputs },
            replaces,
            connections: hub.takesConnection ? Object.keys(definitions).filter(accepts) : undefined,
        };
    }
    const connection = connectionTypes.named(type);
    return (
        connection && {
            title: connection.definition.title,
            args: { ...connection.definition.args, ...connection.args },
            outputs: { ...connection.definition.outputs, ...commonOutputs },
            replaces: [],
            connections: undefined,
        }
    );
}

/** The description of a function; undefined where this package has none. */
export function functionNamed(type: string): Described | undefined {
    const definition = Object.hasOwn(functions, type) ? functions[type as keyof typeof functions]() : undefined;
    return (
        definition && {
            title: definition.title,
            args: definition.args,
            outputs: definition.outputs,
            replaces: [],
            connections: undefined,
        }
    );
}
