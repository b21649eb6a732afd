// The place of your own definition, so that the provider process, which knows only the stack's state, finds it again.
import fs from "node:fs";
import * as nodeModule from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { getCallSites } from "node:util";
import type { AnyDefinition, Code } from "../../define";
import { coded } from "../../define/coded";
import { isRunError, programsTypeScript } from "./pulumi-sdk";

/** The key under which a class carries its definition: every copy of the package knows it. */
export const definitionKey = Symbol.for("pulumi-connections/definition");

/**
 * An error for a definition that cannot be found again, with the reason and the next step. It has no stack trace,
 * because the fault is not in this package.
 */
export class DefinitionError extends Error {
    constructor(
        readonly code: Code,
        readonly sentence: string,
    ) {
        super(coded(sentence, code));
        this.name = "DefinitionError";
        this.stack = "";
    }
}

// Both processes start in the program's folder, and the engine's modules resolve from it. A program may change its
// folder later.
const programFolder = process.cwd();
const fromProgram = nodeModule.createRequire(path.join(programFolder, "program.js"));

// ---- the program's side: the place of a definition ------------------------------------------------------------------------------

/** The module that calls the caller of this function: the name of a package, or a path from the program's folder; undefined where there is no such file. */
export function callerModule(): string | undefined {
    const name = getCallSites(3, { sourceMap: false }).at(2)?.scriptName ?? "";
    const file = name.startsWith("file:") ? fileURLToPath(name) : name;
    return path.isAbsolute(file) ? moduleName(file) : undefined;
}

function moduleName(file: string): string {
    const [, inPackage] = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file) ?? [];
    const portable = (inPackage ?? path.relative(programFolder, file)).replaceAll("\\", "/");
    return inPackage !== undefined || portable.startsWith("../") ? portable : `./${portable}`;
}

const isPackage = (where: string): boolean => !/^\.{1,2}\//.test(where);

// ---- both sides: the definition in that place -----------------------------------------------------------------------------------

/**
 * The definition of a type, from the module that declares it.
 * @param type Vendor and class: `acme:ApiKey`.
 * @param where The module, as {@link callerModule} returned it when the class was made.
 * @throws DefinitionError with the reason and the next step.
 */
export function findDefinition(type: string, where: string): AnyDefinition {
    const isDefinition = (value: unknown): value is AnyDefinition =>
        (value as { type?: unknown } | null | undefined)?.type === type;
    const definitionsOf = (value: unknown): unknown[] => [
        (value as { [definitionKey]?: unknown } | null | undefined)?.[definitionKey],
        value,
    ];
    const exported = Object.values(load(type, where)) as unknown[];
    // The exports of a CommonJS module are the default export of an ES module.
    const nested = exported.flatMap((value) =>
        typeof value === "object" && value !== null ? (Object.values(value) as unknown[]) : [],
    );
    const found = [...exported, ...nested].flatMap(definitionsOf).find(isDefinition);
    if (found === undefined) {
        const place = isPackage(where) ? "the main module of that package" : "that file";
        throw new DefinitionError(
            "definition-export",
            `${where} exports no ${type}. Export the class that extends connectionClass(…) from ${place}.`,
        );
    }
    return found;
}

/**
 * The file of the module that declares a type.
 * @throws DefinitionError where it does not exist.
 */
export function locateModule(type: string, where: string): string {
    try {
        return fromProgram.resolve(where);
    } catch (error) {
        throw whyNotThere(type, where, error as NodeJS.ErrnoException);
    }
}

function load(type: string, where: string): object {
    const file = locateModule(type, where);
    if (isStillLoading(file)) {
        throw inTheProgram(type, where);
    }
    if (isTypeScript(file) && fromProgram.cache[file] === undefined) {
        readTypeScript();
    }
    try {
        return fromProgram(where) as object;
    } catch (error) {
        throw whyNotLoaded(type, where, error);
    }
}

// A file that is still being loaded makes the resource itself: it is the program.
function isStillLoading(file: string): boolean {
    return fromProgram.cache[file]?.loaded === false;
}

// ---- why not: one sentence for each way to fail, with the next step -------------------------------------------------------------

/**
 * The message for a class declared in the program itself, which the provider process cannot load without running it.
 */
export function inTheProgram(type: string, where: string | undefined): DefinitionError {
    return new DefinitionError(
        "definition-program",
        `${type} is declared in ${where ?? "no file"}, which is the program itself (or its bundle). Declare it in a file of its own beside the program, which a bundler leaves out.`,
    );
}

