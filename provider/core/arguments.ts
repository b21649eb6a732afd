// Turns a program's declaration into validated arguments, or into the list of their faults.
import type { z } from "zod";
import type { AnyDefinition } from "../define/connection";
import type { Problem, Values } from "../define/contracts";
import type { Field } from "../define/fields";
import { defaultsOf } from "./argument-fields";
import { dayLength, endOf } from "./days";
import { objectOf, orList } from "./field-schemas";
import { nearest } from "./nearest";
import { secretsInAddresses } from "./secret-addresses";
import { hasUnknown } from "./unknown";
import { presentOnly } from "./values";

/** Validated arguments. */
export interface ValidatedArguments {
    /** The arguments for the state: normalised, and secrets as the program gave them. */
    readonly given: Values;
    /** As a declaration reads them: defaults filled in, without secrets. */
    readonly values: Values;
}

/** The result of a validation. */
export interface ArgumentValidation {
    readonly args?: ValidatedArguments | undefined;
    readonly problems: readonly Problem[];
    /** Arguments that are not known yet. */
    readonly waiting: readonly string[];
}

/** Validates the arguments of one type of connection. */
export interface ArgumentSchema {
    /** Validates a program's declaration. Values that are not known yet are left out of it. */
    readonly validate: (declared: Values) => ArgumentValidation;
    /** The same for arguments that were validated before. */
    readonly accept: (given: Values) => ValidatedArguments;
    /** The faults of validated arguments that are new or changed. */
    readonly validateNew: (args: ValidatedArguments) => readonly Problem[];
}

/** A declaration with arguments: a connection, or a resource at a hub. */
export interface Declarable {
    /** The name in programs: `jamf.ApiClient`. */
    readonly label: string;
    /** All of its arguments. */
    readonly args: Readonly<Record<string, Field<unknown>>>;
    readonly secretNames: readonly string[];
    readonly definition: Pick<AnyDefinition, "title" | "console" | "oneOf" | "together" | "rules" | "rulesForNew">;
}

/** The judgement that follows from a declaration. */
export function argumentSchema(type: Declarable): ArgumentSchema {
    let made: z.ZodType<Values> | undefined;
    const whole = (): z.ZodType<Values> => (made ??= objectOf(type.args, mustBeArguments) as z.ZodType<Values>);
    const without = (waiting: readonly string[]): z.ZodType<Values> => {
        const known = Object.entries(type.args).filter(([name]) => !waiting.includes(name));
        return objectOf(Object.fromEntries(known), mustBeArguments) as z.ZodType<Values>;
    };
    const accept = (given: Values): ValidatedArguments => ({ given, values: valuesOf(type, given) });
    const validate = (declared: Values): ArgumentValidation => {
        const present = Object.entries(presentOnly(declared));
        const waiting = present.filter(([, value]) => hasUnknown(value)).map(([name]) => name);
        const known = Object.fromEntries(present.filter(([name]) => !waiting.includes(name)));
        const result = (waiting.length === 0 ? whole() : without(waiting)).safeParse(known);
        if (!result.success) {
            return { problems: result.error.issues.flatMap((issue) => toProblems(type, issue)), waiting };
        }
        const args = accept(result.data);
        const problems = [
            ...betweenArguments(type, args.values, { given: result.data, declared }, waiting),
            ...secretsInAddresses(type, result.data, secretsByValue(type, result.data)),
        ];
        return { problems, waiting, ...(problems.length === 0 && waiting.length === 0 ? { args } : {}) };
    };
    const validateNew = ({ values }: ValidatedArguments): Problem[] =>
        (type.definition.rulesForNew?.(values as never) ?? []).map((complaint) => ({
            kind: "invalidArgument",
            code: "invalid-argument",
            ...complaint,
        }));
    return { validate, accept, validateNew };
}

