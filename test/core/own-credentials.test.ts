// What a declaration of one's own can say of a credential, an answer and a token beyond the ordinary, each by a small definition that the suite passes.
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
    conformance,
    type ConformanceOptions,
    type VendorAnswer,
    type VendorRequest,
} from "../../provider/conformance";
import { LoopbackVendor } from "../../provider/conformance/vendor";
import { ConnectionType } from "../../provider/core/connection-type";
import { describe as describeProblem, sentenceOf } from "../../provider/core/problems";
import { Session } from "../../provider/core/session";
import { verifyStandalone } from "../../provider/core/verified";
import type { TenantToday } from "../../provider/core/plan";
import {
    apiKey,
    bearer,
    clientAssertion,
    clientCredentials,
    defineConnection,
    headers,
    integer,
    jwtGrant,
    list,
    optional,
    object,
    secret,
    signedBearer,
    text,
    type AnyDefinition,
    type Account,
    type Credential,
    type SecretValue,
} from "../../provider/define";

/** The messages of the cases that a definition does not pass, by the case's first word. */
async function failures(definition: AnyDefinition, options: ConformanceOptions): Promise<Record<string, string>> {
    const failed: Record<string, string> = {};
    for (const { name, run } of conformance(definition, options as never)) {
        await run().catch((error: Error) => (failed[name.split(":")[0] ?? ""] = error.message));
    }
    return failed;
}

/** What a definition comes to with the answers of a vendor. */
async function verified(
    definition: AnyDefinition,
    { args, answers }: ConformanceOptions,
    tokenMember?: string,
): Promise<TenantToday> {
    const vendor = await LoopbackVendor.start({
        answers,
        simulator: undefined,
        refused: { status: 401, body: { error: "invalid_client" } },
        tokenMember,
        secrets: Object.values(args).filter((value) => typeof value === "string"),
    });
    try {
        const session = new Session({ endpoints: vendor.endpoints, verify: undefined });
        const { connection } = await verifyStandalone(new ConnectionType(definition), args, session);
        return connection as TenantToday;
    } finally {
        await vendor.close();
    }
}

const me = object({ id: text() });
const origin = "https://api.acme.example";
const meAnswer = { [`GET ${origin}/me`]: { body: { id: "u-17" } } };
const console = { secret: "Settings > Keys" };

const clientArgs = { clientId: text({ namesAccount: true }), clientSecret: secret() };
const givenClient = { clientId: "acme-client-4711", clientSecret: "acme-secret-0123456789" };

describe("Headers of an answer", () => {
    const definition = defineConnection({
        type: "acme:Token",
        title: "Acme",
        args: { token: secret() },
        outputs: () => ({ workspace: text() }),
        tenant: "workspace",
        console,
        credential: ({ token }) => bearer(token),
        steps: (call) => ({
            account: call(
                "Acme knows the token.",
                () => `${origin}/me`,
                me,
                ({ id }, _, tell) => {
                    const workspace = tell.header("X-Workspace");
                    return workspace === undefined
                        ? tell.problem({
                              kind: "badAnswer",
                              message: "Acme does not report the workspace. Run again later.",
                          })
                        : tell.found({ outputs: { workspace }, account: { id, name: id } });
                },
            ),
        }),
    });
    const inVerify = {
        ...definition,
        steps: undefined,
        checks: { account: "Acme knows the token." },
        verify: async (vendor: Parameters<NonNullable<(typeof definition)["verify"]>>[0]) => {
            const account = await vendor.request("account", `${origin}/me`, me);
            const workspace = vendor.header("account", "x-workspace");
            // A cookie opens what the token opens.
            expect(vendor.header("account", "Set-Cookie")).toBeUndefined();
            return vendor.found({ outputs: { workspace }, account: account && { id: account.id, name: account.id } });
        },
    };
    const told = { "x-workspace": "w-4711", "set-cookie": "session=0123456789" };
    const answers = { [`GET ${origin}/me`]: { body: { id: "u-17" }, headers: told } };
    const args = { token: "acme-token-0123456789" };

    test.each([
        ["a step", definition],
        ["verify", inVerify],
    ])("are told to %s", async (_, one) => {
        expect(await failures(one as never, { args, answers })).toEqual({});
    });

    test("that gave a token are told to its step", async () => {
        const regional = defineConnection({
            type: "acme:Client",
            title: "Acme",
            args: clientArgs,
            outputs: () => ({ region: text() }),
            tenant: "region",
            console,
            credential: ({ clientId, clientSecret }) =>
                clientCredentials({
                    tokenUrls: [`${origin}/token`],
                    clientId,
                    clientSecrets: [clientSecret],
                    authentication: "body",
                }),
            token: (_token, _, tell) => {
                const region = tell.header("X-Acme-Region");
                return region === undefined
                    ? tell.problem({ kind: "badAnswer", message: "Acme does not report the region. Run again later." })
                    : tell.found({ outputs: { region } });
            },
            steps: (call) => ({
                account: call(
                    "Acme knows the client.",
                    () => `${origin}/me`,
                    me,
                    ({ id }, _, tell) => tell.found({ account: { id, name: id } }),
                ),
            }),
        });
        const token = {
            body: { access_token: "acme-access-0123456789", token_type: "bearer" },
            headers: { "x-acme-region": "eu-1" },
        };
        const given = { args: givenClient, answers: { ...meAnswer, [`POST ${origin}/token`]: token } };
        expect(await failures(regional as never, given)).toEqual({});
    });
});