function whyNotThere(type: string, where: string, { code }: NodeJS.ErrnoException): DefinitionError {
    const declared = `${type} was declared in ${where}, which`;
    const seen = `(seen from ${path.basename(programFolder)}/)`;
    if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED") {
        return new DefinitionError(
            "definition-condition",
            `${declared} cannot be loaded with require ${seen}. Give the exports of its package.json a condition "default" or "require".`,
        );
    }
    const next = isPackage(where)
        ? `Add ${where} to the dependencies of the program's package.json and install them`
        : "Put it back or, if it moved, run pulumi up --refresh=false once: the stack then learns where it is";
    return new DefinitionError(
        "definition-gone",
        `${declared} is not there ${seen}. ${next}. To destroy the stack without it: pulumi destroy --refresh=false.`,
    );
}

function whyNotLoaded(type: string, where: string, error: unknown): DefinitionError {
    const { name = "error", code, message = "" } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
    const declares = `${where} declares ${type}, but`;
    if (error instanceof DefinitionError) {
        return new DefinitionError(error.code, `${declares} ${error.sentence}`);
    }
    if (code === "ERR_REQUIRE_CYCLE_MODULE") {
        return inTheProgram(type, where);
    }
    if (code === "ERR_REQUIRE_ASYNC_MODULE" || /await is only valid/.test(message)) {
        return new DefinitionError(
            "definition-await",
            `${declares} awaits at the top of the file (or imports what does). The engine's provider process cannot load that: move the await into a function.`,
        );
    }
    if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING") {
        return new DefinitionError(
            "definition-packaged",
            `${declares} is TypeScript within node_modules, which Node does not load. Publish the package with its compiled JavaScript.`,
        );
    }
    if (isRunError(error)) {
        return new DefinitionError(
            "definition-resources",
            `${declares} also reads the stack's configuration or makes resources. Keep connections' definitions in a file of their own.`,
        );
    }
    const reason = `${code ?? name}: ${message.split("\n")[0] ?? ""}`.replace(/\.$/, "");
    return new DefinitionError(
        "definition-load",
        `${declares} cannot be loaded: ${reason}. The engine's provider process loads it without the program's loaders and path aliases: let it import packages and, by relative paths, other files.`,
    );
}

// ---- TypeScript -----------------------------------------------------------------------------------------------------------------

const isTypeScript = (file: string): boolean => /\.[cm]?ts$/.test(file);

let readsTypeScript = false;

/**
 * Lets this process load TypeScript files beside the program, with enums and with imports without extensions, which
 * Node itself does not support. The compiler of programs compiles them.
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
                if (!/^\.{0,2}\//.test(specifier) || !isOwn(context.parentURL ?? pathToFileURL(programFolder).href)) {
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
            if (!isOwn(url) || !isTypeScript(new URL(url).pathname)) {
                return next(url, context);
            }
            const file = fileURLToPath(url);
            const format = isEsModule(file) ? "module" : "commonjs";
            return { format, source: compile(file, format), shortCircuit: true };
        },
    });
}

/** True for a file that Node loads as an ES module: by its extension, else by the package that it belongs to. */
function isEsModule(file: string): boolean {
    const found = nodeModule.findPackageJSON(pathToFileURL(file));
    // Where no manifest is above a file, Node returns the file itself.
    const manifest = found !== undefined && path.basename(found) === "package.json" ? found : undefined;
    return (
        file.endsWith(".mts") ||
        (file.endsWith(".ts") &&
            manifest !== undefined &&
            (JSON.parse(fs.readFileSync(manifest, "utf8")) as { type?: unknown }).type === "module")
    );
}

function compile(file: string, format: "module" | "commonjs"): string {
    const typescript = programsTypeScript();
    const next = "Add typescript (^5.9) to the devDependencies of the program's package.json and install it";
    if (typescript.transpileModule === undefined) {
        throw new DefinitionError(
            "definition-typescript",
            `the TypeScript ${typescript.version} that is installed has no compiler which a program can call. ${next}.`,
        );
    }
    const { outputText, diagnostics = [] } = typescript.transpileModule(fs.readFileSync(file, "utf8"), {
        fileName: file,
        reportDiagnostics: true,
        compilerOptions: {
            module: format === "module" ? typescript.ModuleKind.ESNext : typescript.ModuleKind.CommonJS,
            target: typescript.ScriptTarget.ES2020,
            esModuleInterop: true,
        },
    });
    if (diagnostics.length > 0) {
        throw new DefinitionError(
            "definition-syntax",
            `TypeScript ${typescript.version} cannot read ${path.basename(file)}. Correct it or, if it is newer than that version, install a newer one: ${next}.`,
        );
    }
    return outputText;
}
