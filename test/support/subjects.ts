// A credential of its own for each case of the status table, at the simulated vendor of each class.
import type { AtlassianAccount, AtlassianApiToken, Vendors } from "../simulators/vendors";
import type { CloudflareToken } from "../simulators/cloudflare";
import type { DatadogKeys, DatadogToken } from "../simulators/datadog";
import type { OktaApiToken, OktaOrg, OktaServiceApp } from "../simulators/okta";
import { commonKey, newKey } from "../simulators/signing";
import type { KandjiToken } from "../simulators/kandji";
import type { SnykServiceAccount } from "../simulators/snyk";
import type { GitHubToken } from "../simulators/github";
import type { GitLabToken } from "../simulators/gitlab";
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

let spareKey: string | undefined;
/** A key that no credential has. */
const otherKey = (): string => (spareKey ??= newKey());

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
    const { microsoft, crowdstrike, datadog, snyk, cloudflare, slack, kandji } = vendors;
    const [oktaHome, oktaAway] = vendors.okta as [OktaOrg, OktaOrg];
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
        "okta.ApiToken": () => {
            const both = [oktaHome, oktaAway].map((org) => org.addToken(org.addUser(`table-${++serial}@acme.example`)));
            const [token, twin] = both as [OktaApiToken, OktaApiToken];
            const [owner, another] = [token.user, oktaHome.addUser(`other-${serial}@acme.example`)];
            twin.renew(token.value);
            return {
                args: { orgUrl: oktaHome.origin, apiToken: token.value },
                away: { orgUrl: oktaAway.origin },
                movesTo: "account",
                wrong: { apiToken: `00${"wrong-".repeat(7)}`.slice(0, 42) },
                renewed: () => ({ apiToken: twin.renew(token.renew()) }),
                revoke: () => both.forEach((one) => (one.isRevoked = true)),
                restore: () => both.forEach((one) => (one.isRevoked = false)),
                lose: () => both.forEach((one) => (one.isInZone = false)),
                regain: () => both.forEach((one) => (one.isInZone = true)),
                move: () => void Object.assign(token, { user: another }),
                moveBack: () => void Object.assign(token, { user: owner }),
            };
        },
        "okta.ServiceApp": () => {
            const both = [oktaHome, oktaAway].map((org) => org.addApp("Table"));
            const [app, twin] = both as [OktaServiceApp, OktaServiceApp];
            Object.assign(twin, { clientId: app.clientId });
            const scopes = ["okta.orgs.read", "okta.users.read"];
            both.forEach((one) => scopes.forEach((scope) => one.granted.add(scope)));
            const privateKey = commonKey();
            both.forEach((one) => one.addKey(privateKey));
            const { id } = oktaHome;
            return {
                args: { orgUrl: oktaHome.origin, clientId: app.clientId, privateKey, requiredScopes: scopes },
                away: { orgUrl: oktaAway.origin },
                isTenantTold: true,
                movesTo: "tenant",
                wrong: { privateKey: otherKey() },
                renewed: () => {
                    both.forEach((one) => {
                        one.isActive = true;
                        one.keys.clear();
                        one.addKey(otherKey());
                    });
                    return { privateKey: otherKey() };
                },
                revoke: () => both.forEach((one) => (one.isActive = false)),
                restore: () => both.forEach((one) => (one.isActive = true)),
                lose: () => both.forEach((one) => one.granted.delete("okta.users.read")),
                regain: () => both.forEach((one) => one.granted.add("okta.users.read")),
                move: () => void Object.assign(oktaHome, { id: `00o${++serial}${id.slice(5)}` }),
                moveBack: () => void Object.assign(oktaHome, { id }),
            };
        },
        "crowdstrike.ApiClient": () => {
            const both = [crowdstrike.addClient("us-1"), crowdstrike.addClient("us-2")] as const;
            const [client, twin] = both;
            Object.assign(twin, { clientId: client.clientId });
            twin.reset(client.secret);
            const { customerId } = client;
            return {
                args: { clientId: client.clientId, clientSecret: client.secret, cloud: "us-1" },
                away: { cloud: "us-2" },
                isTenantTold: true,
                movesTo: "tenant",
                wrong: { clientSecret: "wrong".repeat(8) },
                renewed: () => ({ clientSecret: twin.reset(client.reset()) }),
                revoke: () => both.forEach((one) => (one.isRevoked = true)),
                restore: () => both.forEach((one) => (one.isRevoked = false)),
                // The clients have moved to another cloud than the named one.
                lose: () => both.forEach((one) => (one.shownCloud = "eu-1")),
                regain: () => both.forEach((one) => (one.shownCloud = undefined)),
                move: () => void Object.assign(client, { customerId: customerId.split("").reverse().join("") }),
                moveBack: () => void Object.assign(client, { customerId }),
            };
        },
        "datadog.ServiceAccessToken": () => {
            const scopes = ["monitors_read", "dashboards_read"];
            const both = ["datadoghq.com", "datadoghq.eu"].map((site) =>
                datadog.addToken(datadog.addUser(datadog.addOrg(site, "Table"), `table-${++serial}`), "table", scopes),
            );
            const [token, twin] = both as [DatadogToken, DatadogToken];
            const [owner, another] = [token.user, datadog.addUser(token.user.org, `other-${serial}`)];
            both.forEach((one) => (one.isEndTold = false));
            twin.renew(token.value);
            return {
                args: { token: token.value, requiredScopes: scopes },
                away: { site: "datadoghq.eu" },
                movesTo: "account",
                wrong: { token: `${token.value}-wrong` },
                renewed: () => ({ token: twin.renew(token.renew()) }),
                revoke: () => both.forEach((one) => (one.isRevoked = true)),
                restore: () => both.forEach((one) => (one.isRevoked = false)),
                lose: () => both.forEach((one) => one.scopes.delete("monitors_read")),
                regain: () => both.forEach((one) => one.scopes.add("monitors_read")),
                move: () => void Object.assign(token, { user: another }),
                moveBack: () => void Object.assign(token, { user: owner }),
            };
        },
        "gitlab.AccessToken": () => {
            const { gitlab, gitlabSelfHosted } = vendors;
            const scopes = ["read_api", "read_repository"];
            // The other server knows a token of the same value. No end is told: the table has the declared one alone.
            const both = [gitlab, gitlabSelfHosted].map((server) =>
                Object.assign(server.addToken(server.addUser(`table-${++serial}`), "table", scopes), {
                    isEndTold: false,
                }),
            );
            const [token, twin] = both as [GitLabToken, GitLabToken];
            const [owner, another] = [token.user, gitlab.addUser(`table-${++serial}`)];
            twin.value = token.value;
            return {
                args: { token: token.value, requiredScopes: scopes },
                away: { url: gitlabSelfHosted.origin },
                movesTo: "account",
                wrong: { token: `${token.value}-wrong` },
                renewed: () => ({ token: Object.assign(twin, { value: token.renew(), isRevoked: false }).value }),
                revoke: () => both.forEach((one) => one.revoke()),
                restore: () => both.forEach((one) => one.restore()),
                lose: () => both.forEach((one) => one.removeScope("read_repository")),
                regain: () => both.forEach((one) => one.addScope("read_repository")),
                move: () => void Object.assign(token, { user: another }),
                moveBack: () => void Object.assign(token, { user: owner }),
            };
        },
        "datadog.Keys": () => {
            const both = ["datadoghq.com", "datadoghq.eu"].map((site) =>
                datadog.addKeys(datadog.addUser(datadog.addOrg(site, "Table"), `table-${++serial}`)),
            );
            const [pair, twin] = both as [DatadogKeys, DatadogKeys];
            const { apiKey, applicationKey, user: owner } = pair;
            const another = datadog.addUser(owner.org, `other-${serial}`);
            Object.assign(twin, { apiKey, applicationKey });
            return {
                args: { apiKey, applicationKey },
                away: { site: "datadoghq.eu" },
                movesTo: "account",
                wrong: { applicationKey: "f".repeat(40) },
                renewed: () => {
                    const renewed = { applicationKey: datadog.newKey(40), isRevoked: false };
                    both.forEach((one) => Object.assign(one, renewed));
                    return { applicationKey: renewed.applicationKey };
                },
                revoke: () => both.forEach((one) => (one.isRevoked = true)),
                restore: () => both.forEach((one) => (one.isRevoked = false)),
                lose: () => [owner, another, twin.user].forEach((one) => (one.mayReadItself = false)),
                regain: () => [owner, another, twin.user].forEach((one) => (one.mayReadItself = true)),
                move: () => void Object.assign(pair, { user: another }),
                moveBack: () => void Object.assign(pair, { user: owner }),
            };
        },
        "snyk.ServiceAccount": () => {
            const both = (["us-01", "eu-01"] as const).map((region) =>
                snyk.add(region, `org-${++serial}`, "table", "access_token"),
            );
            const [account, twin] = both as [SnykServiceAccount, SnykServiceAccount];
            const { id } = account;
            twin.renew(account.secret);
            return {
                args: { token: account.secret },
                away: { region: "eu-01" },
                movesTo: "account",
                wrong: { token: "00000000-0000-4000-8000-000000000000" },
                renewed: () => ({ token: twin.renew(account.renew()) }),
                revoke: () => both.forEach((one) => (one.isRevoked = true)),
                restore: () => both.forEach((one) => (one.isRevoked = false)),
                lose: () => both.forEach((one) => (one.mayRead = false)),
                regain: () => both.forEach((one) => (one.mayRead = true)),
                move: () => void Object.assign(account, { id: `${id}-${++serial}` }),
                moveBack: () => void Object.assign(account, { id }),
            };
        },
        "github.PersonalAccessToken": () => {
            const { github, githubServer } = vendors;
            // The other server knows a token of the same value, and neither tells an end.
            const both = [github, githubServer].map((server) =>
                Object.assign(server.addToken(server.addUser(`table-${++serial}`), "classic", ["repo", "gist"]), {
                    isEndFalse: true,
                }),
            );
            const [token, twin] = both as [GitHubToken, GitHubToken];
            const [owner, another] = [token.user, github.addUser(`table-${++serial}`)];
            twin.value = token.value;
            return {
                locks: true,
                args: { token: token.value, requiredScopes: ["gist", "repo"] },
                away: { url: githubServer.origin },
                movesTo: "account",
                wrong: { token: `${token.value}wrong` },
                renewed: () => ({ token: Object.assign(twin, { value: token.renew(), isRevoked: false }).value }),
                revoke: () => both.forEach((one) => Object.assign(one, { isRevoked: true })),
                restore: () => both.forEach((one) => Object.assign(one, { isRevoked: false })),
                lose: () => both.forEach((one) => one.removeScope("gist")),
                regain: () => both.forEach((one) => one.addScope("gist")),
                move: () => void Object.assign(token, { user: another }),
                moveBack: () => void Object.assign(token, { user: owner }),
            };
        },
        "github.AppInstallation": () => {
            const { github } = vendors;
            const app = github.addApp(`table-${++serial}`);
            const permissions = { contents: "read", issues: "write" };
            const [home, away] = [github.install(app, "home", permissions), github.install(app, "away", permissions)];
            const both = [home, away];
            const { account } = home;
            const key = app.addKey();
            return {
                args: {
                    appId: app.clientId,
                    installationId: String(home.id),
                    privateKey: key,
                    requiredPermissions: ["contents:read", "issues:write"],
                },
                away: { installationId: String(away.id) },
                movesTo: "account",
                wrong: { privateKey: github.addApp(`other-${serial}`).addKey() },
                renewed: () => ({ privateKey: app.addKey() }),
                revoke: () => app.revokeKeys(),
                restore: () => app.shareKey(key),
                lose: () => both.forEach((one) => Object.assign(one, { permissions: { contents: "read" } })),
                regain: () => both.forEach((one) => Object.assign(one, { permissions })),
                move: () => void Object.assign(home, { account: { id: account.id + 100_000, login: "elsewhere" } }),
                moveBack: () => void Object.assign(home, { account }),
            };
        },
        "cloudflare.ApiToken": () => {
            const accounts = ["Home", "Away"].map((name) => cloudflare.addAccount(name));
            // Cloudflare always tells an end, or that there is none: a false one counts as untold, and the declared one holds.
            const both = accounts.map((account) =>
                Object.assign(cloudflare.add(account, [account]), { isEndFalse: true }),
            );
            const [token, twin] = both as [CloudflareToken, CloudflareToken];
            const { id } = token;
            twin.roll(token.value);
            return {
                args: { token: token.value, accountId: accounts[0]?.id },
                away: { accountId: accounts[1]?.id },
                movesTo: "account",
                wrong: { token: `cfat_${"wrong".repeat(9)}` },
                renewed: () => ({ token: twin.roll(token.roll()) }),
                revoke: () => both.forEach((one) => (one.isRevoked = true)),
                restore: () => both.forEach((one) => (one.isRevoked = false)),
                lose: () => both.forEach((one) => (one.isAllowedHere = false)),
                regain: () => both.forEach((one) => (one.isAllowedHere = true)),
                move: () => void Object.assign(token, { id: id.split("").reverse().join("") }),
                moveBack: () => void Object.assign(token, { id }),
            };
        },
        "slack.BotToken": ({ moves }) => {
            const scopes = ["chat:write", "users:read"];
            const [here, there] = [slack.addWorkspace("Home"), slack.addWorkspace("Away")];
            const [token, twin] = [slack.add(here, "table", scopes), slack.add(there, "table", scopes)];
            const both = [token, twin];
            return {
                // A token opens one workspace: the other is that of another token.
                args: { token: token.value, requiredScopes: scopes, ...(moves ? {} : { teamId: here.id }) },
                away: { teamId: there.id, token: twin.value },
                movesTo: "tenant",
                wrong: { token: `${token.value}wrong` },
                renewed: () => ({ token: token.renew() }),
                revoke: () => both.forEach((one) => (one.error = "token_revoked")),
                restore: () => both.forEach((one) => (one.error = undefined)),
                lose: () => both.forEach((one) => one.scopes.delete("users:read")),
                regain: () => both.forEach((one) => one.scopes.add("users:read")),
                move: () => void Object.assign(token, { workspace: there }),
                moveBack: () => void Object.assign(token, { workspace: here }),
            };
        },
        "kandji.ApiToken": () => {
            const permissions = ["/devices", "/settings/licensing"];
            const both = kandji.tenants.map((tenant) => kandji.add(tenant, permissions));
            const [token, twin] = both as [KandjiToken, KandjiToken];
            twin.renew(token.value);
            return {
                args: { subdomain: token.tenant.subdomain, token: token.value, requiredPermissions: permissions },
                away: { region: "eu" },
                wrong: { token: "00000000-0000-4000-8000-000000000000" },
                renewed: () => ({ token: twin.renew(token.renew()) }),
                revoke: () => both.forEach((one) => (one.isRevoked = true)),
                restore: () => both.forEach((one) => (one.isRevoked = false)),
                lose: () => both.forEach((one) => one.permissions.delete("/devices")),
                regain: () => both.forEach((one) => one.permissions.add("/devices")),
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
