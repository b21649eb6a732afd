import { X509Certificate } from "node:crypto";
import {
    certificates,
    choice,
    clientAssertion,
    clientCredentials,
    defineConnection,
    integer,
    list,
    listOf,
    object,
    optional,
    secret,
    text,
    uuid,
    withDefault,
    type SecretValue,
} from "../../define";

/** A cloud of Microsoft's: `global`, `usGov`, `usGovDod` or `china`. Each has directories and hosts of its own. */
export type EntraCloud = "global" | "usGov" | "usGovDod" | "china";

const hosts: Readonly<Record<EntraCloud, Readonly<Record<"login" | "graph" | "portal", string>>>> = {
    global: {
        login: "https://login.microsoftonline.com",
        graph: "https://graph.microsoft.com",
        portal: "https://portal.azure.com",
    },
    usGov: {
        login: "https://login.microsoftonline.us",
        graph: "https://graph.microsoft.us",
        portal: "https://portal.azure.us",
    },
    usGovDod: {
        login: "https://login.microsoftonline.us",
        graph: "https://dod-graph.microsoft.us",
        portal: "https://portal.azure.us",
    },
    china: {
        login: "https://login.partner.microsoftonline.cn",
        graph: "https://microsoftgraph.chinacloudapi.cn",
        portal: "https://portal.azure.cn",
    },
};

const registrations = "Entra ID > App registrations > (application)";
const page = `${registrations} > Certificates & secrets`;

/** The permissions of Microsoft Graph that show an application's secrets, without their values. */
const readers = [
    "Application.Read.All",
    "Application.ReadWrite.OwnedBy",
    "Application.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

const registrationAnswer = object({
    displayName: optional(text()),
    passwordCredentials: optional(listOf(optional(object({ hint: optional(text()), endDateTime: optional(text()) })))),
});

const tokenUrl = ({ tenant, cloud }: { readonly tenant: string; readonly cloud: EntraCloud }): string =>
    `${hosts[cloud].login}/${tenant}/oauth2/v2.0/token`;

/** The scope of all permissions of an API. */
const scopeOf = ({ resource, cloud }: { readonly resource?: string | undefined; readonly cloud: EntraCloud }): string =>
    `${resource ?? hosts[cloud].graph}/.default`;

/** The ID of a tenant that is not given by a domain. */
const ownId = (tenant: string): string | undefined => (tenant.includes(".") ? undefined : tenant);

const isText = (claim: unknown): claim is string => typeof claim === "string";
const textOf = (claim: unknown): string | undefined => (isText(claim) ? claim : undefined);

/** The end of a secret, where Graph lists just one that begins like it. */
const onlyEnd = (
    found: readonly ({ readonly endDateTime?: string | undefined } | undefined)[] = [],
): string | undefined => (found.length === 1 ? found[0]?.endDateTime : undefined);

/** The name of a certificate in the header of a JWT. */
const thumbprintOf = (pem: string): string =>
    Buffer.from(new X509Certificate(pem).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");

const unknownEnd = "Microsoft Graph does not show this application's secrets here, so their end is not known.";

/** The next steps after Microsoft's own codes, which say more than those of OAuth. */
const codes = {
    "7000215": {
        meaning: "client",
        next: `Copy the Value of a client secret, not its Secret ID, or create a new one, under ${page}.`,
    },
    "7000222": { meaning: "client", next: `The client secret has expired. Create a new one under ${page}.` },
    "700027": {
        meaning: "client",
        argument: "certificate",
        next: `Check that it is listed under ${page} > Certificates, has not ended, and belongs to privateKey.`,
    },
    "700016": {
        meaning: "refused",
        argument: "clientId",
        next: "The tenant has no such application. Check clientId, tenant and cloud, and that an administrator of the tenant has given consent.",
    },
    "7000112": {
        meaning: "refused",
        argument: "clientId",
        next: "The application is disabled. Enable it under Entra ID > Enterprise apps > (application) > Properties.",
    },
    "53003": {
        meaning: "refused",
        next: "A Conditional Access policy blocks the application from here. See Entra ID > Conditional Access > Sign-in logs.",
    },
    "90002": {
        meaning: "refused",
        argument: "tenant",
        next: "There is no such tenant in this cloud. Check tenant and cloud.",
    },
    "500011": {
        meaning: "scope",
        argument: "resource",
        next: "The tenant does not have this resource. Check its Application ID URI.",
    },
} as const;

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
        cloud: withDefault(choice(["global", "usGov", "usGovDod", "china"], { namesTenant: true }), "global"),
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
    console: {
        secret: page,
        called: "client secret",
        client: registrations,
        scopes: `${registrations} > API permissions`,
        url: ({ cloud = "global" }) => (hosts as Partial<typeof hosts>)[cloud as EntraCloud]?.portal,
    },
    oneOf: { of: ["clientSecret", "privateKey"], names: "the credential", needed: true },
    rules: (_, { privateKey, certificate }) =>
        (privateKey === undefined) === (certificate === undefined)
            ? []
            : [{ argument: "certificate", message: "and privateKey belong together. Give both, or neither." }],
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
                  signature: { algorithm: "PS256", header: { "x5t#S256": thumbprintOf(certificate) } },
              })
            : clientCredentials({
                  ...client,
                  // One of the two is there: see oneOf.
                  clientSecrets: [clientSecret as SecretValue],
                  authentication: "body",
              });
    },
    verify: async (vendor, args) => {
        const { tenant, clientId, certificate } = args;
        const token = await vendor.authenticate("credential");
        const certificateEnds =
            certificate === undefined ? undefined : new Date(new X509Certificate(certificate).validTo);
        if (token === undefined) {
            return vendor.incomplete({}, { secretEnds: { at: certificateEnds } });
        }
        const { tid, oid, app_displayname: shownName, roles } = token.claims;
        // A claim is left out where it is empty.
        const granted = Array.isArray(roles) ? roles.filter(isText) : tid === undefined ? undefined : [];
        const { graph } = hosts[args.cloud];
        const isReader = scopeOf(args).startsWith(`${graph}/`) && granted?.some((role) => readers.includes(role));
        const registration =
            isReader === true
                ? await vendor.request(
                      "registration",
                      `${graph}/v1.0/applications(appId='${clientId}')?$select=displayName,passwordCredentials`,
                      registrationAnswer,
                      { classify: ({ status }) => ([403, 404].includes(status) ? { unknown: unknownEnd } : undefined) },
                  )
                : undefined;
        const secrets = registration?.passwordCredentials?.filter(
            (one) => one?.hint !== undefined && vendor.secretStartsWith(one.hint),
        );
        return vendor.found({
            outputs: { tenantId: textOf(tid) ?? ownId(tenant), tokenLifetimeSeconds: token.lifetimeSeconds },
            account: isText(oid)
                ? { id: oid, name: registration?.displayName ?? textOf(shownName) ?? clientId }
                : undefined,
            scopes: { granted },
            secretEnds: { at: certificateEnds ?? onlyEnd(secrets) },
        });
    },
});
