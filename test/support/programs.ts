import fs from "node:fs";
import path from "node:path";
import { argumentsOf, Project, type ProjectOptions, type RunResult } from "./project";
import { startVendors, type Vendors, type VendorsOptions } from "../simulators/vendors";

/** A connection that a program declares. */
export interface Declared {
    /** The class, such as `jamf.ApiClient`. */
    readonly type: string;
    /** Its arguments. `{ later: NAME }` is the output of the resource of that name, `{ output: "NAME.OUTPUT" }` one of a connection, `{ secret: VALUE }` a secret. */
    readonly args: object;
    /** Options of the resource as JSON has them. */
    readonly opts?: object;
    /** Names of what it depends on. */
    readonly dependsOn?: readonly string[];
}

/** What a program declares. */
export interface Declarations {
    readonly connections: Readonly<Record<string, Declared>>;
    /** Resources with an output `value` that is known once they exist. */
    readonly later?: Readonly<Record<string, string>>;
    /** A transformation of the stack: the arguments to put over those of a connection. */
    readonly transform?: Readonly<Record<string, object>>;
}

const variable = "TEST_DECLARATIONS";
const knownFile = "known.json";

/**
 * A program that declares what the environment says. What it knows of each connection's outputs it hands on to another resource and to the stack's
 * outputs, and writes to a file.
 */
export const declaringProgram = `
const fs = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const vendors = require("pulumi-connections");

const { connections, later = {}, transform = {} } = JSON.parse(process.env.${variable});
const known = {};
const keep = () => fs.writeFileSync("${knownFile}", JSON.stringify(known));
keep();
process.on("exit", keep);

const laterProvider = {
    create: async ({ given }) => ({ id: "later", outs: { value: given, given } }),
    update: async (id, olds, { given }) => ({ outs: { value: given, given } }),
};
class Later extends pulumi.dynamic.Resource {
    constructor(name, given) {
        super(laterProvider, name, { value: undefined, given });
    }
}

if (Object.keys(transform).length > 0) {
    pulumi.runtime.registerStackTransformation(({ name, props, opts }) => (name in transform ? { props: { ...props, ...transform[name] }, opts } : undefined));
}

// The oldest SDK has no stash.
const Keeper = pulumi.Stash ?? class extends pulumi.ComponentResource {
    constructor(name, props) {
        super("test:Keeper", name, props);
    }
};
const made = Object.fromEntries(Object.entries(later).map(([name, value]) => [name, new Later(name, value)]));
const resolve = (value) => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value.later === "string") return made[value.later].value;
    if (typeof value.secret === "string") return pulumi.secret(value.secret);
    if (typeof value.output === "string") return made[value.output.split(".")[0]][value.output.split(".")[1]];
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner)]));
};

const hidden = ["urn", "id", "observation", "__provider", "clientSecret", "standbyClientSecret", "apiToken", "proxyUrl"];
for (const [name, { type, args, opts = {}, dependsOn }] of Object.entries(connections)) {
    const [vendor, kind] = type.split(".");
    const resource = new vendors[vendor][kind](name, resolve(args), { ...opts, ...(dependsOn && { dependsOn: dependsOn.map((other) => made[other]) }) });
    made[name] = resource;
    known[name] = {};
    for (const output of Object.keys(resource).filter((key) => pulumi.Output.isInstance(resource[key]) && !hidden.includes(key))) {
        resource[output].apply((value) => {
            known[name][output] = value === undefined ? "undefined" : value;
        });
    }
    const { status, apiUrl, jiraUrl, confluenceUrl, hostUrl } = resource;
    const url = pulumi.all([apiUrl, hostUrl, jiraUrl, confluenceUrl]).apply((urls) => urls.find((text) => text));
    new Keeper("user-of-" + name, { input: { url } });
    exports[name] = pulumi.interpolate\`\${status} \${url}\`;
}
`;

/** The output of a run that must have ended well, in full where it has not. */
export function succeeded({ code, output }: RunResult): string {
    if (code !== 0) {
        throw new Error(`pulumi ended with ${code}:\n${output}`);
    }
    return output;
}

/** The output of a run that must have failed, without a trace of the program or the provider. */
export function failed({ code, output }: RunResult): string {
    if (code === 0 || /^\s+at .*[:(]|unhandled|node:internal|\.js:\d+/m.test(output)) {
        throw new Error(`pulumi ended with ${code}:\n${output}`);
    }
    return output;
}

/** Simulated vendors, and a project whose program declares what a test says. */
export class Lab {
    /** What every run has printed. */
    readonly printed: string[] = [];

    protected constructor(
        readonly vendors: Vendors,
        readonly project: Project,
    ) {}

    static async start(options: Partial<ProjectOptions> = {}, served: VendorsOptions = {}): Promise<Lab> {
        const vendors = await startVendors(served);
        try {
            const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), ...options.env };
            const lab = new Lab(vendors, await Project.create({ program: declaringProgram, ...options, env }));
            lab.declare({ connections: {} });
            return lab;
        } catch (error) {
            await vendors.close();
            throw error;
        }
    }

    /** Makes the program declare something else from here on. */
    declare(declarations: Declarations): void {
        this.project.env[variable] = JSON.stringify(declarations);
    }

    /** Runs `pulumi`, the log of requests empty at its start. */
    async run(...args: string[]): Promise<RunResult> {
        this.vendors.requests.clear();
        const result = await this.project.run(args);
        this.printed.push(result.output);
        return result;
    }

    /** In a thorough run: the next preview has nothing to do. */
    settled(): Promise<void> {
        return this.project.settled();
    }

    preview(...args: string[]): Promise<RunResult> {
        return this.run("preview", ...args);
    }

    /** Preview and update, as users have it: twice the time. */
    upWithPreview(...args: string[]): Promise<RunResult> {
        return this.run("up", "--yes", ...args);
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

    /** The outputs by connection that the last run's program knew, however they were known. */
    known(): Record<string, Record<string, unknown>> {
        return JSON.parse(fs.readFileSync(path.join(this.project.dir, knownFile), "utf8")) as Record<
            string,
            Record<string, unknown>
        >;
    }

    /** The connections in the state, by name. */
    async recorded(): Promise<
        Record<string, { type: string; id: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> }>
    > {
        const resources = (await this.project.exportState()).deployment.resources ?? [];
        return Object.fromEntries(
            resources
                .filter(({ type }) => type.includes("dynamic/connections/"))
                .map(({ urn, type, id = "", inputs = {}, outputs = {} }) => [
                    urn.split("::").at(-1),
                    { type, id, inputs, outputs },
                ]),
        ) as never;
    }

    async dispose(): Promise<void> {
        await Promise.all([this.project.dispose(), this.vendors.close()]);
    }
}
