import { defineConnection } from "../connection";
import { basic, bearer } from "../credential";
import type { Problem } from "../errors";
import { baseUrl, secret } from "../schema";
import type { Secret } from "../secrets";
import { hosts, jiraAccount, nameSiteOnce, shape, type AtlassianArgs } from "./atlassian";

/** Arguments of `atlassian.JiraUserToken`. */
export interface JiraUserTokenArgs extends AtlassianArgs {
    /** Jira's address: `https://acme.atlassian.net`, or a Data Center such as `https://jira.example.com`. One of `siteUrl` and `subdomain` is needed. */
    siteUrl?: string | undefined;
    /** What stands before `.atlassian.net` in the address of a cloud site: `acme`. */
    subdomain?: string | undefined;
    /** The user's e-mail address, for a cloud site. None for a Data Center, whose token says whose it is. */
    username?: string | undefined;
    /**
     * Cloud: an API token without scopes, from id.atlassian.com > Security > API tokens. Data Center: a personal access token, from Profile >
     * Personal Access Tokens.
     */
    apiToken: Secret;
}

/** Outputs of `atlassian.JiraUserToken`. */
export interface JiraUserTokenOutputs {
    /** Jira's address, without a trailing slash. */
    hostUrl: string;
    /** Where Jira runs. */
    deployment: "cloud" | "dataCenter";
}

const siteOf = ({ siteUrl, subdomain, environment }: JiraUserTokenArgs): string => siteUrl ?? `https://${subdomain ?? ""}.${hosts(environment).siteDomain}`;

const isCloud = (args: JiraUserTokenArgs): boolean => new URL(siteOf(args)).hostname.endsWith(`.${hosts(args.environment).siteDomain}`);

function rules(args: JiraUserTokenArgs): { property: string; message: string }[] {
    const site = nameSiteOnce(args, ["siteUrl", "subdomain"], false);
    if (args.siteUrl === undefined && args.subdomain === undefined) {
        return [{ property: "siteUrl", message: "is missing: name Jira with siteUrl or subdomain, such as https://acme.atlassian.net." }];
    }
    if (site.length > 0) {
        return site;
    }
    if (isCloud(args)) {
        return args.username === undefined ? [{ property: "username", message: "is missing: a cloud site takes an API token together with its user's e-mail address." }] : [];
    }
    return args.username === undefined ? [] : [{ property: "username", message: "is not for a Data Center, whose personal access token says whose it is. Leave it out." }];
}

/** The personal method of OX Security's Jira connector: a user's token, on a cloud site or a Data Center. */
export const jiraUserToken = defineConnection<JiraUserTokenArgs, JiraUserTokenOutputs>({
    vendor: "atlassian",
    type: "JiraUserToken",
    title: "Jira",
    reach: "private",
    args: {
        siteUrl: () => baseUrl("https://acme.atlassian.net or https://jira.example.com").optional(),
        subdomain: shape.subdomain,
        username: (z) => z.string({ error: "must be an e-mail address." }).trim().pipe(z.email("must be an e-mail address.")).optional(),
        apiToken: () => secret("Cloud shows it once, under id.atlassian.com > Security > API tokens; a Data Center under Profile > Personal Access Tokens."),
        environment: shape.environment,
    },
    rules,
    secrets: ["apiToken"],
    credentialArgs: ["username", "apiToken"],
    tenantArgs: ["siteUrl", "subdomain"],
    outputs: ["hostUrl", "deployment"],
    checks: ["jira"],
    endpoints: (args) => ({ hostUrl: siteOf(args), deployment: isCloud(args) ? "cloud" : "dataCenter" }),
    tenant: ({ hostUrl }) => hostUrl,
    credential: ({ username, apiToken }) =>
        username === undefined
            ? bearer("apiToken", apiToken, "Create a new token under Profile > Personal Access Tokens.")
            : basic(
                  "apiToken",
                  username,
                  apiToken,
                  "Create a new API token without scopes under id.atlassian.com > Security > API tokens. A service account's token works only behind the gateway: use JiraConnector.",
              ),
    async verify(probe, args) {
        const property = args.siteUrl === undefined ? "subdomain" : "siteUrl";
        const account = await jiraAccount(probe, siteOf(args), {
            property: "apiToken",
            named: property,
            host: property,
            version: isCloud(args) ? 3 : 2,
            absent: (status: number): Problem => ({
                kind: "siteMissing",
                property,
                message: `there is no Jira at ${siteOf(args)} (HTTP ${status}). Take the address that you open in a browser.`,
            }),
        });
        const cloudWarning = account?.email !== undefined && args.username !== undefined && account.email.toLowerCase() !== args.username.toLowerCase();
        return {
            facts: {},
            account,
            warnings: cloudWarning ? [`The token belongs to ${account.email ?? ""}, and username says ${args.username ?? ""}. Correct username.`] : [],
        };
    },
});
