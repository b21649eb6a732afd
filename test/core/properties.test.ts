import path from "node:path";
import * as fc from "fast-check";
import { kinds } from "../../provider/core/problems";
import { statuses } from "../../provider/core/statuses";
import { UNKNOWN } from "../../provider/core/unknown";
import { cases, type Case } from "../support/classes";
import { Core, type CoreReply } from "../support/core";
import { LeakScanner } from "../support/leaks";
import { typeNamed } from "../support/types";
import { startVendors, type Vendors } from "../simulators/vendors";

type State = Record<string, unknown>;
type Checked = { inputs: State; failures: { property: string; reason: string }[] };
type Json = unknown;

// A failure prints the seed and the path to its counterexample.
const seed = 20_260_405;
const named = cases.map((one) => [`${one.type} (${one.credential})`, one] as const);

const names = [
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "__record",
    "__provider",
    "programResult",
    "status",
    "verifiedAt",
    "id",
    "urn",
    "length",
];
const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.constantFrom(
        "",
        " ",
        "\0",
        "\u001b[31m",
        "a\r\nx: 1",
        "\u202e",
        "\ud800",
        "x".repeat(200_000),
        "https://",
        "http://[",
        "https://u:p@h",
        "https://h/%",
        "1e999",
        ...names,
    ),
    fc.constant(UNKNOWN),
);
const keys = fc.oneof(fc.constantFrom(...names), fc.string({ unit: "binary", maxLength: 12 }));
const references = fc.record({
    secretFrom: fc.constantFrom<Json>("env", "file", "vault", 1, null),
    name: fc.oneof(texts, fc.constantFrom<Json>("/", "/nowhere", "a\0b", null, 1)),
});
const leaves = fc.oneof(
    texts,
    fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53),
    fc.integer(),
    references,
);

const objectOf = (entries: readonly (readonly [string, Json])[]): State => Object.fromEntries(entries);
const hostile: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        leaves,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map(objectOf),
    ),
})).value;

/** What is done to a value that was in order: somewhere in it, something else is put, taken out or added. */
interface Mutation {
    readonly at: readonly number[];
    readonly how: "replace" | "remove" | "add" | "append" | "wrap" | "twice";
    readonly key: string;
    readonly value: Json;
}

const mutations = fc.array(
    fc.record<Mutation>({
        at: fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }),
        how: fc.constantFrom("replace", "remove", "add", "append", "wrap", "twice"),
        key: keys,
        value: hostile,
    }),
    { minLength: 1, maxLength: 3 },
);

function mutate(value: Json, { at, how, key, value: put }: Mutation): Json {
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    const [place = 0, ...deeper] = at;
    const chosen = entries[place % Math.max(entries.length, 1)];
    if (chosen === undefined || (at.length === 0 && how !== "remove")) {
        return how === "append" && typeof value === "string"
            ? `${value}${typeof put === "string" ? put : JSON.stringify(put)}`
            : how === "wrap"
              ? { [key]: value }
              : put;
    }
    const [name, inner] = chosen;
    const goesOn = deeper.length > 0 && typeof inner === "object" && inner !== null;
    const changed = entries.flatMap(([other, kept]): [string, Json][] => {
        if (other !== name) {
            return [[other, kept]];
        }
        if (goesOn) {
            return [[other, mutate(kept, { at: deeper, how, key, value: put })]];
        }
        if (how === "remove") {
            return [];
        }
        if (how === "add") {
            return [
                [other, kept],
                [key, put],
            ];
        }
        const next =
            how === "append"
                ? typeof kept === "string"
                    ? `${kept}${typeof put === "string" ? put : JSON.stringify(put)}`
                    : [kept, put]
                : how === "wrap"
                  ? { [key]: kept }
                  : how === "twice"
                    ? [kept, kept]
                    : put;
        return [[other, next]];
    });
    return Array.isArray(value) ? changed.map(([, inside]) => inside) : objectOf(changed);
}

const mutated = (value: Json, list: readonly Mutation[]): State => {
    const result = list.reduce(mutate, value);
    return typeof result === "object" && result !== null && !Array.isArray(result)
        ? (result as State)
        : { value: result };
};

/** Whether a text begins with an argument (or a name that was given as one), or names a host. */
function tells(reason: string, given: State): boolean {
    return (
        /^[a-zA-Z]\w*(\.[\w-]+)*: ./.test(reason) ||
        /[\w-]+(\.[\w-]+)+|127\.0\.0\.1/.test(reason.replace(/\.\s.*$/s, "")) ||
        Object.keys(given).some((name) => reason.startsWith(name.replace(/\p{Cc}+/gu, " ").slice(0, 20)))
    );
}

