// A verification without a record: for hosts that keep no state, such as a command line.
import type { Problem, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import type { Session, VerificationResult } from "./session";

/** What came of it. */
export interface Standalone {
    /** Undefined where the arguments are wrong. */
    readonly result?: VerificationResult | undefined;
    /** What is wrong with the arguments, or what the vendor refused. */
    readonly problems: readonly Problem[];
}

/** Judges arguments as a program gave them, and verifies the connection. */
export async function verifyStandalone(type: ConnectionType, declared: Values, session: Session): Promise<Standalone> {
    const { args, problems } = type.arguments.judge(declared);
    if (args === undefined) {
        return { problems };
    }
    const result = await session.verify(type, await session.resolve(type, args));
    return { result, problems: result.tenants.flatMap((tenant) => tenant.problems) };
}
