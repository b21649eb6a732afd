// The account that a credential belongs to, and the meaning of Atlassian's refusals.
import { isPage, object, optional, flag, text } from "../../define";
import type { Account, Answer, SecretValue, Unknown, VendorProblem, Verification } from "../../define";
import { accountsPage, gatewayUrl, placeOfCloudId, type GatewaySite, type Product } from "./hosts";

/** True for a 401 that reports a missing scope, where a new token would not help. */
const isScopeRefusal = ({ status, headers, text: body }: Answer): boolean =>
    status === 401 &&
    (headers["x-failure-category"] === "FAILURE_CLIENT_SCOPE_CHECK" || /scope does not match/i.test(body));

/** True for an answer that refuses the way in which the credential was sent. */
const isAuthenticationMismatch = ({ headers }: Answer): boolean =>
    headers["x-failure-category"] === "FAILURE_CLIENT_AUTH_MISMATCH";

/** The ways in which Atlassian refuses, for every connection to its cloud. */
export const refusals = { isScopeRefusal, isCredentialRefusal: isAuthenticationMismatch };

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
    ATSTT: "the API token of a service account does: use ServiceAccountToken (together with its e-mail address) or JiraConnector",
    ATATT: "the API token of a user does: use JiraUserToken",
    ATOA: "the client secret of an OAuth 2.0 credential does: use ServiceAccountOAuth",
    ATCTT: "the API key of an organization does: it goes into organizationApiKey",
};

/**
 * A sentence for a secret that looks like another kind, with the class that accepts that kind.
 * @param own The beginning of the secrets that this class accepts.
 */
