// One kind of resource, from the engine's calls to the handler's and back.
import type { Problem, Values } from "../../define";
import type { Comparison, Handler, HandlerContext } from "../../core/handler";
import { UNKNOWN } from "../../core/unknown";
import { without } from "../../core/values";
import type { Operation } from "./operation";
import type { Plain } from "./wire";

/** A call about one resource. */
export interface EngineCall {
    readonly urn: string;
    readonly context: HandlerContext;
    /** Keeps work for the moment at which the program declares its first resource. */
    readonly later: (work: () => void) => void;
}

/** Values on their way to the engine, with the names of those that it encrypts. */
export interface Outgoing {
    readonly values: Values;
    readonly secrets: readonly string[];
}

/** The record of a resource before a read that an update may follow. */
interface Before {
    readonly state: Values;
    readonly inputs: Values;
    /** True once the program has declared the resource in this run. */
    isDeclared: boolean;
}

/** A kind of resource with its handler. */
export class HandledResource {
    private readonly before = new Map<string, Before>();

    /** @param secretPaths The places of the arguments that are always kept as secrets. */
    constructor(
        private readonly handler: Handler,
        private readonly secretPaths: (values: Values) => readonly string[],
        private readonly operation: Operation | undefined,
    ) {}

    /** True for what the engine reads only to start its verification: then everything on record is checked at once. */
    private get isObserved(): boolean {
        return this.operation !== undefined && this.handler.observe !== undefined;
    }

    /** True where the engine is to read before each update. An object made elsewhere is: its drift shows what is there. */
    get isReadFirst(): boolean {
        return this.operation !== undefined || this.handler.observe === undefined;
    }

    async check(
        { urn, context }: EngineCall,
        { values: olds }: Plain,
        { values: declared, secrets }: Plain,
    ): Promise<Outgoing & { problems: readonly Problem[] }> {
        const before = this.before.get(urn);
        if (before !== undefined) {
            before.isDeclared = true;
        }
        const recorded = before?.inputs ?? (Object.keys(olds).length === 0 ? undefined : olds);
        // New ones are verified by their creation, in a preview as well, because the engine creates many at once.
        const isLater = recorded === undefined && this.isObserved;
        const { inputs, facts, problems, sealed } = await this.handler.check(
            { recorded, declared, madeSecret: secrets, verification: isLater ? "later" : "now" },
            context,
        );
        return { ...this.outgoing(isLater ? without(inputs, facts) : inputs, sealed, secrets), problems };
    }

    async diff({ urn, context }: EngineCall, { values: olds }: Plain, { values: inputs }: Plain): Promise<Comparison> {
        const before = this.before.get(urn);
        const recorded = before?.isDeclared === true ? before.state : olds;
        const { changes, ...comparison } = await this.handler.diff({ recorded, inputs }, context);
        // An object made elsewhere has one name: where the engine replaces it for another reason, the old one goes first.
        const deletesFirst = this.handler.observe === undefined && comparison.replaces.length === 0;
        // A resource that has moved here from a dynamic one is written anew.
        return { ...comparison, deletesFirst, changes: changes || "__provider" in olds };
    }

    async create({ context }: EngineCall, { values: inputs, secrets }: Plain): Promise<Outgoing & { id: string }> {
        const { id, state, sealed } = await this.handler.create({ inputs }, context);
        return { id: id === UNKNOWN ? "" : id, ...this.outgoing(state, sealed, secrets) };
    }

    async update({ urn, context }: EngineCall, olds: Plain, { values: inputs, secrets }: Plain): Promise<Outgoing> {
        const recorded = this.before.get(urn)?.state ?? olds.values;
        const { state, sealed } = await this.handler.update({ recorded, inputs }, context);
        return this.outgoing(state, sealed, secrets);
    }

    /** The state and its inputs; undefined where it is gone. */
    async read(
        { urn, context, later }: EngineCall,
        id: string,
        { values: recorded, secrets: ofState }: Plain,
        { values: old, secrets: ofInputs }: Plain,
    ): Promise<{ state: Outgoing; inputs: Outgoing } | undefined> {
        const marked = [...ofState, ...ofInputs];
        const asRecorded = { state: this.outgoing(recorded, [], marked), inputs: this.outgoing(old, [], marked) };
        if (this.operation === "destroy") {
            return asRecorded;
        }
        if (this.operation === "program" && this.handler.observe !== undefined && Object.keys(recorded).length > 0) {
            const { inputs, sealed, start } = await this.handler.observe({ recorded }, context);
            // In a run with another configuration, another process checks: then this one contacts no vendor.
            later(start);
            return { ...asRecorded, inputs: this.outgoing(inputs, sealed, marked) };
        }
        const { state, inputs = old, sealed } = await this.handler.read({ id, recorded }, context);
        if (this.operation === undefined && this.handler.observe !== undefined) {
            this.before.set(urn, { state: recorded, inputs: old, isDeclared: false });
        }
        return state && { state: this.outgoing(state, sealed, marked), inputs: this.outgoing(inputs, sealed, marked) };
    }

    delete({ context }: EngineCall, id: string, { values: recorded }: Plain): Promise<void> {
        return this.handler.delete({ id, recorded }, context);
    }

    private outgoing(values: Values, sealed: readonly string[], marked: readonly string[]): Outgoing {
        return { values, secrets: [...this.secretPaths(values), ...sealed, ...marked] };
    }
}
