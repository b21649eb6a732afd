// Pulumi's language hosts for tests: those on PATH, else old ones built from Go modules, once for each version, with what they lack in front.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { shared } from "./environment";
import { providePython } from "./python";

export type Language = "go" | "python" | "yaml";

const modules = path.join(shared.root, "setup", "engine");
const hosts = path.join(shared.build, "language-hosts");
const sdk = "github.com/pulumi/pulumi/sdk/v3";

/** The program that Go builds for each language. */
const sources = {
    go: `${sdk}/go/pulumi-language-go`,
    python: `${sdk}/python/cmd/pulumi-language-python`,
    yaml: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    front: ".",
} as const;

/** The folder of a language's host; undefined where there is none and none can be built, which it says in a line. */
export function languageHost(language: Language): string | undefined {
    const program = `pulumi-language-${language}`;
    const folders = (process.env["PATH"] ?? "").split(path.delimiter);
    const installed = folders.find((folder) => folder !== "" && fs.existsSync(path.join(folder, program)));
    if (installed !== undefined) {
        return installed;
    }
    try {
        return language === "yaml" ? built("yaml", program) : withFront(language, program);
    } catch (error) {
        const [why = ""] = String((error as Error).message).split("\n");
        process.stderr.write(`skipped: there is no ${program} on PATH, and none can be built (${why})\n`);
        return undefined;
    }
}

/** Builds a program of a module once, and returns its folder. */
function built(name: keyof typeof sources, program: string): string {
    const module = path.join(modules, `language-${name}`);
    const files = fs.readdirSync(module).sort();
    const version = createHash("sha256");
    files.forEach((file) => version.update(fs.readFileSync(path.join(module, file))));
    const folder = path.join(hosts, `${name}-${version.digest("hex").slice(0, 12)}`);
    if (!fs.existsSync(path.join(folder, program))) {
        const making = path.join(folder, `making-${process.pid}`);
        fs.mkdirSync(folder, { recursive: true });
        go(["build", "-ldflags", "-s -w", "-o", making, sources[name]], module);
        fs.renameSync(making, path.join(folder, program));
    }
    return folder;
}

/** The old host of a language behind a program that generates packages, which it cannot. */
function withFront(language: Exclude<Language, "yaml">, program: string): string {
    const front = built("front", "front");
    const old = built(language, program);
    const folder = path.join(hosts, `${language}-behind-${path.basename(front)}`);
    if (fs.existsSync(folder)) {
        return folder;
    }
    const making = `${folder}-${process.pid}`;
    fs.mkdirSync(path.join(making, "old"), { recursive: true });
    fs.symlinkSync(path.join(old, program), path.join(making, "old", program));
    if (language === "python") {
        const executor = `${program}-exec`;
        const module = go(["list", "-m", "-f", "{{.Dir}}", sdk], path.join(modules, "language-python")).trim();
        fs.copyFileSync(path.join(module, "python", "cmd", executor), path.join(old, executor));
        fs.chmodSync(path.join(old, executor), 0o755);
    }
    // A link to the same file: the front finds the old host beside itself.
    fs.linkSync(path.join(front, "front"), path.join(making, program));
    fs.renameSync(making, folder);
    return folder;
}

function go(args: readonly string[], folder: string): string {
    const flags = "-mod=readonly -modcacherw -buildvcs=false";
    const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: flags };
    return execFileSync("go", args, { cwd: folder, env, stdio: "pipe", encoding: "utf8" });
}

/** The folder of a virtual environment with Pulumi's package; undefined where there is none, which it says in a line. */
export function pythonWithPulumi(): string | undefined {
    const folder = path.join(hosts, "python-packages");
    const why = providePython(folder, path.join(shared.root, "test/support/language-requirements.txt"));
    if (why !== undefined) {
        process.stderr.write(`skipped: Pulumi's package for Python is missing (${why})\n`);
        return undefined;
    }
    return folder;
}

/** Go's caches, for a program that is built with another HOME. */
export function goCaches(): Record<string, string> {
    const [GOCACHE = "", GOMODCACHE = ""] = go(["env", "GOCACHE", "GOMODCACHE"], modules).split("\n");
    return { GOCACHE, GOMODCACHE, GOFLAGS: "-modcacherw", CGO_ENABLED: "0" };
}
