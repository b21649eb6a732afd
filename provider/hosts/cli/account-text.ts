// An account, for people.
import type { Account, Values } from "../../define";

/** The parts of an account, as far as they are known; a text alone is its name. */
export function accountParts(account: Values | string | null): Partial<Account> {
    return typeof account === "string" ? { name: account } : (account ?? {});
}

/** An account with its identifiers: `StackOne (1)`. */
export function accountText({ id, name, email }: Partial<Account>): string {
    return `${name ?? ""} (${[id, email].filter((part) => part !== undefined).join(", ")})`;
}
