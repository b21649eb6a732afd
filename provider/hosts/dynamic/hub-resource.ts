// The program's side of a resource at a hub: its class.
import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../../define";
import { describe, isBlocking } from "../../core/problems";
import { PROGRAM_RESULT_INPUT } from "../../core/program-result";
import { diagnostic } from "../../core/redact";
import { bookkeepingName } from "../../core/state";
import type { HubDefinition } from "../../hubs/contracts";
import { observeHub, type Observation } from "../../hubs/observe";
import { HubType } from "../../hubs/type";
import { connectionTypeOf } from "../handlers";
import { dependenciesExist, withoutDependencies, type Waiting } from "./dependencies";
import { handoverOf, type Handover } from "./handover";
import { fromHubArguments } from "./hub-mocks";
import { mockedProperty } from "./mocks";
import type { Properties } from "./properties";
import { forbidCapture, isOfType, quiet, registeringTheProgramsLine } from "./pulumi-sdk";
import { forProvider, providerText, replacedOn, tokenOf, withSecrets } from "./registration";
import { currentRun, isMocked, type Run } from "./run";
import { awaitingEntry, tellAtTheEnd } from "./summary";
import type { HubClass } from "./types";

/** Makes the class of a kind of resource at a hub. */
export function hubClass<I extends object>(definition: HubDefinition): HubClass<I> {
    const type = new HubType(definition);
    const { hub, name: typeName, label: className } = type;
    const token = tokenOf(hub, typeName);
    const notImported = `${className} is declared, not imported or looked up: write new ${className}(…) with adopt: true, and pulumi up takes over what is there.`;

    return class extends pulumi.CustomResource {
        constructor(name: string, given: I, opts: pulumi.CustomResourceOptions = {}) {
            const { connection, ...own } = (given ?? {}) as Record<string, unknown>;
            if (opts.import !== undefined || opts.id !== undefined) {
                throw new pulumi.RunError(notImported);
            }
            const run = currentRun();
            const label = `${className} ${name}`;
            const handed = type.takesConnection ? connectionGiven(connection) : undefined;
            const mocked = isMocked() ? fromHubArguments(type, { name, label, own, handed }) : undefined;
            const told: Told = {};
            const owner = withoutDependencies(pulumi.createUrn(name, token, opts.parent));
            const asking = { run, type, label, owner, own, handed, opts, told };
            const result = mocked === undefined ? programResult(asking) : undefined;
            const props = {
                ...Object.fromEntries([...type.computedNames, bookkeepingName].map((output) => [output, undefined])),
                ...withSecrets(type.sensitiveNames, own),
                ...(handed === undefined ? {} : { connection: { type: handed.type, arguments: handed.arguments } }),
                ...(result === undefined ? {} : { [PROGRAM_RESULT_INPUT]: result }),
                __provider: providerText(hub, typeName),
            };
            const restore = registeringTheProgramsLine();
            try {
                super(token, name, props, opts);
            } finally {
                restore();
            }
            told.resource = this;
            const shown = this as unknown as Properties;
            const found = mocked === undefined ? foundOf(shown) : shown["found"];
            [...forProvider, "connection"].forEach((property) => Reflect.deleteProperty(shown, property));
            forbidCapture(this, label);
            for (const output of type.computedNames) {
                // State holds null for an output without a value, and programs expect undefined.
                const recorded = output === "found" ? found : shown[output]?.apply((one) => one ?? undefined);
                const value = mocked === undefined ? recorded : quiet(mockedProperty(output, recorded, mocked));
                Object.defineProperty(shown, output, { value, enumerable: true });
            }
            for (const secret of type.sensitiveNames) {
                const value = shown[secret];
                Object.defineProperty(shown, secret, { value: value && pulumi.secret(value), enumerable: false });
            }
            this.urn.apply(() => {
                tell(this, told);
                const link = definition.awaitedLink?.(told.observation?.seen?.outputs ?? {});
                if (link !== undefined) {
                    tellAtTheEnd({ entry: () => awaitingEntry(name, link) });
                }
            });
        }

        static get(): never {
            throw new pulumi.RunError(notImported);
        }

        static override isInstance(object: unknown): object is pulumi.CustomResource {
            return isOfType(token, object);
        }
    };
}

