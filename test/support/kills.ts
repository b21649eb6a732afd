import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Project, RunningEngine, StateResource } from "./project";

/** What the command lines of an engine's processes are told by. */
export const processes = {
    provider: "cmd/dynamic-provider/index",
    program: "cmd/run/index",
} as const;

export const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The folder of a project's backend. */
export const stateFolder = ({ env }: Project): string => fileURLToPath(env["PULUMI_BACKEND_URL"] ?? "");

/** The file that a project's stack is recorded in. */
export const checkpointFile = (project: Project): string =>
    path.join(stateFolder(project), ".pulumi", "stacks", project.name, "test.json");

/** What is on record of a stack. */
export interface Checkpoint {
    readonly resources: readonly StateResource[];
    /** What was under way when the engine was killed. */
    readonly pending: readonly unknown[];
}

/** What is on record, read without the engine. It is a whole document at any moment. */
export function checkpointOf(project: Project): Checkpoint {
    const { checkpoint } = JSON.parse(fs.readFileSync(checkpointFile(project), "utf8")) as {
        checkpoint: { latest?: { resources?: StateResource[]; pending_operations?: unknown[] } };
    };
    const { resources = [], pending_operations: pending = [] } = checkpoint.latest ?? {};
    return { resources, pending };
}

/** Follows an engine that may be killed. */
export function ending(engine: RunningEngine): {
    readonly ended: Promise<{ code: number | null; output: string }>;
    readonly running: () => boolean;
} {
    let output = "";
    let over = false;
    engine.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    engine.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
        // What the engine has started may hold its streams open.
        engine.on("exit", (code) => {
            over = true;
            resolve({ code, output });
        }),
    );
    return { ended, running: () => !over };
}
