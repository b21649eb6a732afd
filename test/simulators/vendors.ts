import type {
    AtlassianAccount,
    AtlassianApiToken,
    AtlassianOAuthCredential,
    AtlassianOrganization,
    AtlassianSite,
    JiraPersonalAccessToken,
} from "./atlassian";
import { AtlassianCloud, commercialCloud, governmentCloud, JiraDataCenter } from "./atlassian";
import { GitHub, type GitHubApp, type GitHubInstallation, type GitHubToken } from "./github";
import { GitLab, type GitLabToken, type GitLabUser } from "./gitlab";
import type { JamfApiClient, JamfServer } from "./jamf";
import { Jamf } from "./jamf";
import type { JumpCloudOrganization, JumpCloudServiceAccount } from "./jumpcloud";
import { JumpCloud } from "./jumpcloud";
import { Cloudflare, seedCloudflare, type CloudflareCredentials, type CloudflareFixture } from "./cloudflare";
import { CrowdStrike, seedCrowdStrike, type CrowdStrikeCredentials, type CrowdStrikeFixture } from "./crowdstrike";
import { Datadog, seedDatadog, type DatadogCredentials, type DatadogFixture } from "./datadog";
import { Kandji, seedKandji, type KandjiCredentials, type KandjiFixture } from "./kandji";
import { OktaOrg, seedOkta, type OktaCredentials, type OktaFixture } from "./okta";
import { seedSlack, Slack, type SlackCredentials, type SlackFixture } from "./slack";
import { seedSnyk, Snyk, type SnykCredentials, type SnykFixture } from "./snyk";
import { MicrosoftEntra, seedEntra, type EntraCredentials, type EntraFixture } from "./microsoft";
import type { TlsIdentity, VendorContext, VendorListener } from "./server";
import { alphanumeric, randomText, RequestLog, VendorClock } from "./server";

export * from "./atlassian";
export * from "./github";
export * from "./gitlab";
export * from "./jamf";
export * from "./jumpcloud";
export * from "./proxy";
export * from "./server";

/** How {@link startVendors} sets them up. */
export interface VendorsOptions {
    /** Serves TLS on every listener; endpoints are https then. */
    tls?: TlsIdentity;
    /** Host name in the endpoints, such as `localhost` for a certificate that names it; 127.0.0.1 without. */
    endpointHost?: string;
    /** First of the ports to use, in a row; free ones without. */
    portBase?: number;
}

