import {
    execute,
    type FormattedExecutionResult,
    getOperationAST,
    type GraphQLError,
    type GraphQLFormattedError,
    NoSchemaIntrospectionCustomRule,
    parse,
    specifiedRules,
    validate,
} from "graphql";
import {
    type Answer,
    createListener,
    html,
    json,
    type VendorContext,
    type VendorListener,
    type VendorRequest,
} from "../vendors";
import type { Outbound } from "../outbound";
import { OxAdministration, type OxKey } from "./administration";
import {
    connectorsOf,
    families,
    type OxConnector,
    type OxCredentialsInput,
    type OxCredentialsType,
    type OxMonitoredResource,
    shownConnector,
    userError,
} from "./connectors";
import { askJira } from "./jira";
import { schema } from "./schema";

export { OxAdministration, OxKey, type OxErrorStyle } from "./administration";
export type {
    OxConnector,
    OxCredentials,
    OxCredentialsInput,
    OxCredentialsType,
    OxMonitoredResource,
} from "./connectors";

const path = "/api/apollo-gateway";

interface Answered {
    result: FormattedExecutionResult;
    /** The status by the style `status`. */
    status: number;
}

/** OX Security's API. */
export class Ox {
    readonly listener: VendorListener;
    readonly connectors = connectorsOf();
    readonly keys: OxKey[] = [];
    /** What a test can do to it. */
    readonly administration: OxAdministration;

    /** What is wrong with a query, by its text. */
    private readonly judgements = new Map<string, readonly GraphQLError[]>();

    constructor(
        private readonly context: VendorContext,
        private readonly outbound: Outbound,
        origin = "https://api.cloud.ox.security",
    ) {
        this.listener = createListener(context, origin, (request) => this.serve(request));
        this.administration = new OxAdministration(this, context, {
            serverError: (_, status) =>
                json(status, {
                    errors: [{ message: "Internal server error", extensions: { code: "INTERNAL_SERVER_ERROR" } }],
                }),
            unauthorized: () =>
                this.told({
                    result: { data: null, errors: [userError("Unauthorized", "UNAUTHENTICATED").toJSON()] },
                    status: 401,
                }),
            tooManyRequests: (_, seconds) =>
                json(
                    429,
                    { errors: [{ message: "Too many requests", extensions: { code: "TOO_MANY_REQUESTS" } }] },
                    { "retry-after": String(seconds) },
                ),
        });
    }

    /** Every key, and every secret in credentials, for tests that look for leaks. */
    get secrets(): string[] {
        const stored = this.connectors.flatMap(({ credentials }) =>
            credentials.flatMap(({ input }) => [input.token, input.password, input.clientSecret, input.brokerPassword]),
        );
        return [
            ...this.keys.map(({ value }) => value),
            ...stored.filter((secret): secret is string => typeof secret === "string"),
        ];
    }

    private told({ result, status }: Answered): Answer {
        const { errorStyle } = this.administration;
        if (errorStyle === "gateway" && status === 401) {
            return json(401, { message: "Unauthorized" });
        }
        return json(errorStyle === "ok" ? 200 : status, result);
    }

    private async serve(request: VendorRequest): Promise<Answer> {
        if (request.path !== path) {
            return html(404, "Not Found");
        }
        if (request.method !== "POST") {
            return {
                status: 405,
                headers: { allow: "POST", "content-type": "text/plain" },
                body: "Method Not Allowed",
            };
        }
        // The whole header is the key: no scheme goes before it.
        const now = this.context.clock.now();
        const sent = request.header("authorization");
        if (!this.keys.some((key) => key.value === sent && key.isAccepted(now))) {
            return this.told({
                result: { data: null, errors: [userError("Unauthorized", "UNAUTHENTICATED").toJSON()] },
                status: 401,
            });
        }
        if (request.mediaType !== "application/json") {
            return json(415, { errors: [userError("Content-Type must be application/json", "BAD_REQUEST")] });
        }
        const call = callOf(request.body);
        if (!call) {
            return json(400, {
                errors: [
                    userError("POST body missing, invalid Content-Type, or JSON object has no keys.", "BAD_REQUEST"),
                ],
            });
        }
        return this.told(await this.run(call));
    }

    private async run({ query, variables, operationName }: GraphQLCall): Promise<Answered> {
        let document;
        try {
            document = parse(query);
        } catch (error) {
            return { result: { errors: [coded(error as GraphQLError, "GRAPHQL_PARSE_FAILED")] }, status: 400 };
        }
        const problems =
            this.judgements.get(query) ??
            validate(schema, document, [...specifiedRules, NoSchemaIntrospectionCustomRule]);
        this.judgements.set(query, problems);
        if (problems.length > 0) {
            return {
                result: { errors: problems.map((problem) => coded(problem, "GRAPHQL_VALIDATION_FAILED")) },
                status: 400,
            };
        }
        if (!getOperationAST(document, operationName)) {
            return {
                result: { errors: [userError("Unknown operation", "OPERATION_RESOLUTION_FAILURE").toJSON()] },
                status: 400,
            };
        }
        const result = await execute({
            schema,
            document,
            rootValue: this.resolvers(),
            variableValues: variables,
            operationName,
        });
        // Without any data the variables did not fit: the call has not run.
        const ran = result.data !== undefined;
        const errors = result.errors?.map((error) => coded(error, ran ? "INTERNAL_SERVER_ERROR" : "BAD_USER_INPUT"));
        return { result: { ...(ran && { data: result.data }), ...(errors && { errors }) }, status: ran ? 200 : 400 };
    }

