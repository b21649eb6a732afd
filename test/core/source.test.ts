// The source itself: mistakes that the compiler refuses, and names that mean one thing.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { shared } from "../support/environment";

const inProvider = (name: string): string => path.join(shared.root, "provider", name);

/** The messages of the compiler for one file, where the text of another one is changed. */
function messagesFor(file: string, changed: string, change: (text: string) => string): readonly string[] {
    const { config } = ts.readConfigFile(inProvider("tsconfig.json"), ts.sys.readFile) as { config: unknown };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, inProvider("."));
    const host = ts.createCompilerHost(options);
    const read = host.getSourceFile.bind(host);
    host.getSourceFile = (name, target, ...rest) => {
        const isChanged = path.resolve(name) === inProvider(changed);
        return isChanged
            ? ts.createSourceFile(name, change(fs.readFileSync(name, "utf8")), target)
            : read(name, target, ...rest);
    };
    const program = ts.createProgram([inProvider(file)], options, host);
    return program
        .getSemanticDiagnostics(program.getSourceFile(inProvider(file)))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("A new status does not compile until the table has its facts", () => {
    const planted = (text: string): string => text.replace('| "verified"', '| "paused"\n    | "verified"');
    expect(messagesFor("core/statuses.ts", "define/contracts.ts", (text) => text)).toEqual([]);
    expect(messagesFor("core/statuses.ts", "define/contracts.ts", planted).join()).toContain("'paused' is missing");
});

test("What only tests have does not compile in the package", () => {
    const planted = (text: string): string => `${text}export const made = jest.fn();\n`;
    expect(messagesFor("core/values.ts", "core/values.ts", planted).join()).toContain("Cannot find name 'jest'");
});

/** Type names that have two meanings today. The list may only become shorter. */
const ambiguous = ["Asking", "Context", "Outcome", "Refused", "Told"];

test("A type name means one thing", () => {
    const isPublicClass = (file: string): boolean => path.dirname(file).endsWith("hosts/dynamic/classes");
    const files = fs
        .readdirSync(inProvider("."), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"));
    const places = new Map<string, Set<string>>();
    for (const file of files) {
        const source = ts.createSourceFile(file, fs.readFileSync(inProvider(file), "utf8"), ts.ScriptTarget.Latest);
        for (const statement of source.statements.filter(isType)) {
            // Programs have a class under its vendor's name: http.Basic.
            const isNamed = isPublicClass(file) && statement.modifiers?.some(isExport) === true;
            const name = `${isNamed ? `${path.basename(file, ".ts")}.` : ""}${statement.name?.text ?? ""}`;
            places.set(name, (places.get(name) ?? new Set()).add(file));
        }
    }
    expect(places.size).toBeGreaterThan(300);
    expect([...places].flatMap(([name, { size }]) => (size > 1 ? [name] : [])).sort()).toEqual(ambiguous);
});

const isExport = ({ kind }: ts.ModifierLike): boolean => kind === ts.SyntaxKind.ExportKeyword;
const isType = (
    node: ts.Statement,
): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration | ts.EnumDeclaration =>
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isEnumDeclaration(node);
