import fs from "node:fs";
import path from "node:path";
import { importModule } from "../support/esm";

const tarball = fs.readFileSync(path.resolve(__dirname, "../../../build/pulumi-connections.tgz"));

/** What is used of publint. */
interface Publint {
    publint(options: {
        pack: { tarball: ArrayBuffer };
        level: "suggestion";
        strict: true;
    }): Promise<{ messages: readonly object[] }>;
}

/** What is used of @arethetypeswrong/core. */
interface AreTheTypesWrong {
    createPackageFromTarballData(tarball: Uint8Array): object;
    checkPackage(
        files: object,
        options: { excludeEntrypoints: readonly RegExp[] },
    ): Promise<{ types: unknown; problems: readonly object[]; entrypoints: Readonly<Record<string, object>> }>;
}

const { exports: entries } = JSON.parse(fs.readFileSync(path.resolve(__dirname, "../../../package.json"), "utf8")) as {
    exports: Readonly<Record<string, unknown>>;
};

describe("The packed package", () => {
    test("is put together as publint has it", async () => {
        const { publint } = await importModule<Publint>("publint");
        expect(
            (await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, level: "suggestion", strict: true }))
                .messages,
        ).toEqual([]);
    });

    test("has types that each way of resolving modules finds, and that say what the code is", async () => {
        const { checkPackage, createPackageFromTarballData } =
            await importModule<AreTheTypesWrong>("@arethetypeswrong/core");
        const { problems, entrypoints } = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)), {
            excludeEntrypoints: [/\.json$/],
        });
        expect(problems).toEqual([]);
        expect(Object.keys(entrypoints).sort()).toEqual(
            Object.keys(entries)
                .filter((name) => !name.endsWith(".json"))
                .sort(),
        );
    });
});
