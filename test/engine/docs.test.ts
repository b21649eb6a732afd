import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { anchorsOf, blocksOf, docs, follow, isProgram, page, root } from "../support/pages";
import { Project } from "../support/project";
import { succeeded } from "../support/programs";
import { startVendors, type Vendors } from "../simulators/vendors";

const otherTests = fs
    .readdirSync(path.join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && !/engine.docs\.test|messages\.test|release\.test/.test(file))
    .map((file) => fs.readFileSync(path.join(root, "test", file), "utf8"));
/** Whether a test of its own runs the code of a page: it names the page. */
const isElsewhere = (name: string): boolean => otherTests.some((text) => text.includes(`"${name}"`));

let vendors: Vendors;
let project: Project;
let organizationKey: string;

beforeAll(async () => {
    vendors = await startVendors();
    const { organization } = vendors.fixture.atlassian.user;
    organizationKey = organization.createApiKey("read:tokens:admin").key;
    vendors.fixture.atlassian.userToken.expiresAt = Date.now() + 90 * 24 * 60 * 60 * 1000;
    const { jamf, jumpcloud, atlassianOAuth, atlassianToken, jiraConnector, jiraUserToken, jiraDataCenter, entra } =
        vendors.credentials;
    const { oktaServiceApp, oktaApiToken, crowdstrike, datadogToken, datadogKeys, snyk, gitlab, github, githubApp } =
        vendors.credentials;
    const { cloudflare, slack, kandjiEu } = vendors.credentials;
    project = await Project.create({
        name: "upgrades",
        language: "typescript",
        program: "",
        config: {
            jamfClientId: jamf.clientId,
            jumpcloudClientId: jumpcloud.clientId,
            atlassianClientId: atlassianOAuth.clientId,
            atlassianEmail: atlassianToken.email,
            atlassianOrganizationId: organization.id,
            jiraUsername: jiraUserToken.username,
            githubAppId: githubApp.appId,
            githubInstallationId: githubApp.installationId,
            entraTenant: entra.tenant,
            entraClientId: entra.clientId,
            oktaClientId: oktaServiceApp.clientId,
            falconClientId: crowdstrike.clientId,
            cloudflareAccountId: cloudflare.accountId,
        },
        secrets: {
            jamfClientSecret: jamf.clientSecret,
            jumpcloudClientSecret: jumpcloud.clientSecret,
            atlassianClientSecret: atlassianOAuth.clientSecret,
            atlassianApiToken: atlassianToken.apiToken,
            atlassianOrganizationKey: organizationKey,
            jiraApiToken: jiraConnector.apiToken,
            jiraUserToken: jiraUserToken.apiToken,
            jiraServerToken: jiraDataCenter.apiToken,
            entraClientSecret: entra.clientSecret,
            oktaPrivateKey: oktaServiceApp.privateKey,
            oktaApiToken: oktaApiToken.apiToken,
            falconClientSecret: crowdstrike.clientSecret,
            datadogToken: datadogToken.token,
            datadogApiKey: datadogKeys.apiKey,
            datadogApplicationKey: datadogKeys.applicationKey,
            snykToken: snyk.token,
            cloudflareToken: cloudflare.token,
            slackToken: slack.token,
            kandjiToken: kandjiEu.token,
            gitlabToken: gitlab.token,
            githubToken: github.token,
            githubPrivateKey: githubApp.privateKey,
        },
        env: {
            CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
            // The compiler itself is asked about the types.
            PULUMI_NODEJS_TRANSPILE_ONLY: "true",
            JAMF_CLIENT_ID: jamf.clientId,
            JAMF_CLIENT_SECRET: jamf.clientSecret,
        },
    });
    project.write("jira-token.txt", `${jiraConnector.apiToken}\n`);
    project.write("ci/report.mjs", fs.readFileSync(path.join(root, "examples/ci/report.mjs"), "utf8"));
});

afterAll(async () => {
    await project?.dispose();
    await vendors.close();
});

