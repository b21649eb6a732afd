import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { shared } from "./environment";
import { ifThorough } from "./thorough";
import { configureStack, passphrase, shownValue, writeStack } from "./stack";

/** What a run of the engine wrote, without colours, and how it ended. */
export interface RunResult {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
    /** Both streams, in the order in which they were written. */
    readonly output: string;
}

export interface RunOptions {
    readonly env?: Record<string, string>;
    readonly timeoutMs?: number;
    /** Is given both streams as they are written. */
    readonly onOutput?: (text: string) => void;
}

export interface ProjectOptions {
    readonly name?: string;
    /** The source of the program, or the path of a folder to copy. */
    readonly program: string;
    /** Of a program given as source. */
    readonly language?: "javascript" | "typescript";
    readonly config?: Record<string, string>;
    readonly secrets?: Record<string, string>;
    readonly env?: Record<string, string>;
    /** The folder that the project lies in. Without, one above which the packed package is installed. */
    readonly below?: string;
    /** Whether every run reads all resources first (`options: refresh: always`). */
    readonly refreshAlways?: boolean;
}

/** A resource as the state has it. */
export interface StateResource {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly custom?: boolean;
    readonly inputs?: Record<string, unknown>;
    readonly outputs?: Record<string, unknown>;
    readonly [key: string]: unknown;
}

/** What `pulumi stack export` prints. */
export interface ExportedState {
    readonly version: number;
    readonly deployment: { readonly resources?: StateResource[]; readonly [key: string]: unknown };
}

export type RunningEngine = ChildProcessByStdio<null, Readable, Readable>;

/** The arguments of a verb that acts at once, or, with `--preview-only`, of its preview. */
export const argumentsOf = (verb: "up" | "refresh" | "destroy", args: readonly string[]): string[] => [
    verb,
    ...(args.includes("--preview-only") ? [] : ["--yes", "--skip-preview"]),
    ...args,
];

const defaultTimeoutMs = 120_000;
const projectVariable = "CONNECTIONS_TEST_PROJECT";

/**
 * A Pulumi project with the stack `test`, in a folder of its own that also holds its backend, its PULUMI_HOME, its HOME and its TMPDIR.
 * The packed package is installed in a folder above it. Nothing of the caller's Pulumi, proxy or npm settings reaches it.
 */
export class Project {
    readonly name: string;
    /** The folder of the program. */
    readonly dir: string;
    /** The environment of every run; may be changed. */
    readonly env: Record<string, string>;
    /** The folder that holds everything of this project. */
    private readonly folder: string;
    private readonly children = new Set<RunningEngine>();

    private constructor(name: string, folder: string, env: Record<string, string>) {
        this.name = name;
        this.folder = folder;
        this.dir = path.join(folder, "program");
        this.env = { ...isolatedEnvironment(folder), ...env };
    }

    static async create(options: ProjectOptions): Promise<Project> {
        const name = options.name ?? "project";
        const below = options.below ?? shared.projects;
        fs.mkdirSync(below, { recursive: true });
        const folder = path.join(below, `${name}-${process.pid}-${randomBytes(4).toString("hex")}`);
        const project = new Project(name, folder, options.env ?? {});
        for (const sub of ["program", "state", "home", "tmp"]) {
            fs.mkdirSync(path.join(folder, sub), { recursive: true });
        }
        try {
            project.writeProgram(options);
            writeStack(
                project.stackProject(),
                project.dir,
                path.join(folder, "state"),
                path.join(folder, "home/.pulumi"),
            );
            // Another backend has a record of its own.
            if (options.env?.["PULUMI_BACKEND_URL"] !== undefined) {
                await project.succeed(["stack", "init", "test"]);
            }
            project.configure(options.config ?? {}, options.secrets ?? {});
        } catch (error) {
            await project.dispose();
            throw error;
        }
        return project;
    }

