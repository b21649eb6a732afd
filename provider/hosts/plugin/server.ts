// The gRPC service that the engine drives, for every type of this package: `pulumi-resource-connections`.
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineProto from "@pulumi/pulumi/proto/engine_pb";
import * as pluginProto from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import * as statusProto from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Problem, Values } from "../../define";
import { rootOf } from "../../core/differences";
import type { HandlerContext } from "../../core/handler";
import { version } from "../../core/manifest";
import { ConnectionError, describe, Fault, HalfMadeError } from "../../core/problems";
import { diagnostic } from "../../core/redact";
import { Session } from "../../core/session";
import { readSettings, type Settings } from "../../core/settings";
import { hasUnknown } from "../../core/unknown";
import { functionOf, handlerOf, secretPaths } from "../handlers";
import { nameOfUrn } from "../urn";
import { HandledResource, type EngineCall } from "./life";
import type { Operation } from "./operation";
import { decode, encode } from "./wire";

const settingNames = ["endpoints", "verify", "strict"] as const;
const packageName = "connections";
/** The most that one message holds: a stack's largest property, with room. */
const messageLimit = 400 << 20;

/** The time within which the engine makes its next call, where it has one to make: after it, none is under way. */
const quietMs = 300;
/** The longest time for a call that is sure to come, on a busy machine. */
const longestMs = 5_000;
const lookMs = 25;

/** A call with an answer, of which the engine makes many at once. */
type Verb<Request, Answer> = (call: grpc.ServerUnaryCall<Request, Answer>, answer: grpc.sendUnaryData<Answer>) => void;

class Plugin {
    private engine: EngineClient | undefined;
    private session: Session | undefined;
    private wrongSettings: Problem | undefined;
    /** The name of a provider that the program itself declares. */
    private name: string | undefined;
    private readonly stop = new AbortController();
    private readonly lives = new Map<string, HandledResource>();
    private readonly said = new Set<string>();
    private readonly sending = new Set<Promise<void>>();
    private readonly later: (() => void)[] = [];
    /** The URNs of resources that are checked, and that the engine compares or writes next. */
    private readonly awaited = new Set<string>();
    private underWay = 0;
    private failing = 0;

    constructor(private readonly operation: Operation | undefined) {}

    connect(address: string | undefined): void {
        if (address !== undefined && address !== "") {
            this.engine = new EngineClient(address, grpc.credentials.createInsecure());
        }
    }

