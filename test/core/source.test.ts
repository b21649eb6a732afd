// The source itself: mistakes that the compiler refuses, and names that mean one thing.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { shared } from "../support/environment";

const inProvider = (name: string): string => path.join(shared.root, "provider", name);

/** The messages of the compiler for one file, where the text of another one is changed. */
function messagesFor(file: string, changed: string, change: (text: string) => string): readonly string[] {
    const { config } = ts.readConfigFile(path.join(shared.root, "tsconfig.json"), (name) =>
        fs.readFileSync(name, "utf8"),
    ) as { config: { compilerOptions: object } };
    const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: ["node"] }, shared.root);
    const host = ts.createCompilerHost(options);
    const read = host.getSourceFile.bind(host);
    host.getSourceFile = (name, target, ...rest) => {
        const isChanged = path.resolve(name) === inProvider(changed);
        return isChanged
            ? ts.createSourceFile(name, change(fs.readFileSync(name, "utf8")), target)
            : read(name, target, ...rest);
    };
    const program = ts.createProgram([inProvider(file)], { ...options, noEmit: true }, host);
    return program
        .getSemanticDiagnostics(program.getSourceFile(inProvider(file)))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("A new status does not compile until the table has its facts", () => {
    const planted = (text: string): string => text.replace('| "verified"', '| "paused"\n    | "verified"');
    expect(messagesFor("core/statuses.ts", "define/contracts.ts", (text) => text)).toEqual([]);
    expect(messagesFor("core/statuses.ts", "define/contracts.ts", planted).join()).toContain("'paused' is missing");
});
