// pulumi config set header x-api-key
// pulumi config set --secret key
// pulumi config set probeUrl https://api.example.com/v1/me
import * as pulumi from "@pulumi/pulumi";
import { http } from "pulumi-connections";

const config = new pulumi.Config();

const alerts = new http.ApiKey("alerts", {
    // For a key in the address, `query: "api_key"` instead of `header` and `prefix`.
    header: config.require("header"),
    prefix: config.get("prefix") ?? "Token",
    key: config.requireSecret("key"),
    probe: { url: config.require("probeUrl"), account: "/user/email" },
});

export const status = alerts.status;
export const account = alerts.account;
