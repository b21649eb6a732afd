import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { thorough } from "../support/thorough";

const root = path.resolve(__dirname, "../../..");

function node(args: readonly string[], input?: string): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", input });
    return { status, output: `${stdout}${stderr}` };
}

const run = (tool: string, args: readonly string[]): ReturnType<typeof node> =>
    node([path.join(root, "node_modules", tool), ...args]);

/** Lints folders, and texts in place of files, by one linter: it takes most of its time to start. */
const linter = `
    const { ESLint } = require("eslint");
    const { folders, texts } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const linter = new ESLint();
    const messagesOf = (results) => results.flatMap(({ filePath, messages }) =>
        messages.map(({ line, message, ruleId }) => filePath + ":" + line + " " + message + " " + ruleId));
    (async () => {
        const whole = folders.length > 0 ? messagesOf(await linter.lintFiles(folders)) : [];
        const each = [];
        for (const [filePath, text] of texts) {
            each.push(messagesOf(await linter.lintText(text, { filePath })));
        }
        console.log(JSON.stringify({ whole, each }));
    })();
`;

/** What `npm run lint` checks as well, at a push and at each change. */
const whole = thorough(test.skip, test);

describe("The code", () => {
    whole("of the package compiles without what only tests have", () => {
        expect(run("typescript/bin/tsc", ["-p", "provider", "--pretty", "false"])).toEqual({ status: 0, output: "" });
    });

    whole("holds no file, export or dependency that nobody uses", () => {
        expect(run("knip/bin/knip.js", ["--no-progress"])).toEqual({ status: 0, output: "" });
    });

    whole("gives a reference of everything that is exported, without a warning", () => {
        expect(run("typedoc/bin/typedoc", ["--emit", "none", "--logLevel", "Warn"])).toEqual({ status: 0, output: "" });
    });

    whole("is formatted", () => {
        expect(
            run("prettier/bin/prettier.cjs", ["--log-level", "warn", "--check", "**/*.{ts,mts,cts,js,mjs,cjs}"]),
        ).toEqual({ status: 0, output: "" });
    });

    test("of the plugin is thin: handlers and the wire, in at most 600 lines", () => {
        const folder = path.join(root, "provider/hosts/plugin");
        const lines = fs
            .readdirSync(folder)
            .flatMap((file) => fs.readFileSync(path.join(folder, file), "utf8").split("\n"))
            .filter((line) => !/^\s*(\/\/.*|\/?\*.*)?$/.test(line));
        expect(lines.length).toBeLessThanOrEqual(600);
    });

    /** A file, what it must not hold, and what the linter says of it. */
    const forbidden: readonly [file: string, text: string, why: string][] = [
        [
            "provider/vendors/jamf/api-client.ts",
            'export { Session } from "../../core/session";\n',
            "A vendor imports define alone",
        ],
        ["provider/core/plan.ts", 'export { definitions } from "../vendors";\n', "The core knows no vendor"],
        [
            "provider/define/fields.ts",
            'export { nearest } from "../core/nearest";\n',
            "define imports nothing but itself",
        ],
        ["provider/core/plan.ts", "export const made = jest.fn();\n", "type that could not be resolved"],
        ["provider/core/plan.ts", 'export { connectionHandler } from "./lifecycle";\n', "Dependency cycle"],
        ["provider/core/plan.ts", 'export { Output } from "@pulumi/pulumi";\n', "Pulumi is known in hosts alone"],
        [
            "test/simulators/jamf/index.ts",
            'export { definitions } from "../../../provider/vendors";\n',
            "A simulated server shares nothing",
        ],
        [
            "provider/hosts/plugin/life.ts",
            'export { decodeState } from "../../core/state";\n',
            "what they record is theirs",
        ],
        [
            "provider/hosts/plugin/life.ts",
            'export const recordOf = (state: Record<string, unknown>): unknown => state["__record"];\n',
            "what they record is theirs",
        ],
        [
            "provider/hosts/plugin/life.ts",
            'export { provider } from "../dynamic/provider";\n',
            "it knows no other host",
        ],
        [
            "test/support/file-host.ts",
            'export { provider } from "../../provider/hosts/dynamic/provider";\n',
            "it knows no other host",
        ],
        [
            "provider/core/plan.ts",
            "export const known = new Map<string, string>();\n",
            "Nothing that changes stands in a module",
        ],
        [
            "provider/vendors/index.ts",
            "let last = 0;\nexport const next = (): number => last++;\n",
            "Nothing that changes stands in a module",
        ],
        [
            "provider/define/fields.ts",
            "export class Known {\n    static last = 0;\n}\n",
            "Nothing that changes stands in a module",
        ],
        [
            "provider/define/fields.ts",
            "export interface Known {\n    readonly name: string;\n}\n",
            "Missing JSDoc comment",
        ],
        ["provider/hosts/dynamic/classes/jamf.ts", "export class Known {}\n", "Missing JSDoc comment"],
        [
            "provider/vendors/jamf/api-client.ts",
            "export const known = defineConnection({ args: { url: baseUrl() }, outputs: {} });\n",
            "Missing JSDoc comment",
        ],
        [
            "provider/vendors/jamf/api-client.ts",
            "export const known = defineConnection({ args: {}, outputs: { url: derived(text()) } });\n",
            "Missing JSDoc comment",
        ],
        [
            "provider/vendors/jamf/api-client.ts",
            "const known = {\n    /** The cell. */\n    cell: withDefault(choice(cells), first),\n};\n",
            "says which it is: @default",
        ],
    ];
    let linted: { readonly whole: readonly string[]; readonly each: readonly (readonly string[])[] };

    beforeAll(() => {
        const folders = ["provider", "test", "bench", "demonstration", "examples"];
        const { status, output } = node(["-e", linter], JSON.stringify({ folders, texts: forbidden }));
        expect({ status, output }).toEqual({ status: 0, output: expect.stringMatching(/^\{.*\}\n$/) as string });
        linted = JSON.parse(output) as typeof linted;
    });

    whole("keeps its rules: which room may import which, and what the compiler alone does not see", () => {
        expect(linted.whole).toEqual([]);
    });

    whole.each(forbidden.map(([file, , why], at) => [file, why, at] as const))(
        "may not import upwards, nor share, nor leave a public member without its comment: %s, %s",
        (_, why, at) => {
            expect(linted.each[at]?.join("\n")).toContain(why);
        },
    );
});
