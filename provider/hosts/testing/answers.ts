// Answers in the vendors' forms, from the facts of a unit test. They are processed as in a preview.
import { createHash } from "node:crypto";
import { set } from "jsonpointer";
import { coerce, gt } from "semver";
import type { Answer, Values } from "../../define";
import type { HttpRequest } from "../../core/http/client";
import { fault } from "../../core/problems";
import { hosts, siteDomains } from "../../vendors/atlassian/hosts";
import type { AccountFacts, SiteFacts, TestAnswer, VendorFacts } from "./facts";

/** The connection that a call belongs to, and the facts for it. */
export interface TestSubject {
    /** Vendor and class or function: `jamf:ApiClient`. */
    readonly type: string;
    /** The arguments as the program gave them. */
    readonly args: Values;
    readonly facts: VendorFacts;
    /** The values of the secrets that are refused. */
    readonly refused: readonly string[];
}

/** The answer of a vendor whose facts a unit test gives. */
export function answer(request: HttpRequest, subject: TestSubject): Answer {
    const { facts, type } = subject;
    const { method, url, headers, body } = request;
    const host = new URL(url).host;
    if (facts.unreachableHosts?.includes(host) === true) {
        const message = `no connection to ${host} (the test's unreachableHosts). Check the address, and that this machine can reach it.`;
        throw fault("connectFailed", "test-unreachable", request.argument, message);
    }
    const given =
        facts.answers?.({ method, url, headers, body }) ??
        (isRefused(request, subject) ? refusal(request) : vendors[type.split(":")[0] ?? ""]?.(request, subject));
    if (given === undefined) {
        const message = `the test gives no answer to ${method} ${url}. Add it to the answers of connectionMocks.`;
        throw fault("internal", "test-no-answer", undefined, message);
    }
    return asAnswer(given);
}

function asAnswer({ status = 200, headers = {}, body = {} }: TestAnswer): Answer {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return { status, headers: { "content-type": "application/json", ...headers }, text };
}

type Vendor = (request: HttpRequest, subject: TestSubject) => TestAnswer | undefined;

const vendors: Readonly<Record<string, Vendor | undefined>> = {
    atlassian,
    jamf,
    jumpcloud,
    microsoft,
    okta,
    crowdstrike,
    datadog,
    snyk,
    cloudflare,
    slack,
    kandji,
    http: probed,
    oauth2: (request, subject) =>
        isTokenRequest(request) ? token(listOf(subject.args["requiredScopes"])) : probed(request, subject),
};

// ---- credentials ----------------------------------------------------------------------------------------------------------------

const accessToken = "unit-test-access-token";

const isTokenRequest = ({ method, body }: HttpRequest): boolean =>
    method === "POST" && new URLSearchParams(body ?? "").get("grant_type") === "client_credentials";

const token = (scopes?: readonly string[]): TestAnswer => ({
    body: {
        access_token: accessToken,
        token_type: "Bearer",
        expires_in: 3600,
        ...(scopes !== undefined && scopes.length > 0 && { scope: scopes.join(" ") }),
    },
});

const refusal = (request: HttpRequest): TestAnswer =>
    isTokenRequest(request)
        ? { status: 401, body: { error: "invalid_client" } }
        : { status: 401, body: { message: "Unauthorized" } };

/** True for a call with a refused secret, in any place. */
function isRefused({ url, headers, body = "" }: HttpRequest, { refused }: TestSubject): boolean {
    const basic = Object.values(headers).flatMap((value) => {
        const [, encoded] = /^Basic (.+)$/i.exec(value) ?? [];
        return encoded === undefined ? [] : [Buffer.from(encoded, "base64").toString("utf8")];
    });
    const parts = basic.map((pair) => pair.slice(pair.indexOf(":") + 1));
    const plain = [
        ...Object.values(headers).map((value) => value.replace(/^\w+ /, "")),
        ...Object.values(headers),
        ...parts,
        ...parts.map((part) => new URLSearchParams(`p=${part}`).get("p") ?? ""),
    ];
    const shown = new Set([...plain, ...new URLSearchParams(body).values(), ...new URL(url).searchParams.values()]);
    return refused.some((secret) => shown.has(secret));
}

// ---- JumpCloud ------------------------------------------------------------------------------------------------------------------

