// The life of a resource at a hub, in four steps for every verb: decode, look, plan, encode. One implementation for all
// kinds.
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { EngineInputs, Problem, Recorded, Values } from "../define/contracts";
import type { ConnectionTypes } from "../core/connection-types";
import { fingerprint, fingerprintSource, matches } from "../core/fingerprint";
import type { CheckDeclaration, Comparison, Computed, Handler, HandlerContext } from "../core/handler";
import { ConnectionError, describe, HalfMadeError, onlyRefusals } from "../core/problems";
import type { RemoteReport } from "../core/program-report";
import { awaitingEntry } from "../core/run-summary";
import { sealedId } from "../core/sealing";
import { isResultOf, problemOf, type Session } from "../core/session";
import { UNKNOWN } from "../core/unknown";
import { textsWithin } from "../core/values";
import { observePrepared, remarksOf } from "./observe";
import type { Found, RemoteDefinition, RemoteRequest } from "./contracts";
import { anotherCredential, factsOf, isDigestOf, isOurs, seenOf, sentText } from "./ownership";
import { awaitedProblems, planCheck, planDiff, planRemoval, type CheckFindings } from "./plan";
import { exchangeOf, prepare, prepareRecorded, withOutputs, type Prepared } from "./request";
import {
    decodeInputs,
    decodeState,
    encodeDeclared,
    encodeInputs,
    encodePreview,
    encodeState,
    recordOf,
    seal,
    type RecordedState,
    type Sealed,
} from "./state";
import { connectionArgument, notTakenOver, RemoteType } from "./type";
import { staysAsItWas, write } from "./write";

/**
 * The handler of one kind of thing.
 * @param types The connections that can be handed to it.
 */
export function remoteHandler(definition: RemoteDefinition, types: ConnectionTypes): Handler {
    const life = new RemoteLife(new RemoteType(definition), types);
    const kept = ({ id, state }: Put): Computed & { id: string; state: Values } => ({
        id,
        state: state.values,
        sealed: state.names,
    });
    return {
        check: (declaration, context) =>
            life.guard(async () => {
                const { inputs, problems } = await life.check(declaration, context);
                const facts = problems.length > 0 ? [] : ["found"];
                return { inputs: inputs.values, facts, problems, sealed: inputs.names };
            }),
        diff: ({ recorded, inputs }, context) => life.guard(() => life.diff(recorded, inputs, context)),
        create: ({ inputs }, context) => life.guard(async () => kept(await life.put(undefined, inputs, context))),
        update: ({ recorded, inputs }, context) =>
            life.guard(async () => kept(await life.put(recorded, inputs, context))),
        read: ({ id, recorded }, context) =>
            life.guard(async () => {
                const { state, inputs } = await life.read(recorded, context);
                return { ...kept({ id, state }), inputs: inputs?.values };
            }),
        delete: ({ recorded }, context) => life.guard(() => life.delete(recorded, context)),
    };
}

/** A resource after a write. */
interface Put {
    readonly id: string;
    readonly state: Sealed;
}

class RemoteLife {
    private readonly definition: RemoteDefinition;

    constructor(
        private readonly type: RemoteType,
        private readonly types: ConnectionTypes,
    ) {
        this.definition = type.definition;
    }

    async check(
        { recorded, declared, report: handed, madeSecret }: CheckDeclaration,
        context: HandlerContext,
    ): Promise<{ inputs: Sealed; problems: readonly Problem[] }> {
        const { type, types, definition } = this;
        const { session, log, signal } = context;
        const prior = recorded && decodeInputs(type, types, recorded);
        const prepared = await prepare(type, types, session, declared, signal);
        if (prepared.problems.length > 0) {
            return { inputs: encodeDeclared(type, prepared, false), problems: prepared.problems };
        }
        if (prepared.isOpen || handed === "unknown") {
            return { inputs: encodeDeclared(type, prepared, true), problems: [] };
        }
        const reported = handed !== undefined && "owner" in handed ? handed : undefined;
        const report = reported ?? (await this.look(prepared, madeSecret, context));
        if (report === undefined) {
            const message = "nothing is known of what is there. Run pulumi preview or pulumi up with the program.";
            return {
                inputs: encodeDeclared(type, prepared, false),
                problems: [{ kind: "internal", code: "hub-program-missing", message }],
            };
        }
        adoptVerification(session, prepared, report);
        const { given, values, secrets, taken } = prepared;
        const connection = taken && withOutputs(taken, report.outputs ?? {});
        const plan = planCheck({
            type,
            prior,
            declared: prepared,
            args: values,
            report,
            wanted: definition.wanted({ args: values, owner: report.owner, connection }),
            tenant: taken && report.outputs && taken.type.tenantOf(report.outputs),
            mode: taken && session.modeOf(taken.args.given),
            isStrict: session.settings.strict === true,
        });
        plan.warnings.forEach((warning) => log.warn(warning));
        if (plan.inputs === undefined) {
            return { inputs: encodeDeclared(type, prepared, false), problems: plan.problems };
        }
        const sent = sentText(definition, connection);
        const checked: CheckFindings = { report, given, args: values, secrets, sent, isDrifted: plan.isDrifted };
        session.note(noteName(report.owner), checked);
        return { inputs: encodeInputs(type, { ...prepared, ...plan.inputs }), problems: [] };
    }

