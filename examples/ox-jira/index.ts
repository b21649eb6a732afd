// pulumi config set subdomain acme
// pulumi config set --secret apiToken
// To hand it to OX as well, with an API key of the type "API Integration": pulumi config set --secret oxApiKey
// While the older connection is in use: pulumi config set username mia@acme.example; pulumi config set --secret userToken
import * as pulumi from "@pulumi/pulumi";
import { atlassian, ox } from "pulumi-connections";

const config = new pulumi.Config();
const subdomain = config.require("subdomain");

const connector = new atlassian.JiraConnector("connector", {
    subdomain,
    apiToken: config.requireSecret("apiToken"),
});

// The guide's last step: OX adds the credentials, uses them, and a rotated token takes the place of the former one.
const apiKey = config.getSecret("oxApiKey");
const hub = apiKey && new ox.Connector("hub", { apiKey, connection: connector });

// The personal method, while something still uses it: it ends with its user, a service account does not.
const username = config.get("username");
if (username) {
    new atlassian.JiraUserToken("personal", { subdomain, username, apiToken: config.requireSecret("userToken") });
}

export const jiraHostUrl = connector.hostUrl;
export const status = connector.status;
export const atOx = hub?.found ?? "not handed over: oxApiKey is not set";
