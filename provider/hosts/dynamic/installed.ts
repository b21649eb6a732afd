import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { coded } from "../../define/coded";
import { version } from "../../core/manifest";
import { isProgramsProcess } from "./pulumi-sdk";

// Programs may change their working folder; the engine's provider process starts in the one that they start in.
const programFolder = process.cwd();

/**
 * Tries in advance what the engine's provider process does: it loads this package by its name from the program's
 * folder, as a stack's state requires. A copy that another package brought under pnpm, or that was inlined into a
 * bundle, serves the program alone.
 * @throws RunError that says which package.json lacks the package.
 */
export function checkProviderFindsPackage(): void {
    if (!isProgramsProcess()) {
        // The engine starts the provider in the stack's workDir (Automation API), which such a program does not know.
        return;
    }
    try {
        createRequire(path.join(programFolder, "program.js")).resolve("pulumi-connections/dynamic");
        return;
    } catch {
        // Reported below, whatever the reason: installing the package is the fix for each.
    }
    throw new pulumi.RunError(
        coded(
            "pulumi-connections is not installed where the engine's provider process looks for it, from the program's folder: add pulumi-connections " +
                `(this program runs ${version}) to the dependencies in ${nearestManifest(programFolder)} and install them; a copy inside another package or a bundle does not count.`,
            "not-installed",
        ),
    );
}

/** The package.json that a package for the program's folder belongs into. */
function nearestManifest(folder: string): string {
    const manifest = path.join(folder, "package.json");
    const above = path.dirname(folder);
    return fs.existsSync(manifest)
        ? manifest
        : above === folder
          ? path.join(programFolder, "package.json")
          : nearestManifest(above);
}
