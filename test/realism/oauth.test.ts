import { verifierOf } from "../support/types";
import { Project } from "../support/project";
import { startStrictOAuth, type StrictClient, type StrictOAuth } from "../support/strict-oauth";
import { startVendors, type Vendors } from "../simulators/vendors";

// All that RFC 3986 reserves, and what form encoding itself uses.
const reserved = "aA0+/=%&:?#[]@!$'()*,;~%2F%20._-|\"<>\\^`{}";
const site = { id: "1324a887-45db-1bf4-1e99-ef0ff456d421", url: "https://acme.atlassian.net", name: "Acme" };
const clients: Record<"jumpcloud" | "jamf" | "atlassian", StrictClient> = {
    jumpcloud: {
        id: "5f0c9b52-3d83-44c5-94f4-6f5a07d3a111",
        secrets: [`live-${reserved}`, `standby-${reserved}`],
        authentication: "client_secret_basic",
    },
    jamf: {
        id: "538878d4-0f0f-4a9c-8ae7-7c3d1f2b9a10",
        secrets: [`jamf-${reserved}`],
        authentication: "client_secret_post",
    },
    atlassian: { id: "Xk3+/=:client", secrets: [`ATOA-${reserved}`], authentication: "client_secret_post" },
};
const servers: StrictOAuth[] = [];
let endpoints: Record<string, string>;

beforeAll(async () => {
    const jumpcloud = await startStrictOAuth("/oauth2/token", clients.jumpcloud, {
        scopes: ["api"],
        api: (path) =>
            ({
                "/api/organizations": {
                    results: [{ _id: "5a1234567890abcdef123456", displayName: "Acme" }],
                    totalCount: 1,
                },
            })[path],
    });
    const jamf = await startStrictOAuth("/api/v1/oauth/token", clients.jamf, {
        api: (path) =>
            ({
                "/api/v1/jamf-pro-version": { version: "11.30.0-t1784040300000" },
                "/api/v1/auth": {
                    account: { id: "1", username: "StackOne", privilegesBySite: { "-1": ["Read Computers"] } },
                    sites: [],
                },
            })[path],
    });
    const atlassian = await startStrictOAuth("/oauth/token", clients.atlassian, {
        api: (path) =>
            ({
                "/oauth/token/accessible-resources": [{ ...site, scopes: ["read:jira-user", "read:jira-work"] }],
                [`/ex/jira/${site.id}/rest/api/3/myself`]: {
                    accountId: "712020:1",
                    accountType: "app",
                    displayName: "nango",
                    active: true,
                },
            })[path],
    });
    servers.push(jumpcloud, jamf, atlassian);
    endpoints = {
        "https://admin-oauth.id.jumpcloud.com": jumpcloud.endpoint,
        "https://console.jumpcloud.com": jumpcloud.endpoint,
        "https://acme.jamfcloud.com": jamf.endpoint,
        "https://auth.atlassian.com": atlassian.endpoint,
        "https://api.atlassian.com": atlassian.endpoint,
    };
});
afterAll(() => Promise.all(servers.map((server) => server.close())));
afterEach(() => servers.forEach(({ refusals }) => refusals.splice(0)));

const secretOf = (name: keyof typeof clients): string => clients[name].secrets[0] ?? "";
const args = {
    jumpcloud: () => ({ clientId: clients.jumpcloud.id, clientSecret: secretOf("jumpcloud") }),
    jamf: () => ({
        url: "https://acme.jamfcloud.com",
        clientId: clients.jamf.id,
        clientSecret: secretOf("jamf"),
        requiredPrivileges: ["Read Computers"],
    }),
    atlassian: () => ({
        clientId: clients.atlassian.id,
        clientSecret: secretOf("atlassian"),
        subdomain: "acme",
        requiredScopes: ["read:jira-work"],
    }),
};
const typeOf = { jumpcloud: "ServiceAccount", jamf: "ApiClient", atlassian: "ServiceAccountOAuth" };

async function observe(vendor: keyof typeof clients, changed: object = {}) {
    const { tenants, messages } = await verifierOf(endpoints)(`${vendor}.${typeOf[vendor]}`, {
        ...args[vendor](),
        ...changed,
    });
    return { seen: tenants[0], messages };
}