    private connectorBy(id: string): OxConnector {
        const found = this.connectors.find((connector) => connector.id === id);
        if (!found) {
            throw userError(`Connector ${id} was not found`, "NOT_FOUND");
        }
        return found;
    }

    private resolvers(): Record<string, (args: never) => unknown> {
        const shown = (connector: OxConnector) => ({
            connector: shownConnector(connector, this.administration.showsSecrets),
        });
        return {
            getConnectorsByFamily: ({ family }: { family?: string | null }) =>
                Object.entries(families)
                    .filter(([name, title]) => !family || [name, title].includes(family))
                    .map(([name, familyDisplayName]) => ({
                        family: name,
                        familyDisplayName,
                        connectors: this.connectors.filter((connector) => connector.family === name).map(shown),
                    })),
            addCredentials: ({ addCredentialsInput: input }: { addCredentialsInput: AddCredentials }) => {
                const connector = this.connectorBy(input.connectorID);
                connector.add(input.credentialsType, { ...input.credentialsInput }, input);
                return shown(connector);
            },
            removeCredentials: ({ removeCredentialsInput: input }: { removeCredentialsInput: RemoveCredentials }) => {
                const connector = this.connectorBy(input.connectorID);
                connector.remove(input.credentialsId, input.credentialsIndex);
                return shown(connector);
            },
            verifySingleConnectorCredentials: async ({
                verifyCredentialsInput: input,
            }: {
                verifyCredentialsInput: VerifyCredentials;
            }) => {
                const { valid, message, projects } = await askJira(
                    this.connectorBy(input.connectorID).find(input.credentialsID),
                    this.outbound,
                );
                return {
                    credentialsAreValid: valid,
                    noReposFound: valid && projects.length === 0,
                    validationMessage: message,
                };
            },
            getConnectorResources: async ({
                getConnectorResourcesInput: input,
            }: {
                getConnectorResourcesInput: { connectorID: string; credentialsId?: string | null };
            }) => {
                const entry = this.connectorBy(input.connectorID).find(input.credentialsId);
                const { valid, message, projects } = await askJira(entry, this.outbound);
                if (!valid) {
                    throw userError(message ?? "Failed to get resources", "INTERNAL_SERVER_ERROR");
                }
                const isMonitored = (id: string) =>
                    entry.monitorAllResources ||
                    entry.monitored.some((resource) => resource.id === id && resource.isMonitored !== false);
                const resources = projects.map(({ id, name }) => ({
                    ...{
                        id,
                        name,
                        isMonitored: isMonitored(id),
                        resourceType: "project",
                        iconName: "project",
                        settingsAvailable: false,
                    },
                    credentialsId: entry.credentialsId,
                }));
                return {
                    resources,
                    monitorAllNewlyCreatedResources: entry.monitorAllNewlyCreatedResources !== null,
                    total: resources.length,
                    selected: resources.filter((resource) => resource.isMonitored).length,
                };
            },
            monitorConnectorResources: ({
                monitorConnectorResourceInput: input,
            }: {
                monitorConnectorResourceInput: MonitorResources;
            }) => {
                const entry = this.connectorBy(input.connectorID).find(input.credentialsId);
                // What is not sent is not watched any more.
                entry.monitored = input.resources ?? [];
                entry.monitorAllResources = input.monitorAllResources ?? false;
                entry.monitorAllNewlyCreatedResources = input.monitorAllNewlyCreatedResources ?? null;
                return { success: true };
            },
        };
    }
}

interface AddCredentials {
    connectorID: string;
    hostURL?: string | null;
    credentialsType: OxCredentialsType;
    credentialsInput: OxCredentialsInput;
    credentialsName?: string | null;
    isCertChecksDisabled?: boolean | null;
}

interface RemoveCredentials {
    connectorID: string;
    credentialsIndex?: number | null;
    credentialsId?: string | null;
}

interface VerifyCredentials {
    connectorID: string;
    credentialsID?: string | null;
}

interface MonitorResources {
    connectorID: string;
    credentialsId?: string | null;
    resources?: OxMonitoredResource[] | null;
    monitorAllResources?: boolean | null;
    monitorAllNewlyCreatedResources?: number | null;
}

interface GraphQLCall {
    query: string;
    variables?: Record<string, unknown>;
    operationName?: string;
}

function callOf(body: string): GraphQLCall | undefined {
    try {
        const { query, variables, operationName } = JSON.parse(body) as Partial<Record<string, unknown>>;
        const isObject = typeof variables === "object" && variables !== null && !Array.isArray(variables);
        if (typeof query !== "string" || (variables !== undefined && variables !== null && !isObject)) {
            return undefined;
        }
        return {
            query,
            ...(isObject && { variables: variables as Record<string, unknown> }),
            ...(typeof operationName === "string" && { operationName }),
        };
    } catch {
        return undefined;
    }
}

/** An error as it is written, with a code where it has none of its own. */
function coded(error: GraphQLError, code: string): GraphQLFormattedError {
    const { extensions, ...rest } = error.toJSON();
    return { ...rest, extensions: { code, ...extensions } };
}
