import type { ServerResponse } from "node:http";
import type {
    Answer,
    FaultMatch,
    InjectedFault,
    LoggedRequest,
    RequestFilter,
    RequestLog,
    VendorListener,
    VendorRequest,
} from "./vendors";

/** Which calls a trouble meets; one call without `times`. */
export type HubCalls = FaultMatch;

/** What a hub says when it refuses, in its own form. */
export interface HubRefusals {
    serverError(request: VendorRequest, status: number): Answer;
    unauthorized(request: VendorRequest): Answer;
    tooManyRequests(request: VendorRequest, retryAfterSeconds: number): Answer;
}

/** A key that a hub gave out. */
export class HubKey {
    private accepted = true;

    constructor(readonly value: string) {}

    /** Whether it has not been deleted. */
    get live(): boolean {
        return this.accepted;
    }

    /** Deletes the key: it is as unknown as any other text from here on. */
    revoke(): void {
        this.accepted = false;
    }

    /** Accepts it again. */
    restore(): void {
        this.accepted = true;
    }
}

/** The calls that write; for {@link HubCalls.method}. */
export const writes = /^(POST|PUT|PATCH|DELETE)$/;

function reply(response: ServerResponse, answer: Answer): void {
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
}

/** What a test can do to any hub from outside, beside the hub's own verbs. */
export class HubAdministration {
    constructor(
        /** Where the hub listens; it takes further faults. */
        readonly listener: VendorListener,
        private readonly log: RequestLog,
        private readonly refusals: HubRefusals,
    ) {}

    /** Every request to this hub, oldest first, with headers and bodies as they came: secrets included. */
    requests(filter: Omit<RequestFilter, "origin"> = {}): LoggedRequest[] {
        return this.log.matching({ ...filter, origin: this.listener.origin });
    }

    /** The requests in which a text stands, in the path, a header or the body, as it is or encoded as URLs and Basic do. */
    requestsWith(text: string): LoggedRequest[] {
        const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)];
        const credentials = (header: string) =>
            Buffer.from(/^basic +(.*)$/i.exec(header)?.[1] ?? "", "base64").toString("utf8");
        return this.requests().filter(({ path, headers, body }) => {
            const all = [
                path,
                body,
                ...Object.values(headers).flat().map(String),
                credentials(headers.authorization ?? ""),
            ].join("\n");
            return forms.some((form) => all.includes(form));
        });
    }

    /** Answers 500, or another status of that kind, instead of doing what was asked. */
    failNext({ status = 500, ...calls }: HubCalls & { status?: number } = {}): InjectedFault {
        return this.instead(calls, (request) => this.refusals.serverError(request, status));
    }

    /** Answers 401 as to a key that is not known. */
    refuseNext(calls: HubCalls = {}): InjectedFault {
        return this.instead(calls, (request) => this.refusals.unauthorized(request));
    }

    /** Answers 429 with `Retry-After`. */
    throttleNext({ retryAfterSeconds = 1, ...calls }: HubCalls & { retryAfterSeconds?: number } = {}): InjectedFault {
        return this.instead(calls, (request) => this.refusals.tooManyRequests(request, retryAfterSeconds));
    }

    /** Answers what the test says. */
    answerNext(answer: Answer, calls: HubCalls = {}): InjectedFault {
        return this.instead(calls, () => answer);
    }

    /** Cuts the connection when the request has come and before anything is done. */
    cutBefore(calls: HubCalls = {}): InjectedFault {
        return this.listener.fault({ times: 1, ...calls, kind: "reset" });
    }

    /** Does what was asked, then cuts the connection before a byte of the answer. */
    cutAfter(calls: HubCalls = {}): InjectedFault {
        return this.listener.fault({ times: 1, ...calls, kind: "reset", afterBytes: 0 });
    }

    /** Does what was asked, then sends half of the answer and closes. */
    cutInAnswer(calls: HubCalls = {}): InjectedFault {
        return this.listener.fault({ times: 1, ...calls, kind: "truncate" });
    }

    /** Takes the request and never answers; nothing is done. */
    hang(calls: HubCalls = {}): InjectedFault {
        return this.listener.fault({ times: 1, ...calls, kind: "hang" });
    }

    /** Answers late; does what was asked late, too. Holds until it is removed, unless `times` says otherwise. */
    slow(ms: number, calls: HubCalls = {}): InjectedFault {
        return this.listener.fault({ ...calls, kind: "latency", ms });
    }

    /** Ends all troubles. */
    clearFaults(): void {
        this.listener.clearFaults();
    }

    private instead(calls: HubCalls, answer: (request: VendorRequest) => Answer): InjectedFault {
        return this.listener.fault({
            times: 1,
            ...calls,
            kind: "handler",
            handler: (request, response) => reply(response, answer(request)),
        });
    }
}
