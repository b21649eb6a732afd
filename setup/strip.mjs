// The code of every source in build/, in a second: esbuild only strips types, and what it writes is what set-up's compiler writes there.
import fs from "node:fs";
import path from "node:path";
import environment from "./environment.cjs";

const { root, build } = environment;
const folders = ["provider", "test", "demonstration", "bench", "examples"];
/** The compiler's record of what it has written. */
export const compilerRecord = path.join(build, "tsconfig.tsbuildinfo");

const filesIn = (folder) =>
    fs
        .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
export const compiledOf = (file) => path.join(build, file.replace(/\.ts$/, ".js"));

/** Copies what the package ships besides compiled code, and takes away what has no source any more. */
export function completeBuild() {
    const files = folders.flatMap(filesIn);
    const others = files.filter((file) => file.startsWith("provider") && !/\.ts$|\btsconfig\.json$/.test(file));
    others.forEach((file) => fs.cpSync(path.join(root, file), path.join(build, file)));
    const wanted = new Set(files.map(compiledOf));
    folders
        .flatMap((folder) => filesIn(path.join("build", folder)))
        .filter((file) => /\.(js|d\.ts)$/.test(file) && !wanted.has(path.join(root, file.replace(/\.d\.ts$/, ".js"))))
        .forEach((file) => fs.rmSync(path.join(root, file)));
}

/** Writes the code of every source to build/. */
export async function strip() {
    const { build: transpile } = await import("esbuild");
    const entryPoints = folders.flatMap(filesIn).filter((file) => file.endsWith(".ts"));
    const options = { bundle: false, format: "cjs", platform: "node", target: "es2022", logLevel: "error" };
    fs.rmSync(compilerRecord, { force: true });
    await transpile({ ...options, absWorkingDir: root, entryPoints, outbase: root, outdir: build });
    completeBuild();
}
