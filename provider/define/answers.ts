// Facts about an answer that do not depend on its vendor.
import type { Answer, RequestOptions } from "./contracts";

/**
 * True for a page of HTML, as a sign-in, a proxy or a maintenance notice shows it in place of an API. It proves nothing
 * about a credential.
 * @param body The answer's JSON; undefined where it has none.
 */
export function isPage({ status, headers, text }: Answer, body: unknown): boolean {
    // An answer without content may have the type that its server gives to all of them.
    const isTyped = status !== 204 && body === undefined && /html/i.test(String(headers["content-type"]));
    return isTyped || /^[\s\ufeff]*(?:<\?xml[^<>]*>\s*)?<(?:!doctype\s+html|html)\b/i.test(text);
}

/**
 * Options of a call that may be denied: these statuses leave its check unknown, whatever comes with them.
 * @param unknown The reason, as a sentence.
 */
export const unknownAt = (
    unknown: string,
    ...statuses: readonly number[]
): Pick<RequestOptions<never>, "classify"> => ({
    classify: ({ status }) => (statuses.includes(status) ? { unknown } : undefined),
});

/** A value of an access token's claims or members as a text; undefined where it is not a text. */
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** True for a redirect. No redirect is followed. */
export const isRedirect = ({ status }: Answer): boolean => status >= 300 && status < 400;
