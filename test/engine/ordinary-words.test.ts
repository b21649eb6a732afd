import { Lab, succeeded, type Declared } from "../support/programs";
import { startConnectProxy, type ConnectProxy } from "../simulators/vendors";

/** Passwords that are words of ours as well: a status, the result of a check, the name of one, a part of a vendor's host, a word of a sentence. */
const words = ["verified", "passed", "credential", "atlassian", "api.atlassian.com", "account"];

describe("A secret that is an ordinary word takes nothing away that is ours", () => {
    let lab: Lab;
    const proxies: ConnectProxy[] = [];
    const declared = (other = ""): Record<string, Declared> => {
        const { jiraConnector, jumpcloud } = lab.vendors.credentials;
        return Object.fromEntries(
            words.flatMap((word, at): [string, Declared][] => {
                const proxyUrl = `http://broker:${encodeURIComponent(`${word}${other}`)}@${new URL(proxies[at]?.url ?? "").host}`;
                const directory = { clientId: jumpcloud.clientId, clientSecret: jumpcloud.clientSecret };
                return [
                    [`issues${at}`, { type: "atlassian.JiraConnector", args: { ...jiraConnector, proxyUrl } }],
                    [`directory${at}`, { type: "jumpcloud.ServiceAccount", args: { ...directory, proxyUrl } }],
                ];
            }),
        );
    };
    type Facts = Record<string, { results: [string, string][]; [name: string]: unknown }>;
    const ownFacts = async (): Promise<Facts> =>
        Object.fromEntries(
            Object.entries(await lab.recorded()).map(([name, { outputs }]) => {
                const { status, hostUrl, cloudId, apiUrl, apiV2Url, tokenUrl, checks } = outputs;
                const results = Object.entries(checks as Record<string, { result: string }>).map(
                    ([check, { result }]): [string, string] => [check, result],
                );
                return [name, { status, hostUrl, cloudId, apiUrl, apiV2Url, tokenUrl, results }];
            }),
        );

    beforeAll(async () => {
        lab = await Lab.start({ name: "ordinary-words" });
        // A proxy that asks nobody for a password takes each.
        proxies.push(...(await Promise.all(words.map(() => startConnectProxy()))));
    });
    afterAll(async () => {
        await Promise.all(proxies.map((proxy) => proxy.close()));
        await lab.dispose();
    });

    test("status, checks and endpoints are recorded as without it", async () => {
        const plain = Object.fromEntries(
            Object.entries(declared()).map(([name, { type, args }]) => [
                name,
                { type, args: { ...args, proxyUrl: undefined } },
            ]),
        );
        lab.declare({ connections: plain });
        succeeded(await lab.up());
        const expected = await ownFacts();
        expect(JSON.stringify(expected)).toMatch(/"hostUrl":"https:\/\/api\.atlassian\.com\/ex\/jira\//);
        lab.declare({ connections: declared() });
        succeeded(await lab.up());
        // The site's own address comes over the wire, where this word is taken out of it: whose site it is, is not known then.
        const site = expected[`issues${words.indexOf("atlassian")}`]?.results.find(([check]) => check === "site");
        expect(site).toEqual(["site", "passed"]);
        site?.splice(1, 1, "unknown");
        expect(await ownFacts()).toEqual(expected);
        expect(JSON.stringify(expected)).not.toContain("[secret]");
        succeeded(await lab.preview("--expect-no-changes"));
        succeeded(await lab.project.run(["refresh", "--yes", "--expect-no-changes"]));
    });

    test("another password is no other tenant", async () => {
        lab.declare({ connections: declared("-rotated") });
        const preview = succeeded(await lab.preview());
        expect(preview).not.toMatch(/tenantChanged|to replace|another (site|account|organisation)/);
        succeeded(await lab.up());
        expect(Object.values(await lab.recorded()).map(({ outputs }) => outputs["status"])).toEqual(
            words.flatMap(() => ["verified", "verified"]),
        );
        await lab.settled();
    });
});
