// Processes that are killed at random moments while they create, rotate and delete a connection at Nango: the next run converges, without a second row.
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { leastScopes, startHubs, type Hubs } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { random } from "../support/seed";
import { thorough } from "../support/thorough";
import { runVariable, type HubRun, type HubState } from "../support/hub-host";

const rounds = thorough(6, 30);
const { between } = random();

let vendors: Vendors;
let hubs: Hubs;
let folder: string;

beforeAll(async () => {
    vendors = await startVendors();
    hubs = await startHubs({ vendors });
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "nango-kill-"));
});

afterAll(async () => {
    fs.rmSync(folder, { recursive: true, force: true });
    await Promise.all([hubs.close(), vendors.close()]);
});

/** The host that runs last. */
let started: ChildProcess | undefined;

interface Ended {
    readonly code: number | null;
    readonly killed: boolean;
    readonly stderr: string;
}

/** Runs the host, and kills it after some time where one is given. */
function run(told: HubRun, killAfterMs?: number): Promise<Ended> {
    const child = spawn(process.execPath, [path.join(__dirname, "../support/hub-host.js")], {
        env: { ...process.env, [runVariable]: JSON.stringify(told) },
        stdio: ["ignore", "ignore", "pipe"],
    });
    started = child;
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            clearTimeout(timer);
            resolve({ code, killed: signal === "SIGKILL", stderr });
        });
    });
}

test(`a connection that is killed ${rounds} times is right after the next run`, async () => {
    const { administration: nango } = hubs.nango;
    nango.addIntegration("jamf", "jamf");
    const key = nango.addKey();
    const { client } = vendors.fixture.jamf;
    const { url, clientId } = vendors.credentials.jamf;
    // So many runs would use up Nango's minute again and again.
    hubs.nango.limiter.limit = 1_000_000;
    // Long enough that a kill meets each step of it.
    nango.slow(25);
    const file = path.join(folder, "state.json");
    const told = (verb: HubRun["verb"]): HubRun => ({
        verb,
        kind: "nango:Connection",
        file,
        owner: "urn:pulumi:test::kill::nango:Connection::hub",
        declared: {
            environmentKey: key.value,
            integration: "jamf",
            connectionId: "mdm",
            connection: { type: "jamf.ApiClient", arguments: { url, clientId, clientSecret: client.clientSecret } },
        },
        endpoints: { ...vendors.endpoints, ...hubs.endpoints },
    });
    const start = Date.now();
    expect(await run(told("up"))).toMatchObject({ code: 0 });
    let usual = Date.now() - start;
    const met: Record<string, number> = {};
    for (let round = 0; round < rounds;) {
        // In turn: a rotation, a create of what a destroy has taken away, and a destroy.
        const kind = ["rotation", "create", "destroy"][round % 3] as string;
        if (kind === "rotation") {
            client.generateClientSecret();
        } else if (kind === "create") {
            expect(await run(told("destroy"))).toMatchObject({ code: 0 });
            expect(nango.connections()).toEqual([]);
        }
        const struck = await run(
            told(kind === "destroy" ? "destroy" : "up"),
            between(Math.round(usual * 0.5), Math.round(usual)),
        );
        if (struck.killed) {
            round++;
            const rows = nango.connections();
            const state = fs.existsSync(file) ? "recorded" : "not recorded";
            met[`${kind}: ${rows.length} at the hub, ${state}`] =
                (met[`${kind}: ${rows.length} at the hub, ${state}`] ?? 0) + 1;
        }
        const before = Date.now();
        const next = await run(told("up"));
        usual = (usual + Date.now() - before) / 2;
        expect({ round, kind, next }).toEqual({ round, kind, next: { code: 0, killed: false, stderr: "" } });
        const rows = nango.connections();
        expect({
            round,
            kind,
            rows: rows.length,
            secret: rows[0]?.credentials["client_secret"] === client.clientSecret,
        }).toEqual({ round, kind, rows: 1, secret: true });
        const { outputs } = JSON.parse(fs.readFileSync(file, "utf8")) as HubState;
        expect((outputs["__record"] as { nonce: string }).nonce).toBe(rows[0]?.tags["pulumi-nonce"]);
    }
    process.stdout.write(`\nkilled: ${JSON.stringify(met)}\n`);
    // Nothing of all that is left over.
    expect(await run(told("destroy"))).toMatchObject({ code: 0 });
    expect(nango.connections()).toEqual([]);
}, 240_000);

test("an integration whose run is killed before it is recorded is refused with what may have happened, and taken over on request", async () => {
    const { administration: nango, rows } = hubs.nango;
    const key = nango.addKey([...leastScopes, "environment:connections:list"]);
    const told = (adopt: boolean): HubRun => ({
        verb: "up",
        kind: "nango:Integration",
        file: path.join(folder, "integration.json"),
        owner: "urn:pulumi:test::kill::nango:Integration::integration",
        declared: { environmentKey: key.value, uniqueKey: "killed", provider: "jamf", adopt },
        endpoints: { ...vendors.endpoints, ...hubs.endpoints },
    });
    // Nango makes it, and the run is killed before the answer is there.
    nango.listener.fault({
        kind: "handler",
        method: "POST",
        times: 1,
        handler: () => {
            nango.addIntegration("killed", "jamf");
            started?.kill("SIGKILL");
        },
    });
    expect(await run(told(false))).toMatchObject({ killed: true });
    const refused = await run(told(false));
    expect(refused.stderr).toMatch(
        /uniqueKey: Nango has an integration killed already\. To use it, set adopt: true[^]*Where an earlier run was stopped just after it had made it/,
    );
    expect(await run(told(true))).toEqual({ code: 0, killed: false, stderr: "" });
    expect(rows.integrations.filter(({ uniqueKey }) => uniqueKey === "killed")).toHaveLength(1);
});
