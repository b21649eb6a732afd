// The examples that have no life on the engine: they compile, and come to verified outputs under the package's mocks.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { exampleConfiguration, exampleFolder, mockedExamples } from "../support/examples";
import { startVendors, type Vendors } from "../simulators/vendors";
import { shared } from "../support/environment";

const root = path.resolve(__dirname, "../../..");

let vendors: Vendors;
let folder: string;

beforeAll(async () => {
    vendors = await startVendors();
    folder = fs.mkdtempSync(path.join(shared.projects, "mocked-"));
    for (const name of mockedExamples) {
        fs.copyFileSync(path.join(exampleFolder(name), "index.ts"), path.join(folder, `${name}.ts`));
    }
    const options = "--strict --target es2022 --module commonjs --types node --skipLibCheck --pretty false".split(" ");
    const files = mockedExamples.map((name) => `${name}.ts`);
    execFileSync(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), ...options, ...files], {
        cwd: folder,
        encoding: "utf8",
    });
});

afterAll(async () => {
    fs.rmSync(folder, { recursive: true, force: true });
    await vendors?.close();
});

test.each(mockedExamples)("examples/%s is verified under mocks", (name) => {
    const { config, secrets } = exampleConfiguration(name, vendors);
    const keys = Object.entries({ ...config, ...secrets }).map(([key, value]) => [`project:${key}`, value]);
    const program = `
        const pulumi = require("@pulumi/pulumi");
        const { connectionMocks, valueOf } = require("pulumi-connections/testing");
        pulumi.runtime.setAllConfig(${JSON.stringify(Object.fromEntries(keys))}, ${JSON.stringify(Object.keys(secrets).map((key) => `project:${key}`))});
        const mocks = connectionMocks();
        pulumi.runtime.setMocks(mocks, "project", "stack", true);
        const outputs = require("./${name}.js");
        mocks.verified().then(async () => {
            const told = await Promise.all(Object.entries(outputs).map(async ([key, value]) => [key, await valueOf(value)]));
            console.log(JSON.stringify(Object.fromEntries(told)));
        });`;
    const printed = execFileSync(process.execPath, ["-e", program], { cwd: folder, encoding: "utf8" });
    const outputs = JSON.parse(printed) as Record<string, unknown>;
    const statuses = Object.entries(outputs).filter(([key]) => /status$/i.test(key));
    expect(statuses.map(([, value]) => value)).toEqual(statuses.map(() => "verified"));
    expect(statuses.length).toBeGreaterThan(0);
    expect(outputs["apiUrl"]).toMatch(/^https:/);
});
