// Connections for people: a table where there is room, else a few lines for each.
import Table from "cli-table3";
import type { Values } from "../../define";
import { statusWords } from "./status-words";
import { wordOf, type ShownConnection } from "./stack-records";
import { oneLine, type Terminal } from "./terminal";
import { getStringWidth, wrap } from "./wrap";

/** Narrower terminals get no table that does not fit as it is. */
const leastColumns = 140;
const gap = 2;

/** All that is shown of connections, the most urgent first. */
export function statusTable(
    connections: readonly ShownConnection[],
    stacks: readonly string[],
    terminal: Terminal,
): string {
    if (connections.length === 0) {
        const where = stacks.length === 1 ? `The stack ${stacks[0] ?? ""} has` : `${stacks.length} stacks have`;
        return `${where} no connections.`;
    }
    const withStack = new Set(connections.map(({ stack }) => stack)).size > 1;
    const body =
        table(connections, withStack, terminal) ??
        connections.map((one) => lines(one, withStack, terminal)).join("\n\n");
    return `${body}\n\n${summary(connections, terminal)}`;
}

/** The table; undefined where the terminal is too narrow for it. */
function table(connections: readonly ShownConnection[], withStack: boolean, terminal: Terminal): string | undefined {
    const { columns, paint } = terminal;
    // In a pipe each connection is one line; on a terminal what is to be done has a line of its own.
    const isPiped = columns === undefined;
    const head = ["STATUS", "NAME", ...(withStack ? ["STACK"] : []), "TYPE", "AS", "TENANT", "EXPIRES", "VERIFIED"];
    const cells = connections.map((one) => [
        statusText(one),
        oneLine(one.name),
        ...(withStack ? [oneLine(one.stack)] : []),
        one.type,
        accountText(one.account),
        oneLine((one.tenant ?? "–").replace(/^https:\/\//, "")),
        one.daysToExpiry === null ? expiryText(one) : daysText(one.daysToExpiry),
        one.verifiedAt === null ? "never" : timeText(one.verifiedAt),
        ...(isHeld(connections) ? [hubText(one)] : []),
        ...(isPiped ? [oneLine(one.next)] : []),
    ]);
    const titles = [...head, ...(isHeld(connections) ? ["HELD BY"] : []), ...(isPiped ? ["NEXT STEP"] : [])];
    const widths = columnWidths([titles, ...cells], columns);
    if (widths === undefined) {
        return undefined;
    }
    const made = new Table({
        head: titles.map((title) => paint("faint", title)),
        colWidths: widths,
        style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
        chars: noLines,
    });
    cells.forEach((row, at) => {
        const { tone } = wordOf(connections[at] as ShownConnection);
        const shades = [tone, "strong"] as const;
        made.push(
            row.map((cell, place) => {
                const shade = shades[place];
                const lines = wrap(cell, (widths[place] ?? 0) - gap, 0);
                return lines.map((line) => (shade === undefined ? line : paint(shade, line))).join("\n");
            }),
        );
        const { next } = connections[at] as ShownConnection;
        if (!isPiped && next !== "") {
            const content = wrap(oneLine(next), columns, 4).map(
                (line, place) => `${place === 0 ? "  → " : "    "}${line}`,
            );
            made.push([{ colSpan: titles.length, content: content.join("\n") }]);
        }
    });
    return made
        .toString()
        .split("\n")
        .map((line) => line.trimEnd())
        .join("\n");
}

const isHeld = (connections: readonly ShownConnection[]): boolean => connections.some(({ hubs }) => hubs.length > 0);

const edges = ["top", "bottom", "left", "right", "mid"].flatMap((edge) => [edge, `${edge}-mid`]);
const corners = ["top", "bottom"].flatMap((edge) => [`${edge}-left`, `${edge}-right`]);
const noLines = Object.fromEntries([...edges, ...corners, "middle"].map((part) => [part, ""]));

/** Widths that fit the terminal, in which the widest columns give way a little; undefined where it is too narrow. */
function columnWidths(rows: readonly (readonly string[])[], columns = Infinity): number[] | undefined {
    const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => getStringWidth(row[at] ?? ""))) + gap);
    // Nothing stands beside the last column.
    const total = (): number => widths.reduce((sum, width) => sum + width, 0) - gap;
    while (total() > columns) {
        const widest = widths.indexOf(Math.max(...widths));
        if (columns < leastColumns || (widths[widest] as number) <= 16) {
            return undefined;
        }
        widths[widest] = (widths[widest] as number) - 1;
    }
    return widths;
}

function lines(one: ShownConnection, withStack: boolean, { paint, columns }: Terminal): string {
    const facts = [
        ...(withStack ? [`stack ${oneLine(one.stack)}`] : []),
        ...(one.account === null ? [] : [`as ${accountText(one.account)}`]),
        ...(one.tenant === null ? [] : [`at ${oneLine(one.tenant)}`]),
        ...(one.expiresAt === null ? [] : [`expires ${expiryText(one)}`]),
        one.verifiedAt === null ? "never verified" : `verified ${timeText(one.verifiedAt)}`,
        ...(one.hubs.length === 0 ? [] : [`held by ${hubText(one)}`]),
    ];
    const block = (text: string): string[] => wrap(text, columns, 2).map((line) => `  ${line}`);
    return [
        `${paint(wordOf(one).tone, statusText(one))}  ${paint("strong", oneLine(one.name))}  ${one.type}`,
        ...facts.flatMap(block).map((line) => paint("faint", line)),
        ...(one.next === ""
            ? []
            : wrap(oneLine(one.next), columns, 4).map((line, at) => `${at === 0 ? "  → " : "    "}${line}`)),
    ].join("\n");
}

/** `✖ rejected since 2026-11-20`. */
function statusText(one: ShownConnection): string {
    const { symbol, word } = wordOf(one);
    return `${symbol} ${word}${one.since === null ? "" : ` since ${one.since}`}`;
}

function accountText(account: Values | string | null): string {
    if (account === null || typeof account === "string") {
        return account ?? "–";
    }
    const { name, email, id } = account as { readonly name?: string; readonly email?: string; readonly id?: string };
    return oneLine(String(name ?? email ?? id ?? "–"));
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

const timeText = (iso: string): string => oneLine(iso.slice(0, 16).replace("T", " "));

const hubText = ({ hubs }: ShownConnection): string =>
    hubs
        .map(({ type, name, status }) => oneLine(`${type} ${name}${status === undefined ? "" : ` (${status})`}`))
        .join(", ");

/** `5 connections: 1 rejected, 4 verified`. */
export function summary(connections: readonly ShownConnection[], { paint }: Pick<Terminal, "paint">): string {
    const words = [...Object.values(statusWords)];
    const counted = new Map<string, number>();
    const shown = connections.map(wordOf);
    shown.forEach(({ word }) => counted.set(word, (counted.get(word) ?? 0) + 1));
    const parts = [...new Set([...shown, ...words])]
        .filter(({ word }) => counted.has(word))
        .map(({ word, tone }) => paint(tone, `${counted.get(word) ?? 0} ${word}`));
    return `${connections.length} ${connections.length === 1 ? "connection" : "connections"}: ${parts.join(", ")}`;
}
