import { createCipheriv, randomBytes } from "node:crypto";
import { GraphQLError } from "graphql";
import { randomHex, randomUUID } from "../vendors";

/** How credentials are made up: OX's own names. */
export type OxCredentialsType =
    "UserPassword" | "TokenOnly" | "Token" | "ClientIdClientSecret" | "JiraServiceAccountOAuth2";

/** What `addCredentials` takes as `credentialsInput`; more is taken and kept. */
export interface OxCredentialsInput {
    name?: string | null;
    password?: string | null;
    token?: string | null;
    clientId?: string | null;
    clientSecret?: string | null;
    cloudId?: string | null;
    cloudSiteName?: string | null;
    hostURL?: string | null;
    tokenExpirationDate?: string | null;
    isCertChecksDisabled?: boolean | null;
    brokerEnabled?: boolean | null;
    brokerHost?: string | null;
    brokerPort?: number | null;
    brokerUsername?: string | null;
    brokerPassword?: string | null;
    [more: string]: unknown;
}

/** A resource that OX is to watch, such as a project. */
export interface OxMonitoredResource {
    id?: string | null;
    name?: string | null;
    isMonitored?: boolean | null;
}

/** Credentials of a connector, in clear. */
export interface OxCredentials {
    readonly credentialsId: string;
    readonly credentialsName: string | null;
    readonly credentialsType: OxCredentialsType;
    readonly hostURL: string | null;
    readonly isCertChecksDisabled: boolean;
    /** What was sent; may be changed from outside. */
    input: OxCredentialsInput;
    monitored: readonly OxMonitoredResource[];
    monitorAllResources: boolean;
    monitorAllNewlyCreatedResources: number | null;
}

/** The fields without which credentials of a type are not taken. */
const needed: Readonly<Record<OxCredentialsType, readonly string[]>> = {
    UserPassword: ["name", "password"],
    TokenOnly: ["token"],
    Token: ["token"],
    ClientIdClientSecret: ["clientId", "clientSecret"],
    JiraServiceAccountOAuth2: ["clientId", "clientSecret"],
};

/** The types whose credentials need the address of the vendor. */
const needsHost: readonly OxCredentialsType[] = ["UserPassword", "TokenOnly"];

const secretFields = ["password", "token", "clientSecret", "apiKey", "brokerPassword", "secretKey"];

/** A refusal in the form of Apollo's errors. */
export function userError(message: string, code = "BAD_USER_INPUT"): GraphQLError {
    return new GraphQLError(message, { extensions: { code } });
}

/** A connector, such as Jira's; its name, number and family are what a program has to read. */
export class OxConnector {
    readonly credentials: OxCredentials[] = [];

    constructor(
        readonly id: string,
        readonly name: string,
        readonly displayName: string,
        readonly family: string,
        /** The types it takes, with the title of each one's tab in the form. */
        readonly tabs: Readonly<Partial<Record<OxCredentialsType, string>>>,
    ) {}

    get types(): OxCredentialsType[] {
        return Object.keys(this.tabs) as OxCredentialsType[];
    }

    /** Adds credentials: always a further entry, also for what is there already. */
    add(
        type: OxCredentialsType,
        input: OxCredentialsInput,
        more: { hostURL?: string | null; credentialsName?: string | null; isCertChecksDisabled?: boolean | null },
    ): OxCredentials {
        if (!this.types.includes(type)) {
            throw userError(`Connector ${this.displayName} does not support credentials of type ${type}`);
        }
        const hostURL = more.hostURL ?? input.hostURL ?? null;
        const missing = [
            ...needed[type].filter((field) => !input[field]),
            ...(needsHost.includes(type) && !hostURL ? ["hostURL"] : []),
        ];
        if (missing.length > 0) {
            throw userError(`Missing credentials fields: ${missing.join(", ")}`);
        }
        const added: OxCredentials = {
            credentialsId: randomUUID(),
            credentialsName: more.credentialsName ?? null,
            credentialsType: type,
            hostURL,
            isCertChecksDisabled: more.isCertChecksDisabled ?? input.isCertChecksDisabled ?? false,
            input,
            monitored: [],
            monitorAllResources: false,
            monitorAllNewlyCreatedResources: null,
        };
        this.credentials.push(added);
        return added;
    }

    /** Takes credentials out, by their identifier or, without one, by their place. */
    remove(credentialsId: string | null | undefined, index: number | null | undefined): void {
        const at = credentialsId
            ? this.credentials.findIndex((entry) => entry.credentialsId === credentialsId)
            : (index ?? -1);
        if (!this.credentials[at]) {
            throw userError("Credentials were not found", "NOT_FOUND");
        }
        this.credentials.splice(at, 1);
    }

