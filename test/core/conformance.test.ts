// The suite that every definition is run through: all classes of this package with their simulated vendors, and definitions with faults.
import path from "node:path";
import type * as ConformanceModule from "../../provider/conformance";
import type * as DefineModule from "../../provider/define";
import type { AnyDefinition, Call } from "../../provider/define";
import type * as VendorsModule from "../../provider/vendors";
import { startVendors, type Vendors } from "../simulators/vendors";
import { allCases } from "../support/classes";

interface SharedEnvironment {
    readonly projects: string;
}

// Compiled, this file lies in build/test/core.
const shared = require(path.resolve(__dirname, "../../../setup/environment.cjs")) as SharedEnvironment;
const installed = path.join(shared.projects, "node_modules/pulumi-connections");
const { conformance } = require(path.join(installed, "build/provider/conformance")) as typeof ConformanceModule;
const { definitions } = require(path.join(installed, "build/provider/vendors")) as typeof VendorsModule;

let vendors: Vendors;

/** What a required scope that does not exist is to each of these. */
const lacking: Readonly<Record<string, { readonly args: Readonly<Record<string, unknown>> }>> = {
    // Okta refuses a token with a scope that is not granted, and does not say which it is.
    "okta.ServiceApp": { args: { requiredScopes: ["okta.none"] } },
    // Kandji's permissions are a list that the declaration knows.
    "kandji.ApiToken": { args: { requiredPermissions: ["/users"] } },
};

beforeAll(async () => {
    vendors = await startVendors();
});

afterAll(() => vendors?.close());

describe.each(allCases)("$type with $credential", ({ type, credential }) => {
    const definition = definitions[type.replace(".", ":") as keyof typeof definitions]() as AnyDefinition;
    const suite = (): readonly ConformanceModule.ConformanceCase[] =>
        conformance(definition, {
            args: vendors.credentials[credential],
            simulator: vendors.endpoints,
            insufficient: lacking[type],
        });
    const names = [
        "accepted",
        "unchanged",
        "refused",
        "insufficient",
        "unreachable",
        "drift",
        "expiry",
        "planted secrets",
        "unknown values",
        "null answers",
    ];
    test.each(names)("%s", async (name) => {
        await suite()
            .find((one) => one.name.startsWith(name))
            ?.run();
    });
});

test("a scope that is taken away from a token that a simulator accepts is insufficient", async () => {
    const { connectorToken } = vendors.fixture.atlassian;
    const prepare = (): (() => void) => {
        connectorToken.removeScope("read:jira-user");
        return () => connectorToken.addScope("read:jira-user");
    };
    const options = {
        args: vendors.credentials.jiraConnector,
        simulator: vendors.endpoints,
        insufficient: { prepare },
    };
    const cases = conformance(definitions["atlassian:JiraConnector"]() as AnyDefinition, options as never);
    await cases.find(({ name }) => name.startsWith("insufficient"))?.run();
    expect(connectorToken.scopes).toContain("read:jira-user");
});

// ---- faults -----------------------------------------------------------------------------------------------------------------------

const { apiKey, choice, defineConnection, anything, list, object, optional, secret, text, withDefault } = require(
    path.join(installed, "build/provider/define"),
) as typeof DefineModule;

const args = { key: "acme-key-0123456789", requiredRights: ["devices:read"] };
const answers: ConformanceModule.VendorAnswers = {
    "GET https://api.eu.acme.example/v1/me": {
        body: {
            id: "u-17",
            name: "Integration",
            workspace: { id: "w-4711", name: null },
            rights: ["devices:read", "users:read"],
        },
    },
};
const me = object({ id: text(), name: text(), workspace: object({ id: text() }), rights: list() });

