import fs from "node:fs";
import path from "node:path";
import { namesLookedFor } from "../support/empty-registry";
import { shared } from "../support/environment";
import { Project } from "../support/project";
import { exampleConfiguration, exampleFolder, exampleNames } from "../support/examples";
import { succeeded } from "../support/programs";
import { Servers } from "../support/servers";

let servers: Servers;
let project: Project;

beforeAll(async () => {
    servers = await Servers.start();
    project = await Project.create({
        name: "templates",
        program: "",
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(servers.endpoints) },
    });
});

afterAll(async () => {
    await project?.dispose();
    await servers.close();
});

const make = (name: string, ...options: string[]): ReturnType<Project["run"]> =>
    project.run([
        "new",
        exampleFolder(name),
        "--offline",
        "--generate-only",
        "--yes",
        "--dir",
        name,
        "--name",
        `our-${name}`,
        "--description",
        "Ours",
        ...options,
    ]);

test.each(exampleNames)(
    "pulumi new examples/%s makes a project of it, with a name of its own and no trace of the template's",
    async (name) => {
        succeeded(await make(name));
        const made = path.join(project.dir, name);
        expect(fs.readdirSync(made).sort()).toEqual(fs.readdirSync(exampleFolder(name)).sort());
        const text = fs.readFileSync(path.join(made, "Pulumi.yaml"), "utf8");
        expect(text).toMatch(new RegExp(`^name: our-${name}\ndescription: Ours\nruntime: nodejs\n`));
        expect(text).not.toMatch(/^template:/m);
    },
);

test("npm looks for what a template needs, and never for a package by our name: it opens the file", async () => {
    const made = path.join(project.dir, "named");
    succeeded(await make("ox-jira", "--dir", made));
    fs.copyFileSync(shared.packageFile, path.join(made, "pulumi-connections.tgz"));
    const names = await namesLookedFor(made);
    expect(names).toContain("@pulumi/pulumi");
    expect(names).not.toContain("pulumi-connections");
});

test("asks for the configuration that the program takes, with the same descriptions", () => {
    for (const name of exampleNames) {
        const text = fs.readFileSync(path.join(exampleFolder(name), "Pulumi.yaml"), "utf8");
        const [template = "", declared = ""] = text.split("\nconfig:\n");
        const [, asked = ""] = template.split("\n  config:\n");
        expect(`${asked.replace(/^#.*$/gm, "").trimEnd()}\n`).toBe(
            `${declared
                .replace(/^ {4}type: .*\n/gm, "")
                .replace(/^/gm, "  ")
                .trimEnd()}\n`,
        );
    }
});

test("What pulumi new has made is configured and previewed like any project", async () => {
    succeeded(await make("stackone-jamf", "--force"));
    const { config, secrets } = exampleConfiguration("stackone-jamf", servers);
    const there = ["-C", path.join(project.dir, "stackone-jamf")];
    succeeded(await project.run([...there, "stack", "init", "dev"]));
    const pairs = [
        ...Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
        ...Object.entries(secrets).flatMap(([key, value]) => ["--secret", `${key}=${value}`]),
    ];
    succeeded(await project.run([...there, "config", "set-all", ...pairs]));
    expect(succeeded(await project.run([...there, "preview"]))).toMatch(/ApiClient \w+ create/);
});
