import { stackOneAccount } from "../../provider/hubs/stackone/account";
import { type Hubs, type StackOneKey } from "../simulators/hubs";
import type { Vendors } from "../simulators/vendors";
import { usingHubs } from "../support/hubs";
import { HubLife, type HubState } from "../support/hub-life";

let vendors: Vendors;
let hubs: Hubs;
let key: StackOneKey;
let life: HubLife;

const started = usingHubs();

beforeAll(() => {
    ({ vendors, hubs } = started);
    life = named("mdm");
});
beforeEach(() => {
    stackOne().metaStyle = "configFields";
    stackOne().showsSecrets = false;
    stackOne()
        .accounts.map(({ id }) => id)
        .forEach((id) => stackOne().deleteAccount(id));
    key = stackOne().addKey();
});

const named = (name: string): HubLife =>
    new HubLife(
        stackOneAccount,
        () => ({ ...vendors.endpoints, ...hubs.endpoints }),
        `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/connections/stackone:Account::${name}`,
    );
const stackOne = () => hubs.stackone.administration;
const jamf = (more: object = {}) => {
    const { url, clientId } = vendors.credentials.jamf;
    return { type: "jamf.ApiClient", arguments: { url, clientId, clientSecret: secret(), ...more } };
};
const secret = () => vendors.fixture.jamf.client.clientSecret;
/** What a person types into the form. */
const typed = (clientSecret = secret()) => ({
    instance_url: vendors.credentials.jamf.url,
    api_client_id: vendors.credentials.jamf.clientId,
    api_client_secret: clientSecret,
});
const declared = (more: object = {}) => ({
    apiKey: key.value,
    originOwnerId: "acme",
    originOwnerName: "Acme",
    label: "MDM",
    connection: jamf(),
    ...more,
});
const calls = () =>
    stackOne()
        .requests()
        .map(({ method, path }) => `${method} ${path.replace(/\?.*/, "").replace(/\d{5,}/, "ID")}`);
const writes = () => calls().filter((call) => !call.startsWith("GET"));
const adopted = async (more: object = {}): Promise<HubState> => {
    const { id } = await stackOne().link("jamf", "acme", typed());
    const { outcome, why, kept } = await life.up(undefined, declared({ accountId: id, ...more }));
    expect([outcome, why]).toEqual(["create", ""]);
    hubs.requests.clear();
    return kept!;
};
const differences = (before: unknown, after: unknown): object => {
    const [one, other] = [before, after] as [Record<string, unknown>, Record<string, unknown>];
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return Object.fromEntries(
        names
            .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
            .map((name) => [name, [one[name], other[name]]]),
    );
};
const only = () => stackOne().accounts[0]!;

