// A vendor's own object, made and deleted over HTTP: it lives the life that is shared by everything that is made elsewhere, and no hub has a part in it.
import { Fault } from "../../provider/core/problems";
import { flag, list, secret, text, withDefault, type Problem } from "../../provider/define";
import type { RemoteClient } from "../../provider/hubs/client";
import type { RemoteDefinition } from "../../provider/hubs/contracts";
import { readMark, withMark } from "../../provider/hubs/text-mark";
import { Acme, type AcmeRole } from "../simulators/acme";
import { HubLife, type HubState } from "../support/hub-life";

const pathOf = ({ name }: Readonly<Record<string, unknown>>): string => `/v1/roles/${encodeURIComponent(String(name))}`;
const refused = {
    kind: "credentialRefused",
    code: "credential-refused",
    argument: "key",
    message: "Acme refused the key. Make another one.",
} as const;

/** A role in Acme. */
const acmeRole = {
    type: "acme:Role",
    title: "Acme",
    args: { key: secret(), name: text(), rights: list(), adopt: withDefault(flag(), false) },
    outputs: { roleId: text() },
    replaces: ["name"],
    server: () => ({ url: "https://api.eu.acme.example" }),
    authorization: (secretOf) => ({ "x-api-key": secretOf("key") }),
    id: ({ name }) => `acme/${String(name)}`,
    wanted: ({ args: { rights } }) => ({ rights }),
    look: async (acme, { args, owner, recorded }) => {
        const { status, body } = await acme.send({ method: "GET", path: pathOf(args) });
        if (status === 401) {
            throw new Fault(refused);
        }
        const { id, rights, note } = body as AcmeRole;
        const { mark } = readMark(note, owner, recorded?.mark.owner);
        return status === 404 ? undefined : { facts: { rights }, outputs: { roleId: id }, mark };
    },
    foreign: ({ args: { name } }) => ({
        kind: "invalidArgument",
        code: "invalid-argument",
        argument: "name",
        message: `Acme has a role ${String(name)} already. Set adopt: true, or take another name.`,
    }),
    write: async (acme, { args, mark }) => {
        const body = { rights: args["rights"], note: withMark("", mark) };
        const { status } = await acme.send({ method: "PUT", path: pathOf(args), body });
        return status === 401 ? { problem: refused } : {};
    },
    remove: async (acme, { args }) => {
        await acme.send({ method: "DELETE", path: pathOf(args) });
    },
} as const satisfies RemoteDefinition;

const owner = "urn:pulumi:dev::shop::acme:Role::readers";
const key = "acme-key-0123456789";
const declared = (more: object = {}) => ({ key, name: "readers", rights: ["read"], ...more });
let acme: Acme;
let life: HubLife;
const written = () => acme.requests.filter((request) => !request.startsWith("GET"));
const made = async (): Promise<HubState> => (await life.up(undefined, declared())).kept!;

beforeAll(async () => {
    acme = await Acme.start();
});

beforeEach(() => {
    acme.keys.set(key, ["roles"]);
    acme.roles.clear();
    acme.requests.length = 0;
    life = new HubLife(acmeRole, () => acme.endpoints, owner);
});

afterAll(() => acme.close());

