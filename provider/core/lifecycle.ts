// The life of a connection, in four steps for every verb: decode what came, verify, plan, encode. Hosts call it, and know no more of it.
import type {
    Computed,
    DeclaredInputs,
    EngineInputs,
    Handler,
    HandlerContext,
    Problem,
    Recorded,
    Values,
    VerifyMode,
} from "../define/contracts";
import type { AnyDefinition } from "../define/connection";
import { ConnectionType } from "./connection-type";
import { isExpired, isOver, recordedEnd } from "./expiry";
import { compareStates, notVerified, obstacles, plan, unhealthyWarning } from "./plan";
import { ConnectionError, describe, isAbout, isHealthy, isUnhealthy, onlyRefusals, stopsChange } from "./problems";
import { PROGRAM_REPORT_INPUT, isConnectionReport, reportIn, type ConnectionReport } from "./program-report";
import { fingerprintSource } from "./fingerprint";
import { Seal, sealedId, sealedNames, textsOf, type SealedPlan } from "./sealing";
import {
    digestsOf,
    isRecorded,
    isReference,
    newContents,
    sourceName,
    withBareReferences,
    type Digests,
} from "./secrets";
import { isResultOf, notAsked, type ResolvedArguments, type Session, type VerificationResult } from "./session";
import {
    bookkeepingName,
    decodeInputs,
    decodeState,
    differingNames,
    encodeInputs,
    encodeState,
    isSameIdentifier,
    pick,
    type NextState,
    type PriorState,
} from "./state";
import { UNKNOWN } from "./unknown";
import { validate } from "./verified";

type Context = HandlerContext<Session>;

/**
 * The handler of one type of connection.
 * @param declaredIn The module that declares it, where it is not this package's own: the state records it.
 */
export function connectionHandler(definition: AnyDefinition, declaredIn?: string): Handler<Session> {
    const type = new ConnectionType(definition);
    const life = new Life(type, declaredIn);
    /** What a handler has computed, with the names of what a host encrypts. */
    const guarded = <T>(
        values: (result: T) => Recorded | EngineInputs,
        work: () => Promise<T>,
    ): Promise<T & Computed> =>
        life.guard(async () => {
            const result = await work();
            return { ...result, sealed: sealedNames(type, values(result)) };
        });
    const stateOf = ({ state }: { readonly state: Recorded }): Recorded => state;
    return {
        check: ({ recorded, declared }, context) =>
            guarded(
                ({ inputs }) => inputs,
                () => life.check(recorded, declared, context),
            ),
        diff: ({ recorded, inputs }, context) => life.guard(() => life.diff(recorded, inputs, context)),
        create: ({ inputs }, context) => guarded(stateOf, () => life.create(inputs, context)),
        update: ({ recorded, inputs }, context) => guarded(stateOf, () => life.update(recorded, inputs, context)),
        read: ({ id, recorded }, context) => guarded(stateOf, () => life.read(id, recorded, context)),
        delete: (_, context) => life.guard(() => life.delete(context)),
    };
}

/** Why a connection cannot be imported or looked up, and what to do instead. */
export function notAdopted({ label }: ConnectionType): Problem {
    const instead = `write new ${label}(…) without import or id, and pulumi up adopts it.`;
    return { kind: "invalidArgument", message: `a connection is declared, not imported or looked up: ${instead}` };
}

/** A connection in the light of its record. */
interface Verified {
    /** The arguments as they are to be recorded. */
    readonly args: Values;
    /** Digests of what its references lead to. */
    readonly digests: Digests;
    readonly changed: readonly string[];
    /** References of which the inputs on record cannot tell whether they lead to what they did: `diff` can. */
    readonly unclear: readonly string[];
    readonly mode: VerifyMode;
    /** Whether the vendor was asked. */
    readonly isAsked: boolean;
    /** Arguments that the program made secret. */
    readonly sealed: readonly string[];
    /** Outputs that the program made secret. */
    readonly secretOutputs: readonly string[];
    readonly plan: SealedPlan;
}

