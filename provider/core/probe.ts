// The call by which a program proves a credential, and what an answer to it proves.
import { get } from "jsonpointer";
import { isPage, isRedirect } from "../define/answers";
import type { Answer, AnswerMeaning, Code, Probed, Verification, VendorProblem } from "../define/contracts";
import { anything, optional } from "../define/fields";
import type { Probe, Probing } from "../define/probe";

const anyAnswer = optional(anything());

/** Calls the URL that a program names. Undefined: it names none, or the call proves nothing. */
export async function probe(
    vendor: Verification<string, string>,
    check: string,
    { probe: declared, secretHeaders }: Probing,
): Promise<Probed | undefined> {
    if (declared === undefined) {
        return undefined;
    }
    const { url, method, account, identity, headers } = declared;
    const all = Object.entries({ ...headers, ...secretHeaders });
    let answered: unknown;
    await vendor.request(check, url, anyAnswer, {
        method,
        headers: Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value])),
        argument: "probe",
        classify: (answer, body) => {
            answered = body;
            return meaningOf(answer, body, declared);
        },
    });
    if (vendor.resultOf(check) !== "passed") {
        return undefined;
    }
    const id = identifierAt(answered, account);
    return { identity: identifierAt(answered, identity), account: id === undefined ? undefined : { id, name: id } };
}

/** The meaning of an answer to a probe; undefined where the ordinary rules apply. */
function meaningOf(
    answer: Answer,
    body: unknown,
    { url, expect, account, identity, proof }: Probe,
): AnswerMeaning<"probe"> | undefined {
    const { status } = answer;
    const isGood = status >= 200 && status < 300;
    if (status === 401 || isRedirect(answer) || isPage(answer, body) || (expect === undefined && !isGood)) {
        return undefined;
    }
    if (expect !== undefined && status !== expect) {
        return {
            kind: "accessMissing",
            code: "generic-probe-status",
            argument: "probe",
            message: `${url} answered with HTTP ${status}, and probe.expect says ${expect}. Give the credential what the call needs, or correct probe.`,
        };
    }
    const noProof = (code: Code, what: string, next: string): VendorProblem<"probe"> => ({
        kind: "badAnswer",
        code,
        argument: "probe",
        message: `${url} answered with HTTP ${status} and ${what}, so whether the credential is good is not known. ${next}`,
    });
    if (proof !== undefined && body === undefined) {
        const what = "without the JSON that probe.proof points into";
        return noProof("generic-probe-no-json", what, "Check that it is the API's address.");
    }
    if (proof !== undefined && valueAt(body, proof.pointer) !== proof.value) {
        return { refused: `without ${JSON.stringify(proof.value)} at ${proof.pointer}, which probe.proof needs` };
    }
    const error = proof === undefined && isGood ? errorIn(body) : undefined;
    if (error !== undefined) {
        const next = "Say with probe.proof what the answer to a good credential says.";
        return noProof("generic-probe-error", `with ${error}`, next);
    }
    const missing = Object.entries({ account, identity }).find(
        ([, at]) => at !== undefined && identifierAt(body, at) === undefined,
    );
    return missing === undefined
        ? "passed"
        : noProof(
              "generic-probe-silent",
              `has nothing at ${missing[1] ?? ""} (probe.${missing[0]})`,
              "Correct the pointer, or say with probe.proof what the answer to a good credential says.",
          );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const valueAt = (body: unknown, at: string): unknown => (isObject(body) ? (get(body, at) as unknown) : undefined);

/** The identifier in an answer at a pointer. */
function identifierAt(body: unknown, at: string | undefined): string | undefined {
    const value = at === undefined ? undefined : valueAt(body, at);
    return (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;
}

/** The member at the top of an answer that reports a failed call under a good status. */
function errorIn(body: unknown): string | undefined {
    const entries = isObject(body) && !Array.isArray(body) ? Object.entries(body) : [];
    const saysSomething = (value: unknown): boolean =>
        isObject(value) ? Object.keys(value).length > 0 : !["", false, 0, undefined, null].includes(value as never);
    const [name] =
        entries.find(
            ([key, value]) =>
                (/^(ok|success)$/i.test(key) && value === false) || (/^errors?$/i.test(key) && saysSomething(value)),
        ) ?? [];
    return name === undefined ? undefined : /^e/i.test(name) ? `${name} at its top` : `${name}: false at its top`;
}
