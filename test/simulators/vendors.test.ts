import fs from "node:fs";
import { describeVerbs, runCommand } from "./control";
import { furtherCredentials } from "./control-further";
import { startVendors, withoutField, type VendorCredentials, type Vendors } from "./vendors";
import { further } from "../support/classes";
import { verifierOf } from "../support/types";

/** What an answer is: its status, its headers and, where it is JSON, its body. */
interface Answered {
    readonly status: number;
    readonly headers: Headers;
    readonly body: unknown;
}

describe("The simulated vendors answer every plausible way:", () => {
    let vendors: Vendors;

    beforeEach(async () => {
        vendors = await startVendors();
    });
    afterEach(() => vendors.close());

    async function ask(url: string, options: RequestInit = {}): Promise<Answered> {
        const { origin, pathname, search } = new URL(url);
        const answer = await fetch(`${vendors.endpoints[origin]}${pathname}${search}`, options);
        const text = await answer.text();
        return {
            status: answer.status,
            headers: answer.headers,
            body: /json/.test(answer.headers.get("content-type") ?? "") ? JSON.parse(text) : text,
        };
    }

    const basic = (user: string, password: string): RequestInit => ({
        headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
    });
    const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
    const form = (fields: Record<string, string>): RequestInit => ({
        method: "POST",
        body: new URLSearchParams(fields),
    });
    const gateway = (product: string, path: string): string =>
        `https://api.atlassian.com/ex/${product}/${vendors.fixture.atlassian.acme.cloudId}${path}`;

    async function jumpcloudToken(): Promise<string> {
        const { clientId, clientSecret } = vendors.credentials.jumpcloud;
        const { headers } = basic(clientId, clientSecret);
        const { body } = await ask("https://admin-oauth.id.jumpcloud.com/oauth2/token", {
            ...form({ grant_type: "client_credentials", scope: "api" }),
            headers: headers ?? {},
        });
        return (body as { access_token: string }).access_token;
    }

    function jamfToken(path: string): Promise<Answered> {
        const { url, clientId, clientSecret } = vendors.credentials.jamfSelfHosted;
        return ask(
            `${url}${path}`,
            form({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret }),
        );
    }

    it("JumpCloud, an organisation without a name and without a logo", async () => {
        vendors.fixture.jumpcloud.organization.rename(null);
        const { id, created } = vendors.fixture.jumpcloud.organization;
        const { body } = await ask("https://console.jumpcloud.com/api/organizations", bearer(await jumpcloudToken()));
        expect(body).toEqual({ totalCount: 1, results: [{ _id: id, id, displayName: null, logoUrl: null, created }] });
    });

    it("JumpCloud, secrets that clients can send as they are, and secrets that they cannot", async () => {
        // As JumpCloud's own clients send the pair: without the form-encoding that RFC 6749 has within Basic.
        const raw = async (
            name: "jumpcloud" | "jumpcloudReserved",
            secret: "clientSecret" | "standbyClientSecret",
        ): Promise<number> => {
            const { headers } = basic(vendors.credentials[name].clientId, vendors.credentials[name][secret]);
            return (
                await ask("https://admin-oauth.id.jumpcloud.com/oauth2/token", {
                    ...form({ grant_type: "client_credentials", scope: "api" }),
                    headers: headers ?? {},
                })
            ).status;
        };
        expect(vendors.credentials.jumpcloud.clientSecret).toMatch(/~_-\./);
        expect([await raw("jumpcloud", "clientSecret"), await raw("jumpcloud", "standbyClientSecret")]).toEqual([
            200, 200,
        ]);
        expect(await raw("jumpcloudReserved", "clientSecret")).toBeGreaterThanOrEqual(400);
    });

    it("any vendor, a field null or left out, at one place or at every item of a list", async () => {
        const token = await jumpcloudToken();
        const read = async (field: string, as: "null" | "missing"): Promise<unknown> => {
            const fault = vendors.jumpcloud.us.console.fault({ kind: "omit", field, as });
            const { body } = await ask("https://console.jumpcloud.com/api/v2/directories?fields=name", bearer(token));
            fault.remove();
            return (body as object[]).map((one) =>
                one === null ? null : Object.entries(one).filter(([name]) => name !== "id"),
            );
        };
        expect(await read("/*/name", "null")).toEqual(Array.from({ length: 3 }, () => [["name", null]]));
        expect(await read("/*/name", "missing")).toEqual([[], [], []]);
        expect(await read("/0/name", "null")).toEqual([
            [["name", null]],
            [["name", expect.any(String)]],
            [["name", expect.any(String)]],
        ]);
        expect(await read("/1", "missing")).toEqual([
            [["name", expect.any(String)]],
            null,
            [["name", expect.any(String)]],
        ]);
        expect(withoutField('{"a/b":{"c":1,"d":[2]}}', "/a~1b/c", "missing")).toBe('{"a/b":{"d":[2]}}');
        expect(withoutField("no JSON", "/a")).toBe("no JSON");
    });

    it.each([401, 403, 404, 405] as const)(
        "Jamf, HTTP %i where there is no v1 token path, in three forms without an OAuth error",
        async (status) => {
            const { selfHostedServer: server } = vendors.fixture.jamf;
            server.absentPathStatus = status;
            const bodies: unknown[] = [];
            for (const form_ of ["jamf", "spring", "page"] as const) {
                server.absentPathBody = form_;
                const { status: answered, body } = await jamfToken("/api/v1/oauth/token");
                expect(answered).toBe(status);
                bodies.push(body);
            }
            expect(bodies).toMatchObject([
                { httpStatus: status, errors: [] },
                { status, error: expect.stringMatching(/^[A-Z]/) as string },
                expect.stringContaining("<!DOCTYPE html>"),
            ]);
            expect(await jamfToken("/api/oauth/token")).toMatchObject({
                status: 200,
                body: { access_token: expect.any(String) as string },
            });
        },
    );

    it("Jamf, no privileges told, or told in groups", async () => {
        const { selfHostedServer: server, selfHostedClient: client } = vendors.fixture.jamf;
        const { body } = await jamfToken("/api/oauth/token");
        const read = (): Promise<Answered> =>
            ask(`${server.origin}/api/v1/auth`, bearer((body as { access_token: string }).access_token));
        const told = {
            emptyObject: { privilegesBySite: {} },
            nullLists: { privilegesBySite: { "-1": null } },
            null: { privilegesBySite: null },
            missing: {},
        };
        for (const [way, account] of Object.entries(told)) {
            server.privilegesTold = way as keyof typeof told;
            const { body: found } = await read();
            expect(found).toMatchObject({ account: { username: client.displayName, ...account }, accountGroups: [] });
            expect(JSON.stringify(found)).not.toContain("Read Computers");
        }
        server.privilegesTold = "byGroup";
        expect((await read()).body).toMatchObject({
            account: { privilegesBySite: {} },
            accountGroups: [{ privileges: expect.arrayContaining([...client.privileges]) as string[] }],
        });
    });

    it.each(["basic", "bearer"] as const)("Atlassian, a service account's token by %s alone", async (scheme) => {
        vendors.atlassian.serviceAccountSchemes = [scheme];
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const statuses = {
            basic: await ask(gateway("jira", "/rest/api/3/myself"), basic(email, apiToken)),
            bearer: await ask(gateway("jira", "/rest/api/3/myself"), bearer(apiToken)),
        };
        expect(Object.entries(statuses).map(([name, { status }]) => [name, status])).toEqual([
            ["basic", scheme === "basic" ? 200 : 401],
            ["bearer", scheme === "bearer" ? 200 : 401],
        ]);
    });

    it("Atlassian's gateway, FAILURE_CLIENT_AUTH_MISMATCH or none, to a wrong token and to nobody", async () => {
        const refused = async (options: RequestInit): Promise<unknown> => {
            const { status, headers } = await ask(gateway("jira", "/rest/api/3/myself"), options);
            return [status, headers.get("x-failure-category")];
        };
        const wrong = basic(vendors.credentials.atlassianToken.email, "ATSTTwrong");
        expect([await refused(wrong), await refused({})]).toEqual(
            Array.from({ length: 2 }, () => [401, "FAILURE_CLIENT_AUTH_MISMATCH"]),
        );
        vendors.atlassian.failureCategory = undefined;
        expect([await refused(wrong), await refused({})]).toEqual(Array.from({ length: 2 }, () => [401, null]));
    });

    it.each([2, 3])("Jira's projects at once, API %i, to whoever may read them", async (version) => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const { siteUrl, username, apiToken: personal } = vendors.credentials.jiraUserToken;
        const path = `/rest/api/${version}/project`;
        const projects = [
            { key: "ACME", self: expect.stringMatching(`/api/${version}/project/10000$`) as string },
            { key: "OPS" },
        ];
        expect(await ask(gateway("jira", path), basic(email, apiToken))).toMatchObject({ status: 200, body: projects });
        expect(await ask(`${siteUrl}${path}`, basic(username, personal))).toMatchObject({
            status: 200,
            body: projects,
        });
        // Anybody may ask a site, which shows nothing of what is not public.
        expect(await ask(`${siteUrl}${path}`)).toMatchObject({ status: 200, body: [] });
        vendors.fixture.atlassian.token.removeScope("read:jira-work");
        expect(await ask(gateway("jira", path), basic(email, apiToken))).toMatchObject({
            status: 401,
            body: { message: "Unauthorized; scope does not match" },
        });
    });

    it("Jira's projects at once on a Data Center", async () => {
        const { siteUrl, apiToken } = vendors.credentials.jiraDataCenter;
        expect(await ask(`${siteUrl}/rest/api/2/project`, bearer(apiToken))).toMatchObject({
            status: 200,
            body: [{ key: "ACME", archived: false }],
        });
        expect(await ask(`${siteUrl}/rest/api/2/project`, bearer("wrong"))).toMatchObject({ status: 401 });
    });

    it("Confluence's spaces by API v1, page by page, with their own scope", async () => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const read = (query: string): Promise<Answered> =>
            ask(gateway("confluence", `/wiki/rest/api/space${query}`), basic(email, apiToken));
        expect(await read("")).toMatchObject({
            status: 200,
            body: { start: 0, limit: 25, size: 2, results: [{ id: 65537, key: "ENG" }, { key: "HR" }] },
        });
        expect(await read("?limit=1")).toMatchObject({
            body: { size: 1, _links: { next: "/rest/api/space?limit=1&start=1" } },
        });
        expect(await read("?limit=1&start=1")).toMatchObject({ body: { results: [{ key: "HR" }] } });
        expect(await read("?limit=all")).toMatchObject({ status: 400 });
        vendors.fixture.atlassian.token.removeScope("read:confluence-space.summary");
        expect(await read("")).toMatchObject({ status: 401 });
    });
});