    /** Writes a file of the program. */
    write(file: string, text: string): void {
        const target = path.join(this.dir, file);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, text);
    }

    /** Runs `pulumi` with these arguments to its end, whatever its exit code. One that takes too long is killed, with all it started. */
    async run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
        const child = this.start(args, options);
        const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
        let stdout = "";
        let stderr = "";
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            stdout += text;
            output += text;
            options.onOutput?.(text);
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            stderr += text;
            output += text;
            options.onOutput?.(text);
        });
        let late = false;
        const timer = setTimeout(() => {
            late = true;
            this.kill();
        }, timeoutMs);
        try {
            const code = await new Promise<number>((resolve, reject) => {
                child.on("error", reject);
                child.on("close", (exitCode) => resolve(exitCode ?? -1));
            });
            if (late) {
                throw new Error(`pulumi ${args.join(" ")} did not end within ${timeoutMs} ms; it wrote:\n${output}`);
            }
            return { code, stdout, stderr, output };
        } finally {
            clearTimeout(timer);
        }
    }

    /** Starts `pulumi` in a process group of its own and returns at once. */
    start(args: readonly string[], options: Pick<RunOptions, "env"> = {}): RunningEngine {
        const child = spawn(path.join(shared.engineBin, "pulumi"), [...args, "--non-interactive", "--color", "never"], {
            cwd: this.dir,
            env: { ...this.env, ...options.env, NODE_OPTIONS: this.nodeOptions(options.env) },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        this.children.add(child);
        child.on("close", () => this.children.delete(child));
        return child;
    }

    /** In a thorough run: the next preview has nothing to do. `core` holds it of each connection after each of its runs. */
    settled(): Promise<void> {
        return ifThorough(() => this.succeed(["preview", "--expect-no-changes"]));
    }

    preview(...args: string[]): Promise<RunResult> {
        return this.run(["preview", ...args]);
    }

    /** Preview and update, as users have it: twice the time. */
    upWithPreview(...args: string[]): Promise<RunResult> {
        return this.run(["up", "--yes", ...args]);
    }

    /** The update alone. */
    up(...args: string[]): Promise<RunResult> {
        return this.run(argumentsOf("up", args));
    }

    refresh(...args: string[]): Promise<RunResult> {
        return this.run(argumentsOf("refresh", args));
    }

    destroy(...args: string[]): Promise<RunResult> {
        return this.run(argumentsOf("destroy", args));
    }

    /** What `pulumi stack output --json` prints, read without the engine. */
    async outputs(): Promise<Record<string, unknown>> {
        const { resources = [] } = (await this.exportState()).deployment;
        return shownValue(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {}) as Record<
            string,
            unknown
        >;
    }

    /** The outputs with the secrets among them. */
    async secretOutputs(): Promise<Record<string, unknown>> {
        const { stdout } = await this.succeed(["stack", "output", "--json", "--show-secrets"]);
        return JSON.parse(stdout) as Record<string, unknown>;
    }

    /** What `pulumi stack export` prints, read from the file of the stack, without the engine, where it has one. */
    async exportState(): Promise<ExportedState> {
        const file = this.stateFile();
        if (file !== undefined) {
            const { version, checkpoint } = JSON.parse(await fs.promises.readFile(file, "utf8")) as {
                version: number;
                checkpoint: { latest?: ExportedState["deployment"] };
            };
            if (checkpoint.latest !== undefined) {
                return { version, deployment: checkpoint.latest };
            }
        }
        return JSON.parse((await this.succeed(["stack", "export"])).stdout) as ExportedState;
    }

    /** The resource of this name, or whose URN ends in this text, in the state. */
    async resource(nameOrSuffix: string): Promise<StateResource> {
        const resources = (await this.exportState()).deployment.resources ?? [];
        const named = resources.filter((resource) => resource.urn.split("::").at(-1) === nameOrSuffix);
        const found = named.length > 0 ? named : resources.filter((resource) => resource.urn.endsWith(nameOrSuffix));
        if (found[0] === undefined || found.length > 1) {
            const names = resources.map((resource) => resource.urn).join("\n");
            throw new Error(`${found.length} resources are called ${nameOrSuffix}; the state holds:\n${names}`);
        }
        return found[0];
    }

    /** All files of this project: the program, the backend, PULUMI_HOME, HOME and TMPDIR. */
    files(): string[] {
        return fs
            .readdirSync(this.folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => path.join(entry.parentPath, entry.name));
    }

    setConfig(key: string, value: string): Promise<void> {
        return Promise.resolve(this.configure({ [key]: value }, {}));
    }

    setSecret(key: string, value: string): Promise<void> {
        return Promise.resolve(this.configure({}, { [key]: value }));
    }

    /** What is running for this project and has this text in its command line. */
    processes(text: string): number[] {
        return processesOf(this.folder).filter((pid) =>
            readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ").includes(text),
        );
    }

    /** Kills what is still running for this project, engine and plugins. */
    kill(): void {
        for (const child of this.children) {
            killGroup(child.pid);
        }
        for (const pid of processesOf(this.folder)) {
            killProcess(pid);
        }
    }

    /** Kills what is still running and deletes the folder. With KEEP_PROJECTS set, the folder stays for a look at it. */
    async dispose(): Promise<void> {
        this.kill();
        if (!process.env.KEEP_PROJECTS) {
            await fs.promises.rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
        }
    }

    /** The project's options of Node and those of a run, or none where the project has none. */
    private nodeOptions({ NODE_OPTIONS: more }: Record<string, string> = {}): string {
        return [this.env["NODE_OPTIONS"], more].filter(Boolean).join(" ");
    }

    private stateFile(): string | undefined {
        const backend = this.env["PULUMI_BACKEND_URL"] ?? "";
        const file = path.join(this.folder, "state", ".pulumi", "stacks", this.stackProject(), "test.json");
        return backend === shared.fileBackend(path.join(this.folder, "state")) && fs.existsSync(file)
            ? file
            : undefined;
    }

    private async succeed(args: readonly string[]): Promise<RunResult> {
        const result = await this.run(args);
        if (result.code !== 0) {
            throw new Error(`pulumi ${args[0] ?? ""} ${args[1] ?? ""} ended with ${result.code}:\n${result.output}`);
        }
        return result;
    }

    private configure(config: Record<string, string>, secrets: Record<string, string>): void {
        if (Object.keys({ ...config, ...secrets }).length > 0) {
            configureStack(this.stackProject(), this.dir, config, secrets);
        }
    }

    /** The project's name as its Pulumi.yaml has it. */
    private stackProject(): string {
        return /^name: *(\S+)/m.exec(readText(path.join(this.dir, "Pulumi.yaml")))?.[1] ?? this.name;
    }

    private writeProgram(options: ProjectOptions): void {
        if (isFolder(options.program)) {
            fs.cpSync(options.program, this.dir, {
                recursive: true,
                filter: (source) =>
                    !["node_modules", "package-lock.json"].includes(path.basename(source)) && !isStackFile(source),
            });
        } else if (options.language === "typescript") {
            this.write("index.ts", options.program);
            const compilerOptions = {
                target: "es2022",
                module: "nodenext",
                moduleResolution: "nodenext",
                strict: true,
            };
            this.write("tsconfig.json", JSON.stringify({ compilerOptions }));
        } else {
            this.write("index.js", options.program);
        }
        if (!fs.existsSync(path.join(this.dir, "package.json"))) {
            this.write("package.json", JSON.stringify({ name: this.name, private: true }));
        }
        const projectFile = path.join(this.dir, "Pulumi.yaml");
        if (!fs.existsSync(projectFile)) {
            const typescript = options.language === "typescript";
            this.write(
                "Pulumi.yaml",
                `name: ${this.name}\nruntime:\n  name: nodejs\n  options:\n    typescript: ${typescript}\n`,
            );
        }
        if (options.refreshAlways === true) {
            const text = fs.readFileSync(projectFile, "utf8");
            if (/^options:/m.test(text)) {
                throw new Error(`${options.program} has options of its own in its Pulumi.yaml`);
            }
            fs.appendFileSync(projectFile, `${text.endsWith("\n") ? "" : "\n"}options:\n  refresh: always\n`);
        }
    }
}

function isolatedEnvironment(folder: string): Record<string, string> {
    const unwanted =
        /^(pulumi|connections|npm)_|^(https?|all|no)_proxy$|^(jest_worker_id|node_env|node_options|node_path|keep_projects)$/i;
    const inherited = Object.entries(process.env).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && !unwanted.test(entry[0]),
    );
    return {
        ...Object.fromEntries(inherited),
        PATH: shared.searchPath(),
        HOME: path.join(folder, "home"),
        TMPDIR: path.join(folder, "tmp"),
        PULUMI_HOME: path.join(folder, "home", ".pulumi"),
        PULUMI_BACKEND_URL: shared.fileBackend(path.join(folder, "state")),
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // An engine lives for seconds: half of its start would be the collection of garbage.
        GOGC: "off",
        GOMEMLIMIT: "1GiB",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        // Most of what a process spends is loading the SDK.
        NODE_COMPILE_CACHE: path.join(shared.build, "compile-cache"),
        NODE_OPTIONS: `--require=${path.join(__dirname, "lean-sdk.js")}`,
        [projectVariable]: folder,
    };
}

