import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { defineConnection, registry, secret, text, type FromArguments } from "../../provider/define";
import { definitions } from "../../provider/vendors";

const root = path.resolve(__dirname, "../../..");
const installed = path.join(root, "build/projects/node_modules/pulumi-connections");
const folder = path.join(root, "build/projects", `declarations-${process.pid}`);

const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [path.join(root, "node_modules/@types")],
};

/** Compiles texts beside the installed package, one after the other, and reads each file of the package once. */
class Compiler {
    private readonly host = ts.createCompilerHost(options);
    private readonly read = new Map<string, ts.SourceFile | undefined>();
    private last: ts.Program | undefined;

    program(text: string): { program: ts.Program; file: string } {
        const file = path.join(folder, "index.ts");
        const getSourceFile: ts.CompilerHost["getSourceFile"] = (name, version) => {
            if (path.resolve(name) === file) {
                return ts.createSourceFile(name, text, version, true);
            }
            if (!this.read.has(name)) {
                this.read.set(name, this.host.getSourceFile(name, version));
            }
            return this.read.get(name);
        };
        const fileExists = (name: string): boolean => path.resolve(name) === file || this.host.fileExists(name);
        this.last = ts.createProgram([file], options, { ...this.host, getSourceFile, fileExists }, this.last);
        return { program: this.last, file };
    }

    /** What the compiler says of a text. */
    complaints(text: string): string[] {
        const { program, file } = this.program(text);
        const source = program.getSourceFile(file);
        return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
            ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "),
        );
    }
}

/** A declaration with all that one can hold, in which each mistake is planted. */
const declaration = `
import {
    baseUrl, choice, clientCredentials, defineConnection, email, integer, list, object, optional, registry, secret, text, withDefault,
    type Verification,
} from "pulumi-connections/define";

const server = object({ version: text(), name: optional(text()) });

async function nameOf(vendor: Verification<"version", "url">, url: string): Promise<string | undefined> {
    return (await vendor.request("version", url + "/v1/server", server, { argument: "url" }))?.name;
}

export const client = defineConnection({
    type: "acme:Client",
    title: "Acme",
    args: {
        url: baseUrl({ like: "https://acme.example", namesTenant: true }),
        owner: email({ like: "bot@acme.example" }),
        clientId: text({ namesAccount: true }),
        clientSecret: secret({ label: "Client Secret" }),
        standbySecret: optional(secret()),
        cell: withDefault(choice(["eu", "us"]), "eu"),
        cellId: optional(text()),
        workspace: optional(text()),
        requiredRights: optional(list()),
        allowedRights: optional(list()),
    },
    outputs: ({ derived, early }) => ({
        apiUrl: derived(text(), ({ url, cell }) => url + "/v1/" + cell),
        docsUrl: derived(text(), ({ url }) => url + "/docs"),
        version: text(),
        cellId: early(optional(text()), ({ workspace }) => workspace),
        tokenLifetimeSeconds: optional(integer()),
        secretInUse: choice(["clientSecret", "standbySecret"]),
    }),
    console: { secret: "Settings > Clients" },
    hub: "Hub",
    hubFields: { Server: ({ url }, { version }) => url + " " + version },
    checks: { credential: "The credential is accepted.", version: "Acme is new enough.", rights: "No required right is missing." },
    occasionalChecks: ["rights"],
    tenant: "apiUrl",
    oneOf: { of: ["cellId", "workspace"], names: "the cell" },
    rules: ({ cell, workspace }) => (cell === "us" && workspace !== undefined ? [{ argument: "workspace", message: "is for eu." }] : []),
    scopes: { check: "rights", required: "requiredRights", allowed: "allowedRights", word: "right" },
    credential: ({ url, owner, clientId, clientSecret, standbySecret }) =>
        clientCredentials({ issuer: owner.toLowerCase(), tokenUrls: [new URL(url).href], clientId, clientSecrets: [clientSecret, standbySecret], authentication: "body" }),
    verify: async (vendor, { url, owner, clientId }) => {
        const token = await vendor.authenticate("credential");
        const answer = await vendor.request("version", url + "/v1/server", server);
        const name = await nameOf(vendor, url);
        if (answer?.version === "0") {
            vendor.fail("version", { kind: "tooOld", argument: "url", message: "is too old." });
        }
        return vendor.found({
            outputs: {
                version: answer?.version,
                cellId: undefined,
                tokenLifetimeSeconds: token?.lifetimeSeconds,
                secretInUse: token?.secretInUse === "standbySecret" ? "standbySecret" : "clientSecret",
            },
            account: { id: clientId, name: name ?? owner.toLowerCase() },
            scopes: { granted: ["read"] },
        });
    },
});

export const types = registry({ "acme:Client": () => client });
`;

