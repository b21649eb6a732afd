import { oxConnector } from "../../../hubs/ox/connector";
import { hubClass } from "../hub-resource";
import type { HubInputs, HubOutputs } from "../types";
import type {
    JiraConnector,
    JiraConnectorArgs,
    JiraUserToken,
    JiraUserTokenArgs,
    ServiceAccountOAuth,
    ServiceAccountOAuthArgs,
} from "./atlassian";

/** A connection that OX can take: one that the program has as a resource, or its class and arguments. */
export type ConnectionInput =
    | JiraConnector
    | ServiceAccountOAuth
    | JiraUserToken
    | { readonly type: "atlassian.JiraConnector"; readonly arguments: JiraConnectorArgs }
    | { readonly type: "atlassian.ServiceAccountOAuth"; readonly arguments: ServiceAccountOAuthArgs }
    | { readonly type: "atlassian.JiraUserToken"; readonly arguments: JiraUserTokenArgs };

/**
 * Arguments of {@link Connector}.
 * @experimental
 */
export interface ConnectorArgs extends HubInputs<typeof oxConnector> {
    /**
     * The connection to hand over, as the resource that the program has, or as `{ type, arguments }`:
     * `atlassian.JiraConnector` (a service account's API token), `atlassian.ServiceAccountOAuth` (a service account with
     * OAuth 2.0) or `atlassian.JiraUserToken` (a user's token). It is verified in the very run that sends it.
     */
    readonly connection: ConnectionInput;
}

/**
 * The credentials of OX Security's Jira connector: the values of OX's form, kept in step with the connection. OX cannot
 * edit credentials: a new secret is proved at Atlassian, added, and used by OX (`verifySingleConnectorCredentials`);
 * only then are the old credentials removed. Where that removal fails, the update fails, the resource is recorded as
 * half-made, and the next `pulumi up` removes them. Deleted with the resource.
 *
 * A preview reads the credentials that OX shows: it reports that they are gone, or have another host, broker or day of
 * expiry. `pulumi refresh` and updates also check that OX still accepts them; a preview does not, because OX has that
 * check as a mutation.
 *
 * **Not confirmed**, because OX publishes only the names of its operations and fields; this class was tried on a
 * simulated OX alone:
 * - the connector's number and OX's name of the way "Service Account" are read at run time, from the titles of the
 * form: set `connector` and `credentialsType` where they are not found;
 * - that an OAuth 2.0 service account is added as its own type of credentials, with the Cloud ID beside the host;
 * - the way of the token of a Jira Data Center (`credentialsType` must name it);
 * - that OX lists all connectors where the call names no family of them;
 * - the form of OX's errors (HTTP status or GraphQL's `errors`), the form of a day of expiry, and the longest name.
 *
 * @example
 * ```ts
 * const hub = new ox.Connector("jira", {
 *     apiKey: secretFrom.env("OX_API_KEY"),
 *     connection: jira,    // an atlassian.JiraConnector
 * });
 * ```
 * @experimental OX's own server has not been tried: the class may change in any release.
 */
export class Connector extends hubClass<ConnectorArgs>(oxConnector) {}
export interface Connector extends HubOutputs<typeof oxConnector> {}
