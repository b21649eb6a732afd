// The life of a resource at a hub, in four steps for every verb: decode what came, ask the hub, plan, encode. One implementation for all hubs.
import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { isDeepStrictEqual } from "node:util";
import type { Computed, Handler, HandlerContext, Problem, Values } from "../define/contracts";
import { momentOf } from "../core/days";
import { applyExpiry } from "../core/expiry";
import { fingerprint, fingerprintSource, isFingerprint, matches } from "../core/fingerprint";
import {
    ConnectionError,
    describe,
    Fault,
    fault,
    HalfMadeError,
    isBlocking,
    isHealthy,
    machineFault,
    onlyRefusals,
} from "../core/problems";
import { PROGRAM_RESULT_INPUT } from "../core/program-result";
import { isReference, withFingerprints } from "../core/secrets";
import { sealedId } from "../core/sealing";
import { problemOf, type Session } from "../core/session";
import { bookkeepingName, differingNames } from "../core/state";
import { hasUnknown, UNKNOWN } from "../core/unknown";
import { objectIn, presentOnly } from "../core/values";
import { personsStep } from "./awaited";
import type { Found, HubConnection, HubDefinition, HubRecord, HubRequest, HubToken, Mark, Written } from "./contracts";
import type { HubExchange } from "./exchange";
import { anotherCredential, observationOf, seenOf, type Observation, type Seen } from "./observe";
import {
    exchangeOf,
    handedOver,
    prepare,
    type FindConnection,
    type GivenConnection,
    type JudgedConnection,
    type Prepared,
} from "./request";
import { connectionArgument, HubType, inConnection } from "./type";
import { textsIn, type ClearRecord } from "./words";

type Context = HandlerContext<Session>;

/** What a state holds besides arguments and outputs. Engines do not show names that start with two underscores. */
interface Bookkeeping {
    readonly owner: string;
    /** What the connection opens: which of several sites is meant. */
    readonly tenant?: string;
    /** A keyed fingerprint of what of the credential goes to the hub. */
    readonly credential?: string;
    readonly isSealed?: boolean;
    /** What the program's `replaceOnChanges` names: in inputs alone. */
    readonly replaceOn?: readonly string[] | undefined;
    /** In the state alone, not in inputs. */
    readonly nonce?: string;
    readonly memo?: Values;
    /** In the state alone: fingerprints of what the hub was sent, where a refresh has recorded another value in its place. */
    readonly sent?: readonly string[] | undefined;
}

/**
 * What a check of this session has seen at the hub, by the resource's URN: an update's diff comes after it, in the same process. It must not be recorded,
 * for previews compare with what is. A refresh's diff comes before any check, and finds none here.
 */
const seenByChecks = new WeakMap<Session, Map<string, SeenByCheck>>();

interface SeenByCheck {
    readonly isDrifted: boolean;
    readonly nonce?: string;
}

/**
 * The handler of one kind of resource at a hub.
 * @param find Finds the declaration of a connection that is handed to it.
 */
export function hubHandler(definition: HubDefinition, find: FindConnection): Handler<Session> {
    const life = new HubLife(new HubType(definition), find);
    const sealed = <T>(values: (result: T) => Values | undefined, work: () => Promise<T>): Promise<T & Computed> =>
        life.guard(async () => {
            const result = await work();
            return { ...result, sealed: life.sealedNames(values(result)) };
        });
    return {
        check: ({ recorded, declared }, context) =>
            sealed(
                ({ inputs }) => inputs,
                () => life.check(recorded, declared, context),
            ),
        diff: ({ recorded, inputs }, context) => life.guard(() => life.diff(recorded, inputs, context)),
        create: ({ inputs }, context) =>
            sealed(
                ({ state }) => state,
                () => life.create(inputs, context),
            ),
        update: ({ recorded, inputs }, context) =>
            sealed(
                ({ state }) => state,
                () => life.update(recorded, inputs, context),
            ),
        read: ({ recorded }, context) =>
            sealed(
                ({ state }) => state,
                () => life.read(recorded, context),
            ),
        delete: ({ recorded }, context) => life.guard(() => life.delete(recorded, context)),
    };
}

class HubLife {
    private readonly definition: HubDefinition;
    /** The type without the connection that it takes. */
    private readonly bareType: HubType;