    readonly service = {
        handshake: this.verb(async (request: proto.ProviderHandshakeRequest) => {
            this.connect(request.getEngineAddress());
            return new proto.ProviderHandshakeResponse().setAcceptSecrets(true);
        }),
        attach: this.verb(async (request: pluginProto.PluginAttach) => {
            this.connect(request.getAddress());
            return new Empty();
        }),
        getPluginInfo: this.verb(async () => new pluginProto.PluginInfo().setVersion(version)),
        getSchema: this.verb(async () => new proto.GetSchemaResponse().setSchema(schemaText())),
        checkConfig: this.verb(async (request: proto.CheckRequest) => {
            const { values, secrets } = decode(request.getNews());
            const response = new proto.CheckResponse().setInputs(encode(values, secrets));
            const problem = wrongSettings(() => settingsOf(values, nameOfUrn(request.getUrn())));
            return response.setFailuresList(problem === undefined ? [] : [failureOf(problem)]);
        }),
        diffConfig: this.verb(async (request: proto.DiffRequest) => {
            const [before, after] = [decode(request.getOldInputs()).values, decode(request.getNews()).values];
            const names = settingNames.filter((name) => textOf(before[name]) !== textOf(after[name]));
            return diffResponse(names.length > 0).setDiffsList(names);
        }),
        configure: this.verb(async (request: proto.ConfigureRequest) => {
            const { values } = decode(request.getArgs());
            this.name = explicitName(request.getName());
            this.wrongSettings = wrongSettings(() => {
                this.session = new Session(settingsOf(values, request.getName()));
            });
            return new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
        }),
        check: this.verb(async (request: proto.CheckRequest) => {
            const call = this.call(request.getUrn());
            this.later.splice(0).forEach((start) => start());
            const [olds, news] = [decode(request.getOlds()), decode(request.getNews())];
            const { values, secrets, problems } = await this.life(request.getType()).check(call, olds, news);
            const failures = problems.map(failureOf);
            if (failures.length === 0) {
                this.awaited.add(call.urn);
            }
            return new proto.CheckResponse().setInputs(encode(values, secrets)).setFailuresList(failures);
        }),
        diff: this.verb(async (request: proto.DiffRequest) => {
            const call = this.call(request.getUrn());
            const [olds, news] = [decode(request.getOlds()), decode(request.getNews())];
            const compared = await this.life(request.getType()).diff(call, olds, news);
            const { changes, replaces, deletesFirst = false, differences } = compared;
            if (!changes) {
                this.awaited.delete(call.urn);
            }
            const shown = changes ? differences : [];
            const response = diffResponse(changes)
                .setHasdetaileddiff(true)
                .setReplacesList([...replaces])
                .setDeletebeforereplace(deletesFirst)
                .setDiffsList([...new Set(shown.map(({ path: place }) => rootOf(place)))]);
            for (const { path: place, kind } of shown) {
                const isReplacement = replaces.includes(rootOf(place));
                const shownKind = kindsOfDifference[kind][isReplacement ? 1 : 0];
                response.getDetaileddiffMap().set(place, new proto.PropertyDiff().setKind(shownKind));
            }
            return response;
        }),
        create: this.verb(async (request: proto.CreateRequest) => {
            const life = this.life(request.getType());
            const call = this.call(request.getUrn(), request.getPreview(), request.getTimeout());
            const created = life.create(call, decode(request.getProperties()));
            const { id, values, secrets } = await this.together(request, created);
            const response = new proto.CreateResponse().setId(id).setProperties(encode(values, secrets));
            return response.setRefreshBeforeUpdate(life.isReadFirst);
        }),
        update: this.verb(async (request: proto.UpdateRequest) => {
            const life = this.life(request.getType());
            const call = this.call(request.getUrn(), request.getPreview(), request.getTimeout());
            const updated = life.update(call, decode(request.getOlds()), decode(request.getNews()));
            const { values, secrets } = await this.together(request, updated);
            const response = new proto.UpdateResponse().setProperties(encode(values, secrets));
            return response.setRefreshBeforeUpdate(life.isReadFirst);
        }),
        read: this.verb(async (request: proto.ReadRequest) => {
            const life = this.life(request.getType());
            const [state, inputs] = [decode(request.getProperties()), decode(request.getInputs())];
            const found = await life.read(this.call(request.getUrn()), request.getId(), state, inputs);
            if (found === undefined) {
                return new proto.ReadResponse();
            }
            return new proto.ReadResponse()
                .setId(request.getId())
                .setProperties(encode(found.state.values, found.state.secrets))
                .setInputs(encode(found.inputs.values, found.inputs.secrets))
                .setRefreshBeforeUpdate(life.isReadFirst);
        }),
        delete: this.verb(async (request: proto.DeleteRequest) => {
            const state = decode(request.getProperties());
            await this.life(request.getType()).delete(this.call(request.getUrn()), request.getId(), state);
            return new Empty();
        }),
        invoke: this.verb(async (request: proto.InvokeRequest) => {
            const work = functionOf(request.getTok().replace(`${packageName}:`, ""));
            if (work === undefined) {
                throw missing(`function ${request.getTok()}`);
            }
            const response = new proto.InvokeResponse();
            try {
                const result = await work(decode(request.getArgs()).values, this.call("").context.session);
                return response.setReturn(encode(result, []));
            } catch (error) {
                return response.setFailuresList(problemsOf(error).map(failureOf));
            }
        }),
        cancel: this.verb(async () => {
            const line = this.session?.summary.line(Date.now());
            if (line !== undefined) {
                // Each provider of a program has a process and a line of its own.
                const said =
                    this.name === undefined ? line : line.replace("connections:", `connections (${this.name}):`);
                this.log("", said, engineProto.LogSeverity.INFO);
            }
            this.stop.abort(new Error("The run was cancelled."));
            // The engine interrupts the process next, and waits five seconds for its end.
            process.once("SIGINT", () => process.exit(0));
            return new Empty();
        }),
    };

    private life(token: string): HandledResource {
        const type = token.replace(`${packageName}:`, "");
        const known = this.lives.get(type);
        if (known !== undefined) {
            return known;
        }
        const handler = handlerOf(type);
        if (handler === undefined) {
            throw missing(type.replace(":", "."));
        }
        const life = new HandledResource(handler, (values) => secretPaths(type, values), this.operation);
        this.lives.set(type, life);
        return life;
    }

    /** @param timeout Seconds; 0 for none. */
    private call(urn: string, preview?: boolean, timeout = 0): EngineCall {
        if (this.wrongSettings !== undefined) {
            throw new ConnectionError([this.wrongSettings]);
        }
        const session = (this.session ??= new Session(readSettings(() => undefined)));
        const { signal: stopped } = this.stop;
        const signal = timeout > 0 ? AbortSignal.any([stopped, AbortSignal.timeout(timeout * 1000)]) : stopped;
        const log: HandlerContext["log"] = {
            warn: (message) => this.log(urn, message, engineProto.LogSeverity.WARNING),
            info: (message) => this.log(urn, message, engineProto.LogSeverity.INFO),
        };
        session.warnOfEndpoints({ warn: (message) => this.log("", message, engineProto.LogSeverity.WARNING) });
        const resource = { name: nameOfUrn(urn), owner: urn };
        const later = (work: () => void): void => void this.later.push(work);
        return { urn, context: { session, log, preview, signal, resource }, later };
    }

