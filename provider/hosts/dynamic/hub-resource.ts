// The program's side of a resource at a hub: its class.
import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../../define";
import type { RemoteReport } from "../../core/program-report";
import { describe } from "../../core/problems";
import { diagnostic } from "../../core/redact";
import { awaitingEntry } from "../../core/run-summary";
import type { RegisteredDefinition } from "../../hubs";
import { observe, remarksOf } from "../../hubs/observe";
import { connectionArgument, notTakenOver, RemoteType } from "../../hubs/type";
import { connectionTypes } from "../handlers";
import { dependenciesExist, withoutDependencies, type Waiting } from "./dependencies";
import { handoverOf } from "./handover";
import { fromHubArguments } from "./mocks";
import { showProperties } from "./properties";
import {
    replacedOn,
    resourceClass,
    withSecrets,
    type DeclaredResource,
    type RegisteredResource,
} from "./resource-class";
import { currentRun, isMocked, type Run } from "./run";
import { reportAtTheEnd } from "./summary";
import type { Handover, ResourceClass } from "./types";

/** Makes the class of a kind of resource at a hub. */
export function hubClass<I extends object>(definition: RegisteredDefinition): ResourceClass<I> {
    const type = new RemoteType(definition);
    return resourceClass<I>({
        provider: [type.namespace, type.name],
        computedNames: type.computedNames,
        notAdopted: describe(notTakenOver(type)),
        declare: (declaration) => declare(type, declaration),
    });
}

function declare(type: RemoteType, { name, label, token, given, opts }: DeclaredResource): RegisteredResource {
    const { connection, ...own } = given;
    const run = currentRun();
    const handed = type.takesConnection ? connectionGiven(connection) : undefined;
    const mocked = isMocked() ? fromHubArguments(type, { name, label, own, handed }) : undefined;
    const progress: HubRunProgress = {};
    const owner = withoutDependencies(pulumi.createUrn(name, token, opts.parent));
    const request = { run, type, label, owner, own, handed, opts, progress };
    return {
        props: {
            ...withSecrets(type.sensitiveNames, own),
            ...(handed === undefined ? {} : { connection: { type: handed.type, arguments: handed.arguments } }),
        },
        result: mocked === undefined ? programResult(request) : undefined,
        made: (resource, shown, record) => {
            progress.resource = resource;
            Reflect.deleteProperty(shown, connectionArgument);
            const { found } = shown;
            if (mocked === undefined && found !== undefined) {
                shown["found"] = foundOf(found, record);
            }
            showProperties(shown, type.computedNames, type, mocked, (_, secret) => secret && pulumi.secret(secret));
            resource.urn.apply(() => {
                warn(resource, progress);
                const link = type.definition.awaitedLink?.(progress.observation?.seen?.outputs ?? {});
                if (link !== undefined) {
                    reportAtTheEnd({ entry: () => awaitingEntry(name, link) });
                }
            });
        },
    };
}

/** The values at the hub. In a preview that would write there, only `up` knows them. The state alone has a nonce. */
function foundOf(found: pulumi.Output<unknown>, record: pulumi.Output<unknown> | undefined): pulumi.Output<unknown> {
    return pulumi.all([found, record]).apply(([one, kept]) => {
        const isRecorded = (kept as { readonly nonce?: unknown } | undefined)?.nonce !== undefined;
        return pulumi.output(isRecorded || !pulumi.runtime.isDryRun() ? (one ?? undefined) : pulumi.unknown);
    });
}

/** A connection as a program gives it: an object of its class, or its class and arguments. */
function connectionGiven(connection: unknown): Partial<Handover> {
    const handover = handoverOf(connection);
    if (handover !== undefined) {
        return handover;
    }
    const { type, arguments: args } = (connection ?? {}) as { type?: unknown; arguments?: unknown };
    const names = (typeof type === "string" ? connectionTypes.named(type)?.sensitiveNames : undefined) ?? [];
    const isPlain = typeof args === "object" && args !== null && !pulumi.Output.isInstance(args);
    return { type: type as string, arguments: isPlain ? withSecrets(names, args) : (args as never) };
}

interface HubRunProgress {
    resource?: pulumi.Resource;
    observation?: RemoteReport;
}

interface ObserveRequest {
    readonly run: Run;
    readonly type: RemoteType;
    readonly label: string;
    readonly owner: pulumi.Output<string>;
    readonly own: Readonly<Record<string, unknown>>;
    readonly handed: Partial<Handover> | undefined;
    readonly opts: pulumi.CustomResourceOptions;
    readonly progress: HubRunProgress;
}

/**
 * Contacts the hub as soon as all arguments are known, the connection is verified, and the dependencies of the resource
 * exist.
 */
function programResult({
    run,
    type,
    label,
    owner,
    own,
    handed,
    opts,
    progress,
}: ObserveRequest): pulumi.Output<string> {
    const connection = handed && { type: handed.type, arguments: handed.arguments };
    const isSealed = holdsSecret(type, own, handed);
    const known = pulumi.all([
        pulumi.output(own),
        pulumi.output(connection),
        handed?.outputs ?? pulumi.output(undefined),
        owner,
        dependenciesExist(opts as Waiting, () => progress.resource),
    ]);
    const result = known.apply(async ([args, given, outputs, urn]) => {
        const observation = await observe(type, connectionTypes, run.session, {
            label,
            owner: urn,
            preview: pulumi.runtime.isDryRun(),
            isSealed: await isSealed,
            replaceOn: replacedOn(opts),
            declared: { ...(args as Values), ...(given === undefined ? {} : { connection: given }) },
            outputs: handed?.outputs === undefined ? undefined : outputs,
            onVerified: handed?.onVerified,
        });
        progress.observation = observation;
        return JSON.stringify(observation);
    });
    return pulumi.secret(result);
}

/** True where the program made a plain value secret: then the hub's copy of it is a secret too. */
async function holdsSecret(
    type: RemoteType,
    own: Readonly<Record<string, unknown>>,
    handed: Partial<Handover> | undefined,
): Promise<boolean> {
    const sensitive = connectionTypes.named(handed?.type ?? "")?.sensitiveNames ?? [];
    const open = [
        ...Object.entries(own).filter(([name]) => !type.sensitiveNames.includes(name)),
        ...Object.entries(handed?.arguments ?? {}).filter(([name]) => !sensitive.includes(name)),
        ["outputs", handed?.outputs],
    ] as const;
    const found = await Promise.all(open.map(([, value]) => pulumi.isSecret(pulumi.output(value))));
    return found.includes(true);
}

/** Reports on the resource after the engine has accepted it, so that no message appears twice. */
function warn(resource: pulumi.Resource, { observation }: HubRunProgress): void {
    const remarks = observation === undefined ? [] : remarksOf(observation);
    remarks.forEach((remark) => void pulumi.log.warn(diagnostic(remark), resource));
}
