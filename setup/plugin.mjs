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

// A plugin without Node, or with one that is too old, ends in a sentence of its own.
const unixLauncher = (range) => `#!/bin/sh
folder=$(dirname "$(readlink -f "$0")")
command -v node >/dev/null 2>&1 || {
    echo "${name} needs Node ${range}, and no node is on PATH. Install one (https://nodejs.org/en/download)." >&2
    exit 1
}
exec node "$folder/${name}.cjs" "$@"
`;
const windowsLauncher = (range) =>
    [
        "@echo off",
        `where node >nul 2>nul || (echo ${name} needs Node ${range.replace(">", "^>")}, and no node is on PATH. Install one: https://nodejs.org/en/download 1>&2 & exit /b 1)`,
        `node "%~dp0${name}.cjs" %*`,
        "",
    ].join("\r\n");

/** Bundles the compiled plugin, and packs it. */
export async function makePlugin() {
    // It is there once the dependencies are installed.
    const { build: bundle } = await import("esbuild");
    const { version, engines } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    const { metafile, outputFiles } = await bundle({
        absWorkingDir: root,
        entryPoints: ["build/provider/hosts/plugin/server.js"],
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
    outputFiles.forEach((file) => fs.writeFileSync(file.path, file.contents));
    fs.writeFileSync(path.join(folder, name), unixLauncher(engines.node), { mode: 0o755 });
    fs.writeFileSync(path.join(folder, `${name}.cmd`), windowsLauncher(engines.node));
    fs.writeFileSync(path.join(folder, "LICENSES"), licenses(Object.keys(metafile.inputs)));
    const schema = JSON.parse(fs.readFileSync(path.join(build, "provider", "schema.json"), "utf8"));
    fs.writeFileSync(path.join(folder, "schema.json"), JSON.stringify({ ...schema, version }));
    await run("tar", ["-czf", pluginFile, "-C", folder, ...fs.readdirSync(folder).sort()]);
}

/** The licences of the packages whose code is in the bundle. */
function licenses(files) {
    const packages = new Set(
        files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []),
    );
    const texts = [...packages].sort().map((one) => {
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
