import * as fc from "fast-check";
import { callHub, type HubAnswer } from "../client";
import { type Hubs, type NangoKey, startHubs } from "../hubs";
import { type Command, empty, type Expected, step } from "./model";

// A failure prints the seed and the path to its counterexample.
const seed = 20_261_124;

// The kind of an integration is in its name.
const keys = fc.constantFrom("jamf-one", "jamf-two", "token");
const ids = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom("mdm", "MDM", "a b+c@d.e", "x/y") },
    { weight: 1, arbitrary: fc.constantFrom("bad?id", "x".repeat(255), "x".repeat(256), "é") },
);
const target = { key: keys, id: ids };
const leaves = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
// A NUL is a matter of the database, not of this.
const clean = <T>(arbitrary: fc.Arbitrary<T>) =>
    arbitrary.filter((value) => !JSON.stringify(value).includes("\\u0000"));
const names = fc.constantFrom("a", "b", "managedBy", "cloudId", "subdomain", "instance");
const objects = clean(
    fc.dictionary(names, fc.oneof(leaves, fc.dictionary(names, leaves, { maxKeys: 2, noNullPrototype: true })), {
        maxKeys: 4,
        noNullPrototype: true,
    }),
);
const tags = fc.dictionary(
    fc.constantFrom("stack", "Owner", "UPPER", "a.b/c-d_e"),
    fc.constantFrom("dev", "Prod", " x "),
    { maxKeys: 3, noNullPrototype: true },
);
const content = fc.record(
    {
        secret: fc.constantFrom("s1", "s2", "s3"),
        config: objects,
        metadata: objects,
        tags,
        webhook: fc.constant("https://hooks.example/x"),
    },
    { requiredKeys: ["secret"] },
);

const commands: fc.Arbitrary<Command> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant("create integration" as const), key: keys }) },
    {
        weight: 1,
        arbitrary: fc.record({
            do: fc.constantFrom("delete integration" as const, "read integration" as const),
            key: keys,
        }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant("write" as const), ...target, content }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("write another type" as const), ...target }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("patch tags" as const), ...target, tags }) },
    {
        weight: 3,
        arbitrary: fc.record({
            do: fc.constantFrom("replace metadata" as const, "merge metadata" as const),
            ...target,
            metadata: objects,
        }),
    },
    {
        weight: 6,
        arbitrary: fc.record({
            do: fc.constantFrom(
                "patch config" as const,
                "read" as const,
                "delete" as const,
                "delete" as const,
                "fail" as const,
            ),
            ...target,
        }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("list" as const), id: ids }) },
);