/** How a verification is asked for. */
interface Asking {
    readonly program?: ConnectionReport | undefined;
    readonly isRefresh?: boolean | undefined;
    /** Default: what the program, the arguments or the session say. */
    readonly mode?: VerifyMode | undefined;
    /** Whether the record is that of the inputs, which hold no digests. */
    readonly isOfInputs?: boolean | undefined;
    /** Arguments that the program made secret. Default: those on record. */
    readonly sealed?: readonly string[] | undefined;
    /** Outputs that the program made secret. Default: those on record. */
    readonly secretOutputs?: readonly string[] | undefined;
}

/** What a check leaves for the diff that follows it, which knows the whole record. */
interface CheckNote {
    readonly args: ResolvedArguments;
    readonly declared: Values;
    readonly program: ConnectionReport | undefined;
    readonly status: unknown;
}

class Life {
    constructor(
        private readonly type: ConnectionType,
        private readonly declaredIn: string | undefined,
    ) {}

    async check(
        recorded: Recorded | undefined,
        declared: DeclaredInputs,
        context: Context,
    ): Promise<{ inputs: EngineInputs; problems: readonly Problem[] }> {
        const { type } = this;
        const prior = decodeState(type, recorded);
        const programResult = reportIn(declared, isConnectionReport);
        const program = programResult === "unknown" ? undefined : programResult;
        // The engine holds what is on record for `ignoreChanges: ["*"]`, what the program has found out among it.
        const given = withBareReferences(type, declaredArguments(type, declared));
        const { args, problems } = await validate(type, given, context.session, { known: program });
        const seal = new Seal(program?.sealed ?? [], given);
        // Where a secret stands is wrong whoever has validated the rest, and whether or not the vendor is checked.
        const misplaced = args?.secrets.problems.filter(({ kind }) => kind === "invalidArgument") ?? [];
        const refusals = [...problems, ...misplaced];
        if (refusals.length > 0) {
            return { inputs: given, problems: seal.problems(refusals) };
        }
        if (args === undefined || programResult === "unknown") {
            const open = type.computedNames.filter((name) => !(name in given));
            return { inputs: { ...given, ...Object.fromEntries(open.map((name) => [name, UNKNOWN])) }, problems: [] };
        }
        const novelties = this.judgeNew(args, prior, program?.label, context);
        if (novelties.length > 0) {
            return { inputs: given, problems: seal.problems(novelties) };
        }
        const { sealed = [] } = program ?? prior ?? {};
        const { secretOutputs = [] } = program ?? prior ?? {};
        const asking = { program, sealed, secretOutputs, isOfInputs: true };
        const verified = await this.verify(args, prior, asking, context);
        const isPreview = context.preview ?? program?.preview ?? false;
        const inputs = this.checkedInputs(verified, prior, declared, program, isPreview);
        const blocking = await this.blockingProblems(verified, args, prior, isPreview, context);
        if (blocking.length > 0) {
            const isLeft = !isPreview && this.isLeftToWrite(verified, args, recorded, inputs, program, context);
            return isLeft ? { inputs, problems: [] } : { inputs: given, problems: seal.problems(blocking) };
        }
        const known = [...(prior?.sealed ?? []), ...(prior?.secretOutputs ?? [])];
        const secret = [...verified.sealed, ...verified.secretOutputs];
        if (prior !== undefined && secret.some((name) => !known.includes(name))) {
            context.log.warn(
                `${program?.label ?? type.label}: sealing: the program makes ${secret.join(", ")} secret, which the state holds in clear. This update encrypts it.`,
            );
        }
        if (program?.tenants.length === 0 && verified.plan.status === "unreachable") {
            // What the program itself has not asked, it cannot tell.
            const { problems: found } = verified.plan;
            context.log.warn(`${program.label ?? type.label}: not verified: ${found.map(describe).join(" ")}`);
        }
        const note: CheckNote = { args, declared, program, status: inputs["status"] };
        context.session.note(this.checkOf(inputs), note);
        return { inputs, problems: [] };
    }

