import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import environment from "./environment.cjs";
import { npm, run, say, SetupError, step } from "./tasks.mjs";

const { root, nodePackage, nodeBin, engineBin } = environment;
const kinds = ["dependencies", "devDependencies", "optionalDependencies"];
const oldestNode = "22.19.0";
const installedLock = path.join(root, "node_modules", ".package-lock.json");
const standIn = path.join(engineBin, "node");

/** Installs the dependencies that the lock file names, when they are not the ones in node_modules. */
export async function installDependencies() {
    if (!matchesLock()) {
        try {
            await step("installing the dependencies (npm ci)", () =>
                npm(["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"]),
            );
        } catch (error) {
            fs.rmSync(installedLock, { force: true });
            throw error;
        }
    }
    linkPackage();
}

// npm writes node_modules/.package-lock.json last, so an interrupted installation has none.
function matchesLock() {
    const installed = readPackages(installedLock);
    const locked = readPackages(path.join(root, "package-lock.json"));
    if (locked === undefined) {
        throw new SetupError("package-lock.json is missing or unreadable");
    }
    const wanted = ["", "setup/node"].every((folder) => {
        const manifest = JSON.parse(fs.readFileSync(path.join(root, folder, "package.json"), "utf8"));
        return kinds.every((kind) => isDeepStrictEqual(manifest[kind] ?? {}, locked[folder]?.[kind] ?? {}));
    });
    if (installed === undefined || !wanted) {
        return false;
    }
    const same = (name) =>
        installed[name]?.version === locked[name]?.version && installed[name]?.integrity === locked[name]?.integrity;
    return (
        Object.keys(installed).every((name) => installed[name].link === true || same(name)) &&
        Object.keys(locked).every(
            (name) => name === "" || (locked[name].optional === true && !lacksNode(name)) || same(name),
        )
    );
}

// npm is told to leave out what is optional, or was when it installed; where it cannot bring Node, there is a stand-in.
function lacksNode(name) {
    return (
        name === `node_modules/${nodePackage}` && !fs.existsSync(standIn) && !fs.existsSync(path.join(nodeBin, "node"))
    );
}

function readPackages(file) {
    try {
        return JSON.parse(fs.readFileSync(file, "utf8")).packages;
    } catch {
        return undefined;
    }
}

/** The installed version of a package, as the lock file has it. */
export function lockedVersion(name) {
    const version = readPackages(path.join(root, "package-lock.json"))?.[`node_modules/${name}`]?.version;
    if (version === undefined) {
        throw new SetupError(`package-lock.json names no version of ${name}`);
    }
    return version;
}

// Programs below this folder (Pulumi.yaml, examples/) find the package by its name, as they do where it is installed.
function linkPackage() {
    const link = path.join(root, "node_modules", "pulumi-connections");
    if (fs.existsSync(link) && fs.realpathSync(link) === fs.realpathSync(root)) {
        return;
    }
    fs.rmSync(link, { recursive: true, force: true });
    fs.symlinkSync("..", link, "dir");
}

/** Provides the Node that everything else runs on: the one of the lock file, else the one that runs this when it is new enough. */
export async function provideNode() {
    const node = path.join(nodeBin, "node");
    const reason = await whyNot(node);
    if (reason === undefined) {
        fs.rmSync(standIn, { force: true });
        return;
    }
    // It would come first on npm's search path.
    fs.rmSync(path.join(root, "node_modules", ".bin", "node"), { force: true });
    if (fs.existsSync(standIn) && fs.realpathSync(standIn) === fs.realpathSync(process.execPath)) {
        return;
    }
    const { default: semver } = await import("semver");
    if (semver.lt(process.versions.node, oldestNode)) {
        throw new SetupError(
            `Node ${oldestNode} or newer is needed: ${reason}, and this is Node ${process.versions.node}. ` +
                `Run this command with Node ${oldestNode} or newer (https://nodejs.org/en/download).`,
        );
    }
    say(`everything runs on Node ${process.versions.node}, since ${reason}`);
    fs.mkdirSync(engineBin, { recursive: true });
    fs.rmSync(standIn, { force: true });
    fs.symlinkSync(process.execPath, standIn);
}

async function whyNot(node) {
    if (!fs.existsSync(node)) {
        return `the lock file has no Node for this machine (${nodePackage})`;
    }
    // An empty file would run, and say nothing.
    const version = await run(node, ["--version"]).catch(() => "");
    return version.startsWith("v") ? undefined : `the Node of the lock file does not run here (${nodePackage})`;
}