describe("oidc-provider, a strict authorization server, as the vendors' token endpoints", () => {
    it.each(["jumpcloud", "jamf", "atlassian"] as const)(
        "takes the token request for %s with a secret full of reserved characters",
        async (vendor) => {
            const { seen, messages } = await observe(vendor);
            expect(servers.flatMap(({ refusals }) => refusals)).toEqual([]);
            expect(messages).toEqual([]);
            expect(seen?.status).toBe("verified");
        },
    );

    it.each(["jumpcloud", "jamf", "atlassian"] as const)(
        "refuses a wrong secret for %s, and the problem names it",
        async (vendor) => {
            const { seen } = await observe(vendor, { clientSecret: `wrong-${reserved}` });
            expect(seen?.problems).toMatchObject([{ kind: "credentialRefused", argument: "clientSecret" }]);
            expect(servers.flatMap(({ refusals }) => refusals)).toEqual([expect.stringContaining("invalid_client")]);
        },
    );

    it("answers with tokens that the API behind it takes as those of the client", async () => {
        await Promise.all((["jumpcloud", "jamf", "atlassian"] as const).map((vendor) => observe(vendor)));
        expect(servers.map(({ callers }) => [...callers])).toEqual([
            [clients.jumpcloud.id],
            [clients.jamf.id],
            [clients.atlassian.id],
        ]);
    });

    it("takes the standby secret where the first is refused", async () => {
        const { seen } = await observe("jumpcloud", {
            clientSecret: "rotated",
            standbyClientSecret: clients.jumpcloud.secrets[1],
        });
        expect(seen).toMatchObject({ status: "verified", outputs: { secretInUse: "standbyClientSecret" } });
        expect(seen?.warnings).toEqual([expect.stringContaining("accepted standbyClientSecret")]);
        expect(servers[0]?.refusals).toHaveLength(1);
    });
});

describe("malformed token requests", () => {
    let vendors: Vendors;

    beforeAll(async () => {
        vendors = await startVendors();
    });
    afterAll(() => vendors.close());

    type Party = { url: string; id: string; secret: string; basic: boolean; scope: string };
    const form = "application/x-www-form-urlencoded";
    const encoded = (value: string): string => new URLSearchParams({ value }).toString().slice("value=".length);
    const header = (id: string, secret: string) => ({
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
    });
    const request = ({ id, secret, basic, scope }: Party) => ({
        headers: { "content-type": form, ...(basic ? header(encoded(id), encoded(secret)) : {}) } as Record<
            string,
            string
        >,
        body: `grant_type=client_credentials${scope}${basic ? "" : `&client_id=${encoded(id)}&client_secret=${encoded(secret)}`}`,
    });
    const mistakes: Record<
        string,
        (right: ReturnType<typeof request>, party: Party) => { headers: Record<string, string>; body: string }
    > = {
        "JSON instead of a form": ({ headers, body }) => ({
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify(Object.fromEntries(new URLSearchParams(body))),
        }),
        "no grant type": ({ headers, body }) => ({ headers, body: body.replace("grant_type=client_credentials", "") }),
        "an unknown grant type": ({ headers, body }) => ({
            headers,
            body: body.replace("client_credentials", "password_of_mine"),
        }),
        "a parameter given twice": ({ headers, body }) => ({ headers, body: `${body}&grant_type=client_credentials` }),
        "two authentications at once": ({ body }, { id, secret, basic }) => ({
            headers: { "content-type": form, ...header(encoded(id), encoded(secret)) },
            body: basic ? `${body}&client_id=${encoded(id)}&client_secret=${encoded(secret)}` : body,
        }),
        "no authentication": ({ headers, body }) => ({
            headers: { "content-type": headers["content-type"] ?? "" },
            body: body.replace(/&client_\w+=[^&]*/g, ""),
        }),
        "a wrong secret": (_, party) => request({ ...party, secret: "wrong" }),
        "an unknown client": (_, party) => request({ ...party, id: "nobody" }),
        "reserved characters that are not encoded": (right, { id, secret, basic }) =>
            basic
                ? { ...right, headers: { ...right.headers, ...header(id, secret) } }
                : { ...right, body: right.body.replace(/client_secret=.*/, `client_secret=${secret}`) },
    };

    it.each(["jumpcloud", "jamf", "atlassian"] as const)(
        "are refused for %s by oidc-provider and by the simulated vendor alike",
        async (vendor) => {
            const { jumpcloudReserved: jumpcloud, jamf, atlassianOAuth } = vendors.credentials;
            const real = { jumpcloud, jamf, atlassian: atlassianOAuth }[vendor];
            const origin = {
                jumpcloud: "https://admin-oauth.id.jumpcloud.com",
                jamf: jamf.url,
                atlassian: "https://auth.atlassian.com",
            }[vendor];
            const path = { jumpcloud: "/oauth2/token", jamf: "/api/v1/oauth/token", atlassian: "/oauth/token" }[vendor];
            const shared = { basic: vendor === "jumpcloud", scope: vendor === "jumpcloud" ? "&scope=api" : "" };
            const parties: Record<string, Party> = {
                strict: {
                    ...shared,
                    url: `${endpoints[origin]}${path}`,
                    id: clients[vendor].id,
                    secret: secretOf(vendor),
                },
                simulated: {
                    ...shared,
                    url: `${vendors.endpoints[origin]}${path}`,
                    id: real.clientId,
                    secret: real.clientSecret,
                },
            };
            const outcomes: Record<string, Record<string, boolean>> = {};
            for (const [name, party] of Object.entries(parties)) {
                const right = request(party);
                const accepted = async (sent: typeof right): Promise<boolean> =>
                    (await fetch(party.url, { method: "POST", ...sent })).ok;
                outcomes[name] = { right: await accepted(right) };
                for (const [mistake, make] of Object.entries(mistakes)) {
                    // The simulated vendors of body secrets give out none with reserved characters.
                    if (mistake.startsWith("reserved") && !/[^\w-]/.test(party.secret)) {
                        continue;
                    }
                    outcomes[name][mistake] = await accepted(make(right, party));
                }
            }
            for (const outcome of Object.values(outcomes)) {
                const { right, ...wrong } = outcome;
                expect(right).toBe(true);
                expect(Object.entries(wrong).filter(([, accepted]) => accepted)).toEqual([]);
            }
        },
    );
});

