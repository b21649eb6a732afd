// What people paste in the place of an address or a secret, and what vendors say then.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { secretFrom } from "../../provider/core/secrets";
import { startDataCenter, type DataCenter } from "../simulators/atlassian-data-center";
import { startGenericApi, type GenericApi } from "../simulators/generic";
import { startVendors, type FaultKind, type Vendors } from "../simulators/vendors";
import { typeNamed, verifierOf, type Verified } from "../support/types";

let vendors: Vendors;
let dataCenter: DataCenter;
let api: GenericApi;

beforeAll(async () => {
    [vendors, dataCenter, api] = await Promise.all([startVendors(), startDataCenter(), startGenericApi()]);
});

beforeEach(() => {
    vendors.clearFaults();
    [dataCenter.jira.listener, dataCenter.confluence.listener, api.api].forEach((one) => one.clearFaults());
});

afterAll(() => Promise.all([vendors.close(), dataCenter.close(), api.close()]));

const verify = (label: string, args: object): Promise<Verified> =>
    verifierOf({ ...vendors.endpoints, ...dataCenter.endpoints, ...api.endpoints })(label, args);
const statusesOf = ({ tenants }: Verified): string[] => tenants.map(({ status }) => status);
const newSecret = /(create|generate|make|activate|renew) (a )?(new|another)|new (secret|token)/i;

