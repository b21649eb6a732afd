// The provider's side: called by the engine's dynamic provider, in a process of its own.
import type { DeclaredInputs, EngineInputs, From, Problem, Recorded, Values } from "../../define";
import type { Checked, Computed, Handler, HandlerContext } from "../../core/handler";
import { connectionHandler } from "../../core/lifecycle";
import { ConnectionError, describe, Fault, HalfMadeError } from "../../core/problems";
import { diagnostic } from "../../core/redact";
import { Session } from "../../core/session";
import { readSettings } from "../../core/settings";
import { engineSignature, secretSignature } from "../engine-signature";
import { handlerOf } from "../handlers";
import { DefinitionError, findDefinition } from "./definition-file";
import { reportOf } from "./program-report";

interface Config {
    get(key: string): string | undefined;
}

/** The methods that the engine's dynamic provider calls. */
export type ResourceProvider = Pick<
    DynamicProvider,
    "configure" | "check" | "diff" | "create" | "update" | "read" | "delete"
>;

/** The provider's side of a connection. */
export type Provide = (vendor: string, type: string, declaredIn?: string) => ResourceProvider;

/** The provider's side in one process: connections with the same settings share their findings. */
export function providerProcess(): Provide {
    const sessions = new Map<string, Session>();
    const sessionWith = (read: (key: string) => string | undefined): Session => {
        const settings = readSettings((key) => read(`connections:${key}`));
        const name = JSON.stringify(settings);
        const session = sessions.get(name) ?? new Session(settings);
        sessions.set(name, session);
        return session;
    };
    return (vendor, type, declaredIn) => new DynamicProvider(`${vendor}:${type}`, declaredIn, sessionWith);
}

/**
 * The provider's side of a connection. The stack's state refers to this function by name, so its name and its
 * parameters must never change: vendor, class, and the module that declares the type, where it is not this package's
 * own.
 */
export const provider: Provide = providerProcess();

const log = {
    warn: (message: string) => console.warn(`warning: ${diagnostic(message)}`),
    info: (message: string) => console.log(diagnostic(message)),
};

/** Values as the engine is given them: its protocol writes those that it encrypts as secrets. */
type Encrypted = From<"protocol">;

function encrypted(values: Recorded | EngineInputs, names: readonly string[]): Encrypted {
    const secret = (value: unknown): object => ({ [engineSignature]: secretSignature, value: value ?? null });
    return {
        ...(values as Values),
        ...Object.fromEntries(names.filter((name) => name in values).map((name) => [name, secret(values[name])])),
    };
}

/** The same values in plain, where a host hands back secrets as the protocol writes them. */
function plain<V extends Values>(values: V): V {
    const open = (value: unknown): unknown => {
        const { [engineSignature]: signature, value: inner } = (value ?? {}) as Record<string, unknown>;
        return signature === secretSignature ? inner : value;
    };
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, open(value)])) as V;
}

/** An error for a half-made resource: the engine records it, and completes it in the next update. */
class InitializationFailed extends Error {
    readonly id: string;
    readonly properties: Encrypted;
    readonly reasons: readonly string[];

    constructor({ message, resourceId, state, sealed }: HalfMadeError, { __provider }: Values) {
        super(message);
        this.stack = "";
        this.id = resourceId;
        this.properties = { ...encrypted(state, sealed), __provider };
        this.reasons = [message];
    }
}

async function halfMade<T>(inputs: Values, work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        throw error instanceof HalfMadeError ? new InitializationFailed(error, inputs) : error;
    }
}

class DynamicProvider {
    private session: Session | undefined;
    private wrongSettings: Problem | undefined;
    private made: Handler | undefined;

    constructor(
        private readonly type: string,
        private readonly declaredIn: string | undefined,
        private readonly sessionWith: (read: (key: string) => string | undefined) => Session,
    ) {}

    // The host caches a provider before this has finished if it is asynchronous.
    configure({ config }: { readonly config: Config }): void {
        try {
            this.session = this.sessionWith((key) => config.get(key));
        } catch (error) {
            if (!(error instanceof Fault)) {
                throw error;
            }
            this.wrongSettings = error.problem;
        }
    }