/** What the hub holds: in a preview that is to write there, only `up` tells it. The state alone has a nonce. */
function foundOf({ found, [bookkeepingName]: record }: Properties): pulumi.Output<unknown> | undefined {
    return (
        found &&
        pulumi.all([found, record]).apply(([one, kept]) => {
            const isRecorded = (kept as { readonly nonce?: unknown } | undefined)?.nonce !== undefined;
            return pulumi.output(isRecorded || !pulumi.runtime.isDryRun() ? (one ?? undefined) : pulumi.unknown);
        })
    );
}

/** A connection as a program gives it: an object of its class, or its class and arguments. */
function connectionGiven(connection: unknown): Partial<Handover> {
    const handover = handoverOf(connection);
    if (handover !== undefined) {
        return handover;
    }
    const { type, arguments: args } = (connection ?? {}) as { type?: unknown; arguments?: unknown };
    const names = (typeof type === "string" ? connectionTypeOf(type)?.sensitiveNames : undefined) ?? [];
    const isPlain = typeof args === "object" && args !== null && !pulumi.Output.isInstance(args);
    return { type: type as string, arguments: isPlain ? withSecrets(names, args) : (args as never) };
}

interface Told {
    resource?: pulumi.Resource;
    observation?: Observation;
}

interface Asking {
    readonly run: Run;
    readonly type: HubType;
    readonly label: string;
    readonly owner: pulumi.Output<string>;
    readonly own: Readonly<Record<string, unknown>>;
    readonly handed: Partial<Handover> | undefined;
    readonly opts: pulumi.CustomResourceOptions;
    readonly told: Told;
}

/** Asks the hub as soon as all arguments are known, the connection is verified, and what the resource depends on exists. */
function programResult({ run, type, label, owner, own, handed, opts, told }: Asking): pulumi.Output<string> {
    const connection = handed && { type: handed.type, arguments: handed.arguments };
    const isSealed = holdsSecret(type, own, handed);
    const known = pulumi.all([
        pulumi.output(own),
        pulumi.output(connection),
        handed?.outputs ?? pulumi.output(undefined),
        owner,
        dependenciesExist(opts as Waiting, () => told.resource),
    ]);
    const result = known.apply(async ([args, given, outputs, urn]) => {
        const observation = await observeHub(type, connectionTypeOf, run.session, {
            label,
            owner: urn,
            preview: pulumi.runtime.isDryRun(),
            isSealed: await isSealed,
            replaceOn: replacedOn(opts),
            declared: { ...(args as Values), ...(given === undefined ? {} : { connection: given }) },
            outputs: handed?.outputs === undefined ? undefined : outputs,
        });
        told.observation = observation;
        return JSON.stringify(observation);
    });
    return pulumi.secret(result);
}

/** Whether the program made a value secret that is none by itself: then whatever the hub holds of it is one too. */
async function holdsSecret(
    type: HubType,
    own: Readonly<Record<string, unknown>>,
    handed: Partial<Handover> | undefined,
): Promise<boolean> {
    const sensitive = connectionTypeOf(handed?.type ?? "")?.sensitiveNames ?? [];
    const open = [
        ...Object.entries(own).filter(([name]) => !type.sensitiveNames.includes(name)),
        ...Object.entries(handed?.arguments ?? {}).filter(([name]) => !sensitive.includes(name)),
        ["outputs", handed?.outputs],
    ] as const;
    const found = await Promise.all(open.map(([, value]) => pulumi.isSecret(pulumi.output(value))));
    return found.includes(true);
}

/** Tells on the resource what a reader of the preview should know: after the engine has taken it, so that nothing is said twice. */
function tell(resource: pulumi.Resource, { observation }: Told): void {
    const { warnings = [], problem } = observation ?? {};
    new Set(warnings).forEach((warning) => void pulumi.log.warn(diagnostic(warning), resource));
    if (problem !== undefined) {
        const what = isBlocking(problem) ? "What is there is not known" : "The hub was not asked";
        void pulumi.log.warn(`${what}: ${describe(problem)} It stays as it was.`, resource);
    }
}
