// The arguments and outputs of a connection, as data: from a field follow its type, its judgement, its documentation and its place in the state.

// ---- secrets --------------------------------------------------------------------------------------------------------------------

/** A secret in an environment variable or in a file. */
export interface NamedSecret {
    /** `env` for an environment variable, `file` for a file. */
    readonly secretFrom: "env" | "file";
    /** The variable's name or the file's path. */
    readonly name: string;
}

/** A secret that a command writes to its standard output. */
export interface CommandSecret {
    /** That it is one. */
    readonly secretFrom: "command";
    /** The program, and each of its arguments. */
    readonly command: readonly string[];
}

/**
 * A secret by reference: resolved at each call, never stored. The stack's state holds its source and, encrypted, a
 * keyed digest, so that a rotated secret is seen as a change. Made by `secretFrom`.
 */
export type SecretReference = NamedSecret | CommandSecret;

/**
 * A secret as programs give it: its value, or a reference to it.
 *
 * A value is encrypted in the state. But the engine and the SDK write it in clear into their own traces, for everyone
 * who enables them: `--event-log` and the Automation API's `onEvent`, the streaming `preview --json`, `--tracing`,
 * `--debug`, `-v=7` and up, and since engine 3.249 the logs below PULUMI_HOME. A reference is in none of them.
 *
 * A secret of fewer than six characters is not searched for in vendors' answers, because it would match ordinary words.
 */
export type Secret = string | SecretReference;

declare const isSecretValue: unique symbol;

/** A secret's value during one verification. Only a field made by {@link secret} gives one; it knows its argument, and prints as `[secret]`. */
export interface SecretValue<Argument extends string = string> {
    /** For the compiler alone. */
    readonly [isSecretValue]: true;
    /** The argument that holds the secret. */
    readonly argument: Argument;
    /** The value itself: for the core, which sends it. */
    readonly reveal: () => string;
    /** True where the value begins with a text, as in tokens that show their kind. */
    readonly startsWith: (text: string) => boolean;
}

// ---- fields ---------------------------------------------------------------------------------------------------------------------

/** A refusal of a value: a sentence without its subject, such as `must be 10.49.0 or later.` */
export interface Invalid {
    /** The sentence. */
    readonly invalid: string;
}

/** Refuses a value in a field's `parse`. */
export const invalid = (message: string): Invalid => ({ invalid: message });

/** The fault of an argument. */
export interface Complaint<Argument extends string> {
    /** The argument at fault. */
    readonly argument: Argument;
    /** A sentence without its subject, such as `must be 10.49.0 or later.` */
    readonly message: string;
}

/** Facts about a field besides its type. */
export interface FieldHints {
    /** Where users find the value, as a sentence: it follows every complaint about it. */
    readonly where?: string;
    /** An example, without quotes. */
    readonly like?: string;
    /** The rule for a value, as a sentence without its subject, such as `must be a version, such as 11.5.0.` */
    readonly must?: string;
    /** The argument names the tenant: a change of it that leads to another tenant is a replacement. */
    readonly namesTenant?: boolean;
    /** The hub's name for the field of its form that this value goes into: `Client ID`. */
    readonly label?: string;
    /** The argument says who the credential is, as a client ID or an e-mail address does: a change of it may lead to another account. Secrets always do. */
    readonly namesAccount?: boolean;
}

/** The options of a field besides its type. */
export interface FieldOptions<Value> extends FieldHints {
    /** Normalises a value or refuses it. Applied to its own result, it must give the same. */
    readonly parse?: (value: Value) => Value | Invalid;
}

/** Options of a text. */
export interface TextOptions extends FieldOptions<string> {
    /** A pattern that the whole text must match. */
    readonly pattern?: RegExp;
    /** The least and the most characters. */
    readonly length?: readonly [least: number, most: number];
    /** Hosts, or ends of hosts, that are the vendor's own and the same for everybody, such as `.example.com`: that a secret is a part of one means nothing. */
    readonly vendorHosts?: readonly string[];
    /**
     * Kept as a secret in the state and in outputs, although it is not a credential of the vendor's: a proxy's URL, for
     * example.
     */
    readonly sensitive?: boolean;
}

/** Options of a version. */
export interface VersionOptions extends FieldHints {
    /** The oldest version that the definition supports. */
    readonly floor: string;
    /** The reason, as a sentence without its full stop, such as `an older server has no API clients`. */
    readonly why: string;
}

