/**
 * Mocks for unit tests of Pulumi programs: connections are verified as in a preview, against vendors whose facts the test gives, without a network.
 * @packageDocumentation
 */
import type * as pulumi from "@pulumi/pulumi";
import type { AnyDefinition, AnyFunctionDefinition, SecretReference, Values } from "../../define";
import { callFunction } from "../../core/functions";
import { connectionHandler } from "../../core/lifecycle";
import { describe } from "../../core/problems";
import { isReference } from "../../core/secrets";
import { Session } from "../../core/session";
import { definedOnly } from "../../core/values";
import { testVendorsKey, type TestVendors } from "../dynamic/mocks";
import { valueOf as outputValue } from "../dynamic/pulumi-sdk";
import { answer } from "./answers";
import type { TestedConnection, VendorFacts } from "./facts";

export type {
    AccountFacts,
    AtlassianFacts,
    JamfFacts,
    JumpCloudFacts,
    MicrosoftFacts,
    SiteFacts,
    TestAnswer,
    TestedConnection,
    TestRequest,
    VendorFacts,
} from "./facts";

/** Mocks for `pulumi.runtime.setMocks` that verify connections. */
export interface ConnectionMocks extends pulumi.runtime.Mocks {
    /**
     * Known once every connection that was made so far has been verified.
     * @throws Error with all that a preview would refuse.
     */
    readonly verified: () => Promise<void>;
}

/**
 * Mocks in which every connection is verified as in a preview, against vendors whose facts the test gives. No vendor is
 * contacted, and no variable, file or command is read for a secret. Where a preview would refuse a connection, its
 * outputs are rejected with the reason, and {@link ConnectionMocks.verified} throws it.
 *
 * @param facts The facts of the vendors; a function where they differ between connections. Default: as the program
 * needs them.
 * @param others The mocks of all other resources and functions. Default: each resource has its arguments as outputs.
 * @example
 * ```ts
 * const mocks = connectionMocks({ jamf: { version: "11.30.0", privileges: ["Read Computers"] }, refusedSecrets: ["rotated-away"] });
 * pulumi.runtime.setMocks(mocks);
 * const program = await import("./index");
 * await mocks.verified();
 * ```
 */
export function connectionMocks(
    facts: VendorFacts | ((connection: TestedConnection) => VendorFacts) = {},
    others: Partial<pulumi.runtime.Mocks> = {},
): ConnectionMocks {
    const refusals = new Map<number, string>();
    const work: Promise<unknown>[] = [];
    const sessionOf = (connection: TestedConnection, args: Values): Session => {
        const reported = typeof facts === "function" ? facts(connection) : facts;
        const refused = (reported.refusedSecrets ?? []).map((secret) =>
            isReference(secret) ? secretBehind(secret) : secret,
        );
        const type = connection.type.replace(".", ":");
        return new Session(
            { endpoints: {}, verify: undefined },
            {
                answer: async (request) => answer(request, { type, args, facts: reported, refused }),
                secret: secretBehind,
            },
        );
    };
    const vendors: TestVendors = {
        async verify(definition: AnyDefinition, { name, label, given, preview }) {
            const session = sessionOf({ name, type: definition.type.replace(":", ".") }, given);
            const handler = connectionHandler(definition);
            const context = { session, log: { warn: () => undefined }, preview };
            const { inputs, problems } = await handler.check({ recorded: undefined, declared: given }, context);
            if (problems.length > 0) {
                return { known: {}, refusal: problems.map((problem) => `${label}: ${describe(problem)}`).join("\n") };
            }
            const { state } = preview ? { state: inputs } : await handler.create({ inputs }, context);
            return { known: definedOnly(state) };
        },
        call: async (definition: AnyFunctionDefinition, args) =>
            callFunction(definition, args, sessionOf({ name: "", type: definition.type.replace(":", ".") }, args)),
        secret: secretBehind,
        follow(verification) {
            const at = work.length;
            work.push(verification.then((refusal) => refusal === undefined || refusals.set(at, refusal)));
        },
    };
    return {
        ...others,
        newResource: (args) =>
            others.newResource?.(args) ?? { id: `${args.name}_id`, state: args.inputs as Record<string, unknown> },
        call: (args) => others.call?.(args) ?? (args.inputs as Record<string, unknown>),
        verified: async () => {
            for (let known = -1; known < work.length;) {
                known = work.length;
                await Promise.all(work);
            }
            if (refusals.size > 0) {
                throw new Error(
                    [...refusals]
                        .sort(([a], [b]) => a - b)
                        .map(([, refusal]) => refusal)
                        .join("\n"),
                );
            }
        },
        [testVendorsKey]: vendors,
    } as ConnectionMocks;
}

/**
 * The value of an output, for a test: `expect(await valueOf(program.jamfApi)).toBe("https://…")`. Undefined where it is
 * not known yet, as in a preview.
 * @throws Error with the reason why a preview would refuse the output's connection.
 */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return outputValue(output);
}

/** The text in place of a secret by reference: a unit test reads no variable, no file and no vault. */
const secretBehind = (reference: SecretReference): string =>
    `unit-test-${reference.secretFrom}-${(reference.secretFrom === "command" ? reference.command.join("-") : reference.name).replace(/[^A-Za-z0-9]+/g, "-")}`;
