// Examples stand in comments in TypeScript, for this package; those in other languages follow from them.
import ts from "typescript";
import { stringify } from "yaml";

/** The first line of the examples in the text of a resource. */
export const exampleStart = "{{% examples %}}";
const sdks = {
    nodejs: "pulumi-connections-sdk",
    python: "pulumi_connections",
    go: "pulumi-connections/sdk/go/connections",
};

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

/** An example in every language, in the form from which Pulumi's generators take each its own. */
export function inAllLanguages(example, exampleOf, described) {
    const programs = {
        typescript: asSdkProgram(example, exampleOf),
        python: asPython(example, exampleOf, described),
        go: asGo(example, exampleOf, described),
        yaml: asYaml(example, exampleOf),
    };
    const fences = Object.entries(programs).map(([language, code]) => `\`\`\`${language}\n${code}\n\`\`\``);
    const lines = ["## Example Usage\n\n{{% example %}}", ...fences, "{{% /example %}}\n{{% /examples %}}"];
    return `${exampleStart}\n${lines.join("\n\n")}`;
}

/** A connection is handed over by its class and its arguments. */
const asConnection = ({ type }, exampleOf) => ({
    object: [
        ["type", { literal: type }],
        ["arguments", exampleOf(type).args],
    ],
});

const usesConfig = (value, exampleOf) =>
    "config" in value ||
    ("resource" in value && usesConfig(exampleOf(value.type).args, exampleOf)) ||
    (value.object?.map(([, inner]) => inner) ?? value.list ?? []).some((inner) => usesConfig(inner, exampleOf));

/** Code over several lines: its items, indented, between brackets; in one line where it is short. */
const bracketed = (open, items, close, indent, width = 88) => {
    const line = `${open}${items.join(", ")}${close}`;
    const isShort = line.length + indent.length <= width && !line.includes("\n");
    const inner = (text) => text.replaceAll("\n", `\n${indent}`);
    return isShort || items.length === 0
        ? line
        : `${open}\n${items.map((item) => `${indent}${inner(item)},\n`).join("")}${close}`;
};

