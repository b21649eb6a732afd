/**
 * A ready-made suite that any definition of a connection is run through: against a real HTTP server on this machine, on the same code that runs under
 * Pulumi, and without Pulumi.
 * @packageDocumentation
 */
import type { AnyDefinition, Args, CommonArgs, Credential, SecretValue, TokenMembers, Values } from "../define";
import { ConnectionType } from "../core/connection-type";
import { beginning } from "../core/credentials/api-key";
import { dayLength, endOf } from "../core/days";
import { parseJson } from "../core/json";
import { connectionHandler } from "../core/lifecycle";
import { describe, sentenceOf } from "../core/problems";
import { secretValue } from "../core/secrets";
import type { TenantToday } from "../core/plan";
import { Session } from "../core/session";
import { verifyStandalone } from "../core/verified";
import type { TenantResult } from "../core/verify";
import { hasUnknown, UNKNOWN } from "../core/unknown";
import { another, pathsOf, textsOf, withTexts, withValue, type Path } from "./json";
import { anotherKey, isPrivateKey } from "./signed";
import { accessTokenOf, addressOf, LoopbackVendor, type Served, type VendorAnswer, type VendorAnswers } from "./vendor";

export type { VendorAnswer, VendorAnswers, VendorRequest } from "./vendor";

/** Something that is otherwise than with the valid arguments. */
export interface Change {
    /** Arguments in the place of the valid ones. */
    readonly args?: Values | undefined;
    /** Answers in the place of the ordinary ones. */
    readonly answers?: VendorAnswers | undefined;
    /**
     * Changes something in your own simulator. The function that it returns is called afterwards, to undo the change.
     */
    readonly prepare?: (() => Undo | Promise<Undo>) | undefined;
}

/** A function that restores a simulator, where something was changed. */
export type Undo = (() => void | Promise<void>) | undefined;

/** The suite's options for a vendor. Either `answers` or `simulator` is needed. */
export interface ConformanceOptions<A = Values> {
    /** Arguments that the vendor accepts: secrets by value, of 8 characters or more, which need not be real ones. */
    readonly args: A;
    /** The vendor's answers to a call with these secrets. */
    readonly answers?: VendorAnswers | undefined;
    /**
     * Your own simulator: from each of the vendor's origins to that of the simulator, `{ "https://api.acme.example":
     * "http://127.0.0.1:4010" }`.
     */
    readonly simulator?: Readonly<Record<string, string>> | undefined;
    /**
     * The vendor's answer to a call without a valid credential.
     * @default 401 with `{ "error": "invalid_client" }`
     */
    readonly refused?: VendorAnswer | undefined;
    /**
     * The change after which the program misses something: the connection then has to be `insufficient`. Default: a
     * required scope that does not exist, which may stay unknown where a vendor does not list scopes; without scopes,
     * HTTP 403 to every call except the request for an access token.
     */
    readonly insufficient?: Change | undefined;
    /** A change at the vendor that is drift. Default: each text in the answers that an output or the account holds becomes another one. */
    readonly drift?: Omit<Change, "args"> | undefined;
    /** The end of the secret in the ordinary answers: `2099-06-30T00:00:00.000Z`, or `never`. Default: any, or none. */
    readonly secretEnds?: string | undefined;
}

/** One case of the suite. */
export interface ConformanceCase {
    readonly name: string;
    /** Runs it. @throws ConformanceError where the definition does not hold. */
    readonly run: () => Promise<void>;
}

/** An error for a definition that breaks a rule, as a sentence. */
export class ConformanceError extends Error {
    constructor(message: string) {
        super(message);
        this.name = "ConformanceError";
    }
}

/**
 * The cases that every definition has to pass: accepted, unchanged, refused, insufficient, unreachable, drift, expiry,
 * planted secrets, unknown values and null answers. Each has a server of its own on this machine, and needs no network.
 * @param definition The definition, as `defineConnection` returned it.
 * @returns The cases, for any test runner.
 * @throws Error where the options contradict themselves.
 *
 * @example
 * ```ts
 * for (const { name, run } of conformance(acmeKey, { args: { key: "acme-0123456789" }, answers: { "GET https://api.acme.example/me": { body: { id: "7" } } } })) {
 *     test(name, run);
 * }
 * ```
 */
