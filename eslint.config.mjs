// The rules of this code: which room may import which, and what the compiler alone does not see. `npm run lint` and `npm test` apply them.
import importX, { createNodeResolver } from "eslint-plugin-import-x";
import jsdoc from "eslint-plugin-jsdoc";
import typescript from "typescript-eslint";

/** Arrows go down only: what a folder may not import. */
const walls = [
    {
        target: "./provider/define",
        from: "./provider",
        except: ["./define", "./messages"],
        message: "define imports nothing but itself, and the codes of messages.",
    },
    {
        target: "./provider/messages",
        from: "./provider",
        except: ["./messages"],
        message: "The registry of messages is data: it imports nothing.",
    },
    {
        target: "./provider/vendors",
        from: "./provider",
        except: ["./vendors", "./define"],
        message: "A vendor imports define alone: what it needs at run time is handed to its verify.",
    },
    {
        target: "./provider/core",
        from: "./provider",
        except: ["./core", "./define", "./messages"],
        message: "The core knows no vendor, no hub and no host.",
    },
    {
        target: "./provider/hubs",
        from: "./provider",
        except: ["./hubs", "./core", "./define", "./messages"],
        message: "A hub knows no host and no vendor.",
    },
    {
        target: "./provider/conformance",
        from: "./provider",
        except: ["./conformance", "./core", "./define"],
        message: "The conformance suite works on the core alone: it knows no vendor, no hub and no host.",
    },
    {
        target: "./test/simulators",
        from: "./provider",
        message: "A simulated server shares nothing with what it is there to test.",
    },
    ...["./provider/hosts/dynamic", "./provider/hosts/cli", "./provider/hubs", "./provider/vendors"].map((from) => ({
        target: "./provider/hosts/plugin",
        from,
        message: "The plugin drives handlers: it knows no other host, and no kind of resource.",
    })),
    ...["lifecycle", "plan", "program-report", "state"].map((name) => ({
        target: "./provider/hosts/plugin",
        from: `./provider/core/${name}.ts`,
        message: "The plugin drives handlers: what they record is theirs.",
    })),
    {
        target: "./test/support/file-host.ts",
        from: "./provider/hosts",
        message: "The host of the tests shows that handlers are enough: it knows no other host.",
    },
];

const declared = "CallExpression[callee.name='defineConnection'] > ObjectExpression";
const fieldsOf = (holder) => `${holder} > Property[key.name=/^(args|outputs)$/] > ObjectExpression > Property`;

/** What programs, and definitions of one's own, see of the package. */
const publicMembers = [
    "ExportNamedDeclaration > ClassDeclaration",
    "ExportNamedDeclaration > FunctionDeclaration",
    "ExportNamedDeclaration > TSTypeAliasDeclaration",
    "ExportNamedDeclaration[declaration.type='VariableDeclaration']",
    // The outputs of a class share its name and its comment.
    "ExportNamedDeclaration > TSInterfaceDeclaration:not([body.body.length=0]:not([id.name=/Args$/]))",
    "ExportNamedDeclaration > TSInterfaceDeclaration > TSInterfaceBody > TSPropertySignature",
    "ExportNamedDeclaration > TSInterfaceDeclaration > TSInterfaceBody > TSMethodSignature",
    "ExportNamedDeclaration > TSInterfaceDeclaration > TSInterfaceBody > TSConstructSignatureDeclaration",
];

/** Arguments and outputs of connections: hover and the reference show their comments. */
const fields = [
    fieldsOf(declared),
    "VariableDeclarator[id.name='commonArgs'] Property:has(> CallExpression)",
    "VariableDeclarator[id.name='probeFields'] > ObjectExpression > Property",
];

const requireJsdoc = (contexts) => [
    "error",
    {
        contexts,
        enableFixer: false,
        require: { FunctionDeclaration: false },
    },
];

const importSettings = {
    "import-x/resolver-next": [createNodeResolver({ extensions: [".ts"] })],
    // Without it, files that are imported are not read, and no circle is seen.
    "import-x/parsers": { "@typescript-eslint/parser": [".ts"] },
};

