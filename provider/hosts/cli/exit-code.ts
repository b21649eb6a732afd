import type { Code, Problem, Status } from "../../define";
import { coded } from "../../define/coded";
import { codeOf, describe, sentenceOf } from "../../core/problems";
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
function exitCodeOfOne({ status, drift = [], live = false }: Counted, isLive: boolean): number {
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
    const found = new Set(connections.map((one) => exitCodeOfOne(one, isLive)));
    return found.has(ExitCode.unhealthy)
        ? ExitCode.unhealthy
        : isIncomplete || found.has(ExitCode.unknown)
          ? ExitCode.unknown
          : ExitCode.ok;
}

/** Ends a command with a sentence for people, the code of its message, and an exit code. */
export class CommandError extends Error {
    constructor(
        readonly code: Code,
        readonly sentence: string,
        readonly exitCode: number,
    ) {
        // An end that is no sentence may be copied: a command, a URL or a URN.
        super(/[.?]$/.test(sentence) ? coded(sentence, code) : `${sentence}\n[${code}]`);
        this.name = "CommandError";
    }

    /** The same with another sentence, which has this one in it. */
    with(sentence: string): CommandError {
        return new CommandError(this.code, sentence, this.exitCode);
    }
}

/** A command that was not understood: exit code 3. */
export const usageError = (code: Code, message: string): CommandError =>
    new CommandError(code, message, ExitCode.usage);

/** An error for a check that could not be made: exit code 2. */
export const unavailable = (code: Code, message: string): CommandError =>
    new CommandError(code, message, ExitCode.unknown);

/** The error for problems: each in a line with its code. */
export function problemsError(problems: readonly Problem[], exitCode: number): CommandError {
    const [last] = problems.slice(-1) as [Problem];
    const lines = [...problems.slice(0, -1).map(describe), sentenceOf(last)];
    return new CommandError(codeOf(last), lines.join("\n"), exitCode);
}
