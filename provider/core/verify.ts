// One verification: makes the calls of a declaration's `verify`, and keeps their results.
import { performance } from "node:perf_hooks";
import type {
    Account,
    Answer,
    Check,
    AnswerMeaning,
    Problem,
    RequestOptions,
    ResponseSchema,
    SchemaResult,
    SecretEnd,
    StandardSchema,
    Status,
    Token,
    Unknown,
    Values,
} from "../define/contracts";
import { isPage, isRedirect } from "../define/answers";
import type { Finding, Outcome, VerificationOf } from "../define/connection";
import type { Code } from "../messages";
import type { ConnectionType } from "./connection-type";
import type { Authorization, Authorizer } from "./credentials/authorization";
import type { ShownCredential } from "./credentials/shown";
import type { AccessToken } from "./credentials/token-cache";
import type { TokenCache } from "./credentials/token-cache";
import { answerSchemaOf } from "./field-schemas";
import type { HttpClient } from "./http/client";
import { portalAdvice } from "./http/network-problems";
import { describe, Fault, fault, isRefusal, isUnreachable, statusOf, withCode } from "./problems";
import { parseJson } from "./json";
import { nearest } from "./nearest";
import { probe } from "./probe";
import { presentOnly } from "./values";
import { mark, type Redactor } from "./redact";
import { compareScopes } from "./scopes";
import { earliestEnd, type EarliestEnd } from "./secret-ends";
import { verifyBySteps } from "./steps";

/** The findings about one tenant that the credential may be meant for. */
export interface TenantResult {
    readonly status: Status;
    readonly problems: readonly Problem[];
    /** The connection's own outputs, as far as they are known. */
    readonly outputs: Values;
    readonly account?: Account | undefined;
    readonly grantedScopes?: readonly string[] | undefined;
    readonly missingScopes?: readonly string[] | undefined;
    readonly checks: Readonly<Record<string, Check>>;
    readonly warnings: readonly string[];
    /** The argument whose secret was accepted. */
    readonly secretInUse?: string | undefined;
    /** The vendor's latest end of the shown credential: a moment in UTC, or `never`. */
    readonly secretEnd?: string | undefined;
    /** True where a call of the credential that only reads has failed: what it read before still counts. */
    readonly isUnread?: boolean | undefined;
}

/** Receives the duration of a call that decides a check, in milliseconds. */
export type CheckTimer = (check: string, milliseconds: number) => void;

/** The tools of a verification. */
export interface VerificationTools {
    readonly type: ConnectionType;
    /** The arguments, without secrets. */
    readonly values: Values;
    readonly http: HttpClient;
    readonly authorizer: Authorizer;
    readonly tokens: TokenCache;
    /** The verdict on the credential, where it is sent as it is. */
    readonly shown: ShownCredential;
    /** The same of the other way to show it. */
    readonly shownOtherwise: ShownCredential;
    /** A second credential that only reads, with the vendor's verdict on it. */
    readonly reader?: { readonly authorizer: Authorizer; readonly shown: ShownCredential } | undefined;
    /** Removes secrets from the vendor's answers. */
    readonly redactor: Redactor;
    /** The secrets by their arguments. */
    readonly secrets: Readonly<Record<string, string>>;
    readonly onCheck?: CheckTimer | undefined;
}

type AnyFinding = Finding<Record<string, never>>;
type AnyVerification = VerificationOf<Record<string, never>, string, string, string>;

/**
 * Verifies one connection: one result for each tenant that the credential may be meant for. It throws only for a bug.
 */
export async function verifyTenants(tools: VerificationTools): Promise<readonly TenantResult[]> {
    const run = new SharedRun(tools);
    const context = new Context(run);
    const { definition } = tools.type;
    const outcome = await (definition.verify?.(context.surface as never, tools.values as never) ??
        verifyBySteps(definition, context.surface, tools.values));
    const tenants = outcome instanceof Findings ? outcome.tenants : [{ context, finding: { outputs: {} } }];
    return Promise.all(tenants.map((tenant) => tenant.context.toTenantResult(tenant.finding)));
}

interface FoundTenant {
    readonly context: Context;
    readonly finding: AnyFinding;
}

/** The contents of an {@link Outcome}: the arguments of `found`, `incomplete` and `eachTenant`. */
class Findings {
    constructor(readonly tenants: readonly FoundTenant[]) {}
}

