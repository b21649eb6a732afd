// Runs as a process of its own, so that what the vendors cost is not counted with the engine's processes.
import { startVendors, type InjectedFault, type JumpCloudServiceAccount } from "../test/simulators/vendors";

/** What the bench asks of the vendors. */
export type Command =
    | { readonly do: "accounts"; readonly count: number }
    | { readonly do: "rotate"; readonly accounts: readonly string[] }
    | { readonly do: "latency"; readonly ms: number }
    | { readonly do: "calls" }
    | { readonly do: "seeded" };

/** A service account as programs are given it. */
export interface Account {
    readonly clientId: string;
    readonly clientSecret: string;
}

/** What the vendors answer, by command. */
export interface Replies {
    readonly accounts: readonly Account[];
    readonly rotate: readonly Account[];
    readonly latency: null;
    /** Calls since the last time they were asked for, by method, host and path. */
    readonly calls: Readonly<Record<string, number>>;
    /** Arguments of one connection of each class. */
    readonly seeded: Readonly<Record<string, object>>;
}

async function main(): Promise<void> {
    const vendors = await startVendors();
    const region = vendors.jumpcloud.us;
    const accounts = new Map<string, JumpCloudServiceAccount>();
    let slow: InjectedFault[] = [];
    let made = 0;
    const shown = (account: JumpCloudServiceAccount): Account => ({
        clientId: account.clientId,
        clientSecret: account.clientSecrets[0] ?? "",
    });
    const obey = (command: Command): Replies[Command["do"]] => {
        switch (command.do) {
            case "accounts":
                return Array.from({ length: command.count }, () => {
                    const name = `bench-${++made}`;
                    const account = region.addServiceAccount(name, region.addOrganization(`Bench ${made}`));
                    accounts.set(account.clientId, account);
                    return shown(account);
                });
            case "rotate":
                return command.accounts.map((clientId) => {
                    const account = accounts.get(clientId);
                    if (account === undefined) {
                        throw new Error(`there is no account ${clientId}`);
                    }
                    account.revokeClientSecret();
                    account.addClientSecret();
                    return shown(account);
                });
            case "latency":
                slow.forEach((fault) => fault.remove());
                slow =
                    command.ms === 0
                        ? []
                        : vendors.listeners.map((listener) => listener.fault({ kind: "latency", ms: command.ms }));
                return null;
            case "calls": {
                const calls: Record<string, number> = {};
                for (const { method, origin, path } of vendors.requests) {
                    const call = `${method} ${new URL(origin).host}${path.split("?")[0] ?? ""}`;
                    calls[call] = (calls[call] ?? 0) + 1;
                }
                vendors.requests.clear();
                return calls;
            }
            case "seeded": {
                const { jumpcloud, jamf, atlassianOAuth, atlassianToken, jiraConnector, jiraUserToken } =
                    vendors.credentials;
                const { organizationId: _, standbyClientSecret: __, ...alone } = jumpcloud;
                return {
                    "jumpcloud.ServiceAccount": alone,
                    "jamf.ApiClient": jamf,
                    "atlassian.ServiceAccountOAuth": atlassianOAuth,
                    "atlassian.ServiceAccountToken": atlassianToken,
                    "atlassian.JiraConnector": jiraConnector,
                    "atlassian.JiraUserToken": jiraUserToken,
                };
            }
        }
    };
    process.on("message", (command: Command) => process.send?.(obey(command)));
    process.on("disconnect", () => process.exit(0));
    process.send?.(vendors.endpoints);
}

main().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
});
