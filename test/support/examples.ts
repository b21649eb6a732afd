import fs from "node:fs";
import path from "node:path";
import type { SeededCredentials } from "./servers";

/** A stack's configuration, secrets apart. */
export interface Configuration {
    readonly config: Record<string, string>;
    readonly secrets: Record<string, string>;
}

// Compiled, this file lies in build/test/support.
const folder = path.resolve(__dirname, "../../../examples");

/** The names of the example programs. */
export const exampleNames: readonly string[] = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => fs.existsSync(path.join(folder, entry.name, "Pulumi.yaml")))
    .map(({ name }) => name)
    .sort();

/** Those that run under mocks alone, because each life on the engine costs the tests half a minute. */
export const mockedExamples: readonly string[] = [
    ...["cloudflare", "crowdstrike", "datadog", "kandji", "okta", "slack", "snyk"],
];

/** Those that have a whole life on the engine. */
export const engineExamples: readonly string[] = exampleNames.filter((name) => !mockedExamples.includes(name));

/** The folder of an example program. */
export function exampleFolder(name: string): string {
    return path.join(folder, name);
}

const probeUrl = "https://api.example.com/v1/me";

const configurations: Record<string, (credentials: SeededCredentials) => Configuration> = {
    "stackone-jumpcloud": ({ jumpcloudMultiTenant: { clientId, clientSecret, region, organizationId } }) => ({
        config: { clientId, region, organizationId },
        secrets: { clientSecret },
    }),
    "stackone-jamf": ({ jamf: { url, clientId, clientSecret }, stackone }) => ({
        config: { url, clientId, owner: "acme" },
        secrets: { clientSecret, stackoneApiKey: stackone.apiKey },
    }),
    "nango-atlassian-oauth": ({ atlassianOAuth: { clientId, clientSecret, subdomain }, nango }) => ({
        config: { clientId, subdomain },
        secrets: { clientSecret, nangoKey: nango.environmentKey },
    }),
    "nango-atlassian-token": ({ atlassianToken: { email, apiToken }, nango }) => ({
        config: { email, subdomain: "acme" },
        secrets: { apiToken, nangoKey: nango.environmentKey },
    }),
    "ox-jira": ({ jiraConnector, jiraUserToken, ox }) => ({
        config: { subdomain: "acme", username: jiraUserToken.username },
        secrets: { apiToken: jiraConnector.apiToken, userToken: jiraUserToken.apiToken, oxApiKey: ox.apiKey },
    }),
    "atlassian-data-center": ({ jiraServiceAccount: jira, confluenceServiceAccount: confluence }) => ({
        config: {
            jiraUrl: jira.url,
            jiraClientId: jira.clientId,
            confluenceUrl: confluence.url,
            confluenceClientId: confluence.clientId,
        },
        secrets: { jiraClientSecret: jira.clientSecret, confluenceClientSecret: confluence.clientSecret },
    }),
    "oauth2-client-credentials": ({ oauthBasic: { tokenUrl, clientId, clientSecret } }) => ({
        config: { tokenUrl, clientId, probeUrl },
        secrets: { clientSecret },
    }),
    "http-api-key": ({ headerKey: { header, key } }) => ({ config: { header, probeUrl }, secrets: { key } }),
    "http-basic": ({ basic: { username, password } }) => ({ config: { username, probeUrl }, secrets: { password } }),
    "http-bearer": ({ bearer: { token } }) => ({ config: { probeUrl }, secrets: { token } }),
    "microsoft-entra": ({ entra: { tenant, clientId, clientSecret } }) => ({
        config: { tenant, clientId },
        secrets: { clientSecret },
    }),
    okta: ({ oktaServiceApp: { orgUrl, clientId, privateKey }, oktaApiToken: { apiToken } }) => ({
        config: { orgUrl, clientId },
        secrets: { privateKey, apiToken },
    }),
    crowdstrike: ({ crowdstrikeEu: { clientId, clientSecret } }) => ({
        config: { clientId },
        secrets: { clientSecret },
    }),
    datadog: ({ datadogToken: { token }, datadogKeys: { apiKey, applicationKey } }) => ({
        config: {},
        secrets: { token, apiKey, applicationKey },
    }),
    snyk: ({ snyk: { token } }) => ({ config: {}, secrets: { token } }),
    cloudflare: ({ cloudflare: { accountId, token } }) => ({ config: { accountId }, secrets: { token } }),
    slack: ({ slack: { token } }) => ({ config: {}, secrets: { token } }),
    kandji: ({ kandji: { subdomain, token } }) => ({ config: { subdomain }, secrets: { token } }),
    github: ({ github, githubApp: { appId, installationId, privateKey } }) => ({
        config: { appId, installationId },
        secrets: { token: github.token, privateKey },
    }),
    gitlab: ({ gitlab }) => ({ config: { url: "https://gitlab.com" }, secrets: { token: gitlab.token } }),
    "all-connections": ({ jumpcloud, jamf, atlassianOAuth, atlassianToken, jiraConnector, jiraUserToken }) => ({
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
    }),
};

/** The configuration of an example that goes with the simulated vendors. */
export function exampleConfiguration(
    name: string,
    { credentials }: { readonly credentials: Partial<SeededCredentials> },
): Configuration {
    const configuration = configurations[name];
    if (configuration === undefined) {
        throw new Error(`test/support/examples.ts has no configuration for examples/${name}`);
    }
    return configuration(credentials as SeededCredentials);
}