it("makes a link for a person, waits, finds the account that the person has made, and gives it the verified credential", async () => {
    const first = await life.preview(undefined, declared());
    expect([first.outcome, writes()]).toEqual(["create", []]);
    expect(first.warnings).toEqual([expect.stringMatching(/a person has to, with the link that pulumi up makes/)]);
    const { kept } = await life.up(undefined, declared({ metadata: { team: "it" } }));
    const session = stackOne().sessions.at(-1)!;
    expect(kept?.outputs).toMatchObject({
        status: "awaitingPerson",
        statusReasons: [],
        linkedAccountId: null,
        connectLink: session.link,
        linkExpiresAt: expect.stringMatching(/Z$/),
    });
    expect(session).toMatchObject({
        originOwnerId: "acme",
        originOwnerName: "Acme",
        provider: "jamf",
        label: expect.stringMatching(/^MDM \[pulumi shop\/dev\/mdm /),
        metadata: { team: "it" },
    });
    // Nobody has done it yet: that is a change, and the link stays.
    const waiting = await life.preview(kept, declared({ metadata: { team: "it" } }));
    expect(waiting).toMatchObject({ outcome: "update", shown: { found: { status: "awaitingPerson" } } });
    expect(differences(kept!.inputs["found"], waiting.shown["found"])).toEqual({
        status: ["active", "awaitingPerson"],
    });
    // A strict run says it in words of its own, until it is done.
    const awaited =
        /A person is awaited, for which a strict run \(connections:strict or CONNECTIONS_STRICT\) fails: open the link in its output connectLink, a secret, and fill in the form\. Run pulumi up afterwards/;
    expect(await life.preview(kept, declared({ metadata: { team: "it" } }), { strict: true })).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(awaited) as string,
    });
    await expect(life.refresh(kept!, { strict: true })).rejects.toThrow(awaited);
    const again = await life.up(kept, declared({ metadata: { team: "it" } }));
    expect(again.kept?.outputs).toMatchObject({ connectLink: session.link, status: "awaitingPerson" });
    expect(stackOne().sessions.at(-1)).toBe(session);
    expect((await life.refresh(again.kept!)).outputs).toMatchObject({
        connectLink: session.link,
        status: "awaitingPerson",
    });
    const { id } = await stackOne().complete(session, typed());
    hubs.requests.clear();
    const found = await life.up(again.kept, declared({ metadata: { team: "it" } }));
    expect(found).toMatchObject({
        outcome: "update",
        why: "",
        kept: { outputs: { status: "active", linkedAccountId: id, connectLink: null } },
    });
    expect(writes()).toEqual(["PATCH /accounts/ID"]);
    expect(
        stackOne()
            .requestsWith(secret())
            .map(({ method }) => method),
    ).toEqual(["PATCH"]);
    expect(await life.preview(found.kept, declared({ metadata: { team: "it" } }))).toMatchObject({
        outcome: "clean",
        warnings: [],
    });
});

it("remembers what it has given through an update that changes nothing at StackOne", async () => {
    const kept = await adopted();
    const later = declared({ accountId: only().id, apiKey: stackOne().addKey().value });
    const { outcome, kept: now } = await life.up(kept, later);
    expect([outcome, writes()]).toEqual(["update", []]);
    expect((await life.preview(now, later)).outcome).toBe("clean");
    expect((await life.refresh(now!)).outputs["found"]).toEqual(now?.outputs["found"]);
});

describe("While a person is awaited", () => {
    /** An account of this owner that bears no mark, made before the link or after it. */
    const awaiting = async (isBefore: boolean): Promise<{ kept: HubState; id: string }> => {
        const early = isBefore ? await stackOne().link("jamf", "globex", typed()) : undefined;
        await new Promise((resolve) => setTimeout(resolve, 2));
        const { kept } = await life.up(undefined, declared());
        const { id } = early ?? (await stackOne().link("jamf", "acme", typed()));
        stackOne().change(id, { originOwnerId: "acme" });
        return { kept: kept!, id };
    };

    it.each([true, false])(
        "destroy leaves an account without a mark, made before the link: %s, and names it",
        async (isBefore) => {
            const { kept, id } = await awaiting(isBefore);
            const warnings: string[] = [];
            await life.destroy(kept, warnings);
            expect(warnings.filter((one) => !one.startsWith("connections:endpoints"))).toEqual([
                expect.stringMatching(`the account ${id} at StackOne bears no mark of this resource.* It stays there`),
            ]);
            expect(stackOne().accounts).toMatchObject([{ id }]);
        },
    );

    it("destroy leaves several accounts without a mark, and names them", async () => {
        const { kept, id } = await awaiting(false);
        const { id: another } = await stackOne().link("jamf", "acme", typed());
        stackOne().change(another, { originOwnerId: "acme", label: "by hand" });
        const warnings: string[] = [];
        await life.destroy(kept, warnings);
        expect(warnings.filter((one) => !one.startsWith("connections:endpoints"))).toEqual([
            expect.stringMatching(
                `the accounts ${id}, ${another} at StackOne bear no mark of this resource.* They stay`,
            ),
        ]);
        expect(stackOne().accounts).toHaveLength(2);
    });

    it("takes over an account without a mark that was made after the link, and deletes it then", async () => {
        const { kept, id } = await awaiting(false);
        const taken = await life.up(kept, declared());
        expect(taken).toMatchObject({ why: "", kept: { outputs: { linkedAccountId: id, status: "active" } } });
        await life.destroy(taken.kept!);
        expect(stackOne().accounts).toEqual([]);
    });

    it("takes over one that was made before the link on request alone", async () => {
        const { kept, id } = await awaiting(true);
        expect(await life.up(kept, declared())).toMatchObject({
            outcome: "failed",
            why: expect.stringMatching(/^adopt: StackOne already has an account for this originOwnerId/),
        });
        expect(writes().filter((call) => call.startsWith("PATCH"))).toEqual([]);
        const { kept: taken } = await life.up(kept, declared({ adopt: true }));
        expect(taken?.outputs).toMatchObject({ linkedAccountId: id, status: "active" });
    });
});

