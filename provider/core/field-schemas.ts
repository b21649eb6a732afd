// Makes zod schemas from fields: they validate arguments, and read vendors' answers.
import { X509Certificate } from "node:crypto";
import type { z } from "zod";
import type { Field, Fields, Invalid, SecretReference } from "../define/fields";
import { isDay } from "./days";
import { flawOf, isReference } from "./secrets";
import { isOlder } from "./versions";
import { madeOnceFor, zod } from "./zod";

/** The schema of an argument's fields: it accepts no others. */
export function objectOf(fields: Fields, message: string): z.ZodType {
    const shape = Object.fromEntries(
        Object.entries(fields).map(([name, field]) => [
            name,
            field.presence === undefined || field.presence === "required"
                ? schemaOf(field)
                : schemaOf(field).optional(),
        ]),
    );
    return zod().strictObject(shape, { error: (issue) => (issue.code === "invalid_type" ? message : undefined) });
}

/** The schema of an argument that is there. */
function schemaOf(field: Field<unknown>): z.ZodType {
    const { must, where } = field.options;
    const say = (message: string): string => (where === undefined ? message : `${message} ${where}`);
    const parse = field.options.parse as ((value: never) => unknown) | undefined;
    const schema = baseOf(field, say, must);
    if (parse === undefined) {
        return schema;
    }
    return schema.transform((value, context) => {
        const parsed = parse(value as never);
        if (isInvalid(parsed)) {
            context.addIssue({ code: "custom", message: say(parsed.invalid) });
            return zod().NEVER;
        }
        return parsed;
    });
}

const text: Field<unknown> = { type: "string", options: {} };

const isInvalid = (value: unknown): value is Invalid =>
    typeof value === "object" && value !== null && "invalid" in value;

type Say = (message: string) => string;

function baseOf(field: Field<unknown>, say: Say, must: string | undefined): z.ZodType {
    const z = zod();
    const { options } = field;
    switch (field.type) {
        case "secret":
            return secretSchema(say);
        case "string":
            return field.values === undefined
                ? textSchema(field, say, must)
                : choiceSchema(field, field.values, say, must);
        case "number": {
            const message = say(must ?? "must be a number.");
            const base = field.format === "integer" ? z.int({ error: message }) : z.number({ error: message });
            return base.min(options.least ?? -Infinity, message).max(options.most ?? Infinity, message);
        }
        case "boolean":
            return z.boolean({ error: say(must ?? "must be true or false.") });
        case "scalar":
            return z.union([z.string(), z.number(), z.boolean()], {
                error: say(must ?? "must be a text, a number, true or false."),
            });
        case "list": {
            const item = field.item ?? text;
            const message = say(
                must ?? `must be a list${options.like === undefined ? "." : `, such as ["${options.like}"].`}`,
            );
            // The list reports each of its texts.
            const itemSchema = item === text || isPlainText(item) ? plainTextSchema(message) : schemaOf(item);
            const items = z.array(itemSchema, { error: message });
            // A list of closed values names at least one of them.
            const enough = item.values === undefined ? items : items.min(1, say(`must name ${orList(item.values)}.`));
            return item.type === "string"
                ? enough.transform((values) => [...new Set(values as string[])].sort())
                : enough;
        }
        case "map":
            return z.record(z.string(), schemaOf(field.item ?? text), { error: say(must ?? "must be texts by name.") });
        case "any":
            return z.unknown();
        case "object":
            return objectOf(
                field.fields ?? {},
                say(must ?? `must be an object of ${Object.keys(field.fields ?? {}).join(", ")}.`),
            );
    }
}

const isPlainText = ({ type, format, values, options }: Field<unknown>): boolean =>
    type === "string" && format === undefined && values === undefined && Object.keys(options).length === 0;

function plainTextSchema(message: string): z.ZodType {
    return zod()
        .string({ error: message })
        .trim()
        .min(1, `${message.replace(/\.$/, "")}, none of them empty.`);
}

/** `a, b or c`. */
export const orList = (values: readonly string[]): string => values.join(", ").replace(/, ([^,]*)$/, " or $1");

function choiceSchema(field: Field<unknown>, values: readonly string[], say: Say, must: string | undefined): z.ZodType {
    const z = zod();
    const message = say(must ?? `must be ${orList(values)}.`);
    const trimmed = z.string({ error: message }).trim();
    return field.anyCase === true
        ? trimmed
              .pipe(z.enum([...values, ...values.map((value) => value.toUpperCase())], { error: message }))
              .transform((value) => value.toLowerCase())
        : trimmed.pipe(z.enum(values, { error: message }));
}

const noVersion = "must be a version, such as 11.5.0.";

function textSchema(field: Field<unknown>, say: Say, must: string | undefined): z.ZodType {
    const { pattern, length, like } = field.options;
    const form = like === undefined ? say("") : say(`Write it like ${like}.`);
    const isUrl = field.format === "baseUrl" || field.format === "url" || field.format === "proxyUrl";
    const complainWith = isUrl ? (message: string): string => `${message} ${form}`.trim() : say;
    const wrongForm = like === undefined || isUrl ? "has another form." : `must look like ${like}.`;
    const wrongType = isUrl ? "must be a URL." : (must ?? (field.format === "version" ? noVersion : "must be a text."));
    return zod()
        .string({ error: (issue) => complainWith(issue.input === undefined ? "is missing." : wrongType) })
        .trim()
        .transform((value, context) => {
            const complaint = value === "" ? "must not be empty." : flawOfText(field.format, value, must);
            if (complaint !== undefined) {
                context.addIssue({ code: "custom", message: complainWith(complaint) });
                return zod().NEVER;
            }
            if (
                (pattern !== undefined && !pattern.test(value)) ||
                (length !== undefined && (value.length < length[0] || value.length > length[1]))
            ) {
                context.addIssue({ code: "custom", message: complainWith(must ?? wrongForm) });
                return zod().NEVER;
            }
            const { floor, why = "" } = field.options;
            if (floor !== undefined && isOlder(value, floor)) {
                context.addIssue({ code: "custom", message: say(`must be ${floor} or later: ${why}.`) });
                return zod().NEVER;
            }
            return normalised(field.format, value);
        });
}

