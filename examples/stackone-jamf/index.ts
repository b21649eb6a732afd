// pulumi config set url https://acme.jamfcloud.com
// pulumi config set clientId ...
// pulumi config set --secret clientSecret
import * as pulumi from "@pulumi/pulumi";
import { jamf } from "pulumi-connections";

const config = new pulumi.Config();

const mdm = new jamf.ApiClient("mdm", {
    url: config.require("url"),
    clientId: config.require("clientId"),
    clientSecret: config.requireSecret("clientSecret"),
    // In Jamf's own words, as the API role lists them: a preview fails when one is missing.
    requiredPrivileges: ["Read Computers", "Read User"],
    // Whatever else the role holds is meant.
    allowedPrivileges: ["*"],
});

export const url = mdm.url;
export const apiUrl = mdm.apiUrl;
export const version = mdm.version;
export const status = mdm.status;
