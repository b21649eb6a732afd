// `npm run schema`: the schema of the package for Pulumi, and a page of each resource, from the declarations and their comments. With --check it
// writes nothing, and prints the files that are not current.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { readComments } from "./comments.mjs";
import environment from "./environment.cjs";
import { inAllLanguages, readExample } from "./examples.mjs";
import { makePages } from "./pages.mjs";
import { strip } from "./strip.mjs";

const { root, build } = environment;
const name = "connections";
const text = { type: "string", options: {} };

const capital = (word) => word[0].toUpperCase() + word.slice(1);
const singular = (word) => word.replace(/s$/, "");
const entriesOf = (values, valueOf) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, valueOf(key, value)]));

/** A comment with each paragraph, and each item of a list, in one line. */
const flowing = (comment) =>
    comment
        .split(/\n\s*\n/)
        .map((paragraph) => paragraph.replace(/\s*\n(?!- )\s*/g, " "))
        .join("\n\n");

/** The declarations of the package, with their comments. */
function readPackage() {
    const load = createRequire(import.meta.url);
    const handlers = load(path.join(build, "provider", "hosts", "handlers.js"));
    return {
        comments: readComments(path.join(root, "provider")),
        functions: handlers.functionNames().map((type) => [type, handlers.functionNamed(type)]),
        resources: handlers.types().map((type) => [type, handlers.resourceNamed(type)]),
        settings: load(path.join(build, "provider", "core", "settings.js")).settingFields,
    };
}

/** Makes the schema, without a version: the provider says its own. */
function makeSchema({ comments, functions, resources, settings }) {
    const { description, license, keywords } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    const types = { ...givenTypes };
    const describe = describer(comments, types);
    const variables = describe(settings, { module: "index", place: "", comments: comments.shared.settingFields });
    return {
        name,
        displayName: "Connections",
        description,
        license,
        keywords: ["category/utility", "kind/native", ...keywords],
        config: { variables: variables.properties },
        provider: {
            description: "The settings of all connections: when they are verified, and where calls go.",
            inputProperties: variables.properties,
        },
        resources: Object.fromEntries(
            resources.map(([type, declared]) => [
                `${name}:${type}`,
                resourceOf(type, declared, { comments, describe, types }),
            ]),
        ),
        functions: Object.fromEntries(
            functions.map(([type, declared]) => [
                `${name}:${type}`,
                functionOf(type, declared, { comments, describe }),
            ]),
        ),
        types,
        language: {
            nodejs: { packageName: "pulumi-connections-sdk", respectSchemaVersion: true },
            python: { packageName: "pulumi_connections", respectSchemaVersion: true, pyproject: { enabled: true } },
            go: { importBasePath: "pulumi-connections/sdk/go/connections", respectSchemaVersion: true },
        },
    };
}

/** The types of values that are not fields. */
const givenTypes = {
    [`${name}:index:ConnectionInput`]: {
        type: "object",
        description: "A connection, by its class and its arguments.",
        properties: {
            type: { type: "string", description: "The class of the connection, such as `jamf.ApiClient`." },
            arguments: {
                type: "object",
                additionalProperties: { $ref: "pulumi.json#/Any" },
                description: "The arguments of that class.",
            },
        },
        required: ["type", "arguments"],
    },
    [`${name}:index:SecretReference`]: {
        type: "object",
        description: "A secret by reference: read at each use, and never recorded.",
        properties: {
            secretFrom: { $ref: `#/types/${name}:index:SecretSource`, description: "The kind of source." },
            name: { type: "string", description: "The variable's name, or the file's path: for `env` and `file`." },
            command: {
                type: "array",
                items: { type: "string" },
                description: "The program, and each of its arguments: for `command`. It is run without a shell.",
            },
        },
        required: ["secretFrom"],
    },
    [`${name}:index:SecretSource`]: {
        type: "string",
        description: "The kind of source of a secret.",
        enum: [
            { value: "env", description: "An environment variable." },
            { value: "file", description: "A file." },
            { value: "command", description: "The standard output of a command." },
        ],
    },
};

