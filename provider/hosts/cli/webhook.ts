// An incoming webhook of a chat, as Slack has them: its URL is the secret that opens it.
import type { Answer, Code, Problem } from "../../define";
import { isPage } from "../../define/answers";
import { isLoopback } from "../../core/http/address-policy";
import { HttpClient, HttpPool } from "../../core/http/client";
import { parseJson } from "../../core/json";
import { Fault } from "../../core/problems";
import { objectIn } from "../../core/values";
import { unavailable, usageError, type CommandError } from "./exit-code";
import { referencedText } from "./given-arguments";

const option = "--webhook";
const seconds = 30;

/**
 * The webhook that an option refers to. Its URL is in no message, because it is a secret.
 * @param reference `env:NAME` or `file:PATH`.
 * @throws CommandError of exit code 3.
 */
export async function webhookNamed(reference: string): Promise<URL> {
    const text = await referencedText(option, reference);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
        throw usageError(
            "cli-webhook-url",
            `${option}: what it refers to is not a URL. Copy the URL of the incoming webhook again.`,
        );
    }
    if (url.protocol === "http:" && !isLoopback(url.hostname)) {
        throw usageError(
            "cli-webhook-https",
            `${option}: must start with https://: over plain http, others can read the URL, which is a secret.`,
        );
    }
    return url;
}

/**
 * Posts a message. It is sent once, and to no redirect's target.
 * @throws CommandError of exit code 2 where it was not accepted.
 */
export async function postTo(webhook: URL, text: string): Promise<void> {
    const transport = { policy: "private", callsAtOnce: 1, endpoints: {} } as const;
    const redact = (text: string): string => text.replaceAll(webhook.href, "[secret]");
    const client = new HttpClient(new HttpPool(), transport, { seconds, redact });
    try {
        const answer = await client.send({
            method: "POST",
            url: webhook.href,
            headers: { "content-type": "application/json; charset=utf-8" },
            body: JSON.stringify({ text }),
            takesRedirects: true,
            once: true,
        });
        const refusal = refusalIn(answer);
        if (refusal !== undefined) {
            throw failed(
                "cli-webhook-refused",
                webhook,
                refusal,
                "Check its URL and its channel, or make a new webhook.",
            );
        }
    } catch (error) {
        throw error instanceof Fault ? unposted(webhook, error.problem) : error;
    }
}

const failed = (code: Code, { host }: URL, cause: string, step: string): CommandError =>
    unavailable(code, `${option}: no message was posted to ${host}: ${cause}. ${step}`);

/** The error for a message without an answer. The problem's own advice is for arguments of connections. */
function unposted(webhook: URL, { kind, message }: Problem): CommandError {
    const [cause = ""] = message.replace(" (timeoutSeconds)", "").split(/\. /);
    switch (kind) {
        case "rateLimited":
            return failed("cli-webhook-limit", webhook, "it accepts no more messages for now", "Run again later.");
        case "timedOut":
        case "connectionLost":
        case "serverFault":
            return unavailable(
                "cli-webhook-unknown",
                `${option}: it is not known whether the message was posted: ${cause}. Look at the channel, and run again if it is not there.`,
            );
        default:
            return failed(
                "cli-webhook-failed",
                webhook,
                cause,
                "Check its URL, this machine's network and HTTPS_PROXY, and run again.",
            );
    }
}

/** The reason why an answer does not accept the message; undefined where it does. */
function refusalIn(answer: Answer): string | undefined {
    const { status, text } = answer;
    const body = parseJson(text);
    const { ok, success } = objectIn(body);
    // Slack says "ok" as text/html.
    if (isPage({ ...answer, headers: {} }, body)) {
        return `a page of HTML answered in its place (HTTP ${status})`;
    }
    if (status >= 300 && status < 400) {
        return `it redirects elsewhere, which is not followed (HTTP ${status})`;
    }
    // Slack's own codes have this form; anything else may repeat the URL.
    const code = /^[a-z]+(?:_[a-z]+)+$/.test(text.trim()) && text.length < 60 ? ` ${text.trim()}` : "";
    const isRefused = status < 200 || status >= 300 || ok === false || success === false;
    return isRefused ? `it was refused (HTTP ${status}${code})` : undefined;
}
