import type { Vendors } from "../vendors";
import { usingHubs } from "../../support/hubs";
import { callHub, type HubAnswer } from "../client";
import { type Hubs, type OxKey } from "../hubs";

let vendors: Vendors;
let hubs: Hubs;
let key: OxKey;

const started = usingHubs();

beforeAll(() => {
    ({ vendors, hubs } = started);
});
beforeEach(() => {
    const { administration } = hubs.ox;
    administration.errorStyle = "ok";
    administration.showsSecrets = false;
    administration.connector("jira").credentials.splice(0);
    key = administration.addKey();
});

const send = (query: string, variables?: object, authorization = key.value): Promise<HubAnswer> =>
    callHub(hubs.ox.listener.endpoint, "POST", "/api/apollo-gateway", authorization, { query, variables });
const codes = ({ status, body }: HubAnswer): unknown => [
    status,
    (body.errors as { extensions: { code: string } }[] | undefined)?.map(({ extensions }) => extensions.code),
];

const list =
    "query($family: String) { getConnectorsByFamily(family: $family) { family familyDisplayName connectors { connector { id name displayName isConfigured credentialsTypes connectionInstructions { type title } } } } }";
const token =
    "... on TokenOnlyCredentials { credentialsId credentialsName credentialsType token iv hostURL isCertChecksDisabled brokerEnabled brokerHost tokenExpirationDate }";
const oauth = "... on JiraServiceAccountOAuth2Credentials { credentialsId clientId clientSecret cloudId iv }";
const add = `mutation($addCredentialsInput: AddCredentialsInput!) { addCredentials(addCredentialsInput: $addCredentialsInput) { connector { id isConfigured credentials { ${token} ${oauth} } } } }`;
const remove =
    "mutation($removeCredentialsInput: RemoveCredentialsInput!) { removeCredentials(removeCredentialsInput: $removeCredentialsInput) { connector { isConfigured } } }";
const verify =
    "mutation($verifyCredentialsInput: VerifyCredentialsInput!) { verifySingleConnectorCredentials(verifyCredentialsInput: $verifyCredentialsInput) { credentialsAreValid noReposFound validationMessage } }";

const jira = () => hubs.ox.administration.connector("jira");
const gateway = () => `https://api.atlassian.com/ex/jira/${vendors.credentials.jiraConnector.cloudId}`;
const addToken = (apiToken: string, more: object = {}) =>
    send(add, {
        addCredentialsInput: {
            connectorID: jira().id,
            credentialsType: "TokenOnly",
            hostURL: gateway(),
            credentialsInput: { token: apiToken },
            credentialsName: "pulumi",
            ...more,
        },
    });
const verdict = async (credentialsID?: string) =>
    (await send(verify, { verifyCredentialsInput: { connectorID: jira().id, credentialsID } })).body.data
        .verifySingleConnectorCredentials;

it("takes the key alone as the header, until it expires or is deleted", async () => {
    expect((await send(list)).status).toBe(200);
    const refused = [200, ["UNAUTHENTICATED"]];
    expect(codes(await send(list, {}, `Bearer ${key.value}`))).toEqual(refused);
    expect(codes(await send(list, {}, "nonsense"))).toEqual(refused);
    expect(
        codes(await callHub(hubs.ox.listener.endpoint, "POST", "/api/apollo-gateway", undefined, { query: list })),
    ).toEqual(refused);
    key.revoke();
    expect(codes(await send(list))).toEqual(refused);
    key.restore();
    const short = hubs.ox.administration.addKey(1);
    hubs.clock.advance(86_401);
    expect(codes(await send(list, {}, short.value))).toEqual(refused);
    expect((await send(list)).body.errors).toBeUndefined();
    hubs.clock.reset();
});

it("tells errors as GraphQL does, or by 400 and 401, or as a gateway", async () => {
    const { administration } = hubs.ox;
    expect(codes(await send("{ nonsense }"))).toEqual([200, ["GRAPHQL_VALIDATION_FAILED"]]);
    administration.errorStyle = "status";
    expect(codes(await send("{ nonsense }"))).toEqual([400, ["GRAPHQL_VALIDATION_FAILED"]]);
    expect(codes(await send("{ nonsense"))).toEqual([400, ["GRAPHQL_PARSE_FAILED"]]);
    expect(codes(await send(verify, { verifyCredentialsInput: {} }))).toEqual([400, ["BAD_USER_INPUT"]]);
    expect(codes(await send(verify, { verifyCredentialsInput: { connectorID: "nope" } }))).toEqual([
        200,
        ["NOT_FOUND"],
    ]);
    expect(codes(await send(list, {}, "nonsense"))).toEqual([401, ["UNAUTHENTICATED"]]);
    administration.errorStyle = "gateway";
    expect(await send(list, {}, "nonsense")).toMatchObject({ status: 401, body: { message: "Unauthorized" } });
    expect(codes(await callHub(hubs.ox.listener.endpoint, "POST", "/api/apollo-gateway", key.value, "{bad"))).toEqual([
        400,
        ["BAD_REQUEST"],
    ]);
});

