// A program in each Pulumi language: the example of that language, installed as docs/languages.md says, through a life on the real engine.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { leastScopes, startHubs, type Hubs } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";
import { shared } from "../support/environment";
import { goCaches, languageHost, pythonWithPulumi, type Language } from "../support/language-hosts";
import { failed, succeeded } from "../support/programs";
import { blocksOf } from "../support/pages";
import { Project } from "../support/project";

const clean = "--expect-no-changes";
const examples = path.join(shared.root, "examples", "languages");
const packed = path.join(shared.build, "pulumi-resource-connections.tgz");
const { version } = JSON.parse(fs.readFileSync(path.join(shared.root, "package.json"), "utf8")) as { version: string };

interface Case {
    readonly host: Language;
    /** What its package manager needs, and the option of its runtime; undefined where something is missing. */
    readonly needs: () => { readonly env?: Record<string, string>; readonly options?: object } | undefined;
    /** What a user has compiled once. */
    readonly compile?: (project: Project) => object;
}

/** Builds the program once for each version of it and of its SDK. */
function compiled(project: Project): object {
    const version = createHash("sha256");
    for (const file of ["main.go", "go.mod", "go.sum"]) {
        version.update(fs.readFileSync(path.join(project.dir, file)));
    }
    version.update(fs.readFileSync(path.join(shared.build, "plugin", "schema.json")));
    const binary = path.join(shared.build, "language-hosts", `go-program-${version.digest("hex").slice(0, 12)}`);
    if (!fs.existsSync(binary)) {
        const making = `${binary}-${process.pid}`;
        execFileSync("go", ["build", "-o", making], { cwd: project.dir, env: project.env, stdio: "pipe" });
        fs.renameSync(making, binary);
    }
    return { binary };
}

const cases: Readonly<Record<string, Case>> = {
    yaml: { host: "yaml", needs: () => ({}) },
    python: {
        host: "python",
        needs: () => {
            const virtualenv = pythonWithPulumi();
            // What the environment has is enough to build the SDK. pip turns the build's own environment off by false.
            const env = { PIP_NO_INDEX: "1", PIP_NO_BUILD_ISOLATION: "false" };
            return virtualenv === undefined ? undefined : { env, options: { virtualenv } };
        },
    },
    go: { host: "go", needs: () => ({ env: goCaches() }), compile: compiled },
};

