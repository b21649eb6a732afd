// Pulumi's language hosts for tests: one on PATH, else one built from Go modules, once for each version.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { shared } from "./environment";

const packages = {
    yaml: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
} as const;

/** The folder of a language's host; undefined where there is none and none can be built, which it says in a line. */
export function languageHost(language: keyof typeof packages): string | undefined {
    const program = `pulumi-language-${language}`;
    const folders = (process.env["PATH"] ?? "").split(path.delimiter);
    const installed = folders.find((folder) => folder !== "" && fs.existsSync(path.join(folder, program)));
    if (installed !== undefined) {
        return installed;
    }
    const module = path.join(shared.root, "setup", "engine", `language-${language}`);
    const [, version = ""] = /pulumi-yaml (v\S+)/.exec(fs.readFileSync(path.join(module, "go.mod"), "utf8")) ?? [];
    const folder = path.join(shared.build, "language-hosts", `${language}-${version}`);
    if (fs.existsSync(path.join(folder, program))) {
        return folder;
    }
    const making = path.join(folder, `making-${process.pid}`);
    try {
        fs.mkdirSync(folder, { recursive: true });
        execFileSync("go", ["build", "-ldflags", "-s -w", "-o", making, packages[language]], {
            cwd: module,
            env: {
                ...process.env,
                CGO_ENABLED: "0",
                GOWORK: "off",
                GOFLAGS: "-mod=readonly -modcacherw -buildvcs=false",
            },
            stdio: "pipe",
        });
        fs.renameSync(making, path.join(folder, program));
        return folder;
    } catch (error) {
        const [why = ""] = String((error as Error).message).split("\n");
        process.stderr.write(`skipped: there is no ${program} on PATH, and none can be built (${why})\n`);
        return undefined;
    }
}
