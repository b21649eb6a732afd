// Every kind of problem in one table, for all vendors and all entry points.
import type { Problem, ProblemKind, Status, Values, VendorProblem } from "../define/contracts";
import { coded } from "../define/coded";
import type { Code } from "../messages";
import { diagnostic } from "./redact";
import { isStatus, statuses } from "./statuses";

interface Kind {
    /** The status that a connection with such a problem has. */
    readonly status: Status;
    /**
     * The rule for a connection that is new or changed: it is stopped always, only where an argument names the address,
     * or never.
     */
    readonly stops: "always" | "named" | "never";
    /** The code of a problem without one: a definition's own, or an earlier release's. */
    readonly code: Code;
}

/** The status and the effect of each kind. The order is that of precedence. */
export const kinds = {
    invalidArgument: { status: "unverified", stops: "always", code: "invalid-argument" },
    nodeTooOld: { status: "unverified", stops: "always", code: "node-too-old" },
    secretMissing: { status: "unreachable", stops: "always", code: "secret-missing" },
    credentialRefused: { status: "rejected", stops: "always", code: "credential-refused" },
    tokenRefused: { status: "rejected", stops: "always", code: "token-refused" },
    expired: { status: "expired", stops: "always", code: "expired" },
    tenantChanged: { status: "tenantChanged", stops: "always", code: "tenant-changed" },
    tooOld: { status: "unsupported", stops: "always", code: "too-old" },
    organizationMissing: { status: "insufficient", stops: "always", code: "organization-missing" },
    siteMissing: { status: "insufficient", stops: "always", code: "site-missing" },
    accessMissing: { status: "insufficient", stops: "always", code: "access-missing" },
    scopeMissing: { status: "insufficient", stops: "always", code: "scope-missing" },
    addressRefused: { status: "unreachable", stops: "always", code: "address-refused" },
    proxyRefused: { status: "unreachable", stops: "named", code: "proxy-refused" },
    hostNotFound: { status: "unreachable", stops: "named", code: "host-not-found" },
    tlsFailed: { status: "unreachable", stops: "named", code: "tls-failed" },
    connectFailed: { status: "unreachable", stops: "named", code: "connect-failed" },
    redirected: { status: "unreachable", stops: "named", code: "redirected" },
    badAnswer: { status: "unreachable", stops: "named", code: "bad-answer" },
    connectionLost: { status: "unreachable", stops: "never", code: "connection-lost" },
    serverFault: { status: "unreachable", stops: "never", code: "server-fault" },
    rateLimited: { status: "unreachable", stops: "never", code: "rate-limited" },
    timedOut: { status: "unreachable", stops: "never", code: "timed-out" },
    internal: { status: "unreachable", stops: "always", code: "internal" },
} as const satisfies Record<ProblemKind, Kind>;

const precedence = Object.keys(kinds) as ProblemKind[];
const healthOf = (status: unknown): string | undefined => (isStatus(status) ? statuses[status].health : undefined);

/** Carries a {@link Problem} up to the code that collects it. */
export class Fault extends Error {
    constructor(readonly problem: Problem) {
        super(problem.message);
        this.name = "Fault";
    }
}

/** Makes a {@link Fault}: `throw fault("tooOld", "jamf-too-old", "url", "…")`. */
export function fault(kind: ProblemKind, code: Code, argument: string | undefined, message: string): Fault {
    return new Fault({ kind, code, argument, message });
}

/** A problem of a declaration with its code: without one of its own, that of its kind. */
export function withCode(problem: VendorProblem): Problem {
    return { ...problem, code: codeOf(problem) };
}

/** The code of a problem: without one of its own, that of its kind. */
export const codeOf = ({ kind, code }: Pick<Problem, "kind"> & { readonly code?: Code | undefined }): Code =>
    code ?? kinds[kind].code;

/** True for the name of a kind of problem. */
export function isProblemKind(kind: unknown): kind is ProblemKind {
    return typeof kind === "string" && Object.hasOwn(kinds, kind);
}

/** True for a text in the form of a code: another version of the package may have codes that are not known here. */
export function isCode(code: unknown): code is Code {
    return typeof code === "string" && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(code);
}

/** True for a problem because of which the vendor could not be contacted. It is nothing against the credential. */
export function isUnreachable({ kind }: Problem): boolean {
    return kinds[kind].status === "unreachable";
}

