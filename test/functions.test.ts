import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { Project } from "./project";
import { failed, succeeded } from "./support/programs";
import { startVendors, type Vendors } from "./vendors";

const projects = path.resolve(__dirname, "../projects");
const installed = createRequire(path.join(projects, "program.js"));
const packageFolder = path.dirname(installed.resolve("pulumi-connections/package.json"));
const id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/** What a program on its own prints, run from a folder as `node` runs it. */
function runNode(folder: string, text: string, env: Record<string, string> = {}): string {
    return execFileSync(process.execPath, ["-e", text], { cwd: folder, encoding: "utf8", env: { PATH: process.env["PATH"] ?? "", ...env }, stdio: ["ignore", "pipe", "inherit"] });
}

describe("functions that need no resource", () => {
    const { atlassian } = installed("pulumi-connections") as typeof import("../provider");

    test.each([
        [id, "jira", undefined, `https://api.atlassian.com/ex/jira/${id}`],
        [id.toUpperCase(), "confluence", undefined, `https://api.atlassian.com/ex/confluence/${id}`],
        [`https://admin.atlassian.com/s/${id}/access-requests`, "jira", undefined, `https://api.atlassian.com/ex/jira/${id}`],
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

    test.each(["", "acme", "https://acme.atlassian.net", `https://admin.atlassian.com/o/${id}`, `https://example.com/s/${id}`, `${id}0`, `x${id}`])(
        "parseCloudId refuses %j",
        (text) => {
            expect(() => atlassian.parseCloudId(text)).toThrow(/There is no Cloud ID in this text\. .*\/s\//);
        },
    );

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
            tenantOutput: atlassian.getTenantInfoOutput({ subdomain: pulumi.output("ACME-sandbox") }),
            sitesOutput: atlassian.getSitesOutput(secret),
            gateway: pulumi.output("${id}").apply((cloudId) => atlassian.gatewayUrl(cloudId, "jira")),
            ${extra}
        });`;
    beforeAll(async () => {
        vendors = await startVendors();
        const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), CREDENTIAL: JSON.stringify(vendors.credentials.atlassianOAuth) };
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
            government: { cloudId: vendors.fixture.usGov.site.cloudId, siteUrl: "https://acme-gov.atlassian-us-gov-mod.net" },
            tenantOutput: { cloudId: sandbox.cloudId, siteUrl: "https://acme-sandbox.atlassian.net" },
            sitesOutput: [site(acme), site(sandbox)],
            gateway: `https://api.atlassian.com/ex/jira/${id}`,
        });
        expect(JSON.stringify(await project.exportState())).not.toContain(vendors.credentials.atlassianOAuth.clientSecret);
    });

    test.each([
        ['atlassian.getTenantInfo({ subdomain: "acm" })', /subdomain: there is no Atlassian site https:\/\/acm\.atlassian\.net \(HTTP 404\)\./],
        ['atlassian.getTenantInfo({ subdomain: "acme.atlassian.net" })', /subdomain: must be what stands before \.atlassian\.net/],
        ['atlassian.getSites({ clientId: "nobody", clientSecret: "planted-wrong-secret" })', /clientSecret: Atlassian refused the client id or secret/],
        ['atlassian.getSites({ clientSecret: "planted-wrong-secret" })', /clientId: is missing\./],
        ['atlassian.getSitesOutput({ clientId: "nobody", clientSecret: pulumi.secret("planted-wrong-secret") })', /clientSecret: Atlassian refused/],
    ])("%s fails the preview in one sentence", async (call, words) => {
        project.write("index.js", program(`wrong: ${call.includes("Output") ? call : `await ${call}`},`));
        const output = failed(await project.preview());
        expect(output).toMatch(words);
        expect(output).not.toContain("planted");
    });
});