export function conformance<D extends AnyDefinition>(
    definition: D,
    options: ConformanceOptions<Args<D["args"]> & Partial<CommonArgs>>,
): readonly ConformanceCase[] {
    const suite = new Suite(definition, options);
    const sent = suite.credentialSent();
    return [
        {
            name: `accepted: valid arguments are verified${sent === undefined ? "" : ` with ${sent}`}, and every output is there`,
            run: () => suite.accepted(),
        },
        {
            name: "unchanged: what was recorded shows no change, in a preview and on refresh",
            run: () => suite.unchanged(),
        },
        {
            name: "refused: another secret is rejected, in a sentence that names its argument",
            run: () => suite.refused(),
        },
        { name: "insufficient: names what is missing", run: () => suite.insufficient() },
        {
            name: "unreachable: a vendor that cannot be checked changes nothing on record",
            run: () => suite.unreachable(),
        },
        { name: "drift: what changes at the vendor is a change", run: () => suite.drift() },
        {
            name: "expiry: what the vendor says of the secret's end is recorded, and a declared day is compared with it",
            run: () => suite.expiry(),
        },
        {
            name: "planted secrets: nothing that the vendor echoes is shown or recorded",
            run: () => suite.plantedSecrets(),
        },
        { name: "unknown values: no vendor is contacted, and no output is made up", run: () => suite.unknownValues() },
        { name: "null answers: a field that is null or not there breaks nothing", run: () => suite.nullAnswers() },
    ];
}

/**
 * A credential as it is sent, with its argument's name for the secret; undefined where a token endpoint is called
 * first.
 */
function shownCredential(credential: Credential): string | undefined {
    switch (credential.scheme) {
        case "basic":
            return `authorization: Basic [${credential.user}:${credential.password.argument} in Base64]`;
        case "bearer":
            return `authorization: Bearer [${credential.token.argument}]`;
        case "apiKey": {
            const { place, key } = credential;
            const shown = `[${key.argument}]`;
            return "header" in place
                ? `${place.header.toLowerCase()}: ${beginning(place.prefix)}${shown}`
                : `?${place.query}=${shown}`;
        }
        case "signedBearer":
            return `authorization: Bearer [a JWT that ${credential.key.argument} signs]`;
        case "headers":
            return Object.entries(credential.headers)
                .map(([name, header]) => `${name.toLowerCase()}: ${[header].flat().map(shownPart).join("")}`)
                .join(", ");
        default:
            return undefined;
    }
}

const shownPart = (part: string | SecretValue): string => (typeof part === "string" ? part : `[${part.argument}]`);

const defaultRefusal: VendorAnswer = { status: 401, body: { error: "invalid_client" } };
const json = { "content-type": "application/json" };

/** One definition with its user's facts about the vendor. */
class Suite {
    private readonly type: ConnectionType;
    private readonly secrets: readonly string[];

    constructor(
        private readonly definition: AnyDefinition,
        private readonly options: ConformanceOptions,
    ) {
        this.type = new ConnectionType(definition);
        const { args, answers, simulator } = options;
        if ((answers === undefined) === (simulator === undefined)) {
            throw new Error("conformance: give either answers or simulator.");
        }
        Object.keys(answers ?? {}).forEach(addressOf);
        const given = this.type.secretNames.flatMap((name) => (args[name] === undefined ? [] : [args[name]]));
        const isFit = (secret: unknown): secret is string => typeof secret === "string" && secret.length >= 8;
        if (given.length === 0 || !given.every(isFit)) {
            throw new Error(
                `conformance: give ${this.type.secretNames.join(", ")} in args by value, each of 8 characters or more.`,
            );
        }
        this.secrets = given;
    }

    /**
     * The way in which the definition sends its credential, without the secret; undefined where the arguments are
     * refused, or a token endpoint is called first.
     */
    credentialSent(): string | undefined {
        return this.credential && shownCredential(this.credential);
    }

    /** The credential of the valid arguments; undefined where they are refused. */
    private get credential(): Credential | undefined {
        const { args } = this.type.arguments.validate(this.options.args);
        if (args === undefined) {
            return undefined;
        }
        const secrets = this.type.secretNames.flatMap((name) => {
            const value = args.given[name];
            return typeof value === "string" ? [[name, secretValue(name, value)] as const] : [];
        });
        const values = { ...args.values, ...Object.fromEntries(secrets) };
        return this.definition.credential(values as never);
    }

