import { ConnectionType } from "../../provider/core/connection-type";
import { compareStates, obstacles, plan, type Plan, type PlanRequest } from "../../provider/core/plan";
import { kinds, stopsChange } from "../../provider/core/problems";
import { Seal } from "../../provider/core/sealing";
import { decodeState, encodeState, type PriorState } from "../../provider/core/state";
import type { TenantResult } from "../../provider/core/verify";
import {
    bearer,
    defineConnection,
    optional,
    secret,
    text,
    type Check,
    type Problem,
    type ProblemKind,
    type Values,
} from "../../provider/define";

/** A connection of nobody's: it is never verified here. */
const type = new ConnectionType(
    defineConnection({
        type: "nobody:Token",
        title: "Nobody",
        args: {
            site: optional(text({ namesTenant: true })),
            user: text({ namesAccount: true }),
            token: secret(),
            note: optional(text()),
        },
        outputs: ({ derived }) => ({
            url: derived(text(), ({ site = "home" }) => `https://${site}.example`),
            site: text(),
            edition: optional(text()),
        }),
        checks: { known: "Nobody knows the account." },
        tenant: "site",
        credential: ({ token }) => bearer(token),
        verify: () => {
            throw new Error("A plan asks nobody.");
        },
    }),
);

const now = Date.parse("2026-11-24T12:00:00Z");
const args: Values = { site: "home", user: "mia", token: "t" };
const passed: Check = { result: "passed", message: "Nobody knows the account." };

const tenant = (more: Partial<TenantResult> = {}): TenantResult => ({
    status: "verified",
    problems: [],
    outputs: { url: "https://home.example", site: "home" },
    account: { id: "1", name: "Mia" },
    checks: { known: passed },
    warnings: [],
    secretInUse: "token",
    ...more,
});

const failing = (kind: ProblemKind, status: TenantResult["status"], argument?: string): TenantResult => {
    const message = `${kind}, in some words.`;
    return tenant({
        status,
        problems: [{ kind, code: kinds[kind].code, argument, message }],
        checks: { known: { result: status === "unreachable" ? "unknown" : "failed", message } },
    });
};

/** The program makes nothing secret. */
const unsealed = new Seal([], {});

/** What is on record after an up. */
function recorded(given: Values, tenants: readonly TenantResult[] = [tenant()], at = now): PriorState {
    const { outputs, identity, since } = unsealed.plan(planned({ args: given, tenants, now: at }));
    return decodeState(type, encodeState(type, { args: given, outputs, identity, since })) as PriorState;
}

function freeze<T>(value: T): T {
    if (typeof value === "object" && value !== null) {
        Object.values(value).forEach(freeze);
        Object.freeze(value);
    }
    return value;
}

function requestOf({ args: given = args, prior, tenants = [tenant()], ...more }: Partial<PlanRequest>): PlanRequest {
    const changed =
        prior === undefined
            ? Object.keys(given)
            : Object.keys({ ...prior.args, ...given }).filter((name) => prior.args[name] !== given[name]);
    const isNewCredential = changed.some((name) => type.accountArguments.includes(name));
    return { type, args: given, derived: type.derive(given), prior, changed, isNewCredential, tenants, now, ...more };
}

/** Plans twice what cannot be changed, by no other clock than the one handed in. */
function planned(request: Partial<PlanRequest>): Plan {
    const { type: _, ...values } = requestOf(request);
    freeze(values);
    const clock = jest.spyOn(Date, "now").mockImplementation(() => {
        throw new Error("A plan looks at no clock.");
    });
    try {
        const first = plan({ type, ...values });
        expect(plan({ type, ...values })).toEqual(first);
        return first;
    } finally {
        clock.mockRestore();
    }
}

const unchanged = { changes: false, replaces: [], differences: [] };

