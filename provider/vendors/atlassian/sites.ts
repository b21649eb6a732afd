// Which sites there are, and which a credential reaches.
import { isPage, listOf, object, optional, text, url, uuid } from "../../define";
import type { Code, Verification, VendorProblem } from "../../define";
import { cloudIdOf, gatewayUrl, hosts, subdomainOf } from "./hosts";
import type { Environment, GatewaySite, Site, SiteNames } from "./hosts";

// The answer becomes part of URLs that credentials are sent to.
const tenantAnswer = object({ cloudId: uuid() });
const sitesAnswer = listOf(
    optional(
        object({
            id: optional(uuid()),
            name: optional(text()),
            url: optional(url({ pattern: /^https:/ })),
            scopes: optional(listOf(optional(text()))),
        }),
    ),
);
const serverAnswer = object({ baseUrl: optional(text()) });

/** Gets a site's Cloud ID, which needs no credential. */
export async function tenantInfo(
    vendor: Verification<"site", "subdomain">,
    subdomain: string,
    environment: Environment,
): Promise<{ cloudId: string; siteUrl: string } | undefined> {
    const { siteDomain } = hosts(environment);
    const siteUrl = `https://${subdomain}.${siteDomain}`;
    const name = `Use what is before .${siteDomain} from the address that you open in a browser`;
    const answer = await vendor.request("site", `${siteUrl}/_edge/tenant_info`, tenantAnswer, {
        argument: "subdomain",
        anonymous: true,
        classify: (answer, body) => {
            const { status } = answer;
            if (status === 404 && isPage(answer, body)) {
                // Atlassian has a page there as well as a proxy on the way, so it proves nothing of the site.
                const message = `${siteUrl} answered with a page of HTML where its Cloud ID would be (HTTP 404). ${name}, and check that this machine reaches the site.`;
                return { kind: "badAnswer", code: "atlassian-site-page", argument: "subdomain", message };
            }
            if (status === 404 || status === 410) {
                const message = `there is no Atlassian site ${siteUrl} (HTTP ${status}). ${name}.`;
                return { kind: "siteMissing", code: "atlassian-site-missing", argument: "subdomain", message };
            }
            // No credential was sent, so nothing is said about it: a firewall or a portal on the way may have answered.
            const message = `${siteUrl} did not return its Cloud ID (HTTP ${status}). Check that this machine reaches the site, or name it with cloudId.`;
            return status >= 400
                ? { kind: "badAnswer", code: "atlassian-site-silent", argument: "subdomain", message }
                : undefined;
        },
    });
    return answer && { cloudId: answer.cloudId, siteUrl };
}

/**
 * Finds the site that a program names.
 * @param names The arguments that may name it.
 */
export async function namedSite<Name extends keyof SiteNames>(
    vendor: Verification<"site", "subdomain">,
    args: SiteNames & { readonly environment: Environment },
    names: readonly Name[],
): Promise<(GatewaySite<Name> & { readonly siteUrl: string | undefined }) | undefined> {
    const { environment, subdomain } = args;
    const reported = subdomain === undefined ? undefined : await tenantInfo(vendor, subdomain, environment);
    const cloudId = reported?.cloudId ?? cloudIdOf(args);
    const named = names.find((name) => args[name] !== undefined);
    return cloudId === undefined ? undefined : { cloudId, environment, named, siteUrl: reported?.siteUrl };
}

/**
 * The site's address in a browser. Jira returns it without a credential to a caller that has the Cloud ID.
 * @param check The check that the call decides; undefined for an aside.
 */
export async function siteUrlOf<Check extends string>(
    vendor: Verification<Check>,
    check: Check | undefined,
    { cloudId, environment }: Pick<GatewaySite<string>, "cloudId" | "environment">,
): Promise<string | undefined> {
    const info = await vendor.request(
        check,
        `${gatewayUrl(cloudId, "jira", environment)}/rest/api/3/serverInfo`,
        serverAnswer,
    );
    const { baseUrl = "" } = info ?? {};
    if (URL.canParse(baseUrl)) {
        return new URL(baseUrl).origin;
    }
    if (info !== undefined && check !== undefined) {
        vendor.unknown(check, "Jira does not report the site's address (baseUrl), so siteUrl is not known.");
    }
    return undefined;
}

