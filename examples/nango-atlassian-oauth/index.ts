// pulumi config set subdomain acme
// pulumi config set clientId ...
// pulumi config set --secret clientSecret
// pulumi config set --secret nangoKey
import * as pulumi from "@pulumi/pulumi";
import { atlassian, nango } from "pulumi-connections";

const config = new pulumi.Config();

const issues = new atlassian.ServiceAccountOAuth("issues", {
    clientId: config.require("clientId"),
    clientSecret: config.requireSecret("clientSecret"),
    subdomain: config.require("subdomain"),
    requiredScopes: ["read:jira-work"],
    allowedScopes: ["*"],
});

const environmentKey = config.requireSecret("nangoKey");

// One that the environment has already needs adopt: true, and is never deleted.
const integration = new nango.Integration("integration", {
    environmentKey,
    uniqueKey: "atlassian-service-account-oauth2",
    provider: "atlassian-service-account-oauth2",
});

// The guide's last step: what a person would type into Nango's form.
const hub = new nango.Connection("hub", {
    environmentKey,
    integration: integration.uniqueKey,
    connectionId: "issues",
    connection: issues,
});

export const cloudId = issues.cloudId;
export const jiraUrl = issues.jiraUrl;
export const sites = issues.sites;
export const status = issues.status;
export const atNango = hub.found;
