// The one call by which a program proves a credential for any API: its arguments, and the rules for them.
import {
    choice,
    integer,
    invalid,
    map,
    object,
    optional,
    scalar,
    text,
    url,
    withDefault,
    type Complaint,
    type Field,
    type ObjectField,
    type ValueOf,
} from "./fields";

const pointer = {
    pattern: /^(\/([^/~]|~[01])*)+$/,
    must: "must be a JSON Pointer (RFC 6901) into the answer, such as /user/id.",
};

const mustBeProof = "must be an HTTP status that can prove a credential: from 200 to 299, or from 400 to 499";
// These refuse the caller or delay the call, so they do not answer the call itself.
const noProof: readonly number[] = [401, 407, 408, 425, 429];

/** The fields of `probe`. */
export const probeFields = {
    /**
     * The https URL to call, with path and query. It must accept every good credential and refuse all other callers.
     * Vendors' documents often call it `me`, `whoami`, `self` or `current user`. Example:
     * `https://api.example.com/v1/me`.
     */
    url: url({ like: "https://api.example.com/v1/me" }),
    /**
     * `GET` or `HEAD`. A `HEAD` has no answer that `account`, `identity` and `proof` could point into.
     * @default GET
     */
    method: withDefault(choice(["GET", "HEAD"]), "GET"),
    /**
     * The HTTP status that proves the credential, such as 204: from 200 to 299, or from 400 to 499 without 401, 407, 408, 425 and 429. Where it is given,
     * another status of these is `insufficient`, also after the credential has been verified before.
     * @default any from 200 to 299
     */
    expect: optional(
        integer({
            must: `${mustBeProof}.`,
            parse: (status) =>
                (status >= 200 && status < 300) || (status >= 400 && status < 500 && !noProof.includes(status))
                    ? status
                    : invalid(`${mustBeProof}, without ${noProof.join(", ")}.`),
        }),
    ),
    /**
     * The value in the answer to a good credential, for an API that refuses within HTTP 200: `{ pointer: "/ok", value:
     * true }`. Another value there, or a missing one, is `rejected`. Needed where answers to a good credential have an
     * `error`, or `ok: false`, at their top.
     * @default an answer without `ok: false`, `success: false`, an `error` or `errors` at its top
     */
    proof: optional(
        object({
            /** The value's place in the answer, as a JSON Pointer (RFC 6901), such as `/ok`. */
            pointer: text(pointer),
            /** The expected text, number or boolean, compared with its type: `"1"` is not `1`. */
            value: scalar(),
        }),
    ),
    /**
     * The place of the account's name in the answer, as a JSON Pointer (RFC 6901), such as `/user/email`. An answer
     * without it proves nothing.
     * @default the account is not known
     */
    account: optional(text(pointer)),
    /**
     * The place of the tenant's identifier in the answer, as a JSON Pointer (RFC 6901), such as `/workspace/id`.
     * Another tenant behind the same credential is `tenantChanged`. An answer without it proves nothing.
     * @default the tenant is not known
     */
    identity: optional(text(pointer)),
    /**
     * Headers that the call needs besides the credential, such as `{ "x-api-version": "2026-01-01" }`. The state shows
     * them: a secret goes into `secretHeaders`, and a name with key, token, secret, password, auth, credential or
     * signature in it is refused. Without `accept` among them, the call sends `accept: application/json`.
     * @default none
     */
    headers: optional(map()),
};

/** The argument `secretHeaders`. Another secret may be another account's. */
export const secretHeadersField = optional(map({ sensitive: true, namesAccount: true }));

/** Its field, by a name that the package's declarations keep: spelt out in another file, its fields would have no comments. */
export interface ProbeField extends ObjectField<typeof probeFields> {}

/** The argument `probe`. */
export const probeField: ProbeField = object(probeFields);

/** A probe as a program declares it. */
export type Probe = ValueOf<ProbeField>;

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\x20-\x7e]*$/;
// These headers belong to the connection, not to the call.
const transportHeaders: readonly string[] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

