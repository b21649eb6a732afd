// The command line without a command and without the engine: what it makes of states, files and arguments.
import { ExitCode, exitCodeOf } from "../../provider/hosts/cli/exit-code";
import { show } from "../../provider/hosts/cli/hub-fields";
import { pageOf } from "../../provider/hosts/cli/page";
import {
    basisOf,
    connectionsIn,
    recordedConnection,
    recordedSetting,
    utcTime,
    type ShownConnection,
} from "../../provider/hosts/cli/stack-records";
import { statusTable } from "../../provider/hosts/cli/status-table";
import { jsonText, type Terminal } from "../../provider/hosts/cli/terminal";

const escape = String.fromCharCode(27);
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const terminal = (columns?: number, told: string[] = [], lines: string[] = told): Terminal => ({
    print: (text) => void lines.push(text),
    tell: (text) => void told.push(text),
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
        ["odd bookkeeping", { ...recorded, __record: { declared: 7, sealed: 8 } }, /\(TypeError\)/],
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
