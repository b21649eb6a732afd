// The one call by which the generic connections prove a credential.
import { get } from "jsonpointer";
import {
    anything,
    choice,
    integer,
    invalid,
    map,
    object,
    isPage,
    isRedirect,
    optional,
    scalar,
    text,
    url,
    withDefault,
    type Account,
    type Answer,
    type Complaint,
    type ObjectField,
    type Outcome,
    type Refused,
    type ValueOf,
    type Code,
    type VendorProblem,
    type VerificationOf,
} from "../../define";

const pointer = {
    pattern: /^(\/([^/~]|~[01])*)+$/,
    must: "must be a JSON Pointer (RFC 6901) into the answer, such as /user/id.",
};

const anyAnswer = optional(anything());

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

type Probe = ValueOf<typeof probeField>;

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
export const isOpenHeader = (name: string): boolean => !transportHeaders.includes(name.toLowerCase());

type Headers = Readonly<Record<string, string>>;
type ProbeComplaint = Complaint<"probe" | "secretHeaders">;

/** The arguments that a probe is sent with. */
interface Probing {
    readonly probe?: Probe | undefined;
    readonly secretHeaders?: Headers | undefined;
}

/**
 * The complaints about a probe.
 * @param credentialHeader The header that carries the credential.
 */
export function probeRules(
    { probe, secretHeaders = {} }: Probing,
    credentialHeader: string | undefined,
): readonly ProbeComplaint[] {
    const { method, account, identity, proof, headers = {} } = probe ?? {};
    const taken = [...Object.keys(headers), ...(credentialHeader === undefined ? [] : [credentialHeader])];
    const complaints = Object.entries(headers).flatMap(([name, value]) => {
        if (!headerName.test(name) || !headerValue.test(value)) {
            return [
                `has a header ${name} that HTTP cannot carry. Take letters, digits and - for its name, and printable ASCII for its value.`,
            ];
        }
        if ([...credentialHeaders, credentialHeader?.toLowerCase()].includes(name.toLowerCase())) {
            return [`names the header ${name}, which carries a credential. Leave it out: headers stand in the state.`];
        }
        return isOpenHeader(name) ? [] : [`names the header ${name}, which HTTP itself sets. Leave it out of headers.`];
    });
    if (method === "HEAD" && [account, identity, proof].some((pointer) => pointer !== undefined)) {
        complaints.push(
            "asks with HEAD, whose answer has no body that account, identity and proof could point into. Ask with GET, or leave them out.",
        );
    }
    return [
        ...complaints.map((message) => ({ argument: "probe", message }) as const),
        ...Object.entries(secretHeaders).flatMap(([name, value]) => secretHeaderRules(name, value, taken)),
    ];
}

/** The complaints about a header that holds a secret, without its value. */
function secretHeaderRules(name: string, value: string, taken: readonly string[]): readonly ProbeComplaint[] {
    const complain = (message: string): ProbeComplaint[] => [{ argument: "secretHeaders", message }];
    if (!headerName.test(name) || !/^[\x20-\x7e]+$/.test(value)) {
        return complain(
            `has a header ${name} that HTTP cannot carry. Take letters, digits and - for its name, and printable ASCII for its value.`,
        );
    }
    if (taken.some((other) => other.toLowerCase() === name.toLowerCase())) {
        return complain(`names the header ${name}, which is set otherwise too. Leave one of them out.`);
    }
    return isOpenHeader(name)
        ? []
        : complain(`names the header ${name}, which HTTP itself sets. Leave it out of secretHeaders.`);
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
            message: `names the header ${name}, which may hold a secret, and headers stand in the state. Put it into secretHeaders; if the state was ever shared, make a new secret.`,
        }));
}

/** The findings of the generic connections. */
export interface Probed {
    readonly identity: string | undefined;
    readonly account: Account | undefined;
}

