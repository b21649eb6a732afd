// Refuses secrets in arguments that name an address. Addresses are recorded and shown in clear, and one without the
// secret would name another host.
import type { Problem, Values } from "../define/contracts";
import type { Field, Fields } from "../define/fields";
import { Redactor } from "./redact";

/** The faults of arguments that name an address and hold a secret, without its value. */
export function secretsInAddresses(
    { args }: { readonly args: Fields },
    given: Values,
    secrets: Readonly<Record<string, string>>,
): Problem[] {
    const proxy = passwordsOf(given["proxyUrl"]).map((password) => ["proxyUrl", password] as const);
    const redactors = [...Object.entries(secrets), ...proxy].map(
        ([name, secret]) => [name, new Redactor([secret])] as const,
    );
    return addressesAmong(args, given).flatMap(({ name, field, text }) => {
        const own = withoutVendorHost(text, field.options.vendorHosts ?? []);
        const [holder] = redactors.find(([, redactor]) => redactor.holds(own)) ?? [];
        const what = holder === "proxyUrl" ? "the password of proxyUrl" : `the secret of ${String(holder)}`;
        const message =
            `holds ${what}. An address is recorded and shown in clear, so no secret may be in it. ` +
            `Remove it; if it was ever shown, make a new secret.`;
        return holder === undefined
            ? []
            : [{ kind: "invalidArgument", code: "secret-in-address", argument: name, message } as const];
    });
}

/** The password in a proxy's URL, as it is written and decoded. */
export function passwordsOf(proxyUrl: unknown): string[] {
    const { password } = typeof proxyUrl === "string" && URL.canParse(proxyUrl) ? new URL(proxyUrl) : { password: "" };
    return password === "" ? [] : [password, ...new URLSearchParams(`p=${password.replace(/\+/g, "%2B")}`).values()];
}

/** The sensitive texts of arguments besides the credential's secret. */
export function sensitiveTexts({ args }: { readonly args: Fields }, given: Values): string[] {
    const maps = Object.keys(args).filter(
        (name) => args[name]?.type === "map" && args[name].options.sensitive === true,
    );
    return [
        ...passwordsOf(given["proxyUrl"]),
        ...maps.flatMap((name) => Object.values((given[name] ?? {}) as Readonly<Record<string, string>>)),
    ];
}

interface Address {
    /** As messages name it: `probe.url`. */
    readonly name: string;
    readonly field: Field<unknown>;
    readonly text: string;
}

function addressesAmong(fields: Fields, values: Values, prefix = ""): Address[] {
    return Object.entries(fields).flatMap(([key, field]): Address[] => {
        const value = values[key];
        const name = `${prefix}${key}`;
        if (typeof value === "object" && value !== null && field.fields !== undefined) {
            return addressesAmong(field.fields, value as Values, `${name}.`);
        }
        return typeof value === "string" && isAddress(field, value) ? [{ name, field, text: value }] : [];
    });
}

/** Sensitive fields are never displayed, so skip them. */
function isAddress({ type, options, values }: Field<unknown>, value: string): boolean {
    const isShown = type === "string" && options.sensitive !== true;
    return isShown && (/^https?:/i.test(value) || (options.namesTenant === true && values === undefined));
}

/** A text without the host that every user of the vendor writes. */
function withoutVendorHost(text: string, vendorHosts: readonly string[]): string {
    const host = vendorHosts.find((one) => text.toLowerCase().includes(one));
    return host === undefined ? text : text.toLowerCase().replace(host, "");
}
