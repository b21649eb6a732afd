import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type * as parts from "../../provider/hosts/dynamic/pulumi-sdk";

/** What a mocked engine is told of a resource. */
interface Registration {
    getName(): string;
    getSourceposition(): { getUri(): string; getLine(): number } | undefined;
    getStacktrace(): { getFramesList(): readonly object[] } | undefined;
}

const never = new Promise<never>(() => undefined);

describe.each(["@pulumi/pulumi", "pulumi-3.200"])("The undocumented parts of the SDK, in %s", (name) => {
    let sdk: typeof pulumi;
    let own: typeof parts;

    beforeAll(() => {
        jest.resetModules();
        for (const part of ["", "/runtime/dependsOn", "/typescript-shim"]) {
            jest.doMock(`@pulumi/pulumi${part}`, () => jest.requireActual<object>(`${name}${part}`));
        }
        sdk = require("@pulumi/pulumi") as typeof pulumi;
        own = require("../../provider/hosts/dynamic/pulumi-sdk") as typeof parts;
        return sdk.runtime.setMocks({
            newResource: ({ inputs }) => ({ id: "made", state: inputs as object }),
            call: ({ inputs }) => inputs as object,
        });
    });
    /** What the engine is told of the resource that is made next. */
    function nextRegistration(): Promise<Registration> {
        const monitor = own.engineMonitor() as { registerResource(request: Registration, ...rest: unknown[]): unknown };
        const register = monitor.registerResource.bind(monitor);
        return new Promise((resolve) => {
            monitor.registerResource = (request, ...rest) => {
                monitor.registerResource = register;
                resolve(request);
                return register(request, ...rest);
            };
        });
    }
    afterAll(() => jest.resetModules());

    const unknown = (): pulumi.Output<unknown> => sdk.output({ known: 1, later: sdk.unknown });
    const refused = (): pulumi.Output<unknown> => sdk.output(Promise.reject(new Error("refused")));

    /** A class as this package makes them: one class more than the SDK's own. */
    function made(
        register: () => () => void = own.registeringTheProgramsLine,
    ): new (name: string, args: object, opts?: pulumi.CustomResourceOptions) => pulumi.CustomResource {
        const base = class extends sdk.CustomResource {
            constructor(label: string, args: object, opts?: pulumi.CustomResourceOptions) {
                const restore = register();
                try {
                    super("test:index:Made", label, args, opts);
                } finally {
                    restore();
                }
            }
        };
        return class extends base {};
    }

    test("an output tells its value, and with a mark what of it is not known", async () => {
        expect(await own.valueOf(sdk.output(1))).toBe(1);
        expect(await own.valueOf(sdk.secret("s"))).toBe("s");
        expect(await own.valueOf(unknown())).toBeUndefined();
        const value = await own.valueWithUnknowns(unknown());
        expect(value).toMatchObject({ known: 1 });
        expect(sdk.containsUnknowns(value)).toBe(true);
    });

    test("work is done on a value that is not known too", async () => {
        const work = own.applyAnyway(unknown(), (value) => sdk.containsUnknowns(value));
        expect(await own.valueWithUnknowns(work)).toBe(true);
    });

    test("a quiet output may be rejected, and needs no handler", async () => {
        const unhandled = jest.fn();
        process.on("unhandledRejection", unhandled);
        const output = own.quiet(refused());
        await new Promise((resolve) => setTimeout(resolve, 20));
        process.off("unhandledRejection", unhandled);
        expect(unhandled).not.toHaveBeenCalled();
        await expect(own.valueOf(output)).rejects.toThrow("refused");
    });

    test("dependsOn stands for the children of components, at all depths, but not for the resource itself", async () => {
        const Made = made();
        const outer = new sdk.ComponentResource("test:index:Outer", "outer");
        const inner = new sdk.ComponentResource("test:index:Inner", "inner", {}, { parent: outer });
        const child = new Made("child", {}, { parent: inner });
        const itself = new Made("itself", {}, { parent: outer });
        const other = new Made("other", {});
        const found = await own.resourcesBehind([sdk.output([outer]), Promise.resolve(other), undefined], () => itself);
        expect(new Set(found)).toEqual(new Set([child, other]));
        expect(await own.resourcesBehind(["no resource"], () => undefined)).toEqual([]);
    });

    test("a resource tells its type", () => {
        const one = new (made())("typed", {});
        expect(own.isOfType("test:index:Made", one)).toBe(true);
        expect(own.isOfType("test:index:Other", one)).toBe(false);
        expect(own.isOfType("test:index:Made", { __pulumiType: "test:index:Made" })).toBe(false);
    });

    test("a function that the SDK turns into text may not use a resource that forbids it", async () => {
        const one = new (made())("captured", {});
        const serialize = (): Promise<unknown> => sdk.runtime.serializeFunction(() => one.urn);
        await expect(serialize()).resolves.toBeDefined();
        own.forbidCapture(one, "jamf.ApiClient captured");
        await expect(serialize()).rejects.toThrow(/uses jamf\.ApiClient captured/);
    });

    describe("the line that is registered", () => {
        const lineOf = async (
            register?: () => () => void,
        ): Promise<{ readonly line: number; readonly at: number; readonly frames: readonly unknown[] }> => {
            const Made = made(register);
            const registered = nextRegistration();
            const here = Number(/:(\d+):\d+\)?$/.exec(new Error("here").stack?.split("\n")[1] ?? "")?.[1]);
            new Made("placed", { a: 1, b: 2 });
            const request = await registered;
            const frames = request.getStacktrace()?.getFramesList() ?? [];
            return { line: here + 1, at: request.getSourceposition()?.getLine() ?? 0, frames };
        };

        test("is the program's, with no frame below it", async () => {
            const { line, at, frames } = await lineOf();
            expect(at).toBe(line);
            expect(frames.length).toBeGreaterThan(0);
            // Why `Error.prepareStackTrace` is replaced: without that it is the line of the class.
            const plain = await lineOf(() => () => undefined);
            expect(plain.at).not.toBe(plain.line);
        });

        test("is the only trace that is written out, and what wrote traces before writes them afterwards", () => {
            const written = (register?: () => () => void): number => {
                const Made = made(register);
                const before = Error.prepareStackTrace;
                const write = jest.fn((error: Error, sites: NodeJS.CallSite[]) =>
                    [error, ...sites].map(String).join("\n    at "),
                );
                Error.prepareStackTrace = write;
                try {
                    new Made("written", Object.fromEntries(Array.from("abcdefghij", (one) => [one, 1])));
                    expect(Error.prepareStackTrace).toBe(write);
                } finally {
                    Error.prepareStackTrace = before;
                }
                return write.mock.calls.length;
            };
            expect(written()).toBe(1);
            // The SDK's own number: four for each property.
            expect(written(() => () => undefined)).toBeGreaterThan(40);
        });

        test("leaves errors their traces", () => {
            const Made = made();
            expect(() => new Made("", {})).toThrow(
                expect.objectContaining({ stack: expect.stringContaining(path.basename(__filename)) as string }),
            );
        });
    });

    test("a unit test is known by its mocks, and a program by its connection to the engine", () => {
        expect(own.unitTestMocks()).toMatchObject({ newResource: expect.any(Function) as unknown });
        expect(own.engineMonitor()).toBe(own.engineMonitor());
        expect(own.isProgramsProcess()).toBe(false);
        own.keepEngine()();
    });

    test("a program's outputs are known when it is through", async () => {
        expect(own.stackOfProgram()).toBeUndefined();
        const seen = sdk.runtime.runInPulumiStack(() => {
            const stack = own.stackOfProgram();
            return Promise.resolve({ told: stack?.outputs === undefined ? "nothing" : "outputs" });
        });
        await expect(Promise.race([seen, never])).resolves.toEqual({ told: "outputs" });
    });

    test("a RunError is known from any copy", () => {
        expect(own.isRunError(new sdk.RunError("refused"))).toBe(true);
        expect(own.isRunError(new Error("refused"))).toBe(false);
        expect(own.isRunError(undefined)).toBe(false);
    });

    test("an engine that is gone is told by the codes of gRPC", () => {
        // The SDK's own gRPC.
        const { status } = createRequire(require.resolve(name))("@grpc/grpc-js") as {
            status: { CANCELLED: number; UNAVAILABLE: number };
        };
        const ended = [status.CANCELLED, status.UNAVAILABLE].map((code) => Object.assign(new Error("gone"), { code }));
        expect(ended.map(own.isEndOfEngine)).toEqual([true, true]);
        expect([undefined, new Error("refused")].map(own.isEndOfEngine)).toEqual([false, false]);
    });

    test("it brings a TypeScript that compiles a file", () => {
        const { ModuleKind, ScriptTarget, transpileModule } = own.programsTypeScript();
        expect(
            transpileModule?.("export const one: number = 1;", {
                fileName: "one.ts",
                reportDiagnostics: true,
                compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2020 },
            }),
        ).toMatchObject({ outputText: expect.stringContaining("exports.one = 1") as string, diagnostics: [] });
    });
});

