import { randomBytes } from "node:crypto";
import stringify from "safe-stable-stringify";
import { parseArgs, secretsOf, type CommonArgs, type Given } from "./args";
import { Probe, type Check } from "./checks";
import type { Account, Connection, Finding } from "./connection";
import { Tokens } from "./credential";
import { describe, Fault, fault, statusOf, type Problem, type Status } from "./errors";
import { applyExpiry } from "./expiry";
import { Http, type Transport } from "./http";
import { Queues } from "./queue";
import { fingerprint, matches, resolveSecret, scrubber } from "./secrets";
import type { Settings, VerifyMode } from "./settings";

/** What was seen of one tenant. */
export interface Seen {
    readonly status: Status;
    readonly problems: readonly Problem[];
    /** The connection's own outputs, as far as they are known. */
    readonly facts: Readonly<Record<string, unknown>>;
    readonly account?: Account;
    readonly grantedScopes?: readonly string[];
    readonly missingScopes?: readonly string[];
    readonly checks: Readonly<Record<string, Check>>;
    readonly warnings: readonly string[];
}

/** The result of a verification: facts only, never a secret, and never an exception. */
export interface Observation {
    /** Milliseconds since 1970. */
    readonly at: number;
    /** A keyed fingerprint of the arguments that it was made with. */
    readonly of: string;
    /** How the connection is to be verified. */
    readonly mode: VerifyMode;
    /** The tenants that the credential may be meant for: several only where the program leaves it open. Empty where nobody asked. */
    readonly seen: readonly Seen[];
    /** Whether it was made for a preview, where what is not known yet may stay so. */
    readonly preview?: boolean;
    /** What the resource's `ignoreChanges` names, as far as the program says it where it makes the resource. */
    readonly ignored?: readonly string[];
    /** How the program calls the connection. */
    readonly label?: string;
    /** What is wrong with other connections of the program: the engine stops at the first that is refused. */
    readonly others?: readonly string[];
}

/** The input under which the program side hands its observation over, as JSON: a single text costs the engine least. `check` takes it out: it is never recorded. */
export const handover = "observation";

/** The text that an observation's fingerprint is of: everything that a verification depends on. */
function essence(connection: Connection, args: Given, secrets: Readonly<Record<string, string>>): string {
    // Its keys are in order, so that equal arguments have equal texts.
    return stringify([connection.vendor, connection.type, { ...args, ...secrets }]);
}

/** The secrets' values at this moment, by argument. */
export function secretValues(connection: Connection, args: Given): Record<string, string> {
    return Object.fromEntries(secretsOf(connection, args).map(([name, value]) => [name, resolveSecret(name, value)]));
}

/**
 * Whether an observation was made with just these arguments.
 * @throws Fault where a secret is missing.
 */
export function isExactlyOf(observation: Observation, connection: Connection, args: Given): boolean {
    return matches(essence(connection, args, secretValues(connection, args)), observation.of);
}

/** Whether an observation was made with just these arguments, or lacked the same secret as they do. */
export function isOf(observation: Observation, connection: Connection, args: Given): boolean {
    try {
        return isExactlyOf(observation, connection, args);
    } catch (error) {
        // A secret that is missing here was missing there: the observation says so.
        return error instanceof Fault && observation.seen.some(({ problems }) => problems.some(({ kind }) => kind === "secretMissing"));
    }
}

/**
 * Verifies the connections of one run: the one place where vendors are asked, whoever hosts it. Access tokens and verifications are
 * shared within it; a host that serves several runs takes a new one for each.
 */
export class Verifier {
    private readonly tokens = new Tokens();
    /** The calls of the run, by host. */
    readonly queues = new Queues();
    private readonly key = randomBytes(16).toString("hex");
    private readonly made = new Map<string, Promise<Observation>>();

    constructor(readonly settings: Settings) {}

    /** How a connection is to be verified: what its arguments say, else what holds for the stack. */
    mode(args: CommonArgs): VerifyMode {
        // Whoever turns verification off for a run or a stack means all of it.
        return this.settings.verify === "never" ? "never" : (args.verify ?? this.settings.verify ?? "always");
    }

    /** Verifies a connection. The same arguments are asked about once while the answer is fresh. */
    async observe(connection: Connection, args: CommonArgs & Given): Promise<Observation> {
        let values: Record<string, string>;
        try {
            values = secretValues(connection, args);
        } catch (error) {
            return this.observation(connection, args, {}, [blank(connection, args, [toProblem(error)])]);
        }
        const name = fingerprint(essence(connection, args, values), `${this.key}:`);
        const made = this.made.get(name);
        if (made !== undefined && isFresh(await made)) {
            return made;
        }
        const making = this.ask(connection, args, values).then((seen) => this.observation(connection, args, values, seen));
        this.made.set(name, making);
        return making;
    }

    /** Takes over what another process of the same run has just observed, so that it is not asked again. */
    adopt(connection: Connection, args: CommonArgs & Given, observation: Observation): void {
        try {
            const name = fingerprint(essence(connection, args, secretValues(connection, args)), `${this.key}:`);
            if (isFresh(observation)) {
                this.made.set(name, Promise.resolve(observation));
            }
        } catch (error) {
            if (!(error instanceof Fault)) {
                throw error;
            }
        }
    }

