// The class of a type of resource, as programs make one: what connections and resources at hubs have in common.
import * as pulumi from "@pulumi/pulumi";
import { PROGRAM_REPORT_INPUT } from "../../core/program-report";
import { isReference } from "../../core/secrets";
import { bookkeepingName } from "../../core/state";
import type { Properties } from "./properties";
import { forbidCapture, isOfType, registeringTheProgramsLine } from "./pulumi-sdk";
import type { ResourceClass } from "./types";

/** A type of resource. */
export interface ResourceKind {
    /** The vendor or hub, the class and, for a definition of one's own, its module. */
    readonly provider: readonly [namespace: string, name: string, ...declaredIn: string[]];
    readonly computedNames: readonly string[];
    /** What a program is told that imports one or looks one up. */
    readonly notAdopted: string;
    /** Prepares what the engine is told of one. */
    readonly declare: (declaration: DeclaredResource) => RegisteredResource;
}

/** A resource as a program declares it. */
export interface DeclaredResource {
    readonly name: string;
    /** How messages call it. */
    readonly label: string;
    readonly token: string;
    readonly given: Readonly<Record<string, unknown>>;
    readonly opts: pulumi.CustomResourceOptions;
}

/** A resource as the engine is told of it. */
export interface RegisteredResource {
    /** The arguments. */
    readonly props: Readonly<Record<string, unknown>>;
    /** What the provider's side is handed; undefined in a unit test. */
    readonly result: pulumi.Output<string> | undefined;
    /**
     * Makes the properties of the resource what programs see.
     * @param record What the state holds besides arguments and outputs, once the engine has it.
     */
    readonly made: (
        resource: pulumi.CustomResource,
        own: Properties,
        record: pulumi.Output<unknown> | undefined,
    ) => void;
}

/** What is registered for the provider alone: no property of the resource, because programs would export it. */
const forProvider = [PROGRAM_REPORT_INPUT, bookkeepingName, "__provider"];

/**
 * The provider of a class as a text, which the engine's dynamic provider evaluates and state keeps for good. Written out, it is short, holds no path and
 * needs no serialiser.
 */
const providerText = (names: readonly string[]): string =>
    `exports.handler=()=>require("pulumi-connections/dynamic").provider(${names.map((name) => JSON.stringify(name)).join(",")})`;

/** Makes the class of a type of resource. */
export function resourceClass<I extends object>({ provider, ...kind }: ResourceKind): ResourceClass<I> {
    const [namespace, typeName] = provider;
    // State keeps it for good.
    const token = `pulumi-nodejs:dynamic/connections/${namespace}:${typeName}`;
    const text = providerText(provider);

    return class extends pulumi.CustomResource {
        constructor(name: string, given: I, opts: pulumi.CustomResourceOptions = {}) {
            if (opts.import !== undefined || opts.id !== undefined) {
                throw new pulumi.RunError(kind.notAdopted);
            }
            const label = `${namespace}.${typeName} ${name}`;
            const { props, result, made } = kind.declare({
                name,
                label,
                token,
                given: Object.fromEntries(Object.entries(given ?? {})),
                opts,
            });
            const registered = {
                ...Object.fromEntries([...kind.computedNames, bookkeepingName].map((output) => [output, undefined])),
                ...props,
                ...(result === undefined ? {} : { [PROGRAM_REPORT_INPUT]: result }),
                __provider: text,
            };
            const restore = registeringTheProgramsLine();
            try {
                super(token, name, registered, opts);
            } finally {
                restore();
            }
            const own = this as unknown as Properties;
            const record = own[bookkeepingName];
            forProvider.forEach((property) => Reflect.deleteProperty(own, property));
            forbidCapture(this, label);
            made(this, own, record);
        }

        static get(): never {
            throw new pulumi.RunError(kind.notAdopted);
        }

        static override isInstance(object: unknown): object is pulumi.CustomResource {
            return isOfType(token, object);
        }
    };
}

/** Marks what must never stand in the state in clear. A reference is no secret, and better seen. */
export function withSecrets(names: readonly string[], args: object): Record<string, unknown> {
    const isClear = (name: string, value: unknown): boolean =>
        !names.includes(name) || value === undefined || isReference(value);
    return Object.fromEntries(
        Object.entries(args).map(([name, value]) => [
            name,
            isClear(name, value) ? (value as unknown) : pulumi.secret(value),
        ]),
    );
}

/** The properties that a resource's `replaceOnChanges` names: the engine cannot apply it, because a dynamic provider does not say what has changed. */
export const replacedOn = ({ replaceOnChanges = [] }: pulumi.CustomResourceOptions): readonly string[] =>
    replaceOnChanges.map((path) => /^[^.[\]]*/.exec(path)?.[0] ?? path);
