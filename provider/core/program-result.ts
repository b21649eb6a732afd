// What the program's side has found out, on its way to the provider's side: where both are processes of their own.
import type { Values, VerifyMode } from "../define/contracts";
import { parseJson } from "./json";
import { isProblemKind } from "./problems";
import type { VerificationResult } from "./session";
import { UNKNOWN } from "./unknown";
import { isObject } from "./values";

/** The input under which it is handed over, as JSON: a single text costs the engine least. It is taken out again, and never recorded. */
export const PROGRAM_RESULT_INPUT = "programResult";

/** A verification that the program's side has made, with what only a program knows. */
export interface ProgramResult extends VerificationResult {
    /** How the connection is to be verified. */
    readonly mode: VerifyMode;
    /** Whether it was made for a preview, where what is not known yet may stay so. */
    readonly preview?: boolean | undefined;
    /** What the resource's `ignoreChanges` names. */
    readonly ignored?: readonly string[] | undefined;
    /** What the resource's `additionalSecretOutputs` names. */
    readonly secretOutputs?: readonly string[] | undefined;
    /** What the resource's `replaceOnChanges` names. */
    readonly replaceOn?: readonly string[] | undefined;
    /** Whether the resource's `deleteBeforeReplace` is set. */
    readonly deletesFirst?: boolean | undefined;
    /** Arguments that the program made secret, and that are no secrets by themselves. */
    readonly sealed?: readonly string[] | undefined;
    /** How the program calls the connection. */
    readonly label?: string | undefined;
    /** What is wrong with other connections of the program: the engine stops at the first that is refused. */
    readonly others?: readonly string[] | undefined;
}

/** What was handed over: undefined where nothing of that kind was, `unknown` where it is yet to come. */
export function programResultOf(declared: Values): ProgramResult | "unknown" | undefined {
    const text = declared[PROGRAM_RESULT_INPUT];
    if (text === UNKNOWN) {
        return "unknown";
    }
    const value = typeof text === "string" ? parseJson(text) : undefined;
    return isProgramResult(value) ? value : undefined;
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === "string");

function isTenant(value: unknown): boolean {
    const isProblem = (one: unknown): boolean =>
        isObject(one) && isProblemKind(one["kind"]) && typeof one["message"] === "string";
    return (
        isObject(value) &&
        typeof value["status"] === "string" &&
        Array.isArray(value["problems"]) &&
        value["problems"].every(isProblem) &&
        isObject(value["outputs"]) &&
        isObject(value["checks"]) &&
        isTexts(value["warnings"])
    );
}

// Whatever else stands there is left, and the vendor asked: another version of the package may have put it there.
function isProgramResult(value: unknown): value is ProgramResult {
    return (
        isObject(value) &&
        typeof value["verifiedAtMs"] === "number" &&
        typeof value["argsFingerprint"] === "string" &&
        ["always", "changes", "never"].includes(value["mode"] as string) &&
        Array.isArray(value["tenants"]) &&
        value["tenants"].every(isTenant) &&
        ["ignored", "others", "sealed", "secretOutputs", "replaceOn"].every(
            (name) => value[name] === undefined || isTexts(value[name]),
        )
    );
}
