import type { Outbound } from "../outbound";

/** How a provider authenticates; a connection's credentials must be of the same type. */
export type NangoAuthMode = "OAUTH2_CC" | "BASIC" | "API_KEY" | "TWO_STEP" | "OAUTH2";

/** A provider of Nango's catalogue, as far as a simulator needs it. */
export interface NangoProvider {
    readonly displayName: string;
    readonly authMode: NangoAuthMode;
    /** Where client credentials are exchanged for a token. */
    readonly tokenUrl?: (config: Readonly<Record<string, unknown>>) => string;
    /** Whether the script that looks for Atlassian's site runs after a connection was written. */
    readonly atlassianScript?: boolean;
    /** Tries the credentials before a connection is written. */
    readonly test?: (
        credentials: { apiKey: string },
        outbound: Outbound,
        config?: Readonly<Record<string, unknown>>,
    ) => Promise<boolean>;
}

async function jumpCloudTakes({ apiKey }: { apiKey: string }, outbound: Outbound): Promise<boolean> {
    try {
        const headers = { "x-api-key": apiKey, "content-type": "application/json" };
        const { status } = await outbound.send("https://console.jumpcloud.com/api/organizations", { headers });
        return status < 300;
    } catch {
        return false;
    }
}

/** As Nango proves an API key before it writes the connection: by one call at the vendor. */
const proving =
    (
        url: (config: Readonly<Record<string, unknown>>) => string,
        headersOf: (key: string) => Readonly<Record<string, string>>,
    ): NonNullable<NangoProvider["test"]> =>
    async ({ apiKey }, outbound, config = {}) => {
        try {
            return (await outbound.send(url(config), { headers: { ...headersOf(apiKey) } })).status < 300;
        } catch {
            return false;
        }
    };

const providers: Readonly<Record<string, NangoProvider>> = {
    "atlassian-service-account-oauth2": {
        displayName: "Atlassian Service Account (OAuth 2.0)",
        authMode: "OAUTH2_CC",
        tokenUrl: () => "https://auth.atlassian.com/oauth/token",
        atlassianScript: true,
    },
    "atlassian-service-account-api-token": {
        displayName: "Atlassian Service Account (API Token)",
        authMode: "BASIC",
        atlassianScript: true,
    },
    jamf: {
        displayName: "Jamf Pro (Client Credentials)",
        authMode: "OAUTH2_CC",
        tokenUrl: ({ instance }) => `https://${String(instance)}.jamfcloud.com/api/v1/oauth/token`,
    },
    "microsoft-oauth2-cc": {
        displayName: "Microsoft (Client Credentials)",
        authMode: "OAUTH2_CC",
        tokenUrl: ({ tenantId }) => `https://login.microsoftonline.com/${String(tenantId)}/oauth2/v2.0/token`,
    },
    "okta-api-key": {
        displayName: "Okta (API Token)",
        authMode: "API_KEY",
        test: proving(
            ({ hostname }) => `https://${String(hostname)}/api/v1/users/me`,
            (key) => ({ authorization: `SSWS ${key}` }),
        ),
    },
    crowdstrike: {
        displayName: "CrowdStrike",
        authMode: "OAUTH2_CC",
        tokenUrl: ({ baseUrl }) => `https://${String(baseUrl)}/oauth2/token`,
    },
    cloudflare: { displayName: "Cloudflare", authMode: "API_KEY" },
    kandji: { displayName: "Kandji", authMode: "API_KEY" },
    slack: { displayName: "Slack", authMode: "OAUTH2" },
    "jamf-basic": { displayName: "Jamf Pro (Basic Auth)", authMode: "TWO_STEP" },
    jumpcloud: { displayName: "JumpCloud", authMode: "API_KEY", test: jumpCloudTakes },
    "github-pat": {
        displayName: "Github (Personal Access Token)",
        authMode: "API_KEY",
        test: proving(
            () => "https://api.github.com/user",
            (key) => ({ authorization: `Bearer ${key}`, accept: "application/vnd.github+json", "user-agent": "nango" }),
        ),
    },
    "gitlab-pat": {
        displayName: "GitLab  (Personal Access Token)",
        authMode: "API_KEY",
        test: proving(
            ({ hostname }) => `https://${String(hostname)}/api/v4/users`,
            (key) => ({ "private-token": key, "content-type": "application/json" }),
        ),
    },
    jira: { displayName: "Jira", authMode: "OAUTH2" },
};

/** A provider by its name, or undefined where Nango has none of that name. */
export function providerNamed(name: string): NangoProvider | undefined {
    return Object.hasOwn(providers, name) ? providers[name] : undefined;
}
