// What each vendor refuses, and when its secret ends, as its simulated server says it: the status, the argument and the next step.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { unhealthyRemarks } from "../../provider/core/remarks";
import { FileHost } from "../support/file-host";
import type { Values } from "../support/life";
import { Session } from "../../provider/core/session";
import { verifyStandalone, type Standalone } from "../../provider/core/verified";
import { typeNamed } from "../support/types";
import { gitLabLimited, startVendors, type VendorCredentials, type Vendors } from "../simulators/vendors";

/** A vendor's state, and what a verification says of it. */
interface Row {
    readonly name: string;
    readonly type: string;
    readonly credential: keyof VendorCredentials;
    readonly args?: (vendors: Vendors) => Values;
    /** Makes the state at the vendor, and returns what undoes it. */
    readonly prepare?: (vendors: Vendors) => () => void;
    readonly status: string;
    /** The problem, or else the only warning. */
    readonly says?: RegExp;
    readonly ends?: string | undefined;
    readonly source?: string | undefined;
}

const dayIn = (days: number): string => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

/** Sets members of an object, and puts the old values back. */
const set =
    <T extends object>(of: (vendors: Vendors) => T, values: Partial<T>) =>
    (vendors: Vendors) => {
        const object = of(vendors);
        const before = Object.fromEntries(Object.keys(values).map((key) => [key, object[key as keyof T]]));
        Object.assign(object, values);
        return () => void Object.assign(object, before);
    };

const gitLabToken = (vendors: Vendors) => vendors.fixture.gitlab.token;
const gitLabPage =
    "Create a new token under Access > Personal access tokens of your profile, or Settings > Access tokens of the group or project.";

const cloudflareToken = (vendors: Vendors) => vendors.fixture.cloudflare.accountToken;
const cloudflareRows: readonly Row[] = [
    {
        ...({ type: "cloudflare.ApiToken", credential: "cloudflare" } as const),
        name: "a token that Cloudflare calls expired, with its end",
        prepare: set(cloudflareToken, { status: "expired", expiresOn: "2024-01-01T00:00:00Z" }),
        status: "expired",
        says: /^token: Cloudflare refused the credential .* \(HTTP 200, the token is expired\)\. Create a new API token under /,
        ends: "2024-01-01T00:00:00.000Z",
        source: "vendor",
    },
    {
        ...({ type: "cloudflare.ApiToken", credential: "cloudflare" } as const),
        name: "a token that ends soon is expiring",
        prepare: set(cloudflareToken, { expiresOn: `${dayIn(3)}T12:00:00Z` }),
        status: "expiring",
        says: new RegExp(`^The token expires on ${dayIn(3)}T12:00:00\\.000Z, as Cloudflare reports\\.`),
        ends: `${dayIn(3)}T12:00:00.000Z`,
        source: "vendor",
    },
];