/** A mistake: what it is, the text it takes the place of, and the text that it is. */
const mistakes: readonly (readonly [name: string, from: string, to: string, says: RegExp])[] = [
    ["an output left out", "version: answer?.version,", "", /Property 'version' is missing/],
    ["an output misspelt", "version: answer?.version,", "versoin: answer?.version,", /'versoin' does not exist/],
    [
        "an output misspelt in a spread",
        "version: answer?.version,",
        "...{ versoin: answer?.version },",
        /Property 'version' is missing/,
    ],
    [
        "an output that is not declared",
        "version: answer?.version,",
        "version: answer?.version, nonsense: 1,",
        /'nonsense' does not exist/,
    ],
    [
        "an output of another type",
        "version: answer?.version,",
        "version: 3,",
        /Type 'number' is not assignable to type 'string'/,
    ],
    [
        "a derived output that reads a misspelt argument",
        '({ url }) => url + "/docs"',
        '({ ulr }) => ulr + "/docs"',
        /'ulr' does not exist/,
    ],
    [
        "a derived output that reads a secret",
        '({ url }) => url + "/docs"',
        '({ clientSecret }) => clientSecret + "/docs"',
        /'clientSecret' does not exist/,
    ],
    ["a derived output of another type", '({ url }) => url + "/docs"', "() => 5", /not assignable/],
    ["an early output of another type", "({ workspace }) => workspace", "() => 5", /not assignable/],
    [
        "a field of the hub's form that reads a misspelt output",
        "{ version }) => url",
        "{ versoin }) => url",
        /'versoin' does not exist/,
    ],
    ["a returned object in the place of found", "return vendor.found({", "return ({", /Outcome/],
    [
        "a check misspelt in a request",
        'answer = await vendor.request("version"',
        'answer = await vendor.request("versions"',
        /"versions"/,
    ],
    ["a check misspelt in authenticate", 'authenticate("credential")', 'authenticate("credentials")', /"credentials"/],
    ["a check misspelt in fail", 'vendor.fail("version"', 'vendor.fail("versoin"', /"versoin"/],
    ["a check misspelt in the rules of scopes", 'check: "rights"', 'check: "right"', /"right"/],
    [
        "a check misspelt among the occasional ones",
        'occasionalChecks: ["rights"]',
        'occasionalChecks: ["right"]',
        /"right"/,
    ],
    [
        "a check that a helper needs, misspelt there",
        'Verification<"version", "url">',
        'Verification<"versions", "url">',
        /versions/,
    ],
    ["a check that a helper needs and that is not declared", 'version: "Acme is new enough.", ', "", /version/],
    [
        "an argument that a helper needs, misspelt there",
        'Verification<"version", "url">',
        'Verification<"version", "ulr">',
        /ulr/,
    ],
    ["the tenant misspelt", 'tenant: "apiUrl"', 'tenant: "apiURL"', /"apiURL"/],
    ["the mark of a tenant's argument misspelt", "namesTenant: true", "nameTenant: true", /'nameTenant'/],
    ["the mark of an account's argument misspelt", "namesAccount: true", "nameAccount: true", /'nameAccount'/],
    [
        "the argument of required scopes misspelt",
        'required: "requiredRights"',
        'required: "requiredRight"',
        /"requiredRight"/,
    ],
    [
        "the argument of allowed scopes misspelt",
        'allowed: "allowedRights"',
        'allowed: "allowedRight"',
        /"allowedRight"/,
    ],
    ["an argument of oneOf misspelt", 'of: ["cellId", "workspace"]', 'of: ["cellId", "workSpace"]', /"workSpace"/],
    [
        "a problem's argument misspelt",
        'argument: "url", message: "is too old."',
        'argument: "ulr", message: "is too old."',
        /"ulr"/,
    ],
    ["a problem of an unknown kind", 'kind: "tooOld"', 'kind: "toOld"', /"toOld"/],
    ["a rule's argument misspelt", 'argument: "workspace", message', 'argument: "worksapce", message', /worksapce/],
    [
        "a required text made optional",
        'owner: email({ like: "bot@acme.example" })',
        "owner: optional(email())",
        /'owner' is possibly 'undefined'/,
    ],
    [
        "a required address made optional",
        'url: baseUrl({ like: "https://acme.example", namesTenant: true })',
        "url: optional(baseUrl())",
        /undefined/,
    ],
    [
        "a secret declared as a text",
        'clientSecret: secret({ label: "Client Secret" })',
        "clientSecret: text()",
        /'string' is not assignable to type 'SecretValue/,
    ],
    [
        "a standby secret declared as a text",
        "standbySecret: optional(secret())",
        "standbySecret: optional(text())",
        /SecretValue|"standbySecret"/,
    ],
    [
        "a text in the place of a secret",
        "clientSecrets: [clientSecret, standbySecret]",
        "clientSecrets: [clientId]",
        /SecretValue/,
    ],
    [
        "a secret read in verify",
        "verify: async (vendor, { url, owner, clientId })",
        "verify: async (vendor, { url, owner, clientId, clientSecret })",
        /'clientSecret' does not exist/,
    ],
    ["the secret in use misspelt", 'secretInUse === "standbySecret"', 'secretInUse === "standby"', /no overlap/],
    ["a default outside of the choice", '"us"]), "eu")', '"us"]), "uk")', /"uk"/],
    [
        "the name of an argument that all connections have",
        "clientId: text(",
        "timeoutSeconds: integer(), clientId: text(",
        /not assignable/,
    ],
    [
        "the name of an output that all connections have",
        "version: text(),\n        cellId",
        "version: text(), status: text(),\n        cellId",
        /not assignable/,
    ],
    ["a type without a class", 'type: "acme:Client"', 'type: "acme"', /"acme"/],
    [
        "a type that is not its registry's key",
        'registry({ "acme:Client"',
        'registry({ "acme:Clients"',
        /"acme:Client(s)?"/,
    ],
];