describe.each([
    ["a program's side that looks", true],
    ["a host that has none", false],
])("By %s", (_, hasProgramsSide) => {
    beforeEach(() => {
        life = new HubLife(acmeRole, () => acme.endpoints, owner, hasProgramsSide);
    });

    test("It is made, marked, found unchanged, and removed", async () => {
        expect((await life.preview(undefined, declared())).outcome).toBe("create");
        expect(written()).toEqual([]);
        const kept = await made();
        expect(acme.roles.get("readers")).toMatchObject({
            rights: ["read"],
            note: expect.stringMatching(/^ \[pulumi shop\/dev\/readers /),
        });
        expect(kept).toMatchObject({ id: "acme/readers", outputs: { roleId: acme.roles.get("readers")?.id } });
        expect(await life.preview(kept, declared())).toMatchObject({ outcome: "clean", warnings: [] });
        expect(await life.refresh(kept)).toEqual(kept);
        await life.destroy(kept);
        expect([acme.roles.size, written()]).toEqual([0, ["PUT /v1/roles/readers", "DELETE /v1/roles/readers"]]);
    });

    test("It is updated in place, and another name replaces it", async () => {
        const kept = await made();
        const { outcome, kept: wider } = await life.up(kept, declared({ rights: ["read", "write"] }));
        expect([outcome, acme.roles.get("readers")?.rights]).toEqual(["update", ["read", "write"]]);
        expect((await life.up(wider, declared({ name: "writers" }))).outcome).toBe("replace");
        expect([...acme.roles.keys()]).toEqual(["writers"]);
    });

    test("Another contact alone is recorded without a write", async () => {
        const kept = await made();
        const { outcome, kept: after } = await life.up(kept, declared({ contact: "it-ops" }));
        expect([outcome, after?.outputs]).toEqual(["update", { ...kept.outputs, contact: "it-ops" }]);
        expect(written()).toEqual(["PUT /v1/roles/readers"]);
        expect((await life.preview(after, declared({ contact: "it-ops" }))).outcome).toBe("clean");
    });

    test("Drift is shown property by property, recorded by a refresh, and mended", async () => {
        const kept = await made();
        acme.roles.get("readers")!.rights = ["everything"];
        const seen = await life.preview(kept, declared());
        expect(seen).toMatchObject({
            outcome: "update",
            shown: { found: { state: "present", rights: ["everything"] } },
        });
        const refreshed = await life.refresh(kept);
        expect(refreshed.outputs["found"]).toEqual({ state: "present", rights: ["everything"] });
        expect((await life.up(refreshed, declared())).outcome).toBe("update");
        expect(acme.roles.get("readers")?.rights).toEqual(["read"]);
        acme.roles.clear();
        expect(await life.up(kept, declared())).toMatchObject({
            outcome: "update",
            shown: { found: { state: "missing" } },
        });
        expect(acme.roles.get("readers")?.rights).toEqual(["read"]);
    });

    test("One that it has not made is left alone unless it is adopted, and one that another has taken is not removed", async () => {
        acme.roles.set("readers", { id: "r-1", name: "readers", rights: ["read"], note: "by hand" });
        expect(await life.up(undefined, declared())).toMatchObject({
            outcome: "refused",
            why: expect.stringMatching(/^name: Acme has a role/),
        });
        const { kept } = await life.up(undefined, declared({ adopt: true }));
        expect(kept?.outputs["roleId"]).toBe("r-1");
        acme.roles.get("readers")!.note = withMark("", {
            owner: "urn:pulumi:dev::other::acme:Role::x",
            nonce: "0".repeat(32),
        });
        expect((await life.preview(kept, declared())).shown["found"]).toMatchObject({ owner: "another one" });
        const warnings: string[] = [];
        await life.destroy(kept!, warnings);
        expect(warnings.slice(1)).toEqual([
            "acme.Role: what is at Acme is not this resource's any more, and stays there.",
        ]);
        expect(acme.roles.has("readers")).toBe(true);
    });

    test("A key that is refused stops what is new, and leaves what is on record", async () => {
        const kept = await made();
        acme.keys.delete(key);
        expect(await life.up(undefined, declared())).toMatchObject({
            outcome: "refused",
            why: `key: ${refused.message}`,
        });
        expect((await life.up(kept, declared())).outcome).toBe("clean");
        const warnings: string[] = [];
        expect(await life.refresh(kept, {}, warnings)).toEqual(kept);
        expect(warnings.slice(1)).toEqual([
            `acme.Role: key: ${refused.message} [credential-refused] It stays as it was.`,
        ]);
        await expect(life.destroy(kept)).rejects.toThrow(/^key: Acme refused the key/);
        expect(acme.roles.size).toBe(1);
    });
});

test("Whatever a module repeats of what the other end says leaves it without the secret", async () => {
    const heard = (client: RemoteClient): Promise<string> =>
        client.send({ method: "GET", path: pathOf(declared()) }).then(({ body }) => (body as AcmeRole).note);
    const said = async (client: RemoteClient): Promise<Problem> => ({
        ...refused,
        message: `Acme: ${await heard(client)}`,
    });
    const look: RemoteDefinition["look"] = (client, request) => acmeRole.look(client, request);
    const modules: readonly Partial<RemoteDefinition>[] = [
        {
            look: async (client) => {
                throw new Fault(await said(client));
            },
        },
        {
            look: async (client, request) => {
                client.warn(await heard(client));
                return { ...(await look(client, request))!, problem: await said(client) };
            },
        },
        {
            look: async (client, request) => ({
                ...(await look(client, request))!,
                facts: { rights: await heard(client) },
            }),
        },
        { write: async (client) => ({ problem: await said(client) }) },
        { stays: () => `it holds ${key}.` },
    ];
    const messageOf = ({ message }: Error): string => message;
    for (const module of modules) {
        acme.roles.clear();
        const kept = await made();
        const role = acme.roles.get("readers")!;
        role.note = `The key is ${key}${role.note}`;
        const chatty = new HubLife({ ...acmeRole, ...module }, () => acme.endpoints, owner);
        const warnings: string[] = [];
        const told = [
            await chatty.refresh(kept, {}, warnings).then(({ outputs }) => outputs["found"], messageOf),
            await chatty
                .up(kept, declared({ rights: ["write"] }))
                .then(({ why, shown, warnings: more }) => [why, shown["found"], more], messageOf),
            await chatty.destroy(kept, warnings).catch(messageOf),
            warnings,
        ];
        expect(JSON.stringify(told)).not.toContain(key);
        // A refresh records no text that could be a secret.
        expect(JSON.stringify(told)).toMatch(/\[secret\]|another value/);
    }
});
