import { type Outbound, Unreachable } from "../outbound";
import type { OxCredentials } from "./connectors";

/** A project of Jira's, as far as OX shows it. */
export interface OxProject {
    id: string;
    name: string;
}

/** What OX found out about credentials, by using them. */
export interface OxVerdict {
    valid: boolean;
    message: string | null;
    projects: readonly OxProject[];
}

const refused = (message: string): OxVerdict => ({ valid: false, message, projects: [] });

async function authorizationOf(
    { credentialsType, input }: OxCredentials,
    outbound: Outbound,
): Promise<string | undefined> {
    if (credentialsType === "UserPassword") {
        return `Basic ${Buffer.from(`${String(input.name)}:${String(input.password)}`).toString("base64")}`;
    }
    if (credentialsType !== "JiraServiceAccountOAuth2") {
        return `Bearer ${String(input.token)}`;
    }
    const form = {
        grant_type: "client_credentials",
        client_id: String(input.clientId),
        client_secret: String(input.clientSecret),
    };
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(form).toString();
    const { status, json } = await outbound.send("https://auth.atlassian.com/oauth/token", {
        method: "POST",
        headers,
        body,
    });
    const token = (json as { access_token?: string } | undefined)?.access_token;
    return status < 300 && token ? `Bearer ${token}` : undefined;
}

async function hostOf(
    { hostURL, input }: OxCredentials,
    authorization: string,
    outbound: Outbound,
): Promise<string | undefined> {
    if (hostURL) {
        return hostURL.replace(/\/+$/, "");
    }
    let cloudId = input.cloudId;
    if (!cloudId) {
        const { json } = await outbound.send("https://api.atlassian.com/oauth/token/accessible-resources", {
            headers: { authorization },
        });
        const sites = Array.isArray(json) ? (json as { id: string; name: string }[]) : [];
        cloudId = (input.cloudSiteName ? sites.find(({ name }) => name === input.cloudSiteName) : sites[0])?.id;
    }
    return cloudId ? `https://api.atlassian.com/ex/jira/${cloudId}` : undefined;
}

/** Uses stored credentials at Jira: who they are of, and which projects they show. */
export async function askJira(credentials: OxCredentials, outbound: Outbound): Promise<OxVerdict> {
    try {
        const authorization = await authorizationOf(credentials, outbound);
        if (!authorization) {
            return refused("Failed to get an access token with the given client credentials");
        }
        const host = await hostOf(credentials, authorization, outbound);
        if (!host) {
            return refused("No site was found for the given credentials");
        }
        const headers = { authorization, accept: "application/json" };
        const user = await outbound.send(`${host}/rest/api/3/myself`, { headers });
        if (user.status !== 200) {
            return refused(`Request failed with status code ${user.status}`);
        }
        const found = await outbound.send(`${host}/rest/api/3/project/search`, { headers });
        if (found.status !== 200) {
            return refused(`Request failed with status code ${found.status}`);
        }
        const { values } = found.json as { values: OxProject[] };
        return { valid: true, message: null, projects: values };
    } catch (error) {
        if (error instanceof Unreachable) {
            return refused(error.message);
        }
        throw error;
    }
}
