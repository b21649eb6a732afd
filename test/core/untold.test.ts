import type { ConnectionType } from "../../provider/core/connection-type";
import { plan } from "../../provider/core/plan";
import { Session, type VerificationResult } from "../../provider/core/session";
import { verifyStandalone } from "../../provider/core/verified";
import type { PriorState } from "../../provider/core/state";
import type { TenantResult as Seen } from "../../provider/core/verify";
import type { FunctionResult } from "../../provider/define";
import type { getSites } from "../../provider/vendors/atlassian/functions";
import { functionNames, functionOf } from "../../provider/hosts/handlers";
import { startDataCenter, type DataCenter, type DataCenterCredentials } from "../simulators/atlassian-data-center";
import { connectionTypes, typeNamed } from "../support/types";
import {
    confluenceScopes,
    connectorScopes,
    startVendors,
    type VendorCredentials,
    type VendorListener,
    type Vendors,
} from "../simulators/vendors";

/** A connection that is verified, in one of the forms that its arguments have. */
interface Form {
    readonly name: string;
    readonly type: string;
    readonly args: (credentials: Credentials) => Record<string, unknown>;
}

type Credentials = VendorCredentials & DataCenterCredentials;

const dataCenterType = "atlassian.DataCenterServiceAccount";

const both = { products: ["jira", "confluence"] };
const provable = ["read:confluence-user", ...connectorScopes];

const without = (name: string, args: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(args).filter(([key]) => key !== name));

