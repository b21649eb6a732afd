import type * as Undici from "undici";
import { engines } from "../manifest";
import { fault } from "../problems";

/**
 * The HTTP library, loaded at the first call, because a process that only compares does not need it.
 * @throws Fault where this Node is too old for the library.
 */
export function undici(): typeof Undici {
    try {
        return require("undici") as typeof Undici;
    } catch (error) {
        const { satisfies } = require("semver") as typeof import("semver");
        if (satisfies(process.versions.node, engines.node)) {
            throw error;
        }
        throw fault(
            "nodeTooOld",
            "node-too-old",
            undefined,
            `this is Node ${process.versions.node}, with which nothing can be checked: pulumi-connections needs Node ${engines.node}. Install one, and put it first on PATH.`,
        );
    }
}
