import path from "node:path";

const load = require(path.resolve(__dirname, "../../../test/support/import.cjs")) as (name: string) => Promise<unknown>;

/** Imports a package of ES modules, whose types cannot be resolved from CommonJS: the caller says what it uses of it. */
export async function importModule<T>(name: string): Promise<T> {
    return (await load(name)) as T;
}
