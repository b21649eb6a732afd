import fs from "node:fs";
import path from "node:path";
import { startGenericApi, type GenericApi } from "../simulators/generic";
import { LeakScanner } from "../support/leaks";
import { failed, succeeded } from "../support/programs";
import { Project } from "../support/project";
import { diagnosticsOf, shownBy } from "../support/shown";

const clean = "--expect-no-changes";

/** Every generic class, and each way in which it shows its credential. */
const program = `
const pulumi = require("@pulumi/pulumi");
const { http, oauth2 } = require("pulumi-connections");
const config = new pulumi.Config();
const given = JSON.parse(process.env.GIVEN);
const headers = { "X-Api-Version": "2026-01-01" };
const me = { url: "https://api.example.com/v1/me", account: "/user/email", identity: "/workspace~1of/0/id", headers };
const ping = { url: "https://api.example.com/v1/ping", method: "HEAD", expect: 204, headers };
const made = {
    oauthBasic: new oauth2.ClientCredentials("oauthBasic", { ...given.oauthBasic, clientSecret: config.requireSecret("oauthBasic"), requiredScopes: ["devices:read"], probe: me }),
    oauthBody: new oauth2.ClientCredentials("oauthBody", { ...given.oauthBody, clientSecret: config.requireSecret("oauthBody"), scope: "users:read", probe: me }),
    tokenAlone: new oauth2.ClientCredentials("tokenAlone", { ...given.oauthBasic, clientSecret: config.requireSecret("oauthBasic") }),
    headerKey: new http.ApiKey("headerKey", { ...given.headerKey, key: config.requireSecret("headerKey"), probe: me }),
    queryKey: new http.ApiKey("queryKey", { ...given.queryKey, key: config.requireSecret("queryKey"), probe: me }),
    basic: new http.Basic("basic", { ...given.basic, password: config.requireSecret("basic"), probe: ping }),
    bearer: new http.Bearer("bearer", { token: config.requireSecret("bearer"), probe: me }),
};
exports.checks = made.basic.checks;
for (const [name, { status, identity, account, grantedScopes, tokenLifetimeSeconds }] of Object.entries(made)) {
    exports[name] = pulumi.output({ status, identity, account: account.apply((it) => it?.id), grantedScopes, tokenLifetimeSeconds });
}
`;

