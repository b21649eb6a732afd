// What `npm start` shows: a program's life with its connections, on the real engine, against simulated vendors.
import { Project, removeAbandonedProjects } from "../test/support/project";
import { exampleConfiguration, exampleFolder } from "../test/support/examples";
import { leastScopes, startHubs } from "../test/simulators/hubs";
import { startVendors, type Vendors } from "../test/simulators/vendors";

const example = "all-connections";
const newerJamf = "11.31.0-t1786459500000";
const classes = [
    ...["jumpcloud:ServiceAccount directory", "jamf:ApiClient mdm", "atlassian:ServiceAccountOAuth issues"],
    ...["atlassian:ServiceAccountToken bot", "atlassian:JiraConnector scanner", "atlassian:JiraUserToken personal"],
];

let stopped: number | undefined;
let project: Project | undefined;

/** Ends what runs; the act at work then fails, and everything is cleaned up on the way out. */
function stop(code: number): void {
    if (stopped !== undefined) {
        process.exit(code);
    }
    stopped = code;
    project?.kill();
}

function goOn(): void {
    if (stopped !== undefined) {
        throw new Error("interrupted");
    }
}

function say(text: string): void {
    process.stdout.write(
        `\n\x1b[1m${text}\x1b[0m\n`.replace(/\x1b\[\d+m/g, (code) => (process.stdout.isTTY ? code : "")),
    );
}

/** Runs one command of the engine in the open, and holds what it did against what it should do. */
async function act(
    running: Project,
    title: string,
    args: readonly string[],
    expected: readonly (string | RegExp)[],
): Promise<void> {
    goOn();
    say(`${title}\n$ pulumi ${args.join(" ")}`);
    const { code, output } = await running.run(args, { onOutput: (text) => process.stdout.write(text) });
    goOn();
    if (code !== 0) {
        throw new Error(`"${title}": pulumi ended with ${code}`);
    }
    const missing = expected.find((line) => (typeof line === "string" ? !output.includes(line) : !line.test(output)));
    if (missing !== undefined) {
        throw new Error(`"${title}": pulumi did not print ${String(missing)}`);
    }
}

/** The guide's last step: a connection at its hub, a rotation that reaches it, and a change at the hub that shows as drift. */
async function demonstrateHub(vendors: Vendors): Promise<void> {
    const hubs = await startHubs({ vendors });
    const { administration: nango } = hubs.nango;
    const { acme, sandbox, organization, oauthAccount, oauth } = vendors.fixture.atlassian;
    const { clientId, clientSecret, subdomain } = vendors.credentials.atlassianOAuth;
    const provider = "atlassian-service-account-oauth2";
    say(
        "A simulated Nango runs on loopback too. The program is examples/nango-atlassian-oauth, which hands its connection over.",
    );
    const running = await Project.create({
        name: "demonstration-hub",
        program: exampleFolder("nango-atlassian-oauth"),
        config: { clientId, subdomain },
        secrets: { clientSecret, nangoKey: nango.addKey([...leastScopes, "environment:connections:list"]).value },
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify({ ...vendors.endpoints, ...hubs.endpoints }) },
    });
    project = running;
    const quiet = ["--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs"];
    try {
        await act(
            running,
            "7. Up: the credential is verified, and handed over to the hub.",
            ["up", ...quiet],
            [/nango:Integration integration created/, /nango:Connection hub created/],
        );
        const next = organization.createOAuthCredential(oauthAccount, oauth.scopes);
        await running.setConfig("clientId", next.clientId);
        await running.setSecret("clientSecret", next.clientSecret);
        say("The service account has a new credential, and the program's configuration too.");
        await act(
            running,
            "8. Up: it reaches the hub, after Atlassian has accepted it.",
            ["up", ...quiet],
            [/ServiceAccountOAuth issues updated/, /nango:Connection hub updated/],
        );
        if (nango.connection(provider, "issues")?.credentials["client_secret"] !== next.clientSecret) {
            throw new Error("the hub does not have the new secret");
        }
        await hubs.nango.script.settled();
        nango.configure(provider, "issues", { cloudId: sandbox.cloudId });
        say("At the hub, somebody leads the connection to another site.");
        await act(
            running,
            "9. The next preview shows it.",
            ["preview", "--diff"],
            [`"${acme.cloudId}" => "${sandbox.cloudId}"`, "~ 1 to update"],
        );
        await act(
            running,
            "10. Destroy takes it away from the hub.",
            ["destroy", ...quiet.slice(0, 3)],
            [/nango:Connection hub deleted/],
        );
        if (nango.connections().length > 0) {
            throw new Error("destroy has left a connection at the hub");
        }
    } finally {
        await running.dispose();
        await hubs.close();
    }
}

