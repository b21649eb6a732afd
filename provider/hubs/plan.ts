// Turns the record, the declaration, the present facts and the reports into the actions of each verb. Nothing here
// contacts a server, reads a clock or knows a session.
import { isDeepStrictEqual } from "node:util";
import { contactArgument } from "../define/common";
import type { Problem, Values, VerifyMode } from "../define/contracts";
import { differences, withContents } from "../core/differences";
import type { Comparison, Difference } from "../core/handler";
import { describe, isBlocking, machineFault, strictly } from "../core/problems";
import type { Mark, RemoteReport, Seen } from "../core/program-report";
import { newContents, type Digests, type ResolvedSecrets } from "../core/secrets";
import { differingNames } from "../core/state";
import { hasUnknown, UNKNOWN } from "../core/unknown";
import { personsStep } from "./awaited";
import type { Found, RemoteDefinition, RemoteRequest } from "./contracts";
import { factsOf, isDigestOf, isOurs, targetOf } from "./ownership";
import {
    openArguments,
    type CheckedInputs,
    type OwnArguments,
    type RecordedState,
    type RemoteBookkeeping,
} from "./state";
import { connectionArgument, type RemoteType } from "./type";

// ---- check ----------------------------------------------------------------------------------------------------------------------

/** The inputs of a check's plan. */
export interface CheckRequest {
    readonly type: RemoteType;
    readonly prior: CheckedInputs | undefined;
    readonly declared: OwnArguments;
    /** Its own arguments with their defaults, without secrets. */
    readonly args: Values;
    readonly report: RemoteReport;
    /** The wanted facts; undefined while they are not known. */
    readonly wanted: Values | undefined;
    /** The tenant that the connection opens. */
    readonly tenant: string | undefined;
    /** The mode of the connection's verification; undefined where no connection is given. */
    readonly mode: VerifyMode | undefined;
    readonly isStrict: boolean;
}

/** The result of a check. */
export interface CheckPlan {
    readonly problems: readonly Problem[];
    readonly warnings: readonly string[];
    /** Undefined where problems refuse it. */
    readonly inputs?: { readonly found: unknown; readonly bookkeeping: RemoteBookkeeping } | undefined;
    /** True where the present facts differ from the wanted ones. */
    readonly isDrifted: boolean;
}

/** Plans a check. */
export function planCheck(request: CheckRequest): CheckPlan {
    const { type, prior, declared, report, wanted, tenant } = request;
    const { title, isUnmarked } = type.definition;
    const record = prior?.bookkeeping;
    const unmarked = `${report.label}: replaceOnChanges is left out: ${title} has no place for a mark, so what is there under the same name would not be known as this resource's. It is changed in place.`;
    const warnings = isUnmarked === true && (report.replaceOn ?? []).length > 0 ? [unmarked] : [];
    const isChanged = prior === undefined || record === undefined || ownChanges(prior, declared).some(isMeant);
    const isNew = isChanged || hasOtherConnection(prior, declared);
    const refused = checkProblems(request, isNew, isChanged);
    if (refused.length > 0) {
        return { problems: refused, warnings, isDrifted: false };
    }
    const before = record?.wanted ?? prior?.found;
    const isPreview = report.preview === true;
    if (wanted === undefined) {
        if (!isPreview && record === undefined) {
            const message = `it is not known yet what ${title} is to be given of it, because its vendor was not checked or did not answer. Run again.`;
            const problems = [
                { kind: "badAnswer", code: "hub-connection-unknown", argument: connectionArgument, message },
            ] as const;
            return { problems, warnings, isDrifted: false };
        }
        return {
            problems: [],
            warnings: [...warnings, ...refusalWarnings(request, false)],
            inputs: { found: before ?? UNKNOWN, bookkeeping: { ...record, ...reported(report) } },
            isDrifted: false,
        };
    }
    const target = targetOf(wanted);
    const present = factsOf(report.seen, !isAnothers(report, record));
    const isDrifted = report.isChecked && !isDeepStrictEqual(present, target);
    const bookkeeping = { ...reported(report), ...(tenant === undefined ? {} : { tenant }) };
    // Where the program itself changes nothing, the present facts are shown: the same in preview and up, as update
    // plans compare them.
    const isShown = isDrifted && record !== undefined && isDeepStrictEqual(before, target);
    return {
        problems: [],
        warnings: [...warnings, ...refusalWarnings(request, isDrifted || isNew)],
        inputs: isShown
            ? { found: shownDrift(present, target, prior?.found), bookkeeping: { ...bookkeeping, wanted: target } }
            : { found: target, bookkeeping },
        isDrifted,
    };
}

