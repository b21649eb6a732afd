import { connectorScopes, type AtlassianOAuthCredential } from "../simulators/vendors";
import { HubLab } from "../support/hub-lab";
import { LeakScanner } from "../support/leaks";
import { failed, succeeded } from "../support/programs";
import { thorough } from "../support/thorough";

/** What `core` holds as well: in a thorough run. */
const whole = thorough(test.skip, test);
const wholeSuite = thorough(describe.skip, describe);

const clean = "--expect-no-changes";

/** The outputs of a resource without what the engine encrypts anew in each run. */
const openOutputs = ({ outputs }: { readonly outputs?: unknown }): object => ({
    ...(outputs as object),
    __sealed: undefined,
});

describe("A Jira connection in OX Security, on the engine", () => {
    let lab: HubLab;
    const tokens: string[] = [];
    let apiKey: string;

    const ox = () => lab.hubs.ox.administration;
    const rows = () => ox().credentials();
    const ids = () => rows().map(({ credentialsId }) => credentialsId);
    const mutations = () =>
        ox()
            .requests()
            .flatMap(({ body }) => /"query":"mutation (\w+)/.exec(body)?.[1] ?? []);
    const mutation =
        (name: string) =>
        ({ body }: { body: string }): boolean =>
            body.includes(`mutation ${name}`);
    /** Another token of the same service account, put into the stack's configuration. */
    const rotate = async (): Promise<string> => {
        const { organization, connectorAccount } = lab.vendors.fixture.atlassian;
        const { token } = organization.createApiToken(connectorAccount, "OX", connectorScopes);
        tokens.push(token);
        await lab.project.setSecret("apiToken", token);
        return token;
    };
    const declare = (more: object = {}, opts: object = {}): void =>
        lab.declare({
            jira: { type: "atlassian.JiraConnector", args: { subdomain: "acme", apiToken: { config: "apiToken" } } },
            hub: {
                type: "ox.Connector",
                args: { apiKey: { secretFrom: "env", name: "OX_API_KEY" }, connection: { made: "jira" }, ...more },
                opts,
            },
        });

    beforeAll(async () => {
        lab = await HubLab.start({ name: "ox" });
        apiKey = ox().addKey().value;
        lab.project.env["OX_API_KEY"] = apiKey;
        ox().showsSecrets = true;
        await rotate();
        declare();
    });

    afterAll(async () => {
        await lab.dispose();
    });

    test("is added once it was verified, used by OX, and clean from then on; a preview writes nothing", async () => {
        expect(succeeded(await lab.preview())).toMatch(/ox:Connector hub create/);
        expect(mutations()).toEqual([]);
        succeeded(await lab.up());
        expect(mutations()).toEqual(["Add", "Verify"]);
        expect((await lab.resource("hub")).outputs).toMatchObject({
            verified: true,
            validationMessage: "",
            credentialsId: ids()[0],
        });
        expect(rows()).toMatchObject([
            { hostURL: `https://api.atlassian.com/ex/jira/${lab.vendors.credentials.jiraConnector.cloudId}` },
        ]);
        succeeded(await lab.preview(clean));
    });

    test("a rotated secret is proved, added, used by OX, and only then is the old one removed", async () => {
        const token = await rotate();
        succeeded(await lab.up());
        expect(mutations()).toEqual(["Add", "Verify", "Remove"]);
        expect(rows()).toMatchObject([{ input: { token } }]);
    });

    test("what OX does not accept fails the update, and leaves the old credentials in place", async () => {
        const before = ids();
        await rotate();
        const verdict = { credentialsAreValid: false, noReposFound: false, validationMessage: "Broker unreachable" };
        ox().answerNext(
            {
                status: 200,
                headers: { "content-type": "application/json" },
                body: JSON.stringify({ data: { verifySingleConnectorCredentials: verdict } }),
            },
            { when: mutation("Verify") },
        );
        expect(failed(await lab.up())).toMatch(/OX does not accept the credentials \(Broker unreachable\)/);
        expect(ids()).toEqual(before);
    });

    test("where the old ones cannot be removed the update fails, the resource is half-made, and the next run heals it", async () => {
        const fault = ox().failNext({ when: mutation("Remove"), times: 50 });
        expect(failed(await lab.up())).toMatch(/the former ones \(\S+\) could not be removed/);
        fault.remove();
        expect(rows()).toHaveLength(2);
        expect(await lab.resource("hub")).toMatchObject({
            initErrors: [expect.stringMatching(/could not be removed/)],
            outputs: { found: { superseded: [expect.any(String)] } },
        });
        succeeded(await lab.up());
        expect(mutations()).toEqual(["Verify", "Remove"]);
        expect(rows()).toMatchObject([{ input: { token: tokens.at(-1) } }]);
        expect((await lab.resource("hub"))["initErrors"]).toBeUndefined();
        await lab.settled();
    });

    test("what is changed or removed in OX shows in a plain preview, property by property, and is put right", async () => {
        rows()[0]!.input = { ...rows()[0]!.input, brokerEnabled: true, brokerHost: "elsewhere.example" };
        const changed = await lab.preview("--diff");
        expect(succeeded(changed)).toMatch(/~ broker[^]*elsewhere\.example/);
        expect(mutations()).toEqual([]);
        ox().connector("jira").credentials.splice(0);
        expect(succeeded(await lab.preview("--diff"))).toMatch(/~ state\s*: "present" => "missing"/);
        succeeded(await lab.up());
        expect(rows()).toMatchObject([{ input: { token: tokens.at(-1) } }]);
    });

    test("a refresh has OX use the credentials: that they are not accepted any more is drift", async () => {
        const [row] = rows();
        row!.input = { ...row!.input, token: "another-token" };
        const refreshed = await lab.refresh("--preview-only", "--diff");
        expect(succeeded(refreshed)).toMatch(/~ verified\s*: true => false/);
        expect(mutations()).toEqual(["Verify"]);
        row!.input = { ...row!.input, token: tokens.at(-1)! };
    });

    test("an OX that cannot be reached is a warning in a preview, and fails an update and a destroy, which keep the state", async () => {
        ox().failNext({ times: 1000 });
        declare({ credentialsName: "Acme" });
        expect(succeeded(await lab.preview())).toMatch(
            /The hub was not contacted: api\.cloud\.ox\.security answered with a server error/,
        );
        const before = await lab.resource("hub");
        expect(failed(await lab.up())).toMatch(/The stack keeps what is on record/);
        expect(openOutputs(await lab.resource("hub"))).toEqual(openOutputs(before));
        expect(failed(await lab.destroy())).toMatch(/retainOnDelete/);
        lab.hubs.clearFaults();
    });

    // `engine/nango` has it of a hub that has a place for a mark.
    whole("replaceOnChanges replaces what it names: one row is left, and it works", async () => {
        const before = ids();
        declare({ credentialsName: "Scanner" }, { replaceOnChanges: ["credentialsName"] });
        expect(succeeded(await lab.up())).toMatch(/hub replaced/);
        expect(rows()).toMatchObject([
            { credentialsName: expect.stringMatching(/^Scanner /) as string, input: { token: tokens.at(-1) } },
        ]);
        expect(ids()).not.toEqual(before);
        await lab.settled();
        declare();
        expect(succeeded(await lab.up())).toMatch(/hub updated/);
        await lab.settled();
    });

    // `core/hub-plan` has strict at a hub, and `engine/summary` on the engine.
    whole(
        "under strict that fails a preview, an up and a refresh, and keeps the state; an OX that answers passes",
        async () => {
            const strict = "CONNECTIONS_STRICT";
            const why =
                /api\.cloud\.ox\.security answered with a server error .* A strict run \(connections:strict or CONNECTIONS_STRICT\) fails for what could not be verified\./;
            declare();
            const before = await lab.resource("hub");
            lab.project.env[strict] = "1";
            ox().failNext({ times: 1000 });
            expect(failed(await lab.up())).toMatch(why);
            const refreshed = failed(await lab.refresh("--preview-only"));
            expect(refreshed).toMatch(why);
            expect(refreshed).toContain("It stays as it was.");
            lab.hubs.clearFaults();
            // What alone a refresh asks: whether OX still accepts the credentials.
            ox().failNext({ times: 1000, when: mutation("Verify") });
            expect(failed(await lab.refresh("--preview-only"))).toMatch(
                /Whether OX still accepts the credentials is not known/,
            );
            Reflect.deleteProperty(lab.project.env, strict);
            expect(succeeded(await lab.refresh("--preview-only", clean))).toMatch(
                /warning: ox\.Connector: [^]*Whether OX still accepts the credentials is not known/,
            );
            await lab.project.setConfig("connections:strict", "true");
            lab.hubs.clearFaults();
            ox().failNext({ times: 1000 });
            expect(failed(await lab.preview())).toMatch(why);
            lab.hubs.clearFaults();
            succeeded(await lab.preview(clean));
            succeeded(await lab.refresh("--preview-only", clean));
            await lab.project.setConfig("connections:strict", "false");
            expect(openOutputs(await lab.resource("hub"))).toEqual(openOutputs(before));
        },
    );

    test("credentials of another resource for the same host are refused in the preview; the resource's own go with it", async () => {
        declare();
        lab.declare({
            ...JSON.parse(lab.project.env["TEST_RESOURCES"] ?? "{}"),
            other: {
                type: "ox.Connector",
                args: { apiKey: { secretFrom: "env", name: "OX_API_KEY" }, connection: { made: "jira" } },
            },
        });
        expect(failed(await lab.preview())).toMatch(/adopt: OX's connector already has credentials for this Jira host/);
        succeeded(await lab.destroy());
        expect(rows()).toEqual([]);
    });

    // `core/ox` has this credential.
    wholeSuite("of an OAuth 2.0 service account", () => {
        const credential = () => credentials.at(-1)!;
        const credentials: AtlassianOAuthCredential[] = [];
        const brokerPassword = "planted-broker-password";
        const broker = { host: "broker.acme.example", port: 8080, username: "ox" };
        const declareOAuth = async (): Promise<void> => {
            await lab.project.setSecret("clientSecret", credential().clientSecret);
            await lab.project.setSecret("brokerPassword", brokerPassword);
            lab.declare({
                issues: {
                    type: "atlassian.ServiceAccountOAuth",
                    args: {
                        clientId: credential().clientId,
                        clientSecret: { config: "clientSecret" },
                        subdomain: "acme",
                        products: ["jira"],
                        allowedScopes: ["*"],
                    },
                },
                hub: {
                    type: "ox.Connector",
                    args: {
                        apiKey: { secretFrom: "env", name: "OX_API_KEY" },
                        connection: { made: "issues" },
                        broker,
                        brokerPassword: { config: "brokerPassword" },
                        bypassSslVerification: true,
                    },
                },
            });
        };
        const gateway = () => `https://api.atlassian.com/ex/jira/${lab.vendors.fixture.atlassian.acme.cloudId}`;

        test("is added with its client and the verified site, used by OX, and clean", async () => {
            credentials.push(lab.vendors.fixture.atlassian.oauth);
            await declareOAuth();
            succeeded(await lab.up());
            expect(mutations()).toEqual(["Add", "Verify"]);
            const { cloudId } = lab.vendors.fixture.atlassian.acme;
            const { clientId, clientSecret } = credential();
            expect(rows()).toMatchObject([
                {
                    credentialsType: "JiraServiceAccountOAuth2",
                    hostURL: gateway(),
                    isCertChecksDisabled: true,
                    input: {
                        clientId,
                        clientSecret,
                        cloudId,
                        brokerEnabled: true,
                        brokerHost: broker.host,
                        brokerPort: broker.port,
                        brokerUsername: broker.username,
                        brokerPassword,
                    },
                },
            ]);
            expect((await lab.resource("hub")).outputs).toMatchObject({
                verified: true,
                credentialsId: ids()[0],
                found: { clientId, cloudId, hostUrl: gateway(), broker, bypassSslVerification: true },
            });
            succeeded(await lab.preview(clean));
        });

        test("another credential of the account is proved, added, used by OX, and then the old one is removed", async () => {
            const { organization, oauthAccount } = lab.vendors.fixture.atlassian;
            credentials.push(organization.createOAuthCredential(oauthAccount, credential().scopes));
            await declareOAuth();
            const output = succeeded(await lab.up());
            expect(output.indexOf("ServiceAccountOAuth issues updated")).toBeLessThan(
                output.indexOf("ox:Connector hub updated"),
            );
            expect(mutations()).toEqual(["Add", "Verify", "Remove"]);
            expect(rows()).toMatchObject([
                { input: { clientId: credential().clientId, clientSecret: credential().clientSecret } },
            ]);
            succeeded(await lab.refresh("--preview-only", clean));
        });

        test("another client or site in OX is drift, property by property, in preview and refresh, and is put right", async () => {
            const { sandbox } = lab.vendors.fixture.atlassian;
            rows()[0]!.input = { ...rows()[0]!.input, clientId: "somebody-else", cloudId: sandbox.cloudId };
            const seen = succeeded(await lab.preview("--diff"));
            expect(seen).toMatch(/~ clientId[^]*=> "somebody-else"/);
            expect(seen).toContain(`=> "${sandbox.cloudId}"`);
            expect((await lab.refresh("--preview-only", clean)).code).not.toBe(0);
            ox().connector("jira").credentials.splice(0);
            const gone = succeeded(await lab.preview("--diff"));
            expect(gone).toMatch(/~ state\s*: "present" => "missing"/);
            expect(gone).not.toMatch(/replace/);
            succeeded(await lab.up());
            expect(rows()).toMatchObject([{ input: { clientId: credential().clientId } }]);
        });

        test("a credential that Atlassian has revoked is not given to OX, and is deleted with the resource", async () => {
            credential().revoke();
            expect(failed(await lab.up())).toMatch(/clientSecret: Atlassian refused/);
            expect(mutations()).toEqual([]);
            succeeded(await lab.destroy());
            expect(rows()).toEqual([]);
            tokens.push(brokerPassword, ...credentials.map(({ clientSecret }) => clientSecret));
        });
    });

    test("no key and no token stands in the state, in what was printed, or in a file", async () => {
        const scanner = new LeakScanner([apiKey, ...tokens]);
        expect(await scanner.inProject(lab.project, lab.printed)).toEqual([]);
    });
});
