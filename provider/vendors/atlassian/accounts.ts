// The account that a credential belongs to, and the meaning of Atlassian's refusals.
import {
    isPage,
    object,
    optional,
    flag,
    text,
    type Account,
    type Answer,
    type SecretValue,
    type Unknown,
    type VendorProblem,
    type Verification,
} from "../../define";
import { accountsPage, gatewayUrl, placeOfCloudId, type Environment, type Product } from "./hosts";

/** True for a 401 that reports a missing scope, where a new token would not help. */
export const isScopeRefusal = ({ status, headers, text: body }: Answer): boolean =>
    status === 401 &&
    (headers["x-failure-category"] === "FAILURE_CLIENT_SCOPE_CHECK" || /scope does not match/i.test(body));

/** True for an answer that refuses the way in which the credential was sent. */
export const isAuthenticationMismatch = ({ headers }: Answer): boolean =>
    headers["x-failure-category"] === "FAILURE_CLIENT_AUTH_MISMATCH";

/**
 * True for a cloud site's answer to a token that only a Data Center accepts. A site with its own domain is recognised
 * by it.
 */
export const isCloudSite = ({ status, text: body }: Answer): boolean =>
    status >= 400 && /Failed to parse Connect Session Auth Token/i.test(body);

/** The arguments to use in place of a cloud site's own domain, as a sentence. */
export const waysToCloudSite =
    "Name its address under atlassian.net, such as https://acme.atlassian.net, together with the user's e-mail address and API token; a service account's token is for JiraConnector.";

/** True for Jira's answer while it refuses every login until a person has solved a CAPTCHA. */
const wantsCaptcha = ({ headers }: Answer): boolean =>
    /CAPTCHA_CHALLENGE/i.test(String(headers["x-authentication-denied-reason"]));

/** The beginnings of Atlassian's secrets, with the kind of secret and the class that accepts it. */
const beginnings = {
    ATSTT: [
        "the API token of a service account",
        "ServiceAccountToken (together with its e-mail address) or JiraConnector",
    ],
    ATATT: ["the API token of a user", "JiraUserToken"],
    ATOA: ["the client secret of an OAuth 2.0 credential", "ServiceAccountOAuth"],
    ATCTT: ["the API key of an organization", undefined],
} as const satisfies Record<string, readonly [string, string | undefined]>;

/**
 * A sentence for a secret that looks like another kind, with the class that accepts that kind.
 * @param own The beginning of the secrets that this class accepts.
 */
export function remarkOn(secret: SecretValue, own: keyof typeof beginnings): string | undefined {
    const beginning = (Object.keys(beginnings) as (keyof typeof beginnings)[]).find((start) =>
        secret.startsWith(start),
    );
    if (beginning === undefined || beginning === own) {
        return undefined;
    }
    const [what, takers] = beginnings[beginning];
    return `It begins with ${beginning}, as ${what} does: ${takers === undefined ? "no connection takes one" : `use ${takers}`}.`;
}

/** The kind of account that a credential belongs to, and the places where its access is changed, in sentences. */
export interface Holder {
    readonly name: string;
    /** The way to give it access to a product. */
    readonly access: string;
    /** The way to activate it again. */
    readonly activate: string;
    /** The way to get a credential with another scope; undefined where scopes are proved one by one. */
    readonly scope?: string | undefined;
}

/** A service account. Its credential can work without a scope that shows the account. */
const serviceAccount: Holder = {
    name: "service account",
    access: `Give it the app role User under ${accountsPage}.`,
    activate: "Activate it in the Atlassian administration.",
};

const waysToCloudId: Readonly<Record<string, string>> = {
    cloudId: "behind this Cloud ID",
    adminUrl: "behind the Cloud ID in this address",
    hostUrl: "behind the Cloud ID in this address",
};

/** The details of a refusal. */
interface RefusalDetails<Argument extends string> {
    readonly product: string;
    /** The argument at fault when the account may not use the product. */
    readonly argument: Argument;
    /** The argument that names the site; undefined where none does. */
    readonly named: Argument | undefined;
    readonly holder?: Holder | undefined;
}

