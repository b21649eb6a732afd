import fs from "node:fs";
import path from "node:path";
import { Core, type Verified } from "../support/core";
import { startVendors, type VendorListener, type Vendors } from "../simulators/vendors";

/** One answer of a vendor, as it came over the wire. */
interface Recorded {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: unknown;
    readonly recorded?: string;
    readonly teaches?: string;
}

type Seen = NonNullable<Verified["result"]>["tenants"][number];

const folder = path.resolve(__dirname, "../../../../shared/recordings");
const available = fs.existsSync(folder);
if (!available) {
    process.stderr.write(
        `Skipped: recorded answers of the vendors are not in ${path.relative(process.cwd(), folder)}.\n`,
    );
}

const read = (file: string): Recorded[] => JSON.parse(fs.readFileSync(file, "utf8")) as Recorded[];
const recordings = available
    ? ["jumpcloud.json", "jamf.json", "jira.json"].flatMap((name) => read(path.join(folder, name)))
    : [];
// Written for this project, for what the recordings taught.
const fixtures = read(path.resolve(__dirname, "../../../test/fixtures/vendor-answers.json"));

const textOf = ({ body }: Recorded): string => (typeof body === "string" ? body : JSON.stringify(body));
const jsonOf = (one: Recorded): any => JSON.parse(textOf(one));

