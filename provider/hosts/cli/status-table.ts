// Connections for people: a table where it fits, else a few lines for each.
import { accountParts } from "./account-text";
import { basisOf, needsAttention, utcTime, wordOf, type ShownConnection } from "./stack-records";
import { oneLine, shortName, type Terminal } from "./terminal";
import { getStringWidth, longestPart, wrap, wrapParts } from "./wrap";

/** Narrower terminals get no table that does not fit as it is. */
const leastColumns = 140;
const gap = 2;
/** The longest part of a name for which a column is kept wide enough. */
const longestWhole = 24;

/** A connection in the table. */
interface TableRow extends ShownConnection {
    /** True where it is on record among others that were checked now. */
    readonly isUnchecked: boolean;
}

/** All that is shown of connections, the most urgent first. */
export function statusTable(
    connections: readonly ShownConnection[],
    stacks: readonly string[],
    terminal: Terminal,
): string {
    if (connections.length === 0) {
        return stacks.length === 0
            ? "The backend has no stacks."
            : stacks.length === 1
              ? `The stack ${shortName(stacks[0] ?? "")} has no connections.`
              : `None of the ${stacks.length} stacks has a connection.`;
    }
    const shown = connections.map((one) => ({
        ...one,
        isUnchecked: !one.live && connections.some(({ live }) => live),
    }));
    const withStack = new Set(connections.map(({ stack }) => stack)).size > 1;
    const body =
        table(shown, withStack, terminal) ??
        inGroups(
            shown,
            shown.map((one) => lines(one, withStack, terminal)),
            "\n\n",
            terminal,
        );
    const { columns, paint } = terminal;
    const heading = wrap(basisOf(connections), columns, 0).map((line) => paint("faint", line));
    return [...heading, "", body, "", ...wrap(summary(connections, terminal), columns, 0)].join("\n");
}