const forms: readonly Form[] = [
    {
        name: "JumpCloud",
        type: "jumpcloud.ServiceAccount",
        args: ({ jumpcloud }) => without("organizationId", jumpcloud),
    },
    { name: "JumpCloud, a named organisation", type: "jumpcloud.ServiceAccount", args: ({ jumpcloud }) => jumpcloud },
    {
        name: "JumpCloud, one of several organisations",
        type: "jumpcloud.ServiceAccount",
        args: ({ jumpcloudMultiTenant }) => jumpcloudMultiTenant,
    },
    { name: "Jamf", type: "jamf.ApiClient", args: ({ jamf }) => jamf },
    { name: "Jamf, the older token path", type: "jamf.ApiClient", args: ({ jamfSelfHosted }) => jamfSelfHosted },
    {
        name: "Atlassian, OAuth 2.0",
        type: "atlassian.ServiceAccountOAuth",
        args: ({ atlassianOAuth }) => ({
            ...atlassianOAuth,
            ...both,
            requiredScopes: [...connectorScopes, ...confluenceScopes],
        }),
    },
    {
        name: "Atlassian, OAuth 2.0, the only site",
        type: "atlassian.ServiceAccountOAuth",
        args: ({ atlassianOAuthOneSite }) => atlassianOAuthOneSite,
    },
    {
        name: "Atlassian, API token",
        type: "atlassian.ServiceAccountToken",
        args: ({ atlassianToken }) => ({ ...atlassianToken, ...both, requiredScopes: provable }),
    },
    {
        name: "Atlassian, API token, by subdomain",
        type: "atlassian.ServiceAccountToken",
        args: ({ atlassianToken }) => ({ ...without("cloudId", atlassianToken), subdomain: "acme" }),
    },
    { name: "Jira connector", type: "atlassian.JiraConnector", args: ({ jiraConnector }) => jiraConnector },
    { name: "Jira, a person's token", type: "atlassian.JiraUserToken", args: ({ jiraUserToken }) => jiraUserToken },
    { name: "Jira Data Center", type: "atlassian.JiraUserToken", args: ({ jiraDataCenter }) => jiraDataCenter },
    { name: "GitLab", type: "gitlab.AccessToken", args: ({ gitlab }) => ({ ...gitlab }) },
    {
        name: "GitLab, a token that may not read its user",
        type: "gitlab.AccessToken",
        args: ({ gitlabSelfHosted }) => ({ ...gitlabSelfHosted }),
    },
    { name: "GitHub", type: "github.PersonalAccessToken", args: ({ github }) => ({ ...github }) },
    {
        name: "GitHub Enterprise Server",
        type: "github.PersonalAccessToken",
        args: ({ githubServer }) => ({ ...githubServer }),
    },
    { name: "GitHub App", type: "github.AppInstallation", args: ({ githubApp }) => ({ ...githubApp }) },
    {
        name: "Jira Data Center, a service account",
        type: dataCenterType,
        args: ({ jiraServiceAccount }) => ({ ...jiraServiceAccount }),
    },
    { name: "Microsoft Entra ID", type: "microsoft.EntraApplication", args: ({ entra }) => ({ ...entra }) },
    {
        name: "Microsoft Entra ID, a certificate",
        type: "microsoft.EntraApplication",
        args: ({ entraCertificate }) => ({ ...entraCertificate }),
    },
    { name: "Okta, an API token", type: "okta.ApiToken", args: ({ oktaApiToken }) => ({ ...oktaApiToken }) },
    { name: "Okta, a service app", type: "okta.ServiceApp", args: ({ oktaServiceApp }) => ({ ...oktaServiceApp }) },
    { name: "CrowdStrike", type: "crowdstrike.ApiClient", args: ({ crowdstrike }) => ({ ...crowdstrike }) },
    {
        name: "Datadog, an access token",
        type: "datadog.ServiceAccessToken",
        args: ({ datadogToken }) => ({ ...datadogToken }),
    },
    { name: "Datadog, two keys", type: "datadog.Keys", args: ({ datadogKeys }) => ({ ...datadogKeys }) },
    { name: "Snyk, a token", type: "snyk.ServiceAccount", args: ({ snyk }) => ({ ...snyk }) },
    { name: "Snyk, OAuth 2.0", type: "snyk.ServiceAccount", args: ({ snykOAuth }) => ({ ...snykOAuth }) },
    {
        name: "Cloudflare, an account's own token",
        type: "cloudflare.ApiToken",
        args: ({ cloudflare }) => ({ ...cloudflare }),
    },
    {
        name: "Cloudflare, a user's token",
        type: "cloudflare.ApiToken",
        args: ({ cloudflareUser }) => ({ ...cloudflareUser }),
    },
    { name: "Slack", type: "slack.BotToken", args: ({ slack }) => ({ ...slack }) },
    {
        name: "Slack, in an organisation",
        type: "slack.BotToken",
        args: ({ slackEnterprise }) => ({ ...slackEnterprise }),
    },
    { name: "Kandji", type: "kandji.ApiToken", args: ({ kandji }) => ({ ...kandji }) },
    { name: "Kandji, EU", type: "kandji.ApiToken", args: ({ kandjiEu }) => ({ ...kandjiEu }) },
    {
        name: "Confluence Data Center, a service account",
        type: dataCenterType,
        args: ({ confluenceServiceAccount }) => ({ ...confluenceServiceAccount }),
    },
];

/**
 * What a connection cannot do without, and why. Everything else that a vendor answers may be null, or may not be there.
 */