describe("The rest of a token answer", () => {
    const jwt = (claims: object): string =>
        [{ alg: "RS256" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".") +
        ".c2lnbmF0dXJl";
    const definition = defineConnection({
        type: "acme:Client",
        title: "Acme",
        args: clientArgs,
        outputs: () => ({ apiUrl: text(), tenantId: optional(text()), rest: optional(list()) }),
        tenant: "apiUrl",
        console,
        credential: ({ clientId, clientSecret }) =>
            clientCredentials({
                tokenUrls: [`${origin}/token`],
                clientId,
                clientSecrets: [clientSecret],
                authentication: "body",
            }),
        token: ({ members, claims }, _, tell) =>
            typeof members["instance_url"] === "string"
                ? tell.found({
                      outputs: {
                          apiUrl: members["instance_url"],
                          tenantId: typeof claims["tid"] === "string" ? claims["tid"] : undefined,
                          rest: [JSON.stringify(members), JSON.stringify(claims)],
                      },
                  })
                : tell.problem({ kind: "badAnswer", message: "Acme does not report the instance. Run again later." }),
        steps: (call) => ({
            account: call(
                "Acme knows the client.",
                () => `${origin}/me`,
                me,
                ({ id }, _, tell) => tell.found({ account: { id, name: id } }),
            ),
        }),
    });
    const answersWith = (token: string, more: object = {}): ConformanceOptions["answers"] => ({
        ...meAnswer,
        [`POST ${origin}/token`]: {
            body: { access_token: token, token_type: "bearer", instance_url: "https://eu1.acme.example", ...more },
        },
    });

    test("is told as members and claims", async () => {
        const token = jwt({ tid: "t-4711" });
        const given = { args: givenClient, answers: answersWith(token) };
        expect(await failures(definition as never, given)).toEqual({});
        expect((await verified(definition as never, given)).outputs).toMatchObject({
            apiUrl: "https://eu1.acme.example",
            tenantId: "t-4711",
        });
    });

    test.each(["opaque-0123456789", "a.b.c", "e30.W10.", "bnVsbA.e30.x", `${jwt({ tid: "t" })}.more`])(
        "holds no claims where the token is %s",
        async (token) => {
            const { status, outputs } = await verified(definition, {
                args: givenClient,
                answers: answersWith(token),
            });
            expect({ status, tenantId: outputs["tenantId"] }).toEqual({ status: "verified", tenantId: undefined });
        },
    );

    test("holds no token and no secret", async () => {
        const { clientSecret } = givenClient;
        const token = jwt({ tid: "t-4711", echo: clientSecret });
        const hidden = ["refresh-0123456789", "identity-0123456789", "inner-0123456789", clientSecret, token];
        const more = {
            refresh_token: hidden[0],
            id_token: hidden[1],
            session: { refreshToken: hidden[2], note: `${clientSecret} ${token}` },
        };
        const { outputs } = await verified(definition, {
            args: givenClient,
            answers: answersWith(token, more),
        });
        expect(JSON.stringify(outputs)).toContain("instance_url");
        expect(hidden.filter((one) => JSON.stringify(outputs).includes(one ?? ""))).toEqual([]);
    });
});

describe("Two secrets in one credential", () => {
    const together = (
        name: string,
        credential: (first: SecretValue, second: SecretValue) => Credential,
    ): AnyDefinition =>
        defineConnection({
            type: "acme:Keys",
            title: "Acme",
            args: { apiKey: secret(), appKey: secret() },
            outputs: () => ({ workspace: text() }),
            tenant: "workspace",
            console: { secret: "Settings > Keys", called: `${name} key` },
            credential: ({ apiKey, appKey }) => credential(apiKey, appKey),
            steps: (call) => ({
                account: call(
                    "Acme knows the keys.",
                    () => `${origin}/me`,
                    me,
                    ({ id }, _, tell) => tell.found({ outputs: { workspace: id }, account: { id, name: id } }),
                ),
            }),
        });
    const args = { apiKey: "api-key-0123456789", appKey: "app-key-9876543210" };
    const inTwo = together("first", (apiKey, appKey) => headers({ "Acme-Api-Key": apiKey, "acme-app-key": appKey }));
    const inOne = together("first", (apiKey, appKey) => headers({ "x-keys": ["a=", apiKey, ";s=", appKey, ";"] }));
    const answer = ({ headers: sent }: VendorRequest): VendorAnswer => {
        const isWhole =
            (sent["acme-api-key"] === args.apiKey && sent["acme-app-key"] === args.appKey) ||
            sent["x-keys"] === `a=${args.apiKey};s=${args.appKey};`;
        return isWhole ? { body: { id: "u-17" } } : { status: 401, body: {} };
    };
    const answers = { [`GET ${origin}/me`]: answer };

    test.each([
        ["two headers", inTwo],
        ["one header", inOne],
    ])("is sent in %s", async (_, definition) => {
        expect(await failures(definition, { args, answers })).toEqual({});
        for (const wrong of [{ apiKey: "api-key-wrong-0123" }, { appKey: "app-key-wrong-0123" }]) {
            const { status, problems } = await verified(definition, { args: { ...args, ...wrong }, answers });
            expect({ status, told: problems.map(describeProblem) }).toEqual({
                status: "rejected",
                told: [
                    "apiKey: Acme refused the credential together with appKey at api.acme.example/me (HTTP 401). Create a new first key under Settings > Keys. [secret-refused]",
                ],
            });
        }
    });

    test("is not sent where one cannot stand in a header, which is named", async () => {
        for (const definition of [inTwo, inOne]) {
            const { problems } = await verified(definition, {
                args: { ...args, appKey: "app-key-\u00e9-012345" },
                answers,
            });
            expect(problems.map(describeProblem).join()).toMatch(/^appKey: holds characters that are not allowed/);
        }
    });

    test("says how it is sent", () => {
        const [two, one] = [inTwo, inOne].map((one) => conformance(one, { args, answers })[0]?.name);
        expect([two, one]).toEqual([
            expect.stringContaining("with acme-api-key: [apiKey], acme-app-key: [appKey]"),
            expect.stringContaining("with x-keys: a=[apiKey];s=[appKey];"),
        ]);
    });
});

describe("A token endpoint beyond RFC 6749", () => {
    const definition = defineConnection({
        type: "acme:Client",
        title: "Acme",
        args: clientArgs,
        outputs: () => ({ lifetime: optional(integer()), company: text() }),
        tenant: "company",
        console,
        credential: ({ clientId, clientSecret }) =>
            clientCredentials({
                tokenUrls: [`${origin}/login`],
                clientId,
                clientSecrets: [clientSecret],
                authentication: "body",
                request: "json",
                parameters: { audience: "api" },
                members: {
                    clientId: "app",
                    clientSecret: "key",
                    grantType: false,
                    token: "data.token",
                    lifetime: "data.ttl",
                    scope: "data.rights",
                },
                codes: {
                    E17: "client",
                    "4003": "limited",
                    SUSPENDED: "refused",
                    NO_RIGHT: "scope",
                    FORM: "request",
                    ENDED: { meaning: "client", next: "The secret has ended. Make a new one." },
                    NO_APP: { meaning: "refused", argument: "clientId", next: "Acme has no such client." },
                    NO_SCOPE: { meaning: "scope", next: "Ask for less." },
                    NO_PROOF: { meaning: "proof", next: "Switch off DPoP under Settings > Client." },
                },
            }),
        token: ({ lifetimeSeconds, scopes, members }, _, tell) => {
            const { company } = members["data"] as { readonly company?: unknown };
            return typeof company === "string"
                ? tell.found({ outputs: { lifetime: lifetimeSeconds, company }, scopes: { granted: scopes } })
                : tell.problem({ kind: "badAnswer", message: "Acme does not report the company. Run again later." });
        },
        steps: (call) => ({
            account: call(
                "Acme knows the client.",
                () => `${origin}/me`,
                me,
                ({ id }, _, tell) => tell.found({ account: { id, name: id } }),
            ),
        }),
    });
    const data = { token: "acme-access-0123456789", ttl: 900, rights: "read write", company: "c-4711" };
    let seen: VendorRequest | undefined;
    const login = (request: VendorRequest): VendorAnswer => {
        seen = request;
        return { body: { status: "OK", token_type: "AcmeToken", data } };
    };
    const answers = { ...meAnswer, [`POST ${origin}/login`]: login };

    test("gives a token", async () => {
        expect(await failures(definition as never, { args: givenClient, answers })).toEqual({});
        const { status, outputs, grantedScopes } = await verified(
            definition,
            { args: givenClient, answers },
            "data.token",
        );
        expect({ status, outputs, grantedScopes }).toEqual({
            status: "verified",
            outputs: { lifetime: 900, company: "c-4711" },
            grantedScopes: ["read", "write"],
        });
        expect(seen?.headers["content-type"]).toBe("application/json");
        expect(JSON.parse(seen?.body ?? "")).toEqual({
            audience: "api",
            app: givenClient.clientId,
            key: givenClient.clientSecret,
        });
    });

    const told = async (answer: VendorAnswer): Promise<string> => {
        const refusing = { ...answers, [`POST ${origin}/login`]: { ...answer, anonymous: true } };
        const { status, problems } = await verified(definition, { args: givenClient, answers: refusing });
        return `${status}: ${problems.map(sentenceOf).join()}`;
    };

    test.each([
        [
            400,
            { reason: "E17" },
            /^rejected: clientSecret: Acme refused the client id or secret \(E17\)\. Create a new/,
        ],
        [200, { data: { state: "E17" } }, /^rejected: clientSecret: Acme refused the client id or secret \(E17\)/],
        [401, { code: 4003 }, /^unreachable: api\.acme\.example has reached its rate limit \(4003\)/],
        [403, { status: "SUSPENDED" }, /^rejected: clientSecret: Acme refused the token request \(SUSPENDED\)/],
        [409, { why: ["NO_RIGHT"] }, /^insufficient: .*denied this client every scope \(NO_RIGHT\)/],
        [
            400,
            { error: "invalid_client", why: ["ENDED"] },
            /^rejected: clientSecret: Acme refused the client id or secret \(ENDED\)\. The secret has ended\. Make a new one\.$/,
        ],
        [
            400,
            { why: ["NO_APP"] },
            /^rejected: clientId: Acme refused the token request \(NO_APP\)\. Acme has no such client\.$/,
        ],
        [400, { why: ["NO_SCOPE"] }, /^insufficient: clientId: .* every scope \(NO_SCOPE\)\. Ask for less\.$/],
        [
            400,
            { why: ["NO_PROOF"] },
            /^unreachable: .*\(NO_PROOF\), which no hub sends\. Switch off DPoP under Settings > Client\.$/,
        ],
        [422, { error: "FORM" }, /^unreachable: .*does not accept this form of token request \(FORM\)/],
        // A code that is not declared, and a token that is not where it was declared, mean what they always do.
        [401, { error: "invalid_client" }, /^rejected: .*client id or secret \(invalid_client\)/],
        [200, { access_token: "acme-access-0123456789" }, /^unreachable: .*an answer without an access token/],
        [200, { data: { ...data, ttl: {} } }, /^unreachable: .*a token with an invalid data\.ttl/],
    ])("says what it means: HTTP %d with %j", async (status, body, says) => {
        expect(await told({ status, body })).toMatch(says);
    });
});

describe("Signed JWTs", () => {
    const pkcs8 = { type: "pkcs8", format: "pem" } as const;
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const rsaKey = rsa.export(pkcs8) as string;
    const ecKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(pkcs8) as string;

    const signing = (credential: (clientId: string, key: SecretValue) => Credential): AnyDefinition =>
        defineConnection({
            type: "acme:App",
            title: "Acme",
            args: { clientId: text({ namesAccount: true }), privateKey: secret() },
            outputs: () => ({ rest: optional(text()), workspace: text() }),
            tenant: "workspace",
            console: { secret: "Settings > Apps", called: "private key" },
            credential: ({ clientId, privateKey }) => credential(clientId, privateKey),
            token: ({ members }, _, tell) => tell.found({ outputs: { rest: JSON.stringify(members) } }),
            steps: (call) => ({
                account: call(
                    "Acme knows the app.",
                    () => `${origin}/me`,
                    me,
                    ({ id }, _, tell) => tell.found({ outputs: { workspace: id }, account: { id, name: id } }),
                ),
            }),
        });
    const tokenUrls = [`${origin}/token`] as const;
    type Algorithm = "RS256" | "PS256" | "ES256";
    const assertion = (algorithm: Algorithm): AnyDefinition =>
        signing((clientId, key) =>
            clientAssertion({
                tokenUrls,
                clientId,
                keys: [key],
                scope: "read",
                signature: { algorithm, keyId: "k-1" },
            }),
        );
    const grant = (algorithm: Algorithm): AnyDefinition =>
        signing((clientId, key) =>
            jwtGrant({
                tokenUrls,
                clientId,
                keys: [key],
                signature: { algorithm, claims: { sub: "admin@acme.example" } },
            }),
        );
    const { token: _, ...bearerAlone } = signing((clientId, key) =>
        signedBearer(key, { algorithm: "RS256", lifetimeSeconds: 540, claims: { iss: clientId } }),
    );

    let sent: Record<string, string> = {};
    const answersWith = (more: (form: Record<string, string>) => VendorAnswer): ConformanceOptions["answers"] => ({
        ...meAnswer,
        [`POST ${origin}/token`]: ({ body }) => {
            sent = Object.fromEntries(new URLSearchParams(body));
            return more(sent);
        },
    });
    const token = { access_token: "acme-access-0123456789", token_type: "bearer" };
    const answers = answersWith(() => ({ body: token }));
    const partsOf = (jwt = ""): unknown[] =>
        jwt.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url").toString()) as unknown);
    const app = "acme-app-4711";

    test.each<[string, AnyDefinition, string]>([
        ["a client assertion by RS256", assertion("RS256"), rsaKey],
        ["a client assertion by PS256", assertion("PS256"), rsaKey],
        ["a client assertion by ES256", assertion("ES256"), ecKey],
        ["a grant", grant("RS256"), rsaKey],
        ["a bearer token", bearerAlone, rsaKey],
    ])("are accepted as %s", async (_, definition, privateKey) => {
        expect(await failures(definition, { args: { clientId: app, privateKey }, answers })).toEqual({});
    });

    test("say who asks whom, for how long, by which key", async () => {
        const now = Math.floor(Date.now() / 1000);
        const start = expect.closeTo(now - 30, -1) as number;
        const times = { iat: start, nbf: start, exp: expect.closeTo(now + 300, -1) as number };
        const ordinary = {
            iss: app,
            sub: app,
            aud: `${origin}/token`,
            jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        };
        const args = { clientId: app, privateKey: rsaKey };
        await verified(assertion("PS256"), { args, answers });
        expect(sent).toEqual({
            grant_type: "client_credentials",
            scope: "read",
            client_id: app,
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: expect.any(String),
        });
        const header = { alg: "PS256", typ: "JWT", kid: "k-1" };
        expect(partsOf(sent["client_assertion"])).toEqual([header, { ...ordinary, ...times }]);
        await verified(grant("RS256"), { args, answers });
        expect(sent).toEqual({
            grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
            assertion: expect.any(String),
        });
        expect(partsOf(sent["assertion"])).toEqual([
            { alg: "RS256", typ: "JWT" },
            { ...ordinary, ...times, sub: "admin@acme.example" },
        ]);
    });

    test.each([
        ["PKCS #1", rsa.export({ type: "pkcs1", format: "pem" }) as string],
        ["one line with \\n in it", rsaKey.replaceAll("\n", "\\n")],
        ["one line with blanks in it", rsaKey.trim().replaceAll("\n", " ")],
        ["lines as Windows has them", rsaKey.replaceAll("\n", "\r\n")],
    ])("are signed by a key in %s", async (_, privateKey) => {
        const vendorKnows = { [`POST ${origin}/token`]: { body: token, anonymous: true } };
        const { status, problems } = await verified(assertion("RS256"), {
            args: { clientId: app, privateKey },
            answers: { ...meAnswer, ...vendorKnows },
        });
        expect({ status, problems }).toEqual({ status: "verified", problems: [] });
    });

    test.each([
        ["no key", "not-a-key-0123456789", "is no private key in PEM form"],
        ["a key that is cut", `${rsaKey.slice(0, 400)}\n-----END PRIVATE KEY-----`, "is no private key in PEM form"],
        [
            "a public key",
            createPublicKey(rsa).export({ type: "spki", format: "pem" }) as string,
            "is no private key in PEM form",
        ],
        [
            "an encrypted key",
            rsa.export({ ...pkcs8, cipher: "aes-256-cbc", passphrase: "p" }) as string,
            "is a private key that is encrypted with a passphrase, which cannot be given here",
        ],
        [
            "a key of another kind",
            ecKey,
            "is a private key that cannot sign by RS256, which needs an RSA key of at least 2048 bits.",
        ],
        [
            "a short key",
            generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export(pkcs8) as string,
            "is a private key that cannot sign by RS256",
        ],
    ])("are not sent with %s, and that is said", async (_, privateKey, says) => {
        for (const definition of [assertion("RS256"), bearerAlone]) {
            const found = await verifiedWith(definition, { clientId: app, privateKey });
            expect(found.problems.map(describeProblem)).toEqual([expect.stringContaining(`privateKey: ${says}`)]);
        }
    });

    test("are shown nowhere, and neither is the key, where the vendor echoes them", async () => {
        const args = { clientId: app, privateKey: rsaKey };
        const line = rsaKey.split("\n")[7] ?? "";
        const echoing = answersWith(({ client_assertion: jwt }) => ({
            body: { ...token, echo: jwt, note: `of ${line}`, site: "eu-1" },
        }));
        const { outputs } = await verified(assertion("RS256"), { args, answers: echoing });
        expect(outputs["rest"]).toContain("eu-1");
        expect(outputs["rest"]).not.toContain(sent["client_assertion"]);
        expect(outputs["rest"]).not.toContain(line);
        const saying = answersWith(({ client_assertion: jwt = "" }) => ({
            status: 400,
            body: { error: jwt.slice(50, 80) },
        }));
        const { problems } = await verified(assertion("RS256"), { args, answers: saying });
        expect(problems.map(describeProblem)).toEqual([
            "privateKey: Acme refused the token request (HTTP 400). Check client id, private key and address. Check this machine's clock too. [token-request-refused]",
        ]);
    });

    /** What comes of arguments that are refused before anything is sent. */
    const verifiedWith = (definition: AnyDefinition, args: ConformanceOptions["args"]): Promise<TenantToday> =>
        verified(definition, { args, answers });
});

describe("A credential that only reads", () => {
    const keysAnswer = object({ ends: text() });
    const definition = defineConnection({
        type: "acme:Token",
        title: "Acme",
        args: { token: secret(), adminKey: optional(secret()) },
        outputs: () => ({ workspace: text(), ends: optional(text()) }),
        tenant: "workspace",
        console: { secret: "Settings > Keys", called: "key" },
        credential: ({ token }) => bearer(token),
        reader: ({ adminKey }) => adminKey && apiKey(adminKey, { header: "x-admin-key" }),
        steps: (call) => ({
            account: call(
                "Acme knows the token.",
                () => `${origin}/me`,
                me,
                ({ id }, _, tell) => tell.found({ outputs: { workspace: id }, account: { id, name: id } }),
            ),
            expiry: call(
                "Acme tells when the token ends.",
                () => `${origin}/keys`,
                keysAnswer,
                ({ ends }, _, tell) => tell.found({ outputs: { ends } }),
                { reader: true },
            ),
        }),
    });
    const args = { token: "acme-token-0123456789", adminKey: "acme-admin-0123456789" };
    let keys: VendorRequest[] = [];
    const of = (answer: (request: VendorRequest) => VendorAnswer): ConformanceOptions["answers"] => ({
        [`GET ${origin}/me`]: ({ headers: { authorization, "x-admin-key": admin } }) =>
            authorization === `Bearer ${args.token}` && admin === undefined
                ? { body: { id: "w-4711" } }
                : { status: 401, body: {} },
        [`GET ${origin}/keys`]: (request) => {
            keys.push(request);
            return { ...answer(request), anonymous: true };
        },
    });
    const answers = of(({ headers: { authorization, "x-admin-key": admin } }) =>
        admin === args.adminKey && authorization === undefined
            ? { body: { ends: "2027-06-30" } }
            : { status: 401, body: { said: admin } },
    );
    beforeEach(() => {
        keys = [];
    });

    test("tells what it reads, and passes the suite with it and without it", async () => {
        expect(await failures(definition as never, { args, answers })).toEqual({});
        const { outputs, checks, warnings } = await verified(definition, { args, answers });
        expect({ outputs, warnings }).toEqual({ outputs: { workspace: "w-4711", ends: "2027-06-30" }, warnings: [] });
        expect(checks["expiry"]).toEqual({ result: "passed", message: "Acme tells when the token ends." });
        keys = [];
        const alone = { args: { token: args.token }, answers };
        expect(await failures(definition as never, alone)).toEqual({});
        const { checks: without, warnings: none } = await verified(definition, alone);
        expect({ none, expiry: without["expiry"] }).toEqual({
            none: [],
            expiry: { result: "skipped", message: "Not checked." },
        });
        expect(keys).toEqual([]);
    });

    test.each<[string, (request: VendorRequest) => VendorAnswer, RegExp]>([
        [
            "is refused",
            () => ({ status: 401, body: {} }),
            /^adminKey: Acme refused the credential at api\.acme\.example\/keys/,
        ],
        [
            "may not read that",
            () => ({ status: 403, body: {} }),
            /^Acme denied this credential access to api\.acme\.example\/keys/,
        ],
        ["is told something else", () => ({ body: {} }), /does not report ends, which is needed/],
    ])("warns where it %s, and nothing more", async (_, answer, says) => {
        const { status, problems, outputs, checks, warnings } = await verified(definition, {
            args,
            answers: of(answer),
        });
        expect({ status, problems, outputs }).toEqual({
            status: "verified",
            problems: [],
            outputs: { workspace: "w-4711" },
        });
        expect(warnings).toEqual([expect.stringMatching(says)]);
        expect(checks["expiry"]?.result).toBe("unknown");
        expect(keys).toHaveLength(1);
    });

    test("does not make up for a credential that is refused", async () => {
        const wrong = { args: { ...args, token: "acme-wrong-0123456789" }, answers };
        const { status, problems } = await verified(definition, wrong);
        expect({ status, told: problems.map(({ argument }) => argument) }).toEqual({
            status: "rejected",
            told: ["token"],
        });
    });

    test("is shown nowhere", async () => {
        const echoing = of(({ headers: { "x-admin-key": admin } }) => ({ body: { ends: `of ${admin ?? ""}` } }));
        const { outputs } = await verified(definition, { args, answers: echoing });
        expect(outputs["ends"]).toBe("of [secret]");
    });
});

describe("The end of a secret", () => {
    const day = 24 * 60 * 60 * 1000;
    const [far, soon, past] = [400, 3, -3].map((days) => {
        const moment = new Date(Date.now() + days * day);
        moment.setUTCHours(0, 0, 0, 0);
        return moment.toISOString();
    }) as [string, string, string];
    const token = "acme-token-0123456789";
    const args = { token };
    const of = (id: string): Account => ({ id, name: id });
    const common = {
        type: "acme:Token",
        title: "Acme",
        args: { token: secret() },
        outputs: () => ({ workspace: text() }),
        tenant: "workspace",
        console,
    } as const;
    const proves = "Acme knows the token.";
    const url = (): string => `${origin}/me`;
    const dated = object({ id: text(), ends: optional(text()), renews: optional(text()) });

    const inAnswer = defineConnection({
        ...common,
        credential: ({ token: value }) => bearer(value),
        steps: (call) => ({
            account: call(proves, url, dated, ({ id, ends, renews }, _, tell) =>
                tell.found({
                    outputs: { workspace: id },
                    account: of(id),
                    secretEnds: { at: ends, of: "token", sliding: renews === "yes" },
                }),
            ),
        }),
    });
    const inHeader = defineConnection({
        ...common,
        credential: ({ token: value }) => bearer(value),
        steps: (call) => ({
            account: call(proves, url, me, ({ id }, _, tell) =>
                tell.found({
                    outputs: { workspace: id },
                    account: of(id),
                    secretEnds: { at: tell.header("X-Token-Expiration") ?? "never" },
                }),
            ),
        }),
    });
    const inCall = defineConnection({
        ...common,
        credential: ({ token: value }) => bearer(value),
        steps: (call) => ({
            account: call(proves, url, me, ({ id }, _, tell) =>
                tell.found({ outputs: { workspace: id }, account: of(id) }),
            ),
            expiry: call(
                "Acme tells when the token ends.",
                () => `${origin}/keys/self`,
                object({ ends: text() }),
                ({ ends }, _, tell) => tell.found({ secretEnds: { at: ends } }),
                {
                    classify: ({ status }) =>
                        status === 403 ? { unknown: "Acme does not report when the token ends." } : undefined,
                },
            ),
        }),
    });
    const inVerify = defineConnection({
        ...common,
        checks: { account: proves },
        credential: ({ token: value }) => bearer(value),
        verify: async (vendor) => {
            const found = await vendor.request("account", `${origin}/me`, dated);
            const secretEnds = { at: found?.ends };
            return found === undefined
                ? vendor.incomplete({}, { secretEnds })
                : vendor.found({ outputs: { workspace: found.id }, account: of(found.id), secretEnds });
        },
    });
    const inToken = defineConnection({
        ...common,
        args: clientArgs,
        credential: ({ clientId, clientSecret }) =>
            clientCredentials({
                tokenUrls: [`${origin}/token`],
                clientId,
                clientSecrets: [clientSecret],
                authentication: "body",
            }),
        token: ({ members }, _, tell) => {
            const { secret_ends: seconds } = members;
            return tell.found({
                secretEnds: { at: typeof seconds === "number" ? new Date(seconds * 1000) : undefined },
            });
        },
        steps: (call) => ({
            account: call(proves, url, me, ({ id }, _, tell) =>
                tell.found({ outputs: { workspace: id }, account: of(id) }),
            ),
        }),
    });
    const answering = (body: object, headers = {}): ConformanceOptions["answers"] => ({
        [`GET ${origin}/me`]: { body: { id: "u-17", ...body }, headers },
        [`GET ${origin}/keys/self`]: { body },
    });
    const access = { access_token: "acme-access-0123456789", token_type: "bearer" };
    const granting = {
        ...meAnswer,
        [`POST ${origin}/token`]: { body: { ...access, secret_ends: Date.parse(far) / 1000 } },
    };

    test.each<[string, AnyDefinition, ConformanceOptions]>([
        ["an answer, as a moment", inAnswer, { args, answers: answering({ ends: far }), secretEnds: far }],
        ["an answer, as a day", inAnswer, { args, answers: answering({ ends: far.slice(0, 10) }), secretEnds: far }],
        ["an answer, as never", inAnswer, { args, answers: answering({ ends: "never" }), secretEnds: "never" }],
        [
            "a header",
            inHeader,
            {
                args,
                answers: answering({}, { "x-token-expiration": `${far.slice(0, 10)} 00:00:00 UTC` }),
                secretEnds: far,
            },
        ],
        ["a header that is not there", inHeader, { args, answers: answering({}), secretEnds: "never" }],
        ["a call of its own", inCall, { args, answers: answering({ ends: far }), secretEnds: far }],
        ["verify", inVerify, { args, answers: answering({ ends: far }), secretEnds: far }],
        ["a token answer", inToken, { args: givenClient, answers: granting, secretEnds: far }],
    ])("is told by %s", async (_, definition, options) => {
        expect(await failures(definition, options)).toEqual({});
        const { status, warnings, secretExpiresAt, secretExpirySource } = await verified(definition, options);
        const isEndless = options.secretEnds === "never";
        expect({ status, warnings, secretExpiresAt, secretExpirySource }).toEqual({
            status: "verified",
            warnings: [],
            secretExpiresAt: isEndless ? undefined : options.secretEnds,
            secretExpirySource: isEndless ? "never" : "vendor",
        });
    });

    test.each<[string, AnyDefinition, ConformanceOptions["answers"]]>([
        ["each use renews it", inAnswer, answering({ ends: soon, renews: "yes" })],
        ["the vendor tells nothing", inAnswer, answering({})],
        ["the vendor tells a moment that is past", inAnswer, answering({ ends: past })],
        [
            "a call of its own is denied",
            inCall,
            { ...meAnswer, [`GET ${origin}/keys/self`]: { status: 403, body: {} } },
        ],
    ])("is not known where %s", async (_, definition, answers) => {
        const found = await verified(definition, { args, answers });
        expect(found).toMatchObject({ status: "verified", warnings: [] });
        expect([found.secretExpiresAt, found.secretExpirySource]).toEqual([undefined, undefined]);
    });

    test("that is near is warned of, and one in another form is said to be unreadable", async () => {
        const near = await verified(inAnswer, { args, answers: answering({ ends: soon }) });
        expect(near).toMatchObject({
            status: "expiring",
            warnings: [`The token expires on ${soon}, as Acme reports. Make a new one in Acme before.`],
        });
        expect(await verified(inAnswer, { args, answers: answering({ ends: "in June" }) })).toMatchObject({
            status: "verified",
            warnings: [
                "Acme reports when the token ends in a form that cannot be read, so its end is not known. Declare it as expiresAt.",
            ],
        });
    });

    test("that a refusal tells makes it expired", async () => {
        const telling = defineConnection({
            ...common,
            checks: { account: proves },
            credential: ({ token: value }) => bearer(value),
            verify: async (vendor) => {
                let ended: string | undefined;
                await vendor.request("account", `${origin}/me`, me, {
                    classify: (_, body) => {
                        ended = (body as { ended?: string }).ended;
                        return ended === undefined ? undefined : { refused: "the token has ended" };
                    },
                });
                return vendor.incomplete({}, { secretEnds: { at: ended } });
            },
        });
        const { status, problems, secretExpiresAt } = await verified(telling, {
            args,
            answers: answering({ ended: past }),
        });
        expect({ status, secretExpiresAt, told: problems.map(describeProblem) }).toEqual({
            status: "expired",
            secretExpiresAt: past,
            told: [`token: the token expired on ${past}, as Acme reported. Make a new one in Acme. [expired-reported]`],
        });
    });

    test.each(["contact", "secretExpiresAt", "secretExpirySource"])("has reserved names: %s", (name) => {
        const reserved = { ...common, outputs: () => ({ workspace: text(), [name]: text() }) };
        const declare = (): unknown =>
            defineConnection({
                ...reserved,
                credential: ({ token: value }: { readonly token: SecretValue }) => bearer(value),
                steps: () => ({}),
            } as never);
        expect(declare).toThrow(`${name} is a name that every connection uses already.`);
    });
});
