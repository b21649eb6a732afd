// The Pulumi engine in build/engine/bin: pulumi, its language host for Node, and the dynamic provider's launcher.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import shared from "./environment.cjs";
import { fingerprint, run, say, SetupError, stamp, stamps, step } from "./tasks.mjs";

export const { environment, searchPath, programNode } = shared;

const { root, build, engineBin } = shared;
const oldestEngine = "3.200.0";
const installPage = "https://www.pulumi.com/docs/install/";
const launcher = "pulumi-resource-pulumi-nodejs";
const programs = ["pulumi", "pulumi-language-nodejs", launcher];
const modules = path.join(root, "setup", "engine");

/** Whether set-up has provided an engine that is still there. */
export function hasEngine() {
    const last = stamps().engine;
    if (last === undefined || !programs.every((name) => isExecutable(path.join(engineBin, name)))) {
        return false;
    }
    return last.identity === identity(last.source);
}

// What must not have changed since the engine was provided.
function identity(source) {
    const sizes = programs.map((name) => fs.statSync(path.join(engineBin, name)).size).join(" ");
    const cli = path.join(engineBin, "pulumi");
    const origin =
        source === "modules" ? fingerprint([modules]) : `${fs.realpathSync(cli)} ${fs.statSync(cli).mtimeMs}`;
    return `${origin} ${sizes}`;
}

/** Provides the engine: one on PATH, else the official installer's, else one built from Go modules. */
export async function provideEngine() {
    if (hasEngine()) {
        return;
    }
    stamp("engine");
    fs.mkdirSync(engineBin, { recursive: true });
    // Remains of an interrupted run.
    for (const name of fs.readdirSync(path.dirname(engineBin)).filter((entry) => entry.startsWith("making-"))) {
        fs.rmSync(path.join(path.dirname(engineBin), name), { recursive: true, force: true });
    }
    const making = path.join(path.dirname(engineBin), `making-${process.pid}`);
    fs.mkdirSync(making);
    try {
        const reasons = [];
        const source =
            (await fromPath(making, reasons)) ??
            (await fromInstaller(making, reasons)) ??
            (await fromModules(making, reasons));
        if (source === undefined) {
            throw new SetupError(
                `the Pulumi CLI is needed, and there is no way to get it here: ${reasons.join("; ")}.\n` +
                    `Either install the Pulumi CLI ${oldestEngine} or newer (${installPage}), ` +
                    `or install Go ${oldestGo()} or newer (https://go.dev/dl/), and run this command again.`,
            );
        }
        if (!fs.existsSync(path.join(making, launcher))) {
            fs.copyFileSync(
                path.join(root, "node_modules", "@pulumi", "pulumi", launcher),
                path.join(making, launcher),
            );
            fs.chmodSync(path.join(making, launcher), 0o755);
        }
        for (const name of programs) {
            fs.renameSync(path.join(making, name), path.join(engineBin, name));
        }
        stamp("engine", { source, identity: identity(source) });
    } finally {
        fs.rmSync(making, { recursive: true, force: true });
    }
}

async function fromPath(making, reasons) {
    const folders = (process.env.PATH ?? "")
        .split(path.delimiter)
        .filter((folder) => folder !== "" && folder !== engineBin);
    const find = (name) => folders.map((folder) => path.resolve(folder, name)).find(isExecutable);
    const found = find("pulumi");
    if (found === undefined) {
        reasons.push("no pulumi is on PATH");
        return undefined;
    }
    const version = await engineVersion(found);
    const { default: semver } = await import("semver");
    if (version === undefined || semver.lt(version, oldestEngine)) {
        reasons.push(`the pulumi on PATH is ${version ?? "of an unknown version"}, older than ${oldestEngine}`);
        say(reasons.at(-1));
        return undefined;
    }
    const besides = [path.dirname(found), path.dirname(fs.realpathSync(found))];
    const beside = (name) => besides.map((folder) => path.join(folder, name)).find(isExecutable);
    const host = beside("pulumi-language-nodejs") ?? find("pulumi-language-nodejs");
    if (host === undefined) {
        reasons.push("the pulumi on PATH has no pulumi-language-nodejs beside it");
        say(reasons.at(-1));
        return undefined;
    }
    fs.symlinkSync(found, path.join(making, "pulumi"));
    fs.symlinkSync(host, path.join(making, "pulumi-language-nodejs"));
    // The engine warns about a launcher on PATH that is not the one it came with.
    const own = beside(launcher);
    if (own !== undefined) {
        fs.symlinkSync(own, path.join(making, launcher));
    }
    say(`using the Pulumi CLI ${version} on PATH`);
    return "PATH";
}

