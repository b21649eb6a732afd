// From what stands on a command line, or in a file beside it, to the arguments of a connection. No secret is taken as it is.
import { readFile } from "node:fs/promises";
import type { Field, NamedSecret, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { nearest } from "../../core/nearest";
import { describe, Fault } from "../../core/problems";
import { resolveSecret } from "../../core/secrets";
import { usageError } from "./exit-code";

const forms = "env:NAME (an environment variable) or file:PATH";

/** The arguments of a connection from `name=value` texts; `tls.insecureSkipVerify=true` reaches into an object, a list is named again or has commas. */
export function argumentsFromTexts(type: ConnectionType, texts: readonly string[]): Values {
    const args: Record<string, unknown> = {};
    for (const text of texts) {
        const at = text.indexOf("=");
        if (at < 1) {
            throw usageError("--arg takes name=value, such as --arg url=https://acme.example.com.");
        }
        const path = text.slice(0, at).split(".");
        put(args, type, path, text.slice(at + 1));
    }
    return args;
}

function put(args: Record<string, unknown>, type: ConnectionType, path: readonly string[], text: string): void {
    const [name = "", ...inner] = path;
    let field = Object.hasOwn(type.args, name) ? type.args[name] : undefined;
    if (field === undefined || inner.includes("__proto__")) {
        const near = nearest(name, type.argumentNames);
        const hint = near === undefined ? `It takes ${type.argumentNames.join(", ")}.` : `Did you mean ${near}?`;
        // Where no name stands, what does may be a secret.
        throw usageError(`${type.label} takes no such argument${near === undefined ? "" : ` (${name})`}. ${hint}`);
    }
    let holder = args;
    let last = name;
    for (const step of inner) {
        if (field?.type !== "object" && field?.type !== "map") {
            throw usageError(`--arg ${path.join(".")}: ${last} has nothing inside.`);
        }
        holder = (holder[last] ??= {}) as Record<string, unknown>;
        field = innerField(field, step);
        last = step;
    }
    const value = valueOf(field, text);
    const before = holder[last];
    if (before !== undefined && !Array.isArray(before)) {
        throw usageError(`--arg ${path.join(".")} stands there twice.`);
    }
    holder[last] = Array.isArray(before) ? [...(before as unknown[]), ...[value].flat()] : value;
}

function innerField({ type, item, fields = {} }: Field<unknown>, name: string): Field<unknown> | undefined {
    return type === "map" ? item : Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** A text as the type of its field has it. What does not fit is left to the judgement of all arguments, which says what would. */
function valueOf(field: Field<unknown> | undefined, text: string): unknown {
    switch (field?.type) {
        case "number":
            return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
        case "boolean":
            return text === "true" ? true : text === "false" ? false : text;
        case "list":
            return jsonOr(text, "[") ?? text.split(",").map((one) => one.trim());
        case "object":
        case "map":
            return jsonOr(text, "{") ?? text;
        default:
            return text;
    }
}

function jsonOr(text: string, start: string): unknown {
    try {
        return text.trimStart().startsWith(start) ? (JSON.parse(text) as unknown) : undefined;
    } catch {
        return undefined;
    }
}

/** The reference that a text names. */
function referenceIn(value: unknown): NamedSecret | undefined {
    const [, secretFrom, name] = (typeof value === "string" ? /^(env|file):(.+)$/s.exec(value) : null) ?? [];
    return secretFrom === undefined || name === undefined
        ? undefined
        : { secretFrom: secretFrom as NamedSecret["secretFrom"], name };
}

/**
 * The same arguments, their secrets as references. What is sensitive besides is read here.
 * @throws CommandError where a secret stands there as it is; what stands there is not repeated.
 */
export async function withReferences(type: ConnectionType, args: Values): Promise<Values> {
    const entries = Object.entries(args).map(async ([name, value]): Promise<readonly [string, unknown]> => {
        const field = type.args[name];
        if (field?.type === "secret") {
            const reference = referenceIn(value);
            if (reference === undefined) {
                const why = "a command line and a file of connections can be read by others";
                throw usageError(`${name}: a secret is not taken as it is, for ${why}. Write ${name}=${forms}.`);
            }
            return [name, reference];
        }
        if (field?.options.sensitive === true) {
            const reference = referenceIn(value);
            if (reference === undefined && holdsPassword(value)) {
                throw usageError(
                    `${name}: a password is not taken as it is, for others could read it. Write ${name}=${forms}.`,
                );
            }
            return [name, reference === undefined ? value : await contentOf(name, reference)];
        }
        return [name, name === "tls" ? await withCertificates(value) : value];
    });
    return Object.fromEntries(await Promise.all(entries));
}

function holdsPassword(value: unknown): boolean {
    // What is no URL is not shown either: it may be a secret in the wrong place.
    return typeof value === "string" && URL.canParse(value) && new URL(value).password !== "";
}

async function contentOf(name: string, reference: NamedSecret): Promise<string> {
    try {
        return await resolveSecret(name, reference, AbortSignal.timeout(10_000));
    } catch (error) {
        throw error instanceof Fault ? usageError(describe(error.problem)) : error;
    }
}

/** `tls.caCertificates=file:PATH`: no certificate fits on a command line. */
async function withCertificates(tls: unknown): Promise<unknown> {
    const { caCertificates } = (typeof tls === "object" && tls !== null ? tls : {}) as { caCertificates?: unknown };
    const reference = referenceIn(caCertificates);
    if (reference?.secretFrom !== "file") {
        return tls;
    }
    try {
        return { ...(tls as object), caCertificates: await readFile(reference.name, "utf8") };
    } catch (error) {
        const { code = "unknown fault" } = error as NodeJS.ErrnoException;
        throw usageError(`tls.caCertificates: the file ${reference.name} cannot be read (${code}).`);
    }
}
