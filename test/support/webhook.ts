// An incoming webhook as Slack has them: strict about what it accepts, and it reads a text as Slack's mrkdwn does.
import http from "node:http";
import type { AddressInfo } from "node:net";

/** How the webhook answers in place of accepting. */
export interface OtherAnswer {
    readonly status: number;
    readonly text: string;
    readonly headers?: Record<string, string>;
}

/** An incoming webhook on this machine. */
export class Webhook {
    /** The texts that were accepted. */
    readonly texts: string[] = [];
    /** How many requests came, at whichever address. */
    requests = 0;
    /** What is answered in place of accepting. */
    answer: OtherAnswer | undefined;

    private constructor(private readonly server: http.Server) {}

    static async start(): Promise<Webhook> {
        const server = http.createServer((request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", () => {
                const { status, text, headers } = webhook.judge(request, Buffer.concat(chunks).toString("utf8"));
                response.writeHead(status, { "content-type": "text/html", ...headers }).end(text);
            });
        });
        const webhook = new Webhook(server);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return webhook;
    }

    get origin(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    get url(): string {
        return `${this.origin}${this.path}`;
    }

    readonly path = "/services/T0000/B0000/planted-webhook-secret";

    async close(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private judge({ method, url, headers }: http.IncomingMessage, body: string): OtherAnswer {
        this.requests++;
        if (this.answer !== undefined) {
            return this.answer;
        }
        if (method !== "POST" || url !== this.path) {
            return { status: 404, text: "no_service" };
        }
        let text: unknown;
        try {
            ({ text } = JSON.parse(body) as { text?: unknown });
        } catch {
            return { status: 400, text: "invalid_payload" };
        }
        if (!/^application\/json(;|$)/.test(headers["content-type"] ?? "") || typeof text !== "string") {
            return { status: 400, text: "invalid_payload" };
        }
        if (text.trim() === "") {
            return { status: 400, text: "no_text" };
        }
        this.texts.push(text);
        return { status: 200, text: "ok" };
    }
}

/** What Slack makes of a text besides letters: what stands in angle brackets, and what formatting signs enclose. */
export function formattedIn(text: string): readonly string[] {
    const brackets = text.match(/<[^>]*>/g) ?? [];
    const enclosed = [...text.matchAll(/(?<![\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu)].map(
        ([whole]) => whole,
    );
    const mentions = text.match(/(?<!\w)[@#]\w+|:[\w+-]+:|\w+:\/\/\S+/g) ?? [];
    return [...brackets, ...enclosed, ...mentions];
}

/** A text as people read it. */
export const shownBy = (text: string): string =>
    text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replaceAll("\u200b", "");