/** The meaning of Atlassian's refusals. */
export function classifyRefusal<Argument extends string>(
    answer: Answer,
    body: unknown,
    { product, argument, named, holder = serviceAccount }: RefusalDetails<Argument>,
): VendorProblem<Argument> | Unknown | undefined {
    if (isScopeRefusal(answer)) {
        return holder.scope === undefined
            ? { unknown: "The credential has no scope that shows which account it belongs to." }
            : {
                  kind: "scopeMissing",
                  code: "atlassian-no-call-scope",
                  argument,
                  message: `the credential has no scope for this call to ${product}. ${holder.scope}`,
              };
    }
    if (isAuthenticationMismatch(answer)) {
        return undefined;
    }
    if (wantsCaptcha(answer)) {
        const message = `${product} refuses every login of this account until a person has logged in once (HTTP ${answer.status}, CAPTCHA_CHALLENGE). Log in as it in a browser, and run again. This says nothing against the secret.`;
        return { kind: "credentialRefused", code: "atlassian-captcha", message };
    }
    if (isCloudSite(answer)) {
        const message = `this is a site in Atlassian's cloud behind a domain of its own (HTTP ${answer.status}). ${waysToCloudSite}`;
        return { kind: "siteMissing", code: "atlassian-cloud-behind-domain", argument: named, message };
    }
    if (isPage(answer, body)) {
        return undefined;
    }
    if (answer.status === 404 && body !== undefined) {
        const way = waysToCloudId[named ?? ""];
        const next =
            way === undefined
                ? `Check that the site has ${product}, and that the account is one of its organization.`
                : placeOfCloudId;
        return {
            kind: "siteMissing",
            code: way === undefined ? "atlassian-product-unknown" : "atlassian-cloud-id-unknown",
            argument: named,
            message: `there is no ${product} ${way ?? "on this site"} for the credential (HTTP 404). ${next}`,
        };
    }
    return answer.status === 403 && body !== undefined
        ? {
              kind: "accessMissing",
              code: "atlassian-no-access",
              argument,
              message: `the ${holder.name} may not use ${product} (HTTP 403). ${holder.access}`,
          }
        : undefined;
}

/** A user in Jira's answer. A Data Center identifies its users by key and name. */
export const jiraUserAnswer = object({
    accountId: optional(text()),
    key: optional(text()),
    name: optional(text()),
    displayName: optional(text()),
    emailAddress: optional(text()),
    active: optional(flag()),
});

/** A user in Confluence's answer. */
export const confluenceUserAnswer = object({
    type: optional(text()),
    accountId: optional(text()),
    publicName: optional(text()),
    displayName: optional(text()),
    email: optional(text()),
});

/** The options of {@link jiraAccount}. */
export interface JiraOptions<Argument extends string> {
    /** The argument at fault when the account may not use Jira. */
    readonly argument: Argument;
    /** The argument that names the site; undefined where none does. */
    readonly named: Argument | undefined;
    /** The argument that names the host, where it is not the gateway. */
    readonly host?: Argument | undefined;
    readonly version?: 2 | 3 | undefined;
    /**
     * The account that the credential belongs to.
     * @default a service account's
     */
    readonly holder?: Holder | undefined;
    /** The problem where nothing is found at the address and it is not the gateway. */
    readonly absent?: ((status: number) => VendorProblem<Argument>) | undefined;
}

/** The account that a credential has in Jira. */
export async function jiraAccount<Argument extends string>(
    vendor: Verification<"jira", Argument>,
    base: string,
    options: JiraOptions<Argument>,
): Promise<Account | undefined> {
    const { holder = serviceAccount, host, absent, version = 3 } = options;
    const user = await vendor.request("jira", `${base}/rest/api/${version}/myself`, jiraUserAnswer, {
        argument: host,
        classify: (answer, body) =>
            answer.status === 404 && absent !== undefined && !isPage(answer, body)
                ? absent(404)
                : classifyRefusal(answer, body, { ...options, product: "Jira" }),
    });
    if (user?.active === false) {
        vendor.fail("jira", {
            kind: "credentialRefused",
            code: "atlassian-deactivated",
            message: `the account is deactivated. ${holder.activate}`,
        });
    }
    if (user === undefined || !holdsText(vendor, "jira", user, base, host)) {
        return undefined;
    }
    const id = user.accountId || user.key;
    if (!id) {
        vendor.warn(untoldAccount("Jira"));
        return undefined;
    }
    return { id, name: user.displayName ?? id, email: user.emailAddress || undefined };
}