    /** Reads the present facts for a host without a program's side. */
    private async look(
        prepared: Prepared,
        madeSecret: readonly string[] = [],
        { session, log, preview = false, signal, resource }: HandlerContext,
    ): Promise<RemoteReport | undefined> {
        if (resource === undefined) {
            return undefined;
        }
        const { type } = this;
        const { name, owner } = resource;
        const isSealed = madeSecret.some((path) => isOpenPath(type, prepared, path));
        const request = { label: `${type.label} ${name}`, owner, isSealed, preview };
        const report = await observePrepared(type, session, prepared, request, signal);
        remarksOf(report).forEach((remark) => log.warn(remark));
        const link = type.definition.awaitedLink?.(report.seen?.outputs ?? {});
        if (link !== undefined) {
            session.summary.note(owner, awaitingEntry(name, link));
        }
        return report;
    }

    async diff(recorded: Recorded, checkedInputs: EngineInputs, { session, log }: HandlerContext): Promise<Comparison> {
        const state = decodeState(this.type, this.types, recorded);
        const inputs = decodeInputs(this.type, this.types, checkedInputs);
        const { owner } = inputs.bookkeeping ?? {};
        const checked = owner === undefined ? undefined : (session.noted(noteName(owner)) as CheckFindings | undefined);
        const { problems, warnings, ...comparison } = planDiff(this.type, state, inputs, checked);
        if (problems.length > 0) {
            throw new ConnectionError(problems);
        }
        warnings.forEach((warning) => log.warn(warning));
        return comparison;
    }

    /**
     * Creates where nothing is on record, else updates.
     * @throws HalfMadeError with the state of a half-made resource.
     */
    async put(recorded: Recorded | undefined, checkedInputs: EngineInputs, context: HandlerContext): Promise<Put> {
        const { type, types } = this;
        const before = recorded && decodeState(type, types, recorded);
        const inputs = decodeInputs(type, types, checkedInputs);
        if (context.preview === true) {
            return { id: UNKNOWN, state: encodePreview(type, before, inputs) };
        }
        const { owner = "", isSealed } = inputs.bookkeeping ?? {};
        const mark = { owner, nonce: before?.bookkeeping?.nonce ?? randomBytes(16).toString("hex") };
        const otherwise = before === undefined ? "Nothing was recorded." : "The stack keeps what is on record.";
        const made = await write({ type, types, recorded: before, inputs, mark, context, otherwise });
        const { args, state, written } = made;
        const isHidden = before === undefined && isSealed === true;
        const id = isHidden ? `${type.namespace}/${sealedId()}` : this.definition.id(args, written);
        if (written.problem !== undefined) {
            throw new HalfMadeError([written.problem], id, state.values, state.names);
        }
        return { id, state };
    }

    async read(recorded: Recorded, context: HandlerContext): Promise<{ state: Sealed; inputs: Sealed | undefined }> {
        const { type, definition } = this;
        const { session, log, signal } = context;
        const state = decodeState(type, this.types, recorded);
        const { bookkeeping } = state;
        if (bookkeeping === undefined) {
            throw new ConnectionError([notTakenOver(type)]);
        }
        session.warnOfEndpoints(log);
        const warn = (message: string): void => log.warn(`${type.label}: ${message}`);
        let prepared: Prepared;
        let found: Found | undefined;
        try {
            prepared = await prepareRecorded(type, session, state, signal);
            definition.warnings?.(prepared.values).forEach(warn);
            const exchange = exchangeOf(type, session, prepared, signal);
            found = await exchange.look({ ...requestOf(type, prepared, state), isRefresh: true });
            exchange.warnings.forEach(warn);
        } catch (error) {
            const problems = error instanceof ConnectionError ? error.problems : [problemOf(error)];
            const fault = session.machineFault(problems);
            if (fault !== undefined) {
                throw new ConnectionError([fault]);
            }
            this.refuse(session.strictly(problems));
            warn(`${problems.map(describe).join(" ")} ${staysAsItWas}`);
            return { state: seal(type, recorded), inputs: undefined };
        }
        if (found?.problem !== undefined) {
            this.refuse(session.strictly([found.problem]));
            warn(describe(found.problem));
        }
        const seen = found && seenOf(definition, found, undefined);
        this.refuse(awaitedProblems(definition, seen, session.settings.strict === true));
        const facts = this.readFacts(found, prepared, state);
        const sent = sentBefore(prepared, state, facts);
        const { given } = prepared;
        const outputs = seen?.outputs ?? {};
        const isSame = isDeepStrictEqual(facts, state.found);
        const next = encodeState(type, {
            given,
            kept: state,
            // An engine shows each difference, so facts in an older release's form are kept as they are.
            facts: isSame ? (recorded["found"] as Values) : facts,
            outputs,
            bookkeeping: { ...bookkeeping, sent },
        });
        // An engine keeps its own inputs where none are returned; the credential in them is not known here.
        return isSame
            ? { state: next, inputs: undefined }
            : {
                  state: next,
                  inputs: encodeInputs(type, {
                      ...decodeState(type, this.types, next.values),
                      found: facts,
                      bookkeeping,
                  }),
              };
    }

