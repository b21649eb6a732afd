import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { Project } from "../support/project";
import { failed, Lab, succeeded } from "../support/programs";
import { startVendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");
const projects = path.join(root, "build/projects");

describe("what is recorded of the provider", () => {
    const texts = async (lab: Lab): Promise<string[]> => {
        const recorded = await lab.recorded();
        return Object.values(recorded).map(({ outputs }) => String(outputs["__provider"]));
    };
    const all = (lab: Lab): void => {
        const { jamf, jiraConnector, jumpcloud, atlassianOAuthOneSite, atlassianToken, jiraDataCenter } =
            lab.vendors.credentials;
        lab.declare({
            connections: {
                mdm: { type: "jamf.ApiClient", args: jamf },
                ox: { type: "atlassian.JiraConnector", args: jiraConnector },
                oauth: { type: "atlassian.ServiceAccountOAuth", args: atlassianOAuthOneSite },
                token: { type: "atlassian.ServiceAccountToken", args: atlassianToken },
                server: { type: "atlassian.JiraUserToken", args: jiraDataCenter },
                directory: {
                    type: "jumpcloud.ServiceAccount",
                    args: { clientId: jumpcloud.clientId, clientSecret: jumpcloud.clientSecret },
                },
            },
        });
    };

    test("is short, holds no path and no version, and is the same whether the package is installed or linked", async () => {
        const installed = await Lab.start({ name: "installed" });
        const linked = await Lab.start({ name: "linked" });
        try {
            // Found before the installed one above it; its real path lies outside of any node_modules.
            const modules = path.join(linked.project.dir, "node_modules");
            fs.mkdirSync(modules);
            fs.symlinkSync(root, path.join(modules, "pulumi-connections"));
            for (const lab of [installed, linked]) {
                all(lab);
                succeeded(await lab.up());
                succeeded(await lab.preview("--expect-no-changes"));
            }
            const [one, other] = [await texts(installed), await texts(linked)];
            expect(one).toHaveLength(6);
            expect(other.sort()).toEqual(one.sort());
            for (const text of one) {
                expect(Buffer.byteLength(text)).toBeLessThanOrEqual(350);
                expect(text).not.toContain(root);
                expect(text).not.toMatch(/node_modules|build\/|\d+\.\d+\.\d+/);
            }
            succeeded(await linked.destroy());
        } finally {
            await Promise.all([installed.dispose(), linked.dispose()]);
        }
    });
});

describe("a program", () => {
    const source = (typed: boolean): string => `
        ${typed ? 'import * as pulumi from "@pulumi/pulumi";\nimport { jamf, secretFrom, type Status } from "pulumi-connections";' : 'const pulumi = require("@pulumi/pulumi");\nconst { jamf } = require("pulumi-connections");'}
        const config = new pulumi.Config();
        const mdm = new jamf.ApiClient("mdm", {
            url: "https://acme.jamfcloud.com",
            clientId: config.require("jamfClientId"),
            clientSecret: config.requireSecret("jamfClientSecret"),
            requiredPrivileges: ["Read Computers", pulumi.output("Read User")],
        });
        ${typed ? "const status: pulumi.Output<Status> = mdm.status; void secretFrom; export const shown = { status, api: mdm.apiUrl };" : "exports.shown = { status: mdm.status, api: mdm.apiUrl };"}
    `;

    test.each(["typescript", "javascript"] as const)("in %s runs as it is", async (language) => {
        const vendors = await startVendors();
        const { clientId, clientSecret } = vendors.credentials.jamf;
        const project = await Project.create({
            name: language,
            program: source(language === "typescript"),
            language,
            config: { jamfClientId: clientId },
            secrets: { jamfClientSecret: clientSecret },
            // The whole SDK, as users have it.
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), NODE_OPTIONS: "" },
        });
        try {
            succeeded(await project.upWithPreview());
            expect(await project.outputs()).toEqual({
                shown: { status: "verified", api: "https://acme.jamfcloud.com/api" },
            });
            const [file, program] =
                language === "typescript" ? ["index.ts", source(true)] : ["index.js", source(false)];
            const line = program.split("\n").findIndex((text) => text.includes("new jamf.ApiClient")) + 1;
            const { deployment } = await project.exportState();
            const { sourcePosition, stackTrace } = deployment.resources?.find(({ type }) =>
                type.includes("ApiClient"),
            ) as unknown as { sourcePosition: string; stackTrace: object[] };
            expect(sourcePosition).toMatch(new RegExp(`/${file}#${line},`));
            // What called the program is of no use to anybody, and would stand in the state for each resource.
            expect(stackTrace).toEqual([{ sourcePosition }]);
            project.write(
                file,
                program
                    .replace(/\}\);/, "}, { parent: {} as never });")
                    .replace(language === "javascript" ? " as never" : "", ""),
            );
            // The SDK's own refusal, with the stack that leads to it.
            expect(await project.preview()).toMatchObject({
                code: 1,
                output: expect.stringMatching(
                    new RegExp(`Resource parent is not a valid Resource[^]* at [^\\n]*${file}:${line}:`),
                ) as string,
            });
        } finally {
            await Promise.all([project.dispose(), vendors.close()]);
        }
    });

    test("that imports or looks up a connection is told in one sentence to declare it", async () => {
        const vendors = await startVendors();
        const env = { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) };
        const project = await Project.create({
            name: "adoption",
            program: 'require("pulumi-connections").jamf.ApiClient.get("mdm", "jamf/x");',
            env,
        });
        try {
            const sentence =
                /a connection is declared, not imported or looked up: declare the jamf\.ApiClient without import or id, and pulumi up adopts it\./;
            expect(failed(await project.preview())).toMatch(sentence);
            const args = JSON.stringify(vendors.credentials.jamf);
            project.write(
                "index.js",
                `new (require("pulumi-connections").jamf.ApiClient)("mdm", ${args}, { import: "jamf/x" });`,
            );
            expect(failed(await project.preview())).toMatch(sentence);
            expect(vendors.requests.length).toBe(0);
        } finally {
            await Promise.all([project.dispose(), vendors.close()]);
        }
    });
});

