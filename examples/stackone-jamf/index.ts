// pulumi config set url https://acme.jamfcloud.com
// pulumi config set clientId ...
// pulumi config set --secret clientSecret
// To link it in StackOne as well: pulumi config set --secret stackoneApiKey; pulumi config set owner acme
// The first pulumi up makes a link for a person: pulumi stack output hubLink --show-secrets. The one after that finds the account.
import * as pulumi from "@pulumi/pulumi";
import { jamf, stackone } from "pulumi-connections";

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

// The guide's last step: a person links the account once, and from then on a rotated secret is sent to it.
const apiKey = config.getSecret("stackoneApiKey");
const hub =
    apiKey && new stackone.Account("hub", { apiKey, originOwnerId: config.get("owner") ?? "acme", connection: mdm });

export const url = mdm.url;
export const apiUrl = mdm.apiUrl;
export const version = mdm.version;
export const status = mdm.status;
export const hubStatus = hub?.status ?? "not handed over: stackoneApiKey is not set";
export const hubLink = hub?.connectLink ?? "";
