import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { parse } from "yaml";
import { LeakScanner } from "../support/leaks";
import { Project } from "../support/project";
import { startVendors, type Vendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");
const folder = path.join(root, "examples/ci");

type Env = Record<string, string>;
interface Step {
    readonly name: string;
    readonly run: string;
    readonly env: Env;
}

/** What GitHub and GitLab put there themselves, or what installs. */
const ofThePlatform =
    /^npm ci$|^curl .* https:\/\/get\.pulumi\.com \| sh -s -- --version "\$PULUMI_VERSION"$|^export PATH="\$HOME\/\.pulumi\/bin:\$PATH"$/;
const settings = (env: Env): Env =>
    Object.fromEntries(
        Object.entries(env).filter(([name, value]) => name !== "PULUMI_STACK" && !value.includes("${{")),
    );

function githubSteps(file: string): Step[] {
    type Job = { env?: Env; steps: { name?: string; uses?: string; run?: string; env?: Env; with?: object }[] };
    const { env = {}, jobs } = parse(fs.readFileSync(path.join(folder, "github", file), "utf8")) as {
        env?: Env;
        jobs: Record<string, Job>;
    };
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    // By commit: a tag can be moved.
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.map((uses) => uses.replace(/@[0-9a-f]{40}$/, "@COMMIT"))).toEqual([
        "actions/checkout@COMMIT",
        "actions/setup-node@COMMIT",
        "pulumi/actions@COMMIT",
    ]);
    expect(steps[0]?.with).toEqual({ "persist-credentials": false });
    // Secrets and tokens are given to the steps that need them, and never to whatever npm installs.
    expect(Object.values(env).filter((value) => /secrets\.|github\.token/.test(value))).toEqual([]);
    // Whoever runs the program, or what npm installs, has no token that may write: that is a job of its own.
    Object.values(jobs).forEach((job) => {
        const isWriter = job.steps.some(({ run = "" }) => /\bgh /.test(run));
        const usesCode = job.steps.some(({ uses, run = "" }) => uses !== undefined || /\b(npm|pulumi|node) /.test(run));
        const text = JSON.stringify(job);
        expect([isWriter && usesCode, text.includes("github.token"), /"issues":"write"/.test(text)]).toEqual([
            false,
            isWriter,
            isWriter,
        ]);
    });
    for (const { run, env: own = {} } of steps) {
        const given = Object.values(own).filter((value) => /secrets\.|github\.token/.test(value));
        expect({ run, given: given.length }).toEqual({
            run,
            given: run === undefined || ofThePlatform.test(run) ? 0 : 1,
        });
    }
    return steps.flatMap(({ name = "", run, env: own = {} }) =>
        run === undefined || ofThePlatform.test(run) ? [] : [{ name, run, env: settings({ ...env, ...own }) }],
    );
}

function gitlabSteps(): Record<string, Step> {
    type Job = {
        extends?: string;
        variables?: Env;
        before_script?: string[];
        script?: string[];
        environment?: object;
        needs?: string[];
    };
    const jobs = parse(fs.readFileSync(path.join(folder, "gitlab/connections.yml"), "utf8")) as Record<string, Job>;
    const [base] = Object.values(jobs);
    base?.before_script?.forEach((line) => expect(line).toMatch(ofThePlatform));
    const own = Object.entries(jobs).filter(([, job]) => job.script !== undefined);
    // The issue's token belongs to one environment: the job of that name has it, and no job that runs the program.
    own.forEach(([name, { extends: parent, environment, needs, script }]) => {
        const isWriter = name === "connections-issue";
        expect([name, parent, environment, needs]).toEqual([
            name,
            isWriter ? undefined : ".connections",
            isWriter ? { name, action: "access" } : undefined,
            isWriter ? ["connections-nightly"] : undefined,
        ]);
        expect(/gitlab-issue/.test(script?.join("\n") ?? "")).toBe(isWriter);
        isWriter && expect(script?.join("\n")).not.toMatch(/\b(npm|pulumi) /);
    });
    return Object.fromEntries(
        own.map(([name, { script = [], variables = {} }]) => [
            name,
            { name, run: script.join("\n"), env: settings({ ...base?.variables, ...variables }) },
        ]),
    );
}

