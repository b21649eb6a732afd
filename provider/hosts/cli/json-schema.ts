// From the declarations to JSON Schema (2020-12): the arguments of a connection, as a file of connections has them.
import type { Field } from "../../define";
import type { ConnectionType } from "../../core/connection-type";

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const dialect = "https://json-schema.org/draft/2020-12/schema";

/** The schema of a type's arguments. */
export function argumentsSchema(type: ConnectionType): JsonSchema {
    return { $schema: dialect, title: `Arguments of ${type.label}`, ...argumentsOf(type) };
}

/** The schema of a file of connections. */
export function connectionsSchema(types: readonly ConnectionType[]): JsonSchema {
    const choices = types.map((type) => ({
        title: `${type.definition.title} (${type.label})`,
        type: "object",
        properties: { name: { type: "string", minLength: 1 }, type: { const: type.label }, args: argumentsOf(type) },
        required: ["name", "type", "args"],
        additionalProperties: false,
    }));
    return {
        $schema: dialect,
        title: "Connections for pulumi-connections verify --file",
        type: "array",
        minItems: 1,
        items: { oneOf: choices },
    };
}

function argumentsOf(type: ConnectionType): JsonSchema {
    const { oneOf } = type.definition;
    const named = oneOf?.of.map((name) => ({ required: [name] }));
    // One of them, or at most one.
    const choice =
        named === undefined
            ? {}
            : oneOf?.needed === true
              ? { oneOf: named }
              : { oneOf: [...named, { not: { anyOf: named } }] };
    return { ...objectSchema(type.args), ...choice };
}

function objectSchema(fields: Readonly<Record<string, Field<unknown>>>): JsonSchema {
    const isRequired = ({ presence }: Field<unknown>): boolean => presence === undefined || presence === "required";
    return {
        type: "object",
        properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, schemaOf(field)])),
        required: Object.entries(fields).flatMap(([name, field]) => (isRequired(field) ? [name] : [])),
        additionalProperties: false,
    };
}

function schemaOf(field: Field<unknown>): JsonSchema {
    const { where, must, like } = field.options;
    const says = [must === undefined ? undefined : `It ${must}`, where, forms(field)].filter(
        (text) => text !== undefined,
    );
    return {
        ...shapeOf(field),
        ...(says.length === 0 ? {} : { description: says.join(" ") }),
        ...(like === undefined ? {} : { examples: field.type === "list" ? [[like]] : [like] }),
        ...(field.presence === "default" ? { default: field.default } : {}),
    };
}

const reference = "env:NAME names an environment variable, file:PATH a file.";

function forms({ type, options }: Field<unknown>): string | undefined {
    return type === "secret"
        ? `A secret, by reference: ${reference}`
        : options.sensitive === true
          ? `A password in it stands there by reference: ${reference}`
          : undefined;
}

function shapeOf(field: Field<unknown>): JsonSchema {
    const { least, most, length, pattern } = field.options;
    switch (field.type) {
        case "secret":
            return { type: "string", pattern: "^(env|file):.+" };
        case "number":
            return {
                type: field.format === "integer" ? "integer" : "number",
                ...(least === undefined ? {} : { minimum: least }),
                ...(most === undefined ? {} : { maximum: most }),
            };
        case "boolean":
            return { type: "boolean" };
        case "list":
            return { type: "array", items: shapeOf(field.item ?? { type: "string", options: {} }) };
        case "map":
            return {
                type: "object",
                additionalProperties: shapeOf(field.item ?? { type: "string", options: {} }),
            };
        case "object":
            return objectSchema(field.fields ?? {});
        case "any":
            return {};
        case "string":
            break;
    }
    if (field.values !== undefined) {
        const capitals = field.anyCase === true ? field.values.map((value) => value.toUpperCase()) : [];
        return { type: "string", enum: [...field.values, ...capitals] };
    }
    return {
        type: "string",
        ...(length === undefined ? {} : { minLength: length[0], maxLength: length[1] }),
        ...(pattern === undefined || pattern.flags !== "" ? {} : { pattern: pattern.source }),
        ...formatOf(field),
    };
}

/** Formats as far as JSON Schema has them: it is stricter or laxer than this package where it is left out. */
function formatOf({ format }: Field<unknown>): JsonSchema {
    switch (format) {
        case "uuid":
            return { pattern: "^\\s*[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\s*$" };
        case "email":
            return { format: "email" };
        case "url":
        case "baseUrl":
            return { format: "uri" };
        case "day":
            return { pattern: "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?$" };
        default:
            return { minLength: 1 };
    }
}
