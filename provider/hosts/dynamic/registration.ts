// What the classes of this package have in common in the way in which the engine is told of them.
import * as pulumi from "@pulumi/pulumi";
import { PROGRAM_RESULT_INPUT } from "../../core/program-result";
import { isReference } from "../../core/secrets";
import { bookkeepingName } from "../../core/state";

/** What is registered for the provider alone: no property of the resource, for programs would export it. */
export const forProvider = [PROGRAM_RESULT_INPUT, bookkeepingName, "__provider"] as const;

/** The type token of a class, which state keeps for good. */
export const tokenOf = (namespace: string, name: string): string =>
    `pulumi-nodejs:dynamic/connections/${namespace}:${name}`;

/**
 * The provider of a class as a text, which the engine's dynamic provider evaluates and state keeps for good. Written out, it is short, holds no path and
 * needs no serialiser.
 */
export const providerText = (...names: readonly string[]): string =>
    `exports.handler=()=>require("pulumi-connections/dynamic").provider(${names.map((name) => JSON.stringify(name)).join(",")})`;

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