/** Stands in for GitHub's command line: one repository with issues, and a record of what was called. */
const gh = `#!/usr/bin/env node
const fs = require("node:fs");
const file = process.env.GH_RECORD;
const state = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : { calls: [], issues: [] };
const args = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
state.calls.push(args.slice(0, 2).join(" "));
if (args[1] === "list" && option("--app") !== "github-actions") throw new Error("issues of people are listed too");
const body = () => fs.readFileSync(option("--body-file"), "utf8");
const open = state.issues.filter((issue) => issue.open);
if (args[1] === "list") {
    if (option("--jq") !== "map(select(.body | contains(env.MARK))) | .[0].number // empty") throw new Error("another filter");
    open.filter((issue) => issue.body.includes(process.env.MARK)).slice(0, 1).forEach(({ number }) => console.log(number));
} else if (args[0] === "issue" && args[1] === "create") state.issues.push({ number: state.issues.length + 1, open: true, title: option("--title"), label: option("--label"), body: body() });
else if (args[1] === "edit") state.issues.find(({ number }) => String(number) === args[2]).body = body();
else if (args[1] === "close") state.issues.find(({ number }) => String(number) === args[2]).open = false;
fs.writeFileSync(file, JSON.stringify(state));
`;

interface Issue {
    readonly number: number;
    open: boolean;
    body: string;
    readonly title?: string;
}

/** Stands in for GitLab's API of issues. */
class GitLab {
    readonly issues: Issue[] = [];
    /** Issues of people, with the same label, and one with the same title. */
    readonly others = ["Connections are great", "Connections need attention"].map((title, at) => ({
        number: 3 + at,
        open: true,
        body: "mine",
        title,
    }));
    readonly calls: string[] = [];
    private readonly server = http.createServer((request, response) => {
        let text = "";
        request.on("data", (data: Buffer) => (text += data.toString()));
        request.on("end", () => {
            const body = (text === "" ? {} : JSON.parse(text)) as {
                title?: string;
                description?: string;
                state_event?: string;
            };
            const url = request.url ?? "";
            if (
                request.headers["private-token"] !== "issue-token" ||
                !url.startsWith("/api/v4/projects/group%2Fconnections/issues")
            ) {
                response.writeHead(401).end("{}");
                return;
            }
            this.calls.push(request.method ?? "");
            const shown = ({ number, title, body: text }: Issue): object => ({ iid: number, title, description: text });
            const json = (value: unknown): void =>
                void response.setHeader("content-type", "application/json").end(JSON.stringify(value));
            if (request.method === "GET") {
                const { searchParams } = new URL(url, "http://x");
                expect([searchParams.get("labels"), searchParams.get("scope")]).toEqual([
                    "connections",
                    "created_by_me",
                ]);
                // The token's own user may have opened others by hand.
                json([...this.others, ...this.issues].filter(({ open }) => open).map(shown));
            } else if (request.method === "POST") {
                const issue = {
                    number: 7 + this.issues.length,
                    open: true,
                    body: body.description ?? "",
                    title: body.title ?? "",
                };
                this.issues.push(issue);
                json(shown(issue));
            } else {
                const issue = this.issues.find(({ number }) => url.endsWith(`/${number}`)) as Issue;
                issue.body = body.description ?? issue.body;
                issue.open = body.state_event !== "close";
                json(shown(issue));
            }
        });
    });

