import type { Vendors } from "../vendors";
import { usingHubs } from "../../support/hubs";
import { callHub, type HubAnswer } from "../client";
import { type Hubs, type StackOneAccount, type StackOneKey } from "../hubs";

let vendors: Vendors;
let hubs: Hubs;
let key: StackOneKey;

const started = usingHubs();

beforeAll(() => {
    ({ vendors, hubs } = started);
});
beforeEach(() => {
    const { administration } = hubs.stackone;
    administration.metaStyle = "configFields";
    administration.showsSecrets = false;
    administration.accounts.map(({ id }) => id).forEach((id) => administration.deleteAccount(id));
    key = administration.addKey();
});

const basic = (user: string, password = "") => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const send = (method: string, path: string, body?: unknown, as = key): Promise<HubAnswer> =>
    callHub(hubs.stackone.listener.endpoint, method, path, basic(as.value), body);
const jamf = (secret = vendors.credentials.jamf.clientSecret) => ({
    instance_url: vendors.credentials.jamf.url,
    api_client_id: vendors.credentials.jamf.clientId,
    api_client_secret: secret,
});
const linked = (owner = "acme", values = jamf()): Promise<StackOneAccount> =>
    hubs.stackone.administration.link("jamf", owner, values);
const session = async (more: object = {}) => {
    const answer = await send("POST", "/connect_sessions", {
        origin_owner_id: "acme",
        origin_owner_name: "Acme",
        provider: "jamf",
        ...more,
    });
    return { answer, session: hubs.stackone.administration.sessions.at(-1)! };
};

it("takes the key as the user with an empty password", async () => {
    const { endpoint } = hubs.stackone.listener;
    const accounts = (authorization?: string) => callHub(endpoint, "GET", "/accounts", authorization);
    expect((await accounts(basic(key.value))).status).toBe(200);
    for (const wrong of [
        undefined,
        `Bearer ${key.value}`,
        basic(key.value, "x"),
        basic("v1.eu1.nonsense"),
        "Basic ???",
    ]) {
        expect(await accounts(wrong)).toMatchObject({
            status: 401,
            body: { statusCode: 401, message: "Unauthorized", timestamp: expect.any(String) },
        });
    }
    key.revoke();
    expect((await accounts(basic(key.value))).status).toBe(401);
    const reader = hubs.stackone.administration.addKey({ readOnly: true });
    expect((await send("GET", "/accounts", undefined, reader)).status).toBe(200);
    expect((await send("POST", "/connect_sessions", {}, reader)).status).toBe(403);
});

it("makes no account: a person does, by a link that lasts for a while", async () => {
    expect((await send("POST", "/accounts", {})).status).toBe(404);
    const { answer, session: made } = await session({ expires_in: 60, label: "MDM", metadata: { stack: "dev" } });
    expect(answer).toMatchObject({
        status: 201,
        body: {
            token: made.token,
            auth_link_url: made.link,
            origin_owner_id: "acme",
            provider: "jamf",
            label: "MDM",
            account_id: null,
            id: expect.any(Number),
        },
    });
    expect((await send("GET", "/accounts?origin_owner_id=acme")).body).toEqual([]);
    await expect(hubs.stackone.administration.complete(made, jamf("wrong"))).rejects.toThrow(
        "The form says: The provider answered 401",
    );
    const { api_client_secret: _, ...incomplete } = jamf();
    await expect(hubs.stackone.administration.complete(made, incomplete)).rejects.toThrow("Client Secret: required");
    expect(hubs.stackone.administration.accounts).toEqual([]);
    const { id } = await hubs.stackone.administration.complete(made, jamf());
    expect((await send("GET", "/accounts?origin_owner_id=acme")).body).toMatchObject([
        {
            id,
            provider: "jamf",
            provider_name: "Jamf Pro",
            status: "active",
            status_reasons: [],
            origin_owner_name: "Acme",
            label: "MDM",
        },
    ]);
    hubs.clock.advance(61);
    await expect(hubs.stackone.administration.complete(made, jamf())).rejects.toThrow("expired");
    hubs.clock.reset();
});