    /** The names of the members in the token endpoint's answer. */
    private get members(): TokenMembers {
        const { credential } = this;
        return credential?.scheme === "clientCredentials" ? (credential.members ?? {}) : {};
    }

    // ---- the cases --------------------------------------------------------------------------------------------------------------

    accepted(): Promise<void> {
        return this.withVendor(async (vendor) => {
            const { args } = this.options;
            const tenant = await this.verify(vendor, args);
            const [missing] = vendor.unanswered;
            ensure(missing === undefined, `the definition calls ${missing ?? ""}, which answers does not have.`);
            ensure(
                tenant.status === "verified",
                `with the valid arguments the connection is ${tenant.status}. ${tenant.problems.map(describe).join(" ")}`,
            );
            const once = this.type.arguments.validate(args).args?.given ?? {};
            const twice = this.type.arguments.validate(once).args?.given;
            ensure(
                JSON.stringify(once) === JSON.stringify(twice),
                "arguments that were validated once come out otherwise the second time. Make each field's parse leave its own result as it is.",
            );
            for (const [name, { source, presence }] of Object.entries(this.definition.outputs)) {
                ensure(
                    presence === "optional" || tenant.outputs[name] !== undefined,
                    `the output ${name} has no value. ${source === "derived" ? "Return it from derive" : "Give it to vendor.found"}, or declare it as optional.`,
                );
            }
            requireWords(tenant);
        });
    }

    unchanged(): Promise<void> {
        return this.withVendor(async (vendor) => {
            const state = await this.record(vendor);
            ensure(
                !(await this.isChanged(vendor, state, await this.preview(vendor, state))),
                "a second preview shows a change although nothing has changed. Look for an output that is another one in each verification.",
            );
            ensure(
                !(await this.isChanged(vendor, state, await this.refresh(vendor, state))),
                "a refresh shows a change although nothing has changed. Look for an output that is another one in each verification.",
            );
        });
    }

    refused(): Promise<void> {
        return this.withVendor(async (vendor) => {
            const { args } = this.options;
            const wrong = Object.fromEntries(
                this.type.secretNames.flatMap((name) => {
                    const secret = args[name];
                    return typeof secret === "string" ? [[name, anotherSecret(secret)]] : [];
                }),
            );
            const { status, problems } = await this.verify(vendor, { ...args, ...wrong });
            const [problem] = problems.filter(({ kind }) => kind === "credentialRefused");
            const message = problem === undefined ? "" : sentenceOf(problem);
            ensure(
                status === "rejected",
                `with another secret the connection is ${status}, and has to be rejected. ${problems.map(describe).join(" ")}`,
            );
            ensure(
                problem?.argument !== undefined && this.type.argumentNames.includes(problem.argument),
                `the refusal names no argument: ${message}`,
            );
            ensure(
                /\. \S.*\.$/s.test(message),
                `the refusal names no next step: ${message} Say in the secret's where or renew where a new one is made.`,
            );
            requireWithout(JSON.stringify(problems), [...this.secrets, ...Object.values(wrong)], "the refusal");
        });
    }

    insufficient(): Promise<void> {
        const { insufficient } = this.options;
        const { scopes } = this.definition;
        if (insufficient !== undefined) {
            return this.withChange(insufficient, async (vendor, args) => {
                const { status, problems } = await this.verify(vendor, args);
                ensure(
                    status === "insufficient",
                    `the connection is ${status}, and has to be insufficient. ${problems.map(describe).join(" ")}`,
                );
            });
        }
        if (scopes !== undefined) {
            const args = { [scopes.required]: ["conformance:missing"] };
            return this.withChange({ args }, async (vendor, changed) => {
                const { status, missingScopes = [], checks, problems } = await this.verify(vendor, changed);
                const isReported = status === "insufficient" && missingScopes.includes("conformance:missing");
                ensure(
                    isReported || checks[scopes.check]?.result === "unknown",
                    `with a required ${scopes.word} that the credential has not, the connection is ${status}, and has to be insufficient, or the check ${scopes.check} unknown. ${problems.map(describe).join(" ")}`,
                );
            });
        }
        return this.withVendor(async (vendor) => {
            vendor.change = (answer, place) =>
                this.isTokenAnswer(parseJson(answer.text))
                    ? answer
                    : { status: 403, headers: json, text: `{"at":"${place}"}` };
            const { status, checks } = await this.verify(vendor, this.options.args);
            const isDoubted = Object.values(checks).some(({ result }) => result === "unknown");
            ensure(
                status === "insufficient" || status === "rejected" || (status === "verified" && isDoubted),
                `where the vendor answers everything with HTTP 403, the connection is ${status}. Make it insufficient, or a check unknown.`,
            );
        });
    }