describe("The generic classes", () => {
    let api: GenericApi;
    let project: Project;
    const printed: string[] = [];

    const run = async (
        ...args: string[]
    ): Promise<{ code: number; output: string; stdout: string; stderr: string }> => {
        const result = await project.run(args);
        printed.push(result.output);
        return result;
    };
    const preview = (...args: string[]): ReturnType<typeof run> => run("preview", ...args);
    const up = (...args: string[]): ReturnType<typeof run> => run("up", "--yes", "--skip-preview", ...args);

    const expected = (): Record<string, unknown> => ({
        checks: { probe: { result: "passed", message: "The probe is answered." } },
        oauthBasic: {
            status: "verified",
            identity: "4711",
            account: "inventory-reader",
            grantedScopes: ["devices:read", "users:read"],
            tokenLifetimeSeconds: 3600,
        },
        oauthBody: {
            status: "verified",
            identity: "4711",
            account: "inventory-writer",
            grantedScopes: ["users:read"],
            tokenLifetimeSeconds: 3600,
        },
        tokenAlone: {
            status: "verified",
            account: "inventory-reader",
            grantedScopes: ["devices:read", "users:read"],
            tokenLifetimeSeconds: 3600,
        },
        headerKey: { status: "verified", identity: "4711", account: "alerts@acme.example" },
        queryKey: { status: "verified", identity: "4711", account: "maps@acme.example" },
        basic: { status: "verified", account: "bot@acme.example" },
        bearer: { status: "verified", identity: "4711", account: "chat@acme.example" },
    });

    beforeAll(async () => {
        api = await startGenericApi();
        const { oauthBasic, oauthBody, headerKey, queryKey, basic, bearer } = api.credentials;
        const open = Object.entries(api.credentials).map(([name, args]) => {
            const secrets = ["clientSecret", "key", "password", "token"];
            return [
                name,
                Object.fromEntries(Object.entries(args as object).filter(([argument]) => !secrets.includes(argument))),
            ];
        });
        project = await Project.create({
            name: "generic",
            program,
            secrets: {
                oauthBasic: oauthBasic.clientSecret,
                oauthBody: oauthBody.clientSecret,
                headerKey: headerKey.key,
                queryKey: queryKey.key,
                basic: basic.password,
                bearer: bearer.token,
            },
            env: {
                CONNECTIONS_ENDPOINTS: JSON.stringify(api.endpoints),
                GIVEN: JSON.stringify(Object.fromEntries(open)),
            },
        });
    });

    afterAll(async () => {
        await project?.dispose();
        await api.close();
    });

    test("are proved in the first preview, recorded by up, and unchanged in the next preview and refresh", async () => {
        const first = succeeded(await preview());
        expect(first).toContain("+ 8 to create");
        expect(first).toMatch(/identity *: "4711"/);
        expect(first).not.toMatch(/^warning: .*probe/m);
        succeeded(await up());
        expect(await project.outputs()).toEqual(expected());
        succeeded(await preview(clean));
        succeeded(await run("refresh", "--preview-only", clean));
        const { outputs } = await project.resource("basic");
        // The class has the sentence.
        expect(outputs?.["checks"]).toEqual({ probe: { result: "passed" } });
        expect((await project.resource("tokenAlone")).outputs?.["checks"]).toMatchObject({
            credential: { result: "passed" },
            probe: { result: "skipped" },
        });
    });

    test("show the credential in the one place that the program names, and ask with HEAD where it says so", () => {
        const asked = [...api.requests].filter(({ origin }) => origin === "https://api.example.com");
        expect(new Set(asked.map(({ method, path }) => `${method} ${path.replace(/=.*/, "=…")}`))).toEqual(
            new Set(["GET /v1/me", "GET /v1/me?api_key=…", "HEAD /v1/ping"]),
        );
        expect(asked.filter(({ status }) => status >= 400)).toEqual([]);
        const tokens = [...api.requests].filter(({ path }) => path === "/oauth2/token");
        expect(tokens.filter(({ status }) => status !== 200)).toEqual([]);
        expect(new Set(tokens.map(({ headers }) => headers.authorization?.split(" ")[0]))).toEqual(
            new Set(["Basic", undefined]),
        );
    });

    test("show drift property by property: a refused secret, another tenant, a probe that answers another status", async () => {
        api.oauthBasic.revoke();
        api.bearer.revoke();
        api.headerKey.workspace = api.globex;
        api.oauthBody.workspace = api.globex;
        api.basic.status = 200;
        api.queryKey.status = 403;
        const { output } = await preview("--diff");
        const shown = shownBy(output, "update");
        const statusOf = (name: string): string | undefined => shown.get(name)?.find((line) => /^~ status/.test(line));
        expect(Object.fromEntries([...shown.keys()].map((name) => [name, statusOf(name)]))).toEqual({
            oauthBasic: '~ status: "verified" => "rejected"',
            tokenAlone: '~ status: "verified" => "rejected"',
            bearer: '~ status: "verified" => "rejected"',
            headerKey: '~ status: "verified" => "tenantChanged"',
            oauthBody: '~ status: "verified" => "tenantChanged"',
            basic: '~ status: "verified" => "insufficient"',
            queryKey: '~ status: "verified" => "insufficient"',
        });
        expect(output).toContain(
            'corrected first: the authorization server refused the client id or secret (invalid_client). Make a new clientSecret. Or check clientId, or try authentication: "body", which some servers want.',
        );
        expect(output).toContain(
            "corrected first: the server refused the credential at api.example.com/v1/me (HTTP 401). Make a new token.",
        );
        expect(output).toContain(
            "corrected first: https://api.example.com/v1/ping answered with HTTP 200, and probe.expect says 204.",
        );
        expect(output).toContain("the credential opens 4712 and not 4711, which is on record.");
        // Nothing of it is recorded.
        const refused = await run("up", "--yes", "--skip-preview", "--continue-on-error");
        expect(refused.code).not.toBe(0);
        expect(refused.output).toContain(
            "the credential opens 4712 and not 4711, which is on record. If that is intended, replace the resource",
        );
        const { deployment } = await project.exportState();
        const connections = deployment.resources?.filter(({ type }) => type.includes("dynamic/connections/")) ?? [];
        expect(connections.map(({ outputs }) => outputs?.["status"])).toEqual(Array(7).fill("verified"));
    });

    test("are unchanged once all is as it was, and when only nobody can be asked", async () => {
        api.oauthBasic.restore();
        api.bearer.restore();
        api.headerKey.workspace = api.acme;
        api.oauthBody.workspace = api.acme;
        api.basic.status = undefined;
        api.queryKey.status = undefined;
        const page = api.api.fault({ kind: "html", status: 404 });
        const { code, output } = await preview(clean);
        expect({ code, output }).toMatchObject({ code: 0 });
        expect(diagnosticsOf(output).get("bearer")).toMatch(
            /api\.example\.com\/v1\/me answered with a page of HTML \(HTTP 404\)/,
        );
        expect(diagnosticsOf(output).get("basic")).toMatch(/answered with a page of HTML/);
        page.remove();
    });

    test("take a rotated secret as an update in place, and refuse a wrong one in the preview, naming its argument", async () => {
        const wrong = "wrong-wrong-wrong-wrong-wrong-wrong";
        const secrets = {
            oauthBasic: "clientSecret",
            headerKey: "key",
            queryKey: "key",
            basic: "password",
            bearer: "token",
        } as const;
        for (const name of Object.keys(secrets)) {
            await project.setSecret(name, wrong);
        }
        const refused = failed(await preview());
        for (const [name, argument] of Object.entries(secrets)) {
            expect(refused).toMatch(
                new RegExp(
                    `'${name}' has a problem: ${argument}: the (authorization )?server refused|also wrong: .*${name}: ${argument}: the (authorization )?server refused`,
                ),
            );
        }
        expect(refused).not.toContain(wrong);
        for (const name of Object.keys(secrets) as (keyof typeof secrets)[]) {
            const credential = api.all[name];
            const former = credential.secret;
            await project.setSecret(name, credential.addSecret());
            credential.revokeSecret(former);
        }
        const rotated = await preview("--diff");
        succeeded(rotated);
        expect(shownBy(rotated.output, "replace").size).toBe(0);
        expect([...shownBy(rotated.output, "update").keys()].sort()).toEqual([
            "basic",
            "bearer",
            "headerKey",
            "oauthBasic",
            "queryKey",
            "tokenAlone",
        ]);
        succeeded(await up());
        expect(await project.outputs()).toEqual(expected());
        succeeded(await preview(clean));
    });

    test("record what a refresh finds, and heal", async () => {
        api.queryKey.revoke();
        succeeded(await run("refresh", "--yes", "--skip-preview"));
        expect((await project.resource("queryKey")).outputs?.["status"]).toBe("rejected");
        api.queryKey.restore();
        expect(shownBy((await preview("--diff")).output, "update").get("queryKey")).toContain(
            '~ status: "rejected" => "verified"',
        );
        succeeded(await up());
    });

    test("leave no secret in the state, the files or what was printed, in any encoding", async () => {
        const scanner = new LeakScanner(api.secrets);
        expect(await scanner.inProject(project, printed)).toEqual([]);
        expect(scanner.inText("the control", api.bearer.secret)).not.toEqual([]);
    });

    test("are destroyed without a call", async () => {
        const before = api.requests.length;
        expect(succeeded(await run("destroy", "--yes", "--skip-preview"))).toContain("- 8 deleted");
        expect(api.requests.length).toBe(before);
    });

    test("refuse arguments that contradict each other, each with its argument and the next step", async () => {
        const url = "https://api.example.com/v1/me";
        const tokenUrl = "https://auth.example.com/oauth2/token";
        const bearer = (probe: object): string =>
            `new http.Bearer("c", ${JSON.stringify({ token: "t0ken-t0ken", probe })});`;
        const key = (args: object): string =>
            `new http.ApiKey("c", ${JSON.stringify({ key: "k3y-k3y-k3y", probe: { url }, ...args })});`;
        const oauth = (args: object): string =>
            `new oauth2.ClientCredentials("c", ${JSON.stringify({ tokenUrl, clientId: "c", clientSecret: "s3cret-s3cret", ...args })});`;
        const wrong: [string, string][] = [
            [bearer({ url: "http://api.example.com/" }), "probe.url: must start with https://."],
            [bearer({ url, method: "POST" }), "probe.method: must be GET or HEAD."],
            [
                bearer({ url, expect: 401 }),
                "probe.expect: must be an HTTP status that can prove a credential: from 200 to 299, or from 400 to 499, without 401",
            ],
            [bearer({ url, expect: 302 }), "probe.expect: must be an HTTP status that can prove a credential"],
            [
                bearer({ url, account: "user.email" }),
                "probe.account: must be a JSON Pointer (RFC 6901) into the answer, such as /user/id.",
            ],
            [bearer({ url, identity: "/a~2b" }), "probe.identity: must be a JSON Pointer"],
            [bearer({ url, method: "HEAD", identity: "/id" }), "probe: is a HEAD request, whose answer has no body"],
            [
                bearer({ url, headers: { Authorization: "x" } }),
                "probe: names the header Authorization, which carries a credential.",
            ],
            [
                bearer({ url, headers: { "content-length": "5" } }),
                "probe: names the header content-length, which HTTP itself sets.",
            ],
            [bearer({ url, headers: { "a b": "x" } }), "probe: has a header a b that HTTP cannot carry."],
            [bearer({ url, accout: "/id" }), "probe.accout: http.Bearer has no such argument. Did you mean account?"],
            [key({}), "header: is missing: name the place of the key with header or query."],
            [key({ header: "x-key", query: "key" }), "query: names the place of the key too, like header."],
            [key({ header: "Host" }), "header: is a header that HTTP itself sets."],
            [key({ query: "key", prefix: "Token" }), "prefix: is for a key in a header."],
            [
                key({ header: "x-key", probe: { url, headers: { "X-Key": "x" } } }),
                "probe: names the header X-Key, which carries a credential.",
            ],
            [oauth({ authentication: "post" }), "authentication: must be basic or body."],
            [
                oauth({ parameters: { grant_type: "password" } }),
                "parameters: names grant_type, which is always client_credentials here.",
            ],
            [
                oauth({ parameters: { audience: "x" } }),
                "parameters: names audience, which has an argument of its own, audience.",
            ],
            [
                `new http.Basic("c", ${JSON.stringify({ username: "a:b", password: "p4ss-p4ss-p4ss", probe: { url } })});`,
                "username: must not hold a colon",
            ],
        ];
        // Under mocks a constructor says what a preview would: one process for all of them.
        project.write(
            "index.js",
            `
            const pulumi = require("@pulumi/pulumi");
            pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) });
            const { http, oauth2 } = require("pulumi-connections");
            const messages = [${wrong.map(([line]) => `() => ${line.replace(/;$/, "")}`).join(",\n")}].map((declare) => {
                try { declare(); return "taken"; } catch (error) { return error.message; }
            });
            require("node:fs").writeFileSync("messages.json", JSON.stringify(messages));
            process.exit(0);
            `,
        );
        await project.run(["preview"]);
        const messages = JSON.parse(fs.readFileSync(path.join(project.dir, "messages.json"), "utf8")) as string[];
        wrong.forEach(([line, message], at) =>
            expect({ line, message: messages[at] }).toEqual({
                line,
                message: expect.stringContaining(message) as string,
            }),
        );
    });
});

