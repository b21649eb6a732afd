// pulumi config set --secret token
// pulumi config set probeUrl https://api.example.com/v1/me
import * as pulumi from "@pulumi/pulumi";
import { http } from "pulumi-connections";

const config = new pulumi.Config();

const chat = new http.Bearer("chat", {
    token: config.requireSecret("token"),
    // Another workspace behind the same token would be `tenantChanged`. `~1` is how a JSON Pointer writes a slash in a name.
    probe: { url: config.require("probeUrl"), account: "/user/email", identity: "/workspace~1of/0/id" },
});

export const status = chat.status;
export const workspace = chat.identity;
