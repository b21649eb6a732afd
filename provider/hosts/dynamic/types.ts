// The types of a declaration in a Pulumi program.
import type * as pulumi from "@pulumi/pulumi";
import type {
    Args,
    CommonArgs,
    CommonOutputs,
    DeclaredValues,
    Fields,
    OutputValues,
    Secret,
    SecretReference,
    Status,
} from "../../define";
import type { hubArgs, hubOutputs } from "../../hubs/type";

/** An argument as programs may give it: its value, or one that becomes known later, at any depth. */
export type DeepInput<T> = pulumi.Input<
    T extends SecretReference
        ? T
        : T extends readonly (infer E)[]
          ? readonly DeepInput<E>[]
          : T extends object
            ? { readonly [K in keyof T]: DeepInput<T[K]> }
            : T
>;

/** Arguments as programs may give them. */
export type InputsOf<A> = { readonly [K in keyof A]: DeepInput<A[K]> };
type OutputsOf<O> = { readonly [K in keyof O]-?: pulumi.Output<O[K]> };

/** The parts of a declaration that its types are read from. */
interface DeclaredTypes<A, O> {
    readonly args: A;
    readonly outputs: O;
}

/** The arguments that every connection takes, as programs may give them. */
export interface CommonInputs extends InputsOf<CommonArgs> {}

/** A connection's own arguments, as programs may give them. */
export type Inputs<D> = D extends DeclaredTypes<infer A, unknown> ? InputsOf<Args<A>> : never;

/** The outputs of a connection: its own, its arguments, and those that every connection has. */
export type Outputs<D> =
    D extends DeclaredTypes<infer A, infer O>
        ? OutputsOf<
              OutputValues<O> & Omit<DeclaredValues<A>, keyof O> & CommonOutputs & Omit<CommonArgs, "expiresAt">
          > &
              ForHub
        : never;

/** A secret of a resource at a hub: the value, as a secret, or the reference to it. */
type AtHub<F, Shown> = F extends { readonly type: "secret" } ? Secret | Extract<Shown, undefined> : Shown;

/** The outputs of a resource at a hub: its own, and its arguments without the connection. */
export type HubOutputs<D> =
    D extends DeclaredTypes<infer A, infer O>
        ? OutputsOf<
              OutputValues<O> &
                  OutputValues<typeof hubOutputs> & {
                      readonly [K in keyof Omit<A, keyof O>]: AtHub<A[K], DeclaredValues<A>[K]>;
                  } & DeclaredValues<typeof hubArgs>
          >
        : never;

/** The values that every connection has for its hub's form. */
export interface ForHub {
    /**
     * The fields of the hub's form by the hub's names, secrets among them, for the person who types them. They are one
     * secret, and an export of the whole connection leaves them out. A secret by reference is read when a program uses
     * this. Empty for a class without a hub.
     */
    readonly hubFields: pulumi.Output<Readonly<Record<string, string>>>;
}

/** A class of resources. */
export interface ResourceClass<I> {
    /** Declares one. The name is in the stack's state. */
    new (name: string, args: I, opts?: pulumi.CustomResourceOptions): pulumi.CustomResource;
    /** Refused: a resource is declared, and `pulumi up` adopts the existing one. */
    get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): never;
    /** True for a resource of this class, from any copy of the package. */
    isInstance(object: unknown): boolean;
}

/** A class of connections. */
export interface ConnectionClass<I> extends ResourceClass<I> {}

/** The arguments of a resource at a hub, as programs may give them, without its connection. */
export type HubInputs<D extends { readonly args: Fields }> = InputsOf<Args<D["args"]>> & InputsOf<Args<typeof hubArgs>>;

/** A connection on its way from its own resource to a hub's. */
export interface Handover {
    /** The name of its class in programs: `jamf.ApiClient`. */
    readonly type: string;
    /** Its arguments as they are registered; secrets are secret outputs, references stay references. */
    readonly arguments: Readonly<Record<string, unknown>>;
    /** The outputs of its verification. */
    readonly outputs: pulumi.Output<Readonly<Record<string, unknown>>>;
    /** Receives the status where it was verified for the hub alone, so that the run's last line counts it. */
    readonly onVerified?: ((status: Status) => void) | undefined;
}