/** What is asked of all TypeScript, besides the strict rules of typescript-eslint. */
const everywhere = {
    "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
    "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
    // A class and its outputs share a name.
    "@typescript-eslint/no-unsafe-declaration-merging": "off",
    // What a program may not need is loaded when it is needed.
    "@typescript-eslint/no-require-imports": "off",
    // A method that a contract makes asynchronous may have nothing to wait for.
    "@typescript-eslint/require-await": "off",
    // What comes from JSON and from other copies of the SDK is not always what its type says.
    "@typescript-eslint/no-unnecessary-condition": "off",
    "@typescript-eslint/unbound-method": "off",
    "@typescript-eslint/no-meaningless-void-operator": "off",
    "@typescript-eslint/no-confusing-void-expression": "off",
    "@typescript-eslint/no-unnecessary-type-conversion": "off",
    "@typescript-eslint/no-unsafe-return": "off",
    "@typescript-eslint/no-unused-vars": [
        "error",
        { varsIgnorePattern: "^_", argsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
    ],
    "prefer-const": "error",
    eqeqeq: "error",
};

export default typescript.config(
    { ignores: ["build/", "**/node_modules/", "test/fixtures/"] },
    {
        files: ["provider/**/*.ts"],
        extends: [typescript.configs.strictTypeChecked],
        plugins: { "import-x": importX },
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        settings: importSettings,
        rules: {
            ...everywhere,
            "import-x/no-restricted-paths": ["error", { zones: walls }],
            "import-x/no-cycle": "error",
            "@typescript-eslint/explicit-function-return-type": [
                "error",
                { allowExpressions: true, allowTypedFunctionExpressions: true },
            ],
        },
    },
    {
        files: ["test/**/*.ts", "bench/**/*.ts", "demonstration/**/*.ts", "examples/**/*.ts"],
        extends: [typescript.configs.strictTypeChecked],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            ...everywhere,
            // What a test has just made is there, and a simulator answers with whatever JSON its vendor has.
            "@typescript-eslint/no-non-null-assertion": "off",
            "@typescript-eslint/no-unsafe-argument": "off",
            "@typescript-eslint/no-unsafe-assignment": "off",
            "@typescript-eslint/no-unsafe-call": "off",
            "@typescript-eslint/no-unsafe-member-access": "off",
            "@typescript-eslint/no-base-to-string": "off",
            "@typescript-eslint/no-explicit-any": "off",
            "@typescript-eslint/no-unnecessary-type-parameters": "off",
            // What a step is for is plainer in one line, and a test fails by itself where it meets what it did not expect.
            "@typescript-eslint/no-unused-expressions": ["error", { allowShortCircuit: true, allowTernary: true }],
            "@typescript-eslint/no-dynamic-delete": "off",
            "@typescript-eslint/no-invalid-void-type": "off",
            "@typescript-eslint/use-unknown-in-catch-callback-variable": "off",
        },
    },
    {
        files: ["test/simulators/**/*.ts", "test/support/file-host.ts"],
        plugins: { "import-x": importX },
        settings: importSettings,
        rules: { "import-x/no-restricted-paths": ["error", { zones: walls }] },
    },
    {
        files: ["provider/**/*.ts"],
        ignores: ["provider/hosts/**", "provider/index.ts"],
        rules: {
            "no-restricted-imports": [
                "error",
                { patterns: [{ group: ["@pulumi/*"], message: "Pulumi is known in hosts alone." }] },
            ],
        },
    },
    {
        files: ["provider/hosts/plugin/**/*.ts"],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...[
                    "Identifier[name=/^(decode|encode)(State|Inputs)$|[rR]eport$|ProgramResult|bookkeeping/]",
                    "Literal[value=/__record|programRe/]",
                ].map((selector) => ({
                    selector,
                    message: "The plugin drives handlers: what they record is theirs, and no program reports to it.",
                })),
            ],
        },
    },
    {
        files: ["provider/define/**/*.ts", "provider/core/**/*.ts", "provider/vendors/**/*.ts"],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...[
                    "Program > VariableDeclaration[kind!='const']",
                    "Program > ExportNamedDeclaration > VariableDeclaration[kind!='const']",
                    "PropertyDefinition[static=true][readonly=false]",
                    ...["Program", "Program > ExportNamedDeclaration"].map(
                        (at) =>
                            `${at} > VariableDeclaration > VariableDeclarator:not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly/]) > NewExpression.init[callee.name!='RegExp']`,
                    ),
                ].map((selector) => ({
                    selector,
                    message:
                        "Nothing that changes stands in a module: what connections share is in the session, which is passed in.",
                })),
                {
                    selector:
                        "ObjectExpression:has(> Property[key.name='kind']):has(> Property[key.name='message']):not(:has(> Property[key.name='code']))",
                    message: "A problem of this package has a code: see provider/messages.",
                },
            ],
        },
    },
    {
        files: [
            "provider/index.ts",
            "provider/core/secrets.ts",
            "provider/define/**/*.ts",
            "provider/hosts/dynamic/{resource,types}.ts",
            "provider/hosts/dynamic/classes/*.ts",
        ],
        plugins: { jsdoc },
        rules: { "jsdoc/require-jsdoc": requireJsdoc([...publicMembers, ...fields]) },
    },
    {
        files: ["provider/vendors/**/*.ts"],
        plugins: { jsdoc },
        rules: { "jsdoc/require-jsdoc": requireJsdoc(fields) },
    },
    {
        files: ["provider/define/**/*.ts", "provider/vendors/**/*.ts"],
        plugins: { jsdoc },
        rules: {
            "jsdoc/no-restricted-syntax": [
                "error",
                {
                    contexts: [
                        {
                            context: "Property:has(> CallExpression[callee.name='withDefault'])",
                            comment: 'JsdocBlock:not(:has(JsdocTag[tag="default"]))',
                            message: "An argument with a default says which it is: @default.",
                        },
                    ],
                },
            ],
        },
    },
);
