// The program's side: the class of a type of connection.
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { AnyDefinition, CommonOutputs, Values, VerifyMode } from "../../define";
import { withSentences } from "../../core/check-sentences";
import { ConnectionType } from "../../core/connection-type";
import { notAdopted } from "../../core/lifecycle";
import { describe } from "../../core/problems";
import type { ConnectionReport } from "../../core/program-report";
import { diagnostic } from "../../core/redact";
import { failedChecks, unhealthyRemarks, unreachedRemarks } from "../../core/remarks";
import { withBareReferences } from "../../core/secrets";
import { definitions } from "../../vendors";
import { callerModule, definitionKey, DefinitionError, findDefinition, inTheProgram } from "./definition-file";
import { dependenciesExist, type Waiting } from "./dependencies";
import { allowHandover } from "./handover";
import { fromArguments } from "./mocks";
import { showHubFields, showProperties, type Properties } from "./properties";
import {
    replacedOn,
    resourceClass,
    withSecrets,
    type DeclaredResource,
    type RegisteredResource,
} from "./resource-class";
import { currentRun, isMocked, type Run } from "./run";
import { RunOutcome, reportAtTheEnd } from "./summary";
import type { ConnectionClass } from "./types";

/**
 * Makes the class of a type of connection. Your own definition belongs in a module of its own, a package or a file
 * beside the program, because the provider's process loads it. Extend the class there, and export it.
 *
 * @example
 * ```ts
 * export interface ApiKeyArgs extends Inputs<typeof apiKey>, CommonInputs {}
 * export class ApiKey extends connectionClass<ApiKeyArgs>(apiKey) {}
 * export interface ApiKey extends Outputs<typeof apiKey> {}
 * ```
 */
export function connectionClass<I extends object>(definition: AnyDefinition): ConnectionClass<I> {
    const type = new ConnectionType(definition);
    const { vendor, name: typeName } = type;
    const place = placeOf(definition, callerModule());
    const made = resourceClass<I>({
        provider: [vendor, typeName, ...(place.declaredIn === undefined ? [] : [place.declaredIn])],
        computedNames: ["verifiedAt", ...type.computedNames],
        notAdopted: describe(notAdopted(type)),
        declare: (declaration) => declare(type, place, declaration),
    });
    return Object.defineProperty(made, definitionKey, { value: definition });
}

function declare(type: ConnectionType, place: Place, declaration: DeclaredResource): RegisteredResource {
    const { name, label, given, opts } = declaration;
    const isUnitTest = isMocked();
    if (!isUnitTest) {
        place.prove();
    }
    const run = currentRun();
    const mocked = isUnitTest ? fromArguments(type, declaration, given) : undefined;
    const progress: RunProgress = mocked === undefined ? { outcome: new RunOutcome(name) } : {};
    const result = mocked === undefined ? programResult(run, label, type, given, opts, progress) : undefined;
    return {
        props: withSecrets(type.sensitiveNames, given),
        result,
        made: (resource, own, record) => {
            progress.resource = resource;
            progress.bookkeeping = record;
            progress.registered = registeredArguments(own, type);
            allowHandover(resource, type, given, mocked, (status) => progress.outcome?.verifiedForHub(status));
            const { argumentNames, sensitiveNames } = type;
            const completed = (output: string, value: unknown): unknown =>
                output === "checks" ? withSentences(type, value) : undefined;
            const names = ["verifiedAt", ...type.computedNames];
            showProperties(own, names, { argumentNames, sensitiveNames, completed }, mocked);
            showHubFields(own, type, given);
            if (result !== undefined) {
                warn(resource, type, progress);
                summarize(resource, type, progress);
            }
        },
    };
}

interface Place {
    /** The module that declares the type, where it is not this package's own. */
    readonly declaredIn: string | undefined;
    /** Tries once a run the work of the provider's process, because a refusal here names a line of the program. */
    readonly prove: () => void;
}

function placeOf(definition: AnyDefinition, declaredIn: string | undefined): Place {
    if (
        Object.hasOwn(definitions, definition.type) &&
        definitions[definition.type as keyof typeof definitions]() === (definition as unknown)
    ) {
        return { declaredIn: undefined, prove: () => undefined };
    }
    let isProved = false;
    const prove = (): void => {
        if (isProved) {
            return;
        }
        try {
            if (declaredIn === undefined) {
                throw inTheProgram(definition.type, undefined);
            }
            findDefinition(definition.type, declaredIn);
            isProved = true;
        } catch (error) {
            throw error instanceof DefinitionError ? new pulumi.RunError(error.message) : error;
        }
    };
    return { declaredIn, prove };
}

interface RunProgress {
    /** The connection's part of the line at the end of the run. */
    readonly outcome?: RunOutcome;
    resource?: pulumi.Resource;
    result?: ConnectionReport;
    /** The arguments that were verified. */
    given?: Values;
    /** The declared end of the secret, where the program does not make it a secret itself. */
    expiresAt?: string | undefined;
    /** Those that the engine has. */
    registered?: pulumi.Output<unknown>;
    /** The parts of the state besides arguments and outputs, once the engine has them. */
    bookkeeping?: pulumi.Output<unknown> | undefined;
}