    async start(): Promise<Env> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        const { port } = this.server.address() as AddressInfo;
        return {
            CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
            CI_PROJECT_ID: "group/connections",
            CI_JOB_URL: "https://gitlab.example/jobs/1",
            CONNECTIONS_ISSUE_TOKEN: "issue-token",
        };
    }

    stop(): void {
        this.server.close();
    }
}

const program = `
    const pulumi = require("@pulumi/pulumi");
    const { atlassian, jamf } = require("pulumi-connections");
    const config = new pulumi.Config();
    new jamf.ApiClient("mdm", { url: "https://acme.jamfcloud.com", clientId: config.require("jamfClientId"), clientSecret: config.requireSecret("jamfClientSecret") });
    new atlassian.JiraConnector("jira", { subdomain: "acme", apiToken: config.requireSecret("jiraApiToken") });
`;

let vendors: Vendors;
let project: Project;
const gitlab = new GitLab();
/** An issue that another workflow of the repository has opened. */
const workflows = { number: 1, open: true, title: "Connections need attention", label: "connections", body: "theirs" };
const printed: string[] = [];
let outside: Env;

beforeAll(async () => {
    vendors = await startVendors();
    const { jamf, jiraConnector } = vendors.credentials;
    project = await Project.create({
        name: "ci",
        program,
        config: { jamfClientId: jamf.clientId },
        secrets: { jamfClientSecret: jamf.clientSecret, jiraApiToken: jiraConnector.apiToken },
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), PULUMI_STACK: "test" },
    });
    for (const file of ["report.mjs", "gitlab-issue.mjs"]) {
        project.write(`ci/${file}`, fs.readFileSync(path.join(folder, file), "utf8"));
    }
    project.write("bin/gh", gh);
    fs.chmodSync(path.join(project.dir, "bin/gh"), 0o755);
    project.write("gh.json", JSON.stringify({ calls: [], issues: [workflows] }));
    outside = {
        PATH: `${path.join(project.dir, "bin")}:${project.env["PATH"]}`,
        GH_RECORD: path.join(project.dir, "gh.json"),
        MARK: "<!-- pulumi-connections: nightly -->",
        ...(await gitlab.start()),
    };
});

afterAll(async () => {
    gitlab.stop();
    await project?.dispose();
    await vendors.close();
});

/** Runs a step as the platform does, and gives its exit code, and what it wrote into the job's summary. */
async function perform({ run, env }: Step): Promise<{ code: number; output: string; summary: string; told: Env }> {
    const summary = path.join(project.dir, "summary.md");
    const outputs = path.join(project.dir, "outputs");
    fs.writeFileSync(summary, "");
    fs.writeFileSync(outputs, "");
    const shell = spawn("bash", ["-e", "-o", "pipefail", "-c", run], {
        cwd: project.dir,
        env: { ...project.env, ...outside, ...env, GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs },
    });
    let output = "";
    shell.stdout.on("data", (data: Buffer) => (output += data.toString()));
    shell.stderr.on("data", (data: Buffer) => (output += data.toString()));
    const code = await new Promise<number>((resolve) => shell.on("close", (exit) => resolve(exit ?? -1)));
    const text = fs.readFileSync(summary, "utf8");
    printed.push(output, text);
    // `name=value`, or `name<<END`, lines, `END`.
    const written = fs.readFileSync(outputs, "utf8");
    const told = Object.fromEntries(
        [...written.matchAll(/^(\w+)(?:=(.*)|<<(.+)\n([^]*?)\n\3)$/gm)].map(([, name, line, , lines]) => [
            name,
            line ?? lines,
        ]),
    ) as Env;
    return { code, output, summary: text, told };
}

/** The nightly workflow: what its first job has found out goes to the second one, which the program never runs in. */
async function night([ask, keep]: readonly Step[]): Promise<{ code: number; summary: string }> {
    const asked = await perform(ask as Step);
    expect(asked).toMatchObject({ code: 0, told: { code: expect.stringMatching(/^\d+$/) as string } });
    expect(asked.summary.trimEnd()).toBe(asked.told["report"]?.trimEnd());
    const { code = "", report = "" } = asked.told;
    const kept = await perform({ ...(keep as Step), env: { CODE: code, REPORT: report } });
    return { code: kept.code, summary: asked.summary };
}

