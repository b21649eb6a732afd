// The calls of one verification.
import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Undici from "undici";
import { isRedirect } from "../../define/answers";
import type { Answer } from "../../define/contracts";
import { version } from "../manifest";
import { Fault, fault } from "../problems";
import type { Endpoints } from "../settings";
import { raceAbort } from "./abort";
import { isLoopback, type AddressPolicy } from "./address-policy";
import { bodyLimit, encodingsOf, isKnownEncoding, textOf, tooLong, UnreadableBody } from "./body";
import { Dispatchers, isRefusedAddress, refusedAddress } from "./dispatchers";
import { backoff, HostQueues, TurnMissed, type HostQueue } from "./host-queue";
import { codeOf, networkProblem, portalAdvice, transientCodes } from "./network-problems";
import { proxyFor } from "./proxy";
import { callsLeft, isRateLimit, requestedPause } from "./retry-after";
import { undici } from "./undici";

/** The way to hosts: a program's `tls` and `proxyUrl`, and the networks that the connection's hosts may be in. */
export interface Transport {
    readonly caCertificates?: string | undefined;
    readonly insecureSkipVerify?: boolean | undefined;
    readonly proxyUrl?: string | undefined;
    readonly policy: AddressPolicy;
    /** The most calls under way to one host at once. */
    readonly callsAtOnce: number;
    readonly endpoints: Endpoints;
    /** True where hosts in private networks may be contacted over plain http. Default false. */
    readonly allowHttp?: boolean | undefined;
    /** True where the client respects a host's count of remaining calls (`X-RateLimit-Remaining`). Default false. */
    readonly isPaced?: boolean | undefined;
    /** Answers in place of the network, in unit tests. */
    readonly answer?: ((request: HttpRequest) => Promise<Answer>) | undefined;
}

/** The parts that the clients of one session share. */
export class HttpPool {
    readonly dispatchers = new Dispatchers();
    readonly queues = new HostQueues();
}

/** One call to a vendor. */
export interface HttpRequest {
    readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | undefined;
    /** The argument that names the host; undefined for the vendor's own. */
    readonly argument?: string | undefined;
    /** True where a redirect is an answer, because the caller may read a refusal in it. Default: it is a fault. */
    readonly takesRedirects?: boolean | undefined;
    /**
     * True where the request is not repeated once the host may have acted on it: only rate limits and failed connects
     * are retried.
     */
    readonly once?: boolean | undefined;
}

const maxAttempts = 4;
const longestConnectMs = 10_000;

const isRetried = (answer: Answer): boolean =>
    [408, 425].includes(answer.status) || answer.status >= 500 || isRateLimit(answer);

// A connection that did not come about has carried nothing.
const notConnected: ReadonlySet<string> = new Set([
    "EAI_AGAIN",
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "UND_ERR_CONNECT_TIMEOUT",
]);

const mayHaveActed = (answer: Answer | undefined, error: unknown): boolean =>
    answer === undefined ? !notConnected.has(codeOf(error)) : !isRateLimit(answer);

const wholeSeconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));

const tried = (times: number): string => (times < 2 ? "" : `, ${times} tries`);

/** The limits of a client. */
export interface ClientOptions {
    readonly seconds: number;
    /** When the deadline began to run, on the clock of `performance.now()`. Default: now. */
    readonly startedAt?: number | undefined;
    /** Ends a call before the deadline. */
    readonly signal?: AbortSignal | undefined;
    /** Removes secrets from a host's texts. */
    readonly redact: (text: string) => string;
}

/**
 * The calls of one verification, with one deadline. An answer is never a 407, 408, 425, 429, 5xx or a rate limit: those
 * are faults.
 */
export class HttpClient {
    private readonly signal: AbortSignal;
    private readonly deadline: number;
    private readonly seconds: number;
    private readonly redact: (text: string) => string;

    constructor(
        private readonly pool: HttpPool,
        private readonly transport: Transport,
        { seconds, startedAt = performance.now(), signal, redact }: ClientOptions,
    ) {
        this.seconds = seconds;
        this.redact = redact;
        this.deadline = startedAt + seconds * 1000;
        const timeout = AbortSignal.timeout(Math.max(0, Math.ceil(this.deadline - performance.now())));
        this.signal = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    }

