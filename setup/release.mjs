// `npm run release -- --dry-run`: what a release consists of, in build/release: the packed package, the plugin with and without a Node of its own,
// their bills of materials, and the checksums of all. Nothing is published from here: at the end stands what is left to do by hand.
import { execFileSync, spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import shared from "./environment.cjs";
import { packagesOf } from "./dependencies.mjs";
import { npm, run, say, SetupError, told } from "./tasks.mjs";
import { bundledPackages, executableFile, pluginFile } from "./plugin.mjs";

const { root, build, packageFile } = shared;
const release = path.join(build, "release");
const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
const named = `${manifest.name}-${manifest.version}`;
/** The plugin's files, by the names under which Pulumi looks for them. */
const pluginNamed = `pulumi-resource-connections-v${manifest.version}`;
const platform = path.basename(executableFile, ".tar.gz").replace("pulumi-resource-connections-", "");

let isDryRun;
try {
    isDryRun = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } }).values["dry-run"];
} catch (error) {
    console.error(`release: ${error.message}\nusage: npm run release -- [--dry-run]`);
    process.exit(2);
}

/** What stands in the way of a release. */
function obstacles() {
    const git = (...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
    const changes = path.join(root, "CHANGELOG.md");
    const heading = new RegExp(`^## \\[?v?${manifest.version.replaceAll(".", "\\.")}\\b`, "m");
    const tag = `v${manifest.version}`;
    return [
        git("status", "--porcelain").stdout?.trim() === ""
            ? undefined
            : "The working tree holds changes that are not committed (or is no clone): commit them.",
        git("tag", "--points-at", "HEAD").stdout?.split("\n").includes(tag)
            ? undefined
            : `The commit has no tag ${tag}: git tag --annotate ${tag}`,
        fs.existsSync(changes) && heading.test(fs.readFileSync(changes, "utf8"))
            ? undefined
            : `CHANGELOG.md has no section of version ${manifest.version}: write it.`,
    ].filter((text) => text !== undefined);
}

/**
 * The bill of materials (CycloneDX) of what comes along with these packages. npm's own `--omit dev` leaves out what development needs as well, so
 * the lock file is cut to them first.
 */
async function billOfMaterials(dependencies) {
    const folder = path.join(build, "sbom", manifest.name);
    fs.rmSync(path.dirname(folder), { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    try {
        const { name, version, description, license } = manifest;
        fs.writeFileSync(
            path.join(folder, "package.json"),
            JSON.stringify({ name, version, description, license, dependencies }),
        );
        fs.copyFileSync(path.join(root, "package-lock.json"), path.join(folder, "package-lock.json"));
        const options = ["--package-lock-only", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
        await npm(["install", ...options], { cwd: folder });
        const text = await npm(
            ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "library", "--package-lock-only"],
            {
                cwd: folder,
            },
        );
        return JSON.parse(text);
    } finally {
        fs.rmSync(path.dirname(folder), { recursive: true, force: true });
    }
}

/** The bill of materials of the plugin's bundle: of each package, only what is in it counts. */
async function billOfPlugin() {
    const locked = packagesOf("package-lock.json");
    const folders = bundledPackages();
    const top = folders.map((folder) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(folder)[1]);
    const bom = await billOfMaterials(
        Object.fromEntries(top.map((name) => [name, locked[`node_modules/${name}`].version])),
    );
    const wanted = new Set(
        folders.map((folder) => `${folder.split("node_modules/").at(-1)} ${locked[folder].version}`),
    );
    const components = bom.components.filter(({ name, version }) => wanted.has(`${name} ${version}`));
    const refs = new Set([bom.metadata.component["bom-ref"], ...components.map((one) => one["bom-ref"])]);
    const dependencies = bom.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
    return { ...bom, components, dependencies };
}

/** The bill of materials of the executable: the bundle, and the Node that it runs on. */
function withNode(bom) {
    const version = execFileSync(shared.programNode(), ["--version"], { encoding: "utf8" }).trim().slice(1);
    const node = {
        "bom-ref": `node@${version}`,
        type: "platform",
        name: "node",
        version,
        purl: `pkg:generic/node@${version}`,
        licenses: [{ license: { id: "MIT" } }],
        externalReferences: [{ type: "website", url: "https://nodejs.org" }],
    };
    return { ...bom, components: [...bom.components, node] };
}

/** Languages that the CLI generates an SDK for, where it has their host. */
const languages = ["nodejs", "python", "go", "dotnet", "java"];

/** Packs an SDK for each language, and returns what is left out, with the reason. */
async function packSdks() {
    const folder = path.join(build, "sdks");
    fs.rmSync(folder, { recursive: true, force: true });
    const left = [];
    for (const language of languages) {
        const generate = ["package", "gen-sdk", path.join(release, "schema.json"), "--language", language];
        try {
            await run("pulumi", [...generate, "--out", folder], {
                env: shared.environment(),
                says: `SDK: ${language}`,
            });
            const file = path.join(release, `connections-sdk-${language}-v${manifest.version}.tar.gz`);
            await run("tar", ["-czf", file, "-C", path.join(folder, language), "."]);
        } catch (error) {
            left.push(`left out: the SDK for ${language} (${error.message.split("\n")[1] ?? error.message})`);
        }
    }
    return left;
}

const write = (file, bom) => fs.writeFileSync(path.join(release, file), JSON.stringify(bom, undefined, 2));

const sha256 = (file) => crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");

try {
    const setup = [path.join(root, "setup/setup.mjs"), "--package"];
    if (spawnSync(process.execPath, setup, { stdio: ["ignore", 2, 2] }).status !== 0) {
        throw new SetupError("the package cannot be packed, as the lines above say");
    }
    fs.rmSync(release, { recursive: true, force: true });
    fs.mkdirSync(release, { recursive: true });
    fs.copyFileSync(packageFile, path.join(release, `${named}.tgz`));
    fs.copyFileSync(pluginFile, path.join(release, `${pluginNamed}-node.tar.gz`));
    fs.copyFileSync(executableFile, path.join(release, `${pluginNamed}-${platform}.tar.gz`));
    fs.copyFileSync(path.join(build, "plugin", "schema.json"), path.join(release, "schema.json"));
    say("writing the bills of materials");
    write(`${named}.cdx.json`, await billOfMaterials(manifest.dependencies));
    const plugin = await billOfPlugin();
    write(`${pluginNamed}-node.cdx.json`, plugin);
    write(`${pluginNamed}-${platform}.cdx.json`, withNode(plugin));
    const leftOut = await packSdks();
    const files = fs.readdirSync(release).sort();
    fs.writeFileSync(
        path.join(release, "SHA256SUMS"),
        files.map((file) => `${sha256(path.join(release, file))}  ${file}\n`).join(""),
    );
    files.concat("SHA256SUMS").forEach((file) => console.log(path.join("build/release", file)));
    leftOut.forEach((text) => console.log(text));
    const left = obstacles();
    left.forEach((text) => console.log(`before a release: ${text}`));
    if (left.length > 0 && !isDryRun) {
        process.exitCode = 1;
    } else {
        console.log(`to publish, by hand: npm publish build/release/${named}.tgz`);
    }
} catch (error) {
    console.error(told(error));
    process.exitCode = 1;
}