const outcomeOf = (tenants: readonly FoundTenant[]): Outcome => new Findings(tenants) as unknown as Outcome;

/** The pauses before each further access token, in seconds. */
const tokenPauses = [1, 2, 4] as const;

/** A call whose access token was refused. */
interface TokenTries {
    readonly url: string;
    readonly options: RequestOptions;
    /** The call and its answer, as the key of a verdict. */
    readonly request: string;
    readonly token: AccessToken;
    readonly answer: Answer;
}

/** The state that the tenants of one verification share: one way to show the credential. */
class SharedRun {
    /** After a refusal, and without an access token, nothing more is sent with the credential. */
    isClosed = false;
    /** The argument whose secret was accepted. */
    secretInUse: string | undefined;
    /** True where a call was answered only with the cookies of the token answer. */
    needsCookies = false;
    /** The same with the other way to show the credential. */
    readonly alternative: SharedRun | undefined;

    /** The same with the credential that only reads. */
    readonly reader: SharedRun | undefined;

    constructor(readonly tools: VerificationTools) {
        const { alternative } = tools.authorizer;
        this.reader = tools.reader && new SharedRun({ ...tools, ...tools.reader, reader: undefined });
        this.alternative =
            alternative && new SharedRun({ ...tools, authorizer: alternative, shown: tools.shownOtherwise });
    }

    async authorize(stale?: AccessToken): Promise<Authorization> {
        const { authorizer, http, redactor } = this.tools;
        const authorization = await authorizer.authorize(http, stale);
        redactor.add(authorization.secrets);
        this.secretInUse = authorization.token?.secretInUse ?? authorizer.secretArgument;
        return authorization;
    }

    /**
     * Sends a call, and again where the vendor refuses its own access token: the token may have ended early, or a node
     * does not know it yet.
     * @param isMeant True where the definition knows the meaning of such a refusal, so that only one new token is
     * tried.
     */
    async send(url: string, options: RequestOptions, isMeant: (answer: Answer) => boolean): Promise<Answer> {
        if (options.anonymous === true) {
            return this.sendWith(undefined, url, options);
        }
        const authorization = await this.authorize();
        const answer = await this.sendWith(authorization, url, options);
        const { token } = authorization;
        const request = `${answer.status} ${options.method ?? "GET"} ${url}`;
        const verdict = token && this.tools.tokens.verdictOn(token, request);
        if (token === undefined || !this.mayBeStale(answer) || verdict === "refused") {
            return answer;
        }
        if (this.isRefusal(answer) && !isMeant(answer)) {
            const tries = { url, options, request, token, answer };
            return verdict === "withCookies" || this.needsCookies
                ? this.sendWithCookies(tries)
                : this.sendWithNewTokens(tries);
        }
        const renewed = await this.authorize(token);
        const again = await this.sendWith(renewed, url, options);
        if (again.status === answer.status && renewed.token !== undefined) {
            this.tools.tokens.setVerdict(renewed.token, request, "refused");
        }
        return again;
    }

    private isRefusal(answer: Answer): boolean {
        return answer.status === 401 || this.tools.type.definition.isCredentialRefusal?.(answer) === true;
    }

    /** A vendor may also answer to an ended token that access is missing, or that nothing is there. */
    private mayBeStale(answer: Answer): boolean {
        const isRefused = [401, 403, 404].includes(answer.status) || this.isRefusal(answer);
        return isRefused && this.tools.type.definition.isScopeRefusal?.(answer) !== true;
    }

    /** Sends a refused call again with new tokens: not every node of a cluster knows one at once. */
    private async sendWithNewTokens(tries: TokenTries): Promise<Answer> {
        const { url, options } = tries;
        let { token, answer } = tries;
        const isJustGranted = performance.now() - token.grantedAt < 10_000;
        for (const seconds of isJustGranted ? tokenPauses : [0, ...tokenPauses]) {
            if (!(await this.tools.http.pause(seconds * 1000))) {
                // Another connection may have more time.
                return answer;
            }
            const renewed = await this.authorize(token);
            token = renewed.token ?? token;
            answer = await this.sendWith(renewed, url, options);
            if (!this.isRefusal(answer)) {
                return answer;
            }
        }
        return this.sendWithCookies({ ...tries, token, answer });
    }

