import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Project, type ExportedState, type RunResult, type StateResource } from "./project";
import { cases } from "./support/classes";
import { declare, declaredProgram, type Declared } from "./support/declared";
import { processesOf, until } from "./support/processes";
import { startVendors, type Vendors } from "./vendors";

const clean = "--expect-no-changes";
const seed = Number(process.env["KILL_SEED"] ?? 20_240_817);
const rounds = 50;

/** The program of a round: a connection of every class, each with an argument that the round changes, and one more that only this round has. */
const program = (vendors: Vendors, round: number): Declared[] => {
    const timeoutSeconds = 30 + round;
    const fixed = cases.map(({ type, credential }) => ({ name: credential, type, args: { ...vendors.credentials[credential], timeoutSeconds } }));
    const passing = { name: `passing-${round}`, type: "jamf.ApiClient", args: { ...vendors.credentials.jamfSelfHosted, timeoutSeconds } };
    return [...fixed, passing];
};

const connectionsOf = ({ deployment }: ExportedState): StateResource[] =>
    (deployment.resources ?? []).filter(({ type }) => type.includes("dynamic/connections/"));
const nameOf = ({ urn }: StateResource): string => urn.split("::").at(-1) ?? "";
const shapeOf = ({ outputs = {} }: StateResource): string => Object.keys(outputs).sort().join(" ");
const kindOf = (resource: StateResource): string => nameOf(resource).replace(/-\d+$/, "");
const shapesOf = (state: ExportedState): Map<string, string> => new Map(connectionsOf(state).map((each) => [kindOf(each), shapeOf(each)]));

/** What is wrong with a state, against the outputs that each connection has when it is whole. */
const flawsOf = (state: ExportedState, shapes: ReadonlyMap<string, string>): unknown[] =>
    connectionsOf(state)
        .map((each) => {
            const { id = "", inputs = {}, outputs = {} } = each;
            return {
                name: nameOf(each),
                id: id !== "",
                status: /^(verified|expiring)$/.test(String(outputs["status"])),
                whole: shapeOf(each) === shapes.get(kindOf(each)) && !("initErrors" in each),
                agreed: inputs["timeoutSeconds"] === outputs["timeoutSeconds"],
            };
        })
        .filter(({ id, status, whole, agreed }) => !(id && status && whole && agreed));

const lockOf = (project: Project): string[] => {
    const locks = path.join(fileURLToPath(project.env["PULUMI_BACKEND_URL"] ?? ""), ".pulumi", "locks");
    return fs.existsSync(locks) ? fs.readdirSync(locks, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json")) : [];
};

/** Pseudo-random numbers from 0 to 1, the same ones for the same seed (mulberry32). */
const randomOf = (from: number) => {
    let state = from;
    return (): number => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
};

/** Lets every vendor answer late, so that what happens at once otherwise has moments in between. */
const slow = (vendors: Vendors, ms: number): void => vendors.listeners.forEach((listener) => listener.fault({ kind: "latency", ms, jitterMs: ms }));

const lab = async (env: Record<string, string> = {}): Promise<{ vendors: Vendors; project: Project }> => {
    const vendors = await startVendors();
    try {
        const options = { name: "kills", program: declaredProgram, env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), ...env } };
        const project = await Project.create(options);
        declare(project, program(vendors, 0));
        return { vendors, project };
    } catch (error) {
        await vendors.close();
        throw error;
    }
};

