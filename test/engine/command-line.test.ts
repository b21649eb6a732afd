import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { openFile, startChromium } from "../support/browser";
import { command, installedPackage, TmuxTerminal, type CommandResult } from "../support/command-line";
import { expectDocumented } from "../support/documented";
import { HubLab } from "../support/hub-lab";
import { LeakScanner } from "../support/leaks";
import { namesLookedFor } from "../support/empty-registry";
import { Project } from "../support/project";
import { succeeded } from "../support/programs";
import { Webhook } from "../support/webhook";

interface Shown {
    name: string;
    status: string;
    next: string;
    drift: string[];
    account: unknown;
    hubs: { name: string; type: string }[];
    [key: string]: unknown;
}
interface Report {
    connections: Shown[];
    problems: { stack: string; message: string }[];
}

const dayFromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const evilName = "<script>alert(1)</script>";

describe("pulumi-connections status, over a stack of the engine's", () => {
    let lab: HubLab;
    const written: string[] = [];
    const schema = JSON.parse(
        fs.readFileSync(path.join(installedPackage, "build/provider/hosts/cli/schemas/status.json"), "utf8"),
    ) as object;
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

    const passphrase = { PULUMI_CONFIG_PASSPHRASE: "test" };
    /** Runs the command in the project's folder, without the stack's passphrase but where it is given. */
    const run = async (
        args: readonly string[],
        env: Record<string, string> = {},
        cwd = lab.project.dir,
    ): Promise<CommandResult> => {
        const { PULUMI_CONFIG_PASSPHRASE: _, ...rest } = lab.project.env;
        const result = await command(args, { ...rest, ...env }, cwd);
        written.push(result.stdout, result.stderr);
        return result;
    };
    const report = async (
        args: readonly string[],
        env: Record<string, string> = {},
    ): Promise<Report & { code: number; stderr: string }> => {
        const { code, stdout, stderr } = await run(["status", "--json", ...args], env);
        if (stdout === "") {
            throw new Error(`the command ended with ${code}: ${stderr}`);
        }
        const value = JSON.parse(stdout) as Report;
        validate(value);
        expect(validate.errors ?? []).toEqual([]);
        return { ...value, code, stderr };
    };
    const named = ({ connections }: Report, name: string): Shown =>
        connections.find((one) => one.name === name) as Shown;

    beforeAll(async () => {
        lab = await HubLab.start({ name: "command-line" });
        const { jamf, jiraConnector, atlassianToken, jumpcloud } = lab.vendors.credentials;
        lab.project.env["OX_API_KEY"] = lab.hubs.ox.administration.addKey().value;
        for (const [key, value] of Object.entries({
            jamf: jamf.clientSecret,
            jira: jiraConnector.apiToken,
            token: atlassianToken.apiToken,
            email: atlassianToken.email,
            jumpcloud: jumpcloud.clientSecret,
        })) {
            await lab.project.setSecret(key, value);
        }
        lab.declare({
            mdm: {
                type: "jamf.ApiClient",
                args: {
                    url: jamf.url,
                    clientId: jamf.clientId,
                    clientSecret: { config: "jamf" },
                    expiresAt: dayFromNow(3),
                },
            },
            jira: {
                type: "atlassian.JiraConnector",
                args: { cloudId: jiraConnector.cloudId, apiToken: { config: "jira" }, expiresAt: dayFromNow(200) },
            },
            hidden: {
                type: "atlassian.ServiceAccountToken",
                args: { cloudId: atlassianToken.cloudId, email: { config: "email" }, apiToken: { config: "token" } },
            },
            never: {
                type: "jumpcloud.ServiceAccount",
                args: { clientId: jumpcloud.clientId, clientSecret: { config: "jumpcloud" }, verify: "never" },
            },
            "jira-in-ox": {
                type: "ox.Connector",
                args: { apiKey: { secretFrom: "env", name: "OX_API_KEY" }, connection: { made: "jira" } },
            },
        });
        succeeded(await lab.up());
        succeeded(await lab.run("stack", "init", "other"));
        succeeded(await lab.run("stack", "select", "test"));
    });

    afterAll(async () => {
        await lab?.dispose();
    });

    test("reads the state alone: no passphrase, no call, what the program made secret as [secret], and the hub beside what it holds", async () => {
        lab.vendors.requests.clear();
        const found = await report([]);
        expect(found).toMatchObject({ code: 2, problems: [] });
        expect(lab.vendors.requests.length).toBe(0);
        expect(found.connections.map(({ name, status }) => [name, status])).toEqual([
            ["never", "unverified"],
            ["mdm", "expiring"],
            ["jira", "verified"],
            ["hidden", "verified"],
        ]);
        expect(named(found, "mdm")).toMatchObject({
            stack: "test",
            type: "jamf.ApiClient",
            vendor: "Jamf Pro",
            account: { id: "1", name: "StackOne" },
            tenant: "https://acme.jamfcloud.com",
            daysToExpiry: 3,
            live: false,
            hubs: [],
            next: expect.stringMatching(/^The clientSecret expires on .* Make a new one in Jamf Pro/) as string,
        });
        expect(named(found, "hidden")).toMatchObject({ account: "[secret]", next: "" });
        expect(named(found, "never").next).toMatch(/^The vendor was not checked/);
        expect(named(found, "jira").hubs).toEqual([
            expect.objectContaining({ name: "jira-in-ox", type: "ox.Connector" }),
        ]);
    });

    test("is one line for each connection in a pipe, a table at 160 columns and a few lines for each at 60", async () => {
        const { stdout } = await run(["status"]);
        expectDocumented("docs/command-line.md", "status", stdout);
        const piped = stdout.split("\n");
        expect(piped[0]).toMatch(/^On record, and by today's calendar\./);
        expect(piped[2]).toMatch(/^STATUS +NAME +TYPE +AS +TENANT +EXPIRES +VERIFIED +HELD BY +NEXT STEP$/);
        expect(piped[5]).toMatch(
            /^✔ verified +jira +atlassian\.JiraConnector +.* in 200 days +.* ox\.Connector jira-in-ox/,
        );
        expect(piped.slice(6, 9)).toEqual([
            expect.stringMatching(/^✔ verified +hidden .*\[secret\]/),
            "",
            "4 connections: 1 unverified, 1 expiring, 2 verified",
        ]);
        const { PULUMI_CONFIG_PASSPHRASE: _, ...env } = lab.project.env;
        for (const columns of [60, 160]) {
            const terminal = new TmuxTerminal(columns);
            try {
                const lines = (await terminal.run(["status"], env, lab.project.dir)).split("\n");
                written.push(...lines);
                expect(lines).toContain("ended with 2");
                expect(lines).toContain("4 connections: 1 unverified, 1 expiring, 2 verified");
                expect(lines.some((line) => /^✔ verified {2}jira {2}atlassian\.JiraConnector$/.test(line))).toBe(
                    columns === 60,
                );
                expect(
                    lines.some((line) =>
                        /^✔ verified +jira +atlassian\.JiraConnector +.*acme\.atlassian\.net/.test(line),
                    ),
                ).toBe(columns === 160);
                expect(lines.some((line) => line.startsWith("  → The clientSecret expires on"))).toBe(true);
                expect(lines.some((line) => /^ +held by ox\.Connector jira-in-ox$/.test(line))).toBe(true);
            } finally {
                terminal.close();
            }
        }
    });

    test("--live without the passphrase shows the record, and says what is missing", async () => {
        lab.vendors.requests.clear();
        const found = await report(["--live"]);
        expect(found).toMatchObject({
            code: 2,
            problems: [
                {
                    stack: "test",
                    message: expect.stringMatching(
                        /there is no passphrase for the stack test, .*Set PULUMI_CONFIG_PASSPHRASE.*is on record/,
                    ) as string,
                },
            ],
        });
        expect(found.connections).toHaveLength(4);
        expect(found.connections.some(({ live }) => live)).toBe(false);
        expect((await report(["--live"], { PULUMI_CONFIG_PASSPHRASE: "wrong" })).problems[0]?.message).toMatch(
            /the passphrase is not that of the stack test/,
        );
        expect(lab.vendors.requests.length).toBe(0);
    });

    test("--live asks the vendors: a revoked secret, drift and a vendor that does not answer are found, and nothing is recorded", async () => {
        const before = await lab.project.exportState();
        const healthy = await report(["--live"], passphrase);
        expect(healthy.code).toBe(2);
        expect(named(healthy, "jira")).toMatchObject({ status: "verified", live: true, drift: [] });
        expect(named(healthy, "hidden")).toMatchObject({ account: "[secret]", live: true });
        expect(named(healthy, "never")).toMatchObject({ status: "unverified", live: false });
        expect(healthy.stderr).toMatch(/^warning: .* is set: credentials go to other hosts/m);

        lab.vendors.fixture.atlassian.connectorToken.revoke();
        lab.vendors.fixture.jamf.server.upgrade("11.31.0-t1786459500000");
        const hurt = await report(["--live"], passphrase);
        expect(hurt.code).toBe(1);
        expect(hurt.connections[0]).toMatchObject({
            name: "jira",
            status: "rejected",
            live: true,
            next: expect.stringMatching(/^apiToken: /) as string,
        });
        expect(named(hurt, "mdm")).toMatchObject({ status: "expiring", drift: ["version"] });
        const { stdout } = await run(["status", "--live"], passphrase);
        expect(stdout).toMatch(/^✖ rejected since \d{4}-\d\d-\d\d +jira .*ox\.Connector jira-in-ox +apiToken: /m);
        expect(stdout).toMatch(/^≠ drifted +mdm /m);

        await lab.vendors.down();
        const away = await report(["--live"], passphrase);
        await lab.vendors.up();
        lab.vendors.fixture.atlassian.connectorToken.restore();
        expect(away.code).toBe(2);
        expect(named(away, "jira")).toMatchObject({ status: "unreachable", drift: [] });
        expect(await lab.project.exportState()).toEqual(before);
    });

    test("shows the stacks that are named, or all of a backend, and says which there are not", async () => {
        expect(await report(["--stack", "other"])).toMatchObject({ code: 0, connections: [] });
        expect((await run(["status", "--stack", "other"])).stdout).toBe("The stack other has no connections.\n");
        expect((await report(["--stack", "other", "--stack", "test"])).connections).toHaveLength(4);
        expect(await report(["--all"])).toMatchObject({ code: 2, problems: [] });
        const elsewhere = path.dirname(lab.project.dir);
        const all = await run(["status", "--all", "--json"], {}, elsewhere);
        expect((JSON.parse(all.stdout) as Report).connections.map(({ stack }) => stack)).toEqual(
            Array(4).fill("organization/command-line/test"),
        );
        expect((await run(["status", "--cwd", lab.project.dir], {}, elsewhere)).code).toBe(2);
        expect(await run(["status", "--stack", "absent"])).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/there is no stack absent in this backend/) as string,
        });
        expect(await report(["--stack", "absent", "--stack", "test"])).toMatchObject({
            code: 2,
            problems: [{ stack: "absent" }],
        });
        expect(await run(["status"], {}, elsewhere)).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/no Pulumi project in this folder/) as string,
        });
    });

    test("--html writes a page, in which a vendor's name is a text", async () => {
        const file = path.join(lab.project.dir, "status.html");
        lab.vendors.fixture.jamf.client.rename(evilName);
        expect(await run(["status", "--live", "--html", "status.html"], passphrase)).toMatchObject({
            code: 1,
            stderr: expect.stringMatching(/wrote .*status\.html/) as string,
        });
        written.push(fs.readFileSync(file, "utf8"));
        const browser = await startChromium();
        try {
            const { page, complaints } = await openFile(browser, file);
            expect(complaints).toEqual([]);
            expect(
                await page.evaluate("[...document.querySelectorAll('tbody tr')].map(({ dataset }) => dataset.name)"),
            ).toEqual(["never", "mdm", "jira", "hidden"]);
            expect(await page.evaluate("document.querySelector('#c2').dataset.state")).toBe("drifted");
            expect((await page.evaluate("document.querySelector('#c2 .as').textContent.trim()")) as string).toMatch(
                /^<script>alert\(1\)<\/script>\s/,
            );
            expect(await page.evaluate("document.querySelector('#c3 .hubs').textContent.trim()")).toMatch(
                /^jira-in-ox\s+ox\.Connector$/,
            );
        } finally {
            await browser.close();
        }
        fs.writeFileSync(file, "another's");
        expect(await run(["status", "--html", "status.html"])).toMatchObject({
            code: 3,
            stdout: "",
            stderr: expect.stringMatching(/status\.html exists already, .* with --force\./) as string,
        });
        expect(fs.readFileSync(file, "utf8")).toBe("another's");
        expect((await run(["status", "--html", "status.html", "--force"])).code).toBe(2);
        expect(fs.readFileSync(file, "utf8")).toMatch(/^<!doctype html>/);
        expect(await run(["status", "--html", "not-there/status.html"])).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/cannot be written \(ENOENT\)/) as string,
        });
    });

    test("--csv writes a table, and --webhook posts what needs attention or has changed, and nothing where nothing has", async () => {
        const webhook = await Webhook.start();
        const env = { CHAT: webhook.url };
        const file = (name: string): string => path.join(lab.project.dir, name);
        try {
            const told = await run(["status", "--csv", "status.csv", "--webhook", "env:CHAT"], env);
            expect(told).toMatchObject({
                code: 2,
                stderr: expect.stringMatching(/wrote .*status\.csv\n[^]*one message was posted/) as string,
            });
            expect(fs.readFileSync(file("status.csv"), "utf8").split("\r\n")).toEqual([
                expect.stringMatching(/^stack,urn,name,type,/),
                ...["never", "mdm", "jira", "hidden", "jira-in-ox"].map(
                    (name) => expect.stringMatching(`^test,urn:pulumi:[^,]*,${name},`) as string,
                ),
                "",
            ]);
            expect(webhook.texts[0]?.split("\n").slice(1)).toEqual([
                expect.stringMatching(
                    /^• \*unverified\*.* on record never \(jumpcloud\.ServiceAccount, stack test\): /,
                ),
                expect.stringMatching(
                    /^• \*expiring\*.* on record mdm \(jamf\.ApiClient, stack test\): The clientSecret/,
                ),
            ]);
            fs.writeFileSync(file("earlier.json"), (await run(["status", "--json"])).stdout);
            const since = ["status", "--webhook", "env:CHAT", "--since", "earlier.json"];
            expect((await run(since, env)).stderr).toMatch(/nothing was posted, because nothing has changed/);
            expect(webhook.texts).toHaveLength(1);
            webhook.answer = { status: 404, text: "no_service" };
            expect(await run(["status", "--webhook", "env:CHAT"], env)).toMatchObject({
                code: 2,
                stdout: expect.stringContaining("4 connections") as string,
                stderr: expect.stringMatching(/refused \(HTTP 404 no_service\)/) as string,
            });
            expect(written.join("\n")).not.toContain(webhook.path);
        } finally {
            await webhook.close();
        }
    });

    test("hub-fields prints what a person types into the hub's form, and needs the passphrase", async () => {
        const { urn } = named(await report([]), "jira");
        const { PULUMI_CONFIG_PASSPHRASE: _, ...env } = lab.project.env;
        // What it prints is the secret itself, so it is kept out of what is looked through.
        const printed = await command(
            ["hub-fields", String(urn), "--json"],
            { ...env, ...passphrase },
            lab.project.dir,
        );
        const { cloudId, apiToken } = lab.vendors.credentials.jiraConnector;
        expect({ ...printed, stdout: JSON.parse(printed.stdout) as unknown }).toMatchObject({
            code: 0,
            stdout: { "Jira Host URL": `https://api.atlassian.com/ex/jira/${cloudId}`, "API Token": apiToken },
        });
        expect(printed.stderr).toContain("These are secrets. They are printed once, and stored nowhere.");
        const plain = await command(["hub-fields", String(urn)], { ...env, ...passphrase }, lab.project.dir);
        expect(plain.stdout).toMatch(/^API Token: +\S+$/m);
        expect(await run(["hub-fields", String(urn)])).toMatchObject({
            code: 2,
            stdout: "",
            stderr: expect.stringMatching(/there is no passphrase for the stack test/) as string,
        });
        expect(await run(["hub-fields", `${String(urn)}-absent`], passphrase)).toMatchObject({ code: 3, stdout: "" });
        const byName = await command(["hub-fields", "jira", "--json"], { ...env, ...passphrase }, lab.project.dir);
        expect(byName.stdout === printed.stdout).toBe(true);
        expect(await run(["hub-fields", "jirra"], passphrase)).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/no connection of this name or URN\. Did you mean jira\?/) as string,
        });
    });

    test("what a stack names is not run and not read for anybody: commands, and references of another project", async () => {
        const { jamf } = lab.vendors.credentials;
        const ran = path.join(lab.project.dir, "ran");
        const code = `require("node:fs").writeFileSync(${JSON.stringify(ran)}, ""); process.stdout.write(process.env.VAULT)`;
        const referred = (clientSecret: object): object => ({ url: jamf.url, clientId: jamf.clientId, clientSecret });
        const command = [process.execPath, "-e", code];
        Object.assign(lab.project.env, { VAULT: jamf.clientSecret, JAMF: jamf.clientSecret });
        lab.declare({
            commanded: { type: "jamf.ApiClient", args: referred({ secretFrom: "command", command }) },
            named: { type: "jamf.ApiClient", args: referred({ secretFrom: "env", name: "JAMF" }) },
        });
        succeeded(await lab.run("stack", "init", "third"));
        try {
            succeeded(await lab.up());
            fs.rmSync(ran);
            const live = ["--live", "--stack", "third"];
            const refused = await report(live, passphrase);
            expect(refused.code).toBe(2);
            expect(named(refused, "named")).toMatchObject({ status: "verified", live: true });
            expect(named(refused, "commanded")).toMatchObject({
                status: "unreachable",
                next: expect.stringMatching(/is not run, .* allow it with --allow-commands/) as string,
            });
            const { urn } = named(refused, "commanded");
            expect(await run(["hub-fields", String(urn)], passphrase)).toMatchObject({ code: 2, stdout: "" });
            expect(fs.existsSync(ran)).toBe(false);
            const allowed = await report([...live, "--allow-commands"], passphrase);
            expect(allowed).toMatchObject({ code: 0, connections: [{ live: true }, { live: true }] });
            expect(fs.existsSync(ran)).toBe(true);

            const elsewhere = path.join(path.dirname(lab.project.dir), "elsewhere");
            fs.mkdirSync(elsewhere);
            fs.writeFileSync(path.join(elsewhere, "Pulumi.yaml"), "name: elsewhere\nruntime: nodejs\n");
            lab.vendors.requests.clear();
            const stack = "organization/command-line/third";
            const other = await run(
                ["status", "--live", "--allow-commands", "--json", "--stack", stack],
                passphrase,
                elsewhere,
            );
            const { connections } = JSON.parse(other.stdout) as Report;
            expect({ code: other.code, states: connections.map(({ status }) => status) }).toEqual({
                code: 2,
                states: ["unreachable", "unreachable"],
            });
            expect(connections[1]?.next).toMatch(
                /^it was not checked: clientSecret is a reference that the runs of the project command-line read\./,
            );
            expect(lab.vendors.requests.length).toBe(0);
            expect(
                await run(["hub-fields", String(urn), "--stack", stack, "--allow-commands"], passphrase, elsewhere),
            ).toMatchObject({
                code: 3,
                stderr: expect.stringMatching(/the runs of the project command-line read/) as string,
            });
        } finally {
            succeeded(await lab.run("stack", "select", "test"));
        }
    });

    test("a record that somebody has edited by hand keeps no other from being shown", async () => {
        const [file = ""] = lab.project.files().filter((name) => /\.pulumi\/stacks\/.*\/test\.json$/.test(name));
        const kept = fs.readFileSync(file, "utf8");
        const edited = async (outputs: object, then: () => Promise<void>): Promise<void> => {
            const state = JSON.parse(kept) as {
                checkpoint: { latest: { resources: { urn: string; outputs?: object }[] } };
            };
            for (const resource of state.checkpoint.latest.resources.filter(({ urn }) => urn.endsWith("::jira"))) {
                Object.assign(resource.outputs ?? {}, outputs);
            }
            fs.writeFileSync(file, JSON.stringify(state));
            await then();
        };
        const escape = String.fromCharCode(27);
        try {
            const odd = { status: { odd: 1 }, checks: "x", warnings: { a: 1 }, expiresAt: 5, verifiedAt: 12 };
            await edited(odd, async () => {
                expect(named(await report([]), "jira")).toMatchObject({
                    status: "unverified",
                    expiresAt: null,
                    checks: {},
                });
            });
            const hostile = { account: { id: "1", name: `${escape}[2Jevil` }, checks: {} };
            await edited(hostile, async () => {
                const { code, stdout } = await run(["status", "--html", "odd.html"]);
                expect({ code, stdout }).toMatchObject({
                    code: 2,
                    stdout: expect.stringContaining("[2Jevil") as string,
                });
                expect(`${stdout}${fs.readFileSync(path.join(lab.project.dir, "odd.html"), "utf8")}`).not.toContain(
                    escape,
                );
            });
            const broken: [unknown, string][] = [[null, "its __record is not an object"]];
            for (const [record, reason] of broken) {
                await edited({ __record: record }, async () => {
                    for (const args of [[], ["--live"], ["--all"]]) {
                        const found = await report(args, passphrase);
                        expect(found.connections.filter(({ stack }) => stack === "test")).toHaveLength(4);
                        expect(named(found, "jira").next).toContain(
                            `the recorded state of this atlassian.JiraConnector cannot be used (${reason}). Restore the stack's state`,
                        );
                    }
                    const { urn } = named(await report([]), "jira");
                    expect(await run(["hub-fields", String(urn)], passphrase)).toMatchObject({
                        code: 2,
                        stdout: "",
                        stderr: expect.stringContaining(`cannot be used (${reason})`) as string,
                    });
                });
            }
            fs.writeFileSync(file, kept.slice(0, 300));
            expect(await run(["status", "--stack", "test"])).toMatchObject({
                code: 2,
                stdout: "",
                stderr: expect.stringMatching(
                    /error: the stack test cannot be read: .*\. See what pulumi stack export/,
                ) as string,
            });
        } finally {
            fs.writeFileSync(file, kept);
        }
    });

    test("says why a backend, or a folder, cannot be used, and shows no password of its address", async () => {
        const empty = fs.mkdtempSync(path.join(path.dirname(lab.project.dir), "empty-"));
        expect(await run(["status", "--all"], { PULUMI_BACKEND_URL: `file://${empty}?metadata=skip` })).toMatchObject({
            code: 0,
            stdout: "The backend has no stacks.\n",
        });
        const backend = "postgres://user:planted-backend-password@127.0.0.1:1/pulumi?sslmode=disable";
        const away = await run(["status", "--all"], { PULUMI_BACKEND_URL: backend });
        expect(away).toMatchObject({
            code: 2,
            stdout: "",
            stderr: expect.stringMatching(
                /the backend's stacks cannot be listed: .*connection refused\. See what/,
            ) as string,
        });
        expect(away.stderr).not.toContain("planted-backend-password");
        expect(await run(["status", "--cwd", "/not/there"])).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/^error: --cwd: there is no folder \/not\/there\./m) as string,
        });
    });

    test("no secret is in what was written, nor on the disk", async () => {
        const { jamf, jiraConnector, atlassianToken, jumpcloud } = lab.vendors.credentials;
        const secrets = [
            jamf.clientSecret,
            jiraConnector.apiToken,
            atlassianToken.apiToken,
            jumpcloud.clientSecret,
            ...lab.vendors.secrets,
        ];
        const scanner = new LeakScanner(secrets);
        expect(written.join("").length).toBeGreaterThan(10_000);
        expect(written.flatMap((text, at) => scanner.inText(`text ${at}`, text))).toEqual([]);
        // Its end is that of every service account's address.
        expect(written.filter((text) => text.includes(atlassianToken.email))).toEqual([]);
        expect(scanner.inFiles(lab.project.files())).toEqual([]);
    });
});

