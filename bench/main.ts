import { fork, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ConnectionType } from "../provider/core/connection-type";
import { PROGRAM_REPORT_INPUT } from "../provider/hosts/dynamic/program-report";
import { Session } from "../provider/core/session";
import { verifyStandalone } from "../provider/core/verified";
import { serviceAccount } from "../provider/vendors/jumpcloud/service-account";
import { Project, removeAbandonedProjects } from "../test/support/project";
import { projectFile as yamlFile, secret, yamlHost, yamlProject } from "../test/support/yaml";
import { Watch, type Usage } from "./processes";
import { everyType, programs, type Variant } from "./programs";
import {
    report,
    type Operation,
    type Results,
    type Sample,
    type StartSample,
    type StateSize,
    type TypeCost,
} from "./report";
import { startProvider, type FirstCall } from "./start";
import type { Account, Command, Replies } from "./vendors";

const shared = require(
    path.resolve(__dirname, "../../setup/environment.cjs"),
) as typeof import("../setup/environment.cjs");

/** Tests keep what Node compiles, and load less of the SDK; users do not. */
const asUsersHaveIt = { NODE_DISABLE_COMPILE_CACHE: "1", NODE_OPTIONS: "" };

const usage = `Usage: npm run bench [-- options]

Measures connections against no-op dynamic resources, against a dynamic provider of the usual kind, and by the plugin in YAML, in turns, prints
tables in Markdown, and writes them to build/bench.md.

  --counts 1,10,100       numbers of connections
  --latencies 0,100       how long each answer of the vendors takes, in milliseconds
  --rounds 3              how often everything is run; the medians are shown
  --growth 10,100,1000    numbers of connections of the growth run (its own, once, vendors at once); "none" leaves it out
  --starts 15             how often the provider process is started by hand; 0 leaves it out
  --types no              leaves out what is counted for each type of connection
  --operations up,…       only these of: up, preview, previewRefresh, refresh, update, destroy
                          (up and destroy are always run, since the others need them)
  --json FILE             writes every single measurement as well`;

const order: readonly Operation[] = ["up", "preview", "previewRefresh", "refresh", "update", "destroy"];

interface Options {
    readonly counts: readonly number[];
    readonly latencies: readonly number[];
    readonly rounds: number;
    readonly growth: readonly number[];
    readonly starts: number;
    readonly types: boolean;
    readonly operations: ReadonlySet<Operation>;
    readonly json: string | undefined;
}

class UsageError extends Error {}

function readOptions(): Options | undefined {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
        options: {
            counts: { ...text, default: "1,10,100" },
            latencies: { ...text, default: "0,100" },
            rounds: { ...text, default: "3" },
            growth: { ...text, default: "10,100,1000" },
            starts: { ...text, default: "15" },
            operations: { ...text, default: order.join(",") },
            types: { ...text, default: "yes" },
            json: text,
            help: { type: "boolean", short: "h", default: false },
        },
    });
    const whole = (name: string, value: string): number => {
        if (!/^\d{1,5}$/.test(value)) {
            throw new UsageError(`--${name} takes whole numbers, not ${value}`);
        }
        return Number(value);
    };
    const list = (name: string, value: string): number[] =>
        value === "none" ? [] : value.split(",").map((one) => whole(name, one));
    const operations = values.operations.split(",");
    const wrong = operations.find((name) => !order.includes(name as Operation));
    if (wrong !== undefined) {
        throw new UsageError(`--operations takes ${order.join(", ")}, not ${wrong}`);
    }
    return values.help
        ? undefined
        : {
              counts: list("counts", values.counts),
              latencies: list("latencies", values.latencies),
              rounds: whole("rounds", values.rounds),
              growth: list("growth", values.growth),
              starts: whole("starts", values.starts),
              types: values.types !== "no",
              operations: new Set(["up", "destroy", ...operations] as Operation[]),
              json: values.json,
          };
}

/** The simulated vendors, in a process of their own. */
class Vendors {
    private last: Promise<unknown> = Promise.resolve();

    private constructor(
        private readonly child: ChildProcess,
        readonly endpoints: Readonly<Record<string, string>>,
    ) {}

    static async start(): Promise<Vendors> {
        const child = fork(path.join(__dirname, "vendors.js"));
        const endpoints = await new Promise<Record<string, string>>((resolve, reject) => {
            child.once("message", (message) => resolve(message as Record<string, string>));
            child.once("exit", (code) => reject(new Error(`the vendors ended with ${code}`)));
        });
        return new Vendors(child, endpoints);
    }

