// A write: the connection proved, the present facts read, changed as wanted, and read back.
import { performance } from "node:perf_hooks";
import { isDeepStrictEqual } from "node:util";
import { contactArgument } from "../define/common";
import type { Values } from "../define/contracts";
import type { ConnectionTypes } from "../core/connection-types";
import { momentOf } from "../core/days";
import { fingerprint } from "../core/fingerprint";
import type { HandlerContext } from "../core/handler";
import { ConnectionError, describe, Fault, fault, isHealthy, machineFault } from "../core/problems";
import type { Mark, Seen } from "../core/program-report";
import { digestsOf } from "../core/secrets";
import { problemOf } from "../core/session";
import { differingNames } from "../core/state";
import { verifyToday } from "../core/verified";
import type { ConnectionToken, RemoteRequest, TakenConnection, Written } from "./contracts";
import type { RemoteExchange } from "./exchange";
import { factsOf, isOurs, seenOf, sentText, targetOf } from "./ownership";
import { changesContactAlone, isAsWanted, isUnchanged } from "./plan";
import { exchangeOf, prepare, withOutputs, type Prepared, type ValidConnection } from "./request";
import { encodeState, recordOf, seal, type CheckedInputs, type RecordedState, type Sealed } from "./state";
import { aboutConnection, connectionArgument, type RemoteType } from "./type";

/** The end of a sentence about a failed action. */
export const staysAsItWas = "It stays as it was.";

/** The inputs of a write. */
export interface Convergence {
    readonly type: RemoteType;
    readonly types: ConnectionTypes;
    readonly recorded?: RecordedState | undefined;
    readonly inputs: CheckedInputs;
    readonly mark: Mark;
    readonly context: HandlerContext;
    /** The state after a refusal, as a sentence. */
    readonly otherwise: string;
}

/** The result of a write. */
export interface Converged {
    /** The resource's own arguments with their defaults. */
    readonly args: Values;
    readonly state: Sealed;
    readonly written: Written;
}

/** Proves the connection, changes the present facts as wanted where they differ, and reads them back. */
export async function write(convergence: Convergence): Promise<Converged> {
    const { type, types, recorded, inputs, context, otherwise } = convergence;
    const prepared = await prepare(type, types, context.session, inputs.values, context.signal);
    if (prepared.problems.length > 0) {
        throw new ConnectionError(prepared.problems, otherwise);
    }
    const { taken, values: args, given, secrets } = prepared;
    const sent = sentText(type.definition, taken && withOutputs(taken, {}));
    if (recorded !== undefined && changesContactAlone({ type, recorded, inputs, given, secrets, sent })) {
        const { [contactArgument]: contact } = given;
        return { args, state: seal(type, { ...recorded.values, [contactArgument]: contact }), written: {} };
    }
    try {
        const outputs = taken && (await provedOrLeft(taken, prepared, convergence));
        if (outputs === "left") {
            return { args, state: seal(type, recorded?.values ?? {}), written: {} };
        }
        return await converge(convergence, prepared, taken && withOutputs(taken, outputs ?? {}));
    } catch (error) {
        throw error instanceof ConnectionError ? error : new ConnectionError([problemOf(error)], otherwise);
    }
}

async function converge(
    { type, recorded, inputs, mark, context }: Convergence,
    prepared: Prepared,
    connection: TakenConnection | undefined,
): Promise<Converged> {
    const { definition } = type;
    const { values: args, secrets } = prepared;
    const exchange = exchangeOf(type, context.session, prepared, context.signal);
    const request = { args, owner: mark.owner, connection, recorded: recorded && recordOf(type, recorded) };
    const wanted = definition.wanted(request);
    if (wanted === undefined) {
        const message = `${definition.title} cannot be given what it opens, because its vendor does not report it now. Run again.`;
        throw fault("badAnswer", "hub-target-unknown", connectionArgument, message);
    }
    const found = await exchange.look(request);
    const seen = found && seenOf(definition, found, connection);
    if (!isOurs(definition, seen, request) && args["adopt"] !== true) {
        throw new Fault(definition.foreign(request, seen));
    }
    const sent = sentText(definition, connection);
    const isKept = isAsWanted({ type, recorded, inputs, wanted, mark, seen, sent });
    const token = (): Promise<ConnectionToken | undefined> => tokenOf(prepared.taken, exchange, context);
    const secret = (name: string): string | undefined => secrets.values[name];
    const { after, written } = isKept
        ? { after: seen, written: {} as Written }
        : await readBack(
              type,
              exchange,
              request,
              mark,
              await exchange.write({ ...request, mark, found, wanted, secret, token }),
          );
    const facts = factsOf(after, true);
    const target = targetOf(wanted);
    if (written.problem === undefined && written.isPending !== true && !isDeepStrictEqual(facts, target)) {
        const names = differingNames(target, facts).join(", ");
        context.log.warn(
            `${type.label}: ${definition.title} took what it was given and has something else now (${names}). The next preview shows it.`,
        );
    }
    // Outputs that only a write returns stay the same where nothing was written.
    const kept = isKept ? request.recorded : undefined;
    const earlier = recorded?.digests[connectionArgument];
    const digest = sent === undefined ? earlier : fingerprint(sent, earlier);
    const digests = digestsOf(type, prepared.given, secrets, recorded?.digests);
    const state = encodeState(type, {
        given: prepared.given,
        kept: inputs,
        facts,
        outputs: { ...kept?.outputs, ...after?.outputs, ...written.outputs },
        bookkeeping: {
            ...inputs.bookkeeping,
            ...mark,
            digests: { ...digests, ...(digest === undefined ? {} : { [connectionArgument]: digest }) },
            memo: { ...kept?.memo, ...after?.memo, ...written.memo },
        },
    });
    return { args, state, written };
}

