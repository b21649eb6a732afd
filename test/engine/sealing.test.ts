import { LeakScanner } from "../support/leaks";
import { Project, type RunResult } from "../support/project";
import { succeeded } from "../support/programs";
import { thorough } from "../support/thorough";
import { startVendors, type Vendors } from "../simulators/vendors";

/** Every argument of these connections is made secret, by the program: what the configuration calls a secret, the engine itself takes out of its output. */
const program = `
const pulumi = require("@pulumi/pulumi");
const connections = require("pulumi-connections");
for (const { name, type, args } of JSON.parse(process.env.DECLARED)) {
    const [vendor, kind] = type.split(".");
    const sealed = Object.fromEntries(Object.entries(args).map(([argument, value]) => [argument, process.env.SEAL === "no" ? value : pulumi.secret(value)]));
    exports[name] = new connections[vendor][kind](name, sealed).status;
}
`;

interface Sealed {
    readonly name: string;
    readonly type: string;
    readonly args: object;
    /** What may stand nowhere in what is recorded of it. */
    readonly values: readonly string[];
    /** The same, of which nothing else in the stack tells either. */
    readonly own: readonly string[];
}

const host = (url: string): string => new URL(url).host;
/** What no other address shares. */
const user = (email: string): string => email.split("@")[0] ?? "";

function connectionsOf({ credentials: c, fixture }: Vendors): Sealed[] {
    const { acme } = fixture.atlassian;
    const gateway = `https://api.atlassian.com/ex/jira/${acme.cloudId}`;
    const one = (
        name: string,
        type: string,
        args: object,
        own: readonly string[],
        values: readonly string[] = [],
    ): Sealed => ({ name, type, args, own, values: [...own, ...values] });
    return [
        one("directory", "jumpcloud.ServiceAccount", c.jumpcloud, [c.jumpcloud.clientId, c.jumpcloud.organizationId]),
        one("mdm", "jamf.ApiClient", c.jamf, [c.jamf.clientId, host(c.jamf.url)], c.jamf.requiredPrivileges),
        one(
            "oauth",
            "atlassian.ServiceAccountOAuth",
            { ...c.atlassianOAuth, requiredScopes: ["read:jira-work"] },
            [c.atlassianOAuth.clientId],
            [host(acme.url), "read:jira-work"],
        ),
        one(
            "token",
            "atlassian.ServiceAccountToken",
            c.atlassianToken,
            [user(c.atlassianToken.email)],
            [c.atlassianToken.cloudId],
        ),
        one(
            "connector",
            "atlassian.JiraConnector",
            { apiToken: c.jiraConnector.apiToken, hostUrl: gateway },
            [],
            [acme.cloudId],
        ),
        one(
            "personal",
            "atlassian.JiraUserToken",
            c.jiraUserToken,
            [c.jiraUserToken.username],
            [host(c.jiraUserToken.siteUrl)],
        ),
        one("server", "atlassian.JiraUserToken", c.jiraDataCenter, [host(c.jiraDataCenter.siteUrl)]),
    ];
}