    /** Sends a call that is refused without cookies with those of the token answer. */
    private async sendWithCookies({ url, options, request, token, answer }: TokenTries): Promise<Answer> {
        const { authorizer, http, redactor, tokens } = this.tools;
        const authorization = await authorizer.withCookies?.(http, url, token);
        redactor.add(authorization?.secrets ?? []);
        const again = authorization && (await this.sendWith(authorization, url, options));
        const isTaken = again !== undefined && !this.isRefusal(again);
        this.needsCookies ||= isTaken;
        tokens.setVerdict(token, request, isTaken ? "withCookies" : "refused");
        return isTaken ? again : answer;
    }

    private async sendWith(
        authorization: Authorization | undefined,
        url: string,
        { method = "GET", headers, body, argument }: RequestOptions,
    ): Promise<Answer> {
        const json =
            body === undefined
                ? undefined
                : { body: JSON.stringify(body), type: { "content-type": "application/json" } };
        const answer = await this.tools.http.send({
            method,
            url: authorization?.urlWith?.(url) ?? url,
            argument,
            headers: { ...headers, ...json?.type, ...authorization?.headers },
            body: json?.body,
            takesRedirects: true,
        });
        return this.tools.redactor.answer(answer);
    }
}

type Issue = NonNullable<SchemaResult<unknown>["issues"]>[number];

interface RecordedCheck {
    readonly check: Check;
    readonly problem?: Problem | undefined;
}

const severity: Readonly<Record<Check["result"], number>> = { skipped: 0, passed: 1, unknown: 2, failed: 3 };

/** The tools for one tenant; see {@link VerificationOf}. */
class Context {
    private readonly checks: Map<string, RecordedCheck>;
    /** The headers of the last answer by its check. */
    private readonly headers: Map<string, Answer["headers"]>;
    private readonly problems: Problem[];
    private readonly warnings: string[];
    private isUnread = false;
    readonly surface: AnyVerification;

    constructor(
        private readonly run: SharedRun,
        parent?: Context,
    ) {
        this.checks = new Map(parent?.checks);
        this.headers = new Map(parent?.headers);
        this.problems = [...(parent?.problems ?? [])];
        this.warnings = [...(parent?.warnings ?? [])];
        this.surface = {
            authenticate: (check) => this.authenticate(check),
            request: (check, url, schema, options) => this.request(check, url, schema, options),
            probe: (check, args) => probe(this.surface, check, args),
            fail: (check, problem) => this.fail(check, withCode(problem)),
            record: (check, result, message) => this.record(check, { check: { result, message } }),
            unknown: (check, message) => {
                this.record(check, { check: { result: "unknown", message } });
                this.surface.warn(message);
            },
            resultOf: (check) => this.checks.get(check)?.check.result ?? "skipped",
            header: (check, name) => this.header(check, name),
            secretStartsWith: (text) => this.startsSecret(text),
            entryOfSecret: (entries = [], beginning) => {
                const own = entries.filter((entry) => entry !== undefined && this.startsSecret(beginning(entry)));
                return own.length === 1 ? own[0] : undefined;
            },
            problemOf: (check) => this.checks.get(check)?.problem,
            explain: (check, problem) => this.explain(check, withCode(problem)),
            alternative: run.alternative && new Context(run.alternative).surface,
            suggest: nearest,
            warn: (message) => void (this.warnings.includes(message) || this.warnings.push(message)),
            found: (finding) => outcomeOf([{ context: this, finding }]),
            incomplete: (outputs, facts) => outcomeOf([{ context: this, finding: { outputs, ...facts } }]),
            eachTenant: async (tenants, look) => {
                const outcomes = await Promise.all(
                    tenants.map((tenant) => look(new Context(run, this).surface, tenant)),
                );
                return outcomeOf(outcomes.flatMap((outcome) => (outcome instanceof Findings ? outcome.tenants : [])));
            },
        };
    }

    private async authenticate(check: string): Promise<Token | undefined> {
        const authorization = await this.decide(check, () => this.run.authorize());
        if (authorization === undefined) {
            this.run.isClosed = true;
            return undefined;
        }
        this.pass(check);
        const { token } = authorization;
        if (token === undefined) {
            return undefined;
        }
        const { redactor } = this.run.tools;
        this.headers.set(check, redactor.value(token.headers));
        const { url, lifetimeSeconds, secretInUse } = token;
        const scopes = redactor.value(token.scopes);
        const members = redactor.value(token.members);
        return { url, lifetimeSeconds, scopes, secretInUse, members, claims: redactor.value(token.claims) };
    }

