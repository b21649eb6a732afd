// What an answer proves: to the generic classes, and to definitions of one's own.
import { conformance } from "../../provider/conformance";
import { ConnectionType } from "../../provider/core/connection-type";
import { connectionHandler } from "../../provider/core/lifecycle";
import { describe as told } from "../../provider/core/problems";
import { Session } from "../../provider/core/session";
import { verifyStandalone } from "../../provider/core/verified";
import type { TenantResult } from "../../provider/core/verify";
import {
    anything,
    apiKey,
    bearer,
    defineConnection,
    optional,
    secret,
    type AnyDefinition,
    type Definition,
    type Fields,
    type Problem,
    type Values,
} from "../../provider/define";
import { startGenericApi, type GenericApi, type GenericCredentials } from "../simulators/generic";
import type { FaultKind } from "../simulators/server";
import { typeNamed } from "../support/types";

let api: GenericApi;

beforeAll(async () => {
    api = await startGenericApi();
});

beforeEach(() => {
    api.api.clearFaults();
    api.requests.clear();
});

afterAll(() => api.close());

const url = "https://api.example.com/v1/me";
const classes: readonly (readonly [string, keyof GenericCredentials])[] = [
    ["oauth2.ClientCredentials", "oauthBasic"],
    ["http.ApiKey", "headerKey"],
    ["http.Basic", "basic"],
    ["http.Bearer", "bearer"],
];

/** Verifies in a run of its own. */
async function verify(type: ConnectionType, args: object): Promise<TenantResult & { readonly says: string }> {
    const session = new Session({ endpoints: api.endpoints, verify: undefined });
    const { result, problems } = await verifyStandalone(type, { ...args }, session);
    const [tenant] = result?.tenants ?? [];
    if (tenant === undefined) {
        throw new Error(problems.map(told).join("\n"));
    }
    return { ...tenant, says: problems.map(told).join("\n") };
}

const answers = (body: unknown, status = 200, headers: Record<string, string> = {}): FaultKind => ({
    kind: "status",
    status,
    body,
    headers,
});
const html = (body: unknown, status = 200): FaultKind => answers(body, status, { "content-type": "text/html" });

const page = "<!DOCTYPE html><html><body>Sign in</body></html>";
const isPage = /^probe: api\.example\.com\/v1\/me answered with a page of HTML \(HTTP \d+\)\. Check that it is/;
const needsProof = /^probe: .* is not known\. Say with probe\.proof what the answer to a good credential says\.$/;
const ok = { pointer: "/ok", value: true };

