// One line for the whole stack at the end of a run: the status of its connections, and those that need attention.
import type { Status, VerifyMode } from "../define/contracts";
import { dayLength, endOf } from "./days";
import { isGood, isUnproved } from "./problems";
import { statuses } from "./statuses";

/**
 * The status of a connection at the end of a run. `invalid`: its arguments are. `notRecorded`: its update failed.
 * `unknown`: an argument is not known yet. `awaitingPerson`: a resource at a hub waits for a person.
 */
export type FinalStatus = Status | "invalid" | "notRecorded" | "unknown" | "awaitingPerson";

/** One connection's part of the line. Copies of the package that run side by side agree on this. */
export interface SummaryEntry {
    readonly name: string;
    readonly status: FinalStatus;
    /** True where the vendor was contacted in this run, as far as a program can know. */
    readonly isChecked: boolean;
    readonly mode: VerifyMode;
    /** The end of the secret, where that is not secret itself. */
    readonly expiresAt?: string | undefined;
    /** The output with the link that an awaited person has to open. */
    readonly link?: string | undefined;
    /** True where the engine has not answered for it. */
    readonly isOpen?: boolean | undefined;
}

const namesShown = 5;

/**
 * `connections: 5 verified, 1 expires in 5 days (mdm)`.
 * @param now Milliseconds since 1970.
 */
export function summaryLine(entries: readonly SummaryEntry[], now: number): string {
    const groups = new Map<string, SummaryEntry[]>();
    const place = ({ status, isChecked: isChecked }: SummaryEntry): number =>
        order.indexOf(status) + (isChecked ? 0 : 0.5);
    for (const entry of [...entries].sort((a, b) => place(a) - place(b))) {
        const phrase = phraseOf(entry);
        groups.set(phrase, [...(groups.get(phrase) ?? []), entry]);
    }
    const parts = [...groups].map(([phrase, group]) => partOf(phrase, group, now));
    return `connections: ${parts.join(", ")}${withoutContact(entries)}`;
}

const known = Object.keys(statuses) as readonly Status[];
const order: readonly FinalStatus[] = [
    ...known.filter((status) => !isUnproved(status)),
    ...(["invalid", "notRecorded"] as const),
    ...known.filter(isUnproved),
    "unknown",
    "awaitingPerson",
];

const words: Partial<Record<FinalStatus, string>> = {
    invalid: "with invalid arguments",
    notRecorded: "not recorded",
    unknown: "not known yet",
};

/** Statuses from the calendar need no vendor, and those that were never checked are on no record. */
const neverChecked: ReadonlySet<FinalStatus> = new Set<FinalStatus>([
    ...known.filter((status) => !statuses[status].isByVendor),
    "invalid",
    "unknown",
]);

/**
 * The entries after the engine ended a run. A connection without the engine's answer may be the cause where no other
 * connection explains the end.
 */
export function atInterrupt(entries: readonly SummaryEntry[]): readonly SummaryEntry[] {
    const isExplained = connectionsAmong(entries).some(
        ({ status }) => !isGood(status) && status !== "unverified" && status !== "unknown",
    );
    return isExplained
        ? entries
        : entries.map((entry) =>
              entry.isOpen === true && isGood(entry.status) ? { ...entry, status: "notRecorded" } : entry,
          );
}

/** The entries that are not resources at a hub. */
const connectionsAmong = (entries: readonly SummaryEntry[]): readonly SummaryEntry[] =>
    entries.filter(({ status }) => status !== "awaitingPerson");

/** The entry of a resource at a hub that waits for a person. */
export const awaitingEntry = (name: string, link: string): SummaryEntry => ({
    name,
    link,
    status: "awaitingPerson",
    isChecked: true,
    mode: "always",
});

function phraseOf({ status, isChecked: isChecked }: SummaryEntry): string {
    const word = words[status] ?? status;
    return isChecked || neverChecked.has(status) ? word : `${word} on record`;
}

function partOf(phrase: string, group: readonly SummaryEntry[], now: number): string {
    const count = group.length;
    const names = group.map(({ name }) => name).sort();
    if (group[0]?.status === "expiring") {
        const whens = group.map(({ expiresAt }) => inDays(expiresAt, now));
        const isSame = new Set(whens).size === 1;
        const each = group.map(({ name }, at) => `${name} ${whens[at] ?? ""}`).sort();
        const verb = count === 1 ? "expires" : "expire";
        return `${count} ${verb} ${isSame ? (whens[0] ?? "") : "soon"} (${listed(isSame ? names : each)})`;
    }
    if (group[0]?.status === "awaitingPerson") {
        const links = group.map(({ name, link = "" }) => `${name}.${link}`).sort();
        return `${count} ${count === 1 ? "awaits" : "await"} a person (open ${listed(links)}, then run pulumi up)`;
    }
    return group[0]?.status === "verified" ? `${count} ${phrase}` : `${count} ${phrase} (${listed(names)})`;
}

function listed(names: readonly string[]): string {
    const more = names.length - namesShown;
    return more > 0 ? `${names.slice(0, namesShown).join(", ")} and ${more} more` : names.join(", ");
}

function inDays(expiresAt: string | undefined, now: number): string {
    if (expiresAt === undefined) {
        return "soon";
    }
    const days = Math.floor((endOf(expiresAt) - now) / dayLength);
    return days <= 0 ? "today" : `in ${days} day${days === 1 ? "" : "s"}`;
}

function withoutContact(entries: readonly SummaryEntry[]): string {
    const connections = connectionsAmong(entries);
    const isAnyChecked = connections.some(
        ({ isChecked: isChecked, mode, status }) => isChecked || mode === "always" || status === "invalid",
    );
    if (isAnyChecked || connections.length === 0) {
        return "";
    }
    const modes = [...new Set(connections.map(({ mode }) => mode))].sort();
    return `; no vendor was contacted${modes.includes("changes") ? " again" : ""} (verify: ${modes.join(", ")})`;
}

/** The line of a run whose handlers report their own connections. */
export class RunSummary {
    private readonly entries = new Map<string, SummaryEntry>();

    /** Notes what is known of a resource by now. */
    note(owner: string, entry: SummaryEntry): void {
        this.entries.set(owner, entry);
    }

    /** The line so far; undefined where there is nothing to report. */
    line(now: number): string | undefined {
        return this.entries.size === 0 ? undefined : summaryLine([...this.entries.values()], now);
    }
}
