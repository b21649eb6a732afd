// The state that the connections of one run share. It is passed in, not kept in a module, so that two sessions in one
// process stay separate.
import { performance } from "node:perf_hooks";
import { commonArgs, contactArgument, type CommonArgs } from "../define/common";
import type { Answer, Log, Problem, Status, Values, VerifyMode } from "../define/contracts";
import type { SecretReference } from "../define/fields";
import type { ValidatedArguments } from "./arguments";
import type { ConnectionType } from "./connection-type";
import { authorizerOf } from "./credentials/authorizer";
import { ShownCredentials } from "./credentials/shown";
import { TokenCache } from "./credentials/token-cache";
import { fingerprint, fingerprintSource, matches } from "./fingerprint";
import { HttpClient, HttpPool, type HttpRequest } from "./http/client";
import { Fault, isUnproved, machineFault, nameOfError, statusOf, strictly } from "./problems";
import { Redactor } from "./redact";
import { secretsInAddresses, sensitiveTexts } from "./secret-addresses";
import { RunSummary } from "./run-summary";
import { resolveSecrets, secretValue, type HasSecrets, type ResolvedSecrets } from "./secrets";
import { SecretCommands } from "./secret-command";
import { endpointsWarning, type Settings } from "./settings";
import {
    reportOf,
    transportWarnings,
    verifyTenants,
    type CheckTimer,
    type TenantResult,
    type VerificationTools,
} from "./verify";

/** The result of a verification: facts only, never a secret, and never an exception. */
export interface VerificationResult {
    /** Milliseconds since 1970. */
    readonly verifiedAtMs: number;
    /** A keyed fingerprint of the arguments that it was made with. */
    readonly argsFingerprint: string;
    /**
     * The tenants that the credential may be meant for: several only where the program leaves it open. Empty where the
     * vendor was not contacted.
     */
    readonly tenants: readonly TenantResult[];
}

/** The time after which a vendor that could not be contacted is tried again. */
const retriedAfterMs = 60_000;

/** True for a result that holds for the rest of the run. */
const isFresh = ({ verifiedAtMs, tenants }: VerificationResult): boolean =>
    tenants.every(({ status }) => !isUnproved(status)) || Date.now() - verifiedAtMs < retriedAfterMs;

/** The deadline of a whole verification, in seconds. */
export function secondsOf({ timeoutSeconds }: Values): number {
    return typeof timeoutSeconds === "number" && timeoutSeconds > 0 ? timeoutSeconds : 30;
}

/** Validated arguments, with the values of their secrets at this moment. */
export interface ResolvedArguments extends ValidatedArguments {
    readonly secrets: ResolvedSecrets;
    /** When their deadline began to run, on the clock of `performance.now()`. */
    readonly startedAt: number;
}

/** Replaces vendors and secrets in unit tests. */
export interface StandIn {
    readonly answer: (request: HttpRequest) => Promise<Answer>;
    readonly secret: (reference: SecretReference) => string;
}

/** The state that the connections of one run share: access tokens, connections to hosts, and verifications. */
export class Session {
    readonly tokens = new TokenCache();
    private readonly shown = new ShownCredentials();
    readonly http = new HttpPool();
    /** The line at the end of a run whose handlers report their own connections. */
    readonly summary = new RunSummary();
    private hasReportedEndpoints = false;
    private hasReportedMachineFault = false;
    private readonly key = fingerprint("").slice(0, 33);
    private readonly results = new Map<string, Promise<VerificationResult>>();
    private readonly notes = new Map<string, unknown>();

    constructor(
        readonly settings: Settings,
        private readonly standIn?: StandIn,
        /** Runs the commands that secrets come from. */
        readonly commands: SecretCommands = new SecretCommands(),
    ) {}

    /** Says once where calls are led that go elsewhere than to the vendors. */
    warnOfEndpoints(log: Log): void {
        const warning = this.hasReportedEndpoints ? undefined : endpointsWarning(this.settings);
        this.endpointsAreReported();
        if (warning !== undefined) {
            log.warn(warning);
        }
    }

    /** Notes that the warning has been given elsewhere, such as on the program's side. */
    endpointsAreReported(): void {
        this.hasReportedEndpoints = true;
    }

