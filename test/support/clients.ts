import { importModule } from "./esm";

/** What is used of jira.js. */
export interface JiraJs {
    createCloudClient(config: object): {
        myself: {
            getCurrentUser(
                args?: object,
            ): Promise<{ accountId?: string; accountType?: string; emailAddress?: string; active?: boolean }>;
        };
        serverInfo: { getServerInfo(): Promise<{ baseUrl?: string; deploymentType?: string }> };
        permissions: {
            getMyPermissions(args: object): Promise<{ permissions?: Record<string, { havePermission?: boolean }> }>;
        };
        projects: { searchProjects(args: object): Promise<{ values?: { key?: string }[]; total?: number }> };
        issues: { createIssue(args: object): Promise<{ key?: string }> };
    };
}

/** What is used of confluence.js. */
export interface ConfluenceJs {
    createV1Client(config: object): {
        users: { getCurrentUser(args?: object): Promise<{ accountId?: string; email?: string; type?: string }> };
    };
    createV2Client(config: object): { space: { getSpaces(args?: object): Promise<{ results?: { key?: string }[] }> } };
}

/** A configured client of openid-client. */
export type OpenIdConfiguration = object;

/** What is used of openid-client. */
export interface OpenIdClient {
    Configuration: new (
        server: object,
        clientId: string,
        metadata: object,
        authentication: unknown,
    ) => OpenIdConfiguration;
    ClientSecretBasic(secret: string): unknown;
    ClientSecretPost(secret: string): unknown;
    allowInsecureRequests(configuration: OpenIdConfiguration): void;
    clientCredentialsGrant(
        configuration: OpenIdConfiguration,
        parameters?: Record<string, string>,
    ): Promise<{ access_token: string; token_type: string; scope?: string; expires_in?: number }>;
    fetchProtectedResource(
        configuration: OpenIdConfiguration,
        token: string,
        url: URL,
        method: string,
    ): Promise<Response>;
}

export const loadJiraJs = (): Promise<JiraJs> => importModule<JiraJs>("jira.js");
export const loadConfluenceJs = (): Promise<ConfluenceJs> => importModule<ConfluenceJs>("confluence.js");
export const loadOpenIdClient = (): Promise<OpenIdClient> => importModule<OpenIdClient>("openid-client");
