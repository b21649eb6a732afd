import { basic, baseUrl, bearer, choice, defineConnection, email, invalid, optional, secret, text } from "../../define";
import type { Console, Invalid, SecretValue } from "../../define";
import { accountAt, refusals, remarkOn, warnOfOther, waysToCloudSite, type Holder } from "./accounts";
import * as fields from "./fields";
import { baseOfPage, hosts, isAtlassianHost, siteDomains, type Environment } from "./hosts";
import { organizationReader, organizationRules, tokenEnd, tokensListed, userTokens } from "./organization";

/** The place where Jira runs: in Atlassian's cloud, or on your own servers. */
export type Deployment = "cloud" | "dataCenter";

interface JiraPlace {
    readonly siteUrl?: string | undefined;
    readonly subdomain?: string | undefined;
    readonly environment: Environment;
}

const siteOf = ({ siteUrl, subdomain, environment }: JiraPlace): string =>
    siteUrl ?? `https://${subdomain ?? ""}.${hosts(environment).siteDomain}`;

const isCloud = (place: JiraPlace): boolean =>
    new URL(siteOf(place)).hostname.endsWith(`.${hosts(place.environment).siteDomain}`);

const cloudUser: Holder = {
    name: "user",
    access: "Give the user access to Jira under Directory > Users in admin.atlassian.com.",
    activate: "Activate it under Directory > Users in admin.atlassian.com.",
    scope: "Create an API token without scopes under id.atlassian.com > Security > API tokens.",
};
const dataCenterUser: Holder = {
    name: "user",
    access: "Give the user access to Jira under Administration > Applications > Application access.",
    activate: "Activate it under Administration > User management.",
    scope: "Create a new token under Profile > Personal Access Tokens.",
};

const cloudTokens: Console = { secret: "id.atlassian.com > Security > API tokens", called: "API token without scopes" };
const dataCenterTokens: Console = { secret: "Profile > Personal Access Tokens", called: "token" };

/** Jira's base URL in an address that people open. */
function jiraAddress(value: string): string | Invalid {
    const { hostname, origin } = new URL(value);
    if (isAtlassianHost(hostname)) {
        return invalid(
            "is a host of Atlassian's own, and no site. Name the site's address, like https://acme.atlassian.net; a service account's token, which works behind the gateway, is for JiraConnector.",
        );
    }
    return siteDomains.some((domain) => hostname.endsWith(`.${domain}`)) ? origin : baseOfPage(value);
}

/** That the token looks like one of another kind, as a sentence. */
function remark(token: SecretValue, onCloud: boolean): string | undefined {
    if (token.startsWith("ATSTT")) {
        return "It begins with ATSTT. A service account's token works only behind the gateway: use JiraConnector.";
    }
    return onCloud || !token.startsWith("ATATT")
        ? remarkOn(token, "ATATT")
        : "It begins with ATATT, as the API token of a cloud user does: name the cloud site's own address under atlassian.net, and username.";
}

