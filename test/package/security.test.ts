import fs from "node:fs";
import path from "node:path";
import { Lab, succeeded } from "../support/programs";

const root = path.resolve(__dirname, "../../..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

describe("SECURITY.md", () => {
    const text = read("SECURITY.md");

    test("says who is trusted, what a vendor can do, what endpoints allow and how to report, and README leads to it", () => {
        expect(text.match(/^## .*$/gm)).toEqual([
            "## Report a weakness",
            "## What is protected",
            "## Who is trusted with what",
            "## What a hostile vendor can do",
            "## What `endpoints` allows",
            "## What you can do",
        ]);
        expect(read("README.md")).toContain("(SECURITY.md)");
    });

    test("names no variable and no argument that is not there", () => {
        const source = fs
            .readdirSync(path.join(root, "provider"), { recursive: true, encoding: "utf8" })
            .filter((file) => file.endsWith(".ts"))
            .map((file) => read(path.join("provider", file)))
            .join("\n");
        const ours =
            text.match(
                /CONNECTIONS_[A-Z_]+|`(?:url|siteUrl|proxyUrl|insecureSkipVerify|timeoutSeconds|secretFrom)`/g,
            ) ?? [];
        expect(ours.length).toBeGreaterThan(5);
        expect(
            ours
                .map((name) => name.replace(/`/g, ""))
                .filter((name) => !source.includes(name.replace(/^CONNECTIONS_(ENDPOINTS|VERIFY)$/, "CONNECTIONS_$"))),
        ).toEqual([]);
    });
});

describe("The threat model", () => {
    test("holds: whoever writes the state runs code on the machine that refreshes, without the passphrase", async () => {
        const lab = await Lab.start({ name: "written-state" });
        try {
            lab.declare({ connections: { mdm: { type: "jamf.ApiClient", args: lab.vendors.credentials.jamf } } });
            succeeded(await lab.up());
            const proof = path.join(lab.project.dir, "proof");
            const file = lab.project.files().find((name) => /stacks.*\/test\.json$/.test(name)) ?? "";
            const inserted = `require("fs").writeFileSync(${JSON.stringify(proof)}, "");`;
            const state = fs.readFileSync(file, "utf8");
            fs.writeFileSync(
                file,
                state.replaceAll("exports.handler=", JSON.stringify(`${inserted}exports.handler=`).slice(1, -1)),
            );
            expect(fs.readFileSync(file, "utf8")).not.toBe(state);
            expect(fs.existsSync(proof)).toBe(false);
            succeeded(await lab.refresh());
            expect(fs.existsSync(proof)).toBe(true);
        } finally {
            await lab.dispose();
        }
    });
});
