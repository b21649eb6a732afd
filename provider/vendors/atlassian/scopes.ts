// Proof of scopes, call by call, where the vendor does not list them.
import {
    anything,
    listOf,
    object,
    optional,
    text,
    type Field,
    type FoundScopes,
    type RequestOptions,
    type ScopeRules,
    type Verification,
} from "../../define";
import { classifyRefusal, confluenceUserAnswer, isScopeRefusal, jiraUserAnswer, type GatewaySite } from "./accounts";
import { gatewayUrl, type Product } from "./hosts";

/** The rules for required scopes, for every connection to Atlassian. */
export const scopeRules = {
    check: "scopes",
    required: "requiredScopes",
    word: "scope",
} as const satisfies ScopeRules<"scopes", "requiredScopes">;

interface Proof {
    readonly product: Product;
    readonly path: string;
    readonly answer: Field<unknown, unknown>;
    /**
     * True for an answer that holds the requested data.
     * @default every answer does
     */
    readonly tells?: (answer: unknown) => boolean;
    /** A write that cannot succeed: HTTP 400 has the scope. */
    readonly failingWrite?: boolean;
}

/** Scopes that a call can prove, and the proof: an answer proves one only in the product's shape. */
const proofs: ReadonlyMap<string, Proof> = new Map<string, Proof>([
    ["read:jira-user", { product: "jira", path: "/rest/api/3/myself", answer: jiraUserAnswer }],
    [
        "read:jira-work",
        {
            product: "jira",
            path: "/rest/api/3/project/search?maxResults=1",
            answer: object({ values: optional(listOf(optional(anything()))) }),
            tells: (page) => (page as { readonly values?: unknown }).values !== undefined,
        },
    ],
    [
        "write:jira-work",
        { product: "jira", path: "/rest/api/3/issue", answer: object({ key: text() }), failingWrite: true },
    ],
    [
        "read:confluence-user",
        { product: "confluence", path: "/wiki/rest/api/user/current", answer: confluenceUserAnswer },
    ],
]);

/** True for one of the forms in which Jira reports the faults of an issue. */
function isErrorCollection(body: unknown): boolean {
    const { errorMessages, errors } = (body ?? {}) as { errorMessages?: unknown; errors?: unknown };
    return Array.isArray(errorMessages) || (typeof errors === "object" && errors !== null && !Array.isArray(errors));
}

/**
 * Proves the required scopes of a credential where the vendor does not list them.
 * @param proved Scopes that earlier calls have already proved or disproved.
 * @returns Undefined where the vendor could not be contacted.
 */
export async function proveScopes<Argument extends string>(
    vendor: Verification<"scopes", Argument | "requiredScopes">,
    required: readonly string[],
    { cloudId, environment, named }: GatewaySite<Argument>,
    proved: Readonly<Record<string, boolean>> = {},
): Promise<FoundScopes | undefined> {
    const states = await Promise.all(
        required.map(async (scope) => {
            const proof = proofs.get(scope);
            if (Object.hasOwn(proved, scope) || proof === undefined) {
                return { scope, has: proved[scope] };
            }
            let has = true;
            const options: RequestOptions<Argument | "requiredScopes"> = {
                ...(proof.failingWrite === true ? { method: "POST", body: {} } : {}),
                classify: (answer, body) => {
                    has = !isScopeRefusal(answer);
                    const isAsked = proof.failingWrite === true && answer.status === 400 && isErrorCollection(body);
                    return !has || isAsked
                        ? "passed"
                        : classifyRefusal<Argument | "requiredScopes">(answer, body, {
                              product: "Atlassian",
                              argument: "requiredScopes",
                              named,
                          });
                },
            };
            const url = gatewayUrl(cloudId, proof.product, environment) + proof.path;
            const answer = await vendor.request("scopes", url, proof.answer, options);
            return { scope, has: answer !== undefined && proof.tells?.(answer) === false ? undefined : has };
        }),
    );
    const those = (state: boolean | undefined): string[] =>
        states.filter(({ has }) => has === state).map(({ scope }) => scope);
    const isKnown = vendor.problemOf("scopes") === undefined;
    return isKnown
        ? { granted: those(true), unproved: those(undefined), known: async () => [...proofs.keys()] }
        : undefined;
}
