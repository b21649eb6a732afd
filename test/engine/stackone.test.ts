import { HubLab } from "../support/hub-lab";
import { LeakScanner } from "../support/leaks";
import { failed, succeeded } from "../support/programs";
import { thorough } from "../support/thorough";

/** What `core` holds as well: in a thorough run. */
const whole = thorough(test.skip, test);
const wholeSuite = thorough(describe.skip, describe);

const clean = "--expect-no-changes";

describe("A Jamf Pro connection in StackOne, on the engine", () => {
    let lab: HubLab;
    const planted: string[] = [];
    let apiKey: string;

    const stackOne = () => lab.hubs.stackone.administration;
    const client = () => lab.vendors.fixture.jamf.client;
    const typed = () => ({
        instance_url: lab.vendors.credentials.jamf.url,
        api_client_id: client().clientId,
        api_client_secret: client().clientSecret,
    });
    const only = () => stackOne().accounts[0]!;
    const writes = () =>
        stackOne()
            .requests()
            .filter(({ method }) => method !== "GET")
            .map(({ method, path }) => `${method} /${path.split("/")[1]}`);
    const rotate = async (): Promise<void> => {
        planted.push(client().generateClientSecret());
        await lab.project.setSecret("clientSecret", client().clientSecret);
    };
    const declare = (more: object = {}, opts: object = {}): void => {
        const { url, clientId } = lab.vendors.credentials.jamf;
        lab.declare({
            mdm: { type: "jamf.ApiClient", args: { url, clientId, clientSecret: { config: "clientSecret" } } },
            hub: {
                type: "stackone.Account",
                args: {
                    apiKey: { config: "stackoneApiKey" },
                    originOwnerId: "acme",
                    connection: { made: "mdm" },
                    ...more,
                },
                opts,
            },
        });
    };

    beforeAll(async () => {
        lab = await HubLab.start({ name: "stackone" });
        apiKey = stackOne().addKey().value;
        await lab.project.setSecret("stackoneApiKey", apiKey);
        stackOne().showsSecrets = true;
        await rotate();
        declare();
    });

    afterAll(async () => {
        await lab.dispose();
    });

    test("waits for a person, with a link that is a secret output; a preview writes nothing", async () => {
        expect(succeeded(await lab.preview())).toMatch(/stackone:Account hub create/);
        expect(writes()).toEqual([]);
        const made = succeeded(await lab.up());
        expect(made).toMatch(/No account of jamf is linked for this originOwnerId yet/);
        expect(made).toMatch(
            /connections: 1 verified, 1 awaits a person \(open hub\.connectLink, then run pulumi up\)/,
        );
        expect(writes()).toEqual(["POST /connect_sessions"]);
        planted.push(stackOne().sessions[0]!.token);
        const { outputs } = await lab.resource("hub");
        expect(outputs).toMatchObject({ status: "awaitingPerson", connectLink: { ciphertext: expect.any(String) } });
        const waiting = succeeded(await lab.preview("--diff"));
        expect(waiting).toMatch(/~ status\s*: "active" => "awaitingPerson"/);
        expect(waiting).not.toMatch(/true\s*=>\s*false/);
        lab.project.env["CONNECTIONS_STRICT"] = "1";
        expect(failed(await lab.refresh("--preview-only", clean))).toMatch(
            /A person is awaited, for which a strict run/,
        );
        delete lab.project.env["CONNECTIONS_STRICT"];
    });

    test("the next run finds what the person has linked, and gives it the verified credential", async () => {
        const { id } = await stackOne().complete(stackOne().sessions[0]!, typed());
        succeeded(await lab.up());
        expect(writes()).toEqual(["PATCH /accounts"]);
        expect((await lab.resource("hub")).outputs).toMatchObject({
            status: "active",
            statusReasons: [],
            linkedAccountId: id,
        });
        succeeded(await lab.preview(clean));
    });

    test("a rotated secret is proved at Jamf, then sent", async () => {
        await rotate();
        succeeded(await lab.up());
        expect(writes()).toEqual(["PATCH /accounts"]);
        expect(only()).toMatchObject({ status: "active", values: typed() });
    });

    test("status and its reasons are drift, in a plain preview and a refresh, and are put right", async () => {
        stackOne().setStatus(only().id, "error", [
            { code: "invalid_credentials", description: "The provider answered 401" },
        ]);
        const seen = succeeded(await lab.preview("--diff"));
        expect(seen).toMatch(/~ status\s*: "active" => "error"/);
        expect(seen).toMatch(/The provider answered 401/);
        expect(writes()).toEqual([]);
        expect((await lab.refresh("--preview-only", clean)).code).not.toBe(0);
        succeeded(await lab.up());
        expect(only()).toMatchObject({ status: "active", statusReasons: [] });
        await lab.settled();
    });

    // `core/hub-faults` has every fault of every call, and `engine/nango` a hub that is down.
    whole(
        "a StackOne that cannot be reached is a warning in a preview, and fails an update, which keeps the state",
        async () => {
            stackOne().failNext({ times: 1000 });
            await rotate();
            expect(succeeded(await lab.preview())).toMatch(
                /The hub was not contacted: api\.stackone\.com answered with a server error/,
            );
            expect(failed(await lab.up())).toMatch(/The stack keeps what is on record/);
            lab.hubs.clearFaults();
            succeeded(await lab.up());
            expect(only()).toMatchObject({ status: "active", values: typed() });
        },
    );

    // `engine/nango` has it of a hub that has a place for a mark.
    whole("replaceOnChanges replaces what it names: the old account goes, and a person links the new one", async () => {
        const { id } = only();
        declare({ label: "Fleet" }, { replaceOnChanges: ["label"] });
        expect(succeeded(await lab.up())).toMatch(/hub replaced/);
        expect(stackOne().accounts).toEqual([]);
        await stackOne().complete(stackOne().sessions.at(-1)!, typed());
        succeeded(await lab.up());
        expect(only().id).not.toBe(id);
        expect(only()).toMatchObject({ label: expect.stringMatching(/^Fleet /) as string, values: typed() });
        await lab.settled();
        planted.push(...stackOne().sessions.map(({ token }) => token));
        declare();
    });

    test("an account is deleted with the resource; one of somebody else's is refused, and adopted by its identifier", async () => {
        succeeded(await lab.destroy());
        expect(stackOne().accounts).toEqual([]);
        const { id } = await stackOne().link("jamf", "acme", typed());
        expect(failed(await lab.preview())).toMatch(/adopt: StackOne already has an account for this originOwnerId/);
        declare({ accountId: id });
        succeeded(await lab.up());
        expect(only()).toMatchObject({ id, label: expect.stringMatching(/\[pulumi stackone\/test\/hub /) });
        succeeded(await lab.destroy());
        expect(stackOne().accounts).toEqual([]);
    });

    // `core/stackone` has the form of JumpCloud, its two secrets and its region.
    wholeSuite("of a JumpCloud service account", () => {
        const account = () => lab.vendors.fixture.jumpcloud.account;
        const newest = () => account().clientSecrets.at(-1)!;
        const form = (clientSecret = newest()) => ({
            service_account_client_id: lab.vendors.credentials.jumpcloud.clientId,
            service_account_client_secret: clientSecret,
            api_region: "us",
        });
        const declareDirectory = (more: object = {}): void =>
            lab.declare({
                directory: {
                    type: "jumpcloud.ServiceAccount",
                    args: {
                        clientId: lab.vendors.credentials.jumpcloud.clientId,
                        clientSecret: { config: "jumpcloudSecret" },
                        ...more,
                    },
                },
                hub: {
                    type: "stackone.Account",
                    args: {
                        apiKey: { config: "stackoneApiKey" },
                        originOwnerId: "acme",
                        connection: { made: "directory" },
                    },
                },
            });

        test("is linked by a person with a link for JumpCloud's form, and given its region by StackOne's own value", async () => {
            account()
                .clientSecrets.slice(1)
                .forEach((secret) => account().revokeClientSecret(secret));
            await lab.project.setSecret("jumpcloudSecret", newest());
            declareDirectory();
            expect(succeeded(await lab.up())).toMatch(/No account of jumpcloud is linked for this originOwnerId yet/);
            expect(writes()).toEqual(["POST /connect_sessions"]);
            const session = stackOne().sessions.at(-1)!;
            planted.push(session.token);
            expect(session.provider).toBe("jumpcloud");
            const { id } = await stackOne().complete(session, form());
            succeeded(await lab.up());
            expect(writes()).toEqual(["PATCH /accounts"]);
            expect(only()).toMatchObject({ id, provider: "jumpcloud", status: "active", values: form() });
            expect((await lab.resource("hub")).outputs).toMatchObject({ status: "active", linkedAccountId: id });
        });

        test("of two secrets StackOne is given the one that JumpCloud accepts, in the run that sees the other one gone", async () => {
            const [first] = account().clientSecrets;
            planted.push(account().addClientSecret());
            await lab.project.setSecret("standby", newest());
            declareDirectory({ standbyClientSecret: { config: "standby" } });
            succeeded(await lab.up());
            expect(only().values).toEqual(form(first));
            account().revokeClientSecret(first);
            expect(succeeded(await lab.up())).toMatch(/stackone:Account hub updated/);
            expect(only()).toMatchObject({ status: "active", values: form() });
            // And the rotation is over: the new secret takes the old one's place.
            await lab.project.setSecret("jumpcloudSecret", newest());
            declareDirectory();
            succeeded(await lab.up());
            expect(only()).toMatchObject({ status: "active", values: form() });
            await lab.settled();
        });

        test("another region, a status with its reasons, and an account that is gone are drift, and are put right", async () => {
            stackOne().change(only().id, { values: { ...form(), api_region: "eu" } });
            stackOne().setStatus(only().id, "expired", [{ code: "expired", description: "The link has expired" }]);
            const both = succeeded(await lab.preview("--diff"));
            expect(both).toMatch(/~ region\s*: "us" => "eu"/);
            expect(both).toMatch(/~ status\s*: "active" => "expired"/);
            succeeded(await lab.up());
            expect(only()).toMatchObject({ status: "active", statusReasons: [], values: form() });
            stackOne().deleteAccount(only().id);
            expect(succeeded(await lab.preview("--diff"))).toMatch(/~ status\s*: "expired" => "awaitingPerson"/);
            succeeded(await lab.up());
            const session = stackOne().sessions.at(-1)!;
            planted.push(session.token);
            await stackOne().complete(session, form());
            succeeded(await lab.up());
            await lab.settled();
        });

        test("a secret that JumpCloud refuses is not given to StackOne, and the account is deleted with the resource", async () => {
            const secret = newest();
            account().revokeClientSecret(secret);
            expect(failed(await lab.up())).toMatch(/clientSecret: JumpCloud refused/);
            expect(writes()).toEqual([]);
            succeeded(await lab.destroy());
            expect(stackOne().accounts).toEqual([]);
            planted.push(secret);
        });
    });

    test("no key, secret or link stands in the state, in what was printed, or in a file", async () => {
        const scanner = new LeakScanner([apiKey, ...planted]);
        expect(await scanner.inProject(lab.project, lab.printed)).toEqual([]);
    });
});