    unreachable(): Promise<void> {
        return this.withVendor(async (vendor) => {
            const state = await this.record(vendor);
            const busy = { "retry-after": "3600" };
            const faults: readonly (readonly [string, Served | undefined])[] = [
                ["answers with HTTP 429", { status: 429, headers: { ...json, ...busy }, text: "{}" }],
                [
                    "answers with a page of maintenance",
                    { status: 503, headers: busy, text: "<html>Maintenance</html>" },
                ],
                ["ends each connection", undefined],
            ];
            for (const [what, answer] of faults) {
                vendor.change = () => answer;
                const { status } = await this.verify(vendor, this.options.args);
                ensure(
                    status === "unreachable",
                    `where the vendor ${what}, the connection is ${status}, and has to be unreachable.`,
                );
                const after = await this.refresh(vendor, state);
                ensure(
                    !(await this.isChanged(vendor, state, after)),
                    `where the vendor ${what}, a refresh changes what is on record.`,
                );
            }
        });
    }

    async drift(): Promise<void> {
        const { drift } = this.options;
        await this.withVendor(async (vendor) => {
            const state = await this.record(vendor);
            const facts = this.factsOf(state, vendor);
            const isReported = Object.values(this.definition.outputs).some(({ source }) => source === "verified");
            ensure(
                facts.length > 0 || drift !== undefined || !isReported,
                "no output and no account holds a text of the answers. Say with drift what may change at the vendor.",
            );
            for (const fact of facts) {
                const moved = (text: string): string => (text === fact ? another(fact) : text);
                vendor.change = inOrder(
                    edited((body) => withTexts(body, moved)),
                    withHeaders(moved),
                );
                const after = await this.refresh(vendor, state);
                ensure(
                    after["status"] === "unreachable" || (await this.isChanged(vendor, state, after)),
                    `the vendor reports ${another(fact)} and not ${fact} any more, and nothing shows it.`,
                );
            }
        });
        if (drift !== undefined) {
            let state: Values = {};
            await this.withVendor(async (vendor) => {
                state = await this.record(vendor);
            });
            await this.withChange(drift, async (vendor) => {
                const after = await this.refresh(vendor, state);
                ensure(await this.isChanged(vendor, state, after), "the change that drift makes shows nowhere.");
            });
        }
    }

    expiry(): Promise<void> {
        return this.withVendor(async (vendor) => {
            const { args, secretEnds } = this.options;
            const { expiresAt: _, ...undated } = args;
            const { secretExpiresAt, secretExpirySource } = await this.verify(vendor, undated);
            const reported = secretExpirySource === "never" ? secretExpirySource : secretExpiresAt;
            ensure(
                secretEnds === undefined || reported === secretEnds,
                `the end of the secret is ${reported ?? "untold"}, and the vendor's answers say ${secretEnds ?? ""}. Give it to found as secretEnds.`,
            );
            const declaredDay = anotherDay(reported);
            const dated = await this.verify(vendor, { ...undated, expiresAt: declaredDay, warnBeforeDays: 0 });
            const known = reported === undefined ? "declared" : secretExpirySource;
            ensure(
                dated.secretExpirySource === known &&
                    (reported === undefined || dated.secretExpiresAt === secretExpiresAt),
                `with expiresAt, the end of the secret is known as ${dated.secretExpirySource ?? "untold"}, and has to be ${known ?? ""}. Report the same end in each verification.`,
            );
            ensure(
                reported === undefined || dated.warnings.some((warning) => warning.includes(declaredDay)),
                "no warning names the declared day, which is another one than the vendor reports.",
            );
        });
    }

