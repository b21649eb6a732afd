// The schema for Pulumi and the pages of resources, which follow from declarations and their comments.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { Field, Values } from "../../provider/define";
import { isSensitive } from "../../provider/core/argument-fields";
import { UNKNOWN } from "../../provider/core/unknown";
import { connectionTypes, functionNamed, functionNames, resourceNamed, types } from "../../provider/hosts/handlers";
import { hubs } from "../../provider/hubs";
import { sections } from "../../provider/messages";
import { definitions } from "../../provider/messages/definitions";
import { unitTests } from "../../provider/messages/unit-tests";
import { RemoteType } from "../../provider/hubs/type";
import { shared } from "../support/environment";

/** The parts of a schema that are looked at here. */
interface Property {
    readonly type?: string;
    readonly $ref?: string;
    readonly description?: string;
    readonly secret?: boolean;
    readonly default?: unknown;
}
type Properties = Readonly<Record<string, Property>>;
interface Members {
    readonly description?: string;
    readonly properties?: Properties;
    readonly required?: readonly string[];
    readonly enum?: readonly { readonly value: string }[];
}
interface Resource extends Members {
    readonly inputProperties: Properties;
    readonly requiredInputs: readonly string[];
}
interface Schema {
    readonly config: { readonly variables: Properties };
    readonly resources: Readonly<Record<string, Resource>>;
    readonly functions: Readonly<
        Record<string, { readonly description?: string; readonly inputs: Members; readonly outputs: Members }>
    >;
    readonly types: Readonly<Record<string, Members>>;
}

const schema = JSON.parse(fs.readFileSync(path.join(shared.root, "provider/schema.json"), "utf8")) as Schema;

/** Every text with its place. */
function textsIn(value: unknown, place = ""): [place: string, text: string][] {
    return typeof value !== "object" || value === null
        ? []
        : Object.entries(value).flatMap(([key, inner]): [string, string][] =>
              key === "description" && typeof inner === "string" ? [[place, inner]] : textsIn(inner, `${place}/${key}`),
          );
}

/** Everything that needs a text: resources, functions and types, and each property of them. */
const described: readonly (readonly [place: string, one: { readonly description?: string }])[] = [
    ...Object.entries(schema.config.variables),
    ...Object.entries({ ...schema.resources, ...schema.functions, ...schema.types }),
    ...[
        ...Object.entries(schema.resources).flatMap(([name, { inputProperties, properties }]) => [
            [name, inputProperties] as const,
            [name, properties] as const,
        ]),
        ...Object.entries(schema.functions).flatMap(([name, { inputs, outputs }]) => [
            [name, inputs.properties] as const,
            [name, outputs.properties] as const,
        ]),
        ...Object.entries(schema.types).map(([name, { properties }]) => [name, properties] as const),
    ].flatMap(([name, properties = {}]) =>
        Object.entries(properties).map(([property, one]) => [`${name}.${property}`, one] as const),
    ),
];

/** What is wrong with the arguments of an example; values of the configuration are not known. */
function problemsOf(type: string, properties: object): readonly unknown[] {
    const known = JSON.parse(JSON.stringify(properties).replace(/\$\{\w+\}/g, UNKNOWN)) as Values;
    const { connection, ...own } = known as Values & { connection?: { type: string; arguments: Values } };
    const judging = connectionTypes.named(type) ?? new RemoteType(hubs[type as keyof typeof hubs]());
    return [
        ...judging.arguments.validate(own).problems,
        ...(connection === undefined ? [] : problemsOf(connection.type.replace(".", ":"), connection.arguments)),
    ];
}

test("The schema and the pages of resources follow from what is declared: if not, run npm run schema", () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["setup/schema.mjs", "--check"], {
        cwd: shared.root,
        encoding: "utf8",
    });
    expect({ outdated: stdout, stderr }).toEqual({ outdated: "", stderr: "" });
});

test("Everything in the schema has a text", () => {
    expect(described.length).toBeGreaterThan(400);
    expect(described.filter(([, { description = "" }]) => description.length < 3).map(([place]) => place)).toEqual([]);
});

