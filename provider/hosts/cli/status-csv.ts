// Connections as a table of comma-separated values (RFC 4180), for spreadsheets.
import { describe } from "../../core/problems";
import { accountText } from "./account-text";
import type { FileKind } from "./own-file";
import type { HubResource, ShownConnection } from "./stack-records";
import { oneLine } from "./terminal";

/** The columns, by the names that `--json` uses. */
const columns = [
    "stack",
    "urn",
    "name",
    "type",
    "vendor",
    "status",
    "since",
    "account",
    "tenant",
    "expiresAt",
    "daysToExpiry",
    "verifiedAt",
    "live",
    "drift",
    "checks",
    "problems",
    "warnings",
    "hubs",
    "contact",
    "console",
    "next",
] as const satisfies readonly (keyof ShownConnection)[];

type Cell = string | number | boolean | null | readonly string[];

type CsvRow = Partial<Record<(typeof columns)[number], Cell | undefined>>;

const line = (cells: readonly string[]): string => `${cells.join(",")}\r\n`;

/** The file of `--csv`. Its first columns are the same in each version. */
export const csvFile: FileKind = {
    option: "--csv",
    noun: "table",
    start: `${columns.slice(0, 6).join(",")},`,
};

/** The table: one row for each connection, then one for each resource at a hub that holds one of them. */
export function csvOf(connections: readonly ShownConnection[]): string {
    const hubs = new Map(
        connections.flatMap(({ stack, hubs: held }) =>
            held.map((hub): [string, CsvRow] => [`${stack} ${hub.urn}`, hubRow(stack, hub)]),
        ),
    );
    const rows = [...connections.map(connectionRow), ...hubs.values()];
    return [columns, ...rows.map((row) => columns.map((name) => cell(row[name])))].map(line).join("");
}

function connectionRow(one: ShownConnection): CsvRow {
    return {
        ...one,
        account: typeof one.account === "object" && one.account !== null ? accountText(one.account) : one.account,
        checks: Object.entries(one.checks as Readonly<Record<string, { readonly result: string }>>).map(
            ([name, { result }]) => `${name}: ${result}`,
        ),
        problems: one.problems.map(describe),
        hubs: one.hubs.map(({ urn }) => urn),
    };
}

const hubRow = (stack: string, { urn, name, type, status, next, contact }: HubResource): CsvRow => {
    return { stack, urn, name, type, status, next, contact };
};

/** A cell. A spreadsheet would calculate a text that begins like a formula, so it begins with an apostrophe instead. */
function cell(value: Cell = null): string {
    const text = oneLine([value ?? ""].flat().join("; "));
    const isFormula = typeof value !== "number" && /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text);
    return isFormula || /[",]/.test(text) ? `"${isFormula ? "'" : ""}${text.replaceAll('"', '""')}"` : text;
}