    constructor(
        private readonly type: HubType,
        private readonly find: FindConnection,
    ) {
        this.definition = type.definition;
        this.bareType = new HubType({ ...type.definition, refuses: undefined });
    }

    async check(
        recorded: Values | undefined,
        declared: Values,
        context: Context,
    ): Promise<{ inputs: Values; problems: readonly Problem[] }> {
        const { type, definition } = this;
        const { session, signal } = context;
        const handed = observationOf(declared[PROGRAM_RESULT_INPUT]);
        const prepared = await prepare(type, this.find, session, declared, signal);
        const shown = this.declaredInputs(prepared, declared, recorded);
        if (prepared.problems.length > 0) {
            return { inputs: shown, problems: prepared.problems };
        }
        if (prepared.isOpen || handed === "unknown" || handed === undefined) {
            if (handed === undefined && !prepared.isOpen) {
                const message = "the program's side has told nothing. Run pulumi with the program.";
                return { inputs: shown, problems: [{ kind: "internal", message }] };
            }
            return { inputs: { ...shown, ...unknowns(type.computedNames) }, problems: [] };
        }
        const prior = bookkeepingOf(recorded);
        const fault = machineFault([...(handed.problem === undefined ? [] : [handed.problem]), ...handed.problems]);
        if (fault !== undefined) {
            return { inputs: shown, problems: [fault] };
        }
        const failures = session.strictly([
            ...(handed.problem === undefined ? [] : [handed.problem]),
            ...handed.problems,
        ]);
        if (failures.length > 0) {
            return { inputs: shown, problems: failures };
        }
        if (definition.isUnmarked === true && handed.replaceOn !== undefined) {
            context.log.warn(
                `${handed.label}: replaceOnChanges is left out: ${definition.title} has no place for a mark, so what is there under the same name would not be known as this resource's. It is changed in place.`,
            );
        }
        const { connection } = prepared;
        const handedConnection = connection && handedOver(connection, handed.outputs ?? {});
        const wanted = definition.wanted({ args: prepared.values, owner: handed.owner, connection: handedConnection });
        const credential = this.credentialMark(handedConnection, prior?.credential);
        const isChanged = prior === undefined || this.ownChanges(recorded ?? {}, shown).length > 0;
        const hasNewConnection =
            isChanged || credential !== prior.credential || this.hasOtherConnection(recorded, shown);
        const blocking = [
            ...(hasNewConnection ? this.obstaclesOfConnection(handed) : []),
            ...(isChanged ? this.obstaclesAtHub(handed, prepared, prior) : []),
            ...(prior !== undefined && handed.preview === true ? this.awaited(session, handed.seen) : []),
        ];
        if (blocking.length > 0) {
            return { inputs: shown, problems: blocking };
        }
        const before = recorded?.["found"] as Values | undefined;
        if (wanted === undefined) {
            if (handed.preview !== true && prior === undefined) {
                const message = `it is not known yet what ${this.definition.title} is to be given of it, for its vendor was not asked or did not answer. Run again.`;
                return { inputs: shown, problems: [{ kind: "badAnswer", argument: connectionArgument, message }] };
            }
            const found = before ?? UNKNOWN;
            this.warnOfRefusals(handed, connection, false, context);
            return { inputs: this.inputs(shown, found, { ...prior, ...record(handed, credential) }), problems: [] };
        }
        const target = { state: "present", ...wanted };
        const present = this.presentFacts(handed, prior);
        const isDrifted = handed.isAsked && !isDeepStrictEqual(present, target);
        rememberSeen(session, handed.owner, { isDrifted, ...nonceOf(handed.seen) });
        this.warnOfRefusals(handed, connection, isDrifted || hasNewConnection, context);
        // A preview shows what the hub holds, where the program itself changes nothing there; an update records what it is about to put there.
        const isShown =
            handed.preview === true && isDrifted && prior !== undefined && isDeepStrictEqual(before, target);
        const tenant = connection && handed.outputs && connection.type.tenantOf(handed.outputs);
        const bookkeeping = { ...record(handed, credential), ...(tenant === undefined ? {} : { tenant }) };
        return { inputs: this.inputs(shown, isShown ? present : target, bookkeeping), problems: [] };
    }