/** Options of a number. */
export interface NumberOptions extends FieldOptions<number> {
    /** The smallest accepted number. */
    readonly least?: number;
    /** The largest accepted number. */
    readonly most?: number;
}

/** Options of a secret. */
export interface SecretOptions extends FieldHints {
    /** For how many days the vendor lets one live, where there is a limit. */
    readonly longestLifetimeDays?: number;
    /** True for a secret of the `reader` alone: another one does not lead to another account. Default false. */
    readonly onlyReads?: boolean;
}

/** One argument or output. `Value` is its validated form, `Given` the form that programs may write. */
export interface Field<Value, Given = Value> {
    /** The kind of value. */
    readonly type: "string" | "number" | "boolean" | "scalar" | "list" | "map" | "object" | "secret" | "any";
    /** The additional form of a text or a number. */
    readonly format?:
        "baseUrl" | "url" | "proxyUrl" | "uuid" | "email" | "day" | "certificates" | "integer" | "version";
    /**
     * The presence of an argument: required, optional, or with a default.
     * @default required
     */
    readonly presence?: "required" | "optional" | "default";
    /** The value in the place of one that the program does not give. */
    readonly default?: unknown;
    /** The options besides the type. */
    readonly options: Omit<TextOptions & NumberOptions & SecretOptions & Partial<VersionOptions>, "parse"> & {
        readonly parse?: unknown;
    };
    /** The fields of an object. */
    readonly fields?: Fields;
    /** The value that null has in a vendor's answer. Default: null counts as missing. */
    readonly nullAs?: string;
    /** The only values. */
    readonly values?: readonly string[];
    /** True where `values` are accepted in capitals as well. */
    readonly anyCase?: boolean;
    /** The field of each item. */
    readonly item?: Field<unknown>;
    /** The source of an output: `derived` follows from the arguments alone, `verified` comes from the vendor. */
    readonly source?: "derived" | "verified";
    /** The function that computes an output from the arguments. */
    readonly formula?: (args: never) => unknown;
    /** For the compiler alone. */
    readonly _?: readonly [Value, Given];
}

/** Fields by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The field of a secret. */
export interface SecretField extends Field<SecretValue, Secret> {
    /** Lets the compiler distinguish it from a text. */
    readonly type: "secret";
}

/**
 * The field of several values in one. It is an interface, so that its fields keep their comments in the package's
 * declarations.
 */
export interface ObjectField<F extends Fields> extends Field<ObjectValue<F>, ObjectGiven<F>> {
    /** The kind of value. */
    readonly type: "object";
}

/** An argument that may be left out. */
export type Optional<F> = F & { readonly presence: "optional" };
/** An argument that has a default. */
export type Defaulted<F> = F & { readonly presence: "default" };
/** An output that follows from the arguments alone. */
export type Derived<F> = Early<F> & { readonly source: "derived" };
/** An output that its formula may give before the vendor does. */
export type Early<F> = F & { readonly formula: (args: never) => unknown };

const make = <Value, Given = Value>(
    type: Field<Value>["type"],
    options: object = {},
    more: object = {},
): Field<Value, Given> => ({ type, options, ...more });

/** A text; white space around it is removed. */
export const text = (options?: TextOptions): Field<string> => make("string", options);
/**
 * The user of HTTP Basic, which holds no colon.
 * @param other The part after the colon, in sentences: `password`.
 */
export const basicUser = (other: string, options?: TextOptions): Field<string> =>
    text({
        ...options,
        parse: (value) =>
            value.includes(":") ? invalid(`must not hold a colon, which separates it from the ${other}.`) : value,
    });
/** The address of a server: https (http to this machine alone), without user, query or trailing slash. */
export const baseUrl = (options?: TextOptions): Field<string> => make("string", options, { format: "baseUrl" });
/** An https URL (http to this machine alone) with path and query, without user. */
export const url = (options?: TextOptions): Field<string> => make("string", options, { format: "url" });
/** The URL of an HTTP proxy, which may hold a user and a password. */
export const proxyUrl = (options?: TextOptions): Field<string> => make("string", options, { format: "proxyUrl" });
/** A UUID, in small letters. */
export const uuid = (options?: TextOptions): Field<string> => make("string", options, { format: "uuid" });
/** An e-mail address. */
export const email = (options?: TextOptions): Field<string> => make("string", options, { format: "email" });
/** A day, or a moment, in ISO 8601: `2027-06-30`, `2027-06-30T12:00:00Z`. */
export const day = (options?: TextOptions): Field<string> => make("string", options, { format: "day" });
/** Certificates in PEM form. */
export const certificates = (options?: TextOptions): Field<string> =>
    make("string", options, { format: "certificates" });