    async diff(
        recorded: Recorded,
        inputs: EngineInputs,
        context: Context,
    ): Promise<{ changes: boolean; replaces: readonly string[] }> {
        const { type } = this;
        const { session } = context;
        const mode = session.modeOf(inputs);
        const checked = session.noted(this.checkOf(inputs)) as CheckNote | undefined;
        const prior = decodeState(type, recorded);
        if (checked === undefined) {
            // A refresh: what it has read is compared with what was on record.
            const before = session.noted(stateText(recorded)) as EngineInputs | undefined;
            return compareStates(type, recorded, before ?? inputs, mode);
        }
        if (prior === undefined || !hasReference(type, checked.args.given, prior.args)) {
            return compareStates(type, recorded, inputs, mode);
        }
        return this.diffReferences(recorded, prior, checked, context);
    }

    /** Judges again what was checked, in the light of the digests: they are in the state alone, which no check sees. */
    private async diffReferences(
        recorded: Recorded,
        prior: PriorState,
        { args, declared, program, status }: CheckNote,
        context: Context,
    ): Promise<{ changes: boolean; replaces: readonly string[] }> {
        const { type } = this;
        const label = program?.label ?? type.label;
        const verified = await this.verify(args, prior, { program, ...secretOf(program, prior) }, context);
        const isPreview = context.preview ?? program?.preview ?? false;
        const blocking = await this.blockingProblems(verified, args, prior, isPreview, context);
        const seal = new Seal(verified.sealed, args.given);
        const next = this.checkedInputs(verified, prior, declared, program, isPreview);
        if (blocking.length > 0) {
            if (!isPreview && this.isLeftToWrite(verified, args, recorded, next, program, context)) {
                return { changes: true, replaces: [] };
            }
            throw new ConnectionError(seal.problems(blocking));
        }
        const { problems } = verified.plan;
        if (verified.plan.status === "tenantChanged" && status !== "tenantChanged") {
            context.log.warn(`${label}: ${problems.map(describe).join(" ")}`);
        }
        const renewed = newContents(type, args.given, args.secrets, prior.digests);
        for (const name of renewed.filter((one) => isReference(prior.args[one]))) {
            const { [name]: reference } = args.given;
            const source = isReference(reference) ? sourceName(reference) : name;
            context.log.tell?.(`${label}: ${name}: ${source} holds another secret than is on record.`);
        }
        const { changes, replaces } = compareStates(type, recorded, next, verified.mode);
        return { changes: changes || renewed.length > 0, replaces };
    }

    /** The name under which a check leaves what its diff needs. */
    private checkOf(inputs: Values): string {
        const { type } = this;
        return fingerprintSource("check", type.definition.type, pick(inputs, [...type.argumentNames, bookkeepingName]));
    }

    async create(inputs: EngineInputs, context: Context): Promise<{ id: string; state: Recorded }> {
        const verified = await this.verifyToRecord(inputs, undefined, "Nothing was recorded.", context);
        const { vendor, name } = this.type;
        const { tenant = name } = verified.plan.identity;
        const isSealed = new Seal(verified.sealed, verified.args).holds(tenant);
        return {
            id: `${vendor}/${isSealed ? sealedId() : tenant}`,
            state: { ...this.encodeUp(verified, inputs), ...verifiedNow(verified) },
        };
    }

    async update(recorded: Recorded, inputs: EngineInputs, context: Context): Promise<{ state: Recorded }> {
        const prior = decodeState(this.type, recorded);
        const verified = await this.verifyToRecord(inputs, prior, "The stack keeps what is on record.", context);
        // What the vendor was not asked about was last verified when it was.
        const earlier = prior?.verifiedAt === undefined ? {} : { verifiedAt: prior.verifiedAt };
        return { state: { ...this.encodeUp(verified, inputs), ...earlier, ...verifiedNow(verified) } };
    }