/** An example as a program in TypeScript that uses the generated SDK. */
function asSdkProgram({ variable, name, type, args }, exampleOf) {
    const valueOf = (value) => {
        if ("config" in value) {
            return `config.require${value.isSecret ? "Secret" : ""}(${JSON.stringify(value.config)})`;
        }
        if ("resource" in value) {
            return valueOf(asConnection(value, exampleOf));
        }
        if (value.object !== undefined) {
            const items = value.object.map(
                ([key, inner]) => `${isName(key) ? key : JSON.stringify(key)}: ${valueOf(inner)}`,
            );
            return bracketed("{ ", items, " }", "    ")
                .replace(/^\{ \n/, "{\n")
                .replace(/\n \}$/, "\n}");
        }
        return value.list === undefined
            ? JSON.stringify(value.literal)
            : bracketed("[", value.list.map(valueOf), "]", "    ");
    };
    const isUsing = usesConfig(args, exampleOf);
    return [
        ...(isUsing ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
        `import * as connections from ${JSON.stringify(sdks.nodejs)};`,
        "",
        ...(isUsing ? ["const config = new pulumi.Config();", ""] : []),
        `const ${variable} = new connections.${type}(${JSON.stringify(name)}, ${valueOf(args)});`,
    ].join("\n");
}

const isName = (key) => /^[A-Za-z_]\w*$/.test(key);
const snake = (word) => word.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
const pascal = (word) => word[0].toUpperCase() + word.slice(1);

/** The type of a value in the schema, and of what is inside it. */
function typed({ $ref = "", items, additionalProperties, oneOf = [], type }, types) {
    const reference = [$ref, ...oneOf.map((one) => one.$ref ?? "")].find((one) => one.startsWith("#/types/"));
    const token = reference?.replace("#/types/", "");
    return { token, members: types[token], items, additionalProperties, type, isAny: $ref === "pulumi.json#/Any" };
}

/** An example as a program in Python. */
function asPython({ variable, name, type, args }, exampleOf, { inputProperties, types }) {
    const valueOf = (value, property) => {
        if ("config" in value) {
            return `config.require${value.isSecret ? "_secret" : ""}(${JSON.stringify(value.config)})`;
        }
        if ("resource" in value) {
            return valueOf(asConnection(value, exampleOf), property);
        }
        const { members, items, additionalProperties } = typed(property, types);
        if (value.object !== undefined) {
            const entries = value.object.map(([key, inner]) => {
                const known = members?.properties?.[key];
                const word = known === undefined ? key : snake(key);
                return `${JSON.stringify(word)}: ${valueOf(inner, known ?? additionalProperties ?? {})}`;
            });
            return bracketed("{", entries, "}", "    ");
        }
        if (value.list !== undefined) {
            return bracketed(
                "[",
                value.list.map((one) => valueOf(one, items ?? {})),
                "]",
                "    ",
            );
        }
        return typeof value.literal === "boolean" ? pascal(String(value.literal)) : JSON.stringify(value.literal);
    };
    const isUsing = usesConfig(args, exampleOf);
    const given = args.object.map(([key, value]) => `${snake(key)}=${valueOf(value, inputProperties[key])}`);
    return [
        ...(isUsing ? ["import pulumi"] : []),
        `import ${sdks.python} as connections`,
        "",
        ...(isUsing ? ["config = pulumi.Config()", ""] : []),
        `${snake(variable)} = ${bracketed(`connections.${type}(`, [JSON.stringify(name), ...given], ")", "    ")}`,
    ].join("\n");
}

/** An example as a program in Go. */
function asGo({ name, type, args }, exampleOf, { inputProperties, types }) {
    const used = new Set();
    const placeOf = (token) => {
        const [, module, word] = token.split(":");
        const package_ = module === "index" ? "connections" : module;
        used.add(module === "index" ? sdks.go : `${sdks.go}/${module}`);
        return `${package_}.${word}`;
    };
    // gofmt aligns what stands beside each other in lines of their own.
    const struct = (open, entries) => {
        const isLong = entries.map(([, value]) => value.includes("\n"));
        const lines = entries.map(([key, value], at) => {
            const [start, end] = [isLong.lastIndexOf(true, at), isLong.indexOf(true, at)];
            const beside = entries.slice(start + 1, end === -1 ? undefined : end).map(([one]) => one.length);
            return `${key}: ${isLong[at] ? "" : " ".repeat(Math.max(...beside) - key.length)}${value}`;
        });
        return bracketed(`${open}{`, lines, "}", "\t", 0);
    };
    const map = (entries) => (entries.length === 0 ? "pulumi.Map{}" : struct("pulumi.Map", entries));
    const literal = (value, integer) =>
        typeof value === "string"
            ? `pulumi.String(${JSON.stringify(value)})`
            : typeof value === "boolean"
              ? `pulumi.Bool(${value})`
              : `pulumi.${integer ? "Int" : "Float64"}(${value})`;
    const valueOf = (value, property) => {
        if ("config" in value) {
            const key = JSON.stringify(value.config);
            return value.isSecret ? `cfg.RequireSecret(${key})` : `pulumi.String(cfg.Require(${key}))`;
        }
        if ("resource" in value) {
            return valueOf(asConnection(value, exampleOf), property);
        }
        const { token, members, items, additionalProperties, type: kind } = typed(property, types);
        if (value.object !== undefined) {
            if (members?.properties !== undefined) {
                const entries = value.object.map(([key, inner]) => [
                    pascal(key),
                    valueOf(inner, members.properties[key]),
                ]);
                return struct(`${placeOf(token)}Args`, entries);
            }
            const entries = value.object.map(([key, inner]) => [
                JSON.stringify(key),
                valueOf(inner, additionalProperties ?? {}),
            ]);
            return additionalProperties?.type === "string" ? struct("pulumi.StringMap", entries) : map(entries);
        }
        if (value.list !== undefined) {
            const { token: inside } = typed(items ?? {}, types);
            const open =
                inside !== undefined
                    ? `${placeOf(inside)}Array`
                    : `pulumi.${items?.type === "string" ? "String" : ""}Array`;
            const one = value.list.map((item) => valueOf(item, items ?? {}));
            return bracketed(`${open}{`, one, "}", "\t", 100);
        }
        return members?.enum !== undefined
            ? `${placeOf(token)}(${JSON.stringify(value.literal)})`
            : literal(value.literal, kind === "integer");
    };
    const place = placeOf(`connections:${type.replace(".", ":")}`);
    const [package_, word] = place.split(".");
    const given = args.object.map(([key, value]) => [pascal(key), valueOf(value, inputProperties[key])]);
    const made = `${package_}.New${word}(ctx, ${JSON.stringify(name)}, &${struct(`${place}Args`, given)})`;
    const isUsing = usesConfig(args, exampleOf);
    const imports = [
        "github.com/pulumi/pulumi/sdk/v3/go/pulumi",
        ...(isUsing ? ["github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"] : []),
        ...[...used].sort(),
    ];
    const body = [...(isUsing ? ['cfg := config.New(ctx, "")'] : []), `_, err := ${made}`, "return err"].join("\n");
    return [
        "package main\n",
        `import (\n${imports.map((one) => `\t${JSON.stringify(one)}\n`).join("")})\n`,
        `func main() {\n\tpulumi.Run(func(ctx *pulumi.Context) error {`,
        body.replace(/^/gm, "\t\t"),
        "\t})\n}",
    ].join("\n");
}