const needed: Readonly<Record<string, string>> = {
    "POST /oauth2/token /access_token": "the access token of JumpCloud: every other call is made with it",
    "POST /api/oauth/token /access_token":
        "the access token of Jamf Pro, from the last of the two paths that are asked for one: every other call is made with it",
    "POST /oauth/token /access_token": "the access token of Atlassian: every other call is made with it",
    "GET /api/v1/jamf-pro-version /version": "the version: whether Jamf Pro is new enough is what it is asked for",
    "GET /oauth/token/accessible-resources /*/id":
        "the Cloud IDs: one stands in every address of a site behind the gateway",
    "GET /oauth/token/accessible-resources /*": "the same: where every site is null, no Cloud ID is left",
    "POST /rest/oauth2/latest/token /access_token":
        "the access token of a Jira Data Center: every other call is made with it",
    "POST /confluence/rest/oauth2/latest/token /access_token":
        "the access token of a Confluence Data Center: every other call is made with it",
    "GET /confluence/rest/api/space /results": "the list of spaces: an answer without it may be that of any server",
    "GET /api/v4/personal_access_tokens/self /id":
        "the number of a GitLab token: an answer without it may be that of any server",
    "POST /ID/oauth2/v2.0/token /access_token":
        "the access token of Microsoft Entra ID: it names tenant, account and permissions",
    "GET /.well-known/okta-organization /id":
        "the ID of an Okta organisation: without it no secret is sent to the address",
    "GET /api/v1/users/me /id": "the user of an Okta token: an answer without it may be that of any server",
    "POST /oauth2/v1/token /access_token": "the access token of Okta: every other call is made with it",
    "GET /api/v2/current_user /data": "the user of Datadog: an answer without it may be that of any server",
    "GET /api/v2/current_user /data/id": "the same",
    "GET /rest/self /data": "the account of Snyk: an answer without it may be that of any server",
    "GET /rest/self /data/id": "the same",
    "GET /client/v4/user/tokens/verify /result":
        "the state of a Cloudflare token: whether it is active is what the call is made for",
    "GET /client/v4/user/tokens/verify /result/id": "the same",
    "GET /client/v4/user/tokens/verify /result/status": "the same",
    "GET /client/v4/accounts/ID/tokens/verify /result": "the same of an account's own token",
    "GET /client/v4/accounts/ID/tokens/verify /result/id": "the same",
    "GET /client/v4/accounts/ID/tokens/verify /result/status": "the same",
    "POST /api/auth.test /ok": "whether Slack accepts the token: with HTTP 200 nothing else says it",
    "GET /api/v1/settings/licensing /counts":
        "the counts of a Kandji tenant: an answer without them may be that of any server",
    "GET /user /id": "the number of a GitHub user: an answer without it may be that of any server",
    "GET /api/v3/user /id": "the same at an Enterprise Server",
    "GET /_edge/tenant_info /cloudId": "the Cloud ID of a site that is named by its subdomain",
};

/** A field of an answer, as it is made null or left out. */
interface Field {
    readonly origin: string;
    readonly method: string;
    readonly path: string;
    readonly pointer: string;
    readonly as: "null" | "missing";
}

const part = (name: string): string => name.replace(/~/g, "~0").replace(/\//g, "~1");

/** Pointers to all that stands in a value, with an asterisk for every item of a list at once; the first of several items alone as well. */
function pointersIn(value: unknown, at = ""): string[] {
    if (Array.isArray(value)) {
        const items = value.flatMap((item) => pointersIn(item, `${at}/*`));
        const first = value.length > 1 ? [`${at}/0`, ...pointersIn(value[0], `${at}/0`)] : [];
        return [...(value.length > 0 ? [`${at}/*`] : []), ...items, ...first];
    }
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([name, inner]) => [
        `${at}/${part(name)}`,
        ...pointersIn(inner, `${at}/${part(name)}`),
    ]);
}

/** An item of a list, or of the map of a GitHub app's permissions: a missing one is not granted. */
const isItem = (pointer: string): boolean => /\/(\*|0)$/.test(pointer) || /^\/permissions\/[^/]+$/.test(pointer);
const keyOf = ({ method, path, pointer }: Field): string =>
    `${method} ${path.replace(/^\/ex\/(\w+)\/[0-9a-f-]+/, "$1:").replace(/\b([0-9a-f-]{36}|[0-9a-f]{32})\b/, "ID")} ${pointer}`;

/** What came of a verification in which one field was not told. */
interface Outcome {
    readonly field: string;
    readonly as: Field["as"];
    readonly seen: Seen;
    /** The status with what is on record from a verification in which all was told, and the other way round. */
    readonly later: readonly string[];
}