describe("The SDK beside it", () => {
    const versionOf = (folder: string): string =>
        (JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string }).version;
    const oldest = path.join(root, "node_modules/pulumi-3.200");

    test("may be of a range whose oldest version is tested here, and whose newest is what all other tests run on", () => {
        const { peerDependencies, devDependencies, engines } = JSON.parse(
            fs.readFileSync(path.join(root, "package.json"), "utf8"),
        ) as Record<string, Record<string, string>>;
        expect(peerDependencies?.["@pulumi/pulumi"]).toBe(`^${versionOf(oldest)}`);
        expect(devDependencies?.["@pulumi/pulumi"]).toBe(versionOf(path.join(projects, "node_modules/@pulumi/pulumi")));
        expect(engines?.["node"]).toBe(">=22.19.0");
    });

    test("runs a connection's whole life where it is the oldest", async () => {
        const vendors = await startVendors();
        const { url, clientId, clientSecret } = vendors.credentials.jamf;
        const project = await Project.create({
            name: "oldest",
            program: `
                const pulumi = require("@pulumi/pulumi");
                const { jamf } = require("pulumi-connections");
                const config = new pulumi.Config();
                const mdm = new jamf.ApiClient("mdm", { url: config.require("url"), clientId: config.require("clientId"), clientSecret: config.requireSecret("clientSecret") });
                exports.shown = { status: mdm.status, api: mdm.apiUrl };
            `,
            config: { url, clientId },
            secrets: { clientSecret: "mistyped-mistyped" },
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
        try {
            const modules = path.join(project.dir, "node_modules");
            fs.mkdirSync(path.join(modules, "@pulumi"), { recursive: true });
            fs.symlinkSync(oldest, path.join(modules, "@pulumi/pulumi"));
            // Not a link: it finds the SDK from where it lies.
            fs.cpSync(
                path.join(projects, "node_modules/pulumi-connections"),
                path.join(modules, "pulumi-connections"),
                { recursive: true },
            );
            const script =
                'require(require.resolve("@pulumi/pulumi/package.json", { paths: [require.resolve("pulumi-connections")] })).version';
            expect(execFileSync(process.execPath, ["-p", script], { cwd: project.dir, encoding: "utf8" }).trim()).toBe(
                versionOf(oldest),
            );
            expect(failed(await project.preview())).toMatch(/clientSecret: Jamf refused the client id or secret/);
            await project.setSecret("clientSecret", clientSecret);
            succeeded(await project.up());
            expect(await project.outputs()).toEqual({
                shown: { status: "verified", api: "https://acme.jamfcloud.com/api" },
            });
            succeeded(await project.preview("--expect-no-changes"));
            succeeded(await project.refresh("--preview-only", "--expect-no-changes"));
            vendors.fixture.jamf.server.upgrade("11.31.0-t1786459500000");
            expect(succeeded(await project.preview("--diff"))).toMatch(/~ version +: .* => "11\.31\.0-t1786459500000"/);
            succeeded(await project.destroy());
        } finally {
            await Promise.all([project.dispose(), vendors.close()]);
        }
    });
});

describe("the types", () => {
    const folder = path.join(projects, `types-${process.pid}`);
    const compiler = path.join(root, "node_modules/typescript/bin/tsc");
    beforeAll(() => {
        fs.mkdirSync(folder, { recursive: true });
    });
    afterAll(() => {
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const compile = (text: string, ...flags: string[]): string => {
        fs.writeFileSync(path.join(folder, "index.ts"), text);
        const { stdout, status } = spawnSync(
            process.execPath,
            [
                compiler,
                "--noEmit",
                "--strict",
                "--target",
                "es2022",
                "--types",
                "node",
                "--pretty",
                "false",
                ...flags,
                "index.ts",
            ],
            {
                cwd: folder,
                encoding: "utf8",
            },
        );
        expect([0, 2]).toContain(status);
        return stdout;
    };

    const good = `
        import * as pulumi from "@pulumi/pulumi";
        import { atlassian, jamf, jumpcloud, secretFrom, type Account, type CheckResult, type CommonArgs, type Status, type TlsArgs, type VerifyMode } from "pulumi-connections";
        const secret = pulumi.secret("s");
        const args: jamf.ApiClientArgs = { url: pulumi.output("https://a"), clientId: "c", clientSecret: secret, requiredPrivileges: ["a", pulumi.output("b")] };
        const mdm = new jamf.ApiClient("a", args);
        const version: pulumi.Output<string> = mdm.version;
        const lifetime: pulumi.Output<number | undefined> = mdm.tokenLifetimeSeconds;
        const status: pulumi.Output<Status> = mdm.status;
        const account: pulumi.Output<Account | undefined> = mdm.account;
        const referred = new jumpcloud.ServiceAccount("b", { clientId: "c", clientSecret: secretFrom.env("X"), region: "EU", tls: { caCertificates: pulumi.output("pem") } });
        const headers: pulumi.Output<Record<string, string>> = referred.requestHeaders;
        const oauth = new atlassian.ServiceAccountOAuth("d", { clientId: "c", clientSecret: secret, products: ["jira"] }, { protect: true });
        const sites: pulumi.Output<atlassian.Site[]> = oauth.sites;
        const token = new atlassian.ServiceAccountToken("e", { cloudId: "x", email: "a@b.c", apiToken: secret });
        const connector = new atlassian.JiraConnector("f", { subdomain: "x", apiToken: secret, expiresAt: "2027-06-30", verify: "changes" });
        const user = new atlassian.JiraUserToken("g", { siteUrl: "https://x", apiToken: secret });
        const deployment: pulumi.Output<atlassian.Deployment> = user.deployment;
        const region: jumpcloud.Region = "eu", product: atlassian.Product = "jira", environment: atlassian.Environment = "usGov", mode: VerifyMode = "never";
        const chosen = new jumpcloud.ServiceAccount("h", { clientId: "c", clientSecret: secret, region, verify: mode });
        const inUse: pulumi.Output<jumpcloud.SecretName> = chosen.secretInUse;
        const result: pulumi.Output<CheckResult | undefined> = chosen.checks.apply((checks) => checks["credential"]?.result);
        const common: CommonArgs = { timeoutSeconds: 5 };
        const texts: pulumi.Output<string>[] = [
            ...[mdm.url, mdm.clientId, mdm.clientSecret, referred.clientId, referred.clientSecret, oauth.clientId, oauth.clientSecret],
            ...[token.email, token.apiToken, connector.apiToken, user.apiToken],
        ];
        const optional: pulumi.Output<string | undefined>[] = [
            ...[mdm.minimumVersion, mdm.proxyUrl, mdm.expiresAt, referred.standbyClientSecret, referred.region, referred.organizationId, oauth.subdomain],
            ...[token.subdomain, token.adminUrl, token.environment, connector.serviceAccountName, connector.subdomain, user.username, user.siteUrl, user.verify],
        ];
        const lists: pulumi.Output<string[] | undefined>[] = [mdm.requiredPrivileges, mdm.allowedPrivileges, oauth.allowedScopes, connector.requiredScopes];
        const products: pulumi.Output<atlassian.Product[] | undefined>[] = [oauth.products, token.products];
        const numbers: pulumi.Output<number | undefined>[] = [mdm.timeoutSeconds, user.warnBeforeDays];
        const tls: pulumi.Output<TlsArgs | undefined> = referred.tls;
        export { texts, optional, lists, products, numbers, tls };
        const tenant: Promise<atlassian.TenantInfo> = atlassian.getTenantInfo({ subdomain: "acme" });
        const reached: pulumi.Output<atlassian.Site[]> = atlassian.getSitesOutput({ clientId: "c", clientSecret: secret });
        const url: string = atlassian.gatewayUrl(atlassian.parseCloudId("x"), "confluence", "usGov");
        export { version, lifetime, status, account, headers, sites, token, connector, deployment, product, environment, inUse, result, common, tenant, reached, url };
    `;

    test.each([
        ["node16", ["--module", "node16", "--moduleResolution", "node16"]],
        ["commonjs", ["--module", "commonjs", "--moduleResolution", "node10", "--ignoreDeprecations", "5.0"]],
        [
            "exact optional properties",
            ["--module", "node16", "--moduleResolution", "node16", "--exactOptionalPropertyTypes"],
        ],
    ])("take a right program (%s)", (_, flags) => {
        expect(compile(good, ...flags)).toBe("");
    });

    test("refuse wrong arguments and outputs", () => {
        const lines = [
            `new jamf.ApiClient("a", { url: 5, clientId: "c", clientSecret: "s" });`,
            `new jamf.ApiClient("a", { clientId: "c", clientSecret: "s" });`,
            `new jamf.ApiClient("a", { url: "https://a", clientId: "c", clientSecret: "s", requiredPrivilege: [] });`,
            `new jamf.ApiClient("a", { url: "https://a", clientId: "c", clientSecret: "s", requiredPrivileges: "Read Computers" });`,
            `new jumpcloud.ServiceAccount("a", { clientId: "c", clientSecret: "s", region: "uk" });`,
            `new jumpcloud.ServiceAccount("a", { clientId: "c", clientSecret: { file: "x" } });`,
            `new atlassian.ServiceAccountOAuth("a", { clientId: "c", clientSecret: "s", products: ["trello"] });`,
            `new atlassian.ServiceAccountToken("a", { cloudId: "x", apiToken: "t" });`,
            `new atlassian.JiraConnector("a", { cloudId: "x", apiToken: "t", verify: "sometimes" });`,
            `new atlassian.JiraUserToken("a", { siteUrl: "x", apiToken: "t", timeoutSeconds: "5" });`,
            `atlassian.gatewayUrl("x", "trello");`,
            `atlassian.JiraConnector.get("a", "b").status;`,
            `new atlassian.JiraConnector("a", { cloudId: "x", apiToken: "t" }).jiraUrl;`,
            `new atlassian.JiraConnector("a", { cloudId: "x", apiToken: "t" }).clientSecret;`,
            `new atlassian.JiraConnector("a", { cloudId: "x", apiToken: "t" }).observation;`,
            `new jamf.ApiClient("a", { url: "https://a", clientId: "c", clientSecret: "s" }).minimumVersion.apply((version) => version.length);`,
            `new jumpcloud.ServiceAccount("a", { clientId: "c", clientSecret: { secretFrom: "env", name: "X" } }).clientSecret.apply((secret) => secret.name);`,
        ];
        const text = `import { atlassian, jamf, jumpcloud } from "pulumi-connections";\n${lines.join("\n")}\n`;
        const refused = [
            ...compile(text, "--module", "node16", "--moduleResolution", "node16").matchAll(/^index\.ts\((\d+),/gm),
        ].map(([, line]) => Number(line) - 2);
        expect([...new Set(refused)].map((at) => lines[at])).toEqual(lines);
    });

    test("say on an argument that is read as an output what it is, and on an output that has an argument's name what that is", () => {
        fs.writeFileSync(
            path.join(folder, "hover.ts"),
            'import { jamf } from "pulumi-connections";\ndeclare const mdm: jamf.ApiClient;\nmdm.clientId;\nmdm.url;\n',
        );
        const program = ts.createProgram([path.join(folder, "hover.ts")], {
            module: ts.ModuleKind.Node16,
            moduleResolution: ts.ModuleResolutionKind.Node16,
            strict: true,
        });
        const checker = program.getTypeChecker();
        const told = [...(program.getSourceFile(path.join(folder, "hover.ts"))?.statements ?? [])]
            .filter(ts.isExpressionStatement)
            .map(({ expression }) =>
                checker
                    .getSymbolAtLocation((expression as ts.PropertyAccessExpression).name)
                    ?.getDocumentationComment(checker),
            );
        expect(told.map((parts) => ts.displayPartsToString(parts))).toEqual([
            expect.stringMatching(/^Client ID of the API client, a UUID, from Settings/),
            "The server, without a trailing slash.",
        ]);
    });

    test("come with the package, and nothing but the provider and its documents does", () => {
        const files = execFileSync("tar", ["-tzf", path.join(root, "build/pulumi-connections.tgz")], {
            encoding: "utf8",
        })
            .trim()
            .split("\n");
        expect(
            files.filter(
                (file) =>
                    !/^package\/(package\.json|(README|SECURITY|CHANGELOG)\.md|llms\.txt|docs\/(resources\/)?[A-Za-z0-9_-]+\.md|LICENSE|build\/plugin\/(LICENSES|schema\.json|start\.cjs|pulumi-resource-connections(\.cjs|\.cmd)?)|build\/provider\/.*\.(c?js|json|css|d\.ts))$/.test(
                        file,
                    ),
            ),
        ).toEqual([]);
        expect(files).toEqual(
            expect.arrayContaining([
                "package/build/provider/index.js",
                "package/build/provider/index.d.ts",
                "package/build/provider/hosts/dynamic/provider.js",
                "package/build/plugin/pulumi-resource-connections",
            ]),
        );
    });
});
