// What the steps of set-up share: sentences for people, child processes, and one set-up at a time.
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import environment from "./environment.cjs";

const { root, build } = environment;
const started = Date.now();
const ended = new AbortController();
const noSpace = /\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i;
const noSpaceLeft = `there is no space left on the disk that holds ${root}, or on that of npm's or Go's cache. Free some, and run this command again.`;

/** An expected failure: its message is all that the user is shown. */
export class SetupError extends Error {}

/** What the user is shown of a failure: sentences where it is an expected one or the system's, everything where it is a fault of set-up. */
export function told(error) {
    if (error instanceof SetupError || noSpace.test(error?.code)) {
        return `set-up: ${error instanceof SetupError ? error.message : noSpaceLeft}`;
    }
    return error?.syscall ? `set-up: ${error.message}. Make that possible, and run this command again.` : error;
}

/** One line of progress, on stderr so that what a command prints on stdout stays its own. */
export function say(text) {
    process.stderr.write(`set-up ${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${text}\n`);
}

process.on("exit", () => ended.abort());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => process.exit(128 + os.constants.signals[signal]));
}

/**
 * Runs a program to its end and returns what it wrote on stdout; the error of a failure ends in all that it wrote.
 * @param says What it does, for a program that takes longer than a moment.
 */
export async function run(command, args, { says, failure = `${path.basename(command)} failed`, ...options } = {}) {
    const all = { cwd: root, maxBuffer: Infinity, signal: ended.signal, ...options };
    const timer = setTimeout(() => says && say(says), 2_000);
    const result = await promisify(execFile)(command, args, all).catch((error) => error);
    clearTimeout(timer);
    const output = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim();
    // npm ends well, and leaves empty files, where the disk is full.
    if (noSpace.test(output)) {
        throw new SetupError(noSpaceLeft);
    }
    if (result instanceof Error) {
        throw new SetupError(`${failure}:\n${output || result.message}`);
    }
    return result.stdout;
}

/** Runs the npm that started this set-up, else the one on PATH. */
export function npm(args, options) {
    const script = process.env.npm_execpath ?? "";
    const [command, ...first] = path.basename(script) === "npm-cli.js" ? [process.execPath, script] : ["npm"];
    // `--dry-run` is for npm's own command, not for the npm that its scripts start. The engines are not checked, because npm may run on an
    // older Node than the package will.
    const all = [...first, ...args, "--dry-run=false", "--engine-strict=false"];
    return run(command, all, { failure: `npm ${args[0]} failed`, env: environment.withHome(), ...options });
}

/** Waits until no other set-up works on this folder. */
export async function waitForOthers() {
    fs.mkdirSync(build, { recursive: true });
    const lock = path.join(build, "setup.pid");
    for (let said = false; !take(lock); said = true) {
        said || say("waiting for another set-up in this folder");
        await sleep(250);
    }
    process.on("exit", () => fs.rmSync(lock, { force: true }));
}

/** Makes the lock, a link, which is there whole or not at all on a full disk too; removes that of a process that has ended. */
function take(lock) {
    try {
        fs.symlinkSync(String(process.pid), lock);
        return true;
    } catch (error) {
        if (error.code !== "EEXIST") {
            throw error;
        }
    }
    try {
        process.kill(Number(fs.readlinkSync(lock)), 0);
    } catch (error) {
        error.code === "ESRCH" && fs.rmSync(lock, { force: true });
    }
    return false;
}
