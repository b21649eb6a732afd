import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { Project } from "../support/project";
import { cases } from "../support/classes";
import { declare, declaredProgram, type Declared } from "../support/declared";
import { until } from "../support/until";
import { shownBy } from "../support/shown";
import { startVendors, type Vendors } from "../simulators/vendors";

const clean = "--expect-no-changes";

/** The folder of PostgreSQL's programs: the newest of Debian's, else one on PATH. */
const programs = ((): string | undefined => {
    const debian = "/usr/lib/postgresql";
    const versions = fs.existsSync(debian) ? fs.readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
    const folders = [
        ...versions.map((version) => path.join(debian, version, "bin")),
        ...(process.env["PATH"] ?? "").split(path.delimiter),
    ];
    return folders.find((folder) =>
        ["postgres", "initdb"].every((program) => fs.existsSync(path.join(folder, program))),
    );
})();

/** The user to run PostgreSQL as, which refuses to run as root. */
const runsAs = ((): { uid?: number; gid?: number } => {
    if (process.getuid?.() !== 0) {
        return {};
    }
    const line = fs.readFileSync("/etc/passwd", "utf8").split("\n");
    const fields = ["postgres:", "nobody:"]
        .map((name) => line.find((entry) => entry.startsWith(name)))
        .find((entry) => entry !== undefined);
    const [, , uid = "65534", gid = "65534"] = fields?.split(":") ?? [];
    return { uid: Number(uid), gid: Number(gid) };
})();

/** A PostgreSQL server with a database of its own, on a loopback port. */
class Postgres {
    readonly password = randomBytes(12).toString("hex");
    private server: ChildProcess | undefined;
    /** What it has logged. */
    log = "";

    private constructor(
        private readonly bin: string,
        private readonly folder: string,
        readonly port: number,
    ) {}

    static async start(bin: string): Promise<Postgres> {
        // A folder that PostgreSQL's user can reach, which a checkout below somebody's home need not be.
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-postgres-"));
        if (runsAs.uid !== undefined && runsAs.gid !== undefined) {
            fs.chownSync(folder, runsAs.uid, runsAs.gid);
        }
        const port = await new Promise<number>((found) => {
            const server = createServer().listen(0, "127.0.0.1", () => {
                const { port: free } = server.address() as AddressInfo;
                server.close(() => found(free));
            });
        });
        const postgres = new Postgres(bin, folder, port);
        try {
            const passwordFile = path.join(folder, "password");
            fs.writeFileSync(passwordFile, `${postgres.password}\n`);
            const args = [
                "-D",
                path.join(folder, "data"),
                "-U",
                "pulumi",
                "-A",
                "scram-sha-256",
                `--pwfile=${passwordFile}`,
                "-E",
                "UTF8",
                "--locale=C",
            ];
            const { status, stderr, error } = spawnSync(path.join(bin, "initdb"), args, {
                ...runsAs,
                cwd: folder,
                encoding: "utf8",
            });
            if (status !== 0) {
                throw new Error(`initdb ended with ${status}: ${error?.message ?? stderr}`);
            }
            await postgres.run();
            return postgres;
        } catch (error) {
            await postgres.dispose();
            throw error;
        }
    }

    private async run(): Promise<void> {
        const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=16MB"].flatMap(
            (setting) => ["-c", setting],
        );
        const args = ["-D", path.join(this.folder, "data"), "-p", String(this.port), ...settings];
        const server = spawn(path.join(this.bin, "postgres"), args, {
            ...runsAs,
            cwd: this.folder,
            stdio: ["ignore", "ignore", "pipe"],
        });
        this.server = server;
        let started = "";
        server.stderr.on("data", (data) => {
            started += String(data);
            this.log += String(data);
        });
        await until(
            "PostgreSQL to accept connections",
            () => /ready to accept connections/.test(started) || server.exitCode !== null,
        );
        await new Promise<void>((resolve, reject) => {
            const socket = connect(this.port, "127.0.0.1", () => {
                socket.destroy();
                resolve();
            }).on("error", () => reject(new Error(`PostgreSQL did not start:\n${this.log}`)));
        });
    }

    private async kill(): Promise<void> {
        const server = this.server;
        if (server !== undefined && server.exitCode === null && server.signalCode === null) {
            const ended = new Promise((resolve) => server.once("exit", resolve));
            // PostgreSQL's immediate shutdown.
            server.kill("SIGQUIT");
            await ended;
        }
    }

    /** The environment of the engine. The password is no part of the URL, for the engine keeps URLs. */
    get environment(): Record<string, string> {
        return {
            PULUMI_BACKEND_URL: `postgres://pulumi@127.0.0.1:${this.port}/postgres?sslmode=disable`,
            PGPASSWORD: this.password,
        };
    }

    async dispose(): Promise<void> {
        await this.kill();
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}