/** A declaration by steps, in which each mistake is planted. */
const declarationBySteps = `
import { clientCredentials, defineConnection, integer, list, object, optional, secret, text } from "pulumi-connections/define";

export const client = defineConnection({
    type: "acme:Client",
    title: "Acme",
    args: { site: text({ namesTenant: true, label: "Site" }), clientId: text({ namesAccount: true }), clientSecret: secret(), required: optional(list()) },
    outputs: ({ derived }) => ({ apiUrl: derived(text(), ({ site }) => "https://" + site + ".acme.example"), version: text(), lifetime: optional(integer()) }),
    tenant: "apiUrl",
    console: { secret: "Settings > Clients" },
    scopes: { check: "rights", required: "required", word: "right" },
    credential: ({ site, clientId, clientSecret }) =>
        clientCredentials({ tokenUrls: ["https://" + site + ".acme.example/token"], clientId, clientSecrets: [clientSecret], authentication: "body" }),
    token: ({ lifetimeSeconds }, _, tell) => tell.found({ outputs: { lifetime: lifetimeSeconds } }),
    steps: (call) => ({
        account: call(
            "Acme knows the client.",
            ({ site }) => "https://" + site + ".acme.example/me",
            object({ id: text(), version: text(), rights: list() }),
            ({ id, version, rights }, { clientId }, tell) =>
                version === "0"
                    ? tell.problem({ kind: "tooOld", argument: "site", message: "is too old." })
                    : tell.found({ outputs: { version: version }, account: { id, name: clientId }, scopes: { granted: rights } }),
        ),
    }),
});
`;