    /** Answers come without saying to what, so that one question follows the other. */
    ask<C extends Command>(command: C): Promise<Replies[C["do"]]> {
        const reply = this.last.then(
            () =>
                new Promise<Replies[C["do"]]>((resolve) => {
                    this.child.once("message", (message) => resolve(message as Replies[C["do"]]));
                    this.child.send(command);
                }),
        );
        this.last = reply;
        return reply;
    }

    end(): void {
        this.child.disconnect();
    }
}

const projectFile = (refreshAlways: boolean): string =>
    `name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n${refreshAlways ? "options:\n  refresh: always\n" : ""}`;

/** One stack of one variant, with accounts of its own. */
class Stack {
    private constructor(
        readonly variant: Variant,
        readonly count: number,
        readonly latency: number,
        private readonly vendors: Vendors,
        private readonly project: Project,
        private accounts: readonly Account[],
    ) {}

    static async create(
        variant: Variant,
        count: number,
        latency: number,
        vendors: Vendors,
        more: Record<string, string> = {},
    ): Promise<Stack> {
        const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), ...asUsersHaveIt, ...more };
        const project =
            variant === "plugin"
                ? await yamlProject(vendors.endpoints, env)
                : await Project.create({ name: "bench", program: programs[variant], env });
        const stack = new Stack(
            variant,
            count,
            latency,
            vendors,
            project,
            await vendors.ask({ do: "accounts", count }),
        );
        stack.writeAccounts();
        return stack;
    }

    async measure(operation: Operation, round: number): Promise<Sample> {
        if (operation === "update") {
            this.accounts = await this.vendors.ask({
                do: "rotate",
                accounts: this.accounts.map(({ clientId }) => clientId),
            });
            this.writeAccounts();
        }
        this.project.write("Pulumi.yaml", this.projectFile(operation === "previewRefresh"));
        await this.vendors.ask({ do: "latency", ms: this.latency });
        await this.vendors.ask({ do: "calls" });
        const taken = await this.run(commands[operation]);
        const calls = await this.vendors.ask({ do: "calls" });
        return { variant: this.variant, count: this.count, latency: this.latency, operation, round, ...taken, calls };
    }

    /** How large a resource of this stack is in the state. */
    stateSize(): StateSize {
        const resources = stateOf(this.project).filter(({ type }) =>
            /^(pulumi-nodejs:dynamic|connections:)/.test(String(type)),
        );
        return { variant: this.variant, count: this.count, ...bytesOf(resources.at(-1)) };
    }

    /** What a provider process is called with for the first resource of this stack. */
    async firstCalls(): Promise<{ check: FirstCall; read: FirstCall }> {
        const { stdout } = await this.project.run(["stack", "export", "--show-secrets"]);
        const { deployment } = JSON.parse(stdout) as {
            deployment: { resources: { type: string; id: string; inputs: Values; outputs: Values }[] };
        };
        const [first] = deployment.resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic"));
        if (first === undefined) {
            throw new Error("the stack holds no resource");
        }
        const [olds, state] = [inClear(first.inputs), inClear(first.outputs)];
        const [account] = this.accounts;
        const given = { clientId: account?.clientId ?? "", clientSecret: account?.clientSecret ?? "" };
        const session = new Session({ endpoints: this.vendors.endpoints, verify: undefined });
        const { result } = await verifyStandalone(new ConnectionType(serviceAccount), given, session);
        const ours = async (): Promise<Values> => ({
            ...given,
            [PROGRAM_REPORT_INPUT]: JSON.stringify({ ...result, mode: "always" }),
            __provider: olds["__provider"],
        });
        const news = this.variant === "ours" ? await ours() : olds;
        return { check: { kind: "check", olds, news }, read: { kind: "read", id: first.id, state } };
    }

    dispose(): Promise<void> {
        return this.project.dispose();
    }

    private async run(args: readonly string[]): Promise<Usage> {
        const child = this.project.start(args);
        const watch = new Watch(child.pid as number);
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
        const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
        const taken = watch.end();
        if (
            code !== 0 ||
            (args[0] === "preview" && this.count > 0 && !/\bunchanged\b/.test(output)) ||
            (args[0] === "preview" && /\bto (update|replace|create|delete)\b/.test(output))
        ) {
            throw new Error(`pulumi ${args.join(" ")} (${this.variant}) ended with ${code}:\n${output}`);
        }
        return taken;
    }

    private projectFile(refreshAlways: boolean): string {
        if (this.variant !== "plugin") {
            return projectFile(refreshAlways);
        }
        const resources = this.accounts.map(({ clientId, clientSecret }, i) => [
            `r${i}`,
            {
                type: "connections:jumpcloud:ServiceAccount",
                properties: { clientId, clientSecret: secret(clientSecret) },
            },
        ]);
        const options = refreshAlways ? { options: { refresh: "always" } } : {};
        return yamlFile(Object.fromEntries(resources) as Parameters<typeof yamlFile>[0], options);
    }

    private writeAccounts(): void {
        this.project.write("accounts.json", JSON.stringify(this.accounts));
    }
}

