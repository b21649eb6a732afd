// The calls to one hub, for one resource.
import { createHash } from "node:crypto";
import { isPage } from "../define/answers";
import type { Problem } from "../define/contracts";
import { HttpClient, type HttpRequest } from "../core/http/client";
import { portalAdvice } from "../core/http/network-problems";
import { parseJson } from "../core/json";
import { Fault } from "../core/problems";
import { mark, Redactor } from "../core/redact";
import type { Session } from "../core/session";

/** Where a hub listens. */
export interface HubServer {
    /** Origin and path, without a trailing slash. */
    readonly url: string;
    /** The argument that names it; undefined for the hub's own. */
    readonly argument?: string | undefined;
    /** Whether it may be reached over plain http in a private network. */
    readonly allowHttp?: boolean | undefined;
}

/** What a hub answered. Its body may hold credentials: of it only facts are taken, and no text of it is shown. */
export interface HubAnswer {
    readonly status: number;
    /** The body as JSON has it; undefined where it is none. */
    readonly body: unknown;
    /** Whether it is a page of HTML, which no hub's API gives. */
    readonly isPage: boolean;
}

/** One call to a hub. */
export interface HubCall {
    readonly method: HttpRequest["method"];
    /** Path and query, from the server's address on. */
    readonly path: string;
    /** Sent as JSON. */
    readonly body?: unknown;
    /** Whether the call is not to be repeated once the hub may have acted on it. */
    readonly once?: boolean | undefined;
}

/** How a client is made. */
export interface HubClientOptions {
    readonly session: Session;
    readonly server: HubServer;
    readonly headers: Readonly<Record<string, string>>;
    /** What is never shown: the key, and the secrets of the connection. */
    readonly secrets: readonly string[];
    /** Whether the hub may hold secrets that are not known here: those of a connection, where the program is not there. */
    readonly hasOtherSecrets?: boolean | undefined;
    readonly seconds: number;
    readonly callsAtOnce: number;
    readonly tls?:
        { readonly caCertificates?: string | undefined; readonly insecureSkipVerify?: boolean | undefined } | undefined;
    readonly proxyUrl?: string | undefined;
    readonly signal?: AbortSignal | undefined;
}

/** A run of characters such as a secret is, whatever it is written in. */
const unbroken = /[^\s"'`()<>,;]{12,}/g;

/** Whether a run is none of the words that people write: those have no digits, and an end. */
const couldBeSecret = (run: string): boolean => /\d/.test(run) || run.length >= 20;

/** Asks a hub. All calls share a deadline; the session's calls to the hub keep to its pace. */
export class HubClient {
    /** What is shared within the run: for a module that asks something once a run. */
    readonly session: Session;
    readonly server: HubServer;
    /** What tells keys apart, without being one. */
    readonly keyPrint: string;
    private readonly http: HttpClient;
    private readonly redactor: Redactor;
    private readonly headers: Readonly<Record<string, string>>;
    private readonly told = new Set<string>();
    private readonly hasOtherSecrets: boolean;

    constructor(options: HubClientOptions) {
        const { session, server, headers, secrets, seconds, callsAtOnce, tls, proxyUrl, signal } = options;
        this.session = session;
        this.hasOtherSecrets = options.hasOtherSecrets === true;
        this.server = server;
        this.headers = headers;
        this.keyPrint = createHash("sha256").update(JSON.stringify(headers)).digest("hex");
        this.redactor = new Redactor(secrets);
        const transport = {
            ...tls,
            proxyUrl,
            policy: server.argument === undefined ? "public" : "private",
            callsAtOnce,
            endpoints: session.settings.endpoints,
            allowHttp: server.allowHttp,
            isPaced: true,
        } as const;
        const redact = (text: string): string => this.redactor.text(text);
        this.http = new HttpClient(session.http, transport, { seconds, signal, redact });
    }

    /** What is worth telling in every run. */
    get warnings(): readonly string[] {
        return [...this.told];
    }

    /** Says what is worth telling in every run, on the program's side: the provider's has been told. */
    warn(message: string): void {
        this.told.add(message);
    }

    /**
     * Sends a call.
     * @throws Fault where the hub cannot be reached, or answers with 429 or 5xx for too long.
     */
    async send({ method, path, body, once }: HubCall): Promise<HubAnswer> {
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
        return { status: answer.status, body: value, isPage: isPage(answer, value) };
    }

    /** What it means that something else answers with a page in the hub's place; undefined where it does not. */
    page({ status, isPage }: HubAnswer): Problem | undefined {
        const { url, argument } = this.server;
        const step = argument === undefined ? portalAdvice : "Check that it is the address of the hub's API.";
        const message = `${new URL(url).host} answered with a page of HTML (HTTP ${status}). ${step}`;
        return isPage ? { kind: "badAnswer", argument, message } : undefined;
    }

    /** What a hub says of a refusal, without secrets; undefined where it may echo one that is not known here. */
    quote(text: string): string | undefined {
        return this.hasOtherSecrets ? undefined : this.redact(text);
    }

    /** What a hub says in words of its own of what it holds. Where that may be secrets that are not known here, whatever could be one is left out. */
    words(text: string): string {
        const shown = this.redact(text);
        return this.hasOtherSecrets ? shown.replace(unbroken, (run) => (couldBeSecret(run) ? mark : run)) : shown;
    }

    /** A text of the hub's without secrets, for what is short and has to be shown. */
    redact(text: string): string {
        return this.redactor.text(text);
    }

    /** Facts without secrets, at any depth. */
    facts<T>(value: T): T {
        return this.redactor.value(value);
    }

    /** Adds what must not be shown: an access token that was got meanwhile. */
    hide(...secrets: readonly string[]): void {
        this.redactor.add(secrets);
    }
}

/** Takes something away. No document shows surely what a hub answers to that: where it is not clear, it counts whether it is still there. */
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