it("changes the account of the same owner and provider, unless the session allows several", async () => {
    const first = await hubs.stackone.administration.complete((await session()).session, jamf());
    expect(await hubs.stackone.administration.complete((await session()).session, jamf())).toBe(first);
    const second = await hubs.stackone.administration.complete((await session({ multiple: true })).session, jamf());
    expect(second.id).not.toBe(first.id);
    expect(
        await hubs.stackone.administration.complete((await session({ account_id: second.id })).session, jamf()),
    ).toBe(second);
});

it("judges sessions", async () => {
    expect((await session({ origin_owner_id: undefined })).answer).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining("origin_owner_id") },
    });
    expect((await session({ nonsense: 1 })).answer.status).toBe(400);
    expect((await session({ expires_in: "soon" })).answer.status).toBe(400);
    expect((await session({ provider: "no-such" })).answer.status).toBe(400);
    expect((await session({ account_id: "1" })).answer.status).toBe(404);
    expect((await send("POST", "/connect_sessions", "{bad")).status).toBe(400);
});

it("lists by owner, provider and status, 25 a page", async () => {
    const { administration } = hubs.stackone;
    for (let i = 0; i < 27; i++) {
        await administration.link("jumpcloud", `owner-${i}`, {});
    }
    const acme = await linked();
    expect((await send("GET", "/accounts")).body).toHaveLength(25);
    expect((await send("GET", "/accounts?page=2")).body).toHaveLength(3);
    expect((await send("GET", "/accounts?page_size=100")).body).toHaveLength(28);
    expect((await send("GET", "/accounts?page=0")).status).toBe(400);
    const ids = async (query: string) =>
        ((await send("GET", `/accounts?${query}`)).body as { id: string }[]).map(({ id }) => id);
    expect(await ids("providers=jamf")).toEqual([acme.id]);
    expect(await ids("origin_owner_id=acme&provider=jamf")).toEqual([acme.id]);
    expect(await ids("origin_owner_ids=acme,nobody")).toEqual([acme.id]);
    expect(await ids("status=active")).toEqual([acme.id]);
    expect(await ids(`account_ids=${acme.id}`)).toEqual([acme.id]);
    expect(await ids("origin_owner_id=nobody")).toEqual([]);
});

it("takes other credentials, uses them at the vendor, and says as its status what came of it", async () => {
    const { id } = await linked();
    const patch = (body: unknown) => send("PATCH", `/accounts/${id}`, body);
    const refused = await patch({ credentials: { api_client_secret: "wrong" } });
    expect(refused).toMatchObject({
        status: 200,
        body: {
            id,
            status: "error",
            status_reasons: [
                {
                    code: "invalid_credentials",
                    description: "The provider answered 401",
                    timestamp: expect.any(String),
                },
            ],
        },
    });
    expect((await patch({ secrets: { api_client_secret: vendors.credentials.jamf.clientSecret } })).body).toMatchObject(
        { status: "active", status_reasons: [] },
    );
    expect((await patch({ label: "New", origin_owner_name: "Acme Inc" })).body).toMatchObject({
        label: "New",
        origin_owner_name: "Acme Inc",
        setup_information: { instance_url: "https://acme.jamfcloud.com" },
    });
    expect(hubs.stackone.administration.accounts[0]!.values).toEqual(jamf());
    const { clientId, clientSecret } = vendors.credentials.jumpcloud;
    const other = await hubs.stackone.administration.link("jumpcloud", "acme", {
        service_account_client_id: clientId,
        service_account_client_secret: clientSecret,
        api_region: "us",
    });
    expect(other.status).toBe("active");
});

