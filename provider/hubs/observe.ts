// The program's side: looks in previews and updates, so that drift shows property by property. Facts go on to the provider's side, never a secret.
import { isDeepStrictEqual } from "node:util";
import type { Problem, Status, Values } from "../define/contracts";
import type { ConnectionTypes } from "../core/connection-types";
import type { RemoteReport, Seen } from "../core/program-report";
import { coded } from "../define/coded";
import { codeOf, isBlocking, sentenceOf } from "../core/problems";
import { problemOf, type Session, type VerificationResult } from "../core/session";
import { verifyToday } from "../core/verified";
import { seenOf } from "./ownership";
import { exchangeOf, prepare, withOutputs, type Prepared, type ValidConnection } from "./request";
import { aboutConnection, connectionArgument, type RemoteType } from "./type";

/** The options of an observation. */
export interface ObservationRequest {
    readonly label: string;
    readonly owner: string;
    readonly preview: boolean;
    readonly isSealed: boolean;
    readonly replaceOn?: readonly string[] | undefined;
    /** The outputs on record of a connection that the program has as a resource; undefined for plain arguments, which are verified here. */
    readonly outputs?: Values | undefined;
    /**
     * Receives the status of a connection that its mode did not verify, and that is verified because this run is to
     * write.
     */
    readonly onVerified?: ((status: Status) => void) | undefined;
}

/** Validates arguments and reads the present facts. A failure is a value, never an exception. */
export async function observe(
    type: RemoteType,
    types: ConnectionTypes,
    session: Session,
    request: ObservationRequest & {
        /** The program's declaration, with secrets. */
        readonly declared: Values;
    },
): Promise<RemoteReport> {
    return observePrepared(type, session, await prepare(type, types, session, request.declared), request);
}

/** Reads the present facts for validated arguments. */
export async function observePrepared(
    type: RemoteType,
    session: Session,
    prepared: Prepared,
    { label, owner, preview, isSealed, replaceOn, outputs: known, onVerified }: ObservationRequest,
    signal?: AbortSignal,
): Promise<RemoteReport> {
    const common = { label, owner, preview, isSealed, replaceOn };
    if (prepared.problems.length > 0 || prepared.isOpen) {
        // The provider's side comes to the same, and says it.
        return { ...common, problems: [], isChecked: false, warnings: [] };
    }
    const { definition } = type;
    const { taken, values } = prepared;
    const verified = taken && (await verifiedOutputs(session, taken, known, signal));
    const connection = taken && withOutputs(taken, verified?.outputs ?? known ?? {});
    const warnings = definition.warnings?.(values) ?? [];
    const checked = { ...common, outputs: verified?.outputs, problems: verified?.problems ?? [] };
    try {
        const exchange = exchangeOf(type, session, prepared, signal);
        const found = await exchange.look({ args: values, owner, connection, isProgram: true });
        const seen = found && seenOf(definition, found, connection);
        const wanted = definition.wanted({ args: values, owner, connection });
        const isToWrite = !preview && known !== undefined && isOff(seen, wanted);
        const verification = taken && isToWrite ? await verifyForWrite(session, taken, onVerified) : undefined;
        return { ...checked, verification, isChecked: true, seen, warnings: [...warnings, ...exchange.warnings] };
    } catch (error) {
        return { ...checked, isChecked: false, problem: problemOf(error), warnings };
    }
}

/** True where the present facts differ from the wanted ones. */
const isOff = (seen: Seen | undefined, wanted: Values | undefined): boolean =>
    wanted !== undefined && !isDeepStrictEqual(seen?.facts, wanted);

/**
 * Verifies a connection that its mode leaves unverified: a sent connection is proved in any mode, and the run's last
 * line counts it.
 */
async function verifyForWrite(
    session: Session,
    { type, args }: ValidConnection,
    onVerified: ObservationRequest["onVerified"],
): Promise<VerificationResult | undefined> {
    if (session.modeOf(args.given) === "always") {
        return undefined;
    }
    const { result, connection } = await verifyToday(type, args, session, { mode: "always" });
    if (connection !== undefined) {
        onVerified?.(connection.status);
    }
    return result;
}

/** The outputs of the connection: those of its resource, or those that its arguments are verified to have. */
async function verifiedOutputs(
    session: Session,
    { type, args }: ValidConnection,
    known: Values | undefined,
    signal: AbortSignal | undefined,
): Promise<Pick<RemoteReport, "outputs" | "problems">> {
    if (known !== undefined) {
        return { outputs: known, problems: [] };
    }
    const { result, connection } = await verifyToday(type, args, session, { mode: "always", signal });
    if (connection === undefined) {
        return { outputs: undefined, problems: [] };
    }
    const [, another] = result.tenants;
    const several = `opens several ${type.definition.title} sites. Name the one that is meant (${type.tenantArguments.join(" or ")}).`;
    const unclear: readonly Problem[] =
        another === undefined
            ? []
            : [{ kind: "siteMissing", code: "hub-several-sites", argument: connectionArgument, message: several }];
    return { outputs: connection.outputs, problems: [...connection.problems.map(aboutConnection), ...unclear] };
}

/** The warnings of a report, once each. */
export function remarksOf({ warnings, problem }: RemoteReport): readonly string[] {
    if (problem === undefined) {
        return [...new Set(warnings)];
    }
    const what = isBlocking(problem) ? "What is there is not known" : "The hub was not contacted";
    return [...new Set(warnings), coded(`${what}: ${sentenceOf(problem)} It stays as it was.`, codeOf(problem))];
}
