import type { Declared } from "./declared";
import {
    connectorScopes,
    confluenceScopes,
    type AtlassianAccount,
    type AtlassianProduct,
    type InjectedFault,
    type Vendors,
} from "../simulators/vendors";

/** One way in which a connection of one class changes behind Pulumi's back. */
export interface Row extends Declared {
    /** The status that it has then. */
    readonly status: string;
    /** Properties that a preview shows, as it shows them; `status` comes by itself. */
    readonly shows: readonly (string | RegExp)[];
    /** What goes wrong at the vendor. */
    readonly upset: () => unknown;
    /** Puts it right again. */
    readonly mend: () => unknown;
}

/** Statuses that `up` refuses to record. */
export const unhealthy: ReadonlySet<string> = new Set([
    "expired",
    "rejected",
    "insufficient",
    "unsupported",
    "tenantChanged",
]);

const both = [...connectorScopes, ...confluenceScopes];

/** A fault that comes and goes. */
function passing(put: () => InjectedFault): Pick<Row, "upset" | "mend"> {
    let fault: InjectedFault | undefined;
    return { upset: () => (fault = put()), mend: () => fault?.remove() };
}

const changed = (property: string, before: string, after: string): string =>
    `~ ${property}: ${JSON.stringify(before)} => ${JSON.stringify(after)}`;

/** Connections of every class, each with one thing that will happen to it: all the states that the class can reach, and facts that change. */
export async function fleet(vendors: Vendors): Promise<Row[]> {
    return [
        ...jumpCloudRows(vendors),
        ...(await jamfRows(vendors)),
        ...(await atlassianRows(vendors)),
        ...dataCenterRows(vendors),
    ];
}

function jumpCloudRows({ jumpcloud: { us, eu, in: india }, fixture }: Vendors): Row[] {
    const type = "jumpcloud.ServiceAccount";
    const { otherOrganization } = fixture.jumpcloud;
    const home = us.addOrganization("Home");
    const account = (name: string) => us.addServiceAccount(name, home);
    const args = ({ clientId, clientSecrets }: { clientId: string; clientSecrets: readonly string[] }) => ({
        clientId,
        clientSecret: clientSecrets[0] ?? "",
    });

    const refused = account("refused");
    const moved = account("moved");
    const msp = us.addServiceAccount("msp", home, { multiTenant: true });
    const managed = us.addOrganization("Managed");
    msp.includeOrganization(managed);
    const far = eu.addServiceAccount("far", eu.addOrganization("Far"));
    const renamed = india.addOrganization("Before");
    const unasked = account("unasked");
    return [
        {
            ...{ name: "jumpcloud-rejected", type, args: args(refused), status: "rejected" },
            shows: ['~ result: "passed" => "failed"'],
            upset: () => refused.revokeClientSecret(),
            mend: () => refused.restoreClientSecret(),
        },
        {
            ...{
                name: "jumpcloud-insufficient",
                type,
                args: { ...args(msp), organizationId: managed.id },
                status: "insufficient",
            },
            shows: ['~ result: "passed" => "failed"'],
            upset: () => msp.excludeOrganization(managed),
            mend: () => msp.includeOrganization(managed),
        },
        {
            ...{ name: "jumpcloud-tenantChanged", type, args: args(moved), status: "tenantChanged" },
            shows: [
                changed("organizationId", home.id, otherOrganization.id),
                changed("organizationName", "Home", "Globex"),
            ],
            upset: () => moved.moveToOrganization(otherOrganization),
            mend: () => moved.moveToOrganization(home),
        },
        {
            ...{
                name: "jumpcloud-unreachable",
                type,
                args: { ...args(far), region: "eu" },
                status: "unreachable",
                shows: [],
            },
            ...passing(() => eu.oauth.fault({ kind: "reset" })),
        },
        {
            ...{
                name: "jumpcloud-unverified",
                type,
                args: { ...args(unasked), verify: "never" },
                status: "unverified",
                shows: [],
            },
            upset: () => unasked.revokeClientSecret(),
            mend: () => unasked.restoreClientSecret(),
        },
        {
            ...{
                name: "jumpcloud-renamed",
                type,
                args: { ...args(india.addServiceAccount("renamed", renamed)), region: "in" },
                status: "verified",
            },
            shows: [changed("organizationName", "Before", "After")],
            upset: () => renamed.rename("After"),
            mend: () => renamed.rename("Before"),
        },
    ];
}

