// When an Atlassian API token ends, as its organization lists it: a hint that warns, and that nothing else hangs on.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type {
    AtlassianAccount,
    AtlassianApiKey,
    AtlassianApiToken,
    AtlassianOrganization,
} from "../simulators/atlassian";
import type { Fault, InjectedFault } from "../simulators/server";
import { startVendors, type Vendors } from "../simulators/vendors";
import { secretFrom } from "../../provider/core/secrets";
import { UNKNOWN } from "../../provider/core/unknown";
import { FileHost, type Step } from "../support/file-host";
import { typeNamed } from "../support/types";
import type { Values } from "../support/life";

const day = 24 * 60 * 60 * 1000;

let vendors: Vendors;
let organization: AtlassianOrganization;
let user: AtlassianAccount;
let token: AtlassianApiToken;
let key: AtlassianApiKey;
let folder: string;
let faults: InjectedFault[];
let labels = 0;

beforeAll(async () => {
    vendors = await startVendors();
    user = vendors.fixture.atlassian.user;
    ({ organization } = user);
});
afterAll(() => vendors?.close());
beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "atlassian-"));
    faults = [];
    organization.apiTokens.length = 0;
    organization.apiKeys.length = 0;
    token = organization.createApiToken(user, `Sync ${++labels}`);
    key = organization.createApiKey("read:tokens:admin");
    vendors.atlassian.tokensOnAPage = 100;
    vendors.requests.clear();
});
afterEach(() => {
    faults.forEach((fault) => fault.remove());
    fs.rmSync(folder, { recursive: true });
});

const inDays = (days: number): number => Date.now() + days * day;
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The reading of the organization's list; each may be left out or be another. */
const reading = (): Values => ({
    organizationId: organization.id,
    organizationApiKey: key.key,
    tokenLabel: token.label,
});
const userArgs = (more: Values = reading()): Values => ({
    siteUrl: vendors.credentials.jiraUserToken.siteUrl,
    username: user.email,
    apiToken: token.token,
    ...more,
});
const hostOf = (type = "atlassian.JiraUserToken", verify?: "changes" | "never"): FileHost =>
    new FileHost(
        typeNamed(type).definition,
        path.join(folder, "state.json"),
        { endpoints: vendors.endpoints, verify },
        { resource: { owner: "urn", name: "jira" } },
    );
const broken = (fault: Fault): void => void faults.push(vendors.atlassian.api.fault({ path: /admin/, ...fault }));

type Listed = Record<string, unknown>;

/** The organization's list with other tokens. */
const edited = (change: (one: Listed) => object): void =>
    broken({ kind: "patch", patch: (page) => ({ ...page, data: page.data.map(change) }) });
const withAccount = (id: string) => (one: Listed) => ({ ...one, user: { ...(one["user"] as object), id } });

interface Shown {
    readonly status: unknown;
    readonly end: unknown;
    readonly source: unknown;
    readonly check: unknown;
    readonly warnings: unknown;
}
const shown = ({ shown: values }: Step): Shown => ({
    status: values["status"],
    end: values["secretExpiresAt"],
    source: values["secretExpirySource"],
    check: (values["checks"] as Record<string, { result: string }>)["tokens"]?.result,
    warnings: values["warnings"],
});
const untold = (...says: readonly (string | RegExp)[]): Shown => ({
    status: "verified",
    end: null,
    source: null,
    check: "unknown",
    warnings: says.map((one) => expect.stringMatching(one)),
});
const told = (at: number, status = "verified", ...says: readonly RegExp[]): Shown => ({
    status,
    end: iso(at),
    source: "vendor",
    check: "passed",
    warnings: says.map((one) => expect.stringMatching(one)),
});
const listed = (): readonly string[] =>
    [...vendors.requests].map(({ path: asked }) => asked).filter((asked) => asked.startsWith("/admin/"));

