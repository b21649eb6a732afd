// The packed plugin: how it starts, with and without Node.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { shared } from "../support/environment";

const plugin = path.join(shared.build, "plugin");
const name = "pulumi-resource-connections";
const { engines } = JSON.parse(fs.readFileSync(path.join(shared.root, "package.json"), "utf8")) as {
    engines: { node: string };
};

describe("The plugin's executable", () => {
    let folder: string;
    let tools: string;

    beforeAll(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "plugin-"));
        tools = path.join(folder, "tools");
        fs.mkdirSync(tools);
        for (const tool of ["sh", "dirname", "readlink"]) {
            const found = (process.env["PATH"] ?? "")
                .split(path.delimiter)
                .map((one) => path.join(one, tool))
                .find((one) => fs.existsSync(one));
            fs.symlinkSync(found ?? tool, path.join(tools, tool));
        }
    });

    afterAll(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const start = (program: string, env: Readonly<Record<string, string>>): ReturnType<typeof spawnSync> =>
        spawnSync(program, ["127.0.0.1:1"], { env, encoding: "utf8", timeout: 10_000 });

    test("says in one sentence that there is no Node", () => {
        const { status, stdout, stderr } = start(path.join(plugin, name), { PATH: tools });
        expect([status, stdout, String(stderr).trim().split("\n")]).toEqual([
            1,
            "",
            [
                expect.stringMatching(
                    `^${name} needs Node ${engines.node}, and no node is on PATH\\. Install one .*none\\.$`,
                ),
            ],
        ]);
    });

    test("says in one sentence that Node is too old", () => {
        const older = path.join(folder, "older.cjs");
        for (const version of ["0.10.48", "18.20.8", "22.18.9"]) {
            fs.writeFileSync(older, `Object.defineProperty(process.versions, "node", { value: "${version}" });`);
            const env = { PATH: `${path.dirname(process.execPath)}:${tools}`, NODE_OPTIONS: `--require=${older}` };
            const { status, stdout, stderr } = start(path.join(plugin, name), env);
            expect([status, stdout, String(stderr).trim().split("\n")]).toEqual([
                1,
                "",
                [expect.stringMatching(`^${name} needs Node ${engines.node}, and the node on PATH is ${version}\\. `)],
            ]);
        }
    });

    test("starts where it is a link, too, and writes its port", () => {
        const link = path.join(folder, name);
        fs.symlinkSync(path.join(plugin, name), link);
        const PATH = `${path.dirname(shared.programNode())}:${tools}`;
        for (const program of [link, path.join(plugin, name)]) {
            const { stdout } = spawnSync("timeout", ["3", program, "127.0.0.1:1"], {
                env: { ...process.env, PATH: `${PATH}:${process.env["PATH"] ?? ""}`, NODE_OPTIONS: "" },
                encoding: "utf8",
            });
            expect(stdout).toMatch(/^\d+\n$/);
        }
    });

    test("has the same sentences for Windows", () => {
        const text = fs.readFileSync(path.join(plugin, `${name}.cmd`), "utf8");
        expect(text).toContain(`echo ${name} needs Node ^${engines.node}, and no node is on PATH. `);
        expect(text).toMatch(/ 1>&2 & exit \/b 1\)\r\nnode "%~dp0start\.cjs" %\*\r\n$/);
        expect(text).toContain("^(https://nodejs.org/en/download^)");
    });
});
