import {
    choice,
    clientCredentials,
    defineConnection,
    integer,
    list,
    map,
    optional,
    secret,
    text,
    url,
    withDefault,
} from "../../define";
import { probeField, probeRules, probeRulesForNew, secretHeadersField } from "../../define/probe";

/** Parameters of a token request that have an argument of their own, or that follow from the grant. */
const ownParameters: Readonly<Record<string, string>> = {
    grant_type: "is always client_credentials here",
    client_id: "has an argument of its own, clientId",
    client_secret: "has an argument of its own, clientSecret",
    scope: "has an argument of its own, scope",
    audience: "has an argument of its own, audience",
};

/** OAuth 2.0 client credentials (RFC 6749, section 4.4) for every API that accepts them. */
export const oauth2ClientCredentials = defineConnection({
    type: "oauth2:ClientCredentials",
    title: "the server",
    privateHosts: true,
    args: {
        /** The token endpoint: `https://auth.example.com/oauth2/token`. */
        tokenUrl: url({ like: "https://auth.example.com/oauth2/token", namesTenant: true }),
        /** Client ID of the application, as the console of the API or of its authorization server shows it. */
        clientId: text({ namesAccount: true }),
        /** Client secret that goes with it; most consoles show it once. */
        clientSecret: secret(),
        /**
         * Where id and secret go: `basic` for an HTTP Basic header, `body` for the form.
         * @default basic
         */
        authentication: withDefault(choice(["basic", "body"]), "basic"),
        /**
         * Scopes to request, separated by spaces: `devices:read users:read`.
         * @default the server's own
         */
        scope: optional(text()),
        /**
         * The API that the token is for, which some servers require: `https://api.example.com`.
         * @default none
         */
        audience: optional(text()),
        /**
         * Further parameters of the token request, such as `resource`. The state shows them: no secrets.
         * @default none
         */
        parameters: optional(map()),
        /**
         * Scopes that the token must have.
         * @default none
         */
        requiredScopes: optional(list({ like: "devices:read" })),
        /**
         * The call that proves that the token is good for something.
         * @default the token alone is proved
         */
        probe: optional(probeField),
        /**
         * Headers of the probe that hold a secret besides the credential, such as `dd-application-key`. They are kept as
         * secrets, and are sent to `probe.url` alone.
         * @default none
         */
        secretHeaders: secretHeadersField,
    },
    outputs: () => ({
        /** Lifetime of an access token in seconds, as the server returns it. */
        tokenLifetimeSeconds: optional(integer()),
        /** The tenant that the credential opens, at `probe.identity` in the answer. */
        identity: optional(text()),
    }),
    checks: {
        credential: "The credential is accepted.",
        probe: "The probe is answered.",
        scopes: "No required scope is missing.",
    },
    tenant: "identity",
    scopes: { check: "scopes", required: "requiredScopes", word: "scope" },
    rules: ({ probe, secretHeaders, parameters = {} }) => [
        ...Object.keys(parameters)
            .filter((name) => Object.hasOwn(ownParameters, name))
            .map((name) => ({
                argument: "parameters" as const,
                message: `names ${name}, which ${ownParameters[name] ?? ""}. Leave it out of parameters.`,
            })),
        ...probeRules({ probe, secretHeaders }, "authorization"),
    ],
    rulesForNew: probeRulesForNew,
    credential: ({ tokenUrl, clientId, clientSecret, authentication, scope, audience, parameters }) =>
        clientCredentials({
            issuer: "the authorization server",
            tokenUrls: [tokenUrl],
            clientId,
            clientSecrets: [clientSecret],
            authentication,
            hint:
                authentication === "basic"
                    ? 'Or check clientId, or try authentication: "body", which some servers want.'
                    : undefined,
            scope,
            parameters: { ...parameters, ...(audience !== undefined && { audience }) },
        }),
    verify: async (vendor, args) => {
        const token = await vendor.authenticate("credential");
        const probed = await vendor.probe("probe", args);
        return vendor.found({
            outputs: { tokenLifetimeSeconds: token?.lifetimeSeconds, identity: probed?.identity },
            account: probed?.account ?? { id: args.clientId, name: args.clientId },
            scopes: token && { granted: token.scopes },
        });
    },
});
