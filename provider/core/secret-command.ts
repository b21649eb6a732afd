// A secret that a program writes to its standard output, such as the client of a secrets manager.
import { isUtf8 } from "node:buffer";
import { spawn, type ChildProcess } from "node:child_process";
import type { Code } from "../messages";
import { Semaphore } from "./semaphore";

/** The most that a command may write. */
const longestOutput = 64 * 1024;

/** The milliseconds for the rest of an ended command's output, which a process that it left behind may keep open. */
const lastWordsMs = 200;

/** The text in bytes, in UTF-8; undefined where they are not UTF-8. */
export function utf8Text(bytes: Buffer): string | undefined {
    // UTF-16 is recognised by its NUL characters, and reported with the next step.
    return isUtf8(bytes) || bytes.includes(0) ? bytes.toString("utf8") : undefined;
}

/**
 * The reason why a command gave no secret, as the rest of a sentence. The command's output is left out, because it may
 * hold the secret.
 */
export class CommandFailed extends Error {
    constructor(
        readonly code: Code,
        readonly what: string,
        readonly remedy: string,
    ) {
        super(what);
        this.name = "CommandFailed";
    }
}

/** The name of a command in sentences: its program alone, because its arguments may be long. */
export const commandName = ([program = ""]: readonly string[]): string => `the command ${program}`;

const cannotRun = ({ code = "unknown fault" }: NodeJS.ErrnoException): CommandFailed =>
    new CommandFailed(
        "command-missing",
        `cannot be run (${code}).`,
        "Install it, or correct its name: the first item is a program on PATH, or its path.",
    );

const inTime = "See what it waits for by running it yourself, or increase timeoutSeconds.";

/** The commands that one session runs. */
export class SecretCommands {
    /** The most commands at once: a stack may have hundreds of connections. */
    private readonly atOnce = new Semaphore(8);
    /** Functions that end the running commands: in process groups of their own, they do not end with this process. */
    private readonly running = new Set<() => void>();
    private readonly endAll = (): void => this.running.forEach((kill) => kill());

    /**
     * The standard output of a command, run without a shell in the folder of this process.
     * @param signal Ends it, with the processes of its group.
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
                ? new CommandFailed("command-slow", "could not be started in time (timeoutSeconds).", inTime)
                : cannotRun(error as NodeJS.ErrnoException);
        }
    }

    private async run([program = "", ...args]: readonly string[], signal: AbortSignal): Promise<string> {
        // The command's other output is dropped, because it may hold the secret. Its own process group lets its
        // children end with it.
        const child = spawn(program, args, {
            shell: false,
            detached: process.platform !== "win32",
            stdio: ["ignore", "pipe", "ignore"],
            windowsHide: true,
        });
        const kill = (): void => endWithChildren(child);
        let late = (): void => undefined;
        let lastWords: NodeJS.Timeout | undefined;
        this.running.add(kill);
        if (this.running.size === 1) {
            process.once("exit", this.endAll);
        }
        try {
            return await new Promise((resolve, reject) => {
                const chunks: Buffer[] = [];
                let size = 0;
                const fail = (code: Code, what: string, remedy: string): void =>
                    reject(new CommandFailed(code, what, remedy));
                late = () => {
                    fail(
                        "command-slow",
                        "did not end in time (timeoutSeconds), and was ended with the processes of its group.",
                        inTime,
                    );
                    kill();
                };
                signal.addEventListener("abort", late, { once: true });
                child.once("error", (error) => reject(cannotRun(error)));
                child.stdout.on("data", (chunk: Buffer) => {
                    chunks.push(chunk);
                    size += chunk.length;
                    if (size > longestOutput) {
                        fail(
                            "command-long",
                            "wrote more than 64 KiB, so that is not a secret.",
                            "Have it write the secret, and nothing else.",
                        );
                        kill();
                    }
                });
                const close = (code: number | null, ended: NodeJS.Signals | null): void => {
                    const text = utf8Text(Buffer.concat(chunks));
                    if (code === 0 && text === undefined) {
                        fail("command-bytes", "wrote bytes that are not UTF-8.", "Have it write the secret in UTF-8.");
                        return;
                    }
                    if (code === 0 && text !== undefined) {
                        resolve(text);
                        return;
                    }
                    const how = code === null ? `was ended by ${String(ended)}` : `ended with exit code ${code}`;
                    fail(
                        "command-failed",
                        `${how}. What it wrote is not shown, because it may hold the secret.`,
                        "Run it yourself to see why.",
                    );
                };
                child.once("close", close);
                child.once("exit", (code, ended) => {
                    const finish = (): void => {
                        close(code, ended);
                        child.stdout.destroy();
                    };
                    // After a busy moment the timer may fire before unread output arrives.
                    lastWords = setTimeout(() => setImmediate(finish), lastWordsMs);
                });
            });
        } finally {
            clearTimeout(lastWords);
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
