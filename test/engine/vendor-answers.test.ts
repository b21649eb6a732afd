import type { Check } from "../../provider/define";
import { Core, type CoreReply, type Verified } from "../support/core";
import { Lab, succeeded } from "../support/programs";
import { startVendors, type JamfServer, type LoggedRequest, type Vendors } from "../simulators/vendors";

let core: Core;
let vendors: Vendors;

beforeAll(() => {
    core = Core.start();
});
beforeEach(async () => {
    vendors = await startVendors();
});
afterEach(() => vendors.close());
afterAll(async () => {
    expect(core.astray).toEqual([]);
    await core.close();
});

type Seen = NonNullable<Verified["result"]>["tenants"][number];

const verify = (type: string, args: object, run?: string): Promise<CoreReply<Verified>> =>
    core.verify(type, args, vendors.endpoints, run);
const seenOf = ({ value, error }: CoreReply<Verified>): Seen => {
    const seen = value?.result?.tenants[0];
    if (seen === undefined) {
        throw new Error(error?.message ?? value?.messages.join("\n"));
    }
    return seen;
};
const told = ({ value }: CoreReply<Verified>): string =>
    (value?.messages ?? []).map((message) => message.replace(/ \[[a-z-]+\]$/, "")).join("\n");
const resultOf = (seen: Seen, name: string): Check["result"] | undefined => seen.checks[name]?.result;
const asked = (filter: Parameters<Vendors["requests"]["matching"]>[0] = {}): LoggedRequest[] =>
    vendors.requests.matching(filter);
const tokenPath = /oauth2?\/token$/;

describe("Jamf Pro's token endpoint", () => {
    const older = (): JamfServer => vendors.fixture.jamf.selfHostedServer;
    const ways = ([401, 403, 404, 405] as const).flatMap((status) =>
        (["jamf", "spring", "page"] as const).map((body) => [status, body] as const),
    );

    test.each(ways)(
        "of an older server, which answers the newer path with HTTP %d (%s), is found",
        async (status, body) => {
            older().absentPathStatus = status;
            older().absentPathBody = body;
            const seen = seenOf(await verify("jamf.ApiClient", vendors.credentials.jamfSelfHosted));
            expect(seen).toMatchObject({
                status: "verified",
                problems: [],
                outputs: { tokenUrl: "https://jamf.example.com:8443/api/oauth/token" },
            });
        },
    );

    test("of an older server refuses a wrong secret in its own words", async () => {
        older().absentPathStatus = 401;
        const reply = await verify("jamf.ApiClient", {
            ...vendors.credentials.jamfSelfHosted,
            clientSecret: "wrong-secret-0123456789",
        });
        expect(told(reply)).toBe(
            "clientSecret: Jamf refused the client id or secret (invalid_client). Generate a new secret under Settings > System > API Roles and Clients.",
        );
    });

    test.each([
        [401, { error: "invalid_client" }],
        [400, { error: "invalid_request", error_description: "OAuth 2.0 Parameter: grant_type" }],
    ])("is not asked for at the older path where the newer one says HTTP %d and %j", async (status, body) => {
        vendors
            .listener("https://acme.jamfcloud.com")
            .fault({ kind: "status", status, body, path: "/api/v1/oauth/token" });
        await verify("jamf.ApiClient", vendors.credentials.jamf);
        expect(asked({ path: tokenPath }).map(({ path }) => path)).toEqual(["/api/v1/oauth/token"]);
    });

    test.each([401, 403] as const)(
        "that may not be there at all, for both paths say HTTP %d without OAuth's words: the version is named beside the credential",
        async (status) => {
            const server = await vendors.jamf.addServer("https://ancient.acme.example", "10.48.2-t1");
            server.absentPathStatus = status;
            const reply = await verify("jamf.ApiClient", { ...vendors.credentials.jamf, url: server.origin });
            expect(told(reply)).toMatch(
                new RegExp(
                    `^clientSecret: Jamf .*\\(HTTP ${status}\\)\\. Check the address, and that Jamf Pro there is 10\\.49\\.0 or later`,
                ),
            );
        },
    );

    test.each([404, 405] as const)("is missing where both paths say HTTP %d", async (status) => {
        const server = await vendors.jamf.addServer("https://ancient.acme.example", "10.48.2-t1");
        server.absentPathStatus = status;
        const reply = await verify("jamf.ApiClient", { ...vendors.credentials.jamf, url: server.origin });
        expect(told(reply)).toMatch(
            new RegExp(
                `^url: there is no token endpoint of Jamf at ancient\\.acme\\.example \\(HTTP ${status}\\)\\. .*10\\.49\\.0 or later`,
            ),
        );
    });
});