    plantedSecrets(): Promise<void> {
        return this.withVendor(async (vendor) => {
            await this.verify(vendor, this.options.args);
            const planted = this.secrets.flatMap(formsOf);
            const echo = planted.join(" ");
            const look = async (what: string): Promise<void> => {
                const hidden = [...planted, ...vendor.tokens];
                requireWithout(JSON.stringify(await this.verify(vendor, this.options.args)), hidden, what);
            };
            for (const form of planted) {
                const echoed = (text: string): string => `${text} ${form}`;
                vendor.change = inOrder(
                    edited((body) => this.echoedIn(body, echoed)),
                    withHeaders(echoed),
                );
                await look("an answer that echoes a secret everywhere");
            }
            for (const [place, path] of placesOf(vendor.answers)) {
                vendor.change = edited(
                    (body) =>
                        !this.isReadOf(body, path)
                            ? withValue(body, path, (text) => (typeof text === "string" ? `${text}${echo}` : text))
                            : body,
                    place,
                );
                await look(`an answer that echoes secrets in ${path.join(".")}`);
                vendor.change = edited(
                    (body) =>
                        !this.isReadOf(body, path)
                            ? withValue(body, path, (text) => (typeof text === "string" ? this.secrets[0] : text))
                            : body,
                    place,
                );
                await look(`an answer that echoes a secret as ${path.join(".")}`);
            }
            const text = JSON.stringify({ error: echo, error_description: echo, message: echo, errors: [echo] });
            for (const status of [400, 401, 403, 404]) {
                vendor.change = () => ({
                    status,
                    headers: { ...json, "x-echo": (this.secrets[0] ?? "").replace(/\s+/g, " ") },
                    text,
                });
                await look(`an answer of HTTP ${status} that echoes secrets`);
            }
            vendor.change = edited((body) =>
                this.isTokenAnswer(body) || typeof body !== "object" || Array.isArray(body)
                    ? body
                    : { ...body, conformance: echo },
            );
            const { log, state } = await this.recordWith(vendor);
            const open = Object.fromEntries(
                Object.entries(state).filter(([name]) => !this.type.sensitiveNames.includes(name)),
            );
            requireWithout(JSON.stringify([log, open]), [...planted, ...vendor.tokens], "the state");
        });
    }

    unknownValues(): Promise<void> {
        return this.withVendor(async (vendor) => {
            const { args } = this.options;
            const names = Object.keys(args);
            for (const unknown of [...names.map((name) => [name]), names]) {
                const what = unknown.join(", ");
                const declared = { ...args, ...Object.fromEntries(unknown.map((name) => [name, UNKNOWN])) };
                const { inputs, problems } = await this.check(vendor, undefined, declared);
                ensure(
                    problems.length === 0,
                    `while ${what} is not known yet, a preview fails. ${problems.map(describe).join(" ")}`,
                );
                ensure(vendor.requests === 0, `while ${what} is not known yet, the vendor is contacted.`);
                const made = this.type.computedNames.filter((name) => !(name in args) && !hasUnknown(inputs[name]));
                ensure(made.length === 0, `while ${what} is not known yet, ${made.join(", ")} has a value.`);
            }
        });
    }

    nullAnswers(): Promise<void> {
        return this.withVendor(async (vendor) => {
            await this.verify(vendor, this.options.args);
            const reported = [...vendor.answers];
            const changes: (readonly [string, string, (body: unknown) => unknown])[] = [
                ...placesOf(new Map(reported)).flatMap(([place, path]) => [
                    [place, `${path.join(".")} is null`, (body: unknown) => withValue(body, path, () => null)] as const,
                    [
                        place,
                        `${path.join(".")} is left out`,
                        (body: unknown) => withValue(body, path, () => undefined),
                    ] as const,
                ]),
                ...reported.flatMap(([place]) =>
                    [null, {}, [], ""].map(
                        (body) => [place, `the answer is ${JSON.stringify(body)}`, () => body] as const,
                    ),
                ),
            ];
            for (const [place, what, change] of changes) {
                vendor.change = edited(change, place);
                const tenant = await this.verify(vendor, this.options.args);
                const [bug] = tenant.problems.filter(({ kind }) => kind === "internal");
                ensure(bug === undefined, `${place}: ${what}, and the definition fails. ${bug?.message ?? ""}`);
                requireWords(tenant, `${place}: ${what}, and `);
            }
        });
    }

    // ---- parts of the cases -----------------------------------------------------------------------------------------------------

