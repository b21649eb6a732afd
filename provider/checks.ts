import type { Schema } from "./connection";
import { parseJson, type Authorization, type Credential, type Token, type Tokens } from "./credential";
import { Fault, fault, kinds, type Problem } from "./errors";
import type { Http, HttpAnswer } from "./http";

/** What came of one check. */
export interface Check {
    /** `unknown`: the vendor was asked and its answer does not tell. `skipped`: it was not asked. */
    result: "passed" | "failed" | "skipped" | "unknown";
    /** One sentence. */
    message: string;
}

/** A call that proves something. */
export interface Question<T> {
    /** The check that this call decides. */
    readonly check: string;
    readonly url: string;
    readonly method?: "GET" | "POST";
    readonly headers?: Readonly<Record<string, string>>;
    /** Sent as JSON. */
    readonly body?: unknown;
    /** The argument that names the host; empty for the vendor's own. */
    readonly property?: string;
    /** Without the credential, for what a vendor tells anybody. */
    readonly anonymous?: boolean;
    /** The answer's shape: as little of it as is used. */
    readonly answer: () => Schema<T>;
    /** What a passed check proves, in one sentence. */
    readonly passed: string;
    /** What an answer means where it is not the ordinary: a problem, or `"passed"`. */
    readonly judge?: (answer: HttpAnswer, body: unknown) => Problem | "passed" | undefined;
}

/** Asks a vendor and keeps what came of it. */
export class Probe {
    private readonly results = new Map<string, Check>();
    readonly problems: Problem[] = [];
    readonly seen: Set<string>;
    /** The access token of the last call, where the credential gets one. */
    token: Token | undefined;

    constructor(
        readonly title: string,
        readonly hint: string,
        private readonly http: Http,
        private readonly tokens: Tokens,
        private readonly credential: Credential,
        seen?: Set<string>,
    ) {
        this.seen = seen ?? new Set(credential.secrets);
    }

    /** Another probe with the same credential, for one tenant of several. */
    fork(): Probe {
        const probe = new Probe(this.title, this.hint, this.http, this.tokens, this.credential, this.seen);
        probe.token = this.token;
        this.results.forEach((check, name) => probe.results.set(name, check));
        return probe;
    }

    /** Gets the access token, as a check of its own. */
    async authenticate(check: string, passed: string): Promise<Token | undefined> {
        await this.decide(check, passed, () => this.authorize());
        return this.token;
    }

    /**
     * Asks one question and records its check.
     * @returns The answer in its shape, or undefined where `judge` let something else pass.
     * @throws Fault, after it was recorded.
     */
    async ask<T>(question: Question<T>): Promise<T | undefined> {
        return this.decide(question.check, question.passed, async () => {
            const answer = await this.send(question);
            const body = parseJson(answer.text);
            const judged = question.judge?.(answer, body);
            if (judged === "passed") {
                return undefined;
            }
            const problem = judged ?? this.ordinary(answer, body, question);
            if (problem !== undefined) {
                throw new Fault(problem);
            }
            const parsed = question.answer().safeParse(body);
            if (!parsed.success) {
                const { host, pathname } = new URL(question.url);
                const what = body === undefined ? "something that is not JSON" : "JSON of another shape";
                throw fault("badAnswer", question.property ?? "", `${host}${pathname} answered with ${what}. Check that it is the address of ${this.title}.`);
            }
            return parsed.data;
        });
    }

    /** Lets a fault pass that stands on record: the questions after it are still asked. */
    async attempt<T>(work: Promise<T>): Promise<T | undefined> {
        try {
            return await work;
        } catch (error) {
            if (error instanceof Fault) {
                return undefined;
            }
            throw error;
        }
    }

    /** Records a check that needs no call of its own. */
    record(check: string, result: Check["result"], message: string): void {
        this.results.set(check, { result, message });
    }

    /** Records a check that failed. */
    fail(check: string, problem: Problem): void {
        this.note(problem);
        this.record(check, "failed", problem.message);
    }

