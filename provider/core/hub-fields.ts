// The values that a person types into the hub's form.
import type { Values } from "../define/contracts";
import { defaultsOf } from "./argument-fields";
import type { ConnectionType } from "./connection-type";
import { presentOnly } from "./values";

/**
 * The fields of the hub's form by the hub's names, secrets among them: for the person who fills it in, and never to be
 * recorded.
 * @param args The arguments as the program gave them, secrets by their values.
 * @param outputs The outputs of the connection's own.
 */
export function hubFieldsOf(
    { args: fields, secretNames, definition }: ConnectionType,
    args: Values,
    outputs: Values,
): Record<string, string> {
    const given = { ...defaultsOf(fields), ...presentOnly(args) };
    const found = presentOnly(outputs);
    const inUse = found["secretInUse"];
    // After a rotation it is the secret that the vendor takes.
    const valueOf = (name: string): unknown =>
        name === secretNames[0] && typeof inUse === "string" ? given[inUse] : given[name];
    const labelled = [
        ...Object.entries(fields).map(([name, { options }]) => [options.label, valueOf(name)] as const),
        ...Object.entries(definition.outputs).map(([name, { options }]) => [options.label, found[name]] as const),
        ...Object.entries(definition.hubFields ?? {}).map(
            ([label, value]) => [label, value(given as never, found as never)] as const,
        ),
    ];
    return Object.fromEntries(
        labelled.flatMap(([label, value]) =>
            label === undefined || typeof value !== "string" ? [] : [[label, value] as const],
        ),
    );
}
