// The life of a connection, in four steps for every verb: decode, verify, plan, encode. Hosts call only these verbs.
import { contactArgument } from "../define/common";
import type { EngineInputs, Problem, Recorded, Values, VerifyMode } from "../define/contracts";
import type { AnyDefinition } from "../define/connection";
import { ConnectionType } from "./connection-type";
import { withContents } from "./differences";
import { isExpired, isOver, recordedEnd, soonestEnd } from "./expiry";
import type { CheckDeclaration, Comparison, Computed, Handler, HandlerContext } from "./handler";
import { compareStates, isCommon, notVerified, obstacles, plan, unhealthyWarning } from "./plan";
import { ConnectionError, describe, isAbout, isHealthy, isUnhealthy, onlyRefusals, stopsChange } from "./problems";
import type { ConnectionReport } from "./program-report";
import { remarksAbout } from "./remarks";
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
import { isResultOf, notChecked, type ResolvedArguments, type Session, type VerificationResult } from "./session";
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
import { hasUnknown, UNKNOWN } from "./unknown";
import { definedOnly } from "./values";
import { validate } from "./verified";

/** The handler of one type of connection. */
export function connectionHandler(definition: AnyDefinition, form: RecordForm = {}): Handler {
    const type = new ConnectionType(definition);
    const life = new Life(type, form);
    /** A handler's result, with the names that a host encrypts. */
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
        check: (declaration, context) =>
            guarded(
                ({ inputs }) => inputs,
                async () => {
                    const checked = await life.check(declaration, context);
                    return { ...checked, facts: factNames(type, checked.inputs) };
                },
            ),
        diff: ({ recorded, inputs }, context) => life.guard(() => life.diff(recorded, inputs, context)),
        create: ({ inputs }, context) => guarded(stateOf, () => life.create(inputs, context)),
        update: ({ recorded, inputs }, context) => guarded(stateOf, () => life.update(recorded, inputs, context)),
        read: ({ id, recorded }, context) => guarded(stateOf, () => life.read(id, recorded, context)),
        observe: ({ recorded }, context) =>
            guarded(
                ({ inputs }) => inputs,
                () => life.observe(recorded, context),
            ),
        delete: (_, context) => life.guard(() => life.delete(context)),
    };
}

/** The parts of a record that the host decides. */
export type RecordForm = Pick<NextState, "declaredIn" | "isBrief">;

/** The reason why a connection cannot be imported or looked up, and the alternative. */
export function notAdopted({ label }: ConnectionType): Problem {
    const instead = `declare the ${label} without import or id, and pulumi up adopts it.`;
    return {
        kind: "invalidArgument",
        code: "not-imported",
        message: `a connection is declared, not imported or looked up: ${instead}`,
    };
}

/** A verified connection with the changes from its record. */
interface Verified {
    /** The arguments as they are to be recorded. */
    readonly args: Values;
    /** Digests of the values behind its references. */
    readonly digests: Digests;
    readonly changed: readonly string[];
    /** References whose earlier values are not in the inputs on record: only `diff` can compare them. */
    readonly unclear: readonly string[];
    readonly mode: VerifyMode;
    /** True where the vendor was contacted. */
    readonly isChecked: boolean;
    /** Arguments that the program made secret. */
    readonly sealed: readonly string[];
    /** Outputs that the program made secret. */
    readonly secretOutputs: readonly string[];
    readonly plan: SealedPlan;
}

/** The options of a verification. */
interface VerificationOptions {
    readonly program?: ConnectionReport | undefined;
    readonly isRefresh?: boolean | undefined;
    /** Default: the mode of the program, the arguments or the session. */
    readonly mode?: VerifyMode | undefined;
    /** True where the record is that of the inputs, which hold no digests. */
    readonly isOfInputs?: boolean | undefined;
    /** Arguments that the program made secret. Default: those on record. */
    readonly sealed?: readonly string[] | undefined;
    /** Outputs that the program made secret. Default: those on record. */
    readonly secretOutputs?: readonly string[] | undefined;
}

/** A check's note for the diff that follows it, which knows the whole record. */
interface CheckNote {
    readonly args: ResolvedArguments;
    readonly declared: Values;
    readonly program: ConnectionReport | undefined;
    readonly status: unknown;
}

class Life {
    constructor(
        private readonly type: ConnectionType,
        private readonly form: RecordForm,
    ) {}

