// The command line without a command and without the engine: what it makes of states, files and arguments.
import { execFile, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { Values } from "../../provider/define";
import { statuses } from "../../provider/core/statuses";
import { typeNamed } from "../../provider/hosts/cli/connection-types";
import { readConnections } from "../../provider/hosts/cli/connections-file";
import { ExitCode, exitCodeOf, problemsError, type CommandError } from "../../provider/hosts/cli/exit-code";
import { argumentsFromTexts } from "../../provider/hosts/cli/given-arguments";
import { requireAllowedHosts } from "../../provider/hosts/cli/given-hosts";
import { recordNamed, show } from "../../provider/hosts/cli/hub-fields";
import { absoluteRefusal, moduleRefusal } from "../../provider/hosts/cli/own-types";
import { requireReplaceable, writeOwn } from "../../provider/hosts/cli/own-file";
import { pageFile, pageOf } from "../../provider/hosts/cli/page";
import {
    basisOf,
    byUrgency,
    connectionsIn,
    recordedConnection,
    recordedSetting,
    utcTime,
    type ShownConnection,
} from "../../provider/hosts/cli/stack-records";
import { csvFile, csvOf } from "../../provider/hosts/cli/status-csv";
import { earlierReport, messageOf } from "../../provider/hosts/cli/status-message";
import { statusTable } from "../../provider/hosts/cli/status-table";
import { jsonText, type Terminal } from "../../provider/hosts/cli/terminal";
import { postTo, webhookNamed } from "../../provider/hosts/cli/webhook";
import { shared } from "../support/environment";
import { formattedIn, shownBy, Webhook } from "../support/webhook";
import { startVendors, type Vendors } from "../simulators/vendors";

let folder: string;
beforeEach(() => (folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "connections-cli-")))));
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Writes a file into the folder of the test. */
function write(name: string, text: string): string {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
}

const escape = String.fromCharCode(27);
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const terminal = (columns?: number, told: string[] = [], lines: string[] = told): Terminal => ({
    print: (text) => void lines.push(text),
    printError: (text) => void told.push(text),
    rewrite: () => undefined,
    canRewrite: false,
    columns,
    paint: (_, text) => text,
});

const token = "pulumi-nodejs:dynamic/connections/jamf:ApiClient";
const urnOf = (name: string, type = token): string => `urn:pulumi:dev::acme::${type}::${name}`;
const connection = (name: string, outputs: unknown = {}): Record<string, unknown> => ({
    urn: urnOf(name),
    type: token,
    outputs,
});
const recorded = {
    url: "https://acme.jamfcloud.com",
    clientId: "6841a8be-5733-4eba-a565-0fd059a797eb",
    status: "verified",
    account: { id: "1", name: "StackOne" },
    verifiedAt: "2026-11-24T12:21:00Z",
    __record: {},
};
/** A value with so many levels, as a list or as an object. */
const nested = (levels: number, wrap: (inner: unknown) => unknown): unknown => {
    let value: unknown = 1;
    for (let at = 0; at < levels; at++) {
        value = wrap(value);
    }
    return value;
};
const lists = (inner: unknown): unknown => [inner];
const objects = (inner: unknown): unknown => ({ inner });
const sealed = (plaintext: unknown): object => ({ [signature]: secretSignature, plaintext });

const shownOf = (exported: unknown): readonly ShownConnection[] =>
    connectionsIn(exported).map((record) => recordedConnection("dev", record));
const withGood = (...resources: unknown[]): unknown => ({
    deployment: { resources: [...resources, connection("good", recorded)] },
});

/** The cells of a table of comma-separated values, as RFC 4180 has them. */
const csvRows = (text: string): string[][] =>
    text
        .split("\r\n")
        .slice(0, -1)
        .map((line) =>
            [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain = ""]) =>
                quoted === undefined ? plain : quoted.replaceAll('""', '"'),
            ),
        );

/** Everything that a command prints of connections. */
function printed(connections: readonly ShownConnection[]): string {
    return [
        ...[undefined, 60, 160].map((columns) => statusTable(connections, ["dev"], terminal(columns))),
        pageOf({ connections, problems: [] }, new Date("2026-11-24T12:00:00Z")),
        jsonText(connections),
    ].join("\n");
}

