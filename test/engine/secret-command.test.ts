import fs from "node:fs";
import path from "node:path";
import { Lab, failed, succeeded } from "../support/programs";

describe("secretFrom.command on the engine", () => {
    let lab: Lab;
    let vault: string;
    const program = `
        const { jamf, secretFrom } = require("pulumi-connections");
        const { clientSecret, ...args } = JSON.parse(process.env.ARGS);
        const mdm = new jamf.ApiClient("mdm", { ...args, clientSecret: secretFrom.command([process.execPath, "vault.js", "op://vault/jamf/secret"]) });
        exports.status = mdm.status;`;

    beforeAll(async () => {
        lab = await Lab.start({ name: "command", program });
        lab.project.env["ARGS"] = JSON.stringify({
            ...lab.vendors.credentials.jamf,
            requiredPrivileges: [],
            allowedPrivileges: ["*"],
        });
        lab.project.write(
            "vault.js",
            `if (process.argv[2] === "op://vault/jamf/secret") { console.error("signed in"); console.log(require("fs").readFileSync("vault", "utf8")); }`,
        );
        vault = path.join(lab.project.dir, "vault");
    });
    afterAll(async () => {
        await lab.dispose();
    });

    test("a rotation in the vault is a change that up records; the secret is in no state, no file and no output", async () => {
        const first = lab.vendors.credentials.jamf.clientSecret;
        fs.writeFileSync(vault, first);
        succeeded(await lab.up());
        expect(await lab.project.outputs()).toEqual({ status: "verified" });
        succeeded(await lab.preview("--expect-no-changes"));
        const rotated = lab.vendors.fixture.jamf.client.generateClientSecret();
        fs.writeFileSync(vault, rotated);
        const preview = await lab.preview("--diff");
        expect(succeeded(preview)).toMatch(/clientSecret: the command \S+ holds another secret than is on record\./);
        // Without the program, the state's command is run, and gives today's secret.
        succeeded(await lab.refresh("--preview-only"));
        succeeded(await lab.up());
        await lab.settled();
        fs.rmSync(vault);
        const refusal = failed(await lab.preview());
        expect(refusal).toMatch(
            /clientSecret: the command \S+ ended with exit code 1\. What it wrote is not shown, because it may hold the secret\. Run it yourself to see why\./,
        );
        const written = lab.project.files().map((file) => fs.readFileSync(file, "latin1"));
        for (const secret of [first, rotated, "signed in"]) {
            expect(lab.printed.join()).not.toContain(secret);
            expect(written.filter((text) => text.includes(secret) && !text.includes("process.argv[2] ==="))).toEqual(
                [],
            );
        }
        succeeded(await lab.destroy());
    });
});
