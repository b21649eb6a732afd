// Secretness follows the value: where a program makes an argument secret, whatever is recorded of it and holds it is sealed.
import { randomBytes } from "node:crypto";
import type { Check, Problem, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import type { Plan } from "./plan";
import { literally, mark } from "./redact";
import type { TenantResult } from "./verify";

/**
 * What the program registers in the place of a computed property that is to be sealed: the engine encrypts what it gets back under the same name. It is
 * no value, and taken out again.
 */
export const SEALED = "pulumi-connections/sealed";

/** A shorter value counts where it is the whole text: within others it would hit ordinary words. */
const shortest = 6;

/** The values of arguments that the program made secret. */
export class Seal {
    private readonly values: readonly string[];

    /** @param names The arguments that the program made secret, and that are no secrets by themselves. */
    constructor(
        readonly names: readonly string[],
        args: Values,
    ) {
        const given = names.flatMap((name) => textsIn(args[name])).filter((value) => value !== "");
        // Sentences name a host without its scheme.
        const hosts = given.filter((value) => URL.canParse(value)).map((value) => new URL(value).hostname);
        this.values = [...new Set([...given, ...hosts])].filter((value) => value !== "");
    }

    /** Whether a value holds one of them, or is a part of one, at any depth. Sealing too much does no harm. */
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
    plan(plan: Plan): Plan {
        if (this.names.length === 0) {
            return plan;
        }
        const { warnings, checks } = plan.outputs as {
            warnings?: readonly string[];
            checks?: Readonly<Record<string, Check>>;
        };
        const outputs = {
            ...plan.outputs,
            ...(warnings === undefined ? {} : { warnings: warnings.map((text) => this.sentence(text)) }),
            ...(checks === undefined ? {} : { checks: this.checks(checks) }),
        };
        return { ...plan, outputs, problems: this.problems(plan.problems) };
    }

    /** A result with them replaced in its sentences. */
    tenant(tenant: TenantResult): TenantResult {
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

/**
 * The computed properties that hold a sealed value.
 * @param tenants What was found; empty where the vendor was not asked. What is on record then is not known here: all that may hold one is sealed.
 */
export function sealedProperties(
    type: ConnectionType,
    seal: Seal,
    derived: Values,
    tenants: readonly TenantResult[],
): string[] {
    if (seal.names.length === 0) {
        return [];
    }
    const isKnown = tenants.length > 0 && tenants.every(({ status }) => status === "verified" || status === "expiring");
    const holds = (name: string): boolean =>
        seal.holds(derived[name]) ||
        tenants.some((tenant) => seal.holds(isCommon(name) ? tenant[name] : tenant.outputs[name]));
    return sealableProperties(type).filter((name) => !isKnown || holds(name));
}

const common = ["account", "grantedScopes", "missingScopes"] as const;
const isCommon = (name: string): name is (typeof common)[number] => (common as readonly string[]).includes(name);

/** The computed properties that can hold what an argument holds. */
export const sealableProperties = (type: ConnectionType): string[] => [...new Set([...common, ...type.outputNames])];

/** The identifier of a resource whose tenant is sealed, in whose place it says nothing: the engine keeps no secret identifier. */
export const sealedId = (): string => randomBytes(16).toString("hex");

function textsIn(value: unknown): string[] {
    if (typeof value === "string") {
        return [value];
    }
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)])
        : [];
}
