// The source itself: mistakes that the compiler refuses, and names that mean one thing.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { shared } from "../support/environment";

const inProvider = (name: string): string => path.join(shared.root, "provider", name);

/** A mistake that somebody might make, as one changed place of a file. */
interface Planted {
    readonly what: string;
    readonly file: string;
    readonly from: string;
    readonly to: string;
    /** The file that the compiler complains about. Default: the changed one. */
    readonly refusedIn?: string;
    readonly message: string;
    /** The line that it complains about. Default: the changed one. */
    readonly at?: string;
}

const lifecycle = "core/lifecycle.ts";
const host = "hosts/dynamic/provider.ts";
const elsewhere = "hubs/lifecycle.ts";
const mistakes: readonly Planted[] = [
    {
        what: "a new status without its facts",
        file: "define/contracts.ts",
        from: '| "verified"',
        to: '| "paused"\n    | "verified"',
        refusedIn: "core/statuses.ts",
        at: "statuses",
        message: "'paused' is missing",
    },
    {
        what: "what only tests have",
        file: "core/values.ts",
        from: "",
        to: "export const made = jest.fn();\n",
        message: "Cannot find name 'jest'",
    },
    {
        what: "what is on record and what is declared swapped by the host of a check",
        file: host,
        from: "{ recorded: plain(olds), declared, report }",
        to: "{ recorded: plain(declared), declared: olds, report }",
        message: "'\"program\"' is not assignable to type '\"state\"'",
    },
    {
        what: "what is on record and what was checked swapped by the host of a diff",
        file: host,
        from: "{ recorded: plain(olds), inputs: plain(news) },",
        to: "{ recorded: plain(news), inputs: plain(olds) },",
        message: "'\"check\"' is not assignable to type '\"state\"'",
    },
    {
        what: "both swapped where they are compared",
        file: lifecycle,
        from: "compareStates(type, recorded, inputs, mode)",
        to: "compareStates(type, inputs, recorded, mode)",
        message: "'\"check\"' is not assignable to type '\"state\"'",
    },
    {
        what: "inputs in place of the record that an update goes by",
        file: lifecycle,
        from: "const prior = decodeState(this.type, recorded);",
        to: "const prior = decodeState(this.type, inputs);",
        message: "'\"check\"' is not assignable to type '\"state\"'",
    },
    {
        what: "a state that a read gives without naming what is encrypted",
        file: lifecycle,
        from: "guarded(stateOf, () => life.read(id, recorded, context))",
        to: "life.guard(() => life.read(id, recorded, context))",
        message: "Property 'sealed' is missing",
    },
    {
        what: "a state that a read gives the engine in clear",
        file: host,
        from: "props: encrypted(state, sealed)",
        to: "props: state",
        at: "inputs === undefined ? found",
        message: "'\"state\"' is not assignable to type '\"protocol\"'",
    },
    {
        what: "inputs that a read gives the engine in clear",
        file: host,
        from: "inputs: encrypted(inputs, sealed) };\n    }",
        to: "inputs };\n    }",
        message: "'\"check\"' is not assignable to type '\"protocol\"'",
    },
    {
        what: "sentences that are recorded with what the program made secret",
        file: lifecycle,
        from: "const shown = seal.plan(planned);",
        to: "const shown = planned;",
        at: "plan: shown",
        message: "'\"vendor\"' is not assignable to type '\"seal\"'",
    },
    {
        what: "sentences that status --live shows with what the program made secret",
        file: "core/inspect.ts",
        from: "= seal.plan(planned);",
        to: "= planned;",
        at: "encodeState(",
        message: "'\"vendor\"' is not assignable to type '\"seal\"'",
    },
    {
        what: "a hub left out of the list by which the provider finds it",
        file: "hubs/index.ts",
        from: '    "stackone:Account": () => (require("./stackone/account") as typeof import("./stackone/account")).stackOneAccount,\n',
        to: "",
        refusedIn: "hosts/dynamic/classes/stackone.ts",
        at: "hubClass<AccountArgs>(stackOneAccount)",
        message: 'is not assignable to type \'"nango:Connection" | "nango:Integration" | "ox:Connector"\'',
    },
    {
        what: "values that status --live shows as they are recorded",
        file: "core/inspect.ts",
        from: "values: Object.fromEntries(",
        to: "values: state, drifting: Object.fromEntries(",
        message: "'\"state\"' is not assignable to type '\"inspection\"'",
    },
    {
        what: "both swapped by the host of what is made elsewhere",
        file: elsewhere,
        from: "life.diff(recorded, inputs, context)",
        to: "life.diff(inputs, recorded, context)",
        message: "'\"check\"' is not assignable to type '\"state\"'",
    },
    {
        what: "both swapped where what is made elsewhere is compared",
        file: elsewhere,
        from: "planDiff(this.type, state, inputs, checked)",
        to: "planDiff(this.type, inputs, state, checked)",
        message: "is not assignable to parameter of type 'RecordedState'",
    },
    {
        what: "a state of what is made elsewhere that leaves without naming what is encrypted",
        file: elsewhere,
        from: "return { state: seal(type, recorded), inputs: undefined };",
        to: "return { state: recorded, inputs: undefined };",
        message: "from type 'Sealed'",
    },
];

