import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

interface SharedEnvironment {
    readonly projects: string;
    readonly root: string;
    programNode(): string;
}

// Compiled, this file lies in build/test/package.
const shared = require(path.resolve(__dirname, "../../../setup/environment.cjs")) as SharedEnvironment;
const page = fs.readFileSync(path.join(shared.root, "docs", "testing.md"), "utf8");

interface Block {
    readonly text: string;
    readonly file: string;
    readonly runner: string;
}

/** The page's code blocks that are files. */
const blocks: readonly Block[] = [...page.matchAll(/^```js file=(\S+)(?: runner=(\S+))?\n([^]*?)^```$/gm)].map(
    ([, file = "", runner = "", text = ""]) => ({ file, runner, text }),
);

const wanted = (runner: string): Block[] => blocks.filter((block) => block.runner === runner);

/** Ends the process where anything reaches for a network. */
const guard = `
const forbid = () => { console.error("reached for the network"); process.exit(97); };
require("node:net").Socket.prototype.connect = forbid;
require("node:dns").lookup = require("node:dns").promises.lookup = forbid;
`;

describe("docs/testing.md", () => {
    let folder: string;

    beforeAll(() => {
        folder = fs.mkdtempSync(path.join(shared.projects, "unit-tests-"));
        fs.writeFileSync(path.join(folder, "guard.cjs"), guard);
        fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "unit-tests", private: true }));
        blocks.forEach(({ file, text }) => fs.writeFileSync(path.join(folder, file), text));
    });
    afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

    /** Runs a program of Node's in the project, without the variables that its secrets are said to be in. */
    function run(
        script: string | undefined,
        args: readonly string[],
        options: readonly string[] = [],
    ): { status: number | null; output: string } {
        const { PATH = "", HOME = "" } = process.env;
        const command = [...options, ...(script === undefined ? [] : [script]), ...args];
        const env = { PATH, HOME, NODE_OPTIONS: `--require=${path.join(folder, "guard.cjs")}`, NO_COLOR: "1", CI: "1" };
        const { status, stdout, stderr } = spawnSync(shared.programNode(), command, {
            cwd: folder,
            env,
            encoding: "utf8",
            timeout: 120_000,
        });
        return { status, output: `${stdout}${stderr}` };
    }

    const found = (name: string): string => require.resolve(name, { paths: [shared.root] });
    const jest = (...files: string[]): ReturnType<typeof run> =>
        run(path.join(path.dirname(found("jest/package.json")), "bin/jest.js"), [
            "--rootDir",
            folder,
            "--runTestsByPath",
            ...files.map((file) => path.join(folder, file)),
        ]);

    test("has blocks for every runner that it names", () => {
        expect([...new Set(blocks.map(({ runner }) => runner))].sort()).toEqual([
            "",
            "jest",
            "mocha",
            "node",
            "vitest",
        ]);
    });

    test("its tests pass under jest", () => {
        const { status, output } = jest(...wanted("jest").map(({ file }) => file));
        expect([status, output]).toEqual([0, expect.stringContaining("Tests:       2 passed, 2 total")]);
    });

    test("its tests pass under node:test", () => {
        const files = wanted("node").map(({ file }) => file);
        const { status, output } = run(undefined, files, ["--test"]);
        const count = wanted("node").flatMap(({ text }) => text.match(/^test\(/gm) ?? []).length;
        expect(count).toBeGreaterThanOrEqual(files.length);
        expect([status, output]).toEqual([0, expect.stringMatching(new RegExp(`pass ${count}\\n`))]);
    });

    test("its test passes under mocha", () => {
        const { status, output } = run(
            path.join(path.dirname(found("mocha/package.json")), "bin/mocha.js"),
            // Mocha's own two seconds are short on a busy machine.
            ["--timeout", "60000", ...wanted("mocha").map(({ file }) => file)],
        );
        expect([status, output]).toEqual([0, expect.stringContaining("1 passing")]);
    });

    // vitest itself brings forty megabytes; this is its block with the same functions from elsewhere, as the ES module that it is.
    test("its test for vitest passes as an ES module", () => {
        const text = wanted("vitest")[0]?.text ?? "";
        const own = text.replace(
            'import { expect, test } from "vitest";',
            `import { test } from "node:test";\nimport { expect } from ${JSON.stringify(found("expect"))};`,
        );
        expect(own).not.toBe(text);
        fs.writeFileSync(path.join(folder, "vitest.test.mjs"), own);
        const { status, output } = run(undefined, ["vitest.test.mjs"], ["--test"]);
        expect([status, output]).toEqual([0, expect.stringMatching(/pass 1\n/)]);
    });

    test("a program that asks for a site that is not there fails, with the words that the page has", () => {
        const program = path.join(folder, "index.js");
        const before = fs.readFileSync(program, "utf8");
        fs.writeFileSync(program, before.replace('subdomain: "acme"', 'subdomain: "acm"'));
        try {
            const { status, output } = jest("index.test.js");
            const [, words = ""] = /^```text\n(.*)\n```$/m.exec(page) ?? [];
            expect(status).toBe(1);
            expect(words).not.toBe("");
            expect(output).toContain(words);
        } finally {
            fs.writeFileSync(program, before);
        }
    });

    /** What a test sees that makes connections under mocks and puts what it sees into `shown`. */
    function seen(code: string): Record<string, unknown> {
        const text = `
            const pulumi = require("@pulumi/pulumi");
            const { connectionMocks } = require("pulumi-connections/testing");
            const { atlassian, http, jamf, jumpcloud, nango, oauth2, ox, secretFrom, stackone } = require("pulumi-connections");
            const shown = {};
            const unhandled = [];
            process.on("unhandledRejection", ({ message }) => unhandled.push(message));
            const mocked = (...args) => { const mocks = connectionMocks(...args); pulumi.runtime.setMocks(mocks); return mocks; };
            const refusal = (work) => work.then(() => "none", ({ message }) => message);
            const valueOf = (output) => new Promise((resolve, reject) => { pulumi.output(output).promise().then(resolve, reject); });
            (async () => { ${code} })().then(() => setTimeout(() => console.log(JSON.stringify({ ...shown, unhandled })), 20));`;
        const file = path.join(folder, "seen.js");
        fs.writeFileSync(file, text);
        const { status, output } = run(file, []);
        expect([status, output]).toEqual([0, expect.stringMatching(/^\{.*\}$/m)]);
        return JSON.parse(output) as Record<string, unknown>;
    }

    const uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    const every = `
        const every = (secret, prefix = "") => ({
            mdm: new jamf.ApiClient(prefix + "mdm", { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: secret, requiredPrivileges: ["Read Computers"] }),
            directory: new jumpcloud.ServiceAccount(prefix + "directory", { clientId: "any", clientSecret: secret }),
            oauth: new atlassian.ServiceAccountOAuth(prefix + "oauth", { clientId: "any", clientSecret: secret, subdomain: "acme" }),
            token: new atlassian.ServiceAccountToken(prefix + "token", { subdomain: "acme", email: "bot@acme.example", apiToken: secret, products: ["jira", "confluence"], requiredScopes: ["read:jira-work"] }),
            connector: new atlassian.JiraConnector(prefix + "connector", { cloudId: "${uuid}", apiToken: secret }),
            user: new atlassian.JiraUserToken(prefix + "user", { subdomain: "acme", username: "a@acme.example", apiToken: secret }),
            server: new atlassian.JiraUserToken(prefix + "server", { siteUrl: "https://jira.acme.example", apiToken: secret }),
            dataCenter: new atlassian.DataCenterServiceAccount(prefix + "dataCenter", { url: "https://jira.acme.example", product: "jira", clientId: "any", clientSecret: secret }),
            wiki: new atlassian.DataCenterServiceAccount(prefix + "wiki", { url: "https://intranet.acme.example/confluence", product: "confluence", clientId: "any", clientSecret: secret, scope: "WRITE" }),
            client: new oauth2.ClientCredentials(prefix + "client", { tokenUrl: "https://auth.acme.example/token", clientId: "any", clientSecret: secret, requiredScopes: ["devices:read"], probe: { url: "https://api.acme.example/me" } }),
            key: new http.ApiKey(prefix + "key", { key: secret, query: "key", probe: { url: "https://api.acme.example/me?all=1", identity: "/org/id" } }),
            basic: new http.Basic(prefix + "basic", { username: "any", password: secret, probe: { url: "https://api.acme.example/me", expect: 204 } }),
            bearer: new http.Bearer(prefix + "bearer", { token: secret, probe: { url: "https://api.acme.example/me", method: "HEAD" } }),
        });`;
    const names = [
        "mdm",
        "directory",
        "oauth",
        "token",
        "connector",
        "user",
        "server",
        "dataCenter",
        "wiki",
        "client",
        "key",
        "basic",
        "bearer",
    ];

    test("without a fact, every class is verified, by value and by reference, and its outputs have values", () => {
        const { statuses, warnings, facts, unhandled } = seen(`${every}
            const mocks = mocked();
            const made = { ...every("any-secret"), ...Object.fromEntries(Object.entries(every(secretFrom.command(["no-such-program"]), "other-")).map(([name, one]) => ["other-" + name, one])) };
            await mocks.verified();
            shown.statuses = await valueOf(Object.fromEntries(Object.entries(made).map(([name, { status }]) => [name, status])));
            shown.warnings = await valueOf(Object.values(made).map(({ warnings }) => warnings));
            shown.facts = await valueOf([made.mdm.version, made.oauth.siteUrl, made.token.cloudId, made.connector.hostUrl, made.key.identity, made.directory.organizationId, made.token.account, made["other-mdm"].clientSecret]);`);
        expect(statuses).toEqual(
            Object.fromEntries([...names, ...names.map((name) => `other-${name}`)].map((name) => [name, "verified"])),
        );
        expect((warnings as string[][]).flat()).toEqual([]);
        expect(facts).toEqual([
            expect.stringMatching(/^11\./),
            "https://acme.atlassian.net",
            expect.stringMatching(/^[0-9a-f-]{36}$/),
            `https://api.atlassian.com/ex/jira/${uuid}`,
            "unit-test",
            expect.stringMatching(/^[0-9a-f]{24}$/),
            { id: "unit-test", name: "Unit Test", email: "bot@acme.example" },
            "unit-test-command-no-such-program",
        ]);
        expect(unhandled).toEqual([]);
    });

    test("a refused secret is refused for every class, with its argument's name and never its value", () => {
        const { message, one, unhandled } = seen(`${every}
            const mocks = mocked({ refusedSecrets: ["PLANTED-secret"] });
            const made = every("PLANTED-secret");
            const looked = made.mdm.apiUrl;
            shown.message = await refusal(mocks.verified());
            shown.one = await refusal(looked.promise());`);
        const lines = (message as string).split("\n");
        expect(lines).toHaveLength(names.length);
        lines.forEach((line, at) =>
            expect(line).toMatch(
                new RegExp(`^[a-z0-9]+\\.[A-Za-z]+ ${names[at] ?? ""}: (clientSecret|apiToken|key|password|token): `),
            ),
        );
        expect(one).toBe(lines[0]);
        expect(message).not.toContain("PLANTED");
        expect(unhandled).toEqual([]);
    });

    test.each<[string, string, string, RegExp]>([
        [
            "an old Jamf Pro",
            '{ jamf: { version: "10.48.0" } }',
            `new jamf.ApiClient("mdm", { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: "any" })`,
            /^jamf\.ApiClient mdm: url: Jamf Pro there is 10\.48\.0, and 10\.49\.0 or later is needed\./,
        ],
        [
            "a missing scope",
            '{ atlassian: { scopes: ["read:jira-user"] } }',
            `new atlassian.JiraConnector("jira", { cloudId: "${uuid}", apiToken: "any" })`,
            /^atlassian\.JiraConnector jira: .*(read|write):jira-work/,
        ],
        [
            "a site that the credential does not reach",
            '{ atlassian: { sites: [{ subdomain: "acme" }] } }',
            'new atlassian.ServiceAccountOAuth("oauth", { clientId: "any", clientSecret: "any", subdomain: "acmee" })',
            /subdomain: the credential reaches no site acmee\. Did you mean acme\?/,
        ],
        [
            "a product that the account may not use",
            '{ atlassian: { products: ["jira"] } }',
            'new atlassian.ServiceAccountToken("token", { subdomain: "acme", email: "bot@acme.example", apiToken: "any", products: ["confluence"] })',
            /products: the service account may not use Confluence/,
        ],
        [
            "a secret by reference that was rotated away",
            '{ refusedSecrets: [secretFrom.file("/run/secrets/jamf")] }',
            `new jamf.ApiClient("mdm", { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: secretFrom.file("/run/secrets/jamf") })`,
            /clientSecret: Jamf refused the client id or secret/,
        ],
        [
            "a host that cannot be reached",
            '{ unreachableHosts: ["acme.jamfcloud.com"] }',
            `new jamf.ApiClient("mdm", { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: "any" })`,
            /url: no connection to acme\.jamfcloud\.com/,
        ],
        [
            "an expired secret",
            "{}",
            `new jamf.ApiClient("mdm", { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: "any", expiresAt: "2020-01-01" })`,
            /expiresAt: the clientSecret expired on 2020-01-01/,
        ],
        [
            "an answer that the test gives itself",
            '{ answers: ({ url }) => url.endsWith("/me") ? { status: 403, body: {} } : undefined }',
            'new http.Bearer("bearer", { token: "any", probe: { url: "https://api.acme.example/me" } })',
            /denied this credential access to api\.acme\.example\/me \(HTTP 403\)/,
        ],
        [
            "facts of one connection alone",
            '({ name, type }) => (name === "old" && type === "jamf.ApiClient" ? { jamf: { version: "10.48.0" } } : {})',
            `for (const name of ["new", "old"]) new jamf.ApiClient(name, { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: "any" })`,
            /^jamf\.ApiClient old: url: Jamf Pro there is 10\.48\.0.*$/,
        ],
    ])("%s is refused as in a preview", (_, facts, make, words) => {
        const { message } = seen(
            `const mocks = mocked(${facts}); ${make}; shown.message = await refusal(mocks.verified());`,
        );
        expect(message).toMatch(words);
    });

    test("a connection of one's own is verified with the answers of the test, and says where one is missing", () => {
        fs.writeFileSync(
            path.join(folder, "acme.js"),
            `const { connectionClass } = require("pulumi-connections");
            const { bearer, defineConnection, object, secret, text } = require("pulumi-connections/define");
            exports.ApiKey = class extends connectionClass(defineConnection({
                type: "acme:ApiKey", title: "Acme", args: { key: secret() }, outputs: () => ({ plan: text() }), tenant: "plan",
                credential: ({ key }) => bearer(key),
                steps: (call) => ({ me: call("Acme knows the key.", () => "https://api.acme.example/me", object({ plan: text() }), ({ plan }, _, tell) => tell.found({ outputs: { plan } })) }),
            })) {};`,
        );
        const { plan, missing } = seen(`
            const { ApiKey } = require("./acme");
            const mocks = mocked({ answers: ({ url, headers }) => (url === "https://api.acme.example/me" && headers.authorization === "Bearer any" ? { body: { plan: "large" } } : undefined) });
            const key = new ApiKey("acme", { key: "any" });
            await mocks.verified();
            shown.plan = await valueOf(key.plan);
            const other = mocked();
            new ApiKey("acme", { key: "any" });
            shown.missing = await refusal(other.verified());`);
        expect([plan, missing]).toEqual([
            "large",
            "acme.ApiKey acme: the test gives no answer to GET https://api.acme.example/me. Add it to the answers of connectionMocks. [test-no-answer]",
        ]);
    });

    test("functions, previews, other resources, components and hubs", () => {
        const { tenant, missing, sites, refused, preview, open, verified, other, hub, unhandled } = seen(`
            const facts = { atlassian: { sites: [{ subdomain: "acme", cloudId: "${uuid}", name: "Acme" }] }, refusedSecrets: ["bad"] };
            const mocks = mocked(facts, { newResource: ({ name, inputs, type }) => ({ id: name, state: { ...inputs, type } }) });
            shown.tenant = await valueOf(atlassian.getTenantInfoOutput({ subdomain: "acme" }));
            shown.missing = await refusal(atlassian.getTenantInfo({ subdomain: "acm" }));
            shown.sites = await atlassian.getSites({ clientId: "any", clientSecret: "any" });
            shown.refused = await refusal(atlassian.getSites({ clientId: "any", clientSecret: "bad" }));
            class Other extends pulumi.CustomResource { constructor(name, args) { super("other:index:Other", name, { type: undefined, ...args }); } }
            const other = new Other("other", { size: 1 });
            const later = new jamf.ApiClient("later", { url: other.urn.apply(() => "https://acme.jamfcloud.com"), clientId: "${uuid}", clientSecret: pulumi.secret("any") });
            const environment = new nango.Connection("hub", { environmentKey: "any", integration: "jamf", connectionId: "mdm", connection: later });
            await mocks.verified();
            shown.verified = await valueOf(later.status);
            shown.other = await valueOf(other.type);
            shown.hub = await valueOf(environment.urn);
            const previewed = connectionMocks();
            pulumi.runtime.setMocks(previewed, "project", "stack", true);
            const unknown = new Other("unknown", {});
            const open = new jamf.ApiClient("open", { url: unknown.type.apply((name) => "https://" + name), clientId: "${uuid}", clientSecret: "any" });
            const known = new jamf.ApiClient("known", { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: "any" });
            shown.preview = await valueOf([known.status, known.version]);
            await previewed.verified();
            shown.open = await open.status.isKnown;`);
        expect(tenant).toEqual({ cloudId: uuid, siteUrl: "https://acme.atlassian.net" });
        expect(missing).toMatch(/^subdomain: there is no Atlassian site https:\/\/acm\.atlassian\.net/);
        expect(sites).toEqual([{ cloudId: uuid, name: "Acme", url: "https://acme.atlassian.net" }]);
        expect(refused).toMatch(/^clientSecret: Atlassian refused the client id or secret/);
        expect([verified, other, preview]).toEqual([
            "verified",
            "other:index:Other",
            ["verified", expect.stringMatching(/^11\./)],
        ]);
        expect(open).toBe(false);
        expect(hub).toMatch(/nango:Connection::hub$/);
        expect(unhandled).toEqual([]);
    });

    test("resources at hubs are judged, with plain mocks as well, and say what would be there", () => {
        const { plain, ours, broken, refused, open, unhandled } = seen(`
            const key = "any-environment-key";
            const jamfArgs = { url: "https://acme.jamfcloud.com", clientId: "${uuid}", clientSecret: secretFrom.env("NOT_SET_HERE") };
            const hubOf = (connection, more) => new nango.Connection("hub", { environmentKey: key, integration: "jamf", connectionId: "mdm", connection, ...more });
            pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs });
            const here = hubOf(new jamf.ApiClient("mdm", jamfArgs));
            shown.plain = [await valueOf(here.connectionId), await valueOf(here.provider)];
            try { hubOf(undefined, { integration: "\u00e4" }); } catch ({ message }) { shown.broken = message; }
            const mocks = mocked();
            const made = hubOf(new jamf.ApiClient("mdm", jamfArgs), { tags: { team: "it" } });
            await mocks.verified();
            shown.ours = await valueOf(made.found);
            const refusing = mocked({ refusedSecrets: [jamfArgs.clientSecret] });
            const taken = hubOf(new jamf.ApiClient("mdm", jamfArgs));
            hubOf({ type: "jamf.ApiClient", arguments: jamfArgs });
            hubOf(new jamf.ApiClient("hosted", { ...jamfArgs, url: "https://jamf.example.com", clientSecret: "another" }));
            shown.refused = [(await refusal(refusing.verified())).split(/\\n/), await refusal(require("pulumi-connections/testing").valueOf(taken.found))];
            const previewed = connectionMocks();
            pulumi.runtime.setMocks(previewed, "project", "stack", true);
            const unknown = new jamf.ApiClient("unknown", { ...jamfArgs, url: pulumi.output(pulumi.unknown) });
            const later = hubOf(unknown);
            await previewed.verified();
            shown.open = (await later.found.isKnown) ? "known" : "open";
            await new Promise((resolve) => setImmediate(resolve));
            shown.unhandled = unhandled;`);
        expect(plain).toEqual(["mdm", "jamf"]);
        expect(broken).toMatch(/nango\.Connection hub: integration: must be an integration's unique key/);
        expect(ours).toMatchObject({ state: "present", provider: "jamf", tags: { team: "it" } });
        expect(refused).toEqual([
            [
                expect.stringMatching(/^jamf\.ApiClient mdm: clientSecret: Jamf refused/) as string,
                expect.stringMatching(/^nango\.Connection hub: connection: clientSecret: Jamf refused/) as string,
                expect.stringMatching(/^nango\.Connection hub: connection: is the Jamf Pro server/) as string,
            ],
            expect.stringMatching(/^jamf\.ApiClient mdm: clientSecret: Jamf refused/) as string,
        ]);
        expect(open).toBe("open");
        expect(unhandled).toEqual([]);
    });
});