    async delete(recorded: Recorded, { session, log, signal }: HandlerContext): Promise<void> {
        const { type, definition } = this;
        const state = decodeState(type, this.types, recorded);
        session.warnOfEndpoints(log);
        const warn = (message: string): void => log.warn(`${type.label}: ${message}`);
        try {
            const prepared = await prepareRecorded(type, session, state, signal);
            const exchange = exchangeOf(type, session, prepared, signal);
            const request = requestOf(type, prepared, state);
            const found = await exchange.look(request);
            if (found === undefined) {
                return;
            }
            const stays = exchange.stays(request, found);
            const { isToGo, warning = stays } = stays === undefined ? planRemoval(definition, request, found) : {};
            if (warning !== undefined) {
                warn(warning);
            }
            if (isToGo === true) {
                await exchange.remove(request, found);
            }
        } catch (error) {
            const retain =
                "It is still there, and on record. If it is to stay there, set the option retainOnDelete and run pulumi up before pulumi destroy.";
            throw error instanceof ConnectionError ? error : new ConnectionError([problemOf(error)], retain);
        }
    }

    /** Turns errors into refusals without a stack. */
    guard<T>(work: () => Promise<T>): Promise<T> {
        return onlyRefusals(
            work,
            "hub-bug",
            (name) =>
                `this ${this.type.label} cannot be worked on (${name}). Report it as a bug of pulumi-connections.`,
        );
    }

    private refuse(problems: readonly Problem[]): void {
        if (problems.length > 0) {
            throw new ConnectionError(problems, staysAsItWas);
        }
    }

    /** The findings of a refresh in comparable form: a changed credential is recognised by its digest. */
    private readFacts(found: Found | undefined, prepared: Prepared, state: RecordedState): Values {
        const { definition } = this;
        const seen = found && seenOf(definition, found, undefined);
        const digest = state.digests[connectionArgument];
        const isAnother =
            found?.credential !== undefined &&
            digest !== undefined &&
            !isDigestOf(fingerprintSource(found.credential), digest);
        const facts = { ...seen?.facts, ...(isAnother ? { credential: anotherCredential } : {}) };
        return factsOf(seen && { ...seen, facts }, isOurs(definition, seen, requestOf(this.type, prepared, state)));
    }
}

/** True where a value that a program made secret is neither a secret by itself nor holds one. */
function isOpenPath(type: RemoteType, { connection }: Prepared, path: string): boolean {
    const [root = "", part, argument = ""] = path.split(".");
    return root === connectionArgument
        ? part === "arguments" && argument !== "" && connection?.hidden.includes(argument) !== true
        : !type.sensitiveNames.includes(root);
}

const noteName = (owner: string): string => fingerprintSource("remote", owner);

function requestOf(type: RemoteType, { values }: Prepared, state: RecordedState): RemoteRequest {
    return { args: values, owner: state.bookkeeping?.owner ?? "", recorded: recordOf(type, state) };
}

/** Takes over the verification that the program's side has made for the write, so that the vendor is contacted once. */
function adoptVerification(session: Session, { taken }: Prepared, { verification }: RemoteReport): void {
    if (taken !== undefined && verification !== undefined && isResultOf(taken.type, taken.args, verification)) {
        session.adopt(taken.type, taken.args, verification);
    }
}

/**
 * Fingerprints of the values that a write recorded, until a refresh finds all of them again: they identify a text where
 * the record has another value.
 */
function sentBefore(
    { values }: Prepared,
    { found, bookkeeping, values: kept }: RecordedState,
    facts: Values,
): readonly string[] | undefined {
    const known = [...new Set(textsWithin([values, kept[connectionArgument], facts]))];
    const sent = bookkeeping?.sent ?? [...new Set(textsWithin(found))].map((text) => fingerprint(text));
    return sent.every((one) => known.some((text) => matches(text, one))) ? undefined : sent;
}
