// What the engine says of the schema for Pulumi.
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { shared } from "../support/environment";

const schema = path.join(shared.root, "provider/schema.json");
const check = (file: string): Promise<unknown> =>
    promisify(execFile)("pulumi", ["schema", "check", file], { env: shared.environment() });

test("pulumi schema check accepts it", async () => {
    await expect(check(schema)).resolves.toBeDefined();
});

test("pulumi schema check refuses it with a type that does not exist", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "schema-"));
    try {
        const file = path.join(folder, "schema.json");
        const text = fs.readFileSync(schema, "utf8");
        fs.writeFileSync(file, text.replace("#/types/connections:index:Tls", "#/types/connections:index:Nothing"));
        await expect(check(file)).rejects.toThrow("connections:index:Nothing");
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
});
