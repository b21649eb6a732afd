// docs/adding-a-vendor.md, followed word by word: its files are written, its commands run, with the packed package on the real engine.
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Acme } from "../simulators/acme";
import { command as runCommand } from "../support/command-line";
import { Project } from "../support/project";

interface SharedEnvironment {
    readonly root: string;
    readonly engineBin: string;
    readonly projects: string;
    programNode(): string;
}

// Compiled, this file lies in build/test/engine.
const shared = require(path.resolve(__dirname, "../../../setup/environment.cjs")) as SharedEnvironment;

/** A block of code of the page: a file by its name, or commands. */
interface Block {
    readonly language: string;
    readonly file: string | undefined;
    readonly text: string;
}

const page = fs.readFileSync(path.join(shared.root, "docs/adding-a-vendor.md"), "utf8");
const blocks: readonly Block[] = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(
    ([, language = "", file, text = ""]) => ({ language, file, text }),
);
const fileOf = (name: string): string => blocks.find(({ file }) => file === name)?.text ?? "";

const key = "acme-key-0123456789";
let acme: Acme;
let project: Project;

beforeAll(async () => {
    acme = await Acme.start();
    acme.keys.set(key, []);
    project = await Project.create({ name: "adding-a-vendor", program: "" });
    // The page's reader starts with nothing.
    fs.rmSync(project.dir, { recursive: true });
    fs.mkdirSync(project.dir);
    // Where Acme is on this machine: the page's reader has the vendor's own hosts.
    project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(acme.endpoints);
});

afterAll(async () => {
    await project?.dispose();
    await acme?.close();
});

/** Runs a program to its end; what it asks for is typed in. */
function run(command: string, args: readonly string[], typed = ""): Promise<string> {
    return new Promise((resolve, reject) => {
        const child = execFile(command, args, { cwd: project.dir, env: project.env }, (error, stdout, stderr) =>
            error === null
                ? resolve(stdout + stderr)
                : reject(new Error(`${command} ${args.join(" ")}:\n${stdout}${stderr}`)),
        );
        child.stdin?.end(typed);
    });
}

/** What `status` says of the stack, as JSON. */
async function status(args: readonly string[], cwd = project.dir): Promise<{ code: number; connections: object[] }> {
    const { code, stdout, stderr } = await runCommand(["status", "--json", ...args], project.env, cwd);
    expect({ stderr, isEmpty: stdout === "" }).toMatchObject({ isEmpty: false });
    return { ...(JSON.parse(stdout) as { connections: object[] }), code };
}

/** Runs one command of the page. */
async function follow(command: string): Promise<string> {
    const [program = "", ...args] = command.split(" ");
    if (command === "mkdir acme && cd acme") {
        return "";
    }
    if (program === "npm") {
        // No registry is contacted here: what the page installs is there, the packed package by its file.
        const { dependencies } = JSON.parse(fs.readFileSync(path.join(shared.projects, "package.json"), "utf8")) as {
            dependencies: object;
        };
        expect(args.shift()).toBe("install");
        const names = args.map((arg) => arg.replace(/^\.\/(.*)\.tgz$/, "$1"));
        expect(args).not.toContain("pulumi-connections");
        expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(names));
        return "";
    }
    if (program === "node") {
        return run(shared.programNode(), args);
    }
    expect(program).toBe("pulumi");
    const confirmed = args[0] === "up" ? ["--yes"] : [];
    return run(
        path.join(shared.engineBin, "pulumi"),
        [...args, ...confirmed, "--non-interactive", "--color", "never"],
        args.includes("--secret") ? key : "",
    );
}

