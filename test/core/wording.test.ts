import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { Core } from "../support/core";
import { startVendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");

/** The texts in a source file, with their lines: what people may come to read is among them. */
function textsOf(file: string): string[] {
    const source = ts.createSourceFile(
        file,
        fs.readFileSync(path.join(root, file), "utf8"),
        ts.ScriptTarget.Latest,
        true,
    );
    const texts: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
            texts.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`);
        }
        ts.forEachChild(node, visit);
    };
    visit(source);
    return texts;
}

const sources = ["provider", "setup"].flatMap((folder) =>
    fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !file.includes("node_modules"))
        .map((file) => path.join(folder, file)),
);
const pages = [
    "README.md",
    "SECURITY.md",
    ...fs.readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`),
].flatMap((file) =>
    fs
        .readFileSync(path.join(root, file), "utf8")
        .split("\n")
        .map((line, at) => `${file}:${at + 1}: ${line}`),
);

describe("What people read", () => {
    /** Phrases that say in a roundabout way what has a name in the field. */
    const riddles: [RegExp, string][] = [
        [/\bmend(?!ed first: )/i, "repair, renew, replace"],
        [/\bthat is none\b/, "invalid"],
        [/\bfault of its own\b/, "server error"],
        [/\bname servers?\b/, "DNS server"],
        [/\bits (own )?address\b\.$/, "the address of what"],
        [/\bwhoever stands between\b/i, "anybody between this machine and the server"],
        [/\bnobody's\b/i, "anonymous"],
        [/\blets it be\b/, "invalid"],
        [/\bwhose it is\b/, "which account it belongs to"],
        [/\bheader can carry\b/, "characters that are not allowed in an HTTP header"],
        [/\bread it off\b/, "it is in"],
        [/\bas \$\{[^}]*title\} does\b/, "an unexpected answer"],
        [/\bof another shape\b/, "unexpected JSON"],
        [/\ba second time\b/, "names it too"],
        [/\bbut something else\b/, "what it is"],
    ];

    test.each(riddles)("says it in the words of the field: not %s", (riddle) => {
        expect([...sources.flatMap(textsOf), ...pages].filter((text) => riddle.test(text))).toEqual([]);
    });
});

describe("A sentence that a release puts another way", () => {
    test.each(["always", "changes", "never"])("is no change of a connection on record: verify %s", async (verify) => {
        type State = Record<string, unknown> & { warnings: string[]; checks: Record<string, { message: string }> };
        const vendors = await startVendors();
        const core = Core.start();
        try {
            const ask = <T>(call: "check" | "create" | "diff", ...args: unknown[]): Promise<T> =>
                core
                    .ask<T>({ connection: "jamf.ApiClient", call, args, endpoints: vendors.endpoints, run: "wording" })
                    .then(({ value, error }) => {
                        expect(error).toBeUndefined();
                        return value as T;
                    });
            const given = {
                ...vendors.credentials.jamf,
                requiredPrivileges: ["Read Computers"],
                tls: { insecureSkipVerify: true },
                verify,
            };
            const { inputs } = await ask<{ inputs: State }>("check", {}, given);
            const { id, outs } = await ask<{ id: string; outs: State }>("create", inputs);
            expect(outs.warnings.length).toBeGreaterThan(0);
            const before = {
                ...outs,
                warnings: outs.warnings.map((one) => one.replace(/ .*/, " in the words of an earlier release.")),
                checks: Object.fromEntries(
                    Object.entries(outs.checks).map(([name, check]) => [
                        name,
                        { ...check, message: "In earlier words." },
                    ]),
                ),
            };
            const again = await ask<{ inputs: State }>("check", before, given);
            expect(await ask<{ changes: boolean }>("diff", id, before, again.inputs)).toMatchObject({ changes: false });
            const more = { ...again.inputs, warnings: [...again.inputs.warnings, "One more."] };
            expect(await ask<{ changes: boolean }>("diff", id, before, more)).toMatchObject({ changes: true });
        } finally {
            await core.close();
            await vendors.close();
        }
    });
});
