// The class of a type of resource in programs, for connections and for resources at hubs.
import * as pulumi from "@pulumi/pulumi";
import { isReference } from "../../core/secrets";
import { bookkeepingName } from "../../core/state";
import { PROGRAM_REPORT_INPUT } from "./program-report";
import type { Properties } from "./properties";
import { forbidCapture, isOfType, registeringTheProgramsLine } from "./pulumi-sdk";
import type { ResourceClass } from "./types";

/** A type of resource. */
export interface ResourceKind {
    /** The vendor or hub, the class and, for your own definition, its module. */
    readonly provider: readonly [namespace: string, name: string, ...declaredIn: string[]];
    readonly computedNames: readonly string[];
    /** The message for a program that imports one or looks one up. */
    readonly notAdopted: string;
    /** Prepares the registration of one. */
    readonly declare: (declaration: DeclaredResource) => RegisteredResource;
}

/** A resource as a program declares it. */
export interface DeclaredResource {
    readonly name: string;
    /** The name in messages. */
    readonly label: string;
    readonly token: string;
    readonly given: Readonly<Record<string, unknown>>;
    readonly opts: pulumi.CustomResourceOptions;
}

/** A resource as it is registered with the engine. */
export interface RegisteredResource {
    /** The arguments. */
    readonly props: Readonly<Record<string, unknown>>;
    /** The result for the provider's side; undefined in a unit test. */
    readonly result: pulumi.Output<string> | undefined;
    /**
     * Sets the properties that programs see.
     * @param record The parts of the state besides arguments and outputs, once the engine has them.
     */
    readonly made: (
        resource: pulumi.CustomResource,
        own: Properties,
        record: pulumi.Output<unknown> | undefined,
    ) => void;
}

/** Registered for the provider alone: as properties of the resource, programs would export them. */
const forProvider = [PROGRAM_REPORT_INPUT, bookkeepingName, "__provider"];

/**
 * The provider of a class as a text, which the engine's dynamic provider evaluates and the state keeps permanently.
 * Written out, it is short, holds no path and needs no serialiser.
 */
const providerText = (names: readonly string[]): string =>
    `exports.handler=()=>require("pulumi-connections/dynamic").provider(${names.map((name) => JSON.stringify(name)).join(",")})`;

/** Makes the class of a type of resource. */
export function resourceClass<I extends object>({ provider, ...kind }: ResourceKind): ResourceClass<I> {
    const [namespace, typeName] = provider;
    // The state keeps it permanently.
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

/** Marks the values that must never be in the state in clear. A reference is not a secret, and is better visible. */
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

/**
 * The properties that a resource's `replaceOnChanges` names: the engine cannot apply it, because a dynamic provider
 * does not report changes by name.
 */
export const replacedOn = ({ replaceOnChanges = [] }: pulumi.CustomResourceOptions): readonly string[] =>
    replaceOnChanges.map((path) => /^[^.[\]]*/.exec(path)?.[0] ?? path);
