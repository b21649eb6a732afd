// This repository in folders of its own, for tests that type its commands.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(__dirname, "../../..");
const compiled = ["provider", "examples", "demonstration", "test", "bench", "tsconfig.tsbuildinfo"];
const clones: string[] = [];

/** Removes what was cloned. */
export const removeClones = (): void =>
    clones.splice(0).forEach((folder) => fs.rmSync(folder, { recursive: true, force: true }));

/** This repository in a folder of its own, without its build; the installed packages are links, and set-up takes them for installed. */
export function clone(): string {
    // Not below build/, which it copies from.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "clone-"));
    clones.push(folder);
    for (const name of fs
        .readdirSync(root)
        .filter((entryName) => !["build", "node_modules", ".git"].includes(entryName))) {
        fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
    }
    const modules = path.join(root, "node_modules");
    fs.mkdirSync(path.join(folder, "node_modules"));
    for (const name of fs.readdirSync(modules).filter((entryName) => entryName !== "pulumi-connections")) {
        fs.symlinkSync(path.join(modules, name), path.join(folder, "node_modules", name));
    }
    return folder;
}

/** The same with everything compiled, so that only packing is left to do; with the engine as well, on request. */
export function compiledClone(withEngine = false): string {
    const folder = clone();
    // With the time of a copy, the compiler's record could be as new as a source that a test changes at once.
    const options = { recursive: true, preserveTimestamps: true };
    compiled.forEach((name) => fs.cpSync(path.join(root, "build", name), path.join(folder, "build", name), options));
    withEngine && fs.symlinkSync(path.join(root, "build/engine"), path.join(folder, "build/engine"));
    return folder;
}

/** The environment of a user who types a command: nothing of the npm that runs the tests, and the Node that the machine has. */
export function userEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(
        ([name]) => !/^(npm_|jest_|node_env|node_options|init_cwd)/i.test(name),
    );
    const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => !folder.startsWith(root));
    return { ...Object.fromEntries(own), PATH: folders.join(path.delimiter), ...more };
}

/** Runs a line of the shell to its end; what it asks for is typed in. */
export async function type(
    line: string,
    folder: string,
    env = userEnvironment(),
    typed = "",
): Promise<{ code: number; output: string }> {
    const shell = spawn("sh", ["-c", line], { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    shell.stdout.on("data", (data: Buffer) => (output += data.toString()));
    shell.stderr.on("data", (data: Buffer) => (output += data.toString()));
    // A command that reads nothing may have ended by now.
    shell.stdin.on("error", () => undefined);
    shell.stdin.end(typed);
    const code = await new Promise<number>((resolve, reject) =>
        shell.on("error", reject).on("close", (exit) => resolve(exit ?? -1)),
    );
    return { code, output };
}