/** The personal method of OX Security's Jira connector: a user's token, on a cloud site or a Data Center. */
export const jiraUserToken = defineConnection({
    type: "atlassian:JiraUserToken",
    title: "Jira",
    privateHosts: true,
    args: {
        /** Jira's address: `https://acme.atlassian.net`, or a Data Center such as `https://jira.example.com`. One of `siteUrl` and `subdomain` is needed. */
        siteUrl: optional(
            baseUrl({
                namesTenant: true,
                vendorHosts: siteDomains,
                like: "https://acme.atlassian.net or https://jira.example.com",
                parse: jiraAddress,
            }),
        ),
        /** The part before `.atlassian.net` in the address of a cloud site, `acme`, or the whole address. */
        subdomain: fields.subdomain,
        /** The user's e-mail address, for a cloud site. None for a Data Center, where the token itself identifies the user. */
        username: optional(email({ label: "Username", namesAccount: true, must: "must be an e-mail address." })),
        /**
         * Cloud: an API token without scopes, from id.atlassian.com > Security > API tokens. Data Center: a personal access token, from Profile >
         * Personal Access Tokens.
         */
        apiToken: secret({
            label: "API Token",
            where: "Cloud shows it once, under id.atlassian.com > Security > API tokens; a Data Center under Profile > Personal Access Tokens.",
        }),
        /**
         * Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud.
         * @default commercial
         */
        environment: fields.environment,
        /**
         * The organization's ID, a UUID, which follows `/o/` in an address of admin.atlassian.com. Together with `organizationApiKey`
         * it lets Atlassian report when `apiToken` ends.
         * @default none
         */
        organizationId: fields.organizationId,
        /**
         * API key of the organization with the one scope `read:tokens:admin`, from Settings > API keys in
         * admin.atlassian.com. It reads the list of API tokens, and nothing else is sent with it.
         * @default none
         */
        organizationApiKey: fields.organizationApiKey,
        /**
         * The name of `apiToken` in that list. It has to be the account's only live token of this name; without
         * `tokenLabel`, its only live token.
         * @default none
         */
        tokenLabel: fields.tokenLabel,
    },
    outputs: ({ derived }) => ({
        /** Jira's address, without a trailing slash. */
        hostUrl: derived(text({ label: "Jira Host URL" }), siteOf),
        /** Where Jira runs: `cloud` or `dataCenter`. */
        deployment: derived(choice(["cloud", "dataCenter"]), (args) => (isCloud(args) ? "cloud" : "dataCenter")),
    }),
    checks: { jira: "Jira knows the account.", tokens: tokensListed },
    occasionalChecks: ["tokens"],
    hub: "OX",
    tenant: "hostUrl",
    oneOf: {
        of: ["siteUrl", "subdomain"],
        names: "Jira",
        needed: true,
        where: "Its address is what you open in a browser, such as https://acme.atlassian.net.",
    },
    rules: (args, declared) => {
        if (isCloud(args)) {
            const missing = "is missing: a cloud site accepts an API token together with its user's e-mail address.";
            return [
                ...fields.siteInEnvironment(declared),
                ...organizationRules(declared),
                ...(args.username === undefined ? [{ argument: "username", message: missing } as const] : []),
            ];
        }
        const extra = `is not for a Data Center, where the personal access token itself identifies the user. Remove it. If this is a cloud site behind a domain of its own: ${waysToCloudSite}`;
        const given = (["organizationId", "organizationApiKey", "tokenLabel"] as const).filter(
            (name) => declared[name] !== undefined,
        );
        const message = "is for Atlassian's cloud alone: no organization lists a Data Center's tokens. Remove it.";
        return [
            ...(args.username === undefined ? [] : [{ argument: "username", message: extra } as const]),
            ...given.map((argument) => ({ argument, message })),
        ];
    },
    ...refusals,
    secretEndsAreHints: true,
    reader: organizationReader,
    credential: ({ username, apiToken, ...place }) =>
        username === undefined
            ? bearer(apiToken, { console: dataCenterTokens, remark: remark(apiToken, isCloud(place)) })
            : basic(username, apiToken, { console: cloudTokens, remark: remark(apiToken, isCloud(place)) }),
    verify: async (vendor, args) => {
        const base = siteOf(args);
        const named = args.siteUrl === undefined ? "subdomain" : "siteUrl";
        const message = `there is no Jira at ${base} (HTTP 404). Name Jira's base URL, with its context path where it has one.`;
        const account = await accountAt(vendor, "jira", {
            base,
            argument: "apiToken",
            named,
            host: named,
            absent: { kind: "siteMissing", code: "atlassian-no-jira", argument: named, message },
            ...(isCloud(args) ? { holder: cloudUser } : { holder: dataCenterUser, path: "/rest/api/2/myself" }),
        });
        warnOfOther(vendor, account, "username", args.username);
        return vendor.found({ outputs: {}, account, secretEnds: await tokenEnd(vendor, userTokens, args, account) });
    },
});