    /**
     * In a preview, a failure waits until no other call is under way, and no further one comes: the engine ends it at the
     * first one, and the others are to be seen too.
     */
    private async together<T>(request: proto.CreateRequest | proto.UpdateRequest, work: Promise<T>): Promise<T> {
        this.awaited.delete(request.getUrn());
        try {
            return await work;
        } catch (error) {
            if (!request.getPreview()) {
                throw error;
            }
            this.failing++;
            const begun = Date.now();
            for (let last = begun; Date.now() - last < quietMs && !this.stop.signal.aborted;) {
                await sleep(lookMs);
                const isAwaited = this.awaited.size > 0 && Date.now() - begun < longestMs;
                last = isAwaited || this.underWay > this.failing ? Date.now() : last;
            }
            throw error;
        }
    }

    /** Says something under a resource, once a run. */
    private log(urn: string, message: string, severity: engineProto.LogSeverity): void {
        const { engine } = this;
        if (engine === undefined || this.said.has(urn + message)) {
            return;
        }
        this.said.add(urn + message);
        const request = new engineProto.LogRequest().setSeverity(severity).setMessage(diagnostic(message)).setUrn(urn);
        const sent = new Promise<void>((done) => engine.log(request, () => done()));
        this.sending.add(sent);
        void sent.then(() => this.sending.delete(sent));
    }

    /** A verb that answers once the engine has all that it said. */
    private verb<Request, Answer>(work: (request: Request) => Promise<Answer>): Verb<Request, Answer> {
        return (call, answer) => {
            this.underWay++;
            work(call.request)
                .finally(() => Promise.all(this.sending))
                .then(
                    (result) => answer(null, result),
                    (error: unknown) => answer(serviceError(error)),
                )
                .finally(() => this.underWay--);
        };
    }
}

const { Kind } = proto.PropertyDiff;
const kindsOfDifference = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
} as const;

function diffResponse(changes: boolean): proto.DiffResponse {
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    return new proto.DiffResponse().setChanges(changes ? DIFF_SOME : DIFF_NONE);
}

/** The schema, which is beside the executable. */
const schemaText = (): string => fs.readFileSync(path.join(__dirname, "schema.json"), "utf8");

/** A setting as a text: engines pass lists and objects as JSON. */
const textOf = (value: unknown): string | undefined =>
    value === undefined || value === null ? undefined : typeof value === "string" ? value : JSON.stringify(value);

/** The name of a provider that a program declares; undefined for the engine's own. */
const explicitName = (name: string | undefined): string | undefined =>
    name === undefined || /^default(_|$)/.test(name) ? undefined : name;

/** The settings of a provider. A value that is not known yet is read once it is. */
const settingsOf = (values: Values, name: string | undefined): Settings =>
    readSettings((key) => (hasUnknown(values[key]) ? undefined : textOf(values[key])), explicitName(name));

function wrongSettings(read: () => unknown): Problem | undefined {
    try {
        read();
        return undefined;
    } catch (error) {
        return problemsOf(error)[0];
    }
}

const missing = (what: string): ConnectionError =>
    new ConnectionError([
        {
            kind: "internal",
            code: "unknown-class",
            message: `this version of pulumi-connections has no ${what}. Install a newer one.`,
        },
    ]);

/** A failure without its property, because the engine prints that property's value, secret or not. */
const failureOf = (problem: Problem): proto.CheckFailure =>
    new proto.CheckFailure().setProperty("").setReason(describe(problem));

function problemsOf(error: unknown): readonly Problem[] {
    if (error instanceof ConnectionError) {
        return error.problems;
    }
    if (error instanceof Fault) {
        return [error.problem];
    }
    throw error;
}

/** An error as the protocol has it; a half-made resource with its state. */
function serviceError(error: unknown): grpc.ServiceError {
    const message = error instanceof Error ? error.message : String(error);
    const metadata = new grpc.Metadata();
    if (error instanceof HalfMadeError) {
        const { resourceId, state, sealed } = error;
        const details = new proto.ErrorResourceInitFailed()
            .setId(resourceId)
            .setProperties(encode(state, sealed))
            .setReasonsList([message]);
        const any = new Any();
        any.pack(details.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
        const status = new statusProto.Status().setCode(grpc.status.UNKNOWN).setMessage(message);
        status.addDetails(any);
        metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    }
    return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

/**
 * Serves the engine at this address.
 * @param operation The engine's command, where it is known.
 * @returns The port of the service, and what ends it.
 */
export async function serve(
    engine: string | undefined,
    operation: Operation | undefined,
): Promise<{ port: number; close: () => void }> {
    const plugin = new Plugin(operation);
    plugin.connect(engine);
    const limits = {
        "grpc.max_receive_message_length": messageLimit,
        "grpc.max_send_message_length": messageLimit,
    };
    const server = new grpc.Server(limits);
    server.addService(ResourceProviderService, plugin.service);
    const bind = promisify(server.bindAsync.bind(server));
    const port = await bind("127.0.0.1:0", grpc.ServerCredentials.createInsecure());
    return { port, close: () => server.forceShutdown() };
}
