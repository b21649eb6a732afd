// What becomes of a thing that is made elsewhere, from what is on record, declared, there and reported. Nothing is contacted, and no clock is read.
import { ConnectionTypes } from "../../provider/core/connection-types";
import type { RemoteReport, Seen } from "../../provider/core/program-report";
import { bearer, defineConnection, optional, secret, text, type Problem, type Values } from "../../provider/define";
import type { Found, RemoteDefinition } from "../../provider/hubs/contracts";
import { isDigestOf } from "../../provider/hubs/ownership";
import {
    isAsWanted,
    isUnchanged,
    planCheck,
    planDiff,
    planRemoval,
    type CheckFindings,
    type CheckPlan,
    type CheckRequest,
} from "../../provider/hubs/plan";
import { connectionIn, decodeInputs, decodeState, encodeInputs, encodeState, seal } from "../../provider/hubs/state";
import { RemoteType } from "../../provider/hubs/type";
import { fingerprint } from "../../provider/core/fingerprint";

const nothing = (): never => {
    throw new Error("A plan contacts nothing.");
};

const token = defineConnection({
    type: "somewhere:Token",
    title: "Somewhere",
    args: { site: text({ namesTenant: true }), token: secret(), note: optional(text()) },
    outputs: ({ derived }) => ({ url: derived(text(), ({ site }) => `https://${site}.example`) }),
    checks: { known: "Somewhere knows the account." },
    tenant: "url",
    credential: (args) => bearer(args.token),
    verify: nothing,
});

const definitionOf = (more: Partial<RemoteDefinition> = {}): RemoteDefinition => ({
    type: "elsewhere:Thing",
    title: "Elsewhere",
    args: { key: secret(), name: text(), label: optional(text()) },
    outputs: { thingId: text(), link: optional(text({ sensitive: true })) },
    awaitedLink: ({ link }) => (link === undefined ? undefined : "link"),
    writesOn: ["label"],
    replaces: ["name"],
    refuses: () => undefined,
    server: nothing,
    authorization: nothing,
    id: nothing,
    wanted: nothing,
    look: nothing,
    foreign: () => foreign,
    write: nothing,
    remove: nothing,
    ...more,
});

const foreign: Problem = {
    kind: "invalidArgument",
    code: "invalid-argument",
    argument: "name",
    message: "is there already.",
};
const refusedKey: Problem = {
    kind: "credentialRefused",
    code: "credential-refused",
    argument: "key",
    message: "was refused.",
};
const notReached: Problem = { kind: "connectFailed", code: "connect-failed", message: "Elsewhere cannot be reached." };
const refusedToken: Problem = {
    kind: "credentialRefused",
    code: "credential-refused",
    argument: "connection.token",
    message: "was refused.",
};
const unreachable: Problem = { kind: "timedOut", code: "timed-out", message: "Somewhere did not answer." };
const tooOld: Problem = { kind: "nodeTooOld", code: "node-too-old", message: "Node is too old." };

const types = new ConnectionTypes({ "somewhere:Token": () => token });
const marked = new RemoteType(definitionOf());
const unmarked = new RemoteType(definitionOf({ isUnmarked: true }));
const owner = "urn:pulumi:dev::shop::elsewhere:Thing::it";
const [nonce, otherNonce] = ["0".repeat(32), "1".repeat(32)];
const wanted: Values = { size: 1 };
const target: Values = { state: "present", size: 1 };

const given = (more: Values = {}): Values => ({ key: "k-12345678", name: "it", ...more });
const connectionOf = (more: Values = {}): Values => ({
    type: "somewhere.Token",
    arguments: { site: "acme", token: "t-12345678", ...more },
});
const declaredAs = (args: Values = given(), connection: Values = connectionOf()) => ({
    given: args,
    connection: connectionIn(types, { connection }),
});
const seenAs = (facts: Values = wanted, mark: Seen["mark"] = { owner, nonce }, outputs: Values = {}): Seen => ({
    facts,
    outputs,
    mark,
});
const reportOf = (more: Partial<RemoteReport> = {}): RemoteReport => ({
    label: "it",
    owner,
    problems: [],
    isChecked: true,
    seen: seenAs(),
    warnings: [],
    ...more,
});