describe("A stack's state", () => {
    test.each<[string, unknown, RegExp]>([
        ["no bookkeeping", { ...recorded, __record: null }, /\(its __record is not an object\)/],
        ["a text as bookkeeping", { ...recorded, __record: "x" }, /\(its __record is not an object\)/],
        ["a number as its module", { ...recorded, __record: { declaredIn: 7 } }, /declaredIn is not a text/],
        ["a secret that is not JSON", { ...recorded, clientSecret: sealed("no JSON") }, /a secret in it is not JSON/],
        ["a secret in bookkeeping that is not JSON", { ...recorded, __record: sealed("{") }, /not JSON/],
        ["a list of 3,000 levels", { ...recorded, memo: nested(3_000, lists) }, /more than 100 levels/],
        ["an object of 3,000 levels", { ...recorded, checks: nested(3_000, objects) }, /more than 100 levels/],
        [
            "a secret of 3,000 levels",
            { ...recorded, memo: sealed(`${"[".repeat(3_000)}${"]".repeat(3_000)}`) },
            /more than 100 levels/,
        ],
    ])("with %s in one connection is one bad row", (_, outputs, reason) => {
        const [bad, good] = shownOf(withGood(connection("bad", outputs)));
        expect(bad).toMatchObject({ name: "bad", status: "unverified", problems: [{ kind: "internal" }] });
        expect(bad?.next).toMatch(reason);
        expect(bad?.next).toMatch(/Restore the stack's state, or replace the resource/);
        expect(good).toMatchObject({ name: "good", status: "verified" });
        expect(printed([bad, good] as ShownConnection[])).toContain("good");
    });

    test.each<[string, unknown]>([
        ["null", null],
        ["a text", "resource"],
        ["no type", { urn: urnOf("x") }],
        ["a number as its type", { urn: urnOf("x"), type: 7 }],
        ["outputs that are null", connection("x", null)],
        ["outputs that are a text", connection("x", "__record")],
        [
            "3,000 levels, of a type of others",
            { urn: urnOf("x", "aws:s3:Bucket"), type: "aws:s3:Bucket", outputs: { deep: nested(3_000, objects) } },
        ],
        [
            "a secret of others that is not JSON",
            { urn: urnOf("x", "aws:s3:Bucket"), type: "aws:s3:Bucket", outputs: { key: sealed("no JSON") } },
        ],
        ...["dependencies", "propertyDependencies", "outputs"].flatMap((name) =>
            [null, "x", 7, [null], { connection: null }, { connection: "x" }].map((value): [string, unknown] => [
                `${name} of a hub's resource that are ${JSON.stringify(value)}`,
                {
                    urn: urnOf("hub", "pulumi-nodejs:dynamic/connections/ox:Connector"),
                    type: "pulumi-nodejs:dynamic/connections/ox:Connector",
                    [name]: value,
                },
            ]),
        ),
    ])("with a resource that is %s shows its connections", (_, resource) => {
        expect(shownOf(withGood(resource))).toMatchObject([{ name: "good", status: "verified", hubs: [] }]);
    });

    test("with an account at StackOne that awaits its person says what that person has to do", () => {
        const type = "pulumi-nodejs:dynamic/connections/stackone:Account";
        const hub = { urn: urnOf("hub", type), type, dependencies: [urnOf("good")] };
        const [awaiting] = shownOf(withGood({ ...hub, outputs: { status: "awaitingPerson" } }));
        expect(awaiting?.next).toMatch(
            /^stackone\.Account hub awaits a person: open the link in its output connectLink, a secret, and fill in the form\. Run pulumi up afterwards/,
        );
        const text = printed([awaiting as ShownConnection]);
        expect(text.match(/output connectLink/g)?.length).toBeGreaterThan(3);
        expect(shownOf(withGood({ ...hub, outputs: { status: "active" } }))).toMatchObject([{ next: "" }]);
    });

    test.each([
        null,
        "x",
        [],
        {},
        { deployment: null },
        { deployment: { resources: null } },
        { deployment: { resources: {} } },
    ])("that is %j has no connections", (exported) => {
        expect(connectionsIn(exported)).toEqual([]);
        expect(recordedSetting(exported, "endpoints")).toBeUndefined();
    });

    test.each<[string, unknown]>([
        ["status", "fine"],
        ["status", { odd: 1 }],
        ["status", "constructor"],
        ["account", { id: 5, name: nested(90, lists) }],
        ["account", [1]],
        ["tenant", 7],
        ["url", 7],
        ["url", nested(90, objects)],
        ["expiresAt", "soon"],
        ["expiresAt", `${escape}[2J`],
        ["verifiedAt", `${escape}[2J`],
        ["verifiedAt", "soon"],
        ["checks", { credential: { result: "passed", message: "ok", more: nested(90, lists) } }],
        ["checks", { credential: null }],
        ["warnings", [null, 7, `${escape}[2J`]],
        ["grantedScopes", { a: 1 }],
    ])("with %s %j is shown in every form, without what a terminal would obey", (name, value) => {
        const text = printed(shownOf(withGood(connection("odd", { ...recorded, [name]: value }))));
        expect(text).toContain("odd");
        expect(text).not.toContain(escape);
    });

    test("tells a setting that cannot be read from one that is not there", () => {
        const provider = (inputs: unknown): unknown => ({
            deployment: {
                resources: [{ urn: "urn:pulumi:dev::acme::p::p", type: "pulumi:providers:pulumi-nodejs", inputs }],
            },
        });
        const setting = (inputs: unknown): unknown => recordedSetting(provider(inputs), "endpoints");
        expect(setting({ "connections:endpoints": "{}" })).toBe("{}");
        expect(setting({ "connections:endpoints": sealed('"{}"') })).toBe("{}");
        expect(setting({ "connections:endpoints": sealed("no JSON") })).toBeNull();
        expect(setting({ "connections:endpoints": nested(3_000, lists) })).toBeNull();
        expect(setting({ other: nested(3_000, lists) })).toBeUndefined();
        expect(setting(null)).toBeUndefined();
    });
});

describe("The table", () => {
    const [one] = shownOf(withGood()) as [ShownConnection];

    test.each(["x", "word ", "日本"])("is drawn in a time that grows no faster than a message: %j", (part) => {
        const message = part.repeat(60_000 / part.length);
        for (const columns of [undefined, 60, 140, 200]) {
            const startedAt = performance.now();
            const text = statusTable([{ ...one, next: message }], ["dev"], terminal(columns));
            expect(performance.now() - startedAt).toBeLessThan(10_000);
            expect(text.replace(/[\s→]/g, "")).toContain(message.replaceAll(" ", ""));
        }
    });

    test("says in its heading what the states rest on, and beside each what was not checked", () => {
        const both = [
            { ...one, live: true },
            { ...one, name: "other" },
        ];
        expect(statusTable([one], ["dev"], terminal())).toMatch(/^On record, and by today's calendar\. No vendor was/);
        expect(basisOf([{ live: true }])).toBe("Checked now.");
        for (const columns of [undefined, 60, 160]) {
            const text = statusTable(both, ["dev"], terminal(columns));
            expect(text).toMatch(/^1 of 2 checked now, the others on record\./);
            expect(text.split(/\bon record\b/)).toHaveLength(3);
        }
    });

    test("groups on a terminal by what needs attention first, and has a line for each connection in a pipe", () => {
        const awaiting = { ...one, name: "awaiting", next: "stackone.Account hub awaits a person." };
        const rejected = { ...one, name: "refused", status: "rejected", next: "mend it" } as const;
        const all = [one, awaiting, rejected].sort(byUrgency);
        expect(all.map(({ name }) => name)).toEqual(["refused", "awaiting", "good"]);
        for (const columns of [60, 160]) {
            const text = statusTable(all, ["dev"], terminal(columns));
            expect(text).toMatch(
                /^Needs attention \(2\)\n[^]*refused[^]*awaiting[^]*\n\nNeeds no attention \(1\)\n.*good/m,
            );
            expect(statusTable([one], ["dev"], terminal(columns))).not.toContain("Needs attention");
        }
        expect(statusTable(all, ["dev"], terminal())).not.toContain("attention");
    });

    test("gives times with their zone", () => {
        expect(utcTime("2026-11-24T12:21:33Z")).toBe("2026-11-24 12:21 UTC");
        expect(utcTime("2026-11-24T12:21:33+02:00")).toBe("2026-11-24 10:21 UTC");
        const text = printed([one]);
        expect(text.match(/12:21(?! UTC|:)/g)).toBeNull();
        expect(text.match(/12:21 UTC/g)?.length).toBeGreaterThan(3);
    });
});

test("The fields of a hub's form are printed without what a terminal would obey, which is said", () => {
    const value = `https://acme.jamfcloud.com${escape}[2J${escape}]0;title\u0007\nAPI Token: planted`;
    const [told, lines, whole]: string[][] = [[], [], []];
    show({ "Instance URL": value, Plain: "as it is" }, false, terminal(undefined, told, lines));
    expect(lines?.join("\n").split("\n")).toEqual([
        "Instance URL: https://acme.jamfcloud.com [2J ]0;title API Token: planted",
        "Plain:        as it is",
    ]);
    expect(told?.[1]).toMatch(/^warning: Instance URL: control characters .* --json prints the whole value\.$/);
    show({ "Instance URL": value }, true, terminal(undefined, [], whole));
    expect(whole?.join("")).not.toContain(escape);
    expect(JSON.parse(whole?.join("") ?? "")).toEqual({ "Instance URL": value });
});

describe("The exit code", () => {
    const { ok, unhealthy, unknown } = ExitCode;
    const counted = (status: string, live = false, drift: string[] = []): never => ({ status, live, drift }) as never;

    test.each<[number, string, unknown[], boolean, boolean?]>([
        [ok, "nothing", [], false],
        [ok, "verified and expiring, on record", [counted("verified"), counted("expiring")], false],
        [ok, "verified, checked now", [counted("verified", true)], true],
        [
            unknown,
            "verified on record, where only checks count",
            [counted("verified", true), counted("verified")],
            true,
        ],
        [
            unhealthy,
            "rejected on record, where only checks count",
            [counted("rejected"), counted("verified", true)],
            true,
        ],
        [unhealthy, "drift", [counted("verified", true, ["version"])], true],
        [unknown, "unverified", [counted("verified"), counted("unverified")], false],
        [unhealthy, "rejected beside unreachable", [counted("unreachable"), counted("rejected")], false],
        [unknown, "a status that is not known", [counted("verified"), counted("awaitingPerson")], false],
        [unknown, "a status that is a name of every object", [counted("constructor")], false],
        [unhealthy, "a status that is not known beside rejected", [counted("fine"), counted("rejected")], false],
        [unknown, "a stack that could not be read", [counted("verified")], false, true],
    ])("is %i for %s", (code, _, connections, isLive, isIncomplete = false) => {
        expect(exitCodeOf(connections as never, { isLive, isIncomplete })).toBe(code);
    });
});

test.each([
    ["status.json", Object.keys(statuses)],
    // Without a record there is no other tenant.
    ["verify.json", Object.keys(statuses).filter((status) => status !== "tenantChanged")],
])("The schema %s lists the statuses of the table", (name, expected) => {
    const text = fs.readFileSync(path.join(shared.root, "provider/hosts/cli/schemas", name), "utf8");
    const { $defs } = JSON.parse(text) as { $defs: Record<string, any> };
    expect(($defs["status"] ?? $defs["connection"].properties.status).enum).toEqual(expected);
});

describe("A file of connections", () => {
    const entry = (type: string, args: object): string =>
        write("connections.yaml", JSON.stringify([{ name: "one", type, args }]));
    const clientId = "6841a8be-5733-4eba-a565-0fd059a797eb";
    const jamf = { url: "https://acme.jamfcloud.com", clientId, clientSecret: "env:SECRET" };
    const held = (file: string, allowed: string[] = []): Promise<void> =>
        readConnections(file).then((requested) => {
            requireAllowedHosts(file, requested, allowed);
        });
    const evil = "https://evil.example";

    test.each<[string, string, object]>([
        ["a cloud of the vendor's", "jamf.ApiClient", jamf],
        ["the vendor's own host", "jumpcloud.ServiceAccount", { clientId, clientSecret: "env:SECRET" }],
        [
            "a site",
            "atlassian.JiraUserToken",
            { siteUrl: "https://acme.atlassian.net", username: "a@b.example", apiToken: "file:x" },
        ],
        ["a subdomain", "atlassian.JiraConnector", { subdomain: "acme", apiToken: "env:SECRET" }],
    ])("leads a secret to %s", async (_, type, args) => {
        await held(entry(type, args));
    });

    test.each<[string, string, object, string]>([
        ["url", "jamf.ApiClient", { ...jamf, url: "https://jamf.example.com:8443" }, "jamf.example.com:8443"],
        ["url", "jamf.ApiClient", { ...jamf, url: "https://jamfcloud.com.evil.example" }, "jamfcloud.com.evil.example"],
        ["url", "jamf.ApiClient", { ...jamf, url: "https://evil-jamfcloud.com" }, "evil-jamfcloud.com"],
        ["url", "jamf.ApiClient", { ...jamf, url: "http://127.0.0.1:8080" }, "127.0.0.1:8080"],
        ["proxyUrl", "jamf.ApiClient", { ...jamf, proxyUrl: "http://evil.example:3128" }, "evil.example:3128"],
        [
            "siteUrl",
            "atlassian.JiraUserToken",
            { siteUrl: "https://jira.example.com", apiToken: "env:SECRET" },
            "jira.example.com",
        ],
        [
            "url",
            "atlassian.DataCenterServiceAccount",
            { url: evil, product: "jira", clientId: "abc", clientSecret: "env:SECRET" },
            "evil.example",
        ],
        [
            "tokenUrl",
            "oauth2.ClientCredentials",
            { tokenUrl: `${evil}/token`, clientId, clientSecret: "env:SECRET", authentication: "basic" },
            "evil.example",
        ],
        ["probe.url", "http.Bearer", { token: "env:SECRET", probe: { url: `${evil}/me` } }, "evil.example"],
        [
            "probe.url",
            "http.Basic",
            { username: "a", password: "env:SECRET", probe: { url: `${evil}/me` } },
            "evil.example",
        ],
        [
            "probe.url",
            "http.ApiKey",
            { key: "env:SECRET", header: "x-key", probe: { url: `${evil}/me` } },
            "evil.example",
        ],
    ])("leads none to the host that %s of %s names, unless that is allowed", async (argument, type, args, host) => {
        const file = entry(type, args);
        await expect(held(file)).rejects.toMatchObject({
            exitCode: ExitCode.unknown,
            message: expect.stringMatching(
                new RegExp(`one: ${argument} names ${host}\n.* add: --allow-host ${host}\n\\[cli-hosts\\]$`),
            ) as string,
        });
        await expect(held(file, [`not-${host}`])).rejects.toMatchObject({ exitCode: ExitCode.unknown });
        await held(file, ["other.example", host.toUpperCase()]);
    });

    const good = JSON.stringify([{ name: "one", type: "jamf.ApiClient", args: jamf }]);

    test.each<[string, Buffer]>([
        ["UTF-8", Buffer.from(good)],
        ["UTF-8 with a byte order mark", Buffer.from(`\uFEFF${good}`)],
        ["UTF-16 as PowerShell writes it", Buffer.from(`\uFEFF${good}`, "utf16le")],
        ["UTF-16 the other way round", Buffer.from(`\uFEFF${good}`, "utf16le").swap16()],
        [
            "YAML with a byte order mark and a comment",
            Buffer.from(`\uFEFF# ours\n- name: one\n  type: jamf.ApiClient\n  args: ${JSON.stringify(jamf)}\n`),
        ],
        [
            "an alias",
            Buffer.from(
                `- { name: one, type: jamf.ApiClient, args: { url: &u "https://acme.jamfcloud.com", clientId: ${clientId}, clientSecret: env:S, requiredPrivileges: [*u] } }`,
            ),
        ],
    ])("is read as %s", async (_, bytes) => {
        const file = write("connections.yaml", "");
        fs.writeFileSync(file, bytes);
        expect(await readConnections(file)).toMatchObject([{ name: "one", args: { url: jamf.url } }]);
    });

    const bomb = [
        "a: &a [x,x,x,x,x,x,x,x,x,x]",
        ..."bcdefghi".split("").map((name, at) => {
            const before = "abcdefgh"[at] ?? "";
            return `${name}: &${name} [${Array(10).fill(`*${before}`).join(",")}]`;
        }),
    ].join("\n");

    test.each<[string, string | Buffer, RegExp]>([
        ["few bytes that stand for gigabytes", bomb, /aliases \(\*name\) are too many/],
        ["an alias that leads back to its list", "- &a [*a]", /lead back to themselves/],
        [
            "an alias that leads back to its map",
            "- { name: one, type: jamf.ApiClient, args: &a { url: *a } }",
            /lead back to themselves/,
        ],
        ["20,000 levels", `${"[".repeat(20_000)}${"]".repeat(20_000)}`, /not YAML|nested too deeply/],
        ["bytes of no text", Buffer.from([0x2d, 0x20, 0xff, 0xfa]), /is not a text in UTF-8/],
        [
            "a name of every object as an argument",
            `- { name: one, type: jamf.ApiClient, args: { constructor: 1 } }`,
            /constructor|^$/,
        ],
    ])("is refused for %s in a sentence", async (_, text, message) => {
        const file = write("connections.yaml", "");
        fs.writeFileSync(file, text);
        const judged = readConnections(file).then((requested) => {
            const { problems } = (requested[0] as (typeof requested)[0]).type.arguments.validate(
                requested[0]?.args ?? {},
            );
            throw problemsError(problems, ExitCode.usage);
        });
        await expect(judged).rejects.toMatchObject({
            name: "CommandError",
            exitCode: ExitCode.usage,
            message: expect.stringMatching(message) as string,
        });
    });

    test("is refused once, with one option for all of its hosts", async () => {
        const file = write(
            "connections.yaml",
            JSON.stringify(
                ["a.example", "b.example", "a.example"].map((host, at) => ({
                    name: `n${at}`,
                    type: "jamf.ApiClient",
                    args: { ...jamf, url: `https://${host}`, proxyUrl: "http://proxy.example:3128" },
                })),
            ),
        );
        await expect(held(file)).rejects.toMatchObject({
            message: expect.stringMatching(
                /: --allow-host proxy\.example:3128 a\.example b\.example\n\[cli-hosts\]$/,
            ) as string,
        });
        await held(file, ["a.example", "b.example", "proxy.example:3128"]);
    });
});

describe("Arguments of a command line", () => {
    const args = (type: string, ...texts: string[]): unknown => argumentsFromTexts(typeNamed(type), texts);

    test.each([
        ["tls.constructor=1", /there is no such argument in tls\. It has|Did you mean/],
        ["tls.__proto__=1", /there is no such argument in tls/],
        ["tls.toString.x=1", /there is no such argument in tls/],
        ["tls.insecureSkipVerifi=true", /Did you mean insecureSkipVerify\?/],
        ["constructor=1", /has no such argument/],
        ["__proto__=1", /has no such argument/],
        ["__proto__.polluted=1", /has no such argument/],
        ["url.constructor=1", /url has nothing inside/],
    ])("refuse %s in a sentence", (text, message) => {
        expect(() => args("jamf.ApiClient", text)).toThrow(message);
        expect(() => args("jamf.ApiClient", text)).toThrow(
            expect.objectContaining({ exitCode: ExitCode.usage }) as Error,
        );
    });

    test("refuse a text where an object stands", () => {
        expect(() => args("jamf.ApiClient", "tls=yes", "tls.insecureSkipVerify=true")).toThrow(/is there twice/);
    });

    test("may have any name inside a map", () => {
        const given = args(
            "oauth2.ClientCredentials",
            "parameters.constructor=a",
            "parameters.__proto__=b",
            "parameters.x=c",
        );
        expect(JSON.stringify(given)).toBe('{"parameters":{"constructor":"a","__proto__":"b","x":"c"}}');
        expect(({} as { x?: unknown }).x).toBeUndefined();
    });

    test.each(["constructor", "__proto__", "toString", "hub.constructor", ""])("name no type: %j", (name) => {
        expect(() => typeNamed(name)).toThrow(/there is no such type of connection/);
    });
});

test.each([
    ["jamf.Apiclent", "jamf.ApiClient"],
    ["jamf", "jamf.ApiClient"],
    ["Jamff", "jamf.ApiClient"],
    ["jiraconnector", "atlassian.JiraConnector"],
    ["JumpCloudd", "jumpcloud.ServiceAccount"],
    ["http", "http.ApiKey, http.Basic, http.Bearer"],
])("A type %s was probably meant to be %s", (name, meant) => {
    expect(() => typeNamed(name)).toThrow(`Did you mean ${meant}?`);
});

describe("status --live", () => {
    let vendors: Vendors;
    beforeAll(async () => void (vendors = await startVendors()));
    afterAll(() => vendors.close());

    /** What is shown of a connection that is checked, with some of its arguments made secret, by a process that meets Node as users have it. */
    async function live(
        args: Values,
        sealed: readonly string[],
        endpoints: Readonly<Record<string, string>>,
    ): Promise<string> {
        const values = { ...args, status: "verified", __record: { declared: Object.keys(args), sealed } };
        const exported = { deployment: { resources: [connection("one", values)] } };
        const script = `
            const [folder, exported, endpoints] = process.argv.slice(1);
            const { inspectLive } = require(folder + "/core/inspect");
            const { Session } = require(folder + "/core/session");
            const { connectionsIn, shownConnection } = require(folder + "/hosts/cli/stack-records");
            const [record] = connectionsIn(JSON.parse(exported));
            const session = new Session({ endpoints: JSON.parse(endpoints), verify: undefined });
            inspectLive(record.type, record.values, session).then((found) => {
                console.log(JSON.stringify(shownConnection("dev", record, found), undefined, 2));
            });
        `;
        const provider = path.resolve(__dirname, "../../provider");
        const given = [provider, JSON.stringify(exported), JSON.stringify(endpoints)];
        const { stdout } = await promisify(execFile)(shared.programNode(), ["-e", script, ...given], { cwd: folder });
        return stdout;
    }

    const nowhere = (origin: string): Record<string, string> => ({
        ...vendors.endpoints,
        [origin]: "http://127.0.0.1:1",
    });

    test.each([
        ["verified", (secret: string) => ({ clientSecret: secret })],
        ["rejected", () => ({ clientSecret: "mistyped-mistyped" })],
        ["insufficient", (secret: string) => ({ clientSecret: secret, requiredPrivileges: ["Read Userr"] })],
        ["expired", (secret: string) => ({ clientSecret: secret, expiresAt: "2020-01-31" })],
        ["unreachable", (secret: string) => ({ clientSecret: secret })],
        ["never", (secret: string) => ({ clientSecret: secret, verify: "never", expiresAt: "2020-01-31" })],
    ])("shows [secret] for what the program made secret, in every sentence: %s", async (status, more) => {
        const { url, clientId, clientSecret } = vendors.credentials.jamf;
        const args = { url, clientId, ...more(clientSecret) };
        const endpoints = status === "unreachable" ? nowhere(url) : vendors.endpoints;
        const sealed = ["url", "clientId", "expiresAt", "requiredPrivileges"].filter((name) => name in args);
        const open = await live(args, [], endpoints);
        const shown = await live(args, sealed, endpoints);
        const { host } = new URL(url);
        const texts = [host, "2020-01-31"].filter((text) => JSON.stringify(args).includes(text));
        expect(texts.filter((text) => shown.includes(text))).toEqual([]);
        expect(shown).toContain("[secret]");
        // Without it they are shown, so that the above says something.
        expect(texts.filter((text) => open.includes(text))).toEqual(texts);
        if (status !== "never") {
            expect(shown).toContain(`"status": "${status}"`);
        }
    });
});

describe("A module that a state names", () => {
    const label = "acme.ApiKey";

    test.each([
        "/etc/evil.js",
        "C:\\evil.js",
        "c:/evil.js",
        "\\\\host\\share\\evil.js",
        "file:///evil.js",
        "data:text/javascript,1",
        "node:vm",
    ])("is not loaded by an absolute path or a URL: %s", (where) => {
        expect(absoluteRefusal(label, where)).toMatch(/never loaded/);
    });

    test.each(["./acme.js", "../shared/acme.ts", "acme-connections", "@acme/connections"])(
        "may be named %s",
        (where) => {
            expect(absoluteRefusal(label, where)).toBeUndefined();
        },
    );

    test("is loaded only where its real path is in the work tree of the program", () => {
        const program = path.join(folder, "repository/infra/program");
        const outside = write("outside/acme.js", "");
        const beside = write("repository/shared/acme.js", "");
        const own = write("repository/infra/program/acme.js", "");
        const dependency = write("repository/node_modules/acme/index.js", "");
        const link = path.join(program, "linked.js");
        fs.symlinkSync(outside, link);
        fs.symlinkSync(path.join(folder, "outside"), path.join(program, "modules"));
        const refusal = (file: string): string | undefined => moduleRefusal(label, "./x", file, [program]);
        expect(refusal(own)).toBeUndefined();
        for (const file of [beside, dependency, outside]) {
            expect(refusal(file)).toMatch(/not in the work tree .* Loading a module runs it\. .* --allow-modules\.$/);
        }
        fs.mkdirSync(path.join(folder, "repository/.git"));
        for (const file of [own, beside, dependency]) {
            expect(refusal(file)).toBeUndefined();
        }
        for (const file of [
            outside,
            link,
            path.join(program, "modules/acme.js"),
            `${folder}/repository-other/acme.js`,
        ]) {
            expect(refusal(file)).toMatch(/--allow-modules/);
        }
        // A link that leads to the program counts as what it leads to.
        fs.symlinkSync(program, path.join(folder, "link"));
        expect(moduleRefusal(label, "./x", own, [path.join(folder, "link")])).toBeUndefined();
    });
});

describe.each([
    ["page", pageFile, pageOf({ connections: [], problems: [] }, new Date("2026-11-24T12:00:00Z"))],
    ["table", csvFile, csvOf([])],
] as const)("The %s of status", (noun, kind, page) => {
    const text = (file: string): string => fs.readFileSync(file, "utf8");

    test("replaces nothing, a page of its own, and a link whose target it leaves", async () => {
        const file = path.join(folder, "status.html");
        await writeOwn(kind, file, page, false);
        fs.chmodSync(file, 0o600);
        await writeOwn(kind, file, `${page}<!-- later -->`, false);
        expect(text(file)).toMatch(/later/);
        expect(fs.statSync(file).mode & 0o777).toBe(0o600);
        const target = write("target", "kept");
        const links = [target, path.join(folder, "not-there")].map((to, at) => {
            const link = path.join(folder, `link-${at}`);
            fs.symlinkSync(to, link);
            return link;
        });
        for (const link of links) {
            await writeOwn(kind, link, page, false);
            expect(fs.lstatSync(link).isFile()).toBe(true);
            expect(text(link)).toBe(page);
        }
        expect(text(target)).toBe("kept");
        expect(fs.existsSync(path.join(folder, "not-there"))).toBe(false);
        expect(fs.readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    });

    test.each([
        ["a file of others", "kept"],
        ["an empty file", ""],
        ["a file that quotes a page", `quoted: ${page}`],
        [`a ${noun} of others`, page.replace(/pulumi-connections status|urn/, "another program")],
    ])("replaces %s with --force alone", async (_, before) => {
        const file = write("report.html", before);
        for (const refused of [requireReplaceable(kind, file, false), writeOwn(kind, file, page, false)]) {
            await expect(refused).rejects.toMatchObject({
                exitCode: ExitCode.usage,
                message: expect.stringMatching(
                    /^--\w+: .* exists already, .* replace it with --force\. \[cli-output-exists\]$/,
                ) as string,
            });
        }
        expect(text(file)).toBe(before);
        await writeOwn(kind, file, page, true);
        expect(text(file)).toBe(page);
    });

    test("replaces no folder and no device, not even with --force", async () => {
        const device = path.join(folder, "device");
        fs.symlinkSync("/dev/null", device);
        for (const file of [folder, device]) {
            await expect(writeOwn(kind, file, page, true)).rejects.toMatchObject({
                exitCode: ExitCode.usage,
                message: expect.stringMatching(/is not a regular file/) as string,
            });
        }
        await expect(requireReplaceable(kind, path.join(folder, "no/status.html"), true)).rejects.toMatchObject({
            message: expect.stringMatching(/cannot be written \(ENOENT\)/) as string,
        });
    });
});

test("The table of status has the columns of --json, a row for each resource at a hub, and no cell that is a formula", () => {
    const schema = path.join(shared.root, "provider/hosts/cli/schemas/status.json");
    const { $defs } = JSON.parse(fs.readFileSync(schema, "utf8")) as { $defs: { connection: { required: string[] } } };
    const type = "pulumi-nodejs:dynamic/connections/stackone:Account";
    const awaiting = { status: "awaitingPerson" };
    const names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", 'a,"b"', "plain"];
    const shown = shownOf({
        deployment: {
            resources: [
                ...names.map((name) =>
                    connection(name, { ...recorded, account: { id: "1", name }, expiresAt: "2020-01-31" }),
                ),
                { urn: urnOf("hub", type), type, dependencies: names.map((name) => urnOf(name)), outputs: awaiting },
            ],
        },
    });
    const text = csvOf(shown);
    const [head = [], ...rows] = csvRows(text);
    expect(head).toEqual($defs.connection.required);
    expect(rows).toHaveLength(names.length + 1);
    const column = (name: string): string[] => rows.map((row) => row[head.indexOf(name)] ?? "");
    expect(column("name")).toEqual([
        ...["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'=1", "'=1", "'\uff1d1", 'a,"b"', "plain"],
        "hub",
    ]);
    expect(column("account")[8]).toBe("plain (1)");
    expect(
        column("daysToExpiry")
            .slice(0, -1)
            .map(Number)
            .every((days) => days < 0),
    ).toBe(true);
    expect(column("hubs")[0]).toBe(urnOf("hub", type));
    expect(rows.at(-1)?.join(",")).toMatch(/stackone\.Account,,awaitingPerson,.*connectLink/);
    expect(text).toMatch(/\r\n$/);
    expect(text).not.toMatch(/,"?[=+@\t\r]/);
});

describe("A message to a webhook", () => {
    const rejected = (name: string, more: Values = {}): ShownConnection =>
        ({
            ...shownOf(withGood())[0],
            name,
            urn: urnOf(name),
            status: "rejected",
            next: `mend ${name}`,
            ...more,
        }) as never;
    const [good] = shownOf(withGood()) as [ShownConnection];
    const report = (...connections: ShownConnection[]): Parameters<typeof messageOf>[0] => ({
        connections,
        problems: [],
    });
    const unread = { stack: "dev", code: "cli-stack" as const, message: "the stack dev cannot be read: locked." };
    const since = async (earlier: unknown): ReturnType<typeof earlierReport> =>
        earlierReport(write("earlier.json", jsonText(earlier)));

    test("has what needs attention, in the order of status, and its next step", () => {
        const text = messageOf(
            {
                connections: [rejected("mdm", { since: "2026-11-20", contact: "IT operations" }), good],
                problems: [unread],
            },
            ["dev"],
        );
        expect(text?.split("\n")).toEqual([
            "*API connections that need attention: 2.* On record, and by today's calendar. No vendor was contacted: status --live does that.",
            "• *not read* the stack dev: the stack dev cannot be read: locked. [cli-stack]",
            "• *rejected* since 2026-11-20, on record mdm (jamf.ApiClient, stack dev): mend mdm Contact: IT operations",
        ]);
        expect(messageOf(report(good), ["dev"])).toBeUndefined();
        const awaiting = { ...good, next: "stackone.Account hub awaits a person: open the link." };
        expect(messageOf(report(awaiting), ["dev"])).toMatch(/verified.*awaits a person/);
    });

    test("has at most 40 rows", () => {
        const many = Array.from({ length: 45 }, (_, at) => rejected(`c${at}`));
        const lines = messageOf(report(...many), ["dev"])?.split("\n") ?? [];
        expect(lines).toHaveLength(42);
        expect(lines[0]).toMatch(/attention: 45\./);
        expect(lines[41]).toBe("and 5 more");
        expect(messageOf(report(...many.slice(0, 40)), ["dev"])).not.toMatch(/more$/);
    });

    test.each([
        ["<!channel>", "<!channel>"],
        ["<@U012AB3CD> & <https://evil.example|here>", "<@U012AB3CD> & <https://evil.example|here>"],
        ["&lt;!here&gt;", "&lt;!here&gt;"],
        ["*bold* _it_ ~gone~ `code`", "∗bold∗ ＿it＿ ∼gone∼ ˋcodeˋ"],
        ["@channel #general :tada: www.evil.example", "@channel #general :tada: www.evil.example"],
        ["[click](https://evil.example)", "[click](https://evil.example)"],
        ["snake_case_name a@b.example", "snake_case_name a@b.example"],
        ["two\nlines\u202e", "two lines"],
    ])("shows %j as a text, wherever it comes from", (evil, shown) => {
        const odd = rejected(evil, { next: evil, stack: evil, type: evil, since: evil });
        const texts = [
            messageOf({ connections: [odd], problems: [{ stack: evil, code: "cli-stack", message: evil }] }, [evil]),
            messageOf(report(), [evil], { connections: [{ ...odd }], problems: [] }),
        ];
        for (const text of texts) {
            expect(formattedIn(text ?? "").filter((one) => !/^\*[\w :.]+\*$/.test(one))).toEqual([]);
            expect(shownBy(text ?? "")).toContain(shown);
        }
    });

    test("with --since has only what has changed", async () => {
        const later = (name: string, more: Values): ShownConnection => ({ ...rejected(name), ...more });
        const before = {
            connections: [rejected("same"), rejected("works"), rejected("gone"), good, rejected("other")],
            problems: [unread],
        };
        const now = [
            later("same", { next: "said in other words, 12 s from now" }),
            later("works", { status: "verified", next: "" }),
            later("other", { status: "expired" }),
            rejected("new"),
            good,
        ];
        const rows = (messageOf(report(...now), ["dev"], await since(before)) ?? "").split("\n").slice(1);
        expect(rows).toEqual([
            expect.stringMatching(/^• \*verified\*, on record works \(.*: nothing to do$/),
            expect.stringMatching(/^• \*expired\*, on record other /),
            expect.stringMatching(/^• \*rejected\*, on record new /),
            "• gone (jamf.ApiClient, stack dev): is no longer in the stack.",
            "• the stack dev: was read without a problem.",
        ]);
        expect(messageOf(report(...now), ["dev"], await since(report(...now)))).toBeUndefined();
        // What could not be read, or was not to be, is not gone.
        expect(messageOf(report(), ["prod"], await since(report(rejected("one"))))).toBeUndefined();
        const unreadable = { connections: [], problems: [unread] };
        expect(
            messageOf(unreadable, ["dev"], await since(report(rejected("one"))))
                ?.split("\n")
                .slice(1),
        ).toEqual([expect.stringMatching(/^• \*not read\*/)]);
        expect(messageOf(unreadable, ["dev"], await since(unreadable))).toBeUndefined();
        // Another version may know more statuses.
        expect(
            messageOf(report(rejected("one")), ["dev"], await since(report(later("one", { status: "odd" })))),
        ).toMatch(/rejected/);
    });

    test.each(["", "[]", "{}", '{ "connections": [7], "problems": [] }', "no JSON"])(
        "refuses a file of --since that is %j",
        async (text) => {
            await expect(earlierReport(write("earlier.json", text))).rejects.toMatchObject({
                exitCode: ExitCode.usage,
                message: expect.stringMatching(
                    /^--since: .*earlier\.json is not what status --json prints\./,
                ) as string,
            });
        },
    );

    test.each([
        ["https://hooks.example/planted-1", "", /a secret is not taken as it is/],
        ['command:["echo"]', "", /a secret is not taken as it is/],
        ["env:WEBHOOK", undefined, /the environment variable WEBHOOK is not set/],
        ["env:WEBHOOK", "planted-1", /not a URL/],
        ["env:WEBHOOK", "ftp://hooks.example/planted-1", /not a URL/],
        ["env:WEBHOOK", "http://hooks.example/planted-1", /must start with https/],
        ["env:WEBHOOK", "https://hooks.example/planted-1\nx", /control character/],
        ["file:not-there", "", /not-there cannot be read/],
    ])("goes to no %s of %j", async (reference, value, message) => {
        process.env["WEBHOOK"] = value;
        if (value === undefined) {
            delete process.env["WEBHOOK"];
        }
        const error = await webhookNamed(reference).catch((thrown: unknown) => thrown as CommandError);
        delete process.env["WEBHOOK"];
        expect(error).toMatchObject({ exitCode: ExitCode.usage, message: expect.stringMatching(message) as string });
        expect((error as CommandError).message).not.toContain("planted-1");
    });

    test.each([
        ["github/nightly.yml", "jobs", "ask", "steps", 5],
        ["gitlab/connections.yml", "connections-chat"],
    ])("is an option of %s, which posts each night without failing for what the issue is about", (name, ...at) => {
        const text = fs.readFileSync(path.join(shared.root, "examples/ci", name), "utf8");
        const lines = text.split("\n");
        const start = lines.findIndex((line) => /^ *# (- name: Post to a chat|connections-chat:)$/.test(line));
        const isOption = (line: string | undefined, index: number): boolean =>
            index >= start && /^ *# /.test(line ?? "");
        const end = lines.findIndex((line, index) => index > start && !isOption(line, index));
        const used = lines.map((line, index) => (index >= start && index < end ? line.replace("# ", "") : line));
        const file = parse(used.join("\n")) as Record<string, never>;
        const step = at.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], file) as {
            run?: string;
            script?: string[];
        };
        const command = step.run ?? step.script?.join("\n") ?? "";
        for (const [code, ends] of [
            [0, 0],
            [1, 0],
            [2, 1],
            [3, 1],
        ]) {
            const script = `npx() { echo "$*"; return ${code}; }; ${command}`;
            const shell = spawnSync("bash", ["-e", "-c", script], { env: { PULUMI_STACK: "dev" }, encoding: "utf8" });
            expect([shell.stdout.trim(), shell.status]).toEqual([
                "pulumi-connections status --live --stack dev --webhook env:CONNECTIONS_WEBHOOK",
                ends,
            ]);
        }
    });

    describe("is posted", () => {
        let webhook: Webhook;
        beforeEach(async () => void (webhook = await Webhook.start()));
        afterEach(() => webhook.close());

        const failure = (url = webhook.url): Promise<CommandError> =>
            postTo(new URL(url), "text").then(
                () => Promise.reject(new Error("it was accepted")),
                (thrown: unknown) => thrown as CommandError,
            );

        test("once, to the URL in a variable or a file", async () => {
            const file = write("webhook", `${webhook.url}\n`);
            await postTo(await webhookNamed(`file:${file}`), "*one* &lt;two&gt;");
            expect({ texts: webhook.texts, requests: webhook.requests }).toEqual({
                texts: ["*one* &lt;two&gt;"],
                requests: 1,
            });
        });

        test.each([
            [
                { status: 404, text: "no_service" },
                /it was refused \(HTTP 404 no_service\)\. Check its URL and its channel/,
                1,
            ],
            [{ status: 403, text: "planted-webhook-secret of B0000" }, /it was refused \(HTTP 403\)/, 1],
            [{ status: 200, text: '{"ok":false}' }, /it was refused \(HTTP 200\)/, 1],
            [{ status: 200, text: "<!doctype html><p>Sign in" }, /a page of HTML answered in its place/, 1],
            [
                { status: 302, text: "", headers: { location: "/elsewhere" } },
                /it redirects elsewhere, which is not followed/,
                1,
            ],
            [{ status: 503, text: "" }, /not known whether .* server error \(HTTP 503\)\. Look at the channel/, 1],
            [
                { status: 429, text: "", headers: { "retry-after": "3600" } },
                /accepts no more messages for now\. Run again later/,
                1,
            ],
        ])("and says why %j is no success", async (answer, message, requests) => {
            webhook.answer = answer;
            const error = await failure();
            expect(error).toMatchObject({
                exitCode: ExitCode.unknown,
                message: expect.stringMatching(message) as string,
            });
            expect(error.message).toMatch(/^--webhook: (no message was posted to|it is not known whether)/);
            expect(error.message).not.toMatch(/planted|B0000|timeoutSeconds|credential/);
            expect(webhook.requests).toBe(requests);
        });

        test("and says why a host cannot be reached, without advice for arguments", async () => {
            const { url } = webhook;
            await webhook.close();
            const error = await failure(url);
            expect(error).toMatchObject({ exitCode: ExitCode.unknown });
            expect(error.message).toMatch(/no connection to 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Check its URL/);
            expect(error.message).not.toMatch(/planted/);
            webhook = await Webhook.start();
        });
    });
});

describe("hub-fields", () => {
    const bucket = "pulumi-nodejs:dynamic/connections/jumpcloud:ServiceAccount";
    const records = connectionsIn({
        deployment: {
            resources: [
                connection("mdm", recorded),
                connection("both", recorded),
                { urn: urnOf("both", bucket), type: bucket, outputs: recorded },
            ],
        },
    });

    test("finds a connection by its name as well as by its URN", () => {
        expect(recordNamed("mdm", records, "dev").urn).toBe(urnOf("mdm"));
        expect(recordNamed(urnOf("both", bucket), records, "dev").label).toBe("jumpcloud.ServiceAccount");
    });

    test.each([
        ["both", /2 connections of this name\. Give the URN of one:\n {2}urn:.*\n {2}urn:.*both\n\[cli-two-names\]$/],
        ["mdn", /no connection of this name or URN\. Did you mean mdm\?/],
        [`${urnOf("mdm")}-absent`, /no connection of this name or URN/],
    ])("refuses %s", (which, message) => {
        expect(() => recordNamed(which, records, "dev")).toThrow(message);
    });
});
