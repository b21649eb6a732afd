import fs from "node:fs";
import path from "node:path";
import { Project, type StateResource } from "../support/project";
import { declare, declaredProgram } from "../support/declared";
import { LeakScanner } from "../support/leaks";
import { diagnosticsOf, shownBy } from "../support/shown";
import { startVendors, type JumpCloudServiceAccount, type Vendors } from "../simulators/vendors";
import { thorough } from "../support/thorough";

/** What `core` holds as well: in a thorough run. */
const whole = thorough(test.skip, test);

const clean = "--expect-no-changes";

/** A connection and what uses its endpoints and its secret's place. */
const program = `
const pulumi = require("@pulumi/pulumi");
const { jumpcloud, jamf } = require("pulumi-connections");
const config = new pulumi.Config();
const args = JSON.parse(process.env.ARGS);
class User extends pulumi.dynamic.Resource {
    constructor(name, inputs) {
        super({ create: async (inputs) => ({ id: "user", outs: inputs }), update: async (id, olds, news) => ({ outs: news }) }, name, inputs);
    }
}
const standbyClientSecret = config.getSecret("standby");
const directory = new jumpcloud.ServiceAccount("directory", {
    ...args.directory,
    clientSecret: config.requireSecret("primary"),
    ...(standbyClientSecret === undefined ? {} : { standbyClientSecret }),
});
const mdm = new jamf.ApiClient("mdm", { ...args.mdm, clientSecret: config.requireSecret("jamf") });
new User("users", { url: directory.apiUrl, organization: directory.organizationId, headers: directory.requestHeaders });
new User("devices", { url: mdm.apiUrl, tokenUrl: mdm.tokenUrl });
exports.secretInUse = directory.secretInUse;
exports.verifiedAt = directory.verifiedAt;
`;