/** The seeded credentials, each in the form of its class's arguments. */
export interface VendorCredentials
    extends
        CloudflareCredentials,
        CrowdStrikeCredentials,
        DatadogCredentials,
        EntraCredentials,
        KandjiCredentials,
        OktaCredentials,
        SlackCredentials,
        SnykCredentials {
    /** `jumpcloud.ServiceAccount`, US, single organisation. The first secret has all characters that JumpCloud's generated ones may have. */
    jumpcloud: {
        clientId: string;
        clientSecret: string;
        standbyClientSecret: string;
        region: "us";
        organizationId: string;
    };
    /** `jumpcloud.ServiceAccount`, US, with secrets full of reserved characters, which clients that send them as they are cannot use. */
    jumpcloudReserved: {
        clientId: string;
        clientSecret: string;
        standbyClientSecret: string;
        region: "us";
        organizationId: string;
    };
    /** `jumpcloud.ServiceAccount`, EU. */
    jumpcloudEu: { clientId: string; clientSecret: string; region: "eu"; organizationId: string };
    /** `jumpcloud.ServiceAccount`, India. */
    jumpcloudIn: { clientId: string; clientSecret: string; region: "in"; organizationId: string };
    /** `jumpcloud.ServiceAccount`, US, multi-tenant: manages two organisations, this is one of them. */
    jumpcloudMultiTenant: { clientId: string; clientSecret: string; region: "us"; organizationId: string };
    /** `jamf.ApiClient` in Jamf Cloud. */
    jamf: { url: string; clientId: string; clientSecret: string; requiredPrivileges: string[] };
    /** `jamf.ApiClient`, self-hosted on port 8443, too old for `/api/v1/oauth/token`. */
    jamfSelfHosted: { url: string; clientId: string; clientSecret: string; requiredPrivileges: string[] };
    /** `atlassian.ServiceAccountOAuth` that reaches both sites, acme and acme-sandbox; Jira and Confluence. */
    atlassianOAuth: { clientId: string; clientSecret: string; subdomain: string };
    /** `atlassian.ServiceAccountOAuth` that reaches acme alone; Jira only. */
    atlassianOAuthOneSite: { clientId: string; clientSecret: string };
    /** `atlassian.ServiceAccountToken`; Jira and Confluence scopes. */
    atlassianToken: { cloudId: string; email: string; apiToken: string };
    /** `atlassian.JiraConnector`, the OX connector. */
    jiraConnector: { cloudId: string; apiToken: string };
    /** `atlassian.JiraUserToken` in the cloud: a classic personal token. */
    jiraUserToken: { siteUrl: string; username: string; apiToken: string };
    /** `atlassian.JiraUserToken` on a Data Center server: a personal access token. */
    jiraDataCenter: { siteUrl: string; apiToken: string };
    /** `atlassian.ServiceAccountOAuth` in Government Cloud. */
    atlassianOAuthUsGov: { clientId: string; clientSecret: string; subdomain: string; environment: "usGov" };
    /** `atlassian.ServiceAccountToken` in Government Cloud. */
    atlassianTokenUsGov: { cloudId: string; email: string; apiToken: string; environment: "usGov" };
    /** `gitlab.AccessToken` at gitlab.com: a group's token. */
    gitlab: { token: string; requiredScopes: string[] };
    /** `gitlab.AccessToken` on a server of one's own: a service account's token without an end, which may not read its user. */
    gitlabSelfHosted: { url: string; token: string; requiredScopes: string[] };
    /** `github.PersonalAccessToken` at github.com: a classic token. */
    github: { token: string; requiredScopes: string[] };
    /** `github.PersonalAccessToken` on an Enterprise Server: a fine-grained token. */
    githubServer: { url: string; token: string };
    /** `github.AppInstallation` at github.com. */
    githubApp: { appId: string; installationId: string; privateKey: string; requiredPermissions: string[] };
}

/** The live objects behind the credentials, to revoke, rename, upgrade and move. */
export interface VendorFixture {
    jumpcloud: {
        /** Acme, US. */
        organization: JumpCloudOrganization;
        /** Another company's organisation, US, for identity changes. */
        otherOrganization: JumpCloudOrganization;
        account: JumpCloudServiceAccount;
        euOrganization: JumpCloudOrganization;
        euAccount: JumpCloudServiceAccount;
        inOrganization: JumpCloudOrganization;
        inAccount: JumpCloudServiceAccount;
        /** Acme Retail and Acme Logistics, which the multi-tenant account manages. */
        managedOrganizations: readonly [JumpCloudOrganization, JumpCloudOrganization];
        multiTenantAccount: JumpCloudServiceAccount;
    };
    jamf: {
        /** `https://acme.jamfcloud.com`. */
        server: JamfServer;
        client: JamfApiClient;
        /** `https://jamf.example.com:8443`. */
        selfHostedServer: JamfServer;
        selfHostedClient: JamfApiClient;
    };
    atlassian: {
        organization: AtlassianOrganization;
        /** Another company's organisation with the site `globex`. */
        otherOrganization: AtlassianOrganization;
        /** `https://acme.atlassian.net`. */
        acme: AtlassianSite;
        /** `https://acme-sandbox.atlassian.net`. */
        sandbox: AtlassianSite;
        /** `https://globex.atlassian.net`. */
        otherSite: AtlassianSite;
        /** The account of {@link oauth}. */
        oauthAccount: AtlassianAccount;
        oauth: AtlassianOAuthCredential;
        /** The account of {@link oauthOneSite}. */
        oneSiteAccount: AtlassianAccount;
        oauthOneSite: AtlassianOAuthCredential;
        /** The account of {@link token}. */
        tokenAccount: AtlassianAccount;
        token: AtlassianApiToken;
        /** The account of {@link connectorToken}. */
        connectorAccount: AtlassianAccount;
        connectorToken: AtlassianApiToken;
        /** The person behind {@link userToken}. */
        user: AtlassianAccount;
        userToken: AtlassianApiToken;
        /** A further service account with access to everything, for identity changes. */
        spareAccount: AtlassianAccount;
    };
    usGov: {
        organization: AtlassianOrganization;
        site: AtlassianSite;
        oauth: AtlassianOAuthCredential;
        token: AtlassianApiToken;
    };
    dataCenter: { server: JiraDataCenter; token: JiraPersonalAccessToken };
    microsoft: EntraFixture;
    okta: OktaFixture;
    crowdstrike: CrowdStrikeFixture;
    datadog: DatadogFixture;
    snyk: SnykFixture;
    cloudflare: CloudflareFixture;
    slack: SlackFixture;
    kandji: KandjiFixture;
    gitlab: { token: GitLabToken; otherUser: GitLabUser };
    github: { token: GitHubToken; serverToken: GitHubToken; app: GitHubApp; installation: GitHubInstallation };
}