    /** An observation for which nobody was asked. */
    unasked(connection: Connection, args: CommonArgs & Given): Observation {
        return this.observation(connection, args, tryValues(connection, args), []);
    }

    private observation(connection: Connection, args: CommonArgs & Given, values: Record<string, string>, seen: readonly Seen[]): Observation {
        return { at: Date.now(), of: fingerprint(essence(connection, args, values)), mode: this.mode(args), seen };
    }

    private async ask(connection: Connection, args: CommonArgs & Given, values: Record<string, string>): Promise<Seen[]> {
        let probe: Probe | undefined;
        try {
            const transport: Transport = {
                ...args.tls,
                proxyUrl: args.proxyUrl,
                reach: connection.reach,
                concurrency: connection.concurrency,
                endpoints: this.settings.endpoints,
            };
            const credential = connection.credential({ ...args, ...values });
            probe = new Probe(connection.title, credential.hint, new Http(transport, args.timeoutSeconds ?? 30, this.queues), this.tokens, credential);
            passwordOf(args.proxyUrl).forEach((password) => probe?.seen.add(password));
            const found = await connection.verify(probe, args);
            const findings = Array.isArray(found) ? (found as readonly Finding<object>[]) : [found as Finding<object>];
            return findings.map((finding) => this.conclude(connection, args, finding, finding.probe ?? (probe as Probe)));
        } catch (error) {
            const known = probe?.problems ?? [];
            const problems = error instanceof Fault && known.some(({ message }) => message === error.problem.message) ? known : [...known, toProblem(error)];
            const seen = { ...blank(connection, args, problems), ...(probe === undefined ? {} : { checks: probe.report(connection.checks) }) };
            return [scrubber([...Object.values(values), ...(probe?.seen ?? [])])(applyExpiry(connection, args, seen))];
        }
    }

    private conclude(connection: Connection, args: CommonArgs & Given, finding: Finding<object>, probe: Probe): Seen {
        const { facts, account, grantedScopes, missingScopes, warnings = [] } = finding;
        const seen: Seen = {
            status: statusOf(probe.problems),
            problems: probe.problems,
            facts: { ...connection.endpoints(args), ...facts },
            ...(account === undefined ? {} : { account }),
            ...(grantedScopes === undefined ? {} : { grantedScopes: [...grantedScopes].sort() }),
            ...(missingScopes === undefined ? {} : { missingScopes: [...missingScopes].sort() }),
            checks: probe.report(connection.checks),
            warnings: [...warnings, ...warningsOf(args)],
        };
        return scrubber(probe.seen)(applyExpiry(connection, args, seen));
    }
}

// Long enough for the engine to come from the program's observation to create, too short for anybody to call it old.
const fresh = 60_000;

function isFresh({ at }: Observation): boolean {
    return Math.abs(Date.now() - at) < fresh;
}

function tryValues(connection: Connection, args: Given): Record<string, string> {
    try {
        return secretValues(connection, args);
    } catch {
        // Nobody asks the vendor, so nobody needs the secret: a reference may lead nowhere here.
        return {};
    }
}

/** The password in a proxy's URL, as it stands there and as it is meant. */
function passwordOf(proxyUrl: string | undefined): string[] {
    const { password } = proxyUrl !== undefined && URL.canParse(proxyUrl) ? new URL(proxyUrl) : { password: "" };
    return password === "" ? [] : [password, ...new URLSearchParams(`p=${password.replace(/\+/g, "%2B")}`).values()];
}

function toProblem(error: unknown): Problem {
    if (error instanceof Fault) {
        return error.problem;
    }
    const name = error instanceof Error ? error.name : typeof error;
    return fault("internal", "", `the verification failed (${name}). Report it as a bug of pulumi-connections.`).problem;
}

function blank(connection: Connection, args: CommonArgs & Given, problems: readonly Problem[]): Seen {
    const skipped: Check = { result: "skipped", message: "Not asked." };
    return {
        status: statusOf(problems),
        problems,
        facts: connection.endpoints(args) as Record<string, unknown>,
        checks: Object.fromEntries(connection.checks.map((name) => [name, skipped])),
        warnings: warningsOf(args),
    };
}

const insecure = "tls.insecureSkipVerify ";

/** Whether a warning, of this release or an earlier one, is about the arguments alone. */
export function isOfArgs(warning: string): boolean {
    return warning.startsWith(insecure);
}

/** What is worth telling about the arguments alone. */
export function warningsOf({ tls }: CommonArgs): string[] {
    return tls?.insecureSkipVerify === true
        ? [`${insecure}accepts any certificate, so anybody between this machine and the server can read the credential. Use tls.caCertificates instead.`]
        : [];
}

/** Arguments as a program gave them, judged and observed: for hosts that keep no state, such as a command line. */
export async function verify(
    verifier: Verifier,
    connection: Connection,
    given: Given,
): Promise<{ readonly observation?: Observation; readonly messages: readonly string[] }> {
    const { args, problems } = parseArgs(connection, given);
    if (args === undefined) {
        return { messages: problems.map(describe) };
    }
    const observation = await verifier.observe(connection, args as CommonArgs & Given);
    return { observation, messages: observation.seen.flatMap((seen) => seen.problems.map(describe)) };
}
