// The parts that follow from a definition.
import { commonArgs } from "../define/common";
import type { Problem, Values } from "../define/contracts";
import { anything, mapOf, type Field } from "../define/fields";
import { argumentSchema, type ArgumentSchema, type Declarable } from "../core/arguments";
import { isSecret, isSensitive, namesOf } from "../core/argument-fields";
import type { RemoteDefinition } from "./contracts";

/** The arguments of every resource at a hub, besides its own. */
export const hubArgs = {
    /** The validation of the server's TLS certificate, for the hub. */
    tls: commonArgs.tls,
    /**
     * An HTTP proxy on the way to the hub, such as `http://user:password@proxy.example.com:3128`. Kept as a secret.
     * Default: `HTTPS_PROXY`, where `NO_PROXY` does not except the host.
     */
    proxyUrl: commonArgs.proxyUrl,
    /**
     * The deadline of one operation, in seconds, from 1 to 600: some hubs let a client make few calls a minute.
     * @default 180
     */
    timeoutSeconds: commonArgs.timeoutSeconds,
    /**
     * The person or team that looks after this resource, such as `it-ops@acme.example`: at most 200 characters. It is
     * shown by `status` and in its reports, and is never sent anywhere. A change of it alone contacts no server.
     */
    contact: commonArgs.contact,
};

/** The outputs of every resource at a hub, besides its own. */
export const hubOutputs = {
    /** The values that this resource wrote, as the hub has them now. A preview shows a difference. */
    found: mapOf(anything()) as Field<Record<string, unknown>>,
};

/** The argument that names the connection. The connection's own type validates it. */
export const connectionArgument = "connection";

/** The name that messages give an argument of that connection: `connection.clientSecret`. */
export const inConnection = (argument: string | undefined): string =>
    argument === undefined ? connectionArgument : `${connectionArgument}.${argument}`;

/** A problem of that connection, in the form for the resource that has it. */
export const aboutConnection = (problem: Problem): Problem => ({
    ...problem,
    argument: inConnection(problem.argument),
});

/** The reason why a resource cannot be imported or looked up, and the alternative. */
export const notTakenOver = ({ label }: RemoteType): Problem => ({
    kind: "invalidArgument",
    code: "hub-not-imported",
    message: `a ${label} is declared, not imported or looked up: declare it with adopt: true, and pulumi up takes over what is there.`,
});

/** The deadline of one operation, in seconds, where the program gives none. */
const defaultSeconds = 180;

/** A kind of resource at a hub. */
export class RemoteType implements Declarable {
    readonly namespace: string;
    readonly name: string;
    readonly args: Readonly<Record<string, Field<unknown>>>;
    readonly argumentNames: readonly string[];
    readonly secretNames: readonly string[];
    /** Arguments that are kept as secrets: keys, and others such as a proxy's URL. */
    readonly sensitiveNames: readonly string[];
    /** Its own outputs. */
    readonly outputNames: readonly string[];
    /** Those of them that are secrets. */
    readonly secretOutputs: readonly string[];
    private schema: ArgumentSchema | undefined;

    constructor(readonly definition: RemoteDefinition) {
        const [namespace = "", name = ""] = definition.type.split(":");
        this.namespace = namespace;
        this.name = name;
        this.args = { ...definition.args, ...hubArgs };
        this.argumentNames = Object.keys(this.args);
        this.secretNames = namesOf(this.args, isSecret);
        this.sensitiveNames = namesOf(this.args, isSensitive);
        this.outputNames = Object.keys(definition.outputs);
        this.secretOutputs = namesOf(definition.outputs, isSensitive);
    }

    /** The name in programs: `nango.Connection`. */
    get label(): string {
        return `${this.namespace}.${this.name}`;
    }

    /** True where it puts a connection somewhere. */
    get takesConnection(): boolean {
        return this.definition.refuses !== undefined;
    }

    /** The names of computed values. */
    get computedNames(): readonly string[] {
        return [...Object.keys(hubOutputs), ...this.outputNames];
    }

    /** The validation of its own arguments. */
    get arguments(): ArgumentSchema {
        return (this.schema ??= argumentSchema(this));
    }

    secondsOf({ timeoutSeconds: seconds }: Values): number {
        return typeof seconds === "number" ? seconds : defaultSeconds;
    }
}