    /** The identity of this way to a host: a token from one way is not used on another. */
    get identity(): string {
        const { caCertificates, insecureSkipVerify, proxyUrl, endpoints } = this.transport;
        return createHash("sha256")
            .update(JSON.stringify([caCertificates, insecureSkipVerify, proxyUrl, endpoints]))
            .digest("hex");
    }

    /** Waits, in milliseconds, where the deadline leaves time for a call after it: else it does not, and says so. */
    async pause(milliseconds: number): Promise<boolean> {
        if (performance.now() + milliseconds >= this.deadline) {
            return false;
        }
        return sleep(milliseconds, true, { signal: this.signal }).catch(() => false);
    }

    /** A host's text without secrets. */
    redacted(text: string): string {
        return this.redact(text);
    }

    /**
     * Sends a request and reads its answer, at most four times: connect faults, 408, 425, 429, a 403 for a rate limit, and 5xx pass.
     * @throws Fault whose message names the host and the next step.
     */
    async send(request: HttpRequest): Promise<Answer> {
        const { argument } = request;
        const vendor = new URL(request.url);
        const { target, policy } = this.target(vendor, argument);
        const proxy = this.proxyTo(target, vendor);
        const { caCertificates, insecureSkipVerify } = this.transport;
        const connectTimeoutMs = Math.min(longestConnectMs, this.seconds * 1000);
        const reach = (): Undici.Dispatcher =>
            this.pool.dispatchers.to({
                caCertificates,
                insecureSkipVerify,
                proxy,
                policy,
                connectTimeoutMs,
            });
        const queue = this.pool.queues.to(target.origin, this.transport.callsAtOnce);
        queue.enter();
        const start = performance.now();
        for (let attempt = 1; ; attempt++) {
            let answer: Answer | undefined;
            let error: unknown;
            let sent: number | undefined;
            let requested: number | undefined;
            try {
                answer = await queue.run(this.signal, this.deadline, async () => {
                    sent = performance.now();
                    const got = await this.exchange(reach, target, vendor.host, request);
                    requested = isRetried(got) ? requestedPause(got) : undefined;
                    if (this.transport.isPaced === true && isRateLimit(got)) {
                        // A host that counts in whole seconds says 0 in the last one.
                        requested = Math.max(requested ?? 0, 1000);
                    }
                    if (this.transport.isPaced === true && !isRateLimit(got)) {
                        queue.pace(callsLeft(got));
                    }
                    if (isRateLimit(got)) {
                        queue.refused(sent, requested, got.status);
                    }
                    return got;
                });
            } catch (thrown) {
                error = thrown;
            }
            if (answer !== undefined && !isRetried(answer)) {
                return this.accepted(answer, vendor, request);
            }
            const now = performance.now();
            // The reason is the event that used most of the time.
            if (
                sent === undefined ||
                (this.signal.aborted && queue.hasPausedSince(start) && sent - start > now - sent)
            ) {
                throw this.notSent(error, vendor, queue, start, attempt - 1);
            }
            // Jitter is added to the host's own pause as well, because many clients get the same moment.
            const isLimited = answer !== undefined && isRateLimit(answer);
            const pause = isLimited ? queue.rest : (requested ?? 0) + backoff(attempt);
            // A host whose pace is respected refuses only where other clients use up its calls: then the queue waits,
            // as long as there is time.
            const isOutpaced = this.transport.isPaced === true && isLimited;
            const isFinal =
                (attempt >= maxAttempts && !isOutpaced) ||
                (error !== undefined && !transientCodes.has(codeOf(error))) ||
                (request.once === true && mayHaveActed(answer, error)) ||
                pause >= this.deadline - now;
            if (isFinal || !(isOutpaced || queue.mayRetry())) {
                throw answer === undefined
                    ? this.failed(error, vendor, argument, proxy)
                    : this.refused(answer, vendor, requested, attempt);
            }
            // Where the whole queue pauses, so does this call.
            if (!isLimited) {
                await sleep(pause, undefined, { signal: this.signal }).catch((thrown: unknown) => {
                    throw this.failed(thrown, vendor, argument, proxy);
                });
            }
        }
    }

