import * as pulumi from "@pulumi/pulumi";
import type { Site } from "./connections/atlassian";
import { jiraConnector, type JiraConnectorArgs as JiraConnectorFields } from "./connections/atlassian-jira-connector";
import { jiraUserToken, type JiraUserTokenArgs as JiraUserTokenFields } from "./connections/atlassian-jira-user-token";
import { serviceAccountOAuth, type ServiceAccountOAuthArgs as ServiceAccountOAuthFields } from "./connections/atlassian-service-account-oauth";
import { serviceAccountToken, type ServiceAccountTokenArgs as ServiceAccountTokenFields } from "./connections/atlassian-service-account-token";
import { ConnectionError } from "./errors";
import { sitesOf, tenantInfoOf, type GetSitesArgs, type GetTenantInfoArgs, type TenantInfo } from "./functions";
import { isMocked, mockedSites, mockedTenantInfo } from "./mocks";
import { connectionResource, currentRun, type Inputs } from "./resource";

export { gatewayUrl, parseCloudId, type Environment, type Product, type Site } from "./connections/atlassian";
export type { JiraConnectorOutputs } from "./connections/atlassian-jira-connector";
export type { JiraUserTokenOutputs } from "./connections/atlassian-jira-user-token";
export type { ServiceAccountOAuthOutputs } from "./connections/atlassian-service-account-oauth";
export type { ServiceAccountTokenOutputs } from "./connections/atlassian-service-account-token";
export type { GetSitesArgs, GetTenantInfoArgs, TenantInfo } from "./functions";

/**
 * An Atlassian service account with an OAuth 2.0 credential (client credentials): what Nango asks for under "Atlassian Service Account (OAuth 2.0)".
 *
 * In Atlassian Administration: Directory > Service accounts > (account) > Create credentials > OAuth 2.0, then its scopes, which are fixed from then on.
 *
 * @example
 * ```ts
 * const issues = new atlassian.ServiceAccountOAuth("issues", {
 *     clientId: config.require("atlassianClientId"),
 *     clientSecret: config.requireSecret("atlassianClientSecret"),
 *     subdomain: "acme",
 *     requiredScopes: ["read:jira-work"],
 * });
 * ```
 */
export class ServiceAccountOAuth extends connectionResource(serviceAccountOAuth) {}
/** Arguments of {@link ServiceAccountOAuth}. */
export type ServiceAccountOAuthArgs = Inputs<ServiceAccountOAuthFields>;

/**
 * An Atlassian service account with an API token (HTTP Basic): what Nango asks for under "Atlassian Service Account (API Token)".
 *
 * In Atlassian Administration: Directory > Service accounts > (account) > Create credentials > API token. The Cloud ID follows `/s/` in the site's
 * address under Apps > Sites.
 *
 * @example
 * ```ts
 * const wiki = new atlassian.ServiceAccountToken("wiki", {
 *     subdomain: "acme",
 *     email: "bot@serviceaccount.atlassian.com",
 *     apiToken: config.requireSecret("atlassianApiToken"),
 *     products: ["jira", "confluence"],
 *     expiresAt: "2027-06-30",
 * });
 * ```
 */
export class ServiceAccountToken extends connectionResource(serviceAccountToken) {}
/** Arguments of {@link ServiceAccountToken}. */
export type ServiceAccountTokenArgs = Inputs<ServiceAccountTokenFields>;

/**
 * OX Security's Jira connector through a service account (bearer token). Its `hostUrl` is what the connector's form calls Jira Host URL.
 *
 * In Atlassian Administration: Directory > Service accounts > Create a service account with the app role User on Jira, then Create credentials >
 * API token with the scopes `read:jira-user`, `read:jira-work` and `write:jira-work`.
 *
 * @example
 * ```ts
 * const ox = new atlassian.JiraConnector("ox", {
 *     subdomain: "acme",
 *     apiToken: config.requireSecret("oxApiToken"),
 * });
 * ```
 */
export class JiraConnector extends connectionResource(jiraConnector) {}
/** Arguments of {@link JiraConnector}. */
export type JiraConnectorArgs = Inputs<JiraConnectorFields>;

/**
 * The personal method of OX Security's Jira connector: a user's API token on a cloud site, or a personal access token on a Data Center. New
 * integrations should rather use {@link JiraConnector}, which stays when the user leaves.
 *
 * @example
 * ```ts
 * const personal = new atlassian.JiraUserToken("personal", {
 *     subdomain: "acme",
 *     username: "mia@acme.example",
 *     apiToken: config.requireSecret("jiraUserToken"),
 * });
 * ```
 */
export class JiraUserToken extends connectionResource(jiraUserToken) {}
/** Arguments of {@link JiraUserToken}. */
export type JiraUserTokenArgs = Inputs<JiraUserTokenFields>;

/** The engine shows the message of a RunError alone, and of any other error that it is unhandled, with its stack. */
async function told<T>(asked: Promise<T>): Promise<T> {
    try {
        return await asked;
    } catch (error) {
        throw error instanceof ConnectionError ? new pulumi.RunError(error.message) : error;
    }
}

/**
 * The Cloud ID of a site, which the site tells anybody.
 *
 * In unit tests (`pulumi.runtime.setMocks`) nobody is asked: the mocks' `call` answers, `{ cloudId }` for the token `connections:atlassian:getTenantInfo`.
 * @throws Error where there is no such site, or it cannot be reached.
 */
export async function getTenantInfo(args: GetTenantInfoArgs): Promise<TenantInfo> {
    const { verifier } = currentRun();
    return told(isMocked() ? mockedTenantInfo(args) : tenantInfoOf(verifier, args));
}

/** {@link getTenantInfo} for arguments that become known later. */
export function getTenantInfoOutput(args: Inputs<GetTenantInfoArgs>): pulumi.Output<TenantInfo> {
    return pulumi.output(args).apply((known) => getTenantInfo(known as GetTenantInfoArgs));
}

/**
 * The sites that a service account's OAuth 2.0 credential reaches, by name.
 *
 * In unit tests (`pulumi.runtime.setMocks`) nobody is asked: the mocks' `call` answers, `{ sites: [{ cloudId, name, url }] }` for the token
 * `connections:atlassian:getSites`. Without an answer there are none.
 * @throws Error where Atlassian refuses the credential, or cannot be reached.
 */
export async function getSites(args: GetSitesArgs): Promise<Site[]> {
    const { verifier } = currentRun();
    return told(isMocked() ? mockedSites(args) : sitesOf(verifier, args));
}

/** {@link getSites} for arguments that become known later. The sites are no secret, although the credential is. */
export function getSitesOutput(args: Inputs<GetSitesArgs>): pulumi.Output<Site[]> {
    return pulumi.unsecret(pulumi.output(args).apply((known) => getSites(known as GetSitesArgs)));
}