/** The two nightly jobs of GitLab: only the second one has the token. */
async function labNight(jobs: Record<string, Step>): Promise<{ code: number; output: string }> {
    const token = outside["CONNECTIONS_ISSUE_TOKEN"] as string;
    delete outside["CONNECTIONS_ISSUE_TOKEN"];
    const asked = await perform(jobs["connections-nightly"] as Step);
    outside["CONNECTIONS_ISSUE_TOKEN"] = token;
    const kept = await perform(jobs["connections-issue"] as Step);
    expect(kept.code).toBe(0);
    return { code: asked.code, output: asked.output + kept.output };
}

const only = (steps: readonly Step[]): Step => {
    expect(steps).toHaveLength(1);
    return steps[0] as Step;
};
const recorded = (): { calls: string[]; issues: Issue[] } =>
    JSON.parse(fs.readFileSync(outside["GH_RECORD"] ?? "", "utf8")) as { calls: string[]; issues: Issue[] };

test("A pull request shows the connections, the nightly run keeps one issue, and the deploy is not stopped by a dead credential", async () => {
    const preview = only(githubSteps("preview.yml"));
    const nightly = githubSteps("nightly.yml");
    expect(nightly.map(({ run }) => /pulumi preview/.test(run))).toEqual([true, false]);
    expect(nightly.map(({ run }) => /\bgh /.test(run))).toEqual([false, true]);
    const deploy = only(githubSteps("deploy.yml"));
    const lab = gitlabSteps();
    expect(Object.keys(lab)).toEqual([
        "connections-preview",
        "connections-nightly",
        "connections-issue",
        "connections-deploy",
    ]);
    expect([deploy.run.trim(), deploy.env]).toEqual([
        lab["connections-deploy"]?.run.trim(),
        expect.objectContaining(deploy.env),
    ]);
    expect(lab["connections-nightly"]?.env).toMatchObject({ ...nightly[0]?.env });

    expect(await perform(deploy)).toMatchObject({ code: 0 });
    const quiet = await night(nightly);
    expect(quiet).toMatchObject({ code: 0, summary: expect.stringContaining("## Connections: 2 of 2 work") as string });
    expect(recorded()).toMatchObject({ calls: ["label create", "issue list"], issues: [workflows] });

    vendors.fixture.atlassian.connectorToken.revoke();
    const shown = await perform(preview);
    expect(shown.code).toBe(0);
    expect(shown.summary).toMatch(
        /^## Connections: 1 of 2 work\n\n.*\n.*\n\| jira \| atlassian\.JiraConnector \| rejected \(was verified\) \| pulumi up will fail unless it is corrected first: Atlassian refused the credential at .*\(HTTP 401\)\. Create a new API token under .*\|\n\| mdm \| jamf\.ApiClient \| verified \|  \|\n\n`pulumi up` would change: 1 to update\.\n$/,
    );
    expect((await perform(lab["connections-preview"] as Step)).output).toContain(shown.summary);

    expect((await night(nightly)).code).not.toBe(0);
    expect((await labNight(lab)).code).not.toBe(0);
    const { version } = vendors.fixture.jamf.server;
    vendors.fixture.jamf.server.upgrade("11.31.0-t1786459500000");
    expect((await night(nightly)).code).not.toBe(0);
    const second = await labNight(lab);
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining("Issue 7 is updated.") as string });
    expect(recorded().calls.slice(2)).toEqual([
        "label create",
        "issue list",
        "issue create",
        "label create",
        "issue list",
        "issue edit",
    ]);
    const bodies = [recorded().issues.slice(1), gitlab.issues].map((issues) => {
        expect(issues).toHaveLength(1);
        expect(issues[0]).toMatchObject({ open: true, title: "Connections need attention" });
        return issues[0]?.body ?? "";
    });
    bodies.forEach((body) =>
        expect(body).toMatch(
            /\| jira \| .* rejected \(was verified\)[^]* verified \(changed: version\)[^]*2 to update\./,
        ),
    );

    // Nothing of the nights was recorded, so a commit that changes something else is deployed.
    project.write("index.js", `${program}exports.deployed = "all the same";`);
    expect(await perform(deploy)).toMatchObject({
        code: 0,
        output: expect.stringMatching(/deployed: "all the same"/) as string,
    });
    vendors.fixture.atlassian.connectorToken.restore();
    vendors.fixture.jamf.server.upgrade(version);
    expect((await night(nightly)).code).toBe(0);
    expect(await labNight(lab)).toMatchObject({
        code: 0,
        output: expect.stringContaining("Issue 7 is closed") as string,
    });
    expect(recorded().calls.at(-1)).toBe("issue close");
    expect([recorded().issues.slice(1), gitlab.issues].flat().map(({ open }) => open)).toEqual([false, false]);

    // What is merged and not deployed yet is no fault: an argument, a connection, a secret that is good, another resource.
    const merged = program
        .replace('subdomain: "acme",', 'subdomain: "acme", serviceAccountName: "Scanner",')
        .concat(
            'new jamf.ApiClient("second", { url: "https://acme.jamfcloud.com", clientId: config.require("jamfClientId"), clientSecret: config.requireSecret("jamfClientSecret") });',
        )
        .concat('exports.merged = "today";');
    project.write("index.js", merged);
    const early = await night(nightly);
    expect(early).toMatchObject({ code: 0, summary: expect.stringMatching(/\| jira .*not deployed yet/) as string });
    expect(early.summary).toMatch(/\| mdm .*\| verified \| {2}\|\n/);
    expect((await labNight(lab)).code).toBe(0);
    // With one of these, a credential that has died is one all the same.
    vendors.fixture.atlassian.connectorToken.revoke();
    expect((await night(nightly)).code).not.toBe(0);
    vendors.fixture.atlassian.connectorToken.restore();
    // A program that ends before it comes to them has asked nobody.
    project.write("index.js", 'throw new Error("broken");');
    const broken = await night(nightly);
    expect(broken.code).not.toBe(0);
    expect(broken.summary).toMatch(/^## Connections: 0 of 2 work\n[^]*\| mdm \| jamf\.ApiClient \| not checked \|/);
    expect((await perform(preview)).summary).toContain("0 of 2 work");
    project.write("index.js", program);

    gitlab.others.forEach((other) => expect(other).toMatchObject({ open: true, body: "mine" }));
    expect(recorded().issues[0]).toEqual(expect.objectContaining(workflows));

    await project.setSecret("jamfClientSecret", "mistyped-mistyped");
    const refused = await perform(preview);
    expect(refused.code).not.toBe(0);
    expect(refused.summary).toMatch(
        /\| mdm \| jamf\.ApiClient \| refused \| .*clientSecret: Jamf refused the client id or secret[^]*The preview failed: nothing of this would be recorded\./,
    );
    const scanner = new LeakScanner([...vendors.secrets, "mistyped-mistyped"]);
    printed.forEach((text, at) => expect(scanner.inText(`run ${at}`, text)).toEqual([]));
});

