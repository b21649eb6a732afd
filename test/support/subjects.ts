// A credential of its own for each case of the status table, at the simulated vendor of each class.
import type { AtlassianAccount, AtlassianApiToken, Vendors } from "../simulators/vendors";
import { connectorScopes } from "../simulators/vendors";
import type { allCases } from "./classes";
import { dayIn } from "./clock";
import type { MakeSubject, Stage, Subject } from "./status-table";

/** What of a {@link Stage} the simulated vendors give. */
export function stageOf(vendors: Vendors, subject: MakeSubject): Omit<Stage, "on"> {
    return {
        subject,
        dayIn,
        calls: () => vendors.requests.length,
        cut: () =>
            vendors.listeners.forEach((listener) =>
                listener.fault({ kind: "redirect", status: 302, location: "https://elsewhere.example/" }),
            ),
        mend: () => vendors.clearFaults(),
    };
}

let serial = 0;

/** What makes a {@link Subject} of each class, by its name. */
export async function subjectsOf(
    vendors: Vendors,
): Promise<Readonly<Record<(typeof allCases)[number]["type"], MakeSubject>>> {
    const { organization } = vendors.fixture.atlassian;
    const [home, away] = [await organization.addSite("home", "Home"), await organization.addSite("away", "Away")];
    const [near, far] = [
        await vendors.jamf.addServer("https://home.jamfcloud.com", "11.5.0"),
        await vendors.jamf.addServer("https://away.jamfcloud.com", "11.5.0"),
    ];
    const { us } = vendors.jumpcloud;
    const [first, other] = [us.addOrganization("Home"), us.addOrganization("Away")];
    const { microsoft } = vendors;
    const [tenant, otherTenant] = [microsoft.addTenant("home.example"), microsoft.addTenant("away.example")];

    const onBothSites = (account: AtlassianAccount): AtlassianAccount => {
        account.addSite(home);
        account.addSite(away);
        return account;
    };

    /** What holds for every API token: it moves to another account of the same e-mail address. */
    const withToken = (
        token: AtlassianApiToken,
        { args, away: elsewhere }: Pick<Subject, "args" | "away">,
        lost: Pick<Subject, "lose" | "regain">,
    ): Subject => {
        const { account } = token;
        const twin = Object.assign(
            onBothSites(
                account.accountType === "app"
                    ? organization.addServiceAccount("twin")
                    : organization.addUser("Twin", account.email),
            ),
            { email: account.email },
        );
        return {
            args: { ...args, apiToken: token.token },
            away: elsewhere,
            movesTo: "account",
            wrong: { apiToken: `${token.token}-wrong` },
            renewed: () => {
                token.restore();
                return { apiToken: Object.assign(token, { token: `${token.token}${serial++}` }).token };
            },
            revoke: () => token.revoke(),
            restore: () => token.restore(),
            ...lost,
            move: () => token.moveToAccount(twin),
            moveBack: () => token.moveToAccount(account),
        };
    };
    const scopeOf = (token: AtlassianApiToken): Pick<Subject, "lose" | "regain"> => ({
        lose: () => token.removeScope("read:jira-work"),
        regain: () => token.addScope("read:jira-work"),
    });

    return {
        "atlassian.ServiceAccountOAuth": ({ moves }) => {
            const account = organization.addServiceAccount(`table-${++serial}`);
            account.addSite(home);
            if (!moves) {
                account.addSite(away);
            }
            const credential = organization.createOAuthCredential(account, connectorScopes);
            const { clientId, clientSecret } = credential;
            return {
                // A program that names no site is led to another one by its credential.
                args: {
                    clientId,
                    clientSecret,
                    requiredScopes: ["read:jira-work"],
                    allowedScopes: ["*"],
                    ...(moves ? {} : { cloudId: home.cloudId }),
                },
                away: { cloudId: away.cloudId },
                movesTo: "tenant",
                wrong: { clientSecret: `ATOA${"-wrong".repeat(10)}` },
                renewed: () => {
                    credential.restore();
                    return {
                        clientSecret: Object.assign(credential, { clientSecret: `ATOA${`-new-${serial}`.repeat(12)}` })
                            .clientSecret,
                    };
                },
                revoke: () => credential.revoke(),
                restore: () => credential.restore(),
                lose: () => credential.removeScope("read:jira-work"),
                regain: () => credential.addScope("read:jira-work"),
                move: () => {
                    account.removeSite(home);
                    account.addSite(away);
                },
                moveBack: () => {
                    account.removeSite(away);
                    account.addSite(home);
                },
            };
        },
        "atlassian.ServiceAccountToken": () => {
            const account = onBothSites(organization.addServiceAccount(`table-${++serial}`));
            const token = organization.createApiToken(account, "table", connectorScopes);
            const args = { cloudId: home.cloudId, email: account.email, requiredScopes: ["read:jira-work"] };
            return withToken(token, { args, away: { cloudId: away.cloudId } }, scopeOf(token));
        },
        "atlassian.JiraConnector": () => {
            const token = organization.createApiToken(
                onBothSites(organization.addServiceAccount(`table-${++serial}`)),
                "table",
                connectorScopes,
            );
            return withToken(
                token,
                { args: { cloudId: home.cloudId }, away: { cloudId: away.cloudId } },
                scopeOf(token),
            );
        },
        "atlassian.JiraUserToken": () => {
            const user = onBothSites(organization.addUser("Table", `table-${++serial}@acme.example`));
            const token = organization.createApiToken(user, "table");
            const access = (change: "grantProductAccess" | "removeProductAccess") => () =>
                [home, away].forEach((site) => token.account[change](site, "jira"));
            const args = { siteUrl: home.url, username: user.email };
            return withToken(
                token,
                { args, away: { siteUrl: away.url } },
                { lose: access("removeProductAccess"), regain: access("grantProductAccess") },
            );
        },
        "jamf.ApiClient": () => {
            const granted = ["Read Computers", "Read User"];
            const client = near.addClient("Table", [near.addRole("Table", granted)]);
            // The other server knows a client of the same id and secret.
            const twin = Object.assign(far.addClient("Table", [far.addRole("Table", granted)]), {
                clientId: client.clientId,
            });
            twin.generateClientSecret(client.clientSecret);
            const both = [client, twin];
            const { id } = client;
            return {
                args: {
                    url: near.origin,
                    clientId: client.clientId,
                    clientSecret: client.clientSecret,
                    requiredPrivileges: granted,
                },
                away: { url: far.origin },
                movesTo: "account",
                wrong: { clientSecret: "wrong-".repeat(10) },
                renewed: () => ({ clientSecret: twin.generateClientSecret(client.generateClientSecret()) }),
                revoke: () => both.forEach((one) => one.revokeClientSecret()),
                restore: () => both.forEach((one) => one.restoreClientSecret()),
                lose: () => both.forEach((one) => one.removePrivilege("Read User")),
                regain: () => both.forEach((one) => one.addPrivilege("Read User")),
                move: () => void Object.assign(client, { id: id + 10_000 }),
                moveBack: () => void Object.assign(client, { id }),
            };
        },
        "microsoft.EntraApplication": () => {
            const application = microsoft.addApplication("Table", tenant);
            const principals = [application.in(tenant), application.enter(otherTenant)].filter(
                (one) => one !== undefined,
            );
            const grant = (): void => principals.forEach(({ roles }) => roles.add("User.Read.All"));
            const ids = principals.map(({ objectId }) => objectId);
            grant();
            return {
                args: {
                    tenant: tenant.id,
                    clientId: application.clientId,
                    clientSecret: application.addSecret(),
                    requiredPermissions: ["User.Read.All"],
                },
                away: { tenant: otherTenant.id },
                movesTo: "account",
                wrong: { clientSecret: "wrong-".repeat(7) },
                renewed: () => {
                    application.restore();
                    return { clientSecret: application.addSecret() };
                },
                revoke: () => application.revoke(),
                restore: () => application.restore(),
                lose: () => principals.forEach(({ roles }) => roles.delete("User.Read.All")),
                regain: grant,
                move: () => principals.forEach((one) => (one.objectId = `${one.objectId.slice(0, -4)}0000`)),
                moveBack: () => principals.forEach((one, at) => (one.objectId = ids[at] ?? "")),
            };
        },
        "jumpcloud.ServiceAccount": ({ moves }) => {
            const account = us.addServiceAccount(`table-${++serial}`, first, { multiTenant: !moves });
            if (!moves) {
                account.includeOrganization(other);
            }
            const [clientSecret] = account.clientSecrets;
            return {
                args: { clientId: account.clientId, clientSecret, ...(moves ? {} : { organizationId: first.id }) },
                away: { organizationId: other.id },
                movesTo: "tenant",
                wrong: { clientSecret: "wrong".repeat(12) },
                renewed: () => {
                    account.revokeClientSecret();
                    return { clientSecret: account.addClientSecret() };
                },
                revoke: () => account.revokeClientSecret(),
                restore: () => account.restoreClientSecret(),
                lose: () => account.removeScope(),
                regain: () => account.restoreScope(),
                move: () => account.moveToOrganization(other),
                moveBack: () => account.moveToOrganization(first),
            };
        },
    };
}
