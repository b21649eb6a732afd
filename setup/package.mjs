// The package: its code in build/provider, the packed file, and the projects of tests in which it is installed.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import environment from "./environment.cjs";
import { packagesOf } from "./dependencies.mjs";
import { compilerRecord, completeBuild } from "./strip.mjs";
import { npm, run } from "./tasks.mjs";

const { root, build, projects, packageFile, programNode } = environment;
const read = (...names) => JSON.parse(fs.readFileSync(path.join(root, ...names), "utf8"));

/** Compiles what has changed to build/. What has no source any more goes. */
export async function compile() {
    const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
    const words = { says: "compiling TypeScript", failure: "TypeScript does not compile" };
    try {
        await run(programNode(), [compiler, "--build", "--pretty", "false"], words);
    } catch (error) {
        // It may name files that have not been written.
        fs.rmSync(compilerRecord, { force: true });
        throw error;
    }
    completeBuild();
}

/** Packs the package to build/pulumi-connections.tgz: the same content gives the same file. */
export async function pack() {
    const { name, version } = read("package.json");
    const says = "packing build/pulumi-connections.tgz";
    await npm(["pack", "--ignore-scripts", "--pack-destination", build], { says });
    fs.renameSync(path.join(build, `${name}-${version}.tgz`), packageFile);
}

/** Installs the packed package into build/projects, below which the test projects lie. */
export async function installPackage() {
    const locked = packagesOf("package-lock.json");
    const names = ["@pulumi/pulumi", "typescript", "@types/node", ...Object.keys(read("package.json").dependencies)];
    // A name of its own for each content, or npm would take an installed package of the same version for the same.
    const sum = crypto.createHash("sha256").update(fs.readFileSync(packageFile)).digest("hex");
    const copy = `pulumi-connections-${sum.slice(0, 16)}.tgz`;
    const dependencies = {
        "pulumi-connections": `file:./${copy}`,
        ...Object.fromEntries(names.map((name) => [name, locked[`node_modules/${name}`].version])),
        ...(process.env.PULUMI_SDK && { "@pulumi/pulumi": process.env.PULUMI_SDK }),
    };
    const manifest = JSON.stringify({ name: "projects", private: true, dependencies }, undefined, 2);
    // npm writes the second one last, so an interrupted installation has none.
    const [manifestFile, installed] = [projects + "/package.json", projects + "/node_modules/.package-lock.json"];
    if (fs.existsSync(installed) && fs.readFileSync(manifestFile, "utf8") === manifest) {
        return;
    }
    fs.rmSync(installed, { force: true });
    fs.mkdirSync(projects, { recursive: true });
    const old = fs.readdirSync(projects).filter((name) => name.endsWith(".tgz"));
    old.forEach((name) => fs.rmSync(path.join(projects, name)));
    fs.copyFileSync(packageFile, path.join(projects, copy));
    fs.writeFileSync(manifestFile, manifest);
    const options = ["--no-package-lock", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    const says = "installing the packed package in build/projects";
    await npm(["install", ...options], { cwd: projects, says });
}
