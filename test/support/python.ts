import { execFile, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(__dirname, "../../..");
const sources = path.join(root, "test", "support");
const clients = path.join(root, "build", "python");
const interpreterIn = (environment: string): string => path.join(environment, "bin", "python");

/** Puts Python packages, else the clients, into an environment of their own below build/. Returns what stands in the way, if anything does. */
export function providePython(
    environment = clients,
    requirements = path.join(sources, "requirements.txt"),
): string | undefined {
    const installed = path.join(environment, "requirements.txt");
    const interpreter = interpreterIn(environment);
    const wanted = fs.readFileSync(requirements, "utf8");
    if (fs.existsSync(installed) && fs.readFileSync(installed, "utf8") === wanted) {
        return undefined;
    }
    fs.rmSync(environment, { recursive: true, force: true });
    const pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "1",
        "--timeout",
        "20",
        "-r",
        requirements,
    ];
    for (const [command, args] of [
        ["python3", ["-m", "venv", environment]],
        [interpreter, pip],
    ] as const) {
        const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 180_000 });
        if (error !== undefined || status !== 0) {
            const [last] = (error?.message ?? stderr).trim().split("\n").slice(-1);
            return `${command === interpreter ? "pip" : "python3 -m venv"} failed: ${last ?? ""}`;
        }
    }
    fs.writeFileSync(installed, wanted);
    return undefined;
}

// What the clients call listens on this machine.
const direct = { ...process.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };

/** Runs a script that lies beside this one, with JSON for its standard input, and returns the JSON that it prints. */
export function runPython(script: string, input: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
        const child = execFile(
            interpreterIn(clients),
            [path.join(sources, script)],
            { timeout: 120_000, env: direct },
            (error, stdout, stderr) => {
                if (error !== null) {
                    reject(new Error(`${script}: ${error.message}\n${stderr}`));
                } else {
                    resolve(JSON.parse(stdout));
                }
            },
        );
        child.stdin?.end(JSON.stringify(input));
    });
}
