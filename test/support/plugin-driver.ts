// The plugin as the engine drives it: one process's worth of it for each run, and gRPC between the two.
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import type { Operation } from "../../provider/hosts/plugin/operation";
import { serve } from "../../provider/hosts/plugin/server";
import { decode, encode } from "../../provider/hosts/plugin/wire";
import { moveClock } from "./clock";
import { visible, type Driver, type Kept, type Outcome, type Ran, type Said, type Values } from "./life";

/** Whether the plugin knows the engine's command, and whether a refresh precedes previews and updates. */
export interface Signs {
    readonly isKnown: boolean;
    readonly isRefreshedFirst?: boolean;
}

const urn = "urn:pulumi:test::shop::connections::mdm";

/** One process of the plugin, for one run. */
class Run {
    private constructor(
        private readonly client: ResourceProviderClient,
        private readonly type: string,
        readonly end: () => void,
    ) {}

    static async start(type: string, settings: Values, operation: Operation | undefined): Promise<Run> {
        const { port, close } = await serve(undefined, operation);
        const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
        const run = new Run(client, type, () => {
            client.close();
            close();
        });
        await run.call("configure", new proto.ConfigureRequest().setArgs(encode(settings, [])));
        return run;
    }

    async check(olds: Values, news: Values): Promise<{ inputs: Values; why: string }> {
        const request = new proto.CheckRequest().setUrn(urn).setType(this.type);
        const response = await this.call<proto.CheckResponse>(
            "check",
            request.setOlds(encode(olds, [])).setNews(encode(news, [])),
        );
        const why = response
            .getFailuresList()
            .map((one) => one.getReason())
            .join("\n");
        return { inputs: decode(response.getInputs()).values, why };
    }

    async diff({ id, inputs: old, outputs }: Kept, inputs: Values): Promise<Outcome> {
        const request = new proto.DiffRequest().setUrn(urn).setType(this.type).setId(id);
        request.setOldInputs(encode(old, [])).setOlds(encode(outputs, [])).setNews(encode(inputs, []));
        const response = await this.call<proto.DiffResponse>("diff", request);
        const isChange = response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME;
        return !isChange ? "clean" : response.getReplacesList().length > 0 ? "replace" : "update";
    }

    async create(inputs: Values, isPreview: boolean): Promise<Kept & { isReadFirst: boolean }> {
        const request = new proto.CreateRequest().setUrn(urn).setType(this.type).setPreview(isPreview);
        const response = await this.call<proto.CreateResponse>("create", request.setProperties(encode(inputs, [])));
        const outputs = decode(response.getProperties()).values;
        return { id: response.getId(), inputs, outputs, isReadFirst: response.getRefreshBeforeUpdate() };
    }

    async update(kept: Kept, inputs: Values, isPreview: boolean): Promise<Kept> {
        const request = new proto.UpdateRequest().setUrn(urn).setType(this.type).setId(kept.id).setPreview(isPreview);
        request.setOlds(encode(kept.outputs, [])).setOldInputs(encode(kept.inputs, [])).setNews(encode(inputs, []));
        const response = await this.call<proto.UpdateResponse>("update", request);
        return { id: kept.id, inputs, outputs: decode(response.getProperties()).values };
    }

    async read({ id, inputs, outputs }: Kept): Promise<Kept> {
        const request = new proto.ReadRequest().setUrn(urn).setType(this.type).setId(id);
        request.setInputs(encode(inputs, [])).setProperties(encode(outputs, []));
        const response = await this.call<proto.ReadResponse>("read", request);
        return {
            id,
            inputs: decode(response.getInputs()).values,
            outputs: decode(response.getProperties()).values,
        };
    }

    private call<T>(verb: "configure" | "check" | "diff" | "create" | "update" | "read", request: object): Promise<T> {
        type Send = (request: object, done: (error: grpc.ServiceError | null, answer: T) => void) => void;
        return new Promise((resolve, reject) => {
            (this.client[verb] as unknown as Send).call(this.client, request, (error, answer) =>
                error === null ? resolve(answer) : reject(new Error(error.details)),
            );
        });
    }
}

/** Drives one connection. Each run is on that day, in a process that has just started. */
export class PluginDriver implements Driver {
    constructor(
        private readonly type: string,
        private readonly endpoints: Readonly<Record<string, string>>,
        private readonly day: number,
        private readonly signs: Signs,
    ) {}

    preview(kept: Kept | undefined, args: object, said?: Said): Promise<Ran> {
        return this.during("program", said, (run) => this.apply(run, kept, args as Values, true));
    }

    /** An update that its own preview refuses counts as refused. */
    async up(kept: Kept | undefined, args: object, said?: Said): Promise<Ran> {
        const up = await this.during("program", said, (run) => this.apply(run, kept, args as Values, false));
        return up.outcome === "failed" && (await this.preview(kept, args, said)).outcome === "refused"
            ? { ...up, outcome: "refused" }
            : up;
    }

    refresh(kept: Kept, said?: Said): Promise<Ran> {
        return this.during("refresh", said, async (run) => {
            const read = await run.read(kept);
            const isSame = JSON.stringify(visible(read.inputs)) === JSON.stringify(visible(kept.inputs));
            return { outcome: isSame ? "clean" : "update", why: "", kept: read, shown: read.inputs };
        });
    }

    private async apply(run: Run, kept: Kept | undefined, args: Values, isPreview: boolean): Promise<Ran> {
        let shown: Values = {};
        let isChecked = false;
        try {
            // The engine reads first what a creation has marked so, or where it is to refresh.
            const isReadFirst = this.signs.isKnown || this.signs.isRefreshedFirst === true;
            const old = kept !== undefined && isReadFirst ? await run.read(kept) : kept;
            const { inputs, why } = await run.check(old?.inputs ?? {}, args);
            shown = inputs;
            if (why !== "") {
                return { outcome: "refused", why, kept, shown };
            }
            const outcome = old === undefined ? "create" : await run.diff(old, inputs);
            isChecked = true;
            if (old !== undefined && outcome === "clean") {
                return { outcome, why, kept: { ...old, inputs }, shown };
            }
            if (old !== undefined && outcome === "update") {
                const next = await run.update(old, inputs, isPreview);
                return { outcome, why, kept: next, shown: next.outputs };
            }
            const { isReadFirst: isMarked, ...made } = await run.create(inputs, isPreview);
            expect(isMarked).toBe(this.signs.isKnown);
            // What was left to a creation is not among the inputs of its check.
            const { inputs: recorded } = isMarked && !isPreview ? await run.read(made) : made;
            return { outcome, why, kept: { ...made, inputs: recorded }, shown: made.outputs };
        } catch (error) {
            const outcome = isChecked && !isPreview ? "failed" : "refused";
            return { outcome, why: (error as Error).message, kept, shown };
        }
    }

    private async during(
        operation: Operation,
        { config, environment, variables = {} }: Said = {},
        work: (run: Run) => Promise<Ran>,
    ): Promise<Ran> {
        const restore = moveClock(this.day);
        const before = { ...process.env };
        Object.assign(process.env, variables, environment && { CONNECTIONS_VERIFY: environment });
        const settings = { endpoints: JSON.stringify(this.endpoints), ...(config && { verify: config }) };
        const known = this.signs.isKnown ? operation : undefined;
        try {
            const run = await Run.start(`connections:${this.type.replace(".", ":")}`, settings, known);
            try {
                return await work(run);
            } finally {
                run.end();
            }
        } finally {
            process.env = before;
            restore();
        }
    }
}
