// pulumi config set tokenUrl https://auth.example.com/oauth2/token
// pulumi config set clientId ...
// pulumi config set --secret clientSecret
// pulumi config set probeUrl https://api.example.com/v1/me
import * as pulumi from "@pulumi/pulumi";
import { oauth2 } from "pulumi-connections";

const config = new pulumi.Config();

const inventory = new oauth2.ClientCredentials("inventory", {
    tokenUrl: config.require("tokenUrl"),
    clientId: config.require("clientId"),
    clientSecret: config.requireSecret("clientSecret"),
    // In the words of the API: a preview fails when one is missing.
    requiredScopes: ["devices:read"],
    // A token alone proves little: this call proves that the API takes it. Where its answer names the tenant, `identity` points there, and another
    // tenant behind the same client is noticed.
    probe: { url: config.require("probeUrl"), account: "/user/email" },
});

export const status = inventory.status;
export const scopes = inventory.grantedScopes;
export const account = inventory.account;
