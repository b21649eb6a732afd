// How a status is shown: by a colour, and by a symbol and a word for those who see none.
import type { CheckResult, Status } from "../../define";

/** What a colour stands for. */
export type Tone = "good" | "soon" | "bad" | "open";

/** How a status is shown, and how urgent it is: the least is to be looked at first. */
export interface StatusWord {
    readonly symbol: string;
    readonly word: string;
    readonly tone: Tone;
    readonly urgency: number;
}

/** The states in the order in which they need a hand. */
export const statusWords: Readonly<Record<Status, StatusWord>> = {
    rejected: { symbol: "✖", word: "rejected", tone: "bad", urgency: 0 },
    expired: { symbol: "⊘", word: "expired", tone: "bad", urgency: 1 },
    tenantChanged: { symbol: "⇄", word: "tenant changed", tone: "bad", urgency: 2 },
    insufficient: { symbol: "◐", word: "insufficient", tone: "bad", urgency: 3 },
    unsupported: { symbol: "▽", word: "unsupported", tone: "bad", urgency: 4 },
    unreachable: { symbol: "↯", word: "unreachable", tone: "open", urgency: 5 },
    unverified: { symbol: "?", word: "unverified", tone: "open", urgency: 6 },
    expiring: { symbol: "◷", word: "expiring", tone: "soon", urgency: 8 },
    verified: { symbol: "✔", word: "verified", tone: "good", urgency: 9 },
};

/** Something healthy that is no more as it was recorded. */
export const drifted: StatusWord = { symbol: "≠", word: "drifted", tone: "soon", urgency: 7 };

/** How the result of a check is shown. */
export const checkWords: Readonly<Record<CheckResult, { readonly symbol: string; readonly tone: Tone | "faint" }>> = {
    passed: { symbol: "✔", tone: "good" },
    failed: { symbol: "✖", tone: "bad" },
    unknown: { symbol: "?", tone: "open" },
    skipped: { symbol: "–", tone: "faint" },
};