/** True for an answer with a user's data: an answer without it comes from something else. */
function holdsText<Check extends Product, Argument extends string>(
    vendor: Verification<Check, Argument>,
    check: Check,
    user: object,
    base: string,
    argument: Argument | undefined,
): boolean {
    const isTold = Object.values(user).some((value) => typeof value === "string" && value !== "");
    if (!isTold) {
        const message = `${new URL(base).host} answered with unexpected JSON. Check that it is the address of ${productNames[check]}.`;
        vendor.fail(check, { kind: "badAnswer", code: "atlassian-other-shape", argument, message });
    }
    return isTold;
}

const productNames: Readonly<Record<Product, string>> = { jira: "Jira", confluence: "Confluence" };

const untoldAccount = (product: string): string =>
    `${product} accepts the credential and does not tell the id of its account, so a change to another account would not be noticed.`;

/** The account that a credential has in Confluence. */
async function confluenceAccount<Argument extends string>(
    vendor: Verification<"confluence", Argument>,
    base: string,
    refused: RefusalDetails<Argument>,
): Promise<Account | undefined> {
    const user = await vendor.request("confluence", `${base}/wiki/rest/api/user/current`, confluenceUserAnswer, {
        classify: (answer, body) => classifyRefusal(answer, body, refused),
    });
    if (user?.type === "anonymous") {
        const message = "Confluence treats the credential as anonymous. Give its service account the app role User.";
        vendor.fail("confluence", {
            kind: "accessMissing",
            code: "atlassian-anonymous",
            argument: refused.argument,
            message,
        });
        return undefined;
    }
    if (user === undefined || !holdsText(vendor, "confluence", user, base, undefined)) {
        return undefined;
    }
    const { accountId, type, email } = user;
    if (accountId) {
        return { id: accountId, name: user.displayName ?? user.publicName ?? accountId, email: email || undefined };
    }
    if (type === "known") {
        vendor.warn(untoldAccount("Confluence"));
    } else {
        // Anonymous visitors may be allowed, and then there is no account either.
        vendor.untold("confluence", "Confluence does not tell whether it knows the account.");
    }
    return undefined;
}

/** A site behind the gateway, and the argument that names it. */
export interface GatewaySite<Argument extends string> {
    readonly cloudId: string;
    readonly environment: Environment;
    /** The argument that names the site; undefined where none does. */
    readonly named: Argument | undefined;
}

/** The account that a credential has in several products. An Atlassian account is the same in all of them. */
export async function accountIn<Argument extends string>(
    vendor: Verification<Product, Argument | "products">,
    products: readonly Product[],
    { cloudId, environment, named }: GatewaySite<Argument>,
): Promise<Account | undefined> {
    const found = await Promise.all(
        products.map((product) => {
            const base = gatewayUrl(cloudId, product, environment);
            const argument = "products" as const;
            return product === "jira"
                ? jiraAccount(vendor, base, { argument, named })
                : confluenceAccount(vendor, base, { argument, named, product: "Confluence" });
        }),
    );
    return found.find((account) => account?.email !== undefined) ?? found.find((account) => account !== undefined);
}

/**
 * Sends a token that was refused as Basic once more as Bearer, to find the cause: a bad token, another account's token,
 * or the wrong way of sending it.
 */
export async function explainRefusal(
    vendor: Verification<Product | "scheme", "products" | "email" | "apiToken" | "cloudId" | "subdomain" | "adminUrl">,
    products: readonly Product[],
    site: GatewaySite<"cloudId" | "subdomain" | "adminUrl">,
    email: string,
): Promise<void> {
    const { alternative } = vendor;
    const product = products.find((name) => vendor.problemOf(name)?.kind === "credentialRefused");
    if (product === undefined || alternative === undefined) {
        return;
    }
    const account = await accountIn(alternative, [product], site);
    if (alternative.problemOf(product) !== undefined) {
        return;
    }
    if (account?.email !== undefined && account.email.toLowerCase() !== email.toLowerCase()) {
        const message = `Atlassian refused the token together with this address (HTTP 401): it is ${account.email}'s. Put that address into email.`;
        vendor.explain(product, {
            kind: "credentialRefused",
            code: "atlassian-token-other-email",
            argument: "email",
            message,
        });
        return;
    }
    const message =
        "the token is valid, but not the way this hub sends it: Atlassian refused it as Basic and took it as Bearer. " +
        `${account?.email === undefined ? "Check that email is its account's. If it is, use" : "Use"} ServiceAccountOAuth for this hub; JiraConnector is for a hub that sends Bearer.`;
    vendor.explain("scheme", {
        kind: "credentialRefused",
        code: "atlassian-token-scheme",
        argument: "apiToken",
        message,
    });
}