/** A site with the scopes that a credential has there. */
export interface ReachableSite extends Site {
    readonly scopes: readonly string[];
    /** True where Atlassian returned all of them. */
    readonly hasAllScopes: boolean;
    readonly subdomain: string;
}

/** The sites that a credential reaches. */
export interface ReachableSites {
    readonly sites: readonly ReachableSite[];
    /** True where Atlassian returned the Cloud ID of each. */
    readonly isComplete: boolean;
}

/**
 * Every site that the credential reaches, sorted by name: one entry a site, where the vendor lists one for each
 * product.
 */
export async function reachableSites(
    vendor: Verification<"sites">,
    environment: Environment,
): Promise<ReachableSites | undefined> {
    const listed = await vendor.request("sites", hosts(environment).sites, sitesAnswer);
    if (listed === undefined) {
        return undefined;
    }
    const refuse = (code: Code, message: string): undefined =>
        void vendor.fail("sites", { kind: "badAnswer", code, message });
    const ids = new Set(listed.flatMap((entry) => entry?.id ?? []));
    const isComplete = listed.every((entry) => entry?.id !== undefined);
    if (ids.size === 0 && !isComplete) {
        return refuse(
            "atlassian-sites-without-ids",
            "Atlassian lists the sites that the credential reaches without their Cloud IDs (id), which are needed. Run again.",
        );
    }
    if (!isComplete) {
        vendor.warn("Atlassian lists a site without its Cloud ID (id), so the list of sites may lack one.");
    }
    const read = async (cloudId: string): Promise<ReachableSite | undefined> => {
        const entries = listed.filter((entry) => entry?.id === cloudId);
        const listedUrl = entries.find((entry) => entry?.url !== undefined)?.url?.replace(/\/+$/, "");
        const url = listedUrl ?? (await siteUrlOf(vendor, undefined, { cloudId, environment }));
        if (url === undefined) {
            const message = `Atlassian does not report the address of the site ${cloudId}. Run again.`;
            return refuse("atlassian-site-without-address", message);
        }
        const subdomain = subdomainOf({ url });
        const name = entries.find((entry) => entry?.name !== undefined)?.name ?? subdomain;
        const reported = entries.flatMap((entry) => entry?.scopes ?? [undefined]);
        const scopes = reported.filter((scope) => scope !== undefined);
        return { cloudId, subdomain, name, url, scopes, hasAllScopes: scopes.length === reported.length };
    };
    const sites = await Promise.all([...ids].map(read));
    const known = sites.filter((site) => site !== undefined);
    const byName = known.sort((a, b) => (a.name === b.name ? compare(a.cloudId, b.cloudId) : compare(a.name, b.name)));
    return known.length < sites.length ? undefined : { sites: byName, isComplete };
}

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

/** The problem that a credential does not reach the site that the program names. It must match as a whole: nothing is guessed from a part of a name. */
export function siteNotReached<Argument extends "cloudId" | "subdomain">(
    vendor: Pick<Verification<never>, "suggest">,
    { sites, isComplete }: ReachableSites,
    argument: Argument,
    value: string,
): VendorProblem<Argument> {
    if (!isComplete) {
        const what = "Atlassian lists a site without its Cloud ID (id)";
        const message = `${what}, so whether the credential reaches ${value} is not known. Run again.`;
        return { kind: "badAnswer", code: "atlassian-site-without-id", argument, message };
    }
    const known = sites.map((site) => site[argument]);
    const near = vendor.suggest(value, known);
    const guess = near === undefined ? "" : ` Did you mean ${near}?`;
    const next = "give its service account access to the site, or name another.";
    const message = `the credential reaches no site ${value}.${guess} It reaches ${known.join(", ")}; ${next}`;
    return { kind: "siteMissing", code: "atlassian-site-not-reached", argument, message };
}