/** A definition without a fault. */
const sound = defineConnection({
    type: "acme:ApiKey",
    title: "Acme",
    args: {
        key: secret(),
        cell: withDefault(choice(["eu", "us"], { namesTenant: true }), "eu"),
        requiredRights: optional(list()),
    },
    outputs: ({ derived }) => ({
        apiUrl: derived(text(), ({ cell }) => `https://api.${cell}.acme.example/v1`),
        workspaceId: text(),
    }),
    console: { secret: "Settings > Keys", called: "key" },
    checks: { account: "Acme knows the key.", rights: "No required right is missing." },
    tenant: "workspaceId",
    scopes: { check: "rights", required: "requiredRights", word: "right" },
    credential: ({ key }) => apiKey(key, { header: "x-api-key" }),
    verify: async (vendor, { cell }) => {
        const account = await vendor.request("account", `https://api.${cell}.acme.example/v1/me`, me);
        return vendor.found({
            outputs: { workspaceId: account?.workspace.id },
            account: account && { id: account.id, name: account.name },
            scopes: account && { granted: account.rights },
        });
    },
});
type Verify = NonNullable<(typeof sound)["verify"]>;

/** The same, by steps. */
const { checks: _, verify: __, ...unverified } = sound;
const soundBySteps: AnyDefinition = {
    ...unverified,
    steps: (call: Call<typeof sound.args, typeof sound.outputs>) => ({
        account: call(
            "Acme knows the key.",
            ({ cell }) => `https://api.${cell}.acme.example/v1/me`,
            me,
            ({ id, name, workspace, rights }, _args, tell) =>
                tell.found({
                    outputs: { workspaceId: workspace.id },
                    account: { id, name },
                    scopes: { granted: rights },
                }),
        ),
    }),
};

/** The messages of the cases that a definition does not pass, by the case's first word. */
async function failures(definition: AnyDefinition, options: object = {}): Promise<Record<string, string>> {
    const failed: Record<string, string> = {};
    for (const { name, run } of conformance(definition, { args, answers, ...options })) {
        await run().catch((error: Error) => (failed[name.split(":")[0] ?? ""] = error.message));
    }
    return failed;
}

const asking = (verify: Verify): AnyDefinition => ({ ...sound, verify });
const address = "https://api.eu.acme.example/v1/me";

test("a sound definition passes, by what its user says that the vendor answers", async () => {
    expect(await failures(sound)).toEqual({});
    expect(await failures(soundBySteps)).toEqual({});
    const moved = {
        answers: {
            [`GET ${address}`]: { body: { id: "u-17", name: "Integration", workspace: { id: "w-1" }, rights: [] } },
        },
    };
    expect(await failures(sound, { drift: moved, insufficient: moved, refused: { status: 403, body: {} } })).toEqual({
        refused: expect.stringContaining("with another secret the connection is insufficient, and has to be rejected."),
    });
    const isAsked = jest.fn(() => ({
        body: { id: "1", name: "n", workspace: { id: "w-4711" }, rights: ["devices:read"] },
    }));
    expect(await failures(sound, { answers: { [`GET ${address}`]: isAsked } })).toEqual({});
    expect(isAsked).toHaveBeenCalledWith(
        expect.objectContaining({
            method: "GET",
            headers: expect.objectContaining({ "x-api-key": args.key }) as object,
        }),
    );
});

test("options that contradict themselves are refused at once", () => {
    expect(() => conformance(sound, { args })).toThrow("give either answers or simulator");
    expect(() => conformance(sound, { args: { key: "short" }, answers })).toThrow(
        "give key in args by value, each of 8 characters or more.",
    );
    expect(() => conformance(sound, { args, answers: { "/me": {} } })).toThrow(
        "answers: /me is not a method and an address.",
    );
});

let counter = 0;
let leaked = "";
let first: string | undefined;

