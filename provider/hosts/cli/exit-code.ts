import type { Status } from "../../define";
import { isUnhealthy } from "../../core/problems";

/** How every command ends. */
export const ExitCode = {
    /** Everything is verified, or expiring. */
    ok: 0,
    /** Something is refused, insufficient, expired or drifted. */
    unhealthy: 1,
    /** Something could not be asked, or nobody asked. */
    unknown: 2,
    /** The command was not understood. */
    usage: 3,
} as const;

/** What counts of a connection. */
export interface Counted {
    readonly status: Status;
    readonly drift?: readonly string[] | undefined;
}

/** The exit code that connections amount to: what is known to be wrong outweighs what is not known. */
export function exitCodeOf(connections: readonly Counted[], isIncomplete = false): number {
    if (connections.some(({ status, drift = [] }) => isUnhealthy(status) || drift.length > 0)) {
        return ExitCode.unhealthy;
    }
    const isUnknown = connections.some(({ status }) => status === "unreachable" || status === "unverified");
    return isUnknown || isIncomplete ? ExitCode.unknown : ExitCode.ok;
}

/** Ends a command with a sentence for people and an exit code. */
export class CommandError extends Error {
    constructor(
        message: string,
        readonly exitCode: number,
    ) {
        super(message);
        this.name = "CommandError";
    }
}

/** A command that was not understood: exit code 3. */
export const usageError = (message: string): CommandError => new CommandError(message, ExitCode.usage);

/** Something that could not be asked: exit code 2. */
export const unavailable = (message: string): CommandError => new CommandError(message, ExitCode.unknown);