it("answers by the statuses that are documented", async () => {
    const { administration } = hubs.stackone;
    const { id } = await linked();
    await linked("globex");
    const patch = async (body: unknown, at = id) => (await send("PATCH", `/accounts/${at}`, body)).status;
    expect(await patch({ nonsense: 1 })).toBe(400);
    expect(await patch({ credentials: { api_client_secret: 1 } })).toBe(400);
    expect(await patch({ credentials: { token: "x" } })).toBe(422);
    expect(await patch({ provider: "jumpcloud" })).toBe(422);
    expect(await patch({ origin_owner_id: "globex" })).toBe(409);
    expect(await patch({}, "1")).toBe(404);
    administration.setStatus(id, "suspended", [{ code: "suspended", description: "By an administrator" }]);
    expect(await patch({ label: "x" })).toBe(412);
    expect((await send("GET", `/accounts/${id}`)).body).toMatchObject({
        status: "suspended",
        status_reasons: [{ code: "suspended" }],
    });
    administration.setStatus(id, "active");
    administration.failNext({ status: 408 });
    expect(await patch({})).toBe(408);
    administration.throttleNext({ retryAfterSeconds: 2 });
    const throttled = await send("GET", "/accounts");
    expect([throttled.status, throttled.headers["retry-after"], throttled.body.statusCode]).toEqual([429, "2", 429]);
    administration.cutAfter({ method: "DELETE" });
    await expect(send("DELETE", `/accounts/${id}`)).rejects.toThrow();
    expect((await send("DELETE", `/accounts/${id}`)).status).toBe(404);
    expect((await send("GET", `/accounts/${id}`)).status).toBe(404);
});

it("tells the fields of a form with a connector's description, in one form or another, or not at all", async () => {
    const { administration } = hubs.stackone;
    const meta = async (provider = "jamf") => (await send("GET", `/connectors/meta/${provider}`)).body;
    const fields = expect.arrayContaining([
        expect.objectContaining({ key: "api_client_secret", label: "Client Secret", secret: true, required: true }),
    ]);
    expect(await meta()).toMatchObject({
        provider: "jamf",
        provider_name: "Jamf Pro",
        category: "iam",
        active: true,
        models: expect.any(Object),
        configFields: fields,
    });
    expect(((await meta("jumpcloud")).configFields as { label: string }[]).map(({ label }) => label)).toEqual([
        "Client ID",
        "Client Secret",
        "API Region",
        "Organization ID",
    ]);
    administration.metaStyle = "authentication";
    expect(await meta()).toMatchObject({ authentication: { oauth2_client_credentials: { production: { fields } } } });
    administration.metaStyle = "models";
    expect(Object.keys(await meta())).toEqual([
        "provider",
        "provider_name",
        "category",
        "active",
        "models",
        "resources",
    ]);
    expect((await send("GET", "/connectors/meta/no-such")).status).toBe(404);
    expect((await send("GET", "/connectors/meta")).body).toHaveLength(2);
    expect((await send("GET", `/accounts/${(await linked()).id}/meta`)).body).toMatchObject({
        provider: "jamf",
        category: "iam",
    });
});

it("shows no secret of an account, or all where a test wants the worst, and keeps requests as they came", async () => {
    const { administration } = hubs.stackone;
    const secret = "planted/secret+1";
    const { id } = await linked("acme", jamf(secret));
    expect(JSON.stringify((await send("GET", `/accounts/${id}`)).body)).not.toContain(secret);
    administration.showsSecrets = true;
    expect((await send("GET", "/accounts")).body).toMatchObject([{ credentials: { api_client_secret: secret } }]);
    await send("PATCH", `/accounts/${id}`, { credentials: { api_client_secret: "other planted" } });
    expect(administration.requestsWith("other planted").map(({ method }) => method)).toEqual(["PATCH"]);
    expect(administration.requestsWith(key.value)).toHaveLength(administration.requests().length);
    expect(hubs.secrets).toEqual(expect.arrayContaining(["other planted", key.value]));
});