describe("A stack with all classes of connections", () => {
    const targets = { engine: "pulumi up", provider: "cmd/dynamic-provider", program: "cmd/run" } as const;
    type Target = keyof typeof targets;
    let vendors: Vendors;
    let project: Project;

    beforeAll(async () => {
        ({ vendors, project } = await lab());
    });

    afterAll(async () => {
        await project.dispose();
        await vendors.close();
    });

    /** The processes to kill. The provider runs below a shell, whose command line does not name the script. */
    const found = (target: Target, engine: number | undefined): number[] =>
        target === "engine" ? (engine === undefined ? [] : [engine]) : processesOf(project, targets[target]);

    /** Starts `up`; waits for the target, and then for a moment; kills it. */
    const killed = async (target: Target, afterMs: number): Promise<{ struck: boolean; code: number | null; output: string }> => {
        const engine = project.start(["up", "--yes", "--skip-preview"]);
        let output = "";
        let ended = false;
        engine.stdout.on("data", (data) => (output += String(data)));
        engine.stderr.on("data", (data) => (output += String(data)));
        const closed = new Promise<number | null>((resolve) => engine.on("close", resolve));
        engine.on("exit", () => (ended = true));
        await until(`the ${target}`, () => ended || found(target, engine.pid).length > 0);
        await pause(afterMs);
        const pids = ended ? [] : found(target, engine.pid);
        for (const pid of pids) {
            process.kill(pid, "SIGKILL");
        }
        await until(`the engine to end after a kill of the ${target}`, () => ended);
        // What a killed engine leaves behind keeps its streams open.
        project.kill();
        return { struck: pids.length > 0, code: await closed, output };
    };

    test(
        `survives ${rounds} kills of the engine, the provider and the program: after \`pulumi cancel\` where the engine asks for it, the next run is right`,
        async () => {
            const random = randomOf(seed);
            expect(await project.upOnly()).toMatchObject({ code: 0 });
            const shapes = shapesOf(await project.exportState());
            expect(shapes.size).toBe(cases.length + 1);
            slow(vendors, 60);
            // How long each of them lives in a run that nobody disturbs.
            const lives: Record<Target, number> = { engine: 0, provider: 0, program: 0 };
            declare(project, program(vendors, 1));
            const calm = project.upOnly();
            const since: Partial<Record<Target, number>> = { engine: Date.now() };
            let done = false;
            void calm.finally(() => (done = true));
            while (!done) {
                for (const target of ["engine", "provider", "program"] as const) {
                    if (target === "engine" || processesOf(project, targets[target]).length > 0) {
                        lives[target] = Date.now() - (since[target] ??= Date.now());
                    }
                }
                await pause(20);
            }
            expect(await calm).toMatchObject({ code: 0 });

            const told = { struck: 0, late: 0, locked: 0, pending: 0, unfinished: 0 };
            for (let round = 2; told.struck < rounds; round += 1) {
                expect({ late: told.late }).toEqual({ late: Math.min(told.late, rounds) });
                const target = (["engine", "provider", "program"] as const)[round % 3] ?? "engine";
                const afterMs = Math.round(random() * lives[target] * 0.95);
                declare(project, program(vendors, round));
                const { struck, code, output } = await killed(target, afterMs);
                const where = { seed, round, target, afterMs };
                told[struck ? "struck" : "late"] += 1;
                told.unfinished += code === 0 ? 0 : 1;
                // What is left is only the lock, and only of an engine that was killed.
                const locks = lockOf(project);
                if (locks.length > 0) {
                    told.locked += 1;
                    expect({ ...where, output: target === "engine" ? "" : output }).toEqual({ ...where, output: "" });
                    expect(await project.run(["cancel", "--yes"])).toMatchObject({ code: 0 });
                }
                const state = await project.exportState();
                told.pending += ((state.deployment["pending_operations"] as unknown[] | undefined) ?? []).length > 0 ? 1 : 0;
                expect({ ...where, flaws: flawsOf(state, shapes) }).toEqual({ ...where, flaws: [] });
                const kept = connectionsOf(state).map(nameOf);
                expect({ ...where, lost: cases.filter(({ credential }) => !kept.includes(credential)) }).toEqual({ ...where, lost: [] });
            }
            process.stderr.write(`kills: ${JSON.stringify({ seed, lives, ...told })}\n`);
            expect(told.locked).toBeGreaterThan(0);
            expect(told.unfinished).toBeGreaterThan(rounds / 3);

            vendors.clearFaults();
            // Of a creation that was cut off the engine cannot know what came of it; it tells users to refresh.
            const declared = program(vendors, 1_000).map((each) => ({ ...each, args: { ...each.args, timeoutSeconds: 29 } }));
            declare(project, declared);
            expect(await project.upOnly()).toMatchObject({ code: 0 });
            expect(await project.refresh("--clear-pending-creates", "--skip-preview")).toMatchObject({ code: 0 });
            expect(await project.preview(clean)).toMatchObject({ code: 0 });
            const last = await project.exportState();
            expect(last.deployment["pending_operations"] ?? []).toEqual([]);
            expect(flawsOf(last, shapes)).toEqual([]);
            expect(connectionsOf(last).map(nameOf).sort()).toEqual(declared.map(({ name }) => name).sort());
        },
        900_000,
    );

    test("is locked while `up` runs: a second one is refused and says why, the first one goes through", async () => {
        slow(vendors, 300);
        vendors.requests.clear();
        declare(project, program(vendors, 2_000).map((each) => ({ ...each, args: { ...each.args, timeoutSeconds: 28 } })));
        const first = project.upOnly();
        await until("the lock", () => lockOf(project).length > 0);
        const second = await project.upOnly();
        expect(second.code).not.toBe(0);
        expect(second.output).toMatch(/the stack is currently locked by 1 lock\(s\)\. Either wait .* or delete the lock file with `pulumi cancel`/);
        expect(await first).toMatchObject({ code: 0 });
        vendors.clearFaults();
        expect(lockOf(project)).toEqual([]);
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        expect(connectionsOf(await project.exportState()).map(({ outputs = {} }) => outputs["timeoutSeconds"])).toEqual(Array(8).fill(28));
    });
});