type Row = [name: string, answer: FaultKind, probe: object, kind: string, says?: RegExp];
const rows: Row[] = [
    // ---- a page --------------------------------------------------------------------------------------------------------------
    ...[200, 202, 203, 400, 403, 404, 418].map((status): Row => [
        `a page, HTTP ${status}`,
        html(page, status),
        {},
        "badAnswer",
        isPage,
    ]),
    ["a page, HTTP 403, which is expected", html(page, 403), { expect: 403 }, "badAnswer", isPage],
    ["a page, HTTP 404, which is expected", html(page, 404), { expect: 404 }, "badAnswer", isPage],
    ["a page without its type", answers(`\ufeff\n <HTML lang="en">`), {}, "badAnswer", isPage],
    ["a page of XHTML", answers(`<?xml version="1.0"?>\n<!doctype html>`), {}, "badAnswer", isPage],
    ["the type of a page, and nothing", html(""), {}, "badAnswer", isPage],
    ["the head of a page", html(""), { method: "HEAD" }, "badAnswer", isPage],
    ["a page in the place of a proof", html(page), { proof: ok }, "badAnswer", isPage],
    ["JSON under the type of a page", html('{"user":{"email":"a@b.example"}}'), {}, "verified"],
    ["nothing, HTTP 204, under the type of a page", html("", 204), { expect: 204 }, "verified"],
    // ---- a refusal within 2xx ------------------------------------------------------------------------------------------------
    ["ok: false", answers({ ok: false, error: "invalid_auth" }), {}, "badAnswer", needsProof],
    ["success: false", answers({ success: false }, 201), {}, "badAnswer", needsProof],
    ["Success: false", answers({ Success: false }), {}, "badAnswer", needsProof],
    ["error", answers({ error: { code: 401 } }), {}, "badAnswer", needsProof],
    ["an error where 200 is expected", answers({ error: "x" }), { expect: 200 }, "badAnswer", needsProof],
    ["errors of GraphQL", answers({ data: null, errors: [{ message: "no" }] }), {}, "badAnswer", needsProof],
    ["errors by field", answers({ errors: { key: ["is wrong"] } }), {}, "badAnswer", needsProof],
    ["an error that is nothing", answers({ ok: true, error: null, errors: [] }), {}, "verified"],
    ["an error deeper down", answers({ last: { ok: false, error: "x" } }), {}, "verified"],
    ["an error where 404 is expected", answers({ error: "none" }, 404), { expect: 404 }, "verified"],
    // ---- proof ---------------------------------------------------------------------------------------------------------------
    ["the proof", answers({ ok: true, error: "deprecated" }), { proof: ok }, "verified"],
    [
        "another value",
        answers({ ok: false }),
        { proof: ok },
        "credentialRefused",
        /HTTP 200, without true at \/ok, which/,
    ],
    ["a text in the place of true", answers({ ok: "true" }), { proof: ok }, "credentialRefused"],
    ["no value", answers({}), { proof: ok }, "credentialRefused"],
    ["null as a whole", answers(null), { proof: ok }, "credentialRefused"],
    ["a number", answers({ code: 0 }), { proof: { pointer: "/code", value: 0 } }, "verified"],
    ["another number", answers({ code: "0" }), { proof: { pointer: "/code", value: 0 } }, "credentialRefused"],
    ["a text", answers({ a: [{ is: " OK" }] }), { proof: { pointer: "/a/0/is", value: " OK" } }, "verified"],
    ["another text", answers({ is: "OK" }), { proof: { pointer: "/is", value: " OK" } }, "credentialRefused"],
    ["a proof at 404", answers({ n: 1 }, 404), { expect: 404, proof: { pointer: "/n", value: 1 } }, "verified"],
    ["no JSON in the place of a proof", answers("fine"), { proof: ok }, "badAnswer", /without the JSON/],
    ["nothing in the place of a proof", answers(""), { proof: ok }, "badAnswer", /without the JSON/],
    ["HTTP 403 in the place of a proof", answers({ ok: true }, 403), { proof: ok }, "accessMissing"],
    // ---- pointers ------------------------------------------------------------------------------------------------------------
    ["nothing at a pointer", answers(""), { account: "/id" }, "badAnswer", /has nothing at \/id \(probe\.account\)/],
    ["null at a pointer", answers({ user: { id: null } }), { identity: "/user/id" }, "badAnswer", /probe\.identity/],
    ["a list at a pointer", answers({ user: [] }), { identity: "/user" }, "badAnswer", /probe\.proof/],
    ["a redirect", { kind: "redirect", location: "https://sso.example.com/" }, { expect: 204 }, "redirected"],
];

describe.each(classes)("%s", (label, credential) => {
    test.each(rows)("%s", async (_, answer, probe, kind, says = /./) => {
        api.api.fault(answer);
        const args = { ...api.credentials[credential], probe: { url, ...probe } };
        const { status, problems, checks, says: said } = await verify(typeNamed(label), args);
        const statuses: Record<string, string> = {
            verified: "verified",
            credentialRefused: "rejected",
            accessMissing: "insufficient",
        };
        // A client that has just got a token is known: what is refused is the token.
        const isToken = kind === "credentialRefused" && label === "oauth2.ClientCredentials";
        expect({ status, kinds: problems.map((problem) => problem.kind) }).toEqual({
            status: statuses[kind] ?? "unreachable",
            kinds: kind === "verified" ? [] : [isToken ? "tokenRefused" : kind],
        });
        expect(checks["probe"]?.result).toBe(
            kind === "verified" ? "passed" : statuses[kind] === undefined ? "unknown" : "failed",
        );
        expect(kind === "verified" ? "." : said.replace(/ \[[a-z-]+\]$/, "")).toMatch(says);
    });

    test("takes a probe that proves nothing anew for nothing on record", async () => {
        const args = { ...api.credentials[credential], probe: { url, account: "/user/email" } };
        expect(await verify(typeNamed(label), args)).toMatchObject({ status: "verified" });
    });
});

