import { apiKey, defineConnection, optional, secret, text } from "../../define";
import { headerField, probeField, probeRules, secretHeadersField } from "../../define/probe";
import { identityField, provedByProbe } from "./proved-by-probe";

/** An API key in a header or in the query, for every API that accepts one. */
export const httpApiKey = defineConnection({
    type: "http:ApiKey",
    args: {
        /** The API key, from the console of the API, without `prefix`. */
        key: secret(),
        /** The header that carries the key, such as `x-api-key`. One of `header` and `query` is needed. */
        header: optional(headerField()),
        /**
         * The text before the key in the header: `Token`. A space follows it, except after `=` or `:`, as in `Token
         * token=`.
         * @default nothing
         */
        prefix: optional(
            text({
                pattern: /^[\x20-\x7e]+$/,
                must: "must be what is before the key in the header, such as Token.",
            }),
        ),
        /**
         * The parameter of the query that carries the key, such as `api_key`. URLs are logged on the way: prefer a
         * header where the vendor accepts one.
         */
        query: optional(
            text({ pattern: /^[A-Za-z0-9_.~-]+$/, must: "must be the name of a query parameter, such as api_key." }),
        ),
        /** The call that proves the credential. */
        probe: probeField,
        /**
         * Headers of the probe that hold a secret besides the credential, such as `dd-application-key`. They are kept as
         * secrets, and are sent to `probe.url` alone.
         * @default none
         */
        secretHeaders: secretHeadersField,
    },
    outputs: () => ({
        /**
         * The tenant that the credential opens, by the API's own identifier, at `probe.identity` in the answer.
         * Not set where that is not given or the answer has none.
         */
        identity: identityField,
    }),
    ...provedByProbe,
    oneOf: { of: ["header", "query"], names: "the place of the key", needed: true },
    rules: ({ prefix, header, probe, secretHeaders }) => [
        ...(prefix !== undefined && header === undefined
            ? [{ argument: "prefix", message: "is for a key in a header. Leave it out, or name the header." } as const]
            : []),
        ...probeRules({ probe, secretHeaders }, header),
    ],
    credential: ({ key, header, query, prefix }) =>
        apiKey(key, header === undefined ? { query: query ?? "" } : { header, prefix }),
});
