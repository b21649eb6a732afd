import { Session } from "../../provider/core/session";
import { HalfMadeError } from "../../provider/core/problems";
import type { Settings } from "../../provider/core/settings";
import type { Handler } from "../../provider/core/handler";
import type { Values } from "../../provider/define";
import { connectionTypes } from "../../provider/hosts/handlers";
import type { RemoteDefinition } from "../../provider/hubs/contracts";
import { remoteHandler } from "../../provider/hubs/lifecycle";
import { observe } from "../../provider/hubs/observe";
import { RemoteType } from "../../provider/hubs/type";

/** What the engine keeps of a resource. */
export interface HubState {
    readonly id: string;
    readonly inputs: Values;
    readonly outputs: Values;
}

/** What a run makes of a resource. */
export type HubOutcome = "clean" | "create" | "update" | "replace" | "refused" | "failed" | "half-made";

/** What came of a run. */
export interface HubRan {
    readonly outcome: HubOutcome;
    /** Why, where it did not end well. */
    readonly why: string;
    readonly kept: HubState | undefined;
    /** What the preview shows. */
    readonly shown: Values;
    /** What was told on the resource. */
    readonly warnings: readonly string[];
    /** Why the hub was not asked, as the program tells it; undefined where it was. */
    readonly notAsked?: string | undefined;
}

/** Drives a resource at a hub as the engine does, both sides of it, without the engine. Each run is a process that has just started. */
export class HubLife {
    private readonly type: RemoteType;
    private readonly handler: Handler;

    constructor(
        definition: RemoteDefinition,
        private readonly endpoints: () => Readonly<Record<string, string>>,
        private readonly urn: string,
        /** Without, the provider's side looks by itself, as in a host that has no program's side. */
        private readonly hasProgramsSide = true,
    ) {
        this.type = new RemoteType(definition);
        this.handler = remoteHandler(definition, connectionTypes);
    }

    preview(kept: HubState | undefined, declared: Values, settings: Partial<Settings> = {}): Promise<HubRan> {
        return this.plan(this.session(settings), kept, declared, true).then(({ ran }) => ran);
    }

    /** @param outputs What is on record of a connection that the program has as a resource; plain arguments are verified here. */
    async up(
        kept: HubState | undefined,
        declared: Values,
        settings: Partial<Settings> = {},
        outputs?: Values,
    ): Promise<HubRan> {
        const session = this.session(settings);
        const { ran, warn } = await this.plan(session, kept, declared, false, outputs);
        const context = { session, log: { warn } };
        const { outcome, shown } = ran;
        if (outcome === "refused") {
            return ran;
        }
        if (outcome === "clean" && kept !== undefined) {
            return { ...ran, kept: { ...kept, inputs: shown } };
        }
        try {
            if (kept === undefined || outcome === "replace") {
                const { id, state } = await this.handler.create({ inputs: shown }, context);
                if (kept !== undefined) {
                    await this.handler.delete({ id: kept.id, recorded: kept.outputs }, context);
                }
                return { ...ran, kept: { id, inputs: shown, outputs: state } };
            }
            const { state } = await this.handler.update({ recorded: kept.outputs, inputs: shown }, context);
            return { ...ran, kept: { id: kept.id, inputs: shown, outputs: state } };
        } catch (error) {
            const why = (error as Error).message;
            return error instanceof HalfMadeError
                ? {
                      ...ran,
                      outcome: "half-made",
                      why,
                      kept: { id: error.resourceId, inputs: shown, outputs: error.state },
                  }
                : { ...ran, outcome: "failed", why };
        }
    }

    /** `pulumi refresh`: undefined inputs stand as they were. */
    async refresh(kept: HubState, settings: Partial<Settings> = {}, warnings: string[] = []): Promise<HubState> {
        const log = { warn: (message: string) => void warnings.push(message) };
        const { state, inputs } = await this.handler.read(
            { id: kept.id, recorded: kept.outputs },
            { session: this.session(settings), log },
        );
        return {
            ...kept,
            outputs: state ?? {},
            inputs: inputs === undefined ? kept.inputs : { ...kept.inputs, ...inputs },
        };
    }

    async destroy(kept: HubState, warnings: string[] = []): Promise<void> {
        await this.handler.delete(
            { id: kept.id, recorded: kept.outputs },
            { session: this.session(), log: { warn: (message) => void warnings.push(message) } },
        );
    }

    private session(settings: Partial<Settings> = {}): Session {
        return new Session({ endpoints: this.endpoints(), verify: undefined, ...settings });
    }

    private async plan(
        session: Session,
        kept: HubState | undefined,
        declared: Values,
        preview: boolean,
        outputs?: Values,
    ): Promise<{ ran: HubRan; warn: (message: string) => void }> {
        const observed = this.hasProgramsSide
            ? await observe(this.type, connectionTypes, session, {
                  label: "it",
                  owner: this.urn,
                  preview,
                  isSealed: false,
                  declared,
                  outputs,
              })
            : undefined;
        const warnings = [...(observed?.warnings ?? [])];
        const warn = (message: string): void => void warnings.push(message);
        const resource = this.hasProgramsSide ? undefined : { name: "it", owner: this.urn };
        const context = { session, log: { warn }, preview, resource };
        const { inputs, problems } = await this.handler.check(
            { recorded: kept?.inputs, declared, report: observed },
            context,
        );
        const told = {
            kept,
            shown: inputs,
            warnings,
            notAsked: observed?.problem?.message,
            why: problems.map(({ argument = "", message }) => `${argument}: ${message}`).join("\n"),
        };
        if (problems.length > 0) {
            return { ran: { ...told, outcome: "refused" }, warn };
        }
        if (kept === undefined) {
            return { ran: { ...told, outcome: "create" }, warn };
        }
        let compared: { changes: boolean; replaces: readonly string[] };
        try {
            compared = await this.handler.diff({ recorded: kept.outputs, inputs }, context);
        } catch (error) {
            return { ran: { ...told, outcome: "refused", why: (error as Error).message }, warn };
        }
        const { changes, replaces } = compared;
        return { ran: { ...told, outcome: replaces.length > 0 ? "replace" : changes ? "update" : "clean" }, warn };
    }
}