async function fromInstaller(making, reasons) {
    const target = path.join(making, "installer");
    const install =
        `import(${JSON.stringify(pathToFileURL(path.join(root, "node_modules/@pulumi/pulumi/automation/index.js")).href)})` +
        `.then((automation) => (automation.default ?? automation).PulumiCommand.install({ root: ${JSON.stringify(target)} }))` +
        ".catch((error) => { console.error(error.message); process.exitCode = 1; })";
    try {
        // The installer itself would wait for minutes where a firewall swallows what it sends.
        await fetch("https://get.pulumi.com/install.sh", { method: "HEAD", signal: AbortSignal.timeout(10_000) });
        await step(
            "installing the Pulumi CLI with its official installer",
            () => run(programNode(), ["-e", install], { env: environment(), timeoutMs: 600_000 }),
            "takes about a minute",
        );
        if ((await engineVersion(path.join(target, "bin", "pulumi"))) === undefined) {
            throw new SetupError("what it installed does not run");
        }
    } catch (error) {
        const reason = (error.cause?.code ?? error.cause?.message ?? error.message).split("\n").at(-1);
        reasons.push(`the official installer cannot be used (${reason})`);
        say(`the official installer of the Pulumi CLI cannot be used here (${reason})`);
        return undefined;
    }
    for (const name of programs) {
        if (fs.existsSync(path.join(target, "bin", name))) {
            fs.renameSync(path.join(target, "bin", name), path.join(making, name));
        }
    }
    return "installer";
}

async function fromModules(making, reasons) {
    const env = {
        ...environment(),
        PATH: process.env.PATH ?? "",
        CGO_ENABLED: "0",
        GOWORK: "off",
        // A module cache that its owner can delete like any other folder.
        GOFLAGS: "-mod=readonly -modcacherw -buildvcs=false",
    };
    const cli = path.join(modules, "pulumi");
    try {
        await run("go", ["env", "GOVERSION"], { cwd: cli, env });
    } catch (error) {
        reasons.push(`Go ${oldestGo()} or newer is missing (${error.message.split("\n").at(-1)})`);
        return undefined;
    }
    const version = /^\s*github\.com\/pulumi\/pulumi\/pkg\/v3 (v\S+)/m.exec(
        fs.readFileSync(path.join(cli, "go.mod"), "utf8"),
    )?.[1];
    const compilers = `-p=${shared.buildParallelism()}`;
    const goBuild = (folder, name, source, ldflags) =>
        run("go", ["build", compilers, "-ldflags", ldflags, "-o", path.join(making, name), source], {
            cwd: folder,
            env,
            failure:
                `${name} could not be built from Go modules. If the reason below cannot be resolved, ` +
                `install the Pulumi CLI ${oldestEngine} or newer (${installPage}) and run this command again`,
        });
    await step(
        "building the Pulumi CLI from Go modules",
        () =>
            goBuild(
                cli,
                "pulumi",
                "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
                `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
            ),
        "takes three to five minutes",
    );
    await step("building its language host for Node from Go modules", () =>
        goBuild(
            path.join(modules, "language-nodejs"),
            "pulumi-language-nodejs",
            "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
            "-s -w",
        ),
    );
    if ((await engineVersion(path.join(making, "pulumi"))) === undefined) {
        throw new SetupError("the Pulumi CLI that has been built from Go modules does not run");
    }
    return "modules";
}

// As go.mod has it: the newest that any of the modules asks for.
function oldestGo() {
    return /^go (\S+)/m.exec(fs.readFileSync(path.join(modules, "pulumi", "go.mod"), "utf8"))?.[1] ?? "1.25";
}

async function engineVersion(command) {
    const env = { ...environment(), PULUMI_HOME: path.join(build, "pulumi-home") };
    const text = await run(command, ["version"], { env, timeoutMs: 60_000 }).catch(() => "");
    return /^v?(\d+\.\d+\.\d+)/.exec(text.trim())?.[1];
}

function isExecutable(file) {
    try {
        fs.accessSync(file, fs.constants.X_OK);
        return fs.statSync(file).isFile();
    } catch {
        return false;
    }
}
