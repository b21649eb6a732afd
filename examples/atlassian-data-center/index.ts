// pulumi config set jiraUrl https://jira.example.com
// pulumi config set jiraClientId ...
// pulumi config set --secret jiraClientSecret
// pulumi config set confluenceUrl https://intranet.example.com/confluence
// pulumi config set confluenceClientId ...
// pulumi config set --secret confluenceClientSecret
import * as pulumi from "@pulumi/pulumi";
import { atlassian } from "pulumi-connections";

const config = new pulumi.Config();

const jira = new atlassian.DataCenterServiceAccount("jira", {
    url: config.require("jiraUrl"),
    product: "jira",
    clientId: config.require("jiraClientId"),
    clientSecret: config.requireSecret("jiraClientSecret"),
    // What whoever uses the connection does there: the preview fails where the service account was not given it.
    scope: "WRITE",
});

const wiki = new atlassian.DataCenterServiceAccount("wiki", {
    url: config.require("confluenceUrl"),
    product: "confluence",
    clientId: config.require("confluenceClientId"),
    clientSecret: config.requireSecret("confluenceClientSecret"),
});

export const jiraApi = jira.apiUrl;
export const jiraVersion = jira.version;
export const wikiApi = wiki.apiUrl;