    async diff(
        recorded: Values,
        inputs: Values,
        { session }: Context,
    ): Promise<{ changes: boolean; replaces: readonly string[]; deletesFirst: boolean }> {
        const names = this.ownChanges(recorded, inputs);
        const [was, is] = [bookkeepingOf(recorded), bookkeepingOf(inputs)];
        const seen = is === undefined ? undefined : seenByChecks.get(session)?.get(is.owner);
        const hasOtherFacts =
            hasUnknown(inputs["found"]) ||
            !isDeepStrictEqual(recorded["found"], inputs["found"]) ||
            seen?.isDrifted === true;
        const hasOtherConnection = was?.credential !== is?.credential || this.hasOtherConnection(recorded, inputs);
        const isOther =
            hasOtherFacts ||
            was?.credential !== is?.credential ||
            // The mark at the hub names the resource by its URN, which an alias has changed.
            (this.definition.isUnmarked !== true && was?.owner !== is?.owner) ||
            was?.isSealed !== is?.isSealed ||
            (seen?.nonce !== undefined && was?.nonce !== undefined && seen.nonce !== was.nonce);
        const replaces = this.definition.replaces.filter((name) => names.includes(name));
        const changed = new Set([
            ...names,
            ...(hasOtherFacts ? ["found"] : []),
            ...(hasOtherConnection ? [connectionArgument] : []),
        ]);
        const replaceOn = this.definition.isUnmarked === true ? [] : (is?.replaceOn ?? []);
        const asked = [...changed].filter((name) => replaceOn.some((one) => one === name || one === "*"));
        return {
            changes: names.length > 0 || isOther,
            replaces: replaces.length > 0 ? replaces : asked,
            // The new one has the identifier of the old one: deleted afterwards, it would be the new one that is gone.
            deletesFirst: replaces.length === 0 && asked.length > 0,
        };
    }

    async create(inputs: Values, context: Context): Promise<{ id: string; state: Values }> {
        const mark = { owner: bookkeepingOf(inputs)?.owner ?? "", nonce: randomBytes(16).toString("hex") };
        const { prepared, state, written } = await this.converge(
            inputs,
            undefined,
            mark,
            context,
            "Nothing was recorded.",
        );
        const isSealed = bookkeepingOf(inputs)?.isSealed === true;
        const id = isSealed ? `${this.type.hub}/${sealedId()}` : this.definition.id(prepared.values, written);
        if (written.problem !== undefined) {
            throw new HalfMadeError([written.problem], id, state, this.sealedNames(state));
        }
        return { id, state };
    }

    async update(recorded: Values, inputs: Values, context: Context): Promise<{ state: Values }> {
        const { owner = "" } = bookkeepingOf(inputs) ?? {};
        const nonce = bookkeepingOf(recorded)?.nonce ?? randomBytes(16).toString("hex");
        const after = "The stack keeps what is on record.";
        const { prepared, state, written } = await this.converge(inputs, recorded, { owner, nonce }, context, after);
        if (written.problem !== undefined) {
            const id = this.definition.id(prepared.values, written);
            throw new HalfMadeError([written.problem], id, state, this.sealedNames(state));
        }
        return { state };
    }

