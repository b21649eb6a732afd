// What a program requires of scopes, held against what a credential has.
import type { Check, Problem, Values } from "../define/contracts";
import type { FoundScopes, ScopeRules } from "../define/connection";
import { nearest } from "./nearest";

/** What came of the comparison. */
export interface ComparedScopes {
    /** Undefined where the vendor does not tell. */
    readonly granted: readonly string[] | undefined;
    readonly missing: readonly string[] | undefined;
    readonly check: Check;
    readonly problem?: Problem | undefined;
    readonly warnings: readonly string[];
}

type Rules = ScopeRules<string, string>;

/** Compares what was found of scopes with what the arguments require and allow. */
export async function compareScopes(
    rules: Rules,
    title: string,
    found: FoundScopes,
    values: Values,
): Promise<ComparedScopes> {
    const declared = values[rules.required] as readonly string[] | undefined;
    const required = declared ?? rules.default ?? [];
    const { isComplete = true } = found;
    const granted = found.granted && [...new Set(found.granted)].sort();
    if (granted === undefined || !isComplete) {
        return untold(rules, title, required, granted);
    }
    const unproved = required.filter((name) => found.unproved?.includes(name));
    const missing = required.filter((name) => !granted.includes(name) && !unproved.includes(name)).sort();
    const known = unproved.length + missing.length === 0 ? [] : ((await found.known?.()) ?? []);
    const warnings = [
        ...unproved.map((name) => unprovedScope(rules, title, name, known)),
        ...surplusWarnings(rules, granted, declared, values),
    ];
    if (missing.length > 0) {
        const problem = lacking(rules, missing, granted, known);
        return { granted, missing, check: { result: "failed", message: problem.message }, problem, warnings };
    }
    const check: Check =
        unproved.length > 0
            ? { result: "unknown", message: unproved.map((name) => unprovedScope(rules, title, name, known)).join(" ") }
            : checkOf(rules, required);
    return { granted, missing, check, warnings };
}

/** The vendor does not tell all that the credential may do: that is nothing against it. */
function untold(
    rules: Rules,
    title: string,
    required: readonly string[],
    granted: readonly string[] | undefined,
): ComparedScopes {
    const { word, holder = "the credential", look } = rules;
    const open = required.filter((name) => granted?.includes(name) !== true);
    const missing = granted && [];
    if (open.length === 0) {
        return { granted, missing, check: checkOf(rules, required), warnings: [] };
    }
    const names = open.map(quoted).join(", ");
    const next = look === undefined ? "" : ` ${look}`;
    const message = `${sentenceStart(title)} does not tell which ${word}s ${holder} has, so it is not known whether it has ${names}.${next}`;
    return { granted, missing, check: { result: "unknown", message }, warnings: [message] };
}

const checkOf = ({ word }: Rules, required: readonly string[]): Check =>
    required.length === 0
        ? { result: "skipped", message: `No ${word} is required.` }
        : { result: "passed", message: `No required ${word} is missing.` };

function unprovedScope({ word }: Rules, title: string, name: string, known: readonly string[]): string {
    if (known.includes(name)) {
        return `The call that proves the ${word} ${name} was answered without what it asks for, so whether the credential has it is not known.`;
    }
    const near = nearest(name, known);
    const guess = near === undefined ? "." : `. Did you mean ${near}?`;
    return `No call proves the ${word} ${name}, and ${title} does not tell the ${word}s of this credential${guess}`;
}

function lacking(
    rules: Rules,
    missing: readonly string[],
    granted: readonly string[],
    known: readonly string[],
): Problem {
    const told = missing.map((name) => {
        const near = known.includes(name)
            ? undefined
            : nearest(name, known.length > 0 ? known : granted, rules.likeness);
        if (near === undefined) {
            return quoted(name);
        }
        return `${quoted(name)} (${known.length > 0 ? (rules.callsIt ?? "it is called") : "it has"} ${quoted(near)})`;
    });
    const message = `${rules.holder ?? "the credential"} lacks ${told.join(", ")}. ${rules.add}`;
    return { kind: "scopeMissing", argument: rules.required, message };
}

/** A title that is a word of the language, and not a name, begins a sentence in a capital letter. */
const sentenceStart = (title: string): string => title.charAt(0).toUpperCase() + title.slice(1);

/** A name of several words is set off from the sentence. */
const quoted = (name: string): string => (name.includes(" ") ? `"${name}"` : name);

/** A warning for scopes beyond those that a program requires. */
function surplusWarnings(
    rules: Rules,
    granted: readonly string[],
    required: readonly string[] | undefined,
    values: Values,
): string[] {
    const { allowed: argument, holder = "the credential", word, remove } = rules;
    if (argument === undefined || remove === undefined || required === undefined || required.length === 0) {
        return [];
    }
    const allowed = (values[argument] as readonly string[] | undefined) ?? [];
    const extra = granted.filter((name) => !required.includes(name) && !allowed.includes(name));
    if (extra.length === 0 || allowed.includes("*")) {
        return [];
    }
    return [
        `${sentenceStart(holder)} has ${word}s beyond those required: ${extra.join(", ")}. ${remove}, or name them in ${argument}.`,
    ];
}
