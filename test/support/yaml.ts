// YAML programs, which the plugin alone serves: no program runs beside the engine.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { startVendors } from "../simulators/vendors";
import { shared } from "./environment";
import { languageHost } from "./language-hosts";
import { Project } from "./project";
import { Lab, type Declarations } from "./programs";

/** The folder of the language's host; undefined where there is none. */
export const yamlHost = languageHost("yaml");

/** The folder of the packed plugin. */
export const pluginFolder = path.join(shared.build, "plugin");

/** The resources of a program. */
export type Resources = Readonly<
    Record<string, { readonly type: string; readonly properties?: object; readonly options?: object }>
>;

/** A project's file: YAML reads JSON. */
export const projectFile = (resources: Resources, more: object = {}): string =>
    JSON.stringify({
        name: "shop",
        runtime: "yaml",
        plugins: { providers: [{ name: "connections", path: pluginFolder }] },
        resources,
        ...more,
    });

/** A value that the program makes a secret. */
export const secret = (value: string): object => ({ "fn::secret": value });

/** A project with a YAML program; its runs find the language's host and the simulated servers. */
export async function yamlProject(
    endpoints: object,
    variables: Readonly<Record<string, string>> = {},
): Promise<Project> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "yaml-"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), projectFile({}));
    try {
        return await Project.create({
            name: "shop",
            program: folder,
            env: {
                PATH: [yamlHost, shared.searchPath()].join(path.delimiter),
                CONNECTIONS_ENDPOINTS: JSON.stringify(endpoints),
                ...variables,
            },
        });
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

/** Simulated vendors, and a YAML project that declares what a test says. */
export class YamlLab extends Lab {
    static async open(variables: Readonly<Record<string, string>> = {}): Promise<YamlLab> {
        const vendors = await startVendors();
        try {
            return new YamlLab(vendors, await yamlProject(vendors.endpoints, variables));
        } catch (error) {
            await vendors.close();
            throw error;
        }
    }

    override declare({ connections }: Declarations): void {
        const resources = Object.entries(connections).map(([name, { type, args, opts }]) => [
            name,
            { type: `connections:${type.replace(".", ":")}`, properties: yamlOf(args), ...(opts && { options: opts }) },
        ]);
        this.project.write("Pulumi.yaml", projectFile(Object.fromEntries(resources) as Resources));
    }

    override async recorded(): ReturnType<Lab["recorded"]> {
        const { resources = [] } = (await this.project.exportState()).deployment;
        const own = resources.filter(({ type }) => type.startsWith("connections:"));
        return Object.fromEntries(
            own.map(({ urn, type, id = "", inputs = {}, outputs = {} }) => [
                urn.split("::").at(-1) ?? "",
                { type, id, inputs, outputs },
            ]),
        );
    }
}

/** A declared value as YAML programs have it. */
function yamlOf(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (Array.isArray(value)) {
        return value.map(yamlOf);
    }
    const { secret: hidden, output } = value as { secret?: unknown; output?: unknown };
    if (typeof hidden === "string") {
        return secret(hidden);
    }
    return typeof output === "string"
        ? `\${${output}}`
        : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, yamlOf(one)]));
}
