// When secrets expire, as a picture: a dot for each connection, piled up where several expire at about the same time.
import { dayLength } from "../../../core/days";
import { wordOf, type ShownConnection } from "../stack-records";
import type { Tone } from "../../../core/statuses";
import { shortName } from "../terminal";
import { markup, type Markup } from "./html";

const width = 1200;
const margin = 26;
const step = 15;
const mostInPile = 12;
/** Days further away are shown at the edge. */
const furthest = { before: 120, after: 400 };

/** A connection and the mark of its row. */
export interface Dated {
    readonly connection: ShownConnection;
    readonly mark: string;
}

/** The picture; undefined where no expiry is known. */
export function timeline(all: readonly Dated[], now: Date): Markup | undefined {
    const dated = all.filter(({ connection }) => connection.daysToExpiry !== null);
    if (dated.length === 0) {
        return undefined;
    }
    const days = dated.map(({ connection }) => clamp(connection.daysToExpiry ?? 0));
    const first = Math.min(-21, ...days.map((day) => day - 7));
    const last = Math.max(90, ...days.map((day) => day + 14));
    const x = (day: number): number => margin + ((day - first) / (last - first)) * (width - 2 * margin);
    const piles = new Map<number, Dated[]>();
    dated.forEach((one, at) => {
        const place = Math.round(x(days[at] ?? 0) / step);
        piles.set(place, [...(piles.get(place) ?? []), one]);
    });
    const highest = Math.min(mostInPile, Math.max(...[...piles.values()].map((pile) => pile.length)));
    const hasMore = [...piles.values()].some((pile) => pile.length > mostInPile);
    const base = 24 + Math.max(highest, 3) * step + (hasMore ? 14 : 0);
    const height = base + 26;
    const dots = [...piles].map(([place, pile]) =>
        [...pile]
            .sort((one, other) => wordOf(one.connection).urgency - wordOf(other.connection).urgency)
            .map((one, at) => {
                const top = base - 10 - at * step;
                return at < mostInPile
                    ? dot(one, place * step, top)
                    : at === mostInPile
                      ? markup`<text x="${place * step}" y="${top + 9}" text-anchor="middle"
                            >+${pile.length - mostInPile}</text
                        >`
                      : undefined;
            }),
    );
    const today = x(0);
    const near = x(30);
    return markup`<svg viewBox="0 -6 ${width} ${height + 6}" role="img" aria-label="${description(dated)}">
        <rect class="past" x="0" y="16" width="${round(today)}" height="${base - 16}" />
        <rect class="near" x="${round(today)}" y="16" width="${round(near - today)}" height="${base - 16}" />
        <line class="axis" x1="0" x2="${width}" y1="${base}" y2="${base}" />
        ${months(first, last, now).map(({ day, text }) => markup`<line class="axis" x1="${round(x(day))}" x2="${round(x(day))}" y1="${base}" y2="${base + 5}" /><text x="${round(x(day))}" y="${base + 19}" text-anchor="middle">${text}</text>`)}
        <line class="today" x1="${round(today)}" x2="${round(today)}" y1="14" y2="${base + 5}" />
        <text class="now" x="${round(today)}" y="10" text-anchor="middle">today</text>
        <text x="${round(near)}" y="10" text-anchor="middle">30 days</text>
        ${dots}
    </svg>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const clamp = (day: number): number => Math.min(Math.max(day, -furthest.before), furthest.after);

function dot({ connection, mark }: Dated, x: number, y: number): Markup {
    const { symbol, word, tone } = wordOf(connection);
    const title = `${shortName(connection.name)}: ${symbol} ${word}, expires on ${(connection.expiresAt ?? "").slice(0, 10)}`;
    return markup`<a class="${tone}" href="#${mark}" tabindex="-1"><title>${title}</title>${shapes[tone](x, y)}</a>`;
}

/** Tones differ by shape as well as by colour. */
const shapes: Readonly<Record<Tone, (x: number, y: number) => Markup>> = {
    good: (x, y) => markup`<circle class="dot" cx="${x}" cy="${y}" r="6" />`,
    soon: (x, y) => markup`<circle class="ring" cx="${x}" cy="${y}" r="5" />`,
    bad: (x, y) => markup`<path class="dot" d="M${x} ${y - 7.5}l7.5 7.5l-7.5 7.5l-7.5 -7.5z" />`,
    open: (x, y) => markup`<rect class="ring" x="${x - 4.5}" y="${y - 4.5}" width="9" height="9" />`,
};

const toneWords: Readonly<Record<Tone, string>> = {
    bad: "does not work",
    open: "not known",
    soon: "needs attention soon",
    good: "works",
};

/** The legend of the picture's shapes. */
export function legend(connections: readonly ShownConnection[]): Markup {
    const tones = new Set(
        connections.filter(({ daysToExpiry }) => daysToExpiry !== null).map((one) => wordOf(one).tone),
    );
    const entries = (Object.keys(toneWords) as Tone[])
        .filter((tone) => tones.has(tone))
        .map(
            (tone) =>
                markup`<li class="${tone}">
                    <svg viewBox="0 0 18 18" aria-hidden="true">${shapes[tone](9, 9)}</svg>${toneWords[tone]}
                </li>`,
        );
    return markup`<ul class="legend" aria-label="Shapes">
        ${entries}
    </ul>`;
}

/** The first days of months, every third where there are many. */
function months(first: number, last: number, now: Date): readonly { readonly day: number; readonly text: string }[] {
    const every = last - first > 500 ? 3 : last - first > 250 ? 2 : 1;
    const found: { day: number; text: string }[] = [];
    for (let at = 0; at <= Math.ceil((last - first) / 28); at++) {
        const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + at + Math.floor(first / 30), 1));
        const day = (month.getTime() - now.getTime()) / dayLength;
        if (day > first && day < last && month.getUTCMonth() % every === 0) {
            const year = month.getUTCMonth() === 0 ? { year: "numeric" as const } : {};
            found.push({ day, text: month.toLocaleString("en", { month: "short", timeZone: "UTC", ...year }) });
        }
    }
    return found;
}

function description(dated: readonly Dated[]): string {
    const days = dated.map(({ connection }) => connection.daysToExpiry ?? 0);
    const past = days.filter((day) => day < 0).length;
    const soon = days.filter((day) => day >= 0 && day <= 30).length;
    return `${dated.length} secrets have a known expiry: ${past} expired, ${soon} within 30 days, ${dated.length - past - soon} later.`;
}
