// Where a definition of one's own stands, so that the provider process, which knows the stack's state alone, finds it again.
import fs from "node:fs";
import * as nodeModule from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { AnyDefinition } from "../../define";

/** Under what name a class carries its definition: every copy of the package knows it. */
export const definitionKey = Symbol.for("pulumi-connections/definition");

/** That a definition cannot be found again: one sentence, without a stack, for it is not this package that has to change. */
export class DefinitionError extends Error {
    constructor(message: string) {
        super(message);
        this.name = "DefinitionError";
        this.stack = message;
    }
}

/**
 * The module in which a function is called: the name of a package, or a path from the program's folder; undefined where there is no such file.
 * @param callee The function whose caller is meant.
 */
export function callerModule(callee: (...args: never[]) => unknown): string | undefined {
    const { prepareStackTrace, stackTraceLimit } = Error;
    const holder: { stack?: unknown } = {};
    try {
        Error.prepareStackTrace = (_, sites) => sites;
        Error.stackTraceLimit = 1;
        Error.captureStackTrace(holder, callee);
        const [site] = holder.stack as NodeJS.CallSite[];
        const name = site?.getFileName() ?? "";
        const file = name.startsWith("file:") ? fileURLToPath(name) : name;
        return path.isAbsolute(file) ? moduleName(file) : undefined;
    } finally {
        Object.assign(Error, { prepareStackTrace, stackTraceLimit });
    }
}

function moduleName(file: string): string {
    const [, inPackage] = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file) ?? [];
    const portable = (inPackage ?? path.relative(process.cwd(), file)).replaceAll("\\", "/");
    return inPackage !== undefined || portable.startsWith("../") ? portable : `./${portable}`;
}

// Both processes run in the program's folder, and what the engine evaluates there resolves from it.
const fromProgram = (): NodeJS.Require => nodeModule.createRequire(path.join(process.cwd(), "program.js"));

/**
 * The definition of a type, from the module that declares it.
 * @param type Vendor and class: `acme:ApiKey`.
 * @param where What {@link callerModule} told when the class was made.
 * @throws DefinitionError with the reason and the next step.
 */
export function findDefinition(type: string, where: string): AnyDefinition {
    const isDefinition = (value: unknown): value is AnyDefinition =>
        (value as { type?: unknown } | undefined)?.type === type;
    const exported = Object.values(load(type, where));
    const found = exported
        .flatMap((value) => [(value as { [definitionKey]?: unknown } | null | undefined)?.[definitionKey], value])
        .find(isDefinition);
    if (found === undefined) {
        throw new DefinitionError(`${where} exports no ${type}. Export the class that extends connectionClass(…).`);
    }
    return found;
}

function load(type: string, where: string): object {
    let file: string;
    try {
        file = fromProgram().resolve(where);
    } catch {
        const install = where.startsWith(".") ? "" : ` Add ${where} to the dependencies of the program's package.json.`;
        throw new DefinitionError(
            `${type} was declared in ${where}, which is not there (seen from ${path.basename(process.cwd())}/).${install} Put it back or, if it moved, run pulumi up --refresh=false once: the stack then learns where it is.`,
        );
    }
    if (isStillLoading(file)) {
        throw new DefinitionError(inTheProgram(type, where));
    }
    if (/\.[cm]?ts$/.test(file)) {
        readTypeScript();
    }
    try {
        return fromProgram()(where) as object;
    } catch (error) {
        throw new DefinitionError(whyNotLoaded(type, where, error as NodeJS.ErrnoException));
    }
}

/** What is said where a class is declared in the program itself, which the provider process cannot load without running it. */
export function inTheProgram(type: string, where: string | undefined): string {
    return `${type} is declared in ${where ?? "no file"}, which is the program itself (or its bundle). Declare it in a file of its own beside the program, which a bundler leaves out.`;
}

// A file that is still being loaded makes the resource itself: it is the program.
function isStillLoading(file: string): boolean {
    return require.cache[file]?.loaded === false;
}

function whyNotLoaded(type: string, where: string, { name, code, message }: NodeJS.ErrnoException): string {
    const declares = `${where} declares ${type}, but`;
    if (code === "ERR_REQUIRE_CYCLE_MODULE") {
        return inTheProgram(type, where);
    }
    if (code === "ERR_REQUIRE_ASYNC_MODULE") {
        return `${declares} awaits at the top of the file (or imports what does). The engine's provider process cannot load that: move the await into a function.`;
    }
    if (/engine available|RunError|Missing required configuration/.test(`${name} ${message}`)) {
        return `${declares} also reads the stack's configuration or makes resources. Keep connections' definitions in a file of their own.`;
    }
    return `${declares} cannot be loaded: ${code ?? name}: ${message.split("\n")[0] ?? ""}`;
}

// ---- TypeScript -----------------------------------------------------------------------------------------------------------------

let readsTypeScript = false;

/**
 * Lets this process load TypeScript files beside the program, with enums and with imports without extensions, which Node's own support does not take.
 * The program's process has a loader of its own, and has loaded the file before.
 */
function readTypeScript(): void {
    if (readsTypeScript) {
        return;
    }
    readsTypeScript = true;
    const isOwn = (url: string): boolean => url.startsWith("file:") && !url.includes("/node_modules/");
    nodeModule.registerHooks({
        resolve(specifier, context, next) {
            try {
                return next(specifier, context);
            } catch (error) {
                if (!/^\.{0,2}\//.test(specifier) || !isOwn(context.parentURL ?? pathToFileURL(process.cwd()).href)) {
                    throw error;
                }
                const candidates = [
                    `${specifier}.ts`,
                    `${specifier}/index.ts`,
                    specifier.replace(/\.([cm]?)js$/, ".$1ts"),
                ];
                for (const candidate of candidates) {
                    try {
                        return next(candidate, context);
                    } catch {
                        // The next one may be there; if none is, the first complaint is the one that helps.
                    }
                }
                throw error;
            }
        },
        load(url, context, next) {
            if (!/\.[cm]?ts$/.test(url) || !isOwn(url)) {
                return next(url, context);
            }
            const source = withoutWarning(() =>
                nodeModule.stripTypeScriptTypes(fs.readFileSync(fileURLToPath(url), "utf8"), { mode: "transform" }),
            );
            return {
                format: /^\s*(import|export)\b/m.test(source) ? "module" : "commonjs",
                source,
                shortCircuit: true,
            };
        },
    });
}

// Node calls this function experimental, in a warning at its first use, which would stand in the middle of the engine's output.
function withoutWarning<T>(work: () => T): T {
    const { emitWarning } = process;
    process.emitWarning = () => undefined;
    try {
        return work();
    } finally {
        process.emitWarning = emitWarning;
    }
}
