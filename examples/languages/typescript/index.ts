// By the generated SDK. TypeScript needs no plugin where the package itself is installed: its classes are in the other examples.
// pulumi config set url https://acme.jamfcloud.com; pulumi config set clientId ...
// The secrets are in the environment, JAMF_CLIENT_SECRET and NANGO_KEY: no run records them.
import * as pulumi from "@pulumi/pulumi";
import * as connections from "pulumi-connections-sdk";

const config = new pulumi.Config();
const clientId = config.require("clientId");
const clientSecret = { secretFrom: "env", name: "JAMF_CLIENT_SECRET" } as const;
const environmentKey = { secretFrom: "env", name: "NANGO_KEY" } as const;

const mdm = new connections.jamf.ApiClient("mdm", { url: config.require("url"), clientId, clientSecret });

const integration = new connections.nango.Integration("integration", {
    environmentKey,
    uniqueKey: "jamf",
    provider: "jamf",
});

new connections.nango.Connection("hub", {
    environmentKey,
    integration: integration.uniqueKey,
    connectionId: "acme",
    connection: { type: "jamf.ApiClient", arguments: { url: mdm.url, clientId, clientSecret } },
});

export const api = mdm.apiUrl;
export const version = mdm.version;