describe.each(Object.entries(cases))("A program in %s", (language, { host, needs, compile }) => {
    const folder = languageHost(host);
    const given = folder === undefined ? undefined : needs();
    const row = given === undefined ? test.skip : test;
    let vendors: Vendors;
    let hubs: Hubs;
    let project: Project;

    const atNango = () => hubs.nango.administration.connection("jamf", "acme");
    const jamf = () => vendors.fixture.jamf;
    const rotate = (): void => {
        const secret = jamf().client.generateClientSecret();
        vendors.credentials.jamf.clientSecret = secret;
        project.env["JAMF_CLIENT_SECRET"] = secret;
    };
    const setRuntime = (options: object | undefined): void => {
        if (options !== undefined) {
            const file = fs.readFileSync(path.join(project.dir, "Pulumi.yaml"), "utf8");
            const runtime = JSON.stringify({ name: host, options });
            project.write("Pulumi.yaml", file.replace(/^runtime:.*\n(?: .*\n)*/m, `runtime: ${runtime}\n`));
        }
    };

    beforeAll(async () => {
        if (given === undefined) {
            return;
        }
        vendors = await startVendors();
        hubs = await startHubs({ vendors });
        const { url, clientId, clientSecret } = vendors.credentials.jamf;
        project = await Project.create({
            name: "shop",
            program: path.join(examples, language),
            config: { url, clientId },
            env: {
                PATH: [folder, shared.searchPath()].join(path.delimiter),
                CONNECTIONS_ENDPOINTS: JSON.stringify({ ...vendors.endpoints, ...hubs.endpoints }),
                JAMF_CLIENT_SECRET: clientSecret,
                NANGO_KEY: hubs.nango.administration.addKey([...leastScopes, "environment:connections:list"]).value,
                ...given.env,
            },
        });
        setRuntime(given.options);
        if (language === "yaml" && folder?.startsWith(shared.build) === true) {
            // The host that Go can build is older than this name.
            const file = fs.readFileSync(path.join(project.dir, "Pulumi.yaml"), "utf8");
            project.write("Pulumi.yaml", file.replace(/^config:/m, "configuration:"));
        }
    });

    afterAll(async () => {
        await project?.dispose();
        await Promise.all([vendors?.close(), hubs?.close()]);
    });

    row(
        "is installed in a fresh home by the lines of the page",
        async () => {
            succeeded(await project.run(["plugin", "install", "resource", "connections", version, "--file", packed]));
            if (language !== "yaml") {
                const plugin = path.join(project.dir, "plugin");
                fs.mkdirSync(plugin);
                execFileSync("tar", ["-xzf", packed, "-C", plugin]);
                const added = await project.run(["package", "add", "./plugin/pulumi-resource-connections"], {
                    timeoutMs: 400_000,
                    // npm does not start with what tests load into programs.
                    env: { NODE_OPTIONS: "" },
                });
                expect(succeeded(added)).toMatch(/generated an SDK for the connections package/);
                setRuntime(compile?.(project));
            }
        },
        900_000,
    );

    row(
        "knows in its first preview what one resource hands to another; up makes it, and then nothing changes",
        async () => {
            const output = succeeded(await project.preview());
            expect(output).toContain("+ 4 to create");
            expect(output).toMatch(/api *: "https:\/\/acme\.jamfcloud\.com\/api"/);
            expect(output).toContain("connections: 1 verified");
            expect(atNango()).toBeUndefined();
            succeeded(await project.up());
            expect(atNango()).toMatchObject({ credentials: { client_secret: project.env["JAMF_CLIENT_SECRET"] } });
            succeeded(await project.preview(clean));
            const state = JSON.stringify(await project.exportState());
            expect([...vendors.secrets, project.env["NANGO_KEY"] ?? ""].filter((one) => state.includes(one))).toEqual(
                [],
            );
        },
    );

    row("shows new facts by property, and a refresh records them", async () => {
        jamf().server.upgrade("11.31.0-t1786459500000");
        expect(succeeded(await project.preview("--diff"))).toMatch(/~ version *: "11\.30\.0\S*" => "11\.31\.0\S*"/);
        succeeded(await project.refresh());
        expect((await project.resource("mdm")).outputs?.["version"]).toContain("11.31.0");
    });

    row("shows a refused secret, and up fails and keeps the record", async () => {
        jamf().client.revokeClientSecret();
        const output = succeeded(await project.preview("--diff"));
        expect(output).toMatch(/~ status *: "verified" => "rejected"/);
        expect(failed(await project.up())).toMatch(/Jamf refused the client id or secret/);
        expect((await project.resource("mdm")).outputs?.["status"]).toBe("verified");
        jamf().client.restoreClientSecret();
    });

    row("hands a rotated secret on in one up, by its reference", async () => {
        rotate();
        succeeded(await project.up());
        expect(atNango()).toMatchObject({ credentials: { client_secret: project.env["JAMF_CLIENT_SECRET"] } });
        expect((await project.resource("mdm")).inputs?.["clientSecret"]).toEqual({
            secretFrom: "env",
            name: "JAMF_CLIENT_SECRET",
        });
        succeeded(await project.preview(clean));
        succeeded(await project.destroy());
        expect(atNango()).toBeUndefined();
    });
});

const yamlHost = languageHost("yaml");

(yamlHost === undefined ? test.skip : test)(
    "The shortest program of the page is previewed without an npm project",
    async () => {
        const page = fs.readFileSync(path.join(shared.root, "docs/languages.md"), "utf8");
        const text =
            blocksOf(page).find((block) => block.language === "yaml" && block.text.includes("nango:"))?.text ?? "";
        expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(15);
        const vendors = await startVendors();
        const hubs = await startHubs({ vendors });
        const { clientId, clientSecret } = vendors.credentials.jamf;
        const key = hubs.nango.administration.addKey([...leastScopes, "environment:connections:list"]).value;
        const project = await Project.create({
            name: "shop",
            program: path.join(examples, "yaml"),
            env: {
                PATH: [yamlHost, shared.searchPath()].join(path.delimiter),
                CONNECTIONS_ENDPOINTS: JSON.stringify({ ...vendors.endpoints, ...hubs.endpoints }),
                JAMF_CLIENT_SECRET: clientSecret,
                NANGO_KEY: key,
            },
        });
        try {
            succeeded(await project.run(["plugin", "install", "resource", "connections", version, "--file", packed]));
            project.write("Pulumi.yaml", text.replace(/(?<=clientId: ).*/, clientId));
            const output = succeeded(await project.preview());
            expect(output).toMatch(/\+ *connections:nango:Connection hub create/);
        } finally {
            await project.dispose();
            await Promise.all([vendors.close(), hubs.close()]);
        }
    },
);
