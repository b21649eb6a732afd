// pulumi config set orgUrl ...
// pulumi config set clientId ...
// pulumi config set --secret privateKey
// pulumi config set --secret apiToken
import * as pulumi from "@pulumi/pulumi";
import { okta } from "pulumi-connections";

const config = new pulumi.Config();
const orgUrl = config.require("orgUrl");

// It has the granted scopes alone, and no person behind it.
const app = new okta.ServiceApp("app", {
    orgUrl,
    clientId: config.require("clientId"),
    privateKey: config.requireSecret("privateKey"),
    requiredScopes: ["okta.orgs.read", "okta.users.read"],
});

// It acts as the administrator who made it: for hubs that accept no key.
const token = new okta.ApiToken("token", { orgUrl, apiToken: config.requireSecret("apiToken") });

export const apiUrl = app.apiUrl;
export const organization = app.organizationName;
export const status = app.status;
export const tokenStatus = token.status;
