// The plugin: one executable for every Pulumi language, in a folder with its schema, and packed as Pulumi installs it.
import fs from "node:fs";
import path from "node:path";
import environment from "./environment.cjs";
import { run } from "./tasks.mjs";

const { root, build } = environment;
const name = "pulumi-resource-connections";
const folder = path.join(build, "plugin");

/** The packed plugin, for `pulumi plugin install --file`. */
export const pluginFile = path.join(build, `${name}.tgz`);

/** This platform as Pulumi names it. */
const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

/** The packed plugin for this platform, which needs no Node. */
export const executableFile = path.join(build, `${name}-${platform}.tar.gz`);

/** The list of packages in the bundle, by their folders in the lock file. */
const contents = path.join(build, "plugin-contents.json");
export const bundledPackages = () => JSON.parse(fs.readFileSync(contents, "utf8"));

const advice = "Install one (https://nodejs.org/en/download), or the plugin for your platform, which needs none.";

// A plugin without Node, or with one that is too old, ends in a sentence of its own. A link to it works as well.
const unixLauncher = (range) => `#!/bin/sh
command -v node >/dev/null 2>&1 || {
    echo "${name} needs Node ${range}, and no node is on PATH. ${advice}" >&2
    exit 1
}
folder=\${0%/*}
if [ -L "$0" ]; then folder=$(dirname "$(readlink -f "$0")"); fi
exec node "$folder/start.cjs" "$@"
`;
// The first script that Node loads. Its syntax is old, because any version of Node may run it.
const start = (range) => `var given = process.versions.node.split(".").map(Number);
var least = ${JSON.stringify(/(\d+)\.(\d+)\.(\d+)$/.exec(range).slice(1).map(Number))};
var isOlder = false;
for (var at = 0; at < 3 && given[at] <= least[at] && !isOlder; at++) {
    isOlder = given[at] < least[at];
}
if (isOlder) {
    console.error("${name} needs Node ${range}, and the node on PATH is " + process.versions.node + ". ${advice}");
    process.exit(1);
}
require("./${name}.cjs");
`;
const windowsLauncher = (range) =>
    [
        "@echo off",
        `where node >nul 2>nul || (echo ${name} needs Node ${range.replace(">", "^>")}, and no node is on PATH. ${advice.replace(/[()]/g, "^$&")} 1>&2 & exit /b 1)`,
        `node "%~dp0start.cjs" %*`,
        "",
    ].join("\r\n");

/** Bundles the compiled plugin, and packs it. */
export async function makePlugin() {
    // It is there once the dependencies are installed.
    const { build: bundle } = await import("esbuild");
    const { version, engines } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
    const { metafile, outputFiles } = await bundle({
        absWorkingDir: root,
        entryPoints: ["build/provider/hosts/plugin/main.js"],
        outfile: path.join(folder, `${name}.cjs`),
        bundle: true,
        platform: "node",
        target: "node22",
        format: "cjs",
        minify: true,
        keepNames: true,
        legalComments: "none",
        metafile: true,
        // Node says in its error's code that a disk is full; esbuild does not.
        write: false,
        logLevel: "error",
    });
    const packages = packagesIn(Object.keys(metafile.inputs));
    fs.writeFileSync(contents, JSON.stringify(packages));
    const schema = JSON.parse(fs.readFileSync(path.join(build, "provider", "schema.json"), "utf8"));
    put({
        [name]: unixLauncher(engines.node),
        [`${name}.cjs`]: outputFiles[0].contents,
        [`${name}.cmd`]: windowsLauncher(engines.node),
        "start.cjs": start(engines.node),
        LICENSES: licenses(packages),
        "schema.json": JSON.stringify({ ...schema, version }),
    });
    await run("tar", ["-czf", pluginFile, "-C", folder, ...fs.readdirSync(folder).sort()]);
}

/** Writes the plugin's files where they differ: a test may be running with those that are there. */
function put(files) {
    fs.mkdirSync(folder, { recursive: true });
    const old = fs.readdirSync(folder).filter((file) => !Object.hasOwn(files, file));
    old.forEach((file) => fs.rmSync(path.join(folder, file), { recursive: true }));
    for (const [file, content] of Object.entries(files)) {
        const target = path.join(folder, file);
        if (!fs.existsSync(target) || !fs.readFileSync(target).equals(Buffer.from(content))) {
            fs.rmSync(target, { force: true });
            fs.writeFileSync(target, content, { mode: file === name ? 0o755 : 0o644 });
        }
    }
}

/** Makes one executable of the bundle and the Node of the lock file, and packs it with its schema. */
export async function makeExecutable() {
    const made = path.join(build, "executable");
    fs.rmSync(made, { recursive: true, force: true });
    fs.mkdirSync(made, { recursive: true });
    const configuration = path.join(build, "executable.json");
    const output = path.join(made, process.platform === "win32" ? `${name}.exe` : name);
    const main = path.join(folder, `${name}.cjs`);
    fs.writeFileSync(
        configuration,
        JSON.stringify({ main, output, disableExperimentalSEAWarning: true, useCodeCache: true }),
    );
    await run(environment.programNode(), ["--build-sea", configuration], { says: "making the executable plugin" });
    for (const file of ["LICENSES", "schema.json"]) {
        fs.copyFileSync(path.join(folder, file), path.join(made, file));
    }
    await run("tar", ["-czf", executableFile, "-C", made, ...fs.readdirSync(made).sort()], {
        says: `packing ${path.basename(executableFile)}`,
    });
}

/** The folders of the packages whose code is in the bundle. */
const packagesIn = (files) =>
    [...new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []))].sort();

/** The licences of these packages. */
function licenses(packages) {
    const texts = packages.map((one) => {
        const {
            name: called,
            version,
            license,
        } = JSON.parse(fs.readFileSync(path.join(root, one, "package.json"), "utf8"));
        const file = fs.readdirSync(path.join(root, one)).find((entry) => /^licen[cs]e/i.test(entry));
        const text = file === undefined ? "" : `\n${fs.readFileSync(path.join(root, one, file), "utf8").trim()}\n`;
        return `${called} ${version} (${license})\n${text}`;
    });
    return texts.join("\n----\n\n");
}
