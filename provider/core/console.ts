// Sentences about a credential, from the places in the vendor's console.
import type { AnyDefinition } from "../define/connection";
import type { Console, Values } from "../define/contracts";
import type { Field, Fields } from "../define/fields";
import { mark } from "./redact";

/** Advice about a credential that is refused, or that lacks something, in sentences. */
export interface Advice {
    /** The way to make a new secret. */
    readonly renew: string;
    /** Where a client that was disabled is enabled. */
    readonly enable: string;
    /** The place where a client gets missing access; undefined where the console is not known. */
    readonly grant: string | undefined;
    /** The way to add missing scopes. */
    readonly addScopes: string;
    /** The way to remove surplus scopes, as the beginning of a sentence. */
    readonly removeScopes: string;
    /** Where the scopes are listed; undefined where the console is not known. */
    readonly seeScopes: string | undefined;
}

const withoutConsole = (called: string): Advice => ({
    renew: `Make a new ${called}.`,
    enable: "Enable the client.",
    grant: undefined,
    addScopes: "Grant what is missing, or require less.",
    removeScopes: "Remove them",
    seeScopes: undefined,
});

/**
 * Writes the advice for a vendor.
 * @param secretName The word for the secret where the console does not give one.
 */
export function adviceOf(title: string, console: Console | undefined, secretName = "secret"): Advice {
    if (console === undefined) {
        return withoutConsole(secretName);
    }
    const { secret, called = "secret", verb = "Create", client = secret, scopes = client, fixesScopes } = console;
    const fixed = `${title} fixes scopes at creation`;
    return {
        renew: `${verb} a new ${called} under ${secret}.`,
        enable: `Enable the client under ${client}.`,
        grant:
            fixesScopes === true
                ? `Check its scopes under ${scopes}, or create another one: ${fixed}.`
                : `Check what it may do under ${scopes}.`,
        addScopes:
            fixesScopes === true
                ? `Create a new one with them under ${scopes}: ${fixed}.`
                : `Add what is missing under ${scopes}, or correct the name.`,
        removeScopes: fixesScopes === true ? "Create one without them" : `Remove them under ${scopes}`,
        seeScopes: fixesScopes === true ? undefined : `See which it has under ${scopes}.`,
    };
}

/** The arguments of a declaration, each secret and account with the sentence that says where it is. */
export function argumentsWithPlaces({ args, title, console }: AnyDefinition): Fields {
    const placeOf = ({ type, options }: Field<unknown>): string | undefined =>
        console === undefined
            ? undefined
            : type === "secret"
              ? `${title} shows it once, under ${console.secret}.`
              : options.namesAccount === true
                ? `It is under ${console.client ?? console.secret}.`
                : undefined;
    return Object.fromEntries(
        Object.entries(args).map(([name, field]) => {
            const where = field.options.where ?? placeOf(field);
            return [name, where === undefined ? field : { ...field, options: { ...field.options, where } }];
        }),
    );
}

/** The https address of the vendor's console; undefined where it is not known, or follows from a value that is secret. */
export function consoleUrl({ console }: Pick<AnyDefinition, "console">, values: Values): string | undefined {
    let isSecret = false;
    const open = new Proxy(values, {
        get: (target, name) => {
            const value = target[String(name)];
            isSecret ||= value !== undefined && JSON.stringify(value).includes(JSON.stringify(mark));
            return value;
        },
    });
    const url = console?.url?.(open);
    if (isSecret || typeof url !== "string" || !URL.canParse(url)) {
        return undefined;
    }
    const { protocol, username, password, href } = new URL(url);
    return protocol === "https:" && username === "" && password === "" ? href : undefined;
}
