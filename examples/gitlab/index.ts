// pulumi config set --secret token
// On a server of your own: pulumi config set url https://gitlab.example.com
import * as pulumi from "@pulumi/pulumi";
import { gitlab } from "pulumi-connections";

const config = new pulumi.Config();

const code = new gitlab.AccessToken("code", {
    url: config.get("url"),
    token: config.requireSecret("token"),
    // GitLab lists a token's scopes: a preview fails when one is missing, and warns of one beyond these.
    requiredScopes: ["read_api"],
    // GitLab reports when the token ends: from two weeks before, each run warns.
    warnBeforeDays: 14,
});

export const status = code.status;
export const apiUrl = code.apiUrl;
export const ends = code.secretExpiresAt;