describe("An answer of a vendor", () => {
    let vendors: Vendors;
    let core: Core;

    beforeAll(() => {
        core = Core.start();
    });
    afterAll(async () => {
        expect(core.astray).toEqual([]);
        await core.close();
    });
    beforeEach(async () => {
        vendors = await startVendors();
    });
    afterEach(() => vendors.close());

    /** What the packed package makes of an answer that comes at a path. */
    async function seen(
        type: string,
        args: object,
        listener: VendorListener,
        one: Recorded,
        at: RegExp,
    ): Promise<{ seen: Seen; told: string }> {
        const fault = listener.fault({
            kind: "status",
            method: one.method,
            path: at,
            status: one.status,
            headers: one.headers,
            body: textOf(one),
        });
        const { value, error } = await core.verify(type, args, vendors.endpoints);
        expect([error, fault.hits > 0]).toEqual([undefined, true]);
        fault.remove();
        return { seen: value?.result?.tenants[0] as Seen, told: (value?.messages ?? []).join("\n") };
    }

    /** What a simulated vendor answers to the same request. */
    async function simulated(origin: string, at: string, authorization: string): Promise<any> {
        return (await fetch(`${vendors.endpoints[origin]}${at}`, { headers: { authorization } })).json();
    }

    const basic = (user: string, password: string): string =>
        `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

    /** What holds for which answers, each of which has to be one of these. */
    const rules: readonly {
        readonly name: string;
        readonly of: (one: Recorded) => boolean;
        readonly holds: (one: Recorded) => Promise<void>;
    }[] = [
        {
            name: "JumpCloud's organisations",
            of: ({ host, path: at }) => host === "console.jumpcloud.com" && at === "/api/organizations",
            holds: async (one) => {
                const [{ _id: id, displayName }] = jsonOf(one).results as [{ _id: string; displayName: string | null }];
                const { clientId, clientSecret } = vendors.credentials.jumpcloud;
                const listener = vendors.jumpcloud.us.console;
                const outputs = {
                    organizationId: id,
                    ...(displayName === null ? {} : { organizationName: displayName }),
                };
                const alone = await seen(
                    "jumpcloud.ServiceAccount",
                    { clientId, clientSecret },
                    listener,
                    one,
                    /^\/api\/organizations/,
                );
                expect(alone).toMatchObject({
                    told: "",
                    seen: { status: "verified", outputs, checks: { organization: { result: "passed" } }, warnings: [] },
                });
                expect("organizationName" in alone.seen.outputs).toBe(displayName !== null);
                // The simulated JumpCloud does not know the organisation.
                listener.fault({
                    kind: "status",
                    path: /^\/api\/v2\/directories/,
                    status: 200,
                    headers: { "content-type": "application/json" },
                    body: "[]",
                });
                const named = await seen(
                    "jumpcloud.ServiceAccount",
                    { clientId, clientSecret, organizationId: id },
                    listener,
                    one,
                    /^\/api\/organizations/,
                );
                expect(named).toMatchObject({
                    told: "",
                    seen: { status: "verified", outputs: { ...outputs, requestHeaders: { "x-org-id": id } } },
                });
            },
        },
        {
            name: "the version of a Jamf Pro that is older than API clients",
            of: ({ path: at }) => at === "/api/v1/jamf-pro-version",
            holds: async (one) => {
                const { version } = jsonOf(one) as { version: string };
                const found = await seen(
                    "jamf.ApiClient",
                    vendors.credentials.jamf,
                    vendors.fixture.jamf.server.listener,
                    one,
                    /jamf-pro-version$/,
                );
                expect(found.seen).toMatchObject({
                    status: "unsupported",
                    outputs: { version },
                    checks: { version: { result: "failed" }, privileges: { result: "passed" } },
                });
                expect(found.told).toBe(
                    `url: Jamf Pro there is ${version}, and 10.49.0 or later is needed. Upgrade the server. [jamf-too-old]`,
                );
            },
        },
        {
            name: "the token of a user's session with Jamf Pro, which the package does not ask for: the simulated one has no users",
            of: ({ path: at }) => at === "/api/v1/auth/token",
            holds: async (one) => {
                expect(Object.keys(jsonOf(one) as object)).toEqual(["token", "expires"]);
            },
        },
        {
            name: "the account of a cloud site",
            of: ({ path: at, status }) => at === "/rest/api/3/myself" && status === 200,
            holds: async (one) => {
                const { accountId, displayName, emailAddress } = jsonOf(one) as Record<string, string>;
                const account = { id: accountId, name: displayName, email: emailAddress };
                const { jiraUserToken, jiraConnector } = vendors.credentials;
                const onSite = await seen(
                    "atlassian.JiraUserToken",
                    jiraUserToken,
                    vendors.fixture.atlassian.acme.listener,
                    one,
                    /myself$/,
                );
                expect(onSite).toMatchObject({ told: "", seen: { status: "verified", account } });
                expect(onSite.seen.warnings).toEqual([expect.stringContaining(`belongs to ${emailAddress}`)]);
                const behind = await seen(
                    "atlassian.JiraConnector",
                    jiraConnector,
                    vendors.atlassian.api,
                    one,
                    /myself$/,
                );
                expect(behind).toMatchObject({ told: "", seen: { status: "verified", account, warnings: [] } });
            },
        },
        {
            name: "a refusal of the account on a cloud site",
            of: ({ path: at, status }) => at === "/rest/api/3/myself" && status === 401,
            holds: async (one) => {
                const found = await seen(
                    "atlassian.JiraUserToken",
                    vendors.credentials.jiraUserToken,
                    vendors.fixture.atlassian.acme.listener,
                    one,
                    /myself$/,
                );
                expect(found.seen).toMatchObject({
                    status: "rejected",
                    problems: [{ kind: "credentialRefused", argument: "apiToken" }],
                });
                expect(found.told).toMatch(
                    /^apiToken: Jira refused the credential at acme\.atlassian\.net.* \(HTTP 401\)\. Create a new API token/,
                );
                // What a vendor writes may hold what was sent.
                expect(found.told).not.toContain(textOf(one).trim());
            },
        },
        {
            name: "what a cloud site tells of itself",
            of: ({ path: at, host }) => at === "/rest/api/3/serverInfo" && /atlassian\.net$/.test(host),
            holds: async (one) => {
                const siteUrl = new URL((jsonOf(one) as { baseUrl: string }).baseUrl).origin;
                const found = await seen(
                    "atlassian.JiraConnector",
                    vendors.credentials.jiraConnector,
                    vendors.atlassian.api,
                    one,
                    /serverInfo$/,
                );
                expect(found).toMatchObject({
                    told: "",
                    seen: { status: "verified", outputs: { siteUrl }, warnings: [] },
                });
            },
        },
        {
            name: "an issue that is made, or is not for want of a project: both prove the scope behind the gateway",
            of: ({ path: at }) => at === "/rest/api/3/issue",
            holds: async (one) => {
                const found = await seen(
                    "atlassian.JiraConnector",
                    vendors.credentials.jiraConnector,
                    vendors.atlassian.api,
                    one,
                    /issue$/,
                );
                expect(found).toMatchObject({
                    told: "",
                    seen: { status: "verified", missingScopes: [], checks: { scopes: { result: "passed" } } },
                });
                expect(found.seen.grantedScopes).toContain("write:jira-work");
            },
        },
        {
            name: "the projects of a cloud site, which the package does not ask for and the simulated site answers in the same shape",
            of: ({ path: at }) => at === "/rest/api/3/project",
            holds: async (one) => {
                const { siteUrl, username, apiToken } = vendors.credentials.jiraUserToken;
                const projects = (await simulated(siteUrl, one.path, basic(username, apiToken))) as object[];
                for (const project of jsonOf(one) as object[]) {
                    expect(projects.map(Object.keys)).toEqual(projects.map(() => Object.keys(project)));
                }
            },
        },
        {
            name: "the account of a Data Center",
            of: ({ path: at }) => at === "/rest/api/2/myself",
            holds: async (one) => {
                const { key, displayName, emailAddress } = jsonOf(one) as Record<string, string>;
                const found = await seen(
                    "atlassian.JiraUserToken",
                    vendors.credentials.jiraDataCenter,
                    vendors.dataCenter.listener,
                    one,
                    /myself$/,
                );
                expect(found).toMatchObject({
                    told: "",
                    seen: {
                        status: "verified",
                        account: { id: key, name: displayName, email: emailAddress },
                        outputs: { deployment: "dataCenter" },
                        warnings: [],
                    },
                });
            },
        },
        {
            name: "what a Data Center tells of itself and of its projects, which the package does not ask for and the simulated one answers in the same shape",
            of: ({ path: at, status }) => /\/rest\/api\/2\/(serverInfo|project)$/.test(at) && status === 200,
            holds: async (one) => {
                const { siteUrl, apiToken } = vendors.credentials.jiraDataCenter;
                const answer = await simulated(siteUrl, one.path.replace("/test/", "/"), `Bearer ${apiToken}`);
                const [ours, theirs] = [answer, jsonOf(one)].map((value: unknown) =>
                    Array.isArray(value) ? (value[0] as object) : (value as object),
                );
                expect(Object.keys(ours ?? {})).toEqual(expect.arrayContaining(Object.keys(theirs ?? {})));
            },
        },
        {
            name: "an issue that a Data Center makes, which the package does not ask for",
            of: ({ path: at }) => at === "/rest/api/2/issue",
            holds: async (one) => {
                expect([one.status, Object.keys(jsonOf(one) as object)]).toEqual([201, ["id", "key", "self"]]);
            },
        },
        {
            name: "a host that is no Jira, or another Jira than was thought",
            of: ({ path: at, status }) => /serverInfo$/.test(at) && (status === 302 || status === 404),
            holds: async (one) => {
                const found = await seen(
                    "atlassian.JiraUserToken",
                    vendors.credentials.jiraDataCenter,
                    vendors.dataCenter.listener,
                    one,
                    /myself$/,
                );
                expect(found.seen.problems).toMatchObject([
                    one.status === 404
                        ? { kind: "badAnswer", argument: "siteUrl" }
                        : { kind: "redirected", argument: "siteUrl" },
                ]);
                expect(found.told).toMatch(
                    one.status === 404
                        ? /^siteUrl: .* answered with a page of HTML \(HTTP 404\)/
                        : /^siteUrl: .*redirects/,
                );
                expect(found.told).not.toMatch(/new (token|API token|secret)/i);
            },
        },
    ];

    const title = (one: Recorded, at: number): string =>
        `${at + 1}: ${one.recorded ?? "written"}, ${one.method} ${one.host}${one.path}, HTTP ${one.status}`;

    describe.each([
        ["that was recorded", recordings],
        ["that was written after the recordings", fixtures],
    ])("%s", (_, list) => {
        const cases = list.map((one, at) => [title(one, at), one] as const);
        (cases.length === 0 ? test.skip : test).each(
            cases.length === 0 ? [["none is here", undefined as unknown as Recorded]] : cases,
        )("%s", async (__, one) => {
            const found = rules.filter(({ of }) => of(one));
            expect(found.map(({ name }) => name)).toHaveLength(1);
            await found[0]?.holds(one);
        });
    });

    test("is here for every rule, whether there are recordings or not", () => {
        const without = rules.filter(({ of }) => !fixtures.some(of)).map(({ name }) => name);
        expect(without).toEqual([
            "the token of a user's session with Jamf Pro, which the package does not ask for: the simulated one has no users",
            "an issue that a Data Center makes, which the package does not ask for",
        ]);
    });
});