/** Reads again after a write; undefined where a half-made object is not visible. */
async function readBack(
    { definition }: RemoteType,
    exchange: RemoteExchange,
    request: RemoteRequest,
    { nonce }: Mark,
    written: Written,
): Promise<{ after: Seen | undefined; written: Written }> {
    const recorded = request.recorded ?? { found: {}, outputs: {}, mark: {}, memo: {} };
    const memo = { ...recorded.memo, ...written.memo };
    try {
        const found = await exchange.look({ ...request, recorded: { ...recorded, memo } });
        if (found === undefined && written.problem === undefined) {
            const message = `${definition.title} said that it took what it was given, and does not have it. Run pulumi up again.`;
            throw fault("badAnswer", "hub-object-lost", undefined, message);
        }
        const after = found && seenOf(definition, found, request.connection);
        if (after?.mark.nonce !== undefined && after.mark.nonce !== nonce) {
            const { message, ...problem } = definition.foreign(request, after);
            throw new Fault({
                ...problem,
                code: "hub-overwritten",
                message: `was overwritten in this moment by another run. ${message}`,
            });
        }
        return { after, written };
    } catch (error) {
        const isHalfMade = written.problem !== undefined || definition.isUnmarked === true;
        if (!isHalfMade || !(error instanceof Fault)) {
            throw error;
        }
        // Nothing there names the owner: without a record, the next run would treat it as another resource's.
        return { after: undefined, written: { ...written, problem: written.problem ?? error.problem } };
    }
}

/** Verifies the connection; `left` where it cannot be proved, and its mode says that this stops nothing while nothing of it has changed. */
async function provedOrLeft(
    taken: ValidConnection,
    { given, secrets }: Prepared,
    { type, recorded, inputs, context }: Convergence,
): Promise<Values | "left"> {
    const { title } = type.definition;
    try {
        return await proved(taken, title, inputs.bookkeeping?.tenant, context);
    } catch (error) {
        const sent = sentText(type.definition, withOutputs(taken, {}));
        const isLeft =
            recorded !== undefined &&
            context.session.modeOf(taken.args.given) !== "always" &&
            isUnchanged({ type, recorded, inputs, given, secrets, sent });
        if (!isLeft) {
            throw error;
        }
        const problems = error instanceof ConnectionError ? error.problems : [problemOf(error)];
        const why = problems.map(describe).join(" ");
        context.log.warn(
            `${type.label}: what ${title} was given is not verified: ${why} Nothing was sent to ${title}. ${staysAsItWas}`,
        );
        return "left";
    }
}

/** Verifies the connection, unless this run has just done so: nothing else is sent. */
async function proved(
    { type, args }: ValidConnection,
    title: string,
    tenant: string | undefined,
    { session, signal }: HandlerContext,
): Promise<Values> {
    const { result, connection } = await verifyToday(type, args, session, { mode: "always", tenant, signal });
    if (connection === undefined) {
        throw fault("badAnswer", "hub-not-verified", connectionArgument, "it could not be verified. Run again.");
    }
    const { status, problems, outputs } = connection;
    const isAnother = tenant !== undefined && type.tenantOf(outputs) !== tenant;
    if (isAnother && result.tenants.some((one) => one.status === "verified")) {
        const message = `it does not open ${tenant} any more. Verify it first: run pulumi up without --target.`;
        throw fault("tenantChanged", "hub-target-changed", connectionArgument, message);
    }
    if (!isHealthy(status) || machineFault(problems) !== undefined) {
        throw new ConnectionError(problems.map(aboutConnection), `Nothing was sent to ${title}.`);
    }
    return outputs;
}

/** A token of the connection's vendor: one a credential and run, however many resources need it. */
async function tokenOf(
    taken: ValidConnection | undefined,
    exchange: RemoteExchange,
    { session, signal }: HandlerContext,
): Promise<ConnectionToken | undefined> {
    if (taken === undefined) {
        return undefined;
    }
    // The write may have waited a long time: the duration of the verification before it does not count.
    const args = { ...taken.args, startedAt: performance.now() };
    const { http, authorizer } = session.tools(taken.type, args, signal);
    const { token } = await authorizer.authorize(http);
    if (token === undefined) {
        return undefined;
    }
    exchange.hide(token.value);
    const isEnding = token.lifetimeSeconds !== undefined;
    return {
        value: token.value,
        expiresAt: isEnding ? momentOf(Date.now() + token.endsAt - performance.now()) : undefined,
    };
}