describe("An API key's prefix", () => {
    const sent: [prefix: string, header: string][] = [
        ["Token", "Token KEY"],
        ["SSWS", "SSWS KEY"],
        ["Token ", "Token KEY"],
        ["Token token=", "Token token=KEY"],
        ["apikey:", "apikey:KEY"],
        ["", "KEY"],
    ];
    const key = "acme-key-0123456789";
    const headers = (): unknown[] => [...api.requests].map(({ headers: { "x-api-key": shown } }) => shown);

    test.each(sent.filter(([prefix]) => prefix !== ""))(
        "is parted by one blank in http.ApiKey: %j",
        async (prefix, header) => {
            await verify(typeNamed("http.ApiKey"), { key, header: "X-Api-Key", prefix, probe: { url } });
            expect(headers()).toEqual([header.replace("KEY", key)]);
        },
    );

    test.each(sent)("is the same in apiKey(), and the suite for definitions shows it: %j", async (prefix, header) => {
        const definition = defineConnection({
            type: "acme:ApiKey",
            title: "Acme",
            privateHosts: true,
            args: { key: secret() },
            outputs: () => ({}),
            console: { secret: "Settings > Keys" },
            checks: { me: "Acme knows the key." },
            tenant: "key",
            credential: (args) => apiKey(args.key, { header: "X-Api-Key", prefix }),
            verify: async (vendor) => {
                await vendor.request("me", url, anything());
                return vendor.found({ outputs: {} });
            },
        });
        await verify(new ConnectionType(definition), { key });
        expect(headers()).toEqual([header.replace("KEY", key)]);
        const [accepted] = conformance(definition, { args: { key }, answers: { [`GET ${url}`]: {} } });
        expect(accepted?.name).toContain(`are verified with x-api-key: ${header.replace("KEY", "[key]")}, and`);
    });
});

describe("A header that holds a second secret", () => {
    const application = "application-0123456789-secret";
    const bearerArgs = (probe: object, more: object = {}): Record<string, unknown> => ({
        ...api.credentials.bearer,
        probe: { url, ...probe },
        ...more,
    });
    const checked = async (
        args: Record<string, unknown>,
        recorded?: Values,
    ): Promise<{ readonly inputs: Values; readonly problems: readonly Problem[]; readonly warned: string[] }> => {
        const warned: string[] = [];
        const log = { warn: (message: string) => void warned.push(message) };
        const session = new Session({ endpoints: api.endpoints, verify: undefined });
        const handler = connectionHandler(typeNamed("http.Bearer").definition);
        return { ...(await handler.check({ recorded, declared: args }, { session, log, preview: true })), warned };
    };

    test.each([
        "DD-APPLICATION-KEY",
        "x-auth-token",
        "X-Client-Secret",
        "x-amz-signature",
        "x-authorization",
        "api_key",
    ])("is refused in the probe where it is new or changed, and warned of on record: %s", async (name) => {
        const refusal = expect.stringContaining(`names the header ${name}, which may hold a secret`) as string;
        const args = bearerArgs({ headers: { [name]: application } });
        expect((await checked(args)).problems).toEqual([
            { kind: "invalidArgument", code: "invalid-argument", argument: "probe", message: refusal },
        ]);
        await expect(verify(typeNamed("http.Bearer"), args)).rejects.toThrow(`names the header ${name}`);
        // As an earlier release has recorded it.
        const { inputs } = await checked(bearerArgs({}));
        const kept = { ...inputs, probe: args["probe"] };
        expect(await checked(args, kept)).toMatchObject({ problems: [], warned: [refusal] });
        const changed = bearerArgs({ headers: { [name]: application, accept: "*/*" } });
        expect((await checked(changed, kept)).problems).toHaveLength(1);
    });

    test("is not taken for one by a part of another word", async () => {
        const headers = { "x-csrf-token": "1", "Idempotency-Key": "1", "x-author": "me", "x-authority": "me" };
        expect((await checked(bearerArgs({ headers }))).problems).toEqual([]);
    });

    test.each(classes)(
        "goes into secretHeaders of %s: sent with the probe alone, and taken out of what comes back",
        async (label, credential) => {
            const args = { ...api.credentials[credential], probe: { url, account: "/user" } };
            api.api.fault(answers({ user: `for ${application}` }));
            const { account, says } = await verify(typeNamed(label), {
                ...args,
                secretHeaders: { "DD-Application-Key": application },
            });
            const asked = [...api.requests].map(({ path, headers }) => [
                path.split("?")[0],
                headers["dd-application-key"],
            ]);
            expect(asked.filter(([path]) => path === "/v1/me")).toEqual([["/v1/me", application]]);
            expect(asked.filter(([, header]) => header !== undefined)).toHaveLength(1);
            expect({ account: account?.name, says }).toEqual({
                account: "for [secret]",
                says: expect.stringContaining("an identifier that holds a secret") as string,
            });
        },
    );

    test.each<[object, object, string]>([
        [{ "a b": application }, {}, "has a header a b that HTTP cannot carry"],
        [{ "x-key": `${application}\u200b` }, {}, "has a header x-key that HTTP cannot carry"],
        [{ Host: application }, {}, "names the header Host, which HTTP itself sets"],
        [{ Authorization: application }, {}, "names the header Authorization, which is set otherwise too"],
        [{ "x-app": application }, { "X-App": "1" }, "names the header x-app, which is set otherwise too"],
    ])("is judged as other headers are: %j", async (secretHeaders, headers, message) => {
        const { problems } = await checked(bearerArgs({ headers }, { secretHeaders }));
        expect(problems).toMatchObject([
            { argument: "secretHeaders", message: expect.stringContaining(message) as string },
        ]);
        expect(JSON.stringify(problems)).not.toContain(application);
    });
});

