// Reads a connection's arguments from a command line, or from a file beside it. No secret is accepted as a plain value.
import { readFile } from "node:fs/promises";
import type { Field, SecretReference, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { parseJson } from "../../core/json";
import { nearest } from "../../core/nearest";
import { Fault } from "../../core/problems";
import { resolveSecret } from "../../core/secrets";
import { ExitCode, problemsError, usageError } from "./exit-code";

const named = "env:NAME (an environment variable) or file:PATH";
const forms = 'env:NAME (an environment variable), file:PATH or command:["PROGRAM", "ARGUMENT"]';

/** The arguments of a connection from `name=value` texts; `tls.insecureSkipVerify=true` reaches into an object, a list is named again or has commas. */
export function argumentsFromTexts(type: ConnectionType, texts: readonly string[]): Values {
    const args: Record<string, unknown> = {};
    for (const text of texts) {
        const at = text.indexOf("=");
        if (at < 1) {
            throw usageError("cli-arg-form", "--arg must be name=value, such as --arg url=https://acme.example.com.");
        }
        const path = text.slice(0, at).split(".");
        put(args, type, path, text.slice(at + 1));
    }
    return args;
}

function put(args: Record<string, unknown>, type: ConnectionType, path: readonly string[], text: string): void {
    const [name = "", ...inner] = path;
    let field = Object.hasOwn(type.args, name) ? type.args[name] : undefined;
    if (field === undefined) {
        const near = nearest(name, type.argumentNames);
        const hint = near === undefined ? `Its arguments: ${type.argumentNames.join(", ")}.` : `Did you mean ${near}?`;
        // Without a name, the text may be a secret.
        throw usageError(
            "cli-no-argument",
            `${type.label} has no such argument${near === undefined ? "" : ` (${name})`}. ${hint}`,
        );
    }
    let holder = args;
    let last = name;
    for (const step of inner) {
        if (field?.type !== "object" && field?.type !== "map") {
            throw usageError("cli-inside", `--arg ${path.join(".")}: ${last} has nothing inside.`);
        }
        const known = innerField(field, step);
        if (known === undefined) {
            const names = Object.keys(field.fields ?? {});
            const near = nearest(step, names);
            const hint = near === undefined ? `It has ${names.join(", ")}.` : `Did you mean ${near}?`;
            throw usageError("cli-inside-name", `--arg: there is no such argument in ${last}. ${hint}`);
        }
        const outer = ownValue(holder, last) ?? setOwn(holder, last, {});
        if (typeof outer !== "object" || outer === null) {
            throw usageError("cli-arg-twice", `--arg ${path.join(".")} is there twice.`);
        }
        holder = outer as Record<string, unknown>;
        field = known;
        last = step;
    }
    const value = valueOf(field, text);
    const before = ownValue(holder, last);
    if (before !== undefined && !Array.isArray(before)) {
        throw usageError("cli-arg-twice", `--arg ${path.join(".")} is there twice.`);
    }
    setOwn(holder, last, Array.isArray(before) ? [...(before as unknown[]), ...[value].flat()] : value);
}

const ownValue = (holder: Values, name: string): unknown => (Object.hasOwn(holder, name) ? holder[name] : undefined);

/** Sets a property of any name: an assignment to `__proto__` would set none. */
function setOwn<T>(holder: object, name: string, value: T): T {
    Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true });
    return value;
}

function innerField({ type, item, fields = {} }: Field<unknown>, name: string): Field<unknown> | undefined {
    return type === "map"
        ? (item ?? { type: "string", options: {} })
        : Object.hasOwn(fields, name)
          ? fields[name]
          : undefined;
}

/**
 * A text in the type of its field. A text that does not fit is kept, because the validation of all arguments reports it
 * better.
 */
function valueOf(field: Field<unknown> | undefined, text: string): unknown {
    switch (field?.type) {
        case "number":
            return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
        case "boolean":
            return text === "true" ? true : text === "false" ? false : text;
        case "scalar":
            return scalarIn(text) ?? text;
        case "list":
            return jsonOr(text, "[") ?? text.split(",").map((one) => one.trim());
        case "object":
        case "map":
            return jsonOr(text, "{") ?? text;
        default:
            return text;
    }
}

/** The value of a text that is a number, true, false or a text in quotes, as JSON has them. */
function scalarIn(text: string): unknown {
    const value = parseJson(text);
    return ["number", "boolean", "string"].includes(typeof value) ? value : undefined;
}

function jsonOr(text: string, start: string): unknown {
    try {
        return text.trimStart().startsWith(start) ? (JSON.parse(text) as unknown) : undefined;
    } catch {
        return undefined;
    }
}

/**
 * The reference in a value: `env:NAME`, `file:PATH`, `command:["op", "read", "…"]` or, in a file,
 * `{ command: [op, read, …] }`.
 * @throws CommandError where a command is not a list, because a line would need a shell to split it.
 */
