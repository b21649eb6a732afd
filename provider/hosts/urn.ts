// Pulumi's names of resources.

/** The name of a resource in its program. */
export const nameOfUrn = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
