// Proof of scopes, call by call, where the vendor does not list them.
import { anything, listOf, object, optional, text } from "../../define";
import type { Field, FoundScopes, Values, Verification } from "../../define";
import { classifyRefusal, refusals, userAnswer } from "./accounts";
import { gatewayUrl, type GatewaySite, type Product } from "./hosts";

/** The rules for required scopes, for every connection to Atlassian. */
export const scopeRules = { check: "scopes", required: "requiredScopes", word: "scope" } as const;

interface Proof {
    readonly product: Product;
    readonly path: string;
    readonly answer: Field<unknown, unknown>;
    /** The member without which an answer proves nothing. */
    readonly needs?: string;
    /** A write that cannot succeed: HTTP 400 has the scope. */
    readonly failingWrite?: boolean;
}

/** Scopes that a call can prove, and the proof: an answer proves one only in the product's shape. */
const proofs: ReadonlyMap<string, Proof> = new Map<string, Proof>([
    ["read:jira-user", { product: "jira", path: "/rest/api/3/myself", answer: userAnswer }],
    [
        "read:jira-work",
        {
            product: "jira",
            path: "/rest/api/3/project/search?maxResults=1",
            answer: object({ values: optional(listOf(optional(anything()))) }),
            needs: "values",
        },
    ],
    [
        "write:jira-work",
        { product: "jira", path: "/rest/api/3/issue", answer: object({ key: text() }), failingWrite: true },
    ],
    ["read:confluence-user", { product: "confluence", path: "/wiki/rest/api/user/current", answer: userAnswer }],
]);

/** True for one of the forms in which Jira reports the faults of an issue. */
function isErrorCollection(body: unknown): boolean {
    const { errorMessages, errors } = (body ?? {}) as { errorMessages?: unknown; errors?: unknown };
    return Array.isArray(errorMessages) || (typeof errors === "object" && errors !== null && !Array.isArray(errors));
}

/** The things that are known before scopes are proved. */
interface ProofState<Check> {
    /** The checks that must have found no problem. */
    readonly after: readonly Check[];
    /** Scopes that earlier calls have already proved or disproved. */
    readonly proved?: Readonly<Record<string, boolean>>;
}

/**
 * Proves the required scopes of a credential where the vendor does not list them.
 * @returns Undefined where something is wrong, or the vendor could not be contacted.
 */
export async function proveScopes<Check extends string, Argument extends string>(
    vendor: Verification<Check | "scopes", Argument | "requiredScopes">,
    required: readonly string[],
    { cloudId, environment, named }: GatewaySite<Argument>,
    { after, proved = {} }: ProofState<Check>,
): Promise<FoundScopes | undefined> {
    const isSound = (check: Check | "scopes"): boolean => vendor.problemOf(check) === undefined;
    if (!after.every(isSound)) {
        return undefined;
    }
    const prove = async (scope: string): Promise<boolean | undefined> => {
        const proof = proofs.get(scope);
        if (Object.hasOwn(proved, scope) || proof === undefined) {
            return proved[scope];
        }
        const { product, path, failingWrite = false, needs } = proof;
        let has = true;
        const url = gatewayUrl(cloudId, product, environment) + path;
        const answer = await vendor.request("scopes", url, proof.answer, {
            ...(failingWrite ? { method: "POST", body: {} } : {}),
            classify: (answer, body) => {
                has = !refusals.isScopeRefusal(answer);
                const isRead = failingWrite && answer.status === 400 && isErrorCollection(body);
                return !has || isRead
                    ? "passed"
                    : classifyRefusal<Argument | "requiredScopes">(answer, body, "Atlassian", {
                          argument: "requiredScopes",
                          named,
                      });
            },
        });
        const isEmpty = needs !== undefined && answer !== undefined && (answer as Values)[needs] === undefined;
        return isEmpty ? undefined : has;
    };
    const states = await Promise.all(required.map(prove));
    const those = (state: boolean | undefined): string[] => required.filter((_, at) => states[at] === state);
    return isSound("scopes")
        ? { granted: those(true), unproved: those(undefined), known: async () => [...proofs.keys()] }
        : undefined;
}
