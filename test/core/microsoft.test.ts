// Microsoft Entra ID: what its token endpoint and Microsoft Graph answer, and what a connection comes to.
import { newKey, selfSigned } from "../simulators/signing";
import type { EntraApplication, MicrosoftEntra } from "../simulators/microsoft";
import { startVendors, type Vendors } from "../simulators/vendors";
import { Session } from "../../provider/core/session";
import { verifyStandalone } from "../../provider/core/verified";
import { typeNamed, verifierOf, type Verified } from "../support/types";

const page = "Entra ID > App registrations > (application) > Certificates & secrets";

let vendors: Vendors;
let entra: MicrosoftEntra;
let application: EntraApplication;

beforeAll(async () => {
    vendors = await startVendors();
    entra = vendors.microsoft;
});
afterAll(() => vendors?.close());

beforeEach(() => {
    vendors.clock.reset();
    Object.assign(entra, { hidesClaims: false, blocksWorkloads: false });
    application = entra.addApplication("Sync", vendors.fixture.microsoft.tenant);
    application.in(application.home)?.roles.add("User.Read.All");
});

const args = (more: object = {}): object => ({
    tenant: application.home.id,
    clientId: application.clientId,
    ...("privateKey" in more ? {} : { clientSecret: application.addSecret() }),
    ...more,
});
const verify = (given: object): Promise<Verified> => verifierOf(vendors.endpoints)("microsoft.EntraApplication", given);
const seen = async (given: object): Promise<object> => {
    const { tenants, messages } = await verify(given);
    return { status: tenants[0]?.status, messages: messages.map((message) => message.replace(/ \[[a-z-]+\]$/, "")) };
};
const calls = (): string[] => [...vendors.requests].map(({ path }) => path.split("?")[0] ?? "");

test("A token names the tenant, the account and the permissions", async () => {
    const { tenants } = await verify(args({ tenant: application.home.domain, requiredPermissions: ["User.Read.All"] }));
    const principal = application.in(application.home);
    expect(tenants[0]).toMatchObject({
        status: "verified",
        grantedScopes: ["User.Read.All"],
        outputs: { tenantId: application.home.id, tokenLifetimeSeconds: 3599 },
        account: { id: principal?.objectId, name: "Sync" },
        warnings: [],
    });
});

test("A missing permission is insufficient, a further one is a warning, and one that no token shows is unknown", async () => {
    const given = args({ requiredPermissions: ["User.Read.All", "Group.Read.All"] });
    expect(await seen(given)).toEqual({
        status: "insufficient",
        messages: [
            "requiredPermissions: the application lacks Group.Read.All. Add what is missing under Entra ID > App registrations > (application) > API permissions, or correct the name.",
        ],
    });
    application.in(application.home)?.roles.add("Mail.Read");
    const { tenants } = await verify(args({ requiredPermissions: ["User.Read.All"] }));
    expect(tenants[0]?.warnings).toEqual([
        expect.stringMatching(/^The application has permissions beyond .*Mail\.Read/),
    ]);
    entra.hidesClaims = true;
    const { tenants: hidden } = await verify(args({ requiredPermissions: ["User.Read.All"] }));
    expect(hidden[0]).toMatchObject({
        status: "verified",
        account: undefined,
        grantedScopes: undefined,
        outputs: { tenantId: application.home.id },
        checks: { permissions: { result: "unknown" } },
    });
});

describe("A refusal says what to do", () => {
    const refused = "Microsoft Entra ID refused the";
    test.each<[string, () => object, string, string]>([
        [
            "another secret",
            () => args({ clientSecret: "abc8Q~another-secret-0123456789" }),
            "rejected",
            `clientSecret: ${refused} client id or secret (7000215). Copy the Value of a client secret, not its Secret ID, or create a new one, under ${page}.`,
        ],
        [
            "a secret that has ended",
            () => args({ clientSecret: application.addSecret(-1) }),
            "rejected",
            `clientSecret: ${refused} client id or secret (7000222). The client secret has expired. Create a new one under ${page}.`,
        ],
        [
            "an application that the tenant does not have",
            () => args({ tenant: vendors.fixture.microsoft.otherTenant.id }),
            "rejected",
            `clientId: ${refused} token request (700016). The tenant has no such application. Check clientId, tenant and cloud, and that an administrator of the tenant has given consent.`,
        ],
        [
            "a tenant that does not exist",
            () => args({ tenant: "nowhere.onmicrosoft.com" }),
            "rejected",
            `tenant: ${refused} token request (90002). There is no such tenant in this cloud. Check tenant and cloud.`,
        ],
        [
            "a disabled application",
            () => {
                Object.assign(application.in(application.home) ?? {}, { isEnabled: false });
                return args();
            },
            "rejected",
            `clientId: ${refused} token request (7000112). The application is disabled. Enable it under Entra ID > Enterprise apps > (application) > Properties.`,
        ],
        [
            "a Conditional Access policy",
            () => {
                entra.blocksWorkloads = true;
                return args();
            },
            "rejected",
            `clientSecret: ${refused} token request (53003). A Conditional Access policy blocks the application from here. See Entra ID > Conditional Access > Sign-in logs.`,
        ],
        [
            "a resource that the tenant does not have",
            () => args({ resource: "https://nowhere.example" }),
            "insufficient",
            "resource: Microsoft Entra ID denied this client the scope https://nowhere.example/.default (500011). The tenant does not have this resource. Check its Application ID URI.",
        ],
    ])("of %s", async (_, given, status, message) => {
        expect(await seen(given())).toEqual({ status, messages: [message] });
    });

    test.each<[string, object, string]>([
        [
            "neither secret nor key",
            { clientSecret: undefined },
            "clientSecret: is missing: name the credential with clientSecret or privateKey.",
        ],
        ["a key without its certificate", { clientSecret: undefined, privateKey: "a-key-0123456789" }, "certificate: "],
        ["a tenant for everyone", { tenant: "common" }, "tenant: must be a tenant ID"],
    ])("before a call, of %s", async (_, more, says) => {
        const before = vendors.requests.length;
        const { messages } = await verify({ ...args(), ...more });
        expect(messages.join()).toContain(says);
        expect(vendors.requests.length).toBe(before);
    });
});

