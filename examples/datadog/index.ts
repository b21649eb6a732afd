// pulumi config set --secret token
// pulumi config set --secret apiKey
// pulumi config set --secret applicationKey
import * as pulumi from "@pulumi/pulumi";
import { datadog } from "pulumi-connections";

const config = new pulumi.Config();

// Its scopes and its end are its own.
const monitoring = new datadog.ServiceAccessToken("monitoring", {
    token: config.requireSecret("token"),
    site: "datadoghq.eu",
    requiredScopes: ["monitors_read"],
    allowedScopes: ["*"],
});

// For what accepts no token.
const keys = new datadog.Keys("keys", {
    apiKey: config.requireSecret("apiKey"),
    applicationKey: config.requireSecret("applicationKey"),
});

export const apiUrl = monitoring.apiUrl;
export const tokenEnds = monitoring.secretExpiresAt;
export const status = monitoring.status;
export const keysStatus = keys.status;
