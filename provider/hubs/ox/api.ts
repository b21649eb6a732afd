// OX Security's API for connectors: GraphQL at one address. Secrets are sent and never read.
import type { z } from "zod";
import { Fault } from "../../core/problems";
import { madeOnce, zod } from "../../core/zod";
import { takeAway, type RemoteClient } from "../client";

/** OX's API. */
export const oxServer = { url: "https://api.cloud.ox.security" };
const path = "/api/apollo-gateway";

/** Credentials as OX shows them, without their secrets. A value that OX does not return is null. */
export interface OxCredentials {
    readonly credentialsId: string;
    readonly credentialsName: string | null;
    readonly credentialsType: string | null;
    readonly hostURL: string | null;
    readonly isCertChecksDisabled: boolean | null;
    readonly tokenExpirationDate: string | null;
    readonly brokerEnabled: boolean | null;
    readonly brokerHost: string | null;
    readonly brokerPort: number | null;
    readonly brokerUsername: string | null;
    /** The user of a personal token. */
    readonly name: string | null;
    readonly clientId: string | null;
    readonly cloudId: string | null;
}

/** A connector as OX shows it, such as Jira's. */
export interface OxConnector {
    readonly id: string;
    readonly name: string | null;
    readonly displayName: string | null;
    /** The ways of giving credentials, by OX's own names. */
    readonly credentialsTypes: readonly string[];
    /** The titles of the form's tabs. */
    readonly tabs: readonly { readonly type: string; readonly title: string }[];
    readonly credentials: readonly OxCredentials[];
}

/** The `credentialsInput` of `addCredentials`. */
export interface OxCredentialsInput {
    readonly name?: string | undefined;
    readonly password?: string | undefined;
    readonly token?: string | undefined;
    readonly clientId?: string | undefined;
    readonly clientSecret?: string | undefined;
    readonly cloudId?: string | undefined;
    readonly hostURL?: string | undefined;
    readonly tokenExpirationDate?: string | undefined;
    readonly isCertChecksDisabled?: boolean | undefined;
    readonly brokerEnabled?: boolean | undefined;
    readonly brokerHost?: string | undefined;
    readonly brokerPort?: number | undefined;
    readonly brokerUsername?: string | undefined;
    readonly brokerPassword?: string | undefined;
}

/** The parameters of `addCredentials`. */
export interface OxAddition {
    readonly connectorID: string;
    readonly credentialsType: string;
    readonly credentialsName: string;
    readonly hostURL?: string | undefined;
    readonly isCertChecksDisabled: boolean;
    readonly credentialsInput: OxCredentialsInput;
}

/** OX's result of a use of credentials. */
export interface OxVerdict {
    readonly isValid: boolean;
    readonly message: string | undefined;
    /** True where they show no project. */
    readonly isEmpty: boolean;
}

/** OX has refused a call, by GraphQL's `errors`. */
export class OxRefusal extends Fault {
    constructor(
        readonly codes: readonly string[],
        message: string,
    ) {
        super({ kind: "badAnswer", code: "ox-call", message });
    }
}

// ---- the calls ------------------------------------------------------------------------------------------------------------------

const common = `__typename credentialsId credentialsName credentialsType hostURL isCertChecksDisabled tokenExpirationDate
    brokerEnabled brokerHost brokerPort brokerUsername`;

/** The types of credentials of Jira's connector, each with the members that are compared. */
const credentials = `credentials {
    __typename
    ... on TokenOnlyCredentials { ${common} }
    ... on TokenCredentials { ${common} }
    ... on TokenAndUserCredentials { ${common} name }
    ... on UserPasswordCredentials { ${common} name }
    ... on ClientIdClientSecretCredentials { ${common} clientId }
    ... on JiraServiceAccountOAuth2Credentials { ${common} clientId cloudId }
}`;

