// The record that a connection gives to a hub's resource, ordered after its verification.
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionType } from "../../core/connection-type";
import { presentOnly } from "../../core/values";
import { mockedProperty, type KnownFromArguments } from "./mocks";
import type { Properties } from "./properties";
import { quiet } from "./pulumi-sdk";
import type { Handover } from "./types";

/** The key under which a connection carries it: every copy of the package knows it. */
const handoverKey = Symbol.for("pulumi-connections/handover");

/** Lets a connection be handed to a hub. Call it before the connection's properties are replaced. */
export function allowHandover(
    resource: pulumi.Resource,
    type: ConnectionType,
    given: object,
    mocked: pulumi.Output<KnownFromArguments> | undefined,
    onVerified?: Handover["onVerified"],
): void {
    const own = resource as unknown as Properties;
    const args = Object.entries(given)
        .filter(([, value]) => value !== undefined)
        // Values that an output hides, and those that a unit test's mocks do not echo, are as the program gave them.
        .map(([name, value]) => [
            name,
            mocked !== undefined || type.outputNames.includes(name) ? (value as unknown) : own[name],
        ]);
    const registered = type.outputNames.map((name) => [
        name,
        // In a unit test, the values of its vendors; a connection that is refused there is refused here as well.
        mocked === undefined ? own[name] : quiet(mockedProperty(name, own[name], mocked)),
    ]);
    const handover: Handover = {
        type: type.label,
        arguments: Object.fromEntries(args) as Handover["arguments"],
        outputs: quiet(
            pulumi
                .all(Object.fromEntries(registered) as Record<string, pulumi.Output<unknown>>)
                .apply((outputs) => presentOnly(outputs)),
        ),
        onVerified,
    };
    Object.defineProperty(resource, handoverKey, { value: handover, enumerable: false });
}

/** The handover of a connection; undefined for any other value. */
export function handoverOf(connection: unknown): Handover | undefined {
    return typeof connection === "object" && connection !== null
        ? (connection as { readonly [handoverKey]?: Handover })[handoverKey]
        : undefined;
}
