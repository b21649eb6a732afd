// How drift and the results of checks are shown: by a colour, and by a symbol for those who see none.
import type { CheckResult } from "../../define";
import type { StatusWord, Tone } from "../../core/statuses";

/** Something healthy that is no more as it was recorded. */
export const drifted: StatusWord = { symbol: "≠", word: "drifted", tone: "soon", urgency: 7 };

/** How the result of a check is shown. */
export const checkWords: Readonly<Record<CheckResult, { readonly symbol: string; readonly tone: Tone | "faint" }>> = {
    passed: { symbol: "✔", tone: "good" },
    failed: { symbol: "✖", tone: "bad" },
    unknown: { symbol: "?", tone: "open" },
    skipped: { symbol: "–", tone: "faint" },
};
