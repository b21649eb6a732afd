import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Project, type RunResult } from "../support/project";
import { engineExamples, exampleConfiguration, exampleFolder, exampleNames } from "../support/examples";
import { LeakScanner } from "../support/leaks";
import { until } from "../support/until";
import { Servers } from "../support/servers";
import { thorough } from "../support/thorough";
import type { Vendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");

/** Examples that run from their TypeScript and are previewed once more. The others run as set-up has compiled them. */
const whole = thorough(["all-connections", "nango-atlassian-oauth"], exampleNames);

interface Life {
    /** Its preview and its update. */
    readonly up: RunResult;
    /** The files that the program has written, with their texts. */
    readonly written: Record<string, string>;
    readonly again: RunResult | undefined;
    readonly destroy: RunResult;
    readonly left: string[];
}

let servers: Servers;
let vendors: Vendors;
const lives = new Map<string, Promise<Life | Error>>();
let demonstration: Promise<{ code: number | null; output: string; left: string[] }>;

beforeAll(async () => {
    servers = await Servers.start();
    vendors = servers.vendors;
    // Two at a time: more do not get done sooner on two cores.
    const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
    const enqueue = <T>(job: () => Promise<T>): Promise<T> => {
        const result = (lanes.shift() as Promise<unknown>).then(job);
        lanes.push(result);
        return result;
    };
    demonstration = enqueue(demonstrate);
    for (const name of engineExamples) {
        lives.set(
            name,
            enqueue(() => live(name).catch((error: Error) => error)),
        );
    }
});

afterAll(async () => {
    await Promise.all([demonstration, ...lives.values()]);
    await servers.close();
});

async function live(name: string): Promise<Life> {
    const project = await Project.create({
        name,
        program: exampleFolder(name),
        ...exampleConfiguration(name, servers),
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(servers.endpoints) },
    });
    const files = (): string[] =>
        fs.readdirSync(project.dir).filter((file) => !fs.existsSync(path.join(exampleFolder(name), file)));
    try {
        if (!whole.includes(name)) {
            useCompiled(project, name);
        }
        const given = files();
        const written = (): string[] => files().filter((file) => !given.includes(file));
        const up = await project.upWithPreview();
        project.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
        if (name === "stackone-jamf") {
            await linkAccount(project);
        }
        const texts = written().map((file) => [file, fs.readFileSync(path.join(project.dir, file), "utf8")]);
        return {
            up,
            written: Object.fromEntries(texts) as Record<string, string>,
            again: whole.includes(name) ? await project.preview("--expect-no-changes") : undefined,
            destroy: await project.destroy(),
            left: written(),
        };
    } finally {
        await project.dispose();
    }
}

/** Makes a project run what set-up has compiled of its program. */
function useCompiled(project: Project, name: string): void {
    const edit = (file: string, from: string, to: string): void =>
        project.write(file, fs.readFileSync(path.join(project.dir, file), "utf8").replace(from, to));
    project.write("index.js", fs.readFileSync(path.join(root, "build/examples", name, "index.js"), "utf8"));
    edit("package.json", "index.ts", "index.js");
    edit("Pulumi.yaml", "runtime: nodejs\n", "runtime:\n  name: nodejs\n  options:\n    typescript: false\n");
}

/** What a person does between two runs: opens the link, and fills in the form. The run after that finds the account. */
async function linkAccount(project: Project): Promise<void> {
    const { administration } = servers.hubs.stackone;
    const { hubLink, hubStatus } = await project.secretOutputs();
    const session = administration.sessions.find(({ link }) => link === hubLink);
    expect([hubStatus, session === undefined]).toEqual(["awaitingPerson", false]);
    const { url, clientId, clientSecret } = servers.credentials.jamf;
    const { id } = await administration.complete(session!, {
        instance_url: url,
        api_client_id: clientId,
        api_client_secret: clientSecret,
    });
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.outputs()).toMatchObject({ hubStatus: "active" });
    expect(administration.accounts.find((account) => account.id === id)).toMatchObject({
        status: "active",
        originOwnerId: "acme",
    });
}

