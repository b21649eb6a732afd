import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import type { VerificationResult } from "../../provider/core/session";
import { shared } from "./environment";

/** What is asked of a {@link Core}. */
export interface CoreRequest {
    readonly id: number;
    /** Namespace and class: `jamf.ApiClient`. */
    readonly connection: string;
    /** `verify`, as hosts without a state do it, or a method of the provider side. */
    readonly call: "verify" | "check" | "diff" | "create" | "update" | "read";
    /** The arguments of the connection, or those of the method. */
    readonly args: unknown;
    readonly endpoints?: Readonly<Record<string, string>>;
    /** What is asked under one name shares what it has learned, as in one process of the engine. */
    readonly run?: string;
    /** `connections:verify` of the stack's configuration, for a run that starts with this. */
    readonly verify?: string;
    /** Variables of the environment, for a run that starts with this. */
    readonly environment?: Readonly<Record<string, string>>;
}

/** What came of it. */
export interface CoreReply<T> {
    readonly value?: T;
    readonly error?: { readonly message: string; readonly stack: string; readonly name: string };
    /** How long it took. */
    readonly milliseconds: number;
    /** Unhandled rejections and uncaught exceptions since the last reply. */
    readonly astray: readonly string[];
    /** The most memory that the process has had. */
    readonly peakMegabytes: number;
}

/** A verification without a state. */
export interface Verified {
    readonly result?: VerificationResult;
    readonly messages: readonly string[];
}

/**
 * The core of the packed package in a process of its own, so that it meets Node as users have it, with an environment of its own, and so that what
 * it leaves unhandled is seen.
 */
export class Core {
    private readonly waiting = new Map<number, (reply: CoreReply<unknown>) => void>();
    private last = 0;
    /** What the process has printed. */
    output = "";
    /** Unhandled rejections and uncaught exceptions, and the end of the process when nobody asked for it. */
    readonly astray: string[] = [];

    private constructor(private readonly child: ChildProcess) {
        child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
        child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
        child.on("message", (reply: CoreReply<unknown> & { id: number }) => {
            this.astray.push(...reply.astray);
            this.waiting.get(reply.id)?.(reply);
            this.waiting.delete(reply.id);
        });
        child.on("exit", (code, signal) => {
            if (this.waiting.size > 0) {
                const error = { message: `the process ended (${code ?? signal})`, stack: this.output, name: "Ended" };
                this.astray.push(error.message);
                this.waiting.forEach((settle) => settle({ error, milliseconds: 0, astray: [], peakMegabytes: 0 }));
            }
        });
    }

    /**
     * Starts it.
     * @param env Over the environment of this process, from which proxies and endpoints are taken out.
     * @param preload A script that runs first.
     */
    static start(env: Readonly<Record<string, string>> = {}, preload?: string): Core {
        const unwanted = /^connections_|^(https?|all|no)_proxy$|^node_/i;
        const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name)));
        const child = fork(path.join(__dirname, "core-host.js"), [shared.projects], {
            execPath: shared.programNode(),
            execArgv: preload === undefined ? [] : ["--require", preload],
            env: { ...inherited, ...env },
            serialization: "advanced",
            stdio: ["ignore", "pipe", "pipe", "ipc"],
        });
        return new Core(child);
    }

    /** Asks for something. */
    ask<T>(request: Omit<CoreRequest, "id">): Promise<CoreReply<T>> {
        const id = ++this.last;
        return new Promise((resolve) => {
            this.waiting.set(id, resolve as (reply: CoreReply<unknown>) => void);
            this.child.send({ ...request, id });
        });
    }

    /** Verifies a connection. */
    verify(
        connection: string,
        args: object,
        endpoints?: Readonly<Record<string, string>>,
        run?: string,
    ): Promise<CoreReply<Verified>> {
        return this.ask({
            connection,
            call: "verify",
            args,
            ...(endpoints && { endpoints }),
            ...(run !== undefined && { run }),
        });
    }

    /** Ends the process. */
    async close(): Promise<void> {
        if (this.child.exitCode === null && this.child.signalCode === null) {
            const ended = new Promise((resolve) => this.child.once("exit", resolve));
            this.child.kill("SIGKILL");
            await ended;
        }
    }
}
