import type { Connection } from "../connection";
import { jiraConnector } from "./atlassian-jira-connector";
import { jiraUserToken } from "./atlassian-jira-user-token";
import { serviceAccountOAuth } from "./atlassian-service-account-oauth";
import { serviceAccountToken } from "./atlassian-service-account-token";
import { apiClient } from "./jamf-api-client";
import { serviceAccount } from "./jumpcloud-service-account";

/** Every type of connection. */
export const connections: readonly Connection[] = [
    serviceAccount,
    apiClient,
    serviceAccountOAuth,
    serviceAccountToken,
    jiraConnector,
    jiraUserToken,
] as unknown as readonly Connection[];

/** The type of connection that a stack's state names. */
export function find(vendor: string, type: string): Connection {
    const found = connections.find((connection) => connection.vendor === vendor && connection.type === type);
    if (found === undefined) {
        throw new Error(`This version of pulumi-connections has no ${vendor}.${type}. Install a newer one.`);
    }
    return found;
}