async function jamfRows({ jamf }: Vendors): Promise<Row[]> {
    const type = "jamf.ApiClient";
    const client = async (name: string, privileges = ["Read Computers", "Read User"]) => {
        const server = await jamf.addServer(`https://${name}.jamfcloud.com`, "11.30.0-t1784040300000");
        const made = server.addClient(name, [server.addRole(name, privileges)], { lifetimeSeconds: 600 });
        const args = {
            url: server.origin,
            clientId: made.clientId,
            clientSecret: made.clientSecret,
            requiredPrivileges: ["Read Computers"],
        };
        return { server, client: made, args, named: { name: `jamf-${name}`, type } };
    };
    const rejected = await client("rejected");
    const disabled = await client("disabled");
    const insufficient = await client("insufficient");
    const unsupported = await client("unsupported");
    const tenantChanged = await client("tenantchanged");
    const unreachable = await client("unreachable");
    const unverified = await client("unverified");
    const upgraded = await client("upgraded");
    const granted = await client("granted");
    const lost = await client("lost");
    const renamed = await client("renamed");
    const slower = await client("slower");
    return [
        {
            ...{ ...rejected.named, args: rejected.args, status: "rejected" },
            shows: ['~ result: "passed" => "failed"', /Jamf refused the client id or secret \(invalid_client\)/],
            upset: () => rejected.client.revokeClientSecret(),
            mend: () => rejected.client.restoreClientSecret(),
        },
        {
            ...{ ...disabled.named, args: disabled.args, status: "rejected" },
            shows: [/Enable the client/],
            upset: () => disabled.client.disable(),
            mend: () => disabled.client.enable(),
        },
        {
            ...{ ...insufficient.named, args: insufficient.args, status: "insufficient" },
            shows: [/^[-~] \[0\]: "Read Computers"/, '+ [0]: "Read Computers"', '~ result: "passed" => "failed"'],
            upset: () => insufficient.client.removePrivilege("Read Computers"),
            mend: () => insufficient.client.addPrivilege("Read Computers"),
        },
        {
            ...{
                ...unsupported.named,
                args: { ...unsupported.args, minimumVersion: "11.25.0" },
                status: "unsupported",
            },
            shows: [changed("version", "11.30.0-t1784040300000", "11.20.0-t1700000000000")],
            upset: () => unsupported.server.upgrade("11.20.0-t1700000000000"),
            mend: () => unsupported.server.upgrade("11.30.0-t1784040300000"),
        },
        {
            ...{ ...tenantChanged.named, args: tenantChanged.args, status: "tenantChanged" },
            shows: [changed("id", "1", "77"), /acts as the account 77 and not as 1/],
            ...passing(() =>
                tenantChanged.server.listener.fault({
                    kind: "patch",
                    path: "/api/v1/auth",
                    patch: (answer: { account: { id: string } }) => void (answer.account.id = "77"),
                }),
            ),
        },
        {
            ...{ ...unreachable.named, args: unreachable.args, status: "unreachable", shows: [] },
            ...passing(() => unreachable.server.listener.fault({ kind: "reset" })),
        },
        {
            ...{ ...unverified.named, args: { ...unverified.args, verify: "never" }, status: "unverified", shows: [] },
            upset: () => unverified.client.revokeClientSecret(),
            mend: () => unverified.client.restoreClientSecret(),
        },
        {
            ...{ ...upgraded.named, args: upgraded.args, status: "verified" },
            shows: [changed("version", "11.30.0-t1784040300000", "11.31.0-t1790000000000")],
            upset: () => upgraded.server.upgrade("11.31.0-t1790000000000"),
            mend: () => upgraded.server.upgrade("11.30.0-t1784040300000"),
        },
        {
            ...{ ...granted.named, args: granted.args, status: "verified" },
            shows: ['+ [2]: "Update User"', /beyond those required: Read User, Update User/],
            upset: () => granted.client.addPrivilege("Update User"),
            mend: () => granted.client.removePrivilege("Update User"),
        },
        {
            ...{ ...lost.named, args: lost.args, status: "verified" },
            shows: ['- [1]: "Read User"'],
            upset: () => lost.client.removePrivilege("Read User"),
            mend: () => lost.client.addPrivilege("Read User"),
        },
        {
            ...{ ...renamed.named, args: renamed.args, status: "verified" },
            shows: [changed("name", "renamed", "StackOne")],
            upset: () => renamed.client.rename("StackOne"),
            mend: () => renamed.client.rename("renamed"),
        },
        {
            ...{ ...slower.named, args: slower.args, status: "verified" },
            shows: ["~ tokenLifetimeSeconds: 600 => 1200"],
            upset: () => (slower.client.accessTokenLifetimeSeconds = 1200),
            mend: () => (slower.client.accessTokenLifetimeSeconds = 600),
        },
    ];
}