describe("A listener", () => {
    it("that is down refuses connections, keeps its port from others, and is there again", async () => {
        const vendors = await startVendors();
        const [listener] = vendors.listeners;
        const { port, endpoint } = listener!;
        // The local ports of this machine that are in use.
        const taken = (): number[] =>
            [
                ...fs
                    .readFileSync("/proc/net/tcp", "utf8")
                    .matchAll(/^ *\d+: [0-9A-F]{8}:([0-9A-F]{4}) \S+ (?:01|0A) /gm),
            ].map(([, hex = ""]) => parseInt(hex, 16));
        await listener!.down();
        await expect(fetch(endpoint)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
        expect(process.platform !== "linux" || taken().includes(port)).toBe(true);
        await listener!.up();
        expect([listener!.port, (await fetch(endpoint)).status > 0]).toEqual([port, true]);
        await vendors.close();
    });
});

describe("The verbs of `npm run vendors`", () => {
    let vendors: Vendors;

    beforeAll(async () => {
        vendors = await startVendors();
    });
    afterAll(() => vendors?.close());

    /** A scope that the seeded credential has, where scopes have names. */
    const scopes: Readonly<Record<string, string>> = {
        entra: "User.Read.All",
        oktaServiceApp: "okta.users.read",
        crowdstrike: "sensor-installers:read",
        crowdstrikeEu: "sensor-installers:read",
        datadogToken: "monitors_read",
        gitlab: "read_api",
        github: "repo",
        githubApp: "contents",
        slack: "users:read",
        kandji: "/settings/licensing",
    };

    it("know every credential of a further vendor", () => {
        const known = Object.entries(furtherCredentials(vendors)).flatMap(([vendor, of]) =>
            Object.keys(of).map((name) => `${vendor} ${name}`),
        );
        const wanted = further.map(({ type, credential }) => `${type.split(".")[0] ?? ""} ${credential}`);
        expect(known).toEqual(expect.arrayContaining(wanted));
        expect(describeVerbs(vendors)["gitlab"]).toMatchObject({
            expire: 'lets its end be past ("credential": gitlab | gitlabSelfHosted)',
        });
    });

    it.each(further.map(({ type, credential }) => [credential, type] as const))(
        "%s: are shown by a verification of %s",
        async (credential: keyof VendorCredentials, type) => {
            const vendor = type.split(".")[0] ?? "";
            const status = async (): Promise<string | undefined> => {
                const { tenants } = await verifierOf(vendors.endpoints)(type, vendors.credentials[credential]);
                const [tenant] = tenants;
                const isOpen = Object.values(tenant?.checks ?? {}).some(({ result }) => result === "unknown");
                return tenant?.status === "verified" && isOpen ? "verified in part" : tenant?.status;
            };
            const carryOut = (verb: string, more = {}): Promise<void> =>
                runCommand(vendors, { vendor, do: verb, credential, ...more });
            const before = await status();
            expect(before).toMatch(/^verified/);
            await carryOut("revoke");
            expect(await status()).toBe("rejected");
            await carryOut("restore");
            expect(await status()).toBe(before);
            const known = furtherCredentials(vendors)[vendor]?.[credential];
            if (known?.expire !== undefined) {
                await carryOut("expire");
                expect(await status()).toBe("rejected");
                await carryOut("restore");
                expect(await status()).toBe(before);
            }
            const scope = scopes[credential];
            if (scope !== undefined) {
                await carryOut("unscope", { scope });
                expect(await status()).toMatch(/^(insufficient|verified in part)$/);
                await carryOut("scope", { scope });
                expect(await status()).toBe(before);
            }
        },
    );

    it("say what is wrong with a command", async () => {
        await expect(runCommand(vendors, { vendor: "slack", do: "unscope" })).rejects.toThrow('"scope" is missing');
        await expect(runCommand(vendors, { vendor: "okta", do: "expire" })).rejects.toThrow(
            '"do" must be one of revoke',
        );
        await expect(runCommand(vendors, { vendor: "kandji", do: "revoke", credential: "slack" })).rejects.toThrow(
            '"credential" must be one of kandji, kandjiEu',
        );
    });
});