export function remarkOn(secret: SecretValue, own: keyof typeof beginnings): string | undefined {
    const [start, meaning] = Object.entries(beginnings).find(([start]) => secret.startsWith(start)) ?? [own];
    return start === own ? undefined : `It begins with ${start}, as ${meaning}.`;
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

/** The arguments at fault where a call is refused. */
interface AtFault<Argument extends string> {
    /** The argument at fault when the account may not use the product. */
    readonly argument: Argument;
    /** The argument that names the site; undefined where none does. */
    readonly named: Argument | undefined;
    /** The account that the credential belongs to. Default: a service account's. */
    readonly holder?: Holder | undefined;
    /** The problem where nothing is found at the address and it is not the gateway. */
    readonly absent?: VendorProblem<Argument> | undefined;
}

/** The meaning of Atlassian's refusals. */
export function classifyRefusal<Argument extends string>(
    answer: Answer,
    body: unknown,
    product: string,
    { argument, named, holder = serviceAccount, absent }: AtFault<Argument>,
): VendorProblem<Argument> | Unknown | undefined {
    const { status } = answer;
    if (isScopeRefusal(answer)) {
        const message = `the credential has no scope for this call to ${product}. ${holder.scope ?? ""}`;
        return holder.scope === undefined
            ? { unknown: "The credential has no scope that shows which account it belongs to." }
            : { kind: "scopeMissing", code: "atlassian-no-call-scope", argument, message };
    }
    if (isAuthenticationMismatch(answer)) {
        return undefined;
    }
    if (wantsCaptcha(answer)) {
        const message = `${product} refuses every login of this account until a person has logged in once (HTTP ${status}, CAPTCHA_CHALLENGE). Log in as it in a browser, and run again. This says nothing against the secret.`;
        return { kind: "credentialRefused", code: "atlassian-captcha", message };
    }
    if (isCloudSite(answer)) {
        const message = `this is a site in Atlassian's cloud behind a domain of its own (HTTP ${status}). ${waysToCloudSite}`;
        return { kind: "siteMissing", code: "atlassian-cloud-behind-domain", argument: named, message };
    }
    if (isPage(answer, body)) {
        return undefined;
    }
    if (status === 404 && absent !== undefined) {
        return absent;
    }
    if (status === 404 && body !== undefined) {
        const way = waysToCloudId[named ?? ""];
        const next = `Check that the site has ${product}, and that the account is one of its organization.`;
        const message = `there is no ${product} ${way ?? "on this site"} for the credential (HTTP 404). ${way === undefined ? next : placeOfCloudId}`;
        const code = way === undefined ? "atlassian-product-unknown" : "atlassian-cloud-id-unknown";
        return { kind: "siteMissing", code, argument: named, message };
    }
    const message = `the ${holder.name} may not use ${product} (HTTP 403). ${holder.access}`;
    return status === 403 && body !== undefined
        ? { kind: "accessMissing", code: "atlassian-no-access", argument, message }
        : undefined;
}

/** A user in a product's answer. A Data Center identifies its users by key and name. */
export const userAnswer = object({
    type: optional(text()),
    accountId: optional(text()),
    key: optional(text()),
    name: optional(text()),
    publicName: optional(text()),
    displayName: optional(text()),
    email: optional(text()),
    emailAddress: optional(text()),
    active: optional(flag()),
});

const products = {
    jira: { title: "Jira", path: "/rest/api/3/myself" },
    confluence: { title: "Confluence", path: "/wiki/rest/api/user/current" },
} as const;

/** The place where an account is looked up. */
interface AccountPlace<Argument extends string> extends AtFault<Argument> {
    /** The base of the product's REST API. */
    readonly base: string;
    /** The path of the call. Default: the cloud's. */
    readonly path?: string;
    /** The argument that names the host, where it is not the gateway. */
    readonly host?: Argument | undefined;
}

/** The account that a credential has in a product. */
export async function accountAt<Check extends Product, Argument extends string>(
    vendor: Verification<Check, Argument>,
    product: Check,
    place: AccountPlace<Argument>,
): Promise<Account | undefined> {
    const { title } = products[product];
    const { base, path = products[product].path, argument, host, holder = serviceAccount } = place;
    const user = await vendor.request(product, base + path, userAnswer, {
        argument: host,
        classify: (answer, body) => classifyRefusal(answer, body, title, place),
    });
    if (user === undefined) {
        return undefined;
    }
    const fail = (problem: VendorProblem<Argument>): undefined => void vendor.fail(product, problem);
    if (user.active === false) {
        const message = `the account is deactivated. ${holder.activate}`;
        fail({ kind: "credentialRefused", code: "atlassian-deactivated", message });
    }
    if (user.type === "anonymous") {
        const message = "Confluence treats the credential as anonymous. Give its service account the app role User.";
        return fail({ kind: "accessMissing", code: "atlassian-anonymous", argument, message });
    }
    if (!Object.values(user).some((value) => typeof value === "string" && value !== "")) {
        const message = `${new URL(base).host} answered with unexpected JSON. Check that it is the address of ${title}.`;
        return fail({ kind: "badAnswer", code: "atlassian-other-shape", argument: host, message });
    }
    const id = user.accountId || user.key;
    if (id) {
        const { displayName, publicName, emailAddress, email } = user;
        return { id, name: displayName ?? publicName ?? id, email: emailAddress || email || undefined };
    }
    if (product === "confluence" && user.type !== "known") {
        // Anonymous visitors may be allowed, and then there is no account either.
        vendor.unknown(product, "Confluence does not report whether it knows the account.");
    } else {
        const what = `${title} accepts the credential and does not report the id of its account`;
        vendor.warn(`${what}, so a change to another account would not be noticed.`);
    }
    return undefined;
}

/** The account that a credential has in several products. An Atlassian account is the same in all of them. */
export async function accountIn<Argument extends string>(
    vendor: Verification<Product, Argument | "products">,
    products: readonly Product[],
    { cloudId, environment, named }: GatewaySite<Argument>,
): Promise<Account | undefined> {
    const found = await Promise.all(
        products.map((product) =>
            accountAt<Product, Argument | "products">(vendor, product, {
                base: gatewayUrl(cloudId, product, environment),
                argument: "products",
                named,
            }),
        ),
    );
    return found.find((account) => account?.email !== undefined) ?? found.find((account) => account !== undefined);
}

/** Warns of a token that belongs to another address than the one that an argument names. */
export function warnOfOther(
    vendor: Pick<Verification<never>, "warn">,
    account: Account | undefined,
    argument: string,
    email: string | undefined,
): void {
    if (isOther(account, email)) {
        vendor.warn(
            `The token belongs to ${account?.email ?? ""}, but ${argument} is ${email ?? ""}. Correct ${argument}.`,
        );
    }
}

/** True where an account has another address than the one that is meant. */
const isOther = (account: Account | undefined, email: string | undefined): boolean =>
    account?.email !== undefined && email !== undefined && account.email.toLowerCase() !== email.toLowerCase();

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
    if (isOther(account, email)) {
        const message = `Atlassian refused the token together with this address (HTTP 401): it is ${account?.email ?? ""}'s. Put that address into email.`;
        const code = "atlassian-token-other-email";
        vendor.explain(product, { kind: "credentialRefused", code, argument: "email", message });
        return;
    }
    const next = account?.email === undefined ? "Check that email is its account's. If it is, use" : "Use";
    const message = `the token is valid, but not the way this hub sends it: Atlassian refused it as Basic and took it as Bearer. ${next} ServiceAccountOAuth for this hub; JiraConnector is for a hub that sends Bearer.`;
    const code = "atlassian-token-scheme";
    vendor.explain("scheme", { kind: "credentialRefused", code, argument: "apiToken", message });
}
