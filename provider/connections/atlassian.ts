import type { z } from "zod";
import type { CommonArgs } from "../args";
import { isScopeRefusal, type Probe, type Question } from "../checks";
import type { Account } from "../connection";
import { Fault, type Problem } from "../errors";
import type { HttpAnswer } from "../http";
import { nearest } from "../nearest";
import { later, zod, type Zod } from "../zod";

/** An Atlassian product that a service account can use. */
export type Product = "jira" | "confluence";

/** Where Atlassian runs a site: its commercial cloud, or the one for the government of the United States. */
export type Environment = "commercial" | "usGov";

/** Atlassian's hosts. */
export interface Hosts {
    readonly auth: string;
    readonly api: string;
    /** What follows the subdomain of a site. */
    readonly siteDomain: string;
    /** Where the reachable sites are listed. */
    readonly sites: string;
}

/** A site that a credential reaches. */
export interface Site {
    cloudId: string;
    name: string;
    url: string;
}

/** The hosts of an environment. */
export function hosts(environment: Environment = "commercial"): Hosts {
    return environment === "commercial"
        ? {
              auth: "https://auth.atlassian.com",
              api: "https://api.atlassian.com",
              siteDomain: "atlassian.net",
              sites: "https://api.atlassian.com/oauth/token/accessible-resources",
          }
        : {
              auth: "https://auth.atlassian-us-gov-mod.com",
              api: "https://api.atlassian-us-gov-mod.com",
              siteDomain: "atlassian-us-gov-mod.net",
              sites: "https://auth.atlassian-us-gov-mod.com/oauth/token/accessible-resources",
          };
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const placeOfCloudId = "In admin.atlassian.com it follows /s/ in a site's address; the organization id is another one.";

/**
 * Base URL of a product's REST API behind Atlassian's gateway, the only one that takes the credentials of service accounts.
 * @param cloudId The site's Cloud ID, or an address that holds it (see {@link parseCloudId}).
 * @param product `jira` or `confluence`.
 * @param environment Default `commercial`.
 * @returns Such as `https://api.atlassian.com/ex/jira/<cloudId>`.
 * @throws Error where there is no Cloud ID in the text, or the product is another.
 */
export function gatewayUrl(cloudId: string, product: Product, environment: Environment = "commercial"): string {
    if (product !== "jira" && product !== "confluence") {
        throw new Error('product must be "jira" or "confluence".');
    }
    return `${hosts(environment).api}/ex/${product}/${parseCloudId(cloudId)}`;
}

/**
 * The Cloud ID in a text: the id itself, an address of the administration (`https://admin.atlassian.com/s/<id>/…`) or a gateway URL
 * (`https://api.atlassian.com/ex/jira/<id>`).
 * @throws Error where none is in it.
 */
export function parseCloudId(text: string): string {
    const lower = String(text).trim().toLowerCase();
    const forms = [
        new RegExp(`^(${uuid.source})$`),
        new RegExp(`^https://admin\\.atlassian(?:-us-gov-mod)?\\.com/(?:o/[^/?#]+/)?s/(${uuid.source})(?:[/?#].*)?$`),
        new RegExp(`^https://api\\.atlassian(?:-us-gov-mod)?\\.com/ex/(?:jira|confluence)/(${uuid.source})(?:[/?#].*)?$`),
    ];
    const found = forms.map((form) => form.exec(lower)?.[1]).find((id) => id !== undefined);
    if (found === undefined) {
        throw new Error(`There is no Cloud ID in this text. ${placeOfCloudId}`);
    }
    return found;
}

function cloudIdFrom(form: RegExp, message: string, normalised = (cloudId: string, _text: string): string => cloudId): z.ZodType<string> {
    return zod()
        .string({ error: message })
        .trim()
        .transform((value, context) => {
            try {
                if (form.test(value)) {
                    return normalised(parseCloudId(value), value);
                }
            } catch {
                // Told below, with what this argument takes.
            }
            context.addIssue({ code: "custom", message });
            return zod().NEVER;
        });
}

/**
 * Schemas of the arguments that several Atlassian connections take.
 * @internal
 */
export const shape = {
    cloudId: () => cloudIdFrom(/^[^/]+$/, `must be a Cloud ID, a UUID. ${placeOfCloudId}`).optional(),
    adminUrl: () => cloudIdFrom(/^https:\/\/admin\./i, "must be the site's address in the administration, https://admin.atlassian.com/s/<Cloud ID>/….").optional(),
    // An output too: what is recorded is the URL.
    hostUrl: () => cloudIdFrom(/^https:\/\/api\.[^/]+\/ex\/jira\//i, "must be the gateway's URL of the site, https://api.atlassian.com/ex/jira/<Cloud ID>.", (id, url) =>
        gatewayUrl(id, "jira", url.toLowerCase().startsWith(hosts("usGov").api) ? "usGov" : "commercial"),
    ).optional(),
    subdomain: (z: Zod) =>
        z
            .string({ error: "must be a text." })
            .trim()
            .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/, "must be what stands before .atlassian.net in the site's address, such as acme.")
            .transform((value) => value.toLowerCase())
            .optional(),
    products: (z: Zod) =>
        z
            .array(z.enum(["jira", "confluence"], { error: "must be a list of jira and confluence." }), { error: "must be a list of jira and confluence." })
            .min(1, "must name jira, confluence or both.")
            .transform((list) => [...new Set(list)].sort())
            .optional(),
    environment: (z: Zod) => z.enum(["commercial", "usGov"], { error: "must be commercial or usGov." }).optional(),
};

