import type { VerifyMode } from "../../provider/define";
import type { Core, CoreReply } from "./core";

/** What the engine keeps of a resource. */
export interface Kept {
    readonly id: string;
    readonly inputs: Values;
    readonly outputs: Values;
}

/** What a run makes of a resource. `refused`: its arguments were, by `check` or `diff`; `failed`: they were not, and the update was. */
export type Outcome = "clean" | "create" | "update" | "replace" | "refused" | "failed";

/** What came of a run. */
export interface Ran {
    readonly outcome: Outcome;
    /** Why, where it is `refused` or `failed`. */
    readonly why: string;
    /** What is on record after it; undefined where nothing is. */
    readonly kept: Kept | undefined;
    /** What the preview shows of the resource: what `check` made of its arguments. */
    readonly shown: Values;
}

/** Where it is said when vendors are asked, besides in the arguments. */
export interface Said {
    /** In the stack's configuration. */
    readonly config?: VerifyMode;
    /** In the environment. */
    readonly environment?: VerifyMode;
    /** Other variables of the environment. */
    readonly variables?: Readonly<Record<string, string>>;
}

export type Values = Readonly<Record<string, unknown>>;

type Checked = { inputs: Values; failures: { reason: string }[] };

/** What drives one connection as the engine does, whatever the host. */
export interface Driver {
    /** `pulumi preview`. */
    preview(kept: Kept | undefined, args: object, said?: Said): Promise<Ran>;
    /** `pulumi up --skip-preview`. */
    up(kept: Kept | undefined, args: object, said?: Said): Promise<Ran>;
    /** `pulumi refresh --yes`. */
    refresh(kept: Kept, said?: Said): Promise<Ran>;
}

let phases = 0;

/** Drives the provider side of one connection as the engine does, without the engine: each run is a process that has just started. */
export class Life implements Driver {
    constructor(
        private readonly core: Core,
        private readonly connection: string,
        private readonly endpoints: () => Readonly<Record<string, string>>,
    ) {}

    async preview(kept: Kept | undefined, args: object, said: Said = {}): Promise<Ran> {
        return this.plan(this.phase(said), kept, args);
    }

    async up(kept: Kept | undefined, args: object, said: Said = {}): Promise<Ran> {
        const call = this.phase(said);
        const planned = await this.plan(call, kept, args);
        const { outcome, shown } = planned;
        if (outcome === "refused") {
            return planned;
        }
        if (outcome === "clean" && kept !== undefined) {
            return { ...planned, kept: { ...kept, inputs: shown } };
        }
        const isNew = kept === undefined || outcome === "replace";
        const reply = isNew
            ? await call<{ id: string; outs: Values }>("create", shown)
            : await call<{ id?: string; outs: Values }>("update", kept.id, kept.outputs, shown);
        if (reply.value === undefined) {
            return { outcome: "failed", why: reply.error?.message ?? "", kept, shown };
        }
        return { ...planned, kept: { id: reply.value.id ?? kept?.id ?? "", inputs: shown, outputs: reply.value.outs } };
    }

    async refresh(kept: Kept, said: Said = {}): Promise<Ran> {
        const call = this.phase(said);
        const { value, error } = await call<{ id: string; props: Values; inputs: Values }>(
            "read",
            kept.id,
            kept.outputs,
        );
        if (value === undefined) {
            return { outcome: "failed", why: error?.message ?? "", kept, shown: {} };
        }
        const read = { id: value.id, inputs: value.inputs, outputs: value.props };
        const compared = await this.difference(call, read, kept.inputs);
        if (compared instanceof Error) {
            return { outcome: "failed", why: compared.message, kept, shown: {} };
        }
        const { changes } = compared;
        const differs = changes && JSON.stringify(visible(value.inputs)) !== JSON.stringify(visible(kept.inputs));
        return { outcome: differs ? "update" : "clean", why: "", kept: read, shown: value.inputs };
    }

    private async plan(call: Call, kept: Kept | undefined, args: object): Promise<Ran> {
        const { value: checked = { inputs: {}, failures: [] }, error } = await call<Checked>(
            "check",
            kept?.inputs ?? {},
            args,
        );
        const shown = checked.inputs;
        const why = error?.message ?? checked.failures.map(({ reason }) => reason).join("\n");
        if (why !== "") {
            return { outcome: "refused", why, kept, shown };
        }
        if (kept === undefined) {
            return { outcome: "create", why, kept, shown };
        }
        const compared = await this.difference(call, kept, shown);
        if (compared instanceof Error) {
            return { outcome: "refused", why: compared.message, kept, shown };
        }
        const { changes, replaces } = compared;
        return { outcome: !changes ? "clean" : replaces.length > 0 ? "replace" : "update", why, kept, shown };
    }

    private async difference(
        call: Call,
        { id, outputs }: Kept,
        inputs: Values,
    ): Promise<{ changes: boolean; replaces: string[] } | Error> {
        const { value, error } = await call<{ changes: boolean; replaces: string[] }>("diff", id, outputs, inputs);
        return value ?? new Error(error?.message);
    }

    private phase({ config, environment, variables }: Said): Call {
        const run = `phase ${++phases}`;
        const settings = {
            ...(config && { verify: config }),
            environment: { ...variables, ...(environment && { CONNECTIONS_VERIFY: environment }) },
        };
        return (call, ...args) =>
            this.core.ask({ connection: this.connection, call, args, endpoints: this.endpoints(), run, ...settings });
    }
}

type Call = <T>(call: "check" | "diff" | "create" | "update" | "read", ...args: unknown[]) => Promise<CoreReply<T>>;

// The engine compares what it shows: not what stands under names with two underscores.
export function visible(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(visible);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(
              Object.entries(value)
                  .filter(([key]) => !key.startsWith("__"))
                  .sort(([a], [b]) => (a < b ? -1 : 1))
                  .map(([key, inner]) => [key, visible(inner)]),
          )
        : value;
}
