// The text in which the program's side of this host hands its report to the provider's side.
import type { DeclaredInputs, Values } from "../../define";
import { isDay } from "../../core/days";
import { parseJson } from "../../core/json";
import { isCode, isProblemKind } from "../../core/problems";
import type { ConnectionReport, RemoteReport } from "../../core/program-report";
import { UNKNOWN } from "../../core/unknown";
import { isObject, without } from "../../core/values";

/**
 * The input that carries the report, as JSON: a single text costs the engine least. It is removed again, and never
 * recorded.
 */
export const PROGRAM_REPORT_INPUT = "programResult";

/** A program's declaration, and the report that came with it: `unknown` while it is not known. */
export interface Reported {
    readonly declared: DeclaredInputs;
    readonly report: ConnectionReport | RemoteReport | "unknown" | undefined;
}

/** Separates a report from the declaration that it came with. */
export function reportOf(inputs: DeclaredInputs): Reported {
    const text = inputs[PROGRAM_REPORT_INPUT];
    const declared = without(inputs, [PROGRAM_REPORT_INPUT]);
    const value = typeof text === "string" ? parseJson(text) : undefined;
    const isReport = isConnectionReport(value) || isRemoteReport(value);
    return { declared, report: text === UNKNOWN ? "unknown" : isReport ? value : undefined };
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === "string");
const isProblem = (one: unknown): boolean =>
    isObject(one) &&
    isProblemKind(one["kind"]) &&
    typeof one["message"] === "string" &&
    (one["code"] === undefined || isCode(one["code"]));
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
const isConnectionReport = (value: unknown): value is ConnectionReport =>
    isObject(value) &&
    isVerification(value) &&
    ["always", "changes", "never"].includes(value["mode"] as string) &&
    hasTexts(value, "ignored", "others", "sealed", "secretOutputs", "replaceOn");

const isRemoteReport = (value: unknown): value is RemoteReport =>
    isObject(value) &&
    typeof value["owner"] === "string" &&
    typeof value["label"] === "string" &&
    typeof value["isChecked"] === "boolean" &&
    areProblems(value["problems"]) &&
    (value["problem"] === undefined || isProblem(value["problem"])) &&
    (value["verification"] === undefined || isVerification(value["verification"])) &&
    hasTexts(value, "replaceOn") &&
    isTexts(value["warnings"]);
