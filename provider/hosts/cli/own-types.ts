// Types that a program declares itself, for commands that read its stack. Loading a module runs it, and a state may name any.
import fs from "node:fs";
import path from "node:path";
import { ConnectionType } from "../../core/connection-type";
import { nameOfError } from "../../core/problems";
import type { Code, Problem } from "../../define";
import type { ConnectionRecord } from "./stack-records";
import type { Stacks } from "./stacks";

/** The type of a recorded connection; a problem where it cannot be had here. */
export function typeOfRecord(record: ConnectionRecord, stacks: Stacks, isAllowed: boolean): ConnectionType | Problem {
    const refusal = (code: Code, message: string): Problem => ({ kind: "internal", code, message });
    const { label, declaredIn, project, isKnown, type } = record;
    if (isKnown) {
        return type;
    }
    if (declaredIn === undefined) {
        return refusal("unknown-class", `this version of pulumi-connections has no ${label}. Install a newer one.`);
    }
    const { programDir, projectDir, projectName } = stacks;
    if (programDir === undefined || project !== projectName) {
        return refusal(
            "cli-own-type",
            `${label} is declared in ${declaredIn}, which is found from the folder of the project ${project}. Run the command there, or name that folder with --cwd.`,
        );
    }
    // Required late: it remembers the folder in which it is loaded as the program's.
    const { DefinitionError, findDefinition, locateModule } =
        require("../dynamic/definition-file") as typeof import("../dynamic/definition-file");
    const token = label.replace(".", ":");
    try {
        const path = absoluteRefusal(label, declaredIn);
        if (path !== undefined) {
            return refusal("cli-module-path", path);
        }
        const place = isAllowed
            ? undefined
            : moduleRefusal(label, declaredIn, locateModule(token, declaredIn), [programDir, projectDir]);
        return place === undefined
            ? new ConnectionType(findDefinition(token, declaredIn))
            : refusal("cli-module", place);
    } catch (error) {
        if (error instanceof DefinitionError) {
            return refusal(error.code, error.sentence);
        }
        return refusal(
            "cli-declaration",
            `${label} is declared in ${declaredIn}, and that declaration cannot be used (${nameOfError(error)}). Run its conformance suite.`,
        );
    }
}

/** The reason why a module's name is never followed: this package records names of packages and relative paths only. */
export function absoluteRefusal(label: string, where: string): string | undefined {
    const isAbsolute =
        path.posix.isAbsolute(where) || path.win32.isAbsolute(where) || /^[a-z][a-z0-9+.-]*:/i.test(where);
    return isAbsolute
        ? `the state says that ${label} is declared in ${where}. An absolute path or a URL is never loaded, because pulumi up records none. Look who wrote the state, then restore it.`
        : undefined;
}

/**
 * The reason why a module is not loaded without the permission of the person who runs the command; undefined where it
 * may be.
 */
export function moduleRefusal(
    label: string,
    where: string,
    file: string,
    folders: readonly string[],
): string | undefined {
    const trees = folders.map(workTreeOf);
    const real = fs.existsSync(file) ? fs.realpathSync(file) : file;
    return trees.some((tree) => isInside(tree, real))
        ? undefined
        : `${label} is declared in ${where}, which is ${real} and is not in the work tree of the program (${trees[0] ?? ""}). Loading a module runs it. Look at it, then allow it with --allow-modules.`;
}

/** The git work tree of a folder; the folder itself where no work tree of the same owner is found. */
function workTreeOf(folder: string): string {
    const start = fs.realpathSync(folder);
    const { uid } = fs.statSync(start);
    for (let dir = start; dir !== path.dirname(dir); dir = path.dirname(dir)) {
        const git = fs.statSync(path.join(dir, ".git"), { throwIfNoEntry: false });
        // Another user of the machine could make a repository in a folder above, such as /tmp.
        if (git?.uid === uid) {
            return dir;
        }
    }
    return start;
}

function isInside(folder: string, file: string): boolean {
    const relative = path.relative(folder, file);
    return relative !== "" && relative.split(path.sep)[0] !== ".." && !path.isAbsolute(relative);
}
