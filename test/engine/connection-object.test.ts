import { LeakScanner } from "../support/leaks";
import { Project } from "../support/project";
import { failed, succeeded } from "../support/programs";
import { startVendors, type Vendors } from "../simulators/vendors";

/** Exports connections as they are, in the common style, besides single arguments. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { atlassian, jamf, jumpcloud, secretFrom } from "pulumi-connections";

const given = JSON.parse(process.env.CREDENTIALS ?? "");
const apiToken = secretFrom.env("API_TOKEN");
export const mdm = new jamf.ApiClient("mdm", { ...given.jamf, clientSecret: pulumi.secret(given.jamf.clientSecret) });
export const directory = new jumpcloud.ServiceAccount("directory", given.jumpcloud);
export const oauth = new atlassian.ServiceAccountOAuth("oauth", given.atlassianOAuth);
export const token = new atlassian.ServiceAccountToken("token", { ...given.atlassianToken, apiToken });
export const ox = new atlassian.JiraConnector("ox", { ...given.jiraConnector, apiToken: pulumi.output(secretFrom.env("OX_TOKEN")) });
export const user = new atlassian.JiraUserToken("user", given.jiraUserToken);
export const nested = { list: [new atlassian.JiraUserToken("server", given.jiraDataCenter)] };
export const control = new pulumi.Stash("control", { input: "any resource of Pulumi's" });

export const shown = {
    clientId: mdm.clientId,
    privileges: mdm.requiredPrivileges,
    left: mdm.minimumVersion.apply((version) => version ?? "not given"),
    email: token.email,
    username: user.username,
    region: directory.region,
    subdomain: oauth.subdomain,
};
new pulumi.Stash("vault", { input: [mdm.clientSecret, directory.standbyClientSecret, token.apiToken, ox.apiToken] });
`;

describe("a connection that a program exports as it is", () => {
    let vendors: Vendors;
    let project: Project;

    beforeAll(async () => {
        vendors = await startVendors();
        const { jamf, jumpcloud, atlassianOAuth, atlassianToken, jiraConnector, jiraUserToken, jiraDataCenter } =
            vendors.credentials;
        const { apiToken, ...token } = atlassianToken;
        const { apiToken: oxToken, ...ox } = jiraConnector;
        const given = {
            jamf,
            jumpcloud,
            atlassianOAuth,
            atlassianToken: token,
            jiraConnector: ox,
            jiraUserToken,
            jiraDataCenter,
        };
        project = await Project.create({
            name: "object",
            program,
            language: "typescript",
            env: {
                CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
                CREDENTIALS: JSON.stringify(given),
                API_TOKEN: apiToken,
                OX_TOKEN: oxToken,
            },
        });
    });

    afterAll(() => Promise.all([project?.dispose(), vendors?.close()]));

    const secrets = (): string[] => {
        const { jamf, jumpcloud, atlassianToken, jiraConnector } = vendors.credentials;
        return [
            jamf.clientSecret,
            jumpcloud.clientSecret,
            jumpcloud.standbyClientSecret,
            atlassianToken.apiToken,
            jiraConnector.apiToken,
        ];
    };

    test("shows no change once it is recorded, in a preview and in an up", async () => {
        succeeded(await project.up());
        project.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
        const output = succeeded(await project.preview("--diff", "--expect-no-changes"));
        // A preview opens each exported resource with a mark, whatever its class: the SDK adds a property there that the engine then hides.
        const marked = [...output.matchAll(/^\s*[~+-] .*$/gm)].map(([line]) => line.trim().replace(/\s+:/, ":"));
        expect(marked).toContain("~ control: {");
        expect(marked.filter((line) => !/^~ [\w[\]]+: [{[]$/.test(line))).toEqual([]);
        const again = succeeded(await project.up("--diff", "--expect-no-changes"));
        expect(again).not.toMatch(/^\s*[~+-] /m);
    });

    test("holds its facts and arguments, and nothing of how it came to be", async () => {
        const outputs = await project.outputs();
        const { jamf, jumpcloud, atlassianToken, jiraUserToken, atlassianOAuth } = vendors.credentials;
        expect(outputs["shown"]).toEqual({
            clientId: jamf.clientId,
            privileges: jamf.requiredPrivileges,
            left: "not given",
            email: atlassianToken.email,
            username: jiraUserToken.username,
            region: jumpcloud.region,
            subdomain: atlassianOAuth.subdomain,
        });
        expect(outputs["mdm"]).toMatchObject({
            clientId: jamf.clientId,
            apiUrl: `${jamf.url}/api`,
            status: "verified",
        });
        for (const name of ["mdm", "directory", "oauth", "token", "ox", "user"]) {
            expect(outputs[name]).toMatchObject({
                status: "verified",
                urn: expect.stringContaining("dynamic/connections") as string,
            });
        }
        const text = JSON.stringify(outputs);
        expect(text).not.toMatch(/"observation"|"__|secretFrom|fingerprint|[0-9a-f]{32}:[0-9a-f]{64}/);
    });

    test("holds no secret and no reference, not even for who may see secrets", async () => {
        const scanner = new LeakScanner(secrets());
        expect(scanner.inText("outputs", JSON.stringify(await project.secretOutputs()))).toEqual([]);
        expect(scanner.inText("state", JSON.stringify(await project.exportState()))).toEqual([]);
    });

    test("gives its secrets to what asks for them by name, encrypted, references too", async () => {
        const clear = await project.run(["stack", "export", "--show-secrets"]);
        const { deployment } = JSON.parse(clear.stdout) as {
            deployment: { resources: { urn: string; outputs: { output: unknown } }[] };
        };
        const vault = JSON.stringify(deployment.resources.find(({ urn }) => urn.endsWith("::vault"))?.outputs.output);
        const { jamf, jumpcloud, atlassianToken, jiraConnector } = vendors.credentials;
        const expected = [
            jamf.clientSecret,
            jumpcloud.standbyClientSecret,
            atlassianToken.apiToken,
            jiraConnector.apiToken,
        ];
        const found = new LeakScanner(expected).inText("vault", vault);
        expect(new Set(found.map(({ secret }) => secret)).size).toBe(expected.length);
    });

    test("gives them after the verification: what asks for one gets none that the vendor refuses", async () => {
        const name = "CREDENTIALS";
        const given = JSON.parse(project.env[name] ?? "") as Record<string, object>;
        await project.destroy();
        project.env[name] = JSON.stringify({
            ...given,
            jamf: { ...given["jamf"], clientSecret: "planted-wrong-secret" },
        });
        expect(failed(await project.up())).toMatch(/clientSecret: Jamf refused/);
        const resources = (await project.exportState()).deployment.resources ?? [];
        expect(resources.filter(({ urn }) => urn.endsWith("::vault"))).toEqual([]);
    });
});

describe("A function that is turned into text", () => {
    let vendors: Vendors;
    let project: Project;

    /** A dynamic provider of the program's own, whose function uses something of a connection. */
    const capturing = `
const pulumi = require("@pulumi/pulumi");
const { jamf, nango } = require("pulumi-connections");

const mdm = new jamf.ApiClient("mdm", JSON.parse(process.env.CREDENTIAL));
const held = { deep: [mdm] };
const { apiUrl } = mdm;
const uses = {
    whole: () => mdm,
    output: () => mdm.apiUrl.get(),
    secret: () => mdm.clientSecret.get(),
    fields: () => mdm.hubFields.get(),
    within: () => held.deep[0].status.get(),
    taken: () => apiUrl.get(),
};
class Own extends pulumi.dynamic.Resource {
    constructor(use) {
        super({ create: async () => ({ id: "own", outs: { value: use() } }) }, "own", { value: undefined });
    }
}
exports.value = new Own(uses[process.env.USE]).value;
`;

    beforeAll(async () => {
        vendors = await startVendors();
        project = await Project.create({
            name: "captured",
            program: capturing,
            env: {
                CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
                CREDENTIAL: JSON.stringify(vendors.credentials.jamf),
            },
        });
    });

    afterAll(() => Promise.all([project?.dispose(), vendors?.close()]));

    test.each(["whole", "output", "secret", "fields", "within"])(
        "cannot use the connection itself: %s",
        async (use) => {
            const { code, output } = await project.run(["preview"], { env: { USE: use } });
            expect(code).not.toBe(0);
            expect(output).toMatch(/uses jamf\.ApiClient mdm, and the secret would be in its text\. Read the output/);
            expect(output).not.toMatch(/export path|^\s+at /m);
            expect(output).not.toContain(vendors.credentials.jamf.clientSecret);
        },
    );

    test("uses an output that was taken before", async () => {
        project.env["USE"] = "taken";
        succeeded(await project.up());
        expect(await project.outputs()).toEqual({ value: `${vendors.credentials.jamf.url}/api` });
        const state = JSON.stringify(await project.exportState());
        expect(state).not.toContain(vendors.credentials.jamf.clientSecret);
    });
});
