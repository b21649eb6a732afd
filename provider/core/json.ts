/** The value that a JSON text has, or undefined where it has none. A byte order mark before it is no part of it (RFC 8259, section 8.1). */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
    } catch {
        return undefined;
    }
}
