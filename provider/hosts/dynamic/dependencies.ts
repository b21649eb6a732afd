import * as pulumi from "@pulumi/pulumi";
import { resourcesBehind, valueWithUnknowns } from "./pulumi-sdk";

/** Options of a resource by which it waits for others; `replaceWith` is newer than the oldest SDK that this package runs with. */
export interface Waiting {
    readonly dependsOn?: unknown;
    readonly replaceWith?: unknown;
}

/**
 * Known when all dependencies of a resource exist, because the credential may need one of them. The children of
 * components at all depths are among them.
 * @param itself The resource, once it is made: as a child of a component that it depends on, it does not wait for
 * itself.
 */
export function dependenciesExist(
    { dependsOn, replaceWith }: Waiting,
    itself: () => pulumi.Resource | undefined,
): pulumi.Output<unknown> {
    if (dependsOn === undefined && replaceWith === undefined) {
        return pulumi.output(undefined);
    }
    const resources = resourcesBehind([dependsOn, replaceWith], itself);
    return pulumi.output(resources).apply((found) => pulumi.all(found.map(exists)));
}

/** Known when a resource exists: in a preview the URN of a new resource is known, its id is not. */
function exists(resource: pulumi.Resource): pulumi.Output<unknown> {
    const id = pulumi.CustomResource.isInstance(resource)
        ? (resource.id as pulumi.Output<string> | undefined)
        : undefined;
    const outputs = Object.values(resource).filter(pulumi.Output.isInstance);
    return id ?? pulumi.all([resource.urn, ...outputs.map(isMade)]);
}

/**
 * Known when an output of a remote component is (a multi-language one, such as awsx): its children are not known here,
 * but are not complete while an output of theirs is unknown. In a preview an output without a value is unknown too, and
 * proves nothing.
 */
function isMade(output: pulumi.Output<unknown>): pulumi.Output<unknown> {
    return pulumi.output(
        valueWithUnknowns(output).then((value) => (pulumi.containsUnknowns(value) ? pulumi.unknown : undefined)),
    );
}

/**
 * The same value without the resources that it comes from. The SDK registers a resource after those that its properties come from, and after all
 * children of a component among these: a child whose property came from its own component would wait for its siblings, and they for it.
 */
export function withoutDependencies<T>(output: pulumi.Output<T>): pulumi.Output<T> {
    return pulumi.output(valueWithUnknowns(output)) as pulumi.Output<T>;
}
