// A page of each resource, as Pulumi's registry shows them: example, arguments, outputs, import.
import { existsSync } from "node:fs";
import path from "node:path";
import environment from "./environment.cjs";
import { asProgram, asYaml, exampleStart, readExample } from "./examples.mjs";

const note = "<!-- `npm run schema` writes this page, from the comments in provider/. -->";

/** Makes the pages by their names in docs/resources. */
export function makePages(schema, { comments, resources }) {
    const exampleOf = (label) => readExample(comments.classes[label.replace(".", ":")].example);
    const pages = resources.map(([type, declared]) => {
        const resource = schema.resources[`${schema.name}:${type}`];
        return [pageOf(type), pageOfResource(type, declared, resource, { schema, exampleOf })];
    });
    return Object.fromEntries([["README.md", index(resources, schema)], ...pages]);
}

/** The name of a resource's page. */
const pageOf = (type) =>
    `${type
        .replace(":", "-")
        .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
        .toLowerCase()}.md`;

const labelOf = (type) => type.replace(":", ".");

function index(resources, schema) {
    const rows = resources.map(([type]) => {
        const [first] = schema.resources[`${schema.name}:${type}`].description.split(/(?<=\.) |\n/);
        return `| [\`${labelOf(type)}\`](${pageOf(type)}) | ${first} |`;
    });
    return [note, "", "# Resources", "", "| class | for |", "| --- | --- |", ...rows, ""].join("\n");
}

function pageOfResource(
    type,
    declared,
    { description, inputProperties, requiredInputs, properties },
    { schema, exampleOf },
) {
    const [vendor] = type.split(":");
    const label = labelOf(type);
    const guide = [vendor, "generic"].find((name) => existsSync(path.join(environment.root, "docs", `${name}.md`)));
    const isAtHub = Object.hasOwn(properties, "found");
    const list = (all, names, required = []) =>
        names.flatMap((name) => itemsOf(name, all[name], required.includes(name), schema)).join("\n");
    const isAdoptable = Object.hasOwn(inputProperties, "adopt");
    return [
        note,
        `# ${label}`,
        description.split(exampleStart)[0].trim(),
        `[${isAtHub ? "Its key, and the rules of the hub" : "How to make the credential, and rotate it"}](../${guide}.md).`,
        "## Example",
        `\`\`\`ts\n${asProgram(exampleOf(label), exampleOf)}\n\`\`\``,
        "In YAML, with [the plugin](../languages.md):",
        `\`\`\`yaml\n${asYaml(exampleOf(label), exampleOf)}\n\`\`\``,
        "## Arguments",
        list(inputProperties, Object.keys(inputProperties), requiredInputs),
        "## Outputs",
        "Each argument is an output too. These are added:",
        list(properties, Object.keys(declared.outputs)),
        "## Import",
        `\`pulumi import\` is refused: declare the resource${isAdoptable ? " with `adopt: true`, and `pulumi up` takes over the existing object" : ", and `pulumi up` verifies and records it"}.`,
        "",
    ]
        .join("\n\n")
        .replace(/\n+$/, "\n");
}

/** A property as an item of a list, and what is inside it below. */
function itemsOf(name, property, isRequired, schema, indent = "") {
    const inner = typeIn(property, schema);
    const facts = [
        wordOf(property, schema),
        ...(isRequired ? ["required"] : []),
        ...(property.secret === true ? ["secret"] : []),
        ...(property.default === undefined ? [] : [`default \`${property.default}\``]),
        ...(property.willReplaceOnChanges === true ? ["a change replaces the resource"] : []),
    ];
    const [first, ...others] = property.description.split("\n");
    const meanings = (inner?.enum ?? []).filter(({ description }) => description !== undefined);
    return [
        `${indent}- **\`${name}\`** (${facts.join(", ")}): ${first}`,
        ...others.map((line) => (line === "" ? "" : `${indent}  ${line}`)),
        ...meanings.map(({ value, description }) => `${indent}  - \`${value}\`: ${description}`),
        ...(inner?.properties === undefined
            ? []
            : Object.entries(inner.properties).flatMap(([one, value]) =>
                  itemsOf(one, value, inner.required?.includes(one), schema, `${indent}  `),
              )),
    ];
}

const typeIn = ({ $ref, items, additionalProperties }, schema) => {
    const reference = $ref ?? items?.$ref ?? additionalProperties?.$ref ?? "";
    return schema.types[reference.replace("#/types/", "")];
};

/** The kind of a value, in words. */
function wordOf(property, schema) {
    const { type, items, additionalProperties, oneOf, $ref } = property;
    if (items !== undefined) {
        return `list of ${wordOf(items, schema)}`;
    }
    if (additionalProperties !== undefined) {
        return `${wordOf(additionalProperties, schema)} by name`;
    }
    if (oneOf !== undefined) {
        return oneOf.map((one) => wordOf(one, schema)).join(" or ");
    }
    if ($ref === undefined) {
        return { string: "text", integer: "whole number", number: "number", boolean: "true or false" }[type];
    }
    const { enum: values } = typeIn(property, schema) ?? {};
    return values === undefined
        ? $ref.endsWith(":SecretReference")
            ? "reference"
            : $ref.startsWith("#/types/")
              ? "object"
              : "any value"
        : values
              .map(({ value }) => `\`${value}\``)
              .join(", ")
              .replace(/, ([^,]*)$/, " or $1");
}