/** The problems that stop a check: those of this machine or a strict run, then those of new values. */
function checkProblems(request: CheckRequest, isNew: boolean, isChanged: boolean): readonly Problem[] {
    const { type, prior, report, args, isStrict } = request;
    const reportedProblems = [...(report.problem === undefined ? [] : [report.problem]), ...report.problems];
    const fault = machineFault(reportedProblems);
    const failures = fault === undefined ? strictly(isStrict, reportedProblems) : [fault];
    if (failures.length > 0) {
        return failures;
    }
    const isRecorded = prior?.bookkeeping !== undefined;
    return [
        ...(isNew ? connectionProblems(report) : []),
        ...(isChanged ? placeProblems(type.definition, report, args, isRecorded) : []),
        ...(isRecorded && report.preview === true ? awaitedProblems(type.definition, report.seen, isStrict) : []),
    ];
}

/**
 * The problems that stop a resource with a connection to send: those of a connection that is given by its arguments.
 */
const connectionProblems = ({ problems, preview }: RemoteReport): readonly Problem[] =>
    preview === true ? problems.filter(isBlocking) : problems;

/** The problems that stop a resource that is new, or has other arguments of its own. */
function placeProblems(
    definition: RemoteDefinition,
    { problem, seen, owner }: RemoteReport,
    args: Values,
    isRecorded: boolean,
): readonly Problem[] {
    const refused = problem !== undefined && isBlocking(problem) ? [problem] : [];
    const request = { args, owner };
    const isForeign = !isRecorded && args["adopt"] !== true && !isOurs(definition, seen, request);
    return [...refused, ...(isForeign ? [definition.foreign(request, seen)] : [])];
}

/** The problems of a strict run until a person has acted. */
export function awaitedProblems(
    definition: RemoteDefinition,
    seen: Seen | undefined,
    isStrict: boolean,
): readonly Problem[] {
    const step = isStrict ? personsStep(definition, seen?.outputs) : undefined;
    const message = `A person is awaited, for which a strict run (connections:strict or CONNECTIONS_STRICT) fails: ${step ?? ""}`;
    return step === undefined ? [] : [{ kind: "accessMissing", code: "hub-awaits-person", message }];
}

/** Warnings about refusals that stop nothing now, but will make the next `up` fail. */
function refusalWarnings({ type, report, mode }: CheckRequest, isToWrite: boolean): readonly string[] {
    const { label, preview, problem, problems } = report;
    const refusals = [...(mode === "always" ? problems : []), ...(problem === undefined ? [] : [problem])];
    const blocking = refusals.filter(isBlocking);
    if (preview === true && isToWrite && blocking.length > 0) {
        return [`${label}: pulumi up will fail unless it is corrected first: ${blocking.map(describe).join(" ")}`];
    }
    const why = problems.map(describe).join(" ");
    return problems.length > 0 ? [`${label}: what ${type.definition.title} was given is not verified: ${why}`] : [];
}

/**
 * Without a mark, or with one from before the resource moved, only the provider's record shows the owner, in the
 * update.
 */
const isAnothers = ({ seen, owner }: RemoteReport, record: RemoteBookkeeping | undefined): boolean =>
    record?.owner === owner && seen?.mark.owner !== undefined && seen.mark.owner !== owner;

const reported = ({ owner, isSealed, replaceOn = [] }: RemoteReport): RemoteBookkeeping => ({
    owner,
    ...(replaceOn.length > 0 ? { replaceOn } : {}),
    ...(isSealed === true ? { isSealed } : {}),
});

/**
 * The present facts as an input. Where the last `up` has shown just these, `again` has the differences, because engines
 * show only new values.
 */
function shownDrift(present: Values, target: Values, shownBefore: unknown): Values {
    const differing = differingNames(target, present).map((name) => [name, present[name] ?? null]);
    return isDeepStrictEqual(present, shownBefore) ? { ...present, again: Object.fromEntries(differing) } : present;
}

