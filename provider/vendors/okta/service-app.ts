import {
    choice,
    clientAssertion,
    defineConnection,
    integer,
    list,
    object,
    optional,
    secret,
    text,
    withDefault,
} from "../../define";
import { adminConsoleOf, isOrganization, organizationAt, orgUrlField, pages } from "./org";

const orgAnswer = object({ companyName: optional(text()) });

/** A service app of Okta (OAuth 2.0 client credentials by a signed JWT). */
export const serviceApp = defineConnection({
    type: "okta:ServiceApp",
    title: "Okta",
    args: {
        /** The organisation's address, `https://acme.okta.com`, or a domain of your own. The address of the Admin Console is accepted. */
        orgUrl: orgUrlField,
        /** Client ID of the application (API Services), from Applications > (application) > General. */
        clientId: text({ namesAccount: true }),
        /** The private key in PEM form that goes with a public key of the application. It signs each token request, and is never sent. */
        privateKey: secret(),
        /**
         * Key ID (kid) of the public key, as the application's General page lists it. Okta needs it where the
         * application has several keys.
         * @default none
         */
        keyId: optional(text()),
        /**
         * Algorithm of the signature: `RS256` for an RSA key, `ES256` for a key on the curve P-256.
         * @default RS256
         */
        algorithm: withDefault(choice(["RS256", "ES256"]), "RS256"),
        /** Scopes of the Okta API that access tokens are requested with, and must have: `okta.users.read`. At least one. */
        requiredScopes: list({ like: "okta.users.read", must: "must be a list of scopes, such as okta.users.read." }),
    },
    outputs: ({ derived }) => ({
        /** The organisation's address, without a path. */
        orgUrl: derived(text(), ({ orgUrl }) => orgUrl),
        /** Base of the Okta API. */
        apiUrl: derived(text(), ({ orgUrl }) => `${orgUrl}/api/v1`),
        /** Where access tokens come from. */
        tokenUrl: derived(text(), ({ orgUrl }) => `${orgUrl}/oauth2/v1/token`),
        /** The organisation's ID. */
        organizationId: text(),
        /** The company's name. Not set without the scope `okta.orgs.read`. */
        organizationName: optional(text()),
        /** Lifetime of an access token in seconds. */
        tokenLifetimeSeconds: optional(integer()),
    }),
    checks: {
        organization: isOrganization,
        credential: "The credential is accepted.",
        scopes: "No required scope is missing.",
    },
    tenant: "organizationId",
    console: { secret: pages.application, called: "key", verb: "Add", scopes: pages.scopes, url: adminConsoleOf },
    rules: ({ requiredScopes }) =>
        requiredScopes.length > 0
            ? []
            : [{ argument: "requiredScopes", message: "must name at least one scope, such as okta.users.read." }],
    scopes: { check: "scopes", required: "requiredScopes", word: "scope", holder: "the application" },
    credential: ({ orgUrl, clientId, privateKey, keyId, algorithm, requiredScopes }) =>
        clientAssertion({
            tokenUrls: [`${orgUrl}/oauth2/v1/token`],
            clientId,
            keys: [privateKey],
            signature: { algorithm, keyId },
            scope: requiredScopes.join(" "),
            codes: {
                invalid_dpop_proof: {
                    meaning: "proof",
                    next: `Switch off Require Demonstrating Proof of Possession (DPoP) header in token requests, under ${pages.application} > General Settings.`,
                },
            },
        }),
    verify: async (vendor, { orgUrl, clientId }) => {
        const organizationId = await organizationAt(vendor, orgUrl);
        const token = organizationId === undefined ? undefined : await vendor.authenticate("credential");
        if (organizationId === undefined || token === undefined) {
            return vendor.incomplete({ organizationId });
        }
        const organization = token.scopes?.includes("okta.orgs.read")
            ? await vendor.request(undefined, `${orgUrl}/api/v1/org`, orgAnswer)
            : undefined;
        return vendor.found({
            outputs: {
                organizationId,
                organizationName: organization?.companyName,
                tokenLifetimeSeconds: token.lifetimeSeconds,
            },
            account: { id: clientId, name: clientId },
            scopes: { granted: token.scopes },
        });
    },
});