/** The table; undefined where the terminal is too narrow for it. */
function table(connections: readonly TableRow[], withStack: boolean, terminal: Terminal): string | undefined {
    const { columns, paint } = terminal;
    // In a pipe each connection is one line; on a terminal the next step, the day since when, and the hub have lines of
    // their own.
    const isPiped = columns === undefined;
    const isHeld = isPiped && connections.some(({ hubs }) => hubs.length > 0);
    const hasContact = isPiped && connections.some(({ contact }) => contact !== null);
    const head = ["STATUS", "NAME", ...(withStack ? ["STACK"] : []), "TYPE", "AS", "TENANT", "EXPIRES", "VERIFIED"];
    const cells = connections.map((one) => [
        isPiped ? statusText(one) : wordText(one),
        shortName(one.name),
        ...(withStack ? [shortName(one.stack)] : []),
        shortName(one.type),
        accountName(one),
        shortName((one.tenant ?? "–").replace(/^https:\/\//, "")),
        one.daysToExpiry === null ? expiryText(one) : daysText(one.daysToExpiry),
        one.verifiedAt === null ? "never" : utcTime(one.verifiedAt),
        ...(isHeld ? [hubText(one)] : []),
        ...(hasContact ? [oneLine(one.contact ?? "–")] : []),
        ...(isPiped ? [oneLine(one.next)] : []),
    ]);
    const titles = [
        ...head,
        ...(isHeld ? ["HELD BY"] : []),
        ...(hasContact ? ["CONTACT"] : []),
        ...(isPiped ? ["NEXT STEP"] : []),
    ];
    const widths = columnWidths([titles, ...cells], columns);
    if (widths === undefined) {
        return undefined;
    }
    const rows = cells.map((row, at) => {
        const one = connections[at] as TableRow;
        const shades = [wordOf(one).tone, "strong"] as const;
        const drawn = rowLines(row, widths, isPiped, (line, place) => {
            const shade = shades[place];
            return shade === undefined ? line : paint(shade, line);
        });
        return [...drawn, ...(isPiped ? [] : linesBelow(one, terminal))].join("\n");
    });
    const body = inGroups(connections, rows, "\n", terminal);
    return [...rowLines(titles, widths, isPiped, (title) => paint("faint", title)), body].join("\n");
}

const groups = [
    { title: "Needs attention", has: needsAttention },
    { title: "Needs no attention", has: (one: ShownConnection) => !needsAttention(one) },
] as const;

/** Connections as they are drawn: on a terminal in groups under headings, in a pipe as they come. */
function inGroups(
    connections: readonly ShownConnection[],
    drawn: readonly string[],
    between: string,
    { columns, paint }: Terminal,
): string {
    if (columns === undefined) {
        return drawn.join(between);
    }
    return groups
        .map(({ title, has }) => ({ title, members: drawn.filter((_, at) => has(connections[at] as ShownConnection)) }))
        .filter(({ members }) => members.length > 0)
        .map(({ title, members }) => `${paint("strong", `${title} (${members.length})`)}\n${members.join(between)}`)
        .join("\n\n");
}

/** The lines of a row: each cell broken within its column, and filled up to it. */
function rowLines(
    row: readonly string[],
    widths: readonly number[],
    isPiped: boolean,
    paint: (line: string, place: number) => string,
): string[] {
    const columns = row.map((cell, place) => (isPiped ? [cell] : wrapParts(cell, (widths[place] ?? 0) - gap)));
    const height = Math.max(...columns.map((lines) => lines.length));
    return Array.from({ length: height }, (_, at) =>
        columns
            .map((lines, place) => {
                const line = lines[at] ?? "";
                const room = " ".repeat(Math.max((widths[place] ?? 0) - getStringWidth(line), 0));
                return `${line === "" ? "" : paint(line, place)}${room}`;
            })
            .join("")
            .trimEnd(),
    );
}

/** The lines below a connection: since when, which hub has it, and the next step. */
function linesBelow(one: TableRow, { paint, columns }: Terminal): string[] {
    const facts = [
        ...(one.isUnchecked ? ["on record"] : []),
        ...(one.since === null ? [] : [sinceText(one.since)]),
        ...(one.hubs.length === 0 ? [] : [`held by ${hubText(one)}`]),
        ...contactText(one),
    ].join(", ");
    return [
        ...(facts === "" ? [] : wrap(facts, columns, 4).map((line) => paint("faint", `    ${line}`))),
        ...nextLines(one, columns),
    ];
}

const nextLines = ({ next }: ShownConnection, columns: number | undefined): string[] =>
    next === "" ? [] : wrap(oneLine(next), columns, 4).map((line, at) => `${at === 0 ? "  → " : "    "}${line}`);

/** Widths that fit the terminal, in which the widest columns give way a little; undefined where it is too narrow. */
function columnWidths(rows: readonly (readonly string[])[], columns = Infinity): number[] | undefined {
    const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => getStringWidth(row[at] ?? ""))) + gap);
    // The last column has nothing beside it.
    const total = (): number => widths.reduce((sum, width) => sum + width, 0) - gap;
    if (total() > columns && columns < leastColumns) {
        return undefined;
    }
    // A name is broken between its parts, and inside one only where that is very long.
    const least = widths.map(
        (_, at) => Math.min(Math.max(...rows.map((row) => longestPart(row[at] ?? ""))), longestWhole) + gap,
    );
    while (total() > columns) {
        const room = widths.map((width, at) => (width > (least[at] as number) ? width : 0));
        const widest = room.indexOf(Math.max(...room));
        if (room[widest] === 0) {
            return undefined;
        }
        widths[widest] = (widths[widest] as number) - 1;
    }
    return widths;
}

