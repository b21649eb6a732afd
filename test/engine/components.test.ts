// Programs as teams write them: every class in components within components, with what they hand down.
import { definitions } from "../../provider/vendors";
import { hubs as hubTypes } from "../../provider/hubs";
import { startDataCenter, type DataCenter } from "../simulators/atlassian-data-center";
import { startGenericApi, type GenericApi } from "../simulators/generic";
import { leastScopes } from "../simulators/hubs";
import { further } from "../support/classes";
import { HubLab, type DeclaredResource } from "../support/hub-lab";
import { failed, succeeded } from "../support/programs";

const clean = "--expect-no-changes";

/**
 * Declares what the environment says, in its order: in the components that a resource names, one within the other, after what it depends on. `flat` takes
 * all components away, `moved` says that there were none before, and `renamed` gives the outermost another type.
 */
const program = `
const pulumi = require("@pulumi/pulumi");
const all = require("pulumi-connections");
const { resources, flat, moved, renamed, hasProvider } = JSON.parse(process.env.TREE);

class Group extends pulumi.ComponentResource {
    constructor(name, type, opts) {
        super(type, name, {}, opts);
    }
}
class Passed extends pulumi.ProviderResource {
    constructor() {
        super("pulumi-nodejs", "passed");
    }
}
const providers = hasProvider ? [new Passed()] : undefined;
const groups = {};
const groupOf = ([name, ...above]) =>
    (groups[name] ??=
        above.length > 0
            ? new Group(name, "test:index:Group", { parent: groupOf(above) })
            : new Group(name, renamed ? "test:index:Team" : "test:index:Group", {
                  providers,
                  ...(renamed && { aliases: [{ type: "test:index:Group" }] }),
              }));
const made = {};
const resolve = (value) => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value.made === "string") return value.output ? made[value.made][value.output] : made[value.made];
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner)]));
};
for (const [name, { type, args, within, dependsOn }] of Object.entries(resources)) {
    const [room, kind] = type.split(".");
    made[name] = new all[room][kind](name, resolve(args), {
        ...(within && !flat && { parent: groupOf([...within].reverse()) }),
        ...(dependsOn && { dependsOn: dependsOn.map((other) => made[other]) }),
        ...(moved && { aliases: [{ parent: pulumi.rootStackResource }] }),
    });
}
`;

interface Member extends DeclaredResource {
    /** The components that it is made in, from the outermost. */
    readonly within?: readonly string[];
    readonly dependsOn?: readonly string[];
}

