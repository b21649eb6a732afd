// What unit tests with mocks see of a resource at a hub: no hub is asked, and what the program declares is judged as in a preview. With the mocks of
// `pulumi-connections/testing` a connection that is given by its arguments is verified as well.
import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../../define";
import { describe } from "../../core/problems";
import { Session } from "../../core/session";
import { pick } from "../../core/state";
import { handedOver, prepare } from "../../hubs/request";
import type { HubType } from "../../hubs/type";
import { connectionTypeOf } from "../handlers";
import type { Handover } from "./handover";
import { refuse, testVendors, valuesNow, type KnownFromArguments } from "./mocks";
import { quiet, valueOf } from "./pulumi-sdk";

/** A resource at a hub, as a program declares it. */
interface Declared {
    readonly name: string;
    /** How messages call it. */
    readonly label: string;
    /** Its arguments without the connection. */
    readonly own: Values;
    readonly handed: Partial<Handover> | undefined;
}

/**
 * Judges what a program declares of a resource at a hub, and works out what would be there.
 * @returns An output that is rejected where the connection is refused that the resource takes.
 * @throws RunError where an argument is refused that is known at once.
 */
export function fromHubArguments(
    type: HubType,
    { name, label, own, handed }: Declared,
): pulumi.Output<KnownFromArguments> {
    refuse(label, type.arguments.judge(valuesNow(own) as Values).problems);
    const vendors = testVendors();
    const session = new Session(
        { endpoints: {}, verify: undefined },
        {
            answer: () => Promise.reject(new Error("not asked")),
            secret: (reference) => vendors?.secret(reference) ?? "unit-test",
        },
    );
    const connection = handed && { type: handed.type, arguments: handed.arguments };
    const known = pulumi.all([pulumi.output(own), pulumi.output(connection), handed?.outputs ?? pulumi.output({})]);
    quiet(known);
    const judged = known.apply(async ([args, given, outputs]): Promise<KnownFromArguments> => {
        const own = args as Values;
        const declared = { ...own, ...(given === undefined ? {} : { connection: given }) };
        const prepared = await prepare(type, connectionTypeOf, session, declared);
        const refused = (problems: readonly string[]): KnownFromArguments => ({
            given: own,
            known: {},
            refusal: problems.map((problem) => `${label}: ${problem}`).join("\n"),
        });
        if (prepared.problems.length > 0) {
            return refused(prepared.problems.map(describe));
        }
        const taken = prepared.connection;
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
            connection: taken && handedOver(taken, found?.known ?? outputs),
        };
        const wanted = prepared.isOpen ? undefined : type.definition.wanted(request);
        return {
            given: own,
            // As after an `up`: the hub has what it was given.
            known: {
                ...prepared.given,
                ...pick(wanted ?? {}, type.definition.outputs),
                ...(wanted === undefined ? {} : { found: { state: "present", ...wanted } }),
            },
        };
    });
    quiet(judged);
    const result = pulumi.unsecret(judged);
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