/** Arguments of connections to Atlassian. */
export interface AtlassianArgs extends CommonArgs {
    /** Where Atlassian runs the site: `commercial`, or `usGov` for Atlassian Government Cloud. Default `commercial`. */
    environment?: Environment | undefined;
}

/** Complains where a site is named in no way, or in several. */
export function nameSiteOnce<A extends object>(args: A, ways: readonly (keyof A & string)[], needed: boolean): { property: string; message: string }[] {
    const given = ways.filter((name) => args[name] !== undefined);
    const choice = ways.join(", ").replace(/, ([^,]*)$/, " or $1");
    if (given.length > 1) {
        return [{ property: given[1] ?? "", message: `names the site a second time, after ${given[0] ?? ""}. Give one of ${choice}.` }];
    }
    return needed && given.length === 0 ? [{ property: ways[0] ?? "", message: `is missing: name the site with ${choice}. ${placeOfCloudId}` }] : [];
}

// What a vendor answers becomes part of URLs that credentials are sent to.
const answeredCloudId = later((z) =>
    z
        .string()
        .regex(new RegExp(`^${uuid.source}$`, "i"))
        .transform((id) => id.toLowerCase()),
);
const tenantAnswer = later((z) => z.object({ cloudId: answeredCloudId() }));

/** The address of a site, as people open it. */
export function siteUrlIn(subdomain: string, environment: Environment | undefined): string {
    return `https://${subdomain}.${hosts(environment).siteDomain}`;
}

/** Asks a site for its Cloud ID, which it tells anybody. */
export async function tenantInfo(probe: Probe, subdomain: string, environment: Environment | undefined): Promise<{ cloudId: string; siteUrl: string }> {
    const siteUrl = siteUrlIn(subdomain, environment);
    const answer = await probe.ask({
        check: "site",
        url: `${siteUrl}/_edge/tenant_info`,
        property: "subdomain",
        anonymous: true,
        answer: tenantAnswer,
        passed: "The site exists.",
        judge: ({ status }) => (status === 404 || status === 410 ? noSite("subdomain", siteUrl, status) : status >= 400 ? notTheSite(siteUrl, status) : undefined),
    });
    return { cloudId: answer?.cloudId ?? "", siteUrl };
}

function noSite(property: string, siteUrl: string, status: number): Problem {
    return { kind: "siteMissing", property, message: `there is no Atlassian site ${siteUrl} (HTTP ${status}). Take what stands before .${new URL(siteUrl).hostname.split(".").slice(1).join(".")} from the address that you open in a browser.` };
}

// No credential was sent, so nothing is said about it: a firewall or a portal on the way may have answered.
function notTheSite(siteUrl: string, status: number): Problem {
    return { kind: "badAnswer", property: "subdomain", message: `${siteUrl} does not tell its Cloud ID (HTTP ${status}). Check that this machine reaches the site, or name it with cloudId.` };
}

