// One contract, two hosts: the same rows for TypeScript's classes and for the plugin, which YAML programs use, on the real engine.
import type { Subject } from "../support/status-table";
import { dayIn } from "../support/clock";
import { failed, Lab, succeeded, type Declared } from "../support/programs";
import { subjectsOf } from "../support/subjects";
import { thorough } from "../support/thorough";
import { YamlLab, yamlHost } from "../support/yaml";

const clean = "--expect-no-changes";
const hosts: readonly (readonly [string, () => Promise<Lab>])[] = [
    // Each row is also one of a test of its own there.
    ...thorough([], [["TypeScript's classes", () => Lab.start({ name: "contract" })] as const]),
    ...(yamlHost === undefined
        ? []
        : [
              ["the plugin", () => YamlLab.open()] as const,
              [
                  "the plugin, where the engine's command is hidden",
                  () => YamlLab.open({ CONNECTIONS_HIDE_COMMAND: "1" }),
              ] as const,
          ]),
];

describe.each(hosts)("The contract, by %s", (host, start) => {
    let lab: Lab;
    let mdm: Subject;
    let issues: Subject;
    let directory: Subject;
    const args = new Map<string, object>();
    const options = new Map<string, object>();
    const types = {
        mdm: "jamf.ApiClient",
        directory: "jumpcloud.ServiceAccount",
        issues: "atlassian.ServiceAccountOAuth",
        ox: "atlassian.JiraConnector",
    } as const;

    /** Declares all connections, with these changes from here on. */
    const declare = (changes: Partial<Record<keyof typeof types, object>> = {}): void => {
        Object.entries(changes).forEach(([name, change]) => args.set(name, { ...args.get(name), ...change }));
        const connections = Object.entries(types).map(([name, type]): [string, Declared] => {
            const opts = options.get(name);
            return [name, { type, args: hidden(args.get(name) ?? {}), ...(opts && { opts }) }];
        });
        lab.declare({ connections: Object.fromEntries(connections) });
    };
    const statuses = async (): Promise<unknown[]> => {
        const recorded = await lab.recorded();
        return ["mdm", "directory", "issues", "ox"].map((name) => recorded[name]?.outputs["status"]);
    };
    const settled = async (): Promise<void> => {
        succeeded(await lab.preview(clean));
    };
    const verified = ["verified", "verified", "verified", "verified"];

    beforeAll(async () => {
        lab = await start();
        const subjects = await subjectsOf(lab.vendors);
        lab.project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(lab.vendors.endpoints);
        mdm = subjects["jamf.ApiClient"]!({ moves: false });
        directory = subjects["jumpcloud.ServiceAccount"]!({ moves: false });
        issues = subjects["atlassian.ServiceAccountOAuth"]!({ moves: true });
        const { apiToken } = lab.vendors.credentials.jiraConnector;
        args.set("mdm", mdm.args).set("directory", directory.args).set("issues", issues.args);
        args.set("ox", { cloudId: lab.vendors.fixture.atlassian.acme.cloudId, apiToken });
        declare();
    });

    afterAll(async () => {
        await lab.dispose();
    });

    test("a vendor that cannot be reached leaves a first preview's outputs open, and what needs them", async () => {
        const known = args.get("ox") as { cloudId: string };
        declare({ ox: { cloudId: { output: "issues.cloudId" } } });
        const gateway = lab.vendors.listener("https://api.atlassian.com");
        await gateway.down();
        try {
            const output = succeeded(await lab.preview());
            expect(output).toMatch(/[Nn]ot verified: .*api\.atlassian\.com/);
            expect(lab.vendors.requests.count({ origin: "https://api.atlassian.com" })).toBe(0);
        } finally {
            await gateway.up();
            declare({ ox: known });
        }
    });

    test("refused ones are told in one preview, each under its resource, and none is recorded", async () => {
        declare({ mdm: mdm.wrong, directory: directory.wrong });
        const output = failed(await lab.preview());
        expect(output).toMatch(/mdm[^]*?clientSecret: Jamf refused the client id or secret/);
        expect(output).toMatch(/directory[^]*?clientSecret: JumpCloud refused the client id or secret/);
        declare({ mdm: mdm.args, directory: directory.args });
        expect(await lab.recorded()).toEqual({});
    });

    test("the first preview knows what is verified; up records it, and then nothing changes, in a refresh neither", async () => {
        expect(succeeded(await lab.preview())).toMatch(/connections: 4 verified/);
        succeeded(await lab.up());
        expect(await statuses()).toEqual(verified);
        await settled();
        succeeded(await lab.refresh("--preview-only", clean));
    });

    test("drift is shown by property in a plain preview; an up that fails keeps the record; a refresh records; all heal", async () => {
        mdm.lose();
        directory.revoke();
        issues.move!();
        const shown = [/"verified" => "insufficient"/, /"verified" => "rejected"/, /"verified" => "tenantChanged"/];
        // The first of these runs has another configuration than the record.
        await lab.project.setConfig("connections:verify", "always");
        for (const run of [1, 2]) {
            const output = succeeded(await lab.preview("--diff"));
            shown.forEach((line) => expect([run, output]).toEqual([run, expect.stringMatching(line)]));
            expect(output).toMatch(/pulumi up will fail unless/);
            expect(output).toMatch(/connections: 1 verified, (1 \w+ \(\w+\)(, )?){3}/);
        }
        failed(await lab.preview(clean));
        const up = failed(await lab.up());
        expect(up).not.toMatch(/exited prematurely|always a bug/);
        expect(up.match(/^ *connections: /gm)).toHaveLength(1);
        expect(await statuses()).toEqual(verified);
        succeeded(await lab.refresh());
        expect(await statuses()).toEqual(["insufficient", "rejected", "tenantChanged", "verified"]);
        failed(await lab.preview(clean));
        mdm.regain();
        directory.restore();
        issues.moveBack!();
        succeeded(await lab.up());
        expect(await statuses()).toEqual(verified);
        await settled();
    });

    test("a vendor that cannot be reached changes nothing on record, stops a change, and fails a strict run", async () => {
        await lab.vendors.down();
        const output = succeeded(await lab.preview(clean));
        expect(output).toMatch(/[Nn]ot verified: /);
        lab.project.env["CONNECTIONS_STRICT"] = "1";
        failed(await lab.preview());
        delete lab.project.env["CONNECTIONS_STRICT"];
        declare({ mdm: { timeoutSeconds: 31 } });
        succeeded(await lab.preview());
        failed(await lab.up());
        expect(await statuses()).toEqual(verified);
        await lab.vendors.up();
        declare({ mdm: { timeoutSeconds: undefined } });
        lab.project.env["CONNECTIONS_STRICT"] = "1";
        await settled();
        delete lab.project.env["CONNECTIONS_STRICT"];
    });

    test("rotation is an update; a standby secret takes over; a wrong one is refused, and another tenant is a replacement", async () => {
        const standby = directory.renewed()["clientSecret"];
        declare({
            mdm: mdm.renewed(),
            directory: {
                clientSecret: (directory.wrong as { clientSecret: string }).clientSecret,
                standbyClientSecret: standby,
            },
        });
        expect(failed(await lab.preview())).toMatch(/clientSecret: JumpCloud refused/);
        declare({ directory: { clientSecret: standby, standbyClientSecret: undefined } });
        expect(succeeded(await lab.preview())).toContain("~ 2 to update");
        succeeded(await lab.up());
        await settled();
        declare({ directory: directory.away });
        expect(succeeded(await lab.preview())).toMatch(/\+-.*directory.*replace/);
        succeeded(await lab.up());
        expect((await lab.recorded())["directory"]?.outputs["organizationId"]).toBe(
            (directory.away as { organizationId: string }).organizationId,
        );
        await settled();
    });

    test("ignoreChanges keeps a secret and a fact on record; without it both change", async () => {
        options
            .set("directory", { ignoreChanges: ["clientSecret"] })
            .set("mdm", { ignoreChanges: ["version", "tokenUrl"] });
        const right = args.get("directory") as object;
        declare({ directory: directory.wrong });
        lab.vendors.jamf.servers.forEach((one) => one.upgrade("11.31.0-t1786459500000"));
        await settled();
        options.clear();
        args.set("directory", right);
        declare();
        expect(succeeded(await lab.preview("--diff"))).toMatch(/~ version *: "11\.5\.0\S*" => "11\.31\.0/);
        succeeded(await lab.up());
        await settled();
    });

    test("never and changes contact no vendor for what is unchanged, and never records a change as unverified", async () => {
        mdm.revoke();
        for (const mode of ["never", "changes"]) {
            lab.project.env["CONNECTIONS_VERIFY"] = mode;
            await settled();
            expect([mode, lab.vendors.requests.length]).toEqual([mode, 0]);
        }
        lab.project.env["CONNECTIONS_VERIFY"] = "never";
        declare({ mdm: mdm.wrong });
        succeeded(await lab.up());
        expect(lab.vendors.requests.length).toBe(0);
        expect((await statuses())[0]).toBe("unverified");
        delete lab.project.env["CONNECTIONS_VERIFY"];
        failed(await lab.up());
        mdm.restore();
        declare({ mdm: mdm.renewed() });
        succeeded(await lab.up());
        expect(await statuses()).toEqual(verified);
    });

    test("an end that is near is a warning, and one that has passed is refused", async () => {
        declare({ mdm: { expiresAt: dayIn(5) } });
        expect(succeeded(await lab.preview())).toMatch(/expires on/);
        succeeded(await lab.up());
        expect((await statuses())[0]).toBe("expiring");
        await settled();
        declare({ mdm: { expiresAt: dayIn(-1) } });
        expect(failed(await lab.preview())).toMatch(/expired on/);
        expect((await statuses())[0]).toBe("expiring");
    });

    test("what a program makes secret is sealed in all that follows from it", async () => {
        const { url } = mdm.args as { url: string };
        declare({ mdm: { expiresAt: undefined, url: { secret: url } } });
        succeeded(await lab.up());
        const { inputs, outputs } = (await lab.recorded())["mdm"] ?? {};
        expect(JSON.stringify([inputs, outputs])).not.toContain(new URL(url).host);
        await settled();
    });

    test("no secret is in clear in what is recorded or printed, and destroy contacts no vendor", async () => {
        const texts = [JSON.stringify(await lab.project.exportState()), ...lab.printed];
        const given = [...args.values()].flatMap((one) =>
            Object.entries(one).flatMap(([name, value]) => (secretNames.has(name) ? [String(value)] : [])),
        );
        expect([...lab.vendors.secrets, ...given].filter((one) => texts.some((text) => text.includes(one)))).toEqual(
            [],
        );
        await lab.vendors.down();
        succeeded(await lab.destroy());
        expect([host, lab.vendors.requests.length]).toEqual([host, 0]);
    });
});

const secretNames: ReadonlySet<string> = new Set(["clientSecret", "standbyClientSecret", "apiToken"]);

/** Arguments whose credentials the program makes secret. */
const hidden = (args: object): object =>
    Object.fromEntries(
        Object.entries(args).map(([name, value]) => [
            name,
            secretNames.has(name) && typeof value === "string" ? { secret: value } : value,
        ]),
    );
