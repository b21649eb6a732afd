/**
 * Preloaded into the engine's Node processes, which load as little of Pulumi's SDK as a run uses: it is most of what they do. What only programs in
 * TypeScript and captured functions need is loaded when it is first used, and the SDK's own frames in stack traces are of its JavaScript.
 */
import fs from "node:fs";
import Module from "node:module";

type Members = Record<PropertyKey, unknown>;
type Load = (request: string, ...rest: unknown[]) => Members;

const late = ["@npmcli/arborist", "typescript"];
const loader = Module as unknown as { _load: Load };
const load = loader._load;

loader._load = function (this: unknown, request: string, ...rest: unknown[]): Members {
    if (request === "source-map-support/register") {
        return {};
    }
    if (!late.includes(request)) {
        return load.call(this, request, ...rest);
    }
    let module: Members | undefined;
    const loaded = (): Members => (module ??= load.call(this, request, ...rest));
    return new Proxy<Members>(
        {},
        {
            get: (_, name) => {
                // Compiled TypeScript that imports it copies all members otherwise.
                if (name === "__esModule") {
                    return true;
                }
                return name === "default" ? (loaded()["default"] ?? loaded()) : loaded()[name];
            },
            has: (_, name) => name in loaded(),
            ownKeys: () => Reflect.ownKeys(loaded()),
            getOwnPropertyDescriptor: (_, name) => {
                const found = Reflect.getOwnPropertyDescriptor(loaded(), name);
                return found && { ...found, configurable: true };
            },
        },
    );
};

// The language host that Go builds is older than the CLI, and does not hand this option on.
if (fs.existsSync("Pulumi.yaml") && fs.readFileSync("Pulumi.yaml", "utf8").includes("typescript: false")) {
    process.env["PULUMI_NODEJS_TYPESCRIPT"] = "false";
}
