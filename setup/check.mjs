// `npm run check -- NAME…`: the tests below the engine whose path holds NAME, or that a source file NAME reaches, with the types checked beside them. It needs no
// engine, no packed package and no network.
import fs from "node:fs";
import path from "node:path";
import { handOver } from "./child.mjs";
import { installDependencies, provideNode } from "./dependencies.mjs";
import environment from "./environment.cjs";
import { compiledOf, strip } from "./strip.mjs";
import { told } from "./tasks.mjs";

const { root, build, programNode } = environment;
/** What runs on the engine, or on the packed package, is for `npm test`. */
const above = ["engine", "package"].map((name) => path.join(build, "test", name, path.sep));

const exitCode = (args) => handOver(programNode(), args, { cwd: root, env: environment.withHome() });

function types() {
    const options = ["--noEmit", "--incremental", "--tsBuildInfoFile", path.join(build, "types.tsbuildinfo")];
    return exitCode([path.join(root, "node_modules/typescript/bin/tsc"), ...options, "--pretty", "false"]);
}

function tests(given) {
    const isSource = (name) => /\.ts$/.test(name) && !/\.test\.ts$/.test(name) && fs.existsSync(path.join(root, name));
    // jest knows compiled files only.
    const names = given.map((name) => (isSource(name) ? compiledOf(name) : name.replace(/\.ts$/, "")));
    return exitCode([
        ...["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
        path.join(root, "node_modules/jest/bin/jest.js"),
        ...(given.some(isSource) ? ["--findRelatedTests"] : []),
        // Before the options that take lists.
        ...names,
        ...["test", "provider"].map((folder) => `--roots=${path.join(build, folder)}`),
        ...above.map((folder) => `--testPathIgnorePatterns=${folder}`),
    ]);
}

try {
    await installDependencies();
    await provideNode();
    await strip();
    const codes = await Promise.all([tests(process.argv.slice(2)), types()]);
    process.exitCode = Math.max(...codes);
} catch (error) {
    console.error(told(error));
    process.exitCode = 1;
}