const sitesAnswer = later((z) =>
    z.array(z.object({ id: answeredCloudId(), name: z.string(), url: z.url({ protocol: /^https$/ }), scopes: z.array(z.string()).optional() })),
);

/** A site with the scopes that a credential has there. */
export interface ReachableSite extends Site {
    readonly scopes: readonly string[];
}

/** Every site that an OAuth credential reaches, by name: one entry a site, whatever the vendor's order and its entries per product. */
export async function reachableSites(probe: Probe, environment: Environment | undefined): Promise<ReachableSite[]> {
    const answer = await probe.ask({ check: "sites", url: hosts(environment).sites, answer: sitesAnswer, passed: "The sites are known." });
    const sites = new Map<string, ReachableSite>();
    for (const { id, name, url, scopes = [] } of answer ?? []) {
        const before = sites.get(id)?.scopes ?? [];
        sites.set(id, { cloudId: id, name, url: url.replace(/\/+$/, ""), scopes: [...new Set([...before, ...scopes])].sort() });
    }
    return [...sites.values()].sort((a, b) => (a.name === b.name ? compare(a.cloudId, b.cloudId) : compare(a.name, b.name)));
}

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

/** What stands before the site's domain. */
export function subdomainOf({ url }: Site): string {
    return URL.canParse(url) ? (new URL(url).hostname.split(".")[0] ?? "") : "";
}

/** The site that a program names, or what is wrong. It must match as a whole: nothing is guessed from a part of a name. */
export function namedSite(sites: readonly ReachableSite[], named: { property: string; value: string }): ReachableSite | Problem {
    const nameOf = (site: ReachableSite): string => (named.property === "subdomain" ? subdomainOf(site) : site.cloudId);
    const found = sites.find((site) => nameOf(site) === named.value);
    if (found !== undefined) {
        return found;
    }
    const known = sites.map(nameOf);
    const near = nearest(named.value, known);
    const guess = near === undefined ? "" : ` Did you mean ${near}?`;
    return {
        kind: "siteMissing",
        property: named.property,
        message: `the credential reaches no site ${named.value}.${guess} It reaches ${known.join(", ")}; give its service account access to the site, or name another.`,
    };
}

// A Data Center identifies its users by key and name.
const jiraUser = later((z) =>
    z
        .object({
            accountId: z.string().optional(),
            key: z.string().optional(),
            name: z.string().optional(),
            displayName: z.string().optional(),
            emailAddress: z.string().nullish(),
            active: z.boolean().optional(),
        })
        .refine(({ accountId, key, name }) => Boolean(accountId ?? key ?? name)),
);
const confluenceUser = later((z) =>
    z.object({
        type: z.string().optional(),
        accountId: z.string().optional(),
        publicName: z.string().optional(),
        displayName: z.string().optional(),
        email: z.string().nullish(),
    }),
);
const serverInfo = later((z) => z.object({ baseUrl: z.string() }));

type JudgeOptions = { readonly property: string; readonly named: string; readonly product: string };

/** What the gateway's refusals mean. */
function judge({ property, named, product }: JudgeOptions): NonNullable<Question<unknown>["judge"]> {
    return (answer: HttpAnswer, body) => {
        if (isScopeRefusal(answer)) {
            return { kind: "scopeMissing", property: "requiredScopes", message: `the credential has no scope for this call to ${product}. Create one that has it: Atlassian fixes scopes at creation.` };
        }
        // The gateway says so in JSON; a page comes from somewhere else.
        if (answer.status === 404 && body !== undefined) {
            return { kind: "siteMissing", property: named, message: `there is no ${product} behind this Cloud ID for the credential (HTTP 404). ${placeOfCloudId}` };
        }
        if (answer.status === 403 && body !== undefined) {
            return { kind: "accessMissing", property, message: `the service account may not use ${product} (HTTP 403). Give it the app role User under Directory > Service accounts.` };
        }
        return undefined;
    };
}

/** How Jira is asked who a credential is. */
export interface JiraOptions {
    /** The argument at fault when the account may not use Jira. */
    readonly property: string;
    /** The argument that names the site. */
    readonly named: string;
    /** The argument that names the host, where it is not the gateway. */
    readonly host?: string;
    readonly version?: 2 | 3;
    /** What it means that nothing is there, where it is not the gateway. */
    readonly absent?: (status: number) => Problem;
}

