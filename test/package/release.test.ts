import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(__dirname, "../../..");
const folder = path.join(root, "build/release");
const json = (file: string): Record<string, Record<string, string>> =>
    JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
const manifest = json(path.join(root, "package.json")) as unknown as {
    name: string;
    version: string;
    dependencies: Record<string, string>;
    [field: string]: unknown;
};
const named = `${manifest.name}-${manifest.version}`;
const plugin = `pulumi-resource-connections-v${manifest.version}`;
const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

interface Bill {
    readonly bomFormat: string;
    readonly metadata: { component: { name: string; version: string } };
    readonly components: { name: string; version: string; hashes?: object[]; licenses?: object[] }[];
}
const billOf = (name: string): Bill =>
    JSON.parse(fs.readFileSync(path.join(folder, `${name}.cdx.json`), "utf8")) as Bill;

let run: { status: number | null; stdout: string; stderr: string };
let packed: readonly string[];

beforeAll(() => {
    run = spawnSync("npm", ["run", "release", "--silent", "--", "--dry-run"], { cwd: root, encoding: "utf8" });
    const { stdout } = spawnSync("tar", ["-tzf", path.join(folder, `${named}.tgz`)], { encoding: "utf8" });
    packed = stdout
        .split("\n")
        .filter((file) => file !== "")
        .map((file) => file.replace(/^package\//, ""));
});

describe("npm run release -- --dry-run", () => {
    test("makes the package, a bill of materials and checksums that hold, and says what is left to do", () => {
        expect({ status: run.status, errors: /rror/.test(run.stderr) ? run.stderr : "" }).toEqual({
            status: 0,
            errors: "",
        });
        const parts = [
            `${named}.cdx.json`,
            `${named}.tgz`,
            ...["node", platform].flatMap((one) => [`${plugin}-${one}.cdx.json`, `${plugin}-${one}.tar.gz`]),
            "schema.json",
        ].sort();
        const all = fs.readdirSync(folder).sort();
        const sdks = all.filter((file) => file.startsWith("connections-sdk-"));
        expect(all).toEqual(["SHA256SUMS", ...[...sdks, ...parts].sort()]);
        // The CLI generates SDKs by its own language hosts; each one that is missing is named.
        for (const language of ["nodejs", "python", "go", "dotnet", "java"]) {
            const isMade = sdks.includes(`connections-sdk-${language}-v${manifest.version}.tar.gz`);
            const isNamed = new RegExp(`^left out: the SDK for ${language} \\(.+\\)$`, "m").test(run.stdout);
            expect([language, isMade, isNamed]).toEqual([language, isMade, !isMade]);
        }
        expect(
            spawnSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: folder, encoding: "utf8" }),
        ).toMatchObject({
            status: 0,
            stdout: [...sdks, ...parts]
                .sort()
                .map((file) => `${file}: OK\n`)
                .join(""),
        });
        expect(run.stdout.trimEnd().split("\n").at(-1)).toBe(
            `to publish, by hand: npm publish build/release/${named}.tgz`,
        );
        expect(run.stdout).toMatch(/^before a release: The commit has no tag v|^to publish/m);
    });

    test("lists in the bill of materials all that comes along with the package, and nothing else", () => {
        const lock = json(path.join(root, "package-lock.json"))["packages"] as unknown as Record<
            string,
            { version: string; dependencies?: object; optionalDependencies?: object }
        >;
        const closure = new Set<string>();
        const follow = (names: readonly string[]): void => {
            for (const name of names.filter((one) => !closure.has(one))) {
                closure.add(name);
                const { dependencies, optionalDependencies } = lock[`node_modules/${name}`] ?? {};
                follow(Object.keys({ ...dependencies, ...optionalDependencies }));
            }
        };
        follow(Object.keys(manifest.dependencies));
        const bom = billOf(named);
        expect(bom.bomFormat).toBe("CycloneDX");
        expect(bom.metadata.component).toMatchObject({ name: manifest.name, version: manifest.version });
        expect(bom.components.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
            [...closure].map((name) => `${name} ${lock[`node_modules/${name}`]?.version}`).sort(),
        );
        bom.components.forEach(({ name, hashes, licenses }) =>
            expect({ name, hashes: hashes?.length, licenses: licenses?.length }).toEqual({
                name,
                hashes: 1,
                licenses: 1,
            }),
        );
        expect(JSON.stringify(bom)).not.toContain(root);
    });

    test("lists what the plugin's bundle holds, and the Node of the executable", () => {
        const texts = spawnSync("tar", ["-xzOf", path.join(folder, `${plugin}-node.tar.gz`), "LICENSES"], {
            encoding: "utf8",
        }).stdout;
        const licensed = [...texts.matchAll(/(?:^|\n----\n\n)(\S+ \S+) \(/g)].map(([, one = ""]) => one);
        const listed = (name: string): string[] =>
            billOf(name)
                .components.map((one) => `${one.name} ${one.version}`)
                .sort();
        expect(listed(`${plugin}-node`)).toEqual([...new Set(licensed)].sort());
        expect(licensed).toEqual(expect.arrayContaining([expect.stringMatching(/^@grpc\/grpc-js /) as string]));
        const more = listed(`${plugin}-${platform}`).filter((one) => !licensed.includes(one));
        expect(more).toEqual([expect.stringMatching(/^node \d+/)]);
    });

    test("makes a plugin that starts on a PATH without Node, and writes its port", () => {
        const unpacked = fs.mkdtempSync(path.join(os.tmpdir(), "release-"));
        try {
            spawnSync("tar", ["-xzf", path.join(folder, `${plugin}-${platform}.tar.gz`), "-C", unpacked]);
            expect(fs.readdirSync(unpacked).sort()).toEqual(["LICENSES", "pulumi-resource-connections", "schema.json"]);
            const env = { PATH: "/nonexistent" };
            const { stdout, stderr } = spawnSync(path.join(unpacked, "pulumi-resource-connections"), ["127.0.0.1:1"], {
                env,
                encoding: "utf8",
                timeout: 10_000,
            });
            expect([stdout, stderr]).toEqual([expect.stringMatching(/^\d+\n$/), ""]);
        } finally {
            fs.rmSync(unpacked, { recursive: true });
        }
    });
});

describe("The packed package", () => {
    test("holds the code, its types, the documents and nothing else", () => {
        const documents = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "llms.txt", "package.json"];
        const others = packed.filter(
            (file) => !/^build\/provider\/.*\.(c?js|json|css|d\.ts)$|^build\/plugin\/[^/]+$|^docs\/.*\.md$/.test(file),
        );
        expect(others.filter((file) => !documents.includes(file))).toEqual([]);
        expect(others.sort()).toEqual(documents.filter((file) => fs.existsSync(path.join(root, file))));
        // What the page of the command line runs in a browser has no types.
        const code = packed
            .filter((file) => file.endsWith(".js") && !file.includes("/cli/page/"))
            .map((file) => file.replace(/\.js$/, ".d.ts"));
        expect(code.filter((file) => !packed.includes(file))).toEqual([]);
        expect(packed).toEqual(
            expect.arrayContaining([
                "docs/jamf.md",
                "build/provider/index.js",
                "build/provider/hosts/dynamic/provider.js",
            ]),
        );
    });

    test("has what a registry asks of it: licence, engines, entry points that exist", () => {
        expect(manifest).toMatchObject({
            license: "Apache-2.0",
            description: expect.any(String) as string,
            engines: { node: ">=22.19.0" },
        });
        const leaves = (value: unknown): string[] =>
            typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(leaves);
        const targets = leaves([manifest["main"], manifest["types"], manifest["exports"], manifest["bin"]]);
        expect(targets.length).toBeGreaterThan(5);
        targets.forEach((target) => expect(packed).toContain(target.replace(/^\.\//, "")));
    });

    test("holds no path of a machine", () => {
        const { stdout } = spawnSync("tar", ["-xzOf", path.join(folder, `${named}.tgz`)], {
            encoding: "utf8",
            maxBuffer: 1 << 26,
        });
        expect(stdout.length).toBeGreaterThan(100_000);
        expect(stdout).not.toContain(root);
    });
});
