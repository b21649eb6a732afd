import type { VendorCredentials } from "../simulators/vendors";

/** A class of connections with the arguments that its seeded credential takes. */
export interface Case {
    /** Namespace and class: `jamf.ApiClient`. */
    readonly type: string;
    /** The credential of the simulated vendors. */
    readonly credential: keyof VendorCredentials;
    /** Whether it gets an access token. */
    readonly oauth: boolean;
}

/** The six classes of the first vendors, `atlassian.JiraUserToken` in both of its forms. */
export const cases: readonly Case[] = [
    { type: "jumpcloud.ServiceAccount", credential: "jumpcloud", oauth: true },
    { type: "jamf.ApiClient", credential: "jamf", oauth: true },
    { type: "atlassian.ServiceAccountOAuth", credential: "atlassianOAuth", oauth: true },
    { type: "atlassian.ServiceAccountToken", credential: "atlassianToken", oauth: false },
    { type: "atlassian.JiraConnector", credential: "jiraConnector", oauth: false },
    { type: "atlassian.JiraUserToken", credential: "jiraUserToken", oauth: false },
    { type: "atlassian.JiraUserToken", credential: "jiraDataCenter", oauth: false },
];

/** The classes of further vendors: tests below the engine go through them too. */
export const further: readonly Case[] = [
    { type: "microsoft.EntraApplication", credential: "entra", oauth: true },
    { type: "microsoft.EntraApplication", credential: "entraCertificate", oauth: true },
    { type: "okta.ApiToken", credential: "oktaApiToken", oauth: false },
    { type: "okta.ServiceApp", credential: "oktaServiceApp", oauth: true },
    { type: "crowdstrike.ApiClient", credential: "crowdstrike", oauth: true },
    { type: "crowdstrike.ApiClient", credential: "crowdstrikeEu", oauth: true },
    { type: "datadog.ServiceAccessToken", credential: "datadogToken", oauth: false },
    { type: "datadog.Keys", credential: "datadogKeys", oauth: false },
    { type: "snyk.ServiceAccount", credential: "snyk", oauth: false },
    { type: "snyk.ServiceAccount", credential: "snykOAuth", oauth: true },
    { type: "gitlab.AccessToken", credential: "gitlab", oauth: false },
    { type: "github.PersonalAccessToken", credential: "github", oauth: false },
    { type: "github.AppInstallation", credential: "githubApp", oauth: false },
    { type: "cloudflare.ApiToken", credential: "cloudflare", oauth: false },
    { type: "cloudflare.ApiToken", credential: "cloudflareUser", oauth: false },
    { type: "slack.BotToken", credential: "slack", oauth: false },
    { type: "kandji.ApiToken", credential: "kandji", oauth: false },
];

/** All classes with a simulated vendor of their own. */
export const allCases: readonly Case[] = [...cases, ...further];