/** The inputs of an earlier run. */
const priorOf = (found: unknown = target, more: Values = {}, declared = declaredAs(), type = marked) =>
    decodeInputs(type, types, encodeInputs(type, { ...declared, found, bookkeeping: { owner, ...more } }).values);

/** The state after an up that has sent the token of the connection. */
const sentNow = "the token";
const digests = { connection: fingerprint(sentNow) };
const recordedAs = (facts: Values = target, more: Values = {}, args = given(), connection = connectionOf()) => {
    const kept = priorOf(target, {}, declaredAs(args, connection));
    const bookkeeping = { owner, nonce, digests, ...more };
    const outputs = { thingId: "7" };
    const { values } = encodeState(marked, { given: args, kept, facts, outputs, bookkeeping });
    return decodeState(marked, types, values);
};

function freeze<T>(value: T): T {
    if (typeof value === "object" && value !== null && !(value instanceof RemoteType)) {
        Object.values(value).forEach(freeze);
        Object.freeze(value);
    }
    return value;
}

/** Plans twice what cannot be changed, by no clock. */
function checked(more: Partial<CheckRequest>): CheckPlan {
    const request: CheckRequest = {
        type: marked,
        prior: undefined,
        declared: declaredAs(),
        args: given(),
        report: reportOf(),
        wanted,
        tenant: "https://acme.example",
        mode: "always",
        isStrict: false,
        ...more,
    };
    const clock = jest.spyOn(Date, "now").mockImplementation(nothing);
    try {
        const plan = planCheck(freeze(request));
        expect(planCheck(request)).toEqual(plan);
        return plan;
    } finally {
        clock.mockRestore();
    }
}

const drifted = seenAs({ size: 2 });
const driftShown = { state: "present", size: 2 };
const others = seenAs(wanted, { owner: "urn:another", nonce: otherNonce });
const prior = priorOf();
const notVerified =
    /^it: what Elsewhere was given is not verified: connection\.token: was refused\. \[credential-refused\]$/;
const willFail = /^it: pulumi up will fail unless it is corrected first: /;

