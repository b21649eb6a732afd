// From the declarations to JSON Schema (2020-12): the arguments of a connection, as a file of connections has them.
import { readFileSync } from "node:fs";
import path from "node:path";
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

/** The parts of the schema for Pulumi that have the texts. */
interface PackageSchema {
    readonly resources: Readonly<Record<string, { readonly inputProperties: PropertyTexts }>>;
    readonly types: Readonly<Record<string, { readonly properties?: PropertyTexts }>>;
}
interface PropertyText {
    readonly description: string;
    readonly $ref?: string;
}
type PropertyTexts = Readonly<Record<string, PropertyText>>;

/** The schema for Pulumi, which has the text of each argument: compiled code has no comments. */
const packageSchema = (): PackageSchema =>
    JSON.parse(readFileSync(path.join(__dirname, "../../schema.json"), "utf8")) as PackageSchema;

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
    const { resources, types } = packageSchema();
    const texts = resources[`connections:${type.definition.type}`]?.inputProperties ?? {};
    return { ...objectSchema({ ...type.definition.args, ...type.args }, texts, types), ...choice };
}

function objectSchema(
    fields: Readonly<Record<string, Field<unknown>>>,
    texts: PropertyTexts,
    types: PackageSchema["types"],
): JsonSchema {
    const isRequired = ({ presence }: Field<unknown>): boolean => presence === undefined || presence === "required";
    return {
        type: "object",
        properties: Object.fromEntries(
            Object.entries(fields).map(([name, field]) => [name, schemaOf(field, texts[name], types)]),
        ),
        required: Object.entries(fields).flatMap(([name, field]) => (isRequired(field) ? [name] : [])),
        additionalProperties: false,
    };
}

function schemaOf(field: Field<unknown>, text: PropertyText | undefined, types: PackageSchema["types"]): JsonSchema {
    const { like } = field.options;
    const { description = "", $ref = "" } = text ?? {};
    const [ending = "", written] = / Default: (.+)\.$/.exec(description) ?? [];
    const value = field.presence === "default" ? field.default : defaultIn(field, written);
    const says = [value === undefined ? description : description.replace(ending, ""), forms(field)];
    const shape =
        field.type === "object"
            ? objectSchema(field.fields ?? {}, types[$ref.replace("#/types/", "")]?.properties ?? {}, types)
            : shapeOf(field);
    return {
        ...shape,
        description: says.filter((text) => text !== "").join(" "),
        ...(like === undefined ? {} : { examples: examplesOf(field, like) }),
        ...(value === undefined ? {} : { default: value }),
    };
}

/** `a or b` are two examples. */
const examplesOf = ({ type }: Field<unknown>, like: string): readonly unknown[] =>
    like.split(/,? or /).map((one) => (type === "list" ? [one] : one));

/** The value that `@default` names, where it is one and no description. */
function defaultIn({ type, values }: Field<unknown>, written: string | undefined): unknown {
    if (written === undefined) {
        return undefined;
    }
    switch (type) {
        case "number":
            return Number.isFinite(Number(written)) ? Number(written) : undefined;
        case "boolean":
            return ["true", "false"].includes(written) ? written === "true" : undefined;
        default:
            return values?.includes(written) === true ? written : undefined;
    }
}

const reference = "env:NAME names an environment variable, file:PATH a file";
const command = "{ command: [PROGRAM, ARGUMENT, …] } what a command writes, which is run without a shell";

function forms({ type, options }: Field<unknown>): string {
    return type === "secret"
        ? `A secret, by reference: ${reference}, ${command}.`
        : options.sensitive === true
          ? `A password in it is written as a reference: ${reference}.`
          : "";
}

function shapeOf(field: Field<unknown>): JsonSchema {
    const { least, most, length, pattern } = field.options;
    switch (field.type) {
        case "secret":
            return {
                anyOf: [
                    { type: "string", pattern: "^(env|file|command):.+" },
                    {
                        type: "object",
                        properties: { command: { type: "array", minItems: 1, items: { type: "string" } } },
                        required: ["command"],
                        additionalProperties: false,
                    },
                ],
            };
        case "number":
            return {
                type: field.format === "integer" ? "integer" : "number",
                ...(least === undefined ? {} : { minimum: least }),
                ...(most === undefined ? {} : { maximum: most }),
            };
        case "boolean":
            return { type: "boolean" };
        case "scalar":
            return { type: ["string", "number", "boolean"] };
        case "list":
            return { type: "array", items: shapeOf(field.item ?? { type: "string", options: {} }) };
        case "map":
            return {
                type: "object",
                additionalProperties: shapeOf(field.item ?? { type: "string", options: {} }),
            };
        case "object":
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
        case "version":
            return { pattern: "^\\s*\\d+\\.\\d+(\\.\\d+)?\\s*$" };
        default:
            return { minLength: 1 };
    }
}