/** A file system of this many KiB, or nothing where one cannot be mounted: that takes root. */
const mounted = (kibibytes: number): string | undefined => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-full-"));
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder]);
    if (status === 0) {
        return folder;
    }
    fs.rmdirSync(folder);
    return undefined;
};
const unmount = (folder: string): void => {
    spawnSync("umount", ["--lazy", folder]);
    fs.rmdirSync(folder);
};
const trial = mounted(64);
if (trial !== undefined) {
    unmount(trial);
}
const testFull = trial === undefined ? test.skip : test;
const condition = trial === undefined ? " (not run: mounting a small file system takes root and mount)" : "";

describe(`A file backend without space${condition}`, () => {
    let vendors: Vendors;
    let project: Project;
    let folder: string | undefined;

    beforeAll(async () => {
        if (trial !== undefined) {
            folder = mounted(2_048);
            ({ vendors, project } = await lab({ PULUMI_BACKEND_URL: pathToFileURL(folder ?? "").href }));
            expect(await project.upOnly()).toMatchObject({ code: 0 });
        }
    });

    afterAll(async () => {
        if (trial !== undefined) {
            await project?.dispose();
            await vendors?.close();
        }
        if (folder !== undefined) {
            unmount(folder);
        }
    });

    const ballast = (): string => path.join(folder ?? "", "ballast");
    const fill = (): void => {
        const file = fs.openSync(ballast(), "a");
        try {
            for (const size of [65_536, 4_096]) {
                try {
                    for (;;) {
                        fs.writeSync(file, Buffer.alloc(size));
                    }
                } catch (error) {
                    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") {
                        throw error;
                    }
                }
            }
        } finally {
            fs.closeSync(file);
        }
    };

    /** Room is made, and the next run puts all right. */
    const recovers = async (before: ExportedState, after: RunResult, round: number): Promise<void> => {
        expect(after.code).not.toBe(0);
        expect(after.output).toMatch(/no space left on device/);
        expect(after.output).not.toMatch(/panic|goroutine|^\s+at /m);
        fs.rmSync(ballast());
        // What could be written of a lock stays: the engine asks for `pulumi cancel`.
        if (lockOf(project).length > 0) {
            expect(await project.run(["cancel", "--yes"])).toMatchObject({ code: 0 });
        }
        const state = await project.exportState();
        expect(flawsOf(state, shapesOf(before))).toEqual([]);
        const kept = connectionsOf(state).map(nameOf);
        expect(cases.filter(({ credential }) => !kept.includes(credential))).toEqual([]);
        expect(await project.upOnly()).toMatchObject({ code: 0 });
        expect(await project.preview(clean)).toMatchObject({ code: 0 });
        const names = program(vendors, round).map(({ name }) => name);
        expect(connectionsOf(await project.exportState()).map(nameOf).sort()).toEqual(names.sort());
    };

    testFull("refuses `up`; once there is room, the next one is right and nothing is lost", async () => {
        const before = await project.exportState();
        declare(project, program(vendors, 1));
        fill();
        await recovers(before, await project.upOnly(), 1);
    });

    testFull("that runs full during `up` fails it; once there is room, the next one is right and nothing is lost", async () => {
        const before = await project.exportState();
        declare(project, program(vendors, 2));
        slow(vendors, 300);
        vendors.requests.clear();
        const run = project.upOnly();
        await until("a vendor to be asked", () => vendors.requests.matching({}).length > 0);
        fill();
        const result = await run;
        vendors.clearFaults();
        await recovers(before, result, 2);
    });
});