describe("An API client's privileges", () => {
    test.each(["bySite", "byGroup"] as const)("are those that Jamf Pro tells (%s)", async (way) => {
        vendors.fixture.jamf.server.privilegesTold = way;
        const seen = seenOf(await verify("jamf.ApiClient", vendors.credentials.jamf));
        expect(seen).toMatchObject({
            status: "verified",
            grantedScopes: vendors.fixture.jamf.client.privileges,
            missingScopes: [],
        });
    });

    test("are missing where it tells an empty list", async () => {
        vendors.fixture.jamf.client.privileges.forEach((name) => vendors.fixture.jamf.client.removePrivilege(name));
        const seen = seenOf(await verify("jamf.ApiClient", vendors.credentials.jamf));
        expect(seen).toMatchObject({
            status: "insufficient",
            grantedScopes: [],
            missingScopes: ["Read Computers", "Read User"],
        });
    });

    test.each(["emptyObject", "nullLists", "null", "missing"] as const)(
        "are unknown, with a warning, where it tells none (%s)",
        async (way) => {
            vendors.fixture.jamf.server.privilegesTold = way;
            const seen = seenOf(await verify("jamf.ApiClient", vendors.credentials.jamf));
            expect({ status: seen.status, problems: seen.problems, result: resultOf(seen, "privileges") }).toEqual({
                status: "verified",
                problems: [],
                result: "unknown",
            });
            expect([seen.grantedScopes, seen.missingScopes]).toEqual([undefined, undefined]);
            expect(seen.warnings).toEqual([
                expect.stringMatching(
                    /^Jamf Pro does not report which privileges .*"Read Computers", "Read User"\. See which/,
                ),
            ]);
            const { requiredPrivileges: _, ...nothing } = vendors.credentials.jamf;
            expect(seenOf(await verify("jamf.ApiClient", nothing)).warnings).toEqual([]);
        },
    );
});

test("A disabled Jamf client is to be enabled, and needs no new secret", async () => {
    vendors.fixture.jamf.client.disable();
    const reply = await verify("jamf.ApiClient", vendors.credentials.jamf);
    expect(seenOf(reply).status).toBe("rejected");
    expect(told(reply)).toMatch(
        /empty access token.*Enable the client under Settings > System > API Roles and Clients > API Clients\.$/,
    );
    expect(told(reply)).not.toMatch(/new secret/);
});

describe("A client that lost its scope", () => {
    test("is insufficient: its credential is good, and no new secret would help", async () => {
        vendors.fixture.jumpcloud.account.removeScope();
        const reply = await verify("jumpcloud.ServiceAccount", vendors.credentials.jumpcloud);
        const seen = seenOf(reply);
        expect({ status: seen.status, credential: resultOf(seen, "credential") }).toEqual({
            status: "insufficient",
            credential: "failed",
        });
        expect(told(reply)).toMatch(
            /^clientId: JumpCloud denied this client the scope api \(invalid_scope\)\. .*Settings > Service Accounts/,
        );
        expect(told(reply)).not.toMatch(/secret/);
        expect(asked({ path: tokenPath })).toHaveLength(1);
    });

    test.each([
        ["jamf.ApiClient", "jamf"],
        ["atlassian.ServiceAccountOAuth", "atlassianOAuth"],
    ] as const)("is so for %s, which asks for no scope, as well", async (type, credential) => {
        vendors.listeners.forEach((listener) =>
            listener.fault({ kind: "status", status: 400, body: { error: "invalid_scope" }, path: tokenPath }),
        );
        const reply = await verify(type, vendors.credentials[credential]);
        expect(seenOf(reply).status).toBe("insufficient");
        expect(told(reply)).toMatch(
            /^clientId: .* denied this client every scope \(invalid_scope\)\. Check (its|what) /,
        );
    });
});

