import { LeakScanner } from "../support/leaks";
import { Project } from "../support/project";
import { failed, succeeded } from "../support/programs";
import { startVendors, type Vendors } from "../simulators/vendors";

const program = `
import * as pulumi from "@pulumi/pulumi";
import { atlassian, jamf, jumpcloud } from "pulumi-connections";

const config = new pulumi.Config();
const directory = new jumpcloud.ServiceAccount("directory", {
    clientId: config.require("jumpcloudClientId"),
    clientSecret: config.requireSecret("jumpcloudClientSecret"),
});
const mdm = new jamf.ApiClient("mdm", {
    url: "https://acme.jamfcloud.com",
    clientId: config.require("jamfClientId"),
    clientSecret: config.requireSecret("jamfClientSecret"),
});
const oauth = new atlassian.ServiceAccountOAuth("oauth", {
    clientId: config.require("oauthClientId"),
    clientSecret: config.requireSecret("oauthClientSecret"),
    subdomain: "acme",
});
const cloudId = config.require("cloudId");
const token = new atlassian.ServiceAccountToken("token", { cloudId, email: config.require("tokenEmail"), apiToken: config.requireSecret("tokenApiToken") });
const ox = new atlassian.JiraConnector("ox", { cloudId, apiToken: config.requireSecret("oxApiToken") });
const user = new atlassian.JiraUserToken("user", { subdomain: "acme", username: config.require("userName"), apiToken: config.requireSecret("userApiToken") });
const server = new atlassian.JiraUserToken("server", { siteUrl: "https://jira.acme.example", apiToken: config.requireSecret("serverApiToken") });

export const statuses = pulumi.all([directory, mdm, oauth, token, ox, user, server].map(({ status }) => status));
export const tokenUrl = oauth.tokenUrl;
export const sites = config.requireBoolean("list") && atlassian.getSitesOutput({ clientId: config.require("oauthClientId"), clientSecret: config.requireSecret("oauthClientSecret") });
`;

describe("secrets", () => {
    let vendors: Vendors;
    let project: Project;
    const printed: string[] = [];
    const planted: Record<string, string> = {};

    beforeAll(async () => {
        vendors = await startVendors();
        const { credentials: c, fixture: f } = vendors;
        // Characters that every encoding writes in its own way.
        const jamfSecret = f.jamf.client.generateClientSecret('pl4nted"<jamf>\\&+/=%41 ünïcode;secret');
        Object.assign(planted, {
            jumpcloudClientSecret: c.jumpcloud.clientSecret,
            jamfClientSecret: jamfSecret,
            oauthClientSecret: c.atlassianOAuth.clientSecret,
            tokenApiToken: c.atlassianToken.apiToken,
            oxApiToken: c.jiraConnector.apiToken,
            userApiToken: c.jiraUserToken.apiToken,
            serverApiToken: c.jiraDataCenter.apiToken,
        });
        project = await Project.create({
            name: "secrets",
            program,
            language: "typescript",
            config: {
                jumpcloudClientId: c.jumpcloud.clientId,
                jamfClientId: c.jamf.clientId,
                oauthClientId: c.atlassianOAuth.clientId,
                cloudId: c.atlassianToken.cloudId,
                tokenEmail: c.atlassianToken.email,
                userName: c.jiraUserToken.username,
                list: "true",
            },
            secrets: planted,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
    });
    afterAll(async () => {
        await Promise.all([project.dispose(), vendors.close()]);
    });

    const run = async (...args: string[]): ReturnType<Project["run"]> => {
        const result = await project.run(args);
        printed.push(result.output);
        return result;
    };
    const leaks = async (): Promise<unknown> => {
        const basic = Buffer.from(
            `${vendors.credentials.jumpcloud.clientId}:${planted["jumpcloudClientSecret"] ?? ""}`,
        ).toString("base64");
        return new LeakScanner([...vendors.secrets, ...Object.values(planted), basic]).inProject(project, printed);
    };

    test("stay out of state, output and files after a preview, an up, a refresh and the stack's outputs", async () => {
        succeeded(await run("preview", "--diff"));
        succeeded(await run("up", "--yes", "--skip-preview", "--diff"));
        succeeded(await run("refresh", "--yes", "--diff"));
        succeeded(await run("stack", "output", "--json"));
        expect(vendors.secrets.length).toBeGreaterThan(15);
        expect(await leaks()).toEqual([]);
        expect(await project.outputs()).toMatchObject({
            statuses: Array<string>(7).fill("verified"),
            tokenUrl: "https://auth.atlassian.com/oauth/token",
        });
        expect(JSON.stringify(await project.outputs())).toContain("https://acme-sandbox.atlassian.net");
    });

    test("are in the state all the same, encrypted", async () => {
        const clear = await project.run(["stack", "export", "--show-secrets"]);
        const found = new LeakScanner(Object.values(planted)).inText("state", clear.stdout);
        expect(new Set(found.map(({ secret }) => secret)).size).toBe(Object.keys(planted).length);
    });

    test("stay out of everything while vendors refuse them and echo what they were sent", async () => {
        for (const { origin } of [
            "https://acme.jamfcloud.com",
            "https://auth.atlassian.com",
            "https://api.atlassian.com",
        ].map((name) => ({ origin: name }))) {
            vendors.listener(origin).fault({ kind: "echo", status: 401, in: "message" });
        }
        vendors
            .listener("https://admin-oauth.id.jumpcloud.com")
            .fault({ kind: "echo", in: "error_description", status: 400 });
        vendors.listener("https://jira.acme.example").fault({ kind: "echo", in: "redirect" });
        vendors.listener("https://acme.atlassian.net").fault({ kind: "echo", in: "body", status: 403 });
        expect(failed(await run("preview"))).toMatch(/clientSecret: Atlassian refused the token request/);
        await project.setConfig("list", "false");
        const drifted = succeeded(await run("preview", "--diff"));
        expect(drifted).toMatch(/rejected/);
        await run("up", "--yes", "--skip-preview");
        succeeded(await run("refresh", "--yes", "--skip-preview", "--diff"));
        vendors.clearFaults();
        expect(await leaks()).toEqual([]);
    });

    test("stay out of everything when the program's are wrong or malformed", async () => {
        const wrong = {
            jamfClientSecret: "wr0ng+jamf/secret=&<1>",
            oxApiToken: " wr0ng-token-with-a-blank",
            userApiToken: "wr0ng user token/+",
        };
        Object.entries(wrong).forEach(([key, value]) => (planted[`wrong ${key}`] = value));
        for (const [key, value] of Object.entries(wrong)) {
            await project.setSecret(key, value);
        }
        const output = failed(await run("preview", "--diff"));
        expect(output).toMatch(/apiToken: starts or ends with white space/);
        failed(await run("up", "--yes", "--skip-preview"));
        expect(await leaks()).toEqual([]);
    });

    test("are gone after destroy", async () => {
        succeeded(await run("destroy", "--yes", "--skip-preview"));
        expect(await leaks()).toEqual([]);
        expect((await project.exportState()).deployment.resources ?? []).toEqual([]);
    });
});