describe("people's own unit tests", () => {
    test("under pulumi.runtime.setMocks nothing is called, and outputs are what the mocks say", () => {
        const printed = runNode(
            projects,
            `
            const net = require("node:net");
            const dns = require("node:dns");
            let called = 0;
            net.Socket.prototype.connect = () => { called++; throw new Error("called"); };
            dns.lookup = () => { called++; throw new Error("called"); };
            const pulumi = require("@pulumi/pulumi");
            const seen = [];
            pulumi.runtime.setMocks({
                newResource: ({ type, name, inputs }) => { seen.push(type); return { id: name + "-id", state: { ...inputs, apiUrl: "https://mocked.example/api", status: "verified" } }; },
                call: () => ({}),
            });
            const { jamf, atlassian } = require("pulumi-connections");
            const mdm = new jamf.ApiClient("mdm", { url: "https://acme.jamfcloud.com", clientId: "${id}", clientSecret: "planted-secret" });
            const ox = new atlassian.JiraConnector("ox", { subdomain: "acme", apiToken: pulumi.secret("planted-secret") });
            pulumi.all([mdm.apiUrl, mdm.status, mdm.url, ox.apiToken, ox.siteUrl, mdm.expiresAt]).apply((values) => {
                console.log(JSON.stringify({ values: values.map((value) => value ?? null), seen, called }));
            });
        `,
        );
        expect(JSON.parse(printed)).toEqual({
            values: ["https://mocked.example/api", "verified", "https://acme.jamfcloud.com", "planted-secret", null, null],
            seen: ["pulumi-nodejs:dynamic/connections/jamf:ApiClient", "pulumi-nodejs:dynamic/connections/atlassian:JiraConnector"],
            called: 0,
        });
    });
});

describe("the core, which verifies", () => {
    const built = path.join(packageFolder, "build/provider");
    const requires = (file: string): string[] =>
        [...fs.readFileSync(file, "utf8").matchAll(/\brequire\(["']([^"']+)["']\)|\bimport\(["']([^"']+)["']\)/g)].map(([, required, imported]) => required ?? imported ?? "");

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
        const connections = fs.readdirSync(path.join(built, "connections")).filter((name) => name.endsWith(".js"));
        const { files, packages } = reach([path.join(built, "observation.js"), ...connections.map((name) => path.join(built, "connections", name))]);
        expect(files.size).toBeGreaterThan(15);
        expect([...packages].filter((name) => name.startsWith("@pulumi"))).toEqual([]);
        const declared = Object.keys((installed("pulumi-connections/package.json") as { dependencies: object }).dependencies);
        // A file of a package is named by its path.
        const isDeclared = (name: string): boolean => declared.some((one) => name === one || name.startsWith(`${one}/`));
        expect([...packages].filter((name) => !name.startsWith("node:") && !isDeclared(name))).toEqual([]);
    });

    test("the provider side of a dynamic resource needs nothing of @pulumi either", () => {
        const { packages } = reach([path.join(built, "dynamic.js")]);
        expect([...packages].filter((name) => name.startsWith("@pulumi"))).toEqual([]);
    });

    test("verifies in a bare Node process in which there is no @pulumi", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-core-"));
        const vendors = await startVendors();
        try {
            const modules = path.join(folder, "node_modules");
            const { dependencies } = installed("pulumi-connections/package.json") as { dependencies: Record<string, string> };
            for (const name of ["pulumi-connections", ...Object.keys(dependencies)]) {
                fs.cpSync(path.join(projects, "node_modules", name), path.join(modules, name), { recursive: true, dereference: true });
            }
            fs.writeFileSync(
                path.join(folder, "main.js"),
                `
                const core = ${JSON.stringify(path.join(modules, "pulumi-connections/build/provider"))};
                const { Verifier, verify } = require(core + "/observation.js");
                const { find } = require(core + "/connections");
                let pulumi = "found";
                try { require.resolve("@pulumi/pulumi"); } catch (error) { pulumi = error.code; }
                const { endpoints, jamf } = JSON.parse(process.env.INPUT);
                (async () => {
                    const verifier = new Verifier({ endpoints, verify: undefined });
                    const good = await verify(verifier, find("jamf", "ApiClient"), jamf);
                    const bad = await verify(verifier, find("jamf", "ApiClient"), { ...jamf, clientSecret: "planted-wrong-secret" });
                    const malformed = await verify(verifier, find("jamf", "ApiClient"), { ...jamf, url: "acme" });
                    console.log(JSON.stringify({ pulumi, good: good.observation.seen, messages: good.messages, bad: bad.messages, malformed }));
                })();`,
            );
            const input = JSON.stringify({ endpoints: vendors.endpoints, jamf: vendors.credentials.jamf });
            const child = await new Promise<string>((resolve, reject) => {
                const { execFile } = jest.requireActual<typeof import("node:child_process")>("node:child_process");
                execFile(process.execPath, ["main.js"], { cwd: folder, env: { INPUT: input } }, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
            });
            const printed = JSON.parse(child) as Record<string, unknown>;
            expect(printed).toMatchObject({
                pulumi: "MODULE_NOT_FOUND",
                good: [{ status: "verified", facts: { apiUrl: "https://acme.jamfcloud.com/api", version: vendors.fixture.jamf.server.version } }],
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
