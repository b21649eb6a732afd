import * as pulumi from "@pulumi/pulumi";
import { parseArgs, type CommonArgs, type Given } from "./args";
import { notAdopted, type Connection, type Resolved } from "./connection";
import { dependenciesExist, type Waiting } from "./dependencies";
import { isUnhealthy, recordName, unhealthyWarning, type Bookkeeping } from "./drift";
import { describe, Fault, stops, type Problem } from "./errors";
import { checkProviderFindsPackage } from "./installed";
import { fromArguments, isMocked, mockedProperty, type FromArguments } from "./mocks";
import { handover, Verifier, type Observation } from "./observation";
import { computedNames, type CommonOutputs } from "./outputs";
import { isReference, resolveSecret, type SecretReference } from "./secrets";
import { endpointsWarning, readSettings, type Settings } from "./settings";

/** An argument as programs may give it: its value, or one that becomes known later, at any depth. */
export type DeepInput<T> = pulumi.Input<
    T extends SecretReference ? T : T extends readonly (infer E)[] ? DeepInput<E>[] : T extends object ? { [K in keyof T]: DeepInput<T[K]> } : T
>;

/** Arguments as programs may give them. */
export type Inputs<A> = { [K in keyof A]: DeepInput<A[K]> };

/** Outputs as programs see them. */
export type Outputs<O> = { readonly [K in keyof O]: pulumi.Output<O[K]> };

/**
 * Arguments as programs see them afterwards: as they were judged, undefined where the program gave none. A secret is a secret output, one that was
 * given by reference too. Where an output has an argument's name, it is the output.
 */
export type ArgumentOutputs<A, O> = {
    readonly [K in keyof A as Exclude<K, keyof O | keyof CommonOutputs>]-?: pulumi.Output<Resolved<A>[K]>;
};

/** A class of connections. */
export interface ConnectionClass<A extends CommonArgs, O extends object> {
    new (name: string, args: Inputs<A>, opts?: pulumi.CustomResourceOptions): pulumi.CustomResource & Outputs<O> & Outputs<CommonOutputs> & ArgumentOutputs<A, O>;
    /** Refused: a connection is declared, and `pulumi up` adopts it. */
    get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): never;
    /** Whether an object is a connection of this class, from whichever copy of the package. */
    isInstance(object: unknown): boolean;
}

/** What the connections of one run of a program have in common. */
class Run {
    readonly verifier: Verifier;
    private readonly wrong = new Map<string, readonly string[]>();
    private underWay = 0;
    private waiting: (() => void)[] = [];

    constructor(readonly settings: Settings) {
        this.verifier = new Verifier(settings);
    }

    /** Observes one connection and notes what is wrong with it. */
    async note(label: string, observe: () => Promise<Judged>): Promise<Judged> {
        this.underWay++;
        try {
            const judged = await observe();
            this.wrong.set(label, judged.problems.filter(stops).map((problem) => `${label}: ${describe(problem)}`));
            return judged;
        } finally {
            this.underWay--;
            if (this.underWay === 0) {
                this.waiting.splice(0).forEach((go) => go());
            }
        }
    }

    /** What is wrong with the other connections, once all that are being observed have been. */
    async others(label: string): Promise<readonly string[]> {
        if (this.underWay > 0) {
            await new Promise<void>((go) => this.waiting.push(go));
        }
        return [...this.wrong].filter(([other]) => other !== label).flatMap(([, messages]) => messages);
    }
}

// The Automation API runs several programs in one process: nothing that one has learned may serve another.
const runs = new WeakMap<object, Run>();

/** What holds for the run that the calling program belongs to. */
export function currentRun(): Run {
    const monitor = pulumi.runtime.getMonitor() as object | undefined;
    const kept = monitor === undefined ? undefined : runs.get(monitor);
    if (kept !== undefined) {
        return kept;
    }
    const config = new pulumi.Config("connections");
    let settings: Settings;
    try {
        settings = readSettings((key) => config.get(key));
    } catch (error) {
        throw error instanceof Fault ? new pulumi.RunError(describe(error.problem)) : error;
    }
    const run = new Run(settings);
    if (!isMocked()) {
        checkProviderFindsPackage();
        const warning = endpointsWarning(settings);
        if (warning !== undefined) {
            void pulumi.log.warn(warning);
        }
    }
    if (monitor !== undefined) {
        runs.set(monitor, run);
    }
    return run;
}

/** What is registered for the provider alone: no property of the resource, for programs would export it. */
const forProvider = [handover, recordName, "__provider"] as const;