    async read(recorded: Values, context: Context): Promise<{ state: Values; inputs: Values | undefined }> {
        const { definition } = this;
        const prior = bookkeepingOf(recorded);
        if (prior === undefined) {
            const message = `${this.type.label} is declared, not imported or looked up. Write new ${this.type.label}(…) with adopt: true, and pulumi up takes over what is there.`;
            throw new ConnectionError([{ kind: "invalidArgument", message }]);
        }
        const { session, log, signal } = context;
        session.warnOfEndpoints(log);
        const fails = (problems: readonly Problem[]): void => {
            const failures = session.strictly(problems);
            if (failures.length > 0) {
                throw new ConnectionError(failures, staysAsItWas);
            }
        };
        let prepared: Prepared;
        let found: Found | undefined;
        try {
            prepared = await this.prepareRecorded(recorded, context);
            definition.warnings?.(prepared.values).forEach((warning) => log.warn(`${this.type.label}: ${warning}`));
            const hub = exchangeOf(this.type, session, prepared, signal);
            found = await hub.look({ ...this.requestOf(prepared, prior.owner, recorded), isRefresh: true });
            hub.warnings.forEach((warning) => log.warn(`${this.type.label}: ${warning}`));
        } catch (error) {
            const problems = error instanceof ConnectionError ? error.problems : [problemOf(error)];
            const fault = session.machineFault(problems);
            if (fault !== undefined) {
                throw new ConnectionError([fault]);
            }
            fails(problems);
            log.warn(`${this.type.label}: ${problems.map(describe).join(" ")} ${staysAsItWas}`);
            return { state: recorded, inputs: undefined };
        }
        if (found?.problem !== undefined) {
            fails([found.problem]);
            log.warn(`${this.type.label}: ${describe(found.problem)}`);
        }
        const seen = found && seenOf(definition, found, undefined);
        const awaited = this.awaited(session, seen);
        if (awaited.length > 0) {
            throw new ConnectionError(awaited, staysAsItWas);
        }
        const isAnother =
            found?.credential !== undefined &&
            prior.credential !== undefined &&
            !matches(fingerprintSource(found.credential), prior.credential);
        const facts = this.factsOf(
            seen && { ...seen, facts: { ...seen.facts, ...(isAnother ? { credential: anotherCredential } : {}) } },
            this.isOurs(seen, this.requestOf(prepared, prior.owner, recorded)),
        );
        const sent = sentBefore(prepared, recorded, facts);
        const state = this.state(prepared, recorded, { facts, outputs: seen?.outputs ?? {} }, { ...prior, sent });
        // An engine keeps its own where none are given; what is in them of the credential is not known here.
        if (isDeepStrictEqual(facts, recorded["found"])) {
            return { state, inputs: undefined };
        }
        const shown = Object.entries(state).filter(
            ([name]) => !definition.outputs.includes(name) || this.type.argumentNames.includes(name),
        );
        return { state, inputs: this.inputs(Object.fromEntries(shown), facts, prior) };
    }

    async delete(recorded: Values, context: Context): Promise<void> {
        const { definition, type } = this;
        const prior = bookkeepingOf(recorded);
        context.session.warnOfEndpoints(context.log);
        try {
            const prepared = await this.prepareRecorded(recorded, context);
            const hub = exchangeOf(type, context.session, prepared, context.signal);
            const request = this.requestOf(prepared, prior?.owner ?? "", recorded);
            const found = await hub.look(request);
            if (found === undefined) {
                return;
            }
            const stays = hub.stays(request, found);
            if (stays !== undefined) {
                context.log.warn(`${type.label}: ${stays}`);
                return;
            }
            const { nonce } = found.mark;
            if (nonce === undefined ? !this.isOurs(found, request) : nonce !== prior?.nonce) {
                if (found.mark.owner !== prior?.owner) {
                    context.log.warn(
                        `${type.label}: what is at ${definition.title} is not this resource's any more, and stays there.`,
                    );
                }
                return;
            }
            await hub.remove(request, found);
        } catch (error) {
            const retain =
                "It is still there, and on record. If it is to stay there, set the option retainOnDelete and run pulumi up before pulumi destroy.";
            throw error instanceof ConnectionError ? error : new ConnectionError([problemOf(error)], retain);
        }
    }

    /** What a host is given never has a stack. */
    guard<T>(work: () => Promise<T>): Promise<T> {
        return onlyRefusals(
            work,
            (name) =>
                `this ${this.type.label} cannot be worked on (${name}). Report it as a bug of pulumi-connections.`,
        );
    }

    /** The names of values that are secrets, or hold what the program made secret. */
    sealedNames(values: Values | undefined): readonly string[] {
        const { secretOutputs = [] } = this.definition;
        const names = bookkeepingOf(values)?.isSealed === true ? this.type.computedNames : secretOutputs;
        return names.filter((name) => values?.[name] !== undefined && values[name] !== null);
    }

    // ---- decode -----------------------------------------------------------------------------------------------------------------

    /** A resource from what is on record alone: without its connection, whose secrets are not kept there. */
    private async prepareRecorded(recorded: Values, { session, signal }: Context): Promise<Prepared> {
        const { type, bareType } = this;
        const own = Object.fromEntries(Object.entries(recorded).filter(([name]) => type.argumentNames.includes(name)));
        const prepared = await prepare(bareType, this.find, session, own, signal);
        if (prepared.problems.length > 0) {
            throw new ConnectionError(prepared.problems);
        }
        return type.takesConnection ? { ...prepared, record: this.clearRecord(prepared, recorded) } : prepared;
    }