describe("Classes in components", () => {
    let lab: HubLab;
    let api: GenericApi;
    let dataCenter: DataCenter;
    let nangoKey: string;
    let stackOneKey: string;
    let oxKey: string;

    const declare = (resources: Readonly<Record<string, Member>>, how: object = {}): void => {
        lab.project.env["TREE"] = JSON.stringify({ resources, ...how });
    };
    const mdm = (): object => lab.vendors.credentials.jamf;
    /** A resource of each kind at a hub, with the number that tells it from others. */
    const hubResources = (number: string, of: Record<"issues" | "mdm", string>): Record<string, DeclaredResource> => ({
        "nango.Integration": {
            type: "nango.Integration",
            args: { environmentKey: nangoKey, uniqueKey: `made-${number}`, provider: "jamf" },
        },
        "nango.Connection": {
            type: "nango.Connection",
            args: {
                environmentKey: nangoKey,
                integration: "jamf",
                connectionId: `acme-${number}`,
                connection: { made: of.mdm },
            },
        },
        "ox.Connector": { type: "ox.Connector", args: { apiKey: oxKey, connection: { made: of.issues } } },
        "stackone.Account": {
            type: "stackone.Account",
            args: { apiKey: stackOneKey, originOwnerId: `acme-${number}`, connection: { made: of.mdm } },
        },
    });

    beforeAll(async () => {
        [api, dataCenter] = await Promise.all([startGenericApi(), startDataCenter()]);
        lab = await HubLab.start({ name: "components", program, env: { TREE: JSON.stringify({ resources: {} }) } });
        const endpoints = {
            ...lab.vendors.endpoints,
            ...lab.hubs.endpoints,
            ...api.endpoints,
            ...dataCenter.endpoints,
        };
        lab.project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(endpoints);
        nangoKey = lab.hubs.nango.administration.addKey([...leastScopes, "environment:connections:list"]).value;
        stackOneKey = lab.hubs.stackone.administration.addKey().value;
        oxKey = lab.hubs.ox.administration.addKey().value;
        lab.hubs.nango.administration.addIntegration("jamf", "jamf");
        // So many resources would use up Nango's minute.
        lab.hubs.nango.limiter.limit = 1_000_000;
    });

    afterAll(async () => {
        await lab.dispose();
        await Promise.all([api.close(), dataCenter.close()]);
    });

    describe("Two hub resources under one component, in every pair", () => {
        const kinds = Object.keys(hubTypes).map((type) => type.replace(":", "."));
        const pairs = kinds.flatMap((first) => kinds.map((second) => ({ first, second })));
        const groupOf = ({ first, second }: (typeof pairs)[number]): string =>
            `${first}-${second}`.replace(/\W+/g, "-");
        /** What a resource takes from the other, so that it comes after it. */
        const textArgument: Record<string, string> = {
            "nango.Integration": "displayName",
            "nango.Connection": "connectionId",
            "ox.Connector": "credentialsName",
            "stackone.Account": "label",
        };
        const ways = ["beside", "dependent", "using", "nested"] as const;
        let created: string;

        beforeAll(async () => {
            const members = pairs.flatMap((pair, at): [string, Member][] => {
                const group = groupOf(pair);
                const within = [group];
                const of = { mdm: `${group}-mdm`, issues: `${group}-issues` };
                const second = (way: string): Member => hubResources(`${at}-${way}`, of)[pair.second] as Member;
                const using = { [textArgument[pair.second] ?? ""]: { made: `${group}-first`, output: "id" } };
                return [
                    [of.mdm, { type: "jamf.ApiClient", args: mdm(), within }],
                    [
                        of.issues,
                        { type: "atlassian.JiraConnector", args: lab.vendors.credentials.jiraConnector, within },
                    ],
                    [`${group}-first`, { ...(hubResources(`${at}-first`, of)[pair.first] as Member), within }],
                    [`${group}-beside`, { ...second("beside"), within }],
                    [`${group}-dependent`, { ...second("dependent"), within, dependsOn: [`${group}-first`] }],
                    [`${group}-using`, { ...second("using"), args: { ...second("using").args, ...using }, within }],
                    [`${group}-nested`, { ...second("nested"), within: [group, `${group}-inner`] }],
                ];
            });
            declare(Object.fromEntries(members));
            created = succeeded(await lab.preview());
        });

        test.each(pairs)("$first and $second", (pair) => {
            const names = ["first", ...ways].map((way) => `${groupOf(pair)}-${way}`);
            const missing = names.filter((name) => !new RegExp(`connections/\\S+ ${name} create`).test(created));
            expect(missing).toEqual([]);
        });
    });

    describe("All types in two nested components", () => {
        const all = (): Record<string, Member> => {
            const { jumpcloud, jamf, atlassianOAuth, atlassianToken, jiraConnector, jiraUserToken } =
                lab.vendors.credentials;
            const { oauthBasic, headerKey, basic, bearer } = api.credentials;
            const headers = { "X-Api-Version": "2026-01-01" };
            const probe = { url: "https://api.example.com/v1/me", account: "/user/email", headers };
            const within = ["outer", "inner"];
            const member = (type: string, args: object): Member => ({ type, args, within });
            const at = hubResources("all", { issues: "jiraConnector", mdm: "jamf" });
            return {
                jumpcloud: member("jumpcloud.ServiceAccount", jumpcloud),
                jamf: member("jamf.ApiClient", jamf),
                atlassianOAuth: member("atlassian.ServiceAccountOAuth", atlassianOAuth),
                atlassianToken: member("atlassian.ServiceAccountToken", atlassianToken),
                jiraConnector: member("atlassian.JiraConnector", jiraConnector),
                jiraUserToken: member("atlassian.JiraUserToken", jiraUserToken),
                dataCenter: member("atlassian.DataCenterServiceAccount", dataCenter.credentials.jiraServiceAccount),
                clientCredentials: member("oauth2.ClientCredentials", oauthBasic),
                apiKey: member("http.ApiKey", { ...headerKey, probe }),
                basic: member("http.Basic", {
                    ...basic,
                    probe: { url: "https://api.example.com/v1/ping", method: "HEAD", expect: 204, headers },
                }),
                bearer: member("http.Bearer", { ...bearer, probe }),
                ...Object.fromEntries(
                    further.map(({ type, credential }) => [
                        credential,
                        member(type, lab.vendors.credentials[credential]),
                    ]),
                ),
                ...Object.fromEntries(
                    Object.entries(at).map(([type, one]) => [`at-${type.replace(".", "-")}`, { ...one, within }]),
                ),
                after: {
                    ...member("nango.Connection", {
                        environmentKey: nangoKey,
                        integration: { made: "at-nango-Integration", output: "uniqueKey" },
                        connectionId: "after",
                        connection: { made: "jamf" },
                    }),
                    dependsOn: ["at-ox-Connector", "apiKey"],
                },
            };
        };
        const count = (): number => Object.keys(all()).length;
        const rows = (): unknown[] => [
            ...lab.hubs.nango.administration.connections(),
            ...lab.hubs.nango.rows.integrations,
            ...lab.hubs.ox.administration.credentials(),
            ...lab.hubs.stackone.administration.accounts,
        ];
        /** What the hubs have of it, but for marks. */
        const held = (): unknown => [
            lab.hubs.nango.administration.connections().map(({ id }) => id),
            lab.hubs.ox.administration.credentials().length,
            lab.hubs.stackone.administration.accounts.map(({ id }) => id),
        ];

        test("is every type that there is", () => {
            const types = new Set(Object.values(all()).map(({ type }) => type.replace(".", ":")));
            expect(types).toEqual(new Set([...Object.keys(definitions), ...Object.keys(hubTypes)]));
        });

        test("with a provider passed down: made by one up, clean after it, and destroyed", async () => {
            declare(all(), { hasProvider: true });
            // The stack, two components, and the provider.
            expect(succeeded(await lab.preview())).toContain(`+ ${count() + 4} to create`);
            succeeded(await lab.up());
            const [session] = lab.hubs.stackone.administration.sessions.slice(-1);
            const { url, clientId, clientSecret } = lab.vendors.credentials.jamf;
            await lab.hubs.stackone.administration.complete(session!, {
                instance_url: url,
                api_client_id: clientId,
                api_client_secret: clientSecret,
            });
            succeeded(await lab.up());
            succeeded(await lab.preview(clean));
            succeeded(await lab.refresh("--preview-only", clean));
            succeeded(await lab.destroy());
            expect(rows().length).toBe(1);
        });

        test("flat at first, they move into components by an alias, and with a component of another type: in place", async () => {
            declare(all(), { flat: true });
            succeeded(await lab.up());
            const [session] = lab.hubs.stackone.administration.sessions.slice(-1);
            const { url, clientId, clientSecret } = lab.vendors.credentials.jamf;
            await lab.hubs.stackone.administration.complete(session!, {
                instance_url: url,
                api_client_id: clientId,
                api_client_secret: clientSecret,
            });
            succeeded(await lab.up());
            const before = held();
            for (const how of [{ moved: true }, { renamed: true }]) {
                declare(all(), how);
                // Connections move without a change; the mark at each hub is written anew.
                const seen = succeeded(await lab.preview());
                expect(seen).toMatch(/~ 4 to update/);
                expect(seen).not.toMatch(/to delete|to replace|connections\/\S+ \S+ create/);
                succeeded(await lab.up());
                expect(held()).toEqual(before);
                succeeded(await lab.preview(clean));
            }
            succeeded(await lab.refresh("--preview-only", clean));
            succeeded(await lab.destroy());
            expect(rows().length).toBe(1);
        });
    });

    test("what a component's hub resource is refused for fails the run in words", async () => {
        lab.vendors.fixture.jamf.client.revokeClientSecret();
        declare({
            mdm: { type: "jamf.ApiClient", args: mdm(), within: ["outer"] },
            ...Object.fromEntries(
                Object.entries(hubResources("refused", { issues: "mdm", mdm: "mdm" }))
                    .filter(([type]) => /Connection|Account/.test(type))
                    .map(([type, one]) => [type.replace(".", "-"), { ...one, within: ["outer"] }]),
            ),
        });
        expect(failed(await lab.preview())).toMatch(/clientSecret: Jamf refused/);
        lab.vendors.fixture.jamf.client.restoreClientSecret();
    });
});
