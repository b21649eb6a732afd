import * as pulumi from "@pulumi/pulumi";

/** How the SDK itself works out what a resource waits for. It publishes no types for it. */
interface DependsOn {
    gatherExplicitDependencies(dependsOn: unknown): Promise<pulumi.Resource[]>;
    getAllTransitivelyReferencedResources(resources: Set<pulumi.Resource>, exclude: Set<pulumi.Resource>): Promise<pulumi.Resource[]>;
}

/** Options of a resource by which it waits for others; `replaceWith` is newer than the oldest SDK that this package runs with. */
export interface Waiting {
    readonly dependsOn?: unknown;
    readonly replaceWith?: unknown;
}

/**
 * Known when everything exists that a resource depends on, the children of components at all depths included: one of them may be what makes the
 * credential work.
 * @param itself The resource, once it is made: as a child of a component that it depends on, it does not wait for itself.
 */
export function dependenciesExist({ dependsOn, replaceWith }: Waiting, itself: () => pulumi.Resource | undefined): pulumi.Output<unknown> {
    if (dependsOn === undefined && replaceWith === undefined) {
        return pulumi.output(undefined);
    }
    const resources = resourcesOf([dependsOn, replaceWith], itself);
    // In a preview the URN of what is yet to be created is known, its id is not. What another program made has no id here.
    const exists = (resource: pulumi.Resource): pulumi.Output<string> => (pulumi.CustomResource.isInstance(resource) && resource.id) || resource.urn;
    return pulumi.output(resources).apply((found) => pulumi.all((found as pulumi.Resource[]).map(exists)));
}

async function resourcesOf(given: readonly unknown[], itself: () => pulumi.Resource | undefined): Promise<pulumi.Resource[]> {
    const sdk = require("@pulumi/pulumi/runtime/dependsOn") as DependsOn;
    let direct: pulumi.Resource[];
    try {
        direct = (await Promise.all(given.map((one) => sdk.gatherExplicitDependencies(one)))).flat();
    } catch {
        // The SDK refuses the same value in its own words when it registers the resource.
        return [];
    }
    const self = itself();
    return sdk.getAllTransitivelyReferencedResources(new Set(direct), new Set(self === undefined ? [] : [self]));
}
