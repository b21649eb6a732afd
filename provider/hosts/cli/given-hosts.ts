// The hosts that a file of connections names: another person may have written it, and its secrets would go there.
import type { Field, Fields, Values } from "../../define";
import { unavailable } from "./exit-code";
import type { Requested } from "./connections-file";

/** An argument that names a host. */
export interface NamedHost {
    /** As messages name it: `probe.url`. */
    readonly argument: string;
    /** With its port, where that is not the scheme's own. */
    readonly host: string;
}

const addressFormats: readonly unknown[] = ["baseUrl", "url", "proxyUrl"];

/** The hosts that arguments name, at any depth, but those that are the vendor's own. */
export function hostsNamedBy(fields: Fields, values: Values, prefix = ""): readonly NamedHost[] {
    return Object.entries(fields).flatMap(([name, field]) => hostsIn(field, values[name], `${prefix}${name}`));
}

function hostsIn(field: Field<unknown>, value: unknown, argument: string): readonly NamedHost[] {
    if (typeof value === "object" && value !== null) {
        const { item, fields = {} } = field;
        return item === undefined
            ? hostsNamedBy(fields, value as Values, `${argument}.`)
            : Object.entries(value).flatMap(([name, one]) => hostsIn(item, one, `${argument}.${name}`));
    }
    if (!addressFormats.includes(field.format) || typeof value !== "string" || !URL.canParse(value)) {
        return [];
    }
    const { host, hostname } = new URL(value);
    const domains = (field.options.vendorHosts ?? []).map((one) => one.replace(/^\./, ""));
    const isVendors = domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
    return isVendors ? [] : [{ argument, host }];
}

/**
 * Refuses a file whose connections lead to hosts that neither a vendor fixes nor the person who runs the command has allowed.
 * @throws CommandError of exit code 2, with the option that would allow them.
 */
export function requireAllowedHosts(file: string, requested: readonly Requested[], allowed: readonly string[]): void {
    const given = new Set(allowed.map((host) => host.toLowerCase()));
    const refused = requested.flatMap(({ name, type, args }) => {
        const validated = type.arguments.validate(args).args?.given ?? {};
        return hostsNamedBy(type.args, validated)
            .filter(({ host }) => !given.has(host))
            .map((one) => ({ ...one, name }));
    });
    if (refused.length === 0) {
        return;
    }
    const places = refused.map(({ name, argument, host }) => `${name}: ${argument} names ${host}`);
    const option = ["--allow-host", ...new Set(refused.map(({ host }) => host))].join(" ");
    throw unavailable(
        "cli-hosts",
        [
            `${file}: no vendor was contacted, because the secrets of a file go only to hosts of vendors and to those that you allow.`,
            ...places,
            `Look at the file. If you know these hosts, add: ${option}`,
        ].join("\n"),
    );
}