function lines(one: TableRow, withStack: boolean, { paint, columns }: Terminal): string {
    const facts = [
        ...(withStack ? [`stack ${shortName(one.stack)}`] : []),
        ...(one.account === null ? [] : [`as ${accountName(one)}`]),
        ...(one.tenant === null ? [] : [`at ${shortName(one.tenant)}`]),
        ...(one.expiresAt === null ? [] : [`expires ${expiryText(one)}`]),
        one.verifiedAt === null ? "never verified" : `verified ${utcTime(one.verifiedAt)}`,
        ...(one.hubs.length === 0 ? [] : [`held by ${hubText(one)}`]),
        ...contactText(one),
    ];
    const block = (text: string): string[] => wrap(text, columns, 2).map((line) => `  ${line}`);
    return [
        ...headLines(one, { paint, columns }),
        ...facts.flatMap(block).map((line) => paint("faint", line)),
        ...nextLines(one, columns),
    ].join("\n");
}

/** State, name and class on one line, or on as many as they need. */
function headLines(one: TableRow, { paint, columns = Infinity }: Pick<Terminal, "paint" | "columns">): string[] {
    const parts = [
        { text: statusText(one), shade: wordOf(one).tone },
        { text: shortName(one.name), shade: "strong" },
        { text: shortName(one.type), shade: undefined },
    ] as const;
    const found: string[] = [];
    let room = 0;
    for (const { text, shade } of parts) {
        const painted = (line: string): string => (shade === undefined ? line : paint(shade, line));
        const width = getStringWidth(text);
        if (found.length > 0 && width + gap <= room) {
            found[found.length - 1] = `${found.at(-1) ?? ""}  ${painted(text)}`;
            room -= width + gap;
        } else {
            const indent = found.length === 0 ? "" : "  ";
            const made = wrap(text, columns === Infinity ? undefined : columns, indent.length);
            found.push(...made.map((line) => `${indent}${painted(line)}`));
            room = columns - indent.length - getStringWidth(made.at(-1) ?? "");
        }
    }
    return found;
}

/** `✖ rejected`. */
function wordText(one: ShownConnection): string {
    const { symbol, word } = wordOf(one);
    return `${symbol} ${word}`;
}

const sinceText = (since: string): string => `since ${oneLine(since)}`;

/** `✖ rejected since 2026-11-20, on record`. */
const statusText = (one: TableRow): string =>
    `${wordText(one)}${one.since === null ? "" : ` ${sinceText(one.since)}`}${one.isUnchecked ? ", on record" : ""}`;

function accountName({ account }: ShownConnection): string {
    const { name, email, id } = accountParts(account);
    return shortName(name ?? email ?? id ?? "–");
}

/** `2026-11-27 (in 3 days)`. */
function expiryText({ expiresAt, daysToExpiry }: ShownConnection): string {
    if (expiresAt === null) {
        return "–";
    }
    const day = oneLine(expiresAt.slice(0, 10));
    return daysToExpiry === null ? day : `${day} (${daysText(daysToExpiry)})`;
}

/** `in 3 days`, `today`, `2 days ago`. */
export function daysText(days: number): string {
    if (days === 0) {
        return "today";
    }
    const count = days < 0 ? -days : days;
    const text = `${count} ${count === 1 ? "day" : "days"}`;
    return days < 0 ? `${text} ago` : `in ${text}`;
}

const contactText = ({ contact }: ShownConnection): readonly string[] =>
    contact === null ? [] : [`contact ${shortName(contact, 200)}`];

const hubText = ({ hubs }: ShownConnection): string =>
    hubs
        .map(({ type, name, status }) =>
            oneLine(`${type} ${shortName(name)}${status === undefined ? "" : ` (${shortName(status)})`}`),
        )
        .join(", ");

/** `5 connections: 1 rejected, 4 verified`. */
export function summary(connections: readonly ShownConnection[], { paint }: Pick<Terminal, "paint">): string {
    const counted = new Map<string, number>();
    const shown = connections.map(wordOf);
    shown.forEach(({ word }) => counted.set(word, (counted.get(word) ?? 0) + 1));
    const parts = [...new Set(shown)].map(({ word, tone }) => paint(tone, `${counted.get(word) ?? 0} ${word}`));
    return `${connections.length} ${connections.length === 1 ? "connection" : "connections"}: ${parts.join(", ")}`;
}
