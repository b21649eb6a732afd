// Drift and the results of checks: a colour, and a symbol for people who see no colours.
import type { CheckResult } from "../../define";
import type { StatusWord, Tone } from "../../core/statuses";

/** The word for a healthy connection that differs from its record. */
export const drifted: StatusWord = { symbol: "≠", word: "drifted", tone: "soon", urgency: 7 };

/** The symbol and colour of a check's result. */
export const checkWords: Readonly<Record<CheckResult, { readonly symbol: string; readonly tone: Tone | "faint" }>> = {
    passed: { symbol: "✔", tone: "good" },
    failed: { symbol: "✖", tone: "bad" },
    unknown: { symbol: "?", tone: "open" },
    skipped: { symbol: "–", tone: "faint" },
};
