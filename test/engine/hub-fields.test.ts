// What a person types into the hub's form: worked out on the program's side, a secret, and recorded nowhere.
import fs from "node:fs";
import path from "node:path";
import { cases } from "../support/classes";
import { LeakScanner } from "../support/leaks";
import { succeeded } from "../support/programs";
import { Project } from "../support/project";
import { startVendors, type Vendors } from "../simulators/vendors";

const program = `
const fs = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const all = require("pulumi-connections");
const told = {};
for (const [name, { type, args }] of Object.entries(JSON.parse(process.env.CONNECTIONS_UNDER_TEST))) {
    const [room, kind] = type.split(".");
    const made = new all[room][kind](name, args);
    exports[name] = made;
    pulumi.all([made.hubFields, pulumi.isSecret(made.hubFields)]).apply(([fields, secret]) => {
        told[name] = { fields, secret, enumerable: Object.keys(made).includes("hubFields") };
        fs.writeFileSync(process.env.TOLD, JSON.stringify(told));
    });
}
`;

let vendors: Vendors;
let project: Project;
const told = (): string => path.join(path.dirname(project.dir), "told.json");

beforeAll(async () => {
    vendors = await startVendors();
    const declared = Object.fromEntries(
        cases.map(({ type, credential }) => [credential, { type, args: vendors.credentials[credential] }]),
    );
    const { clientSecret, ...jamf } = vendors.credentials.jamf;
    const byReference = {
        type: "jamf.ApiClient",
        args: { ...jamf, clientSecret: { secretFrom: "env", name: "JAMF_SECRET" } },
    };
    project = await Project.create({
        name: "hub-fields",
        program,
        env: {
            CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
            CONNECTIONS_UNDER_TEST: JSON.stringify({ ...declared, byReference }),
            JAMF_SECRET: clientSecret,
        },
    });
    project.env["TOLD"] = told();
});

afterAll(async () => {
    await project.dispose();
    await vendors.close();
});

test("hubFields of every class are the form's fields, a secret, not enumerable, and known in the preview", async () => {
    const { credentials: of } = vendors;
    const gateway = (cloudId: string): string => `https://api.atlassian.com/ex/jira/${cloudId}`;
    const jamf = { "Jamf Pro URL": of.jamf.url, "Client ID": of.jamf.clientId, "Client Secret": of.jamf.clientSecret };
    const expected = {
        jumpcloud: {
            "Client ID": of.jumpcloud.clientId,
            "Client Secret": of.jumpcloud.clientSecret,
            "API Region": "US",
            "Organization ID": of.jumpcloud.organizationId,
        },
        jamf,
        byReference: jamf,
        atlassianOAuth: {
            Subdomain: "acme",
            "Client ID": of.atlassianOAuth.clientId,
            "Client Secret": of.atlassianOAuth.clientSecret,
        },
        atlassianToken: {
            "Cloud ID": of.atlassianToken.cloudId,
            "Service Account Email": of.atlassianToken.email,
            "API Token": of.atlassianToken.apiToken,
        },
        jiraConnector: { "Jira Host URL": gateway(of.jiraConnector.cloudId), "API Token": of.jiraConnector.apiToken },
        jiraUserToken: {
            "Jira Host URL": of.jiraUserToken.siteUrl,
            Username: of.jiraUserToken.username,
            "API Token": of.jiraUserToken.apiToken,
        },
        jiraDataCenter: { "Jira Host URL": of.jiraDataCenter.siteUrl, "API Token": of.jiraDataCenter.apiToken },
    };
    const check = (): void => {
        const seen = JSON.parse(fs.readFileSync(told(), "utf8")) as Record<string, unknown>;
        const all = Object.fromEntries(
            Object.entries(expected).map(([name, fields]) => [name, { fields, secret: true, enumerable: false }]),
        );
        expect(seen).toEqual(all);
        fs.rmSync(told());
    };
    const preview = succeeded(await project.preview());
    check();
    const up = succeeded(await project.up());
    check();
    const scanner = new LeakScanner(vendors.secrets);
    const exported = await project.run(["stack", "export", "--show-secrets"]);
    expect([preview, up].flatMap((text) => scanner.inText("output", text))).toEqual([]);
    expect(exported.stdout).not.toContain("hubFields");
    expect(exported.stdout).not.toContain("Client Secret");
});
