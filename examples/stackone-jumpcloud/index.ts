// pulumi config set region eu
// pulumi config set clientId ...
// pulumi config set --secret clientSecret
// For an account of a Multi-Tenant Portal also: pulumi config set organizationId ...
import * as pulumi from "@pulumi/pulumi";
import { jumpcloud } from "pulumi-connections";

const config = new pulumi.Config();

const directory = new jumpcloud.ServiceAccount("directory", {
    clientId: config.require("clientId"),
    clientSecret: config.requireSecret("clientSecret"),
    region: config.get<"us" | "eu" | "in">("region") ?? "us",
    organizationId: config.get("organizationId") || undefined,
});

export const apiUrl = directory.apiUrl;
export const requestHeaders = directory.requestHeaders;
export const organization = directory.organizationName;
export const status = directory.status;
