import fs from "node:fs";

/** What a run of the engine took. */
export interface Usage {
    readonly seconds: number;
    /** Processor time of the engine and of all that it started, in seconds. */
    readonly cpu: number;
    /** Processor time by part, in seconds. */
    readonly cpuOf: Readonly<Record<Part, number>>;
    /** The largest resident set that the provider process had, in MiB. */
    readonly providerPeak: number;
    /** The same of the process that runs the program. */
    readonly programPeak: number;
}

/** A process of the engine. */
export type Part = "engine" | "host" | "program" | "provider";

interface Seen {
    part: Part;
    ticks: number;
    peakKiB: number;
}

const ticksPerSecond = 100;
const intervalMs = 20;

/** Follows a process and all its descendants through /proc until it ends. */
export class Watch {
    private readonly seen = new Map<number, Seen>();
    private readonly strangers = new Set<number>();
    private readonly begun = performance.now();
    private readonly timer: NodeJS.Timeout;

    constructor(private readonly root: number) {
        this.timer = setInterval(() => this.look(), intervalMs);
        this.look();
    }

    /** Ends it. */
    end(): Usage {
        const seconds = (performance.now() - this.begun) / 1000;
        clearInterval(this.timer);
        const cpuOf: Record<Part, number> = { engine: 0, host: 0, program: 0, provider: 0 };
        const peaks: Record<Part, number> = { engine: 0, host: 0, program: 0, provider: 0 };
        for (const { part, ticks, peakKiB } of this.seen.values()) {
            cpuOf[part] += ticks / ticksPerSecond;
            peaks[part] = Math.max(peaks[part], peakKiB / 1024);
        }
        return {
            seconds,
            cpu: Object.values(cpuOf).reduce((sum, value) => sum + value, 0),
            cpuOf,
            providerPeak: peaks.provider,
            programPeak: peaks.program,
        };
    }

    private look(): void {
        for (const name of fs.readdirSync("/proc")) {
            const pid = Number(name);
            if (Number.isInteger(pid) && !this.seen.has(pid) && !this.strangers.has(pid)) {
                this.judge(pid);
            }
        }
        for (const [pid, seen] of this.seen) {
            const fields = statOf(pid);
            if (fields !== undefined) {
                seen.ticks = Number(fields[11]) + Number(fields[12]);
                // A process that has just begun still has the name of the one that started it.
                seen.part = partOf(pid) ?? seen.part;
                seen.peakKiB = Math.max(
                    seen.peakKiB,
                    Number(/VmHWM:\s*(\d+)/.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0),
                );
            }
        }
    }

    // Numbers grow: a parent is met before its children, but for the rare wrap-around.
    private judge(pid: number): void {
        const parent = Number(statOf(pid)?.[1]);
        if (pid === this.root || this.seen.has(parent)) {
            this.seen.set(pid, { part: "engine", ticks: 0, peakKiB: 0 });
        } else if (!Number.isNaN(parent)) {
            this.strangers.add(pid);
        }
    }
}

// The second field is the command in parentheses, which may hold anything.
function statOf(pid: number): string[] | undefined {
    const text = textOf(`/proc/${pid}/stat`);
    return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function partOf(pid: number): Part | undefined {
    const command = textOf(`/proc/${pid}/cmdline`);
    if (command === "") {
        return undefined;
    }
    if (/dynamic-provider|\/plugin\/(start\.cjs|pulumi-resource-connections)\0/.test(command)) {
        return "provider";
    }
    if (command.includes("pulumi-language-yaml")) {
        return "host";
    }
    if (command.includes("pulumi-language-nodejs")) {
        return /^[^\0]*node\0/.test(command) ? "program" : "host";
    }
    return /^[^\0]*node\0/.test(command) ? "program" : "engine";
}

function textOf(file: string): string {
    try {
        return fs.readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