    /** Credentials by their identifier; without one, those added last. */
    find(credentialsId: string | null | undefined): OxCredentials {
        const found = credentialsId
            ? this.credentials.find((entry) => entry.credentialsId === credentialsId)
            : this.credentials.at(-1);
        if (!found) {
            throw userError("Credentials were not found", "NOT_FOUND");
        }
        return found;
    }
}

/** Families with their names in the console. */
export const families: Readonly<Record<string, string>> = {
    CodeRepo: "Code Repositories",
    Ticketing: "Ticketing and Messaging",
};

/** The connectors of an organisation. Their numbers are other ones every time: nothing must rely on one. */
export function connectorsOf(): OxConnector[] {
    const number = () => String(Number.parseInt(randomHex(4), 16) + 100);
    return [
        new OxConnector(number(), "github", "GitHub", "CodeRepo", { Token: "Personal access token" }),
        new OxConnector(number(), "jira-server", "Jira Server", "Ticketing", {
            UserPassword: "User name and password",
        }),
        new OxConnector(number(), "jira", "Jira", "Ticketing", {
            UserPassword: "Personal API token",
            TokenOnly: "Service Account",
            JiraServiceAccountOAuth2: "Service Account (OAuth 2.0)",
        }),
        new OxConnector(number(), "slack", "Slack", "Ticketing", { Token: "Bot token" }),
    ];
}

const seal = randomBytes(32);

function encrypted(value: string, iv: Buffer): string {
    const cipher = createCipheriv("aes-256-cbc", seal, iv);
    return Buffer.concat([cipher.update(value, "utf8"), cipher.final()]).toString("base64");
}

const typeNames: Readonly<Record<OxCredentialsType, string>> = {
    UserPassword: "UserPasswordCredentials",
    TokenOnly: "TokenOnlyCredentials",
    Token: "TokenCredentials",
    ClientIdClientSecret: "ClientIdClientSecretCredentials",
    JiraServiceAccountOAuth2: "JiraServiceAccountOAuth2Credentials",
};

/** Credentials as an answer shows them: secrets encrypted, as the documents say, or in clear. */
export function shownCredentials(entry: OxCredentials, inClear: boolean): Record<string, unknown> {
    const iv = randomBytes(16);
    const fields = Object.entries(entry.input).map(([name, value]) => [
        name,
        typeof value === "string" && secretFields.includes(name) && !inClear ? encrypted(value, iv) : value,
    ]);
    const {
        credentialsId,
        credentialsName,
        credentialsType,
        hostURL,
        isCertChecksDisabled,
        monitorAllResources,
        monitorAllNewlyCreatedResources,
    } = entry;
    return {
        __typename: typeNames[credentialsType],
        ...(Object.fromEntries(fields) as Record<string, unknown>),
        ...{
            credentialsId,
            credentialsName,
            credentialsType,
            hostURL,
            isCertChecksDisabled,
            monitorAllResources,
            monitorAllNewlyCreatedResources,
        },
        iv: iv.toString("hex"),
        monitoredResources: Object.fromEntries(entry.monitored.map((resource) => [String(resource.id), resource])),
    };
}

/** A connector as an answer shows it. */
export function shownConnector(connector: OxConnector, inClear: boolean): Record<string, unknown> {
    const { id, name, displayName, family, types, tabs, credentials } = connector;
    return {
        ...{ id, name, displayName, family },
        description: `Connects OX to ${displayName}`,
        credentialsType: types[0],
        credentialsTypes: types,
        brokerSupportCredentialsTypes: types,
        disabledMultiCredentialsTypes: [],
        credentials: credentials.map((entry) => shownCredentials(entry, inClear)),
        isConfigured: credentials.length > 0,
        isResourceAvailable: true,
        resourceOptions: {
            resourceName: "Projects",
            hideMonitorNewResourcesCheckbox: false,
            showSettingsPerResource: false,
        },
        isOxBuiltIn: false,
        isOpenSource: false,
        defaultEnabled: false,
        comingSoon: false,
        connectionInstructions: types.map((type) => ({
            type,
            title: tabs[type],
            details: [],
            linksToDocs: [],
            permissions: [],
        })),
        optionalInputFields: [],
        conditionalOptionalTabs: [],
        disabledBy: [],
        supportedDisabledCertChecksTypes: types,
        enableMultiCredentials: true,
    };
}