describe("A plan: what is on record and what was found", () => {
    test("of what is new: what was found", () => {
        expect(planned({})).toEqual({
            outputs: {
                url: "https://home.example",
                site: "home",
                account: { id: "1", name: "Mia" },
                checks: { known: passed },
                warnings: [],
                status: "verified",
            },
            problems: [],
            status: "verified",
            identity: { tenant: "home", account: "1" },
            since: undefined,
            secretInUse: "token",
        });
    });

    test("what the vendor does not report after a refusal stands as it was, with the day of the refusal", () => {
        const prior = recorded(args, [
            tenant({ outputs: { url: "https://home.example", site: "home", edition: "gold" } }),
        ]);
        const refused = planned({
            prior,
            tenants: [failing("credentialRefused", "rejected", "token")],
            now: now + 86_400_000,
        });
        expect(refused).toMatchObject({
            status: "rejected",
            since: "2026-11-25",
            outputs: { status: "rejected", edition: "gold" },
            identity: prior.identity,
        });
    });

    test("nobody to be asked is no worse than what is on record", () => {
        const prior = recorded(args);
        const { status, outputs, identity, problems } = planned({
            prior,
            tenants: [failing("timedOut", "unreachable")],
        });
        expect([status, outputs["status"], identity]).toEqual(["unreachable", "verified", prior.identity]);
        expect(problems).toHaveLength(1);
    });

    const elsewhere = tenant({ outputs: { url: "https://away.example", site: "away" } });
    const another = tenant({ account: { id: "2", name: "Noor" } });

    test("another tenant, or another account of it, is tenantChanged, and the identity on record stays", () => {
        for (const found of [elsewhere, another]) {
            const prior = recorded(args);
            const { status, identity, problems } = planned({ prior, tenants: [found] });
            expect([status, identity, problems.map(({ kind }) => kind)]).toEqual([
                "tenantChanged",
                { tenant: "home", account: "1" },
                ["tenantChanged"],
            ]);
        }
    });

    test("but where the program names the other tenant, or has a new credential for the other account", () => {
        const prior = recorded(args);
        expect(planned({ prior, args: { ...args, site: "away" }, tenants: [elsewhere] })).toMatchObject({
            status: "verified",
            identity: { tenant: "away" },
        });
        expect(planned({ prior, args: { ...args, token: "u" }, tenants: [another] })).toMatchObject({
            status: "verified",
            identity: { account: "2" },
        });
    });

    test("of several tenants the one on record, else the first", () => {
        expect(planned({ tenants: [tenant(), elsewhere] }).identity.tenant).toBe("home");
        const open = { user: "mia", token: "t" };
        expect(
            planned({ args: open, prior: recorded(open, [elsewhere]), tenants: [tenant(), elsewhere] }),
        ).toMatchObject({ status: "verified", identity: { tenant: "away" } });
    });

    const dated = { ...args, expiresAt: "2026-11-30" };

    test.each([
        ["2026-11-20", "verified"],
        ["2026-11-24", "expiring"],
        ["2026-11-30", "expiring"],
        ["2026-12-01", "expired"],
    ])("the calendar on %s: %s", (day, status) => {
        expect(planned({ args: dated, now: Date.parse(`${day}T12:00:00Z`) })).toMatchObject({
            status,
            outputs: { status },
        });
    });

    test("where nobody is asked, what is on record stands, and the calendar goes on", () => {
        const at = Date.parse("2026-11-01T12:00:00Z");
        const prior = recorded(dated, [tenant()], at);
        expect(planned({ args: dated, prior, tenants: [], now: at })).toMatchObject({
            status: "verified",
            outputs: prior.outputs,
        });
        const past = planned({ args: dated, prior, tenants: [], now: now + 10 * 86_400_000 });
        expect(past).toMatchObject({
            status: "expired",
            since: "2026-11-30",
            outputs: { checks: { known: passed, expiry: { result: "failed" } } },
        });
    });

    test("where nobody is asked about a new credential, it is unverified, and facts of the same tenant stay", () => {
        const prior = recorded(args, [
            tenant({ outputs: { url: "https://home.example", site: "home", edition: "gold" } }),
        ]);
        expect(planned({ args: { ...args, token: "u" }, prior, tenants: [] })).toMatchObject({
            status: "unverified",
            outputs: { edition: "gold" },
            identity: { tenant: "home" },
        });
        expect(planned({ args: { ...args, site: "away" }, prior, tenants: [] }).outputs["edition"]).toBeUndefined();
    });
});

