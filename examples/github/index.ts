// pulumi config set --secret token
// pulumi config set appId Iv23...
// pulumi config set installationId 38631545
// pulumi config set --secret privateKey < app.private-key.pem
import * as pulumi from "@pulumi/pulumi";
import { github } from "pulumi-connections";

const config = new pulumi.Config();

const person = new github.PersonalAccessToken("person", {
    token: config.requireSecret("token"),
    // GitHub lists the scopes of a classic token: a preview fails when one is missing.
    requiredScopes: ["repo"],
    allowedScopes: ["*"],
    // GitHub counts refusals, and locks the user after several: a refused token is then sent once, not in every run.
    verify: "changes",
});
const app = new github.AppInstallation("app", {
    appId: config.require("appId"),
    installationId: config.require("installationId"),
    privateKey: config.requireSecret("privateKey"),
    requiredPermissions: ["contents:read"],
    allowedPermissions: ["*"],
});

export const statuses = [person.status, app.status];
export const apiUrl = app.apiUrl;
export const tokenEnds = person.secretExpiresAt;
