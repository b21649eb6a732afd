// pulumi config set --secret token
import * as pulumi from "@pulumi/pulumi";
import { slack } from "pulumi-connections";

const config = new pulumi.Config();

const chat = new slack.BotToken("chat", {
    token: config.requireSecret("token"),
    // Slack lists a token's scopes: a preview fails when one is missing, and warns of one beyond these.
    requiredScopes: ["chat:write"],
    allowedScopes: ["users:read"],
});

export const apiUrl = chat.apiUrl;
export const team = chat.teamName;
export const status = chat.status;