test("A dead credential of several connections is sent once a preview: a vendor that locks after five attempts does not lock", async () => {
    const api = await startGenericApi();
    const project = await Project.create({
        name: "locks",
        program: `
            const { http } = require("pulumi-connections");
            const token = new (require("@pulumi/pulumi").Config)().requireSecret("token");
            const probe = { url: "https://api.example.com/v1/me", headers: { "X-Api-Version": "2026-01-01" } };
            for (const days of [1, 2, 3]) {
                new http.Bearer("bearer" + days, { token, probe, warnBeforeDays: days });
            }
        `,
        secrets: { token: api.bearer.secret },
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(api.endpoints) },
    });
    try {
        succeeded(await project.run(["up", "--yes", "--skip-preview"]));
        api.locksAfter = 5;
        api.bearer.revoke();
        for (const at of [1, 2, 3]) {
            expect(succeeded(await project.run(["preview", "--diff"]))).toMatch(/~ status *: "verified" => "rejected"/);
            expect(api.attempts).toBe(at);
        }
        failed(await project.run(["up", "--yes", "--skip-preview"]));
        expect(api.attempts).toBe(4);
        api.bearer.restore();
        succeeded(await project.run(["preview", clean]));
    } finally {
        await project.dispose();
        await api.close();
    }
});
