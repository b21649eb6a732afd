import fs from "node:fs";
import path from "node:path";
import { Authority } from "../support/certificates";
import { cases } from "../support/classes";
import { nobodyThere } from "../support/declared";
import { Lab, succeeded, type Declared } from "../support/programs";
import type { RunResult } from "../support/project";
import { diagnosticsOf } from "../support/shown";
import { thorough } from "../support/thorough";
import { startConnectProxy, type Fault } from "../simulators/vendors";

const tokenPath = /oauth2?\/token$/;

/** All classes, each with these arguments besides its own. */
function everyClass(lab: Lab, more: object = {}): Record<string, Declared> {
    return Object.fromEntries(
        cases.map(({ type, credential }) => [
            credential,
            { type, args: { ...lab.vendors.credentials[credential], ...more } },
        ]),
    );
}

/** The file that the stack is kept in. */
function stateOf(lab: Lab): string {
    const file = lab.project.files().find((name) => /stacks.*\/test\.json$/.test(name));
    return fs.readFileSync(file ?? "", "utf8");
}

/** What is on record of each resource; a refresh encrypts secrets anew, and notes less of where they came from. */
async function resourcesOf(lab: Lab): Promise<string> {
    const { deployment } = await lab.project.exportState();
    const recorded = (deployment.resources ?? []).map(({ urn, id, inputs, outputs }) =>
        JSON.stringify({ urn, id, inputs, outputs }),
    );
    return recorded
        .sort()
        .join("\n")
        .replace(/"ciphertext":"[^"]*"/g, '"ciphertext":""');
}

describe("A stack of all classes", () => {
    let lab: Lab;
    let resources: string;

    beforeAll(async () => {
        lab = await Lab.start({ name: "faults" });
        lab.declare({ connections: everyClass(lab, { timeoutSeconds: 3 }) });
        succeeded(await lab.up());
        resources = await resourcesOf(lab);
    });

    afterAll(() => lab.dispose());

    const everywhere = (fault: Fault) => (): void =>
        lab.vendors.listeners.forEach((listener) => void listener.fault(fault));

    const faults: [string, () => unknown, RegExp][] = [
        ["down", () => Object.assign(lab.project.env, nobodyThere(lab.vendors)), /no connection to .*ECONNREFUSED/],
        ["silent", everywhere({ kind: "hang" }), /gave no answer within 3 s/],
        ["resetting connections", everywhere({ kind: "reset" }), /closed the connection/],
        [
            "behind a captive portal",
            everywhere({ kind: "html" }),
            /answered with something that is not JSON|returned an answer without an access token/,
        ],
        ["sending bombs", everywhere({ kind: "gzipBomb" }), /more than 1 MiB/],
        [
            "asking for a day's patience",
            everywhere({ kind: "status", status: 429, headers: { "retry-after": "86400" } }),
            /says to wait until/,
        ],
        ["answering 503", everywhere({ kind: "status", status: 503 }), /HTTP 503/],
        ["saying on a page that nothing is there", everywhere({ kind: "html", status: 403 }), /HTTP 403/],
        ["telling nonsense", everywhere({ kind: "invalidJson" }), /not JSON|without an access token/],
    ];

    // `core/fault-matrix` has all faults.
    test.each(thorough(faults.slice(0, 2), faults))(
        "stays as it is while its vendors are %s",
        async (_, arrange, says) => {
            await arrange();
            try {
                const before = stateOf(lab);
                const previewed = await lab.preview("--expect-no-changes");
                expect(succeeded(previewed)).toMatch(says);
                const said = diagnosticsOf(previewed.output);
                const silent = cases.filter(
                    ({ credential }) => !/warning: Not verified: /.test(said.get(credential) ?? ""),
                );
                expect(silent).toEqual([]);
                expect(stateOf(lab)).toBe(before);
                const refreshed = await lab.refresh("--expect-no-changes");
                expect(succeeded(refreshed)).toMatch(says);
                const kept = refreshed.output.match(/warning: \S+: .*The connection stays as it was\./g) ?? [];
                expect(new Set(kept).size).toBeGreaterThanOrEqual(5);
                expect(await resourcesOf(lab)).toBe(resources);
                for (const { output } of [previewed, refreshed]) {
                    expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
                    expect(output).not.toMatch(/Unhandled|bug of pulumi-connections/);
                }
            } finally {
                lab.vendors.clearFaults();
                lab.project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(lab.vendors.endpoints);
            }
        },
    );
});