const mistakesInSteps: typeof mistakes = [
    ["an output misspelt", "version: version", "versoin: version", /'versoin' does not exist/],
    ["an output of another type", "version: version", "version: 3", /'number' is not assignable to type 'string'/],
    ["the tenant misspelt", 'tenant: "apiUrl"', 'tenant: "apiURL"', /"apiURL"/],
    ["a scope argument misspelt", 'required: "required"', 'required: "requires"', /"requires"/],
    ["a label misspelt", 'label: "Site"', 'lable: "Site"', /'lable'/],
    ["a problem that names no argument", 'argument: "site"', 'argument: "sites"', /"sites"/],
    [
        "a derived output that reads a misspelt argument",
        '({ site }) => "https://" + site + ".acme.example"),',
        "({ sight }) => sight),",
        /'sight' does not exist/,
    ],
    [
        "a derived output that reads a secret",
        '({ site }) => "https://" + site + ".acme.example"),',
        "({ clientSecret }) => clientSecret),",
        /'clientSecret' does not exist/,
    ],
    [
        "a field of an answer misspelt",
        "({ id, version, rights }",
        "({ idd: id, version, rights }",
        /'idd' does not exist/,
    ],
    [
        "a token's output misspelt",
        "lifetime: lifetimeSeconds",
        "lifetimes: lifetimeSeconds",
        /'lifetimes' does not exist/,
    ],
    [
        "a credential that is not given its secret",
        "clientSecrets: [clientSecret]",
        "clientSecrets: [clientId]",
        /SecretValue/,
    ],
    [
        "a returned object in the place of found",
        "tell.found({ outputs: { lifetime: lifetimeSeconds } })",
        "({ outputs: { lifetime: lifetimeSeconds } })",
        /StepResult/,
    ],
];

/** Credentials and facts beyond the ordinary, in which each mistake is planted. */
const declarationBeyond = `
import {
    clientAssertion, clientCredentials, defineConnection, headers, jwtGrant, object, secret, signedBearer, text, type Credential, type SecretValue,
} from "pulumi-connections/define";

export const credentialsOf = (clientId: string, key: SecretValue): Credential[] => [
    clientAssertion({ tokenUrls: ["https://api.acme.example/token"], clientId, keys: [key], signature: { algorithm: "PS256", keyId: "k" } }),
    jwtGrant({ tokenUrls: ["https://api.acme.example/token"], clientId, keys: [key], signature: { algorithm: "RS256", claims: { sub: "a" } } }),
    signedBearer(key, { algorithm: "ES256", lifetimeSeconds: 540, claims: { iss: clientId } }),
];

export const keys = defineConnection({
    type: "acme:Keys",
    title: "Acme",
    args: { site: text(), apiKey: secret(), appKey: secret() },
    outputs: () => ({ workspace: text() }),
    tenant: "workspace",
    credential: ({ site, apiKey, appKey }) =>
        site === ""
            ? headers({ "x-api-key": apiKey, "x-keys": ["key=", appKey] })
            : clientCredentials({
                  tokenUrls: ["https://api.acme.example/login"], clientId: site, clientSecrets: [appKey], authentication: "body",
                  request: "json", members: { token: "data.token" }, codes: { E17: "client" },
              }),
    token: ({ members }, _, tell) => tell.found({ outputs: { workspace: String(members["workspace"]) } }),
    steps: (call) => ({
        account: call("Acme knows the keys.", () => "https://api.acme.example/me", object({ id: text() }), ({ id }, _, tell) =>
            tell.found({ outputs: { workspace: tell.header("x-workspace") }, account: { id, name: id } }),
        ),
    }),
});
`;

const mistakesBeyond: typeof mistakes = [
    [
        "a text in the place of one of two secrets",
        '"x-api-key": apiKey',
        '"x-api-key": "apiKey"',
        /SecretHeader|SecretValue/,
    ],
    ["a token request in another form", 'request: "json"', 'request: "xml"', /"xml"/],
    ["a member of a token answer misspelt", "members: { token:", "members: { tokens:", /'tokens' does not exist/],
    ["a code of no meaning", 'E17: "client"', 'E17: "wrong"', /"wrong"/],
    ["a signature that needs no private key", 'algorithm: "PS256"', 'algorithm: "HS256"', /"HS256"/],
    [
        "a text in the place of a private key",
        'keys: [key], signature: { algorithm: "PS256"',
        'keys: [clientId], signature: { algorithm: "PS256"',
        /SecretValue/,
    ],
    [
        "a grant without a signature",
        ', signature: { algorithm: "RS256", claims: { sub: "a" } }',
        "",
        /'signature' is missing/,
    ],
    ["a lifetime as a text", "lifetimeSeconds: 540", 'lifetimeSeconds: "9m"', /'string' is not assignable/],
    ["a header of no secret and no word", '["key=", appKey]', '["key=", 5]', /not assignable/],
    [
        "a member of a token as a text",
        'String(members["workspace"])',
        'members["workspace"]',
        /'unknown' is not assignable/,
    ],
    ["a header in the place of a number", '"x-workspace"', "5", /'number' is not assignable/],
];

