// A connection that is given to a hub's resource by its arguments: nobody else verifies it, so the resource says what its vendor says.
import { Session } from "../../provider/core/session";
import type { Values } from "../../provider/define";
import { connectionTypes } from "../../provider/hosts/handlers";
import { remoteHandler } from "../../provider/hubs/lifecycle";
import { observe } from "../../provider/hubs/observe";
import { RemoteType } from "../../provider/hubs/type";
import { stackOneAccount } from "../../provider/hubs/stackone/account";
import type { StackOneKey } from "../simulators/stackone/administration";
import { usingHubs } from "../support/hubs";
import { HubLife, type HubState } from "../support/hub-life";

const owner = "urn:pulumi:dev::shop::stackone:Account::mdm";
const started = usingHubs();
const variable = "HUB_CONNECTIONS_KEY";
const strictly = /A strict run \(connections:strict or CONNECTIONS_STRICT\) fails for what could not be verified\./;

let life: HubLife;
let kept: HubState;
let key: StackOneKey;

const client = () => started.vendors.fixture.jamf.client;
const stackOne = () => started.hubs.stackone.administration;
const declared = (args: object = {}) => {
    const { url, clientId } = started.vendors.credentials.jamf;
    return {
        apiKey: { secretFrom: "env", name: variable },
        originOwnerId: "acme",
        connection: {
            type: "jamf.ApiClient",
            arguments: { url, clientId, clientSecret: client().clientSecret, ...args },
        },
    };
};
const sessionOf = () =>
    new Session({ endpoints: { ...started.vendors.endpoints, ...started.hubs.endpoints }, verify: undefined });

/** What is on record where the program made the connection's address secret. */
async function sealed(): Promise<{ inputs: Values; outputs: Values }> {
    const context = { session: sessionOf(), log: { warn: () => undefined } };
    const handler = remoteHandler(stackOneAccount, connectionTypes);
    const observed = await observe(new RemoteType(stackOneAccount), connectionTypes, context.session, {
        label: "it",
        owner,
        preview: false,
        isSealed: true,
        declared: declared(),
    });
    const { inputs } = await handler.check({ recorded: kept.inputs, declared: declared(), report: observed }, context);
    const { state } = await handler.update({ recorded: kept.outputs, inputs }, context);
    return { inputs, outputs: state };
}

const writes = () =>
    stackOne()
        .requests()
        .filter(({ method }) => method !== "GET");

beforeAll(async () => {
    const { vendors, hubs } = started;
    key = stackOne().addKey();
    process.env[variable] = key.value;
    life = new HubLife(stackOneAccount, () => ({ ...vendors.endpoints, ...hubs.endpoints }), owner);
    const first = await life.up(undefined, declared());
    await stackOne().complete(stackOne().sessions[0]!, {
        instance_url: vendors.credentials.jamf.url,
        api_client_id: client().clientId,
        api_client_secret: client().clientSecret,
    });
    kept = (await life.up(first.kept, declared())).kept!;
    expect(await life.preview(kept, declared())).toMatchObject({ outcome: "clean", warnings: [] });
    expect(await life.preview(kept, declared(), { strict: true })).toMatchObject({ outcome: "clean" });
});

afterEach(() => {
    client().restoreClientSecret();
    started.vendors.clearFaults();
});

afterAll(() => {
    Reflect.deleteProperty(process.env, variable);
});

it("is warned of where its vendor refuses it and nothing is to be sent, and fails a strict run", async () => {
    client().revokeClientSecret();
    const refused = /^it: what StackOne was given is not verified: connection\.clientSecret: Jamf refused/;
    expect(await life.preview(kept, declared())).toMatchObject({
        outcome: "clean",
        warnings: [expect.stringMatching(refused)],
    });
    expect(await life.up(kept, declared())).toMatchObject({
        outcome: "clean",
        warnings: [expect.stringMatching(refused)],
    });
    for (const ran of [
        await life.preview(kept, declared(), { strict: true }),
        await life.up(kept, declared(), { strict: true }),
    ]) {
        expect(ran).toMatchObject({ outcome: "refused", why: expect.stringMatching(strictly) });
        expect(ran.why).toMatch(/^connection\.clientSecret: Jamf refused/);
    }
});

