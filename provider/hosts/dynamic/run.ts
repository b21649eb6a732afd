// The state that the connections of one run of a program share.
import * as pulumi from "@pulumi/pulumi";
import type { Problem, Status, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { describe, Fault, isBlocking } from "../../core/problems";
import type { ConnectionReport } from "../../core/program-report";
import { Seal } from "../../core/sealing";
import { Session } from "../../core/session";
import { endpointsWarning, readSettings, type Settings } from "../../core/settings";
import { validate, verifyToday } from "../../core/verified";
import { checkProviderFindsPackage } from "./installed";
import { engineMonitor, unitTestMocks } from "./pulumi-sdk";

/** The result of one connection on the program's side. */
export interface ProgramVerification {
    readonly result: ConnectionReport;
    /** The connection's problems. */
    readonly problems: readonly Problem[];
    /** The problems that stop a connection that is new or changed. */
    readonly blocking: readonly Problem[];
    /** The connection's status; undefined where the vendor was not contacted. */
    readonly status: Status | "invalid" | undefined;
}

/** One run of a program. */
export class Run {
    readonly session: Session;
    private readonly refused = new Map<string, readonly string[]>();
    private underWay = 0;
    private waiting: (() => void)[] = [];

    constructor(settings: Settings) {
        this.session = new Session(settings);
    }

    /** Verifies one connection as far as its mode requires, and notes its problems. */
    async verify(
        label: string,
        type: ConnectionType,
        given: Values,
        sealed: readonly string[],
    ): Promise<ProgramVerification> {
        this.underWay++;
        try {
            const verification = await verify(this.session, type, given, sealed);
            this.refused.set(
                label,
                verification.blocking.map((problem) => `${label}: ${describe(problem)}`),
            );
            return verification;
        } finally {
            this.underWay--;
            if (this.underWay === 0) {
                this.waiting.splice(0).forEach((go) => go());
            }
        }
    }

    /** The problems of the other connections, once all that are under way have been verified. */
    async others(label: string): Promise<readonly string[]> {
        if (this.underWay > 0) {
            await new Promise<void>((go) => this.waiting.push(go));
        }
        return [...this.refused].filter(([other]) => other !== label).flatMap(([, messages]) => messages);
    }
}

async function verify(
    session: Session,
    type: ConnectionType,
    given: Values,
    sealed: readonly string[],
): Promise<ProgramVerification> {
    const { args, problems: wrong } = await validate(type, given, session);
    const seal = new Seal(sealed, args?.given ?? given);
    if (args === undefined) {
        // It must not count as the result of valid arguments.
        const none = { verifiedAtMs: Date.now(), argsFingerprint: "", tenants: [] };
        const problems = seal.problems(wrong);
        return {
            result: { ...none, mode: session.modeOf(given), sealed },
            problems,
            blocking: problems.filter(isBlocking),
            status: problems.length > 0 ? "invalid" : undefined,
        };
    }
    const { mode, result, connection } = await verifyToday(type, args, session);
    const problems = seal.problems(connection?.problems ?? []);
    const failures = connection === undefined ? [] : session.strictFailures(connection.status, problems);
    return {
        result: { ...result, tenants: result.tenants.map((one) => seal.tenant(one)), mode, sealed },
        problems,
        blocking: failures.length > 0 ? failures : problems.filter(isBlocking),
        status: connection?.status,
    };
}

// The Automation API runs several programs in one process: nothing that one has learned may serve another.
const runs = new WeakMap<object, Run>();

/** True in a unit test with mocks (`pulumi.runtime.setMocks`). */
export const isMocked = (): boolean => unitTestMocks() !== undefined;

/** The run that the calling program belongs to. */
export function currentRun(): Run {
    const monitor = engineMonitor();
    const known = monitor === undefined ? undefined : runs.get(monitor);
    if (known !== undefined) {
        return known;
    }
    const config = new pulumi.Config("connections");
    let settings: Settings;
    try {
        settings = readSettings((key) => config.get(key));
    } catch (error) {
        throw error instanceof Fault ? new pulumi.RunError(describe(error.problem)) : error;
    }
    const run = new Run(settings);
    if (!isMocked()) {
        checkProviderFindsPackage();
        const warning = endpointsWarning(settings);
        if (warning !== undefined) {
            void pulumi.log.warn(warning);
        }
    }
    if (monitor !== undefined) {
        runs.set(monitor, run);
    }
    return run;
}