// Plugins run in process groups of their own; what they have from the engine is its environment.
function processesOf(folder: string): number[] {
    const marker = `${projectVariable}=${folder}`;
    return readFolder("/proc")
        .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
        .filter((name) => readText(`/proc/${name}/environ`).split("\0").includes(marker))
        .map(Number);
}

/** Deletes what test runs that were killed have left behind, and ends the processes that they left running. */
export function removeAbandonedProjects(): void {
    for (const name of readFolder(shared.projects)) {
        const pid = /-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1];
        if (pid !== undefined && !isRunning(Number(pid))) {
            const folder = path.join(shared.projects, name);
            processesOf(folder).forEach(killProcess);
            fs.rmSync(folder, { recursive: true, force: true });
        }
    }
}

function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}

function killGroup(pid: number | undefined): void {
    if (pid !== undefined) {
        killProcess(-pid);
    }
}

function killProcess(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
            throw error;
        }
    }
}

function isFolder(text: string): boolean {
    return !text.includes("\n") && fs.existsSync(text) && fs.statSync(text).isDirectory();
}

function isStackFile(file: string): boolean {
    return /^Pulumi\..+\.yaml$/.test(path.basename(file));
}

// A process may end, and a folder go, while they are looked at.
function readText(file: string): string {
    try {
        return fs.readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

function readFolder(folder: string): string[] {
    try {
        return fs.readdirSync(folder);
    } catch {
        return [];
    }
}
