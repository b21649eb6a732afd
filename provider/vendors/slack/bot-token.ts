import {
    anything,
    bearer,
    defineConnection,
    list,
    object,
    optional,
    secret,
    text,
    type Answer,
    type AnswerMeaning,
} from "../../define";

const api = "https://slack.com/api";
const page = "api.slack.com/apps > (app) > OAuth & Permissions";

const known = optional(text());
const testAnswer = object({
    team_id: known,
    enterprise_id: known,
    team: known,
    url: known,
    user_id: known,
    user: known,
    bot_id: known,
    app_id: known,
    is_enterprise_install: optional(anything()),
    expires_in: optional(anything()),
});

/** Errors about the token itself. Slack also answers invalid_auth to an address that it does not allow. */
const refusals = [
    ...["invalid_auth", "not_authed", "not_allowed_token_type"],
    ...["token_revoked", "token_expired", "account_inactive"],
];
/** Errors about what the app may do, or its workspace allows. */
const denials = [
    ...["missing_scope", "no_permission", "access_denied", "accesslimited", "ekm_access_denied"],
    ...["enterprise_is_restricted", "org_login_required", "team_access_not_granted", "two_factor_setup_required"],
];

/** The meaning of an answer in which Slack refuses, which it does with HTTP 200. */
function meaningOf({ status }: Answer, body: unknown): AnswerMeaning<"token"> | undefined {
    const { ok, error } = Object(body) as { readonly ok?: unknown; readonly error?: unknown };
    // Only codes in Slack's form are repeated.
    const code = typeof error === "string" && /^[a-z_]{1,60}$/.test(error) ? error : undefined;
    if (body === undefined || ok === true || (code === undefined && status >= 300)) {
        return undefined;
    }
    if (refusals.includes(code ?? "")) {
        return { refused: `${code}` };
    }
    if (denials.includes(code ?? "")) {
        const message = `Slack knows the token and denies it (${code}). Check what the app and its workspace allow, under ${page}.`;
        return { kind: "accessMissing", code: "slack-denied", argument: "token", message };
    }
    const what = code === undefined ? "does not report ok" : `says ${code}`;
    const message = `slack.com/api/auth.test ${what} (HTTP ${status}), which says nothing against the token. Run again later.`;
    return { kind: "badAnswer", code: "slack-failed", message };
}

const rotates =
    "The app rotates its tokens: this one ends within 12 hours, and only its refresh token makes another. Use an app without token rotation.";
const ofPerson = "The token belongs to a person. Use the Bot User OAuth Token, which does not leave.";

/** A bot token of a Slack app. */
export const botToken = defineConnection({
    type: "slack:BotToken",
    title: "Slack",
    args: {
        /** The Bot User OAuth Token of the app, under api.slack.com/apps > (app) > OAuth & Permissions. It begins with `xoxb-`. */
        token: secret({ label: "botToken" }),
        /**
         * The workspace that the token must open, `T…`, or the organisation of an app that is installed in all of it, `E…`.
         * @default the one that the token opens
         */
        teamId: optional(
            text({
                namesTenant: true,
                pattern: /^[TE][A-Z0-9]{2,}$/,
                must: "must be the ID of a workspace (T…) or an organisation (E…), as in the address of Slack in a browser.",
            }),
        ),
        /**
         * Scopes that the token must have, such as `chat:write`.
         * @default none
         */
        requiredScopes: optional(list({ must: "must be a list of scopes, such as chat:write." })),
        /**
         * Scopes besides the required ones that the token is meant to have, so that no warning names them; `*` for any.
         * @default none
         */
        allowedScopes: optional(list({ must: "must be a list of scopes, such as chat:write, or *." })),
    },
    outputs: ({ derived, early }) => ({
        /** Base of the Web API. */
        apiUrl: derived(text(), () => api),
        /** The workspace's ID; that of the organisation where the app is installed in all of it. */
        teamId: early(optional(text({ label: "teamId" })), ({ teamId }) => teamId),
        /** The workspace's name. */
        teamName: optional(text()),
        /** The workspace's address. */
        teamUrl: optional(text()),
        /** The ID of the Enterprise organisation. Not set outside of one. */
        enterpriseId: optional(text()),
        /** The bot's ID. Not set for a person's token. */
        botId: optional(text()),
        /** The app's ID. Not set where Slack does not report it. */
        appId: optional(text()),
    }),
    tenant: "teamId",
    hub: "StackOne",
    console: { secret: page, called: "bot token", verb: "Get", url: () => "https://api.slack.com/apps" },
    scopes: { check: "scopes", required: "requiredScopes", allowed: "allowedScopes", word: "scope" },
    checks: {
        token: "Slack accepts the token.",
        team: "The token opens the workspace.",
        scopes: "No required scope is missing.",
    },
    credential: ({ token }) =>
        bearer(token, {
            hint: "Slack refuses a good token too, from an address that the app's Allowed IP Address Ranges do not have.",
            remark: token.startsWith("xapp-")
                ? "It begins with xapp-, as an app-level token does. Give the Bot User OAuth Token."
                : undefined,
        }),
    verify: async (vendor, { teamId: wanted }) => {
        const options = { method: "POST", classify: meaningOf } as const;
        const found = await vendor.request("token", `${api}/auth.test`, testAnswer, options);
        if (found === undefined) {
            return vendor.incomplete({});
        }
        const { enterprise_id: enterpriseId, user_id: userId, bot_id: botId } = found;
        const teamId = found.is_enterprise_install === true ? (enterpriseId ?? found.team_id) : found.team_id;
        if (wanted !== undefined && teamId !== undefined && teamId !== wanted) {
            const message = `The token opens ${teamId} and not ${wanted}. Correct teamId, or give a token of ${wanted}.`;
            vendor.fail("team", { kind: "organizationMissing", code: "slack-other-team", argument: "teamId", message });
            return vendor.incomplete({});
        }
        if (teamId === undefined) {
            vendor.unknown("team", "Slack accepts the token and does not report which workspace it opens.");
        } else {
            vendor.record("team", "passed", "The token opens the workspace.");
        }
        if (userId === undefined) {
            vendor.unknown("token", "Slack accepts the token and does not report which account it belongs to.");
        }
        if (botId === undefined && vendor.secretStartsWith("xoxp-")) {
            vendor.warn(ofPerson);
        }
        if (found.expires_in !== undefined || vendor.secretStartsWith("xoxe.")) {
            vendor.warn(rotates);
        }
        const granted = vendor.header("token", "x-oauth-scopes")?.split(/[\s,]+/);
        return vendor.found({
            outputs: {
                ...{ teamId, enterpriseId, botId },
                ...{ teamName: found.team, teamUrl: found.url, appId: found.app_id },
            },
            account: userId === undefined ? undefined : { id: userId, name: found.user ?? userId },
            scopes: { granted: granted?.filter((scope) => scope !== "") },
        });
    },
});