    async read(id: string, recorded: Recorded, context: Context): Promise<{ state: Recorded; inputs: EngineInputs }> {
        const { type } = this;
        const prior = decodeState(type, recorded);
        if (prior === undefined) {
            throw new ConnectionError([notAdopted(type)]);
        }
        context.session.warnOfEndpoints(context.log);
        const refusals = context.session.strictRefusals(prior.args);
        if (refusals.length > 0) {
            throw new ConnectionError(refusals);
        }
        const judged = type.arguments.accept(prior.args);
        const args = await context.session.resolve(type, judged);
        const verified = await this.verify(args, prior, { isRefresh: true }, context);
        const failures = context.session.strictFailures(verified.plan.status, verified.plan.problems);
        if (failures.length > 0) {
            throw new ConnectionError(failures, "The connection stays as it was.");
        }
        if (verified.plan.status === "unreachable") {
            context.log.warn(`${id}: ${notVerified(verified.plan.problems)}`);
        }
        const isAccepted = prior.accepted && verified.plan.outputs["status"] === prior.status;
        // What a reference leads to is recorded by what has proved it and nothing else.
        const read = { ...verified, digests: prior.digests ?? {} };
        const encoded = this.encode(read, recorded, isAccepted);
        const now = decodeState(type, encoded);
        if (verified.mode !== "always" && isUnhealthy(now?.status)) {
            context.log.warn(`${id}: ${unhealthyWarning(String(now?.status), now?.since, verified.mode !== "never")}`);
        }
        const state = { ...encoded, ...(prior.verifiedAt === undefined ? {} : { verifiedAt: prior.verifiedAt }) };
        context.session.note(stateText(state), recorded);
        return { state, inputs: this.encodeInputs(read, recorded) };
    }

    async delete(context: Context): Promise<void> {
        // The credential is its owner's: a connection is forgotten, nothing is taken away at the vendor.
        context.session.warnOfEndpoints(context.log);
    }

    /** What a host is given never has a stack. */
    guard<T>(work: () => Promise<T>): Promise<T> {
        const next = "Restore the stack's state, or replace the resource (pulumi up --replace URN).";
        return onlyRefusals(
            work,
            (name) => `the recorded state of this ${this.type.label} cannot be used (${name}). ${next}`,
        );
    }

    // ---- decode -----------------------------------------------------------------------------------------------------------------

    /** What is wrong with arguments that are new or changed. Of those on record it warns. */
    private judgeNew(
        args: ResolvedArguments,
        prior: PriorState | undefined,
        label: string | undefined,
        { log }: Context,
    ): readonly Problem[] {
        const { type } = this;
        const problems = type.arguments.judgeNew(args);
        const changed = differingNames(prior?.args ?? {}, args.given);
        const isNew = (problem: Problem): boolean => prior === undefined || isAbout(problem, changed);
        for (const problem of problems.filter((one) => !isNew(one))) {
            log.warn(`${label ?? type.label}: ${describe(problem)}`);
        }
        return problems.filter(isNew);
    }

    // ---- verify and plan --------------------------------------------------------------------------------------------------------

