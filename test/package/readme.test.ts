import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { commonArgs } from "../../provider/define";
import { isPublished } from "../../provider/hosts/cli/package-source";
import { compiledClone, removeClones, type as typeLine, userEnvironment } from "../support/clones";
import { shared } from "../support/environment";
import { blocksOf, docs, page } from "../support/pages";
import { Project } from "../support/project";
import { exampleFolder, exampleNames } from "../support/examples";
import { connectionTypes, verifierOf } from "../support/types";
import { Servers } from "../support/servers";
import type { Vendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");
const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
// What does not stand in README any more stands there, one click away.
const programs = fs.readFileSync(path.join(root, "docs/programs.md"), "utf8");
const examples = fs.readFileSync(path.join(root, "docs/examples.md"), "utf8");

let servers: Servers;
let vendors: Vendors;

beforeAll(async () => {
    servers = await Servers.start();
    vendors = servers.vendors;
});

afterAll(() => servers.close());

function fences(language: string): string[] {
    return [...(readme + programs).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
        ([, text]) => text ?? "",
    );
}

/** Lines as they are compared: without their spaces, and without the identifiers that each run has anew. */
function lines(text: string): string[] {
    const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
    return text.split("\n").map((line) => line.replace(uuid, "<id>").replace(/\s+/g, " ").trim());
}

/** What README shows of a run, held against the run: each line of it, in order. */
function expectShown(fence: string | undefined, output: string): void {
    const printed = lines(output);
    let at = 0;
    for (const line of lines(fence ?? "").filter((text) => text !== "" && text !== "…" && !text.startsWith("$ "))) {
        const found = printed.indexOf(line, at);
        expect({ line, printed: found >= 0 ? line : output }).toEqual({ line, printed: line });
        at = found + 1;
    }
}

/** The cells of the row that begins with a text, in any table. */
function rows(first: string): string[] {
    return (programs + readme + examples).split("\n").filter((line) => line.startsWith(`| \`${first}\` |`));
}

describe("README's program", () => {
    let project: Project;
    const [preview, refused, drift] = fences("console");

    beforeAll(async () => {
        const program = fences("ts").find((text) => text.includes("import * as pulumi")) ?? "";
        const { jamf, jiraConnector } = vendors.credentials;
        project = await Project.create({
            name: "readme",
            program,
            language: "typescript",
            config: { jamfClientId: jamf.clientId },
            secrets: { jamfClientSecret: jamf.clientSecret, jiraApiToken: jiraConnector.apiToken },
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
    });

    afterAll(() => project?.dispose());

    test("prints what README shows: in the first preview, with a refused secret, and after drift", async () => {
        const first = await project.preview();
        expect(first.code).toBe(0);
        // Resources come in no particular order.
        const [head = "", tail = ""] = (preview ?? "").split("Outputs:");
        head.split("\n").forEach((line) => expectShown(line, first.output));
        expectShown(tail, first.output);
        expect(tail).toContain("jamfApi");

        project.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
        await project.setSecret("jamfClientSecret", "mistyped-mistyped");
        const second = await project.preview();
        expect(second.code).not.toBe(0);
        expectShown(refused, second.output);
        expect(refused).toContain("clientSecret: ");

        await project.setSecret("jamfClientSecret", vendors.credentials.jamf.clientSecret);
        const up = await project.upOnly();
        expect(up.code).toBe(0);
        vendors.fixture.atlassian.connectorToken.revoke();
        vendors.fixture.jamf.server.upgrade("11.31.0-t1786459500000");
        const third = await project.preview("--diff");
        expect(third.code).toBe(0);
        const [jamf = "", jira = ""] = (drift ?? "").split(/(?=^.*JiraConnector)/m);
        expectShown(jamf, third.output);
        expectShown(jira, third.output);
        expect(drift).toContain('"verified" => "rejected"');

        const fails = await project.upOnly();
        expect(fails.code).not.toBe(0);
        expect((await project.resource("jira")).outputs?.["status"]).toBe("verified");
        expect((await project.preview("--expect-no-changes")).code).not.toBe(0);
        expect((await project.refresh("--preview-only", "--expect-no-changes")).code).not.toBe(0);
        vendors.fixture.atlassian.connectorToken.restore();
    });
});

describe.each(connectionTypes.map((type) => [type.label, type] as const))("%s", (name, type) => {
    test("has rows in README and docs/programs.md: where its credential is found, its arguments and its outputs", () => {
        expect(rows(name)).toHaveLength(2);
        const words = (rows(name)[1] ?? "").split(/[^A-Za-z0-9]+/);
        const own = type.argumentNames.filter((argument) => !(argument in commonArgs));
        expect(words).toEqual(expect.arrayContaining([...own, ...type.outputNames]));
    });

    test("has an example", () => {
        const sources = exampleNames.map((example) =>
            fs.readFileSync(path.join(exampleFolder(example), "index.ts"), "utf8"),
        );
        const using = sources.filter((source) => source.includes(`new ${name}(`));
        expect(using).not.toEqual([]);
    });

    test("has a simulated vendor that accepts a credential of it", async () => {
        const verify = verifierOf(servers.endpoints);
        const probe = { url: "https://api.example.com/v1/me" };
        const seeded = Object.values(servers.credentials) as Record<string, unknown>[];
        const credentials = "probe" in type.args ? seeded.map((given) => ({ ...given, probe })) : seeded;
        const fitting = credentials.filter((given) => type.arguments.judge(given).args !== undefined);
        const verified = await Promise.all(fitting.map((given) => verify(name, given)));
        expect(verified.flatMap(({ tenants }) => tenants.map(({ status }) => status))).toContain("verified");
    });
});

test("README names what all classes take", () => {
    Object.keys(commonArgs).forEach((argument) => expect(readme).toContain(`\`${argument}\``));
});

describe.each(exampleNames)("examples/%s", (example) => {
    test("has a row in docs/examples.md that names all of its configuration", () => {
        expect(rows(example)).toHaveLength(1);
        const source = fs.readFileSync(path.join(exampleFolder(example), "index.ts"), "utf8");
        const used = [...source.matchAll(/config\.(require|get)(Secret)?(?:<[^>]*>)?\("(\w+)"\)/g)];
        const expected = used.map(([, how, secret, key]) =>
            secret ? `**${key}**` : `${key}${how === "get" ? "?" : ""}`,
        );
        const cells =
            (rows(example)[0] ?? "")
                .split("|")[3]
                ?.split(",")
                .map((cell) => cell.trim().replace("**?", "**")) ?? [];
        expect(cells.sort()).toEqual(expected.sort());
    });

    test("declares its configuration in Pulumi.yaml: what is required, and what has a default", () => {
        const source = fs.readFileSync(path.join(exampleFolder(example), "index.ts"), "utf8");
        const used = [...source.matchAll(/config\.(require|get)(Secret)?(?:<[^>]*>)?\("(\w+)"\)/g)];
        const expected = Object.fromEntries(
            used.map(([, how, secret, key]) => [
                key,
                `${secret ? "secret" : "plain"}${how === "get" ? ", with a default" : ""}`,
            ]),
        );
        // Pulumi would ask for secrets that a program can do without.
        const optional = used.flatMap(([, how, secret, key]) => (how === "get" && secret ? [key ?? ""] : []));
        [...optional, ...(example === "ox-jira" ? ["userToken"] : [])].forEach((key) => delete expected[key]);
        for (const file of [
            path.join(exampleFolder(example), "Pulumi.yaml"),
            ...(example === "all-connections" ? [path.join(root, "Pulumi.yaml")] : []),
        ]) {
            const [, declared = ""] = fs.readFileSync(file, "utf8").split("\nconfig:\n");
            const keys = [...declared.matchAll(/^ {2}(\w+):\n((?: {4}.*\n)+)/gm)].map(([, key, body = ""]) => {
                expect(body).toMatch(/^ {4}type: string\n {4}description: .{10}/);
                return [
                    key,
                    `${/^ {4}secret: true$/m.test(body) ? "secret" : "plain"}${/^ {4}default: /m.test(body) ? ", with a default" : ""}`,
                ];
            });
            expect(Object.fromEntries(keys)).toEqual(expected);
        }
    });
});

test("The unit test of docs/programs.md prints what it says, without a vendor", () => {
    const [code = ""] = fences("js");
    const [, promised = ""] = /\/\/ (https:.*)$/m.exec(code) ?? [];
    const program = `
        const pulumi = require("@pulumi/pulumi");
        const { atlassian } = require("pulumi-connections");
        require("node:net").Socket.prototype.connect = () => { throw new Error("called"); };
        (async () => { ${code} })();`;
    const printed = execFileSync(process.execPath, ["-e", program], {
        cwd: path.join(root, "build/projects"),
        encoding: "utf8",
    });
    expect(printed).toBe(`${promised}\n`);
});

test("No page and no example has npm fetch the package by its name, until the name is ours", () => {
    const fetching =
        /\b(?:npm (?:install|i|add|ci)|pnpm (?:add|i|install|dlx)|yarn (?:add|dlx)|bun (?:add|install))\b[^`\n]*\bpulumi-connections(?![\w./-])/g;
    expect("npm install @pulumi/pulumi pulumi-connections typescript").toMatch(fetching);
    const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "llms.txt", ...docs];
    const named = pages.flatMap((name) => [...page(name).matchAll(fetching)].map(([text]) => `${name}: ${text}`));
    expect(isPublished ? [] : named).toEqual([]);
    const { version } = JSON.parse(page("package.json")) as { version: string };
    const specs = exampleNames.map((name) => {
        const manifest = JSON.parse(page(`examples/${name}/package.json`)) as { dependencies: Record<string, string> };
        return [name, manifest.dependencies["pulumi-connections"]];
    });
    const spec = isPublished ? `^${version}` : "file:pulumi-connections.tgz";
    expect(specs).toEqual(exampleNames.map((name) => [name, spec]));
});

describe("README's commands for credentials of one's own", () => {
    afterAll(removeClones);

    test("work in their order, and what is copied has stacks of its own", async () => {
        const [, section = ""] = readme.split("\n## With credentials of your own\n");
        const blocks = blocksOf(section.split("\n## ")[0] ?? "").filter(({ language }) => language === "sh");
        const clone = compiledClone(true);
        // As set-up links it.
        fs.symlinkSync("..", path.join(clone, "node_modules/pulumi-connections"));
        const home = fs.mkdtempSync(path.join(clone, "home-"));
        const copy = path.join(home, "ox-jira");
        const env = userEnvironment({ HOME: home, CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) });
        const { apiToken } = vendors.credentials.jiraConnector;
        const run = async (command: string, more: Record<string, string> = {}): Promise<void> => {
            const typed = command.includes("--secret") ? apiToken : "";
            const { code, output } = await typeLine(command, clone, { ...env, ...more }, typed);
            expect({ command, code, output: code === 0 ? "" : output }).toEqual({ command, code: 0, output: "" });
        };
        const lines = blocks.flatMap(({ text }) => text.trim().split("\n"));
        expect(lines.length).toBeGreaterThan(6);
        for (const line of lines) {
            if (line === "(cd ~/ox-jira && npm install)") {
                // What npm would install is in build/projects; the file that it would open is in the copy.
                expect(fs.existsSync(path.join(copy, "pulumi-connections.tgz"))).toBe(true);
                fs.symlinkSync(path.join(shared.projects, "node_modules"), path.join(copy, "node_modules"));
            } else {
                await run(line);
            }
        }
        const state = fs.mkdtempSync(path.join(clone, "state-"));
        const own = { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "another passphrase" };
        for (const line of blocks[0]?.text.trim().split("\n") ?? []) {
            await run(line.replace("examples/ox-jira", copy), own);
        }
    });
});

test("README names one version of Node, the one that the package needs", () => {
    const { engines } = JSON.parse(page("package.json")) as { engines: { node: string } };
    const named = [...readme.matchAll(/\bNode (\d+(?:\.\d+)*)/g)];
    expect(named.map(([, version]) => `>=${version}.0`)).toEqual([engines.node]);
});

test("README names every command of package.json, and no other", () => {
    const { scripts } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/\bnpm (?:run )?(start|test|[a-z]+)(?= |`|$)/gm)].map(([, name]) => name ?? "");
    // npm itself runs prepack.
    expect([...new Set(named)].filter((name) => name !== "install" && name !== "ci").sort()).toEqual(
        Object.keys(scripts)
            .filter((name) => name !== "prepack")
            .sort(),
    );
});
