// Facts about arguments from the fields of a declaration: names, secrets and defaults.
import type { Values } from "../define/contracts";
import type { Field, Fields } from "../define/fields";

/** The names of the fields that a condition selects, in the order of their declaration. */
export const namesOf = (fields: Fields, which: (field: Field<unknown>) => boolean | undefined): string[] =>
    Object.entries(fields).flatMap(([name, field]) => (which(field) === true ? [name] : []));

/** True for the field of a credential's secret. */
export const isSecret = ({ type }: Field<unknown>): boolean => type === "secret";

/** True for a field that is kept as a secret: a credential's, and others such as a proxy's URL. */
export const isSensitive = (field: Field<unknown>): boolean => isSecret(field) || field.options.sensitive === true;

/** The default values of arguments. */
export const defaultsOf = (fields: Fields): Values =>
    Object.fromEntries(
        namesOf(fields, ({ presence }) => presence === "default").map((name) => [name, fields[name]?.default]),
    );
