import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Project, removeAbandonedProjects, type RunningEngine, type StateResource } from "../support/project";
import { cases } from "../support/classes";
import { checkpointFile, checkpointOf, ending, pause, processes, stateFolder } from "../support/kills";
import { Lab, succeeded, type Declared } from "../support/programs";
import { random } from "../support/seed";
import { diagonal, thorough } from "../support/thorough";
import { until } from "../support/until";

type Target = "engine" | "provider" | "program";

const rounds = Number(process.env["KILLS"] ?? thorough(3, 50));
/** How many stacks share the rounds. */
const stacks = thorough(1, 2);
const { between } = random();
const targetsOfKills: readonly Target[] = ["engine", "provider", "program"];

/** The connections on record, read without the engine. */
const recorded = (lab: Lab): StateResource[] =>
    checkpointOf(lab.project).resources.filter(({ type }) => type.includes("dynamic/connections/"));

const nameOf = ({ urn }: StateResource): string => urn.split("::").at(-1) ?? "";

/** Kills a process of a run at some moment of it. */
async function strike(
    lab: Lab,
    target: Target,
    engine: RunningEngine,
    running: () => boolean,
    usual: number,
): Promise<boolean> {
    if (target === "engine") {
        await pause(between(0, Math.round(usual)));
        return running() && engine.kill("SIGKILL");
    }
    let pid: number | undefined;
    while (running() && pid === undefined) {
        await pause(20);
        [pid] = lab.project.processes(processes[target]);
    }
    await pause(between(0, target === "program" ? Math.round(usual * 0.7) : 600));
    try {
        return pid !== undefined && running() && process.kill(pid, "SIGKILL");
    } catch {
        return false;
    }
}

/** New connections in every round, so that every up creates some and forgets others. */
function declarations(lab: Lab, round: number, refused: boolean): Record<string, Declared> {
    const { jamf } = lab.vendors.credentials;
    const wrong = { type: "jamf.ApiClient", args: { ...jamf, clientSecret: "a-secret-that-jamf-refuses" } };
    return {
        ...Object.fromEntries(
            diagonal(cases, round, 3).map(({ type, credential }) => [
                `${credential}-${round}`,
                { type, args: lab.vendors.credentials[credential] },
            ]),
        ),
        ...(refused ? { [`refused-${round}`]: wrong } : {}),
    };
}

describe("A stack whose up is killed", () => {
    const count: Record<string, number> = {};

    async function suffer(name: string, targets: readonly Target[]): Promise<void> {
        const lab = await Lab.start({ name });
        try {
            lab.vendors.listeners.forEach((listener) => listener.fault({ kind: "latency", ms: 10, jitterMs: 60 }));
            lab.declare({ connections: declarations(lab, 0, false) });
            const before = Date.now();
            succeeded(await lab.up());
            let usual = Date.now() - before;
            const waiting = [...targets];
            for (let round = 1; waiting.length > 0; round++) {
                const target = waiting.shift() as Target;
                lab.declare({ connections: declarations(lab, round, round % 3 === 0) });
                const engine = lab.project.start(["up", "--yes", "--skip-preview"]);
                const { ended, running } = ending(engine);
                const struck = await strike(lab, target, engine, running, usual);
                const { code, output } = await ended;
                if (struck) {
                    count[target] = (count[target] ?? 0) + 1;
                } else {
                    waiting.push(target);
                }
                const at = { round, target, struck, output };
                expect({
                    ...at,
                    stack: /^\s+at .*:\d+:\d+/m.test(output) && !/cmd\/run|node_modules\/@pulumi/.test(output),
                }).toEqual({ ...at, stack: false });
                // Whatever is on record was verified, and belongs to this round or the one before.
                for (const resource of recorded(lab)) {
                    expect({ ...at, name: nameOf(resource), status: resource.outputs?.["status"] }).toEqual({
                        ...at,
                        name: expect.stringMatching(new RegExp(`-(${round}|${round - 1})$`)) as string,
                        status: "verified",
                    });
                    expect(nameOf(resource)).not.toMatch(/refused/);
                }
                // An operating system would end the rest of a group, or they end by themselves: here nobody waits for them.
                lab.project.kill();
                lab.declare({ connections: declarations(lab, round, false) });
                const start = Date.now();
                let next = await lab.up();
                if (next.code !== 0) {
                    // Only a killed engine leaves its lock behind, and says what takes it away.
                    expect({ ...at, code, next: next.output }).toEqual({
                        ...at,
                        code: null,
                        next: expect.stringMatching(/currently locked by 1 lock[\s\S]*pulumi cancel/) as string,
                    });
                    expect(target).toBe("engine");
                    count["pulumi cancel"] = (count["pulumi cancel"] ?? 0) + 1;
                    succeeded(await lab.run("cancel", "--yes"));
                    next = await lab.up();
                }
                succeeded(next);
                usual = (usual + Math.min(Date.now() - start, 2 * usual)) / 2;
                const after = recorded(lab);
                expect({ ...at, names: after.map(nameOf).sort() }).toEqual({
                    ...at,
                    names: Object.keys(declarations(lab, round, false)).sort(),
                });
                expect(after.map(({ outputs }) => outputs?.["status"])).toEqual(after.map(() => "verified"));
            }
            // Nothing of all that is left over.
            expect(succeeded(await lab.preview("--expect-no-changes"))).toMatch(/unchanged/);
        } finally {
            await lab.dispose();
        }
    }

    test(`is right after the next one, ${rounds} times`, async () => {
        const targets = Array.from({ length: rounds }, (_, at) => targetsOfKills[at % targetsOfKills.length] as Target);
        const shares = Array.from({ length: stacks }, (_, stack) => targets.filter((__, at) => at % stacks === stack));
        await Promise.all(shares.map((share, stack) => suffer(`kill-${stack + 1}`, share)));
        process.stdout.write(`\nkilled: ${JSON.stringify(count)}\n`);
    }, 1_200_000);
});

