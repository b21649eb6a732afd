// The values of OX's form, and the facts that OX shows of them afterwards.
import type { Values } from "../../define/contracts";
import type { Code } from "../../messages";
import { momentOf } from "../../core/days";
import { fault } from "../../core/problems";
import { definedOnly } from "../../core/values";
import type { TakenConnection } from "../contracts";
import type { OxAddition, OxConnector, OxCredentials, OxCredentialsInput } from "./api";

/** OX's broker, by which OX contacts hosts in a private network. */
interface Broker {
    readonly host: string;
    readonly port?: number | undefined;
    readonly username?: string | undefined;
}

/** The arguments of the resource that the form shows as well. */
export interface FormArgs {
    /** The connector's name in OX, such as `jira`. */
    readonly connector: string;
    readonly credentialsName: string;
    readonly credentialsType?: string | undefined;
    readonly broker?: Broker | undefined;
    readonly bypassSslVerification: boolean;
}

/** A way of giving credentials to Jira's connector. */
export type Method = "serviceAccountToken" | "serviceAccountOAuth" | "userToken" | "dataCenterToken";

/** A connection's values for the form. */
export interface OxForm {
    readonly method: Method;
    readonly hostUrl: string;
    /** The credential, secrets among it. */
    readonly input: OxCredentialsInput;
    /** The day on which the secret expires. */
    readonly expiresAt: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/**
 * The reason why OX's form does not accept a connection, as a sentence without its subject; undefined where it does.
 */
export function refusalOf({
    type,
    label,
    values,
}: Pick<TakenConnection, "type" | "label" | "values">): string | undefined {
    switch (type) {
        case "atlassian:JiraConnector":
        case "atlassian:JiraUserToken":
            return undefined;
        case "atlassian:ServiceAccountOAuth": {
            const { products } = values;
            return Array.isArray(products) && !products.includes("jira")
                ? 'does not prove Jira. Add "jira" to its products.'
                : undefined;
        }
        case "atlassian:ServiceAccountToken":
            return `is an ${label}, which is sent with an e-mail address (Basic), and OX sends a service account's token alone (Bearer). Use atlassian.JiraConnector.`;
        default:
            return `is a ${label}, and OX's Jira connector accepts atlassian.JiraConnector, atlassian.ServiceAccountOAuth or atlassian.JiraUserToken.`;
    }
}

/** A connection's values for OX's form; undefined while its address is not known. */
export function formOf({ type, values, outputs, secret }: TakenConnection): OxForm | undefined {
    const expiresAt = text(values["expiresAt"]);
    const hostUrl = text(outputs[type === "atlassian:ServiceAccountOAuth" ? "jiraUrl" : "hostUrl"]);
    if (hostUrl === undefined) {
        return undefined;
    }
    const form = (method: Method, input: OxCredentialsInput): OxForm => ({ method, hostUrl, expiresAt, input });
    switch (type) {
        case "atlassian:ServiceAccountOAuth":
            return form("serviceAccountOAuth", {
                clientId: text(values["clientId"]),
                clientSecret: secret("clientSecret"),
                cloudId: text(outputs["cloudId"]),
            });
        case "atlassian:JiraUserToken":
            return outputs["deployment"] === "dataCenter"
                ? form("dataCenterToken", { token: secret("apiToken") })
                : form("userToken", { name: text(values["username"]), password: secret("apiToken") });
        default:
            return form("serviceAccountToken", { token: secret("apiToken") });
    }
}

/**
 * The connector of this name: OX numbers them, and no document lists the numbers.
 * @throws Fault that lists the connectors there are.
 */
export function connectorNamed(connectors: readonly OxConnector[], name: string): OxConnector {
    const same = (one: string | null): boolean => one?.toLowerCase() === name.toLowerCase();
    const byName = connectors.filter((connector) => same(connector.name));
    const found = byName.length > 0 ? byName : connectors.filter((connector) => same(connector.displayName));
    const [first] = found;
    if (first === undefined || found.length > 1) {
        const known = connectors.map((connector) => connector.name ?? connector.displayName ?? connector.id).sort();
        const names = found.length === 0 ? "names none of OX's connectors" : "names several of OX's connectors";
        const message = `${names}, which are ${known.slice(0, 40).join(", ")}.`;
        throw fault("invalidArgument", "ox-connector", "connector", message);
    }
    return first;
}

interface Way {
    /** The title of the form's tab. */
    readonly title: RegExp;
    /** A pattern for another tab that has the same words. */
    readonly other?: RegExp;
    /** The name of the type, where no title matches. */
    readonly type: RegExp;
    readonly called: string;
}

const ways: Readonly<Record<Exclude<Method, "dataCenterToken">, Way>> = {
    serviceAccountToken: {
        title: /service\W?account/i,
        other: /oauth/i,
        type: /^TokenOnly$/,
        called: "a service account's API token",
    },
    serviceAccountOAuth: {
        title: /oauth/i,
        type: /service.?account.?oauth/i,
        called: "an OAuth 2.0 service account",
    },
    userToken: {
        title: /personal|user/i,
        other: /oauth|service/i,
        type: /^UserPassword$/,
        called: "a user's API token",
    },
};

/**
 * OX's name for a way of giving credentials. No document lists it: it is in the titles of the connector's form.
 * @throws Fault that lists the ways of the connector.
 */
export function credentialsTypeOf(connector: OxConnector, method: Method, given: string | undefined): string {
    const { tabs, credentialsTypes } = connector;
    const all = [...new Set([...credentialsTypes, ...tabs.map(({ type }) => type)])];
    const takes = `OX's connector accepts ${all.join(", ") || "nothing that it reports"}`;
    const refuse = (code: Code, message: string): never => {
        throw fault("invalidArgument", code, "credentialsType", message);
    };
    if (given !== undefined) {
        return all.includes(given)
            ? given
            : refuse("ox-type", `names a way that this connector does not accept: ${takes}.`);
    }
    if (method === "dataCenterToken") {
        return refuse(
            "ox-type-server",
            `is missing: it is not known how OX names the token of a Jira Data Center. ${takes}: name one of them.`,
        );
    }
    const { title, other, type, called } = ways[method];
    const titled = tabs.filter((tab) => title.test(tab.title) && other?.test(tab.title) !== true);
    const found = new Set(titled.length > 0 ? titled.map((tab) => tab.type) : all.filter((one) => type.test(one)));
    const [first] = found;
    if (first === undefined || found.size > 1) {
        const which = first === undefined ? "does not report" : "reports several ways";
        return refuse(
            "ox-type-unknown",
            `is missing: OX ${which} how its connector accepts ${called}. ${takes}: name one of them.`,
        );
    }
    return first;
}

/** The parameters for OX. */
export function additionOf(
    connector: OxConnector,
    { hostUrl, input, expiresAt }: OxForm,
    { broker, bypassSslVerification }: FormArgs,
    {
        brokerPassword,
        ...named
    }: Pick<OxAddition, "credentialsType" | "credentialsName"> & {
        readonly brokerPassword: string | undefined;
    },
): OxAddition {
    const throughBroker = broker && {
        brokerEnabled: true,
        brokerHost: broker.host,
        brokerPort: broker.port,
        brokerUsername: broker.username,
        brokerPassword,
    };
    return {
        connectorID: connector.id,
        ...named,
        hostURL: hostUrl,
        isCertChecksDisabled: bypassSslVerification,
        credentialsInput: {
            ...input,
            hostURL: hostUrl,
            isCertChecksDisabled: bypassSslVerification,
            tokenExpirationDate: expiresAt,
            ...throughBroker,
        },
    };
}

// ---- compared facts -------------------------------------------------------------------------------------------------------------

const brokerOf = (broker: Broker | undefined): Values =>
    broker === undefined ? { enabled: false } : { enabled: true, ...definedOnly(broker) };

/** The facts that OX should show. */
export function expectedFacts(
    { hostUrl, input, expiresAt }: OxForm,
    { credentialsName, broker, bypassSslVerification }: FormArgs,
): Values {
    return definedOnly({
        name: credentialsName,
        hostUrl,
        username: input.name,
        clientId: input.clientId,
        cloudId: input.cloudId,
        bypassSslVerification,
        broker: brokerOf(broker),
        expiresOn: expiresAt?.slice(0, 10),
    });
}

/** The expected facts that OX shows. Facts that OX does not return are not compared. */
export function shownFacts(row: OxCredentials, name: string, expected: Values): Values {
    const { brokerEnabled, brokerHost, brokerPort, brokerUsername } = row;
    const broker = { host: brokerHost ?? "", port: brokerPort ?? undefined, username: brokerUsername ?? undefined };
    const reported: Values = {
        name,
        hostUrl: hostOf(row),
        username: row.name ?? undefined,
        clientId: row.clientId ?? undefined,
        cloudId: row.cloudId ?? undefined,
        bypassSslVerification: row.isCertChecksDisabled ?? undefined,
        broker: brokerEnabled === null ? undefined : brokerOf(brokerEnabled ? broker : undefined),
        expiresOn: dayOf(row.tokenExpirationDate),
    };
    return Object.fromEntries(Object.entries(expected).map(([fact, value]) => [fact, reported[fact] ?? value]));
}

/** The address that credentials are for, as it is compared. */
export const hostOf = ({ hostURL }: OxCredentials): string | undefined => hostURL?.replace(/\/+$/, "");

/** No document says how OX writes a day: one that cannot be read is not compared. */
function dayOf(date: string | null): string | undefined {
    return momentOf(date !== null && /^\d{11,}$/.test(date) ? Number(date) : date)?.slice(0, 10);
}