/** Classic scopes that the OX connector asks for. */
export const connectorScopes: readonly string[] = ["read:jira-user", "read:jira-work", "write:jira-work"];

/** Classic Confluence scopes, as Nango's guide grants them. */
export const confluenceScopes: readonly string[] = [
    "read:confluence-user",
    "read:confluence-space.summary",
    "read:confluence-content.all",
];

/** All simulated vendors, seeded with the company Acme. */
export class Vendors {
    readonly requests = new RequestLog();
    readonly clock = new VendorClock();
    readonly jumpcloud: JumpCloud;
    readonly jamf: Jamf;
    readonly atlassian: AtlassianCloud;
    readonly atlassianUsGov: AtlassianCloud;
    readonly dataCenter: JiraDataCenter;
    readonly microsoft: MicrosoftEntra;
    readonly okta: readonly OktaOrg[];
    readonly crowdstrike: CrowdStrike;
    readonly datadog: Datadog;
    readonly snyk: Snyk;
    readonly cloudflare: Cloudflare;
    readonly slack: Slack;
    readonly kandji: Kandji;
    /** `https://gitlab.com`. */
    readonly gitlab: GitLab;
    /** `https://gitlab.example.com:8443`. */
    readonly gitlabSelfHosted: GitLab;
    /** `https://api.github.com`. */
    readonly github: GitHub;
    /** `https://github.example.com`, an Enterprise Server. */
    readonly githubServer: GitHub;
    /** Set by {@link startVendors}. */
    credentials!: VendorCredentials;
    /** Set by {@link startVendors}. */
    fixture!: VendorFixture;
    private readonly context: VendorContext;

    constructor(options: VendorsOptions = {}) {
        this.context = {
            log: this.requests,
            clock: this.clock,
            tls: options.tls,
            endpointHost: options.endpointHost,
            nextPort: options.portBase,
            listeners: [],
        };
        this.jumpcloud = new JumpCloud(this.context);
        this.jamf = new Jamf(this.context);
        this.atlassian = new AtlassianCloud(this.context, commercialCloud);
        this.atlassianUsGov = new AtlassianCloud(this.context, governmentCloud);
        this.dataCenter = new JiraDataCenter(this.context, "https://jira.acme.example", "9.12.15");
        this.microsoft = new MicrosoftEntra(this.context, {
            login: "https://login.microsoftonline.com",
            graph: "https://graph.microsoft.com",
        });
        this.okta = [
            new OktaOrg(this.context, "https://acme.okta.com", "Acme"),
            new OktaOrg(this.context, "https://globex.oktapreview.com", "Globex"),
        ];
        this.crowdstrike = new CrowdStrike(this.context);
        this.datadog = new Datadog(this.context, ["datadoghq.com", "datadoghq.eu", "us3.datadoghq.com"]);
        this.snyk = new Snyk(this.context);
        this.gitlab = new GitLab(this.context, "https://gitlab.com", 4_711_000);
        this.gitlabSelfHosted = new GitLab(this.context, "https://gitlab.example.com:8443");
        this.github = new GitHub(this.context, "https://api.github.com", "", 583_231);
        this.cloudflare = new Cloudflare(this.context);
        this.slack = new Slack(this.context);
        this.kandji = new Kandji(this.context, [
            { subdomain: "acme", region: "us" },
            { subdomain: "acme", region: "eu" },
        ]);
        this.githubServer = new GitHub(this.context, "https://github.example.com", "/api/v3");
    }

    /** All listeners, those of sites and servers added later included. */
    get listeners(): readonly VendorListener[] {
        return this.context.listeners;
    }