function referenceIn(argument: string, value: unknown): SecretReference | undefined {
    const [, secretFrom, name = ""] =
        (typeof value === "string" ? /^(env|file|command):(.+)$/s.exec(value) : null) ?? [];
    if (secretFrom === "env" || secretFrom === "file") {
        return { secretFrom, name };
    }
    const isObject = typeof value === "object" && value !== null && "command" in value;
    if (secretFrom === undefined && !isObject) {
        return undefined;
    }
    const command = isObject ? value.command : jsonOr(name, "[");
    if (!isCommand(command) || (isObject && Object.keys(value).length > 1)) {
        const written = isObject ? "command: [op, read, PLACE]" : `${argument}=command:["op", "read", "PLACE"]`;
        throw usageError(
            "cli-command",
            `${argument}: a command is a list, its program and each argument as a text, because it is run without a shell. Write ${written}.`,
        );
    }
    return { secretFrom: "command", command };
}

const isText = (value: unknown): value is string => typeof value === "string";

const isCommand = (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.length > 0 && value[0] !== "" && value.every(isText);

/**
 * The same arguments with their secrets as references. Other sensitive values are read here.
 * @throws CommandError where a secret is given as a plain value; the value is not repeated.
 */
export async function withReferences(type: ConnectionType, args: Values): Promise<Values> {
    const entries = Object.entries(args).map(async ([name, value]): Promise<readonly [string, unknown]> => {
        const field = Object.hasOwn(type.args, name) ? type.args[name] : undefined;
        if (field?.type === "secret") {
            const reference = referenceIn(name, value);
            if (reference === undefined) {
                const why = "a command line and a file of connections can be read by others";
                throw usageError(
                    "cli-secret",
                    `${name}: a secret is not taken as it is, for ${why}. Write ${name}=${forms}.`,
                );
            }
            return [name, reference];
        }
        if (field?.options.sensitive === true && field.type === "map") {
            return [name, await withContents(name, value)];
        }
        if (field?.options.sensitive === true) {
            const reference = isText(value) ? referenceIn(name, value) : undefined;
            if (reference?.secretFrom === "command") {
                throw usageError(
                    "cli-password-command",
                    `${name}: no command is run for a password. Write ${name}=${named}.`,
                );
            }
            if (reference === undefined && holdsPassword(value)) {
                throw usageError(
                    "cli-password",
                    `${name}: a password is not taken as it is, for others could read it. Write ${name}=${named}.`,
                );
            }
            return [name, reference === undefined ? value : await contentOf(name, reference)];
        }
        return [name, name === "tls" ? await withCertificates(value) : value];
    });
    return Object.fromEntries(await Promise.all(entries));
}

/** The values of a map, each read from its source. */
async function withContents(name: string, given: unknown): Promise<unknown> {
    if (typeof given !== "object" || given === null) {
        return given;
    }
    const entries = Object.entries(given).map(
        async ([key, value]) => [key, await referencedText(`${name}.${key}`, value)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
}

/**
 * The text that a value refers to: `env:NAME` or `file:PATH`.
 * @param place Where the value is: `secretHeaders.key`, `--webhook`.
 * @throws CommandError of exit code 3, which does not repeat the value.
 */
export async function referencedText(place: string, value: unknown): Promise<string> {
    const reference = isText(value) ? referenceIn(place, value) : undefined;
    if (reference === undefined || reference.secretFrom === "command") {
        const why = "others could read it";
        throw usageError(
            "cli-webhook-secret",
            `${place}: a secret is not taken as it is, for ${why}. Write ${place}=${named}.`,
        );
    }
    return contentOf(place, reference);
}

function holdsPassword(value: unknown): boolean {
    // A text that is not a URL is not shown either: it may be a secret in the wrong place.
    return typeof value === "string" && URL.canParse(value) && new URL(value).password !== "";
}

async function contentOf(name: string, reference: SecretReference): Promise<string> {
    try {
        return await resolveSecret(name, reference, AbortSignal.timeout(10_000));
    } catch (error) {
        throw error instanceof Fault ? problemsError([error.problem], ExitCode.usage) : error;
    }
}

/** `tls.caCertificates=file:PATH`: no certificate fits on a command line. */
async function withCertificates(tls: unknown): Promise<unknown> {
    const { caCertificates } = (typeof tls === "object" && tls !== null ? tls : {}) as { caCertificates?: unknown };
    const reference = isText(caCertificates) ? referenceIn("tls.caCertificates", caCertificates) : undefined;
    if (reference?.secretFrom !== "file") {
        return tls;
    }
    try {
        return { ...(tls as object), caCertificates: await readFile(reference.name, "utf8") };
    } catch (error) {
        const { code = "unknown fault" } = error as NodeJS.ErrnoException;
        throw usageError(
            "cli-certificates",
            `tls.caCertificates: the file ${reference.name} cannot be read (${code}).`,
        );
    }
}