test("A report tells of what stands at a hub whether it is as it should be, and whether the hub was asked", () => {
    const file = path.join(project.dir, "hubs.json");
    const urnOf = (name: string, type: string): string =>
        `urn:pulumi:test::ci::pulumi-nodejs:dynamic/connections/${type}::${name}`;
    const step = (name: string, type: string, op: string): object => ({ urn: urnOf(name, type), op });
    const message =
        "warning: The hub was not contacted: api.stackone.com answered with a server error. It stays as it was.";
    const steps = [
        step("drift", "nango:Connection", "update"),
        step("fine", "ox:Connector", "same"),
        step("first", "nango:Integration", "create"),
        step("away", "stackone:Account", "same"),
    ];
    const diagnostics = [{ urn: urnOf("away", "stackone:Account"), severity: "warning", message }];
    fs.writeFileSync(file, JSON.stringify({ steps, diagnostics, changeSummary: { create: 1, update: 1, same: 2 } }));
    const state = { deployment: { resources: [{ urn: urnOf("drift", "nango:Connection"), outputs: {} }] } };
    const { stdout } = spawnSync(process.execPath, [path.join(folder, "report.mjs"), file], {
        input: JSON.stringify(state),
        encoding: "utf8",
    });
    expect(stdout).toMatch(/^## Connections: 1 of 4 work$/m);
    expect(
        stdout
            .split("\n")
            .flatMap((line) => /^\| (\w+) \| \w+\.\w+ \| ([\w ]+) \|/.exec(line)?.slice(1, 3).join(": ") ?? []),
    ).toEqual(["away: not checked", "drift: changed", "first: not made yet", "fine: in place"]);
});

const jamfUrn = "urn:pulumi:test::ci::pulumi-nodejs:dynamic/connections/jamf:ApiClient::mdm";
const exported = { deployment: { resources: [{ urn: jamfUrn, outputs: { status: "verified" } }] } };

/** The report of a preview and a state, as its command prints it. */
function report(preview: unknown, state: unknown, ...options: string[]): { status: number | null; output: string } {
    const file = path.join(project.dir, "report.json");
    fs.writeFileSync(file, JSON.stringify(preview) ?? "");
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [path.join(folder, "report.mjs"), ...options, file],
        { input: JSON.stringify(state) ?? "", encoding: "utf8" },
    );
    return { status, output: stdout + stderr };
}

