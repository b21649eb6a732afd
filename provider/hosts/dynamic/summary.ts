// Collects the program's connections for the line at the end of a run, and writes it.
import * as pulumi from "@pulumi/pulumi";
import type { Status, VerifyMode } from "../../define";
import { soonestEnd } from "../../core/expiry";
import { isGood, isUnhealthy } from "../../core/problems";
import { atInterrupt, summaryLine, type FinalStatus, type SummaryEntry } from "../../core/run-summary";
import { isEndOfEngine, isProgramsProcess, keepEngine, stackOfProgram, valueOf } from "./pulumi-sdk";

// ---- the facts of one connection ------------------------------------------------------------------------------------------------

/** Collects the facts that a run learns of one connection, step by step. */
export class RunOutcome {
    private found: FinalStatus | undefined;
    private recorded: Status | undefined;
    private verifiedAt: string | undefined;
    /**
     * True where the engine has other arguments: those of a transformation, or those on record where it is left out
     * (--target).
     */
    private hasOtherArguments = false;
    private isOpen = true;
    private hasFailed = false;
    private mode: VerifyMode = "always";
    private expiresAt: string | undefined;
    private isVerifiedForHub = false;
    /** True where a refused secret is not sent again. */
    private isHeldBack = false;
    private readonly startedAt = Date.now();

    constructor(readonly name: string) {}

    /** Records the result of the program's side; no status where it did not contact the vendor. */
    verified(
        status: FinalStatus | undefined,
        mode: VerifyMode,
        expiresAt: string | undefined,
        unlock: string | undefined,
    ): void {
        this.found = status;
        this.isHeldBack = unlock !== undefined;
        this.mode = mode;
        this.expiresAt = expiresAt;
    }

    /** Records a verification that a resource at a hub needed, although the mode did not. */
    verifiedForHub(status: Status): void {
        this.found = status;
        this.isVerifiedForHub = true;
    }

    /** Follows the resource until the engine has recorded it. */
    follow({
        status,
        verifiedAt,
        secretExpiresAt,
        hasOtherArguments,
    }: {
        readonly status: pulumi.Output<unknown>;
        readonly verifiedAt: pulumi.Output<unknown>;
        readonly secretExpiresAt: pulumi.Output<unknown>;
        readonly hasOtherArguments: pulumi.Output<boolean>;
    }): Promise<void> {
        const end = pulumi
            .isSecret(secretExpiresAt)
            .then((isSecret) => (isSecret ? undefined : valueOf(secretExpiresAt)));
        return Promise.all([valueOf(status), valueOf(verifiedAt), valueOf(hasOtherArguments), end]).then(
            ([known, time, isOther, endsAt]) => {
                this.isOpen = false;
                this.hasOtherArguments = isOther;
                this.recorded = (known ?? undefined) as Status | undefined;
                this.verifiedAt = (time ?? undefined) as string | undefined;
                this.expiresAt = soonestEnd({ expiresAt: this.expiresAt, secretExpiresAt: endsAt });
            },
            (error: unknown) => {
                // An engine that ends a run answers for nothing more.
                this.isOpen = isEndOfEngine(error);
                this.hasFailed = !this.isOpen;
            },
        );
    }

    /** The entry as far as it is known now. */
    entry(): SummaryEntry {
        const { name, mode, expiresAt, isOpen } = this;
        return { name, status: this.status(), isChecked: this.isChecked(), mode, expiresAt, isOpen };
    }

    private status(): FinalStatus {
        const { found, recorded } = this;
        if (this.hasFailed) {
            return found === undefined || isGood(found) ? "notRecorded" : found;
        }
        // A connection whose vendor could not be contacted keeps its record; so does one that the engine leaves out
        // (--target) or holds (ignoreChanges).
        return found === "unreachable" || (this.isRecordBetter() && !this.hasOtherArguments)
            ? (found ?? "unknown")
            : (recorded ?? found ?? "unknown");
    }

    private isRecordBetter(): boolean {
        const { found, recorded } = this;
        return found !== undefined && !isGood(found) && recorded !== undefined && !isUnhealthy(recorded);
    }

    private isChecked(): boolean {
        const { mode, found, recorded, verifiedAt } = this;
        if (this.isVerifiedForHub) {
            return true;
        }
        if (mode === "always" && this.hasOtherArguments && this.isRecordBetter()) {
            return false;
        }
        if (mode !== "changes") {
            return mode === "always" && found !== undefined;
        }
        if (this.hasFailed || isUnhealthy(recorded)) {
            // The calendar needs no vendor, and a refusal that may lock an account is not sent again; the provider has
            // checked every other unhealthy connection.
            return recorded !== "expired" && !(this.isHeldBack && recorded === "rejected" && !this.hasFailed);
        }
        // In a preview the time of a future record is not known yet: the provider has checked every changed connection.
        const isNew = verifiedAt === undefined || Date.parse(verifiedAt) >= this.startedAt;
        return !this.isOpen && recorded !== undefined && recorded !== "unverified" && isNew;
    }
}

// ---- the line at the end of the run ---------------------------------------------------------------------------------------------

interface Registry {
    readonly entries: (() => SummaryEntry)[];
    /** Known once the engine has answered for all of them, where that is waited for. */
    answered?: Promise<unknown>;
}

/** The key under which the copies of the package in one program meet. */
const registryKey = Symbol.for("pulumi-connections/summary/1");

interface RegistryHolder {
    [registryKey]?: Registry;
}

/**
 * Adds a connection, or a resource at a hub, to the line at the end of this run.
 * @param answered Known once the engine has answered for it.
 */
export function reportAtTheEnd(outcome: Pick<RunOutcome, "entry">, answered: Promise<void> = Promise.resolve()): void {
    if (!isProgramsProcess()) {
        reportInlineProgram(outcome, answered);
        return;
    }
    const registry = register(globalThis as RegistryHolder, outcome);
    if (registry.entries.length === 1) {
        atTheEnd(() => void process.stdout.write(`${lineOf(registry)}\n`));
    }
}

function register(holder: RegistryHolder, outcome: Pick<RunOutcome, "entry">): Registry {
    const registry = (holder[registryKey] ??= { entries: [] });
    registry.entries.push(() => outcome.entry());
    return registry;
}

/**
 * Reports a program within another process (Automation API), which ends before the process does: when the program is
 * through and the engine has answered for all of its connections. A connection that is made later causes another
 * report.
 */
function reportInlineProgram(outcome: Pick<RunOutcome, "entry">, answered: Promise<void>): void {
    const stack = stackOfProgram();
    if (stack === undefined) {
        return;
    }
    const registry = register(stack as RegistryHolder, outcome);
    const count = registry.entries.length;
    registry.answered = Promise.all([registry.answered, answered]);
    const end = keepEngine();
    void Promise.allSettled([registry.answered, valueOf(stack.outputs)])
        .then(() => (registry.entries.length === count ? pulumi.log.info(lineOf(registry)) : undefined))
        .finally(end);
}

function lineOf({ entries }: Registry): string {
    return summaryLine(atInterrupt(entries.map((read) => read())), Date.now());
}

/** Does something once when this process ends. */
function atTheEnd(report: () => void): void {
    process.once("exit", report);
    // The engine ends a program whose run has failed with an interrupt, which Node passes only to listeners.
    process.once("SIGINT", () => {
        process.off("exit", report);
        report();
        // Without this listener the process would have ended: so it does, unless others wait for its end.
        if (process.listenerCount("SIGINT") === 0) {
            process.kill(process.pid, "SIGINT");
        }
    });
}