describe("What a problem says is for people alone", () => {
    const reworded = (one: Problem): Problem => ({ ...one, message: "Quite something else." });
    const found: readonly TenantResult[] = [
        failing("credentialRefused", "rejected", "token"),
        failing("scopeMissing", "insufficient"),
        failing("tooOld", "unsupported"),
        failing("hostNotFound", "unreachable", "site"),
        failing("timedOut", "unreachable"),
        tenant({ outputs: { url: "https://away.example", site: "away" } }),
        tenant({ warnings: ["Something to know."] }),
    ];

    /** All of a plan but its sentences. */
    const bare = ({ problems, outputs, ...rest }: Plan): unknown => ({
        ...rest,
        problems: problems.map(({ kind, argument }) => [kind, argument]),
        outputs: {
            ...outputs,
            warnings: (outputs["warnings"] as unknown[]).length,
            checks: Object.entries(outputs["checks"] as Record<string, Check>).map(([name, { result }]) => [
                name,
                result,
            ]),
        },
    });

    test.each(found.map((one) => [one.problems[0]?.kind ?? "none", one] as const))(
        "%s in other words comes to the same",
        (_, one) => {
            const other: TenantResult = {
                ...one,
                problems: one.problems.map(reworded),
                checks: Object.fromEntries(
                    Object.entries(one.checks).map(([name, check]) => [
                        name,
                        { ...check, message: "Quite something else." },
                    ]),
                ),
                warnings: one.warnings.map(() => "Quite something else."),
            };
            const dated = { ...args, expiresAt: "2026-11-30" };
            const priors = [
                undefined,
                recorded(dated),
                recorded(dated, [failing("credentialRefused", "rejected", "token")]),
            ];
            for (const prior of priors) {
                for (const given of [dated, { ...dated, token: "u" }, { ...dated, note: "n" }]) {
                    const [first, second] = [
                        planned({ args: given, prior, tenants: [one] }),
                        planned({ args: given, prior, tenants: [other] }),
                    ];
                    expect(bare(second)).toEqual(bare(first));
                    for (const mode of ["always", "changes", "never"] as const) {
                        const { changed } = requestOf({ args: given, prior });
                        const kindsOf = ({ problems, status }: Plan): unknown =>
                            obstacles(
                                problems.filter((problem) => stopsChange(problem, changed)),
                                status,
                                prior,
                                changed,
                                mode,
                            ).map(({ kind }) => kind);
                        expect(kindsOf(second)).toEqual(kindsOf(first));
                    }
                }
            }
        },
    );

    test("a warning of the calendar that another release has recorded in other words is not said twice, and is no change", () => {
        const dated = { ...args, expiresAt: "2026-11-30" };
        const prior = recorded(dated);
        const other = { ...prior, outputs: { ...prior.outputs, warnings: ["On 2026-11-30 it is over."] } };
        const { outputs, identity, since } = unsealed.plan(planned({ args: dated, prior: other, tenants: [] }));
        expect(outputs).toMatchObject({
            status: "expiring",
            warnings: [expect.stringMatching(/^The token expires on 2026-11-30\./)],
        });
        const [before, after] = [other.outputs, outputs].map((shown): Values =>
            encodeState(type, { args: dated, outputs: shown, identity, since }),
        );
        expect(compareStates(type, before as Values, after as Values, "never")).toEqual(unchanged);
    });
});

describe("What is a change", () => {
    const state = (given: Values, found: TenantResult, accepted = false): Values => {
        const { outputs, identity, since } = unsealed.plan(planned({ args: given, tenants: [found] }));
        return encodeState(type, { args: given, outputs, identity, since, accepted });
    };
    const refused = failing("credentialRefused", "rejected", "token");

    test("another tenant that the program names is a replacement, by the argument that names it", () => {
        const away = state(
            { ...args, site: "away" },
            tenant({ outputs: { url: "https://away.example", site: "away" } }),
        );
        expect(compareStates(type, state(args, tenant()), away, "always")).toMatchObject({
            changes: true,
            replaces: ["site"],
        });
        expect(compareStates(type, state(args, tenant()), state({ ...args, note: "n" }, tenant()), "always")).toEqual({
            changes: true,
            replaces: [],
            differences: [{ path: "note", kind: "add" }],
        });
    });

    test("what is not healthy is one in every run under always, and elsewhere until an up has recorded it", () => {
        const changes = (accepted: boolean, mode: "always" | "never"): boolean =>
            compareStates(type, state(args, refused, accepted), state(args, refused), mode).changes;
        expect([
            changes(false, "always"),
            changes(true, "always"),
            changes(false, "never"),
            changes(true, "never"),
        ]).toEqual([true, true, true, false]);
    });

    test("sentences are none", () => {
        const other = tenant({ checks: { known: { ...passed, message: "Known." } } });
        expect(compareStates(type, state(args, tenant()), state(args, other), "always")).toEqual(unchanged);
    });

    test("its differences are shown by path, of a check only its result", () => {
        const { differences } = compareStates(type, state(args, tenant()), state(args, refused), "always");
        expect(differences).toEqual(
            expect.arrayContaining([
                { path: "status", kind: "update" },
                { path: "checks.known.result", kind: "update" },
            ]),
        );
        expect(differences.filter(({ path }) => /message|^__/.test(path))).toEqual([]);
    });
});
