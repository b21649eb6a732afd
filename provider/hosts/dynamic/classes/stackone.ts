import type * as pulumi from "@pulumi/pulumi";
import { stackOneAccount } from "../../../hubs/stackone/account";
import { hubClass } from "../hub-resource";
import type { HubInputs } from "../types";
import type { ApiClient, ApiClientArgs } from "./jamf";
import type { ServiceAccount, ServiceAccountArgs } from "./jumpcloud";

/** A connection that StackOne can take: one that the program has as a resource, or its class and arguments. */
export type ConnectionInput =
    | ApiClient
    | ServiceAccount
    | { readonly type: "jamf.ApiClient"; readonly arguments: ApiClientArgs }
    | { readonly type: "jumpcloud.ServiceAccount"; readonly arguments: ServiceAccountArgs };

/**
 * Arguments of {@link Account}.
 * @experimental
 */
export interface AccountArgs extends HubInputs<typeof stackOneAccount> {
    /**
     * The connection to hand over: `jamf.ApiClient` or `jumpcloud.ServiceAccount`, as the resource that the program has, or as `{ type, arguments }`. It is
     * verified in the very run that sends it.
     */
    readonly connection: ConnectionInput;
}

/** Why an account has its status. */
export interface StatusReason {
    /** The reason in one word, as StackOne writes it. */
    readonly code: string;
    /** The reason as a sentence. */
    readonly description: string;
}

/**
 * An account of StackOne: adopted by `accountId`, or linked by a person. StackOne has no call that makes one. Without `accountId`, the first `pulumi up` makes a
 * link (`connectLink`, a secret) and the status is `awaitingPerson`, which every preview shows as a change and a strict one fails for; a person opens the link
 * and fills in the form; the next `pulumi up` finds the account by `originOwnerId` and gives it the verified credential. From then on a rotated secret is sent to it, and its status
 * with the reasons is drift. A link that has ended is made anew. Deleted with the resource, also where it was adopted: set `retainOnDelete` to keep it.
 *
 * **Not confirmed**; this class was tried on a simulated StackOne alone:
 * - the keys of the form's fields stand in no document. They are read from `GET /connectors/meta/{provider}` at run time, and taken from `fieldKeys` where
 *   StackOne does not tell them there;
 * - StackOne's keys of the connectors, `jamf` and `jumpcloud` (`provider` names another one);
 * - that the label of a link goes on to its account (one without it is taken as linked by it), and that it may be changed;
 * - metadata are written, and no answer shows them again.
 *
 * @example
 * ```ts
 * const hub = new stackone.Account("mdm", {
 *     apiKey: secretFrom.env("STACKONE_API_KEY"),
 *     originOwnerId: "acme",
 *     connection: mdm,    // a jamf.ApiClient
 * });
 * export const link = hub.connectLink;    // pulumi stack output link --show-secrets
 * ```
 * @experimental StackOne's own server has not been tried: the class may change in any release.
 */
export class Account extends hubClass<AccountArgs>(stackOneAccount) {}
/** What an account of StackOne has. */
export interface Account {
    /** What StackOne holds of what this resource has put there. A preview shows it where it differs. */
    readonly found: pulumi.Output<Record<string, unknown>>;
    /** `awaitingPerson`, or StackOne's own: `active`, `inactive`, `suspended`, `archived`, `expired`, `error`. */
    readonly status: pulumi.Output<string>;
    /**
     * Why StackOne has given it that status. After a refresh, which does not know the credential's secret, a `description` is `another value`, and the warning has it.
     */
    readonly statusReasons: pulumi.Output<StatusReason[]>;
    /** StackOne's identifier of the account; undefined while a person is awaited. */
    readonly linkedAccountId: pulumi.Output<string | undefined>;
    /** The address that a person has to open, a secret: whoever has it can link an account. Undefined where nobody has to. */
    readonly connectLink: pulumi.Output<string | undefined>;
    /** When that link ends, in ISO 8601. */
    readonly linkExpiresAt: pulumi.Output<string | undefined>;
    /** The API key, as a secret, or the reference to it. */
    readonly apiKey: pulumi.Output<unknown>;
    /** Who the account belongs to, by the id that the program gave. */
    readonly originOwnerId: pulumi.Output<string>;
    /** Their name. */
    readonly originOwnerName: pulumi.Output<string | undefined>;
    /** The label that StackOne's pages show. */
    readonly label: pulumi.Output<string | undefined>;
    /** The account that was adopted, as the program names it. */
    readonly accountId: pulumi.Output<string | undefined>;
}