    private async verify(
        args: ResolvedArguments,
        prior: PriorState | undefined,
        { program, isRefresh, mode: asked, isOfInputs = false, ...secret }: Asking,
        { session, signal }: Context,
    ): Promise<Verified> {
        const { sealed = prior?.sealed ?? [], secretOutputs = prior?.secretOutputs ?? [] } = secret;
        const { type } = this;
        const isStrict = session.settings.strict === true;
        const mode = asked ?? (isStrict ? "always" : (program?.mode ?? session.modeOf(args.given)));
        const { given, secrets } = args;
        const digests = digestsOf(type, given, secrets, prior?.digests);
        const renewed = newContents(type, given, secrets, prior?.digests);
        const isUnclear = (name: string): boolean =>
            isOfInputs && prior?.digests?.[name] === undefined && isReference(prior?.args[name]);
        const unclear = renewed.filter(isUnclear);
        const known = renewed.filter((name) => !isUnclear(name));
        const differing = prior === undefined ? Object.keys(given) : differingNames(prior.args, given);
        const changed = [...new Set([...differing, ...known])];
        // Where only the state could tell, what was found counts: `diff` refuses what the program did not ask for.
        const isNewCredential = prior === undefined || this.hasNewCredential(args, prior, [...changed, ...unclear]);
        const now = Date.now();
        const isAsked =
            isRefresh === true ? mode !== "never" : asksVendor(mode, given, prior, { changed, isNewCredential }, now);
        const { tenants } = isAsked ? await this.ask(args, program, session, signal) : notAsked(type, args);
        const fault = session.machineFault(tenants.flatMap(({ problems }) => problems));
        if (fault !== undefined) {
            throw new ConnectionError([fault]);
        }
        const derived = type.derive(args.values);
        const planned = plan({ type, args: given, derived, prior, changed, isNewCredential, tenants, now });
        const seal = new Seal(sealed, given, textsOf(planned.outputs, secretOutputs));
        const shown = seal.plan(planned);
        return { args: given, digests, changed, unclear, mode, isAsked, sealed, secretOutputs, plan: shown };
    }

    /** The result that decides: the program's where it was made with these very arguments, else one of this process. */
    private async ask(
        args: ResolvedArguments,
        program: ConnectionReport | undefined,
        session: Session,
        signal: AbortSignal | undefined,
    ): Promise<VerificationResult> {
        if (program !== undefined && program.tenants.length > 0 && isResultOf(this.type, args, program)) {
            session.adopt(this.type, args, program);
            return program;
        }
        return session.verify(this.type, args, signal);
    }

    /** Whether what proves who one is has changed: a secret by its content, wherever it comes from, and not where one is only left out. */
    private hasNewCredential(
        { given, secrets }: ResolvedArguments,
        prior: PriorState,
        changed: readonly string[],
    ): boolean {
        const { type } = this;
        const isNew = (name: string): boolean => {
            const value = secrets.values[name];
            return value === undefined
                ? given[name] !== undefined
                : !isRecorded(type, value, prior.args, prior.digests);
        };
        return changed.some(
            (name) => type.accountArguments.includes(name) && (!type.secretNames.includes(name) || isNew(name)),
        );
    }

    /** Verifies what is to be recorded, and refuses what is not to be. */
    private async verifyToRecord(
        inputs: EngineInputs,
        prior: PriorState | undefined,
        otherwise: string,
        context: Context,
    ): Promise<Verified> {
        const { type } = this;
        const { args: given = {}, sealed = [], secretOutputs = [] } = decodeInputs(type, inputs) ?? {};
        const args = await context.session.resolve(type, type.arguments.accept(given));
        // What the check has left unverified, it was told to.
        const mode = inputs["status"] === "unverified" ? "never" : undefined;
        const verified = await this.verify(args, prior, { mode, sealed, secretOutputs }, context);
        const { problems, status } = verified.plan;
        const isKept =
            prior !== undefined &&
            verified.mode !== "always" &&
            obstacles(problems, status, prior, verified.changed, verified.mode).length === 0;
        if (!isHealthy(status) && !isKept) {
            throw new ConnectionError(problems, otherwise);
        }
        return verified;
    }

    /** What stops a connection that is new or changed. */
    private async blockingProblems(
        verified: Verified,
        args: ResolvedArguments,
        prior: PriorState | undefined,
        isPreview: boolean,
        context: Context,
    ): Promise<readonly Problem[]> {
        const { mode, changed, plan: planned } = verified;
        if (mode !== "never" && args.secrets.problems.length > 0) {
            return args.secrets.problems;
        }
        const failures = context.session.strictFailures(planned.status, planned.problems);
        if (failures.length > 0) {
            return failures;
        }
        const isClear = prior !== undefined && verified.unclear.length === 0;
        const isProved = isClear && verified.isAsked && planned.problems.length === 0;
        const problems = isProved ? await this.verifyStandbySecrets(verified, args, prior, context) : planned.problems;
        // A preview leaves open what it could not ask; an update records nothing that was not verified.
        const isUnseen = prior === undefined && planned.status === "unreachable";
        const blocking =
            isUnseen && !isPreview ? problems : problems.filter((problem) => stopsChange(problem, changed));
        return obstacles(blocking, planned.status, prior, changed, mode);
    }

