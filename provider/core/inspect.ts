// The record of a connection as of today: for hosts that show it and record nothing.
import type { From, Problem, Recorded, Status } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import { plan, type Plan } from "./plan";
import { machineFault } from "./problems";
import { mark } from "./redact";
import { Seal, sealedNames } from "./sealing";
import { isRecorded, newContents } from "./secrets";
import type { Session } from "./session";
import { comparableState, decodeState, differingNames, encodeState, type PriorState } from "./state";
import { verifyToday } from "./verified";

/** A connection as of today. */
export interface Inspection {
    readonly status: Status;
    readonly problems: readonly Problem[];
    /** Its arguments and outputs; values that the program made secret are replaced. */
    readonly values: From<"inspection">;
    /** The day since which it is known not to be healthy. */
    readonly since: string | undefined;
    /** When it was last recorded as verified. */
    readonly verifiedAt: string | undefined;
    /** True where the vendor was contacted just now. */
    readonly isChecked: boolean;
    /** Outputs that differ from the record. */
    readonly drift: readonly string[];
}

/**
 * The record with today's calendar. Values that the engine has encrypted may be in any form.
 * @returns undefined where nothing of a connection is recorded.
 */
export function inspectRecord(type: ConnectionType, recorded: Recorded, now = Date.now()): Inspection | undefined {
    const prior = decodeState(type, recorded);
    return prior && inspection(type, prior, planOf(type, prior, now), false, []);
}

/**
 * Verifies the record, with the recorded arguments, as a refresh does.
 * @returns undefined where nothing of a connection is recorded.
 */
export async function inspectLive(
    type: ConnectionType,
    recorded: Recorded,
    session: Session,
): Promise<Inspection | undefined> {
    const prior = decodeState(type, recorded);
    if (prior === undefined) {
        return undefined;
    }
    const standing = planOf(type, prior, Date.now());
    if (session.modeOf(prior.args) === "never") {
        return inspection(type, prior, standing, false, []);
    }
    const args = await session.resolve(type, type.arguments.accept(prior.args));
    const { values } = args.secrets;
    const isNewCredential = Object.values(values).some((value) => !isRecorded(type, value, prior.args, prior.digests));
    const { tenants } = (await verifyToday(type, args, session, { mode: "always" })).result;
    const fault = machineFault(tenants.flatMap(({ problems }) => problems));
    if (fault !== undefined) {
        const unproved = { ...standing, status: "unverified", problems: [fault] } as const;
        return inspection(type, prior, unproved, false, []);
    }
    const found = plan({
        type,
        args: args.given,
        derived: type.derive(args.values),
        prior,
        changed: [
            ...differingNames(prior.args, args.given),
            ...newContents(type, args.given, args.secrets, prior.digests),
        ],
        isNewCredential,
        tenants,
        now: Date.now(),
    });
    const drift = differingNames(comparableState(standing.outputs), comparableState(found.outputs));
    return inspection(
        type,
        prior,
        found,
        true,
        drift.filter((name) => !name.startsWith("__")),
    );
}

function planOf(type: ConnectionType, prior: PriorState, now: number): Plan {
    const derived = {};
    return plan({ type, args: prior.args, derived, prior, changed: [], isNewCredential: false, tenants: [], now });
}

function inspection(
    type: ConnectionType,
    prior: PriorState,
    planned: Plan,
    isChecked: boolean,
    drift: readonly string[],
): Inspection {
    const { args, sealed } = prior;
    const seal = new Seal(sealed, args);
    const { outputs, problems, status, identity, since } = seal.plan(planned);
    const state = encodeState(type, { args, outputs, identity, sealed });
    const secret = [...type.sensitiveNames, ...sealed, ...sealedNames(type, state)];
    const hidden = secret.filter((name) => state[name] !== undefined && state[name] !== null);
    return {
        status,
        problems,
        values: Object.fromEntries(
            Object.entries(state).map(([name, value]) => [name, hidden.includes(name) ? mark : value]),
        ),
        since: seal.holds(since) ? undefined : since,
        verifiedAt: prior.verifiedAt,
        isChecked,
        drift,
    };
}