/** True for a problem in which the vendor refused the credential, or a token that it had issued for it. */
export function isRefusal({ kind }: Problem): boolean {
    return kind === "credentialRefused" || kind === "tokenRefused";
}

/** The problem that this machine can check nothing at all, where it is among these. */
export function machineFault(problems: readonly Problem[]): Problem | undefined {
    return problems.find(({ kind }) => kind === "nodeTooOld");
}

const whyStrict = "A strict run (connections:strict or CONNECTIONS_STRICT) fails for what could not be verified.";

/** The problems that only a strict run fails for: none in another one. */
export function strictly(isStrict: boolean, problems: readonly Problem[]): readonly Problem[] {
    return isStrict ? problems.map((problem) => ({ ...problem, message: `${problem.message} ${whyStrict}` })) : [];
}

/** True for a problem with one of these arguments, or with a part of one. */
export function isAbout({ argument }: Problem, names: readonly string[]): boolean {
    return names.includes(argument?.split(".")[0] ?? "");
}

/** True for a problem that stops a connection that is new or has changed arguments. */
export function isBlocking({ kind, argument }: Problem): boolean {
    const { stops } = kinds[kind];
    return stops === "always" || (stops === "named" && argument !== undefined);
}

/**
 * True for a problem that stops a change of just these arguments: an unreachable host stops only a change of its
 * address.
 */
export function stopsChange(problem: Problem, changed: readonly string[]): boolean {
    return isBlocking(problem) && (kinds[problem.kind].stops === "always" || isAbout(problem, changed));
}

/** True for the status of a connection that works. */
export function isGood(status: unknown): boolean {
    return healthOf(status) === "good";
}

/** True for a status that `up` may record, and that is not a change by itself. */
export function isHealthy(status: unknown): boolean {
    return isGood(status) || healthOf(status) === "unchecked";
}

/** True for the status of a connection that is known not to work as it should. */
export function isUnhealthy(status: unknown): boolean {
    return healthOf(status) === "bad";
}

/** True for a status that says nothing about the credential. */
export function isUnproved(status: unknown): boolean {
    const health = healthOf(status);
    return health === "unreached" || health === "unchecked";
}

/** The status for a list of problems: a vendor's refusal takes precedence over a failed contact. */
export function statusOf(problems: readonly Problem[]): Status {
    const first = precedence.find((kind) => problems.some((problem) => problem.kind === kind));
    return first === undefined ? "verified" : kinds[first].status;
}

/** `clientSecret: Jamf refused …`: a problem as a sentence, without its code. */
export function sentenceOf({ argument, message }: Problem): string {
    return diagnostic(argument === undefined ? message : `${argument}: ${message}`);
}

/** `clientSecret: Jamf refused … [credential-refused]`, the form in which every problem reaches a user. */
export function describe(problem: Problem): string {
    return coded(sentenceOf(problem), codeOf(problem));
}

/**
 * The error of handlers: a host shows the message, and some show the stack as well, so it has no stack. It has no
 * property `id`, because the engine would see a half-made resource.
 */
export class ConnectionError extends Error {
    constructor(
        readonly problems: readonly Problem[],
        after = "",
    ) {
        super([...problems.map(describe), after].filter((line) => line !== "").join("\n"));
        this.name = "ConnectionError";
        this.stack = "";
    }
}

/** The error of a handler for a half-made resource: hosts record it as such, and the next update completes it. */
export class HalfMadeError extends ConnectionError {
    constructor(
        problems: readonly Problem[],
        readonly resourceId: string,
        readonly state: Values,
        /** Names of values that hold a secret of the program's. */
        readonly sealed: readonly string[] = [],
    ) {
        super(problems);
        this.name = "HalfMadeError";
    }
}

/** The name of an error, whose text may hold a secret. */
export const nameOfError = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/**
 * Turns every error except our refusals into one without a stack, as hosts need it.
 * @param internal The message for a bug, with its name alone, because its text may hold a secret.
 */
export async function onlyRefusals<T>(
    work: () => Promise<T>,
    code: Code,
    internal: (name: string) => string,
): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (error instanceof ConnectionError) {
            throw error;
        }
        if (error instanceof Fault) {
            throw new ConnectionError([error.problem]);
        }
        throw new ConnectionError([{ kind: "internal", code, message: internal(nameOfError(error)) }]);
    }
}