async function demonstrate(): Promise<void> {
    removeAbandonedProjects();
    const vendors = await startVendors();
    try {
        const { jumpcloud, jamf } = vendors.fixture;
        const { cloudId } = vendors.credentials.jiraConnector;
        const olderJamf = jamf.server.version;
        say(
            `${vendors.listeners.length} simulated vendor hosts run on loopback; CONNECTIONS_ENDPOINTS leads the program to them.`,
        );
        say("The program is examples/all-connections, in a throw-away project with a state file of its own.");
        const env = {
            CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
            // The program has a provider of its own, and the SDK loads every module of Node to serialise it.
            NODE_OPTIONS: "--disable-warning=ExperimentalWarning",
        };
        const configuration = exampleConfiguration(example, vendors);
        const running = await Project.create({
            name: "demonstration",
            program: exampleFolder(example),
            ...configuration,
            env,
        });
        project = running;
        try {
            const endpoints = [
                /jumpcloudApi *: "https:\/\/console\.jumpcloud\.com\/api"/,
                /jamfApi *: "https:\/\/acme\.jamfcloud\.com\/api"/,
                new RegExp(`jiraApi *: "https://api\\.atlassian\\.com/ex/jira/${cloudId}"`),
                new RegExp(`confluenceApi *: "https://api\\.atlassian\\.com/ex/confluence/${cloudId}"`),
                new RegExp(`oxJiraHost *: "https://api\\.atlassian\\.com/ex/jira/${cloudId}"`),
                /olderJiraHost *: "https:\/\/acme\.atlassian\.net"/,
            ];
            await act(
                running,
                "1. Preview: nothing has been created, and every credential is proved and every endpoint known.",
                ["preview", "--suppress-progress"],
                [...classes.map((name) => `${name} create`), ...endpoints, "+ 8 to create"],
            );
            await act(
                running,
                "2. Up: what was verified is recorded, and a file takes what the connections give.",
                ["up", "--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs"],
                [...classes.map((name) => `${name} created`), "+ 8 created"],
            );
            await act(
                running,
                "3. The outputs.",
                ["stack", "output"],
                [`https://api.atlassian.com/ex/jira/${cloudId}`, olderJamf],
            );

            jumpcloud.account.revokeClientSecret();
            jamf.server.upgrade(newerJamf);
            say(
                "At the vendors, JumpCloud's client secret is revoked, and Jamf Pro is upgraded. The program stays as it is.",
            );
            await act(
                running,
                "4. The next preview shows both, in the lines that begin with ~.",
                ["preview", "--diff"],
                [
                    /~ status +: "verified" => "rejected"/,
                    /~ result +: "passed" => "failed"/,
                    "JumpCloud refused the client id or secret (invalid_client)",
                    new RegExp(`~ version +: "${olderJamf}" => "${newerJamf}"`),
                    "~ 3 to update",
                ],
            );

            jumpcloud.account.restoreClientSecret();
            say("At JumpCloud, the secret is accepted again.");
            await act(
                running,
                "5. Up records the upgrade; the file follows.",
                ["up", "--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs"],
                [/jamf:ApiClient mdm updated .*\[diff: ~version\]/, /Resource forms updated/, "~ 2 updated"],
            );
            const asked = vendors.requests.length;
            await act(
                running,
                "6. Destroy forgets the connections; at the vendors nothing is touched.",
                ["destroy", "--yes", "--skip-preview", "--suppress-progress"],
                [...classes.map((name) => `${name} deleted`), "- 8 deleted"],
            );
            if (vendors.requests.length !== asked) {
                throw new Error("destroy has called a vendor");
            }
        } finally {
            await running.dispose();
        }
        await demonstrateHub(vendors);
    } finally {
        await vendors.close();
    }
    say("With credentials of your own (docs/ has a page for each vendor, examples/ a program for each system):");
    console.log("npm run pulumi -- -C examples/ox-jira stack init dev");
    console.log("npm run pulumi -- -C examples/ox-jira config set subdomain acme");
    console.log(
        "npm run pulumi -- -C examples/ox-jira config set --secret apiToken   # asks for it, or reads it from standard input",
    );
    console.log("npm run pulumi -- -C examples/ox-jira preview");
}

process.on("SIGINT", () => stop(130));
process.on("SIGTERM", () => stop(143));
process.on("SIGHUP", () => stop(129));
// The reader of a pipe has gone.
process.stdout.on("error", () => stop(1));

demonstrate().then(
    () => process.exit(0),
    (error: Error) => {
        console.error(
            stopped === undefined
                ? `\nThe demonstration failed: ${error.message}.`
                : "\nInterrupted; everything is cleaned up.",
        );
        process.exit(stopped ?? 1);
    },
);