    async check(
        olds: Recorded,
        news: DeclaredInputs,
    ): Promise<{ inputs: Encrypted | DeclaredInputs; failures: { property: string; reason: string }[] }> {
        if (this.wrongSettings !== undefined) {
            return { inputs: news, failures: [{ property: "", reason: describe(this.wrongSettings) }] };
        }
        const { session } = this.context();
        // The program has said it.
        session.endpointsAreReported();
        const { declared, report } = reportOf(news);
        let validated: Checked;
        try {
            validated = await this.handler().check({ recorded: plain(olds), declared, report }, this.context());
        } catch (error) {
            if (!(error instanceof DefinitionError || error instanceof ConnectionError)) {
                throw error;
            }
            return { inputs: news, failures: [{ property: "", reason: error.message }] };
        }
        const { inputs, problems, sealed } = validated;
        if (problems.length > 0) {
            const others = typeof report === "object" && "tenants" in report ? (report.others ?? []) : [];
            others.forEach((message) => console.error(`also wrong: ${message}`));
        }
        // The engine prints the value of a property that a failure names, secret or not: the name goes into the reason instead.
        const failures = problems.map((problem) => ({ property: "", reason: describe(problem) }));
        return { inputs: encrypted(inputs, sealed), failures };
    }

    async diff(
        _id: string,
        olds: Recorded,
        news: EngineInputs,
    ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace?: boolean }> {
        const { changes, replaces, deletesFirst } = await this.handler().diff(
            { recorded: plain(olds), inputs: plain(news) },
            this.context(),
        );
        return { changes, replaces: [...replaces], ...(deletesFirst === true ? { deleteBeforeReplace: true } : {}) };
    }

    async create(inputs: EngineInputs): Promise<{ id: string; outs: Encrypted }> {
        const made = await halfMade(inputs, () => this.handler().create({ inputs: plain(inputs) }, this.context()));
        return { id: made.id, outs: encrypted(made.state, made.sealed) };
    }

    async update(_id: string, olds: Recorded, news: EngineInputs): Promise<{ outs: Encrypted }> {
        const update = async (): Promise<Computed & { state: Recorded }> =>
            this.handler().update({ recorded: plain(olds), inputs: plain(news) }, this.context());
        const { state, sealed } = await halfMade(news, update);
        return { outs: encrypted(state, sealed) };
    }

    async read(id: string, props: Recorded): Promise<{ id: string; props: Encrypted; inputs?: Encrypted }> {
        const { state, inputs, sealed } = await this.handler().read({ id, recorded: plain(props) }, this.context());
        if (state === undefined) {
            return { id: "", props: {}, inputs: {} };
        }
        // Without inputs the engine keeps those that it has.
        const found = { id, props: encrypted(state, sealed) };
        return inputs === undefined ? found : { ...found, inputs: encrypted(inputs, sealed) };
    }

    /** Needs no definition: a connection can be forgotten when its declaration is gone. */
    async delete(id: string, props: Recorded): Promise<void> {
        if (this.declaredIn === undefined) {
            await this.handler().delete({ id, recorded: plain(props) }, this.context());
        } else {
            const context = this.context();
            context.session.warnOfEndpoints(context.log);
        }
    }

    private handler(): Handler {
        return (this.made ??= this.make());
    }

    private make(): Handler {
        const { declaredIn } = this;
        if (declaredIn !== undefined) {
            // The command line knows this package's sentences alone.
            return connectionHandler(findDefinition(this.type, declaredIn), { declaredIn });
        }
        const handler = handlerOf(this.type, { isBrief: true });
        if (handler === undefined) {
            const message = `this version of pulumi-connections has no ${this.type.replace(":", ".")}. Install a newer one.`;
            throw new ConnectionError([{ kind: "internal", code: "unknown-class", message }]);
        }
        return handler;
    }

    private context(): HandlerContext {
        if (this.wrongSettings !== undefined) {
            throw new ConnectionError([this.wrongSettings]);
        }
        this.session ??= this.sessionWith(() => undefined);
        return { session: this.session, log };
    }
}
