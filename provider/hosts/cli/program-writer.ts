// From answers to a Pulumi project: a program and the commands that configure it. It is never given a secret.
import type { SecretReference, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";

/** The source of a secret in a program: the stack's configuration, or a reference. */
export type SecretSource = "config" | SecretReference;

/** A connection to be declared. */
export interface Wanted {
    readonly name: string;
    readonly type: ConnectionType;
    /** Arguments that are not secrets. */
    readonly args: Values;
    readonly secrets: Readonly<Record<string, SecretSource>>;
}

/** A file of the project. */
export interface ProjectFile {
    readonly name: string;
    readonly text: string;
    readonly mode?: number;
}

/** The parts that a project is written from. */
export interface ProjectRequest {
    readonly project: string;
    readonly stack: string;
    /** The dependency on this package: a range, a file, an address. */
    readonly dependency: string;
    readonly wanted: readonly Wanted[];
}

/** The name of an argument in the configuration: `mdmClientId`. */
const configKey = (name: string, argument: string): string => camelCase(name) + capitalized(argument);

const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

function camelCase(name: string): string {
    const [first = "", ...rest] = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const joined = first.slice(0, 1).toLowerCase() + first.slice(1) + rest.map(capitalized).join("");
    return /^[A-Za-z]/.test(joined) ? joined : `connection${joined}`;
}

/** A resource's name as a name of the program: `mdm`; `jamfConnection` where `jamf` is something else. */
export function identifier(name: string): string {
    const joined = camelCase(name);
    return reservedWords.has(joined) ? `${joined}Connection` : joined;
}

// Names that a program cannot use, or uses already.
const reservedWords: ReadonlySet<string> = new Set(
    (
        "break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in " +
        "instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with " +
        "yield await config pulumi secretFrom jamf jumpcloud atlassian oauth2 http"
    ).split(" "),
);

/** The files of the project. */
export function projectFiles(request: ProjectRequest): readonly ProjectFile[] {
    const { project, dependency } = request;
    const manifest = {
        name: project,
        private: true,
        main: "index.ts",
        dependencies: { "@pulumi/pulumi": "^3.200.0", "pulumi-connections": dependency },
    };
    return [
        { name: "Pulumi.yaml", text: `name: ${project}\ndescription: API connections\nruntime: nodejs\n` },
        { name: "package.json", text: `${JSON.stringify(manifest, undefined, 4)}\n` },
        { name: "index.ts", text: program(request) },
        { name: ".gitignore", text: "node_modules/\n" },
        { name: "configure.sh", text: configureScript(request), mode: 0o755 },
    ];
}

/** The commands that configure the stack. Pulumi itself prompts for secrets. */
export function configurationCommands({ wanted, stack }: ProjectRequest): readonly string[] {
    const set = wanted.flatMap(({ name, args, secrets }) => [
        ...Object.entries(args).flatMap(([argument, value]) =>
            typeof value === "string" ? [`pulumi config set ${configKey(name, argument)} ${quoted(value)}`] : [],
        ),
        ...Object.entries(secrets).flatMap(([argument, source]) =>
            source === "config" ? [`pulumi config set --secret ${configKey(name, argument)}`] : [],
        ),
    ]);
    return [`pulumi stack init ${quoted(stack)}`, ...set];
}

/** A text as one word of a shell. */
const quoted = (text: string): string =>
    /^[\w@%+:,./-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "'\\''")}'`;

function configureScript(request: ProjectRequest): string {
    return [
        "#!/bin/sh",
        "# Configures the stack. It holds no secret: Pulumi prompts for each, and encrypts it.",
        "set -eu",
        ...configurationCommands(request),
        "",
    ].join("\n");
}

function program({ wanted }: ProjectRequest): string {
    const vendors = [...new Set(wanted.map(({ type }) => type.vendor))].sort();
    const isReferred = wanted.some(({ secrets }) => Object.values(secrets).some((source) => source !== "config"));
    const isConfigured = wanted.some(
        ({ args, secrets }) =>
            Object.values(args).some((value) => typeof value === "string") || Object.values(secrets).includes("config"),
    );
    const imports = [...vendors, ...(isReferred ? ["secretFrom"] : [])].join(", ");
    const declarations = wanted.map(({ name, type, args, secrets }) => {
        const lines = [
            ...Object.entries(args).map(([argument, value]) =>
                typeof value === "string"
                    ? [argument, `config.require(${JSON.stringify(configKey(name, argument))})`]
                    : [argument, JSON.stringify(value)],
            ),
            ...Object.entries(secrets).map(([argument, source]) => [
                argument,
                source === "config"
                    ? `config.requireSecret(${JSON.stringify(configKey(name, argument))})`
                    : `secretFrom.${source.secretFrom}(${JSON.stringify(source.secretFrom === "command" ? source.command : source.name)})`,
            ]),
        ];
        const body = lines.map(([argument = "", value = ""]) => `    ${argument}: ${value},\n`).join("");
        return `const ${identifier(name)} = new ${type.label}(${JSON.stringify(name)}, {\n${body}});\n`;
    });
    const exported = wanted.map(({ name }) => `export const ${camelCase(name)}Status = ${identifier(name)}.status;\n`);
    return [
        `${isConfigured ? 'import * as pulumi from "@pulumi/pulumi";\n' : ""}import { ${imports} } from "pulumi-connections";\n`,
        ...(isConfigured ? ["const config = new pulumi.Config();\n"] : []),
        ...declarations,
        exported.join(""),
    ].join("\n");
}