/** What a verification makes known, and nobody is told of where the vendor does not report it: an organisation may well have no name. */
const mayBeNone = [
    ...["organizationName", "tokenLifetimeSeconds", "version", "serverTitle"],
    ...["tokenName", "defaultOrganizationId", "appSlug", "accountName"],
    ...["teamName", "teamUrl", "enterpriseId", "botId", "appId"],
];

/** The outputs that are known in one observation and not in another; of scopes and privileges those that the program requires. */
function lost(from: Seen, to: Seen, required: readonly string[]): string[] {
    const names = Object.keys(from.outputs).filter(
        (name) => from.outputs[name] !== undefined && to.outputs[name] === undefined,
    );
    const scopes = (from.grantedScopes ?? []).filter(
        (scope) => required.includes(scope) && to.grantedScopes?.includes(scope) !== true,
    );
    return [...names, ...scopes, ...(from.account !== undefined && to.account === undefined ? ["account"] : [])].filter(
        (name) => !mayBeNone.includes(name),
    );
}

const resultsOf = ({ checks }: Seen, result: string): string[] =>
    Object.keys(checks).filter((name) => checks[name]?.result === result);

const vendorTypes = connectionTypes.filter(({ vendor }) => !["http", "oauth2"].includes(vendor));

describe("What a vendor does not report", () => {
    let vendors: Vendors;
    let dataCenter: DataCenter;
    const outcomes = new Map<string, Outcome[]>();
    const complete = new Map<string, Seen>();

    const credentials = (): Credentials => ({ ...vendors.credentials, ...dataCenter.credentials });
    const serversOf = ({ type }: Form): Vendors | DataCenter => (type === dataCenterType ? dataCenter : vendors);
    const listenerAt = (servers: Vendors | DataCenter, origin: string): VendorListener =>
        "listener" in servers
            ? servers.listener(origin)
            : servers.jira.listener.endpoints[origin] === undefined
              ? servers.confluence.listener
              : servers.jira.listener;

    const connectionOf = ({ type }: Form): ConnectionType => typeNamed(type);

    const judgedOf = (form: Form): Record<string, unknown> =>
        connectionOf(form).arguments.validate(form.args(credentials())).args?.given as Record<string, unknown>;

    async function observed(form: Form): Promise<VerificationResult> {
        const session = new Session({ endpoints: serversOf(form).endpoints, verify: undefined });
        const { result, problems } = await verifyStandalone(connectionOf(form), form.args(credentials()), session);
        if (result === undefined) {
            throw new Error(`${form.name}: ${problems.map(({ message }) => message).join(" ")}`);
        }
        return result;
    }

    /** What is to be recorded of an observation. */
    const planOf = (form: Form, { tenants }: VerificationResult, prior?: PriorState): ReturnType<typeof plan> =>
        plan({
            type: connectionOf(form),
            args: judgedOf(form),
            derived: {},
            prior,
            changed: [],
            isNewCredential: prior === undefined,
            tenants,
            now: Date.now(),
        });

    const priorOf = (form: Form, { outputs, identity, status }: ReturnType<typeof plan>): PriorState => ({
        ...{ args: judgedOf(form), outputs, identity, status, verifiedAt: undefined },
        ...{ since: undefined, accepted: false, ignored: [], sealed: [], secretOutputs: [], replaceOn: [] },
    });

    /** Every field of every JSON answer that a verification gets. */
    function answered({ requests }: Vendors | DataCenter): Field[] {
        const fields = [...requests].flatMap(({ origin, method, path, answer }) => {
            const pointers = /json/.test(String(answer?.headers?.["content-type"]))
                ? pointersIn(JSON.parse(String(answer?.body)))
                : [];
            return pointers.flatMap((pointer) =>
                (isItem(pointer) ? (["null"] as const) : (["null", "missing"] as const)).map((as) => ({
                    origin,
                    method,
                    path: path.split("?", 1)[0] ?? "",
                    pointer,
                    as,
                })),
            );
        });
        return [...new Map(fields.map((field) => [JSON.stringify(field), field])).values()];
    }

    async function fill(form: Form): Promise<void> {
        serversOf(form).requests.clear();
        const before = await observed(form);
        const fields = answered(serversOf(form));
        const recorded = priorOf(form, planOf(form, before));
        const found: Outcome[] = [];
        for (const field of fields) {
            const { origin, method, path, pointer, as } = field;
            const fault = listenerAt(serversOf(form), origin).fault({
                kind: "omit",
                method,
                path: new RegExp(`^${path.replace(/[()'.]/g, "\\$&")}(\\?|$)`),
                field: pointer,
                as,
            });
            const observation = await observed(form);
            fault.remove();
            const then = planOf(form, observation, recorded);
            const again =
                then.status === "verified" ? planOf(form, before, priorOf(form, planOf(form, observation))) : then;
            found.push({
                field: keyOf(field),
                as,
                seen: observation.tenants[0] as Seen,
                later: [then.status, again.status],
            });
        }
        complete.set(form.name, before.tenants[0] as Seen);
        outcomes.set(form.name, found);
    }

    beforeAll(async () => {
        vendors = await startVendors();
        dataCenter = await startDataCenter();
        for (const form of forms) {
            await fill(form);
        }
    });
    afterAll(() => Promise.all([vendors.close(), dataCenter.close()]));

    /** What of the outcomes holds for a condition, with what was not told. */
    const those = (which: (outcome: Outcome, before: Seen, args: Record<string, unknown>) => unknown): unknown[] =>
        forms.flatMap(({ name, args }) =>
            (outcomes.get(name) ?? []).flatMap((outcome) => {
                const found = which(outcome, complete.get(name) as Seen, args(credentials()));
                return found === undefined || found === false ? [] : [`${name}: ${outcome.field} ${outcome.as}`, found];
            }),
        );
    const told = ({ problems }: Seen): string => problems.map(({ message }) => message).join(" ");

    test("is asked of every class, in each of its forms, with all told at first", () => {
        expect([...complete].map(([name, { status }]) => [name, status])).toEqual(
            forms.map(({ name }) => [name, "verified"]),
        );
        expect([...new Set(forms.map(({ type }) => type))].sort()).toEqual(
            vendorTypes.map(({ label }) => label).sort(),
        );
        expect([...outcomes.values()].flat().length).toBeGreaterThan(480);
    });

    test("is asked for no output in vain: each that a class declares is told in one of its forms", () => {
        const toldBy = ({ label }: ConnectionType): readonly string[] =>
            forms
                .filter(({ type }) => type === label)
                .flatMap(({ name }) => Object.entries(complete.get(name)?.outputs ?? {}))
                .flatMap(([name, value]) => (value === undefined || value === null ? [] : [name]));
        expect(
            vendorTypes.flatMap((type) => {
                const computed = new Set(toldBy(type));
                return type.outputNames.filter((name) => !computed.has(name)).map((name) => `${type.label}.${name}`);
            }),
        ).toEqual([]);
    });

    test("leaves the connection verified, but for the few fields that nothing can be done without", () => {
        expect(
            those(({ field, seen }) => seen.status !== "verified" && !(field in needed) && [seen.status, told(seen)]),
        ).toEqual([]);
        const failing = new Set(
            [...outcomes.values()].flat().flatMap(({ field, seen }) => (seen.status === "verified" ? [] : field)),
        );
        expect([...failing].sort()).toEqual(Object.keys(needed).sort());
        expect(failing.size).toBeLessThanOrEqual(40);
    });

    test("is nothing against the credential where it is needed: nothing is missing there, and no new secret would help", () => {
        const accused = /\b(missing|lacks?|new (secret|credential|token)|refused|role)\b/;
        expect(
            those(
                ({ field, seen }) =>
                    field in needed &&
                    (seen.status !== "unreachable" || accused.test(told(seen))) && [seen.status, told(seen)],
            ),
        ).toEqual([]);
        expect(
            those(
                ({ field, seen }) =>
                    field in needed &&
                    !/(does not report|without an access token|without their Cloud IDs)/.test(told(seen)) &&
                    told(seen),
            ),
        ).toEqual([]);
    });

    test("is unknown with a warning, and no check fails by it", () => {
        expect(
            those(
                ({ seen }) =>
                    seen.status === "verified" &&
                    (resultsOf(seen, "failed").length > 0 || seen.problems.length > 0) &&
                    seen.checks,
            ),
        ).toEqual([]);
        expect(those(({ seen }) => (seen.missingScopes ?? []).length > 0 && seen.missingScopes)).toEqual([]);
        const unsaid = (
            { seen }: Outcome,
            before: Seen,
            { requiredScopes = [], requiredPrivileges = [] }: Record<string, unknown>,
        ): unknown => {
            const unknown = [
                ...lost(before, seen, [requiredScopes, requiredPrivileges].flat() as string[]),
                ...resultsOf(seen, "unknown").filter((name) => before.checks[name]?.result !== "unknown"),
            ];
            return (
                seen.status === "verified" &&
                unknown.length > 0 &&
                seen.warnings.every((text) => before.warnings.includes(text)) &&
                unknown
            );
        };
        expect(those(unsaid)).toEqual([]);
    });

    test("is no other account and no other tenant than the one on record", () => {
        expect(those(({ seen, later }) => later.some((status) => status !== seen.status) && later)).toEqual([]);
    });

    test("of a new client's account leaves nothing of the former client's on record", async () => {
        const form = forms.find(({ name }) => name === "Jamf") as Form;
        const former = planOf(form, await observed(form));
        const { server, client } = vendors.fixture.jamf;
        const { clientId, clientSecret } = server.addClient("another", client.roles);
        const other: Form = { ...form, args: ({ jamf }) => ({ ...jamf, clientId, clientSecret }) };
        const fault = server.listener.fault({ kind: "omit", field: "/account/id" });
        const untold = await observed(other);
        fault.remove();
        const options = {
            type: connectionOf(form),
            args: judgedOf(other),
            derived: {},
            tenants: untold.tenants,
            now: Date.now(),
        };
        const moved = plan({
            ...options,
            prior: priorOf(form, former),
            changed: ["clientId", "clientSecret"],
            isNewCredential: true,
        });
        expect([former.identity.account, moved.identity.account, moved.status]).toEqual([
            String(client.id),
            clientId,
            "verified",
        ]);
        expect(planOf(other, await observed(other), priorOf(other, moved)).status).toBe("verified");
    });

    test.each(["null", "missing"] as const)(
        "of how many organisations there are (%s) does not end their list",
        async (as) => {
            const own = await startVendors();
            try {
                const { multiTenantAccount: account } = own.fixture.jumpcloud;
                const many = Array.from({ length: 200 }, (_, at) =>
                    own.jumpcloud.us.addOrganization(at % 2 === 0 ? null : `Branch ${at}`),
                );
                many.forEach((organization) => account.includeOrganization(organization));
                own.jumpcloud.us.console.fault({
                    kind: "omit",
                    path: /^\/api\/organizations/,
                    field: "/totalCount",
                    as,
                });
                const [last] = [...account.organizations].sort((a, b) => (a.id < b.id ? 1 : -1));
                const given = { clientId: account.clientId, clientSecret: account.clientSecrets[0] };
                const ask = async (args: object): Promise<Seen> => {
                    const session = new Session({ endpoints: own.endpoints, verify: undefined });
                    return (await verifyStandalone(connectionOf(forms[0] as Form), { ...given, ...args }, session))
                        .result?.tenants[0] as Seen;
                };
                expect(await ask({ organizationId: last?.id })).toMatchObject({
                    status: "verified",
                    checks: { organization: { result: "passed" } },
                });
                const [warning = ""] = (await ask({})).warnings;
                const sorted = [...account.organizations].sort((a, b) => (a.id < b.id ? -1 : 1));
                expect(warning.match(/[0-9a-f]{24}/g)).toEqual(sorted.slice(0, 20).map(({ id }) => id));
                expect(warning).toContain(` and ${sorted.length - 20} more.`);
                // An organisation without a name is called by its id alone.
                const nameless = many.map(({ id }) => id).find((id) => warning.includes(`, ${id}`));
                expect(nameless).toBeDefined();
            } finally {
                await own.close();
            }
        },
    );

    test("leaves the functions of Atlassian an answer as well", async () => {
        const session = (): Session => new Session({ endpoints: vendors.endpoints, verify: undefined });
        const { acme, sandbox } = vendors.fixture.atlassian;
        const { clientId, clientSecret } = vendors.credentials.atlassianOAuth;
        const run = {
            getSites: async () => {
                const { sites } = (await functionOf("atlassian:getSites")!(
                    { clientId, clientSecret },
                    session(),
                )) as FunctionResult<typeof getSites>;
                return sites.map(({ cloudId, url }) => [cloudId, url]);
            },
            getTenantInfo: async () => [
                Object.values(await functionOf("atlassian:getTenantInfo")!({ subdomain: "acme" }, session())),
            ],
        };
        expect(functionNames().map((name) => name.split(":")[1])).toEqual(expect.arrayContaining(Object.keys(run)));
        const sites = [acme, sandbox].map(({ cloudId, url }) => [cloudId, url]);
        const expected = { getSites: sites, getTenantInfo: sites.slice(0, 1) };
        for (const name of ["getSites", "getTenantInfo"] as const) {
            vendors.requests.clear();
            expect(await run[name]()).toEqual(expected[name]);
            for (const field of answered(vendors).filter(({ pointer }) => !pointer.startsWith("/0"))) {
                const { origin, method, path, pointer, as } = field;
                const fault = listenerAt(vendors, origin).fault({ kind: "omit", method, path, field: pointer, as });
                const outcome = await run[name]().catch((error: unknown) => (error as Error).message);
                fault.remove();
                const at = `${name}: ${keyOf(field)} ${as}`;
                expect([at, typeof outcome === "string" ? "refused" : outcome]).toEqual([
                    at,
                    keyOf(field) in needed ? "refused" : expected[name],
                ]);
            }
        }
    });

    test("at a site's own address is a page, which a proxy may have sent: it proves nothing of the site", async () => {
        const verified = async (subdomain: string): Promise<unknown> => {
            const session = new Session({ endpoints: vendors.endpoints, verify: undefined });
            const { email, apiToken } = vendors.credentials.atlassianToken;
            const args = { email, apiToken, subdomain };
            const { result, problems } = await verifyStandalone(
                typeNamed("atlassian.ServiceAccountToken"),
                args,
                session,
            );
            return [result?.tenants[0]?.status, problems.map(({ kind, argument }) => [kind, argument])];
        };
        const page = ["unreachable", [["badAnswer", "subdomain"]]];
        expect(await verified("acm")).toEqual(page);
        const listener = vendors.listener("https://acme.atlassian.net");
        const answering = (body: string, type: string): unknown =>
            listener.fault({ kind: "status", status: 404, headers: { "content-type": type }, body });
        answering("<html><body>Blocked by the gateway</body></html>", "text/html");
        expect(await verified("acme")).toEqual(page);
        vendors.clearFaults();
        answering('{"code":404}', "application/json");
        expect(await verified("acme")).toEqual(["insufficient", [["siteMissing", "subdomain"]]]);
        vendors.clearFaults();
    });
});