/** The own arguments that are not as they were. */
export function ownChanges(before: OwnArguments, after: OwnArguments): readonly string[] {
    const names = differingNames(before.given, after.given);
    return before.connection?.type === after.connection?.type ? names : [...names, connectionArgument];
}

/** True for an argument that counts for more than people's eyes. */
const isMeant = (name: string): boolean => name !== contactArgument;

/**
 * True where a connection has other arguments than the record. Its secrets count where both have them: a refresh leaves
 * them out.
 */
function hasOtherConnection({ connection: before }: OwnArguments, { connection: after }: OwnArguments): boolean {
    const [was, is, hidden] = [before?.arguments ?? {}, after?.arguments ?? {}, after?.hidden ?? []];
    return differingNames(was, is).some(
        (name) => !hidden.includes(name) || (was[name] !== undefined && is[name] !== undefined),
    );
}

// ---- diff -----------------------------------------------------------------------------------------------------------------------

/** A check's findings, for the diff that follows it. */
export interface CheckFindings {
    readonly report: RemoteReport;
    readonly given: Values;
    /** Its own arguments with their defaults, without secrets. */
    readonly args: Values;
    readonly secrets: ResolvedSecrets;
    /** The part of the connection that is sent. */
    readonly sent: string | undefined;
    readonly isDrifted: boolean;
}

/** The result of a diff. */
export interface DiffPlan extends Comparison {
    readonly deletesFirst: boolean;
    /**
     * A new secret is refused here, as a check refuses another argument: only the state, which no check sees, shows
     * that it is new.
     */
    readonly problems: readonly Problem[];
    readonly warnings: readonly string[];
}

/**
 * Plans a diff.
 * @param checked Undefined in a refresh, whose diff comes before any check.
 */
export function planDiff(
    type: RemoteType,
    recorded: RecordedState,
    inputs: CheckedInputs,
    checked: CheckFindings | undefined,
): DiffPlan {
    const { definition } = type;
    const [was, is] = [recorded.bookkeeping, inputs.bookkeeping];
    const names = ownChanges(recorded, inputs);
    const renewed = checked === undefined ? [] : renewedSecrets(type, checked, recorded.digests);
    const isSealing = is?.isSealed === true && (was?.isSealed !== true || was.isOpen === true);
    const nonce = checked?.report.seen?.mark.nonce;
    const hasOtherFacts =
        hasUnknown(inputs.found) ||
        !isDeepStrictEqual(recorded.found, is?.wanted ?? inputs.found) ||
        checked?.isDrifted === true;
    const isOther =
        hasOtherFacts ||
        renewed.length > 0 ||
        isSealing ||
        // The mark names the resource by its URN, which an alias has changed.
        (definition.isUnmarked !== true && was?.owner !== is?.owner) ||
        was?.isSealed !== is?.isSealed ||
        (nonce !== undefined && was?.nonce !== undefined && nonce !== was.nonce);
    const changed = new Set([
        ...names,
        ...(hasOtherFacts ? ["found"] : []),
        ...renewed,
        ...(hasOtherConnection(recorded, inputs) ? [connectionArgument] : []),
    ]);
    const replaces = definition.replaces.filter((name) => names.includes(name));
    const replaceOn = definition.isUnmarked === true ? [] : (is?.replaceOn ?? []);
    const requested = [...changed].filter((name) => replaceOn.some((one) => one === name || one === "*"));
    const sealing = "sealing: the program makes secret what the state holds in clear. This update encrypts it.";
    return {
        changes: names.length > 0 || isOther,
        replaces: replaces.length > 0 ? replaces : requested,
        differences: shownDifferences(recorded, inputs, renewed),
        // The new one has the identifier of the old one: deleted afterwards, it would be the new one that is gone.
        deletesFirst: replaces.length === 0 && requested.length > 0,
        problems: checked === undefined ? [] : renewalProblems(definition, checked, renewed, was !== undefined),
        warnings:
            isSealing && was !== undefined && checked !== undefined ? [`${checked.report.label}: ${sealing}`] : [],
    };
}

/** The differences that engines show; the connection's secrets by their names alone. */
function shownDifferences(
    before: RecordedState,
    after: CheckedInputs,
    renewed: readonly string[],
): readonly Difference[] {
    const openOf = ({ connection }: OwnArguments): Values =>
        connection === undefined
            ? {}
            : { [connectionArgument]: { type: connection.type, arguments: openArguments(connection) } };
    const shown = [
        ...differences({ ...before.given, ...openOf(before) }, { ...after.given, ...openOf(after) }),
        ...differences(before.found, after.found, "found"),
    ];
    return withContents(shown, renewed);
}