describe("A person's token", () => {
    test("that the organization lists just once is told, far away and soon", async () => {
        token.expiresAt = inDays(90);
        expect(shown(await hostOf().up(userArgs()))).toEqual(told(token.expiresAt));
        expect(listed()).toEqual([`/admin/api-access/v1/orgs/${organization.id}/api-tokens?pageSize=100`]);
        token.expiresAt = inDays(3);
        const warning = new RegExp(`^The apiToken expires on ${iso(token.expiresAt)}, as Jira reports\\.`);
        expect(shown(await hostOf().up(userArgs()))).toEqual(told(token.expiresAt, "expiring", warning));
    });

    test("needs no label where the account has no other", async () => {
        token.expiresAt = inDays(90);
        const { tokenLabel: _, ...unnamed } = reading();
        expect(shown(await hostOf().preview(userArgs(unnamed)))).toEqual(told(token.expiresAt));
        organization.createApiToken(user, "Another");
        expect(shown(await hostOf().preview(userArgs(unnamed)))).toEqual(
            untold(/^The organization lists 2 live API tokens of this account, so .* Give each a label/),
        );
    });

    test.each<[string, () => void]>([
        [
            "another account's with the same label",
            () => organization.createApiToken(organization.addUser("Ada", "ada@acme.example"), token.label),
        ],
        ["another label", () => organization.createApiToken(user, `${token.label} 2`)],
        ["a label in other letters", () => organization.createApiToken(user, token.label.toUpperCase())],
        ["the same label, revoked", () => organization.createApiToken(user, token.label).revoke()],
        ["the same label, ended", () => void (organization.createApiToken(user, token.label).expiresAt = inDays(-1))],
        [
            "a service account's",
            () => organization.createApiToken(organization.addServiceAccount("sync-bot"), token.label, []),
        ],
    ])("is told beside %s", async (_, add) => {
        token.expiresAt = inDays(90);
        add();
        expect(shown(await hostOf().preview(userArgs()))).toEqual(told(token.expiresAt));
    });

    test("is found on page two, and a second one there counts", async () => {
        vendors.atlassian.tokensOnAPage = 2;
        organization.apiTokens.unshift(...["a", "b", "c"].map((label) => organization.createApiToken(user, label)));
        organization.apiTokens.splice(4);
        token.expiresAt = inDays(90);
        expect(shown(await hostOf().preview(userArgs()))).toEqual(told(token.expiresAt));
        expect(listed()).toHaveLength(2);
        organization.createApiToken(user, token.label);
        expect(shown(await hostOf().preview(userArgs()))).toEqual(
            untold(`^The organization lists 2 live API tokens ${token.label} of this account`),
        );
    });

    test.each<[string, () => void]>([
        ["no such label", () => edited((one) => ({ ...one, label: "Another" }))],
        ["a revoked one alone", () => edited((one) => ({ ...one, status: "BLOCKED" }))],
        ["one that has ended", () => edited((one) => ({ ...one, expiresAt: iso(inDays(-1)) }))],
        ["nothing in it", () => broken({ kind: "patch", patch: () => ({ data: [], links: {} }) })],
        ["an entry that is null", () => broken({ kind: "patch", patch: () => ({ data: [null] }) })],
        ["tokens without a status", () => edited(({ status: _, ...one }) => one)],
        ["tokens without an account", () => edited((one) => ({ ...one, user: null }))],
        ["another status", () => edited((one) => ({ ...one, status: "PENDING" }))],
        ["another account", () => edited(withAccount("5b10ac8d82e05b22cc7d4ef5"))],
    ])("is untold where the list has %s", async (_, prepare) => {
        token.expiresAt = inDays(3);
        const given = userArgs();
        prepare();
        expect(shown(await hostOf().preview(given))).toEqual(
            untold(/^The organization lists no live API tokens .* Check tokenLabel and organizationId\.$/),
        );
    });

    test("is untold without an end, and where the end cannot be read", async () => {
        expect(shown(await hostOf().preview(userArgs()))).toMatchObject({ end: null, check: "passed", warnings: [] });
        edited((one) => ({ ...one, expiresAt: "soon" }));
        expect(shown(await hostOf().preview(userArgs()))).toMatchObject({
            status: "verified",
            end: null,
            warnings: [expect.stringMatching(/in a form that cannot be read/)],
        });
    });

    const refusals: readonly (readonly [string, () => void, RegExp])[] = [
        [
            "a revoked key",
            () => key.revoke(),
            /^organizationApiKey: Jira refused the credential at .*\(HTTP 401\)\. Create a new API key with scopes under Settings > API keys in admin\.atlassian\.com\./,
        ],
        [
            "a key without the scope",
            () => key.scopes.clear(),
            /^Atlassian does not show .* has the scope read:tokens:admin\.$/,
        ],
        [
            "a key of another organization",
            () => (key = vendors.atlassian.addOrganization("Initech").createApiKey("read:tokens:admin")),
            /^Atlassian does not show .* Check organizationId/,
        ],
        [
            "a server's fault",
            () => broken({ kind: "status", status: 503, headers: { "retry-after": "3600" } }),
            /HTTP 503/,
        ],
        ["a limit", () => broken({ kind: "status", status: 429, headers: { "retry-after": "3600" } }), /HTTP 429/],
        ["a page of HTML", () => broken({ kind: "html", status: 200 }), /page of HTML/],
        ["no JSON", () => broken({ kind: "invalidJson" }), /not JSON/],
        ["other JSON", () => broken({ kind: "patch", patch: () => ({ data: "none" }) }), /unexpected JSON/],
        ["a redirect", () => broken({ kind: "redirect", location: "https://evil.example/" }), /redirect/i],
        ["a closed connection", () => broken({ kind: "close" }), /api\.atlassian\.com/],
        ["no answer", () => broken({ kind: "hang" }), /api\.atlassian\.com .*(time|second)/],
        [
            "a cursor that leads back",
            () => broken({ kind: "status", status: 200, body: { data: [], links: { next: "again" } } }),
            /^The organization has more than 50 pages/,
        ],
    ];

    test.each(refusals)("is untold after %s: a warning, and nothing against the token", async (_, prepare, says) => {
        const given = userArgs();
        prepare();
        const args = { ...given, organizationApiKey: key.key, timeoutSeconds: 2 };
        const step = await hostOf().up(args);
        expect([step.outcome, shown(step)]).toEqual(["create", untold(says)]);
        expect(JSON.stringify(step.shown["warnings"])).not.toContain(key.key);
    });

    test("keeps the end on record where the list cannot be read, and forgets it without a key", async () => {
        token.expiresAt = inDays(90);
        await hostOf().up(userArgs());
        broken({ kind: "status", status: 503, headers: { "retry-after": "3600" } });
        const unread = await hostOf().preview(userArgs());
        expect(shown(unread)).toMatchObject({ status: "verified", end: iso(token.expiresAt), source: "vendor" });
        expect(shown(await hostOf().preview(userArgs({})))).toMatchObject({
            end: null,
            source: null,
            check: undefined,
        });
    });

    test("is never expired by that end, whether it is refused or not checked", async () => {
        token.expiresAt = inDays(3);
        await hostOf().up(userArgs());
        const file = path.join(folder, "state.json");
        const past = iso(inDays(-1));
        const known = fs.readFileSync(file, "utf8");
        fs.writeFileSync(file, known.replaceAll(iso(token.expiresAt), past));
        expect(shown(await hostOf(undefined, "never").preview(userArgs()))).toMatchObject({
            status: "expiring",
            end: past,
        });
        expect(shown(await hostOf().preview(userArgs()))).toMatchObject({
            status: "expiring",
            end: iso(token.expiresAt),
        });
        token.revoke();
        const refused = await hostOf().refresh();
        expect(shown(refused)).toMatchObject({ status: "rejected", end: past });
        expect(refused.shown["checks"]).not.toHaveProperty("expiry");
    });

    test("is expired by the declared day, as without an organization", async () => {
        const declared = { ...userArgs(), expiresAt: iso(inDays(-2)).slice(0, 10) };
        expect(await hostOf().preview(declared)).toMatchObject({
            outcome: "refused",
            why: expect.stringMatching(/\[expired\]$/),
        });
        token.expiresAt = inDays(3);
        expect(shown(await hostOf().preview(declared))).toMatchObject({
            status: "expiring",
            end: iso(token.expiresAt),
        });
    });

    test("leads to no other account by another key, and to one by another token", async () => {
        await hostOf().up(userArgs());
        const other = organization.createApiKey("read:tokens:admin");
        token.moveToAccount(organization.addUser("Ada", "ada@acme.example"));
        token.account.addSite(vendors.fixture.atlassian.acme);
        Object.assign(token.account, { email: user.email });
        const moved = await hostOf().preview({ ...userArgs(), organizationApiKey: other.key });
        expect(moved).toMatchObject({ outcome: "refused", why: expect.stringMatching(/\[account-changed\]$/) });
    });

    test("is not looked up where Jira refuses it", async () => {
        token.revoke();
        expect((await hostOf().preview(userArgs())).outcome).toBe("refused");
        expect(listed()).toEqual([]);
    });
});