    async check(
        { recorded, declared, report, verification, madeSecret }: CheckDeclaration,
        context: HandlerContext,
    ): Promise<{ inputs: EngineInputs; problems: readonly Problem[] }> {
        const { type } = this;
        const prior = decodeState(type, recorded);
        const program = report !== undefined && report !== "unknown" && "tenants" in report ? report : undefined;
        const label = labelOf(type, program, context);
        // For `ignoreChanges: ["*"]` the engine keeps the recorded inputs.
        const given = withBareReferences(type, declaredArguments(type, declared));
        const { args, problems } = await validate(type, given, context.session, { known: program });
        const seal = new Seal(program?.sealed ?? madeSecret ?? [], given);
        // A misplaced secret is always a fault, also where the program has validated the rest.
        const misplaced = args?.secrets.problems.filter(({ kind }) => kind === "invalidArgument") ?? [];
        const refusals = [...problems, ...misplaced];
        if (refusals.length > 0) {
            sum("invalid", given, context);
            return { inputs: given, problems: seal.problems(refusals) };
        }
        if (args === undefined || report === "unknown") {
            sum("unknown", given, context);
            const open = type.computedNames.filter((name) => !(name in given));
            return { inputs: { ...given, ...Object.fromEntries(open.map((name) => [name, UNKNOWN])) }, problems: [] };
        }
        const novelties = this.validateNew(args, prior, label, context);
        if (novelties.length > 0) {
            return { inputs: given, problems: seal.problems(novelties) };
        }
        const { sealed = [] } = program ?? { sealed: madeSecret ?? prior?.sealed };
        const { secretOutputs = [] } = program ?? prior ?? {};
        if (verification === "later" && prior === undefined) {
            return { inputs: this.openInputs(args, sealed), problems: [] };
        }
        const options = { program, sealed, secretOutputs, isOfInputs: true };
        const verified = await this.verify(args, prior, options, context);
        const isPreview = context.preview ?? program?.preview ?? false;
        const inputs = this.checkedInputs(verified, prior, declared, program, isPreview);
        const blocking = await this.blockingProblems(verified, args, prior, isPreview, context);
        if (blocking.length > 0) {
            const isLeft = !isPreview && this.isLeftToWrite(verified, args, recorded, inputs, program, context);
            this.sum(verified, inputs, context);
            return isLeft ? { inputs, problems: [] } : { inputs: given, problems: seal.problems(blocking) };
        }
        const known = [...(prior?.sealed ?? []), ...(prior?.secretOutputs ?? [])];
        const secret = [...verified.sealed, ...verified.secretOutputs];
        if (prior !== undefined && secret.some((name) => !known.includes(name))) {
            context.log.warn(
                `${label}: sealing: the program makes ${secret.join(", ")} secret, which the state holds in clear. This update encrypts it.`,
            );
        }
        if (program?.tenants.length === 0 && verified.plan.status === "unreachable") {
            // The program did not contact the vendor, so it cannot report this itself.
            const { problems: found } = verified.plan;
            context.log.warn(`${label}: not verified: ${found.map(describe).join(" ")}`);
        }
        this.say(verified, inputs, context);
        const note: CheckNote = { args, declared, program, status: inputs["status"] };
        context.session.note(this.checkOf(inputs), note);
        return { inputs, problems: [] };
    }

    async diff(recorded: Recorded, inputs: EngineInputs, context: HandlerContext): Promise<Comparison> {
        const { type } = this;
        const { session } = context;
        const mode = session.modeOf(inputs);
        const checked = session.noted(this.checkOf(inputs)) as CheckNote | undefined;
        const prior = decodeState(type, recorded);
        if (checked === undefined) {
            // A refresh: its result is compared with the earlier record.
            const before = session.noted(stateText(recorded)) as EngineInputs | undefined;
            return compareStates(type, recorded, before ?? inputs, mode);
        }
        if (prior === undefined || !hasReference(type, checked.args.given, prior.args)) {
            return compareStates(type, recorded, inputs, mode);
        }
        return this.diffReferences(recorded, prior, checked, context);
    }

