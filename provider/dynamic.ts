import { isDeepStrictEqual } from "node:util";
import { parseArgs, unknown, type CommonArgs, type Given } from "./args";
import { notAdopted, type Connection } from "./connection";
import { parseJson } from "./credential";
import { find } from "./connections/find";
import { difference, differing, identityOf, isHealthy, isUnhealthy, recordName, shownIdentity, unhealthyWarning, type Bookkeeping } from "./drift";
import { ConnectionError, describe, Fault, kinds, stops, type Problem } from "./errors";
import { isExpired } from "./expiry";
import { handover, isExactlyOf, isOf, Verifier, type Observation } from "./observation";
import { computedNames, obstacles, pick, settle, type Recorded, type Settled } from "./outputs";
import { fingerprint, isReference, isSameSecret, resolveSecret } from "./secrets";
import { endpointsWarning, readSettings, type VerifyMode } from "./settings";

type Args = CommonArgs & Given;
type State = Record<string, unknown>;

interface Config {
    get(key: string): string | undefined;
}

/** What the engine's dynamic provider calls. */
export type ResourceProvider = Pick<DynamicProvider, "configure" | "check" | "diff" | "create" | "update" | "read" | "delete">;

/**
 * The provider side of a connection, called by the engine's dynamic provider. State refers to this function by name, so its name and its
 * parameters stand for good.
 */
export function provider(vendor: string, type: string): ResourceProvider {
    const connection = find(vendor, type);
    const inner = new DynamicProvider(connection);
    return {
        configure: (request) => inner.configure(request),
        check: (olds, news) => guarded(connection, () => inner.check(olds, news)),
        diff: (id, olds, news) => guarded(connection, () => inner.diff(id, olds, news)),
        create: (inputs) => guarded(connection, () => inner.create(inputs)),
        update: (id, olds, news) => guarded(connection, () => inner.update(id, olds, news)),
        read: (id, props) => guarded(connection, () => inner.read(id, props)),
        delete: () => inner.delete(),
    };
}

// The engine runs one process for all connections of a phase: what one has learned serves the others.
let verifier: Verifier | undefined;
let wrongSettings: Problem | undefined;
// Whether the run has said where its calls are led: the program does, where there is one.
let hasWarned = false;

/** What the engine calls, for one type of connection. */
class DynamicProvider {
    constructor(private readonly connection: Connection) {}

    // The host caches a provider before this has finished if it is asynchronous.
    configure({ config }: { config: Config }): void {
        try {
            verifier ??= new Verifier(readSettings((key) => config.get(`connections:${key}`)));
        } catch (error) {
            if (!(error instanceof Fault)) {
                throw error;
            }
            wrongSettings = error.problem;
        }
    }

    async check(olds: State, news: State): Promise<{ inputs: State; failures: { property: string; reason: string }[] }> {
        hasWarned = true;
        const given = this.declared(news);
        const recorded = this.recorded(olds);
        const handed = handedOver(news[handover]);
        const { args: parsed, problems, waiting } = this.judged(given, handed);
        if (problems.length > 0) {
            return refuse(given, problems, handed);
        }
        if (parsed === undefined || waiting.length > 0 || news[handover] === unknown) {
            const waitingFor = computedNames(this.connection).filter((name) => !(name in given));
            return { inputs: { ...given, ...Object.fromEntries(waitingFor.map((name) => [name, unknown])) }, failures: [] };
        }
        let settled: Settled;
        let args: Args;
        let changed: string[];
        let mode: VerifyMode;
        try {
            mode = handed?.mode ?? this.verifier().mode(parsed);
            args = withFingerprints(this.connection, parsed as Args, recorded?.args, mode === "never");
            changed = recorded === undefined ? Object.keys(args) : differing(recorded.args, args);
            const observation = await this.observation(handed, mode, args, recorded, changed);
            settled = settle(this.connection, args, observation, recorded, changed);
            if (recorded !== undefined && observation.seen.length > 0 && settled.problems.length === 0) {
                settled = { ...settled, problems: await this.unproved(args, recorded, settled) };
            }
        } catch (error) {
            return refuse(given, problemsOf(error), handed);
        }
        const unseen = recorded === undefined && settled.status === "unreachable";
        // A preview leaves open what it could not ask; an update records nothing that was not verified.
        const blocking = unseen && handed?.preview !== true ? settled.problems : settled.problems.filter(stops);
        const refused = obstacles(blocking, settled.status, recorded, changed, mode);
        if (refused.length > 0) {
            return refuse(given, refused, handed);
        }
        if (handed?.seen.length === 0 && settled.status === "unreachable") {
            // What the program itself has not asked, it cannot tell.
            warn(`${handed.label ?? this.connection.type}: not verified: ${settled.problems.map(describe).join(" ")}`);
        }
        const names = computedNames(this.connection);
        // Without anything on record the engine holds nothing yet, but a refresh will have to.
        const held = names.filter((name) => name in news && !this.connection.argumentNames.includes(name));
        const ignored = names.filter((name) => handed?.ignored?.some((path) => path === name || path === "*"));
        const inputs = this.state(args, settled, recorded, { ignored }, pick(news, held));
        if (unseen) {
            inputs["status"] = unknown;
            names.forEach((name) => (inputs[name] ??= unknown));
        }
        return { inputs, failures: [] };
    }