describe("An address", () => {
    /** The argument as it is recorded, or what is wrong with it. */
    const judged = (label: string, args: Record<string, unknown>, name: string): unknown => {
        const { args: accepted, problems } = typeNamed(label).arguments.validate(args);
        return (
            accepted?.given[name] ?? problems.map(({ argument = "", message }) => `${argument}: ${message}`).join("\n")
        );
    };
    const jamf = (url: string): unknown =>
        judged(
            "jamf.ApiClient",
            { url, clientId: "6841a8be-5733-4eba-a565-0fd059a797eb", clientSecret: "s3cr3t-s3cr3t" },
            "url",
        );
    const cloud = (siteUrl: string): unknown =>
        judged(
            "atlassian.JiraUserToken",
            { siteUrl, username: "noor@acme.example", apiToken: "token-0123456789" },
            "siteUrl",
        );
    const server = (siteUrl: string): unknown =>
        judged("atlassian.JiraUserToken", { siteUrl, apiToken: "token-0123456789" }, "siteUrl");
    const serviceAccount = (url: string): unknown =>
        judged(
            "atlassian.DataCenterServiceAccount",
            { url, product: "jira", clientId: "c", clientSecret: "s3cr3t-s3cr3t" },
            "url",
        );

    test.each<[(text: string) => unknown, string, string]>([
        [jamf, "https://acme.jamfcloud.com/JSSResource", "https://acme.jamfcloud.com"],
        [jamf, "https://acme.jamfcloud.com/api/", "https://acme.jamfcloud.com"],
        [jamf, "https://acme.jamfcloud.com/api/v1/oauth/token", "https://acme.jamfcloud.com"],
        [jamf, "https://acme.jamfcloud.com/index.html", "https://acme.jamfcloud.com"],
        [jamf, "https://jamf.example.com:8443/jss/JSSResource/computers", "https://jamf.example.com:8443/jss"],
        [jamf, "https://jamf.example.com:8443/api/oauth/token", "https://jamf.example.com:8443"],
        [jamf, "https://jamf.example.com/jss/computers.html", "https://jamf.example.com/jss"],
        [jamf, "https://jamf.example.com/jss", "https://jamf.example.com/jss"],
        [cloud, "https://acme.atlassian.net/jira/software/projects/A/boards/1", "https://acme.atlassian.net"],
        [cloud, "https://acme.atlassian.net/browse/A-1", "https://acme.atlassian.net"],
        [cloud, "https://acme.atlassian.net/wiki", "https://acme.atlassian.net"],
        [server, "https://jira.example.com/secure/Dashboard.jspa", "https://jira.example.com"],
        [
            server,
            "https://intranet.example.com/jira/secure/admin/ViewApplicationProperties.jspa",
            "https://intranet.example.com/jira",
        ],
        [server, "https://intranet.example.com/jira/login.jsp", "https://intranet.example.com/jira"],
        [server, "https://jira.example.com/browse/ACME-1", "https://jira.example.com"],
        [server, "https://jira.example.com/projects/ACME/issues/ACME-1", "https://jira.example.com"],
        [server, "https://jira.example.com/rest/api/2", "https://jira.example.com"],
        [server, "https://intranet.example.com/projects/jira", "https://intranet.example.com/projects/jira"],
        [serviceAccount, "https://jira.example.com/secure/Dashboard.jspa", "https://jira.example.com"],
        [
            serviceAccount,
            "https://intranet.example.com/wiki/pages/viewpage.action",
            "https://intranet.example.com/wiki",
        ],
        [
            serviceAccount,
            "https://intranet.example.com/wiki/rest/oauth2/latest/token",
            "https://intranet.example.com/wiki",
        ],
    ])("of a page or a call is put right: %#: %s", (judge, text, recorded) => {
        expect(judge(text)).toBe(recorded);
        expect(judge(recorded)).toBe(recorded);
    });

    test.each<[(text: string) => unknown, string]>([
        [cloud, "https://api.atlassian.com/ex/jira/0e4f0a39-5f4b-4b7f-9f2d-a9f0b0b0a001"],
        [server, "https://api.atlassian-us-gov-mod.com/ex/jira/0e4f0a39-5f4b-4b7f-9f2d-a9f0b0b0a001"],
        [cloud, "https://admin.atlassian.com/s/0e4f0a39-5f4b-4b7f-9f2d-a9f0b0b0a001"],
        [serviceAccount, "https://api.atlassian.com"],
    ])("of Atlassian's own is no site: %#: %s", (judge, text) => {
        expect(judge(text)).toMatch(/^(siteUrl|url): is a host of Atlassian's own/);
    });

    test("that a closed list has is taken with blanks around it", () => {
        const region = (text: string): unknown =>
            judged(
                "jumpcloud.ServiceAccount",
                { clientId: "c", clientSecret: "s3cr3t-s3cr3t", region: text },
                "region",
            );
        expect([" eu", "EU\n", "\tin "].map(region)).toEqual(["eu", "eu", "in"]);
        expect(region("e u")).toMatch(/^region: must be us, eu or in/);
    });
});

describe("A secret", () => {
    const url = "https://api.example.com/v1/me";
    const classes: [string, () => Record<string, unknown>, string][] = [
        ["oauth2.ClientCredentials", () => api.credentials.oauthBasic, "clientSecret"],
        ["http.ApiKey", () => api.credentials.headerKey, "key"],
        ["http.Basic", () => api.credentials.basic, "password"],
        ["http.Bearer", () => api.credentials.bearer, "token"],
    ];
    const pasted: [string, (secret: string) => string, RegExp][] = [
        ["Bearer", (secret) => `Bearer ${secret}`, /begins with the name of a scheme/],
        ["token", (secret) => `token ${secret}`, /begins with the name of a scheme/],
        ["quotes", (secret) => `"${secret}"`, /is in quotation marks/],
        ["single quotes", (secret) => `'${secret}'`, /is in quotation marks/],
        ["a name", (secret) => `ACME_SECRET=${secret}`, /begins with a name and =/],
        ["a line of a shell", (secret) => `export acme_secret=${secret}`, /begins with a name and =/],
    ];

    describe.each(classes)("of %s", (label, credentials, name) => {
        test.each(pasted)("with %s is sent, and the refusal says so", async (_, paste, says) => {
            const args = credentials();
            const secret = paste(String(args[name]));
            const probe = { url };
            const refused = await verify(label, { ...args, [name]: secret, probe });
            expect({ statuses: statusesOf(refused), messages: refused.messages }).toEqual({
                statuses: ["rejected"],
                messages: [expect.stringMatching(says)],
            });
            expect(refused.messages[0]).toContain(`The secret in ${name} `);
            expect(refused.messages[0]).not.toMatch(newSecret);
            expect(refused.messages[0]).not.toContain(String(args[name]).slice(0, 12));
        });

        test("with what nothing shows is sent where that can be, and never is a reason for a new one", async () => {
            const args = credentials();
            const { tenants, messages } = await verify(label, {
                ...args,
                [name]: `${String(args[name])}\u200b`,
                probe: { url },
            });
            const isInHeader = ["key", "token"].includes(name);
            expect(tenants.map(({ status }) => status)).toEqual([isInHeader ? "unreachable" : "rejected"]);
            expect(messages).toEqual([expect.stringMatching(/holds a character that nothing shows/)]);
            expect(messages[0]).not.toMatch(newSecret);
        });
    });

    test("that is refused as it is keeps the advice of a new one", async () => {
        const { messages } = await verify("http.Bearer", { token: "other-0123456789==", probe: { url } });
        expect(messages).toEqual([expect.stringMatching(/Make a new token\. \[[a-z-]+\]$/)]);
    });

    test("of Atlassian's, which ends with = and a checksum, has no name before it, and one may stand before that", async () => {
        const apiToken = `ATSTT3xFfGF0${"aB3_".repeat(32)}=1A2B3C4D`;
        const messageFor = async (token: string): Promise<string> => {
            const { atlassianToken } = vendors.credentials;
            const { messages } = await verify("atlassian.ServiceAccountToken", { ...atlassianToken, apiToken: token });
            return messages.join();
        };
        expect(await messageFor(apiToken)).toMatch(/Create a new API token/);
        expect(await messageFor(`JIRA_TOKEN=${apiToken}`)).toMatch(/begins with a name and =/);
    });

    test.each<[string, (secret: string) => Buffer, RegExp]>([
        [
            "UTF-16",
            (secret) => Buffer.from(`\ufeff${secret}\r\n`, "utf16le"),
            /as a text in UTF-16 does, which PowerShell writes/,
        ],
        ["a byte order mark", (secret) => Buffer.from(`\ufeff${secret}\r\n`), /begins with a byte order mark/],
    ])("in a file with %s is told apart from a wrong one", async (_, bytes, says) => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pasted-"));
        const file = path.join(folder, "secret");
        fs.writeFileSync(file, bytes(api.credentials.bearer.token));
        const { messages } = await verify("http.Bearer", { token: secretFrom.file(file), probe: { url } });
        fs.rmSync(folder, { recursive: true });
        expect(messages).toEqual([expect.stringMatching(says)]);
        expect(messages[0]).not.toMatch(newSecret);
    });
});

