// The one call by which the generic connections prove a credential.
import { get } from "jsonpointer";
import {
    anything,
    choice,
    integer,
    map,
    object,
    optional,
    output,
    text,
    url,
    withDefault,
    type Account,
    type Outcome,
    type ValueOf,
    type VerificationOf,
} from "../../define";

const pointer = {
    pattern: /^(\/[^/]*)+$/,
    must: "must be a JSON Pointer (RFC 6901) into the answer, such as /user/id.",
};

/** The argument `probe`. */
export const probeField = object({
    /** The address to ask, https, with path and query: one that answers to whoever has a good credential, and refuses everybody else. */
    url: url({ like: "https://api.example.com/v1/me" }),
    /** `GET` or `HEAD`. A `HEAD` has no answer that `account` and `identity` could point into. @default GET */
    method: withDefault(choice(["GET", "HEAD"]), "GET"),
    /** The HTTP status that proves the credential, from 200 to 499. Default: any from 200 to 299. */
    expect: optional(integer({ least: 200, most: 499, must: "must be an HTTP status from 200 to 499." })),
    /** Where the answer tells whose the credential is, as a JSON Pointer (RFC 6901): `/user/email`. Default: it is not told. */
    account: optional(text(pointer)),
    /** Where the answer tells which tenant it opens, as a JSON Pointer: another one behind the same credential is `tenantChanged`. Default: it is not told. */
    identity: optional(text(pointer)),
    /** Headers that the call needs besides the credential. They stand in the state: no secrets. Default: none. */
    headers: optional(map()),
});

/** What the generic connections find out. */
export interface Probed {
    readonly identity: string | undefined;
    readonly account: Account | undefined;
}

/** Asks the address that the program names. */
export async function probe<O>(
    vendor: VerificationOf<O, "probe", "probe", string>,
    { url, method, expect, account, identity, headers }: ValueOf<typeof probeField>,
): Promise<Probed> {
    let answered: unknown;
    await vendor.request("probe", url, optional(anything()), {
        method: method ?? "GET",
        headers,
        argument: "probe",
        classify: ({ status }, body) => {
            answered = body;
            if (expect === undefined || status === 401) {
                return undefined;
            }
            return status === expect
                ? "passed"
                : {
                      kind: "badAnswer",
                      argument: "probe",
                      message: `${url} answered with HTTP ${status}, and probe.expect says ${expect}. Correct one of them.`,
                  };
        },
    });
    if (vendor.resultOf("probe") !== "passed") {
        return { identity: undefined, account: undefined };
    }
    const told = (at: string | undefined, name: string): string | undefined => {
        const value: unknown =
            at === undefined || typeof answered !== "object" || answered === null ? undefined : get(answered, at);
        if (typeof value === "string" || typeof value === "number") {
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

/** What a connection has that nothing but its probe proves. */
export const provedByProbe = {
    outputs: {
        /** The tenant that the credential opens, as `probe.identity` points at it. */
        identity: optional(output(text())),
    },
    checks: { probe: "The probe is answered." },
    tenant: "identity",
    derive: () => ({}),
} as const;

/** Asks the probe, and nothing else. */
export async function verifyByProbe(
    vendor: VerificationOf<typeof provedByProbe.outputs, "probe", "probe", string>,
    args: { readonly probe: ValueOf<typeof probeField> },
): Promise<Outcome> {
    const { identity, account } = await probe(vendor, args.probe);
    return vendor.found({ outputs: { identity }, account });
}
