// When a secret ends: what the vendor tells, what the program declares, and what comes of both, in each mode and on each day.
import { ConnectionType } from "../../provider/core/connection-type";
import { connectionHandler } from "../../provider/core/lifecycle";
import { compareStates, plan, type Plan } from "../../provider/core/plan";
import { inspectRecord } from "../../provider/core/inspect";
import { Seal, sealedNames } from "../../provider/core/sealing";
import { earliestEnd } from "../../provider/core/secret-ends";
import { Session } from "../../provider/core/session";
import { decodeState, encodeState, type PriorState } from "../../provider/core/state";
import type { TenantResult } from "../../provider/core/verify";
import { shownConnection, type ConnectionRecord } from "../../provider/hosts/cli/stack-records";
import {
    bearer,
    defineConnection,
    secret,
    text,
    type Check,
    type Problem,
    type SecretEnd,
    type Values,
} from "../../provider/define";

const definition = defineConnection({
    type: "acme:Token",
    title: "Acme",
    args: { token: secret() },
    outputs: () => ({ workspace: text() }),
    checks: { known: "Acme knows the token." },
    tenant: "workspace",
    credential: ({ token }) => bearer(token),
    verify: () => {
        throw new Error("A plan asks nobody.");
    },
});
const type = new ConnectionType(definition);

const now = Date.parse("2026-11-24T12:00:00Z");
const hour = 60 * 60 * 1000;
const day = 24 * hour;
const at = (from: number): string => new Date(now + from).toISOString();

const known = (result: Check["result"]): Readonly<Record<string, Check>> => ({
    known: { result, message: "Acme knows the token." },
});

const answers = {
    accepted: { status: "verified", problems: [], checks: known("passed") },
    insufficient: {
        status: "insufficient",
        problems: [{ kind: "accessMissing", code: "access-missing", message: "Access is missing." }],
        checks: known("failed"),
    },
    refused: {
        status: "rejected",
        problems: [
            { kind: "credentialRefused", code: "credential-refused", argument: "token", message: "Acme refused it." },
        ],
        checks: known("failed"),
    },
    unreachable: {
        status: "unreachable",
        problems: [{ kind: "timedOut", code: "timed-out", message: "No answer." }],
        checks: known("unknown"),
    },
} as const;

type Answer = keyof typeof answers | "unasked";

function tenants(answer: Answer, secretEnd?: string): readonly TenantResult[] {
    if (answer === "unasked") {
        return [];
    }
    const problems: readonly Problem[] = answers[answer].problems;
    return [{ ...answers[answer], problems, outputs: { workspace: "w" }, warnings: [], secretEnd }];
}

interface Situation {
    readonly answer?: Answer;
    /** The end that the vendor has just told. */
    readonly told?: string | undefined;
    /** The end that it had told before. */
    readonly recorded?: string | undefined;
    readonly declared?: string | undefined;
    readonly isNewCredential?: boolean;
}

const argsOf = (declared: string | undefined): Values => ({
    token: "t",
    ...(declared === undefined ? {} : { expiresAt: declared }),
});

function stateOf(given: Values, planned: Plan): Values {
    const { outputs, identity, since } = new Seal([], {}).plan(planned);
    return encodeState(type, { args: given, outputs, identity, since });
}

/** What is on record after the vendor has told an end, a month before. */
function priorOf(told: string | undefined, given: Values): PriorState {
    const first = planOf(given, undefined, tenants("accepted", told), now - 30 * day);
    return decodeState(type, stateOf(given, first)) as PriorState;
}

function planOf(args: Values, prior: PriorState | undefined, found: readonly TenantResult[], today: number): Plan {
    const common = { type, args, derived: {}, prior, tenants: found, now: today };
    return plan({
        ...common,
        changed: prior === undefined ? Object.keys(args) : [],
        isNewCredential: prior === undefined,
    });
}

function planned({ answer = "accepted", told, recorded, declared, isNewCredential = false }: Situation): Plan {
    const args = argsOf(declared);
    const prior = recorded === undefined ? undefined : priorOf(recorded, args);
    const changed = isNewCredential ? ["token"] : prior === undefined ? Object.keys(args) : [];
    const isNew = prior === undefined || isNewCredential;
    const request = { type, args, derived: {}, prior, changed, tenants: tenants(answer, told), now };
    return plan({ ...request, isNewCredential: isNew });
}

const [past, near, soon, far] = [at(-hour), at(14 * 60_000), at(3 * day), at(90 * day)];
const [pastDay, soonDay, farDay] = [at(-2 * day), at(4 * day), at(90 * day)].map((moment) => moment.slice(0, 10)) as [
    string,
    string,
    string,
];
const endOfDay = (value: string): string => `${value}T23:59:59.999Z`;

