// The Pulumi engine in build/engine/bin: pulumi, its language host for Node, and the dynamic provider's launcher.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import environment from "./environment.cjs";
import { run, say, SetupError } from "./tasks.mjs";

const { root, build, engineBin } = environment;
const oldest = "3.200.0";
const installPage = "https://www.pulumi.com/docs/install/";
const launcher = "pulumi-resource-pulumi-nodejs";
const programs = ["pulumi", "pulumi-language-nodejs", launcher];
const modules = path.join(root, "setup", "engine");
const readModule = (name, file) => fs.readFileSync(path.join(modules, name, file), "utf8");
/** Names the way that the engine came; what Go builds, by its sums too. */
const origin = path.join(build, "engine", "origin");
const builtByGo = () => {
    const sums = readModule("pulumi", "go.sum") + readModule("language-nodejs", "go.sum");
    return `Go ${crypto.createHash("sha256").update(sums).digest("hex")}`;
};

/** Provides the engine: one on PATH, else the official installer's, else one built from Go modules. */
export async function provideEngine() {
    if (hasEngine()) {
        return;
    }
    const making = path.join(build, "engine", "making");
    fs.rmSync(making, { recursive: true, force: true });
    fs.mkdirSync(making, { recursive: true });
    fs.mkdirSync(engineBin, { recursive: true });
    const reasons = [];
    for (const way of [fromPath, fromInstaller, fromGo]) {
        try {
            const from = await way(making);
            if (!fs.existsSync(path.join(making, launcher))) {
                fs.cpSync(path.join(root, "node_modules/@pulumi/pulumi", launcher), path.join(making, launcher));
            }
            fs.rmSync(origin, { force: true });
            programs.forEach((name) => fs.renameSync(path.join(making, name), path.join(engineBin, name)));
            fs.writeFileSync(origin, from);
            return;
        } catch (error) {
            reasons.push(error.message);
            say(error.message.split("\n")[0]);
        }
    }
    const [, go] = /^go (\S+)/m.exec(readModule("pulumi", "go.mod"));
    throw new SetupError(
        `the Pulumi CLI is needed, and there is no way to get it here: ${reasons.join("; ")}.\nEither install the Pulumi CLI ` +
            `${oldest} or newer (${installPage}), or install Go ${go} or newer (https://go.dev/dl/), and run this command again.`,
    );
}

/** True where the engine that set-up has provided is still there. */
export function hasEngine() {
    if (!fs.existsSync(origin) || !programs.every((name) => isExecutable(path.join(engineBin, name)))) {
        return false;
    }
    const from = fs.readFileSync(origin, "utf8");
    return !from.startsWith("Go ") || from === builtByGo();
}

async function fromPath(making) {
    const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== engineBin);
    const find = (name, among) => among.map((folder) => path.resolve(folder, name)).find(isExecutable);
    const cli = find("pulumi", folders);
    if (cli === undefined) {
        throw new SetupError("no pulumi is on PATH");
    }
    await checkVersion(cli, "the pulumi on PATH");
    const beside = [path.dirname(cli), path.dirname(fs.realpathSync(cli))];
    const host = find("pulumi-language-nodejs", [...beside, ...folders]);
    if (host === undefined) {
        throw new SetupError("the pulumi on PATH has no pulumi-language-nodejs beside it");
    }
    // The engine warns about a launcher on PATH that is not the one it came with.
    const found = [cli, host, find(launcher, beside)].filter(Boolean);
    found.forEach((file) => fs.symlinkSync(file, path.join(making, path.basename(file))));
    return "PATH";
}

async function fromInstaller(making) {
    const { PulumiCommand } = await import("@pulumi/pulumi/automation/cmd.js");
    try {
        // The installer itself would wait for minutes where a firewall swallows what it sends.
        await fetch("https://get.pulumi.com/install.sh", { method: "HEAD", signal: AbortSignal.timeout(10_000) });
        say("installing the Pulumi CLI with its official installer (takes about a minute)");
        process.env.HOME = environment.withHome().HOME;
        await PulumiCommand.install({ root: path.join(making, "installer") });
    } catch (error) {
        throw new SetupError(`the official installer cannot be used (${error.cause?.code ?? error.message})`);
    }
    const bin = path.join(making, "installer", "bin");
    await checkVersion(path.join(bin, "pulumi"), "what the official installer gave");
    fs.readdirSync(bin).forEach((name) => fs.renameSync(path.join(bin, name), path.join(making, name)));
    return "installer";
}

async function fromGo(making) {
    // Go's own compilers are on PATH; its module cache is to be deleted like any other folder.
    const GOFLAGS = "-mod=readonly -modcacherw -buildvcs=false";
    const env = { ...environment.withHome(), CGO_ENABLED: "0", GOWORK: "off", GOFLAGS };
    const [, version] = /^\s*github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/m.exec(readModule("pulumi", "go.mod"));
    const build = (folder, name, source, flags = "") => {
        const args = [
            `-p=${environment.buildParallelism()}`,
            "-ldflags",
            `-s -w ${flags}`,
            "-o",
            path.join(making, name),
        ];
        const failure = `${name} cannot be built from Go modules`;
        return run("go", ["build", ...args, source], { cwd: path.join(modules, folder), env, failure });
    };
    say("building the Pulumi CLI from Go modules (takes three to five minutes)");
    const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
    await build("pulumi", "pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", stamp);
    const host = "pulumi-language-nodejs";
    await build("language-nodejs", host, `github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/${host}`);
    await checkVersion(path.join(making, "pulumi"), "the pulumi that Go has built");
    return builtByGo();
}

async function checkVersion(cli, what) {
    const text = await run(cli, ["version"], { env: environment.environment(), timeout: 60_000 });
    const { default: semver } = await import("semver");
    if (semver.lt(semver.coerce(text) ?? "0.0.0", oldest)) {
        throw new SetupError(`${what} is ${text.trim()}, older than ${oldest}`);
    }
}

function isExecutable(file) {
    try {
        fs.accessSync(file, fs.constants.X_OK);
        return fs.statSync(file).isFile();
    } catch {
        return false;
    }
}
