// Every status of a connection in one table: for updates, exit codes, pages and the last line of a run.
import type { Status } from "../define/contracts";

/** The meaning of a colour. */
export type Tone = "good" | "soon" | "bad" | "open";

/** The display of a status: a colour, and a symbol and a word for people who see no colours. */
export interface StatusWord {
    readonly symbol: string;
    readonly word: string;
    readonly tone: Tone;
    /** The least needs attention first. */
    readonly urgency: number;
}

interface StatusFacts extends StatusWord {
    /** `good`: it works. `bad`: it does not. `unreached`: the vendor could not be checked. `unchecked`: it was not to be checked. */
    readonly health: "good" | "bad" | "unreached" | "unchecked";
    /** True where the vendor's answer decides it; otherwise the calendar or the program does. */
    readonly isByVendor: boolean;
    /** The exit code of a command that shows it: 0 all is well, 1 something is wrong, 2 something is not known. */
    readonly exitCode: 0 | 1 | 2;
}

const good = { health: "good", exitCode: 0 } as const;
const bad = { health: "bad", exitCode: 1, tone: "bad" } as const;
const open = { exitCode: 2, tone: "open" } as const;

/** The facts about each status, in the order of the last line of a run. */
export const statuses: Readonly<Record<Status, StatusFacts>> = {
    verified: { ...good, isByVendor: true, word: "verified", symbol: "✔", tone: "good", urgency: 9 },
    expiring: { ...good, isByVendor: false, word: "expiring", symbol: "◷", tone: "soon", urgency: 8 },
    expired: { ...bad, isByVendor: false, word: "expired", symbol: "⊘", urgency: 1 },
    rejected: { ...bad, isByVendor: true, word: "rejected", symbol: "✖", urgency: 0 },
    insufficient: { ...bad, isByVendor: true, word: "insufficient", symbol: "◐", urgency: 3 },
    unsupported: { ...bad, isByVendor: true, word: "unsupported", symbol: "▽", urgency: 4 },
    tenantChanged: { ...bad, isByVendor: true, word: "tenant changed", symbol: "⇄", urgency: 2 },
    unreachable: { ...open, health: "unreached", isByVendor: true, word: "unreachable", symbol: "↯", urgency: 5 },
    unverified: { ...open, health: "unchecked", isByVendor: false, word: "unverified", symbol: "?", urgency: 6 },
};

/** True for a status that this version knows: a state may be a later version's. */
export function isStatus(value: unknown): value is Status {
    return typeof value === "string" && Object.hasOwn(statuses, value);
}
