/** The child process of {@link Core}: the packed package's own build on the Node that programs run on. */
import path from "node:path";
import type { ResourceProvider } from "../../provider/dynamic";
import type * as ObservationModule from "../../provider/observation";
import type { Settings, VerifyMode } from "../../provider/settings";
import type { CoreRequest } from "./core";

const [, , projects = ""] = process.argv;
const folder = path.join(projects, "node_modules", "pulumi-connections", "build", "provider");

type Provided = { provider(vendor: string, type: string): ResourceProvider };

function load<T>(name: string): T {
    return require(path.join(folder, name)) as T;
}

const phases = new Map<string, Provided>();
const verifiers = new Map<string, ObservationModule.Verifier>();

// Endpoints reach the provider side by the stack's configuration here.
const inherited = { CONNECTIONS_ALLOW_ENDPOINTS: "1", ...process.env };

function providerOf(phase: string, settings: Settings, environment: Readonly<Record<string, string>>): Provided {
    const kept = phases.get(phase);
    if (kept !== undefined) {
        return kept;
    }
    process.env = { ...inherited, ...environment };
    // As a process that has just started has it: nothing that another phase has learned serves this one.
    delete require.cache[path.join(folder, "dynamic.js")];
    const loaded = load<Provided>("dynamic.js");
    const given: Record<string, string | undefined> = {
        "connections:endpoints": JSON.stringify(settings.endpoints),
        "connections:verify": settings.verify,
    };
    const started = {
        provider: (vendor: string, type: string): ResourceProvider => {
            const made = loaded.provider(vendor, type);
            made.configure({ config: { get: (key: string) => given[key] } });
            return made;
        },
    };
    phases.set(phase, started);
    return started;
}

async function answer(request: CoreRequest): Promise<unknown> {
    const [vendor = "", type = ""] = request.connection.split(".");
    const settings: Settings = { endpoints: request.endpoints ?? {}, verify: request.verify as VerifyMode | undefined };
    if (request.call === "verify") {
        const { verify, Verifier } = load<typeof ObservationModule>("observation.js");
        const { find } = load<{ find(vendor: string, type: string): Parameters<typeof verify>[1] }>("connections/index.js");
        const key = request.run ?? "";
        const verifier = verifiers.get(key) ?? new Verifier(settings);
        if (key !== "") {
            verifiers.set(key, verifier);
        }
        return verify(verifier, find(vendor, type), request.args as Record<string, unknown>);
    }
    const provider = providerOf(request.run ?? "", settings, request.environment ?? {}).provider(vendor, type) as unknown as Record<string, (...args: unknown[]) => unknown>;
    return (provider[request.call] as (...args: unknown[]) => unknown).apply(provider, request.args as unknown[]);
}

const astray: string[] = [];
process.on("unhandledRejection", (error) => astray.push(`unhandled rejection: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
process.on("uncaughtException", (error) => astray.push(`uncaught exception: ${error.stack ?? error.message}`));

process.on("message", (request: CoreRequest) => {
    const start = performance.now();
    const reply = (outcome: object): void => {
        process.send?.({ id: request.id, milliseconds: performance.now() - start, astray: astray.splice(0), peakMegabytes: process.resourceUsage().maxRSS / 1024, ...outcome });
    };
    answer(request).then(
        (value) => reply({ value }),
        (error: unknown) => reply({ error: error instanceof Error ? { message: error.message, stack: error.stack ?? "", name: error.name } : { message: String(error), stack: "", name: "" } }),
    );
});
process.on("disconnect", () => process.exit(0));