/** Makes the resource class of a type of connection. */
export function connectionResource<A extends CommonArgs, O extends object>(connection: Connection<A, O>): ConnectionClass<A, O> {
    const { vendor, type } = connection;
    // The engine's dynamic provider evaluates this text, which state keeps for good. Written out, it is short, holds no path and needs no serialiser.
    const provider = `exports.handler=()=>require("pulumi-connections/dynamic").provider("${vendor}","${type}")`;
    const token = `pulumi-nodejs:dynamic/connections/${vendor}:${type}`;

    return class extends pulumi.CustomResource {
        constructor(name: string, given: Inputs<A>, opts: pulumi.CustomResourceOptions = {}) {
            const args = given ?? ({} as Inputs<A>);
            if (opts.import !== undefined || opts.id !== undefined) {
                throw new pulumi.RunError(describe(notAdopted(connection)));
            }
            const run = currentRun();
            const told: Told = {};
            const label = `${vendor}.${type} ${name}`;
            const mocked = isMocked() ? fromArguments(connection, label, args) : undefined;
            const observation = mocked === undefined ? observe(run, label, connection, args, opts, told) : undefined;
            const outputs = ["verifiedAt", ...computedNames(connection)];
            const unset = Object.fromEntries(outputs.map((output) => [output, undefined]));
            const props = { ...unset, ...withSecrets(connection, args), [recordName]: undefined, [handover]: observation, __provider: provider };
            const restore = withoutTraces();
            try {
                super(token, name, props, opts);
            } finally {
                restore();
            }
            told.resource = this;
            told.record = (this as unknown as Properties)[recordName];
            forProvider.forEach((name) => delete (this as Record<string, unknown>)[name]);
            showProperties(this as unknown as Properties, connection, outputs, mocked);
            if (observation !== undefined) {
                warn(this, told);
            }
        }

        static get(): never {
            throw new pulumi.RunError(describe(notAdopted(connection)));
        }

        static override isInstance(object: unknown): object is pulumi.CustomResource {
            return pulumi.CustomResource.isInstance(object) && (object as unknown as { __pulumiType?: string }).__pulumiType === token;
        }
    } as unknown as ConnectionClass<A, O>;
}

/**
 * Leaves out the texts of the stack traces that the SDK takes four times for each property, to name promises that never end: they cost more than
 * all the rest of a registration. The trace of an error is written out when it is read, which is later. That by which the SDK finds the
 * program's line is the one without a limit; it expects one class fewer there than a connection has.
 * @returns What undoes it.
 */
function withoutTraces(): () => void {
    const prepare = Error.prepareStackTrace;
    if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined || (prepare === undefined && process.sourceMapsEnabled)) {
        return () => undefined;
    }
    const write = prepare ?? ((error: Error, sites: NodeJS.CallSite[]): string => [String(error), ...sites].join("\n    at "));
    // By what called it, for in a bundle this file is the program's too.
    const isOwn = (at: number, sites: NodeJS.CallSite[]): boolean => sites[at - 1]?.getFunctionName() === pulumi.CustomResource.name;
    const outside = (sites: NodeJS.CallSite[]): NodeJS.CallSite[] => sites.filter((_, at) => !isOwn(at, sites));
    Error.prepareStackTrace = (error, sites) => (Error.stackTraceLimit === Infinity ? (write(error, outside(sites)) as string) : String(error));
    return () => {
        Error.prepareStackTrace = prepare;
    };
}

/** The properties of a resource, as the SDK has made them out of what was registered. */
type Properties = Record<string, pulumi.Output<unknown>>;

/** Makes a resource's properties what programs see: its outputs and its arguments, and nothing that only the provider needs. */
function showProperties(own: Properties, connection: Connection, outputs: readonly string[], mocked: pulumi.Output<FromArguments> | undefined): void {
    const secrets = secretNames(connection);
    for (const name of new Set([...outputs, ...connection.argumentNames])) {
        const registered = own[name];
        const recorded = (): pulumi.Output<unknown> | undefined => (mocked === undefined ? registered : mockedProperty(name, registered, mocked));
        if (secrets.includes(name)) {
            // An export of the whole connection holds no secret, and reads no reference: that takes somebody who asks for it by name.
            show(own, name, false, () => secretOutput(name, recorded()));
        } else {
            // State holds null for an output without a value, and programs expect undefined.
            show(own, name, true, () => recorded()?.apply((value) => value ?? undefined));
        }
    }
}

