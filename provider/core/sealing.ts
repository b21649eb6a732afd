// Secretness follows the value: where a program makes an argument secret, every recorded value that holds it is sealed.
import { randomBytes } from "node:crypto";
import type { Check, EngineInputs, Problem, Recorded, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import type { Plan } from "./plan";
import { literally, mark } from "./redact";
import { decodeState, sealedBookkeepingName, type SealedOutputs } from "./state";
import type { TenantResult } from "./verify";

/** A shorter value counts where it is the whole text: within others it would hit ordinary words. */
const shortest = 6;

/** A plan without the program's secrets in its sentences: the only one that is recorded or shown. */
export interface SealedPlan extends Omit<Plan, "outputs"> {
    readonly outputs: SealedOutputs;
}

/** The values that the program made secret. */
export class Seal {
    private readonly values: readonly string[];

    /**
     * @param names The arguments that the program made secret, and that are no secrets by themselves.
     * @param outputs The texts in outputs that it made secret.
     */
    constructor(
        readonly names: readonly string[],
        args: Values,
        outputs: readonly string[] = [],
    ) {
        const given = [...names.flatMap((name) => textsIn(args[name])), ...outputs];
        this.values = [...new Set([...given, ...given.flatMap(partsOfUrl)])].filter((value) => value !== "");
    }

    /** True where a value holds one of them, or is a part of one, at any depth. Sealing too much does no harm. */
    holds(value: unknown): boolean {
        const texts = textsIn(value).map((text) => text.toLowerCase());
        const isPart = (text: string, secret: string): boolean => text.length >= shortest && secret.includes(text);
        return texts.some((text) =>
            this.values.map((one) => one.toLowerCase()).some((secret) => text.includes(secret) || isPart(text, secret)),
        );
    }

    /** A sentence with them replaced. */
    sentence(text: string): string {
        return this.values
            .filter((value) => value.length >= shortest)
            .reduce((rest, value) => rest.replace(literally(value), mark), text);
    }

    /** A plan with them replaced in its sentences. */
    plan(plan: Plan): SealedPlan {
        const found: Values = plan.outputs;
        if (this.values.length === 0) {
            return { ...plan, outputs: found };
        }
        const { warnings, checks } = found as {
            warnings?: readonly string[];
            checks?: Readonly<Record<string, Check>>;
        };
        const outputs = {
            ...found,
            ...(warnings === undefined ? {} : { warnings: warnings.map((text) => this.sentence(text)) }),
            ...(checks === undefined ? {} : { checks: this.checks(checks) }),
        };
        return { ...plan, outputs, problems: this.problems(plan.problems) };
    }

    /** A result with them replaced in its sentences. */
    tenant(tenant: TenantResult): TenantResult {
        if (this.values.length === 0) {
            return tenant;
        }
        const { warnings, checks, problems } = tenant;
        const sentences = warnings.map((text) => this.sentence(text));
        return { ...tenant, warnings: sentences, checks: this.checks(checks), problems: this.problems(problems) };
    }

    problems(problems: readonly Problem[]): readonly Problem[] {
        return problems.map((problem) => ({ ...problem, message: this.sentence(problem.message) }));
    }

    private checks(checks: Readonly<Record<string, Check>>): Readonly<Record<string, Check>> {
        return Object.fromEntries(
            Object.entries(checks).map(([name, check]) => [name, { ...check, message: this.sentence(check.message) }]),
        );
    }
}

/** The names of a state's computed values that hold a secret of the program's. */
export function sealedNames(type: ConnectionType, state: Recorded | EngineInputs): readonly string[] {
    const { sealed = [], secretOutputs = [], args = {} } = decodeState(type, state as Values) ?? {};
    const seal = new Seal(sealed, args, textsOf(state, secretOutputs));
    // The state has the declared day in another form.
    const isOfDay = (name: string): boolean => name === "secretExpiresAt" && sealed.includes("expiresAt");
    const isSealed = (name: string): boolean =>
        secretOutputs.includes(name) || seal.holds(state[name]) || (isOfDay(name) && state[name] !== null);
    const holding = sealed.length + secretOutputs.length === 0 ? [] : type.computedNames.filter(isSealed);
    return state[sealedBookkeepingName] === undefined ? holding : [...holding, sealedBookkeepingName];
}

/** The texts in some values that are longer than ordinary words. */
export function textsOf(values: Values, names: readonly string[]): readonly string[] {
    const leaves = (value: unknown): string[] =>
        typeof value === "object" && value !== null
            ? Object.values(value).flatMap(leaves)
            : typeof value === "string" || typeof value === "number"
              ? [`${value}`]
              : [];
    return names.flatMap((name) => leaves(values[name])).filter((text) => text.length >= shortest);
}

/** The identifier of a resource whose tenant is sealed, in whose place it says nothing: the engine keeps no secret identifier. */
export const sealedId = (): string => randomBytes(16).toString("hex");

/** The parts of an address that sentences name: its host, with the path or without, and the parts of the path. */
function partsOfUrl(text: string): string[] {
    if (!URL.canParse(text)) {
        return [];
    }
    const { host, hostname, pathname } = new URL(text);
    const path = pathname.replace(/\/+$/, "");
    return [`${host}${path}`, host, hostname, ...path.split("/").filter((part) => part.length >= shortest)];
}

/** The texts in a value, names of fields among them; the places in a list are not texts. */
function textsIn(value: unknown): string[] {
    if (typeof value === "string") {
        return [value];
    }
    if (Array.isArray(value)) {
        return value.flatMap(textsIn);
    }
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)])
        : [];
}
