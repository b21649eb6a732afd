import { providePython, runPython } from "../support/python";
import { startVendors, type Vendors } from "../simulators/vendors";

const obstacle = providePython();
if (obstacle !== undefined) {
    process.stderr.write(`Skipped: the Python clients cannot be installed here (${obstacle}).\n`);
}

(obstacle === undefined ? describe : describe.skip)(
    "public Python clients, unmodified, against the simulated vendors",
    () => {
        let vendors: Vendors;
        let results: Record<string, { value?: unknown; error?: string; status?: number | null }>;

        beforeAll(async () => {
            vendors = await startVendors();
            const { credentials, endpoints, fixture } = vendors;
            const { jamf, atlassianToken, jiraUserToken, jiraDataCenter } = credentials;
            const gateway = (product: string): string =>
                `${endpoints["https://api.atlassian.com"]}/ex/${product}/${fixture.atlassian.acme.cloudId}`;
            const server = new URL(endpoints[jamf.url] ?? "");
            results = (await runPython("clients.py", {
                jamf: {
                    host: server.hostname,
                    port: Number(server.port),
                    clientId: jamf.clientId,
                    clientSecret: jamf.clientSecret,
                },
                gateway: { ...atlassianToken, url: gateway("jira"), confluence: `${gateway("confluence")}/wiki` },
                site: { ...jiraUserToken, url: endpoints[jiraUserToken.siteUrl] },
                dataCenter: { ...jiraDataCenter, url: endpoints[jiraDataCenter.siteUrl] },
            })) as typeof results;
        });
        afterAll(() => vendors?.close());

        it("jamf-pro-sdk gets a token and reads the version and whose token it is", () => {
            expect(results["jamf"]).toMatchObject({
                value: {
                    "v1/jamf-pro-version": { version: vendors.fixture.jamf.server.version },
                    "v1/auth": { authenticationType: "CLIENT_CREDENTIALS" },
                },
            });
            expect(results["jamf, wrong secret"]).toEqual({ error: "HTTPError", status: 401 });
        });

        it.each(["jira, Basic", "jira, Bearer", "atlassian, Basic"])(
            "%s: reads the account and the projects behind the gateway",
            (name) => {
                const { accountId, email } = vendors.fixture.atlassian.tokenAccount;
                expect(results[name]).toMatchObject({
                    value: {
                        myself: { accountId, emailAddress: email },
                        server: { deploymentType: "Cloud" },
                        projects: ["ACME", "OPS"],
                    },
                });
            },
        );

        it("jira: reads the account on the site itself by a personal token", () => {
            expect(results["jira, site"]).toMatchObject({
                value: { myself: { emailAddress: vendors.fixture.atlassian.user.email } },
            });
        });

        it.each(["jira, Data Center", "atlassian, Data Center"])(
            "%s: reads the account by a personal access token",
            (name) => {
                expect(results[name]).toMatchObject({
                    value: { myself: { name: "ox-bot" }, server: { deploymentType: "Server" }, projects: ["ACME"] },
                });
            },
        );

        it("confluence: reads the spaces", () => {
            expect(results["confluence"]).toEqual({ value: ["ENG", "HR"] });
        });

        it.each(["jira, wrong token", "atlassian, wrong token"])("%s: is refused", (name) => {
            expect(results[name]).toMatchObject({ error: expect.stringMatching(/Error$/), status: 401 });
        });
    },
);
