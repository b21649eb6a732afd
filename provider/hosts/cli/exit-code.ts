import type { Status } from "../../define";
import { isStatus, statuses } from "../../core/statuses";

/** The exit codes of every command. */
export const ExitCode = {
    /** Everything is verified, or expiring. */
    ok: 0,
    /** Something is refused, insufficient, expired or drifted. */
    unhealthy: 1,
    /** A connection could not be checked, or was not checked. */
    unknown: 2,
    /** The command was not understood. */
    usage: 3,
} as const;

/** The facts of a connection that decide the exit code. */
export interface Counted {
    readonly status: Status;
    readonly drift?: readonly string[] | undefined;
    /** True where the vendor was contacted by this command. */
    readonly live?: boolean | undefined;
}

/**
 * The exit code of a connection. A status that is not known here is unknown.
 * @param isLive True where only a connection that this command checked counts as verified.
 */
function codeOf({ status, drift = [], live = false }: Counted, isLive: boolean): number {
    if (drift.length > 0) {
        return ExitCode.unhealthy;
    }
    const code = isStatus(status) ? statuses[status].exitCode : ExitCode.unknown;
    return code === ExitCode.ok && isLive && !live ? ExitCode.unknown : code;
}

/** The exit code of several connections: a known fault takes precedence over an unknown result. */
export function exitCodeOf(
    connections: readonly Counted[],
    { isLive = false, isIncomplete = false }: { readonly isLive?: boolean; readonly isIncomplete?: boolean } = {},
): number {
    const found = new Set(connections.map((one) => codeOf(one, isLive)));
    return found.has(ExitCode.unhealthy)
        ? ExitCode.unhealthy
        : isIncomplete || found.has(ExitCode.unknown)
          ? ExitCode.unknown
          : ExitCode.ok;
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

/** An error for a check that could not be made: exit code 2. */
export const unavailable = (message: string): CommandError => new CommandError(message, ExitCode.unknown);
