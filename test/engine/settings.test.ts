import { failed, Lab, succeeded, type Declarations } from "../support/programs";
import { thorough } from "../support/thorough";

/** What `core` holds as well: in a thorough run. */
const whole = thorough(test.skip, test);

/** What the last phase of a run says of endpoints, each time that it says it. */
const saidOf = (output: string): string[] =>
    [
        ...output
            .slice(output.lastIndexOf("Diagnostics:"))
            .matchAll(/warning: ((?:connections:endpoints|CONNECTIONS_ENDPOINTS) is set: .*)/g),
    ].map(([, said = ""]) => said);

const malformed =
    /the environment variable CONNECTIONS_ENDPOINTS is not a JSON object from one origin to another, such as \{.*\}\. Correct it, or remove it\./;

describe("connections:endpoints", () => {
    let lab: Lab;
    let endpoints: string;
    const nowhere = JSON.stringify({ "https://acme.jamfcloud.com": "http://127.0.0.1:1" });
    beforeAll(async () => {
        lab = await Lab.start({ name: "endpoints", env: { CONNECTIONS_ENDPOINTS: "" } });
        endpoints = JSON.stringify(lab.vendors.endpoints);
        lab.declare({ connections: { mdm: { type: "jamf.ApiClient", args: lab.vendors.credentials.jamf } } });
    });
    afterAll(async () => {
        await lab.dispose();
    });
    const environment = (value: string): void => void (lab.project.env["CONNECTIONS_ENDPOINTS"] = value);

    test("of the stack's configuration decide where calls go, and the run warns of it", async () => {
        await lab.project.setConfig("connections:endpoints", endpoints);
        const output = succeeded(await lab.upWithPreview());
        expect(lab.vendors.requests.count({ origin: "https://acme.jamfcloud.com" })).toBeGreaterThan(0);
        expect(output).toMatch(
            /warning: connections:endpoints is set: credentials go to other hosts than the vendors', https:\/\/\S+ at http:\/\/127\.0\.0\.1:\d+/,
        );
        expect((await lab.recorded())["mdm"]?.outputs).toMatchObject({
            url: "https://acme.jamfcloud.com",
            apiUrl: "https://acme.jamfcloud.com/api",
        });
    });

    // `core/settings` has what the warning says.
    whole("one origin that is led to this machine stands for all, and none that is led to itself counts", async () => {
        const output = succeeded(await lab.preview());
        const [said = "", ...more] = saidOf(output);
        expect(more).toEqual([]);
        const [[from, to] = ["", ""], ...others] = Object.entries(lab.vendors.endpoints);
        expect(said).toMatch(/^connections:endpoints is set: /);
        expect(said).toContain(`${from} at ${to} and ${others.length} more on this machine.`);
        environment(
            JSON.stringify({
                ...lab.vendors.endpoints,
                "https://console.jumpcloud.com": "https://console.jumpcloud.com",
                "https://api.atlassian.com": "https://api.atlassian.com/",
            }),
        );
        const [other = ""] = saidOf(succeeded(await lab.preview()));
        expect(other).toMatch(/^CONNECTIONS_ENDPOINTS is set: /);
        expect(other).toContain(` and ${others.length - 2} more on this machine.`);
        expect(other).not.toMatch(/console\.jumpcloud\.com|api\.atlassian\.com/);
        environment(JSON.stringify({ "https://console.jumpcloud.com": "https://console.jumpcloud.com" }));
        lab.declare({ connections: {} });
        expect(saidOf(succeeded(await lab.preview()))).toEqual([]);
        lab.declare({ connections: { mdm: { type: "jamf.ApiClient", args: lab.vendors.credentials.jamf } } });
        environment("");
    });

    test("of the stack's configuration hold for a refresh too, which says so, and so does one before destroy", async () => {
        const [[from, to] = ["", ""]] = Object.entries(lab.vendors.endpoints);
        for (const run of [
            ["refresh", "--preview-only", "--expect-no-changes"],
            ["destroy", "--refresh", "--preview-only"],
        ]) {
            const output = succeeded(await lab.run(...run));
            expect([run, saidOf(output)]).toEqual([run, [expect.stringContaining(`${from} at ${to}`)]]);
            expect(lab.vendors.requests.count({ origin: "https://acme.jamfcloud.com" })).toBeGreaterThan(0);
        }
    });

    test("of the environment win", async () => {
        await lab.project.setConfig("connections:endpoints", nowhere);
        environment(endpoints);
        succeeded(await lab.preview("--expect-no-changes"));
        expect(lab.vendors.requests.count({ origin: "https://acme.jamfcloud.com" })).toBeGreaterThan(0);
        environment("");
        expect(succeeded(await lab.preview())).toMatch(/warning: .*no connection to acme\.jamfcloud\.com/);
        expect(lab.vendors.requests.length).toBe(0);
    });

    // `core/settings` has the message, and the configuration has its number below.
    whole("of the environment that are malformed are one clear message", async () => {
        environment("[]");
        const output = failed(await lab.preview());
        environment("");
        expect(output).toMatch(malformed);
        expect(output.slice(output.indexOf("Diagnostics:")).match(/CONNECTIONS_ENDPOINTS/g)).toHaveLength(1);
        expect(lab.vendors.requests.length).toBe(0);
    });

    test("of the configuration that are malformed are one clear message, and do not stand in the way of destroy", async () => {
        await lab.project.setConfig("connections:endpoints", "{");
        const output = failed(await lab.preview());
        expect(output).toMatch(
            /the configuration connections:endpoints is not a JSON object from one origin to another/,
        );
        expect(output.slice(output.indexOf("Diagnostics:")).match(/is not a JSON object/g)).toHaveLength(1);
        succeeded(await lab.destroy());
    });
});

