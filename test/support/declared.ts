import type { Project } from "./project";
import type { Vendors } from "../simulators/vendors";

/** A connection as a program declares it. */
export interface Declared {
    readonly name: string;
    /** Namespace and class: `jamf.ApiClient`. */
    readonly type: string;
    readonly args: object;
    /** Resource options that JSON can say. */
    readonly opts?: object;
}

/** A program that declares the connections which {@link declare} names, and exports each one's status. */
export const declaredProgram = `
const connections = require("pulumi-connections");
for (const { name, type, args, opts } of JSON.parse(process.env.DECLARED)) {
    const [vendor, kind] = type.split(".");
    exports[name] = new connections[vendor][kind](name, args, opts).status;
}
`;

/** Says what {@link declaredProgram} declares from the next run on. */
export function declare(project: Project, connections: readonly Declared[]): void {
    project.env["DECLARED"] = JSON.stringify(
        connections.map(({ name, type, args, opts }) => ({ name, type, args, opts })),
    );
}

/** The environment of a run in which no vendor can be reached. Their ports stay taken, for nobody else may get them meanwhile. */
export function nobodyThere(vendors: Vendors): Record<string, string> {
    const nowhere = Object.keys(vendors.endpoints).map((origin) => [origin, "http://127.0.0.1:1"]);
    return { CONNECTIONS_ENDPOINTS: JSON.stringify(Object.fromEntries(nowhere)) };
}