/** Most properties are never looked at, so what they show is made when one is. */
function show(own: Properties, name: string, enumerable: boolean, make: () => pulumi.Output<unknown> | undefined): void {
    let shown: pulumi.Output<unknown> | undefined;
    Object.defineProperty(own, name, { enumerable, configurable: true, get: () => (shown ??= make() ?? pulumi.output(undefined)) });
}

/** The value of a secret at this moment, for who asks for it. */
function secretOutput(name: string, recorded: pulumi.Output<unknown> | undefined): pulumi.Output<unknown> | undefined {
    const value = recorded?.apply((secret) => {
        try {
            return isReference(secret) ? resolveSecret(name, secret) : secret;
        } catch (error) {
            throw error instanceof Fault ? new pulumi.RunError(describe(error.problem)) : error;
        }
    });
    return value && pulumi.secret(value);
}

/** The arguments that are secrets, or may hold one. */
function secretNames(connection: Connection): string[] {
    return [...connection.secrets, "proxyUrl"];
}

/** Marks what must never stand in the state in clear. A reference is no secret, and better seen. */
function withSecrets<A extends CommonArgs>(connection: Connection<A, object>, args: Inputs<A>): Record<string, unknown> {
    const names = secretNames(connection as unknown as Connection);
    return Object.fromEntries(
        Object.entries(args).map(([name, value]) => [name, !names.includes(name) || value === undefined || isReference(value) ? value : pulumi.secret(value)]),
    );
}

/** Verifies as soon as all arguments are known, and what the resource depends on exists. */
function observe<A extends CommonArgs>(
    run: Run,
    label: string,
    connection: Connection<A, object>,
    args: Inputs<A>,
    opts: pulumi.CustomResourceOptions,
    told: Told,
): pulumi.Output<string> {
    const known = pulumi.all([pulumi.output(args), dependenciesExist(opts as Waiting, () => told.resource)]);
    const observed = known.apply(async ([given]) => {
        const { observation: noted, problems } = await run.note(label, () => judge(run.verifier, connection as unknown as Connection, given as Given));
        const observation = { ...noted, label, ignored: opts.ignoreChanges ?? [] };
        told.observation = observation;
        if (!pulumi.runtime.isDryRun()) {
            return JSON.stringify(observation);
        }
        // A preview that fails tells of all connections, and waits for them; one that does not has nothing to wait for.
        return JSON.stringify({ ...observation, preview: true, ...(problems.some(stops) ? { others: await run.others(label) } : {}) });
    });
    return pulumi.unsecret(observed);
}

interface Told {
    resource?: pulumi.Resource;
    observation?: Observation;
    /** {@link Bookkeeping}, once the engine has it. */
    record?: pulumi.Output<unknown> | undefined;
}

interface Judged {
    readonly observation: Observation;
    readonly problems: readonly Problem[];
}

async function judge(verifier: Verifier, connection: Connection, given: Given): Promise<Judged> {
    const { args, problems } = parseArgs(connection, given);
    if (args === undefined) {
        // It must not be taken for one of arguments that are in order.
        return { observation: { ...verifier.unasked(connection, {}), of: "" }, problems };
    }
    const known = args as CommonArgs & Given;
    const observation = verifier.mode(args) === "always" ? await verifier.observe(connection, known) : verifier.unasked(connection, known);
    return { observation, problems: observation.seen[0]?.problems ?? [] };
}

/** Tells on the resource what a reader of the preview should know: after the engine has taken it, so that nothing is said twice. */
function warn(resource: pulumi.CustomResource, told: Told): void {
    const { status, warnings, checks } = resource as unknown as Outputs<CommonOutputs>;
    const tell = (message: string): void => void pulumi.log.warn(message, resource);
    warnings.apply((list) => (list as string[] | undefined)?.forEach(tell));
    checks.apply((list) => {
        const failed = Object.values((list as CommonOutputs["checks"] | undefined) ?? {}).filter(({ result }) => result === "failed");
        new Set(failed.map(({ message }) => message)).forEach(tell);
    });
    pulumi.all([status, told.record]).apply(([known, record]) => {
        const { mode = "always" } = told.observation ?? {};
        if (mode !== "always" && isUnhealthy(known)) {
            // What the calendar calls expired is not asked about under `changes`; what else is not healthy, the provider asks about.
            const asked = mode === "changes" && known !== "expired";
            tell(unhealthyWarning(known, (record as Bookkeeping | undefined)?.since, asked));
        }
    });
    resource.urn.apply(() => {
        const [first] = told.observation?.seen ?? [];
        if (first?.status === "unreachable") {
            first.problems.forEach((problem) => tell(`Not verified: ${describe(problem)}`));
        }
    });
}
