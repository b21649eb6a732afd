// The types of connection, as a command line names them.
import type { ConnectionType } from "../../core/connection-type";
import { nearest } from "../../core/nearest";
import { hubs } from "../../hubs";
import { definitions } from "../../vendors";
import { connectionTypes } from "../handlers";
import { usageError } from "./exit-code";

/** The names of all types, as programs have them: `jamf.ApiClient`. */
export const typeNames: readonly string[] = Object.keys(definitions).map((name) => name.replace(":", "."));

/** The type of a name that a person has written. */
export function typeNamed(name: string): ConnectionType {
    const type = connectionTypes.named(name);
    if (type === undefined) {
        // The given text is not repeated: it may be something else in the wrong place, such as a secret.
        if (Object.hasOwn(hubs, name.replace(".", ":"))) {
            throw usageError(
                `${name} is no connection, but a resource at a hub: it needs a Pulumi program. The types are ${typeNames.join(", ")}.`,
            );
        }
        const near = nearest(name, typeNames);
        const hint = near === undefined ? `The types are ${typeNames.join(", ")}.` : `Did you mean ${near}?`;
        throw usageError(`there is no such type of connection. ${hint}`);
    }
    return type;
}
