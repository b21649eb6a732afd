// The life of a resource at a hub, in four steps for every verb: decode what came, ask the hub, plan, encode. One implementation for all hubs.
import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { isDeepStrictEqual } from "node:util";
import type { Computed, Handler, HandlerContext, Problem, Values } from "../define/contracts";
import { momentOf } from "../core/days";
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
import { digestsOf, isReference, newContents, withBareReferences, type Digests } from "../core/secrets";
import { sealedId } from "../core/sealing";
import { problemOf, type Session } from "../core/session";
import { differingNames, pick, sealedBookkeepingName } from "../core/state";
import { hasUnknown, UNKNOWN } from "../core/unknown";
import { objectIn, presentOnly } from "../core/values";
import { verifyToday } from "../core/verified";
import { personsStep } from "./awaited";
import { bookkeepingOf, encodeBookkeeping, type Bookkeeping } from "./bookkeeping";
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
import { aboutConnection, connectionArgument, HubType } from "./type";
import { textsIn, type ClearRecord } from "./words";

type Context = HandlerContext<Session>;

/** What a check leaves for the diff that follows it in the same process. A refresh's diff comes before any check, and finds nothing. */
interface Checked {
    readonly handed: Observation;
    readonly prepared: Prepared;
    readonly connection: HubConnection | undefined;
    readonly isDrifted: boolean;
}

