import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { ControlError, describeVerbs, runCommand } from "./control";
import { leastScopes, startHubs, type Hubs } from "./hubs";
import type { Vendors } from "./vendors";
import { startVendors } from "./vendors";

const classOf: Record<string, string> = {
    jumpcloud: "jumpcloud.ServiceAccount",
    jumpcloudReserved: "jumpcloud.ServiceAccount",
    jumpcloudEu: "jumpcloud.ServiceAccount",
    jumpcloudIn: "jumpcloud.ServiceAccount",
    jumpcloudMultiTenant: "jumpcloud.ServiceAccount",
    jamf: "jamf.ApiClient",
    jamfSelfHosted: "jamf.ApiClient",
    atlassianOAuth: "atlassian.ServiceAccountOAuth",
    atlassianOAuthOneSite: "atlassian.ServiceAccountOAuth",
    atlassianToken: "atlassian.ServiceAccountToken",
    jiraConnector: "atlassian.JiraConnector",
    jiraUserToken: "atlassian.JiraUserToken",
    jiraDataCenter: "atlassian.JiraUserToken",
    atlassianOAuthUsGov: "atlassian.ServiceAccountOAuth",
    atlassianTokenUsGov: "atlassian.ServiceAccountToken",
    entra: "microsoft.EntraApplication",
    entraCertificate: "microsoft.EntraApplication",
    oktaApiToken: "okta.ApiToken",
    oktaServiceApp: "okta.ServiceApp",
    crowdstrike: "crowdstrike.ApiClient",
    crowdstrikeEu: "crowdstrike.ApiClient",
    datadogToken: "datadog.ServiceAccessToken",
    datadogKeys: "datadog.Keys",
    snyk: "snyk.ServiceAccount",
    snykOAuth: "snyk.ServiceAccount",
    cloudflare: "cloudflare.ApiToken",
    cloudflareUser: "cloudflare.ApiToken",
    slack: "slack.BotToken",
    slackEnterprise: "slack.BotToken",
    kandji: "kandji.ApiToken",
    kandjiEu: "kandji.ApiToken",
    gitlab: "gitlab.AccessToken",
    gitlabSelfHosted: "gitlab.AccessToken",
    github: "github.PersonalAccessToken",
    githubServer: "github.PersonalAccessToken",
    githubApp: "github.AppInstallation",
};

const usage = `Usage: npm run vendors [-- --port-base N]

Starts the simulated vendors and hubs on loopback, and runs until interrupted.

  --port-base N   listen on N, N + 1, ... instead of any free ports
  --help          show this`;

function shellQuote(value: string): string {
    return `'${value.replace(/'/g, "'\\''")}'`;
}

function startControl(vendors: Vendors, port: number | undefined): Promise<http.Server> {
    const server = http.createServer((request, response) => {
        const answer = (status: number, value: unknown) => {
            response.writeHead(status, { "content-type": "application/json" });
            response.end(`${JSON.stringify(value, null, 2)}\n`);
        };
        // A web page must not be able to change the vendors: no form and no script of another origin gets past this.
        if (
            !/^(127\.0\.0\.1|localhost):\d+$/.test(request.headers.host ?? "") ||
            request.headers.origin !== undefined
        ) {
            return answer(403, { error: "only local commands are taken" });
        }
        if (request.method === "GET") {
            return answer(200, describeVerbs(vendors));
        }
        if (request.method !== "POST") {
            return answer(405, { error: "GET lists the verbs, POST carries one out" });
        }
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            let command: unknown;
            try {
                command = JSON.parse(Buffer.concat(chunks).toString("utf8"));
            } catch {
                return answer(400, { error: 'the body must be JSON, such as {"vendor": "jamf", "do": "revoke"}' });
            }
            runCommand(vendors, command).then(
                () => answer(200, { done: command }),
                (error: Error) => answer(error instanceof ControlError ? 400 : 500, { error: error.message }),
            );
        });
    });
    return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port ?? 0, "127.0.0.1", () => resolve(server));
    });
}

/** Keys of the hubs, and the integration that Nango's connections stand under. */
function hubLines({ nango, ox, stackone }: Hubs): string[] {
    const key = nango.administration.addKey([...leastScopes, "environment:connections:list"]).value;
    nango.administration.addIntegration("jamf", "jamf");
    return [
        "The hubs accept these keys; Nango has an integration jamf:",
        "",
        `nango.Connection, nango.Integration   environmentKey: ${key}`,
        `ox.Connector                          apiKey: ${ox.administration.addKey().value}`,
        `stackone.Account                      apiKey: ${stackone.administration.addKey().value}`,
        "",
    ];
}