    /** What is known in clear of a resource whose connection's secrets are not. */
    private clearRecord({ values }: Prepared, recorded: Values): ClearRecord {
        const { outputs: names, secretOutputs = [], words = [] } = this.definition;
        const outputs = names.filter((name) => !secretOutputs.includes(name)).map((name) => recorded[name]);
        return {
            values: [values, recorded[connectionArgument], recorded["found"], outputs],
            sent: bookkeepingOf(recorded)?.sent ?? [],
            words,
        };
    }

    private requestOf({ values, connection }: Prepared, owner: string, recorded: Values | undefined): HubRequest {
        return {
            args: values,
            owner,
            connection: connection && handedOver(connection, {}),
            recorded: recorded && this.recordOf(recorded),
        };
    }

    private recordOf(recorded: Values): HubRecord {
        const { memo, owner, nonce } = bookkeepingOf(recorded) ?? {};
        const outputs = Object.fromEntries(this.definition.outputs.map((name) => [name, recorded[name]]));
        return {
            found: objectIn(recorded["found"]),
            outputs,
            memo: objectIn(memo),
            mark: { ...(owner === undefined ? {} : { owner }), ...(nonce === undefined ? {} : { nonce }) },
        };
    }

    // ---- plan -------------------------------------------------------------------------------------------------------------------

    /** What stops a resource that is to send a connection: of one that is given by its arguments. */
    private obstaclesOfConnection({ problems, preview }: Observation): readonly Problem[] {
        return preview === true ? problems.filter(isBlocking) : problems;
    }

    /** What stops a resource that is new, or has other arguments of its own. */
    private obstaclesAtHub(
        { problem, seen, owner }: Observation,
        prepared: Prepared,
        prior: Bookkeeping | undefined,
    ): readonly Problem[] {
        const ofHub = problem !== undefined && isBlocking(problem) ? [problem] : [];
        const request = { args: prepared.values, owner };
        const isForeign =
            prior === undefined &&
            seen !== undefined &&
            prepared.values["adopt"] !== true &&
            !this.isOurs(seen, { ...request, recorded: undefined });
        return [...ofHub, ...(isForeign ? [this.definition.foreign(request, seen)] : [])];
    }

    /** Says what is refused and stops nothing now; of what up will write, that it will fail. */
    private warnOfRefusals(
        { label, preview, problem, problems }: Observation,
        connection: JudgedConnection | undefined,
        isToWrite: boolean,
        { session, log }: Context,
    ): void {
        const isAlways = connection !== undefined && session.modeOf(connection.args.given) === "always";
        const refusals = [...(isAlways ? problems : []), ...(problem === undefined ? [] : [problem])].filter(
            isBlocking,
        );
        if (preview === true && isToWrite && refusals.length > 0) {
            const why = refusals.map(describe).join(" ");
            log.warn(`${label}: pulumi up will fail unless it is mended first: ${why}`);
        } else if (problems.length > 0) {
            const why = problems.map(describe).join(" ");
            log.warn(`${label}: what ${this.definition.title} was given is not verified: ${why}`);
        }
    }

    /** Whether a connection has other arguments than are on record, its secrets apart: a refresh leaves these out. */
    private hasOtherConnection(before: Values | undefined, after: Values): boolean {
        const openOf = (values: Values | undefined): Values => {
            const { type = "", arguments: args = {} } = connectionIn(values) ?? {};
            const hidden = this.find(type)?.sensitiveNames ?? [];
            return presentOnly(Object.fromEntries(Object.entries(args).filter(([name]) => !hidden.includes(name))));
        };
        return !isDeepStrictEqual(openOf(before), openOf(after));
    }

    /** What a strict run fails for until a person has done it. */
    private awaited({ settings }: Session, seen: Seen | undefined): readonly Problem[] {
        const step = settings.strict === true ? personsStep(this.definition, seen?.outputs) : undefined;
        const message = `A person is awaited, for which a strict run (connections:strict or CONNECTIONS_STRICT) fails: ${step ?? ""}`;
        return step === undefined ? [] : [{ kind: "accessMissing", message }];
    }

    private isOurs(seen: Seen | undefined, request: HubRequest): boolean {
        if (seen === undefined) {
            return true;
        }
        const { owner, nonce } = seen.mark;
        const { mark } = request.recorded ?? {};
        if (this.definition.isUnmarked === true) {
            return request.recorded !== undefined && this.definition.isOurs?.(seen, request) !== false;
        }
        const isMarked =
            (owner !== undefined && (owner === request.owner || owner === mark?.owner)) ||
            (nonce !== undefined && nonce === mark?.nonce);
        return isMarked || this.definition.isOurs?.(seen, request) === true;
    }