describe("What is told, what is declared, and what comes of it", () => {
    const rows: readonly (readonly [string, Situation, string, string, number])[] = [
        ["nothing told, nothing declared", {}, "verified", "", 0],
        ["told far", { told: far }, "verified", `vendor ${far}`, 0],
        ["told soon", { told: soon }, "expiring", `vendor ${soon}`, 1],
        ["told never", { told: "never" }, "verified", "never", 0],
        ["told 14 minutes away", { told: near }, "verified", "", 0],
        ["told 15 minutes away", { told: at(15 * 60_000) }, "expiring", `vendor ${at(15 * 60_000)}`, 1],
        ["told this very moment", { told: at(0) }, "verified", "", 0],
        ["told past, and accepted", { told: past }, "verified", "", 0],
        ["told past, and a scope missing", { answer: "insufficient", told: past }, "insufficient", "", 0],
        ["told past, and refused", { answer: "refused", told: past }, "expired", `vendor ${past}`, 0],
        ["told far, and refused", { answer: "refused", told: far }, "rejected", `vendor ${far}`, 0],
        ["told near, and refused", { answer: "refused", told: near }, "rejected", "", 0],
        ["declared far", { declared: farDay }, "verified", `declared ${endOfDay(farDay)}`, 0],
        ["declared soon", { declared: soonDay }, "expiring", `declared ${endOfDay(soonDay)}`, 1],
        ["declared past, and accepted", { declared: pastDay }, "expired", `declared ${endOfDay(pastDay)}`, 0],
        ["declared past, told near", { declared: pastDay, told: near }, "expired", `declared ${endOfDay(pastDay)}`, 0],
        ["declared as told", { declared: farDay, told: far }, "verified", `vendor ${far}`, 0],
        ["declared soon, told far", { declared: soonDay, told: far }, "expiring", `vendor ${far}`, 2],
        ["declared far, told soon", { declared: farDay, told: soon }, "expiring", `vendor ${soon}`, 2],
        ["declared past, told far", { declared: pastDay, told: far }, "expiring", `vendor ${far}`, 2],
        ["declared far, told never", { declared: farDay, told: "never" }, "verified", "never", 1],
        ["declared soon, told never", { declared: soonDay, told: "never" }, "expiring", "never", 2],
        ["declared past, told never", { declared: pastDay, told: "never" }, "expiring", "never", 2],
        ["recorded past, unasked", { answer: "unasked", recorded: past }, "expired", `vendor ${past}`, 0],
        ["recorded soon, unasked", { answer: "unasked", recorded: soon }, "expiring", `vendor ${soon}`, 1],
        ["recorded far, unasked", { answer: "unasked", recorded: far }, "verified", `vendor ${far}`, 0],
        ["recorded near, unasked", { answer: "unasked", recorded: near }, "expiring", `vendor ${near}`, 1],
        ["recorded never, unasked", { answer: "unasked", recorded: "never" }, "verified", "never", 0],
        [
            "recorded never, declared past",
            { answer: "unasked", recorded: "never", declared: pastDay },
            "expiring",
            "never",
            2,
        ],
        ["recorded past, refused", { answer: "refused", recorded: past }, "expired", `vendor ${past}`, 0],
        ["recorded far, refused", { answer: "refused", recorded: far }, "rejected", `vendor ${far}`, 0],
        ["recorded past, accepted and untold", { recorded: past }, "verified", "", 0],
        ["recorded far, accepted and untold", { recorded: far }, "verified", "", 0],
        ["recorded past, a scope missing", { answer: "insufficient", recorded: past }, "insufficient", "", 0],
        [
            "recorded far, a scope missing",
            { answer: "insufficient", recorded: far },
            "insufficient",
            `vendor ${far}`,
            0,
        ],
        ["recorded past, unreachable", { answer: "unreachable", recorded: past }, "expired", `vendor ${past}`, 0],
        ["recorded far, unreachable", { answer: "unreachable", recorded: far }, "unreachable", `vendor ${far}`, 0],
        [
            "recorded past, another secret refused",
            { answer: "refused", recorded: past, isNewCredential: true },
            "rejected",
            "",
            0,
        ],
        [
            "recorded past, another secret unasked",
            { answer: "unasked", recorded: past, isNewCredential: true },
            "unverified",
            "",
            1,
        ],
    ];

    test.each(rows)("%s", (_, situation, status, end, warned) => {
        const { outputs, status: decided } = planned(situation);
        const { secretExpiresAt, secretExpirySource, warnings } = outputs;
        expect([decided, [secretExpirySource, secretExpiresAt].filter(Boolean).join(" ")]).toEqual([status, end]);
        const isOnRecord = situation.answer === "unreachable" && status === "unreachable";
        expect(warnings).toHaveLength(isOnRecord ? 0 : warned);
    });

    test("each sentence names what it is about, and the next step", () => {
        const of = (situation: Situation): unknown => {
            const { problems, outputs } = planned(situation);
            return [
                ...problems.map(({ argument, message }) => `${argument ?? ""}: ${message}`),
                ...(outputs["warnings"] as string[]),
            ];
        };
        expect(of({ told: soon })).toEqual([
            `The token expires on ${soon}, as Acme reports. Make a new one in Acme before.`,
        ]);
        expect(of({ told: soon, declared: farDay })).toEqual([
            `Acme reports that the token expires on ${soon}, and expiresAt says ${farDay}. Correct expiresAt, or leave it out.`,
            `The token expires on ${soon}, as Acme reports. Make a new one in Acme before, and declare it with its own expiresAt.`,
        ]);
        expect(of({ told: "never", declared: farDay })).toEqual([
            `Acme reports that the token never expires, and expiresAt says ${farDay}. Correct expiresAt, or leave it out.`,
        ]);
        expect(of({ answer: "refused", recorded: past })).toEqual([
            `token: the token expired on ${past}, as Acme reported. Make a new one in Acme.`,
        ]);
    });

    test("a difference of a day is none, and one of more is a warning", () => {
        const declared = "2027-03-01";
        const warned = (told: string): number => (planned({ told, declared }).outputs["warnings"] as string[]).length;
        expect(
            [
                "2027-03-01T00:00:00.000Z",
                "2027-03-02T23:59:59.999Z",
                "2027-02-28T23:59:59.998Z",
                "2027-03-03T00:00:00.000Z",
            ].map(warned),
        ).toEqual([0, 0, 1, 1]);
    });

    test("where nobody is asked, what the calendar has said is said once, whatever was told and declared", () => {
        for (const told of [soon, far, "never"]) {
            for (const declared of [undefined, soonDay, farDay]) {
                const args = argsOf(declared);
                const first = planOf(args, undefined, tenants("accepted", told), now);
                const prior = decodeState(type, stateOf(args, first)) as PriorState;
                expect(planOf(args, prior, [], now).outputs).toEqual(first.outputs);
            }
        }
    });

    test("the day since which it is expired is that of the told moment", () => {
        expect(planned({ answer: "refused", recorded: past }).since).toBe(past.slice(0, 10));
    });
});