/** The outputs that a phase of a run prints, by name, but for those that a hub tells only once it was written to. */
function outputsIn(section: string): Record<string, string> {
    const blocks = (section.split("\n\n")[0] ?? "").split(/\n(?= {2,4}[+~]? ?\w)/);
    const outputs = blocks.map((block) => /^\s+[+~]? ?(\w+)\s*: ([^]*)$/.exec(block) ?? []);
    return Object.fromEntries(
        outputs.flatMap(([, name = "", value = ""]) =>
            /^hub(Link|Status)$|^at[A-Z]/.test(name) && value.trim() === "[unknown]" ? [] : [[name, value]],
        ),
    );
}

function projectFolders(): string[] {
    return fs
        .readdirSync(path.resolve(__dirname, "../../projects"))
        .filter((name) => name.startsWith("demonstration-"));
}

async function demonstrate(): Promise<{ code: number | null; output: string; left: string[] }> {
    const child = spawn(process.execPath, [path.resolve(__dirname, "../../demonstration/main.js")], {
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, output, left: projectFolders().filter((name) => name.includes(`-${child.pid}-`)) };
}

test("what npm start shows does what it says, and leaves nothing behind", async () => {
    const { code, output, left } = await demonstration;
    expect(output).toMatch(/~ status\s*: "verified" => "rejected"/);
    expect(output).not.toMatch(/ExperimentalWarning|--trace-warnings/);
    expect({ code, left }).toEqual({ code: 0, left: [] });
});

/** Runs a line of the shell in this repository as a user has it, npm's cache and logs in the project's HOME. */
async function type(line: string, project: Project, input = ""): Promise<RunResult> {
    const shell = spawn("sh", ["-c", line], { cwd: root, env: project.env });
    let [stdout, stderr] = ["", ""];
    shell.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    shell.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    shell.stdin.on("error", () => undefined).end(input);
    const code = await new Promise<number>((resolve, reject) =>
        shell.on("error", reject).on("close", (exit) => resolve(exit ?? -1)),
    );
    return { code, stdout, stderr, output: stdout + stderr };
}

const recommended = (text: string): string[] =>
    text.split("\n").filter((line) => line.includes("npm run pulumi -- -C examples/"));

describe("The commands that are recommended for a first try", () => {
    const env = (): Record<string, string> => ({
        CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    });
    const token = (): string => vendors.credentials.jiraConnector.apiToken;

    /** Runs them on a copy of the example, and gives the output of the last one. */
    async function follow(lines: readonly string[], project: Project, input: string): Promise<string> {
        let last = "";
        for (const line of lines) {
            const { code, output } = await type(
                line.replace("examples/ox-jira", project.dir),
                project,
                / --secret /.test(line) && !line.includes("|") ? input : "",
            );
            expect({ line, code, output }).toMatchObject({ code: 0 });
            expect(new LeakScanner([input]).inText(line, output)).toEqual([]);
            last = output;
        }
        return last;
    }

    const logsOf = (project: Project): string[] => project.files().filter((file) => file.includes("/_logs/"));

    test("at the end of npm start work, and keep the secret out of what npm prints and logs", async () => {
        const { output } = await demonstration;
        const lines = recommended(output);
        const project = await Project.create({ name: "closing", program: exampleFolder("ox-jira"), env: env() });
        try {
            expect(output.trimEnd().endsWith(lines.join("\n"))).toBe(true);
            expect(await follow(lines, project, token())).toMatch(/JiraConnector connector create/);
            const scanner = new LeakScanner([token()]);
            expect(logsOf(project).length).toBeGreaterThan(0);
            expect(scanner.inFiles(project.files())).toEqual([]);
            // A secret on the command line is found there: the search sees npm's logs.
            const careless = await type(
                `npm run pulumi -- -C ${project.dir} config set --secret apiToken ${token()}`,
                project,
            );
            expect(scanner.inText("output", careless.output)).not.toEqual([]);
            expect(scanner.inFiles(logsOf(project))).not.toEqual([]);
        } finally {
            await project.dispose();
        }
    });

    test("by npm run vendors work, and keep the secret out of what npm prints and logs", async () => {
        const child = spawn(process.execPath, [path.join(root, "build/test/simulators/main.js")], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        let text = "";
        child.stdout.on("data", (data: Buffer) => (text += data.toString()));
        const project = await Project.create({ name: "vendors", program: exampleFolder("ox-jira"), env: env() });
        try {
            await until("the introduction", () => text.includes("Ctrl-C ends them."));
            const [, endpoints = ""] = /^export CONNECTIONS_ENDPOINTS='(\{.*)'$/m.exec(text) ?? [];
            expect(Object.keys(JSON.parse(endpoints) as object)).toEqual(
                expect.arrayContaining([
                    "https://api.nango.dev",
                    "https://api.cloud.ox.security",
                    "https://api.stackone.com",
                ]),
            );
            const [, secret = ""] = /printf %s '([^']+)' \|/.exec(text) ?? [];
            project.env["CONNECTIONS_ENDPOINTS"] = endpoints;
            expect(await follow(recommended(text), project, secret)).toMatch(/JiraConnector connector create/);
            expect(new LeakScanner([secret]).inFiles(project.files())).toEqual([]);
        } finally {
            child.kill();
            await project.dispose();
        }
    });

    test("name no secret's value on a command line: in docs/examples.md, at the end of npm start, and in the examples", async () => {
        const files = [
            path.join(root, "docs/examples.md"),
            ...exampleNames.map((name) => path.join(exampleFolder(name), "index.ts")),
        ];
        const texts = [(await demonstration).output, ...files.map((file) => fs.readFileSync(file, "utf8"))];
        const found = texts.flatMap((text) =>
            [...text.matchAll(/config set[^\n;|`]* --secret [^\n;|`]*/g)].map(([command]) => command),
        );
        expect(found.length).toBeGreaterThan(exampleNames.length);
        found.forEach((command) => expect(command).toMatch(/^config set --secret \w+ *(< \S+ *)?(#.*)?$/));
    });
});

test("a copy of an example elsewhere is installed as docs/examples.md says, told what its configuration lacks, and previewed", async () => {
    const project = await Project.create({
        name: "copy",
        program: 'throw new Error("only its environment is used")',
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
    });
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "elsewhere-"));
    try {
        // npm itself runs here, and needs all that tests leave out.
        delete project.env["NODE_OPTIONS"];
        // npm's own cache and registry, as for whoever runs npm start.
        const { npm_config_cache: cache, npm_config_registry: registry, HOME: home } = process.env;
        Object.assign(
            project.env,
            { npm_config_cache: cache ?? path.join(home ?? elsewhere, ".npm"), npm_config_prefer_offline: "true" },
            registry && { npm_config_registry: registry },
        );
        const examples = fs.readFileSync(path.join(root, "docs/examples.md"), "utf8");
        const lines = /```sh\n(npm run package\n[^]*?)```/.exec(examples)?.[1] ?? "";
        expect(lines).toContain("examples/ox-jira");
        const installed = await type(
            `set -e\n${lines.replaceAll("~", elsewhere).replaceAll("<this folder>", root)}`,
            project,
        );
        expect(installed.code === 0 ? "" : installed.output).toBe("");
        const folder = path.join(elsewhere, "ox-jira");
        expect(fs.lstatSync(path.join(folder, "node_modules/pulumi-connections")).isSymbolicLink()).toBe(false);
        const pulumi = (args: string, input = ""): Promise<RunResult> =>
            type(`cd ${folder} && pulumi ${args} --non-interactive`, project, input);
        expect(await pulumi("stack init elsewhere")).toMatchObject({ code: 0 });
        expect(await pulumi("preview")).toMatchObject({
            code: 1,
            output: expect.stringContaining("missing configuration values 'apiToken' and 'subdomain'") as string,
        });
        const { apiToken } = vendors.credentials.jiraConnector;
        await pulumi("config set subdomain acme");
        await pulumi(`config set --plaintext apiToken ${apiToken}`);
        expect((await pulumi("preview")).output).toMatch(/'apiToken' must be encrypted as it's secret/);
        await pulumi("config set --secret apiToken", apiToken);
        expect(await pulumi("preview")).toMatchObject({
            code: 0,
            output: expect.stringMatching(/JiraConnector connector create[^]*jiraHostUrl/) as string,
        });
    } finally {
        fs.rmSync(elsewhere, { recursive: true, force: true });
        await project.dispose();
    }
});

describe.each(engineExamples)("examples/%s", (name) => {
    const its = async (): Promise<Life> => {
        const life = (await lives.get(name)) as Life | Error;
        if (life instanceof Error) {
            throw life;
        }
        return life;
    };

    test("is previewed with the very outputs that up then records", async () => {
        const { up } = await its();
        expect(up).toMatchObject({ code: 0, output: expect.stringContaining("to create") as string });
        const [, previewed = "", recorded = ""] = up.stdout.split("Outputs:\n");
        expect(Object.keys(outputsIn(previewed)).length).toBeGreaterThan(1);
        expect(outputsIn(recorded)).toMatchObject(outputsIn(previewed));
    });

    (whole.includes(name) ? test : test.skip)("is unchanged in the next preview", async () => {
        const { again } = await its();
        expect(again?.output).not.toMatch(/^ [~+-]/m);
        expect(again?.code).toBe(0);
    });

    test("is destroyed whole", async () => {
        const { destroy, left } = await its();
        expect(destroy.output).toMatch(/- \d+ deleted/);
        expect({ code: destroy.code, left }).toEqual({ code: 0, left: [] });
    });
});

test("examples/ox-jira puts the token into OX in one run, and destroy takes it out again", async () => {
    const { up } = (await lives.get("ox-jira")) as Life;
    expect(up.output).toMatch(/ox:Connector hub created/);
    expect(up.output).toMatch(/verified\s*: true/);
    expect(
        servers.hubs.ox.administration.requestsWith(servers.credentials.jiraConnector.apiToken).length,
    ).toBeGreaterThan(0);
    expect(servers.hubs.ox.administration.credentials()).toEqual([]);
});

test.each([
    ["nango-atlassian-oauth", "atlassianOAuth", "clientSecret"],
    ["nango-atlassian-token", "atlassianToken", "apiToken"],
] as const)(
    "examples/%s makes the connection at Nango in one run, and destroy deletes it",
    async (name, credential, argument) => {
        const { up } = (await lives.get(name)) as Life;
        expect(up.output).toMatch(/nango:Integration \S+ created[^]*nango:Connection \S+ created/);
        const { administration, rows } = servers.hubs.nango;
        const secret = (servers.credentials[credential] as Record<string, string>)[argument] ?? "";
        expect(
            administration.requestsWith(secret).map(({ method, path: target, status }) => [method, target, status]),
        ).toEqual([["POST", "/connections", 201]]);
        expect([administration.connections(), rows.integrations]).toEqual([[], []]);
    },
);

test("the file of examples/all-connections takes what the connections give, and no secret", async () => {
    const { written } = (await lives.get("all-connections")) as Life;
    expect(Object.keys(written)).toEqual(["forms.json"]);
    const { cloudId } = vendors.credentials.jiraConnector;
    const text = written["forms.json"] ?? "";
    expect(JSON.parse(text)).toMatchObject({
        jumpcloud: { status: "verified", apiUrl: "https://console.jumpcloud.com/api", organization: "Acme" },
        jamf: { url: "https://acme.jamfcloud.com", version: vendors.fixture.jamf.server.version },
        atlassianOAuth: { subdomain: "acme", cloudId },
        jira: { hostUrl: `https://api.atlassian.com/ex/jira/${cloudId}` },
    });
    vendors.secrets.forEach((secret) => expect(text).not.toContain(secret));
});