describe("A service account's token", () => {
    const args = (type: string): Values => {
        const bot = organization.addServiceAccount("sync-bot");
        bot.addSite(vendors.fixture.atlassian.acme);
        token = organization.createApiToken(bot, `Bot & Co ${++labels}`, [
            "read:jira-user",
            "read:jira-work",
            "write:jira-work",
        ]);
        token.expiresAt = inDays(3);
        key.scopes.clear();
        key.scopes.add("read:service-accounts-tokens:admin");
        const { cloudId } = vendors.fixture.atlassian.acme;
        return {
            cloudId,
            apiToken: token.token,
            ...(type.endsWith("Token") ? { email: bot.email } : {}),
            ...reading(),
        };
    };

    describe.each(["atlassian.ServiceAccountToken", "atlassian.JiraConnector"])("%s", (type) => {
        test("is told by the account's own list", async () => {
            const given = args(type);
            organization.createApiToken(user, token.label);
            const warning = new RegExp(`^The apiToken expires on ${iso(token.expiresAt)}`);
            expect(shown(await hostOf(type).up(given))).toEqual(told(token.expiresAt, "expiring", warning));
            const label = encodeURIComponent(token.label);
            const account = encodeURIComponent(token.account.accountId);
            expect(listed()).toEqual([
                `/admin/api-access/v1/orgs/${organization.id}/service-accounts/${account}/api-tokens?tokenLabel=${label}`,
            ]);
        });

        test("is told where an entry names no account and no status, and not where it names another", async () => {
            const given = args(type);
            edited(({ user: _, status: __, ...one }) => one);
            expect(shown(await hostOf(type).preview(given))).toMatchObject({ end: iso(token.expiresAt) });
            faults.splice(0).forEach((fault) => fault.remove());
            edited(withAccount(user.accountId));
            expect(shown(await hostOf(type).preview(given))).toEqual(untold(/lists no live API tokens/));
        });

        test("is untold with the scope for persons' tokens", async () => {
            const given = args(type);
            key.scopes.clear();
            key.scopes.add("read:tokens:admin");
            expect(shown(await hostOf(type).preview(given))).toEqual(
                untold(/scope read:service-accounts-tokens:admin\.$/),
            );
        });
    });
});

