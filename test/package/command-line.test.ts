import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { definitions } from "../../provider/vendors";
import { packageSource } from "../../provider/hosts/cli/package-source";
import { command, commandFile, installedPackage, TmuxTerminal, type CommandResult } from "../support/command-line";
import { expectDocumented } from "../support/documented";
import { LeakScanner } from "../support/leaks";
import { blocksOf, page } from "../support/pages";
import { until } from "../support/until";
import { startVendors, type Vendors } from "../simulators/vendors";

let vendors: Vendors;
let folder: string;
/** Everything that any command has written. */
const written: string[] = [];

beforeAll(async () => {
    vendors = await startVendors();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-cli-"));
});

afterAll(async () => {
    await vendors.close();
    fs.rmSync(folder, { recursive: true, force: true });
});

/** Runs a command against the simulated vendors; `ID` in its arguments stands for the Jamf client's id. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
    const { clientId, clientSecret } = vendors.credentials.jamf;
    const all = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), JAMF_SECRET: clientSecret, ...env };
    const result = await command(
        args.map((arg) => arg.replace("ID", clientId)),
        all,
        folder,
    );
    written.push(result.stdout, result.stderr);
    return result;
}

const jamf = ["verify", "jamf.ApiClient", "--arg", "url=https://acme.jamfcloud.com", "--arg", "clientId=ID"];
const good = [...jamf, "--arg", "clientSecret=env:JAMF_SECRET"];
const dayFromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** All seeded connections as a file of connections, and the variables that hold their secrets. */
function connectionsFile(): { text: string; env: Record<string, string> } {
    const {
        jumpcloud,
        jamf,
        jamfSelfHosted,
        atlassianOAuth,
        atlassianToken,
        jiraConnector,
        jiraUserToken,
        jiraDataCenter,
    } = vendors.credentials;
    const declared: Record<string, [string, Record<string, unknown>]> = {
        directory: ["jumpcloud.ServiceAccount", { ...jumpcloud }],
        mdm: ["jamf.ApiClient", { ...jamf }],
        hosted: ["jamf.ApiClient", { ...jamfSelfHosted }],
        oauth: ["atlassian.ServiceAccountOAuth", { ...atlassianOAuth }],
        token: ["atlassian.ServiceAccountToken", { ...atlassianToken }],
        ox: ["atlassian.JiraConnector", { ...jiraConnector }],
        person: ["atlassian.JiraUserToken", { ...jiraUserToken }],
        server: ["atlassian.JiraUserToken", { ...jiraDataCenter }],
    };
    const env: Record<string, string> = {};
    const entries = Object.entries(declared).map(([name, [type, args]]) => {
        for (const secret of ["clientSecret", "standbyClientSecret", "apiToken"].filter((one) => one in args)) {
            const variable = `SECRET_${name}_${secret}`.toUpperCase();
            env[variable] = args[secret] as string;
            args[secret] = `env:${variable}`;
        }
        return { name, type, args };
    });
    return { text: entries.map((entry) => `- ${JSON.stringify(entry)}\n`).join(""), env };
}

const file = (name: string, text: string): string => {
    const target = path.join(folder, name);
    fs.writeFileSync(target, text);
    return target;
};

function schemaOf(name: string): (value: unknown) => void {
    const resolved = require.resolve(`pulumi-connections/schemas/${name}.json`, {
        paths: [path.dirname(path.dirname(installedPackage))],
    });
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
        JSON.parse(fs.readFileSync(resolved, "utf8")) as object,
    );
    return (value) => {
        validate(value);
        expect(validate.errors ?? []).toEqual([]);
    };
}