    private async withVendor(work: (vendor: LoopbackVendor) => Promise<void>, answers?: VendorAnswers): Promise<void> {
        const { simulator, refused = defaultRefusal } = this.options;
        const given = this.options.answers && { ...this.options.answers, ...answers };
        const { secrets } = this;
        const tokenMember = this.members.token;
        const vendor = await LoopbackVendor.start({ answers: given, simulator, refused, secrets, tokenMember });
        try {
            await work(vendor);
        } catch (error) {
            throw vendor.failure ?? error;
        } finally {
            await vendor.close();
        }
    }

    private async withChange(
        { args, answers, prepare }: Change,
        work: (vendor: LoopbackVendor, args: Values) => Promise<unknown>,
    ): Promise<void> {
        const undo = await prepare?.();
        try {
            await this.withVendor(
                async (vendor) => void (await work(vendor, { ...this.options.args, ...args })),
                answers,
            );
        } finally {
            await undo?.();
        }
    }

    /** Each verb has its own session, like each process of the engine: it contacts the vendor again. */
    private session(vendor: LoopbackVendor): Session {
        return new Session({ endpoints: vendor.endpoints, verify: undefined });
    }

    /** Verifies without a record: the findings about the first tenant. */
    private async verify(vendor: LoopbackVendor, args: Values): Promise<TenantToday> {
        const found = await verifyStandalone(this.type, args, this.session(vendor));
        const { connection: tenant } = found;
        if (tenant === undefined) {
            throw new ConformanceError(`the arguments are refused. ${found.problems.map(describe).join(" ")}`);
        }
        return tenant;
    }

    private async check(
        vendor: LoopbackVendor,
        recorded: Values | undefined,
        declared: Values,
    ): ReturnType<ReturnType<typeof connectionHandler>["check"]> {
        const log = { warn: () => undefined };
        const context = { session: this.session(vendor), log, preview: true };
        return connectionHandler(this.definition).check({ recorded, declared }, context);
    }

    /** The state that an update records. */
    private async record(vendor: LoopbackVendor): Promise<Values> {
        return (await this.recordWith(vendor)).state;
    }

    private async recordWith(
        vendor: LoopbackVendor,
    ): Promise<{ readonly state: Values; readonly log: readonly string[] }> {
        const log: string[] = [];
        const { inputs, problems } = await this.check(vendor, undefined, this.options.args);
        ensure(problems.length === 0, `the connection cannot be recorded. ${problems.map(describe).join(" ")}`);
        const context = { session: this.session(vendor), log: { warn: (message: string) => void log.push(message) } };
        const { id, state } = await connectionHandler(this.definition).create({ inputs }, context);
        return { state, log: [...log, id] };
    }

    private async preview(vendor: LoopbackVendor, state: Values): Promise<Values> {
        const { inputs, problems } = await this.check(vendor, state, this.options.args);
        ensure(problems.length === 0, `a preview fails. ${problems.map(describe).join(" ")}`);
        return inputs;
    }

    private async refresh(vendor: LoopbackVendor, state: Values): Promise<Values> {
        const context = { session: this.session(vendor), log: { warn: () => undefined } };
        const read = await connectionHandler(this.definition).read({ id: "conformance", recorded: state }, context);
        return read.inputs ?? {};
    }

    private async isChanged(vendor: LoopbackVendor, recorded: Values, inputs: Values): Promise<boolean> {
        const context = { session: this.session(vendor), log: { warn: () => undefined } };
        return (await connectionHandler(this.definition).diff({ recorded, inputs }, context)).changes;
    }

    private isTokenAnswer(body: unknown): boolean {
        return accessTokenOf(body, this.members.token) !== undefined;
    }

    /** True for a text by which the answer of a token endpoint is read. */
    private isReadOf(body: unknown, path: Path): boolean {
        const isAt = (member: Path): boolean => member.every((name, index) => path[index] === name);
        return this.isTokenAnswer(body) && tokenMembersOf(this.members).some(isAt);
    }

    /** An answer with other texts, less those by which it is read. */
    private echoedIn(body: unknown, echoed: (text: string) => string): unknown {
        if (!this.isTokenAnswer(body)) {
            return withTexts(body, echoed);
        }
        const open = pathsOf(body).filter((path) => !this.isReadOf(body, path));
        const edit = (value: unknown): unknown => (typeof value === "string" ? echoed(value) : value);
        return open.reduce((whole, path) => withValue(whole, path, edit), body);
    }