describe("pulumi-connections init", () => {
    test("asks on a terminal, writes a program that the engine previews, and is told no secret", async () => {
        const lab = await HubLab.start({ name: "init" });
        const terminal = new TmuxTerminal(120, 200);
        const { url, clientId, clientSecret } = lab.vendors.credentials.jamf;
        const answer = async (question: RegExp, ...keys: string[]): Promise<void> => {
            await terminal.until(question);
            terminal.press(...keys);
        };
        try {
            terminal.start(["init"], {}, lab.project.dir);
            await answer(/What do you want to connect\?/, "Down", "Enter");
            await answer(/A name for the connection/, "Enter");
            await answer(/◆ +url/, "not a url", "Enter");
            await answer(/It is not a URL/, ...Array<string>(9).fill("BSpace"), url, "Enter");
            await answer(/◆ +clientId/, clientId, "Enter");
            await answer(/From where does the program get clientSecret\?/, "Enter");
            await answer(/When does the clientSecret expire/, "2027-06-30", "Enter");
            await answer(/Another connection\?/, "Enter");
            await answer(/Folder for the project/, "Enter");
            await answer(/Name of the stack/, "Enter");
            const screen = await terminal.until(/^ended with 0$/m);
            expect(screen).toMatch(/pulumi config set --secret jamfClientSecret/);
            const folder = path.join(lab.project.dir, "connections");
            expect(fs.readFileSync(path.join(folder, "index.ts"), "utf8")).toContain(
                'clientSecret: config.requireSecret("jamfClientSecret")',
            );
            // The file that this package was installed from: npm looks for nothing by our name.
            const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as {
                dependencies: Record<string, string>;
            };
            const [, file = ""] = /^file:(.*\.tgz)$/.exec(manifest.dependencies["pulumi-connections"] ?? "") ?? [];
            expect([file, fs.existsSync(path.resolve(folder, file))]).toEqual([expect.stringMatching(/^\.\.\//), true]);
            const names = await namesLookedFor(folder);
            expect([names.includes("@pulumi/pulumi"), names.includes("pulumi-connections")]).toEqual([true, false]);
            const commands = fs.readFileSync(path.join(folder, "configure.sh"), "utf8");
            expect(commands).toContain(`pulumi config set jamfUrl ${url}\n`);
            expect(commands).toContain("pulumi config set --secret jamfClientSecret\n");
            const project = await Project.create({
                name: "connections",
                program: folder,
                config: { jamfUrl: url, jamfClientId: clientId, jamfExpiresAt: "2027-06-30" },
                secrets: { jamfClientSecret: clientSecret },
                env: { CONNECTIONS_ENDPOINTS: JSON.stringify(lab.vendors.endpoints) },
            });
            try {
                expect(succeeded(await project.preview())).toMatch(
                    /jamf:ApiClient jamf create[^]*jamfStatus: "verified"/,
                );
            } finally {
                await project.dispose();
            }
            const again = new TmuxTerminal(120);
            try {
                again.start(["init", "connections"], {}, lab.project.dir);
                await again.until(/What do you want to connect\?/);
                again.press("C-c");
                expect(await again.until(/^ended with 3$/m)).toMatch(/nothing was written/);
            } finally {
                again.close();
            }
        } finally {
            terminal.close();
            await lab.dispose();
        }
    });

    test("writes a program from the options of a script, without questions", async () => {
        const lab = await HubLab.start({ name: "init-script" });
        const { url, clientId, clientSecret } = lab.vendors.credentials.jamf;
        const given = ["--type", "jamf.ApiClient", "--arg", `url=${url}`, "--arg", `clientId=${clientId}`, "--yes"];
        try {
            const { code, stdout } = await command(["init", "made", ...given], {}, lab.project.dir);
            expect({ code, stdout }).toMatchObject({
                code: 0,
                stdout: expect.stringMatching(/pulumi config set --secret jamfClientSecret/) as string,
            });
            const project = await Project.create({
                name: "made",
                program: path.join(lab.project.dir, "made"),
                config: { jamfUrl: url, jamfClientId: clientId },
                secrets: { jamfClientSecret: clientSecret },
                env: { CONNECTIONS_ENDPOINTS: JSON.stringify(lab.vendors.endpoints) },
            });
            try {
                expect(succeeded(await project.preview())).toMatch(/jamfStatus: "verified"/);
            } finally {
                await project.dispose();
            }
            const refused = async (...args: string[]): Promise<string> => {
                const { code: ended, stderr } = await command(["init", ...args], {}, lab.project.dir);
                expect(ended).toBe(3);
                return stderr;
            };
            expect(await refused("made", ...given)).toMatch(/exists already, and is left as it is/);
            expect(await refused("new", "--yes")).toMatch(/together with --type/);
            expect(await refused("new", "--type", "jamf.ApiClient", "--yes")).toMatch(/clientId: /);
            expect(await refused("new", ...given, "--arg", "clientSecret=planted-as-it-is")).toMatch(
                /a secret is not taken as it is/,
            );
            expect(await refused("new", ...given, "--arg", "proxyUrl=env:PROXY")).toMatch(/init writes no proxyUrl/);
            expect(fs.existsSync(path.join(lab.project.dir, "new"))).toBe(false);
            const referred = [...given, "--arg", "clientSecret=env:JAMF_SECRET"];
            expect(await command(["init", "other", ...referred], {}, lab.project.dir)).toMatchObject({ code: 0 });
            expect(fs.readFileSync(path.join(lab.project.dir, "other/index.ts"), "utf8")).toContain(
                'clientSecret: secretFrom.env("JAMF_SECRET")',
            );
        } finally {
            await lab.dispose();
        }
    });

    test("asks for the region", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-init-"));
        const terminal = new TmuxTerminal(120);
        try {
            terminal.start(["init", "made", "--type", "jumpcloud.ServiceAccount", "--arg", "clientId=x"], {}, folder);
            await terminal.until(/A name for the connection/);
            terminal.press("Enter");
            expect(await terminal.until(/region/)).toMatch(/us[^]*eu[^]*in/);
            terminal.press("Down", "Enter");
            await terminal.until(/From where does the program get clientSecret\?/);
            terminal.press("Enter");
            await terminal.until(/When does the clientSecret expire/);
            terminal.press("Enter");
            await terminal.until(/Another connection\?/);
            terminal.press("Enter");
            await terminal.until(/Name of the stack/);
            terminal.press("Enter");
            await terminal.until(/^ended with 0$/m);
            expect(fs.readFileSync(path.join(folder, "made/configure.sh"), "utf8")).toContain("Region eu\n");
        } finally {
            terminal.close();
            fs.rmSync(folder, { recursive: true, force: true });
        }
    });

    test("says that it needs a terminal", async () => {
        expect(await command(["init"])).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/init prompts for answers, and needs a terminal/) as string,
        });
    });
});
