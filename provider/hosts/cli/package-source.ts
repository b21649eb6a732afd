// The dependency of a new project on this package: the spec that this copy was installed by.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { usageError } from "./exit-code";

/**
 * True where npm's registry has this package by its name. Until then no page and no program has npm fetch that name.
 */
export const isPublished: boolean = false;

/** Gives the spec for the project in a folder. */
export type PackageSource = (folder: string) => string;

const packageName = "pulumi-connections";
const ownFolder = path.resolve(__dirname, "../../../..");

/**
 * Finds where this package was installed from.
 * @throws CommandError where that is not known, and no registry has the package.
 */
export function packageSource(version: string, start = process.cwd(), own = ownFolder): PackageSource {
    // A workspace keeps its packages in a folder above; npx, in a folder of its own.
    for (const folder of [...foldersAbove(start), ...foldersAbove(path.dirname(own))]) {
        const spec = specIn(folder, own);
        const source = spec === undefined ? undefined : sourceOf(spec, folder, own);
        if (source !== undefined) {
            return source;
        }
    }
    const packed = path.join(own, "build", `${packageName}.tgz`);
    if (existsSync(packed)) {
        return fileSource("file", packed);
    }
    if (isPublished) {
        return () => `^${version}`;
    }
    throw usageError(
        "cli-init-source",
        "init does not know the file that this package was installed from, and the package is on no registry. Run npm install FILE with the package's file, and init in the same folder.",
    );
}

const foldersAbove = (folder: string): readonly string[] =>
    folder === path.dirname(folder) ? [folder] : [folder, ...foldersAbove(path.dirname(folder))];

/** Reads the spec of this very copy in a project's manifest. */
function specIn(folder: string, own: string): string | undefined {
    const manifest = path.join(folder, "package.json");
    try {
        const { dependencies, devDependencies } = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, object>;
        const spec: unknown = Object.entries({ ...devDependencies, ...dependencies }).find(
            ([name]) => name === packageName,
        )?.[1];
        const found = createRequire(manifest).resolve(`${packageName}/package.json`);
        return typeof spec === "string" && realpathSync(found) === path.join(own, "package.json") ? spec : undefined;
    } catch {
        // A folder without a manifest, or one where the package is not installed.
        return undefined;
    }
}

/** Reads a spec; undefined for one that means nothing to another project, or whose file is gone. */
function sourceOf(spec: string, folder: string, own: string): PackageSource | undefined {
    const [, protocol = "file", named = ""] = /^(?:(file|link|portal):(?:\/\/(?=\/))?)?(.*)$/.exec(spec) ?? [];
    if (spec.startsWith(`${protocol}:`) || /^(\.|~?\/)/.test(spec) || /^(?!\w+:).*\.(tgz|tar|tar\.gz)$/.test(spec)) {
        const file = path.resolve(folder, named.replace(/^~(?=\/)/, os.homedir()).replaceAll("%23", "#"));
        return existsSync(file) ? fileSource(protocol, file) : undefined;
    }
    if (/^(workspace|catalog):/.test(spec)) {
        return undefined;
    }
    // A range says nothing of a folder that was only linked.
    const isInstalled = own.split(path.sep).includes("node_modules");
    return isInstalled || spec.includes(":") ? () => spec : undefined;
}

/** Names a file as npm does: relative to the project that depends on it. */
const fileSource =
    (protocol: string, file: string): PackageSource =>
    (folder) =>
        `${protocol}:${path.relative(realFolder(folder), realpathSync(file)).replaceAll("#", "%23")}`;

/** The folder without links, also where it is yet to be made. */
const realFolder = (folder: string): string =>
    existsSync(folder) ? realpathSync(folder) : path.join(realFolder(path.dirname(folder)), path.basename(folder));
