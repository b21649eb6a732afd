// pulumi config set username bot@example.com
// pulumi config set --secret password
// pulumi config set probeUrl https://api.example.com/v1/me
import * as pulumi from "@pulumi/pulumi";
import { http } from "pulumi-connections";

const config = new pulumi.Config();

const tickets = new http.Basic("tickets", {
    username: config.require("username"),
    password: config.requireSecret("password"),
    // Nothing of the answer is needed, so its headers are enough.
    probe: { url: config.require("probeUrl"), method: "HEAD", expect: 200 },
});

export const status = tickets.status;
export const account = tickets.account;
