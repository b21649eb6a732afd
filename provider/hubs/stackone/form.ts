// The values of StackOne's forms. No document lists the keys of their fields: they are read at run time.
import type { Values } from "../../define/contracts";
import type { Code } from "../../messages";
import { fault } from "../../core/problems";
import { definedOnly } from "../../core/values";
import type { TakenConnection } from "../contracts";
import type { StackOneAccount, StackOneField } from "./api";

/** The kinds of values of a form. */
export const parts = ["url", "clientId", "clientSecret", "region", "organizationId"] as const;
export type Part = (typeof parts)[number];

/** The keys that a program names. */
export type FieldKeys = Readonly<Partial<Record<Part, string>>>;

/** A connection's values for a form. */
export interface StackOneForm {
    /** StackOne's name for the vendor. */
    readonly provider: string;
    readonly values: Readonly<Partial<Record<Part, string>>>;
}

interface FormField {
    /** The label that the vendor's guide shows. */
    readonly label: string;
    /** A pattern for a key without its punctuation. */
    readonly key: RegExp;
}

const formFields: Readonly<Record<Part, FormField>> = {
    url: { label: "Jamf Pro URL", key: /url$|^(instance|domain|host)$/i },
    clientId: { label: "Client ID", key: /clientid$/i },
    clientSecret: { label: "Client Secret", key: /clientsecret$/i },
    region: { label: "API Region", key: /region$/i },
    organizationId: { label: "Organization ID", key: /org(ani[sz]ation)?id$/i },
};

/** StackOne's names of the vendors, which no document confirms. */
const providers: Readonly<Record<string, string>> = {
    "jamf:ApiClient": "jamf",
    "jumpcloud:ServiceAccount": "jumpcloud",
};

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The reason why StackOne does not accept a connection, as a sentence without its subject; undefined where it does. */
export function refusalOf({ type, label }: Pick<TakenConnection, "type" | "label">): string | undefined {
    return Object.hasOwn(providers, type)
        ? undefined
        : `is a ${label}, and stackone.Account accepts jamf.ApiClient or jumpcloud.ServiceAccount.`;
}

/**
 * A connection's values for StackOne's form.
 * @param provider StackOne's name for the vendor, where it differs from the assumed one.
 */
export function formOf(connection: TakenConnection, provider: string | undefined): StackOneForm {
    const { type, values, outputs } = connection;
    return {
        provider: provider ?? providers[type] ?? "",
        values: definedOnly({
            url: text(outputs["url"] ?? values["url"]),
            clientId: text(values["clientId"]),
            clientSecret: secretOf(connection),
            region: type === "jumpcloud:ServiceAccount" ? (text(values["region"]) ?? "us") : undefined,
            organizationId: text(values["organizationId"]),
        }),
    };
}

/** The secret that the vendor accepts: of two the one that was proved. */
export function secretOf({ outputs, secret }: TakenConnection): string | undefined {
    return secret(text(outputs["secretInUse"]) ?? "clientSecret") ?? secret("clientSecret");
}

/** The form's values that are not secrets. */
export function clearValues({ values }: StackOneForm): Values {
    const { clientSecret: _, ...clear } = values;
    return clear;
}

/**
 * A form by the keys of StackOne's fields.
 * @param reported The fields that StackOne returned; undefined where it returned none.
 * @throws Fault that names a field without a known value.
 */
export function valuesByKey(
    { provider, values }: StackOneForm,
    reported: readonly StackOneField[] | undefined,
    given: FieldKeys,
): Readonly<Record<string, string>> {
    const filled = (Object.entries(values) as [Part, string][]).map(([part, value]): [string, string] => {
        const key = given[part] ?? keyOf(part, reported);
        const known = reported?.map((field) => field.key).join(", ");
        const refuse = (code: Code, message: string): never => {
            throw fault("invalidArgument", code, `fieldKeys.${part}`, message);
        };
        if (key === undefined) {
            const why =
                known === undefined
                    ? `StackOne does not report the fields of ${provider}`
                    : `none of StackOne's fields of ${provider} (${known}) is surely the one`;
            return refuse("stackone-field", `is missing: ${why}. Name the key of the field.`);
        }
        const field = reported?.find((one) => one.key === key);
        if (known !== undefined && field === undefined) {
            return refuse("stackone-field-none", `names none of StackOne's fields of ${provider}, which are ${known}.`);
        }
        return [key, field === undefined ? value : optionOf(field, value, part)];
    });
    const keys = new Set(filled.map(([key]) => key));
    const open = (reported ?? []).find(({ key, isRequired }) => isRequired && !keys.has(key));
    if (open !== undefined) {
        const needed = `${provider} needs ${open.label} (${open.key}), which this connection does not hold`;
        throw fault(
            "invalidArgument",
            "stackone-needs",
            "provider",
            `${needed}. Name the connector that accepts its credential.`,
        );
    }
    return Object.fromEntries(filled);
}

/** The sent values as StackOne shows them, by their kind. A value that it does not show counts as sent. */
export function shownValues(
    { setupInformation }: Pick<StackOneAccount, "setupInformation">,
    sent: Values,
    reported: readonly StackOneField[] | undefined,
    given: FieldKeys,
): Values {
    const shown = parts.flatMap((part) => {
        const value = text(sent[part]);
        const key = given[part] ?? keyOf(part, reported);
        const there = key === undefined ? undefined : text(setupInformation[key])?.replace(/\/+$/, "");
        if (value === undefined) {
            return [];
        }
        const field = reported?.find((one) => one.key === key);
        const isSame = there === undefined || there === value || isOption(field, value, there);
        return [[part, isSame ? value : there] as const];
    });
    return Object.fromEntries(shown);
}

function keyOf(part: Part, reported: readonly StackOneField[] | undefined): string | undefined {
    const { label, key } = formFields[part];
    const labelled = (reported ?? []).filter((field) => field.label.trim().toLowerCase() === label.toLowerCase());
    const found =
        labelled.length > 0 ? labelled : (reported ?? []).filter((field) => key.test(field.key.replace(/[\W_]/g, "")));
    return found.length === 1 ? found[0]?.key : undefined;
}

function optionFor({ options }: StackOneField, value: string): string | undefined {
    const same = (one: string): boolean => one.toLowerCase() === value.toLowerCase();
    return (options.find((one) => same(one.value)) ?? options.find((one) => same(one.label)))?.value;
}

const isOption = (field: StackOneField | undefined, value: string, there: string): boolean =>
    field !== undefined && optionFor(field, value) === there;

function optionOf(field: StackOneField, value: string, part: Part): string {
    const { key, options } = field;
    const option = options.length === 0 ? value : optionFor(field, value);
    if (option === undefined) {
        const known = options.map((one) => one.value).join(", ");
        const message = `has a ${part} that StackOne does not offer: its field ${key} accepts ${known}.`;
        throw fault("invalidArgument", "stackone-option", "connection", message);
    }
    return option;
}