    /**
     * The result of another caller's request, as long as this deadline allows.
     * @param url The address of that request.
     * @throws Fault that names the host.
     */
    async within<T>(work: Promise<T>, url: string): Promise<T> {
        const since = performance.now();
        try {
            return await raceAbort(this.signal, work);
        } catch (error) {
            if (!this.signal.aborted || error !== this.signal.reason) {
                throw error;
            }
            const vendor = new URL(url);
            const queue = this.pool.queues.to(this.target(vendor, undefined).target.origin, this.transport.callsAtOnce);
            throw queue.hasPausedSince(since)
                ? this.notSent(error, vendor, queue, since, 0)
                : this.failed(error, vendor, undefined, undefined);
        }
    }

    private async exchange(
        reach: () => Undici.Dispatcher,
        target: URL,
        host: string,
        request: HttpRequest,
    ): Promise<Answer> {
        if (this.transport.answer !== undefined) {
            return this.transport.answer(request);
        }
        const { method, headers, body, argument } = request;
        const answering = undici().request(target, {
            dispatcher: reach(),
            method,
            headers: {
                accept: "application/json",
                "user-agent": `pulumi-connections/${version}`,
                ...headers,
                "accept-encoding": "identity",
            },
            body: body ?? null,
            signal: this.signal,
            headersTimeout: 0,
            bodyTimeout: 0,
        });
        const answer = await raceAbort(this.signal, answering, (late) =>
            late.body.on("error", () => undefined).destroy(),
        );
        const chunks: Buffer[] = [];
        let size = 0;
        const encodings = encodingsOf(answer.headers["content-encoding"]);
        const isUnknown = !encodings.every(isKnownEncoding);
        const unreadable = (what: string): Fault =>
            fault(
                "badAnswer",
                "body-unreadable",
                argument,
                `${host} answered ${what}. Check that it is the vendor's host.`,
            );
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
            size += chunk.length;
            if (size > bodyLimit || isUnknown) {
                answer.body.destroy();
                throw unreadable(isUnknown ? "with a body in an encoding that was not requested" : tooLong);
            }
            chunks.push(chunk);
        }
        const text = await textOf(Buffer.concat(chunks), encodings).catch((error: unknown) => {
            throw error instanceof UnreadableBody ? unreadable(error.message) : error;
        });
        return { status: answer.statusCode, headers: answer.headers, text };
    }

    private target(vendor: URL, argument: string | undefined): { target: URL; policy: AddressPolicy } {
        const prefix = this.transport.endpoints[vendor.origin];
        const target =
            prefix === undefined ? vendor : new URL(prefix.replace(/\/+$/, "") + vendor.pathname + vendor.search);
        const isInside = this.transport.allowHttp === true && prefix === undefined;
        if (
            target.protocol !== "https:" &&
            !isInside &&
            !(target.protocol === "http:" && isLoopback(target.hostname))
        ) {
            throw fault(
                "addressRefused",
                "plain-http",
                argument,
                `${vendor.host} would be reached over plain http, where others can read the credential. Use https.`,
            );
        }
        const policy =
            target.protocol === "http:"
                ? isInside
                    ? "inside"
                    : "loopback"
                : prefix === undefined
                  ? this.transport.policy
                  : "any";
        if (isRefusedAddress(target.hostname, policy)) {
            throw this.failed(refusedAddress(policy), vendor, argument, undefined);
        }
        return { target, policy };
    }

    private proxyTo(target: URL, vendor: URL): URL | undefined {
        try {
            return proxyFor(target, this.transport.proxyUrl);
        } catch (error) {
            throw this.failed(error, vendor, "proxyUrl", undefined);
        }
    }

    // ---- faults instead of an answer ------------------------------------------------------------------------------------------------

    /** The fault of a call that was still waiting for its turn. */
    private notSent(error: unknown, vendor: URL, queue: HostQueue, since: number, times: number): Fault {
        if (error instanceof TurnMissed && error.pause?.isNamed === true) {
            return this.mustWait(vendor, error.pause.status, error.pause.until - performance.now(), true, times);
        }
        const late = `this connection's request could not be sent within ${this.seconds} s (timeoutSeconds)`;
        if (since >= this.deadline) {
            const over = `the ${this.seconds} s of this connection (timeoutSeconds) were over before a request to ${vendor.host} began`;
            return fault(
                "timedOut",
                "deadline-passed",
                undefined,
                `${over}: calls before it took them. Run again, or increase timeoutSeconds.`,
            );
        }
        if (queue.hasPausedSince(since)) {
            const limit = `${vendor.host} has reached its rate limit (HTTP ${queue.limitStatus}${tried(times)}), and ${late}`;
            return fault(
                "rateLimited",
                "rate-limited",
                undefined,
                `${limit}. Run again later, or increase timeoutSeconds.`,
            );
        }
        const sent = `${vendor.host} is sent ${this.transport.callsAtOnce} requests at once, and ${late}`;
        return fault("timedOut", "queue-timeout", undefined, `${sent}. Increase timeoutSeconds.`);
    }

    private failed(error: unknown, vendor: URL, argument: string | undefined, proxy: URL | undefined): Fault {
        return error instanceof Fault
            ? error
            : new Fault(
                  networkProblem(error, {
                      host: vendor.host,
                      argument,
                      proxy: proxy?.host,
                      hasProxyUser: proxy !== undefined && proxy.username !== "",
                      seconds: this.seconds,
                  }),
              );
    }

    /** The fault for a redirect, which is never followed. */
    redirected({ status, headers }: Answer, url: string, argument: string | undefined): Fault {
        const vendor = new URL(url);
        const location = [headers["location"] ?? []].flat()[0];
        const offered =
            location === undefined
                ? "without an address"
                : URL.canParse(location, vendor.href)
                  ? `to ${this.redact(new URL(location, vendor).host)}`
                  : "to an invalid address";
        const step = argument === undefined ? portalAdvice : "Set the address of the server that answers itself.";
        const what = `${vendor.host} redirects ${offered} (HTTP ${status}), and no credential is sent to a redirect's target.`;
        return fault("redirected", "redirected", argument, `${what} ${step}`);
    }

    private accepted(answer: Answer, vendor: URL, { argument, takesRedirects }: HttpRequest): Answer {
        const { status } = answer;
        if (isRedirect(answer) && takesRedirects !== true) {
            throw this.redirected(answer, vendor.href, argument);
        }
        if (status === 407) {
            throw fault(
                "proxyRefused",
                "proxy-refused",
                "proxyUrl",
                "the proxy needs a user and a password (HTTP 407). Put them into proxyUrl.",
            );
        }
        return answer;
    }

    private refused(answer: Answer, vendor: URL, requested: number | undefined, attempt: number): Fault {
        const { status } = answer;
        if (requested !== undefined && requested > 0) {
            return this.mustWait(vendor, status, requested, requested >= this.deadline - performance.now(), attempt);
        }
        return isRateLimit(answer)
            ? fault(
                  "rateLimited",
                  "rate-limited",
                  undefined,
                  `${vendor.host} has reached its rate limit (HTTP ${status}${tried(attempt)}). Run again later.`,
              )
            : fault(
                  "serverFault",
                  "server-fault",
                  undefined,
                  `${vendor.host} answered with a server error (HTTP ${status}${tried(attempt)}). Run again later; see the vendor's status page.`,
              );
    }

    /** @param wait The pause in milliseconds. */
    private mustWait({ host }: URL, status: number, wait: number, isLong: boolean, times: number): Fault {
        const until = new Date(Date.now() + wait).toISOString().replace(/\.\d+Z$/, "Z");
        const late = isLong ? ", longer than timeoutSeconds allows" : "";
        const limited = `${host} says to wait until ${until}, ${wholeSeconds(wait)} s from now${late} (HTTP ${status}${tried(times)})`;
        return fault("rateLimited", "rate-limit-wait", undefined, `${limited}. Run again then.`);
    }
}