type Values = Record<string, unknown>;

/** The resources of a stack, as its backend keeps them: compact JSON with encrypted secrets. */
function stateOf(project: Project): Values[] {
    const file = project.files().find((name) => name.endsWith(`/.pulumi/stacks/${project.name}/test.json`));
    const state = JSON.parse(fs.readFileSync(file ?? "", "utf8")) as {
        checkpoint: { latest: { resources: Values[] } };
    };
    return state.checkpoint.latest.resources;
}

function bytesOf(resource: Values | undefined): { bytes: number; provider: number } {
    const provider = (resource?.["outputs"] as Values | undefined)?.["__provider"];
    return {
        bytes: Buffer.byteLength(JSON.stringify(resource ?? "")),
        provider: Buffer.byteLength(typeof provider === "string" ? provider : ""),
    };
}

const secretMark = "4dabf18193072939515e22adb298388d";

/** State as the engine hands it to a provider: secrets in clear. */
function inClear(values: Values): Values {
    const open = Object.entries(values).map(([name, value]) => {
        const wrapped =
            typeof value === "object" && value !== null && secretMark in value
                ? (value as { plaintext?: string }).plaintext
                : undefined;
        return [name, wrapped === undefined ? value : (JSON.parse(wrapped) as unknown)];
    });
    return Object.fromEntries(open) as Values;
}

const commands: Readonly<Record<Operation, readonly string[]>> = {
    up: ["up", "--yes"],
    preview: ["preview"],
    previewRefresh: ["preview"],
    refresh: ["refresh", "--yes"],
    update: ["up", "--yes"],
    destroy: ["destroy", "--yes"],
};

// The engine writes the whole state to its file at every step, which grows with the square of the resources and would hide everything else.
const onceWritten = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

const begun = Date.now();

function say(text: string): void {
    process.stderr.write(`bench ${String(Math.round((Date.now() - begun) / 1000)).padStart(5)} s  ${text}\n`);
}

/** Runs all stacks of a number of connections operation by operation, in turns, so that what else the machine does hits all alike. */
async function compare(stacks: readonly Stack[], { rounds, operations }: Options, results: Results): Promise<void> {
    for (let round = 1; round <= rounds; round++) {
        for (const operation of order.filter((name) => operations.has(name))) {
            // Whoever goes first in one turn goes last in the next.
            for (const stack of turn(stacks, results.samples.length)) {
                const sample = await stack.measure(operation, round);
                results.samples.push(sample);
                const { variant, count, latency, seconds, cpu } = sample;
                say(
                    `${count} x ${variant} at ${latency} ms, ${operation}: ${seconds.toFixed(2)} s, cpu ${cpu.toFixed(2)} s`,
                );
            }
            if (operation === "up" && round === 1) {
                for (const stack of stacks) {
                    results.sizes.push(stack.stateSize());
                }
            }
        }
    }
}

function turn<T>(items: readonly T[], by: number): readonly T[] {
    const at = items.length === 0 ? 0 : (by / items.length) % items.length;
    return [...items.slice(at), ...items.slice(0, at)];
}

async function starts(vendors: Vendors, times: number): Promise<StartSample[]> {
    const samples: StartSample[] = [];
    const stacks = await Promise.all(
        (["floor", "ours"] as const).map((variant) => Stack.create(variant, 1, 0, vendors)),
    );
    try {
        const calls: { variant: Variant; call: FirstCall }[] = [];
        for (const stack of stacks) {
            await stack.measure("up", 0);
            const { check, read } = await stack.firstCalls();
            calls.push({ variant: stack.variant, call: check }, { variant: stack.variant, call: read });
        }
        const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) };
        for (let round = 0; round < times; round++) {
            for (const { variant, call } of turn(calls, round * calls.length)) {
                const start = await startProvider(
                    shared.programNode(),
                    path.join(shared.projects, "node_modules"),
                    call,
                    env,
                );
                samples.push({ variant, call: call.kind, round, ...start });
            }
        }
    } finally {
        await Promise.all(stacks.map((stack) => stack.dispose()));
    }
    return samples;
}