describe("Arguments that a program makes secret", () => {
    let vendors: Vendors;
    let project: Project;
    let connections: Sealed[];

    beforeAll(async () => {
        vendors = await startVendors();
        connections = connectionsOf(vendors);
        const DECLARED = JSON.stringify(connections.map(({ name, type, args }) => ({ name, type, args })));
        project = await Project.create({
            name: "sealing",
            program,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints), DECLARED },
        });
    });
    afterAll(async () => {
        await Promise.all([project.dispose(), vendors.close()]);
    });

    /** What runs tell of them, besides where the test's own endpoints lie. */
    function told(output: string): unknown {
        const lines = output.split("\n").filter((line) => !line.includes("CONNECTIONS_ENDPOINTS is set"));
        return new LeakScanner(connections.flatMap(({ own }) => own)).inText("what is printed", lines.join("\n"));
    }

    /** What is recorded of them: each one's own, and what nothing else tells in any file. */
    async function recorded(): Promise<unknown[]> {
        const resources = await Promise.all(connections.map(({ name }) => project.resource(name)));
        const own = new LeakScanner(connections.flatMap((connection) => connection.own));
        return [
            ...connections.flatMap(({ name, values }, at) =>
                new LeakScanner(values).inText(name, JSON.stringify(resources[at])),
            ),
            ...own.inFiles(project.files()),
        ];
    }

    const statuses = async (): Promise<string[]> => [...new Set(Object.values(await project.outputs()) as string[])];

    async function run(mode: string, command: string): Promise<RunResult> {
        const result = await project.run(command.split(" "), { env: { CONNECTIONS_VERIFY: mode } });
        expect({ mode, command, told: told(result.output) }).toEqual({ mode, command, told: [] });
        return result;
    }

    test("are sealed in all that follows from them while nobody is asked", async () => {
        succeeded(await run("never", "preview --diff"));
        await run("never", "up --yes --skip-preview --diff");
        expect(await statuses()).toEqual(["unverified"]);
        expect(await recorded()).toEqual([]);
        expect((await run("never", "preview --diff --expect-no-changes")).code).toBe(0);
    });

    test("and in what vendors tell, in previews, updates and refreshes, which show no change of it", async () => {
        await run("changes", "up --yes --diff");
        expect(await statuses()).toEqual(["verified"]);
        expect(await recorded()).toEqual([]);
        for (const [mode, command] of [
            ...thorough([], [["changes", "preview --diff --expect-no-changes"] as const]),
            ["always", "preview --diff --expect-no-changes"],
            ["always", "refresh --yes --diff --expect-no-changes"],
            ["always", "refresh --yes --skip-preview --run-program --expect-no-changes"],
        ] as const) {
            const { code, output } = await run(mode, command);
            expect({ mode, command, code, output: code === 0 ? "" : output }).toEqual({
                mode,
                command,
                code: 0,
                output: "",
            });
            expect(await recorded()).toEqual([]);
        }
    });

    test("and in what is said of credentials that are refused, until the stack is destroyed", async () => {
        vendors.listeners.forEach((listener) => listener.fault({ kind: "echo", status: 401, in: "message" }));
        await run("always", "preview --diff");
        await run("always", "refresh --yes --skip-preview --diff");
        expect(await recorded()).toEqual([]);
        await run("always", "preview --diff");
        vendors.clearFaults();
        vendors.listeners.forEach((listener) =>
            listener.fault({ kind: "redirect", location: "https://elsewhere.example/", status: 302 }),
        );
        await run("always", "preview --refresh --diff");
        vendors.clearFaults();
        await run("always", "destroy --yes --skip-preview");
        expect(new LeakScanner(connections.flatMap(({ own }) => own)).inFiles(project.files())).toEqual([]);
    });

    test("are sealed by one update where the state holds them in clear, and are in clear again where the program says so", async () => {
        const clear = { env: { SEAL: "no" } };
        const inState = async (): Promise<string[]> => {
            const found = connections.map(async ({ name, values }) =>
                new LeakScanner(values).inText(name, JSON.stringify(await project.resource(name))).length === 0
                    ? []
                    : [name],
            );
            return (await Promise.all(found)).flat();
        };
        succeeded(await project.run(["up", "--yes", "--skip-preview"], clear));
        expect(await inState()).toEqual(connections.map(({ name }) => name));
        const sealing = succeeded(await project.run(["up", "--yes", "--skip-preview"]));
        expect(sealing).toContain(
            "sealing: the program makes clientId, organizationId, region secret, which the state holds in clear. This update encrypts it.",
        );
        // The identifier is the engine's, and stays what it was made.
        const ids = (
            await Promise.all(
                connections.map(async ({ name, values }) =>
                    new LeakScanner(values).inText(name, (await project.resource(name)).id ?? "").length > 0
                        ? [name]
                        : [],
                ),
            )
        ).flat();
        expect(await inState()).toEqual(ids);
        succeeded(await project.run(["preview", "--expect-no-changes"]));
        succeeded(await project.run(["up", "--yes", "--skip-preview"], clear));
        expect(await inState()).toEqual(connections.map(({ name }) => name));
        succeeded(await project.run(["preview", "--expect-no-changes"], clear));
    });
});