describe("A stack behind a proxy and a private authority", () => {
    test("is verified by its program and by its provider, and warns of what takes any certificate in every run", async () => {
        const authority = await Authority.create();
        const proxy = await startConnectProxy({ username: "broker", password: "the-password-of-the-proxy" });
        const other = await startConnectProxy();
        const tls = await authority.issue(["localhost", "127.0.0.1"]);
        const lab = await Lab.start(
            { name: "proxied", env: { HTTPS_PROXY: proxy.urlWithCredentials } },
            { tls, endpointHost: "localhost" },
        );
        try {
            const args = { tls: { caCertificates: authority.certificate } };
            const { jamf, jiraConnector } = lab.vendors.credentials;
            const connections: Record<string, Declared> = {
                ...everyClass(lab, args),
                trusting: { type: "jamf.ApiClient", args: { ...jamf, tls: { insecureSkipVerify: true } } },
                broker: { type: "atlassian.JiraConnector", args: { ...jiraConnector, ...args, proxyUrl: other.url } },
            };
            lab.declare({ connections });
            const warning = /insecureSkipVerify accepts any certificate/;
            expect(succeeded(await lab.upWithPreview())).toMatch(warning);
            expect(succeeded(await lab.preview("--expect-no-changes"))).toMatch(warning);
            proxy.requests.length = 0;
            expect(succeeded(await lab.refresh("--expect-no-changes"))).toMatch(/unchanged/);
            const statuses = Object.entries(await lab.recorded()).map(([name, { outputs }]) => [
                name,
                outputs["status"],
            ]);
            expect(statuses).toEqual(statuses.map(([name]) => [name, "verified"]));
            expect(statuses).toHaveLength(cases.length + 2);
            expect(proxy.requests.length).toBeGreaterThan(0);
            expect([...proxy.requests, ...other.requests].map(({ method, status }) => `${method} ${status}`)).toEqual(
                [...proxy.requests, ...other.requests].map(() => "CONNECT 200"),
            );
            expect(other.requests.length).toBeGreaterThan(0);
            expect(lab.printed.join("\n")).not.toContain("the-password-of-the-proxy");
            // Without the proxy no vendor is reached, and with NO_PROXY all are.
            await proxy.close();
            expect(succeeded(await lab.preview("--expect-no-changes"))).toMatch(
                /no connection to the proxy 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
            );
            lab.project.env["NO_PROXY"] = "localhost";
            expect(succeeded(await lab.preview("--expect-no-changes"))).not.toMatch(/Not verified/);
        } finally {
            await Promise.all([lab.dispose(), proxy.close().catch(() => undefined), other.close()]);
        }
    });
});

describe("A stack of many connections", () => {
    test("gets one token per credential and process, and keeps to 5 calls at once for Jamf and 16 for other hosts", async () => {
        const lab = await Lab.start({ name: "fleet" });
        try {
            const { jamf, atlassianOAuth } = lab.vendors.credentials;
            const half = thorough(30, 100);
            const of = (count: number, name: string, declared: Declared): [string, Declared][] =>
                // Arguments of its own, so that none is verified for another.
                Array.from({ length: count }, (_, at) => [
                    `${name}-${at}`,
                    { ...declared, args: { ...declared.args, warnBeforeDays: at } },
                ]);
            lab.declare({
                connections: Object.fromEntries([
                    ...of(half, "jamf", { type: "jamf.ApiClient", args: jamf }),
                    ...of(half, "atlassian", { type: "atlassian.ServiceAccountOAuth", args: atlassianOAuth }),
                ]),
            });
            lab.vendors.listeners.forEach((listener) => listener.fault({ kind: "latency", ms: 20 }));
            const peaks = (): Record<string, number> =>
                Object.fromEntries(
                    ["https://acme.jamfcloud.com", "https://api.atlassian.com"].map((origin) => [
                        origin,
                        lab.vendors.requests.maxConcurrent(origin),
                    ]),
                );
            const tokens = (origin: string): number =>
                lab.vendors.requests.count({ origin, method: "POST", path: tokenPath });
            const counted: string[] = [];
            for (const run of [
                ["up", "--yes", "--skip-preview"],
                ...thorough([], [["refresh", "--yes"]]),
                ["preview", "--refresh"],
            ]) {
                lab.vendors.requests.clear();
                succeeded(await lab.project.run(run, { timeoutMs: 280_000 }));
                const asked = {
                    jamf: tokens("https://acme.jamfcloud.com"),
                    atlassian: tokens("https://auth.atlassian.com"),
                };
                counted.push(
                    `${run[0]}: ${lab.vendors.requests.length} calls, peaks ${JSON.stringify(Object.values(peaks()))}, tokens ${JSON.stringify(asked)}`,
                );
                // One process asks in an up, two where both read and program do, and a refresh has a preview of its own.
                const processes = run[0] === "up" ? 1 : 2;
                expect({ run, asked: Math.max(...Object.values(asked)) <= processes }).toEqual({ run, asked: true });
                expect(peaks()["https://acme.jamfcloud.com"]).toBeLessThanOrEqual(5);
                expect(peaks()["https://api.atlassian.com"]).toBeLessThanOrEqual(16);
                expect(peaks()["https://api.atlassian.com"]).toBeGreaterThan(5);
            }
            process.stdout.write(`\n${2 * half} connections\n${counted.join("\n")}\n`);
            const statuses = Object.values(await lab.recorded()).map(({ outputs }) => outputs["status"]);
            expect(statuses).toEqual(Array(2 * half).fill("verified"));
        } finally {
            await lab.dispose();
        }
    });

    test("asks a host that refuses all of them at most 240 times in each process, and says why each is not verified", async () => {
        const lab = await Lab.start({ name: "refused" });
        try {
            const { cloudId } = lab.vendors.credentials.atlassianToken;
            const one = (at: number): Declared => ({
                type: "atlassian.JiraConnector",
                args: { cloudId, apiToken: `token-of-connection-${at}-0123456789`, timeoutSeconds: 8 },
            });
            lab.declare({
                connections: Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`jira-${at}`, one(at)])),
            });
            lab.vendors
                .listener("https://api.atlassian.com")
                .fault({ kind: "status", status: 429, headers: { "retry-after": "1" } });
            const previewed = await lab.project.run(["preview"], { timeoutMs: 280_000 });
            const asked = lab.vendors.requests.length;
            const told = [
                ...succeeded(previewed).matchAll(
                    /\((jira-\d+)\):\s+warning: Not verified: api\.atlassian\.com .*\(HTTP 429[,)]/g,
                ),
            ].map(([, name]) => name);
            expect({ asked: asked > 0 && asked <= 240, told: new Set(told).size }).toEqual({ asked: true, told: 200 });
            process.stdout.write(`\n200 connections on a host that refuses all: ${asked} calls in a preview\n`);
            if (!thorough(false, true)) {
                return;
            }
            lab.vendors.requests.clear();
            const updated = await lab.project.run(["up", "--yes", "--skip-preview"], { timeoutMs: 280_000 });
            expect(updated.code).not.toBe(0);
            expect(updated.output).toMatch(/api\.atlassian\.com .*\(HTTP 429[,)]/);
            expect(lab.vendors.requests.length).toBeLessThanOrEqual(2 * 240);
            expect(await lab.recorded()).toEqual({});
        } finally {
            await lab.dispose();
        }
    });
});