describe("An access token that the gateway takes no more, and answers with HTTP", () => {
    test.each([401, 403, 404] as const)("%d, is got anew before anything is said to be missing", async (status) => {
        vendors.atlassian.staleAccessTokenStatus = status;
        // The token is good when the sites are listed, and stale from then on.
        const patch = (): void => vendors.atlassian.revokeAccessTokens();
        vendors
            .listener("https://api.atlassian.com")
            .fault({ kind: "patch", path: /accessible-resources$/, times: 1, patch });
        const seen = seenOf(await verify("atlassian.ServiceAccountOAuth", vendors.credentials.atlassianOAuth));
        expect(seen).toMatchObject({ status: "verified", problems: [] });
        expect(asked({ path: tokenPath })).toHaveLength(2);
        expect(asked({ path: /\/ex\//, status })).not.toEqual([]);
    });

    test.each([403, 404])("%d, is got anew at the other vendors too", async (status) => {
        for (const [type, credential, path] of [
            ["jamf.ApiClient", "jamf", /jamf-pro-version$/],
            ["jumpcloud.ServiceAccount", "jumpcloud", /v2\/directories/],
        ] as const) {
            vendors.listeners.forEach((listener) =>
                listener.fault({ kind: "status", status, body: { message: "no" }, path, times: 1 }),
            );
            expect({ type, status: seenOf(await verify(type, vendors.credentials[credential])).status }).toEqual({
                type,
                status: "verified",
            });
        }
    });

    test("403 to the new one as well, is believed, and costs 30 connections no more than two tokens", async () => {
        const { oauthOneSite, oneSiteAccount, acme } = vendors.fixture.atlassian;
        oneSiteAccount.removeProductAccess(acme, "jira");
        const one = (at: number): Promise<CoreReply<Verified>> =>
            verify(
                "atlassian.ServiceAccountOAuth",
                { ...vendors.credentials.atlassianOAuthOneSite, warnBeforeDays: at },
                "denied",
            );
        const replies = await Promise.all(Array.from({ length: 15 }, (_, at) => one(at)));
        for (let at = 15; at < 30; at++) {
            replies.push(await one(at));
        }
        expect(replies.map((reply) => seenOf(reply).status)).toEqual(replies.map(() => "insufficient"));
        expect(told(replies[0] as CoreReply<Verified>)).toMatch(/may not use Jira \(HTTP 403\)/);
        expect(asked({ path: tokenPath })).toHaveLength(2);
        oneSiteAccount.grantProductAccess(acme, "jira");
        oauthOneSite.revoke();
        vendors.atlassian.staleAccessTokenStatus = 404;
        vendors.atlassian.revokeAccessTokens();
        expect(seenOf(await one(99)).status).toBe("rejected");
    });
});

test("A secret's tilde goes out as it is within Basic, for a server that compares without decoding", async () => {
    const { us } = vendors.jumpcloud;
    us.decodesBasic = false;
    const secret = "Hydra-made_secret.with~tildes~0123456789";
    const account = us.addServiceAccount("raw", vendors.fixture.jumpcloud.organization, { clientSecret: secret });
    const args = { clientId: account.clientId, clientSecret: secret };
    expect(seenOf(await verify("jumpcloud.ServiceAccount", args)).status).toBe("verified");
    us.decodesBasic = true;
    expect(seenOf(await verify("jumpcloud.ServiceAccount", { ...args, warnBeforeDays: 1 })).status).toBe("verified");
});

describe("A service account's token", () => {
    const type = "atlassian.ServiceAccountToken";
    const schemes = (): string[] =>
        asked({ path: /myself$/ }).map(({ headers }) => String(headers.authorization).split(" ")[0] ?? "");

    test.each([undefined, "FAILURE_CLIENT_AUTH_MISMATCH"])(
        "that the gateway takes as Bearer alone is valid, but not the way this hub sends it (category %s)",
        async (category) => {
            vendors.atlassian.serviceAccountSchemes = ["bearer"];
            vendors.atlassian.failureCategory = category;
            const reply = await verify(type, vendors.credentials.atlassianToken);
            const seen = seenOf(reply);
            expect({ status: seen.status, scheme: resultOf(seen, "scheme") }).toEqual({
                status: "rejected",
                scheme: "failed",
            });
            expect(told(reply)).toMatch(
                /^apiToken: the token is valid, but not the way this hub sends it: .*Basic.*Bearer\. Use ServiceAccountOAuth/,
            );
            expect(JSON.stringify(seen)).not.toMatch(/Create a new/);
            expect(schemes()).toEqual(["Basic", "Bearer"]);
        },
    );

    test("is so where only its scopes do not match as Bearer", async () => {
        const { organization, connectorAccount, acme } = vendors.fixture.atlassian;
        vendors.atlassian.serviceAccountSchemes = ["bearer"];
        const { token } = organization.createApiToken(connectorAccount, "narrow", ["write:jira-work"]);
        const seen = seenOf(
            await verify(type, { cloudId: acme.cloudId, email: connectorAccount.email, apiToken: token }),
        );
        expect({ status: seen.status, scheme: resultOf(seen, "scheme") }).toEqual({
            status: "rejected",
            scheme: "failed",
        });
    });

    test("is so in Confluence as well, and where a 403 says that it was not taken", async () => {
        vendors.atlassian.serviceAccountSchemes = ["bearer"];
        vendors.listener("https://api.atlassian.com").fault({
            kind: "status",
            status: 403,
            headers: { "x-failure-category": "FAILURE_CLIENT_AUTH_MISMATCH" },
            body: { code: 403, message: "Forbidden" },
            when: ({ basic }) => basic !== undefined,
        });
        const seen = seenOf(await verify(type, { ...vendors.credentials.atlassianToken, products: ["confluence"] }));
        expect({
            status: seen.status,
            scheme: resultOf(seen, "scheme"),
            confluence: resultOf(seen, "confluence"),
        }).toEqual({ status: "rejected", scheme: "failed", confluence: "failed" });
    });

    test("whose scope does not match is not shown in another way", async () => {
        const { organization, connectorAccount, acme } = vendors.fixture.atlassian;
        const { token } = organization.createApiToken(connectorAccount, "narrow", ["write:jira-work"]);
        const seen = seenOf(
            await verify(type, { cloudId: acme.cloudId, email: connectorAccount.email, apiToken: token }),
        );
        expect({ status: seen.status, scheme: resultOf(seen, "scheme") }).toEqual({
            status: "verified",
            scheme: undefined,
        });
        expect(schemes()).toEqual(["Basic"]);
    });

    test("that is refused in both ways is refused", async () => {
        vendors.fixture.atlassian.token.revoke();
        const reply = await verify(type, vendors.credentials.atlassianToken);
        expect({ status: seenOf(reply).status, scheme: resultOf(seenOf(reply), "scheme") }).toEqual({
            status: "rejected",
            scheme: undefined,
        });
        expect(told(reply)).toMatch(
            /^apiToken: Atlassian refused the credential at .* \(HTTP 401\)\. Create a new API token under/,
        );
        expect(schemes()).toEqual(["Basic", "Bearer"]);
    });

    test("that could not be shown in the other way is refused as it was", async () => {
        vendors.atlassian.serviceAccountSchemes = ["bearer"];
        vendors.listener("https://api.atlassian.com").fault({
            kind: "status",
            status: 429,
            headers: { "retry-after": "7200" },
            when: ({ bearer }) => bearer !== undefined,
        });
        const reply = await verify(type, vendors.credentials.atlassianToken);
        expect(seenOf(reply)).toMatchObject({
            status: "rejected",
            problems: [{ kind: "credentialRefused", argument: "apiToken" }],
        });
        expect(resultOf(seenOf(reply), "scheme")).toBeUndefined();
    });

    test("with another account's address is refused for the address", async () => {
        const reply = await verify(type, { ...vendors.credentials.atlassianToken, email: "no@acme.example" });
        expect(seenOf(reply)).toMatchObject({
            status: "rejected",
            problems: [{ kind: "credentialRefused", argument: "email" }],
        });
        expect(told(reply)).toBe(
            `email: Atlassian refused the token together with this address (HTTP 401): it is ${vendors.credentials.atlassianToken.email}'s. Put that address into email.`,
        );
    });
});

describe("A credential of another kind names the class that takes it:", () => {
    const of = (beginning: string): string => `${beginning}3xFfGF0planted-another-kind_of_secret=0123ABCD`;

    test.each([
        ["ServiceAccountToken", "ATATT", /use JiraUserToken\.$/],
        ["ServiceAccountToken", "ATOA", /use ServiceAccountOAuth\.$/],
        ["ServiceAccountToken", "ATCTT", /as the API key of an organization does: it goes into organizationApiKey\.$/],
        ["JiraConnector", "ATATT", /use JiraUserToken\.$/],
        ["ServiceAccountOAuth", "ATSTT", /use ServiceAccountToken .*or JiraConnector\.$/],
        ["ServiceAccountOAuth", "ATATT", /use JiraUserToken\.$/],
        ["JiraUserToken", "ATSTT", /A service account's token works only behind the gateway: use JiraConnector\.$/],
        ["JiraUserToken, Data Center", "ATSTT", /use JiraConnector\.$/],
        [
            "JiraUserToken, Data Center",
            "ATATT",
            /name the cloud site's own address under atlassian\.net, and username\.$/,
        ],
    ] as const)("%s, %s", async (name, beginning, words) => {
        const { atlassianToken, jiraConnector, atlassianOAuth, jiraUserToken, jiraDataCenter } = vendors.credentials;
        const secret = of(beginning);
        const [type = "", place] = name.split(", ");
        const args = {
            ServiceAccountToken: { ...atlassianToken, apiToken: secret },
            JiraConnector: { ...jiraConnector, apiToken: secret },
            ServiceAccountOAuth: { ...atlassianOAuth, clientSecret: secret },
            JiraUserToken: { ...(place === undefined ? jiraUserToken : jiraDataCenter), apiToken: secret },
        }[type] as object;
        const reply = await verify(`atlassian.${type}`, args);
        expect(told(reply)).toMatch(words);
        expect(told(reply)).toContain(`begins with ${beginning}`);
        expect(told(reply)).not.toMatch(/Create a new|planted/);
        const ordinary = await verify(`atlassian.${type}`, {
            ...args,
            ["clientSecret" in args ? "clientSecret" : "apiToken"]: "wrong-secret-0123456789",
        });
        expect(told(ordinary)).toMatch(/Create a new/);
        expect(told(ordinary)).not.toMatch(/begins with/);
    });

    test("where a gateway says 404 to it, too", async () => {
        vendors
            .listener("https://api.atlassian.com")
            .fault({ kind: "status", status: 404, body: { code: 404, message: "Not Found" } });
        const reply = await verify("atlassian.JiraConnector", {
            ...vendors.credentials.jiraConnector,
            apiToken: of("ATATT"),
        });
        expect(told(reply)).toMatch(/HTTP 404.*begins with ATATT.*use JiraUserToken\.$/m);
    });
});

describe("A person's token", () => {
    test.each([
        [
            "a cloud site",
            "jiraUserToken",
            "https://acme.atlassian.net",
            /^apiToken: the user may not use Jira \(HTTP 403\)\. .*Directory > Users/,
        ],
        [
            "a Data Center",
            "jiraDataCenter",
            "https://jira.acme.example",
            /^apiToken: the user may not use Jira \(HTTP 403\)\. .*Administration > Applications/,
        ],
    ] as const)("on %s is not told of service accounts", async (_, credential, origin, words) => {
        const args = vendors.credentials[credential];
        vendors.listener(origin).fault({ kind: "status", status: 403, body: { message: "no" } });
        const denied = await verify("atlassian.JiraUserToken", args);
        expect(told(denied)).toMatch(words);
        vendors.clearFaults();
        const wrong = await verify("atlassian.JiraUserToken", { ...args, apiToken: "wrong-secret-0123456789" });
        vendors.listener(origin).fault({
            kind: "status",
            status: 401,
            headers: { "x-failure-category": "FAILURE_CLIENT_SCOPE_CHECK" },
            body: {},
        });
        const scoped = await verify("atlassian.JiraUserToken", args);
        vendors.clearFaults();
        vendors
            .listener(origin)
            .fault({ kind: "patch", patch: (value: Record<string, unknown>) => void (value["active"] = false) });
        const inactive = await verify("atlassian.JiraUserToken", args);
        expect(told(inactive)).toMatch(/the account is deactivated\. Activate it under/);
        expect([denied, wrong, scoped, inactive].map(told).join("\n")).not.toMatch(/service account|fixes scopes/i);
    });
});

describe("A region of JumpCloud", () => {
    test("that was assumed is said to be", async () => {
        const { clientId, clientSecret } = vendors.credentials.jumpcloudEu;
        const reply = await verify("jumpcloud.ServiceAccount", { clientId, clientSecret });
        expect(told(reply)).toMatch(
            /^clientSecret: JumpCloud refused .*Check the region: none is named, so us was assumed \(console\.jumpcloud\.com\)\.$/,
        );
    });

    test("that was named is not", async () => {
        const reply = await verify("jumpcloud.ServiceAccount", {
            ...vendors.credentials.jumpcloudEu,
            organizationId: undefined,
            region: "us",
        });
        expect(told(reply)).toMatch(/\. Check the region\.$/);
    });
});

describe("A site that is named by", () => {
    const address = [
        "https://acme.atlassian.net",
        "https://ACME.atlassian.net/",
        "acme.atlassian.net",
        "https://acme.atlassian.net/jira/software/projects?x=1#y",
    ];
    const classes = (): Record<string, object> => {
        const { atlassianToken, jiraConnector, atlassianOAuth, jiraUserToken } = vendors.credentials;
        return {
            "atlassian.ServiceAccountToken": { ...atlassianToken, cloudId: undefined },
            "atlassian.JiraConnector": { ...jiraConnector, cloudId: undefined },
            "atlassian.ServiceAccountOAuth": atlassianOAuth,
            "atlassian.JiraUserToken": { ...jiraUserToken, siteUrl: undefined },
        };
    };

    test.each(address)("%s is found", async (subdomain) => {
        for (const [type, args] of Object.entries(classes())) {
            const seen = seenOf(await verify(type, { ...args, subdomain }));
            expect({ type, status: seen.status }).toEqual({ type, status: "verified" });
            expect(seen.outputs["siteUrl"] ?? seen.outputs["hostUrl"]).toBe("https://acme.atlassian.net");
        }
    });

    test("an address of another environment is refused with the environment that it is of", async () => {
        const { atlassianTokenUsGov } = vendors.credentials;
        const government = {
            ...atlassianTokenUsGov,
            cloudId: undefined,
            subdomain: "https://acme-gov.atlassian-us-gov-mod.net",
        };
        expect(seenOf(await verify("atlassian.ServiceAccountToken", government)).status).toBe("verified");
        for (const [type, args] of Object.entries(classes())) {
            const there = await verify(type, { ...args, subdomain: government.subdomain });
            expect(told(there)).toBe("environment: must be usGov for a site at acme-gov.atlassian-us-gov-mod.net.");
            const here = await verify(type, { ...args, subdomain: "https://acme.atlassian.net", environment: "usGov" });
            expect(told(here)).toBe("environment: must be commercial or left out for a site at acme.atlassian.net.");
        }
        expect(asked({ origin: /acme\.atlassian-us-gov-mod\.net/ })).toEqual([]);
    });

    test.each([
        ["cloudId", /^cloudId: there is no Jira behind this Cloud ID/],
        ["adminUrl", /^adminUrl: there is no Jira behind the Cloud ID in this address/],
        ["hostUrl", /^hostUrl: there is no Jira behind the Cloud ID in this address/],
        [
            "subdomain",
            /^subdomain: there is no Jira on this site for the credential \(HTTP 404\)\. Check that the site has Jira/,
        ],
    ] as const)("%s and has no Jira for the credential is called so", async (way, words) => {
        const { cloudId, subdomain } = vendors.fixture.atlassian.otherSite;
        const value = {
            cloudId,
            adminUrl: `https://admin.atlassian.com/s/${cloudId}`,
            hostUrl: `https://api.atlassian.com/ex/jira/${cloudId}`,
            subdomain,
        }[way];
        const { apiToken } = vendors.credentials.jiraConnector;
        expect(told(await verify("atlassian.JiraConnector", { apiToken, [way]: value }))).toMatch(words);
    });

    test("nothing, and has no Jira for the credential, is not called by a Cloud ID that nobody typed", async () => {
        vendors
            .listener("https://api.atlassian.com")
            .fault({ kind: "status", status: 404, body: { code: 404, message: "Not Found" }, path: /\/ex\// });
        const reply = await verify("atlassian.ServiceAccountOAuth", vendors.credentials.atlassianOAuthOneSite);
        expect(told(reply)).toMatch(/^there is no Jira on this site for the credential \(HTTP 404\)\./);
    });
});

describe("Scopes of an OAuth 2.0 credential that Atlassian does not report", () => {
    test.each(["missing", null])(
        "are proved call by call, and what no call proves is unknown (%s)",
        async (nothing) => {
            const untold = (value: Record<string, unknown>): void => {
                value["scope"] = nothing;
                nothing === "missing" && delete value["scope"];
            };
            const unlisted = (sites: Record<string, unknown>[]): void =>
                sites.forEach((site) => {
                    site["scopes"] = nothing;
                    nothing === "missing" && delete site["scopes"];
                });
            vendors.listener("https://auth.atlassian.com").fault({ kind: "patch", path: tokenPath, patch: untold });
            vendors
                .listener("https://api.atlassian.com")
                .fault({ kind: "patch", path: /accessible-resources$/, patch: unlisted });
            const args = {
                ...vendors.credentials.atlassianOAuthOneSite,
                requiredScopes: ["read:jira-work", "manage:jira-webhook"],
            };
            const seen = seenOf(await verify("atlassian.ServiceAccountOAuth", args));
            expect(seen).toMatchObject({ status: "verified", grantedScopes: ["read:jira-work"], missingScopes: [] });
            expect(resultOf(seen, "scopes")).toBe("unknown");
            expect(seen.warnings).toEqual([expect.stringMatching(/^No call proves the scope manage:jira-webhook/)]);
            vendors.fixture.atlassian.oauthOneSite.removeScope("read:jira-work");
            const without = seenOf(await verify("atlassian.ServiceAccountOAuth", { ...args, warnBeforeDays: 1 }));
            expect(without).toMatchObject({ status: "insufficient", missingScopes: ["read:jira-work"] });
        },
    );
});

test("On the engine, an older server that tells no privileges is recorded as verified, with a warning in each run and no drift", async () => {
    const lab = await Lab.start({ name: "untold" });
    try {
        const { jamf, credentials } = lab.vendors;
        const server = jamf.server(credentials.jamfSelfHosted.url);
        server.absentPathStatus = 401;
        server.privilegesTold = "missing";
        lab.declare({ connections: { mdm: { type: "jamf.ApiClient", args: credentials.jamfSelfHosted } } });
        const warning =
            /warning: Jamf Pro does not report which privileges the API client has, so it is not known whether it has "Read Computers", "Read User"\. See which/;
        expect(succeeded(await lab.up())).toMatch(warning);
        expect((await lab.recorded())["mdm"]?.outputs).toMatchObject({
            status: "verified",
            tokenUrl: `${server.origin}/api/oauth/token`,
            checks: { privileges: { result: "unknown" } },
        });
        expect(succeeded(await lab.preview("--expect-no-changes"))).toMatch(warning);
    } finally {
        await lab.dispose();
    }
});
