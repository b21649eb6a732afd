// A verification without a record: for hosts that keep no state, such as a command line.
import type { Problem, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import { applyExpiry } from "./expiry";
import type { Session, VerificationResult } from "./session";
import type { CheckTimer, TenantResult } from "./verify";

/** What came of it. */
export interface Standalone {
    /** Undefined where the arguments are wrong. */
    readonly result?: VerificationResult | undefined;
    /** What is wrong with the arguments, or what the vendor refused. */
    readonly problems: readonly Problem[];
    /** The tenant that is meant, as the calendar has it. */
    readonly connection?: TenantResult | undefined;
}

/**
 * Judges arguments as a program gave them, and verifies the connection.
 * @param onCheck Is told how long each check took.
 */
export async function verifyStandalone(
    type: ConnectionType,
    declared: Values,
    session: Session,
    onCheck?: CheckTimer,
): Promise<Standalone> {
    const { args, problems } = type.arguments.judge(declared);
    const refusals = args === undefined ? problems : type.arguments.judgeNew(args);
    if (args === undefined || refusals.length > 0) {
        return { problems: refusals };
    }
    const result = await session.verify(type, await session.resolve(type, args), undefined, onCheck);
    const [tenant] = result.tenants;
    return {
        result,
        problems: result.tenants.flatMap((one) => one.problems),
        connection: tenant && { ...tenant, ...applyExpiry(type, args.values, tenant, Date.now()) },
    };
}