/** A type with its comment, whose list of values says what each of them means. */
function withValues(type, comment) {
    const meanings = Object.fromEntries(
        [...comment.matchAll(/^- `(.+?)`: (.+)$/gm)].map(([, value, text]) => [value, text]),
    );
    const meant = ({ value }) => ({
        value,
        ...(meanings[value] === undefined ? {} : { description: meanings[value] }),
    });
    return type.enum === undefined
        ? { ...type, description: comment }
        : { ...type, description: comment.replace(/\n\n- [^]*$/, ""), enum: type.enum.map(meant) };
}

/** Describes fields as properties, and adds the types of their values to `types`. */
function describer(comments, types) {
    const add = (at, word, type) => {
        const names = [...(at.prefix === undefined ? [capital(word)] : []), at.place + capital(word)];
        const form = ({ description: _, enum: values, ...others }) =>
            JSON.stringify([others, values?.map(({ value }) => value)]);
        const token = names
            .map((one) => `${name}:${at.module}:${one}`)
            .find((one) => types[one] === undefined || form(types[one]) === form(type));
        if (token === undefined) {
            throw new Error(
                `${at.module}: two values have the name ${names.join(" and ")}. Rename an argument or output.`,
            );
        }
        const said = at.module === "index" ? comments.types[token.split(":")[2]]?.text : undefined;
        types[token] ??= withValues(type, flowing(said || at.text));
        return { $ref: `#/types/${token}` };
    };
    const shape = (field, word, at) => {
        switch (field.type) {
            case "secret":
                // Go's generator imports the type of a function's union, and does not use it.
                if (at.isCall) {
                    return { $ref: "pulumi.json#/Any", secret: true };
                }
                return { oneOf: [{ type: "string" }, { $ref: `#/types/${name}:index:SecretReference` }], secret: true };
            case "number":
                return { type: field.format === "integer" ? "integer" : "number" };
            case "boolean":
                return { type: "boolean" };
            case "scalar":
                return { oneOf: ["string", "number", "boolean"].map((type) => ({ type })) };
            case "list":
                return { type: "array", items: shape(field.item ?? text, singular(word), at) };
            case "map":
                return { type: "object", additionalProperties: shape(field.item ?? text, singular(word), at) };
            case "object": {
                const inside = {
                    ...at,
                    isOutput: false,
                    place: capital(word),
                    prefix: `${at.prefix ?? ""}${at.property}.`,
                };
                return add(at, word, { type: "object", ...describe(field.fields, inside) });
            }
            case "any":
                return { $ref: "pulumi.json#/Any" };
            default:
                return field.values === undefined || field.anyCase === true
                    ? { type: "string" }
                    : add(at, word, { type: "string", enum: field.values.map((value) => ({ value })) });
        }
    };
    const describe = (fields, from) => {
        const describeOne = (property, field) => {
            const { text: said = "", default: told } = from.comments[`${from.prefix ?? ""}${property}`] ?? {};
            const isFilledIn = field.presence === "default" && from.isOutput !== true;
            const default_ = told === undefined || isFilledIn || from.isOutput ? "" : ` Default: ${told}.`;
            return {
                ...shape(field, property, { ...from, property, text: said }),
                description: flowing(said) + default_,
                ...(field.options.sensitive === true ? { secret: true } : {}),
                ...(isFilledIn ? { default: field.default } : {}),
            };
        };
        const isRequired = ({ presence = "required" }) => presence === "required";
        return {
            properties: entriesOf(fields, describeOne),
            required: Object.keys(fields).filter((property) => isRequired(fields[property])),
        };
    };
    return describe;
}

/** The properties that fields describe: a declaration's own in its module, and those that all have in another. */
function fieldsOf(type, fields, { own, shared, describe, isOutput, isCall }) {
    const [module, place] = type.split(":");
    const some = (isOwn) =>
        Object.fromEntries(Object.entries(fields).filter(([field]) => Object.hasOwn(own, field) === isOwn));
    const mine = describe(some(true), { module, place, comments: own, isOutput, isCall });
    const others = describe(some(false), { module: "index", place: "", comments: shared, isOutput });
    return {
        properties: { ...mine.properties, ...others.properties },
        required: [...mine.required, ...others.required],
    };
}