/** What each type of connection calls in a preview, and what it leaves in the state. */
async function types(vendors: Vendors): Promise<TypeCost[]> {
    const seeded = await vendors.ask({ do: "seeded" });
    await vendors.ask({ do: "latency", ms: 0 });
    const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), ...asUsersHaveIt };
    const costs: TypeCost[] = [];
    for (const [type, args] of Object.entries(seeded)) {
        const project = await Project.create({ name: "bench", program: everyType, env });
        try {
            project.write("accounts.json", JSON.stringify({ [type]: args }));
            const up = await project.up();
            await vendors.ask({ do: "calls" });
            const preview = await project.preview("--expect-no-changes");
            if (up.code !== 0 || preview.code !== 0) {
                throw new Error(`${type}: ${up.output}${preview.output}`);
            }
            const { bytes, provider } = bytesOf(
                stateOf(project).find((resource) => resource["urn"]?.toString().endsWith(`::${type}`)),
            );
            costs.push({ type, calls: await vendors.ask({ do: "calls" }), bytes, provider });
        } finally {
            await project.dispose();
        }
    }
    return costs;
}

async function main(): Promise<void> {
    const options = readOptions();
    if (options === undefined) {
        console.log(usage);
        return;
    }
    removeAbandonedProjects();
    const vendors = await Vendors.start();
    const results: Results = { samples: [], growth: [], sizes: [], starts: [], types: [], machine: machine() };
    let stacks: Stack[] = [];
    const open = async (
        cells: readonly (readonly [Variant, number, number])[],
        env: Record<string, string> = {},
    ): Promise<void> => {
        stacks = await Promise.all(
            cells.map(([variant, count, latency]) => Stack.create(variant, count, latency, vendors, env)),
        );
    };
    const close = async (): Promise<void> => {
        await Promise.all(stacks.map((stack) => stack.dispose()));
        stacks = [];
    };
    try {
        if (options.types) {
            say("calls and state by type");
            results.types.push(...(await types(vendors)));
        }
        if (options.starts > 0) {
            say("starts of the provider process");
            results.starts.push(...(await starts(vendors, options.starts)));
        }
        for (const count of options.counts) {
            // No-op resources ask no vendor: one stack of them serves every latency.
            const timed = options.latencies.flatMap((latency) => [
                ["plain", count, latency] as const,
                ["ours", count, latency] as const,
                ...(yamlHost === undefined ? [] : [["plugin", count, latency] as const]),
            ]);
            await open([["floor", count, 0], ...timed]);
            await compare(stacks, options, results);
            await close();
        }
        for (const count of options.growth) {
            await open(
                [
                    ["floor", count, 0],
                    ["ours", count, 0],
                ],
                onceWritten,
            );
            const grown: Results = { ...results, samples: results.growth };
            await compare(stacks, { ...options, rounds: 1, operations: new Set(["up", "preview", "refresh"]) }, grown);
            await close();
        }
    } finally {
        await close();
        vendors.end();
    }
    if (options.json !== undefined) {
        fs.writeFileSync(options.json, JSON.stringify(results, undefined, 1));
    }
    const tables = report(results);
    const file = path.join(shared.build, "bench.md");
    fs.writeFileSync(file, tables);
    console.log(tables);
    console.error(`The tables are in ${path.relative(shared.root, file)} as well.`);
}

function machine(): string {
    const [cpu] = os.cpus();
    const version = JSON.parse(
        fs.readFileSync(path.join(shared.root, "node_modules", "@pulumi", "pulumi", "package.json"), "utf8"),
    ) as { version: string };
    const memory = Math.round(os.totalmem() / 2 ** 30);
    return `${os.availableParallelism()} cores (${cpu?.model.trim() ?? "unknown"}), ${memory} GiB, ${os.type()} ${os.release()}, @pulumi/pulumi ${version.version}`;
}

main().catch((error: unknown) => {
    console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error);
    process.exit(1);
});
