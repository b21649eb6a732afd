// pulumi config set accountId 023e105f4ecef8ad9ca31a8372d0c353
// pulumi config set --secret token
import * as pulumi from "@pulumi/pulumi";
import { cloudflare } from "pulumi-connections";

const config = new pulumi.Config();

const dns = new cloudflare.ApiToken("dns", {
    token: config.requireSecret("token"),
    // For an account's own token. A user's needs none.
    accountId: config.get("accountId") || undefined,
    // Cloudflare reports when the token ends: from two weeks before, each run warns.
    warnBeforeDays: 14,
});

export const apiUrl = dns.apiUrl;
export const status = dns.status;
export const ends = dns.secretExpiresAt;