describe("Rotation without a gap", () => {
    let vendors: Vendors;
    let project: Project;
    let account: JumpCloudServiceAccount;
    let first: string;
    let second: string;
    const wrong = "wrongwrongwrongwrongwrongwrongwrongwrongwrongwrongwrongwrongwron";

    const secretOf = async (name: string, property: string): Promise<unknown> => {
        const shown = await project.run(["stack", "export", "--show-secrets"]);
        const { deployment } = JSON.parse(shown.stdout) as { deployment: { resources: StateResource[] } };
        const value = deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs?.[property];
        return JSON.parse((value as { plaintext: string }).plaintext);
    };

    beforeAll(async () => {
        vendors = await startVendors();
        const { jumpcloud, jamf } = vendors.fixture;
        account = jumpcloud.account;
        [first, second] = account.clientSecrets as [string, string];
        const args = {
            directory: { clientId: account.clientId },
            mdm: { url: jamf.server.origin, clientId: jamf.client.clientId },
        };
        project = await Project.create({
            name: "rotation",
            program,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), ARGS: JSON.stringify(args) },
            secrets: { primary: first, standby: second, jamf: jamf.client.clientSecret },
        });
        expect(await project.up()).toMatchObject({ code: 0 });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("the first secret is used while it is good, and the standby is not asked for", async () => {
        expect(await project.outputs()).toMatchObject({ secretInUse: "clientSecret" });
        const asked = [...vendors.requests].filter(
            ({ origin, path: target }) => origin.includes("admin-oauth") && target.startsWith("/oauth2/token"),
        );
        expect(asked.length).toBeGreaterThan(0);
        expect(asked.filter(({ status }) => status !== 200)).toEqual([]);
    });

    test("when it is refused the standby works: shown as drift with a warning, recorded by up, and nothing that depends on it moves", async () => {
        account.revokeClientSecret(first);
        const { code, output } = await project.preview("--diff", clean);
        expect(code).not.toBe(0);
        const shown = shownBy(output, "update");
        expect([...shown.keys()]).toEqual(["directory"]);
        expect(shown.get("directory")).toContain('~ secretInUse: "clientSecret" => "standbyClientSecret"');
        expect(shown.get("directory")).toContain('status: "verified"');
        const up = await project.up();
        expect(up).toMatchObject({ code: 0 });
        expect(diagnosticsOf(up.output).get("directory")).toMatch(
            /JumpCloud refused clientSecret and accepted standbyClientSecret\. Activate a new secret .* put it into clientSecret\./,
        );
        expect(await project.outputs()).toMatchObject({ secretInUse: "standbyClientSecret" });
        const again = await project.preview(clean);
        expect(again).toMatchObject({ code: 0 });
        expect(diagnosticsOf(again.output).get("directory")).toMatch(/JumpCloud refused clientSecret/);
    });

    test("a new secret that is wrong fails the preview although the standby works, and the old one stays in state", async () => {
        await project.setSecret("primary", wrong);
        for (const { code, output } of [await project.preview(), await project.up()]) {
            expect(code).not.toBe(0);
            expect(output).toMatch(/clientSecret: JumpCloud refused the client id or secret \(invalid_client\)/);
            expect(output).not.toContain(wrong);
        }
        expect(await secretOf("directory", "clientSecret")).toBe(first);
    });

    test("a new secret that is good is an update in place, and nothing that depends on it moves", async () => {
        const third = account.addClientSecret();
        await project.setSecret("primary", third);
        const { output } = await project.preview("--diff");
        const shown = shownBy(output, "update");
        expect([...shown.keys()]).toEqual(["directory"]);
        expect(shown.get("directory")).toContain('~ secretInUse: "standbyClientSecret" => "clientSecret"');
        expect(shownBy(output, "replace").size).toBe(0);
        const up = await project.up();
        expect(up).toMatchObject({ code: 0 });
        expect(diagnosticsOf(up.output).get("directory") ?? "").not.toContain("refused");
        expect(await secretOf("directory", "clientSecret")).toBe(third);
        expect(await project.outputs()).toMatchObject({ secretInUse: "clientSecret" });
        await project.settled();
    });

    // `core/standby` has it.
    whole("a new standby that is wrong fails the preview too; the two may change places", async () => {
        const third = account.clientSecrets.find((secret) => secret !== second) as string;
        await project.setSecret("standby", wrong);
        const { code, output } = await project.preview();
        expect(code).not.toBe(0);
        expect(output).toMatch(/standbyClientSecret: JumpCloud refused the client id or secret/);
        expect(await secretOf("directory", "standbyClientSecret")).toBe(second);
        await project.setSecret("primary", second);
        await project.setSecret("standby", third);
        expect(await project.up()).toMatchObject({ code: 0 });
        account.revokeClientSecret(second);
        // What is known as bad may still stand by: it is no new secret.
        await project.setSecret("primary", third);
        await project.setSecret("standby", second);
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await project.outputs()).toMatchObject({ secretInUse: "clientSecret" });
    });

    test("when both are refused the connection is rejected, and both are named", async () => {
        const live = [...account.clientSecrets];
        live.forEach((secret) => account.revokeClientSecret(secret));
        const { code, output } = await project.preview("--diff", clean);
        expect(code).not.toBe(0);
        expect(shownBy(output, "update").get("directory")).toContain('~ status: "verified" => "rejected"');
        expect(output).toContain("with clientSecret and with standbyClientSecret");
        live.forEach((secret) => account.restoreClientSecret(secret));
    });

    test("where a vendor has one secret, the new one is proved before the old one is dropped", async () => {
        const { client } = vendors.fixture.jamf;
        const old = client.clientSecret;
        await project.setSecret("jamf", wrong);
        const refused = await project.preview();
        expect(refused.code).not.toBe(0);
        expect(refused.output).toMatch(/clientSecret: Jamf refused the client id or secret/);
        expect(await project.up()).not.toMatchObject({ code: 0 });
        expect(await secretOf("mdm", "clientSecret")).toBe(old);
        await project.setSecret("jamf", client.generateClientSecret());
        const { output } = await project.preview("--diff");
        // Of two secrets the engine shows nothing: the update is there, and no property of it.
        expect(
            [...shownBy(output, "update")].map(([name, lines]) => [name, lines.filter((line) => /^[-+~]/.test(line))]),
        ).toEqual([["mdm", []]]);
        expect(shownBy(output, "replace").size).toBe(0);
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await secretOf("mdm", "clientSecret")).toBe(client.clientSecret);
    });

    test("no secret stands in clear in any file", async () => {
        expect(await new LeakScanner([...vendors.secrets, wrong]).inProject(project, [])).toEqual([]);
    });
});

