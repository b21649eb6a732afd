import { type Hubs, startHubs } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { argumentsOf, Project, type ProjectOptions, type RunResult, type StateResource } from "./project";
import { succeeded } from "./programs";
import { ifThorough } from "./thorough";

/** A resource that a program declares: in its arguments, `{ made: NAME }` stands for another one, with `output` for one of its outputs, and `{ config: KEY }` for a secret of the configuration. */
export interface DeclaredResource {
    /** The class, such as `nango.Connection`. */
    readonly type: string;
    readonly args: object;
    /** Options of the resource as JSON has them. */
    readonly opts?: object;
}

const variable = "TEST_RESOURCES";

/** A program that declares what the environment says, in its order. */
const program = `
const pulumi = require("@pulumi/pulumi");
const all = require("pulumi-connections");
const config = new pulumi.Config();
const made = {};
const resolve = (value) => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value.made === "string") return value.output ? made[value.made][value.output] : made[value.made];
    if (typeof value.config === "string") return config.requireSecret(value.config);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner)]));
};
for (const [name, { type, args, opts }] of Object.entries(JSON.parse(process.env.${variable}))) {
    const [room, kind] = type.split(".");
    made[name] = new all[room][kind](name, resolve(args), opts);
    exports[name] = made[name].found ?? made[name].status;
}
`;

/** Simulated vendors and hubs, and a project whose program declares what a test says. */
export class HubLab {
    /** What every run has printed. */
    readonly printed: string[] = [];

    private constructor(
        readonly vendors: Vendors,
        readonly hubs: Hubs,
        readonly project: Project,
    ) {}

    static async start(options: Partial<ProjectOptions> = {}): Promise<HubLab> {
        const vendors = await startVendors();
        const hubs = await startHubs({ vendors });
        const endpoints = JSON.stringify({ ...vendors.endpoints, ...hubs.endpoints });
        const env = { CONNECTIONS_ENDPOINTS: endpoints, [variable]: "{}", ...options.env };
        return new HubLab(vendors, hubs, await Project.create({ program, ...options, env }));
    }

    /** Makes the program declare something else from here on. */
    declare(resources: Readonly<Record<string, DeclaredResource>>): void {
        this.project.env[variable] = JSON.stringify(resources);
    }

    /** Runs `pulumi`, the logs of requests empty at its start. */
    async run(...args: string[]): Promise<RunResult> {
        this.vendors.requests.clear();
        this.hubs.requests.clear();
        const result = await this.project.run(args);
        this.printed.push(result.output);
        return result;
    }

    preview(...args: string[]): Promise<RunResult> {
        return this.run("preview", ...args);
    }

    /** In a thorough run: the next preview has nothing to do. `core` holds it of each resource after each of its runs. */
    settled(): Promise<void> {
        return ifThorough(async () => succeeded(await this.preview("--expect-no-changes")));
    }

    /** The update alone. */
    up(...args: string[]): Promise<RunResult> {
        return this.run(...argumentsOf("up", args));
    }

    refresh(...args: string[]): Promise<RunResult> {
        return this.run(...argumentsOf("refresh", args));
    }

    destroy(...args: string[]): Promise<RunResult> {
        return this.run(...argumentsOf("destroy", args));
    }

    /** A resource as the state has it. */
    resource(name: string): Promise<StateResource> {
        return this.project.resource(name);
    }

    async dispose(): Promise<void> {
        await this.project.dispose();
        await Promise.all([this.hubs.close(), this.vendors.close()]);
    }
}
