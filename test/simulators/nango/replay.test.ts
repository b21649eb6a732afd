import fs from "node:fs";
import path from "node:path";
import { callHub, type HubAnswer } from "../client";
import { type Hubs, startHubs } from "../hubs";

const file = path.resolve(__dirname, "../../../../../shared/hubs/nango-recorded.jsonl");

/** One exchange with a real Nango server. */
interface Exchange {
    readonly note: string;
    readonly key: "none" | "malformed" | "unknown" | "full" | "scoped";
    readonly method: string;
    readonly path: string;
    readonly body: unknown;
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly answer: unknown;
}

const available = fs.existsSync(file);
if (!available) {
    process.stderr.write(
        `Skipped: what a real Nango server answered is not in ${path.relative(process.cwd(), file)}.\n`,
    );
}

const exchanges = available
    ? fs
          .readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Exchange)
    : [];

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const momentary = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|\+00:00)$/;

/** What is other at every run, put into words; numbers of rows become the order in which they were first seen, so that it still shows which is which. */
class Normalizer {
    private readonly rows = new Map<unknown, string>();

    constructor(private readonly sent: unknown) {}

    of(value: unknown, key = ""): unknown {
        if (Array.isArray(value)) {
            return value.map((item) => this.of(item));
        }
        if (typeof value === "object" && value !== null) {
            return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.of(inner, name)]));
        }
        if (key === "id" && typeof value === "number") {
            return this.rows.get(value) ?? this.rows.set(value, `row ${this.rows.size + 1}`).get(value);
        }
        return typeof value === "string"
            ? this.text(value, key)
            : key === "config_id" || key === "environment_id"
              ? "number"
              : value;
    }

    private text(value: string, key: string): string {
        // Midnights were sent so, and come back.
        if (momentary.test(value) && !value.endsWith("T00:00:00.000Z")) {
            return `now, ${value.endsWith("Z") ? "Z" : "+00:00"}`;
        }
        if (key === "log_id") {
            return value.replace(/^\d{13}_[A-Za-z0-9]{8}$/, "log");
        }
        if (key === "credentials_iv" || key === "credentials_tag") {
            return `${Buffer.from(value, "base64").length} bytes`;
        }
        const row = /^(Failed to fetch client credentials token: )(\{.*\})$/.exec(value);
        if (row) {
            return `${row[1]!}${JSON.stringify(this.of(JSON.parse(row[2]!)))}`;
        }
        const isSent = JSON.stringify(this.sent ?? null).includes(value);
        const common = value
            .replace(/^http:\/\/127\.0\.0\.1:\d+/, "http://server")
            .replace(/nango_connect_session_[0-9a-f]{64}/, "session");
        return isSent ? value : common.replace(uuid, "uuid");
    }
}

/** An exchange as it is compared; the numbers of the rate limit are other ones, its headers' names are not. */
function compared(normalizer: Normalizer, { status, headers, body }: HubAnswer): unknown {
    const names = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];
    return {
        status,
        type: headers["content-type"],
        limit: names.map((name) =>
            headers[name] === undefined ? `no ${name}` : /^\d+$/.test(headers[name]) ? name : headers[name],
        ),
        answer: normalizer.of(body),
    };
}

(available ? describe : describe.skip)("the simulated Nango, by what a real one answered", () => {
    let hubs: Hubs;
    const keys: Record<string, string | undefined> = {
        none: undefined,
        malformed: "Bearer not-a-uuid",
        unknown: "Bearer 0b1ce5c5-7c1e-4c1c-9c0e-1f3b1d8f2a11",
    };

    beforeAll(async () => {
        // Nobody can be reached from it, as it was when the exchanges were recorded.
        hubs = await startHubs();
        keys["full"] = `Bearer ${hubs.nango.administration.addKey(["environment:*"]).value}`;
        keys["scoped"] = `Bearer ${hubs.nango.administration.addKey(["environment:connections:read"]).value}`;
    });
    afterAll(() => hubs.close());

    const send = ({ method, path: at, key, body }: Exchange) =>
        callHub(hubs.nango.listener.endpoint, method, at, keys[key], body);

    // They belong together and follow from one another, and the last uses the minute up: one test.
    it("answers all of the exchanges with the same status, headers and body", async () => {
        expect(exchanges).toHaveLength(85);
        const recorded = new Map(
            exchanges.map((exchange) => [
                exchange,
                { status: exchange.status, headers: exchange.headers, body: exchange.answer },
            ]),
        );
        const theirs = new Normalizer(exchanges.map(({ body }) => body));
        const ours = new Normalizer(exchanges.map(({ body }) => body));
        const collisions = exchanges.filter(({ note }) => note === "one of six at once");
        const differing: unknown[] = [];
        let compare = 0;
        for (const exchange of exchanges) {
            if (exchange === collisions[0]) {
                hubs.nango.administration.gatherCreates(collisions.length);
                const outcome = (normalizer: Normalizer, answers: readonly HubAnswer[]) =>
                    answers
                        .map((answer) => ({
                            status: answer.status,
                            code: (normalizer.of(answer.body) as { error?: unknown }).error,
                        }))
                        .sort((a, b) => a.status - b.status);
                const answers = await Promise.all(collisions.map(send));
                expect(outcome(ours, answers)).toEqual(
                    outcome(
                        theirs,
                        collisions.map((one) => recorded.get(one)!),
                    ),
                );
                expect(
                    new Set(
                        answers.filter(({ status }) => status === 201).map(({ body }) => (body as { id: number }).id),
                    ).size,
                ).toBe(1);
                compare += collisions.length;
            }
            if (collisions.includes(exchange)) {
                continue;
            }
            if (exchange.note === "too many") {
                hubs.nango.limiter.exhaust();
            }
            const expected = compared(theirs, recorded.get(exchange)!);
            const found = compared(ours, await send(exchange));
            compare += 1;
            if (JSON.stringify(found) !== JSON.stringify(expected)) {
                differing.push({ note: exchange.note, found, expected });
            }
        }
        expect(differing).toEqual([]);
        expect(compare).toBe(exchanges.length);
    });
});
