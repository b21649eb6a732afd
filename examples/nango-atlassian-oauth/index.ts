// pulumi config set subdomain acme
// pulumi config set clientId ...
// pulumi config set --secret clientSecret
import * as pulumi from "@pulumi/pulumi";
import { atlassian } from "pulumi-connections";

const config = new pulumi.Config();

const issues = new atlassian.ServiceAccountOAuth("issues", {
    clientId: config.require("clientId"),
    clientSecret: config.requireSecret("clientSecret"),
    subdomain: config.require("subdomain"),
    requiredScopes: ["read:jira-work"],
    allowedScopes: ["*"],
});

export const cloudId = issues.cloudId;
export const jiraUrl = issues.jiraUrl;
export const sites = issues.sites;
export const status = issues.status;