    async diff(_id: string, olds: State, news: State): Promise<{ changes: boolean; replaces: string[] }> {
        return difference(this.connection, olds, news, this.verifier().mode(news as CommonArgs));
    }

    async create(inputs: State): Promise<{ id: string; outs: State }> {
        const outs = await this.verified(inputs, undefined, "Nothing was recorded.");
        return { id: `${this.connection.vendor}/${identityOf(this.connection, outs).tenant ?? this.connection.type}`, outs };
    }

    async update(_id: string, olds: State, news: State): Promise<{ outs: State }> {
        const outs = await this.verified(news, this.recorded(olds), "The stack keeps what is on record.");
        // What is not verified now was last verified when it was.
        return { outs: typeof olds["verifiedAt"] === "string" ? { verifiedAt: olds["verifiedAt"], ...outs } : outs };
    }

    async read(id: string, props: State): Promise<{ id: string; props: State; inputs: State }> {
        const recorded = this.recorded(props);
        if (recorded === undefined) {
            throw new ConnectionError([notAdopted(this.connection)]);
        }
        const verifier = this.verifier();
        this.warnOfEndpoints();
        const args = plain(recorded.args as Args);
        const mode = verifier.mode(args);
        const observation = mode === "never" ? verifier.unasked(this.connection, args) : await verifier.observe(this.connection, args);
        const settled = settle(this.connection, args, observation, recorded, []);
        if (settled.status === "unreachable") {
            warn(`${id}: ${settled.problems.map(describe).join(" ")} The connection stays as it was.`);
        }
        const { ignored = [] } = (props[recordName] ?? {}) as Partial<Bookkeeping>;
        const accepted = recorded.accepted && settled.computed["status"] === recorded.computed["status"];
        const inputs = this.state(withFingerprints(this.connection, args, recorded.args, true), settled, recorded, { ignored, accepted }, pick(props, ignored));
        const { status } = inputs;
        if (mode !== "always" && isUnhealthy(status)) {
            const { since } = inputs[recordName] as Bookkeeping;
            warn(`${id}: ${unhealthyWarning(String(status), since, mode !== "never")}`);
        }
        return { id, props: { ...inputs, ...("verifiedAt" in props ? { verifiedAt: props["verifiedAt"] } : {}) }, inputs };
    }

    async delete(): Promise<void> {
        // The credential is its owner's: a connection is forgotten, nothing is taken away at the vendor.
        this.warnOfEndpoints();
    }

    private warnOfEndpoints(): void {
        const warning = verifier === undefined || hasWarned ? undefined : endpointsWarning(verifier.settings);
        hasWarned = true;
        if (warning !== undefined) {
            warn(warning);
        }
    }

    private verifier(): Verifier {
        if (wrongSettings !== undefined) {
            throw new ConnectionError([wrongSettings]);
        }
        verifier ??= new Verifier(readSettings(() => undefined));
        return verifier;
    }

    /** The arguments as their schema has them: it is not applied again to those that the program observed as they are. */
    private judged(given: Given, handed: Observation | undefined): ReturnType<typeof parseArgs> {
        const args = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
        try {
            if (handed !== undefined && isExactlyOf(handed, this.connection, args)) {
                return { args, problems: [], waiting: [] };
            }
        } catch (error) {
            if (!(error instanceof Fault)) {
                throw error;
            }
        }
        return parseArgs(this.connection, given);
    }

    /** The observation that decides: the program's where it was made with these very arguments, else one of this process. */
    private async observation(
        handed: Observation | undefined,
        mode: VerifyMode,
        args: Args,
        recorded: Recorded | undefined,
        changed: readonly string[],
    ): Promise<Observation> {
        const verifier = this.verifier();
        const asked = plain(args);
        if (!isAsked(mode, args, recorded, changed)) {
            return verifier.unasked(this.connection, asked);
        }
        if (handed !== undefined && handed.seen.length > 0 && isOf(handed, this.connection, asked)) {
            verifier.adopt(this.connection, asked, handed);
            return handed;
        }
        return verifier.observe(this.connection, asked);
    }