/** Who a credential is in Jira. */
export async function jiraAccount(probe: Probe, base: string, options: JiraOptions): Promise<Account | undefined> {
    const user = await probe.ask({
        check: "jira",
        url: `${base}/rest/api/${options.version ?? 3}/myself`,
        property: options.host ?? "",
        answer: jiraUser,
        passed: "Jira knows the account.",
        judge: (answer, body) => (answer.status === 404 && options.absent !== undefined ? options.absent(404) : judge({ ...options, product: "Jira" })(answer, body)),
    });
    if (user?.active === false) {
        const problem: Problem = { kind: "credentialRefused", property: "", message: "the account is deactivated. Activate it in the Atlassian administration." };
        probe.fail("jira", problem);
        throw new Fault(problem);
    }
    const id = user?.accountId ?? user?.key ?? user?.name;
    if (user === undefined || id === undefined) {
        return undefined;
    }
    return { id, name: user.displayName ?? id, ...(user.emailAddress ? { email: user.emailAddress } : {}) };
}

/** Who a credential is in Confluence. */
export async function confluenceAccount(probe: Probe, base: string, options: { property: string; named: string }): Promise<Account | undefined> {
    const ordinary = judge({ ...options, product: "Confluence" });
    const user = await probe.ask({
        check: "confluence",
        url: `${base}/wiki/rest/api/user/current`,
        answer: () => confluenceUser().refine(({ accountId }) => Boolean(accountId)),
        passed: "Confluence knows the account.",
        judge: (answer, body) => {
            const anonymous = answer.status === 200 && confluenceUser().safeParse(body).data?.type === "anonymous";
            return anonymous
                ? { kind: "accessMissing", property: options.property, message: "Confluence takes the credential for nobody's. Give its service account the app role User." }
                : ordinary(answer, body);
        },
    });
    return user?.accountId === undefined
        ? undefined
        : { id: user.accountId, name: user.displayName ?? user.publicName ?? user.accountId, ...(user.email ? { email: user.email } : {}) };
}

/** The accounts of a credential in several products: one, since an Atlassian account is the same everywhere. */
export async function accountIn(
    probe: Probe,
    products: readonly Product[],
    options: { cloudId: string; environment: Environment | undefined; named: string },
): Promise<Account | undefined> {
    const found = await Promise.all(
        products.map((product) => {
            const base = gatewayUrl(options.cloudId, product, options.environment);
            const judged = { property: "products", named: options.named };
            return probe.attempt(product === "jira" ? jiraAccount(probe, base, judged) : confluenceAccount(probe, base, judged));
        }),
    );
    // A credential may well do its work without a scope that tells whose it is: what is required is proved scope by scope.
    for (const product of products) {
        if (probe.problemOf(product)?.kind === "scopeMissing") {
            probe.forgive(product, "The credential has no scope to tell whose it is.");
        }
    }
    return found.find((account) => account?.email !== undefined) ?? found.find((account) => account !== undefined);
}

/** The address that people open in a browser, as Jira tells anybody who knows the Cloud ID. */
export async function siteUrlOf(probe: Probe, jiraUrl: string): Promise<string | undefined> {
    const info = await probe.ask({ check: "site", url: `${jiraUrl}/rest/api/3/serverInfo`, answer: serverInfo, passed: "The site exists." });
    return info !== undefined && URL.canParse(info.baseUrl) ? new URL(info.baseUrl).origin : undefined;
}

const projectPage = later((z) => z.object({ values: z.array(z.unknown()) }));
const createdIssue = later((z) => z.object({ key: z.string() }));
const errorCollection = later((z) => z.object({ errorMessages: z.array(z.unknown()) }).or(z.object({ errors: z.record(z.string(), z.unknown()) })));

type Proof = Pick<Question<unknown>, "url" | "method" | "body" | "answer"> & {
    /** Whether a 400 is the answer that was asked for. */
    readonly failing?: boolean;
};

