// What unit tests with mocks (`pulumi.runtime.setMocks`) see of a connection: nobody is asked, and arguments are judged all the same.
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { Problem, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { describe } from "../../core/problems";
import { isReference } from "../../core/secrets";
import { UNKNOWN } from "../../core/unknown";

/** What is known of a connection without asking anybody. */
export interface FromArguments {
    /** The arguments as the program gave them. */
    readonly given: Values;
    /** The arguments as they are judged, and the outputs that follow from them alone. */
    readonly known: Values;
}

/**
 * Judges a connection's arguments as a preview does, and works out what follows from them.
 * @returns An output that is rejected where an argument that becomes known later is refused.
 * @throws RunError where one is refused that is known at once.
 */
export function fromArguments(type: ConnectionType, label: string, args: object): pulumi.Output<FromArguments> {
    refuse(label, type.arguments.judge(valuesNow(args) as Values).problems);
    const judged = pulumi.output(args).apply((resolved) => {
        const given = resolved as Values;
        const judgement = type.arguments.judge(given);
        refuse(label, judgement.problems);
        const { args: accepted } = judgement;
        return { given, known: accepted === undefined ? {} : { ...accepted.given, ...type.derive(accepted.values) } };
    });
    return pulumi.unsecret(judged);
}

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

/** A property of a connection in a unit test: what the mocks say, else what follows from the arguments. */
export function mockedProperty(
    name: string,
    recorded: pulumi.Output<unknown> | undefined,
    from: pulumi.Output<FromArguments>,
): pulumi.Output<unknown> {
    const said = recorded ?? pulumi.output(undefined);
    return applyAnyway(from, (judged) =>
        applyAnyway(said, (value) => {
            const { given = {}, known = {} }: Partial<FromArguments> = pulumi.isUnknown(judged) ? {} : judged;
            const isSilent =
                value === undefined ||
                value === null ||
                pulumi.isUnknown(value) ||
                isDeepStrictEqual(value, given[name]);
            return isSilent && known[name] !== undefined ? known[name] : said;
        }),
    );
}

/** As `apply`, for a value that is not known too, as mocks of a preview have them. The SDK's types do not tell of it. */
function applyAnyway<T>(output: pulumi.Output<T>, work: (value: T) => unknown): pulumi.Output<unknown> {
    return (
        output as unknown as { apply(work: (value: T) => unknown, runWithUnknowns: boolean): pulumi.Output<unknown> }
    ).apply(work, true);
}
