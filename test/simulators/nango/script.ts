import type { Outbound } from "../outbound";
import { providerNamed } from "./providers";
import { jsonb, type JsonObject, type NangoConnectionRow, type NangoRows } from "./rows";

interface Site {
    id: string;
    url: string;
    name?: string;
    scopes?: string[];
}

function authorizationOf({ credentials }: NangoConnectionRow): string {
    const { type, token, username, password } = credentials;
    return type === "BASIC"
        ? `Basic ${Buffer.from(`${String(username)}:${String(password)}`).toString("base64")}`
        : `Bearer ${String(token)}`;
}

/** The site whose address starts with the subdomain, else one whose name has it, else the first: the list has no order. */
function chosen(sites: readonly Site[], subdomain: unknown): Site | undefined {
    const wanted = typeof subdomain === "string" ? subdomain.toLowerCase() : "";
    if (wanted === "") {
        return sites[0];
    }
    const label = ({ url }: Site) => URL.canParse(url) && new URL(url).hostname.split(".")[0]?.toLowerCase();
    return (
        sites.find((site) => label(site) === wanted) ??
        sites.find(({ name }) => name?.toLowerCase().includes(wanted)) ??
        sites[0]
    );
}

async function found(row: NangoConnectionRow, outbound: Outbound): Promise<JsonObject | undefined> {
    const headers = { authorization: authorizationOf(row), accept: "application/json" };
    const sites = await outbound.send("https://api.atlassian.com/oauth/token/accessible-resources", { headers });
    const site =
        sites.status < 300 && Array.isArray(sites.json)
            ? chosen(sites.json as Site[], row.connectionConfig["subdomain"])
            : undefined;
    if (!site?.id) {
        return undefined;
    }
    const isConfluence = site.scopes?.some((scope) => scope.includes("confluence")) ?? false;
    const path = isConfluence
        ? `ex/confluence/${site.id}/wiki/rest/api/user/current`
        : `ex/jira/${site.id}/rest/api/3/myself`;
    const account = await outbound.send(`https://api.atlassian.com/${path}`, { headers }).catch(() => undefined);
    const accountId =
        account && account.status < 300 ? (account.json as { accountId?: string } | undefined)?.accountId : undefined;
    return { cloudId: site.id, baseUrl: site.url, ...(accountId && { accountId }) };
}

/** How the script fares: it runs at once, waits to be released, or does not run. */
export type ScriptMode = "run" | "hold" | "off";

/**
 * Nango's script for Atlassian's providers: after every write of a connection, and after its answer, it looks for the site and puts
 * `cloudId`, `baseUrl` and `accountId` into the connection's config. What goes wrong in it, nobody is told.
 */
export class AtlassianScript {
    mode: ScriptMode = "run";
    private readonly running = new Set<Promise<void>>();
    private held: (() => void)[] = [];

    constructor(
        private readonly rows: NangoRows,
        private readonly outbound: Outbound,
    ) {}

    /** Sends it on its way for a row that was written. */
    start(row: NangoConnectionRow): void {
        if (!providerNamed(row.integration.provider)?.atlassianScript || this.mode === "off") {
            return;
        }
        // It works with the credentials and the subdomain that were written, whatever is written in the meantime.
        const written = { ...row };
        const begin =
            this.mode === "hold"
                ? new Promise<void>((resolve) => this.held.push(resolve))
                : new Promise<void>((resolve) => setImmediate(resolve));
        const run = begin
            .then(() => found(written, this.outbound))
            .then((config) => {
                if (config && this.rows.connections.includes(row)) {
                    row.connectionConfig = jsonb({ ...row.connectionConfig, ...config });
                }
            })
            .catch(() => undefined)
            .finally(() => this.running.delete(run));
        this.running.add(run);
    }

    /** Lets those that are held run, and resolves when they are through. */
    async release(): Promise<void> {
        this.held.forEach((go) => go());
        this.held = [];
        await this.settled();
    }

    /** Resolves when no script is running any more. Held ones are not waited for, they would wait for {@link release}. */
    async settled(): Promise<void> {
        if (this.held.length === 0) {
            await Promise.all(this.running);
        }
    }
}
