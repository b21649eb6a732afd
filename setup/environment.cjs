"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const url = require("node:url");

const root = path.resolve(__dirname, "..");
const build = path.join(root, "build");
const engineBin = path.join(build, "engine", "bin");
const projects = path.join(build, "projects");
const packageFile = path.join(build, "pulumi-connections.tgz");

/** The Node that everything but set-up itself runs on: npm's link leads to the one of the lock file, set-up's to another one. */
const programNode = () => fs.realpathSync(path.join(root, "node_modules", ".bin", "node"));

/** `base` with a HOME that can be written to: the caller's, else one below build/, which then holds npm's cache as well. */
function withHome(base = process.env) {
    try {
        fs.accessSync(base.HOME, fs.constants.W_OK | fs.constants.X_OK);
        return { ...base };
    } catch {
        const env = { ...base, HOME: path.join(build, "home") };
        fs.mkdirSync(env.HOME, { recursive: true });
        // npm hands the cache that it has worked out from the other HOME to whatever its scripts start.
        if (base.HOME && env.npm_config_cache?.startsWith(base.HOME)) {
            delete env.npm_config_cache;
        }
        return env;
    }
}

/** The search path on which the engine, its language host and the programs' Node come first. */
function searchPath(base = process.env) {
    return [engineBin, path.dirname(programNode()), base.PATH].filter(Boolean).join(path.delimiter);
}

/**
 * The URL of a file backend in a folder. Without `metadata=skip`, the engine keeps a file of attributes beside each of its files, which a kill
 * can leave empty: the stack cannot be loaded any more, although its state is whole.
 */
function fileBackend(folder) {
    return `${url.pathToFileURL(folder).href}?metadata=skip`;
}

/**
 * The environment to run `pulumi` in: the caller's PULUMI_ variables are kept, and a file backend below build/ is used unless they name
 * a backend (PULUMI_BACKEND_URL) or an account of Pulumi Cloud (PULUMI_ACCESS_TOKEN).
 */
function environment(base = process.env) {
    const env = withHome(base);
    env.PATH = searchPath(base);
    env.PULUMI_SKIP_UPDATE_CHECK ??= "true";
    env.PULUMI_HOME ??= path.join(build, "pulumi-home");
    if (!env.PULUMI_BACKEND_URL && !env.PULUMI_ACCESS_TOKEN) {
        const state = path.join(build, "state");
        fs.mkdirSync(state, { recursive: true });
        env.PULUMI_BACKEND_URL = fileBackend(state);
        // Only for the local backend: a stack kept elsewhere must not depend on a passphrase that lies below build/.
        if (env.PULUMI_CONFIG_PASSPHRASE === undefined && env.PULUMI_CONFIG_PASSPHRASE_FILE === undefined) {
            env.PULUMI_CONFIG_PASSPHRASE_FILE = localPassphrase();
        }
    }
    return env;
}

/** The file of the passphrase, which a set-up writes. */
function localPassphrase() {
    const file = path.join(build, "passphrase");
    if (!fs.existsSync(file)) {
        // Whole or not at all: on a full disk, an empty one would stay and be used.
        const whole = `${file}.new`;
        try {
            fs.writeFileSync(whole, crypto.randomBytes(24).toString("base64url"), { mode: 0o600 });
            fs.renameSync(whole, file);
        } finally {
            fs.rmSync(whole, { force: true });
        }
    }
    return file;
}

/** How many compilers may run side by side without the machine running short of memory. */
function buildParallelism() {
    const available = typeof process.availableMemory === "function" ? process.availableMemory() : os.freemem();
    return Math.max(1, Math.min(os.availableParallelism(), Math.floor(available / 1.5e9)));
}

module.exports = {
    root,
    build,
    engineBin,
    projects,
    packageFile,
    programNode,
    withHome,
    searchPath,
    fileBackend,
    environment,
    buildParallelism,
};
