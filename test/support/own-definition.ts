/** How a module of a definition is written: its imports and its exports. */
interface Style {
    readonly imports: string;
    readonly exports: string;
}

const names = "apiKey, choice, defineConnection, derived, object, optional, output, secret, text, withDefault, list";

/** A definition of the simulated vendor Acme, as a user writes it, in JavaScript. */
function definition({ imports, exports }: Style, cell = `"eu"`): string {
    return `
${imports}
const me = object({ id: text(), name: text(), workspace: object({ id: text() }), rights: list() });
const apiKeyOfAcme = defineConnection({
    type: "acme:ApiKey",
    title: "Acme",
    args: {
        key: secret({ where: "Acme shows it once, under Settings > Keys." }),
        cell: withDefault(choice(["eu", "us"], { namesTenant: true }), ${cell}),
        requiredRights: optional(list()),
    },
    outputs: { apiUrl: derived(text()), workspaceId: output(text()) },
    checks: { account: "Acme knows the key.", rights: "No required right is missing." },
    tenant: "workspaceId",
    scopes: { check: "rights", required: "requiredRights", word: "right", add: "Add it under Settings > Keys." },
    derive: ({ cell }) => ({ apiUrl: "https://api." + cell + ".acme.example/v1" }),
    credential: ({ key }) => apiKey(key, { header: "x-api-key" }),
    verify: async (vendor, { cell }) => {
        const account = await vendor.request("account", "https://api." + cell + ".acme.example/v1/me", me);
        return vendor.found({
            outputs: { workspaceId: account?.workspace.id },
            account: account && { id: account.id, name: account.name },
            scopes: account && { granted: account.rights },
        });
    },
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