function introduce(vendors: Vendors, hubs: Hubs, control: string): string {
    const { credentials } = vendors;
    const endpoints: Record<string, string> = { ...vendors.endpoints, ...hubs.endpoints };
    const at = (origin: string) => endpoints[origin] ?? origin;
    const lines = ["The simulated vendors and hubs are running.", ""];
    for (const [origin, endpoint] of Object.entries(endpoints)) {
        lines.push(`  ${origin.padEnd(48)} ${endpoint}`);
    }
    lines.push(
        "",
        "Point your program at them:",
        "",
        `export CONNECTIONS_ENDPOINTS=${shellQuote(JSON.stringify(endpoints))}`,
        "",
    );
    lines.push("They accept these credentials (made up at start, good for nothing else):", "");
    for (const [name, args] of Object.entries(credentials) as [string, object][]) {
        const literal = JSON.stringify(args, null, 4).replace(/^( +)"(\w+)":/gm, "$1$2:");
        lines.push(`new ${classOf[name] ?? name}("${name}", ${literal});`, "");
    }
    lines.push(...hubLines(hubs));
    const jamf = credentials.jamf;
    const token = credentials.atlassianToken;
    const { clientId, clientSecret } = credentials.jumpcloud;
    const basic = [clientId, clientSecret].map((part) => encodeURIComponent(part)).join(":");
    const pulumi = "npm run pulumi -- -C examples/ox-jira";
    lines.push(
        "Run an example against them, in another terminal:",
        "",
        "export CONNECTIONS_ENDPOINTS=…   # as above",
        `${pulumi} stack init try`,
        `${pulumi} config set subdomain acme`,
        // npm prints and logs what stands on its command line, so that a secret comes from standard input.
        `printf %s ${shellQuote(credentials.jiraConnector.apiToken)} | ${pulumi} config set --secret apiToken`,
        `${pulumi} preview`,
        "",
    );
    lines.push("Try them with curl:", "");
    lines.push(
        `curl -s -u ${shellQuote(basic)} -d grant_type=client_credentials -d scope=api ` +
            `${at("https://admin-oauth.id.jumpcloud.com")}/oauth2/token`,
        `curl -s -d grant_type=client_credentials -d client_id=${jamf.clientId} --data-urlencode client_secret=${jamf.clientSecret} ` +
            `${at(jamf.url)}/api/v1/oauth/token`,
        `curl -s -u ${shellQuote(`${token.email}:${token.apiToken}`)} ` +
            `${at("https://api.atlassian.com")}/ex/jira/${token.cloudId}/rest/api/3/myself`,
        "",
        "Change them while they run (GET lists all the verbs):",
        "",
        `curl -s ${control}`,
        `curl -s ${control} -d '{"vendor": "jamf", "do": "revoke"}'`,
        `curl -s ${control} -d '{"vendor": "jamf", "do": "upgrade", "version": "11.31.0"}'`,
        `curl -s ${control} -d '{"vendor": "atlassian", "do": "renameSite", "site": "acme", "name": "Acme Corp"}'`,
        `curl -s ${control} -d '{"vendor": "gitlab", "do": "expire"}'`,
        `curl -s ${control} -d '{"vendor": "slack", "do": "unscope", "scope": "users:read"}'`,
        "",
        "Ctrl-C ends them.",
    );
    return lines.join("\n");
}

function readOptions(): { readonly help: boolean; readonly portBase?: number } {
    let values: { readonly "port-base"?: string; readonly help: boolean };
    try {
        ({ values } = parseArgs({
            options: { "port-base": { type: "string" }, help: { type: "boolean", short: "h", default: false } },
        }));
    } catch (error) {
        throw new ControlError(`${(error as Error).message}\n\n${usage}`);
    }
    const { "port-base": port, help } = values;
    if (port === undefined) {
        return { help };
    }
    if (!/^\d{4,5}$/.test(port) || Number(port) < 1024 || Number(port) > 65_000) {
        throw new ControlError(`--port-base takes one port between 1024 and 65000.\n\n${usage}`);
    }
    return { help, portBase: Number(port) };
}

async function main(): Promise<void> {
    const { help, portBase } = readOptions();
    if (help) {
        console.log(usage);
        return;
    }
    const stop = () => process.exit(0);
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    const vendors = await startVendors(portBase === undefined ? {} : { portBase });
    const ports = portBase === undefined ? undefined : portBase + vendors.listeners.length;
    const hubs = await startHubs({ vendors, ...(ports === undefined ? {} : { portBase: ports }) });
    const control = await startControl(vendors, ports === undefined ? undefined : ports + hubs.listeners.length);
    console.log(introduce(vendors, hubs, `http://127.0.0.1:${(control.address() as AddressInfo).port}/`));
}

main().catch((error: Error) => {
    console.error(error instanceof ControlError ? error.message : `The vendors could not be started: ${error.message}`);
    process.exitCode = 1;
    // What did start would keep the process alive.
    process.exit();
});