describe("Secrets by reference", () => {
    let vendors: Vendors;
    let project: Project;
    const file = "secrets/token";
    const secrets = (): { jumpcloud: string; jamf: string; token: string } => ({
        jumpcloud: vendors.fixture.jumpcloud.account.clientSecrets[0] ?? "",
        jamf: vendors.fixture.jamf.client.clientSecret,
        token: vendors.fixture.atlassian.connectorToken.token,
    });

    beforeAll(async () => {
        vendors = await startVendors();
        const { jumpcloud, jamf, jiraConnector } = vendors.credentials;
        project = await Project.create({
            name: "references",
            program: declaredProgram,
            env: {
                CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
                JUMPCLOUD_SECRET: secrets().jumpcloud,
                JAMF_SECRET: secrets().jamf,
            },
        });
        project.write(file, `${secrets().token}\n`);
        declare(project, [
            {
                name: "directory",
                type: "jumpcloud.ServiceAccount",
                args: { clientId: jumpcloud.clientId, clientSecret: { secretFrom: "env", name: "JUMPCLOUD_SECRET" } },
            },
            {
                name: "mdm",
                type: "jamf.ApiClient",
                args: {
                    url: jamf.url,
                    clientId: jamf.clientId,
                    clientSecret: { secretFrom: "env", name: "JAMF_SECRET" },
                },
            },
            {
                name: "issues",
                type: "atlassian.JiraConnector",
                args: { ...jiraConnector, apiToken: { secretFrom: "file", name: file } },
            },
        ]);
        expect(await project.up()).toMatchObject({ code: 0 });
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    test("the state has the reference and, encrypted, a keyed digest, and the secret in no form", async () => {
        for (const [name, property, reference] of [
            ["directory", "clientSecret", { secretFrom: "env", name: "JUMPCLOUD_SECRET" }],
            ["mdm", "clientSecret", { secretFrom: "env", name: "JAMF_SECRET" }],
            ["issues", "apiToken", { secretFrom: "file", name: file }],
        ] as const) {
            const { inputs, outputs } = await project.resource(name);
            expect([inputs?.[property], outputs?.[property]]).toEqual([reference, reference]);
            expect([inputs?.["__sealed"], outputs?.["__sealed"]]).toEqual([
                undefined,
                expect.objectContaining({ ciphertext: expect.any(String) as string }),
            ]);
        }
        expect(JSON.stringify(await project.exportState())).not.toMatch(/[0-9a-f]{32}:[0-9a-f]{64}/);
        fs.rmSync(path.join(project.dir, file));
        expect(await new LeakScanner(vendors.secrets).inProject(project, [])).toEqual([]);
        project.write(file, `${secrets().token}\n`);
    });

    test("the same secret is no change", async () => {
        expect(await project.refresh("--preview-only", clean)).toMatchObject({ code: 0 });
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
    });

    test("each process reads a file once for each verb: the program once, the provider once a check, create and read", async () => {
        const log = path.join(project.dir, "reads");
        /** How often each process that has read the file has done so, the most first. */
        const readsOf = async (...args: string[]): Promise<number[]> => {
            fs.rmSync(log, { force: true });
            const env = { NODE_OPTIONS: `--require=${path.join(__dirname, "../support/reads.js")}`, READS_LOG: log };
            expect(await project.run(args, { env })).toMatchObject({ code: 0 });
            const pids = fs
                .readFileSync(log, "utf8")
                .split("\n")
                .filter((line) => line.endsWith(` ${file}`))
                .map((line) => line.split(" ")[0]);
            return [...new Set(pids)].map((pid) => pids.filter((other) => other === pid).length).sort((a, b) => b - a);
        };
        const { urn } = await project.resource("issues");
        // check in the provider; verify in the program.
        expect(await readsOf("preview")).toEqual([1, 1]);
        // check and create in the provider; verify in the program.
        expect(await readsOf("up", "--yes", "--skip-preview", "--replace", urn)).toEqual([2, 1]);
        expect(await readsOf("refresh", "--preview-only")).toEqual([1]);
    });

    test("rotating the value behind the reference shows as a change of the secret, and up records it", async () => {
        const { account } = vendors.fixture.jumpcloud;
        project.env["JUMPCLOUD_SECRET"] = account.clientSecrets[1] ?? "";
        project.env["JAMF_SECRET"] = vendors.fixture.jamf.client.generateClientSecret();
        const { output, code } = await project.preview("--diff", clean);
        expect(code).not.toBe(0);
        const shown = shownBy(output, "update");
        expect([...shown.keys()].sort()).toEqual(["directory", "mdm"]);
        for (const label of ["jumpcloud.ServiceAccount directory", "jamf.ApiClient mdm"]) {
            expect(output).toMatch(
                new RegExp(
                    `${label}: clientSecret: the environment variable \\w+ holds another secret than is on record`,
                ),
            );
        }
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
    });

    test("a new secret that is wrong fails the preview, and the record stays", async () => {
        const { outputs: before } = await project.resource("mdm");
        const { code, output } = await project.run(["preview"], { env: { JAMF_SECRET: "wrongwrongwrongwrongwrong" } });
        expect(code).not.toBe(0);
        expect(output).toMatch(/clientSecret: Jamf refused the client id or secret/);
        expect((await project.resource("mdm")).outputs).toEqual(before);
    });

    test("a missing variable or file is named by the preview", async () => {
        const variable = await project.run(["preview"], { env: { JAMF_SECRET: "" } });
        expect(variable.code).not.toBe(0);
        expect(variable.output).toContain(
            "clientSecret: the environment variable JAMF_SECRET is empty. Set it to the secret.",
        );
        const from = project.env["JAMF_SECRET"] ?? "";
        delete project.env["JAMF_SECRET"];
        fs.renameSync(path.join(project.dir, file), path.join(project.dir, "elsewhere"));
        const { code, output } = await project.preview();
        expect(code).not.toBe(0);
        expect(output).toContain(
            "clientSecret: the environment variable JAMF_SECRET is not set. Set it to the secret.",
        );
        expect(output).toContain(
            `apiToken: the file ${file} cannot be read (ENOENT). Put the secret there, or name another file.`,
        );
        project.env["JAMF_SECRET"] = from;
        fs.renameSync(path.join(project.dir, "elsewhere"), path.join(project.dir, file));
    });

    test("a refresh uses today's secret; with none, it warns and changes nothing", async () => {
        const { client } = vendors.fixture.jamf;
        project.env["JAMF_SECRET"] = client.generateClientSecret();
        const rotated = await project.refresh("--preview-only", "--diff");
        expect(rotated.code).toBe(0);
        expect(
            (shownBy(rotated.output, "update").get("mdm") ?? []).filter((line) => line.startsWith("~ status")),
        ).toEqual([]);
        expect(await project.up()).toMatchObject({ code: 0 });
        const { code, output } = await project.run(["refresh", "--yes", "--skip-preview", clean], {
            env: { JAMF_SECRET: "", JUMPCLOUD_SECRET: "" },
        });
        expect(code).toBe(0);
        expect(output).toMatch(
            /warning: .*the environment variable JAMF_SECRET is empty.*The connection stays as it was\./,
        );
        await project.settled();
    });

    test("a program may move from a secret to a reference and back, each time as an update in place", async () => {
        const { jumpcloud } = vendors.credentials;
        const one = (clientSecret: unknown) =>
            declare(project, [
                {
                    name: "directory",
                    type: "jumpcloud.ServiceAccount",
                    args: { clientId: jumpcloud.clientId, clientSecret },
                },
            ]);
        one(project.env["JUMPCLOUD_SECRET"]);
        const there = await project.run(["up", "--yes", "--skip-preview", "--diff"]);
        expect(there).toMatchObject({ code: 0 });
        expect(shownBy(there.output, "replace").size).toBe(0);
        expect(JSON.stringify(await project.exportState())).toContain('"ciphertext":');
        one({ secretFrom: "env", name: "JUMPCLOUD_SECRET" });
        const back = await project.run(["up", "--yes", "--skip-preview", "--diff"]);
        expect(back).toMatchObject({ code: 0 });
        expect(shownBy(back.output, "replace").size).toBe(0);
        expect((await project.resource("directory")).inputs?.["clientSecret"]).not.toHaveProperty("ciphertext");
        await project.settled();
    });

    test("destroy needs no secret", async () => {
        const { code } = await project.run(["destroy", "--yes", "--skip-preview"], {
            env: { JAMF_SECRET: "", JUMPCLOUD_SECRET: "" },
        });
        expect(code).toBe(0);
    });
});