const compiler = new Compiler();

beforeAll(() => fs.mkdirSync(folder, { recursive: true }));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe("A declaration against the packed package", () => {
    test("compiles where it holds no mistake", () => {
        expect(compiler.complaints(declaration)).toEqual([]);
    });

    test.each(mistakes)("does not compile with %s", (_, from, to, says) => {
        expect(declaration.split(from)).toHaveLength(2);
        const complaints = compiler.complaints(declaration.replace(from, to));
        expect(complaints.join("\n")).toMatch(says);
    });

    test("by steps compiles where it holds no mistake", () => {
        expect(compiler.complaints(declarationBySteps)).toEqual([]);
    });

    test.each(mistakesInSteps)("by steps does not compile with %s", (_, from, to, says) => {
        expect(declarationBySteps.split(from)).toHaveLength(2);
        const complaints = compiler.complaints(declarationBySteps.replace(from, to));
        expect(complaints.join("\n")).toMatch(says);
    });

    test("beyond the ordinary compiles where it holds no mistake", () => {
        expect(compiler.complaints(declarationBeyond)).toEqual([]);
    });

    test.each(mistakesBeyond)("beyond the ordinary does not compile with %s", (_, from, to, says) => {
        expect(declarationBeyond.split(from)).toHaveLength(2);
        expect(compiler.complaints(declarationBeyond.replace(from, to)).join("\n")).toMatch(says);
    });

    test("is refused where it is made, for what the compiler cannot see", () => {
        const whole = {
            type: "acme:Token",
            title: "Acme",
            args: { token: secret() },
            outputs: ({ derived }: FromArguments<object>) => ({
                apiUrl: derived(text(), () => "https://acme.example"),
            }),
            checks: { account: "Acme knows the token." },
            tenant: "apiUrl",
            credential: () => ({ scheme: "none" }),
            verify: (vendor: { found: (finding: object) => never }) => vendor.found({ outputs: {} }),
        };
        const make = (change: object) => (): unknown => defineConnection({ ...whole, ...change } as never);
        expect(make({})).not.toThrow();
        expect(make({ args: { token: text() } })).toThrow(
            "a connection has a credential: at least one argument is a secret().",
        );
        expect(make({ args: { ...whole.args, cell: { ...text(), source: "derived" } } })).toThrow(
            "derived() and early() are for outputs, not for arguments.",
        );
        expect(make({ outputs: () => ({ apiUrl: secret() }) })).toThrow("an output is no secret().");
        expect(make({ args: { ...whole.args, verify: text() } })).toThrow(
            "verify is a name that every connection uses already.",
        );
        expect(make({ type: "Acme:token" })).toThrow("type must be a vendor and a class, such as acme:ApiKey.");
        const neither = "a connection is verified by steps, or by checks and verify.";
        expect(make({ verify: undefined })).toThrow(neither);
        expect(make({ steps: () => ({}) })).toThrow(neither);
        expect(make({ checks: undefined })).toThrow(neither);
        expect(registry({})).toEqual({});
    });
});