    /**
     * The problem because of which this machine can check nothing, where it is among these: in full the first time,
     * because it is the same for all.
     */
    machineFault(problems: readonly Problem[]): Problem | undefined {
        const fault = machineFault(problems);
        if (fault === undefined || !this.hasReportedMachineFault) {
            this.hasReportedMachineFault ||= fault !== undefined;
            return fault;
        }
        return { ...fault, message: "this machine can check nothing, as another message says." };
    }

    /**
     * Keeps a note of one verb for the next of the same resource: hosts call both in one process.
     * @param source A text that both know; it may hold secrets.
     */
    note(source: string, note: unknown): void {
        this.notes.set(fingerprint(source, this.key), note);
    }

    /** The last note under this name. */
    noted(source: string): unknown {
        return this.notes.get(fingerprint(source, this.key));
    }

    /** The mode of a connection's verification: from its arguments, else from the stack. */
    modeOf(given: Values): VerifyMode {
        if (this.settings.strict === true) {
            return "always";
        }
        // A run or a stack without verification has none at all.
        return this.settings.verify === "never"
            ? "never"
            : ((given as CommonArgs).verify ?? this.settings.verify ?? "always");
    }

    /** The problems of arguments that only a strict run refuses. */
    strictRefusals({ verify }: Values): readonly Problem[] {
        return this.settings.strict === true && verify === "never" ? [neverUnderStrict] : [];
    }

    /** The problems of a strict run that has nothing against the credential, but could not check it. */
    strictFailures(status: Status, problems: readonly Problem[]): readonly Problem[] {
        return isUnproved(status) ? this.strictly(problems) : [];
    }

    /** The problems that fail only a strict run: in another run the list is empty. */
    strictly(problems: readonly Problem[]): readonly Problem[] {
        return strictly(this.settings.strict === true, problems);
    }

    /** Reads the secrets among arguments, each once. */
    readSecrets(type: HasSecrets, given: Values, signal: AbortSignal): Promise<ResolvedSecrets> {
        return resolveSecrets(type, given, signal, this.commands, this.standIn?.secret);
    }

    /** Reads the secrets of a connection, each once, and reports one in a forbidden place. */
    async resolve(type: ConnectionType, args: ValidatedArguments): Promise<ResolvedArguments> {
        const startedAt = performance.now();
        const signal = AbortSignal.timeout(Math.ceil(secondsOf(args.given) * 1000));
        const { values, problems } = await this.readSecrets(type, args.given, signal);
        const secrets = { values, problems: [...problems, ...secretsInAddresses(type, args.given, values)] };
        return { ...args, secrets, startedAt };
    }

    /** Verifies a connection. The same arguments are checked once a run. */
    async verify(
        type: ConnectionType,
        args: ResolvedArguments,
        signal?: AbortSignal,
        onCheck?: CheckTimer,
    ): Promise<VerificationResult> {
        const name = fingerprint(sourceOf(type, args), this.key);
        const known = this.results.get(name);
        if (known !== undefined && isFresh(await known)) {
            return known;
        }
        const result = this.contact(type, args, signal, onCheck).then((tenants) => resultOf(type, args, tenants));
        this.results.set(name, result);
        return result;
    }

    /** Takes over the result of another process of the same run, so that the vendor is not contacted again. */
    adopt(type: ConnectionType, args: ResolvedArguments, result: VerificationResult): void {
        this.results.set(fingerprint(sourceOf(type, args), this.key), Promise.resolve(result));
        const problems = result.tenants.flatMap((tenant) => tenant.problems);
        const refusal = problems.find(({ kind }) => kind === "credentialRefused");
        if (refusal !== undefined && args.secrets.problems.length === 0) {
            const { authorizer, http, shown } = this.tools(type, args);
            if (authorizer.tokenKey === undefined) {
                shown.refusal = refusal;
            } else {
                this.tokens.adoptRefusal(authorizer.tokenKey(http), new Fault(refusal));
            }
        }
    }

