import type { Resolved } from "./connection";
import { reachableSites, shape, tenantInfo, type Environment, type Site } from "./connections/atlassian";
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

/** The Cloud ID of a site, which the site tells anybody: see the wrapper in the package's index. */
export async function tenantInfoOf(run: Run, { subdomain, environment }: GetTenantInfoArgs): Promise<TenantInfo> {
    const parsed = shape.subdomain(zod()).safeParse(subdomain);
    if (!parsed.success || parsed.data === undefined) {
        const message = parsed.error?.issues[0]?.message ?? "is missing.";
        throw new ConnectionError([{ kind: "invalidArgument", property: "subdomain", message }]);
    }
    const { data } = parsed;
    const nobody: Credential = { property: "", hint: "", secrets: [], authorize: async () => ({ headers: {}, secrets: [] }) };
    return asking(run, "Atlassian", nobody, (probe) => tenantInfo(probe, data, environment));
}

/** The sites that an OAuth credential reaches: see the wrapper in the package's index. */
export async function sitesOf(run: Run, args: GetSitesArgs): Promise<Site[]> {
    const parsed = serviceAccountOAuth.schema().safeParse(args);
    if (!parsed.success) {
        const problems = parsed.error.issues.map(({ path, message }) => ({ kind: "invalidArgument" as const, property: path.join("."), message }));
        throw new ConnectionError(problems);
    }
    let clientSecret: string;
    try {
        clientSecret = resolveSecret("clientSecret", parsed.data.clientSecret);
    } catch (error) {
        throw error instanceof Fault ? new ConnectionError([error.problem]) : error;
    }
    const resolved = { ...parsed.data, clientSecret } as ServiceAccountOAuthArgs & Resolved<ServiceAccountOAuthArgs>;
    const sites = await asking(run, "Atlassian", serviceAccountOAuth.credential(resolved), (probe) => reachableSites(probe, args.environment));
    return sites.map(({ cloudId, name, url }) => ({ cloudId, name, url }));
}

