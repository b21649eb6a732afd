import {
    bearer,
    defineConnection,
    list,
    object,
    optional,
    secret,
    text,
    type Answer,
    type VendorProblem,
} from "../../define";
import { apiOf, headers, isCloud, settingsOf, urlField } from "./server";

const page = "Settings > Developer settings > Personal access tokens";

const locked =
    "GitHub refuses every call of this user for a while (HTTP 403), because several came with a wrong token. That says nothing about this one: correct the wrong one, wait, and run again.";
const unauthorized = `The token is not authorized for an organisation's single sign-on (HTTP 403). Authorize it with Configure SSO under ${page}.`;

/** The meaning of an answer in which GitHub refuses a good token. */
function meaningOf({
    status,
    headers: { "x-github-sso": signOn },
    text: said,
}: Answer): VendorProblem<never> | undefined {
    return status !== 403
        ? undefined
        : signOn !== undefined
          ? { kind: "accessMissing", code: "github-sign-on", message: unauthorized }
          : /login attempts/i.test(said)
            ? { kind: "badAnswer", code: "github-locked", message: locked }
            : undefined;
}

/** A GitHub personal access token, classic or fine-grained. */
export const personalAccessToken = defineConnection({
    type: "github:PersonalAccessToken",
    title: "GitHub",
    privateHosts: true,
    args: {
        /**
         * The GitHub server: `https://acme.ghe.com`, or `https://github.example.com` for an Enterprise Server.
         * @default https://github.com
         */
        url: urlField,
        /** The token, shown once under Settings > Developer settings > Personal access tokens. It begins with `github_pat_` (fine-grained) or `ghp_` (classic). */
        token: secret({ label: "token" }),
        /**
         * Scopes that the token must have, such as `repo`. GitHub lists those of a classic token alone: the permissions of
         * a fine-grained one stay unknown, with a warning.
         * @default none
         */
        requiredScopes: optional(list({ must: "must be a list of scopes, such as repo." })),
        /**
         * Scopes besides the required ones that the token is meant to have, so that no warning names them; `*` for any.
         * @default none
         */
        allowedScopes: optional(list({ must: "must be a list of scopes, such as repo, or *." })),
    },
    outputs: ({ derived }) => ({
        /** Base of the REST API. */
        apiUrl: derived(text(), ({ url }) => apiOf(url)),
    }),
    tenant: "apiUrl",
    hub: "StackOne",
    console: { secret: page, called: "token", verb: "Generate", url: settingsOf("tokens") },
    scopes: { check: "scopes", required: "requiredScopes", allowed: "allowedScopes", word: "scope" },
    locksAfterRefusals:
        "After several wrong tokens GitHub refuses every call of the user for a while, also those with a good token: wait until it is over.",
    credential: ({ token }) =>
        bearer(token, {
            remark: token.startsWith("ghs_")
                ? "It begins with ghs_, as an app's token does, which ends within an hour. Declare the app as github.AppInstallation."
                : undefined,
        }),
    steps: (call) => ({
        account: call(
            "GitHub knows the token's user.",
            ({ url }) => `${apiOf(url)}/user`,
            object({ id: text(), login: optional(text()) }),
            ({ id, login = id }, { url }, report) => {
                const scopes = report.header("x-oauth-scopes")?.split(/[\s,]+/);
                return report.found({
                    account: { id, name: login },
                    scopes: { granted: scopes?.filter((scope) => scope !== "") },
                    // An Enterprise Server may be older than the header.
                    secretEnds: {
                        at:
                            report.header("github-authentication-token-expiration") ??
                            (isCloud(url) ? "never" : undefined),
                    },
                });
            },
            { headers, classify: meaningOf },
        ),
    }),
});