/** Verifies as soon as all arguments are known, and the dependencies of the resource exist. */
function programResult(
    run: Run,
    label: string,
    type: ConnectionType,
    args: object,
    opts: pulumi.CustomResourceOptions,
    progress: RunProgress,
): pulumi.Output<string> {
    const known = pulumi.all([pulumi.output(args), dependenciesExist(opts as Waiting, () => progress.resource)]);
    const names = secretArguments(type, args);
    const result = known.apply(async ([given]): Promise<{ text: string; isSealed: boolean }> => {
        const sealed = await names;
        const verification = await run.verify(label, type, given as Values, sealed);
        progress.given = given as Values;
        progress.result = { ...verification.result, label, ...optionsOf(opts) };
        const { expiresAt } = given as { readonly expiresAt?: string };
        const shownDay = sealed.includes("expiresAt") ? undefined : expiresAt;
        progress.expiresAt = shownDay;
        progress.outcome?.verified(
            verification.status,
            progress.result.mode,
            shownDay,
            type.definition.locksAfterRefusals,
        );
        // A preview that fails reports all connections, and waits for them; one that does not fail has nothing to wait
        // for.
        const isRefused = pulumi.runtime.isDryRun() && verification.blocking.length > 0;
        const others = isRefused ? { others: await run.others(label) } : {};
        const preview = pulumi.runtime.isDryRun() ? { preview: true } : {};
        return { text: JSON.stringify({ ...progress.result, ...preview, ...others }), isSealed: sealed.length > 0 };
    });
    // The vendor's values may hold a value that the program made secret, and no other secret.
    return pulumi
        .unsecret(result)
        .apply(({ text, isSealed }) => (isSealed ? pulumi.secret(text) : pulumi.output(text)));
}

/** The options of a resource that the engine does not pass to the provider. */
function optionsOf(
    opts: pulumi.CustomResourceOptions,
): Pick<ConnectionReport, "ignored" | "secretOutputs" | "replaceOn" | "deletesFirst"> {
    const { ignoreChanges = [], additionalSecretOutputs, deleteBeforeReplace } = opts;
    return {
        ignored: ignoreChanges,
        secretOutputs: additionalSecretOutputs,
        replaceOn: replacedOn(opts),
        deletesFirst: deleteBeforeReplace,
    };
}

/** True for a value that holds one that becomes known later, because only that can be secret. */
function holdsOutput(value: unknown): boolean {
    return (
        pulumi.Output.isInstance(value) ||
        value instanceof Promise ||
        (typeof value === "object" && value !== null && Object.values(value).some(holdsOutput))
    );
}

/** The arguments that the program made secret, and that are no secrets by themselves. */
async function secretArguments(type: ConnectionType, args: object): Promise<readonly string[]> {
    const open = Object.entries(args).filter(
        ([name, value]) => !type.sensitiveNames.includes(name) && holdsOutput(value),
    );
    const found = await Promise.all(
        open.map(async ([name, value]) => ((await pulumi.isSecret(pulumi.output(value as unknown))) ? [name] : [])),
    );
    return found.flat().sort();
}

/** The arguments as the engine has them, but for those that an output of the same name hides. */
function registeredArguments(own: Properties, { argumentNames, outputNames }: ConnectionType): pulumi.Output<unknown> {
    const names = argumentNames.filter((name) => own[name] !== undefined && !outputNames.includes(name));
    return pulumi.output(Object.fromEntries(names.map((name) => [name, own[name]])));
}

/** True where the engine has other arguments than the verified ones. */
function hasOtherArguments(type: ConnectionType, progress: RunProgress): pulumi.Output<boolean> {
    const known = (progress.registered ?? pulumi.output({})) as pulumi.Output<Values>;
    return known.apply((values) =>
        Object.entries(withBareReferences(type, values)).some(
            ([name, value]) => !isDeepStrictEqual(value ?? null, progress.given?.[name] ?? null),
        ),
    );
}

function summarize(resource: pulumi.CustomResource, type: ConnectionType, progress: RunProgress): void {
    const { outcome } = progress;
    if (outcome !== undefined) {
        const { status, verifiedAt, secretExpiresAt } = resource as unknown as Record<
            "status" | "verifiedAt" | "secretExpiresAt",
            pulumi.Output<unknown>
        >;
        const hasOther = hasOtherArguments(type, progress);
        const answered = outcome.follow({ status, verifiedAt, secretExpiresAt, hasOtherArguments: hasOther });
        reportAtTheEnd(outcome, answered);
    }
}

/** Reports on the resource after the engine has accepted it, so that no message appears twice. */
function warn(resource: pulumi.CustomResource, type: ConnectionType, progress: RunProgress): void {
    type Shown = { readonly [K in keyof CommonOutputs]: pulumi.Output<CommonOutputs[K] | undefined> };
    const { status, warnings, checks, secretExpiresAt, secretExpirySource } = resource as unknown as Shown;
    const warn = (message: string): void => void pulumi.log.warn(diagnostic(message), resource);
    warnings.apply((list) => list?.forEach(warn));
    pulumi.all([status, checks]).apply(([known, list]) => {
        failedChecks({ status: known, checks: list }, modeOf(progress), pulumi.runtime.isDryRun()).forEach(warn);
    });
    const end = pulumi.all([secretExpiresAt, secretExpirySource]);
    pulumi.all([status, progress.bookkeeping, end]).apply(([known, bookkeeping, [endsAt, source]]) => {
        const { since } = (bookkeeping ?? {}) as { readonly since?: string };
        const unlock = type.definition.locksAfterRefusals;
        const facts = { status: known, secretExpiresAt: endsAt, secretExpirySource: source };
        unhealthyRemarks(facts, modeOf(progress), since, progress.expiresAt, unlock).forEach(warn);
    });
    resource.urn.apply(() => {
        const [first] = progress.result?.tenants ?? [];
        if (first?.status === "unreachable") {
            unreachedRemarks(first.problems).forEach(warn);
        }
    });
}

/** The mode of a verification, once it is known. */
const modeOf = ({ result }: RunProgress): VerifyMode => result?.mode ?? "always";