/** A version of a product, such as `11.5.0`. */
export const version = (options: VersionOptions): Field<string> => make("string", options, { format: "version" });
/** A whole number. */
export const integer = (options?: NumberOptions): Field<number> => make("number", options, { format: "integer" });
/** A number. */
export const number = (options?: NumberOptions): Field<number> => make("number", options);
/** `true` or `false`. */
export const flag = (options?: FieldOptions<boolean>): Field<boolean> => make("boolean", options);
/** A text, a number, or `true` or `false`, without any change. */
export const scalar = (options?: FieldHints): Field<string | number | boolean> => make("scalar", options);
/** Texts by name. */
export const map = (
    options?: FieldOptions<Readonly<Record<string, string>>> & Pick<TextOptions, "sensitive">,
): Field<Readonly<Record<string, string>>> => make("map", options);
/** Values of one kind by name, in a vendor's answer. */
export const mapOf = <Value, Given>(
    item: Field<Value, Given>,
    options?: FieldHints,
): Field<Readonly<Record<string, Value | undefined>>> => make("map", options, { item });
/** Any value, in a vendor's answer. */
export const anything = (): Field<unknown> => make("any");
/** A list of texts, kept sorted and without repetitions. */
export const list = (options?: FieldHints): Field<string[]> => make("list", options, { item: text() });
/** A list of values that a field describes. */
export const listOf = <F extends Field<unknown>>(item: F, options?: FieldHints): Field<ItemOf<F>[], GivenOf<F>[]> =>
    make("list", options, { item });
/** Hexadecimal digits, in small letters. */
export const hexadecimal = (digits: number, options?: TextOptions): Field<string> =>
    text({
        must: `must be ${digits} hexadecimal digits.`,
        ...options,
        pattern: new RegExp(`^[0-9a-fA-F]{${digits}}$`),
        parse: (value) => value.toLowerCase(),
    });
/** One of a few texts. */
export const choice = <const V extends string>(values: readonly V[], options?: FieldHints): Field<V> =>
    make("string", options, { values });
/** A {@link choice} of the names in a table. */
export const keyOf = <const K extends string>(table: Readonly<Record<K, unknown>>, options?: FieldHints): Field<K> =>
    choice(Object.keys(table) as K[], options);
/** True for a name in a table. */
export const isKeyOf = <K extends string>(table: Readonly<Record<K, unknown>>, name: unknown): name is K =>
    typeof name === "string" && Object.hasOwn(table, name);
/** Some of a few texts, kept sorted and without repetitions. */
export const choices = <const V extends string>(values: readonly V[], options?: FieldHints): Field<V[]> =>
    make("list", options, { item: choice(values, options) });
/** A {@link choice} that is accepted in capitals as well. */
export const anyCase = <V extends string>(field: Field<V>): Field<V, V | Uppercase<V>> => ({ ...field, anyCase: true });
/** Several values in one. */
export const object = <const F extends Fields>(fields: F, options?: FieldHints): ObjectField<F> =>
    make("object", options, { fields }) as ObjectField<F>;
/**
 * A credential's secret: encrypted in the state, removed from all answers of a vendor, and passed to `credential`
 * alone.
 */
export const secret = (options?: SecretOptions): SecretField => make("secret", options) as SecretField;

/** An argument that may be left out, or an output that may be missing. */
export const optional = <F extends Field<unknown>>(field: F): Optional<F> => ({ ...field, presence: "optional" });
/** The end of a secret in a vendor's answer, where null says that it never ends. */
export const secretEnd = (): Optional<Field<string>> => optional(make("string", {}, { nullAs: "never" }));
/** An argument that has a value where the program gives none. The state records only values from the program. */
export const withDefault = <Value, Given>(
    field: Field<Value, Given>,
    value: NoInfer<Value>,
): Defaulted<Field<Value, Given>> => ({ ...field, presence: "default", default: value });