/** The secrets that are known without reading a variable or a file. */
function secretsByValue({ secretNames }: Declarable, given: Values): Record<string, string> {
    const entries = secretNames.map((name) => [name, given[name]] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

const mustBeArguments = "must be an object of arguments.";

function valuesOf(type: Declarable, given: Values): Values {
    const open = Object.entries(given).filter(([name]) => !type.secretNames.includes(name));
    return { ...defaultsOf(type.args), ...Object.fromEntries(open) };
}

class NotKnownYet extends Error {}

/** Arguments of which one that is not known yet cannot be read. */
function guarded(values: Values, waiting: readonly string[]): never {
    return new Proxy(values, {
        get: (target, name) => {
            if (waiting.includes(String(name))) {
                throw new NotKnownYet();
            }
            return target[String(name)];
        },
    }) as never;
}

interface WrittenArguments {
    readonly given: Values;
    /** As the program wrote them. */
    readonly declared: Values;
}

function betweenArguments(
    type: Declarable,
    values: Values,
    { given, declared }: WrittenArguments,
    waiting: readonly string[],
): Problem[] {
    const { definition } = type;
    const { oneOf } = definition;
    const complain = (argument: string, message: string): Problem => ({
        kind: "invalidArgument",
        code: "invalid-argument",
        argument,
        message,
    });
    const problems: Problem[] = [];
    const { expiresAt } = given as { expiresAt?: string };
    for (const name of type.secretNames) {
        const { longestLifetimeDays: days } = type.args[name]?.options ?? {};
        // A day more, for a day lasts until its end.
        if (days !== undefined && expiresAt !== undefined && endOf(expiresAt) > Date.now() + (days + 1) * dayLength) {
            problems.push(
                complain(
                    "expiresAt",
                    `is too far in the future: each ${definition.console?.called ?? name} of ${definition.title} is valid for at most ${days} days. Copy the expiry date from the console.`,
                ),
            );
        }
    }
    if (oneOf !== undefined && !oneOf.of.some((name) => waiting.includes(name))) {
        const { of, names, needed, where } = oneOf;
        const named = of.filter((name) => given[name] !== undefined);
        const ways = orList(of);
        if (named.length > 1) {
            problems.push(
                complain(named[1] ?? "", `names ${names} too, like ${named[0] ?? ""}. Give only one of ${ways}.`),
            );
        } else if (needed === true && named.length === 0) {
            problems.push(
                complain(
                    of[0] ?? "",
                    `is missing: name ${names} with ${ways}.${where === undefined ? "" : ` ${where}`}`,
                ),
            );
        }
    }
    if (problems.some(({ argument }) => oneOf?.of.includes(argument ?? ""))) {
        return problems;
    }
    for (const [one, other] of definition.together ?? []) {
        const isOpen = waiting.includes(one) || waiting.includes(other);
        if (!isOpen && (given[one] === undefined) !== (given[other] === undefined)) {
            problems.push(complain(one, `and ${other} belong together. Give both, or neither.`));
        }
    }
    try {
        return [
            ...problems,
            ...(definition.rules?.(guarded(values, waiting), guarded(declared, waiting)) ?? []).map(
                ({ argument, message }) => complain(argument, message),
            ),
        ];
    } catch (error) {
        if (error instanceof NotKnownYet) {
            return problems;
        }
        throw error;
    }
}

function toProblems(type: Declarable, issue: z.core.$ZodIssue): Problem[] {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") {
        const known = Object.keys(fieldsAt(type, issue.path));
        return issue.keys.map((key) => ({
            kind: "invalidArgument",
            code: "unknown-argument",
            argument: path === "" ? key : `${path}.${key}`,
            message: `${type.label} has no such argument. ${didYouMean(key, known)}`,
        }));
    }
    return [
        {
            kind: "invalidArgument",
            code: "invalid-argument",
            argument: path,
            message: issue.message.endsWith(".") ? issue.message : `${issue.message}.`,
        },
    ];
}

function fieldsAt(type: Declarable, path: readonly PropertyKey[]): Readonly<Record<string, Field<unknown>>> {
    return path.reduce<Readonly<Record<string, Field<unknown>>>>(
        (fields, name) => fields[String(name)]?.fields ?? {},
        type.args,
    );
}

function didYouMean(name: string, known: readonly string[]): string {
    const near = nearest(name, known);
    return near === undefined ? `Its arguments: ${known.join(", ")}.` : `Did you mean ${near}?`;
}