    private header(check: string, name: string): string | undefined {
        const field = name.toLowerCase();
        const value = field === "set-cookie" ? undefined : this.headers.get(check)?.[field];
        return typeof value === "object" ? value.join(", ") : value;
    }

    private async request<Value>(
        check: string | undefined,
        url: string,
        schema: ResponseSchema<Value>,
        options: RequestOptions = {},
    ): Promise<Value | undefined> {
        if (options.reader === true) {
            return this.read(check, url, schema, options);
        }
        const { authorizer, http, shown } = this.run.tools;
        if (options.anonymous === true || authorizer.tokenKey !== undefined) {
            return this.contact(check, url, schema, options);
        }
        const { first } = shown;
        if (first !== undefined) {
            const isTurn = await this.decide(check, () => http.within(first, url).then(() => true));
            if (isTurn === undefined) {
                return undefined;
            }
        }
        const requested = this.contact(check, url, schema, options);
        shown.first ??= requested.catch(() => undefined);
        return requested;
    }

    /** Makes a call with the credential that only reads: a failure is a warning. */
    private async read<Value>(
        check: string | undefined,
        url: string,
        schema: ResponseSchema<Value>,
        options: RequestOptions,
    ): Promise<Value | undefined> {
        const { reader } = this.run;
        if (reader === undefined) {
            return undefined;
        }
        const reading = new Context(reader);
        const name = check ?? "";
        const value = await reading.request(name, url, schema, { ...options, reader: false });
        for (const warning of [...reading.problems.map(describe), ...reading.warnings]) {
            this.surface.warn(warning);
        }
        this.isUnread ||= value === undefined;
        const recorded = reading.checks.get(name);
        if (recorded !== undefined) {
            const { result, message } = recorded.check;
            this.record(check, { check: { result: result === "failed" ? "unknown" : result, message } });
        }
        const headers = reading.headers.get(name);
        if (headers !== undefined) {
            this.headers.set(name, headers);
        }
        return value;
    }

    private async contact<Value>(
        check: string | undefined,
        url: string,
        schema: ResponseSchema<Value>,
        options: RequestOptions,
    ): Promise<Value | undefined> {
        const { refusal } = this.run.tools.shown;
        if (options.anonymous !== true && refusal !== undefined && check !== undefined) {
            this.fail(check, refusal);
        }
        if (options.anonymous !== true && (this.run.isClosed || refusal !== undefined)) {
            return undefined;
        }
        const { type, values } = this.run.tools;
        const argument = options.argument ?? type.argumentOfHost(url, values);
        return this.decide(check, async () => {
            const isMeant = (given: Answer): boolean => {
                const meant = meaningOf(options, given, parseJson(given.text));
                return meant !== undefined && meant !== "passed" && !("refused" in meant);
            };
            const answer = await this.run.send(url, { ...options, argument }, isMeant);
            if (check !== undefined) {
                this.headers.set(check, answer.headers);
            }
            const body = parseJson(answer.text);
            const meaning = this.meaningOf(answer, body, url, { ...options, argument });
            if (meaning === "passed") {
                this.pass(check);
                return undefined;
            }
            if (meaning !== undefined && "unknown" in meaning) {
                this.record(check, { check: { result: "unknown", message: meaning.unknown } });
                if (meaning.warns === true) {
                    this.surface.warn(meaning.unknown);
                }
                return undefined;
            }
            if (meaning !== undefined) {
                throw new Fault(this.remarked(meaning));
            }
            const parsed = await validate(schema, body);
            if (parsed.issues !== undefined) {
                const field = missingField(body, parsed.issues[0]);
                const what =
                    body === undefined
                        ? "answered with something that is not JSON"
                        : field === undefined
                          ? "answered with unexpected JSON"
                          : `does not report ${field}, which is needed`;
                throw fault(
                    "badAnswer",
                    "answer-unexpected",
                    argument,
                    `${placeOf(url)} ${what}. ${this.adviceOn(argument)}`,
                );
            }
            this.pass(check);
            return parsed.value;
        });
    }

