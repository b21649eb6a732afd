// A program that a script of package.json hands over to: it has the terminal, gets the signals, and its exit code is the script's.
import { spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";

/** Runs a program to its end, and gives its exit code. */
export function handOver(command, args, options = {}) {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
        process.removeAllListeners(signal);
        // A terminal's interrupt reaches the child by itself; it decides when it has cleaned up.
        process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
    }
    return new Promise((resolve) => {
        child.on("error", (error) => {
            console.error(`${path.basename(command)} cannot be run: ${error.message}`);
            resolve(1);
        });
        child.on("close", (code, signal) => resolve(code ?? 128 + (os.constants.signals[signal] ?? 0)));
    });
}
