import type { ValueOf } from "../../../define";
import { stackOneAccount } from "../../../hubs/stackone/account";
import { hubClass } from "../hub-resource";
import type { HubInputs, HubOutputs } from "../types";
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

/** A reason for an account's status. */
export type StatusReason = ValueOf<typeof stackOneAccount.outputs.statusReasons>[number];

/**
 * An account of StackOne: adopted by `accountId`, or linked by a person, because StackOne has no call that makes one.
 * Without `accountId`, the first `pulumi up` makes a link (`connectLink`, a secret) and the status is `awaitingPerson`.
 * Every preview shows that as a change, and a strict one fails. A person opens the link and fills in the form; the next
 * `pulumi up` finds the account by `originOwnerId` and sends the verified credential to it. From then on a rotated
 * secret is sent too, and a changed status, with its reasons, is drift. An expired link is made again. Deleted with the
 * resource, also where it was adopted: set `retainOnDelete` to keep it.
 *
 * **Not confirmed**; this class was tried on a simulated StackOne alone:
 * - no document lists the keys of the form's fields. They are read from `GET /connectors/meta/{provider}` at run time,
 * and from `fieldKeys` where StackOne does not return them there;
 * - StackOne's keys of the connectors, `jamf` and `jumpcloud` (`provider` names another one);
 * - that an account gets the label of its link (an account without a label counts as linked by it), and that the label
 * may be changed;
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
export interface Account extends HubOutputs<typeof stackOneAccount> {}
