import { dayIn } from "../support/clock";
import { Core } from "../support/core";
import { Life, type Kept, type Said } from "../support/life";
import { connectorScopes, confluenceScopes, startVendors, type Vendors } from "../simulators/vendors";

interface Case {
    readonly type: string;
    readonly args: () => Record<string, unknown>;
    /** The argument that holds the secret. */
    readonly secret: string;
    /** Another secret of the same account. */
    readonly rotate: () => string;
    /** A credential of another account for the same tenant. */
    readonly other: () => Record<string, unknown>;
    /** Edits that change nothing about who one is. */
    readonly edits: () => Record<string, unknown>[];
    /** Makes the vendor name another account for the credential on record. */
    readonly move: () => unknown;
}

const said: Said = { variables: {} };

describe("Another account behind the credential on record", () => {
    let vendors: Vendors;
    let core: Core;

    const both = [...connectorScopes, ...confluenceScopes];
    const anywhere = [{ timeoutSeconds: 31 }, { warnBeforeDays: 9 }, { verify: "always" }, { expiresAt: dayIn(100) }];
    const moveAtlassian = (): unknown =>
        vendors.listeners.forEach((listener) =>
            listener.fault({
                kind: "patch",
                path: /\/(myself|user\/current)$/,
                patch: (answer: { accountId?: string }) => void (answer.accountId = "712020:other"),
            }),
        );
    const atlassian = () => vendors.fixture.atlassian;
    const person = (name: string) => {
        const made = atlassian().organization.addUser(name, `${name}@acme.example`);
        made.addSite(atlassian().acme);
        return made;
    };
    const cases: Case[] = [
        {
            type: "jamf.ApiClient",
            args: () => vendors.credentials.jamf,
            secret: "clientSecret",
            rotate: () => vendors.fixture.jamf.client.generateClientSecret(),
            other: () => {
                const { server } = vendors.fixture.jamf;
                const { clientId, clientSecret } = server.addClient("another", [
                    server.addRole("another", ["Read Computers", "Read User"]),
                ]);
                return { clientId, clientSecret };
            },
            edits: () => [
                ...anywhere,
                { requiredPrivileges: ["Read User"] },
                { allowedPrivileges: ["*"] },
                { minimumVersion: "11.0.0" },
            ],
            move: () =>
                vendors.fixture.jamf.server.listener.fault({
                    kind: "patch",
                    path: "/api/v1/auth",
                    patch: (answer: { account: { id: string } }) => void (answer.account.id = "77"),
                }),
        },
        {
            type: "atlassian.ServiceAccountOAuth",
            args: () => vendors.credentials.atlassianOAuth,
            secret: "clientSecret",
            // At Atlassian that takes another client id as well; here the same one gets it.
            rotate: () =>
                Object.assign(atlassian().oauth, { clientSecret: `ATOA${"-rotated".repeat(8)}` }).clientSecret,
            other: () => {
                const { clientId, clientSecret } = atlassian().organization.createOAuthCredential(
                    atlassian().spareAccount,
                    both,
                );
                return { clientId, clientSecret };
            },
            edits: () => [
                ...anywhere,
                { products: ["jira"] },
                { requiredScopes: ["read:jira-work"] },
                { subdomain: undefined, cloudId: atlassian().acme.cloudId },
            ],
            move: moveAtlassian,
        },
        {
            type: "atlassian.ServiceAccountToken",
            args: () => vendors.credentials.atlassianToken,
            secret: "apiToken",
            rotate: () => atlassian().organization.createApiToken(atlassian().tokenAccount, "another", both).token,
            other: () => ({
                email: atlassian().spareAccount.email,
                apiToken: atlassian().organization.createApiToken(atlassian().spareAccount, "spare", both).token,
            }),
            edits: () => [
                ...anywhere,
                { products: ["confluence", "jira"] },
                { requiredScopes: ["read:jira-work"] },
                { cloudId: undefined, subdomain: "acme" },
            ],
            move: moveAtlassian,
        },
        {
            type: "atlassian.JiraConnector",
            args: () => vendors.credentials.jiraConnector,
            secret: "apiToken",
            rotate: () =>
                atlassian().organization.createApiToken(atlassian().connectorAccount, "another", connectorScopes).token,
            other: () => ({
                apiToken: atlassian().organization.createApiToken(atlassian().spareAccount, "spare", connectorScopes)
                    .token,
            }),
            edits: () => [
                ...anywhere,
                { serviceAccountName: "ox-security" },
                { requiredScopes: ["read:jira-user"] },
                { cloudId: undefined, subdomain: "acme" },
            ],
            move: moveAtlassian,
        },
        {
            type: "atlassian.JiraUserToken",
            args: () => vendors.credentials.jiraUserToken,
            secret: "apiToken",
            rotate: () => atlassian().organization.createApiToken(atlassian().user, "another").token,
            other: () => {
                const another = person("another");
                return {
                    username: another.email,
                    apiToken: atlassian().organization.createApiToken(another, "another").token,
                };
            },
            edits: () => [...anywhere, { siteUrl: undefined, subdomain: "acme" }],
            move: moveAtlassian,
        },
    ];

    const life = ({ type }: Case): Life => new Life(core, type, () => vendors.endpoints);
    const recorded = async (one: Case, args: object, how = said): Promise<Kept> => {
        const { outcome, why, kept } = await life(one).up(undefined, args, how);
        expect({ outcome, why }).toEqual({ outcome: "create", why: "" });
        return kept as Kept;
    };
    const refused = expect.stringMatching(
        /the credential acts as the account \S+ and not as \S+, which is on record\. If that is intended, replace the resource/,
    ) as string;

    beforeAll(async () => {
        vendors = await startVendors();
        core = Core.start();
    });

    afterEach(() => vendors.clearFaults());

    afterAll(async () => {
        await core.close();
        await vendors.close();
    });

    describe.each(cases.map((one) => [one.type, one] as const))("of %s", (_, one) => {
        test("is refused whatever else of the arguments has changed, and nothing of it is recorded", async () => {
            const args = one.args();
            const kept = await recorded(one, args);
            one.move();
            for (const edit of one.edits()) {
                const { outcome, why, kept: after } = await life(one).up(kept, { ...args, ...edit }, said);
                expect([edit, outcome, why]).toEqual([edit, "refused", refused]);
                expect(after).toBe(kept);
            }
        });

        test("is what the program asks for with another secret, and with a credential of that account", async () => {
            const args = one.args();
            const kept = await recorded(one, args);
            const before = kept.outputs["account"];
            const other = await life(one).up(kept, { ...args, ...one.other() }, said);
            expect([other.outcome, other.why]).toEqual(["update", ""]);
            expect(other.kept?.outputs).toMatchObject({ status: "verified" });
            expect((other.kept?.outputs["account"] as { id: string }).id).not.toEqual((before as { id: string }).id);
        });

        test("is refused where the same secret only comes from somewhere else, and taken where the content of a reference has changed", async () => {
            const { [one.secret]: secret, ...args } = one.args();
            const variables = { FIRST: String(secret), SECOND: String(secret) };
            const reference = (name: string) => ({ ...args, [one.secret]: { secretFrom: "env", name } });
            const byValue = await recorded(one, { ...args, [one.secret]: secret });
            const byReference = await recorded(one, reference("FIRST"), { variables });
            one.move();
            for (const [kept, moved] of [
                [byReference, reference("SECOND")],
                [byReference, { ...args, [one.secret]: secret }],
                [byValue, reference("FIRST")],
            ] as const) {
                const { outcome, why } = await life(one).up(kept, moved, { variables });
                expect([moved[one.secret] === secret, outcome, why]).toEqual([
                    moved[one.secret] === secret,
                    "refused",
                    refused,
                ]);
            }
            const taken = await life(one).up(byReference, reference("FIRST"), { variables: { FIRST: one.rotate() } });
            expect([taken.outcome, taken.why]).toEqual(["update", ""]);
        });
    });
});
