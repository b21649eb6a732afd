import { oxConnector } from "../../provider/hubs/ox/connector";
import { type Hubs, type OxKey } from "../simulators/hubs";
import { connectorScopes, type Vendors } from "../simulators/vendors";
import { usingHubs } from "../support/hubs";
import { HubLife, type HubState } from "../support/hub-life";

let vendors: Vendors;
let hubs: Hubs;
let key: OxKey;
let life: HubLife;

const started = usingHubs();

beforeAll(() => {
    ({ vendors, hubs } = started);
    life = named("jira");
});
beforeEach(() => {
    ox().errorStyle = "ok";
    ox().showsSecrets = false;
    ox().connector("jira").credentials.splice(0);
    key = ox().addKey();
});

const named = (name: string): HubLife =>
    new HubLife(
        oxConnector,
        () => ({ ...vendors.endpoints, ...hubs.endpoints }),
        `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/connections/ox:Connector::${name}`,
    );
const ox = () => hubs.ox.administration;
const rows = () => ox().credentials();
const ids = () => rows().map(({ credentialsId }) => credentialsId);
const mutation =
    (name: string) =>
    ({ body }: { body: string }): boolean =>
        body.includes(`mutation ${name}`);
const calls = () =>
    ox()
        .requests()
        .map(({ body }) => /"query":"\w+ (\w+)/.exec(body)?.[1]);
const connection = (type: string, args: object) => ({ type: `atlassian.${type}`, arguments: args });
/** Another token of the same service account, as a rotation brings it. */
const rotated = () => {
    const { organization, connectorAccount } = vendors.fixture.atlassian;
    return organization.createApiToken(connectorAccount, "OX again", connectorScopes).token;
};
const jira = (apiToken = vendors.credentials.jiraConnector.apiToken, more: object = {}) =>
    connection("JiraConnector", { subdomain: "acme", apiToken, ...more });
const declared = (more: object = {}) => ({ apiKey: key.value, connection: jira(), ...more });
const created = async (more: object = {}): Promise<HubState> => {
    const { outcome, why, kept } = await life.up(undefined, declared(more));
    expect([outcome, why]).toEqual(["create", ""]);
    hubs.requests.clear();
    return kept!;
};
const gateway = () => `https://api.atlassian.com/ex/jira/${vendors.credentials.jiraConnector.cloudId}`;

it("adds credentials with a mark, has OX use them, and is clean from then on; a preview writes nothing", async () => {
    expect((await life.preview(undefined, declared())).outcome).toBe("create");
    expect(calls()).toEqual(["Connectors"]);
    hubs.requests.clear();
    const { kept } = await life.up(undefined, declared());
    expect(calls()).toEqual(["Connectors", "Connectors", "Connectors", "Add", "Verify", "Connectors"]);
    expect(rows()).toMatchObject([
        {
            credentialsType: "TokenOnly",
            hostURL: gateway(),
            credentialsName: expect.stringMatching(/^Pulumi \[pulumi shop\/dev\/jira [0-9a-f]{8} [0-9a-f]{32}\]$/),
        },
    ]);
    expect(kept?.outputs).toMatchObject({
        verified: true,
        validationMessage: "",
        credentialsId: ids()[0],
        connectorId: ox().connector("jira").id,
        found: { hostUrl: gateway(), verified: true, superseded: [] },
    });
    expect(kept?.id).toBe(`ox/${ids()[0]}`);
    expect(await life.preview(kept, declared())).toMatchObject({ outcome: "clean", warnings: [] });
    expect(await life.up(kept, declared())).toMatchObject({ outcome: "clean" });
});

it("remembers what it has added through an update that changes nothing at OX", async () => {
    const kept = await created();
    const memo = ({ outputs }: HubState) => (outputs["__sealed"] as { memo: object }).memo;
    const later = { apiKey: ox().addKey().value };
    const { outcome, kept: now } = await life.up(kept, declared(later));
    expect([outcome, calls().filter((call) => call !== "Connectors")]).toEqual(["update", []]);
    expect(memo(now!)).toEqual(memo(kept));
    const told = ({ outputs }: HubState) =>
        ["verified", "validationMessage", "connectorId", "credentialsId", "found"].map((name) => outputs[name]);
    expect(told(now!)).toEqual(told(kept));
    expect((await life.preview(now, declared(later))).outcome).toBe("clean");
});

it("exchanges a secret: adds, has OX use it, and only then removes the old one", async () => {
    const kept = await created();
    const [old] = ids();
    const apiToken = rotated();
    expect((await life.preview(kept, declared({ connection: jira(apiToken) }))).outcome).toBe("update");
    hubs.requests.clear();
    const { outcome, kept: now } = await life.up(kept, declared({ connection: jira(apiToken) }));
    expect(outcome).toBe("update");
    expect(calls()).toEqual(["Connectors", "Connectors", "Add", "Verify", "Remove", "Connectors"]);
    expect(rows()).toMatchObject([{ credentialsId: now?.outputs["credentialsId"], input: { token: apiToken } }]);
    expect(ids()).not.toContain(old);
    expect((await life.preview(now, declared({ connection: jira(apiToken) }))).outcome).toBe("clean");
});

it("takes credentials that OX does not accept out again, keeps the old ones, and says why", async () => {
    const kept = await created();
    const before = ids();
    const later = declared({ connection: jira(rotated()) });
    ox().answerNext(
        {
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({
                data: {
                    verifySingleConnectorCredentials: {
                        credentialsAreValid: false,
                        noReposFound: false,
                        validationMessage: "Broker unreachable.",
                    },
                },
            }),
        },
        { when: mutation("Verify") },
    );
    const { outcome, why, kept: now } = await life.up(kept, later);
    expect([outcome, why]).toEqual([
        "failed",
        expect.stringMatching(
            /OX does not accept the credentials \(Broker unreachable\)\..*The stack keeps what is on record\./s,
        ),
    ]);
    expect(now).toBe(kept);
    expect(ids()).toEqual(before);
    expect((await life.up(kept, later)).outcome).toBe("update");
    expect(ids()).toHaveLength(1);
});

it("sends nothing of a connection that its vendor refuses", async () => {
    const { outcome, why } = await life.preview(undefined, declared({ connection: jira("planted-wrong-token") }));
    expect([outcome, why]).toEqual(["refused", expect.stringMatching(/^connection\.apiToken: /)]);
    expect(ox().requestsWith("planted-wrong-token")).toEqual([]);
});

it("is on record as half-made where the old ones cannot be removed, and removes them in the next run", async () => {
    const kept = await created();
    const later = declared({ connection: jira(rotated()) });
    const fault = ox().failNext({ when: mutation("Remove"), times: 20 });
    const half = await life.up(kept, later);
    fault.remove();
    expect([half.outcome, half.why]).toEqual([
        "half-made",
        expect.stringMatching(/former ones .* could not be removed: .*the next pulumi up removes them/),
    ]);
    expect(ids()).toHaveLength(2);
    expect(half.kept?.outputs).toMatchObject({ found: { superseded: [kept.outputs["credentialsId"]] } });
    const seen = await life.preview(half.kept, later);
    expect(seen).toMatchObject({ outcome: "update", shown: { found: { superseded: [expect.any(String)] } } });
    const healed = await life.up(half.kept, later);
    expect(healed.outcome).toBe("update");
    expect(ids()).toEqual([half.kept?.outputs["credentialsId"]]);
    expect((await life.preview(healed.kept, later)).outcome).toBe("clean");
});

it("goes on when the answer to an addition is lost, without a second one; converges when a run is killed anywhere", async () => {
    ox().cutAfter({ when: mutation("Add") });
    const { kept } = await life.up(undefined, declared());
    expect(calls().filter((name) => name === "Add")).toHaveLength(1);
    expect(ids()).toEqual([kept?.outputs["credentialsId"]]);
    // What a killed run has done is not on record: a create, and a rotation.
    await life.up(undefined, declared());
    expect(ids()).toHaveLength(1);
    const recorded = (await life.up(undefined, declared())).kept!;
    const later = declared({ connection: jira(rotated()) });
    await life.up(recorded, later);
    const again = await life.up(recorded, later);
    expect(again.outcome).toBe("update");
    expect(ids()).toEqual([again.kept?.outputs["credentialsId"]]);
});

it.each(["Add", "Verify", "Remove"])("converges after a 500, a 401, a 429 or a cut at %s", async (name) => {
    let kept = (await life.up(undefined, declared())).kept;
    for (const trouble of ["failNext", "refuseNext", "throttleNext", "cutBefore", "cutInAnswer"] as const) {
        const later = declared({ connection: jira(rotated()) });
        ox()[trouble]({ when: mutation(name), times: trouble === "throttleNext" ? 1 : 20 });
        kept = (await life.up(kept, later)).kept;
        hubs.clearFaults();
        kept = (await life.up(kept, later)).kept;
        expect([trouble, ids()]).toEqual([trouble, [kept?.outputs["credentialsId"]]]);
        expect((await life.preview(kept, later)).outcome).toBe("clean");
    }
});

it("refuses credentials for the same host that somebody else has made, and puts its own in their place on request", async () => {
    await created();
    const other = named("other");
    const refused = await other.preview(undefined, declared());
    expect([refused.outcome, refused.why]).toEqual([
        "refused",
        expect.stringMatching(/^adopt: OX's connector already has credentials .*Set adopt: true/),
    ]);
    expect(ids()).toHaveLength(1);
    const { outcome, kept } = await other.up(undefined, declared({ adopt: true }));
    expect([outcome, ids()]).toEqual(["create", [kept?.outputs["credentialsId"]]]);
});

it("shows as drift that they are gone, and another host, name, broker or day, and puts that right", async () => {
    const args = declared({
        connection: jira(undefined, { expiresAt: "2027-06-30" }),
        broker: { host: "broker.acme.example", port: 8080, username: "ox" },
        brokerPassword: "planted-broker",
        bypassSslVerification: true,
    });
    const kept = (await life.up(undefined, args)).kept!;
    expect(rows()).toMatchObject([
        {
            isCertChecksDisabled: true,
            input: {
                brokerEnabled: true,
                brokerHost: "broker.acme.example",
                brokerPort: 8080,
                brokerUsername: "ox",
                brokerPassword: "planted-broker",
                tokenExpirationDate: "2027-06-30",
            },
        },
    ]);
    expect((await life.preview(kept, args)).outcome).toBe("clean");
    rows()[0]!.input = { ...rows()[0]!.input, brokerEnabled: false, tokenExpirationDate: "2028-01-01T00:00:00Z" };
    const seen = await life.preview(kept, args);
    expect(seen).toMatchObject({
        outcome: "update",
        shown: { found: { broker: { enabled: false }, expiresOn: "2028-01-01" } },
    });
    const refreshed = await life.refresh(kept);
    expect(refreshed.outputs).toMatchObject({ found: { broker: { enabled: false } } });
    const healed = (await life.up(refreshed, args)).kept!;
    expect(rows()).toMatchObject([{ input: { brokerEnabled: true } }]);
    expect((await life.preview(healed, args)).outcome).toBe("clean");
    ox().connector("jira").credentials.splice(0);
    const gone = await life.preview(healed, args);
    expect(gone).toMatchObject({ outcome: "update", shown: { found: { state: "missing" } } });
    const back = (await life.up(healed, args)).kept!;
    expect(ids()).toEqual([back.outputs["credentialsId"]]);
    const other = declared({ ...args, brokerPassword: "planted-other" });
    expect((await life.up(back, other)).outcome).toBe("update");
    expect(rows()).toMatchObject([{ input: { brokerPassword: "planted-other" } }]);
});

it("has OX use the credentials in a refresh: that they are not accepted any more is drift, and new ones come in their place", async () => {
    const kept = await created();
    const [row] = rows();
    row!.input = { ...row!.input, token: "another" };
    const refreshed = await life.refresh(kept);
    expect(refreshed.outputs).toMatchObject({
        verified: false,
        validationMessage: "another value",
        found: { verified: false },
    });
    expect(await life.preview(refreshed, declared())).toMatchObject({ outcome: "update" });
    const healed = await life.up(refreshed, declared());
    expect(healed.kept?.outputs).toMatchObject({ verified: true, validationMessage: "" });
    expect(ids()).toHaveLength(1);
    expect(ids()).not.toEqual([row!.credentialsId]);
});

it("records nothing in a refresh that OX echoes of the credential, which is not known there", async () => {
    const kept = await created();
    const { token } = rows()[0]!.input as { token: string };
    const echo = (body: { data?: { verifySingleConnectorCredentials?: object } }): void => {
        Object.assign(body.data?.verifySingleConnectorCredentials ?? {}, {
            credentialsAreValid: false,
            validationMessage: `Jira refused the token ${token} (401).`,
        });
    };
    hubs.listeners.forEach((listener) => listener.fault({ kind: "patch", patch: echo }));
    const warnings: string[] = [];
    const refreshed = await life.refresh(kept, {}, warnings);
    hubs.clearFaults();
    expect(JSON.stringify([refreshed.outputs, warnings])).not.toContain(token);
    expect(warnings.join()).toMatch(
        /does not accept the credentials \(Jira refused the token \[secret\] \(401\)\)\. The next pulumi up adds them again\./,
    );
    expect(refreshed.outputs).toMatchObject({ verified: false, validationMessage: "another value" });
});

it("takes an OAuth 2.0 service account and a user's token, and refuses what OX's form does not take", async () => {
    const { clientId, clientSecret } = vendors.credentials.atlassianOAuthOneSite;
    const { cloudId } = vendors.fixture.atlassian.acme;
    const oauth = declared({ connection: connection("ServiceAccountOAuth", { clientId, clientSecret }) });
    const { kept, why } = await life.up(undefined, oauth);
    expect(why).toBe("");
    expect(rows()).toMatchObject([
        { credentialsType: "JiraServiceAccountOAuth2", hostURL: gateway(), input: { clientId, cloudId } },
    ]);
    expect((await life.preview(kept, oauth)).outcome).toBe("clean");
    await life.destroy(kept!);
    expect(rows()).toEqual([]);
    const { siteUrl, username, apiToken } = vendors.credentials.jiraUserToken;
    await life.up(undefined, declared({ connection: connection("JiraUserToken", { siteUrl, username, apiToken }) }));
    expect(rows()).toMatchObject([
        { credentialsType: "UserPassword", hostURL: siteUrl, input: { name: username, password: apiToken } },
    ]);
    const center = await life.preview(
        undefined,
        declared({ connection: connection("JiraUserToken", vendors.credentials.jiraDataCenter) }),
    );
    expect(center).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(
            /credentialsType: is missing: it is not known how OX names the token of a Jira Data Center/,
        ),
    });
    const basic = await life.preview(
        undefined,
        declared({ connection: connection("ServiceAccountToken", vendors.credentials.atlassianToken) }),
    );
    expect(basic.why).toMatch(/Use atlassian\.JiraConnector/);
    expect(
        (await life.preview(undefined, declared({ connection: { type: "jamf.ApiClient", arguments: {} } }))).why,
    ).toMatch(/connection: is a jamf\.ApiClient/);
});

