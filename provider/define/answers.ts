// What an answer is, whatever it says.
import type { Answer } from "./contracts";

/**
 * Whether an answer is a page of HTML, as a sign-in, a proxy or a maintenance notice shows it in an API's place: that says nothing about a credential.
 * @param body The answer's JSON; undefined where it holds none.
 */
export function isPage({ status, headers, text }: Answer, body: unknown): boolean {
    // An answer without content may have the type that its server gives to all of them.
    const isTyped = status !== 204 && body === undefined && /html/i.test(String(headers["content-type"]));
    return isTyped || /^[\s\ufeff]*(?:<\?xml[^<>]*>\s*)?<(?:!doctype\s+html|html)\b/i.test(text);
}

/** Whether an answer leads to another address. No redirect is followed. */
export const isRedirect = ({ status }: Answer): boolean => status >= 300 && status < 400;
