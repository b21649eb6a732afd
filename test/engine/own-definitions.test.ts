// A definition of one's own on the real engine, wherever it stands: what a stack's state holds of it finds it again.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { Project, type ProjectOptions } from "../support/project";
import { Acme } from "../simulators/acme";
import { layOutByPnpm } from "../support/layouts";
import { cells, commonJs, esModule, typeScript } from "../support/own-definition";
import { failed, succeeded } from "../support/programs";

const key = "acme-key-0123456789";
let acme: Acme;

beforeAll(async () => {
    acme = await Acme.start();
    acme.keys.set(key, ["devices:read"]);
});

afterAll(() => acme?.close());

beforeEach(() => {
    acme.workspace = { id: "w-4711", name: "Acme Cloud" };
    acme.requests.splice(0);
});

async function withProject(options: Partial<ProjectOptions>, work: (project: Project) => Promise<void>): Promise<void> {
    const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(acme.endpoints), ACME_KEY: key };
    const project = await Project.create({ program: "", ...options, env });
    try {
        await work(project);
    } finally {
        await project.dispose();
    }
}

const use = (where: string): string => `
    const { ApiKey } = require(${JSON.stringify(where)});
    const it = new ApiKey("it", { key: process.env.ACME_KEY });
    exports.status = it.status;
    exports.workspace = it.workspaceId;
    exports.apiUrl = it.apiUrl;
`;

const useAsEsModule = (where: string): string => `
    import { ApiKey } from ${JSON.stringify(where)};
    const it = new ApiKey("it", { key: process.env.ACME_KEY! });
    export const { status, workspaceId: workspace, apiUrl } = it;
`;

/** What a stack has for text that finds the definition again. */
async function providerText(project: Project): Promise<unknown> {
    return (await project.resource("it")).outputs?.["__provider"];
}

const textFor = (where: string): string =>
    `exports.handler=()=>require("pulumi-connections/dynamic").provider("acme","ApiKey",${JSON.stringify(where)})`;

/** The life of a connection up to its refresh, for which the engine runs no program. */
async function expectLife(project: Project, where: string, program: string): Promise<void> {
    succeeded(await project.up());
    expect(await project.outputs()).toEqual({
        status: "verified",
        workspace: "w-4711",
        apiUrl: "https://api.eu.acme.example/v1",
    });
    expect(await providerText(project)).toBe(textFor(where));
    const text = fs.readFileSync(path.join(project.dir, program), "utf8");
    project.write(program, "throw new Error('The program was run.');");
    acme.requests.splice(0);
    succeeded(await project.refresh("--expect-no-changes"));
    expect(acme.requests).toEqual(["GET /v1/me"]);
    project.write(program, text);
}

test("CommonJS below main: a drift, a file that moves, and destroy from a checkout in which the file is gone", async () => {
    await withProject({ name: "commonjs" }, async (project) => {
        fs.rmSync(path.join(project.dir, "index.js"));
        fs.appendFileSync(path.join(project.dir, "Pulumi.yaml"), "main: infra\n");
        project.write("infra/acme.js", commonJs);
        project.write("infra/index.js", use("./acme"));
        await expectLife(project, "./acme.js", "infra/index.js");

        acme.workspace = { id: "w-4712", name: "Acme Cloud" };
        const drifted = succeeded(await project.preview("--diff"));
        expect(drifted).toMatch(/~ status +: "verified" => "tenantChanged"/);
        expect(drifted).toContain("the credential opens w-4712 and not w-4711");
        acme.workspace = { id: "w-4711", name: "Acme Cloud" };

        fs.mkdirSync(path.join(project.dir, "infra/vendors"));
        fs.renameSync(path.join(project.dir, "infra/acme.js"), path.join(project.dir, "infra/vendors/acme.js"));
        project.write("infra/index.js", use("./vendors/acme"));
        const moved = failed(await project.refresh());
        expect(moved).toContain(
            "acme:ApiKey was declared in ./acme.js, which is not there (seen from infra/). " +
                "Put it back or, if it moved, run pulumi up --refresh=false once: the stack then learns where it is.",
        );
        expect(succeeded(await project.up("--refresh=false"))).toMatch(/1 updated/);
        expect(await providerText(project)).toBe(textFor("./vendors/acme.js"));
        succeeded(await project.refresh("--expect-no-changes"));
        succeeded(await project.preview("--expect-no-changes"));

        fs.rmSync(path.join(project.dir, "infra"), { recursive: true });
        project.write("infra/index.js", "throw new Error('The program was run.');");
        acme.requests.splice(0);
        const destroyed = succeeded(await project.destroy());
        expect(destroyed).toContain("CONNECTIONS_ENDPOINTS is set");
        expect(acme.requests).toEqual([]);
    });
});

test("ES modules", async () => {
    await withProject({ name: "esm" }, async (project) => {
        project.write("package.json", JSON.stringify({ name: "esm", private: true, type: "module" }));
        project.write("acme.js", esModule);
        project.write("index.js", useAsEsModule("./acme.js").replace("!", ""));
        await expectLife(project, "./acme.js", "index.js");
        // In the program itself, the provider's process could not load it without running the program.
        project.write(
            "index.js",
            esModule +
                useAsEsModule("./acme.js")
                    .replace("!", "")
                    .replace(/import .*/, ""),
        );
        expect(failed(await project.preview())).toContain(
            "acme:ApiKey is declared in ./index.js, which is the program itself (or its bundle). Declare it in a file of its own beside the program",
        );
    });
});

test("TypeScript with an enum, and with an import without its extension", async () => {
    await withProject(
        { name: "typescript", language: "typescript", program: useAsEsModule("./acme") },
        async (project) => {
            project.write("acme.ts", typeScript);
            project.write("cells.ts", cells);
            await expectLife(project, "./acme.ts", "index.ts");
        },
    );
});

test("a package under pnpm, through its own copy of this one", async () => {
    const below = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "connections-own-")));
    try {
        await withProject({ name: "pnpm", program: use("@acme/connections"), below }, async (project) => {
            layOutByPnpm(project.dir, { name: "@acme/connections", source: commonJs })();
            await expectLife(project, "@acme/connections", "index.js");
        });
    } finally {
        fs.rmSync(below, { recursive: true, force: true });
    }
});

test("a bundle: refused with a sentence where it holds the definition, and has its life where the bundler leaves that out", async () => {
    await withProject({ name: "bundled" }, async (project) => {
        project.write("src/acme.js", commonJs);
        project.write("src/index.js", use("./acme.js"));
        fs.rmSync(path.join(project.dir, "index.js"));
        fs.appendFileSync(path.join(project.dir, "Pulumi.yaml"), "main: dist\n");
        const bundle = (...external: string[]): void => {
            buildSync({
                absWorkingDir: project.dir,
                entryPoints: ["src/index.js"],
                bundle: true,
                platform: "node",
                external: ["@pulumi/pulumi", "pulumi-connections", ...external],
                outfile: "dist/index.js",
            });
        };
        bundle();
        expect(failed(await project.preview())).toContain(
            "acme:ApiKey is declared in ./index.js, which is the program itself (or its bundle). " +
                "Declare it in a file of its own beside the program, which a bundler leaves out.",
        );
        fs.copyFileSync(path.join(project.dir, "src/acme.js"), path.join(project.dir, "dist/acme.js"));
        bundle("./acme.js");
        await expectLife(project, "./acme.js", "dist/index.js");
    });
});