describe("A program against the packed package", () => {
    const program = (line: string): string => `
        import * as pulumi from "@pulumi/pulumi";
        import { atlassian, http, oauth2 } from "pulumi-connections";
        declare const later: pulumi.Output<string>;
        ${line}
    `;
    const oauth = 'tokenUrl: "https://auth.example.com/token", clientId: "c", clientSecret: later';
    const url = 'url: "https://api.example.com/v1/me"';
    const server = 'url: "https://jira.example.com", clientId: "c", clientSecret: later';

    test.each([
        [
            "the probe's address misspelt",
            `new oauth2.ClientCredentials("m", { ${oauth}, probe: { ${url} } });`,
            "probe: { url",
            "probe: { urll",
        ],
        [
            "a probe with another method",
            `new http.Bearer("m", { token: later, probe: { ${url}, method: "HEAD" } });`,
            '"HEAD"',
            '"POST"',
        ],
        [
            "a key without a probe",
            `new http.ApiKey("m", { key: later, header: "x-key", probe: { ${url} } });`,
            `, probe: { ${url} }`,
            "",
        ],
        [
            "a status as a text",
            `new http.Basic("m", { username: "u", password: later, probe: { ${url}, expect: 204 } });`,
            "204",
            '"204"',
        ],
        [
            "id and secret in another place",
            `new oauth2.ClientCredentials("m", { ${oauth}, authentication: "body" });`,
            '"body"',
            '"header"',
        ],
        [
            "a parameter that is no text",
            `new oauth2.ClientCredentials("m", { ${oauth}, parameters: { resource: later } });`,
            "resource: later",
            "resource: 5",
        ],
        [
            "another product",
            `new atlassian.DataCenterServiceAccount("m", { ${server}, product: "jira" });`,
            '"jira"',
            '"bitbucket"',
        ],
        [
            "another scope",
            `new atlassian.DataCenterServiceAccount("m", { ${server}, product: "jira", scope: "WRITE" });`,
            '"WRITE"',
            '"ADMIN"',
        ],
        [
            "an output that is none",
            `new http.Bearer("m", { token: later, probe: { ${url} } }).identity;`,
            ".identity",
            ".identiy",
        ],
    ])("does not compile with %s, and does without", (_, line, from, to) => {
        expect(compiler.complaints(program(line))).toEqual([]);
        expect(line.split(from)).toHaveLength(2);
        expect(compiler.complaints(program(line.replace(from, to)))).not.toEqual([]);
    });
});

test("The example on each class's page compiles", () => {
    const pages = path.join(root, "docs/resources");
    const examples = fs.readdirSync(pages).flatMap((file) => {
        const [, code] = /^```ts\n([^]*?)^```/m.exec(fs.readFileSync(path.join(pages, file), "utf8")) ?? [];
        return code === undefined ? [] : [[file, code] as const];
    });
    expect(examples.length).toBeGreaterThanOrEqual(Object.keys(definitions).length);
    expect(examples.filter(([, code]) => compiler.complaints(code).length > 0)).toEqual([]);
});

/** What an editor asks about a program. */
const languageService = (file: string): ts.LanguageService =>
    ts.createLanguageService({
        getScriptFileNames: () => [file],
        getScriptVersion: () => "1",
        getScriptSnapshot: (name) =>
            fs.existsSync(name) ? ts.ScriptSnapshot.fromString(fs.readFileSync(name, "utf8")) : undefined,
        getCurrentDirectory: () => folder,
        getCompilationSettings: () => options,
        getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
        fileExists: ts.sys.fileExists,
        readFile: ts.sys.readFile,
        readDirectory: ts.sys.readDirectory,
        directoryExists: ts.sys.directoryExists,
        getDirectories: ts.sys.getDirectories,
    });

interface Schema {
    readonly description?: string;
    readonly default?: unknown;
    readonly properties?: Readonly<Record<string, Schema>>;
}