describe("A state of before, which tells no end", () => {
    const bare = ({ secretExpiresAt: _, secretExpirySource: __, ...rest }: Values): Values => rest;

    test.each([undefined, farDay, soonDay, pastDay, "2027-06-30T12:00:00+02:00"])(
        "with expiresAt %s is unchanged",
        (declared) => {
            const args = argsOf(declared);
            const after = stateOf(args, planOf(args, undefined, tenants("accepted"), now));
            const before = bare(after);
            for (const mode of ["changes", "never"] as const) {
                const isExpired = declared === pastDay;
                expect(compareStates(type, before, after, mode).changes).toBe(isExpired);
                expect(compareStates(type, after, before, mode).changes).toBe(isExpired);
            }
            expect(decodeState(type, before)?.outputs["status"]).toBe(after["status"]);
        },
    );

    test("an end that the vendor tells now is a change", () => {
        const [before, after] = [undefined, far].map((told) =>
            stateOf(argsOf(undefined), planOf(argsOf(undefined), undefined, tenants("accepted", told), now)),
        ) as [Values, Values];
        expect(compareStates(type, bare(before), after, "always").changes).toBe(true);
    });
});

test("a declared day that the program makes secret is sealed in its other form too", () => {
    const args = argsOf("2027-06-30T12:00:00+02:00");
    const { outputs, identity } = new Seal(["expiresAt"], args).plan(planOf(args, undefined, tenants("accepted"), now));
    const state = encodeState(type, { args, outputs, identity, sealed: ["expiresAt"] });
    expect(sealedNames(type, state)).toContain("secretExpiresAt");
});