    /** What the hub holds, as it is compared and shown. */
    private factsOf(seen: Seen | undefined, isOurs: boolean): Values {
        return seen === undefined
            ? { state: "missing" }
            : { state: "present", ...seen.facts, ...(isOurs ? {} : { owner: "another one" }) };
    }

    private presentFacts({ seen, owner }: Observation, prior: Bookkeeping | undefined): Values {
        const { mark = {} } = seen ?? {};
        // Whose it is where no mark is left, or one from before the resource has moved, only the provider's own record tells, in the update.
        const isAnothers =
            prior !== undefined && prior.owner === owner && mark.owner !== undefined && mark.owner !== owner;
        return this.factsOf(seen, !isAnothers);
    }

    /** The arguments of its own that are not as they were. */
    private ownChanges(before: Values, after: Values): string[] {
        const { argumentNames } = this.type;
        const own = (values: Values): Values =>
            presentOnly(Object.fromEntries(argumentNames.map((name) => [name, values[name]])));
        const typeOf = (values: Values): unknown => connectionIn(values)?.type;
        const names = differingNames(own(before), own(after));
        return typeOf(before) === typeOf(after) ? names : [...names, connectionArgument];
    }

    private credentialMark(connection: HubConnection | undefined, earlier: string | undefined): string | undefined {
        const sent = connection === undefined ? undefined : this.definition.credential?.(connection);
        // A secret that cannot be read now is the connection's own matter, which says so.
        return sent === undefined ? earlier : fingerprint(fingerprintSource(sent), earlier);
    }

    // ---- write ------------------------------------------------------------------------------------------------------------------

    /** Proves the connection, brings the hub to what is wanted where it is not, and reads back what is there. */
    private async converge(
        inputs: Values,
        recorded: Values | undefined,
        mark: Mark,
        context: Context,
        otherwise: string,
    ): Promise<{ prepared: Prepared; state: Values; written: Written }> {
        const { type, definition } = this;
        const { session, signal } = context;
        const prepared = await prepare(type, this.find, session, inputs, signal);
        if (prepared.problems.length > 0) {
            throw new ConnectionError(prepared.problems, otherwise);
        }
        const { connection, values, secrets } = prepared;
        try {
            const opened = connection && (await this.proved(connection, bookkeepingOf(inputs)?.tenant, context));
            const handed = connection && handedOver(connection, opened ?? {});
            const hub = exchangeOf(type, session, prepared, signal);
            const request: HubRequest = {
                args: values,
                owner: mark.owner,
                connection: handed,
                recorded: recorded && this.recordOf(recorded),
            };
            const wanted = definition.wanted(request);
            if (wanted === undefined) {
                const message = `${definition.title} cannot be told what it opens, which its vendor does not tell now. Run again.`;
                throw fault("badAnswer", connectionArgument, message);
            }
            const found = await hub.look(request);
            const seen = found && seenOf(definition, found, handed);
            if (!this.isOurs(seen, request) && values["adopt"] !== true) {
                throw new Fault(definition.foreign(request, seen));
            }
            const target = { state: "present", ...wanted };
            const sent = handed && definition.credential?.(handed);
            const changed = recorded === undefined ? [] : this.ownChanges(recorded, inputs);
            const isAsWanted =
                recorded !== undefined &&
                !changed.some((name) => definition.writesOn?.includes(name)) &&
                isDeepStrictEqual(this.factsOf(seen, true), target) &&
                (definition.isUnmarked === true ||
                    (seen?.mark.nonce === mark.nonce && seen.mark.owner === mark.owner)) &&
                isSameCredential(sent, bookkeepingOf(recorded)?.credential);
            const write = { ...request, mark, found, wanted, secret: (name: string) => secrets.values[name] };
            const token = (): Promise<HubToken | undefined> => this.token(connection, hub, context);
            const wrote = isAsWanted ? {} : await hub.write({ ...write, token });
            const { after, written } = isAsWanted
                ? { after: seen, written: wrote }
                : await this.readBack(hub, request, mark, handed, wrote);
            const facts = this.factsOf(after, true);
            const isOff =
                written.problem === undefined && written.isPending !== true && !isDeepStrictEqual(facts, target);
            if (isOff) {
                const names = differingNames(target, facts).join(", ");
                context.log.warn(
                    `${type.label}: ${definition.title} took what it was given and has something else now (${names}). The next preview shows it.`,
                );
            }
            // What only a write tells is still so where nothing was written.
            const kept = isAsWanted ? request.recorded : undefined;
            const outputs = { ...kept?.outputs, ...after?.outputs, ...written.outputs };
            const state = this.state(
                prepared,
                inputs,
                { facts, outputs },
                {
                    ...bookkeepingOf(inputs),
                    ...mark,
                    memo: { ...kept?.memo, ...after?.memo, ...written.memo },
                },
            );
            return { prepared, state, written };
        } catch (error) {
            throw error instanceof ConnectionError ? error : new ConnectionError([problemOf(error)], otherwise);
        }
    }