// ---- the types that follow ------------------------------------------------------------------------------------------------------

// Pulumi compiles programs that bring no TypeScript with 3.8, which knows no key remapping.

/** The validated value of a field. */
export type ValueOf<F> = F extends { readonly _?: readonly [infer V, unknown] } ? V : never;
type GivenOf<F> = F extends { readonly _?: readonly [unknown, infer G] } ? G : never;
type KeysWithPresence<F, P> = { [K in keyof F]: F[K] extends { readonly presence: P } ? K : never }[keyof F];
type Omittable<F> = KeysWithPresence<F, "optional" | "default">;

/** An item of a list: in a vendor's answer, one that may be null. */
type ItemOf<F> = ValueOf<F> | (F extends { readonly presence: "optional" } ? undefined : never);

/** The names of the arguments that are secrets. */
export type SecretKeys<F> = { [K in keyof F]: F[K] extends { readonly type: "secret" } ? K : never }[keyof F] & string;

type ObjectValue<F> = {
    readonly [K in keyof Omit<F, KeysWithPresence<F, "optional">>]: ValueOf<F[K]>;
} & {
    readonly [K in keyof Pick<F, KeysWithPresence<F, "optional">>]?: ValueOf<F[K]> | undefined;
};
type ObjectGiven<F> = { readonly [K in keyof Omit<F, Omittable<F>>]: GivenOf<F[K]> } & {
    readonly [K in keyof Pick<F, Omittable<F>>]?: GivenOf<F[K]> | undefined;
};

/** The arguments as programs give them. */
export type Args<F> = ObjectGiven<F>;

type ValidatedValue<F, K extends keyof F> = F[K] extends { readonly type: "secret" }
    ? SecretValue<K & string>
    : ValueOf<F[K]>;

/** The validated arguments: normalised, defaults filled in, secrets resolved. */
export type ArgumentValues<F> = {
    readonly [K in keyof Omit<F, KeysWithPresence<F, "optional">>]: ValidatedValue<F, K>;
} & {
    readonly [K in keyof Pick<F, KeysWithPresence<F, "optional">>]?: ValidatedValue<F, K> | undefined;
};

/** The same without the secrets, because calls to a vendor do not need them. */
export type PublicValues<F> = Omit<ArgumentValues<F>, SecretKeys<F>>;

/** The arguments as outputs, as the program declared them. */
export type DeclaredValues<F> = {
    readonly [K in keyof F]:
        | (F[K] extends { readonly type: "secret" } ? string : ValueOf<F[K]>)
        | (K extends Omittable<F> ? undefined : never);
};

/** The outputs of a connection's own. */
export type OutputValues<O> = {
    readonly [K in keyof O]: ValueOf<O[K]> | (K extends KeysWithPresence<O, "optional"> ? undefined : never);
};

type FormulaKeys<O> = {
    [K in keyof O]: O[K] extends { readonly formula: (args: never) => unknown } ? K : never;
}[keyof O];

/** The value of an output: undefined too where it is optional. */
export type OutputValue<F> = ValueOf<F> | (F extends { readonly presence: "optional" } ? undefined : never);

/** Makes the outputs that follow from the arguments, each with its formula. */
export interface FromArguments<A> {
    /** Makes an output that follows from the arguments alone, and is known before the vendor is contacted. */
    readonly derived: <F extends Field<unknown>>(
        field: F,
        formula: (args: PublicValues<A>) => OutputValue<F>,
    ) => Derived<F>;
    /**
     * Makes an output that is known early where the arguments have what its formula reads. Once the vendor is verified,
     * the formula reads found outputs in the place of the arguments with their names; a found value counts more.
     */
    readonly early: <F extends Field<unknown>>(
        field: F,
        formula: (args: PublicValues<A>) => ValueOf<F> | undefined,
    ) => Early<F>;
}

/**
 * The result of `verify`: every output without a formula, by name; undefined where a check failed or the vendor did
 * not return it.
 */
export type VerifiedOutputs<O> = { readonly [K in Exclude<keyof O, FormulaKeys<O>>]: ValueOf<O[K]> | undefined } & {
    readonly [K in FormulaKeys<O>]?: ValueOf<O[K]> | undefined;
};
