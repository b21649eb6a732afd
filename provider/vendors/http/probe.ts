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
    type VendorProblem,
    type VerificationOf,
} from "../../define";

const pointer = {
    pattern: /^(\/([^/~]|~[01])*)+$/,
    must: "must be a JSON Pointer (RFC 6901) into the answer, such as /user/id.",
};

const anyAnswer = optional(anything());

const mustBeProof = "must be an HTTP status that can prove a credential: from 200 to 299, or from 400 to 499";
// What these say is no answer to the call itself: who asks is refused, or asked to come back.
const noProof: readonly number[] = [401, 407, 408, 425, 429];

/** What `probe` consists of. */
export const probeFields = {
    /**
     * The address to ask, https, with path and query: one that answers to whoever has a good credential, and refuses everybody else. The vendor's
     * documents often call it `me`, `whoami`, `self` or `current user`. Example: `https://api.example.com/v1/me`.
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
     * What the answer to a good credential says, for an API that refuses within HTTP 200: `{ pointer: "/ok", value: true }`. Another value there, or none,
     * is `rejected`. Needed where answers to a good credential have an `error`, or `ok: false`, at their top.
     * @default an answer without `ok: false`, `success: false`, an `error` or `errors` at its top
     */
    proof: optional(
        object({
            /** Where it stands in the answer, as a JSON Pointer (RFC 6901), such as `/ok`. */
            pointer: text(pointer),
            /** The text, the number, or true or false, that stands there: just this one, `"1"` is not `1`. */
            value: scalar(),
        }),
    ),
    /**
     * Where the answer tells whose the credential is, as a JSON Pointer (RFC 6901), such as `/user/email`. An answer that does not tell it proves nothing.
     * @default it is not told
     */
    account: optional(text(pointer)),
    /**
     * Where the answer tells which tenant the credential opens, as a JSON Pointer (RFC 6901), such as `/workspace/id`. Another one behind the same
     * credential is `tenantChanged`. An answer that does not tell it proves nothing.
     * @default it is not told
     */
    identity: optional(text(pointer)),
    /**
     * Headers that the call needs besides the credential, such as `{ "x-api-version": "2026-01-01" }`. They stand in the state: a secret goes into
     * `secretHeaders`, and a name with key, token, secret, password, auth, credential or signature in it is refused. Without `accept` among them, `application/json` is asked for.
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
// What belongs to the connection and not to the call.
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

/** Whether a header may be set by a program. */
export const isOpenHeader = (name: string): boolean => !transportHeaders.includes(name.toLowerCase());

type Headers = Readonly<Record<string, string>>;
type ProbeComplaint = Complaint<"probe" | "secretHeaders">;

/** What a probe is sent with. */
interface Probing {
    readonly probe?: Probe | undefined;
    readonly secretHeaders?: Headers | undefined;
}

/**
 * What is wrong with a probe.
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

/** What is wrong with a header that holds a secret, without its value. */
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

// An author is no credential.
const secretName = /key|token|secret|password|auth(?!or(?!i[sz]a))|credential|signature/i;
const harmlessNames: readonly string[] = [
    "x-csrf-token",
    "csrf-token",
    "x-xsrf-token",
    "idempotency-key",
    "x-idempotency-key",
    "x-atlassian-token",
];

/** What is wrong with a probe that is new or changed. */
export function probeRulesForNew({ probe }: Probing): readonly Complaint<"probe">[] {
    return Object.keys(probe?.headers ?? {})
        .filter((name) => secretName.test(name) && !harmlessNames.includes(name.toLowerCase()))
        .map((name) => ({
            argument: "probe",
            message: `names the header ${name}, which may hold a secret, and headers stand in the state. Put it into secretHeaders; if the state was ever shared, make a new secret.`,
        }));
}

/** What the generic connections find out. */
export interface Probed {
    readonly identity: string | undefined;
    readonly account: Account | undefined;
}

/** Asks the address that the program names. */
export async function probe<O>(
    vendor: VerificationOf<O, "probe", "probe", string>,
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

/** What an answer means to a probe; undefined where the ordinary holds. */
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
            argument: "probe",
            message: `${url} answered with HTTP ${status}, and probe.expect says ${expect}. Give the credential what the call needs, or correct probe.`,
        };
    }
    const noProof = (what: string, next: string): VendorProblem<"probe"> => ({
        kind: "badAnswer",
        argument: "probe",
        message: `${url} answered with HTTP ${status} and ${what}, so whether the credential is good is not known. ${next}`,
    });
    if (proof !== undefined && body === undefined) {
        return noProof("without the JSON that probe.proof points into", "Check that it is the API's address.");
    }
    if (proof !== undefined && valueAt(body, proof.pointer) !== proof.value) {
        return { refused: `without ${JSON.stringify(proof.value)} at ${proof.pointer}, which probe.proof needs` };
    }
    const error = proof === undefined && isGood ? errorIn(body) : undefined;
    if (error !== undefined) {
        return noProof(`with ${error}`, "Say with probe.proof what the answer to a good credential says.");
    }
    const untold = Object.entries({ account, identity }).find(
        ([, at]) => at !== undefined && identifierAt(body, at) === undefined,
    );
    return untold === undefined
        ? "passed"
        : noProof(
              `tells nothing at ${untold[1] ?? ""} (probe.${untold[0]})`,
              "Correct the pointer, or say with probe.proof what the answer to a good credential says.",
          );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const valueAt = (body: unknown, at: string): unknown => (isObject(body) ? (get(body, at) as unknown) : undefined);

/** The identifier that an answer tells at a pointer. */
function identifierAt(body: unknown, at: string | undefined): string | undefined {
    const value = at === undefined ? undefined : valueAt(body, at);
    return (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;
}

/** What at the top of an answer says that the call failed, although its status says otherwise. */
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

/** What a connection has that nothing but its probe proves, besides its outputs. */
export const provedByProbe = {
    title: "the server",
    privateHosts: true,
    rulesForNew: probeRulesForNew,
    checks: { probe: "The probe is answered." },
    tenant: "identity",
} as const;

/** Asks the probe, and nothing else. `known`: who the credential acts as where the answer does not tell. */
export async function verifyByProbe(
    vendor: VerificationOf<{ readonly identity: typeof identityField }, "probe", "probe", string>,
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
