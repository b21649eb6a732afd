// Runs that are killed while they hand connections on to the three hubs: the next one converges, and at each hub there is one row, with the newest credential.
import fs from "node:fs";
import path from "node:path";
import { leastScopes } from "../simulators/hubs";
import { connectorScopes } from "../simulators/vendors";
import { HubLab } from "../support/hub-lab";
import { checkpointOf, ending, pause, processes } from "../support/kills";
import { LeakScanner } from "../support/leaks";
import type { RunningEngine, StateResource } from "../support/project";
import { succeeded } from "../support/programs";
import { random, type Random } from "../support/seed";
import { thorough } from "../support/thorough";

interface Plan {
    /** What is under way: secrets that were rotated, all that a destroy has taken away, or a destroy. */
    readonly change: "rotation" | "creation" | "removal";
    /** What is killed; a destroy has no program. */
    readonly target: "provider" | "program" | "group";
}

const kills = Number(process.env["KILLS"] ?? thorough(3, 12));
/** How many stacks share them. */
const stacks = thorough(1, 2);

const everyPlan: readonly Plan[] = [
    { change: "rotation", target: "provider" },
    { change: "rotation", target: "group" },
    { change: "creation", target: "group" },
    { change: "creation", target: "provider" },
    { change: "rotation", target: "program" },
    { change: "removal", target: "provider" },
    { change: "removal", target: "group" },
    { change: "creation", target: "program" },
];

/** A stack with a resource at each of the three hubs. */
class Scene {
    /** How many calls to hubs such a run has made, as far as was seen. */
    private readonly usual: Record<Plan["change"], number> = { rotation: 12, creation: 12, removal: 6 };
    private readonly former: string[] = [];
    private apiToken = "";

    private constructor(
        readonly lab: HubLab,
        private readonly random: Random,
        readonly count: Record<string, number>,
    ) {}

    static async start(name: string, random: Random, count: Record<string, number>): Promise<Scene> {
        const lab = await HubLab.start({ name });
        const { nango, ox, stackone } = lab.hubs;
        Object.assign(lab.project.env, {
            // The integration's delete looks whether something stands under it.
            NANGO_KEY: nango.administration.addKey([...leastScopes, "environment:connections:list"]).value,
            OX_KEY: ox.administration.addKey().value,
            STACKONE_KEY: stackone.administration.addKey().value,
        });
        // So many runs would use up Nango's minute again and again.
        nango.limiter.limit = 1_000_000;
        lab.hubs.listeners.forEach((listener) => listener.fault({ kind: "latency", ms: 10, jitterMs: 60 }));
        const scene = new Scene(lab, random, count);
        scene.rotate();
        const { url, clientId } = lab.vendors.credentials.jamf;
        const key = (variable: string) => ({ secretFrom: "env", name: variable });
        const file = (secretFile: string) => ({ secretFrom: "file", name: secretFile });
        lab.declare({
            mdm: { type: "jamf.ApiClient", args: { url, clientId, clientSecret: file("client-secret") } },
            jira: { type: "atlassian.JiraConnector", args: { subdomain: "acme", apiToken: file("api-token") } },
            integration: {
                type: "nango.Integration",
                // Nango has no place for a mark on one, so that a run that was killed as it made it is told from others by nothing.
                args: { environmentKey: key("NANGO_KEY"), uniqueKey: "jamf", provider: "jamf", adopt: true },
            },
            nango: {
                type: "nango.Connection",
                args: {
                    environmentKey: key("NANGO_KEY"),
                    integration: { made: "integration", output: "uniqueKey" },
                    connectionId: "mdm",
                    connection: { made: "mdm" },
                },
            },
            ox: { type: "ox.Connector", args: { apiKey: key("OX_KEY"), connection: { made: "jira" } } },
            stackone: {
                type: "stackone.Account",
                args: { apiKey: key("STACKONE_KEY"), originOwnerId: "acme", connection: { made: "mdm" } },
            },
        });
        succeeded(await lab.up());
        await scene.settle({ at: "the start" });
        return scene;
    }

    private get rows(): { nango: number; ox: number; stackone: number } {
        const { nango, ox, stackone } = this.lab.hubs;
        return {
            nango: nango.administration.connections().length,
            ox: ox.administration.credentials().length,
            stackone: stackone.administration.accounts.length,
        };
    }

