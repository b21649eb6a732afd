// pulumi config set tenant acme.onmicrosoft.com
// pulumi config set clientId ...
// pulumi config set --secret clientSecret
// To hand it to Nango as well, with a key of the environment: pulumi config set --secret nangoKey
import * as pulumi from "@pulumi/pulumi";
import { microsoft, nango } from "pulumi-connections";

const config = new pulumi.Config();

const directory = new microsoft.EntraApplication("directory", {
    tenant: config.require("tenant"),
    clientId: config.require("clientId"),
    clientSecret: config.requireSecret("clientSecret"),
    // Application permissions of Microsoft Graph, with admin consent: a preview fails when one is missing.
    requiredPermissions: ["User.Read.All"],
    // With this one, or Application.ReadWrite.OwnedBy, the end of the secret is known.
    allowedPermissions: ["Application.Read.All"],
});

const environmentKey = config.getSecret("nangoKey");
const integration =
    environmentKey &&
    new nango.Integration("integration", { environmentKey, uniqueKey: "microsoft", provider: "microsoft-oauth2-cc" });
const hub =
    environmentKey &&
    integration &&
    new nango.Connection("hub", {
        environmentKey,
        integration: integration.uniqueKey,
        connectionId: "acme",
        connection: directory,
    });

export const graphUrl = directory.graphUrl;
export const tenantId = directory.tenantId;
export const status = directory.status;
export const secretExpiresAt = directory.secretExpiresAt;
export const atNango = hub?.provider ?? "not handed over: nangoKey is not set";
