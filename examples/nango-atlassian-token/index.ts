// pulumi config set subdomain acme
// pulumi config set email bot@serviceaccount.atlassian.com
// pulumi config set --secret apiToken
// pulumi config set --secret nangoKey
// Optional, the day that the console showed: pulumi config set expiresAt 2027-06-30
import * as pulumi from "@pulumi/pulumi";
import { atlassian, nango } from "pulumi-connections";

const config = new pulumi.Config();

const bot = new atlassian.ServiceAccountToken("bot", {
    subdomain: config.require("subdomain"),
    email: config.require("email"),
    apiToken: config.requireSecret("apiToken"),
    products: ["jira", "confluence"],
    expiresAt: config.get("expiresAt") || undefined,
});

const environmentKey = config.requireSecret("nangoKey");

// One that the environment has already needs adopt: true, and is never deleted.
const integration = new nango.Integration("integration", {
    environmentKey,
    uniqueKey: "atlassian-service-account-api-token",
    provider: "atlassian-service-account-api-token",
});

// The guide's last step: what a person would type into Nango's form.
const hub = new nango.Connection("hub", {
    environmentKey,
    integration: integration.uniqueKey,
    connectionId: "bot",
    connection: bot,
});

export const cloudId = bot.cloudId;
export const jiraUrl = bot.jiraUrl;
export const confluenceUrl = bot.confluenceUrl;
export const status = bot.status;
export const atNango = hub.found;