describe("connections:endpoints beyond this machine", () => {
    let lab: Lab;
    const beyond = JSON.stringify({
        "https://acme.jamfcloud.com": "https://gateway.example.com",
        "https://api.atlassian.com": "http://127.0.0.1:1",
    });
    const refusal =
        "the configuration connections:endpoints leads https://acme.jamfcloud.com to https://gateway.example.com, which is not on this machine";
    beforeAll(async () => {
        lab = await Lab.start({ name: "beyond", env: { CONNECTIONS_ENDPOINTS: "" } });
        lab.declare({
            connections: {
                mdm: { type: "jamf.ApiClient", args: { ...lab.vendors.credentials.jamf, timeoutSeconds: 1 } },
            },
        });
        await lab.project.setConfig("connections:endpoints", beyond);
    });
    afterAll(async () => {
        await lab.dispose();
    });

    test("of the stack's configuration count only where the environment agrees: else the run fails and says what to do", async () => {
        const output = failed(await lab.preview());
        expect(output).toContain(refusal);
        expect(output).toMatch(/CONNECTIONS_ALLOW_ENDPOINTS=1.*CONNECTIONS_ENDPOINTS/);
        expect(output).not.toContain("http://127.0.0.1:1 ");
    });

    test("with CONNECTIONS_ALLOW_ENDPOINTS=1 they count, and without it a refresh of what that run has recorded does not send anything there", async () => {
        Object.assign(lab.project.env, { CONNECTIONS_ALLOW_ENDPOINTS: "1", CONNECTIONS_VERIFY: "never" });
        const output = succeeded(await lab.up());
        expect(saidOf(output)).toEqual([
            expect.stringContaining(
                "https://acme.jamfcloud.com at https://gateway.example.com, https://api.atlassian.com at http://127.0.0.1:1.",
            ),
        ]);
        delete lab.project.env["CONNECTIONS_VERIFY"];
        expect(succeeded(await lab.preview())).toMatch(/acme\.jamfcloud\.com/);
        delete lab.project.env["CONNECTIONS_ALLOW_ENDPOINTS"];
        expect(failed(await lab.refresh("--preview-only"))).toContain(refusal);
    });

    test("a destroy says what is led elsewhere, and asks nobody", async () => {
        lab.project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(lab.vendors.endpoints);
        const output = succeeded(await lab.destroy());
        expect(saidOf(output)).toEqual([
            expect.stringMatching(
                /^CONNECTIONS_ENDPOINTS is set: .*, https:\S+ at http:\/\/127\.0\.0\.1:\d+ and \d+ more on this machine\.$/,
            ),
        ]);
        expect(lab.vendors.requests.length).toBe(0);
    });
});