    /** Looks again after a write; undefined where what was half made is not to be seen. */
    private async readBack(
        hub: HubExchange,
        request: HubRequest,
        { nonce }: Mark,
        connection: HubConnection | undefined,
        written: Written,
    ): Promise<{ after: Seen | undefined; written: Written }> {
        const { definition } = this;
        const recorded = request.recorded ?? { found: {}, outputs: {}, mark: {}, memo: {} };
        const memo = { ...recorded.memo, ...written.memo };
        try {
            const found = await hub.look({ ...request, recorded: { ...recorded, memo } });
            if (found === undefined && written.problem === undefined) {
                const message = `${definition.title} said that it took what it was given, and does not have it. Run pulumi up again.`;
                throw fault("badAnswer", undefined, message);
            }
            const after = found && seenOf(definition, found, connection);
            if (after?.mark.nonce !== undefined && after.mark.nonce !== nonce) {
                const { message, ...problem } = definition.foreign(request, after);
                throw new Fault({ ...problem, message: `was overwritten in this moment by another run. ${message}` });
            }
            return { after, written };
        } catch (error) {
            const isHalfMade = written.problem !== undefined || definition.isUnmarked === true;
            if (!isHalfMade || !(error instanceof Fault)) {
                throw error;
            }
            // Nothing at the hub says whose it is: without a record, the next run would take it for somebody else's.
            return { after: undefined, written: { ...written, problem: written.problem ?? error.problem } };
        }
    }

    /** Verifies the connection, unless this run has just done so: nothing else is sent to a hub. */
    private async proved(
        { type, args }: JudgedConnection,
        tenant: string | undefined,
        { session, signal }: Context,
    ): Promise<Values> {
        const { tenants } = await session.verify(type, args, signal);
        const meant = tenants.find(({ outputs }) => tenant === undefined || type.tenantOf(outputs) === tenant);
        if (meant === undefined && tenants.some(({ status }) => status === "verified")) {
            const message = `it does not open ${String(tenant)} any more. Verify it first: run pulumi up without --target.`;
            throw fault("tenantChanged", connectionArgument, message);
        }
        const judged = meant ?? tenants[0];
        if (judged === undefined) {
            throw fault("badAnswer", connectionArgument, "it could not be verified. Run again.");
        }
        const { status, problems } = applyExpiry(type, args.values, judged, Date.now());
        if (!isHealthy(status) || machineFault(problems) !== undefined) {
            const about = problems.map((problem) => ({
                ...problem,
                argument: inConnection(problem.argument),
            }));
            throw new ConnectionError(about, `Nothing was sent to ${this.definition.title}.`);
        }
        return judged.outputs;
    }

    /** A token of the connection's vendor: one a credential and run, however many resources ask. */
    private async token(
        connection: JudgedConnection | undefined,
        hub: HubExchange,
        { session, signal }: Context,
    ): Promise<HubToken | undefined> {
        if (connection === undefined) {
            return undefined;
        }
        const { http, authorizer } = session.tools(connection.type, connection.args, signal);
        const { token } = await authorizer.authorize(http);
        if (token === undefined) {
            return undefined;
        }
        hub.hide(token.value);
        return {
            value: token.value,
            expiresAt:
                token.lifetimeSeconds === undefined
                    ? undefined
                    : momentOf(Date.now() + token.endsAt - performance.now()),
        };
    }

    // ---- encode -----------------------------------------------------------------------------------------------------------------

