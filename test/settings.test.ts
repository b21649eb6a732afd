import { failed, Lab, succeeded, type Declarations } from "./support/programs";

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
        const output = succeeded(await lab.up());
        expect(lab.vendors.requests.count({ origin: "https://acme.jamfcloud.com" })).toBeGreaterThan(0);
        expect(output).toMatch(/warning: connections:endpoints is set: credentials go to other hosts than the vendors', https:\/\/\S+ at http:\/\/127\.0\.0\.1:\d+/);
        expect((await lab.recorded())["mdm"]?.outputs).toMatchObject({ url: "https://acme.jamfcloud.com", apiUrl: "https://acme.jamfcloud.com/api" });
    });

    test("of the stack's configuration hold for a refresh too", async () => {
        succeeded(await lab.refresh("--expect-no-changes"));
        expect(lab.vendors.requests.count({ origin: "https://acme.jamfcloud.com" })).toBeGreaterThan(0);
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

    test.each(["{", "[]", '{"https://acme.jamfcloud.com": "somewhere"}', '{"acme": "http://127.0.0.1:1"}', "http://127.0.0.1:1"])(
        "of the environment as %s are one clear message",
        async (value) => {
            environment(value);
            const output = failed(await lab.preview());
            environment("");
            const wanted = /the environment variable CONNECTIONS_ENDPOINTS is not a JSON object from one origin to another, such as \{.*\}\. Correct it, or take it out\./g;
            expect(output).toMatch(wanted);
            expect(output.slice(output.indexOf("Diagnostics:")).match(/CONNECTIONS_ENDPOINTS/g)).toHaveLength(1);
            expect(lab.vendors.requests.length).toBe(0);
        },
    );

    test("of the configuration that are malformed are one clear message, and do not stand in the way of destroy", async () => {
        await lab.project.setConfig("connections:endpoints", "{");
        const output = failed(await lab.preview());
        expect(output).toMatch(/the configuration connections:endpoints is not a JSON object from one origin to another/);
        expect(output.slice(output.indexOf("Diagnostics:")).match(/is not a JSON object/g)).toHaveLength(1);
        succeeded(await lab.destroy());
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
        succeeded(await lab.preview("--expect-no-changes"));
        succeeded(await lab.up("--expect-no-changes"));
        expect((await lab.recorded())["mdm"]?.outputs["version"]).toBe(before);

        lab.declare(mdm());
        expect(succeeded(await lab.preview("--diff"))).toMatch(new RegExp(`~ version\\s*: "${before}" => "11\\.31\\.0-t\\d+"`));
        succeeded(await lab.up());
        expect((await lab.recorded())["mdm"]?.outputs["version"]).toBe(server.version);
    });

    test("ignoreChanges of the account keeps the one that is shown, and another client is no other account afterwards", async () => {
        const { server } = lab.vendors.fixture.jamf;
        const ignoreChanges = ["account"];
        lab.declare(mdm({}, { ignoreChanges }));
        succeeded(await lab.up());
        const before = (await lab.recorded())["mdm"]?.outputs["account"];
        const { clientId, clientSecret } = server.addClient("Another", [server.addRole("Another", ["Read Computers", "Read User"])]);
        lab.declare(mdm({ clientId, clientSecret }, { ignoreChanges }));
        succeeded(await lab.up());
        expect((await lab.recorded())["mdm"]?.outputs).toMatchObject({ clientId, account: before, status: "verified" });
        succeeded(await lab.preview("--expect-no-changes"));
        succeeded(await lab.refresh("--expect-no-changes"));
        lab.declare(mdm());
        succeeded(await lab.up());
    });

    test("ignoreChanges of the secret keeps the one on record, and verifies with it", async () => {
        lab.declare(mdm({ clientSecret: "planted-wrong-secret" }, { ignoreChanges: ["clientSecret"] }));
        succeeded(await lab.preview("--expect-no-changes"));
        succeeded(await lab.up("--expect-no-changes"));
        expect(lab.vendors.requests.count({ method: "POST", path: /token$/, status: 200 })).toBeGreaterThan(0);
        lab.vendors.fixture.jamf.client.revokeClientSecret();
        expect(succeeded(await lab.preview("--diff"))).toMatch(/~ status\s*: "verified" => "rejected"/);
        lab.vendors.fixture.jamf.client.restoreClientSecret();
    });

    test("a connection that is renamed, with an alias, is the same", async () => {
        const before = (await lab.recorded())["mdm"]?.outputs["verifiedAt"];
        const args = lab.vendors.credentials.jamf;
        lab.declare({ connections: { devices: { type: "jamf.ApiClient", args, opts: { aliases: [{ name: "mdm" }] } } } });
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

        lab.declare(mdm({ clientSecret: "planted-wrong-secret" }, {}, { mdm: { clientSecret: lab.vendors.credentials.jamf.clientSecret } }));
        succeeded(await lab.preview("--expect-no-changes"));

        lab.declare(mdm({}, {}, { mdm: { requiredPrivileges: ["Delete Computers"] } }));
        expect(failed(await lab.preview())).toMatch(/requiredPrivileges: the API client lacks "Delete Computers"/);
    });
});