    /** What is wrong with new secrets besides the one in use: each is proved before what it replaces is dropped. */
    private async unproved(args: Args, recorded: Recorded, { computed }: Settled): Promise<readonly Problem[]> {
        const [primary = "", ...others] = this.connection.secrets;
        if (typeof computed["secretInUse"] !== "string") {
            return [];
        }
        const known = this.connection.secrets.map((name) => recorded.args[name]);
        const unknown = [primary, ...others].filter((name) => args[name] !== undefined && name !== computed["secretInUse"] && !known.some((one) => isSameSecret(one, args[name])));
        const alone = Object.fromEntries(Object.entries(plain(args)).filter(([name]) => !others.includes(name))) as Args;
        const tried = await Promise.all(
            unknown.map(async (name) => {
                const { seen } = await this.verifier().observe(this.connection, { ...alone, [primary]: plain(args)[name] });
                return (seen[0]?.problems ?? []).map((problem) => (problem.property === primary ? { ...problem, property: name } : problem));
            }),
        );
        return tried.flat().filter(stops);
    }

    /** Verifies, and returns what is to be recorded. */
    private async verified(inputs: State, recorded: Recorded | undefined, otherwise: string): Promise<State> {
        const args = this.arguments(inputs) as Args;
        const changed = recorded === undefined ? Object.keys(args) : differing(recorded.args, args);
        const verifier = this.verifier();
        const mode = inputs["status"] === "unverified" ? "never" : verifier.mode(args);
        const asked = isAsked(mode, args, recorded, changed);
        const observation = asked ? await verifier.observe(this.connection, plain(args)) : verifier.unasked(this.connection, plain(args));
        const settled = settle(this.connection, args, observation, recorded, changed);
        const isKept = recorded !== undefined && mode !== "always" && obstacles(settled.problems, settled.status, recorded, changed, mode).length === 0;
        if (!isHealthy(settled.status) && !isKept) {
            throw new ConnectionError(settled.problems, otherwise);
        }
        const { ignored = [] } = (inputs[recordName] ?? {}) as Partial<Bookkeeping>;
        const state = this.state(args, settled, recorded, { ignored, accepted: isUnhealthy(settled.computed["status"]) }, pick(inputs, ignored));
        return { ...state, ...(asked && isHealthy(settled.status) ? { verifiedAt: new Date().toISOString() } : {}) };
    }

    /** @param held Outputs that the program's `ignoreChanges` keeps as they are. */
    private state(
        args: Args,
        { computed, identity }: Settled,
        recorded: Recorded | undefined,
        { ignored = [], accepted = false }: Pick<Bookkeeping, "ignored" | "accepted">,
        held: Given,
    ): State {
        const overlapping = this.connection.outputs.filter((name) => this.connection.argumentNames.includes(name));
        const declared = overlapping.filter((name) => args[name] !== undefined);
        // An output without a value is written down as such: previews take one that is not there for one not known yet.
        const empty = Object.fromEntries(computedNames(this.connection).map((name) => [name, null]));
        const shown: State = { ...empty, ...computed, ...args, ...held };
        const since = sinceOf(computed["status"], args, recorded);
        // State keeps everything twice, so what is empty or stands there already is left out.
        const record: Bookkeeping = {
            ...(declared.length > 0 ? { declared } : {}),
            ...(ignored.length > 0 ? { ignored } : {}),
            ...(isDeepStrictEqual(identity, shownIdentity(this.connection, shown)) ? {} : { identity }),
            ...(since === undefined ? {} : { since }),
            ...(accepted ? { accepted } : {}),
        };
        return { ...shown, [recordName]: record };
    }

    /** The arguments among what the engine hands over: outputs are there only where the program's `ignoreChanges` names them. */
    private declared(news: State): Given {
        const computed = computedNames(this.connection);
        const isArgument = (name: string): boolean =>
            name !== handover && name !== "verifiedAt" && !name.startsWith("__") && (this.connection.argumentNames.includes(name) || !computed.includes(name));
        return Object.fromEntries(Object.entries(news).filter(([name]) => isArgument(name)));
    }

    /** The declared arguments among what a state holds. */
    private arguments(state: State): Given {
        const { declared = [] } = (state[recordName] ?? {}) as Partial<Bookkeeping>;
        const isDeclared = (name: string): boolean => !this.connection.outputs.includes(name) || declared.includes(name);
        return pick(state, this.connection.argumentNames.filter(isDeclared));
    }

    private recorded(state: State): Recorded | undefined {
        const { since, accepted = false } = (state[recordName] ?? {}) as Partial<Bookkeeping>;
        return state[recordName] === undefined
            ? undefined
            : { args: this.arguments(state), computed: pick(state, computedNames(this.connection)), identity: identityOf(this.connection, state), since, accepted };
    }
}