    /** What the program declares, as inputs: references with the fingerprints of what they lead to. */
    private declaredInputs(
        { given, secrets, connection }: Prepared,
        declared: Values,
        recorded: Values | undefined,
    ): Values {
        const { type } = this;
        const own = withFingerprints(type, given, secrets, recorded);
        const handed = connectionIn(declared);
        if (!type.takesConnection || handed === undefined) {
            return own;
        }
        const before = connectionIn(recorded)?.arguments;
        const args =
            connection === undefined
                ? presentOnly(handed.arguments)
                : withFingerprints(connection.type, connection.args.given, connection.args.secrets, before);
        return { ...own, [connectionArgument]: { type: handed.type, arguments: args } };
    }

    private inputs(shown: Values, found: unknown, bookkeeping: Bookkeeping): Values {
        const { nonce: _, memo: __, sent: ___, ...rest } = bookkeeping;
        return withoutUndefined({ ...shown, found, [bookkeepingName]: rest });
    }

    /** What is recorded: of a connection everything but its secrets, which stand in the inputs alone. */
    private state(
        { given, secrets, connection }: Prepared,
        from: Values,
        { facts, outputs }: { readonly facts: Values; readonly outputs: Values },
        { replaceOn: _, ...bookkeeping }: Partial<Bookkeeping>,
    ): Values {
        const { type } = this;
        const handed = connectionIn(from);
        const names = connection?.type.sensitiveNames ?? [];
        const open =
            handed &&
            Object.fromEntries(
                Object.entries(handed.arguments).filter(([name, value]) => !names.includes(name) || isReference(value)),
            );
        const shown = Object.fromEntries(
            this.definition.outputs.map((name) => [name, outputs[name] ?? from[name] ?? null]),
        );
        return withoutUndefined({
            ...withFingerprints(type, given, secrets, from),
            ...(handed === undefined ? {} : { [connectionArgument]: { type: handed.type, arguments: open } }),
            ...shown,
            found: facts,
            [bookkeepingName]: bookkeeping,
        });
    }
}

const staysAsItWas = "It stays as it was.";

/** The connection in what a program or a state holds, which others may have edited; undefined where there is no such thing. */
function connectionIn(values: Values | undefined): GivenConnection | undefined {
    const given = values?.[connectionArgument];
    if (typeof given !== "object" || given === null) {
        return undefined;
    }
    const { type, arguments: args } = given as Partial<GivenConnection>;
    return { type: typeof type === "string" ? type : "", arguments: objectIn(args) };
}

function bookkeepingOf(values: Values | undefined): Bookkeeping | undefined {
    const found = values?.[bookkeepingName] as Partial<Bookkeeping> | undefined;
    return typeof found?.owner === "string" ? (found as Bookkeeping) : undefined;
}

function record({ owner, isSealed, replaceOn }: Observation, credential: string | undefined): Bookkeeping {
    return {
        owner,
        replaceOn,
        ...(credential === undefined ? {} : { credential }),
        ...(isSealed === true ? { isSealed } : {}),
    };
}

/** Fingerprints of what was recorded by a write, until a refresh finds all of it again: a hub's text is known by them where the record has another value. */
function sentBefore({ values }: Prepared, recorded: Values, facts: Values): readonly string[] | undefined {
    const known = [...new Set(textsIn([values, recorded[connectionArgument], facts]))];
    const sent =
        bookkeepingOf(recorded)?.sent ?? [...new Set(textsIn(recorded["found"]))].map((text) => fingerprint(text));
    return sent.every((one) => known.some((text) => matches(text, one))) ? undefined : sent;
}

const nonceOf = (seen: Seen | undefined): { nonce?: string } =>
    seen?.mark.nonce === undefined ? {} : { nonce: seen.mark.nonce };

const unknowns = (names: readonly string[]): Values => Object.fromEntries(names.map((name) => [name, UNKNOWN]));

const isSameCredential = (sent: Values | undefined, recorded: string | undefined): boolean =>
    sent === undefined
        ? recorded === undefined
        : recorded !== undefined && isFingerprint(recorded) && matches(fingerprintSource(sent), recorded);

function rememberSeen(session: Session, owner: string, seen: SeenByCheck): void {
    const all = seenByChecks.get(session) ?? new Map<string, SeenByCheck>();
    seenByChecks.set(session, all.set(owner, seen));
}

/** What an engine takes: it has no undefined. */
function withoutUndefined(values: Values): Values {
    return JSON.parse(JSON.stringify(values)) as Values;
}
