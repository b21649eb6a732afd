// The types of connections that a host has, by name.
import type { AnyDefinition } from "../define/connection";
import { ConnectionType } from "./connection-type";
import { madeOnceFor } from "./zod";

/** Finds types by name, each made when it is needed. */
export class ConnectionTypes {
    private readonly typeOf = madeOnceFor((definition: AnyDefinition) => new ConnectionType(definition));

    constructor(private readonly definitions: Readonly<Record<string, () => AnyDefinition>>) {}

    /**
     * The type by vendor and class (`jamf:ApiClient`) or by its name in programs (`jamf.ApiClient`); undefined for any
     * other name.
     */
    named(name: string): ConnectionType | undefined {
        const key = name.replace(".", ":");
        const definition = Object.hasOwn(this.definitions, key) ? this.definitions[key]?.() : undefined;
        return definition && this.typeOf(definition);
    }
}