describe("On a Node that is too old", () => {
    let lab: Lab;
    const sentence =
        /error: .*this is Node 20\.19\.0, with which nothing can be checked: pulumi-connections needs Node >=22/g;
    const old = (): Record<string, string> => ({
        NODE_OPTIONS: `--require ${path.join(lab.project.dir, "old-node.cjs")}`,
    });
    const run = (args: readonly string[], env: Record<string, string> = {}): Promise<RunResult> =>
        lab.project.run(args, { env: { ...old(), ...env } });
    /** How often a run fails with it, in what is below its diagnostics. */
    const said = (output: string): number => (output.split("\nDiagnostics:")[1]?.match(sentence) ?? []).length;

    beforeAll(async () => {
        lab = await Lab.start({ name: "old-node" });
        lab.project.write(
            "old-node.cjs",
            `const { Module } = require("node:module"); const load = Module._load;
            Module._load = (name, ...rest) => { if (name === "undici") throw new TypeError("zstd"); return load(name, ...rest); };
            Object.defineProperty(process.versions, "node", { value: "20.19.0" });`,
        );
        lab.declare({ connections: everyClass(lab) });
        succeeded(await lab.up());
    });

    afterAll(() => lab.dispose());

    test.each<[string, readonly string[], Record<string, string>]>([
        ["a preview", ["preview"], {}],
        ["an up", ["up", "--yes", "--skip-preview"], {}],
        ["a refresh", ["refresh", "--yes", "--skip-preview"], { CONNECTIONS_VERIFY: "changes" }],
    ])("%s of recorded connections fails with one sentence", async (_, args, env) => {
        const before = await resourcesOf(lab);
        const { code, output } = await run(args, env);
        expect([code === 0, said(output)]).toEqual([false, 1]);
        expect(output).not.toMatch(/^\s+at |Report it as a bug|unreachable|programResult/m);
        expect(await resourcesOf(lab)).toBe(before);
    });

    test("a new connection under changes fails as well, and what needs no check goes on", async () => {
        const all = everyClass(lab);
        for (const mode of ["changes", "never"]) {
            succeeded(await run(["preview", "--expect-no-changes"], { CONNECTIONS_VERIFY: mode }));
        }
        lab.declare({ connections: { ...all, another: all["jamf"] as Declared } });
        const { code, output } = await run(["preview"], { CONNECTIONS_VERIFY: "changes" });
        expect([code === 0, said(output)]).toEqual([false, 1]);
        lab.declare({ connections: all });
        succeeded(await run(["destroy", "--yes", "--skip-preview"]));
    });
});
