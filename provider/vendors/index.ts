// Every type of connection, each loaded when it is needed: a provider process rarely serves all of them.
import { registry } from "../define";

/** The types of connection by name. */
export const definitions = registry({
    "jumpcloud:ServiceAccount": () =>
        (require("./jumpcloud/service-account") as typeof import("./jumpcloud/service-account")).serviceAccount,
    "jamf:ApiClient": () => (require("./jamf/api-client") as typeof import("./jamf/api-client")).apiClient,
    "atlassian:ServiceAccountOAuth": () =>
        (require("./atlassian/service-account-oauth") as typeof import("./atlassian/service-account-oauth"))
            .serviceAccountOAuth,
    "atlassian:ServiceAccountToken": () =>
        (require("./atlassian/service-account-token") as typeof import("./atlassian/service-account-token"))
            .serviceAccountToken,
    "atlassian:JiraConnector": () =>
        (require("./atlassian/jira-connector") as typeof import("./atlassian/jira-connector")).jiraConnector,
    "atlassian:JiraUserToken": () =>
        (require("./atlassian/jira-user-token") as typeof import("./atlassian/jira-user-token")).jiraUserToken,
    "atlassian:DataCenterServiceAccount": () =>
        (require("./atlassian/data-center-service-account") as typeof import("./atlassian/data-center-service-account"))
            .dataCenterServiceAccount,
    "microsoft:EntraApplication": () =>
        (require("./microsoft/entra-application") as typeof import("./microsoft/entra-application")).entraApplication,
    "okta:ApiToken": () => (require("./okta/api-token") as typeof import("./okta/api-token")).apiToken,
    "okta:ServiceApp": () => (require("./okta/service-app") as typeof import("./okta/service-app")).serviceApp,
    "crowdstrike:ApiClient": () =>
        (require("./crowdstrike/api-client") as typeof import("./crowdstrike/api-client")).apiClient,
    "datadog:ServiceAccessToken": () =>
        (require("./datadog/service-access-token") as typeof import("./datadog/service-access-token"))
            .serviceAccessToken,
    "datadog:Keys": () => (require("./datadog/keys") as typeof import("./datadog/keys")).keys,
    "snyk:ServiceAccount": () =>
        (require("./snyk/service-account") as typeof import("./snyk/service-account")).serviceAccount,
    "oauth2:ClientCredentials": () =>
        (require("./oauth2/client-credentials") as typeof import("./oauth2/client-credentials"))
            .oauth2ClientCredentials,
    "gitlab:AccessToken": () =>
        (require("./gitlab/access-token") as typeof import("./gitlab/access-token")).accessToken,
    "github:PersonalAccessToken": () =>
        (require("./github/personal-access-token") as typeof import("./github/personal-access-token"))
            .personalAccessToken,
    "github:AppInstallation": () =>
        (require("./github/app-installation") as typeof import("./github/app-installation")).appInstallation,
    "cloudflare:ApiToken": () =>
        (require("./cloudflare/api-token") as typeof import("./cloudflare/api-token")).apiToken,
    "slack:BotToken": () => (require("./slack/bot-token") as typeof import("./slack/bot-token")).botToken,
    "kandji:ApiToken": () => (require("./kandji/api-token") as typeof import("./kandji/api-token")).apiToken,
    "http:ApiKey": () => (require("./http/api-key") as typeof import("./http/api-key")).httpApiKey,
    "http:Basic": () => (require("./http/basic") as typeof import("./http/basic")).httpBasic,
    "http:Bearer": () => (require("./http/bearer") as typeof import("./http/bearer")).httpBearer,
});

/** The functions by name, each loaded when it is needed. */
export const functions = registry({
    "atlassian:getTenantInfo": () =>
        (require("./atlassian/functions") as typeof import("./atlassian/functions")).getTenantInfo,
    "atlassian:getSites": () => (require("./atlassian/functions") as typeof import("./atlassian/functions")).getSites,
});
