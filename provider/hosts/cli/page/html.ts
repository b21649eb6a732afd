// Keeps text and markup apart: a template escapes every value except the markup of another template.
import { oneLine, shortName } from "../terminal";

/** Markup, made by {@link markup} alone. */
export class Markup {
    constructor(readonly text: string) {}
}

/** A value in a template. */
export type Content = Markup | string | number | readonly Content[] | undefined;

const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};

/** A name as markup, which may be broken where one would break it by hand, and is cut where it is endless. */
export const name = (text: string): Markup =>
    new Markup(escaped(shortName(text)).replace(/([@/.:_-])(?=[^\s<>&;]{3})/g, "$1<wbr />"));

/** A text as markup, on one line, without control characters and characters that change the direction of writing. */
export const escaped = (text: string): string => oneLine(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? "");

function markupOf(content: Content): string {
    if (content instanceof Markup) {
        return content.text;
    }
    if (typeof content === "string" || typeof content === "number") {
        return escaped(String(content));
    }
    return (content ?? []).map(markupOf).join("");
}

/** A template whose values are escaped. */
export function markup(texts: TemplateStringsArray, ...values: readonly Content[]): Markup {
    // The source's indentation is not part of the page.
    const plain = texts.map((text) => text.replace(/\n\s*/g, "\n"));
    return new Markup(plain.map((text, at) => text + (at < values.length ? markupOf(values[at]) : "")).join(""));
}