    /**
     * Whether the write refuses what the check would: an engine stops the whole run for a check, and goes on with the others for a write (--continue-on-error).
     * What is deleted before it is made anew must be refused before.
     */
    private isLeftToWrite(
        { mode, plan: { status, problems } }: Verified,
        { secrets }: ResolvedArguments,
        recorded: Recorded | undefined,
        inputs: EngineInputs,
        program: ConnectionReport | undefined,
        { session }: Context,
    ): boolean {
        return (
            program !== undefined &&
            program.deletesFirst !== true &&
            !isHealthy(status) &&
            (mode === "never" || secrets.problems.length === 0) &&
            session.strictFailures(status, problems).length === 0 &&
            (recorded === undefined || compareStates(this.type, recorded, inputs, mode).replaces.length === 0)
        );
    }

    /** What is wrong with new secrets besides the one in use: each is proved before what it replaces is dropped. */
    private async verifyStandbySecrets(
        { plan: { secretInUse, status } }: Verified,
        args: ResolvedArguments,
        prior: PriorState,
        { session, signal }: Context,
    ): Promise<readonly Problem[]> {
        const { type } = this;
        const [primary = "", ...others] = type.secretNames;
        if (secretInUse === undefined || status === "unverified" || others.length === 0) {
            return [];
        }
        const isNew = ([name, value]: readonly [string, string]): boolean =>
            name !== secretInUse && !isRecorded(type, value, prior.args, prior.digests);
        const unproved = Object.entries(args.secrets.values).filter(isNew);
        const tried = unproved.map(async ([name, value]) => {
            const given = Object.fromEntries(
                Object.entries(args.given).filter(([argument]) => !others.includes(argument)),
            );
            const alone = {
                ...args,
                given: { ...given, [primary]: value },
                secrets: { values: { [primary]: value }, problems: [] },
            };
            const [tenant] = (await session.verify(type, alone, signal)).tenants;
            return (tenant?.problems ?? []).map((problem) =>
                problem.argument === primary ? { ...problem, argument: name } : problem,
            );
        });
        return (await Promise.all(tried)).flat();
    }

    // ---- encode -----------------------------------------------------------------------------------------------------------------

    private checkedInputs(
        verified: Verified,
        prior: PriorState | undefined,
        declared: Values,
        program: ConnectionReport | undefined,
        isPreview: boolean,
    ): EngineInputs {
        const { type, declaredIn } = this;
        const names = type.computedNames;
        // Without anything on record the engine holds nothing yet, but a refresh will have to.
        const isHeld = (name: string): boolean => name in declared && !type.argumentNames.includes(name);
        const held = names.filter(isHeld);
        const { ignored: listed = [] } = program ?? prior ?? {};
        const ignored = names.filter((name) => listed.some((path) => path === name || path === "*"));
        const { args, sealed, secretOutputs } = verified;
        const { outputs, identity, status } = verified.plan;
        const shown = {
            args,
            outputs,
            identity,
            sealed,
            ignored,
            secretOutputs,
            held: pick(declared, held),
            declaredIn,
        };
        const inputs = encodeInputs(type, { ...shown, replaceOn: program?.replaceOn });
        if (isPreview && prior !== undefined && isOtherAccount(verified, prior)) {
            return { ...inputs, status: UNKNOWN };
        }
        if (!isPreview || prior !== undefined || status !== "unreachable") {
            return inputs;
        }
        const open = names.filter((name) => inputs[name] === null || inputs[name] === undefined);
        return { ...inputs, ...Object.fromEntries(open.map((name) => [name, UNKNOWN])), status: UNKNOWN };
    }