    /** Does work that decides a check; keeps the problem of a fault, and continues. */
    private async decide<Value>(
        check: string | undefined,
        work: () => Promise<Value | undefined>,
    ): Promise<Value | undefined> {
        const startedAt = performance.now();
        try {
            return await work();
        } catch (error) {
            if (!(error instanceof Fault)) {
                throw error;
            }
            if (check !== undefined) {
                this.fail(check, error.problem);
            }
            return undefined;
        } finally {
            if (check !== undefined) {
                this.run.tools.onCheck?.(check, performance.now() - startedAt);
            }
        }
    }

    private pass(check: string | undefined): void {
        this.record(check, {
            check: { result: "passed", message: this.run.tools.type.checks[check ?? ""] ?? "" },
        });
    }

    private fail(check: string, problem: Problem): void {
        this.run.isClosed ||= isRefusal(problem);
        if (problem.kind === "credentialRefused") {
            this.run.tools.shown.refusal = problem;
        }
        const known = this.problems.find((other) => isSame(other, problem));
        if (known === undefined) {
            this.problems.push(problem);
        }
        this.record(check, {
            check: {
                result: isUnreachable(problem) ? "unknown" : "failed",
                message: problem.message,
                code: problem.code,
            },
            problem: known ?? problem,
        });
    }

    private explain(check: string, problem: Problem): void {
        const failed = [...this.checks].filter(
            ([, recorded]) => recorded.problem !== undefined && isRefusal(recorded.problem),
        );
        this.problems.splice(0, Infinity, ...this.problems.filter((other) => !isRefusal(other)));
        for (const name of [...failed.map(([name]) => name), check]) {
            this.checks.delete(name);
            this.fail(name, problem);
        }
    }

    private record(check: string | undefined, recorded: RecordedCheck): void {
        const before = this.checks.get(check ?? "");
        if (
            check !== undefined &&
            (before === undefined || severity[recorded.check.result] >= severity[before.check.result])
        ) {
            this.checks.set(check, recorded);
        }
    }

    /** A refusal with a remark about the credential that may explain it. */
    private remarked(problem: Problem): Problem {
        const { remark } = this.run.tools.authorizer;
        const isItsOwn = problem.kind === "tokenRefused" || !["rejected", "insufficient"].includes(statusOf([problem]));
        return remark === undefined || isItsOwn ? problem : { ...problem, message: `${problem.message} ${remark}` };
    }

    /** The problem in an answer. Undefined: the answer has the expected value. */
    private meaningOf(
        answer: Answer,
        body: unknown,
        url: string,
        options: RequestOptions,
    ): Problem | Unknown | "passed" | undefined {
        const meaning = meaningOf(options, answer, body);
        if (meaning !== undefined && meaning !== "passed") {
            return "refused" in meaning
                ? this.refusal(answer, url, meaning.refused)
                : "unknown" in meaning
                  ? meaning
                  : withCode(meaning);
        }
        const isNoProof = isRedirect(answer) || isPage(answer, body);
        return meaning === undefined || isNoProof ? this.classify(answer, body, url, options) : meaning;
    }

    /** @param why The part of the answer that refuses the credential, where its status does not. */
    private refusal(answer: Answer, url: string, why?: string): Problem {
        const { title, isTokenUnknown } = this.run.tools.type.definition;
        const { secretArgument, otherSecrets = [], renew, remark } = this.run.tools.authorizer;
        // A remark replaces the advice to renew, and belongs to every refusal.
        const next = remark === undefined ? ` ${renew}` : "";
        const how = why === undefined ? "" : `, ${why}`;
        const at = `${placeOf(url)} (HTTP ${answer.status}${how})`;
        const together = otherSecrets.map((name) => ` together with ${name}`).join("");
        if (this.run.tools.authorizer.tokenKey !== undefined) {
            // The secret has just got a token: an answer to the token says nothing against it.
            return isTokenUnknown?.(answer) === true
                ? {
                      kind: "serverFault",
                      code: "token-unknown",
                      message: `${new URL(url).host} has a node of ${title} that does not know the access token that another one gave out (HTTP ${answer.status}). Run again later.`,
                  }
                : {
                      kind: "tokenRefused",
                      code: "token-refused",
                      message: `${title} gave out an access token and refused it at ${at}. Run again later; if it stays so, check that this address accepts tokens of that token endpoint.`,
                  };
        }
        return {
            kind: "credentialRefused",
            code: "secret-refused",
            argument: secretArgument,
            message: `${title} refused the credential${together} at ${at}.${next}`,
        };
    }

