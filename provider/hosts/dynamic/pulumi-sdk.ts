// The parts of Pulumi's SDK that it does not document, all of them. test/core/pulumi-sdk.test.ts holds them for the oldest and the newest SDK.
import type * as pulumi from "@pulumi/pulumi";
import { coded } from "../../define/coded";

// The engine's provider process loads its part of this package without the SDK.
const sdk = (): typeof pulumi => require("@pulumi/pulumi") as typeof pulumi;

// ---- outputs --------------------------------------------------------------------------------------------------------------------

/** The members of an output besides the published ones. */
interface OutputParts<T> {
    readonly promise: (withUnknowns?: boolean) => Promise<T>;
    readonly isKnown: Promise<boolean>;
    readonly isSecret: Promise<boolean>;
    readonly allResources?: () => Promise<unknown>;
    readonly apply: (work: (value: T) => unknown, runWithUnknowns: boolean) => pulumi.Output<unknown>;
}

const partsOf = <T>(output: pulumi.Output<T>): OutputParts<T> => output as unknown as OutputParts<T>;

/** The value of an output; undefined while it, or a part of it, is not known. */
export const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => partsOf(output).promise();

/** The value of an output, with the SDK's mark for its unknown parts. */
export const valueWithUnknowns = <T>(output: pulumi.Output<T>): Promise<T> => partsOf(output).promise(true);

/** An output whose rejection needs no handler: the mocks report it where a test checks them. */
export function quiet<T>(output: pulumi.Output<T>): pulumi.Output<T> {
    const { promise, isKnown, isSecret, allResources } = partsOf(output);
    for (const part of [promise(true), isKnown, isSecret, allResources?.()]) {
        part?.catch(() => undefined);
    }
    return output;
}

/** Like `apply`, and also for a value that is not known, as in mocks of a preview. */
export const applyAnyway = <T>(output: pulumi.Output<T>, work: (value: T) => unknown): pulumi.Output<unknown> =>
    partsOf(output).apply(work, true);

// ---- resources ------------------------------------------------------------------------------------------------------------------

/** The part of the SDK that works out the dependencies of a resource. */
interface DependsOn {
    gatherExplicitDependencies(dependsOn: unknown): Promise<pulumi.Resource[]>;
    getAllTransitivelyReferencedResources(
        resources: Set<pulumi.Resource>,
        exclude: Set<pulumi.Resource>,
    ): Promise<pulumi.Resource[]>;
}

/**
 * The resources behind options such as `dependsOn`, with the children of components at all depths.
 * @param itself The resource, once it is made: as a child of a component that it depends on, it does not wait for
 * itself.
 */
export async function resourcesBehind(
    given: readonly unknown[],
    itself: () => pulumi.Resource | undefined,
): Promise<pulumi.Resource[]> {
    const dependsOn = require("@pulumi/pulumi/runtime/dependsOn") as DependsOn;
    let direct: pulumi.Resource[];
    try {
        direct = (await Promise.all(given.map((one) => dependsOn.gatherExplicitDependencies(one)))).flat();
    } catch {
        // The SDK refuses the same value in its own words when it registers the resource.
        return [];
    }
    const self = itself();
    return dependsOn.getAllTransitivelyReferencedResources(new Set(direct), new Set(self === undefined ? [] : [self]));
}

/** True for a resource of a class, from any copy of the package. */
export const isOfType = (token: string, object: unknown): object is pulumi.CustomResource =>
    sdk().CustomResource.isInstance(object) && (object as { __pulumiType?: string }).__pulumiType === token;

/**
 * Forbids the capture by a function that the SDK turns into text, such as a cloud function's callback. The text would
 * hold the secret.
 * @param label The resource's name in messages.
 */
export function forbidCapture(resource: pulumi.Resource, label: string): void {
    const message =
        `A function that runs outside of this program (a cloud function's callback, a dynamic provider) uses ${label}, and the secret would be in its text. ` +
        "Read the output that it needs first, outside of the function, and use that: const url = connection.apiUrl.";
    // The SDK's serializer reads this property before it writes an object into a text.
    Object.defineProperty(resource, "doNotCapture", {
        enumerable: false,
        get: () => {
            throw new (sdk().RunError)(coded(message, "captured"));
        },
    });
}