/** What comes of a check: `found` of the inputs, or the problems that refuse it; and what is said. */
const table: [
    string,
    Partial<CheckRequest>,
    { found?: unknown; problems?: Problem[]; warnings?: RegExp[]; isDrifted?: boolean },
][] = [
    ["nothing there, nothing on record", { report: reportOf({ seen: undefined }) }, { found: target, isDrifted: true }],
    [
        "a key that is refused, and nothing on record",
        { report: reportOf({ seen: undefined, isChecked: false, problem: refusedKey }) },
        { problems: [refusedKey] },
    ],
    [
        "no answer, and nothing on record",
        { report: reportOf({ seen: undefined, isChecked: false, problem: notReached }) },
        { found: target },
    ],
    ["another one's there, nothing on record", { report: reportOf({ seen: others }) }, { problems: [foreign] }],
    [
        "another one's there, to be adopted",
        { args: given({ adopt: true }), report: reportOf({ seen: others }) },
        { found: target },
    ],
    ["its own there, nothing on record: a run was killed", {}, { found: target }],
    ["one without a place for a mark, nothing on record", { type: unmarked }, { problems: [foreign] }],
    [
        "one without a place for a mark, on record",
        { type: unmarked, prior: priorOf(target, {}, declaredAs(), unmarked) },
        { found: target },
    ],
    ["as on record", { prior }, { found: target }],
    ["changed by others", { prior, report: reportOf({ seen: drifted }) }, { found: driftShown, isDrifted: true }],
    [
        "changed by others, shown before",
        { prior: priorOf(driftShown, { wanted: target }), report: reportOf({ seen: drifted }) },
        { found: { ...driftShown, again: { size: 2 } }, isDrifted: true },
    ],
    [
        "changed by others and by the program",
        { prior, wanted: { size: 3 }, report: reportOf({ seen: drifted }) },
        { found: { state: "present", size: 3 }, isDrifted: true },
    ],
    ["gone", { prior, report: reportOf({ seen: undefined }) }, { found: { state: "missing" }, isDrifted: true }],
    [
        "taken by another one",
        { prior, report: reportOf({ seen: others }) },
        { found: { ...target, owner: "another one" }, isDrifted: true },
    ],
    [
        "moved by an alias: the mark names the former resource",
        {
            prior: priorOf(target, { owner: "urn:former" }),
            report: reportOf({ seen: seenAs(wanted, { owner: "urn:former", nonce }) }),
        },
        { found: target },
    ],
    [
        "no answer, as on record",
        { prior, report: reportOf({ seen: undefined, isChecked: false, problem: notReached }) },
        { found: target },
    ],
    [
        "a key that is refused, as on record",
        { prior, report: reportOf({ seen: undefined, isChecked: false, problem: refusedKey }) },
        { found: target },
    ],
    [
        "a key that is refused, another argument",
        {
            prior,
            declared: declaredAs(given({ label: "new" })),
            report: reportOf({ seen: undefined, isChecked: false, problem: refusedKey }),
        },
        { problems: [refusedKey] },
    ],
    [
        "a connection that is refused, as on record",
        { prior, report: reportOf({ problems: [refusedToken] }) },
        { found: target, warnings: [notVerified] },
    ],
    [
        "a connection that is refused, of another site",
        {
            prior,
            declared: declaredAs(given(), connectionOf({ site: "globex" })),
            report: reportOf({ problems: [refusedToken] }),
        },
        { problems: [refusedToken] },
    ],
    [
        "a connection with a new secret that is refused",
        {
            prior,
            declared: declaredAs(given(), connectionOf({ token: "t-87654321" })),
            report: reportOf({ problems: [refusedToken] }),
        },
        { problems: [refusedToken] },
    ],
    [
        "a connection that is refused, in a preview of a drift",
        { prior, report: reportOf({ preview: true, seen: drifted, problems: [refusedToken] }) },
        { found: driftShown, isDrifted: true, warnings: [willFail] },
    ],
    [
        "the same under a mode that leaves it",
        { prior, mode: "changes", report: reportOf({ preview: true, seen: drifted, problems: [refusedToken] }) },
        { found: driftShown, isDrifted: true, warnings: [notVerified] },
    ],
    [
        "a vendor that does not answer, new, in a preview",
        { report: reportOf({ preview: true, seen: undefined, problems: [unreachable] }) },
        { found: target, isDrifted: true, warnings: [/Somewhere did not answer/] },
    ],
    [
        "a vendor that does not answer, new, in an up",
        { report: reportOf({ seen: undefined, problems: [unreachable] }) },
        { problems: [unreachable] },
    ],
    [
        "not known what it should be, new, in a preview",
        { wanted: undefined, report: reportOf({ preview: true, seen: undefined }) },
        { found: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ],
    [
        "not known what it should be, new, in an up",
        { wanted: undefined, report: reportOf({ seen: undefined }) },
        { problems: [expect.objectContaining({ kind: "badAnswer", argument: "connection" })] },
    ],
    ["not known what it should be, on record", { wanted: undefined, prior }, { found: target }],
    ["a machine that can check nothing", { prior, report: reportOf({ problem: tooOld }) }, { problems: [tooOld] }],
    [
        "a strict run, and no answer",
        { prior, isStrict: true, report: reportOf({ problem: notReached }) },
        {
            problems: [
                expect.objectContaining({
                    message: expect.stringMatching(/^Elsewhere cannot be reached\. A strict run/),
                }),
            ],
        },
    ],
    [
        "a strict preview, and a person is awaited",
        {
            prior,
            isStrict: true,
            report: reportOf({ preview: true, seen: seenAs(wanted, { owner, nonce }, { link: "https://…" }) }),
        },
        { problems: [expect.objectContaining({ kind: "accessMissing" })] },
    ],
    [
        "a preview, and a person is awaited",
        { prior, report: reportOf({ preview: true, seen: seenAs(wanted, { owner, nonce }, { link: "https://…" }) }) },
        { found: target },
    ],
    [
        "replaceOnChanges, without a place for a mark",
        { type: unmarked, prior, report: reportOf({ replaceOn: ["*"] }) },
        { found: target, warnings: [/replaceOnChanges is left out: Elsewhere has no place/] },
    ],
];

test.each(table)("A check: %s", (_, request, { found, problems = [], warnings = [], isDrifted = false }) => {
    const plan = checked(request);
    expect([plan.problems, plan.inputs?.found, plan.isDrifted]).toEqual([problems, found, isDrifted]);
    expect(plan.warnings).toEqual(warnings.map((one) => expect.stringMatching(one)));
    if (plan.inputs !== undefined && request.wanted === undefined && !("wanted" in request)) {
        expect(plan.inputs.bookkeeping).toMatchObject({ owner, tenant: "https://acme.example" });
    }
});

const findings = (more: Partial<CheckFindings> = {}): CheckFindings => ({
    report: reportOf(),
    given: given(),
    args: given(),
    secrets: { values: { key: "k-12345678" }, problems: [] },
    sent: sentNow,
    isDrifted: false,
    ...more,
});
const inputsAs = (found: unknown = target, more: Values = {}, args = given(), connection = connectionOf()) =>
    priorOf(found, more, declaredAs(args, connection));
const same = { changes: false, replaces: [], deletesFirst: false, problems: [], warnings: [] };
const update = { ...same, changes: true };

test.each<[string, Parameters<typeof planDiff>[1], Parameters<typeof planDiff>[2], CheckFindings | undefined, object]>([
    ["as on record", recordedAs(), inputsAs(), findings(), same],
    ["a refresh, as on record", recordedAs(), inputsAs(), undefined, same],
    ["a drift that a refresh has recorded", recordedAs(driftShown), inputsAs(), findings(), update],
    [
        "a drift that the check shows",
        recordedAs(),
        inputsAs(driftShown, { wanted: target }),
        findings({ isDrifted: true }),
        { ...update, differences: [{ path: "found.size", kind: "update" }] },
    ],
    ["not known yet", recordedAs(), inputsAs("04da6b54-80e4-46f7-96ec-b56ff0331ba9"), findings(), update],
    [
        "another argument",
        recordedAs(),
        inputsAs(target, {}, given({ label: "new" })),
        findings(),
        { ...update, differences: [{ path: "label", kind: expect.any(String) }] },
    ],
    [
        "another name",
        recordedAs(),
        inputsAs(target, {}, given({ name: "new" })),
        findings(),
        { ...update, replaces: ["name"] },
    ],
    [
        "another class of connection",
        recordedAs(),
        inputsAs(target, {}, given(), { type: "somewhere.Else", arguments: {} }),
        findings(),
        update,
    ],
    [
        "another secret is sent",
        recordedAs(),
        inputsAs(),
        findings({ sent: "another token" }),
        { ...update, differences: [{ path: "connection", kind: "update" }] },
    ],
    [
        "another secret is sent, which the vendor refuses",
        recordedAs(),
        inputsAs(),
        findings({ sent: "another token", report: reportOf({ problems: [refusedToken] }) }),
        { ...update, problems: [refusedToken] },
    ],
    ["moved by an alias", recordedAs(), inputsAs(target, { owner: "urn:later" }), findings(), update],
    [
        "overwritten by another run",
        recordedAs(),
        inputsAs(),
        findings({ report: reportOf({ seen: seenAs(wanted, { owner, nonce: otherNonce }) }) }),
        update,
    ],
    [
        "made secret by the program",
        recordedAs(),
        inputsAs(target, { isSealed: true }),
        findings(),
        { ...update, warnings: [expect.stringMatching(/^it: sealing: /)] },
    ],
    [
        "named by replaceOnChanges",
        recordedAs(),
        inputsAs(target, { replaceOn: ["label"] }, given({ label: "new" })),
        findings(),
        { ...update, replaces: ["label"], deletesFirst: true },
    ],
    ["replaceOnChanges of all, as on record", recordedAs(), inputsAs(target, { replaceOn: ["*"] }), findings(), same],
])("A diff: %s", (_, recorded, inputs, found, expected) => {
    expect(planDiff(marked, freeze(recorded), freeze(inputs), freeze(found))).toEqual({
        differences: expect.any(Array),
        ...expected,
    });
});

test.each<[string, Partial<Parameters<typeof isAsWanted>[0]>, boolean]>([
    ["as on record", {}, false],
    ["new", { recorded: undefined }, true],
    ["another fact", { seen: drifted }, true],
    ["gone", { seen: undefined }, true],
    ["the mark of another run", { seen: seenAs(wanted, { owner, nonce: otherNonce }) }, true],
    ["no mark", { seen: seenAs(wanted, {}) }, true],
    ["no place for a mark", { type: unmarked, seen: seenAs(wanted, {}) }, false],
    ["an argument that is never shown again", { inputs: inputsAs(target, {}, given({ label: "new" })) }, true],
    ["another key of its own", { inputs: inputsAs(target, {}, given({ key: "k-87654321" })) }, false],
    ["another secret", { sent: "another token" }, true],
])("A write: %s", (_, more, isWritten) => {
    const mark = { owner, nonce: nonce ?? "" };
    const request = {
        type: marked,
        recorded: recordedAs(),
        inputs: inputsAs(),
        wanted,
        mark,
        seen: seenAs(),
        sent: sentNow,
    };
    expect(isAsWanted(freeze({ ...request, ...more }))).toBe(!isWritten);
});

test.each<[string, Partial<Parameters<typeof isUnchanged>[0]>, boolean]>([
    ["as on record", {}, true],
    ["a secret that cannot be read now", { sent: undefined }, true],
    ["another secret", { sent: "another token" }, false],
    ["another argument", { inputs: inputsAs(target, {}, given({ label: "new" })) }, false],
    ["another note on the connection", { inputs: inputsAs(target, {}, given(), connectionOf({ note: "x" })) }, false],
])("An update whose connection cannot be proved is left as it is: %s", (_, more, expected) => {
    const secrets = { values: { key: "k-12345678" }, problems: [] };
    const request = {
        type: marked,
        recorded: recordedAs(),
        inputs: inputsAs(),
        given: given(),
        secrets,
        sent: sentNow,
    };
    expect(isUnchanged(freeze({ ...request, ...more }))).toBe(expected);
});

test.each<[string, RemoteType, Found["mark"], { isToGo: boolean; warning?: unknown }]>([
    ["its own", marked, { owner, nonce }, { isToGo: true }],
    ["its own, made anew by a replacement", marked, { owner, nonce: otherNonce }, { isToGo: false }],
    [
        "another one's",
        marked,
        { owner: "urn:another", nonce: otherNonce },
        { isToGo: false, warning: expect.stringMatching(/is not this resource's any more, and stays there\.$/) },
    ],
    ["its own, without a nonce", marked, { owner }, { isToGo: true }],
    ["on record, without a place for a mark", unmarked, {}, { isToGo: true }],
])("A removal: %s", (_, { definition }, mark, expected) => {
    const recorded = { found: target, outputs: {}, memo: {}, mark: { owner, nonce } };
    expect(planRemoval(definition, { args: given(), owner, recorded }, { facts: wanted, outputs: {}, mark })).toEqual(
        expected,
    );
});

test("What leaves names what is to be encrypted, and a secret of the connection is in the inputs alone", () => {
    const inputs = encodeInputs(marked, {
        ...declaredAs(),
        found: target,
        bookkeeping: { owner, tenant: "t", isSealed: true },
    });
    expect(inputs.names).toEqual(["found", "__sealed"]);
    expect(JSON.stringify(inputs.values["__record"])).not.toContain("tenant");
    const { values } = recordedAs();
    expect(values["connection"]).toEqual({ type: "somewhere.Token", arguments: { site: "acme" } });
    expect(seal(marked, { ...values, link: "https://…" }).names).toEqual(["link", "__sealed"]);
    const { digests: kept } = decodeState(marked, types, values);
    expect(isDigestOf(sentNow, kept["connection"])).toBe(true);
});

test("States of older releases are read: a digest in clear, and what is to be sealed", () => {
    const older = {
        ...given(),
        found: target,
        __record: { owner, nonce, isSealed: true, tenant: "t", credential: digests.connection },
    };
    const { bookkeeping, digests: kept } = decodeState(marked, types, older);
    expect([bookkeeping?.isOpen, kept]).toEqual([true, digests]);
});
