// The properties that programs see of a resource: its outputs and its arguments, without those that only the provider
// needs.
import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { hubFieldsOf } from "../../core/hub-fields";
import { describe, Fault } from "../../core/problems";
import { isReference, resolveSecret } from "../../core/secrets";
import { secondsOf } from "../../core/session";
import { mockedProperty, testVendors, type KnownFromArguments } from "./mocks";
import { quiet } from "./pulumi-sdk";
import { currentRun } from "./run";

/** The properties of a resource, as the SDK has made them from the registration. */
export type Properties = Record<string, pulumi.Output<unknown>>;

/** The part of a type that decides what programs see. */
interface ShownType {
    readonly argumentNames: readonly string[];
    readonly sensitiveNames: readonly string[];
    /** The whole of a value that is recorded in brief; undefined for any other. */
    readonly completed?: (name: string, value: unknown) => unknown;
}

/**
 * Replaces a resource's properties by those that programs see.
 * @param secretOf A secret as a program gets it by its name.
 */
export function showProperties(
    own: Properties,
    computedNames: readonly string[],
    { argumentNames, sensitiveNames, completed }: ShownType,
    mocked: pulumi.Output<KnownFromArguments> | undefined,
    secretOf: (
        name: string,
        recorded: pulumi.Output<unknown> | undefined,
    ) => pulumi.Output<unknown> | undefined = secretOutput,
): void {
    const isTested = mocked !== undefined && testVendors() !== undefined;
    const shown = (output: pulumi.Output<unknown> | undefined): pulumi.Output<unknown> | undefined =>
        output !== undefined && isTested ? quiet(output) : output;
    for (const name of new Set([...computedNames, ...argumentNames])) {
        const registered = own[name];
        const recorded = (): pulumi.Output<unknown> | undefined =>
            mocked === undefined ? registered : shown(mockedProperty(name, registered, mocked));
        if (sensitiveNames.includes(name)) {
            // An export of the whole resource holds no secret and reads no reference: a program has to name the
            // property.
            show(own, name, false, () => shown(secretOf(name, recorded())));
        } else {
            // State holds null for an output without a value, and programs expect undefined.
            show(own, name, true, () =>
                shown(recorded()?.apply((value) => completed?.(name, value) ?? value ?? undefined)),
            );
        }
    }
}

/** Adds the values of the hub's form to a resource. */
export function showHubFields(own: Properties, type: ConnectionType, given: object): void {
    show(own, "hubFields", false, () => {
        const names = Object.keys(given).filter((name) => type.argumentNames.includes(name));
        // An argument that an output of the same name hides is as the program gave it.
        const args = names.map((name) => [
            name,
            type.outputNames.includes(name) ? (given as Record<string, unknown>)[name] : own[name],
        ]);
        const outputs = type.outputNames.map((name) => [name, own[name]]);
        const all = pulumi.all([Object.fromEntries(args), Object.fromEntries(outputs)] as const);
        return pulumi.secret(all.apply(([values, found]) => hubFieldsOf(type, values as Values, found as Values)));
    });
}

/** Most properties are never read, so their values are made on first use. */
function show(
    own: Properties,
    name: string,
    enumerable: boolean,
    make: () => pulumi.Output<unknown> | undefined,
): void {
    let shown: pulumi.Output<unknown> | undefined;
    const get = (): pulumi.Output<unknown> => (shown ??= make() ?? pulumi.output(undefined));
    Object.defineProperty(own, name, { enumerable, configurable: true, get });
}

/** The value of a secret, read when a program uses it. */
function secretOutput(name: string, recorded: pulumi.Output<unknown> | undefined): pulumi.Output<unknown> | undefined {
    const { commands } = currentRun().session;
    const vendors = testVendors();
    const value = recorded?.apply(async (secret) => {
        if (vendors !== undefined && isReference(secret)) {
            return vendors.secret(secret);
        }
        try {
            return isReference(secret)
                ? await resolveSecret(name, secret, AbortSignal.timeout(secondsOf({}) * 1000), commands)
                : secret;
        } catch (error) {
            throw error instanceof Fault ? new pulumi.RunError(describe(error.problem)) : error;
        }
    });
    return value && pulumi.secret(value);
}