it("makes another link when the first has ended", async () => {
    const { kept } = await life.up(undefined, declared({ linkLifetimeSeconds: 60 }));
    const [record] = [kept!.outputs["__sealed"] as { memo: object }];
    const ended = {
        ...kept!,
        outputs: { ...kept!.outputs, __sealed: { ...record, memo: { ...record.memo, linkEndsAtMs: 1 } } },
    };
    const { kept: now } = await life.up(ended, declared({ linkLifetimeSeconds: 60 }));
    expect(now?.outputs["connectLink"]).toBe(stackOne().sessions.at(-1)!.link);
    expect(now?.outputs["connectLink"]).not.toBe(kept?.outputs["connectLink"]);
});

it("adopts an account by its identifier, and tells one that is not there or another resource's", async () => {
    const kept = await adopted();
    expect(kept.outputs).toMatchObject({ status: "active", linkedAccountId: only().id });
    expect(only()).toMatchObject({ label: expect.stringMatching(/^MDM \[pulumi shop\/dev\/mdm /), values: typed() });
    expect((await life.preview(kept, declared({ accountId: only().id }))).outcome).toBe("clean");
    const other = await named("other").preview(undefined, declared({ accountId: only().id }));
    expect(other).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(/^adopt: StackOne already has an account/),
    });
    const nowhere = await life.preview(undefined, declared({ accountId: "400" }));
    expect(nowhere).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(/^accountId: names an account that StackOne does not have/),
    });
    const { kept: taken } = await named("other").up(undefined, declared({ accountId: only().id, adopt: true }));
    await life.destroy(kept);
    expect(stackOne().accounts).toHaveLength(1);
    await named("other").destroy(taken!);
    expect(stackOne().accounts).toEqual([]);
});

it("refuses an account of somebody else for the same owner, takes it over on request, and goes on after a killed run", async () => {
    const { id } = await stackOne().link("jamf", "acme", typed());
    const refused = await life.preview(undefined, declared());
    expect([refused.outcome, refused.why, writes()]).toEqual([
        "refused",
        expect.stringMatching(/for this originOwnerId that this resource did not make\. Set adopt: true/),
        [],
    ]);
    expect((await life.up(undefined, declared({ adopt: true }))).kept?.outputs["linkedAccountId"]).toBe(id);
    expect((await life.up(undefined, declared())).kept?.outputs["linkedAccountId"]).toBe(id);
    await stackOne().link("jamf", "globex", typed());
    await stackOne().link("jamf", "globex", typed());
    expect((await life.preview(undefined, declared({ originOwnerId: "globex", adopt: true }))).why).toMatch(
        /accountId: is missing: StackOne has several accounts/,
    );
});

