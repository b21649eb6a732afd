// The stacks of a backend, through Pulumi's Automation API. A state is exported without decryption, so that no
// passphrase is needed.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import type * as automation from "@pulumi/pulumi/automation";
import { unavailable, usageError } from "./exit-code";
import { oneLine } from "./terminal";

/** A Pulumi workspace, and the stacks that can be seen from it. */
export class Stacks {
    private constructor(
        private readonly workspace: automation.LocalWorkspace,
        private readonly dir: string,
        private readonly project: Project | undefined,
    ) {}

    /** The folder that programs run in, from which references to files count; undefined outside of a project. */
    get programDir(): string | undefined {
        return this.project?.programDir;
    }

    /** The folder that the command reads, with the project's file where it is in one. */
    get projectDir(): string {
        return this.dir;
    }

    /** The name of the project; undefined outside of one. */
    get projectName(): string | undefined {
        return this.project?.name;
    }

    /** Opens the workspace of a folder, whether it holds a project or not. */
    static async open(dir: string): Promise<Stacks> {
        if (!existsSync(dir)) {
            throw usageError("cli-cwd", `--cwd: there is no folder ${dir}. Name the one of the Pulumi project.`);
        }
        let api: typeof automation;
        try {
            api = require("@pulumi/pulumi/automation") as typeof automation;
        } catch {
            throw unavailable(
                "cli-no-sdk",
                "@pulumi/pulumi is not installed beside this package. Run npm install @pulumi/pulumi.",
            );
        }
        try {
            const workspace = await api.LocalWorkspace.create({ workDir: dir });
            return new Stacks(workspace, dir, await projectIn(workspace, dir));
        } catch (error) {
            const isMissing = /ENOENT|not found/.test(`${codeOf(error)} ${messageOf(error)}`);
            throw isMissing
                ? unavailable(
                      "cli-no-pulumi",
                      "the Pulumi CLI is not on PATH. Install it: https://www.pulumi.com/docs/install/",
                  )
                : unavailable(
                      "cli-pulumi",
                      `the Pulumi CLI cannot be used: ${reasonIn(messageOf(error))}. See what pulumi about says.`,
                  );
        }
    }

    /** The names of all stacks of the backend. */
    async all(): Promise<readonly string[]> {
        return (await this.list({ all: true })).map(({ name }) => name);
    }

    /** The name of the stack that is selected in the workspace. */
    async current(): Promise<string> {
        if (this.programDir === undefined) {
            throw usageError(
                "cli-no-project",
                "there is no Pulumi project in this folder. Name one with --cwd, a stack with --stack, or use --all.",
            );
        }
        const selected = (await this.list({})).find(({ current }) => current);
        if (selected === undefined) {
            throw usageError(
                "cli-no-stack-selected",
                "no stack is selected in this folder. Name one with --stack, or use --all.",
            );
        }
        return selected.name;
    }

    /**
     * The state of a stack.
     * @param decrypted True where its secrets are needed: then the stack's passphrase or key is needed too.
     */
    async export(stack: string, decrypted: boolean): Promise<unknown> {
        const args = [
            "stack",
            "export",
            "--stack",
            stack,
            ...(decrypted ? ["--show-secrets"] : []),
            "--non-interactive",
        ];
        const { stdout, stderr, isDone } = await this.run(args);
        if (!isDone) {
            // stdout may hold secrets, and is not looked at.
            throw exportFault(stack, decrypted, stderr);
        }
        return JSON.parse(stdout) as unknown;
    }

    private async list(options: automation.ListOptions): Promise<automation.StackSummary[]> {
        try {
            return await this.workspace.listStacks(options);
        } catch (error) {
            throw unavailable(
                "cli-backend",
                `the backend's stacks cannot be listed: ${reasonIn(messageOf(error))}. See what pulumi stack ls says.`,
            );
        }
    }

    private run(args: readonly string[]): Promise<{ stdout: string; stderr: string; isDone: boolean }> {
        const { pulumiCommand } = this.workspace;
        const options = {
            cwd: this.dir,
            env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
            encoding: "utf8" as const,
            maxBuffer: Infinity,
        };
        return new Promise((resolve) => {
            execFile(pulumiCommand.command, args, options, (error, stdout, stderr) => {
                resolve({ stdout, stderr, isDone: error === null });
            });
        });
    }
}

interface Project {
    readonly name: string;
    readonly programDir: string;
}

async function projectIn(workspace: automation.LocalWorkspace, dir: string): Promise<Project | undefined> {
    try {
        const { name, main } = await workspace.projectSettings();
        const folder = main === undefined ? dir : path.resolve(dir, main);
        return { name, programDir: path.extname(folder) === "" ? folder : path.dirname(folder) };
    } catch {
        return undefined;
    }
}

function exportFault(stack: string, decrypted: boolean, stderr: string): Error {
    if (/no stack named|not found|no stack selected/i.test(stderr)) {
        return usageError("cli-no-stack", `there is no stack ${stack} in this backend. See pulumi stack ls --all.`);
    }
    if (decrypted && /passphrase/i.test(stderr)) {
        const what = /incorrect passphrase/i.test(stderr)
            ? "the passphrase is not that of"
            : "there is no passphrase for";
        return unavailable(
            "cli-passphrase",
            `${what} the stack ${stack}, whose secrets are needed to check its connections. Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE.`,
        );
    }
    const purpose = decrypted ? " with its secrets" : "";
    return unavailable(
        "cli-stack",
        `the stack ${stack} cannot be read${purpose}: ${reasonIn(stderr)}. See what pulumi stack export says of it.`,
    );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "");
const codeOf = (error: unknown): string => (error as Partial<NodeJS.ErrnoException>).code ?? "";

/** The engine's first sentence with the cause. */
function reasonIn(text: string): string {
    const line =
        /error: (.+)/.exec(text)?.[1] ?? text.split("\n").find((one) => one.trim() !== "") ?? "no reason given";
    return withoutPasswords(oneLine(line)).slice(0, 300).replace(/\.$/, "");
}

/** Removes passwords from a backend's address, because the engine repeats it as a whole. */
const withoutPasswords = (text: string): string =>
    text
        .replace(/(\w:\/\/)[^\s/"'@]*@/g, "$1…@")
        .replace(/([?&;]\w*(?:password|secret|key|token|sig|credential)\w*=)[^\s&;"']+/gi, "$1…");
