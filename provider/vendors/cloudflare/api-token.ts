import {
    bearer,
    choice,
    defineConnection,
    listOf,
    object,
    optional,
    secret,
    text,
    type Answer,
    type AnswerMeaning,
} from "../../define";

const api = "https://api.cloudflare.com/client/v4";
const page = "My Profile > API Tokens, or Manage Account > Account API Tokens";

const moment = optional(text());
const verifyAnswer = object({
    result: object({ id: text(), status: choice(["active"]), expires_on: moment, not_before: moment }),
});
const account = object({ id: optional(text()), name: optional(text()) });
const accountAnswer = object({ result: optional(account) });
const accountsAnswer = object({ result: optional(listOf(optional(account))) });

const disabled = `Cloudflare says that the token is disabled. Enable it under ${page}, or create another one.`;
const elsewhere =
    "Cloudflare knows the token and does not accept it from this machine's address (HTTP 403, code 9109). Add the address to the token's Client IP Address Filtering, or run where it is allowed.";
const unread = "The token may not read its account: that needs the permission Account Settings: Read.";

type Unaccepted = Exclude<AnswerMeaning<"token">, "passed"> | undefined;
const membersOf = (value: unknown): Readonly<Record<string, unknown>> => Object(value) as Record<string, unknown>;

/** The meaning of an answer that is no success, at whichever status. */
function meaningOf({ status }: Answer, body: unknown): Unaccepted {
    const { success, errors } = membersOf(body);
    const { code, message } = membersOf(Array.isArray(errors) ? errors[0] : undefined);
    if (success !== false) {
        return undefined;
    }
    if (/from location/i.test(String(message))) {
        return { kind: "accessMissing", code: "cloudflare-location", argument: "token", message: elsewhere };
    }
    // 1000: no such token. 6003 and 6111: no token at all. 9109 has several meanings, by its words.
    if ([1000, 6003, 6111].includes(Number(code)) || (code === 9109 && /invalid/i.test(String(message)))) {
        return { refused: `code ${Number(code)}` };
    }
    const failed = `api.cloudflare.com says that the call did not succeed (HTTP ${status}, code ${Number(code)}), and not that the token is wrong. Run again later.`;
    return status < 300 ? { kind: "badAnswer", code: "cloudflare-failed", message: failed } : undefined;
}

/** The meaning of the answer that shows accounts: a refusal says nothing against the token, which is proved. */
function accountMeaningOf(answer: Answer, body: unknown): Unaccepted {
    const meaning = meaningOf(answer, body);
    const isDenied = [400, 401, 403, 404].includes(answer.status) || (meaning !== undefined && "refused" in meaning);
    return meaning !== undefined && "kind" in meaning ? meaning : isDenied ? { unknown: unread } : undefined;
}

const hasId = (one: { readonly id?: string | undefined } | undefined): boolean => one?.id !== undefined;

/** The advice for a token that begins as one of the other kind does. */
const otherKind = (isAccounts: boolean, isNamed: boolean): string | undefined =>
    isAccounts === isNamed
        ? undefined
        : isAccounts
          ? "It begins with cfat_, as an account's own token does. Give accountId."
          : "It begins with cfut_, as a user's token does. Leave accountId out.";

/** A Cloudflare API token: of a user, or an account's own. */
export const apiToken = defineConnection({
    type: "cloudflare:ApiToken",
    title: "Cloudflare",
    args: {
        /**
         * The token, shown once: a user's under My Profile > API Tokens, an account's own under Manage Account > Account API
         * Tokens. A newer one begins with `cfut_` or `cfat_`.
         */
        token: secret({ label: "API Token" }),
        /**
         * The account that owns the token, for an account's own token alone: 32 hexadecimal digits, as in the address of the
         * account in the dashboard.
         * @default none: the token is a user's
         */
        accountId: optional(
            text({
                namesTenant: true,
                pattern: /^[0-9a-f]{32}$/i,
                must: "must be 32 hexadecimal digits, as in the address of the account in the dashboard.",
                parse: (value) => value.toLowerCase(),
            }),
        ),
    },
    outputs: ({ derived, early }) => ({
        /** Base of the API. */
        apiUrl: derived(text(), () => api),
        /** The account's ID. Not set for a user's token that opens none or several, or may not read them. */
        accountId: early(optional(text()), ({ accountId }) => accountId),
        /** The account's name. Not set without the permission Account Settings: Read. */
        accountName: optional(text()),
        /** The token's ID, by which the API rolls or deletes it. */
        tokenId: text(),
    }),
    checks: { token: "Cloudflare accepts the token.", account: "The token may read its account." },
    tenant: "accountId",
    hub: "Nango",
    console: { secret: page, called: "API token", url: () => "https://dash.cloudflare.com" },
    credential: ({ token, accountId }) =>
        bearer(token, {
            remark:
                token.startsWith("cfat_") || token.startsWith("cfut_")
                    ? otherKind(token.startsWith("cfat_"), accountId !== undefined)
                    : undefined,
            hint:
                accountId === undefined
                    ? "An account's own token needs accountId."
                    : "Check accountId too: another account's token and a user's are refused so.",
        }),
    verify: async (vendor, { accountId }) => {
        let ended: unknown;
        const owner = accountId === undefined ? "user" : `accounts/${accountId}`;
        const verified = await vendor.request("token", `${api}/${owner}/tokens/verify`, verifyAnswer, {
            classify: (answer, body) => {
                const { status, expires_on: end } = membersOf(membersOf(body)["result"]);
                ended = status === "expired" ? end : undefined;
                return status === "disabled"
                    ? { kind: "credentialRefused", code: "cloudflare-disabled", argument: "token", message: disabled }
                    : status === "expired"
                      ? { refused: "the token is expired" }
                      : meaningOf(answer, body);
            },
        });
        if (verified === undefined) {
            return vendor.incomplete({}, { secretEnds: { at: typeof ended === "string" ? ended : undefined } });
        }
        const { id, expires_on: end, not_before: start = "" } = verified.result;
        // The vendor's clock counts: this machine's may be wrong.
        if (Date.parse(start) > Date.parse(vendor.header("token", "date") ?? "")) {
            const message = `Cloudflare accepts the token from ${start} on. Wait until then, or create another one under ${page}.`;
            vendor.fail("token", { kind: "accessMissing", code: "cloudflare-not-yet", argument: "token", message });
            return vendor.incomplete({ tokenId: id });
        }
        const options = { classify: accountMeaningOf };
        const accounts =
            accountId === undefined
                ? (await vendor.request("account", `${api}/accounts?per_page=5`, accountsAnswer, options))?.result
                : [(await vendor.request("account", `${api}/accounts/${accountId}`, accountAnswer, options))?.result];
        if (accountId === undefined && vendor.resultOf("account") === "passed" && accounts?.every(hasId) !== true) {
            vendor.unknown("account", "Cloudflare accepts the token and does not report which account it opens.");
        }
        const [only, ...others] = (accounts ?? []).filter((one) => one !== undefined);
        const shown = others.length === 0 ? only : undefined;
        return vendor.found({
            outputs: { accountId: shown?.id ?? accountId, accountName: shown?.name, tokenId: id },
            account: { id, name: id },
            secretEnds: { at: end ?? "never" },
        });
    },
});