/**
 * Whether the vendor is asked in a preview or an update. Under `changes` that is for what is new, changed or unverified, and for what is not healthy, to see
 * whether it has healed; what the calendar calls expired, no answer of the vendor could heal.
 */
function isAsked(mode: VerifyMode, args: Args, recorded: Recorded | undefined, changed: readonly string[]): boolean {
    const { status } = recorded?.computed ?? {};
    const stands = recorded !== undefined && changed.length === 0 && isHealthy(status) && status !== "unverified";
    return mode === "always" || (mode === "changes" && !stands && !isExpired(args));
}

/** The day since which a connection is known not to be healthy. */
function sinceOf(status: unknown, { expiresAt }: Args, recorded: Recorded | undefined): string | undefined {
    if (!isUnhealthy(status)) {
        return undefined;
    }
    if (status === "expired") {
        return expiresAt?.slice(0, 10);
    }
    return recorded?.computed["status"] === status ? recorded?.since : new Date().toISOString().slice(0, 10);
}

function handedOver(text: unknown): Observation | undefined {
    const value = typeof text === "string" && text !== unknown ? parseJson(text) : undefined;
    return isObservation(value) ? value : undefined;
}

type Shape = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Shape => typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === "string");

// Whatever else stands there is left, and the vendor asked: a program may hold an argument of this name.
function isObservation(value: unknown): value is Observation {
    const isProblem = (one: unknown): boolean =>
        isObject(one) && Object.hasOwn(kinds, String(one["kind"])) && typeof one["property"] === "string" && typeof one["message"] === "string";
    const isSeen = (one: unknown): boolean =>
        isObject(one) && typeof one["status"] === "string" && Array.isArray(one["problems"]) && one["problems"].every(isProblem) && isObject(one["facts"]) && isObject(one["checks"]) && isTexts(one["warnings"]);
    return (
        isObject(value) &&
        typeof value["at"] === "number" &&
        typeof value["of"] === "string" &&
        ["always", "changes", "never"].includes(value["mode"] as string) &&
        Array.isArray(value["seen"]) &&
        value["seen"].every(isSeen) &&
        ["string", "undefined"].includes(typeof value["label"]) &&
        [value["ignored"], value["others"]].every((list) => list === undefined || isTexts(list))
    );
}

/** What the engine is given never has a stack: whatever is no refusal of ours becomes one. */
async function guarded<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (error instanceof ConnectionError) {
            throw error;
        }
        if (error instanceof Fault) {
            throw new ConnectionError([error.problem]);
        }
        const name = error instanceof Error ? error.name : typeof error;
        const message = `the recorded state of this ${connection.vendor}.${connection.type} cannot be used (${name}). Restore the stack's state, or replace the resource (pulumi up --replace URN).`;
        throw new ConnectionError([{ kind: "internal", property: "", message }]);
    }
}

function refuse(
    inputs: Given,
    problems: readonly Problem[],
    handed: Observation | undefined,
): { inputs: State; failures: { property: string; reason: string }[] } {
    handed?.others?.forEach((message) => console.error(`also wrong: ${message}`));
    // The engine prints the value of a property that a failure names, secret or not: the name goes into the reason instead.
    return { inputs: { ...inputs }, failures: problems.map((problem) => ({ property: "", reason: describe(problem) })) };
}

function problemsOf(error: unknown): readonly Problem[] {
    if (error instanceof Fault) {
        return [error.problem];
    }
    if (error instanceof ConnectionError) {
        return error.problems;
    }
    return [{ kind: "internal", property: "", message: "the check failed. Report it as a bug of pulumi-connections." }];
}

/** References with the fingerprint of what they lead to now. */
function withFingerprints(connection: Connection, args: Args, recorded: Given | undefined, tolerant: boolean): Args {
    const marked = connection.secrets.flatMap((name) => {
        const reference = args[name];
        if (!isReference(reference)) {
            return [];
        }
        const earlier = (recorded?.[name] as { fingerprint?: string } | undefined)?.fingerprint;
        try {
            return [[name, { ...reference, fingerprint: fingerprint(resolveSecret(name, reference), earlier) }]];
        } catch (error) {
            if (!tolerant || !(error instanceof Fault)) {
                throw error;
            }
            return [[name, earlier === undefined ? reference : { ...reference, fingerprint: earlier }]];
        }
    });
    return { ...args, ...(Object.fromEntries(marked) as Given) };
}

/** Arguments without the fingerprints of their references, as the program gave them. */
function plain(args: Args): Args {
    const bare = Object.entries(args).map(([name, value]) =>
        isReference(value) ? [name, { secretFrom: value.secretFrom, name: value.name }] : [name, value],
    );
    return Object.fromEntries(bare) as Args;
}

/** Shows a warning that no program is there to show, as in a refresh. */
function warn(message: string): void {
    console.warn(`warning: ${message}`);
}
