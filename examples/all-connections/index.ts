// The configuration that this program needs is listed in docs/examples.md.
import * as pulumi from "@pulumi/pulumi";
import { atlassian, jamf, jumpcloud } from "pulumi-connections";
import { JsonFile } from "./json-file";

const config = new pulumi.Config();
const site = config.require("atlassianSite");

const directory = new jumpcloud.ServiceAccount("directory", {
    clientId: config.require("jumpcloudClientId"),
    clientSecret: config.requireSecret("jumpcloudClientSecret"),
    region: config.get<"us" | "eu" | "in">("jumpcloudRegion") ?? "us",
});

const mdm = new jamf.ApiClient("mdm", {
    url: config.require("jamfUrl"),
    clientId: config.require("jamfClientId"),
    clientSecret: config.requireSecret("jamfClientSecret"),
    requiredPrivileges: ["Read Computers", "Read User"],
    allowedPrivileges: ["*"],
});

const issues = new atlassian.ServiceAccountOAuth("issues", {
    clientId: config.require("atlassianClientId"),
    clientSecret: config.requireSecret("atlassianClientSecret"),
    subdomain: site,
    requiredScopes: ["read:jira-work"],
    allowedScopes: ["*"],
});

const bot = new atlassian.ServiceAccountToken("bot", {
    subdomain: site,
    email: config.require("atlassianEmail"),
    apiToken: config.requireSecret("atlassianApiToken"),
    products: ["jira", "confluence"],
});

const scanner = new atlassian.JiraConnector("scanner", {
    subdomain: site,
    apiToken: config.requireSecret("oxApiToken"),
});

const personal = new atlassian.JiraUserToken("personal", {
    subdomain: site,
    username: config.require("jiraUsername"),
    apiToken: config.requireSecret("jiraUserToken"),
});

// What whoever fills in the hubs' forms needs besides the secrets, kept in step with the connections.
new JsonFile("forms", {
    path: "forms.json",
    content: {
        jumpcloud: {
            hub: "StackOne",
            status: directory.status,
            apiUrl: directory.apiUrl,
            organization: directory.organizationName,
        },
        jamf: { hub: "StackOne", status: mdm.status, url: mdm.url, version: mdm.version },
        atlassianOAuth: { hub: "Nango", status: issues.status, subdomain: site, cloudId: issues.cloudId },
        atlassianToken: { hub: "Nango", status: bot.status, cloudId: bot.cloudId },
        jira: { hub: "OX", status: scanner.status, hostUrl: scanner.hostUrl },
        jiraOlder: { hub: "OX", status: personal.status, hostUrl: personal.hostUrl },
    },
});

export const jumpcloudApi = directory.apiUrl;
export const jamfApi = mdm.apiUrl;
export const jamfVersion = mdm.version;
export const jiraApi = issues.jiraUrl;
export const confluenceApi = bot.confluenceUrl;
export const oxJiraHost = scanner.hostUrl;
export const olderJiraHost = personal.hostUrl;