test.each<[string, AnyDefinition, Record<string, string>]>([
    [
        "asks for what the vendor does not have",
        asking(async (vendor) => {
            await vendor.request("account", "https://api.eu.acme.example/v2/me", me);
            return vendor.found({ outputs: { workspaceId: "w" } });
        }),
        { accepted: "the definition calls GET https://api.eu.acme.example/v2/me, which answers does not have." },
    ],
    [
        "does not report an output",
        asking(async (vendor) => {
            await vendor.request("account", address, me);
            return vendor.found({ outputs: { workspaceId: undefined } });
        }),
        { accepted: "did not find its output workspaceId although all its checks passed" },
    ],
    [
        "writes what is not there into a text",
        asking(async (vendor) => {
            const account = (await vendor.request("account", address, anything())) as
                { workspace?: { name?: string } } | undefined;
            return vendor.found({ outputs: { workspaceId: `w-${account?.workspace?.name ?? String(undefined)}` } });
        }),
        { accepted: "a text comes out as: w-undefined" },
    ],
    [
        "has another output each time",
        asking(async (vendor) => {
            const account = await vendor.request("account", address, me);
            return vendor.found({ outputs: { workspaceId: account && `w-4711-${counter++}` } });
        }),
        { unchanged: "a second preview shows a change although nothing has changed." },
    ],
    [
        "takes a refusal for an answer",
        asking(async (vendor) => {
            await vendor.request("account", address, me, { classify: () => "passed" });
            return vendor.found({ outputs: { workspaceId: "w-4711" } });
        }),
        { refused: "with another secret the connection is verified, and has to be rejected." },
    ],
    [
        "tells no next step",
        asking(async (vendor) => {
            const account = await vendor.request("account", address, me, {
                classify: ({ status }) =>
                    status === 401
                        ? { kind: "credentialRefused", argument: "key", message: "was refused." }
                        : undefined,
            });
            return vendor.found({ outputs: { workspaceId: account?.workspace.id } });
        }),
        { refused: "the refusal names no next step" },
    ],
    [
        "grants what is required",
        asking(async (vendor) => {
            const account = await vendor.request("account", address, me);
            return vendor.found({
                outputs: { workspaceId: account?.workspace.id },
                scopes: { granted: ["conformance:missing"] },
            });
        }),
        { insufficient: "with a required right that the credential has not, the connection is verified" },
    ],
    [
        "takes a vendor that cannot be asked for one that refuses",
        asking(async (vendor) => {
            const account = await vendor.request("account", address, me);
            if (account === undefined) {
                vendor.fail("rights", { kind: "accessMissing", message: "there is no access. Give it." });
            }
            return vendor.found({ outputs: { workspaceId: account?.workspace.id } });
        }),
        {
            unreachable:
                "where the vendor answers with HTTP 429, the connection is insufficient, and has to be unreachable.",
        },
    ],
    [
        "keeps what it has once been told",
        asking(async (vendor) => {
            const account = await vendor.request("account", address, me);
            first ??= account?.workspace.id;
            return vendor.found({ outputs: { workspaceId: first } });
        }),
        { drift: "the vendor reports w-4822 and not w-4711 any more, and nothing shows it." },
    ],
    [
        "makes up what it tells",
        asking(async (vendor) => {
            await vendor.request("account", address, me);
            return vendor.found({ outputs: { workspaceId: "made up" } });
        }),
        { drift: "no output and no account holds a text of the answers." },
    ],
    [
        "hands a secret on",
        {
            ...sound,
            rules: (_: unknown, declared: { readonly key?: unknown }) => {
                leaked = String(declared.key);
                return [];
            },
            verify: async (vendor: Parameters<Verify>[0]) => {
                const account = await vendor.request("account", address, me);
                return vendor.found({ outputs: { workspaceId: account && `${account.workspace.id} ${leaked}` } });
            },
        },
        { "planted secrets": "a secret is shown." },
    ],
    [
        "reads what may be null",
        asking(async (vendor) => {
            const account = (await vendor.request("account", address, anything())) as
                { workspace: { id: string } } | undefined;
            return vendor.found({ outputs: { workspaceId: account?.workspace.id } });
        }),
        { "null answers": `GET ${address}: workspace is null, and the definition fails.` },
    ],
])("a definition that %s does not pass", async (_, definition, messages) => {
    const failed = await failures(definition, { args: { ...args, cell: "eu" } });
    for (const [name, message] of Object.entries(messages)) {
        expect(failed[name]).toContain(message);
    }
});
