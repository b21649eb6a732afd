// The arguments and outputs of every connection.
import type { Account, Check, CheckResult, SecretExpirySource, Status } from "./contracts";
import {
    certificates,
    choice,
    day,
    flag,
    integer,
    list,
    mapOf,
    number,
    object,
    optional,
    proxyUrl,
    text,
    type Args,
    type Field,
    type OutputValues,
} from "./fields";

/** The arguments of every connection. */
export const commonArgs = {
    /**
     * The day on which the secret expires, as the vendor's console showed it when the secret was made: `2027-06-30`, or with a time,
     * `2027-06-30T12:00:00Z`. It is for vendors that do not report it; a report of the vendor counts more. A day lasts until
     * its end in UTC: for a vendor that ends a secret at the day's start, as GitLab does, write the moment, `2027-06-30T00:00:00Z`.
     */
    expiresAt: optional(day({ must: "must be a day, like 2027-06-30." })),
    /**
     * From how many days before the secret's end on a warning is given and the status is `expiring`. 0 to 365.
     * @default 7
     */
    warnBeforeDays: optional(integer({ least: 0, most: 365, must: "must be a whole number of days from 0 to 365." })),
    /**
     * The runs that contact the vendor: `always` (every run), `changes` (when an argument changed, on refresh, and
     * while the record is unhealthy) or `never`. Default: `connections:verify` of the stack's configuration or
     * `CONNECTIONS_VERIFY`, else `always`.
     */
    verify: optional(choice(["always", "changes", "never"], { must: "must be always, changes or never." })),
    /** The validation of the server's TLS certificate. */
    tls: optional(
        object(
            {
                /** Certificates of authorities to trust besides the ones that Node trusts, in PEM form. */
                caCertificates: optional(certificates()),
                /**
                 * Accepts any certificate. Everyone between this machine and the server can then read the credential,
                 * so every run warns.
                 * @default false
                 */
                insecureSkipVerify: optional(flag()),
            },
            { must: "must be an object of caCertificates, insecureSkipVerify or both." },
        ),
    ),
    /**
     * An HTTP proxy on the way to the vendor, such as `http://user:password@proxy.example.com:3128`. Kept as a secret.
     * Default: `HTTPS_PROXY`, where `NO_PROXY` does not except the host.
     */
    proxyUrl: optional(proxyUrl({ sensitive: true, like: "http://proxy.example.com:3128" })),
    /**
     * The deadline of a whole verification, in seconds, from 1 to 600. It includes the wait for a turn at a host. So
     * many connections to a host that does not answer cost no more time than one. Raise it for hundreds of connections
     * to a slow host.
     * @default 30
     */
    timeoutSeconds: optional(number({ least: 1, most: 600, must: "must be a number of seconds from 1 to 600." })),
    /**
     * The person or team that looks after this connection, such as `it-ops@acme.example`: at most 200 characters. It is
     * shown by `status` and in its reports, and is never sent anywhere. A change of it alone contacts no vendor.
     */
    contact: optional(text({ length: [1, 200], must: "must be a text of at most 200 characters." })),
};

/** The argument that is for people alone: a change of it contacts no vendor. */
export const contactArgument = "contact" satisfies keyof typeof commonArgs;

/** The arguments of every connection, as values. */
export interface CommonArgs extends Args<typeof commonArgs> {}

/** The validation of the server's TLS certificate. */
export type TlsArgs = NonNullable<CommonArgs["tls"]>;

/** Each member of a union of texts: the compiler refuses a list that lacks one. */
const each = <Name extends string>(names: Readonly<Record<Name, true>>): readonly Name[] =>
    Object.keys(names) as Name[];

const statusNames = each<Status>({
    verified: true,
    expiring: true,
    expired: true,
    rejected: true,
    insufficient: true,
    unsupported: true,
    tenantChanged: true,
    unreachable: true,
    unverified: true,
});

/** The outputs of every connection, in the order in which the state has them. */
export const commonOutputs = {
    /** The connection's status. */
    status: choice(statusNames),
    /** The account that the credential acts as. */
    account: optional(
        object({
            /** The vendor's own identifier. */
            id: text(),
            /** The name that the vendor's console shows. */
            name: text(),
            /** Its address, where the vendor returns it. */
            email: optional(text()),
        }) as Field<Account>,
    ),
    /** Scopes (Jamf: privileges) that the credential has, as far as the vendor lists them or a check proves them. */
    grantedScopes: optional(list()),
    /** Scopes (Jamf: privileges) that the program requires and the credential has not. */
    missingScopes: optional(list()),
    /** Each check by name, with its result and one sentence. */
    checks: mapOf(
        object({
            /** The result of the check. */
            result: choice(each<CheckResult>({ passed: true, failed: true, skipped: true, unknown: true })),
            /** One sentence. */
            message: text(),
            /** The code of the problem that decided it: `npx pulumi-connections explain CODE`. */
            code: optional(text()),
        }),
    ) as Field<Record<string, Check>>,
    /** Remarks that do not stop the connection. */
    warnings: list(),
    /**
     * The end of the secret: a moment in UTC, such as `2027-06-30T00:00:00.000Z`, as the vendor reports it, else by
     * `expiresAt`. Not set where it never ends, where its end is not known, and where each use of the secret moves it.
     */
    secretExpiresAt: optional(text()),
    /**
     * The source of `secretExpiresAt`: `vendor` (the vendor reports it), `declared` (by `expiresAt` alone), or `never`
     * (the vendor says that the secret has no end). Not set where nothing is known.
     */
    secretExpirySource: optional(choice(each<SecretExpirySource>({ vendor: true, declared: true, never: true }))),
    /** When the connection was last recorded as verified, in ISO 8601. It moves only when the resource is created or updated. */
    verifiedAt: optional(text()),
    /** The declared expiry of the secret. */
    expiresAt: optional(text()),
};

/** The outputs that every connection has, as values. */
export interface CommonOutputs extends OutputValues<typeof commonOutputs> {}

/** The outputs that a verification computes for every connection. */
export const commonOutputNames = (Object.keys(commonOutputs) as (keyof typeof commonOutputs)[]).filter(
    (name) => name !== "verifiedAt" && name !== "expiresAt",
);

/** Names that no argument or output of a connection's own may have. */
export const reservedNames = [
    ...(Object.keys(commonArgs) as (keyof typeof commonArgs)[]),
    ...(Object.keys(commonOutputs) as (keyof typeof commonOutputs)[]),
    ...(["id", "urn", "hubFields"] as const),
];

/** A name that no argument or output of a connection's own may have. */
export type ReservedName = (typeof reservedNames)[number];