// A credential has an argument of its own, which is kept as a secret.
const credentialHeaders: readonly string[] = ["authorization", "cookie"];

/** True for a header that a program may set. */
const isOpenHeader = (name: string): boolean => !transportHeaders.includes(name.toLowerCase());

/** The name of a header that carries a key. */
export const headerField = (): Field<string> =>
    text({
        pattern: headerName,
        must: "must be the name of an HTTP header, such as x-api-key.",
        parse: (name) =>
            isOpenHeader(name)
                ? name
                : invalid("is a header that HTTP itself sets. Name the one that the vendor's documents name."),
    });

type Headers = Readonly<Record<string, string>>;

/** The arguments that a probe is sent with. */
export interface Probing {
    /** The call. */
    readonly probe?: Probe | undefined;
    /** Its headers that hold a secret. */
    readonly secretHeaders?: Headers | undefined;
}

/** The flaws of headers, as sentences without their subject. `flawOf`: that of a name that is set otherwise. */
function flawsOf(headers: Headers, argument: string, flawOf: (name: string) => string | undefined): string[] {
    return Object.entries(headers).flatMap(([name, value]) => {
        if (!headerName.test(name) || !headerValue.test(value)) {
            return [
                `has a header ${name} that HTTP cannot carry. Use letters, digits and - for its name, and printable ASCII for its value.`,
            ];
        }
        const ofHttp = isOpenHeader(name) ? undefined : `which HTTP itself sets. Leave it out of ${argument}.`;
        const flaw = flawOf(name.toLowerCase()) ?? ofHttp;
        return flaw === undefined ? [] : [`names the header ${name}, ${flaw}`];
    });
}

/**
 * The complaints about a probe.
 * @param credentialHeader The header that carries the credential.
 */
export function probeRules(
    { probe, secretHeaders = {} }: Probing,
    credentialHeader = "",
): readonly Complaint<"probe" | "secretHeaders">[] {
    const { method, account, identity, proof, headers = {} } = probe ?? {};
    const ofCredentials = [...credentialHeaders, credentialHeader.toLowerCase()];
    const taken = [...Object.keys(headers), credentialHeader].map((name) => name.toLowerCase());
    const flaws = flawsOf(headers, "headers", (name) =>
        ofCredentials.includes(name)
            ? "which carries a credential. Leave it out: headers are in the state."
            : undefined,
    );
    if (method === "HEAD" && [account, identity, proof].some((pointer) => pointer !== undefined)) {
        flaws.push(
            "is a HEAD request, whose answer has no body that account, identity and proof could point into. Use GET, or leave them out.",
        );
    }
    const secretFlaws = flawsOf(secretHeaders, "secretHeaders", (name) =>
        taken.includes(name) ? "which is set otherwise too. Leave one of them out." : undefined,
    );
    return [
        ...flaws.map((message) => ({ argument: "probe", message }) as const),
        ...secretFlaws.map((message) => ({ argument: "secretHeaders", message }) as const),
    ];
}

// The word author does not mean a credential.
const secretName = /key|token|secret|password|auth(?!or(?!i[sz]a))|credential|signature/i;
const harmlessNames: readonly string[] = [
    "x-csrf-token",
    "csrf-token",
    "x-xsrf-token",
    "idempotency-key",
    "x-idempotency-key",
    "x-atlassian-token",
];

/** The complaints about a probe that is new or changed. */
export function probeRulesForNew({ probe }: Probing): readonly Complaint<"probe">[] {
    return Object.keys(probe?.headers ?? {})
        .filter((name) => secretName.test(name) && !harmlessNames.includes(name.toLowerCase()))
        .map((name) => ({
            argument: "probe",
            message: `names the header ${name}, which may hold a secret, and headers are in the state. Put it into secretHeaders; if the state was ever shared, make a new secret.`,
        }));
}
