// The calls to one hub, for one resource.
import { createHash } from "node:crypto";
import { isPage } from "../define/answers";
import type { Problem } from "../define/contracts";
import type { HttpClient, HttpRequest } from "../core/http/client";
import { portalAdvice } from "../core/http/network-problems";
import { parseJson } from "../core/json";
import { Fault } from "../core/problems";
import type { Session } from "../core/session";
import type { RemoteWords } from "./words";

/** Where a hub listens. */
export interface RemoteServer {
    /** Origin and path, without a trailing slash. */
    readonly url: string;
    /** The argument that names it; undefined for the hub's own. */
    readonly argument?: string | undefined;
    /** True where it may be contacted over plain http in a private network. */
    readonly allowHttp?: boolean | undefined;
}

/** A hub's answer. Its body may hold credentials; its facts leave by {@link RemoteExchange} alone. */
export interface RemoteAnswer {
    readonly status: number;
    /** The body's JSON; undefined for any other body. */
    readonly body: unknown;
    /** True for a page of HTML, which no hub's API returns. */
    readonly isPage: boolean;
}

/** One call to a hub. */
export interface RemoteCall {
    readonly method: HttpRequest["method"];
    /** Path and query, from the server's address on. */
    readonly path: string;
    /** Sent as JSON. */
    readonly body?: unknown;
    /** True where the call is not repeated once the hub may have acted on it. */
    readonly once?: boolean | undefined;
}

/** Contacts the other end. All calls share a deadline; the session's calls to one host keep to its pace. */
export class RemoteClient {
    /** A text that distinguishes keys, without the key. */
    readonly keyPrint: string;
    private readonly warned = new Set<string>();

    constructor(
        /** The state that is shared within the run: for a module that makes a call once a run. */
        readonly session: Session,
        readonly server: RemoteServer,
        private readonly http: HttpClient,
        private readonly headers: Readonly<Record<string, string>>,
        private readonly words: RemoteWords,
    ) {
        this.keyPrint = createHash("sha256").update(JSON.stringify(headers)).digest("hex");
    }

    /** Remarks for every run. */
    get warnings(): readonly string[] {
        return [...this.warned];
    }

    /** Adds a remark for every run, on the program's side: the provider's side has it already. */
    warn(message: string): void {
        this.warned.add(message);
    }

    /**
     * Sends a call.
     * @throws Fault where the hub cannot be reached, or answers with 429 or 5xx for too long.
     */
    async send({ method, path, body, once }: RemoteCall): Promise<RemoteAnswer> {
        const { url, argument } = this.server;
        const answer = await this.http.send({
            method,
            url: `${url}${path}`,
            headers: { ...this.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
            body: body === undefined ? undefined : JSON.stringify(body),
            argument,
            once,
        });
        const value = parseJson(answer.text);
        this.words.hear(value);
        return { status: answer.status, body: value, isPage: isPage(answer, value) };
    }

    /** The problem where another server answers with a page in the hub's place; undefined where it does not. */
    page({ status, isPage }: RemoteAnswer): Problem | undefined {
        const { url, argument } = this.server;
        const step = argument === undefined ? portalAdvice : "Check that it is the address of the hub's API.";
        const message = `${new URL(url).host} answered with a page of HTML (HTTP ${status}). ${step}`;
        return isPage ? { kind: "badAnswer", code: "hub-page", argument, message } : undefined;
    }

    /** A hub's text for the middle of a sentence: without secrets, and not longer than can be read. */
    quote(text: string): string {
        return this.words.quote(text);
    }
}

/**
 * Deletes an object. No document says reliably how a hub answers that: where the answer is unclear, the object's
 * existence decides.
 */
export async function takeAway(remove: () => Promise<unknown>, isThere: () => Promise<boolean>): Promise<void> {
    try {
        await remove();
    } catch (error) {
        const isUnclear = error instanceof Fault && error.problem.kind === "badAnswer";
        if (!isUnclear || (await isThere())) {
            throw error;
        }
    }
}
