import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shared } from "./environment";

/** The installed package, as users have it. */
export const installedPackage = path.join(shared.projects, "node_modules/pulumi-connections");
/** What npm has linked for `npx pulumi-connections`. */
export const commandFile = path.join(shared.projects, "node_modules/.bin/pulumi-connections");

/** What a command wrote and how it ended. */
export interface CommandResult {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** The environment of a command: nothing of the caller's Pulumi, proxies or colours. */
function environment(env: Record<string, string>): Record<string, string> {
    const unwanted =
        /^(pulumi|connections|npm)_|^(https?|all|no)_proxy$|^(node_env|node_options|node_path|no_color|force_color|columns|jest_worker_id)$/i;
    const inherited = Object.entries(process.env).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && !unwanted.test(entry[0]),
    );
    return {
        ...Object.fromEntries(inherited),
        PATH: `${path.dirname(shared.programNode())}${path.delimiter}${shared.searchPath()}`,
        ...env,
    };
}

/** Runs the installed command in a pipe, as `npx` would. */
export async function command(
    args: readonly string[],
    env: Record<string, string> = {},
    cwd = os.tmpdir(),
): Promise<CommandResult> {
    const child = spawn(commandFile, args, { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const code = await new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (exitCode) => resolve(exitCode ?? -1));
    });
    return { code, stdout, stderr };
}

/** A real terminal, by tmux, with a command in it. */
export class TmuxTerminal {
    private readonly socket = `connections-${process.pid}-${randomBytes(4).toString("hex")}`;
    private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-terminal-"));

    /** @throws Error that says what to install where there is no tmux. */
    constructor(
        readonly columns: number,
        private readonly lines = 100,
    ) {
        if (spawnSync("tmux", ["-V"]).status !== 0) {
            throw new Error(
                "This test needs a terminal, and tmux provides one: install tmux (apt-get install tmux, brew install tmux).",
            );
        }
    }

    /** Starts the command in the terminal. */
    start(args: readonly string[], env: Record<string, string> = {}, cwd = os.tmpdir()): void {
        const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
        const script = path.join(this.folder, "run.sh");
        // Secrets come with the environment, and not with tmux's command line.
        const line = `${[commandFile, ...args].map(quote).join(" ")}; echo "ended with $?"; sleep 600`;
        fs.writeFileSync(script, line);
        this.tmux(
            ["new-session", "-d", "-x", String(this.columns), "-y", String(this.lines), "sh", script],
            { ...environment(env), TERM: "xterm-256color" },
            cwd,
        );
    }

    /** Waits until the screen shows something, and gives the screen. */
    async until(pattern: RegExp, withColours = false): Promise<string> {
        const until = Date.now() + 60_000;
        for (;;) {
            const screen = this.screen();
            if (pattern.test(screen)) {
                return withColours ? this.screen(true) : screen;
            }
            if (Date.now() > until) {
                throw new Error(`the terminal never showed ${String(pattern)}:\n${screen}`);
            }
            await sleep(100);
        }
    }

    /** The screen of a command that runs to its end. */
    async run(
        args: readonly string[],
        env: Record<string, string> = {},
        cwd = os.tmpdir(),
        withColours = false,
    ): Promise<string> {
        this.start(args, env, cwd);
        return this.until(/^ended with \d+$/m, withColours);
    }

    /** Presses keys, by tmux's names for them: `Enter`, `Down`; or types a text. */
    press(...keys: string[]): void {
        this.tmux(["send-keys", ...keys]);
    }

    close(): void {
        spawnSync("tmux", ["-L", this.socket, "kill-server"]);
        fs.rmSync(this.folder, { recursive: true, force: true });
    }

    private screen(withColours = false): string {
        return this.tmux(["capture-pane", "-p", ...(withColours ? ["-e"] : [])]).trimEnd();
    }

    private tmux(args: readonly string[], env?: Record<string, string>, cwd?: string): string {
        const { stdout, stderr, status } = spawnSync("tmux", ["-L", this.socket, "-f", "/dev/null", ...args], {
            encoding: "utf8",
            ...(env && { env }),
            ...(cwd && { cwd }),
        });
        if (status !== 0) {
            throw new Error(`tmux ${args[0] ?? ""} failed: ${stderr}`);
        }
        return stdout;
    }
}
