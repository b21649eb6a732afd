import type { Connection } from "../connection";

// Loaded one by one, since a provider process rarely serves all of them.
const types: Readonly<Record<string, () => unknown>> = {
    "jumpcloud.ServiceAccount": () => (require("./jumpcloud-service-account") as typeof import("./jumpcloud-service-account")).serviceAccount,
    "jamf.ApiClient": () => (require("./jamf-api-client") as typeof import("./jamf-api-client")).apiClient,
    "atlassian.ServiceAccountOAuth": () =>
        (require("./atlassian-service-account-oauth") as typeof import("./atlassian-service-account-oauth")).serviceAccountOAuth,
    "atlassian.ServiceAccountToken": () =>
        (require("./atlassian-service-account-token") as typeof import("./atlassian-service-account-token")).serviceAccountToken,
    "atlassian.JiraConnector": () => (require("./atlassian-jira-connector") as typeof import("./atlassian-jira-connector")).jiraConnector,
    "atlassian.JiraUserToken": () => (require("./atlassian-jira-user-token") as typeof import("./atlassian-jira-user-token")).jiraUserToken,
};

/** The names of all types of connection: `vendor.Class`. */
export const typeNames: readonly string[] = Object.keys(types);

/** The type of connection that a stack's state names. */
export function find(vendor: string, type: string): Connection {
    const load = types[`${vendor}.${type}`];
    if (load === undefined) {
        throw new Error(`This version of pulumi-connections has no ${vendor}.${type}. Install a newer one.`);
    }
    return load() as Connection;
}