test.each([
    ["reported", soon, undefined, soon, 3],
    ["reported, and another day declared", soon, farDay, soon, 3],
    ["declared", undefined, soonDay, soonDay, 4],
    ["reported as never", "never", undefined, null, null],
] as const)("a report shows the end that is %s", (_, told, declared, expiresAt, daysToExpiry) => {
    const args = argsOf(declared);
    const values = stateOf(args, planOf(args, undefined, tenants("accepted", told), now));
    const record = { type, label: "acme.Token", urn: "urn", name: "acme", hubs: [] } as unknown as ConnectionRecord;
    const shown = shownConnection("dev", record, inspectRecord(type, values, now), now);
    expect(shown).toMatchObject({ expiresAt, daysToExpiry, status: expiresAt === null ? "verified" : "expiring" });
    expect(shown.next).toMatch(expiresAt === null ? /^$/ : /^The token expires on /);
});

describe("Whether the vendor is checked in a run", () => {
    /** Whether a check of an unchanged connection tries to send something: there is nowhere to send it. */
    async function isAsked(
        mode: "always" | "changes" | "never",
        told: string | undefined,
        declared?: string,
    ): Promise<boolean> {
        const asked: string[] = [];
        const probing = {
            ...definition,
            verify: (vendor: { found: (finding: object) => unknown }) => {
                asked.push(mode);
                return Promise.resolve(vendor.found({ outputs: { workspace: "w" } }));
            },
        };
        const own = new ConnectionType(probing as never);
        const given = {
            token: "t-0123456789",
            verify: mode,
            ...(declared === undefined ? {} : { expiresAt: declared }),
        };
        const found = plan({
            type: own,
            args: given,
            derived: {},
            prior: undefined,
            changed: Object.keys(given),
            isNewCredential: true,
            tenants: tenants("accepted", told),
            now: Date.now() - 400 * day,
        });
        const { outputs, identity } = new Seal([], {}).plan(found);
        const recorded = encodeState(own, { args: given, outputs, identity });
        const session = new Session({ endpoints: {}, verify: undefined });
        await connectionHandler(probing as never).check(
            { recorded, declared: given },
            { session, log: { warn: () => undefined } },
        );
        return asked.length > 0;
    }

    const ago = (days: number): string => new Date(Date.now() - days * day).toISOString();

    test.each([
        ["always", ago(1), undefined, true],
        ["changes", ago(1), undefined, true],
        ["changes", ago(-100), undefined, false],
        ["changes", "never", undefined, false],
        ["changes", undefined, ago(1), false],
        ["changes", ago(-100), ago(1), false],
        ["changes", ago(1), ago(1), true],
        ["never", ago(1), undefined, false],
    ] as const)("%s, told %s, declared %s: %s", async (mode, told, declared, expected) => {
        expect(await isAsked(mode, told, declared)).toBe(expected);
    });
});

describe("The end of a secret as a vendor writes it", () => {
    const read = (end: SecretEnd["at"]): unknown => earliestEnd([{ at: end }], ["token"]);

    test.each([
        ["2027-06-30", "2027-06-30T00:00:00.000Z"],
        ["2027-06-30T12:00:00Z", "2027-06-30T12:00:00.000Z"],
        ["2027-06-30T12:00:00.25+02:00", "2027-06-30T10:00:00.250Z"],
        ["2027-06-30 12:00:00 UTC", "2027-06-30T12:00:00.000Z"],
        ["2027-06-30 12:00:00 -0700", "2027-06-30T19:00:00.000Z"],
        [new Date(Date.UTC(2027, 5, 30)), "2027-06-30T00:00:00.000Z"],
        ["never", "never"],
        ["", undefined],
        [null, undefined],
        [undefined, undefined],
    ])("%s is %s", (end, secretEnd) => {
        expect(read(end)).toEqual({ secretEnd, unreadable: [] });
    });

    test.each(["2027-06-30T12:00:00", "30.06.2027", "2027-02-30", "soon", new Date(NaN)])("%s is no moment", (end) => {
        expect(read(end)).toEqual({ secretEnd: undefined, unreadable: ["token"] });
    });

    test("of several secrets the earliest counts, never only of all, and none that was not shown", () => {
        const ends = (...list: SecretEnd[]): unknown => earliestEnd(list, ["key", "appKey"]).secretEnd;
        expect(ends({ at: "2027-06-30" }, { of: "appKey", at: "2027-01-31" })).toBe("2027-01-31T00:00:00.000Z");
        expect(ends({ at: "never" }, { of: "appKey", at: "2027-01-31" })).toBe("2027-01-31T00:00:00.000Z");
        expect(ends({ at: "never" })).toBeUndefined();
        expect(ends({ at: "never" }, { of: "appKey", at: "never" })).toBe("never");
        expect(ends({ of: "standby", at: "2027-01-31" })).toBeUndefined();
        expect(ends({ at: "2027-01-31", sliding: true })).toBeUndefined();
    });
});