    /** The tools of a verification. */
    tools(
        type: ConnectionType,
        { given, values, secrets, startedAt }: ResolvedArguments,
        signal?: AbortSignal,
    ): VerificationTools {
        const { tls, proxyUrl } = given as CommonArgs;
        const { definition } = type;
        const transport = {
            ...tls,
            proxyUrl,
            policy: definition.privateHosts === true ? "private" : "public",
            callsAtOnce: definition.callsAtOnce ?? 16,
            endpoints: this.settings.endpoints,
            answer: this.standIn?.answer,
        } as const;
        const revealed = Object.entries(secrets.values).map(
            ([name, value]) => [name, secretValue(name, value)] as const,
        );
        const whole = { ...values, ...Object.fromEntries(revealed) } as never;
        const authorizer = authorizerOf(definition.credential(whole), { type, tokens: this.tokens, values });
        const readerCredential = definition.reader?.(whole);
        const reading = readerCredential && authorizerOf(readerCredential, { type, tokens: this.tokens, values });
        const redactor = new Redactor([
            ...Object.values(secrets.values),
            ...authorizer.secrets,
            ...(reading?.secrets ?? []),
            ...sensitiveTexts(type, given),
        ]);
        const redact = (text: string): string => redactor.text(text);
        const http = new HttpClient(this.http, transport, { seconds: secondsOf(given), startedAt, signal, redact });
        const { required, allowed } = definition.scopes ?? {};
        const isAside = (name: string): boolean => name in commonArgs || name === required || name === allowed;
        const meant = Object.entries(values).filter(([name]) => !isAside(name));
        const keyOf = (shownSecrets: readonly string[]): string =>
            JSON.stringify([definition.type, http.identity, meant, shownSecrets]);
        const key = keyOf(authorizer.secrets);
        const shown = this.shown.of(key);
        const shownOtherwise = this.shown.of(`otherwise ${key}`);
        const reader = reading && { authorizer: reading, shown: this.shown.of(`reader ${keyOf(reading.secrets)}`) };
        const { tokens } = this;
        return {
            type,
            values,
            secrets: secrets.values,
            http,
            authorizer,
            tokens,
            reader,
            redactor,
            shown,
            shownOtherwise,
        };
    }

    private async contact(
        type: ConnectionType,
        args: ResolvedArguments,
        signal: AbortSignal | undefined,
        onCheck: CheckTimer | undefined,
    ): Promise<readonly TenantResult[]> {
        if (args.secrets.problems.length > 0) {
            return [withoutAnswer(type, args, args.secrets.problems)];
        }
        try {
            return await verifyTenants({ ...this.tools(type, args, signal), onCheck });
        } catch (error) {
            return [withoutAnswer(type, args, [problemOf(error)])];
        }
    }
}

const neverUnderStrict: Problem = {
    kind: "invalidArgument",
    code: "strict-never",
    argument: "verify",
    message:
        "never contradicts strict (connections:strict or CONNECTIONS_STRICT), which fails a run for what is not checked. Remove one of them.",
};

/** A result without any contact to the vendor. */
export function notChecked(type: ConnectionType, args: ResolvedArguments): VerificationResult {
    return resultOf(type, args, []);
}

/** True for a result of just these arguments, or one that lacked the same secret. */
export function isResultOf(
    type: ConnectionType,
    args: ResolvedArguments,
    { argsFingerprint, tenants }: VerificationResult,
): boolean {
    const lackedSecret = tenants.some(({ problems }) => problems.some(({ kind }) => kind === "secretMissing"));
    return matches(sourceOf(type, args), argsFingerprint) || (args.secrets.problems.length > 0 && lackedSecret);
}

/** The inputs of a verification, as a text. */
function sourceOf(type: ConnectionType, { given, secrets }: ResolvedArguments): string {
    const { [contactArgument]: _, ...meant } = given;
    return fingerprintSource(type.definition.type, { ...meant, ...secrets.values });
}

function resultOf(type: ConnectionType, args: ResolvedArguments, tenants: readonly TenantResult[]): VerificationResult {
    return { verifiedAtMs: Date.now(), argsFingerprint: fingerprint(sourceOf(type, args)), tenants };
}

/** The result where the vendor could not be contacted. */
function withoutAnswer(
    type: ConnectionType,
    { values }: ResolvedArguments,
    problems: readonly Problem[],
): TenantResult {
    return {
        status: statusOf(problems),
        problems,
        outputs: type.derive(values),
        checks: reportOf(type, () => undefined),
        warnings: transportWarnings(values),
    };
}

/** The problem for a thrown error. Only the name of a bug is shown, because its text may hold a secret. */
export function problemOf(error: unknown): Problem {
    if (error instanceof Fault) {
        return error.problem;
    }
    const name = nameOfError(error);
    return {
        kind: "internal",
        code: "internal",
        message: `the verification failed (${name}). Report it as a bug of pulumi-connections.`,
    };
}
