// What `status` tells, as JSON and on its page.
import type { ShownConnection } from "./stack-records";

/** What of a stack could not be read or asked. */
export interface StackProblem {
    readonly stack: string;
    readonly message: string;
}

/** What `--json` prints. */
export interface StatusReport {
    readonly connections: readonly ShownConnection[];
    readonly problems: readonly StackProblem[];
}
