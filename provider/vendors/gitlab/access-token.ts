import {
    apiKey,
    baseUrl,
    defineConnection,
    list,
    listOf,
    object,
    optional,
    secret,
    secretEnd,
    text,
    withDefault,
    type Answer,
    type Unknown,
    type VendorProblem,
} from "../../define";

const page = "Access > Personal access tokens of your profile, or Settings > Access tokens of the group or project";

const known = optional(text());
const self = object({
    id: text(),
    name: known,
    user_id: known,
    scopes: optional(listOf(known)),
    expires_at: secretEnd(),
});
const userAnswer = object({ id: known, username: known, email: known });

/** The scopes of which one is needed to read the token's user. */
const readingUser: readonly string[] = ["api", "read_api", "read_user"];

const denied =
    "GitLab knows the token and denies its user the API (HTTP 403). Look whether the user is blocked, has terms to accept, or may come from certain addresses alone.";
const bound =
    "GitLab accepts this user's tokens only with the proof of a key (DPoP), which no hub sends. Use the token of a group, a project or a service account, or switch off DPoP for the user.";

/** The meaning of an answer in which GitLab says why it refuses. */
function meaningOf({ status, text: said }: Answer): VendorProblem<"token"> | { readonly refused: string } | undefined {
    const isBound = status === 401 && said.includes('"dpop_error"');
    if (isBound || (status === 403 && said.includes('"403 Forbidden'))) {
        const reported = isBound
            ? ({ code: "gitlab-dpop", message: bound } as const)
            : ({ code: "gitlab-user-denied", message: denied } as const);
        return { kind: "accessMissing", argument: "token", ...reported };
    }
    const [, end] = /"Token (?:is|was) (expired|revoked)/.exec(said) ?? [];
    return status === 401 && end !== undefined ? { refused: `the token is ${end}` } : undefined;
}

const unreadable = ({ status }: Answer): Unknown | undefined =>
    status === 403 ? { unknown: "The token may not read its user." } : undefined;

/** A GitLab access token: of a person, a group, a project or a service account. */
export const accessToken = defineConnection({
    type: "gitlab:AccessToken",
    title: "GitLab",
    privateHosts: true,
    args: {
        /**
         * The GitLab server: `https://gitlab.example.com`, also with a port and a path, where you host it yourselves.
         * @default https://gitlab.com
         */
        url: withDefault(
            baseUrl({
                like: "https://gitlab.example.com",
                namesTenant: true,
                vendorHosts: ["gitlab.com"],
                parse: (value) =>
                    value.replace(/^(https:\/\/gitlab\.com)\/.*|\/(?:api\/v\d+|-\/).*$|\/api\/v\d+$/, "$1"),
            }),
            "https://gitlab.com",
        ),
        /**
         * The token, shown once: of a person under (avatar) > Edit profile > Access > Personal access tokens, of a group or a project under its
         * Settings > Access tokens, of a service account under the group's Settings > Service accounts. It begins with `glpat-` unless an administrator has set
         * another prefix.
         */
        token: secret({ label: "token" }),
        /**
         * Scopes that the token must have, such as `read_api`.
         * @default none
         */
        requiredScopes: optional(list({ must: "must be a list of scopes, such as read_api." })),
        /**
         * Scopes besides the required ones that the token is meant to have, so that no warning names them; `*` for any.
         * @default none
         */
        allowedScopes: optional(list({ must: "must be a list of scopes, such as read_api, or *." })),
    },
    outputs: ({ derived }) => ({
        /** Base of the REST API. */
        apiUrl: derived(text({ label: "baseUrl" }), ({ url }) => `${url}/api/v4`),
        /** The token's number, by which the API rotates or revokes it. */
        tokenId: text(),
        /** The token's name. */
        tokenName: optional(text()),
    }),
    tenant: "apiUrl",
    hub: "StackOne",
    console: { secret: page, called: "token", fixesScopes: true, url: ({ url = "https://gitlab.com" }) => url },
    scopes: { check: "scopes", required: "requiredScopes", allowed: "allowedScopes", word: "scope" },
    checks: {
        token: "GitLab accepts the token.",
        account: "GitLab knows the token's user.",
        scopes: "No required scope is missing.",
    },
    credential: ({ token }) => apiKey(token, { header: "PRIVATE-TOKEN" }),
    verify: async (vendor, { url }) => {
        const token = await vendor.request("token", `${url}/api/v4/personal_access_tokens/self`, self, {
            classify: meaningOf,
        });
        if (token === undefined) {
            return vendor.incomplete({});
        }
        const granted = token.scopes?.filter((scope) => scope !== undefined);
        const isComplete = token.scopes?.includes(undefined) === false;
        const mayRead = !isComplete || granted?.some((scope) => readingUser.includes(scope)) === true;
        const user = mayRead
            ? await vendor.request("account", `${url}/api/v4/user`, userAnswer, { classify: unreadable })
            : undefined;
        const id = token.user_id ?? user?.id;
        if (id === undefined) {
            vendor.unknown("account", "GitLab accepts the token and does not report which account it belongs to.");
        }
        return vendor.found({
            outputs: { tokenId: token.id, tokenName: token.name },
            account: id === undefined ? undefined : { id, name: user?.username ?? id, email: user?.email },
            scopes: { granted, isComplete },
            secretEnds: { at: token.expires_at },
        });
    },
});