describe("The end of the secret", () => {
    const told = async (given: object): Promise<readonly [unknown, readonly string[]]> => {
        vendors.requests.clear();
        const { tenants } = await verify(given);
        expect(tenants[0]?.status).toBe("verified");
        return [tenants[0]?.secretEnd, calls()];
    };
    const application_ = (): string => `/v1.0/applications(appId='${application.clientId}')`;

    test.each(["Application.Read.All", "Application.ReadWrite.OwnedBy"])("is told with %s", async (role) => {
        application.in(application.home)?.roles.add(role);
        application.addSecret(400);
        const given = args();
        const end = application.secrets.at(-1)?.endDateTime.replace("Z", ".000Z");
        const [secretEnd, paths] = await told(given);
        expect(secretEnd).toBe(end);
        expect(paths.at(-1)).toBe(application_());
    });

    test("is not known, and not looked for, without such a permission", async () => {
        const [secretEnd, paths] = await told(args());
        expect(secretEnd).toBeUndefined();
        expect(paths).toHaveLength(1);
    });

    test("is not known where two secrets begin alike, and where Graph does not show the application", async () => {
        application.in(application.home)?.roles.add("Application.ReadWrite.OwnedBy");
        const given = args();
        const [secret] = application.secrets;
        application.secrets.push({ ...secret!, keyId: "another", text: `${secret!.text.slice(0, 3)}-another` });
        expect((await told(given))[0]).toBeUndefined();
        application.ownsItself = false;
        const { tenants } = await verify(args());
        expect(tenants[0]).toMatchObject({
            status: "verified",
            warnings: [],
            checks: { registration: { result: "unknown" } },
        });
        const guest = application.enter(vendors.fixture.microsoft.otherTenant);
        guest.roles.add("Application.Read.All");
        const elsewhere = args({ tenant: guest.tenant.id });
        expect((await told(elsewhere))[0]).toBeUndefined();
    });

    test("is not looked for with a token for another API", async () => {
        application.in(application.home)?.roles.add("Application.Read.All");
        const [secretEnd, paths] = await told(args({ resource: "https://vault.azure.net" }));
        expect([secretEnd, paths.length]).toEqual([undefined, 1]);
    });
});

describe("A certificate", () => {
    const signed = async (days = 90): Promise<{ privateKey: string; certificate: string }> => {
        const privateKey = newKey();
        const certificate = await selfSigned(privateKey, "pulumi", days);
        return { privateKey, certificate };
    };

    test("proves the application by its key, which is never sent, and tells its own end", async () => {
        const pair = await signed();
        application.addCertificate(pair.certificate);
        vendors.requests.clear();
        const { tenants } = await verify(args(pair));
        const { certificate } = application.certificates[0]!;
        expect(tenants[0]).toMatchObject({
            status: "verified",
            secretInUse: "privateKey",
            secretEnd: new Date(certificate.validTo).toISOString(),
        });
        const { body } = vendors.requests.matching({ method: "POST" })[0]!;
        expect(body).toContain("client_assertion=");
        expect(body).not.toContain(pair.privateKey.slice(40, 80));
    });

    test.each<[string, (pair: { privateKey: string; certificate: string }) => Promise<object> | object]>([
        ["that is not uploaded", (pair) => pair],
        [
            "of another key",
            async (pair) => {
                application.addCertificate(pair.certificate);
                return { ...pair, privateKey: newKey() };
            },
        ],
    ])("%s is refused", async (_, arrange) => {
        const pair = await signed();
        expect(await seen(args(await arrange(pair)))).toEqual({
            status: "rejected",
            messages: [
                `certificate: Microsoft Entra ID refused the client id or private key (700027). Check that it is listed under ${page} > Certificates, has not ended, and belongs to privateKey.`,
            ],
        });
    });

    test("that has ended is expired", async () => {
        const pair = await signed(-0.5);
        application.addCertificate(pair.certificate);
        const session = new Session({ endpoints: vendors.endpoints, verify: undefined });
        const type = typeNamed("microsoft.EntraApplication");
        const { connection } = await verifyStandalone(type, args(pair) as never, session);
        expect(connection?.status).toBe("expired");
        expect(connection?.problems.map(({ message }) => message)).toEqual([
            expect.stringMatching(/expired on \d{4}-.*, as Microsoft Entra ID reported\./),
        ]);
    });
});

test("A government cloud has hosts of its own", async () => {
    const { tenants } = await verify({ ...args(), cloud: "usGov" });
    expect(tenants[0]?.outputs).toMatchObject({
        tokenUrl: `https://login.microsoftonline.us/${application.home.id}/oauth2/v2.0/token`,
        graphUrl: "https://graph.microsoft.us/v1.0",
        scope: "https://graph.microsoft.us/.default",
    });
});