function resourceOf(type, declared, { comments, describe, types }) {
    const { args, outputs } = comments.declarations[type];
    const { text: description, experimental } = comments.classes[type];
    const { commonArgs, commonOutputs, hubArgs, hubOutputs } = comments.shared;
    const [sharedArgs, sharedOutputs] = Object.hasOwn(declared.outputs, "found")
        ? [hubArgs, hubOutputs]
        : [commonArgs, commonOutputs];
    const inputs = fieldsOf(type, declared.args, { own: args, shared: sharedArgs, describe });
    const given = fieldsOf(type, declared.args, { own: args, shared: sharedArgs, describe, isOutput: true });
    const found = fieldsOf(type, declared.outputs, {
        own: outputs,
        shared: sharedOutputs,
        describe,
        isOutput: true,
    });
    const connection = connectionOf(declared);
    const replaces = (property) => (declared.replaces.includes(property) ? { willReplaceOnChanges: true } : {});
    // An output hides the argument of its name.
    const isHidden = (property) => Object.hasOwn(found.properties, property);
    const exampleOf = (label) => readExample(comments.classes[label.replace(".", ":")].example);
    const inputProperties = entriesOf({ ...connection, ...inputs.properties }, (property, one) => ({
        ...one,
        ...replaces(property),
    }));
    return {
        description: [
            flowing(description),
            ...(experimental ? [`Experimental: ${experimental}`] : []),
            inAllLanguages(exampleOf(type.replace(":", ".")), exampleOf, { inputProperties, types }),
        ].join("\n\n"),
        inputProperties,
        requiredInputs: [...Object.keys(connection), ...inputs.required],
        properties: { ...given.properties, ...found.properties },
        required: [...given.required.filter((property) => !isHidden(property)), ...found.required],
    };
}

/** The argument of a resource at a hub that has the connection. */
function connectionOf({ connections = [] }) {
    if (connections.length === 0) {
        return {};
    }
    const labels = connections.map((one) => one.replace(":", "."));
    const description = `The connection to hand over, by its class and its arguments: ${labels.map((label) => `\`${label}\``).join(", ")}. It is verified in the very run that sends it.`;
    return { connection: { $ref: `#/types/${name}:index:ConnectionInput`, description, secret: true } };
}

function functionOf(type, declared, { comments, describe }) {
    const { text: description, args, outputs } = comments.declarations[type];
    const [inputs, found] = [
        fieldsOf(type, declared.args, { own: args, shared: {}, describe, isCall: true }),
        fieldsOf(type, declared.outputs, { own: outputs, shared: {}, describe, isOutput: true }),
    ];
    return {
        description: flowing(description),
        inputs: { type: "object", ...inputs },
        outputs: { type: "object", ...found },
    };
}

const schemaFile = path.join(root, "provider", "schema.json");
const pagesFolder = path.join(root, "docs", "resources");

/** All files that follow from declarations, by their paths. */
function makeFiles() {
    const described = readPackage();
    const schema = makeSchema(described);
    const pages = Object.entries(makePages(schema, described)).map(([file, text]) => [
        path.join(pagesFolder, file),
        text,
    ]);
    return Object.fromEntries([[schemaFile, `${JSON.stringify(schema, undefined, 2)}\n`], ...pages]);
}

/** The files that are not as they should be: changed, missing, or of what is not declared any more. */
function outdated(files) {
    const present = existsSync(pagesFolder) ? readdirSync(pagesFolder).map((file) => path.join(pagesFolder, file)) : [];
    const isCurrent = (file) => existsSync(file) && readFileSync(file, "utf8") === files[file];
    return [...new Set([...Object.keys(files), ...present])].filter((file) => !isCurrent(file));
}

const isCheck = process.argv.includes("--check");
if (!isCheck) {
    await strip();
}
const files = makeFiles();
const changed = outdated(files);
if (isCheck) {
    changed.forEach((file) => console.log(path.relative(root, file)));
} else {
    mkdirSync(pagesFolder, { recursive: true });
    changed.forEach((file) => (files[file] === undefined ? rmSync(file) : writeFileSync(file, files[file])));
}
