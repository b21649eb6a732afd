// The report of `status`, as JSON and on its page.
import type { Code } from "../../define";
import type { ShownConnection } from "./stack-records";

/** The part of a stack that could not be read or checked. */
export interface StackProblem {
    readonly stack: string;
    readonly code: Code;
    readonly message: string;
}

/** The output of `--json`. */
export interface StatusReport {
    readonly connections: readonly ShownConnection[];
    readonly problems: readonly StackProblem[];
}
