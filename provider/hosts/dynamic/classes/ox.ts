import type * as pulumi from "@pulumi/pulumi";
import { oxConnector } from "../../../hubs/ox/connector";
import { hubClass } from "../hub-resource";
import type { HubInputs } from "../types";
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
     * The connection to hand over: `atlassian.JiraConnector` (a service account's API token), `atlassian.ServiceAccountOAuth` (a service account with
     * OAuth 2.0) or `atlassian.JiraUserToken` (a user's token), as the resource that the program has, or as `{ type, arguments }`. It is verified in the
     * very run that sends it.
     */
    readonly connection: ConnectionInput;
}

/**
 * The credentials of OX Security's Jira connector: what a person would type into OX's form, kept in step with the connection. OX has no edit: a new secret
 * is proved at Atlassian, added, used by OX (`verifySingleConnectorCredentials`), and only then are the old credentials removed. Where that removal fails, the
 * update fails, the resource is on record as half-made, and the next `pulumi up` removes them. Deleted with the resource.
 *
 * A preview reads what OX shows of the credentials: that they are gone, or have another host, broker or day of expiry. That OX still accepts them is asked in
 * `pulumi refresh` and in updates, for OX names that question a mutation.
 *
 * **Not confirmed**, for OX publishes no more than the names of its operations and fields; this class was tried on a simulated OX alone:
 * - the connector's number and OX's name of the way "Service Account" are read at run time, from the titles of the form: set `connector` and
 *   `credentialsType` where they are not found;
 * - that an OAuth 2.0 service account is added as its own type of credentials, with the Cloud ID beside the host;
 * - the way of the token of a Jira Data Center (`credentialsType` must name it);
 * - that OX lists all connectors where no family of them is named;
 * - how OX tells errors (by HTTP status or by GraphQL's `errors`), how it writes a day of expiry, and how long a name may be.
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
/** What a connector of OX has. */
export interface Connector {
    /** What OX holds of what this resource has put there. A preview shows it where it differs. */
    readonly found: pulumi.Output<Record<string, unknown>>;
    /** Whether OX accepted the credentials when it was asked last. */
    readonly verified: pulumi.Output<boolean>;
    /**
     * What OX said of the credentials when it was asked last; empty where it said nothing. After a refresh, which does not know their secret and warns with OX's
     * text, it is `another value`.
     */
    readonly validationMessage: pulumi.Output<string>;
    /** OX's number of the connector. */
    readonly connectorId: pulumi.Output<string>;
    /** OX's identifier of the credentials; each rotation makes another one. */
    readonly credentialsId: pulumi.Output<string>;
    /** The API key, as a secret, or the reference to it. */
    readonly apiKey: pulumi.Output<unknown>;
    /** The connector, as the program names it. */
    readonly connector: pulumi.Output<string | undefined>;
    /** The name that the credentials have in OX. */
    readonly credentialsName: pulumi.Output<string | undefined>;
    /** Whether OX takes any certificate of the host. */
    readonly bypassSslVerification: pulumi.Output<boolean | undefined>;
}