const listQuery = `query Connectors {
    getConnectorsByFamily {
        family
        connectors { connector { id name displayName credentialsTypes connectionInstructions { type title } ${credentials} } }
    }
}`;
const addMutation = `mutation Add($input: AddCredentialsInput!) {
    addCredentials(addCredentialsInput: $input) { connector { id ${credentials} } }
}`;
const verifyMutation = `mutation Verify($input: VerifyCredentialsInput!) {
    verifySingleConnectorCredentials(verifyCredentialsInput: $input) { credentialsAreValid noReposFound validationMessage }
}`;
const removeMutation = `mutation Remove($input: RemoveCredentialsInput!) {
    removeCredentials(removeCredentialsInput: $input) { connector { id } }
}`;

// ---- the answers ----------------------------------------------------------------------------------------------------------------

const text = (): z.ZodType<string | null> =>
    zod()
        .string()
        .nullish()
        .transform((value) => value ?? null);
const flag = (): z.ZodType<boolean | null> =>
    zod()
        .boolean()
        .nullish()
        .transform((value) => value ?? null);

const rowsSchema = madeOnce((z): z.ZodType<readonly OxCredentials[]> => {
    const row = z.object({
        credentialsId: text(),
        credentialsName: text(),
        credentialsType: text(),
        hostURL: text(),
        isCertChecksDisabled: flag(),
        tokenExpirationDate: text(),
        brokerEnabled: flag(),
        brokerHost: text(),
        brokerPort: z
            .number()
            .nullish()
            .transform((value) => value ?? null),
        brokerUsername: text(),
        name: text(),
        clientId: text(),
        cloudId: text(),
    });
    const rows = z
        .array(row.nullable())
        .nullish()
        .transform((list) => list ?? []);
    // Credentials of a type that the query does not name have no members.
    return rows.transform((list) =>
        list.flatMap((one) =>
            one === null || one.credentialsId === null ? [] : [{ ...one, credentialsId: one.credentialsId }],
        ),
    );
});

const listSchema = madeOnce((z): z.ZodType<readonly OxConnector[]> => {
    const tab = z.object({ type: text(), title: text() });
    const connector = z.object({
        id: z.string(),
        name: text(),
        displayName: text(),
        credentialsTypes: z.array(z.string().nullable()).nullish(),
        connectionInstructions: z.array(tab.nullable()).nullish(),
        credentials: rowsSchema(),
    });
    const family = z.object({
        connectors: z.array(z.object({ connector: connector.nullable() }).nullable()).nullish(),
    });
    return z.object({ getConnectorsByFamily: z.array(family.nullable()).nullish() }).transform((data) =>
        (data.getConnectorsByFamily ?? [])
            .flatMap((one) => one?.connectors ?? [])
            .flatMap((one) => one?.connector ?? [])
            .map(({ id, name, displayName, credentialsTypes, connectionInstructions, credentials: rows }) => ({
                id,
                name,
                displayName,
                credentialsTypes: (credentialsTypes ?? []).filter((type) => type !== null),
                tabs: (connectionInstructions ?? []).flatMap((one) =>
                    one === null || one.type === null || one.title === null
                        ? []
                        : [{ type: one.type, title: one.title }],
                ),
                credentials: rows,
            })),
    );
});

const additionSchema = madeOnce((z): z.ZodType<readonly OxCredentials[]> => {
    const connector = z.object({ credentials: rowsSchema() });
    return z
        .object({ addCredentials: z.object({ connector: connector.nullish() }).nullish() })
        .transform((data) => data.addCredentials?.connector?.credentials ?? []);
});

const removalSchema = madeOnce((z): z.ZodType => {
    return z.object({ removeCredentials: z.object({}) });
});

const verdictSchema = madeOnce((z): z.ZodType<{ isValid: boolean; isEmpty: boolean; message: string | null }> => {
    return z
        .object({
            verifySingleConnectorCredentials: z.object({
                credentialsAreValid: z.boolean(),
                noReposFound: z.boolean().nullish(),
                validationMessage: text(),
            }),
        })
        .transform(
            ({ verifySingleConnectorCredentials: { credentialsAreValid, noReposFound, validationMessage } }) => ({
                isValid: credentialsAreValid,
                isEmpty: noReposFound === true,
                message: validationMessage,
            }),
        );
});

