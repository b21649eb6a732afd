import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import environment from "./environment.cjs";
import { npm, run, say, SetupError, step } from "./tasks.mjs";

const { root, nodeBin, engineBin } = environment;
const oldestProgramNode = 22;

/** Installs the dependencies that the lock file names, when they are not the ones in node_modules. */
export async function installDependencies() {
    if (!matchesLock()) {
        await step("installing the dependencies (npm ci)", () => npm(["ci", "--include=dev", "--no-audit", "--no-fund"]));
    }
    linkPackage();
}

// npm writes node_modules/.package-lock.json last, so an interrupted installation has none.
function matchesLock() {
    const installed = readPackages(path.join(root, "node_modules", ".package-lock.json"));
    const locked = readPackages(path.join(root, "package-lock.json"));
    if (locked === undefined) {
        throw new SetupError("package-lock.json is missing or unreadable");
    }
    const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
    const wanted = ["dependencies", "devDependencies"].every((kind) => isDeepStrictEqual(manifest[kind] ?? {}, locked[""]?.[kind] ?? {}));
    if (installed === undefined || !wanted) {
        return false;
    }
    const same = (name) => installed[name]?.version === locked[name]?.version && installed[name]?.integrity === locked[name]?.integrity;
    return (
        Object.keys(installed).every((name) => installed[name].link === true || same(name)) &&
        Object.keys(locked).every((name) => name === "" || locked[name].optional === true || same(name))
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

/** Provides a Node for the programs: the one of the npm package "node", else the one that runs this when it is new enough. */
export async function provideProgramNode() {
    const standIn = path.join(engineBin, "node");
    const node = path.join(nodeBin, "node");
    if (await runs(node)) {
        fs.rmSync(standIn, { force: true });
        return;
    }
    if (fs.existsSync(standIn) && fs.realpathSync(standIn) === fs.realpathSync(process.execPath)) {
        return;
    }
    // Where npm is told to run no install scripts, this runs none either.
    await step("fetching Node for the programs (npm rebuild node)", () => npm(["rebuild", "node"]).catch(() => undefined));
    if (await runs(node)) {
        fs.rmSync(standIn, { force: true });
        return;
    }
    if (Number.parseInt(process.versions.node, 10) < oldestProgramNode) {
        throw new SetupError(
            `there is no Node ${oldestProgramNode} or newer for the programs: the npm package "node" brought no binary that runs here, ` +
                `and this is Node ${process.versions.node}. Let npm run its install script (npm rebuild node --ignore-scripts=false), ` +
                `or use Node ${oldestProgramNode} or newer.`,
        );
    }
    say(`programs run on Node ${process.versions.node}, since the npm package "node" brought no binary that runs here`);
    fs.mkdirSync(engineBin, { recursive: true });
    fs.rmSync(standIn, { force: true });
    fs.symlinkSync(process.execPath, standIn);
}

async function runs(node) {
    return fs.existsSync(node) && (await run(node, ["--version"]).catch(() => "")).startsWith("v");
}