describe("npx pulumi-connections", () => {
    test("is what npm links, and helps whoever asks", async () => {
        expect(fs.realpathSync(commandFile)).toBe(path.join(installedPackage, "build/provider/hosts/cli/main.js"));
        const help = await run(["--help"]);
        expect(help).toMatchObject({ code: 0, stderr: "" });
        for (const name of ["verify", "status", "schema", "Exit codes:"]) {
            expect(help.stdout).toContain(name);
        }
        const { version } = JSON.parse(fs.readFileSync(path.join(installedPackage, "package.json"), "utf8")) as {
            version: string;
        };
        expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    });

    test.each(["", "verify", "status", "hub-fields", "init", "schema"])(
        "shows two examples of %j, the types where they are needed, and a page that is there",
        async (name) => {
            const { code, stdout } = await run([...(name === "" ? [] : [name]), "--help"]);
            expect(code).toBe(0);
            const [, examples = ""] = /^Examples:\n((?: {2}pulumi-connections .*\n)+)/m.exec(stdout) ?? [];
            expect(examples.trim().split("\n")).toHaveLength(2);
            const types = Object.keys(definitions).map((type) => type.replace(":", "."));
            const isListed = (type: string): boolean => stdout.split("\n").includes(`  ${type}`);
            expect(types.filter(isListed)).toEqual(name === "status" || name === "hub-fields" ? [] : types);
            const url = new URL(/^Page: (file:.*)$/m.exec(stdout)?.[1] ?? "");
            const headings: string[] = fs.readFileSync(fileURLToPath(url), "utf8").match(/^## .*$/gm) ?? [];
            expect(url.hash === "" || headings.includes(`## ${url.hash.slice(1)}`)).toBe(true);
        },
    );

    const mistyped = [...jamf, "--arg", "clientSecret=env:WRONG"];
    test.each<[number, string, string[], RegExp, Record<string, string>?]>([
        [0, "verified", good, /^✔ verified {2}jamf\.ApiClient$/m],
        [0, "expiring", [...good, "--arg", `expiresAt=${dayFromNow(3)}`], /^◷ expiring/m],
        [
            1,
            "rejected",
            mistyped,
            /^✖ rejected[^]*Jamf refused the client id or secret/m,
            { WRONG: "mistyped-mistyped" },
        ],
        [
            1,
            "insufficient",
            [...good, "--arg", "requiredPrivileges=Read Computers,Read Userr"],
            /lacks "Read Userr" \(Jamf Pro calls it "Read User"\)/,
        ],
        [1, "unsupported", [...good, "--arg", "minimumVersion=99.0.0"], /^▽ unsupported/m],
        [1, "expired", [...good, "--arg", "expiresAt=2020-01-31"], /^⊘ expired[^]*expired on 2020-01-31/m],
        [
            2,
            "a variable that is not set",
            [...jamf, "--arg", "clientSecret=env:NOT_SET_HERE"],
            /^↯ unreachable[^]*NOT_SET_HERE is not set/m,
        ],
        [
            2,
            "a file that is not there",
            [...jamf, "--arg", "clientSecret=file:not-there"],
            /not-there cannot be read \(ENOENT\)/,
        ],
        [3, "no type", ["verify"], /verify needs a type/],
        [3, "an unknown type", ["verify", "jamf.ApiCLient"], /Did you mean jamf\.ApiClient\?/],
        [3, "an unknown command", ["prove"], /unknown command/],
        [3, "no command", [], /Usage: pulumi-connections/],
        [3, "version", ["version"], /Did you mean pulumi-connections --version\?/],
        [3, "a mistyped command", ["verfy"], /Did you mean pulumi-connections verify\?/],
        [3, "another word for a command", ["list"], /Did you mean pulumi-connections status\?/],
        [
            3,
            "a type as a command",
            ["jamf.ApiClient", "--arg", "url=x"],
            /Did you mean pulumi-connections verify TYPE\?/,
        ],
        [
            3,
            "an argument without --arg",
            ["verify", "jamf.ApiClient", "url=https://acme.jamfcloud.com"],
            /has an --arg of its own\.\nExample: pulumi-connections verify .*\nSee pulumi-connections verify --help/,
        ],
        [
            3,
            "a stack without --stack",
            ["status", "dev"],
            /named with --stack\.\nExample: .*\nSee pulumi-connections status --help/,
        ],
        [3, "no connection", ["hub-fields"], /Example: pulumi-connections hub-fields mdm/],
        [3, "a vendor as a type", ["verify", "jamf"], /Did you mean jamf\.ApiClient\?/],
        [3, "a class as a type", ["verify", "jiraconector"], /Did you mean atlassian\.JiraConnector\?/],
        [3, "a word as a type", ["schema", "nothing-like-it"], /The types are .*jamf\.ApiClient/],
        [3, "another command's option", ["verify", "--live"], /\(--live is an option of status\.\)\nEach argument/],
        [
            3,
            "an argument as an option",
            ["verify", "jamf.ApiClient", "--url", "x"],
            /\(url is an argument of a connection: write --arg url=…\.\)/,
        ],
        [
            3,
            "a word as an option",
            ["status", "--qqqqqqqq"],
            /unknown option '--qqqqqqqq' \[cli-usage\]\nA stack is named/,
        ],
        [3, "an unknown option", ["status", "--liv"], /Did you mean --live\?[^]*See pulumi-connections status --help/],
        [3, "tls.constructor", [...good, "--arg", "tls.constructor=1"], /no such argument in tls/],
        [
            0,
            "the help of a command",
            ["verify", "--help"],
            /^Examples:\n {2}pulumi-connections verify jamf\.ApiClient --arg/m,
        ],
        [3, "an unknown argument", [...good, "--arg", "urll=x"], /Did you mean url\?/],
        [3, "an argument without a value", [...good, "--arg", "url"], /--arg must be name=value/],
        [3, "an argument twice", [...good, "--arg", "clientId=x"], /clientId is there twice/],
        [3, "an argument that is missing", ["verify", "jamf.ApiClient"], /clientId: /],
        [
            3,
            "an argument of another form",
            [...good, "--arg", "timeoutSeconds=soon"],
            /timeoutSeconds: must be a number of seconds from 1 to 600/,
        ],
        [3, "a type and a file", [...good, "--file", "x.yaml"], /and not both/],
        [
            3,
            "a file that cannot be read",
            ["verify", "--file", "not-there.yaml"],
            /not-there\.yaml cannot be read \(ENOENT\)/,
        ],
        [
            3,
            "endpoints that are none",
            good,
            /CONNECTIONS_ENDPOINTS is not a JSON object/,
            { CONNECTIONS_ENDPOINTS: "{" },
        ],
        [3, "--stack and --all", ["status", "--all", "--stack", "dev"], /and not both/],
        [3, "--since without --webhook", ["status", "--since", "x.json"], /--since belongs to --webhook/],
        [3, "a webhook that is not set", ["status", "--webhook", "env:NOT_SET_HERE"], /NOT_SET_HERE is not set/],
        [2, "no Pulumi CLI", ["status"], /the Pulumi CLI is not on PATH/, { PATH: path.dirname(process.execPath) }],
    ])("ends with %i: %s", async (code, _, args, shown, env = {}) => {
        const result = await run(args, env);
        expect({ ...result, code: result.code }).toMatchObject({ code });
        expect(`${result.stdout}${result.stderr}`).toMatch(shown);
        expect(result.stderr).not.toMatch(/^\s+at |Report it as a bug/m);
    });

    test("ends with 2 where the vendor cannot be reached, and with 1 where another one has refused", async () => {
        const fault = vendors.fixture.jamf.server.listener.fault({ kind: "reset" });
        try {
            expect(await run(good)).toMatchObject({
                code: 2,
                stdout: expect.stringMatching(/^↯ unreachable/) as string,
            });
            const { text, env } = connectionsFile();
            const name = file(
                "two.yaml",
                text
                    .split("\n")
                    .filter((line) => /"(mdm|ox)"/.test(line))
                    .join("\n"),
            );
            expect(await run(["verify", "--file", name], env)).toMatchObject({ code: 2 });
            expect(
                await run(["verify", "--file", name], { ...env, SECRET_OX_APITOKEN: "mistyped-mistyped" }),
            ).toMatchObject({ code: 1 });
        } finally {
            fault.remove();
        }
    });

    test("says on stderr what it does when that takes longer than a second", async () => {
        const fault = vendors.fixture.jamf.server.listener.fault({ kind: "latency", ms: 1_500 });
        try {
            const { code, stderr } = await run([...good, "--json"]);
            expect({ code, stderr }).toEqual({
                code: 0,
                stderr: expect.stringMatching(/^checking Jamf Pro, 1 s$/m) as string,
            });
        } finally {
            fault.remove();
        }
    });
});

describe("verify", () => {
    test("proves what a file of connections lists, each check with its sentence and its time, as JSON of its schema", async () => {
        const { text, env } = connectionsFile();
        const named = ["verify", "--file", file("connections.yaml", text), "--json"];
        const hosts = [vendors.credentials.jamfSelfHosted.url, vendors.credentials.jiraDataCenter.siteUrl].map(
            (url) => new URL(url).host,
        );
        vendors.requests.clear();
        const refused = await run(named, env);
        expect(refused).toMatchObject({ code: 2, stdout: "" });
        expect(refused.stderr).toContain(
            `hosted: url names ${hosts[0] ?? ""}\nserver: siteUrl names ${hosts[1] ?? ""}\n`,
        );
        expect(refused.stderr).toContain(`add: --allow-host ${hosts.join(" ")}\n`);
        expect(vendors.requests.length).toBe(0);
        const { code, stdout } = await run([...named, "--allow-host", ...hosts], env);
        expect(code).toBe(0);
        const { connections } = JSON.parse(stdout) as { connections: Record<string, unknown>[] };
        schemaOf("verify")({ connections });
        expect(connections.map(({ name, status }) => [name, status])).toEqual(
            ["directory", "mdm", "hosted", "oauth", "token", "ox", "person", "server"].map((name) => [
                name,
                "verified",
            ]),
        );
        expect(connections[1]).toMatchObject({
            type: "jamf.ApiClient",
            account: { id: "1", name: "StackOne" },
            checks: {
                credential: {
                    result: "passed",
                    message: "The credential is accepted.",
                    milliseconds: expect.any(Number) as number,
                },
            },
            facts: { apiUrl: "https://acme.jamfcloud.com/api" },
            problems: [],
        });
        const alone = await run([...good, "--json"]);
        schemaOf("verify")(JSON.parse(alone.stdout));
        expect(JSON.parse(alone.stdout)).toMatchObject({ type: "jamf.ApiClient", status: "verified", problems: [] });
    });

    test("prints what its page shows", async () => {
        expectDocumented(
            "docs/command-line.md",
            "verify jamf.ApiClient",
            (await run([...good, "--arg", "expiresAt=2099-06-30"])).stdout,
        );
        const last = "--arg clientId=6841a8be-5733-4eba-a565-0fd059a797eb --arg clientSecret=as-it-is";
        const shown = `verify jamf.ApiClient --arg url=https://acme.jamfcloud.com ${last}`;
        expectDocumented(
            "docs/command-line.md",
            shown,
            (await run([...jamf, "--arg", "clientSecret=as-it-is"])).stderr,
        );
    });

    test("takes the files and commands that its page shows", async () => {
        const { jamf, jiraConnector } = vendors.credentials;
        const blocks = blocksOf(page("docs/command-line.md"));
        const jira = file("jira-token", `${jiraConnector.apiToken}\n`);
        // Stands in for 1Password's client, which writes the secret to whoever may read it.
        fs.mkdirSync(path.join(folder, "bin"), { recursive: true });
        fs.writeFileSync(
            path.join(folder, "bin/op"),
            '#!/bin/sh\n[ "$*" = "read op://vault/jamf/secret" ] && echo "$JAMF_SECRET"\n',
            {
                mode: 0o755,
            },
        );
        const own = (text: string): string =>
            text
                .replaceAll("6841a8be-5733-4eba-a565-0fd059a797eb", jamf.clientId)
                .replaceAll("/run/secrets/jira", jira)
                .replaceAll("npx pulumi-connections", `'${commandFile}'`);
        const type = async (line: string): Promise<{ status: number | null; stdout: string; stderr: string }> => {
            const child = spawn("bash", ["-e", "-c", own(line)], {
                cwd: folder,
                env: {
                    PATH: `${path.join(folder, "bin")}:${path.dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
                    CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
                    JAMF_SECRET: jamf.clientSecret,
                },
                stdio: ["ignore", "pipe", "pipe"],
            });
            let [stdout, stderr] = ["", ""];
            child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
            child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
            const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
            return { status, stdout, stderr };
        };
        const shell = blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
        expect(shell).toHaveLength(4);
        const ofFiles = shell.filter((text) => text.includes("--file"));
        expect(ofFiles).toHaveLength(1);
        for (const text of shell.filter((one) => !ofFiles.includes(one))) {
            expect(await type(text)).toMatchObject({ status: 0 });
        }
        const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
        addFormats(ajv);
        const fits = ajv.compile(
            JSON.parse(fs.readFileSync(path.join(folder, "connections.schema.json"), "utf8")) as object,
        );
        const files = blocks.filter(({ language }) => language === "yaml");
        expect(files).toHaveLength(2);
        for (const { text } of files) {
            expect([fits(parse(text)), fits.errors]).toEqual([true, null]);
            fs.writeFileSync(path.join(folder, "connections.yaml"), own(text));
            for (const line of ["npx pulumi-connections verify --file connections.yaml", ...ofFiles]) {
                expect(await type(`${line.trim()} --allow-commands`)).toMatchObject({
                    status: 0,
                    stdout: expect.stringMatching(/^✔ verified {2}mdm/) as string,
                });
            }
        }
    });

    test("loads no Pulumi", async () => {
        const hook = file(
            "hook.cjs",
            `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(path.join(folder, "loaded.json"))}, JSON.stringify(Object.keys(require.cache))));`,
        );
        expect((await run(good, { NODE_OPTIONS: `--require ${hook}` })).code).toBe(0);
        const loaded = JSON.parse(fs.readFileSync(path.join(folder, "loaded.json"), "utf8")) as string[];
        expect(loaded.length).toBeGreaterThan(50);
        expect(loaded.filter((name) => name.includes("@pulumi"))).toEqual([]);
    });

    const literal = "planted-literal-secret-8231";
    test.each<[string, string[], RegExp]>([
        [
            "as an argument",
            [...jamf, "--arg", `clientSecret=${literal}`],
            /clientSecret: a secret is not taken as it is/,
        ],
        [
            "behind an option that there is not",
            ["verify", "jamf.ApiClient", `--clientSecret=${literal}`],
            /unknown option '--clientSecret=…' \[cli-usage\]\n\(clientSecret is an argument of a connection: write --arg clientSecret=…\.\)/,
        ],
        ["in the place of an argument", [...jamf, "--arg", literal], /--arg must be name=value/],
        [
            "under a name that there is not",
            [...jamf, "--arg", `clientsecrett=${literal}`],
            /Did you mean clientSecret\?/,
        ],
        [
            "as the URL of a webhook",
            ["status", "--webhook", `https://hooks.example/${literal}`],
            /--webhook: a secret is not taken as it is/,
        ],
        ["in the place of the type", ["verify", literal], /there is no such type/],
        [
            "in a proxy's URL",
            [...good, "--arg", `proxyUrl=http://user:${literal}@proxy.example.com:3128`],
            /proxyUrl: a password is not taken as it is/,
        ],
    ])("takes no secret as it is: %s", async (_, args, shown) => {
        const { code, stdout, stderr } = await run(args);
        expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
        expect(stderr).toMatch(shown);
        expect(stderr).not.toContain(literal);
        expect(vendors.requests.matching({}).some(({ path: where }) => where.includes(literal))).toBe(false);
    });

    test.each([
        [
            "a secret as it is",
            `- { name: a, type: jamf.ApiClient, args: { clientSecret: ${literal} } }`,
            /a: clientSecret: a secret is not taken as it is/,
        ],
        ["no YAML", `- { name: a, clientSecret: ${literal}`, /line 1 is not YAML/],
        ["no list", `clientSecret: ${literal}`, /is not a list of connections/],
        [
            "a key that there is not",
            `- { name: a, type: jamf.ApiClient, secret: ${literal} }`,
            /is not a list of connections \(at 0\)/,
        ],
        [
            "one name twice",
            "- { name: a, type: jamf.ApiClient }\n- { name: a, type: jamf.ApiClient }",
            /two connections are called a/,
        ],
    ])("refuses a file with %s, and does not repeat it", async (_, text, shown) => {
        const { code, stderr } = await run(["verify", "--file", file("wrong.yaml", text)]);
        expect(code).toBe(3);
        expect(stderr).toMatch(shown);
        expect(stderr).not.toContain(literal);
    });

    test("reads a secret from a file, a list with commas or named again, and what lies inside an object", async () => {
        fs.writeFileSync(path.join(folder, "secret"), `${vendors.credentials.jamf.clientSecret}\n`, { mode: 0o600 });
        const args = [
            "clientSecret=file:secret",
            "requiredPrivileges=Read Computers",
            "requiredPrivileges=Read User,Read Mobile Devices",
            "tls.insecureSkipVerify=true",
            'allowedPrivileges=["*"]',
        ];
        const { code, stdout } = await run([...jamf, ...args.flatMap((arg) => ["--arg", arg]), "--json"]);
        expect(code).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({
            status: "verified",
            warnings: [expect.stringContaining("tls.insecureSkipVerify accepts any certificate") as string],
        });
    });

    describe("takes what a command writes", () => {
        const writes = (text: string): string[] => [process.execPath, "-e", `process.stdout.write(${text})`];
        const given = (command: unknown): string => `clientSecret=command:${JSON.stringify(command)}`;

        test("as a secret: without a shell, from a list", async () => {
            const { code, stdout } = await run([...jamf, "--arg", given(writes("process.env.JAMF_SECRET"))]);
            expect({ code, first: stdout.split("\n")[0] }).toEqual({ code: 0, first: "✔ verified  jamf.ApiClient" });
            // A shell would have taken this for a variable.
            const plain = await run([...jamf, "--arg", given(["echo", "$JAMF_SECRET"])]);
            expect(plain).toMatchObject({
                code: 1,
                stdout: expect.stringMatching(/^✖ rejected/) as string,
            });
        });

        test("of a file of connections only where whoever runs it allows it", async () => {
            const ran = path.join(folder, "ran");
            const code = `require("node:fs").writeFileSync(${JSON.stringify(ran)}, ""); process.stdout.write(process.env.JAMF_SECRET)`;
            const { url, clientId } = vendors.credentials.jamf;
            const clientSecret = { command: [process.execPath, "-e", code] };
            const entry = { name: "mdm", type: "jamf.ApiClient", args: { url, clientId, clientSecret } };
            const name = file("command.yaml", `- ${JSON.stringify(entry)}\n`);
            const refused = await run(["verify", "--file", name]);
            expect(refused).toMatchObject({
                code: 2,
                stdout: expect.stringMatching(
                    /clientSecret: the command \S+ is not run, .* --allow-commands\./,
                ) as string,
            });
            expect(fs.existsSync(ran)).toBe(false);
            expect(await run(["verify", "--file", name, "--allow-commands"])).toMatchObject({ code: 0 });
            expect(fs.existsSync(ran)).toBe(true);
        });

        test.each<[number, string, string, RegExp]>([
            [3, "a line for a shell", "clientSecret=command:op read op://vault/jamf/secret", /a command is a list/],
            [3, "an empty list", "clientSecret=command:[]", /Write clientSecret=command:\["op", "read", "PLACE"\]/],
            [3, "a list of other things", "clientSecret=command:[1]", /without a shell/],
            [3, "a command for a password", 'proxyUrl=command:["op"]', /no command is run for a password/],
            [
                2,
                "a program that there is not",
                'clientSecret=command:["not-there"]',
                /not-there cannot be run \(ENOENT\)/,
            ],
            [2, "one that fails", 'clientSecret=command:["false"]', /the command false ended with exit code 1/],
            [2, "one that is silent", 'clientSecret=command:["true"]', /wrote nothing to its standard output/],
        ])("or ends with %i for %s", async (code, _, arg, shown) => {
            const args = arg.startsWith("proxyUrl") ? [...good, "--arg", arg] : [...jamf, "--arg", arg];
            const result = await run(args);
            expect(result).toMatchObject({ code });
            expect(`${result.stdout}${result.stderr}`).toMatch(shown);
        });

        test("within timeoutSeconds, and ends it together with itself", async () => {
            const pid = path.join(folder, "pid");
            const waiting = `require("node:fs").writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setInterval(() => {}, 1000)`;
            const args = [...jamf, "--arg", given([process.execPath, "-e", waiting])];
            expect(await run([...args, "--arg", "timeoutSeconds=1"])).toMatchObject({
                code: 2,
                stdout: expect.stringMatching(/did not end in time \(timeoutSeconds\)/) as string,
            });
            const isAlive = (): boolean => {
                try {
                    return process.kill(Number(fs.readFileSync(pid, "utf8")), 0);
                } catch {
                    return false;
                }
            };
            await until("the command ends", () => !isAlive());
            fs.rmSync(pid);
            const child = spawn(
                commandFile,
                args.map((arg) => arg.replace("ID", vendors.credentials.jamf.clientId)),
                {
                    cwd: folder,
                    env: { PATH: `${path.dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
                    stdio: "ignore",
                },
            );
            await until("the command runs", () => fs.existsSync(pid) && fs.readFileSync(pid, "utf8") !== "");
            child.kill("SIGINT");
            expect(await new Promise((resolve) => child.once("close", resolve))).toBe(130);
            await until("the command ends with it", () => !isAlive());
        });
    });

    test("says which Node it needs where this one is too old", async () => {
        const hook = file(
            "old-node.cjs",
            `const { Module } = require("node:module"); const load = Module._load;
            Module._load = (name, ...rest) => { if (name === "undici") throw new TypeError("zstd"); return load(name, ...rest); };
            Object.defineProperty(process.versions, "node", { value: "20.19.0" });`,
        );
        expect(await run(good, { NODE_OPTIONS: `--require ${hook}` })).toMatchObject({
            code: 2,
            stdout: expect.stringMatching(
                /unverified[^]*this is Node 20\.19\.0, .* needs Node >=22\.19\.0\. Install one/,
            ) as string,
        });
    });

    test("warns that CONNECTIONS_ENDPOINTS leads credentials elsewhere", async () => {
        const { stderr } = await run(good);
        expect(stderr).toMatch(
            /^warning: CONNECTIONS_ENDPOINTS is set: credentials go to other hosts than the vendors', https:\/\/\S+ at http:\/\/127\.0\.0\.1:\d+ and \d+ more on this machine\.$/m,
        );
    });
});

describe("A terminal", () => {
    const escape = String.fromCharCode(27);
    const env = (): Record<string, string> => ({
        CONNECTIONS_ENDPOINTS: JSON.stringify({
            "https://acme.jamfcloud.com": vendors.endpoints["https://acme.jamfcloud.com"],
        }),
        JAMF_SECRET: vendors.credentials.jamf.clientSecret,
    });
    const args = (): string[] =>
        [...good, "--arg", "requiredPrivileges=Read Userr"].map((arg) =>
            arg.replace("ID", vendors.credentials.jamf.clientId),
        );

    test.each([60, 160])("of %i columns is filled and not passed", async (columns) => {
        const terminal = new TmuxTerminal(columns);
        try {
            const screen = await terminal.run(args(), env(), folder);
            written.push(screen);
            const lines = screen.split("\n");
            // A line that tmux had to break goes to the last column, in the middle of a word.
            expect(
                Math.max(...lines.filter((line) => !line.startsWith("warning:")).map((line) => line.length)),
            ).toBeLessThanOrEqual(columns);
            expect(lines).toContain("◐ insufficient  jamf.ApiClient");
            const sentence =
                'the API client lacks "Read Userr" (Jamf Pro calls it "Read User"). Add what is missing under Settings';
            expect(screen.replace(/\s+/g, " ")).toContain(sentence);
            expect(lines.some((line) => line.includes(sentence))).toBe(columns === 160);
            expect(screen).toMatch(/^ended with 1$/m);
        } finally {
            terminal.close();
        }
    });

    test("has colours, and none under NO_COLOR or in a pipe", async () => {
        const shown = async (more: Record<string, string>): Promise<string> => {
            const terminal = new TmuxTerminal(100);
            try {
                return await terminal.run(args(), { ...env(), ...more }, folder, true);
            } finally {
                terminal.close();
            }
        };
        expect(await shown({})).toContain(`${escape}[31m◐ insufficient`);
        expect(await shown({ NO_COLOR: "1" })).not.toContain(escape);
        expect((await command(args(), env(), folder)).stdout).not.toContain(escape);
        expect((await command(args(), { ...env(), FORCE_COLOR: "1" }, folder)).stdout).toContain(escape);
    });

    test("may end before the command does", () => {
        const { status, stderr } = spawnSync("sh", ["-c", `"${commandFile}" schema | head -c 10 > /dev/null`], {
            encoding: "utf8",
        });
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    });
});

describe("The table of status", () => {
    type Shown = Record<string, unknown>;
    const { statusTable } = require(path.join(installedPackage, "build/provider/hosts/cli/status-table")) as {
        statusTable: (connections: readonly Shown[], stacks: readonly string[], terminal: object) => string;
    };
    const { getStringWidth } = require(path.join(installedPackage, "build/provider/hosts/cli/wrap")) as {
        getStringWidth: (text: string) => number;
    };
    const next =
        "clientSecret: Jamf refused the client id or secret (invalid_client). Generate a new secret under Settings > System > API Roles and Clients.";
    const hostile = [
        "\u202eevil\u0000\u001b[31mred",
        "x".repeat(300),
        "👩‍👩‍👧‍👦🚀 日本語の名前",
        "z\u0301\u0302\u0303\u0304\u0305\u0306algo",
        "\u009b31m\u001b]0;title\u0007x",
        "two\nlines\tand\u2066 more\u061c",
    ];
    const types = ["jamf.ApiClient", "jumpcloud.ServiceAccount", "atlassian.ServiceAccountOAuth"];
    const connections = (evil: boolean): Shown[] =>
        Object.keys({ rejected: 0, expired: 0, tenantChanged: 0, insufficient: 0, unreachable: 0, verified: 0 }).map(
            (status, at) => {
                const text = (plain: string): string => (evil ? (hostile[at] ?? plain) : plain);
                return {
                    stack: "acme/integrations/prod",
                    urn: "urn",
                    name: text(`connection-${at}`),
                    type: types[at % 3],
                    vendor: "Jamf Pro",
                    status,
                    since: evil ? "\u001b[2J" : "2026-11-20",
                    account: evil ? text("") : { id: "1", name: "StackOne integration" },
                    tenant: text("https://acme.jamfcloud.com"),
                    expiresAt: "2026-12-01",
                    daysToExpiry: 7,
                    verifiedAt: "2026-11-24T09:12:00Z",
                    drift: [],
                    hubs: [{ urn: "u", name: text("jira-in-ox"), type: "ox.Connector", status: text("active") }],
                    contact: text("it-ops@acme.example"),
                    next: status === "verified" ? "" : text(next),
                };
            },
        );
    const shownAt = (columns: number | undefined, evil: boolean): string =>
        statusTable(connections(evil), ["prod"], { columns, paint: (_: string, text: string) => text });

    test.each([40, 60, 100, 120, 140, 160, 220])("fits %i columns, whatever vendors call themselves", (columns) => {
        for (const evil of [false, true]) {
            const text = shownAt(columns, evil);
            expect(Math.max(...text.split("\n").map(getStringWidth))).toBeLessThanOrEqual(columns);
            expect(text.replaceAll("\n", "")).not.toMatch(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\p{M}{5}/u);
        }
        const flat = shownAt(columns, false).replace(/\s+/g, " ");
        // Nothing of what is to be done is left out, and no name is broken inside of a part.
        expect(flat.split(`→ ${next}`)).toHaveLength(6);
        types.forEach((type) => expect(flat.replace(". ", ".")).toContain(type));
        expect(flat.includes("STATUS NAME TYPE")).toBe(columns >= 140);
    });

    test("is one line for each connection in a pipe", () => {
        for (const evil of [false, true]) {
            const lines = shownAt(undefined, evil).split("\n");
            expect(lines).toHaveLength(2 + 1 + 6 + 2);
            expect(lines[3]).toMatch(/^✖ rejected since /);
        }
    });
});

describe("schema", () => {
    test("describes what verify takes: every seeded connection fits, and a secret as it is does not", async () => {
        const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
        addFormats(ajv);
        const whole = ajv.compile(JSON.parse((await run(["schema"])).stdout) as object);
        const entries = connectionsFile()
            .text.trim()
            .split("\n")
            .map((line) => JSON.parse(line.slice(2)) as { type: string; args: Record<string, unknown> });
        whole(entries);
        expect(whole.errors ?? []).toEqual([]);
        for (const { type, args } of entries) {
            const schema = JSON.parse((await run(["schema", type])).stdout) as {
                properties: Record<string, { examples?: unknown[]; default?: unknown }>;
            };
            const validate = ajv.compile(schema);
            for (const [name, { examples = [], default: value, ...form }] of Object.entries(schema.properties)) {
                for (const example of [...examples, ...(value === undefined ? [] : [value])]) {
                    expect({ name, example, fits: ajv.validate(form, example) }).toMatchObject({ fits: true });
                }
            }
            validate(args);
            expect({ type, errors: validate.errors ?? [] }).toEqual({ type, errors: [] });
            const secret = "clientSecret" in args ? "clientSecret" : "apiToken";
            expect(validate({ ...args, [secret]: "a literal" })).toBe(false);
            expect(validate({ ...args, [secret]: undefined })).toBe(false);
            expect(validate({ ...args, surplus: 1 })).toBe(false);
            expect(validate({ ...args, minimumVersion: "eleven" })).toBe(false);
            expect(validate({ ...args, [secret]: { command: ["op", "read", "op://vault/secret"] } })).toBe(true);
            expect(validate({ ...args, [secret]: { command: "op read op://vault/secret" } })).toBe(false);
        }
        expect(await run(["schema", "jamf.Nothing"])).toMatchObject({ code: 3 });
        expect(await run(["schema", "nango.Connection"])).toMatchObject({
            code: 3,
            stderr: expect.stringMatching(/nango\.Connection is no connection, but a resource at a hub/) as string,
        });
    });
});

test("No secret is in anything that was written", () => {
    const leaks = new LeakScanner(vendors.secrets);
    expect(written.length).toBeGreaterThan(40);
    expect(written.flatMap((text, at) => leaks.inText(`text ${at}`, text))).toEqual([]);
});

describe("A project that init writes depends on the package as the project does that it was installed in", () => {
    let count = 0;
    /** A folder with a project and an installed package, which may be a link. */
    function installed(
        spec: string | undefined,
        at = "node_modules/pulumi-connections",
    ): { from: string; own: string } {
        const from = path.join(fs.realpathSync(folder), `installed-${(count += 1)}`);
        const own = path.join(from, at);
        fs.mkdirSync(own, { recursive: true });
        fs.writeFileSync(path.join(own, "package.json"), '{ "name": "pulumi-connections" }');
        const dependencies = { "@pulumi/pulumi": "^3.200.0", ...(spec && { "pulumi-connections": spec }) };
        fs.writeFileSync(path.join(from, "package.json"), JSON.stringify({ dependencies }));
        ["pulumi.tgz", "a # b.tgz"].forEach((name) => fs.writeFileSync(path.join(from, name), ""));
        return { from, own };
    }
    const specFor = ({ from, own }: { from: string; own: string }, start = from): string =>
        packageSource("0.1.0", start, own)(path.join(from, "new/connections"));

    test.each([
        ["file:pulumi.tgz", "file:../../pulumi.tgz"],
        ["file:./pulumi.tgz", "file:../../pulumi.tgz"],
        ["./pulumi.tgz", "file:../../pulumi.tgz"],
        ["pulumi.tgz", "file:../../pulumi.tgz"],
        ["file:a %23 b.tgz", "file:../../a %23 b.tgz"],
        ["link:node_modules/pulumi-connections", "link:../../node_modules/pulumi-connections"],
        ["https://files.acme.example/pulumi.tgz", "https://files.acme.example/pulumi.tgz"],
        ["git+ssh://git@acme.example/pulumi.git#v1", "git+ssh://git@acme.example/pulumi.git#v1"],
        ["github:acme/pulumi-connections", "github:acme/pulumi-connections"],
        ["^0.1.0", "^0.1.0"],
    ])("%s becomes %s", (spec, expected) => {
        expect(specFor(installed(spec))).toBe(expected);
    });

    test("an absolute path stays the same file", () => {
        const project = installed(undefined);
        const there = (spec: string): string => {
            const dependencies = { "pulumi-connections": spec };
            fs.writeFileSync(path.join(project.from, "package.json"), JSON.stringify({ dependencies }));
            return specFor(project);
        };
        const file = path.join(project.from, "pulumi.tgz");
        expect([there(file), there(`file:${file}`), there(`file://${file}`)]).toEqual(
            Array(3).fill("file:../../pulumi.tgz"),
        );
    });

    test("in a workspace, of npx's own folder, and of a clone that was linked", () => {
        const workspace = installed(undefined);
        const member = path.join(workspace.from, "packages/app");
        fs.mkdirSync(member, { recursive: true });
        const dependencies = { "pulumi-connections": "file:../../pulumi.tgz" };
        fs.writeFileSync(path.join(member, "package.json"), JSON.stringify({ dependencies }));
        expect(specFor(workspace, member)).toBe("file:../../pulumi.tgz");
        expect(specFor(installed("file:pulumi.tgz"), folder)).toBe("file:../../pulumi.tgz");

        const clone = installed("^0.1.0", "clone");
        fs.mkdirSync(path.join(clone.from, "node_modules"));
        fs.symlinkSync("../clone", path.join(clone.from, "node_modules/pulumi-connections"));
        const unknown = /init does not know the file that this package was installed from.* Run npm install FILE/;
        expect(() => specFor(clone)).toThrow(unknown);
        fs.mkdirSync(path.join(clone.own, "build"));
        fs.writeFileSync(path.join(clone.own, "build/pulumi-connections.tgz"), "");
        expect(specFor(clone)).toBe("file:../../clone/build/pulumi-connections.tgz");
    });

    test.each(["file:gone.tgz", "workspace:*", "catalog:", undefined])("%s is no guess at a name", (spec) => {
        expect(() => specFor(installed(spec))).toThrow(/the package is on no registry/);
    });

    test("another copy that the folder has is not taken for this one", () => {
        expect(() => specFor({ ...installed("file:pulumi.tgz"), own: installed(undefined).own })).toThrow(
            /no registry/,
        );
    });
});