it("patches a rotated secret, proved before, and a refusal of StackOne's fails the update until it is taken", async () => {
    const kept = await adopted();
    vendors.fixture.jamf.client.generateClientSecret();
    const later = declared({ accountId: only().id });
    expect((await life.preview(kept, later)).outcome).toBe("update");
    stackOne().failNext({ method: "PATCH", times: 20 });
    const failed = await life.up(kept, later);
    expect([failed.outcome, failed.kept]).toEqual(["failed", kept]);
    hubs.clearFaults();
    const { outcome, kept: now } = await life.up(kept, later);
    expect([outcome, only().values]).toEqual(["update", typed()]);
    expect((await life.preview(now, later)).outcome).toBe("clean");
    hubs.requests.clear();
    await life.up(now, { ...later, label: "New" });
    expect([writes(), stackOne().requestsWith(secret())]).toEqual([["PATCH /accounts/ID"], []]);
});

it("records nothing in a refresh that StackOne echoes of the credential, which is not known there", async () => {
    const kept = await adopted();
    const description = `Jamf refused ${secret()} as the client secret`;
    stackOne().setStatus(only().id, "error", [{ code: "invalid_credentials", description }]);
    const before = only().values;
    stackOne().change(only().id, {
        values: { ...before, instance_url: `https://${secret()}.example` },
        label: secret(),
    });
    const warnings: string[] = [];
    const refreshed = await life.refresh(kept, {}, warnings);
    expect(JSON.stringify([refreshed, warnings])).not.toContain(secret());
    expect(refreshed.outputs["statusReasons"]).toEqual([{ code: "invalid_credentials", description: "another value" }]);
    expect(refreshed.outputs["found"]).toMatchObject({
        status: "error",
        url: "another value",
        clientId: before["api_client_id"],
        label: "another value",
    });
    expect(warnings.join()).toMatch(/is error \(Jamf refused \[secret\] as the client secret\)/);
    // What this resource has sent is known again where it is there again.
    stackOne().change(only().id, { values: before, label: kept.outputs["label"] as string });
    stackOne().setStatus(only().id, "active");
    const { found, __record: record } = (await life.refresh(refreshed)).outputs;
    expect([found, record]).toEqual([kept.outputs["found"], kept.outputs["__record"]]);
});

it("records in a refresh the identifier of an account that a person has linked since", async () => {
    const { kept } = await life.up(undefined, declared());
    const { id } = await stackOne().complete(stackOne().sessions.at(-1)!, typed());
    expect((await life.refresh(kept!)).outputs).toMatchObject({ linkedAccountId: id, status: "active" });
});

it("shows status with its reasons and another server as drift, and puts them right", async () => {
    const kept = await adopted();
    const args = declared({ accountId: only().id });
    stackOne().setStatus(only().id, "error", [{ code: "invalid_credentials", description: "Token refused" }]);
    stackOne().change(only().id, { values: { ...typed(), instance_url: "https://evil.example" }, label: "Renamed" });
    const seen = await life.preview(kept, args);
    expect(seen).toMatchObject({
        outcome: "update",
        shown: {
            found: {
                status: "error",
                statusReasons: [{ code: "invalid_credentials", description: "Token refused" }],
                url: "https://evil.example",
                label: "Renamed",
            },
        },
    });
    expect(seen.warnings).toEqual([
        expect.stringMatching(/StackOne says that the account \d+ is error \(Token refused\)/),
    ]);
    const refreshed = await life.refresh(kept);
    expect(refreshed.outputs).toMatchObject({ status: "error", found: { status: "error" } });
    const healed = await life.up(refreshed, args);
    expect(healed.kept?.outputs).toMatchObject({ status: "active", statusReasons: [] });
    expect(only().values).toEqual(typed());
    stackOne().setStatus(only().id, "suspended", [{ code: "suspended", description: "By an administrator" }]);
    const suspended = await life.up(healed.kept, args);
    expect(suspended).toMatchObject({
        outcome: "failed",
        why: expect.stringMatching(/StackOne has suspended the account/),
    });
    stackOne().setStatus(only().id, "active");
    stackOne().deleteAccount(only().id);
    expect((await life.preview(healed.kept, args)).outcome).toBe("update");
});