test("the page leads to a verified connection of a vendor of one's own, and to the suite", async () => {
    const shown: string[] = [];
    for (const { language, file, text } of blocks) {
        if (file !== undefined) {
            project.write(file, text);
        } else {
            expect(language).toBe("sh");
            for (const command of text.trim().split("\n")) {
                shown.push(await follow(command));
            }
        }
    }
    expect(await project.outputs()).toEqual({
        status: "verified",
        apiUrl: "https://my-company.acme.example/api",
        workspace: acme.workspace.id,
    });
    expect(shown.at(-1)).toMatch(/pass 10\n.*fail 0/s);
    // What the page says of types: a mistake does not compile.
    project.write(
        "index.ts",
        `${fileOf("index.ts")}\nnew ApiKey("wrong", { site: "my-company", kee: config.requireSecret("key") });`,
    );
    expect((await project.preview()).output).toContain("'kee' does not exist in type 'ApiKeyArgs'");
    // The command line shows it and asks about it, as it does about the package's own classes.
    const live = await status(["--live"]);
    expect(live).toMatchObject({
        code: 0,
        connections: [{ type: "acme.ApiKey", status: "verified", live: true, tenant: acme.workspace.id }],
    });
    acme.keys.clear();
    expect(await status([])).toMatchObject({ code: 0, connections: [{ status: "verified", live: false }] });
    expect(await status(["--live"])).toMatchObject({
        code: 1,
        connections: [{ status: "rejected", next: expect.stringMatching(/^key: Acme refused/) as string }],
    });
    // From elsewhere its file is not looked for: another one could have its name.
    const elsewhere = path.join(path.dirname(project.dir), "elsewhere");
    fs.mkdirSync(elsewhere);
    expect(await status(["--live", "--all"], elsewhere)).toMatchObject({
        code: 2,
        connections: [
            {
                status: "unreachable",
                next: expect.stringMatching(
                    /acme\.ApiKey is declared in \.\/acme\.ts, .* the project acme\./,
                ) as string,
            },
        ],
    });
    acme.keys.set(key, []);
    // Nor is a file run that a link leads to outside of the work tree, unless that is allowed.
    const outside = fs.mkdtempSync(path.join(os.tmpdir(), "connections-outside-"));
    const file = path.join(project.dir, "acme.ts");
    try {
        fs.symlinkSync(path.join(shared.projects, "node_modules"), path.join(outside, "node_modules"));
        fs.copyFileSync(file, path.join(outside, "acme.ts"));
        fs.rmSync(file);
        fs.symlinkSync(path.join(outside, "acme.ts"), file);
        expect(await status(["--live"])).toMatchObject({
            code: 2,
            connections: [
                {
                    status: "unreachable",
                    next: expect.stringMatching(/allow it with --allow-modules\. \[cli-module\]$/) as string,
                },
            ],
        });
        expect(await status(["--live", "--allow-modules"])).toMatchObject({
            code: 0,
            connections: [{ status: "verified", live: true }],
        });
    } finally {
        fs.rmSync(file);
        fs.copyFileSync(path.join(outside, "acme.ts"), file);
        fs.rmSync(outside, { recursive: true, force: true });
    }
    // And where the key is refused, the preview says so in a sentence, with the page's next step.
    project.write("index.ts", fileOf("index.ts"));
    acme.keys.clear();
    expect((await project.preview("--diff")).output).toContain(
        "corrected first: Acme refused the credential at my-company.acme.example/api/me (HTTP 401). Create a new key under Settings > Keys.",
    );
});

test("the vendor and the program are at most 40 lines without comments, formatted as this project is", () => {
    const withoutComments = (text: string): string[] =>
        text.split("\n").filter((line) => !/^\s*(\/\*\*.*\*\/|\/\/.*)?$/.test(line));
    expect([...withoutComments(fileOf("acme.ts")), ...withoutComments(fileOf("index.ts"))].length).toBeLessThanOrEqual(
        40,
    );
    for (const { file = "", text } of blocks.filter(({ language }) => language === "ts")) {
        const prettier = path.join(shared.root, "node_modules/prettier/bin/prettier.cjs");
        const options = ["--config", path.join(shared.root, ".prettierrc.json"), "--stdin-filepath", file];
        expect(execFileSync(shared.programNode(), [prettier, ...options], { input: text, encoding: "utf8" })).toBe(
            text,
        );
    }
});
