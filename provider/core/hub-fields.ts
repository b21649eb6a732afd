// What a person types into the hub's form.
import type { Values } from "../define/contracts";
import { defaultsOf } from "./argument-fields";
import type { ConnectionType } from "./connection-type";
import { presentOnly } from "./values";

/**
 * The fields of the hub's form by the names that it gives them, secrets among them: for whoever fills it in, and never to be recorded.
 * @param args The arguments as the program gave them, secrets by their values.
 * @param outputs The outputs of the connection's own.
 */
export function hubFieldsOf(
    { args: fields, definition }: ConnectionType,
    args: Values,
    outputs: Values,
): Record<string, string> {
    const given = { ...defaultsOf(fields), ...presentOnly(args) };
    const found = presentOnly(outputs);
    const filled = Object.entries(definition.hubForm?.fields ?? {}).flatMap(([label, value]) => {
        const text = value(given as never, found as never);
        return text === undefined || text === null ? [] : [[label, text] as const];
    });
    return Object.fromEntries(filled);
}