describe("A definition of one's own", () => {
    const address = "https://api.example.com/v1/me";
    type Acme = Definition<"acme:Token", { readonly token: ReturnType<typeof secret> }, Fields, "me">;
    const acme = (more: Partial<Acme>, asking: object = {}): AnyDefinition => ({
        ...defineConnection({
            type: "acme:Token",
            title: "Acme",
            privateHosts: true,
            args: { token: secret() },
            outputs: () => ({}),
            console: { secret: "Settings > Tokens" },
            checks: { me: "Acme knows the token." },
            tenant: "token",
            credential: ({ token }) => bearer(token),
            verify: async (vendor) => {
                await vendor.request("me", address, optional(anything()), asking);
                return vendor.found({ outputs: {} });
            },
        }),
        ...(more as object),
    });
    const run = (definition: AnyDefinition): ReturnType<typeof verify> =>
        verify(new ConnectionType(definition), { token: api.credentials.bearer.token });

    test.each<[string, FaultKind]>([
        ["200", answers({ result: "denied" })],
        ["302", { kind: "redirect", location: "https://api.example.com/login", status: 302 }],
        ["403", answers({ result: "denied" }, 403)],
    ])("refuses the credential at HTTP %s, for all its calls", async (status, fault) => {
        api.api.fault(fault);
        const isCredentialRefusal: Acme["isCredentialRefusal"] = ({ headers, text }) =>
            /denied/.test(text) || String(headers["location"]).endsWith("/login");
        const refused = await run(acme({ isCredentialRefusal }));
        expect(refused).toMatchObject({
            status: "rejected",
            problems: [{ kind: "credentialRefused", argument: "token" }],
        });
        expect(refused.says).toContain(`(HTTP ${status}). Create a new secret under Settings > Tokens.`);
        expect((await run(acme({}))).status).not.toBe("rejected");
    });

    test("refuses it in one call, and is told why", async () => {
        api.api.fault(answers({ result: "denied" }));
        const { says } = await run(acme({}, { classify: () => ({ refused: "denied" }) }));
        expect(says).toBe(
            "token: Acme refused the credential at api.example.com/v1/me (HTTP 200, denied). Create a new secret under Settings > Tokens. [secret-refused]",
        );
    });

    test.each<[string, FaultKind, string]>([
        ["a page", html(page), "badAnswer"],
        ["a redirect", { kind: "redirect", location: "https://sso.example.com/" }, "redirected"],
    ])("takes %s for no proof, whatever its own judgement is", async (_, fault, kind) => {
        api.api.fault(fault);
        const { problems, says } = await run(acme({}, { classify: () => "passed" }));
        expect(problems).toMatchObject([{ kind }]);
        expect(says).toContain("Check whether a proxy or a login page of this network answers in its place.");
    });

    test("is not refused by what answers a call without the credential", async () => {
        api.api.fault(answers({ error: "who are you?" }, 401));
        expect(await run(acme({ isCredentialRefusal: () => true }, { anonymous: true }))).toMatchObject({
            problems: [{ kind: "badAnswer" }],
        });
    });
});
