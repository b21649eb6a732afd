// `pulumi-connections schema`.
import { typeNamed, typeNames } from "./connection-types";
import { argumentsSchema, connectionsSchema, type JsonSchema } from "./json-schema";

/** The JSON Schema of a type's arguments or, without a type, of a file of connections. */
export function schema(label: string | undefined): JsonSchema {
    return label === undefined ? connectionsSchema(typeNames.map(typeNamed)) : argumentsSchema(typeNamed(label));
}
