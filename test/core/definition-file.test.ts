// How the provider's process finds a definition of one's own again, and what it says where it does not.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { cells, commonJs, esModule, typeScript } from "../support/own-definition";
import { shared } from "../support/environment";

let folder: string;

beforeEach(() => {
    folder = fs.mkdtempSync(path.join(shared.projects, "definition-file-"));
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** What comes of a search, in a process of its own that starts in a folder with these files. */
function find(
    where: string,
    files: Readonly<Record<string, string>>,
): { type?: string; message?: string; stack?: string; warned: string } {
    for (const [file, text] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        fs.writeFileSync(path.join(folder, file), text);
    }
    const module = path.join(
        shared.projects,
        "node_modules/pulumi-connections/build/provider/hosts/dynamic/definition-file.js",
    );
    const search = `
        let printed = "";
        process.stderr.write = (text) => (printed += text, true);
        let found;
        try {
            found = { type: require(process.argv[1]).findDefinition("acme:ApiKey", process.argv[2]).type };
        } catch ({ message, stack }) {
            found = { message, stack };
        }
        process.on("exit", () => console.log(JSON.stringify({ ...found, warned: printed })));
    `;
    const output = execFileSync(shared.programNode(), ["-e", search, module, where], { cwd: folder, encoding: "utf8" });
    return JSON.parse(output) as never;
}

const moduleType = JSON.stringify({ type: "module" });
const [, bare = ""] = /const apiKeyOfAcme = (defineConnection\([^]*\n\}\));/.exec(commonJs) ?? [];
const [imports = ""] = /const \{.*define"\);/.exec(commonJs) ?? [];

test.each<[string, string, Record<string, string>]>([
    ["a class in a CommonJS module", "./acme.js", { "acme.js": commonJs }],
    ["a class in an ES module", "./acme.mjs", { "acme.mjs": esModule }],
    ["a class in TypeScript with enums", "./acme.ts", { "acme.ts": typeScript, "cells.ts": cells }],
    [
        "the same in a package of ES modules",
        "./acme.ts",
        { "package.json": moduleType, "acme.ts": typeScript, "cells.ts": cells },
    ],
    [
        "the same with the extension of what it compiles to",
        "./acme.ts",
        { "acme.ts": typeScript.replace("./cells", "./cells.js"), "cells.ts": cells },
    ],
    ["the same in .mts", "./acme.mts", { "acme.mts": typeScript, "cells.ts": cells, "package.json": moduleType }],
    ["a folder that is imported", "./acme.ts", { "acme.ts": typeScript, "cells/index.ts": cells }],
    ["what stands above the program", "../shared/acme.ts", {}],
    [
        "TypeScript that uses what CommonJS modules have",
        "./acme.ts",
        { "acme.ts": `${typeScript}\nexport const here: string = __dirname;`, "cells.ts": cells },
    ],
    ["a definition without its class", "./acme.js", { "acme.js": `${imports}\nexports.it = ${bare};` }],
    [
        "a definition as the whole of a module",
        "./acme.js",
        { "acme.js": `${imports}\nmodule.exports = { all: { it: ${bare} } };` },
    ],
    ["a package", "@acme/connections", { "node_modules/@acme/connections/index.js": commonJs }],
])("finds %s", (_, where, files) => {
    const above = path.join(path.dirname(folder), "shared");
    if (where.startsWith("../")) {
        fs.mkdirSync(above);
        fs.writeFileSync(path.join(above, "acme.ts"), typeScript);
        fs.writeFileSync(path.join(above, "cells.ts"), cells);
    }
    try {
        expect(find(where, files)).toEqual({ type: "acme:ApiKey", warned: "" });
    } finally {
        fs.rmSync(above, { recursive: true, force: true });
    }
});

const pulumi = `const pulumi = require("@pulumi/pulumi");\n`;
const loaders =
    "The engine's provider process loads it without the program's loaders and path aliases: let it import packages and, by relative paths, other files.";
const newer =
    "Correct it or, if it is newer than that version, install a newer one: Add typescript (^5.9) to the devDependencies";

test.each<[string, string, Record<string, string>, string | RegExp]>([
    [
        "a file is gone",
        "./acme.ts",
        {},
        /^acme:ApiKey was declared in \.\/acme\.ts, which is not there \(seen from definition-file-.*\/\)\. Put it back or, if it moved, run pulumi up --refresh=false once: the stack then learns where it is\. To destroy the stack without it: pulumi destroy --refresh=false\.$/,
    ],
    [
        "a package is gone",
        "@acme/connections",
        {},
        /^acme:ApiKey was declared in @acme\/connections, which is not there \(.*\)\. Add @acme\/connections to the dependencies of the program's package\.json and install them\./,
    ],
    [
        "a package lets nobody require it",
        "@acme/connections",
        {
            "node_modules/@acme/connections/package.json": JSON.stringify({ exports: { browser: "./index.js" } }),
            "node_modules/@acme/connections/index.js": commonJs,
        },
        /cannot be loaded with require \(.*\)\. Give the exports of its package\.json a condition "default" or "require"\.$/,
    ],
    [
        "a file exports something else",
        "./acme.js",
        { "acme.js": "exports.other = 1;" },
        "./acme.js exports no acme:ApiKey. Export the class that extends connectionClass(…) from that file.",
    ],
    [
        "a package exports something else",
        "@acme/connections",
        { "node_modules/@acme/connections/index.js": "exports.none = null;" },
        "@acme/connections exports no acme:ApiKey. Export the class that extends connectionClass(…) from the main module of that package.",
    ],
    [
        "a module awaits at its top",
        "./acme.mjs",
        { "acme.mjs": `await null;\n${esModule}` },
        "./acme.mjs declares acme:ApiKey, but awaits at the top of the file (or imports what does). The engine's provider process cannot load that: move the await into a function.",
    ],
    [
        "TypeScript awaits at its top",
        "./acme.ts",
        { "acme.ts": `await null;\n${typeScript}`, "cells.ts": cells },
        /awaits at the top of the file/,
    ],
    [
        "a module reads the stack's configuration",
        "./acme.js",
        { "acme.js": `${pulumi}${commonJs}\nnew pulumi.Config("acme").require("key");` },
        "./acme.js declares acme:ApiKey, but also reads the stack's configuration or makes resources. Keep connections' definitions in a file of their own.",
    ],
    [
        "a module makes connections",
        "./acme.js",
        { "acme.js": `${commonJs}\nnew exports.ApiKey("it", { key: "acme-key-0123456789" });` },
        /also reads the stack's configuration or makes resources/,
    ],
    [
        "a module needs the program's loaders",
        "./acme.ts",
        { "acme.ts": typeScript.replace("./cells", "@lib/cells") },
        `./acme.ts declares acme:ApiKey, but cannot be loaded: MODULE_NOT_FOUND: Cannot find module '@lib/cells'. ${loaders}`,
    ],
    [
        "TypeScript cannot be read",
        "./acme.ts",
        { "acme.ts": "export const = 1;" },
        `./acme.ts declares acme:ApiKey, but TypeScript 5.9.3 cannot read acme.ts. ${newer} of the program's package.json and install it.`,
    ],
    [
        "a package holds TypeScript alone",
        "@acme/connections",
        {
            "node_modules/@acme/connections/package.json": JSON.stringify({ main: "index.ts" }),
            "node_modules/@acme/connections/index.ts": typeScript,
        },
        "@acme/connections declares acme:ApiKey, but is TypeScript within node_modules, which Node does not load. Publish the package with its compiled JavaScript.",
    ],
])("says in a sentence that %s", (_, where, files, sentence) => {
    const { message, stack, type } = find(where, files);
    expect({ type, stack }).toEqual({ type: undefined, stack: "" });
    const [, said] = /^(.*) \[definition-[a-z]+\]$/.exec(message ?? "") ?? [];
    expect(said).toMatch(
        sentence instanceof RegExp ? sentence : new RegExp(`^${sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`),
    );
});