/** Calls the URL that the program names. */
export async function probe<O, SecretName extends string>(
    vendor: VerificationOf<O, "probe", "probe", SecretName>,
    declared: Probe,
    secretHeaders: Headers = {},
): Promise<Probed> {
    const { url, method, account, identity, headers = {} } = declared;
    let answered: unknown;
    await vendor.request("probe", url, anyAnswer, {
        method,
        headers: Object.fromEntries(
            Object.entries({ ...headers, ...secretHeaders }).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        argument: "probe",
        classify: (answer, body) => {
            answered = body;
            return classify(answer, body, declared);
        },
    });
    if (vendor.resultOf("probe") !== "passed") {
        return { identity: undefined, account: undefined };
    }
    const id = identifierAt(answered, account);
    return {
        identity: identifierAt(answered, identity),
        account: id === undefined ? undefined : { id, name: id },
    };
}

/** The meaning of an answer to a probe; undefined where the ordinary rules apply. */
function classify(
    answer: Answer,
    body: unknown,
    { url, expect, account, identity, proof }: Probe,
): VendorProblem<"probe"> | Refused | "passed" | undefined {
    const { status } = answer;
    const isGood = status >= 200 && status < 300;
    if (status === 401 || isRedirect(answer) || isPage(answer, body) || (expect === undefined && !isGood)) {
        return undefined;
    }
    if (expect !== undefined && status !== expect) {
        return {
            kind: "accessMissing",
            code: "generic-probe-status",
            argument: "probe",
            message: `${url} answered with HTTP ${status}, and probe.expect says ${expect}. Give the credential what the call needs, or correct probe.`,
        };
    }
    const noProof = (code: Code, what: string, next: string): VendorProblem<"probe"> => ({
        kind: "badAnswer",
        code,
        argument: "probe",
        message: `${url} answered with HTTP ${status} and ${what}, so whether the credential is good is not known. ${next}`,
    });
    if (proof !== undefined && body === undefined) {
        return noProof(
            "generic-probe-no-json",
            "without the JSON that probe.proof points into",
            "Check that it is the API's address.",
        );
    }
    if (proof !== undefined && valueAt(body, proof.pointer) !== proof.value) {
        return { refused: `without ${JSON.stringify(proof.value)} at ${proof.pointer}, which probe.proof needs` };
    }
    const error = proof === undefined && isGood ? errorIn(body) : undefined;
    if (error !== undefined) {
        return noProof(
            "generic-probe-error",
            `with ${error}`,
            "Say with probe.proof what the answer to a good credential says.",
        );
    }
    const untold = Object.entries({ account, identity }).find(
        ([, at]) => at !== undefined && identifierAt(body, at) === undefined,
    );
    return untold === undefined
        ? "passed"
        : noProof(
              "generic-probe-silent",
              `tells nothing at ${untold[1] ?? ""} (probe.${untold[0]})`,
              "Correct the pointer, or say with probe.proof what the answer to a good credential says.",
          );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const valueAt = (body: unknown, at: string): unknown => (isObject(body) ? (get(body, at) as unknown) : undefined);

/** The identifier in an answer at a pointer. */
function identifierAt(body: unknown, at: string | undefined): string | undefined {
    const value = at === undefined ? undefined : valueAt(body, at);
    return (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;
}

/** The member at the top of an answer that reports a failed call under a good status. */
function errorIn(body: unknown): string | undefined {
    const entries = isObject(body) && !Array.isArray(body) ? Object.entries(body) : [];
    const saysSomething = (value: unknown): boolean =>
        isObject(value) ? Object.keys(value).length > 0 : !["", false, 0, undefined, null].includes(value as never);
    const [name] =
        entries.find(
            ([key, value]) =>
                (/^(ok|success)$/i.test(key) && value === false) || (/^errors?$/i.test(key) && saysSomething(value)),
        ) ?? [];
    return name === undefined ? undefined : /^e/i.test(name) ? `${name} at its top` : `${name}: false at its top`;
}

/** The output `identity`. Each declaration lists it itself, because a spread loses its comment in the package's declarations. */
export const identityField = optional(text());

/** The parts that a connection has where only its probe proves it, besides its outputs. */
export const provedByProbe = {
    title: "the server",
    privateHosts: true,
    rulesForNew: probeRulesForNew,
    checks: { probe: "The probe is answered." },
    tenant: "identity",
} as const;

/** Verifies by the probe alone. `known`: the account where the answer does not name one. */
export async function verifyByProbe<SecretName extends string>(
    vendor: VerificationOf<{ readonly identity: typeof identityField }, "probe", "probe", SecretName>,
    args: { readonly probe: Probe; readonly secretHeaders?: Headers | undefined },
    known?: string,
): Promise<Outcome> {
    const { identity, account } = await probe(vendor, args.probe, args.secretHeaders);
    const isProved = vendor.resultOf("probe") === "passed" && known !== undefined;
    return vendor.found({
        outputs: { identity },
        account: account ?? (isProved ? { id: known, name: known } : undefined),
    });
}