    /** Keeps a problem, once: calls side by side may meet the same, and a credential is refused everywhere. */
    note(problem: Problem): void {
        const same = ({ kind, property, message }: Problem): boolean =>
            message === problem.message || (kind === "credentialRefused" && kind === problem.kind && property === problem.property);
        if (!this.problems.some(same)) {
            this.problems.push(problem);
        }
    }

    /** Takes the problem of a check back: the answer tells nothing about what the program requires. */
    forgive(check: string, message: string): void {
        const failed = this.results.get(check)?.message;
        const at = this.problems.findIndex((problem) => problem.message === failed);
        if (at >= 0) {
            this.problems.splice(at, 1);
        }
        this.record(check, "unknown", message);
    }

    /** The problem that a check failed with. */
    problemOf(check: string): Problem | undefined {
        const message = this.results.get(check)?.message;
        return this.problems.find((problem) => problem.message === message);
    }

    /** All checks, in the order of the connection's declaration. */
    report(names: readonly string[]): Record<string, Check> {
        const skipped: Check = { result: "skipped", message: "Not asked." };
        return Object.fromEntries(names.map((name) => [name, this.results.get(name) ?? skipped]));
    }

    private async decide<T>(check: string, passed: string, work: () => Promise<T>): Promise<T> {
        try {
            const value = await work();
            this.record(check, "passed", passed);
            return value;
        } catch (error) {
            if (error instanceof Fault) {
                this.note(error.problem);
                const { status } = kinds[error.problem.kind];
                this.record(check, status === "unreachable" ? "unknown" : "failed", error.problem.message);
            }
            throw error;
        }
    }

    private async authorize(stale?: Token): Promise<Authorization> {
        const authorization = await this.credential.authorize(this.http, this.tokens, stale);
        authorization.secrets.forEach((secret) => this.seen.add(secret));
        this.token = authorization.token;
        return authorization;
    }

    private async send<T>({ url, method = "GET", headers = {}, body, property = "", anonymous = false }: Question<T>): Promise<HttpAnswer> {
        const content = body === undefined ? {} : { body: JSON.stringify(body) };
        const type = body === undefined ? {} : { "content-type": "application/json" };
        const send = (authorization: Authorization | undefined): Promise<HttpAnswer> =>
            this.http.send({ method, url, property, headers: { ...headers, ...type, ...authorization?.headers }, ...content });
        if (anonymous) {
            return send(undefined);
        }
        const authorization = await this.authorize();
        const answer = await send(authorization);
        // A token can turn bad before its time; the vendor's word counts only against a new one.
        if (answer.status === 401 && authorization.token !== undefined && !isScopeRefusal(answer)) {
            return send(await this.authorize(authorization.token));
        }
        return answer;
    }

    private ordinary<T>({ status, headers }: HttpAnswer, body: unknown, { url, property = "" }: Question<T>): Problem | undefined {
        const { host, pathname } = new URL(url);
        const at = `${host}${pathname}`;
        if (status >= 200 && status < 300) {
            return undefined;
        }
        if (status === 401) {
            return { kind: "credentialRefused", property: this.credential.property, message: `${this.title} refused the credential at ${at} (HTTP 401). ${this.hint}` };
        }
        if (status === 403 && !(body === undefined && /html/i.test(String(headers["content-type"])))) {
            return { kind: "accessMissing", property: "", message: `${this.title} does not let this credential use ${at} (HTTP 403). Give its account access to it.` };
        }
        return { kind: "badAnswer", property, message: `${at} did not answer as ${this.title} does (HTTP ${status}). Check that it is its address.` };
    }
}

/** Whether a 401 says that a scope is missing, which a new token would not mend. */
export function isScopeRefusal({ status, headers, text }: HttpAnswer): boolean {
    return status === 401 && (headers["x-failure-category"] === "FAILURE_CLIENT_SCOPE_CHECK" || /scope does not match/i.test(text));
}
