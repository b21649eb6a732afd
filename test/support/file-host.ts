// A host of a few lines, with nothing of Pulumi: one connection in a JSON file. It shows that a host needs no more of the core than a handler.
import fs from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { connectionHandler } from "../../provider/core/lifecycle";
import { describe } from "../../provider/core/problems";
import { Session } from "../../provider/core/session";
import type { Settings } from "../../provider/core/settings";
import type { Handler, HandlerContext } from "../../provider/core/handler";
import type { AnyDefinition } from "../../provider/define";
import { visible, type Kept, type Outcome, type Values } from "./life";

/** What a run comes to. */
export interface Step {
    readonly outcome: Outcome;
    readonly why: string;
    readonly shown: Values;
}

/** One run of the host: a process's worth of what connections share. */
export class FileHost {
    /** What a person would have been told. */
    readonly warnings: string[] = [];
    private readonly handler: Handler;
    private readonly session: Session;

    constructor(
        definition: AnyDefinition,
        private readonly file: string,
        settings: Settings,
        private readonly signal?: AbortSignal,
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
        const { inputs, problems } = await this.handler.check(
            { recorded: kept?.inputs, declared },
            this.context(preview),
        );
        if (problems.length > 0) {
            return { outcome: "refused", why: problems.map(describe).join("\n"), shown: inputs };
        }
        if (kept === undefined) {
            return { outcome: "create", why: "", shown: inputs };
        }
        const { changes, replaces } = await this.handler.diff(
            { recorded: kept.outputs, inputs },
            this.context(preview),
        );
        return { outcome: !changes ? "clean" : replaces.length > 0 ? "replace" : "update", why: "", shown: inputs };
    }

    private keep(kept: Kept): void {
        fs.writeFileSync(this.file, JSON.stringify(kept));
    }

    private context(preview: boolean): HandlerContext {
        const log = { warn: (message: string) => void this.warnings.push(message) };
        return { session: this.session, log, preview, signal: this.signal };
    }
}
