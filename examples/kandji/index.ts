// pulumi config set subdomain acme
// pulumi config set --secret token
import * as pulumi from "@pulumi/pulumi";
import { kandji } from "pulumi-connections";

const config = new pulumi.Config();

const macs = new kandji.ApiToken("macs", {
    subdomain: config.require("subdomain"),
    token: config.requireSecret("token"),
    // Kandji lists no permissions: each of these is tried by a call that reads.
    requiredPermissions: ["/devices"],
});

export const apiUrl = macs.apiUrl;
export const status = macs.status;