it("judges calls strictly: no field, argument or value that it does not have, no look at its schema", async () => {
    expect(codes(await send("{ getConnectorsByFamily { family secret } }"))).toEqual([
        200,
        ["GRAPHQL_VALIDATION_FAILED"],
    ]);
    expect(
        codes(
            await send(add.replace("hostURL isCert", "isCert"), {
                addCredentialsInput: {
                    connectorID: jira().id,
                    credentialsType: "ServiceAccount",
                    credentialsInput: {},
                },
            }),
        ),
    ).toEqual([200, ["BAD_USER_INPUT"]]);
    expect(codes(await addToken("t", { nonsense: 1 }))).toEqual([200, ["BAD_USER_INPUT"]]);
    expect(codes(await addToken("t", { credentialsType: "ClientIdClientSecret" }))).toEqual([200, ["BAD_USER_INPUT"]]);
    expect(codes(await addToken(""))).toEqual([200, ["BAD_USER_INPUT"]]);
    expect(codes(await send('{ __type(name: "Query") { name } }'))).toEqual([200, ["GRAPHQL_VALIDATION_FAILED"]]);
    expect(hubs.ox.administration.credentials()).toEqual([]);
});

it("tells the connectors' numbers and types of credentials, which are nobody's promise", async () => {
    const families = (await send(list)).body.data.getConnectorsByFamily as {
        family: string;
        connectors: { connector: { name: string; id: string; connectionInstructions: unknown[] } }[];
    }[];
    const ticketing = families.find(({ connectors }) => connectors.some(({ connector }) => connector.name === "jira"))!;
    expect(ticketing.connectors.map(({ connector }) => connector.name)).toEqual(["jira-server", "jira", "slack"]);
    const found = ticketing.connectors.find(({ connector }) => connector.name === "jira")!.connector;
    expect(found).toMatchObject({
        id: jira().id,
        connectionInstructions: expect.arrayContaining([{ type: "TokenOnly", title: "Service Account" }]),
    });
    expect((await send(list, { family: ticketing.family })).body.data.getConnectorsByFamily).toHaveLength(1);
    expect((await send(list, { family: "no-such" })).body.data.getConnectorsByFamily).toEqual([]);
});

it("adds an API token, uses it at Jira, and takes the old one out: there is no edit", async () => {
    const { apiToken } = vendors.credentials.jiraConnector;
    const added = (await addToken(apiToken)).body.data.addCredentials.connector;
    const [first] = added.credentials as { credentialsId: string; token: string }[];
    expect(added).toMatchObject({
        id: jira().id,
        isConfigured: true,
        credentials: [{ credentialsName: "pulumi", credentialsType: "TokenOnly", hostURL: gateway() }],
    });
    expect(await verdict(first!.credentialsId)).toEqual({
        credentialsAreValid: true,
        noReposFound: false,
        validationMessage: null,
    });
    expect(vendors.requests.matching({ path: /\/rest\/api\/3\/myself$/ }).at(-1)?.headers.authorization).toBe(
        `Bearer ${apiToken}`,
    );
    await addToken(apiToken);
    expect(hubs.ox.administration.credentials()).toHaveLength(2);
    expect(
        (
            await send(remove, {
                removeCredentialsInput: { connectorID: jira().id, credentialsId: first!.credentialsId },
            })
        ).body.data.removeCredentials.connector,
    ).toEqual({ isConfigured: true });
    expect(
        codes(
            await send(remove, {
                removeCredentialsInput: { connectorID: jira().id, credentialsId: first!.credentialsId },
            }),
        ),
    ).toEqual([200, ["NOT_FOUND"]]);
    expect(
        (await send(remove, { removeCredentialsInput: { connectorID: jira().id, credentialsIndex: 0 } })).body.data
            .removeCredentials.connector,
    ).toEqual({ isConfigured: false });
});

