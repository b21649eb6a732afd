// A connection as of today, once for every caller: arguments validated, secrets read, the vendor checked, the tenant chosen, the calendar applied.
import type { Problem, Values, VerifyMode } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import { tenantToday, type TenantToday } from "./plan";
import { isResultOf, notChecked, type ResolvedArguments, type Session, type VerificationResult } from "./session";
import { hasUnknown } from "./unknown";
import { presentOnly } from "./values";
import type { CheckTimer } from "./verify";

/** Arguments with their secrets, or why they cannot be verified. */
export interface Validated {
    /** Undefined where something is wrong with them, or where one is not known yet. */
    readonly args?: ResolvedArguments | undefined;
    readonly problems: readonly Problem[];
}

/** The options of a validation. */
export interface ValidateOptions {
    /** The caller's mode. Default: the one in the arguments, which a strict run may refuse. */
    readonly mode?: VerifyMode | undefined;
    /** A result of this run: arguments that it was made with are valid. */
    readonly known?: VerificationResult | undefined;
}

/** Validates arguments and reads their secrets, each once. */
export async function validate(
    type: ConnectionType,
    declared: Values,
    session: Session,
    { mode, known }: ValidateOptions = {},
): Promise<Validated> {
    const present = presentOnly(declared);
    const mayBeKnown = known !== undefined && known.argsFingerprint !== "" && !hasUnknown(present);
    const resolved = mayBeKnown ? await session.resolve(type, type.arguments.accept(present)) : undefined;
    if (resolved !== undefined && known !== undefined && isResultOf(type, resolved, known)) {
        const problems = session.strictRefusals(resolved.given);
        return problems.length > 0 ? { problems } : { args: resolved, problems };
    }
    const { args, problems } = type.arguments.validate(declared);
    const refusals = [...problems, ...(mode === undefined ? session.strictRefusals(args?.given ?? declared) : [])];
    if (args === undefined || refusals.length > 0) {
        return { problems: refusals };
    }
    const { secrets, startedAt } = resolved ?? (await session.resolve(type, args));
    return { args: { ...args, secrets, startedAt }, problems: [] };
}

/** The options of a connection's verification. */
export interface TodayOptions {
    /** Default: the mode of the arguments and the session. */
    readonly mode?: VerifyMode | undefined;
    /** The tenant on record, where there is one. */
    readonly tenant?: string | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Receives each check's duration. */
    readonly onCheck?: CheckTimer | undefined;
}

/** The result of a verification. */
export interface Today {
    readonly mode: VerifyMode;
    readonly result: VerificationResult;
    /** The meant tenant with today's calendar; undefined where the vendor was not checked. */
    readonly connection: TenantToday | undefined;
}

/** Verifies validated arguments, where the mode says that the vendor is checked in every run. */
export async function verifyToday(
    type: ConnectionType,
    args: ResolvedArguments,
    session: Session,
    { mode = session.modeOf(args.given), tenant, signal, onCheck }: TodayOptions = {},
): Promise<Today> {
    const result = mode === "always" ? await session.verify(type, args, signal, onCheck) : notChecked(type, args);
    return { mode, result, connection: tenantToday(type, args.values, result.tenants, Date.now(), tenant) };
}

/** The result of a verification without a record. */
export interface Standalone {
    /** Undefined where the arguments are wrong. */
    readonly result?: VerificationResult | undefined;
    /** The faults of the arguments, or the vendor's refusals. */
    readonly problems: readonly Problem[];
    /** The meant tenant with today's calendar. */
    readonly connection?: TenantToday | undefined;
}

/** Validates arguments as a program gave them, and verifies the connection, for hosts that keep no state. */
export async function verifyStandalone(
    type: ConnectionType,
    declared: Values,
    session: Session,
    onCheck?: CheckTimer,
): Promise<Standalone> {
    const { args, problems } = await validate(type, declared, session, { mode: "always" });
    const refusals = args === undefined ? problems : type.arguments.validateNew(args);
    if (args === undefined || refusals.length > 0) {
        return { problems: refusals };
    }
    const { result, connection } = await verifyToday(type, args, session, { mode: "always", onCheck });
    return { result, problems: result.tenants.flatMap((one) => one.problems), connection };
}
