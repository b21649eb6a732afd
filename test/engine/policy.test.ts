import fs from "node:fs";
import path from "node:path";
import { Project } from "../support/project";
import { failed, succeeded } from "../support/programs";
import { startVendors, type Vendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");
const pack = path.join(root, "examples/policy");

let vendors: Vendors;
let project: Project;

const dayIn = (days: number): string => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
const declare = (connections: Record<string, object>): void =>
    project.write("connections.json", JSON.stringify(connections));

/**
 * The pack as an executable, which the engine starts by itself. A folder is started by the language host, which in the newest version that can be
 * built from source does not run policy packs.
 */
function executable(): string {
    const folder = path.join(project.dir, "policy");
    fs.cpSync(pack, folder, { recursive: true });
    fs.mkdirSync(path.join(folder, "node_modules"), { recursive: true });
    fs.symlinkSync(path.join(root, "node_modules/@pulumi"), path.join(folder, "node_modules/@pulumi"));
    const file = path.join(folder, "run.sh");
    const find = "require.resolve('@pulumi/pulumi/cmd/run-policy-pack')";
    fs.writeFileSync(file, `#!/bin/sh\ncd "$(dirname "$0")" && exec node "$(node -p "${find}")" "$1" .\n`, {
        mode: 0o755,
    });
    return file;
}

const program = `
    const vendors = require("pulumi-connections");
    const pulumi = require("@pulumi/pulumi");
    const secrets = ["clientSecret", "apiToken"];
    for (const [name, { type, ...args }] of Object.entries(require("./connections.json"))) {
        const [vendor, kind] = type.split(".");
        new vendors[vendor][kind](name, Object.fromEntries(Object.entries(args).map(([key, value]) => [key, secrets.includes(key) ? pulumi.secret(value) : value])));
    }
`;

beforeAll(async () => {
    vendors = await startVendors();
    project = await Project.create({
        name: "policy",
        program,
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
    });
});

afterAll(async () => {
    await project?.dispose();
    await vendors.close();
});

test("The policy pack of the examples refuses what it says in the preview, and finds it in the state; a stack that keeps to it passes", async () => {
    const { jamf, atlassianToken, jiraConnector, atlassianOAuthOneSite, jumpcloud } = vendors.credentials;
    const { requiredPrivileges: _, ...client } = jamf;
    const { standbyClientSecret: __, ...account } = jumpcloud;
    const run = executable();
    declare({
        mdm: { type: "jamf.ApiClient", ...client, tls: { insecureSkipVerify: true } },
        token: {
            type: "atlassian.ServiceAccountToken",
            ...atlassianToken,
            expiresAt: dayIn(10),
            requiredScopes: ["read:jira-user"],
        },
        oauth: {
            type: "atlassian.ServiceAccountOAuth",
            ...atlassianOAuthOneSite,
            expiresAt: dayIn(60),
            requiredScopes: ["read:jira-work"],
            allowedScopes: ["*"],
        },
        directory: { type: "jumpcloud.ServiceAccount", ...account, expiresAt: dayIn(60) },
    });
    const refused = failed(await project.preview("--policy-pack", run));
    const found = (output: string): string[] =>
        [...output.matchAll(/\[mandatory\] +(\S+) +\((\S+): (\S+)\)/g)]
            .map(([, policy, , name]) => `${name}: ${policy}`)
            .sort();
    const expected = [
        "mdm: certificates-checked",
        "mdm: expiry-declared",
        "mdm: least-privilege",
        "oauth: least-privilege",
        "token: secret-not-expiring",
    ];
    expect(found(refused)).toEqual(expected);
    expect(refused).toContain("Name what is allowed besides, one by one: * allows everything.");
    expect(refused).toContain(
        `The secret expires on ${dayIn(10)}. Make a new one, and declare it with its own expiresAt.`,
    );
    vendors.secrets.forEach((secret) => expect(refused).not.toContain(secret));

    succeeded(await project.up());
    expect(found((await project.run(["policy", "analyze", "--stack", "test", "--policy-pack", run])).output)).toEqual(
        expected,
    );

    const needed = ["Read Computers", "Read User"];
    declare({
        mdm: {
            type: "jamf.ApiClient",
            ...client,
            requiredPrivileges: needed,
            allowedPrivileges: ["Read API Roles", "Read Mobile Devices"],
        },
        connector: { type: "atlassian.JiraConnector", ...jiraConnector, expiresAt: dayIn(20) },
    });
    project.write(
        "limits.json",
        JSON.stringify({ "expiry-declared": { except: ["jamf:ApiClient"] }, "secret-not-expiring": { days: 30 } }),
    );
    const limits = ["--policy-pack", run, "--policy-pack-config", "limits.json"];
    const second = failed(await project.preview(...limits));
    expect(found(second)).toEqual(["connector: secret-not-expiring", "mdm: least-privilege"]);
    expect(second).toContain("The credential has more than is needed: Read Smart Computer Groups.");
    declare({
        mdm: {
            type: "jamf.ApiClient",
            ...client,
            requiredPrivileges: needed,
            allowedPrivileges: ["Read API Roles", "Read Mobile Devices", "Read Smart Computer Groups"],
        },
        connector: { type: "atlassian.JiraConnector", ...jiraConnector, expiresAt: dayIn(40) },
    });
    expect(found(succeeded(await project.preview(...limits)))).toEqual([]);
});