describe("A program that is interrupted, as the engine ends one whose run has failed", () => {
    const summary = require.resolve("../../provider/hosts/dynamic/summary");
    const entry = { name: "mdm", status: "verified", isChecked: true, mode: "always" };
    const run = (
        more: string,
    ): Promise<{ readonly out: string; readonly code: number | null; signal: string | null }> =>
        new Promise((resolve) => {
            const program = `
                require(${JSON.stringify(summary)}).reportAtTheEnd({ entry: () => (${JSON.stringify(entry)}) });
                ${more}
                setTimeout(() => process.exit(7), 20_000);
                process.kill(process.pid, "SIGINT");`;
            const env = { ...process.env, PULUMI_NODEJS_MONITOR: "127.0.0.1:1" };
            const child = spawn(process.execPath, ["-e", program], { env, stdio: ["ignore", "pipe", "inherit"] });
            let out = "";
            child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
            child.on("close", (code, signal) => resolve({ out, code, signal }));
        });
    const line = "connections: 1 verified\n";

    test("tells the line, and ends as it would without this package", async () => {
        expect(await run("")).toEqual({ out: line, code: null, signal: "SIGINT" });
    });

    test("tells it once, and leaves the end to another listener", async () => {
        const listener = 'process.on("SIGINT", () => setTimeout(() => process.exit(3), 50));';
        expect(await run(listener)).toEqual({ out: line, code: 3, signal: null });
    });
});

test("no other file reaches into the SDK", () => {
    const folder = path.resolve(__dirname, "../../../provider");
    const files = fs
        .readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && !file.endsWith("pulumi-sdk.ts"));
    // The plugin is a server of the engine's protocol, whose messages the SDK has.
    const isProtocol = (file: string, code: string): boolean =>
        file === path.join("hosts", "plugin", "server.ts") &&
        !reaches.test(code.replaceAll("@pulumi/pulumi/proto/", ""));
    const reaches =
        /@pulumi\/pulumi\/(?!automation)|__pulumi|doNotCapture|getMonitor|getStackResource|rpcKeepAlive|\{ (?:readonly )?promise\b|prepareStackTrace|PULUMI_NODEJS_MONITOR/;
    const codeOf = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");
    expect(files.filter((file) => reaches.test(codeOf(file)) && !isProtocol(file, codeOf(file)))).toEqual([]);
    expect(files.length).toBeGreaterThan(100);
});
