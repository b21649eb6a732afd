// Examples stand in comments in TypeScript, for this package; those in other languages follow from them.
import ts from "typescript";
import { stringify } from "yaml";

/** Stands before the examples in the text of a resource. */
export const exampleHeading = "## Example Usage";

/**
 * Reads the example of a class: one resource, with its arguments.
 * @param code A comment's `@example`, with or without its fence.
 */
export function readExample(code) {
    const source = code.replace(/^```ts\n|\n```$/g, "");
    const file = ts.createSourceFile("example.ts", source, ts.ScriptTarget.Latest, true);
    const declaration = file.statements.find(ts.isVariableStatement)?.declarationList.declarations[0];
    const made = declaration?.initializer;
    if (made === undefined || !ts.isNewExpression(made)) {
        throw new Error(`An example begins with a resource, const NAME = new VENDOR.CLASS(…): ${source}`);
    }
    const [name, args] = made.arguments ?? [];
    return {
        source,
        variable: declaration.name.getText(),
        type: made.expression.getText(),
        name: name.text,
        args: read(args),
    };
}

/** A value in an example, without its language. */
function read(node) {
    if (ts.isObjectLiteralExpression(node)) {
        return { object: node.properties.map((property) => [property.name.text, read(property.initializer)]) };
    }
    if (ts.isArrayLiteralExpression(node)) {
        return { list: node.elements.map(read) };
    }
    if (ts.isStringLiteral(node) || ts.isNumericLiteral(node)) {
        return { literal: ts.isStringLiteral(node) ? node.text : Number(node.text) };
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
        return { literal: node.kind === ts.SyntaxKind.TrueKeyword };
    }
    if (ts.isCallExpression(node)) {
        const called = node.expression.getText();
        const [given] = node.arguments.map(read);
        const [, source] = /^secretFrom\.(\w+)$/.exec(called) ?? [];
        if (source !== undefined) {
            return {
                object: [
                    ["secretFrom", { literal: source }],
                    [source === "command" ? "command" : "name", given],
                ],
            };
        }
        if (/^config\.require(Secret)?$/.test(called)) {
            return { config: given.literal, isSecret: called.endsWith("Secret") };
        }
    }
    if (ts.isIdentifier(node)) {
        const [, type] = /\/\/ an? (\w+\.\w+)/.exec(node.getSourceFile().text.slice(node.end).split("\n", 1)[0]) ?? [];
        return { resource: node.text, type };
    }
    throw new Error(`No example in another language can have ${node.getText()}.`);
}

/** An example as a whole program that uses this package. */
export function asProgram(example, exampleOf) {
    const sources = [...usedBy(example.args, exampleOf), example].map(({ source }) => source).join("\n\n");
    const used = (name) => new RegExp(`\\b${name}\\.`).test(sources);
    const namespaces = [...new Set([...sources.matchAll(/\bnew (\w+)\./g)].map(([, one]) => one))];
    const imports = [...namespaces, ...(used("secretFrom") ? ["secretFrom"] : [])].sort().join(", ");
    return [
        ...(used("config") ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
        `import { ${imports} } from "pulumi-connections";`,
        ...(used("config") ? ["", "const config = new pulumi.Config();"] : []),
        "",
        sources,
    ].join("\n");
}

/** The examples of the resources that an example uses. */
const usedBy = (value, exampleOf) =>
    "resource" in value
        ? [
              {
                  ...exampleOf(value.type),
                  source: exampleOf(value.type).source.replace(/\bconst \w+/, `const ${value.resource}`),
              },
          ]
        : (value.object?.map(([, inner]) => inner) ?? value.list ?? []).flatMap((inner) => usedBy(inner, exampleOf));

/** An example as a program in YAML, which uses the plugin. */
export function asYaml({ name, type, args }, exampleOf) {
    const config = {};
    const valueOf = (value) => {
        if ("config" in value) {
            config[value.config] = { type: "string", ...(value.isSecret ? { secret: true } : {}) };
            return `\${${value.config}}`;
        }
        if ("resource" in value) {
            return { type: value.type, arguments: valueOf(exampleOf(value.type).args) };
        }
        return value.object === undefined
            ? (value.list?.map(valueOf) ?? value.literal)
            : Object.fromEntries(value.object.map(([key, inner]) => [key, valueOf(inner)]));
    };
    const resources = { [name]: { type: `connections:${type.replace(".", ":")}`, properties: valueOf(args) } };
    return stringify({ ...(Object.keys(config).length === 0 ? {} : { config }), resources }).trimEnd();
}
