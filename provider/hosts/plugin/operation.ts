// The engine's command. By the protocol, a refresh and the read before an update are the same; where nothing else
// separates them, no update needs a read.
import fs from "node:fs";
import path from "node:path";

/** The kind of command that the engine carries out. */
export type Operation = "program" | "refresh" | "destroy";

const commands: Readonly<Record<string, Operation>> = {
    preview: "program",
    pre: "program",
    up: "program",
    update: "program",
    watch: "program",
    refresh: "refresh",
    destroy: "destroy",
    down: "destroy",
    dn: "destroy",
};

/** Options before a command, with a value of their own. */
const valued: ReadonlySet<string> = new Set([
    "-C",
    "--cwd",
    "-s",
    "--stack",
    "--color",
    "-v",
    "--verbose",
    "--tracing",
]);

/** Options before a command, without a value. */
const plain: ReadonlySet<string> = new Set(["-e", "--emoji", "--logflow", "--logtostderr", "--non-interactive"]);

/** Options that make a command a refresh and another one in one run: with a program, it reads and checks. */
const refreshing = /^(--run-program|--refresh|-[a-z]*r[a-z]*)(=|$)/;

/**
 * Variables with which the command line is not the whole command. The first one is ours: every run is then as on a system that
 * shows no command. The others are the engine's, in place of options.
 */
const uncertain = [
    "CONNECTIONS_HIDE_COMMAND",
    "PULUMI_OPTION_REFRESH",
    "PULUMI_OPTION_RUN_PROGRAM",
    "PULUMI_RUN_PROGRAM",
] as const;

/** The engine's command, by the command line of a process above this one; undefined where it is not known. */
export function operation(): Operation | undefined {
    if (process.platform !== "linux" || uncertain.some((name) => process.env[name] !== undefined)) {
        return undefined;
    }
    try {
        let id = process.ppid;
        // Between the engine and this process there may be a shell.
        for (let above = 0; above < 3 && id > 1; above++) {
            const [program = "", ...words] = fs.readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
            if (path.basename(program) === "pulumi") {
                return commandIn(words);
            }
            id = Number(/^PPid:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0);
        }
    } catch {
        // The process has ended, or belongs to another user.
    }
    return undefined;
}

/** The command among the words of a command line; undefined where it is not certain. */
export function commandIn(words: readonly string[]): Operation | undefined {
    let at = 0;
    while (at < words.length) {
        const word = words[at] ?? "";
        if (!word.startsWith("-")) {
            const isBoth = words.some((one) => refreshing.test(one));
            return isBoth || !Object.hasOwn(commands, word) ? undefined : commands[word];
        }
        if (!valued.has(word) && !plain.has(word) && !/^--[a-z-]+=/.test(word)) {
            return undefined;
        }
        at += valued.has(word) ? 2 : 1;
    }
    return undefined;
}
