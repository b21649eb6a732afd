// The one call by which the generic connections prove a credential.
import { get } from "jsonpointer";
import {
    anything,
    choice,
    integer,
    invalid,
    map,
    object,
    optional,
    output,
    text,
    url,
    withDefault,
    type Account,
    type Answer,
    type Complaint,
    type ObjectField,
    type Outcome,
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
     * `GET` or `HEAD`. A `HEAD` has no answer that `account` and `identity` could point into.
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
     * Where the answer tells whose the credential is, as a JSON Pointer (RFC 6901), such as `/user/email`.
     * @default it is not told
     */
    account: optional(text(pointer)),
    /**
     * Where the answer tells which tenant the credential opens, as a JSON Pointer (RFC 6901), such as `/workspace/id`. Another one behind the same
     * credential is `tenantChanged`.
     * @default it is not told
     */
    identity: optional(text(pointer)),
    /**
     * Headers that the call needs besides the credential, such as `{ "x-api-version": "2026-01-01" }`. They stand in the state: no secrets. Without
     * `accept` among them, `application/json` is asked for.
     * @default none
     */
    headers: optional(map()),
};

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
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

// A credential has an argument of its own, which is kept as a secret.
const credentialHeaders: readonly string[] = ["authorization", "cookie", "proxy-authorization"];

/** Whether a header may be set by a program. */
export const isOpenHeader = (name: string): boolean => !transportHeaders.includes(name.toLowerCase());

/** What is wrong with a probe. */
export function probeRules(probe: Probe | undefined, credentialHeader?: string): readonly Complaint<"probe">[] {
    const { method, account, identity, headers = {} } = probe ?? {};
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
    if (method === "HEAD" && (account !== undefined || identity !== undefined)) {
        complaints.push(
            "asks with HEAD, whose answer has no body that account and identity could point into. Ask with GET, or leave them out.",
        );
    }
    return complaints.map((message) => ({ argument: "probe", message }));
}

/** What the generic connections find out. */
export interface Probed {
    readonly identity: string | undefined;
    readonly account: Account | undefined;
}

/** Asks the address that the program names. */
export async function probe<O>(
    vendor: VerificationOf<O, "probe", "probe", string>,
    { url, method, expect, account, identity, headers = {} }: Probe,
): Promise<Probed> {
    let answered: unknown;
    await vendor.request("probe", url, anyAnswer, {
        method,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
        argument: "probe",
        classify: (answer, body) => {
            answered = body;
            return expect === undefined || answer.status === 401
                ? undefined
                : classifyExpected(answer, body, url, expect);
        },
    });
    if (vendor.resultOf("probe") !== "passed") {
        return { identity: undefined, account: undefined };
    }
    const told = (at: string | undefined, name: string): string | undefined => {
        const value: unknown =
            at === undefined || typeof answered !== "object" || answered === null ? undefined : get(answered, at);
        if ((typeof value === "string" && value !== "") || typeof value === "number") {
            return String(value);
        }
        if (at !== undefined) {
            vendor.warn(`The answer of ${url} tells nothing at ${at} (probe.${name}).`);
        }
        return undefined;
    };
    const id = told(account, "account");
    return { identity: told(identity, "identity"), account: id === undefined ? undefined : { id, name: id } };
}

/** What a status means where the program says which one proves the credential. */
function classifyExpected(
    { status, headers }: Answer,
    body: unknown,
    url: string,
    expect: number,
): VendorProblem<"probe"> | "passed" {
    if (status === expect) {
        return "passed";
    }
    const message = `${url} answered with HTTP ${status}, and probe.expect says ${expect}.`;
    // A page is what something in between shows, such as a proxy or a maintenance notice: that is nothing against the credential.
    return body === undefined && /html/i.test(String(headers["content-type"]))
        ? {
              kind: "badAnswer",
              argument: "probe",
              message: `${message} It is a page of HTML: check that it is the API's address.`,
          }
        : {
              kind: "accessMissing",
              argument: "probe",
              message: `${message} Give the credential what the call needs, or correct probe.`,
          };
}

/** The output `identity`. Each declaration lists it itself, for a spread loses its comment in the package's declarations. */
export const identityField = optional(output(text()));

/** What a connection has that nothing but its probe proves, besides its outputs. */
export const provedByProbe = {
    checks: { probe: "The probe is answered." },
    tenant: "identity",
    derive: () => ({}),
} as const;

/** Asks the probe, and nothing else. `known`: who the credential acts as where the answer does not tell. */
export async function verifyByProbe(
    vendor: VerificationOf<{ readonly identity: typeof identityField }, "probe", "probe", string>,
    args: { readonly probe: Probe },
    known?: string,
): Promise<Outcome> {
    const { identity, account } = await probe(vendor, args.probe);
    const isProved = vendor.resultOf("probe") === "passed" && known !== undefined;
    return vendor.found({
        outputs: { identity },
        account: account ?? (isProved ? { id: known, name: known } : undefined),
    });
}