    /** Verifies the checked arguments again with the digests, which only the state holds and no check sees. */
    private async diffReferences(
        recorded: Recorded,
        prior: PriorState,
        { args, declared, program, status }: CheckNote,
        context: HandlerContext,
    ): Promise<Comparison> {
        const { type } = this;
        const label = labelOf(type, program, context);
        const verified = await this.verify(args, prior, { program, ...secretOf(program, prior) }, context);
        const isPreview = context.preview ?? program?.preview ?? false;
        const blocking = await this.blockingProblems(verified, args, prior, isPreview, context);
        const seal = new Seal(verified.sealed, args.given);
        const next = this.checkedInputs(verified, prior, declared, program, isPreview);
        if (blocking.length > 0) {
            if (!isPreview && this.isLeftToWrite(verified, args, recorded, next, program, context)) {
                return { ...compareStates(type, recorded, next, verified.mode), changes: true, replaces: [] };
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
            context.log.info?.(`${label}: ${name}: ${source} holds another secret than is on record.`);
        }
        const { changes, replaces, differences } = compareStates(type, recorded, next, verified.mode);
        return { changes: changes || renewed.length > 0, replaces, differences: withContents(differences, renewed) };
    }

    /** The name under which a check leaves a note for its diff. */
    private checkOf(inputs: Values): string {
        const { type } = this;
        return fingerprintSource("check", type.definition.type, pick(inputs, [...type.argumentNames, bookkeepingName]));
    }

    async create(inputs: EngineInputs, context: HandlerContext): Promise<{ id: string; state: Recorded }> {
        if (context.preview === true) {
            return { id: UNKNOWN, state: await this.previewed(inputs, undefined, context) };
        }
        const verified = await this.verifyToRecord(inputs, undefined, "Nothing was recorded.", context);
        const { vendor, name } = this.type;
        const { tenant = name } = verified.plan.identity;
        const isSealed = new Seal(verified.sealed, verified.args).holds(tenant);
        const state = { ...this.encodeUp(verified, inputs), ...verifiedNow(verified) };
        this.say(verified, state, context);
        return { id: `${vendor}/${isSealed ? sealedId() : tenant}`, state };
    }

    async update(recorded: Recorded, inputs: EngineInputs, context: HandlerContext): Promise<{ state: Recorded }> {
        const prior = decodeState(this.type, recorded);
        if (context.preview === true) {
            return { state: await this.previewed(inputs, prior, context) };
        }
        const otherwise = "The stack keeps what is on record.";
        const verified = await this.verifyToRecord(inputs, prior, otherwise, context, recorded);
        // Without a new contact to the vendor, the last verification keeps its time.
        const earlier = prior?.verifiedAt === undefined ? {} : { verifiedAt: prior.verifiedAt };
        const state = { ...this.encodeUp(verified, inputs), ...earlier, ...verifiedNow(verified) };
        this.say(verified, state, context);
        return { state };
    }

    /** The record as far as a preview knows it. */
    private async previewed(
        inputs: EngineInputs,
        prior: PriorState | undefined,
        context: HandlerContext,
    ): Promise<Recorded> {
        const { type } = this;
        const checked = decodeInputs(type, inputs);
        if (checked === undefined || hasUnknown(checked.args)) {
            const open = Object.fromEntries(type.computedNames.map((name) => [name, UNKNOWN]));
            return { ...open, ...declaredArguments(type, inputs), verifiedAt: UNKNOWN };
        }
        const { args, verified } = await this.verifyInputs(inputs, prior, context);
        const blocking = await this.blockingProblems(verified, args, prior, true, context);
        if (blocking.length > 0) {
            this.sum(verified, {}, context);
            throw new ConnectionError(new Seal(checked.sealed, args.given).problems(blocking));
        }
        const state = leftOpen(type, verified, prior, this.encode(verified, inputs, false));
        this.say(verified, state, context);
        return { ...state, verifiedAt: UNKNOWN };
    }

    async read(
        id: string,
        recorded: Recorded,
        context: HandlerContext,
    ): Promise<{ state: Recorded; inputs: EngineInputs }> {
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
        const validated = type.arguments.accept(prior.args);
        const args = await context.session.resolve(type, validated);
        const verified = await this.verify(args, prior, { isRefresh: true }, context);
        const failures = context.session.strictFailures(verified.plan.status, verified.plan.problems);
        if (failures.length > 0) {
            throw new ConnectionError(failures, "The connection stays as it was.");
        }
        if (verified.plan.status === "unreachable") {
            context.log.warn(`${id}: ${notVerified(verified.plan.problems)}`);
        }
        const isAccepted = prior.accepted && verified.plan.outputs["status"] === prior.status;
        // Only a run that has proved a reference's value records its digest.
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

    async observe(
        recorded: Recorded,
        { session, signal }: HandlerContext,
    ): Promise<{ inputs: EngineInputs; start: () => void }> {
        const { type, form } = this;
        const prior = decodeState(type, recorded);
        if (prior === undefined) {
            throw new ConnectionError([notAdopted(type)]);
        }
        const { args, outputs, identity, sealed, ignored, secretOutputs } = prior;
        const start = (): void => {
            const unchanged = { changed: [], isNewCredential: false };
            if (contactsVendor(type, session.modeOf(args), args, prior, unchanged, Date.now())) {
                const verification = session
                    .resolve(type, type.arguments.accept(args))
                    .then((resolved) => session.verify(type, resolved, signal));
                // The check that follows comes to the same, and says it.
                verification.catch(() => undefined);
            }
        };
        const held = pick(recorded, ignored);
        const kept = { args, outputs, identity, sealed, ignored, secretOutputs, held, ...form };
        return { inputs: encodeInputs(type, kept), start };
    }

    async delete(context: HandlerContext): Promise<void> {
        // The credential belongs to its owner: a connection is forgotten, nothing is deleted at the vendor.
        context.session.warnOfEndpoints(context.log);
    }

    // ---- report -----------------------------------------------------------------------------------------------------------------

    /** Says what a run says of a connection, where no program's side does. */
    private say(verified: Verified, values: Values, context: HandlerContext): void {
        const { mode, plan: planned } = verified;
        const { log, resource, preview: isPreview } = context;
        if (resource !== undefined) {
            const { since, status, problems } = planned;
            const unreached = status === "unreachable" ? problems : [];
            const expiresAt = shownDay(verified);
            const unlock = this.type.definition.locksAfterRefusals;
            const about = { values, mode, since, expiresAt, unlock, unreached, isPreview };
            remarksAbout(about).forEach((remark) => log.warn(remark));
            this.sum(verified, values, context);
        }
    }

    /** Notes the connection's part of the line at the end of the run, where no program's side does. */
    private sum(verified: Verified, { secretExpiresAt }: Values, { session, resource }: HandlerContext): void {
        if (resource !== undefined) {
            const {
                mode,
                isChecked,
                plan: { status },
            } = verified;
            const expiresAt = soonestEnd({ expiresAt: shownDay(verified), secretExpiresAt });
            session.summary.note(resource.owner, { name: resource.name, status, isChecked, mode, expiresAt });
        }
    }

    /** Turns every error into a refusal without a stack, as hosts need it. */
    guard<T>(work: () => Promise<T>): Promise<T> {
        const next = "Restore the stack's state, or replace the resource (pulumi up --replace URN).";
        return onlyRefusals(
            work,
            "state-unusable",
            (name) => `the recorded state of this ${this.type.label} cannot be used (${name}). ${next}`,
        );
    }

    // ---- decode -----------------------------------------------------------------------------------------------------------------

    /** The faults of arguments that are new or changed. For those on record it warns. */
    private validateNew(
        args: ResolvedArguments,
        prior: PriorState | undefined,
        label: string,
        { log }: HandlerContext,
    ): readonly Problem[] {
        const { type } = this;
        const problems = type.arguments.validateNew(args);
        const changed = differingNames(prior?.args ?? {}, args.given);
        const isNew = (problem: Problem): boolean => prior === undefined || isAbout(problem, changed);
        for (const problem of problems.filter((one) => !isNew(one))) {
            log.warn(`${label}: ${describe(problem)}`);
        }
        return problems.filter(isNew);
    }

    // ---- verify and plan --------------------------------------------------------------------------------------------------------

    private async verify(
        args: ResolvedArguments,
        prior: PriorState | undefined,
        { program, isRefresh, mode: requestedMode, isOfInputs = false, ...secret }: VerificationOptions,
        { session, signal }: HandlerContext,
    ): Promise<Verified> {
        const { sealed = prior?.sealed ?? [], secretOutputs = prior?.secretOutputs ?? [] } = secret;
        const { type } = this;
        const isStrict = session.settings.strict === true;
        const mode = requestedMode ?? (isStrict ? "always" : (program?.mode ?? session.modeOf(args.given)));
        const { given, secrets } = args;
        const digests = digestsOf(type, given, secrets, prior?.digests);
        const renewed = newContents(type, given, secrets, prior?.digests);
        const isUnclear = (name: string): boolean =>
            isOfInputs && prior?.digests?.[name] === undefined && isReference(prior?.args[name]);
        const unclear = renewed.filter(isUnclear);
        const known = renewed.filter((name) => !isUnclear(name));
        const differing = prior === undefined ? Object.keys(given) : differingNames(prior.args, given);
        const changed = [...new Set([...differing, ...known])].filter((name) => name !== contactArgument);
        // Where only the state could decide, the credential counts as new: `diff` refuses a change that the program did
        // not declare.
        const isNewCredential = prior === undefined || this.hasNewCredential(args, prior, [...changed, ...unclear]);
        const now = Date.now();
        const isChecked =
            isRefresh === true
                ? mode !== "never"
                : contactsVendor(type, mode, given, prior, { changed, isNewCredential }, now);
        const { tenants } = isChecked ? await this.contact(args, program, session, signal) : notChecked(type, args);
        const fault = session.machineFault(tenants.flatMap(({ problems }) => problems));
        if (fault !== undefined) {
            throw new ConnectionError([fault]);
        }
        const derived = type.derive(args.values);
        const planned = plan({ type, args: given, derived, prior, changed, isNewCredential, tenants, now });
        const seal = new Seal(sealed, given, textsOf(planned.outputs, secretOutputs));
        const shown = seal.plan(planned);
        return { args: given, digests, changed, unclear, mode, isChecked, sealed, secretOutputs, plan: shown };
    }

    /** The result that decides: the program's where it was made with these very arguments, else one of this process. */
    private async contact(
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

    /**
     * True where the proof of identity has changed: a secret by its content, from any source, and not where one is only
     * left out.
     */
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

    /** Verifies the next record, and refuses one that must not be recorded. */
    private async verifyToRecord(
        inputs: EngineInputs,
        prior: PriorState | undefined,
        otherwise: string,
        context: HandlerContext,
        recorded?: Recorded,
    ): Promise<Verified> {
        const { verified } = await this.verifyInputs(inputs, prior, context, recorded);
        const { problems, status } = verified.plan;
        const isKept =
            prior !== undefined &&
            verified.mode !== "always" &&
            obstacles(problems, status, prior, verified.changed, verified.mode).length === 0;
        if (!isHealthy(status) && !isKept) {
            this.sum(verified, {}, context);
            throw new ConnectionError(problems, otherwise);
        }
        return verified;
    }

    /** Verifies checked inputs. */
    private async verifyInputs(
        inputs: EngineInputs,
        prior: PriorState | undefined,
        context: HandlerContext,
        recorded?: Recorded,
    ): Promise<{ args: ResolvedArguments; verified: Verified }> {
        const { type } = this;
        const { args: given = {}, sealed = [], secretOutputs = [] } = decodeInputs(type, inputs) ?? {};
        const args = await context.session.resolve(type, type.arguments.accept(given));
        // Status `unverified` at check time means mode `never`.
        const isLeft = inputs["status"] === "unverified" || changesContactAlone(type, recorded, prior, inputs, args);
        const mode = isLeft ? "never" : undefined;
        return { args, verified: await this.verify(args, prior, { mode, sealed, secretOutputs }, context) };
    }

    /** The problems that stop a connection that is new or changed. */
    private async blockingProblems(
        verified: Verified,
        args: ResolvedArguments,
        prior: PriorState | undefined,
        isPreview: boolean,
        context: HandlerContext,
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
        const isProved = isClear && verified.isChecked && planned.problems.length === 0;
        const problems = isProved ? await this.verifyStandbySecrets(verified, args, prior, context) : planned.problems;
        // A preview leaves open a connection that it could not check; an update records only a verified one.
        const isUnseen = prior === undefined && planned.status === "unreachable";
        const blocking =
            isUnseen && !isPreview ? problems : problems.filter((problem) => stopsChange(problem, changed));
        return obstacles(blocking, planned.status, prior, changed, mode);
    }

    /**
     * True where the write refuses in place of the check: an engine stops the whole run for a failed check, and goes on
     * with the others after a failed write (--continue-on-error). A resource that is deleted before its replacement is
     * made must be refused by the check.
     */
    private isLeftToWrite(
        { mode, plan: { status, problems } }: Verified,
        { secrets }: ResolvedArguments,
        recorded: Recorded | undefined,
        inputs: EngineInputs,
        program: ConnectionReport | undefined,
        { session, resource }: HandlerContext,
    ): boolean {
        return (
            (program === undefined ? resource !== undefined : program.deletesFirst !== true) &&
            !isHealthy(status) &&
            (mode === "never" || secrets.problems.length === 0) &&
            session.strictFailures(status, problems).length === 0 &&
            (recorded === undefined || compareStates(this.type, recorded, inputs, mode).replaces.length === 0)
        );
    }

    /** The problems of new secrets besides the one in use: each is proved before the old one is dropped. */
    private async verifyStandbySecrets(
        { plan: { secretInUse, status } }: Verified,
        args: ResolvedArguments,
        prior: PriorState,
        { session, signal }: HandlerContext,
    ): Promise<readonly Problem[]> {
        const { type } = this;
        if (secretInUse === undefined || status === "unverified" || type.secretNames.length === 1) {
            return [];
        }
        const { secretArgument: primary, standbySecrets: others = [] } = session.tools(type, args, signal).authorizer;
        const isNew = ([name, value]: readonly [string, string]): boolean =>
            [primary, ...others].includes(name) &&
            name !== secretInUse &&
            !isRecorded(type, value, prior.args, prior.digests);
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
        const { type, form } = this;
        const names = type.computedNames;
        // Without anything on record the engine holds nothing yet, but a refresh will have to.
        const isHeld = (name: string): boolean => name in declared && !type.argumentNames.includes(name);
        const held = names.filter(isHeld);
        // A host without a report puts the recorded values there that `ignoreChanges` names.
        const { ignored: listed = [] } = program ?? { ignored: held.length > 0 ? held : prior?.ignored };
        const ignored = names.filter((name) => listed.some((path) => path === name || path === "*"));
        const { args, sealed, secretOutputs } = verified;
        const { outputs, identity } = verified.plan;
        const shown = {
            args,
            outputs,
            identity,
            sealed,
            ignored,
            secretOutputs,
            held: pick(declared, held),
            ...form,
        };
        const inputs = encodeInputs(type, { ...shown, replaceOn: program?.replaceOn });
        return isPreview ? leftOpen(type, verified, prior, inputs) : inputs;
    }

    /** The inputs of a new connection that is verified later. */
    private openInputs({ given, values }: ResolvedArguments, sealed: readonly string[]): EngineInputs {
        const { type, form } = this;
        const open = Object.fromEntries(type.computedNames.map((name) => [name, UNKNOWN]));
        const outputs = { ...open, ...type.derive(values) };
        const identity = definedOnly({ tenant: type.tenantOf({ ...outputs, ...given }) });
        return encodeInputs(type, { args: given, outputs, identity, sealed, ...form });
    }

    private encodeUp(verified: Verified, inputs: EngineInputs): Recorded {
        return this.encode(verified, inputs, isUnhealthy(verified.plan.outputs["status"]));
    }

    /**
     * @param from The values that hold the outputs which the program's `ignoreChanges` keeps.
     * @param accepted True where an `up` has recorded that the connection is not healthy.
     */
    private encode(verified: Verified, from: Values, accepted: boolean): Recorded {
        const { digests } = verified;
        const { since } = verified.plan;
        return encodeState(this.type, { ...this.shown(verified, from), digests, since, accepted });
    }

    /** The inputs from a refresh: as from a check, without random values and dates. */
    private encodeInputs(verified: Verified, from: Values): EngineInputs {
        return encodeInputs(this.type, this.shown(verified, from));
    }

    private shown({ args, sealed, secretOutputs, plan: { outputs, identity } }: Verified, from: Values): NextState {
        const ignored = decodeState(this.type, from)?.ignored ?? [];
        return { args, outputs, identity, sealed, ignored, secretOutputs, held: pick(from, ignored), ...this.form };
    }
}

/** The resource's name in messages. */
function labelOf(type: ConnectionType, program: ConnectionReport | undefined, { resource }: HandlerContext): string {
    return program?.label ?? (resource === undefined ? type.label : `${type.label} ${resource.name}`);
}

/** Notes a connection that cannot be verified, for the line at the end of the run. */
function sum(status: "invalid" | "unknown", given: Values, { session, resource }: HandlerContext): void {
    if (resource !== undefined) {
        const { name, owner } = resource;
        session.summary.note(owner, { name, status, isChecked: false, mode: session.modeOf(given) });
    }
}

/** The declared end of a secret, unless the program made it secret. */
const shownDay = ({ args, sealed }: Verified): unknown =>
    sealed.includes("expiresAt") ? undefined : args["expiresAt"];

/** The names of inputs that are findings. */
function factNames(type: ConnectionType, inputs: EngineInputs): readonly string[] {
    const args = decodeInputs(type, inputs)?.args ?? declaredArguments(type, inputs);
    return Object.keys(inputs).filter((name) => !(name in args) && !name.startsWith("__"));
}

/** The values with those left open that a preview could not check. */
function leftOpen<V extends Values>(
    type: ConnectionType,
    verified: Verified,
    prior: PriorState | undefined,
    values: V,
): V {
    if (prior !== undefined && isOtherAccount(verified, prior)) {
        return { ...values, status: UNKNOWN };
    }
    if (prior !== undefined || verified.plan.status !== "unreachable") {
        return values;
    }
    const open = type.computedNames.filter((name) => values[name] === null || values[name] === undefined);
    return { ...values, ...Object.fromEntries(open.map((name) => [name, UNKNOWN])), status: UNKNOWN };
}

/** True where a credential is by reference, now or on record. */
const hasReference = (type: ConnectionType, ...all: readonly Values[]): boolean =>
    all.some((args) => type.secretNames.some((name) => isReference(args[name])));

/** The names that the program made secret; without the program, those on record. */
function secretOf(
    program: ConnectionReport | undefined,
    prior: PriorState,
): { sealed: readonly string[]; secretOutputs: readonly string[] } {
    const { sealed = [], secretOutputs = [] } = program ?? prior;
    return { sealed, secretOutputs };
}

/** True for an update of the contact alone: its state is the record with another contact. */
function changesContactAlone(
    type: ConnectionType,
    recorded: Recorded | undefined,
    prior: PriorState | undefined,
    inputs: EngineInputs,
    { given, secrets }: ResolvedArguments,
): boolean {
    if (recorded === undefined || prior === undefined) {
        return false;
    }
    const { [contactArgument]: contact } = recorded;
    const others = { ...inputs, [contactArgument]: contact } as EngineInputs;
    return (
        given[contactArgument] !== prior.args[contactArgument] &&
        !compareStates(type, recorded, others, "never").changes &&
        newContents(type, given, secrets, prior.digests).length === 0
    );
}

/** A state in the engine's form, as the name of a note about it. */
const stateText = ({ __provider: _, ...state }: Values): string => fingerprintSource("read", state);

/** True where another account was found, and only the state can show that the program declared it. */
const isOtherAccount = ({ unclear, plan: { identity } }: Verified, { identity: was }: PriorState): boolean =>
    unclear.length > 0 && was.account !== undefined && !isSameIdentifier(was.account, identity.account);

/** The arguments among a host's values: outputs are there only where the program's `ignoreChanges` names them. */
function declaredArguments(type: ConnectionType, declared: Values): Values {
    const isArgument = (name: string): boolean =>
        name !== "verifiedAt" &&
        !name.startsWith("__") &&
        (type.argumentNames.includes(name) || !type.computedNames.includes(name));
    return Object.fromEntries(Object.entries(declared).filter(([name]) => isArgument(name)));
}

/**
 * True where a preview or an update contacts the vendor. Under `changes` that is for a connection that is new, changed,
 * unverified or unhealthy, and for a secret whose reported end has passed: it may work again. One that is expired by
 * its declared day cannot work again, and a refused one is not sent again where that may lock its account.
 */
function contactsVendor(
    type: ConnectionType,
    mode: VerifyMode,
    args: Values,
    prior: PriorState | undefined,
    { changed, isNewCredential }: { readonly changed: readonly string[]; readonly isNewCredential: boolean },
    now: number,
): boolean {
    const reported = isNewCredential ? undefined : recordedEnd(prior?.outputs ?? {});
    const isHealthyRecord = prior !== undefined && isHealthy(prior.status) && prior.status !== "unverified";
    const stands = isHealthyRecord && changed.length === 0 && !isOver(reported, now);
    const isExpiredByDay = reported === undefined && isExpired(args, now);
    const mayLock = type.definition.locksAfterRefusals !== undefined && prior?.status === "rejected";
    const isHeld = mayLock && !isNewCredential && changed.every(isCommon);
    return mode === "always" || (mode === "changes" && !stands && !isExpiredByDay && !isHeld);
}

function verifiedNow({ isChecked: isChecked, plan: { status } }: Verified): { verifiedAt?: string } {
    return isChecked && isHealthy(status) ? { verifiedAt: new Date().toISOString() } : {};
}