const gitLab = { type: "gitlab.AccessToken", credential: "gitlab" } as const;
const gitLabRows: readonly Row[] = [
    {
        ...gitLab,
        name: "a token until a day ends at the start of that day",
        prepare: set(gitLabToken, { expiresAt: dayIn(40) }),
        status: "verified",
        ends: `${dayIn(40)}T00:00:00.000Z`,
        source: "vendor",
    },
    {
        ...gitLab,
        name: "a token that ends soon is expiring, by the hour of its end",
        prepare: set(gitLabToken, { expiresAt: dayIn(3) }),
        status: "expiring",
        says: new RegExp(`^The token expires on ${dayIn(3)}T00:00:00\\.000Z, as GitLab reports\\. Make a new one`),
        ends: `${dayIn(3)}T00:00:00.000Z`,
        source: "vendor",
    },
    {
        ...gitLab,
        name: "a token without an end never ends",
        prepare: set(gitLabToken, { expiresAt: null }),
        status: "verified",
        source: "never",
    },
    {
        ...gitLab,
        name: "a token whose end is not told has none that is known",
        prepare: set(gitLabToken, { isEndTold: false }),
        status: "verified",
    },
    {
        ...gitLab,
        name: "a declared day that is another one is named beside GitLab's",
        args: () => ({ expiresAt: dayIn(100) }),
        prepare: set(gitLabToken, { expiresAt: dayIn(50) }),
        status: "verified",
        says: new RegExp(
            `^GitLab reports that the token expires on ${dayIn(50)}.*, and expiresAt says ${dayIn(100)}\\.`,
        ),
        ends: `${dayIn(50)}T00:00:00.000Z`,
        source: "vendor",
    },
    {
        ...gitLab,
        name: "a token that GitLab does not know",
        args: () => ({ token: "glpat-0123456789abcdefghij" }),
        status: "rejected",
        says: /^token: GitLab refused the credential at gitlab\.com\/api\/v4\/personal_access_tokens\/self \(HTTP 401\)\. Create a new token under /,
    },
    {
        ...gitLab,
        name: "a revoked token",
        prepare: set(gitLabToken, { isRevoked: true }),
        status: "rejected",
        says: new RegExp(`\\(HTTP 401, the token is revoked\\)\\. ${gitLabPage}$`),
    },
    {
        ...gitLab,
        name: "an expired token",
        prepare: set(gitLabToken, { expiresAt: dayIn(0) }),
        status: "rejected",
        says: new RegExp(`\\(HTTP 401, the token is expired\\)\\. ${gitLabPage}$`),
    },
    {
        ...gitLab,
        name: "a token of a blocked user",
        prepare: set((vendors) => gitLabToken(vendors).user, { isBlocked: true }),
        status: "insufficient",
        says: /^token: GitLab knows the token and denies its user the API \(HTTP 403\)\. Look whether the user is blocked/,
    },
    {
        ...gitLab,
        name: "a token that needs the proof of a key",
        prepare: set((vendors) => gitLabToken(vendors).user, { needsDpop: true }),
        status: "insufficient",
        says: /^token: GitLab accepts this user's tokens only with the proof of a key \(DPoP\)/,
    },
    {
        ...gitLab,
        name: "a missing scope",
        args: () => ({ requiredScopes: ["read_api", "write_repository"] }),
        status: "insufficient",
        says: /^requiredScopes: the credential lacks write_repository\. Create a new one with them under /,
        ends: "any",
        source: "vendor",
    },
    {
        ...gitLab,
        name: "a scope beyond the required ones",
        prepare: ({ fixture: { gitlab } }) => {
            gitlab.token.addScope("read_registry");
            return () => gitlab.token.removeScope("read_registry");
        },
        status: "verified",
        says: /^The credential has scopes beyond those required: read_registry\. Create one without them, or name them in allowedScopes\.$/,
        ends: "any",
        source: "vendor",
    },
    {
        ...gitLab,
        name: "a token of another server",
        args: ({ gitlabSelfHosted }) => ({ url: gitlabSelfHosted.origin }),
        status: "rejected",
        says: /^token: GitLab refused the credential at gitlab\.example\.com:8443\//,
    },
    {
        ...gitLab,
        name: "an address that is no GitLab",
        args: () => ({ url: "https://acme.jamfcloud.com" }),
        status: "unreachable",
        says: /^url: acme\.jamfcloud\.com\/api\/v4\/personal_access_tokens\/self gave an unexpected answer \(HTTP 404\)\. Check that it is the address of GitLab\.$/,
    },
    {
        ...gitLab,
        name: "a limit",
        prepare: ({ gitlab: { listener } }) => {
            const { body, ...limited } = gitLabLimited(3600);
            const fault = listener.fault({ kind: "status", ...limited, body: String(body) });
            return () => fault.remove();
        },
        status: "unreachable",
        says: /^gitlab\.com says to wait until .*, 3600 s from now, longer than timeoutSeconds allows \(HTTP 429\)\./,
    },
];

