// What unit tests with mocks (`pulumi.runtime.setMocks`) see of a connection: nobody is asked, and arguments are judged all the same. With the mocks of
// `pulumi-connections/testing` it is verified as well, against vendors whose facts the test gives.
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { AnyDefinition, AnyFunctionDefinition, Problem, SecretReference, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { describe } from "../../core/problems";
import { isReference } from "../../core/secrets";
import { UNKNOWN } from "../../core/unknown";
import { applyAnyway, unitTestMocks, valueOf } from "./pulumi-sdk";

/** What is known of a connection without asking anybody. */
export interface KnownFromArguments {
    /** The arguments as the program gave them. */
    readonly given: Values;
    /** The arguments as they are judged, and the outputs that follow from them alone. */
    readonly known: Values;
    /** What a preview would refuse. */
    readonly refusal?: string | undefined;
}

/** Under what name mocks carry the vendors of a unit test, whichever copy of the package made them. */
export const testVendorsKey = Symbol.for("pulumi-connections/testing/1");

/** The vendors of a unit test. */
export interface TestVendors {
    /** Verifies a connection as a preview or an update does: what is known of it then, or why it is refused. */
    verify(definition: AnyDefinition, connection: TestConnection): Promise<Omit<KnownFromArguments, "given">>;
    /** Answers a function. */
    call(definition: AnyFunctionDefinition, args: Values): Promise<unknown>;
    /** What stands for a secret by reference. */
    secret(reference: SecretReference): string;
    /** Is told of each verification; it comes to what a preview would refuse. */
    follow(verification: Promise<string | undefined>): void;
}

/** A connection of a unit test. */
export interface TestConnection {
    readonly name: string;
    /** How messages call it. */
    readonly label: string;
    readonly given: Values;
    readonly preview: boolean;
}

/** The vendors of this unit test, where its mocks have some. */
export function testVendors(): TestVendors | undefined {
    return (unitTestMocks() as { readonly [testVendorsKey]?: TestVendors } | undefined)?.[testVendorsKey];
}

/**
 * Judges a connection's arguments as a preview does, and works out what follows from them.
 * @returns An output that is rejected where an argument that becomes known later is refused.
 * @throws RunError where one is refused that is known at once.
 */
export function fromArguments(
    type: ConnectionType,
    { name, label }: { readonly name: string; readonly label: string },
    args: object,
): pulumi.Output<KnownFromArguments> {
    refuse(label, type.arguments.judge(valuesNow(args) as Values).problems);
    const vendors = testVendors();
    if (vendors !== undefined) {
        const preview = pulumi.runtime.isDryRun();
        const verified = pulumi.output(args).apply(async (resolved): Promise<KnownFromArguments> => {
            const given = resolved as Values;
            return { given, ...(await vendors.verify(type.definition, { name, label, given, preview })) };
        });
        const result = pulumi.unsecret(verified);
        vendors.follow(valueOf(result).then((known: KnownFromArguments | undefined) => known?.refusal));
        return result;
    }
    const judged = pulumi.output(args).apply((resolved) => {
        const given = resolved as Values;
        const judgement = type.arguments.judge(given);
        refuse(label, judgement.problems);
        const { args: accepted } = judgement;
        return { given, known: accepted === undefined ? {} : { ...accepted.given, ...type.derive(accepted.values) } };
    });
    return pulumi.unsecret(judged);
}

/** @throws RunError with what is wrong. */
export function refuse(label: string, problems: readonly Problem[]): void {
    if (problems.length > 0) {
        throw new pulumi.RunError(problems.map((problem) => `${label}: ${describe(problem)}`).join("\n"));
    }
}

/** Arguments with the engine's word for a value that is not known yet in place of each that becomes known later. */
export function valuesNow(value: unknown): unknown {
    if (pulumi.Output.isInstance(value) || value instanceof Promise) {
        return UNKNOWN;
    }
    if (Array.isArray(value)) {
        return value.map(valuesNow);
    }
    return typeof value === "object" && value !== null && !isReference(value)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, valuesNow(inner)]))
        : value;
}

/** A property of a connection in a unit test: what the mocks say, else what follows from the arguments. */
export function mockedProperty(
    name: string,
    recorded: pulumi.Output<unknown> | undefined,
    from: pulumi.Output<KnownFromArguments>,
): pulumi.Output<unknown> {
    const said = recorded ?? pulumi.output(undefined);
    return applyAnyway(from, (judged) => {
        const { given = {}, known = {}, refusal }: Partial<KnownFromArguments> = pulumi.isUnknown(judged) ? {} : judged;
        if (refusal !== undefined) {
            throw new pulumi.RunError(refusal);
        }
        return applyAnyway(said, (value) => {
            const isSilent =
                value === undefined ||
                value === null ||
                pulumi.isUnknown(value) ||
                isDeepStrictEqual(value, given[name]);
            return isSilent && known[name] !== undefined ? known[name] : said;
        });
    });
}
