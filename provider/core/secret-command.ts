// A secret that a program writes to its standard output, such as the client of a secrets manager.
import { spawn, type ChildProcess } from "node:child_process";
import { Semaphore } from "./semaphore";

/** The most that a command may write. */
const longestOutput = 64 * 1024;

/** Why a command gave no secret, as the rest of a sentence. Nothing that it wrote is in it, for that may hold the secret. */
export class CommandFailed extends Error {
    constructor(
        readonly what: string,
        readonly remedy: string,
    ) {
        super(what);
        this.name = "CommandFailed";
    }
}

/** How sentences call a command: by its program alone, since its arguments may be long. */
export const commandName = ([program = ""]: readonly string[]): string => `the command ${program}`;

const cannotRun = ({ code = "unknown fault" }: NodeJS.ErrnoException): CommandFailed =>
    new CommandFailed(
        `cannot be run (${code}).`,
        "Install it, or correct its name: the first item is a program on PATH, or its path.",
    );

const inTime = "See what it waits for by running it yourself, or increase timeoutSeconds.";

/** The commands that one session runs. */
export class SecretCommands {
    /** So many run at once: a stack may have hundreds of connections. */
    private readonly atOnce = new Semaphore(8);
    /** What ends those that are running: in a group of their own, they do not end with this process. */
    private readonly running = new Set<() => void>();
    private readonly endAll = (): void => this.running.forEach((kill) => kill());

    /**
     * What a command writes to its standard output, run without a shell in the folder of this process.
     * @param signal Ends it, with all that it has started.
     * @throws CommandFailed
     */
    async output(command: readonly string[], signal: AbortSignal): Promise<string> {
        try {
            return await this.atOnce.run(signal, () => this.run(command, signal));
        } catch (error) {
            if (error instanceof CommandFailed) {
                throw error;
            }
            throw signal.aborted
                ? new CommandFailed("could not be started in time (timeoutSeconds).", inTime)
                : cannotRun(error as NodeJS.ErrnoException);
        }
    }

    private async run([program = "", ...args]: readonly string[], signal: AbortSignal): Promise<string> {
        // What it writes besides is dropped: it may hold the secret. A process group of its own, so that it ends with its children.
        const child = spawn(program, args, {
            shell: false,
            detached: process.platform !== "win32",
            stdio: ["ignore", "pipe", "ignore"],
            windowsHide: true,
        });
        const kill = (): void => endWithChildren(child);
        let late = (): void => undefined;
        this.running.add(kill);
        if (this.running.size === 1) {
            process.once("exit", this.endAll);
        }
        try {
            return await new Promise((resolve, reject) => {
                const chunks: Buffer[] = [];
                let size = 0;
                const fail = (what: string, remedy: string): void => reject(new CommandFailed(what, remedy));
                late = () => {
                    fail("did not end in time (timeoutSeconds), and was ended with all that it had started.", inTime);
                    kill();
                };
                signal.addEventListener("abort", late, { once: true });
                child.once("error", (error) => reject(cannotRun(error)));
                child.stdout.on("data", (chunk: Buffer) => {
                    chunks.push(chunk);
                    size += chunk.length;
                    if (size > longestOutput) {
                        fail(
                            "wrote more than 64 KiB, so that is not a secret.",
                            "Have it write the secret, and nothing else.",
                        );
                        kill();
                    }
                });
                child.once("close", (code, ended) => {
                    if (code === 0) {
                        resolve(Buffer.concat(chunks).toString("utf8"));
                        return;
                    }
                    const how = code === null ? `was ended by ${String(ended)}` : `ended with exit code ${code}`;
                    fail(
                        `${how}. What it wrote is not shown, for it may hold the secret.`,
                        "Run it yourself to see why.",
                    );
                });
            });
        } finally {
            signal.removeEventListener("abort", late);
            this.running.delete(kill);
            if (this.running.size === 0) {
                process.off("exit", this.endAll);
            }
        }
    }
}

function endWithChildren(child: ChildProcess): void {
    if (child.pid === undefined) {
        return;
    }
    try {
        if (process.platform === "win32") {
            child.kill("SIGKILL");
        } else {
            process.kill(-child.pid, "SIGKILL");
        }
    } catch (error) {
        // It has ended meanwhile.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
            throw error;
        }
    }
    child.stdout?.destroy();
}