describe("oidc-provider behind the real engine", () => {
    const program = `
        const pulumi = require("@pulumi/pulumi");
        const { atlassian, jamf, jumpcloud } = require("pulumi-connections");
        const config = new pulumi.Config();
        const given = (name) => ({ ...config.requireObject(name), clientSecret: config.requireSecret(name + "Secret") });
        const directory = new jumpcloud.ServiceAccount("directory", { ...given("jumpcloud"), standbyClientSecret: config.requireSecret("standbySecret") });
        const mdm = new jamf.ApiClient("mdm", given("jamf"));
        const issues = new atlassian.ServiceAccountOAuth("issues", given("atlassian"));
        exports.statuses = pulumi.all([directory.status, mdm.status, issues.status]);
        exports.secretInUse = directory.secretInUse;
        exports.jiraUrl = issues.jiraUrl;
    `;
    let project: Project;

    beforeAll(async () => {
        const vendors = ["jumpcloud", "jamf", "atlassian"] as const;
        const plain = (vendor: (typeof vendors)[number]): string => {
            const { clientSecret: _, ...rest } = args[vendor]();
            return JSON.stringify(rest);
        };
        project = await Project.create({
            name: "strict-oauth",
            program,
            config: Object.fromEntries(vendors.map((vendor) => [vendor, plain(vendor)])),
            secrets: {
                ...Object.fromEntries(vendors.map((vendor) => [`${vendor}Secret`, secretOf(vendor)])),
                standbySecret: clients.jumpcloud.secrets[1] ?? "",
            },
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(endpoints) },
        });
    });
    afterAll(() => project?.dispose());

    it("verifies all three OAuth connections, and goes over to the standby secret when the first is deleted", async () => {
        const up = await project.up();
        expect(up).toMatchObject({ code: 0, output: expect.not.stringContaining("error") });
        expect(await project.outputs()).toEqual({
            statuses: ["verified", "verified", "verified"],
            secretInUse: "clientSecret",
            jiraUrl: `https://api.atlassian.com/ex/jira/${site.id}`,
        });
        expect(servers.flatMap(({ refusals }) => refusals)).toEqual([]);
        clients.jumpcloud.secrets = clients.jumpcloud.secrets.slice(1);
        const preview = await project.preview("--diff");
        expect(preview.code).toBe(0);
        expect(preview.output).toMatch(/secretInUse *: "clientSecret" => "standbyClientSecret"/);
        const refused = servers.map(({ refusals }) => refusals.length);
        expect(refused[0]).toBeGreaterThan(0);
        expect(refused.slice(1)).toEqual([0, 0]);
        expect([up, preview].map(({ output }) => output).join("")).not.toContain("live-aA0");
    });
});