/**
 * Has the SDK register the program's line. `Error.prepareStackTrace` is replaced while a resource is registered,
 * because
 * - the SDK counts the frames above that line, and expects one class fewer than a connection has;
 * - the state would hold the frames of Node and of the SDK below the program for each resource;
 * - the SDK writes out four traces for each property, to name promises that never end, which costs more than the
 * registration.
 * @returns A function that restores it.
 */
export function registeringTheProgramsLine(): () => void {
    const prepare = Error.prepareStackTrace;
    if (
        process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined ||
        (prepare === undefined && process.sourceMapsEnabled)
    ) {
        return () => undefined;
    }
    const write =
        prepare ??
        ((error: Error, sites: NodeJS.CallSite[]): string => [error, ...sites].map(String).join("\n    at "));
    // By the caller, because in a bundle this file is the program's too.
    const isOwn = (at: number, sites: NodeJS.CallSite[]): boolean =>
        sites[at - 1]?.getFunctionName() === sdk().CustomResource.name;
    const isProgram = (site: NodeJS.CallSite): boolean =>
        !/^node:|[\\/]node_modules[\\/]@pulumi[\\/]/.test(site.getFileName() ?? "node:");
    const outside = (sites: NodeJS.CallSite[]): NodeJS.CallSite[] => {
        const last = sites.findLastIndex(isProgram);
        return sites.filter((_, at) => !isOwn(at, sites) && (last < 0 || at <= last));
    };
    // The trace with the program's line is the one without a limit. Those of errors are written when they are read, which is later.
    Error.prepareStackTrace = (error, sites) =>
        Error.stackTraceLimit === Infinity ? (write(error, outside(sites)) as string) : String(error);
    return () => {
        Error.prepareStackTrace = prepare;
    };
}

// ---- the run --------------------------------------------------------------------------------------------------------------------

/** The SDK's connection to the engine, one for each program in this process; undefined outside of a run. */
export const engineMonitor = (): object | undefined => sdk().runtime.getMonitor();

/** The mocks of a unit test (`pulumi.runtime.setMocks`), whichever copy of the SDK they were set in. */
export const unitTestMocks = (): object | undefined =>
    (engineMonitor() as { readonly mocks?: object } | undefined)?.mocks;

/**
 * True where the engine has started this process for the program; with the Automation API, the program is within
 * another process.
 */
export const isProgramsProcess = (): boolean => process.env["PULUMI_NODEJS_MONITOR"] !== undefined;

/** The stack of a program within another process. */
export const stackOfProgram = (): (pulumi.Resource & { readonly outputs: pulumi.Output<unknown> }) | undefined =>
    sdk().runtime.getStackResource();

/**
 * Keeps the SDK's connection to the engine open, which otherwise ends when no call is under way.
 * @returns A function that lets it end.
 */
export const keepEngine = (): (() => void) => sdk().runtime.rpcKeepAlive();

/** True where the SDK has lost the engine: gRPC's codes for "cancelled" and "unavailable". */
export const isEndOfEngine = (error: unknown): boolean =>
    [1, 14].includes((error as { code?: number } | undefined)?.code ?? 0);

/** True for the SDK's `RunError`, from any copy of the SDK. */
export const isRunError = (error: unknown): error is Error =>
    (error as { readonly __pulumiRunError?: unknown } | undefined)?.__pulumiRunError === true;

// ---- TypeScript -----------------------------------------------------------------------------------------------------------------

/** The functions of TypeScript that are used: the same in all its versions. */
export interface TypeScript {
    readonly version: string;
    readonly ModuleKind: { readonly CommonJS: number; readonly ESNext: number };
    readonly ScriptTarget: { readonly ES2020: number };
    transpileModule?(
        source: string,
        options: { readonly fileName: string; readonly reportDiagnostics: true; readonly compilerOptions: object },
    ): { readonly outputText: string; readonly diagnostics?: readonly object[] };
}

/** The compiler of programs: the TypeScript that the program has installed, else the one that comes with the SDK. */
export const programsTypeScript = (): TypeScript => require("@pulumi/pulumi/typescript-shim") as TypeScript;
