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
                "cli-hub-type",
                `${name} is no connection, but a resource at a hub: it needs a Pulumi program. The types are ${typeNames.join(", ")}.`,
            );
        }
        const near = meantTypes(name);
        const hint = near.length === 0 ? `The types are ${typeNames.join(", ")}.` : `Did you mean ${near.join(", ")}?`;
        throw usageError("cli-no-type", `there is no such type of connection. ${hint}`);
    }
    return type;
}

/** The types that a wrong name is near to, or has a part of: `jamf`, `JiraConnector`. */
function meantTypes(name: string): readonly string[] {
    const near = nearest(name, typeNames);
    if (near !== undefined || name.length < 3) {
        return near === undefined ? [] : [near];
    }
    const isIn = (word: string) => (type: string) => type.toLowerCase().includes(word.toLowerCase());
    const parts = typeNames.flatMap((type) => type.split("."));
    const part = typeNames.some(isIn(name)) ? name : nearest(name, parts, Math.floor(name.length / 3));
    return part === undefined ? [] : typeNames.filter(isIn(part));
}

/** The names of the arguments of all types. */
export const argumentNames = (): ReadonlySet<string> =>
    new Set(typeNames.flatMap((name) => connectionTypes.named(name)?.argumentNames ?? []));
