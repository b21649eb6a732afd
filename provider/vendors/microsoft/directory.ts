// Microsoft's clouds, and the codes of its token endpoint.
import type { Console } from "../../define";

/** A cloud of Microsoft's: `global`, `usGov`, `usGovDod` or `china`. Each has directories and hosts of its own. */
export type EntraCloud = "global" | "usGov" | "usGovDod" | "china";

/** The hosts of each cloud. */
export const hosts: Readonly<Record<EntraCloud, Readonly<Record<"login" | "graph" | "portal", string>>>> = {
    global: {
        login: "https://login.microsoftonline.com",
        graph: "https://graph.microsoft.com",
        portal: "https://portal.azure.com",
    },
    usGov: {
        login: "https://login.microsoftonline.us",
        graph: "https://graph.microsoft.us",
        portal: "https://portal.azure.us",
    },
    usGovDod: {
        login: "https://login.microsoftonline.us",
        graph: "https://dod-graph.microsoft.us",
        portal: "https://portal.azure.us",
    },
    china: {
        login: "https://login.partner.microsoftonline.cn",
        graph: "https://microsoftgraph.chinacloudapi.cn",
        portal: "https://portal.azure.cn",
    },
};

/** The token endpoint of a tenant. */
export const tokenUrl = ({ tenant, cloud }: { readonly tenant: string; readonly cloud: EntraCloud }): string =>
    `${hosts[cloud].login}/${tenant}/oauth2/v2.0/token`;

/** The scope of all permissions of an API. */
export const scopeOf = ({
    resource,
    cloud,
}: {
    readonly resource?: string | undefined;
    readonly cloud: EntraCloud;
}): string => `${resource ?? hosts[cloud].graph}/.default`;

/** The ID of a tenant that is not given by a domain. */
export const ownId = (tenant: string): string | undefined => (tenant.includes(".") ? undefined : tenant);

const registrations = "Entra ID > App registrations > (application)";

/** The place of an application's secrets in the console. */
export const page = `${registrations} > Certificates & secrets`;

/** The places of an application in the console. */
export const secretsConsole = {
    secret: page,
    called: "client secret",
    client: registrations,
    scopes: `${registrations} > API permissions`,
    url: ({ cloud = "global" }) => (hosts as Partial<typeof hosts>)[cloud as EntraCloud]?.portal,
} as const satisfies Console;

/** The next steps after Microsoft's own codes, which say more than those of OAuth. */
export const codes = {
    "7000215": {
        meaning: "client",
        next: `Copy the Value of a client secret, not its Secret ID, or create a new one, under ${page}.`,
    },
    "7000222": { meaning: "client", next: `The client secret has expired. Create a new one under ${page}.` },
    "700027": {
        meaning: "client",
        argument: "certificate",
        next: `Check that it is listed under ${page} > Certificates, has not ended, and belongs to privateKey.`,
    },
    "700016": {
        meaning: "refused",
        argument: "clientId",
        next: "The tenant has no such application. Check clientId, tenant and cloud, and that an administrator of the tenant has given consent.",
    },
    "7000112": {
        meaning: "refused",
        argument: "clientId",
        next: "The application is disabled. Enable it under Entra ID > Enterprise apps > (application) > Properties.",
    },
    "53003": {
        meaning: "refused",
        next: "A Conditional Access policy blocks the application from here. See Entra ID > Conditional Access > Sign-in logs.",
    },
    "90002": {
        meaning: "refused",
        argument: "tenant",
        next: "There is no such tenant in this cloud. Check tenant and cloud.",
    },
    "500011": {
        meaning: "scope",
        argument: "resource",
        next: "The tenant does not have this resource. Check its Application ID URI.",
    },
} as const;
