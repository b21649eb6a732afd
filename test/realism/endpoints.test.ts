import { gatewayUrl, parseCloudId } from "../../provider/vendors/atlassian/hosts";
import { typeNamed } from "../support/types";

const cloudId = "1324a887-45db-1bf4-1e99-ef0ff456d421";

/** The endpoints that a connection puts out before it has asked anybody. */
function endpointsOf(vendor: string, type: string, given: Record<string, unknown>): object {
    const connection = typeNamed(`${vendor}.${type}`);
    const { args, problems } = connection.arguments.validate(given);
    expect(problems).toEqual([]);
    return connection.derive(args?.values ?? {});
}

describe("the endpoints, as the vendors publish them", () => {
    it.each([
        [undefined, "https://admin-oauth.id.jumpcloud.com/oauth2/token", "https://console.jumpcloud.com/api"],
        ["us", "https://admin-oauth.id.jumpcloud.com/oauth2/token", "https://console.jumpcloud.com/api"],
        ["US", "https://admin-oauth.id.jumpcloud.com/oauth2/token", "https://console.jumpcloud.com/api"],
        ["eu", "https://admin-oauth.id.eu.jumpcloud.com/oauth2/token", "https://console.eu.jumpcloud.com/api"],
        ["EU", "https://admin-oauth.id.eu.jumpcloud.com/oauth2/token", "https://console.eu.jumpcloud.com/api"],
        ["in", "https://admin-oauth.id.in.jumpcloud.com/oauth2/token", "https://console.in.jumpcloud.com/api"],
    ])("are JumpCloud's for the region %s", (region, tokenUrl, apiUrl) => {
        const given = { clientId: "id", clientSecret: "secret", ...(region === undefined ? {} : { region }) };
        expect(endpointsOf("jumpcloud", "ServiceAccount", given)).toEqual({
            tokenUrl,
            apiUrl,
            apiV2Url: `${apiUrl}/v2`,
            requestHeaders: {},
        });
    });

    it("come with the header that selects an organisation of JumpCloud's", () => {
        const given = { clientId: "id", clientSecret: "secret", organizationId: "5A1234567890ABCDEF123456" };
        expect(endpointsOf("jumpcloud", "ServiceAccount", given)).toMatchObject({
            requestHeaders: { "x-org-id": "5a1234567890abcdef123456" },
        });
    });

    it.each(["https://acme.jamfcloud.com", "https://jamf.example.com:8443"])("are Jamf Pro's at %s", (url) => {
        const given = { url, clientId: "538878d4-0f0f-4a9c-8ae7-7c3d1f2b9a10", clientSecret: "secret" };
        expect(endpointsOf("jamf", "ApiClient", given)).toEqual({
            url,
            apiUrl: `${url}/api`,
            classicApiUrl: `${url}/JSSResource`,
        });
    });

    it.each([
        ["commercial", "https://auth.atlassian.com/oauth/token", "https://api.atlassian.com"],
        ["usGov", "https://auth.atlassian-us-gov-mod.com/oauth/token", "https://api.atlassian-us-gov-mod.com"],
    ] as const)("are those of Atlassian's gateway in the %s cloud", (environment, tokenUrl, api) => {
        const [jiraUrl, confluenceUrl] = [`${api}/ex/jira/${cloudId}`, `${api}/ex/confluence/${cloudId}`];
        const products = ["jira", "confluence"];
        const oauth = { clientId: "id", clientSecret: "secret", cloudId, products, environment };
        expect(endpointsOf("atlassian", "ServiceAccountOAuth", oauth)).toEqual({
            tokenUrl,
            cloudId,
            jiraUrl,
            confluenceUrl,
        });
        const token = { cloudId, email: "bot@serviceaccount.atlassian.com", apiToken: "ATSTTx", products, environment };
        expect(endpointsOf("atlassian", "ServiceAccountToken", token)).toMatchObject({
            cloudId,
            jiraUrl,
            confluenceUrl,
        });
        expect(endpointsOf("atlassian", "JiraConnector", { cloudId, apiToken: "ATSTTx", environment })).toEqual({
            cloudId,
            hostUrl: jiraUrl,
        });
        expect(gatewayUrl(cloudId, "jira", environment)).toBe(jiraUrl);
        expect(gatewayUrl(cloudId, "confluence", environment)).toBe(confluenceUrl);
    });

    it.each([
        cloudId,
        cloudId.toUpperCase(),
        `https://admin.atlassian.com/s/${cloudId}/settings`,
        `https://api.atlassian.com/ex/jira/${cloudId}`,
    ])("take the Cloud ID out of %s", (text) => {
        expect(parseCloudId(text)).toBe(cloudId);
    });

    it("are Jira's own address for a user's token", () => {
        const cloud = { subdomain: "acme", username: "mia@acme.example", apiToken: "ATATTx" };
        expect(endpointsOf("atlassian", "JiraUserToken", cloud)).toEqual({
            hostUrl: "https://acme.atlassian.net",
            deployment: "cloud",
        });
        const dataCenter = { siteUrl: "https://jira.acme.example", apiToken: "x" };
        expect(endpointsOf("atlassian", "JiraUserToken", dataCenter)).toEqual({
            hostUrl: "https://jira.acme.example",
            deployment: "dataCenter",
        });
    });
});