describe("the simulated Nango, held against what is promised of Nango", () => {
    let hubs: Hubs;
    let full: NangoKey;
    let scoped: NangoKey;

    beforeAll(async () => {
        hubs = await startHubs();
        hubs.nango.limiter.limit = Infinity;
        full = hubs.nango.administration.addKey(["environment:*"]);
        scoped = hubs.nango.administration.addKey();
    });
    afterAll(() => hubs.close());

    const call = (key: NangoKey, method: string, at: string, body?: unknown) =>
        callHub(hubs.nango.listener.endpoint, method, at, `Bearer ${key.value}`, body);
    const at = (command: { key: string; id: string }) =>
        `/connections/${encodeURIComponent(command.id)}?provider_config_key=${command.key}`;
    const credentials = (key: string, secret: string) =>
        key === "token"
            ? { type: "BASIC", username: "bot", password: secret }
            : {
                  type: "OAUTH2_CC",
                  client_id: "cid",
                  client_secret: secret,
                  token: "tok",
                  expires_at: "2999-01-01T00:00:00Z",
              };

    async function run(command: Command): Promise<HubAnswer> {
        switch (command.do) {
            case "create integration":
                return call(full, "POST", "/integrations", {
                    unique_key: command.key,
                    provider: command.key === "token" ? "atlassian-service-account-api-token" : "jamf",
                });
            case "read integration":
                return call(full, "GET", `/integrations/${command.key}`);
            case "delete integration":
                return call(full, "DELETE", `/integrations/${command.key}`);
            case "write": {
                const { secret, config, metadata, tags: sentTags, webhook } = command.content;
                return call(full, "POST", "/connections", {
                    provider_config_key: command.key,
                    connection_id: command.id,
                    credentials: credentials(command.key, secret),
                    connection_config: config,
                    metadata,
                    tags: sentTags,
                    webhook_url_override: webhook,
                });
            }
            case "write another type": {
                const other = credentials(command.key === "token" ? "jamf-one" : "token", "s");
                return call(full, "POST", "/connections", {
                    provider_config_key: command.key,
                    connection_id: command.id,
                    credentials: other,
                });
            }
            case "patch tags":
                return call(full, "PATCH", at(command), { tags: command.tags });
            case "patch config":
                return call(full, "PATCH", at(command), { connection_config: { instance: "x" } });
            case "replace metadata":
            case "merge metadata": {
                const body = {
                    connection_id: command.id,
                    provider_config_key: command.key,
                    metadata: command.metadata,
                };
                return call(full, command.do === "merge metadata" ? "PATCH" : "POST", "/connections/metadata", body);
            }
            case "read":
                return call(full, "GET", at(command));
            case "delete":
                return call(full, "DELETE", at(command));
            case "list":
                return call(full, "GET", `/connections?connectionId=${encodeURIComponent(command.id)}`);
            case "fail":
                if (hubs.nango.administration.connection(command.key, command.id)) {
                    hubs.nango.administration.addError(command.key, command.id);
                }
                return { status: 0, headers: {}, body: {} };
        }
    }

    /** Numbers of the server's rows, by those of the model's. */
    function held(expected: Expected, { status, body }: HubAnswer, rows: Map<number, number>): void {
        expect({ status, code: (body as { error?: { code: string } }).error?.code }).toEqual({
            status: expected.status,
            code: expected.code,
        });
        if (expected.shows) {
            const { row, secret, config, metadata, tags: theirs, webhook, failed } = expected.shows;
            rows.set(row, rows.get(row) ?? (body as { id: number }).id);
            const { client_secret: clientSecret, password } = (body as { credentials: Record<string, unknown> })
                .credentials;
            expect(body).toMatchObject({ id: rows.get(row), webhook_url_override: webhook });
            expect({ ...body, secret: clientSecret ?? password, failed: body.errors.length > 0 }).toMatchObject({
                secret,
                failed,
            });
            expect([body.connection_config, body.metadata, body.tags]).toEqual([config, metadata, theirs]);
        }
        if (expected.lists) {
            const listed = (
                body as {
                    connections: {
                        id: number;
                        provider_config_key: string;
                        metadata: unknown;
                        tags: unknown;
                        errors: unknown[];
                        credentials?: unknown;
                    }[];
                }
            ).connections;
            const view = listed.map((one) => [
                one.provider_config_key,
                one.metadata,
                one.tags,
                one.errors.length > 0,
                one.credentials,
            ]);
            const wanted = expected.lists.map((one) => [one.key, one.metadata, one.tags, one.failed, undefined]);
            const order = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));
            expect(view.sort(order)).toEqual(wanted.sort(order));
        }
    }

    it("goes through random calls as the model does", async () => {
        const done = new Set<string>();
        await fc.assert(
            fc.asyncProperty(fc.array(commands, { minLength: 5, maxLength: 40, size: "max" }), async (sequence) => {
                keysOf(hubs).forEach((key) => hubs.nango.administration.deleteIntegration(key));
                const rows = new Map<number, number>();
                let state = empty;
                for (const command of sequence) {
                    const [next, expected] = step(state, command);
                    held(expected, await run(command), rows);
                    done.add(`${command.do} ${expected.status}`);
                    state = next;
                }
                // Rows that are another have another number.
                expect(new Set(rows.values()).size).toBe(rows.size);
                // And in the end each is seen without its credentials by a key that may not see them.
                for (const row of state.rows.filter(({ id }) => !/[?é]/.test(id))) {
                    const { status, body } = await call(scoped, "GET", at(row));
                    expect([status, body.credentials, body.metadata, body.tags, body.connection_config]).toEqual([
                        200,
                        {},
                        row.metadata,
                        row.tags,
                        row.config,
                    ]);
                }
            }),
            { seed, numRuns: 60 },
        );
        // What the sequences have met: a model that is never contradicted because nothing happens would show nothing.
        const met = [
            "write 201",
            "write 404",
            "write 500",
            "delete 200",
            "delete 400",
            "read 200",
            "read 404",
            "read 400",
            "patch tags 200",
            "merge metadata 200",
            "replace metadata 201",
            "delete integration 200",
            "list 200",
        ];
        expect([...done]).toEqual(expect.arrayContaining(met));
    });
});

function keysOf(hubs: Hubs): string[] {
    return hubs.nango.rows.integrations.map(({ uniqueKey }) => uniqueKey);
}
