import fs from "node:fs";
import type { Project } from "../project";

/** The processes of a project whose command line holds this text. */
export function processesOf(project: Project, text: string): number[] {
    const marker = `CONNECTIONS_TEST_PROJECT=${project.env["CONNECTIONS_TEST_PROJECT"]}`;
    return fs
        .readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => partsOf(pid, "cmdline").join(" ").includes(text) && partsOf(pid, "environ").includes(marker))
        .map(Number);
}

// A process may end while it is looked at.
function partsOf(pid: string, file: "cmdline" | "environ"): string[] {
    try {
        return fs.readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
    } catch {
        return [];
    }
}

/** Waits until something holds, or fails with what was waited for. */
export async function until(what: string, holds: () => boolean, timeoutMs = 60_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!holds()) {
        if (Date.now() > end) {
            throw new Error(`Waited ${timeoutMs} ms for ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