it("is warned of as what up will refuse where its vendor or the hub refuses it and there is something to send", async () => {
    const { clientSecret } = client();
    const { id, label } = stackOne().accounts[0]!;
    const willFail = /^it: pulumi up will fail unless it is corrected first: /;
    try {
        stackOne().change(id, { label: "changed by hand" });
        client().revokeClientSecret();
        const drifted = await life.preview(kept, declared());
        expect(drifted).toMatchObject({ outcome: "update", warnings: [expect.stringMatching(willFail)] });
        expect(drifted.warnings[0]).toMatch(/: connection\.clientSecret: Jamf refused/);
        expect(await life.up(kept, declared())).toMatchObject({ outcome: "failed" });
        client().restoreClientSecret();
        expect(await life.preview(kept, declared())).toMatchObject({ outcome: "update", warnings: [] });
        stackOne().change(id, { label });
        key.revoke();
        client().generateClientSecret();
        expect(await life.preview(kept, declared())).toMatchObject({
            outcome: "update",
            warnings: [expect.stringMatching(willFail)],
        });
        expect(await life.up(kept, declared())).toMatchObject({ outcome: "failed" });
    } finally {
        stackOne().change(id, { label });
        client().generateClientSecret(clientSecret);
        key.restore();
    }
});

it("is warned of where its vendor cannot be asked, and fails a strict run", async () => {
    started.vendors.listener("https://acme.jamfcloud.com").fault({ kind: "status", status: 503 });
    const seen = await life.preview(kept, declared());
    expect(seen).toMatchObject({
        outcome: "clean",
        warnings: [expect.stringMatching(/what StackOne was given is not verified: .*HTTP 503/)],
    });
    expect(await life.preview(kept, declared(), { strict: true })).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(strictly),
    });
});

it("is refused under strict where its arguments say that nobody is asked", async () => {
    const never = declared({ verify: "never" });
    expect(await life.preview(kept, never, { strict: true })).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(/^connection\.verify: never contradicts strict/),
    });
});

it.each(["never", "changes"] as const)(
    "is verified before it is sent, whatever a stack says of connections (%s)",
    async (verify) => {
        const secret = "planted-secret-that-jamf-refuses";
        expect(await life.up(kept, declared({ clientSecret: secret }), { verify })).toMatchObject({
            outcome: "refused",
            why: expect.stringMatching(/^connection\.clientSecret: Jamf refused/),
        });
        expect([writes(), stackOne().requestsWith(secret)]).toEqual([[], []]);
    },
);

it("a key that is not there now leaves a refresh with a warning, and fails a strict one", async () => {
    Reflect.deleteProperty(process.env, variable);
    try {
        const warnings: string[] = [];
        expect(await life.refresh(kept, {}, warnings)).toEqual(kept);
        expect(warnings.at(-1)).toMatch(
            /^stackone\.Account: apiKey: .*HUB_CONNECTIONS_KEY.* It stays as it was\.( \[[a-z-]+\])?$/s,
        );
        await expect(life.refresh(kept, { strict: true })).rejects.toThrow(strictly);
    } finally {
        process.env[variable] = key.value;
    }
});

describe.each(["never", "changes"] as const)("a connection that cannot be proved, under %s", (verify) => {
    const leaves = async (): Promise<void> => {
        const account = stackOne().accounts[0]!;
        stackOne().setStatus(account.id, "error", []);
        const left = await life.up(kept, declared(), { verify });
        expect(left).toMatchObject({
            outcome: "update",
            why: "",
            warnings: expect.arrayContaining([
                expect.stringMatching(/is not verified: .* Nothing was sent to StackOne\. It stays as it was\./s),
            ]),
        });
        expect([writes(), left.kept?.outputs]).toEqual([[], kept.outputs]);
        // The drift stays to be seen, in each further preview.
        for (let { kept: now } = left, times = 0; times < 2; times++) {
            const seen = await life.preview(now, declared(), { verify });
            expect(seen).toMatchObject({ outcome: "update", shown: { found: { status: "error" } } });
            expect(seen.shown["found"]).not.toEqual(now?.inputs["found"]);
            ({ kept: now } = await life.up(now, declared(), { verify }));
        }
        for (const [args, settings] of [
            [declared(), {}],
            [declared(), { verify, strict: true }],
            [{ ...declared(), label: "another" }, { verify }],
            [declared({ warnBeforeDays: 3 }), { verify }],
        ] as const) {
            expect((await life.up(kept, args, settings)).outcome).toMatch(/failed|refused/);
        }
        expect(writes()).toEqual([]);
        stackOne().setStatus(account.id, "active", []);
    };

    beforeEach(() => started.hubs.requests.clear());

    it("that is refused leaves what is at the hub as it is, unless something of it has changed", async () => {
        client().revokeClientSecret();
        await leaves();
    });

    it("whose vendor does not answer does so too", async () => {
        started.vendors.listener("https://acme.jamfcloud.com").fault({ kind: "status", status: 503 });
        await leaves();
    });
});

