import { randomUUID } from "../vendors";
import { HubKey } from "../administration";

/** What an environment key may do. */
export const nangoScopes = [
    "environment:integrations:list",
    "environment:integrations:list_credentials",
    "environment:integrations:read",
    "environment:integrations:read_credentials",
    "environment:integrations:create",
    "environment:integrations:update",
    "environment:integrations:delete",
    "environment:connections:list",
    "environment:connections:list_credentials",
    "environment:connections:read",
    "environment:connections:read_credentials",
    "environment:connections:create",
    "environment:connections:update",
    "environment:connections:delete",
    "environment:connect_sessions:write",
] as const;

/** One scope of an environment key. */
export type NangoScope = (typeof nangoScopes)[number];

/** What a key may hold: a scope, or all below a part of one, such as `environment:*`. */
export type NangoGrant =
    NangoScope | "environment:*" | `environment:${"integrations" | "connections" | "connect_sessions"}:*`;

/** What is needed to make, read without credentials, change and delete connections and integrations. */
export const leastScopes: readonly NangoGrant[] = [
    "environment:integrations:read",
    "environment:integrations:create",
    "environment:integrations:update",
    "environment:integrations:delete",
    "environment:connections:read",
    "environment:connections:create",
    "environment:connections:update",
    "environment:connections:delete",
];

/** An API key of the environment. */
export class NangoKey extends HubKey {
    constructor(
        value: string,
        /** What it may do; may be changed at any time. */
        public scopes: readonly NangoGrant[],
    ) {
        super(value);
    }

    /** Whether it holds a scope, by name or by a `:*`. */
    may(scope: NangoScope): boolean {
        return this.scopes.some(
            (held) => held === scope || (held.endsWith(":*") && scope.startsWith(held.slice(0, -1))),
        );
    }
}

/** Why a request is not let in. */
export type KeyProblem = "missing_auth_header" | "invalid_secret_key_format" | "unknown_account";

const uuidVersion4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** The keys of an environment. */
export class NangoKeys {
    private readonly keys: NangoKey[] = [];

    /** Makes a key; of the form that Nango gives, unless a value is given. */
    add(scopes: readonly NangoGrant[], value: string = randomUUID()): NangoKey {
        const key = new NangoKey(value, scopes);
        this.keys.push(key);
        return key;
    }

    /** Every key there ever was. */
    get values(): string[] {
        return this.keys.map(({ value }) => value);
    }

    /** The key in an `Authorization` header. What stands before the last `Bearer ` is not looked at, and without one all of it is the key. */
    find(header: string | undefined): NangoKey | KeyProblem {
        if (!header) {
            return "missing_auth_header";
        }
        const sent = header.replace(/^.*Bearer /, "");
        if (!uuidVersion4.test(sent)) {
            return "invalid_secret_key_format";
        }
        return this.keys.find(({ value, live }) => live && value === sent) ?? "unknown_account";
    }
}