/** The compiler's messages for each file, the mistakes planted one beside the other. */
function messagesWith(planted: readonly Planted[]): (file: string) => readonly string[] {
    const { config } = ts.readConfigFile(inProvider("tsconfig.json"), ts.sys.readFile) as { config: unknown };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, inProvider("."));
    const compilerHost = ts.createCompilerHost(options);
    const read = compilerHost.getSourceFile.bind(compilerHost);
    compilerHost.getSourceFile = (name, target, ...rest) => {
        const here = planted.filter(({ file }) => path.resolve(name) === inProvider(file));
        if (here.length === 0) {
            return read(name, target, ...rest);
        }
        const text = here.reduce(
            (before, { from, to, what }) => {
                if (!before.includes(from)) {
                    throw new Error(`${what}: the place to plant it in is not there any more.`);
                }
                return before.replace(from, to);
            },
            fs.readFileSync(name, "utf8"),
        );
        return ts.createSourceFile(name, text, target);
    };
    const files = [...new Set(mistakes.map(({ file, refusedIn = file }) => refusedIn))];
    const program = ts.createProgram(files.map(inProvider), options, compilerHost);
    return (file) =>
        program
            .getSemanticDiagnostics(program.getSourceFile(inProvider(file)))
            .map(({ messageText, file: source, start = 0 }) => {
                const line = source?.text.slice(start).split("\n", 1)[0] ?? "";
                const before = source?.text.slice(0, start).split("\n").at(-1) ?? "";
                return `${before}${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
            });
}

describe("The compiler refuses", () => {
    let messages: ReturnType<typeof messagesWith>;
    beforeAll(() => {
        messages = messagesWith(mistakes);
    });

    test("nothing of what is there", () => {
        const clean = messagesWith([]);
        expect(mistakes.flatMap(({ file, refusedIn = file }) => clean(refusedIn))).toEqual([]);
    });

    test.each(mistakes)("$what", ({ file, refusedIn = file, message, to, at = to.split("\n", 1)[0] ?? "" }) => {
        const here = messages(refusedIn).filter((text) => text.split("\n", 1)[0]?.includes(at));
        expect(here.join("\n")).toContain(message);
    });
});

test("A type name means one thing", () => {
    const isPublicClass = (file: string): boolean => path.dirname(file).endsWith("hosts/dynamic/classes");
    /** The namespace in which programs have a type of a vendor: `microsoft.Cloud`. */
    const namespaceOf = (file: string, name: string): string | undefined => {
        const [folder, vendor = ""] = file.split(path.sep);
        const classes = inProvider(`hosts/dynamic/classes/${vendor}.ts`);
        const isShown = folder === "vendors" && fs.existsSync(classes);
        const exported = isShown ? fs.readFileSync(classes, "utf8").match(/export (type )?\{[^}]*\}/g) : [];
        return exported?.some((list) => new RegExp(`\\b${name}\\b`).test(list)) === true ? vendor : undefined;
    };
    const files = fs
        .readdirSync(inProvider("."), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"));
    const places = new Map<string, Set<string>>();
    for (const file of files) {
        const source = ts.createSourceFile(file, fs.readFileSync(inProvider(file), "utf8"), ts.ScriptTarget.Latest);
        for (const statement of source.statements.filter(isType)) {
            // Programs have a class under its vendor's name: http.Basic.
            const isNamed = isPublicClass(file) && statement.modifiers?.some(isExport) === true;
            const own = statement.name?.text ?? "";
            const namespace = isNamed ? path.basename(file, ".ts") : namespaceOf(file, own);
            const name = namespace === undefined ? own : `${namespace}.${own}`;
            places.set(name, (places.get(name) ?? new Set()).add(file));
        }
    }
    expect(places.size).toBeGreaterThan(300);
    expect([...places].flatMap(([name, { size }]) => (size > 1 ? [name] : []))).toEqual([]);
});

const isExport = ({ kind }: ts.ModifierLike): boolean => kind === ts.SyntaxKind.ExportKeyword;
const isType = (
    node: ts.Statement,
): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration | ts.EnumDeclaration =>
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isEnumDeclaration(node);
