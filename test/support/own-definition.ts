/** How a module of a definition is written: its imports and its exports. */
interface Style {
    readonly imports: string;
    readonly exports: string;
}

const names = "apiKey, choice, defineConnection, object, optional, secret, text, withDefault, list";

/** A definition of the simulated vendor Acme, as a user writes it, in JavaScript. */
function definition({ imports, exports }: Style, cell = `"eu"`): string {
    return `
${imports}
const me = object({ id: text(), name: text(), workspace: object({ id: text() }), rights: list() });
const apiKeyOfAcme = defineConnection({
    type: "acme:ApiKey",
    title: "Acme",
    args: {
        key: secret(),
        cell: withDefault(choice(["eu", "us"], { namesTenant: true }), ${cell}),
        requiredRights: optional(list()),
    },
    outputs: ({ derived }) => ({
        apiUrl: derived(text(), ({ cell }) => "https://api." + cell + ".acme.example/v1"),
        workspaceId: text(),
    }),
    tenant: "workspaceId",
    console: { secret: "Settings > Keys", called: "key" },
    scopes: { check: "rights", required: "requiredRights", word: "right" },
    credential: ({ key }) => apiKey(key, { header: "x-api-key" }),
    steps: (call) => ({
        account: call(
            "Acme knows the key.",
            ({ cell }) => "https://api." + cell + ".acme.example/v1/me",
            me,
            ({ id, name, workspace, rights }, _, tell) =>
                tell.found({ outputs: { workspaceId: workspace.id }, account: { id, name }, scopes: { granted: rights } }),
        ),
    }),
});
${exports}
`;
}

/** As a CommonJS module. */
export const commonJs = definition({
    imports: `const { ${names} } = require("pulumi-connections/define");\nconst { connectionClass } = require("pulumi-connections");`,
    exports: "exports.ApiKey = class ApiKey extends connectionClass(apiKeyOfAcme) {};",
});

/** As an ES module. */
export const esModule = definition({
    imports: `import { ${names} } from "pulumi-connections/define";\nimport { connectionClass } from "pulumi-connections";`,
    exports: "export class ApiKey extends connectionClass(apiKeyOfAcme) {}",
});

/** As TypeScript, with an enum from a file that is imported without its extension. */
export const typeScript = definition(
    {
        imports: `import { ${names} } from "pulumi-connections/define";
import { connectionClass, CommonInputs, Inputs, Outputs } from "pulumi-connections";
import { Cell } from "./cells";`,
        exports: `export interface ApiKeyArgs extends Inputs<typeof apiKeyOfAcme>, CommonInputs {}
export class ApiKey extends connectionClass<ApiKeyArgs>(apiKeyOfAcme) {}
export interface ApiKey extends Outputs<typeof apiKeyOfAcme> {}`,
    },
    "Cell.Europe",
);

/** The file that {@link typeScript} imports: an enum, which no compiler may leave out. */
export const cells = `
export enum Cell { Europe = "eu", America = "us" }
export class Named { constructor(readonly cell: Cell) {} }
`;