    /** Vendor origin to the address it is served at: the value of CONNECTIONS_ENDPOINTS, as an object. */
    get endpoints(): Record<string, string> {
        return Object.assign({}, ...this.listeners.map((listener) => listener.endpoints)) as Record<string, string>;
    }

    /** The listener that serves a vendor origin. */
    listener(origin: string): VendorListener {
        const found = this.listeners.find((listener) => origin in listener.endpoints);
        if (!found) {
            throw new Error(`No vendor at ${origin}; there are ${Object.keys(this.endpoints).join(", ")}`);
        }
        return found;
    }

    /** Every secret and access token that any vendor ever gave out, for tests that look for leaks. */
    get secrets(): string[] {
        const { jumpcloud, jamf, atlassian, atlassianUsGov, dataCenter, microsoft, okta } = this;
        const { crowdstrike, datadog, snyk, gitlab, gitlabSelfHosted, github, githubServer } = this;
        const { cloudflare, slack, kandji } = this;
        const first = [jumpcloud, jamf, atlassian, atlassianUsGov, dataCenter];
        const all = [
            ...first,
            microsoft,
            ...okta,
            crowdstrike,
            datadog,
            snyk,
            gitlab,
            gitlabSelfHosted,
            github,
            githubServer,
            cloudflare,
            slack,
            kandji,
        ];
        return all.flatMap((vendor) => vendor.secrets);
    }

    /** Takes every fault out of every listener. */
    clearFaults(): void {
        this.listeners.forEach((listener) => listener.clearFaults());
    }

    /** Refuses connections to all vendors. */
    async down(): Promise<void> {
        await Promise.all(this.listeners.map((listener) => listener.down()));
    }

    /** Listens again everywhere, on the same ports. */
    async up(): Promise<void> {
        await Promise.all(this.listeners.map((listener) => listener.up()));
    }

    /** Ends all of them. */
    async close(): Promise<void> {
        await Promise.all(this.listeners.map((listener) => listener.close()));
    }
}

const jamfWanted = ["Read Computers", "Read User"];

/** Starts all vendors, seeded. */
export async function startVendors(options: VendorsOptions = {}): Promise<Vendors> {
    const vendors = new Vendors(options);
    await Promise.all(vendors.listeners.map((listener) => listener.start()));
    try {
        await seed(vendors);
    } catch (error) {
        await vendors.close();
        throw error;
    }
    return vendors;
}

