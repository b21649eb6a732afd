import * as pulumi from "@pulumi/pulumi";
import type { FunctionArgs } from "../../../define";
import {
    getSites as getSitesDefinition,
    getTenantInfo as getTenantInfoDefinition,
    type TenantInfo,
} from "../../../vendors/atlassian/functions";
import { dataCenterServiceAccount } from "../../../vendors/atlassian/data-center-service-account";
import { hosts, type Site } from "../../../vendors/atlassian/hosts";
import { jiraConnector } from "../../../vendors/atlassian/jira-connector";
import { jiraUserToken } from "../../../vendors/atlassian/jira-user-token";
import { serviceAccountOAuth } from "../../../vendors/atlassian/service-account-oauth";
import { serviceAccountToken } from "../../../vendors/atlassian/service-account-token";
import { programFunction } from "../functions";
import { connectionClass } from "../resource";
import type { CommonInputs, Inputs, InputsOf, Outputs } from "../types";

export type { DataCenterProduct, DataCenterScope } from "../../../vendors/atlassian/data-center-service-account";
export type { TenantInfo } from "../../../vendors/atlassian/functions";
export { gatewayUrl, parseCloudId, type Environment, type Product, type Site } from "../../../vendors/atlassian/hosts";
export type { Deployment } from "../../../vendors/atlassian/jira-user-token";

/** Arguments of {@link ServiceAccountOAuth}. */
export interface ServiceAccountOAuthArgs extends Inputs<typeof serviceAccountOAuth>, CommonInputs {}

/**
 * An Atlassian service account with an OAuth 2.0 credential (client credentials), for Nango's form "Atlassian Service
 * Account (OAuth 2.0)".
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
export class ServiceAccountOAuth extends connectionClass<ServiceAccountOAuthArgs>(serviceAccountOAuth) {}
export interface ServiceAccountOAuth extends Outputs<typeof serviceAccountOAuth> {}

/** Arguments of {@link ServiceAccountToken}. */
export interface ServiceAccountTokenArgs extends Inputs<typeof serviceAccountToken>, CommonInputs {}

/**
 * An Atlassian service account with an API token (HTTP Basic), for Nango's form "Atlassian Service Account (API
 * Token)".
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
export class ServiceAccountToken extends connectionClass<ServiceAccountTokenArgs>(serviceAccountToken) {}
export interface ServiceAccountToken extends Outputs<typeof serviceAccountToken> {}

/** Arguments of {@link JiraConnector}. */
export interface JiraConnectorArgs extends Inputs<typeof jiraConnector>, CommonInputs {}

/**
 * OX Security's Jira connector through a service account (bearer token). Its `hostUrl` is the Jira Host URL of the
 * connector's form.
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
export class JiraConnector extends connectionClass<JiraConnectorArgs>(jiraConnector) {}
export interface JiraConnector extends Outputs<typeof jiraConnector> {}

/** Arguments of {@link JiraUserToken}. */
export interface JiraUserTokenArgs extends Inputs<typeof jiraUserToken>, CommonInputs {}

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
export class JiraUserToken extends connectionClass<JiraUserTokenArgs>(jiraUserToken) {}
export interface JiraUserToken extends Outputs<typeof jiraUserToken> {}

/** Arguments of {@link DataCenterServiceAccount}. */
export interface DataCenterServiceAccountArgs extends Inputs<typeof dataCenterServiceAccount>, CommonInputs {}

/**
 * A service account of a Jira or Confluence Data Center, with OAuth 2.0 client credentials of that server.
 *
 * In the product's administration, under service accounts: create one, choose its scopes and access, and copy client ID
 * and secret. The calls follow Atlassian's pages "Service accounts overview" and "How service accounts work in Data
 * Center". Not confirmed on a live server: the first versions of Jira and Confluence that have service accounts, their
 * page in the administration, the scopes of Confluence, and the calls that are open to them. So a call that the server
 * does not allow leaves the check `api` unknown, with a warning. No call returns the account's identity: its name is
 * its client ID.
 *
 * @example
 * ```ts
 * const jira = new atlassian.DataCenterServiceAccount("jira", {
 *     url: "https://jira.example.com",
 *     product: "jira",
 *     clientId: config.require("jiraClientId"),
 *     clientSecret: config.requireSecret("jiraClientSecret"),
 *     scope: "WRITE",
 * });
 * ```
 */
export class DataCenterServiceAccount extends connectionClass<DataCenterServiceAccountArgs>(dataCenterServiceAccount) {}
export interface DataCenterServiceAccount extends Outputs<typeof dataCenterServiceAccount> {}

/** Arguments of {@link getTenantInfo}. */
export interface GetTenantInfoArgs extends FunctionArgs<typeof getTenantInfoDefinition> {}

/** Arguments of {@link getSites}. */
export interface GetSitesArgs extends FunctionArgs<typeof getSitesDefinition> {}

const callTenantInfo = programFunction(getTenantInfoDefinition, ({ subdomain, environment }, answer) => {
    const { siteDomain } = hosts(environment);
    return {
        siteUrl: `https://${subdomain}.${siteDomain}`,
        ...(answer as { cloudId: string }),
    };
});

const callSites = programFunction(getSitesDefinition, (_, answer) => ({
    sites: (answer as { sites?: Site[] }).sites ?? [],
}));

/**
 * The Cloud ID of a site, which needs no credential.
 *
 * In unit tests (`pulumi.runtime.setMocks`) no vendor is contacted: the mocks' `call` answers, with `{ cloudId }` for
 * the token `connections:atlassian:getTenantInfo`.
 * @throws Error where there is no such site, or it cannot be reached.
 */
export async function getTenantInfo(args: GetTenantInfoArgs): Promise<TenantInfo> {
    return callTenantInfo(args);
}

/** {@link getTenantInfo} for arguments that become known later. */
export function getTenantInfoOutput(args: InputsOf<GetTenantInfoArgs>): pulumi.Output<TenantInfo> {
    return pulumi.output(args).apply((known) => getTenantInfo(known as GetTenantInfoArgs));
}

/**
 * The sites that a service account's OAuth 2.0 credential reaches, by name.
 *
 * In unit tests (`pulumi.runtime.setMocks`) no vendor is contacted: the mocks' `call` answers, with
 * `{ sites: [{ cloudId, name, url }] }` for the token `connections:atlassian:getSites`. Without an answer the list is
 * empty.
 * @throws Error where Atlassian refuses the credential, or cannot be reached.
 */
export async function getSites(args: GetSitesArgs): Promise<Site[]> {
    return (await callSites(args)).sites;
}

/** {@link getSites} for arguments that become known later. The sites are not secret, although the credential is. */
export function getSitesOutput(args: InputsOf<GetSitesArgs>): pulumi.Output<Site[]> {
    return pulumi.unsecret(pulumi.output(args).apply((known) => getSites(known as GetSitesArgs)));
}