describe("Atlassian", () => {
    const page: FaultKind = { kind: "html", status: 403 };
    const session: FaultKind = {
        kind: "status",
        status: 403,
        body: { error: "Failed to parse Connect Session Auth Token" },
    };
    const captcha = (status: number): FaultKind => ({
        kind: "status",
        status,
        headers: {
            "x-authentication-denied-reason": "CAPTCHA_CHALLENGE; login-url=https://jira.acme.example/login.jsp",
        },
        body: "Basic Authentication Failure",
    });

    test("a cloud site behind a domain of its own is told by its words", async () => {
        const { jiraDataCenter } = vendors.credentials;
        vendors.listener(new URL(jiraDataCenter.siteUrl).origin).fault(session);
        const person = await verify("atlassian.JiraUserToken", jiraDataCenter);
        expect(person.tenants[0]?.problems).toMatchObject([{ kind: "siteMissing", argument: "siteUrl" }]);
        expect(person.messages[0]).toMatch(
            /a site in Atlassian's cloud behind a domain .* under atlassian\.net.* JiraConnector/,
        );
        const { messages } = await verify("atlassian.JiraUserToken", {
            ...jiraDataCenter,
            username: "noor@acme.example",
        });
        expect(messages[0]).toMatch(
            /^username: is not for a Data Center.* behind a domain of its own.* atlassian\.net/,
        );
        dataCenter.jira.listener.fault({ ...session, path: /serverInfo/ });
        const account = await verify("atlassian.DataCenterServiceAccount", dataCenter.credentials.jiraServiceAccount);
        expect(account.messages).toEqual([
            expect.stringMatching(/^url: this is a site in Atlassian's cloud.*ServiceAccountOAuth/),
        ]);
    });

    test.each([401, 403])("a CAPTCHA is for a person to solve, HTTP %i", async (status) => {
        for (const name of ["jiraDataCenter", "jiraUserToken"] as const) {
            const args = vendors.credentials[name];
            vendors.listener(new URL(args.siteUrl).origin).fault(captcha(status));
            const { tenants, messages } = await verify("atlassian.JiraUserToken", args);
            expect(tenants.map((one) => one.status)).toEqual(["rejected"]);
            expect(messages).toEqual([expect.stringMatching(/until a person has logged in once .*CAPTCHA_CHALLENGE/)]);
            expect(messages[0]).not.toMatch(newSecret);
        }
    });

    test.each([400, 403, 404])(
        "a page is called one, and is nothing against the credential, HTTP %i",
        async (status) => {
            const { jiraDataCenter, jiraConnector, atlassianToken } = vendors.credentials;
            vendors.listeners.forEach((listener) =>
                listener.fault({ ...page, status, path: /myself|serverInfo|current/ }),
            );
            dataCenter.jira.listener.fault({ ...page, status, path: /serverInfo/ });
            for (const [label, args] of [
                ["atlassian.JiraUserToken", jiraDataCenter],
                ["atlassian.JiraConnector", jiraConnector],
                ["atlassian.ServiceAccountToken", atlassianToken],
                ["atlassian.DataCenterServiceAccount", dataCenter.credentials.jiraServiceAccount],
            ] as const) {
                const { tenants, messages } = await verify(label, args);
                const isNamed = /DataCenter|UserToken/.test(label);
                expect({ label, statuses: tenants.map((one) => one.status) }).toEqual({
                    label,
                    statuses: ["unreachable"],
                });
                expect(messages[0]).toMatch(
                    isNamed
                        ? /answered with a page of HTML (where the REST API of Jira would be )?\(HTTP \d+\)\. Check (that it is the address of|product, and that url)/
                        : /answered with a page of HTML \(HTTP \d+\)\. Check whether a proxy or a login page/,
                );
            }
        },
    );

    test.each<[string, unknown]>([
        ["nothing", {}],
        ["an error", { errorMessages: ["no"], errors: {} }],
        ["null", { version: null, serverTitle: null }],
    ])("a Data Center that tells %s of itself has passed no check", async (_, body) => {
        dataCenter.jira.listener.fault({ kind: "status", status: 200, body, path: /serverInfo/ });
        const { tenants } = await verify(
            "atlassian.DataCenterServiceAccount",
            dataCenter.credentials.jiraServiceAccount,
        );
        expect(tenants).toMatchObject([{ status: "unreachable", checks: { api: { result: "unknown" } } }]);
    });
});

describe("JumpCloud", () => {
    const console = "https://console.jumpcloud.com";
    const words = { message: "Unauthorized: no organization selected" };

    test("asks which organisation is meant", async () => {
        vendors.listener(console).fault({ kind: "status", status: 401, body: words, path: /organizations/ });
        const { organizationId: _, ...args } = vendors.credentials.jumpcloudMultiTenant;
        const { tenants, messages } = await verify("jumpcloud.ServiceAccount", args);
        expect(tenants.map(({ status }) => status)).toEqual(["insufficient"]);
        expect(messages).toEqual([
            expect.stringMatching(/^organizationId: JumpCloud needs to know which organisation is meant/),
        ]);
        expect(await verify("jumpcloud.ServiceAccount", vendors.credentials.jumpcloudMultiTenant)).toMatchObject({
            tenants: [{ status: "verified", checks: { organizationAccess: { result: "passed" } } }],
        });
    });

    test.each([400, 401, 404])("does not reach what it lists: that is unknown, HTTP %i", async (status) => {
        vendors.listener(console).fault({ kind: "status", status, body: {}, path: /directories/ });
        const { tenants, messages } = await verify(
            "jumpcloud.ServiceAccount",
            vendors.credentials.jumpcloudMultiTenant,
        );
        expect({ tenants, messages }).toMatchObject({
            tenants: [{ status: "verified", checks: { organizationAccess: { result: "unknown" } } }],
            messages: [],
        });
        expect(tenants[0]?.warnings.join()).toMatch(/and refuses to list its directories/);
    });

    test.each([400, 404])("is not what answers with a page, HTTP %i", async (status) => {
        vendors.listener(console).fault({ kind: "html", status, path: /directories/ });
        const { tenants } = await verify("jumpcloud.ServiceAccount", vendors.credentials.jumpcloudMultiTenant);
        expect(tenants.map((one) => one.status)).toEqual(["unreachable"]);
    });
});
