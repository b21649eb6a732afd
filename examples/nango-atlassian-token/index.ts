// pulumi config set subdomain acme
// pulumi config set email bot@serviceaccount.atlassian.com
// pulumi config set --secret apiToken
// Optional, the day that the console showed: pulumi config set expiresAt 2027-06-30
import * as pulumi from "@pulumi/pulumi";
import { atlassian } from "pulumi-connections";

const config = new pulumi.Config();

const bot = new atlassian.ServiceAccountToken("bot", {
    subdomain: config.require("subdomain"),
    email: config.require("email"),
    apiToken: config.requireSecret("apiToken"),
    products: ["jira", "confluence"],
    expiresAt: config.get("expiresAt") || undefined,
});

export const cloudId = bot.cloudId;
export const jiraUrl = bot.jiraUrl;
export const confluenceUrl = bot.confluenceUrl;
export const status = bot.status;
