// What the program's side has found out, on its way to the provider's side: one hand-over for connections and for what is made of them elsewhere.
import type { Problem, Values, VerifyMode } from "../define/contracts";
import { isDay } from "./days";
import { parseJson } from "./json";
import { isProblemKind } from "./problems";
import type { VerificationResult } from "./session";
import { UNKNOWN } from "./unknown";
import { isObject } from "./values";

/** The input under which it is handed over, as JSON: a single text costs the engine least. It is taken out again, and never recorded. */
export const PROGRAM_REPORT_INPUT = "programResult";

/** What every report tells of its resource. */
export interface ProgramReport {
    /** How the program calls the resource. */
    readonly label?: string | undefined;
    /** Whether it was made for a preview, where what is not known yet may stay so. */
    readonly preview?: boolean | undefined;
    /** What the resource's `replaceOnChanges` names. */
    readonly replaceOn?: readonly string[] | undefined;
}

/** A verification that the program's side has made, with what only a program knows. */
export interface ConnectionReport extends ProgramReport, VerificationResult {
    /** How the connection is to be verified. */
    readonly mode: VerifyMode;
    /** What the resource's `ignoreChanges` names. */
    readonly ignored?: readonly string[] | undefined;
    /** What the resource's `additionalSecretOutputs` names. */
    readonly secretOutputs?: readonly string[] | undefined;
    /** Whether the resource's `deleteBeforeReplace` is set. */
    readonly deletesFirst?: boolean | undefined;
    /** Arguments that the program made secret, and that are no secrets by themselves. */
    readonly sealed?: readonly string[] | undefined;
    /** What is wrong with other connections of the program: the engine stops at the first that is refused. */
    readonly others?: readonly string[] | undefined;
}

/** Whose an object elsewhere is. */
export interface Mark {
    /** The resource, as a URN: stack, project, type and name. */
    readonly owner: string;
    /** Made anew by each create, so that a replacement and what it replaces can be told apart. */
    readonly nonce: string;
}

/** What of an object elsewhere leaves the process that has looked at it. */
export interface Seen {
    readonly facts: Values;
    readonly outputs: Values;
    readonly mark: Partial<Mark>;
    readonly memo?: Values | undefined;
}

/** What the program's side has found out of an object that is made elsewhere. */
export interface RemoteReport extends ProgramReport {
    readonly label: string;
    /** The resource's URN. */
    readonly owner: string;
    /** Whether the program made an argument secret that is none by itself. */
    readonly isSealed?: boolean | undefined;
    /** The outputs of the connection; undefined where its verification found none, or the resource takes none. */
    readonly outputs?: Values | undefined;
    /** What is wrong with a connection that was given by its arguments. */
    readonly problems: readonly Problem[];
    /** A verification that was made because this run is to write, although the connection's mode asks for none. */
    readonly verification?: VerificationResult | undefined;
    /** Why nothing could be looked at, or what was refused. */
    readonly problem?: Problem | undefined;
    /** Whether the other end was contacted, and answered. */
    readonly isAsked: boolean;
    /** The object that is there; undefined where there is none. */
    readonly seen?: Seen | undefined;
    /** What is worth telling in every run. */
    readonly warnings: readonly string[];
}

/** Reads what was handed over: undefined where there is no report of this kind, `unknown` where it is yet to come. */
export function reportIn<R extends ProgramReport>(
    declared: Values,
    isOfKind: (value: unknown) => value is R,
): R | "unknown" | undefined {
    const text = declared[PROGRAM_REPORT_INPUT];
    if (text === UNKNOWN) {
        return "unknown";
    }
    const value = typeof text === "string" ? parseJson(text) : undefined;
    return isOfKind(value) ? value : undefined;
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === "string");
const isProblem = (one: unknown): boolean =>
    isObject(one) && isProblemKind(one["kind"]) && typeof one["message"] === "string";
const areProblems = (value: unknown): boolean => Array.isArray(value) && value.every(isProblem);

const isEnd = (value: unknown): boolean => value === "never" || (typeof value === "string" && isDay(value));

const isTenant = (value: unknown): boolean =>
    isObject(value) &&
    typeof value["status"] === "string" &&
    areProblems(value["problems"]) &&
    isObject(value["outputs"]) &&
    isObject(value["checks"]) &&
    isTexts(value["warnings"]) &&
    (value["secretEnd"] === undefined || isEnd(value["secretEnd"]));

const isVerification = (value: unknown): boolean =>
    isObject(value) &&
    typeof value["verifiedAtMs"] === "number" &&
    typeof value["argsFingerprint"] === "string" &&
    Array.isArray(value["tenants"]) &&
    value["tenants"].every(isTenant);

const hasTexts = (value: object, ...names: readonly string[]): boolean =>
    names.every((name) => (value as Values)[name] === undefined || isTexts((value as Values)[name]));

// Whatever else is there is left, and the vendor checked: another version of the package may have put it there.
export const isConnectionReport = (value: unknown): value is ConnectionReport =>
    isObject(value) &&
    isVerification(value) &&
    ["always", "changes", "never"].includes(value["mode"] as string) &&
    hasTexts(value, "ignored", "others", "sealed", "secretOutputs", "replaceOn");

export const isRemoteReport = (value: unknown): value is RemoteReport =>
    isObject(value) &&
    typeof value["owner"] === "string" &&
    typeof value["label"] === "string" &&
    typeof value["isAsked"] === "boolean" &&
    areProblems(value["problems"]) &&
    (value["problem"] === undefined || isProblem(value["problem"])) &&
    (value["verification"] === undefined || isVerification(value["verification"])) &&
    hasTexts(value, "replaceOn") &&
    isTexts(value["warnings"]);