test.each(["never", "changes"] as const)(
    "that its mode leaves unverified is verified once where something is to be sent, and its status told (%s)",
    async (verify) => {
        const { vendors } = started;
        const [account] = stackOne().accounts;
        const { url } = vendors.credentials.jamf;
        const settings = { endpoints: sessionOf().settings.endpoints, verify };
        const told: string[] = [];
        const look = (preview: boolean) =>
            observe(new RemoteType(stackOneAccount), connectionTypes, new Session(settings), {
                ...{ label: "it", owner, preview, isSealed: false, declared: declared(), outputs: { url } },
                onVerified: (status) => void told.push(status),
            });
        client().revokeClientSecret();
        vendors.requests.clear();
        expect((await look(false)).verification).toBeUndefined();
        stackOne().setStatus(account!.id, "error", []);
        try {
            expect((await look(true)).verification).toBeUndefined();
            expect([told, vendors.requests.length]).toEqual([[], 0]);
            const report = await look(false);
            expect([told, vendors.requests.length]).toEqual([["rejected"], 1]);
            const warnings: string[] = [];
            const log = { warn: (message: string) => void warnings.push(message) };
            const context = { session: new Session(settings), log };
            const handler = remoteHandler(stackOneAccount, connectionTypes);
            const { inputs } = await handler.check({ recorded: kept.inputs, declared: declared(), report }, context);
            await handler.update({ recorded: kept.outputs, inputs }, context);
            expect(warnings.at(-1)).toMatch(
                /Jamf refused .* Nothing was sent to StackOne\. It stays as it was\.( \[[a-z-]+\])?$/s,
            );
            expect(vendors.requests.length).toBe(1);
        } finally {
            stackOne().setStatus(account!.id, "active", []);
        }
    },
);

it("keeps a secret tenant out of what stands in clear, and seals what an older release has left there", async () => {
    const { inputs, outputs } = await sealed();
    const { url } = started.vendors.credentials.jamf;
    for (const values of [inputs, outputs]) {
        expect(values["__record"]).toMatchObject({ isSealed: true });
        expect(JSON.stringify(values["__record"])).not.toContain(url);
        expect(JSON.stringify(values["__sealed"])).toContain(url);
    }
    const { tenant, memo } = outputs["__sealed"] as { tenant: string; memo: object };
    const older = { ...outputs, __record: { ...(outputs["__record"] as object), tenant, memo } };
    const context = { session: sessionOf(), log: { warn: () => undefined } };
    const handler = remoteHandler(stackOneAccount, connectionTypes);
    expect(await handler.diff({ recorded: older, inputs }, context)).toMatchObject({ changes: true });
    expect(await handler.diff({ recorded: outputs, inputs }, context)).toMatchObject({ changes: false });
    const read = await handler.read({ id: "it", recorded: older }, context);
    expect(JSON.stringify(read.state?.["__record"])).not.toContain(url);
    expect(read.sealed).toContain("__sealed");
});

test("that has expired since its own resource was recorded is kept from the hub at the write", async () => {
    const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
    client().generateClientSecret();
    started.hubs.requests.clear();
    const { url } = started.vendors.credentials.jamf;
    expect(await life.up(kept, declared({ expiresAt: yesterday }), {}, { url })).toMatchObject({
        outcome: "failed",
        why: expect.stringMatching(
            new RegExp(`connection\\.expiresAt: .*${yesterday}[^]*Nothing was sent to StackOne\\.`),
        ) as string,
        kept,
    });
    expect(writes()).toEqual([]);
});

it("is verified by the provider's side of a host that has no program's, once, and refused there", async () => {
    const { vendors, hubs } = started;
    const alone = new HubLife(stackOneAccount, () => ({ ...vendors.endpoints, ...hubs.endpoints }), owner, false);
    const tokens = (): number => [...vendors.requests].filter(({ path }) => path.includes("token")).length;
    const current = (await life.up(kept, declared())).kept!;
    vendors.requests.clear();
    expect(await alone.preview(current, declared())).toMatchObject({ outcome: "clean", warnings: [] });
    expect(tokens()).toBe(1);
    stackOne().setStatus(stackOne().accounts[0]!.id, "error", []);
    expect((await alone.preview(current, declared())).shown["found"]).toMatchObject({ status: "error" });
    expect((await alone.up(current, declared())).outcome).toBe("update");
    client().revokeClientSecret();
    const refused = await alone.up(current, declared({ timeoutSeconds: 29 }));
    expect(refused).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(/^connection\.clientSecret: Jamf refused/) as string,
    });
});