const gitHubToken = (vendors: Vendors) => vendors.fixture.github.token;
const inDays = (days: number): number => Math.floor(Date.now() / 1000) * 1000 + days * 24 * 60 * 60 * 1000;
const farEnd = inDays(60);
const gitHub = { type: "github.PersonalAccessToken", credential: "github" } as const;
const gitHubApp = { type: "github.AppInstallation", credential: "githubApp" } as const;
const gitHubRows: readonly Row[] = [
    {
        ...gitHub,
        name: "a token ends at the moment of the header",
        prepare: set(gitHubToken, { expiresAt: farEnd }),
        status: "verified",
        ends: new Date(farEnd).toISOString(),
        source: "vendor",
    },
    {
        ...gitHub,
        name: "a token without the header never ends",
        prepare: set(gitHubToken, { expiresAt: null }),
        status: "verified",
        source: "never",
    },
    {
        ...gitHub,
        name: "a header that says now is not believed",
        prepare: set(gitHubToken, { isEndFalse: true }),
        status: "verified",
    },
    {
        ...gitHub,
        credential: "githubServer",
        name: "an Enterprise Server without the header tells no end",
        prepare: set((vendors) => vendors.fixture.github.serverToken, { expiresAt: null }),
        status: "verified",
    },
    {
        ...gitHub,
        credential: "githubServer",
        name: "a fine-grained token tells no scopes",
        args: () => ({ requiredScopes: ["repo"] }),
        prepare: set((vendors) => vendors.fixture.github.serverToken, { expiresAt: null }),
        status: "verified",
        says: /^GitHub does not \w+ which scopes the credential has, so it is not known whether it has repo\./,
    },
    {
        ...gitHub,
        name: "a token that GitHub does not know",
        args: () => ({ token: `ghp_${"0".repeat(36)}` }),
        status: "rejected",
        says: /^token: GitHub refused the credential at api\.github\.com\/user \(HTTP 401\)\. Generate a new token under Settings/,
    },
    {
        ...gitHub,
        name: "an app's token",
        args: () => ({ token: `ghs_${"0".repeat(36)}` }),
        status: "rejected",
        says: /\(HTTP 401\)\. It begins with ghs_, .* Declare the app as github\.AppInstallation\.$/,
    },
    {
        ...gitHub,
        name: "an expired token",
        prepare: set(gitHubToken, { expiresAt: inDays(-1) }),
        status: "rejected",
        says: /\(HTTP 401\)\. Generate a new token/,
    },
    {
        ...gitHub,
        name: "a user that is locked says nothing about the token",
        prepare: ({ github }) => {
            Object.assign(github, { refusalsBeforeLock: 0 });
            github.lockNow();
            return () => {
                Object.assign(github, { refusalsBeforeLock: 1000 });
                github.unlock();
            };
        },
        status: "unreachable",
        says: /^GitHub refuses every call of this user for a while \(HTTP 403\)/,
    },
    {
        ...gitHub,
        name: "an organisation's sign-on",
        prepare: set(gitHubToken, { lacksSignOn: "acme" }),
        status: "insufficient",
        says: /^The token is not authorized for an organisation's single sign-on \(HTTP 403\)\. Authorize it with Configure SSO/,
    },
    {
        ...gitHub,
        name: "a limit, which is a 403",
        prepare: set(({ github }) => github, { remaining: 0 }),
        status: "unreachable",
        says: /^api\.github\.com says to wait until .* \(HTTP 403\)\./,
    },
    {
        ...gitHub,
        name: "a missing scope",
        args: () => ({ requiredScopes: ["admin:org"] }),
        prepare: set(gitHubToken, { expiresAt: null }),
        status: "insufficient",
        says: /^requiredScopes: the credential lacks admin:org\./,
        source: "never",
    },
    {
        ...gitHubApp,
        name: "a missing level of a permission",
        args: () => ({ requiredPermissions: ["issues:write"] }),
        status: "insufficient",
        says: /^requiredPermissions: the credential lacks issues:write/,
    },
    {
        ...gitHubApp,
        name: "a suspended installation",
        prepare: set((vendors) => vendors.fixture.github.installation, { isSuspended: true }),
        status: "insufficient",
        says: /^installationId: is suspended in its account\./,
    },
    {
        ...gitHubApp,
        name: "another app's installation",
        args: () => ({ installationId: "4711" }),
        status: "insufficient",
        says: /^installationId: names no installation of this app \(HTTP 404\)\./,
    },
    {
        ...gitHubApp,
        name: "a wrong clock",
        prepare: ({ clock }) => {
            clock.advance(-3600);
            return () => clock.advance(3600);
        },
        status: "unreachable",
        says: /^GitHub refuses the times in the signed JWT \(HTTP 401\)\. Check this machine's clock\.$/,
    },
];

