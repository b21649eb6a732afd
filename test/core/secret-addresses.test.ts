import { describe as sentenceOf } from "../../provider/core/problems";
import { Session } from "../../provider/core/session";
import { verifyStandalone, type Standalone } from "../../provider/core/verified";
import { connectionHandler } from "../../provider/core/lifecycle";
import { typeNamed } from "../support/types";
import { startConnectProxy, startVendors, type ConnectProxy, type Vendors } from "../simulators/vendors";

const planted = "hunter2-hunter2";
const cloudId = "00000000-aaaa-4bbb-8ccc-123456789012";
const clientId = "5a1f8b5e-0000-4000-8000-0123456789ab";

type Args = Record<string, unknown>;

/** Each with the argument that names an address, and the one whose secret stands in it. */
const refused: readonly (readonly [type: string, argument: string, holder: string, args: Args])[] = [
    [
        "jamf.ApiClient",
        "url",
        "the secret of clientSecret",
        { url: `https://${planted}.example.com`, clientId, clientSecret: planted },
    ],
    [
        "jamf.ApiClient",
        "url",
        "the secret of clientSecret",
        { url: `https://jamf.example.com/${planted.toUpperCase()}`, clientId, clientSecret: planted },
    ],
    [
        "jamf.ApiClient",
        "url",
        "the secret of clientSecret",
        {
            url: `https://jamf.example.com/${Buffer.from(planted).toString("base64url")}`,
            clientId,
            clientSecret: planted,
        },
    ],
    [
        "jamf.ApiClient",
        "url",
        "the password of proxyUrl",
        {
            url: `https://${planted}.jamfcloud.com`,
            clientId,
            clientSecret: "another-one",
            proxyUrl: `http://user:${planted}@127.0.0.1:9`,
        },
    ],
    [
        "atlassian.JiraConnector",
        "hostUrl",
        "the secret of apiToken",
        { hostUrl: `https://api.atlassian.com/ex/jira/${cloudId}`, apiToken: cloudId },
    ],
    ["atlassian.JiraConnector", "subdomain", "the secret of apiToken", { subdomain: planted, apiToken: planted }],
    [
        "atlassian.JiraUserToken",
        "siteUrl",
        "the secret of apiToken",
        { siteUrl: `https://${planted}.atlassian.net`, username: "ada@example.com", apiToken: planted },
    ],
    [
        "oauth2.ClientCredentials",
        "tokenUrl",
        "the secret of clientSecret",
        { tokenUrl: `https://auth.example.com/${planted}/token`, clientId, clientSecret: planted },
    ],
    [
        "http.Bearer",
        "probe.url",
        "the secret of token",
        { token: planted, probe: { url: `https://api.example.com/v1?key=${planted}` } },
    ],
];

const nowhere = { endpoints: {}, verify: "never" } as const;

describe("A secret inside an argument that names an address", () => {
    test.each(refused)(
        "is refused, whether the vendor is asked or not: %s, %s",
        async (type, argument, holder, args) => {
            const handler = connectionHandler(typeNamed(type).definition);
            const warnings: string[] = [];
            const context = {
                session: new Session(nowhere),
                log: { warn: (message: string) => warnings.push(message) },
            };
            const { problems } = await handler.check({ recorded: undefined, declared: args }, context);
            expect(problems.map(({ kind, argument: named }) => [kind, named])).toEqual([["invalidArgument", argument]]);
            const said = problems.map(sentenceOf).join() + warnings.join();
            expect(said).toContain(`${argument}: holds ${holder}.`);
            expect(said.toLowerCase()).not.toContain(planted);
            expect(said).not.toContain(cloudId);
            const standalone = await verifyStandalone(
                typeNamed(type),
                args,
                new Session({ ...nowhere, verify: undefined }),
            );
            expect(standalone.problems.map(({ kind, argument: named }) => [kind, named])).toEqual([
                ["invalidArgument", argument],
            ]);
        },
    );

    test("is seen by reference too", async () => {
        process.env["CONNECTIONS_TEST_PLANTED"] = planted;
        try {
            const args = {
                url: `https://${planted}.example.com`,
                clientId,
                clientSecret: { secretFrom: "env", name: "CONNECTIONS_TEST_PLANTED" },
            };
            const { problems } = await verifyStandalone(
                typeNamed("jamf.ApiClient"),
                args,
                new Session({ ...nowhere, verify: undefined }),
            );
            expect(problems.map(sentenceOf).join()).toContain("url: holds the secret of clientSecret.");
        } finally {
            delete process.env["CONNECTIONS_TEST_PLANTED"];
        }
    });
});

describe("A secret that is a part of a vendor's own host", () => {
    let vendors: Vendors;
    let proxy: ConnectProxy;

    beforeAll(async () => {
        vendors = await startVendors();
        proxy = await startConnectProxy({ username: "broker", password: "atlassian" });
    });

    afterAll(() => Promise.all([vendors.close(), proxy.close()]));

    const through = (type: string, args: object): Promise<Standalone> => {
        const proxyUrl = `http://broker:atlassian@${new URL(proxy.url).host}`;
        return verifyStandalone(
            typeNamed(type),
            { ...args, proxyUrl },
            new Session({ endpoints: vendors.endpoints, verify: undefined }),
        );
    };

    test("says nothing, and endpoints stay whole", async () => {
        const { jiraConnector, jiraUserToken, atlassianToken } = vendors.credentials;
        const connector = await through("atlassian.JiraConnector", {
            apiToken: jiraConnector.apiToken,
            hostUrl: `https://api.atlassian.com/ex/jira/${atlassianToken.cloudId}`,
        });
        expect(connector.problems).toEqual([]);
        expect(connector.result?.tenants[0]).toMatchObject({
            status: "verified",
            outputs: { hostUrl: `https://api.atlassian.com/ex/jira/${atlassianToken.cloudId}` },
        });
        const user = await through("atlassian.JiraUserToken", jiraUserToken);
        expect(user.problems).toEqual([]);
        expect(user.result?.tenants[0]?.outputs["hostUrl"]).toMatch(/^https:\/\/[a-z-]+\.atlassian\.net$/);
    });
});