function jumpcloud(
    request: HttpRequest,
    { args, facts: { jumpcloud: facts = {} } }: TestSubject,
): TestAnswer | undefined {
    if (isTokenRequest(request)) {
        return token(["api"]);
    }
    const { pathname, searchParams } = new URL(request.url);
    const named = textOf(args["organizationId"])?.toLowerCase();
    const organizations = facts.organizations ?? [{ id: named ?? "5f0c1d2e3a4b5c6d7e8f9a0b", name: "Example" }];
    if (pathname === "/api/organizations") {
        const skip = Number(searchParams.get("skip"));
        const results = organizations.slice(skip, skip + Number(searchParams.get("limit")));
        return facts.mayReadOrganizations === false
            ? { status: 403, body: { message: "Forbidden" } }
            : {
                  body: {
                      results: results.map(({ id, name }) => ({ _id: id, displayName: name })),
                      totalCount: organizations.length,
                  },
              };
    }
    const organization = request.headers["x-org-id"];
    const isReached = organizations.some(({ id }) => id.toLowerCase() === organization);
    return pathname === "/api/v2/directories"
        ? isReached
            ? { body: [] }
            : { status: 400, body: { message: "Bad Request" } }
        : undefined;
}

// ---- Jamf Pro -------------------------------------------------------------------------------------------------------------------

const ordinaryVersion = "11.30.0";

function jamf(request: HttpRequest, { args, facts: { jamf: facts = {} } }: TestSubject): TestAnswer | undefined {
    if (isTokenRequest(request)) {
        return token();
    }
    const required = listOf(args["requiredPrivileges"]);
    const privileges = facts.privileges ?? required;
    const least = textOf(args["minimumVersion"]) ?? ordinaryVersion;
    const isEnough = !gt(coerce(least) ?? ordinaryVersion, ordinaryVersion);
    const { id = "1", name = "unit-test", email } = facts.account ?? {};
    const known: Readonly<Record<string, unknown>> = {
        "/api/v1/jamf-pro-version": { version: facts.version ?? (isEnough ? ordinaryVersion : least) },
        "/api/v1/auth": { account: { id, username: name, email, privilegesBySite: { "-1": privileges } } },
        "/api/v1/api-role-privileges": { privileges },
    };
    const body = known[new URL(request.url).pathname.replace(/^.*(?=\/api\/v1\/)/, "")];
    return body === undefined ? undefined : { body };
}

// ---- Microsoft Entra ID ---------------------------------------------------------------------------------------------------------

const someTenant = "5f0c1d2e-3a4b-4c6d-8e8f-9a0b1c2d3e4f";

function microsoft(
    request: HttpRequest,
    { args, facts: { microsoft: facts = {} } }: TestSubject,
): TestAnswer | undefined {
    const named = textOf(args["tenant"]) ?? "";
    const { id = "unit-test", name = "Unit Test" } = facts.account ?? {};
    const roles = facts.permissions ?? listOf(args["requiredPermissions"]);
    const claims = { tid: named.includes(".") ? someTenant : named, oid: id, app_displayname: name, roles };
    return isTokenRequest(request)
        ? { body: { access_token: jwtOf(claims), token_type: "Bearer", expires_in: 3599 } }
        : mayNotUse;
}

// ---- Okta, CrowdStrike, Datadog, Snyk, Cloudflare, Slack, Kandji -----------------------------------------------------------------

function okta(request: HttpRequest, { args }: TestSubject): TestAnswer | undefined {
    const answers: Readonly<Record<string, object>> = {
        "/.well-known/okta-organization": { id: "00ounittest", pipeline: "idx" },
        "/api/v1/users/me": { id: "unit-test", profile: { login: "unit-test@example.com" } },
        "/api/v1/org": { companyName: "Example" },
    };
    return isTokenRequest(request) ? token(listOf(args["requiredScopes"])) : known(request, answers);
}

function crowdstrike(request: HttpRequest, { args }: TestSubject): TestAnswer | undefined {
    const ids = { "/sensors/queries/installers/ccid/v1": { resources: ["0123456789ABCDEF0123456789ABCDEF-01"] } };
    return isTokenRequest(request)
        ? { ...token(), status: 201, headers: { "x-cs-region": textOf(args["cloud"]) ?? "us-1" } }
        : known(request, ids);
}

function datadog(request: HttpRequest, { args }: TestSubject): TestAnswer | undefined {
    const scopes = listOf(args["requiredScopes"]);
    const user = {
        id: "unit-test",
        attributes: { name: "Unit Test" },
        relationships: { org: { data: { id: "org" } } },
    };
    return known(request, {
        "/api/v2/validate_keys": { status: "ok" },
        "/api/v2/current_user": { data: user },
        "/api/v2/service_accounts/unit-test/access_tokens": {
            data: [{ attributes: { name: "unit-test", public_portion: textOf(args["token"]) ?? "", scopes } }],
        },
    });
}

function snyk(request: HttpRequest): TestAnswer | undefined {
    const attributes = { name: "Unit Test", default_org_context: "org" };
    return isTokenRequest(request)
        ? token()
        : known(request, {
              "/rest/self": { data: { id: "unit-test", type: "service_account", attributes } },
              "/rest/orgs/org/service_accounts/unit-test": { data: { attributes: { auth_type: "api_key" } } },
          });
}