describe("What a vendor refuses, and when a secret ends", () => {
    let vendors: Vendors;

    beforeAll(async () => {
        vendors = await startVendors();
    });
    afterAll(() => vendors.close());

    async function verified({ type, credential, args }: Row): Promise<Standalone> {
        const session = new Session({ endpoints: vendors.endpoints, verify: undefined });
        const given = { ...vendors.credentials[credential], ...args?.(vendors) };
        return verifyStandalone(typeNamed(type), given, session);
    }

    const told = ({ problems, connection }: Standalone): string[] => [
        ...problems.map(({ argument, message }) => (argument === undefined ? message : `${argument}: ${message}`)),
        ...(problems.length > 0 ? [] : (connection?.warnings ?? [])),
    ];

    const rows = [...gitLabRows, ...gitHubRows, ...cloudflareRows].map((row) => [row.type, row.name, row] as const);

    test.each(rows)("%s: %s", async (_, __, row) => {
        const undo = row.prepare?.(vendors);
        try {
            const found = await verified(row);
            const { status, secretExpiresAt, secretExpirySource } = found.connection ?? {};
            expect({ status, told: told(found) }).toEqual({
                status: row.status,
                told: row.says === undefined ? [] : [expect.stringMatching(row.says)],
            });
            const ends = row.ends === "any" ? secretExpiresAt : row.ends;
            expect([secretExpiresAt, secretExpirySource]).toEqual([ends, row.source]);
        } finally {
            undo?.();
        }
    });

    test("a refused token that may lock its user is sent once under changes, and again on refresh", async () => {
        const { github, fixture } = vendors;
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "locks-"));
        const { definition } = typeNamed("github.PersonalAccessToken");
        const host = (): FileHost =>
            new FileHost(definition, path.join(folder, "state.json"), {
                endpoints: vendors.endpoints,
                verify: "changes",
            });
        const args = vendors.credentials.github;
        const calls = (): number => vendors.requests.count({ origin: "https://api.github.com" });
        Object.assign(github, { refusalsBeforeLock: 3 });
        try {
            expect(await host().up(args)).toMatchObject({ outcome: "create" });
            fixture.github.token.isRevoked = true;
            expect(await host().refresh()).toMatchObject({ outcome: "update" });
            expect(await host().up(args)).toMatchObject({ outcome: "update" });
            const before = calls();
            for (let run = 0; run < 5; run++) {
                expect(await host().preview(args)).toMatchObject({ outcome: "clean" });
                expect(await host().up(args)).toMatchObject({ outcome: "clean" });
            }
            expect(await host().up({ ...args, warnBeforeDays: 3 })).toMatchObject({ outcome: "update" });
            expect([calls() - before, host().kept?.outputs["status"]]).toEqual([0, "rejected"]);
            const unlock = definition.locksAfterRefusals;
            expect(unhealthyRemarks({ status: "rejected" }, "changes", "2026-12-01", undefined, unlock)).toEqual([
                `rejected since 2026-12-01; the refused secret was not sent again. ${unlock ?? ""} Then set another secret, or run pulumi refresh.`,
            ]);
            fixture.github.token.isRevoked = false;
            expect(await host().refresh()).toMatchObject({ outcome: "update" });
            expect([calls() - before, host().kept?.outputs["status"]]).toEqual([1, "verified"]);
        } finally {
            fixture.github.token.isRevoked = false;
            Object.assign(github, { refusalsBeforeLock: 1000 });
            github.unlock();
            fs.rmSync(folder, { recursive: true });
        }
    });
});
