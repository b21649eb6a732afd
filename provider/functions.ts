import type { Resolved, Schema } from "./connection";
import { reachableSites, shape, siteUrlIn, tenantInfo, type Environment, type Site } from "./connections/atlassian";
import { serviceAccountOAuth, type ServiceAccountOAuthArgs } from "./connections/atlassian-service-account-oauth";
import { Probe } from "./checks";
import { Tokens, type Credential } from "./credential";
import { ConnectionError, Fault } from "./errors";
import { Http } from "./http";
import type { Verifier } from "./observation";
import { resolveSecret, scrubber, type Secret } from "./secrets";
import { zod } from "./zod";

/** Arguments of {@link getTenantInfo}. */
export interface GetTenantInfoArgs {
    /** What stands before `.atlassian.net` in the site's address: `acme`. */
    subdomain: string;
    /** Default `commercial`. */
    environment?: Environment | undefined;
}

/** What a site tells anybody. */
export interface TenantInfo {
    /** The site's Cloud ID. */
    cloudId: string;
    /** `https://acme.atlassian.net` */
    siteUrl: string;
}

/** Arguments of {@link getSites}. */
export interface GetSitesArgs {
    /** Client ID of a service account's OAuth 2.0 credential. */
    clientId: string;
    /** Its client secret. */
    clientSecret: Secret;
    /** Default `commercial`. */
    environment?: Environment | undefined;
}

const seconds = 30;

/** The run that a function is called in. */
type Run = Pick<Verifier, "settings" | "queues">;

async function asking<T>({ settings, queues }: Run, title: string, credential: Credential, work: (probe: Probe) => Promise<T>): Promise<T> {
    const http = new Http({ reach: "public", concurrency: 16, endpoints: settings.endpoints }, seconds, queues);
    const probe = new Probe(title, credential.hint, http, new Tokens(), credential);
    try {
        const value = await work(probe);
        return scrubber(probe.seen)(value);
    } catch (error) {
        throw error instanceof Fault ? new ConnectionError([scrubber(probe.seen)(error.problem)]) : error;
    }
}

/**
 * The arguments of {@link GetTenantInfoArgs}, judged, with the site's address, which follows from them.
 * @throws ConnectionError
 */
export function judgeTenantInfoArgs(args: GetTenantInfoArgs): GetTenantInfoArgs & { readonly siteUrl: string } {
    const z = zod();
    const { subdomain, environment } = judged(z.object({ subdomain: shape.subdomain(z), environment: shape.environment(z) }), args);
    if (subdomain === undefined) {
        throw new ConnectionError([{ kind: "invalidArgument", property: "subdomain", message: "is missing. It is what stands before .atlassian.net in the site's address, such as acme." }]);
    }
    return { subdomain, environment, siteUrl: siteUrlIn(subdomain, environment) };
}

/**
 * The arguments of {@link GetSitesArgs}, judged.
 * @throws ConnectionError
 */
export function judgeSitesArgs(args: GetSitesArgs): ServiceAccountOAuthArgs {
    return judged(serviceAccountOAuth.schema(), args);
}

function judged<T>(schema: Schema<T>, args: unknown): T {
    const parsed = schema.safeParse(args ?? {});
    if (!parsed.success) {
        throw new ConnectionError(parsed.error.issues.map(({ path, message }) => ({ kind: "invalidArgument", property: path.join("."), message })));
    }
    return parsed.data;
}

/** The Cloud ID of a site, which the site tells anybody: see the wrapper in the package's index. */
export async function tenantInfoOf(run: Run, args: GetTenantInfoArgs): Promise<TenantInfo> {
    const { subdomain, environment } = judgeTenantInfoArgs(args);
    const nobody: Credential = { property: "", hint: "", secrets: [], authorize: async () => ({ headers: {}, secrets: [] }) };
    return asking(run, "Atlassian", nobody, (probe) => tenantInfo(probe, subdomain, environment));
}

/** The sites that an OAuth credential reaches: see the wrapper in the package's index. */
export async function sitesOf(run: Run, args: GetSitesArgs): Promise<Site[]> {
    const { environment, ...given } = judgeSitesArgs(args);
    let clientSecret: string;
    try {
        clientSecret = resolveSecret("clientSecret", given.clientSecret);
    } catch (error) {
        throw error instanceof Fault ? new ConnectionError([error.problem]) : error;
    }
    const resolved = { ...given, environment, clientSecret } as ServiceAccountOAuthArgs & Resolved<ServiceAccountOAuthArgs>;
    const sites = await asking(run, "Atlassian", serviceAccountOAuth.credential(resolved), (probe) => reachableSites(probe, environment));
    return sites.map(({ cloudId, name, url }) => ({ cloudId, name, url }));
}