function cloudflare({ url }: HttpRequest, { args }: TestSubject): TestAnswer {
    const one = { id: textOf(args["accountId"])?.toLowerCase() ?? "0".repeat(32), name: "Example" };
    const { pathname } = new URL(url);
    const result = pathname.endsWith("/verify")
        ? { id: "unit-test", status: "active" }
        : pathname.endsWith("/accounts")
          ? [one]
          : one;
    return { body: { success: true, errors: [], messages: [], result } };
}

function slack(_: HttpRequest, { args }: TestSubject): TestAnswer {
    const body = {
        ok: true,
        url: "https://example.slack.com/",
        team: "Example",
        user: "unit-test",
        bot_id: "B0UNITTEST",
    };
    const ids = { team_id: textOf(args["teamId"]) ?? "T0UNITTEST", user_id: "U0UNITTEST" };
    return { body: { ...body, ...ids }, headers: { "x-oauth-scopes": listOf(args["requiredScopes"]).join(",") } };
}

function kandji(request: HttpRequest): TestAnswer | undefined {
    return known(request, {
        "/api/v1/audit/events": { results: [] },
        "/api/v1/blueprints": { results: [] },
        "/api/v1/devices": [],
        "/api/v1/settings/licensing": { counts: {} },
        "/api/v1/users": { results: [] },
    });
}

/** The answer of a path. */
function known({ url }: HttpRequest, answers: Readonly<Record<string, object>>): TestAnswer | undefined {
    const body = answers[new URL(url).pathname];
    return body === undefined ? undefined : { body };
}

