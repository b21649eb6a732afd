// Carries out a declaration's steps: side by side, each as one check.
import type { AnyDefinition, Outcome, VerificationOf } from "../define/connection";
import type { Values } from "../define/contracts";
import type { Fields } from "../define/fields";
import type { Call, Facts, Step, StepReport, StepResult } from "../define/steps";
import { isOlder } from "./versions";

type AnyFacts = Facts<Fields>;
type AnyStepReport = StepReport<Fields, Fields>;
type AnyVendor = VerificationOf<Fields, string, string, string>;

/** The check that getting an access token decides. */
const credentialCheck = "credential";

interface Saying {
    readonly facts: AnyFacts;
    /** Records a fault, or an unknown result. */
    readonly record?: (() => void) | undefined;
}

const call: Call<Fields, Fields> = (proves, url, answer, meaning, options) =>
    ({ proves, url, answer, meaning, options }) as Step;

const stepsOf = ({ steps }: AnyDefinition): Readonly<Record<string, Step>> => steps?.(call as never) ?? {};

/** The checks of a declaration with steps, each with the sentence that a passed one proves. */
export function checksOfSteps(definition: AnyDefinition): Readonly<Record<string, string>> {
    const { token, scopes } = definition;
    const proofs = Object.entries(stepsOf(definition)).map(([check, { proves }]) => [check, proves] as const);
    return {
        ...(token === undefined ? {} : { [credentialCheck]: "The credential is accepted." }),
        ...Object.fromEntries(proofs),
        ...(scopes === undefined ? {} : { [scopes.check]: `No required ${scopes.word} is missing.` }),
    };
}

/** Verifies a connection by its declaration's steps. */
export async function verifyBySteps(definition: AnyDefinition, vendor: AnyVendor, args: Values): Promise<Outcome> {
    const say = (saying: Saying): StepResult => saying as unknown as StepResult;
    const stepReportFor = (check: string): AnyStepReport => ({
        found: (facts) => say({ facts }),
        problem: (problem, facts = {}) => say({ facts, record: () => vendor.fail(check, problem) }),
        unknown: (sentence, facts = {}) => say({ facts, record: () => vendor.unknown(check, sentence) }),
        atLeast: (version, { least, server, code }, facts = {}) => {
            const wanted = String(args[least]);
            const isFloor = wanted === definition.args[least]?.options.floor;
            const message = `${definition.title} there is ${version}, and ${wanted} or later is needed. Upgrade the server${isFloor ? "" : `, or lower ${least}`}.`;
            return say({
                facts,
                record: isOlder(version, wanted)
                    ? () => vendor.fail(check, { kind: "tooOld", code, argument: server, message })
                    : undefined,
            });
        },
        header: (name) => vendor.header(check, name),
        aside: (url, answer) => vendor.request(undefined, url, answer) as never,
    });
    const heard = (reported: StepResult): AnyFacts => {
        const { facts, record } = reported as unknown as Saying;
        record?.();
        facts.warnings?.forEach((sentence) => vendor.warn(sentence));
        return facts;
    };
    const authenticated = async (): Promise<AnyFacts> => {
        const { token: meaning } = definition;
        const token = meaning === undefined ? undefined : await vendor.authenticate(credentialCheck);
        return meaning === undefined || token === undefined
            ? {}
            : heard(meaning(token, args as never, stepReportFor(credentialCheck) as never));
    };
    const carriedOut = async ([check, step]: readonly [string, Step]): Promise<AnyFacts> => {
        const options = typeof step.options === "function" ? step.options(args as never) : step.options;
        const url = step.url(args as never);
        const answer = await vendor.request(check, url, step.answer, options);
        return answer === undefined
            ? {}
            : heard(step.meaning(answer as never, args as never, stepReportFor(check) as never));
    };
    const first = await authenticated();
    const facts = [first, ...(await Promise.all(Object.entries(stepsOf(definition)).map(carriedOut)))];
    const one = <K extends "account" | "scopes">(name: K): AnyFacts[K] => facts.find((each) => each[name])?.[name];
    return vendor.found({
        outputs: Object.assign({}, ...facts.map(({ outputs }) => outputs)) as never,
        account: one("account"),
        scopes: one("scopes"),
        secretEnds: facts.flatMap(({ secretEnds = [] }) => secretEnds),
    });
}
