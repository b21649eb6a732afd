import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { shared } from "./environment";

const installed = createRequire(path.join(shared.projects, "program.js"));

/** Where a package of the test projects really lies. */
function folderOf(name: string): string {
    const folder = installed.resolve
        .paths(name)
        ?.map((modules) => path.join(modules, name))
        .find((candidate) => fs.existsSync(candidate));
    if (folder === undefined) {
        throw new Error(`${name} is not installed in ${shared.projects}`);
    }
    return fs.realpathSync(folder);
}

function link(target: string, at: string): void {
    fs.mkdirSync(path.dirname(at), { recursive: true });
    fs.symlinkSync(target, at);
}

/** Installs a package into a folder's node_modules as npm does, by a link in place of a copy. */
export function install(folder: string, ...names: string[]): void {
    names.forEach((name) => link(folderOf(name), path.join(folder, "node_modules", name)));
}

/** A package that depends on this one. */
export interface Library {
    readonly name: string;
    /** The source of its index.js. */
    readonly source: string;
}

/**
 * Lays out node_modules as pnpm does for a program that depends on the SDK and on a library, which depends on this package: each package lies in a
 * store beside links to its own dependencies, and what the program does not depend on itself cannot be found from its folder.
 * @returns Adds this package to what the program depends on.
 */
export function layOutByPnpm(folder: string, { name, source }: Library): () => void {
    const modules = path.join(folder, "node_modules");
    const placeOf = (dependency: string): string =>
        path.join(modules, ".pnpm", `${dependency.replace("/", "+")}@1.0.0`, "node_modules");
    const own = path.join(placeOf("pulumi-connections"), "pulumi-connections");
    fs.cpSync(folderOf("pulumi-connections"), own, { recursive: true });
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(own, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
    };
    for (const dependency of ["@pulumi/pulumi", ...Object.keys(dependencies)]) {
        link(folderOf(dependency), path.join(placeOf("pulumi-connections"), dependency));
    }
    const library = path.join(placeOf(name), name);
    fs.mkdirSync(library, { recursive: true });
    fs.writeFileSync(
        path.join(library, "package.json"),
        JSON.stringify({ name, version: "1.0.0", main: "index.js", dependencies: { "pulumi-connections": "*" } }),
    );
    fs.writeFileSync(path.join(library, "index.js"), source);
    link(folderOf("@pulumi/pulumi"), path.join(placeOf(name), "@pulumi/pulumi"));
    link(own, path.join(placeOf(name), "pulumi-connections"));
    link(library, path.join(modules, name));
    link(folderOf("@pulumi/pulumi"), path.join(modules, "@pulumi/pulumi"));
    return () => link(own, path.join(modules, "pulumi-connections"));
}
