import {
    bearer,
    defineConnection,
    list,
    listOf,
    object,
    optional,
    secret,
    secretEnd,
    text,
    unknownAt,
} from "../../define";
import {
    apiUrlOf,
    consoleOf,
    isKeyUnknown,
    siteField,
    siteHint,
    unknownOrganization,
    userAnswer,
    userIn,
} from "./sites";

const page = "Organization Settings > Service Accounts > (account) > Access Tokens";

const tokensAnswer = object({
    data: optional(
        listOf(
            optional(
                object({
                    attributes: optional(
                        object({
                            name: optional(text()),
                            public_portion: optional(text()),
                            scopes: optional(listOf(optional(text()))),
                            expires_at: secretEnd(),
                        }),
                    ),
                }),
            ),
        ),
    ),
});

const unknownToken =
    "Datadog does not list this service account's access tokens here, so its scopes and its end are not known.";

/** An access token of a Datadog service account. */
export const serviceAccessToken = defineConnection({
    type: "datadog:ServiceAccessToken",
    title: "Datadog",
    args: {
        /** The access token of a service account, shown once under Organization Settings > Service Accounts > (account) > Access Tokens. It begins with `ddsat_`. */
        token: secret(),
        /**
         * The site, as the address of the console has it without `app.`: `datadoghq.com`, `us3.datadoghq.com`, `datadoghq.eu`, ….
         * @default datadoghq.com
         */
        site: siteField,
        /**
         * Scopes that the token must have, such as `monitors_read`. Known where the token may list its account's tokens.
         * @default none
         */
        requiredScopes: optional(list({ must: "must be a list of scopes, such as monitors_read." })),
        /**
         * Scopes besides the required ones that the token is meant to have, so that no warning names them; `*` for any.
         * @default none
         */
        allowedScopes: optional(list({ must: "must be a list of scopes, such as monitors_read, or *." })),
    },
    outputs: ({ derived }) => ({
        /** Base of the API at the site. */
        apiUrl: derived(text(), apiUrlOf),
        /** The organisation's ID. */
        organizationId: optional(text()),
        /** The token's name. Not set where the token may not list its account's tokens. */
        tokenName: optional(text()),
    }),
    checks: {
        account: "Datadog knows the token.",
        token: "Datadog lists the token.",
        scopes: "No required scope is missing.",
    },
    tenant: "apiUrl",
    console: { secret: page, called: "access token", fixesScopes: false, url: consoleOf("service-accounts") },
    scopes: {
        check: "scopes",
        required: "requiredScopes",
        allowed: "allowedScopes",
        word: "scope",
        holder: "the token",
    },
    isCredentialRefusal: isKeyUnknown,
    credential: ({ token }) => bearer(token, { hint: siteHint }),
    verify: async (vendor, args) => {
        const user = await vendor.request("account", `${apiUrlOf(args)}/api/v2/current_user`, userAnswer);
        if (user === undefined) {
            return vendor.incomplete({});
        }
        const { account, organizationId } = userIn(user);
        if (organizationId === undefined) {
            vendor.unknown("account", unknownOrganization);
        }
        const url = `${apiUrlOf(args)}/api/v2/service_accounts/${account.id}/access_tokens?page[size]=100`;
        const tokens = await vendor.request("token", url, tokensAnswer, unknownAt(unknownToken, 403, 404));
        const own = vendor.entryOfSecret(tokens?.data, ({ attributes }) => attributes?.public_portion);
        const { name: tokenName, scopes, expires_at: ends } = own?.attributes ?? {};
        return vendor.found({
            outputs: { organizationId, tokenName },
            account,
            scopes: {
                granted: scopes?.filter((scope) => scope !== undefined),
                isComplete: scopes?.includes(undefined) === false,
            },
            secretEnds: { at: ends },
        });
    },
});
