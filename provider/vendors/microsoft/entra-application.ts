import {
    certificates,
    clientAssertion,
    clientCredentials,
    defineConnection,
    integer,
    keyOf,
    list,
    optional,
    secret,
    text,
    textOf,
    uuid,
    withDefault,
    type SecretValue,
} from "../../define";
import { codes, hosts, ownId, page, scopeOf, secretsConsole, tokenUrl } from "./directory";
import { registrationAt } from "./graph";

export type { EntraCloud } from "./directory";

/** An application of Microsoft Entra ID (OAuth 2.0 client credentials), by a client secret or a certificate. */
export const entraApplication = defineConnection({
    type: "microsoft:EntraApplication",
    title: "Microsoft Entra ID",
    args: {
        /**
         * The directory (tenant), a UUID, or one of its domains, `acme.onmicrosoft.com`: Directory (tenant) ID of the
         * application's Overview.
         */
        tenant: text({
            namesTenant: true,
            pattern: /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9-]+(\.[a-z0-9-]+)+)$/i,
            must: "must be a tenant ID, a UUID, or a domain of the tenant, such as acme.onmicrosoft.com.",
            parse: (value) => value.toLowerCase(),
        }),
        /** Application (client) ID, a UUID, from Entra ID > App registrations > (application) > Overview. */
        clientId: uuid({ namesAccount: true }),
        /**
         * The Value of a client secret, not its Secret ID: Certificates & secrets > Client secrets shows it once. Not
         * together with `privateKey`.
         * @default none
         */
        clientSecret: optional(secret()),
        /**
         * The RSA private key of `certificate` in PEM form, in place of a client secret. It signs each token request
         * (PS256), and is never sent.
         * @default none
         */
        privateKey: optional(secret()),
        /**
         * The certificate in PEM form, as it was uploaded under Certificates & secrets > Certificates. Its end counts
         * as the end of `privateKey`.
         * @default none
         */
        certificate: optional(certificates()),
        /**
         * Microsoft's cloud: `global`, `usGov` (login.microsoftonline.us), `usGovDod`, or `china` (21Vianet).
         * @default global
         */
        cloud: withDefault(keyOf(hosts, { namesTenant: true }), "global"),
        /**
         * The API that access tokens are for, by its Application ID URI: `https://vault.azure.net`, `api://…`.
         * @default Microsoft Graph
         */
        resource: optional(text({ like: "https://graph.microsoft.com", pattern: /^[a-z]+:\/\/\S*[^\s/]$/i })),
        /**
         * Application permissions of that API that the application must have, such as `User.Read.All`: the column API
         * permissions name of its API permissions, with admin consent.
         * @default none
         */
        requiredPermissions: optional(list({ must: "must be a list of permissions, such as User.Read.All." })),
        /**
         * Permissions besides the required ones that the application is meant to have, so that no warning names them;
         * `*` for any.
         * @default none
         */
        allowedPermissions: optional(list({ must: "must be a list of permissions, such as User.Read.All, or *." })),
    },
    outputs: ({ derived, early }) => ({
        /** Where access tokens come from. */
        tokenUrl: derived(text(), tokenUrl),
        /** Base of Microsoft Graph in this cloud. */
        graphUrl: derived(text(), ({ cloud }) => `${hosts[cloud].graph}/v1.0`),
        /** The scope of a token request: the API and `/.default`. */
        scope: derived(text(), scopeOf),
        /** The tenant, a UUID: from `tenant`, or from the access token. Not set where a token cannot be read and `tenant` is a domain. */
        tenantId: early(optional(text()), ({ tenant }) => ownId(tenant)),
        /** Lifetime of an access token in seconds. */
        tokenLifetimeSeconds: optional(integer()),
    }),
    checks: {
        credential: "The credential is accepted.",
        permissions: "No required permission is missing.",
        registration: "Microsoft Graph shows the application's secrets.",
    },
    occasionalChecks: ["registration"],
    tenant: "tenantId",
    console: secretsConsole,
    oneOf: { of: ["clientSecret", "privateKey"], names: "the credential", needed: true },
    together: [["certificate", "privateKey"]],
    scopes: {
        check: "permissions",
        required: "requiredPermissions",
        allowed: "allowedPermissions",
        word: "permission",
        holder: "the application",
    },
    credential: ({ clientSecret, privateKey, certificate, ...args }) => {
        const client = { tokenUrls: [tokenUrl(args)], clientId: args.clientId, scope: scopeOf(args), codes } as const;
        return privateKey !== undefined && certificate !== undefined
            ? clientAssertion({
                  ...client,
                  keys: [privateKey],
                  console: { secret: page, called: "certificate", verb: "Upload" },
                  signature: { algorithm: "PS256", certificate },
              })
            : clientCredentials({
                  ...client,
                  // One of the two is there: see oneOf.
                  clientSecrets: [clientSecret as SecretValue],
                  authentication: "body",
              });
    },
    verify: async (vendor, args) => {
        const { tenant, clientId } = args;
        const token = await vendor.authenticate("credential");
        if (token === undefined) {
            return vendor.incomplete({});
        }
        const { tid, oid, app_displayname: shownName, roles } = token.claims;
        // A claim is left out where it is empty.
        const granted = Array.isArray(roles)
            ? roles.flatMap((role) => textOf(role) ?? [])
            : tid === undefined
              ? undefined
              : [];
        const registration = await registrationAt(vendor, args, granted);
        const own = vendor.entryOfSecret(registration?.passwordCredentials, ({ hint }) => hint);
        const name = registration?.displayName ?? textOf(shownName) ?? clientId;
        return vendor.found({
            outputs: { tenantId: textOf(tid) ?? ownId(tenant), tokenLifetimeSeconds: token.lifetimeSeconds },
            account: typeof oid === "string" ? { id: oid, name } : undefined,
            scopes: { granted },
            secretEnds: { at: own?.endDateTime },
        });
    },
});