async function seed(vendors: Vendors): Promise<void> {
    const { us, eu, in: india } = vendors.jumpcloud;
    const organization = us.addOrganization("Acme");
    const account = us.addServiceAccount("pulumi", organization, {
        clientSecret: `${randomText(12, alphanumeric)}~_-.${randomText(12, alphanumeric)}`,
    });
    const standbyClientSecret = account.addClientSecret();
    // Reserved characters show whether a client form-encodes inside Basic.
    const reserved = (): string =>
        `${randomText(24, alphanumeric)}+/=%&:${randomText(24, alphanumeric)}%2F~+${randomText(5, alphanumeric)}`;
    const reservedAccount = us.addServiceAccount("reserved", us.addOrganization("Acme & Sons"), {
        clientSecret: reserved(),
    });
    const reservedStandby = reservedAccount.addClientSecret(reserved());
    const otherOrganization = us.addOrganization("Globex");
    const managed = [us.addOrganization("Acme Retail"), us.addOrganization("Acme Logistics")] as const;
    const multiTenantAccount = us.addServiceAccount("pulumi-msp", managed[0], { multiTenant: true });
    multiTenantAccount.includeOrganization(managed[1]);
    const euOrganization = eu.addOrganization("Acme Europe");
    const euAccount = eu.addServiceAccount("pulumi", euOrganization);
    const inOrganization = india.addOrganization("Acme India");
    const inAccount = india.addServiceAccount("pulumi", inOrganization);

    const server = await vendors.jamf.addServer("https://acme.jamfcloud.com", "11.30.0-t1784040300000");
    const readOnly = [
        "Read Computers",
        "Read Mobile Devices",
        "Read User",
        "Read Smart Computer Groups",
        "Read API Roles",
    ];
    const client = server.addClient("StackOne", [server.addRole("StackOne", readOnly)], { lifetimeSeconds: 600 });
    const selfHostedServer = await vendors.jamf.addServer("https://jamf.example.com:8443", "10.50.0-t1697000000000");
    const inventory = selfHostedServer.addRole("Inventory", jamfWanted);
    const selfHostedClient = selfHostedServer.addClient("StackOne", [inventory], { lifetimeSeconds: 60 });

    const acmeInc = vendors.atlassian.addOrganization("Acme");
    const acme = await acmeInc.addSite("acme", "Acme");
    const sandbox = await acmeInc.addSite("acme-sandbox", "Acme Sandbox");
    const globex = vendors.atlassian.addOrganization("Globex");
    const otherSite = await globex.addSite("globex", "Globex");
    vendors.atlassian.addAbsentSite("acm");
    const jiraAndConfluence = [...connectorScopes, ...confluenceScopes];
    const oauthAccount = acmeInc.addServiceAccount("nango-oauth");
    oauthAccount.addSite(acme);
    oauthAccount.addSite(sandbox);
    const oauth = acmeInc.createOAuthCredential(oauthAccount, jiraAndConfluence);
    const oneSiteAccount = acmeInc.addServiceAccount("nango-jira");
    oneSiteAccount.addSite(acme, ["jira"]);
    const oauthOneSite = acmeInc.createOAuthCredential(oneSiteAccount, connectorScopes);
    const tokenAccount = acmeInc.addServiceAccount("nango-token");
    tokenAccount.addSite(acme);
    const token = acmeInc.createApiToken(tokenAccount, "Nango", jiraAndConfluence);
    const connectorAccount = acmeInc.addServiceAccount("ox-security");
    connectorAccount.addSite(acme, ["jira"]);
    const connectorToken = acmeInc.createApiToken(connectorAccount, "OX", connectorScopes);
    const user = acmeInc.addUser("Mia Krystof", "mia@acme.example");
    user.addSite(acme);
    const userToken = acmeInc.createApiToken(user, "OX Security");
    const spareAccount = acmeInc.addServiceAccount("spare-account");
    spareAccount.addSite(acme);
    spareAccount.addSite(sandbox);

    const gov = vendors.atlassianUsGov.addOrganization("Acme Federal");
    const govSite = await gov.addSite("acme-gov", "Acme Federal");
    const govAccount = gov.addServiceAccount("nango-gov");
    govAccount.addSite(govSite);
    const govOAuth = gov.createOAuthCredential(govAccount, jiraAndConfluence);
    const govToken = gov.createApiToken(govAccount, "Nango", jiraAndConfluence);

    const bot = vendors.dataCenter.addUser("ox-bot", "OX Bot", "ox-bot@acme.example");
    const personalAccessToken = vendors.dataCenter.createPersonalAccessToken(bot);

    const groupBot = vendors.gitlab.addUser("group_42_bot", "Pulumi");
    const groupToken = vendors.gitlab.addToken(groupBot, "pulumi", ["read_api"]);
    const serviceAccount = vendors.gitlabSelfHosted.addUser("service_account_7", "Mirror");
    const mirrorToken = vendors.gitlabSelfHosted.addToken(serviceAccount, "mirror", ["read_repository"], null);

    const octocat = vendors.github.addUser("acme-bot");
    const classicToken = vendors.github.addToken(octocat, "classic", ["repo", "read:org"]);
    const serverToken = vendors.githubServer.addToken(vendors.githubServer.addUser("acme-bot"), "fineGrained");
    const app = vendors.github.addApp("acme-connector");
    const permissions = { metadata: "read", contents: "write", issues: "read" };
    const installation = vendors.github.install(app, "acme", permissions);

    const jumpcloud = <Region extends "us" | "eu" | "in">(
        of: JumpCloudServiceAccount,
        region: Region,
        { id }: JumpCloudOrganization,
    ) => ({
        clientId: of.clientId,
        clientSecret: of.clientSecrets[0]!,
        region,
        organizationId: id,
    });
    const jamf = (of: JamfApiClient) => ({
        url: of.server.origin,
        clientId: of.clientId,
        clientSecret: of.clientSecret,
    });
    const pair = (of: AtlassianOAuthCredential) => ({ clientId: of.clientId, clientSecret: of.clientSecret });
    const microsoft = await seedEntra(vendors.microsoft);
    const [oktaOrg, otherOktaOrg] = vendors.okta as [OktaOrg, OktaOrg];
    const okta = seedOkta(oktaOrg, otherOktaOrg);
    const crowdstrike = seedCrowdStrike(vendors.crowdstrike);
    const datadog = seedDatadog(vendors.datadog);
    const snyk = seedSnyk(vendors.snyk);
    const cloudflare = seedCloudflare(vendors.cloudflare);
    const slack = seedSlack(vendors.slack);
    const kandji = seedKandji(vendors.kandji);

    vendors.credentials = {
        ...microsoft.credentials,
        ...okta.credentials,
        ...crowdstrike.credentials,
        ...datadog.credentials,
        ...snyk.credentials,
        ...cloudflare.credentials,
        ...slack.credentials,
        ...kandji.credentials,
        jumpcloud: { ...jumpcloud(account, "us", organization), standbyClientSecret },
        jumpcloudReserved: {
            ...jumpcloud(reservedAccount, "us", reservedAccount.organizations[0]!),
            standbyClientSecret: reservedStandby,
        },
        jumpcloudEu: jumpcloud(euAccount, "eu", euOrganization),
        jumpcloudIn: jumpcloud(inAccount, "in", inOrganization),
        jumpcloudMultiTenant: jumpcloud(multiTenantAccount, "us", managed[1]),
        jamf: { ...jamf(client), requiredPrivileges: [...jamfWanted] },
        jamfSelfHosted: { ...jamf(selfHostedClient), requiredPrivileges: [...jamfWanted] },
        atlassianOAuth: { ...pair(oauth), subdomain: "acme" },
        atlassianOAuthOneSite: pair(oauthOneSite),
        atlassianToken: { cloudId: acme.cloudId, email: tokenAccount.email, apiToken: token.token },
        jiraConnector: { cloudId: acme.cloudId, apiToken: connectorToken.token },
        jiraUserToken: { siteUrl: acme.url, username: user.email, apiToken: userToken.token },
        jiraDataCenter: { siteUrl: vendors.dataCenter.origin, apiToken: personalAccessToken.token },
        atlassianOAuthUsGov: { ...pair(govOAuth), subdomain: "acme-gov", environment: "usGov" },
        atlassianTokenUsGov: {
            cloudId: govSite.cloudId,
            email: govAccount.email,
            apiToken: govToken.token,
            environment: "usGov",
        },
        gitlab: { token: groupToken.value, requiredScopes: ["read_api"] },
        gitlabSelfHosted: {
            url: vendors.gitlabSelfHosted.origin,
            token: mirrorToken.value,
            requiredScopes: ["read_repository"],
        },
        github: { token: classicToken.value, requiredScopes: ["read:org", "repo"] },
        githubServer: { url: vendors.githubServer.origin, token: serverToken.value },
        githubApp: {
            appId: app.clientId,
            installationId: String(installation.id),
            privateKey: app.addKey(),
            requiredPermissions: ["contents:read", "contents:write", "issues:read", "metadata:read"],
        },
    };
    vendors.fixture = {
        jumpcloud: {
            organization,
            otherOrganization,
            account,
            euOrganization,
            euAccount,
            inOrganization,
            inAccount,
            managedOrganizations: managed,
            multiTenantAccount,
        },
        jamf: { server, client, selfHostedServer, selfHostedClient },
        atlassian: {
            organization: acmeInc,
            otherOrganization: globex,
            acme,
            sandbox,
            otherSite,
            oauthAccount,
            oauth,
            oneSiteAccount,
            oauthOneSite,
            tokenAccount,
            token,
            connectorAccount,
            connectorToken,
            user,
            userToken,
            spareAccount,
        },
        usGov: { organization: gov, site: govSite, oauth: govOAuth, token: govToken },
        dataCenter: { server: vendors.dataCenter, token: personalAccessToken },
        microsoft: microsoft.fixture,
        okta: okta.fixture,
        crowdstrike: crowdstrike.fixture,
        datadog: datadog.fixture,
        snyk: snyk.fixture,
        cloudflare: cloudflare.fixture,
        slack: slack.fixture,
        kandji: kandji.fixture,
        gitlab: { token: groupToken, otherUser: vendors.gitlab.addUser("group_43_bot", "Other") },
        github: { token: classicToken, serverToken, app, installation },
    };
}