    private classify(
        answer: Answer,
        body: unknown,
        url: string,
        { argument, anonymous }: RequestOptions,
    ): Problem | undefined {
        const { status } = answer;
        const { title, isCredentialRefusal } = this.run.tools.type.definition;
        const at = placeOf(url);
        const badAnswer = (code: Code, what: string): Problem => ({
            kind: "badAnswer",
            code,
            argument,
            message: `${at} ${what}. ${this.adviceOn(argument)}`,
        });
        if (anonymous !== true && (status === 401 || isCredentialRefusal?.(answer) === true)) {
            return this.refusal(answer, url);
        }
        if (isRedirect(answer)) {
            throw this.run.tools.http.redirected(answer, url, argument);
        }
        if (isPage(answer, body)) {
            return badAnswer("page-instead", `answered with a page of HTML (HTTP ${status})`);
        }
        if (status >= 200 && status < 300) {
            return undefined;
        }
        return status === 403
            ? {
                  kind: "accessMissing",
                  code: "access-denied",
                  message: `${title} denied this credential access to ${at} (HTTP 403). Give its account access to it.`,
              }
            : badAnswer("status-unexpected", `gave an unexpected answer (HTTP ${status})`);
    }

    /** The advice where another server seems to answer. */
    private adviceOn(argument: string | undefined): string {
        return argument === undefined
            ? portalAdvice
            : `Check that it is the address of ${this.run.tools.type.definition.title}.`;
    }

    /** The result for a tenant, with the program's scopes, without secrets that a vendor has hidden in it. */
    async toTenantResult({
        outputs: found,
        account: foundAccount,
        scopes,
        secretEnds = [],
    }: AnyFinding): Promise<TenantResult> {
        const { type, values, redactor } = this.run.tools;
        const { definition } = type;
        const compared =
            scopes === undefined || definition.scopes === undefined
                ? undefined
                : await compareScopes({ ...definition, scopes: definition.scopes }, scopes, values);
        if (compared !== undefined && definition.scopes !== undefined) {
            const { check } = definition.scopes;
            if (compared.problem === undefined) {
                this.record(check, { check: compared.check });
            } else {
                this.fail(check, compared.problem);
            }
        }
        const reported = presentOnly(found);
        const outputs = {
            ...type.derive(values),
            ...redactor.leaving({ ...type.deriveEarly(values, reported), ...reported }),
        };
        const account = foundAccount && redactor.leaving(presentOnly({ ...foundAccount }) as unknown as Account);
        this.complain(outputs, account);
        const { secretEnd, unreadable } = this.endOf([secretEnds].flat());
        const warnings = [
            ...this.warnings,
            ...(this.run.needsCookies ? [cookiesWarning(definition.title)] : []),
            ...(compared?.warnings ?? []),
            ...unreadable.map((name) => unreadableEnd(definition.title, name)),
            ...transportWarnings(values),
        ];
        return {
            status: statusOf(this.problems),
            problems: redactor.leaving(this.problems),
            outputs,
            account,
            grantedScopes: redactor.leaving(
                compared === undefined ? scopes?.granted && [...scopes.granted].sort() : compared.granted,
            ),
            missingScopes: compared === undefined ? scopes && [] : compared.missing,
            checks: redactor.leaving(reportOf(type, (name) => this.checks.get(name)?.check)),
            warnings: [...new Set(redactor.leaving(warnings))],
            secretInUse: this.run.secretInUse,
            secretEnd,
            ...(this.isUnread ? { isUnread: true } : {}),
        };
    }

    /** True for the beginning of the accepted secret, which may have been removed as a secret. */
    private startsSecret(text = ""): boolean {
        const { secretInUse = "", tools } = this.run;
        return text === mark || (text !== "" && tools.secrets[secretInUse]?.startsWith(text) === true);
    }

    /** The end of the secrets that were shown to the vendor. */
    private endOf(ends: readonly SecretEnd[]): EarliestEnd {
        const { type, authorizer } = this.run.tools;
        const [first = ""] = type.secretNames;
        return earliestEnd(
            [...ends, { at: authorizer.keyEnds }],
            [this.run.secretInUse ?? first, ...(authorizer.otherSecrets ?? [])],
        );
    }

