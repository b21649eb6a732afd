import { failed, Lab, succeeded, type Declarations } from "../support/programs";

describe("arguments that are not known until up", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await Lab.start({ name: "later" });
    });
    afterAll(async () => {
        await lab.dispose();
    });

    const declarations = (secret: string, changed: object = {}): Declarations => {
        const { jamf, jumpcloud, jiraConnector } = lab.vendors.credentials;
        return {
            later: { secret, site: "acme", privilege: "Read User", exists: "yes" },
            connections: {
                mdm: {
                    type: "jamf.ApiClient",
                    args: { ...jamf, requiredPrivileges: ["Read Computers", { later: "privilege" }] },
                },
                directory: {
                    type: "jumpcloud.ServiceAccount",
                    args: { clientId: jumpcloud.clientId, clientSecret: { later: "secret" }, ...changed },
                },
                ox: {
                    type: "atlassian.JiraConnector",
                    args: { apiToken: jiraConnector.apiToken, subdomain: { later: "site" } },
                },
                waiting: { type: "jamf.ApiClient", args: jamf, dependsOn: ["exists"] },
            },
        };
    };
    const secret = (): string => lab.vendors.credentials.jumpcloud.clientSecret;

    test("a preview waits for them: it calls nobody, and the outputs are unknown", async () => {
        lab.declare(declarations(secret()));
        const output = succeeded(await lab.preview("--diff"));
        expect(lab.vendors.requests.length).toBe(0);
        for (const [name, outputs] of Object.entries(lab.known())) {
            for (const unknown of [
                "status",
                "account",
                "checks",
                "apiUrl",
                "cloudId",
                "siteUrl",
                "version",
                "warnings",
            ]) {
                expect({ name, ...outputs }).not.toHaveProperty(unknown);
            }
            expect(output).toMatch(new RegExp(`::user-of-${name}\\]\\s+input: \\{\\s+url: \\[unknown\\]`));
        }
        expect(output).not.toMatch(/warning: (?!CONNECTIONS_ENDPOINTS)/);
    });

    test("a preview checks the shape of what is known, and calls nobody for that either", async () => {
        lab.declare(declarations(secret(), { region: "uk", organisationId: "x" }));
        const output = failed(await lab.preview());
        expect(output).toMatch(/region: must be us, eu or in/);
        expect(output).toMatch(/organisationId: .*Did you mean organizationId\?/);
        expect(output).not.toMatch(/clientSecret: /);
        expect(lab.vendors.requests.length).toBe(0);
    });

    test("up refuses what turns out wrong, records nothing of it, and the next up is right", async () => {
        lab.declare(declarations("planted-wrong-secret"));
        const output = failed(await lab.up());
        expect(output).toMatch(/error: clientSecret: JumpCloud refused .*\s+Nothing was recorded\./);
        expect(Object.keys(await lab.recorded())).not.toContain("directory");
    });

    test("up verifies and records them", async () => {
        lab.declare(declarations(secret()));
        succeeded(await lab.up());
        const recorded = await lab.recorded();
        const { acme } = lab.vendors.fixture.atlassian;
        expect(recorded["directory"]?.outputs).toMatchObject({ status: "verified", organizationName: "Acme" });
        expect(recorded["ox"]?.outputs).toMatchObject({ status: "verified", subdomain: "acme", cloudId: acme.cloudId });
        expect(recorded["mdm"]?.outputs).toMatchObject({
            status: "verified",
            requiredPrivileges: ["Read Computers", "Read User"],
        });
        expect(recorded["waiting"]?.outputs).toMatchObject({ status: "verified" });
    });

    test("once they exist, a preview verifies as ever and is clean", async () => {
        succeeded(await lab.preview("--expect-no-changes"));
        expect(lab.vendors.requests.count({ method: "POST", path: /token$/ })).toBe(2);
        expect(lab.known()["directory"]).toMatchObject({
            status: "verified",
            apiUrl: "https://console.jumpcloud.com/api",
        });
    });

    test("in a preview in which one of them is to change, what is on record stands and nobody is called for it", async () => {
        const next = lab.vendors.fixture.jumpcloud.account.clientSecrets[1] ?? "";
        lab.declare(declarations(next));
        const output = succeeded(await lab.preview());
        expect(output).toMatch(/ServiceAccount directory update/);
        expect(output).not.toMatch(/replace/);
        expect(lab.vendors.requests.count({ origin: /jumpcloud/ })).toBe(0);
        succeeded(await lab.up());
        succeeded(await lab.preview("--expect-no-changes"));
    });
});