it.each(["ok", "status", "gateway"] as const)(
    "tells a refused key and an unknown connector, however OX tells errors (%s)",
    async (style) => {
        ox().errorStyle = style;
        expect((await life.preview(undefined, declared({ connector: "no-such" }))).why).toMatch(
            /connector: names none of OX's connectors, which are github, jira/,
        );
        const kept = await created();
        key.revoke();
        expect((await life.preview(undefined, declared())).why).toMatch(/apiKey: OX refused the API key/);
        const unchanged = await life.preview(kept, declared());
        expect(unchanged.outcome).toBe("clean");
        await expect(life.destroy(kept)).rejects.toThrow(/OX refused the API key[^]*retainOnDelete/);
        key.restore();
        await life.destroy(kept);
        await life.destroy(kept);
        expect(rows()).toEqual([]);
    },
);

it("warns in a preview when OX cannot be reached, fails the update, and keeps the state", async () => {
    const kept = await created();
    ox().failNext({ times: 100 });
    expect((await life.preview(kept, declared())).outcome).toBe("clean");
    const later = declared({ connection: jira(rotated()) });
    expect((await life.preview(kept, later)).outcome).toBe("update");
    const { outcome, kept: now } = await life.up(kept, later);
    expect([outcome, now]).toEqual(["failed", kept]);
    hubs.clearFaults();
    expect((await life.up(kept, later)).outcome).toBe("update");
});

it("leaves the new credentials alone when a replacement's old resource is deleted", async () => {
    const kept = await created();
    const replacement = (await life.up(undefined, declared())).kept!;
    await life.destroy(kept);
    expect(ids()).toEqual([replacement.outputs["credentialsId"]]);
});

it("shows and keeps nothing that OX echoes of a secret", async () => {
    ox().showsSecrets = true;
    const apiToken = rotated();
    const message = `Variable "$input" got invalid value: ${apiToken}`;
    ox().answerNext(
        {
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ errors: [{ message, extensions: { code: "BAD_USER_INPUT" } }] }),
        },
        { when: mutation("Add") },
    );
    const failed = await life.up(undefined, declared({ connection: jira(apiToken) }));
    expect(failed.why).toMatch(/OX refused the call \(Variable "\$input" got invalid value: \[secret\]\)/);
    const { kept } = await life.up(undefined, declared({ connection: jira(apiToken) }));
    expect(JSON.stringify(kept?.outputs["found"])).not.toContain(apiToken);
});