/** What only people who write TypeScript understand. */
const typescript =
    /\bnew \w+\.|secretFrom\.|=>|\bundefined\b|\bpulumi\.[A-Z]|\bPromise\b|config\.require|\{@|\bTSDoc\b|\bTypeScript\b|\binterface\b/i;

test.each(["new jamf.ApiClient(…)", 'secretFrom.env("A")', "Undefined where there is none.", "{@link Status}"])(
    "Only TypeScript has %s",
    (text) => {
        expect(text).toMatch(typescript);
    },
);

test("No text in the schema needs TypeScript", () => {
    const texts = textsIn(schema).map(([place, text]) => [place, text.split("{{% examples %}}")[0]!] as const);
    expect(texts.length).toBeGreaterThan(described.length);
    expect(texts.filter(([, text]) => typescript.test(text))).toEqual([]);
});

test("No message that the plugin can show needs TypeScript", () => {
    // Classes of a program's own and mocks exist in TypeScript alone, and so do functions that leave the program.
    const shown = sections
        .filter((section) => section !== definitions && section !== unitTests)
        .flatMap(({ errors, others = {} }) => Object.entries({ ...errors, ...others }))
        .filter(([code]) => code !== "captured");
    expect(shown.length).toBeGreaterThan(100);
    const code = /\bnew [a-z]\w*\.[A-Z]|secretFrom\.|=>|\bundefined\b|\bTypeScript\b|\binterface\b|\w\?[,:}]|\{ ?\w+\?/;
    expect(["new jamf.ApiClient(…)", "must be { a?, b? }."].every((text) => code.test(text))).toBe(true);
    expect(shown.filter(([, [says]]) => code.test(says))).toEqual([]);
});

test("A page by hand leads to the page of each resource", () => {
    const folder = path.join(shared.root, "docs");
    const texts = fs
        .readdirSync(folder)
        .filter((file) => file.endsWith(".md"))
        .map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
    const pages = fs.readdirSync(path.join(folder, "resources")).filter((file) => file !== "README.md");
    expect(pages).toHaveLength(types().length);
    expect(pages.filter((file) => !texts.some((text) => text.includes(`](resources/${file})`)))).toEqual([]);
});

describe.each(types().map((type) => [type, resourceNamed(type)!] as const))("%s", (type, { args, outputs }) => {
    const resource = schema.resources[`connections:${type}`]!;
    const isRequired = ({ presence = "required" }: Field<unknown>): boolean => presence === "required";

    test("has its arguments as they are declared: what is required, secret, whole, closed, and filled in", () => {
        const { connection: _, ...own } = resource.inputProperties;
        expect(Object.keys(own).sort()).toEqual(Object.keys(args).sort());
        for (const [name, field] of Object.entries(args)) {
            const property = own[name]!;
            const { enum: values } = schema.types[property.$ref?.replace("#/types/", "") ?? ""] ?? {};
            expect({
                name,
                isRequired: resource.requiredInputs.includes(name),
                isSecret: property.secret === true,
                isWhole: property.type === "integer",
                default: property.default,
                values: values?.map(({ value }) => value),
            }).toEqual({
                name,
                isRequired: isRequired(field),
                isSecret: isSensitive(field),
                isWhole: field.format === "integer",
                default: field.presence === "default" ? field.default : undefined,
                values: field.anyCase === true ? undefined : field.values,
            });
        }
    });

    test("has an example in YAML, with what is required, nothing that does not exist and no wrong value", () => {
        const [, yaml = ""] = /```yaml\n([^]*?)```/.exec(resource.description ?? "") ?? [];
        const { config = {}, resources } = parse(yaml) as {
            readonly config?: Readonly<Record<string, { readonly type: string; readonly secret?: boolean }>>;
            readonly resources: Readonly<Record<string, { readonly type: string; readonly properties: object }>>;
        };
        expect(Object.values(resources)).toEqual([
            { type: `connections:${type}`, properties: expect.any(Object) as unknown },
        ]);
        const properties = Object.values(resources)[0]?.properties ?? {};
        expect(problemsOf(type, properties)).toEqual([]);
        const given = Object.keys(properties);
        expect(Object.keys(resource.inputProperties)).toEqual(expect.arrayContaining(given));
        expect(given).toEqual(expect.arrayContaining([...resource.requiredInputs]));
        const used = [...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
        expect(Object.keys(config).sort()).toEqual([...new Set(used)].sort());
    });

    test("has its example in the four languages", () => {
        const languages = [...(resource.description ?? "").matchAll(/^```(\w+)\n/gm)].map(([, language]) => language);
        expect(languages).toEqual(["typescript", "python", "go", "yaml"]);
    });

    test("has its outputs, secret where they are declared so, and every argument beside them", () => {
        const { properties = {}, required = [] } = resource;
        expect(Object.keys(properties).sort()).toEqual(
            [...new Set([...Object.keys(args), ...Object.keys(outputs)])].sort(),
        );
        for (const [name, field] of Object.entries(outputs)) {
            expect({ name, isSecret: properties[name]?.secret === true, isRequired: required.includes(name) }).toEqual({
                name,
                isSecret: isSensitive(field),
                isRequired: isRequired(field),
            });
        }
    });
});

test("Functions have what they are given and what they return", () => {
    for (const type of functionNames()) {
        const { inputs, outputs } = schema.functions[`connections:${type}`]!;
        const { args, outputs: results } = functionNamed(type)!;
        expect({ type, given: Object.keys(inputs.properties ?? {}) }).toEqual({ type, given: Object.keys(args) });
        expect({ type, returned: Object.keys(outputs.properties ?? {}) }).toEqual({
            type,
            returned: Object.keys(results),
        });
    }
});

describe("The pages for Pulumi's registry", () => {
    const page = (name: string): string => fs.readFileSync(path.join(shared.root, "docs", name), "utf8");
    const { displayName, description, keywords, license } = schema as unknown as Readonly<Record<string, unknown>>;

    test.each([
        ["_index.md", String(displayName)],
        ["installation-configuration.md", `${String(displayName)} Installation & Configuration`],
    ])("%s has the head that the registry reads", (name, title) => {
        const [, head = ""] = /^---\n([^]*?)\n---\n/.exec(page(name)) ?? [];
        expect(parse(head)).toEqual({
            title,
            meta_desc: expect.stringMatching(/Connections provider/),
            layout: "package",
        });
    });

    test("the first shows the schema's own example in each language", () => {
        const example = schema.resources["connections:jamf:ApiClient"]?.description ?? "";
        const codes = [...example.matchAll(/^```\w+\n[^]*?^```$/gm)].map(([code]) => code);
        expect(codes).toHaveLength(4);
        expect([...page("_index.md").matchAll(/^```\w+\n[^]*?^```$/gm)].map(([code]) => code)).toEqual(codes);
    });

    test("the second names each setting", () => {
        const named = [...page("installation-configuration.md").matchAll(/^\| `connections:(\w+)` \|/gm)];
        expect(named.map(([, setting]) => setting).sort()).toEqual(Object.keys(schema.config.variables).sort());
    });

    test("the schema says what it is, and of which kind", () => {
        expect([displayName, license]).toEqual(["Connections", "Apache-2.0"]);
        expect(description).toMatch(/Pulumi provider/);
        expect(keywords).toEqual(expect.arrayContaining(["category/utility", "kind/native"]));
    });
});