/** Scopes that a call can prove, and how: an answer proves one only in the shape that the product gives it. */
const proofs = new Map<string, (base: (product: Product) => string) => Proof>([
    ["read:jira-user", (base) => ({ url: `${base("jira")}/rest/api/3/myself`, answer: jiraUser })],
    ["read:jira-work", (base) => ({ url: `${base("jira")}/rest/api/3/project/search?maxResults=1`, answer: projectPage })],
    // A write that cannot succeed: 400 has the scope, 401 has not.
    ["write:jira-work", (base) => ({ url: `${base("jira")}/rest/api/3/issue`, method: "POST", body: {}, answer: createdIssue, failing: true })],
    ["read:confluence-user", (base) => ({ url: `${base("confluence")}/wiki/rest/api/user/current`, answer: confluenceUser })],
]);

/** A scope that was proved by what has been asked already. */
export type Proved = ReadonlyMap<string, boolean>;

/** What is known of an API token's scopes. */
export interface ProvedScopes {
    readonly granted: readonly string[];
    readonly missing: readonly string[];
    /** About required scopes that no call proves. */
    readonly warnings: readonly string[];
}

/** Proves scopes of an API token call by call, for a token does not tell them. Scopes that no call proves stay open and are recorded so. */
export async function proveScopes(
    probe: Probe,
    required: readonly string[],
    proved: Proved,
    options: { cloudId: string; environment: Environment | undefined; named: string },
): Promise<ProvedScopes> {
    const base = (product: Product): string => gatewayUrl(options.cloudId, product, options.environment);
    const states = await Promise.all(
        required.map(async (scope) => {
            const proof = proofs.get(scope)?.(base);
            if (proved.has(scope) || proof === undefined) {
                return { scope, has: proved.get(scope) };
            }
            const aside = probe.fork();
            let refused = false;
            await aside.ask({
                ...proof,
                check: "scopes",
                passed: "",
                judge: (answer, body) => {
                    refused = isScopeRefusal(answer);
                    const failed = proof.failing === true && answer.status === 400 && errorCollection().safeParse(body).success;
                    return refused || failed ? "passed" : judge({ property: "requiredScopes", named: options.named, product: "Atlassian" })(answer, body);
                },
            }).catch((error: unknown) => {
                aside.problems.forEach((problem) => probe.note(problem));
                throw error;
            });
            return { scope, has: !refused };
        }),
    );
    const granted = states.filter(({ has }) => has === true).map(({ scope }) => scope);
    const missing = states.filter(({ has }) => has === false).map(({ scope }) => scope);
    const open = states.filter(({ has }) => has === undefined).map(({ scope }) => scope);
    judgeScopes(probe, required, { missing, open, granted });
    return { granted, missing, warnings: open.map(unproved) };
}

function unproved(scope: string): string {
    const near = nearest(scope, [...proofs.keys()]);
    return `No call proves the scope ${scope}, and an API token does not tell its scopes${near === undefined ? "." : `. Did you mean ${near}?`}`;
}

/** Records the check of the required scopes. */
export function judgeScopes(
    probe: Probe,
    required: readonly string[],
    { missing, granted, open = [] }: { missing: readonly string[]; granted: readonly string[]; open?: readonly string[] },
): void {
    if (missing.length > 0) {
        const told = missing.map((scope) => {
            // Scopes differ by a verb: only a typing error is worth a hint.
            const near = nearest(scope, granted, 2);
            return near === undefined ? scope : `${scope} (it has ${near})`;
        });
        const message = `the credential lacks ${told.join(", ")}. Create a new one with them under Directory > Service accounts: Atlassian fixes scopes at creation.`;
        probe.fail("scopes", { kind: "scopeMissing", property: "requiredScopes", message });
    } else if (open.length > 0) {
        probe.record("scopes", "unknown", open.map(unproved).join(" "));
    } else if (required.length === 0) {
        probe.record("scopes", "skipped", "No scope is required.");
    } else {
        probe.record("scopes", "passed", "No required scope is missing.");
    }
}

/** A warning for scopes beyond those that a program requires. */
export function beyond(granted: readonly string[], required: readonly string[] | undefined, allowed: readonly string[] = []): string[] {
    const extra = granted.filter((scope) => required?.includes(scope) === false && !allowed.includes(scope));
    return extra.length === 0 || allowed.includes("*")
        ? []
        : [`The credential has scopes beyond those required: ${extra.join(", ")}. Create one without them, or name them in allowedScopes.`];
}