test("A report says no better of a connection than what this preview has found out", () => {
    const step = { urn: jamfUrn, op: "same", newState: { inputs: { status: "verified" } } };
    const summary = (message: string): object => ({ severity: "info", message });
    const said = (preview: object, state: unknown = exported): string =>
        report(preview, state)
            .output.split("\n")
            .filter((line) => /^##|^\| mdm/.test(line))
            .join(" ");
    expect(said({ steps: [step] })).toMatch(/^## Connections: 1 of 1 work \| mdm \| jamf.ApiClient \| verified \|/);
    expect(said({ steps: [] })).toMatch(/^## Connections: 0 of 1 work \| mdm .* not checked \|/);
    const onRecord = {
        steps: [step],
        diagnostics: [summary("connections: 1 verified on record; no vendor was contacted")],
    };
    expect(said(onRecord)).toMatch(/^## Connections: 0 of 1 work \| mdm .* verified \(on record\) \|/);
    expect(said({ steps: [{ ...step, op: "refresh" }] })).toMatch(/^## Connections: 0 of 1 work/);
    // The state is not there: which connections this preview did not come to is not known.
    expect(report({ steps: [step] }, undefined, "--exit-code")).toMatchObject({
        status: 1,
        output: expect.stringContaining("The state could not be read") as string,
    });
    expect(report({ steps: [step] }, exported, "--exit-code").status).toBe(0);
    expect(report({ steps: [] }, exported, "--exit-code").status).toBe(1);
    expect(report({ steps: [] }, exported).status).toBe(0);
    expect(report({}, exported, "--exitcode")).toMatchObject({
        status: 2,
        output: expect.stringMatching(/^report\.mjs: .*\nusage: /) as string,
    });
});

/** Copies of a value, each with one thing in it that is something else. */
function* spoilt(value: unknown, odd: readonly unknown[]): Generator {
    yield* odd;
    if (typeof value === "object" && value !== null) {
        for (const [name, inner] of Object.entries(value)) {
            for (const other of spoilt(inner, odd)) {
                yield Array.isArray(value) ? [other] : { ...value, [name]: other };
            }
        }
    }
}

test("A report of odd JSON is a report, and no stack", () => {
    const inputs = { status: "verified" };
    const state = { inputs, outputs: inputs, propertyDependencies: { url: [] } };
    const preview = {
        steps: [{ urn: jamfUrn, op: "update", oldState: state, newState: state }],
        diagnostics: [{ urn: jamfUrn, severity: "error", message: "no" }],
        changeSummary: { update: 1 },
    };
    const odd = [null, [null], 7];
    const cases = [
        ...[...spoilt(preview, odd)].map((one) => [one, exported]),
        ...[...spoilt(exported, odd)].map((one) => [preview, one]),
    ];
    expect(cases.length).toBeGreaterThan(60);
    for (const [one, other] of cases) {
        const { status, output } = report(one, other);
        const isReport = /^## Connections/.test(output) && !/^\s+at |object Object/m.test(output);
        expect({ one, other, status, output: isReport ? "" : output }).toEqual({ one, other, status: 0, output: "" });
    }
});

test("A report of hundreds of connections fits into an issue, what needs attention first", async () => {
    const file = path.join(project.dir, "many.json");
    const urnOf = (at: number): string =>
        `urn:pulumi:test::ci::pulumi-nodejs:dynamic/connections/jamf:ApiClient::mdm-${at}`;
    const steps = Array.from({ length: 2_000 }, (_, at) => ({
        urn: urnOf(at),
        op: "update",
        newState: { outputs: { status: at === 1_999 ? "rejected" : "verified" } },
    }));
    const diagnostics = [{ urn: urnOf(1_999), severity: "warning", message: `warning: ${"long ".repeat(1_000)}` }];
    fs.writeFileSync(file, JSON.stringify({ steps, diagnostics }));
    const { output } = await perform({ name: "", run: `echo | node ci/report.mjs ${JSON.stringify(file)}`, env: {} });
    expect(Buffer.byteLength(output)).toBeLessThan(65_536);
    expect(output).toMatch(
        /^## Connections: 1999 of 2000 work\n\n.*\n.*\n\| mdm-1999 \| jamf\.ApiClient \| rejected \|/,
    );
    expect(output).toMatch(/And \d+ more, which need attention less\.$/m);
});

test("A preview that does not get as far as the connections is reported as that", async () => {
    const file = path.join(project.dir, "nothing.json");
    fs.writeFileSync(file, "");
    const run = `echo | node ci/report.mjs ${JSON.stringify(file)}`;
    expect(await perform({ name: "", run, env: {} })).toMatchObject({
        code: 0,
        output: expect.stringContaining("has not got as far as the connections") as string,
    });
    const hostile = {
        urn: "urn:pulumi:test::ci::pulumi-nodejs:dynamic/connections/jamf:ApiClient::mdm",
        severity: "warning",
        message: "warning: a | <img src=x>\n@everyone [x](http://x) www.x.y #12 !34 $a$ \u202eturned\u001b[31m",
    };
    fs.writeFileSync(file, JSON.stringify({ steps: [], diagnostics: [hostile] }));
    const { output } = await perform({ name: "", run, env: {} });
    expect(output.split("\n").filter((line) => line.startsWith("| mdm"))).toHaveLength(1);
    expect(output).not.toMatch(/<img|@everyone|\[x\]|http:\/\/|www\.|\u202e|\u001b/);
    // What a platform looks for once Markdown has been read is not there either.
    const read = output.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
    expect(read).not.toMatch(/@everyone|http:\/\/|www\.|#12|!34|\$a\$/);
    expect(read.replaceAll("\u200b", "")).toContain(
        "a | <img src=x> @everyone [x](http://x) www.x.y #12 !34 $a$  turned [31m",
    );
});