/** The secrets, own ones or the connection's, that differ from the recorded ones. */
function renewedSecrets(
    type: RemoteType,
    { given, secrets, sent }: CheckFindings,
    digests: Digests,
): readonly string[] {
    const isNew = sent !== undefined && !isDigestOf(sent, digests[connectionArgument]);
    return [...newContents(type, given, secrets, digests), ...(isNew ? [connectionArgument] : [])];
}

function renewalProblems(
    definition: RemoteDefinition,
    { report, args }: CheckFindings,
    renewed: readonly string[],
    isRecorded: boolean,
): readonly Problem[] {
    const isOwn = renewed.some((name) => name !== connectionArgument);
    return [
        ...(renewed.length > 0 ? connectionProblems(report) : []),
        ...(isOwn ? placeProblems(definition, report, args, isRecorded) : []),
    ];
}

// ---- write ----------------------------------------------------------------------------------------------------------------------

/** A write that is to be planned. */
export interface WriteRequest {
    readonly type: RemoteType;
    readonly recorded: RecordedState | undefined;
    readonly inputs: CheckedInputs;
    readonly wanted: Values;
    readonly mark: Mark;
    readonly seen: Seen | undefined;
    /** The part of the connection that is sent. */
    readonly sent: string | undefined;
}

/** True where the present object needs no write. */
export function isAsWanted({ type, recorded, inputs, wanted, mark, seen, sent }: WriteRequest): boolean {
    const { isUnmarked, writesOn = [] } = type.definition;
    if (recorded === undefined || ownChanges(recorded, inputs).some((name) => writesOn.includes(name))) {
        return false;
    }
    const digest = recorded.digests[connectionArgument];
    const isMarked = isUnmarked === true || (seen?.mark.nonce === mark.nonce && seen.mark.owner === mark.owner);
    const isSent = sent === undefined ? digest === undefined : isDigestOf(sent, digest);
    return isMarked && isSent && isDeepStrictEqual(factsOf(seen, true), targetOf(wanted));
}

/** The inputs of the decision on an update with a connection that cannot be proved. */
export interface LeaveRequest extends Pick<CheckFindings, "given" | "secrets" | "sent"> {
    readonly type: RemoteType;
    readonly recorded: RecordedState;
    readonly inputs: CheckedInputs;
}

/** True where it is left as it is: the program's resource and connection are those on record. */
export function isUnchanged({ type, recorded, inputs, given, secrets, sent }: LeaveRequest): boolean {
    const { digests } = recorded;
    const openOf = ({ connection }: OwnArguments): Values =>
        connection === undefined ? {} : openArguments(connection);
    return (
        !ownChanges(recorded, inputs).some(isMeant) &&
        newContents(type, given, secrets, digests).length === 0 &&
        isDeepStrictEqual(openOf(recorded), openOf(inputs)) &&
        (sent === undefined || isDigestOf(sent, digests[connectionArgument]))
    );
}

/** True for an update of the contact alone: what is there is as on record. */
export function changesContactAlone(request: LeaveRequest): boolean {
    const { recorded, inputs } = request;
    return (
        recorded.given[contactArgument] !== inputs.given[contactArgument] &&
        isUnchanged(request) &&
        inputs.bookkeeping?.wanted === undefined &&
        isDeepStrictEqual(recorded.found, inputs.found)
    );
}

// ---- remove ---------------------------------------------------------------------------------------------------------------------

/** True where the found object is deleted with the resource; else the warning why it stays, where one is due. */
export function planRemoval(
    definition: RemoteDefinition,
    request: RemoteRequest,
    found: Found,
): { readonly isToGo: boolean; readonly warning?: string | undefined } {
    const { nonce, owner } = found.mark;
    const { mark } = request.recorded ?? {};
    if (nonce === undefined ? isOurs(definition, found, request) : nonce === mark?.nonce) {
        return { isToGo: true };
    }
    const message = `what is at ${definition.title} is not this resource's any more, and stays there.`;
    return { isToGo: false, ...(owner === mark?.owner ? {} : { warning: message }) };
}
