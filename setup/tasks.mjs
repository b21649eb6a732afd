// What every step of the set-up needs: progress lines, child processes, stamps, and one set-up at a time.
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import environment from "./environment.cjs";

const { root, build } = environment;
const started = Date.now();
const children = new Set();

/** An expected failure: its message is all that the user is shown. */
export class SetupError extends Error {}

const noSpace = /\b(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i;

/** What the user is told of a failure: sentences where it is an expected one or the system's, everything where it is a fault of set-up. */
export function told(error) {
    if (error instanceof SetupError) {
        return `set-up: ${error.message}`;
    }
    if (noSpace.test(error?.code)) {
        return `set-up: ${noSpaceLeft}`;
    }
    return typeof error?.syscall === "string"
        ? `set-up: ${error.message}. Make that possible, and run this command again.`
        : error;
}

const noSpaceLeft = `there is no space left on the disk that holds ${root}, or on that of npm's or Go's cache. Free some, and run this command again.`;

let spoken = false;

/** One line of progress, on stderr so that what a command prints on stdout stays its own. */
export function say(text) {
    spoken = true;
    process.stderr.write(`set-up ${String(seconds(started)).padStart(4)} s  ${text}\n`);
}

export function hasSpoken() {
    return spoken;
}

export function seconds(since) {
    return Math.round((Date.now() - since) / 1000);
}

/** Says what is done, does it, and says how long it takes every 20 seconds. */
export async function step(text, action, hint = "") {
    say(text);
    const begun = Date.now();
    const ticker = setInterval(() => say(`${text}: ${seconds(begun)} s${hint === "" ? "" : `, ${hint}`}`), 20_000);
    try {
        return await action();
    } finally {
        clearInterval(ticker);
    }
}

for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
]) {
    process.on(signal, () => {
        for (const child of children) {
            child.kill(signal);
        }
        releaseLock();
        process.exit(code);
    });
}

/** Runs a program to its end and returns what it wrote on stdout; the error of a failure ends in what it wrote. */
export async function run(command, args, { cwd = root, env = process.env, timeoutMs = 0, failure } = {}) {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    let output = "";
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
        stdout += text;
        output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
    const timer = timeoutMs > 0 ? setTimeout(() => child.kill("SIGKILL"), timeoutMs) : undefined;
    try {
        const code = await new Promise((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (exitCode, signal) => resolve(exitCode ?? signal));
        });
        // npm ends well, and leaves empty files, where the disk is full.
        if (noSpace.test(output)) {
            throw new SetupError(noSpaceLeft);
        }
        if (code !== 0) {
            const summary = failure ?? `${[path.basename(command), ...args.slice(0, 2)].join(" ")} ended with ${code}`;
            throw new SetupError(output.trim() === "" ? summary : `${summary}:\n${excerpt(output)}`);
        }
        return stdout;
    } catch (error) {
        if (error instanceof SetupError) {
            throw error;
        }
        throw new SetupError(
            error.code === "ENOENT" ? `${command} is not there` : `${command} cannot be run: ${error.message}`,
        );
    } finally {
        clearTimeout(timer);
        children.delete(child);
    }
}

// Of much, the beginning and the end: npm says first what is wrong, compilers last.
function excerpt(output) {
    const lines = output.trim().split("\n");
    return (lines.length <= 40 ? lines : [...lines.slice(0, 15), "…", ...lines.slice(-15)]).join("\n");
}

/** Runs the npm that started this set-up, else the one on PATH. */
export function npm(args, options = {}) {
    const script = process.env.npm_execpath;
    const own = script !== undefined && path.basename(script) === "npm-cli.js";
    // What `npm pack --dry-run` hands to its scripts does not count for what they run; npm may run on an older Node than what it installs will.
    const all = [...args, "--dry-run=false", "--engine-strict=false"];
    return run(own ? process.execPath : "npm", own ? [script, ...all] : all, {
        failure: `npm ${args[0]} failed`,
        ...options,
        env: environment.withHome(),
    });
}

/** A hash of the given texts, files and folders (with everything in them); one that is missing counts as such. */
export function fingerprint(paths, ...texts) {
    const hash = crypto.createHash("sha256");
    for (const text of texts) {
        hash.update(`text ${text}\0`);
    }
    for (const file of paths.flatMap((entry) => filesBelow(entry))) {
        const content = fs.existsSync(file)
            ? crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex")
            : "missing";
        hash.update(`${path.relative(root, file)} ${content}\0`);
    }
    return hash.digest("hex");
}

function filesBelow(entry) {
    if (!fs.existsSync(entry) || !fs.statSync(entry).isDirectory()) {
        return [entry];
    }
    return fs
        .readdirSync(entry, { withFileTypes: true })
        .filter((child) => child.name !== "node_modules")
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((child) => filesBelow(path.join(entry, child.name)));
}

/** Writes a file so that it is there whole or not at all. */
export function writeWhole(file, text) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, text);
    fs.renameSync(temporary, file);
}

const stampFile = path.join(build, "setup.json");

/** What earlier runs have finished, by step. */
export function stamps() {
    try {
        return JSON.parse(fs.readFileSync(stampFile, "utf8"));
    } catch {
        return {};
    }
}

/** Notes what a finished step has made; without a value, that it is to be done again. */
export function stamp(name, value) {
    writeWhole(stampFile, `${JSON.stringify({ ...stamps(), [name]: value }, undefined, 2)}\n`);
}

const lockFile = path.join(build, "setup.lock");
const lockToken = `${process.pid} ${crypto.randomUUID()}`;
const heartbeatMs = 2_000;
let heartbeat;

/** npm packs nothing that lies behind a link, and a package finds what is beside it from where it really lies. */
export function refuseLinks() {
    for (const name of ["build", "node_modules"]) {
        const folder = path.join(root, name);
        if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
            throw new SetupError(
                `${folder} is a link, and has to be a folder. Delete the link, and run this command again: set-up makes the folder.`,
            );
        }
    }
}

/** Waits until no other set-up works on this folder. A lock whose owner has ended, or has given no sign of life for a while, is void. */
export async function acquireLock() {
    fs.mkdirSync(build, { recursive: true });
    for (let announced = false; ;) {
        try {
            fs.writeFileSync(lockFile, lockToken, { flag: "wx" });
            break;
        } catch (error) {
            if (error.code !== "EEXIST") {
                // Made, but not written.
                fs.rmSync(lockFile, { force: true });
                throw error;
            }
        }
        if (isVoid()) {
            fs.rmSync(lockFile, { force: true });
            continue;
        }
        if (!announced) {
            announced = true;
            say("waiting for another set-up in this folder");
        }
        await sleep(250);
    }
    heartbeat = setInterval(() => {
        try {
            const now = new Date();
            fs.utimesSync(lockFile, now, now);
        } catch {
            // build/ has been deleted meanwhile; the step at work will say so.
        }
    }, heartbeatMs);
    heartbeat.unref();
    process.on("exit", releaseLock);
}

function isVoid() {
    try {
        const pid = Number.parseInt(fs.readFileSync(lockFile, "utf8"), 10);
        const silent = Date.now() - fs.statSync(lockFile).mtimeMs;
        return silent > 10 * heartbeatMs || (Number.isInteger(pid) && !isAlive(pid));
    } catch {
        return false;
    }
}

function isAlive(pid) {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return error.code === "EPERM";
    }
}

export function releaseLock() {
    clearInterval(heartbeat);
    try {
        if (fs.readFileSync(lockFile, "utf8") === lockToken) {
            fs.rmSync(lockFile);
        }
    } catch {
        // Not held, or deleted together with build/.
    }
}