    private encodeUp(verified: Verified, inputs: EngineInputs): Recorded {
        return this.encode(verified, inputs, isUnhealthy(verified.plan.outputs["status"]));
    }

    /**
     * @param from Where the outputs stand that the program's `ignoreChanges` holds.
     * @param accepted Whether an `up` has recorded that the connection is not healthy.
     */
    private encode(verified: Verified, from: Values, accepted: boolean): Recorded {
        const { digests } = verified;
        const { since } = verified.plan;
        return encodeState(this.type, { ...this.shown(verified, from), digests, since, accepted });
    }

    /** What a refresh gives as inputs: as a check would, with nothing that is random or of a day. */
    private encodeInputs(verified: Verified, from: Values): EngineInputs {
        return encodeInputs(this.type, this.shown(verified, from));
    }

    private shown({ args, sealed, secretOutputs, plan: { outputs, identity } }: Verified, from: Values): NextState {
        const { declaredIn } = this;
        const ignored = decodeState(this.type, from)?.ignored ?? [];
        return { args, outputs, identity, sealed, ignored, secretOutputs, held: pick(from, ignored), declaredIn };
    }
}

/** Whether a credential is by reference, now or on record. */
const hasReference = (type: ConnectionType, ...all: readonly Values[]): boolean =>
    all.some((args) => type.secretNames.some((name) => isReference(args[name])));

/** What the program made secret; where only the provider is there, what it had made so. */
function secretOf(
    program: ConnectionReport | undefined,
    prior: PriorState,
): { sealed: readonly string[]; secretOutputs: readonly string[] } {
    const { sealed = [], secretOutputs = [] } = program ?? prior;
    return { sealed, secretOutputs };
}

/** A state as the engine gives it back, as a name for what is noted of it. */
const stateText = ({ __provider: _, ...state }: Values): string => fingerprintSource("read", state);

/** Whether another account was found, of which only the state can tell whether the program asked for it. */
const isOtherAccount = ({ unclear, plan: { identity } }: Verified, { identity: was }: PriorState): boolean =>
    unclear.length > 0 && was.account !== undefined && !isSameIdentifier(was.account, identity.account);

/** The arguments among what a host hands over: outputs are there only where the program's `ignoreChanges` names them. */
function declaredArguments(type: ConnectionType, declared: Values): Values {
    const isArgument = (name: string): boolean =>
        name !== PROGRAM_REPORT_INPUT &&
        name !== "verifiedAt" &&
        !name.startsWith("__") &&
        (type.argumentNames.includes(name) || !type.computedNames.includes(name));
    return Object.fromEntries(Object.entries(declared).filter(([name]) => isArgument(name)));
}

/**
 * Whether the vendor is asked in a preview or an update. Under `changes` that is for what is new, changed or unverified, for what is not healthy, to see
 * whether it has healed, and for a secret whose told end has passed; what is expired by its declared day, no answer of the vendor could heal.
 */
function asksVendor(
    mode: VerifyMode,
    args: Values,
    prior: PriorState | undefined,
    { changed, isNewCredential }: { readonly changed: readonly string[]; readonly isNewCredential: boolean },
    now: number,
): boolean {
    const told = isNewCredential ? undefined : recordedEnd(prior?.outputs ?? {});
    const isHealthyRecord = prior !== undefined && isHealthy(prior.status) && prior.status !== "unverified";
    const stands = isHealthyRecord && changed.length === 0 && !isOver(told, now);
    const isExpiredByDay = told === undefined && isExpired(args, now);
    return mode === "always" || (mode === "changes" && !stands && !isExpiredByDay);
}

function verifiedNow({ isAsked, plan: { status } }: Verified): { verifiedAt?: string } {
    return isAsked && isHealthy(status) ? { verifiedAt: new Date().toISOString() } : {};
}