describe("The declarations of the packed package", () => {
    test("hold no zod: none of those that programs and definitions read names it", () => {
        const { program } = compiler.program(
            'export * from "pulumi-connections";\nexport * as define from "pulumi-connections/define";\n',
        );
        const read = program.getSourceFiles().map(({ fileName }) => fileName);
        const own = read.filter(
            (file) => fs.existsSync(file) && fs.realpathSync(file).startsWith(fs.realpathSync(installed)),
        );
        expect(own.length).toBeGreaterThan(10);
        expect(own.filter((file) => /(from|import|require)\W+zod\b/.test(fs.readFileSync(file, "utf8")))).toEqual([]);
        expect(read.filter((file) => /node_modules\/zod\//.test(file))).toEqual([]);
    });

    // What the SDK gives every resource.
    const inherited = new Set(["urn", "id"]);

    test("show on hover what each argument, each output and each argument as an output is", () => {
        const { program, file } = compiler.program('export * from "pulumi-connections";\n');
        const checker = program.getTypeChecker();
        const module = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile) as ts.Symbol;
        const places: { place: string; code: string }[] = [];
        for (const space of checker.getExportsOfModule(module)) {
            const target = space.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(space) : space;
            if ((target.flags & ts.SymbolFlags.ValueModule) === 0) {
                continue;
            }
            for (const name of checker.getExportsOfModule(target).filter(({ flags }) => flags & ts.SymbolFlags.Class)) {
                const instance = checker.getDeclaredTypeOfSymbol(name);
                const args = checker
                    .getExportsOfModule(target)
                    .find((other) => other.name === `${name.name}Args`) as ts.Symbol;
                const label = `${space.name}.${name.name}`;
                const members = (type: ts.Type): string[] =>
                    type
                        .getProperties()
                        .flatMap((member) =>
                            member.name.startsWith("__") || inherited.has(member.name) ? [] : [member.name],
                        );
                members(checker.getDeclaredTypeOfSymbol(args)).forEach((member) =>
                    places.push({ place: `${label}Args.${member}`, code: `(0 as never as ${label}Args).` }),
                );
                members(instance).forEach((member) =>
                    places.push({ place: `${label}.${member}`, code: `(0 as never as ${label}).` }),
                );
            }
        }
        expect(places.length).toBeGreaterThan(300);
        const spaces = [...new Set(places.map(({ place }) => place.split(".")[0]))];
        let text = `import { ${spaces.join(", ")} } from "pulumi-connections";\n`;
        const positions = places.map(({ place, code }) => {
            text += code;
            const at = text.length;
            text += `${place.split(".").at(-1) ?? ""};\n`;
            return at;
        });
        const program2 = path.join(folder, "hover.ts");
        fs.writeFileSync(program2, text);
        const service = languageService(program2);
        expect(service.getSemanticDiagnostics(program2)).toEqual([]);
        const silent = places.flatMap(({ place }, at) => {
            const info = service.getQuickInfoAtPosition(program2, positions[at] ?? 0);
            return ts.displayPartsToString(info?.documentation).length > 10 ? [] : [place];
        });
        expect(silent).toEqual([]);
    });

    test("say on hover of each argument, and of what lies inside one, what the JSON Schema of the command line says", () => {
        const { schema } = require(path.join(installed, "build/provider/hosts/cli/schema")) as {
            schema: (label: string) => Schema;
        };
        const labels = Object.keys(definitions).map((type) => type.replace(":", "."));
        const places: { place: string; at: number; told: Schema }[] = [];
        let text = `import { ${[...new Set(labels.map((label) => label.split(".")[0]))].join(", ")} } from "pulumi-connections";\n`;
        const write = (prefix: string, properties: Readonly<Record<string, Schema>>): void => {
            for (const [name, told] of Object.entries(properties)) {
                places.push({ place: `${prefix}.${name}`, at: text.length, told });
                text += `${name}: `;
                if (told.properties === undefined) {
                    text += "0 as never, ";
                } else {
                    text += "{ ";
                    write(`${prefix}.${name}`, told.properties);
                    text += "}, ";
                }
            }
        };
        labels.forEach((label, number) => {
            text += `export const args${number}: Partial<${label}Args> = { `;
            write(label, schema(label).properties ?? {});
            text += "};\n";
        });
        const file = path.join(folder, "schema-hover.ts");
        fs.writeFileSync(file, text);
        const service = languageService(file);
        expect(service.getSemanticDiagnostics(file)).toEqual([]);
        expect(places.map(({ place }) => place)).toEqual(
            expect.arrayContaining([
                "jamf.ApiClient.url",
                "http.Bearer.tls.caCertificates",
                "http.Basic.probe.account",
            ]),
        );
        const plain = (parts: ts.SymbolDisplayPart[] | undefined): string =>
            ts.displayPartsToString(parts).replace(/\s+/g, " ").trim();
        let defaults = 0;
        const different = places.flatMap(({ place, at, told }) => {
            const info = service.getQuickInfoAtPosition(file, at);
            const comment = plain(info?.documentation);
            const tag = info?.tags?.find(({ name }) => name === "default");
            const value = tag && plain(tag.text);
            const isSaid = comment.length > 10 && told.description?.startsWith(comment) === true;
            const isDefault = value === undefined || String(told.default) === value;
            defaults += value !== undefined && isDefault ? 1 : 0;
            const hasDefault = isDefault || told.description?.includes(`Default: ${value}.`) === true;
            return isSaid && hasDefault ? [] : [{ place, comment, value, told: told.description }];
        });
        expect(different).toEqual([]);
        expect(defaults).toBeGreaterThan(30);
    });
});
