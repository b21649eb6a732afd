// The scopes that a program requires, compared with those of a credential.
import type { Check, Console, FoundScopes, Problem, Values } from "../define/contracts";
import type { ScopeRules } from "../define/connection";
import { adviceOf, type Advice } from "./console";
import { nearest } from "./nearest";

/** The result of the comparison. */
export interface ComparedScopes {
    /** Undefined where the vendor does not return them. */
    readonly granted: readonly string[] | undefined;
    readonly missing: readonly string[] | undefined;
    readonly check: Check;
    readonly problem?: Problem | undefined;
    readonly warnings: readonly string[];
}

type Rules = ScopeRules<string, string>;

/** The part of a declaration that the comparison reads. */
interface Scoped {
    readonly title: string;
    readonly console?: Console | undefined;
    readonly scopes: Rules;
}

/**
 * The most edits for a hint about a mistyped name. Machine names differ by a verb, so only a typing error is worth a
 * hint.
 */
const mostEdits = (name: string): number | undefined => (name.includes(" ") ? undefined : 2);

/** Compares the found scopes with those that the arguments require and allow. */
export async function compareScopes(
    { title, console, scopes: rules }: Scoped,
    found: FoundScopes,
    values: Values,
): Promise<ComparedScopes> {
    const advice = adviceOf(title, console);
    const declared = values[rules.required] as readonly string[] | undefined;
    const required = declared ?? rules.default ?? [];
    const { isComplete = true } = found;
    const granted = found.granted && [...new Set(found.granted)].sort();
    if (granted === undefined || !isComplete) {
        return unknownScopes(rules, title, advice, required, granted);
    }
    const unproved = required.filter((name) => found.unproved?.includes(name));
    const missing = required.filter((name) => !granted.includes(name) && !unproved.includes(name)).sort();
    const known = unproved.length + missing.length === 0 ? [] : ((await found.known?.()) ?? []);
    const warnings = [
        ...unproved.map((name) => unprovedScope(rules, title, name, known)),
        ...surplusWarnings(rules, advice, granted, declared, values),
    ];
    if (missing.length > 0) {
        const problem = lacking(rules, title, advice, missing, granted, known);
        return {
            granted,
            missing,
            check: { result: "failed", message: problem.message, code: problem.code },
            problem,
            warnings,
        };
    }
    const check: Check =
        unproved.length > 0
            ? { result: "unknown", message: unproved.map((name) => unprovedScope(rules, title, name, known)).join(" ") }
            : checkOf(rules, required);
    return { granted, missing, check, warnings };
}

/** The vendor does not list all of the credential's scopes: that is nothing against it. */
function unknownScopes(
    { word, holder = "the credential" }: Rules,
    title: string,
    { seeScopes }: Advice,
    required: readonly string[],
    granted: readonly string[] | undefined,
): ComparedScopes {
    const open = required.filter((name) => granted?.includes(name) !== true);
    const missing = granted && [];
    if (open.length === 0) {
        return { granted, missing, check: checkOf({ word }, required), warnings: [] };
    }
    const names = open.map(quoted).join(", ");
    const next = seeScopes === undefined ? "" : ` ${seeScopes}`;
    const message = `${sentenceStart(title)} does not report which ${word}s ${holder} has, so it is not known whether it has ${names}.${next}`;
    return { granted, missing, check: { result: "unknown", message }, warnings: [message] };
}

const checkOf = (rules: Pick<Rules, "word">, required: readonly string[]): Check =>
    required.length === 0
        ? { result: "skipped", message: noneRequired(rules) }
        : { result: "passed", message: `No required ${rules.word} is missing.` };

/** The sentence of a comparison that was not needed. */
export const noneRequired = ({ word }: Pick<Rules, "word">): string => `No ${word} is required.`;

function unprovedScope({ word }: Rules, title: string, name: string, known: readonly string[]): string {
    if (known.includes(name)) {
        return `The call that proves the ${word} ${name} was answered without it, so whether the credential has it is not known.`;
    }
    const near = nearest(name, known);
    const guess = near === undefined ? "." : `. Did you mean ${near}?`;
    return `No call proves the ${word} ${name}, and ${title} does not report the ${word}s of this credential${guess}`;
}

function lacking(
    rules: Rules,
    title: string,
    { addScopes }: Advice,
    missing: readonly string[],
    granted: readonly string[],
    known: readonly string[],
): Problem {
    const named = missing.map((name) => {
        const near = known.includes(name)
            ? undefined
            : nearest(name, known.length > 0 ? known : granted, mostEdits(name));
        if (near === undefined) {
            return quoted(name);
        }
        return `${quoted(name)} (${known.length > 0 ? `${title} calls it` : "it has"} ${quoted(near)})`;
    });
    const message = `${rules.holder ?? "the credential"} lacks ${named.join(", ")}. ${addScopes}`;
    return { kind: "scopeMissing", code: "scope-missing", argument: rules.required, message };
}

/** A title that is a word of the language, and not a name, begins a sentence in a capital letter. */
const sentenceStart = (title: string): string => title.charAt(0).toUpperCase() + title.slice(1);

/** A name of several words is set off from the sentence. */
const quoted = (name: string): string => (name.includes(" ") ? `"${name}"` : name);

/** A warning for scopes beyond those that a program requires. */
function surplusWarnings(
    rules: Rules,
    { removeScopes }: Advice,
    granted: readonly string[],
    required: readonly string[] | undefined,
    values: Values,
): string[] {
    const { allowed: argument, holder = "the credential", word } = rules;
    if (argument === undefined || required === undefined || required.length === 0) {
        return [];
    }
    const allowed = (values[argument] as readonly string[] | undefined) ?? [];
    const extra = granted.filter((name) => !required.includes(name) && !allowed.includes(name));
    if (extra.length === 0 || allowed.includes("*")) {
        return [];
    }
    return [
        `${sentenceStart(holder)} has ${word}s beyond those required: ${extra.join(", ")}. ${removeScopes}, or name them in ${argument}.`,
    ];
}