    /** The texts of the answers that an output of the vendor's, or the account, holds. */
    private factsOf(state: Values, vendor: LoopbackVendor): readonly string[] {
        const reported = new Set(textsOf([...vendor.answers.values(), ...vendor.headers.values()]));
        const names = Object.entries(this.definition.outputs).flatMap(([name, { source }]) =>
            source === "verified" ? [name] : [],
        );
        const held = textsOf([state["account"], ...names.map((name) => state[name])]);
        return [...new Set(held)].filter((text) => reported.has(text) && another(text) !== text);
    }
}

/** A future day that is not near the end of a secret. */
function anotherDay(reported: string | undefined): string {
    const [soon = "", later = ""] = [3, 9].map((days) =>
        new Date(Date.now() + days * dayLength).toISOString().slice(0, 10),
    );
    return Math.abs(Date.parse(reported ?? "") - endOf(soon)) <= 2 * dayLength ? later : soon;
}

const anotherSecret = (secret: string): string => (isPrivateKey(secret) ? anotherKey(secret) : another(secret));

function ensure(holds: boolean, otherwise: string): asserts holds {
    if (!holds) {
        throw new ConformanceError(otherwise.trim());
    }
}

/** A sentence with an empty place shows that the definition used a missing value. */
function requireWords(tenant: TenantResult, where = ""): void {
    const { outputs, account, warnings, problems, checks } = tenant;
    const [odd] = textsOf([outputs, account, warnings, problems, checks]).filter((text) =>
        /\bundefined\b|\bNaN\b|\[object Object\]/.test(text),
    );
    ensure(odd === undefined, `${where}a text comes out as: ${odd ?? ""}`);
}

function requireWithout(text: string, hidden: readonly string[], where: string): void {
    // No message holds the secret itself, not even this one.
    ensure(!hidden.some((secret) => text.includes(secret)), `after ${where}, a secret is shown.`);
}

/** A secret as vendors echo it. */
function formsOf(secret: string): string[] {
    const bytes = Buffer.from(secret);
    return [
        ...new Set([
            secret,
            encodeURIComponent(secret),
            bytes.toString("base64"),
            bytes.toString("base64url"),
            bytes.toString("hex"),
        ]),
    ];
}

/** The members that a token endpoint's answer is read by: another text in one makes another answer. */
function tokenMembersOf({
    token = "access_token",
    lifetime = "expires_in",
    scope = "scope",
}: TokenMembers): readonly Path[] {
    return [token, lifetime, scope, "token_type"].map((names) => names.split("."));
}

/** Each place in the vendor's answers. */
const placesOf = (reported: ReadonlyMap<string, unknown>): readonly (readonly [string, Path])[] =>
    [...reported].flatMap(([place, body]) => pathsOf(body).map((path) => [place, path] as const));

/** Edits the JSON of the answers that are good ones, at one place or at all. */
function edited(edit: (body: unknown) => unknown, at?: string): LoopbackVendor["change"] {
    return (answer, place) => {
        const body = parseJson(answer.text);
        return body === undefined || answer.status >= 300 || (at !== undefined && place !== at)
            ? answer
            : { ...answer, text: JSON.stringify(edit(body)) };
    };
}

/** Edits the headers of an answer, except those that the connection itself needs. */
const withHeaders =
    (edit: (text: string) => string): LoopbackVendor["change"] =>
    (answer) => {
        const isOfHttp = (name: string): boolean => /^(content-.*|date|location|retry-after|set-cookie)$/i.test(name);
        const headers = Object.entries(answer.headers).map(([name, value]) => {
            const changed = edit(value);
            return [name, isOfHttp(name) || !/^[\t\x20-\x7e]*$/.test(changed) ? value : changed];
        });
        return { ...answer, headers: Object.fromEntries(headers) as Readonly<Record<string, string>> };
    };

/** Makes one change, then another. */
const inOrder =
    (first: LoopbackVendor["change"], then: LoopbackVendor["change"]): LoopbackVendor["change"] =>
    (answer, place) => {
        const changed = first(answer, place);
        return changed && then(changed, place);
    };