    /** Kills a run once, and has the next one put everything right. False where the run was over too soon. */
    async suffer(plan: Plan): Promise<boolean> {
        const { lab } = this;
        const { change, target } = plan;
        if (change === "creation") {
            succeeded(await lab.destroy());
            expect(this.rows).toEqual({ nango: 0, ox: 0, stackone: 0 });
        }
        this.rotate();
        lab.hubs.requests.clear();
        const verb = change === "removal" ? "destroy" : "up";
        const engine = lab.project.start([verb, "--yes", "--skip-preview"]);
        const { ended, running } = ending(engine);
        const call = 1 + Math.floor(this.random.next() * this.usual[change]);
        const isStruck = await this.strike(target, engine, running, call, Math.round(this.random.next() * 70));
        const { code, output } = await ended;
        lab.printed.push(output);
        this.usual[change] = isStruck ? Math.max(this.usual[change], call + 2) : lab.hubs.requests.length;
        // An operating system would end the rest of a group, or they end by themselves: here nobody waits for them.
        lab.project.kill();
        const names = checkpointOf(lab.project).resources.map(nameOf);
        const met = Object.entries(this.rows).map(
            ([hub, rows]) => `${hub} ${rows}${names.includes(hub) ? " recorded" : ""}`,
        );
        const at = { ...plan, call, met, isStruck, code, output };
        expect({ ...at, rows: this.rows.nango <= 1 && this.rows.ox <= 2 && this.rows.stackone <= 1 }).toEqual({
            ...at,
            rows: true,
        });
        let next = await lab.up();
        if (next.code !== 0) {
            // Only a killed engine leaves its lock behind, and says what takes it away.
            expect({ ...at, next: next.output }).toEqual({
                ...at,
                target: "group",
                next: expect.stringMatching(/currently locked by 1 lock[\s\S]*pulumi cancel/) as string,
            });
            succeeded(await lab.run("cancel", "--yes"));
            next = await lab.up();
        }
        expect({ ...at, next: next.code, said: next.output }).toEqual({ ...at, next: 0, said: next.output });
        await this.settle(at);
        if (isStruck) {
            for (const told of [`${change}, ${target}`, `${change}: ${met.join(", ")}`]) {
                this.count[told] = (this.count[told] ?? 0) + 1;
            }
        }
        return isStruck;
    }

    /** Nothing is left at the hubs, and no secret anywhere. */
    async end(): Promise<void> {
        const { lab } = this;
        succeeded(await lab.destroy());
        expect(this.rows).toEqual({ nango: 0, ox: 0, stackone: 0 });
        expect(checkpointOf(lab.project).resources.filter(({ custom }) => custom)).toEqual([]);
        const secrets = [...lab.vendors.secrets, ...lab.hubs.secrets, ...this.former];
        const scanner = new LeakScanner(secrets.filter((secret) => secret.length >= 8));
        const own = ["client-secret", "api-token"].map((file) => path.join(lab.project.dir, file));
        expect([
            ...scanner.inFiles(lab.project.files().filter((file) => !own.includes(file))),
            ...lab.printed.flatMap((text, at) => scanner.inText(`output ${at + 1}`, text)),
        ]).toEqual([]);
    }