it("brings an account that is gone back by a new link", async () => {
    const first = (await life.up(undefined, declared())).kept;
    await stackOne().complete(stackOne().sessions.at(-1)!, typed());
    const kept = (await life.up(first, declared())).kept;
    stackOne().deleteAccount(only().id);
    const seen = await life.preview(kept, declared());
    expect(seen).toMatchObject({ outcome: "update", shown: { found: { status: "awaitingPerson" } } });
    const again = await life.up(kept, declared());
    expect(again.kept?.outputs).toMatchObject({
        status: "awaitingPerson",
        connectLink: stackOne().sessions.at(-1)!.link,
    });
});

it("reads the keys of the fields in either form, takes them from the program where StackOne tells none, and never guesses", async () => {
    const { id } = await stackOne().link("jamf", "acme", typed("former-secret"));
    const args = declared({ accountId: id });
    stackOne().metaStyle = "authentication";
    const kept = (await life.up(undefined, args)).kept;
    expect(only().values).toEqual(typed());
    stackOne().metaStyle = "models";
    vendors.fixture.jamf.client.generateClientSecret();
    const later = declared({ accountId: id });
    const unknown = await life.up(kept, later);
    expect(unknown).toMatchObject({
        outcome: "failed",
        why: expect.stringMatching(
            /fieldKeys\.url: is missing: StackOne does not report the fields of jamf\. Name the key of the field\./,
        ),
    });
    const fieldKeys = { url: "instance_url", clientId: "api_client_id", clientSecret: "api_client_secret" };
    expect((await life.up(kept, { ...later, fieldKeys })).outcome).toBe("update");
    expect(only().values).toEqual(typed());
    stackOne().metaStyle = "configFields";
    vendors.fixture.jamf.client.generateClientSecret();
    const wrong = await life.up(kept, declared({ accountId: id, fieldKeys: { clientSecret: "password" } }));
    expect(wrong.why).toMatch(
        /fieldKeys\.clientSecret: names none of StackOne's fields of jamf, which are instance_url/,
    );
});

it("accepts what a person has typed where the fields are not told, and says so in every run", async () => {
    stackOne().metaStyle = "models";
    const first = (await life.up(undefined, declared())).kept;
    await stackOne().complete(stackOne().sessions.at(-1)!, typed());
    const { kept } = await life.up(first, declared());
    expect(stackOne().requestsWith(secret())).toEqual([]);
    expect(await life.preview(kept, declared())).toMatchObject({
        outcome: "clean",
        warnings: [expect.stringMatching(/what a person has typed stays as it is/)],
    });
});

it("fills in JumpCloud's form: its region by StackOne's own values", async () => {
    const { clientId, clientSecret } = vendors.credentials.jumpcloud;
    const { id } = await stackOne().link("jumpcloud", "acme", {});
    const connection = { type: "jumpcloud.ServiceAccount", arguments: { clientId, clientSecret, region: "us" } };
    const { kept } = await life.up(undefined, declared({ accountId: id, connection }));
    expect(only()).toMatchObject({
        status: "active",
        values: { service_account_client_id: clientId, service_account_client_secret: clientSecret, api_region: "us" },
    });
    expect((await life.preview(kept, declared({ accountId: id, connection }))).outcome).toBe("clean");
    const organizationId = vendors.credentials.jumpcloudMultiTenant.organizationId;
    const several = { type: "jumpcloud.ServiceAccount", arguments: vendors.credentials.jumpcloudMultiTenant };
    const { id: another } = await stackOne().link("jumpcloud", "globex", {});
    const of = { originOwnerId: "globex", accountId: another, connection: several };
    const filled = await life.up(undefined, declared(of));
    expect(filled.why).toBe("");
    expect(stackOne().accounts.find((one) => one.id === another)?.values).toMatchObject({
        jumpcloud_tenant: organizationId,
    });
    const jira = { type: "atlassian.JiraConnector", arguments: {} };
    expect((await life.preview(undefined, declared({ connection: jira }))).why).toMatch(
        /accepts jamf\.ApiClient or jumpcloud\.ServiceAccount/,
    );
});

