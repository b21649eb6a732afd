import type { z } from "zod";
import type { Reach } from "./addresses";
import type { CommonArgs } from "./args";
import type { Probe } from "./checks";
import type { Credential } from "./credential";
import type { Problem } from "./errors";
import { commonShape, endOf } from "./schema";
import { later, type Zod } from "./zod";

/** What is asked of a schema. Spelt out, so that the package's declarations do without those of zod, which not every compiler setting takes. */
export interface Schema<T> {
    safeParse(value: unknown):
        | { readonly success: true; readonly data: T }
        | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

/** What is wrong with a value. */
export interface Issue {
    readonly code: string;
    readonly path: readonly PropertyKey[];
    readonly message: string;
    readonly keys?: readonly string[];
    readonly params?: unknown;
}

/** Who a credential acts as. */
export interface Account {
    /** The vendor's own identifier. */
    id: string;
    /** The name that the vendor's console shows. */
    name: string;
    /** Its address, where the vendor tells it. */
    email?: string;
}

/** What a verification found out about one tenant (one site, one organisation, one server). */
export interface Finding<F extends object> {
    /** The connection's own outputs, as far as they are known. */
    readonly facts: Partial<F>;
    readonly account?: Account | undefined;
    /** Scopes (or privileges) that the credential has. */
    readonly grantedScopes?: readonly string[] | undefined;
    /** Scopes (or privileges) that the program requires and the credential has not. */
    readonly missingScopes?: readonly string[] | undefined;
    /** What is right but worth telling, on the resource, in every run. The same facts give the same texts. */
    readonly warnings?: readonly string[];
    /** What was asked about this tenant, where a credential opens several. */
    readonly probe?: Probe;
}

/** A type of connection: everything that distinguishes it from the others, and nothing else. */
export interface Connection<A extends CommonArgs = CommonArgs, F extends object = object> {
    /** First part of the type token, and the namespace in programs: `jamf`. */
    readonly vendor: string;
    /** The class: `ApiClient`. */
    readonly type: string;
    /** The product's name in sentences: `Jamf Pro`. */
    readonly title: string;
    /** Judges and normalises the arguments. */
    readonly schema: () => Schema<A>;
    readonly argumentNames: readonly string[];
    /** The arguments that are secrets. */
    readonly secrets: readonly string[];
    /** The arguments that prove who one is, its secrets among them: only with another one of them may the account be another. */
    readonly credentialArgs: readonly string[];
    /** The arguments that name the tenant: a change of one that leads to another tenant is a replacement. */
    readonly tenantArgs: readonly string[];
    /** The outputs of its own. */
    readonly outputs: readonly string[];
    /** Where its hosts may lie. */
    readonly reach: Reach;
    /** How many calls may be under way to one of its hosts at once. */
    readonly concurrency: number;
    /** The checks of a verification, in order. */
    readonly checks: readonly string[];
    /** For how many days the vendor lets a secret live, where there is a limit. */
    readonly longestLifetimeDays?: number;
    /** Outputs that follow from the arguments alone. */
    endpoints(args: A): Partial<F>;
    /** What identifies the tenant among the outputs; undefined while it is not known. */
    tenant(facts: Partial<F>): string | undefined;
    /** How the credential is shown to the vendor. */
    credential(args: A & Resolved<A>): Credential;
    /** Asks the vendor. Several findings where the program leaves it open which tenant is meant: the first is the one to take when none is on record. */
    verify(probe: Probe, args: A): Promise<Finding<F> | readonly Finding<F>[]>;
}

/** Arguments whose secrets are values, no references. */
export type Resolved<A> = { [K in keyof A]: A[K] extends infer V ? (V extends { secretFrom: unknown } ? never : V) : never };

/** @internal */
type Declared<A extends CommonArgs, F extends object> = Omit<Connection<A, F>, "schema" | "argumentNames" | "concurrency" | "reach" | "secrets" | "credentialArgs"> & {
    /** The schema of each argument that is not common to all connections. */
    readonly args: { readonly [K in Exclude<keyof A, keyof CommonArgs>]-?: (z: Zod) => z.ZodType<A[K] | undefined> };
    /** Rules that hold between arguments: what is wrong, by argument. */
    readonly rules?: (args: A) => readonly { readonly property: string; readonly message: string }[];
    readonly secrets: readonly (keyof A & string)[];
    readonly credentialArgs: readonly (keyof A & string)[];
    readonly reach?: Reach;
    readonly concurrency?: number;
};

/** Marks what a rule between arguments complains of: it cannot tell an argument that is missing from one that is not known yet. */
export const betweenArguments = { betweenArguments: true };

/**
 * Declares a type of connection.
 * @internal
 */
export function defineConnection<A extends CommonArgs, F extends object>(declared: Declared<A, F>): Connection<A, F> {
    const { args, rules, reach = "public", concurrency = 16, ...rest } = declared;
    const { longestLifetimeDays = Infinity, title } = rest;
    const shape = { ...commonShape, ...args };
    const schema = later((z) =>
        z.strictObject(Object.fromEntries(Object.entries(shape).map(([name, make]) => [name, (make as (z: Zod) => z.ZodType)(z)]))).superRefine((value, context) => {
            const { expiresAt } = value as unknown as A;
            // A day more, for a day lasts until its end.
            if (expiresAt !== undefined && endOf(expiresAt) > Date.now() + (longestLifetimeDays + 1) * 86_400_000) {
                const message = `is too far away: ${title} lets an API token live 1 to ${longestLifetimeDays} days. Copy the day from its console.`;
                context.addIssue({ code: "custom", path: ["expiresAt"], message });
            }
            // From an address that is none nothing follows for the other arguments.
            if (context.issues.some(({ path }) => rest.tenantArgs.includes(String(path?.[0])))) {
                return;
            }
            for (const { property, message } of rules?.(value as unknown as A) ?? []) {
                context.addIssue({ code: "custom", path: [property], message, params: betweenArguments });
            }
        }) as unknown as z.ZodType<A>,
    );
    return { ...rest, schema, argumentNames: Object.keys(shape), reach, concurrency };
}

/** Why a connection cannot be imported or looked up, and what to do instead. */
export function notAdopted({ vendor, type }: Connection): Problem {
    const message = `a connection is declared, not imported or looked up: write new ${vendor}.${type}(…) without import or id, and pulumi up adopts it.`;
    return { kind: "invalidArgument", property: "", message };
}