function normalised(format: Field<unknown>["format"], value: string): string {
    if (format === "uuid") {
        return value.toLowerCase();
    }
    if (format === "baseUrl") {
        const { origin, pathname } = new URL(value);
        return origin + pathname.replace(/\/+$/, "");
    }
    return format === "url" ? new URL(value).href : value;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function flawOfText(format: Field<unknown>["format"], value: string, must: string | undefined): string | undefined {
    switch (format) {
        case "uuid":
            return uuidForm.test(value) ? undefined : (must ?? "must be a UUID.");
        case "version":
            return /^\d+\.\d+(\.\d+)?$/.test(value) ? undefined : (must ?? noVersion);
        case "email":
            return zod().email().safeParse(value).success ? undefined : (must ?? "must be an e-mail address.");
        case "day":
            return isDay(value) ? undefined : (must ?? "must be a day, like 2027-06-30.");
        case "certificates":
            return isCertificates(value)
                ? undefined
                : (must ?? "must be certificates in PEM form (-----BEGIN CERTIFICATE-----).");
        case "proxyUrl":
            return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
                ? undefined
                : "must be an http or https URL.";
        case "baseUrl":
        case "url":
            return flawOfUrl(value, format === "baseUrl");
        default:
            return undefined;
    }
}

function flawOfUrl(value: string, isBase: boolean): string | undefined {
    if (!URL.canParse(value)) {
        return "is not a URL.";
    }
    const { username, password, protocol, hostname, search, hash } = new URL(value);
    if (username !== "" || password !== "") {
        return "must not hold a user or a password.";
    }
    if (protocol !== "https:" && !(protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))) {
        return "must start with https://.";
    }
    return (isBase && search !== "") || hash !== ""
        ? `must end with its path, without ${isBase ? "? or " : ""}#.`
        : undefined;
}

function isCertificates(pem: string): boolean {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    try {
        return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).subject !== undefined);
    } catch {
        return false;
    }
}

/** A secret, or a reference to one. No message holds the given value. */
function secretSchema(say: Say): z.ZodType {
    const forms =
        'must be a text or a reference: secretFrom "env" or "file" with a name, or "command" with a command, a list of texts.';
    return zod()
        .custom<string | SecretReference>()
        .check((context) => {
            const { value } = context;
            const complain = (message: string): void => {
                context.issues.push({ code: "custom", message: say(message), input: undefined });
            };
            if (isReference(value)) {
                if (!isWhole(value)) {
                    complain(forms);
                }
            } else if (value === undefined) {
                complain("is missing.");
            } else if (typeof value !== "string") {
                complain(forms);
            } else if (value.trim() === "") {
                complain("must not be empty.");
            } else if (flawOf(value) !== undefined) {
                complain(flawOf(value) ?? "");
            }
        });
}

/** True for a reference that names its source. A NUL byte ends every name and argument in the system's calls. */
function isWhole(reference: SecretReference): boolean {
    const isText = (value: unknown): boolean => typeof value === "string" && !value.includes("\0");
    if (reference.secretFrom === "command") {
        const { command } = reference as { readonly command: unknown };
        return Array.isArray(command) && command.every(isText) && command.length > 0 && command[0] !== "";
    }
    return ["env", "file"].includes(reference.secretFrom) && isText(reference.name) && reference.name !== "";
}

// ---- answers --------------------------------------------------------------------------------------------------------------------

/**
 * The schema of a vendor's answer, with as little of it as is declared, nothing trimmed or sorted. Null counts as
 * missing, and a number as a text, because vendors send either against their own documents.
 */
export const answerSchemaOf: (field: Field<unknown>) => z.ZodType = madeOnceFor((field) => {
    const z = zod();
    const refuses = (value: unknown): boolean =>
        typeof value !== "string" ||
        field.options.pattern?.test(value) === false ||
        flawOfText(field.format, value, undefined) !== undefined;
    const required = (): z.ZodType => {
        switch (field.type) {
            case "number":
                return z.number();
            case "boolean":
                return z.boolean();
            case "scalar":
                return z.union([z.string(), z.number(), z.boolean()]);
            case "list":
                return z
                    .array(z.unknown())
                    .transform((items): unknown[] =>
                        field.item?.presence === "optional" ? items : items.filter(isReported),
                    )
                    .pipe(z.array(answerSchemaOf(field.item ?? text)) as z.ZodType<unknown, unknown[]>);
            case "map":
                return z.record(z.string(), answerSchemaOf({ ...(field.item ?? text), presence: "optional" }));
            case "object":
                return z.object(
                    Object.fromEntries(
                        Object.entries(field.fields ?? {}).map(([name, inner]) => [name, answerSchemaOf(inner)]),
                    ),
                );
            case "any":
                return z.unknown().refine((value) => value !== undefined);
            default: {
                const read = z.union([z.string(), z.number().transform(String)]).refine((value) => !refuses(value));
                return field.values === undefined
                    ? read.transform((value) => (field.format === "uuid" ? value.toLowerCase() : value))
                    : read.pipe(z.enum(field.values));
            }
        }
    };
    return field.presence === "optional"
        ? required()
              .nullish()
              .transform((value) => (value === null ? field.nullAs : value))
        : required();
});

const isReported = (value: unknown): boolean => value !== null && value !== undefined;
