import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { commonArgs } from "../../provider/define";
import { isPublished } from "../../provider/hosts/cli/package-source";
import { compiledClone, removeClones, type as typeLine, userEnvironment } from "../support/clones";
import { shared } from "../support/environment";
import { blocksOf, commandsOf, docs, isProgram, missingLine, page } from "../support/pages";
import { Project } from "../support/project";
import { exampleFolder, exampleNames } from "../support/examples";
import { connectionTypes, verifierOf } from "../support/types";
import { Servers } from "../support/servers";
import type { Vendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");
const readme = page("README.md");
const examples = page("docs/examples.md");

let servers: Servers;
let vendors: Vendors;

beforeAll(async () => {
    servers = await Servers.start();
    vendors = servers.vendors;
});

afterAll(() => servers.close());

/** Holds each line that README shows of a run against the run: resources and their messages come in no particular order. */
const expectShown = (shown = "", output: string): void => {
    const missing = shown.split("\n").filter((line) => missingLine(line, output) !== undefined);
    expect({ missing, output: missing.length > 0 ? output : "" }).toEqual({ missing: [], output: "" });
};

/** The rows of a page that begin with a text. */
const rows = (text: string, first: string): string[] =>
    text.split("\n").filter((line) => line.startsWith(`| \`${first}\` |`));

describe("README's program", () => {
    let project: Project;
    const blocks = blocksOf(readme);
    const [first, dead] = blocks
        .filter(({ language }) => language === "console")
        .flatMap(({ text }) => commandsOf(text));

    beforeAll(async () => {
        const { jamf } = vendors.credentials;
        project = await Project.create({
            name: "readme",
            program: blocks.find(isProgram)?.text ?? "",
            language: "typescript",
            config: { jamfClientId: jamf.clientId },
            secrets: { jamfClientSecret: jamf.clientSecret },
            // The whole SDK, as users have it.
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), NODE_OPTIONS: "" },
        });
    });

    afterAll(() => project?.dispose());

    test("prints what README shows: in the first preview, and when the secret is dead", async () => {
        const { client } = vendors.fixture.jamf;
        const preview = await project.preview();
        expect(preview.code).toBe(0);
        expectShown(first?.shown, preview.output);
        expect(first?.shown).toContain("jamfApi");

        project.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
        await project.setSecret("jamfClientSecret", "mistyped-mistyped");
        const mistyped = await project.preview();
        expect(mistyped.code).not.toBe(0);
        expect(mistyped.output).toContain("clientSecret: Jamf refused the client id or secret");

        await project.setSecret("jamfClientSecret", vendors.credentials.jamf.clientSecret);
        expect((await project.up()).code).toBe(0);
        client.revokeClientSecret();
        try {
            const second = await project.preview();
            expectShown(dead?.shown, second.output);
            expect(dead?.shown).toContain("1 rejected (mdm)");
            expect((await project.up()).code).not.toBe(0);
            expect((await project.resource("mdm")).outputs?.["status"]).toBe("verified");
            expect((await project.preview("--expect-no-changes")).code).not.toBe(0);
            expect((await project.refresh("--preview-only", "--expect-no-changes")).code).not.toBe(0);
        } finally {
            client.restoreClientSecret();
        }
    });
});

describe.each(connectionTypes.map((type) => [type.label, type] as const))("%s", (name, type) => {
    test("has a page that says how to get its credential", () => {
        const naming = docs.filter((file) => page(file).includes(`new ${name}(`) || page(file).includes(`\`${name}\``));
        expect(naming).not.toEqual([]);
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
        const fitting = credentials.filter((given) => type.arguments.validate(given).args !== undefined);
        const verified = await Promise.all(fitting.map((given) => verify(name, given)));
        expect(verified.flatMap(({ tenants }) => tenants.map(({ status }) => status))).toContain("verified");
    });
});

test("README has at most 150 lines", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
});

test("README leads to the page of each class that it names, and to the list of all", () => {
    const named = [...readme.matchAll(/^\|.*\| (.*`[a-z0-9]+\.[A-Z]\w+`.*) \|$/gm)].map(([, cell = ""]) => cell);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((cell) => !/^\[`[\w.]+`\]\(docs\/resources\/[a-z0-9-]+\.md\)/.test(cell))).toEqual([]);
    expect(readme).toContain("](docs/resources/README.md)");
});

test("README names the arguments of all classes", () => {
    Object.keys(commonArgs).forEach((argument) => expect(readme).toContain(`\`${argument}\``));
});

describe.each(exampleNames)("examples/%s", (example) => {
    test("has a row in docs/examples.md that names all of its configuration", () => {
        expect(rows(examples, example)).toHaveLength(1);
        const source = fs.readFileSync(path.join(exampleFolder(example), "index.ts"), "utf8");
        const used = [...source.matchAll(/config\.(require|get)(Secret)?(?:<[^>]*>)?\("(\w+)"\)/g)];
        const expected = used.map(([, how, secret, key]) =>
            secret ? `**${key}**` : `${key}${how === "get" ? "?" : ""}`,
        );
        const cells =
            (rows(examples, example)[0] ?? "")
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

test("The plain unit test of docs/testing.md prints what it says, without a vendor", () => {
    const [, code = ""] = /^```js\n([^]*?)^```/m.exec(page("docs/testing.md")) ?? [];
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

describe("The commands of docs/examples.md", () => {
    afterAll(removeClones);

    test("work in their order, and what is copied has stacks of its own", async () => {
        const [, section = ""] = examples.split("\n## Run one, and copy it\n");
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

test("CONTRIBUTING has every command of package.json, README the two that it begins with, and neither any other", () => {
    const { scripts } = JSON.parse(page("package.json")) as { scripts: Record<string, string> };
    const commandsIn = (text: string): string[] =>
        [...text.matchAll(/\bnpm (?:run )?([a-z]+)(?= |`|$)/gm)].map(([, name]) => name ?? "");
    const [, block = ""] = /^## Two commands\n[^]*?```sh\n([^]*?)^```/m.exec(readme) ?? [];
    expect(commandsIn(block)).toEqual(["start", "test"]);
    const npms = ["install", "ci", "version", "publish"];
    const named = [...commandsIn(readme), ...commandsIn(page("CONTRIBUTING.md"))];
    // npm itself runs prepack.
    expect([...new Set(named)].filter((name) => !npms.includes(name)).sort()).toEqual(
        Object.keys(scripts)
            .filter((name) => name !== "prepack")
            .sort(),
    );
});
