// The dependencies and the Node that the lock file names.
import fs from "node:fs";
import path from "node:path";
import environment from "./environment.cjs";
import { npm, run, say, SetupError } from "./tasks.mjs";

const { root } = environment;
const oldestNode = "22.19.0";
const modules = path.join(root, "node_modules");

/** The packages that a lock file names, by their folders. */
export const packagesOf = (lock) => JSON.parse(fs.readFileSync(path.join(root, lock), "utf8")).packages;

/** Installs the dependencies that the lock file names, when they are not the ones in node_modules. */
export async function installDependencies() {
    for (const name of ["build", "node_modules"]) {
        const folder = path.join(root, name);
        // npm packs nothing that lies behind a link, and a package finds what is beside it from where it really lies.
        if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
            const next = "Delete the link, and run this command again: set-up makes the folder.";
            throw new SetupError(`${folder} is a link, and has to be a folder. ${next}`);
        }
    }
    if (!areInstalled()) {
        say("installing the dependencies (npm ci)");
        await npm(["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"]);
    }
    // Programs below this folder (Pulumi.yaml, examples/) find the package by its name, as they do where it is installed.
    const link = path.join(modules, "pulumi-connections");
    if (!fs.existsSync(link)) {
        fs.rmSync(link, { force: true });
        fs.symlinkSync("..", link, "dir");
    }
}

// npm writes its own lock file last, so an interrupted installation has none.
function areInstalled() {
    const own = "node_modules/.package-lock.json";
    if (!fs.existsSync(path.join(root, own))) {
        return false;
    }
    const have = packagesOf(own);
    return Object.entries(packagesOf("package-lock.json")).every(
        ([name, { integrity, optional }]) =>
            !name.startsWith("node_modules/") || (have[name] ? have[name].integrity === integrity : optional),
    );
}

/** Provides the Node that everything else runs on: the one of the lock file, else the one that runs this when it is new enough. */
export async function provideNode() {
    const link = path.join(modules, ".bin", "node");
    // An empty file would run, and say nothing.
    const version = await run(link, ["--version"]).catch(() => "");
    if (version.startsWith("v")) {
        return;
    }
    const found = `the Node of the lock file does not run here, and this is Node ${process.versions.node}`;
    const { default: semver } = await import("semver");
    if (semver.lt(process.versions.node, oldestNode)) {
        const next = `Run this command with Node ${oldestNode} or newer (https://nodejs.org/en/download).`;
        throw new SetupError(`Node ${oldestNode} or newer is needed: ${found}. ${next}`);
    }
    say(`everything runs on this Node: ${found}`);
    fs.rmSync(link, { force: true });
    fs.symlinkSync(process.execPath, link);
}
