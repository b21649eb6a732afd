import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { Project } from "../support/project";
import { failed, succeeded } from "../support/programs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { thorough } from "../support/thorough";

const projects = path.resolve(__dirname, "../../projects");
const installed = createRequire(path.join(projects, "program.js"));
const packageFolder = path.dirname(installed.resolve("pulumi-connections/package.json"));
const id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/** What a program on its own prints, run from a folder as `node` runs it. */
function runNode(folder: string, text: string, env: Record<string, string> = {}): string {
    return execFileSync(process.execPath, ["-e", text], {
        cwd: folder,
        encoding: "utf8",
        env: { PATH: process.env["PATH"] ?? "", ...env },
        stdio: ["ignore", "pipe", "inherit"],
    });
}

describe("functions that need no resource", () => {
    const { atlassian } = installed("pulumi-connections") as typeof import("../../provider");

    test.each([
        [id, "jira", undefined, `https://api.atlassian.com/ex/jira/${id}`],
        [id.toUpperCase(), "confluence", undefined, `https://api.atlassian.com/ex/confluence/${id}`],
        [
            `https://admin.atlassian.com/s/${id}/access-requests`,
            "jira",
            undefined,
            `https://api.atlassian.com/ex/jira/${id}`,
        ],
        [id, "jira", "usGov", `https://api.atlassian-us-gov-mod.com/ex/jira/${id}`],
    ] as const)("gatewayUrl(%s, %s, %s)", (text, product, environment, url) => {
        expect(atlassian.gatewayUrl(text, product, environment)).toBe(url);
    });

    test.each([
        id,
        ` ${id.toUpperCase()} `,
        `https://admin.atlassian.com/s/${id}`,
        `https://admin.atlassian.com/s/${id}/`,
        `https://admin.atlassian.com/s/${id}/users?x=1#y`,
        `https://admin.atlassian.com/o/0f5e0cf0-5bd4-4b2b-9b6a-d66bb2a6e8c1/s/${id}/apps`,
        `https://admin.atlassian-us-gov-mod.com/s/${id}`,
        `https://api.atlassian.com/ex/jira/${id}`,
        `https://api.atlassian.com/ex/confluence/${id}/wiki/rest/api`,
    ])("parseCloudId finds the Cloud ID in %s", (text) => {
        expect(atlassian.parseCloudId(text)).toBe(id);
    });

    test.each([
        "",
        "acme",
        "https://acme.atlassian.net",
        `https://admin.atlassian.com/o/${id}`,
        `https://example.com/s/${id}`,
        `${id}0`,
        `x${id}`,
    ])("parseCloudId refuses %j", (text) => {
        expect(() => atlassian.parseCloudId(text)).toThrow(/There is no Cloud ID in this text\. .*\/s\//);
    });

    test("gatewayUrl refuses another product", () => {
        expect(() => atlassian.gatewayUrl(id, "trello" as "jira")).toThrow(/jira.*confluence/);
    });
});

describe("functions that ask a vendor, from a program", () => {
    let vendors: Vendors;
    let project: Project;
    const program = (extra = ""): string => `
        const pulumi = require("@pulumi/pulumi");
        const { atlassian } = require("pulumi-connections");
        const credential = JSON.parse(process.env.CREDENTIAL);
        const secret = { clientId: credential.clientId, clientSecret: pulumi.secret(credential.clientSecret) };
        module.exports = async () => ({
            tenant: await atlassian.getTenantInfo({ subdomain: "acme" }),
            sites: await atlassian.getSites({ clientId: credential.clientId, clientSecret: credential.clientSecret }),
            government: await atlassian.getTenantInfo({ subdomain: "acme-gov", environment: "usGov" }),
            tenantOutput: atlassian.getTenantInfoOutput({ subdomain: pulumi.output("https://ACME-sandbox.atlassian.net/") }),
            sitesOutput: atlassian.getSitesOutput(secret),
            gateway: pulumi.output("${id}").apply((cloudId) => atlassian.gatewayUrl(cloudId, "jira")),
            ${extra}
        });`;
    beforeAll(async () => {
        vendors = await startVendors();
        const env = {
            CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
            CREDENTIAL: JSON.stringify(vendors.credentials.atlassianOAuth),
        };
        project = await Project.create({ name: "functions", program: program(), env });
    });
    afterAll(async () => {
        await Promise.all([project.dispose(), vendors.close()]);
    });

    test("give what the vendor tells, and outputs that are no secrets", async () => {
        succeeded(await project.up());
        const { acme, sandbox } = vendors.fixture.atlassian;
        const site = ({ cloudId, name, url }: typeof acme): object => ({ cloudId, name, url });
        expect(await project.outputs()).toEqual({
            tenant: { cloudId: acme.cloudId, siteUrl: "https://acme.atlassian.net" },
            sites: [site(acme), site(sandbox)],
            government: {
                cloudId: vendors.fixture.usGov.site.cloudId,
                siteUrl: "https://acme-gov.atlassian-us-gov-mod.net",
            },
            tenantOutput: { cloudId: sandbox.cloudId, siteUrl: "https://acme-sandbox.atlassian.net" },
            sitesOutput: [site(acme), site(sandbox)],
            gateway: `https://api.atlassian.com/ex/jira/${id}`,
        });
        expect(JSON.stringify(await project.exportState())).not.toContain(
            vendors.credentials.atlassianOAuth.clientSecret,
        );
    });

    // `core/functions` has each refusal: here is one of each form of a call.
    const refused: [string, RegExp][] = [
        [
            'atlassian.getTenantInfo({ subdomain: "acm" })',
            /subdomain: https:\/\/acm\.atlassian\.net answered with a page of HTML where its Cloud ID would be \(HTTP 404\)\./,
        ],
        [
            'atlassian.getTenantInfo({ subdomain: "acme.example.com" })',
            /subdomain: must be what is before \.atlassian\.net/,
        ],
        [
            'atlassian.getTenantInfo({ subdomain: "https://acme-gov.atlassian-us-gov-mod.net" })',
            /environment: must be usGov for a site at/,
        ],
        [
            'atlassian.getSites({ clientId: "nobody", clientSecret: "planted-wrong-secret" })',
            /clientSecret: Atlassian refused the client id or secret/,
        ],
        ['atlassian.getSites({ clientSecret: "planted-wrong-secret" })', /clientId: is missing\./],
        [
            'atlassian.getSitesOutput({ clientId: "nobody", clientSecret: pulumi.secret("planted-wrong-secret") })',
            /clientSecret: Atlassian refused/,
        ],
    ];

    test.each(thorough([refused[0]!, refused.at(-1)!], refused))(
        "%s fails the preview in one sentence",
        async (call, words) => {
            project.write("index.js", program(`wrong: ${call.includes("Output") ? call : `await ${call}`},`));
            const output = failed(await project.preview());
            expect(output).toMatch(words);
            expect(output).not.toContain("planted");
        },
    );
});

describe("people's own unit tests", () => {
    interface Printed {
        /** What the test has put into `shown`, outputs by their values. */
        readonly shown: Record<string, unknown>;
        /** What was thrown at once. */
        readonly thrown?: string;
        /** What outputs were rejected with. */
        readonly rejected: string[];
        /** How often a connection or a name was asked for. */
        readonly called: number;
    }

    /** Runs a unit test's code under mocks, without a network. It puts what it sees into `shown`. */
    function underMocks(
        code: string,
        mocks: { newResource?: string; call?: string; preview?: boolean } = {},
        env: Record<string, string> = {},
    ): Printed {
        const {
            newResource = "({ name, inputs }) => ({ id: name, state: inputs })",
            call = "({ inputs }) => inputs",
            preview = false,
        } = mocks;
        return JSON.parse(
            runNode(
                projects,
                `
                const net = require("node:net");
                const dns = require("node:dns");
                let called = 0;
                net.Socket.prototype.connect = () => { called++; throw new Error("called"); };
                dns.lookup = () => { called++; throw new Error("called"); };
                const rejected = new Set();
                process.on("unhandledRejection", ({ message }) => rejected.add(message));
                const pulumi = require("@pulumi/pulumi");
                pulumi.runtime.setMocks({ newResource: ${newResource}, call: ${call} }, "project", "stack", ${preview});
                const { atlassian, jamf, jumpcloud, secretFrom } = require("pulumi-connections");
                const shown = {};
                const keep = (name, output) => pulumi.output(output).apply((value) => { shown[name] = value === undefined ? "undefined" : value; });
                let thrown;
                (async () => { ${code} })().catch(({ message }) => { thrown = message; });
                process.on("exit", () => console.log(JSON.stringify({ shown, thrown, rejected: [...rejected], called })));
            `,
                env,
            ),
        ) as Printed;
    }

    const jamfArgs = `url: "https://acme.jamfcloud.com/", clientId: "${id}", clientSecret: "planted-secret"`;
    const quiet = { rejected: [], called: 0 };

    test("under pulumi.runtime.setMocks nothing is called, and outputs are what the mocks say", () => {
        const newResource = `({ type, name, inputs }) => ({ id: name + "-id", state: { ...inputs, type, apiUrl: "https://mocked.example/api", status: "verified" } })`;
        const printed = underMocks(
            `
            const mdm = new jamf.ApiClient("mdm", { ${jamfArgs}, expiresAt: "2031-01-01" });
            const ox = new atlassian.JiraConnector("ox", { subdomain: "acme", apiToken: pulumi.secret("planted-secret") });
            keep("values", [mdm.apiUrl, mdm.status, mdm.url, mdm.expiresAt, ox.apiToken, ox.subdomain, mdm.id]);
            keep("siteUrl", ox.siteUrl);
            keep("expiresAt", ox.expiresAt);`,
            { newResource },
        );
        expect(printed).toEqual({
            ...quiet,
            shown: {
                values: [
                    "https://mocked.example/api",
                    "verified",
                    "https://acme.jamfcloud.com",
                    "2031-01-01",
                    "planted-secret",
                    "acme",
                    "mdm-id",
                ],
                siteUrl: "undefined",
                expiresAt: "undefined",
            },
        });
    });

    test.each([
        ["mocks that hand inputs back", "({ name, inputs }) => ({ id: name, state: inputs })", false],
        ["mocks that say nothing", '() => ({ id: "", state: {} })', false],
        ["mocks of a preview", "() => ({ state: {} })", true],
    ])("outputs that follow from arguments alone have their values under %s", (_, newResource, preview) => {
        const { shown, ...rest } = underMocks(
            `
            const mdm = new jamf.ApiClient("mdm", { ${jamfArgs} });
            const directory = new jumpcloud.ServiceAccount("directory", { clientId: "c", clientSecret: secretFrom.env("NOWHERE"), region: pulumi.output("EU") });
            const oauth = new atlassian.ServiceAccountOAuth("oauth", { clientId: "c", clientSecret: "planted-secret", cloudId: "${id}", products: ["jira"] });
            const token = new atlassian.ServiceAccountToken("token", { adminUrl: "https://admin.atlassian.com/s/${id}", email: "a@b.example", apiToken: "planted-secret" });
            const ox = new atlassian.JiraConnector("ox", { cloudId: Promise.resolve("${id.toUpperCase()}"), apiToken: "planted-secret" });
            const server = new atlassian.JiraUserToken("server", { siteUrl: "https://jira.example.com/", apiToken: "planted-secret" });
            keep("mdm", [mdm.url, mdm.apiUrl, mdm.classicApiUrl, mdm.clientSecret]);
            keep("directory", [directory.tokenUrl, directory.apiUrl, directory.apiV2Url, directory.region]);
            keep("headers", directory.requestHeaders);
            keep("oauth", [oauth.tokenUrl, oauth.cloudId, oauth.jiraUrl]);
            keep("token", [token.cloudId, token.jiraUrl, token.email]);
            keep("ox", [ox.cloudId, ox.hostUrl, ox.apiToken]);
            keep("server", [server.hostUrl, server.deployment]);
            keep("status", mdm.status);`,
            { newResource, preview },
        );
        expect(rest).toEqual(quiet);
        const gateway = `https://api.atlassian.com/ex/jira/${id}`;
        expect(shown).toEqual({
            mdm: [
                "https://acme.jamfcloud.com",
                "https://acme.jamfcloud.com/api",
                "https://acme.jamfcloud.com/JSSResource",
                "planted-secret",
            ],
            directory: [
                "https://admin-oauth.id.eu.jumpcloud.com/oauth2/token",
                "https://console.eu.jumpcloud.com/api",
                "https://console.eu.jumpcloud.com/api/v2",
                "eu",
            ],
            headers: {},
            oauth: ["https://auth.atlassian.com/oauth/token", id, gateway],
            token: [id, gateway, "a@b.example"],
            ox: [id, gateway, "planted-secret"],
            server: ["https://jira.example.com", "dataCenter"],
            // What only a vendor can tell is not known in a preview, and has no value otherwise.
            ...(preview ? {} : { status: "undefined" }),
        });
    });

    test("a secret is a secret output in them, and a reference is read when somebody asks for it, from nowhere else", () => {
        const code = `
            const directory = new jumpcloud.ServiceAccount("directory", { clientId: "c", clientSecret: secretFrom.env("THE_SECRET") });
            for (const name of Object.keys(directory)) { await pulumi.output(directory[name]).promise?.(); }
            keep("enumerable", Object.keys(directory).filter((name) => /secret|proxy|observation|^__provider$/i.test(name)).join());`;
        const use = `
            keep("secret", await directory.clientSecret.isSecret);
            keep("value", directory.clientSecret);`;
        expect(underMocks(code)).toEqual({
            ...quiet,
            shown: { enumerable: "secretExpiresAt,secretExpirySource,secretInUse" },
        });
        expect(underMocks(code + use, {}, { THE_SECRET: "planted-secret" })).toEqual({
            ...quiet,
            shown: {
                enumerable: "secretExpiresAt,secretExpirySource,secretInUse",
                secret: true,
                value: "planted-secret",
            },
        });
        expect(underMocks(code + 'keep("value", directory.clientSecret);')).toEqual({
            shown: { enumerable: "secretExpiresAt,secretExpirySource,secretInUse" },
            rejected: [
                "clientSecret: the environment variable THE_SECRET is not set. Set it to the secret. [env-missing]",
            ],
            called: 0,
        });
    });

    const refused: readonly [type: string, args: string, words: RegExp][] = [
        [
            "jamf.ApiClient",
            `url: "not a url", clientId: "${id}", clientSecret: "planted-secret"`,
            /^url: is not a URL\. Write it like https:/,
        ],
        [
            "jamf.ApiClient",
            `url: "https://acme.jamfcloud.com", clientId: "${id}", clientSecret: ""`,
            /^clientSecret: must not be empty\. Jamf Pro shows it once/,
        ],
        [
            "jumpcloud.ServiceAccount",
            `clientId: "c", clientSecret: " planted-secret"`,
            /^clientSecret: starts or ends with white space/,
        ],
        [
            "atlassian.ServiceAccountOAuth",
            `clientId: "c", clientSecret: "planted-secret", subdomain: "acme", cloudId: "${id}"`,
            /^subdomain: names the site too/,
        ],
        [
            "atlassian.ServiceAccountToken",
            `cloudId: "${id}", email: "nobody", apiToken: "planted-secret"`,
            /^email: must be an e-mail address/,
        ],
        [
            "jamf.ApiClient",
            `url: "https://planted-secret.example.com", clientId: "${id}", clientSecret: "planted-secret"`,
            /^url: holds the secret of clientSecret\./,
        ],
        ["atlassian.JiraConnector", `apiToken: "planted-secret"`, /^cloudId: is missing: name the site/],
        [
            "atlassian.JiraUserToken",
            `siteUrl: "https://acme.atlassian.net", apiToken: "planted-secret"`,
            /^username: is missing: a cloud site/,
        ],
    ];
    const labelled = (message: string, at: number): string => {
        const label = `${refused[at]?.[0] ?? ""} it${at}: `;
        expect(message.slice(0, label.length)).toBe(label);
        return message.slice(label.length);
    };

    test("what a preview refuses is refused at once, in the same words", () => {
        const constructions = refused.map(
            ([type, args], at) => `attempt(${at}, () => new ${type}("it${at}", { ${args} }));`,
        );
        const { shown, ...rest } = underMocks(`
            const attempt = (at, work) => { try { work(); } catch ({ message }) { shown[at] = message; } };
            ${constructions.join("\n")}`);
        expect(rest).toEqual(quiet);
        refused.forEach(([, , words], at) => expect(labelled(String(shown[at]), at)).toMatch(words));
        expect(JSON.stringify(shown)).not.toContain("planted");
    });

    test("all that is wrong is told at once", () => {
        const { thrown } = underMocks(
            'new jumpcloud.ServiceAccount("it", { clientIdd: "c", clientSecret: "", region: "uk" });',
        );
        for (const words of [
            "clientId: is missing",
            "clientSecret: must not be empty",
            "region: must be us, eu or in",
            "clientIdd: ",
        ]) {
            expect(thrown).toContain(`jumpcloud.ServiceAccount it: ${words}`);
        }
    });

    test("what becomes known later is refused by a rejection, whatever the mocks say", () => {
        const constructions = refused.map(([type, args], at) => {
            // That nothing names the site is known at once.
            if (type === "atlassian.JiraConnector") {
                return "";
            }
            const later = args.replace(/(\w+): ("[^"]*")/g, "$1: pulumi.output($2)");
            return `keep(${at}, new ${type}("it${at}", { ${later} }).status);`;
        });
        const newResource = '() => ({ id: "x", state: { status: "verified" } })';
        const { rejected, ...rest } = underMocks(constructions.join("\n"), { newResource });
        expect(rest).toEqual({ shown: {}, called: 0 });
        refused.forEach(([type, , words], at) => {
            if (type !== "atlassian.JiraConnector") {
                expect(labelled(rejected.find((message) => message.includes(` it${at}: `)) ?? "", at)).toMatch(words);
            }
        });
        expect(rejected.join()).not.toContain("planted");
    });

    test("a program in a test goes on where a mocked connection feeds another that is known later", () => {
        const printed = underMocks(
            `
            const oauth = new atlassian.ServiceAccountOAuth("oauth", { clientId: "c", clientSecret: "planted-secret", subdomain: "acme" });
            const ox = new atlassian.JiraConnector("ox", { cloudId: oauth.cloudId, apiToken: "planted-secret" }, { dependsOn: oauth });
            keep("hostUrl", ox.hostUrl);
            keep("subdomain", oauth.subdomain);`,
            {
                newResource: `({ type, inputs }) => ({ id: "x", state: type.endsWith("OAuth") ? { ...inputs, cloudId: "${id}" } : inputs })`,
            },
        );
        expect(printed).toEqual({
            ...quiet,
            shown: { hostUrl: `https://api.atlassian.com/ex/jira/${id}`, subdomain: "acme" },
        });
    });

    test("getTenantInfo and getSites are answered by the mocks, and ask nobody", () => {
        const call = `({ token, inputs }) => token === "connections:atlassian:getTenantInfo"
            ? { cloudId: inputs.subdomain + "-id" }
            : token === "connections:atlassian:getSites" ? { sites: [{ cloudId: "${id}", name: inputs.clientId, url: "https://x" }] } : {}`;
        const code = `
            keep("tenant", await atlassian.getTenantInfo({ subdomain: "ACME" }));
            keep("government", atlassian.getTenantInfoOutput({ subdomain: pulumi.output("acme"), environment: "usGov" }));
            keep("sites", await atlassian.getSites({ clientId: "c", clientSecret: secretFrom.env("NOWHERE") }));
            keep("later", atlassian.getSitesOutput({ clientId: "d", clientSecret: pulumi.secret("planted-secret") }));`;
        const site = (name: string): object => ({ cloudId: id, name, url: "https://x" });
        expect(underMocks(code, { call })).toEqual({
            ...quiet,
            shown: {
                tenant: { cloudId: "ACME-id", siteUrl: "https://acme.atlassian.net" },
                government: { cloudId: "acme-id", siteUrl: "https://acme.atlassian-us-gov-mod.net" },
                sites: [site("c")],
                later: [site("d")],
            },
        });
        expect(underMocks(code, { call: "() => ({})" })).toEqual({
            ...quiet,
            shown: {
                tenant: { siteUrl: "https://acme.atlassian.net" },
                government: { siteUrl: "https://acme.atlassian-us-gov-mod.net" },
                sites: [],
                later: [],
            },
        });
    });

    test("their arguments are refused as in a preview", () => {
        const calls: readonly [call: string, words: RegExp][] = [
            ['atlassian.getTenantInfo({ subdomain: "https://" })', /^subdomain: must be what is before/],
            ["atlassian.getTenantInfo({})", /^subdomain: is missing\./],
            [
                'atlassian.getTenantInfo({ subdomain: "acme", environment: "moon" })',
                /^environment: must be commercial or usGov\./,
            ],
            ['atlassian.getSites({ clientId: "c", clientSecret: "" })', /^clientSecret: must not be empty\./],
            ['atlassian.getSites({ clientSecret: "planted-secret" })', /^clientId: is missing\./],
        ];
        const tried = calls.map(([call], at) => `await ${call}.catch(({ message }) => { shown[${at}] = message; });`);
        const { shown, ...rest } = underMocks(tried.join("\n"), { call: '() => { throw new Error("asked"); }' });
        expect(rest).toEqual(quiet);
        calls.forEach(([, words], at) => expect(shown[at]).toMatch(words));
    });
});

describe("the core, which verifies", () => {
    const built = path.join(packageFolder, "build/provider");
    const requires = (file: string): string[] =>
        [...fs.readFileSync(file, "utf8").matchAll(/\brequire\(["']([^"']+)["']\)|\bimport\(["']([^"']+)["']\)/g)].map(
            ([, required, imported]) => required ?? imported ?? "",
        );

    /** Every file that is reached from others, and every package. */
    function reach(files: readonly string[]): { files: Set<string>; packages: Set<string> } {
        const found = { files: new Set<string>(), packages: new Set<string>() };
        const follow = (file: string): void => {
            if (!found.files.has(file)) {
                found.files.add(file);
                for (const name of requires(file)) {
                    if (!name.startsWith(".")) {
                        found.packages.add(name);
                    } else if (!name.endsWith(".json")) {
                        follow(createRequire(file).resolve(name));
                    }
                }
            }
        };
        files.forEach(follow);
        return found;
    }

    test("imports nothing of @pulumi, by whatever way", () => {
        const { files, packages } = reach([
            path.join(built, "core/verified.js"),
            path.join(built, "core/lifecycle.js"),
            path.join(built, "vendors/index.js"),
        ]);
        expect(files.size).toBeGreaterThan(15);
        expect([...packages].filter((name) => name.startsWith("@pulumi"))).toEqual([]);
        const declared = Object.keys(
            (installed("pulumi-connections/package.json") as { dependencies: object }).dependencies,
        );
        // A file of a package is named by its path.
        const isDeclared = (name: string): boolean =>
            declared.some((one) => name === one || name.startsWith(`${one}/`));
        expect([...packages].filter((name) => !name.startsWith("node:") && !isDeclared(name))).toEqual([]);
    });

    test("the provider side of a dynamic resource loads nothing of @pulumi either; what it may ask of it is in one file", () => {
        const provider = fs.realpathSync(path.join(built, "hosts/dynamic/provider.js"));
        const loads = `require(${JSON.stringify(provider)}); console.log(Object.keys(require.cache).join("\\n"))`;
        const loaded = execFileSync(process.execPath, ["-e", loads], { encoding: "utf8" }).split("\n");
        expect(loaded).toContain(provider);
        expect(loaded.filter((file) => /[\\/]@pulumi[\\/]/.test(file))).toEqual([]);
        const { files } = reach([provider]);
        const naming = [...files].filter((file) => [...requires(file)].some((name) => name.startsWith("@pulumi")));
        expect(naming.map((file) => path.basename(file))).toEqual(["pulumi-sdk.js"]);
    });

    test("verifies in a bare Node process in which there is no @pulumi", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-core-"));
        const vendors = await startVendors();
        try {
            const modules = path.join(folder, "node_modules");
            const { dependencies } = installed("pulumi-connections/package.json") as {
                dependencies: Record<string, string>;
            };
            for (const name of ["pulumi-connections", ...Object.keys(dependencies)]) {
                fs.cpSync(path.join(projects, "node_modules", name), path.join(modules, name), {
                    recursive: true,
                    dereference: true,
                });
            }
            fs.writeFileSync(
                path.join(folder, "main.js"),
                `
                const core = ${JSON.stringify(path.join(modules, "pulumi-connections/build/provider"))};
                const { Session } = require(core + "/core/session.js");
                const { ConnectionType } = require(core + "/core/connection-type.js");
                const { verifyStandalone } = require(core + "/core/verified.js");
                const { describe } = require(core + "/core/problems.js");
                const { definitions } = require(core + "/vendors");
                let pulumi = "found";
                try { require.resolve("@pulumi/pulumi"); } catch (error) { pulumi = error.code; }
                const { endpoints, jamf } = JSON.parse(process.env.INPUT);
                (async () => {
                    const session = new Session({ endpoints, verify: undefined });
                    const type = new ConnectionType(definitions["jamf:ApiClient"]());
                    const verify = async (args) => {
                        const { result, problems } = await verifyStandalone(type, args, session);
                        return { tenants: result?.tenants, messages: problems.map(describe) };
                    };
                    const good = await verify(jamf);
                    const bad = await verify({ ...jamf, clientSecret: "planted-wrong-secret" });
                    const malformed = await verify({ ...jamf, url: "acme" });
                    console.log(JSON.stringify({ pulumi, good: good.tenants, messages: good.messages, bad: bad.messages, malformed }));
                })();`,
            );
            const input = JSON.stringify({ endpoints: vendors.endpoints, jamf: vendors.credentials.jamf });
            const child = await new Promise<string>((resolve, reject) => {
                const { execFile } = jest.requireActual<typeof import("node:child_process")>("node:child_process");
                execFile(process.execPath, ["main.js"], { cwd: folder, env: { INPUT: input } }, (error, stdout) =>
                    error === null ? resolve(stdout) : reject(new Error(error.message)),
                );
            });
            const printed = JSON.parse(child) as Record<string, unknown>;
            expect(printed).toMatchObject({
                pulumi: "MODULE_NOT_FOUND",
                good: [
                    {
                        status: "verified",
                        outputs: {
                            apiUrl: "https://acme.jamfcloud.com/api",
                            version: vendors.fixture.jamf.server.version,
                        },
                    },
                ],
                messages: [],
                bad: [expect.stringMatching(/^clientSecret: Jamf refused the client id or secret/)],
                malformed: { messages: [expect.stringMatching(/^url: /)] },
            });
            expect(child).not.toContain(vendors.credentials.jamf.clientSecret);
        } finally {
            await vendors.close();
            fs.rmSync(folder, { recursive: true, force: true });
        }
    });
});