it("gives StackOne the one of JumpCloud's two secrets that JumpCloud accepts", async () => {
    const { account } = vendors.fixture.jumpcloud;
    const [clientSecret = "", standbyClientSecret] = account.clientSecrets;
    const { clientId } = vendors.credentials.jumpcloud;
    const connection = {
        type: "jumpcloud.ServiceAccount",
        arguments: { clientId, clientSecret, standbyClientSecret },
    };
    const { id } = await stackOne().link("jumpcloud", "acme", {});
    const args = declared({ accountId: id, connection });
    const { kept } = await life.up(undefined, args);
    expect(only().values).toMatchObject({ service_account_client_secret: clientSecret });
    account.revokeClientSecret(clientSecret);
    expect(await life.up(kept, args)).toMatchObject({ outcome: "update", why: "" });
    account.restoreClientSecret(clientSecret);
    expect(only().values).toMatchObject({ service_account_client_secret: standbyClientSecret });
});

it("deletes its account, one that a person has linked since as well; a delete whose answer is lost is fine", async () => {
    const { kept } = await life.up(undefined, declared());
    await stackOne().complete(stackOne().sessions.at(-1)!, typed());
    await life.destroy(kept!);
    expect(stackOne().accounts).toEqual([]);
    await life.destroy(kept!);
    const mine = await adopted();
    stackOne().cutAfter({ method: "DELETE" });
    await life.destroy(mine);
    expect(stackOne().accounts).toEqual([]);
    // No document shows surely what a delete answers.
    const another = await adopted();
    hubs.listeners.forEach((listener) => listener.fault({ method: "DELETE", kind: "patch", patch: () => ({}) }));
    await life.destroy(another);
    expect(stackOne().accounts).toEqual([]);
    hubs.clearFaults();
});

it("tells a refused key, a key that may only read, a StackOne that is away, and a refusal without what it echoes", async () => {
    const kept = await adopted();
    key.revoke();
    expect((await life.preview(undefined, declared())).why).toMatch(/apiKey: StackOne refused the API key/);
    expect((await life.preview(kept, declared({ accountId: only().id }))).outcome).toBe("clean");
    key.restore();
    const readOnly = stackOne().addKey({ readOnly: true });
    const args = declared({ accountId: only().id, label: "New" });
    expect((await life.up(kept, { ...args, apiKey: readOnly.value })).why).toMatch(
        /does not let this API key do that: Forbidden resource/,
    );
    stackOne().failNext({ times: 100 });
    expect((await life.preview(kept, args)).outcome).toBe("update");
    await expect(life.destroy(kept)).rejects.toThrow(/retainOnDelete/);
    hubs.clearFaults();
    vendors.fixture.jamf.client.generateClientSecret();
    stackOne().answerNext(
        {
            status: 422,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ message: `bad value ${secret()}` }),
        },
        { method: "PATCH" },
    );
    expect((await life.up(kept, declared({ accountId: only().id }))).why).toMatch(/HTTP 422\): bad value \[secret\]/);
});

test("What an earlier release recorded of every account is no drift, in a preview and a refresh", async () => {
    const kept = await adopted();
    const earlier = (values: HubState["inputs"]) => ({
        ...values,
        found: { ...(values["found"] as object), hasCredential: true },
    });
    const old = { ...kept, inputs: earlier(kept.inputs), outputs: earlier(kept.outputs) };
    expect(await life.preview(old, declared({ accountId: kept.outputs["linkedAccountId"] }))).toMatchObject({
        outcome: "clean",
    });
    expect(await life.refresh(old)).toEqual(old);
});