const testShared = programs === undefined ? test.skip : test;
const condition =
    programs === undefined
        ? " (not run: no PostgreSQL in /usr/lib/postgresql or on PATH; Debian's package is postgresql)"
        : "";

describe(`A stack that a team keeps in PostgreSQL${condition}`, () => {
    let postgres: Postgres | undefined;
    let vendors: Vendors;
    let project: Project;

    const program = (timeoutSeconds: number): Declared[] =>
        cases.map(({ type, credential }) => ({
            name: credential,
            type,
            args: { ...vendors.credentials[credential], timeoutSeconds },
        }));
    const recorded = async (property: string): Promise<Record<string, unknown>> => {
        const resources = (await project.exportState()).deployment.resources ?? [];
        const connections = resources.filter(({ type }) => type.includes("dynamic/connections/"));
        return Object.fromEntries(
            connections.map(({ urn, outputs = {} }) => [urn.split("::").at(-1), outputs[property]]),
        );
    };
    const all = (value: unknown): Record<string, unknown> =>
        Object.fromEntries(cases.map(({ credential }) => [credential, value]));
    const slow = (): void => vendors.listeners.forEach((listener) => listener.fault({ kind: "latency", ms: 700 }));

    beforeAll(async () => {
        if (programs === undefined) {
            return;
        }
        vendors = await startVendors();
        postgres = await Postgres.start(programs);
        const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), ...postgres.environment };
        project = await Project.create({ name: "shared", program: declaredProgram, env });
        declare(project, program(30));
    });

    afterAll(async () => {
        await project?.dispose();
        await postgres?.dispose();
        await vendors?.close();
    });

    testShared("is reached by `pulumi login` too, with the password in the environment and in no file", async () => {
        const { PULUMI_BACKEND_URL: url = "", ...rest } = project.env;
        expect(await project.run(["login", url])).toMatchObject({ code: 0 });
        project.env["PULUMI_BACKEND_URL"] = "";
        const listed = await project.run(["stack", "ls"]);
        project.env["PULUMI_BACKEND_URL"] = url;
        expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("test") });
        const holding = project
            .files()
            .filter((file) => fs.readFileSync(file, "utf8").includes(rest["PGPASSWORD"] ?? ""));
        expect(holding).toEqual([]);
    });

    testShared("comes up, is clean, and shows drift in a preview", async () => {
        expect(await project.up()).toMatchObject({ code: 0 });
        expect(await recorded("status")).toEqual(all("verified"));
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        vendors.fixture.jamf.server.upgrade("11.31.0-t1790000000000");
        const drift = await project.preview("--diff", clean);
        expect(drift.code).not.toBe(0);
        expect((shownBy(drift.output, "update").get("jamf") ?? []).join("\n")).toMatch(/11\.30\.0.*=> .*11\.31\.0/);
    });

    testShared(
        "is locked while `up` runs: a second one is refused and says why, nothing is lost, and a preview is clean",
        async () => {
            declare(project, program(31));
            slow();
            vendors.requests.clear();
            const first = project.up();
            await until("a vendor to be asked", () => vendors.requests.matching({}).length > 0);
            const second = await project.up();
            expect(second.code).not.toBe(0);
            expect(second.output).toMatch(
                /the stack is currently locked by 1 lock\(s\)\. Either wait .* or delete the lock file with `pulumi cancel`/,
            );
            expect(second.output).not.toContain(postgres?.password);
            expect(await first).toMatchObject({ code: 0 });
            vendors.clearFaults();
            expect(await recorded("timeoutSeconds")).toEqual(all(31));
            expect(await recorded("status")).toEqual(all("verified"));
            expect(await project.preview(clean)).toMatchObject({ code: 0 });
        },
    );

    testShared("is destroyed", async () => {
        expect(await project.destroy()).toMatchObject({ code: 0 });
        expect(await recorded("status")).toEqual({});
    });
});
