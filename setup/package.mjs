import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { lockedVersion } from "./dependencies.mjs";
import environment from "./environment.cjs";
import { fingerprint, npm, run, SetupError, stamp, stamps, step, writeWhole } from "./tasks.mjs";

const { root, build, projects, packageFile, programNode } = environment;

/** Compiles TypeScript to build/ when sources or results have changed. What has no source any more goes. */
export async function compile() {
    const folders = JSON.parse(fs.readFileSync(path.join(root, "tsconfig.json"), "utf8")).include;
    const others = ["tsconfig.json", "package-lock.json"];
    const sources = [...others, ...folders].map((name) => path.join(root, name));
    const results = folders.map((name) => path.join(build, name));
    const inputs = fingerprint(sources);
    const last = stamps().compile;
    if (last?.inputs === inputs && last.outputs === fingerprint(results)) {
        return;
    }
    const temporary = path.join(build, "compiling");
    fs.rmSync(temporary, { recursive: true, force: true });
    const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
    try {
        await step("compiling TypeScript", () =>
            run(programNode(), [compiler, "--outDir", temporary, "--pretty", "false"], {
                failure: "TypeScript does not compile",
            }),
        );
        if (!fs.existsSync(path.join(temporary, "provider", "index.js"))) {
            throw new SetupError(
                "the TypeScript compiler wrote no code, and did not say why. Delete node_modules/, and run this command again",
            );
        }
        const provider = path.join(temporary, "provider");
        copyOthers(path.join(root, "provider"), provider);
        stamp("compile");
        for (const name of folders) {
            fs.rmSync(path.join(build, name), { recursive: true, force: true });
            if (fs.existsSync(path.join(temporary, name))) {
                fs.renameSync(path.join(temporary, name), path.join(build, name));
            }
        }
    } finally {
        fs.rmSync(temporary, { recursive: true, force: true });
    }
    stamp("compile", { inputs, outputs: fingerprint(results) });
}

/** Copies what the package ships besides compiled code: a page's style and script, schemas. */
function copyOthers(from, to) {
    const isNoSource = (file) => fs.statSync(file).isDirectory() || !/\.ts$|\btsconfig\.json$/.test(file);
    fs.cpSync(from, to, { recursive: true, filter: isNoSource });
}

/** Packs the package to build/pulumi-connections.tgz when what goes into it has changed. */
export async function pack() {
    const contents = [
        "package.json",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "SECURITY.md",
        "llms.txt",
        "docs",
        "build/provider",
        "build/plugin",
    ].map((name) => path.join(root, name));
    const inputs = fingerprint(contents);
    const last = stamps().package;
    if (last?.inputs === inputs && last.sha256 === sha256(packageFile)) {
        return;
    }
    const temporary = path.join(build, "packing");
    fs.rmSync(temporary, { recursive: true, force: true });
    fs.mkdirSync(temporary, { recursive: true });
    try {
        await step("packing build/pulumi-connections.tgz", () =>
            npm(["pack", "--ignore-scripts", "--pack-destination", temporary]),
        );
        fs.renameSync(path.join(temporary, fs.readdirSync(temporary)[0]), packageFile);
    } finally {
        fs.rmSync(temporary, { recursive: true, force: true });
    }
    stamp("package", { inputs, sha256: sha256(packageFile) });
}

/** Installs the packed package into build/projects, below which the test projects lie. */
export async function installPackage() {
    const content = sha256(packageFile);
    // A name of its own for each content, or npm would take an installed package of the same version for the same.
    const copy = `pulumi-connections-${content.slice(0, 16)}.tgz`;
    const direct = Object.keys(JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).dependencies ?? {});
    const names = ["@pulumi/pulumi", "typescript", "@types/node", ...direct];
    const manifest = {
        name: "projects",
        private: true,
        dependencies: {
            "pulumi-connections": `file:./${copy}`,
            ...Object.fromEntries(names.map((name) => [name, lockedVersion(name)])),
            ...(process.env.PULUMI_SDK && { "@pulumi/pulumi": process.env.PULUMI_SDK }),
        },
    };
    const key = fingerprint([], JSON.stringify(manifest));
    const installed = path.join(projects, "node_modules");
    const last = stamps().projects;
    if (last?.key === key && last.installed === fingerprintOfInstalled()) {
        return;
    }
    if (last?.key === undefined) {
        fs.rmSync(installed, { recursive: true, force: true });
    }
    stamp("projects");
    await step("installing the packed package in build/projects", async () => {
        fs.mkdirSync(projects, { recursive: true });
        for (const old of fs.readdirSync(projects).filter((name) => name.endsWith(".tgz"))) {
            fs.rmSync(path.join(projects, old));
        }
        fs.copyFileSync(packageFile, path.join(projects, copy));
        writeWhole(path.join(projects, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
        fs.rmSync(path.join(installed, "pulumi-connections"), { recursive: true, force: true });
        const options = ["--no-package-lock", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
        await npm(["install", ...options], { cwd: projects });
    });
    stamp("projects", { key, installed: fingerprintOfInstalled() });
}

function fingerprintOfInstalled() {
    const installed = path.join(projects, "node_modules");
    return fingerprint([path.join(installed, ".package-lock.json"), path.join(installed, "pulumi-connections")]);
}

function sha256(file) {
    return fs.existsSync(file) ? crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex") : "missing";
}