test("The programs of all pages compile, and run side by side: each connection is verified, but for the mode never", async () => {
    const pages = docs.filter((name) => !isElsewhere(name) && name !== "docs/upgrades.md");
    const programs = pages.flatMap((name) =>
        blocksOf(page(name))
            .filter(isProgram)
            .map((block, at) => ({ block, file: `${path.basename(name, ".md")}-${at}` })),
    );
    expect(programs.length).toBeGreaterThan(6);
    programs.forEach(({ block, file }) => project.write(`blocks/${file}.ts`, block.text));
    project.write("index.ts", programs.map(({ file }) => `import "./blocks/${file}.js";\n`).join(""));
    const compiler = path.join(root, "node_modules/typescript/bin/tsc");
    const options = [
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--moduleResolution",
        "nodenext",
        "--types",
        "node",
        "--pretty",
        "false",
        "--skipLibCheck",
    ];
    const compiled = spawnSync(
        process.execPath,
        [compiler, ...options, ...programs.map(({ file }) => `blocks/${file}.ts`)],
        { cwd: project.dir, encoding: "utf8" },
    );
    expect(compiled.stdout).toBe("");

    project.write("index.ts", programs.map(({ file }) => `import "./blocks/${file}";\n`).join(""));
    succeeded(await project.up());
    const names = programs.flatMap(({ block }) =>
        [...block.text.matchAll(/new \w+\.\w+\(\s*"([^"]+)"/g)].map(([, name]) => name),
    );
    const { deployment } = await project.exportState();
    const made = (deployment.resources ?? []).filter(({ type: token }) => token.includes("/connections/"));
    expect(made.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual(names.sort());
    // The page on verification shows each mode.
    expect(made.map(({ outputs }) => outputs?.["status"])).toEqual(
        made.map(({ outputs }) => (outputs?.["verify"] === "never" ? "unverified" : "verified")),
    );
    const told = made.find(({ urn }) => urn.endsWith("::atlassian-page-ending"))?.outputs;
    expect(told).toMatchObject({
        secretExpiresAt: new Date(vendors.fixture.atlassian.userToken.expiresAt).toISOString(),
        secretExpirySource: "vendor",
    });
    expect(JSON.stringify(deployment)).not.toContain(organizationKey);
    succeeded(await project.destroy());
});

test("What the pages on upgrades and on CI show is what the engine prints", async () => {
    const upgrades = blocksOf(page("docs/upgrades.md"));
    await follow(project, upgrades.slice(0, 2));
    await follow(
        project,
        blocksOf(page("docs/ci.md")).filter(({ language }) => language === "console"),
    );
    await follow(project, upgrades.slice(2));
    expect(upgrades.filter(({ language }) => language === "console").length).toBeGreaterThan(3);
});

/** Pages of which a test of their own goes through every block, and the languages of the blocks that it runs. */
const followed: Readonly<Record<string, readonly string[]>> = {
    "README.md": ["console", "ts"],
    "docs/adding-a-vendor.md": ["sh", "json", "yaml", "ts"],
    "docs/command-line.md": ["console", "sh", "yaml"],
    "docs/languages.md": ["yaml"],
    "docs/nango.md": ["console", "ts"],
    "docs/ox.md": ["console", "ts"],
    "docs/stackone.md": ["console", "ts"],
    "docs/testing.md": ["js", "text"],
    "docs/upgrades.md": ["console"],
    "docs/ci.md": ["console"],
    // Written by `npm run schema` from the example of the schema, which core/schema compares.
    "docs/_index.md": ["typescript", "python", "go", "yaml"],
};

test("Every block of code on a page is run by a test, or checked as far as it can be", () => {
    const missing = Object.keys(followed).filter(
        (name) => !["docs/upgrades.md", "docs/ci.md", "docs/_index.md"].includes(name),
    );
    expect(missing.filter((name) => !isElsewhere(name))).toEqual([]);
    for (const name of ["README.md", ...docs]) {
        for (const block of blocksOf(page(name))) {
            const isRun = isProgram(block) || followed[name]?.includes(block.language) === true;
            const isChecked = ["sh", "bash", "json"].includes(block.language);
            expect({ name, block: isRun || isChecked ? "" : block.text }).toEqual({ name, block: "" });
            if (isRun) {
                continue;
            }
            if (block.language === "json") {
                JSON.parse(block.text);
            } else if (isChecked) {
                // An angle stands for what a reader fills in.
                expect(
                    spawnSync("bash", ["-n"], { input: block.text.replaceAll(/<[\w ]+>/g, "PLACE"), encoding: "utf8" }),
                ).toMatchObject({
                    status: 0,
                    stderr: "",
                });
            }
        }
    }
});

test("Every link leads to a file, and to a place in it", () => {
    const files = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "llms.txt", ...docs].filter((name) =>
        fs.existsSync(path.join(root, name)),
    );
    const broken = files.flatMap((name) =>
        [
            ...page(name)
                .replace(/^```[\s\S]*?^```/gm, "")
                .matchAll(/\]\(([^)\s]+)\)/g),
        ].flatMap(([, link = ""]) => {
            const [target = "", anchor] = link.split("#");
            if (/^[a-z]+:/.test(link)) {
                return [];
            }
            const file = target === "" ? name : path.join(path.dirname(name), target);
            const isThere =
                fs.existsSync(path.join(root, file)) && (anchor === undefined || anchorsOf(page(file)).has(anchor));
            return isThere ? [] : [`${name}: ${link}`];
        }),
    );
    expect(broken).toEqual([]);
});

test("README and llms.txt lead to every page, and say what was never tried", () => {
    for (const name of ["README.md", "llms.txt"]) {
        const text = page(name);
        expect(docs.filter((file) => !isElsewhere(file) && !text.includes(`](${file})`))).toEqual([]);
        ["macOS", "Windows", "live vendor"].forEach((words) => expect(text).toContain(words));
    }
});
