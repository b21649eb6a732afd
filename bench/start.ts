import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

type Method = (request: object, answer: (error: Error | null, response: unknown) => void) => void;
type Values = Readonly<Record<string, unknown>>;

/** The engine's side of the protocol, as the SDK ships it. */
interface Protocol {
    readonly Client: new (address: string, credentials: unknown) => Record<string, Method> & { close(): void };
    readonly credentials: { createInsecure(): unknown };
    message(type: string, fields: Values): object;
    struct(values: Values): unknown;
}

/** One start of the provider process. */
export interface Start {
    /** Until it listens. */
    readonly listening: number;
    /** Until it has answered its first call. */
    readonly answered: number;
    /** The largest resident set until then, in MiB. */
    readonly peak: number;
}

/** The first call that a provider process gets. */
export type FirstCall =
    | { readonly kind: "check"; readonly olds: Values; readonly news: Values }
    | { readonly kind: "read"; readonly id: string; readonly state: Values };

/** Starts the engine's dynamic provider by hand, makes one call as the engine does, and ends it. Times in milliseconds. */
export async function startProvider(
    node: string,
    packages: string,
    call: FirstCall,
    env: Record<string, string>,
): Promise<Start> {
    const sdk = path.join(packages, "@pulumi", "pulumi");
    const { Client, credentials, message, struct } = protocolOf(sdk);
    const begun = performance.now();
    const child = spawn(node, [path.join(sdk, "cmd", "dynamic-provider", "index.js"), "127.0.0.1:1"], {
        cwd: path.dirname(packages),
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "inherit"],
    });
    try {
        const port = await portOf(child);
        const listening = performance.now() - begun;
        const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
        const ask = (method: string, request: object): Promise<unknown> =>
            new Promise((resolve, reject) =>
                client[method]?.(request, (error, response) => (error === null ? resolve(response) : reject(error))),
            );
        await ask("configure", message("ConfigureRequest", { Args: struct({}) }));
        await (call.kind === "check"
            ? ask(
                  "check",
                  message("CheckRequest", { Urn: "urn:bench", Olds: struct(call.olds), News: struct(call.news) }),
              )
            : ask(
                  "read",
                  message("ReadRequest", {
                      Id: call.id,
                      Urn: "urn:bench",
                      Properties: struct(call.state),
                      Inputs: struct({}),
                  }),
              ));
        const answered = performance.now() - begun;
        client.close();
        const peak =
            Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
        return { listening, answered, peak };
    } finally {
        child.kill("SIGKILL");
    }
}

function protocolOf(sdk: string): Protocol {
    const load = createRequire(path.join(sdk, "package.json"));
    const messages = load("./proto/provider_pb.js") as Record<
        string,
        new () => Record<string, (value: unknown) => void>
    >;
    const { Struct } = load("google-protobuf/google/protobuf/struct_pb.js") as {
        Struct: { fromJavaScript(values: Values): unknown };
    };
    return {
        Client: (load("./proto/provider_grpc_pb.js") as { ResourceProviderClient: Protocol["Client"] })
            .ResourceProviderClient,
        credentials: (load("@grpc/grpc-js") as { credentials: Protocol["credentials"] }).credentials,
        struct: (values) => Struct.fromJavaScript(values),
        message(type, fields) {
            const Message = messages[type];
            if (Message === undefined) {
                throw new Error(`the SDK has no ${type}`);
            }
            const made = new Message();
            Object.entries(fields).forEach(([name, value]) => made[`set${name}`]?.(value));
            return made;
        },
    };
}

function portOf(child: ChildProcess): Promise<number> {
    return new Promise((resolve, reject) => {
        let text = "";
        child.stdout?.on("data", (chunk: Buffer) => {
            text += chunk.toString();
            if (/^\d+\s/.test(text)) {
                resolve(Number.parseInt(text, 10));
            }
        });
        child.once("error", reject);
        child.once("exit", () => reject(new Error("the provider process ended before it listened")));
    });
}
