import { startDataCenter, type DataCenter } from "../simulators/atlassian-data-center";
import { declare, declaredProgram } from "../support/declared";
import { LeakScanner } from "../support/leaks";
import { failed, succeeded } from "../support/programs";
import { Project } from "../support/project";
import { diagnosticsOf, shownBy } from "../support/shown";

const clean = "--expect-no-changes";
const type = "atlassian.DataCenterServiceAccount";

describe("Service accounts of a Jira and a Confluence Data Center", () => {
    let servers: DataCenter;
    let project: Project;
    const printed: string[] = [];

    const run = async (
        ...args: string[]
    ): Promise<{ code: number; output: string; stdout: string; stderr: string }> => {
        const result = await project.run(args);
        printed.push(result.output);
        return result;
    };
    const preview = (...args: string[]): ReturnType<typeof run> => run("preview", ...args);
    const up = (): ReturnType<typeof run> => run("up", "--yes", "--skip-preview");
    const both = (jira: object = {}, confluence: object = {}): void => {
        const { jiraServiceAccount, confluenceServiceAccount } = servers.credentials;
        declare(project, [
            { name: "jira", type, args: { ...jiraServiceAccount, ...jira } },
            { name: "wiki", type, args: { ...confluenceServiceAccount, scope: "WRITE", ...confluence } },
        ]);
    };

    beforeAll(async () => {
        servers = await startDataCenter();
        project = await Project.create({
            name: "data-center",
            program: declaredProgram,
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(servers.endpoints) },
        });
    });

    afterAll(async () => {
        await project?.dispose();
        await servers.close();
    });

    test("are proved in the first preview, recorded by up, and unchanged in the next preview and refresh", async () => {
        both();
        expect(succeeded(await preview())).toContain("+ 3 to create");
        succeeded(await up());
        const { outputs: jira } = await project.resource("jira");
        expect(jira).toMatchObject({
            status: "verified",
            account: { id: servers.jira.account.clientId },
            grantedScopes: ["READ"],
            url: "https://issues.acme.example",
            apiUrl: "https://issues.acme.example/rest/api/2",
            tokenUrl: "https://issues.acme.example/rest/oauth2/latest/token",
            version: "11.3.1",
            serverTitle: "Acme Jira",
            tokenLifetimeSeconds: 3600,
            checks: { credential: { result: "passed" }, scope: { result: "passed" }, api: { result: "passed" } },
        });
        const { outputs: wiki } = await project.resource("wiki");
        expect(wiki).toMatchObject({
            status: "verified",
            grantedScopes: ["WRITE"],
            apiUrl: "https://intranet.acme.example/confluence/rest/api",
            checks: { api: { result: "passed" } },
        });
        expect(wiki?.["version"] ?? null).toBeNull();
        succeeded(await preview(clean));
        succeeded(await run("refresh", "--preview-only", clean));
    });

    test("show drift: an account that was deactivated, a token for less than was asked for, an upgrade", async () => {
        servers.jira.upgradedTo("11.3.2");
        servers.confluence.narrowedTo = "READ";
        const first = await preview("--diff");
        const shown = shownBy(first.output, "update");
        expect(shown.get("jira")).toContain('~ version: "11.3.1" => "11.3.2"');
        expect(shown.get("wiki")).toContain('~ status: "verified" => "insufficient"');
        expect(first.output).toContain(
            "Confluence gave a token for READ and not for WRITE. Give the service account the scope WRITE",
        );
        servers.confluence.narrowedTo = undefined;
        servers.confluence.account.deactivate();
        const second = await preview("--diff");
        expect(shownBy(second.output, "update").get("wiki")).toContain('~ status: "verified" => "rejected"');
        expect(failed(await up())).toMatch(
            /clientSecret: Confluence refused the client id or secret \(invalid_client\)\. Create a new secret under the product's administration/,
        );
        servers.confluence.account.activate();
        succeeded(await up());
        succeeded(await preview(clean));
    });

    test("take a renewed secret in place, and what the server does not let them ask as unknown, with a warning", async () => {
        servers.jira.account.renew();
        servers.jira.isOpen = false;
        both();
        const rotated = await preview("--diff");
        expect(succeeded(rotated)).not.toMatch(/replace/);
        expect([...shownBy(rotated.output, "update").keys()]).toEqual(["jira"]);
        const done = await up();
        succeeded(done);
        expect(diagnosticsOf(done.output).get("jira")).toContain(
            "Jira gave the service account a token, and does not let it call /rest/api/2/serverInfo",
        );
        const { outputs } = await project.resource("jira");
        expect(outputs).toMatchObject({
            status: "verified",
            checks: { credential: { result: "passed" }, api: { result: "unknown" } },
        });
        servers.jira.isOpen = true;
        succeeded(await up());
        expect((await project.resource("jira")).outputs).toMatchObject({ checks: { api: { result: "passed" } } });
    });

    test("refuse what is declared wrong in the preview, each with its argument and the next step", async () => {
        both({ product: "confluence" }, { url: "https://intranet.acme.example" });
        const wrongPlace = failed(await preview());
        expect(wrongPlace).toContain(
            "product: https://issues.acme.example answered with a page of HTML where the REST API of Confluence would be (HTTP 404). Check product",
        );
        expect(wrongPlace).toContain(
            "url: there is no token endpoint of Confluence at intranet.acme.example (HTTP 404). Check the address, and that Confluence there is new enough",
        );
        servers.jira.hasServiceAccounts = false;
        servers.confluence.account.scopes = ["READ"];
        both({ timeoutSeconds: 20 }, { timeoutSeconds: 20 });
        const wrongServer = failed(await preview());
        expect(wrongServer).toContain(
            "clientId: Confluence denied this client the scope WRITE (invalid_scope). Check what it may do under the product's administration > Service accounts",
        );
        expect(wrongServer).toContain(
            "issues.acme.example gives no tokens for client credentials (unsupported_grant_type). Check the address, and that Jira there is new enough",
        );
        servers.jira.hasServiceAccounts = true;
        servers.confluence.account.scopes = ["READ", "WRITE"];
        both({ url: "https://acme.atlassian.net" }, { scope: "ADMIN" });
        const wrongArguments = failed(await preview());
        expect(wrongArguments).toContain(
            "url: is a site in Atlassian's cloud. Its service accounts are for atlassian.ServiceAccountOAuth.",
        );
        expect(wrongArguments).toContain("scope: must be READ or WRITE.");
        both();
        succeeded(await preview(clean));
    });

    test("leave no secret in the state, the files or what was printed, and are destroyed without a call", async () => {
        // The program's declarations stand in its environment, not in a file.
        const scanner = new LeakScanner(servers.secrets);
        expect(await scanner.inProject(project, printed)).toEqual([]);
        const before = servers.requests.length;
        expect(succeeded(await run("destroy", "--yes", "--skip-preview"))).toContain("- 3 deleted");
        expect(servers.requests.length).toBe(before);
    });
});
