import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { Project } from "../support/project";
import { install, layOutByPnpm } from "../support/layouts";
import { failed, succeeded } from "../support/programs";
import { startVendors, type Vendors } from "../simulators/vendors";

let vendors: Vendors;
/** Outside of this repository, where no node_modules above holds the package. */
let elsewhere: string;

beforeAll(async () => {
    vendors = await startVendors();
    elsewhere = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "connections-layouts-")));
});

afterAll(async () => {
    await vendors?.close();
    fs.rmSync(elsewhere, { recursive: true, force: true });
});

const lookup = /not installed where the engine's provider process looks for it/g;
const sentence = (manifest: string): string =>
    "pulumi-connections is not installed where the engine's provider process looks for it, from the program's folder: " +
    `add pulumi-connections (this program runs ${version()}) to the dependencies in ${manifest} and install them;`;

function version(): string {
    return (
        JSON.parse(fs.readFileSync(path.resolve(__dirname, "../../../package.json"), "utf8")) as { version: string }
    ).version;
}

const environment = (): Record<string, string> => ({
    CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
    CREDENTIAL: JSON.stringify(vendors.credentials.jamf),
});

async function expectRefused(project: Project, manifest: string): Promise<void> {
    for (const run of [project.preview(), project.up()]) {
        const output = failed(await run);
        expect(output).toContain(sentence(manifest));
        // In one line, once for all connections.
        expect(output.split("Diagnostics:")[1]?.match(lookup)).toHaveLength(1);
    }
    expect(vendors.requests.length).toBe(0);
}

async function expectLife(project: Project): Promise<void> {
    succeeded(await project.preview());
    succeeded(await project.up());
    expect(await project.outputs()).toEqual({ mdm: "verified", again: "verified" });
    succeeded(await project.refresh("--expect-no-changes"));
    vendors.requests.clear();
}

test("within a component library under pnpm, the program is told what its package.json lacks, and has its life once that is there", async () => {
    const program = `
        const { Mdm } = require("@acme/components");
        exports.mdm = new Mdm("mdm").status;
        exports.again = new Mdm("again").status;
    `;
    const source = `
        const pulumi = require("@pulumi/pulumi");
        const { jamf } = require("pulumi-connections");
        exports.Mdm = class extends pulumi.ComponentResource {
            constructor(name, opts) {
                super("acme:index:Mdm", name, {}, opts);
                this.status = new jamf.ApiClient(name, JSON.parse(process.env.CREDENTIAL), { parent: this }).status;
                this.registerOutputs({ status: this.status });
            }
        };
    `;
    const project = await Project.create({ name: "pnpm", program, env: environment(), below: elsewhere });
    try {
        const add = layOutByPnpm(project.dir, { name: "@acme/components", source });
        await expectRefused(project, path.join(project.dir, "package.json"));
        add();
        await expectLife(project);
    } finally {
        await project.dispose();
    }
});

test("inlined into a bundle below the program's package, the program is told the same, and has its life and its lines once the package is installed", async () => {
    const written = `
        import { jamf } from "pulumi-connections";
        const args = JSON.parse(process.env.CREDENTIAL!);
        export const mdm = new jamf.ApiClient("mdm", args).status;
        export const again = new jamf.ApiClient("again", args).status;
    `;
    const project = await Project.create({ name: "bundle", program: "", env: environment(), below: elsewhere });
    try {
        project.write("src/index.ts", written);
        const { outputFiles } = buildSync({
            absWorkingDir: project.dir,
            entryPoints: ["src/index.ts"],
            bundle: true,
            platform: "node",
            target: "node22",
            external: ["@pulumi/pulumi"],
            nodePaths: [path.resolve(__dirname, "../../projects/node_modules")],
            outfile: "dist/index.js",
            write: false,
        });
        const bundle = outputFiles[0]?.text ?? "";
        project.write("dist/index.js", bundle);
        fs.rmSync(path.join(project.dir, "index.js"));
        fs.appendFileSync(path.join(project.dir, "Pulumi.yaml"), "main: dist\n");
        install(project.dir, "@pulumi/pulumi");
        await expectRefused(project, path.join(project.dir, "package.json"));
        install(project.dir, "pulumi-connections");
        await expectLife(project);
        const line = bundle.split("\n").findIndex((text) => text.includes('ApiClient("mdm", args)')) + 1;
        expect((await project.resource("mdm"))["sourcePosition"]).toMatch(new RegExp(`dist/index\\.js#${line},`));
    } finally {
        await project.dispose();
    }
});

test("in a folder of its own below the project, what counts is that folder", async () => {
    const program = `
        const { jamf } = require(process.env.PACKAGE);
        exports.mdm = new jamf.ApiClient("mdm", JSON.parse(process.env.CREDENTIAL)).status;
        exports.again = exports.mdm;
    `;
    const project = await Project.create({ name: "infra", program: "", env: environment(), below: elsewhere });
    try {
        fs.rmSync(path.join(project.dir, "index.js"));
        project.write("infra/index.js", program);
        project.write("infra/package.json", JSON.stringify({ name: "infra", private: true }));
        fs.appendFileSync(path.join(project.dir, "Pulumi.yaml"), "main: infra\n");
        install(project.dir, "@pulumi/pulumi");
        project.write("elsewhere/package.json", "{}");
        install(path.join(project.dir, "elsewhere"), "pulumi-connections");
        project.env["PACKAGE"] = path.join(project.dir, "elsewhere/node_modules/pulumi-connections");
        await expectRefused(project, path.join(project.dir, "infra/package.json"));
        install(path.join(project.dir, "infra"), "pulumi-connections");
        await expectLife(project);
        // A program within another process may be of another folder than that process: what is not sure is a warning. Its end is not that of the process.
        project.write(
            "infra/automation.js",
            `
            const { LocalWorkspace } = require("@pulumi/pulumi/automation");
            const { jamf } = require(process.env.PACKAGE);
            const credential = JSON.parse(process.env.CREDENTIAL);
            let changes = {};
            const program = async () => {
                const { status } = new jamf.ApiClient("mdm", credential);
                // One that is made after the program is through.
                status.apply(() => void new jamf.ApiClient("later", { ...credential, ...changes }));
                return { status };
            };
            const projectSettings = { name: "automation", runtime: "nodejs" };
            LocalWorkspace.createOrSelectStack({ stackName: "inline", projectName: "automation", program }, { workDir: __dirname, projectSettings })
                .then(async (stack) => {
                    const { outputs, stdout } = await stack.up();
                    const preview = await stack.preview();
                    changes = { clientSecret: "planted-wrong-secret" };
                    const failed = await stack.up({ continueOnError: true }).catch(({ message }) => ({ stdout: message }));
                    console.log(stdout + preview.stdout + failed.stdout + JSON.stringify(outputs));
                });`,
        );
        const { stdout: printed } = await promisify(execFile)("node", ["infra/automation.js"], {
            cwd: project.dir,
            env: project.env,
        });
        expect(printed).toContain('"status":{"value":"verified"');
        // The process was started elsewhere, and the stack's workDir is right.
        expect(printed).not.toMatch(/warning: pulumi-connections/);
        // The message of a run that fails holds its output twice.
        const lines = (printed.match(/^ +connections: .*$/gm) ?? []).map((line) => line.trim());
        expect([...lines.slice(0, 2), ...new Set(lines.slice(2))]).toEqual([
            "connections: 2 verified",
            "connections: 2 verified",
            "connections: 1 verified, 1 rejected (later)",
        ]);
    } finally {
        await project.dispose();
    }
});