describe("An engine that is killed", () => {
    // Without this package: what happens is the SDK's doing.
    const program = `
        const fs = require("node:fs");
        const parentOf = (pid) => Number(fs.readFileSync("/proc/" + pid + "/stat", "utf8").split(") ")[1].split(" ")[1]);
        process.kill(parentOf(process.ppid), "SIGKILL");
        throw new Error("an error of the program, which nobody is left to hear of");
    `;
    const ticksOf = (pid: number): number => {
        const [, fields = ""] = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
        return Number(fields.split(" ")[11]) + Number(fields.split(" ")[12]);
    };

    test("can leave its program at work with nothing to do, in any project; the tests end what is left", async () => {
        const project = await Project.create({ name: "orphan", program });
        try {
            let spent = 0;
            // The language host may be quicker, and end the program.
            for (let round = 0; round < 20 && spent < 100; round++) {
                await project.run(["cancel", "--yes"]);
                const { ended } = ending(project.start(["up", "--yes", "--skip-preview"]));
                expect(await ended).toMatchObject({ code: null });
                spent = await settled(() => project.processes(processes.program));
            }
            // In hundredths of a second.
            expect(spent).toBeGreaterThanOrEqual(100);
            expect(project.processes("").length).toBeGreaterThan(0);
            project.kill();
            await until("the end of all processes", () => project.processes("").length === 0);
        } finally {
            await project.dispose();
        }
    });

    /** How much processor time a left program takes: none where it ends, else as much as is convincing. */
    async function settled(left: () => number[]): Promise<number> {
        const [pid] = left();
        const before = pid === undefined ? 0 : ticksOf(pid);
        let spent = 0;
        await until("a left program to end or go on", () => {
            try {
                spent = pid === undefined || !left().includes(pid) ? 0 : ticksOf(pid) - before;
            } catch {
                spent = 0;
            }
            return spent >= 100 || !left().includes(pid ?? -1);
        });
        return spent;
    }

    test("and test runs that are killed leave processes and folders that the next run, and the end of each, removes", async () => {
        const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
        const folder = path.resolve(__dirname, "../../projects", `left-${dead}-0123abcd`);
        fs.mkdirSync(folder, { recursive: true });
        const left = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], {
            env: { CONNECTIONS_TEST_PROJECT: folder },
            stdio: "ignore",
            detached: true,
        });
        const ended = new Promise((resolve) => left.on("exit", (_, signal) => resolve(signal)));
        await until("the process", () => fs.readFileSync(`/proc/${left.pid}/environ`, "utf8").includes(folder));
        removeAbandonedProjects();
        expect(await ended).toBe("SIGKILL");
        expect(fs.existsSync(folder)).toBe(false);
    });
});

describe("An engine that is killed as it writes its state", () => {
    test("can leave an empty file of attributes, which may be deleted; with metadata=skip there is none", async () => {
        const lab = await Lab.start({ name: "attributes" });
        try {
            lab.declare({ connections: declarations(lab, 1, false) });
            succeeded(await lab.up());
            const attributes = `${checkpointFile(lab.project)}.attrs`;
            expect(fs.existsSync(attributes)).toBe(false);
            lab.project.env["PULUMI_BACKEND_URL"] =
                lab.project.env["PULUMI_BACKEND_URL"]?.replace("?metadata=skip", "") ?? "";
            succeeded(await lab.run("stack", "select", "test"));
            lab.declare({ connections: declarations(lab, 2, false) });
            succeeded(await lab.up());
            fs.truncateSync(attributes);
            expect(await lab.preview()).toMatchObject({
                code: 1,
                output: expect.stringMatching(/failed to load checkpoint: EOF/) as string,
            });
            fs.rmSync(attributes);
            expect(succeeded(await lab.preview("--expect-no-changes"))).toMatch(/unchanged/);
        } finally {
            await lab.dispose();
        }
    });
});