async function atlassianRows({ atlassian, atlassianUsGov, fixture }: Vendors): Promise<Row[]> {
    const { organization } = fixture.atlassian;
    const { organization: gov, site: govSite } = fixture.usGov;
    const site = async (name: string) => {
        const products: AtlassianProduct[] = ["jira", "confluence"];
        return organization.addSite(name, name.toUpperCase(), products);
    };
    const account = (name: string, ...sites: Parameters<AtlassianAccount["addSite"]>[0][]) => {
        const made = organization.addServiceAccount(name);
        sites.forEach((one) => made.addSite(one));
        return made;
    };
    const [home, away] = [await site("home"), await site("away")];
    const spare = account("spare-account", home, away);
    const govAccount = gov.addServiceAccount("gov");
    govAccount.addSite(govSite);
    /** What Atlassian says of one account at the gateway or at its site, as another account's. */
    const otherAccount = (listener: { fault: typeof home.listener.fault }, real: AtlassianAccount) =>
        passing(() =>
            listener.fault({
                kind: "patch",
                path: /\/(myself|user\/current)$/,
                patch: (answer: { accountId?: string }) =>
                    void (answer.accountId === real.accountId && (answer.accountId = "712020:other")),
            }),
        );
    const otherSite = (of: typeof home) =>
        passing(() =>
            of.listener.fault({ kind: "patch", path: "/_edge/tenant_info", patch: () => ({ cloudId: away.cloudId }) }),
        );

    const oauth = (name: string, of: AtlassianAccount, args: object, scopes: readonly string[] = both) => {
        const made = (of.organization === gov ? gov : organization).createOAuthCredential(of, scopes);
        const pair = { clientId: made.clientId, clientSecret: made.clientSecret };
        return {
            credential: made,
            row: { name: `oauth-${name}`, type: "atlassian.ServiceAccountOAuth", args: { ...pair, ...args } },
        };
    };
    const oRejected = oauth("rejected", account("o-rejected", home), {});
    const oScope = oauth("insufficient", account("o-scope", home), {
        requiredScopes: ["read:jira-work"],
        allowedScopes: ["*"],
    });
    const oSiteAccount = account("o-site", home, away);
    const oSite = oauth("site-lost", oSiteAccount, { subdomain: "home" });
    const oAccessAccount = account("o-access", home);
    const oAccess = oauth("access-lost", oAccessAccount, { products: ["confluence", "jira"] });
    const oMoved = oauth("tenantChanged", account("o-moved", home), { subdomain: "home" });
    const oOwn = oMoved.credential.account;
    const oElsewhereAccount = account("o-elsewhere", home);
    const oElsewhere = oauth("elsewhere", oElsewhereAccount, {});
    const oFar = oauth("unreachable", govAccount, { environment: "usGov" });
    const oUnverified = oauth("unverified", account("o-unverified", home), { cloudId: home.cloudId, verify: "never" });
    const renamedSite = await site("renamed");
    const oRenamed = oauth("renamed", account("o-renamed", renamedSite), {});
    const rehostedSite = await site("rehosted");
    const oRehosted = oauth("rehosted", account("o-rehosted", rehostedSite), { cloudId: rehostedSite.cloudId });
    const oFurtherAccount = account("o-further", home);
    const oFurther = oauth("further-site", oFurtherAccount, {});
    const oGranted = oauth("granted", account("o-granted", home), { requiredScopes: ["read:jira-work"] }, [
        "read:jira-user",
        "read:jira-work",
    ]);
    const oLost = oauth("lost", account("o-lost", home), {});

    const token = (name: string, of: AtlassianAccount, args: object, scopes: readonly string[] = both) => {
        const made = (of.organization === gov ? gov : organization).createApiToken(of, name, scopes);
        return {
            credential: made,
            row: {
                name: `token-${name}`,
                type: "atlassian.ServiceAccountToken",
                args: { email: of.email, apiToken: made.token, ...args },
            },
        };
    };
    const at = { cloudId: home.cloudId };
    const tRejected = token("rejected", account("t-rejected", home), at);
    const tScope = token("insufficient", account("t-scope", home), { ...at, requiredScopes: ["read:jira-work"] });
    const tAccessAccount = account("t-access", home);
    const tAccess = token("access-lost", tAccessAccount, { ...at, products: ["confluence", "jira"] });
    const tSiteHome = await site("token-home");
    const tSite = token("tenantChanged", account("t-site", tSiteHome, away), { subdomain: "token-home" });
    const tMovedAccount = account("t-moved", home);
    const tMoved = token("account", tMovedAccount, at);
    const tFar = token("unreachable", govAccount, { cloudId: govSite.cloudId, environment: "usGov" });
    const tUnverified = token("unverified", account("t-unverified", home), { ...at, verify: "never" });
    const tRehostedSite = await site("token-rehosted");
    const tRehosted = token("rehosted", account("t-rehosted", tRehostedSite), { cloudId: tRehostedSite.cloudId });

    const connector = (name: string, of: AtlassianAccount, args: object) => {
        const made = (of.organization === gov ? gov : organization).createApiToken(of, name, connectorScopes);
        return {
            credential: made,
            row: {
                name: `connector-${name}`,
                type: "atlassian.JiraConnector",
                args: { apiToken: made.token, ...args },
            },
        };
    };
    const cRejected = connector("rejected", account("c-rejected", home), at);
    const cScope = connector("insufficient", account("c-scope", home), at);
    const cAccessAccount = account("c-access", home);
    const cAccess = connector("access-lost", cAccessAccount, at);
    const cMoved = connector("tenantChanged", account("c-moved", home), at);
    const cOwn = cMoved.credential.account;
    const cSiteHome = await site("connector-home");
    const cSite = connector("site", account("c-site", cSiteHome, away), { subdomain: "connector-home" });
    const cFar = connector("unreachable", govAccount, { cloudId: govSite.cloudId, environment: "usGov" });
    const cUnverified = connector("unverified", account("c-unverified", home), { ...at, verify: "never" });
    const cRenamedAccount = account("c-renamed", home);
    const cRenamed = connector("renamed", cRenamedAccount, at);

    const personal = (name: string, of: AtlassianAccount, args: object) => {
        const made = organization.createApiToken(of, name);
        return {
            credential: made,
            row: {
                name: `personal-${name}`,
                type: "atlassian.JiraUserToken",
                args: { username: of.email, apiToken: made.token, ...args },
            },
        };
    };
    const person = (name: string, on: typeof home) => {
        const made = organization.addUser(name, `${name}@acme.example`);
        made.addSite(on);
        return made;
    };
    const there = { subdomain: "home" };
    const pRejected = personal("rejected", person("p-rejected", home), there);
    const pInactivePerson = person("p-inactive", home);
    const pInactive = personal("inactive", pInactivePerson, there);
    const pAccessPerson = person("p-access", home);
    const pAccess = personal("insufficient", pAccessPerson, there);
    const pMovedSite = await site("personal-moved");
    const pMovedPerson = person("p-moved", pMovedSite);
    const pMoved = personal("tenantChanged", pMovedPerson, { siteUrl: pMovedSite.url });
    const pFarSite = await site("personal-far");
    const pFar = personal("unreachable", person("p-far", pFarSite), { siteUrl: pFarSite.url });
    const pUnverified = personal("unverified", person("p-unverified", home), { ...there, verify: "never" });
    const pRenamedPerson = person("p-renamed", home);
    const pRenamed = personal("renamed", pRenamedPerson, there);

    const revoked = (
        { credential, row }: { credential: { revoke(): void; restore(): void }; row: Declared },
        status = "rejected",
    ): Row => ({
        ...{ ...row, status, shows: status === "unverified" ? [] : ['~ result: "passed" => "failed"'] },
        upset: () => credential.revoke(),
        mend: () => credential.restore(),
    });
    const far = ({ row }: { row: Declared }): Row => ({
        ...{ ...row, status: "unreachable", shows: [] },
        ...passing(() =>
            (row.type.endsWith("OAuth") ? atlassianUsGov.auth : atlassianUsGov.api).fault({ kind: "reset" }),
        ),
    });
    const scopeLost = ({
        credential,
        row,
    }: {
        credential: { addScope(s: string): void; removeScope(s: string): void };
        row: Declared;
    }): Row => ({
        ...{ ...row, status: "insufficient", shows: ['+ [0]: "read:jira-work"', '~ result: "passed" => "failed"'] },
        upset: () => credential.removeScope("read:jira-work"),
        mend: () => credential.addScope("read:jira-work"),
    });
    const accessLost = ({ row }: { row: Declared }, of: AtlassianAccount): Row => ({
        ...{ ...row, status: "insufficient", shows: ['~ result: "passed" => "failed"'] },
        upset: () => of.removeProductAccess(home, "jira"),
        mend: () => of.grantProductAccess(home, "jira"),
    });
    return [
        revoked(oRejected),
        scopeLost(oScope),
        {
            ...{ ...oSite.row, status: "insufficient", shows: [/the credential reaches no site home/] },
            upset: () => oSiteAccount.removeSite(home),
            mend: () => oSiteAccount.addSite(home),
        },
        accessLost(oAccess, oAccessAccount),
        {
            ...{ ...oMoved.row, status: "tenantChanged", shows: [changed("id", oOwn.accountId, spare.accountId)] },
            upset: () => oMoved.credential.moveToAccount(spare),
            mend: () => oMoved.credential.moveToAccount(oOwn),
        },
        {
            ...{ ...oElsewhere.row, status: "tenantChanged" },
            shows: [
                changed("cloudId", home.cloudId, away.cloudId),
                changed("siteName", "HOME", "AWAY"),
                changed("siteUrl", home.url, away.url),
            ],
            upset: () => (oElsewhereAccount.removeSite(home), oElsewhereAccount.addSite(away)),
            mend: () => (oElsewhereAccount.removeSite(away), oElsewhereAccount.addSite(home)),
        },
        far(oFar),
        revoked(oUnverified, "unverified"),
        {
            ...{
                ...oRenamed.row,
                status: "verified",
                shows: [changed("siteName", "RENAMED", "Acme Corp"), changed("name", "RENAMED", "Acme Corp")],
            },
            upset: () => renamedSite.rename("Acme Corp"),
            mend: () => renamedSite.rename("RENAMED"),
        },
        {
            ...{
                ...oRehosted.row,
                status: "verified",
                shows: [changed("siteUrl", rehostedSite.url, "https://acme-corp.atlassian.net")],
            },
            upset: () => rehostedSite.changeUrl("acme-corp"),
            mend: () => rehostedSite.changeUrl("rehosted"),
        },
        {
            ...{
                ...oFurther.row,
                status: "verified",
                shows: [
                    changed("name", "HOME", "AWAY"),
                    '+ name: "HOME"',
                    /reaches several sites and the program names none/,
                ],
            },
            upset: () => oFurtherAccount.addSite(away),
            mend: () => oFurtherAccount.removeSite(away),
        },
        {
            ...{
                ...oGranted.row,
                status: "verified",
                shows: ['+ [2]: "write:jira-work"', /beyond those required: read:jira-user, write:jira-work/],
            },
            upset: () => oGranted.credential.addScope("write:jira-work"),
            mend: () => oGranted.credential.removeScope("write:jira-work"),
        },
        {
            ...{ ...oLost.row, status: "verified", shows: [/- \[\d\]: "write:jira-work"/] },
            upset: () => oLost.credential.removeScope("write:jira-work"),
            mend: () => oLost.credential.addScope("write:jira-work"),
        },

        revoked(tRejected),
        scopeLost(tScope),
        accessLost(tAccess, tAccessAccount),
        {
            ...tSite.row,
            status: "tenantChanged",
            shows: [changed("cloudId", tSiteHome.cloudId, away.cloudId)],
            ...otherSite(tSiteHome),
        },
        {
            ...{
                ...tMoved.row,
                status: "tenantChanged",
                shows: [changed("id", tMovedAccount.accountId, "712020:other")],
            },
            ...otherAccount(atlassian.api, tMovedAccount),
        },
        far(tFar),
        revoked(tUnverified, "unverified"),
        {
            ...{
                ...tRehosted.row,
                status: "verified",
                shows: [changed("siteUrl", tRehostedSite.url, "https://token-corp.atlassian.net")],
            },
            upset: () => tRehostedSite.changeUrl("token-corp"),
            mend: () => tRehostedSite.changeUrl("token-rehosted"),
        },

        revoked(cRejected),
        scopeLost(cScope),
        accessLost(cAccess, cAccessAccount),
        {
            ...{ ...cMoved.row, status: "tenantChanged", shows: [changed("id", cOwn.accountId, spare.accountId)] },
            upset: () => cMoved.credential.moveToAccount(spare),
            mend: () => cMoved.credential.moveToAccount(cOwn),
        },
        {
            ...cSite.row,
            status: "tenantChanged",
            shows: [changed("cloudId", cSiteHome.cloudId, away.cloudId)],
            ...otherSite(cSiteHome),
        },
        far(cFar),
        revoked(cUnverified, "unverified"),
        {
            ...{ ...cRenamed.row, status: "verified", shows: [changed("name", "c-renamed", "OX Security")] },
            upset: () => cRenamedAccount.rename("OX Security"),
            mend: () => cRenamedAccount.rename("c-renamed"),
        },

        revoked(pRejected),
        {
            ...{ ...pInactive.row, status: "rejected", shows: [/the account is deactivated/] },
            upset: () => pInactivePerson.reportInactive(),
            mend: () => pInactivePerson.activate(),
        },
        accessLost(pAccess, pAccessPerson),
        {
            ...{
                ...pMoved.row,
                status: "tenantChanged",
                shows: [changed("id", pMovedPerson.accountId, "712020:other")],
            },
            ...otherAccount(pMovedSite.listener, pMovedPerson),
        },
        {
            ...{ ...pFar.row, status: "unreachable", shows: [] },
            ...passing(() => pFarSite.listener.fault({ kind: "reset" })),
        },
        revoked(pUnverified, "unverified"),
        {
            ...{ ...pRenamed.row, status: "verified", shows: [changed("name", "p-renamed", "Mia K.")] },
            upset: () => pRenamedPerson.rename("Mia K."),
            mend: () => pRenamedPerson.rename("p-renamed"),
        },
    ];
}