describe("options of resources", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await Lab.start({ name: "options" });
    });
    afterAll(async () => {
        await lab.dispose();
    });
    const mdm = (changed: object = {}, opts: object = {}, transform?: Declarations["transform"]): Declarations => ({
        connections: { mdm: { type: "jamf.ApiClient", args: { ...lab.vendors.credentials.jamf, ...changed }, opts } },
        ...(transform && { transform }),
    });

    test("ignoreChanges of a fact keeps it as it was, and nothing else", async () => {
        const { server } = lab.vendors.fixture.jamf;
        const before = server.version;
        lab.declare(mdm({}, { ignoreChanges: ["version"] }));
        succeeded(await lab.up());
        server.upgrade("11.31.0");
        succeeded(await lab.up("--expect-no-changes"));
        expect((await lab.recorded())["mdm"]?.outputs["version"]).toBe(before);

        lab.declare(mdm());
        expect(succeeded(await lab.preview("--diff"))).toMatch(
            new RegExp(`~ version\\s*: "${before}" => "11\\.31\\.0-t\\d+"`),
        );
        succeeded(await lab.up());
        expect((await lab.recorded())["mdm"]?.outputs["version"]).toBe(server.version);
        server.upgrade("11.31.1");
        // The program runs, and what it has told the provider is shown as little as in a preview.
        const refreshed = succeeded(await lab.refresh("--preview-only", "--run-program", "--diff"));
        expect(refreshed).toMatch(/11\.31\.1/);
        expect(refreshed).not.toMatch(/programResult|verifiedAtMs/);
    });

    test("ignoreChanges of the account keeps the one that is shown, and another client is no other account afterwards", async () => {
        const { server } = lab.vendors.fixture.jamf;
        const ignoreChanges = ["account"];
        lab.declare(mdm({}, { ignoreChanges }));
        succeeded(await lab.up());
        const before = (await lab.recorded())["mdm"]?.outputs["account"];
        const { clientId, clientSecret } = server.addClient("Another", [
            server.addRole("Another", ["Read Computers", "Read User"]),
        ]);
        lab.declare(mdm({ clientId, clientSecret }, { ignoreChanges }));
        succeeded(await lab.up());
        expect((await lab.recorded())["mdm"]?.outputs).toMatchObject({ clientId, account: before, status: "verified" });
        succeeded(await lab.refresh("--expect-no-changes"));
        await lab.settled();
        lab.declare(mdm());
        succeeded(await lab.up());
    });

    test("ignoreChanges of the secret keeps the one on record, and verifies with it", async () => {
        lab.declare(mdm({ clientSecret: "planted-wrong-secret" }, { ignoreChanges: ["clientSecret"] }));
        succeeded(await lab.up("--expect-no-changes"));
        expect(lab.vendors.requests.count({ method: "POST", path: /token$/, status: 200 })).toBeGreaterThan(0);
        lab.vendors.fixture.jamf.client.revokeClientSecret();
        expect(succeeded(await lab.preview("--diff"))).toMatch(/~ status\s*: "verified" => "rejected"/);
        lab.vendors.fixture.jamf.client.restoreClientSecret();
    });

    test("ignoreChanges of an output and of everything gives no update, from the first up on and where it is new", async () => {
        for (const ignoreChanges of [["*"], ...thorough([], [["status"], ["checks", "version"]])]) {
            lab.declare(mdm({}, { ignoreChanges }));
            succeeded(await lab.up("--expect-no-changes"));
        }
        const all = {
            connections: {
                ...mdm().connections,
                deaf: {
                    type: "jumpcloud.ServiceAccount",
                    args: lab.vendors.credentials.jumpcloud,
                    opts: { ignoreChanges: ["*"] },
                },
            },
        };
        lab.declare(all);
        succeeded(await lab.up());
        lab.vendors.fixture.jumpcloud.organization.rename("Acme, renamed");
        succeeded(await lab.upWithPreview("--expect-no-changes"));
        succeeded(await lab.refresh("--preview-only", "--expect-no-changes"));
        await lab.settled();
    });

    test("additionalSecretOutputs seals what is recorded, inputs and sentences too", async () => {
        const opts = { additionalSecretOutputs: ["version", "account"] };
        lab.declare(mdm({}, opts));
        expect(succeeded(await lab.up())).toMatch(/sealing: the program makes version, account secret/);
        const { server } = lab.vendors.fixture.jamf;
        const open = async (): Promise<string> => {
            const { inputs, outputs } = await lab.project.resource("mdm");
            return JSON.stringify([inputs, outputs]);
        };
        expect(await open()).not.toContain(server.version);
        await lab.settled();
        succeeded(await lab.refresh());
        expect(await open()).not.toContain(server.version);
        lab.declare(mdm());
        succeeded(await lab.up());
        expect(await open()).toContain(server.version);
    });

    test("replaceOnChanges replaces, for an argument, an output and anything", async () => {
        const { server } = lab.vendors.fixture.jamf;
        lab.declare(mdm({ timeoutSeconds: 29 }, { replaceOnChanges: ["timeoutSeconds"] }));
        expect(succeeded(await lab.up())).toMatch(/ApiClient mdm replaced/);
        lab.declare(mdm({ timeoutSeconds: 29, warnBeforeDays: 6 }, { replaceOnChanges: ["timeoutSeconds"] }));
        expect(succeeded(await lab.preview())).not.toMatch(/replace/);
        lab.declare(mdm({ timeoutSeconds: 29, warnBeforeDays: 6 }, { replaceOnChanges: ["*"] }));
        expect(succeeded(await lab.up())).toMatch(/ApiClient mdm replaced/);
        server.upgrade("11.32.0");
        lab.declare(mdm({ timeoutSeconds: 29, warnBeforeDays: 6 }, { replaceOnChanges: ["version"] }));
        expect(succeeded(await lab.up())).toMatch(/ApiClient mdm replaced/);
        await lab.settled();
        lab.declare(mdm());
        succeeded(await lab.up());
    });

    test("a connection that is renamed, with an alias, is the same", async () => {
        const before = (await lab.recorded())["mdm"]?.outputs["verifiedAt"];
        const args = lab.vendors.credentials.jamf;
        lab.declare({
            connections: { devices: { type: "jamf.ApiClient", args, opts: { aliases: [{ name: "mdm" }] } } },
        });
        const output = succeeded(await lab.up());
        expect(output).not.toMatch(/ApiClient (devices|mdm) (create|replace|delete)/);
        expect((await lab.recorded())["devices"]?.outputs["verifiedAt"]).toBe(before);
        lab.declare(mdm({}, { aliases: [{ name: "devices" }] }));
        succeeded(await lab.up());
    });

    test("an argument that a transformation changes is verified as changed", async () => {
        lab.declare(mdm({}, {}, { mdm: { clientSecret: "planted-wrong-secret" } }));
        const output = failed(await lab.preview());
        expect(output).toMatch(/clientSecret: Jamf refused the client id or secret/);
        expect(output).not.toContain("planted");

        lab.declare(
            mdm(
                { clientSecret: "planted-wrong-secret" },
                {},
                { mdm: { clientSecret: lab.vendors.credentials.jamf.clientSecret } },
            ),
        );
        succeeded(await lab.preview("--expect-no-changes"));

        lab.declare(mdm({}, {}, { mdm: { requiredPrivileges: ["Delete Computers"] } }));
        expect(failed(await lab.preview())).toMatch(/requiredPrivileges: the API client lacks "Delete Computers"/);
    });
});