describe("Two ups at once", () => {
    test("of one stack do not mix: the second is refused by the lock, and works afterwards", async () => {
        const lab = await Lab.start({ name: "twice" });
        try {
            lab.vendors.listeners.forEach((listener) => listener.fault({ kind: "latency", ms: 150 }));
            lab.declare({ connections: declarations(lab, 1, false) });
            const runs = await Promise.all([
                lab.project.run(["up", "--yes", "--skip-preview"]),
                lab.project.run(["up", "--yes", "--skip-preview"]),
            ]);
            const refused = runs.filter(({ code }) => code !== 0);
            expect(refused.length).toBeLessThanOrEqual(2);
            refused.forEach(({ output }) => expect(output).toMatch(/currently locked by \d lock/));
            const names = Object.keys(declarations(lab, 1, false)).sort();
            if (refused.length < 2) {
                expect(recorded(lab).map(nameOf).sort()).toEqual(names);
            }
            succeeded(await lab.up());
            expect(recorded(lab).map(nameOf).sort()).toEqual(names);
            expect(succeeded(await lab.preview("--expect-no-changes"))).toMatch(/unchanged/);
        } finally {
            await lab.dispose();
        }
    });
});

describe("A backend without space", () => {
    test("fails the run and keeps what is on record; with space again, the next run is right", async () => {
        const lab = await Lab.start({ name: "full" });
        try {
            lab.declare({ connections: declarations(lab, 1, false) });
            succeeded(await lab.up());
            const before = recorded(lab);
            lab.declare({ connections: declarations(lab, 2, false) });
            const folder = path.dirname(lab.project.dir);
            // The small file system lives in a namespace of its own, as long as this script.
            const script = `
                mount -t tmpfs -o size=4m tmpfs "$STATE" || exit 77
                cp -a "$SAVED/." "$STATE/"
                head -c 5000000 /dev/zero > "$STATE/filler" 2>/dev/null
                pulumi up --yes --skip-preview --non-interactive --color never > "$OUT/first.log" 2>&1; echo $? > "$OUT/first"
                cp -a "$STATE/.pulumi" "$OUT/after-first"
                rm "$STATE/filler"
                pulumi cancel --yes --non-interactive > "$OUT/cancel.log" 2>&1
                pulumi up --yes --skip-preview --non-interactive --color never > "$OUT/second.log" 2>&1; echo $? > "$OUT/second"
                cp -a "$STATE/.pulumi" "$OUT/after-second"`;
            const [saved, out] = ["saved", "out"].map((name) => path.join(folder, name)) as [string, string];
            fs.mkdirSync(out);
            fs.cpSync(stateFolder(lab.project), saved, { recursive: true });
            const env = { ...lab.project.env, STATE: stateFolder(lab.project), SAVED: saved, OUT: out };
            // Without waiting for it, for the vendors live in this process.
            const shell = spawn("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script], {
                cwd: lab.project.dir,
                env,
                stdio: ["ignore", "ignore", "pipe"],
            });
            let problem = "";
            shell.stderr.setEncoding("utf8").on("data", (text: string) => (problem += text));
            await new Promise<void>((resolve) => {
                shell.on("error", ({ message }) => {
                    problem += message;
                    resolve();
                });
                shell.on("close", () => resolve());
            });
            if (!fs.existsSync(path.join(out, "first"))) {
                console.warn(`skipped: no small file system can be mounted here (${problem.trim()})`);
                return;
            }
            const read = (name: string): string => fs.readFileSync(path.join(out, name), "utf8");
            expect({ code: read("first").trim(), log: read("first.log") }).toEqual({
                code: expect.not.stringMatching(/^0$/) as string,
                log: expect.stringMatching(/no space left on device/) as string,
            });
            const file = path.join("stacks", "full", "test.json");
            const at = (name: string): StateResource[] =>
                (
                    (
                        JSON.parse(read(path.join(name, file))) as {
                            checkpoint: { latest: { resources: StateResource[] } };
                        }
                    ).checkpoint.latest.resources ?? []
                ).filter(({ type }) => type.includes("dynamic/connections/"));
            expect(at("after-first").map(nameOf).sort()).toEqual(before.map(nameOf).sort());
            expect({ code: read("second").trim(), log: read("second.log") }).toMatchObject({ code: "0" });
            expect(at("after-second").map(nameOf).sort()).toEqual(Object.keys(declarations(lab, 2, false)).sort());
            expect(at("after-second").map(({ outputs }) => outputs?.["status"])).toEqual(
                at("after-second").map(() => "verified"),
            );
        } finally {
            await lab.dispose();
        }
    });
});