// ---- calls ----------------------------------------------------------------------------------------------------------------------

/** All connectors with their credentials. */
export function listConnectors(hub: RemoteClient): Promise<readonly OxConnector[]> {
    return call(hub, listQuery, undefined, listSchema());
}

/**
 * Adds credentials. It is sent once: OX would add them twice.
 * @returns The connector's credentials after it, as far as OX returns them.
 */
export function addCredentials(hub: RemoteClient, addition: OxAddition): Promise<readonly OxCredentials[]> {
    return call(hub, addMutation, addition, additionSchema(), true);
}

/** Has OX use credentials. */
export async function verifyCredentials(
    hub: RemoteClient,
    connectorID: string,
    credentialsID: string,
): Promise<OxVerdict> {
    const { message, ...verdict } = await call(hub, verifyMutation, { connectorID, credentialsID }, verdictSchema());
    return { ...verdict, message: message === null || message === "" ? undefined : message };
}

/** Removes credentials; those that are gone already are fine. */
export async function removeCredentials(hub: RemoteClient, connectorID: string, credentialsId: string): Promise<void> {
    await takeAway(
        () => call(hub, removeMutation, { connectorID, credentialsId }, removalSchema()),
        () => holds(hub, connectorID, credentialsId),
    );
}

async function holds(hub: RemoteClient, connectorID: string, credentialsId: string): Promise<boolean> {
    const connectors = await listConnectors(hub);
    const rows = connectors.find(({ id }) => id === connectorID)?.credentials ?? [];
    return rows.some((row) => row.credentialsId === credentialsId);
}

async function call<T>(
    hub: RemoteClient,
    query: string,
    input: object | undefined,
    schema: z.ZodType<T>,
    once = false,
): Promise<T> {
    const answered = await hub.send({
        method: "POST",
        path,
        body: { query, ...(input === undefined ? {} : { variables: { input } }) },
        once,
    });
    const page = hub.page(answered);
    if (page !== undefined) {
        throw new Fault(page);
    }
    const { status, body: answer } = answered;
    const body = answer as { data?: unknown; errors?: unknown } | undefined;
    const errors = Array.isArray(body?.errors) ? (body.errors as unknown[]) : [];
    const codes = errors.flatMap((error) => codeOf(error) ?? []);
    if (status === 401 || status === 403 || codes.some((code) => code === "UNAUTHENTICATED" || code === "FORBIDDEN")) {
        throw new Fault(refusedKey);
    }
    if (errors.length > 0) {
        const messages = [...new Set(errors.flatMap((error) => messageOf(error) ?? []))];
        const reported = messages.map((one) => hub.quote(one)).filter((one) => one !== "");
        const shown = reported.length > 0 ? reported : codes.filter((code) => /^[A-Z_]{1,60}$/.test(code));
        const why = shown.length === 0 ? "without a reason" : `(${shown.join("; ")})`;
        const step = "If it does not say what to do, its API has changed: report it as a bug of pulumi-connections.";
        throw new OxRefusal(codes, `OX refused the call ${why}. ${step}`);
    }
    const parsed = schema.safeParse(body?.data);
    if (status !== 200 || !parsed.success) {
        const what = status === 200 ? "in a shape that is not known" : `with HTTP ${status}`;
        throw new Fault({
            kind: "badAnswer",
            code: "ox-answer",
            message: `OX answered ${what}. Run again later; if it stays so, report it as a bug of pulumi-connections.`,
        });
    }
    return parsed.data;
}

/** Where a key is made. */
export const placeOfKey = "Create a key of the type API Integration in OX; it expires.";

const refusedKey = {
    kind: "credentialRefused",
    code: "ox-key",
    argument: "apiKey",
    message: `OX refused the API key. ${placeOfKey}`,
} as const;

function codeOf(error: unknown): string | undefined {
    const code = (error as { extensions?: { code?: unknown } } | null)?.extensions?.code;
    return typeof code === "string" ? code : undefined;
}

function messageOf(error: unknown): string | undefined {
    const message = (error as { message?: unknown } | null)?.message;
    return typeof message === "string" ? message : undefined;
}
