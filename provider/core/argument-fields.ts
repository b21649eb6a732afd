// What the fields of a declaration say of arguments: which are meant, and what holds where the program gives none.
import type { Values } from "../define/contracts";
import type { Field, Fields } from "../define/fields";

/** The names of the fields that something holds for, in the order of their declaration. */
export const namesOf = (fields: Fields, which: (field: Field<unknown>) => boolean | undefined): string[] =>
    Object.entries(fields).flatMap(([name, field]) => (which(field) === true ? [name] : []));

/** Whether a field holds a credential's secret. */
export const isSecret = ({ type }: Field<unknown>): boolean => type === "secret";

/** Whether a field is kept as a secret: a credential's, and others such as a proxy's URL. */
export const isSensitive = (field: Field<unknown>): boolean => isSecret(field) || field.options.sensitive === true;

/** The values of the arguments that have one where the program gives none. */
export const defaultsOf = (fields: Fields): Values =>
    Object.fromEntries(
        namesOf(fields, ({ presence }) => presence === "default").map((name) => [name, fields[name]?.default]),
    );