const jwtOf = (claims: object): string =>
    [{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".") +
    ".unit-test";

// ---- Atlassian ------------------------------------------------------------------------------------------------------------------

const notFound: TestAnswer = { status: 404, body: { message: "Not Found" } };
const mayNotUse: TestAnswer = { status: 403, body: { message: "Forbidden" } };
const lacksScope: TestAnswer = { status: 401, body: { code: 401, message: "Unauthorized; scope does not match" } };

interface AnsweredSite {
    readonly subdomain: string;
    readonly cloudId: string;
    readonly name: string;
    readonly url: string;
}

function atlassian(request: HttpRequest, subject: TestSubject): TestAnswer | undefined {
    const { type, args } = subject;
    const { host, pathname } = new URL(request.url);
    const environment = args["environment"] === "usGov" ? "usGov" : "commercial";
    if (isTokenRequest(request)) {
        return token(
            type === "atlassian:DataCenterServiceAccount" ? [textOf(args["scope"]) ?? "READ"] : scopesOf(subject),
        );
    }
    const { siteDomain, api, sites: listed } = hosts(environment);
    const sites = sitesOf(subject, siteDomain);
    if (request.url === listed) {
        return { body: sites.map(({ cloudId, name, url }) => ({ id: cloudId, name, url, scopes: scopesOf(subject) })) };
    }
    const gateway = new RegExp(`^${api}/ex/(jira|confluence)/([0-9a-f-]+)(/.*)$`).exec(request.url);
    if (gateway !== null) {
        const [, product = "", cloudId, path = ""] = gateway;
        const site = sites.find((one) => one.cloudId === cloudId);
        return site === undefined
            ? notFound
            : product === "jira"
              ? jira(request.method, path, site, subject)
              : confluence(path, subject);
    }
    if (siteDomains.some((domain) => host.endsWith(`.${domain}`))) {
        const site = sites.find(({ url }) => url === `https://${host}`);
        return site === undefined
            ? notFound
            : pathname === "/_edge/tenant_info"
              ? { body: { cloudId: site.cloudId } }
              : jira(request.method, pathname, site, subject);
    }
    return dataCenter(pathname, subject);
}

function jira(method: string, path: string, { url }: AnsweredSite, subject: TestSubject): TestAnswer | undefined {
    const [place = ""] = path.split("?");
    if (place.endsWith("/serverInfo")) {
        return { body: { baseUrl: url } };
    }
    if (!maysUse(subject, "jira")) {
        return mayNotUse;
    }
    if (place.endsWith("/myself")) {
        const { id, name, email } = accountOf(subject);
        return holds(subject, "read:jira-user")
            ? { body: { accountId: id, displayName: name, emailAddress: email, active: true } }
            : lacksScope;
    }
    if (place.endsWith("/project/search")) {
        return holds(subject, "read:jira-work") ? { body: { values: [] } } : lacksScope;
    }
    return method === "POST" && place.endsWith("/issue")
        ? holds(subject, "write:jira-work")
            ? { status: 400, body: { errorMessages: [], errors: { project: "Specify a valid project ID or key" } } }
            : lacksScope
        : undefined;
}

function confluence(path: string, subject: TestSubject): TestAnswer | undefined {
    if (!maysUse(subject, "confluence")) {
        return mayNotUse;
    }
    const { id, name, email } = accountOf(subject);
    return path.endsWith("/user/current")
        ? holds(subject, "read:confluence-user")
            ? { body: { type: "known", accountId: id, displayName: name, email } }
            : lacksScope
        : undefined;
}

function dataCenter(pathname: string, subject: TestSubject): TestAnswer | undefined {
    const { id, name, email } = accountOf(subject);
    if (pathname.endsWith("/myself")) {
        return { body: { key: id, name, displayName: name, emailAddress: email, active: true } };
    }
    return pathname.endsWith("/serverInfo")
        ? { body: { version: "11.3.0", serverTitle: "Jira" } }
        : pathname.endsWith("/rest/api/space")
          ? { body: { results: [] } }
          : undefined;
}

const maysUse = ({ facts }: TestSubject, product: "jira" | "confluence"): boolean =>
    facts.atlassian?.products?.includes(product) !== false;

/** True where a credential has a scope: all of them, unless the test lists them. */
const holds = ({ facts }: TestSubject, scope: string): boolean => facts.atlassian?.scopes?.includes(scope) !== false;

const ordinaryScopes = { jira: ["read:jira-user", "read:jira-work"], confluence: ["read:confluence-user"] } as const;

function scopesOf({ args, facts }: TestSubject): readonly string[] {
    const products = listOf(args["products"]).filter((name) => name === "jira" || name === "confluence");
    const needed = (products.length > 0 ? products : (["jira"] as const)).flatMap((name) => ordinaryScopes[name]);
    return facts.atlassian?.scopes ?? [...new Set([...listOf(args["requiredScopes"]), ...needed])];
}

function accountOf({ args, facts }: TestSubject): Required<Pick<AccountFacts, "id" | "name">> & AccountFacts {
    const { id = "unit-test", name, email } = facts.atlassian?.account ?? {};
    return {
        id,
        name: name ?? textOf(args["serviceAccountName"]) ?? "Unit Test",
        email: email ?? textOf(args["email"]) ?? textOf(args["username"]),
    };
}

function sitesOf({ args, facts }: TestSubject, siteDomain: string): readonly AnsweredSite[] {
    const make = ({ subdomain, cloudId, name }: SiteFacts): AnsweredSite => ({
        subdomain,
        cloudId: cloudId?.toLowerCase() ?? cloudIdOf(subdomain),
        name: name ?? subdomain,
        url: `https://${subdomain.toLowerCase()}.${siteDomain}`,
    });
    // A program may name a site by any of these, in the form in which people copy it.
    const texts = ["subdomain", "siteUrl", "cloudId", "adminUrl", "hostUrl"].flatMap(
        (name) => textOf(args[name]) ?? [],
    );
    const [text = "example"] = texts;
    const [cloudId] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(text) ?? [];
    const named =
        cloudId === undefined
            ? { subdomain: text.replace(/^https?:\/\//i, "").split(/[./]/)[0] ?? text }
            : { subdomain: "example", cloudId };
    return (facts.atlassian?.sites ?? [named]).map(make);
}

/** A Cloud ID that is the same in every run. */
function cloudIdOf(subdomain: string): string {
    const digest = createHash("sha256").update(subdomain.toLowerCase()).digest("hex");
    return [
        digest.slice(0, 8),
        digest.slice(8, 12),
        `4${digest.slice(13, 16)}`,
        `8${digest.slice(17, 20)}`,
        digest.slice(20, 32),
    ].join("-");
}

// ---- all others -----------------------------------------------------------------------------------------------------------------

/** The answer at the program's probe, with a value at each place that the program points at. */
function probed({ url }: HttpRequest, { args }: TestSubject): TestAnswer | undefined {
    const {
        url: subject,
        expect,
        account,
        identity,
        proof,
    } = (args["probe"] ?? {}) as Partial<Record<string, unknown>>;
    const { pointer: proofAt, value: proved } = (proof ?? {}) as Partial<Record<string, unknown>>;
    if (textOf(subject) === undefined || new URL(String(subject)).pathname !== new URL(url).pathname) {
        return undefined;
    }
    const body = {};
    for (const [pointer, value] of [
        [account, "unit-test"],
        [identity, "unit-test"],
        [proofAt, proved],
    ] as const) {
        if (typeof pointer === "string") {
            set(body, pointer, value);
        }
    }
    return { status: typeof expect === "number" ? expect : 200, body };
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const listOf = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
