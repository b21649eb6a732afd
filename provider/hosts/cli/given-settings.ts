// The settings that hold for a command: those of the environment, and those that a stack's last `up` has recorded.
import { Fault, sentenceOf } from "../../core/problems";
import { readSettings, type Settings } from "../../core/settings";
import { ExitCode, problemsError, unavailable } from "./exit-code";
import { recordedSetting } from "./stack-records";

/**
 * Settings of the environment.
 * @throws CommandError of exit code 3.
 */
export function environmentSettings(): Settings {
    try {
        return readSettings(() => undefined);
    } catch (error) {
        throw error instanceof Fault ? problemsError([error.problem], ExitCode.usage) : error;
    }
}

/**
 * Settings of a stack, as for a refresh: from its record and from the environment, which takes precedence.
 * @throws CommandError of exit code 2, because other stacks may have settings that can be used.
 */
export function stackSettings(stack: string, exported: unknown): Settings {
    try {
        return readSettings((key) => textOf(key, recordedSetting(exported, key)));
    } catch (error) {
        if (error instanceof Fault) {
            throw unavailable(error.problem.code, `the stack ${stack} was not checked: ${sentenceOf(error.problem)}`);
        }
        throw error;
    }
}

function textOf(key: string, value: unknown): string | undefined {
    if (value === undefined || typeof value === "string") {
        return value;
    }
    throw unavailable(
        "cli-setting",
        `the recorded configuration connections:${key} is not a text. Restore the stack's state, or set it again and run pulumi up.`,
    );
}
