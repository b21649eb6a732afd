// A host of a few lines, with nothing of Pulumi: one connection in a JSON file. It shows that a host needs no more of the core than a handler.
import fs from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { connectionHandler } from "../../provider/core/lifecycle";
import { describe } from "../../provider/core/problems";
import { Session } from "../../provider/core/session";
import type { Settings } from "../../provider/core/settings";
import type { Difference, Handler, HandlerContext, HostedResource } from "../../provider/core/handler";
import type { AnyDefinition } from "../../provider/define";
import { visible, type Kept, type Outcome, type Values } from "./life";

/** What a run comes to. */
export interface Step {
    readonly outcome: Outcome;
    readonly why: string;
    readonly shown: Values;
    /** The differences that the host would show, by their paths. */
    readonly differences?: readonly Difference[];
}

/** What a host does besides, where it is like a plugin: it has no program's side at all. */
export interface Hosting {
    /** The resource, of which the handler then says all that a run says. */
    readonly resource?: HostedResource;
    /** Whether a new connection is verified by its creation, in previews too. */
    readonly isLater?: boolean;
    readonly signal?: AbortSignal;
}

/** One run of the host: a process's worth of what connections share. */
export class FileHost {
    /** What a person would have been told. */
    readonly warnings: string[] = [];
    readonly session: Session;
    private readonly handler: Handler;

    constructor(
        definition: AnyDefinition,
        private readonly file: string,
        settings: Settings,
        private readonly hosting: Hosting = {},
    ) {
        this.handler = connectionHandler(definition);
        this.session = new Session(settings);
    }

    get kept(): Kept | undefined {
        return fs.existsSync(this.file) ? (JSON.parse(fs.readFileSync(this.file, "utf8")) as Kept) : undefined;
    }

    preview(declared: Values): Promise<Step> {
        return this.plan(declared, true);
    }

    /** A preview in which writes are previewed too: what it shows is the state that they would leave. */
    async previewWrites(declared: Values): Promise<Step> {
        const step = await this.plan(declared, true);
        const { outcome, shown: inputs } = step;
        const { kept } = this;
        try {
            if (outcome === "create" || outcome === "replace") {
                const { state } = await this.handler.create({ inputs }, this.context(true));
                return { ...step, shown: state };
            }
            if (outcome === "update" && kept !== undefined) {
                const request = { recorded: kept.outputs, inputs };
                const { state } = await this.handler.update(request, this.context(true));
                return { ...step, shown: state };
            }
            return step;
        } catch (error) {
            return { ...step, outcome: "refused", why: (error as Error).message };
        }
    }

    /** Starts to check what is on record; gives the inputs that it has. */
    async observe(): Promise<Values | undefined> {
        const { outputs } = this.kept as Kept;
        const observed = await this.handler.observe?.({ recorded: outputs }, this.context(false));
        observed?.start();
        return observed?.inputs;
    }

    async up(declared: Values): Promise<Step> {
        const { kept } = this;
        const step = await this.plan(declared, false);
        const { outcome, shown: inputs } = step;
        try {
            if (outcome === "clean" && kept !== undefined) {
                this.keep({ ...kept, inputs });
            } else if (outcome === "create" || outcome === "replace") {
                const { id, state } = await this.handler.create({ inputs }, this.context(false));
                this.keep({ id, inputs, outputs: state });
                if (this.hosting.isLater === true) {
                    // What was left to a creation is not among the inputs of its check.
                    this.keep({ id, inputs: (await this.observe()) ?? inputs, outputs: state });
                }
            } else if (outcome === "update" && kept !== undefined) {
                const { state } = await this.handler.update({ recorded: kept.outputs, inputs }, this.context(false));
                this.keep({ ...kept, inputs, outputs: state });
            }
            return step;
        } catch (error) {
            return { ...step, outcome: "failed", why: (error as Error).message };
        }
    }

    async refresh(): Promise<Step> {
        const kept = this.kept as Kept;
        const { state, inputs = kept.inputs } = await this.handler.read(
            { id: kept.id, recorded: kept.outputs },
            this.context(false),
        );
        this.keep({ id: kept.id, inputs, outputs: state as Values });
        return {
            outcome: isDeepStrictEqual(visible(inputs), visible(kept.inputs)) ? "clean" : "update",
            why: "",
            shown: inputs,
        };
    }

    async destroy(): Promise<void> {
        const { id, outputs } = this.kept as Kept;
        await this.handler.delete({ id, recorded: outputs }, this.context(false));
        fs.rmSync(this.file);
    }

    private async plan(declared: Values, preview: boolean): Promise<Step> {
        const { kept } = this;
        const { isLater = false } = this.hosting;
        const verification = isLater && kept === undefined ? "later" : "now";
        const recorded = isLater && kept !== undefined ? await this.observe() : kept?.inputs;
        const { inputs, problems } = await this.handler.check(
            { recorded, declared, verification },
            this.context(preview),
        );
        if (problems.length > 0) {
            return { outcome: "refused", why: problems.map(describe).join("\n"), shown: inputs };
        }
        if (kept === undefined) {
            return { outcome: "create", why: "", shown: inputs };
        }
        const { changes, replaces, differences } = await this.handler.diff(
            { recorded: kept.outputs, inputs },
            this.context(preview),
        );
        const outcome = !changes ? "clean" : replaces.length > 0 ? "replace" : "update";
        return { outcome, why: "", shown: inputs, differences };
    }

    private keep(kept: Kept): void {
        fs.writeFileSync(this.file, JSON.stringify(kept));
    }

    private context(preview: boolean): HandlerContext {
        const log = { warn: (message: string) => void this.warnings.push(message) };
        const { resource, signal } = this.hosting;
        return { session: this.session, log, preview, signal, resource };
    }
}