describe("Whatever is given", () => {
    let vendors: Vendors;
    let core: Core;
    let scanner: LeakScanner;
    const before = new Map<Case, { given: State; outs: State; id: string; result: State }>();
    const counts: Record<string, number> = {};

    const given = (one: Case): State => ({ ...vendors.credentials[one.credential], timeoutSeconds: 5 });
    const call = <T>(
        one: Case,
        method: "check" | "diff" | "create" | "update" | "read",
        args: unknown[],
        run: string = one.credential,
    ): Promise<CoreReply<T>> =>
        core.ask<T>({ connection: one.type, call: method, args, endpoints: vendors.endpoints, run });
    const known = (one: Case): { given: State; outs: State; id: string; result: State } =>
        before.get(one) as NonNullable<ReturnType<typeof before.get>>;

    /** What holds for each reply, whatever was asked. */
    function harmless(reply: CoreReply<unknown>, what: string): void {
        counts[what] = (counts[what] ?? 0) + 1;
        const { error, milliseconds } = reply;
        expect(
            error === undefined || (error.name === "ConnectionError" && error.stack === "") ? undefined : error,
        ).toBeUndefined();
        expect(milliseconds).toBeLessThan(9_000);
        expect(core.astray).toEqual([]);
        expect(scanner.inText(what, error?.message ?? "")).toEqual([]);
        expect(error?.message ?? "").not.toMatch(/(?!\n)\p{Cc}/u);
    }

    function wellTold(reply: CoreReply<Checked>, args: State): void {
        for (const { property, reason } of reply.value?.failures ?? []) {
            expect(property).toBe("");
            expect(reason).not.toMatch(/\p{Cc}|Report it as a bug/u);
            expect(reason.length).toBeLessThan(2_000);
            expect({ reason, tells: tells(reason, args) }).toEqual({ reason, tells: true });
            expect(scanner.inText("a reason", reason)).toEqual([]);
        }
    }

    const holds = <T>(
        arbitrary: fc.Arbitrary<T>,
        numRuns: number,
        predicate: (value: T) => Promise<void>,
    ): Promise<void> =>
        fc.assert(fc.asyncProperty(arbitrary, predicate), {
            seed,
            numRuns,
            interruptAfterTimeLimit: 20_000,
            markInterruptAsFailure: false,
        });

    beforeAll(async () => {
        vendors = await startVendors();
        core = Core.start(
            { CONNECTIONS_TEST_NAMES: JSON.stringify({ "*": "ENOTFOUND" }) },
            path.join(__dirname, "../support", "name-server.js"),
        );
        const planted = cases.flatMap((one) =>
            Object.entries(vendors.credentials[one.credential]).filter(([name]) =>
                typeNamed(one.type).secretNames.includes(name),
            ),
        );
        scanner = new LeakScanner(planted.map(([, secret]) => String(secret)));
        for (const one of cases) {
            const args = given(one);
            const { value } = await core.verify(one.type, args, vendors.endpoints);
            const checked = await call<Checked>(one, "check", [{}, args]);
            const created = await call<{ id: string; outs: State }>(one, "create", [checked.value?.inputs]);
            before.set(one, {
                given: args,
                ...(created.value as { id: string; outs: State }),
                result: { ...value?.result, mode: "always" },
            });
        }
    });

    afterAll(async () => {
        await core.close();
        await vendors.close();
        process.stdout.write(
            `properties, seed ${seed}: ${Object.entries(counts)
                .map(([what, count]) => `${what} ${count}`)
                .join(", ")}\n`,
        );
    });

    test.each(named)(
        "as arguments of %s is judged or refused by name, and nobody is asked about what is wrong",
        async (_, one) => {
            const connection = typeNamed(one.type);
            const arbitrary = fc.tuple(
                fc.oneof({ weight: 3, arbitrary: mutations }, { weight: 1, arbitrary: hostile }),
                fc.boolean(),
            );
            await holds(arbitrary, 120, async ([how, recorded]) => {
                const { given: valid, outs } = known(one);
                const args =
                    Array.isArray(how) && how.every(isMutation)
                        ? mutated(valid, how)
                        : mutated(valid, [{ at: [], how: "replace", key: "", value: how }]);
                const { problems } = connection.arguments.validate(args);
                const asked = vendors.requests.length;
                const reply = await call<Checked>(one, "check", [recorded ? outs : {}, args]);
                harmless(reply, "check");
                wellTold(reply, args);
                const own = problems.filter(
                    ({ argument = "" }) => !/^(__|programResult|verifiedAt|status)/.test(argument),
                );
                if (own.length > 0) {
                    expect({
                        args,
                        refused: (reply.value?.failures ?? []).length > 0,
                        asked: vendors.requests.length - asked,
                    }).toEqual({ args, refused: true, asked: 0 });
                }
            });
        },
    );

    test.each(named)("as a result of %s is taken or left", async (_, one) => {
        const arbitrary = fc.tuple(
            fc.oneof(
                texts,
                hostile.map((value) => JSON.stringify(value)),
                mutations,
            ),
            fc.boolean(),
        );
        await holds(arbitrary, 60, async ([how, recorded]) => {
            const { given: valid, outs, result } = known(one);
            const text =
                typeof how === "string"
                    ? how
                    : how === undefined
                      ? ""
                      : JSON.stringify(how.reduce<Json>(mutate, result));
            const reply = await call<Checked>(one, "check", [recorded ? outs : {}, { ...valid, programResult: text }]);
            harmless(reply, "program's result");
            expect(
                reply.value?.failures.filter(
                    ({ property, reason }) => property !== "" || /Report it as a bug/.test(reason),
                ),
            ).toEqual([]);
            expect(Object.keys(reply.value?.inputs ?? {})).not.toContain("programResult");
        });
    });

    test.each(named)("as the state of %s is compared, read and updated, or refused in one message", async (_, one) => {
        await holds(mutations, 60, async (list) => {
            const { given: valid, outs, id } = known(one);
            const state = mutated(outs, list);
            harmless(await call(one, "check", [state, valid]), "check of a state");
            harmless(await call(one, "diff", [id, state, outs]), "diff");
            harmless(await call(one, "diff", [id, outs, state]), "diff");
            harmless(await call(one, "read", [id, state]), "read");
            harmless(await call(one, "create", [state]), "create");
            harmless(await call(one, "update", [id, state, outs]), "update");
            harmless(await call(one, "update", [id, outs, state]), "update");
        });
    });

    test.each(named)(
        "as an answer to %s leads to a known status, and never to verified without proof",
        async (_, one) => {
            const { given: valid } = known(one);
            vendors.requests.clear();
            await core.verify(one.type, valid, vendors.endpoints);
            const endpoints = [...vendors.requests].map(({ method, path: asked }) => ({
                method,
                path: asked.split("?")[0] ?? "",
            }));
            const secrets = Object.entries(valid).flatMap(([name, secret]) =>
                typeNamed(one.type).secretNames.includes(name) ? [String(secret)] : [],
            );
            const echoed = secrets.flatMap((secret) => [
                secret,
                encodeURIComponent(secret),
                Buffer.from(secret).toString("base64"),
                Buffer.from(`user:${secret}`).toString("base64"),
            ]);
            const bodies = fc.oneof(
                hostile,
                texts,
                fc.constantFrom<Json>(...echoed),
                fc
                    .tuple(keys, fc.constantFrom(...echoed))
                    .map(([key, echo]) => ({ [key]: [echo], error: echo, message: echo, [echo]: 1 })),
            );
            const codes = fc.oneof(
                { weight: 6, arbitrary: fc.constant(200) },
                {
                    weight: 4,
                    arbitrary: fc.integer({ min: 201, max: 499 }).filter((code) => ![408, 425, 429].includes(code)),
                },
                { weight: 1, arbitrary: fc.constantFrom(408, 429, 500, 503, 599) },
            );
            const headers = fc.record(
                {
                    "content-type": fc.constantFrom("application/json", "text/html", "", "application/json; charset=x"),
                    location: fc.constantFrom(
                        "https://elsewhere.example/",
                        "http://[",
                        ...secrets.map((secret) => `https://${encodeURIComponent(secret)}.example/`),
                    ),
                    "set-cookie": fc.constantFrom("jpro-ingress=a; Path=/", "=", ";", "APBALANCEID=x"),
                    "retry-after": fc.constantFrom("0", "-1", "soon", "99999999999"),
                    "x-failure-category": fc.constantFrom(
                        "FAILURE_CLIENT_SCOPE_CHECK",
                        "FAILURE_CLIENT_AUTH_MISMATCH",
                        "",
                    ),
                },
                { requiredKeys: [] },
            );
            const arbitrary = fc.record({
                at: fc.nat(20),
                whole: fc.boolean(),
                mutation: mutations,
                body: bodies,
                status: codes,
                headers,
            });
            await holds(arbitrary, 80, async ({ at, whole, mutation, body, status, headers: sent }) => {
                const endpoint = endpoints[at % endpoints.length] as (typeof endpoints)[number];
                // Whatever stands at Jamf's newer token path stands at the older one, which is asked then.
                const paths =
                    endpoint.path === "/api/v1/oauth/token" ? [endpoint.path, "/api/oauth/token"] : [endpoint.path];
                const match = {
                    method: endpoint.method,
                    when: ({ path: asked }: { path: string }) => paths.includes(asked.split("?")[0] ?? ""),
                };
                vendors.clearFaults();
                for (const listener of vendors.listeners) {
                    listener.fault(
                        whole
                            ? { ...match, kind: "status", status, headers: sent, body: body as object }
                            : { ...match, kind: "patch", patch: (value: Json) => mutation.reduce(mutate, value) },
                    );
                }
                // Each status of the slow kind takes retries: the deadline ends them.
                const reply = await core.verify(one.type, { ...valid, timeoutSeconds: 1 }, vendors.endpoints);
                vendors.clearFaults();
                harmless(reply, "answer");
                expect(reply.error).toBeUndefined();
                const text = JSON.stringify(reply.value);
                expect(scanner.inText("an observation", text)).toEqual([]);
                expect(text).not.toMatch(/\\u00[01]|\\[nrt]|Report it as a bug/);
                for (const seen of reply.value?.result?.tenants ?? []) {
                    expect(Object.keys(statuses)).toContain(seen.status);
                    seen.problems.forEach(({ kind, argument, message }) => {
                        expect(Object.keys(kinds)).toContain(kind);
                        expect({
                            message,
                            tells: argument !== undefined || /[\w-]+(\.[\w-]+)+|scope|privilege/.test(message),
                        }).toEqual({ message, tells: true });
                    });
                    expect(seen.status === "verified").toBe(seen.problems.length === 0);
                    if (whole && (seen.status === "verified" || seen.status === "expiring")) {
                        expect({ endpoint, verified: /token$|myself$/.test(endpoint.path) }).toEqual({
                            endpoint,
                            verified: false,
                        });
                    }
                }
                expect(reply.value?.result?.tenants.length).toBeGreaterThan(0);
            });
        },
    );

    test.each(named)(
        "observed of %s, once recorded, is no difference, in whatever order its lists come",
        async (_, one) => {
            const { given: valid, outs, id, result } = known(one);
            for (let round = 0; round < 3; round++) {
                vendors.listeners.forEach((listener) =>
                    listener.fault({ kind: "patch", patch: (value: Json) => turned(value, round) }),
                );
                const read = await call<{ props: State }>(one, "read", [id, outs], `${one.credential} order ${round}`);
                vendors.clearFaults();
                harmless(read, "order");
                expect(read.value?.props).toEqual(outs);
            }
            const [first] = result["tenants"] as [State];
            const facts = fc.array(
                fc.tuple(
                    fc.constantFrom(...typeNamed(one.type).outputNames),
                    texts.filter((text) => text !== UNKNOWN),
                ),
                { maxLength: 3 },
            );
            await holds(
                fc.record({ facts, warnings: fc.array(texts), granted: fc.array(texts) }),
                40,
                async ({ facts: other, warnings, granted }) => {
                    const seen = {
                        ...first,
                        outputs: { ...(first["outputs"] as State), ...objectOf(other) },
                        warnings,
                        grantedScopes: granted,
                    };
                    const news = {
                        ...valid,
                        programResult: JSON.stringify({ ...result, verifiedAtMs: Date.now(), tenants: [seen] }),
                    };
                    const once = await call<Checked>(one, "check", [{}, news]);
                    const twice = await call<Checked>(one, "check", [once.value?.inputs ?? {}, news]);
                    const diff = await call(one, "diff", [id, once.value?.inputs ?? {}, twice.value?.inputs ?? {}]);
                    [once, twice, diff].forEach((reply) => harmless(reply, "settle"));
                    expect(once.value?.failures).toEqual([]);
                    expect(diff.value).toEqual({ changes: false, replaces: [] });
                },
            );
        },
    );
});

const isMutation = (value: unknown): value is Mutation =>
    typeof value === "object" && value !== null && "how" in value && "at" in value;

/** Every list in a value, turned around or rotated. */
function turned(value: Json, by: number): Json {
    if (Array.isArray(value)) {
        const list = value.map((inner) => turned(inner, by));
        return by === 0 ? list.reverse() : [...list.slice(by), ...list.slice(0, by)];
    }
    return typeof value === "object" && value !== null
        ? objectOf(Object.entries(value).map(([key, inner]) => [key, turned(inner, by)]))
        : value;
}
