/** The child process of {@link Core}: the packed package's own build on the Node that programs run on. */
import path from "node:path";
import type { VerifyMode } from "../../provider/define";
import type * as ConnectionTypeModule from "../../provider/core/connection-type";
import type * as ProblemsModule from "../../provider/core/problems";
import type * as SessionModule from "../../provider/core/session";
import type { Settings } from "../../provider/core/settings";
import type * as StandaloneModule from "../../provider/core/verified";
import type * as ProviderModule from "../../provider/hosts/dynamic/provider";
import type * as VendorsModule from "../../provider/vendors";
import type { CoreRequest } from "./core";

const [, , projects = ""] = process.argv;
const folder = path.join(projects, "node_modules", "pulumi-connections", "build", "provider");

function load<T>(name: string): T {
    return require(path.join(folder, name)) as T;
}

const phases = new Map<string, ProviderModule.Provide>();
const sessions = new Map<string, SessionModule.Session>();

// Endpoints reach the provider side by the stack's configuration here.
const inherited = { CONNECTIONS_ALLOW_ENDPOINTS: "1", ...process.env };

function providerOf(
    phase: string,
    settings: Settings,
    environment: Readonly<Record<string, string>>,
): ProviderModule.Provide {
    const kept = phases.get(phase);
    if (kept !== undefined) {
        return kept;
    }
    process.env = { ...inherited, ...environment };
    const provide = load<typeof ProviderModule>("hosts/dynamic/provider.js").providerProcess();
    const given: Record<string, string | undefined> = {
        "connections:endpoints": JSON.stringify(settings.endpoints),
        "connections:verify": settings.verify,
    };
    const started: ProviderModule.Provide = (vendor, type) => {
        const made = provide(vendor, type);
        made.configure({ config: { get: (key: string) => given[key] } });
        return made;
    };
    phases.set(phase, started);
    return started;
}

async function answer(request: CoreRequest): Promise<unknown> {
    const [vendor = "", type = ""] = request.connection.split(".");
    const settings: Settings = { endpoints: request.endpoints ?? {}, verify: request.verify as VerifyMode | undefined };
    if (request.call === "verify") {
        const { Session } = load<typeof SessionModule>("core/session.js");
        const { ConnectionType } = load<typeof ConnectionTypeModule>("core/connection-type.js");
        const { verifyStandalone } = load<typeof StandaloneModule>("core/verified.js");
        const { describe } = load<typeof ProblemsModule>("core/problems.js");
        const { definitions } = load<typeof VendorsModule>("vendors/index.js");
        const key = request.run ?? "";
        const session = sessions.get(key) ?? new Session(settings);
        if (key !== "") {
            sessions.set(key, session);
        }
        const definition = definitions[`${vendor}:${type}` as keyof typeof definitions]();
        const { result, problems } = await verifyStandalone(
            new ConnectionType(definition),
            request.args as Record<string, unknown>,
            session,
        );
        return { result, messages: problems.map(describe) };
    }
    const provider = providerOf(
        request.run ?? "",
        settings,
        request.environment ?? {},
    )(vendor, type) as unknown as Record<string, (...args: unknown[]) => unknown>;
    return (provider[request.call] as (...args: unknown[]) => unknown).apply(provider, request.args as unknown[]);
}

const astray: string[] = [];
process.on("unhandledRejection", (error) =>
    astray.push(`unhandled rejection: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
);
process.on("uncaughtException", (error) => astray.push(`uncaught exception: ${error.stack ?? error.message}`));

process.on("message", (request: CoreRequest) => {
    const start = performance.now();
    const reply = (outcome: object): void => {
        process.send?.({
            id: request.id,
            milliseconds: performance.now() - start,
            astray: astray.splice(0),
            peakMegabytes: process.resourceUsage().maxRSS / 1024,
            ...outcome,
        });
    };
    answer(request).then(
        (value) => reply({ value }),
        (error: unknown) =>
            reply({
                error:
                    error instanceof Error
                        ? { message: error.message, stack: error.stack ?? "", name: error.name }
                        : { message: String(error), stack: "", name: "" },
            }),
    );
});
process.on("disconnect", () => process.exit(0));