it("says why credentials are no good, and that they show nothing", async () => {
    await addToken("refused");
    expect(await verdict()).toEqual({
        credentialsAreValid: false,
        noReposFound: false,
        validationMessage: "Request failed with status code 401",
    });
    await addToken(vendors.credentials.jiraConnector.apiToken, { hostURL: "https://elsewhere.example" });
    expect(await verdict()).toMatchObject({
        credentialsAreValid: false,
        validationMessage: expect.stringContaining("elsewhere.example"),
    });
    await addToken(vendors.credentials.jiraConnector.apiToken);
    const { acme } = vendors.fixture.atlassian;
    const projects = acme.projects.splice(0);
    expect(await verdict()).toEqual({ credentialsAreValid: true, noReposFound: true, validationMessage: null });
    acme.projects.push(...projects);
});

it("takes an OAuth 2.0 service account too", async () => {
    const { clientId, clientSecret } = vendors.credentials.atlassianOAuthOneSite;
    const { cloudId } = vendors.fixture.atlassian.acme;
    const input = {
        connectorID: jira().id,
        credentialsType: "JiraServiceAccountOAuth2",
        credentialsInput: { clientId, clientSecret, cloudId },
    };
    const { credentials } = (await send(add, { addCredentialsInput: input })).body.data.addCredentials.connector;
    expect(credentials).toMatchObject([{ clientId, cloudId }]);
    expect(await verdict(credentials[0].credentialsId)).toMatchObject({ credentialsAreValid: true });
    await send(add, {
        addCredentialsInput: { ...input, credentialsInput: { clientId, clientSecret: "wrong", cloudId } },
    });
    expect(await verdict()).toMatchObject({
        credentialsAreValid: false,
        validationMessage: expect.stringContaining("access token"),
    });
});

it("keeps broker and certificate options", async () => {
    await addToken("t", {
        isCertChecksDisabled: true,
        credentialsInput: {
            token: "t",
            brokerEnabled: true,
            brokerHost: "broker.acme.example",
            tokenExpirationDate: "2027-01-01",
        },
    });
    expect(hubs.ox.administration.credentials()).toMatchObject([
        { isCertChecksDisabled: true, input: { brokerEnabled: true, brokerHost: "broker.acme.example" } },
    ]);
});

it("shows secrets encrypted, or in clear where a test wants the worst", async () => {
    const secret = "ATSTT3x planted";
    const { body } = await addToken(secret);
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(body.data.addCredentials.connector.credentials[0]).toMatchObject({
        token: expect.any(String),
        iv: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    hubs.ox.administration.showsSecrets = true;
    expect(JSON.stringify((await addToken("other")).body)).toContain(secret);
    expect(hubs.ox.administration.requestsWith(secret)).toHaveLength(1);
    expect(hubs.secrets).toEqual(expect.arrayContaining([secret, key.value]));
});

it("lists what credentials show, and watches what it was told last and nothing else", async () => {
    const id = (await addToken(vendors.credentials.jiraConnector.apiToken)).body.data.addCredentials.connector
        .credentials[0].credentialsId as string;
    const resources = async () =>
        (
            await send(
                "query($input: GetConnectorResourcesInput!) { getConnectorResources(getConnectorResourcesInput: $input) { resources { id name isMonitored credentialsId } total selected } }",
                {
                    input: { connectorID: jira().id, credentialsId: id },
                },
            )
        ).body.data.getConnectorResources;
    const watch = (ids: string[]) =>
        send(
            "mutation($input: MonitorConnectorResourceInput!) { monitorConnectorResources(monitorConnectorResourceInput: $input) { success } }",
            {
                input: {
                    connectorID: jira().id,
                    credentialsId: id,
                    resources: ids.map((one) => ({ id: one, isMonitored: true })),
                },
            },
        );
    expect(await resources()).toMatchObject({
        total: 2,
        selected: 0,
        resources: [{ id: "10000", name: "Acme Platform", credentialsId: id }, { id: "10001" }],
    });
    expect((await watch(["10000"])).body.data.monitorConnectorResources).toEqual({ success: true });
    expect(await resources()).toMatchObject({
        selected: 1,
        resources: [{ isMonitored: true }, { isMonitored: false }],
    });
    await watch(["10001"]);
    expect(await resources()).toMatchObject({
        selected: 1,
        resources: [{ isMonitored: false }, { isMonitored: true }],
    });
});

it("fails as it is told to", async () => {
    const { administration } = hubs.ox;
    administration.failNext();
    expect((await send(list)).status).toBe(500);
    administration.refuseNext();
    expect(codes(await send(list))).toEqual([200, ["UNAUTHENTICATED"]]);
    administration.throttleNext({ retryAfterSeconds: 3 });
    expect((await send(list)).headers["retry-after"]).toBe("3");
    administration.cutAfter();
    await expect(addToken("t")).rejects.toThrow();
    expect(administration.credentials()).toHaveLength(1);
});
