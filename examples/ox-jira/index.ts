// pulumi config set subdomain acme
// pulumi config set --secret apiToken
// While the older connection is in use: pulumi config set username mia@acme.example; pulumi config set --secret userToken
import * as pulumi from "@pulumi/pulumi";
import { atlassian } from "pulumi-connections";

const config = new pulumi.Config();
const subdomain = config.require("subdomain");

const connector = new atlassian.JiraConnector("connector", {
    subdomain,
    apiToken: config.requireSecret("apiToken"),
});

// The personal method, while something still uses it: it ends with its user, a service account does not.
const username = config.get("username");
if (username) {
    new atlassian.JiraUserToken("personal", { subdomain, username, apiToken: config.requireSecret("userToken") });
}

export const jiraHostUrl = connector.hostUrl;
export const status = connector.status;
