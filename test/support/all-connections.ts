import type { Vendors } from "../vendors";

/** The configuration of examples/all-connections that goes with the simulated vendors. */
export function configurationOf({ credentials }: Vendors): { config: Record<string, string>; secrets: Record<string, string> } {
    const { jumpcloud, jamf, atlassianOAuth, atlassianToken, jiraConnector, jiraUserToken } = credentials;
    return {
        config: {
            jumpcloudClientId: jumpcloud.clientId,
            jamfUrl: jamf.url,
            jamfClientId: jamf.clientId,
            atlassianSite: atlassianOAuth.subdomain,
            atlassianClientId: atlassianOAuth.clientId,
            atlassianEmail: atlassianToken.email,
            jiraUsername: jiraUserToken.username,
        },
        secrets: {
            jumpcloudClientSecret: jumpcloud.clientSecret,
            jamfClientSecret: jamf.clientSecret,
            atlassianClientSecret: atlassianOAuth.clientSecret,
            atlassianApiToken: atlassianToken.apiToken,
            oxApiToken: jiraConnector.apiToken,
            jiraUserToken: jiraUserToken.apiToken,
        },
    };
}