    /**
     * Complains about findings that no declaration may have: unknown names, missing values, identifiers that hold a
     * secret.
     */
    private complain(outputs: Values, account: Account | undefined): void {
        const { type } = this.run.tools;
        const [extra] = Object.keys(outputs).filter((name) => !type.outputNames.includes(name));
        const isMissing = (name: string): boolean =>
            type.definition.outputs[name]?.presence !== "optional" &&
            type.definition.outputs[name]?.source === "verified" &&
            outputs[name] === undefined;
        const isIdentifier = (value: unknown): boolean => typeof value === "string" && value.includes(mark);
        if (extra !== undefined) {
            this.problems.push({
                kind: "internal",
                code: "definition-bug",
                message: `${type.label} found an output ${extra} that it does not declare. Report it as a bug of its definition.`,
            });
        }
        const [missing] = this.problems.length === 0 ? type.outputNames.filter(isMissing) : [];
        if (missing !== undefined) {
            this.problems.push({
                kind: "internal",
                code: "definition-bug",
                message: `${type.label} did not find its output ${missing} although all its checks passed. Report it as a bug of its definition.`,
            });
        }
        if (isIdentifier(account?.id) || isIdentifier(outputs[type.definition.tenant])) {
            this.problems.push({
                kind: "badAnswer",
                code: "secret-in-answer",
                message: `${type.definition.title} answered with an identifier that holds a secret. Check that it is the vendor's host.`,
            });
        }
    }
}

/** The meaning of an answer by the options of its call. */
function meaningOf({ classify, statuses }: RequestOptions, answer: Answer, body: unknown): AnswerMeaning | undefined {
    const isNoProof = answer.status !== 401 && isPage(answer, body);
    return classify?.(answer, body) ?? (isNoProof ? undefined : statuses?.[answer.status]);
}

/** All checks with their results, in the order of the declaration; occasional ones only where they were made. */
export function reportOf(
    { checkNames, definition }: ConnectionType,
    resultOf: (name: string) => Check | undefined,
): Readonly<Record<string, Check>> {
    const skipped: Check = { result: "skipped", message: "Not checked." };
    const isShown = (name: string): boolean =>
        resultOf(name) !== undefined || definition.occasionalChecks?.includes(name) !== true;
    return Object.fromEntries(checkNames.filter(isShown).map((name) => [name, resultOf(name) ?? skipped]));
}

const cookiesWarning = (title: string): string =>
    `${title} accepts its access tokens only together with the cookies of the token answer, and a hub sends no cookies. ` +
    "Let each node know every token, or have the load balancer choose nodes by something else.";

const unreadableEnd = (title: string, secret: string): string =>
    `${title} reports when the ${secret} ends in a form that cannot be read, so its end is not known. Declare it as expiresAt.`;

const insecure = "tls.insecureSkipVerify ";

/** True for a warning, of this release or an earlier one, that is about the arguments alone. */
export function isTransportWarning(warning: string): boolean {
    return warning.startsWith(insecure);
}

/** The warnings about the arguments alone. */
export function transportWarnings({ tls }: Values): string[] {
    const isUnsafe = (tls as { readonly insecureSkipVerify?: unknown } | undefined)?.insecureSkipVerify === true;
    const risk = "accepts any certificate, so everyone between this machine and the server can read the credential.";
    return isUnsafe ? [`${insecure}${risk} Use tls.caCertificates instead.`] : [];
}

// Calls side by side may meet the same problem, and a credential is refused everywhere.
function isSame(one: Problem, other: Problem): boolean {
    return (
        one.kind === other.kind && one.argument === other.argument && (isRefusal(one) || one.message === other.message)
    );
}

/** The field of an answer that is null or not there although it is needed; undefined where something else is wrong. */
function missingField(body: unknown, issue: Issue | undefined): string | undefined {
    const path = (issue?.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
    const value = path.reduce<unknown>(
        (at, step) => (at as Record<PropertyKey, unknown> | null | undefined)?.[step],
        body,
    );
    const name = path.at(-1);
    return typeof name === "string" && (value === undefined || value === null) ? name : undefined;
}

async function validate<Value>(schema: ResponseSchema<Value>, body: unknown): Promise<SchemaResult<Value>> {
    // zod's schemas are objects, but other libraries' may be functions with the property.
    const made =
        "~standard" in schema
            ? schema
            : typeof schema === "function"
              ? schema()
              : (answerSchemaOf(schema) as StandardSchema<Value>);
    return made["~standard"].validate(body);
}

/** Host and path of an address, without its query. */
function placeOf(url: string): string {
    const { host, pathname } = new URL(url);
    return host + pathname;
}
