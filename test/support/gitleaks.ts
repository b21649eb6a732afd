import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { shared } from "./environment";

const source = path.join(shared.root, "setup", "gitleaks");

/** What gitleaks has found, without the secret itself. */
export interface Finding {
    readonly rule: string;
    readonly file: string;
    readonly line: number;
    /** The line in which it was found, of the secret its form alone: `Aa9-` for `Xy7-`. */
    readonly text: string;
}

/** The program, built on first use; why there is none, where Go cannot build it. */
export function gitleaks(): { readonly program: string } | { readonly missing: string } {
    const program = path.join(shared.build, "tools", "gitleaks");
    if (fs.existsSync(program)) {
        return { program };
    }
    fs.mkdirSync(path.dirname(program), { recursive: true });
    const making = `${program}-${process.pid}`;
    const options = { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly -modcacherw -buildvcs=false" };
    const args = [
        "build",
        `-p=${shared.buildParallelism()}`,
        "-ldflags",
        "-s -w",
        "-o",
        making,
        "github.com/zricethezav/gitleaks/v8",
    ];
    const built = spawnSync("go", args, { cwd: source, env: { ...process.env, ...options }, encoding: "utf8" });
    if (built.status !== 0) {
        return {
            missing: `gitleaks cannot be built (${built.error?.message ?? built.stderr.trim().split("\n").at(-1) ?? ""})`,
        };
    }
    fs.renameSync(making, program);
    return { program };
}

/** Looks through a folder with gitleaks' rules and with those of setup/gitleaks/gitleaks.toml, encoded texts decoded. */
export function search(program: string, folder: string): Finding[] {
    const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "gitleaks-")), "report.json");
    const config = ["--config", path.join(source, "gitleaks.toml")];
    const args = [
        "dir",
        folder,
        ...config,
        "--no-banner",
        "--log-level",
        "error",
        "--max-archive-depth",
        "2",
        "--report-format",
        "json",
        "--report-path",
        report,
    ];
    const { status, stderr } = spawnSync(program, [...args, "--exit-code", "0"], { encoding: "utf8" });
    if (status !== 0) {
        throw new Error(`gitleaks ended with ${status}: ${stderr}`);
    }
    const found = JSON.parse(fs.readFileSync(report, "utf8")) as {
        RuleID: string;
        File: string;
        StartLine: number;
        Match: string;
        Secret: string;
    }[];
    fs.rmSync(path.dirname(report), { recursive: true });
    return found.map(({ RuleID: rule, File, StartLine: line, Match, Secret }) => ({
        ...{ rule, line },
        file: path.relative(folder, File),
        text: Match.split(Secret).join(formOf(Secret)).slice(0, 240),
    }));
}

function formOf(secret: string): string {
    return secret.replace(/[A-Z]/g, "A").replace(/[a-z]/g, "a").replace(/\d/g, "9");
}