    /** What is right after a run: StackOne's form is filled in by a person where a link waits for one, and then everything is as it should be. */
    private async settle(at: object): Promise<void> {
        const { lab } = this;
        const { nango, ox, stackone } = lab.hubs;
        const { jamf } = lab.vendors.credentials;
        const clientSecret = lab.vendors.fixture.jamf.client.clientSecret;
        const typed = { instance_url: jamf.url, api_client_id: jamf.clientId, api_client_secret: clientSecret };
        if (this.recorded("stackone").outputs?.["status"] === "awaitingPerson") {
            expect({ ...at, rows: this.rows }).toEqual({ ...at, rows: { nango: 1, ox: 1, stackone: 0 } });
            await stackone.administration.complete(stackone.administration.sessions.at(-1)!, typed);
            succeeded(await lab.up());
        }
        const connection = nango.administration.connections()[0];
        const credentials = ox.administration.credentials()[0];
        const account = stackone.administration.accounts[0];
        const nonce = (name: string): unknown =>
            (this.recorded(name).outputs?.["__record"] as { nonce?: unknown } | undefined)?.nonce;
        expect({
            ...at,
            rows: this.rows,
            integrations: nango.rows.integrations.length,
            nango: connection?.credentials["client_secret"] === clientSecret,
            nangoMark: connection?.tags["pulumi-nonce"],
            ox: credentials?.input.token === this.apiToken,
            oxId: credentials?.credentialsId,
            oxMark: credentials?.credentialsName?.includes(` ${String(nonce("ox"))}]`),
            stackone: account?.values["api_client_secret"] === clientSecret,
            stackoneId: account?.id,
            stackoneMark: account?.label?.includes(` ${String(nonce("stackone"))}]`),
            status: account?.status,
        }).toEqual({
            ...at,
            rows: { nango: 1, ox: 1, stackone: 1 },
            integrations: 1,
            nango: true,
            nangoMark: nonce("nango"),
            ox: true,
            oxId: this.recorded("ox").outputs?.["credentialsId"],
            oxMark: true,
            stackone: true,
            stackoneId: this.recorded("stackone").outputs?.["linkedAccountId"],
            stackoneMark: true,
            status: "active",
        });
        const own = checkpointOf(lab.project).resources.filter(({ type }) => type.includes("dynamic/connections/"));
        expect({
            ...at,
            names: own.map(nameOf).sort(),
            odd: own.filter((resource) => resource["delete"] === true || resource["initErrors"] !== undefined),
        }).toEqual({ ...at, names: ["integration", "jira", "mdm", "nango", "ox", "stackone"], odd: [] });
        expect({ ...at, preview: succeeded(await lab.preview("--expect-no-changes")) }).toEqual({
            ...at,
            preview: expect.stringMatching(/unchanged/) as string,
        });
    }

    /** Another secret of either vendor, by reference. */
    private rotate(): void {
        const { jamf, atlassian } = this.lab.vendors.fixture;
        this.former.push(jamf.client.generateClientSecret());
        fs.writeFileSync(path.join(this.lab.project.dir, "client-secret"), jamf.client.clientSecret);
        const { organization, connectorAccount } = atlassian;
        this.apiToken = organization.createApiToken(connectorAccount, "OX", connectorScopes).token;
        fs.writeFileSync(path.join(this.lab.project.dir, "api-token"), this.apiToken);
    }

    private recorded(name: string): StateResource {
        const found = checkpointOf(this.lab.project).resources.filter((resource) => nameOf(resource) === name);
        expect({ name, found: found.length }).toEqual({ name, found: 1 });
        return found[0] as StateResource;
    }

    /** Kills what is meant a moment after the hubs have got so many calls. */
    private async strike(
        target: Plan["target"],
        engine: RunningEngine,
        running: () => boolean,
        call: number,
        later: number,
    ): Promise<boolean> {
        const { project, hubs } = this.lab;
        const victims = (): number[] => (target === "group" ? [engine.pid ?? 0] : project.processes(processes[target]));
        while (running() && (hubs.requests.length < call || victims().length === 0)) {
            await pause(5);
        }
        await pause(later);
        const [pid] = victims();
        if (!running() || pid === undefined) {
            return false;
        }
        if (target === "group") {
            project.kill();
            return true;
        }
        try {
            return process.kill(pid, "SIGKILL");
        } catch {
            return false;
        }
    }
}

const nameOf = ({ urn }: StateResource): string => urn.split("::").at(-1) ?? "";

test(`a stack that hands connections on to three hubs is right after the next run, however it is killed, ${kills} times`, async () => {
    const count: Record<string, number> = {};
    const row = random();
    // From another one in each run, each change after another.
    const first = row.between(0, everyPlan.length);
    const plans = Array.from({ length: kills }, (_, at) => everyPlan[(first + 3 * at) % everyPlan.length] as Plan);
    const suffer = async (name: string, own: readonly Plan[]): Promise<void> => {
        const scene = await Scene.start(name, row, count);
        try {
            const waiting = [...own];
            for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
                if (!(await scene.suffer(plan))) {
                    waiting.push(plan);
                }
            }
            await scene.end();
        } finally {
            await scene.lab.dispose();
        }
    };
    const shares = Array.from({ length: stacks }, (_, stack) => plans.filter((__, at) => at % stacks === stack));
    await Promise.all(shares.map((own, at) => suffer(`hub-kill-${at + 1}`, own)));
    process.stdout.write(`\nkilled: ${JSON.stringify(count, undefined, 1)}\n`);
}, 1_200_000);