function dataCenterRows({ dataCenter }: Vendors): Row[] {
    const user = (name: string) => {
        const made = dataCenter.addUser(name, name, `${name}@acme.example`);
        const token = dataCenter.createPersonalAccessToken(made);
        const row = {
            name: `datacenter-${name}`,
            type: "atlassian.JiraUserToken",
            args: { siteUrl: dataCenter.origin, apiToken: token.token },
        };
        return {
            user: made,
            token,
            row,
            asked: (request: { bearer: string | undefined }) => request.bearer === token.token,
        };
    };
    const rejected = user("rejected");
    const insufficient = user("insufficient");
    const tenantChanged = user("tenantChanged");
    const other = dataCenter.addUser("other", "Other", "other@acme.example");
    const unreachable = user("unreachable");
    const unverified = user("unverified");
    const renamed = user("renamed");
    return [
        {
            ...{ ...rejected.row, status: "rejected", shows: ['~ result: "passed" => "failed"'] },
            upset: () => rejected.token.revoke(),
            mend: () => rejected.token.restore(),
        },
        {
            ...{
                ...insufficient.row,
                status: "insufficient",
                shows: [/there is no Jira at https:\/\/jira\.acme\.example/],
            },
            ...passing(() =>
                dataCenter.listener.fault({
                    kind: "status",
                    status: 404,
                    body: { message: "null for uri" },
                    when: insufficient.asked,
                }),
            ),
        },
        {
            ...{
                ...tenantChanged.row,
                status: "tenantChanged",
                shows: [changed("id", tenantChanged.user.key, other.key)],
            },
            upset: () => tenantChanged.token.moveToUser(other),
            mend: () => tenantChanged.token.moveToUser(tenantChanged.user),
        },
        {
            ...{ ...unreachable.row, status: "unreachable", shows: [] },
            ...passing(() => dataCenter.listener.fault({ kind: "status", status: 503, when: unreachable.asked })),
        },
        {
            ...{
                ...unverified.row,
                args: { ...unverified.row.args, verify: "never" },
                status: "unverified",
                shows: [],
            },
            upset: () => unverified.token.revoke(),
            mend: () => unverified.token.restore(),
        },
        {
            ...{ ...renamed.row, status: "verified", shows: [changed("name", "renamed", "OX Robot")] },
            upset: () => (renamed.user.displayName = "OX Robot"),
            mend: () => (renamed.user.displayName = "renamed"),
        },
    ];
}

/** A connection of each class whose secret comes to its end: nothing happens at the vendor, only the days pass. */
export function dated(vendors: Vendors, expiresAt: string): Declared[] {
    const { jumpcloud, jamf, atlassianOAuthOneSite, atlassianToken, jiraConnector, jiraUserToken, jiraDataCenter } =
        vendors.credentials;
    const { clientId, clientSecret, region } = jumpcloud;
    const one = (name: string, type: string, args: object): Declared => ({ name, type, args: { ...args, expiresAt } });
    return [
        one("jumpcloud", "jumpcloud.ServiceAccount", { clientId, clientSecret, region }),
        one("jamf", "jamf.ApiClient", { ...jamf, allowedPrivileges: ["*"] }),
        one("oauth", "atlassian.ServiceAccountOAuth", atlassianOAuthOneSite),
        one("token", "atlassian.ServiceAccountToken", atlassianToken),
        one("connector", "atlassian.JiraConnector", jiraConnector),
        one("personal", "atlassian.JiraUserToken", jiraUserToken),
        one("datacenter", "atlassian.JiraUserToken", jiraDataCenter),
    ];
}
