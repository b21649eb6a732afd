// Results in unit tests with mocks (`pulumi.runtime.setMocks`): no vendor and no hub is contacted, and arguments are
// validated all the same. With the mocks of `pulumi-connections/testing` a connection is verified as well, against
// vendors whose facts the test gives.
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { AnyDefinition, AnyFunctionDefinition, Problem, SecretReference, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { describe } from "../../core/problems";
import { isReference } from "../../core/secrets";
import { Session } from "../../core/session";
import { pick } from "../../core/state";
import { UNKNOWN } from "../../core/unknown";
import { targetOf } from "../../hubs/ownership";
import { withOutputs, prepare } from "../../hubs/request";
import type { RemoteType } from "../../hubs/type";
import { connectionTypes } from "../handlers";
import type { Handover } from "./types";
import { applyAnyway, quiet, unitTestMocks, valueOf } from "./pulumi-sdk";

/** The facts of a connection that need no call. */
export interface KnownFromArguments {
    /** The arguments as the program gave them. */
    readonly given: Values;
    /** The validated arguments, and the outputs that follow from them alone. */
    readonly known: Values;
    /** The reason for which a preview would refuse it. */
    readonly refusal?: string | undefined;
}

/** The key under which mocks carry the vendors of a unit test: every copy of the package knows it. */
export const testVendorsKey = Symbol.for("pulumi-connections/testing/1");

/** The vendors of a unit test. */
export interface TestVendors {
    /** Verifies a connection as a preview or an update does: the facts then, or the reason for a refusal. */
    verify(definition: AnyDefinition, connection: TestConnection): Promise<Omit<KnownFromArguments, "given">>;
    /** Answers a function. */
    call(definition: AnyFunctionDefinition, args: Values): Promise<unknown>;
    /** The text in place of a secret by reference. */
    secret(reference: SecretReference): string;
    /** Receives each verification; it resolves to the reason for which a preview would refuse it. */
    follow(verification: Promise<string | undefined>): void;
}

/** A connection of a unit test. */
export interface TestConnection {
    readonly name: string;
    /** The name in messages. */
    readonly label: string;
    readonly given: Values;
    readonly preview: boolean;
}

/** The vendors of this unit test, where its mocks have some. */
export function testVendors(): TestVendors | undefined {
    return (unitTestMocks() as { readonly [testVendorsKey]?: TestVendors } | undefined)?.[testVendorsKey];
}

/**
 * Validates a connection's arguments as a preview does, and works out the outputs that follow from them.
 * @returns An output that is rejected where an argument that becomes known later is refused.
 * @throws RunError where an argument that is known at once is refused.
 */
export function fromArguments(
    type: ConnectionType,
    { name, label }: { readonly name: string; readonly label: string },
    args: object,
): pulumi.Output<KnownFromArguments> {
    refuse(label, type.arguments.validate(valuesNow(args) as Values).problems);
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
    const validated = pulumi.output(args).apply((resolved) => {
        const given = resolved as Values;
        const validation = type.arguments.validate(given);
        refuse(label, validation.problems);
        const { args: accepted } = validation;
        return { given, known: accepted === undefined ? {} : { ...accepted.given, ...type.derive(accepted.values) } };
    });
    return pulumi.unsecret(validated);
}

/** @throws RunError with the problems. */
function refuse(label: string, problems: readonly Problem[]): void {
    if (problems.length > 0) {
        throw new pulumi.RunError(problems.map((problem) => `${label}: ${describe(problem)}`).join("\n"));
    }
}

/** Arguments with the engine's word for a value that is not known yet in place of each that becomes known later. */
function valuesNow(value: unknown): unknown {
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

/** A property of a connection in a unit test: the mocks' value, else the value that follows from the arguments. */
export function mockedProperty(
    name: string,
    recorded: pulumi.Output<unknown> | undefined,
    from: pulumi.Output<KnownFromArguments>,
): pulumi.Output<unknown> {
    const said = recorded ?? pulumi.output(undefined);
    return applyAnyway(from, (validated) => {
        const {
            given = {},
            known = {},
            refusal,
        }: Partial<KnownFromArguments> = pulumi.isUnknown(validated) ? {} : validated;
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

// ---- resources at hubs ----------------------------------------------------------------------------------------------------------

/** A resource at a hub, as a program declares it. */
interface DeclaredAtHub {
    readonly name: string;
    /** The name in messages. */
    readonly label: string;
    /** Its arguments without the connection. */
    readonly own: Values;
    readonly handed: Partial<Handover> | undefined;
}

/**
 * Validates the arguments of a hub's resource, and works out its outputs.
 * @returns An output that is rejected where the resource's connection is refused.
 * @throws RunError where an argument that is known at once is refused.
 */
export function fromHubArguments(
    type: RemoteType,
    { name, label, own, handed }: DeclaredAtHub,
): pulumi.Output<KnownFromArguments> {
    refuse(label, type.arguments.validate(valuesNow(own) as Values).problems);
    const vendors = testVendors();
    const session = new Session(
        { endpoints: {}, verify: undefined },
        {
            answer: () => Promise.reject(new Error("not contacted")),
            secret: (reference) => vendors?.secret(reference) ?? "unit-test",
        },
    );
    const connection = handed && { type: handed.type, arguments: handed.arguments };
    const known = pulumi.all([pulumi.output(own), pulumi.output(connection), handed?.outputs ?? pulumi.output({})]);
    quiet(known);
    const validated = known.apply(async ([args, given, outputs]): Promise<KnownFromArguments> => {
        const own = args as Values;
        const declared = { ...own, ...(given === undefined ? {} : { connection: given }) };
        const prepared = await prepare(type, connectionTypes, session, declared);
        const refused = (problems: readonly string[]): KnownFromArguments => ({
            given: own,
            known: {},
            refusal: problems.map((problem) => `${label}: ${problem}`).join("\n"),
        });
        if (prepared.problems.length > 0) {
            return refused(prepared.problems.map(describe));
        }
        const { taken } = prepared;
        const isVerifiedHere = taken !== undefined && handed?.outputs === undefined;
        const found = isVerifiedHere
            ? await vendors?.verify(taken.type.definition, {
                  name,
                  label: `${label}: connection`,
                  given: taken.args.given,
                  preview: pulumi.runtime.isDryRun(),
              })
            : undefined;
        if (found?.refusal !== undefined) {
            return { given: own, known: {}, refusal: found.refusal };
        }
        const request = {
            args: prepared.values,
            owner: "",
            connection: taken && withOutputs(taken, found?.known ?? outputs),
        };
        const wanted = prepared.isOpen ? undefined : type.definition.wanted(request);
        return {
            given: own,
            // As after an `up`: the hub has the given values.
            known: {
                ...prepared.given,
                ...pick(wanted ?? {}, type.outputNames),
                ...(wanted === undefined ? {} : { found: targetOf(wanted) }),
            },
        };
    });
    quiet(validated);
    const result = pulumi.unsecret(validated);
    quiet(result);
    // A connection that is refused says so itself.
    vendors?.follow(
        valueOf(result).then(
            (one: KnownFromArguments | undefined) => one?.refusal,
            () => undefined,
        ),
    );
    return result;
}