const checkOf = (owner: string): string => fingerprintSource("hub", owner);

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
        const shown = this.declaredInputs(prepared, declared);
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
        const prior = bookkeepingOf(this.type, recorded);
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
        const isChanged = prior === undefined || this.ownChanges(recorded ?? {}, shown).length > 0;
        const hasNewConnection = isChanged || this.hasOtherConnection(recorded, shown);
        const blocking = [
            ...(hasNewConnection ? this.obstaclesOfConnection(handed) : []),
            ...(isChanged ? this.obstaclesAtHub(handed, prepared, prior) : []),
            ...(prior !== undefined && handed.preview === true ? this.awaited(session, handed.seen) : []),
        ];
        if (blocking.length > 0) {
            return { inputs: shown, problems: blocking };
        }
        const note = (isDrifted: boolean): void => {
            const checked: Checked = { handed, prepared, connection: handedConnection, isDrifted };
            session.note(checkOf(handed.owner), checked);
        };
        const before = prior?.wanted ?? (recorded?.["found"] as Values | undefined);
        if (wanted === undefined) {
            if (handed.preview !== true && prior === undefined) {
                const message = `it is not known yet what ${this.definition.title} is to be given of it, for its vendor was not asked or did not answer. Run again.`;
                return { inputs: shown, problems: [{ kind: "badAnswer", argument: connectionArgument, message }] };
            }
            note(false);
            this.warnOfRefusals(handed, connection, false, context);
            return { inputs: this.inputs(shown, before ?? UNKNOWN, { ...prior, ...record(handed) }), problems: [] };
        }
        const target = { state: "present", ...wanted };
        const present = this.presentFacts(handed, prior);
        const isDrifted = handed.isAsked && !isDeepStrictEqual(present, target);
        note(isDrifted);
        this.warnOfRefusals(handed, connection, isDrifted || hasNewConnection, context);
        const tenant = connection && handed.outputs && connection.type.tenantOf(handed.outputs);
        const bookkeeping = { ...record(handed), ...(tenant === undefined ? {} : { tenant }) };
        // Where the program itself changes nothing, what the hub holds is shown: the same in preview and up, as update plans compare them.
        if (!isDrifted || prior === undefined || !isDeepStrictEqual(before, target)) {
            return { inputs: this.inputs(shown, target, bookkeeping), problems: [] };
        }
        const found = shownDrift(present, target, recorded?.["found"]);
        return { inputs: this.inputs(shown, found, { ...bookkeeping, wanted: target }), problems: [] };
    }

    async diff(
        recorded: Values,
        inputs: Values,
        { session, log }: Context,
    ): Promise<{ changes: boolean; replaces: readonly string[]; deletesFirst: boolean }> {
        const names = this.ownChanges(recorded, inputs);
        const [was, is] = [bookkeepingOf(this.type, recorded), bookkeepingOf(this.type, inputs)];
        const checked = is && (session.noted(checkOf(is.owner)) as Checked | undefined);
        const renewed = checked === undefined ? [] : this.renewed(checked, was?.digests);
        if (checked !== undefined) {
            this.refuseRenewed(renewed, checked, was);
        }
        const isSealing = is?.isSealed === true && (was?.isSealed !== true || was.isOpen === true);
        if (isSealing && was !== undefined && checked !== undefined) {
            const what = "the program makes secret what the state holds in clear. This update encrypts it.";
            log.warn(`${checked.handed.label}: sealing: ${what}`);
        }
        const nonce = checked?.handed.seen?.mark.nonce;
        const hasOtherFacts =
            hasUnknown(inputs["found"]) ||
            !isDeepStrictEqual(recorded["found"], is?.wanted ?? inputs["found"]) ||
            checked?.isDrifted === true;
        const isOther =
            hasOtherFacts ||
            renewed.length > 0 ||
            isSealing ||
            // The mark at the hub names the resource by its URN, which an alias has changed.
            (this.definition.isUnmarked !== true && was?.owner !== is?.owner) ||
            was?.isSealed !== is?.isSealed ||
            (nonce !== undefined && was?.nonce !== undefined && nonce !== was.nonce);
        const replaces = this.definition.replaces.filter((name) => names.includes(name));
        const changed = new Set([
            ...names,
            ...(hasOtherFacts ? ["found"] : []),
            ...renewed,
            ...(this.hasOtherConnection(recorded, inputs) ? [connectionArgument] : []),
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

    /** The secrets, of its own or the connection's, that are not those on record. */
    private renewed({ prepared, connection }: Checked, recorded: Digests | undefined): readonly string[] {
        const { given, secrets } = prepared;
        const sent = this.sentText(connection);
        const isNew = sent !== undefined && !isDigestOf(sent, recorded?.[connectionArgument]);
        return [...newContents(this.type, given, secrets, recorded), ...(isNew ? [connectionArgument] : [])];
    }

    /** Refuses a new secret as a check refuses another argument: only the state, which no check sees, tells that it is new. */
    private refuseRenewed(
        renewed: readonly string[],
        { handed, prepared }: Checked,
        prior: Bookkeeping | undefined,
    ): void {
        const isOwn = renewed.some((name) => name !== connectionArgument);
        const blocking = [
            ...(renewed.length > 0 ? this.obstaclesOfConnection(handed) : []),
            ...(isOwn ? this.obstaclesAtHub(handed, prepared, prior) : []),
        ];
        if (blocking.length > 0) {
            throw new ConnectionError(blocking);
        }
    }

    async create(inputs: Values, context: Context): Promise<{ id: string; state: Values }> {
        const mark = { owner: bookkeepingOf(this.type, inputs)?.owner ?? "", nonce: randomBytes(16).toString("hex") };
        const { prepared, state, written } = await this.converge(
            inputs,
            undefined,
            mark,
            context,
            "Nothing was recorded.",
        );
        const isSealed = bookkeepingOf(this.type, inputs)?.isSealed === true;
        const id = isSealed ? `${this.type.hub}/${sealedId()}` : this.definition.id(prepared.values, written);
        if (written.problem !== undefined) {
            throw new HalfMadeError([written.problem], id, state, this.sealedNames(state));
        }
        return { id, state };
    }

    async update(recorded: Values, inputs: Values, context: Context): Promise<{ state: Values }> {
        const { owner = "" } = bookkeepingOf(this.type, inputs) ?? {};
        const nonce = bookkeepingOf(this.type, recorded)?.nonce ?? randomBytes(16).toString("hex");
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
        const prior = bookkeepingOf(this.type, recorded);
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
            prior.digests?.[connectionArgument] !== undefined &&
            !isDigestOf(fingerprintSource(found.credential), prior.digests[connectionArgument]);
        const facts = this.factsOf(
            seen && { ...seen, facts: { ...seen.facts, ...(isAnother ? { credential: anotherCredential } : {}) } },
            this.isOurs(seen, this.requestOf(prepared, prior.owner, recorded)),
        );
        const sent = sentBefore(prepared, recorded, prior, facts);
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
        const prior = bookkeepingOf(this.type, recorded);
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
        const isSealed = bookkeepingOf(this.type, values)?.isSealed === true;
        const names = [...(isSealed ? this.type.computedNames : secretOutputs), sealedBookkeepingName];
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
            sent: bookkeepingOf(this.type, recorded)?.sent ?? [],
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
        const { memo, owner, nonce } = bookkeepingOf(this.type, recorded) ?? {};
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

    /** Whether a connection has other arguments than are on record. Its secrets count where both have them: a refresh leaves them out. */
    private hasOtherConnection(before: Values | undefined, after: Values): boolean {
        const given = (values: Values | undefined): Values => {
            const handed = connectionIn(values);
            return handed === undefined ? {} : presentOnly(this.bareArguments(handed));
        };
        const { type = "" } = (after[connectionArgument] ?? {}) as Partial<GivenConnection>;
        const hidden = this.find(type)?.sensitiveNames ?? [];
        const [was, is] = [given(before), given(after)];
        return differingNames(was, is).some(
            (name) => !hidden.includes(name) || (was[name] !== undefined && is[name] !== undefined),
        );
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
        const own = (values: Values): Values => withBareReferences(this.type, pick(values, argumentNames));
        const typeOf = (values: Values): unknown => connectionIn(values)?.type;
        const names = differingNames(own(before), own(after));
        return typeOf(before) === typeOf(after) ? names : [...names, connectionArgument];
    }

    /** What of the connection goes to the hub, as a text; undefined where nothing does, or a secret cannot be read now. */
    private sentText(connection: HubConnection | undefined): string | undefined {
        const sent = connection && this.definition.credential?.(connection);
        return sent && fingerprintSource(sent);
    }

    /** The digests of what is recorded, with their keys of before where nothing is new. */
    private digests(
        { given, secrets }: Prepared,
        connection: HubConnection | undefined,
        earlier: Digests | undefined,
    ): Digests {
        const [sent, mark] = [this.sentText(connection), earlier?.[connectionArgument]];
        const digest = sent === undefined || isDigestOf(sent, mark) ? mark : fingerprint(sent);
        return {
            ...digestsOf(this.type, given, secrets, earlier),
            ...(digest === undefined ? {} : { [connectionArgument]: digest }),
        };
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
            const opened = connection && (await this.provedOrLeft(connection, prepared, inputs, recorded, context));
            if (opened === "left") {
                return { prepared, state: recorded ?? {}, written: {} };
            }
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
            const sent = this.sentText(handed);
            const earlier = bookkeepingOf(this.type, recorded)?.digests;
            const changed = recorded === undefined ? [] : this.ownChanges(recorded, inputs);
            const isAsWanted =
                recorded !== undefined &&
                !changed.some((name) => definition.writesOn?.includes(name)) &&
                isDeepStrictEqual(this.factsOf(seen, true), target) &&
                (definition.isUnmarked === true ||
                    (seen?.mark.nonce === mark.nonce && seen.mark.owner === mark.owner)) &&
                (sent === undefined
                    ? earlier?.[connectionArgument] === undefined
                    : isDigestOf(sent, earlier?.[connectionArgument]));
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
                    ...bookkeepingOf(this.type, inputs),
                    ...mark,
                    digests: this.digests(prepared, handed, earlier),
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

    /** Verifies the connection; `left` where it cannot be proved, and its mode says that this stops nothing while nothing of it has changed. */
    private async provedOrLeft(
        connection: JudgedConnection,
        prepared: Prepared,
        inputs: Values,
        recorded: Values | undefined,
        context: Context,
    ): Promise<Values | "left"> {
        try {
            return await this.proved(connection, bookkeepingOf(this.type, inputs)?.tenant, context);
        } catch (error) {
            const isLeft =
                recorded !== undefined &&
                context.session.modeOf(connection.args.given) !== "always" &&
                !this.hasChanged(connection, prepared, inputs, recorded);
            if (!isLeft) {
                throw error;
            }
            const problems = error instanceof ConnectionError ? error.problems : [problemOf(error)];
            const { title } = this.definition;
            const why = problems.map(describe).join(" ");
            context.log.warn(
                `${this.type.label}: what ${title} was given is not verified: ${why} Nothing was sent to ${title}. ${staysAsItWas}`,
            );
            return "left";
        }
    }

    /** Whether the program gives the resource or its connection other arguments than are on record, or a secret is another one. */
    private hasChanged(
        connection: JudgedConnection,
        { given, secrets }: Prepared,
        inputs: Values,
        recorded: Values,
    ): boolean {
        const { digests } = bookkeepingOf(this.type, recorded) ?? {};
        const sent = this.sentText(handedOver(connection, {}));
        const hidden = connection.type.sensitiveNames;
        const openOf = (values: Values): Values => {
            const args = this.bareArguments(values[connectionArgument] as GivenConnection);
            const shown = Object.entries(args).filter(([name, value]) => !hidden.includes(name) || isReference(value));
            return presentOnly(Object.fromEntries(shown));
        };
        return (
            this.ownChanges(recorded, inputs).length > 0 ||
            newContents(this.type, given, secrets, digests).length > 0 ||
            !isDeepStrictEqual(openOf(recorded), openOf(inputs)) ||
            (sent !== undefined && !isDigestOf(sent, digests?.[connectionArgument]))
        );
    }

    /** Verifies the connection, unless this run has just done so: nothing else is sent to a hub. */
    private async proved(
        { type, args }: JudgedConnection,
        tenant: string | undefined,
        { session, signal }: Context,
    ): Promise<Values> {
        const { result, connection } = await verifyToday(type, args, session, { mode: "always", tenant, signal });
        if (connection === undefined) {
            throw fault("badAnswer", connectionArgument, "it could not be verified. Run again.");
        }
        const { status, problems, outputs } = connection;
        const isAnother = tenant !== undefined && type.tenantOf(outputs) !== tenant;
        if (isAnother && result.tenants.some((one) => one.status === "verified")) {
            const message = `it does not open ${tenant} any more. Verify it first: run pulumi up without --target.`;
            throw fault("tenantChanged", connectionArgument, message);
        }
        if (!isHealthy(status) || machineFault(problems) !== undefined) {
            throw new ConnectionError(problems.map(aboutConnection), `Nothing was sent to ${this.definition.title}.`);
        }
        return outputs;
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
        // The hub may have made the write wait for long: the time of the verification before it does not count.
        const args = { ...connection.args, startedAt: performance.now() };
        const { http, authorizer } = session.tools(connection.type, args, signal);
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

    /** What the program declares, as inputs: references as it gave them. */
    private declaredInputs({ given, connection }: Prepared, declared: Values): Values {
        const handed = connectionIn(declared);
        if (!this.type.takesConnection || handed === undefined) {
            return given;
        }
        const args = connection === undefined ? presentOnly(handed.arguments) : connection.args.given;
        return { ...given, [connectionArgument]: { type: handed.type, arguments: args } };
    }

    private inputs(shown: Values, found: unknown, bookkeeping: Bookkeeping): Values {
        const { nonce: _, memo: __, digests: ___, sent: ____, ...rest } = bookkeeping;
        return withoutUndefined({ ...shown, found, ...encodeBookkeeping(rest) });
    }

    /** What is recorded: of a connection everything but its secrets, which stand in the inputs alone. */
    private state(
        { given, connection }: Prepared,
        from: Values,
        { facts, outputs }: { readonly facts: Values; readonly outputs: Values },
        bookkeeping: Bookkeeping,
    ): Values {
        const handed = connectionIn(from);
        const names = connection?.type.sensitiveNames ?? [];
        const open =
            handed &&
            Object.fromEntries(
                Object.entries(this.bareArguments(handed)).filter(
                    ([name, value]) => !names.includes(name) || isReference(value),
                ),
            );
        const shown = Object.fromEntries(
            this.definition.outputs.map((name) => [name, outputs[name] ?? from[name] ?? null]),
        );
        const { wanted: _, replaceOn: __, ...rest } = bookkeeping;
        return withoutUndefined({
            ...given,
            ...(handed === undefined ? {} : { [connectionArgument]: { type: handed.type, arguments: open } }),
            ...shown,
            found: facts,
            ...encodeBookkeeping(rest),
        });
    }

    private bareArguments({ type, arguments: args }: GivenConnection): Values {
        const known = this.find(type);
        return known === undefined ? args : withBareReferences(known, args);
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

function record({ owner, isSealed, replaceOn }: Observation): Bookkeeping {
    return { owner, replaceOn, ...(isSealed === true ? { isSealed } : {}) };
}

/** What the hub holds, as an input. Where the last `up` was shown just this, `again` has what differs: engines show only what is new. */
function shownDrift(present: Values, target: Values, shownBefore: unknown): Values {
    const differing = differingNames(target, present).map((name) => [name, present[name] ?? null]);
    return isDeepStrictEqual(present, shownBefore) ? { ...present, again: Object.fromEntries(differing) } : present;
}

/** Fingerprints of what was recorded by a write, until a refresh finds all of it again: a hub's text is known by them where the record has another value. */
function sentBefore(
    { values }: Prepared,
    recorded: Values,
    prior: Bookkeeping,
    facts: Values,
): readonly string[] | undefined {
    const known = [...new Set(textsIn([values, recorded[connectionArgument], facts]))];
    const sent = prior.sent ?? [...new Set(textsIn(recorded["found"]))].map((text) => fingerprint(text));
    return sent.every((one) => known.some((text) => matches(text, one))) ? undefined : sent;
}

const isDigestOf = (text: string, digest: string | undefined): boolean =>
    digest !== undefined && isFingerprint(digest) && matches(text, digest);

const unknowns = (names: readonly string[]): Values => Object.fromEntries(names.map((name) => [name, UNKNOWN]));

/** What an engine takes: it has no undefined. */
function withoutUndefined(values: Values): Values {
    return JSON.parse(JSON.stringify(values)) as Values;
}