describe("The arguments", () => {
    const why = async (more: Values, type?: string): Promise<string> =>
        (await hostOf(type).preview(userArgs(more))).why;

    test.each<[string, (given: Values) => Values, RegExp]>([
        [
            "a key without an organization",
            ({ organizationId: _, ...rest }) => rest,
            /^organizationId: is missing: organizationApiKey needs it\..*\[invalid-argument\]$/,
        ],
        [
            "an organization without a key",
            ({ organizationApiKey: _, ...rest }) => rest,
            /^organizationApiKey: is missing: only an API key of the organization.*\[invalid-argument\]$/,
        ],
        [
            "a label alone",
            ({ tokenLabel }) => ({ tokenLabel }),
            /^organizationId: is missing: tokenLabel is for the list.*\[invalid-argument\]$/,
        ],
        [
            "something else as an organization",
            (given) => ({ ...given, organizationId: "acme" }),
            /^organizationId: must be an organization ID, a UUID: what follows \/o\/.*\[invalid-argument\]$/,
        ],
    ])("%s is a problem, before anything is sent", async (_, change, says) => {
        expect(await why(change(reading()))).toMatch(says);
        expect([...vendors.requests]).toEqual([]);
    });

    test("are for the cloud alone", async () => {
        const { siteUrl, apiToken } = vendors.credentials.jiraDataCenter;
        const refused = await hostOf().preview({ siteUrl, apiToken, ...reading() });
        expect(refused.why.split("\n")).toEqual(
            ["organizationId", "organizationApiKey", "tokenLabel"].map(
                (name) =>
                    `${name}: is for Atlassian's cloud alone: no organization lists a Data Center's tokens. Remove it. [invalid-argument]`,
            ),
        );
    });

    test("wait for what is not known yet", async () => {
        const open = { ...reading(), organizationId: UNKNOWN };
        const { why: said, shown: values } = await hostOf().preview(userArgs(open));
        expect([said, values["secretExpiresAt"], listed()]).toEqual(["", UNKNOWN, []]);
    });

    test("take the key from the environment, a file and a command, and keep it nowhere", async () => {
        token.expiresAt = inDays(90);
        const file = path.join(folder, "key");
        fs.writeFileSync(file, `${key.key}\n`);
        process.env["ATLASSIAN_ORGANIZATION_KEY"] = key.key;
        const read = `require("fs").readFileSync(${JSON.stringify(file)}, "utf8").trim()`;
        const references = [
            secretFrom.env("ATLASSIAN_ORGANIZATION_KEY"),
            secretFrom.file(file),
            secretFrom.command([process.execPath, "-p", read]),
        ];
        for (const organizationApiKey of references) {
            const host = hostOf();
            const step = await host.up(userArgs({ ...reading(), organizationApiKey }));
            expect(step.why).toBe("");
            expect(shown(step)).toEqual(told(token.expiresAt));
            expect(JSON.stringify(host.kept) + host.warnings.join()).not.toContain(key.key);
        }
        delete process.env["ATLASSIAN_ORGANIZATION_KEY"];
    });

    test("are sealed, and an echo of the key is shown nowhere", async () => {
        const type = typeNamed("atlassian.JiraUserToken");
        expect([type.sensitiveNames, type.secretNames[0], type.accountArguments]).toEqual([
            expect.arrayContaining(["organizationApiKey", "apiToken"]),
            "apiToken",
            expect.not.arrayContaining(["organizationApiKey"]),
        ]);
        edited((one) => ({ ...one, expiresAt: `of ${key.key}` }));
        const { shown: values } = await hostOf().preview(userArgs());
        const { organizationApiKey: _, ...others } = values;
        expect(JSON.stringify(others)).not.toContain(key.key);
    });

    test("that look like another kind of secret say which", async () => {
        const { shown: values } = await hostOf().preview(userArgs({ ...reading(), organizationApiKey: token.token }));
        expect(values["warnings"]).toEqual([
            expect.stringMatching(/It begins with ATATT, as the API token of a user does: use JiraUserToken\./),
        ]);
    });

    test("that are not given leave the record of earlier releases as it is", async () => {
        const plain = userArgs({});
        await hostOf().up(plain);
        const file = path.join(folder, "state.json");
        expect(fs.readFileSync(file, "utf8")).not.toMatch(/organization|tokenLabel|"tokens"/);
        expect([(await hostOf().preview(plain)).outcome, (await hostOf().refresh()).outcome]).toEqual([
            "clean",
            "clean",
        ]);
        expect(listed()).toEqual([]);
    });
});
